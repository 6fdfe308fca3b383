//! Forms that ask for what must not be asked for in a form: "Servers MUST NOT use form mode elicitation to request sensitive information"
//! (MCP 2025-11-25 and later, Elicitation).

use serde_json::Value;

/// Deepest level of a form looked at. The specification allows one.
const DEPTH: usize = 8;

/// Words that alone make the name of a field sensitive.
const NAMES: &[&str] = &[
    "password",
    "passwd",
    "passphrase",
    "passcode",
    "pwd",
    "secret",
    "apikey",
    "token",
    "cvv",
    "cvc",
    "cvv2",
    "cvc2",
    "csc",
    "ssn",
    "pin",
    "otp",
    "mnemonic",
    "credential",
    "credentials",
    "privatekey",
    "accesstoken",
    "secretkey",
    "seedphrase",
    "cardnumber",
];

/// Words in a row that make a name, a title or a description sensitive.
const PHRASES: &[&[&str]] = &[
    &["password"],
    &["passphrase"],
    &["passcode"],
    &["api", "key"],
    &["apikey"],
    &["access", "token"],
    &["auth", "token"],
    &["bearer", "token"],
    &["refresh", "token"],
    &["secret", "key"],
    &["client", "secret"],
    &["private", "key"],
    &["access", "key"],
    &["credit", "card"],
    &["debit", "card"],
    &["card", "number"],
    &["card", "no"],
    &["security", "code"],
    &["cvv"],
    &["cvc"],
    &["ssn"],
    &["social", "security"],
    &["pin", "code"],
    &["pin", "number"],
    &["seed", "phrase"],
    &["recovery", "phrase"],
    &["recovery", "code"],
    &["secret", "phrase"],
    &["one", "time", "code"],
    &["one", "time", "password"],
    &["verification", "code"],
    &["authentication", "code"],
    &["login", "credentials"],
];

/// Whether a field of the form asks for a secret, by its name, its title, its description or its format.
pub(super) fn is_sensitive(schema: &Value) -> bool {
    let mut open = vec![(schema, 0)];
    while let Some((schema, depth)) = open.pop() {
        // Whoever hides a field deeper than anybody looks has something to hide.
        if depth > DEPTH {
            return true;
        }
        let Value::Object(members) = schema else {
            if let Value::Array(items) = schema {
                open.extend(items.iter().map(|item| (item, depth + 1)));
            }
            continue;
        };
        if let Some(Value::Object(fields)) = members.get("properties")
            && fields.iter().any(|(name, field)| field_is_sensitive(name, field))
        {
            return true;
        }
        open.extend(members.values().filter(|value| value.is_object() || value.is_array()).map(|value| (value, depth + 1)));
    }
    false
}

fn field_is_sensitive(name: &str, field: &Value) -> bool {
    let text = |member: &str| field.get(member).and_then(Value::as_str).unwrap_or_default();
    // A number of tokens or a yes or no about a password is none.
    if matches!(text("type"), "boolean") {
        return false;
    }
    let name = words(name);
    let is_name = |words: &[String]| {
        words.iter().any(|word| NAMES.contains(&word.as_str()))
            && !(words.len() > 1 && words.iter().any(|word| word == "count" || word == "length"))
    };
    let title = words(text("title"));
    is_name(&name)
        || has_phrase(&name)
        || (title.len() <= 2 && is_name(&title))
        || has_phrase(&title)
        || has_phrase(&words(text("description")))
        || text("format").eq_ignore_ascii_case("password")
}

fn has_phrase(words: &[String]) -> bool {
    let is_at =
        |phrase: &[&str], rest: &[String]| rest.iter().zip(phrase).all(|(word, want)| word == want || word.strip_suffix('s') == Some(want));
    PHRASES.iter().any(|phrase| words.windows(phrase.len()).any(|rest| is_at(phrase, rest)))
}

/// `apiKey`, `api_key`, `API-Key` and `API key` are `api` and `key`.
fn words(text: &str) -> Vec<String> {
    let mut words: Vec<String> = Vec::new();
    let mut inside = false;
    let mut before_is_lower = false;
    for c in text.chars() {
        if !c.is_alphanumeric() {
            inside = false;
            continue;
        }
        let begins = !inside || (c.is_uppercase() && before_is_lower);
        before_is_lower = c.is_lowercase() || c.is_numeric();
        inside = true;
        if begins {
            words.push(String::new());
        }
        if let Some(word) = words.last_mut() {
            word.extend(c.to_lowercase());
        }
    }
    words
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn fields_that_ask_for_secrets() {
        for (name, field, sensitive) in [
            ("password", json!({ "type": "string" }), true),
            ("userPassword", json!({ "type": "string" }), true),
            ("api_key", json!({}), true),
            ("APIKey", json!({}), true),
            ("x", json!({ "title": "API key" }), true),
            ("x", json!({ "title": "Token" }), true),
            ("x", json!({ "description": "Your credit card's number" }), true),
            ("x", json!({ "format": "password" }), true),
            ("githubToken", json!({ "type": "string" }), true),
            ("maxTokens", json!({ "type": "integer" }), false),
            ("token_count", json!({ "type": "integer" }), false),
            ("pin", json!({ "type": "string" }), true),
            ("pinned", json!({ "type": "boolean" }), false),
            ("spinner", json!({ "type": "string" }), false),
            ("resetPassword", json!({ "type": "boolean" }), false),
            ("ssn", json!({}), true),
            ("x", json!({ "description": "Social Security number" }), true),
            ("x", json!({ "description": "12 words of your recovery phrase" }), true),
            ("name", json!({ "title": "String", "description": "Your full, legal name" }), false),
            ("email", json!({ "format": "email", "description": "Your email address" }), false),
            ("author", json!({ "description": "Secretary of the board" }), false),
            ("cardColour", json!({ "description": "The colour of the card" }), false),
            ("confirm", json!({ "type": "boolean", "description": "Store the password?" }), false),
        ] {
            let schema = json!({ "type": "object", "properties": { name: field } });
            assert_eq!(is_sensitive(&schema), sensitive, "{schema}");
            assert_eq!(is_sensitive(&json!({ "allOf": [schema] })), sensitive, "in another schema: {schema}");
        }
    }
}
