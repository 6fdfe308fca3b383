//! What came of an exchange, in OCSF's numbers: action, disposition, status, severity, alerts.

use super::facts::{Connection, Disposition, Facts, Stage};
use super::json::Object;
use super::text::NAME;
use super::{call, party};
use crate::policy::TlsVersion;

/// An OCSF enumeration value: its number and its caption.
pub(super) type Coded = (i64, &'static str);

pub(super) struct Outcome<'a> {
    pub(super) action: Coded,
    pub(super) disposition: Coded,
    pub(super) status: Coded,
    pub(super) severity: Coded,
    /// Why it came out so: `status_code` and `status_detail`.
    pub(super) code: Option<&'a str>,
    pub(super) detail: Option<&'a str>,
    /// What somebody should look at.
    pub(super) alerts: Vec<&'a str>,
    /// That a chain begins is among the alerts, and by itself no reason to wake anybody.
    pub(super) is_alert: bool,
}

impl Outcome<'_> {
    /// Let through, and nothing to look at.
    pub(super) fn is_plain(&self) -> bool {
        matches!(self.action.0, 1 | 4) && self.alerts.is_empty()
    }
}

/// The first record of a VM. That there is one says that what the VM before wrote has come to its end.
pub(super) const CHAIN_START: &str = "chain_start";

pub(super) const INFORMATIONAL: Coded = (1, "Informational");
pub(super) const LOW: Coded = (2, "Low");
pub(super) const MEDIUM: Coded = (3, "Medium");
pub(super) const HIGH: Coded = (4, "High");

