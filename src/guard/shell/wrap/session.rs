//! Programs that start a shell when they are given no command: what they read is its script.

use super::super::command::Call;
use super::super::state::Shell;
use super::super::value::Value;

impl Shell {
    /// `newgrp docker <<< '..'`, `sudo -s <<EOF`, `chroot /mnt <<EOF`
    pub(super) fn session(&mut self, call: &Call<'_>) {
        if call.io.stdin.text.trim().is_empty() {
            return;
        }
        let operands = || call.operands().count();
        let has = |options: &[&str]| call.texts().any(|text| options.contains(&text));
        let starts = match call.name {
            "newgrp" | "sg" | "su" | "runuser" | "login" => !has(&["-c", "--command", "--session-command"]),
            "sudo" | "doas" | "run0" => {
                has(&["-s", "-i", "--shell", "--login", "-si", "-is"]) && operands() <= usize::from(has(&["-u", "--user"]))
            }
            "chroot" => operands() == 1,
            "unshare" | "fakeroot" | "proot" | "nix-shell" | "machinectl" | "systemd-nspawn" => {
                operands() <= usize::from(call.text(0) == "shell") + 1
            }
            "nsenter" => operands() <= 1,
            "script" => !has(&["-c", "--command"]),
            "lxc-attach" | "toolbox" | "distrobox" | "multipass" => !has(&["--"]) && matches!(call.text(0), "-n" | "enter" | "shell"),
            _ => false,
        };
        if starts {
            let script = call.io.stdin.clone();
            self.run_value(&script, Value::default());
        }
    }
}
