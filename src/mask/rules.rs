//! The `masking` section of a policy, compiled once and shared by all streams.

use std::cell::{Cell, RefCell};
use std::collections::{HashMap, HashSet};
use std::rc::Rc;

use regex_automata::meta;

use super::detectors;
use super::fields::FieldRule;
use super::literals;
use super::operator::Operation;
use super::profile::{Active, Profile};
use super::scan::Prefilter;
use super::text::Scratch;
use crate::policy::value::Glob;
use crate::policy::{Binary, Detector, Direction, MaskRule, MaskScope, Operator, Responses};
use crate::wire::path::{NAME_BYTES, Path};

/// Most characters `keep_last` may keep: they are held back while a value of any length goes by.
const KEEP_MOST: usize = 32;

/// Shortest key of a keyed hash, in bytes; short keys are found by trying, and with them every card number.
const KEY_BYTES: usize = 16;

/// Most segments of a field path.
const SEGMENTS: usize = 16;

/// What is wrong with a rule, and where: a path relative to the `masking` section, such as `[2].pattern`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mistake {
    pub path: String,
    pub message: String,
}

/// All rules; cheap to clone.
#[derive(Clone)]
pub struct Masking {
    shared: Rc<Shared>,
    content: Content,
}

/// What is done beyond the rules.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Content {
    pub(super) binary: Binary,
    pub(super) join: usize,
}

pub(crate) struct Shared {
    pub(super) rules: Vec<Rule>,
    pub(super) prefilter: Prefilter,
    /// Working memory of one window; whoever masks takes it, all of it on one thread.
    pub(super) scratch: Cell<Option<Box<Scratch>>>,
    /// What applies, by the rules that are lifted: callers of one kind share it, and most policies lift none.
    pub(super) known: RefCell<HashMap<Vec<u16>, Rc<Active>>>,
}

pub(crate) struct Rule {
    pub(crate) id: Rc<str>,
    pub(crate) operation: Operation,
    pub(super) families: Vec<Detector>,
    pub(super) fields: Vec<FieldRule>,
    pub(super) pattern: Option<Search>,
    pub(super) remote: Option<Remote>,
    pub(super) scope: MaskScope,
    pub(super) alert: bool,
}

/// Who gets a body, for what, and which way it goes.
#[derive(Clone, Copy, Debug, Default)]
pub struct Recipient<'a> {
    pub groups: &'a [String],
    /// `aud` of the token.
    pub audiences: &'a [String],
    /// None where it is not known what a body is about: what is masked for some tool is masked there, too.
    pub tool: Option<&'a str>,
    /// To the server, not from it.
    pub is_request: bool,
}

/// What a recognizer looks for.
pub(crate) struct Remote {
    pub(crate) recognizer: Rc<str>,
    pub(crate) entities: Vec<String>,
}

/// An operator's pattern.
pub(crate) struct Search {
    regex: meta::Regex,
    /// How every match begins, where that is a few literals.
    literals: Option<Vec<Vec<u8>>>,
    /// Bytes of the shortest match.
    least: usize,
}

/// What found a value, and for which rule.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Label {
    pub(crate) rule: u16,
    pub(crate) source: Source,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Source {
    /// By the label of its family.
    Detector(&'static str),
    Pattern,
    Field,
    /// A recognizer outside.
    Remote,
}

impl Label {
    /// As findings name it.
    pub(crate) fn detector(self) -> &'static str {
        match self.source {
            Source::Detector(label) => label,
            Source::Pattern => "pattern",
            Source::Field => "field",
            Source::Remote => "recognizer",
        }
    }

    /// Whether another label tells more of the same value: the name of a format rather than that it stood in a header.
    pub(crate) fn is_vague(self) -> bool {
        matches!(self.source, Source::Detector("generic_secret" | "authorization_header" | "url_password"))
    }
}

/// The path of a text that stands alone.
pub(crate) static NO_PATH: Path = Path::new();

/// Combinations of lifted rules kept ready: groups come from tokens, and their combinations are not to fill the memory.
const KNOWN: usize = 64;

