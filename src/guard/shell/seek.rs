//! Secrets looked for: keys and passwords wherever they may be.

use super::Class;
use super::command::Call;
use super::paths;
use super::state::Shell;

/// Keys and safes by parts of their names, which nobody looks for in a whole home but to have them.
const KEYS: [&str; 9] = ["id_rsa", "id_dsa", "id_ed25519", "id_ecdsa", ".kdbx", ".kdb", ".ppk", ".keytab", "wallet.dat"];

impl Shell {
    /// Searches of a whole system for what opens doors.
    pub(super) fn looks_for_secrets(&mut self, call: &Call<'_>) {
        match call.name {
            "find" => self.seeks(call),
            "fd" | "fdfind"
                if call.operands().skip(1).any(|root| matches!(root.text.trim_end_matches('/'), "" | "/home" | "/root" | "/etc" | "~"))
                    && call.operands().next().is_some_and(|name| KEYS.iter().any(|key| name.text.to_ascii_lowercase().contains(key))) =>
            {
                self.mark(Class::CredentialRead);
            }
            "locate" | "mlocate" | "plocate" | "mdfind"
                if call.texts().any(|text| {
                    ["id_rsa", "id_ed25519", ".kdbx", ".pem", "wp-config", "shadow"].iter().any(|name| text.contains(name))
                }) =>
            {
                self.mark(Class::CredentialRead);
            }
            "file" if call.option(&["-f", "-m"]).is_some_and(|path| paths::is_secret(&path.text, None)) => self.mark(Class::CredentialRead),
            // Keys out of the settings of agents and tools.
            "jq" | "yq" | "gojq" | "grep" | "rg" | "egrep" | "awk" | "sed"
                if call.operands().skip(1).any(|path| {
                    let path = paths::canonical(&path.text, self.cwd.as_deref());
                    path.starts_with("~/.") && path.ends_with(".json") || path.ends_with("claude_desktop_config.json")
                }) && call.operands().next().is_some_and(|filter| {
                    let lower = filter.text.to_ascii_lowercase();
                    super::text::names_secret(&lower)
                        || [".env", "apikey", "oauth", "_key", "bearer", "password", ".auth"].iter().any(|word| lower.contains(word))
                }) =>
            {
                self.mark(Class::CredentialRead);
            }
            "getcap" if call.letter('r') && call.has("/") => self.mark(Class::PrivilegeChange),
            "ssh-keygen" if call.has("-p") && call.option(&["-N"]).is_some_and(|phrase| phrase.text.is_empty()) => {
                self.mark(Class::CredentialRead)
            }
            "strace"
                if call.has("-p")
                    && ["sshd", "pgrep su", "passwd", "ssh-agent", "login"].iter().any(|name| self.showing.contains(name)) =>
            {
                self.mark(Class::CredentialRead);
            }
            "xinput" | "showkey" if (call.name == "showkey" || call.text(0).starts_with("test")) && !call.io.outputs.is_empty() => {
                self.mark(Class::CredentialRead)
            }
            "tcpdump" if call.option(&["-w"]).is_some_and(|path| super::hostile::is_odd(&path.text, None)) => {
                self.mark(Class::CredentialRead)
            }
            "keyctl" if matches!(call.text(0), "print" | "read" | "pipe") => self.mark(Class::CredentialRead),
            "gcore" | "procdump" | "gdb"
                if (call.name != "gdb" || self.showing.contains("dump memory") || self.showing.contains("core-file"))
                    && [
                        "ssh",
                        "keyring",
                        "sssd",
                        "gdm",
                        "vsftpd",
                        "nginx",
                        "agent",
                        "Runner",
                        "chrome",
                        "firefox",
                        "1password",
                        "keepass",
                        "bitwarden",
                        "vault",
                    ]
                    .iter()
                    .any(|name| self.showing.contains(name)) =>
            {
                self.mark(Class::CredentialRead);
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
        if call.name == "git" && matches!(call.text(0), "diff" | "hash-object" | "apply" | "add") {
            for path in call.texts().filter(|text| text.starts_with(['/', '~'])).map(str::to_owned).collect::<Vec<_>>() {
                self.reads(&path);
            }
        }
    }

    /// Keys and passwords looked for wherever they may be.
    fn seeks(&mut self, call: &Call<'_>) {
        const WANTED: [&str; 23] = [
            ".env",
            ".npmrc",
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
        let emptied = call.text(0).trim_end_matches('/') == "/var/log"
            && call.texts().zip(call.texts().skip(1)).any(|(exec, program)| {
                matches!(exec, "-exec" | "-execdir") && matches!(program, "truncate" | "shred" | "rm" | "cp" | "tee")
            })
            && !call.texts().any(|text| matches!(text, "-mtime" | "-mmin" | "-size" | "-newer" | "-ctime" | "-atime"));
        if emptied {
            self.mark(Class::Destructive);
        }
        let all =
            call.texts().zip(call.texts().skip(1)).all(|(test, name)| !matches!(test, "-name" | "-iname") || matches!(name, "*" | "*.log"));
        let vital = call.text(0).trim_end_matches('/');
        let changes = call.texts().zip(call.texts().skip(1)).find(|(exec, _)| *exec == "-exec").map_or("", |(_, program)| program);
        if matches!(changes, "chmod" | "chown") && vital.is_empty() && call.text(0) == "/" && !call.has("-name")
            || call.has("-delete") && matches!(vital, "/etc" | "/usr" | "/boot" | "/bin" | "/lib")
            || changes == "shred" && !call.has("-name") && !call.has("-iname")
        {
            self.mark(Class::Destructive);
        }
        // Programs with the rights of root, looked for on the whole machine.
        let setuid = call.texts().zip(call.texts().skip(1)).any(|(test, mode)| {
            test == "-perm"
                && (mode.contains("u=s")
                    || mode.contains("u+s")
                    || mode.contains("g=s")
                    || mode.trim_start_matches(['-', '/', '+', '0']).len() == 4 && mode.ends_with("000"))
        });
        if (setuid || call.has("-writable")) && call.text(0) == "/" {
            self.mark(Class::PrivilegeChange);
        }
        // Every repository below a directory.
        let repositories = call.text(0).starts_with(['/', '~'])
            && call.texts().zip(call.texts().skip(1)).any(|(test, name)| test == "-name" && name == ".git");
        if repositories && (call.has("-delete") || matches!(changes, "rm" | "shred")) {
            self.mark(Class::Destructive);
        }
        if logs && all {
            self.mark(Class::Destructive);
        }
        const VALUABLE: [&str; 14] =
            [".db", ".sqlite", ".sql", ".bak", ".doc", ".docx", ".xls", ".xlsx", ".pdf", ".jpg", ".key", ".pem", ".vmdk", ".qcow2"];
        let removes = call.has("-delete")
            || call.texts().zip(call.texts().skip(1)).any(|(exec, program)| exec == "-exec" && matches!(program, "rm" | "shred"));
        let valuable = call
            .texts()
            .zip(call.texts().skip(1))
            .any(|(test, name)| matches!(test, "-name" | "-iname") && VALUABLE.iter().any(|kind| name.strip_prefix('*') == Some(*kind)));
        if removes && valuable && matches!(call.text(0), "/" | "/home" | "/home/" | "/var" | "/srv") {
            self.mark(Class::Destructive);
        }
        let home = matches!(paths::canonical(call.text(0), None).as_str(), "~");
        let keys = || {
            call.texts().zip(call.texts().skip(1)).any(|(test, name)| {
                matches!(test, "-name" | "-iname" | "-path" | "-ipath" | "-wholename")
                    && KEYS.iter().any(|key| name.to_ascii_lowercase().contains(key))
            })
        };
        if everywhere && named || home && keys() {
            self.mark(Class::CredentialRead);
        }
    }
}
