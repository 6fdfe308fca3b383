//! `policy explain`: messages through the engine itself, as a caller with given claims would send them.
//!
//! Nothing is decided here: a key made on the spot takes the place of the issuers' keys, a token with the claims is signed with it,
//! and the exchange runs as in Envoy, up to the point where the message would go upstream.

use std::io::{BufRead, Read, Write};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

use jwt_simple::prelude::ES256KeyPair;
use portcullis::exchange::{Connection, Effect, Engine, Event, Exchange, Headers, StreamId};
use portcullis::mcp::message::{self, Era, Message};
use portcullis::policy::{Algorithm, ClaimPath, KeySource, Loaded, TokenFrom};
use portcullis::time::Time;
use serde_json::{Map, Value, json};

use super::check::identification;
use super::for_looking;
use crate::exit::{Exit, Failure, or_gone};
use crate::issuer::{Mint, TokenRequest};

/// Prints for each message one line: `verdict` (allow or refuse), `code`, `rule`, `rules` that matched, and for a refusal
/// `text`, `status` and `answer`.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// The policy, YAML or JSON
    #[arg(long, value_name = "FILE")]
    policy: PathBuf,
    /// Claims of the caller's token, a JSON object; issuer, audience, subject and times are filled in where they are missing
    #[arg(long, value_name = "FILE")]
    claims: Option<PathBuf>,
    /// Every line of standard input is a message of its own
    #[arg(long)]
    lines: bool,
}

pub(super) fn run(args: &Args) -> Result<Exit, Failure> {
    let mut desk = Desk::new(for_looking(&args.policy)?, claims(args)?)?;
    let (mut input, mut out) = (std::io::stdin().lock(), std::io::stdout().lock());
    let broken = |err: std::io::Error| Failure::environment(format!("standard input broke: {err}"));
    if !args.lines {
        let mut body = Vec::new();
        input.read_to_end(&mut body).map_err(broken)?;
        let verdict = desk.explain(body.trim_ascii())?;
        or_gone(writeln!(out, "{verdict}"))?;
        return Ok(Exit::Fine);
    }
    let mut line = Vec::new();
    while input.read_until(b'\n', &mut line).map_err(broken)? > 0 {
        // A blank line is no message.
        if !line.trim_ascii().is_empty() {
            let verdict = desk.explain(line.trim_ascii())?;
            if let Err(err) = writeln!(out, "{verdict}") {
                or_gone(Err(err))?;
                return Ok(Exit::Fine);
            }
        }
        line.clear();
    }
    Ok(Exit::Fine)
}

fn claims(args: &Args) -> Result<Map<String, Value>, Failure> {
    let Some(path) = &args.claims else { return Ok(Map::new()) };
    let text = std::fs::read_to_string(path).map_err(|err| Failure::environment(format!("cannot read `{}`: {err}", path.display())))?;
    serde_json::from_str(&text).map_err(|err| Failure::wrong(format!("`{}` is not a JSON object of claims: {err}", path.display())))
}

/// Who calls when no claims say it.
const NOBODY: &str = "nobody";

/// The engine with a key of ours in it.
struct Desk {
    engine: Engine,
    authorization: String,
}

impl Desk {
    fn new(mut loaded: Loaded, claims: Map<String, Value>) -> Result<Self, Failure> {
        let unable = |err: &dyn std::fmt::Display| Failure::environment(format!("no token could be made: {err}"));
        let key = ES256KeyPair::generate();
        let jwk: Value = serde_json::from_str(&key.public_key().to_jwk()).map_err(|err| unable(&err))?;
        // What is asked is what the rules say to these claims: how a caller proves them is another question.
        loaded.policy.identity.from = TokenFrom::Bearer;
        loaded.policy.identity.dpop.required = false;
        for issuer in &mut loaded.policy.identity.issuers {
            issuer.keys = KeySource::Inline(vec![jwk.clone()]);
            issuer.algorithms = vec![Algorithm::Es256];
        }
        let Some(first) = loaded.policy.identity.issuers.first() else { return Err(Failure::wrong("the policy has no issuer")) };
        let audience = first.audiences.first().cloned().unwrap_or_default();
        let mint = Mint::new(first.issuer.clone(), audience, Arc::new(key));
        let request = TokenRequest { user: NOBODY.to_owned(), extra: filled(claims, &first.claims.user), ..TokenRequest::default() };
        let token = mint.token(&request).map_err(|err| unable(&err))?;
        let mut engine = Engine::new(&loaded, identification()).map_err(|report| Failure::wrong(report.to_string()))?;
        // One message is not to use up what another may have.
        engine.remember_nothing();
        Ok(Self { engine, authorization: format!("Bearer {token}") })
    }

