//! One value, one test.

use std::borrow::Cow;
use std::cmp::Ordering;
use std::net::IpAddr;

use ipnet::IpNet;

use crate::guard::condition::Met;
use crate::guard::normal::url::{Host, Url, read_host, split_port};
use crate::guard::normal::{address, path};
use crate::guard::subject::Subject;
use crate::guard::value::Value;
use crate::policy::value::Glob;
use crate::policy::{ArgumentTest, Bound, Decimal, Kind, Scalar, Span, UrlTest};

/// Whether all hold of a value, or of a place without one.
pub(super) fn all(tests: &[ArgumentTest], value: Option<&Value<'_>>, subject: &Subject<'_>) -> Met {
    let compare = |value: &Value<'_>, with: &Decimal| compared(value, with, subject);
    every(tests, &value.map_or(Given::Nothing, |value| Given::Value(value, &compare)))
}

/// Whether all hold of a string.
pub(super) fn text_meets(tests: &[ArgumentTest], text: &str) -> Met {
    every(tests, &Given::Text(text))
}

enum Given<'v> {
    Nothing,
    Text(&'v str),
    /// With the way to compare a number by its digits.
    Value(&'v Value<'v>, &'v dyn Fn(&Value<'_>, &Decimal) -> Option<Ordering>),
}

impl<'v> Given<'v> {
    fn text(&self) -> Option<&'v str> {
        match self {
            Self::Text(text) => Some(text),
            Self::Value(Value::String(text), _) => Some(text),
            _ => None,
        }
    }

    fn kind(&self) -> Option<Kind> {
        Some(match self {
            Self::Nothing => return None,
            Self::Text(_) | Self::Value(Value::String(_), _) => Kind::Text,
            Self::Value(Value::Number(_), _) => Kind::Number,
            Self::Value(Value::Bool(_), _) => Kind::Bool,
            Self::Value(Value::Array(_), _) => Kind::List,
            Self::Value(Value::Object(_), _) => Kind::Object,
            Self::Value(Value::Null, _) => Kind::Null,
        })
    }
}

/// A 64-bit integer is exact as it was read; of any other number, the text is.
fn compared(value: &Value<'_>, with: &Decimal, subject: &Subject<'_>) -> Option<Ordering> {
    let Value::Number(number) = value else { return None };
    if let (Some(number), Some(with)) = (number.as_i64(), with.integer()) {
        return Some(number.cmp(&with));
    }
    let exact = if number.is_f64() { Decimal::parse(subject.number_text(value)?) } else { Decimal::parse(&number.to_string()) };
    Some(exact?.cmp(with))
}

/// Policies nest tests a few levels deep and no deeper.
fn every(tests: &[ArgumentTest], given: &Given<'_>) -> Met {
    let mut met = Met::Yes;
    for test in tests {
        met = met.and(one(test, given));
        if met == Met::No {
            break;
        }
    }
    met
}

fn one(test: &ArgumentTest, given: &Given<'_>) -> Met {
    // What is not there meets nothing; `not` and `any_of` ask what is in them.
    if let (Given::Nothing, false) = (given, matches!(test, ArgumentTest::Not(_) | ArgumentTest::AnyOf(_) | ArgumentTest::Present(_))) {
        return Met::No;
    }
    match test {
        ArgumentTest::Present(present) => Met::from_bool(*present != matches!(given, Given::Nothing)),
        ArgumentTest::Type(kind) => Met::from_bool(given.kind() == Some(*kind)),
        ArgumentTest::Equals(scalar) => equals(given, scalar),
        ArgumentTest::OneOf(scalars) => scalars.iter().fold(Met::No, |met, scalar| met.or(equals(given, scalar))),
        ArgumentTest::Range(bound, limit) => in_range(given, *bound, limit),
        ArgumentTest::Length(span) => has_length(given, *span),
        ArgumentTest::Glob(globs) => of_text(given, |text| any(globs, text)),
        ArgumentTest::Regex(pattern) => of_text(given, |text| Met::from_bool(pattern.regex().is_match(text))),
        ArgumentTest::Url(url) => of_text(given, |text| is_url(text, url)),
        ArgumentTest::IpWithin(networks) => of_text(given, |text| ip_within(text, networks)),
        ArgumentTest::PathWithin(directories) => of_text(given, |text| path::within(text, directories)),
        ArgumentTest::Not(tests) => !every(tests, given),
        ArgumentTest::AnyOf(sets) => sets.iter().fold(Met::No, |met, set| if met == Met::Yes { met } else { met.or(every(set, given)) }),
    }
}

