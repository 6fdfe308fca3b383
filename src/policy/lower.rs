//! From what was written to what runs: defaults, bounds, and everything that two places must agree on.

mod approvals;
pub(super) mod collector;
pub(super) mod revocation;

use std::collections::HashMap;

use super::form::{Placed, Reading};
use super::host::{Host, Hosts};
use super::listing;
use super::model::{
    AlertUnless, Algorithm, Binary, ClaimPath, Claims, Credential, Default, Direction, Dpop, ExpiredStreams, Identity, Issuer, Jwks,
    JwtAuthn, KeySource, Limits, MaskRule, MaskScope, Mode, Policy, Responses, Rule, Sessions, Then, TlsMode, TokenFrom, Transport,
};
use super::report::{Place, Report};
use super::value::{Bytes, Duration, Resource};
use super::{audit, budgets, conditions, finding, operator, recognizers};
use super::{value, written};
use crate::limits;

/// `None` only when a required part is missing or wrong, which was reported already.
pub(super) fn policy(document: written::Document, reading: &mut Reading<'_>) -> Option<Policy> {
    let written::Document { version, resource, transport, mut identity, default, rules, approvals, masking, .. } = document;
    let written::Document { recognizers, responses, tools, server, limits, audit, .. } = document;
    let report = &mut reading.report;
    let place = resource.as_ref().map(|resource| resource.at.clone());
    let resource = resource.map(|resource| resource.value);
    let hosts = hosts_of(&transport, resource.as_ref(), place.as_ref(), report);
    let transport = transport_of(transport, hosts, report);
    let sessions = identity.as_mut().and_then(|identity| identity.value.sessions.take());
    let sessions = sessions.and_then(|sessions| sessions_of(sessions.value, report));
    let identity = identity.map(|identity| identity_of(identity.value, resource.as_ref(), report));
    finding::check(&awaited(&rules), masking.as_ref(), report);
    collector::check(rules.as_ref(), audit.as_ref(), report);
    approvals::check(rules.as_ref(), approvals.as_ref(), report);
    let approvals = approvals.and_then(|written| approvals::of(written, report));
    let rules = rules_of(rules, report);
    let limits = limits_of(limits, masking.as_ref(), transport.hold_request_headers, report);
    recognizers::check(recognizers.as_ref(), masking.as_ref(), report);
    let recognizers = recognizers::of(recognizers, report);
    let masking = masking_of(masking, report);
    let audit = audit::of(audit, report);
    version?;
    Some(Policy {
        resource: resource?,
        transport,
        identity: identity?,
        sessions,
        default: or(default, Default::Deny),
        rules,
        approvals,
        masking,
        recognizers,
        responses: responses_of(responses, report),
        tools: listing::tools_of(tools, report),
        server: listing::server_of(server, report),
        limits,
        audit,
    })
}

pub(super) fn or<T>(written: Option<Placed<T>>, default: T) -> T {
    written.map_or(default, |placed| placed.value)
}

pub(super) fn between<T: PartialOrd + Copy>(
    written: Option<Placed<T>>,
    default: T,
    least: T,
    most: T,
    range: &str,
    report: &mut Report,
) -> T {
    match written {
        Some(placed) if placed.value < least || placed.value > most => {
            report.add(&placed.at, format!("must be {range}"));
            default
        }
        written => or(written, default),
    }
}

/// The written names, or the resource's own.
fn hosts_of(written: &Option<Placed<written::Transport>>, resource: Option<&Resource>, at: Option<&Place>, report: &mut Report) -> Hosts {
    if let Some(hosts) = written.as_ref().and_then(|transport| transport.value.hosts.as_ref()) {
        return hosts.value.clone();
    }
    let own = resource.and_then(Host::of);
    if let (Some(_), Some(at), None) = (resource, at, &own) {
        report.add(at, "its host is none that a `Host` header can name; write it in ASCII (punycode), or list `transport.hosts`");
    }
    Hosts::Listed(own.into_iter().collect())
}

