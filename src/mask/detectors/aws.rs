//! AWS access key ids (AWS IAM user guide, "unique identifiers") and secret access keys, which have no head of their own
//! and are known by the word before them, their 40 characters of base64 and their disorder.

use super::shape::{BASE64, DOTTED, HEX, PADDED, Piece, Shape};
use super::text::{entropy, is_base64, is_word};
use super::{About, Family, Found, Tail, Trigger, View};
use crate::policy::Detector;

const KEY_HEADS: &[&str] = &["AKIA", "ASIA", "ABIA", "ACCA", "A3T"];
const SECRET_HEADS: &[&str] = &["secret"];

pub(super) const FAMILIES: &[Family] = &[
    Family::new(
        Detector::AwsAccessKey,
        "aws_access_key",
        &[Trigger::Heads(KEY_HEADS, access_key)],
        About {
            matches: "`AKIA`, `ASIA`, `ABIA`, `ACCA`, `A3T.` and 16 characters of base 32",
            validator: "length, entropy",
            context: "",
            source: "AWS IAM user guide, unique identifiers",
        },
    ),
    Family::new(
        Detector::AwsAccessKey,
        "aws_secret_access_key",
        &[Trigger::Heads(SECRET_HEADS, secret_key), Trigger::Named(secret_by_name)],
        About {
            matches: "40 characters of base64",
            validator: "mixed characters, entropy",
            context: "a name with `secret` before it",
            source: "AWS IAM user guide",
        },
    ),
    Family::new(
        Detector::AwsAccessKey,
        "aws_paired_secret",
        &[Trigger::Heads(KEY_HEADS, paired)],
        About {
            matches: "40 characters of base64 behind an access key id",
            validator: "mixed characters, entropy",
            context: "the id, at most 6 blanks, quotes and `/`, `:`, `,`, `|`, `;` before it",
            source: "AWS IAM user guide",
        },
    ),
    Family::token(
        Detector::AwsAccessKey,
        "aws_request_signature",
        &[Trigger::Shapes(&[
            Shape::new("X-Amz-Signature=", &[Piece::Run(&HEX, 64, 64)]).bare(),
            Shape::new("X-Goog-Signature=", &[Piece::Run(&HEX, 128, 400)]).bare().endless(Tail::Token),
        ])],
        "AWS Signature Version 4, query parameters; cloud.google.com/storage, signed URLs",
    ),
    Family::token(
        Detector::AwsAccessKey,
        "aws_session_token",
        &[Trigger::Shapes(&[
            Shape::new("IQoJb3JpZ2luX2Vj", &[Piece::Run(&BASE64, 100, 320)]).endless(Tail::Base64),
            Shape::new("FwoGZXIvYXdz", &[Piece::Run(&BASE64, 100, 320)]).endless(Tail::Base64),
        ])],
        "AWS STS",
    ),
    Family::token(
        Detector::AwsAccessKey,
        "aws_bedrock_key",
        &[Trigger::Shapes(&[
            Shape::new("ABSKQmVkcm9ja0FQSUtleS", &[Piece::Run(&PADDED, 80, 260)]),
            Shape::new("bedrock-api-key-YmVkcm9jay5hbWF6b25hd3MuY29t", &[Piece::Run(&DOTTED, 0, 400)]).disorder(0.0).endless(Tail::Base64),
        ])],
        "Amazon Bedrock user guide, API keys",
    ),
];

const SECRET: usize = 40;

/// 20 characters in all; after the head, base32.
pub(super) fn access_key(view: &View<'_>, at: usize) -> Option<Found> {
    let known = KEY_HEADS.iter().any(|head| view.starts_with(at, head.as_bytes()))
        && view.is(at + 3, |byte| byte.is_ascii_uppercase() || byte.is_ascii_digit());
    let end = at + 20;
    let body = view.slice(at + 4, end);
    let whole = known && body.len() == 16 && body.iter().all(|byte| byte.is_ascii_uppercase() || matches!(byte, b'2'..=b'7'));
    let apart = !view.was(at, is_word) && !view.is(end, is_word);
    // Only placeholders (`AKIAXXXXXXXXXXXXXXXX`) are this orderly.
    (whole && apart && entropy(body) >= 2.0).then_some(())?;
    Found::new(at, end)
}

/// At the word `secret`: `aws_secret_access_key = "..."`, `SecretAccessKey: ...`.
pub(super) fn secret_key(view: &View<'_>, at: usize) -> Option<Found> {
    if !view.starts_with_ignoring_case(at, b"secret") {
        return None;
    }
    let name_end = view.run(at, 24, |byte| is_word(byte) || matches!(byte, b'-' | b'.'));
    let start = view.run(name_end, 16, |byte| matches!(byte, b' ' | b'\t' | b'"' | b'\'' | b':' | b'=' | b'>' | b'\\' | b'`'));
    (start > name_end).then_some(())?;
    secret(view, start)
}

