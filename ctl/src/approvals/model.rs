//! What a request for approval is: what was asked, what people said to it, and where it stands.

use portcullis::time::Time;
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// A call that a person is asked about, as the filter told it.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
pub struct Asked {
    pub subject: Subject,
    pub tool: String,
    pub endpoint: String,
    pub action: String,
    /// The filter's HMAC over all that the grant is for.
    pub binding: String,
    /// The arguments as a person may see them: masked.
    pub shown: Value,
    /// base64url SHA-256 over the canonical JSON (RFC 8785) of `shown`.
    pub shown_digest: String,
    pub rule: String,
    /// Why a person is asked, from the policy.
    pub message: Option<String>,
    /// SHA-256 of the policy, hex.
    pub policy: Option<String>,
    pub session: Option<String>,
    pub request_id: Option<String>,
    pub traceparent: Option<String>,
    pub approvers: Approvers,
    pub grant: Grant,
    pub wait_seconds: u64,
}

/// Who called.
#[derive(Clone, Debug, Default, Deserialize, PartialEq, Eq, Serialize)]
pub struct Subject {
    pub issuer: String,
    pub subject: String,
    pub user: Option<String>,
    pub email: Option<String>,
    #[serde(default)]
    pub groups: Vec<String>,
    /// The program that called.
    pub client: Option<String>,
    /// Who acts for the subject, the current actor first.
    #[serde(default)]
    pub actors: Vec<Actor>,
}

#[derive(Clone, Debug, Default, Deserialize, PartialEq, Eq, Serialize)]
pub struct Actor {
    pub subject: Option<String>,
    pub client: Option<String>,
}

/// Who may decide, as the policy's rule says it.
#[derive(Clone, Debug, Deserialize, PartialEq, Eq, Serialize)]
pub struct Approvers {
    pub groups: Vec<String>,
    #[serde(default = "one")]
    pub quorum: usize,
    /// Each approval that counts must stand for another group.
    #[serde(default)]
    pub distinct_groups: bool,
    #[serde(default)]
    pub reason: Reason,
}

#[derive(Clone, Copy, Debug, Default, Deserialize, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Reason {
    Required,
    #[default]
    Optional,
}

/// What an approval is good for.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq, Serialize)]
pub struct Grant {
    pub uses: u32,
    pub valid_seconds: u64,
}

impl Default for Grant {
    fn default() -> Self {
        Self { uses: 1, valid_seconds: 900 }
    }
}

fn one() -> usize {
    1
}

/// One way in which a person shows who they are.
#[derive(Clone, Debug, Default, Deserialize, PartialEq, Eq, Serialize)]
pub struct Login {
    pub issuer: String,
    pub subject: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub user: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub email: Option<String>,
}

/// What somebody came with, as far as lists of revocations name it.
#[derive(Clone, Debug, Default, Deserialize, PartialEq, Eq, Serialize)]
pub struct Pass {
    /// `jti`
    #[serde(skip_serializing_if = "Option::is_none")]
    pub token: Option<String>,
    /// `sid`
    #[serde(skip_serializing_if = "Option::is_none")]
    pub session: Option<String>,
    /// `iat`, milliseconds since 1970.
    pub issued: u64,
}

impl Login {
    /// `ISSUER#SUBJECT`, the one stable name.
    pub fn id(&self) -> String {
        format!("{}#{}", self.issuer, self.subject)
    }

    /// For people to read.
    pub fn name(&self) -> &str {
        self.email.as_deref().or(self.user.as_deref()).unwrap_or(&self.subject)
    }
}

impl Subject {
    pub fn id(&self) -> String {
        format!("{}#{}", self.issuer, self.subject)
    }

    pub fn login(&self) -> Login {
        let Self { issuer, subject, user, email, .. } = self.clone();
        Login { issuer, subject, user, email }
    }
}

#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Verdict {
    Approve,
    Deny,
}

/// What one person said.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
pub struct Decision {
    pub by: Login,
    /// Those of the request's groups the person is in; empty in an emergency.
    pub groups: Vec<String>,
    pub verdict: Verdict,
    pub reason: Option<String>,
    /// Milliseconds since 1970.
    pub at: u64,
    /// Approved alone, outside of the request's groups.
    #[serde(default)]
    pub break_glass: bool,
}

/// What somebody else thinks of an emergency, later.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
pub struct Review {
    pub by: Login,
    pub justified: bool,
    pub reason: String,
    /// Milliseconds since 1970.
    pub at: u64,
}

/// Where a request stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    Pending,
    /// `remaining` is never 0.
    Approved {
        until: Time,
        remaining: u32,
    },
    /// All its uses were taken.
    Consumed {
        until: Time,
    },
    Denied,
    /// Nobody decided in time, or the approval was not used in time.
    Expired,
    Cancelled,
}

impl State {
    pub fn word(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Approved { .. } => "approved",
            Self::Consumed { .. } => "consumed",
            Self::Denied => "denied",
            Self::Expired => "expired",
            Self::Cancelled => "cancelled",
        }
    }

    /// From its columns; `None` for what no version has written.
    pub fn of(word: &str, until: Option<Time>, remaining: u32) -> Option<Self> {
        Some(match word {
            "pending" => Self::Pending,
            "approved" if remaining > 0 => Self::Approved { until: until?, remaining },
            "consumed" => Self::Consumed { until: until? },
            "denied" => Self::Denied,
            "expired" => Self::Expired,
            "cancelled" => Self::Cancelled,
            _ => return None,
        })
    }
}

/// Whether an emergency still has to be looked at.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ReviewState {
    #[default]
    None,
    Open,
    Done,
}

impl ReviewState {
    pub fn word(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Open => "open",
            Self::Done => "done",
        }
    }

    pub fn of(word: &str) -> Option<Self> {
        [Self::None, Self::Open, Self::Done].into_iter().find(|state| state.word() == word)
    }
}

/// One request with all that happened to it.
#[derive(Clone, Debug, PartialEq)]
pub struct Task {
    pub id: String,
    /// The filter that asked.
    pub filter: String,
    pub asked: Asked,
    pub created: Time,
    /// Until when it waits for a decision.
    pub expires: Time,
    /// When it came into a state that ends it, or was approved.
    pub ended: Option<Time>,
    pub state: State,
    pub decisions: Vec<Decision>,
    pub review_state: ReviewState,
    pub review: Option<Review>,
}
