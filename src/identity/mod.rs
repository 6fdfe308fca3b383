//! Who is calling: a bearer token in, a [`Principal`] out.
//!
//! Sans-IO. Time is an argument, and the key sets of issuers are fetched by the caller: [`Identity::due`] says what to fetch,
//! [`Identity::answered`] takes what came back, and a token whose key is not known yet is [`Outcome::Wait`].
//!
//! The order of the checks is the order of their cost. What can be read off the token (length, shape, algorithm, issuer, audience, times,
//! claims) comes before the signature, which costs about two milliseconds in Wasm; and a verified token is remembered by its SHA-256, so
//! that the second request with it costs one hash. Nothing is remembered of a token that failed.
//!
//! A token may be bound to a key (DPoP: each request brings a fresh proof) or to the client's certificate (mutual TLS); both are checked with every
//! request. In a mesh whose Envoy already runs `jwt_authn`, the verified claims are taken from there.
//!
//! What the host can do better, it is asked to do, as [`Host`]: verify signatures, and share what one worker has seen with the others.
//!
//! Rules taken from RFC 7515 (JWS), RFC 7517 (JWK), RFC 7519 (JWT), RFC 8725 (JWT best practice), RFC 9068 (access tokens as JWT), RFC 6750 (bearer
//! tokens), RFC 9449 (DPoP), RFC 8705 (certificate-bound tokens), RFC 8693 (actors) and RFC 7638 (thumbprints).

mod accelerate;
mod actor;
mod bearer;
pub mod challenge;
mod claims;
mod confirmation;
mod documents;
mod dpop;
mod issuer;
mod json;
mod jwk;
mod jws;
mod jwt_authn;
mod keys;
pub mod metadata;
mod outside;
mod principal;
mod problem;
mod remember;
mod replay;
mod revocation;
mod selftest;
mod server_metadata;
mod source;
mod target;
#[cfg(test)]
mod tests;
mod verifier;

use std::rc::Rc;

use crate::policy;
use crate::policy::value::Resource;
use crate::time::Time;

pub use actor::Actor;
pub use confirmation::Confirmation;
pub use documents::{Document, MetadataProblem};
pub use outside::{Host, SharedValue, SignatureCheck, Written};
pub use principal::{Principal, TokenHash};
pub use problem::TokenProblem;
pub use revocation::{Freshness, ListFetch, ListProblem, Listing, Named, Revocations, SharedData};
pub use source::{Answer, Fetch, FetchProblem, Fetched, KeysChanged, SourceId};

use accelerate::Accelerator;
use bearer::Scheme;
use dpop::{Bound, Dpop};
use issuer::{Issuer, Stop};
use remember::{Remembered, Tokens};
use server_metadata::ServerMetadata;

/// The issuers a policy trusts, their keys, and the tokens already verified. One per VM.
pub struct Identity {
    issuers: Vec<Issuer>,
    remembered: Tokens,
    from: policy::TokenFrom,
    jwt_authn: policy::JwtAuthn,
    dpop: Dpop,
    accelerator: Accelerator,
    resource: Resource,
    scopes: Vec<String>,
    metadata: String,
    server_metadata: Option<ServerMetadata>,
}

/// What a request shows of its caller.
#[derive(Clone, Copy, Debug, Default)]
pub struct Presented<'a> {
    /// The values of the `Authorization` header as received: none, one, or several (several are refused).
    pub authorization: &'a [&'a [u8]],
    /// The values of the `DPoP` header.
    pub proofs: &'a [&'a [u8]],
    /// The request's HTTP method.
    pub method: &'a str,
    /// The request's path, without its query.
    pub path: &'a str,
    /// SHA-256 of the client's certificate on this connection, in hex.
    pub certificate: Option<&'a str>,
    /// Envoy's attribute `metadata`; only looked at where the policy says `from: envoy_jwt_authn`.
    pub metadata: Option<&'a [u8]>,
}

/// What a host is used for, once it was put to the test.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Equipment {
    /// Algorithms whose signatures the host verifies.
    pub algorithms: Vec<&'static str>,
    /// Proofs seen by one worker are known to all of the process.
    pub shares_proofs: bool,
}

