//! Values that look live, put together at run time: `${card}` in a case is one of these.

/// Fills every `${name}`.
pub fn fill(text: &str) -> String {
    let mut filled = super::seal::fill(text);
    for (name, value) in all() {
        filled = filled.replace(&format!("${{{name}}}"), &value);
    }
    assert!(!filled.contains("${"), "an unknown placeholder in {filled}");
    filled
}

pub fn all() -> Vec<(&'static str, String)> {
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
