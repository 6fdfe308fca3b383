//! What the shell itself does: variables, `eval`, `source`, `trap`, `alias`, `cd`.

use super::Class;
use super::command::{Call, joined};
use super::hostile::PUBLIC;
use super::interpret::is_shell;
use super::state::Shell;
use super::value::{FIELD, HOLE, Taint, Value};

/// Variables whose value is a command that something runs.
pub(super) const COMMANDS: [&str; 19] = [
    "SYSTEMD_EDITOR",
    "SYSTEMD_PAGER",
    "SUDO_EDITOR",
    "PROMPT_COMMAND",
    "PAGER",
    "MANPAGER",
    "GIT_PAGER",
    "EDITOR",
    "VISUAL",
    "GIT_EDITOR",
    "GIT_SSH_COMMAND",
    "GIT_EXTERNAL_DIFF",
    "GIT_PROXY_COMMAND",
    "BROWSER",
    "LESSOPEN",
    "LESSCLOSE",
    "SUDO_ASKPASS",
    "SSH_ASKPASS",
    "RSYNC_RSH",
];

const TEMPORARY: [&str; 4] = ["/tmp/", "/dev/shm/", "/var/tmp/", "./"];

/// Whether the first directory of a list is one where anyone may write, itself.
fn is_first_public(list: &str) -> bool {
    list.split(':').next().is_some_and(|first| PUBLIC.iter().any(|place| place.trim_end_matches('/') == first.trim_end_matches('/')))
}

impl Shell {
    /// A variable gets a value; some are more than a name.
    pub(super) fn sets(&mut self, name: &str, value: &Value) {
        let text = value.text.as_str();
        if COMMANDS.contains(&name) {
            self.runs_program(value);
        }
        if matches!(name, "PS0" | "PS1" | "PS2" | "PS4") && text.contains(['$', '`']) {
            self.expand_one(text);
        }
        // A function in the environment with more behind it.
        if text.starts_with("() {") || text.starts_with("(){") {
            self.mark(Class::ShellEscape);
        }
        // `BASH_ENV=<(curl ..) bash`: a file that is run before all else.
        if matches!(name, "BASH_ENV" | "ENV" | "PYTHONSTARTUP") && !text.is_empty() {
            let known = self.file(text).filter(|file| !file.is_all_hole() || file.taint.any());
            if let Some(script) = known {
                self.run_value(&script, Value::default());
            }
        }
        let startup = matches!(name, "BASH_ENV" | "ENV" | "PYTHONSTARTUP" | "ZDOTDIR");
        if startup && ["/dev/stdin", "/dev/fd/", "/proc/self/fd/"].iter().any(|place| text.starts_with(place)) {
            self.mark(Class::Obfuscation);
        }
        self.trusts(name, text);
        match name {
            "LD_LIBRARY_PATH" | "PYTHONPATH" | "PERL5LIB" | "RUBYLIB" | "NODE_PATH" | "GCONV_PATH" | "PATH" | "DYLD_LIBRARY_PATH"
                if PUBLIC.iter().any(|place| text.starts_with(place)) && (name != "PATH" || is_first_public(text))
                    || is_first_public(text) =>
            {
                self.mark(Class::PrivilegeChange);
            }
            "PERL5OPT" | "PERL5DB" | "RUBYOPT" | "NODE_OPTIONS" | "JAVA_TOOL_OPTIONS" | "_JAVA_OPTIONS" | "PYTHONINSPECT"
            | "PHP_INI_SCAN_DIR"
                if PUBLIC.iter().any(|place| text.contains(place)) || text.contains("system(") || text.contains("exec ") =>
            {
                self.mark(Class::PrivilegeChange);
            }
            "GLIBC_TUNABLES" if text.contains("glibc.malloc.mxfast") => self.mark(Class::PrivilegeChange),
            "LD_PRELOAD" | "LD_AUDIT" | "DYLD_INSERT_LIBRARIES" | "PYTHONSTARTUP" | "BASH_ENV" | "ENV"
                if TEMPORARY.iter().any(|place| text.starts_with(place))
                    || name == "LD_PRELOAD" && text.starts_with(super::value::HOLE) && text.ends_with(".so") =>
            {
                self.mark(Class::PrivilegeChange);
            }
            "SSH_AUTH_SOCK" if text.starts_with("/tmp/ssh-") => self.mark(Class::CredentialRead),
            "HISTFILE" if matches!(text, "" | "/dev/null") => self.mark(Class::Destructive),
            "HISTIGNORE" if text == "*" => self.mark(Class::Destructive),
            "HISTSIZE" | "HISTFILESIZE" if text == "0" => self.mark(Class::Destructive),
            _ => {}
        }
    }

    /// A text that some program runs for us, as a pager or a hook; a bare shell there is an escape.
    pub(super) fn runs_program(&mut self, script: &Value) {
        let text = script.text.trim().trim_start_matches('!');
        let first = text.split_whitespace().next().unwrap_or_default();
        if is_shell(first.rsplit('/').next().unwrap_or_default()) {
            self.mark(Class::ShellEscape);
        }
        if !text.is_empty() && !script.is_all_hole() {
            let showing = self.showing.clone();
            self.run(text, Value::default());
            self.showing = showing;
        }
    }

