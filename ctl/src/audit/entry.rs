//! A record as people read it: who did what, when, what was decided, what came back.

use serde_json::Value;

use super::when::Millis;

/// What a record is about.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Kind {
    /// An exchange, from its beginning to its end.
    #[default]
    Exchange,
    /// An exchange that was still running.
    Interim,
    /// An exchange before it was let through.
    Intent,
    /// An alert (OCSF Detection Finding).
    Finding,
}

impl Kind {
    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::Exchange => "exchange",
            Self::Interim => "interim",
            Self::Intent => "intent",
            Self::Finding => "finding",
        }
    }
}

#[derive(Clone, Debug, Default)]
pub(crate) struct Entry {
    pub(crate) kind: Kind,
    pub(crate) uid: String,
    pub(crate) chain: String,
    pub(crate) node: String,
    pub(crate) start: Millis,
    pub(crate) end: Millis,
    pub(crate) user: String,
    pub(crate) subject: String,
    pub(crate) email: String,
    pub(crate) groups: Vec<String>,
    /// OAuth client id.
    pub(crate) client: String,
    /// What the client says of itself: name and version.
    pub(crate) agent: String,
    pub(crate) session: String,
    /// `tools/call`
    pub(crate) operation: String,
    /// Of the tool, prompt or resource.
    pub(crate) target: String,
    /// `Allowed`, `Denied`, `Observed`, `Modified`.
    pub(crate) action: String,
    /// OCSF's finer word: `Blocked`, `Unauthorized`, ...
    pub(crate) disposition: String,
    pub(crate) rule: String,
    pub(crate) code: String,
    pub(crate) detail: String,
    pub(crate) rules: Vec<Hit>,
    pub(crate) alerts: Vec<String>,
    /// Detectors and how often each hit in the answer.
    pub(crate) masked: Vec<(String, u64)>,
    pub(crate) request: Option<Payload>,
    pub(crate) response: Option<Payload>,
    /// The message's id as text.
    pub(crate) rpc_id: String,
    pub(crate) rpc_error: Option<(i64, String)>,
    pub(crate) http: Http,
    pub(crate) source: String,
    pub(crate) upstream: String,
    pub(crate) tls: String,
    pub(crate) stage: String,
    pub(crate) error: String,
    /// What people said, in words; empty where nobody was asked.
    pub(crate) approval: String,
    /// Of an event stream, the first and the last this record is about.
    pub(crate) messages: Option<(u64, u64)>,
    pub(crate) policy: String,
    pub(crate) resource: String,
    /// Milliseconds from the start until it was decided, and until the answer began.
    pub(crate) decided: Option<Millis>,
    pub(crate) answered: Option<Millis>,
}

/// A rule that matched.
#[derive(Clone, Debug, Default)]
pub(crate) struct Hit {
    pub(crate) id: String,
    pub(crate) then: String,
    pub(crate) mode: String,
    pub(crate) because: Vec<String>,
}

#[derive(Clone, Debug, Default)]
pub(crate) struct Payload {
    /// Masked; none where the policy keeps it off the record.
    pub(crate) text: Option<String>,
    /// Bytes of the whole.
    pub(crate) size: u64,
    pub(crate) truncated: bool,
}

#[derive(Clone, Debug, Default)]
pub(crate) struct Http {
    pub(crate) method: String,
    pub(crate) url: String,
    pub(crate) status: Option<u64>,
    pub(crate) user_agent: String,
    pub(crate) request_id: String,
}

impl Entry {
    pub(crate) fn read(text: &str) -> Option<Self> {
        serde_json::from_str(text).ok().map(|record| Self::of(&record))
    }

