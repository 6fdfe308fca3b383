//! What is seldom done with good intent: programs run from where anyone may write, tools made for attacks, protectors ended, system
//! programs replaced, files of the host handed to strangers.

use super::Class;
use super::command::Call;
use super::paths;
use super::state::Shell;
use super::system::{is_protector, names_protector};
use super::value::{HOLE, Taint};

/// Where anyone may write.
pub(super) const PUBLIC: [&str; 6] = ["/tmp/", "/dev/shm/", "/var/tmp/", "/run/shm/", "/run/lock/", "/private/tmp/"];

/// Programs whose names attackers' files take.
const SYSTEM: &[&str] = &[
    "ls", "ps", "top", "netstat", "ss", "lsof", "find", "ssh", "sshd", "login", "su", "sudo", "passwd", "cat", "sh", "bash", "dash",
    "ping", "id", "who", "w", "last", "ifconfig", "ip", "curl", "wget", "cron", "crond", "systemd", "init", "mount", "kill", "pkill",
    "killall", "chmod", "cp", "mv", "rm", "grep", "awk", "sed", "python3", "perl", "env", "useradd", "scp", "sftp", "date", "df", "du",
    "stat", "file", "whoami", "uname",
];

/// Places of programs.
const PROGRAMS: [&str; 7] = ["/bin/", "/sbin/", "/usr/bin/", "/usr/sbin/", "/usr/local/bin/", "/usr/local/sbin/", "/lib/systemd/"];

/// Tools nobody needs who means well on a machine that is not theirs to attack, and what they do.
const TOOLS: &[(&str, Class)] = &[
    ("xmrig", Class::Destructive),
    ("xmr-stak", Class::Destructive),
    ("minerd", Class::Destructive),
    ("cpuminer", Class::Destructive),
    ("ethminer", Class::Destructive),
    ("kinsing", Class::Destructive),
    ("kdevtmpfsi", Class::Destructive),
    ("laZagne", Class::CredentialRead),
    ("lazagne", Class::CredentialRead),
    ("LaZagne", Class::CredentialRead),
    ("mimipenguin", Class::CredentialRead),
    ("mimipy", Class::CredentialRead),
    ("swap_digger", Class::CredentialRead),
    ("3snake", Class::CredentialRead),
    ("linpeas", Class::PrivilegeChange),
    ("linenum", Class::PrivilegeChange),
    ("LinEnum", Class::PrivilegeChange),
    ("linux-exploit-suggester", Class::PrivilegeChange),
    ("les.sh", Class::PrivilegeChange),
    ("pspy", Class::PrivilegeChange),
    ("unix-privesc-check", Class::PrivilegeChange),
    ("dirtycow", Class::PrivilegeChange),
    ("dirtypipe", Class::PrivilegeChange),
    ("pwnkit", Class::PrivilegeChange),
    ("PwnKit", Class::PrivilegeChange),
    ("deepce", Class::PrivilegeChange),
    ("cdk_linux", Class::PrivilegeChange),
    ("peirates", Class::PrivilegeChange),
    ("secretsdump", Class::CredentialRead),
    ("evil-winrm", Class::ReverseShell),
    ("gs-netcat", Class::ReverseShell),
    ("msfvenom", Class::ReverseShell),
    ("sliver-client", Class::ReverseShell),
    ("iodine", Class::Exfiltration),
    ("dnscat", Class::ReverseShell),
    ("reptile", Class::Persistence),
    ("diamorphine", Class::Persistence),
];

/// Where what is sent is for anyone to fetch.
const DROPS: &[&str] = &[
    "transfer.sh",
    "file.io",
    "0x0.st",
    "ix.io",
    "termbin.com",
    "webhook.site",
    "requestbin",
    "pipedream.net",
    "burpcollaborator",
    "oastify.com",
    "interact.sh",
    "pastebin.com",
    "paste.rs",
    "anonfiles",
    "gofile.io",
    "bashupload.com",
    "temp.sh",
    "discord.com/api/webhooks",
    "api.telegram.org/bot",
    "ngrok.io",
    "ngrok-free.app",
    "ngrok.app",
    "oast.",
    "catbox.moe",
    "sendspace",
    "mega.nz",
    "canarytokens",
];

