//! Google API keys, OAuth access tokens and client secrets (cloud.google.com/docs/authentication).

use super::shape::{Piece, Shape, URL64};
use super::text::{entropy, is_base64url, is_word};
use super::{About, Family, Found, Tail, Trigger, View};
use crate::policy::Detector;

pub(super) const HEADS: &[&str] = &["AIza", "ya29.", "GOCSPX-"];

pub(super) const FAMILIES: &[Family] = &[
    Family::new(
        Detector::GoogleApiKey,
        "google_api_key",
        &[Trigger::Heads(HEADS, key)],
        About {
            matches: "`AIza` and 35 characters, `ya29.` and more, `GOCSPX-` and 28",
            validator: "length, entropy",
            context: "",
            source: "cloud.google.com/docs/authentication",
        },
    ),
    Family::token(
        Detector::GoogleApiKey,
        "google_refresh_token",
        &[Trigger::Shapes(&[Shape::new("1//0", &[Piece::Run(&URL64, 60, 400)]).disorder(3.5).endless(Tail::Token)])],
        "developers.google.com/identity/protocols/oauth2",
    ),
    Family::token(
        Detector::GoogleApiKey,
        "google_bound_key",
        &[Trigger::Shapes(&[Shape::new("AQ.Ab", &[Piece::Run(&URL64, 40, 60)]).disorder(3.5)])],
        "cloud.google.com/docs/authentication/api-keys",
    ),
];

pub(super) fn key(view: &View<'_>, at: usize) -> Option<Found> {
    if view.was(at, is_word) {
        return None;
    }
    if view.starts_with(at, b"AIza") {
        return exact(view, at, 39);
    }
    if view.starts_with(at, b"GOCSPX-") {
        return exact(view, at, 35);
    }
    let token = view.starts_with(at, b"ya29.");
    let end = view.run(at + 5, 64, is_base64url);
    let body = view.slice(at + 5, end);
    // Access tokens have no fixed length: the head decides, the rest is swallowed.
    (token && body.len() >= 20 && entropy(body) >= 3.0).then_some(Found { start: at, end, tail: Tail::Token })
}

fn exact(view: &View<'_>, at: usize, len: usize) -> Option<Found> {
    let end = view.run(at, len + 1, is_base64url);
    (end == at + len && entropy(view.slice(at, end)) >= 3.0).then_some(())?;
    Found::new(at, end)
}

#[cfg(test)]
#[expect(clippy::string_slice, reason = "the texts are ASCII")]
mod tests {
    use super::super::tests::all;
    use super::*;

    // Random characters in the documented shapes.
    fn api_key() -> String {
        ["AIza", "SyD3xAmPl3-K3y_0123456789abcdEFGHij"].concat()
    }

    #[test]
    fn finds_keys() {
        let api_key = api_key();
        assert_eq!(api_key.len(), 39);
        assert_eq!(all(key, &format!("?key={api_key}&x")), [api_key.as_str()]);
        let secret = ["GOCSPX", "-4kdPQ9rT7xLmZ2vB8nW5sYcH1jUe"].concat();
        assert_eq!(all(key, &secret), [secret.as_str()]);
        let token = ["ya29", ".a0AfH6SMBx1yZ2wV3uT4sR5qP6oN7m"].concat();
        assert_eq!(all(key, &format!("Bearer {token}")), [token.as_str()]);
    }

    #[test]
    fn leaves_other_lengths_and_placeholders() {
        let api_key = api_key();
        for other in [
            format!("{api_key}x"),
            api_key[..38].to_owned(),
            format!("x{api_key}"),
            api_key.to_lowercase(),
            ["AIza", &"a".repeat(35)].concat(),
        ] {
            assert!(all(key, &other).is_empty(), "{other}");
        }
    }
}
