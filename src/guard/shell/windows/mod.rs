//! PowerShell and cmd: simpler readers with the same classes.

mod deeds;
mod language;

pub(super) use language::{is_program, speaks};

use super::decode;
use super::pieces::normalise;
use super::signs::{SIGNS, Sign};
use super::value::{byte, part, rest};
use super::{Class, Command, Flavour, Inspection, Note};

/// Texts and statements within each other.
const MAX_DEPTH: u32 = 16;
const MAX_COMMANDS: usize = 256;

pub(super) fn inspect(text: &str, flavour: Flavour) -> Inspection {
    inspect_as(text, flavour, 0, 0)
}

/// `depth`: how many texts this one is within.
pub(super) fn inspect_as(text: &str, flavour: Flavour, offset: usize, depth: u32) -> Inspection {
    let mut reader = Reader { found: Inspection::default(), offset, depth };
    reader.script(text, flavour);
    reader.found
}

struct Reader {
    found: Inspection,
    offset: usize,
    depth: u32,
}

impl Reader {
    fn mark(&mut self, class: Class, shown: &str) {
        if !self.found.classes.contains(class) {
            self.found.classes.insert(class);
            self.found.notes.push(Note { class, offset: self.offset, words: shown.chars().take(120).collect() });
        }
    }

    fn script(&mut self, text: &str, flavour: Flavour) {
        if self.depth >= MAX_DEPTH {
            self.found.commands_complete = false;
            return self.mark(Class::Unknown, "nested too deep");
        }
        self.depth += 1;
        let plain = normalise(text, flavour);
        let joined = plain.replace("'+'", "").replace("\"+\"", "").replace("' + '", "").replace("\" + \"", "");
        for Sign(class, words) in SIGNS {
            if words.iter().all(|word| holds(&joined, word)) {
                self.mark(*class, text.trim());
            }
        }
        for class in deeds::deeds(&joined).iter() {
            self.mark(class, text.trim());
        }
        if flavour == Flavour::Cmd && called_by_pieces(text) {
            self.mark(Class::Obfuscation, text.trim());
        }
        if removes_listing(&joined) {
            self.mark(Class::Destructive, text.trim());
        }
        if sent_to_share(&joined) {
            self.mark(Class::Exfiltration, text.trim());
        }
        if on_foreign_share(&joined) {
            self.mark(Class::DownloadAndRun, text.trim());
        }
        if joined.contains("powershell") || flavour == Flavour::PowerShell {
            self.encoded(text, &joined);
        }
        // `iex('..')`, `'..' | iex`: what stands between quotes is what runs.
        if flavour == Flavour::PowerShell && ["iex", "invoke-expression"].iter().any(|name| holds(&joined, name)) {
            for literal in joined.split('\'').skip(1).step_by(2).filter(|text| text.len() > 4 && text.contains(' ')).take(4) {
                self.script(literal, Flavour::PowerShell);
            }
        }
        for statement in statements(&plain) {
            self.statement(statement.trim(), flavour);
        }
        // Other shells within: WSL, Git Bash.
        self.depth -= 1;
    }

    /// `-EncodedCommand`, in any of the short forms PowerShell takes.
    fn encoded(&mut self, original: &str, lower: &str) {
        let words: Vec<&str> =
            original.split(|c: char| c.is_whitespace() || c == '"' || c == '\'').filter(|word| !word.is_empty()).collect();
        for (option, value) in words.iter().zip(words.iter().skip(1)) {
            let name = option.to_ascii_lowercase().replace(['`', '^'], "");
            let Some(name) = name.strip_prefix(['-', '/', '–', '—']) else { continue };
            let short = !name.is_empty() && ("encodedcommand".starts_with(name) || name == "ec") && !lower.contains("-encoding");
            if !short || value.len() < 8 {
                continue;
            }
            match decode::base64_bytes(value) {
                Some(bytes) => {
                    self.mark(Class::Obfuscation, original.trim());
                    self.script(&decode::utf16(&bytes), Flavour::PowerShell);
                    self.script(&decode::text_of(bytes), Flavour::PowerShell);
                }
                None => self.mark(Class::Obfuscation, original.trim()),
            }
        }
    }

    fn statement(&mut self, statement: &str, flavour: Flavour) {
        if self.depth >= MAX_DEPTH {
            self.found.commands_complete = false;
            return self.mark(Class::Unknown, "nested too deep");
        }
        self.depth += 1;
        self.judge(statement, flavour);
        self.depth -= 1;
    }

