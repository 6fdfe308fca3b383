//! The names a request may be addressed to: what `Host` or `:authority` may say.

use std::net::Ipv6Addr;

use super::value::Resource;

/// One name, as `transport.hosts` lists it: `mcp.example.com`, `mcp.example.com:8443`, `[::1]:8443`, `localhost:*`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Host {
    /// In lower case; an IPv6 address in brackets and in its shortest form.
    name: String,
    port: Port,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Port {
    /// That of the resource's scheme, written or not.
    Default,
    Number(u16),
    Any,
}

/// Which names requests may be addressed to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Hosts {
    /// Not looked at: something in front of the filter has done it.
    Any,
    Listed(Vec<Host>),
}

impl Host {
    pub fn parse(text: &str) -> Result<Self, &'static str> {
        const EXPECTED: &str = "a host such as `mcp.example.com`, `mcp.example.com:8443` or `localhost:*` (any port), in ASCII and without a scheme; \
                                `hosts: any` lets every host pass";
        if text == "any" {
            return Err(EXPECTED);
        }
        if let Some(name) = text.strip_suffix(":*") {
            return Ok(Self { name: canonical(name).ok_or(EXPECTED)?, port: Port::Any });
        }
        let (name, port) = split(text).ok_or(EXPECTED)?;
        Ok(Self { name, port: port.map_or(Port::Default, Port::Number) })
    }

    /// The resource's own host, with its port if it was written.
    pub fn of(resource: &Resource) -> Option<Self> {
        Self::parse(resource.host()).ok()
    }

    /// Whether a `Host` or `:authority` names it. `default_port` is that of the resource's scheme: with it and without it are the same.
    fn is(&self, name: &str, port: Option<u16>, default_port: u16) -> bool {
        let same_port = match self.port {
            Port::Any => true,
            Port::Default => port.is_none_or(|port| port == default_port),
            Port::Number(number) => port.unwrap_or(default_port) == number,
        };
        same_port && self.name == name
    }
}

impl Hosts {
    /// Whether a request addressed like this is for us. Letter case, a default port and the spelling of an IPv6 address make no
    /// difference; a dot at the end does, and so does anything that is not a host and a port.
    pub fn serve(&self, authority: &str, resource: &Resource) -> bool {
        let default_port = if resource.as_str().starts_with("http://") { 80 } else { 443 };
        match self {
            Self::Any => true,
            Self::Listed(hosts) => split(authority).is_some_and(|(name, port)| hosts.iter().any(|host| host.is(&name, port, default_port))),
        }
    }
}

/// Host and port (RFC 9110, 4.2.3 and 7.2): no user, nothing empty, digits only.
fn split(text: &str) -> Option<(String, Option<u16>)> {
    let after_name = if text.starts_with('[') { text.find(']')?.checked_add(1)? } else { text.find(':').unwrap_or(text.len()) };
    let (name, rest) = text.split_at_checked(after_name)?;
    let port = match rest.strip_prefix(':') {
        None if rest.is_empty() => None,
        Some(digits) if !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit()) => Some(digits.parse().ok()?),
        _ => return None,
    };
    Some((canonical(name)?, port))
}

fn canonical(name: &str) -> Option<String> {
    if let Some(address) = name.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) {
        return address.parse::<Ipv6Addr>().ok().map(|address| format!("[{address}]"));
    }
    let labels =
        name.split('.').all(|label| !label.is_empty() && label.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_'));
    labels.then(|| name.to_ascii_lowercase())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn serves(resource: &str, hosts: &[&str], asked: &str) -> bool {
        let resource = Resource::parse(resource).unwrap();
        let listed = match hosts {
            [] => vec![Host::of(&resource).unwrap()],
            hosts => hosts.iter().map(|host| Host::parse(host).unwrap()).collect(),
        };
        Hosts::Listed(listed).serve(asked, &resource)
    }

    #[test]
    fn the_resources_host_by_default() {
        for asked in ["mcp.example.com", "MCP.Example.COM", "mcp.example.com:443"] {
            assert!(serves("https://Mcp.example.com/mcp", &[], asked), "{asked}");
        }
        for asked in [
            "",
            "evil.example",
            "mcp.example.com.",
            "mcp.example.com.evil.example",
            "xmcp.example.com",
            "mcp.example.com:80",
            "mcp.example.com:8443",
            "mcp.example.com:",
            "mcp.example.com:443x",
            "mcp.example.com:+443",
            "mcp.example.com:65979",
            "mcp.example.com:443:443",
            "user@mcp.example.com",
            "mcp.example.com@evil.example",
            "mcp.example.com,evil.example",
            "mcp.example.com, mcp.example.com",
            " mcp.example.com",
            "mcp.example.com/",
            "mcp.example.com#",
            "https://mcp.example.com",
            "mcp%2eexample.com",
            "mcp\u{3002}example.com",
            "[mcp.example.com]",
            "127.0.0.1",
        ] {
            assert!(!serves("https://mcp.example.com/mcp", &[], asked), "{asked}");
        }
    }

    #[test]
    fn ports() {
        assert!(serves("http://localhost/mcp", &[], "localhost:80"));
        assert!(!serves("http://localhost/mcp", &[], "localhost:443"));
        assert!(serves("https://h:8443", &[], "h:8443"));
        assert!(!serves("https://h:8443", &[], "h"));
        assert!(serves("https://h:443", &[], "h"));
        assert!(serves("https://h", &["localhost:*"], "localhost:5"));
        assert!(serves("https://h", &["localhost:*"], "localhost"));
        assert!(!serves("https://h", &["localhost:*"], "h"));
        assert!(serves("https://h", &["h", "a.example:9"], "a.example:9"));
    }

    #[test]
    fn ipv6_addresses_have_many_spellings() {
        for asked in ["[::1]:8443", "[0:0::0:1]:8443", "[::0001]:8443"] {
            assert!(serves("https://[0:0:0:0:0:0:0:1]:8443/mcp", &[], asked), "{asked}");
        }
        for asked in ["::1", "[::1]", "[::1", "[::2]:8443", "[::1]8443", "[::1%25lo]:8443", "[]:8443"] {
            assert!(!serves("https://[::1]:8443/mcp", &[], asked), "{asked}");
        }
    }

    #[test]
    fn what_is_no_host_is_a_mistake() {
        for text in
            ["", "any", "*", "*.example.com", "https://h", "h/", "h:", "h:99999", "h:x", ":443", "m\u{fc}nchen.example", "a..b", "a b"]
        {
            assert!(Host::parse(text).is_err(), "{text}");
        }
    }
}