    pub(super) fn builtin(&mut self, call: &Call<'_>) -> Option<Value> {
        let args = call.args;
        match call.name {
            "eval" => return Some(self.run_value(&call.joined(usize::from(call.text(0) == "--")), call.io.stdin.clone())),
            "." | "source" => self.source(call),
            "trap" => {
                if let Some(action) = call.operands().next().filter(|action| !action.text.is_empty() && args.len() > 1) {
                    if call.has("DEBUG") && super::planted::calls_out(&action.text) {
                        self.mark(Class::Persistence);
                    }
                    self.run_value(action, Value::default());
                }
            }
            "alias" => {
                for arg in args {
                    if let Some((name, value)) = arg.text.split_once('=') {
                        if matches!(name, "sudo" | "su" | "ssh" | "passwd" | "doas") && value.contains([';', '|', '&', '$', '`', '>']) {
                            self.mark(Class::Persistence);
                        }
                        self.aliases.insert(name.to_owned(), value.to_owned());
                        self.run(value, Value::default());
                    }
                }
            }
            "set" | "export" | "declare"
                if args.is_empty() || call.name != "set" && matches!(call.text(0), "-p" | "-x" | "-xp") && args.len() == 1 =>
            {
                return Some(Value::hole(Taint::SECRET.with(Taint::ENVIRONMENT)));
            }
            "export" | "declare" | "typeset" | "local" | "readonly" => {
                for arg in args {
                    if let Some((name, value)) = arg.text.split_once('=') {
                        let value = Value { text: value.to_owned(), taint: arg.taint };
                        self.sets(name, &value);
                        self.assign(name, value);
                    } else if let Some(value) = self.variable(&arg.text) {
                        self.sets(&arg.text, &value);
                    }
                }
            }
            "unset" => {
                for arg in args {
                    if matches!(arg.text.as_str(), "HISTFILE" | "HISTSIZE") {
                        self.mark(Class::Destructive);
                    }
                    self.assign(&arg.text, Value::default());
                }
            }
            "set" => self.set_options(call),
            "shift" => {
                let mut values = self.positional().to_vec();
                let count = call.text(0).parse::<usize>().unwrap_or(1).min(values.len());
                values.drain(..count);
                self.replace_positional(values);
            }
            "read" => self.read(call),
            "mapfile" | "readarray" => {
                if let Some(name) = call.operands().last() {
                    let text = call.io.stdin.text.trim_end().replace('\n', &FIELD.to_string());
                    self.assign(&name.text, Value { text, taint: call.io.stdin.taint });
                }
            }
            "cd" | "pushd" | "chdir" => {
                let target = call.operands().next().map_or("~", |target| target.text.as_str()).to_owned();
                self.cwd = match self.cwd.take() {
                    _ if target.starts_with(['/', '~']) && !target.contains(HOLE) => Some(target),
                    Some(before) if !target.contains(HOLE) && target != "-" => Some(format!("{before}/{target}")),
                    _ => None,
                };
            }
            "popd" => self.cwd = None,
            "history" if call.letter('c') || call.letter('w') && args.len() == 1 => self.mark(Class::Destructive),
            "fc" if call.has("-p") => self.mark(Class::Destructive),
            "history" => return Some(Value::hole(Taint::SECRET)),
            "test" | "[" | "true" | "false" | ":" | "wait" | "exit" | "return" | "break" | "continue" | "umask" | "ulimit" | "shopt"
            | "hash" | "bind" | "let" | "getopts" | "jobs" | "fg" | "bg" | "disown" | "unalias" | "times" | "emulate" | "setopt"
            | "unsetopt" => {
                if call.name == "shopt" && call.has("history") && call.letter('u') {
                    self.mark(Class::Destructive);
                }
                // A program takes another's name.
                if call.name == "hash"
                    && let Some(program) = call.option(&["-p"])
                    && let Some(name) = call.operands().last().filter(|name| name.text != program.text)
                {
                    self.aliases.insert(name.text.clone(), program.text);
                }
                if call.name == "bind"
                    && let Some((_, script)) = call
                        .option(&["-x"])
                        .and_then(|keys| keys.text.split_once(':').map(|(keys, script)| (keys.len(), script.to_owned())))
                {
                    self.run(&script, Value::default());
                }
                if call.name == "let" {
                    for arg in args {
                        if let Some((name, value)) = arg.text.split_once('=') {
                            self.assign(name, Value { text: value.to_owned(), taint: arg.taint });
                        }
                    }
                }
            }
            "complete" => {
                if let Some(script) = call.option(&["-C"]).filter(|script| script.text.contains(' ')) {
                    self.run(&script.text, Value::default());
                }
            }
            "zmodload" if call.has("zsh/net/tcp") => self.sockets.push("ztcp".to_owned()),
            "ztcp" => {
                self.sockets.push("ztcp".to_owned());
                self.mark(Class::Network);
            }
            "exec" if args.is_empty() => {
                self.sockets.extend(call.io.opened.iter().cloned());
                if call.io.opened.iter().any(|fd| matches!(fd.as_str(), "0" | "1")) && call.io.socket && self.remote == 0 {
                    // From here on the shell itself talks to the other side.
                    let both = call.io.opened.iter().any(|fd| fd == "0");
                    if both {
                        self.mark(Class::ReverseShell);
                    }
                }
            }
            "enable" if call.has("-f") => self.mark(Class::ShellEscape),
            "which" | "type" | "whence" => {
                // `$(which rm) -rf /`
                let name = call.operands().next()?;
                return Some(Value::known(format!("{}\n", name.text)));
            }
            _ => return None,
        }
        Some(Value::default())
    }

