//! Streams that run for long: what Envoy writes of one while it runs and at its end has each message once, wherever its bytes are split and whenever it is written.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice,
    reason = "a test fails loudly, its helpers too"
)]

mod support;

use std::collections::BTreeSet;

use portcullis::exchange::{Closing, Effect, Engine, Event, Exchange, Step, StreamId};
use proptest::prelude::*;
use serde_json::Value;
use support::case::{self, Caller};
use support::process::{self, now as begun, request_headers};
use support::secrets;

const INTERIM_MILLIS: u64 = 10_000;
/// Messages of [`stream`].
const MESSAGES: u64 = 6;

/// Everything an event stream may look like, with something to mask in it, the beginning and the end of a message included.
fn stream() -> Vec<u8> {
    let data =
        |n: u64, text: &str| format!("{{\"jsonrpc\":\"2.0\",\"method\":\"notifications/message\",\"params\":{{\"data\":\"{n} {text}\"}}}}");
    let key = secrets::fill("${stripe}");
    [
        ": hello\n\nid: 0\ndata: \n\n".to_owned(),
        format!("event: message\nid: 1\ndata: {}\n\n", data(1, "é 😀")),
        format!("data: {}\r\n\r\n", data(2, &key)),
        ": alive\n\n".to_owned(),
        format!("data: {}\n\nid: 3\n\n", data(3, "to hannah.abbott@example.com")),
        format!(
            "data: {{\"jsonrpc\":\"2.0\",\ndata: \"method\":\"notifications/message\",\ndata: \"params\":{{\"data\":\"4 {key}\"}}}}\n\n"
        ),
        format!("data: {}\n\ndata: {}\n\n", data(5, ""), data(6, &key)),
    ]
    .concat()
    .into_bytes()
}

fn engine() -> Engine {
    let text = case::policy("default").replace("\naudit:\n  max_payload: 2KiB\n", "\naudit:\n  interim: 10s\n");
    assert!(text.contains("interim"));
    process::engine(&text)
}

/// Envoy, as far as records go: a property, and lines of it whenever it writes.
#[derive(Default)]
struct Envoy {
    property: String,
    lines: Vec<String>,
}

impl Envoy {
    fn apply(&mut self, step: Step) {
        for effect in step.effects {
            match effect {
                Effect::Record(line) => self.property = line,
                Effect::RecordBehind(line) => self.property = format!("{}\n{line}", self.property),
                Effect::Cut | Effect::Reply(_) => panic!("the stream goes on: {effect:?}"),
                _ => {}
            }
        }
    }

    fn write(&mut self) {
        self.lines.extend(self.property.lines().map(str::to_owned));
    }
}

/// What happens between two chunks.
#[derive(Clone, Copy, Debug)]
struct Pause {
    /// An interim record is due.
    is_long: bool,
    /// Envoy writes before the filter's tick; it does at least once in an interval.
    is_written: bool,
}

/// The records of a stream that came in these chunks.
fn run(engine: &mut Engine, groups: &[&str], chunks: &[&[u8]], pauses: &[Pause]) -> Vec<Value> {
    let mut envoy = Envoy::default();
    let mut now = begun();
    let caller = Caller { user: "ana".to_owned(), groups: groups.iter().map(|group| (*group).to_owned()).collect(), ..Caller::default() };
    let mut exchange = Exchange::new(StreamId(1), now);
    envoy.apply(exchange.on(engine, request_headers(&caller, "GET", "text/event-stream", &[]), now));
    let headers = vec![(":status".to_owned(), "200".to_owned()), ("content-type".to_owned(), "text/event-stream".to_owned())];
    envoy.apply(exchange.on(engine, Event::ResponseHeaders { headers, end: false }, now));
    for (chunk, pause) in chunks.iter().zip(pauses.iter().cycle()) {
        envoy.apply(exchange.on(engine, Event::ResponseBody { chunk: chunk.to_vec(), end: false }, now));
        if pause.is_written || pause.is_long {
            envoy.write();
        }
        if pause.is_long {
            now = now.plus_millis(INTERIM_MILLIS);
            envoy.apply(exchange.on(engine, Event::Tick, now));
        }
    }
    envoy.apply(exchange.on(engine, Event::ResponseBody { chunk: Vec::new(), end: true }, now));
    envoy.apply(exchange.on(engine, Event::Closed(Closing::default()), now));
    exchange.release(engine);
    envoy.write();
    // What was written twice is the same line twice.
    let lines: BTreeSet<&String> = envoy.lines.iter().collect();
    lines.into_iter().map(|line| serde_json::from_str(line).unwrap()).collect()
}

