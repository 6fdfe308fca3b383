//! Whether a caller could ever make a call: what lists show.
//!
//! Hiding is a courtesy and not the guard: the call itself is decided when it comes. So whatever can still be cured counts as allowed:
//! conditions on arguments, on time and on what happened before are taken as met by a rule that allows or asks and as not met by one that
//! denies; scopes that are missing are not looked at, because a client can ask for a better token and has to know for what. Rules in
//! `mode: observe` decide nothing, as ever.

use super::rule::Named;
use super::{Action, Guard, Who};
use crate::mcp::uri::Uri;
use crate::policy;

/// Something that a list offers.
#[derive(Clone, Copy, Debug)]
pub enum Offer<'a> {
    Tool(&'a str),
    Prompt(&'a str),
    Resource(&'a Uri),
    /// Any of its expansions counts.
    Template(&'a Template),
}

impl Offer<'_> {
    fn method(self) -> &'static str {
        match self {
            Self::Tool(_) => "tools/call",
            Self::Prompt(_) => "prompts/get",
            Self::Resource(_) | Self::Template(_) => "resources/read",
        }
    }
}

impl Guard {
    /// Whether the rules could allow the caller to use what is offered, with some arguments, at some time.
    pub fn may_ever(&self, who: Who<'_>, offer: Offer<'_>) -> bool {
        let named = match offer {
            Offer::Tool(name) => Named::Tool(name),
            Offer::Prompt(name) => Named::Prompt(name),
            Offer::Resource(uri) => Named::Resource(uri),
            Offer::Template(template) => Named::Template(template),
        };
        let mut allowed = self.default == Action::Allow;
        for rule in self.rules_for(&named, offer.method(), who, true).filter(|rule| !rule.reference.observed) {
            match rule.reference.then {
                policy::Then::Deny if rule.has_conditions() => {}
                policy::Then::Deny => return false,
                policy::Then::Allow | policy::Then::Ask => allowed = true,
            }
        }
        allowed
    }
}

/// A URI template (RFC 6570), as far as it can be told what it expands to: text, and expressions that stand for anything.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Template {
    /// `None` stands for any text.
    parts: Vec<Option<char>>,
}

impl Template {
    /// `None` for a text longer than a URI may be, or with control characters.
    pub fn parse(text: &str) -> Option<Self> {
        if text.is_empty() || text.len() > Uri::BYTES || text.chars().any(char::is_control) {
            return None;
        }
        let mut parts = Vec::new();
        let mut rest = text;
        while let Some((before, after)) = rest.split_once('{') {
            parts.extend(before.chars().map(Some));
            parts.push(None);
            rest = after.split_once('}').map_or("", |(_, tail)| tail);
        }
        parts.extend(rest.chars().map(Some));
        parts.dedup_by(|a, b| a.is_none() && b.is_none());
        Some(Self { parts })
    }

    /// Whether some expansion matches the glob.
    pub(super) fn meets(&self, glob: &str) -> bool {
        // One row of the table of (parts of the template, characters of the glob): which prefixes of the glob can be met so far.
        let glob: Vec<char> = glob.chars().collect();
        let mut row: Vec<bool> = skip_stars(&glob, true);
        for part in &self.parts {
            row = step(&row, *part, &glob);
        }
        row.last().copied().unwrap_or_default()
    }

    /// Whether every expansion matches the glob, as far as that shows: of globs that end in `*`, by what comes before any expression.
    pub(super) fn is_within(&self, glob: &str) -> bool {
        let literal: Option<String> = self.parts.iter().copied().collect();
        if let Some(literal) = literal {
            return policy::value::Glob::new(glob).matches(&literal);
        }
        let before: String = self.parts.iter().map_while(|part| *part).collect();
        glob.strip_suffix('*').is_some_and(|prefix| !prefix.contains(['*', '?']) && before.starts_with(prefix))
    }
}

/// Which prefixes of the glob match nothing at all.
fn skip_stars(glob: &[char], begin: bool) -> Vec<bool> {
    let mut row = vec![begin];
    let mut open = begin;
    for c in glob {
        open &= *c == '*';
        row.push(open);
    }
    row
}

