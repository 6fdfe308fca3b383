//! Paths: where one leads, if all who could open it agree.
//!
//! What is resolved is the text. A symbolic link on the server's disk leads where it leads, and only the server can look.

use std::borrow::Cow;

use super::decode;
use crate::guard::condition::Met;
use crate::policy::{Directory, Root};

/// Whether the path lies in one of the directories, or is one. Read as it is written and as the most lenient reader would (escapes undone, backslashes as
/// slashes); where they disagree, and for what depends on the server (a relative path and an absolute directory, `~`, variables, devices), it
/// cannot be told.
pub(in crate::guard) fn within(text: &str, directories: &[Directory]) -> Met {
    let Some(path) = without_scheme(text) else { return Met::Unsure };
    let readings = decode::readings(&path);
    let last = readings.last().map_or("", AsRef::as_ref);
    if is_odd(text) || (last != text && is_odd(last)) || last.matches('%').count() > 1 {
        return Met::Unsure;
    }
    let windows = directories.iter().any(|directory| matches!(directory.root, Root::Drive(_)));
    if !windows && readings.len() == 1 && last == path && reads_alike(&path) {
        return Read::of(&path, false).within_any(directories);
    }
    let as_written = std::iter::once((path.as_ref(), windows));
    let leniently = readings.iter().flat_map(|reading| [(reading.as_ref(), false), (reading.trim(), true)]);
    let mut agreed: Option<Met> = None;
    for (reading, backslashes) in as_written.chain(leniently) {
        if windows && !backslashes {
            continue;
        }
        let met = Read::of(reading, backslashes).within_any(directories);
        if agreed.is_some_and(|agreed| agreed != met) {
            return Met::Unsure;
        }
        agreed = Some(met);
    }
    agreed.unwrap_or(Met::Unsure)
}

/// Nothing in it means more where a backslash parts names: no backslash, no drive, no name that ends in a dot or a blank.
fn reads_alike(path: &str) -> bool {
    let mut before = b'/';
    let plain = path.bytes().chain([b'/']).all(|byte| {
        let ends_oddly = byte == b'/' && matches!(before, b'.' | b' ');
        before = byte;
        !ends_oddly && byte != b'\\'
    });
    plain && drive(path).is_none() && path.trim().len() == path.len()
}

/// The path of a `file:` URL of this host, decoded once; any other text as it is. `None` for other URLs.
fn without_scheme(text: &str) -> Option<Cow<'_, str>> {
    let Some((scheme, rest)) =
        text.split_once(':').filter(|(scheme, rest)| scheme.len() > 1 && (rest.starts_with('/') || *scheme == "file"))
    else {
        return Some(Cow::Borrowed(text));
    };
    if !scheme.eq_ignore_ascii_case("file") {
        // `src/a:/b` is a path, if an odd one.
        return scheme.contains(['/', '\\', ' ']).then_some(Cow::Borrowed(text));
    }
    let path = match rest.strip_prefix("//") {
        Some(rest) => rest.strip_prefix("localhost").unwrap_or(rest),
        None => rest,
    };
    // Another host, or a query that some take for a part of the name.
    if !path.starts_with('/') || path.starts_with("//") || path.contains(['?', '#']) {
        return None;
    }
    // `file:///C:/x`
    let drive = path.get(1..).filter(|path| drive(path).is_some());
    let path = drive.unwrap_or(path);
    Some(decode::decode(path).map_or(Cow::Borrowed(path), Cow::Owned))
}

/// What only the server knows, or what servers do not agree about.
fn is_odd(text: &str) -> bool {
    if text.is_empty() || text.starts_with('~') || text.contains(char::is_control) {
        return true;
    }
    let variable =
        |at: usize| text.as_bytes().get(at.saturating_add(1)).is_some_and(|&b| b.is_ascii_alphabetic() || matches!(b, b'{' | b'(' | b'_'));
    if memchr::memchr_iter(b'$', text.as_bytes()).any(variable) {
        return true;
    }
    text.split(['/', '\\']).any(|name| {
        let dots = name.len() > 2 && name.chars().all(|c| matches!(c, '.' | ' '));
        dots || name.starts_with("..;") || (name.starts_with('.') && name.contains(['*', '?', '['])) || name == ". "
    })
}

fn drive(path: &str) -> Option<(char, &str)> {
    let mut chars = path.chars();
    let letter = chars.next().filter(char::is_ascii_alphabetic)?;
    chars.as_str().strip_prefix(':').map(|rest| (letter.to_ascii_uppercase(), rest))
}

