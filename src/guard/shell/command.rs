//! One command: what it is called, what it wraps, and which judge knows it.

use super::Class;
use super::redirect::Io;
use super::state::Shell;
use super::value::{HOLE, Taint, Value, glob, strip};

/// Commands at their usual places, for globs where a command is expected; those that do harm first.
const AT_PLACES: &[&str] = &[
    "/bin/sh",
    "/bin/bash",
    "/bin/rm",
    "/bin/cat",
    "/bin/nc",
    "/bin/dd",
    "/bin/zsh",
    "/bin/dash",
    "/usr/bin/curl",
    "/usr/bin/wget",
    "/usr/bin/nc",
    "/usr/bin/python3",
    "/usr/bin/python",
    "/usr/bin/perl",
    "/usr/bin/base64",
    "/usr/bin/sh",
    "/usr/bin/bash",
    "/usr/bin/rm",
    "/usr/bin/cat",
    "/usr/bin/ncat",
    "/usr/bin/socat",
    "/usr/bin/ruby",
    "/usr/bin/php",
    "/usr/bin/env",
    "/usr/bin/sudo",
    "/usr/bin/tail",
    "/usr/bin/head",
    "/usr/bin/less",
    "/usr/bin/tac",
    "/bin/tac",
    "/bin/netcat",
    "/usr/bin/netcat",
    "/usr/bin/id",
    "/usr/bin/whoami",
    "/bin/ls",
    "/bin/chmod",
    "/usr/bin/chmod",
    "/bin/chown",
    "/usr/bin/ls",
    "/usr/bin/dd",
    "/usr/bin/xxd",
    "/usr/bin/find",
    "/usr/bin/awk",
    "/usr/bin/sed",
    "/usr/bin/nl",
    "/usr/bin/xargs",
    "/usr/sbin/useradd",
    "/usr/bin/crontab",
    "/sbin/mkfs.ext4",
];

/// Words of one call, with its name found.
pub(super) struct Call<'a> {
    /// The last part of the path, in the case it was written.
    pub(super) name: &'a str,
    pub(super) args: &'a [Value],
    pub(super) io: &'a Io,
}

impl Call<'_> {
    pub(super) fn text(&self, index: usize) -> &str {
        self.args.get(index).map_or("", |value| value.text.as_str())
    }

    pub(super) fn texts(&self) -> impl Iterator<Item = &str> {
        self.args.iter().map(|value| value.text.as_str())
    }

    pub(super) fn has(&self, option: &str) -> bool {
        self.texts().any(|text| text == option)
    }

    /// Arguments that are no options.
    pub(super) fn operands(&self) -> impl Iterator<Item = &Value> {
        let mut options = true;
        self.args.iter().filter(move |value| {
            if options && value.text == "--" {
                options = false;
                return false;
            }
            !(options && value.text.starts_with('-') && value.text.len() > 1)
        })
    }

    /// Whether a one-letter option is set, alone or with others: `r` in `-rf`.
    pub(super) fn letter(&self, letter: char) -> bool {
        self.texts()
            .take_while(|text| *text != "--")
            .any(|text| text.strip_prefix('-').is_some_and(|letters| !letters.starts_with('-') && letters.contains(letter)))
    }

    /// The value of an option: `-o x`, `-ox`, `--output x`, `--output=x`.
    pub(super) fn option(&self, names: &[&str]) -> Option<Value> {
        let mut args = self.args.iter();
        while let Some(arg) = args.next() {
            for name in names {
                if arg.text == *name {
                    return args.next().cloned();
                }
                let Some(rest) = arg.text.strip_prefix(name) else { continue };
                let joined = if name.starts_with("--") { rest.strip_prefix('=') } else { Some(rest) };
                if let Some(text) = joined {
                    return Some(Value { text: text.to_owned(), taint: arg.taint });
                }
            }
        }
        None
    }

    /// All arguments as one text.
    pub(super) fn joined(&self, from: usize) -> Value {
        joined(self.args.get(from..).unwrap_or_default())
    }

    pub(super) fn taint(&self) -> Taint {
        self.args.iter().fold(Taint::NONE, |taint, value| taint.with(value.taint))
    }
}

pub(super) fn joined(values: &[Value]) -> Value {
    let mut whole = Value::default();
    for (index, value) in values.iter().enumerate() {
        if index > 0 {
            whole.text.push(' ');
        }
        whole.append(value, super::state::MAX_VALUE);
    }
    whole
}

