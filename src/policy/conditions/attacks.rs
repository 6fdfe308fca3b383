//! `rules[].attacks`: what is looked for in strings that nobody declared to be SQL or a command.

use serde_json::Value as Json;

use super::super::form::{Fields, Form, Placed, Reading, described, section, word, words, wrong_word};
use super::super::report::{Place, Report};
use super::super::tree::Node;
use super::ArgumentRef;
use crate::policy::Then;

/// A rule that denies matches a call with such a string in it; one that allows, a call without.
#[derive(Clone, Debug)]
pub struct AttackCondition {
    pub arguments: Vec<ArgumentRef>,
    pub deny: Vec<Attack>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Attack {
    /// Destructive SQL at the start of a statement.
    Sql,
    /// Idioms of reverse shells and of downloads piped into a shell.
    Shell,
    /// A path that leaves its directory, in any encoding.
    PathTraversal,
    /// URLs of metadata services, loopback, link-local and private addresses, in any spelling.
    Ssrf,
}

impl Attack {
    const ALL: [Self; 4] = [Self::Sql, Self::Shell, Self::PathTraversal, Self::Ssrf];
}

words!(Attack { "sql" => Attack::Sql, "shell" => Attack::Shell, "path_traversal" => Attack::PathTraversal, "ssrf" => Attack::Ssrf });

section! {
    /// High-precision detection in any string argument. A rule that denies matches a call with such a string. See `docs/attacks.md`.
    Attacks {
        /// The arguments to look at. Default `*`, every string.
        optional argument: Vec<ArgumentRef>,
        /// What to look for. Default: all.
        optional deny: Vec<Attack>,
    }
}

#[expect(clippy::unnecessary_wraps, reason = "all conditions are lowered alike")]
pub(in crate::policy) fn of(written: Placed<Attacks>, _then: Option<Then>, _report: &mut Report) -> Option<AttackCondition> {
    let Attacks { argument, deny } = written.value;
    Some(AttackCondition {
        arguments: argument.map_or_else(|| vec![ArgumentRef::Every], |placed| placed.value),
        deny: deny.map_or_else(|| Attack::ALL.to_vec(), |placed| placed.value),
    })
}
