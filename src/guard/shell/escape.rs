//! Programs that are no shells but can be told to start one: editors, pagers, archivers, version control.

use super::Class;
use super::command::Call;
use super::interpret::is_shell;
use super::state::Shell;
use super::value::{HOLE, Taint, Value, part, rest};

impl Shell {
    pub(super) fn escape(&mut self, call: &Call<'_>) {
        match call.name {
            "vi" | "vim" | "nvim" | "vimdiff" | "view" | "rvim" | "gvim" | "ex" | "rview" | "ed" => self.editor(call),
            "sed" | "gsed" => self.sed_scripts(call),
            "git" => self.git(call),
            "tar" | "gtar" | "bsdtar" => self.tar(call),
            "unzip" | "7z"
                if call.operands().next().and_then(|archive| self.file(&archive.text)).is_some_and(|file| file.taint.has(Taint::NET)) =>
            {
                let folder = call.option(&["-d"]).map(|folder| folder.text);
                // Most archives hold one directory of their own name.
                let stem = call
                    .operands()
                    .next()
                    .and_then(|archive| archive.text.rsplit('/').next()?.rsplit_once('.').map(|(stem, _)| stem.to_owned()));
                if folder.is_none() && stem.is_some() {
                    self.unpacks(stem);
                }
                self.unpacks(folder);
            }
            "zip" if call.texts().any(|text| matches!(text, "-TT" | "--unzip-command") || text.starts_with("--unzip-command=")) => {
                self.program(call, &["-TT", "--unzip-command"]);
                self.mark(Class::ShellEscape);
            }
            "rsync" | "scp" | "sftp" => self.program(call, &["-e", "--rsh", "--rsync-path", "-S"]),
            "man" => self.program(call, &["-P", "--pager", "-H", "--html"]),
            "make" | "gmake" => {
                if let Some(rule) = call.option(&["--eval", "-E"]) {
                    self.mark(Class::ShellEscape);
                    for line in rule.text.split('\n').filter_map(|line| line.strip_prefix('\t')) {
                        self.run(line.trim_start_matches(['-', '@', '+']), Value::default());
                    }
                }
                let path = call.option(&["-f", "--file"]).map(|path| path.text).unwrap_or_default();
                let rules = if matches!(path.as_str(), "-" | "/dev/stdin") { Some(call.io.stdin.clone()) } else { self.file(&path) };
                if let Some(rules) = rules {
                    let class = self.class_of_unknown(rules.taint);
                    if class != Class::Dynamic {
                        self.mark(class);
                    }
                    for line in rules.text.split('\n').filter_map(|line| line.strip_prefix('\t')) {
                        self.run(line.trim_start_matches(['-', '@', '+']), Value::default());
                    }
                }
            }
            "gdb" | "lldb" | "r2" | "rizin" => {
                for text in call.texts().map(str::to_owned).collect::<Vec<_>>() {
                    let Some(command) =
                        ["!", "shell ", "python ", "pi ", "platform shell ", "script "].iter().find_map(|prefix| text.strip_prefix(prefix))
                    else {
                        continue;
                    };
                    self.mark(Class::ShellEscape);
                    self.run(command, Value::default());
                }
            }
            "mysql" | "mariadb" | "psql" | "sqlite3" | "duckdb" | "sqlplus" | "clickhouse-client" | "clickhouse" | "sqlcmd" | "osql"
            | "isql" | "cqlsh" | "mycli" | "pgcli" | "usql" | "trino" | "presto" | "beeline" | "snowsql" | "snow" | "cockroach"
            | "influx" | "mssql-cli" => self.database(call),
            "nmap" if call.has("--interactive") => self.mark(Class::ShellEscape),
            "nmap" => {
                if let Some(script) = call.option(&["--script"]).and_then(|path| self.file(&path.text)) {
                    self.look_at_code(&script.text, super::code::Language::Lua);
                    self.mark(Class::CodeEvaluation);
                }
            }
            "less" | "more" | "most" | "journalctl" | "systemctl" | "ftp" | "telnet" | "gdbtui"
                if call.io.stdin.text.trim_start().starts_with('!') =>
            {
                self.mark(Class::ShellEscape);
                let text = call.io.stdin.text.trim_start().trim_start_matches('!').to_owned();
                self.run(&text, Value::default());
            }
            "ssh" | "autossh" | "slogin" => {
                for text in call.texts().map(str::to_owned).collect::<Vec<_>>() {
                    let option = text.strip_prefix("-o").unwrap_or(&text);
                    let Some((name, value)) = option.trim().split_once(['=', ' ']) else { continue };
                    if matches!(
                        name.to_ascii_lowercase().as_str(),
                        "proxycommand" | "localcommand" | "knownhostscommand" | "permitlocalcommand"
                    ) {
                        let value = value.trim_start_matches(';');
                        if value.contains("0<&2") {
                            self.mark(Class::ShellEscape);
                        }
                        self.runs_program(&Value::known(value));
                    }
                }
            }
            "npx" | "npm" | "pnpm" | "yarn" | "bunx" | "uvx" | "pipx" | "uv" | "poetry" | "pipenv" | "bundle" | "pdm" | "rye" | "conda"
            | "nix-shell" | "nix" | "direnv" => self.runner(call),
            "cargo" | "go" | "rustc" | "gcc" | "cc" => self.program(call, &["-wrapper", "-exec"]),
            "gem" if call.text(0) == "open" => self.program(call, &["-e", "--editor"]),
            "dvips" | "pdflatex" | "latex" | "tex" | "xelatex" | "xetex" | "lualatex" | "luatex"
                if call.texts().any(|text| text.contains("write18") || text.contains("\\directlua") || text.contains("\\input|")) =>
            {
                self.mark(Class::ShellEscape)
            }
            "tcpdump" => self.program(call, &["-z"]),
            "logrotate" | "dpkg" | "apt" | "apt-get" | "yum" | "dnf" => {
                for arg in call.args {
                    let lower = arg.text.to_ascii_lowercase();
                    if ["pre-invoke", "post-invoke", "::invoke", "changelogs::server"].iter().any(|word| lower.contains(word)) {
                        self.mark(Class::ShellEscape);
                        let command = arg.text.split_once('=').map_or("", |(_, value)| value.trim_matches(['{', '}', '"', ' ', ';']));
                        self.run(command, Value::default());
                    }
                }
            }
            "nohup" | "pg" => {}
            "ip" if call.text(0) == "netns" && call.text(1) == "exec" => {
                self.run_words(call, 3, &[]);
            }
            "wish" | "xterm" | "gnome-terminal" | "konsole" | "urxvt" | "alacritty" | "kitty" | "xfce4-terminal" => {
                if call
                    .option(&["-display"])
                    .is_some_and(|display| display.text.contains(|c: char| c.is_ascii_digit()) && !display.text.starts_with([':', 'l']))
                {
                    self.mark(Class::ReverseShell);
                }
                if let Some(at) = call.texts().position(|text| matches!(text, "-e" | "--" | "-x")) {
                    if call.args.len() == at + 2 {
                        self.run_joined(call, at + 1);
                    } else {
                        self.run_words(call, at + 1, &[]);
                    }
                }
            }
            "socat" => {}
            "debugfs" | "mdadm" | "rpm" | "rpmquery" => {
                if let Some(script) = call.option(&["--eval", "-E", "--pipe"]) {
                    self.look_at_code(&script.text, super::code::Language::Lua);
                    self.runs_program(&Value::known(script.text.replace("%(", "").replace(')', "")));
                }
            }
            _ => {}
        }
    }

