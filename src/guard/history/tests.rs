use proptest::prelude::*;

use super::super::budget::tests::Process;
use super::*;
use crate::policy::value::Duration;

const NOW: Time = Time::from_secs(1_700_000_000);

fn globs(text: &[&str]) -> Vec<Glob> {
    text.iter().map(|glob| Glob::new(*glob)).collect()
}

fn after(tools: &[&str], times: usize, secs: u64, per: Whose) -> After {
    After { tools: globs(tools), methods: vec![], findings: vec![], times, within: Duration::from_secs(secs), per }
}

fn history(conditions: &[&After], process: &Process) -> History {
    let mut history = History { remembered: conditions.iter().map(|after| Remembered::new(after)).collect(), ledger: None };
    assert!(history.equip(&(Rc::new(process.clone()) as Rc<dyn Store>)));
    history
}

fn ana() -> Party {
    Party::new("r", "i", "ana")
}

fn call(tool: &str) -> Event<'_> {
    Event { method: "tools/call", tool: Some(tool), governed: true }
}

/// Decides with `deny after` and notes what is allowed.
fn allowed(history: &History, after: &After, party: Party, session: Option<&str>, tool: &str, now: Time) -> bool {
    for _ in 0..History::tries() {
        let past = history.past(party, session, now);
        if past.met(&Remembered::new(after), now) != Met::No {
            return false;
        }
        match history.note_call(&past, &call(tool), now) {
            Noted::Done => return true,
            Noted::Changed => {}
            Noted::Failed(_) => return false,
        }
    }
    panic!("too many tries")
}

#[test]
fn the_third_delete_in_ten_minutes_is_noticed() {
    let third = after(&["delete_*"], 2, 600, Whose::Session);
    let history = history(&[&third], &Process::default());
    let ask = |session, tool, secs: u64| allowed(&history, &third, ana(), session, tool, NOW.plus_millis(secs * 1_000));
    assert!(ask(Some("a"), "delete_x", 0) && ask(Some("a"), "read", 1) && ask(Some("a"), "delete_y", 300));
    assert!(!ask(Some("a"), "delete_x", 301));
    assert!(ask(Some("b"), "delete_x", 301), "another session");
    assert!(!ask(None, "delete_x", 302), "no session: all of them count");
    assert!(ask(Some("a"), "delete_x", 601), "the first is forgotten");
    assert!(!ask(Some("a"), "delete_x", 602));
    assert!(allowed(&history, &third, Party::new("r", "i", "ben"), Some("a"), "delete_x", NOW), "another caller");
}

#[test]
fn what_was_done_without_a_session_counts_for_all() {
    let once = after(&["read"], 1, 60, Whose::Session);
    let history = history(&[&once], &Process::default());
    assert!(allowed(&history, &once, ana(), None, "read", NOW));
    for session in [None, Some("a"), Some("b")] {
        assert!(!allowed(&history, &once, ana(), session, "send", NOW));
    }
    let of_all = after(&["read"], 1, 60, Whose::Principal);
    let history = super::tests::history(&[&of_all], &Process::default());
    assert!(allowed(&history, &of_all, ana(), Some("a"), "read", NOW));
    assert!(!allowed(&history, &of_all, ana(), Some("b"), "read", NOW));
}

#[test]
fn findings_count_once_for_a_call() {
    let name = |text: &str| crate::policy::FindingName::of(text);
    let leaked = After { findings: vec![name("secrets")], ..after(&[], 2, 60, Whose::Session) };
    let history = history(&[&leaked], &Process::default());
    let met = |session| history.past(ana(), session, NOW).met(&Remembered::new(&leaked), NOW);
    let found = |detector| [Found { rule: "r".into(), detector, count: 1 }];
    let mut noted = Vec::new();
    for detector in ["email", "slack_token", "jwt"] {
        history.note_findings((&ana(), Some("a")), &call("read"), &found(detector), &mut noted, NOW).unwrap();
    }
    assert_eq!((noted.len(), met(Some("a"))), (1, Met::No));
    history.note_findings((&ana(), Some("a")), &call("read"), &found("jwt"), &mut Vec::new(), NOW).unwrap();
    assert_eq!((met(Some("a")), met(Some("b")), met(None)), (Met::Yes, Met::No, Met::Yes));
    assert_eq!(history.note_call(&history.past(ana(), None, NOW), &call("read"), NOW), Noted::Done, "a call alone is no event");
    assert_eq!(met(Some("b")), Met::No);
}

