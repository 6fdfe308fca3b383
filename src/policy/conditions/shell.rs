//! `rules[].shell`: what commands in an argument may do.

use serde_json::Value as Json;

use super::super::form::{Fields, Form, Placed, Reading, described, section, word, words, wrong_word};
use super::super::report::{Place, Report};
use super::super::tree::Node;
use super::super::value::Glob;
use super::{ArgumentRef, WhenUnknown};
use crate::policy::Then;

/// Says which commands are good. A rule that denies matches a call with one that is not; a rule that allows matches a call whose
/// commands are there and all good.
#[derive(Clone, Debug)]
pub struct ShellCondition {
    pub arguments: Vec<ArgumentRef>,
    pub flavour: Flavour,
    /// None of these classes.
    pub deny: Vec<ShellClass>,
    /// No command but these, by the name that would run; empty when the policy does not say.
    pub commands: Vec<Glob>,
    /// None of these commands.
    pub deny_commands: Vec<Glob>,
    pub unknown: WhenUnknown,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Flavour {
    Posix,
    PowerShell,
    Cmd,
}

words!(Flavour { "posix" => Flavour::Posix, "powershell" => Flavour::PowerShell, "cmd" => Flavour::Cmd });

/// What a command does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum ShellClass {
    ReverseShell,
    DownloadAndRun,
    PrivilegeChange,
    Destructive,
    CredentialRead,
    Persistence,
    CodeEvaluation,
    Exfiltration,
    /// Makes a program that is no shell start one.
    ShellEscape,
    Obfuscation,
    /// Switches off a firewall, auditing and the like.
    ProtectionOff,
    /// Removes any file.
    Delete,
    /// Runs something as another user.
    Elevation,
    /// Talks to the network.
    Network,
    /// `at`, `crontab` and their like.
    Scheduling,
    /// What runs is known to the running shell only: `$cmd`.
    Dynamic,
    Unknown,
}

words!(ShellClass {
    "reverse_shell" => ShellClass::ReverseShell, "download_and_run" => ShellClass::DownloadAndRun,
    "privilege_change" => ShellClass::PrivilegeChange, "destructive" => ShellClass::Destructive,
    "credential_read" => ShellClass::CredentialRead, "persistence" => ShellClass::Persistence,
    "code_evaluation" => ShellClass::CodeEvaluation, "exfiltration" => ShellClass::Exfiltration,
    "shell_escape" => ShellClass::ShellEscape, "protection_off" => ShellClass::ProtectionOff, "scheduling" => ShellClass::Scheduling,
    "dynamic" => ShellClass::Dynamic, "obfuscation" => ShellClass::Obfuscation, "delete" => ShellClass::Delete, "elevation" => ShellClass::Elevation,
    "network" => ShellClass::Network, "unknown" => ShellClass::Unknown,
});

section! {
    /// What shell commands in an argument may do. A rule that denies matches commands that are not so, one that allows those that are. See `docs/shell.md`.
    Shell {
        /// The arguments that hold commands: names or JSON pointers. A list of strings is taken as a command and its words.
        required argument: Vec<ArgumentRef>,
        /// Which shell reads it. Default `posix`.
        optional flavour: Flavour,
        /// Classes no command may be of.
        optional deny: Vec<ShellClass>,
        /// Commands that may run, such as `git` or `ls`; every other is not good. The surest way.
        optional commands: Vec<Glob>,
        /// Commands that may not run.
        optional deny_commands: Vec<Glob>,
        /// What cannot be understood: `refuse` (default) or `pass`.
        optional unknown: WhenUnknown,
    }
}

pub(in crate::policy) fn of(written: Placed<Shell>, _then: Option<Then>, report: &mut Report) -> Option<ShellCondition> {
    let Placed { at, value: Shell { argument, flavour, deny, commands, deny_commands, unknown } } = written;
    if deny.is_none() && commands.is_none() && deny_commands.is_none() {
        report.follow_up(&at, "says nothing about commands; add `deny`, `commands` or `deny_commands`");
    }
    let argument = argument?;
    if argument.value.contains(&ArgumentRef::Every) {
        report.add(&argument.at, "name the arguments that hold commands: any text can be read as one. `attacks` looks at every string");
    }
    let globs = |placed: Option<Placed<Vec<Glob>>>| placed.map(|placed| placed.value).unwrap_or_default();
    Some(ShellCondition {
        arguments: argument.value,
        flavour: flavour.map_or(Flavour::Posix, |placed| placed.value),
        deny: deny.map(|placed| placed.value).unwrap_or_default(),
        commands: globs(commands),
        deny_commands: globs(deny_commands),
        unknown: unknown.map(|placed| placed.value).unwrap_or_default(),
    })
}