fn transport_of(written: Option<Placed<written::Transport>>, hosts: Hosts, report: &mut Report) -> Transport {
    let Some(Placed { at, value }) = written else {
        return Transport {
            tls: TlsMode::Required,
            forwarded_from: Vec::new(),
            alert_unless: None,
            origins: Vec::new(),
            paths: Vec::new(),
            hosts,
            upstream_credential: None,
            hold_request_headers: true,
        };
    };
    let written::Transport { tls, forwarded_from, alert_unless, origins, paths, hosts: _, upstream_credential, hold_request_headers } =
        value;
    let tls_mode = or(tls, TlsMode::Required);
    match (&forwarded_from, tls_mode) {
        (None, TlsMode::Forwarded) => {
            report.follow_up(&at, "`tls: forwarded` needs `forwarded_from`: the addresses of the hops that end TLS")
        }
        (Some(placed), TlsMode::Required | TlsMode::Off) => {
            report.add(&placed.at, "has no effect without `tls: forwarded`; remove it or set that")
        }
        _ => {}
    }
    Transport {
        tls: tls_mode,
        forwarded_from: forwarded_from.map(|placed| placed.value).unwrap_or_default(),
        alert_unless: alert_unless.and_then(|a| a.value.min_version).map(|min| AlertUnless { min_version: min.value }),
        origins: origins.map(|placed| placed.value).unwrap_or_default(),
        paths: paths.map(|placed| placed.value.into_iter().map(|path| path.0).collect()).unwrap_or_default(),
        hosts,
        upstream_credential: upstream_credential.and_then(credential_of),
        hold_request_headers: or(hold_request_headers, true),
    }
}

pub(super) fn credential_of(written: Placed<written::Credential>) -> Option<Credential> {
    let written::Credential { header, value } = written.value;
    Some(Credential { header: header?.value.0, value: value?.value })
}

/// Without a name of its own a service goes by that of its cluster.
pub(super) fn service_host(
    host: Option<Placed<String>>,
    cluster: Option<&Placed<String>>,
    at: &Place,
    report: &mut Report,
) -> Option<String> {
    let cluster = match (host, cluster) {
        (Some(host), _) => return Some(host.value),
        (None, cluster) => cluster?,
    };
    if !is_host(&cluster.value) {
        report.add(at, format!("the cluster's name `{}` is no host name, so `host` must say which Host header to send", cluster.value));
        return None;
    }
    Some(cluster.value.clone())
}

/// A name that can stand in a Host header; those Istio makes (`outbound|443||host`) cannot.
fn is_host(name: &str) -> bool {
    !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b'_'))
}

fn identity_of(written: written::Identity, resource: Option<&Resource>, report: &mut Report) -> Identity {
    let written::Identity { issuers, from, jwt_authn, dpop, revocation, expired_streams, sessions: _ } = written;
    let from = or(from, TokenFrom::Bearer);
    let revocation = revocation.and_then(|placed| revocation::of(placed, report));
    let mut seen = HashMap::new();
    let mut parsed = Vec::new();
    let mut has_metadata = false;
    for Placed { at, value } in issuers.map(|placed| placed.value).unwrap_or_default() {
        if let Some(name) = &value.issuer
            && seen.insert(name.value.clone(), ()).is_some()
        {
            report.add(&name.at, "this issuer is listed twice; put its keys and audiences together");
        }
        if let Some(metadata) = &value.metadata
            && std::mem::replace(&mut has_metadata, true)
        {
            report.add(&metadata.at, "another issuer has `metadata` already, and clients find one document; keep one");
        }
        parsed.extend(issuer_of(value, &at, from, resource, report));
    }
    Identity {
        issuers: parsed,
        from,
        jwt_authn: jwt_authn_of(jwt_authn, from, report),
        dpop: dpop_of(dpop, report),
        revocation,
        expired_streams: or(expired_streams, ExpiredStreams::FinishCalls),
    }
}

fn sessions_of(written: written::Sessions, report: &mut Report) -> Option<Sessions> {
    let Placed { at, value: keys } = written.seal_key?;
    if keys.len() > limits::SEAL_KEYS {
        report.add(&at, format!("{} keys; at most {} are taken, and each costs time on every request", keys.len(), limits::SEAL_KEYS));
    }
    for (index, Placed { at, value }) in keys.iter().enumerate() {
        let len = value.expose().len();
        if len < limits::SEAL_KEY_BYTES {
            let least = limits::SEAL_KEY_BYTES;
            report
                .add(at, format!("the key has {len} bytes; it must have {least} or more, such as the output of `openssl rand -base64 32`"));
        }
        if keys.iter().take(index).any(|earlier| earlier.value == *value) {
            report.add(at, "this key is listed twice; keep one");
        }
    }
    Some(Sessions { seal_keys: keys.into_iter().map(|key| key.value).collect() })
}

