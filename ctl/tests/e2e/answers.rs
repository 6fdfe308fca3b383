//! Calls and their answers, in both eras and in every shape a server gives them.

use portcullisctl::demo::{
    client::{Client, Era, text, whole},
    server::personal,
    stand::Setup,
};
use serde_json::{Value, json};

use super::support::{Rig, within};

#[tokio::test(flavor = "multi_thread")]
async fn allowed_masked_and_refused_in_both_eras_as_json_and_as_sse() {
    for (json, sessions) in [(true, true), (false, true), (true, false)] {
        let rig = Rig::start(Setup { json, sessions, ..Setup::default() }).await;
        for (era, revision) in [(Era::Legacy, "2025-11-25"), (Era::Modern, "2026-07-28")] {
            let case = format!("json {json}, sessions {sessions}, {era:?}");
            let client = rig.connect("ada", "engineering", era).await;
            assert_eq!(client.revision(), revision, "{case}");
            assert_eq!(within(client.tools()).await.unwrap().len(), 5, "{case}: all but the one that she may never use");
            a_customer_is_masked(&client, &case).await;

            let before = rig.stand.reached("run_sql");
            let refused = within(client.call("run_sql", &json!({ "sql": "DROP TABLE customers" }))).await.unwrap();
            assert_eq!(refused.is_error, Some(true), "{case}");
            assert!(text(&refused).contains("Only database administrators"), "{case}: {}", text(&refused));
            assert_eq!(rig.stand.reached("run_sql"), before, "{case}");

            // A refusal does not end the session.
            a_customer_is_masked(&client, &case).await;
            within(client.close()).await;
        }
    }
}

async fn a_customer_is_masked(client: &Client, case: &str) {
    let found = within(client.call("lookup_customer", &json!({ "name": "abbott" }))).await.unwrap();
    let all = whole(&found);
    assert!(all.contains("Hannah Abbott") && all.contains("[MASKED:"), "{case}: {all}");
    let structured = found.structured_content.as_ref().unwrap();
    let said: Value = serde_json::from_str(&text(&found)).unwrap();
    assert_eq!(structured, &said, "{case}: both forms are masked alike");
    for raw in personal() {
        assert!(!all.contains(&raw.value), "{case}: {} got through", raw.what);
    }
}

/// One megabyte of answer with a finding in every row: what is not a finding comes through untouched, whatever the chunks.
#[tokio::test(flavor = "multi_thread")]
async fn a_large_answer_is_masked_to_its_end_and_otherwise_untouched() {
    for json in [true, false] {
        let rig = Rig::start(Setup { json, ..Setup::default() }).await;
        for era in [Era::Legacy, Era::Modern] {
            let client = rig.connect("grace", "dba", era).await;
            let sql = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n LIMIT 200) \
                       SELECT i, 'user' || i || '@example.com' AS mail, printf('%.*c', 5000, 'é') AS pad FROM n";
            let answer = within(client.call("run_sql", &json!({ "sql": sql }))).await.unwrap();
            let rows: Vec<Value> = serde_json::from_str(&text(&answer)).unwrap();
            assert_eq!(rows.len(), 200);
            for (row, i) in rows.iter().zip(1..) {
                let mail = row["mail"].as_str().unwrap();
                assert!(mail.starts_with('*') && mail.ends_with("@example.com"), "row {i}: {mail}");
                assert_eq!(row["i"], json!(i));
                assert_eq!(row["pad"].as_str().unwrap(), "é".repeat(5000), "row {i}");
            }
            within(client.close()).await;
        }
    }
}

/// What a caller may see is decided call by call, not worker by worker.
#[tokio::test(flavor = "multi_thread")]
async fn callers_at_the_same_time_each_get_their_own_view() {
    let rig = Rig::start(Setup::default()).await;
    let ada = rig.connect("ada", "engineering", Era::Modern).await;
    let mina = rig.connect("mina", "privacy", Era::Legacy).await;
    let ask = json!({ "id": 2 });
    for _ in 0..10 {
        let (hidden, shown, hidden_too) = within(async {
            tokio::join!(ada.call("lookup_customer", &ask), mina.call("lookup_customer", &ask), ada.call("lookup_customer", &ask))
        })
        .await;
        assert!(whole(&shown.unwrap()).contains("ravi.menon@example.org"));
        for hidden in [hidden.unwrap(), hidden_too.unwrap()] {
            assert!(!whole(&hidden).contains("ravi.menon"));
        }
    }
}
