//! What people's programs see.

use reqwest::Method;
use serde_json::{Value, json};

use super::stand::{Stand, use_name};

fn ids(told: &Value) -> Vec<&str> {
    told["requests"].as_array().unwrap().iter().map(|request| request["id"].as_str().unwrap()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn people_see_what_is_theirs_to_see() {
    let stand = Stand::new().await;
    let first = stand.asked(&stand.request("first")).await;
    let mut request = stand.request("second");
    request["context"]["approvers"]["groups"] = json!(["security"]);
    request["resource"]["id"] = json!("drop_everything");
    let second = stand.asked(&request).await;
    let who = |name: &str, group: &str| stand.token(name, &[group]);
    for (token, expected) in [
        (who("bob", "leads"), vec![&first]),
        (who("sam", "security"), vec![&second]),
        (who("ida", "audit"), vec![&second, &first]),
        (who("oscar", "on-call"), vec![&second, &first]),
        (who("ada", "engineering"), vec![&second, &first]),
        (who("mallory", "staff"), vec![]),
    ] {
        assert_eq!(ids(&stand.get("/approver/v1/requests", &token).await.body), expected);
        for id in [&first, &second] {
            let status = stand.get(&format!("/approver/v1/requests/{id}"), &token).await.status;
            assert_eq!(status == 200, expected.contains(&id), "{id}");
        }
    }
    let may = |whole: &Value| (whole["may"]["approve"].clone(), whole["may"]["why_not"].clone());
    let path = format!("/approver/v1/requests/{first}");
    for (token, approve, why) in [
        (who("bob", "leads"), true, Value::Null),
        (who("ada", "leads"), false, json!("own_request")),
        (who("ida", "audit"), false, json!("not_an_approver")),
        (who("oscar", "on-call"), false, json!("break_glass_only")),
    ] {
        assert_eq!(may(&stand.get(&path, &token).await.body), (json!(approve), why));
    }
    let me = stand.get("/approver/v1/me", &who("ida", "audit")).await;
    assert_eq!((&me.body["auditor"], &me.body["name"]), (&json!(true), &json!("ida@example.com")));
}

#[tokio::test(flavor = "multi_thread")]
async fn one_request_is_told_with_all_that_matters() {
    let stand = Stand::new().await;
    let before = stand.asked(&stand.request("before")).await;
    stand.clock.advance(10);
    let id = stand.asked(&stand.request("now")).await;
    let bob = stand.token("bob", &["leads"]);
    let whole = stand.get(&format!("/approver/v1/requests/{id}"), &bob).await.body;
    assert_eq!(whole["arguments"]["sql"], "DELETE FROM orders");
    assert_eq!((&whole["person"]["email"], &whole["agent"]["client"]), (&json!("ada@example.com"), &json!("agent-7")));
    assert_eq!((&whole["rule"], &whole["message"]), (&json!("dba-writes"), &json!("A write.")));
    assert_eq!(whole["recent"][0]["id"], before.as_str());
    stand.approve(&id, &bob).await;
    stand.consume(&id, stand.request("now")["context"]["binding"].as_str().unwrap(), &use_name(7)).await;
    let whole = stand.get(&format!("/approver/v1/requests/{id}"), &bob).await.body;
    let events: Vec<&str> = whole["history"].as_array().unwrap().iter().map(|line| line["event"].as_str().unwrap()).collect();
    assert_eq!(events, ["requested", "decision", "consumed"]);
    assert_eq!((&whole["status"], &whole["decisions"][0]["reason"]), (&json!("consumed"), &json!("looked at it")));
    assert!(!whole["history"].to_string().contains("DELETE FROM"), "arguments stay out of what is kept for ever");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_past_is_searched_and_turned_over() {
    let stand = Stand::new().await;
    let mut all = Vec::new();
    for number in 0..7 {
        let mut request = stand.request(&format!("call {number}"));
        request["resource"]["id"] = json!(format!("tool_{number}%"));
        all.push(stand.asked(&request).await);
        // Two of the same moment: the order is one all the same.
        stand.clock.advance(number % 2);
    }
    let bob = stand.token("bob", &["leads"]);
    stand.approve(&all[3], &bob).await;
    let (mut seen, mut next) = (Vec::new(), String::new());
    loop {
        let page = stand.get(&format!("/approver/v1/requests?view=all&limit=3{next}"), &bob).await.body;
        seen.extend(ids(&page).into_iter().map(str::to_owned));
        match page["next"].as_str() {
            Some(id) => next = format!("&before={id}"),
            None => break,
        }
    }
    let (mut sorted, mut expected) = (seen.clone(), all.clone());
    sorted.sort();
    expected.sort();
    assert_eq!(sorted, expected, "each once");
    for (query, count) in
        [("q=TOOL_3", 1), ("q=tool", 7), ("q=_3%25", 1), ("q=%25%25", 0), ("q=ada@", 7), ("q=t__l", 0), ("view=approved", 1)]
    {
        let query = if query.starts_with("view") { query.to_owned() } else { format!("view=all&{query}") };
        assert_eq!(ids(&stand.get(&format!("/approver/v1/requests?{query}"), &bob).await.body).len(), count, "{query}");
    }
    assert_eq!(stand.get("/approver/v1/requests?view=mine", &bob).await.status, 400);
    for query in ["limit=x", "limit=0", "limit=201", &format!("q={}", "x".repeat(201))] {
        assert_eq!(stand.get(&format!("/approver/v1/requests?{query}"), &bob).await.status, 400, "{query}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stream_tells_what_happens_and_goes_on_where_it_broke_off() {
    let stand = Stand::new().await;
    let bob = stand.token("bob", &["leads"]);
    let first = stand.asked(&stand.request("first")).await;
    let url = format!("{}/approver/v1/events", stand.url);
    let mut live = stand.client.get(&url).bearer_auth(&bob).send().await.unwrap();
    assert_eq!(live.headers()["content-type"], "text/event-stream");
    assert!(next(&mut live).await.contains("event: ready"));
    let mut hidden = stand.request("hidden");
    hidden["context"]["approvers"]["groups"] = json!(["security"]);
    stand.asked(&hidden).await;
    stand.approve(&first, &bob).await;
    let event = next(&mut live).await;
    assert!(event.contains("\"decision\"") && event.contains(&first), "not the one of others: {event}");

    let mut again = stand.client.get(&url).bearer_auth(&bob).header("last-event-id", "0").send().await.unwrap();
    let told = [next(&mut again).await, next(&mut again).await, next(&mut again).await].concat();
    assert!(told.contains("\"requested\"") && told.contains("\"decision\""), "{told}");
}

/// One event.
async fn next(response: &mut reqwest::Response) -> String {
    let mut text = String::new();
    while !text.ends_with("\n\n") {
        let chunk = tokio::time::timeout(std::time::Duration::from_secs(20), response.chunk()).await.expect("nothing comes");
        text.push_str(&String::from_utf8_lossy(&chunk.unwrap().expect("the stream ended")));
    }
    text
}

#[tokio::test(flavor = "multi_thread")]
async fn the_journal_is_for_auditors_and_unbroken() {
    let stand = Stand::new().await;
    let id = stand.asked(&stand.request("x")).await;
    stand.approve(&id, &stand.token("bob", &["leads"])).await;
    assert_eq!(stand.get("/approver/v1/journal", &stand.token("bob", &["leads"])).await.status, 403);
    let journal = stand.get("/approver/v1/journal?after=0", &stand.token("ida", &["audit"])).await.body;
    let entries = journal["entries"].as_array().unwrap();
    assert_eq!(entries.len(), 2);
    assert_eq!(entries[0]["previous"], "");
    assert_eq!(entries[1]["previous"], entries[0]["hash"]);
    assert_eq!(journal["head"]["hash"], entries[1]["hash"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn every_answer_is_guarded_and_every_link_signed() {
    let stand = Stand::new().await;
    let id = stand.asked(&stand.request("x")).await;
    let page = |path: String| stand.client.get(format!("{}{path}", stand.url)).send();
    let told = page(format!("/r/{id}")).await.unwrap();
    assert_eq!(told.status(), 200);
    for (name, value) in [("cache-control", "no-store"), ("x-content-type-options", "nosniff"), ("referrer-policy", "no-referrer")] {
        assert_eq!(told.headers()[name], value);
    }
    assert!(told.headers()["content-security-policy"].to_str().unwrap().contains("frame-ancestors 'none'"));
    assert!(!told.text().await.unwrap().contains("DELETE"));
    assert_eq!(page(format!("/r/{id}?link=a.b.c")).await.unwrap().status(), 403);
    assert_eq!(page("/r/x".to_owned()).await.unwrap().status(), 404);
    assert_eq!(page("/nowhere".to_owned()).await.unwrap().status(), 404);
    assert_eq!(stand.call(Method::GET, "/healthz", "", &[], None).await.body["journal"], 1);
}
