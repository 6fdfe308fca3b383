//! One file of tests, run.

use std::path::PathBuf;

use portcullis::policy::suite::{Answer, Step, Suite, Test};
use portcullis::policy::{self, Loaded};
use portcullis::time::Time;

use super::super::desk::{Ask, Desk};
use super::super::{looked_at, read, told};
use super::coverage::Coverage;
use super::files;
use super::judge::{self, Failed};
use crate::exit::Failure;

/// What came of a file.
pub(super) struct Run {
    pub(super) file: PathBuf,
    pub(super) policy: PathBuf,
    /// The tests or the policy cannot be used: the report.
    pub(super) broken: Option<String>,
    pub(super) tests: Vec<Outcome>,
    pub(super) coverage: Coverage,
}

pub(super) struct Outcome {
    pub(super) name: String,
    pub(super) line: Option<u32>,
    pub(super) failed: Vec<Failed>,
}

impl Run {
    pub(super) fn is_good(&self) -> bool {
        self.broken.is_none() && self.tests.iter().all(|test| test.failed.is_empty())
    }
}

/// Monday, 2026-01-05, at noon: when a test begins that does not say.
const MONDAY_NOON: Time = Time::from_secs(1_767_614_400);

/// An answer that says nothing.
const EMPTY: &[u8] = br#"{"jsonrpc":"2.0","id":1,"result":{}}"#;

pub(super) fn run(file: PathBuf) -> Result<Run, Failure> {
    let broken = |policy: PathBuf, file: PathBuf, report: String| Run {
        file,
        policy,
        broken: Some(report),
        tests: Vec::new(),
        coverage: Coverage::default(),
    };
    let suite = match policy::suite::from_yaml(&read(&file)?) {
        Ok(suite) => suite,
        Err(report) => return Ok(broken(files::policy(&file, None), file.clone(), told(&file, &report))),
    };
    let policy = files::policy(&file, suite.policy.as_deref());
    let text = read(&policy)?;
    match looked_at(&text).0 {
        Ok(loaded) => all(file, policy, &text, loaded, &suite),
        Err(report) => {
            let report = told(&policy, &report);
            Ok(broken(policy, file, report))
        }
    }
}

fn all(file: PathBuf, policy: PathBuf, text: &str, loaded: Loaded, suite: &Suite) -> Result<Run, Failure> {
    let mut coverage = Coverage::of(&loaded.policy, &policy::suite::lines(text));
    let mut desk = Desk::new(loaded)?;
    let tests = suite.tests.iter().map(|test| one(&mut desk, test, &mut coverage)).collect::<Result<_, _>>()?;
    Ok(Run { file, policy, broken: None, tests, coverage })
}

fn one(desk: &mut Desk, test: &Test, coverage: &mut Coverage) -> Result<Outcome, Failure> {
    desk.forget();
    let mut now = test.at.unwrap_or(MONDAY_NOON);
    let mut failed = Vec::new();
    for step in &test.steps {
        let trial = match step {
            Step::Wait(wait) => {
                now = now.plus_millis(wait.millis());
                continue;
            }
            Step::Trial(trial) => trial,
        };
        let authorization = desk.token(&trial.claims)?;
        let answer = match &trial.answer {
            Some(Answer { media, body }) => (media.as_str(), body.as_slice()),
            None => ("application/json", EMPTY),
        };
        let ask = Ask {
            authorization: &authorization,
            verb: trial.verb,
            body: &trial.body,
            session: test.session.as_deref(),
            now,
            traced: true,
            answer: Some(answer),
        };
        let told = desk.ask(&ask)?;
        coverage.note(&told);
        failed.extend(judge::failures(trial, &told));
    }
    Ok(Outcome { name: test.name.clone(), line: test.line, failed })
}
