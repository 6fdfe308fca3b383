//! Commands that run another command, given as their arguments.

mod behind;
mod contained;
mod each;
mod find;
mod session;
mod table;
mod users;

use super::Class;
use super::command::Call;
use super::interpret::is_shell;
use super::state::Shell;
use super::value::{Taint, Value};
use table::{WRAPPERS, Wrapper};

impl Shell {
    pub(super) fn wrapper(&mut self, call: &Call<'_>) -> Option<Value> {
        let name = call.name;
        self.session(call);
        if name.starts_with("ld-linux") || name.starts_with("ld-musl") {
            return Some(self.run_words(call, 0, &[]));
        }
        match name {
            "env" => return Some(self.env(call)),
            "command" if call.letter('v') || call.letter('V') => {
                return Some(Value::known(format!("{}\n", call.operands().next().map_or("", |name| name.text.as_str()))));
            }
            "command" => return Some(self.run_words(call, call.texts().take_while(|text| text.starts_with('-')).count(), &[])),
            "xargs" | "gxargs" => return Some(self.xargs(call)),
            "parallel" | "rush" => return Some(self.parallel(call)),
            "find" | "gfind" | "fd" | "fdfind" | "bfs" => return Some(self.find(call)),
            "busybox" | "toybox" => {
                if is_bare_shell(call, 0) && call.io.stdin.text.is_empty() {
                    self.mark(Class::ShellEscape);
                }
                return Some(self.run_words(call, 0, &[]));
            }
            "su" | "runuser" => return Some(self.su(call)),
            "sg" | "newgrp" => {
                self.mark(Class::Elevation);
                return Some(self.given(call, &["-c"]).unwrap_or_default());
            }
            "script" | "scriptreplay" | "vagrant" | "machinectl" => return self.given(call, &["-c", "--command"]),
            "watch" | "gwatch" => {
                let at = self.skip(call, &["-n", "--interval", "-d"], 0);
                let words = call.has("-x") || call.has("--exec");
                return Some(if words { self.run_words(call, at, &[]) } else { self.run_joined(call, at) });
            }
            "flock" => {
                if let Some(output) = self.given(call, &["-c", "--command"]) {
                    return Some(output);
                }
                let at = self.skip(call, &["-w", "-E", "--timeout"], 1);
                if is_bare_shell(call, at) {
                    self.mark(Class::ShellEscape);
                }
                return Some(self.run_words(call, at, &[]));
            }
            "docker" | "podman" | "nerdctl" | "lxc" | "lxc-attach" | "kubectl" | "oc" | "docker-compose" | "ctr" | "crictl" | "tmux"
            | "screen" | "heroku" | "nomad" => {
                self.inner = self.contained(call);
                return None;
            }
            "salt" | "salt-ssh" | "pssh" | "parallel-ssh" | "pdsh" | "clush" | "dsh" => {
                if let Some(script) = call.args.last().filter(|script| script.text.contains(' ')).cloned() {
                    self.run_value(&script, Value::default());
                }
                return None;
            }
            "ansible" => return Some(self.given(call, &["-a", "--args"]).unwrap_or_default()),
            "gcloud" | "aws" | "az" | "fly" | "flyctl" => {
                if let Some(script) = call.option(&["--command", "-C"]) {
                    self.run_value(&script, Value::default());
                }
                return None;
            }
            _ => {}
        }
        let Wrapper(_, valued, before) = WRAPPERS.iter().find(|wrapper| wrapper.0 == name)?;
        let elevates = matches!(name, "sudo" | "doas" | "pkexec" | "gosu" | "su-exec" | "run0");
        if elevates {
            self.mark(Class::Elevation);
            let user = call.option(&["-u", "--user"]);
            if user.as_ref().is_some_and(|user| matches!(user.text.as_str(), "#-1" | "#4294967295")) {
                self.mark(Class::PrivilegeChange);
            }
            let root = user.is_none_or(|user| matches!(user.text.as_str(), "root" | "#0" | "0" | "#-1" | "#4294967295"));
            let at = self.skip(call, valued, *before);
            let shell = call.texts().take(at).any(|option| matches!(option, "-s" | "-i" | "--shell" | "--login" | "-si" | "-is"));
            let at = self.skip(call, valued, *before);
            if call.text(at).is_empty() && shell && root {
                self.mark(Class::PrivilegeChange);
            }
            if root && is_bare_shell(call, at) && !call.io.stdin.taint.has(Taint::NET) && call.io.stdin.text.is_empty() {
                self.mark(Class::PrivilegeChange);
            }
            // A login as root, for a shell that is told what to do.
            let logs_in = call.texts().take(at).any(|option| matches!(option, "-i" | "--login" | "-s" | "--shell"));
            if root && logs_in && is_shell(call.text(at).rsplit('/').next().unwrap_or_default()) {
                self.mark(Class::PrivilegeChange);
            }
            if name == "pkexec" && is_shell(call.text(at).rsplit('/').next().unwrap_or_default()) {
                self.mark(Class::PrivilegeChange);
            }
            for arg in call.args.get(..at).unwrap_or_default() {
                if let Some((variable, value)) = arg.text.split_once('=').filter(|(name, _)| !name.starts_with('-')) {
                    self.sets(variable, &Value { text: value.to_owned(), taint: arg.taint });
                }
            }
            return Some(self.run_words(call, at, &[]));
        }
        let at = self.skip(call, valued, *before);
        if name == "nsenter"
            && call.texts().zip(call.texts().skip(1)).any(|(option, target)| matches!(option, "-t" | "--target") && target == "1")
        {
            self.mark(Class::PrivilegeChange);
        }
        let by_path = (matches!(name, "unshare" | "ssh-agent" | "systemd-run" | "firejail") || name == "nsenter" && at == 0)
            && call.text(at).starts_with('/');
        if is_bare_shell(call, at)
            && (by_path || !matches!(name, "chroot" | "nsenter" | "unshare" | "exec" | "firejail" | "bwrap" | "ssh-agent" | "systemd-run"))
        {
            self.mark(Class::ShellEscape);
        }
        let timed = name == "systemd-run" && call.texts().take(at).any(|option| option.starts_with("--on-"));
        if timed && super::hostile::is_public(call.text(at), None) {
            self.mark(Class::Persistence);
        }
        if name == "hyperfine" {
            return Some(call.operands().fold(Value::default(), |_, script| self.run_value(script, Value::default())));
        }
        Some(self.run_words(call, at, &[]))
    }

