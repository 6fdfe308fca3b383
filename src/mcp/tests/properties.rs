//! Any bytes, and messages that are almost right, beside an ordinary JSON parser.

use super::*;

/// Texts that are often JSON and sometimes a message, made of the pieces that matter.
fn almost_message() -> impl Strategy<Value = String> {
    let name =
        prop::sample::select(vec!["jsonrpc", "id", "method", "params", "result", "error", "name", "uri", "Method", "x", "m\\u0065thod"]);
    let value = prop::sample::select(vec![
        r#""2.0""#,
        "1",
        "-7",
        "5.0",
        "null",
        r#""a""#,
        r#""tools/call""#,
        r#""tools/list""#,
        r#""acme/x""#,
        "{}",
        "[]",
        r#"{"name":"t"}"#,
        r#"{"name":"\u0074","arguments":{"a":[1,{"b":"c"}]}}"#,
        r#"{"name":"t","name":"u"}"#,
        r#"{"name":1}"#,
    ]);
    let space = prop::sample::select(vec!["", " ", "\n", "\t"]);
    let member = (name, value, space).prop_map(|(name, value, space)| format!(r#"{space}"{name}"{space}:{value}{space}"#));
    const VERSION: &str = r#""jsonrpc":"2.0""#;
    let fixed = prop::sample::select(vec![
        vec![],
        vec![VERSION],
        vec![VERSION, r#""id":1"#],
        vec![VERSION, r#""id":1"#, r#""result":{}"#],
        vec![VERSION, r#""method":"notifications/x""#],
        vec![VERSION, r#""id":"a""#, r#""method":"tools/call""#],
        vec![VERSION, r#""id":"\u0061""#, r#""method":"tools\/call""#, r#""params": {"n\u0061me":"\u0074" , "arguments":{"é":[1.0]} }"#],
        vec![VERSION, r#""id":-3"#, r#""method":"acme/x""#, r#""params":{}"#],
    ]);
    (fixed, prop::collection::vec(member, 0..3)).prop_flat_map(|(fixed, members)| {
        let all: Vec<String> = fixed.into_iter().map(str::to_owned).chain(members).collect();
        Just(all).prop_shuffle().prop_map(|all| format!("{{{}}}", all.join(",")))
    })
}

/// What passes is what an ordinary parser sees.
fn agrees(text: &[u8]) -> Result<(), TestCaseError> {
    let Ok(message) = parse(text) else { return Ok(()) };
    let value: Value = serde_json::from_slice(text).unwrap();
    prop_assert_eq!(&value["jsonrpc"], "2.0");
    match &message.kind {
        Kind::Request { id, method } => {
            prop_assert_eq!(&value["method"], method);
            prop_assert_eq!(&serde_json::to_value(id).unwrap(), &value["id"]);
        }
        Kind::Notification { method } => {
            prop_assert_eq!(&value["method"], method);
            prop_assert!(value.get("id").is_none());
        }
        Kind::Response { .. } => prop_assert!(value.get("method").is_none()),
    }
    if let Target::Tool(name) = &message.target {
        prop_assert_eq!(&value["params"]["name"], name);
    }
    if value["method"] == "tools/call" {
        prop_assert!(matches!(message.target, Target::Tool(_)));
    }
    for (range, value) in [(&message.params, &value["params"]), (&message.arguments, &value["params"]["arguments"])] {
        if let Some(range) = range {
            prop_assert_eq!(&serde_json::from_slice::<Value>(&text[range.clone()]).unwrap(), value);
        }
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    #[test]
    fn bears_any_bytes(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        agrees(&bytes)?;
    }

    #[test]
    fn agrees_with_an_ordinary_parser(text in almost_message()) {
        agrees(text.as_bytes())?;
    }

    #[test]
    fn bears_broken_messages(text in almost_message(), at in any::<prop::sample::Index>(), byte in any::<u8>(), cut in any::<bool>()) {
        let mut bytes = text.into_bytes();
        let at = at.index(bytes.len());
        bytes[at] = byte;
        if cut {
            bytes.truncate(at);
        }
        agrees(&bytes)?;
    }
}
