//! Forms of the policy's single values.

use std::str::FromStr;

use serde_json::{Value as Json, json};

use super::form::{Form, Reading, parsed, shown, text, word, words, wrong_word};
use super::host::{Host, Hosts};
use super::model::{
    Algorithm, Binary, ClaimPath, Default, Direction, ExpiredStreams, FieldPath, Mode, Reason, TlsMode, TlsVersion, TokenFrom, WhenStale,
    is_framing,
};
use super::report::Place;
use super::tree::{Node, Value};
use super::value::{Bytes, Duration, Glob, Origin, Pattern, Resource, Secret};

words!(TlsMode { "required" => TlsMode::Required, "forwarded" => TlsMode::Forwarded, "off" => TlsMode::Off });
words!(TlsVersion { "TLSv1.2" => TlsVersion::V1_2, "TLSv1.3" => TlsVersion::V1_3 });
words!(Default { "deny" => Default::Deny, "allow" => Default::Allow });
words!(Mode { "enforce" => Mode::Enforce, "observe" => Mode::Observe });
words!(TokenFrom { "bearer" => TokenFrom::Bearer, "envoy_jwt_authn" => TokenFrom::EnvoyJwtAuthn });
words!(Direction { "responses" => Direction::Responses, "requests" => Direction::Requests, "both" => Direction::Both });
words!(Binary { "pass" => Binary::Pass, "refuse" => Binary::Refuse, "replace" => Binary::Replace });
words!(Reason { "required" => Reason::Required, "optional" => Reason::Optional });
words!(WhenStale { "refuse" => WhenStale::Refuse, "warn" => WhenStale::Warn });
words!(ExpiredStreams {
    "finish_calls" => ExpiredStreams::FinishCalls, "end" => ExpiredStreams::End, "ignore" => ExpiredStreams::Ignore,
});
words!(Algorithm {
    "ES256" => Algorithm::Es256, "ES384" => Algorithm::Es384,
    "RS256" => Algorithm::Rs256, "RS384" => Algorithm::Rs384, "RS512" => Algorithm::Rs512,
    "PS256" => Algorithm::Ps256, "PS384" => Algorithm::Ps384, "PS512" => Algorithm::Ps512,
    "EdDSA" => Algorithm::EdDsa,
});

parsed!(Duration, Duration::parse, { "type": "string", "pattern": "^[0-9]+(ms|s|m|h|d)$", "examples": ["30s", "5m"] });
parsed!(Bytes, Bytes::parse, { "type": "string", "pattern": "^[0-9]+(B|KiB|MiB)$", "examples": ["64KiB"] });
parsed!(Origin, Origin::parse, { "type": "string", "pattern": "^https?://[^/]+$" });
parsed!(Resource, Resource::parse, { "type": "string", "pattern": "^https?://" });
parsed!(Host, Host::parse, { "type": "string", "examples": ["mcp.example.com", "localhost:*"] });
parsed!(ipnet::IpNet, network, { "type": "string", "examples": ["10.0.0.0/8", "192.0.2.7"] });
parsed!(ClaimPath, claim_path, { "type": "string", "examples": ["groups", "realm_access.roles"] });
parsed!(FieldPath, field_path, { "type": "string", "examples": ["password", "*.ssn"] });
parsed!(Name, name, { "type": "string", "pattern": "^[a-z0-9][a-z0-9_-]{0,63}$" });
parsed!(Scope, scope, { "type": "string", "pattern": "^[!#-\\[\\]-~]+$", "examples": ["orders:write"] });
parsed!(Rate, rate, { "type": "string", "pattern": "^[0-9]+/(s|m|h)$", "examples": ["60/m"] });
parsed!(HeaderName, header_name, { "type": "string", "pattern": "^[!#$%&'*+.^_`|~0-9A-Za-z-]+$" });
parsed!(HeaderGlob, header_glob, { "type": "string", "pattern": "^[!#$%&'*+.^_`|~0-9A-Za-z-]+$", "examples": ["x-customer", "x-debug-*"] });
parsed!(UrlPath, url_path, { "type": "string", "pattern": "^/" });

/// The id of a rule: it appears in records, metrics and placeholders, so it is short and plain.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Name(pub(super) String);

fn name(text: &str) -> Result<Name, &'static str> {
    const EXPECTED: &str = "an id of up to 64 lower-case letters, digits, `-` and `_`, beginning with a letter or digit";
    let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit();
    let good = text.starts_with(plain) && text.len() <= 64 && text.chars().all(|c| plain(c) || matches!(c, '-' | '_'));
    if good { Ok(Name(text.to_owned())) } else { Err(EXPECTED) }
}

/// One OAuth scope (RFC 6749, 3.3).
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Scope(pub(super) String);

