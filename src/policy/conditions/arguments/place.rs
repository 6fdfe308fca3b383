//! Where a path must lie.

use serde_json::Value as Json;

use crate::policy::form::{Form, Reading, parsed, shown, text};
use crate::policy::report::Place;
use crate::policy::tree::Node;

/// A directory: `/srv/data`, `C:\data`, `docs` (below wherever the server is), or `.` for anything below there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Directory {
    pub root: Root,
    /// Names from the root on, without `.` and `..`.
    pub names: Vec<String>,
}

/// Where a path begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Root {
    /// The directory the server runs in.
    Here,
    /// `/`
    Posix,
    /// `C:\`, the letter in upper case.
    Drive(char),
    /// `\\server\share`
    Network,
}

parsed!(Directory, directory, { "type": "string", "minLength": 1, "examples": ["/srv/data", "C:\\data", "docs", "."] });

fn directory(written: &str) -> Result<Directory, &'static str> {
    const EXPECTED: &str = "a directory such as `/srv/data`, `C:\\data`, `docs` or `.`, without `..`, `~`, `%`, wildcards or variables";
    let mut chars = written.chars();
    let (root, rest) = match (chars.next(), chars.next(), chars.next()) {
        (Some('/'), ..) => (Root::Posix, written.get(1..)),
        (Some(letter), Some(':'), Some('\\' | '/') | None) if letter.is_ascii_alphabetic() => {
            (Root::Drive(letter.to_ascii_uppercase()), written.get(2..))
        }
        _ => (Root::Here, Some(written)),
    };
    let separators: &[char] = if matches!(root, Root::Drive(_)) { &['/', '\\'] } else { &['/'] };
    let names: Vec<String> =
        rest.unwrap_or_default().split(separators).filter(|name| !matches!(*name, "" | ".")).map(str::to_owned).collect();
    let odd = |name: &String| {
        name.chars().all(|c| matches!(c, '.' | ' '))
            || name.contains(|c: char| c.is_control() || matches!(c, '%' | '*' | '?' | '$' | '\\' | ':'))
    };
    let empty = written.trim().is_empty() || (root == Root::Posix && written.starts_with("//"));
    if empty || written.starts_with('~') || names.iter().any(odd) { Err(EXPECTED) } else { Ok(Directory { root, names }) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn directories_are_plain() {
        let read = |text: &str| directory(text).ok().map(|directory| (directory.root, directory.names.join("|")));
        for (text, root, names) in [
            ("/", Root::Posix, ""),
            ("/srv/data/", Root::Posix, "srv|data"),
            ("c:\\data/x", Root::Drive('C'), "data|x"),
            ("C:", Root::Drive('C'), ""),
            (".", Root::Here, ""),
            ("./docs", Root::Here, "docs"),
        ] {
            assert_eq!(read(text), Some((root, names.to_owned())), "{text}");
        }
        for text in ["", " ", "..", "/a/../b", "~/x", "/a/*", "/a%2fb", "//server/share", "\\\\server\\share", "$HOME/x", "C:x"] {
            assert_eq!(read(text), None, "{text}");
        }
    }
}
