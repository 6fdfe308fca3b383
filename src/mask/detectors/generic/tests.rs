use super::super::tests::{all, under};
use super::*;

fn key() -> String {
    ["9f2c41d8e07b", "4a5f8c3d2e1b6a7f"].concat()
}

#[test]
fn finds_every_way_of_assigning() {
    let key = key();
    for text in [
        format!("API_KEY={key}"),
        format!("export API_KEY=\"{key}\""),
        format!("api_key: {key}"),
        format!("apiKey: '{key}',"),
        format!("\"client_secret\": \"{key}\""),
        format!("\\\"client_secret\\\": \\\"{key}\\\""),
        format!("client_secret => '{key}'"),
        format!("token := \"{key}\""),
        format!("<token>{key}</token>"),
        format!("<token>\n    {key}\n</token>"),
        format!("var token string = \"{key}\""),
        format!("<add key=\"ApiKey\" value=\"{key}\" />"),
        format!("--api-key {key} run"),
        format!("--token={key}"),
        format!("?access_token={key}&x=1"),
        format!("headers.set(\"X-Api-Key\", \"{key}\")"),
        format!("setToken(\"{key}\")"),
        format!("token        = \"{key}\""),
        format!("secret={key},other=1"),
        format!("'oauth_token={key}&oauth_realm=x'"),
        format!("auth_token={key}."),
        format!("- name: API_TOKEN\n  value: {key}\n"),
        format!("{{\"name\":\"API_TOKEN\",\"value\":\"{key}\"}}"),
        format!("the api key is {key}"),
        format!("secret_key_base: {key}"),
    ] {
        assert_eq!(all(assigned, &text), [key.as_str()], "{text}");
    }
    for (text, secret) in [
        ("password: hunter2", "hunter2"),
        ("DB_PASS=s3cr3t!x", "s3cr3t!x"),
        ("CREATE USER jo PASSWORD 'Xy7!pw'", "Xy7!pw"),
        ("the password is hunter2.", "hunter2"),
        ("{\"user\":\"jo\",\"pass\":\"Winter2024!\"}", "Winter2024!"),
        ("mysql --password=tiger99 -u scott", "tiger99"),
        ("<password>Xy7pwq</password>", "Xy7pwq"),
    ] {
        assert_eq!(all(assigned, text), [secret], "{text}");
    }
}

#[test]
fn finds_members() {
    let key = key();
    assert_eq!(under("clientSecret", member, &key), [key.as_str()]);
    assert_eq!(under("password", member, "hunter2"), ["hunter2"]);
    assert!(under("password", member, "at least 8 characters").is_empty());
    assert!(under("digest", member, &key).is_empty());
    assert!(under("nextPageToken", member, &key).is_empty());
}

#[test]
fn leaves_what_programs_and_documents_say() {
    for text in [
        "password = getPassword()",
        "password = user.password",
        "password: String",
        "token: &str,",
        "let token = tokens[1];",
        "API_KEY=\nOTHER_KEY=",
        "password=${DB_PASSWORD}",
        "password: <your-password>",
        "PASSWORD=changeme",
        "secret: my-release-postgresql",
        "password_file: /run/secrets/db",
        "tokens: 1234567890",
        "the token was refreshed",
        "Enter your password:",
        "secretKeyRef: name",
        "password combination.\n\nR5: Regulatory--21",
        "PuttyPassword=0",
        "keyPressed = kVK_Return.u16",
        "const keyStr = \"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789\"",
        "public_key = \"9Cnzj4p4WGeKLs1Pt8QuKUpRKfFLfRYC9AIKjbJTWit\"",
    ] {
        assert!(all(assigned, text).is_empty(), "{text}: {:?}", all(assigned, text));
    }
}
