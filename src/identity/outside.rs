//! What the host may do for identity, if it can: verify signatures faster than this module, and share what one worker has seen with the others.

pub use crate::shared::{SharedValue, Written};
use prost::encoding::{DecodeContext, WireType, decode_key, decode_varint, encode_key, encode_varint, skip_field};

/// One signature to verify.
#[derive(Clone, Copy, Debug)]
pub struct SignatureCheck<'a> {
    /// `sha256`, `sha384` or `sha512`.
    pub hash: &'static str,
    /// SubjectPublicKeyInfo in DER (RFC 5280).
    pub public_key: &'a [u8],
    /// PKCS #1 v1.5 for an RSA key, an `ECDSA-Sig-Value` in DER (RFC 3279) for one on a curve.
    pub signature: &'a [u8],
    pub text: &'a [u8],
}

impl SignatureCheck<'_> {
    /// As Envoy's foreign function `verify_signature` takes it: `envoy.source.extensions.common.wasm.VerifySignatureArguments`, in protobuf.
    pub fn question(&self) -> Vec<u8> {
        const HASH_FUNCTION: u32 = 1;
        const PUBLIC_KEY: u32 = 2;
        const SIGNATURE: u32 = 3;
        const TEXT: u32 = 4;
        let room = self.public_key.len().saturating_add(self.signature.len()).saturating_add(self.text.len()).saturating_add(32);
        let mut out = Vec::with_capacity(room);
        for (number, bytes) in
            [(HASH_FUNCTION, self.hash.as_bytes()), (PUBLIC_KEY, self.public_key), (SIGNATURE, self.signature), (TEXT, self.text)]
        {
            encode_key(number, WireType::LengthDelimited, &mut out);
            encode_varint(bytes.len() as u64, &mut out);
            out.extend_from_slice(bytes);
        }
        out
    }

    /// What it answers: `VerifySignatureResult`, whose field 1 says whether the signature is good. Left out, as protobuf does with what is
    /// false, it is not. `None` for what is no such message.
    pub fn answer(result: &[u8]) -> Option<bool> {
        let mut rest = result;
        let mut good = false;
        while !rest.is_empty() {
            let (number, wire) = decode_key(&mut rest).ok()?;
            if (number, wire) == (1, WireType::Varint) {
                good = decode_varint(&mut rest).ok()? == 1;
            } else {
                skip_field(wire, number, &mut rest, DecodeContext::default()).ok()?;
            }
        }
        Some(good)
    }
}

/// The host's abilities, as identity uses them. Nothing here waits.
pub trait Host {
    /// Whether the signature is good; `None` when the host cannot say.
    fn verify_signature(&self, check: &SignatureCheck<'_>) -> Option<bool>;

    /// A shared value, empty when there is none yet; `None` when the host shares nothing.
    fn shared(&self, key: &str) -> Option<SharedValue>;

    /// Writes a shared value, if it is still at `version`.
    fn share(&self, key: &str, bytes: &[u8], version: u32) -> Written;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_question_is_protobuf() {
        let check = SignatureCheck { hash: "sha256", public_key: &[1; 200], signature: &[2, 3], text: b"t" };
        let key = [&[0x12, 0xc8, 0x01][..], &[1; 200]].concat();
        assert_eq!(check.question(), [b"\x0a\x06sha256", &key[..], b"\x1a\x02\x02\x03\x22\x01t"].concat());
    }

    #[test]
    fn only_a_clear_yes_is_one() {
        for (answer, means) in [
            (&b"\x08\x01"[..], Some(true)),
            (b"", Some(false)),
            (b"\x08\x00", Some(false)),
            (b"\x08\x02", Some(false)),
            (b"\x12\x05wrong", Some(false)),
            (b"\x08\x01\x12\x01x", Some(true)),
            (b"\x08\x01\x08\x00", Some(false)),
            (b"\x08", None),
            (b"\x12\x05wr", None),
            (b"\xff\xff\xff\xff\xff\xff", None),
        ] {
            assert_eq!(SignatureCheck::answer(answer), means, "{answer:?}");
        }
    }
}
