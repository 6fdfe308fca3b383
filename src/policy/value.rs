//! The words a policy is written in: durations, sizes, globs, origins, patterns, secrets.
//!
//! Each parses from text once, says what it expects in its error, and cannot hold a value that breaks its rule.

use std::fmt;

use regex_automata::meta;

/// A span of time, written `250ms`, `30s`, `5m`, `12h` or `7d`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Duration {
    millis: u64,
}

impl Duration {
    pub const fn from_millis(millis: u64) -> Self {
        Self { millis }
    }

    pub const fn from_secs(secs: u64) -> Self {
        Self { millis: secs.saturating_mul(1000) }
    }

    pub const fn millis(self) -> u64 {
        self.millis
    }

    pub const fn secs(self) -> u64 {
        self.millis / 1000
    }

    pub fn parse(text: &str) -> Result<Self, &'static str> {
        let (number, unit) = split_unit(text).ok_or(DURATION)?;
        let factor = match unit {
            "ms" => 1,
            "s" => 1000,
            "m" => 60_000,
            "h" => 3_600_000,
            "d" => 86_400_000,
            _ => return Err(DURATION),
        };
        number.checked_mul(factor).map(Self::from_millis).ok_or(DURATION)
    }
}

const DURATION: &str = "a duration such as `500ms`, `30s`, `5m`, `12h` or `7d`";

/// A size, written `64KiB`, `1MiB` or in plain bytes `4096B`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Bytes(pub usize);

impl Bytes {
    pub fn parse(text: &str) -> Result<Self, &'static str> {
        let (number, unit) = split_unit(text).ok_or(BYTES)?;
        let factor = match unit {
            "B" => 1,
            "KiB" => 1024,
            "MiB" => 1024 * 1024,
            _ => return Err(BYTES),
        };
        let bytes = number.checked_mul(factor).ok_or(BYTES)?;
        usize::try_from(bytes).map(Self).map_err(|_| BYTES)
    }
}

const BYTES: &str = "a size such as `4096B`, `64KiB` or `1MiB`";

/// Digits, then a unit: nothing before, between or after.
fn split_unit(text: &str) -> Option<(u64, &str)> {
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    let (number, unit) = text.split_at_checked(digits)?;
    Some((number.parse().ok()?, unit))
}

/// A name with `*` for any run of characters and `?` for one; everything else stands for itself, case matters.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Glob {
    text: String,
}

impl Glob {
    pub fn new(text: impl Into<String>) -> Self {
        Self { text: text.into() }
    }

    pub fn as_str(&self) -> &str {
        &self.text
    }

    pub fn matches(&self, name: &str) -> bool {
        matches(&self.text, name)
    }
}

/// What [`Glob`] means by `pattern`. Linear in both lengths but for one backtrack point: no input makes it exponential.
pub fn matches(pattern: &str, name: &str) -> bool {
    // Most differ where they begin or end.
    let differ = |mine: Option<&u8>, other: Option<&u8>| mine.is_some_and(|mine| !matches!(mine, b'*' | b'?') && Some(mine) != other);
    let (bytes, other) = (pattern.as_bytes(), name.as_bytes());
    if differ(bytes.first(), other.first()) || differ(bytes.last(), other.last()) {
        return false;
    }
    let mut pattern = pattern.chars();
    let mut rest = name.chars();
    // Where to go on from when the characters after the last `*` did not match: one character further.
    let mut retry: Option<(std::str::Chars<'_>, std::str::Chars<'_>)> = None;
    loop {
        let before = rest.clone();
        match (pattern.next(), rest.next()) {
            (Some('*'), _) => {
                rest = before.clone();
                retry = Some((pattern.clone(), before));
                continue;
            }
            (Some('?'), Some(_)) => continue,
            (Some(want), Some(have)) if want == have => continue,
            (None, None) => return true,
            _ => {}
        }
        let Some((after_star, mut from)) = retry else { return false };
        if from.next().is_none() {
            return false;
        }
        pattern = after_star.clone();
        rest = from.clone();
        retry = Some((after_star, from));
    }
}

/// A web origin as RFC 6454 serializes it: scheme, host and, unless default, port.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Origin(String);

impl Origin {
    pub fn parse(text: &str) -> Result<Self, &'static str> {
        const EXPECTED: &str = "an origin such as `https://console.example.com`, without a path";
        let (scheme, rest) = text.split_once("://").ok_or(EXPECTED)?;
        if !matches!(scheme, "http" | "https") || rest.is_empty() {
            return Err(EXPECTED);
        }
        let plain =
            |c: char| c.is_ascii_graphic() && !c.is_ascii_uppercase() && !matches!(c, '/' | '?' | '#' | '@' | '*' | ',' | '"' | '\\');
        if !rest.chars().all(plain) {
            return Err(EXPECTED);
        }
        // Browsers leave the default port out: with it, the entry would match nobody.
        let default_port = if scheme == "https" { ":443" } else { ":80" };
        let host = rest.strip_suffix(default_port).unwrap_or(rest);
        if host.is_empty() { Err(EXPECTED) } else { Ok(Self(format!("{scheme}://{host}"))) }
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// The external URL of the guarded endpoint.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Resource {
    url: String,
    origin_len: usize,
}

