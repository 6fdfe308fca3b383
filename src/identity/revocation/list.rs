//! The list itself, strictly read: a member that is not known might take something back, so a list with one is no list.

use std::collections::{HashMap, HashSet};

use serde_json::{Map, Value};

use crate::identity::{Principal, json};
use crate::limits::REVOCATIONS_BYTES;
use crate::time::Time;

/// What every JSON reader can hold (RFC 8259, 6): beyond it, or at the end of all numbers, no list could follow.
const LAST_SEQUENCE: u64 = (1 << 53) - 1;

/// Which list a principal is on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Listing {
    /// This one token, by `jti`.
    Token,
    /// The session at the identity provider, by `sid`.
    Session,
    /// The subject: all its tokens, or those issued before a time.
    Subject,
    /// The program that calls.
    Client,
    /// Everything of the issuer that was issued before a time.
    Issuer,
}

/// What lists name of somebody who has come with a token: a principal, or what was kept of one.
#[derive(Clone, Copy, Debug)]
pub struct Named<'a> {
    pub issuer: &'a str,
    pub subject: &'a str,
    pub client: Option<&'a str>,
    /// `jti`
    pub token: Option<&'a str>,
    /// `sid`
    pub session: Option<&'a str>,
    pub issued_at: Time,
}

impl<'a> From<&'a Principal> for Named<'a> {
    fn from(principal: &'a Principal) -> Self {
        Self {
            issuer: &principal.issuer,
            subject: &principal.subject,
            client: principal.client.as_deref(),
            token: principal.token_id.as_deref(),
            session: principal.session.as_deref(),
            issued_at: principal.issued_at,
        }
    }
}

/// Why an answer is no list that counts.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ListProblem {
    #[error("no answer from the endpoint")]
    NoAnswer,
    #[error("the endpoint answered with status {0}")]
    Status(u16),
    #[error("the endpoint answered with more than {} KiB", REVOCATIONS_BYTES / 1024)]
    TooLong,
    #[error("the answer is no signed list ({0})")]
    NotSigned(String),
    #[error("the list is signed with a key that the policy does not name")]
    UnknownKey,
    #[error("the signature of the list is wrong")]
    BadSignature,
    #[error("the list cannot be read: {0}")]
    Unreadable(String),
    #[error("the list was issued in the future; compare the clocks")]
    FromTheFuture,
    #[error("the list has expired; whoever signs it must sign a new one")]
    Expired,
    #[error("the list went back from number {old} to {new}")]
    WentBack { new: u64, old: u64 },
    #[error("there are two different lists with number {0}")]
    SameNumber(u64),
}

/// One state of what was taken back.
#[derive(Debug)]
pub(super) struct List {
    pub(super) sequence: u64,
    pub(super) issued_at: Time,
    expires_at: Option<Time>,
    issuers: HashMap<String, Entries>,
    /// Entries that name no issuer hold for all.
    everywhere: Entries,
}

#[derive(Debug, Default)]
struct Entries {
    tokens: HashSet<String>,
    sessions: HashSet<String>,
    subjects: HashMap<String, Before>,
    clients: HashSet<String>,
    all: Option<Before>,
}

/// Of which tokens an entry speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Before {
    /// Those issued before this time.
    Time(Time),
    /// All, also those to come.
    Always,
}

impl Before {
    fn covers(self, issued_at: Time) -> bool {
        match self {
            Self::Time(time) => issued_at < time,
            Self::Always => true,
        }
    }
}

