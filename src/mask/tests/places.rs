//! Every place of a message to the client where a value can stand.

use super::*;

/// `@` is a secret there, and nothing else is changed.
const JSON: &[(&str, &str)] = &[
    ("text of a result", r#"{"jsonrpc":"2.0","id":1,"result":{"content":[{"type":"text","text":"a @ b"}]}}"#),
    ("structured content", r#"{"id":1,"result":{"structuredContent":{"rows":[{"mail":"@"}]}}}"#),
    ("its copy in text", r#"{"id":1,"result":{"content":[{"type":"text","text":"{\"rows\":[{\"mail\":\"@\"}]}"}]}}"#),
    ("JSON in JSON in JSON", r#"{"result":{"content":[{"text":"{\"a\":\"{\\\"b\\\":\\\"@\\\"}\"}"}]}}"#),
    ("a resource's text", r#"{"result":{"contents":[{"uri":"file:///a","mimeType":"text/plain","text":"@"}]}}"#),
    ("a resource's URI", r#"{"result":{"contents":[{"uri":"mail://@/inbox","text":""}]}}"#),
    ("an embedded resource", r#"{"result":{"content":[{"type":"resource","resource":{"uri":"a:b","text":"@"}}]}}"#),
    ("a link's name", r#"{"result":{"content":[{"type":"resource_link","name":"of @","uri":"a:b"}]}}"#),
    ("a link's URI", r#"{"result":{"content":[{"type":"resource_link","name":"n","uri":"mail://@"}]}}"#),
    ("a link's description", r#"{"result":{"content":[{"type":"resource_link","description":"@","uri":"a:b"}]}}"#),
    ("a list of resources", r#"{"result":{"resources":[{"name":"@","uri":"a:@","title":"@"}]}}"#),
    ("a list of tools", r#"{"result":{"tools":[{"name":"t","description":"asks @","inputSchema":{"properties":{"a":{"default":"@"}}}}]}}"#),
    ("a prompt", r#"{"result":{"description":"@","messages":[{"role":"user","content":{"type":"text","text":"@"}}]}}"#),
    ("a completion", r#"{"result":{"completion":{"values":["@","x"]}}}"#),
    ("an error's message", r#"{"id":1,"error":{"code":-32000,"message":"no user @"}}"#),
    ("an error's data", r#"{"id":1,"error":{"code":-32000,"message":"m","data":{"stack":["@"],"@":1}}}"#),
    ("a log message", r#"{"method":"notifications/message","params":{"level":"info","logger":"@","data":"@"}}"#),
    ("structured log data", r#"{"method":"notifications/message","params":{"level":"info","data":{"user":{"@":["@"]}}}}"#),
    ("progress", r#"{"method":"notifications/progress","params":{"progressToken":"t","progress":1,"message":"at @"}}"#),
    ("a resource that was updated", r#"{"method":"notifications/resources/updated","params":{"uri":"mail://@"}}"#),
    (
        "sampling",
        r#"{"id":0,"method":"sampling/createMessage","params":{"systemPrompt":"@","messages":[{"role":"user","content":{"type":"text","text":"@"}}]}}"#,
    ),
    (
        "elicitation",
        r#"{"id":0,"method":"elicitation/create","params":{"message":"Is it @?","requestedSchema":{"properties":{"a":{"title":"@","enum":["@"]}}}}}"#,
    ),
    (
        "elicitation in a result",
        r#"{"result":{"resultType":"input_required","inputRequests":{"k":{"method":"elicitation/create","params":{"message":"@"}}}}}"#,
    ),
    ("a task's result", r#"{"result":{"taskId":"t","status":"completed","result":{"content":[{"type":"text","text":"@"}]}}}"#),
    ("a task's status", r#"{"method":"notifications/tasks/status","params":{"taskId":"t","status":"failed","statusMessage":"@"}}"#),
    ("_meta of a result", r#"{"result":{"content":[],"_meta":{"com.example/trace":"@","x":{"@":"@"}}}}"#),
    ("_meta of a block", r#"{"result":{"content":[{"type":"text","text":"","_meta":{"a":"@"}}]}}"#),
    ("annotations", r#"{"result":{"content":[{"type":"text","text":"","annotations":{"audience":["user"],"note":"@"}}]}}"#),
    ("a member's name", r#"{"result":{"structuredContent":{"@":true}}}"#),
    ("a batch", r#"[{"id":1,"result":{"content":[{"text":"@"}]}},{"id":2,"error":{"message":"@"}}]"#),
    ("instructions", r#"{"result":{"protocolVersion":"2025-11-25","serverInfo":{"name":"@"},"instructions":"@"}}"#),
    ("members nobody knows", r#"{"result":{"future":[[{"a":"@"}]]},"extra":"@"}"#),
];

const SSE: &[(&str, &str)] = &[
    ("a comment", ": keep-alive for @\n\n"),
    ("an event's id", "id: @\ndata: {}\n\n"),
    ("an event's name", "event: @\ndata: {}\n\n"),
    ("a field nobody knows", "note: @\ndata: {}\n\n"),
    ("text as data", "data: hello @\n\n"),
    ("an endpoint", "event: endpoint\ndata: /messages?user=@\n\n"),
    (
        "a replayed result of another request",
        "id: 7\ndata: {\"jsonrpc\":\"2.0\",\"id\":99,\"result\":{\"content\":[{\"text\":\"@\"}]}}\n\n",
    ),
    ("data over lines", "data: {\"result\":\r\ndata: {\"a\":\"@\"}}\r\n\r\n"),
];

#[test]
fn no_place_is_left_out() {
    let token = ["gh", "p_wWPw5k4aXcaT4fNP0UcnZwJUVFk6LO0pINUx"].concat();
    let profile = everything();
    for (secret, label) in [("jo@example.com", "email"), (token.as_str(), "github_token"), ("4242424242424242", "credit_card")] {
        for (form, (name, place)) in JSON.iter().map(|place| (Form::Json, place)).chain(SSE.iter().map(|place| (Form::Sse, place))) {
            let body = place.replace('@', secret);
            // Names that are masked do not become alike.
            let out = masked(&profile, form, body.as_bytes()).unwrap();
            let alike: String =
                (2..5).fold(out, |out, number| out.replace(&format!("[MASKED:{label}:{number}]"), &format!("[MASKED:{label}]")));
            assert_eq!(alike, place.replace('@', &format!("[MASKED:{label}]")), "{name}");
        }
    }
}

#[test]
fn numbers_that_are_values_stay_numbers() {
    for place in
        [r#"{"result":{"structuredContent":{"n":N}}}"#, r#"{"result":{"content":[{"text":"{\"n\":N}"}]}}"#, r#"{"error":{"data":[N]}}"#]
    {
        for number in ["4242424242424242", "4.242424242424242e15", "4242424242424242.0", "-4242424242424242"] {
            assert_eq!(json(&place.replace('N', number)), place.replace('N', "0"), "{number}");
        }
    }
}

/// What a client checks a result against (`outputSchema`): types stay, and so do members that are required.
#[test]
fn results_keep_their_types() {
    let body = r#"{"result":{"structuredContent":{"name":"jo@example.com","card":4242424242424242,"rate":4.242424242424242e15,"vip":true,"note":null,"tags":["jo@example.com"],"password":{"is":"x","n":1,"b":false}}}}"#;
    let out: serde_json::Value = serde_json::from_str(&json(body)).unwrap();
    let content = &out["result"]["structuredContent"];
    assert!(content["name"].is_string() && content["card"].is_u64() && content["rate"].is_u64() && content["vip"] == true);
    assert!(content["note"].is_null() && content["tags"][0].is_string());
    assert!(content["password"]["is"].is_string() && content["password"]["n"].is_u64() && content["password"]["b"] == false);
}

/// What the protocol lives on is never changed, whatever it looks like.
#[test]
fn the_protocol_goes_on() {
    for body in [
        r#"{"jsonrpc":"2.0","id":"jo@example.com","result":{"nextCursor":"NDI0MjQyNDI0MjQyNDI0MiBqb0BleGFtcGxlLmNvbQ=="}}"#,
        r#"{"id":4242424242424242,"result":{"_meta":{"progressToken":4242424242424242}}}"#,
        r#"{"method":"notifications/cancelled","params":{"requestId":4242424242424242}}"#,
        r#"{"result":{"resultType":"task","taskId":"jo@example.com"}}"#,
    ] {
        assert_eq!(json(body), body);
    }
}