/// `news`: alerts that are not about this exchange.
pub(super) fn of<'a>(facts: &'a Facts, alert_below: Option<TlsVersion>, news: &[&'static str]) -> Outcome<'a> {
    let disposition = disposition(facts);
    let refused = disposition.is_some_and(refuses);
    let mut alerts = alerts(facts, disposition, alert_below);
    alerts.extend(news);
    let is_alert = alerts.iter().any(|code| *code != CHAIN_START);
    let (code, detail) = reason(facts, refused);
    Outcome {
        action: action(facts, disposition),
        disposition: disposition.map_or((0, "Unknown"), caption),
        status: status(facts, disposition, refused),
        severity: severity(facts, disposition, is_alert),
        code,
        detail,
        alerts,
        is_alert,
    }
}

/// The decision; where none was reached, what stood in its way.
fn disposition(facts: &Facts) -> Option<Disposition> {
    match (&facts.decision, &facts.token_problem, &facts.error) {
        (Some(decision), _, _) => Some(decision.disposition),
        (None, Some(_), _) => Some(Disposition::Unauthorized),
        (None, None, Some(_)) => Some(Disposition::Error),
        (None, None, None) => None,
    }
}

fn refuses(disposition: Disposition) -> bool {
    match disposition {
        Disposition::Allowed | Disposition::Observed | Disposition::Approved => false,
        // A call that waits for a person was not let through by this exchange.
        Disposition::Delayed
        | Disposition::Blocked
        | Disposition::Rejected
        | Disposition::Unauthorized
        | Disposition::AccessRevoked
        | Disposition::Error => true,
    }
}

/// `disposition_id`
fn caption(disposition: Disposition) -> Coded {
    match disposition {
        Disposition::Allowed => (1, "Allowed"),
        Disposition::Blocked => (2, "Blocked"),
        Disposition::Approved => (8, "Approved"),
        Disposition::Delayed => (14, "Delayed"),
        // A policy violation was detected without further action.
        Disposition::Observed => (15, "Detected"),
        Disposition::AccessRevoked => (24, "Access Revoked"),
        Disposition::Rejected => (25, "Rejected"),
        Disposition::Unauthorized => (26, "Unauthorized"),
        Disposition::Error => (27, "Error"),
    }
}

/// `action_id`: what was done to the call. A masked answer is `Modified`, whatever was only observed besides.
fn action(facts: &Facts, disposition: Option<Disposition>) -> Coded {
    let masked = facts.masking.findings.iter().any(|finding| finding.count > 0);
    match disposition {
        None => (0, "Unknown"),
        Some(disposition) if refuses(disposition) => (2, "Denied"),
        Some(_) if masked => (4, "Modified"),
        Some(Disposition::Observed) => (3, "Observed"),
        Some(_) => (1, "Allowed"),
    }
}

/// `status_id`: did the caller get what it asked for?
fn status(facts: &Facts, disposition: Option<Disposition>, refused: bool) -> Coded {
    let failed = refused
        || facts.error.is_some()
        || facts.stage == Stage::Aborted
        || facts.mcp.rpc_error.is_some()
        || facts.mcp.tool_error
        || facts.http.status.is_some_and(|status| status >= 400);
    match (failed, disposition, facts.stage) {
        (true, _, _) => (2, "Failure"),
        (false, Some(_), Stage::Completed) => (1, "Success"),
        _ => (0, "Unknown"),
    }
}

/// `severity_id`: who has to care.
fn severity(facts: &Facts, disposition: Option<Disposition>, is_alert: bool) -> Coded {
    let by_rule = facts.decision.as_ref().is_some_and(|decision| decision.rule.is_some());
    match disposition {
        Some(Disposition::AccessRevoked) => HIGH,
        _ if is_alert || facts.error.is_some() => MEDIUM,
        // A rule that forbids was written for this very call; running into the default is everyday life.
        Some(Disposition::Blocked) if by_rule => MEDIUM,
        Some(Disposition::Error) => MEDIUM,
        Some(Disposition::Blocked | Disposition::Observed | Disposition::Rejected | Disposition::Unauthorized) => LOW,
        Some(Disposition::Allowed | Disposition::Approved | Disposition::Delayed) | None => INFORMATIONAL,
    }
}

/// A refusal explains itself; otherwise what went wrong later does; otherwise why it was let through.
fn reason(facts: &Facts, refused: bool) -> (Option<&str>, Option<&str>) {
    let decided = facts.decision.as_ref().map(|decision| (Some(&*decision.code), decision.message.as_deref()));
    let failed = facts.error.as_ref().map(|error| (Some(&*error.code), Some(error.message.as_str())));
    let token = facts.token_problem.as_deref().map(|code| (Some(code), None));
    let first = if refused { decided.or(token).or(failed) } else { failed.or(decided).or(token) };
    first.unwrap_or_default()
}

fn alerts(facts: &Facts, disposition: Option<Disposition>, alert_below: Option<TlsVersion>) -> Vec<&str> {
    let mut alerts = Vec::new();
    if alert_below.is_some_and(|least| below(&facts.connection, least)) {
        alerts.push("tls_below_expectation");
    }
    if disposition == Some(Disposition::AccessRevoked) {
        alerts.push("revoked_access_used");
    }
    if facts.revocations_stale {
        alerts.push("revocation_stale");
    }
    for alert in &facts.alerts {
        if !alerts.contains(&&*alert.code) {
            alerts.push(&alert.code);
        }
    }
    alerts
}

/// A version that cannot be read is below every expectation; one that another hop saw cannot be judged here.
fn below(connection: &Connection, least: TlsVersion) -> bool {
    match connection {
        Connection::Unknown | Connection::Forwarded => false,
        Connection::Plaintext => true,
        Connection::Tls(tls) => match tls.version.as_str() {
            "TLSv1.3" => false,
            "TLSv1.2" => least > TlsVersion::V1_2,
            _ => true,
        },
    }
}

/// `message`: one line for people.
pub(super) fn sentence(record: &mut Object<'_>, facts: &Facts, outcome: &Outcome<'_>, rule: Option<&str>) {
    let who = facts.principal.as_ref().map_or(party::UNVERIFIED.into(), |principal| NAME.cut(&principal.user));
    let operation = call::operation(facts);
    let target = call::target(&facts.mcp.target).map(|(_, name)| name);
    let (space, target) = target.as_deref().map_or(("", ""), |target| (" ", target));
    let because = match (rule, outcome.code) {
        (Some(rule), _) => [" (", "rule ", rule, ")"],
        (None, Some(code)) => [" (", "", code, ")"],
        (None, None) => [""; 4],
    };
    let [open, word, because, close] = because;
    record.joined("message", &[&who, ": ", &operation, space, target, ": ", outcome.disposition.1, open, word, because, close]);
}
