//! Proofs that whoever presents a token holds the key it is bound to (RFC 9449, 4.3).
//!
//! The cheap checks come first and the replay table last: a proof that fails anything leaves no trace.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Map, Value};
use sha2::{Digest, Sha256};

use super::accelerate::Accelerator;
use super::jwk::Key;
use super::jws::{Jws, Purpose};
use super::replay::{Name, Replay, Seen};
use super::{TokenProblem, json, target};
use crate::limits::PROOF_BYTES;
use crate::policy::value::Resource;
use crate::policy::{self, Algorithm};
use crate::time::Time;

/// Longest `jti` of a proof: an identifier, not a text.
const ID_BYTES: usize = 512;

pub(super) struct Dpop {
    pub(super) required: bool,
    algorithms: Vec<Algorithm>,
    window_ms: u64,
    resource: Resource,
    pub(super) replay: Replay,
}

/// What a proof must be about.
pub(super) struct Bound<'a> {
    /// The values of the `DPoP` header.
    pub proofs: &'a [&'a [u8]],
    pub token: &'a str,
    /// `cnf.jkt` of the token.
    pub thumbprint: &'a str,
    pub method: &'a str,
    /// Without its query.
    pub path: &'a str,
}

impl Dpop {
    pub(super) fn new(settings: &policy::Dpop, resource: &Resource) -> Self {
        let policy::Dpop { required, algorithms, window } = settings;
        Self {
            required: *required,
            algorithms: algorithms.clone(),
            window_ms: window.millis(),
            resource: resource.clone(),
            replay: Replay::default(),
        }
    }

    /// For challenges and metadata: `ES256`, ...
    pub(super) fn algorithms(&self) -> Vec<&'static str> {
        self.algorithms.iter().map(|algorithm| super::jws::name(*algorithm)).collect()
    }

    pub(super) fn check(&mut self, bound: &Bound<'_>, accelerator: &Accelerator, now: Time) -> Result<(), TokenProblem> {
        let proof = match bound.proofs {
            [] => return Err(TokenProblem::ProofMissing),
            [proof] if proof.len() <= PROOF_BYTES => *proof,
            [_] => return Err(TokenProblem::BadProof("it is too long")),
            _ => return Err(TokenProblem::BadProof("there is more than one")),
        };
        let proof = std::str::from_utf8(proof).map_err(|_| TokenProblem::BadProof("it is not text"))?;
        let jws = Jws::parse(proof, Purpose::Proof).map_err(|problem| match problem {
            TokenProblem::Malformed(what) => TokenProblem::BadProof(what),
            _ => TokenProblem::BadProof("its algorithm is not accepted here"),
        })?;
        if !self.algorithms.contains(&jws.algorithm) {
            return Err(TokenProblem::BadProof("its algorithm is not accepted here"));
        }
        let claims = json::object(&jws.payload).ok_or(TokenProblem::BadProof("its claims are not a plain JSON object"))?;
        let (id, issued) = self.check_claims(&claims, bound, now)?;
        let key = jws.own_key.as_ref().ok_or(TokenProblem::BadProof("it carries no key"))?;
        // The reader of keys refuses shared secrets and private members (RFC 9449, 4.3, 7), and what is weak or not on its curve.
        let key =
            Key::parse(key, &self.algorithms).map_err(|_| TokenProblem::BadProof("its key is not a public key that is accepted here"))?;
        if key.thumbprint != bound.thumbprint {
            return Err(TokenProblem::BadProof("its key is not the one the token is bound to"));
        }
        if !key.serves(jws.algorithm) || !key.verifies(&jws, accelerator) {
            return Err(TokenProblem::BadProof("its signature is wrong"));
        }
        match self.replay.note(&name(bound.thumbprint, id), issued.plus_millis(self.window_ms), now) {
            Seen::Never => Ok(()),
            Seen::Before => Err(TokenProblem::ProofReplayed),
            Seen::Unknown => Err(TokenProblem::TooManyProofs),
        }
    }

    /// RFC 9449, 4.3, 8 to 12: its id, and when it was made.
    fn check_claims<'c>(&self, claims: &'c Map<String, Value>, bound: &Bound<'_>, now: Time) -> Result<(&'c str, Time), TokenProblem> {
        let text = |name: &str| claims.get(name).and_then(Value::as_str);
        if text("htm") != Some(bound.method) {
            return Err(TokenProblem::BadProof("its `htm` is not this request's method"));
        }
        let expected = target::of_request(&self.resource, bound.path);
        if expected.is_none() || text("htu").and_then(target::normal) != expected {
            return Err(TokenProblem::BadProof("its `htu` is not this endpoint's URL"));
        }
        if text("ath") != Some(URL_SAFE_NO_PAD.encode(Sha256::digest(bound.token)).as_str()) {
            return Err(TokenProblem::BadProof("its `ath` is not the hash of the token"));
        }
        let issued = claims.get("iat").and_then(super::claims::time).ok_or(TokenProblem::BadProof("it has no `iat`"))?;
        if issued.since(now) > self.window_ms || now.since(issued) > self.window_ms {
            return Err(TokenProblem::BadProof("its `iat` is too far from now; compare the clocks"));
        }
        let id = text("jti").filter(|id| !id.is_empty() && id.len() <= ID_BYTES).ok_or(TokenProblem::BadProof("it has no `jti`"))?;
        Ok((id, issued))
    }
}

/// The id counts for its key only: nobody can use up another's.
fn name(thumbprint: &str, id: &str) -> Name {
    let hash: [u8; 32] = Sha256::new().chain_update(thumbprint).chain_update([0]).chain_update(id).finalize().into();
    hash.first_chunk().copied().unwrap_or_default()
}
