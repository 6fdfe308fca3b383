use super::*;
use crate::mask::{Form, Masking, Profile, Stream};
use crate::policy::value::Secret;
use crate::policy::{Detector, MaskRule};
use crate::seal::{Keys, Owner};

fn seals() -> Seals {
    let keys = Keys::new(&[Secret::new("a key of the tests, 32 bytes long")]);
    keys.of(&Owner { issuer: "https://id", subject: "ana", client: None }).within("tools/call", "pay")
}

fn profile(masks: bool) -> Profile {
    let rule = crate::mask::tests::rule("mail", &[Detector::Email], crate::policy::Operator::Replace);
    let rules: &[MaskRule] = if masks { &[rule] } else { &[] };
    Masking::compile(rules).unwrap_or_else(|mistakes| panic!("{mistakes:?}")).whole()
}

fn in_pieces<'a>(masks: bool, form: Form, pieces: impl IntoIterator<Item = &'a [u8]>) -> Result<String, MaskError> {
    let mut stream = Stream::sealing(profile(masks), form, Some(seals()));
    let mut out = Vec::new();
    for piece in pieces {
        stream.push(piece, &mut out)?;
        assert!(stream.held() < 64 * 1024, "{} bytes held", stream.held());
    }
    stream.finish(&mut out)?;
    Ok(String::from_utf8(out).unwrap())
}

/// The same whole, cut in two anywhere, byte by byte, with and without masking rules.
fn sealed(form: Form, body: &str) -> String {
    let whole = in_pieces(true, form, [body.as_bytes()]).unwrap();
    for masks in [true, false] {
        for at in 0..=body.len() {
            let (head, tail) = body.as_bytes().split_at(at);
            assert_eq!(in_pieces(masks, form, [head, tail]).as_ref(), Ok(&whole), "cut at {at}");
        }
        assert_eq!(in_pieces(masks, form, body.as_bytes().chunks(1)).as_ref(), Ok(&whole), "byte by byte");
    }
    whole
}

fn task(id: &str) -> String {
    seals().seal(What::Task, id).unwrap()
}

