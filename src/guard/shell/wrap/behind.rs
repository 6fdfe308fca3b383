//! Commands among the words of programs that start what they are told, though nothing else here knows how: behind `--`, at the end of their words, or as the
//! value of an option.

use super::super::Class;
use super::super::command::Call;
use super::super::consoles::Names;
use super::super::interpret::is_shell;
use super::super::redirect::Io;
use super::super::state::Shell;

/// Programs that start what stands somewhere among their words, in an environment of its own.
static STARTERS: Names = Names::of(&[
    "bwrap",
    "proot",
    "cgexec",
    "systemd-nspawn",
    "chpst",
    "s6-setuidgid",
    "setuidgid",
    "envuidgid",
    "envdir",
    "direnv",
    "mise",
    "asdf",
    "rtx",
    "aws-vault",
    "aws-okta",
    "saml2aws",
    "op",
    "doppler",
    "infisical",
    "dotenv",
    "dotenvx",
    "dotenv-cli",
    "env-cmd",
    "cross-env",
    "teller",
    "envchain",
    "summon",
    "berglas",
    "start-stop-daemon",
    "daemonize",
    "daemon",
    "setuid",
    "pixi",
    "hatch",
    "devbox",
    "guix",
    "volta",
    "fnm",
    "nvm",
    "rbenv",
    "pyenv",
    "gdb",
    "rr",
    "heaptrack",
    "hotspot",
    "samply",
    "uftrace",
    "sudo-rs",
    "kdesu",
    "gksu",
    "gksudo",
    "beesu",
    "pmrun",
    "dzdo",
    "nocache",
    "retry",
    "until",
    "loop",
    "ts-node-dev",
    "nodemon",
    "watchexec",
    "reflex",
    "chokidar",
    "onchange",
    "concurrently",
    "wait-for-it",
    "wait-for-it.sh",
    "wait-on",
    "dockerize",
    "at-spi-bus-launcher",
    "pnpm",
    "yarn",
    "bunx",
    "npx",
    "sops",
    "chamber",
    "vaultenv",
    "envconsul",
    "consul-template",
    "setlock",
    "lckdo",
    "cronitor",
    "runitor",
    "machinectl",
    "toolbox",
    "distrobox-enter",
    "flatpak-spawn",
    "host-spawn",
]);

/// What is worth a look wherever it would be started.
static CALLED: Names = Names::of(&[
    "rm",
    "shred",
    "dd",
    "wipefs",
    "blkdiscard",
    "mkfs",
    "mkfs.ext4",
    "mkfs.xfs",
    "find",
    "curl",
    "wget",
    "nc",
    "ncat",
    "netcat",
    "socat",
    "python",
    "python3",
    "perl",
    "ruby",
    "node",
    "php",
    "cat",
    "tee",
    "chmod",
    "chown",
    "useradd",
    "usermod",
    "crontab",
    "iptables",
    "systemctl",
    "mv",
    "cp",
    "tar",
    "ssh",
    "scp",
    "rsync",
    "kill",
    "pkill",
    "rimraf",
    "del-cli",
    "shx",
    "psql",
    "mysql",
    "mongosh",
    "redis-cli",
    "terraform",
    "kubectl",
    "aws",
    "printenv",
    "env",
    "insmod",
    "mount",
    "nsenter",
    "chroot",
    "base64",
    "reboot",
    "shutdown",
    "dropdb",
    "history",
]);

/// Programs to which commands are only text: they search, print, keep or explain it.
static TEXTS: Names = Names::of(&[
    "echo",
    "printf",
    "print",
    "grep",
    "egrep",
    "fgrep",
    "rg",
    "ag",
    "ack",
    "git",
    "gh",
    "glab",
    "hub",
    "man",
    "tldr",
    "which",
    "type",
    "apropos",
    "whatis",
    "sed",
    "gsed",
    "awk",
    "gawk",
    "cat",
    "bat",
    "less",
    "jq",
    "yq",
    "logger",
    "wall",
    "notify-send",
    "say",
    "test",
    "[",
    "[[",
    "read",
    "export",
    "claude",
    "codex",
    "gemini",
    "llm",
    "aichat",
    "ollama",
    "jira",
    "linear",
    "slack",
    "mail",
    "mutt",
    "curl",
    "wget",
    "http",
    "xh",
    "cargo",
    "npm",
    "go",
    "make",
    "docker",
    "podman",
    "kubectl",
    "helm",
    "ls",
    "cd",
    "mkdir",
    "touch",
    "cp",
    "mv",
    "chmod",
    "chown",
    "rm",
    "sort",
    "uniq",
    "wc",
    "cut",
    "tr",
    "head",
    "tail",
    "diff",
    "shellcheck",
    "shfmt",
    "explainshell",
    "cheat",
    "history",
    "fc",
    "alias",
    "pandoc",
    "vale",
    "aspell",
    "ssh-keygen",
    "openssl",
    "gpg",
    "sh",
    "bash",
    "zsh",
]);

