//! The `masking` section of a policy, compiled once and shared by all streams.

use std::cell::{Cell, RefCell};
use std::collections::{HashMap, HashSet};
use std::rc::Rc;

use regex_automata::meta;

use super::detectors::glance::{self, Glance, Naming};
use super::detectors::{self, Check, Trigger, View};
use super::fields::FieldRule;
use super::findings::Count;
use super::literals;
use super::names::Names;
use super::operator::Operation;
use super::scan::Prefilter;
use super::sieve::Runs;
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
struct Content {
    binary: Binary,
    join: usize,
}

/// The rules that apply to one caller; cheap to clone.
#[derive(Clone)]
pub struct Profile {
    shared: Rc<Shared>,
    active: Rc<Active>,
    content: Content,
}

pub(crate) struct Shared {
    rules: Vec<Rule>,
    prefilter: Prefilter,
    /// Working memory of one window; whoever masks takes it, all of it on one thread.
    scratch: Cell<Option<Box<Scratch>>>,
    /// What applies, by the rules that are lifted: callers of one kind share it, and most policies lift none.
    known: RefCell<HashMap<Vec<u16>, Rc<Active>>>,
}

pub(crate) struct Rule {
    pub(crate) id: Rc<str>,
    pub(crate) operation: Operation,
    families: Vec<Detector>,
    fields: Vec<FieldRule>,
    pattern: Option<Search>,
    scope: MaskScope,
    alert: bool,
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

/// An operator's pattern.
pub(crate) struct Search {
    regex: meta::Regex,
    /// How every match begins, where that is a few literals.
    literals: Option<Vec<Vec<u8>>>,
}

/// A check that is not led to by a literal.
pub(crate) struct Triggered {
    pub(crate) label: Label,
    pub(crate) check: Check,
    pub(crate) glance: Option<Glance>,
}

/// What applies, looked up by what is found.
#[derive(Default)]
struct Active {
    /// By the detector's number: the first rule that names it.
    families: Vec<Option<u16>>,
    rules: Vec<u16>,
    patterns: Vec<u16>,
    fields: Vec<(u16, FieldRule)>,
    /// Of the families above, those that look at digits, and at runs of which lengths (bit n: n digits).
    digits: Vec<(u32, Triggered)>,
    runs: Runs,
    /// The families that look at an `@`.
    at_sign: Vec<Triggered>,
    /// The families that look at the beginning of a text with a member name.
    named: Vec<Named>,
    names: RefCell<Names>,
}

/// A check of the beginning of a text with a member name.
pub(crate) struct Named {
    pub(crate) label: Label,
    pub(crate) check: Check,
    pub(crate) naming: Naming,
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
}

impl Label {
    /// As findings name it.
    pub(crate) fn detector(self) -> &'static str {
        match self.source {
            Source::Detector(label) => label,
            Source::Pattern => "pattern",
            Source::Field => "field",
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

impl Shared {
    fn active(&self, lifted: &[u16]) -> Active {
        let mut active = Active { families: vec![None; Detector::ALL.len()], ..Active::default() };
        for (index, rule) in (0u16..).zip(&self.rules).filter(|(index, _)| !lifted.contains(index)) {
            let named = active.families.iter_mut().zip(Detector::ALL).filter(|(_, family)| rule.families.contains(family));
            named.for_each(|(slot, _)| *slot = slot.or(Some(index)));
            active.rules.push(index);
            active.patterns.extend(rule.pattern.iter().map(|_| index));
            active.fields.extend(rule.fields.iter().map(|field| (index, field.clone())));
        }
        for family in detectors::all() {
            let Some(label) = active.family(family.detector).map(|rule| Label { rule, source: Source::Detector(family.label) }) else {
                continue;
            };
            for trigger in family.triggers {
                match trigger {
                    Trigger::Heads(..) | Trigger::Shapes(_) => {}
                    Trigger::Digits(lengths, check) => {
                        active.runs = active.runs.max(glance::runs(family.label, *lengths));
                        active.digits.push((*lengths, Triggered { label, check: *check, glance: glance::at_digits(family.label) }));
                    }
                    Trigger::AtSign(check) => {
                        active.at_sign.push(Triggered { label, check: *check, glance: glance::at_sign(family.label) });
                    }
                    Trigger::Named(check) => {
                        active.named.push(Named { label, check: *check, naming: glance::naming(family.label) });
                    }
                }
            }
        }
        active
    }
}

impl Active {
    fn family(&self, detector: Detector) -> Option<u16> {
        self.families.get(detector as usize).copied().flatten()
    }
}

/// Whether the same rules of the same policy apply.
impl PartialEq for Profile {
    fn eq(&self, other: &Self) -> bool {
        Rc::ptr_eq(&self.active, &other.active)
    }
}

impl Profile {
    /// Whether nothing is ever masked.
    pub fn is_empty(&self) -> bool {
        self.active.families.iter().all(Option::is_none) && self.active.patterns.is_empty() && self.active.fields.is_empty()
    }

    /// Whether something that is found withholds the whole message.
    pub fn refuses(&self) -> bool {
        self.rules().any(|rule| matches!(rule.operation, Operation::Refuse))
    }

    /// The first of these findings for which the whole message is withheld.
    pub fn refusing<'f>(&self, counts: &'f [Count]) -> Option<&'f Count> {
        let refuses = |count: &&Count| self.rules().any(|rule| rule.id == count.rule && matches!(rule.operation, Operation::Refuse));
        counts.iter().find(refuses)
    }