#[test]
fn every_place_of_a_handle_is_sealed_and_nothing_else() {
    let related = "io.modelcontextprotocol/related-task";
    for (body, kind) in [
        (r#"{"id":1,"result":{"taskId":"HANDLE","status":"working"}}"#.to_owned(), What::Task),
        (r#"{"id":1,"result":{"task":{"taskId":"HANDLE","ttl":5}}}"#.to_owned(), What::Task),
        (r#"{"id":1,"result":{"tasks":[{"taskId":"HANDLE"},{"x":1,"taskId":"HANDLE"}]}}"#.to_owned(), What::Task),
        (format!(r#"{{"id":1,"result":{{"content":[],"_meta":{{"{related}":{{"taskId":"HANDLE"}}}}}}}}"#), What::Task),
        (format!(r#"{{"method":"elicitation/create","params":{{"_meta":{{"{related}":{{"taskId":"HANDLE"}}}}}}}}"#), What::Task),
        (r#"{"method":"notifications/tasks/status","params":{"taskId":"HANDLE"}}"#.to_owned(), What::Task),
        (
            r#"[{"method":"tasks/get","params":{"taskId":"own"}},{"method":"notifications/tasks","params":{"taskId":"HANDLE"}}]"#
                .to_owned(),
            What::Task,
        ),
        (
            r#"{"method":"notifications/subscriptions/acknowledged","params":{"notifications":{"taskIds":["HANDLE","HANDLE"]}}}"#
                .to_owned(),
            What::Task,
        ),
        (r#"[{"id":1,"result":{"taskId":"HANDLE"}},{"id":2,"result":{}}]"#.to_owned(), What::Task),
        (r#"{"id":1,"result":{"requestState":"HANDLE","resultType":"input_required"}}"#.to_owned(), What::State),
        (r#"{"id":1,"result":{"task\u0049d" : "HANDLE"}}"#.to_owned(), What::Task),
    ] {
        let expected = body.replace("HANDLE", &seals().seal(kind, "h-1").unwrap());
        assert_eq!(sealed(Form::Json, &body.replace("HANDLE", "h-1")), expected);
        let event = |body: &str| format!("event: message\nid: 7\ndata: {body}\n\n");
        assert_eq!(sealed(Form::Sse, &event(&body.replace("HANDLE", "h-1"))), event(&expected));
    }
    for body in [
        r#"{"id":1,"result":{"structuredContent":{"taskId":"h","requestState":"h"},"content":[{"type":"text","text":"{\"taskId\":\"h\"}"}]}}"#,
        r#"{"id":1,"result":{"taskId":7,"requestState":null,"nextCursor":"h"}}"#,
        r#"{"id":1,"taskId":"h","error":{"taskId":"h"}}"#,
        r#"{"method":"x","params":{"requestState":"h","taskIds":["h"],"x":{"taskId":"h"}}}"#,
        // A task that the client may run, under the id it gave it.
        r#"{"params":{"taskId":"h","_meta":{"io.modelcontextprotocol/related-task":{"taskId":"h"}}},"method":"notifications/tasks"}"#,
        r#"[{"method":"notifications/tasks","params":{}},{"params":{"taskId":"h"},"method":"tasks/get"}]"#,
        r#"{"method":"acme/ask","id":3,"params":{"taskId":"h"}}"#,
        r#"{"method":"tasks/get","id":3,"params":{"taskId":"h"}}"#,
        r#"{"method":"tasks\/resul\u0074","id":3,"params":{"_meta":{"io.modelcontextprotocol/related-task":{"taskId":"h"}}}}"#,
    ] {
        assert_eq!(sealed(Form::Json, body), body);
    }
}

#[test]
fn the_method_is_that_of_the_same_message() {
    let stream = "data: {\"method\":\"tasks/get\",\"params\":{\"taskId\":\"own\"}}\n\ndata: {\"method\":\"notifications/tasks\",\"params\":{\"taskId\":\"t\"}}\n\n";
    assert_eq!(sealed(Form::Sse, stream), stream.replace("\"t\"", &format!("\"{}\"", task("t"))));
}

#[test]
fn the_seal_is_over_the_text_however_it_is_written() {
    for written in [
        r"plain",
        "",
        r"a\/b\n\u0041\\\u00e9\u20ac",
        r"\ud83d\ude00",
        r"x\ud83d\ude00\ud83d\ude00y",
        r"\uD83D\uDE00\t",
        "é€😀",
        r#"quo\"te"#,
        r"\\\\",
        r"\\u0041",
    ] {
        let text: String = serde_json::from_str(&format!("\"{written}\"")).unwrap();
        let tail = task(&text)[4 + text.len()..].to_owned();
        let body = format!(r#"{{"id":1,"result":{{"taskId":"{written}"}}}}"#);
        assert_eq!(sealed(Form::Json, &body), format!(r#"{{"id":1,"result":{{"taskId":"pc1.{written}{tail}"}}}}"#), "{written}");
    }
    // Lone surrogates are no text: whatever a client makes of them is not what was sealed, or it is U+FFFD for each.
    for (written, text) in [
        (r"\ud83d", "\u{fffd}"),
        (r"\ud83dx", "\u{fffd}x"),
        (r"\ud83d\n", "\u{fffd}\n"),
        (r"\ud83d\ud83d\ude00", "\u{fffd}😀"),
        (r"\ude00\ud83d", "\u{fffd}\u{fffd}"),
    ] {
        let tail = task(text)[4 + text.len()..].to_owned();
        let body = format!(r#"{{"result":{{"taskId":"{written}"}}}}"#);
        assert_eq!(sealed(Form::Json, &body), format!(r#"{{"result":{{"taskId":"pc1.{written}{tail}"}}}}"#), "{written}");
    }
}

#[test]
fn long_handles_are_sealed_up_to_the_limit_and_refused_beyond() {
    let body = |len: usize| format!(r#"{{"result":{{"requestState":"{}"}}}}"#, "s".repeat(len));
    let state = "s".repeat(SEALED_BYTES);
    let expected = body(0).replace("\"\"", &format!("\"{}\"", seals().seal(What::State, &state).unwrap()));
    assert_eq!(in_pieces(false, Form::Json, body(SEALED_BYTES).as_bytes().chunks(1000)), Ok(expected));
    assert_eq!(in_pieces(false, Form::Json, body(SEALED_BYTES + 1).as_bytes().chunks(1000)), Err(MaskError::SealTooLong));
}

#[test]
fn the_endpoint_of_the_old_transport_is_sealed() {
    let id = seals().seal(What::StreamSession, "s-1").unwrap();
    for (stream, expected) in [
        ("event: endpoint\ndata: /messages?sessionId=s-1\n\n", format!("event: endpoint\ndata: /messages?sessionId={id}\n\n")),
        (
            "event:endpoint\r\ndata:http://h/m?a=b&session_id=s-1&c\r\n\r\n",
            format!("event:endpoint\r\ndata:http://h/m?a=b&session_id={id}&c\r\n\r\n"),
        ),
        (": hi\nevent: endpoint\nid: 1\ndata: /m?sessionid=s-1", format!(": hi\nevent: endpoint\nid: 1\ndata: /m?sessionid={id}")),
    ] {
        assert_eq!(sealed(Form::Sse, stream), expected);
    }
    for stream in [
        "event: endpoints\ndata: /m?sessionId=s-1\n\n",
        "event: x\ndata: /m?sessionId=s-1\n\n",
        "event: endpoint\n\ndata: /m?sessionId=s-1\n\n",
        "event: endpoint\nevent: x\ndata: /m?sessionId=s-1\n\n",
        "event: endpoint\ndata: /m/s-1\n\n",
        "event: endpoint\ndata: /m?sessionId=s-1&sessionId=s-1\n\n",
    ] {
        assert_eq!(sealed(Form::Sse, stream), stream);
    }
    let endless = format!("event: endpoint\ndata: /m?sessionId={}", "s".repeat(9000));
    assert_eq!(in_pieces(false, Form::Sse, endless.as_bytes().chunks(100)), Err(MaskError::SealTooLong));
}

#[test]
fn what_is_masked_is_masked_beside_it() {
    let mail = ["ana", "example.com"].join("@");
    let body = format!(r#"{{"result":{{"taskId":"t","content":[{{"type":"text","text":"{mail}"}}]}}}}"#);
    let out = in_pieces(true, Form::Json, [body.as_bytes()]).unwrap();
    assert!(out.contains(&task("t")) && !out.contains(&mail), "{out}");
    assert!(in_pieces(false, Form::Json, [&b"{\"result\":"[..]]).is_err(), "what is no JSON is cut");
}