impl Resource {
    pub fn parse(text: &str) -> Result<Self, &'static str> {
        const EXPECTED: &str = "the endpoint's external URL, such as `https://mcp.example.com/mcp`, without query or fragment";
        let (scheme, rest) = text.split_once("://").ok_or(EXPECTED)?;
        let host_len = rest.find('/').unwrap_or(rest.len());
        let bad = !matches!(scheme, "http" | "https")
            || host_len == 0
            || text.contains(['?', '#', '@', '"', '\\'])
            || text.chars().any(|c| c.is_whitespace() || c.is_control());
        if bad {
            return Err(EXPECTED);
        }
        Ok(Self { url: text.to_owned(), origin_len: scheme.len() + 3 + host_len })
    }

    /// The URL as written.
    pub fn as_str(&self) -> &str {
        &self.url
    }

    /// `https://mcp.example.com`
    pub fn origin(&self) -> &str {
        self.url.get(..self.origin_len).unwrap_or_default()
    }

    /// `mcp.example.com`, with its port if it was written.
    pub fn host(&self) -> &str {
        self.origin().split_once("://").map_or("", |(_, host)| host)
    }

    /// `/mcp`; empty when the URL has none, or only `/`.
    pub fn path(&self) -> &str {
        let path = self.url.get(self.origin_len..).unwrap_or_default();
        if path == "/" { "" } else { path }
    }

    /// Whether a request's path, without its query, is this endpoint's or plainly below it. What a server could read as another
    /// place (dot segments, escapes, backslashes) is not.
    pub fn covers(&self, path: &str) -> bool {
        covers(self.path(), path)
    }
}

/// Whether `path` is `own`, or plainly below it.
pub fn covers(own: &str, path: &str) -> bool {
    let plain = !path.contains("..") && !path.contains(['%', '\\']);
    plain && path.strip_prefix(own.trim_end_matches('/')).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

/// An operator's regular expression, with its size bounded.
#[derive(Clone)]
pub struct Pattern {
    text: String,
    regex: meta::Regex,
}

impl Pattern {
    pub fn parse(text: &str) -> Result<Self, String> {
        let pattern = Self::parse_search(text)?;
        if pattern.regex.is_match("") {
            return Err("the pattern matches the empty text; say what must be there".to_owned());
        }
        Ok(pattern)
    }

    /// A pattern that is only asked whether it is found: it may match the empty text.
    pub fn parse_search(text: &str) -> Result<Self, String> {
        let config = meta::Config::new().nfa_size_limit(Some(crate::limits::PATTERN_BYTES)).hybrid_cache_capacity(256 * 1024);
        let regex = meta::Builder::new()
            .configure(config)
            .syntax(regex_automata::util::syntax::Config::new().nest_limit(64))
            .build(text)
            .map_err(|err| match err.size_limit() {
            Some(_) => format!("the pattern compiles to more than {} KiB; make its repeats smaller", crate::limits::PATTERN_BYTES / 1024),
            None => match err.syntax_error() {
                Some(syntax) => format!("not a regular expression: {syntax}"),
                None => format!("not a regular expression: {err}"),
            },
        })?;
        Ok(Self { text: text.to_owned(), regex })
    }

    pub fn as_str(&self) -> &str {
        &self.text
    }

    pub fn regex(&self) -> &meta::Regex {
        &self.regex
    }
}

impl fmt::Debug for Pattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Pattern({:?})", self.text)
    }
}

/// A value that must not be shown: resolved from `${env:NAME}`, printed as dots.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(Vec<u8>);

impl Secret {
    pub fn new(bytes: impl Into<Vec<u8>>) -> Self {
        Self(bytes.into())
    }

    pub fn expose(&self) -> &[u8] {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(..)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_resource_covers_its_path_and_what_is_plainly_below() {
        let team = Resource::parse("https://h/team/mcp").unwrap();
        for path in ["/team/mcp", "/team/mcp/", "/team/mcp/x"] {
            assert!(team.covers(path), "{path}");
        }
        for path in [
            "/team",
            "/team/mcpx",
            "/TEAM/mcp",
            "/",
            "",
            "/team/mcp/../../admin",
            "/team/mcp/%2e%2e/admin",
            "/team/mcp\\..\\x",
            "//team/mcp",
        ] {
            assert!(!team.covers(path), "{path}");
        }
        for text in ["https://h", "https://h/"] {
            assert!(Resource::parse(text).unwrap().covers("/mcp"), "{text}");
        }
        assert!(Resource::parse("https://h/mcp/").unwrap().covers("/mcp"));
    }
}