    /// Whether what this rule finds is for somebody to look at.
    pub fn alerts(&self, rule: &str) -> bool {
        self.shared.rules.iter().any(|own| own.alert && *own.id == *rule)
    }

    /// The rules that apply.
    fn rules(&self) -> impl Iterator<Item = &Rule> {
        self.active.rules.iter().filter_map(|rule| self.shared.rules.get(usize::from(*rule)))
    }

    /// The same rules for what a client sends: what the policy says of answers alone is not for it.
    pub fn of_requests(&self) -> Self {
        Self { content: Content::default(), ..self.clone() }
    }

    /// Whether bodies need not be read at all.
    pub(crate) fn is_idle(&self) -> bool {
        self.is_empty() && self.content.binary == Binary::Pass
    }

    pub(crate) fn binary(&self) -> Binary {
        self.content.binary
    }

    /// Bytes on either side of where two text blocks meet that are one text; 0 for none.
    pub(crate) fn join(&self) -> usize {
        if self.is_empty() { 0 } else { self.content.join }
    }

    pub(crate) fn rule(&self, label: Label) -> Option<&Rule> {
        self.shared.rules.get(usize::from(label.rule))
    }

    /// The rule that has the family.
    pub(crate) fn family(&self, detector: Detector) -> Option<u16> {
        self.active.family(detector)
    }

    pub(crate) fn digits(&self) -> &[(u32, Triggered)] {
        &self.active.digits
    }

    /// The runs of digits that those families look at.
    pub(crate) fn runs(&self) -> Runs {
        self.active.runs
    }

    pub(crate) fn at_sign(&self) -> &[Triggered] {
        &self.active.at_sign
    }

    pub(crate) fn named(&self) -> &[Named] {
        &self.active.named
    }

    /// Whether a text under this member name, escapes and all, may be found by its name.
    pub(crate) fn may_find_by_name(&self, name: &[u8], text: &[u8]) -> bool {
        if name.is_empty() || self.active.named.is_empty() {
            return false;
        }
        let view = View::new(text, name);
        let by_text = || {
            self.active.named.iter().any(|named| match named.naming {
                Naming::Under(_) => false,
                Naming::Any => (named.check)(&view, 0).is_some(),
                Naming::Unknown => text.contains(&b'\\') || (named.check)(&view, 0).is_some(),
            })
        };
        let tells = || self.active.named.iter().any(|named| matches!(named.naming, Naming::Under(tells) if tells(name)));
        by_text() || self.active.names.try_borrow_mut().map_or_else(|_| tells(), |mut names| names.look_up(name, tells))
    }

    pub(crate) fn has_patterns(&self) -> bool {
        !self.active.patterns.is_empty()
    }

    pub(crate) fn has_fields(&self) -> bool {
        !self.active.fields.is_empty()
    }

    pub(crate) fn patterns(&self) -> impl Iterator<Item = (Label, &Search)> {
        self.active.patterns.iter().filter_map(|rule| {
            let search = self.shared.rules.get(usize::from(*rule))?.pattern.as_ref()?;
            Some((Label { rule: *rule, source: Source::Pattern }, search))
        })
    }

    pub(crate) fn fields(&self) -> &[(u16, FieldRule)] {
        &self.active.fields
    }

    pub(crate) fn prefilter(&self) -> &Prefilter {
        &self.shared.prefilter
    }

    pub(crate) fn take_scratch(&self) -> Box<Scratch> {
        self.shared.scratch.take().unwrap_or_default()
    }

    pub(crate) fn put_scratch(&self, scratch: Box<Scratch>) {
        self.shared.scratch.set(Some(scratch));
    }
}

impl Search {
    /// Never cloned: a clone of a regex begins with an empty cache.
    pub(crate) fn regex(&self) -> &meta::Regex {
        &self.regex
    }

    pub(crate) fn has_literals(&self) -> bool {
        self.literals.is_some()
    }
}

impl Rule {
    fn compile(rule: &MaskRule, mistake: &mut impl FnMut(String, String)) -> Self {
        let MaskRule { id, detect, fields, pattern, then, scope, alert } = rule;
        if id.is_empty() || !id.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || matches!(byte, b'_' | b'-')) {
            mistake(
                ".id".to_owned(),
                format!("the id `{id}` must be lower-case letters, digits, `-` and `_`: it is written into what leaves"),
            );
        }
        if detect.is_empty() && fields.is_empty() && pattern.is_none() {
            mistake(String::new(), format!("the rule `{id}` looks for nothing; give it `detect`, `fields` or `pattern`"));
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
            pattern: pattern
                .as_ref()
                .map(|pattern| Search { regex: pattern.regex().clone(), literals: literals::leading(pattern.as_str()) }),
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
        MaskRule {
            id: id.to_owned(),
            detect: vec![Detector::Email],
            fields: Vec::new(),
            pattern: None,
            then: Operator::Replace,
            scope: crate::policy::MaskScope::default(),
            alert: false,
        }
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
