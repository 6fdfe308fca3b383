//! Texts between the quotes of code: found, put together where they were taken apart, decoded.

use super::super::decode;
use super::super::value::byte;
use super::Language;

const MAX_LITERALS: usize = 256;

/// Lower case, without blanks and backslashes, and with literals put together that were taken apart: `'o'+'s'`.
pub(super) fn flatten(text: &str) -> String {
    let mut flat: String = text.chars().filter(|c| !c.is_whitespace() && *c != '\\').flat_map(char::to_lowercase).collect();
    for joint in ["'+'", "\"+\"", "'.'", "\".\"", "'..'", "\"..\"", "''", "\"\""] {
        if flat.contains(joint) {
            flat = flat.replace(joint, "");
        }
    }
    flat
}

/// Literals that were taken apart, put together.
pub(super) fn together(text: &str) -> String {
    ["' + '", "\" + \"", "'+'", "\"+\""]
        .iter()
        .fold(text.to_owned(), |text, joint| if text.contains(joint) { text.replace(joint, "") } else { text })
}

/// What stands between quotes. An apostrophe in a text between double quotes is no quote.
pub(super) fn literals(text: &str) -> Vec<String> {
    let bytes = text.as_bytes();
    let mut found = Vec::new();
    let mut at = 0;
    while at < bytes.len() && found.len() < MAX_LITERALS {
        let quote = byte(bytes, at);
        at += 1;
        if !matches!(quote, b'\'' | b'"' | b'`') {
            continue;
        }
        let start = at;
        while at < bytes.len() && byte(bytes, at) != quote {
            at += if byte(bytes, at) == b'\\' { 2 } else { 1 };
        }
        if let Some(literal) = text.get(start..at).filter(|literal| !literal.is_empty()) {
            found.push(literal.to_owned());
        }
        at += 1;
    }
    found
}

/// A literal that reads as base64 or hex of printable text.
pub(super) fn uncover(literal: &str, language: Language) -> Option<String> {
    if literal.len() < 12 || language == Language::Awk {
        return None;
    }
    let decoded = if literal.len().is_multiple_of(2) && literal.chars().all(|c| c.is_ascii_hexdigit()) {
        decode::hex(literal)
    } else {
        decode::base64(literal)?
    };
    let printable = decoded.chars().filter(|c| !c.is_control() || c.is_whitespace()).count();
    (decoded.is_ascii() && printable == decoded.chars().count()).then_some(decoded)
}

/// What literals say once they are turned round, shifted, joined or rid of what was put between.
pub(super) fn uncovered(literals: &[String], flat: &str, language: Language) -> Vec<String> {
    let mut found: Vec<String> = literals.iter().filter_map(|text| uncover(text, language)).take(8).collect();
    let has = |words: &[&str]| words.iter().any(|word| flat.contains(word));
    let short = || literals.iter().filter(|text| text.len() > 2 && text.len() < 2048).take(32);
    if has(&["[::-1]", "strrev", ".reverse", "reverse(", "reversed("]) {
        for (at, text) in literals.iter().enumerate().take(32).filter(|(_, text)| text.len() < 2048) {
            let turned: String = text.chars().rev().collect();
            // `'/etc/' + 'wodahs'[::-1]`
            if let Some(before) = at.checked_sub(1).and_then(|before| literals.get(before)).filter(|before| before.ends_with('/')) {
                found.push([before.as_str(), &turned].concat());
            }
            // The same, put together already.
            if let Some((folder, name)) = text.rsplit_once('/').filter(|(_, name)| !name.is_empty()) {
                found.push(format!("{folder}/{}", name.chars().rev().collect::<String>()));
            }
            found.push(turned);
        }
    }
    if has(&["rot13", "rot_13", "rot-13"]) {
        found.extend(short().map(|text| decode::rot13(text)));
    }
    if has(&["unquote(", "decodeuri", "urldecode", "unescape("]) {
        found.extend(short().filter(|text| text.contains('%')).map(|text| decode::hex_after_percent(text)));
    }
    if has(&[".replace(", "str_replace(", ".gsub("]) {
        for three in literals.windows(2).take(32) {
            if let [text, out] = three
                && text.len() < 2048
                && out.len() < 8
            {
                found.push(text.replace(out.as_str(), ""));
            }
        }
    }
    if has(&["join(", "implode(", ".concat("]) {
        let pieces: Vec<&str> = literals.iter().map(String::as_str).filter(|text| text.len() < 256).take(64).collect();
        found.push(pieces.concat());
        found.push(["/", &pieces.join("/")].concat());
    }
    found.truncate(64);
    found
}

/// `chr(114)+chr(109)`, `String.fromCharCode(114,109)`, `bytes([114,109])`.
pub(super) fn character_codes(text: &str) -> Option<String> {
    let lower = text.to_ascii_lowercase();
    if !["chr", "charcode", "bytes(", "char("].iter().any(|word| lower.contains(word)) {
        return None;
    }
    let numbers = lower.split(|c: char| !c.is_ascii_digit()).filter_map(|number| number.parse::<u8>().ok());
    let decoded: String = numbers.filter(|code| matches!(code, 9 | 10 | 32..=126)).map(char::from).collect();
    (decoded.len() >= 4).then_some(decoded)
}