    pub(crate) fn of(record: &Value) -> Self {
        let from = From(record);
        // A finding has the caller among its evidence.
        let about = |pointer: &str, of_finding: &str| From(record.pointer(pointer).or(record.pointer(of_finding)).unwrap_or(&Value::Null));
        let actor = about("/actor", "/evidences/0/actor");
        let start = from.number("/start_time").or(from.number("/time")).unwrap_or_default();
        Self {
            kind: match (from.number("/class_uid"), from.text("/unmapped/side").as_str()) {
                (Some(2004), _) | (_, "finding") => Kind::Finding,
                (_, "interim") => Kind::Interim,
                (_, "intent") => Kind::Intent,
                _ => Kind::Exchange,
            },
            uid: from.text("/metadata/uid"),
            chain: from.text("/metadata/reporter/uid"),
            node: from.text("/metadata/reporter/name"),
            start,
            end: from.number("/end_time").unwrap_or(start),
            user: actor.text("/user/name"),
            subject: actor.text("/user/uid"),
            email: if actor.text("/user/email_addr").is_empty() { from.text("/unmapped/email") } else { actor.text("/user/email_addr") },
            groups: actor.list("/user/groups").iter().map(|group| From(group).text("/name")).collect(),
            client: actor.text("/app_uid"),
            agent: [from.text("/unmapped/ai_agent/name"), from.text("/unmapped/ai_agent/version")].join(" ").trim().to_owned(),
            session: from.text("/metadata/correlation_uid"),
            operation: from.first(&["/api/operation", "/evidences/0/api/operation"]),
            target: from.text("/resources/0/name"),
            action: from.text("/action"),
            disposition: from.text("/disposition"),
            rule: from.text("/firewall_rule/uid"),
            code: from.text("/status_code"),
            detail: from.first(&["/status_detail", "/finding_info/title"]),
            rules: from.list("/unmapped/rules").iter().map(Hit::of).collect(),
            alerts: from.alerts(),
            masked: from.masked(),
            request: from.payload("/api/request/data", "/unmapped/request"),
            response: from.payload("/api/response/data", "/unmapped/response"),
            rpc_id: from.text("/api/request/uid"),
            rpc_error: record
                .pointer("/api/response/code")
                .and_then(Value::as_i64)
                .map(|code| (code, from.text("/api/response/error_message"))),
            http: from.http(),
            source: about("/src_endpoint", "/evidences/0/src_endpoint").endpoint(),
            upstream: about("/dst_endpoint", "/evidences/0/dst_endpoint").endpoint(),
            tls: from.first(&["/unmapped/tls/version", "/unmapped/connection"]),
            stage: from.text("/unmapped/stage"),
            error: from.text("/unmapped/error/code"),
            approval: from.approval(),
            messages: from.number("/unmapped/messages/from").zip(from.number("/unmapped/messages/to")),
            policy: from.text("/policy/version"),
            resource: from.text("/api/service/name"),
            decided: from.number("/unmapped/timing/decided"),
            answered: from.number("/unmapped/timing/response_headers"),
        }
    }

    /// `tools/call get_order`
    pub(crate) fn what(&self) -> String {
        format!("{} {}", self.operation, self.target).trim().to_owned()
    }

    /// Was it not let through?
    pub(crate) fn refused(&self) -> bool {
        self.action == "Denied"
    }

    /// Is there something somebody should look at? That a chain begins is not.
    pub(crate) fn has_alerts(&self) -> bool {
        self.alerts.iter().any(|alert| portcullis::audit::wakes(alert))
    }

    /// What was done to it, in one word.
    pub(crate) fn verdict(&self) -> &str {
        match (self.refused(), self.disposition.as_str()) {
            (true, disposition) if !disposition.is_empty() => disposition,
            _ if self.action.is_empty() => "Unknown",
            _ => &self.action,
        }
    }

    /// The rule, else the code.
    pub(crate) fn why(&self) -> &str {
        if self.rule.is_empty() { &self.code } else { &self.rule }
    }

    /// `credit_card 2, email 1`
    pub(crate) fn masked_in_words(&self) -> String {
        self.masked.iter().map(|(detector, count)| format!("{detector} {count}")).collect::<Vec<_>>().join(", ")
    }

    pub(crate) fn took(&self) -> Millis {
        self.end.saturating_sub(self.start)
    }

    /// Who, with the program that acts for them.
    pub(crate) fn who(&self) -> String {
        let program =
            [self.client.as_str(), self.agent.as_str()].into_iter().filter(|text| !text.is_empty()).collect::<Vec<_>>().join(", ");
        if program.is_empty() { self.user.clone() } else { format!("{} ({program})", self.user) }
    }
}

impl Hit {
    fn of(row: &Value) -> Self {
        let from = From(row);
        let because = from.list("/because").iter().filter_map(Value::as_str).map(str::to_owned).collect();
        Self { id: from.text("/id"), then: from.text("/then"), mode: from.text("/mode"), because }
    }
}

/// What is at a place of a record; nothing is an empty text.
struct From<'a>(&'a Value);

