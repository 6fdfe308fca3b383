//! The ways in which somebody could be their own second pair of eyes.

use portcullisctl::issuer::TokenRequest;
use serde_json::{Value, json};

use super::stand::{Plan, SECRET, Stand, URL, use_name};
use super::support::receivers::Receiver;

/// Nothing that this token says changes the request.
async fn gets_nowhere(stand: &Stand, id: &str, token: &str, status: u16, error: &str) {
    let before = stand.status(id).await["task"].clone();
    for body in [
        json!({ "decision": "approve", "reason": "x" }),
        json!({ "decision": "approve", "reason": "x", "break_glass": true }),
        json!({ "decision": "deny", "reason": "x" }),
    ] {
        let told = stand.decide(id, token, body).await;
        assert_eq!((told.status, told.body["error"].as_str()), (status, Some(error)), "{told:?}");
    }
    assert_eq!(stand.status(id).await["task"], before);
}

fn token_of(stand: &Stand, user: &str, client: Option<&str>, extra: Value) -> String {
    let request = TokenRequest {
        user: user.to_owned(),
        groups: vec!["leads".to_owned(), "on-call".to_owned()],
        client: client.map(str::to_owned),
        extra: extra.as_object().cloned().unwrap(),
        ..TokenRequest::default()
    };
    stand.issuer.token(&request).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn another_name_for_oneself() {
    let stand = Stand::new().await;
    let id = stand.asked(&stand.request("names")).await;
    for (user, client, extra) in [
        // With another program, in capitals, and with groups that came later.
        ("ada", Some("other-console"), json!({})),
        ("ADA", Some("console"), json!({})),
        ("Agent-7", Some("console"), json!({})),
        ("someone", Some("console"), json!({ "email": "Ada+approver@EXAMPLE.com." })),
        ("someone", Some("console"), json!({ "email": " ada@example.com" })),
        // The agent's owner, as the configuration has it (`agent-*`).
        ("someone", Some("console"), json!({ "email": "OWNER@example.com" })),
        ("owner@example.com", None, json!({})),
    ] {
        println!("{user} {extra}");
        gets_nowhere(&stand, &id, &token_of(&stand, user, client, extra), 403, "own_request").await;
    }
}

/// An agent has tokens of all who use it: with Bob's it could approve what it asks for Ada.
#[tokio::test(flavor = "multi_thread")]
async fn the_program_that_asks_does_not_decide() {
    let stand = Stand::new().await;
    let id = stand.asked(&stand.request("program")).await;
    for client in ["agent-7", "Agent-7"] {
        gets_nowhere(&stand, &id, &token_of(&stand, "bob", Some(client), json!({})), 403, "own_request").await;
    }
    assert_eq!(stand.approve(&id, &token_of(&stand, "bob", Some("console"), json!({}))).await.status, 200);
}

/// Client credentials: the subject is the agent itself, and its client may be called anything.
#[tokio::test(flavor = "multi_thread")]
async fn an_agent_that_is_nobodys_has_an_owner_all_the_same() {
    let stand = Stand::new().await;
    for (name, subject, client) in [("itself", "agent-9", None), ("capitals", "AGENT-9", None), ("another id", "agent-9", Some("f3a1"))] {
        let mut request = stand.request(name);
        request["subject"]["id"] = json!(format!("{}#{subject}", stand.issuer.issuer));
        request["subject"]["properties"] = json!({ "issuer": stand.issuer.issuer, "subject": subject, "user": subject, "client": client });
        let id = stand.asked(&request).await;
        let owner = token_of(&stand, "someone", Some("console"), json!({ "email": "owner@example.com" }));
        gets_nowhere(&stand, &id, &owner, 403, "own_request").await;
        assert_eq!(stand.approve(&id, &stand.token("bob", &["leads"])).await.status, 200);
    }
}

/// One person at two issuers, many times at once, at two replicas.
#[tokio::test(flavor = "multi_thread")]
async fn one_person_at_once_is_one_person() {
    one_person_is_one(&Stand::new().await).await;
}

pub async fn one_person_is_one(stand: &Stand) {
    let replica = stand.replica().await;
    let urls = [stand.url.clone(), format!("http://{}", replica.address)];
    let mut request = stand.request("quorum");
    request["context"]["approvers"]["quorum"] = json!(2);
    let id = stand.asked(&request).await;
    let tokens = [stand.token("carol", &["leads"]), stand.other_token("carol", &["leads"]), stand.token("carol.admin", &["leads"])];
    let mut deciding = tokio::task::JoinSet::new();
    for number in 0..30_usize {
        let url = format!("{}/access/v1/requests/{id}/decisions", urls[number % 2]);
        let sent = stand.client.post(url).bearer_auth(&tokens[number % 3]).json(&json!({ "decision": "approve", "reason": "x" }));
        deciding.spawn(async move { sent.send().await.unwrap().status().as_u16() });
    }
    let said = deciding.join_all().await;
    assert_eq!(said.iter().filter(|status| **status == 200).count(), 1, "{said:?}");
    assert!(said.iter().all(|status| [200, 409].contains(status)), "{said:?}");
    assert_eq!(stand.status(&id).await["task"]["status"], "pending");
    assert_eq!(stand.approve(&id, &stand.token("bob", &["leads"])).await.body["task"]["status"], "approved");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_callers_and_filters_hold_decides_nothing() {
    let stand = Stand::new().await;
    let id = stand.asked(&stand.request("held")).await;
    gets_nowhere(&stand, &id, SECRET, 401, "unauthorized").await;
    // Ada's token for the guarded server, even in a lead's hands.
    for user in ["ada", "bob"] {
        let call = json!({ "aud": "https://mcp.example.com/mcp" });
        gets_nowhere(&stand, &id, &stand.token_with(user, &["leads"], call), 401, "unauthorized").await;
    }
    // And an approver's token asks for nothing.
    let bob = stand.token("bob", &["leads"]);
    let consume = json!({ "binding": stand.request("held")["context"]["binding"], "use": use_name(1) });
    let path = format!("/access/v1/requests/{id}");
    for (path, body) in
        [(format!("{path}/consume"), consume), (format!("{path}/cancel"), json!({})), ("/access/v1/requests".to_owned(), json!({}))]
    {
        assert_eq!(stand.call(reqwest::Method::POST, &path, &bob, &[], Some(&body)).await.status, 401);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_word_counts_once_and_for_its_request() {
    let stand = Stand::new().await;
    let bob = stand.token("bob", &["leads"]);
    let (id, other) = (stand.asked(&stand.request("one")).await, stand.asked(&stand.request("two")).await);
    let word = json!({ "decision": "approve", "reason": "x", "task": other, "binding": stand.request("two")["context"]["binding"] });
    assert_eq!(stand.decide(&id, &bob, word.clone()).await.status, 200);
    let binding = stand.request("one")["context"]["binding"].as_str().unwrap().to_owned();
    assert_eq!(stand.consume(&id, &binding, &use_name(1)).await.status, 200);
    // Played again: the approval that is spent stays so, and what is asked anew is not approved by it.
    assert_eq!(stand.decide(&id, &bob, word).await.body["error"], "already_decided");
    let again = stand.asked(&stand.request("one")).await;
    assert_ne!(again, id);
    for waits in [again, other] {
        assert_eq!(stand.status(&waits).await["task"]["status"], "pending");
    }
}

/// A link leads to a request and is no word on it.
#[tokio::test(flavor = "multi_thread")]
async fn a_signed_link_decides_nothing() {
    let chat = Receiver::default();
    let more = format!("notices:\n  - {{ id: chat, groups: [leads], slack: {{ url: \"{}\" }} }}\n", chat.start().await);
    let stand = Stand::with(Plan { more, page: true, ..Plan::default() }).await;
    let id = stand.asked(&stand.request("link")).await;
    let (_, notice) = chat.nth(0).await;
    let link = notice["blocks"].as_array().unwrap().last().unwrap()["elements"][0]["url"].as_str().unwrap().to_owned();
    assert!(!link.starts_with(URL) && link.starts_with(&format!("{}/r/{id}?link=", stand.url)), "{link}");
    let http = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).build().unwrap();
    let seen = http.get(&link).send().await.unwrap();
    let goes = seen.headers()["location"].to_str().unwrap().to_owned();
    assert_eq!((seen.status().as_u16(), goes), (303, format!("/login?to=%2Fr%2F{id}")));
    assert!(!seen.text().await.unwrap().contains("run_sql"));
    let secret = link.split_once("link=").unwrap().1;
    for (bearer, body) in
        [(None, "decision=approve&reason=x&csrf="), (None, "decision=approve&reason=x"), (Some(secret), "decision=approve")]
    {
        let form = http.post(&link).header("content-type", "application/x-www-form-urlencoded").body(format!("{body}{secret}"));
        let form = bearer.map_or_else(|| http.post(&link).body(body), |_| form);
        assert_eq!(form.send().await.unwrap().status().as_u16(), 401);
    }
    gets_nowhere(&stand, &id, secret, 401, "unauthorized").await;
}
