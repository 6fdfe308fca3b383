//! Shells and other interpreters: where their code comes from, and what it does.

use super::Class;
use super::code::{self, Language};
use super::command::Call;
use super::state::Shell;
use super::value::{HOLE, Taint, Value};

pub(super) fn is_shell(name: &str) -> bool {
    let name = name.strip_suffix(".exe").unwrap_or(name).trim_start_matches('-');
    matches!(
        name,
        "sh" | "bash"
            | "dash"
            | "zsh"
            | "ksh"
            | "ksh93"
            | "mksh"
            | "ash"
            | "fish"
            | "csh"
            | "tcsh"
            | "rbash"
            | "rksh"
            | "rzsh"
            | "yash"
            | "pdksh"
            | "posh"
            | "oksh"
            | "lksh"
            | "bash5"
            | "hush"
            | "lsh"
            | "elvish"
            | "xonsh"
            | "nu"
    )
}

/// A script that ends in a shell of its own with its descriptors turned round: `reset; exec sh 1>&0`.
fn leaves_shell(script: &str) -> bool {
    if script.contains("<$(tty)") || script.contains(&format!("<{HOLE} >{HOLE}")) {
        return true;
    }
    let last = script.rsplit([';', '\n']).next().unwrap_or_default();
    let mut words = last.split_whitespace().skip_while(|word| *word != "exec").skip(1);
    words.next().is_some_and(|name| is_shell(name.rsplit('/').next().unwrap_or_default()))
        && last.split_whitespace().any(|word| matches!(word, "-i" | "-p") || word.contains("<&") || word.contains(">&"))
}

/// What a program with code on its command line is called, and the options that hold the code.
fn language(name: &str) -> Option<(Language, &'static [&'static str])> {
    let name = name.strip_suffix(".exe").unwrap_or(name);
    // `C:\Python27\python.exe`, its backslashes taken for quotes.
    let name = if name.ends_with("python") { "python" } else { name };
    let bare = name.trim_end_matches(|c: char| c.is_ascii_digit() || c == '.' || c == '-');
    Some(match bare {
        "python" | "pypy" | "ipython" | "jython" | "micropython" | "pythonw" => (Language::Python, &["-c"]),
        "perl" | "cpan" => (Language::Perl, &["-e", "-E"]),
        "ruby" | "jruby" | "irb" => (Language::Ruby, &["-e"]),
        "node" | "nodejs" | "deno" | "bun" | "qjs" | "jjs" | "jsc" | "d" => {
            (Language::JavaScript, &["-e", "-p", "-pe", "--eval", "--print"])
        }
        "php" | "php-cli" => (Language::Php, &["-r", "--run"]),
        "lua" | "luajit" | "texlua" | "luatex" | "nlua" | "luvit" => (Language::Lua, &["-e"]),
        "Rscript" | "R" | "julia" | "octave" | "octave-cli" | "groovy" | "groovysh" | "elixir" | "iex" | "scala" | "jrunscript" | "erl"
        | "racket" | "guile" | "sbcl" | "clojure" | "emacs" | "gawk-ext" | "ghc" | "gnuplot" | "raku" | "kotlin" | "swift" | "jshell" => {
            (Language::Other, &["-e", "--eval", "-eval", "--execute", "-E", "-c"])
        }
        "expect" | "tclsh" | "wish" => (Language::Tcl, &["-c"]),
        "go" | "dart" | "v" | "crystal" | "nim" | "zig" | "java" | "mongo" | "mongosh" | "csc" => (Language::Other, &["--eval", "-e"]),
        "osascript" => (Language::Other, &["-e"]),
        "awk" | "gawk" | "mawk" | "nawk" | "bwk" => (Language::Awk, &[]),
        _ => return None,
    })
}

impl Shell {
    pub(super) fn interpreter(&mut self, call: &Call<'_>) -> Option<Value> {
        if is_shell(call.name) {
            return Some(self.shell(call));
        }
        let bare = call.name.strip_suffix(".exe").unwrap_or(call.name);
        if matches!(bare, "pwsh" | "powershell" | "cmd") {
            if call.io.stdin.taint.has(Taint::NET) {
                self.mark(Class::DownloadAndRun);
            }
            self.foreign(call);
            return Some(Value::hole(Taint::SHELL));
        }
        if super::windows::is_program(bare) || matches!(bare, "mimikatz" | "procdump") {
            self.foreign(call);
            return Some(Value::hole(Taint::NONE));
        }
        let (language, options) = language(call.name)?;
        Some(if language == Language::Awk { self.awk(call) } else { self.language(call, language, options) })
    }