/// One thing wrong with the identity section of a policy.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mistake {
    /// Where, within the section: `issuers[0].keys[1]`.
    pub path: String,
    pub message: String,
}

/// What [`Identity::check`] found.
#[derive(Clone, Debug)]
pub enum Outcome {
    Verified(Rc<Principal>),
    /// The key is not known yet, and a fetch of this source is under way or will be in the next answer of [`Identity::due`]:
    /// hold the request and check it again after [`Identity::answered`] for the same source.
    Wait(SourceId),
    Refused(TokenProblem),
}

impl Identity {
    /// Takes a policy's identity section; finds all its mistakes at once.
    ///
    /// `resource` is the audience of issuers that name none.
    pub fn compile(section: &policy::Identity, resource: &Resource) -> Result<Self, Vec<Mistake>> {
        let mut mistakes = Vec::new();
        let mut issuers: Vec<Issuer> = Vec::with_capacity(section.issuers.len());
        for (index, settings) in section.issuers.iter().enumerate() {
            let path = format!("issuers[{index}]");
            if section.issuers.iter().take(index).any(|earlier| earlier.issuer == settings.issuer) {
                let message = format!("the issuer `{}` is listed twice; give it one entry", settings.issuer);
                mistakes.push(Mistake { path: format!("{path}.issuer"), message });
            }
            match Issuer::compile(settings, resource, &path) {
                Ok(issuer) => issuers.push(issuer),
                Err(found) => mistakes.extend(found),
            }
        }
        if !mistakes.is_empty() {
            return Err(mistakes);
        }
        let server_metadata =
            section.issuers.iter().find_map(|issuer| Some(ServerMetadata::new(issuer.issuer.clone(), issuer.metadata.clone()?)));
        let mut identity = Self {
            issuers,
            remembered: Tokens::new(crate::limits::REMEMBERED_TOKENS),
            from: section.from,
            jwt_authn: section.jwt_authn.clone(),
            dpop: Dpop::new(&section.dpop, resource),
            accelerator: Accelerator::default(),
            resource: resource.clone(),
            scopes: Vec::new(),
            metadata: String::new(),
            server_metadata,
        };
        identity.write_metadata();
        Ok(identity)
    }

    /// Scopes that some rule asks for: the metadata names them.
    pub fn advertise(&mut self, scopes: Vec<String>) {
        self.scopes = scopes;
        self.write_metadata();
    }

    /// Principals keep the claims of their tokens from here on, for rules that read them.
    pub fn keep_claims(&mut self) {
        self.issuers.iter_mut().for_each(Issuer::keep_claims);
    }

    /// Uses the host for what it can do. Its `verify_signature` is put to the test first, one algorithm after the other.
    pub fn equip(&mut self, host: Rc<dyn Host>) -> Equipment {
        self.accelerator = Accelerator::new(Rc::clone(&host));
        self.dpop.replay = replay::Replay::new(host);
        Equipment {
            algorithms: self.accelerator.trusted().iter().map(|algorithm| jws::name(*algorithm)).collect(),
            shares_proofs: self.dpop.replay.is_shared(),
        }
    }

    /// Who calls, and whether they may use the token they show.
    pub fn check(&mut self, presented: &Presented<'_>, now: Time) -> Outcome {
        let found = match self.from {
            policy::TokenFrom::Bearer => self.token_holder(presented, now),
            policy::TokenFrom::EnvoyJwtAuthn => self.holder_by_envoy(presented, now),
        };
        match found {
            Ok(principal) => Outcome::Verified(principal),
            Err(Stop::Wait(source)) => Outcome::Wait(source),
            Err(Stop::Refuse(problem)) => Outcome::Refused(problem),
        }
    }

    /// `WWW-Authenticate` for a problem that is answered 401. `with_dpop`: the client used that scheme.
    pub fn challenge(&self, problem: &TokenProblem, with_dpop: bool) -> String {
        if with_dpop || self.dpop.required || problem.is_about_proof() {
            challenge::unauthorized_dpop(&self.resource, problem, &self.dpop.algorithms())
        } else {
            challenge::unauthorized(&self.resource, problem, &[])
        }
    }

