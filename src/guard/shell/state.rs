//! What one inspection knows so far: variables, files written, what was found; and what it may still spend.

use std::collections::HashMap;

use super::value::{HOLE, Taint, Value, rest, strip};
use super::{Class, Command, Inspection, Note};

/// Longest value of a variable, a pipe or a file that is followed.
pub(super) const MAX_VALUE: usize = 64 * 1024;

/// Texts within texts: substitutions, `eval`, `sh -c`, decoded scripts. Each level takes a few KiB of the stack of 1 MiB.
const MAX_DEPTH: u32 = 16;

/// Bytes read and made in all, whatever the text tells to repeat. A text of 64 KiB without repetition spends about three times its length.
const FUEL: usize = 1024 * 1024;

/// Rounds of `for`, in all loops together.
const MAX_ROUNDS: usize = 256;

const MAX_COMMANDS: usize = 256;
const MAX_WORDS_SHOWN: usize = 120;
const MAX_ALTERNATIVES: usize = 4;
const MAX_NAMES: usize = 1024;

pub(super) struct Shell {
    pub(super) found: Inspection,
    fuel: usize,
    /// Texts within texts.
    pub(super) depth: u32,
    rounds: usize,
    /// Where in the text of the caller we are.
    pub(super) offset: usize,
    /// The command being judged, to be shown.
    pub(super) showing: String,
    variables: HashMap<String, Vec<Value>>,
    undo: Vec<(String, Option<Vec<Value>>)>,
    files: HashMap<String, Value>,
    sinks: HashMap<String, String>,
    pub(super) functions: HashMap<String, String>,
    pub(super) active: Vec<String>,
    pub(super) aliases: HashMap<String, String>,
    positional: Vec<Value>,
    /// File descriptors that are connections.
    pub(super) sockets: Vec<String>,
    pub(super) cwd: Option<String>,
    /// Whether an assignment may not happen after all.
    pub(super) conditional: bool,
    /// Which of several values of a variable is looked at, and how many the last command had.
    pub(super) alternative: usize,
    pub(super) alternatives: usize,
    /// Inside the command of `ssh`.
    pub(super) remote: u32,
    pub(super) fifo: bool,
    /// Something was encrypted with a password in plain sight.
    pub(super) encrypts: bool,
    /// A client of a database wrote statements that end tables.
    pub(super) makes_statements: bool,
    /// What `$0` is within `sh -c`.
    pub(super) zero: Option<Value>,
    /// Where what the command in a container writes is from.
    pub(super) inner: Taint,
    /// Within the command of `xargs` whose input is not known.
    pub(super) feeding: bool,
    /// Where disks were mounted.
    pub(super) mounted: Vec<String>,
    /// What was encrypted so.
    pub(super) plain: Option<String>,
    /// Somebody's files came by `git clone`.
    pub(super) cloned: bool,
    /// From a host that is told by its number, or over HTTP.
    pub(super) cloned_in_the_clear: bool,
    /// What git keeps of what was taken back is forgotten.
    pub(super) forgets_reflog: bool,
    /// A repository of a host that few know was cloned where anyone may write.
    pub(super) cloned_from_afar: bool,
    /// A secret was added to what is pushed next.
    pub(super) staged: bool,
    /// A remote was added that is nobody's we know.
    pub(super) strange_remote: bool,
    /// A root of trust came over the network in the clear.
    pub(super) rooted: bool,
    /// Directories into which somebody's files came.
    pub(super) unpacked: Vec<String>,
    /// Files that were made executable.
    pub(super) armed: Vec<String>,
    /// Within the words of `export` or `env`, where a file of settings is read to be used.
    pub(super) loading: bool,
}