    fn program(&mut self, call: &Call<'_>, options: &[&str]) {
        for pair in 0..call.args.len() {
            let text = call.text(pair);
            let value = options.iter().find_map(|option| {
                let joined = text.strip_prefix(option)?;
                if joined.is_empty() { call.args.get(pair + 1).cloned() } else { joined.strip_prefix('=').map(Value::known) }
            });
            if let Some(value) = value {
                self.runs_program(&value);
            }
        }
    }

    fn editor(&mut self, call: &Call<'_>) {
        let mut texts: Vec<String> = Vec::new();
        for (at, text) in call.texts().enumerate() {
            let cluster = text.len() <= 5 && text.starts_with('-') && !text.starts_with("--") && text.ends_with('c');
            if matches!(text, "-c" | "--cmd" | "-S") || cluster {
                texts.push(call.text(at + 1).to_owned());
            } else if let Some(command) = text.strip_prefix('+').or_else(|| text.strip_prefix("-c")) {
                texts.push(command.to_owned());
            }
        }
        texts.extend(call.io.stdin.text.lines().filter(|line| line.starts_with(['!', ':'])).map(str::to_owned));
        for text in texts {
            for command in text.split('|').map(|command| command.trim().trim_start_matches(':').trim()) {
                if let Some(script) = command.strip_prefix('!').or_else(|| command.split_once(" !").map(|(_, script)| script)) {
                    self.mark(Class::ShellEscape);
                    self.run(script, Value::default());
                } else if [
                    "py",
                    "py3",
                    "python",
                    "python3",
                    "pyx",
                    "lua",
                    "perl",
                    "ruby",
                    "rub",
                    "tcl",
                    "term",
                    "terminal",
                    "sh",
                    "shell",
                    "call system",
                    "call libcall",
                    "call term_start",
                    "echo system",
                    "let x=system",
                ]
                .iter()
                .any(|word| {
                    command.strip_prefix(word).is_some_and(|rest| !rest.starts_with(|c: char| c.is_ascii_alphanumeric()) || rest.is_empty())
                }) {
                    self.mark(Class::ShellEscape);
                    self.look_at_code(command, super::code::Language::Python);
                } else if command.contains("shell=")
                    && (command.contains("sh") || command.contains("shell"))
                    && text.contains("shell")
                    && command.starts_with("set shell=")
                {
                    self.mark(Class::ShellEscape);
                }
            }
        }
    }