    fn shell(&mut self, call: &Call<'_>) -> Value {
        let io = call.io;
        let mut interactive = false;
        let mut reads_code = false;
        let mut at = 0;
        let mut script = None;
        while let Some(arg) = call.args.get(at) {
            let text = arg.text.as_str();
            match text {
                "-o" | "+o" | "-O" | "+O" | "--rcfile" | "--init-file" => {
                    if text.starts_with("--") {
                        self.runs_file(call.text(at + 1));
                        if let Some(value) = self.file(call.text(at + 1)) {
                            self.run_value(&value, Value::default());
                        }
                    }
                    at += 2;
                    continue;
                }
                "-" | "--" => {
                    at += 1;
                    break;
                }
                _ => {}
            }
            let Some(letters) = text.strip_prefix(['-', '+']) else { break };
            at += 1;
            if letters.starts_with('-') {
                continue;
            }
            interactive |= letters.contains('i');
            reads_code |= letters.contains('s');
            if letters.contains('p') && text.starts_with('-') && call.args.len() == 1 {
                self.mark(Class::PrivilegeChange);
            }
            if letters.contains('c') && text.starts_with('-') {
                // Options may still come between `-c` and its script.
                while call.text(at).starts_with('-') && call.text(at).len() > 1 {
                    at += 1;
                }
                script = call.args.get(at).cloned();
                at += 1;
                break;
            }
        }
        if io.socket || io.stdin.taint.has(Taint::SOCKET) {
            self.mark(Class::ReverseShell);
        }
        let operand = call.args.get(at).cloned();
        let mut output = if let Some(script) = script {
            if leaves_shell(&script.text) {
                self.mark(Class::ShellEscape);
            }
            let before = self.replace_positional(call.args.get(at + 1..).unwrap_or_default().to_vec());
            let zero = std::mem::replace(&mut self.zero, call.args.get(at).cloned());
            let output = self.run_value(&script, io.stdin.clone());
            self.zero = zero;
            self.replace_positional(before);
            return output;
        } else if let Some(path) = operand.filter(|_| !reads_code) {
            self.shell_file(call, &path, at)
        } else if io.stdin.text.is_empty() {
            Value::hole(Taint::NONE)
        } else {
            let before = self.replace_positional(call.args.get(at..).unwrap_or_default().to_vec());
            let output = self.run_value(&io.stdin.clone(), Value::default());
            self.replace_positional(before);
            output
        };
        if interactive || output.is_all_hole() {
            output.taint = output.taint.with(Taint::SHELL);
        }
        output
    }

    fn shell_file(&mut self, call: &Call<'_>, path: &Value, at: usize) -> Value {
        if super::redirect::is_connection(&path.text) {
            self.mark(Class::ReverseShell);
        }
        if matches!(path.text.as_str(), "/dev/stdin" | "/dev/fd/0" | "/proc/self/fd/0") {
            return self.run_value(&call.io.stdin.clone(), Value::default());
        }
        self.reads(&path.text);
        match self.file(&path.text) {
            Some(script) => {
                let before = self.replace_positional(call.args.get(at + 1..).unwrap_or_default().to_vec());
                let output = self.run_value(&script, call.io.stdin.clone());
                self.replace_positional(before);
                output
            }
            None => {
                self.strays(&path.text);
                Value::hole(Taint::NONE)
            }
        }
    }

