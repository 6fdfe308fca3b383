//! Which records: the options that `show`, `replay` and `export` share.

use std::path::PathBuf;

use sha2::{Digest, Sha256};

use super::entry::{Entry, Kind};
use super::input;
use super::when::{self, Millis};
use crate::exit::Failure;

/// What a verdict may be asked for by: what was done, or OCSF's finer word.
const VERDICTS: [&str; 13] = [
    "allowed",
    "denied",
    "modified",
    "observed",
    "approved",
    "blocked",
    "delayed",
    "detected",
    "error",
    "rejected",
    "unauthorized",
    "access-revoked",
    "unknown",
];

#[derive(Clone, Debug, Default, clap::Args)]
pub(crate) struct Select {
    /// Logs; `-` is standard input
    #[arg(required = true, value_name = "FILE")]
    pub(crate) files: Vec<PathBuf>,
    /// From this time on: `2026-11-20`, `2026-11-20T14:30:00Z`, `90m` ago, `7d` ago
    #[arg(long, value_name = "TIME", value_parser = when::parse, help_heading = "Which records")]
    since: Option<Millis>,
    /// Up to this time
    #[arg(long, value_name = "TIME", value_parser = when::parse, help_heading = "Which records")]
    until: Option<Millis>,
    /// Of this caller: user, subject or e-mail address; `*` stands for anything
    #[arg(long, value_name = "USER", help_heading = "Which records")]
    user: Vec<String>,
    /// Of this program, by its client id or the name it gives itself; `*` stands for anything
    #[arg(long, value_name = "CLIENT", help_heading = "Which records")]
    client: Vec<String>,
    /// About this tool, prompt or resource; `*` stands for anything
    #[arg(long, value_name = "NAME", help_heading = "Which records")]
    tool: Vec<String>,
    /// With this MCP method; `*` stands for anything
    #[arg(long, value_name = "METHOD", help_heading = "Which records")]
    method: Vec<String>,
    /// With this outcome: allowed, denied, modified (masked), observed, blocked, rejected, unauthorized, access-revoked, error, ...
    #[arg(long, value_name = "VERDICT", value_parser = verdict, help_heading = "Which records")]
    verdict: Vec<String>,
    /// Of this session: as `show` prints it, its first digits, or the session id that the client has
    #[arg(long, value_name = "ID", help_heading = "Which records")]
    session: Option<String>,
    /// That this rule matched, whether or not it decided
    #[arg(long, value_name = "RULE", help_heading = "Which records")]
    rule: Vec<String>,
    /// With this alert; without a code, with any
    #[arg(long, value_name = "CODE", num_args = 0..=1, default_missing_value = "*", require_equals = true, help_heading = "Which records")]
    alert: Option<String>,
    /// Also what is beside the records of exchanges: interim records, intents, findings
    #[arg(long, help_heading = "Which records")]
    all: bool,
}

fn verdict(text: &str) -> Result<String, String> {
    let text = text.to_ascii_lowercase().replace(' ', "-");
    if VERDICTS.contains(&text.as_str()) { Ok(text) } else { Err(format!("expected one of {}", VERDICTS.join(", "))) }
}

impl Select {
    /// Each record that fits, in the order of files and lines: its text and what it says.
    pub(crate) fn each(&self, mut take: impl FnMut(&str, Entry) -> Result<(), Failure>) -> Result<(), Failure> {
        for path in &self.files {
            input::each_record(path, |text, _| match Entry::read(text).filter(|entry| self.fits(entry)) {
                Some(entry) => take(text, entry),
                None => Ok(()),
            })?;
        }
        Ok(())
    }

    /// All of them, as they happened. A record that was shipped twice is there once.
    pub(crate) fn in_time(&self) -> Result<Vec<Entry>, Failure> {
        let mut entries = Vec::new();
        self.each(|_, entry| {
            entries.push(entry);
            Ok(())
        })?;
        in_order(&mut entries);
        Ok(entries)
    }

    pub(crate) fn fits(&self, entry: &Entry) -> bool {
        let Self { files: _, since, until, user, client, tool, method, verdict, session, rule, alert, all } = self;
        let any = |wanted: &[String], have: &[&str]| {
            wanted.is_empty() || wanted.iter().any(|wanted| have.iter().any(|have| !have.is_empty() && like(wanted, have)))
        };
        let agent = entry.agent.split(' ').next().unwrap_or_default();
        let (action, disposition) = (word(&entry.action), word(&entry.disposition));
        let rules: Vec<&str> = entry.rules.iter().map(|hit| hit.id.as_str()).chain([entry.rule.as_str()]).collect();
        (*all || entry.kind == Kind::Exchange || (alert.is_some() && entry.kind == Kind::Finding))
            && since.is_none_or(|since| entry.end >= since)
            && until.is_none_or(|until| entry.start <= until)
            && any(user, &[&entry.user, &entry.subject, &entry.email])
            && any(client, &[&entry.client, &entry.agent, agent])
            && any(tool, &[&entry.target])
            && any(method, &[&entry.operation])
            && (verdict.is_empty() || verdict.iter().any(|wanted| *wanted == action || *wanted == disposition))
            && session.as_deref().is_none_or(|session| is_session(session, &entry.session))
            && any(rule, &rules)
            && alert.as_deref().is_none_or(|alert| entry.alerts.iter().any(|code| like(alert, code)))
    }

