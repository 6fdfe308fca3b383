//! Channels of notices.

use std::collections::HashSet;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::super::super::form::Placed;
use super::super::super::report::Report;
use super::super::super::value::Secret;
use super::super::written::{self, MailTls};
use super::super::{Channel, Email, Happening, Notice};
use super::{or, taken};

/// Standard Webhooks 1.0: 24 bytes or more.
const WEBHOOK_SECRET_BYTES: usize = 24;

pub(super) fn notices_of(written: Option<Placed<Vec<Placed<written::Notice>>>>, report: &mut Report) -> Vec<Notice> {
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
