//! One record: OCSF API Activity (class 6003), put together from the facts.

use super::call::{self, Text};
use super::chain::Chain;
use super::facts::{Alert, Connection, Decision, Era, Facts, Intent, Messages, RuleHit, Stage, Times};
use super::fixed::Fixed;
use super::json::{Object, Sealed, Word};
use super::outcome::{self, Outcome};
use super::session::session;
use super::settings::Settings;
use super::sides::Sides;
use super::text::{ID, LINE, LIST, NAME};
use super::trace::trace;
use super::{approval, masked, party};
use crate::policy::{Level, Mode, Then};
use crate::time::Time;

/// The newest version that public validators carry schemas of; records are held to it in tests. OCSF 1.9 has homes for
/// the client program (`ai_agent`) and the chain (`record_integrity`); until 1.9 can be validated they are in
/// `unmapped`, already in the shape they will have.
pub(super) const OCSF_VERSION: &str = "1.8.0";

/// What API Activity is extended by here. `ai_operation` stays out until `ai_agent` can move in.
const PROFILES: [&str; 3] = ["data_classification", "security_control", "trace"];

pub(super) const LOG_NAME: &str = "portcullis";

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
    pub(super) settings: &'a Settings,
    pub(super) fixed: &'a Fixed,
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

/// What several parts of a record are made of.
struct Parts<'a> {
    request: Option<Text<'a>>,
    response: Option<Text<'a>>,
    session: Option<(String, &'static str)>,
}

pub(super) fn write(facts: &Facts, outcome: &Outcome<'_>, place: &Place<'_>) -> Sealed {
    let Place { settings, fixed, uid, now, .. } = *place;
    let level = facts.level.unwrap_or(settings.level());
    let side = |payload, from: Level| {
        if level >= from { Text::new(payload, settings.audit.max_payload.0) } else { Text::hidden(payload) }
    };
    let parts = Parts {
        request: facts.request.as_ref().map(|payload| side(payload, Level::Request)),
        response: facts.response.as_ref().map(|payload| side(payload, Level::All)),
        session: session(facts),
    };
    let texts = [parts.request.as_ref(), parts.response.as_ref()];
    let start = facts.times.start.unwrap_or(now);
    let end = facts.times.end.unwrap_or(now);
    let scheme = scheme(&facts.connection);
    let rule = facts.decision.as_ref().and_then(|decision| decision.rule.as_deref()).map(|rule| NAME.cut(rule));

    Sealed::object(expected(facts), |record| {
        record.put("action", Word(outcome.action.1));
        record.put("action_id", outcome.action.0);
        record.put("activity_id", ACTIVITY);
        record.put("activity_name", Word(ACTIVITY_NAME));
        record.object("actor", |actor| party::actor(actor, facts.principal.as_ref()));
        record.object("api", |api| call::api(api, facts, fixed.service(), uid, texts));
        approval::authorizations(record, facts);
        record.put("category_uid", CATEGORY);
        record.put("class_uid", CLASS);
        record.put("disposition", Word(outcome.disposition.1));
        record.put("disposition_id", outcome.disposition.0);
        record.some_object("dst_endpoint", |endpoint| party::destination(endpoint, &facts.upstream));
        record.put("duration", end.since(start));
        record.put("end_time", end.millis());
        if let Some(rule) = &rule {
            record.object("firewall_rule", |object| object.put("uid", &**rule));
        }
        record.some_object("http_request", |request| call::http_request(request, &facts.http, scheme));
        if let Some(status) = facts.http.status {
            record.object("http_response", |answer| call::http_response(answer, facts, status, parts.response.as_ref()));
        }
        record.put("is_alert", outcome.is_alert);
        outcome::sentence(record, facts, outcome, rule.as_deref());
        record.object("metadata", |object| metadata(object, facts, &parts, place));
        record.put("policy", fixed.policy());
        record.objects("resources", call::target(&facts.mcp.target), call::resource);
        record.put("severity", Word(outcome.severity.1));
        record.put("severity_id", outcome.severity.0);
        // It is required and wants something in it, which it has.
        record.object("src_endpoint", |endpoint| party::source(endpoint, facts));
        record.put("start_time", start.millis());
        record.put("status", Word(outcome.status.1));
        record.some("status_code", outcome.code.map(|code| NAME.cut(code)));
        record.some("status_detail", outcome.detail.map(|detail| LINE.cut(detail)));
        record.put("status_id", outcome.status.0);
        record.put("time", start.millis());
        if let Some(traceparent) = &facts.trace {
            trace(record, traceparent, start, end);
        }
        record.put("type_uid", TYPE);
        record.object("unmapped", |object| unmapped(object, facts, outcome, &parts, place));
    })
}

