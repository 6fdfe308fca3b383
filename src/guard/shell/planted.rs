//! Text that something loads and acts on later: settings and instructions of agents, projects' files that run code, hooks. Writing them is
//! everyday work; what they are told decides.

use super::Class;
use super::state::Shell;
use super::value::{HOLE, Value, byte, part, rest};

/// How a file is read by what loads it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Loaded {
    /// Settings of an agent or an editor, in which programs to start and permissions stand.
    Settings,
    /// Prose that an agent takes for what its user wants.
    Instructions,
    /// Code and settings of a project or an account that tools run unasked.
    Project,
    /// Recipes that download what they build with: only what nobody builds with counts.
    Recipe,
}

const SETTINGS: &[&str] = &[
    "/.claude/settings",
    "/.claude.json",
    "/.mcp.json",
    "/mcp.json",
    "/mcp_config.json",
    "/mcp_settings.json",
    "/claude_desktop_config.json",
    "/.cursor/hooks.json",
    "/.cursor/cli-config.json",
    "/.gemini/settings.json",
    "/.codex/config.toml",
    "/.continue/config",
    "/.aider.conf.yml",
    "/.vscode/tasks.json",
    "/.vscode/settings.json",
    "/.vscode/launch.json",
    "/Code/User/settings.json",
    "/Code/User/tasks.json",
    "/.zed/tasks.json",
    "/zed/settings.json",
    "/.idea/",
    "/devcontainer.json",
    "/.config/opencode/",
    "/opencode.json",
    "/.amazonq/",
    "/.windsurf/",
    "/.codeium/",
];

const INSTRUCTIONS: &[&str] = &[
    "/CLAUDE.md",
    "/CLAUDE.local.md",
    "/AGENTS.md",
    "/AGENT.md",
    "/GEMINI.md",
    "/CONVENTIONS.md",
    "/.cursorrules",
    "/.windsurfrules",
    "/.clinerules",
    "/.goosehints",
    "/copilot-instructions.md",
    "/.cursor/rules/",
    "/.claude/commands/",
    "/.claude/agents/",
    "/.claude/skills/",
    "/SKILL.md",
    "/.github/prompts/",
    "/.github/instructions/",
];

const PROJECT: &[&str] = &[
    "/.vimrc",
    "/.nvimrc",
    "/.exrc",
    "/init.vim",
    "/init.lua",
    "/.emacs",
    "/init.el",
    "/.dir-locals.el",
    "/.tmux.conf",
    "/.screenrc",
    "/.gitconfig",
    "/.git/config",
    "/.npmrc",
    "/.yarnrc",
    "/pip.conf",
    "/setup.py",
    "/setup.cfg",
    "/conftest.py",
    "/build.rs",
    "/Gemfile",
    "/Rakefile",
    "/.envrc",
    "/.ssh/config",
    "/.gdbinit",
    "/.lldbinit",
    "/.pdbrc",
    "/.pryrc",
    "/.irbrc",
    "/.ipython/",
    "/.pre-commit-config.yaml",
    "/.cargo/config",
    "/.husky/",
    "/webpack.config.",
    "/vite.config.",
    "/next.config.",
    "/jest.config.",
    "/.eslintrc",
    "/eslint.config.",
    "/babel.config.",
    "/postcss.config.",
    "/tailwind.config.",
    "/build.gradle",
    "/init.gradle",
    "/settings.gradle",
    "/pom.xml",
    "/.Rprofile",
    "/.julia/config/startup.jl",
    "/.psqlrc",
    "/.sqliterc",
    "/.curlrc",
    "/.wgetrc",
    "/.inputrc",
    "/.mailcap",
    "/.gemspec",
    "/.bazelrc",
    "/kitty.conf",
    "/.hgrc",
    "/.config/git/",
    "/manage.py",
    "/__init__.py",
    "/tox.ini",
    "/noxfile.py",
    "/.desktop",
    "/composer.json",
    "/package.json",
    "/binding.gyp",
    "/.envrc",
    "/.direnvrc",
    "/starship.toml",
    "/alacritty.toml",
];

const RECIPES: &[&str] = &[
    "/Dockerfile",
    "/Containerfile",
    "/docker-compose",
    "/compose.y",
    "/Makefile",
    "/GNUmakefile",
    "/justfile",
    "/Justfile",
    "/Taskfile",
    "/.github/workflows/",
    "/.github/actions/",
    "/.gitlab-ci.yml",
    "/.circleci/",
    "/Jenkinsfile",
    "/azure-pipelines.yml",
    "/bitbucket-pipelines.yml",
    "/.travis.yml",
    "/.drone.yml",
    "/buildspec.yml",
    "/cloudbuild.yaml",
    "/action.yml",
];

pub(super) fn loaded(path: &str) -> Option<Loaded> {
    if path.len() > 4096 || path.starts_with("/dev/") {
        return None;
    }
    let anywhere = format!("/{}", path.trim_start_matches("./"));
    let among = |places: &[&str]| places.iter().any(|place| anywhere.contains(place));
    if among(SETTINGS) {
        Some(Loaded::Settings)
    } else if among(INSTRUCTIONS) {
        Some(Loaded::Instructions)
    } else if among(RECIPES) {
        Some(Loaded::Recipe)
    } else if among(PROJECT) || anywhere.ends_with(".pth") {
        Some(Loaded::Project)
    } else {
        None
    }
}

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
    "echo ",
];

/// Most commands looked at within one text, and how much of each.
const CANDIDATES: usize = 24;
const LONGEST: usize = 2048;

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
        if text.len() < 8 || text.len() > 32 * 1024 {
            return classes;
        }
        for command in embedded(text) {
            let before = std::mem::take(&mut self.found);
            let (showing, cwd, mark) = (self.showing.clone(), self.cwd.clone(), self.undo_mark());
            self.run(&command, Value::default());
            self.roll_back(mark);
            (self.showing, self.cwd) = (showing, cwd);
            let inner = std::mem::replace(&mut self.found, before);
            classes = classes.or(inner.classes);
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
    if text.len() > 4096 {
        return false;
    }
    let flat: String = text.chars().filter(|c| !c.is_whitespace()).flat_map(char::to_lowercase).collect();
    let asked = [
        "$_get[",
        "$_post[",
        "$_request[",
        "$_cookie[",
        "$_server[",
        "php://input",
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
    let away = lower.contains("http") && ["send", "upload", "post", "forward", "submit"].iter().any(|word| lower.contains(word));
    hides && acts || secret && away
}

/// Settings that make a tool load somebody's code.
fn loads_own(path: &str, text: &str) -> bool {
    let lower = text.to_ascii_lowercase();
    let public = ["\"/tmp/", "=/tmp/", "= /tmp/", "'/tmp/", " /tmp/", "/dev/shm/", "/var/tmp/"].iter().any(|place| lower.contains(place));
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
    ];
    public && runs.iter().any(|word| lower.contains(word))
}

fn calls_out_beyond_ssh(line: &str) -> bool {
    ["curl ", "wget ", "bash -c", "sh -c", "/tmp/"].iter().any(|word| line.contains(word))
}
