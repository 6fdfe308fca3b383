//! Text written where something will load it. Writing such files is everyday work; what they are told decides.

use super::Class;
use super::loaded::{Loaded, loaded};
use super::state::Shell;
use super::value::{HOLE, Value, byte, part, rest};

/// Words by which an agent, or an editor with one, is told to ask nobody.
const UNASKED: &[&str] = &[
    "bypasspermissions",
    "\"bash(*)\"",
    "\"bash(*:*)\"",
    "\"bash\"]",
    "dangerously",
    "danger-full-access",
    "enableallprojectmcpservers\":true",
    "enableallprojectmcpservers=true",
    "autoapprove\":true",
    "autoapprove=true",
    "alwaysallow\":[\"*\"",
    "autorun\":true",
    "yolomode",
    "yolo\":true",
    "trust.enabled\":false",
    "trust.enabled=false",
    "allowautomatictasks\":\"on\"",
    "approval_policy=\"never\"",
    "disablesandbox",
    "sandbox\":false",
    "permissions.deny=[]",
    "\"deny\":[]",
];

/// Whether a text tells an agent to ask nobody.
pub(super) fn asks_nobody(text: &str) -> bool {
    let flat: String = text.chars().filter(|c| !c.is_whitespace()).flat_map(char::to_lowercase).collect();
    UNASKED.iter().any(|word| flat.contains(word))
}

/// Phrases that speak to an agent behind its user's back.
const BEHIND_BACKS: &[&str] = &[
    "do not tell",
    "don't tell",
    "never tell",
    "do not mention",
    "don't mention",
    "never mention",
    "without telling",
    "without mentioning",
    "without asking",
    "without confirmation",
    "silently",
    "secretly",
    "quietly",
    "hide this",
    "do not reveal",
    "never reveal",
    "ignore previous",
    "ignore all previous",
    "ignore any previous",
    "disregard previous",
    "do not ask the user",
    "never ask the user",
    "do not inform",
];

/// What a command for harm begins with, where it stands within other text.
const STARTS: &[&str] = &[
    "curl ",
    "wget ",
    "nc ",
    "ncat ",
    "netcat ",
    "socat ",
    "bash ",
    "sh ",
    "zsh ",
    "python ",
    "python3 ",
    "perl ",
    "node ",
    "ruby ",
    "php ",
    "openssl ",
    "powershell ",
    "pwsh ",
    "iwr ",
    "irm ",
    "base64 ",
    "eval ",
    "cat ~",
    "cat /",
    "cat $HOME",
    "tar c",
    "rm -rf ",
    "mkfifo ",
    "env |",
    "env|",
    "printenv",
    "scp ",
];

/// Most commands looked at within one text, and how much of each.
const CANDIDATES: usize = 256;
const LONGEST: usize = 512;

/// Commands that a text seems to hold: each from its first word to the end of the quotation or line it stands in.
fn embedded(text: &str) -> Vec<String> {
    let mut found = Vec::new();
    for (at, c) in text.char_indices() {
        let before = at.checked_sub(1).map_or(b' ', |before| byte(text.as_bytes(), before));
        if !c.is_ascii_lowercase() || before.is_ascii_alphanumeric() || matches!(before, b'-' | b'_' | b'.') {
            continue;
        }
        let tail = rest(text, at);
        // `["sh","-c","..` is looked at from what is between its own quotes on.
        if !STARTS.iter().any(|start| tail.starts_with(start)) {
            continue;
        }
        let line = tail.split('\n').next().unwrap_or_default();
        let line = (0..=line.len().min(LONGEST)).rev().find(|end| line.is_char_boundary(*end)).map_or("", |end| part(line, 0, end));
        let command = match before {
            quote @ (b'"' | b'\'' | b'`') => until(line, quote),
            // `'sh -c "curl .. | sh"'`, not from its first word on: to where the quotation around it ends.
            _ => match enclosing(part(text, 0, at)) {
                Some(quote) => until(line, quote),
                None => line,
            },
        };
        let escaped = command.contains("\\\"") || command.contains("\\\\");
        found.push(if escaped { command.replace("\\\"", "\"").replace("\\\\", "\\") } else { command.to_owned() });
        if found.len() >= CANDIDATES {
            break;
        }
    }
    found
}

