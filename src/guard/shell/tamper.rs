//! The system itself bent: protectors ended, its programs and logs replaced, marked or emptied.

use super::Class;
use super::command::Call;
use super::guardians::{is_protector, names_protector};
use super::hostile::{PROGRAMS, is_public};
use super::paths;
use super::state::Shell;
use super::value::HOLE;

/// Programs whose names attackers' files take.
pub(super) const SYSTEM: &[&str] = &[
    "ls", "ps", "top", "netstat", "ss", "lsof", "find", "ssh", "sshd", "login", "su", "sudo", "passwd", "cat", "sh", "bash", "dash",
    "ping", "id", "who", "w", "last", "ifconfig", "ip", "curl", "wget", "cron", "crond", "systemd", "init", "mount", "kill", "pkill",
    "killall", "chmod", "cp", "mv", "rm", "grep", "awk", "sed", "python3", "perl", "env", "useradd", "scp", "sftp", "date", "df", "du",
    "stat", "file", "whoami", "uname",
];

/// The system's own log, not some program's.
fn is_log(path: &str) -> bool {
    let path = path.strip_prefix("/private").unwrap_or(path);
    if ["/var/audit/", "/var/log/asl/", "/var/db/diagnostics", "/var/db/uuidtext"].iter().any(|place| path.starts_with(place)) {
        return true;
    }
    path.strip_prefix("/var/log/").is_some_and(|name| {
        [
            "syslog", "messages", "auth.log", "secure", "kern.log", "wtmp", "btmp", "lastlog", "audit/", "cron", "maillog", "dmesg",
            "utmp", "journal", "*",
        ]
        .iter()
        .any(|log| name.starts_with(log))
    })
}

impl Shell {
    /// A script takes the name of a program that everybody calls.
    pub(super) fn shadows(&mut self, path: &str, written: &super::value::Value) {
        let (folder, name) = path.rsplit_once('/').unwrap_or(("", path));
        let called = SYSTEM.contains(&name) || matches!(name, "git" | "docker" | "npm" | "kubectl" | "aws" | "gpg" | "pip" | "code");
        if called && folder.ends_with("/bin") && !written.text.trim().is_empty() {
            self.mark(Class::Persistence);
        }
    }