    fn judge(&mut self, statement: &str, flavour: Flavour) {
        let bare = statement.trim_start_matches(['&', '.', '(', '{', '@', ' ', '!']).trim();
        let bare = match bare.split_once('=') {
            Some((name, value)) if name.trim().starts_with('$') => value.trim().trim_start_matches(['(', '&', ' ']),
            _ => bare,
        };
        let words = words(bare);
        let Some((first, args)) = words.split_first() else { return };
        let name = first.rsplit(['\\', '/']).next().unwrap_or_default().trim_end_matches(".exe").trim_end_matches(".cmd");
        if name.is_empty() || name.starts_with(['$', '[', '-', '%']) && name != "%" {
            if first.starts_with('$') && (statement.starts_with('&') || statement.starts_with('.')) || first.starts_with('%') {
                self.found.commands_complete = false;
                self.mark(Class::Dynamic, statement);
            }
            return;
        }
        if self.found.commands.len() < MAX_COMMANDS {
            let command = Command { written: (*first).chars().take(120).collect() };
            if !self.found.commands.contains(&command) {
                self.found.commands.push(command);
            }
        } else {
            self.found.commands_complete = false;
        }
        let has = |option: &str| args.iter().any(|arg| arg == option);
        let starts =
            |options: &[&str]| args.iter().any(|arg| options.iter().any(|option| arg.len() > 1 && option.starts_with(arg.as_str())));
        match name {
            "remove-item" | "ri" | "rm" | "del" | "erase" | "rd" | "rmdir" => {
                self.mark(Class::Delete, statement);
                let recursive = starts(&["-recurse"]) || has("/s") || has("-rf") || has("-fr");
                if recursive && args.iter().any(|arg| is_root(arg)) {
                    self.mark(Class::Destructive, statement);
                }
            }
            "format" if args.first().is_some_and(|drive| drive.len() == 2 && drive.ends_with(':')) => {
                self.mark(Class::Destructive, statement)
            }
            "iex" | "invoke-expression" => {
                self.mark(Class::CodeEvaluation, statement);
                let inner = args.join(" ");
                self.script(inner.trim_matches(['"', '\'', '(', ')']), Flavour::PowerShell);
                if inner.starts_with('$') || inner.starts_with('(') {
                    self.mark(Class::Dynamic, statement);
                }
            }
            "powershell" | "pwsh" => {
                if let Some(at) = args.iter().position(|arg| arg.starts_with('-') && arg.len() > 1 && "-command".starts_with(arg.as_str()))
                {
                    let inner = args.get(at + 1..).unwrap_or_default().join(" ");
                    self.script(&inner, Flavour::PowerShell);
                } else if args.iter().any(|arg| !arg.starts_with('-')) {
                    let inner: Vec<String> = args
                        .iter()
                        .skip_while(|arg| arg.starts_with('-') || matches!(arg.as_str(), "bypass" | "hidden" | "unrestricted"))
                        .cloned()
                        .collect();
                    self.script(&inner.join(" "), Flavour::PowerShell);
                }
            }
            "cmd" => {
                if let Some(at) = args.iter().position(|arg| matches!(arg.as_str(), "/c" | "/k" | "/r") || arg.starts_with("/c")) {
                    let inner = args.get(at + 1..).unwrap_or_default().join(" ");
                    self.script(&inner, Flavour::Cmd);
                }
            }
            "start" | "start-process" | "saps" | "call" | "for" | "if" | "do" if flavour == Flavour::Cmd || name.starts_with('s') => {
                let inner: Vec<String> = args.iter().skip_while(|arg| arg.starts_with(['/', '-'])).cloned().collect();
                if !inner.is_empty() && inner.len() < words.len() {
                    self.statement(&inner.join(" "), flavour);
                }
            }
            "bash" | "wsl" | "sh" => {
                let inner = super::inspect_posix(&statement.replace("wsl ", ""), self.depth);
                self.found.join(inner);
            }
            "python" | "python3" | "py" | "node" | "perl" | "ruby" | "php" => {
                let inner = super::inspect_posix(statement, self.depth);
                self.found.join(inner);
            }
            "nc" | "ncat" | "nc64" | "socat" => {
                self.mark(Class::Network, statement);
                if has("-e") || has("-c") || args.iter().any(|arg| arg.starts_with("exec:")) {
                    self.mark(Class::ReverseShell, statement);
                }
            }
            _ => {}
        }
    }
}

/// A program or library run from a share whose host is told by its number: `\\\\198.51.100.7\\s\\x.dll`.
fn on_foreign_share(text: &str) -> bool {
    text.match_indices("\\\\").any(|(at, found)| {
        let behind = rest(text, at + found.len());
        let host = behind.split('\\').next().unwrap_or_default();
        let path = behind.split([' ', ',', '"', '\'', ';']).next().unwrap_or_default();
        let runs =
            [".exe", ".dll", ".ps1", ".js", ".vbs", ".hta", ".bat", ".cmd", ".sct", ".msi", ".cpl"].iter().any(|end| path.ends_with(end));
        host.contains('.') && host.chars().all(|c| c.is_ascii_digit() || c == '.') && runs
    })
}

