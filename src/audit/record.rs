//! One record: OCSF API Activity (class 6003), put together from the facts.

use super::call::{self, Text};
use super::chain::Chain;
use super::facts::{Alert, Connection, Decision, Era, Facts, Intent, Messages, RuleHit, Stage, Times};
use super::json::{Node, Object};
use super::outcome::{self, Outcome};
use super::session::session;
use super::settings::Settings;
use super::sides::Sides;
use super::text::{ID, LINE, LIST, NAME, URI};
use super::trace::trace;
use super::{approval, masked, party};
use crate::policy::{Level, Mode, Then};
use crate::time::Time;

/// The newest version that public validators carry schemas of; records are held to it in tests. OCSF 1.9 has homes for
/// the client program (`ai_agent`) and the chain (`record_integrity`); until 1.9 can be validated they are in
/// `unmapped`, already in the shape they will have.
const OCSF_VERSION: &str = "1.8.0";

/// What API Activity is extended by here. `ai_operation` stays out until `ai_agent` can move in.
const PROFILES: [&str; 3] = ["data_classification", "security_control", "trace"];

/// API Activity is of the category Application Activity.
const CATEGORY: i64 = 6;
const CLASS: i64 = 6003;
pub(super) const TYPE: i64 = CLASS * 100 + ACTIVITY;
/// `Other`: OCSF's create, read, update and delete do not say what a tool does; `api.operation` says what was called.
const ACTIVITY: i64 = 99;
const ACTIVITY_NAME: &str = "Invoke";

/// Where a record stands.
pub(super) struct Place<'a> {
    pub(super) kind: Kind,
    /// The record's own name.
    pub(super) uid: &'a str,
    pub(super) chain: Option<&'a Chain>,
    pub(super) sides: &'a Sides,
    pub(super) checkpoint: Option<&'a str>,
    /// Of the recorder's own.
    pub(super) alerts: &'a [&'static str],
    pub(super) now: Time,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// Of an exchange that has ended; its place among those of this VM.
    Whole { sequence: u64 },
    /// Of one that still runs.
    Interim,
    /// Of a call that has not gone on yet.
    Intent,
}

impl Kind {
    /// `unmapped.side`, of a record beside the chain.
    fn side(self) -> Option<&'static str> {
        match self {
            Self::Whole { .. } => None,
            Self::Interim => Some("interim"),
            Self::Intent => Some("intent"),
        }
    }
}

/// Names an exchange.
pub(super) fn exchange(facts: &Facts, settings: &Settings) -> String {
    format!("{}-x{}", settings.vm, facts.exchange)
}

pub(super) fn build<'a>(facts: &'a Facts, settings: &'a Settings, place: &Place<'a>) -> (Object<'a>, Outcome<'a>) {
    let Place { kind, uid, now, alerts, .. } = *place;
    let outcome = outcome::of(facts, settings.alert_below, alerts);
    let level = facts.level.unwrap_or(settings.level());
    let side = |payload, from: Level| {
        if level >= from { Text::new(payload, settings.audit.max_payload.0) } else { Text::hidden(payload) }
    };
    let request = facts.request.as_ref().map(|payload| side(payload, Level::Request));
    let response = facts.response.as_ref().map(|payload| side(payload, Level::All));
    let start = facts.times.start.unwrap_or(now);
    let end = facts.times.end.unwrap_or(now);
    let session = session(facts);

    let mut unmapped = unmapped(facts, &outcome, request.as_ref(), response.as_ref());
    unmapped = unmapped.with_some("session_source", session.as_ref().map(|(_, source)| *source));
    stand(&mut unmapped, facts, settings, place);
    let http_request = call::http_request(&facts.http, scheme(&facts.connection), &mut unmapped);

    let sequence = match kind {
        Kind::Whole { sequence } => Some(sequence),
        Kind::Interim | Kind::Intent => None,
    };
    let metadata = metadata(settings, &PROFILES, uid, now)
        .with_some("sequence", sequence)
        .with_some("correlation_uid", session.map(|(name, _)| name))
        .with_some("data_classifications", masked::classifications(&facts.masking));
    let metadata = truncation(metadata, [request.as_ref(), response.as_ref()]);

    let who = facts.principal.as_ref().map_or(party::UNVERIFIED.into(), |principal| NAME.cut(&principal.user));
    let operation = call::operation(facts);
    let target = call::target(&facts.mcp.target).map(|(_, name)| name);
    let rule = facts.decision.as_ref().and_then(|decision| decision.rule.as_deref()).map(|rule| NAME.cut(rule));
    let message = outcome::sentence(&who, &operation, target.as_deref(), &outcome, rule.as_deref());

    let record = Object::with_room(40)
        .with("action", outcome.action.1)
        .with("action_id", outcome.action.0)
        .with("activity_id", ACTIVITY)
        .with("activity_name", ACTIVITY_NAME)
        .with("actor", party::actor(facts.principal.as_ref()))
        .with("api", call::api(facts, &settings.resource, uid, request.as_ref(), response.as_ref()))
        .with_some("authorizations", approval::authorizations(facts))
        .with("category_uid", CATEGORY)
        .with("class_uid", CLASS)
        .with("disposition", outcome.disposition.1)
        .with("disposition_id", outcome.disposition.0)
        .with_some("dst_endpoint", party::destination(&facts.upstream))
        .with("duration", end.since(start))
        .with("end_time", end.millis())
        .with_some("firewall_rule", rule.map(|rule| Object::new().with("uid", rule)))
        .with_some("http_request", http_request)
        .with_some("http_response", call::http_response(facts, response.as_ref()))
        .with("is_alert", outcome.is_alert)
        .with("message", message)
        .with("metadata", metadata)
        .with("policy", policy(settings))
        .with_some("resources", call::resources(facts))
        .with("severity", outcome.severity.1)
        .with("severity_id", outcome.severity.0)
        .with("src_endpoint", party::source(facts))
        .with("start_time", start.millis())
        .with("status", outcome.status.1)
        .with_some("status_code", outcome.code.map(|code| NAME.cut(code)))
        .with_some("status_detail", outcome.detail.map(|detail| LINE.cut(detail)))
        .with("status_id", outcome.status.0)
        .with("time", start.millis())
        .with_some("trace", facts.trace.as_deref().and_then(|traceparent| trace(traceparent, start, end)))
        .with("type_uid", TYPE)
        .with("unmapped", unmapped);
    (record, outcome)
}

