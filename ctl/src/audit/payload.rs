//! Arguments and answers, readable: the texts of a tool's result as texts, other JSON indented.

use serde_json::Value;

/// The arguments of a call, or the parameters of a message.
pub(crate) fn arguments(params: &str) -> String {
    match serde_json::from_str::<Value>(params) {
        Ok(Value::Object(members)) => match members.get("arguments") {
            Some(arguments) => pretty(arguments),
            None => pretty(&Value::Object(members)),
        },
        Ok(other) => pretty(&other),
        Err(_) => params.to_owned(),
    }
}

/// What an answer says: each of its messages in turn.
pub(crate) fn answer(body: &str) -> String {
    messages(body).iter().map(|message| said(message)).collect::<Vec<_>>().join("\n")
}

/// The data of an event stream, event by event; any other body is one message.
fn messages(body: &str) -> Vec<String> {
    let field = |line: &str| ["data:", "event:", "id:", "retry:", ":"].iter().any(|name| line.starts_with(name));
    if !body.lines().find(|line| !line.trim().is_empty()).is_some_and(field) {
        return vec![body.to_owned()];
    }
    let (mut events, mut data) = (Vec::new(), Vec::new());
    for line in body.lines().chain([""]) {
        match line.strip_prefix("data:") {
            Some(text) => data.push(text.strip_prefix(' ').unwrap_or(text)),
            None if line.is_empty() && !data.is_empty() => events.push(std::mem::take(&mut data).join("\n")),
            None => {}
        }
    }
    events.retain(|event| !event.is_empty());
    events
}

fn said(message: &str) -> String {
    let Ok(value) = serde_json::from_str::<Value>(message) else { return message.to_owned() };
    if let Some(error) = value.get("error") {
        let text = error.get("message").and_then(Value::as_str).unwrap_or_default();
        let code = error.get("code").map(Value::to_string).unwrap_or_default();
        return format!("error {code}: {text}");
    }
    if let Some(method) = value.get("method").and_then(Value::as_str) {
        let params = value.get("params").map(pretty).unwrap_or_default();
        return format!("{method} {params}").trim_end().to_owned();
    }
    let result = value.get("result").unwrap_or(&value);
    let texts: Option<Vec<String>> = result.get("content").and_then(Value::as_array).map(|parts| parts.iter().map(part).collect());
    match texts {
        Some(texts) if !texts.is_empty() => texts.join("\n"),
        _ => pretty(result),
    }
}

/// One part of a tool's result.
fn part(part: &Value) -> String {
    let text = |name: &str| part.get(name).and_then(Value::as_str);
    match (text("type"), text("text")) {
        (Some("text"), Some(said)) => match serde_json::from_str::<Value>(said) {
            // Many tools answer with JSON in a text.
            Ok(json @ (Value::Object(_) | Value::Array(_))) => pretty(&json),
            _ => said.to_owned(),
        },
        (Some(kind @ ("image" | "audio")), _) => format!("[{kind}, {}]", text("mimeType").unwrap_or("of an unknown type")),
        _ => pretty(part),
    }
}

/// Columns that a value may take before it is taken apart.
const SHORT: usize = 90;

/// JSON, indented; what fits on a line stays on one, which is easier to read.
fn pretty(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        other => {
            let mut out = String::new();
            indented(other, 0, &mut out);
            out
        }
    }
}

/// As deep as the parser lets JSON nest.
fn indented(value: &Value, indent: usize, out: &mut String) {
    let short = value.to_string();
    let (open, close, members): (char, char, Vec<(String, &Value)>) = match value {
        Value::Array(items) if short.len() > SHORT => ('[', ']', items.iter().map(|item| (String::new(), item)).collect()),
        Value::Object(members) if short.len() > SHORT => {
            ('{', '}', members.iter().map(|(name, member)| (format!("{}: ", Value::from(name.as_str())), member)).collect())
        }
        _ => return out.push_str(&short),
    };
    let count = members.len();
    out.push(open);
    for (index, (name, member)) in members.into_iter().enumerate() {
        out.push('\n');
        out.push_str(&" ".repeat(indent.saturating_add(2)));
        out.push_str(&name);
        indented(member, indent.saturating_add(2), out);
        if index.saturating_add(1) < count {
            out.push(',');
        }
    }
    out.push('\n');
    out.push_str(&" ".repeat(indent));
    out.push(close);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn arguments_and_answers_are_readable() {
        assert_eq!(arguments(r#"{"name":"t","arguments":{"a":1}}"#), r#"{"a":1}"#);
        assert_eq!(arguments(r#"{"cursor":"x"}"#), r#"{"cursor":"x"}"#);
        assert_eq!(arguments("cut off {"), "cut off {");
        let answered = r#"{"jsonrpc":"2.0","id":1,"result":{"content":[{"type":"text","text":"one\ntwo"},{"type":"image","mimeType":"image/png","data":"AA"}]}}"#;
        assert_eq!(answer(answered), "one\ntwo\n[image, image/png]");
        assert_eq!(answer(r#"{"jsonrpc":"2.0","id":1,"error":{"code":-32602,"message":"unknown tool"}}"#), "error -32602: unknown tool");
        let stream = "event: message\ndata: {\"jsonrpc\":\"2.0\",\"method\":\"notifications/progress\",\"params\":{\"n\":1}}\n\ndata: {\"result\":{}}\n\n";
        assert_eq!(answer(stream), "notifications/progress {\"n\":1}\n{}");
        assert_eq!(answer("no JSON"), "no JSON");
    }

    #[test]
    fn what_is_long_is_taken_apart_and_no_further() {
        let row = serde_json::json!({ "order": 1, "customer": "c-1", "state": "late", "note": "asked twice" });
        let text = arguments(&serde_json::json!({ "arguments": { "rows": [row, row], "n": 1 } }).to_string());
        let lines: Vec<&str> = text.lines().collect();
        assert_eq!(lines.len(), 7, "{text}");
        assert_eq!(lines[2], r#"    {"order":1,"customer":"c-1","state":"late","note":"asked twice"},"#);
        let deep = "[".repeat(120) + &"]".repeat(120);
        assert!(arguments(&deep).ends_with(']'));
    }
}