impl Shell {
    pub(super) fn new() -> Self {
        Self {
            found: Inspection::default(),
            fuel: FUEL,
            depth: 0,
            rounds: MAX_ROUNDS,
            offset: 0,
            showing: String::new(),
            variables: HashMap::new(),
            undo: Vec::new(),
            files: HashMap::new(),
            sinks: HashMap::new(),
            functions: HashMap::new(),
            active: Vec::new(),
            aliases: HashMap::new(),
            positional: Vec::new(),
            sockets: Vec::new(),
            cwd: None,
            conditional: false,
            alternative: 0,
            alternatives: 1,
            remote: 0,
            fifo: false,
            encrypts: false,
            makes_statements: false,
            zero: None,
            inner: Taint::NONE,
            feeding: false,
            mounted: Vec::new(),
            plain: None,
            cloned: false,
            cloned_in_the_clear: false,
            cloned_from_afar: false,
            forgets_reflog: false,
            staged: false,
            strange_remote: false,
            rooted: false,
            unpacked: Vec::new(),
            armed: Vec::new(),
            loading: false,
        }
    }

    /// Notes a class; the first place that shows it is kept.
    pub(super) fn mark(&mut self, class: Class) {
        if !self.found.classes.contains(class) {
            self.found.classes.insert(class);
            let shown = self.showing.replace(HOLE, "?");
            let words = shown.chars().take(MAX_WORDS_SHOWN).collect();
            self.found.notes.push(Note { class, offset: self.offset, words });
        }
    }

    /// What the whole text prints.
    pub(super) fn shows(&mut self, printed: &Value) {
        if printed.taint.has(Taint::TOKEN) {
            self.showing = "a secret that is printed".to_owned();
            self.mark(Class::CredentialRead);
        }
    }

    /// The text is beyond us: it is not known what it does.
    pub(super) fn beyond(&mut self, why: &str) {
        self.found.commands_complete = false;
        let shown = std::mem::replace(&mut self.showing, why.to_owned());
        self.mark(Class::Unknown);
        self.showing = shown;
    }

    /// A command that would run.
    pub(super) fn runs(&mut self, written: &str) {
        let written = written.replace(HOLE, "?");
        if self.found.commands.iter().any(|command| command.written == written) {
            return;
        }
        if self.found.commands.len() >= MAX_COMMANDS {
            self.found.commands_complete = false;
        } else {
            self.found.commands.push(Command { written: written.chars().take(MAX_WORDS_SHOWN).collect() });
        }
    }

    /// Spends for bytes read or made; false when all is spent.
    pub(super) fn burn(&mut self, bytes: usize) -> bool {
        match self.fuel.checked_sub(bytes.saturating_add(1)) {
            Some(left) => {
                self.fuel = left;
                true
            }
            None => {
                self.fuel = 0;
                self.beyond("too much to evaluate");
                false
            }
        }
    }

    /// Whether nothing is left to spend, or no room for texts within texts.
    pub(super) fn is_spent(&self) -> bool {
        self.fuel == 0 || self.depth.saturating_add(3) >= MAX_DEPTH
    }

    /// A level deeper; to be left again when it is true.
    pub(super) fn enter(&mut self) -> bool {
        if self.depth >= MAX_DEPTH {
            self.beyond("nested too deep");
            return false;
        }
        self.depth += 1;
        true
    }

    pub(super) fn leave(&mut self) {
        self.depth = self.depth.saturating_sub(1);
    }

    pub(super) fn outermost(&self) -> bool {
        self.depth <= 1
    }

    pub(super) fn one_more_round(&mut self) -> bool {
        self.rounds = self.rounds.saturating_sub(1);
        self.rounds > 0 && self.fuel > FUEL / 4
    }

    // Variables

    pub(super) fn variable(&self, name: &str) -> Option<Value> {
        match self.variables.get(name) {
            Some(values) => values.get(self.alternative).or(values.last()).cloned(),
            None => well_known(name),
        }
    }

    pub(super) fn count_alternatives(&mut self, name: &str) {
        let count = self.variables.get(name).map_or(1, Vec::len);
        self.alternatives = self.alternatives.max(count);
    }

    pub(super) fn assign(&mut self, name: &str, value: Value) {
        let before = self.variables.get(name).cloned();
        let mut values = match &before {
            Some(values) if self.conditional => values.clone(),
            _ => Vec::new(),
        };
        if !values.contains(&value) {
            if values.len() >= MAX_ALTERNATIVES {
                values.remove(0);
                self.found.commands_complete = false;
            }
            values.push(value);
        }
        self.set(name, before, values);
    }

    /// One of several values, such as the lines that `read` may get.
    pub(super) fn assign_any(&mut self, name: &str, values: Vec<Value>) {
        let before = self.variables.get(name).cloned();
        self.set(name, before, values);
    }