/// The quotation that is still open at the end of a line.
fn enclosing(before: &str) -> Option<u8> {
    let line = before.rsplit('\n').next().unwrap_or_default();
    let mut open = None;
    let mut escaped = false;
    for c in line.bytes() {
        match (open, c) {
            _ if escaped => {}
            (None, b'"' | b'`') => open = Some(c),
            (Some(quote), c) if quote == c => open = None,
            _ => {}
        }
        escaped = c == b'\\' && !escaped;
    }
    open
}

fn until(line: &str, quote: u8) -> &str {
    let mut escaped = false;
    for (at, c) in line.bytes().enumerate() {
        if c == quote && !escaped {
            return part(line, 0, at);
        }
        escaped = c == b'\\' && !escaped;
    }
    line
}

/// Whether a text calls a client of the network.
pub(super) fn calls_out(text: &str) -> bool {
    ["curl ", "wget ", "nc ", "ncat ", "/dev/tcp/", "socat ", "invoke-webrequest", "iwr ", "telnet "].iter().any(|client| {
        text.match_indices(client).any(|(at, _)| {
            at.checked_sub(1)
                .is_none_or(|before| !byte(text.as_bytes(), before).is_ascii_alphanumeric() && byte(text.as_bytes(), before) != b'-')
        })
    })
}

impl Shell {
    /// What commands within a text would do, were they run; the shell that looks is as it was.
    pub(super) fn within(&mut self, text: &str) -> super::Classes {
        let mut classes = super::Classes::default();
        if text.len() < 8 {
            return classes;
        }
        let commands = embedded(text);
        if commands.len() >= CANDIDATES {
            self.beyond("too much to evaluate");
        }
        for command in commands {
            // What is left unseen must not go unsaid: what is found within belongs to no command of the text.
            if self.is_spent() {
                self.beyond("too much to evaluate");
                return classes;
            }
            let before = std::mem::take(&mut self.found);
            let (showing, cwd, mark) = (self.showing.clone(), self.cwd.clone(), self.undo_mark());
            self.run(&command, Value::default());
            self.roll_back(mark);
            (self.showing, self.cwd) = (showing, cwd);
            let inner = std::mem::replace(&mut self.found, before);
            classes = classes.or(inner.classes);
        }
        if self.is_spent() {
            self.beyond("too much to evaluate");
        }
        if super::idiom::reverse_shell(text).is_some() {
            classes.insert(Class::ReverseShell);
        }
        classes
    }

    /// A text arrives in a file that something loads.
    pub(super) fn plants(&mut self, path: &str, value: &Value) {
        if value.text.len() < 8 || value.is_all_hole() {
            return;
        }
        // All secrets of a workflow at once, wherever its file will lie.
        if value.text.contains("toJSON(secrets)") || value.text.contains("toJson(secrets)") {
            self.mark(Class::Exfiltration);
        }
        let lower = value.text.to_ascii_lowercase();
        let source = ["/sources.list", "/yum.repos.d/", "/zypp/repos.d/", "/apk/repositories", "/pacman.conf"]
            .iter()
            .any(|place| path.contains(place));
        let unsigned = lower.contains("trusted=yes") || lower.contains("gpgcheck=0") || lower.contains("siglevel = never");
        let clear = lower
            .split_whitespace()
            .any(|word| word.trim_start_matches("baseurl=").starts_with("http://") && super::supply::is_strange(word));
        if source && (unsigned || clear) {
            self.mark(Class::DownloadAndRun);
        }
        let runs_uploads = path.ends_with(".htaccess")
            && (lower.contains("addtype application/x-httpd-php")
                || lower.contains("sethandler application/x-httpd-php")
                || lower.contains("auto_prepend_file"));
        if runs_uploads || path.ends_with(".user.ini") && lower.contains("auto_prepend_file") {
            self.mark(Class::Persistence);
        }
        if path.contains('.') && obeys_requests(&value.text) {
            self.mark(Class::Persistence);
        }
        if path.contains("/etc/sysctl.") && lower.contains("kernel.modprobe") {
            self.mark(Class::PrivilegeChange);
        }
        if path.contains("/etc/sysctl.d/") && (lower.contains("core_pattern=|") || lower.contains("core_pattern = |")) {
            self.mark(Class::PrivilegeChange);
        }
        let Some(loaded) = loaded(path) else { return };
        let text = value.text.replace(HOLE, "x");
        let classes = self.within(&text);
        let worst = [
            Class::ReverseShell,
            Class::Exfiltration,
            Class::DownloadAndRun,
            Class::CredentialRead,
            Class::Obfuscation,
            Class::Destructive,
        ];
        let counted = match loaded {
            Loaded::Settings | Loaded::Instructions | Loaded::Project => worst.as_slice(),
            Loaded::Recipe => worst.get(..2).unwrap_or_default(),
        };
        if matches!(loaded, Loaded::Recipe) && classes.contains(Class::DownloadAndRun) && super::supply::asks_strangers(&text) {
            self.mark(Class::DownloadAndRun);
        }
        for class in counted.iter().filter(|class| classes.contains(**class)) {
            self.mark(*class);
        }
        let told = match loaded {
            Loaded::Settings => {
                if asks_nobody(&text) {
                    self.mark(Class::ProtectionOff);
                }
                text.contains("ommand") && calls_out(&text) || text.contains("\"/tmp/") || text.contains("/dev/shm/")
            }
            Loaded::Instructions => speaks_behind_backs(&text),
            Loaded::Project => loads_own(path, &text),
            Loaded::Recipe => false,
        };
        if told {
            self.mark(Class::Persistence);
        }
    }
}