/// Room for a usual record, so that writing does not copy it over and over.
fn expected(facts: &Facts) -> usize {
    const AROUND: usize = 3 * 1024 + 512;
    let payloads = [&facts.request, &facts.response].into_iter().flatten().map(|payload| payload.text.len());
    // Half as much again for the quotes of JSON in a string.
    payloads.fold(AROUND, |sum, len| sum.saturating_add(len.saturating_add(len / 2).min(256 * 1024)))
}

fn metadata(metadata: &mut Object<'_>, facts: &Facts, parts: &Parts<'_>, place: &Place<'_>) {
    let Place { kind, uid, fixed, now, .. } = *place;
    let Parts { request, response, session } = parts;
    let texts = || [request, response].into_iter().flatten();
    let truncated = texts().any(|text| text.truncated);
    metadata.some("correlation_uid", session.as_ref().map(|(name, _)| name.as_str()));
    masked::classifications(metadata, &facts.masking);
    metadata.some("is_truncated", truncated.then_some(true));
    metadata.put("log_name", Word(LOG_NAME));
    metadata.put("logged_time", now.millis());
    metadata.put("product", fixed.product());
    metadata.values("profiles", PROFILES.map(Word));
    metadata.put("reporter", fixed.reporter());
    metadata.some(
        "sequence",
        match kind {
            Kind::Whole { sequence } => Some(sequence),
            Kind::Interim | Kind::Intent => None,
        },
    );
    metadata.put("uid", uid);
    if truncated {
        // OCSF counts in kilobytes; the bytes of each side are in `unmapped`.
        let bytes = texts().fold(0_u64, |sum, text| sum.saturating_add(text.size()));
        metadata.put("untruncated_size", bytes.div_ceil(1024));
    }
    metadata.put("version", Word(OCSF_VERSION));
}

/// What OCSF has no field for.
fn unmapped(unmapped: &mut Object<'_>, facts: &Facts, outcome: &Outcome<'_>, parts: &Parts<'_>, place: &Place<'_>) {
    let Place { kind, uid: _, chain, sides, checkpoint, settings, fixed: _, now: _ } = *place;
    let Parts { request, response, session } = parts;
    let rules: &[RuleHit] = facts.decision.as_ref().map_or(&[], |Decision { rules, .. }| rules);
    let exchange_uid = (kind.side().is_some() || !sides.is_empty()).then(|| exchange(facts, settings));
    let (of, exchange_uid) = if kind.side().is_some() { (exchange_uid, None) } else { (None, exchange_uid) };

    party::act(unmapped, facts.principal.as_ref());
    unmapped.some_object("ai_agent", |agent| party::agent(agent, facts));
    // Its name and version are what the client says of itself; its uid is from the token.
    unmapped.some("ai_agent_self_declared", facts.client.as_ref().map(|_| true));
    unmapped.objects("alert_details", facts.alerts.iter().take(LIST), alert);
    unmapped.values("alerts", outcome.alerts.iter().copied().take(LIST).map(|code| NAME.cut(code)));
    approval::first(unmapped, facts);
    unmapped.some("checkpoint", checkpoint);
    unmapped.put("connection", Word(party::connection_kind(&facts.connection)));
    unmapped.some("email", facts.principal.as_ref().and_then(party::odd_email).map(|email| LINE.cut(email)));
    unmapped.some(
        "era",
        facts.mcp.era.map(|era| match era {
            Era::Legacy => "legacy",
            Era::Modern => "modern",
        }),
    );
    if let Some(error) = &facts.error {
        unmapped.object("error", |object| {
            object.put("code", NAME.cut(&error.code));
            object.put("message", LINE.cut(&error.message));
        });
    }
    unmapped.some("exchange_uid", exchange_uid.as_deref());
    unmapped.some("http_method", call::odd_method(&facts.http).map(|method| NAME.cut(method)));
    if let Some(Intent { uid, kept }) = &facts.intent {
        unmapped.object("intent", |intent| {
            intent.put("kept", *kept);
            intent.put("uid", ID.cut(uid));
        });
    }
    masked::in_full(unmapped, &facts.masking);
    if let Some(of) = facts.messages {
        unmapped.object("messages", |object| messages(object, of));
    }
    unmapped.some("of", of.as_deref());
    unmapped.some_object("omitted", |object| omitted(object, facts, rules.len()));
    approval::others(unmapped, facts);
    unmapped.some("progress_token", facts.mcp.progress_token.as_deref().map(|token| ID.cut(token)));
    unmapped.some("query_dropped", call::drops_query(&facts.http).then_some(true));
    if let Some(chain) = chain {
        unmapped.object("record_integrity", |integrity| chain.attestation(integrity, &settings.vm));
    }
    for (name, text) in [("request", request), ("response", response)] {
        if let Some(text) = text {
            unmapped.object(name, |about| text.about(about));
        }
    }
    unmapped.objects("rules", rules.iter().take(LIST), rule);
    unmapped.some("session_source", session.as_ref().map(|(_, source)| Word(source)));
    unmapped.some("side", kind.side());
    match kind {
        Kind::Whole { .. } => unmapped.objects("sides", sides.iter(), |object, side| side.named(object)),
        Kind::Interim | Kind::Intent => unmapped.objects("sides", sides.newest(), |object, side| side.named(object)),
    }
    unmapped.some("sides_omitted", Some(sides.omitted()).filter(|omitted| *omitted > 0));
    unmapped.put("stage", Word(stage(facts.stage)));
    unmapped.some_object("timing", |object| timing(object, &facts.times));
    if let Connection::Tls(tls) = &facts.connection {
        unmapped.object("tls", |object| party::tls(object, tls));
    }
    unmapped.some("token_problem", facts.token_problem.as_deref().map(|code| NAME.cut(code)));
    unmapped.some("upstream_status", facts.upstream.status);
}

