//! Containers, clusters and terminals: a command for a place of its own.

use super::super::Class;
use super::super::command::{Call, quoted};
use super::super::interpret::is_shell;
use super::super::redirect::Io;
use super::super::state::Shell;
use super::super::value::{Taint, Value};

/// Commands worth looking for behind the name of a container.
const DANGEROUS: [&str; 24] = [
    "mysqldump",
    "mariadb-dump",
    "pg_dump",
    "pg_dumpall",
    "mongodump",
    "psql",
    "mysql",
    "printenv",
    "rm",
    "dd",
    "cat",
    "chroot",
    "nsenter",
    "curl",
    "wget",
    "nc",
    "ncat",
    "socat",
    "python",
    "python3",
    "perl",
    "ruby",
    "php",
    "mkfs",
];

impl Shell {
    /// Containers and terminals: the command comes somewhere behind, in a place of its own.
    pub(super) fn contained(&mut self, call: &Call<'_>) -> Taint {
        if matches!(call.name, "docker" | "podman" | "nerdctl") {
            let mounts_root = call.texts().enumerate().any(|(at, text)| {
                let value = text.strip_prefix("--volume=").or_else(|| text.strip_prefix("-v=")).or_else(|| {
                    let cluster = text.len() < 6 && text.starts_with('-') && !text.starts_with("--") && text.ends_with('v');
                    (text == "--volume" || cluster).then(|| call.text(at + 1))
                });
                let bind = text.strip_prefix("--mount=").or_else(|| (text == "--mount").then(|| call.text(at + 1)));
                value.is_some_and(|value| value.starts_with("/:") || value.starts_with("/etc:") || value.starts_with("/root:"))
                    || bind.is_some_and(|bind| bind.split(',').any(|field| matches!(field, "source=/" | "src=/")))
            });
            // Keys of the account, for whoever asks the container.
            let keys = call.texts().any(|text| {
                text.split(':').next().is_some_and(|folder| text.contains(':') && super::super::paths::is_secret_folder(folder, None))
            });
            if keys && call.texts().any(|text| matches!(text, "-p" | "--publish" | "-P" | "--network=host" | "--net=host")) {
                self.mark(Class::Exfiltration);
            }
            let debugs = call.texts().any(|text| text.ends_with("SYS_PTRACE")) && call.has("--pid=host");
            if debugs {
                self.mark(Class::PrivilegeChange);
            }
            let host = call.texts().any(|text| matches!(text, "--pid=host" | "--cap-add=ALL" | "--cap-add=SYS_ADMIN"));
            let host = host || call.texts().any(|text| is_shell(text.rsplit('/').next().unwrap_or_default()) || text == "nsenter");
            if mounts_root || (host && call.has("--privileged")) {
                self.mark(Class::PrivilegeChange);
            }
        }
        if call.name == "screen" && call.text(0).starts_with("-dm") {
            let at = if call.text(0).ends_with('S') || call.text(1) == "-S" { 2 } else { 1 };
            self.run_words(call, at + usize::from(call.text(1) == "-S"), &[]);
        }
        // Whatever comes before it: it leaves the place it is started in.
        if let Some(at) = call.texts().skip(1).position(|text| matches!(text, "nsenter" | "chroot")).map(|at| at + 1)
            && matches!(call.text(0), "exec" | "run")
        {
            self.run_words(call, at, &[]);
        }
        let behind = call.texts().position(|text| text == "--").map(|at| at + 1);
        let known = call.texts().skip(1).position(|text| is_shell(text.rsplit('/').next().unwrap_or_default())).map(|at| at + 1);
        let script = call.texts().skip(1).position(|text| text.contains(' ') && matches!(call.name, "tmux" | "screen")).map(|at| at + 1);
        if let Some(at) = script {
            let script = call.args.get(at).cloned().unwrap_or_default();
            self.run_value(&script, Value::default()).taint
        } else if let Some(at) = behind.or(known) {
            let words = call.args.get(at..).unwrap_or_default().to_vec();
            self.command(words, &Io { stdin: call.io.stdin.clone(), ..Io::default() }, &[]).taint.without(Taint::SHELL)
        } else if (matches!(call.text(0), "exec" | "run")
            || call.text(0) == "compose" && call.texts().take(6).any(|text| matches!(text, "exec" | "run")))
            && call.args.len() > 2
        {
            // Whatever comes last is the command; a bare name is nearly always an image or a container.
            let at = call
                .texts()
                .enumerate()
                .skip(1)
                .position(|(_, text)| DANGEROUS.contains(&text.rsplit('/').next().unwrap_or_default()))
                .map(|at| at + 1);
            at.map_or(Taint::NONE, |at| {
                let words = quoted(call.args.get(at..).unwrap_or_default());
                self.run_value(&words, Value::default()).taint.without(Taint::SHELL)
            })
        } else {
            Taint::NONE
        }
    }
}
