//! One trusted issuer: its rules for tokens, and its keys.

use super::accelerate::Accelerator;
use super::actor::{self, Actor};
use super::claims::{Claims, Times, texts};
use super::confirmation::Confirmation;
use super::jwk::Fingerprint;
use super::jws::Jws;
use super::keys::{KeySet, Signed};
use super::principal::{Principal, TokenHash};
use super::source::{Source, SourceId, Wanted};
use super::{Mistake, TokenProblem};
use crate::policy::value::Resource;
use crate::policy::{self, Algorithm, KeySource};
use crate::time::Time;

pub(super) struct Issuer {
    name: String,
    algorithms: Vec<Algorithm>,
    audiences: Vec<String>,
    claims: policy::Claims,
    max_lifetime_ms: u64,
    skew_ms: u64,
    keys: Keys,
    keeps_claims: bool,
}

enum Keys {
    /// Written in the policy.
    Inline(KeySet),
    Fetched(Box<Source>),
    /// With Envoy, which verifies tokens itself.
    Elsewhere,
}

/// Claims that passed every check but that of the signature, with what was read of them on the way.
struct Judged<'a> {
    claims: &'a Claims,
    times: Times,
    user: &'a str,
    subject: &'a str,
    actors: Vec<Actor>,
    confirmation: Confirmation,
}

/// What is known of the signature.
struct Signature {
    algorithm: Algorithm,
    key_id: Option<String>,
    key: Fingerprint,
}

/// Why there is no principal (yet).
pub(super) enum Stop {
    Wait(SourceId),
    Refuse(TokenProblem),
}

impl From<TokenProblem> for Stop {
    fn from(problem: TokenProblem) -> Self {
        Self::Refuse(problem)
    }
}

impl Issuer {
    pub(super) fn compile(settings: &policy::Issuer, resource: &Resource, path: &str) -> Result<Self, Vec<Mistake>> {
        let policy::Issuer { issuer, keys, algorithms, audiences, claims, max_lifetime, clock_skew, metadata: _ } = settings;
        let mistake = |member: &str, message: &str| vec![Mistake { path: format!("{path}.{member}"), message: message.to_owned() }];
        if algorithms.is_empty() {
            return Err(mistake("algorithms", "no token can be verified without an algorithm; list those the issuer signs with"));
        }
        let keys = match keys {
            KeySource::Inline(entries) if entries.is_empty() => {
                return Err(mistake("keys", "no token can be verified without a key; list at least one"));
            }
            KeySource::Inline(entries) => {
                let keys = KeySet::inline(entries, algorithms).map_err(|problems| {
                    let problems = problems.into_iter();
                    problems.flat_map(|(index, problem)| mistake(&format!("keys[{index}]"), &problem.to_string())).collect::<Vec<_>>()
                })?;
                Keys::Inline(KeySet::new(keys))
            }
            KeySource::Jwks(jwks) if jwks.keep < jwks.refresh => {
                return Err(mistake(
                    "jwks.keep",
                    "keys would be dropped before they are refreshed; make `keep` at least as long as `refresh`",
                ));
            }
            KeySource::Jwks(jwks) => Keys::Fetched(Box::new(Source::new(jwks.clone(), algorithms.clone()))),
            KeySource::Elsewhere => Keys::Elsewhere,
        };
        Ok(Self {
            name: issuer.clone(),
            algorithms: algorithms.clone(),
            audiences: if audiences.is_empty() { names_of(resource) } else { audiences.clone() },
            claims: claims.clone(),
            max_lifetime_ms: max_lifetime.millis(),
            skew_ms: clock_skew.millis(),
            keys,
            keeps_claims: false,
        })
    }

    pub(super) fn keep_claims(&mut self) {
        self.keeps_claims = true;
    }

    pub(super) fn name(&self) -> &str {
        &self.name
    }

    pub(super) fn source_mut(&mut self) -> Option<&mut Source> {
        match &mut self.keys {
            Keys::Inline(_) | Keys::Elsewhere => None,
            Keys::Fetched(source) => Some(source),
        }
    }

    /// The keys that may be used now.
    pub(super) fn keys(&self, now: Time) -> Option<&KeySet> {
        match &self.keys {
            Keys::Inline(keys) => Some(keys),
            Keys::Fetched(source) => source.keys(now),
            Keys::Elsewhere => None,
        }
    }

    /// The principal of a token that claims to be this issuer's.
    pub(super) fn verify(
        &mut self,
        id: SourceId,
        jws: &Jws<'_>,
        claims: &Claims,
        hash: &TokenHash,
        accelerator: &Accelerator,
        now: Time,
    ) -> Result<Principal, Stop> {
        if !self.algorithms.contains(&jws.algorithm) {
            return Err(TokenProblem::AlgorithmNotAllowed.into());
        }
        // What the principal is made of is read before the signature too: a token that lacks it costs none.
        let judged = self.judge(claims, now)?;
        let (key_id, key) = match self.keys(now).map(|keys| keys.check(jws, accelerator)) {
            Some(Signed::By(key)) => (key.id.clone(), key.fingerprint.clone()),
            Some(Signed::Badly) => return Err(TokenProblem::BadSignature.into()),
            Some(Signed::NotForKey) => return Err(TokenProblem::AlgorithmNotAllowed.into()),
            Some(Signed::UnknownKey) => return Err(self.without_key(id, TokenProblem::UnknownKey, now)),
            None => return Err(self.without_key(id, TokenProblem::KeysUnavailable, now)),
        };
        Ok(self.principal(judged, Some(Signature { algorithm: jws.algorithm, key_id, key }), hash))
    }

