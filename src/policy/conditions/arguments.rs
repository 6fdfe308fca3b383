//! `rules[].arguments`: conditions on the values of arguments.

mod decimal;
mod place;
mod written;

pub use decimal::Decimal;
pub use place::{Directory, Root};
pub(in crate::policy) use written::{ArgumentsWritten, condition_schema};

use ipnet::IpNet;

use super::{ArgumentRef, Form, Json, Node, Reading, word, words, wrong_word};
use crate::policy::Then;
use crate::policy::form::Placed;
use crate::policy::report::{Place, Report};
use crate::policy::value::{Glob, Pattern};

/// All must hold.
#[derive(Clone, Debug)]
pub struct Arguments {
    pub each: Vec<ArgumentCondition>,
}

/// What one argument must be.
#[derive(Clone, Debug)]
pub struct ArgumentCondition {
    pub argument: ArgumentRef,
    /// All must hold.
    pub tests: Vec<ArgumentTest>,
}

/// One thing that may be asked of a value.
#[derive(Clone, Debug)]
pub enum ArgumentTest {
    Equals(Scalar),
    OneOf(Vec<Scalar>),
    /// Any of them.
    Glob(Vec<Glob>),
    Regex(Pattern),
    Range(Bound, Decimal),
    Length(Span),
    Url(UrlTest),
    /// In any of them.
    IpWithin(Vec<IpNet>),
    /// In any of them.
    PathWithin(Vec<Directory>),
    Present(bool),
    Type(Kind),
    /// Not all of these hold.
    Not(Vec<ArgumentTest>),
    /// One of these sets holds.
    AnyOf(Vec<Vec<ArgumentTest>>),
}

/// A value that is neither a list nor an object.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Scalar {
    Text(String),
    Number(Decimal),
    Bool(bool),
    Null,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Bound {
    Above,
    Below,
    AtLeast,
    AtMost,
}

impl Bound {
    /// As policies write it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Above => "above",
            Self::Below => "below",
            Self::AtLeast => "at_least",
            Self::AtMost => "at_most",
        }
    }

    const fn is_lower(self) -> bool {
        matches!(self, Self::Above | Self::AtLeast)
    }
}

/// How many, both ends included.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Span {
    pub at_least: u64,
    pub at_most: Option<u64>,
}

/// What a URL must be; what is empty or false is not asked.
#[derive(Clone, Debug)]
pub struct UrlTest {
    /// In lower case.
    pub schemes: Vec<String>,
    /// In lower case.
    pub hosts: Vec<Glob>,
    pub ports: Vec<u16>,
    pub no_credentials: bool,
    pub paths: Vec<Glob>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Text,
    Number,
    Bool,
    List,
    Object,
    Null,
}

words!(Kind {
    "string" => Kind::Text, "number" => Kind::Number, "bool" => Kind::Bool, "list" => Kind::List, "object" => Kind::Object, "null" => Kind::Null,
});

impl Kind {
    /// As policies write it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Text => "string",
            Self::Number => "number",
            Self::Bool => "bool",
            Self::List => "list",
            Self::Object => "object",
            Self::Null => "null",
        }
    }
}

/// Deepest nesting of `not` and `any_of`; more cannot be read by people either.
const DEPTH: usize = 6;

pub(in crate::policy) fn of(written: Placed<ArgumentsWritten>, then: Option<Then>, report: &mut Report) -> Option<Arguments> {
    let mut each = Vec::new();
    for (argument, condition) in written.value.0 {
        if then == Some(Then::Allow) && argument.value == ArgumentRef::Every {
            report.add(&argument.at, "a rule that allows must name the arguments it has looked at; `*` is for rules that deny");
        }
        let tests = tests(condition, DEPTH, report);
        each.extend(tests.map(|tests| ArgumentCondition { argument: argument.value, tests }));
    }
    Some(Arguments { each })
}

