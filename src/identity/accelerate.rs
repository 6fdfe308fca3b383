//! Who verifies a signature: the host, for algorithms it has proven to verify rightly, else this module.
//!
//! Envoy's BoringSSL takes a tenth of the time that pure Rust takes in Wasm. But a foreign function may be absent, may know fewer algorithms,
//! and in another host may be anything: so each algorithm is handed over only after a good and several bad signatures were told apart.

use std::rc::Rc;

use super::outside::{Host, SignatureCheck};
use super::selftest;
use super::verifier::Verifier;
use crate::policy::Algorithm;

/// Those a host may be asked for. PS* and EdDSA are not: the function has no word for their padding and their missing hash.
pub(super) const CANDIDATES: [Algorithm; 5] = [Algorithm::Es256, Algorithm::Es384, Algorithm::Rs256, Algorithm::Rs384, Algorithm::Rs512];

#[derive(Default)]
pub(super) struct Accelerator {
    host: Option<Rc<dyn Host>>,
    trusted: Vec<Algorithm>,
}

impl Accelerator {
    /// Puts the host to the test, one algorithm after the other.
    pub(super) fn new(host: Rc<dyn Host>) -> Self {
        let trusted = CANDIDATES.into_iter().filter(|algorithm| selftest::passes(&*host, *algorithm)).collect();
        Self { host: Some(host), trusted }
    }

    /// Algorithms that the host verifies.
    pub(super) fn trusted(&self) -> &[Algorithm] {
        &self.trusted
    }

    /// Whether `signature`, in the form of JWS, is good over `text`. What the host cannot say, this module does.
    pub(super) fn verifies(&self, verifier: &Verifier, text: &[u8], signature: &[u8]) -> bool {
        let algorithm = verifier.algorithm();
        let by_host = match &self.host {
            Some(host) if self.trusted.contains(&algorithm) => ask(&**host, algorithm, verifier.der(), text, signature),
            _ => None,
        };
        by_host.unwrap_or_else(|| verifier.verifies(text, signature))
    }
}

/// The host's word on a signature in the form of JWS; `None` when it has none.
pub(super) fn ask(host: &dyn Host, algorithm: Algorithm, public_key: &[u8], text: &[u8], signature: &[u8]) -> Option<bool> {
    let hash = match algorithm {
        Algorithm::Es256 | Algorithm::Rs256 => "sha256",
        Algorithm::Es384 | Algorithm::Rs384 => "sha384",
        Algorithm::Rs512 => "sha512",
        Algorithm::Ps256 | Algorithm::Ps384 | Algorithm::Ps512 | Algorithm::EdDsa => return None,
    };
    let length = match algorithm {
        Algorithm::Es256 => Some(64),
        Algorithm::Es384 => Some(96),
        _ => None,
    };
    let Some(length) = length else { return host.verify_signature(&SignatureCheck { hash, public_key, signature, text }) };
    // Not this algorithm's form: no host is asked what it would make of it.
    if signature.len() != length {
        return Some(false);
    }
    let Some(der) = ecdsa_der(signature) else { return Some(false) };
    host.verify_signature(&SignatureCheck { hash, public_key, signature: &der, text })
}

/// `ECDSA-Sig-Value` (RFC 3279, 2.2.3) of two numbers of the same length; `None` if one of them is zero, which is no signature.
pub(super) fn ecdsa_der(signature: &[u8]) -> Option<Vec<u8>> {
    const SEQUENCE: u8 = 0x30;
    const INTEGER: u8 = 0x02;
    let (r, s) = signature.split_at_checked(signature.len() / 2)?;
    let mut numbers = Vec::with_capacity(signature.len().saturating_add(8));
    for number in [r, s] {
        let digits: Vec<u8> = number.iter().copied().skip_while(|byte| *byte == 0).collect();
        // A first bit that is set would make it negative.
        let pad = *digits.first()? >= 0x80;
        let length = digits.len().saturating_add(usize::from(pad));
        // Two numbers of 48 bytes stay below 128, so every length is one byte.
        numbers.extend([INTEGER, u8::try_from(length).ok().filter(|length| *length < 0x80)?]);
        numbers.extend(pad.then_some(0));
        numbers.extend(digits);
    }
    let length = u8::try_from(numbers.len()).ok().filter(|length| *length < 0x80)?;
    Some([&[SEQUENCE, length][..], &numbers].concat())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_become_der() {
        let of = |r: &[u8], s: &[u8]| ecdsa_der(&[r, s].concat());
        assert_eq!(of(&[0, 1], &[0, 2]).unwrap(), [0x30, 6, 2, 1, 1, 2, 1, 2]);
        assert_eq!(of(&[0x80, 0], &[0x7f, 0xff]).unwrap(), [0x30, 9, 2, 3, 0, 0x80, 0, 2, 2, 0x7f, 0xff]);
        assert_eq!(of(&[0, 0], &[0, 1]), None);
        assert_eq!(of(&[0, 1], &[0, 0]), None);
        assert_eq!(of(&[], &[]), None);
        assert_eq!(of(&[0xff; 48], &[0xff; 48]).unwrap().len(), 104);
    }
}
