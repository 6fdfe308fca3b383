//! The claims of a token (RFC 7519, 4), read strictly.

use serde_json::{Map, Value};

use super::{TokenProblem, json};
use crate::limits;
use crate::policy::ClaimPath;
use crate::time::Time;

pub(super) struct Claims {
    members: Map<String, Value>,
}

/// The times of a token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Times {
    pub issued_at: Time,
    pub not_before: Option<Time>,
    pub expires_at: Time,
}

impl Claims {
    pub(super) fn parse(payload: &[u8]) -> Result<Self, TokenProblem> {
        Self::of(json::object(payload).ok_or(TokenProblem::Malformed("its claims are not a plain JSON object"))?)
    }

    /// Claims that someone else has parsed.
    pub(super) fn of(members: Map<String, Value>) -> Result<Self, TokenProblem> {
        // These are text by their definition.
        for name in ["iss", "sub", "jti", "nonce"] {
            if members.get(name).is_some_and(|value| !value.is_string()) {
                return Err(TokenProblem::Malformed("a registered claim has the wrong type"));
            }
        }
        Ok(Self { members })
    }

    pub(super) fn issuer(&self) -> Result<&str, TokenProblem> {
        self.required("iss")
    }

    /// A claim that must be there, and text that is not empty.
    pub(super) fn required(&self, name: &str) -> Result<&str, TokenProblem> {
        self.text(name).ok_or_else(|| TokenProblem::MissingClaim(name.to_owned()))
    }

    /// A claim that may be there. Other types than text count as absent, as does the empty text.
    pub(super) fn text(&self, name: &str) -> Option<&str> {
        as_text(self.members.get(name)?)
    }

    /// All of them; nothing when that is longer than a token may be.
    pub(super) fn json(&self) -> Option<Box<str>> {
        let json = serde_json::to_string(&self.members).ok()?;
        (json.len() <= limits::TOKEN_BYTES).then(|| json.into_boxed_str())
    }

    pub(super) fn value(&self, name: &str) -> Option<&Value> {
        self.members.get(name)
    }

    pub(super) fn at(&self, path: &ClaimPath) -> Option<&Value> {
        let (first, rest) = path.0.split_first()?;
        rest.iter().try_fold(self.members.get(first)?, |value, name| value.as_object()?.get(name))
    }

    pub(super) fn text_at(&self, path: &ClaimPath) -> Option<&str> {
        as_text(self.at(path)?)
    }

    /// `aud`: one text or an array of them (RFC 7519, 4.1.3).
    pub(super) fn audiences(&self) -> Result<Vec<&str>, TokenProblem> {
        const WRONG: TokenProblem = TokenProblem::Malformed("its audience is neither text nor a list of texts");
        match self.members.get("aud") {
            None => Err(TokenProblem::MissingClaim("aud".to_owned())),
            Some(Value::String(one)) => Ok(vec![one]),
            Some(Value::Array(many)) => many.iter().map(|one| one.as_str().ok_or(WRONG)).collect(),
            Some(_) => Err(WRONG),
        }
    }

    pub(super) fn times(&self) -> Result<Times, TokenProblem> {
        let required = |name: &str| self.time(name)?.ok_or_else(|| TokenProblem::MissingClaim(name.to_owned()));
        Ok(Times { issued_at: required("iat")?, not_before: self.time("nbf")?, expires_at: required("exp")? })
    }

    /// `scope`, separated by spaces, or `scp` as some issuers write it: either text or an array.
    pub(super) fn scopes(&self) -> Vec<String> {
        let value = self.members.get("scope").or_else(|| self.members.get("scp"));
        let words = value.map(texts).unwrap_or_default();
        words.iter().flat_map(|text| text.split(' ')).filter(|word| !word.is_empty()).map(str::to_owned).collect()
    }

    /// A NumericDate (RFC 7519, 2): seconds since the epoch, with or without a fraction.
    fn time(&self, name: &str) -> Result<Option<Time>, TokenProblem> {
        const WRONG: TokenProblem = TokenProblem::Malformed("one of its times is not a number of seconds");
        self.members.get(name).map(|value| time(value).ok_or(WRONG)).transpose()
    }
}

/// The time of a NumericDate.
pub(super) fn time(value: &Value) -> Option<Time> {
    /// The year 9999: beyond it a date is a unit mixed up, and no arithmetic on it can overflow below.
    const LATEST: f64 = 253_402_300_800.0;
    let seconds = value.as_f64().filter(|seconds| (0.0..LATEST).contains(seconds))?;
    // In range and not negative, so the cast is exact but for the fraction of a millisecond it drops.
    Some(Time::from_millis((seconds * 1000.0) as u64))
}

/// The texts in a value that is one text or an array; a text with spaces is one. Whatever is not text is left out.
pub(super) fn texts(value: &Value) -> Vec<&str> {
    match value {
        Value::Array(many) => many.iter().filter_map(as_text).collect(),
        one => as_text(one).into_iter().collect(),
    }
}

fn as_text(value: &Value) -> Option<&str> {
    value.as_str().filter(|text| !text.is_empty())
}
