//! Revocations over time: who fetches, who takes up, what is older than it may be, what must not go back.

use std::cell::RefCell;
use std::collections::HashMap;

use super::*;

pub(super) const LIST_HEADER: &str = r#"{"alg":"EdDSA","kid":"list","typ":"portcullis-revocations+jwt"}"#;

impl Signer {
    /// A list with these members beside those it must have; `sequence` 1 unless said.
    pub(super) fn list(&self, members: &Value) -> String {
        let mut list = json!({ "version": 1, "iat": NOW.secs(), "sequence": 1 });
        list.as_object_mut().unwrap().extend(members.as_object().unwrap().clone());
        self.sign(LIST_HEADER, &list.to_string())
    }
}

/// The store that the VMs of a process share.
#[derive(Clone, Default)]
struct Store(Rc<RefCell<Entries>>);

/// Values with their versions.
type Entries = HashMap<String, (Vec<u8>, u32)>;

impl SharedData for Store {
    fn read(&self, key: &str) -> Option<(Vec<u8>, u32)> {
        self.0.borrow().get(key).cloned()
    }

    fn write(&mut self, key: &str, value: &[u8], version: Option<u32>) -> bool {
        let mut store = self.0.borrow_mut();
        let have = store.get(key).map(|(_, have)| *have);
        if version.is_some_and(|version| have.is_some_and(|have| have != version)) {
            return false;
        }
        store.insert(key.to_owned(), (value.to_vec(), have.unwrap_or(0) + 1));
        true
    }
}

pub(super) fn settings(signed: policy::Signed) -> policy::Revocation {
    policy::Revocation {
        cluster: "control".to_owned(),
        path: "/revocations.jwt".to_owned(),
        host: "control".to_owned(),
        interval: Duration::from_secs(10),
        stale_after: Duration::from_secs(60),
        when_stale: policy::WhenStale::Refuse,
        signed,
    }
}

pub(super) struct Vm {
    pub(super) revocations: Revocations,
    store: Store,
}

impl Vm {
    pub(super) fn new(signer: &Signer) -> Self {
        Self::beside(signer, &Store::default())
    }

    pub(super) fn unsigned() -> Self {
        let revocations = Revocations::compile(&settings(policy::Signed::Not)).unwrap();
        Self { revocations, store: Store::default() }
    }

    fn beside(signer: &Signer, store: &Store) -> Self {
        let revocations = Revocations::compile(&settings(policy::Signed::By(vec![signer.jwk()]))).unwrap();
        Self { revocations, store: store.clone() }
    }

    fn tick(&mut self, now: Time) -> Option<ListFetch> {
        self.revocations.tick(&mut self.store, now, &mut Vec::new())
    }

    /// Ticks until it is this VM's turn.
    fn turn(&mut self, now: Time) -> ListFetch {
        self.tick(now).or_else(|| self.tick(now)).expect("a fetch is due")
    }

    fn answer(&mut self, answer: Answer<'_>, now: Time) -> Vec<String> {
        let mut notices = Vec::new();
        self.revocations.answered(answer, &mut self.store, now, &mut notices);
        notices
    }

    /// Fetches this list; the lines for the operator.
    pub(super) fn fetch(&mut self, list: &str, now: Time) -> Vec<String> {
        self.turn(now);
        self.answer(Answer::Http { status: 200, body: list.as_bytes(), etag: Some("\"1\"") }, now)
    }
}

pub(super) fn principal() -> Rc<Principal> {
    let signer = Signer::new("k");
    let mut claims = good_claims();
    claims["jti"] = "t-1".into();
    claims["sid"] = "s-1".into();
    verified(check(&mut identity(&[&signer]), &signer.token(&claims), NOW))
}

fn later(seconds: u64) -> Time {
    NOW.plus_millis(seconds * 1000)
}

#[test]
fn one_fetch_for_all_vms_and_all_take_it_up() {
    let (signer, store) = (Signer::new("list"), Store::default());
    let mut vms: Vec<Vm> = (0..4).map(|_| Vm::beside(&signer, &store)).collect();
    let mut asked = Vec::new();
    for _ in 0..3 {
        asked.extend(vms.iter_mut().enumerate().filter_map(|(n, vm)| vm.tick(NOW).map(|_| n)));
    }
    assert_eq!(asked.len(), 1);
    assert!(vms.iter_mut().all(|vm| vm.tick(later(1)).is_none()), "one is under way");
    assert!(vms.iter().all(|vm| vm.revocations.freshness(later(1)) == Freshness::Awaited));

    let list = signer.list(&json!({ "sessions": [{ "sid": "s-1" }] }));
    vms[asked[0]].answer(Answer::Http { status: 200, body: list.as_bytes(), etag: Some("\"a\"") }, later(1));
    let fetched: usize = vms.iter_mut().map(|vm| usize::from(vm.tick(later(2)).is_some())).sum();
    assert_eq!(fetched, 0, "the interval has not passed");
    for vm in &vms {
        assert_eq!(vm.revocations.check(&principal()), Some(Listing::Session));
        assert_eq!((vm.revocations.freshness(later(2)), vm.revocations.generation()), (Freshness::Fresh, 1));
    }
    let fetches: Vec<ListFetch> = vms.iter_mut().filter_map(|vm| vm.tick(later(10))).collect();
    assert_eq!(fetches.len(), 1);
    assert_eq!(fetches[0].etag.as_deref(), Some("\"a\""));
    assert_eq!((fetches[0].cluster.as_str(), fetches[0].path.as_str()), ("control", "/revocations.jwt"));
}

