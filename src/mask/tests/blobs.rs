//! Content in base64: text is masked in it, whatever is said of it; the rest is what the policy makes of it.

use ::base64::Engine as _;
use ::base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};

use super::*;
use crate::policy::{Binary, Responses};

const PNG: &[u8] = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\x01 jo@example.com";

fn under(binary: Binary) -> Profile {
    let rules = [rule("pii", &[Detector::CreditCard, Detector::Email], Operator::Replace)];
    let responses = Responses { binary, ..Responses::default() };
    Masking::compile(&rules).unwrap().of_responses(&responses).whole()
}

fn resource(mime: &str, blob: &str) -> [String; 2] {
    let quoted = serde_json::to_string(blob).unwrap();
    [
        format!(r#"{{"result":{{"contents":[{{"uri":"x:y","mimeType":"{mime}","blob":{quoted}}}]}}}}"#),
        format!(r#"{{"result":{{"contents":[{{"blob":{quoted},"uri":"x:y","mimeType":"{mime}"}}]}}}}"#),
    ]
}

#[test]
fn text_is_masked_and_encoded_again() {
    let text = "id,mail\n1,jo@example.com\n2,al@example.com\n";
    let want = text.replace("jo@example.com", "[MASKED:email]").replace("al@example.com", "[MASKED:email]");
    // Whatever the type says of it.
    for mime in ["text/csv", "application/json", "application/octet-stream", "image/png"] {
        for (body, want) in resource(mime, &STANDARD.encode(text)).iter().zip(resource(mime, &STANDARD.encode(&want))) {
            assert_eq!(masked(&under(Binary::Pass), Form::Json, body.as_bytes()).unwrap(), want);
            let event = format!("data: {body}\n\n");
            assert_eq!(masked(&under(Binary::Refuse), Form::Sse, event.as_bytes()).unwrap(), format!("data: {want}\n\n"));
        }
    }
}

#[test]
fn every_place_of_content() {
    let blob = URL_SAFE_NO_PAD.encode("mail jo@example.com, now");
    let want = URL_SAFE_NO_PAD.encode("mail [MASKED:email], now");
    for body in [
        r#"{"result":{"contents":[{"blob":"B"},{"blob":"B"}]}}"#,
        r#"[{"result":{"content":[{"type":"resource","resource":{"uri":"a:b","blob":"B"}}]}}]"#,
        r#"{"result":{"content":[{"type":"image","mimeType":"image/png","data":"B"}]}}"#,
        r#"{"result":{"messages":[{"role":"user","content":{"type":"audio","data":"B"}}]}}"#,
        r#"{"method":"sampling/createMessage","params":{"messages":[{"role":"user","content":[{"type":"image","data":"B"}]}]}}"#,
        r#"{"result":{"result":{"content":[{"type":"image","data":"B"}]}}}"#,
    ] {
        assert_eq!(masked(&under(Binary::Pass), Form::Json, body.replace('B', &blob).as_bytes()).unwrap(), body.replace('B', &want));
    }
    // Of any length, in any window.
    for len in [100, 700, 6000, 20_000] {
        let text = format!("{}jo@example.com {}", "é\n".repeat(len), "x".repeat(len));
        let body = |text: &str| format!(r#"{{"result":{{"contents":[{{"blob":"{}"}}]}}}}"#, STANDARD.encode(text));
        let (out, findings) = whole(&under(Binary::Pass), Form::Json, body(&text).as_bytes()).unwrap();
        assert_eq!(String::from_utf8(out.clone()).unwrap(), body(&text.replace("jo@example.com", "[MASKED:email]")));
        assert_eq!(findings.details()[0].path, "result.contents[0].blob");
        for size in [1, 1000, 4096] {
            assert_eq!(in_pieces(&under(Binary::Pass), Form::Json, body(&text).as_bytes().chunks(size)).unwrap(), out);
        }
    }
}

#[test]
fn what_holds_nothing_leaves_as_it_came() {
    let text = "nothing to be found? > in it ~ ÿÿÿ ".repeat(40);
    let lines: String = STANDARD.encode(&text).as_bytes().chunks(76).map(|line| format!("{}\\n", String::from_utf8_lossy(line))).collect();
    for blob in [STANDARD.encode(&text), STANDARD.encode(&text).replace('/', "\\/"), URL_SAFE_NO_PAD.encode(&text), lines, String::new()] {
        for binary in [Binary::Pass, Binary::Refuse, Binary::Replace] {
            let body = format!(r#"{{"result":{{"contents":[{{"blob":"{blob}","mimeType":"text/plain"}}]}}}}"#);
            assert_eq!(String::from_utf8(whole(&under(binary), Form::Json, body.as_bytes()).unwrap().0).unwrap(), body);
        }
    }
}

#[test]
fn other_content_is_what_the_policy_makes_of_it() {
    for body in resource("image/png", &STANDARD.encode(PNG)) {
        assert_eq!(masked(&under(Binary::Pass), Form::Json, body.as_bytes()).unwrap(), body);
        assert_eq!(masked(&under(Binary::Refuse), Form::Json, body.as_bytes()), Err(MaskError::Binary));
        let want = body.replace(&STANDARD.encode(PNG), &STANDARD.encode("[MASKED:binary]"));
        assert_eq!(masked(&under(Binary::Replace), Form::Json, body.as_bytes()).unwrap(), want);
        let (_, findings) = whole(&under(Binary::Replace), Form::Json, body.as_bytes()).unwrap();
        assert_eq!((&*findings.counts()[0].rule, findings.counts()[0].detector), ("responses", "binary"));
    }
    // With no rule at all, too.
    let idle = Masking::compile(&[]).unwrap().of_responses(&Responses { binary: Binary::Refuse, ..Responses::default() }).whole();
    assert!(whole(&idle, Form::Json, resource("image/png", &STANDARD.encode(PNG))[0].as_bytes()).is_err());
    let text = resource("text/plain", &STANDARD.encode("jo@example.com"))[0].clone();
    assert_eq!(whole(&idle, Form::Json, text.as_bytes()).unwrap().0, text.as_bytes());
}

#[test]
fn a_type_of_text_is_not_believed_of_what_is_none() {
    let utf16: Vec<u8> = "jo@example.com".encode_utf16().flat_map(u16::to_le_bytes).collect();
    for content in [PNG, &utf16] {
        for body in resource("text/plain", &STANDARD.encode(content)) {
            assert!(masked(&under(Binary::Pass), Form::Json, body.as_bytes()).is_err(), "{body}");
        }
    }
}

#[test]
fn what_is_no_base64_is_a_string() {
    for body in resource("text/plain", "jo@example.com, plain") {
        assert_eq!(masked(&under(Binary::Pass), Form::Json, body.as_bytes()).unwrap(), body.replace("jo@example.com", "[MASKED:email]"));
    }
    let torn = format!("{}!", STANDARD.encode("words ".repeat(300)));
    assert_eq!(masked(&under(Binary::Pass), Form::Json, resource("text/plain", &torn)[0].as_bytes()), Err(MaskError::NotBase64));
}

#[test]
fn data_of_tools_may_be_called_anything() {
    let body = format!(r#"{{"result":{{"structuredContent":{{"content":[{{"data":"{0}"}}],"blob":"{0}"}}}}}}"#, STANDARD.encode(PNG));
    assert_eq!(masked(&under(Binary::Refuse), Form::Json, body.as_bytes()).unwrap(), body);
}
