//! Paths that matter: what they are when read, written or removed. Text alone decides, nothing is opened.

use super::Class;
use super::state::Shell;
use super::value::{HOLE, Taint, glob, rest, strip};

/// Private keys by the names that `ssh-keygen` gives them.
const KEY_NAMES: [&str; 6] = ["id_rsa", "id_dsa", "id_ecdsa", "id_ed25519", "id_ecdsa_sk", "id_ed25519_sk"];

/// Secrets by whole path.
const SECRET_FILES: &[&str] = &[
    "/etc/shadow",
    "/etc/shadow-",
    "/etc/gshadow",
    "/etc/gshadow-",
    "/etc/master.passwd",
    "/etc/security/opasswd",
    "/etc/krb5.keytab",
    "/etc/ipsec.secrets",
    "/etc/ppp/chap-secrets",
    "/etc/ppp/pap-secrets",
    "/proc/kcore",
    "/dev/mem",
    "/dev/kmem",
    "/etc/kubernetes/admin.conf",
    "/etc/rancher/k3s/k3s.yaml",
    "/var/backups/shadow.bak",
    "/etc/spwd.db",
    "/etc/tripwire/site.key",
    "/etc/sudoers",
];

/// Secrets by a part of the path.
const SECRET_PARTS: &[&str] = &[
    "/.aws/credentials",
    "/.aws/sso/cache",
    "/.docker/config.json",
    "/.kube/config",
    "/.git-credentials",
    "/.config/gh/hosts.yml",
    "/.config/git/credentials",
    "/.cargo/credentials",
    "/.gem/credentials",
    "/.azure/accessTokens",
    "/.azure/msal_token_cache",
    "/.azure/azureProfile.json",
    "/.config/gcloud/credentials.db",
    "/.config/gcloud/access_tokens.db",
    "/.config/gcloud/application_default_credentials.json",
    "/.config/gcloud/legacy_credentials",
    "/.gnupg/private-keys",
    "/.gnupg/secring",
    "/.vault-token",
    "/.terraform.d/credentials",
    "/.password-store/",
    "/.local/share/keyrings",
    "/Library/Keychains",
    "/secrets/kubernetes.io/serviceaccount",
    "/etc/ssl/private/",
    "/NetworkManager/system-connections/",
    "/.config/rclone/rclone.conf",
    "/.bitcoin/wallet.dat",
    "/.electrum/wallets",
    "/.ethereum/keystore",
    "/.config/filezilla/",
    "/.purple/accounts.xml",
    "/Login Data",
    "/logins.json",
    "/key4.db",
    "/key3.db",
    "/.config/solana/id.json",
    "/.config/op/",
    "/.jupyter/jupyter_server_config.json",
    "/.oci/oci_api_key",
];

/// Secrets by the last name, in a home directory or not known where.
const SECRET_NAMES: &[&str] = &[
    ".netrc",
    "_netrc",
    ".pgpass",
    ".my.cnf",
    ".mylogin.cnf",
    ".git-credentials",
    ".pypirc",
    ".s3cfg",
    ".boto",
    ".vault-token",
    ".bash_history",
    ".zsh_history",
    ".sh_history",
    ".ash_history",
    ".mysql_history",
    ".psql_history",
    ".python_history",
    ".rediscli_history",
    ".sqlite_history",
    ".node_repl_history",
    ".lesshst",
    "ntds.dit",
    "wallet.dat",
    ".credentials.json",
    ".dockercfg",
    "wp-config.php",
    "ssh_host_rsa_key",
    "ssh_host_ed25519_key",
    "ssh_host_ecdsa_key",
    "ssh_host_dsa_key",
];

/// Home directories of secrets, which are secret as a whole.
const SECRET_FOLDERS: &[&str] = &[
    "/.ssh",
    "/.aws",
    "/.gnupg",
    "/.kube",
    "/.password-store",
    "/.docker",
    "/.azure",
    "/.config/gcloud",
    "/.mozilla/firefox",
    "/.config/google-chrome",
    "/.config/chromium",
];

