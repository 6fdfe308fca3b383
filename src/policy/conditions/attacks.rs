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

pub(in crate::policy) fn of(written: Placed<Attacks>, _then: Option<Then>, report: &mut Report) -> Option<AttackCondition> {
    let Placed { at, value: Attacks { argument, deny } } = written;
    let is_later = |attack: &Attack| matches!(attack, Attack::Sql | Attack::Shell);
    match &deny {
        Some(deny) if deny.value.iter().any(is_later) => {
            report.add(&deny.at, "`sql` and `shell` are not looked for by this version of Portcullis; remove them, or they would promise what does not happen");
        }
        None => report.follow_up(&at, "say `deny: [path_traversal, ssrf]`: the others are not looked for by this version of Portcullis"),
        Some(_) => {}
    }
    Some(AttackCondition {
        arguments: argument.map_or_else(|| vec![ArgumentRef::Every], |placed| placed.value),
        deny: deny.map_or_else(|| Attack::ALL.to_vec(), |placed| placed.value),
    })
}
