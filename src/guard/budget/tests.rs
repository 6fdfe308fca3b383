use std::collections::HashMap;
use std::sync::{Arc as Shared, Mutex};

use super::*;
use crate::policy::value::Duration;
use crate::shared::{SharedValue, Written};

/// What Envoy's shared data is: one map for all threads, behind a lock.
#[derive(Clone, Default)]
pub(in crate::guard) struct Process(Shared<Mutex<HashMap<String, SharedValue>>>);

impl Process {
    pub(in crate::guard) fn bytes(&self) -> usize {
        self.0.lock().unwrap().iter().map(|(key, value)| key.len() + value.bytes.len()).sum()
    }
}

impl Store for Process {
    fn shared(&self, key: &str) -> Option<SharedValue> {
        Some(self.0.lock().unwrap().get(key).cloned().unwrap_or_default())
    }

    fn share(&self, key: &str, bytes: &[u8], version: u32) -> Written {
        let mut values = self.0.lock().unwrap();
        let value = values.entry(key.to_owned()).or_default();
        // As Envoy does: without a version whatever is there is written over.
        if version != 0 && value.version != version {
            return Written::Changed;
        }
        *value = SharedValue { bytes: bytes.to_vec(), version: value.version + 1 };
        Written::Done
    }
}

const NOW: Time = Time::from_secs(1_700_000_000);

fn budget(per: Per, limit: Limit) -> policy::Budget {
    let id = format!("{per:?}").to_lowercase();
    policy::Budget { id, per, limit, groups: vec![], tools: vec![], methods: vec![], mode: policy::Mode::Enforce }
}

fn calls(per: Per, count: u64, secs: u64, burst: u64) -> policy::Budget {
    budget(per, Limit::Calls { count, span: Duration::from_secs(secs), burst })
}

fn worker(budgets: &[policy::Budget], process: &Process, vm: &str) -> Budgets {
    let mut made = Budgets::new(budgets, "https://h/mcp", vm);
    assert!(made.equip(&(Rc::new(process.clone()) as Rc<dyn Store>)));
    made
}

fn asker(user: &str) -> Asker<'static> {
    Asker {
        party: Party::new("https://h/mcp", "i", user),
        session: None,
        groups: &[],
        method: "tools/call",
        tool: Some("search"),
        governed: true,
        listens: false,
        answered: true,
    }
}

#[test]
fn many_workers_give_exactly_the_burst() {
    for workers in [2, 16] {
        let process = Process::default();
        let budgets = [calls(Per::Principal, 60, 60, 20), calls(Per::All, 600, 60, 200)];
        worker(&budgets, &process, "canary");
        let threads: Vec<_> = (0..workers)
            .map(|number| {
                let (process, budgets) = (process.clone(), budgets.clone());
                std::thread::spawn(move || {
                    let mut own = worker(&budgets, &process, &number.to_string());
                    let asked = (0..300).map(|_| own.take(&asker("ana"), NOW));
                    let mut given = 0;
                    for result in asked {
                        match result {
                            Ok(_) => given += 1,
                            Err(limited) => assert_eq!((&*limited.id, limited.code), ("principal", "budget_calls")),
                        }
                    }
                    given
                })
            })
            .collect();
        let given: u64 = threads.into_iter().map(|thread| thread.join().unwrap()).sum();
        assert_eq!(given, 20, "{workers} workers");
        // Another caller has a budget of its own.
        let mut late = worker(&budgets, &process, "late");
        assert_eq!((0..50).filter(|_| late.take(&asker("ben"), NOW).is_ok()).count(), 20);
        assert_eq!((0..50).filter(|_| late.take(&asker("ana"), NOW.plus_millis(3_000)).is_ok()).count(), 3);
    }
}