impl Masking {
    /// Compiles the rules, or tells every mistake in them at once.
    pub fn compile(rules: &[MaskRule]) -> Result<Self, Vec<Mistake>> {
        let mut mistakes = Vec::new();
        let mut ids = HashSet::new();
        let compiled: Vec<Rule> = rules
            .iter()
            .enumerate()
            .map(|(index, rule)| {
                let mut mistake = |part: String, message: String| mistakes.push(Mistake { path: format!("[{index}]{part}"), message });
                if !ids.insert(rule.id.as_str()) {
                    mistake(".id".to_owned(), format!("the id `{}` is used twice; ids are what findings are told apart by", rule.id));
                }
                Rule::compile(rule, &mut mistake)
            })
            .collect();
        if u16::try_from(compiled.len()).is_err() {
            mistakes.push(Mistake { path: String::new(), message: format!("{} rules; at most {} are possible", compiled.len(), u16::MAX) });
        }
        let families: HashSet<Detector> = compiled.iter().flat_map(|rule| rule.families.iter().copied()).collect();
        if !mistakes.is_empty() {
            return Err(mistakes);
        }
        let fields = compiled.iter().flat_map(|rule| &rule.fields);
        let patterns = (0u16..).zip(&compiled).filter_map(|(index, rule)| Some((index, rule.pattern.as_ref()?.literals.as_deref()?)));
        let prefilter = Prefilter::new(|detector| families.contains(&detector), fields, patterns);
        Ok(Self {
            content: Content::default(),
            shared: Rc::new(Shared { rules: compiled, prefilter, scratch: Cell::default(), known: RefCell::default() }),
        })
    }

    /// Whether some rule looks at what is sent to the server.
    pub fn looks_at_requests(&self) -> bool {
        self.shared.rules.iter().any(|rule| rule.scope.direction != Direction::Responses)
    }

    /// Every rule, for the record.
    pub fn whole(&self) -> Profile {
        self.without(Vec::new())
    }

    /// What applies to somebody.
    pub fn profile(&self, recipient: Recipient<'_>) -> Profile {
        let rules = (0u16..).zip(&self.shared.rules);
        self.without(rules.filter(|(_, rule)| !applies(&rule.scope, recipient)).map(|(index, _)| index).collect())
    }

    /// Whether a rule with a recognizer is lifted for this caller, who may see what others may not.
    pub fn sees_names(&self, recipient: Recipient<'_>) -> bool {
        let lifted = |rule: &Rule| {
            let for_all = MaskScope { groups: Vec::new(), unless_groups: Vec::new(), ..rule.scope.clone() };
            rule.remote.is_some() && !applies(&rule.scope, recipient) && applies(&for_all, recipient)
        };
        self.shared.rules.iter().any(lifted)
    }

    fn without(&self, lifted: Vec<u16>) -> Profile {
        let known = self.shared.known.try_borrow().ok().and_then(|known| known.get(&lifted).cloned());
        let active = known.unwrap_or_else(|| {
            let active = Rc::new(self.shared.active(&lifted));
            if let Ok(mut known) = self.shared.known.try_borrow_mut()
                && known.len() < KNOWN
            {
                known.insert(lifted, active.clone());
            }
            active
        });
        Profile { shared: self.shared.clone(), active, content: self.content }
    }

    /// With what the policy says of content that is not text, and of text in several blocks.
    pub fn of_responses(self, responses: &Responses) -> Self {
        Self { content: Content { binary: responses.binary, join: responses.join_text.0 }, ..self }
    }
}

fn applies(scope: &MaskScope, recipient: Recipient<'_>) -> bool {
    let among = |globs: &[Glob], names: &[String]| globs.iter().any(|glob| names.iter().any(|name| glob.matches(name)));
    let MaskScope { direction, groups, unless_groups, audiences, tools } = scope;
    let this_way = match direction {
        Direction::Responses => !recipient.is_request,
        Direction::Requests => recipient.is_request,
        Direction::Both => true,
    };
    this_way
        && !among(unless_groups, recipient.groups)
        && (groups.is_empty() || among(groups, recipient.groups))
        && (audiences.is_empty() || among(audiences, recipient.audiences))
        && (tools.is_empty() || recipient.tool.is_none_or(|tool| tools.iter().any(|glob| glob.matches(tool))))
}