/// Options whose value is something said, not something done.
const SAYS: [&str; 41] = [
    "-c",
    "-e",
    "-r",
    "-E",
    "--eval",
    "--command",
    "--execute",
    "-m",
    "--message",
    "-b",
    "--body",
    "-t",
    "--title",
    "--description",
    "--desc",
    "--notes",
    "--note",
    "--comment",
    "--text",
    "--subject",
    "-s",
    "--summary",
    "--query",
    "-q",
    "--data",
    "-d",
    "--header",
    "-H",
    "--label",
    "--annotation",
    "-p",
    "--prompt",
    "--pattern",
    "--format",
    "--template",
    "--name",
    "--reason",
    "--help",
    "--explain",
    "--filter",
    "--regexp",
];

fn last(word: &str) -> &str {
    word.rsplit('/').next().unwrap_or_default()
}

impl Shell {
    pub(in super::super) fn behind(&mut self, call: &Call<'_>) {
        if call.args.is_empty() {
            return;
        }
        if TEXTS.has(call.name) {
            return self.hooked(call, true);
        }
        let starts = STARTERS.has(call.name);
        let called = |at: usize| {
            let name = last(call.text(at));
            CALLED.has(name) || is_shell(name)
        };
        let dashes = call.texts().take(64).position(|text| text == "--").map(|at| at + 1).filter(|at| called(*at));
        let among = || (0..call.args.len().min(64)).find(|at| called(*at));
        if let Some(at) = dashes.or_else(|| if starts { among() } else { None }) {
            let words = call.args.get(at..).unwrap_or_default().to_vec();
            self.command(words, &Io { stdin: call.io.stdin.clone(), ..Io::default() }, &[]);
        }
        // `start-stop-daemon --exec /bin/rm -- -rf /`: what stands behind the dashes belongs to the program.
        if call.name == "start-stop-daemon"
            && let Some(program) = call.option(&["-x", "--exec", "-a", "--startas"])
        {
            let at = call.texts().position(|text| text == "--").map_or(call.args.len(), |at| at + 1);
            let words: Vec<_> = std::iter::once(program).chain(call.args.get(at..).unwrap_or_default().iter().cloned()).collect();
            self.command(words, &Io::default(), &[]);
        }
        if matches!(call.name, "yarn" | "pnpm" | "bun")
            && call.text(0) == "exec"
            && let Some(script) = call.args.get(1).filter(|script| script.text.contains(' ')).cloned()
        {
            self.run_value(&script, super::super::value::Value::default());
        }
        self.hooked(call, false);
    }

    /// `rg --pre 'sh -c ..'`, `fzf --preview '..'`: the value of an option that, as a script, fetches and runs or connects a shell.
    fn hooked(&mut self, call: &Call<'_>, text_only: bool) {
        let mut before = "";
        let mut scripts: Vec<String> = Vec::new();
        const STARTS: [&str; 6] = ["--pre", "--preview", "--pager", "--exec", "--open-files-in-pager", "--hook"];
        for text in call.texts().take(64) {
            let option = std::mem::replace(&mut before, text);
            let (option, value) = match text.split_once('=').filter(|(name, _)| name.starts_with("--")) {
                Some(named) => named,
                None => (option, text),
            };
            let script = value.len() > 12 && value.len() < 4096 && value.contains(' ') && value.contains(['|', ';', '&', '$', '`', '-']);
            let reaches = ["curl ", "wget ", "/dev/tcp", "nc ", "ncat ", "base64 ", "rm -"].iter().any(|word| value.contains(word));
            if text_only && !STARTS.contains(&option) {
                continue;
            }
            if option.starts_with('-') && !option.contains(' ') && !SAYS.contains(&option) && script && reaches && scripts.len() < 8 {
                scripts.push(value.to_owned());
            }
        }
        for script in scripts {
            let classes = self.within(&script);
            for class in [Class::ReverseShell, Class::DownloadAndRun, Class::Exfiltration, Class::Destructive] {
                if classes.contains(class) {
                    self.mark(class);
                }
            }
        }
    }
}