/// The cheap tests before the dear.
fn tests(condition: Placed<written::Condition>, depth: usize, report: &mut Report) -> Option<Vec<ArgumentTest>> {
    let Placed { at, value: condition } = condition;
    let Some(deeper) = depth.checked_sub(1) else {
        report.add(&at, format!("`not` and `any_of` are nested more than {DEPTH} deep; split the rule"));
        return None;
    };
    let written::Condition { present, kind, equals, one_of, ranges, length, glob, ip_within, url, path_within, regex, not, any_of } =
        condition;
    let mut tests = Vec::new();
    let before = report.problems().len();
    if let (Some(present), true) = (&present, kind.is_some() || equals.is_some())
        && !present.value
    {
        report.add(&present.at, "an argument that is absent has no type and no value; remove one");
    }
    tests.extend(present.map(|placed| ArgumentTest::Present(placed.value)));
    tests.extend(kind.map(|placed| ArgumentTest::Type(placed.value)));
    tests.extend(equals.map(|placed| ArgumentTest::Equals(placed.value.0)));
    tests.extend(one_of.map(|placed| ArgumentTest::OneOf(placed.value.into_iter().map(|scalar| scalar.0).collect())));
    check_ranges(&ranges, report);
    tests.extend(ranges.into_iter().map(|(bound, placed)| ArgumentTest::Range(bound, placed.value.0)));
    tests.extend(length.and_then(|placed| span(placed, report)).map(ArgumentTest::Length));
    tests.extend(glob.map(|placed| ArgumentTest::Glob(placed.value)));
    tests.extend(ip_within.map(|placed| ArgumentTest::IpWithin(placed.value)));
    tests.extend(url.and_then(|placed| url_test(placed, report)).map(ArgumentTest::Url));
    tests.extend(path_within.map(|placed| ArgumentTest::PathWithin(placed.value)));
    tests.extend(regex.map(|placed| ArgumentTest::Regex(placed.value.0)));
    if let Some(not) = not {
        tests.extend(self::tests(Placed { at: not.at, value: *not.value.0 }, deeper, report).map(ArgumentTest::Not));
    }
    if let Some(any_of) = any_of {
        let sets = any_of.value.into_iter().filter_map(|set| self::tests(Placed { at: set.at, value: *set.value.0 }, deeper, report));
        tests.push(ArgumentTest::AnyOf(sets.collect()));
    }
    if tests.is_empty() && report.problems().len() == before {
        report.follow_up(&at, format!("says nothing; add one of {}", written::NAMES.join(", ")));
        return None;
    }
    Some(tests)
}

fn check_ranges(ranges: &[(Bound, Placed<written::Number>)], report: &mut Report) {
    let pairs = ranges.iter().flat_map(|low| ranges.iter().map(move |high| (low, high)));
    for ((low, least), (high, most)) in pairs.filter(|((low, _), (high, _))| low.is_lower() && !high.is_lower()) {
        let both = *low == Bound::AtLeast && *high == Bound::AtMost;
        if least.value.0 > most.value.0 || (least.value.0 == most.value.0 && !both) {
            report.add(&most.at, format!("no number is {} {} and {} {}", low.name(), least.value.0, high.name(), most.value.0));
        }
    }
}

fn span(written: Placed<written::Length>, report: &mut Report) -> Option<Span> {
    let Placed { at, value: written::Length { at_least, at_most } } = written;
    if at_least.is_none() && at_most.is_none() {
        report.follow_up(&at, "says nothing; add `at_least` or `at_most`");
    }
    let least = at_least.as_ref().map_or(0, |placed| placed.value.0);
    let most = at_most.map(|placed| placed.value.0);
    if most.is_some_and(|most| most < least) {
        report.add(&at, "nothing is as long as `at_least` and as short as `at_most`");
    }
    Some(Span { at_least: least, at_most: most })
}

fn url_test(written: Placed<written::UrlWritten>, report: &mut Report) -> Option<UrlTest> {
    let Placed { at, value: written::UrlWritten { schemes, hosts, ports, no_credentials, paths } } = written;
    if schemes.is_none() && hosts.is_none() && ports.is_none() && no_credentials.is_none() && paths.is_none() {
        report.follow_up(&at, "says nothing; add `schemes`, `hosts`, `ports`, `no_credentials` or `paths`");
    }
    if let Some(placed) = no_credentials.as_ref().filter(|placed| !placed.value) {
        report.add(&placed.at, "`false` asks nothing; remove it");
    }
    check_hosts(hosts.as_ref(), report);
    Some(UrlTest {
        schemes: schemes.map(|placed| placed.value.into_iter().map(|scheme| scheme.0).collect()).unwrap_or_default(),
        hosts: hosts.map(|placed| placed.value.iter().map(|host| Glob::new(host.as_str().to_lowercase())).collect()).unwrap_or_default(),
        ports: ports.map(|placed| placed.value.into_iter().map(|port| port.0).collect()).unwrap_or_default(),
        no_credentials: no_credentials.is_some_and(|placed| placed.value),
        paths: paths.map(|placed| placed.value).unwrap_or_default(),
    })
}

fn check_hosts(hosts: Option<&Placed<Vec<Glob>>>, report: &mut Report) {
    let Some(Placed { at, value: hosts }) = hosts else { return };
    let at: &Place = at;
    for host in hosts {
        let text = host.as_str();
        if !text.is_ascii() {
            report.add(at, format!("`{text}` is compared with the host as it is sent: write its ASCII form, which begins with `xn--`"));
        } else if text.contains(['/', '@', '[', ']']) || (text.contains(':') && !text.contains("::") && text.matches(':').count() < 2) {
            report.add(
                at,
                format!(
                    "`{text}` is not a host such as `api.example.com` or `*.example.com`; schemes, ports and paths have fields of their own"
                ),
            );
        }
    }
}

#[cfg(test)]
mod tests;