/// What logs in, starts or boots runs what is written there.
const STARTED_PARTS: &[&str] = &[
    "/etc/cron",
    "/var/spool/cron",
    "/var/spool/at",
    "/.ssh/authorized_keys",
    "/.ssh/rc",
    "/etc/ssh/sshrc",
    "/etc/systemd/system",
    "/lib/systemd/system",
    "/usr/lib/systemd",
    "/run/systemd/system",
    "/.config/systemd/user",
    "/etc/init.d/",
    "/etc/init/",
    "/etc/rc.local",
    "/etc/rc.d/",
    "/etc/inittab",
    "/etc/profile",
    "/etc/bash.bashrc",
    "/etc/bashrc",
    "/etc/zsh",
    "/etc/csh.",
    "/etc/fish/",
    "/etc/ld.so.preload",
    "/etc/ld.so.conf",
    "/.config/autostart/",
    "/etc/xdg/autostart",
    "/Library/LaunchAgents",
    "/Library/LaunchDaemons",
    "/Library/StartupItems",
    "/.git/hooks/",
    "/etc/update-motd.d/",
    "/etc/udev/rules.d/",
    "/etc/modules-load.d/",
    "/etc/apt/apt.conf.d/",
    "/etc/NetworkManager/dispatcher.d/",
    "/.pam_environment",
    "/etc/environment",
    "/.config/fish/config.fish",
    "/etc/anacrontab",
    "/etc/skel/",
    "sitecustomize.py",
    "usercustomize.py",
    "/etc/xinetd.d/",
    "/etc/inetd.conf",
    "/etc/network/if-up.d/",
    "/etc/dbus-1/system.d/",
    "/etc/logrotate.d/",
];

/// Start-up files of shells and sessions, by the last name.
const STARTED_NAMES: &[&str] = &[
    ".bashrc",
    ".bash_profile",
    ".bash_login",
    ".bash_logout",
    ".bash_aliases",
    ".profile",
    ".zshrc",
    ".zshenv",
    ".zprofile",
    ".zlogin",
    ".zlogout",
    ".kshrc",
    ".cshrc",
    ".tcshrc",
    ".login",
    ".xinitrc",
    ".xsession",
    ".xsessionrc",
    ".xprofile",
    ".rhosts",
    ".shosts",
    "authorized_keys",
    "authorized_keys2",
    "config.fish",
];

/// Who is who, and who may what.
const RIGHTS_PARTS: &[&str] = &[
    "/etc/sudoers",
    "/etc/pam.d/",
    "/etc/pam.conf",
    "/etc/doas.conf",
    "/etc/security/",
    "/etc/polkit-1/",
    "/proc/sys/kernel/core_pattern",
    "/proc/sys/kernel/modprobe",
    "/release_agent",
    "/etc/hosts.equiv",
    "/security/pam_",
    "/etc/shells",
];
const RIGHTS_FILES: &[&str] = &["/etc/passwd", "/etc/shadow", "/etc/group", "/etc/gshadow", "/etc/master.passwd"];

const PROTECTION_PARTS: &[&str] = &[
    "/etc/selinux/config",
    "/sys/fs/selinux/enforce",
    "/selinux/enforce",
    "/proc/sys/kernel/randomize_va_space",
    "/proc/sys/kernel/yama/ptrace_scope",
];

/// Logs of who came and went.
const TRACES: &[&str] = &[
    "/var/log/wtmp",
    "/var/log/btmp",
    "/var/run/utmp",
    "/var/log/lastlog",
    "/var/log/auth.log",
    "/var/log/secure",
    "/var/log/audit/audit.log",
    "/var/log/faillog",
];
const HISTORIES: &[&str] = &[".bash_history", ".zsh_history", ".sh_history", ".ash_history", ".history", "fish_history"];

/// Directories whose loss ends a system or what people keep on it.
const VITAL: &[&str] = &[
    "/",
    "/bin",
    "/boot",
    "/boot/efi",
    "/boot/grub",
    "/dev",
    "/etc",
    "/home",
    "/lib",
    "/lib32",
    "/lib64",
    "/opt",
    "/proc",
    "/sbin",
    "/srv",
    "/sys",
    "/usr",
    "/var",
    "/usr/bin",
    "/usr/lib",
    "/usr/lib64",
    "/usr/sbin",
    "/usr/local",
    "/usr/share",
    "/usr/local/bin",
    "/var/lib",
    "/var/log",
    "/var/www",
    "/var/spool",
    "/var/mail",
    "/var/backups",
    "/var/lib/mysql",
    "/var/lib/postgresql",
    "/var/lib/docker",
    "/var/lib/dpkg",
    "/var/lib/rpm",
    "/etc/ssh",
    "/etc/ssl",
    "/etc/pam.d",
    "/etc/systemd",
    "/System",
    "/Library",
    "/Users",
    "/Applications",
    "/mnt/c",
    "/mnt",
    "/media",
    "/data",
    "~",
];

const VITAL_FILES: &[&str] = &[
    "/etc/passwd",
    "/etc/shadow",
    "/etc/group",
    "/etc/fstab",
    "/etc/sudoers",
    "/etc/hosts",
    "/bin/sh",
    "/bin/bash",
    "/usr/bin/bash",
    "/usr/bin/sudo",
    "/sbin/init",
    "/boot/grub/grub.cfg",
    "/etc/resolv.conf",
    "/etc/ld.so.cache",
];

