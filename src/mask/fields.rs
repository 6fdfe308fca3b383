//! Fields by name: the last parts of a path to a value, case aside.
//!
//! Path and rule are compared from the end. An array is a step that `*` can stand for, and that a rule may as well leave
//! out: `users.ssn` and `users.*.ssn` both mean `{"users":[{"ssn":1}]}`.

use std::rc::Rc;

use super::reading::fold;
use crate::policy::FieldPath;
use crate::wire::path::{Path, Step};

#[derive(Clone, Debug)]
pub(crate) struct FieldRule {
    /// From the last to the first; `None` is `*`.
    parts: Rc<[Option<Vec<u8>>]>,
}

/// The path to a value through JSON in JSON: the innermost text's, then what it stands in.
#[derive(Clone, Copy)]
pub(crate) struct Chain<'a> {
    pub(crate) path: &'a Path,
    /// What stands for the last step: see [`super::cells`].
    pub(crate) name: Option<&'a [u8]>,
    pub(crate) outer: Option<&'a Chain<'a>>,
}

impl FieldRule {
    pub(crate) fn new(path: &FieldPath) -> Self {
        let part = |segment: &String| (segment != "*").then(|| segment.as_bytes().to_vec());
        Self { parts: path.0.iter().rev().map(part).collect() }
    }

    /// The name that the value stands under; none when it may be any.
    pub(crate) fn last_part(&self) -> Option<&[u8]> {
        self.parts.first()?.as_deref()
    }

    /// Whether the value that comes next is meant.
    pub(crate) fn matches(&self, chain: &Chain<'_>) -> bool {
        let last = chain.last();
        let possible = match (self.parts.first(), last) {
            (Some(Some(name)), Some(step)) => step.name().is_some_and(|last| is(last, name)),
            (Some(None), Some(_)) => true,
            _ => false,
        };
        possible && (self.parts.len() == 1 || self.matches_plainly(chain).unwrap_or_else(|| self.matches_all(chain)))
    }

    /// Step by step, where no array is on the way that the rule may or may not leave out.
    fn matches_plainly(&self, chain: &Chain<'_>) -> Option<bool> {
        let (mut outer, mut steps) = (chain.outer, chain.path.steps().rev());
        let mut last = chain.name.and(chain.last());
        for (at, part) in self.parts.iter().enumerate() {
            let step = loop {
                match (steps.next(), outer) {
                    (Some(step), _) => break last.take().unwrap_or(step),
                    (None, Some(chain)) => (outer, steps) = (chain.outer, chain.path.steps().rev()),
                    (None, None) => return Some(false),
                }
            };
            if at > 0 && matches!(step, Step::Element(_)) {
                return None;
            }
            if part.as_ref().is_some_and(|name| !step.name().is_some_and(|step| is(step, name))) {
                return Some(false);
            }
        }
        Some(true)
    }

    /// Every place in the path where the rule so far may have come to, part by part.
    fn matches_all(&self, chain: &Chain<'_>) -> bool {
        let steps: Vec<Step<'_>> = chain.steps();
        let mut reached = vec![0];
        for part in self.parts.iter() {
            let mut next: Vec<usize> = Vec::new();
            for mut at in reached {
                while let Some(step) = steps.get(at) {
                    let fits = match part {
                        None => true,
                        Some(name) => step.name().is_some_and(|step| is(step, name)),
                    };
                    if fits && !next.contains(&(at + 1)) {
                        next.push(at + 1);
                    }
                    // The value itself is what the rule means: nothing before it may be left out.
                    if at == 0 || !matches!(step, Step::Element(_)) {
                        break;
                    }
                    at += 1;
                }
            }
            reached = next;
        }
        !reached.is_empty()
    }
}

/// By which names some rule's fields go, as far as length and first letter tell: almost every member goes by none.
#[derive(Default)]
pub(crate) struct FieldNames {
    /// By the length, modulo 32: bit n for first letters that end with these five bits.
    letters: [u32; 32],
    /// Some go by any name, or by none.
    open: bool,
}

