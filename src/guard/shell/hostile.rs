//! What is seldom done with good intent: programs run from where anyone may write, tools made for attacks, code of one's own in programs
//! that load it.

use super::Class;
use super::command::Call;
use super::consoles::Names;
use super::guardians::is_protector;
use super::paths;
use super::state::Shell;

/// Programs that are in most lines, and neither put nor fetch nor stop anything.
static QUIET: Names = Names::of(&[
    "cd", "pwd", "grep", "rg", "cargo", "wc", "sort", "uniq", "cut", "mkdir", "test", "[", "true", "false", "sleep", "date", "which",
    "touch", "basename", "dirname",
]);

/// Where anyone may write.
pub(super) const PUBLIC: [&str; 6] = ["/tmp/", "/dev/shm/", "/var/tmp/", "/run/shm/", "/run/lock/", "/private/tmp/"];

/// Places of programs.
pub(super) const PROGRAMS: [&str; 7] =
    ["/bin/", "/sbin/", "/usr/bin/", "/usr/sbin/", "/usr/local/bin/", "/usr/local/sbin/", "/lib/systemd/"];

/// Tools nobody needs who means well on a machine that is not theirs to attack, and what they do.
const TOOLS: &[(&str, Class)] = &[
    ("xmrig", Class::Destructive),
    ("xmr-stak", Class::Destructive),
    ("xmr", Class::Destructive),
    ("t-rex", Class::Destructive),
    ("nbminer", Class::Destructive),
    ("lolMiner", Class::Destructive),
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
    ("firefox_decrypt", Class::CredentialRead),
    ("hack-browser-data", Class::CredentialRead),
    ("HackBrowserData", Class::CredentialRead),
    ("pypykatz", Class::CredentialRead),
    ("certipy", Class::CredentialRead),
    ("lsassy", Class::CredentialRead),
    ("petitpotam", Class::CredentialRead),
    ("coercer", Class::CredentialRead),
    ("donpapi", Class::CredentialRead),
    ("winpeas", Class::PrivilegeChange),
    ("winPEAS", Class::PrivilegeChange),
    ("SharpHound", Class::CredentialRead),
    ("sharphound", Class::CredentialRead),
    ("Seatbelt", Class::PrivilegeChange),
    ("SharpUp", Class::PrivilegeChange),
    ("Rubeus", Class::CredentialRead),
    ("Snaffler", Class::CredentialRead),
    ("Inveigh", Class::CredentialRead),
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
    ("impacket-", Class::CredentialRead),
    ("kerbrute", Class::CredentialRead),
    ("bloodhound-python", Class::CredentialRead),
    ("evil-winrm", Class::ReverseShell),
    ("gs-netcat", Class::ReverseShell),
    ("msfvenom", Class::ReverseShell),
    ("sliver-client", Class::ReverseShell),
    ("iodine", Class::Exfiltration),
    ("dnscat", Class::ReverseShell),
    ("reptile", Class::Persistence),
    ("diamorphine", Class::Persistence),
];

pub(super) fn is_public(path: &str, cwd: Option<&str>) -> bool {
    let path = if path.starts_with(['/', '~']) { path.to_owned() } else { paths::canonical(path, cwd) };
    PUBLIC.iter().any(|place| path.starts_with(place))
}

/// Whether a path below those says that it is not to be seen: a hidden name, or memory shared by all.
pub(super) fn is_odd(path: &str, cwd: Option<&str>) -> bool {
    let path = if path.starts_with(['/', '~']) { path.to_owned() } else { paths::canonical(path, cwd) };
    PUBLIC.iter().any(|place| {
        path.strip_prefix(place).is_some_and(|rest| {
            matches!(*place, "/dev/shm/" | "/run/shm/" | "/run/lock/")
                || rest.split('/').any(|name| name.starts_with('.') && !matches!(name, "." | ".." | ".venv" | ".tox" | ".nox"))
        })
    })
}

/// A hidden file there, or one in a directory that `mktemp` has just made.
fn is_stray(path: &str) -> bool {
    is_odd(path, None) || path.starts_with("/tmp/tmp.")
}

impl Shell {
    /// A program or script is run from a place where anyone may have put it, and nothing here tells what is in it. Builds and tests of
    /// one's own run there as well; what is hidden, or was made a program only just before, is none.
    pub(super) fn strays(&mut self, path: &str) {
        const BUILDS: [&str; 7] = ["configure", "gradlew", "mvnw", "autogen", "bootstrap", "build", "manage.py"];
        let name = path.rsplit('/').next().unwrap_or_default();
        let inside = |folder: &String| path.strip_prefix(folder.as_str()).is_some_and(|rest| rest.starts_with('/'));
        if (self.cloned && path.starts_with("./") || self.unpacked.iter().any(inside))
            && !BUILDS.iter().any(|build| name.starts_with(build))
        {
            self.mark(Class::DownloadAndRun);
        }
        if self.file(path).is_some() {
            return;
        }
        let place = paths::canonical(path, self.cwd.as_deref());
        let armed =
            self.armed.contains(&place) && PUBLIC.iter().any(|folder| place.strip_prefix(folder).is_some_and(|name| !name.contains('/')));
        if armed || is_odd(path, self.cwd.as_deref()) {
            self.mark(Class::DownloadAndRun);
        }
    }

    /// Somebody's files arrive in a directory, or where we are.
    pub(super) fn unpacks(&mut self, folder: Option<String>) {
        match folder.filter(|folder| !matches!(folder.as_str(), "." | "./")) {
            Some(folder) if self.unpacked.len() < 16 => self.unpacked.push(folder.trim_end_matches('/').to_owned()),
            Some(_) => {}
            None => self.cloned = true,
        }
    }