    pub(crate) fn session(&self) -> Option<&str> {
        self.session.as_deref()
    }
}

fn word(text: &str) -> String {
    if text.is_empty() { "unknown".to_owned() } else { text.to_ascii_lowercase().replace(' ', "-") }
}

/// On record is a hash of the id that the client holds: either will do, and the beginning of the first.
fn is_session(wanted: &str, have: &str) -> bool {
    if have.is_empty() || wanted.is_empty() {
        return false;
    }
    let hashed: String = Sha256::digest(wanted.as_bytes()).iter().take(8).map(|byte| format!("{byte:02x}")).collect();
    have.starts_with(wanted) || have == hashed
}

/// By start, then by place in the chain; word-for-word copies once.
pub(crate) fn in_order(entries: &mut Vec<Entry>) {
    let place = |entry: &Entry| entry.uid.rsplit('-').next().and_then(|number| number.parse::<u64>().ok());
    entries.sort_by(|a, b| (a.start, &a.chain, place(a), &a.uid).cmp(&(b.start, &b.chain, place(b), &b.uid)));
    entries.dedup_by(|a, b| !a.uid.is_empty() && a.uid == b.uid && a.start == b.start && a.kind == b.kind);
}

/// `*` stands for any number of characters; letter case does not matter.
fn like(pattern: &str, text: &str) -> bool {
    let (pattern, text) = (pattern.to_lowercase(), text.to_lowercase());
    let mut parts = pattern.split('*');
    let Some(rest) = parts.next().and_then(|first| text.strip_prefix(first)) else { return false };
    let mut parts: Vec<&str> = parts.collect();
    // Without a star the whole text must be used up.
    let Some(last) = parts.pop() else { return rest.is_empty() };
    let mut rest = rest;
    for part in parts {
        let Some(at) = rest.find(part) else { return false };
        rest = rest.get(at.saturating_add(part.len())..).unwrap_or_default();
    }
    rest.ends_with(last)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry() -> Entry {
        Entry::read(include_str!("../../../src/audit/allowed.json")).unwrap()
    }

    #[test]
    fn records_are_selected_by_what_they_say() {
        let some = |text: &str| vec![text.to_owned()];
        let all = Select::default();
        let fitting = [
            Select { user: some("ALICE"), ..all.clone() },
            Select { user: some("u-1"), ..all.clone() },
            Select { user: some("*@example.com"), ..all.clone() },
            Select { user: vec!["bob".into(), "alice".into()], ..all.clone() },
            Select { tool: some("get_*"), method: some("tools/*"), ..all.clone() },
            Select { client: some("planner"), ..all.clone() },
            Select { verdict: some("allowed"), ..all.clone() },
            Select { session: Some("07acc447".into()), ..all.clone() },
            Select { rule: some("staff-read"), ..all.clone() },
            Select { since: Some(1_790_000_000_060), until: Some(1_790_000_000_000), ..all.clone() },
        ];
        for select in fitting {
            assert!(select.fits(&entry()), "{select:?}");
        }
        let others = [
            Select { user: some("alic"), ..all.clone() },
            Select { tool: some("get"), ..all.clone() },
            Select { tool: some("*_orders"), ..all.clone() },
            Select { verdict: some("denied"), ..all.clone() },
            Select { session: Some("acc".into()), ..all.clone() },
            Select { session: Some(String::new()), ..all.clone() },
            Select { rule: some("other"), ..all.clone() },
            Select { alert: Some("*".into()), ..all.clone() },
            Select { since: Some(1_790_000_000_061), ..all.clone() },
        ];
        for select in others {
            assert!(!select.fits(&entry()), "{select:?}");
        }
    }

    #[test]
    fn a_session_is_known_by_what_the_client_has() {
        // SHA-256("abc"), FIPS 180-4
        assert!(
            is_session("abc", "ba7816bf8f01cfea") && is_session("ba7816", "ba7816bf8f01cfea") && !is_session("abd", "ba7816bf8f01cfea")
        );
    }

    #[test]
    fn stars_stand_for_anything() {
        for (pattern, text) in [("*", ""), ("a*c", "abc"), ("a*c", "ac"), ("*b*", "abc"), ("a*b*c", "aXbYbZc")] {
            assert!(like(pattern, text), "{pattern} {text}");
        }
        for (pattern, text) in [("a*b", "abc"), ("", "a"), ("a*a", "a"), ("*x*", "abc")] {
            assert!(!like(pattern, text), "{pattern} {text}");
        }
    }
}