    fn set_options(&mut self, call: &Call<'_>) {
        if let Some(at) = call.texts().position(|text| text == "--") {
            let values = call.args.get(at + 1..).unwrap_or_default().to_vec();
            self.replace_positional(values);
        } else if !call.text(0).starts_with(['-', '+']) && !call.args.is_empty() {
            self.replace_positional(call.args.to_vec());
        }
        if call.has("history") && call.has("+o") {
            self.mark(Class::Destructive);
        }
    }

    fn source(&mut self, call: &Call<'_>) {
        // fish reads its input so.
        let Some(path) = call.args.first() else {
            if call.name == "source" && call.io.stdin.taint.has(Taint::NET) {
                self.mark(Class::DownloadAndRun);
            }
            return;
        };
        let text = match path.text.as_str() {
            "/dev/stdin" | "/dev/fd/0" | "/proc/self/fd/0" | "-" => Some(call.io.stdin.clone()),
            path => self.file(path),
        };
        if super::redirect::is_connection(&path.text) {
            self.mark(Class::ReverseShell);
        }
        if text.is_none() {
            self.strays(&path.text);
        }
        if let Some(text) = text {
            let before = self.replace_positional(call.args.get(1..).unwrap_or_default().to_vec());
            self.run_value(&text, Value::default());
            self.replace_positional(before);
        }
    }

    fn read(&mut self, call: &Call<'_>) {
        let valued = ["-p", "-n", "-N", "-t", "-d", "-u", "-i"];
        let clustered = || {
            call.args
                .iter()
                .zip(call.args.iter().skip(1))
                .find(|(option, _)| option.text.len() < 5 && option.text.starts_with('-') && option.text.ends_with('a'))
                .map(|(_, name)| name.clone())
        };
        let array = clustered().or_else(|| call.option(&["-a"]));
        // `IFS=, read -r a b`
        let marks: String = self
            .showing
            .strip_prefix("IFS=")
            .map(|behind| behind.split(' ').next().unwrap_or_default().chars().filter(|c| !matches!(c, '\'' | '"' | '$')).take(4).collect())
            .unwrap_or_default();
        let parts = move |line: &str| -> Vec<String> {
            line.split(|c: char| if marks.is_empty() { c.is_whitespace() } else { marks.contains(c) })
                .filter(|part| !part.is_empty())
                .take(64)
                .map(str::to_owned)
                .collect()
        };
        let mut names = Vec::new();
        let mut skip = false;
        for text in call.texts() {
            if skip {
                skip = false;
            } else if text.starts_with('-') {
                skip = valued.contains(&text);
            } else {
                names.push(text.to_owned());
            }
        }
        let input = &call.io.stdin;
        if names.is_empty() {
            names.push("REPLY".to_owned());
        }
        let fields = array.is_some();
        if let Some(array) = array {
            names = vec![array.text];
        }
        let input = if input.text.is_empty() { Value::hole(input.taint) } else { input.clone() };
        let lines: Vec<&str> = input.text.split('\n').filter(|line| !line.trim().is_empty()).take(8).collect();
        let count = names.len();
        for (index, name) in names.into_iter().enumerate() {
            let values = lines.iter().map(|line| {
                let text = if fields {
                    parts(line).join(&super::value::FIELD.to_string())
                } else if count == 1 {
                    line.trim().to_owned()
                } else if index + 1 == count {
                    parts(line).into_iter().skip(index).collect::<Vec<_>>().join(" ")
                } else {
                    parts(line).into_iter().nth(index).unwrap_or_default()
                };
                Value { text, taint: input.taint }
            });
            self.assign_any(&name, values.collect());
        }
    }

    /// The words of a command that is given as a list, to be run without a shell between.
    pub(super) fn run_words(&mut self, call: &Call<'_>, from: usize, more: &[Value]) -> Value {
        let words: Vec<Value> = call.args.get(from..).unwrap_or_default().iter().chain(more).cloned().collect();
        self.command(words, call.io, &[])
    }

    /// The words from there on, joined, as a script: what `ssh` and `watch` do.
    pub(super) fn run_joined(&mut self, call: &Call<'_>, from: usize) -> Value {
        let script = joined(call.args.get(from..).unwrap_or_default());
        self.run_value(&script, call.io.stdin.clone())
    }
}
