//! The same on PostgreSQL, if this machine has one.

use std::time::Duration;

use super::self_approval;
use super::stand::{Plan, SECRET, Stand};
use super::support::postgres::Postgres;
use super::{stores, upgrade};

#[tokio::test(flavor = "multi_thread")]
async fn everything_holds_on_postgresql() {
    let Some(postgres) = Postgres::start() else { return };
    let on = async |name: &str| Stand::with(Plan { store: Some(postgres.store(name).await), ..Plan::default() }).await;
    stores::one_of_a_thousand_wins(&on("race").await).await;
    stores::nothing_is_lost(&mut on("restart").await).await;
    stores::the_same_question_is_one_request(&on("idempotency").await).await;
    stores::what_ended_long_ago_is_forgotten(Some(postgres.store("keep").await)).await;

    self_approval::one_person_is_one(&on("people").await).await;

    let old = postgres.store("old").await;
    postgres.connect("old").await.batch_execute(&upgrade::for_postgres()).await.unwrap();
    upgrade::goes_on(old).await;

    // Replicas that start on an empty database at once.
    let store = postgres.store("together").await;
    let plan = || Plan { store: Some(store.clone()), ..Plan::default() };
    let (one, two, three) = tokio::join!(Stand::with(plan()), Stand::with(plan()), Stand::with(plan()));
    let id = one.asked(&one.request("x")).await;
    assert_eq!(
        (two.status(&id).await["task"]["status"].clone(), three.status(&id).await["task"]["status"].clone()),
        ("pending".into(), "pending".into())
    );

    // Connections that break are made anew.
    let client = postgres.connect("together").await;
    let others = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = 'together' AND pid <> pg_backend_pid()";
    client.batch_execute(others).await.unwrap();
    let path = format!("/access/v1/requests/{id}");
    let mut answered = 503;
    for _ in 0..50 {
        answered = one.call(reqwest::Method::GET, &path, SECRET, &[], None).await.status;
        assert!([200, 503].contains(&answered), "{answered}");
        if answered == 200 {
            break;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    assert_eq!(answered, 200);

    // What the server itself sees to.
    for sql in ["UPDATE journal SET event = 'x'", "DELETE FROM journal", "TRUNCATE journal"] {
        assert!(client.batch_execute(sql).await.unwrap_err().as_db_error().unwrap().message().contains("only added to"), "{sql}");
    }
}
