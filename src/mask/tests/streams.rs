//! Event streams, plain text, and bodies that are not what they say they are.

use super::*;

#[test]
fn invalid_json_is_an_error_and_stays_one() {
    for body in ["{", r#"{"a":1}}"#, r#"{"a":1} x"#, "{}{}", "nope", r#"{"a":"b"#, "[1,]", "\u{feff}{}"] {
        assert!(masked(&everything(), Form::Json, body.as_bytes()).is_err(), "{body}");
    }
    assert!(whole(&everything(), Form::Json, b"[\"\xff\"]").is_err());
    let mut stream = Stream::new(everything(), Form::Json);
    let mut out = Vec::new();
    assert!(stream.push(b"[x", &mut out).is_err());
    assert!(stream.push(b"1]", &mut out).is_err());
    assert!(stream.finish(&mut out).is_err());
}

#[test]
fn event_streams() {
    let stream = concat!(
        "\u{feff}event: message\r\nid: 1_2\r\ndata: {\"result\":{\"a\":\"jo@example.com\"},\r\ndata:  \"n\":4242424242424242\r\ndata: }\r\n\r\n",
        ": keepalive jo@example.com\n\n",
        "id: x\ndata: \nretry: 5\n\n",
        "data: {}\n\n",
        "event: endpoint\rdata: /messages?sessionId=ab&u=jo@example.com\r\r",
        "data\ndata: plain jo@example.com\n\n",
        "data: [\"jo@example.com\"]",
    );
    let want = stream.replace("jo@example.com", "[MASKED:email]").replace("4242424242424242", "0");
    assert_eq!(masked(&everything(), Form::Sse, stream.as_bytes()).unwrap(), want);
}

#[test]
fn an_event_that_is_cut_or_torn_is_an_error() {
    for stream in ["data: {\"a\":\n\n", "data: {\"a\ndata: b\":1}\n\n", "data: {\"a\":1", "data: {} x\n\n", "data: {\"a\":12\ndata: 3}\n\n"]
    {
        assert!(masked(&everything(), Form::Sse, stream.as_bytes()).is_err(), "{stream:?}");
    }
}

#[test]
fn nothing_waits_that_need_not() {
    let mut stream = Stream::new(everything(), Form::Sse);
    let mut sent = Vec::new();
    for piece in
        [": keepalive\n", "\n", "event: message\n", "data: {\"a\":\"x\",", "\"b\":[1,\"y\"", "]}\n", "\n", "data: text line\n", "\n"]
    {
        let mut out = Vec::new();
        stream.push(piece.as_bytes(), &mut out).unwrap();
        assert_eq!(out, piece.as_bytes());
        sent.extend(out);
    }
}

#[test]
fn plain_text() {
    let aws = aws();
    let text = format!("key {aws}\n{{\"password\":\"x\",\"card\":4242424242424242}}\n{{\"a\":\"b\\njo@example.com\"}} \u{ff}");
    assert_eq!(
        masked(&everything(), Form::Text, text.as_bytes()).unwrap(),
        "key [MASKED:aws_access_key]\n{\"password\":\"[MASKED:fields]\",\"card\":0}\n{\"a\":\"b\\n[MASKED:email]\"} \u{ff}"
    );
}