/// A page that runs whatever it is asked to run.
pub(super) fn obeys_requests(text: &str) -> bool {
    let flat: String = text.chars().filter(|c| !c.is_whitespace()).flat_map(char::to_lowercase).collect();
    let asked = [
        "$_get[",
        "$_post[",
        "$_request[",
        "$_cookie[",
        "$_server[",
        "php://input",
        "$query_string",
        "${query_string",
        "$http_",
        "getparameter(",
        "request.item[",
        "request[",
        "request.args",
        "req.query",
        "req.body",
        "params[",
    ]
    .iter()
    .any(|word| flat.contains(word));
    let runs = [
        "system(",
        "eval(",
        "eval\"",
        "eval$",
        "bash-c",
        "exec(",
        "passthru(",
        "assert(",
        "popen(",
        "shell_exec(",
        "getruntime()",
        "process.start(",
        "wscript.shell",
        "subprocess.",
        "`$_",
    ]
    .iter()
    .any(|word| flat.contains(word));
    asked && runs
}

/// Instructions that nobody gives whom they serve: hidden from the user, or to send secrets away.
fn speaks_behind_backs(text: &str) -> bool {
    let lower = text.to_lowercase();
    let hides = BEHIND_BACKS.iter().any(|phrase| lower.contains(phrase));
    let acts =
        ["run ", "upload", "send", "post ", "curl", "execute", "http", "append", "copy", "exfil"].iter().any(|word| lower.contains(word));
    let secret = [".env", ".aws", ".ssh", "credential", "api key", "api_key", "token", "secret", "password", ".npmrc"]
        .iter()
        .any(|word| lower.contains(word));
    let away = lower.contains("http")
        && ["send", "upload", "post", "forward", "submit", "append", "leak", "exfil"].iter().any(|word| lower.contains(word));
    hides && acts || secret && away
}

/// Settings that make a tool load somebody's code.
fn loads_own(path: &str, text: &str) -> bool {
    let lower = text.to_ascii_lowercase();
    let public =
        ["\"/tmp/", "!/tmp/", "=/tmp/", "= /tmp/", "'/tmp/", " /tmp/", "/dev/shm/", "/var/tmp/"].iter().any(|place| lower.contains(place));
    if path.ends_with(".pth") {
        return lower.contains("import ");
    }
    if path.contains(".ssh/config") {
        let own = lower.lines().any(|line| {
            let line = line.trim();
            line.starts_with("localcommand")
                || line.starts_with("permitlocalcommand yes")
                || line.starts_with("proxycommand") && calls_out_beyond_ssh(line)
        });
        return own || lower.contains("pkcs11provider") && public || lower.contains("securitykeyprovider") && public;
    }
    let runs = [
        "rustc-wrapper",
        "linker",
        "runner",
        "hookspath",
        "fsmonitor",
        "sshcommand",
        "preload",
        "script-shell",
        "editor",
        "pager",
        "helper",
        "default-command",
        "run-shell",
        "shell-command",
        "autocmd",
        "!/tmp/",
        "call-process",
        "start-process",
        "system(",
        "init=",
    ];
    public && runs.iter().any(|word| lower.contains(word))
}

fn calls_out_beyond_ssh(line: &str) -> bool {
    ["curl ", "wget ", "bash -c", "sh -c", "/tmp/"].iter().any(|word| line.contains(word))
}
