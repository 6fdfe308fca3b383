//! Section `recognizers` and what a masking rule says of them: services with language models that find what no format tells.

use std::collections::HashMap;

use serde_json::{Value as Json, json};

use super::form::{Fields, Form, Placed, Reading, described, parsed, section, shown, text, word, words, wrong_word};
use super::lower::{between, credential_of, or, service_host};
use super::model::{Credential, Direction};
use super::report::{Place, Report};
use super::tree::{Node, Value};
use super::value::{Bytes, Duration};
use super::words::{Count, Name, UrlPath};
use super::{suggest, written};

/// A Presidio analyzer, or whatever speaks as it does.
#[derive(Clone, Debug)]
pub struct Recognizer {
    pub id: String,
    /// Name of the Envoy cluster.
    pub cluster: String,
    /// `:path` of the request.
    pub path: String,
    /// `:authority` of the request.
    pub host: String,
    pub credential: Option<Credential>,
    /// Of the texts, as the service names it.
    pub language: String,
    /// Findings below count for nothing.
    pub score: f64,
    pub timeout: Duration,
    /// Largest message that is shown to it, as written.
    pub max_message: Bytes,
    /// Calls of one worker at once.
    pub in_flight: usize,
    /// It does not answer, or not as it must.
    pub unavailable: Otherwise,
    /// The message is too long for it.
    pub too_long: Otherwise,
}

/// What becomes of a message that no recognizer has looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Otherwise {
    /// It is withheld.
    Refuse,
    /// It goes on as the built-in detectors left it.
    Pass,
}

words!(Otherwise { "refuse" => Otherwise::Refuse, "pass" => Otherwise::Pass });

/// What a masking rule asks of a recognizer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Remote {
    /// Its id.
    pub recognizer: String,
    /// Types of entities, as the service names them.
    pub entities: Vec<String>,
}

section! {
    /// A service that finds names, addresses and the like in texts: a Presidio analyzer, reached through an Envoy cluster. Masking rules name it (`recognizer`). See `docs/recognizers.md`.
    RecognizerWritten {
        /// What masking rules call it.
        required id: Name,
        /// Name of the Envoy cluster.
        required cluster: String,
        /// Default `/analyze`.
        optional path: UrlPath,
        /// Host header of the requests. Default: the cluster's name.
        optional host: String,
        /// What the service is shown, such as `{ header: authorization, value: "Bearer ${env:PRESIDIO_TOKEN}" }`.
        optional credential: super::written::Credential,
        /// Language of the texts, as the service names it. Default `en`.
        optional language: String,
        /// Findings below this score count for nothing. From 0 to 1, default 0.5.
        optional score: Score,
        /// Time for one answer. Default 2s, from 100ms to 30s.
        optional timeout: Duration,
        /// Largest message that is shown to it: an answer, or one event of a stream. Default 256KiB, from 1KiB to 512KiB.
        optional max_message: Bytes,
        /// Calls of one worker at once. Default 64, from 1 to 1000.
        optional in_flight: Count,
        /// Where it does not answer, answers wrongly, or has too many calls already: `refuse` (default) withholds the message, `pass` lets it go as the built-in detectors left it.
        optional unavailable: Otherwise,
        /// Where a message is larger than `max_message` or has too many texts in it: `refuse` (default), or `pass`.
        optional too_long: Otherwise,
    }
}

/// From 0 to 1.
#[derive(Clone, Copy, Debug)]
pub(super) struct Score(f64);

impl Form for Score {
    fn read(node: &Node, at: &Place, reading: &mut Reading<'_>) -> Option<Self> {
        let score = if let Value::Number(number) = &node.value { number.as_f64() } else { None };
        let score = score.filter(|score| (0.0..=1.0).contains(score)).map(Self);
        if score.is_none() {
            reading.report.add(at, format!("expected a number from 0 to 1, such as 0.5, found {}", node.kind()));
        }
        score
    }

    fn schema() -> Json {
        json!({ "type": "number", "minimum": 0, "maximum": 1 })
    }
}

parsed!(Entity, entity, { "type": "string", "pattern": "^[A-Za-z][A-Za-z0-9_-]{0,63}$", "examples": ["PERSON", "LOCATION"] });

/// A type of entities.
#[derive(Clone, Debug)]
pub(super) struct Entity(String);

fn entity(text: &str) -> Result<Entity, &'static str> {
    const EXPECTED: &str = "a type of entities as the service names it, such as `PERSON`: up to 64 letters, digits, `_` and `-`";
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-');
    let good = text.starts_with(|c: char| c.is_ascii_alphabetic()) && text.len() <= 64 && text.chars().all(plain);
    if good { Ok(Entity(text.to_owned())) } else { Err(EXPECTED) }
}