/// Words with quotes, as a shell would have to read them again.
pub(super) fn quoted(values: &[Value]) -> Value {
    let mut whole = Value::default();
    for (index, value) in values.iter().enumerate() {
        if index > 0 {
            whole.text.push(' ');
        }
        let quoted = Value { text: format!("'{}'", value.text.replace('\'', "'\\''")), taint: value.taint };
        whole.append(&quoted, super::state::MAX_VALUE);
    }
    whole
}

impl Shell {
    /// Judges one command, given as evaluated words; what it writes comes back.
    pub(super) fn command(&mut self, mut words: Vec<Value>, io: &Io, environment: &[(&str, Value)]) -> Value {
        if !self.enter() {
            return Value::hole(Taint::NONE);
        }
        let size = words.iter().map(|word| word.text.len() + 1).fold(0, usize::saturating_add);
        let output = if self.burn(size) {
            self.expand_alias(&mut words);
            for (name, value) in environment {
                self.sets(name, value);
            }
            self.named(&words, io)
        } else {
            Value::hole(Taint::NONE)
        };
        self.leave();
        output
    }

    fn expand_alias(&mut self, words: &mut Vec<Value>) {
        let Some(value) = words.first().and_then(|first| self.aliases.get(&first.text)).cloned() else { return };
        let before: Vec<Value> = value.split_whitespace().map(Value::known).collect();
        words.splice(..1, before);
    }

    fn named(&mut self, words: &[Value], io: &Io) -> Value {
        let Some((first, args)) = words.split_first() else {
            return if io.opened.is_empty() { io.stdin.clone() } else { Value::default() };
        };
        if first.taint.has(Taint::DECODED) {
            self.mark(Class::Obfuscation);
        }
        let plain = strip(&first.text);
        if !first.is_known() {
            self.found.commands_complete = false;
            if plain.is_empty() {
                self.unknown_command(first);
                // A variable that is not set leaves the next word as the command.
                return if args.is_empty() { Value::hole(first.taint) } else { self.command(args.to_vec(), io, &[]) };
            }
            let name = plain.rsplit('/').next().unwrap_or_default();
            if name.is_empty() || first.text.rsplit('/').next().is_some_and(|name| name.contains(HOLE)) {
                self.unknown_command(first);
            }
        } else if first.taint.has(Taint::SOCKET) {
            self.mark(Class::ReverseShell);
        } else if first.taint.has(Taint::NET) {
            self.mark(Class::DownloadAndRun);
        }
        // What was meant to break out of someone's quotes.
        if plain.contains([';', '|', '&', '`', '\n']) && plain.len() > 2 {
            self.found.commands_complete = false;
            self.run(&plain, Value::default());
        }
        if plain.contains(['*', '?', '[']) && plain.len() > 1 && plain != "[[" {
            return self.globbed(&plain, args, io);
        }
        if !self.functions.contains_key(&plain) {
            self.runs(&first.text);
        }
        self.judge(&plain, args, io)
    }

    fn unknown_command(&mut self, word: &Value) {
        self.runs(&word.text);
        self.mark(self.class_of_unknown(word.taint));
    }

    /// What it means to run text that is not known, by where it is from.
    pub(super) fn class_of_unknown(&self, taint: Taint) -> Class {
        if taint.has(Taint::SOCKET) {
            Class::ReverseShell
        } else if taint.has(Taint::NET) {
            Class::DownloadAndRun
        } else if taint.has(Taint::DECODED) {
            Class::Obfuscation
        } else {
            Class::Dynamic
        }
    }

    /// A glob where a command is expected: every command it may mean.
    fn globbed(&mut self, pattern: &str, args: &[Value], io: &Io) -> Value {
        self.found.commands_complete = false;
        let mut output = Value::hole(Taint::DECODED);
        let mut found = 0;
        let bare = !pattern.contains('/') && pattern.contains(|c: char| c.is_ascii_alphanumeric());
        let means = |place: &&&str| glob(pattern, if bare { place.rsplit('/').next().unwrap_or_default() } else { place });
        for place in AT_PLACES.iter().filter(means) {
            self.runs(place);
            let written = self.judge(place, args, io);
            output.taint = output.taint.with(written.taint);
            found += 1;
        }
        self.runs(pattern);
        self.mark(if found > 0 && (pattern.starts_with('/') || bare && pattern.len() > 2) { Class::Obfuscation } else { Class::Dynamic });
        output
    }

