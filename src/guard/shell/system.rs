//! The system at large: schedules, services, protection, processes.

use super::Class;
use super::command::Call;
use super::guardians::{is_protector, names_protector};
use super::state::Shell;
use super::value::{Taint, Value};

impl Shell {
    pub(super) fn system(&mut self, call: &Call<'_>) {
        match call.name {
            "crontab" => self.crontab(call),
            "at" | "batch" => {
                self.mark(Class::Scheduling);
                if call.io.stdin.text.contains("/tmp/") {
                    self.mark(Class::Persistence);
                }
                self.run_value_if_known(&call.io.stdin);
                if let Some(path) = call.option(&["-f"]) {
                    match self.file(&path.text) {
                        Some(script) => drop(self.run_value(&script, Value::default())),
                        None if super::hostile::is_public(&path.text, self.cwd.as_deref()) => self.mark(Class::Persistence),
                        None => self.strays(&path.text),
                    }
                }
            }
            "systemctl" | "service" | "rc-service" | "launchctl" | "chkconfig" | "update-rc.d" | "sv" => self.service(call),
            "iptables" | "ip6tables" => {
                let everything = matches!(call.text(0), "-I" | "-A")
                    && call.text(call.args.len().saturating_sub(1)) == "ACCEPT"
                    && (call.args.len() == 4 || call.args.len() == 5 && call.text(2) == "1");
                let opens = everything
                    || call
                        .texts()
                        .zip(call.texts().skip(2))
                        .any(|(option, policy)| matches!(option, "-P" | "--policy") && policy == "ACCEPT");
                let unblocks = matches!(call.text(0), "-D" | "--delete") && call.texts().any(|text| matches!(text, "DROP" | "REJECT"));
                if unblocks
                    || call.has("-F") && call.args.iter().all(|arg| matches!(arg.text.as_str(), "-F" | "INPUT" | "OUTPUT" | "FORWARD"))
                    || call.has("--flush")
                    || opens
                {
                    self.mark(Class::ProtectionOff);
                }
            }
            "nft" if call.text(0) == "flush" => self.mark(Class::ProtectionOff),
            "ufw"
                if matches!(call.text(0), "disable" | "reset")
                    || call.text(0) == "logging" && call.text(1) == "off"
                    || call.has("disable") =>
            {
                self.mark(Class::ProtectionOff)
            }
            "setenforce" if matches!(call.text(0), "0" | "Permissive" | "permissive") => self.mark(Class::ProtectionOff),
            "auditctl" if call.has("-D") || (call.has("-e") && call.has("0")) || call.has("-e0") => self.mark(Class::ProtectionOff),
            "aa-disable" | "aa-teardown" => self.mark(Class::ProtectionOff),
            "spctl" if call.has("--master-disable") || call.has("--global-disable") => self.mark(Class::ProtectionOff),
            "csrutil" if call.has("disable") => self.mark(Class::ProtectionOff),
            "kill" if call.operands().any(|process| process.text == "1") => self.mark(Class::Destructive),
            "kill" | "killall5"
                if call.name == "killall5" || call.args.iter().skip(1).any(|arg| arg.text == "-1") && call.args.len() > 1 =>
            {
                self.mark(Class::Destructive)
            }
            "mknod"
                if call.operands().nth(1).is_some_and(|kind| kind.text == "b")
                    && call.operands().nth(2).is_some_and(|major| matches!(major.text.as_str(), "8" | "252" | "253" | "259")) =>
            {
                self.mark(Class::PrivilegeChange);
            }
            "mkfifo" | "mknod" if call.name == "mkfifo" || call.has("p") => {
                self.fifo = true;
                for path in call.operands() {
                    self.write_file(&path.text, Value::hole(Taint::NONE), false);
                }
            }
            "redis-cli" if call.texts().any(|text| text.eq_ignore_ascii_case("flushall")) => self.mark(Class::Destructive),
            "redis-cli"
                if call.io.stdin.text.to_ascii_lowercase().contains("config set dir")
                    && ["cron", "/.ssh", "/var/www"].iter().any(|place| call.io.stdin.text.contains(place)) =>
            {
                self.mark(Class::Persistence);
            }
            "redis-cli"
                if call.texts().any(|text| text.eq_ignore_ascii_case("config"))
                    && call.texts().any(|text| text.contains("/.ssh") || text.contains("cron")) =>
            {
                self.mark(Class::Persistence)
            }
            "terraform" | "tofu"
                if matches!(call.text(0), "destroy")
                    && call.texts().any(|text| matches!(text, "-auto-approve" | "--auto-approve" | "--yes" | "-y")) =>
            {
                self.mark(Class::Destructive)
            }
            "lvremove" | "vgremove" | "zpool" | "zfs"
                if call.texts().any(|text| {
                    matches!(text, "-f" | "-ff" | "-y" | "-r" | "-rf" | "-R" | "-fy" | "-ffy" | "--force" | "--yes" | "-Rf")
                }) && (call.name.ends_with("remove") || call.text(0) == "destroy")
                    && call.args.len() > 1 =>
            {
                self.mark(Class::Destructive)
            }
            "vssadmin" | "wbadmin" if call.has("delete") || call.has("Delete") => self.mark(Class::Destructive),
            "shutdown" if !call.has("-c") && !call.has("--help") && !call.args.is_empty() => self.mark(Class::Destructive),
            "halt" | "poweroff" | "reboot" if !call.has("--help") && !call.has("-w") && !call.has("--wtmp-only") => {
                self.mark(Class::Destructive)
            }
            "init" | "telinit" if matches!(call.text(0), "0" | "6") => self.mark(Class::Destructive),
            "osacompile" | "dscl" if call.has("-append") && call.texts().any(|text| text.contains("admin")) => {
                self.mark(Class::PrivilegeChange)
            }
            "curl" | "sh" => {}
            "gdbus" | "wall" => {}
            "psexec" | "psexec.py" | "wmiexec.py" | "smbexec.py" | "evil-winrm" => self.mark(Class::Network),
            "msfvenom"
                if call.texts().any(|text| text.contains("reverse") || text.contains("meterpreter"))
                    && call.texts().any(|text| text.to_ascii_lowercase().starts_with("lhost")) =>
            {
                self.mark(Class::ReverseShell)
            }
            _ => {}
        }
    }