const DISKS: &[&str] =
    &["sd", "hd", "vd", "xvd", "nvme", "mmcblk", "disk", "rdisk", "md", "dm-", "mapper/", "sr", "vg", "ubuntu-vg", "mtd", "pmem"];

/// The path without detours, homes as `~`.
pub(super) fn canonical(path: &str, cwd: Option<&str>) -> String {
    let path = path.strip_prefix("file://").unwrap_or(path);
    let joined = match cwd {
        Some(cwd) if !path.starts_with(['/', '~']) && !path.contains(HOLE) => format!("{cwd}/{path}"),
        _ => path.to_owned(),
    };
    let mut parts: Vec<&str> = Vec::new();
    for name in joined.split('/') {
        match name {
            "" | "." => {}
            ".." if parts.last().is_some_and(|last| *last != "..") => {
                parts.pop();
            }
            _ => parts.push(name),
        }
    }
    // Above the root is the root; above an unknown place is an unknown place.
    if joined.starts_with('/') {
        parts.retain(|name| *name != "..");
    }
    let (home, inner) = match parts.as_slice() {
        ["home" | "Users", _, inner @ ..] if joined.starts_with('/') => (true, inner),
        ["root", inner @ ..] if joined.starts_with('/') => (true, inner),
        [first, inner @ ..] if first.starts_with('~') => (true, inner),
        all => (false, all),
    };
    let body = inner.join("/");
    match (home, joined.starts_with('/')) {
        (true, _) if body.is_empty() => "~".to_owned(),
        (true, _) => format!("~/{body}"),
        (false, true) => format!("/{body}"),
        (false, false) => body,
    }
}

fn last(path: &str) -> &str {
    path.rsplit('/').next().unwrap_or_default()
}

/// Whether a path, which may be a glob, means one of those.
fn means(path: &str, file: &str) -> bool {
    if path == file {
        return true;
    }
    // `/etc/sha*` and `/e?c/shadow`, but not `/etc/*`.
    let letters = last(path).chars().filter(|c| c.is_alphanumeric()).count();
    path.starts_with(['/', '~']) && path.contains(['*', '?', '[']) && letters >= 2 && path.len() < 256 && glob(path, file)
}

/// Whether reading it gives away a secret.
pub(super) fn is_secret(path: &str, cwd: Option<&str>) -> bool {
    if path.len() > 4096 || path.len() < 4 {
        return false;
    }
    let path = canonical(path, cwd);
    let name = last(&path);
    let anywhere = format!("/{path}");
    let key = KEY_NAMES.contains(&name)
        || (path.contains(".ssh/") && (name.starts_with("id_") || matches!(name, "*" | "identity")) && !name.ends_with(".pub"));
    let process = path.starts_with("/proc/") && (name == "environ" || (name == "mem" && path.matches('/').count() == 3));
    let environment = name == ".env"
        || (name.starts_with(".env.") && !["example", "sample", "template", "dist", "test"].iter().any(|word| name.contains(word)));
    let host_key = path.starts_with("/etc/ssh/ssh_host_") && !name.ends_with(".pub");
    let registry = name.eq_ignore_ascii_case("sam") && path.to_ascii_lowercase().contains("config");
    key || process
        || environment
        || host_key
        || registry
        || SECRET_FILES.iter().any(|file| means(&path, file))
        || SECRET_PARTS.iter().any(|part| anywhere.contains(part))
        || SECRET_NAMES.contains(&name)
        || (path.starts_with("~/") && matches!(name, ".npmrc" | ".history" | "fish_history"))
        || ["~/.ssh/id_rsa", "~/.ssh/id_ed25519", "~/.aws/credentials"].iter().any(|file| means(&path, file))
        || (path.starts_with("/etc/letsencrypt/") && name.starts_with("privkey"))
        || path.starts_with("/run/secrets/")
}

/// Whether it is a directory of secrets, or of everything.
pub(super) fn is_secret_folder(path: &str, cwd: Option<&str>) -> bool {
    let path = canonical(path, cwd);
    let path = path.strip_suffix("/*").unwrap_or(&path);
    let anywhere = format!("/{path}");
    SECRET_FOLDERS.iter().any(|folder| anywhere.ends_with(folder))
}

/// Whether sending it away tells more than a file of one's own would.
pub(super) fn is_private(path: &str, cwd: Option<&str>) -> bool {
    let plain = canonical(path, cwd);
    is_secret(path, cwd)
        || is_secret_folder(path, cwd)
        || plain.starts_with("/etc/")
        || plain.starts_with("/var/log/")
        || plain.starts_with("/proc/")
        || matches!(plain.as_str(), "/" | "/etc" | "~" | "/root" | "/home" | "/var" | "/proc")
        || (plain.starts_with("~/.") && plain.len() > 3)
}

