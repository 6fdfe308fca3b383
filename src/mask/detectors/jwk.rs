//! Private parts of JSON Web Keys (RFC 7518, section 6): `d` of a key pair, `k` of a shared one.

use super::text::{entropy, is_base64url};
use super::{About, Family, Found, Trigger, View};
use crate::policy::Detector;

pub(super) const FAMILIES: &[Family] = &[Family::new(
    Detector::PrivateKey,
    "jwk_private_key",
    &[Trigger::Heads(&["\"kty"], beside), Trigger::Named(member)],
    About {
        matches: "`d` and `k` of a JSON Web Key",
        validator: "the lengths keys have in base64url, entropy",
        context: "the member's name, in JSON; in other text `\"kty\"` at most 128 bytes before it",
        source: "RFC 7517; RFC 7518, 6.2 to 6.4; RFC 8037",
    },
)];

/// Whether a text under this member name may be such a part.
pub(super) fn names_a_part(key: &[u8]) -> bool {
    matches!(key, b"d" | b"k")
}

fn member(view: &View<'_>, at: usize) -> Option<Found> {
    let found = (at == 0 && names_a_part(view.key())).then(|| part(view, at)).flatten()?;
    view.at(view.run(found.end, 2, |byte| byte == b'=')).is_none().then_some(found)
}

/// At the type of a key in text: the part stands behind it.
fn beside(view: &View<'_>, at: usize) -> Option<Found> {
    let near = view.ahead(at, super::BEHIND - NAME);
    let place = near.windows(NAME).position(|text| text == b"\"d\":" || text == b"\"k\":")?;
    let quote = view.run(at + place + NAME, 2, |byte| byte == b' ');
    (view.at(quote) == Some(b'"')).then(|| part(view, quote + 1)).flatten().filter(|found| found.start < at + super::BEHIND)
}

/// `"d":`.
const NAME: usize = 4;

/// Lengths in base64url: 16, 24, 32, 48, 57, 64, 66 bytes of curves and shared keys, 128, 256, 384 and 512 of RSA.
const LENGTHS: &[usize] = &[32, 43, 64, 76, 86, 88, 171, 342, 512, 683];

fn part(view: &View<'_>, at: usize) -> Option<Found> {
    let end = view.run(at, LONGEST + 1, is_base64url);
    let text = view.slice(at, end);
    let mixed = text.iter().any(u8::is_ascii_uppercase) && text.iter().any(u8::is_ascii_lowercase) && text.iter().any(u8::is_ascii_digit);
    // Of the longest keys no check sees the end.
    let fits = LENGTHS.contains(&text.len()) || text.len() > LONGEST;
    (fits && mixed && entropy(text) >= 4.0).then_some(())?;
    Some(Found { start: at, end, tail: if text.len() > LONGEST { super::Tail::Token } else { super::Tail::None } })
}

/// Characters that are looked at.
const LONGEST: usize = 342;

#[cfg(test)]
mod tests {
    use super::super::tests::{all, under};
    use super::*;

    // RFC 8037, appendix A.1.
    fn key() -> String {
        ["nWGxne_9WmC6hEr0kuwsxERJxWl7", "MmkZcDusAxyuf2A"].concat()
    }

    #[test]
    fn finds_private_parts() {
        let key = key();
        assert_eq!(under("d", member, &key), [key.as_str()]);
        assert_eq!(under("k", member, &key), [key.as_str()]);
        assert_eq!(all(beside, &format!("{{\"kty\":\"OKP\",\"crv\":\"Ed25519\",\"d\":\"{key}\"}}")), [key.as_str()]);
        for other in [&key[1..], "d", "da39a3ee5e6b4b0d3255bfef95601890", &"Ab1".repeat(15)[..43]] {
            assert!(under("d", member, other).is_empty(), "{other}");
        }
        assert!(under("x", member, &key).is_empty());
        assert!(all(beside, &format!("{{\"kty\":\"OKP\",\"x\":\"{key}\"}}")).is_empty());
    }
}
