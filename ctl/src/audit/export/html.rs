//! One page: every record in it, escaped, readable without scripts; a small script searches and filters.
//!
//! A record's texts are other people's. They are only ever written as escaped text, and the page's content security policy runs
//! the one script and the one style sheet that are in it, by their hashes, and loads nothing.

use std::collections::BTreeMap;
use std::io::{self, Write};

use base64::{Engine, engine::general_purpose::STANDARD};
use sha2::{Digest, Sha256};

use crate::audit::clean;
use crate::audit::entry::{Entry, Kind, Payload};
use crate::audit::payload;
use crate::audit::when::{Zone, now, span};

const STYLE: &str = include_str!("page.css");
const SCRIPT: &str = include_str!("page.js");

pub(super) fn write(entries: &[Entry], title: &str, zone: Zone, out: &mut dyn Write) -> io::Result<()> {
    let title = escaped(title);
    let hash = |text: &str| format!("'sha256-{}'", STANDARD.encode(Sha256::digest(text.as_bytes())));
    let policy = format!("default-src 'none'; style-src {}; script-src {}; base-uri 'none'; form-action 'none'", hash(STYLE), hash(SCRIPT));
    writeln!(out, "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">")?;
    writeln!(out, "<meta http-equiv=\"Content-Security-Policy\" content=\"{policy}\">")?;
    writeln!(
        out,
        "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<meta name=\"color-scheme\" content=\"light dark\">"
    )?;
    writeln!(out, "<meta name=\"referrer\" content=\"no-referrer\">\n<title>{title}</title>\n<style>{STYLE}</style>\n</head>\n<body>")?;
    head(entries, &title, zone, out)?;
    controls(entries, out)?;
    writeln!(out, "<main id=\"records\">")?;
    let mut day = String::new();
    for entry in entries {
        let today = zone.day(entry.start);
        if today != day {
            writeln!(out, "<h2>{} ({})</h2>", escaped(&today), zone.name())?;
            day = today;
        }
        record(entry, zone, out)?;
    }
    writeln!(out, "</main>\n<p id=\"none\" hidden>No record fits.</p>")?;
    writeln!(
        out,
        "<footer>Made {} by portcullisctl. Arguments and answers are masked as they are on record.</footer>",
        escaped(&zone.show(now()))
    )?;
    writeln!(out, "<script>{SCRIPT}</script>\n</body>\n</html>")
}

fn head(entries: &[Entry], title: &str, zone: Zone, out: &mut dyn Write) -> io::Result<()> {
    let (from, to) = (entries.first().map(|entry| entry.start), entries.iter().map(|entry| entry.end).max());
    let users: BTreeMap<&str, ()> = entries.iter().map(|entry| (entry.user.as_str(), ())).collect();
    let figures = [
        ("records", entries.len()),
        ("callers", users.len()),
        ("refused", entries.iter().filter(|entry| entry.refused()).count()),
        ("masked", entries.iter().filter(|entry| !entry.masked.is_empty()).count()),
        ("with alerts", entries.iter().filter(|entry| entry.has_alerts()).count()),
    ];
    let shown = |at: Option<u64>| escaped(&at.map(|at| zone.show(at)).unwrap_or_default());
    writeln!(out, "<header>\n<h1>{title}</h1>\n<p>{} to {}</p>\n<dl>", shown(from), shown(to))?;
    for (name, figure) in figures {
        writeln!(out, "<div><dd>{figure}</dd><dt>{name}</dt></div>")?;
    }
    writeln!(out, "</dl>\n</header>")
}

/// What records are filtered by: the name in the page, what it is called, and its value in a record.
type Field = (&'static str, &'static str, fn(&Entry) -> String);

fn controls(entries: &[Entry], out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "<form id=\"filters\" hidden>")?;
    writeln!(out, "<label>Search <input id=\"search\" type=\"search\" placeholder=\"press / to search\" autocomplete=\"off\"></label>")?;
    let fields: [Field; 4] = [
        ("verdict", "Verdict", |entry| entry.verdict().to_owned()),
        ("user", "Caller", |entry| entry.user.clone()),
        ("target", "Tool", |entry| entry.target.clone()),
        ("session", "Session", |entry| entry.session.clone()),
    ];
    for (name, label, value) in fields {
        let mut counts: BTreeMap<String, usize> = BTreeMap::new();
        for entry in entries {
            let value = value(entry);
            if !value.is_empty() {
                *counts.entry(value).or_default() += 1;
            }
        }
        writeln!(out, "<label>{label} <select data-field=\"{name}\"><option value=\"\">all</option>")?;
        for (value, count) in counts {
            let value = escaped(&value);
            writeln!(out, "<option value=\"{value}\">{value} ({count})</option>")?;
        }
        writeln!(out, "</select></label>")?;
    }
    writeln!(out, "<label class=\"check\"><input id=\"alerts\" type=\"checkbox\"> with alerts</label>")?;
    writeln!(out, "<button type=\"reset\">Clear</button><output id=\"count\" aria-live=\"polite\"></output>")?;
    writeln!(
        out,
        "<p class=\"keys\"><kbd>/</kbd> search, <kbd>j</kbd> <kbd>k</kbd> next and previous, <kbd>Enter</kbd> open, <kbd>x</kbd> open or close all, <kbd>Esc</kbd> clear; printed as it is shown</p>\n</form>"
    )
}