pub(super) fn taint(path: &str, cwd: Option<&str>) -> Taint {
    if is_private(path, cwd) && !last(path).ends_with(".pub") {
        Taint::SECRET
    } else if path.contains(".ssh/") && path.ends_with(".pub") {
        Taint::OWN_KEY
    } else {
        Taint::NONE
    }
}

/// What writing to a path does.
pub(super) fn written(path: &str, cwd: Option<&str>) -> Option<Class> {
    let path = canonical(path, cwd);
    let anywhere = format!("/{path}");
    let name = last(&path);
    if is_disk(&path) || matches!(path.as_str(), "/dev/mem" | "/dev/kmem" | "/dev/port" | "/proc/sysrq-trigger") {
        return Some(Class::Destructive);
    }
    if RIGHTS_FILES.iter().any(|file| means(&path, file)) || RIGHTS_PARTS.iter().any(|part| anywhere.contains(part)) {
        return Some(Class::PrivilegeChange);
    }
    if PROTECTION_PARTS.iter().any(|part| anywhere.contains(part)) {
        return Some(Class::ProtectionOff);
    }
    let absolute = path.starts_with(['/', '~']) || path.starts_with(HOLE) || STARTED_NAMES.contains(&path.as_str());
    if STARTED_PARTS.iter().any(|part| anywhere.contains(part)) || (absolute && STARTED_NAMES.contains(&name)) {
        return Some(Class::Persistence);
    }
    if TRACES.contains(&path.as_str()) || HISTORIES.contains(&name) {
        return Some(Class::Destructive);
    }
    None
}

pub(super) fn is_trace(path: &str, cwd: Option<&str>) -> bool {
    let path = canonical(path, cwd);
    TRACES.contains(&path.as_str()) || HISTORIES.contains(&last(&path))
}

pub(super) fn is_disk(path: &str) -> bool {
    let path = canonical(path, None);
    let Some(device) = path.strip_prefix("/dev/") else { return path.to_ascii_lowercase().starts_with("\\\\.\\physicaldrive") };
    let device = device.strip_prefix("disk/by-").map_or(device, |_| "sda");
    DISKS.iter().any(|disk| {
        device.strip_prefix(disk).is_some_and(|rest| {
            disk.ends_with('/')
                || rest
                    .chars()
                    .next()
                    .is_none_or(|c| c.is_ascii_alphanumeric() || c == '*' || c == '?' || c == '[' || c == HOLE || c == '/')
        })
    }) && !matches!(device, "srandom" | "src")
}

/// Whether removing it, and what is in it, is beyond repair.
pub(super) fn is_vital(path: &str, cwd: Option<&str>) -> bool {
    if path.chars().all(|c| c == HOLE) {
        return false;
    }
    let bare = strip(path);
    let mut path = canonical(&bare, cwd);
    if let Some(drive) = bare.get(..2).filter(|drive| drive.ends_with(':')) {
        return rest(&bare, drive.len()).trim_matches(['\\', '/', '*', '.']).is_empty();
    }
    while let Some(shorter) = ["/*", "/.*", "/{*,.*}", "/.??*", "/**", "/.[!.]*"].iter().find_map(|tail| path.strip_suffix(tail)) {
        path = if shorter.is_empty() { "/".to_owned() } else { shorter.to_owned() };
    }
    VITAL.contains(&path.as_str())
        || (path.len() < 64 && path.starts_with('/') && path.contains(['?', '*', '[']) && path.matches('/').count() == 1)
}

pub(super) fn is_vital_file(path: &str, cwd: Option<&str>) -> bool {
    let path = canonical(path, cwd);
    VITAL_FILES.contains(&path.as_str())
        || path.starts_with("/boot/vmlinuz")
        || path.starts_with("/boot/initr")
        || is_disk(&path)
        || is_trace(&path, None)
}

impl Shell {
    /// A path is read.
    pub(super) fn reads(&mut self, path: &str) {
        let bare = if path.contains(HOLE) { strip(path) } else { String::new() };
        if is_secret(path, self.cwd.as_deref()) || is_secret(&bare, self.cwd.as_deref()) {
            self.mark(Class::CredentialRead);
        }
        if super::redirect::is_connection(path) {
            self.mark(Class::Network);
        }
    }

    /// A path is written.
    pub(super) fn writes(&mut self, path: &str, from: Taint) {
        match written(path, self.cwd.as_deref()) {
            // What `ssh-copy-id` does.
            Some(Class::Persistence) if self.remote > 0 && from.has(Taint::OWN_KEY) => {}
            Some(class) => self.mark(class),
            None => {}
        }
    }
}