#[test]
fn what_is_remembered_outlives_a_change_of_the_policy() {
    let (process, first) = (Process::default(), after(&["read"], 1, 60, Whose::Session));
    assert!(allowed(&history(&[&first], &process), &first, ana(), Some("a"), "read", NOW));
    let other = after(&["write"], 3, 99, Whose::Principal);
    assert!(!allowed(&history(&[&other, &first], &process), &first, ana(), Some("a"), "send", NOW));
    let changed = after(&["read"], 1, 61, Whose::Session);
    assert!(allowed(&history(&[&changed], &process), &changed, ana(), Some("a"), "send", NOW), "another condition begins anew");
}

#[test]
fn workers_at_the_same_time_allow_exactly_as_many() {
    let process = Process::default();
    let third = after(&["delete"], 2, 600, Whose::Session);
    history(&[&third], &process);
    let threads: Vec<_> = (0..8)
        .map(|_| {
            let (process, third) = (process.clone(), third.clone());
            std::thread::spawn(move || {
                let history = history(&[&third], &process);
                (0..50).filter(|_| allowed(&history, &third, ana(), Some("a"), "delete", NOW)).count()
            })
        })
        .collect();
    assert_eq!(threads.into_iter().map(|thread| thread.join().unwrap()).sum::<usize>(), 2);
}

#[test]
fn a_flood_of_sessions_is_bounded_and_harms_whoever_makes_it() {
    let process = Process::default();
    let once = after(&["read"], 1, 3_600, Whose::Session);
    let history = history(&[&once], &process);
    let empty = process.bytes();
    let given = (0..2_000).filter(|number| allowed(&history, &once, ana(), Some(&number.to_string()), "read", NOW)).count();
    assert_eq!(given, PER_OWNER, "then all the rest are one");
    assert!(process.bytes() - empty < 4 * 1024);
    assert!(allowed(&history, &once, Party::new("r", "i", "ben"), Some("1"), "read", NOW));
}

#[test]
fn a_flood_of_principals_is_bounded_and_refused() {
    let process = Process::default();
    let often = after(&["read"], 64, 3_600, Whose::Principal);
    let history = history(&[&often], &process);
    // Principals of one slot.
    let owners = (0..).map(|number: u64| Party::new("r", "i", &number.to_string()));
    let owners: Vec<Party> = owners.filter(|party| party.owner() % u64::from(SLOTS) == 7).take(100).collect();
    let mut failed = 0;
    for party in owners.iter().flat_map(|party| std::iter::repeat_n(party, 64)) {
        failed += usize::from(history.note_call(&history.past(*party, None, NOW), &call("read"), NOW) == Noted::Failed(Trouble::Full));
    }
    assert!(failed > 0);
    assert!(process.bytes() < MOST_BYTES + usize::from(SLOTS) * 64, "{}", process.bytes());
    let later = NOW.plus_millis(3_600_002);
    assert_eq!(history.note_call(&history.past(*owners.last().unwrap(), None, later), &call("read"), later), Noted::Done);
}

#[test]
fn what_cannot_be_read_is_unsure() {
    let once = after(&["read"], 1, 60, Whose::Session);
    let blind = History { remembered: vec![Remembered::new(&once)], ledger: None };
    let past = blind.past(ana(), None, NOW);
    assert_eq!(past.met(&Remembered::new(&once), NOW), Met::Unsure);
    assert_eq!(blind.note_call(&past, &call("read"), NOW), Noted::Failed(Trouble::Unavailable));
    assert_eq!(blind.note_call(&past, &call("other"), NOW), Noted::Done, "nothing to note");
}

proptest! {
    /// The same as counting all events of the window.
    #[test]
    fn windows_agree_with_a_plain_list(
        times in 1..5usize, secs in 1..20u64, steps in prop::collection::vec((0..6_000u64, 0..3usize), 1..60),
    ) {
        let condition = after(&["read"], times, secs, Whose::Session);
        let history = history(&[&condition], &Process::default());
        let (mut now, mut events): (Time, Vec<(Time, usize)>) = (NOW, Vec::new());
        for (step, who) in steps {
            now = now.plus_millis(step);
            let session = [None, Some("a"), Some("b")][who];
            let counts = |event: &&(Time, usize)| now.since(event.0) <= secs * 1_000 && (who == 0 || event.1 == who || event.1 == 0);
            let expected = events.iter().filter(counts).count() >= times;
            let past = history.past(ana(), session, now);
            prop_assert_eq!(past.met(&Remembered::new(&condition), now), Met::from_bool(expected));
            prop_assert_eq!(history.note_call(&past, &call("read"), now), Noted::Done);
            events.push((now, who));
        }
    }
}