    /// `sed` runs commands by its `e`, alone or as a flag of `s`.
    pub(super) fn sed_scripts(&mut self, call: &Call<'_>) {
        let mut scripts: Vec<String> = call
            .texts()
            .zip(call.texts().skip(1))
            .filter(|(option, _)| matches!(*option, "-e" | "--expression"))
            .map(|(_, script)| script.to_owned())
            .collect();
        if scripts.is_empty() {
            scripts.extend(call.operands().next().map(|script| script.text.clone()));
        }
        for script in scripts {
            let bare = script.trim_start_matches(|c: char| c.is_ascii_digit() || matches!(c, ' ' | '$' | ',' | '!' | '~' | '{'));
            if let Some(command) = bare.strip_prefix('e').filter(|rest| rest.starts_with(' ') || rest.is_empty()) {
                self.mark(Class::ShellEscape);
                self.run(command.trim_end_matches('}'), Value::default());
            }
            if let Some((_, with, flags)) = substitution(bare)
                && flags.split([';', ' ', '}', '\n', 'w']).next().unwrap_or_default().contains('e')
            {
                self.mark(Class::ShellEscape);
                let with = with.to_owned();
                self.run(&with, Value::default());
            }
            if let Some(path) =
                bare.split_once("w ").map(|(_, path)| path.trim().trim_end_matches('}').to_owned()).filter(|path| path.starts_with('/'))
            {
                self.writes(&path, call.io.stdin.taint);
            }
        }
    }

