//! An alert as an event of its own: OCSF Detection Finding (class 2004), for whoever looks at alerts and not at logs.

use super::chain::Chain;
use super::facts::{Alert, Facts};
use super::json::{Node, Object};
use super::outcome::{Coded, HIGH, INFORMATIONAL, LOW, MEDIUM, Outcome};
use super::record;
use super::session::session;
use super::settings::Settings;
use super::text::{LINE, NAME, URI};
use super::{call, party};
use crate::time::Time;

const CATEGORY: i64 = 2;
const CLASS: i64 = 2004;
/// `Create`: it is told once.
const ACTIVITY: i64 = 1;
const PROFILES: [&str; 1] = ["security_control"];

/// Details of one kind of alert in a finding; the record has the rest.
const EVIDENCES: usize = 16;

/// What is told of one kind of alert.
pub(super) struct Told<'a> {
    code: &'a str,
    details: Vec<&'a Alert>,
}

/// Where a finding stands.
pub(super) struct Place<'a> {
    /// The finding's own name.
    pub(super) uid: &'a str,
    /// The name of the record it was made with.
    pub(super) of: &'a str,
    pub(super) chain: Option<&'a Chain>,
    pub(super) now: Time,
}

/// Each kind of alert of which there is something new. `told`: of how many alerts among the facts there are findings. `is_whole`: also of alerts that are about the
/// exchange as a whole.
pub(super) fn due<'a>(facts: &'a Facts, outcome: &Outcome<'a>, told: usize, is_whole: bool) -> Vec<Told<'a>> {
    let new = facts.alerts.get(told..).unwrap_or_default();
    let details = |code: &str| new.iter().filter(|alert| alert.code == code).collect::<Vec<_>>();
    let told = outcome.alerts.iter().map(|code| Told { code, details: details(code) });
    let is_about_whole = |code: &str| !facts.alerts.iter().any(|alert| alert.code == code);
    told.filter(|told| !told.details.is_empty() || (is_whole && is_about_whole(told.code))).collect()
}

pub(super) fn build<'a>(facts: &'a Facts, settings: &'a Settings, outcome: &Outcome<'a>, told: &Told<'a>, place: &Place<'a>) -> Object<'a> {
    let Place { uid, of, chain, now } = *place;
    let Told { code, details } = told;
    let kind = details.first().map(|alert| &*alert.kind);
    let about = about(code, kind);
    let decision = facts.decision.as_ref();
    let rule = decision.and_then(|decision| decision.rule.as_deref()).map(|rule| NAME.cut(rule));
    let related = Object::new().with("type_uid", record::TYPE).with("uid", of);
    let finding = Object::new()
        .with_some("attacks", about.attack.map(|attack| vec![attack.into()]))
        .with("created_time", now.millis())
        .with("desc", about.desc)
        .with("product", Object::new().with("name", "Portcullis").with("vendor_name", "Portcullis"))
        .with("related_events", vec![related.into()])
        .with("title", about.title)
        .with("types", vec![about.kind.into()])
        .with("uid", uid);
    let who = facts.principal.as_ref().map_or(party::UNVERIFIED.into(), |principal| NAME.cut(&principal.user));
    let unmapped = Object::new()
        .with("alert", NAME.cut(code))
        .with("of", record::exchange(facts, settings))
        .with("side", "finding")
        .with_some("record_integrity", chain.map(|chain| chain.attestation(&settings.vm)));
    let metadata = record::metadata(settings, &PROFILES, uid, now).with_some("correlation_uid", session(facts).map(|(name, _)| name));
    let endpoint = Object::new().with("name", URI.cut(&settings.resource)).with("type", "mcp.endpoint");
    Object::with_room(32)
        .with("action", outcome.action.1)
        .with("action_id", outcome.action.0)
        .with("activity_id", ACTIVITY)
        .with("activity_name", "Create")
        .with("category_uid", CATEGORY)
        .with("class_uid", CLASS)
        .with("confidence", "High")
        .with("confidence_id", 3_i64)
        .with("disposition", outcome.disposition.1)
        .with("disposition_id", outcome.disposition.0)
        .with("evidences", evidences(facts, settings, details))
        .with("finding_info", finding)
        .with_some("firewall_rule", rule.map(|rule| Object::new().with("uid", rule)))
        .with("is_alert", about.severity != INFORMATIONAL)
        .with("message", format!("{who}: {}", about.title))
        .with("metadata", metadata)
        .with("policy", record::policy(settings))
        .with("resources", call::resources(facts).unwrap_or_else(|| vec![endpoint.into()]))
        .with("severity", about.severity.1)
        .with("severity_id", about.severity.0)
        .with("status", "New")
        .with("status_id", 1_i64)
        .with("time", now.millis())
        .with("type_uid", CLASS * 100 + ACTIVITY)
        .with("unmapped", unmapped)
}

/// Who, from where, and each thing that was seen.
fn evidences<'a>(facts: &'a Facts, settings: &'a Settings, details: &[&'a Alert]) -> Vec<Node<'a>> {
    let api =
        Object::new().with("operation", call::operation(facts)).with("service", Object::new().with("name", URI.cut(&settings.resource)));
    let first = Object::new()
        .with("actor", party::actor(facts.principal.as_ref()))
        .with("api", api)
        .with_some("dst_endpoint", party::destination(&facts.upstream))
        .with("src_endpoint", party::source(facts))
        .with_some("tls", party::agreed(&facts.connection));
    let each = details.iter().take(EVIDENCES).map(|Alert { code: _, kind, name, place }| -> Node<'a> {
        let data = Object::new()
            .with("kind", NAME.cut(kind))
            .with_some("name", name.as_deref().map(|name| NAME.cut(name)))
            .with_some("place", place.as_deref().map(|place| LINE.cut(place)));
        Object::new().with("data", data).into()
    });
    std::iter::once(first.into()).chain(each).collect()
}