#[test]
fn unchanged_keeps_it_fresh_on_every_vm() {
    let (signer, store) = (Signer::new("list"), Store::default());
    let (mut a, mut b) = (Vm::beside(&signer, &store), Vm::beside(&signer, &store));
    let list = signer.list(&json!({}));
    a.fetch(&list, NOW);
    for (round, answer) in [
        Answer::Http { status: 304, body: b"", etag: None },
        Answer::Http { status: 200, body: list.as_bytes(), etag: None },
        Answer::Http { status: 200, body: list.as_bytes(), etag: Some("\"2\"") },
    ]
    .into_iter()
    .enumerate()
    {
        let now = later(50 * (round as u64 + 1));
        a.turn(now);
        assert!(a.answer(answer, now).is_empty(), "{answer:?}");
        b.tick(now);
        for vm in [&a, &b] {
            assert_eq!((vm.revocations.freshness(now.plus_millis(60_000)), vm.revocations.generation()), (Freshness::Fresh, 1));
            assert_eq!(vm.revocations.freshness(now.plus_millis(60_001)), Freshness::Stale);
        }
    }
    // Unchanged since what? This one has no list.
    let mut fresh = Vm::new(&signer);
    assert_eq!(fresh.turn(NOW).etag, None);
    assert_eq!(fresh.answer(Answer::Http { status: 304, body: b"", etag: None }, NOW).len(), 1);
    assert_eq!(fresh.revocations.freshness(NOW), Freshness::Stale);
}

#[test]
fn what_fails_leaves_the_list_and_lets_it_age() {
    let signer = Signer::new("list");
    let mut vm = Vm::new(&signer);
    vm.fetch(&signer.list(&json!({ "sequence": 5, "sessions": [{ "sid": "s-1" }] })), NOW);
    let old = signer.list(&json!({ "sequence": 4 }));
    let other = signer.list(&json!({ "sequence": 5 }));
    let mut now = later(10);
    for answer in [
        Answer::Failed,
        Answer::Http { status: 503, body: b"", etag: None },
        Answer::Http { status: 200, body: b"<html>", etag: None },
        Answer::Http { status: 200, body: old.as_bytes(), etag: None },
        Answer::Http { status: 200, body: other.as_bytes(), etag: None },
    ] {
        vm.turn(now);
        assert_eq!(vm.answer(answer, now).len(), 1, "{answer:?}");
        assert_eq!(vm.revocations.check(&principal()), Some(Listing::Session), "{answer:?}");
        assert_eq!(vm.revocations.freshness(now), Freshness::Fresh);
        assert!(vm.tick(now.plus_millis(900)).is_none(), "a pause after a failure");
        now = now.plus_millis(10_000);
    }
    assert_eq!(vm.revocations.freshness(later(61)), Freshness::Stale);
    assert_eq!(vm.revocations.check(&principal()), Some(Listing::Session), "what was taken back stays so");
    // And back: a newer list, in which it was undone.
    assert!(vm.fetch(&signer.list(&json!({ "sequence": 6 })), later(70)).is_empty());
    assert_eq!((vm.revocations.freshness(later(70)), vm.revocations.check(&principal())), (Freshness::Fresh, None));
    assert_eq!(vm.revocations.generation(), 2);
}

#[test]
fn a_vm_that_comes_later_knows_at_once_and_does_not_go_back() {
    let (signer, store) = (Signer::new("list"), Store::default());
    let mut first = Vm::beside(&signer, &store);
    first.fetch(&signer.list(&json!({ "sequence": 9, "sessions": [{ "sid": "s-1" }] })), NOW);
    let mut second = Vm::beside(&signer, &store);
    assert_eq!(second.revocations.freshness(later(1)), Freshness::Awaited);
    assert!(second.tick(later(1)).is_none());
    assert_eq!(second.revocations.freshness(later(1)), Freshness::Fresh);
    assert_eq!(second.revocations.check(&principal()), Some(Listing::Session));
    assert_eq!(second.fetch(&signer.list(&json!({ "sequence": 8 })), later(10)).len(), 1);
    assert_eq!(second.revocations.check(&principal()), Some(Listing::Session));
}

