//! Nobody approves their own call, whatever they call themselves; and enough different people do.

use portcullisctl::issuer::TokenRequest;
use serde_json::{Value, json};

use super::stand::Stand;

async fn refused(stand: &Stand, id: &str, token: &str, status: u16, error: &str) {
    for body in [json!({ "decision": "approve", "reason": "x" }), json!({ "decision": "approve", "reason": "x", "break_glass": true })] {
        let told = stand.decide(id, token, body).await;
        assert_eq!((told.status, told.body["error"].as_str()), (status, Some(error)), "{told:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_approves_their_own_call() {
    let stand = Stand::new().await;
    let id = stand.asked(&stand.request("own")).await;
    let leads = &["leads", "on-call"];
    let own = [
        ("the same subject", stand.token("ada", leads)),
        ("another address", stand.token_with("ada", leads, json!({ "email": "x@example.org" }))),
        ("no address", stand.token_with("ada", leads, json!({ "email": null }))),
        ("the same subject of another issuer", stand.other_token("ada", leads)),
        ("the same address", stand.token_with("a-l", leads, json!({ "email": "ADA@example.com" }))),
        ("the same mailbox", stand.token_with("a-l", leads, json!({ "email": "ada+work@example.com" }))),
        ("the address as a subject", stand.token_with("ada@example.com", leads, json!({ "email": null }))),
        ("the agent", stand.token_with("agent-7", leads, json!({ "email": null }))),
        ("the agent's owner", stand.token("owner", leads)),
    ];
    for (who, token) in own {
        println!("{who}");
        refused(&stand, &id, &token, 403, "own_request").await;
    }
    assert_eq!(stand.status(&id).await["task"]["status"], "pending");
    // Nor does a token with which an agent acts for somebody else.
    let acting = stand.token_with("bob", leads, json!({ "act": { "sub": "agent-7" } }));
    refused(&stand, &id, &acting, 401, "unauthorized").await;
    assert_eq!(stand.approve(&id, &stand.token("bob", leads)).await.status, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_second_login_is_the_same_person() {
    let stand = Stand::new().await;
    let mut request = stand.request("carol");
    let issuer = stand.issuer.issuer.clone();
    request["subject"]["id"] = json!(format!("{issuer}#carol"));
    request["subject"]["properties"]["subject"] = json!("carol");
    request["subject"]["properties"]["user"] = json!("carol");
    request["subject"]["properties"]["email"] = json!("carol@example.com");
    let id = stand.asked(&request).await;
    refused(&stand, &id, &stand.token("carol.admin", &["leads", "on-call"]), 403, "own_request").await;
    assert_eq!(stand.approve(&id, &stand.token("bob", &["leads"])).await.status, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn strangers_do_not_decide() {
    let stand = Stand::new().await;
    let id = stand.asked(&stand.request("x")).await;
    refused(&stand, &id, &stand.token("mallory", &["staff"]), 403, "not_an_approver").await;
    let tokens = [
        String::new(),
        "nonsense".to_owned(),
        stand.token_with("bob", &["leads"], json!({ "aud": "https://mcp.example.com/mcp" })),
        stand.token_with("bob", &["leads"], json!({ "exp": 1 })),
        stand.token_with("bob", &["leads"], json!({ "iss": "https://elsewhere.example.com" })),
        format!("{}x", stand.token("bob", &["leads"])),
    ];
    for token in tokens {
        refused(&stand, &id, &token, 401, "unauthorized").await;
    }
    assert_eq!(stand.decide("apr_none", &stand.token("bob", &["leads"]), json!({ "decision": "approve" })).await.status, 404);
    for body in [json!({}), json!({ "decision": "maybe" }), json!({ "decision": "approve", "reason": 1 })] {
        assert_eq!(stand.decide(&id, &stand.token("bob", &["leads"]), body).await.status, 400);
    }
}

fn with_quorum(stand: &Stand, name: &str, groups: &[&str], quorum: usize, distinct: bool) -> Value {
    let mut request = stand.request(name);
    request["context"]["approvers"] = json!({ "groups": groups, "quorum": quorum, "distinct_groups": distinct, "reason": "required" });
    request
}

#[tokio::test(flavor = "multi_thread")]
async fn enough_different_people() {
    let stand = Stand::new().await;
    let id = stand.asked(&with_quorum(&stand, "two", &["leads"], 2, false)).await;
    let missing = stand.decide(&id, &stand.token("bob", &["leads"]), json!({ "decision": "approve" })).await;
    assert_eq!((missing.status, missing.body["error"].as_str()), (422, Some("reason_missing")));
    // One person, two logins.
    let carol = stand.approve(&id, &stand.token("carol", &["leads"])).await;
    assert_eq!((carol.status, carol.body["task"]["status"].as_str()), (200, Some("pending")));
    for again in [stand.token("carol", &["leads"]), stand.token("carol.admin", &["leads"]), stand.other_token("carol", &["leads"])] {
        assert_eq!(stand.approve(&id, &again).await.body["error"], "already_said");
    }
    assert_eq!(stand.approve(&id, &stand.token("bob", &["leads"])).await.body["task"]["status"], "approved");

    let id = stand.asked(&with_quorum(&stand, "groups", &["leads", "security"], 2, true)).await;
    for name in ["bob", "carol"] {
        assert_eq!(stand.approve(&id, &stand.token(name, &["leads"])).await.body["task"]["status"], "pending");
    }
    assert_eq!(stand.approve(&id, &stand.token("sam", &["security"])).await.body["task"]["status"], "approved");
    let said = stand.status(&id).await;
    assert_eq!(said["approval"]["decisions"].as_array().unwrap().len(), 3);
}

#[tokio::test(flavor = "multi_thread")]
async fn broken_glass_is_looked_at() {
    let stand = Stand::new().await;
    let id = stand.asked(&with_quorum(&stand, "glass", &["leads"], 2, false)).await;
    let oscar = stand.token("oscar", &["on-call"]);
    assert_eq!(stand.approve(&id, &oscar).await.body["error"], "break_glass_only");
    let silent = stand.decide(&id, &oscar, json!({ "decision": "approve", "break_glass": true })).await;
    assert_eq!(silent.status, 422);
    let broken = stand.decide(&id, &oscar, json!({ "decision": "approve", "break_glass": true, "reason": "the shop is down" })).await;
    assert_eq!((broken.status, &broken.body["task"]["review"]), (200, &json!("open")));
    assert_eq!(stand.status(&id).await["approval"]["decisions"][0]["break_glass"], true);

    let sam = stand.token("sam", &["security"]);
    let open = stand.get("/approver/v1/requests?view=reviews", &sam).await;
    assert_eq!(open.body["requests"][0]["id"], id.as_str());
    let path = format!("/approver/v1/requests/{id}/review");
    let opinion = json!({ "justified": true, "reason": "it was down" });
    for (token, status) in [(stand.token("oscar", &["security"]), 403), (stand.token("ada", &["security"]), 403), (oscar, 403)] {
        assert_eq!(stand.call(reqwest::Method::POST, &path, &token, &[], Some(&opinion)).await.status, status);
    }
    let reviewed = stand.call(reqwest::Method::POST, &path, &sam, &[], Some(&opinion)).await;
    assert_eq!((reviewed.status, &reviewed.body["task"]["review"]), (200, &json!("done")));
    assert_eq!(stand.call(reqwest::Method::POST, &path, &sam, &[], Some(&opinion)).await.status, 409);
    let whole = stand.get(&format!("/approver/v1/requests/{id}"), &sam).await;
    assert_eq!(whole.body["emergency"]["reason"], "it was down");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_program_that_is_not_listed_decides_nothing() {
    let plan = super::stand::Plan { approvers: "  clients: [console]\n".to_owned(), ..Default::default() };
    let stand = Stand::with(plan).await;
    let id = stand.asked(&stand.request("x")).await;
    let agent =
        TokenRequest { user: "bob".to_owned(), groups: vec!["leads".to_owned()], client: Some("agent-7".to_owned()), ..Default::default() };
    assert_eq!(stand.approve(&id, &stand.issuer.token(&agent).unwrap()).await.status, 401);
    assert_eq!(stand.approve(&id, &stand.token("bob", &["leads"])).await.status, 200);
}
