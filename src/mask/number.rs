//! Numbers stay numbers: clients check results against a schema.

use super::operator::{Operation, hash_number};
use super::rules::Rule;

/// Longest number read; a longer one is no card and no identifier.
pub(crate) const NUMBER_BYTES: usize = 64;

/// Writes what leaves instead of the number `token`: `0`; the last digits of an integer; or a number made of its keyed hash.
pub(crate) fn write(rule: &Rule, token: &[u8], out: &mut Vec<u8>) {
    match &rule.operation {
        Operation::Replace => out.push(b'0'),
        Operation::KeepLast(keep) => {
            let digits = token.iter().filter(|byte| byte.is_ascii_digit()).count();
            let integer = token.iter().all(|byte| byte.is_ascii_digit() || *byte == b'-');
            let kept = if integer && digits > *keep { token.len() - keep } else { token.len() };
            let last = token.get(kept..).unwrap_or_default();
            let zeros = last.iter().take_while(|digit| **digit == b'0').count();
            let last = last.get(zeros..).unwrap_or_default();
            out.extend_from_slice(if last.is_empty() { b"0" } else { last });
        }
        Operation::Hash(mac) => out.extend_from_slice(hash_number(mac, token).to_string().as_bytes()),
    }
}