    /// What is done to protectors, logs and programs of the system.
    pub(super) fn tamper(&mut self, call: &Call<'_>) {
        match call.name {
            "kill" | "pkill" | "killall" | "skill" => {
                let words: String = self.showing.chars().take(1024).flat_map(char::to_lowercase).collect();
                if words.split(|c: char| !(c.is_alphanumeric() || matches!(c, '-' | '_'))).any(is_protector) {
                    self.mark(Class::ProtectionOff);
                }
                // A shell that ends itself so writes no history.
                if call.name == "kill" && call.has("-9") && self.showing.ends_with("$$") {
                    self.mark(Class::Destructive);
                }
                if call.name == "kill" && (self.showing.contains("pidof systemd") || self.showing.contains("pidof init")) {
                    self.mark(Class::Destructive);
                }
                if call.name == "pkill" && call.option(&["-u", "-U"]).is_some_and(|user| matches!(user.text.as_str(), "root" | "0")) {
                    self.mark(Class::Destructive);
                }
            }
            "apt" | "apt-get" | "yum" | "dnf" | "zypper" | "rpm" | "dpkg" | "pacman" | "apk" | "snap" | "aptitude" => {
                let removes = call.texts().any(|text| {
                    matches!(
                        text,
                        "remove"
                            | "purge"
                            | "erase"
                            | "autoremove"
                            | "del"
                            | "-e"
                            | "-r"
                            | "-P"
                            | "-R"
                            | "-Rns"
                            | "-Rs"
                            | "--purge"
                            | "--remove"
                    )
                });
                if removes && call.texts().any(|text| is_protector(&text.to_ascii_lowercase())) {
                    self.mark(Class::ProtectionOff);
                }
                if call.name == "snap" && call.has("--dangerous") && call.has("--devmode") {
                    self.mark(Class::PrivilegeChange);
                }
            }
            "rmmod" | "modprobe" if (call.name == "rmmod" || call.has("-r")) && call.texts().any(is_protector) => {
                self.mark(Class::ProtectionOff);
            }
            "modprobe" | "kextload" if call.operands().any(|module| module.text.contains('/')) => self.mark(Class::PrivilegeChange),
            "setfacl" if call.operands().any(|path| paths::written(&path.text, None) == Some(Class::PrivilegeChange)) => {
                self.mark(Class::PrivilegeChange);
            }
            "groupadd" if call.option(&["-g", "--gid"]).is_some_and(|group| group.text == "0") => self.mark(Class::PrivilegeChange),
            "mount" if call.texts().any(|text| text.starts_with("cgroup")) && call.has("-o") => self.mark(Class::PrivilegeChange),
            "iptables" | "ip6tables"
                if call.has("OUTPUT")
                    && call.texts().any(|text| matches!(text, "DROP" | "REJECT"))
                    && call.option(&["-d"]).is_some_and(|host| names_protector(&host.text)) =>
            {
                self.mark(Class::ProtectionOff);
            }
            "ldconfig" if call.option(&["-f"]).is_some_and(|path| is_public(&path.text, None)) => self.mark(Class::PrivilegeChange),
            "rm" | "shred" | "unlink" | "mv"
                if call.operands().any(|path| {
                    paths::written(&path.text, None) == Some(Class::ProtectionOff)
                        || path.text.starts_with(['/', '~']) && names_protector(&path.text)
                }) =>
            {
                self.mark(Class::ProtectionOff);
            }
            "firewall-cmd" if call.texts().any(|text| matches!(text, "--set-default-zone=trusted" | "--panic-off")) => {
                self.mark(Class::ProtectionOff)
            }
            "nft" if call.text(0) == "delete" && call.text(1) == "table" => self.mark(Class::ProtectionOff),
            "socketfilterfw" if call.has("--setglobalstate") && call.has("off") => self.mark(Class::ProtectionOff),
            "esxcli" if call.has("firewall") && call.has("false") => self.mark(Class::ProtectionOff),
            "defaults" if call.texts().any(|text| text.ends_with("com.apple.alf")) && call.has("globalstate") && call.has("0") => {
                self.mark(Class::ProtectionOff);
            }
            "mysqladmin" if call.has("drop") && (call.has("-f") || call.has("--force")) => self.mark(Class::Destructive),
            "apparmor_parser" if call.has("-R") || call.has("--remove") => self.mark(Class::ProtectionOff),
            "chattr" if call.operands().skip(1).any(|path| paths::written(&path.text, None).is_some()) => self.mark(Class::PrivilegeChange),
            "chattr"
                if call.texts().any(|text| text.starts_with('-') && text.contains(['i', 'a']))
                    && call.operands().any(|path| paths::written(&path.text, None).is_some()) =>
            {
                self.mark(Class::PrivilegeChange);
            }
            "chmod"
                if matches!(call.text(0), "-x" | "a-x" | "000" | "0" | "ugo-x")
                    && call.texts().skip(1).any(|path| PROGRAMS.iter().any(|folder| path.starts_with(folder))) =>
            {
                self.mark(Class::Destructive);
            }
            "mount"
                if call.operands().last().is_some_and(|to| {
                    to.text.strip_prefix("/proc/").is_some_and(|process| process.starts_with(|c: char| c.is_ascii_digit() || c == HOLE))
                }) =>
            {
                self.mark(Class::Obfuscation);
            }
            "mount"
                if call.texts().any(|text| matches!(text, "--bind" | "bind" | "--rbind" | "-B"))
                    && call.operands().last().is_some_and(|to| {
                        matches!(
                            to.text.trim_end_matches('/'),
                            "/etc" | "/usr" | "/bin" | "/sbin" | "/lib" | "/usr/bin" | "/usr/lib" | "/boot" | "/root"
                        )
                    }) =>
            {
                self.mark(Class::PrivilegeChange);
            }
            "shred" | "rm" | "srm"
                if call.operands().any(|path| {
                    let path = paths::canonical(&path.text, None);
                    matches!(path.trim_end_matches("/*"), "~/.ssh" | "~/.gnupg" | "~/.password-store")
                        && (call.name == "shred" || call.letter('r') || call.letter('R') || path.ends_with("/*"))
                }) =>
            {
                self.mark(Class::Destructive);
            }
            "truncate" | "shred" | "rm" | "unlink" if call.operands().any(|path| is_log(&path.text)) => self.mark(Class::Destructive),
            "journalctl" => {
                let spent =
                    call.texts().find_map(|text| text.strip_prefix("--vacuum-time=").or_else(|| text.strip_prefix("--vacuum-size=")));
                if spent.is_some_and(|most| matches!(most, "1s" | "0s" | "1" | "1K" | "0" | "1us" | "1ms" | "1m")) {
                    self.mark(Class::Destructive);
                }
            }
            "touch"
                if call
                    .texts()
                    .any(|text| matches!(text, "-r" | "-d" | "-t") || text.starts_with("--reference") || text.starts_with("--date")) =>
            {
                let program = |path: &str| PROGRAMS.iter().any(|folder| path.starts_with(folder));
                let from = call.option(&["-r", "--reference"]).is_some_and(|path| program(&path.text));
                if from || call.operands().last().is_some_and(|path| program(&path.text)) {
                    self.mark(Class::Obfuscation);
                }
            }
            _ => {}
        }
        if matches!(call.name, "cp" | "mv" | "ln" | "install" | "dd" | "curl" | "wget") {
            self.replaces(call);
        }
    }

    /// A program everybody calls is replaced.
    fn replaces(&mut self, call: &Call<'_>) {
        let target = match call.name {
            "dd" => call.texts().find_map(|text| text.strip_prefix("of=")).map(str::to_owned),
            "curl" => call.option(&["-o", "--output"]).map(|path| path.text),
            "wget" => call.option(&["-O", "--output-document"]).map(|path| path.text),
            _ => call.operands().last().filter(|_| call.operands().count() > 1).map(|path| path.text.clone()),
        };
        let Some(target) = target else { return };
        let name = target.rsplit('/').next().unwrap_or_default();
        let folder = target.get(..target.len().saturating_sub(name.len())).unwrap_or_default();
        let from_public = call.operands().next().is_some_and(|from| is_public(&from.text, None) && from.text != target);
        let library = folder.ends_with("/security/") && name.starts_with("pam_");
        let shell = |path: &str| super::interpret::is_shell(path.rsplit('/').next().unwrap_or_default());
        if PROGRAMS.contains(&folder) && !shell(name) && call.operands().next().is_some_and(|from| shell(&from.text)) {
            self.mark(Class::Persistence);
        }
        if PROGRAMS.contains(&folder) && call.operands().next().is_some_and(|from| super::hostile::is_odd(&from.text, None)) {
            self.mark(Class::Persistence);
        }
        let other_program = from_public && call.name == "ln" && SYSTEM.contains(&name);
        if PROGRAMS.contains(&folder)
            && (other_program || SYSTEM.contains(&name) && call.name != "ln" || from_public && name.starts_with('.'))
            || library
        {
            self.mark(Class::Persistence);
        }
    }
}