    fn judge(&mut self, written: &str, args: &[Value], io: &Io) -> Value {
        let name = written.rsplit('/').next().unwrap_or_default();
        // What Windows calls so is the same elsewhere.
        const EVERYWHERE: [&str; 12] = ["curl", "wget", "nc", "ncat", "ssh", "scp", "tar", "git", "docker", "kubectl", "aws", "bash"];
        let name = name.strip_suffix(".exe").filter(|name| EVERYWHERE.contains(name)).unwrap_or(name);
        // zsh: `=rm` is where `rm` lies.
        let name = name.strip_prefix('=').filter(|name| name.starts_with(|c: char| c.is_ascii_lowercase())).unwrap_or(name);
        if let Some(body) = self.functions.get(name).cloned()
            && !self.active.iter().any(|active| active == name)
        {
            self.active.push(name.to_owned());
            let before = self.replace_positional(args.to_vec());
            let output = self.run(&body, io.stdin.clone());
            self.replace_positional(before);
            self.active.pop();
            return output;
        }
        if written.contains('/') || args.is_empty() {
            self.runs_file(written);
        }
        let call = Call { name, args, io };
        self.look_at_arguments(&call);
        self.hostile(&call);
        if let Some(output) = self.builtin(&call) {
            return output;
        }
        if let Some(output) = self.wrapper(&call) {
            return output;
        }
        if let Some(output) = self.interpreter(&call) {
            return output;
        }
        if let Some(output) = self.text_tool(&call) {
            return output;
        }
        self.escape(&call);
        self.account(&call);
        self.system(&call);
        self.file_tool(&call);
        self.told(&call);
        if let Some(output) = self.network(&call) {
            return output;
        }
        self.other(&call)
    }

    /// A file that is run by its path: what was written there before runs.
    pub(super) fn runs_file(&mut self, path: &str) {
        if let Some(value) = self.file(path) {
            if value.is_all_hole() {
                let class = self.class_of_unknown(value.taint);
                if class != Class::Dynamic {
                    self.mark(class);
                }
            } else if path.contains('/') && !path.starts_with("/dev/fd/") {
                self.run_value(&value, Value::default());
            }
        } else if path.contains('/') {
            self.strays(path);
        }
    }

    /// Runs a text whose origin counts, too.
    pub(super) fn run_value(&mut self, script: &Value, stdin: Value) -> Value {
        let class = self.class_of_unknown(script.taint);
        if class != Class::Dynamic || script.is_all_hole() {
            self.mark(class);
            self.found.commands_complete &= !script.is_all_hole();
        }
        if script.is_all_hole() || script.text.is_empty() {
            return Value::hole(script.taint);
        }
        self.run(&script.text, stdin)
    }

