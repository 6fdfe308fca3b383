//! One public key from a JWK (RFC 7517, RFC 7518 section 6, RFC 8037), and what it may verify.
//!
//! The key decides: its type and curve say which algorithms it can serve, its own `alg`, `use` and `key_ops` and the issuer's list narrow
//! them down, and a verifier exists for those only. So no header of a token can make a key do what it was not made for (RFC 8725, 3.1).

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jwt_simple::prelude::{ES256PublicKey, ES384PublicKey, Ed25519PublicKey, RS256PublicKey};
use serde_json::{Map, Value};
use sha2::{Digest, Sha256};

use super::accelerate::Accelerator;
use super::jws::{self, Jws};
use super::verifier::Verifier;
use crate::policy::Algorithm;

/// A public key with the algorithms it may verify; never empty.
pub(super) struct Key {
    pub id: Option<String>,
    pub fingerprint: Fingerprint,
    /// RFC 7638, base64url: what `cnf.jkt` says of a DPoP key.
    pub thumbprint: String,
    verifiers: Vec<Verifier>,
}

/// SHA-256 over a key's name, type and material: the same key in two fetches has the same.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Fingerprint([u8; 32]);

#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum KeyProblem {
    #[error("a key must be a JSON object")]
    NotAnObject,
    #[error("the key is a shared secret; only public keys belong here")]
    Symmetric,
    #[error("the key is private (it has `{0}`); put its public half here, and replace it if this file was shared")]
    Private(&'static str),
    #[error("`{0}` is missing")]
    Missing(&'static str),
    #[error("`{0}` must be text")]
    NotText(&'static str),
    #[error("`{0}` is not base64url without padding")]
    NotBase64(&'static str),
    #[error("keys of type `{0}` are not supported; use `EC`, `RSA` or `OKP`")]
    Type(String),
    #[error("the curve `{0}` is not supported; use `P-256`, `P-384` or `Ed25519`")]
    Curve(String),
    #[error("the key is not for signatures: `use` must be `sig`, and `key_ops` must hold `verify`")]
    NotForSignatures,
    #[error("`alg` is `{0}`, which this key cannot serve or which is not supported")]
    Algorithm(String),
    #[error("the key serves none of the issuer's `algorithms`")]
    NotListed,
    #[error("the RSA key has {0} bits; at least 2048 are needed")]
    RsaWeak(usize),
    #[error("the RSA key has {0} bits; more than 4096 are not supported")]
    RsaHuge(usize),
    #[error("the key is not valid on its curve, or not a valid RSA key with exponent 65537")]
    Invalid,
}

impl Key {
    /// The key of a JWK for an issuer that signs with `listed`.
    pub(super) fn parse(jwk: &Value, listed: &[Algorithm]) -> Result<Self, KeyProblem> {
        let jwk = Members(jwk.as_object().ok_or(KeyProblem::NotAnObject)?);
        let kind = jwk.text("kty")?.ok_or(KeyProblem::Missing("kty"))?;
        if kind == "oct" || jwk.has("k") {
            return Err(KeyProblem::Symmetric);
        }
        if let Some(name) = ["d", "p", "q", "dp", "dq", "qi", "oth", "priv"].into_iter().find(|name| jwk.has(name)) {
            return Err(KeyProblem::Private(name));
        }
        let id = jwk.text("kid")?.map(str::to_owned);
        if !jwk.is_for_signatures()? {
            return Err(KeyProblem::NotForSignatures);
        }
        let material = Material::parse(kind, &jwk)?;
        let mut algorithms = material.algorithms().to_vec();
        if let Some(name) = jwk.text("alg")? {
            let only = jws::algorithm(name).filter(|only| algorithms.contains(only));
            algorithms = vec![only.ok_or_else(|| KeyProblem::Algorithm(name.to_owned()))?];
        }
        // All of them are tried, so that a bad key is told from one that merely is not listed.
        let verifiers: Vec<Verifier> =
            algorithms.iter().map(|algorithm| material.verifier(*algorithm)).collect::<Option<_>>().ok_or(KeyProblem::Invalid)?;
        let verifiers: Vec<Verifier> = verifiers.into_iter().filter(|verifier| listed.contains(&verifier.algorithm())).collect();
        if verifiers.is_empty() {
            return Err(KeyProblem::NotListed);
        }
        let fingerprint = Fingerprint::of(id.as_deref(), kind, &material, &algorithms);
        Ok(Self { id, fingerprint, thumbprint: material.thumbprint(), verifiers })
    }

    pub(super) fn serves(&self, algorithm: Algorithm) -> bool {
        self.verifiers.iter().any(|verifier| verifier.algorithm() == algorithm)
    }

    /// Whether this key signed the token, with the algorithm its header names.
    pub(super) fn verifies(&self, jws: &Jws<'_>, accelerator: &Accelerator) -> bool {
        let verifier = self.verifiers.iter().find(|verifier| verifier.algorithm() == jws.algorithm);
        verifier.is_some_and(|verifier| accelerator.verifies(verifier, jws.signed, &jws.signature))
    }
}

impl Fingerprint {
    fn of(id: Option<&str>, kind: &str, material: &Material, algorithms: &[Algorithm]) -> Self {
        let (first, second) = material.parts();
        let mut hash = Sha256::new();
        // Each part with its length before it, so that no two keys write the same bytes.
        for part in [id.map_or(&[][..], str::as_bytes), kind.as_bytes(), first, second] {
            hash.update(part.len().to_be_bytes());
            hash.update(part);
        }
        hash.update([u8::from(id.is_some())]);
        hash.update(format!("{algorithms:?}"));
        Self(hash.finalize().into())
    }
}

struct Members<'a>(&'a Map<String, Value>);

impl<'a> Members<'a> {
    fn has(&self, name: &str) -> bool {
        self.0.contains_key(name)
    }

    fn text(&self, name: &'static str) -> Result<Option<&'a str>, KeyProblem> {
        match self.0.get(name) {
            None => Ok(None),
            Some(value) => value.as_str().map(Some).ok_or(KeyProblem::NotText(name)),
        }
    }

    fn bytes(&self, name: &'static str) -> Result<Vec<u8>, KeyProblem> {
        let text = self.text(name)?.ok_or(KeyProblem::Missing(name))?;
        URL_SAFE_NO_PAD.decode(text).map_err(|_| KeyProblem::NotBase64(name))
    }

    /// RFC 7517, 4.2 and 4.3: both members are optional, and binding when they are there.
    fn is_for_signatures(&self) -> Result<bool, KeyProblem> {
        let operations = match self.0.get("key_ops") {
            None => true,
            Some(Value::Array(operations)) => operations.iter().any(|operation| operation == "verify"),
            Some(_) => false,
        };
        Ok(operations && self.text("use")?.is_none_or(|purpose| purpose == "sig"))
    }
}

/// The numbers a key is made of.
enum Material {
    P256 { x: Vec<u8>, y: Vec<u8> },
    P384 { x: Vec<u8>, y: Vec<u8> },
    Ed25519 { x: Vec<u8> },
    Rsa { n: Vec<u8>, e: Vec<u8> },
}

impl Material {
    fn parse(kind: &str, jwk: &Members<'_>) -> Result<Self, KeyProblem> {
        match kind {
            "EC" | "OKP" => match (kind, jwk.text("crv")?.ok_or(KeyProblem::Missing("crv"))?) {
                ("EC", "P-256") => Ok(Self::P256 { x: jwk.bytes("x")?, y: jwk.bytes("y")? }),
                ("EC", "P-384") => Ok(Self::P384 { x: jwk.bytes("x")?, y: jwk.bytes("y")? }),
                ("OKP", "Ed25519") => Ok(Self::Ed25519 { x: jwk.bytes("x")? }),
                (_, curve) => Err(KeyProblem::Curve(curve.to_owned())),
            },
            "RSA" => {
                let (n, e) = (jwk.bytes("n")?, jwk.bytes("e")?);
                match bits(&n) {
                    weak @ ..2048 => Err(KeyProblem::RsaWeak(weak)),
                    2048..=4096 => Ok(Self::Rsa { n, e }),
                    // Beyond that the signature library does not go; it costs a caller who forges more than it protects.
                    huge => Err(KeyProblem::RsaHuge(huge)),
                }
            }
            other => Err(KeyProblem::Type(other.to_owned())),
        }
    }

    fn algorithms(&self) -> &'static [Algorithm] {
        match self {
            Self::P256 { .. } => &[Algorithm::Es256],
            Self::P384 { .. } => &[Algorithm::Es384],
            Self::Ed25519 { .. } => &[Algorithm::EdDsa],
            Self::Rsa { .. } => {
                &[Algorithm::Rs256, Algorithm::Rs384, Algorithm::Rs512, Algorithm::Ps256, Algorithm::Ps384, Algorithm::Ps512]
            }
        }
    }

    fn parts(&self) -> (&[u8], &[u8]) {
        match self {
            Self::P256 { x, y } | Self::P384 { x, y } => (x, y),
            Self::Ed25519 { x } => (x, &[]),
            Self::Rsa { n, e } => (n, e),
        }
    }

    /// RFC 7638, 3.2 and RFC 8037, 2: SHA-256 over the members a key of this type must have, in the order of their names. The numbers are
    /// written anew, so that every spelling of one key has one name.
    fn thumbprint(&self) -> String {
        let text = |bytes: &[u8]| URL_SAFE_NO_PAD.encode(bytes);
        let number = |bytes: &[u8]| text(&bytes.iter().copied().skip_while(|byte| *byte == 0).collect::<Vec<u8>>());
        let members = match self {
            Self::P256 { x, y } => format!(r#"{{"crv":"P-256","kty":"EC","x":"{}","y":"{}"}}"#, text(x), text(y)),
            Self::P384 { x, y } => format!(r#"{{"crv":"P-384","kty":"EC","x":"{}","y":"{}"}}"#, text(x), text(y)),
            Self::Ed25519 { x } => format!(r#"{{"crv":"Ed25519","kty":"OKP","x":"{}"}}"#, text(x)),
            Self::Rsa { n, e } => format!(r#"{{"e":"{}","kty":"RSA","n":"{}"}}"#, number(e), number(n)),
        };
        text(&Sha256::digest(members))
    }

    /// The library checks that points lie on their curve, that Ed25519 keys are not of small order, and that RSA exponents are 65537.
    fn verifier(&self, algorithm: Algorithm) -> Option<Verifier> {
        match self {
            Self::P256 { x, y } => Verifier::es256(&ES256PublicKey::from_bytes(&point::<32>(x, y)?).ok()?),
            Self::P384 { x, y } => Verifier::es384(&ES384PublicKey::from_bytes(&point::<48>(x, y)?).ok()?),
            Self::Ed25519 { x } => Some(Verifier::ed25519(&Ed25519PublicKey::from_bytes(x).ok()?)),
            // The padding is the algorithm's; the key is the same for all of them.
            Self::Rsa { n, e } => RS256PublicKey::from_components(n, e).ok().and_then(|key| Verifier::rsa(algorithm, &key)),
        }
    }
}

/// An uncompressed point (SEC 1, 2.3.3). Coordinates have their full length (RFC 7518, 6.2.1.2).
fn point<const LEN: usize>(x: &[u8], y: &[u8]) -> Option<Vec<u8>> {
    (x.len() == LEN && y.len() == LEN).then(|| [&[4], x, y].concat())
}

fn bits(number: &[u8]) -> usize {
    let mut digits = number.iter().skip_while(|byte| **byte == 0);
    let Some(first) = digits.next() else { return 0 };
    digits.count().saturating_mul(8).saturating_add(8_usize.saturating_sub(first.leading_zeros() as usize))
}
