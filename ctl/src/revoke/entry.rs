//! One thing that was taken back, as it stands in the list (`docs/revocation.md`).

use serde::{Deserialize, Serialize};

/// Two entries are about the same when all but `before` and `note` is the same.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Entry {
    Token {
        iss: String,
        jti: String,
        note: Option<String>,
    },
    Session {
        iss: Option<String>,
        sid: String,
        note: Option<String>,
    },
    /// Without `before`: also the tokens to come.
    Subject {
        iss: String,
        sub: String,
        before: Option<u64>,
        note: Option<String>,
    },
    Client {
        iss: Option<String>,
        client_id: String,
        note: Option<String>,
    },
    Issuer {
        iss: String,
        before: Option<u64>,
        note: Option<String>,
    },
}

/// An entry on disk: which members it has depends on its list.
#[derive(Clone, Debug, Default, Deserialize, PartialEq, Eq, Serialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Row {
    #[serde(skip_serializing_if = "Option::is_none")]
    iss: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    jti: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    sid: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    sub: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    client_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    before: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    note: Option<String>,
}

impl Row {
    pub(super) fn is_about(&self, other: &Self) -> bool {
        let Self { iss, jti, sid, sub, client_id, before: _, note: _ } = self;
        (iss, jti, sid, sub, client_id) == (&other.iss, &other.jti, &other.sid, &other.sub, &other.client_id)
    }

    /// One line for people.
    pub(super) fn in_words(&self) -> String {
        let part = |name: &str, value: &Option<String>| value.as_ref().map(|value| format!("{name} {value}"));
        let before = self.before.map(|before| format!("issued before {before}"));
        let parts = [
            part("token", &self.jti),
            part("session", &self.sid),
            part("subject", &self.sub),
            part("client", &self.client_id),
            part("of", &self.iss),
            before,
        ];
        let mut line = parts.into_iter().flatten().collect::<Vec<_>>().join(" ");
        if let Some(note) = &self.note {
            line.push_str(&format!(" ({note})"));
        }
        line
    }
}

impl Entry {
    pub fn in_words(&self) -> String {
        self.row().in_words()
    }

    pub(super) fn row(&self) -> Row {
        match self.clone() {
            Self::Token { iss, jti, note } => Row { iss: Some(iss), jti: Some(jti), note, ..Row::default() },
            Self::Session { iss, sid, note } => Row { iss, sid: Some(sid), note, ..Row::default() },
            Self::Subject { iss, sub, before, note } => Row { iss: Some(iss), sub: Some(sub), before, note, ..Row::default() },
            Self::Client { iss, client_id, note } => Row { iss, client_id: Some(client_id), note, ..Row::default() },
            Self::Issuer { iss, before, note } => Row { iss: Some(iss), before, note, ..Row::default() },
        }
    }
}