/// A path with its dots resolved.
struct Read<'t> {
    /// `None` when it cannot be told.
    root: Option<Root>,
    names: Vec<&'t str>,
}

impl<'t> Read<'t> {
    fn of(path: &'t str, backslashes: bool) -> Self {
        let is_separator = |c: char| c == '/' || (backslashes && c == '\\');
        let doubled = |first: char, second: char| is_separator(first) && is_separator(second);
        let mut chars = path.chars();
        let (root, rest) = match (chars.next(), chars.next()) {
            (Some(first), Some(second)) if backslashes && doubled(first, second) && (first == '\\' || second == '\\') => {
                (Some(Root::Network), path)
            }
            (Some(first), _) if is_separator(first) => (Some(Root::Posix), path),
            _ => match drive(path).filter(|_| backslashes) {
                // `C:x` is relative to where the drive's own directory is.
                Some((letter, rest)) => (rest.starts_with(is_separator).then_some(Root::Drive(letter)), rest),
                None => (Some(Root::Here), path),
            },
        };
        let mut read = Self { root, names: Vec::new() };
        for name in rest.split(is_separator) {
            match name {
                "" | "." => {}
                ".." => {
                    if read.names.pop().is_none() && root == Some(Root::Here) {
                        read.root = None;
                    }
                }
                name => read.names.push(if backslashes { name.trim_end_matches(['.', ' ']) } else { name }),
            }
        }
        if matches!(root, Some(Root::Drive(_))) && read.names.iter().any(|name| is_special(name)) {
            read.root = None;
        }
        read
    }

    fn within_any(&self, directories: &[Directory]) -> Met {
        directories.iter().fold(Met::No, |met, directory| met.or(self.within(directory)))
    }

    fn within(&self, directory: &Directory) -> Met {
        let same_root = match (self.root, directory.root) {
            (Some(Root::Drive(mine)), Root::Drive(other)) => mine == other,
            (Some(mine), other) if mine == other => true,
            _ => return Met::Unsure,
        };
        if !same_root || self.names.len() < directory.names.len() {
            return Met::No;
        }
        let mut pairs = self.names.iter().zip(&directory.names);
        if pairs.clone().all(|(mine, other)| *mine == other.as_str()) {
            return Met::Yes;
        }
        if !pairs.all(|(mine, other)| mine.to_lowercase() == other.to_lowercase()) {
            return Met::No;
        }
        // Windows does not tell them apart; elsewhere it depends on the disk.
        if matches!(directory.root, Root::Drive(_)) { Met::Yes } else { Met::Unsure }
    }
}