    /// A command we know nothing special about: what it writes is not known, but where it came from is.
    fn other(&mut self, call: &Call<'_>) -> Value {
        let mut taint = call.io.stdin.taint.without(Taint::SHELL);
        if !TRANSFORMERS.contains(&call.name) {
            taint = taint.without(Taint::TOKEN).without(Taint::TOLD);
        }
        if super::consoles::prints_secret(call) {
            taint = taint.with(Taint::TOKEN);
        }
        // What people have copied, and what passes by.
        if matches!(call.name, "pbpaste" | "xclip" | "xsel" | "wl-paste") && call.io.stdin.text.is_empty()
            || call.name == "tcpdump"
            || super::capture::takes(call)
        {
            taint = taint.with(Taint::SECRET);
        }
        if let Some(listed) = super::estate::lists_names(call) {
            return Value { text: listed, taint };
        }
        taint = taint.with(std::mem::replace(&mut self.inner, Taint::NONE)).with(super::estate::tells(call));
        // Objects of clouds and snippets, printed: whoever can write there decides what they say.
        let printed = match call.name {
            "aws" => {
                call.text(0) == "s3" && call.text(1) == "cp" && call.operands().last().is_some_and(|to| to.text == "-")
                    || call.has("/dev/stdout")
            }
            "gsutil" | "rclone" | "mc" => call.texts().take(3).any(|text| text == "cat"),
            "gcloud" => call.text(0) == "storage" && call.text(1) == "cat",
            "gh" => {
                call.text(0) == "gist" && call.text(1) == "view"
                    || call.text(0) == "api" && call.texts().any(|text| text.contains("/contents/"))
            }
            "glab" => call.text(0) == "snippet" && call.text(1) == "view",
            "az" => call.has("download") && call.has("/dev/stdout"),
            "ipfs" => call.text(0) == "cat",
            _ => false,
        };
        if printed {
            taint = taint.with(Taint::NET);
        }
        // The environment of a container is among it.
        if matches!(call.name, "docker" | "podman") && call.text(0) == "inspect" {
            taint = taint.with(Taint::ENVIRONMENT);
        }
        // Data of services and people, packed to go somewhere; the name of a host decides where that may be.
        if matches!(call.name, "tar" | "gtar" | "bsdtar" | "zip" | "cpio" | "7z" | "rar")
            && call.operands().any(|path| super::network::keeps_data(&path.text))
        {
            taint = taint.with(Taint::WHO);
        }
        if call.name == "redis-cli" && call.has("--rdb") {
            taint = taint.with(Taint::WHO);
        }
        let carried =
            call.args.iter().any(|arg| is_picture(&arg.text)) || matches!(call.name, "exiftool" | "steghide" | "zsteg" | "outguess");
        if matches!(call.name, "od" | "hexdump" | "uuencode" | "strings") && !call.args.is_empty() || carried {
            taint = taint.with(Taint::DECODED);
        }
        self.dumps(call);
        taint = taint.with(self.packed(call));
        // A disk as a whole.
        if call.name == "dd" && call.texts().any(|text| text.strip_prefix("if=").is_some_and(super::paths::is_disk)) {
            taint = taint.with(Taint::WHO);
        }
        let from_plain_sight = call.io.stdin.is_known() && !call.io.stdin.text.trim().is_empty();
        if from_plain_sight && TRANSFORMERS.contains(&call.name) {
            taint = taint.with(Taint::DECODED);
        }
        for arg in call.args {
            taint = taint.with(self.taint_of_file(&arg.text)).with(arg.taint.without(Taint::SHELL).without(Taint::TOKEN));
            if let Some(value) = self.file(&arg.text) {
                taint = taint.with(value.taint);
            }
        }
        Value::hole(taint)
    }
}

impl Shell {
    /// Whole databases and repositories written to a file.
    pub(super) fn dumps(&mut self, call: &Call<'_>) {
        let behind = |word: &str| {
            call.texts()
                .position(|text| text == word)
                .and_then(|at| call.args.get(at + 1..))
                .and_then(|rest| rest.iter().find(|path| !path.text.starts_with('-')).map(|path| path.text.clone()))
        };
        let to = match call.name {
            "git" if call.text(0) == "bundle" => behind("create"),
            "redis-cli" => behind("--rdb"),
            "etcdctl" => behind("save"),
            "pg_dump" | "pg_dumpall" => call.option(&["-f", "--file"]).map(|path| path.text),
            "mysqldump" | "mariadb-dump" => call.option(&["-r", "--result-file"]).map(|path| path.text),
            "mongodump" => call.option(&["--archive", "-o", "--out"]).map(|path| path.text),
            "docker" | "podman" if matches!(call.text(0), "save" | "export") => call.option(&["-o", "--output"]).map(|path| path.text),
            _ => None,
        };
        if let Some(to) = to.filter(|to| !to.is_empty()) {
            self.write_file(&to, Value::hole(Taint::WHO), false);
        }
    }
}

/// Pictures, sounds and the like: no commands are in them that were not hidden there.
fn is_picture(path: &str) -> bool {
    let path = path.strip_prefix("if=").unwrap_or(path);
    if !path.contains('.') {
        return false;
    }
    [".png", ".jpg", ".jpeg", ".gif", ".bmp", ".ico", ".webp", ".mp3", ".mp4", ".wav", ".ttf", ".woff", ".woff2", ".pdf"]
        .iter()
        .any(|end| path.len() > end.len() && path.get(path.len() - end.len()..).is_some_and(|last| last.eq_ignore_ascii_case(end)))
}

/// Tools that make text out of text.
const TRANSFORMERS: [&str; 18] =
    ["awk", "gawk", "mawk", "sed", "cut", "grep", "head", "tail", "fold", "sort", "uniq", "paste", "nl", "od", "hexdump", "bc", "dc", "jq"];
