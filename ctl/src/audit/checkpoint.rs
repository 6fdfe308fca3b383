//! Checkpoints: the head of a chain, signed by the filter (compact JWS, RFC 7515, with EdDSA of RFC 8037).

use std::path::Path;

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use ed25519_compact::{PublicKey, Signature};
use serde::Deserialize;
use sha2::{Digest, Sha256};

use super::verify::record::Fingerprint;
use crate::exit::Failure;

/// What a notary is sent: more is no checkpoint.
pub(crate) const LONGEST: usize = 4096;
const TYPE: &str = "portcullis-checkpoint+jwt";

/// One head of one chain.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Checkpoint {
    pub(crate) chain: String,
    pub(crate) node: String,
    /// From 1; which of the chain's checkpoints.
    pub(crate) number: u64,
    /// The last record it vouches for; 0 before the first.
    pub(crate) sequence: u64,
    /// Of that record; none before the first.
    pub(crate) head: Option<Fingerprint>,
    /// When it was signed, ms since 1970.
    pub(crate) time: u64,
    /// The writer's last word: nothing follows.
    pub(crate) end: bool,
}

/// How much a checkpoint is to be believed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Signed {
    Good,
    /// No key was given to check it with.
    Unchecked,
}

#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Bad {
    #[error("it is not a checkpoint: {0}")]
    Form(String),
    #[error("it is signed by another key, `{0}`")]
    OtherKey(String),
    #[error("its signature does not fit its text")]
    Signature,
}

/// Public keys that checkpoints are believed of.
#[derive(Clone, Default)]
pub(crate) struct PublicKeys(Vec<(String, PublicKey)>);

impl PublicKeys {
    pub(crate) fn open(files: &[impl AsRef<Path>]) -> Result<Self, Failure> {
        let one = |path: &Path| {
            let text =
                std::fs::read_to_string(path).map_err(|err| Failure::environment(format!("cannot read `{}`: {err}", path.display())))?;
            let key = PublicKey::from_pem(text.trim()).map_err(|_| {
                Failure::usage(format!("`{}` is not an Ed25519 public key in PEM, as `portcullisctl audit keys` writes it", path.display()))
            })?;
            Ok((key_id(&key), key))
        };
        files.iter().map(|path| one(path.as_ref())).collect::<Result<_, _>>().map(Self)
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Reads a checkpoint and, where there are keys, its signature.
    pub(crate) fn read(&self, jws: &str) -> Result<(Checkpoint, Signed), Bad> {
        let form = |what: &str| Bad::Form(what.to_owned());
        if jws.len() > LONGEST {
            return Err(form("it is too long"));
        }
        let (signed, signature) = jws.rsplit_once('.').ok_or_else(|| form("it has no three parts"))?;
        let (header, payload) = signed.split_once('.').ok_or_else(|| form("it has no three parts"))?;
        let header: Header = part(header)?;
        if (header.alg.as_str(), header.typ.as_str()) != ("EdDSA", TYPE) {
            return Err(form("its header names another type or algorithm"));
        }
        let checkpoint = Checkpoint::try_from(part::<Payload>(payload)?)?;
        if self.is_empty() {
            return Ok((checkpoint, Signed::Unchecked));
        }
        let Some((_, key)) = self.0.iter().find(|(id, _)| *id == header.kid) else { return Err(Bad::OtherKey(header.kid)) };
        let signature =
            URL_SAFE_NO_PAD.decode(signature).ok().and_then(|bytes| Signature::from_slice(&bytes).ok()).ok_or(Bad::Signature)?;
        key.verify(signed, &signature).map_err(|_| Bad::Signature)?;
        Ok((checkpoint, Signed::Good))
    }
}

/// The first 16 hexadecimal digits of SHA-256 of the 32 bytes.
pub(crate) fn key_id(key: &PublicKey) -> String {
    Sha256::digest(**key).iter().take(8).map(|byte| format!("{byte:02x}")).collect()
}

fn part<T: for<'a> Deserialize<'a>>(text: &str) -> Result<T, Bad> {
    let bytes = URL_SAFE_NO_PAD.decode(text).map_err(|_| Bad::Form("a part of it is not base64url".to_owned()))?;
    serde_json::from_slice(&bytes).map_err(|err| Bad::Form(err.to_string()))
}

#[derive(Deserialize)]
struct Header {
    alg: String,
    kid: String,
    typ: String,
}

#[derive(Deserialize)]
struct Payload {
    chain: String,
    fp: String,
    iat: u64,
    #[serde(default)]
    node: String,
    seq: u64,
    n: u64,
    #[serde(default)]
    end: bool,
}

impl TryFrom<Payload> for Checkpoint {
    type Error = Bad;

    fn try_from(Payload { chain, fp, iat, node, seq, n, end }: Payload) -> Result<Self, Bad> {
        let head = Fingerprint::parse(&fp);
        if n == 0 {
            return Err(Bad::Form("its number is 0".to_owned()));
        }
        if seq > 0 && head.is_none() {
            return Err(Bad::Form("`fp` is not 64 lower-case hexadecimal digits".to_owned()));
        }
        Ok(Self { chain, node, number: n, sequence: seq, head: head.filter(|_| seq > 0), time: iat.saturating_mul(1000), end })
    }
}
