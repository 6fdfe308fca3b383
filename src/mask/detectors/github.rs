//! GitHub tokens: five prefixes, 30 characters and a CRC-32 in base 62 ("Behind GitHub's new authentication token
//! formats", github.blog, 2021), installation tokens that are signed ("Notice about upcoming new format for GitHub App installation
//! tokens", github.blog, 2026), and fine-grained tokens.

use super::text::{entropy, is_alnum, is_base64url, is_word};
use super::{About, Family, Found, Tail, Trigger, View};
use crate::policy::Detector;

pub(super) const HEADS: &[&str] = &["ghp_", "gho_", "ghu_", "ghs_", "ghr_"];
pub(super) const FINE_HEADS: &[&str] = &["github_pat_"];

pub(super) const FAMILIES: &[Family] = &[
    Family::new(
        Detector::GithubToken,
        "github_token",
        &[Trigger::Heads(HEADS, token)],
        About {
            matches: "`ghp_`, `gho_`, `ghu_`, `ghs_`, `ghr_` and 36 letters and digits or more; `ghs_`, a number, `_` and a signed token",
            validator: "CRC-32 in base 62, or entropy",
            context: "",
            source: "github.blog, 2021-04-05, 2026-04-24",
        },
    ),
    Family::new(
        Detector::GithubToken,
        "github_fine_grained_token",
        &[Trigger::Heads(FINE_HEADS, fine_grained)],
        About {
            matches: "`github_pat_` and 82 letters, digits and `_`",
            validator: "length, entropy",
            context: "",
            source: "docs.github.com",
        },
    ),
];

const LONGEST: usize = 255;

/// A right checksum is proof. Without it, what has the form and is no placeholder is masked too: a token that somebody
/// cut or mistyped still gives most of itself away.
pub(super) fn token(view: &View<'_>, at: usize) -> Option<Found> {
    let known = HEADS.iter().any(|head| view.starts_with(at, head.as_bytes()));
    if !known || view.was(at, is_alnum) {
        return None;
    }
    let end = view.run(at + 4, LONGEST, is_alnum);
    let body = view.slice(at + 4, end);
    if let Some(found) = stateless(view, at, end) {
        return Some(found);
    }
    (body.len() >= 36 && (has_checksum(body) || entropy(body) >= 3.0)).then_some(())?;
    Found::new(at, end)
}

/// Characters of a signed token that are looked at.
const SIGNED: usize = 64;

/// `ghs_`, the number of an app, `_` and a JSON Web Token, which goes on.
fn stateless(view: &View<'_>, at: usize, number: usize) -> Option<Found> {
    let app = view.slice(at + 4, number);
    let numbered = view.starts_with(at, b"ghs_") && !app.is_empty() && app.iter().all(u8::is_ascii_digit);
    (numbered && view.at(number) == Some(b'_')).then_some(())?;
    let end = view.run(number + 1, SIGNED, |byte| is_base64url(byte) || byte == b'.');
    let signed = view.slice(number + 1, end);
    (signed.len() >= 36 && entropy(signed) >= 3.0).then_some(Found { start: at, end, tail: Tail::Token })
}

/// 22 characters, `_`, 59 characters.
pub(super) fn fine_grained(view: &View<'_>, at: usize) -> Option<Found> {
    let head = b"github_pat_";
    if !view.starts_with(at, head) || view.was(at, is_word) {
        return None;
    }
    let end = view.run(at + head.len(), LONGEST, is_word);
    let body = view.slice(at + head.len(), end);
    (body.len() >= 82 && entropy(body) >= 3.0).then_some(())?;
    Found::new(at, end)
}

fn has_checksum(body: &[u8]) -> bool {
    const BASE62: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
    let Some((random, sum)) = body.split_at_checked(30).filter(|(_, sum)| sum.len() == 6) else { return false };
    let read = sum.iter().try_fold(0u64, |sum, char| {
        let digit = BASE62.iter().position(|digit| digit == char)?;
        Some(sum * 62 + u64::try_from(digit).ok()?)
    });
    read == Some(u64::from(crc32(random)))
}

/// ISO 3309, reflected; bit by bit, for thirty bytes that almost never come.
fn crc32(bytes: &[u8]) -> u32 {
    !bytes.iter().fold(u32::MAX, |crc, byte| {
        (0..8).fold(crc ^ u32::from(*byte), |crc, _| if crc & 1 == 1 { (crc >> 1) ^ 0xEDB8_8320 } else { crc >> 1 })
    })
}

#[cfg(test)]
#[expect(clippy::string_slice, reason = "the texts are ASCII")]
mod tests {
    use super::super::tests::all;
    use super::*;

    fn valid(prefix: &str) -> String {
        // The revoked token of the detect-secrets tests (Yelp, Apache-2.0).
        [prefix, "wWPw5k4aXcaT4fNP0UcnZwJU", "VFk6LO0pINUx"].concat()
    }

    #[test]
    fn knows_the_checksum() {
        assert_eq!(crc32(b"123456789"), 0xCBF4_3926);
        let token = valid("");
        assert!(has_checksum(token.as_bytes()));
        assert!(!has_checksum(token.replacen('w', "x", 1).as_bytes()));
    }

    #[test]
    fn finds_every_prefix() {
        for prefix in HEADS {
            let token = valid(prefix);
            assert_eq!(all(token_check, &format!("https://x:{token}@github.com")), [token.as_str()]);
        }
        // A wrong checksum is no reason to let it out.
        let mistyped = valid("ghp_").replacen('w', "q", 1);
        assert_eq!(all(token_check, &mistyped), [mistyped.as_str()]);
    }

    fn token_check(view: &View<'_>, at: usize) -> Option<Found> {
        token(view, at)
    }

    #[test]
    fn leaves_placeholders_and_parts() {
        let token = valid("ghp_");
        for other in [["ghp_", &"x".repeat(36)].concat(), format!("x{token}"), token[..39].to_owned(), token.to_uppercase(), valid("ghx_")]
        {
            assert!(all(token_check, &other).is_empty(), "{other}");
        }
    }

    #[test]
    fn finds_fine_grained() {
        let random = "0aB1cD2eF3gH4iJ5kL6mN7".to_owned() + "_" + &"oP8qR9sT0uV1wX2".repeat(4)[..59];
        let token = ["github_pat_", &random].concat();
        assert_eq!(all(fine_grained, &token), [token.as_str()]);
        assert!(all(fine_grained, &token[..token.len() - 1]).is_empty());
        assert!(all(fine_grained, &["github_pat_", &"x".repeat(82)].concat()).is_empty());
    }
}
