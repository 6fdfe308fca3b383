//! URLs in the one form in which two of them can be compared (RFC 3986, 6.2.2 and 6.2.3), for the `htu` of a proof.

use crate::policy::value::Resource;

/// The URL without query and fragment: scheme and host in lower case, no default port, escapes only where they must be and in upper case.
///
/// `None` for what is no absolute `http` or `https` URL, and for one with dot segments: which path that is depends on who reads it.
pub(super) fn normal(url: &str) -> Option<String> {
    let url = url.split(['?', '#']).next().unwrap_or_default();
    if !url.bytes().all(|byte| byte.is_ascii_graphic()) {
        return None;
    }
    let (scheme, rest) = url.split_once("://")?;
    let (scheme, default_port) = match scheme.to_ascii_lowercase().as_str() {
        "https" => ("https", ":443"),
        "http" => ("http", ":80"),
        _ => return None,
    };
    let (host, path) = rest.split_at_checked(rest.find('/').unwrap_or(rest.len()))?;
    let host = host.to_ascii_lowercase();
    let host = host.strip_suffix(default_port).or_else(|| host.strip_suffix(':')).unwrap_or(&host);
    if host.is_empty() || host.contains(['@', '\\', '%']) {
        return None;
    }
    let path = plain_path(path)?;
    if path.split('/').any(|segment| matches!(segment, "." | "..")) {
        return None;
    }
    Some(format!("{scheme}://{host}{}", if path.is_empty() { "/" } else { &path }))
}

/// The URL that a proof for this request must name, in normal form.
///
/// Below the endpoint's own path it is the request's. Elsewhere, as where a proxy in front has taken a prefix away, it is the endpoint's: clients
/// know no other.
pub(super) fn of_request(resource: &Resource, path: &str) -> Option<String> {
    if resource.covers(path) { normal(&format!("{}{path}", resource.origin())) } else { normal(resource.as_str()) }
}

/// Unreserved characters (RFC 3986, 2.3) stand for themselves, all other escapes are in upper case.
fn plain_path(path: &str) -> Option<String> {
    let mut plain = String::with_capacity(path.len());
    let mut chars = path.chars();
    while let Some(c) = chars.next() {
        if c != '%' {
            plain.push(c);
            continue;
        }
        let (high, low) = (chars.next()?.to_digit(16)?, chars.next()?.to_digit(16)?);
        let byte = u8::try_from(high.saturating_mul(16).saturating_add(low)).ok()?;
        let c = char::from(byte);
        if c.is_ascii_alphanumeric() || matches!(c, '-' | '.' | '_' | '~') {
            plain.push(c);
        } else {
            plain.push_str(&format!("%{byte:02X}"));
        }
    }
    Some(plain)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spellings_of_one_url_are_one() {
        for same in [
            "https://mcp.example.com/mcp",
            "HTTPS://MCP.Example.COM/mcp",
            "https://mcp.example.com:443/mcp",
            "https://mcp.example.com:/mcp",
            "https://mcp.example.com/%6dcp",
            "https://mcp.example.com/mcp?x=1#y",
            "https://mcp.example.com/mcp#?",
        ] {
            assert_eq!(normal(same).as_deref(), Some("https://mcp.example.com/mcp"), "{same}");
        }
        assert_eq!(normal("http://h:80").as_deref(), Some("http://h/"));
        assert_eq!(normal("https://h/a%2fb").as_deref(), Some("https://h/a%2Fb"));
    }

    #[test]
    fn other_urls_are_others_or_none() {
        for other in [
            "http://mcp.example.com/mcp",
            "https://mcp.example.com/MCP",
            "https://mcp.example.com/mcp/",
            "https://mcp.example.com:8443/mcp",
            "https://mcp.example.com:80/mcp",
            "https://mcp.example.com/",
            "https://mcp.example.com",
            "https://mcp.example.com.evil.example/mcp",
            "https://mcp.example.com/%256dcp",
        ] {
            assert!(normal(other).is_some_and(|url| url != "https://mcp.example.com/mcp"), "{other}");
        }
        for none in [
            "",
            "/mcp",
            "mcp.example.com/mcp",
            "//mcp.example.com/mcp",
            "ftp://mcp.example.com/mcp",
            "https:///mcp",
            "https://user@mcp.example.com/mcp",
            "https://mcp.example.com/a/../mcp",
            "https://mcp.example.com/%2e%2e/mcp",
            "https://mcp.example.com/./mcp",
            "https://mcp.example.com/mcp%",
            "https://mcp.example.com/mcp%4",
            "https://mcp.example.com/mcp%zz",
            "https://mcp.example.com/m cp",
            " https://mcp.example.com/mcp",
            "https://mcp.\u{435}xample.com/mcp",
            "https://mcp%2eexample.com/mcp",
        ] {
            assert_eq!(normal(none), None, "{none}");
        }
    }

    #[test]
    fn a_request_has_one_url() {
        let resource = Resource::parse("https://mcp.example.com/team/mcp").unwrap();
        let of = |path: &str| of_request(&resource, path).unwrap();
        assert_eq!(of("/team/mcp"), "https://mcp.example.com/team/mcp");
        assert_eq!(of("/team/mcp/sub"), "https://mcp.example.com/team/mcp/sub");
        // A proxy in front took `/team` away.
        assert_eq!(of("/mcp"), "https://mcp.example.com/team/mcp");
        assert_eq!(of_request(&Resource::parse("https://h").unwrap(), "").unwrap(), "https://h/");
    }
}
