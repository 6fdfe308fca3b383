//! People are told: each channel against a receiver of our own.

use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit, Mac};
use serde_json::{Value, json};
use sha2::Sha256;
use tokio::net::TcpListener;

use super::stand::{Plan, Stand, URL};
use super::support::receivers::{Receiver, smtp};

fn with(notices: &str) -> Plan {
    Plan { more: format!("notices:\n{notices}"), ..Plan::default() }
}

async fn notice_of(stand: &Stand, id: &str, status: &str) -> Value {
    let ida = stand.token("ida", &["audit"]);
    for _ in 0..300 {
        let told = stand.get(&format!("/approver/v1/requests/{id}"), &ida).await.body;
        if let Some(notice) = told["notices"].as_array().unwrap().iter().find(|notice| notice["status"] == status) {
            return notice.clone();
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    panic!("no notice is {status}");
}

#[tokio::test(flavor = "multi_thread")]
async fn slack_and_teams_get_what_they_show() {
    let (slack, teams) = (Receiver::default(), Receiver::default());
    let notices = format!(
        "  - {{ id: chat, groups: [leads], slack: {{ url: \"{}\" }} }}\n  - {{ id: office, on: [requested, decided], teams: {{ url: \"{}\" }} }}\n  \
         - {{ id: others, groups: [security], slack: {{ url: \"{}\" }} }}\n",
        slack.start().await,
        teams.start().await,
        slack.start().await,
    );
    let stand = Stand::with(with(&notices)).await;
    let mut request = stand.request("chat");
    request["resource"]["id"] = json!("run <!channel> *sql*\nPerson: boss");
    let id = stand.asked(&request).await;
    let (_, body) = slack.nth(0).await;
    let text = body.to_string();
    assert!(text.contains("&lt;!channel&gt;") && !text.contains("<!channel> \\u"), "{text}");
    assert!(!body["blocks"][1].to_string().contains("<!channel>"), "{text}");
    assert!(!text.contains("\\nPerson: boss") && !text.contains("DELETE FROM"), "neither a made-up line nor arguments: {text}");
    let link = body["blocks"].as_array().unwrap().last().unwrap()["elements"][0]["url"].as_str().unwrap().to_owned();
    let prefix = format!("{URL}/r/{id}?link=");
    assert!(link.starts_with(&prefix), "{link}");

    let (_, card) = teams.nth(0).await;
    assert_eq!(card["attachments"][0]["contentType"], "application/vnd.microsoft.card.adaptive");
    assert_eq!(card["attachments"][0]["content"]["type"], "AdaptiveCard");
    assert!(card.to_string().contains("A write."));

    // The link opens what it was made for, and only as it was made.
    let page = async |path: &str| stand.client.get(format!("{}{path}", stand.url)).send().await.unwrap().status().as_u16();
    let signed = link.strip_prefix(URL).unwrap();
    assert_eq!(page(signed).await, 200);
    assert_eq!(page(&signed.replace(&id, &stand.asked(&stand.request("b")).await)).await, 403);
    assert_eq!(page(&signed[..signed.len() - 2]).await, 403);
    stand.clock.advance(32 * 86_400_000);
    assert_eq!(page(signed).await, 403);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_webhook_is_signed_and_tried_again() {
    let receiver = Receiver::default();
    receiver.answers.lock().unwrap().extend([500, 302]);
    let secret = "a secret of more than 24 bytes";
    let notices = format!("  - {{ id: hook, webhook: {{ url: \"{}\", secret: \"{secret}\" }} }}\n", receiver.start().await);
    let stand = Stand::with(with(&notices)).await;
    let id = stand.asked(&stand.request("hook")).await;
    let (first, _) = receiver.nth(0).await;
    stand.clock.advance(5_000);
    receiver.nth(1).await;
    stand.clock.advance(10_000);
    let (headers, body) = receiver.nth(2).await;
    assert_eq!((&body["type"], &body["data"]["request"]), (&json!("approval.requested"), &json!(id)));
    assert_eq!(first["webhook-id"], headers["webhook-id"], "it is the same message");
    let text = receiver.got.lock().unwrap()[2].1.clone();
    let header = |name: &str| headers[name].to_str().unwrap().to_owned();
    let mut mac = <Hmac<Sha256> as KeyInit>::new_from_slice(secret.as_bytes()).unwrap();
    mac.update(format!("{}.{}.{text}", header("webhook-id"), header("webhook-timestamp")).as_bytes());
    assert_eq!(header("webhook-signature"), format!("v1,{}", STANDARD.encode(mac.finalize().into_bytes())));
    let notice = notice_of(&stand, &id, "sent").await;
    assert_eq!((&notice["channel"], &notice["attempts"]), (&json!("hook"), &json!(3)));
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_is_called_to_what_is_decided() {
    let receiver = Receiver::default();
    receiver.answers.lock().unwrap().push(503);
    let notices =
        format!("  - {{ id: chat, on: [requested, break_glass, decided, expired], slack: {{ url: \"{}\" }} }}\n", receiver.start().await);
    let stand = Stand::with(with(&notices)).await;
    let id = stand.asked(&stand.request("late")).await;
    receiver.nth(0).await;
    let waiting = notice_of(&stand, &id, "due").await;
    assert_eq!(waiting["happening"], "requested");
    let glass = json!({ "decision": "approve", "break_glass": true, "reason": "down" });
    stand.decide(&id, &stand.token("oscar", &["on-call"]), glass).await;
    let told = [receiver.nth(1).await.1, receiver.nth(2).await.1].map(|body| body["text"].as_str().unwrap().to_owned());
    assert!(told.iter().any(|text| text.starts_with("Approved")) && told.iter().any(|text| text.starts_with("BREAK GLASS")), "{told:?}");
    stand.clock.advance(60_000);
    let dropped = notice_of(&stand, &id, "dropped").await;
    assert_eq!(dropped["happening"], "requested");
    assert_eq!(receiver.got.lock().unwrap().len(), 3);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_not_sent_is_sent_after_a_restart_and_errors_hold_no_secrets() {
    let receiver = Receiver::default();
    receiver.answers.lock().unwrap().push(500);
    let hook = receiver.start().await;
    let mut stand = Stand::with(with(&format!("  - {{ id: chat, slack: {{ url: \"{hook}\" }} }}\n"))).await;
    let id = stand.asked(&stand.request("restart")).await;
    receiver.nth(0).await;
    stand.restart().await;
    stand.clock.advance(60_000);
    receiver.nth(1).await;
    let notice = notice_of(&stand, &id, "sent").await;
    assert!(!notice.to_string().contains("/hook"));
}

#[tokio::test(flavor = "multi_thread")]
async fn mail_is_plain_text_with_a_link() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let server = listener.local_addr().unwrap();
    let notices = format!(
        "  - {{ id: mail, email: {{ server: \"{server}\", tls: none, from: \"Portcullis <approvals@example.com>\", to: [leads@example.com, \
         ops@example.com] }} }}\n"
    );
    let stand = Stand::with(with(&notices)).await;
    let mut request = stand.request("mail");
    request["resource"]["id"] = json!("run_sql\r\nBcc: everybody@example.com");
    let id = stand.asked(&request).await;
    let lines = tokio::time::timeout(Duration::from_secs(60), smtp(listener, false)).await.unwrap();
    let text = lines.join("\n");
    assert!(text.contains("RCPT TO:<leads@example.com>") && text.contains("RCPT TO:<ops@example.com>"), "{text}");
    assert!(text.contains("Auto-Submitted: auto-generated") && text.contains("Subject: Approval needed: run_sql"), "{text}");
    assert!(!lines.iter().any(|line| line.starts_with("Bcc:")), "{text}");
    let unfolded = text.replace("=\n", "").replace("=3D", "=");
    assert!(unfolded.contains(&format!("{URL}/r/{id}?link=")), "{text}");
    notice_of(&stand, &id, "sent").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn mail_does_not_go_in_the_clear_where_tls_is_said() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let server = listener.local_addr().unwrap();
    let notices = format!(
        "  - {{ id: mail, email: {{ server: \"{server}\", from: a@example.com, to: [b@example.com], username: me, password: hidden }} }}\n"
    );
    let stand = Stand::with(with(&notices)).await;
    let id = stand.asked(&stand.request("clear")).await;
    // It offers no STARTTLS.
    let lines = tokio::time::timeout(Duration::from_secs(60), smtp(listener, false)).await.unwrap();
    assert!(!lines.iter().any(|line| line.starts_with("AUTH") || line.starts_with("MAIL")), "{lines:?}");
    let notice = notice_of(&stand, &id, "due").await;
    assert!(!notice.to_string().contains("hidden"), "{notice}");
}