    fn set(&mut self, name: &str, before: Option<Vec<Value>>, values: Vec<Value>) {
        let size = values.iter().map(|value| value.text.len()).fold(0, usize::saturating_add);
        if size > MAX_VALUE || self.variables.len() > MAX_NAMES || self.undo.len() > 16 * MAX_NAMES {
            return self.beyond("too many variables");
        }
        if self.burn(size) {
            self.undo.push((name.to_owned(), before));
            self.variables.insert(name.to_owned(), values);
        }
    }

    pub(super) fn undo_mark(&self) -> usize {
        self.undo.len()
    }

    /// Takes back what was assigned since: a subshell has ended.
    pub(super) fn roll_back(&mut self, mark: usize) {
        while self.undo.len() > mark {
            match self.undo.pop() {
                Some((name, Some(values))) => self.variables.insert(name, values),
                Some((name, None)) => self.variables.remove(&name),
                None => None,
            };
        }
    }

    pub(super) fn positional(&self) -> &[Value] {
        &self.positional
    }

    pub(super) fn replace_positional(&mut self, values: Vec<Value>) -> Vec<Value> {
        std::mem::replace(&mut self.positional, values)
    }

    // Files

    pub(super) fn write_file(&mut self, path: &str, value: Value, append: bool) {
        self.plants(path, &value);
        let path = file_key(path);
        if path.is_empty() || self.files.len() > MAX_NAMES {
            return;
        }
        if let Some(script) = self.sinks.remove(&path) {
            self.run(&script, value.clone());
        }
        let file = self.files.entry(path).or_default();
        if append {
            file.append(&value, MAX_VALUE);
        } else {
            *file = value;
        }
    }

    pub(super) fn file(&self, path: &str) -> Option<Value> {
        self.files.get(&file_key(path)).cloned()
    }

    /// The contents of a file: what was written to it, or unknown.
    pub(super) fn read_file(&mut self, path: &Value) -> Value {
        self.reads(&path.text);
        match self.file(&path.text) {
            Some(value) => value,
            None => Value::hole(self.taint_of_file(&path.text)),
        }
    }

    /// A name by which the output of a process substitution can be read.
    pub(super) fn pipe_file(&mut self, value: Value) -> String {
        let path = format!("/dev/fd/{}", 1000_usize.saturating_add(self.files.len()));
        self.write_file(&path, value, false);
        path
    }

    /// A name that no other file has.
    pub(super) fn fresh_name(&self) -> String {
        format!("tmp.{}", self.undo.len().saturating_add(self.files.len()))
    }

    /// A path whose reader is a script: `>(..)`.
    pub(super) fn sink(&mut self, script: &str) -> String {
        let path = self.pipe_file(Value::default());
        if self.sinks.len() < MAX_NAMES {
            self.sinks.insert(file_key(&path), script.to_owned());
        }
        path
    }

    pub(super) fn taint_of_file(&self, path: &str) -> Taint {
        super::paths::taint(path, self.cwd.as_deref())
    }
}

/// Files are known by their last name: the working directory need not be known then.
fn file_key(path: &str) -> String {
    let path = strip(path);
    match path.rfind('/') {
        Some(at) => rest(&path, at + 1).to_owned(),
        None => path,
    }
}

/// Variables that every shell has, with the values that matter.
fn well_known(name: &str) -> Option<Value> {
    let text = match name {
        "HOME" => "/home/user",
        "PATH" => "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
        "SHELL" | "BASH" => "/bin/bash",
        "IFS" => " \t\n",
        "OSTYPE" => "linux-gnu",
        "HOSTTYPE" => "x86_64",
        "MACHTYPE" => "x86_64-pc-linux-gnu",
        "PS2" => "> ",
        "PS4" => "+ ",
        "OPTIND" => "1",
        "SHLVL" => "1",
        "COMP_WORDBREAKS" => " \t\n\"'><=;|&(:",
        "LS_COLORS" => "rs=0:di=01;34:ln=01;36:",
        "PWD" | "OLDPWD" => return Some(Value::known(format!("/{HOLE}"))),
        _ => return None,
    };
    Some(Value::known(text))
}
