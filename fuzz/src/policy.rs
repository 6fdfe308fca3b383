//! A policy in each of its forms, and the tests of one.

use portcullis::exchange::{Engine, Identification};
use portcullis::policy::{self, suite};

/// Longer texts find nothing that shorter ones do not, and take their time.
const MOST: usize = 16 * 1024;

fn env(name: &str) -> Option<String> {
    Some(format!("{name}, long enough for any key"))
}

pub fn body(data: &[u8]) {
    let data = data.get(..MOST).unwrap_or(data);
    let _ = policy::from_configuration(data, &env);
    let Ok(text) = std::str::from_utf8(data) else { return };
    let _ = suite::lines(text);
    let _ = policy::from_json(text, &env);
    let loaded = match policy::from_yaml(text, &env) {
        Ok(loaded) => loaded,
        // Nobody can mend what is not told.
        Err(report) => return assert!(!report.is_empty() && !report.to_string().is_empty()),
    };
    let again = policy::from_configuration(loaded.json.to_string().as_bytes(), &env).expect("a policy is the same in JSON");
    assert_eq!(loaded.digest, again.digest);
    let _ = Engine::new(&loaded, Identification { node: String::new(), vm: String::new(), version: "0", git_hash: "0" });
}

pub fn tests(data: &[u8]) {
    let data = data.get(..MOST).unwrap_or(data);
    let Ok(text) = std::str::from_utf8(data) else { return };
    if let Err(report) = suite::from_yaml(text) {
        assert!(!report.is_empty() && !report.to_string().is_empty());
    }
}