/// What a kind of alert means.
struct About {
    title: &'static str,
    desc: &'static str,
    /// `finding_info.types`
    kind: &'static str,
    severity: Coded,
    /// OCSF `attack`: MITRE ATT&CK, or ATLAS for what is about models.
    attack: Option<Object<'static>>,
}

/// `kind`: of the first that was seen.
fn about(code: &str, kind: Option<&str>) -> About {
    let of = |title, desc, kind, severity| About { title, desc, kind, severity, attack: None };
    let with = |about: About, tactic, technique| About { attack: Some(attack(tactic, technique)), ..about };
    const INITIAL_ACCESS: Tactic = ("TA0001", "Initial Access");
    match code {
        "revoked_access_used" => with(
            of(
                "Access that was taken back is used",
                "A token, session, client or person whose access was revoked tried to call.",
                "Identity",
                HIGH,
            ),
            INITIAL_ACCESS,
            Some(("T1078", "Valid Accounts")),
        ),
        "revocation_stale" => of(
            "Revocations are out of date",
            "A call was let through while nobody could say whether its access had been taken back.",
            "Identity",
            MEDIUM,
        ),
        "tls_below_expectation" => with(
            of(
                "A connection is below the expected TLS",
                "A call came over plaintext, or over an older version of TLS than the policy expects.",
                "Transport",
                MEDIUM,
            ),
            ("TA0006", "Credential Access"),
            Some(("T1557", "Adversary-in-the-Middle")),
        ),
        "blocked_command" => {
            let about = of(
                "A command was blocked",
                "A rule refused a call for what its SQL statement, shell command or attack would have done.",
                "Command",
                HIGH,
            );
            match kind {
                Some("shell") => with(about, ("TA0002", "Execution"), Some(("T1059", "Command and Scripting Interpreter"))),
                Some("attacks") => with(about, INITIAL_ACCESS, Some(("T1190", "Exploit Public-Facing Application"))),
                _ => about,
            }
        }
        "approval_not_valid" => of(
            "An approval is not what it says",
            "The approval service sent something that is not signed as it must be, or not about this call.",
            "Approval",
            HIGH,
        ),
        "approval_own_request" => {
            of("A caller approved their own call", "The caller is among those who approved the call. It was refused.", "Approval", HIGH)
        }
        "approval_state_mismatch" => of(
            "A request state is not the caller's",
            "A caller came with a request state that was given to another, for another call, or by nobody.",
            "Approval",
            MEDIUM,
        ),
        "approval_break_glass" => {
            of("A call was approved in an emergency", "One person approved a call alone, in an emergency.", "Approval", MEDIUM)
        }
        "approvals_unavailable" => of(
            "Nobody can be asked",
            "The approval service does not answer, or not as it must. Calls that need it are refused.",
            "Approval",
            MEDIUM,
        ),
        "budget_exceeded" => {
            let about =
                of("A budget is exceeded", "A caller asked for, or was about to be given, more than the policy allows.", "Budget", LOW);
            match kind {
                Some("budget_bytes" | "budget_findings") => with(about, ("TA0010", "Exfiltration"), None),
                _ => about,
            }
        }
        "tool_changed" => with(
            of("A tool is not what was approved", "The definition of a pinned tool has changed.", "Tool", HIGH),
            INITIAL_ACCESS,
            Some(("T1195", "Supply Chain Compromise")),
        ),
        "tool_not_pinned" => {
            of("A tool was never approved", "The server offers a tool, or a caller asks for one, that is not pinned.", "Tool", MEDIUM)
        }
        "tool_missing" => of("A pinned tool is gone", "The server no longer lists a tool that is pinned.", "Tool", LOW),
        "hidden_instructions" | "hidden_instructions_removed" => with(
            of(
                "A tool speaks to the model behind the user's back",
                "The text that describes a tool, a prompt or a resource holds hidden instructions.",
                "Tool",
                HIGH,
            ),
            ("AML.TA0004", "Initial Access"),
            Some(("AML.T0051.001", "LLM Prompt Injection: Indirect")),
        ),
        "server_request_refused" => of(
            "A request of the server was refused",
            "The server asked its client for something that the policy does not allow.",
            "Server",
            MEDIUM,
        ),
        "recognizer_unavailable" => of(
            "An answer was not looked through",
            "A recognizer did not answer, or not as it must. The message was withheld, or passed as the policy says.",
            "Masking",
            MEDIUM,
        ),
        "message_not_recognized" => of(
            "A message was too long to be looked through",
            "A message could not be shown to a recognizer. It was withheld, or passed as the policy says.",
            "Masking",
            LOW,
        ),
        "chain_start" => of(
            "A chain of records begins",
            "A worker has started, or its policy was replaced: what the chain before says comes to its end.",
            "Record",
            INFORMATIONAL,
        ),
        "checkpoint_lost" => of(
            "Checkpoints did not reach the notary",
            "The notary did not answer for long, and checkpoints that waited for it were dropped.",
            "Record",
            MEDIUM,
        ),
        "checkpoint_refused" => of(
            "The notary refused a checkpoint",
            "What this worker says of its chain does not agree with what the notary has.",
            "Record",
            HIGH,
        ),
        _ => of("Something to look at", "See the alert's code and details.", "Other", MEDIUM),
    }
}

/// Number and name.
type Tactic = (&'static str, &'static str);

fn attack((uid, name): Tactic, technique: Option<(&'static str, &'static str)>) -> Object<'static> {
    let named = |(uid, name): (&'static str, &'static str)| Object::new().with("name", name).with("uid", uid);
    Object::new().with("tactic", named((uid, name))).with_some("technique", technique.map(named))
}
