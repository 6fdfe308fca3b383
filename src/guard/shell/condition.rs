//! `rules[].shell`: whether the commands in a call's arguments are good.

use std::rc::Rc;

use super::super::Subject;
use super::super::condition::{Answer, Condition, Met};
use super::super::value::Value as Json;
use super::{Class, Classes, Command, Flavour, Inspection};
use crate::policy::value::Glob;
use crate::policy::{self, ShellClass, ShellCondition, Then, WhenUnknown};

/// Directories in which a command is what its name says.
const USUAL: [&str; 8] =
    ["/bin/", "/usr/bin/", "/sbin/", "/usr/sbin/", "/usr/local/bin/", "/usr/local/sbin/", "/opt/homebrew/bin/", "/snap/bin/"];

#[derive(Debug)]
pub(in crate::guard) struct Commands {
    condition: ShellCondition,
    deny: Classes,
    then: Then,
}

/// What was found in one text.
struct Judged {
    good: Met,
    because: Option<String>,
}

impl Commands {
    pub(in crate::guard) fn new(condition: &ShellCondition, then: Then) -> Self {
        Self { deny: condition.deny.iter().map(|class| class_of(*class)).collect(), condition: condition.clone(), then }
    }

    fn judge(&self, place: &str, found: &Inspection) -> Judged {
        let bad = found.classes.and(self.deny);
        if let Some(note) = found.notes.iter().find(|note| bad.contains(note.class)) {
            // The words may hold secrets; the name of the class and the place do not.
            let because = format!("`{place}`: {} at byte {}", note.class.word(), note.offset);
            return Judged { good: Met::No, because: Some(because) };
        }
        let refused = |command: &&Command| {
            let listed = self.condition.commands.is_empty() || self.condition.commands.iter().any(|glob| is_called(command, glob));
            !listed || self.condition.deny_commands.iter().any(|glob| glob.matches(command.name()) || glob.matches(&command.written))
        };
        if let Some(command) = found.commands.iter().find(refused) {
            let name: String = command.name().chars().filter(|c| c.is_ascii_graphic() && *c != '`').take(32).collect();
            return Judged { good: Met::No, because: Some(format!("`{place}`: the command `{name}`")) };
        }
        let by_name = !self.condition.commands.is_empty() || !self.condition.deny_commands.is_empty();
        let unclear = found.classes.contains(Class::Unknown) || (by_name && !found.commands_complete);
        match (unclear, self.condition.unknown) {
            (true, WhenUnknown::Refuse) => Judged { good: Met::Unsure, because: Some(format!("`{place}`: cannot be told what it runs")) },
            _ => Judged { good: Met::Yes, because: None },
        }
    }

    fn flavour(&self) -> Flavour {
        match self.condition.flavour {
            policy::Flavour::Posix => Flavour::Posix,
            policy::Flavour::PowerShell => Flavour::PowerShell,
            policy::Flavour::Cmd => Flavour::Cmd,
        }
    }

    /// Every reading of the arguments, with its place.
    fn readings(&self, subject: &Subject<'_>, found: &[(String, &Json<'_>)]) -> Vec<(String, Option<Rc<Inspection>>)> {
        let commands = &subject.commands;
        let texts: Vec<(&str, &str)> = found.iter().filter_map(|(place, value)| Some((place.as_str(), value.as_str()?))).collect();
        let lists: Vec<(&str, Option<Vec<&str>>)> =
            found.iter().filter_map(|(place, value)| Some((place.as_str(), words(value.as_array()?)))).collect();
        // `command` and `args`: one command line, whether a shell comes between or not.
        if let ([(place, command)], [(_, Some(args))]) = (texts.as_slice(), lists.as_slice()) {
            let literal: Vec<&str> = std::iter::once(*command).chain(args.iter().copied()).collect();
            return vec![
                ((*place).to_owned(), Some(commands.argv(&literal))),
                ((*place).to_owned(), Some(commands.line(&literal, self.flavour()))),
            ];
        }
        let mut readings: Vec<_> =
            texts.into_iter().map(|(place, text)| (place.to_owned(), Some(commands.line(&[text], self.flavour())))).collect();
        readings.extend(lists.into_iter().map(|(place, args)| (place.to_owned(), args.map(|args| commands.argv(&args)))));
        let other = found.iter().filter(|(_, value)| !matches!(value, Json::String(_) | Json::Array(_) | Json::Null));
        readings.extend(other.map(|(place, _)| (place.clone(), None)));
        readings
    }
}

fn words<'v>(items: &'v [Json<'_>]) -> Option<Vec<&'v str>> {
    items.iter().map(Json::as_str).collect()
}

impl Condition for Commands {
    fn name(&self) -> &'static str {
        "shell"
    }

    fn answer(&self, subject: &Subject<'_>) -> Answer {
        let found: Vec<(String, &Json<'_>)> = self.condition.arguments.iter().flat_map(|reference| subject.pointed_at(reference)).collect();
        let mut all = Judged { good: Met::Yes, because: None };
        let readings = self.readings(subject, &found);
        let nothing = readings.is_empty();
        for (place, inspection) in readings {
            let one = match &inspection {
                Some(inspection) => self.judge(&place, inspection),
                None => Judged { good: Met::Unsure, because: Some(format!("`{place}`: is no command")) },
            };
            let both = all.good.and(one.good);
            if both != all.good {
                all = Judged { good: both, because: one.because };
            }
        }
        let met = match self.then {
            // Nothing there is nothing to allow by.
            Then::Allow if nothing => Met::No,
            Then::Allow => all.good,
            Then::Deny | Then::Ask => !all.good,
        };
        Answer { met, because: all.because }
    }
}

/// A pattern without a path means the command of that name where commands usually are.
fn is_called(command: &Command, glob: &Glob) -> bool {
    let written = command.written.as_str();
    let usual =
        !written.contains(['/', '\\']) || USUAL.iter().any(|folder| written.strip_prefix(folder).is_some_and(|name| !name.contains('/')));
    glob.matches(written) || (usual && glob.matches(command.name()))
}

fn class_of(class: ShellClass) -> Class {
    match class {
        ShellClass::ReverseShell => Class::ReverseShell,
        ShellClass::DownloadAndRun => Class::DownloadAndRun,
        ShellClass::PrivilegeChange => Class::PrivilegeChange,
        ShellClass::Destructive => Class::Destructive,
        ShellClass::CredentialRead => Class::CredentialRead,
        ShellClass::Persistence => Class::Persistence,
        ShellClass::CodeEvaluation => Class::CodeEvaluation,
        ShellClass::Exfiltration => Class::Exfiltration,
        ShellClass::ShellEscape => Class::ShellEscape,
        ShellClass::Obfuscation => Class::Obfuscation,
        ShellClass::ProtectionOff => Class::ProtectionOff,
        ShellClass::Delete => Class::Delete,
        ShellClass::Elevation => Class::Elevation,
        ShellClass::Network => Class::Network,
        ShellClass::Scheduling => Class::Scheduling,
        ShellClass::Dynamic => Class::Dynamic,
        ShellClass::Unknown => Class::Unknown,
    }
}
