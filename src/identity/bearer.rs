//! The `Authorization` header (RFC 9110, 11.4; RFC 6750, 2.1; RFC 9449, 7.1).

use super::TokenProblem;
use crate::limits::TOKEN_BYTES;

/// How a token is presented.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Scheme {
    Bearer,
    /// With a proof in the `DPoP` header.
    Dpop,
}

/// The scheme and the token in the header's values as received.
///
/// Several values, or several words after the scheme, are refused: which of them counts is where programs differ.
pub(super) fn token<'a>(values: &[&'a [u8]]) -> Result<(Scheme, &'a str), TokenProblem> {
    let value = match values {
        [] => return Err(TokenProblem::Missing),
        [value] => *value,
        _ => return Err(TokenProblem::Malformed("there is more than one authorization header")),
    };
    if value.len() > TOKEN_BYTES {
        return Err(TokenProblem::Malformed("the authorization header is too long"));
    }
    let Ok(value) = std::str::from_utf8(value) else {
        return Err(TokenProblem::Malformed("the authorization header is not text"));
    };
    let (scheme, rest) = value.split_once(' ').unwrap_or((value, ""));
    let scheme = match scheme {
        bearer if bearer.eq_ignore_ascii_case("bearer") => Scheme::Bearer,
        dpop if dpop.eq_ignore_ascii_case("dpop") => Scheme::Dpop,
        _ => return Err(TokenProblem::Missing),
    };
    if rest.is_empty() || rest.contains(|c: char| c.is_whitespace() || c == ',') {
        return Err(TokenProblem::Malformed("the authorization header is not the word Bearer or DPoP, one space and one token"));
    }
    Ok((scheme, rest))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn takes_exactly_one_token() {
        for value in ["Bearer abc", "bearer abc", "BEARER abc"] {
            assert_eq!(token(&[value.as_bytes()]), Ok((Scheme::Bearer, "abc")), "{value}");
        }
        for value in ["DPoP abc", "dpop abc", "DPOP abc"] {
            assert_eq!(token(&[value.as_bytes()]), Ok((Scheme::Dpop, "abc")), "{value}");
        }
        for value in
            ["Bearer", "Bearer ", "Bearer  abc", "Bearer abc ", "Bearer a b", "Bearer a,b", "Bearer\u{a0}a b", "Bearer abc, Bearer d"]
        {
            let refused = token(&[value.as_bytes()]);
            let expected = matches!(refused, Err(TokenProblem::Malformed(_) | TokenProblem::Missing));
            assert!(expected, "{value}: {refused:?}");
        }
    }

    #[test]
    fn no_bearer_token_is_a_missing_one() {
        assert_eq!(token(&[]), Err(TokenProblem::Missing));
        for value in ["", "Basic dTpw", "abc", "DPoPabc", "Bearertoken"] {
            assert_eq!(token(&[value.as_bytes()]), Err(TokenProblem::Missing), "{value}");
        }
    }

    #[test]
    fn refuses_what_programs_read_differently() {
        assert!(matches!(token(&[b"Bearer a", b"Bearer a"]), Err(TokenProblem::Malformed(_))));
        assert!(matches!(token(&[b"Bearer \xff"]), Err(TokenProblem::Malformed(_))));
        let long = [b"Bearer ".to_vec(), vec![b'a'; TOKEN_BYTES]].concat();
        assert!(matches!(token(&[&long]), Err(TokenProblem::Malformed(_))));
    }
}
