//! Everything is killed in every state of a call that needs an approval, and comes back: nothing reaches the server that nobody approved, and what was
//! approved is made once. Where the kill came between taking the approval and making the call, at most once: then the approval is spent.

use std::time::Duration;

use super::door::{Era, Told};
use super::site::{Site, Store};
use super::support::postgres::Postgres;
use super::support::setting;

/// Where the call is when something dies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum At {
    /// Its client was told to come again, and nobody has decided.
    Waiting,
    /// Approved, and not made yet.
    Approved,
    /// Being made: its approval is being used, or was a moment ago.
    BeingMade,
    /// In an Envoy, until somebody decides.
    Held,
    /// Made.
    Made,
}

/// What dies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Dies {
    /// SIGKILL, as for the replicas.
    Envoy(usize),
    Replica(usize),
    /// An immediate shutdown.
    Postgres,
    Upstream,
}

/// A linear congruential generator (Knuth, MMIX): the same turns for the same seed.
struct Chance(u64);

impl Chance {
    fn below(&mut self, most: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).unwrap() % most
    }
}

/// Every state with everything that can die, in a random order.
fn turns(chance: &mut Chance) -> Vec<(At, Dies)> {
    let mut turns = Vec::new();
    for at in [At::Waiting, At::Approved, At::BeingMade, At::Held, At::Made] {
        for dies in [Dies::Envoy(0), Dies::Replica(0), Dies::Replica(1), Dies::Postgres, Dies::Upstream] {
            turns.push((at, if dies == Dies::Envoy(0) { Dies::Envoy(chance.below(2)) } else { dies }));
        }
    }
    for last in (1..turns.len()).rev() {
        turns.swap(last, chance.below(last + 1));
    }
    turns
}

#[tokio::test(flavor = "multi_thread")]
async fn whatever_dies_nothing_passes_unapproved_and_nothing_approved_is_lost() {
    let Some(postgres) = Postgres::start() else { return };
    let mut site = Site::open(Store::Postgres(postgres)).await;
    let mut chance = Chance(setting("PORTCULLIS_APPROVED_SEED", 20_261_120));
    let wanted = usize::try_from(setting("PORTCULLIS_APPROVED_TURNS", 25)).unwrap();
    let (mut lost, mut made) = (0, 0);
    let mut all = Vec::new();
    while all.len() < wanted {
        all.append(&mut turns(&mut chance));
    }
    for (number, (at, dies)) in all.into_iter().take(wanted).enumerate() {
        println!("{number}: {dies:?} dies, {at:?}");
        let began = std::time::Instant::now();
        let arrived = turn(&mut site, &mut chance, &format!("turn-{number}"), at, dies).await;
        println!("  {arrived} made, {:?}", began.elapsed());
        lost += u64::from(arrived == 0);
        made += arrived;
    }
    println!("{made} made, {lost} approvals spent without a call that arrived");
    assert_eq!(site.upstream.all(), made, "nothing else arrived");
    let used = site.used().await;
    assert_eq!(used, made + lost, "every call that arrived has taken an approval");
    println!("{}", site.journal());
    let (holds, said) = site.audit();
    // What a kill takes with it is the end of a chain, of which nothing here can know; what is there is whole.
    assert!(holds, "{said}");
    println!("{}", said.lines().next().unwrap_or_default());
}