fn record(entry: &Entry, zone: Zone, out: &mut dyn Write) -> io::Result<()> {
    let class = match (entry.refused(), entry.action.as_str()) {
        (true, _) => "bad",
        (_, "Modified" | "Observed") => "notable",
        (_, "Allowed") => "good",
        _ => "plain",
    };
    let field = |name: &str, value: &str| format!(" data-{name}=\"{}\"", escaped(value));
    let alerts = if entry.has_alerts() { " data-alerts" } else { "" };
    let fields =
        [field("verdict", entry.verdict()), field("user", &entry.user), field("target", &entry.target), field("session", &entry.session)]
            .concat();
    let what = if entry.kind == Kind::Exchange { entry.what() } else { format!("{}: {}", entry.kind.word(), entry.what()) };
    writeln!(out, "<details class=\"{class}\"{fields}{alerts}><summary>")?;
    writeln!(out, "<time>{}</time><b>{}</b>", escaped(&zone.clock(entry.start)), escaped(entry.verdict()))?;
    write!(out, "<span class=\"who\">{}</span><span class=\"what\"><span>{}</span>", escaped(&entry.user), escaped(&what))?;
    for (mark, text) in [("masked", entry.masked_in_words()), ("alert", entry.alerts.join(", "))] {
        if !text.is_empty() {
            write!(out, "<span class=\"mark {mark}\">{}</span>", escaped(&text))?;
        }
    }
    write!(out, "</span><span class=\"why\">{}</span>", escaped(entry.why()))?;
    writeln!(out, "</summary>\n<div class=\"body\">\n<dl>")?;
    for (name, text) in facts(entry, zone) {
        if !text.is_empty() {
            // One rule a line; a line break in anything else is spelt out.
            let shown = if name == "Rules" { escaped(&text) } else { markup(&clean::line(&text)) };
            writeln!(out, "<div><dt>{name}</dt><dd>{shown}</dd></div>")?;
        }
    }
    writeln!(out, "</dl>")?;
    let request = entry.request.as_ref().map(|payload| ("Arguments", payload, payload::arguments as fn(&str) -> String));
    let response = entry.response.as_ref().map(|payload| ("Answer", payload, payload::answer as fn(&str) -> String));
    for (name, payload, readable) in [request, response].into_iter().flatten() {
        let Payload { text, size, truncated } = payload;
        let about = match (text, truncated) {
            (None, _) => format!("{size} bytes, not on record"),
            (Some(_), true) => format!("{size} bytes, cut on record"),
            (Some(_), false) => format!("{size} bytes"),
        };
        writeln!(out, "<h3>{name} <small>{about}</small></h3>")?;
        if let Some(text) = text {
            writeln!(
                out,
                "<pre tabindex=\"0\">{}</pre>",
                clean::lines(&readable(text)).iter().map(|line| markup(line)).collect::<Vec<_>>().join("\n")
            )?;
        }
    }
    writeln!(out, "</div></details>")
}

/// What is behind a row, in words.
fn facts(entry: &Entry, zone: Zone) -> Vec<(&'static str, String)> {
    let rules = entry.rules.iter().map(|hit| {
        let observed = if hit.mode == "observe" { ", only observed" } else { "" };
        let because = if hit.because.is_empty() { String::new() } else { format!(": {}", hit.because.join("; ")) };
        clean::line(&format!("{} ({}{observed}){because}", hit.id, hit.then)).into_owned()
    });
    let http =
        [entry.http.method.clone(), entry.http.url.clone(), entry.http.status.map(|status| format!("→ {status}")).unwrap_or_default()];
    vec![
        ("Began", zone.show(entry.start)),
        ("Took", span(entry.took())),
        ("Decided after", entry.decided.map(span).unwrap_or_default()),
        ("Caller", entry.who()),
        ("Subject", if entry.subject == entry.user { String::new() } else { entry.subject.clone() }),
        ("Groups", entry.groups.join(", ")),
        ("Session", entry.session.clone()),
        (
            "Verdict",
            if entry.action == entry.disposition {
                entry.action.clone()
            } else {
                [entry.action.as_str(), entry.disposition.as_str()].join(" / ")
            },
        ),
        ("Why", entry.code.clone()),
        ("Told the caller", if entry.refused() { entry.detail.clone() } else { String::new() }),
        ("Rules", rules.collect::<Vec<_>>().join("\n")),
        ("Masked", entry.masked_in_words()),
        ("Alerts", entry.alerts.join(", ")),
        ("Finding", if entry.kind == Kind::Finding { entry.detail.clone() } else { String::new() }),
        ("Approval", entry.approval.clone()),
        ("Messages", entry.messages.map(|(first, last)| format!("{first} to {last} of the stream")).unwrap_or_default()),
        ("Error", entry.rpc_error.as_ref().map(|(code, message)| format!("{code} {message}")).unwrap_or_default()),
        ("Stage", [entry.stage.as_str(), entry.error.as_str()].join(" ").trim().to_owned()),
        ("HTTP", http.iter().filter(|part| !part.is_empty()).cloned().collect::<Vec<_>>().join(" ")),
        ("User agent", entry.http.user_agent.clone()),
        ("Client address", entry.source.clone()),
        ("Server", entry.upstream.clone()),
        ("TLS", entry.tls.clone()),
        ("Record", entry.uid.clone()),
        ("Written by", entry.node.clone()),
        ("Policy", entry.policy.clone()),
    ]
}

/// A text in a page or in an attribute; what cannot be seen is spelt out.
fn escaped(text: &str) -> String {
    clean::lines(text).iter().map(|line| markup(line)).collect::<Vec<_>>().join("\n")
}

fn markup(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            c => out.push(c),
        }
    }
    out
}
