//! Numbers stay numbers: clients check results against a schema.

use super::operator::{Operation, hash_number};
use super::rules::Rule;

/// Longest number read; a longer one is no card and no identifier.
pub(crate) const NUMBER_BYTES: usize = 64;

/// Writes what leaves instead of the number `token`: `0`; the digits at the ends of an integer; or a number made of its keyed hash.
pub(crate) fn write(rule: &Rule, token: &[u8], out: &mut Vec<u8>) {
    match &rule.operation {
        Operation::Replace | Operation::Fixed(_) | Operation::Drop | Operation::Refuse => out.push(b'0'),
        Operation::Keep { first, last } => keep(*first, *last, token, out),
        Operation::Hash(mac) => out.extend_from_slice(hash_number(mac, token).to_string().as_bytes()),
    }
}

/// Of an integer with more digits than may stay, those at its ends, with zeros between; of any other number nothing.
fn keep(first: usize, last: usize, token: &[u8], out: &mut Vec<u8>) {
    let integer = token.iter().all(|byte| byte.is_ascii_digit() || *byte == b'-');
    let digits: Vec<u8> = token.iter().copied().filter(u8::is_ascii_digit).collect();
    if !integer || digits.len() <= first.saturating_add(last) {
        return out.push(b'0');
    }
    let end = digits.len().saturating_sub(last);
    let kept = digits.iter().enumerate().map(|(at, digit)| if at < first || at >= end { *digit } else { b'0' });
    let before = out.len();
    out.extend(kept.skip_while(|digit| *digit == b'0'));
    if out.len() == before {
        out.push(b'0');
    }
}
