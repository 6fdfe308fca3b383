//! Shells among the arguments of programs that nothing else here knows: what names one there nearly always starts it.

use super::Class;
use super::command::Call;
use super::interpret::is_shell;
use super::redirect::Io;
use super::state::Shell;
use super::value::{Value, part, rest};

/// Programs for which a shell is a file, a word or an account's setting; or which start one in a place of its own.
const NAME_ONLY: &[&str] = &[
    "chsh",
    "add-shell",
    "remove-shell",
    "useradd",
    "usermod",
    "adduser",
    "pw",
    "dscl",
    "chpass",
    "getent",
    "ls",
    "ll",
    "dir",
    "stat",
    "file",
    "ldd",
    "readelf",
    "objdump",
    "strings",
    "nm",
    "size",
    "md5sum",
    "sha1sum",
    "sha256sum",
    "sha512sum",
    "shasum",
    "cksum",
    "b3sum",
    "diff",
    "cmp",
    "which",
    "whereis",
    "type",
    "whatis",
    "apropos",
    "man",
    "info",
    "tldr",
    "dpkg",
    "dpkg-query",
    "dpkg-divert",
    "rpm",
    "apt",
    "apt-get",
    "apt-file",
    "dnf",
    "yum",
    "pacman",
    "apk",
    "brew",
    "grep",
    "egrep",
    "fgrep",
    "rg",
    "ag",
    "ack",
    "zgrep",
    "sed",
    "gsed",
    "awk",
    "gawk",
    "mawk",
    "test",
    "[",
    "ln",
    "cp",
    "mv",
    "rm",
    "chmod",
    "chown",
    "chgrp",
    "install",
    "mkdir",
    "getfacl",
    "setfacl",
    "getcap",
    "setcap",
    "docker",
    "podman",
    "nerdctl",
    "docker-compose",
    "kubectl",
    "oc",
    "lxc",
    "lxc-attach",
    "ctr",
    "crictl",
    "nomad",
    "heroku",
    "fly",
    "flyctl",
    "ssh",
    "autossh",
    "slogin",
    "git",
    "gh",
    "glab",
    "hg",
    "svn",
    "tmux",
    "screen",
    "make",
    "gmake",
    "cmake",
    "realpath",
    "readlink",
    "basename",
    "dirname",
    "touch",
    "locate",
    "crontab",
    "pgrep",
    "pkill",
    "ps",
    "killall",
    "lsof",
    "fuser",
    "head",
    "tail",
    "wc",
    "sort",
    "uniq",
    "cut",
    "tr",
    "jq",
    "yq",
    "shellcheck",
    "shfmt",
    "curl",
    "wget",
    "helm",
    "aws",
    "gcloud",
    "az",
    "tar",
    "zip",
    "code",
    "update-alternatives",
    "checksec",
    "entr",
    "toolbox",
    "systemd-nspawn",
    "machinectl",
    "docker-machine",
    "wsl",
    "sudo",
    "doas",
    "less",
    "more",
    "vi",
    "vim",
    "nvim",
    "tee",
    "patch",
    "distrobox",
    "flatpak",
    "multipass",
    "virsh",
    "guestfish",
    "virt-customize",
    "debootstrap",
    "schroot",
    "proot",
    "arch-chroot",
    "jexec",
    "jail",
    "pct",
    "ddev",
    "lando",
    "npm",
    "pnpm",
    "yarn",
    "apparmor_parser",
    "semanage",
    "chcon",
    "restorecon",
    "source",
    "export",
    "xterm",
    "gnome-terminal",
    "konsole",
    "urxvt",
    "alacritty",
    "kitty",
    "xfce4-terminal",
    "terminator",
    "cat",
    "bat",
    "logger",
    "notify-send",
];

/// What code looks like that starts a process, whatever its language.
const STARTS: &[&str] = &[
    "system(\"",
    "system('",
    "os.system(",
    "os.execute(",
    "popen(",
    "exec(\"/",
    "exec('/",
    "execl(\"",
    "execute(\"/",
    "\\write18{",
    "%pipe%",
    "callcommand",
    "pty.spawn(",
    "child_process",
    "process.start(",
    "passthru(",
    "shell_exec(",
    "unixexec:",
    "shellout(",
];

