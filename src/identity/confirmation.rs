//! What a token is bound to: the `cnf` claim (RFC 7800), with a key (RFC 9449, 6) or a certificate (RFC 8705, 3).

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::Value;

use super::TokenProblem;

/// Whoever presents the token must show possession of all that is named here.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Confirmation {
    /// `jkt`: RFC 7638 thumbprint of the key that signs DPoP proofs, base64url.
    pub key: Option<String>,
    /// `x5t#S256`: SHA-256 of the client's certificate.
    pub certificate: Option<[u8; 32]>,
}

impl Confirmation {
    /// Reads `cnf`. A token that is bound in a way that cannot be checked here is no bearer token, and is refused.
    pub(super) fn parse(cnf: Option<&Value>) -> Result<Self, TokenProblem> {
        const WRONG: TokenProblem = TokenProblem::Malformed("its `cnf` claim is not a binding as it must be");
        let Some(cnf) = cnf else { return Ok(Self::default()) };
        let members = cnf.as_object().ok_or(WRONG)?;
        let key = match members.get("jkt") {
            None => None,
            Some(value) => {
                let text = value.as_str().ok_or(WRONG)?;
                digest(text).ok_or(WRONG)?;
                Some(text.to_owned())
            }
        };
        let certificate = match members.get("x5t#S256") {
            None => None,
            Some(value) => Some(value.as_str().and_then(digest).ok_or(WRONG)?),
        };
        if key.is_none() && certificate.is_none() {
            return Err(TokenProblem::UnknownBinding);
        }
        Ok(Self { key, certificate })
    }

    /// Whether the connection's certificate is the one named. `presented`: SHA-256 in hex, as Envoy has it.
    pub(super) fn check_certificate(&self, presented: Option<&str>) -> Result<(), TokenProblem> {
        let Some(expected) = &self.certificate else { return Ok(()) };
        let presented = presented.ok_or(TokenProblem::CertificateMissing)?;
        let written: String = expected.iter().map(|byte| format!("{byte:02x}")).collect();
        if presented.eq_ignore_ascii_case(&written) { Ok(()) } else { Err(TokenProblem::CertificateMismatch) }
    }
}

/// A SHA-256 in the one canonical form of base64url.
fn digest(text: &str) -> Option<[u8; 32]> {
    URL_SAFE_NO_PAD.decode(text).ok()?.try_into().ok()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn only_bindings_that_can_be_checked_are_taken() {
        let name = URL_SAFE_NO_PAD.encode([7; 32]);
        assert_eq!(Confirmation::parse(None), Ok(Confirmation::default()));
        let both = Confirmation::parse(Some(&json!({"jkt": name, "x5t#S256": name, "other": 1}))).unwrap();
        assert_eq!((both.key, both.certificate), (Some(name.clone()), Some([7; 32])));
        for cnf in [
            json!(null),
            json!("x"),
            json!([]),
            json!({"jkt": 7}),
            json!({"jkt": ""}),
            json!({"jkt": "AAAA"}),
            json!({"jkt": format!("{name}=")}),
            json!({"jkt": name, "x5t#S256": "AAAA"}),
            json!({"x5t#S256": null}),
        ] {
            assert!(matches!(Confirmation::parse(Some(&cnf)), Err(TokenProblem::Malformed(_))), "{cnf}");
        }
        for cnf in [json!({}), json!({"jwk": {}}), json!({"kid": "x"}), json!({"x5t": name})] {
            assert_eq!(Confirmation::parse(Some(&cnf)), Err(TokenProblem::UnknownBinding), "{cnf}");
        }
    }

    #[test]
    fn the_certificate_is_compared_as_a_number() {
        let bound = Confirmation { key: None, certificate: Some([0xab; 32]) };
        assert_eq!(bound.check_certificate(Some(&"ab".repeat(32))), Ok(()));
        assert_eq!(bound.check_certificate(Some(&"AB".repeat(32))), Ok(()));
        assert_eq!(bound.check_certificate(None), Err(TokenProblem::CertificateMissing));
        for other in ["", "ab", &"ac".repeat(32), &"ab".repeat(33)] {
            assert_eq!(bound.check_certificate(Some(other)), Err(TokenProblem::CertificateMismatch), "{other}");
        }
        assert_eq!(Confirmation::default().check_certificate(None), Ok(()));
    }
}