fn jwt_authn_of(written: Option<Placed<written::JwtAuthn>>, from: TokenFrom, report: &mut Report) -> JwtAuthn {
    if let (Some(placed), TokenFrom::Bearer) = (&written, from) {
        report.add(&placed.at, "has no effect without `from: envoy_jwt_authn`; remove it or set that");
    }
    let (payload, status) = match written.map(|placed| placed.value) {
        Some(written::JwtAuthn { payload_in_metadata, failed_status_in_metadata }) => (payload_in_metadata, failed_status_in_metadata),
        None => (None, None),
    };
    JwtAuthn { payload_in_metadata: or(payload, "jwt_payload".to_owned()), failed_status_in_metadata: status.map(|placed| placed.value) }
}

fn dpop_of(written: Option<Placed<written::Dpop>>, report: &mut Report) -> Dpop {
    let (required, algorithms, window) = match written.map(|placed| placed.value) {
        Some(written::Dpop { required, algorithms, window }) => (required, algorithms, window),
        None => (None, None, None),
    };
    let usual = vec![Algorithm::Es256, Algorithm::Es384, Algorithm::EdDsa, Algorithm::Rs256, Algorithm::Ps256];
    let secs = Duration::from_secs;
    Dpop {
        required: or(required, false),
        algorithms: or(algorithms, usual),
        window: between(window, secs(300), secs(5), secs(900), "from 5s to 15m", report),
    }
}

fn issuer_of(written: written::Issuer, at: &Place, from: TokenFrom, resource: Option<&Resource>, report: &mut Report) -> Option<Issuer> {
    let written::Issuer { issuer, jwks, keys, algorithms, audiences, claims, max_lifetime, clock_skew, metadata } = written;
    let issuer = issuer.map(|placed| placed.value);
    let keys = match (jwks, keys) {
        (Some(Placed { at, .. }), _) | (None, Some(Placed { at, .. })) if from == TokenFrom::EnvoyJwtAuthn => {
            report.add(&at, "has no effect with `from: envoy_jwt_authn`, where Envoy verifies with keys of its own; remove it");
            None
        }
        (None, None) if from == TokenFrom::EnvoyJwtAuthn => Some(KeySource::Elsewhere),
        (Some(jwks), None) => jwks_of(jwks.value, issuer.as_deref(), &jwks.at, report).map(KeySource::Jwks),
        (None, Some(keys)) => Some(KeySource::Inline(keys.value.into_iter().map(|jwk| jwk.0).collect())),
        (None, None) => {
            report.follow_up(at, "has no keys; add `jwks: { cluster, path }` or inline `keys`");
            None
        }
        (Some(_), Some(keys)) => {
            report.add(&keys.at, "has both `jwks` and `keys`; keep one");
            None
        }
    };
    let metadata = metadata.and_then(|metadata| jwks_of(metadata.value, issuer.as_deref(), &metadata.at, report));
    let day = Duration::from_secs(86_400);
    let claims = claims.map(|placed| placed.value);
    let max_lifetime = between(max_lifetime, day, Duration::from_secs(1), Duration::from_secs(86_400 * 366), "from 1s to 366d", report);
    let clock_skew =
        between(clock_skew, Duration::from_secs(30), Duration::from_secs(0), Duration::from_secs(300), "from 0s to 5m", report);
    Some(Issuer {
        issuer: issuer?,
        keys: keys?,
        algorithms: algorithms.map_or_else(|| vec![Algorithm::Es256, Algorithm::Rs256, Algorithm::EdDsa], |placed| placed.value),
        audiences: match audiences {
            Some(placed) => placed.value,
            None => vec![resource?.as_str().to_owned()],
        },
        claims: claims_of(claims),
        max_lifetime,
        clock_skew,
        metadata,
    })
}

pub(super) fn claims_of(written: Option<written::Claims>) -> Claims {
    let claim = |placed: Option<Placed<ClaimPath>>, name: &str| or(placed, ClaimPath(vec![name.to_owned()]));
    let (user, email, groups, client) = match written {
        Some(written::Claims { user, email, groups, client }) => (user, email, groups, client),
        None => (None, None, None, None),
    };
    Claims { user: claim(user, "sub"), email: claim(email, "email"), groups: claim(groups, "groups"), client: claim(client, "client_id") }
}

