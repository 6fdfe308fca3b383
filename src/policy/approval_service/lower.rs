//! From the written configuration to the meant one: defaults, and what belongs together.

mod notices;

use std::collections::HashSet;

use super::super::form::Placed;
use super::super::lower::{between, claims_of, or, revocation};
use super::super::model::{Algorithm, Dpop, ExpiredStreams, Identity, Issuer, Jwks, JwtAuthn, KeySource, Revocation, TokenFrom};
use super::super::report::{Place, Report};
use super::super::value::{Duration, Resource};
use super::super::words;
use super::super::written as policy;
use super::written;
use super::{Agent, Approvers, BreakGlass, Config, Filter, Limits, Login, Rate, Store};

/// Key files: one that signs, and those before it.
const SIGNING_KEYS: usize = 8;

/// Secrets of one filter: an old one and a new one, on two generations of machines.
const SECRETS: usize = 4;

/// `None`, or a configuration with holes where mistakes were reported.
pub(super) fn config(document: written::Document, report: &mut Report) -> Option<Config> {
    let written::Document {
        version,
        listen,
        tls,
        behind_proxy,
        public_url,
        store,
        signing_keys,
        filters,
        approvers,
        login,
        notices,
        limits,
        keep,
    } = document;
    version?;
    let listen_at = listen.as_ref().map(|placed| placed.at.clone());
    let listen = listen.map_or_else(|| ([127, 0, 0, 1], 8181).into(), |placed| placed.value.0);
    let behind_proxy = or(behind_proxy, false);
    if let (Some(at), None, false) = (&listen_at, &tls, behind_proxy || listen.ip().is_loopback()) {
        report.add(at, "secrets would go over the network in the clear; add `tls: { certificate, key }`, listen on 127.0.0.1, or say `behind_proxy: true` where something in front ends TLS");
    }
    let tls = tls.map(|placed| (placed.value.certificate, placed.value.key));
    let tls = match tls {
        Some((certificate, key)) => Some((certificate?.value, key?.value)),
        None => None,
    };
    let signing_keys = signing_keys.map(|placed| {
        if placed.value.len() > SIGNING_KEYS {
            report.add(&placed.at, format!("{} keys; at most {SIGNING_KEYS} are taken", placed.value.len()));
        }
        placed.value
    });
    let store = store.and_then(|placed| store_of(placed, report));
    let filters = filters_of(filters, report);
    let approvers = approvers.and_then(|placed| approvers_of(placed.value, public_url.as_ref().map(|url| &url.value), report));
    let login = login.and_then(|placed| login_of(placed.value, approvers.as_ref(), report));
    let notices = notices::notices_of(notices, report);
    if let Some(url) = &public_url
        && url.value.path().ends_with('/')
    {
        report.add(&url.at, "ends with a slash; remove it");
    }
    let day = Duration::from_secs(86_400);
    let keep = keep.map(|placed| between(Some(placed), day, day, Duration::from_secs(86_400 * 36_500), "from 1d to 36500d", report));
    Some(Config {
        listen,
        behind_proxy,
        tls,
        public_url: public_url?.value.as_str().trim_end_matches('/').to_owned(),
        store: store?,
        signing_keys: signing_keys?,
        filters,
        approvers: approvers?,
        login,
        notices,
        limits: limits_of(limits, behind_proxy, report),
        keep,
    })
}

fn store_of(placed: Placed<written::Store>, report: &mut Report) -> Option<Store> {
    let Placed { at, value: written::Store { sqlite, postgres } } = placed;
    match (sqlite, postgres) {
        (Some(file), None) => Some(Store::Sqlite(file.value)),
        (None, Some(url)) => Some(Store::Postgres(url.value)),
        _ => {
            report.follow_up(&at, "expected one of `sqlite: FILE` and `postgres: \"${env:DATABASE_URL}\"`");
            None
        }
    }
}

fn rate(written: Option<Placed<words::Rate>>, count: u32) -> Rate {
    written.map_or(Rate { count, span: Duration::from_secs(60) }, |placed| Rate { count: placed.value.calls, span: placed.value.span })
}