#[test]
fn a_call_that_one_budget_refuses_takes_from_none() {
    let budgets = [calls(Per::Principal, 60, 60, 5), calls(Per::Tool, 60, 60, 2)];
    let mut own = worker(&budgets, &Process::default(), "0");
    let taken: Vec<bool> = (0..9).map(|_| own.take(&asker("ana"), NOW).is_ok()).collect();
    assert_eq!(taken.iter().filter(|ok| **ok).count(), 2);
    let limited = own.take(&asker("ana"), NOW).unwrap_err();
    assert_eq!((&*limited.id, limited.retry_after), ("tool", 1));
    let other = Asker { tool: Some("other"), ..asker("ana") };
    assert!((0..2).all(|_| own.take(&other, NOW).is_ok()));
    let third = Asker { tool: Some("third"), ..asker("ana") };
    assert!(own.take(&third, NOW).is_ok(), "five in all");
    assert_eq!(&*own.take(&third, NOW).unwrap_err().id, "principal");
}

#[test]
fn budgets_are_about_what_they_say() {
    let limited = |budget: policy::Budget, asker: Asker<'_>| {
        let mut own = worker(&[budget], &Process::default(), "0");
        own.take(&asker, NOW).is_err() || own.take(&asker, NOW).is_err()
    };
    let one = |per| calls(per, 1, 3_600, 1);
    let globs = |text: &str| vec![Glob::new(text)];
    let groups = ["dba".to_owned()];
    let (any, ping) = (asker("ana"), Asker { method: "ping", governed: false, tool: None, ..asker("ana") });
    assert!(limited(one(Per::Principal), any));
    assert!(!limited(one(Per::Principal), ping), "needs no rule");
    assert!(limited(policy::Budget { methods: globs("pi*"), ..one(Per::Principal) }, ping));
    assert!(!limited(policy::Budget { methods: globs("pi*"), ..one(Per::Principal) }, any));
    assert!(!limited(policy::Budget { tools: globs("get_*"), ..one(Per::Principal) }, any));
    assert!(limited(policy::Budget { tools: globs("sea*"), ..one(Per::Principal) }, any));
    assert!(!limited(policy::Budget { groups: globs("dba"), ..one(Per::Principal) }, any));
    assert!(limited(policy::Budget { groups: globs("dba"), ..one(Per::Principal) }, Asker { groups: &groups, ..any }));
    assert!(!limited(one(Per::Tool), Asker { tool: None, ..any }));
    assert!(!limited(policy::Budget { mode: policy::Mode::Observe, ..one(Per::All) }, any));
    let streams = budget(Per::Principal, Limit::Streams { at_most: 1 });
    assert!(limited(streams.clone(), any) && !limited(streams, Asker { answered: false, ..any }));
}

#[test]
fn sessions_have_budgets_of_their_own_up_to_a_point() {
    let budgets = [calls(Per::Session, 10, 3_600, 1)];
    let process = Process::default();
    let mut own = worker(&budgets, &process, "0");
    let mut of = |user: &str, session: String| own.take(&Asker { session: Some(&session), ..asker(user) }, NOW).is_ok();
    assert!(of("ana", "a".into()) && of("ana", "b".into()) && !of("ana", "a".into()) && of("ben", "a".into()));
    // Whoever makes sessions without end gets one more budget for all the rest of them.
    let given = (0..10_000).filter(|number| of("eve", number.to_string())).count();
    assert_eq!(given, PER_OWNER + 1);
    assert!(of("ana", "c".into()));
    assert!(process.bytes() < 64 * 1024, "{}", process.bytes());
}

#[test]
fn a_flood_of_tools_fills_a_bounded_table_and_then_shares() {
    let process = Process::default();
    let mut own = worker(&[calls(Per::Tool, 10, 3_600, 1)], &process, "0");
    let mut given = 0;
    for number in 0..14_000 {
        given += usize::from(own.take(&Asker { tool: Some(&number.to_string()), ..asker("eve") }, NOW).is_ok());
    }
    assert!(given <= usize::from(NAMES) * (PER_SLOT + 1), "{given}");
    assert!(process.bytes() <= usize::from(NAMES) * (MOST_PER_SLOT * 25 + 64), "{}", process.bytes());
}

