//! `when`: conditions in CEL (<https://cel.dev>, <https://github.com/google/cel-spec>), for what the other conditions cannot say.
//!
//! An expression is [parsed](parse), [checked](check) and made into a [program](program) when the policy is, and [evaluated](evaluate) per call.
//!
//! The crate `cel` does all this as well, and its interpreter is what the tests hold this one against. It is not used in the filter because it
//! cannot be bounded: it counts no steps, copies values into its errors, and takes arguments in its own shape only. It also keeps no positions in
//! its small parser, and with the other it is 1.2 MB of Wasm, more than half of what the whole filter may be. Arguments here stay where
//! they were parsed.

mod call;
mod check;
mod environment;
mod evaluate;
mod functions;
mod lex;
mod limits;
mod moment;
mod parse;
mod pattern;
mod problem;
mod program;
mod types;
mod value;

use super::condition::{Answer, Condition, Met};
use super::subject::Subject;
use crate::mcp::method::Target;
use environment::Environment;
use evaluate::Evaluation;
use program::Program;

/// A mistake in an expression.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Fault {
    /// In bytes of the source.
    at: usize,
    message: String,
}

impl Fault {
    /// `column 7: unknown variable ..`, with the line if there are several; both from 1, in characters.
    fn placed(&self, source: &str) -> String {
        let before = source.get(..self.at).unwrap_or(source);
        let (line, column) = (before.matches('\n').count() + 1, before.rsplit('\n').next().map_or(0, |last| last.chars().count()) + 1);
        let line = if source.trim_end().contains('\n') { format!("line {line}, ") } else { String::new() };
        format!("{line}column {column}: {}", self.message)
    }
}

/// A `when` that is ready to be asked.
#[derive(Debug)]
pub(super) struct When {
    program: Program,
}

impl When {
    /// # Errors
    /// Every mistake, each with its place in the expression.
    pub(super) fn compile(source: &str) -> Result<Self, Vec<String>> {
        let parsed = parse::parse(source).map_err(|fault| vec![fault]);
        let program = parsed.and_then(check::check);
        program.map(|program| Self { program }).map_err(|faults| faults.iter().map(|fault| fault.placed(source)).collect())
    }
}

impl Condition for When {
    fn answer(&self, subject: &Subject<'_>) -> Answer {
        let because = |text: String| Some(format!("`when`: {text}"));
        let mut steps = limits::STEPS;
        let mut agreed = None;
        for resource in readings(subject, self.program.reads.resource) {
            let environment = Environment { subject, resource };
            let mut evaluation = Evaluation::new(&environment, steps);
            let truth = match evaluation.truth(&self.program.root) {
                Ok(truth) => truth,
                Err(problem) => return Answer { met: Met::Unsure, because: because(problem.to_string()) },
            };
            steps = evaluation.steps;
            if *agreed.get_or_insert(truth) != truth {
                let text = "it depends on how the address of the resource is read".to_owned();
                return Answer { met: Met::Unsure, because: because(text) };
            }
        }
        match agreed {
            Some(true) => Answer { met: Met::Yes, because: because("true".to_owned()) },
            Some(false) => Answer::from(Met::No),
            None => Answer { met: Met::Unsure, because: because("the call names no resource".to_owned()) },
        }
    }

    fn reads_claims(&self) -> bool {
        self.program.reads.claims
    }
}

/// The addresses an expression must hold for: each resource of the call, as written and as a file server reads it.
fn readings<'s>(subject: &'s Subject<'_>, asked: bool) -> Vec<Option<&'s str>> {
    let uris = match subject.call.target {
        Target::Resource(uri) if asked => std::slice::from_ref(uri),
        Target::Resources(uris) if asked => uris.as_slice(),
        _ => return vec![None],
    };
    let mut readings: Vec<_> = uris.iter().flat_map(|uri| [Some(uri.written()), Some(uri.resolved())]).collect();
    readings.dedup();
    readings
}

#[cfg(test)]
mod tests;
