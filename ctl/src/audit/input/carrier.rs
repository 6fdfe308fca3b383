//! The record within a line.
//!
//! A line is a record, or carries records as texts: JSON that a collector wrote (OTLP's `body.stringValue`, a log shipper's
//! `message`), or a line with something before the record (syslog). Carried texts are JSON strings, so taking the string apart gives back
//! the very text that the filter wrote, and with it the very hash.

use std::fmt;

use memchr::memmem;
use serde::Deserialize;
use serde::de::{DeserializeSeed, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};

pub(crate) enum Found<'a> {
    /// The line, or its end, is a record.
    Direct(&'a str),
    /// It holds records as texts.
    Carried(Vec<String>),
    /// A line that was never finished, and what was written next: a record, or a line of another kind.
    Behind(Option<&'a str>),
    /// It bears the marks of a record and cannot be read as one.
    Broken,
    /// It is something else.
    Nothing,
}

/// Every record has all of them, so does a record in which any one byte is not what it was, or a line break came in.
const MARKS: [[&[u8]; 2]; 3] = [
    // As they are, and as they are in a text within JSON.
    [br#""log_name":"portcullis""#, br#"\"log_name\":\"portcullis\""#],
    [br#""vendor_name":"Portcullis""#, br#"\"vendor_name\":\"Portcullis\""#],
    [br#""record_integrity":{"#, br#"\"record_integrity\":{"#],
];
/// How a record begins, and how the lines begin that Envoy writes where there is none. Within a record quotes are escaped or what follows differs.
const BEGINNINGS: [&[u8]; 2] = [br#"{"action":"#, br#"{"portcullis":"#];
/// Places where another line may begin on one: more there are only when somebody wrote them.
const TRIES: usize = 16;
/// A line without these has no record in it.
const HINTS: [&[u8]; 2] = [b"ortcullis", b"record_integrity"];
/// Texts within texts: a shipper's line around a collector's around the record.
const DEEPEST: usize = 3;

pub(crate) fn look(line: &[u8]) -> Found<'_> {
    let has = |mark: &&[u8]| memmem::find(line, mark).is_some();
    if !HINTS.iter().any(has) {
        return Found::Nothing;
    }
    let unreadable = || match behind(line) {
        Some(found) => found,
        None if MARKS.iter().flatten().any(has) => Found::Broken,
        None => Found::Nothing,
    };
    // Past whatever a carrier put before the first brace.
    let text = memchr::memchr(b'{', line).and_then(|at| line.get(at..)).and_then(|rest| std::str::from_utf8(rest).ok());
    let Some(text) = text else { return unreadable() };
    if is_record(text) {
        return Found::Direct(text);
    }
    let mut texts = Vec::new();
    match dig(text, DEEPEST, &mut texts) {
        Err(_) => unreadable(),
        Ok(()) if texts.is_empty() => Found::Nothing,
        Ok(()) => Found::Carried(texts),
    }
}

/// A writer that is killed leaves a line without an end, and the next one begins on it.
fn behind(line: &[u8]) -> Option<Found<'_>> {
    let mut places: Vec<usize> = BEGINNINGS.iter().flat_map(|begin| memmem::find_iter(line, begin)).filter(|at| *at > 0).collect();
    places.sort_unstable();
    places.iter().rev().take(TRIES).find_map(|at| {
        let text = std::str::from_utf8(line.get(*at..)?).ok()?;
        serde_json::from_str::<IgnoredAny>(text).ok()?;
        Some(Found::Behind(is_record(text).then_some(text)))
    })
}

fn dig(text: &str, deeper: usize, into: &mut Vec<String>) -> serde_json::Result<()> {
    let mut json = serde_json::Deserializer::from_str(text);
    Carried { into, deeper }.deserialize(&mut json)?;
    json.end()
}

/// Enough of a text to tell that it is, or was, a record of this program.
#[derive(Deserialize)]
struct Kind<'a> {
    #[serde(borrow, default)]
    metadata: Option<Metadata<'a>>,
    #[serde(default)]
    unmapped: Option<Unmapped>,
}

#[derive(Deserialize)]
struct Metadata<'a> {
    #[serde(borrow, default)]
    log_name: Option<&'a str>,
}

#[derive(Deserialize)]
struct Unmapped {
    #[serde(default)]
    record_integrity: Option<IgnoredAny>,
}

fn is_record(text: &str) -> bool {
    let Ok(kind) = serde_json::from_str::<Kind<'_>>(text) else { return false };
    kind.metadata.is_some_and(|metadata| metadata.log_name == Some("portcullis"))
        || kind.unmapped.is_some_and(|unmapped| unmapped.record_integrity.is_some())
}

/// Collects the texts of a JSON value that are records. Does not look into what it has found: a payload on record may look like a record.
struct Carried<'t> {
    into: &'t mut Vec<String>,
    deeper: usize,
}

impl<'de> DeserializeSeed<'de> for Carried<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, json: D) -> Result<(), D::Error> {
        json.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Carried<'_> {
    type Value = ();

    fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("JSON")
    }

    fn visit_str<E>(self, text: &str) -> Result<(), E> {
        let text = text.trim_ascii();
        // Cheap before dear.
        if !text.starts_with('{') || !HINTS.iter().any(|hint| memmem::find(text.as_bytes(), hint).is_some()) {
            return Ok(());
        }
        if is_record(text) {
            self.into.push(text.to_owned());
        } else if text.contains('\n') && text.lines().all(is_record) {
            // Of a long stream: the record of its end, behind one from while it ran.
            self.into.extend(text.lines().map(str::to_owned));
        } else if let Some(deeper) = self.deeper.checked_sub(1) {
            // What is no JSON is a text like any other.
            let _ = dig(text, deeper, self.into);
        }
        Ok(())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<(), A::Error> {
        while list.next_element_seed(Carried { into: &mut *self.into, deeper: self.deeper })?.is_some() {}
        Ok(())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut object: A) -> Result<(), A::Error> {
        while object.next_key::<IgnoredAny>()?.is_some() {
            object.next_value_seed(Carried { into: &mut *self.into, deeper: self.deeper })?;
        }
        Ok(())
    }

    fn visit_bool<E>(self, _: bool) -> Result<(), E> {
        Ok(())
    }

    fn visit_i64<E>(self, _: i64) -> Result<(), E> {
        Ok(())
    }

    fn visit_u64<E>(self, _: u64) -> Result<(), E> {
        Ok(())
    }

    fn visit_f64<E>(self, _: f64) -> Result<(), E> {
        Ok(())
    }

    fn visit_unit<E>(self) -> Result<(), E> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn record() -> String {
        json!({ "class_uid": 6003, "metadata": { "log_name": "portcullis", "vendor_name": "Portcullis" }, "api": { "request": { "data": "{\"metadata\":{\"log_name\":\"portcullis\"}}" } } })
            .to_string()
    }

    fn texts(line: &str) -> Option<Vec<String>> {
        match look(line.as_bytes()) {
            Found::Direct(text) => Some(vec![text.to_owned()]),
            Found::Carried(texts) => Some(texts),
            Found::Behind(text) => Some(text.map(str::to_owned).into_iter().collect()),
            Found::Nothing => Some(Vec::new()),
            Found::Broken => None,
        }
    }

    #[test]
    fn a_record_is_found_however_it_is_carried() {
        let record = record();
        let otlp = json!({ "resourceLogs": [{ "scopeLogs": [{ "logRecords": [
            { "body": { "stringValue": record } }, { "body": { "stringValue": "other" } }, { "body": { "stringValue": format!("{record}\n") } },
        ] }] }] });
        assert_eq!(texts(&record), Some(vec![record.clone()]));
        assert_eq!(texts(&format!("<134>Nov 20 14:00:00 gw envoy: {record}")), Some(vec![record.clone()]));
        assert_eq!(texts(&json!({ "message": record, "n": [1, -1, 1.5, null, true] }).to_string()), Some(vec![record.clone()]));
        assert_eq!(texts(&otlp.to_string()), Some(vec![record.clone(), record.clone()]));
        assert_eq!(texts(&json!({ "log": otlp.to_string() }).to_string()), Some(vec![record.clone(), record.clone()]));
        let both = format!("{record}\n{record}");
        assert_eq!(texts(&json!({ "body": { "stringValue": both } }).to_string()), Some(vec![record.clone(), record]));
    }

    #[test]
    fn what_begins_on_a_line_that_was_never_finished_is_found() {
        let record = format!("{{\"action\":\"Allowed\",{}", record().split_at(1).1);
        for at in 1..record.len() {
            let line = [record.split_at(at).0, &record].concat();
            assert!(matches!(look(line.as_bytes()), Found::Behind(Some(text)) if text == record), "{at}");
            let line = [record.split_at(at).0, "{\"portcullis\":\"protocol-error\"}"].concat();
            assert!(matches!(look(line.as_bytes()), Found::Behind(None)), "{at}");
        }
        assert!(matches!(look([&record, record.split_at(20).0].concat().as_bytes()), Found::Broken));
    }

    #[test]
    fn other_lines_are_nothing_and_a_spoilt_record_is_told() {
        let record = record();
        for other in [
            "-",
            "",
            "{}",
            "name: {portcullis",
            "{\"portcullis\":",
            "{\"portcullis\":\"no-record\"}",
            "[2026-11-20] \"GET /portcullis HTTP/1.1\" 200",
        ] {
            assert_eq!(texts(other), Some(Vec::new()), "{other}");
        }
        assert_eq!(texts(record.get(..record.len() - 1).unwrap()), None);
        assert_eq!(texts(&record.replace("6003", "60 03")), None);
        let carried = json!({ "message": record }).to_string();
        assert_eq!(texts(carried.get(..carried.len() - 1).unwrap()), None);
    }
}
