//! What the arguments of any command tell: paths of secrets, and paths within other text.

use super::Class;
use super::command::Call;
use super::state::Shell;

impl Shell {
    /// Arguments that are paths of secrets, unless the command only names them.
    pub(super) fn look_at_arguments(&mut self, call: &Call<'_>) {
        const NAMES_ONLY: &[&str] = &[
            "ls",
            "ll",
            "dir",
            "stat",
            "file",
            "chmod",
            "chown",
            "chgrp",
            "mkdir",
            "touch",
            "test",
            "[",
            "ssh-keygen",
            "ssh-add",
            "ssh-copy-id",
            "ssh",
            "sftp",
            "mosh",
            "echo",
            "printf",
            "cd",
            "pushd",
            "export",
            "alias",
            "basename",
            "dirname",
            "realpath",
            "readlink",
            "which",
            "type",
            "find",
            "fd",
            "locate",
            "umask",
            "getfacl",
            "setfacl",
            "lsattr",
            "chattr",
            "git",
            "docker",
            "podman",
            "docker-compose",
            "kubectl",
            "helm",
            "ansible",
            "ansible-playbook",
            "npm",
            "pnpm",
            "yarn",
            "gh",
            "rm",
            "mv",
            "rmdir",
            "unlink",
            "shred",
            "du",
            "source",
            ".",
            "sudo",
            "doas",
            "env",
            "eval",
            "sh",
            "bash",
            "zsh",
            "dash",
            "xargs",
            "trap",
            "set",
            "unset",
            "declare",
            "local",
            "readonly",
            "typeset",
            "gpg",
            "restic",
            "htpasswd",
            "postmap",
            "wpa_supplicant",
        ];
        let in_place = matches!(call.name, "sed" | "gsed")
            && call.texts().any(|text| text.starts_with("-i") || text.starts_with("--in-place"))
            && !call.texts().any(|text| text.ends_with('p') && text.contains('/') && !text.starts_with('-') || text.contains("w /"));
        // Names of variables, without what they hold.
        let keys = matches!(call.name, "grep" | "egrep")
            && call.texts().any(|text| text.starts_with('-') && !text.starts_with("--") && text.contains('o'))
            && call
                .operands()
                .next()
                .is_some_and(|pattern| pattern.text.starts_with('^') && pattern.text.trim_end_matches(')').ends_with('='))
            || matches!(call.name, "cut") && call.has("-f1") && (call.has("-d=") || call.has("="));
        let environment_only = call.operands().all(|path| {
            !path.text.contains(['/', '.'])
                || path.text.rsplit('/').next().is_some_and(|name| name.starts_with(".env"))
                || path.text.starts_with(['^', 's', '/'])
        });
        if NAMES_ONLY.contains(&call.name) || (in_place || keys) && environment_only {
            return;
        }
        const READERS: [&str; 16] =
            ["cat", "less", "more", "head", "tail", "bat", "base64", "xxd", "strings", "od", "tac", "nl", "cut", "vim", "nano", "view"];
        if READERS.contains(&call.name) && call.operands().any(|path| super::paths::is_key_file(&path.text)) {
            self.mark(Class::CredentialRead);
        }
        let copies = matches!(
            call.name,
            "cp" | "tar" | "zip" | "scp" | "rsync" | "cat" | "7z" | "7za" | "gzip" | "install" | "rclone" | "base64" | "xxd"
        );
        if matches!(call.name, "sqlite3" | "psql" | "mysql" | "mariadb" | "terraform" | "tofu" | "gnuplot" | "duckdb")
            && call.io.stdin.is_known()
        {
            self.reads_within(&call.io.stdin.text);
        }
        // What is copied to is not read.
        let last = call.args.len().saturating_sub(usize::from(matches!(call.name, "cp" | "install") && call.args.len() > 1));
        let mut names_key = false;
        // What is looked for is no file.
        let pattern = match call.name {
            "grep" | "egrep" | "fgrep" | "rg" | "ag" | "ack" | "zgrep" | "ugrep" => {
                let given = call.texts().position(|text| matches!(text, "-e" | "--regexp")).map(|at| at + 1);
                given.or_else(|| call.texts().position(|text| !text.starts_with('-')).filter(|_| call.operands().count() > 1))
            }
            _ => None,
        };
        for (at, arg) in call.args.iter().enumerate().take(last) {
            if Some(at) == pattern && !call.has("-f") {
                continue;
            }
            let text = arg.text.as_str();
            let skipped = std::mem::replace(
                &mut names_key,
                matches!(text, "-i" if matches!(call.name, "scp" | "rsync" | "rclone"))
                    || matches!(
                        text,
                        "--kubeconfig"
                            | "--key"
                            | "--private-key"
                            | "--identity"
                            | "--identity-file"
                            | "--env-file"
                            | "-keyout"
                            | "--exclude"
                    ),
            );
            if skipped && !matches!(call.name, "cat" | "sed" | "grep" | "cp" | "head" | "tail")
                || text.starts_with("--exclude")
                || text.starts_with("--env-file")
                || text.starts_with("--kubeconfig")
            {
                continue;
            }
            let path = match text.split_once(['=', '@']) {
                Some((_, path)) if path.starts_with(['/', '~', '.']) || text.starts_with('@') => path,
                _ => text,
            };
            if text.contains("file://") {
                let path = text.split("file://").nth(1).unwrap_or_default().to_owned();
                self.reads(&path);
            }
            self.reads(path);
            self.reads_within(text);
            if copies && super::paths::is_secret_folder(path, self.cwd.as_deref()) && call.name != "cat" {
                self.mark(Class::CredentialRead);
            }
        }
    }
}

impl Shell {
    /// Whole paths that stand within other text: `file("/etc/shadow")`, `--opts=@/etc/shadow`.
    fn reads_within(&mut self, text: &str) {
        if !text.contains('/') || text.contains("://") {
            return;
        }
        let inner =
            |c: char| c.is_whitespace() || matches!(c, '{' | '}' | '(' | ')' | '"' | '\'' | ',' | ';' | '=' | ':' | '<' | '>' | '@' | '|');
        for path in text.split(inner).filter(|path| path.starts_with(['/', '~'])).take(64) {
            self.reads(path);
        }
    }
}
