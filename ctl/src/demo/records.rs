//! The audit log, read while it is being written.

use std::{
    fs,
    path::{Path, PathBuf},
    time::{Duration, Instant},
};

use serde_json::Value;

/// How long a record may take from the end of its exchange to the file: the access log is flushed every 100 ms.
const PATIENCE: Duration = Duration::from_secs(3);

pub struct Records {
    path: PathBuf,
    /// Records before this one belong to earlier acts.
    mark: usize,
}

/// One OCSF API Activity record (class 6003).
#[derive(Clone, Debug)]
pub struct Record(Value);

impl Records {
    pub fn new(path: &Path) -> Self {
        Self { path: path.to_owned(), mark: 0 }
    }

    /// What is written from now on belongs to what happens next.
    pub fn mark(&mut self) {
        self.mark = self.all().len();
    }

    /// The first record since the mark that `fits`, waiting for it a moment.
    pub async fn wait_for(&self, fits: impl Fn(&Record) -> bool) -> Option<Record> {
        let begin = Instant::now();
        loop {
            if let Some(record) = self.all().into_iter().skip(self.mark).find(&fits) {
                return Some(record);
            }
            if begin.elapsed() > PATIENCE {
                return None;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }

    /// All records so far, in order. A line still being written, and lines of other kinds (failed handshakes), are left out.
    pub fn all(&self) -> Vec<Record> {
        self.text().lines().filter_map(|line| serde_json::from_str(line).ok()).map(Record).filter(Record::is_one).collect()
    }

    /// The whole file, to look for what must not be in it.
    pub fn text(&self) -> String {
        fs::read(&self.path).map(|bytes| String::from_utf8_lossy(&bytes).into_owned()).unwrap_or_default()
    }

    pub fn path(&self) -> &Path {
        &self.path
    }
}

impl Record {
    fn is_one(&self) -> bool {
        self.0.get("class_uid").and_then(Value::as_u64) == Some(6003)
    }

    pub fn user(&self) -> &str {
        self.text("/actor/user/name")
    }

    /// The MCP method; `http/get` and the like for what carries no message.
    pub fn operation(&self) -> &str {
        self.text("/api/operation")
    }

    /// The tool, resource or prompt.
    pub fn target(&self) -> &str {
        self.text("/resources/0/name")
    }

    /// `Allowed`, `Denied`, `Observed` or `Modified`.
    pub fn action(&self) -> &str {
        self.text("/action")
    }

    /// The rule that decided.
    pub fn rule(&self) -> &str {
        self.text("/firewall_rule/uid")
    }

    /// Why: `rule`, `default_deny`, `token_expired`.
    pub fn code(&self) -> &str {
        self.text("/status_code")
    }

    pub fn tls(&self) -> &str {
        self.text("/unmapped/tls/version")
    }

    pub fn policy(&self) -> &str {
        self.text("/policy/version")
    }

    /// How far it came: `completed`, `aborted`.
    pub fn stage(&self) -> &str {
        self.text("/unmapped/stage")
    }

    pub fn status(&self) -> Option<u64> {
        self.0.pointer("/http_response/code").and_then(Value::as_u64)
    }

    /// Is `rule` among those that matched in this mode?
    pub fn matched(&self, rule: &str, mode: &str) -> bool {
        self.list("/unmapped/rules").iter().any(|hit| hit.get("id") == Some(&rule.into()) && hit.get("mode") == Some(&mode.into()))
    }

    /// Who decided on a call that people were asked about.
    pub fn decided_by(&self) -> Vec<&str> {
        self.list("/unmapped/approval/decided_by").iter().filter_map(Value::as_str).collect()
    }

    /// What they said.
    pub fn reason(&self) -> &str {
        self.text("/unmapped/approval/reason")
    }

    /// Detectors and how often each one hit in the answer.
    pub fn masked(&self) -> Vec<(String, u64)> {
        let row = |row: &Value| Some((row.get("detector")?.as_str()?.to_owned(), row.get("count")?.as_u64()?));
        let mut counts: Vec<(String, u64)> = Vec::new();
        for (detector, count) in self.list("/unmapped/masking/findings").iter().filter_map(row) {
            match counts.iter_mut().find(|(have, _)| *have == detector) {
                Some((_, sum)) => *sum = sum.saturating_add(count),
                None => counts.push((detector, count)),
            }
        }
        counts
    }

    pub fn masked_in_words(&self) -> String {
        self.masked().iter().map(|(detector, count)| format!("{detector} {count}")).collect::<Vec<_>>().join(", ")
    }

    /// The key facts in one line.
    pub fn in_short(&self) -> String {
        let named = |name: &str, value: &str| if value.is_empty() { String::new() } else { format!(" · {name} {value}") };
        let what = format!("{} {}", self.operation(), self.target());
        let masked = self.masked_in_words();
        let status = self.status().map(|status| status.to_string()).unwrap_or_default();
        [
            format!("{} · {} · {}", self.user(), what.trim(), self.action()),
            named("rule", self.rule()),
            named("because", self.code()),
            named("masked", &masked),
            named("http", &status),
            named("tls", self.tls()),
        ]
        .concat()
    }

    fn text(&self, pointer: &str) -> &str {
        self.0.pointer(pointer).and_then(Value::as_str).unwrap_or_default()
    }

    fn list(&self, pointer: &str) -> &[Value] {
        self.0.pointer(pointer).and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use serde_json::json;

    use super::*;

    #[tokio::test]
    async fn reads_whole_records_only_and_those_after_the_mark_first() {
        let mut file = tempfile::NamedTempFile::new().unwrap();
        let line = |user: &str| json!({ "class_uid": 6003, "actor": { "user": { "name": user } } }).to_string();
        writeln!(file, "{}\n{}", line("ada"), json!({ "portcullis": "no-record" })).unwrap();
        let mut records = Records::new(file.path());
        assert_eq!(records.all().len(), 1);
        records.mark();
        write!(file, "{}\n{}", line("grace"), line("half").get(..20).unwrap()).unwrap();
        assert_eq!(records.wait_for(|_| true).await.unwrap().user(), "grace");
        assert!(records.wait_for(|record| record.user() == "ada").await.is_none());
    }

    #[test]
    fn findings_of_one_detector_are_added_up() {
        let findings = json!([
            { "rule": "a", "detector": "email", "count": 2 }, { "rule": "a", "detector": "iban", "count": 1 }, { "rule": "b", "detector": "email", "count": 3 },
        ]);
        let record = Record(json!({ "unmapped": { "masking": { "findings": findings } } }));
        assert_eq!(record.masked_in_words(), "email 5, iban 1");
    }
}
