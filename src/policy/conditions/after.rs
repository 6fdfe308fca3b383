//! `rules[].after`: what the caller has done before.

use serde_json::Value as Json;

use super::super::finding::FindingName;
use super::super::form::{Fields, Form, Placed, Reading, described, section, word, words, wrong_word};
use super::super::report::{Place, Report};
use super::super::tree::Node;
use super::super::value::{Duration, Glob};
use super::super::words::Count;
use crate::policy::Then;

/// True when there were at least `times` such calls in the window before this one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct After {
    /// Calls of these tools; of any method when empty.
    pub tools: Vec<Glob>,
    /// Calls of these methods; all that need a rule when empty.
    pub methods: Vec<Glob>,
    /// Calls whose answers held one of these; all calls that were let through when empty.
    pub findings: Vec<FindingName>,
    /// From 1 to [`MOST_TIMES`].
    pub times: usize,
    pub within: Duration,
    pub per: Whose,
}

/// As many times as are remembered for one condition.
pub const MOST_TIMES: usize = 64;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Whose {
    /// Of this MCP session; of the principal where there is none.
    Session,
    /// Of this principal, in any session.
    Principal,
}

words!(Whose { "session" => Whose::Session, "principal" => Whose::Principal });

section! {
    /// What must have happened before: calls that were let through, or whose answers held something. See `docs/limits.md`.
    AfterWritten {
        /// Calls of these tools.
        optional tools: Vec<Glob>,
        /// Calls of these methods.
        optional methods: Vec<Glob>,
        /// Calls whose answers held one of these: detectors such as `secrets`, or ids of masking rules.
        optional findings: Vec<Placed<FindingName>>,
        /// How many such calls. Default 1, at most 64.
        optional times: Count,
        /// The window before this call. Default 1h, from 1s to 1d.
        optional within: Duration,
        /// `session` (default; without one: the principal) or `principal`.
        optional per: Whose,
    }
}

#[expect(clippy::unnecessary_wraps, reason = "all conditions are lowered alike")]
pub(in crate::policy) fn of(written: Placed<AfterWritten>, _then: Option<Then>, report: &mut Report) -> Option<After> {
    let Placed { at, value: AfterWritten { tools, methods, findings, times, within, per } } = written;
    if tools.is_none() && methods.is_none() && findings.is_none() {
        report.follow_up(&at, "says nothing about earlier calls; add `tools`, `methods` or `findings`");
    }
    let globs = |placed: Option<Placed<Vec<Glob>>>| placed.map(|placed| placed.value).unwrap_or_default();
    let times = match times {
        Some(placed) if placed.value.0 == 0 || placed.value.0 > MOST_TIMES => {
            report.add(&placed.at, format!("must be from 1 to {MOST_TIMES}; for more, use a budget (`limits.calls`)"));
            1
        }
        Some(placed) => placed.value.0,
        None => 1,
    };
    let within = match within {
        Some(placed) if placed.value < Duration::from_secs(1) || placed.value > Duration::from_secs(86_400) => {
            report.add(&placed.at, "must be from 1s to 1d");
            placed.value
        }
        Some(placed) => placed.value,
        None => Duration::from_secs(3_600),
    };
    Some(After {
        tools: globs(tools),
        methods: globs(methods),
        findings: findings.map(|placed| placed.value.into_iter().map(|name| name.value).collect()).unwrap_or_default(),
        times,
        within,
        per: per.map_or(Whose::Session, |placed| placed.value),
    })
}