/// Names that Windows gives a meaning of its own: devices, streams of a file, short forms of long names.
fn is_special(name: &str) -> bool {
    let stem = name.split('.').next().unwrap_or_default().trim_end().to_ascii_lowercase();
    let numbered = |device: &str| {
        stem.strip_prefix(device)
            .is_some_and(|rest| matches!(rest, "0" | "1" | "2" | "3" | "4" | "5" | "6" | "7" | "8" | "9" | "¹" | "²" | "³"))
    };
    let short = name.split_once('~').is_some_and(|(_, rest)| rest.starts_with(|c: char| c.is_ascii_digit()));
    matches!(stem.as_str(), "con" | "prn" | "aux" | "nul" | "conin$" | "conout$")
        || numbered("com")
        || numbered("lpt")
        || name.contains(':')
        || short
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn posix(path: &str) -> Directory {
        Directory { root: Root::Posix, names: path.split('/').filter(|name| !name.is_empty()).map(str::to_owned).collect() }
    }

    #[test]
    fn posix_paths() {
        let directories = [posix("/srv/data"), posix("/tmp")];
        for path in [
            "/srv/data",
            "/srv/data/",
            "/srv/data/a.txt",
            "/srv//data/./a",
            "/srv/x/../data/a",
            "/tmp/a b/c",
            "file:///srv/data/a%20b",
            "file://localhost/tmp/x",
            "FILE:///srv/data/a",
            "file:/tmp/x",
            "/srv/data/100%",
            "/srv/data/a%20b",
            "/srv/data/é",
            "/srv/data/a.",
            "/srv/data/..a/b..",
        ] {
            assert_eq!(within(path, &directories), Met::Yes, "{path}");
        }
        for path in [
            "/etc/passwd",
            "/srv/database",
            "/srv/data/../x",
            "/",
            "/srv",
            "/srv/data/../../etc",
            "file:///etc/passwd",
            "/../tmpx",
            "/srv/data%2f..%2f..%2fetc",
        ] {
            assert_ne!(within(path, &directories), Met::Yes, "{path}");
        }
        assert_eq!(within("/etc/passwd", &directories), Met::No);
        for path in [
            "",
            "a",
            "../srv/data",
            "~/x",
            "/srv/data/%2e%2e/%2e%2e/etc",
            "/srv/data/..%2f..%2fetc",
            "/srv/data/%252e%252e/x",
            "/srv/data/%c0%ae%c0%ae/x",
            "/srv/data/..\\..\\x",
            "/srv/data/\u{ff0e}\u{ff0e}/x",
            "/srv/data/..\u{2215}..\u{2215}x",
            "/srv/data/\0",
            "/srv/data/a\nb",
            "\\\\srv\\data",
            "//srv/data/..\\x",
            "/srv/data/...",
            "/srv/data/.. /x",
            "/srv/data/..;/x",
            "/srv/data/$HOME",
            "/srv/data/${x}",
            "/srv/data/.*/x",
            "http://h/srv/data",
            "file://other/srv/data",
            "C:\\srv\\data",
            "/SRV/data/x",
            " /srv/data/x",
            "%2fsrv%2fdata%2fx",
            "file:srv/data",
            "file:///srv/data/a?x",
            "/srv/data/%APPDATA%",
        ] {
            assert_eq!(within(path, &directories), Met::Unsure, "{path}");
        }
    }

    #[test]
    fn windows_paths() {
        let directories = [Directory { root: Root::Drive('C'), names: vec!["Data".to_owned()] }];
        for path in ["C:\\Data\\a.txt", "c:/data/a/b", "C:\\x\\..\\DATA", "file:///C:/Data/x"] {
            assert_eq!(within(path, &directories), Met::Yes, "{path}");
        }
        for path in ["C:\\Data\\..\\Windows", "D:\\Data", "C:\\Database", "C:\\"] {
            assert_eq!(within(path, &directories), Met::No, "{path}");
        }
        for path in [
            "\\\\server\\Data",
            "\\\\?\\C:\\Data",
            "C:Data",
            "\\Data",
            "Data",
            "C:\\Data\\con",
            "C:\\Data\\NUL.txt",
            "C:\\Data\\a.txt::$DATA",
            "C:\\Data\\PROGRA~1",
            "C:\\Data\\%2e%2e\\x",
            "C:\\Data\\... \\x",
            "C:\\Data\\COM\u{b9}",
        ] {
            assert_eq!(within(path, &directories), Met::Unsure, "{path}");
        }
    }

    #[test]
    fn relative_paths() {
        let directories = [Directory { root: Root::Here, names: Vec::new() }];
        for path in ["a", "./a/b", "a/../b", "a\\b", "docs/x%20y"] {
            assert_eq!(within(path, &directories), Met::Yes, "{path}");
        }
        for path in ["../a", "a/../../b", "/a", "..", "a\\..\\..\\b", "%2e%2e/a", "C:\\a", "~"] {
            assert_eq!(within(path, &directories), Met::Unsure, "{path}");
        }
    }

    proptest! {
        /// A path that is not within is not, however much of it is percent-encoded.
        #[test]
        fn encoding_never_lets_a_path_in(
            path in "/(srv|data|etc|\\.\\.|\\.)(/(srv|data|etc|\\.\\.|a)){0,5}",
            hide in proptest::collection::vec(0_u8..3, 48),
        ) {
            let directories = [posix("/srv/data")];
            let hidden: String = path.bytes().zip(&hide).map(|(b, hide)| match hide {
                0 => char::from(b).to_string(),
                1 => format!("%{b:02x}"),
                _ => format!("%25{b:02X}"),
            }).collect();
            if within(&path, &directories) != Met::Yes {
                prop_assert_ne!(within(&hidden, &directories), Met::Yes, "{}", hidden);
            }
        }

        /// What is read once would be read alike each time.
        #[test]
        fn plain_paths_have_one_reading(path in "(C:|/)?[a./\\\\: ]{0,12}") {
            if reads_alike(&path) {
                for directories in [[posix("/a")], [Directory { root: Root::Here, names: vec!["a".to_owned()] }]] {
                    let leniently = Read::of(path.trim(), true).within_any(&directories);
                    prop_assert_eq!(Read::of(&path, false).within_any(&directories), leniently, "{}", path);
                }
            }
        }

        #[test]
        fn bears_anything(path in any::<String>(), other in "(file:|C:|~|//)?[a/.\\\\%2e:$ ~*]{0,20}") {
            let _ = within(&path, &[posix("/srv")]);
            let _ = within(&other, &[posix("/srv"), Directory { root: Root::Drive('C'), names: Vec::new() }]);
        }
    }
}