/// At the beginning of a text under a member name such as `SecretAccessKey`.
pub(super) fn secret_by_name(view: &View<'_>, at: usize) -> Option<Found> {
    let named = at == 0 && super::text::contains_ignoring_case(view.key(), b"secret");
    named.then(|| secret(view, at)).flatten()
}

/// At an id, whose secret stands beside it: `AKIA.../...`, `AKIA..., ...`.
fn paired(view: &View<'_>, at: usize) -> Option<Found> {
    let id = access_key(view, at)?;
    let from = view.run(id.end, 6, |byte| matches!(byte, b' ' | b'\t' | b'/' | b':' | b',' | b'|' | b';' | b'"' | b'\'' | b'\\'));
    // A slash may be the secret's first character.
    // `ACCESSKEY<tab>AKIA...<tab>2026-01-31T...<tab>...`: the day it was made is between.
    let made = || {
        let end = view.run(from, 32, |byte| byte > b' ');
        (view.was(from, |byte| byte == b'\t') && view.is(from, |byte| byte.is_ascii_digit()) && view.at(end) == Some(b'\t'))
            .then(|| secret(view, end + 1))
            .flatten()
    };
    let slash = || secret(view, from - 1).filter(|_| view.was(from, |byte| byte == b'/'));
    (from > id.end).then(|| secret(view, from).or_else(slash).or_else(made)).flatten()
}

fn secret(view: &View<'_>, start: usize) -> Option<Found> {
    let end = view.run(start, SECRET + 1, is_base64);
    let text = view.slice(start, end);
    let mixed = text.iter().any(u8::is_ascii_uppercase)
        && text.iter().any(u8::is_ascii_lowercase)
        && text.iter().any(|byte| !byte.is_ascii_alphabetic());
    (text.len() == SECRET && mixed && view.at(end) != Some(b'=') && entropy(text) > 4.0).then_some(())?;
    Found::new(start, end)
}

#[cfg(test)]
#[expect(clippy::string_slice, reason = "the texts are ASCII")]
mod tests {
    use super::super::tests::{all, under};
    use super::*;

    // The key pair of the AWS documentation (docs.aws.amazon.com, IAM user guide), which belongs to no account.
    fn id() -> String {
        ["AKIA", "IOSFODNN7EXAMPLE"].concat()
    }

    fn key() -> String {
        ["wJalrXUtnFEMI/K7MDENG", "/bPxRfiCYEXAMPLEKEY"].concat()
    }

    #[test]
    fn finds_key_ids() {
        let id = id();
        assert_eq!(all(access_key, &format!("id={id};")), [id.as_str()]);
        assert_eq!(all(access_key, &format!("\n{id}\n")), [id.as_str()]);
        for other in [
            format!("x{id}"),
            format!("{id}x"),
            id[..19].to_owned(),
            id.replace('7', "1"),
            id.to_lowercase(),
            ["AKIA", "XXXXXXXXXXXXXXXX"].concat(),
        ] {
            assert!(all(access_key, &other).is_empty(), "{other}");
        }
    }

    #[test]
    fn finds_secret_keys_by_the_word_before() {
        let key = key();
        for text in [format!("aws_secret_access_key = {key}"), format!("\"SecretAccessKey\":\"{key}\""), format!("AWS_SECRET=>'{key}'")] {
            assert_eq!(all(secret_key, &text), [key.as_str()], "{text}");
        }
        assert_eq!(under("SecretAccessKey", secret_by_name, &key), [key.as_str()]);
        assert!(under("digest", secret_by_name, &key).is_empty());
    }

    #[test]
    fn finds_secrets_beside_their_ids() {
        let (id, key) = (id(), key());
        for text in [
            format!("{id}/{key}"),
            format!("key {id} / {key} -- S3"),
            format!("{id},{key},eu"),
            format!("\"{id}\": \"{key}\""),
            format!("ACCESSKEY\t{id}\t2026-04-02T08:11:00+00:00\t{key}\tActive"),
        ] {
            assert_eq!(all(paired, &text), [key.as_str()], "{text}");
        }
        for other in [format!("{id} and {key}"), format!("{id}{key}"), format!("{id} {}", "da39a3ee5e6b4b0d3255bfef95601890afd80709"), key]
        {
            assert!(all(paired, &other).is_empty(), "{other}");
        }
    }

    #[test]
    fn leaves_other_forty_characters() {
        let key = key();
        let sha1 = "da39a3ee5e6b4b0d3255bfef95601890afd80709";
        for text in
            [format!("secret={sha1}"), format!("secret={}", &key[1..]), format!("secret={key}A"), format!("secret {}", "Aa1".repeat(13))]
        {
            assert!(all(secret_key, &text).is_empty(), "{text}");
        }
    }
}
