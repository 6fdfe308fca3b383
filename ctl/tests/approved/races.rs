//! A thousand retries of one approved call at once: as many reach the server as were approved.

use std::collections::BTreeMap;
use std::time::Instant;

use super::door::{Era, Told};
use super::site::{Site, Store};
use super::support::postgres::Postgres;
use super::support::setting;

#[tokio::test(flavor = "multi_thread")]
async fn as_many_of_a_thousand_pass_as_were_approved_on_postgresql() {
    let Some(postgres) = Postgres::start() else { return };
    let mut site = Site::open(Store::Postgres(postgres)).await;
    assert_eq!(race(&site, "once", "once").await, 1);
    assert_eq!(race(&site, "five", "five").await, 5);

    // The same policy once more, while they come: new VMs on each worker, the same approval.
    let id = approved(&site, "once", "reload").await;
    let calls = all_at_once(&site, "once", "reload");
    let policy = site.policy().to_owned();
    for door in &mut site.doors {
        door.replace_policy(&policy).await;
    }
    let told = counted("reload", calls).await;
    assert_eq!(site.upstream.arrivals("reload"), 1, "{told:?}");
    assert_eq!(site.stands(&id).await, ("approved".to_owned(), 0));
    println!("reload: {told:?}");
    site.clear().await;

    // Another policy is another question: its approval has to be another, too.
    let id = approved(&site, "once", "another").await;
    let other = policy.replace("\"leads\"", "\"leads\",\"chiefs\"");
    assert_ne!(other, policy);
    for door in &mut site.doors {
        door.replace_policy(&other).await;
    }
    for door in &site.doors {
        assert_eq!(door.call(&site.token(), "once", "another", Era::Legacy).await, Told::Waits);
    }
    assert_eq!((site.upstream.arrivals("another"), site.stands(&id).await.1), (0, 1));
    // With the old one back in force, it is found again.
    for door in &mut site.doors {
        door.replace_policy(&policy).await;
    }
    assert_eq!(site.doors[1].call(&site.token(), "once", "another", Era::Legacy).await, Told::Made);
    println!("{}", site.journal());
    let (holds, said) = site.audit();
    assert!(holds, "{said}");
}

#[tokio::test(flavor = "multi_thread")]
async fn as_many_of_a_thousand_pass_as_were_approved_on_sqlite() {
    let site = Site::open(Store::Sqlite).await;
    assert_eq!(race(&site, "once", "once").await, 1);
    assert_eq!(race(&site, "five", "five").await, 5);
    println!("{}", site.journal());
}

/// How many of them arrived.
async fn race(site: &Site, tool: &'static str, key: &str) -> u64 {
    let id = approved(site, tool, key).await;
    let began = Instant::now();
    let told = counted(key, all_at_once(site, tool, key)).await;
    let made = told.get("made").copied().unwrap_or_default();
    println!("{tool}: {told:?} in {:?}", began.elapsed());
    let arrived = site.upstream.arrivals(key);
    assert_eq!((made, site.stands(&id).await), (arrived, ("approved".to_owned(), 0)), "{told:?}");
    assert_eq!(told.get("else"), None, "the others are told what became of the approval");
    site.clear().await;
    arrived
}

/// A call that people have approved and that waits to be made again.
async fn approved(site: &Site, tool: &str, key: &str) -> String {
    assert_eq!(site.doors[0].call(&site.token(), tool, key, Era::Legacy).await, Told::Waits);
    let id = site.one_waiting().await;
    site.decide(&id, "approve").await;
    id
}

type Calls = tokio::task::JoinSet<Told>;

/// On both Envoys, of both eras.
fn all_at_once(site: &Site, tool: &str, key: &str) -> Calls {
    let token = site.token();
    let mut calls = Calls::new();
    for number in 0..setting("PORTCULLIS_APPROVED_RETRIES", 1_000) {
        let era = if number % 4 < 2 { Era::Legacy } else { Era::Modern };
        calls.spawn(site.doors[usize::try_from(number % 2).unwrap()].call(&token, tool, key, era));
    }
    calls
}

async fn counted(key: &str, calls: Calls) -> BTreeMap<&'static str, u64> {
    let mut counts = BTreeMap::new();
    for told in calls.join_all().await {
        let word = match told {
            Told::Made => "made",
            Told::Used => "used by another",
            Told::Waits => "asked anew",
            other => {
                if !counts.contains_key("else") {
                    println!("{key}: {other:?}");
                }
                "else"
            }
        };
        *counts.entry(word).or_default() += 1;
    }
    counts
}