    /// The key fetches to make now; each is then under way until [`answered`](Self::answered). Call it when the filter starts, on every
    /// tick, and after a [`Outcome::Wait`].
    ///
    /// A fetch that cannot even be sent is answered with [`Answer::Failed`].
    pub fn due(&mut self, now: Time) -> Vec<Fetch> {
        let sources = self.issuers.iter_mut().enumerate();
        let keys = sources.filter_map(|(index, issuer)| issuer.source_mut()?.fetch(SourceId(index), now));
        keys.chain(self.server_metadata.as_mut().and_then(|metadata| metadata.fetch(now))).collect()
    }

    /// Takes the answer to a [`Fetch`]. Says whether requests that wait for this source are to be checked again, which they are after a
    /// failure too, so that they get their refusal.
    pub fn answered(&mut self, source: SourceId, answer: Answer<'_>, now: Time) -> KeysChanged {
        if source == SourceId::METADATA {
            let fetched = match self.server_metadata.as_mut().map(|metadata| metadata.answered(answer, now)) {
                Some(Ok(())) => Fetched::Metadata,
                Some(Err(problem)) => Fetched::NoMetadata(problem),
                None => Fetched::Unasked,
            };
            return KeysChanged { recheck: false, fetched };
        }
        match self.issuers.get_mut(source.0).and_then(Issuer::source_mut) {
            Some(source) => source.answered(answer, now),
            None => KeysChanged { recheck: false, fetched: Fetched::Unasked },
        }
    }

    /// Whether a principal verified earlier is beyond its time now, the tolerated difference of the clocks included.
    pub fn expired(&self, principal: &Principal, now: Time) -> bool {
        let issuer = self.issuers.iter().find(|issuer| issuer.name() == principal.issuer);
        issuer.is_none_or(|issuer| issuer.still_valid(principal, now) == Err(TokenProblem::Expired))
    }

    /// The protected resource metadata (RFC 9728) to serve for [`Document::Resource`]. JSON.
    pub fn metadata(&self) -> &str {
        &self.metadata
    }

    /// What to serve for [`Document::AuthorizationServer`]. JSON.
    pub fn server_metadata(&self, now: Time) -> Result<&[u8], MetadataProblem> {
        self.server_metadata.as_ref().ok_or(MetadataProblem::NotServed)?.document(now).ok_or(MetadataProblem::Unavailable)
    }

    fn write_metadata(&mut self) {
        let issuers: Vec<&str> = self.issuers.iter().map(Issuer::name).collect();
        let scopes: Vec<&str> = self.scopes.iter().map(String::as_str).collect();
        let proofs = metadata::Proofs { algorithms: &self.dpop.algorithms(), required: self.dpop.required };
        self.metadata = metadata::document(&self.resource, &issuers, &scopes, None, Some(proofs));
    }

    fn token_holder(&mut self, presented: &Presented<'_>, now: Time) -> Result<Rc<Principal>, Stop> {
        let (scheme, token) = bearer::token(presented.authorization)?;
        if scheme == Scheme::Bearer && self.dpop.required {
            return Err(TokenProblem::NotBoundToKey.into());
        }
        let hash = TokenHash::of(token);
        let principal = match self.recall(&hash, now) {
            Some(known) => known?,
            None => self.verify(token, &hash, now)?,
        };
        self.check_binding(&principal, Some((scheme, token)), presented, now)?;
        Ok(principal)
    }

