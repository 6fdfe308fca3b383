//! What came of the tests: for people, for programs, for CI systems.

use std::fmt::Write;
use std::path::Path;

use serde_json::{Value, json};

use super::coverage::{Masking, Rule};
use super::judge::Failed;
use super::suite::{Outcome, Run};

#[derive(Clone, Copy)]
pub(super) enum Form {
    Text { coverage: bool },
    Json,
    Junit,
}

/// `strict`: what no test reaches is a mistake.
pub(super) fn write(runs: &[Run], form: Form, strict: bool) -> String {
    match form {
        Form::Text { coverage } => text(runs, coverage),
        Form::Json => {
            json!({ "files": runs.iter().map(as_json).collect::<Vec<_>>(), "passed": passed(runs), "failed": failed(runs) }).to_string()
        }
        Form::Junit => junit(runs, strict),
    }
}

fn passed(runs: &[Run]) -> usize {
    runs.iter().flat_map(|run| &run.tests).filter(|test| test.failed.is_empty()).count()
}

fn failed(runs: &[Run]) -> usize {
    runs.iter().flat_map(|run| &run.tests).filter(|test| !test.failed.is_empty()).count()
}

fn place(file: &Path, line: Option<u32>) -> String {
    line.map_or_else(|| file.display().to_string(), |line| format!("{}:{line}", file.display()))
}

fn text(runs: &[Run], coverage: bool) -> String {
    let mut lines = Vec::new();
    for run in runs {
        lines.extend(run.broken.clone());
        for test in &run.tests {
            for Failed { line, message, why } in &test.failed {
                lines.push(format!("{}: {}: {message}", place(&run.file, line.or(test.line)), test.name));
                lines.extend(why.iter().map(|why| format!("    {why}")));
            }
        }
        if coverage && run.broken.is_none() {
            lines.extend(run.coverage.unreached().map(|(line, what)| format!("{}: {what}", place(&run.policy, line))));
            lines.push(format!("{}: {}", run.policy.display(), run.coverage.summary()));
        }
    }
    let broken = runs.iter().filter(|run| run.broken.is_some()).count();
    let unusable = if broken > 0 { format!(", {broken} files cannot be used") } else { String::new() };
    lines.push(format!("{} passed, {} failed{unusable}, in {} files", passed(runs), failed(runs), runs.len()));
    lines.join("\n")
}

fn as_json(run: &Run) -> Value {
    let failed = |Failed { line, message, why }: &Failed| json!({ "line": line, "message": message, "why": why });
    let test = |Outcome { name, line, failed: failures }: &Outcome| json!({ "name": name, "line": line, "passed": failures.is_empty(), "failures": failures.iter().map(failed).collect::<Vec<_>>() });
    let rule = |Rule { id, line, matched, decided }: &Rule| json!({ "id": id, "line": line, "matched": matched, "decided": decided });
    let mask = |Masking { id, line, found }: &Masking| json!({ "id": id, "line": line, "found": found });
    json!({
        "file": run.file.display().to_string(),
        "policy": run.policy.display().to_string(),
        "broken": run.broken,
        "tests": run.tests.iter().map(test).collect::<Vec<_>>(),
        "coverage": {
            "rules": run.coverage.rules.iter().map(rule).collect::<Vec<_>>(),
            "masking": run.coverage.masking.iter().map(mask).collect::<Vec<_>>(),
        },
    })
}

/// The common subset of what CI systems read: suites, cases, and a text for each failure.
fn junit(runs: &[Run], strict: bool) -> String {
    let mut out = String::from("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites>\n");
    for run in runs {
        let mut cases: Vec<(String, Option<u32>, Vec<String>)> = Vec::new();
        cases.extend(run.broken.iter().map(|report| ("the file can be used".to_owned(), None, vec![report.clone()])));
        for test in &run.tests {
            let told = |Failed { line, message, why }: &Failed| format!("{}: {message}\n{}", place(&run.file, *line), why.join("\n"));
            cases.push((test.name.clone(), test.line, test.failed.iter().map(told).collect()));
        }
        if strict && run.broken.is_none() {
            let unreached = run.coverage.unreached().map(|(line, what)| format!("{}: {what}", place(&run.policy, line)));
            cases.push(("every rule is reached".to_owned(), None, unreached.collect()));
        }
        let failures = cases.iter().filter(|(_, _, failed)| !failed.is_empty()).count();
        let file = escaped(&run.file.display().to_string());
        let _ = writeln!(out, "  <testsuite name=\"{file}\" tests=\"{}\" failures=\"{failures}\">", cases.len());
        for (name, line, failed) in cases {
            let line = line.map(|line| format!(" line=\"{line}\"")).unwrap_or_default();
            let _ = write!(out, "    <testcase classname=\"{file}\" name=\"{}\" file=\"{file}\"{line}", escaped(&name));
            if failed.is_empty() {
                out.push_str("/>\n");
                continue;
            }
            let text = failed.join("\n");
            let first = text.lines().next().unwrap_or_default();
            let _ = writeln!(out, "><failure message=\"{}\">{}</failure></testcase>", escaped(first), escaped(&text));
        }
        out.push_str("  </testsuite>\n");
    }
    out.push_str("</testsuites>");
    out
}

/// For XML 1.0, which has no place for most control characters.
fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\n' => out.push_str("&#10;"),
            c if (c.is_control() && c != '\t') || matches!(c, '\u{fffe}' | '\u{ffff}') => out.push('\u{fffd}'),
            c => out.push(c),
        }
    }
    out
}