fn scope(text: &str) -> Result<Scope, &'static str> {
    const EXPECTED: &str = "one OAuth scope, without spaces, quotes or backslashes, such as `orders:write`; several are a list";
    let good = !text.is_empty() && text.bytes().all(|byte| matches!(byte, b'!' | b'#'..=b'[' | b']'..=b'~'));
    if good { Ok(Scope(text.to_owned())) } else { Err(EXPECTED) }
}

/// Calls in a span of time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Rate {
    pub(super) calls: u32,
    pub(super) span: Duration,
}

fn rate(text: &str) -> Result<Rate, &'static str> {
    const EXPECTED: &str = "a rate such as `10/s`, `60/m` or `1000/h`";
    let (calls, span) = text.split_once('/').ok_or(EXPECTED)?;
    let calls: u32 = calls.parse().map_err(|_| EXPECTED)?;
    let secs = match span {
        "s" => 1,
        "m" => 60,
        "h" => 3_600,
        _ => return Err(EXPECTED),
    };
    if calls == 0 || calls > 1_000_000 { Err(EXPECTED) } else { Ok(Rate { calls, span: Duration::from_secs(secs) }) }
}

/// A header name in lower case, as Envoy has them.
#[derive(Clone, Debug)]
pub(super) struct HeaderName(pub(super) String);

fn header_name(text: &str) -> Result<HeaderName, &'static str> {
    const EXPECTED: &str =
        "the name of a header that may be set, such as `authorization` (not `host`, `content-*`, `transfer-encoding` or `mcp-*`)";
    let token = |b: u8| b.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&b);
    let lower = text.to_ascii_lowercase();
    let framing = matches!(lower.as_str(), "host" | "transfer-encoding" | "connection" | "te" | "upgrade")
        || lower.starts_with("content-")
        || lower.starts_with("mcp-");
    if text.is_empty() || framing || !text.bytes().all(token) { Err(EXPECTED) } else { Ok(HeaderName(lower)) }
}

/// Names of response headers, `*` for any characters.
#[derive(Clone, Debug)]
pub(super) struct HeaderGlob(pub(super) Glob);

fn header_glob(text: &str) -> Result<HeaderGlob, &'static str> {
    const EXPECTED: &str =
        "the name of a response header, such as `x-customer` or `x-debug-*` (not `content-*`, `mcp-*` or what frames an answer)";
    let token = |b: u8| b.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&b);
    let lower = text.to_ascii_lowercase();
    if text.is_empty() || !text.bytes().all(token) || is_framing(&lower) {
        return Err(EXPECTED);
    }
    Ok(HeaderGlob(Glob::new(&lower)))
}

#[derive(Clone, Debug)]
pub(super) struct UrlPath(pub(super) String);

fn url_path(text: &str) -> Result<UrlPath, &'static str> {
    const EXPECTED: &str = "a path that begins with `/`, such as `/jwks.json`";
    let bad = |c: char| c.is_whitespace() || c.is_control() || c == '#';
    if text.starts_with('/') && !text.contains(bad) { Ok(UrlPath(text.to_owned())) } else { Err(EXPECTED) }
}

fn network(text: &str) -> Result<ipnet::IpNet, &'static str> {
    const EXPECTED: &str = "an address or network such as `192.0.2.7` or `10.0.0.0/8`";
    ipnet::IpNet::from_str(text).or_else(|_| std::net::IpAddr::from_str(text).map(ipnet::IpNet::from)).map_err(|_| EXPECTED)
}

fn claim_path(text: &str) -> Result<ClaimPath, &'static str> {
    const EXPECTED: &str = "a claim name such as `groups`, or a path such as `realm_access.roles` (a literal dot is written `\\.`)";
    let mut parts = vec![String::new()];
    let mut chars = text.chars();
    while let Some(c) = chars.next() {
        let literal = match c {
            '.' => {
                parts.push(String::new());
                continue;
            }
            '\\' => chars.next().filter(|c| matches!(c, '.' | '\\')).ok_or(EXPECTED)?,
            c => c,
        };
        if let Some(last) = parts.last_mut() {
            last.push(literal);
        }
    }
    if parts.len() > 8 || parts.iter().any(String::is_empty) { Err(EXPECTED) } else { Ok(ClaimPath(parts)) }
}

fn field_path(text: &str) -> Result<FieldPath, &'static str> {
    const EXPECTED: &str = "a member name such as `password`, or a path of at most 8 names such as `*.ssn` or `card.number`";
    let parts: Vec<String> = text.split('.').map(str::to_owned).collect();
    let bad = |part: &String| part.is_empty() || (part.contains('*') && part != "*");
    if parts.len() > 8 || parts.iter().any(bad) || parts.last().is_some_and(|last| last == "*") {
        Err(EXPECTED)
    } else {
        Ok(FieldPath(parts))
    }
}

