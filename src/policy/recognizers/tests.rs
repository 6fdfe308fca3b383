use crate::policy::{Otherwise, from_json};
use serde_json::{Value, json};

fn policy(recognizers: &Value, masking: &Value) -> Result<crate::policy::Loaded, String> {
    let keys = json!([{ "kty": "EC", "crv": "P-256", "x": "x", "y": "y" }]);
    let policy = json!({
        "version": 1,
        "resource": "https://mcp.example.com/mcp",
        "identity": { "issuers": [{ "issuer": "https://id.example.com", "keys": keys }] },
        "recognizers": recognizers,
        "masking": masking,
    });
    from_json(&policy.to_string(), &|_| Some("secret".to_owned())).map_err(|report| report.to_string())
}

#[test]
fn what_is_left_out_is_usual_and_closed() {
    let rule = json!([{ "id": "names", "recognizer": "presidio", "entities": "PERSON", "then": "replace" }]);
    let loaded = policy(&json!([{ "id": "presidio", "cluster": "presidio" }]), &rule).unwrap();
    let one = &loaded.policy.recognizers[0];
    assert_eq!((one.host.as_str(), one.path.as_str(), one.language.as_str()), ("presidio", "/analyze", "en"));
    assert_eq!((one.unavailable, one.too_long, one.max_message.0), (Otherwise::Refuse, Otherwise::Refuse, 256 * 1024));
    assert!((one.score - 0.5).abs() < f64::EPSILON);
    let remote = loaded.policy.masking[0].remote.as_ref().unwrap();
    assert_eq!((remote.recognizer.as_str(), remote.entities.as_slice()), ("presidio", &["PERSON".to_owned()][..]));
}

#[test]
fn every_mistake_is_told_with_its_place() {
    let recognizers = json!([
        { "id": "presidio", "cluster": "outbound|80||presidio", "score": 1.5, "timeout": "1m", "max_message": "1MiB", "in_flight": 0 },
        { "id": "presidio", "cluster": "other", "unavailable": "ignore" },
        { "id": "unused", "cluster": "unused" },
    ]);
    let masking = json!([
        { "id": "names", "recognizer": "presido", "entities": ["PERSON"], "then": "replace" },
        { "id": "alone", "recognizer": "presidio", "then": "replace" },
        { "id": "nobody", "detect": ["email"], "entities": ["PERSON"], "then": "replace" },
        { "id": "wrong", "recognizer": "presidio", "entities": ["PER SON"], "then": "replace" },
        { "id": "away", "recognizer": "presidio", "entities": ["PERSON"], "then": "refuse", "direction": "both" },
    ]);
    let told = policy(&recognizers, &masking).unwrap_err();
    for part in [
        "recognizers[0].score",
        "from 0 to 1",
        "recognizers[0].timeout",
        "recognizers[0].max_message",
        "recognizers[0].in_flight",
        "is no host name",
        "recognizers[1].id",
        "is taken by",
        "recognizers[1].unavailable",
        "recognizers[2].id",
        "no masking rule has",
        "masking[0].recognizer",
        "did you mean `presidio`",
        "masking[1]",
        "needs `entities`",
        "masking[2].entities",
        "masking[3].entities",
        "masking[4]",
        "answers only",
    ] {
        assert!(told.contains(part), "{part}: {told}");
    }
}
