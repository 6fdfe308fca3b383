mod properties;

use proptest::prelude::*;
use serde_json::{Value, json};

use super::message::{Era, Id, Kind, Message, parse};
use super::method::{Class, Target};
use super::mirror;
use super::problem::{ParseProblem, Why};
use super::reply::{self, Reply};
use super::uri::Uri;

fn ok(body: &str) -> Message {
    parse(body.as_bytes()).unwrap_or_else(|problem| panic!("{problem}: {body}"))
}

fn bad(body: impl AsRef<[u8]>) -> ParseProblem {
    let body = body.as_ref();
    parse(body).err().unwrap_or_else(|| panic!("passed: {}", String::from_utf8_lossy(body)))
}

fn uri(text: &str) -> Uri {
    Uri::parse(text).unwrap()
}

fn body(reply: &Reply) -> Value {
    serde_json::from_slice(&reply.body).unwrap()
}

const META: &str = r#""_meta":{"io.modelcontextprotocol/protocolVersion":"2026-07-28","io.modelcontextprotocol/clientCapabilities":{}}"#;

#[test]
fn what_clients_really_send() {
    // Member order, ids and presence of `arguments` as captured from TypeScript, Python and rmcp clients.
    let call = ok(r#"{"method":"tools/call","params":{"name":"echo","arguments":{"message":"hällo"}},"jsonrpc":"2.0","id":2}"#);
    assert_eq!(call.kind, Kind::Request { id: Id::Number(2), method: "tools/call".into() });
    assert_eq!((call.class, &call.target, &call.era), (Class::Action, &Target::Tool("echo".into()), &Era::Legacy));

    let call = ok(&format!(r#"{{"jsonrpc":"2.0","id":0,"method":"tools/call","params":{{{META},"name":"ok"}}}}"#));
    assert_eq!(call.era, Era::Modern { version: "2026-07-28".into() });
    assert_eq!((call.reply_id(), call.arguments.clone()), (Some(&Id::Number(0)), None));

    let listen =
        ok(r#"{"jsonrpc":"2.0","id":"listen:0","method":"subscriptions/listen","params":{"notifications":{"toolsListChanged":true}}}"#);
    assert_eq!((listen.class, listen.target, listen.kind), {
        let kind = Kind::Request { id: Id::Text("listen:0".into()), method: "subscriptions/listen".into() };
        (Class::Lifecycle, Target::None, kind)
    });

    let response = ok(r#"{"result":{"roots":[{"uri":"file:///srv/demo","name":"root"}]},"jsonrpc":"2.0","id":0}"#);
    assert_eq!(response.kind, Kind::Response { id: Id::Number(0) });
    assert_eq!((response.method(), response.reply_id()), ("rpc/response", None));
    let refusal = ok(r#"{"jsonrpc":"2.0","id":"e-1","error":{"code":-32601,"message":"no"}}"#);
    assert_eq!(refusal.kind, Kind::Response { id: Id::Text("e-1".into()) });

    let cancel = ok(r#"{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":39,"reason":"user"}}"#);
    assert_eq!((cancel.class, cancel.reply_id()), (Class::Lifecycle, None));

    let task = ok(r#"{"method":"tasks/get","params":{"taskId":"5f36","task":{"ttl":60000}},"jsonrpc":"2.0","id":37}"#);
    assert_eq!((task.class, task.task.as_deref()), (Class::Lifecycle, Some("5f36")));

    assert_eq!(ok(r#" { "jsonrpc" : "2.0" , "id" : -7 , "method" : "ping" } "#).class, Class::Lifecycle);
    assert_eq!(ok("\r\n\t{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"tools/list\"}\n").class, Class::Discovery);
}

#[test]
fn targets() {
    let target = |method: &str, params: Value| {
        let text = json!({ "jsonrpc": "2.0", "id": 1, "method": method, "params": params }).to_string();
        let message = ok(&text);
        (message.class, message.target)
    };
    for method in ["resources/read", "resources/subscribe", "resources/unsubscribe"] {
        assert_eq!(target(method, json!({ "uri": "a://b" })), (Class::Action, Target::Resource(uri("a://b"))));
    }
    assert_eq!(target("prompts/get", json!({ "name": "p", "arguments": {} })), (Class::Action, Target::Prompt("p".into())));
    assert_eq!(
        target("completion/complete", json!({ "ref": { "type": "ref/prompt", "name": "p", "uri": "a://b" }, "name": "no" })),
        (Class::Action, Target::Prompt("p".into()))
    );
    assert_eq!(
        target("completion/complete", json!({ "ref": { "type": "ref/resource", "uri": "a://{b}" } })),
        (Class::Action, Target::Resource(uri("a://{b}")))
    );
    assert_eq!(
        target("subscriptions/listen", json!({ "notifications": { "resourceSubscriptions": ["a://1", "a://2"] } })),
        (Class::Action, Target::Resources(vec![uri("a://1"), uri("a://2")]))
    );
    assert_eq!(
        target("subscriptions/listen", json!({ "notifications": { "resourceSubscriptions": [] } })),
        (Class::Lifecycle, Target::None)
    );
    // An unknown method names nothing, whatever its members are called.
    assert_eq!(target("acme/run", json!({ "name": "x", "uri": "a://b" })), (Class::Unknown, Target::None));
    assert_eq!(target("tasks/list", json!({})), (Class::Action, Target::None));
    // Escapes in a name are the name they spell, as for every server.
    let escaped = ok(r#"{"jsonrpc":"2.0","id":1,"method":"tools\/call","params":{"n\u0061me":"e\u0063ho"}}"#);
    assert_eq!(escaped.target, Target::Tool("echo".into()));
}

#[test]
fn arguments_are_pointed_at_as_written() {
    let text = r#"{"id":1,"params":{ "arguments" : {"a" : 1.50, "b":"\u00e9"} ,"name":"t"},"method":"tools/call","jsonrpc":"2.0"}"#;
    let message = ok(text);
    assert_eq!(text.get(message.arguments.unwrap()).unwrap(), r#"{"a" : 1.50, "b":"\u00e9"}"#);
    assert_eq!(text.get(message.params.unwrap()).unwrap(), r#"{ "arguments" : {"a" : 1.50, "b":"\u00e9"} ,"name":"t"}"#);
    let null = ok(r#"{"id":1,"params":{"arguments":null,"name":"t"},"method":"tools/call","jsonrpc":"2.0"}"#);
    assert_eq!(null.arguments, None);
}

/// Every input that servers were measured to read differently, and its kin.
#[test]
fn parser_differentials() {
    let deep = |levels: usize| {
        format!(r#"{{"jsonrpc":"2.0","id":1,"method":"ping","params":{{"a":{}{}}}}}"#, "[".repeat(levels - 2), "]".repeat(levels - 2))
    };
    ok(&deep(96));
    let utf16: Vec<u8> = r#"{"jsonrpc":"2.0","id":1,"method":"ping"}"#.encode_utf16().flat_map(u16::to_le_bytes).collect();
    let utf16_bom: Vec<u8> = [&[0xff, 0xfe], utf16.as_slice()].concat();
    let latin1 = b"{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"tools/call\",\"params\":{\"name\":\"\xe9\"}}".to_vec();
    let overlong = b"{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"tools\xc0\xafcall\"}".to_vec();
    let surrogate = b"{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"ping\",\"params\":{\"x\":\"\xed\xa0\x80\"}}".to_vec();
    for (name, body) in [
        ("not_utf8", utf16_bom),
        ("not_json", utf16),
        ("not_utf8", latin1),
        ("not_utf8", overlong),
        ("not_utf8", surrogate),
        ("too_deep", deep(97).into_bytes()),
        ("too_deep", deep(100_000).into_bytes()),
        (
            "too_deep",
            format!(
                r#"{{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{{"name":"t","arguments":{}1{}}}}}"#,
                r#"{"a":"#.repeat(95),
                "}".repeat(95)
            )
            .into_bytes(),
        ),
        ("not_json", format!("{{\"a\":{}", "[".repeat(500_000)).into_bytes()),
    ] {
        assert_eq!(bad(&body).why.name(), name, "{}", String::from_utf8_lossy(&body[..body.len().min(80)]));
    }
    let cases = [
        ("empty", ""),
        ("empty", " \r\n\t "),
        ("byte_order_mark", "\u{feff}{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"ping\"}"),
        ("batch", r#"[{"jsonrpc":"2.0","id":1,"method":"ping"}]"#),
        ("batch", "[]"),
        ("not_an_object", r#""ping""#),
        ("not_an_object", "1"),
        ("not_an_object", "null"),
        ("not_json", "ping"),
        ("not_json", "{"),
        ("not_json", r#"{'jsonrpc':"2.0"}"#),
        ("not_json", r#"{"jsonrpc":"2.0","id":1,"method":"ping"} {"jsonrpc":"2.0","id":2,"method":"ping"}"#),
        ("not_json", r#"{"jsonrpc":"2.0","id":1,"method":"ping"}x"#),
        ("not_json", "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"ping\"}\0"),
        ("not_json", r#"{"jsonrpc":"2.0","id":1,"method":"ping",}"#),
        ("not_json", r#"{"jsonrpc":"2.0","id":1,"method":"ping"/**/}"#),
        ("not_json", "{\"jsonrpc\":\"2.0\",\u{a0}\"id\":1,\"method\":\"ping\"}"),
        ("not_json", "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"ping\",\"params\":{\"a\":\"\n\"}}"),
        ("not_json", r#"{"jsonrpc":"2.0","id":1,"method":"ping","params":{"a":NaN}}"#),
        ("not_json", r#"{"jsonrpc":"2.0","id":1,"method":"ping","params":{"a":01}}"#),
        ("not_json", r#"{"jsonrpc":"2.0","id":1,"method":"ping","params":{"a":1e999}}"#),
        ("not_json", r#"{"jsonrpc":"2.0","id":1,"method":"ping","params":{"a":"\ud800"}}"#),
        ("not_json", r#"{"jsonrpc":"2.0","id":1,"method":"ping","params":{"\udc00":1}}"#),
        ("not_json", r#"{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"a","arguments":{"x":"\ud83d\u0041"}}}"#),
        ("not_json", r#"{"jsonrpc":"2.0","id":1,"method":"ping","params":{"a":"\x41"}}"#),
        ("duplicate_member", r#"{"jsonrpc":"2.0","id":1,"method":"tools/list","method":"tools/call","params":{"name":"a"}}"#),
        ("duplicate_member", r#"{"jsonrpc":"2.0","id":1,"method":"ping","m\u0065thod":"ping"}"#),
        ("duplicate_member", r#"{"jsonrpc":"2.0","id":1,"id":2,"method":"ping"}"#),
        ("duplicate_member", r#"{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"a","name":"b"}}"#),
        ("duplicate_member", r#"{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"a","n\u0061me":"b"}}"#),
        (
            "duplicate_member",
            r#"{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"a","arguments":{"sql":1,"x":[{"y":1,"z":2,"y":3}]}}}"#,
        ),
        ("duplicate_member", r#"{"jsonrpc":"2.0","id":1,"result":{"a":{"b":1,"b":2}}}"#),
        ("case_variant", r#"{"jsonrpc":"2.0","id":1,"method":"ping","Method":"tools/call"}"#),
        ("case_variant", r#"{"jsonrpc":"2.0","id":1,"METHOD":"ping"}"#),
        ("case_variant", r#"{"jsonrpc":"2.0","id":1,"method":"ping","PARAMS":{}}"#),
        ("case_variant", "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"ping\",\"param\u{17f}\":{}}"),
        ("case_variant", r#"{"jsonrpc":"2.0","ID":1,"method":"ping"}"#),
        ("case_variant", r#"{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"a","Name":"b"}}"#),
        ("case_variant", r#"{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"a","argument\u017f":{}}}"#),
        ("case_variant", r#"{"jsonrpc":"2.0","id":1,"method":"resources/read","params":{"uri":"a:b","URI":"c:d"}}"#),
        (
            "case_variant",
            r#"{"jsonrpc":"2.0","id":1,"method":"completion/complete","params":{"ref":{"type":"ref/prompt","name":"a","NAME":"b"}}}"#,
        ),
        ("case_variant", r#"{"jsonrpc":"2.0","id":1,"method":"ping","params":{"_Meta":{}}}"#),
        (
            "case_variant",
            r#"{"jsonrpc":"2.0","id":1,"method":"ping","params":{"_meta":{"io.modelcontextprotocol/ProtocolVersion":"2026-07-28"}}}"#,
        ),
        (
            "case_variant",
            r#"{"jsonrpc":"2.0","id":1,"method":"subscriptions/listen","params":{"notifications":{"resourcesubscriptions":["a:b"]}}}"#,
        ),
        ("unknown_member", r#"{"jsonrpc":"2.0","id":1,"method":"ping","extra":1}"#),
        ("jsonrpc_version", r#"{"id":1,"method":"ping"}"#),
        ("jsonrpc_version", r#"{"jsonrpc":"1.0","id":1,"method":"ping"}"#),
        ("jsonrpc_version", r#"{"jsonrpc":2.0,"id":1,"method":"ping"}"#),
        ("message_shape", r#"{"jsonrpc":"2.0"}"#),
        ("message_shape", r#"{"jsonrpc":"2.0","id":1}"#),
        ("message_shape", r#"{"jsonrpc":"2.0","result":{}}"#),
        ("message_shape", r#"{"jsonrpc":"2.0","error":{"code":1,"message":"no id"}}"#),
        ("message_shape", r#"{"jsonrpc":"2.0","id":1,"method":"ping","result":{}}"#),
        ("message_shape", r#"{"jsonrpc":"2.0","id":1,"result":{},"error":{}}"#),
        ("message_shape", r#"{"jsonrpc":"2.0","id":1,"params":{},"result":{}}"#),
        ("id", r#"{"jsonrpc":"2.0","id":null,"method":"tools/call","params":{"name":"a"}}"#),
        ("id", r#"{"jsonrpc":"2.0","id":5.0,"method":"ping"}"#),
        ("id", r#"{"jsonrpc":"2.0","id":5e0,"method":"ping"}"#),
        ("id", r#"{"jsonrpc":"2.0","id":-0,"method":"ping"}"#),
        ("id", r#"{"jsonrpc":"2.0","id":9223372036854775808,"method":"ping"}"#),
        ("id", r#"{"jsonrpc":"2.0","id":true,"method":"ping"}"#),
        ("id", r#"{"jsonrpc":"2.0","id":[1],"method":"ping"}"#),
        ("method", r#"{"jsonrpc":"2.0","id":1,"method":["ping"]}"#),
        ("method", r#"{"jsonrpc":"2.0","id":1,"method":null}"#),
        ("method", r#"{"jsonrpc":"2.0","id":1,"method":""}"#),
        ("method", r#"{"jsonrpc":"2.0","id":1,"method":"tools/call "}"#),
        ("method", r#"{"jsonrpc":"2.0","id":1,"method":"tools/call\u0000"}"#),
        ("method_case_variant", r#"{"jsonrpc":"2.0","id":1,"method":"Tools/Call","params":{"name":"a"}}"#),
        ("request_without_id", r#"{"jsonrpc":"2.0","method":"tools/call","params":{"name":"a"}}"#),
        ("request_without_id", r#"{"jsonrpc":"2.0","method":"tools/list"}"#),
        ("params", r#"{"jsonrpc":"2.0","id":1,"method":"tools/call","params":["a"]}"#),
        ("params", r#"{"jsonrpc":"2.0","id":1,"method":"ping","params":null}"#),
        ("params", r#"{"jsonrpc":"2.0","id":1,"method":"ping","params":"x"}"#),
        ("meta", r#"{"jsonrpc":"2.0","id":1,"method":"ping","params":{"_meta":[]}}"#),
        (
            "protocol_version",
            r#"{"jsonrpc":"2.0","id":1,"method":"ping","params":{"_meta":{"io.modelcontextprotocol/protocolVersion":1}}}"#,
        ),
        ("target", r#"{"jsonrpc":"2.0","id":1,"method":"tools/call"}"#),
        ("target", r#"{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{}}"#),
        ("target", r#"{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":null}}"#),
        ("target", r#"{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":["a"]}}"#),
        ("target", r#"{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":""}}"#),
        ("target", r#"{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"a\u0000b"}}"#),
        ("target", r#"{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"a","arguments":[1]}}"#),
        ("target", r#"{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"a","arguments":"{}"}}"#),
        ("target", r#"{"jsonrpc":"2.0","id":1,"method":"resources/read","params":{"uri":7}}"#),
        ("target", r#"{"jsonrpc":"2.0","id":1,"method":"resources/read","params":{"uri":"file:///a/../../etc/passwd"}}"#),
        ("target", r#"{"jsonrpc":"2.0","id":1,"method":"resources/subscribe","params":{"uri":"docs://guide/%2e%2e/x"}}"#),
        ("target", r#"{"jsonrpc":"2.0","id":1,"method":"resources/read","params":{"name":"a"}}"#),
        ("target", r#"{"jsonrpc":"2.0","id":1,"method":"prompts/get","params":{"uri":"a:b"}}"#),
        ("target", r#"{"jsonrpc":"2.0","id":1,"method":"completion/complete","params":{}}"#),
        ("target", r#"{"jsonrpc":"2.0","id":1,"method":"completion/complete","params":{"ref":{"type":"prompt","name":"a"}}}"#),
        ("target", r#"{"jsonrpc":"2.0","id":1,"method":"completion/complete","params":{"ref":{"type":"ref/resource","name":"a"}}}"#),
        (
            "target",
            r#"{"jsonrpc":"2.0","id":1,"method":"subscriptions/listen","params":{"notifications":{"resourceSubscriptions":"a:b"}}}"#,
        ),
        ("target", r#"{"jsonrpc":"2.0","id":1,"method":"subscriptions/listen","params":{"notifications":[]}}"#),
        (
            "target",
            r#"{"jsonrpc":"2.0","id":1,"method":"subscriptions/listen","params":{"notifications":{"resourceSubscriptions":["a:b","../x"]}}}"#,
        ),
    ];
    for (name, body) in cases {
        assert_eq!(bad(body).why.name(), name, "{body}");
    }
}

#[test]
fn problems_say_where() {
    let text = "{\"jsonrpc\":\"2.0\",\n \"id\":1,\n \"method\":\"ping\",\n \"params\":{\"a\":tru}}";
    let Why::NotJson { at, .. } = bad(text).why else { panic!() };
    assert_eq!(text.get(at..), Some("}}"));
    let text = r#"{"jsonrpc":"2.0","id":1,"method":"ping","params":{"é":{"a":1,"a":2},"b":3}}"#;
    let problem = bad(text);
    let Why::Duplicate { ref name, at } = problem.why else { panic!() };
    assert_eq!(name, "a");
    assert!(text.get(..=at).unwrap().ends_with(r#""a":2}"#), "{at}");
    assert_eq!(problem.to_string(), format!("the member `a` appears twice in the object that ends at byte {at}"));
    let shown = bad(format!(r#"{{"jsonrpc":"2.0","id":1,"method":"ping","{}\u001b":1}}"#, "x".repeat(40))).to_string();
    assert!(shown.contains("xx\\u{1b}`"), "{shown}");
    let cut = bad(format!(r#"{{"jsonrpc":"2.0","id":1,"method":"ping","{}":1}}"#, "x".repeat(4000))).to_string();
    assert!(cut.len() < 300, "{cut}");
}

#[test]
fn problems_are_answered() {
    for (text, status, code, id) in [
        ("{", 400, -32700, None),
        ("[]", 400, -32600, None),
        (r#"{"jsonrpc":"2.0","id":"x","method":"ping","extra":1}"#, 400, -32600, Some(json!("x"))),
        (r#"{"jsonrpc":"2.0","id":7,"method":"tools/call","params":{"name":"a","name":"b"}}"#, 400, -32600, Some(json!(7))),
        (r#"{"jsonrpc":"2.0","id":7,"id":8,"method":"ping"}"#, 400, -32600, None),
        (r#"{"jsonrpc":"2.0","id":null,"method":"ping"}"#, 400, -32600, None),
        (r#"{"jsonrpc":"2.0","id":7,"method":"tools/call","params":{}}"#, 200, -32602, Some(json!(7))),
        (r#"{"jsonrpc":"2.0","id":7,"method":"ping","params":{"_meta":1}}"#, 400, -32602, Some(json!(7))),
        // Removed in 2026-07-28: there is no such method there; before, it lacks its `uri`.
        (
            r#"{"jsonrpc":"2.0","id":7,"method":"resources/subscribe","params":{"_meta":{"io.modelcontextprotocol/protocolVersion":"2026-07-28"}}}"#,
            404,
            -32601,
            Some(json!(7)),
        ),
        (r#"{"jsonrpc":"2.0","id":7,"method":"resources/subscribe","params":{}}"#, 200, -32602, Some(json!(7))),
    ] {
        let reply = bad(text).reply();
        let answer = body(&reply);
        assert_eq!(reply.status, status, "{text}");
        assert_eq!(answer["error"]["code"], code, "{text}");
        // Left out, never null: null makes three of five clients hang.
        assert_eq!(answer.get("id").cloned(), id, "{text}");
        assert_eq!(answer["jsonrpc"], "2.0");
    }
}

#[test]
fn refusals_look_like_the_captured_ones() {
    let legacy = reply::tool_refused(&Id::Number(2), &Era::Legacy, "no");
    assert_eq!((legacy.status, legacy.headers[0].1.as_str()), (200, "application/json"));
    assert_eq!(
        body(&legacy),
        json!({ "jsonrpc": "2.0", "id": 2, "result": { "content": [{ "type": "text", "text": "no" }], "isError": true } })
    );
    let modern = reply::tool_refused(&Id::Text("a\"b".into()), &Era::Modern { version: "2026-07-28".into() }, "no");
    assert_eq!(
        body(&modern),
        json!({ "jsonrpc": "2.0", "id": "a\"b", "result": { "resultType": "complete", "content": [{ "type": "text", "text": "no" }], "isError": true } })
    );
    let error = reply::rpc_error(Some(&Id::Number(2)), reply::REFUSED, "no", Some(json!({ "rule": "r" })), 200);
    assert_eq!(body(&error), json!({ "jsonrpc": "2.0", "id": 2, "error": { "code": 4030, "message": "no", "data": { "rule": "r" } } }));
    assert_eq!(body(&reply::http_error(418, "teapot", "no")), json!({ "error": "teapot", "message": "no" }));
    for (reply, status, header) in [
        (reply::too_large(10), 413, None),
        (reply::tls_required(), 426, Some("upgrade")),
        (reply::too_many(3), 429, Some("retry-after")),
        (reply::unavailable("the keys are not there yet", 1), 503, Some("retry-after")),
    ] {
        assert_eq!(reply.status, status);
        assert!(header.is_none_or(|name| reply.headers.iter().any(|(have, _)| have == name)));
        assert!(body(&reply)["message"].is_string());
    }
}

fn mirrored(headers: &[(&str, &str)], text: &str) -> Option<String> {
    let headers: Vec<_> = headers.iter().map(|(name, value)| (name.to_string(), value.to_string())).collect();
    let problem = mirror::check(&headers, &ok(text)).err()?;
    let reply = problem.reply();
    assert_eq!((reply.status, &body(&reply)["error"]["code"]), (400, &json!(-32020)));
    assert_eq!(body(&reply).get("id").is_some(), ok(text).reply_id().is_some());
    Some(problem.to_string())
}

#[test]
fn mirrored_headers() {
    const V: (&str, &str) = ("mcp-protocol-version", "2026-07-28");
    const CALL: (&str, &str) = ("mcp-method", "tools/call");
    let call = |name: &str| {
        json!({ "jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": {
        "name": name, "_meta": { "io.modelcontextprotocol/protocolVersion": "2026-07-28" } } })
        .to_string()
    };
    let fine = |headers: &[(&str, &str)], text: &str| assert_eq!(mirrored(headers, text), None);
    let refused = |headers: &[(&str, &str)], text: &str, why: &str| assert_eq!(mirrored(headers, text).as_deref(), Some(why));

    fine(&[V, CALL, ("mcp-name", "get")], &call("get"));
    fine(&[V, CALL, ("mcp-name", "=?base64?Z8OkdA==?=")], &call("gät"));
    fine(&[V, CALL, ("mcp-name", "=?base64?PT9iYXNlNjQ/WD89?=")], &call("=?base64?X?="));
    fine(&[("MCP-Protocol-Version", "2026-07-28"), CALL, ("Mcp-Name", " get ")], &call("get"));
    refused(&[CALL, ("mcp-name", "get")], &call("get"), "the header `mcp-protocol-version` is missing");
    refused(&[V, ("mcp-name", "get")], &call("get"), "the header `mcp-method` is missing");
    refused(&[V, CALL], &call("get"), "the header `mcp-name` is missing");
    refused(&[V, CALL, ("mcp-name", "get"), ("mcp-name", "get")], &call("get"), "the header `mcp-name` appears more than once");
    refused(&[V, CALL, ("mcp-name", "set")], &call("get"), "the header `mcp-name` is `set` but the body says `get`");
    refused(&[V, CALL, ("mcp-name", "Get")], &call("get"), "the header `mcp-name` is `Get` but the body says `get`");
    for coded in ["=?base64?c2V0?=", "=?base64?Z2V0", "=?base64?Z2V0=?=", "=?base64?!?=", "=?base64??="] {
        assert!(mirrored(&[V, CALL, ("mcp-name", coded)], &call("get")).is_some(), "{coded}");
    }
    assert!(mirrored(&[V, CALL, ("mcp-name", "=?base64?X?=")], &call("=?base64?X?=")).is_some());
    assert!(mirrored(&[V, ("mcp-method", "tools/list"), ("mcp-name", "get")], &call("get")).is_some());
    assert!(mirrored(&[("mcp-protocol-version", "2025-11-25"), CALL, ("mcp-name", "get")], &call("get")).is_some());

    // Nothing is asked of a notification (one client sends none), a legacy request or a method without a name.
    let cancel = format!(r#"{{"jsonrpc":"2.0","method":"notifications/cancelled","params":{{"requestId":"l:0",{META}}}}}"#);
    fine(&[V], &cancel);
    fine(&[], &cancel);
    assert!(mirrored(&[V, CALL], &cancel).is_some());
    fine(&[V, ("mcp-method", "tools/list")], &format!(r#"{{"jsonrpc":"2.0","id":1,"method":"tools/list","params":{{{META}}}}}"#));
    let legacy = r#"{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"get"}}"#;
    fine(&[("mcp-protocol-version", "2025-11-25")], legacy);
    fine(&[], legacy);
    // But a lie is a lie in every revision.
    assert!(mirrored(&[("mcp-method", "ping")], legacy).is_some());
    assert!(mirrored(&[("mcp-name", "set")], legacy).is_some());
    assert!(mirrored(&[("mcp-method", "ping")], r#"{"jsonrpc":"2.0","id":1,"result":{}}"#).is_some());
    fine(&[("mcp-protocol-version", "2025-11-25")], r#"{"jsonrpc":"2.0","id":1,"result":{}}"#);

    let read = format!(r#"{{"jsonrpc":"2.0","id":1,"method":"resources/read","params":{{"uri":"a://b",{META}}}}}"#);
    fine(&[V, ("mcp-method", "resources/read"), ("mcp-name", "a://b")], &read);
    assert!(mirrored(&[V, ("mcp-method", "resources/read")], &read).is_some());
    let task = format!(r#"{{"jsonrpc":"2.0","id":1,"method":"tasks/get","params":{{"taskId":"t1",{META}}}}}"#);
    fine(&[V, ("mcp-method", "tasks/get"), ("mcp-name", "t1")], &task);
    fine(&[V, ("mcp-method", "tasks/get")], &task);
    assert!(mirrored(&[V, ("mcp-method", "tasks/get"), ("mcp-name", "t2")], &task).is_some());
}

#[test]
fn the_revision_on_record() {
    let headers = vec![("mcp-protocol-version".to_owned(), "2025-11-25".to_owned())];
    let legacy = ok(r#"{"jsonrpc":"2.0","id":1,"method":"ping"}"#);
    assert_eq!(mirror::revision(&headers, &legacy), Some("2025-11-25"));
    assert_eq!(mirror::revision(&[], &legacy), None);
    let modern = ok(&format!(r#"{{"jsonrpc":"2.0","id":1,"method":"ping","params":{{{META}}}}}"#));
    assert_eq!(mirror::revision(&headers, &modern), Some("2026-07-28"));
}