/// From the first message to the last, without a gap and without a copy; and all that the answer was, masked.
fn check(records: &[Value], whole: &str) -> Result<(), TestCaseError> {
    let number = |record: &Value, member: &str| record["unmapped"]["messages"][member].as_u64();
    let (mut told, mut silent): (Vec<&Value>, Vec<&Value>) = (Vec::new(), Vec::new());
    for record in records {
        if number(record, "from").is_some() { told.push(record) } else { silent.push(record) }
    }
    told.sort_by_key(|record| number(record, "from"));
    let mut next = 1;
    for record in &told {
        prop_assert_eq!(number(record, "from"), Some(next), "{}", record);
        next = number(record, "to").unwrap() + 1;
        prop_assert_eq!(number(record, "count"), Some(next - number(record, "from").unwrap()));
    }
    prop_assert_eq!(next, MESSAGES + 1);
    let messages = |text: &str| -> Vec<String> {
        let text = text.replace("\r\n", "\n");
        let events =
            text.split("\n\n").map(|event| event.lines().filter_map(|line| line.strip_prefix("data:")).collect::<Vec<_>>().join("\n"));
        events.filter(|data| !data.trim().is_empty()).collect()
    };
    let data = |record: &Value| record["api"]["response"]["data"].as_str().unwrap_or_default().to_owned();
    for record in &told {
        prop_assert_eq!(messages(&data(record)).len() as u64, number(record, "count").unwrap(), "{}", record);
    }
    for record in &silent {
        prop_assert!(messages(&data(record)).is_empty(), "{}", record);
    }
    let union: Vec<String> = told.iter().flat_map(|record| messages(&data(record))).collect();
    prop_assert_eq!(union, messages(whole));
    // Whole records of exchanges are one, the last, and it names all the others.
    let ends: Vec<&Value> = records.iter().filter(|record| record["metadata"]["sequence"].is_u64()).collect();
    prop_assert_eq!(ends.len(), 1);
    let sides = ends[0]["unmapped"]["sides"].as_array().into_iter().flatten();
    let interims = sides.filter(|side| side["uid"].as_str().unwrap().contains("-i")).count();
    prop_assert_eq!(interims, records.len() - 1);
    Ok(())
}

/// The answer as it is on record where nothing is written while it runs.
fn whole(engine: &mut Engine, groups: &[&str]) -> String {
    let records = run(engine, groups, &[&stream()], &[Pause { is_long: false, is_written: false }]);
    let end = records.iter().find(|record| record["metadata"]["sequence"].is_u64()).unwrap();
    end["api"]["response"]["data"].as_str().unwrap().to_owned()
}

/// `privacy` sees addresses that the record must not have: two maskers run.
const CALLERS: [&[&str]; 2] = [&["engineering"], &["privacy"]];

#[test]
fn each_message_is_on_record_once_at_every_split() {
    let (engine, stream) = (&mut engine(), stream());
    for groups in CALLERS {
        let whole = whole(engine, groups);
        assert!(!whole.contains("hannah") && !whole.contains(&secrets::fill("${stripe}")), "{whole}");
        for at in 0..=stream.len() {
            let (a, b) = stream.split_at(at);
            for is_written in [true, false] {
                let records = run(engine, groups, &[a, b], &[Pause { is_long: true, is_written }]);
                check(&records, &whole).unwrap_or_else(|err| panic!("{groups:?} {at}: {err}"));
            }
        }
        let bytes: Vec<&[u8]> = stream.chunks(1).collect();
        let pauses: Vec<Pause> = (0..60).map(|n| Pause { is_long: n == 59, is_written: false }).collect();
        check(&run(engine, groups, &bytes, &pauses), &whole).unwrap_or_else(|err| panic!("{groups:?}: {err}"));
    }
}

proptest! {
    #[test]
    fn each_message_is_on_record_once_whenever_it_is_written(
        sizes in prop::collection::vec(20_usize..120, 1..40),
        pauses in prop::collection::vec((any::<bool>(), any::<bool>()).prop_map(|(is_long, is_written)| Pause { is_long, is_written }), 1..12),
        caller in 0_usize..2,
    ) {
        let stream = stream();
        let (mut rest, mut chunks) = (stream.as_slice(), Vec::new());
        for size in sizes.iter().cycle() {
            if rest.is_empty() {
                break;
            }
            let (chunk, more) = rest.split_at((*size).min(rest.len()));
            chunks.push(chunk);
            rest = more;
        }
        let groups = CALLERS[caller];
        let engine = &mut engine();
        let whole = whole(engine, groups);
        check(&run(engine, groups, &chunks, &pauses), &whole)?;
    }
}
