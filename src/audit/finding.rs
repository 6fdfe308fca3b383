//! An alert as an event of its own: OCSF Detection Finding (class 2004), for whoever looks at alerts and not at logs.

use super::chain::Chain;
use super::facts::{Alert, Connection, Facts};
use super::fixed::Fixed;
use super::json::{Object, Sealed};
use super::outcome::{CHAIN_START, Coded, HIGH, INFORMATIONAL, LOW, MEDIUM, Outcome};
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

/// Kinds of alerts, by which they are counted. What has no place here is [`OTHER`], and a test fails.
pub const ALERTS: [&str; 25] = [
    "answer_withheld",
    "approval_break_glass",
    "approval_not_valid",
    "approval_own_request",
    "approval_state_mismatch",
    "approvals_unavailable",
    "blocked_command",
    "budget_exceeded",
    CHAIN_START,
    "checkpoint_lost",
    "checkpoint_refused",
    "hidden_instructions",
    "hidden_instructions_removed",
    "message_not_recognized",
    "recognizer_unavailable",
    "revocation_stale",
    "revoked_access_used",
    "server_request_refused",
    "tls_below_expectation",
    "tool_changed",
    "tool_missing",
    "tool_not_pinned",
    "value_in_request",
    "value_masked",
    OTHER,
];
const OTHER: &str = "other";

/// Whether somebody should look at alerts of this kind.
pub fn wakes(kind: &str) -> bool {
    kind != CHAIN_START
}

/// The kind that a code counts as.
pub(super) fn kind(code: &str) -> &'static str {
    ALERTS.into_iter().find(|kind| *kind == code).unwrap_or(OTHER)
}
/// Bytes that are room for a usual one.
const EXPECTED: usize = 3 * 1024;

/// Details of one kind of alert in a finding; the record has the rest.
const EVIDENCES: usize = 16;

/// What is told of one kind of alert.
pub(super) struct Told<'a> {
    pub(super) code: &'a str,
    details: Vec<&'a Alert>,
}

/// Where a finding stands.
pub(super) struct Place<'a> {
    /// The finding's own name.
    pub(super) uid: &'a str,
    /// The name of the record it was made with.
    pub(super) of: &'a str,
    pub(super) chain: Option<&'a Chain>,
    pub(super) settings: &'a Settings,
    pub(super) fixed: &'a Fixed,
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

pub(super) fn write(facts: &Facts, outcome: &Outcome<'_>, told: &Told<'_>, place: &Place<'_>) -> Sealed {
    let Place { uid, of, chain, settings, fixed, now } = *place;
    let Told { code, details } = told;
    let about = about(code, details.first().map(|alert| &*alert.kind));
    let rule = facts.decision.as_ref().and_then(|decision| decision.rule.as_deref()).map(|rule| NAME.cut(rule));
    let who = facts.principal.as_ref().map_or(party::UNVERIFIED.into(), |principal| NAME.cut(&principal.user));
    let resource = call::target(&facts.mcp.target).unwrap_or_else(|| ("mcp.endpoint", URI.cut(&settings.resource)));
    Sealed::object(EXPECTED, |finding| {
        finding.put("action", outcome.action.1);
        finding.put("action_id", outcome.action.0);
        finding.put("activity_id", ACTIVITY);
        finding.put("activity_name", "Create");
        finding.put("category_uid", CATEGORY);
        finding.put("class_uid", CLASS);
        finding.put("confidence", "High");
        finding.put("confidence_id", 3_i64);
        finding.put("disposition", outcome.disposition.1);
        finding.put("disposition_id", outcome.disposition.0);
        evidences(finding, facts, fixed, details);
        finding.object("finding_info", |info| {
            info.objects("attacks", about.attack, attack);
            info.put("created_time", now.millis());
            info.put("desc", about.desc);
            info.object("product", |product| {
                product.put("name", "Portcullis");
                product.put("vendor_name", "Portcullis");
            });
            info.objects("related_events", [of], |related, of| {
                related.put("type_uid", record::TYPE);
                related.put("uid", of);
            });
            info.put("title", about.title);
            info.values("types", [about.kind]);
            info.put("uid", uid);
        });
        if let Some(rule) = &rule {
            finding.object("firewall_rule", |object| object.put("uid", &**rule));
        }
        finding.put("is_alert", wakes(code));
        finding.joined("message", &[&who, ": ", about.title]);
        finding.object("metadata", |metadata| {
            metadata.some("correlation_uid", session(facts).as_ref().map(|(name, _)| name.as_str()));
            metadata.put("log_name", record::LOG_NAME);
            metadata.put("logged_time", now.millis());
            metadata.put("product", fixed.product());
            metadata.values("profiles", PROFILES);
            metadata.put("reporter", fixed.reporter());
            metadata.put("uid", uid);
            metadata.put("version", record::OCSF_VERSION);
        });
        finding.put("policy", fixed.policy());
        finding.objects("resources", [resource], call::resource);
        finding.put("severity", about.severity.1);
        finding.put("severity_id", about.severity.0);
        finding.put("status", "New");
        finding.put("status_id", 1_i64);
        finding.put("time", now.millis());
        finding.put("type_uid", CLASS * 100 + ACTIVITY);
        finding.object("unmapped", |unmapped| {
            unmapped.put("alert", NAME.cut(code));
            unmapped.put("of", &*record::exchange(facts, settings));
            if let Some(chain) = chain {
                unmapped.object("record_integrity", |integrity| chain.attestation(integrity, &settings.vm));
            }
            unmapped.put("side", "finding");
        });
    })
}