impl FieldNames {
    pub(crate) fn add(&mut self, name: Option<&[u8]>) {
        match name.and_then(Self::place) {
            Some((length, bit)) => self.letters.iter_mut().skip(length).take(1).for_each(|letters| *letters |= bit),
            None => self.open = true,
        }
    }

    #[inline]
    pub(crate) fn may_be(&self, name: Option<&[u8]>) -> bool {
        // What is not ASCII may read as a name of another length.
        let told = |name: &[u8]| {
            let place = Self::place(name);
            place.is_some_and(|(length, bit)| self.letters.get(length).is_some_and(|letters| letters & bit != 0)) || !name.is_ascii()
        };
        self.open || name.is_some_and(told)
    }

    fn place(name: &[u8]) -> Option<(usize, u32)> {
        Some((name.len() % 32, 1 << (name.first()? & 31)))
    }
}

/// Whether a member is called so, to whoever reads it.
fn is(member: &[u8], name: &[u8]) -> bool {
    member.eq_ignore_ascii_case(name) || fold::name(member).is_some_and(|read| read.eq_ignore_ascii_case(name))
}

impl<'a> Chain<'a> {
    /// What the value goes by.
    fn last(&self) -> Option<Step<'a>> {
        self.name.map(Step::Member).or_else(|| self.path.last())
    }

    /// From the value out.
    fn steps(&self) -> Vec<Step<'a>> {
        let mut steps: Vec<Step<'a>> = self.last().into_iter().chain(self.path.steps().rev().skip(1)).collect();
        let mut outer = self.outer;
        while let Some(chain) = outer {
            steps.extend(chain.path.steps().rev());
            outer = chain.outer;
        }
        steps
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn matches(rule: &str, way: &[&str]) -> bool {
        let mut path = Path::default();
        for step in way {
            path.open(*step == "[]");
            if *step != "[]" {
                path.member(step.as_bytes(), false);
            }
        }
        let rule = FieldRule::new(&FieldPath(rule.split('.').map(str::to_owned).collect()));
        rule.matches(&Chain { path: &path, name: None, outer: None })
    }

    #[test]
    fn the_last_parts_decide() {
        assert!(matches("password", &["a", "Password"]));
        assert!(matches("password", &["password"]));
        assert!(!matches("password", &["password", "hint"]));
        assert!(!matches("password", &["password2"]));
        assert!(matches("user.ssn", &["result", "USER", "ssn"]));
        assert!(!matches("user.ssn", &["result", "other", "ssn"]));
        assert!(matches("*.ssn", &["x", "ssn"]));
        assert!(!matches("*.ssn", &["ssn"]));
        assert!(matches("secrets.*", &["secrets", "any"]));
        assert!(matches("secrets.*", &["secrets", "[]"]));
        assert!(matches("user.password", &["ｕｓｅｒ", "pass\u{200b}word"]));
    }

    #[test]
    fn arrays_may_be_named_or_left_out() {
        assert!(matches("users.ssn", &["users", "[]", "ssn"]));
        assert!(matches("users.*.ssn", &["users", "[]", "ssn"]));
        assert!(matches("users.*.ssn", &["users", "x", "[]", "ssn"]));
        assert!(!matches("users.ssn", &["users", "x", "ssn"]));
    }

    #[test]
    fn goes_on_through_json_in_json() {
        let (mut outer, mut inner) = (Path::default(), Path::default());
        outer.open(false);
        outer.member(b"user", false);
        inner.open(false);
        inner.member(b"ssn", false);
        let outer = Chain { path: &outer, name: None, outer: None };
        let rule = FieldRule::new(&FieldPath(vec!["user".to_owned(), "ssn".to_owned()]));
        assert!(rule.matches(&Chain { path: &inner, name: None, outer: Some(&outer) }));
    }
}