    pub(super) fn hostile(&mut self, call: &Call<'_>) {
        let base = call.name.trim_start_matches('.');
        // What lets anyone in from afar.
        let shown = || self.showing.chars().take(1024).flat_map(char::to_lowercase).collect::<String>();
        if self.showing.contains("sshd_config")
            && [
                "permitrootlogin yes",
                "permitemptypasswords yes",
                "permituserenvironment yes",
                "authorizedkeyscommand /",
                "authorizedkeysfile /",
                "trustedusercakeys /",
                "forcecommand /",
            ]
            .iter()
            .any(|setting| shown().contains(setting))
        {
            self.mark(Class::Persistence);
        }
        if matches!(call.name, "echo" | "printf" | "tee") && self.showing.contains("[trusted=yes]") && self.showing.contains("sources.list")
        {
            self.mark(Class::DownloadAndRun);
        }
        if call.text(0) == "stop" && self.showing.starts_with("/etc/") && is_protector(call.name) {
            self.mark(Class::ProtectionOff);
        }
        let interprets =
            matches!(call.name, "python" | "python3" | "python2" | "sh" | "bash" | "perl" | "ruby" | "insmod" | "modprobe" | "java");
        let script = call.operands().next().filter(|_| interprets).map_or("", |path| path.text.rsplit('/').next().unwrap_or_default());
        for (tool, class) in TOOLS {
            if base.starts_with(tool) || script.starts_with(tool) {
                self.mark(*class);
            }
        }
        const MINES: [&str; 14] = [
            "randomx",
            "--coin=monero",
            "rx/0",
            "stratum+tcp",
            "stratum+ssl",
            "--donate-level",
            "xmrig",
            "minexmr",
            "hashvault.pro",
            "nanopool.org",
            "supportxmr",
            "moneroocean",
            "nicehash.com",
            "cryptonight",
        ];
        let looks = matches!(
            call.name,
            "grep" | "rg" | "pgrep" | "pkill" | "killall" | "echo" | "git" | "find" | "which" | "systemctl" | "ls" | "rm"
        );
        if !looks && call.texts().any(|text| MINES.iter().any(|word| text.contains(word))) {
            self.mark(Class::Destructive);
        }
        match call.name {
            "capsh" if call.has("--") && call.args.len() == 1 => self.mark(Class::ShellEscape),
            "run-parts"
                if call
                    .operands()
                    .last()
                    .is_some_and(|path| PROGRAMS.contains(&format!("{}/", path.text.trim_end_matches('/')).as_str())) =>
            {
                self.mark(Class::ShellEscape);
            }
            "capsh" if call.has("--user=root") => self.mark(Class::PrivilegeChange),
            "busctl" | "dbus-send" | "gdbus"
                if call.texts().any(|text| {
                    ["StartTransientUnit", "Accounts.CreateUser", "SetPassword"].iter().any(|method| text.contains(method))
                }) =>
            {
                self.mark(Class::PrivilegeChange);
            }
            "perl" | "ruby" if call.texts().any(|text| matches!(text, "-pi" | "-i" | "-ni" | "-pie" | "-i.bak" | "-lpi")) => {
                for path in call.operands().map(|path| path.text.clone()).filter(|path| path.starts_with(['/', '~'])).collect::<Vec<_>>() {
                    self.writes(&path, super::value::Taint::NONE);
                }
            }
            "awk" | "gawk" if call.has("inplace") => {
                for path in
                    call.operands().skip(1).map(|path| path.text.clone()).filter(|path| path.starts_with(['/', '~'])).collect::<Vec<_>>()
                {
                    self.writes(&path, super::value::Taint::NONE);
                }
            }
            "git" if call.has("--unsafe-paths") => self.mark(Class::PrivilegeChange),
            "script" if call.operands().last().is_some_and(|path| path.text == "/dev/null") && call.args.len() < 3 => {
                self.mark(Class::ShellEscape);
            }
            "mongo" | "mongosh" if call.texts().any(|text| text.contains("dropDatabase(")) => self.mark(Class::Destructive),
            _ => {}
        }
        self.tamper(call);
        self.mac(call);
        self.breaks_out(call);
        self.looks_for_secrets(call);
        self.outward(call);
        self.intrudes(call);
        self.consoles(call);
        self.supply(call);
        self.strikes(call);
        self.estate(call);
        if !QUIET.has(call.name) {
            self.blinds(call);
            self.leaves(call);
            self.breaches(call);
            self.puts_in_place(call);
            self.comes_from_afar(call);
            self.behind(call);
        }
        self.captures(call);
        self.loads(call);
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
            "java" | "javaw" => call.option(&["-jar", "-cp"]).is_some_and(|path| is_stray(&path.text)),
            "pip" | "pip3" | "gem" | "easy_install" | "npm" | "opkg" | "dpkg" | "rpm" => {
                call.operands().any(|path| is_stray(&path.text) && !path.text.ends_with(".txt"))
            }
            "composer" | "cowsay" | "cowthink" | "facter" | "neofetch" | "rtorrent" | "nginx" | "apache2" | "httpd" | "yum" | "dnf"
            | "forge" => call.texts().any(|text| {
                is_public(text.strip_prefix("-c").or_else(|| text.split_once('=').map(|(_, path)| path)).unwrap_or(text), None)
                    && !text.ends_with(".rpm")
            }),
            "go" => call.text(0) == "run" && call.texts().any(is_stray),
            "gcc" | "cc" | "g++" | "c89" | "c99" | "clang" => call.has("-wrapper"),
            "dstat" => call.has("--pwn"),
            _ => false,
        };
        if loads {
            self.mark(Class::ShellEscape);
        }
    }
}