    /// The principal of claims that Envoy has verified. All but the signature is checked here as for any token.
    pub(super) fn trust(&self, claims: &Claims, hash: &TokenHash, now: Time) -> Result<Principal, TokenProblem> {
        Ok(self.principal(self.judge(claims, now)?, None, hash))
    }

    fn judge<'a>(&self, claims: &'a Claims, now: Time) -> Result<Judged<'a>, TokenProblem> {
        let times = claims.times()?;
        self.check_audience(claims)?;
        self.check_times(times, now)?;
        if times.expires_at.since(times.issued_at) > self.max_lifetime_ms {
            return Err(TokenProblem::LifetimeTooLong);
        }
        Ok(Judged {
            claims,
            times,
            user: self.user(claims)?,
            subject: claims.required("sub")?,
            actors: actor::chain(claims.value("act"))?,
            confirmation: Confirmation::parse(claims.value("cnf"))?,
        })
    }

    fn principal(&self, judged: Judged<'_>, signature: Option<Signature>, hash: &TokenHash) -> Principal {
        let Judged { claims, times, user, subject, actors, confirmation } = judged;
        let optional = |name: &str| claims.text(name).map(str::to_owned);
        let (algorithm, key_id, key) = match signature {
            Some(Signature { algorithm, key_id, key }) => (Some(algorithm), key_id, Some(key)),
            None => (None, None, None),
        };
        Principal {
            issuer: self.name.clone(),
            subject: subject.to_owned(),
            user: user.to_owned(),
            email: claims.text_at(&self.claims.email).map(str::to_owned),
            groups: claims.at(&self.claims.groups).map(texts).unwrap_or_default().into_iter().map(str::to_owned).collect(),
            client: claims.text_at(&self.claims.client).or_else(|| claims.text("azp")).map(str::to_owned),
            audiences: claims.audiences().unwrap_or_default().into_iter().map(str::to_owned).collect(),
            token_id: optional("jti"),
            session: optional("sid"),
            issued_at: times.issued_at,
            not_before: times.not_before,
            expires_at: times.expires_at,
            scopes: claims.scopes(),
            actors,
            confirmation,
            claims: if self.keeps_claims { claims.json() } else { None },
            algorithm,
            key_id,
            token_hash: hash.clone(),
            key,
        }
    }

    /// Whether a principal verified earlier is within its times now.
    pub(super) fn still_valid(&self, principal: &Principal, now: Time) -> Result<(), TokenProblem> {
        let Principal { issued_at, not_before, expires_at, .. } = *principal;
        self.check_times(Times { issued_at, not_before, expires_at }, now)
    }

    /// RFC 7519, 4.1.4 to 4.1.6: valid from `nbf` on and before `exp`, each moved by the tolerated difference of the clocks.
    fn check_times(&self, times: Times, now: Time) -> Result<(), TokenProblem> {
        let latest = now.plus_millis(self.skew_ms);
        if now >= times.expires_at.plus_millis(self.skew_ms) {
            return Err(TokenProblem::Expired);
        }
        if times.not_before.is_some_and(|not_before| latest < not_before) {
            return Err(TokenProblem::NotYetValid);
        }
        if latest < times.issued_at {
            return Err(TokenProblem::IssuedInFuture);
        }
        Ok(())
    }

    fn check_audience(&self, claims: &Claims) -> Result<(), TokenProblem> {
        let audiences = claims.audiences()?;
        if audiences.iter().any(|audience| self.audiences.iter().any(|accepted| accepted == audience)) {
            return Ok(());
        }
        Err(TokenProblem::WrongAudience)
    }

    fn user<'a>(&self, claims: &'a Claims) -> Result<&'a str, TokenProblem> {
        claims.text_at(&self.claims.user).ok_or_else(|| TokenProblem::MissingClaim(self.claims.user.0.join(".")))
    }

    /// The key is missing: wait if it may come, else refuse. While the endpoint fails, no key can be called unknown.
    fn without_key(&mut self, id: SourceId, problem: TokenProblem, now: Time) -> Stop {
        let Some(source) = self.source_mut() else { return problem.into() };
        match source.want(now) {
            Wanted::Coming => Stop::Wait(id),
            Wanted::NotYet => problem.into(),
            Wanted::Failing => TokenProblem::KeysUnavailable.into(),
        }
    }
}

/// The resource as an audience. A URL without a path and the same with `/` are one (RFC 3986, 6.2.3), and clients send either.
fn names_of(resource: &Resource) -> Vec<String> {
    let mut names = vec![resource.as_str().to_owned()];
    if resource.path().is_empty() {
        names = vec![resource.origin().to_owned(), format!("{}/", resource.origin())];
    }
    names
}