    fn language(&mut self, call: &Call<'_>, language: Language, options: &[&str]) -> Value {
        let mut found = false;
        let mut at = 0;
        // What is loaded by options belongs to the code.
        let loaded: String =
            call.texts().filter(|text| text.starts_with("-M") || text.starts_with("-r")).flat_map(|text| [text, ";"]).collect();
        while let Some(arg) = call.args.get(at) {
            let text = arg.text.as_str();
            at += 1;
            if matches!(call.name, "deno" | "crystal") && text == "eval" {
                if let Some(code) = call.args.get(at..).unwrap_or_default().iter().find(|arg| !arg.text.starts_with('-')) {
                    self.code(&code.clone(), language);
                }
                return Value::hole(Taint::DECODED);
            }
            if !text.starts_with('-') || text == "-" || text == "--" {
                break;
            }
            if call.name == "osascript" && text == "-l" {
                at += 1;
                continue;
            }
            let cluster = !text.starts_with("--")
                && !text.starts_with("-M")
                && text.len() <= 8
                && text.chars().skip(1).all(char::is_alphanumeric)
                && options.iter().any(|option| {
                    option.len() == 2 && text.len() > 2 && text.ends_with(option.trim_start_matches('-')) && language != Language::Python
                });
            let module = language == Language::Python && text == "-m";
            if module {
                self.module(call, at);
                let decodes =
                    matches!(call.text(at), "base64" | "zlib" | "gzip" | "quopri" | "uu" | "binascii" | "codecs" | "bz2" | "lzma");
                return Value::hole(call.io.stdin.taint.with(if decodes { Taint::DECODED } else { Taint::NONE }));
            }
            if options.contains(&text) || cluster {
                let mut code = call.args.get(at).cloned().unwrap_or_default();
                at += 1;
                let runs_input = code.text.contains("stdin") && ["exec", "eval", "vm.run"].iter().any(|word| code.text.contains(word));
                if runs_input && !call.io.stdin.text.is_empty() {
                    self.mark(self.class_of_unknown(call.io.stdin.taint));
                }
                if language != Language::Php {
                    code.text.insert_str(0, &loaded);
                }
                self.code(&code, language);
                found = true;
            } else if let Some(code) =
                options.iter().find_map(|option| text.strip_prefix(option)).filter(|code| code.len() > 2 && !code.starts_with('-'))
            {
                // `-e'code'`, `--eval=code`
                let code = Value { text: code.trim_start_matches('=').to_owned(), taint: arg.taint };
                self.code(&code, language);
                found = true;
            }
        }
        if found {
            if call.io.socket {
                self.mark(Class::ReverseShell);
            }
            let computed =
                if call.name.starts_with("perl") && (call.letter('n') || call.letter('p')) { Taint::NONE } else { Taint::DECODED };
            return Value::hole(call.io.stdin.taint.without(Taint::SHELL).with(computed));
        }
        match call.operands().find(|operand| !matches!(operand.text.as_str(), "-" | "run" | "r")) {
            Some(path) => {
                if let Some(script) = self.file(&path.text) {
                    self.code(&script, language);
                }
                if super::redirect::is_connection(&path.text) {
                    self.mark(Class::ReverseShell);
                }
                if ["/dev/shm/", "/var/tmp/", "/tmp/."].iter().any(|place| path.text.starts_with(place)) {
                    self.strays(&path.text);
                }
                Value::hole(Taint::NONE)
            }
            None if matches!(language, Language::Other) && call.io.stdin.text.is_empty() => Value::hole(Taint::NONE),
            None => {
                if !call.io.stdin.text.is_empty() && !call.has("--version") && !call.has("-V") {
                    self.code(&call.io.stdin.clone(), language);
                }
                if call.io.socket {
                    self.mark(Class::ReverseShell);
                }
                Value::hole(Taint::DECODED)
            }
        }
    }

    fn module(&mut self, call: &Call<'_>, at: usize) {
        match call.text(at) {
            "http.server" | "CGIHTTPServer" if call.has("--cgi") || call.text(at).starts_with("CGI") => self.mark(Class::ReverseShell),
            "http.server" | "SimpleHTTPServer" | "pyftpdlib" | "smtpd" => self.mark(Class::Network),
            "pty" => self.mark(Class::ShellEscape),
            "timeit" | "cProfile" => {
                if let Some(code) = call.args.get(at + 1..).unwrap_or_default().iter().find(|arg| !arg.text.starts_with('-')).cloned() {
                    self.code(&code, Language::Python);
                }
            }
            _ => {}
        }
    }

    /// Code that is given, not kept in a file.
    pub(super) fn code(&mut self, code: &Value, language: Language) {
        let class = self.class_of_unknown(code.taint);
        if class != Class::Dynamic {
            self.mark(class);
        }
        self.mark(Class::CodeEvaluation);
        if !code.is_all_hole() {
            self.look_at_code(&code.text, language);
        }
    }