fn filters_of(written: Option<Placed<Vec<Placed<written::Filter>>>>, report: &mut Report) -> Vec<Filter> {
    let mut filters = Vec::new();
    let mut ids = HashSet::new();
    let mut seen = Vec::new();
    for Placed { at: _, value } in written.map(|placed| placed.value).unwrap_or_default() {
        let written::Filter { id, secret_sha256, rate: often, max_waiting, max_waiting_of_one, approver_groups } = value;
        taken(id.as_ref(), &mut ids, report);
        let secrets = secret_sha256.map(|placed| {
            if placed.value.len() > SECRETS {
                report.add(&placed.at, format!("{} secrets; at most {SECRETS} are taken", placed.value.len()));
            }
            placed.value
        });
        for secret in secrets.iter().flatten() {
            // The secret says who asks: with one secret, two filters would be one.
            if seen.contains(&secret.value) {
                report.add(&secret.at, "this secret is listed already; each filter needs its own");
            }
            seen.push(secret.value);
        }
        let waiting = |placed: Option<Placed<words::Count>>, default: usize| placed.map_or(default, |placed| placed.value.0);
        if let (Some(id), Some(secrets)) = (id, secrets) {
            filters.push(Filter {
                id: id.value.0,
                secrets: secrets.into_iter().map(|placed| placed.value.0).collect(),
                rate: rate(often, 600),
                max_waiting: waiting(max_waiting, 1000),
                max_waiting_of_one: waiting(max_waiting_of_one, 20),
                approver_groups: approver_groups.map(|placed| placed.value).unwrap_or_default(),
            });
        }
    }
    filters
}

fn taken(id: Option<&Placed<words::Name>>, ids: &mut HashSet<String>, report: &mut Report) {
    if let Some(id) = id
        && !ids.insert(id.value.0.clone())
    {
        report.add(&id.at, format!("the id `{}` is taken", id.value.0));
    }
}

fn approvers_of(written: written::Approvers, public_url: Option<&Resource>, report: &mut Report) -> Option<Approvers> {
    let written::Approvers { issuers, clients, people, agents, auditors, break_glass, revocation } = written;
    let mut names = HashSet::new();
    let mut parsed = Vec::new();
    for Placed { at, value } in issuers.map(|placed| placed.value).unwrap_or_default() {
        if let Some(name) = &value.issuer
            && !names.insert(name.value.clone())
        {
            report.add(&name.at, "this issuer is listed twice; put its keys and audiences together");
        }
        parsed.extend(issuer_of(value, &at, public_url, report));
    }
    let people = people.map(|placed| placed.value).unwrap_or_default();
    let people = people.into_iter().filter_map(|person| person_of(person.value, report)).collect();
    let agents = agents.map(|placed| placed.value).unwrap_or_default().into_iter().filter_map(|agent| {
        let written::Agent { client, owners } = agent.value;
        Some(Agent { client: client?.value, owners: owners?.value })
    });
    let break_glass = break_glass.and_then(|placed| {
        let written::BreakGlass { groups, reviewers } = placed.value;
        Some(BreakGlass { groups: groups?.value, reviewers: reviewers?.value })
    });
    let algorithms = vec![Algorithm::Es256, Algorithm::Es384, Algorithm::EdDsa, Algorithm::Rs256, Algorithm::Ps256];
    Some(Approvers {
        identity: Identity {
            issuers: parsed,
            from: TokenFrom::Bearer,
            jwt_authn: JwtAuthn { payload_in_metadata: String::new(), failed_status_in_metadata: None },
            dpop: Dpop { required: false, algorithms, window: Duration::from_secs(300) },
            revocation: revocation.and_then(|placed| revocation_of(placed, report)),
            expired_streams: ExpiredStreams::End,
        },
        audience: public_url?.clone(),
        clients: clients.map(|placed| placed.value).unwrap_or_default(),
        people,
        agents: agents.collect(),
        auditors: auditors.map(|placed| placed.value).unwrap_or_default(),
        break_glass,
    })
}

fn login_of(written: written::Login, approvers: Option<&Approvers>, report: &mut Report) -> Option<Login> {
    let written::Login { issuer, client_id, client_secret, scopes, session } = written;
    let secs = Duration::from_secs;
    let session = between(session, secs(8 * 3600), secs(60), secs(86_400), "from 1m to 24h", report);
    let mut scopes = scopes.map_or_else(|| ["openid", "email", "profile"].map(str::to_owned).to_vec(), |placed| placed.value);
    if !scopes.iter().any(|scope| scope == "openid") {
        // Without it there is no ID token.
        scopes.insert(0, "openid".to_owned());
    }
    let (issuer, client_id) = (issuer?, client_id?);
    let approvers = approvers?;
    let Some(trusted) = approvers.identity.issuers.iter().find(|trusted| trusted.issuer == issuer.value) else {
        report.add(&issuer.at, "is none of `approvers.issuers`; list it there, with where its keys are");
        return None;
    };
    let (https, loopback) = (issuer.value.starts_with("https://"), is_loopback(&issuer.value));
    if !https && !loopback {
        report.add(&issuer.at, "its metadata would come in the clear; expected an issuer that begins with `https://`");
    }
    let trusted = Issuer { audiences: vec![client_id.value.clone()], ..trusted.clone() };
    Some(Login {
        // Whether somebody's access was taken back is asked of `approvers`, for logins as for tokens.
        identity: Identity { issuers: vec![trusted], revocation: None, ..approvers.identity.clone() },
        issuer: issuer.value,
        client_id: client_id.value,
        client_secret: client_secret.map(|placed| placed.value),
        scopes,
        session,
    })
}

