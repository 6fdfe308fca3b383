//! Why a token is refused.

use super::Listing;

/// One reason to refuse a request for its token. [`code`](Self::code) is for the record, [`describe`](Self::describe) for the client.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TokenProblem {
    /// No bearer token was sent.
    Missing,
    /// Not a token at all, or one that programs may read differently; the text says what of it.
    Malformed(&'static str),
    UnknownIssuer,
    /// `alg` is not one the policy lists for the issuer, or does not fit the key.
    AlgorithmNotAllowed,
    WrongAudience,
    Expired,
    NotYetValid,
    IssuedInFuture,
    LifetimeTooLong,
    /// A claim the policy needs is absent, empty or of another type.
    MissingClaim(String),
    /// The issuer publishes no such key.
    UnknownKey,
    BadSignature,
    /// The issuer's keys could not be fetched: not the token's fault.
    KeysUnavailable,
    /// The access was taken back.
    Revoked(Listing),
    /// Whether it was taken back cannot be known right now.
    RevocationsStale,
    /// `cnf` names no way of binding that can be checked here.
    UnknownBinding,
    /// The token is bound to a key and was presented as if it were not.
    BoundToKey,
    /// The policy, or the scheme it was presented with, needs a token that is bound to a key.
    NotBoundToKey,
    ProofMissing,
    /// The text says what of the proof is wrong.
    BadProof(&'static str),
    ProofReplayed,
    /// No more proofs can be noted just now: not the token's fault.
    TooManyProofs,
    /// The token is bound to a certificate, and the connection has none.
    CertificateMissing,
    CertificateMismatch,
    /// Envoy's `jwt_authn` handed no verified claims over.
    NotVerifiedByEnvoy,
}

impl TokenProblem {
    /// A stable name, for the audit record and metrics.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Missing => "token_missing",
            Self::Malformed(_) => "token_malformed",
            Self::UnknownIssuer => "token_issuer_unknown",
            Self::AlgorithmNotAllowed => "token_algorithm_not_allowed",
            Self::WrongAudience => "token_audience_wrong",
            Self::Expired => "token_expired",
            Self::NotYetValid => "token_not_yet_valid",
            Self::IssuedInFuture => "token_issued_in_future",
            Self::LifetimeTooLong => "token_lifetime_too_long",
            Self::MissingClaim(_) => "token_claim_missing",
            Self::UnknownKey => "token_key_unknown",
            Self::BadSignature => "token_signature_bad",
            Self::KeysUnavailable => "token_keys_unavailable",
            Self::Revoked(Listing::Token) => "revoked_token",
            Self::Revoked(Listing::Session) => "revoked_session",
            Self::Revoked(Listing::Subject) => "revoked_subject",
            Self::Revoked(Listing::Client) => "revoked_client",
            Self::Revoked(Listing::Issuer) => "revoked_issuer",
            Self::RevocationsStale => "revocation_stale",
            Self::UnknownBinding => "token_binding_unknown",
            Self::BoundToKey => "token_bound_to_key",
            Self::NotBoundToKey => "token_not_bound_to_key",
            Self::ProofMissing => "proof_missing",
            Self::BadProof(_) => "proof_bad",
            Self::ProofReplayed => "proof_replayed",
            Self::TooManyProofs => "proofs_exhausted",
            Self::CertificateMissing => "token_certificate_missing",
            Self::CertificateMismatch => "token_certificate_mismatch",
            Self::NotVerifiedByEnvoy => "token_not_verified_by_envoy",
        }
    }

    /// One sentence for the client: what is wrong and what would be right. Holds nothing of the token.
    pub fn describe(&self) -> String {
        let text = match self {
            Self::Missing => "this endpoint needs a bearer token",
            Self::Malformed(what) => return format!("the token is malformed: {what}"),
            Self::UnknownIssuer => "the token comes from an issuer that is not trusted here",
            Self::AlgorithmNotAllowed => "the token is signed with an algorithm that is not allowed here",
            Self::WrongAudience => "the token was issued for another audience; ask for one for this resource",
            Self::Expired => "the token has expired; ask for a new one",
            Self::NotYetValid => "the token is not valid yet; compare the clocks",
            Self::IssuedInFuture => "the token was issued in the future; compare the clocks",
            Self::LifetimeTooLong => "the token lives longer than is accepted here; ask for a shorter one",
            Self::MissingClaim(claim) => {
                // The name is the operator's, and must not end the quotes it may be put in.
                let claim: String = claim.chars().filter(|c| !c.is_control() && !matches!(c, '"' | '\\' | '=')).collect();
                return format!("the token lacks the claim `{claim}`, or it is not text as it must be");
            }
            Self::UnknownKey => "the token is signed with a key that its issuer does not publish",
            Self::BadSignature => "the signature of the token is wrong",
            Self::KeysUnavailable => "the keys of the issuer cannot be fetched right now; try again later",
            Self::Revoked(Listing::Token) => "the token has been revoked; ask for a new one",
            Self::Revoked(Listing::Session) => "the session of the token has been ended; sign in again",
            Self::Revoked(Listing::Subject) => {
                "the access of this account has been taken back; sign in again or ask who runs this endpoint"
            }
            Self::Revoked(Listing::Client) => "this client may no longer be used here; ask who runs this endpoint",
            Self::Revoked(Listing::Issuer) => "all tokens of this age have been revoked; sign in again",
            Self::RevocationsStale => "whether the token has been revoked cannot be known right now; try again later",
            Self::UnknownBinding => "the token is bound to its holder in a way that cannot be checked here",
            Self::BoundToKey => "the token is bound to a key; present it with the scheme DPoP and a proof",
            Self::NotBoundToKey => {
                "the token is not bound to a key as it must be; ask for one that is, and present it with the scheme DPoP"
            }
            Self::ProofMissing => "the token needs a proof in the DPoP header",
            Self::BadProof(what) => return format!("the proof in the DPoP header is not good: {what}"),
            Self::ProofReplayed => "the proof in the DPoP header was used before; make one for each request",
            Self::TooManyProofs => "too many proofs are being checked; try again later",
            Self::CertificateMissing => "the token is bound to a client certificate, and this connection has none",
            Self::CertificateMismatch => "the token is bound to another client certificate than that of this connection",
            Self::NotVerifiedByEnvoy => "the token was not found good by the gateway",
        };
        text.to_owned()
    }

    /// Whether a client is to answer it with a (better) proof or a bound token (RFC 9449, 7.1).
    pub fn is_about_proof(&self) -> bool {
        matches!(self, Self::BoundToKey | Self::NotBoundToKey | Self::ProofMissing | Self::BadProof(_) | Self::ProofReplayed)
    }

    /// The HTTP status of the refusal: 503 while the issuer's keys are out of reach or proofs cannot be noted, else 401.
    pub fn status(&self) -> u16 {
        match self {
            Self::KeysUnavailable | Self::RevocationsStale | Self::TooManyProofs => 503,
            _ => 401,
        }
    }
}
