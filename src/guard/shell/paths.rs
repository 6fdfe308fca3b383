//! Paths that matter: what they are when read, written or removed. Text alone decides, nothing is opened.

use super::Class;
use super::places::{
    DISKS, HISTORIES, KEPT_BY_TOOLS, KEY_NAMES, PROTECTION_PARTS, RIGHTS_FILES, RIGHTS_PARTS, SECRET_FILES, SECRET_FOLDERS, SECRET_NAMES,
    SECRET_PARTS, STARTED_NAMES, STARTED_PARTS, TRACES, VITAL, VITAL_FILES,
};
use super::state::Shell;
use super::value::{HOLE, Taint, glob, rest, strip};

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
    // The root of a process is a way to the root.
    if joined.starts_with('/') && matches!(parts.as_slice(), ["proc", _, "root", ..]) {
        parts.drain(..3);
    }
    // Where macOS keeps what other systems have at the root.
    if joined.starts_with('/') && parts.len() > 1 && parts.first() == Some(&"private") {
        parts.remove(0);
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
    if !path.contains(['*', '?', '[']) {
        return false;
    }
    // `/etc/sha*` and `/e?c/shadow`, but not `/etc/*`.
    let letters = last(path).chars().filter(|c| c.is_alphanumeric()).count();
    path.starts_with(['/', '~']) && letters >= 2 && path.len() < 256 && glob(path, file)
}

/// Whether reading it gives away a secret.
pub(super) fn is_secret(path: &str, cwd: Option<&str>) -> bool {
    // Most words are no paths at all. Only where the working directory is known can a bare name be one.
    if path.len() > 4096 || path.len() < 3 || (cwd.is_none() && !path.contains(['/', '.', '_'])) {
        return false;
    }
    let path = canonical(path, cwd);
    let name = last(&path);
    let anywhere = format!("/{path}");
    let key = KEY_NAMES.contains(&name)
        || path.contains(".ssh/") && (name == "{}" || !name.is_empty() && name.chars().all(|c| c == HOLE))
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
        || ["/etc/shadow", "/etc/gshadow", "/etc/sudoers", "/etc/krb5.keytab"].iter().any(|file| anywhere.ends_with(file))
        || SECRET_PARTS.iter().any(|part| anywhere.contains(part))
        || SECRET_NAMES.contains(&name)
        || (path.starts_with("~/") && matches!(name, ".npmrc" | ".history" | "fish_history"))
        || ["~/.ssh/id_rsa", "~/.ssh/id_ed25519", "~/.aws/credentials"].iter().any(|file| means(&path, file))
        || (path.starts_with("/etc/letsencrypt/") && name.starts_with("privkey"))
        || path.starts_with("/run/secrets/")
        || path.starts_with("~/.") && path.matches('/').count() > 1 && KEPT_BY_TOOLS.contains(&name)
        || name.contains('*') && !name.ends_with(".pub") && path.rsplit_once('/').is_some_and(|(folder, _)| is_secret_folder(folder, None))
}

/// Whether a file is a secret to those who read it, though programs are told its name every day.
pub(super) fn is_key_file(path: &str) -> bool {
    const KEYS: [&str; 8] =
        ["master.key", "server.key", "private.key", "tls.key", "privkey.pem", "private.pem", "private_key.pem", "client.key"];
    KEYS.contains(&last(path))
        || path.starts_with("/dev/input/event")
        || path.ends_with(".tfstate")
        || path.ends_with("/.m2/settings.xml")
        || [".ppk", ".kdbx", ".vscdb", "/.htpasswd", "/wpa_supplicant.conf", "/gitlab-runner/config.toml", "/grafana.db", "/.dbshell"]
            .iter()
            .any(|end| path.ends_with(end))
        || path.starts_with(['/', '~'])
            && ["secrets.json", "secrets.yaml", "secrets.yml", "debian.cnf", "gitlab-secrets.json", "credentials.json", "credentials.yml"]
                .contains(&last(path))
        || ["service-account.json", "serviceaccount.json", "service_account.json", "sa-key.json", "secrets.yml.key"].contains(&last(path))
        || path.contains("/kubernetes/pki/") && path.ends_with(".key")
        || is_key_of_ssh(path)
}

