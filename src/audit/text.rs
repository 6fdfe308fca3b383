//! Texts that others wrote, held to a length before they go on record.

use std::borrow::Cow;

/// Most bytes of UTF-8 kept of one text. What is cut ends in `…`, so that nobody takes a part for the whole.
#[derive(Clone, Copy, Debug)]
pub(super) struct Cap(usize);

/// Names of users, groups, rules, tools, clients, hosts: MCP asks for tool names of at most 128 characters,
/// a DNS name has 253.
pub(super) const NAME: Cap = Cap(256);

/// Identifiers that others made (`sub`, `jti`, JSON-RPC ids, request ids): the longest in use are hashes and UUIDs,
/// composed `sub` values reach 255 (OpenID Connect Core, section 2).
pub(super) const ID: Cap = Cap(256);

/// Free text of one line: user agents, error texts, certificate subjects.
pub(super) const LINE: Cap = Cap(512);

/// Paths and resource URIs: what browsers and proxies agree to carry.
pub(super) const URI: Cap = Cap(2048);

/// Members kept of a list in the record (groups, rules, findings). Directories hand out hundreds of groups;
/// the record says how many were left out.
pub(super) const LIST: usize = 64;

const MARK: &str = "…";

impl Cap {
    pub(super) fn cut(self, text: &str) -> Cow<'_, str> {
        if text.len() <= self.0 {
            return Cow::Borrowed(text);
        }
        let mut kept = prefix(text, self.0.saturating_sub(MARK.len())).to_owned();
        kept.push_str(MARK);
        Cow::Owned(kept)
    }
}

/// The longest beginning of `text` of at most `bytes` bytes that ends at a character border.
pub(super) fn prefix(text: &str, bytes: usize) -> &str {
    let mut end = bytes.min(text.len());
    while !text.is_char_boundary(end) {
        end = end.saturating_sub(1);
    }
    text.get(..end).unwrap_or_default()
}

/// Lower-case hexadecimal digits.
pub(super) fn hex(bytes: &[u8]) -> String {
    const DIGITS: [char; 16] = ['0', '1', '2', '3', '4', '5', '6', '7', '8', '9', 'a', 'b', 'c', 'd', 'e', 'f'];
    let mut text = String::with_capacity(bytes.len().saturating_mul(2));
    for byte in bytes {
        for nibble in [byte >> 4, byte & 0xf] {
            text.push(DIGITS.get(usize::from(nibble)).copied().unwrap_or_default());
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_within_the_cap_is_left_alone() {
        let text = "a".repeat(256);
        assert!(matches!(NAME.cut(&text), Cow::Borrowed(same) if same == text));
    }

    #[test]
    fn a_longer_text_is_cut_at_a_character_and_marked() {
        for text in ["a".repeat(257), "é".repeat(200), "😀".repeat(65), "x".to_owned() + &"😀".repeat(65)] {
            let cut = NAME.cut(&text);
            assert!(cut.len() <= 256 && cut.len() > 256 - 4, "{}", cut.len());
            assert!(text.starts_with(cut.strip_suffix('…').unwrap()));
        }
    }

    #[test]
    fn hex_is_lower_case_and_padded() {
        assert_eq!(hex(&[0, 0x0f, 0xa0, 0xff]), "000fa0ff");
    }
}
