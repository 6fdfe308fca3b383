//! From rounds to the table.

use std::time::Duration;

use crate::call::Form;
use crate::conditions;
use crate::load::Measured;
use crate::process::Cpu;
use crate::variants::Variant;

/// One variant's share of one round, per request.
#[derive(Clone, Copy, Debug)]
pub struct Round {
    /// CPU time in microseconds.
    pub worker: f64,
    pub process: f64,
    /// Requests per second.
    pub rate: f64,
    /// Latency in milliseconds.
    pub p50: f64,
    pub p99: f64,
}

impl Round {
    pub fn new(cpu: Cpu, measured: &Measured) -> Self {
        let requests = count(measured.latencies.len().max(1));
        let at = |share: usize| {
            let index = measured.latencies.len().saturating_mul(share).div_ceil(100).saturating_sub(1);
            measured.latencies.get(index).copied().unwrap_or_default().as_secs_f64() * 1e3
        };
        Self {
            worker: micros(cpu.worker) / requests,
            process: micros(cpu.process) / requests,
            rate: requests / measured.wall.as_secs_f64().max(f64::EPSILON),
            p50: at(50),
            p99: at(99),
        }
    }
}

/// All rounds of one variant and form.
#[derive(Debug)]
pub struct Series {
    pub variant: Variant,
    pub form: Form,
    pub rounds: Vec<Round>,
}

/// What the record, its chain and its masking may add to a call (issue 6), in microseconds.
const RECORD: f64 = 15.0;

/// The table of one form. Ratios and differences are taken within each round, so that what disturbs the machine cancels out, and then
/// their median.
pub fn table(series: &[Series], form: Form) {
    let of = |variant| series.iter().find(|series| series.variant == variant && series.form == form);
    let (none, native) = (of(Variant::NoFilter), of(Variant::Native));
    println!();
    println!(
        "{:<12} {:>9} {:>9} {:>9} {:>9} {:>11} {:>9} {:>8} {:>8}   (answers as {})",
        "variant",
        "CPU µs",
        "added µs",
        "x none",
        "x native",
        "process µs",
        "req/s",
        "p50 ms",
        "p99 ms",
        form.name()
    );
    for series in series.iter().filter(|series| series.form == form) {
        let of_each = |value: fn(&Round) -> f64| median(series.rounds.iter().map(value).collect());
        let added = within(series, none, |ours, theirs| ours - theirs);
        let shown = |value: Option<f64>, digits: usize| value.map_or_else(|| "-".to_owned(), |value| format!("{value:.digits$}"));
        println!(
            "{:<12} {:>9.1} {:>9} {:>9} {:>9} {:>11.1} {:>9.0} {:>8.2} {:>8.2}",
            series.variant.name(),
            of_each(|round| round.worker),
            shown(added, 1),
            shown(within(series, none, |ours, theirs| ours / theirs), 2),
            shown(within(series, native, |ours, theirs| ours / theirs), 2),
            of_each(|round| round.process),
            of_each(|round| round.rate),
            of_each(|round| round.p50),
            of_each(|round| round.p99),
        );
    }
    if let (Some(ours), Some(_)) = (of(Variant::Portcullis), native) {
        let ours_added = within(ours, none, |ours, theirs| ours - theirs);
        let native_added = native.and_then(|native| within(native, none, |ours, theirs| ours - theirs));
        if let (Some(ours), Some(native)) = (ours_added, native_added) {
            let verdict = if ours <= native { "kept" } else { "missed" };
            println!("budget: portcullis adds {ours:.1} µs, the native chain {native:.1} µs: {verdict}");
        }
    }
    let more = |variant| of(Variant::Portcullis).and_then(|ours| within(ours, of(variant), |ours, theirs| ours - theirs));
    if let Some(cost) = more(Variant::NoRecord) {
        let verdict = if cost <= RECORD { "kept" } else { "missed" };
        let chain = more(Variant::NoChain).map_or_else(String::new, |chain| format!("; the chain alone {chain:.1} µs"));
        println!("budget: the record, its chain and its masking cost {cost:.1} µs, of {RECORD:.0} µs{chain}: {verdict}");
    }
    for (variant, whose) in [(Variant::Conditions, ""), (Variant::AgainstConditions, " in the other build")] {
        if let (Some(ours), Some(one)) = (of(variant), of(Variant::OneRule))
            && let Some(cost) = within(ours, Some(one), |ours, theirs| ours - theirs)
        {
            let verdict = if cost <= conditions::BUDGET { "kept" } else { "missed" };
            println!(
                "budget: 50 rules and conditions{whose} cost {cost:.1} µs more than one rule, of {:.0} µs: {verdict}",
                conditions::BUDGET
            );
        }
    }
}

/// The median of what `of` makes of both in the same round.
fn within(ours: &Series, theirs: Option<&Series>, of: fn(f64, f64) -> f64) -> Option<f64> {
    let theirs = theirs?;
    Some(median(ours.rounds.iter().zip(&theirs.rounds).map(|(ours, theirs)| of(ours.worker, theirs.worker)).collect()))
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_unstable_by(f64::total_cmp);
    let middle = values.len() / 2;
    let at = |index: usize| values.get(index).copied().unwrap_or(f64::NAN);
    if values.len().is_multiple_of(2) { f64::midpoint(at(middle.saturating_sub(1)), at(middle)) } else { at(middle) }
}

fn micros(time: Duration) -> f64 {
    time.as_secs_f64() * 1e6
}

/// Of requests: far below where a float loses whole numbers.
fn count(number: usize) -> f64 {
    u32::try_from(number).map_or(f64::INFINITY, f64::from)
}