/// The policy in force: its endpoint and its digest.
pub(super) fn policy(settings: &Settings) -> Object<'_> {
    Object::new().with("uid", URI.cut(&settings.resource)).with("version", ID.cut(&settings.policy_digest))
}

pub(super) fn metadata<'a>(settings: &'a Settings, profiles: &[&'static str], uid: &'a str, now: Time) -> Object<'a> {
    // SemVer build metadata: the same version from another commit is another program.
    let version = format!("{}+{}", settings.version, settings.git);
    let product = Object::new().with("name", "Portcullis").with("vendor_name", "Portcullis").with("version", version);
    // Who wrote it: which replica, and which of its workers since when.
    let reporter = Object::new().with("name", NAME.cut(&settings.node)).with("uid", NAME.cut(&settings.vm));
    Object::with_room(12)
        .with("log_name", "portcullis")
        .with("logged_time", now.millis())
        .with("product", product)
        .with("profiles", profiles.iter().copied().map(Node::from).collect::<Vec<_>>())
        .with("reporter", reporter)
        .with("uid", uid)
        .with("version", OCSF_VERSION)
}

/// OCSF counts the untruncated size in kilobytes; the bytes of each side are in `unmapped`.
fn truncation<'a>(metadata: Object<'a>, texts: [Option<&Text<'_>>; 2]) -> Object<'a> {
    if !texts.iter().flatten().any(|text| text.truncated) {
        return metadata;
    }
    let bytes = texts.iter().flatten().fold(0_u64, |sum, text| sum.saturating_add(text.size()));
    metadata.with("is_truncated", true).with("untruncated_size", bytes.div_ceil(1024))
}

/// Where the record stands among others.
fn stand<'a>(unmapped: &mut Object<'a>, facts: &Facts, settings: &'a Settings, place: &Place<'a>) {
    let Place { kind, uid: _, chain, sides, checkpoint, alerts: _, now: _ } = *place;
    if let Some(checkpoint) = checkpoint {
        unmapped.put("checkpoint", checkpoint);
    }
    if kind.side().is_some() || !sides.is_empty() {
        unmapped.put(if kind.side().is_some() { "of" } else { "exchange_uid" }, exchange(facts, settings));
    }
    if let Some(chain) = chain {
        unmapped.put("record_integrity", chain.attestation(&settings.vm));
    }
    let named = |side: &'a super::chain::Pointer| -> Node<'a> {
        Object::new().with("fingerprint", side.fingerprint.as_str()).with("uid", side.uid.as_str()).into()
    };
    let named: Vec<Node<'_>> = match kind {
        Kind::Whole { .. } => sides.iter().map(named).collect(),
        Kind::Interim | Kind::Intent => sides.newest().map(named).into_iter().collect(),
    };
    if let Some(side) = kind.side() {
        unmapped.put("side", side);
    }
    if !named.is_empty() {
        unmapped.put("sides", named);
    }
    if sides.omitted() > 0 {
        unmapped.put("sides_omitted", sides.omitted());
    }
}