pub(super) fn is_public(path: &str, cwd: Option<&str>) -> bool {
    let path = if path.starts_with(['/', '~']) { path.to_owned() } else { paths::canonical(path, cwd) };
    PUBLIC.iter().any(|place| path.starts_with(place))
}

/// A host given by its number, other than this machine and networks of one's own.
pub(super) fn names_address(text: &str) -> bool {
    text.split(|c: char| !(c.is_ascii_digit() || c == '.')).any(|word| {
        let mut numbers = word.split('.');
        let four = [numbers.next(), numbers.next(), numbers.next(), numbers.next()];
        numbers.next().is_none()
            && four.iter().all(|number| number.is_some_and(|number| number.parse::<u8>().is_ok()))
            && !word.starts_with("127.")
            && word != "0.0.0.0"
    })
}

/// `nc -lvnp 4444`: the other end of somebody's reverse shell.
fn listens(call: &Call<'_>) -> bool {
    call.texts().any(|text| {
        text.strip_prefix('-').is_some_and(|letters| letters.len() < 6 && ['l', 'v', 'p'].iter().all(|letter| letters.contains(*letter)))
    })
}

/// The system's own log, not some program's.
fn is_log(path: &str) -> bool {
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
    /// A program or script is run from a place where anyone may have put it, and nothing here tells what is in it.
    pub(super) fn strays(&mut self, path: &str) {
        const BUILDS: [&str; 8] = ["configure", "gradlew", "mvnw", "autogen.sh", "bootstrap", "bootstrap.sh", "build.sh", "manage.py"];
        let name = path.rsplit('/').next().unwrap_or_default();
        if self.cloned && path.starts_with("./") && !BUILDS.contains(&name) {
            self.mark(Class::DownloadAndRun);
        }
        if self.file(path).is_none() && is_public(path, self.cwd.as_deref()) {
            self.mark(Class::DownloadAndRun);
        }
    }

    pub(super) fn hostile(&mut self, call: &Call<'_>) {
        let base = call.name.trim_start_matches('.');
        // What lets anyone in from afar.
        let shown = self.showing.to_ascii_lowercase();
        if shown.contains("sshd_config")
            && ["permitrootlogin yes", "permitemptypasswords yes", "permituserenvironment yes"]
                .iter()
                .any(|setting| shown.contains(setting))
        {
            self.mark(Class::Persistence);
        }
        if call.text(0) == "stop" && self.showing.starts_with("/etc/") && is_protector(call.name) {
            self.mark(Class::ProtectionOff);
        }
        for (tool, class) in TOOLS {
            let given =
                || matches!(call.name, "python" | "python3" | "python2" | "sh" | "bash" | "perl" | "ruby" | "insmod" | "modprobe" | "java");
            let scripts = || call.operands().next().is_some_and(|path| path.text.rsplit('/').next().unwrap_or_default().starts_with(tool));
            if base.starts_with(tool) || given() && scripts() {
                self.mark(*class);
            }
        }
        if call.texts().any(|text| text.contains("stratum+tcp") || text.contains("stratum+ssl") || text.starts_with("--donate-level")) {
            self.mark(Class::Destructive);
        }
        match call.name {
            "kill" | "pkill" | "killall" | "skill" => {
                let words = self.showing.to_ascii_lowercase();
                if words.split(|c: char| !(c.is_alphanumeric() || matches!(c, '-' | '_'))).any(is_protector) {
                    self.mark(Class::ProtectionOff);
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
            "rmmod" | "modprobe" if call.name == "rmmod" || call.has("-r") => {
                if call.texts().any(is_protector) {
                    self.mark(Class::ProtectionOff);
                }
            }
            "modprobe" | "kextload" if call.operands().any(|module| module.text.contains('/')) => self.mark(Class::PrivilegeChange),
            "setfacl" if call.operands().any(|path| paths::written(&path.text, None) == Some(Class::PrivilegeChange)) => {
                self.mark(Class::PrivilegeChange);
            }
            "find" => self.seeks(call),
            "groupadd" if call.option(&["-g", "--gid"]).is_some_and(|group| group.text == "0") => self.mark(Class::PrivilegeChange),
            "file" if call.option(&["-f", "-m"]).is_some_and(|path| paths::is_secret(&path.text, None)) => self.mark(Class::CredentialRead),
            "mount" if call.texts().any(|text| text.starts_with("cgroup")) && call.has("-o") => self.mark(Class::PrivilegeChange),
            "git" if call.has("--unsafe-paths") => self.mark(Class::PrivilegeChange),
            "ldconfig" if call.option(&["-f"]).is_some_and(|path| is_public(&path.text, None)) => self.mark(Class::PrivilegeChange),
            "script" if call.operands().last().is_some_and(|path| path.text == "/dev/null") && call.args.len() < 3 => {
                self.mark(Class::ShellEscape);
            }
            "gcore" | "procdump"
                if ["ssh", "keyring", "sssd", "gdm", "vsftpd", "nginx", "agent"].iter().any(|name| self.showing.contains(name)) =>
            {
                self.mark(Class::CredentialRead);
            }
            "kubectl" | "oc" => {
                let overrides = call.texts().any(|text| {
                    let bare: String = text.chars().filter(|c| !c.is_whitespace()).collect();
                    ["\"privileged\":true", "\"hostPID\":true", "\"hostNetwork\":true", "\"hostPath\":", "\"hostIPC\":true"]
                        .iter()
                        .any(|sign| bare.contains(sign))
                });
                let input: String = call.io.stdin.text.chars().filter(|c| !c.is_whitespace() && *c != '"').collect();
                let overrides = overrides || ["hostPID:true", "privileged:true"].iter().any(|sign| input.contains(sign));
                if overrides || call.text(0) == "debug" && call.texts().any(|text| text.starts_with("node/")) {
                    self.mark(Class::PrivilegeChange);
                }
            }
            "ctr" if call.texts().any(|text| text.contains("src=/,")) => self.mark(Class::PrivilegeChange),
            "docker" | "podman"
                if call.texts().any(|text| text.contains("docker.sock:"))
                    && call.texts().any(|text| super::interpret::is_shell(text.rsplit('/').next().unwrap_or_default())) =>
            {
                self.mark(Class::PrivilegeChange);
            }
            "docker" | "podman"
                if call.texts().any(|text| text.ends_with("=unconfined") || text.ends_with(":unconfined"))
                    && call.texts().any(|text| text.starts_with("--cap-add"))
                    || call.texts().any(|text| text.strip_prefix("--device=").is_some_and(paths::is_disk)) =>
            {
                self.mark(Class::PrivilegeChange);
            }
            "docker" if call.option(&["-H", "--host"]).is_some_and(|host| names_address(&host.text)) => self.mark(Class::PrivilegeChange),
            "curl" if call.texts().any(|text| text.ends_with("/docker.sock") || text.ends_with("/containerd.sock")) => {
                self.mark(Class::PrivilegeChange);
            }
            "ssh" | "autossh" if self.opens_a_way_in(call) => self.mark(Class::ReverseShell),
            "chisel" if call.texts().any(|text| text.starts_with("R:")) && call.texts().any(names_address) => {
                self.mark(Class::ReverseShell)
            }
            "nc" | "ncat" | "netcat" if listens(call) => self.mark(Class::ReverseShell),
            "msfconsole" if call.texts().any(|text| text.contains("exploit/") || text.contains("payload")) => {
                self.mark(Class::ReverseShell)
            }
            "xattr" if call.texts().any(|text| text == "com.apple.quarantine") && (call.letter('d') || call.letter('c')) => {
                self.mark(Class::ProtectionOff);
            }
            "tccutil" if call.text(0) == "reset" => self.mark(Class::ProtectionOff),
            "defaults" if call.text(0) == "write" && call.texts().any(|text| matches!(text, "LoginHook" | "LogoutHook")) => {
                self.mark(Class::Persistence);
            }
            "dscl"
                if call.texts().any(|text| matches!(text, "-create" | "create"))
                    && call.texts().any(|text| text.starts_with("/Users/")) =>
            {
                self.mark(Class::Persistence);
            }
            "osascript" if call.texts().any(|text| text.contains("hidden answer") || text.contains("administrator privileges")) => {
                self.mark(Class::CredentialRead);
            }
            "diskutil"
                if call.text(0).starts_with("erase")
                    && call.texts().any(|text| text.starts_with("disk") || text.starts_with("/dev/disk")) =>
            {
                self.mark(Class::Destructive);
            }
            "pip" | "pip3" | "npm" | "gem" if call.texts().any(|text| text.contains("://") && names_address(text)) => {
                self.mark(Class::DownloadAndRun);
            }
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
            "apparmor_parser" if call.has("-R") || call.has("--remove") => self.mark(Class::ProtectionOff),
            "mongo" | "mongosh" if call.texts().any(|text| text.contains("dropDatabase(")) => self.mark(Class::Destructive),
            "etcdctl" if call.texts().any(|text| text.contains("/registry/secrets")) => self.mark(Class::CredentialRead),
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
            "grep" | "egrep" | "rg" | "zgrep" => {
                let everywhere = call.operands().skip(1).any(|path| {
                    matches!(
                        path.text.trim_end_matches(['/', '*']),
                        "" | "/etc" | "/home" | "/root" | "/var" | "/var/www" | "/var/www/html" | "~" | "/opt"
                    ) && path.text.starts_with(['/', '~'])
                });
                let recursive = call.letter('r') || call.letter('R') || call.has("--recursive") || call.name == "rg";
                if everywhere && recursive && call.operands().next().is_some_and(|pattern| super::text::names_secret(&pattern.text)) {
                    self.mark(Class::CredentialRead);
                }
            }
            _ => {}
        }
        if matches!(call.name, "cp" | "mv" | "ln" | "install" | "dd" | "curl" | "wget") {
            self.replaces(call);
        }
        if matches!(call.name, "docker" | "podman" | "kubectl" | "oc") && call.text(0) == "cp" {
            let from = call.args.get(1).map_or("", |from| from.text.as_str());
            let path = from.split_once(':').map_or(from, |(_, path)| path).to_owned();
            self.reads(&path);
        }
        if call.name == "git" && matches!(call.text(0), "diff" | "hash-object" | "apply" | "add") {
            for path in call.texts().filter(|text| text.starts_with(['/', '~'])).map(str::to_owned).collect::<Vec<_>>() {
                self.reads(&path);
            }
        }
        if matches!(call.name, "mail" | "mailx" | "sendmail" | "mutt") && call.io.stdin.taint.has(Taint::SECRET) {
            self.mark(Class::Exfiltration);
        }
        self.takes_hostage(call);
        self.puts_out(call);
        self.loads(call);
        self.serves(call);
    }

    /// Keys and passwords looked for wherever they may be.
    fn seeks(&mut self, call: &Call<'_>) {
        const WANTED: [&str; 22] = [
            ".pem",
            ".key",
            ".kdbx",
            ".kdb",
            ".ppk",
            ".p12",
            ".pfx",
            ".ovpn",
            ".keytab",
            ".jks",
            ".htpasswd",
            "password",
            "credential",
            "secret",
            "id_rsa",
            "id_dsa",
            "id_ed25519",
            "id_ecdsa",
            "wp-config.php",
            ".aws",
            ".git-credentials",
            "authorized_keys",
        ];
        let everywhere = call
            .texts()
            .take_while(|text| !text.starts_with('-'))
            .any(|root| matches!(root.trim_end_matches('/'), "" | "/home" | "/root" | "/etc" | "/var" | "/Users" | "/opt"));
        let named = call.texts().zip(call.texts().skip(1)).any(|(test, name)| {
            matches!(test, "-name" | "-iname" | "-path" | "-ipath" | "-wholename" | "-regex")
                && WANTED.iter().any(|wanted| name.to_ascii_lowercase().contains(wanted))
        });
        let logs = call.text(0).trim_end_matches('/') == "/var/log"
            && call.has("-delete")
            && !call.texts().any(|text| matches!(text, "-mtime" | "-mmin" | "-size" | "-newer" | "-ctime" | "-atime"));
        if logs {
            self.mark(Class::Destructive);
        }
        if everywhere && named {
            self.mark(Class::CredentialRead);
        }
    }

    /// `ssh -R`: what listens here can be reached from there.
    fn opens_a_way_in(&self, call: &Call<'_>) -> bool {
        call.texts().take_while(|text| text.starts_with('-') || !text.contains(' ')).any(|text| {
            text.strip_prefix('-').is_some_and(|letters| {
                !letters.starts_with('-')
                    && letters
                        .split(|c: char| !c.is_ascii_alphabetic())
                        .next()
                        .is_some_and(|letters| letters.ends_with('R') && letters.len() < 6)
            })
        })
    }

    /// Files are encrypted with a password that the text holds, and then removed.
    fn takes_hostage(&mut self, call: &Call<'_>) {
        self.encrypts |= match call.name {
            "openssl" => {
                call.text(0) == "enc" && !call.has("-d") && call.texts().any(|text| matches!(text, "-k" | "-K" | "-pass" | "-kfile"))
            }
            "gpg" | "gpg2" => (call.letter('c') || call.has("--symmetric")) && call.texts().any(|text| text.starts_with("--passphrase")),
            "zip" => call.has("-P") || call.has("--password"),
            "7z" | "7za" | "rar" => call.texts().any(|text| text.starts_with("-p") || text.starts_with("-hp")) && call.text(0) == "a",
            "ccrypt" | "age" => call.letter('e') || call.letter('K'),
            _ => false,
        };
        if self.encrypts && matches!(call.name, "rm" | "shred" | "unlink" | "srm") {
            let people = |path: &str| {
                path.contains(HOLE)
                    || paths::canonical(path, self.cwd.as_deref()).starts_with('~')
                    || paths::is_vital(path, self.cwd.as_deref())
            };
            if call.operands().any(|path| people(&path.text)) {
                self.mark(Class::Destructive);
            }
        }
        if call.name == "git" && call.text(0) == "clone" {
            self.cloned = true;
        }
    }

    /// Options that say where to write.
    fn puts_out(&mut self, call: &Call<'_>) {
        if matches!(
            call.name,
            "grep" | "egrep" | "fgrep" | "rg" | "ls" | "ssh" | "scp" | "find" | "ps" | "rsync" | "mount" | "set" | "useradd" | "git"
        ) {
            return;
        }
        for (option, value) in call.texts().map(str::to_owned).zip(call.texts().skip(1).map(str::to_owned)).collect::<Vec<_>>() {
            if matches!(option.as_str(), "-w" | "-o" | "-O" | "-of" | "--output" | "--out" | "--outfile" | "--output-file")
                && value.starts_with(['/', '~'])
            {
                self.writes(&value, Taint::NONE);
            }
        }
        for text in call.texts().map(str::to_owned).collect::<Vec<_>>() {
            let Some((option, path)) = text.split_once('=').filter(|(option, _)| option.starts_with('-')) else { continue };
            if path.starts_with(['/', '~']) && (option.contains("out") || option.contains("filename") || option.contains("write")) {
                self.writes(path, Taint::NONE);
            }
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
        if PROGRAMS.contains(&folder) && (SYSTEM.contains(&name) && call.name != "ln" || from_public && name.starts_with('.')) || library {
            self.mark(Class::Persistence);
        }
    }

    /// Code of one's own in a program that loads it: modules, engines, scripts of tools.
    fn loads(&mut self, call: &Call<'_>) {
        let option = |names: &[&str]| call.option(names).is_some_and(|path| path.text.contains('/'));
        let loads = match call.name {
            "openssl" => option(&["-engine", "-provider-path"]),
            "ssh-keygen" => call.option(&["-D"]).is_some_and(|path| path.text.starts_with("./") || is_public(&path.text, None)),
            "mysql" | "mariadb" => {
                call.texts().any(|text| text.contains("plugin-dir=") && is_public(text.split('=').nth(1).unwrap_or_default(), None))
                    || call.option(&["--default-auth"]).is_some_and(|path| path.text.contains('/'))
            }
            "nmap" => call.option(&["--script"]).is_some_and(|path| is_public(&path.text, None) || path.text.starts_with("./")),
            "tcpdump" => option(&["-z"]),
            "tshark" | "wireshark" => call.texts().any(|text| text.contains("lua_script:")),
            "aria2c" => call.texts().any(|text| text.starts_with("--on-")),
            "scp" | "sftp" => option(&["-S"]),
            "java" | "javaw" => call.option(&["-jar", "-cp"]).is_some_and(|path| is_public(&path.text, None)),
            "pip" | "pip3" | "gem" | "easy_install" | "npm" | "opkg" | "dpkg" | "rpm" => {
                call.operands().any(|path| is_public(&path.text, None))
            }
            "composer" | "cowsay" | "cowthink" | "facter" | "neofetch" | "rtorrent" | "nginx" | "apache2" | "httpd" | "yum" | "dnf"
            | "forge" => call.texts().any(|text| is_public(text.split_once('=').map_or(text, |(_, path)| path), None)),
            "go" => call.text(0) == "run" && call.texts().any(|text| is_public(text, None)),
            "gcc" | "cc" | "g++" | "c89" | "c99" | "clang" => call.has("-wrapper"),
            "dstat" => call.has("--pwn"),
            _ => false,
        };
        if loads {
            self.mark(Class::ShellEscape);
        }
    }

    /// Files of the host given to whoever asks, or to a place where anyone can fetch them.
    fn serves(&mut self, call: &Call<'_>) {
        let folder = match call.name {
            "php" if call.has("-S") => call.option(&["-t"]),
            "kubectl" if call.text(0) == "proxy" => call.option(&["--www", "-w"]),
            "httpd" => call.option(&["-h"]),
            "python" | "python3" if call.has("http.server") => call.option(&["-d", "--directory"]),
            "ruby" if call.texts().any(|text| text == "-run") => call.operands().find(|path| paths::is_private(&path.text, None)).cloned(),
            _ => None,
        };
        if folder.is_some_and(|folder| paths::is_private(&folder.text, self.cwd.as_deref())) {
            self.mark(Class::Exfiltration);
        }
        let sends = match call.name {
            "curl" => call.texts().any(|text| {
                text.contains('@') && !text.contains("://")
                    || matches!(text, "-T" | "--upload-file" | "-d" | "-F" | "--data" | "--data-binary" | "--form" | "--data-raw")
            }),
            "wget" => call.texts().any(|text| text.starts_with("--post") || text.starts_with("--body")),
            "nc" | "ncat" | "netcat" | "telnet" => true,
            _ => false,
        };
        let drop = call.texts().any(|text| DROPS.iter().any(|place| text.contains(place)));
        if sends && drop {
            self.mark(Class::Exfiltration);
        }
        // Things only this machine knows, in the words of a program that is told a host by its number.
        let host = || call.texts().any(names_address);
        let told = call.taint().has(Taint::SECRET) && host();
        let puts = matches!(call.name, "tftp" | "smbclient" | "ftp" | "lftp" | "restic" | "borg" | "lp" | "rlogin")
            && call.texts().any(|text| {
                text.split([' ', ';', '"', '\''])
                    .any(|word| paths::is_secret(word, None) || matches!(word, "/etc/passwd" | "/etc/hosts" | "/etc/group"))
            });
        if told || puts {
            self.mark(Class::Exfiltration);
        }
    }
}