fn jwks_of(written: written::JwksSource, issuer: Option<&str>, at: &Place, report: &mut Report) -> Option<Jwks> {
    let written::JwksSource { cluster, path, host, refresh, timeout, keep } = written;
    let host = match host {
        Some(placed) => Some(placed.value),
        None => {
            let host = issuer.and_then(|issuer| value::Resource::parse(issuer).ok()).map(|url| url.host().to_owned());
            if host.is_none() && issuer.is_some() {
                report.add(at, "`issuer` is not a URL, so `host` must say which Host header the endpoint expects");
            }
            host
        }
    };
    let secs = Duration::from_secs;
    let refresh = between(refresh, secs(300), secs(10), secs(86_400), "from 10s to 1d", report);
    let timeout = between(timeout, secs(5), Duration::from_millis(100), secs(30), "from 100ms to 30s", report);
    let keep = between(keep, secs(86_400), secs(10), secs(86_400 * 30), "from 10s to 30d", report);
    if keep < refresh {
        report.add(at, "`keep` is shorter than `refresh`, so what was fetched would be gone before it is fetched again");
    }
    Some(Jwks { cluster: cluster?.value, path: path?.value.0, host: host?, refresh, timeout, keep })
}

/// Ids are how records and refusals name a rule: one id, one rule.
pub(super) fn unique(id: Option<&Placed<super::words::Name>>, seen: &mut HashMap<String, String>, report: &mut Report) {
    let Some(id) = id else { return };
    match seen.get(&id.value.0) {
        Some(first) => report.add(&id.at, format!("the id `{}` is taken by {first}", id.value.0)),
        None => {
            seen.insert(id.value.0.clone(), id.at.path.trim_end_matches(".id").to_owned());
        }
    }
}

fn rules_of(written: Option<Placed<Vec<Placed<written::Rule>>>>, report: &mut Report) -> Vec<Rule> {
    let Some(Placed { at, value: rules }) = written else { return Vec::new() };
    if rules.len() > limits::RULES {
        report.add(&at, format!("{} rules; at most {} are taken", rules.len(), limits::RULES));
    }
    let mut seen = HashMap::new();
    rules.into_iter().filter_map(|rule| rule_of(rule.value, &mut seen, report)).collect()
}

/// The names of findings that rules wait for.
fn awaited(rules: &Option<Placed<Vec<Placed<written::Rule>>>>) -> Vec<&Placed<finding::FindingName>> {
    let rules = rules.iter().flat_map(|rules| &rules.value);
    let after = rules.filter_map(|rule| rule.value.after.as_ref());
    after.filter_map(|after| after.value.findings.as_ref()).flat_map(|names| &names.value).collect()
}

fn rule_of(written: written::Rule, seen: &mut HashMap<String, String>, report: &mut Report) -> Option<Rule> {
    let written::Rule { id, groups, users, clients, scopes, actors, methods, tools, resources, prompts, then, mode, message, .. } = written;
    let record = written.record;
    unique(id.as_ref(), seen, report);
    let written::Rule { arguments, sql, shell, attacks, when, after, .. } = written;
    let list = |placed: Option<Placed<Vec<super::value::Glob>>>| placed.map(|placed| placed.value).unwrap_or_default();
    if let (Some(scopes), Some(written::Then::Deny | written::Then::Ask(_))) = (&scopes, then.as_ref().map(|then| &then.value)) {
        report.add(&scopes.at, "only a rule that allows can ask for scopes; whoever lacks them is refused by having no such rule");
    }
    let mut ask = None;
    let then = then.map(|then| match then.value {
        written::Then::Allow => Then::Allow,
        written::Then::Deny => Then::Deny,
        written::Then::Ask(written) => {
            ask = approvals::ask_of(*written, &then.at, report);
            Then::Ask
        }
    });
    let arguments = arguments.and_then(|written| conditions::arguments::of(written, then, report));
    let sql = sql.and_then(|written| conditions::sql::of(written, then, report));
    let shell = shell.and_then(|written| conditions::shell::of(written, then, report));
    let attacks = attacks.and_then(|written| conditions::attacks::of(written, then, report));
    let when = when.and_then(|written| conditions::when::of(written, then, report));
    let after = after.and_then(|written| conditions::after::of(written, then, report));
    Some(Rule {
        id: id?.value.0,
        groups: list(groups),
        users: list(users),
        clients: list(clients),
        scopes: scopes.map(|placed| placed.value.into_iter().map(|scope| scope.0).collect()).unwrap_or_default(),
        actors: list(actors),
        methods: list(methods),
        tools: list(tools),
        resources: list(resources),
        prompts: list(prompts),
        arguments,
        sql,
        shell,
        attacks,
        when,
        after,
        then: then?,
        ask,
        mode: or(mode, Mode::Enforce),
        record: record.map(|words| audit::recording_of(words, report)).unwrap_or_default(),
        message: message.map(|placed| placed.value),
    })
}