    pub(super) fn look_at_code(&mut self, text: &str, language: Language) {
        if !self.enter() {
            return;
        }
        if self.burn(text.len().saturating_mul(8)) {
            let seen = code::look(text, language);
            for class in seen.classes.iter() {
                self.mark(class);
            }
            // `home + '/.npmrc'`, `join(home, '.ssh', 'id_rsa')`
            let joined = seen.literals.windows(2).take(64).filter_map(|pair| {
                let (folder, name) = (pair.first()?, pair.get(1)?);
                (folder.starts_with('.') && folder.len() < 32 && name.len() < 64 && !name.contains(' '))
                    .then(|| format!("~/{folder}/{name}"))
            });
            let below_home = seen.literals.iter().filter(|text| {
                text.starts_with("/.") || text.starts_with(".ssh/") || text.starts_with(".aws/") || text.starts_with(".config/")
            });
            for path in below_home.map(|text| format!("~/{}", text.trim_start_matches('/'))).chain(joined).collect::<Vec<_>>() {
                if super::paths::is_secret(&path, None) {
                    self.mark(if seen.sends { Class::Exfiltration } else { Class::CredentialRead });
                }
            }
            for path in &seen.literals {
                self.reads(path);
                if super::network::is_metadata(path) {
                    self.mark(Class::CredentialRead);
                }
                if seen.writes {
                    self.writes(path.trim_start_matches('>').trim(), Taint::NONE);
                }
                if seen.sends && super::paths::is_private(path, None) && path.starts_with(['/', '~']) {
                    self.mark(Class::Exfiltration);
                }
                if seen.removes {
                    self.removes_in_code(path);
                }
                if seen.starts {
                    self.started_in_code(path);
                }
            }
            for hidden in &seen.hidden {
                self.look_at_code(hidden, language);
                if hidden.starts_with(['/', '~']) {
                    self.reads(hidden);
                }
                if seen.starts {
                    self.started_in_code(hidden);
                }
            }
        }
        self.leave();
    }

    /// A literal of code that starts processes: perhaps a command.
    fn started_in_code(&mut self, text: &str) {
        let text = text.trim();
        if text.len() < 2 || !text.starts_with(|c: char| c.is_ascii_alphabetic() || matches!(c, '/' | '.' | '$' | '(' | '{' | '!' | ':')) {
            return;
        }
        let showing = self.showing.clone();
        let incomplete = self.found.classes.contains(Class::Unknown);
        self.run(text, Value::default());
        // A literal that is no command at all says nothing.
        if !incomplete {
            self.found.forget(Class::Unknown);
        }
        self.showing = showing;
    }

    fn removes_in_code(&mut self, path: &str) {
        if super::paths::is_vital(path, self.cwd.as_deref()) || super::paths::is_vital_file(path, None) {
            self.mark(Class::Destructive);
        }
        self.mark(Class::Delete);
    }

    fn awk(&mut self, call: &Call<'_>) -> Value {
        let mut args = call.args.iter();
        let mut program = None;
        while let Some(arg) = args.next() {
            match arg.text.as_str() {
                "-f" | "--file" => {
                    let path = args.next().map_or("", |path| path.text.as_str());
                    program = if matches!(path, "-" | "/dev/stdin") { Some(call.io.stdin.clone()) } else { self.file(path) };
                    break;
                }
                "-F" | "-v" | "--assign" | "--field-separator" => {
                    args.next();
                }
                "--" => {}
                "-e" | "--source" => {
                    program = args.next().cloned();
                    break;
                }
                text if text.starts_with('-') && text.len() > 1 => {}
                _ => {
                    program = Some(arg.clone());
                    break;
                }
            }
        }
        if let Some(program) = program {
            let class = self.class_of_unknown(program.taint);
            if class != Class::Dynamic {
                self.mark(class);
            }
            self.look_at_code(&program.text, Language::Awk);
        }
        let mut taint = call.io.stdin.taint.without(Taint::SHELL);
        if call.io.stdin.is_known() && (!call.io.stdin.text.is_empty() || call.text(0).contains("BEGIN")) {
            taint = taint.with(Taint::DECODED);
        }
        for arg in call.args.iter().skip(1) {
            taint = taint.with(self.taint_of_file(&arg.text));
        }
        Value::hole(taint)
    }

    /// PowerShell and cmd, called from here.
    fn foreign(&mut self, call: &Call<'_>) {
        let text = call.joined(0);
        let flavour = if call.name.starts_with("cmd") { super::Flavour::Cmd } else { super::Flavour::PowerShell };
        let inner = super::windows::inspect_as(&format!("{} {}", call.name, text.text), flavour, self.offset, self.depth);
        self.found.join(inner);
        if call.io.stdin.taint.has(Taint::NET) {
            self.mark(Class::DownloadAndRun);
        }
        if call.io.socket {
            self.mark(Class::ReverseShell);
        }
    }
}