/// `get-childitem c:\ -recurse | remove-item`: all that is listed below a root.
fn removes_listing(text: &str) -> bool {
    text.split([';', '\n', '{', '"']).any(|pipeline| {
        let Some((list, behind)) = pipeline.split_once('|') else { return false };
        let mut listed = list.split_whitespace();
        let lists = listed.next().is_some_and(|name| matches!(name, "get-childitem" | "gci" | "ls" | "dir"));
        let removes =
            ["remove-item", "del", "rm", "ri", "erase", "rd"].iter().any(|name| behind.trim_start().starts_with(&format!("{name} ")))
                || behind.trim() == "remove-item";
        lists && removes && listed.any(is_root) && !list.contains("-filter") && !list.contains("-include")
    })
}

/// Files copied to a share whose host is told by its number, and is in no network of one's own.
fn sent_to_share(text: &str) -> bool {
    ["copy ", "xcopy ", "robocopy ", "copy-item ", "move ", "move-item "].iter().any(|name| text.contains(name))
        && text.match_indices("\\\\").any(|(at, found)| {
            let host = rest(text, at + found.len()).split('\\').next().unwrap_or_default();
            let last = !rest(text, at).contains(" c:\\");
            let number = host.matches('.').count() == 3 && host.chars().all(|c| c.is_ascii_digit() || c == '.');
            last && number && !super::outward::is_own_network(host) && at > 8
        })
}

/// A command's name in variables of cmd, side by side or cut: `%a%%b% x`, `%comspec:~0,1%..`.
fn called_by_pieces(text: &str) -> bool {
    text.split(['&', '|', '\n', '(']).take(256).any(|statement| {
        let name = statement.trim_start_matches([' ', '@', '"', '\'']);
        let name = name.strip_prefix("call ").unwrap_or(name).split(' ').next().unwrap_or_default();
        name.starts_with(['%', '!']) && (name.contains("%%") || name.contains("!!") || name.contains(":~"))
    })
}

fn holds(text: &str, word: &str) -> bool {
    // Short names must stand alone: `sc` is in `description`.
    if word.len() > 4 || word.contains(|c: char| !c.is_ascii_alphanumeric()) {
        return text.contains(word);
    }
    text.match_indices(word).any(|(at, _)| {
        let edge = |c: Option<u8>| c.is_none_or(|c| !c.is_ascii_alphanumeric() && c != b'_');
        edge(at.checked_sub(1).map(|before| byte(text.as_bytes(), before))) && edge(text.as_bytes().get(at + word.len()).copied())
    })
}

fn is_root(path: &str) -> bool {
    let path = path.trim_matches(['"', '\'']).trim_start_matches("-path:");
    let bare = path.trim_end_matches(['*', '\\', '/', '.']);
    let system = ["\\windows", "\\users", "\\program files", "\\windows\\system32", "\\programdata"];
    let drive = bare.len() == 2 && bare.ends_with(':');
    drive
        || bare.get(2..).is_some_and(|rest| bare.get(1..2) == Some(":") && system.contains(&rest))
        || matches!(
            bare,
            "%systemroot%"
                | "%systemdrive%"
                | "$env:systemroot"
                | "$env:systemdrive"
                | "$env:userprofile"
                | "%userprofile%"
                | "~"
                | "$home"
                | "$env:windir"
                | "%windir%"
        )
        || path.len() > 3 && path.starts_with('/') && super::paths::is_vital(path, None)
        || path == "\\"
        || path == "/"
        || path == "*"
        || path == "\\*"
}

fn statements(text: &str) -> Vec<&str> {
    let bytes = text.as_bytes();
    let (mut parts, mut from, mut at, mut quote) = (Vec::new(), 0, 0, 0_u8);
    while at < bytes.len() {
        let c = byte(bytes, at);
        match c {
            b'"' | b'\'' if quote == 0 => quote = c,
            _ if c == quote => quote = 0,
            _ if quote != 0 => {}
            b';' | b'|' | b'&' | b'\n' | b'{' | b'}' | b'(' => {
                parts.push(part(text, from, at));
                from = at + 1;
                if c == b'&' {
                    // The call operator stays with what it calls.
                    from = at;
                    while byte(bytes, at + 1) == b'&' {
                        at += 1;
                        from = at + 1;
                    }
                }
            }
            _ => {}
        }
        at += 1;
    }
    parts.push(rest(text, from));
    parts
}

fn words(text: &str) -> Vec<String> {
    let mut words = Vec::new();
    let mut open = String::new();
    let mut quote = None;
    for c in text.chars() {
        match (quote, c) {
            (Some(q), _) if c == q => quote = None,
            (None, '"' | '\'') => quote = Some(c),
            (None, ' ' | ')' | ',') => {
                if !open.is_empty() {
                    words.push(std::mem::take(&mut open));
                }
            }
            _ => open.push(c),
        }
    }
    if !open.is_empty() {
        words.push(open);
    }
    words
}
