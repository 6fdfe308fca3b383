//! Ways past a system's own walls that say themselves what they are: the host's root entered from within a container, mounts that keep rights, known holes, and
//! what wears a machine out.

use super::Class;
use super::command::Call;
use super::paths;
use super::state::Shell;
use super::value::Taint;

/// Where those who build containers put the host's root.
fn is_hosts_root(path: &str) -> bool {
    let bare = path.trim_end_matches('/');
    matches!(bare, "/host" | "/hostfs" | "/rootfs" | "/mnt/host" | "/mnt/root" | "/host-root" | "/hostroot")
        || bare
            .strip_prefix("/proc/")
            .is_some_and(|rest| rest.ends_with("/root") && rest.matches('/').count() == 1 && !rest.starts_with("self"))
}

impl Shell {
    pub(super) fn breaches(&mut self, call: &Call<'_>) {
        match call.name {
            "chroot" => {
                let root = call.operands().next().map_or("", |root| root.text.as_str());
                if is_hosts_root(root) || self.mounted.iter().any(|place| place == root.trim_end_matches('/')) {
                    self.mark(Class::PrivilegeChange);
                }
            }
            "mount" => {
                let options = call.option(&["-o", "--options"]).map(|options| options.text).unwrap_or_default();
                let keeps = options.split(',').any(|option| matches!(option, "suid" | "lowerdir=/"));
                if keeps && !call.has("remount") {
                    self.mark(Class::PrivilegeChange);
                }
                let mut operands = call.operands().filter(|path| path.text.starts_with('/'));
                if let (Some(disk), Some(place)) = (operands.next(), operands.next())
                    && paths::is_disk(&disk.text)
                    && self.mounted.len() < 16
                {
                    self.mounted.push(place.text.trim_end_matches('/').to_owned());
                }
            }
            // A hole of 2021: no editor is asked for a shell.
            "sudoedit" if call.letter('s') || call.letter('i') => self.mark(Class::PrivilegeChange),
            "sudo" if call.has("-e") && (call.has("-s") || call.has("-i")) => self.mark(Class::PrivilegeChange),
            "kexec" if call.has("-e") || call.has("--exec") => self.mark(Class::Destructive),
            "gdb" | "strace" | "ltrace" | "ptrace" if call.option(&["-p", "--pid"]).is_some_and(|process| process.text == "1") => {
                self.mark(Class::PrivilegeChange);
            }
            "setfacl"
                if (call.letter('R') || call.has("--recursive"))
                    && call.operands().any(|path| paths::is_vital(&path.text, self.cwd.as_deref()) && path.text.len() < 6) =>
            {
                self.mark(Class::PrivilegeChange);
            }
            "flashrom" if call.letter('w') || call.letter('E') => self.mark(Class::Destructive),
            "pkill" | "killall" => {
                let all = call.operands().any(|name| matches!(name.text.as_str(), "." | ".*" | "")) && call.name == "pkill";
                let whose = call.option(&["-u", "-U", "--user"]).is_some() && call.operands().count() < 2 && call.name == "killall";
                if all || whose {
                    self.mark(Class::Destructive);
                }
            }
            // Without an end.
            "tail" | "cat" | "sort" | "head"
                if call.name != "head"
                    && call
                        .operands()
                        .any(|path| matches!(path.text.as_str(), "/dev/zero" | "/dev/urandom") && call.io.outputs.is_empty())
                    && call.name != "cat" =>
            {
                self.mark(Class::Destructive);
            }
            "yes"
                if call.io.outputs.iter().any(|(path, _)| {
                    path.starts_with(['/', '~']) && !path.starts_with("/dev/") && !super::hostile::is_public(path, None)
                }) =>
            {
                self.mark(Class::Destructive);
            }
            "m4" => {
                let input = call.io.stdin.text.clone();
                for behind in input.split("syscmd(").skip(1).take(16) {
                    let script = behind.split(')').next().unwrap_or_default().trim_matches(['`', '\'', '"']);
                    self.run_value(&super::value::Value { text: script.to_owned(), taint: Taint::NONE }, super::value::Value::default());
                }
            }
            _ => {}
        }
        if call.texts().any(|text| text.starts_with("/proc/1/root")) {
            self.mark(Class::PrivilegeChange);
        }
    }
}
