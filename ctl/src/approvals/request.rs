//! A filter's request as it comes over the wire: read, bounded, and found to be what it says.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use portcullis::policy::approval_service::Filter;
use serde::Deserialize;
use serde_json::Value;
use sha2::{Digest, Sha256};

use super::answer::Problem;
use super::journal::canonical;
use super::model::{Approvers, Asked, Grant, Subject};

/// Characters of a name, a message, an address: longer ones are nobody's.
const TEXT: usize = 4_096;

/// Groups and actors of one request.
const LIST: usize = 64;

/// Groups of a caller; tokens have more.
const CALLER_GROUPS: usize = 1_000;

const QUORUM: usize = 10;
const USES: u32 = 1_000;

/// A week: what waits longer is another question.
const SECONDS: u64 = 7 * 86_400;

/// OpenID AuthZEN: subject, resource, action, context. What is not known is not looked at.
#[derive(Deserialize)]
struct Body {
    subject: BodySubject,
    resource: BodyResource,
    action: Named,
    context: Context,
}

#[derive(Deserialize)]
struct BodySubject {
    id: String,
    properties: Subject,
}

#[derive(Deserialize)]
struct BodyResource {
    id: String,
    properties: Endpoint,
}

#[derive(Deserialize)]
struct Endpoint {
    endpoint: String,
}

#[derive(Deserialize)]
struct Named {
    name: String,
}

#[derive(Deserialize)]
struct Context {
    binding: String,
    shown: Value,
    shown_digest: String,
    rule: String,
    message: Option<String>,
    policy: Option<String>,
    session: Option<String>,
    request_id: Option<String>,
    traceparent: Option<String>,
    approvers: Approvers,
    #[serde(default)]
    grant: Grant,
    #[serde(default = "wait")]
    wait_seconds: u64,
}

fn wait() -> u64 {
    900
}

/// Reads a body and its `Idempotency-Key`.
pub fn read(body: &[u8], key: &str, filter: &Filter) -> Result<Asked, Problem> {
    let body: Body = serde_json::from_slice(body).map_err(|err| Problem::invalid(format!("the body is no request: {err}")))?;
    let Body { subject, resource, action, context } = body;
    let Context { binding, shown, shown_digest, rule, message, policy, session, request_id, traceparent, approvers, grant, wait_seconds } =
        context;
    let asked = Asked {
        subject: subject.properties,
        tool: resource.id,
        endpoint: resource.properties.endpoint,
        action: action.name,
        binding,
        shown,
        shown_digest,
        rule,
        message,
        policy,
        session,
        request_id,
        traceparent,
        approvers,
        grant,
        wait_seconds,
    };
    if key != asked.binding {
        return Err(Problem::invalid("`Idempotency-Key` must be `context.binding`"));
    }
    if subject.id != asked.subject.id() {
        return Err(Problem::invalid("`subject.id` must be `ISSUER#SUBJECT` of its properties"));
    }
    bounded(&asked)?;
    believed(&asked)?;
    for group in &asked.approvers.groups {
        if !filter.approver_groups.is_empty() && !filter.approver_groups.iter().any(|glob| glob.matches(group)) {
            return Err(Problem::invalid(format!("this filter may not ask the group `{group}` (`approver_groups` of the service)")));
        }
    }
    Ok(asked)
}

fn bounded(asked: &Asked) -> Result<(), Problem> {
    let Asked { subject, tool, endpoint, action, rule, message, policy, session, request_id, traceparent, approvers, grant, .. } = asked;
    let wrong = |what: &str| Err(Problem::invalid(what));
    let texts = [&subject.issuer, &subject.subject, tool, endpoint, action, rule];
    let optional = [message, policy, session, request_id, traceparent, &subject.user, &subject.email, &subject.client];
    let actors = subject.actors.iter().flat_map(|actor| actor.subject.iter().chain(&actor.client));
    let all = texts.into_iter().chain(optional.into_iter().flatten()).chain(actors).chain(&subject.groups).chain(&approvers.groups);
    if all.into_iter().any(|text| text.chars().count() > TEXT) {
        return wrong("a text of more than 4096 characters");
    }
    if texts.into_iter().chain(&approvers.groups).any(|text| text.trim().is_empty()) {
        return wrong("subject, resource, action, endpoint, rule and groups must not be empty");
    }
    if subject.actors.len() > LIST || subject.groups.len() > CALLER_GROUPS {
        return wrong("too many actors or groups in `subject`");
    }
    if !(1..=LIST).contains(&approvers.groups.len()) {
        return wrong("`context.approvers.groups` must name 1 to 64 groups");
    }
    let most = if approvers.distinct_groups { approvers.groups.len().min(QUORUM) } else { QUORUM };
    if !(1..=most).contains(&approvers.quorum) {
        return wrong("`context.approvers.quorum` must be 1 to 10, and with `distinct_groups` not more than there are groups");
    }
    if !(1..=USES).contains(&grant.uses) || !(1..=SECONDS).contains(&grant.valid_seconds) {
        return wrong("`context.grant` must have 1 to 1000 `uses` and 1 to 604800 `valid_seconds`");
    }
    if !(1..=SECONDS).contains(&asked.wait_seconds) {
        return wrong("`context.wait_seconds` must be 1 to 604800");
    }
    Ok(())
}

/// What the approver will see is what the digest is of, and digests are digests.
fn believed(asked: &Asked) -> Result<(), Problem> {
    let is_digest = |text: &str| URL_SAFE_NO_PAD.decode(text).is_ok_and(|bytes| bytes.len() == 32);
    if !is_digest(&asked.binding) {
        return Err(Problem::invalid("`context.binding` must be 32 bytes in base64url without padding"));
    }
    let digest = URL_SAFE_NO_PAD.encode(Sha256::digest(canonical(&asked.shown)));
    if asked.shown_digest != digest {
        return Err(Problem::invalid("`context.shown_digest` is not the base64url SHA-256 of the canonical JSON (RFC 8785) of `shown`"));
    }
    Ok(())
}
