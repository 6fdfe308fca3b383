//! `policy explain`

use serde_json::{Value, json};

use super::{folder, policy, with_rules};

fn call(tool: &str) -> String {
    json!({ "jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": { "name": tool } }).to_string()
}

const RULES: &str = "  - { id: readers, groups: [staff], tools: ['get_*'], then: allow }
  - { id: frozen, tools: [get_old], then: deny, message: Gone. }
  - { id: watched, tools: [get_new], then: deny, mode: observe }
  - { id: scoped, tools: [set_x], scopes: [write], then: allow }
  - { id: no-lists, methods: [tools/list], users: [eve], then: deny }
";

#[test]
fn each_message_gets_one_line_and_the_rest_is_as_it_was() {
    let folder = folder(&[("p.yaml", &with_rules(RULES)), ("c.json", r#"{"sub":"ana","groups":["staff"]}"#)]);
    let lines = [call("get_x"), String::new(), call("get_old"), call("get_new"), "{".to_owned()].join("\n");
    let ran = policy(folder.path(), &["explain", "--policy", "p.yaml", "--claims", "c.json", "--lines"], &lines);
    assert_eq!(ran.code, 0, "{}", ran.err);
    let told: Vec<Value> = ran.out.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let brief: Vec<(&Value, &Value, &Value)> = told.iter().map(|told| (&told["verdict"], &told["code"], &told["rule"])).collect();
    let (allow, refuse) = (json!("allow"), json!("refuse"));
    assert_eq!(
        brief,
        [
            (&allow, &json!("rule"), &json!("readers")),
            (&refuse, &json!("rule"), &json!("frozen")),
            (&allow, &json!("observed"), &json!("readers")),
            (&refuse, &json!("message_not_json"), &Value::Null),
        ]
    );
    assert!(told[1]["text"].as_str().unwrap().starts_with("Gone."), "{}", told[1]);
    assert_eq!(told[1]["answer"]["result"]["isError"], true);
    assert_eq!(told[2]["rules"][1], json!({ "id": "watched", "then": "deny", "observed": true, "because": [] }));
    assert_eq!(told[0]["because"], json!([]));
}

#[test]
fn verbose_says_what_did_not_hold() {
    let folder = folder(&[("p.yaml", &with_rules(RULES)), ("c.json", r#"{"sub":"ana","groups":["guests"]}"#)]);
    let missed = |message: &str| -> Vec<(String, String)> {
        let ran = policy(folder.path(), &["explain", "--policy", "p.yaml", "--claims", "c.json", "--verbose"], message);
        let told: Value = serde_json::from_str(&ran.out).unwrap();
        let text = |value: &Value| value.as_str().unwrap_or("matched").to_owned();
        told["considered"].as_array().unwrap().iter().map(|rule| (text(&rule["id"]), text(&rule["missed"]))).collect()
    };
    let expect = |words: [&str; 5]| {
        ["readers", "frozen", "watched", "scoped", "no-lists"]
            .into_iter()
            .zip(words)
            .map(|(id, word)| (id.to_owned(), word.to_owned()))
            .collect::<Vec<_>>()
    };
    assert_eq!(missed(&call("get_old")), expect(["groups", "matched", "target", "target", "methods"]));
    assert_eq!(missed(&call("set_x")), expect(["target", "target", "target", "scopes", "methods"]));
    let list = json!({ "jsonrpc": "2.0", "id": 1, "method": "tools/list" }).to_string();
    assert_eq!(missed(&list), expect(["methods", "methods", "methods", "methods", "users"]));
}