/// An `http` URL that does not leave this machine.
fn is_loopback(url: &str) -> bool {
    let rest = ["http://127.0.0.1", "http://localhost", "http://[::1]"].iter().find_map(|start| url.strip_prefix(start));
    rest.is_some_and(|rest| rest.is_empty() || rest.starts_with([':', '/']))
}

fn person_of(person: written::Person, report: &mut Report) -> Option<Vec<String>> {
    let logins = person.logins?;
    if logins.value.len() < 2 {
        report.add(&logins.at, "one login is a person already; list two or more, or remove this");
    }
    for login in &logins.value {
        // A bare name would match nobody, and the person would be two.
        if !login.value.contains(['#', '@']) {
            report.add(&login.at, "expected `ISSUER#SUBJECT`, such as `https://id.example.com#00u1`, or an e-mail address");
        }
    }
    Some(logins.value.into_iter().map(|login| login.value).collect())
}

fn issuer_of(written: written::Issuer, at: &Place, public_url: Option<&Resource>, report: &mut Report) -> Option<Issuer> {
    let written::Issuer { issuer, jwks_url, keys, algorithms, audiences, claims, max_lifetime, clock_skew } = written;
    let secs = Duration::from_secs;
    let keys = match (jwks_url, keys) {
        (Some(url), None) => Some(KeySource::Jwks(Jwks {
            cluster: url.value.origin().to_owned(),
            path: if url.value.path().is_empty() { "/".to_owned() } else { url.value.path().to_owned() },
            host: url.value.host().to_owned(),
            refresh: secs(300),
            timeout: secs(5),
            keep: secs(86_400),
        })),
        (None, Some(keys)) => Some(KeySource::Inline(keys.value.into_iter().map(|jwk| jwk.0).collect())),
        _ => {
            report.follow_up(at, "expected one of `jwks_url` and inline `keys`");
            None
        }
    };
    let max_lifetime = between(max_lifetime, secs(86_400), secs(1), secs(86_400 * 366), "from 1s to 366d", report);
    let clock_skew = between(clock_skew, secs(30), secs(0), secs(300), "from 0s to 5m", report);
    Some(Issuer {
        issuer: issuer?.value,
        keys: keys?,
        algorithms: algorithms.map_or_else(|| vec![Algorithm::Es256, Algorithm::Rs256, Algorithm::EdDsa], |placed| placed.value),
        audiences: match audiences {
            Some(placed) => placed.value,
            None => vec![public_url?.as_str().to_owned()],
        },
        claims: claims_of(claims.map(|placed| placed.value)),
        max_lifetime,
        clock_skew,
        metadata: None,
    })
}

/// A list is a list, wherever it is fetched from.
fn revocation_of(placed: Placed<written::Revocation>, report: &mut Report) -> Option<Revocation> {
    let Placed { at, value } = placed;
    let written::Revocation { url, interval, stale_after, when_stale, keys, unsigned } = value;
    let Placed { at: url_at, value: url } = url?;
    let part = |text: &str| Some(Placed { at: url_at.clone(), value: text.to_owned() });
    let path = if url.path().is_empty() { "/" } else { url.path() };
    let value = policy::Revocation {
        cluster: part(url.origin()),
        path: Some(Placed { at: url_at.clone(), value: words::UrlPath(path.to_owned()) }),
        host: part(url.host()),
        interval,
        stale_after,
        when_stale,
        keys,
        unsigned,
    };
    revocation::of(Placed { at, value }, report)
}

fn limits_of(written: Option<Placed<written::Limits>>, behind_proxy: bool, report: &mut Report) -> Limits {
    const NONE: written::Limits =
        written::Limits { approver: None, address: None, strangers: None, connections: None, connections_of_address: None, streams: None };
    let written::Limits { approver, address, strangers, connections, connections_of_address, streams } =
        written.map_or(NONE, |placed| placed.value);
    for placed in [&connections, &connections_of_address].into_iter().flatten().filter(|placed| placed.value.0 == 0) {
        report.add(&placed.at, "must be 1 or more; with 0 nobody would be answered");
    }
    let count = |placed: Option<Placed<words::Count>>, default: usize| placed.map_or(default, |placed| placed.value.0);
    let of_address = match connections_of_address {
        Some(placed) if behind_proxy => {
            report.add(&placed.at, "has no effect with `behind_proxy`, where all connections come from one address; remove it");
            None
        }
        placed => (!behind_proxy).then(|| count(placed, 500)),
    };
    Limits {
        approver: rate(approver, 120),
        address: rate(address, 600),
        strangers: rate(strangers, 6_000),
        connections: count(connections, 2_000),
        connections_of_address: of_address,
        streams: count(streams, 200),
    }
}
