//! Who is calling: a bearer token in, a [`Principal`] out.
//!
//! Sans-IO. Time is an argument, and the key sets of issuers are fetched by the caller: [`Identity::due`] says what to fetch,
//! [`Identity::answered`] takes what came back, and a token whose key is not known yet is [`Outcome::Wait`].
//!
//! The order of the checks is the order of their cost. What can be read off the token (length, shape, algorithm, issuer, audience, times,
//! claims) comes before the signature, which costs about two milliseconds in Wasm; and a verified token is remembered by its SHA-256, so
//! that the second request with it costs one hash. Nothing is remembered of a token that failed.
//!
//! Rules taken from RFC 7515 (JWS), RFC 7517 (JWK), RFC 7519 (JWT), RFC 8725 (JWT best practice), RFC 9068 (access tokens as JWT) and
//! RFC 6750 (bearer tokens).

mod bearer;
pub mod challenge;
mod claims;
mod documents;
mod issuer;
mod json;
mod jwk;
mod jws;
mod keys;
pub mod metadata;
mod principal;
mod problem;
mod remember;
mod revocation;
mod server_metadata;
mod source;
#[cfg(test)]
mod tests;

use std::rc::Rc;

use crate::policy;
use crate::policy::value::Resource;
use crate::time::Time;

pub use documents::{Document, MetadataProblem};
pub use principal::{Principal, TokenHash};
pub use problem::TokenProblem;
pub use revocation::{Freshness, ListFetch, ListProblem, Listing, Revocations, SharedData};
pub use source::{Answer, Fetch, FetchProblem, Fetched, KeysChanged, SourceId};

use issuer::{Issuer, Stop};
use remember::{Remembered, Tokens};
use server_metadata::ServerMetadata;

/// The issuers a policy trusts, their keys, and the tokens already verified. One per VM.
pub struct Identity {
    issuers: Vec<Issuer>,
    remembered: Tokens,
    metadata: String,
    server_metadata: Option<ServerMetadata>,
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
        let names: Vec<&str> = issuers.iter().map(Issuer::name).collect();
        let metadata = metadata::document(resource, &names, &[], None);
        let server_metadata =
            section.issuers.iter().find_map(|issuer| Some(ServerMetadata::new(issuer.issuer.clone(), issuer.metadata.clone()?)));
        Ok(Self { issuers, remembered: Tokens::new(crate::limits::REMEMBERED_TOKENS), metadata, server_metadata })
    }

    /// Checks the values of the authorization header as received: none, one, or several (several are refused).
    pub fn check(&mut self, authorization: &[&[u8]], now: Time) -> Outcome {
        let token = match bearer::token(authorization) {
            Ok(token) => token,
            Err(problem) => return Outcome::Refused(problem),
        };
        let hash = TokenHash::of(token);
        if let Some(outcome) = self.recall(&hash, now) {
            return outcome;
        }
        match self.verify(token, &hash, now) {
            Ok(principal) => Outcome::Verified(principal),
            Err(Stop::Wait(source)) => Outcome::Wait(source),
            Err(Stop::Refuse(problem)) => Outcome::Refused(problem),
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

    /// The outcome for a token verified before, as long as its key still counts; `None` is for the whole way.
    fn recall(&mut self, hash: &TokenHash, now: Time) -> Option<Outcome> {
        let known = self.remembered.find(hash)?;
        let issuer = self.issuers.get(known.issuer)?;
        let keys = issuer.keys(now)?;
        if known.generation != keys.generation() {
            if !keys.holds(&known.principal.key) {
                return None;
            }
            known.generation = keys.generation();
        }
        // Here the clock alone decides: a token that has expired stays so, and costs no signature to say it again.
        match issuer.still_valid(&known.principal, now) {
            Ok(()) => Some(Outcome::Verified(Rc::clone(&known.principal))),
            Err(problem) => Some(Outcome::Refused(problem)),
        }
    }

    fn verify(&mut self, token: &str, hash: &TokenHash, now: Time) -> Result<Rc<Principal>, Stop> {
        let jws = jws::Jws::parse(token)?;
        let claims = claims::Claims::parse(&jws.payload)?;
        let name = claims.issuer()?;
        let found = self.issuers.iter_mut().enumerate().find(|(_, issuer)| issuer.name() == name);
        let (index, issuer) = found.ok_or(TokenProblem::UnknownIssuer)?;
        let principal = Rc::new(issuer.verify(SourceId(index), &jws, &claims, hash, now)?);
        let generation = issuer.keys(now).map_or(0, keys::KeySet::generation);
        self.remembered.insert(hash.clone(), Remembered { principal: Rc::clone(&principal), issuer: index, generation });
        Ok(principal)
    }
}