fn masking_of(written: Option<Placed<Vec<Placed<written::MaskRule>>>>, report: &mut Report) -> Vec<MaskRule> {
    let mut seen = HashMap::new();
    let mut rules = Vec::new();
    for Placed { at, value } in written.map(|placed| placed.value).unwrap_or_default() {
        let written::MaskRule { id, detect, fields, pattern, recognizer, entities, then, .. } = value;
        let written::MaskRule { groups, unless_groups, audiences, tools, direction, alert, .. } = value;
        unique(id.as_ref(), &mut seen, report);
        if detect.is_none() && fields.is_none() && pattern.is_none() && recognizer.is_none() {
            report.follow_up(&at, "finds nothing; add `detect`, `fields`, `pattern` or `recognizer`");
        }
        let (Some(id), Some(then)) = (id, then) else { continue };
        let refuses = matches!(then.value, operator::Written::Refuse);
        if let Some(direction) = direction.as_ref().filter(|direction| direction.value != Direction::Responses && !refuses) {
            report.add(&direction.at, "what is sent to the server is refused or passes as it is; this direction needs `then: refuse`");
        }
        let list = |globs: Option<Placed<Vec<value::Glob>>>| globs.map(|globs| globs.value).unwrap_or_default();
        let Some(then) = operator::of(then, report) else { continue };
        rules.push(MaskRule {
            id: id.value.0,
            detect: detect.map(|placed| placed.value).unwrap_or_default(),
            fields: fields.map(|placed| placed.value).unwrap_or_default(),
            pattern: pattern.map(|placed| placed.value),
            remote: recognizers::remote_of(recognizer, entities),
            then,
            scope: MaskScope {
                direction: or(direction, Direction::Responses),
                groups: list(groups),
                unless_groups: list(unless_groups),
                audiences: list(audiences),
                tools: list(tools),
            },
            alert: or(alert, false),
        });
    }
    rules
}

fn responses_of(written: Option<Placed<written::Responses>>, report: &mut Report) -> Responses {
    let (pass, headers, binary, join_text) = match written.map(|placed| placed.value) {
        Some(written::Responses { pass, headers, binary, join_text }) => (pass, headers, binary, join_text),
        None => (None, None, None, None),
    };
    let none = Bytes(0);
    Responses {
        pass: pass.map(|placed| placed.value).unwrap_or_default(),
        headers: headers.map(|placed| placed.value.into_iter().map(|glob| glob.0).collect()).unwrap_or_default(),
        binary: or(binary, Binary::Pass),
        join_text: match join_text {
            Some(written) => between(Some(written), none, Bytes(16), Bytes(limits::JOIN_BYTES), "from 16B to 1KiB", report),
            None => none,
        },
    }
}

fn limits_of(
    written: Option<Placed<written::Limits>>,
    masking: Option<&Placed<Vec<Placed<written::MaskRule>>>>,
    holds_headers: bool,
    report: &mut Report,
) -> Limits {
    let (body, held, headers, written) = match written.map(|placed| placed.value) {
        Some(written::Limits { request_body, held_bodies, calls, bytes_out, findings, streams, headers }) => {
            (request_body, held_bodies, headers, budgets::Written { calls, bytes_out, findings, streams })
        }
        None => (None, None, None, budgets::Written::default()),
    };
    finding::check(&written.findings(), masking, report);
    if let Some(headers) = headers.as_ref().filter(|headers| headers.value && !holds_headers) {
        report.add(
            &headers.at,
            "headers that are not held are gone before it is known what is called; set `transport.hold_request_headers: true`",
        );
    }
    let mib = |n: usize| Bytes(n * 1024 * 1024);
    Limits {
        request_body: between(body, Bytes(limits::REQUEST_BODY_BYTES), Bytes(1024), mib(16), "from 1KiB to 16MiB", report),
        held_bodies: between(held, Bytes(limits::HELD_BYTES_PER_VM), mib(1), mib(512), "from 1MiB to 512MiB", report),
        budgets: budgets::of(written, report),
        headers: or(headers, false),
    }
}
