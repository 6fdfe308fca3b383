//! `limits.calls`, `limits.bytes_out`, `limits.findings`, `limits.streams`: how much one caller, tool or session may have.

use std::collections::HashMap;

use serde_json::{Value as Json, json};

use super::finding::FindingName;
use super::form::{Fields, Form, Placed, Reading, described, section, word, words, wrong_word};
use super::model::Mode;
use super::report::{Place, Report};
use super::tree::{Node, Value};
use super::value::{Bytes, Duration, Glob};
use super::words::{Count, Name, Rate};

/// One budget.
#[derive(Clone, Debug)]
pub struct Budget {
    /// Named on record and in refusals.
    pub id: String,
    /// Who shares it.
    pub per: Per,
    pub limit: Limit,
    /// Callers in any of these groups; all when empty.
    pub groups: Vec<Glob>,
    /// Calls of these tools; all calls when empty.
    pub tools: Vec<Glob>,
    /// These methods; governed calls when empty.
    pub methods: Vec<Glob>,
    pub mode: Mode,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Per {
    /// Issuer and subject of the token.
    Principal,
    /// The tool that is called, whoever calls it.
    Tool,
    /// The MCP session; without one the principal.
    Session,
    All,
}

words!(Per { "principal" => Per::Principal, "tool" => Per::Tool, "session" => Per::Session, "all" => Per::All });

#[derive(Clone, Debug)]
pub enum Limit {
    /// `count` calls in `span`, `burst` of them at once.
    Calls { count: u64, span: Duration, burst: u64 },
    /// Bytes of answers.
    Bytes { at_most: u64, within: Duration },
    /// Values found in answers, by these names; all when empty.
    Findings { at_most: u64, within: Duration, detect: Vec<FindingName> },
    /// Answers and streams open at the same time.
    Streams { at_most: u64 },
}

/// Budgets in one policy: each costs a look into shared data for every call it is about.
const BUDGETS: usize = 32;
const DAY: Duration = Duration::from_secs(86_400);

/// One of it stands for a list of one.
#[derive(Debug)]
pub(super) struct Several<T>(pub(super) Vec<Placed<T>>);

impl<T: Form> Form for Several<T> {
    fn read(node: &Node, at: &Place, reading: &mut Reading<'_>) -> Option<Self> {
        match &node.value {
            Value::List(_) => Vec::read(node, at, reading).map(Self),
            _ => Placed::read(node, at, reading).map(|one| Self(vec![one])),
        }
    }