/// `any`, or a list.
impl Form for Hosts {
    fn read(node: &Node, at: &Place, reading: &mut Reading<'_>) -> Option<Self> {
        match word(node) {
            Some("any") => Some(Self::Any),
            _ => Vec::read(node, at, reading).map(Self::Listed),
        }
    }

    fn schema() -> Json {
        json!({ "anyOf": [{ "const": "any" }, Vec::<Host>::schema()] })
    }
}

impl Form for Glob {
    fn read(node: &Node, at: &Place, reading: &mut Reading<'_>) -> Option<Self> {
        String::read(node, at, reading).map(Glob::new)
    }

    fn schema() -> Json {
        json!({ "type": "string", "minLength": 1 })
    }
}

impl Form for Pattern {
    fn read(node: &Node, at: &Place, reading: &mut Reading<'_>) -> Option<Self> {
        let text = text(node, at, reading)?;
        Pattern::parse(text).map_err(|message| reading.report.add(at, format!("`{}`: {message}", shown(text)))).ok()
    }

    fn schema() -> Json {
        json!({ "type": "string", "format": "regex" })
    }
}

impl Form for Secret {
    /// `${env:NAME}` anywhere in the text is replaced; nothing else is. The filter sees only the variables that `vm_config` lists.
    fn read(node: &Node, at: &Place, reading: &mut Reading<'_>) -> Option<Self> {
        let text = text(node, at, reading)?;
        match expand(text, reading.env, reading.unset) {
            Ok(secret) if !secret.is_empty() => Some(Secret::new(secret)),
            Ok(_) => {
                reading.report.add(at, "the secret is empty");
                None
            }
            Err(message) => {
                reading.report.add(at, message);
                None
            }
        }
    }

    fn schema() -> Json {
        json!({ "type": "string", "examples": ["${env:NAME}"] })
    }
}

fn expand(text: &str, env: &dyn Fn(&str) -> Option<String>, unset: &str) -> Result<String, String> {
    let mut out = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("${env:") {
        out.push_str(before);
        let (name, tail) = after.split_once('}').ok_or("`${env:` without its `}`")?;
        let value = env(name).ok_or_else(|| format!("the environment variable `{}` is not set{unset}", shown(name)))?;
        out.push_str(&value);
        rest = tail;
    }
    out.push_str(rest);
    if out.chars().any(char::is_control) {
        return Err("the secret contains a line break or another control character".to_owned());
    }
    Ok(out)
}

/// The names a policy text asks of the environment, each once: what `vm_config.environment_variables` must list.
pub fn variables(text: &str) -> Vec<String> {
    let mut names: Vec<String> =
        text.split("${env:").skip(1).filter_map(|rest| rest.split_once('}')).map(|(name, _)| name.to_owned()).collect();
    names.sort();
    names.dedup();
    names
}

/// A whole number within what its use allows.
#[derive(Clone, Copy, Debug)]
pub(super) struct Count(pub(super) usize);

impl Form for Count {
    fn read(node: &Node, at: &Place, reading: &mut Reading<'_>) -> Option<Self> {
        if let Value::Number(number) = &node.value
            && let Some(count) = number.as_u64().and_then(|n| usize::try_from(n).ok()).filter(|n| *n <= 1_000_000)
        {
            return Some(Self(count));
        }
        reading.report.add(at, format!("expected a whole number from 0 to 1000000, found {}", node.kind()));
        None
    }

    fn schema() -> Json {
        json!({ "type": "integer", "minimum": 0, "maximum": 1_000_000 })
    }
}

/// `version: 1`
#[derive(Clone, Copy, Debug)]
pub(super) struct Version;

impl Form for Version {
    fn read(node: &Node, at: &Place, reading: &mut Reading<'_>) -> Option<Self> {
        if matches!(&node.value, Value::Number(number) if number.as_u64() == Some(1)) {
            return Some(Self);
        }
        reading.report.add(at, "this version of Portcullis reads `version: 1`");
        None
    }

    fn schema() -> Json {
        json!({ "const": 1 })
    }
}

/// JSON taken as it is: a JWK.
#[derive(Clone, Debug)]
pub(super) struct Jwk(pub(super) Json);

impl Form for Jwk {
    fn read(node: &Node, at: &Place, reading: &mut Reading<'_>) -> Option<Self> {
        if let Value::Map(members) = &node.value {
            let twice = members.iter().enumerate().find(|(i, m)| members.iter().take(*i).any(|earlier| earlier.name == m.name));
            if let Some((_, member)) = twice {
                reading.report.add(&at.child(&member.name, member.line), "written twice; keep one");
                return None;
            }
            return Some(Self(node.to_json()));
        }
        reading.report.add(at, format!("expected a JSON Web Key (RFC 7517) as a section, found {}", node.kind()));
        None
    }

    fn schema() -> Json {
        json!({ "type": "object", "required": ["kty"] })
    }
}