/// One call from its beginning to its end; how often it arrived.
async fn turn(site: &mut Site, chance: &mut Chance, key: &str, at: At, dies: Dies) -> u64 {
    let token = site.token();
    let tool = if at == At::Held { "held" } else { "once" };
    let era = if chance.below(2) == 0 { Era::Legacy } else { Era::Modern };
    let here = chance.below(2);
    // A legacy call waits even if its client has gone, so the request of one that is cut off stays.
    let mut under_way = None;
    let id = if at == At::Held {
        under_way = Some(tokio::spawn(site.doors[here].call(&token, tool, key, era)));
        site.one_waiting().await
    } else {
        assert_eq!(site.doors[here].call(&token, tool, key, era).await, Told::Waits);
        site.one_waiting().await
    };
    assert_eq!(site.upstream.arrivals(key), 0);
    if matches!(at, At::Approved | At::BeingMade | At::Made) {
        site.decide(&id, "approve").await;
    }
    match at {
        At::BeingMade => {
            under_way = Some(tokio::spawn(site.doors[here].call(&token, tool, key, era)));
            tokio::time::sleep(Duration::from_micros(u64::try_from(chance.below(40_000)).unwrap())).await;
        }
        At::Made => assert_eq!(site.doors[here].call(&token, tool, key, era).await, Told::Made),
        At::Waiting | At::Approved | At::Held => {}
    }

    kill(site, dies);
    let away = matches!(dies, Dies::Envoy(_)).then_some(here);
    if !matches!(at, At::Approved | At::BeingMade) {
        // Nobody has approved what is not made yet, so nothing passes now either, whatever it says.
        for (number, door) in site.doors.iter().enumerate().filter(|(number, _)| dies != Dies::Envoy(*number)) {
            let told = tokio::time::timeout(Duration::from_secs(3), door.call(&token, "once", key, Era::Legacy)).await;
            assert_ne!(told, Ok(Told::Made), "{number} {away:?}");
        }
    }
    revive(site, dies).await;
    for replica in &site.replicas {
        replica.well().await;
    }

    if at == At::Waiting {
        assert_eq!(site.upstream.arrivals(key), 0);
        assert_eq!(site.stands(&id).await.0, "pending");
        site.decide(&id, "approve").await;
    }
    if at == At::Held {
        assert_eq!(site.upstream.arrivals(key), 0);
        // Should its stream have been closed by what died, a client of 2026-07-28 has taken it back: then it is asked about anew.
        if site.stands(&id).await.0 == "pending" {
            site.decide(&id, "approve").await;
        }
    }
    let first = match under_way {
        Some(call) => Some(call.await.unwrap()),
        None => None,
    };
    finish(site, &token, tool, key, (at, &id), first).await
}

/// Makes the call again until it is made, or its approval turns out to be spent.
async fn finish(site: &Site, token: &str, tool: &str, key: &str, of: (At, &str), first: Option<Told>) -> u64 {
    let (at, id) = of;
    let mut told = first.unwrap_or(Told::Lost("not tried again yet".to_owned()));
    if at == At::Made {
        told = Told::Made;
    }
    for turn in 0..40 {
        if told == Told::Made || site.stands(id).await == ("approved".to_owned(), 0) {
            break;
        }
        assert!(turn < 39, "{key} is never made: {told:?}");
        let held = site.doors[turn % 2].call(token, tool, key, Era::Legacy);
        told = tokio::time::timeout(Duration::from_secs(5), held).await.unwrap_or(Told::Waits);
        if told == Told::Waits && tool == "held" {
            // Taken back meanwhile, and asked anew.
            for id in site.waiting().await {
                site.decide(&id, "approve").await;
            }
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    // One approval, one call: a retry asks anew.
    assert_eq!(site.doors[0].call(token, "once", key, Era::Legacy).await, Told::Waits);
    site.clear().await;
    let arrived = site.upstream.arrivals(key);
    assert!(arrived <= 1, "{key} was made {arrived} times");
    if told == Told::Made || !matches!(at, At::BeingMade) {
        assert_eq!(arrived, 1, "{key}: {told:?}");
    }
    arrived
}

fn kill(site: &mut Site, dies: Dies) {
    match dies {
        Dies::Envoy(number) => site.doors[number].kill(),
        Dies::Replica(number) => site.replicas[number].kill(),
        Dies::Postgres => site.postgres().stop(),
        Dies::Upstream => site.upstream.kill(),
    }
}

async fn revive(site: &mut Site, dies: Dies) {
    match dies {
        Dies::Envoy(number) => site.doors[number].revive().await,
        Dies::Replica(number) => site.replicas[number].revive().await,
        Dies::Postgres => {
            site.postgres().run();
            // Replicas remember for a second that their store is well.
            drop(site.postgres().connect("approvals").await);
        }
        Dies::Upstream => site.upstream.revive(),
    }
}