    /// Envoy's `jwt_authn` comes first in the chain and has refused or verified the token; without its word nobody is let in.
    fn holder_by_envoy(&mut self, presented: &Presented<'_>, now: Time) -> Result<Rc<Principal>, Stop> {
        let claims = match presented.metadata.map(|metadata| jwt_authn::read(metadata, &self.jwt_authn)) {
            Some(jwt_authn::Found::Claims(claims)) => claims,
            // The numbers are those of `jwt_verify_lib::Status`.
            Some(jwt_authn::Found::Nothing { status: Some(1) }) => return Err(TokenProblem::Missing.into()),
            Some(jwt_authn::Found::Nothing { status: Some(2) }) => return Err(TokenProblem::NotYetValid.into()),
            Some(jwt_authn::Found::Nothing { status: Some(3) }) => return Err(TokenProblem::Expired.into()),
            _ if presented.authorization.is_empty() => return Err(TokenProblem::Missing.into()),
            _ => return Err(TokenProblem::NotVerifiedByEnvoy.into()),
        };
        // It may have taken the header away (`forward: false`); a token that is bound to a key cannot be used then.
        let token = match bearer::token(presented.authorization) {
            Ok(token) => Some(token),
            Err(TokenProblem::Missing) => None,
            Err(problem) => return Err(problem.into()),
        };
        let hash = match token {
            Some((_, token)) => TokenHash::of(token),
            None => TokenHash::of(serde_json::Value::Object(claims.clone()).to_string()),
        };
        let claims = claims::Claims::of(claims)?;
        let name = claims.issuer()?;
        let issuer = self.issuers.iter().find(|issuer| issuer.name() == name).ok_or(TokenProblem::UnknownIssuer)?;
        let principal = Rc::new(issuer.trust(&claims, &hash, now)?);
        self.check_binding(&principal, token, presented, now)?;
        Ok(principal)
    }

    /// RFC 9449, 7 and RFC 8705, 3: a token that is bound is of use to its holder only. Looked at with every request, remembered token or not.
    fn check_binding(
        &mut self,
        principal: &Principal,
        token: Option<(Scheme, &str)>,
        presented: &Presented<'_>,
        now: Time,
    ) -> Result<(), TokenProblem> {
        principal.confirmation.check_certificate(presented.certificate)?;
        let (thumbprint, token) = match (&principal.confirmation.key, token) {
            (Some(thumbprint), Some((Scheme::Dpop, token))) => (thumbprint, token),
            // What is bound to a key cannot be used without it, by whatever scheme (RFC 9449, 7.2).
            (Some(_), Some((Scheme::Bearer, _)) | None) => return Err(TokenProblem::BoundToKey),
            (None, Some((Scheme::Dpop, _))) => return Err(TokenProblem::NotBoundToKey),
            (None, _) if self.dpop.required => return Err(TokenProblem::NotBoundToKey),
            (None, _) => return Ok(()),
        };
        let Presented { proofs, method, path, .. } = *presented;
        self.dpop.check(&Bound { proofs, token, thumbprint, method, path }, &self.accelerator, now)
    }

    /// What is known of a token verified before, as long as its key still counts; `None` is for the whole way.
    fn recall(&mut self, hash: &TokenHash, now: Time) -> Option<Result<Rc<Principal>, TokenProblem>> {
        let known = self.remembered.find(hash)?;
        let issuer = self.issuers.get(known.issuer)?;
        let keys = issuer.keys(now)?;
        if known.generation != keys.generation() {
            if !known.principal.key.as_ref().is_some_and(|key| keys.holds(key)) {
                return None;
            }
            known.generation = keys.generation();
        }
        // Here the clock alone decides: a token that has expired stays so, and costs no signature to say it again.
        Some(issuer.still_valid(&known.principal, now).map(|()| Rc::clone(&known.principal)))
    }

    fn verify(&mut self, token: &str, hash: &TokenHash, now: Time) -> Result<Rc<Principal>, Stop> {
        let jws = jws::Jws::parse(token, jws::Purpose::AccessToken)?;
        let claims = claims::Claims::parse(&jws.payload)?;
        let name = claims.issuer()?;
        let found = self.issuers.iter_mut().enumerate().find(|(_, issuer)| issuer.name() == name);
        let (index, issuer) = found.ok_or(TokenProblem::UnknownIssuer)?;
        let principal = Rc::new(issuer.verify(SourceId(index), &jws, &claims, hash, &self.accelerator, now)?);
        let generation = issuer.keys(now).map_or(0, keys::KeySet::generation);
        self.remembered.insert(hash.clone(), Remembered { principal: Rc::clone(&principal), issuer: index, generation });
        Ok(principal)
    }
}
