//! A server that Envoy reaches: `http://127.0.0.1:3000/mcp`, `https://id.example.com`.

use std::net::IpAddr;

use reqwest::Url;

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Endpoint {
    pub tls: bool,
    /// A DNS name, or an IP address without brackets.
    pub host: String,
    pub port: u16,
    /// What a Host header says: the port only when it is not the scheme's own.
    pub authority: String,
    /// As written; none when the URL ends with its host.
    pub path: Option<String>,
}

impl Endpoint {
    /// Parses an http or https URL. Errors say what would be right.
    pub fn parse(text: &str) -> Result<Self, String> {
        let expected =
            |why: &str| format!("`{text}` {why}; expected a URL such as `http://127.0.0.1:3000/mcp` or `https://mcp.example.com/mcp`");
        let url = Url::parse(text).map_err(|err| expected(&format!("is not a URL ({err})")))?;
        let tls = match url.scheme() {
            "http" => false,
            "https" => true,
            _ => return Err(expected("is neither http nor https")),
        };
        if !url.username().is_empty() || url.password().is_some() {
            return Err(expected("holds credentials; `transport.upstream_credential` in the policy is the place for them"));
        }
        if url.query().is_some() || url.fragment().is_some() {
            return Err(expected("has a query or fragment"));
        }
        let written = url.host_str().filter(|host| !host.is_empty()).ok_or_else(|| expected("names no host"))?;
        let authority = url.port().map_or_else(|| written.to_owned(), |port| format!("{written}:{port}"));
        Ok(Self {
            tls,
            host: written.trim_start_matches('[').trim_end_matches(']').to_owned(),
            port: url.port_or_known_default().ok_or_else(|| expected("has no port"))?,
            authority,
            // The parser turns a missing path into `/`, which is another thing to say.
            path: text.split_once("://").is_some_and(|(_, rest)| rest.contains('/')).then(|| url.path().to_owned()),
        })
    }

    /// The address, when it needs no DNS.
    pub fn ip(&self) -> Option<IpAddr> {
        self.host.parse().ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_is_known_from_none() {
        let parse = |text| Endpoint::parse(text).unwrap();
        assert_eq!(parse("http://localhost:3000").path, None);
        assert_eq!(parse("http://localhost:3000/").path.as_deref(), Some("/"));
        assert_eq!(parse("https://mcp.example.com/a/mcp").path.as_deref(), Some("/a/mcp"));
    }

    #[test]
    fn ports_and_hosts() {
        let parse = |text| Endpoint::parse(text).unwrap();
        let plain = parse("https://mcp.example.com/mcp");
        assert_eq!((plain.port, plain.authority.as_str(), plain.tls, plain.ip()), (443, "mcp.example.com", true, None));
        let v6 = parse("http://[::1]:3000/mcp");
        assert_eq!((v6.host.as_str(), v6.authority.as_str()), ("::1", "[::1]:3000"));
        assert!(v6.ip().is_some());
    }

    #[test]
    fn refuses_what_cannot_be_an_upstream() {
        for (text, why) in [
            ("localhost:3000", "neither http nor https"),
            ("ftp://host/", "neither http nor https"),
            ("127.0.0.1:3000", "is not a URL"),
            ("http://user:pw@host/", "credentials"),
            ("http://host/mcp?x=1", "query"),
        ] {
            let err = Endpoint::parse(text).unwrap_err();
            assert!(err.contains(why), "{text}: {err}");
        }
    }
}
