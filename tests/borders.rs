//! The borders of the house: who may use whom, read from the `crate::` paths of every source file.
//!
//! ```text
//! host -> exchange -> { identity, guard, approval, mask, audit } -> { policy, mcp, seal } -> wire -> limits
//! ```

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice,
    reason = "a test fails loudly, its helpers too"
)]

use std::fs;
use std::path::{Path, PathBuf};

/// Each room and the rooms it may name. `limits`, `time` and `shared` hold only plain values and are open to all.
const MAY_USE: &[(&str, &[&str])] = &[
    ("limits", &[]),
    ("time", &[]),
    ("shared", &[]),
    ("wire", &[]),
    ("policy", &["wire"]),
    ("seal", &["policy"]),
    ("mcp", &["wire"]),
    ("identity", &["policy", "mcp", "wire"]),
    ("guard", &["policy", "mcp", "wire"]),
    ("approval", &["policy", "mcp", "wire"]),
    ("mask", &["policy", "mcp", "seal", "wire"]),
    ("audit", &["policy", "mcp", "wire"]),
    ("exchange", &["identity", "guard", "approval", "mask", "audit", "policy", "mcp", "seal", "wire"]),
    ("host", &["exchange", "policy", "mcp"]),
];

const OPEN: [&str; 5] = ["limits", "time", "shared", "VERSION", "GIT_HASH"];

fn sources(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            sources(&path, found);
        } else if path.extension().is_some_and(|ending| ending == "rs") {
            found.push(path);
        }
    }
}

/// Every room named as `crate::room` in code; comments and their links may point anywhere.
fn named(text: &str) -> Vec<String> {
    let code: String = text.lines().map(|line| line.split("//").next().unwrap_or_default()).collect::<Vec<_>>().join("\n");
    let word = |rest: &str| rest.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect::<String>();
    let mut rooms = Vec::new();
    for rest in code.split("crate::").skip(1) {
        match rest.strip_prefix('{') {
            Some(list) => rooms.extend(list.split('}').next().unwrap_or_default().split(',').map(|item| word(item.trim()))),
            None => rooms.push(word(rest)),
        }
    }
    rooms.retain(|room| !room.is_empty());
    rooms
}

fn all_sources() -> Vec<(String, PathBuf, String)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut files = Vec::new();
    sources(&root, &mut files);
    let room = |path: &Path| {
        let first = path.strip_prefix(&root).unwrap().components().next().unwrap();
        first.as_os_str().to_string_lossy().trim_end_matches(".rs").to_owned()
    };
    files.into_iter().map(|path| (room(&path), path.clone(), fs::read_to_string(&path).unwrap())).collect()
}

#[test]
fn no_room_uses_one_it_must_not() {
    let mut crossings = Vec::new();
    for (room, path, text) in all_sources() {
        if room == "lib" {
            continue;
        }
        let (_, allowed) = MAY_USE.iter().find(|(name, _)| *name == room).unwrap_or_else(|| panic!("{room} is not on the plan"));
        for used in named(&text) {
            if used != room && !OPEN.contains(&used.as_str()) && !allowed.contains(&used.as_str()) {
                crossings.push(format!("{}: {room} uses {used}", path.display()));
            }
        }
    }
    assert!(crossings.is_empty(), "{crossings:#?}");
}

#[test]
fn only_host_names_the_abi_the_clock_and_the_outside() {
    // Put together, so that this file does not name it either.
    let abi_crate = ["proxy", "wasm"].join("_");
    let mut found = Vec::new();
    for (room, path, text) in all_sources() {
        for (number, line) in text.lines().enumerate() {
            let code = line.split("//").next().unwrap_or_default();
            let outside = ["SystemTime", "Instant::now", "std::fs", "std::net::Tcp", "std::env::", "log::", "println!", "eprintln!"];
            let abi = code.contains(&abi_crate);
            if room != "host" && (abi || outside.iter().any(|word| code.contains(word))) {
                found.push(format!("{}:{}: {}", path.display(), number + 1, line.trim()));
            }
        }
    }
    assert!(found.is_empty(), "{found:#?}");
}

#[test]
fn the_reader_of_borders_sees_what_it_should() {
    let text = "use crate::{guard, mask::Form};\n// crate::host in a comment\nlet x = crate::policy::Mode::Observe;";
    assert_eq!(named(text), ["guard", "mask", "policy"]);
}