impl Shell {
    /// Looks for a shell in what a program is told.
    pub(super) fn told(&mut self, call: &Call<'_>) {
        let launches = ["--gpu-launcher=", "--renderer-cmd-prefix=", "--utility-cmd-prefix=", "--browser-subprocess-path="];
        if call.texts().any(|text| launches.iter().any(|option| text.starts_with(option))) {
            self.mark(Class::ShellEscape);
        }
        let runs = match call.name {
            "less" | "more" | "most" | "view" => call.texts().any(|text| text.starts_with("+!")),
            "psql" => call.texts().any(|text| text.trim_start_matches("-o").starts_with('|')),
            "man" => call.texts().any(|text| text.starts_with("-H/") || text.starts_with("-P/")),
            "npm" | "yarn" | "pnpm" => call.text(0) == "exec" && call.texts().any(has_path),
            _ => false,
        };
        if runs {
            self.mark(Class::ShellEscape);
        }
        let set = call.name.starts_with("apt")
            && call.option(&["-c"]).and_then(|path| self.file(&path.text)).is_some_and(|file| shows_in_input(&file));
        if set {
            self.mark(Class::ShellEscape);
        }
        // Said to the pager or editor that a program opens.
        let said = call.io.stdin.is_known()
            && call.io.stdin.text.lines().take(64).any(|line| {
                line.trim_start().strip_prefix('!').is_some_and(|word| is_shell(word.trim().rsplit('/').next().unwrap_or_default()))
            });
        if said {
            self.mark(Class::ShellEscape);
        }
        if NAME_ONLY.contains(&call.name) {
            return;
        }
        // What the text itself wrote before.
        let scripts: Vec<Value> = call.operands().take(8).filter_map(|path| self.file(&path.text)).collect();
        if scripts.iter().any(shows_in_input) {
            self.mark(Class::ShellEscape);
        }
        if call.texts().any(shows_shell) || shows_in_input(&call.io.stdin) {
            self.mark(Class::ShellEscape);
        }
        // `program sh -c '..'`: what is given to the shell counts as well.
        let at = call.texts().zip(call.texts().skip(1)).position(|(word, next)| {
            is_shell(word.rsplit('/').next().unwrap_or_default()) && matches!(next, "-c" | "-lc" | "-ic" | "-i" | "-p")
        });
        if let Some(at) = at {
            let words = call.args.get(at..).unwrap_or_default().to_vec();
            self.command(words, &Io::default(), &[]);
        }
    }

    /// A line that a pager, an editor or a debugger reads as a call for a shell: `!/bin/sh`, `:!sh`; or nothing but the path of one.
    pub(super) fn asked(&mut self, raws: &[&str], stdin: &Value) {
        let Some((first, args)) = raws.split_first() else { return };
        let bare = first.trim_start_matches([':', '\\', '!', '^', ']', '\'', '"']).trim_end_matches(['\'', '"']);
        let name = bare.rsplit('/').next().unwrap_or_default();
        let called = first.trim_start_matches(':').starts_with('!') || first.starts_with("\\!");
        let alone = args.is_empty() && first.starts_with('/') && stdin.text.is_empty() && !stdin.taint.any() && self.remote == 0;
        if (called || alone) && is_shell(name) {
            self.mark(Class::ShellEscape);
        }
    }
}

/// A line of another language, said to a program that was started by the line before.
pub(super) fn said_later(text: &str) -> bool {
    text.lines().skip(1).any(|line| {
        line.len() < 512 && line.contains('(') && has_path(line) && {
            let lower = line.to_ascii_lowercase();
            STARTS.iter().any(|sign| lower.contains(sign)) && line.trim_start().starts_with(|c: char| c.is_ascii_alphabetic())
        }
    })
}

/// Whether an argument names a shell by its path, or calls one.
fn shows_shell(text: &str) -> bool {
    if text.len() < 3 || text.len() > 16 * 1024 {
        return false;
    }
    let value = text.split_once('=').map_or(text, |(_, value)| value).trim_start();
    let value = value.trim_start_matches(['!', ';', '|', '`', '$', '(', '{', '}', '"', '\'', ' ']);
    let mut words = value.split_whitespace();
    let first = words.next().unwrap_or_default();
    let called = is_shell(first) && (text.starts_with('!') || words.next().is_some_and(|word| matches!(word, "-c" | "-i" | "-p" | "-s")));
    if called || has_path(text) {
        return true;
    }
    if !text.contains(['(', '{', '%', ':', ' ']) {
        return false;
    }
    let lower: String = text.chars().filter(|c| !c.is_whitespace()).flat_map(char::to_lowercase).collect();
    STARTS.iter().any(|sign| lower.contains(sign))
}

/// `/bin/sh` as a word of its own, and no first line of a script.
fn has_path(text: &str) -> bool {
    text.match_indices("/bin/").any(|(at, found)| {
        let name = rest(text, at + found.len());
        let end = name.find(|c: char| !c.is_ascii_alphanumeric()).unwrap_or(name.len());
        let before = part(text, 0, at);
        let script = before.ends_with("#!") || before.ends_with("#!/usr") || before.ends_with("#! ");
        is_shell(part(name, 0, end)) && !script && !rest(name, end).starts_with(['.', '-'])
    })
}

/// Input that is known and calls a shell in some language.
fn shows_in_input(stdin: &Value) -> bool {
    stdin.is_known() && stdin.text.len() < 16 * 1024 && stdin.text.lines().any(|line| !line.starts_with('#') && shows_shell(line))
}