/// `row[i]`: some text of the template so far matches the first `i` characters of the glob.
fn step(row: &[bool], part: Option<char>, glob: &[char]) -> Vec<bool> {
    let mut next = Vec::with_capacity(row.len());
    let at = |row: &[bool], index: usize| row.get(index).copied().unwrap_or_default();
    match part {
        // Any text: whatever was reached, and everything behind it.
        None => {
            let mut reached = false;
            for index in 0..row.len() {
                reached |= at(row, index);
                next.push(reached);
            }
        }
        Some(c) => {
            next.push(false);
            for (index, want) in glob.iter().enumerate() {
                let met = match want {
                    // The star takes this character too, or ends before it began.
                    '*' => at(row, index + 1) || at(row, index) || at(&next, index),
                    '?' => at(row, index),
                    want => *want == c && at(row, index),
                };
                next.push(met);
            }
        }
    }
    next
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::policy::{Mode, Then};

    #[test]
    fn templates_meet_globs() {
        for (template, glob, meets, within) in [
            ("docs://{page}", "docs://*", true, true),
            ("docs://{page}", "docs://public/*", true, false),
            ("docs://a/{page}", "docs://b/*", false, false),
            ("docs://a/{page}", "docs://a/b", true, false),
            ("{+any}", "x://y", true, false),
            ("db://{table}/rows", "db://orders/*", true, false),
            ("db://{table}/rows", "*/columns", false, false),
            ("db://{table}/rows", "*/r?ws", true, false),
            ("plain://x", "plain://?", true, true),
            ("plain://xy", "plain://?", false, false),
            ("a{b", "a*", true, true),
            ("a{x}{y}c", "abc", true, false),
            ("a{x}{y}c", "abd", false, false),
            ("a{x}", "*", true, true),
            ("", "*", false, false),
        ] {
            let template = Template::parse(template);
            assert_eq!(template.as_ref().is_some_and(|template| template.meets(glob)), meets, "{template:?} {glob}");
            assert_eq!(template.is_some_and(|template| template.is_within(glob)), within, "within {glob}");
        }
    }

    proptest::proptest! {
        /// A template without expressions is a text, and meets what the text matches.
        #[test]
        fn literals_meet_what_they_match(text in "[ab]{1,6}", glob in "[ab*?]{0,6}") {
            let matches = policy::value::Glob::new(glob.as_str()).matches(&text);
            proptest::prop_assert_eq!(Template::parse(&text).unwrap().meets(&glob), matches);
        }

        /// Whatever an expansion matches, its template meets.
        #[test]
        fn expansions_are_met(before in "[ab]{0,3}", middle in "[ab]{0,3}", after in "[ab]{0,3}", glob in "[ab*?]{0,6}") {
            let template = Template::parse(&format!("{before}{{x}}{after}")).unwrap();
            let expansion = format!("{before}{middle}{after}");
            if policy::value::Glob::new(glob.as_str()).matches(&expansion) {
                proptest::prop_assert!(template.meets(&glob));
            } else {
                proptest::prop_assert!(!template.is_within(&glob));
            }
        }
    }

    fn rule(id: &str, then: Then, tools: &[&str], groups: &[&str]) -> policy::Rule {
        let globs = |texts: &[&str]| texts.iter().map(|text| policy::value::Glob::new(*text)).collect();
        policy::Rule { groups: globs(groups), tools: globs(tools), ..policy::Rule::plain(id, then) }
    }

    #[test]
    fn what_can_be_cured_is_shown() {
        let scoped = policy::Rule { scopes: vec!["write".into()], ..rule("scoped", Then::Allow, &["put_*"], &[]) };
        let observed = policy::Rule { mode: Mode::Observe, ..rule("watch", Then::Deny, &["get_a"], &[]) };
        let rules = [rule("read", Then::Allow, &["get_*"], &["eng"]), rule("not-that", Then::Deny, &["get_secret"], &[]), scoped, observed];
        let guard = Guard::compile(policy::Default::Deny, &rules).unwrap();
        let groups = ["eng".to_owned()];
        let who = Who { groups: &groups, ..Who::ANYBODY };
        for (tool, shown) in [("get_a", true), ("get_secret", false), ("put_a", true), ("drop", false)] {
            assert_eq!(guard.may_ever(who, Offer::Tool(tool)), shown, "{tool}");
        }
        assert!(!guard.may_ever(Who { groups: &[], ..who }, Offer::Tool("get_a")));
        let open = Guard::compile(policy::Default::Allow, &rules).unwrap();
        assert!(open.may_ever(who, Offer::Tool("drop")) && !open.may_ever(who, Offer::Tool("get_secret")));
        assert!(open.may_ever(who, Offer::Prompt("get_secret")), "a rule about tools says nothing about prompts");
    }
}