    fn git(&mut self, call: &Call<'_>) {
        for (at, text) in call.texts().map(str::to_owned).enumerate().collect::<Vec<_>>() {
            if text == "-c" || text.starts_with("--config=") {
                let setting = if text == "-c" { call.text(at + 1).to_owned() } else { text.trim_start_matches("--config=").to_owned() };
                let Some((name, value)) = setting.split_once('=') else { continue };
                let name = name.to_ascii_lowercase();
                let value = value.trim();
                let runs = name.starts_with("alias.") && value.starts_with('!')
                    || matches!(
                        name.as_str(),
                        "core.pager"
                            | "core.sshcommand"
                            | "core.editor"
                            | "core.fsmonitor"
                            | "core.gitproxy"
                            | "core.hookspath"
                            | "credential.helper"
                            | "diff.external"
                            | "gpg.program"
                            | "sequence.editor"
                            | "uploadpack.packobjectshook"
                    )
                    || name.starts_with("pager.");
                if runs {
                    if name != "core.pager" && name != "core.sshcommand" && name != "core.editor" && value.starts_with('!')
                        || value.contains([';', '|', '&', '`', '$'])
                    {
                        self.mark(Class::ShellEscape);
                    }
                    self.runs_program(&Value::known(value));
                }
            } else if text.starts_with("ext::") {
                self.mark(Class::ShellEscape);
                self.run(rest(&text, 5), Value::default());
            } else if let Some(value) = text
                .strip_prefix("--upload-pack=")
                .or_else(|| text.strip_prefix("--receive-pack="))
                .or_else(|| text.strip_prefix("--exec="))
            {
                self.runs_program(&Value::known(value));
                if value.contains([';', '|', '&', '$', '`']) || call.text(0) == "grep" {
                    self.mark(Class::ShellEscape);
                }
            }
        }
        let asked =
            call.texts().any(|text| text.strip_prefix('!').is_some_and(|bare| is_shell(bare.rsplit('/').next().unwrap_or_default())));
        if asked && call.text(0) != "config" {
            self.mark(Class::ShellEscape);
        }
        if call.text(0) == "config" {
            for script in call.texts().filter_map(|text| text.strip_prefix('!')).map(str::to_owned).collect::<Vec<_>>() {
                self.run(&script, Value::default());
            }
        }
        if call.text(0) == "bisect" && call.text(1) == "run" {
            self.run_words(call, 2, &[]);
        }
        if matches!(call.text(0), "rebase" | "submodule")
            && let Some(at) = call.texts().position(|text| matches!(text, "--exec" | "-x" | "foreach"))
        {
            let value = call.args.get(at + 1).cloned().unwrap_or_default();
            self.run(&value.text, Value::default());
        }
        if call.text(0) == "filter-branch"
            && let Some(script) = call.option(&["--tree-filter", "--index-filter", "--msg-filter", "--env-filter"])
        {
            self.run(&script.text, Value::default());
        }
    }

    fn tar(&mut self, call: &Call<'_>) {
        let clustered = call.texts().zip(call.texts().skip(1)).find(|(option, _)| !option.starts_with("--") && option.ends_with('f'));
        let archive =
            clustered.map(|(_, archive)| archive.to_owned()).or_else(|| call.option(&["-f", "--file"]).map(|archive| archive.text));
        let archive = archive.unwrap_or_default();
        let creates = call.texts().take(2).any(|text| text.trim_start_matches('-').starts_with('c'));
        if creates && super::paths::is_disk(&archive) {
            self.mark(Class::Destructive);
        }
        if call.has("--remove-files") && call.operands().any(|path| super::paths::is_vital(&path.text, self.cwd.as_deref())) {
            self.mark(Class::Destructive);
        }
        let fetched = call.io.stdin.taint.has(Taint::NET) || self.file(&archive).is_some_and(|file| file.taint.has(Taint::NET));
        if !creates && fetched {
            self.unpacks(call.option(&["-C", "--directory"]).map(|folder| folder.text));
        }
        for (at, text) in call.texts().map(str::to_owned).enumerate().collect::<Vec<_>>() {
            let next = || call.text(at + 1).to_owned();
            if let Some(action) = text.strip_prefix("--checkpoint-action=").or((text == "--checkpoint-action").then_some("")) {
                let action = if action.is_empty() { next() } else { action.to_owned() };
                if let Some(command) = action.strip_prefix("exec=") {
                    self.mark(Class::ShellEscape);
                    self.run(command, Value::default());
                }
            }
            let program = ["--to-command=", "--use-compress-program=", "--rsh-command=", "--info-script=", "--new-volume-script="]
                .iter()
                .find_map(|option| text.strip_prefix(option).map(str::to_owned));
            let program = program.or_else(|| {
                matches!(text.as_str(), "--to-command" | "-I" | "--use-compress-program" | "--rsh-command" | "-F" | "--info-script")
                    .then(next)
            });
            if let Some(program) = program {
                self.runs_program(&Value::known(program));
            }
        }
    }