    fn run_value_if_known(&mut self, script: &Value) {
        if !script.text.is_empty() {
            self.run_value(script, Value::default());
        }
    }

    fn crontab(&mut self, call: &Call<'_>) {
        let stdin = call.io.stdin.clone();
        let operand = call
            .operands()
            .find(|operand| call.option(&["-u"]).is_none_or(|user| user.text != operand.text))
            .map(|operand| operand.text.clone());
        if call.letter('l') && operand.is_none() {
            return;
        }
        self.mark(Class::Scheduling);
        if call.letter('r') && operand.is_none() {
            self.mark(Class::Destructive);
            return;
        }
        if operand.as_deref() == Some("/dev/null") {
            self.mark(Class::Destructive);
        }
        let text = match operand.as_deref() {
            Some("-" | "/dev/stdin") => stdin,
            Some(path) => {
                let temporary = ["/tmp/", "/dev/shm/", "/var/tmp/", "/dev/fd/"].iter().any(|place| path.starts_with(place));
                match self.file(path) {
                    Some(value) => value,
                    None if temporary => Value::hole(Taint::NONE),
                    None => return,
                }
            }
            None if !stdin.text.is_empty() && !call.letter('e') => stdin,
            None => return,
        };
        self.mark(Class::Persistence);
        for line in text.text.lines().take(64) {
            let line = line.trim();
            let fields = if line.starts_with('@') { 1 } else { 5 };
            let command = line.split_whitespace().skip(fields).collect::<Vec<_>>().join(" ");
            if !command.is_empty() && !line.starts_with('#') {
                self.run_value(&Value { text: command, taint: text.taint }, Value::default());
            }
        }
    }

    fn service(&mut self, call: &Call<'_>) {
        let stops = call.texts().any(|text| matches!(text, "stop" | "disable" | "mask" | "off" | "kill" | "teardown"));
        let labelled = call.name == "launchctl"
            && call.texts().any(names_protector)
            && call.texts().any(|text| matches!(text, "unload" | "bootout" | "remove" | "disable"));
        let protector = call.texts().any(|text| is_protector(&text.to_ascii_lowercase()));
        let heaps = self.feeding && call.texts().any(|text| matches!(text, "stop" | "disable" | "mask" | "kill"));
        if heaps {
            self.mark(Class::Destructive);
        }
        let shut_out =
            call.texts().any(|text| matches!(text.trim_end_matches(".service"), "sshd" | "ssh" | "networking" | "systemd-networkd"))
                && call.texts().any(|text| matches!(text, "disable" | "mask" | "off"));
        if shut_out {
            self.mark(Class::Destructive);
        }
        if stops && protector || labelled {
            self.mark(Class::ProtectionOff);
        }
        let starts = call.texts().any(|text| matches!(text, "enable" | "link" | "load" | "bootstrap"));
        let own = call.texts().any(|text| {
            ["/tmp/", "/dev/shm/", "/var/tmp/"].iter().any(|place| text.starts_with(place))
                || text.contains("LaunchAgents/")
                || text.contains("LaunchDaemons/")
        });
        if starts && own {
            self.mark(Class::Persistence);
        }
    }
}