fn of_text(given: &Given<'_>, meets: impl FnOnce(&str) -> Met) -> Met {
    given.text().map_or(Met::Unsure, meets)
}

fn any(globs: &[Glob], text: &str) -> Met {
    Met::from_bool(globs.iter().any(|glob| glob.matches(text)))
}

fn equals(given: &Given<'_>, scalar: &Scalar) -> Met {
    let equal = match (given, scalar) {
        (given, Scalar::Text(expected)) => given.text() == Some(expected),
        (Given::Value(Value::Bool(value), _), Scalar::Bool(expected)) => value == expected,
        (Given::Value(Value::Null, _), Scalar::Null) => true,
        (Given::Value(value @ Value::Number(_), compare), Scalar::Number(expected)) => match compare(value, expected) {
            Some(order) => order.is_eq(),
            None => return Met::Unsure,
        },
        _ => false,
    };
    Met::from_bool(equal)
}

fn in_range(given: &Given<'_>, bound: Bound, limit: &Decimal) -> Met {
    let Given::Value(value, compare) = given else { return Met::Unsure };
    let Some(order) = compare(value, limit) else { return Met::Unsure };
    Met::from_bool(match bound {
        Bound::Above => order.is_gt(),
        Bound::Below => order.is_lt(),
        Bound::AtLeast => order.is_ge(),
        Bound::AtMost => order.is_le(),
    })
}

fn has_length(given: &Given<'_>, span: Span) -> Met {
    let length = match (given.text(), given) {
        (Some(text), _) => text.chars().count(),
        (None, Given::Value(Value::Array(items), _)) => items.len(),
        _ => return Met::Unsure,
    };
    let length = u64::try_from(length).unwrap_or(u64::MAX);
    Met::from_bool(length >= span.at_least && span.at_most.is_none_or(|most| length <= most))
}

fn is_url(text: &str, test: &UrlTest) -> Met {
    let UrlTest { schemes, hosts, ports, no_credentials, paths } = test;
    let Some(url) = Url::read(text) else { return Met::Unsure };
    let host = match &url.host {
        Some(Host::Name(name)) => Some(Cow::Borrowed(name.as_ref())),
        Some(Host::Address(ip)) => Some(Cow::Owned(ip.to_string())),
        None => None,
    };
    let scheme = schemes.is_empty() || schemes.iter().any(|scheme| *scheme == url.scheme);
    let host = hosts.is_empty() || host.is_some_and(|host| hosts.iter().any(|glob| glob.matches(&host)));
    let port = ports.is_empty() || url.port.is_some_and(|port| ports.contains(&port));
    let certain = Met::from_bool(scheme && host && port && !(*no_credentials && url.has_credentials));
    if paths.is_empty() || certain == Met::No {
        return certain;
    }
    url.path().map_or(Met::Unsure, |path| any(paths, &path))
}

/// An address, an address and a port, or a URL with one. A name may lead to any address, and so may an odd spelling.
fn ip_within(text: &str, networks: &[IpNet]) -> Met {
    let ip = address::strict(text).or_else(|| {
        let host = match Url::read(text) {
            Some(url) if url.host.is_some() => url.host,
            _ => {
                let (host, port) = split_port(text)?;
                let port_is_plain = port.is_none_or(|port| !port.is_empty() && port.bytes().all(|b| b.is_ascii_digit()));
                read_host(host).filter(|_| port_is_plain)
            }
        };
        match host? {
            Host::Address(ip) => Some(ip),
            Host::Name(_) => None,
        }
    });
    let Some(ip) = ip else { return Met::Unsure };
    let within = |ip: IpAddr| Met::from_bool(networks.iter().any(|network| network.contains(&ip)));
    let embedded = match ip {
        IpAddr::V6(ip) => address::embedded(ip),
        IpAddr::V4(_) => Vec::new(),
    };
    // An address in IPv6 clothes is in the network that either form is in; where they differ, it depends on who connects.
    let first = within(ip);
    if embedded.into_iter().all(|ip| within(ip.into()) == first) { first } else { Met::Unsure }
}
