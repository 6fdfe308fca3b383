//! What is looked for: one file per family, each a pure function from a place in a text to what stands there.
//!
//! Every check looks at most [`BEHIND`] bytes back and [`AHEAD`] bytes on, which is what lets the stream be cut into
//! windows without losing or changing a finding, and keeps the worst input linear.

mod aws;
mod card;
mod database;
mod email;
mod github;
mod google;
mod iban;
mod jwt;
mod pem;
mod slack;
mod ssn;
mod stripe;
pub(crate) mod text;

use crate::policy::Detector;
pub(crate) use text::View;

/// Bytes before a finding that a check may look at, or be called at.
pub(crate) const BEHIND: usize = 128;

/// Bytes from the start of a finding that a check may look at.
pub(crate) const AHEAD: usize = 512;

/// What was found, as a range of the text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Found {
    pub(crate) start: usize,
    pub(crate) end: usize,
    pub(crate) tail: Tail,
}

impl Found {
    fn new(start: usize, end: usize) -> Option<Self> {
        Some(Self { start, end, tail: Tail::None })
    }
}

/// What belongs to a finding beyond its checked head, however long it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Tail {
    None,
    /// Characters of a token: base64url, and dots between them.
    Token,
    /// Up to and with the `-----END ...-----` line, or the end of the text.
    Armor,
}

type Check = fn(&View<'_>, usize) -> Option<Found>;

/// A family that is led by literals: the check runs where one of them stands, whatever the case of its letters.
pub(crate) struct Headed {
    pub(crate) detector: Detector,
    pub(crate) heads: &'static [&'static str],
    pub(crate) check: Check,
}

/// No head may be part of another: the prefilter reports only what does not overlap.
pub(crate) const HEADED: &[Headed] = &[
    Headed { detector: Detector::AwsAccessKey, heads: aws::KEY_HEADS, check: aws::access_key },
    Headed { detector: Detector::AwsAccessKey, heads: aws::SECRET_HEADS, check: aws::secret_key },
    Headed { detector: Detector::GithubToken, heads: github::HEADS, check: github::token },
    Headed { detector: Detector::GithubToken, heads: github::FINE_HEADS, check: github::fine_grained },
    Headed { detector: Detector::SlackToken, heads: slack::HEADS, check: slack::token },
    Headed { detector: Detector::SlackToken, heads: slack::HOOK_HEADS, check: slack::webhook },
    Headed { detector: Detector::GoogleApiKey, heads: google::HEADS, check: google::key },
    Headed { detector: Detector::StripeKey, heads: stripe::HEADS, check: stripe::key },
    Headed { detector: Detector::Jwt, heads: jwt::HEADS, check: jwt::by_header },
    Headed { detector: Detector::Jwt, heads: jwt::PAYLOAD_HEADS, check: jwt::by_shape },
    Headed { detector: Detector::PrivateKey, heads: pem::HEADS, check: pem::private_key },
    Headed { detector: Detector::DatabaseUrl, heads: database::HEADS, check: database::password },
];

/// Families whose check runs at the beginning of a text that has a member name.
pub(crate) const NAMED: &[(Detector, Check)] = &[(Detector::AwsAccessKey, aws::secret_by_name)];

/// A family whose check runs at the first digit of a run, where the run has one of its lengths (bit n: n digits).
pub(crate) struct Numeric {
    pub(crate) detector: Detector,
    pub(crate) lengths: u32,
    pub(crate) check: Check,
}

/// Longer runs count as this long.
pub(crate) const LONGEST_RUN: usize = 31;

pub(crate) const NUMERIC: &[Numeric] = &[
    Numeric { detector: Detector::CreditCard, lengths: card::RUNS, check: card::check },
    Numeric { detector: Detector::UsSsn, lengths: ssn::RUNS, check: ssn::check },
    Numeric { detector: Detector::Iban, lengths: iban::RUNS, check: iban::check },
];

/// Families whose check runs at an `@`.
pub(crate) const AT_SIGN: &[(Detector, Check)] = &[(Detector::Email, email::check)];

/// Every family by itself.
pub(crate) const ALL: &[Detector] = &[
    Detector::CreditCard,
    Detector::UsSsn,
    Detector::Iban,
    Detector::Email,
    Detector::AwsAccessKey,
    Detector::GithubToken,
    Detector::SlackToken,
    Detector::GoogleApiKey,
    Detector::StripeKey,
    Detector::Jwt,
    Detector::PrivateKey,
    Detector::DatabaseUrl,
];

/// The families a detector of the policy stands for.
pub(crate) fn families(detector: Detector) -> &'static [Detector] {
    match detector {
        Detector::Secrets => ALL.get(4..).unwrap_or_default(),
        single => ALL.iter().position(|one| *one == single).and_then(|at| ALL.get(at..=at)).unwrap_or_default(),
    }
}

/// The family's name in policies, placeholders and records.
pub(crate) fn name(detector: Detector) -> &'static str {
    match detector {
        Detector::CreditCard => "credit_card",
        Detector::UsSsn => "us_ssn",
        Detector::Iban => "iban",
        Detector::Email => "email",
        Detector::AwsAccessKey => "aws_access_key",
        Detector::GithubToken => "github_token",
        Detector::SlackToken => "slack_token",
        Detector::GoogleApiKey => "google_api_key",
        Detector::StripeKey => "stripe_key",
        Detector::Jwt => "jwt",
        Detector::PrivateKey => "private_key",
        Detector::DatabaseUrl => "database_url",
        Detector::Secrets => "secrets",
    }
}

#[cfg(test)]
#[expect(clippy::string_slice, reason = "the places are what a check gave")]
pub(crate) mod tests {
    use super::*;

    /// Every text the check finds in `text`, trying it at every place: what a prefilter that misses nothing would give.
    pub(crate) fn all(check: Check, text: &str) -> Vec<String> {
        under("", check, text)
    }

    pub(crate) fn under(key: &str, check: Check, text: &str) -> Vec<String> {
        let view = View::new(text.as_bytes(), key.as_bytes());
        let mut found: Vec<Found> = (0..text.len()).filter_map(|at| check(&view, at)).collect();
        found.sort_by_key(|found| (found.start, std::cmp::Reverse(found.end)));
        let mut end = 0;
        found.retain(|found| {
            let keep = found.start >= end;
            if keep {
                end = found.end;
            }
            keep
        });
        found.iter().map(|found| text[found.start..found.end].to_owned()).collect()
    }

    #[test]
    fn no_head_hides_another() {
        let heads: Vec<&str> = HEADED.iter().flat_map(|headed| headed.heads).copied().collect();
        for one in &heads {
            for other in heads.iter().filter(|other| *other != one) {
                assert!(!one.to_ascii_lowercase().contains(&other.to_ascii_lowercase()), "`{one}` contains `{other}`");
            }
        }
    }
}