impl Search {
    /// Never cloned: a clone of a regex begins with an empty cache.
    pub(crate) fn regex(&self) -> &meta::Regex {
        &self.regex
    }

    pub(crate) fn has_literals(&self) -> bool {
        self.literals.is_some()
    }

    pub(super) fn least(&self) -> usize {
        self.least
    }

    /// Whether a match may be of digits alone.
    pub(super) fn may_find_digits(&self) -> bool {
        self.literals.as_ref().is_none_or(|literals| literals.iter().any(|literal| literal.iter().all(u8::is_ascii_digit)))
    }
}

impl Rule {
    /// Whether the masker itself looks for something.
    pub(super) fn looks(&self) -> bool {
        !self.families.is_empty() || !self.fields.is_empty() || self.pattern.is_some()
    }

    fn compile(rule: &MaskRule, mistake: &mut impl FnMut(String, String)) -> Self {
        let MaskRule { id, detect, fields, pattern, remote, then, scope, alert } = rule;
        if id.is_empty() || !id.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || matches!(byte, b'_' | b'-')) {
            mistake(
                ".id".to_owned(),
                format!("the id `{id}` must be lower-case letters, digits, `-` and `_`: it is written into what leaves"),
            );
        }
        if detect.is_empty() && fields.is_empty() && pattern.is_none() && remote.is_none() {
            mistake(String::new(), format!("the rule `{id}` looks for nothing; give it `detect`, `fields`, `pattern` or `recognizer`"));
        }
        match then {
            Operator::Replace | Operator::Drop | Operator::Refuse => {}
            // It stands in JSON texts at any depth as it is.
            Operator::Fixed(text) if text.chars().any(|c| matches!(c, '"' | '\\') || c.is_control()) => {
                mistake(".then.fixed".to_owned(), "has a quote, a backslash or a control character in it".to_owned());
            }
            Operator::Fixed(_) => {}
            Operator::Keep { first, last } if first.saturating_add(*last) > KEEP_MOST => {
                mistake(".then".to_owned(), format!("`{first}` and `{last}` characters are too many to keep; at most {KEEP_MOST}"));
            }
            Operator::Keep { .. } => {}
            Operator::Hash(key) if key.expose().len() < KEY_BYTES => {
                mistake(
                    ".then.hash".to_owned(),
                    format!("the key has {} bytes; a key under {KEY_BYTES} can be guessed", key.expose().len()),
                );
            }
            Operator::Hash(_) => {}
        }
        for (at, field) in fields.iter().enumerate() {
            let segments = &field.0;
            let problem = if segments.is_empty() || segments.iter().any(String::is_empty) {
                Some("a field path has no empty parts".to_owned())
            } else if segments.len() > SEGMENTS {
                Some(format!("a field path has at most {SEGMENTS} parts"))
            } else if segments.iter().any(|segment| segment.len() > NAME_BYTES) {
                Some(format!("a member name of more than {NAME_BYTES} bytes is never matched"))
            } else if segments.iter().all(|segment| segment == "*") {
                Some("a field path of `*` alone is everything; name a member".to_owned())
            } else {
                None
            };
            if let Some(problem) = problem {
                mistake(format!(".fields[{at}]"), format!("{problem}: `{}`", segments.join(".")));
            }
        }
        Self {
            id: Rc::from(id.as_str()),
            operation: Operation::new(then),
            families: detect.iter().flat_map(|detector| detectors::families(*detector)).collect(),
            fields: fields.iter().map(FieldRule::new).collect(),
            pattern: pattern.as_ref().map(|pattern| Search {
                regex: pattern.regex().clone(),
                literals: literals::leading(pattern.as_str()),
                least: literals::shortest(pattern.as_str()),
            }),
            remote: remote
                .as_ref()
                .map(|remote| Remote { recognizer: remote.recognizer.as_str().into(), entities: remote.entities.clone() }),
            scope: scope.clone(),
            alert: *alert,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::policy::FieldPath;
    use crate::policy::value::Secret;

    fn rule(id: &str) -> MaskRule {
        crate::mask::tests::rule(id, &[Detector::Email], crate::policy::Operator::Replace)
    }

    #[test]
    fn every_mistake_is_told_at_once() {
        let rules = [
            rule("good"),
            rule("good"),
            MaskRule { detect: Vec::new(), ..rule("Bad id") },
            MaskRule {
                then: Operator::Keep { first: 0, last: 33 },
                fields: vec![FieldPath(vec!["*".to_owned()]), FieldPath(Vec::new())],
                ..rule("b")
            },
            MaskRule { then: Operator::Hash(Secret::new("short")), ..rule("c") },
        ];
        let mistakes = Masking::compile(&rules).err().unwrap();
        let paths: Vec<&str> = mistakes.iter().map(|mistake| mistake.path.as_str()).collect();
        assert_eq!(paths, ["[1].id", "[2].id", "[2]", "[3].then", "[3].fields[0]", "[3].fields[1]", "[4].then.hash"]);
    }

    #[test]
    fn a_rule_applies_where_it_says() {
        let globs = |names: &[&str]| names.iter().map(|name| Glob::new(*name)).collect::<Vec<_>>();
        let names = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect::<Vec<String>>();
        let scope = MaskScope {
            groups: globs(&["staff", "guests"]),
            unless_groups: globs(&["priv*"]),
            audiences: globs(&["https://a"]),
            tools: globs(&["get_*"]),
            ..MaskScope::default()
        };
        let both = MaskScope { direction: Direction::Both, ..MaskScope::default() };
        let requests = MaskScope { direction: Direction::Requests, ..MaskScope::default() };
        let (staff, privacy, strangers) = (names(&["x", "staff"]), names(&["staff", "privacy"]), names(&["x"]));
        let (a, b) = (names(&["https://b", "https://a"]), names(&["https://b"]));
        let one = Recipient { groups: &staff, audiences: &a, tool: Some("get_order"), is_request: false };
        assert!(applies(&scope, one));
        assert!(applies(&scope, Recipient { tool: None, ..one }), "unknown is masked");
        assert!(!applies(&scope, Recipient { tool: Some("list"), ..one }));
        assert!(!applies(&scope, Recipient { groups: &privacy, ..one }));
        assert!(!applies(&scope, Recipient { groups: &strangers, ..one }));
        assert!(!applies(&scope, Recipient { audiences: &b, ..one }));
        let request = Recipient { is_request: true, ..one };
        assert!(!applies(&scope, request));
        assert!(applies(&both, one) && applies(&both, request));
        assert!(!applies(&requests, one) && applies(&requests, request));
    }

    #[test]
    fn the_record_is_under_all_rules() {
        let only = MaskScope { direction: Direction::Requests, groups: vec![Glob::new("staff")], ..MaskScope::default() };
        let masking = Masking::compile(&[MaskRule { scope: only, then: Operator::Refuse, ..rule("mail") }]).unwrap();
        assert!(masking.profile(Recipient::default()).is_empty());
        assert!(!masking.whole().is_empty());
        assert!(masking.looks_at_requests());
    }

    #[test]
    fn the_first_rule_that_names_a_family_has_it() {
        let secrets = MaskRule { detect: vec![Detector::Secrets], ..rule("secrets") };
        let jwt = MaskRule { detect: vec![Detector::Jwt, Detector::Email], ..rule("jwt") };
        let profile = Masking::compile(&[secrets, jwt]).unwrap().whole();
        assert_eq!(profile.family(Detector::Jwt), Some(0));
        assert_eq!(profile.family(Detector::Email), Some(1));
        assert_eq!(profile.family(Detector::Iban), None);
    }
}
