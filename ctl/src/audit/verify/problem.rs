//! What can be wrong with a log.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::audit::when::Millis;

/// In stable words, for programs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Kind {
    /// There is no record in these files.
    Empty,
    /// A line that was a record and can no longer be read as one.
    Unreadable,
    /// A record without a chain: written with `audit.chain: off`, by a version before chains, or put in.
    Unchained,
    /// A record whose text is not the one that was fingerprinted.
    Altered,
    /// Records missing between two others.
    Missing,
    /// Records missing before the first.
    BeginningMissing,
    /// Records missing after the last.
    Cut,
    /// A chain of which nothing is left.
    Removed,
    /// Records that are not in the order in which they were written.
    Reordered,
    /// What the writer cannot have written: two records for one place, a link that does not fit, records after the end.
    Forged,
    /// A chain that was made with another key, or without one.
    WrongKey,
    /// A checkpoint that is none, or is signed by somebody else.
    BadCheckpoint,
    /// No checkpoint where there should have been one.
    NoCheckpoint,
    /// The notary's file does not hold together.
    BadNotary,
}

impl Kind {
    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::Empty => "empty",
            Self::Unreadable => "unreadable",
            Self::Unchained => "unchained",
            Self::Altered => "altered",
            Self::Missing => "missing",
            Self::BeginningMissing => "beginning missing",
            Self::Cut => "cut",
            Self::Removed => "removed",
            Self::Reordered => "reordered",
            Self::Forged => "forged",
            Self::WrongKey => "wrong key",
            Self::BadCheckpoint => "bad checkpoint",
            Self::NoCheckpoint => "no checkpoint",
            Self::BadNotary => "bad notary",
        }
    }
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(crate) struct Problem {
    pub(crate) kind: Kind,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) chain: Option<String>,
    /// The records it is about, the first and the last.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) records: Option<(u64, u64)>,
    /// When that was, ms since 1970.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) between: Option<(Option<Millis>, Option<Millis>)>,
    /// `FILE:LINE`
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) place: Option<String>,
    pub(crate) message: String,
}

impl Problem {
    pub(crate) fn new(kind: Kind, message: impl Into<String>) -> Self {
        Self { kind, chain: None, records: None, between: None, place: None, message: message.into() }
    }

    pub(crate) fn of(self, chain: &str) -> Self {
        Self { chain: Some(chain.to_owned()), ..self }
    }

    pub(crate) fn records(self, first: u64, last: u64) -> Self {
        Self { records: Some((first, last)), ..self }
    }

    pub(crate) fn between(self, from: Option<Millis>, to: Option<Millis>) -> Self {
        Self { between: Some((from, to)), ..self }
    }

    pub(crate) fn at(self, place: String) -> Self {
        Self { place: Some(place), ..self }
    }
}

/// Problems told one by one, of each kind; more are only counted: a file of another kind may have millions.
const TOLD: usize = 200;

#[derive(Debug, Default)]
pub(crate) struct Problems {
    pub(crate) told: Vec<Problem>,
    pub(crate) counts: BTreeMap<Kind, u64>,
}

impl Problems {
    pub(crate) fn add(&mut self, problem: Problem) {
        let count = self.counts.entry(problem.kind).or_default();
        *count = count.saturating_add(1);
        if *count <= TOLD as u64 {
            self.told.push(problem);
        }
    }

    pub(crate) fn count(&self) -> u64 {
        self.counts.values().sum()
    }
}