/// Who and what the alert is about, then each of its details.
fn evidences(finding: &mut Object<'_>, facts: &Facts, fixed: &Fixed, details: &[&Alert]) {
    let each = std::iter::once(None).chain(details.iter().take(EVIDENCES).map(Some));
    finding.objects("evidences", each, |evidence, detail| match detail {
        None => {
            evidence.object("actor", |actor| party::actor(actor, facts.principal.as_ref()));
            evidence.object("api", |api| {
                api.put("operation", call::operation(facts));
                api.put("service", fixed.service());
            });
            evidence.some_object("dst_endpoint", |endpoint| party::destination(endpoint, &facts.upstream));
            evidence.object("src_endpoint", |endpoint| party::source(endpoint, facts));
            if let Connection::Tls(tls) = &facts.connection {
                evidence.object("tls", |object| party::agreed(object, tls));
            }
        }
        Some(Alert { code: _, kind, name, place }) => evidence.object("data", |data| {
            data.put("kind", NAME.cut(kind));
            data.some("name", name.as_deref().map(|name| NAME.cut(name)));
            data.some("place", place.as_deref().map(|place| LINE.cut(place)));
        }),
    });
}

/// What a kind of alert means.
struct About {
    title: &'static str,
    desc: &'static str,
    /// `finding_info.types`
    kind: &'static str,
    severity: Coded,
    /// OCSF `attack`: MITRE ATT&CK, or ATLAS for what is about models.
    attack: Option<Attack>,
}

/// `kind`: of the first that was seen.
fn about(code: &str, kind: Option<&str>) -> About {
    let of = |title, desc, kind, severity| About { title, desc, kind, severity, attack: None };
    let with = |about: About, tactic, technique| About { attack: Some((tactic, technique)), ..about };
    const INITIAL_ACCESS: Named = ("TA0001", "Initial Access");
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
        "value_in_request" => of(
            "A call held a value that is kept back",
            "The arguments of a call held something that a rule of masking watches for, or keeps from the server.",
            "Value",
            MEDIUM,
        ),
        "answer_withheld" => {
            of("An answer was withheld", "The server's answer held something that a rule of masking does not let through.", "Value", MEDIUM)
        }
        "value_masked" => {
            of("A watched value was masked", "An answer held something that a rule of masking replaces and watches for.", "Value", MEDIUM)
        }
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
        CHAIN_START => of(
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
type Named = (&'static str, &'static str);

/// Tactic and technique.
type Attack = (Named, Option<Named>);

fn attack(attack: &mut Object<'_>, (tactic, technique): Attack) {
    let named = |object: &mut Object<'_>, (uid, name): Named| {
        object.put("name", name);
        object.put("uid", uid);
    };
    attack.object("tactic", |object| named(object, tactic));
    if let Some(technique) = technique {
        attack.object("technique", |object| named(object, technique));
    }
}