/// Whatever lies among the keys and is none of the files that tell of others.
fn is_key_of_ssh(path: &str) -> bool {
    let name = last(path);
    let told =
        ["config", "known_hosts", "authorized_keys", "environment", "rc", "allowed_signers"].iter().any(|file| name.starts_with(file));
    path.contains("/.ssh/") && !name.is_empty() && !told && !name.ends_with(".pub") && !path.contains("config")
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
        || plain.strip_prefix("~/Library/").is_some_and(|rest| !["Caches", "Developer", "Logs"].iter().any(|place| rest.starts_with(place)))
        || super::estate::keeps_state(&plain)
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
    let folder = if path.ends_with('/') { "/" } else { "" };
    let path = canonical(path, cwd);
    let anywhere = format!("/{path}{folder}");
    let name = last(&path);
    if path.starts_with("/sys/block/") && path.ends_with("/device/delete") {
        return Some(Class::Destructive);
    }
    if is_disk(&path) || matches!(path.as_str(), "/dev/mem" | "/dev/kmem" | "/dev/port" | "/proc/sysrq-trigger") {
        return Some(Class::Destructive);
    }
    if RIGHTS_FILES.iter().any(|file| means(&path, file)) || RIGHTS_PARTS.iter().any(|part| anywhere.contains(part)) {
        return Some(Class::PrivilegeChange);
    }
    if PROTECTION_PARTS.iter().any(|part| anywhere.contains(part)) {
        return Some(Class::ProtectionOff);
    }
    // `$(git rev-parse --git-dir)/hooks/pre-commit`
    const HOOKS: [&str; 10] = [
        "pre-commit",
        "post-commit",
        "pre-push",
        "post-merge",
        "post-checkout",
        "commit-msg",
        "prepare-commit-msg",
        "pre-rebase",
        "post-receive",
        "pre-receive",
    ];
    if path.starts_with(HOLE) && path.ends_with(&["/hooks/", name].concat()) && HOOKS.contains(&name) {
        return Some(Class::Persistence);
    }
    let absolute = path.starts_with(['/', '~']) || path.starts_with(HOLE) || STARTED_NAMES.contains(&path.as_str());
    if STARTED_PARTS.iter().any(|part| anywhere.contains(part)) || (absolute && STARTED_NAMES.contains(&name)) {
        return Some(Class::Persistence);
    }
    // A page that nobody is to see.
    let page = [".php", ".jsp", ".aspx", ".phtml", ".cgi"].iter().any(|end| name.ends_with(end));
    if page && name.starts_with('.') && ["/var/www/", "/usr/share/nginx/", "/htdocs/", "/webapps/"].iter().any(|place| path.contains(place))
    {
        return Some(Class::Persistence);
    }
    if TRACES.contains(&path.as_str()) || HISTORIES.contains(&name) || matches!(path.as_str(), "/var/log/*" | "/var/log/*.log") {
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
    // `/!(proc|sys)`: all but a few.
    if let Some((before, kept)) = path.rsplit_once("/!(")
        && kept.ends_with(')')
    {
        path = if before.is_empty() { "/".to_owned() } else { before.to_owned() };
    }
    VITAL.contains(&path.as_str())
        || (path.len() < 64
            && path.starts_with('/')
            && path.contains(['?', '*', '['])
            && path.matches('/').count() == 1
            && VITAL.iter().any(|vital| glob(&path, vital)))
}

pub(super) fn is_vital_file(path: &str, cwd: Option<&str>) -> bool {
    let path = canonical(path, cwd);
    VITAL_FILES.contains(&path.as_str())
        || path.starts_with("/boot/vmlinuz")
        || path.starts_with("/boot/initr")
        || path.starts_with("/lib64/ld-linux")
        || path.starts_with("/lib/ld-")
        || path.ends_with("/libc.so.6")
        || is_disk(&path)
        || is_trace(&path, None)
}

impl Shell {
    /// A path is read.
    pub(super) fn reads(&mut self, path: &str) {
        let bare = if path.contains(HOLE) { strip(path) } else { String::new() };
        // `export $(grep -v '^#' .env | xargs)`: as it is meant to be read.
        if self.loading && path.rsplit('/').next().is_some_and(|name| name.starts_with(".env")) {
            return;
        }
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
