//! Calls that do not run to their end, and policies that change under them.

use portcullisctl::demo::{
    client::{Era, text},
    stand::Setup,
};
use serde_json::json;

use super::support::{Rig, eventually, within};

#[tokio::test(flavor = "multi_thread")]
async fn a_cancelled_call_is_cancelled_at_the_server() {
    let rig = Rig::start(Setup::default()).await;
    for (era, count) in [(Era::Legacy, 1), (Era::Modern, 2)] {
        let client = rig.connect("ada", "engineering", era).await;
        let running = within(client.begin("export_orders", &json!({ "steps": 200, "step_ms": 100 }))).await.unwrap();
        eventually("progress", || client.heard().progress().len() >= 2).await;
        within(running.cancel()).await.unwrap();
        eventually("the server stops", || rig.stand.server.cancelled_exports() == count).await;
        let after = within(client.call("search", &json!({ "query": "chain" }))).await.unwrap();
        assert!(text(&after).contains("Hannah"), "{era:?}: the session goes on");
        within(client.close()).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_client_that_goes_away_ends_the_call_and_is_on_record() {
    let rig = Rig::start(Setup::default()).await;
    let token = rig.token("ada", "engineering");
    let mut response = rig.call_by_hand(&token, "export_orders", &json!({ "steps": 200, "step_ms": 100 })).await;
    assert_eq!(response.status(), 200);
    assert!(within(response.chunk()).await.unwrap().is_some());
    drop(response);
    eventually("the server stops", || rig.stand.server.cancelled_exports() == 1).await;
    let record = rig.records.wait_for(|record| record.target() == "export_orders").await.expect("a record of the call");
    assert_eq!((record.user(), record.stage()), ("ada", "aborted"));
    // The worker lives: others are served.
    let client = rig.connect("ada", "engineering", Era::Modern).await;
    assert_eq!(within(client.tools()).await.unwrap().len(), 5);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bad_policy_is_refused_and_the_old_one_stays() {
    let mut rig = Rig::start(Setup::default()).await;
    let client = rig.connect("ada", "engineering", Era::Legacy).await;
    let mail = json!({ "to": "ravi.menon@example.org", "subject": "Your chain", "body": "It is ready." });
    assert!(rig.stand.change_policy("mode: observe", "mode: obsrve").await.is_err());
    assert_ne!(within(client.call("send_email", &mail)).await.unwrap().is_error, Some(true));
    rig.stand.change_policy("mode: obsrve", "mode: enforce").await.unwrap();
    let mut refused = false;
    for _ in 0..20 {
        refused = within(client.call("send_email", &mail)).await.unwrap().is_error == Some(true);
        if refused {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(100)).await;
    }
    assert!(refused, "the corrected policy is in force within two seconds");
}

/// A stream goes on under the policy it began with; a call made meanwhile is under the new one.
#[tokio::test(flavor = "multi_thread")]
async fn a_policy_changes_while_answers_stream() {
    let mut rig = Rig::start(Setup { json: false, ..Setup::default() }).await;
    for era in [Era::Legacy, Era::Modern] {
        rig.records.mark();
        let client = rig.connect("ada", "engineering", era).await;
        let running = within(client.begin("export_orders", &json!({ "steps": 20, "step_ms": 100 }))).await.unwrap();
        eventually("progress", || client.heard().progress().len() >= 2).await;
        rig.stand.change_policy("mode: observe", "mode: enforce").await.unwrap();
        assert!(client.heard().progress().len() < 20, "{era:?}: the export was to be running while the policy changed");
        let mail = json!({ "to": "ravi.menon@example.org", "subject": "Your chain", "body": "It is ready." });
        assert_eq!(within(client.call("send_email", &mail)).await.unwrap().is_error, Some(true), "{era:?}: the new policy is in force");
        within(running.result()).await.unwrap();
        eventually("all progress", || client.heard().progress().len() == 20).await;
        let notes: Vec<String> = client.heard().progress().into_iter().filter_map(|note| note.message).collect();
        assert!(notes.iter().all(|note| note.contains("***") && note.contains("@example.")), "{era:?}: {notes:?}");
        within(client.close()).await;

        let export = rig.records.wait_for(|record| record.target() == "export_orders").await.expect("a record of the export");
        let mail = rig.records.wait_for(|record| record.target() == "send_email").await.expect("a record of the mail");
        assert_eq!((export.stage(), mail.action()), ("completed", "Denied"), "{era:?}");
        assert_ne!(export.policy(), mail.policy(), "{era:?}: each record names the policy it was decided under");
        rig.stand.change_policy("mode: enforce", "mode: observe").await.unwrap();
    }
}
