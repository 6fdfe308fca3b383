//! Private keys in textual form: PEM (RFC 7468), OpenSSH, OpenPGP armor (RFC 9580), PuTTY's own.
//! From the first dash to the end of the `END` line, or of the text when that never comes.

use super::text::is_base64;
use super::{About, Family, Found, Tail, Trigger, View};
use crate::policy::Detector;

pub(super) const HEADS: &[&str] = &["-----BEGIN "];

pub(super) const FAMILIES: &[Family] = &[
    Family::new(
        Detector::PrivateKey,
        "private_key",
        &[Trigger::Heads(HEADS, private_key)],
        About {
            matches: "PEM, OpenSSH and OpenPGP armor, up to its end; so the keys of Google service accounts",
            validator: "label, base64",
            context: "",
            source: "RFC 7468; RFC 9580; openssh PROTOCOL.key",
        },
    ),
    Family::new(
        Detector::PrivateKey,
        "putty_private_key",
        &[Trigger::Heads(PUTTY_HEADS, putty)],
        About {
            matches: "what follows `Private-Lines:` in a PuTTY key file",
            validator: "base64",
            context: "",
            source: "PuTTY manual, appendix C",
        },
    ),
];

const PUTTY_HEADS: &[&str] = &["Private-Lines: "];

/// The lines of base64 after `Private-Lines: 8`, and the rest of the file, which is the key's checksum.
fn putty(view: &View<'_>, at: usize) -> Option<Found> {
    let number = at + 15;
    let lines = view.run(number, 3, |byte| byte.is_ascii_digit());
    let known = view.starts_with(at, b"Private-Lines: ") && lines > number;
    (known && has_body(view, lines)).then_some(Found { start: lines, end: lines + 1, tail: Tail::Armor })
}

/// Bytes of base64 that must follow: enough to tell a key from a sentence about keys.
const BODY: usize = 16;

pub(super) fn private_key(view: &View<'_>, at: usize) -> Option<Found> {
    if !view.starts_with(at, b"-----BEGIN ") {
        return None;
    }
    let label_end = view.run(at + 11, 48, |byte| byte.is_ascii_uppercase() || byte.is_ascii_digit() || byte == b' ');
    let label = view.slice(at + 11, label_end);
    let private = label.ends_with(b"PRIVATE KEY") || label == b"PGP PRIVATE KEY BLOCK";
    let end = label_end + 5;
    (private && view.starts_with(label_end, b"-----") && has_body(view, end)).then_some(Found { start: at, end, tail: Tail::Armor })
}

/// Bytes of header lines read past.
const HEADERS: usize = 256;

/// Base64 comes after line breaks, written as such or as `\n`, and after header lines (`Proc-Type: 4,ENCRYPTED`).
fn has_body(view: &View<'_>, from: usize) -> bool {
    let mut at = from;
    while at < from + HEADERS {
        at = view.run(at, 64, |byte| byte.is_ascii_whitespace() || byte == b'\\');
        // The `n` of an escape that was not resolved.
        if view.before(at) == Some(b'\\') && view.is(at, |byte| matches!(byte, b'n' | b'r')) {
            at += 1;
            continue;
        }
        if view.run(at, BODY, is_base64) - at == BODY {
            return true;
        }
        let line = view.run(at, 80, |byte| !matches!(byte, b'\n' | b'\r' | b'\\' | b'"'));
        if !view.slice(at, line).contains(&b':') {
            return false;
        }
        at = line;
    }
    false
}

#[cfg(test)]
mod tests {
    use super::super::tests::all;
    use super::*;

    fn key(label: &str, body: &str) -> String {
        format!("{0}BEGIN {label}{0}{body}{0}END {label}{0}", "-".repeat(5))
    }

    #[test]
    fn finds_private_keys() {
        for label in
            ["PRIVATE KEY", "RSA PRIVATE KEY", "EC PRIVATE KEY", "OPENSSH PRIVATE KEY", "ENCRYPTED PRIVATE KEY", "PGP PRIVATE KEY BLOCK"]
        {
            for body in [
                "\nMIIEvQIBADANBgkqhkiG9w0\n",
                "\\nMIIEvQIBADANBgkqhkiG9w0\\n",
                "\r\nMIIEvQIBADANBgkqhkiG9w0\r\n",
                "MIIEvQIBADANBgkqhkiG9w0",
            ] {
                assert_eq!(all(private_key, &key(label, body)).len(), 1, "{label} {body:?}");
            }
        }
        let headers = "\nProc-Type: 4,ENCRYPTED\nDEK-Info: AES-256-CBC,0011\n\nMIIEvQIBADANBgkqhkiG9w0\n";
        assert_eq!(all(private_key, &key("RSA PRIVATE KEY", headers)).len(), 1);
    }

    #[test]
    fn leaves_public_keys_and_talk() {
        let body = "\nMIIEvQIBADANBgkqhkiG9w0\n";
        for other in [
            key("PUBLIC KEY", body),
            key("CERTIFICATE", body),
            key("PRIVATE KEY", "\nanything\n"),
            key("PRIVATE KEY", ""),
            key("private key", body),
        ] {
            assert!(all(private_key, &other).is_empty(), "{other}");
        }
    }
}