impl<'a> From<'a> {
    fn text(&self, pointer: &str) -> String {
        match self.0.pointer(pointer) {
            Some(Value::String(text)) => text.clone(),
            Some(Value::Number(number)) => number.to_string(),
            _ => String::new(),
        }
    }

    fn first(&self, pointers: &[&str]) -> String {
        pointers.iter().map(|pointer| self.text(pointer)).find(|text| !text.is_empty()).unwrap_or_default()
    }

    fn number(&self, pointer: &str) -> Option<u64> {
        self.0.pointer(pointer).and_then(Value::as_u64)
    }

    fn list(&self, pointer: &str) -> &'a [Value] {
        self.0.pointer(pointer).and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default()
    }

    fn alerts(&self) -> Vec<String> {
        let codes = self.list("/unmapped/alerts").iter().filter_map(Value::as_str);
        let own = self.0.pointer("/unmapped/alert").and_then(Value::as_str);
        codes.chain(own).map(str::to_owned).collect()
    }

    fn masked(&self) -> Vec<(String, u64)> {
        let mut counts: Vec<(String, u64)> = Vec::new();
        for row in self.list("/unmapped/masking/findings") {
            let (detector, count) = (From(row).text("/detector"), From(row).number("/count").unwrap_or_default());
            match counts.iter_mut().find(|(have, _)| *have == detector) {
                Some((_, sum)) => *sum = sum.saturating_add(count),
                None => counts.push((detector, count)),
            }
        }
        counts
    }

    /// `approved: grace (it is urgent) at 2026-11-20T14:03:07.250Z; request a-7`
    /// Who decided, when and why, of every rule that asked: `used: grace at 2026-11-20T14:30:00Z (it is urgent); request a-7`
    fn approval(&self) -> String {
        let all = self.0.pointer("/unmapped/approval").into_iter().chain(self.list("/unmapped/other_approvals"));
        all.map(|approval| From(approval).one_approval()).collect::<Vec<_>>().join("; ")
    }

    fn one_approval(&self) -> String {
        let said = |who: String, at: &str, reason: &str| {
            let at = if at.is_empty() { String::new() } else { format!(" at {at}") };
            let reason = if reason.is_empty() { String::new() } else { format!(" ({reason})") };
            format!("{who}{at}{reason}")
        };
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        // Several have a row each; of one, or of all together, the record has the last word.
        let decisions: Vec<String> = match self.list("/decisions") {
            [] => {
                let who = self.list("/decided_by").iter().map(text).collect::<Vec<_>>().join(", ");
                vec![said(who, &self.text("/decided_at"), &self.text("/reason"))].into_iter().filter(|said| !said.is_empty()).collect()
            }
            rows => rows.iter().map(From).map(|row| said(row.text("/by"), &row.text("/at"), &row.text("/reason"))).collect(),
        };
        let who = if decisions.is_empty() { String::new() } else { format!(": {}", decisions.join(", ")) };
        let alone = if self.0.get("break_glass") == Some(&Value::Bool(true)) { ", in an emergency" } else { "" };
        let asked = self.text("/requested_by");
        let asked = if asked.is_empty() { asked } else { format!("; asked by {asked}") };
        let request = self.text("/id");
        let request = if request.is_empty() { request } else { format!("; request {request}") };
        format!("{}{who}{alone}{asked}{request}", self.text("/state"))
    }

    fn payload(&self, data: &str, about: &str) -> Option<Payload> {
        let text = self.0.pointer(data).and_then(Value::as_str).map(str::to_owned);
        let about = self.0.pointer(about);
        if text.is_none() && about.is_none() {
            return None;
        }
        let size = about.and_then(|about| about.get("size")).and_then(Value::as_u64);
        let truncated = about.and_then(|about| about.get("truncated")).and_then(Value::as_bool).unwrap_or(false);
        let length = text.as_ref().map(|text| u64::try_from(text.len()).unwrap_or(u64::MAX));
        Some(Payload { size: size.or(length).unwrap_or_default(), text, truncated })
    }

    fn http(&self) -> Http {
        let scheme = self.first(&["/http_request/url/scheme"]);
        let host = self.text("/http_request/url/hostname");
        let port = self.number("/http_request/url/port").map(|port| format!(":{port}")).unwrap_or_default();
        let path = self.text("/http_request/url/path");
        let url =
            if host.is_empty() { path } else { format!("{}://{host}{port}{path}", if scheme.is_empty() { "https" } else { &scheme }) };
        Http {
            method: self.first(&["/http_request/http_method", "/unmapped/http_method"]),
            url,
            status: self.number("/http_response/code"),
            user_agent: self.text("/http_request/user_agent"),
            request_id: self.text("/http_request/uid"),
        }
    }

    /// `10.0.0.7:51234`, `orders at 10.1.0.9:9000`
    fn endpoint(&self) -> String {
        let from = self;
        let ip = from.text("/ip");
        let ip = if ip.contains(':') { format!("[{ip}]") } else { ip };
        let port = from.number("/port").map(|port| format!(":{port}")).unwrap_or_default();
        let address = if ip.is_empty() { from.text("/name") } else { format!("{ip}{port}") };
        match from.text("/svc_name") {
            name if name.is_empty() => address,
            name if address.is_empty() => name,
            name => format!("{name} at {address}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The record that the filter's own tests expect.
    fn allowed() -> Entry {
        Entry::read(include_str!("../../../src/audit/allowed.json")).unwrap()
    }

    #[test]
    fn findings_approvals_and_streams_are_read() {
        let finding = serde_json::json!({
            "class_uid": 2004, "time": 5, "finding_info": { "title": "A tool's definition has changed" }, "resources": [{ "name": "get_order" }],
            "evidences": [{ "actor": { "user": { "name": "ada" } }, "api": { "operation": "tools/call" }, "src_endpoint": { "ip": "::1", "port": 7 } }],
            "unmapped": { "alert": "tool_changed", "side": "finding" },
        });
        let entry = Entry::of(&finding);
        assert_eq!((entry.kind, entry.who().as_str(), entry.what().as_str()), (Kind::Finding, "ada", "tools/call get_order"));
        assert_eq!((entry.alerts, entry.source.as_str()), (vec!["tool_changed".to_owned()], "[::1]:7"));
        assert_eq!(entry.detail, "A tool's definition has changed");
        let asked = serde_json::json!({ "unmapped": {
            "approval": {
                "id": "a-7", "state": "used", "binding": "x", "requested_by": "https://id#ada",
                "decided_by": ["https://id#grace"], "decided_at": "2026-09-21T14:13:20.25Z", "reason": "it is urgent",
            },
            "other_approvals": [{
                "id": "a-8", "state": "approved", "break_glass": true, "decided_by": ["g", "h"], "decided_at": "t2", "reason": "no",
                "decisions": [{ "by": "g", "at": "t1" }, { "by": "h", "at": "t2", "reason": "no" }],
            }],
            "messages": { "count": 3, "from": 4, "to": 6 }, "side": "interim",
        } });
        let entry = Entry::of(&asked);
        assert_eq!(
            entry.approval,
            "used: https://id#grace at 2026-09-21T14:13:20.25Z (it is urgent); asked by https://id#ada; request a-7; \
             approved: g at t1, h at t2 (no), in an emergency; request a-8"
        );
        assert_eq!((entry.messages, entry.kind), (Some((4, 6)), Kind::Interim));
    }

    #[test]
    fn a_record_of_the_filter_is_read_in_full() {
        let entry = allowed();
        assert_eq!((entry.kind, entry.uid.as_str(), entry.took()), (Kind::Exchange, "7f3a-1", 60));
        assert_eq!((entry.who().as_str(), entry.what().as_str()), ("alice (agent-7, planner 2.1)", "tools/call get_order"));
        assert_eq!((entry.verdict(), entry.why()), ("Allowed", "staff-read"));
        assert_eq!(entry.http.url, "https://mcp.example.com:8443/mcp");
        assert_eq!((entry.source.as_str(), entry.upstream.as_str()), ("10.0.0.7:51234", "orders at 10.1.0.9:9000"));
        assert_eq!(entry.request.unwrap().text.as_deref(), Some(r#"{"order":"42","note":"a\"b"}"#));
        assert_eq!(
            (entry.session.as_str(), entry.groups.as_slice()),
            ("07acc4475e8d298a", &["engineering".to_owned(), "support".to_owned()][..])
        );
    }

    #[test]
    fn whatever_is_there_is_read() {
        for odd in ["{}", "[]", "null", r#"{"unmapped":{"rules":[1,{}],"alerts":"x"},"actor":3,"api":{"request":{"uid":7}}}"#] {
            let entry = Entry::read(odd).unwrap();
            assert_eq!(entry.verdict(), "Unknown", "{odd}");
        }
    }
}