#[test]
fn bytes_and_findings_are_charged_as_they_leave() {
    let limit = |at_most| Limit::Bytes { at_most, within: Duration::from_secs(3_600) };
    let names = policy::Budget {
        id: "secrets".into(),
        ..budget(Per::Principal, Limit::Findings { at_most: 3, within: Duration::from_secs(3_600), detect: vec![] })
    };
    let process = Process::default();
    let budgets = [budget(Per::Principal, limit(1_000)), names];
    let (mut one, mut two) = (worker(&budgets, &process, "0"), worker(&budgets, &process, "1"));
    let mut account = one.take(&asker("ana"), NOW).unwrap();
    assert!(account.is_charged());
    assert!(one.spend_bytes(&mut account, 0, 900, NOW).is_ok());
    let mut other = two.take(&asker("ana"), NOW).unwrap();
    let limited = two.spend_bytes(&mut other, 50, 200, NOW).unwrap_err();
    assert_eq!((limited.code, limited.retry_after), ("budget_bytes", 540));
    assert!(two.spend_bytes(&mut other, 0, 50, NOW).is_ok(), "what was withheld is not charged");
    assert_eq!(one.take(&asker("ana"), NOW).unwrap_err().code, "budget_bytes");
    let later = NOW.plus_millis(3_600_000);
    let mut account = one.take(&asker("ana"), later).unwrap();
    let found = |count| [Found { rule: "r".into(), detector: "email", count }];
    assert!(one.spend_findings(&mut account, &found(2), later).is_ok());
    assert_eq!(one.spend_findings(&mut account, &found(2), later).unwrap_err().code, "budget_findings");
    assert!(one.take(&asker("ben"), NOW).is_ok());
}

#[test]
fn streams_are_counted_over_all_workers_and_forgotten_with_theirs() {
    let process = Process::default();
    let budgets = [budget(Per::Principal, Limit::Streams { at_most: 3 })];
    let (mut one, mut two) = (worker(&budgets, &process, "0"), worker(&budgets, &process, "1"));
    let mut first = one.take(&asker("ana"), NOW).unwrap();
    let _second = one.take(&asker("ana"), NOW).unwrap();
    let mut third = two.take(&asker("ana"), NOW).unwrap();
    assert_eq!(two.take(&asker("ana"), NOW).unwrap_err().code, "budget_streams");
    assert!(two.take(&asker("ben"), NOW).is_ok());
    one.close(&mut first);
    one.close(&mut first);
    let _fourth = two.take(&asker("ana"), NOW).unwrap();
    assert!(one.take(&asker("ana"), NOW).is_err());
    two.close(&mut third);
    let _fifth = one.take(&asker("ana"), NOW).unwrap();
    // The second worker dies; the first says every few seconds that it is there.
    let mut now = NOW;
    for _ in 0..20 {
        now = now.plus_millis(1_000);
        one.tick(now);
    }
    let _sixth = one.take(&asker("ana"), now).unwrap();
    assert!(one.take(&asker("ana"), now).is_err(), "what the first has still counts");
}

#[test]
fn without_a_table_nothing_goes() {
    struct Nothing;
    impl Store for Nothing {
        fn shared(&self, _: &str) -> Option<SharedValue> {
            None
        }
        fn share(&self, _: &str, _: &[u8], _: u32) -> Written {
            Written::Failed
        }
    }
    for limit in [Limit::Streams { at_most: 9 }, Limit::Bytes { at_most: 9, within: Duration::from_secs(9) }] {
        let mut own = Budgets::new(&[budget(Per::Principal, limit)], "r", "0");
        assert!(!own.equip(&(Rc::new(Nothing) as Rc<dyn Store>)));
        let limited = own.take(&asker("ana"), NOW).unwrap_err();
        assert_eq!((limited.code, limited.broken), ("limit_unavailable", true));
    }
}