impl List {
    pub(super) fn parse(payload: &[u8]) -> Result<Self, ListProblem> {
        let wrong = |what: String| ListProblem::Unreadable(what);
        let members = json::object(payload).ok_or_else(|| wrong("it is not a plain JSON object".to_owned()))?;
        let members = Members(&members);
        members.only(&["version", "iat", "exp", "sequence", "tokens", "sessions", "subjects", "clients", "issuers"])?;
        if members.0.get("version").and_then(Value::as_u64) != Some(1) {
            return Err(wrong("its `version` is not 1".to_owned()));
        }
        let mut list = Self {
            sequence: members
                .0
                .get("sequence")
                .and_then(Value::as_u64)
                .filter(|sequence| *sequence <= LAST_SEQUENCE)
                .ok_or_else(|| wrong("`sequence` is no whole number below 2^53".to_owned()))?,
            issued_at: members.time("iat")?.ok_or_else(|| wrong("`iat` is missing".to_owned()))?,
            expires_at: members.time("exp")?,
            issuers: HashMap::new(),
            everywhere: Entries::default(),
        };
        for entry in members.entries("tokens")? {
            entry.only(&["iss", "jti", "note"])?;
            list.of(Some(entry.required("iss")?)).tokens.insert(entry.required("jti")?);
        }
        for entry in members.entries("sessions")? {
            entry.only(&["iss", "sid", "note"])?;
            list.of(entry.text("iss")?).sessions.insert(entry.required("sid")?);
        }
        for entry in members.entries("subjects")? {
            entry.only(&["iss", "sub", "before", "note"])?;
            let before = entry.time("before")?.map_or(Before::Always, Before::Time);
            let subjects = &mut list.of(Some(entry.required("iss")?)).subjects;
            // Said twice, the wider one counts.
            subjects.entry(entry.required("sub")?).and_modify(|have| *have = before.max(*have)).or_insert(before);
        }
        for entry in members.entries("clients")? {
            entry.only(&["iss", "client_id", "note"])?;
            list.of(entry.text("iss")?).clients.insert(entry.required("client_id")?);
        }
        for entry in members.entries("issuers")? {
            entry.only(&["iss", "before", "note"])?;
            let before = entry.time("before")?.map_or(Before::Always, Before::Time);
            let all = &mut list.of(Some(entry.required("iss")?)).all;
            *all = (*all).max(Some(before));
        }
        Ok(list)
    }

    pub(super) fn expired(&self, now: Time) -> bool {
        self.expires_at.is_some_and(|expires_at| now >= expires_at)
    }

    pub(super) fn find(&self, named: &Named<'_>) -> Option<Listing> {
        let places = [self.issuers.get(named.issuer), Some(&self.everywhere)];
        places.into_iter().flatten().find_map(|entries| entries.find(named))
    }

    fn of(&mut self, issuer: Option<String>) -> &mut Entries {
        match issuer {
            Some(issuer) => self.issuers.entry(issuer).or_default(),
            None => &mut self.everywhere,
        }
    }
}

impl Entries {
    fn find(&self, named: &Named<'_>) -> Option<Listing> {
        let holds = |set: &HashSet<String>, value: Option<&str>| value.is_some_and(|value| set.contains(value));
        if holds(&self.tokens, named.token) {
            Some(Listing::Token)
        } else if holds(&self.sessions, named.session) {
            Some(Listing::Session)
        } else if self.subjects.get(named.subject).is_some_and(|before| before.covers(named.issued_at)) {
            Some(Listing::Subject)
        } else if holds(&self.clients, named.client) {
            Some(Listing::Client)
        } else if self.all.is_some_and(|before| before.covers(named.issued_at)) {
            Some(Listing::Issuer)
        } else {
            None
        }
    }
}

/// An object of the list, and how its members are read.
struct Members<'a>(&'a Map<String, Value>);

impl<'a> Members<'a> {
    fn only(&self, known: &[&str]) -> Result<(), ListProblem> {
        match self.0.keys().find(|name| !known.contains(&name.as_str())) {
            Some(name) => Err(ListProblem::Unreadable(format!("`{}` is not known", shown(name)))),
            None => Ok(()),
        }
    }

    fn entries(&self, name: &str) -> Result<Vec<Members<'a>>, ListProblem> {
        let wrong = || ListProblem::Unreadable(format!("`{name}` is no list of objects"));
        match self.0.get(name) {
            None => Ok(Vec::new()),
            Some(value) => {
                let items = value.as_array().ok_or_else(wrong)?;
                items.iter().map(|item| item.as_object().map(Members).ok_or_else(wrong)).collect()
            }
        }
    }

    fn text(&self, name: &str) -> Result<Option<String>, ListProblem> {
        match self.0.get(name) {
            None => Ok(None),
            Some(Value::String(text)) if !text.is_empty() => Ok(Some(text.clone())),
            Some(_) => Err(ListProblem::Unreadable(format!("`{name}` is not text"))),
        }
    }

    fn required(&self, name: &str) -> Result<String, ListProblem> {
        self.text(name)?.ok_or_else(|| ListProblem::Unreadable(format!("an entry has no `{name}`")))
    }

    /// Whole seconds since the epoch, up to the year 9999.
    fn time(&self, name: &str) -> Result<Option<Time>, ListProblem> {
        const LATEST: u64 = 253_402_300_800;
        match self.0.get(name).map(Value::as_u64) {
            None => Ok(None),
            Some(Some(seconds)) if seconds < LATEST => Ok(Some(Time::from_secs(seconds))),
            Some(_) => Err(ListProblem::Unreadable(format!("`{name}` is no time in whole seconds"))),
        }
    }
}

/// The list may not be the operator's own work, and a log line is short.
fn shown(name: &str) -> String {
    name.chars().filter(|c| !c.is_control()).take(40).collect()
}
