//! From the written configuration to the meant one: defaults, and what belongs together.

use std::collections::HashSet;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::super::form::Placed;
use super::super::lower::{between, claims_of, or};
use super::super::model::{Algorithm, Dpop, ExpiredStreams, Identity, Issuer, Jwks, JwtAuthn, KeySource, TokenFrom};
use super::super::report::{Place, Report};
use super::super::value::{Duration, Resource, Secret};
use super::super::words;
use super::written::{self, MailTls};
use super::{Agent, Approvers, BreakGlass, Channel, Config, Email, Filter, Happening, Limits, Notice, Rate, Store};

/// Key files: one that signs, and those before it.
const SIGNING_KEYS: usize = 8;

/// Secrets of one filter: an old one and a new one, on two generations of machines.
const SECRETS: usize = 4;

/// Standard Webhooks 1.0: 24 bytes or more.
const WEBHOOK_SECRET_BYTES: usize = 24;

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
        notices,
        limits,
        keep,
    } = document;
    version?;
    let listen_at = listen.as_ref().map(|placed| placed.at.clone());
    let listen = listen.map_or_else(|| ([127, 0, 0, 1], 8181).into(), |placed| placed.value.0);
    if let (Some(at), None, false) = (&listen_at, &tls, or(behind_proxy, false) || listen.ip().is_loopback()) {
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
    let notices = notices_of(notices, report);
    if let Some(url) = &public_url
        && url.value.path().ends_with('/')
    {
        report.add(&url.at, "ends with a slash; remove it");
    }
    let day = Duration::from_secs(86_400);
    let keep = keep.map(|placed| between(Some(placed), day, day, Duration::from_secs(86_400 * 36_500), "from 1d to 36500d", report));
    Some(Config {
        listen,
        tls,
        public_url: public_url?.value.as_str().trim_end_matches('/').to_owned(),
        store: store?,
        signing_keys: signing_keys?,
        filters,
        approvers: approvers?,
        notices,
        limits: limits_of(limits),
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
    let written::Approvers { issuers, clients, people, agents, auditors, break_glass } = written;
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
            revocation: None,
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

fn notices_of(written: Option<Placed<Vec<Placed<written::Notice>>>>, report: &mut Report) -> Vec<Notice> {
    let mut ids = HashSet::new();
    let mut notices = Vec::new();
    for Placed { at, value } in written.map(|placed| placed.value).unwrap_or_default() {
        let written::Notice { id, groups, on, slack, teams, webhook, email } = value;
        taken(id.as_ref(), &mut ids, report);
        let channel = match (slack, teams, webhook, email) {
            (Some(hook), None, None, None) => url(hook.value.url, report).map(|url| Channel::Slack { url }),
            (None, Some(hook), None, None) => url(hook.value.url, report).map(|url| Channel::Teams { url }),
            (None, None, Some(hook), None) => {
                let written::Signed { url: to, secret } = hook.value;
                url(to, report).zip(webhook_secret(secret, report)).map(|(url, secret)| Channel::Webhook { url, secret })
            }
            (None, None, None, Some(mail)) => email_of(mail.value, report).map(Channel::Email),
            _ => {
                report.follow_up(&at, "expected one of `slack`, `teams`, `webhook` and `email`");
                None
            }
        };
        if let (Some(id), Some(channel)) = (id, channel) {
            let groups = groups.map(|placed| placed.value).unwrap_or_default();
            notices.push(Notice { id: id.value.0, groups, on: or(on, vec![Happening::Requested, Happening::BreakGlass]), channel });
        }
    }
    notices
}

fn url(written: Option<Placed<Secret>>, report: &mut Report) -> Option<Secret> {
    let Placed { at, value } = written?;
    let text = std::str::from_utf8(value.expose()).unwrap_or_default();
    if !text.starts_with("https://") && !is_loopback_url(text) {
        report.add(&at, "expected a URL that begins with `https://` (`http://` only for 127.0.0.1)");
        return None;
    }
    Some(value)
}

fn is_loopback_url(text: &str) -> bool {
    text.strip_prefix("http://127.0.0.1").is_some_and(|rest| rest.is_empty() || rest.starts_with([':', '/']))
}

fn webhook_secret(written: Option<Placed<Secret>>, report: &mut Report) -> Option<Vec<u8>> {
    let Placed { at, value } = written?;
    let bytes = match value.expose().strip_prefix(b"whsec_") {
        Some(coded) => STANDARD.decode(coded).ok(),
        None => Some(value.expose().to_vec()),
    };
    match bytes {
        Some(bytes) if bytes.len() >= WEBHOOK_SECRET_BYTES => Some(bytes),
        Some(bytes) => {
            report.add(
                &at,
                format!(
                    "the secret has {} bytes; it must have {WEBHOOK_SECRET_BYTES} or more, such as the output of `openssl rand -base64 32`",
                    bytes.len()
                ),
            );
            None
        }
        None => {
            report.add(&at, "what follows `whsec_` is not base64");
            None
        }
    }
}

fn email_of(written: written::Email, report: &mut Report) -> Option<Email> {
    let written::Email { server, tls, username, password, authority, from, to } = written;
    let tls_at = tls.as_ref().map(|placed| placed.at.clone());
    let tls = or(tls, MailTls::Starttls);
    let server = server?;
    let usual = match tls {
        MailTls::Starttls => 587,
        MailTls::Implicit => 465,
        MailTls::None => 25,
    };
    let (host, port) = match server.value.rsplit_once(':') {
        None => (server.value.clone(), Some(usual)),
        Some((host, port)) => (host.to_owned(), port.parse().ok()),
    };
    if port.is_none() || host.is_empty() || host.contains(['/', ' ']) {
        report.add(&server.at, "expected `host` or `host:port`, such as `smtp.example.com:587`");
    }
    if let (MailTls::None, Some(at), false) = (tls, &tls_at, matches!(host.as_str(), "127.0.0.1" | "localhost")) {
        report.add(at, "mail would go over the network in the clear; use `starttls` or `implicit`, or a relay on 127.0.0.1");
    }
    let login = match (username, password) {
        (Some(name), Some(password)) => Some((name.value, password.value)),
        (None, None) => None,
        (Some(Placed { at, .. }), None) | (None, Some(Placed { at, .. })) => {
            report.add(&at, "`username` and `password` go together");
            None
        }
    };
    let (from, to) = (from?, to?);
    for address in std::iter::once(&from.value).chain(&to.value) {
        if !address.contains('@') || address.contains(['\r', '\n']) {
            report.add(&to.at, format!("`{address}` is no e-mail address"));
        }
    }
    Some(Email { host, port: port?, tls, login, authority: authority.map(|placed| placed.value), from: from.value, to: to.value })
}

fn limits_of(written: Option<Placed<written::Limits>>) -> Limits {
    let (approver, strangers, streams) = match written.map(|placed| placed.value) {
        Some(written::Limits { approver, strangers, streams }) => (approver, strangers, streams),
        None => (None, None, None),
    };
    Limits { approver: rate(approver, 120), strangers: rate(strangers, 600), streams: streams.map_or(200, |placed| placed.value.0) }
}
