//! Values that look live, put together at run time: `${card}` in a case is one of these.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

/// Fills every `${name}`.
pub fn fill(text: &str) -> String {
    let mut filled = super::seal::fill(text);
    for (name, value) in all().into_iter().chain(harmless()) {
        filled = filled.replace(&format!("${{{name}}}"), &value);
    }
    assert!(!filled.contains("${"), "an unknown placeholder in {filled}");
    filled
}

/// The card in full-width digits, with something unseen in it, in URL escapes, in character references of HTML, and in base64.
fn spellings(card: &str) -> Vec<(&'static str, String)> {
    let each = |write: fn(char) -> String| card.chars().map(write).collect::<String>();
    vec![
        ("card-wide", each(|digit| char::from_u32(u32::from(digit) + 0xFEE0).unwrap().to_string())),
        ("card-unseen", each(|digit| format!("{digit}\u{200b}"))),
        ("card-percent", each(|digit| format!("%{:02x}", u32::from(digit)))),
        ("card-references", each(|digit| format!("&#{};", u32::from(digit)))),
        ("card-base64", STANDARD.encode(format!("number {card} of 2026"))),
        ("card-float", format!("{}.{}e15", &card[..1], card[1..].trim_end_matches('0'))),
        ("blob-card", STANDARD.encode(format!("id,card\n1,{card}\n"))),
    ]
}

/// What is no secret, and may be on record.
fn harmless() -> Vec<(&'static str, String)> {
    vec![
        ("card-head", ["4111", "1111", "1"].concat()),
        ("card-tail", ["111", "1111"].concat()),
        ("blob-masked", STANDARD.encode("id,card\n1,[MASKED:credit_card]\n")),
        ("blob-image", STANDARD.encode(b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\x01\0\0\0\x01")),
        ("blob-replaced", STANDARD.encode("[MASKED:binary]")),
    ]
}

pub fn all() -> Vec<(&'static str, String)> {
    let mut all = plain();
    all.extend(spellings(&["4111", "1111", "1111", "1111"].concat()));
    all
}

fn plain() -> Vec<(&'static str, String)> {
    vec![
        // Test numbers every payment provider publishes.
        ("card", ["4111", "1111", "1111", "1111"].concat()),
        ("card-spaced", ["4111", "1111", "1111", "1111"].join(" ")),
        ("card-wrong", ["4111", "1111", "1111", "1112"].concat()),
        // A value like a card where the protocol puts values of its own: ids and cursors are not masked, on record neither.
        ("opaque", ["5555", "5555", "5555", "4444"].concat()),
        ("amex", ["3782", "822463", "10005"].concat()),
        ("ssn", ["219", "09", "9998"].join("-")),
        // The example of ISO 13616's registry.
        ("iban", ["GB82", "WEST", "1234", "5698", "7654", "32"].concat()),
        ("email", ["ana.gomez", "example.com"].join("@")),
        // The example key of AWS's own documentation.
        ("aws", ["AKIA", "IOSFODNN7", "EXAMPLE"].concat()),
        ("slack", ["xoxb", "123456789012", "1234567890123", "AbCdEfGhIjKlMnOpQrStUvWx"].join("-")),
        ("stripe", ["sk", "live", "4eC39HqLyjWDarjtT1zdp7dc"].join("_")),
        ("google", ["AIza", "SyA1234567890abcdefghijklmnopqrstuv"].concat()),
        ("dburl", ["postgres://app", ":", "hunter2hunter2", "@db.internal:5432/orders"].concat()),
        ("gitlab", ["glpat", "-", "kT3vQ9xZ2mB7nR5sY1jU"].concat()),
        ("openrouter", ["sk-or", "-v1-", &"0f1e2d3c4b5a6978".repeat(4)].concat()),
        ("telegram", ["110201543", ":AA", "HdqTcvCH1vGWJxfSe1ofSAs0K5PALDsaw"].concat()),
        ("random", ["9f2c41d8e07b", "4a5f8c3d2e1b6a7f"].concat()),
        ("codename", ["ACME", "XYZ", "123456"].join("-")),
        ("password", "correct horse battery staple".to_owned()),
    ]
}