#[test]
fn what_lies_in_the_shared_data_is_not_believed_unsigned() {
    let (signer, stranger, store) = (Signer::new("list"), Signer::new("list"), Store::default());
    let mut first = Vm::beside(&signer, &store);
    first.fetch(&signer.list(&json!({ "sessions": [{ "sid": "s-1" }] })), NOW);
    let keys: Vec<String> = store.0.borrow().keys().cloned().collect();
    let mut planted = store.clone();
    for key in keys.iter().filter(|key| key.ends_with(".body")) {
        planted.write(key, stranger.list(&json!({ "sequence": 99 })).as_bytes(), None);
    }
    let mut second = Vm::beside(&signer, &store);
    second.tick(later(1));
    assert_ne!(second.revocations.freshness(later(1)), Freshness::Fresh);
    // Nonsense is as good as nothing.
    for key in keys {
        planted.write(&key, b"\xff nonsense", None);
    }
    let mut third = Vm::beside(&signer, &store);
    assert!(third.fetch(&signer.list(&json!({})), later(20)).is_empty());
    assert_eq!(third.revocations.freshness(later(20)), Freshness::Fresh);
}

#[test]
fn the_first_list_is_waited_for_but_not_for_long() {
    let signer = Signer::new("list");
    let mut vm = Vm::new(&signer);
    assert_eq!(vm.revocations.freshness(NOW), Freshness::Awaited);
    vm.turn(NOW);
    assert_eq!(vm.revocations.freshness(later(5)), Freshness::Awaited);
    assert_eq!(vm.revocations.freshness(later(6)), Freshness::Stale);
    // A failure that another VM has seen ends the wait.
    let store = Store::default();
    let (mut a, mut b) = (Vm::beside(&signer, &store), Vm::beside(&signer, &store));
    a.turn(NOW);
    b.tick(NOW);
    assert_eq!(a.answer(Answer::Failed, NOW).len(), 1);
    b.tick(NOW);
    assert_eq!((a.revocations.freshness(NOW), b.revocations.freshness(NOW)), (Freshness::Stale, Freshness::Stale));
}

#[test]
fn a_fetch_that_is_lost_with_its_vm_is_made_by_another() {
    let (signer, store) = (Signer::new("list"), Store::default());
    let (mut a, mut b) = (Vm::beside(&signer, &store), Vm::beside(&signer, &store));
    a.turn(NOW);
    drop(a);
    assert!(b.tick(later(5)).is_none());
    assert!(b.tick(later(6)).is_some());
}

#[test]
fn an_expired_list_is_stale_and_no_new_one() {
    let signer = Signer::new("list");
    let mut vm = Vm::new(&signer);
    let list = signer.list(&json!({ "exp": NOW.secs() + 15 }));
    assert!(vm.fetch(&list, NOW).is_empty());
    assert_eq!(vm.revocations.freshness(later(14)), Freshness::Fresh);
    assert_eq!(vm.revocations.freshness(later(15)), Freshness::Stale);
    vm.turn(later(20));
    vm.answer(Answer::Http { status: 304, body: b"", etag: None }, later(20));
    assert_eq!(vm.revocations.freshness(later(20)), Freshness::Stale, "confirmed or not, its signer gave it a time");
}

#[test]
fn a_clock_that_is_set_back_makes_no_list_young_and_stops_no_fetch() {
    let signer = Signer::new("list");
    let mut vm = Vm::new(&signer);
    vm.fetch(&signer.list(&json!({})), later(100_000));
    assert!(vm.tick(NOW).is_some(), "the next fetch is due by the new clock too");
    vm.answer(Answer::Failed, NOW);
    vm.tick(later(1));
    assert_eq!(vm.revocations.freshness(later(60)), Freshness::Fresh);
    vm.tick(later(61));
    assert_eq!(vm.revocations.freshness(later(61)), Freshness::Stale);
}

#[test]
fn other_keys_or_places_do_not_share() {
    let (signer, other, store) = (Signer::new("list"), Signer::new("list"), Store::default());
    Vm::beside(&signer, &store).fetch(&signer.list(&json!({})), NOW);
    let mut elsewhere = Vm::beside(&other, &store);
    elsewhere.tick(NOW);
    assert_eq!(elsewhere.revocations.freshness(NOW), Freshness::Awaited);
    assert!(elsewhere.tick(NOW).is_some(), "it has a lease of its own");
}