    fn explain(&mut self, body: &[u8]) -> Result<Value, Failure> {
        let message = message::parse(body).ok();
        let mut exchange = Exchange::new(StreamId(0), now());
        let connection = Connection { tls_version: Some("TLSv1.3".to_owned()), ..Connection::default() };
        let headers = self.headers(message.as_ref());
        let begun = exchange.on(&mut self.engine, Event::RequestHeaders { headers, end: false, connection }, now());
        let mut effects = begun.effects;
        if !effects.iter().any(|effect| matches!(effect, Effect::Reply(_))) {
            effects.extend(exchange.on(&mut self.engine, Event::RequestBody { chunk: body.to_vec(), end: true }, now()).effects);
        }
        exchange.release(&mut self.engine);
        let reply = effects.into_iter().find_map(|effect| match effect {
            Effect::Reply(reply) => Some(reply),
            _ => None,
        });
        let decision = exchange.decision().ok_or_else(|| Failure::environment("the engine came to no decision"))?;
        let rule = |hit: &portcullis::audit::RuleHit| {
            let then = match hit.then {
                portcullis::policy::Then::Allow => "allow",
                portcullis::policy::Then::Deny => "deny",
            };
            json!({ "id": hit.id, "then": then, "observed": hit.mode == portcullis::policy::Mode::Observe })
        };
        let mut verdict = json!({
            "verdict": if reply.is_some() { "refuse" } else { "allow" },
            "code": decision.code,
            "rule": decision.rule,
            "rules": decision.rules.iter().map(rule).collect::<Vec<_>>(),
        });
        if let (Some(reply), Some(members)) = (reply, verdict.as_object_mut()) {
            let answer: Value = serde_json::from_slice(&reply.body).unwrap_or(Value::Null);
            members.insert("text".to_owned(), said(&answer));
            members.insert("status".to_owned(), reply.status.into());
            members.insert("answer".to_owned(), answer);
        }
        Ok(verdict)
    }

    fn headers(&self, message: Option<&Message>) -> Headers {
        let mut headers: Headers = [
            (":method", "POST"),
            (":path", self.engine.resource().path()),
            (":authority", self.engine.resource().host()),
            ("content-type", "application/json"),
            ("accept", "application/json, text/event-stream"),
            ("authorization", self.authorization.as_str()),
        ]
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .to_vec();
        // What a client of 2026-07-28 repeats in headers; a message alone has none to contradict.
        if let Some(message) = message
            && let Era::Modern { version } = &message.era
        {
            headers.push(("mcp-protocol-version".to_owned(), version.clone()));
            headers.push(("mcp-method".to_owned(), message.method().to_owned()));
            headers.extend(message.target.name().map(|name| ("mcp-name".to_owned(), encoded(name))));
        }
        headers
    }
}

/// SEP-2243: visible ASCII as it is, anything else in base64 between marks.
fn encoded(name: &str) -> String {
    use base64::Engine as _;
    let plain = name.bytes().all(|byte| (0x21..=0x7e).contains(&byte)) && !name.starts_with("=?");
    if plain { name.to_owned() } else { format!("=?base64?{}?=", base64::engine::general_purpose::STANDARD.encode(name)) }
}

/// What the caller or its model would read.
fn said(answer: &Value) -> Value {
    ["/result/content/0/text", "/error/message", "/message"]
        .iter()
        .find_map(|pointer| answer.pointer(pointer))
        .cloned()
        .unwrap_or(Value::Null)
}

/// The time is now, and nothing is bound: what is asked is what the policy says to these claims, not whether a captured token has expired.
fn filled(mut claims: Map<String, Value>, user: &ClaimPath) -> Map<String, Value> {
    for claim in ["exp", "iat", "nbf", "cnf"] {
        claims.remove(claim);
    }
    if let [claim] = user.0.as_slice()
        && claim != "sub"
    {
        let subject = claims.get("sub").cloned().unwrap_or_else(|| NOBODY.into());
        claims.entry(claim.clone()).or_insert(subject);
    }
    claims
}

fn now() -> Time {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    Time::from_millis(u64::try_from(since.as_millis()).unwrap_or(u64::MAX))
}