/// More recognizers than anybody shows one answer to: each is a call that the answer waits for.
const RECOGNIZERS: usize = 8;

pub(super) fn of(written: Option<Placed<Vec<Placed<RecognizerWritten>>>>, report: &mut Report) -> Vec<Recognizer> {
    let Some(Placed { at, value }) = written else { return Vec::new() };
    if value.len() > RECOGNIZERS {
        report.add(&at, format!("{} recognizers; at most {RECOGNIZERS} are taken", value.len()));
    }
    let mut seen = HashMap::new();
    value.into_iter().filter_map(|written| recognizer_of(written, &mut seen, report)).collect()
}

fn recognizer_of(written: Placed<RecognizerWritten>, seen: &mut HashMap<String, String>, report: &mut Report) -> Option<Recognizer> {
    let Placed { at, value } = written;
    let RecognizerWritten { id, cluster, path, host, credential, language, score, timeout, .. } = value;
    let RecognizerWritten { max_message, in_flight, unavailable, too_long, .. } = value;
    super::lower::unique(id.as_ref(), seen, report);
    let host = service_host(host, cluster.as_ref(), &at, report);
    let secs = Duration::from_secs;
    let timeout = between(timeout, secs(2), Duration::from_millis(100), secs(30), "from 100ms to 30s", report);
    let kib = |n: usize| Bytes(n * 1024);
    let max_message = between(max_message, kib(256), kib(1), kib(512), "from 1KiB to 512KiB", report);
    let in_flight = in_flight.map(|placed| Placed { at: placed.at, value: placed.value.0 });
    let in_flight = between(in_flight, 64, 1, 1000, "from 1 to 1000", report);
    Some(Recognizer {
        id: id?.value.0,
        cluster: cluster?.value,
        path: path.map_or_else(|| "/analyze".to_owned(), |path| path.value.0),
        host: host?,
        credential: credential.and_then(credential_of),
        language: or(language, "en".to_owned()),
        score: score.map_or(0.5, |score| score.value.0),
        timeout,
        max_message,
        in_flight,
        unavailable: or(unavailable, Otherwise::Refuse),
        too_long: or(too_long, Otherwise::Refuse),
    })
}

/// The part of a masking rule that is about a recognizer.
pub(super) fn remote_of(recognizer: Option<Placed<Name>>, entities: Option<Placed<Vec<Entity>>>) -> Option<Remote> {
    let entities = entities?.value.into_iter().map(|entity| entity.0).collect();
    Some(Remote { recognizer: recognizer?.value.0, entities })
}

/// Rules name recognizers that there are, and every recognizer is named by a rule.
pub(super) fn check(
    recognizers: Option<&Placed<Vec<Placed<RecognizerWritten>>>>,
    masking: Option<&Placed<Vec<Placed<written::MaskRule>>>>,
    report: &mut Report,
) {
    let rules: Vec<&Placed<written::MaskRule>> = masking.iter().flat_map(|rules| &rules.value).collect();
    let ids: Vec<&Placed<Name>> = recognizers.iter().flat_map(|all| &all.value).filter_map(|one| one.value.id.as_ref()).collect();
    for Placed { at, value: rule } in &rules {
        match (&rule.recognizer, &rule.entities) {
            (Some(_), None) => {
                report.follow_up(at, "its recognizer needs `entities`, such as `[PERSON, LOCATION]`: what it is to look for")
            }
            (None, Some(entities)) => report.add(&entities.at, "has no effect without `recognizer`, which says who looks for them"),
            _ => {}
        }
        let Some(named) = &rule.recognizer else { continue };
        if !ids.iter().any(|id| id.value == named.value) {
            let hint = match suggest::nearest(&named.value.0, ids.iter().map(|id| id.value.0.as_str())) {
                Some(near) => format!("; did you mean `{near}`?"),
                None => "; `recognizers` lists them".to_owned(),
            };
            report.add(&named.at, format!("there is no recognizer `{}`{hint}", named.value.0));
        }
        if rule.direction.as_ref().is_some_and(|direction| direction.value != Direction::Responses) {
            report.add(at, "a recognizer is shown answers only; keep `direction: responses`, and give requests a rule of their own");
        }
    }
    for id in ids {
        let is_named = |rule: &&Placed<written::MaskRule>| rule.value.recognizer.as_ref().is_some_and(|named| named.value == id.value);
        if !rules.iter().any(is_named) {
            report.add(
                &id.at,
                format!("no masking rule has `recognizer: {}`, so nothing is ever shown to it; add one, or remove it", id.value.0),
            );
        }
    }
}

#[cfg(test)]
mod tests;