    fn schema() -> Json {
        json!({ "anyOf": [T::schema(), { "type": "array", "minItems": 1, "items": T::schema() }] })
    }
}

section! {
    /// How often: a rate with a burst (GCRA), exact over all workers of an Envoy. See `docs/limits.md`.
    Calls {
        /// Named on record and in refusals. Default `calls`, with a number from the second on.
        optional id: Name,
        /// Who shares the budget: `principal` (issuer and subject), `tool`, `session` (without one: the principal), or `all`.
        required per: Per,
        /// Such as `10/s`, `60/m` or `1000/h`.
        required rate: Rate,
        /// How many may come at once. Default: a sixth of the rate's number, but at least 5, and never more than it.
        optional burst: Count,
        /// Only calls of these tools.
        optional tools: Vec<Glob>,
        /// Only callers in any of these groups.
        optional groups: Vec<Glob>,
        /// These methods are counted, whatever they are, in place of the calls that need a rule.
        optional methods: Vec<Glob>,
        /// `observe` records a call that is over the budget and lets it pass.
        optional mode: Mode,
    }
}

section! {
    /// How many bytes of answers, before an answer is cut and further calls are refused.
    BytesOut {
        /// Named on record and in refusals. Default `bytes_out`, with a number from the second on.
        optional id: Name,
        /// Who shares the budget: `principal`, `tool`, `session` or `all`.
        required per: Per,
        /// Such as `10MiB`.
        required at_most: Bytes,
        /// The window, from 1s to 1d. What was used comes back evenly over it.
        required within: Duration,
        optional tools: Vec<Glob>,
        optional groups: Vec<Glob>,
        optional mode: Mode,
    }
}

section! {
    /// How many values that masking finds, before an answer is cut and further calls are refused.
    FindingsOut {
        /// Named on record and in refusals. Default `findings`, with a number from the second on.
        optional id: Name,
        /// Who shares the budget: `principal`, `tool`, `session` or `all`.
        required per: Per,
        required at_most: Count,
        /// The window, from 1s to 1d. What was used comes back evenly over it.
        required within: Duration,
        /// Detectors such as `secrets`, or ids of masking rules. Default: all.
        optional detect: Vec<Placed<FindingName>>,
        optional tools: Vec<Glob>,
        optional groups: Vec<Glob>,
        optional mode: Mode,
    }
}

section! {
    /// How many answers and streams may be open at the same time.
    Streams {
        /// Named on record and in refusals. Default `streams`, with a number from the second on.
        optional id: Name,
        /// Who shares the budget: `principal`, `tool`, `session` or `all`.
        required per: Per,
        required at_most: Count,
        optional tools: Vec<Glob>,
        optional groups: Vec<Glob>,
        optional mode: Mode,
    }
}

/// Everything of `limits` that is a budget, as it is written.
#[derive(Debug, Default)]
pub(super) struct Written {
    pub(super) calls: Option<Placed<Several<Calls>>>,
    pub(super) bytes_out: Option<Placed<Several<BytesOut>>>,
    pub(super) findings: Option<Placed<Several<FindingsOut>>>,
    pub(super) streams: Option<Placed<Several<Streams>>>,
}

impl Written {
    /// The names of findings in it.
    pub(super) fn findings(&self) -> Vec<&Placed<FindingName>> {
        let budgets = self.findings.iter().flat_map(|placed| &placed.value.0);
        budgets.filter_map(|budget| budget.value.detect.as_ref()).flat_map(|names| &names.value).collect()
    }
}

/// What all kinds of budgets have.
struct Common {
    at: Place,
    id: Option<Placed<Name>>,
    per: Option<Placed<Per>>,
    tools: Option<Placed<Vec<Glob>>>,
    groups: Option<Placed<Vec<Glob>>>,
    methods: Option<Placed<Vec<Glob>>>,
    mode: Option<Placed<Mode>>,
}

#[derive(Default)]
struct Lowering {
    budgets: Vec<Budget>,
    /// Id, and where it is.
    ids: HashMap<String, Place>,
}

pub(super) fn of(written: Written, report: &mut Report) -> Vec<Budget> {
    let Written { calls, bytes_out, findings, streams } = written;
    let mut lowering = Lowering::default();
    for (index, Placed { at, value }) in several(calls).enumerate() {
        let Calls { id, per, rate, burst, tools, groups, methods, mode } = value;
        let Some(rate) = rate else { continue };
        let (count, span) = (u64::from(rate.value.calls), rate.value.span);
        let usual = (count / 6).max(5).min(count);
        let most = count.saturating_mul(60);
        let burst = match burst {
            Some(burst) if burst.value.0 == 0 || burst.value.0 as u64 > most => {
                report.add(&burst.at, format!("must be from 1 to {most}, sixty times the rate's number"));
                usual
            }
            Some(burst) => burst.value.0 as u64,
            None => usual,
        };
        let common = Common { at, id, per, tools, groups, methods, mode };
        lowering.add("calls", index, common, Limit::Calls { count, span, burst }, report);
    }
    for (index, Placed { at, value }) in several(bytes_out).enumerate() {
        let BytesOut { id, per, at_most, within, tools, groups, mode } = value;
        let (Some(at_most), Some(within)) = (at_most, window(within, report)) else { continue };
        let limit = Limit::Bytes { at_most: positive(at_most.value.0, &at_most.at, report), within };
        lowering.add("bytes_out", index, Common { at, id, per, tools, groups, methods: None, mode }, limit, report);
    }
    for (index, Placed { at, value }) in several(findings).enumerate() {
        let FindingsOut { id, per, at_most, within, detect, tools, groups, mode } = value;
        let (Some(at_most), Some(within)) = (at_most, window(within, report)) else { continue };
        let detect = detect.map(|names| names.value.into_iter().map(|name| name.value).collect()).unwrap_or_default();
        let limit = Limit::Findings { at_most: positive(at_most.value.0, &at_most.at, report), within, detect };
        lowering.add("findings", index, Common { at, id, per, tools, groups, methods: None, mode }, limit, report);
    }
    for (index, Placed { at, value }) in several(streams).enumerate() {
        let Streams { id, per, at_most, tools, groups, mode } = value;
        let Some(at_most) = at_most else { continue };
        let limit = Limit::Streams { at_most: positive(at_most.value.0, &at_most.at, report) };
        lowering.add("streams", index, Common { at, id, per, tools, groups, methods: None, mode }, limit, report);
    }
    lowering.budgets
}

fn several<T>(written: Option<Placed<Several<T>>>) -> impl Iterator<Item = Placed<T>> {
    written.into_iter().flat_map(|placed| placed.value.0)
}

fn window(written: Option<Placed<Duration>>, report: &mut Report) -> Option<Duration> {
    let Placed { at, value } = written?;
    if value < Duration::from_secs(1) || value > DAY {
        report.add(&at, "must be from 1s to 1d");
    }
    Some(value)
}

fn positive(number: usize, at: &Place, report: &mut Report) -> u64 {
    if number == 0 {
        report.add(at, "must be 1 or more; to forbid something, write a rule");
    }
    number as u64
}

impl Lowering {
    fn add(&mut self, word: &str, index: usize, common: Common, limit: Limit, report: &mut Report) {
        let Common { at, id, per, tools, groups, methods, mode } = common;
        let list = |placed: Option<Placed<Vec<Glob>>>| placed.map(|placed| placed.value).unwrap_or_default();
        let (id, at) = match id {
            Some(id) => (id.value.0, id.at),
            None if index == 0 => (word.to_owned(), at),
            None => (format!("{word}-{}", index.saturating_add(1)), at),
        };
        if let Some(first) = self.ids.get(&id) {
            report.add(&at, format!("the id `{id}` is taken by {}", first.path.trim_end_matches(".id")));
        }
        self.ids.insert(id.clone(), at.clone());
        if self.budgets.len() == BUDGETS {
            report.add(&at, format!("more than {BUDGETS} budgets; each costs time on every call"));
        }
        let Some(per) = per else { return };
        let mode = mode.map_or(Mode::Enforce, |placed| placed.value);
        self.budgets.push(Budget { id, per: per.value, limit, groups: list(groups), tools: list(tools), methods: list(methods), mode });
    }
}