/// What OCSF has no field for.
fn unmapped<'a>(facts: &'a Facts, outcome: &Outcome<'a>, request: Option<&Text<'a>>, response: Option<&Text<'a>>) -> Object<'a> {
    let alerts: Vec<Node<'_>> = outcome.alerts.iter().copied().take(LIST).map(|code| NAME.cut(code).into()).collect();
    let details: Vec<Node<'_>> = facts.alerts.iter().take(LIST).map(alert).collect();
    let rules: &[RuleHit] = facts.decision.as_ref().map_or(&[], |Decision { rules, .. }| rules);
    let rows: Vec<Node<'_>> = rules.iter().take(LIST).map(rule).collect();
    let era = facts.mcp.era.map(|era| match era {
        Era::Legacy => "legacy",
        Era::Modern => "modern",
    });
    Object::with_room(24)
        .with_some("act", facts.principal.as_ref().and_then(party::act))
        .with_some("ai_agent", party::agent(facts))
        // Its name and version are what the client says of itself; its uid is from the token.
        .with_some("ai_agent_self_declared", facts.client.as_ref().map(|_| true))
        .with_some("alert_details", (!details.is_empty()).then_some(details))
        .with_some("alerts", (!alerts.is_empty()).then_some(alerts))
        .with_some("approval", approval::first(facts))
        .with("connection", party::connection_kind(&facts.connection))
        .with_some("email", facts.principal.as_ref().and_then(party::odd_email).map(|email| LINE.cut(email)))
        .with_some("era", era)
        .with_some(
            "error",
            facts.error.as_ref().map(|error| Object::new().with("code", NAME.cut(&error.code)).with("message", LINE.cut(&error.message))),
        )
        .with_some("intent", facts.intent.as_ref().map(|Intent { uid, kept }| Object::new().with("kept", *kept).with("uid", ID.cut(uid))))
        .with_some("masking", masked::in_full(&facts.masking))
        .with_some("messages", facts.messages.map(messages))
        .with_some("omitted", omitted(facts, rules.len()))
        .with_some("other_approvals", approval::others(facts))
        .with_some("progress_token", facts.mcp.progress_token.as_deref().map(|token| ID.cut(token)))
        .with_some("request", request.map(Text::about))
        .with_some("response", response.map(Text::about))
        .with_some("rules", (!rows.is_empty()).then_some(rows))
        .with("stage", stage(facts.stage))
        .with_some("timing", timing(&facts.times))
        .with_some("tls", party::tls(&facts.connection))
        .with_some("token_problem", facts.token_problem.as_deref().map(|code| NAME.cut(code)))
        .with_some("upstream_status", facts.upstream.status)
}

fn alert(alert: &Alert) -> Node<'_> {
    let Alert { code, kind, name, place } = alert;
    Object::new()
        .with("code", NAME.cut(code))
        .with("kind", NAME.cut(kind))
        .with_some("name", name.as_deref().map(|name| NAME.cut(name)))
        .with_some("place", place.as_deref().map(|place| LINE.cut(place)))
        .into()
}

/// Lines on record for one rule: it has fewer conditions, and each says little.
const BECAUSE: usize = 8;

fn rule(hit: &RuleHit) -> Node<'_> {
    let RuleHit { id, then, mode, because } = hit;
    let then = match then {
        Then::Allow => "allow",
        Then::Deny => "deny",
        Then::Ask => "ask",
    };
    let mode = match mode {
        Mode::Enforce => "enforce",
        Mode::Observe => "observe",
    };
    let because: Vec<Node<'_>> = because.iter().take(BECAUSE).map(|line| LINE.cut(line).into()).collect();
    Object::new()
        .with("id", NAME.cut(id))
        .with("then", then)
        .with("mode", mode)
        .with_some("because", (!because.is_empty()).then_some(because))
        .into()
}

/// Which messages of a stream: the record before ends where this one begins.
fn messages<'a>(Messages { before, upto }: Messages) -> Object<'a> {
    let count = upto.saturating_sub(before);
    let some = |number: u64| (count > 0).then_some(number);
    Object::new().with("count", count).with_some("from", some(before.saturating_add(1))).with_some("to", some(upto))
}

/// Milliseconds from the start to each step.
fn timing<'a>(times: &Times) -> Option<Object<'a>> {
    let Times { start, identified, request_complete, decided, response_headers, end: _ } = times;
    let after = |time: &Option<Time>| time.zip(*start).map(|(time, start)| time.since(start));
    Object::new()
        .with_some("identified", after(identified))
        .with_some("request_complete", after(request_complete))
        .with_some("decided", after(decided))
        .with_some("response_headers", after(response_headers))
        .non_empty()
}

/// How many members of each list are not on record.
fn omitted<'a>(facts: &Facts, rules: usize) -> Option<Object<'a>> {
    let over = |len: usize| u64::try_from(len.saturating_sub(LIST)).ok().filter(|over| *over > 0);
    Object::new()
        .with_some("alert_details", over(facts.alerts.len()))
        .with_some("groups", facts.principal.as_ref().and_then(|principal| over(principal.groups.len())))
        .with_some("rules", over(rules))
        .with_some("findings", over(facts.masking.findings.len()))
        .non_empty()
}

fn stage(stage: Stage) -> &'static str {
    match stage {
        Stage::Received => "received",
        Stage::Held => "held",
        Stage::Forwarded => "forwarded",
        Stage::Completed => "completed",
        Stage::Aborted => "aborted",
    }
}

fn scheme(connection: &Connection) -> Option<&'static str> {
    match connection {
        Connection::Unknown => None,
        Connection::Plaintext => Some("http"),
        Connection::Forwarded | Connection::Tls(_) => Some("https"),
    }
}
