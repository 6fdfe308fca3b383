//! Shell commands, read as a shell would read them, as far as that can be done without running anything.
//!
//! ```text
//! text -> scan (where words and constructs end) -> run (lists, pipelines, compounds)
//!      -> expand (quotes, parameters, substitutions) -> command (what it is, what it wraps) -> its judge -> classes
//! ```
//!
//! Nothing is ever executed. What only the running shell knows is a hole in a text, and every text remembers where it came from: the network, a
//! decoder, a secret. Work and nesting are bounded; what goes over a bound is [`Class::Unknown`]. What cannot be promised is in `docs/shell.md`.

mod account;
mod afar;
mod arguments;
mod breaches;
mod builtin;
mod capture;
mod class;
mod code;
mod command;
mod compound;
mod condition;
mod consoles;
mod contain;
mod decode;
mod destinations;
mod escape;
mod estate;
mod expand;
mod exploits;
mod files;
mod guardians;
mod hostile;
mod idiom;
mod interpret;
mod intrusion;
mod leaks;
mod leaving;
mod loaded;
mod mac;
mod memory;
mod network;
mod outward;
mod parameter;
mod paths;
mod pieces;
mod places;
mod planted;
mod rcfile;
mod redirect;
mod registries;
mod run;
mod scan;
mod seek;
mod signs;
mod simple;
mod state;
mod statement;
mod supply;
mod system;
mod tamper;
#[cfg(test)]
mod tests;
mod text;
mod told;
mod value;
mod windows;
mod wrap;

pub use class::{Class, Classes};
pub(super) use condition::Commands;
pub(super) use idiom::reverse_shell_idiom_in;
pub use idiom::{Idiom, reverse_shell_idiom};
pub(super) use memory::Inspected;

use state::Shell;
use value::{FIELD, HOLE, Value};

/// Longest text that is read, in bytes.
pub const MAX_TEXT: usize = 64 * 1024;

/// The language a command is written in.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Flavour {
    /// `sh` and what grew out of it: bash, dash, zsh, ksh.
    #[default]
    Posix,
    PowerShell,
    Cmd,
}

/// A command that would run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Command {
    /// As it was written, after evaluation; `?` where a part is not known.
    pub written: String,
}

impl Command {
    /// The last part of its path.
    pub fn name(&self) -> &str {
        self.written.rsplit(['/', '\\']).next().unwrap_or_default()
    }
}

/// Why a class was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Note {
    pub class: Class,
    /// Byte offset in the text of the outermost command that shows it.
    pub offset: usize,
    /// The command, at most 120 characters of it.
    pub words: String,
}

/// What a text would do, as far as it can be told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Inspection {
    pub classes: Classes,
    /// Every command that would run, what wrappers wrap included, each once.
    pub commands: Vec<Command>,
    /// Whether these are all: false when a command's name is not known, or there were too many.
    pub commands_complete: bool,
    /// The first place of every class.
    pub notes: Vec<Note>,
}

impl Default for Inspection {
    fn default() -> Self {
        Self { classes: Classes::default(), commands: Vec::new(), commands_complete: true, notes: Vec::new() }
    }
}

impl Inspection {
    fn unknown(why: &str) -> Self {
        let note = Note { class: Class::Unknown, offset: 0, words: why.to_owned() };
        Self { classes: [Class::Unknown].into_iter().collect(), commands_complete: false, notes: vec![note], ..Self::default() }
    }

    fn join(&mut self, other: Self) {
        let Self { classes, commands, commands_complete, notes } = other;
        self.notes.extend(notes.into_iter().filter(|note| !self.classes.contains(note.class)));
        self.classes = self.classes.or(classes);
        for command in commands {
            if !self.commands.contains(&command) {
                self.commands.push(command);
            }
        }
        self.commands_complete &= commands_complete;
    }

    /// Takes a class back that came from a text which was no command.
    fn forget(&mut self, class: Class) {
        self.classes = self.classes.iter().filter(|found| *found != class).collect();
        self.notes.retain(|note| note.class != class);
    }
}

/// Inspects a text that a shell would be given.
pub fn inspect(text: &str, flavour: Flavour) -> Inspection {
    if text.len() > MAX_TEXT {
        return Inspection::unknown("longer than what is read");
    }
    if flavour != Flavour::Posix {
        return windows::inspect(text, flavour);
    }
    let mut found = inspect_posix(text, 0);
    if let Some(flavour) = windows::speaks(text) {
        let other = windows::inspect(text, flavour);
        found.join(Inspection { commands: Vec::new(), commands_complete: true, ..other });
    }
    found
}

/// `depth`: how many texts this one is within.
fn inspect_posix(text: &str, depth: u32) -> Inspection {
    let plain = clean(text);
    let mut shell = Shell::new();
    shell.depth = depth;
    let printed = shell.run(&plain, Value::default());
    shell.shows(&printed);
    if told::said_later(&plain) {
        shell.showing = "a shell started by code".to_owned();
        shell.mark(Class::ShellEscape);
    }
    // Code of other languages, and whatever our reading of the text missed.
    if let Some(offset) = idiom::reverse_shell(&plain).filter(|_| !is_noted(&plain)) {
        shell.offset = offset;
        shell.showing = "an idiom of reverse shells".to_owned();
        shell.mark(Class::ReverseShell);
    }
    shell.found
}

/// One line that keeps a text for tests or documentation, and runs nothing: `printf '..' > tests/fixtures/shell.txt`.
fn is_noted(text: &str) -> bool {
    let said = ["printf ", "echo "].iter().any(|name| text.starts_with(name)) && !text.trim().contains('\n');
    let Some((before, behind)) = text.rsplit_once('\'') else { return false };
    let quoted = before.matches('\'').count() % 2 == 1 && !before.contains("$(");
    let path = behind.trim().trim_start_matches('>').trim();
    let kept = ["fixtures/", "testdata/", "tests/", "test/", "docs/", "examples/"]
        .iter()
        .any(|place| path.starts_with(place) || path.contains(&["/", place].concat()));
    let text_only = [".txt", ".md", ".json", ".yaml", ".yml", ".csv", ".toml"].iter().any(|end| path.ends_with(end));
    said && quoted
        && behind.trim().starts_with('>')
        && !path.contains([' ', ';', '|', '&'])
        && !path.starts_with(['/', '~'])
        && kept
        && text_only
}

/// Inspects a command given as a list, which no shell reads: its words are literal.
pub fn inspect_argv(args: &[&str]) -> Inspection {
    let size = args.iter().map(|arg| arg.len()).fold(0, usize::saturating_add);
    if size > MAX_TEXT {
        return Inspection::unknown("longer than what is read");
    }
    let words: Vec<Value> = args.iter().map(|arg| Value::known(clean(arg))).collect();
    let mut shell = Shell::new();
    shell.showing = args.join(" ");
    let printed = shell.command(words, &redirect::Io::default(), &[]);
    shell.shows(&printed);
    shell.found
}

/// Shells drop NUL bytes; our own marks are no text.
fn clean(text: &str) -> String {
    text.chars().filter(|c| *c != '\0').map(|c| if c == HOLE || c == FIELD { ' ' } else { c }).collect()
}
