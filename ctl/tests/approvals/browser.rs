//! The page in a real browser, where there is one: `PORTCULLIS_CHROMIUM` names it, `NODE_PATH` where `playwright-core` is.

use serde_json::{Value, json};

use super::stand::{Plan, SECRET, Stand, digest};

#[tokio::test(flavor = "multi_thread")]
async fn people_click_through() {
    if std::env::var_os("PORTCULLIS_CHROMIUM").is_none() {
        eprintln!("skipped: PORTCULLIS_CHROMIUM is not set");
        return;
    }
    let stand = Stand::with(Plan { page: true, ..Plan::default() }).await;
    let id = stand.asked(&stand.request("first")).await;
    let hostile = stand.asked(&hostile(&stand)).await;
    let emergency = stand.asked(&stand.request("emergency")).await;
    for name in ["other", "another"] {
        let id = stand.asked(&stand.request(name)).await;
        let token = stand.token("carol", &["leads"]);
        assert_eq!(stand.decide(&id, &token, json!({ "decision": "deny", "reason": "no" })).await.status, 200);
    }
    let told = json!({ "url": stand.url, "secret": SECRET, "id": id, "hostile": hostile, "emergency": emergency, "later": stand.request("later") });
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/approvals/browser.cjs");
    let run = tokio::process::Command::new("node").arg(script).env("PORTCULLIS_STAND", told.to_string()).kill_on_drop(true).output();
    let run = tokio::time::timeout(std::time::Duration::from_secs(120), run).await.unwrap().unwrap();
    assert!(run.status.success(), "{}{}", String::from_utf8_lossy(&run.stdout), String::from_utf8_lossy(&run.stderr));
}

/// What would run, be wide or be long, in every field.
fn hostile(stand: &Stand) -> Value {
    let evil = format!("<script>alert(1)</script>\"'><img src=x onerror=alert(2)>\u{202e}{}", "wide".repeat(60));
    let shown = json!({ "rows": vec![evil.clone(); 40] });
    let mut request = stand.request("hostile");
    request["context"]["shown_digest"] = json!(digest(&serde_json::to_string(&shown).unwrap()));
    request["context"]["shown"] = shown;
    request["resource"]["id"] = json!(&evil[..120]);
    for place in ["user", "email", "client"] {
        request["subject"]["properties"][place] = json!(evil);
    }
    for place in ["rule", "message", "session"] {
        request["context"][place] = json!(evil);
    }
    request
}
