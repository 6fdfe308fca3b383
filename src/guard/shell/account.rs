//! Rights and accounts: modes, capabilities, groups, passwords.

use super::Class;
use super::command::Call;
use super::state::Shell;
use super::value::Taint;

/// Groups that are as good as root.
const GROUPS: [&str; 10] = ["sudo", "wheel", "root", "admin", "lxd", "shadow", "disk", "adm", "0", "%wheel"];

/// `+x`, `u+rx`, `755`: a mode by which a file can be run.
fn grants_running(mode: &str) -> bool {
    let digits = mode.len() >= 3 && mode.bytes().all(|byte| byte.is_ascii_digit());
    mode.split(',').any(|mode| mode.split_once(['+', '=']).is_some_and(|(_, rights)| rights.contains('x')))
        || digits && mode.bytes().any(|digit| digit % 2 == 1)
}

impl Shell {
    pub(super) fn account(&mut self, call: &Call<'_>) {
        let cwd = self.cwd.clone();
        let cwd = cwd.as_deref();
        match call.name {
            // Who may what, in an editor.
            "nano" | "vi" | "vim" | "nvim" | "emacs" | "micro" | "pico" | "joe" | "mcedit" | "gedit" | "kate" | "code" | "subl"
            | "helix" | "hx"
                if call.operands().any(|path| super::paths::written(&path.text, cwd) == Some(Class::PrivilegeChange)) =>
            {
                self.mark(Class::PrivilegeChange);
            }
            "chmod" => {
                let mut operands = call.operands();
                // `-x` and the like are modes, too; they take nothing away here.
                let mode = call.texts().find(|text| !text.starts_with('-')).unwrap_or_default();
                let recursive = call.letter('R') || call.has("--recursive");
                let like = call.option(&["--reference"]).is_some_and(|path| {
                    matches!(
                        path.text.rsplit('/').next().unwrap_or_default(),
                        "passwd" | "sudo" | "su" | "mount" | "ping" | "pkexec" | "chsh" | "newgrp"
                    )
                });
                if like || sets_user(mode) {
                    self.mark(Class::PrivilegeChange);
                }
                let all: Vec<String> = operands.by_ref().skip(1).map(|path| path.text.clone()).collect();
                if grants_running(mode) && self.armed.len() < 64 {
                    self.armed.extend(all.iter().map(|path| super::paths::canonical(path, cwd)));
                }
                let opens = mode.ends_with(['6', '7']) && mode.len() > 2 && mode.bytes().all(|digit| digit.is_ascii_digit())
                    || ["o+", "a+", "o=", "a="].iter().any(|who| mode.split_once(who).is_some_and(|(_, rights)| rights.contains('w')));
                for path in all {
                    // As good as root, for everybody.
                    if opens && (super::paths::is_disk(&path) || path.ends_with("/docker.sock") || path.ends_with("/containerd.sock")) {
                        self.mark(Class::PrivilegeChange);
                    }
                    if path == "/" && mode.trim_start_matches('0').is_empty() {
                        self.mark(Class::Destructive);
                    }
                    if recursive && super::paths::is_vital(&path, cwd) && path.len() < 24 && path.trim_end_matches(['*', '/']).len() < 6 {
                        self.mark(Class::Destructive);
                    }
                    if super::paths::written(&path, cwd) == Some(Class::PrivilegeChange)
                        || (mode.ends_with("777") || mode.contains("o+w") || mode.contains("a+w"))
                            && super::paths::is_vital_file(&path, cwd)
                    {
                        self.mark(Class::PrivilegeChange);
                    }
                    if matches!(mode, "000" | "0" | "0000" | "a-rwx" | "ugo-rwx")
                        && super::paths::is_vital(&path, cwd)
                        && path.starts_with('/')
                    {
                        self.mark(Class::Destructive);
                    }
                    if path.contains("/.ssh/id_") && mode.ends_with(['4', '6', '7']) {
                        self.mark(Class::CredentialRead);
                    }
                }
            }
            "chown" | "chgrp" => {
                let recursive = call.letter('R') || call.has("--recursive");
                let paths: Vec<String> = call.operands().skip(1).map(|path| path.text.clone()).collect();
                for path in paths {
                    if recursive && super::paths::is_vital(&path, cwd) && path.trim_end_matches(['*', '/']).len() < 6 {
                        self.mark(Class::Destructive);
                    }
                    if super::paths::written(&path, cwd) == Some(Class::PrivilegeChange) {
                        self.mark(Class::PrivilegeChange);
                    }
                }
            }
            "setcap" => {
                let strong = [
                    "cap_setuid",
                    "cap_setgid",
                    "cap_dac",
                    "cap_sys_admin",
                    "cap_sys_ptrace",
                    "cap_sys_module",
                    "cap_chown",
                    "cap_fowner",
                    "all",
                    "cap_setfcap",
                    "cap_sys_rawio",
                ];
                if call.texts().any(|text| strong.iter().any(|name| text.to_ascii_lowercase().contains(name)) && text.contains(['+', '=']))
                    || call.texts().any(|text| text == "=ep" || text == "=eip")
                {
                    self.mark(Class::PrivilegeChange);
                }
            }
            "usermod" | "useradd" | "adduser" | "addgroup" | "gpasswd" | "groupmod" | "pw" | "dseditgroup" => {
                let joins =
                    call.option(&["-G", "-aG", "-Ga", "--groups", "-a", "--append", "-g"]).map(|groups| groups.text).unwrap_or_default();
                let joined = |text: &str| text.split(',').any(|group| GROUPS.contains(&group));
                let second = call.operands().nth(1).map_or("", |group| group.text.as_str());
                let after_groups = call
                    .texts()
                    .zip(call.texts().skip(1))
                    .any(|(option, value)| option.starts_with('-') && option.contains('G') && joined(value));
                let root = call.option(&["-u", "--uid", "-ou"]).is_some_and(|user| user.text == "0");
                if after_groups
                    // With `-g` it is the group of a new account's files.
                    || joined(&joins) && call.name != "gpasswd" && !(call.name == "useradd" && matches!(joins.as_str(), "root" | "0"))
                    || root
                    || (matches!(call.name, "adduser" | "gpasswd" | "addgroup") && GROUPS.contains(&second))
                    || call.name == "gpasswd" && call.letter('a') && call.texts().any(|text| GROUPS.contains(&text))
                {
                    self.mark(Class::PrivilegeChange);
                }
                if self.joins_docker(call) {
                    self.mark(Class::PrivilegeChange);
                }
                if call.name == "usermod" && call.has("-p") && call.has("root") {
                    self.mark(Class::PrivilegeChange);
                }
                if matches!(call.name, "useradd" | "adduser") && (root || call.option(&["-p", "--password"]).is_some()) {
                    self.mark(Class::Persistence);
                }
            }
            "passwd" => {
                let root = call.operands().any(|user| user.text == "root");
                if call.has("--stdin")
                    || (root && !call.has("-S") && !call.has("-l"))
                    || call.has("-d")
                    || (!call.io.stdin.text.is_empty() && call.io.stdin.is_known())
                {
                    self.mark(Class::PrivilegeChange);
                }
            }
            "userdel" if call.letter('r') && call.letter('f') || call.has("--force") && call.has("--remove") => {
                self.mark(Class::Destructive)
            }
            "groupdel" if call.operands().any(|group| GROUPS.contains(&group.text.as_str())) => self.mark(Class::Destructive),
            "chpasswd" | "newusers" if !call.io.stdin.text.is_empty() => self.mark(Class::PrivilegeChange),
            "visudo" if call.texts().any(|text| text.starts_with("-f")) && !call.texts().any(|text| text.contains('c')) => {
                self.mark(Class::PrivilegeChange)
            }
            "visudo" if !call.io.stdin.text.is_empty() => self.mark(Class::PrivilegeChange),
            "gpg" | "gpg2" if call.texts().any(|text| text.starts_with("--export-secret")) => self.mark(Class::CredentialRead),
            "aws" if call.text(0) == "configure" && call.text(1) == "export-credentials" => self.mark(Class::CredentialRead),
            "lxc" if call.has("source=/") => self.mark(Class::PrivilegeChange),
            "capsh" if call.texts().any(|text| text.starts_with("--uid=0")) => self.mark(Class::PrivilegeChange),
            "git"
                if call.text(0) == "config"
                    && call.texts().any(|text| {
                        text.starts_with("alias.")
                            || ["core.hookspath", "core.fsmonitor", "core.sshcommand", "core.pager", "core.editor", "credential.helper"]
                                .iter()
                                .any(|key| text.eq_ignore_ascii_case(key))
                    })
                    && call.texts().any(|text| super::hostile::is_public(text.trim_start_matches('!'), None)) =>
            {
                self.mark(Class::Persistence);
            }
            "sed" | "tee" | "echo"
                if self.showing.contains("sshd_config")
                    && ["permitrootlogin yes", "permitemptypasswords yes"]
                        .iter()
                        .any(|word| self.showing.to_ascii_lowercase().contains(word)) =>
            {
                self.mark(Class::Persistence);
            }
            "insmod" => self.mark(Class::PrivilegeChange),
            "sysctl"
                if call.texts().any(|text| {
                    text.starts_with("kernel.randomize_va_space=0")
                        || text.starts_with("kernel.yama.ptrace_scope=0")
                        || text.starts_with("kernel.core_pattern=")
                }) =>
            {
                self.mark(Class::ProtectionOff);
            }
            "getent" if call.text(0) == "shadow" || call.text(0) == "gshadow" => self.mark(Class::CredentialRead),
            "kubectl" | "oc" => {
                let reads_secret = call.texts().take(4).any(|text| text == "get")
                    && call.texts().any(|text| matches!(text, "secret" | "secrets") || text.starts_with("secret/"))
                    && call.texts().any(|text| text.starts_with("-o") || text.starts_with("--output") || text.starts_with("--template"))
                    && call.option(&["-o", "--output"]).is_none_or(|form| !matches!(form.text.trim_start_matches('='), "name" | "wide"));
                // Certificates are for everyone to see.
                let certificate =
                    call.texts().any(|text| text.contains("jsonpath=") && (text.ends_with("crt}") || text.ends_with(".crt'}")));
                if reads_secret && !certificate {
                    self.mark(Class::CredentialRead);
                }
                if call.text(0) == "create" && call.texts().any(|text| text.contains("cluster-admin")) {
                    self.mark(Class::PrivilegeChange);
                }
                if call.text(0) == "delete"
                    && call.has("--all")
                    && (call.has("--all-namespaces")
                        || call.has("-A")
                        || call.texts().any(|text| matches!(text, "ns" | "namespace" | "namespaces" | "all")))
                {
                    self.mark(Class::Destructive);
                }
            }
            "security"
                if matches!(call.text(0), "dump-keychain")
                    || (matches!(call.text(0), "find-generic-password" | "find-internet-password")
                        && (call.letter('w') || call.letter('g'))) =>
            {
                self.mark(Class::CredentialRead);
            }
            "secret-tool" if matches!(call.text(0), "lookup" | "search") => self.mark(Class::CredentialRead),
            "mimikatz" | "mimipenguin" | "mimipenguin.sh" | "lazagne" | "laZagne.py" | "secretsdump.py" | "linpeas.sh" | "linpeas"
            | "unshadow" => self.mark(Class::CredentialRead),
            "grep" | "egrep" | "rg" | "ag" | "ack" | "zgrep" => {
                let wanted = [
                    "aws_secret",
                    "akia[",
                    "akia.",
                    "begin rsa private",
                    "begin openssh private",
                    "begin private key",
                    "begin dsa private",
                    "private key-----",
                ];
                // A search for keys by how they begin, whatever stands between the words of its pattern.
                let flat = |text: &str| {
                    let lower = text.to_ascii_lowercase();
                    lower.split(|c: char| !c.is_ascii_alphanumeric()).filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" ")
                };
                let keys = call
                    .texts()
                    .filter(|text| text.len() < 512 && text.contains(['P', 'p']))
                    .map(flat)
                    .any(|text| text.contains("private key") && text.split(' ').any(|word| word == "begin"));
                if keys
                    || call.texts().any(|text| text.contains("AKIA"))
                    || call.texts().any(|text| wanted.iter().any(|word| text.to_ascii_lowercase().contains(word)))
                {
                    self.mark(Class::CredentialRead);
                }
                // How keys of well-known services begin, looked for in all that somebody has.
                const BEGINNINGS: [&str; 13] = [
                    "sk-",
                    "PRIVATE KEY",
                    "sk_live",
                    "rk_live",
                    "ghp_",
                    "gho_",
                    "github_pat_",
                    "glpat-",
                    "xox",
                    "npm_",
                    "AIza",
                    "hf_",
                    "eyJ",
                ];
                let roots = call.operands().skip(1).any(|path| {
                    let path = super::paths::canonical(&path.text, cwd);
                    matches!(path.as_str(), "/" | "~" | "/home" | "/Users" | "/root" | "/etc" | "/var" | "/opt" | "/srv" | "/var/www")
                });
                if roots && call.texts().any(|text| BEGINNINGS.iter().any(|begin| text.contains(begin))) {
                    self.mark(Class::CredentialRead);
                }
                // What logs tell of logins, not passwords.
                let logins = call.operands().next().is_some_and(|pattern| {
                    let lower = pattern.text.to_ascii_lowercase();
                    ["failed password", "accepted password", "password for", "useradd", "passwd["].iter().any(|word| lower.contains(word))
                });
                if !logins
                    && call.io.stdin.taint.has(Taint::ENVIRONMENT.with(Taint::SECRET))
                    && call.operands().next().is_some_and(|pattern| {
                        let one = |word: &str| {
                            let bare = word.trim_matches(['=', '$', '_', ':', '^', '(', ')', '\\']).to_ascii_lowercase();
                            matches!(bare.as_str(), "key" | "pass" | "cred" | "pwd" | "authorization" | "cookie" | "set-cookie" | "bearer")
                        };
                        super::text::names_secret(&pattern.text) || pattern.text.split('|').any(one)
                    })
                {
                    self.mark(Class::CredentialRead);
                }
                if call.letter('r') || call.letter('R') {
                    let secret = call.operands().skip(1).any(|path| super::paths::is_secret_folder(&path.text, cwd));
                    if secret {
                        self.mark(Class::CredentialRead);
                    }
                }
            }
            _ => {}
        }
    }

    /// Whoever is in the group `docker` can be root. The manual puts oneself there, and those who build: `$USER`, `ubuntu`, `jenkins`.
    fn joins_docker(&self, call: &Call<'_>) -> bool {
        const USUAL: [&str; 12] = [
            "ubuntu",
            "ec2-user",
            "jenkins",
            "vagrant",
            "gitlab-runner",
            "runner",
            "vscode",
            "debian",
            "centos",
            "codespace",
            "pi",
            "user",
        ];
        let group = |text: &str| text.split(',').any(|group| matches!(group, "docker" | "podman" | "libvirt" | "kvm" | "incus"));
        let named = |user: &str| !user.contains(super::value::HOLE) && !USUAL.contains(&user) && !user.is_empty();
        let docker = call.texts().any(|text| group(text) && !text.starts_with('-'));
        let user = match call.name {
            "usermod" => call.operands().last(),
            "gpasswd" => call.option(&["-a", "--add"]).is_some().then(|| call.operands().next()).flatten(),
            "adduser" | "addgroup" => call.operands().next().filter(|_| call.operands().count() == 2),
            _ => None,
        };
        docker && user.is_some_and(|user| named(&user.text) && !group(&user.text))
    }
}

/// Whether a mode sets the user's bit: `u+s`, `+s`, `4755`, `u=rwxs`.
fn sets_user(mode: &str) -> bool {
    if mode.chars().all(|c| c.is_digit(8)) {
        return u32::from_str_radix(mode, 8).is_ok_and(|mode| mode & 0o4000 != 0);
    }
    mode.split(',').any(|change| {
        let Some((who, what)) = change.split_once(['+', '=']) else { return false };
        what.contains('s') && (who.is_empty() || who.contains(['u', 'a'])) && who.chars().all(|c| matches!(c, 'u' | 'g' | 'o' | 'a'))
    })
}
