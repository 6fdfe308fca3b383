//! An answer through the masker: JSON, event streams and text, whole and in pieces.

use portcullis::mask::{Form, Masking, Profile, Stream, whole};
use portcullis::policy::value::Pattern;
use portcullis::policy::{Detector, FieldPath, MaskRule, Operator};

/// What one stream may hold back, whatever comes.
const MOST_HELD: usize = 64 * 1024;

fn profile() -> Profile {
    let all = [Detector::CreditCard, Detector::UsSsn, Detector::Iban, Detector::Email, Detector::Secrets];
    let rule = |id: &str| MaskRule {
        id: id.to_owned(),
        detect: Vec::new(),
        fields: Vec::new(),
        pattern: None,
        remote: None,
        then: Operator::Replace,
        scope: portcullis::policy::MaskScope::default(),
        alert: false,
    };
    let rules = [
        MaskRule { detect: all.to_vec(), ..rule("all") },
        MaskRule { fields: vec![FieldPath(vec!["password".to_owned()])], then: Operator::Keep { first: 0, last: 2 }, ..rule("fields") },
        MaskRule { pattern: Pattern::parse(r"\bACME-\d+\b").ok(), ..rule("codes") },
    ];
    match Masking::compile(&rules) {
        Ok(masking) => masking.whole(),
        Err(mistakes) => panic!("{mistakes:?}"),
    }
}

thread_local! {
    static PROFILE: Profile = profile();
}

/// The first byte is the form, the second how the body is cut.
pub fn body(data: &[u8]) {
    let [form, cut, body @ ..] = data else { return };
    let form = match form % 3 {
        0 => Form::Json,
        1 => Form::Sse,
        _ => Form::Text,
    };
    let profile = PROFILE.with(Clone::clone);
    let at_once = whole(&profile, form, body).map(|(out, _)| out);
    let mut stream = Stream::new(profile, form);
    let mut out = Vec::new();
    let mut outcome = Ok(());
    for piece in body.chunks(usize::from(*cut).max(1)) {
        outcome = stream.push(piece, &mut out);
        assert!(stream.held() < MOST_HELD, "{} bytes held", stream.held());
        if outcome.is_err() {
            break;
        }
    }
    let outcome = outcome.and_then(|()| stream.finish(&mut out));
    match (at_once, outcome) {
        (Ok(at_once), Ok(())) => {
            assert_eq!(String::from_utf8_lossy(&at_once), String::from_utf8_lossy(&out), "whole and in pieces of {cut}");
            if matches!(form, Form::Json) && serde_json::from_slice::<serde_json::Value>(body).is_ok() {
                assert!(serde_json::from_slice::<serde_json::Value>(&out).is_ok(), "no JSON any more: {}", String::from_utf8_lossy(&out));
            }
        }
        (Err(_), Err(_)) => {}
        (at_once, outcome) => panic!("whole: {at_once:?}, in pieces of {cut}: {outcome:?}"),
    }
}
