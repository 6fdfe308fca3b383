//! Links that a client might follow or show: schemes that run something in place of leading somewhere.

/// Characters of a link that decide about its scheme, white space and control characters left out.
pub const DECIDING: usize = 28;

/// Begins with one of these, in lower case.
const UNSAFE: [&str; 6] = ["javascript:", "vbscript:", "data:text/html", "data:text/xml", "data:application/xhtml", "data:application/xml"];

/// What a browser looks at first: it steps over white space and control characters before the scheme, and over tabs and line breaks in it.
#[derive(Clone, Debug, Default)]
pub struct Beginning(String);

impl Beginning {
    pub fn push(&mut self, c: char) {
        if self.0.len() < DECIDING && !c.is_whitespace() && !c.is_control() {
            self.0.push(c.to_ascii_lowercase());
        }
    }

    /// Nothing that follows makes a difference.
    pub fn is_clear(&self) -> bool {
        self.0.len() >= DECIDING || !UNSAFE.iter().any(|scheme| scheme.starts_with(self.0.as_str()))
    }

    pub fn is_unsafe(&self) -> bool {
        UNSAFE.iter().any(|scheme| self.0.starts_with(scheme))
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scheme {
    Http,
    Https,
}

/// Scheme and host, in lower case, of a URL that all readers read alike: no user, no backslash, no white space, no escapes in the host.
pub fn host(url: &str) -> Option<(Scheme, String)> {
    if url.chars().any(|c| c.is_control() || c.is_whitespace() || c == '\\') {
        return None;
    }
    let (scheme, rest) = url.split_once("://")?;
    let scheme = match scheme.to_ascii_lowercase().as_str() {
        "https" => Scheme::Https,
        "http" => Scheme::Http,
        _ => return None,
    };
    let authority = rest.split(['/', '?', '#']).next()?;
    let host = match authority.strip_prefix('[') {
        Some(rest) => format!("[{}]", rest.split_once(']')?.0),
        None => authority.rsplit_once(':').map_or(authority, |(host, _)| host).to_owned(),
    };
    let plain =
        |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_') || (host.starts_with('[') && matches!(c, '[' | ']' | ':'));
    if host.is_empty() || authority.contains('@') || !host.chars().all(plain) {
        return None;
    }
    Some((scheme, host.trim_end_matches('.').to_ascii_lowercase()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn schemes_that_run_something() {
        for (link, bad) in [
            ("javascript:alert(1)", true),
            ("  JavaScript:alert(1)", true),
            ("java\tscr\nipt:x", true),
            ("\u{1}javascript:x", true),
            ("vbscript:x", true),
            ("data:text/html;base64,AAAA", true),
            ("data:image/png;base64,AAAA", false),
            ("javascripts://x", false),
            ("https://example.com/javascript:", false),
            ("demo://resource/1", false),
            ("file:///srv/a.txt", false),
            ("java", false),
            ("", false),
        ] {
            let mut beginning = Beginning::default();
            link.chars().for_each(|c| beginning.push(c));
            assert_eq!(beginning.is_unsafe(), bad, "{link:?}");
        }
    }

    #[test]
    fn it_is_clear_as_soon_as_it_is() {
        let mut beginning = Beginning::default();
        for (c, clear) in "java-".chars().zip([false, false, false, false, true]) {
            beginning.push(c);
            assert_eq!(beginning.is_clear(), clear, "{c}");
        }
    }
}