fn alert(object: &mut Object<'_>, alert: &Alert) {
    let Alert { code, kind, name, place } = alert;
    object.put("code", NAME.cut(code));
    object.put("kind", NAME.cut(kind));
    object.some("name", name.as_deref().map(|name| NAME.cut(name)));
    object.some("place", place.as_deref().map(|place| LINE.cut(place)));
}

/// Lines on record for one rule: it has fewer conditions, and each says little.
const BECAUSE: usize = 8;

fn rule(object: &mut Object<'_>, hit: &RuleHit) {
    let RuleHit { id, then, mode, because } = hit;
    object.values("because", because.iter().take(BECAUSE).map(|line| LINE.cut(line)));
    object.put("id", NAME.cut(id));
    object.put(
        "mode",
        match mode {
            Mode::Enforce => "enforce",
            Mode::Observe => "observe",
        },
    );
    object.put(
        "then",
        match then {
            Then::Allow => "allow",
            Then::Deny => "deny",
            Then::Ask => "ask",
        },
    );
}

/// Which messages of a stream: the record before ends where this one begins.
fn messages(object: &mut Object<'_>, Messages { before, upto }: Messages) {
    let count = upto.saturating_sub(before);
    let some = |number: u64| (count > 0).then_some(number);
    object.put("count", count);
    object.some("from", some(before.saturating_add(1)));
    object.some("to", some(upto));
}

/// Milliseconds from the start to each step.
fn timing(object: &mut Object<'_>, times: &Times) {
    let Times { start, identified, request_complete, decided, response_headers, end: _ } = times;
    let after = |time: &Option<Time>| time.zip(*start).map(|(time, start)| time.since(start));
    object.some("decided", after(decided));
    object.some("identified", after(identified));
    object.some("request_complete", after(request_complete));
    object.some("response_headers", after(response_headers));
}

/// How many members of each list are not on record.
fn omitted(object: &mut Object<'_>, facts: &Facts, rules: usize) {
    let over = |len: usize| u64::try_from(len.saturating_sub(LIST)).ok().filter(|over| *over > 0);
    object.some("alert_details", over(facts.alerts.len()));
    object.some("findings", over(facts.masking.findings.len()));
    object.some("groups", facts.principal.as_ref().and_then(|principal| over(principal.groups.len())));
    object.some("rules", over(rules));
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
