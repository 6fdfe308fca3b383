//! Signatures over bytes, in pure Rust: one key with one algorithm.
//!
//! What of JWS (RFC 7518, 3.3 to 3.5; RFC 8037) the libraries leave open is closed here: a signature has exactly its algorithm's form and
//! length, and RSA-PSS has a salt as long as its hash.

use jwt_simple::prelude::{
    ECDSAP256PublicKeyLike, ECDSAP384PublicKeyLike, ES256PublicKey, ES384PublicKey, Ed25519PublicKey, EdDSAPublicKeyLike, RS256PublicKey,
    RSAPublicKeyLike,
};
use p256::ecdsa::signature::Verifier as _;
use superboring::hash::MessageDigest;
use superboring::pkey::{PKey, Public};
use superboring::rsa::Padding;
use superboring::sign;

use crate::policy::Algorithm;

pub(super) struct Verifier {
    algorithm: Algorithm,
    key: Key,
    /// SubjectPublicKeyInfo (RFC 5280, 4.1.2.7), for a host that verifies.
    der: Vec<u8>,
}

enum Key {
    P256(p256::ecdsa::VerifyingKey),
    P384(p384::ecdsa::VerifyingKey),
    Ed25519(ed25519_compact::PublicKey),
    Rsa { key: Box<PKey<Public>>, bytes: usize, digest: MessageDigest, padding: Padding },
}

impl Verifier {
    pub(super) fn es256(key: &ES256PublicKey) -> Option<Self> {
        let der = key.to_der().ok()?;
        Some(Self { algorithm: Algorithm::Es256, key: Key::P256(*key.public_key().as_ref()), der })
    }

    pub(super) fn es384(key: &ES384PublicKey) -> Option<Self> {
        let der = key.to_der().ok()?;
        Some(Self { algorithm: Algorithm::Es384, key: Key::P384(*key.public_key().as_ref()), der })
    }

    pub(super) fn ed25519(key: &Ed25519PublicKey) -> Self {
        let der = key.to_der();
        Self { algorithm: Algorithm::EdDsa, key: Key::Ed25519(*key.public_key().as_ref()), der }
    }

    /// `None` for an algorithm that is not of RSA.
    pub(super) fn rsa(algorithm: Algorithm, key: &RS256PublicKey) -> Option<Self> {
        let (digest, padding) = match algorithm {
            Algorithm::Rs256 => (MessageDigest::sha256(), Padding::PKCS1),
            Algorithm::Rs384 => (MessageDigest::sha384(), Padding::PKCS1),
            Algorithm::Rs512 => (MessageDigest::sha512(), Padding::PKCS1),
            Algorithm::Ps256 => (MessageDigest::sha256(), Padding::PKCS1_PSS),
            Algorithm::Ps384 => (MessageDigest::sha384(), Padding::PKCS1_PSS),
            Algorithm::Ps512 => (MessageDigest::sha512(), Padding::PKCS1_PSS),
            Algorithm::Es256 | Algorithm::Es384 | Algorithm::EdDsa => return None,
        };
        let der = key.to_der().ok()?;
        let key = key.public_key().as_ref().clone();
        let bytes = usize::try_from(key.size()).ok()?;
        Some(Self { algorithm, key: Key::Rsa { key: Box::new(PKey::from_rsa(key).ok()?), bytes, digest, padding }, der })
    }

    pub(super) fn algorithm(&self) -> Algorithm {
        self.algorithm
    }

    pub(super) fn der(&self) -> &[u8] {
        &self.der
    }

    /// Whether `signature`, as JWS has it (ECDSA: both numbers at their full length), is this key's over `text`.
    pub(super) fn verifies(&self, text: &[u8], signature: &[u8]) -> bool {
        match &self.key {
            // Zero, and numbers not below the order of the curve, make no signature.
            Key::P256(key) => p256::ecdsa::Signature::from_slice(signature).is_ok_and(|signature| key.verify(text, &signature).is_ok()),
            Key::P384(key) => p384::ecdsa::Signature::from_slice(signature).is_ok_and(|signature| key.verify(text, &signature).is_ok()),
            Key::Ed25519(key) => {
                ed25519_compact::Signature::from_slice(signature).is_ok_and(|signature| key.verify(text, &signature).is_ok())
            }
            // As long as the modulus, never shorter (RFC 8017, 8.1.2 and 8.2.2).
            Key::Rsa { key, bytes, digest, padding } => {
                signature.len() == *bytes && rsa(key, digest.clone(), *padding, text, signature).unwrap_or(false)
            }
        }
    }
}

fn rsa(key: &PKey<Public>, digest: MessageDigest, padding: Padding, text: &[u8], signature: &[u8]) -> Option<bool> {
    let mut verifier = sign::Verifier::new(digest, key).ok()?;
    verifier.set_rsa_padding(padding).ok()?;
    verifier.update(text).ok()?;
    verifier.verify(signature).ok()
}