    /// Behind options, assignments and so many operands: where the command begins.
    fn skip(&self, call: &Call<'_>, valued: &[&str], operands: usize) -> usize {
        let (mut at, mut left) = (0, operands);
        while at < call.args.len() {
            let text = call.text(at);
            if text == "--" {
                at += 1;
                if left == 0 {
                    break;
                }
            } else if text.starts_with('-') && text.len() > 1 {
                at += if valued.contains(&text) { 2 } else { 1 };
            } else if left > 0 {
                left -= 1;
                at += 1;
            } else if text.split_once('=').is_some_and(|(name, _)| !name.is_empty() && super::parameter::name(name).len() == name.len()) {
                at += 1;
            } else {
                break;
            }
        }
        at.min(call.args.len())
    }

    /// An option that holds a whole script.
    pub(super) fn given(&mut self, call: &Call<'_>, names: &[&str]) -> Option<Value> {
        let clustered = || {
            call.args
                .iter()
                .zip(call.args.iter().skip(1))
                .find(|(option, _)| option.text.starts_with('-') && !option.text.starts_with("--") && option.text.ends_with('c'))
        };
        let script =
            call.option(names).filter(|script| !script.text.is_empty()).or_else(|| clustered().map(|(_, script)| script.clone()))?;
        if is_shell(script.text.trim().rsplit('/').next().unwrap_or_default()) {
            self.mark(Class::ShellEscape);
        }
        Some(self.run_value(&script, call.io.stdin.clone()))
    }
}

/// A shell with nothing to do but to talk to whoever is there.
pub(super) fn is_bare_shell(call: &Call<'_>, at: usize) -> bool {
    let inner = call.args.get(at..).unwrap_or_default();
    inner.first().is_some_and(|first| is_shell(first.text.rsplit('/').next().unwrap_or_default()))
        && inner.iter().skip(1).all(|arg| matches!(arg.text.as_str(), "-i" | "-l" | "-p" | "--login" | "-il" | "--norc" | "--noprofile"))
}