    fn database(&mut self, call: &Call<'_>) {
        let mut texts: Vec<String> = call.texts().map(str::to_owned).collect();
        texts.push(call.io.stdin.text.clone());
        for text in texts {
            if let Some((_, command)) =
                text.split_once("\\!").or_else(|| text.split_once(".shell ")).or_else(|| text.split_once(".system "))
            {
                self.mark(Class::ShellEscape);
                self.run(command, Value::default());
            }
            let upper = text.to_ascii_uppercase();
            // Statements made of names, for another client to run.
            let made = upper.contains("||") && ["'DROP ", "'TRUNCATE ", "'DELETE ", "'ALTER "].iter().any(|verb| upper.contains(verb));
            if self.makes_statements && call.io.stdin.text.contains(HOLE) {
                self.mark(Class::Destructive);
            }
            self.makes_statements |= made;
            self.statement(call, &text, &upper);
            let rights = upper.contains(" SUPERUSER") && (upper.contains("ROLE") || upper.contains("USER"))
                || upper.contains("GRANT ALL") && upper.contains("ON *.*") && !upper.contains("LOCALHOST") && !upper.contains("127.0.0.1");
            if rights && call.name != "sqlite3" {
                self.mark(Class::PrivilegeChange);
            }
            if upper.contains("INTO OUTFILE")
                && (upper.contains(".PHP") || upper.contains("/VAR/WWW") || upper.contains("AUTHORIZED_KEYS") || upper.contains("/ETC/"))
            {
                self.mark(Class::Persistence);
            }
            if upper.contains("TO PROGRAM") || upper.contains("FROM PROGRAM") || upper.contains("LOAD_EXTENSION") {
                self.mark(Class::ShellEscape);
            }
            let file = upper.split_once("INFILE").and_then(|(before, _)| text.get(before.len() + 6..)).map(|file| file.trim_start());
            let file = file.and_then(|file| file.strip_prefix(['\'', '"'])).and_then(|file| file.split(['\'', '"']).next());
            if file.is_some_and(|file| super::paths::is_private(file, None)) {
                self.mark(Class::Exfiltration);
            }
        }
    }

    /// `npx -c`, `poetry run`, `bundle exec`: what follows is a command.
    fn runner(&mut self, call: &Call<'_>) {
        if let Some(script) =
            call.option(&["-c", "--call", "--run", "--command"]).filter(|_| matches!(call.name, "npx" | "npm" | "nix-shell" | "nix"))
        {
            self.runs_program(&script);
        } else if matches!(call.text(0), "run" | "exec") && !matches!(call.name, "npm" | "yarn" | "pnpm") {
            let at = 1 + call.args.iter().skip(1).take_while(|arg| arg.text.starts_with('-')).count();
            let bare = call.args.len() == at + 1 && is_shell(call.text(at));
            if bare {
                self.mark(Class::ShellEscape);
            }
            self.run_words(call, at, &[]);
        }
    }
}

/// The parts of `s/pattern/with/flags`.
pub(super) fn substitution(script: &str) -> Option<(&str, &str, &str)> {
    let behind = script.strip_prefix('s')?;
    let by = behind.chars().next().filter(|c| !c.is_alphanumeric() && !c.is_whitespace())?;
    let text = rest(behind, by.len_utf8());
    let mut cuts = Vec::new();
    let mut escaped = false;
    for (at, c) in text.char_indices() {
        if c == by && !escaped {
            cuts.push(at);
        }
        escaped = c == '\\' && !escaped;
    }
    let (first, second) = (cuts.first().copied()?, cuts.get(1).copied()?);
    Some((part(text, 0, first), part(text, first + by.len_utf8(), second), rest(text, second + by.len_utf8())))
}
