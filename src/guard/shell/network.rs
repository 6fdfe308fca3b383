//! What talks over the network: fetching, connecting, sending away.

use super::Class;
use super::command::Call;
use super::interpret::is_shell;
use super::paths;
use super::state::Shell;
use super::value::{HOLE, Taint, Value};

/// Where clouds tell machines their credentials.
const METADATA: &[&str] = &[
    "169.254.169.254",
    "metadata.google.internal",
    "100.100.100.200",
    "fd00:ec2::254",
    "169.254.170.2",
    "2852039166",
    "0xa9fea9fe",
    "0xa9.0xfe.0xa9.0xfe",
    "0251.0376.0251.0376",
    "025177524776",
    "metadata.azure",
    "169.254.43518",
    "/computemetadata/v1",
    "[::ffff:a9fe:a9fe]",
    "[::ffff:169.254.169.254]",
];

impl Shell {
    pub(super) fn network(&mut self, call: &Call<'_>) -> Option<Value> {
        let kind = kind(call.name).filter(|_| call.name != "openssl" || call.text(0) == "s_client")?;
        self.mark(Class::Network);
        let named = ["ECS_CONTAINER_METADATA_URI", "AWS_CONTAINER_CREDENTIALS", "IDENTITY_ENDPOINT", "MSI_ENDPOINT"];
        if call.texts().any(is_metadata) || named.iter().any(|name| self.showing.contains(name)) {
            self.mark(Class::CredentialRead);
        }
        let given = call.taint().with(call.io.stdin.taint);
        if given.has(Taint::SECRET) && !matches!(kind, Kind::Ask) {
            self.mark(Class::Exfiltration);
        }
        if given.has(Taint::TOKEN) {
            self.gives_token(call);
        }
        if matches!(kind, Kind::Fetch | Kind::Connect) {
            self.gives_environment(call);
        }
        Some(match kind {
            Kind::Fetch => self.fetch(call),
            Kind::Connect => self.connect(call),
            Kind::Copy => self.send(call),
            Kind::Ask => self.ask(call),
            Kind::Remote => self.remote_shell(call),
        })
    }

    fn fetch(&mut self, call: &Call<'_>) -> Value {
        let cwd = self.cwd.clone();
        let url = call
            .operands()
            .filter(|operand| operand.text.contains(['.', HOLE]) || operand.text.contains("://"))
            .last()
            .map(|url| url.text.clone())
            .unwrap_or_default();
        for (at, arg) in call.args.iter().enumerate() {
            let text = arg.text.as_str();
            let next = call.text(at + 1);
            let upload = match text {
                "-T" | "--upload-file" | "--post-file" | "--body-file" => Some(next),
                "-d" | "--data" | "--data-binary" | "--data-raw" | "--data-ascii" | "--data-urlencode" | "-F" | "--form" | "--json"
                | "--url-query" => next
                    .split_once('@')
                    .map(|(_, path)| path.split(';').next().unwrap_or_default())
                    .or_else(|| next.split_once('<').map(|(_, path)| path)),
                _ if text.len() < 8 && text.starts_with('-') && !text.starts_with("--") && text.ends_with('T') => Some(next),
                _ => ["--post-file=", "--body-file=", "--upload-file=", "--data=@", "--data-binary=@", "-d@", "-T"]
                    .iter()
                    .find_map(|option| text.strip_prefix(option)),
            };
            let upload = upload.or_else(|| {
                text.split_once('@')
                    .filter(|(name, _)| matches!(call.name, "http" | "https" | "xh") && !name.contains('/'))
                    .map(|(_, path)| path)
            });
            if let Some(path) = upload {
                let path = path.trim_start_matches('@');
                let known = self.file(path);
                if paths::is_private(path, cwd.as_deref()) || known.is_some_and(|value| value.taint.has(Taint::SECRET.with(Taint::WHO))) {
                    self.mark(Class::Exfiltration);
                }
            }
            // Who this is, in an address or in what is sent.
            let body = at.checked_sub(1).is_some_and(|before| {
                call.text(before).starts_with("-d") || call.text(before).ends_with('d') && call.text(before).starts_with("-s")
            });
            if arg.taint.has(Taint::WHO)
                && (text.contains("://") || text.contains('.') || text.contains('=') || body)
                && text.contains(HOLE)
            {
                self.mark(Class::Exfiltration);
            }
        }
        if call.io.stdin.taint.has(Taint::WHO)
            && call.texts().any(|text| text.contains("@-") || matches!(text, "-T" | "--upload-file" | "-T-"))
        {
            self.mark(Class::Exfiltration);
        }
        let name = url.split(['?', '#']).next().unwrap_or_default().rsplit('/').next().unwrap_or_default().to_owned();
        if call.option(&["--use-askpass"]).is_some_and(|program| program.text.contains('/')) {
            self.mark(Class::ShellEscape);
        }
        let output = match call.name {
            "wget" | "wget2" => {
                let letters = call.option(&["-O", "--output-document", "-qO", "-nvO", "-cO", "-qcO", "-cqO", "-NO"]);
                let letters = letters.or_else(|| {
                    call.texts()
                        .zip(call.texts().skip(1))
                        .find(|(option, _)| option.starts_with('-') && !option.starts_with("--") && option.ends_with('O'))
                        .map(|(_, path)| Value::known(path))
                });
                match (letters, call.option(&["-P", "--directory-prefix"])) {
                    (Some(path), _) => path.text,
                    (None, Some(folder)) => format!("{}/{name}", folder.text),
                    (None, None) => name,
                }
            }
            "tftp" | "ftpget" => call
                .option(&["-l", "-r"])
                .filter(|path| !path.text.is_empty())
                .map_or_else(|| call.operands().last().map_or(name, |path| path.text.clone()), |path| path.text),
            "aria2c" | "axel" | "lwp-download" => call.option(&["-o", "--out"]).map_or(name, |path| path.text),
            "curl" | "curlie" => {
                let named = call.option(&["-o", "--output"]);
                let named = named.or_else(|| {
                    call.texts()
                        .zip(call.texts().skip(1))
                        .find(|(option, _)| {
                            option.starts_with('-') && !option.starts_with("--") && option.ends_with('o') && option.len() > 2
                        })
                        .map(|(_, path)| Value::known(path))
                });
                let remote = call.letter('O') || call.has("--remote-name") || call.has("--remote-name-all");
                match named {
                    Some(path) => path.text,
                    None if remote => name,
                    None => "-".to_owned(),
                }
            }
            "fetch" => call.option(&["-o"]).map_or(name, |path| path.text),
            _ => call.option(&["-o", "--output", "-O"]).map_or_else(|| "-".to_owned(), |path| path.text),
        };
        if call.texts().any(|text| text.starts_with("telnet://")) {
            if call.io.stdin.taint.has(Taint::SHELL) {
                self.mark(Class::ReverseShell);
            }
            return Value::hole(Taint::SOCKET.with(Taint::NET));
        }
        let mut fetched = Value::hole(Taint::NET);
        // Where no scheme is told, nothing is hidden on the way.
        let bare = !url.contains("://") && !url.is_empty() && in_the_clear(&["http://", &url].concat());
        if bare || in_the_clear(&url) || call.texts().any(|text| text.contains("://") && in_the_clear(text)) {
            fetched.taint = fetched.taint.with(Taint::CLEAR);
        }
        if self.showing.contains("ACTIONS_ID_TOKEN_REQUEST") || call.texts().any(is_metadata) {
            fetched.taint = fetched.taint.with(Taint::TOLD);
        }
        if matches!(output.as_str(), "-" | "/dev/stdout" | "-q") {
            return fetched;
        }
        self.writes(&output, Taint::NET);
        if output.ends_with(".ko") || output.ends_with(".ko.xz") || output.starts_with("/lib/security/") || output.contains("/ld.so") {
            self.mark(Class::PrivilegeChange);
        }
        self.write_file(&output, fetched, false);
        Value::default()
    }

    fn connect(&mut self, call: &Call<'_>) -> Value {
        let stdin = call.io.stdin.taint;
        let runs = match call.name {
            "rustcat" | "rcat" | "pwncat" => call.option(&["-s", "--shell", "-e"]).is_some(),
            "socat" => {
                let spawns = |text: &str| {
                    let upper = text.to_ascii_uppercase();
                    (upper.starts_with("EXEC:") || upper.starts_with("SYSTEM:") || upper.starts_with("SHELL:"))
                        && text
                            .split([':', ',', ' ', '/', '"', '\''])
                            .any(|word| is_shell(word) || matches!(word, "cmd" | "cmd.exe" | "powershell" | "powershell.exe" | "login"))
                };
                call.texts().any(spawns)
            }
            "openssl" => false,
            _ => {
                let value = call.option(&["--sh-exec", "--exec", "--lua-exec"]);
                let letter = |letter: char| {
                    call.texts().any(|text| {
                        text.strip_prefix('-').is_some_and(|letters| {
                            letters.len() < 9
                                && !letters.starts_with('-')
                                && letters.contains(letter)
                                && letters.chars().all(char::is_alphanumeric)
                        })
                    })
                };
                let shellish = call.texts().any(|text| {
                    text.split([' ', '/', '\\'])
                        .any(|word| is_shell(word) || matches!(word, "cmd" | "cmd.exe" | "powershell" | "powershell.exe"))
                });
                value.as_ref().is_some_and(|program| !says_little(&program.text))
                    || (call.name != "telnet" && letter('e') && (shellish || call.args.len() > 2))
                    || (letter('c') && shellish)
            }
        };
        let pipe_in = call.operands().chain(call.args).any(|arg| self.fifo && arg.text.contains("fifo"));
        if runs || stdin.has(Taint::SHELL) || pipe_in && stdin.has(Taint::SOCKET) {
            self.mark(Class::ReverseShell);
        }
        if stdin.has(Taint::WHO) {
            self.mark(Class::Exfiltration);
        }
        Value::hole(Taint::SOCKET.with(Taint::NET))
    }

    /// `scp`, `rsync`, `ftp` and services for files.
    fn send(&mut self, call: &Call<'_>) -> Value {
        let cwd = self.cwd.clone();
        let away = |text: &str| {
            text.contains("s3://")
                || text.contains("rsync://")
                || text.contains("gs://")
                || text.contains("transfer.sh")
                || text.split('/').next().is_some_and(|host| host.contains(':') && host.len() > 2)
        };
        let mut names_key = false;
        let mut private = false;
        for arg in call.args {
            let key = std::mem::replace(&mut names_key, matches!(arg.text.as_str(), "-i" | "-F" | "-o" | "-e" | "-P" | "-p"));
            private |= !key
                && !away(&arg.text)
                && paths::is_private(&arg.text, cwd.as_deref())
                && arg.text.starts_with(['/', '~', '.'])
                && !arg.text.ends_with(".pub");
        }
        let last_away = call.operands().last().is_some_and(|last| away(&last.text));
        let source = call.operands().count() > 1 && last_away;
        let secret = call.args.iter().rev().skip(1).any(|arg| {
            paths::is_secret(&arg.text, cwd.as_deref())
                && !call.args.iter().zip(call.args.iter().skip(1)).any(|(option, value)| option.text == "-i" && value.text == arg.text)
        });
        let whole = call.operands().take(call.operands().count().saturating_sub(1)).any(|path| {
            matches!(
                paths::canonical(&path.text, cwd.as_deref()).as_str(),
                "/" | "/etc" | "/home" | "~" | "/root" | "/var" | "/var/lib/mysql"
            )
        });
        let system = call.operands().take(call.operands().count().saturating_sub(1)).any(|path| {
            matches!(
                paths::canonical(&path.text, cwd.as_deref()).as_str(),
                "/" | "/etc" | "/root" | "/var/lib/mysql" | "/etc/ssh" | "/etc/ssl"
            ) || paths::is_secret_folder(&path.text, cwd.as_deref())
        });
        // A server that takes what anyone brings.
        let taken = call.operands().count() > 1
            && call.operands().last().is_some_and(|to| to.text.starts_with("rsync://") && super::supply::is_strange(&to.text));
        // `host::module`: the same without a scheme.
        let daemon = call.name == "rsync"
            && whole
            && call
                .operands()
                .last()
                .and_then(|to| to.text.split_once("::"))
                .is_some_and(|(host, _)| super::supply::is_strange(&["rsync://", host].concat()));
        if taken || daemon {
            self.mark(Class::Exfiltration);
        }
        // What a machine is there to keep, for a host that has no name.
        let kept = call
            .operands()
            .take(call.operands().count().saturating_sub(1))
            .any(|path| keeps_data(&path.text) || keeps_keys(&paths::canonical(&path.text, cwd.as_deref())))
            && call.operands().skip(1).any(|to| {
                let host = to.text.split_once("host=").map_or(to.text.rsplit('@').next().unwrap_or_default(), |(_, host)| host);
                away(&to.text) && super::outward::names_address(&to.text) && !super::outward::is_own_network(host)
            });
        let held = call.operands().any(|path| self.file(&path.text).is_some_and(|file| file.taint.has(Taint::SECRET)));
        if held && source
            || kept
            || source && system
            || source && whole && call.operands().last().is_some_and(|to| super::outward::names_address(&to.text))
        {
            self.mark(Class::Exfiltration);
        }
        if source
            && private
            && (secret
                || call.operands().any(|path| {
                    paths::canonical(&path.text, cwd.as_deref()).starts_with("/etc/")
                        && (path.text.contains("passwd")
                            || path.text.contains("shadow")
                            || path.text.contains("sudoers")
                            || path.text.contains("ssh"))
                }))
        {
            self.mark(Class::Exfiltration);
        }
        // What is fetched by what it is told on its input.
        if matches!(call.name, "ftp" | "sftp" | "lftp" | "tftp") {
            let fetched = call.io.stdin.text.lines().filter_map(|line| line.trim().strip_prefix("get ")).take(16);
            for name in fetched.filter_map(|names| names.split_whitespace().last()).map(str::to_owned).collect::<Vec<_>>() {
                self.write_file(&name, Value::hole(Taint::NET), false);
            }
        }
        if let Some(path) = call.option(&["-o"]).filter(|_| call.name == "ftp") {
            self.write_file(&path.text, Value::hole(Taint::NET), false);
        }
        if let Some(to) = call.operands().last().filter(|_| !last_away) {
            let to = to.text.clone();
            self.writes(&to, Taint::NET);
            if matches!(call.name, "scp" | "rsync" | "smbclient") {
                let name = call.operands().next().map_or("", |from| from.text.rsplit(['/', ':']).next().unwrap_or_default()).to_owned();
                let target = if to.ends_with('/') || matches!(to.as_str(), "." | "..") { name } else { to };
                self.write_file(&target, Value::hole(Taint::NET), false);
            }
        }
        Value::hole(if call.has("-") || call.texts().take(3).any(|text| text == "cat") { Taint::NET } else { Taint::NONE })
    }

    /// Names: what is asked for can carry something out, and the answer something in.
    fn ask(&mut self, call: &Call<'_>) -> Value {
        let carries = call.args.iter().any(|arg| {
            let text = arg.text.as_str();
            arg.taint.has(Taint::SECRET.with(Taint::WHO).with(Taint::DECODED))
                && text.contains(HOLE)
                && text.trim_matches(HOLE).contains('.')
        });
        // What is put into the packets themselves.
        let filled = call.name.starts_with("ping") && call.option(&["-p", "--pattern"]).is_some_and(|with| with.text.contains(HOLE));
        if carries || filled || call.taint().has(Taint::SECRET) {
            self.mark(Class::Exfiltration);
        }
        let answers = matches!(call.name, "finger" | "whois" | "dig" | "host" | "nslookup" | "drill" | "kdig");
        Value::hole(if answers { Taint::NET } else { Taint::NONE })
    }

    fn remote_shell(&mut self, call: &Call<'_>) -> Value {
        const VALUED: [&str; 20] =
            ["-b", "-c", "-D", "-E", "-e", "-F", "-I", "-i", "-J", "-L", "-l", "-m", "-O", "-o", "-p", "-Q", "-R", "-S", "-W", "-w"];
        let mut at = 0;
        while call.text(at).starts_with('-') {
            at += if VALUED.contains(&call.text(at)) { 2 } else { 1 };
        }
        // The host; options may follow it, too.
        at += 1;
        while call.text(at).starts_with('-') && call.text(at) != "-" {
            at += if VALUED.contains(&call.text(at)) { 2 } else { 1 };
        }
        self.remote = self.remote.saturating_add(1);
        let cwd = self.cwd.take();
        let output = if call.args.len() > at {
            let plain = call.args.get(at).is_some_and(|arg| arg.is_all_hole());
            if plain && call.args.len() == at + 1 {
                self.mark(Class::Dynamic);
                self.found.commands_complete = false;
            } else {
                self.run_joined(call, at);
            }
            Value::hole(Taint::NONE)
        } else {
            if call.io.stdin.is_known() && !call.io.stdin.text.trim().is_empty() {
                self.run(&call.io.stdin.text, Value::default());
            }
            Value::hole(Taint::NONE)
        };
        self.cwd = cwd;
        self.remote = self.remote.saturating_sub(1);
        let mut output = output;
        if call.texts().skip(at).any(|text| text.starts_with("cat")) {
            output.taint = Taint::NET;
        }
        if call.io.socket {
            self.mark(Class::ReverseShell);
        }
        if call.io.stdin.taint.has(Taint::WHO) && call.texts().take(at).any(super::outward::names_address) {
            self.mark(Class::Exfiltration);
        }
        output
    }
}

/// Directories of data: of services, of people.
pub(super) fn keeps_data(path: &str) -> bool {
    let path = paths::canonical(path, None);
    let path = path.trim_end_matches("/*");
    [
        "/srv",
        "/data",
        "/mnt",
        "/media",
        "/home",
        "/backup",
        "/backups",
        "/var/www",
        "/var/lib",
        "~/projects",
        "~/Projects",
        "~/src",
        "~/code",
        "~/work",
        "~/dev",
        "~/repos",
        "~/Documents",
        "~/Desktop",
        "~/Downloads",
        "~/Pictures",
    ]
    .iter()
    .any(|place| path == *place || path.strip_prefix(place).is_some_and(|rest| rest.starts_with('/') && rest.matches('/').count() < 4))
        && !path.rsplit('/').next().is_some_and(|name| name.contains('.'))
}

/// Directories of keys and certificates, of databases and of clusters.
fn keeps_keys(path: &str) -> bool {
    const NAMES: [&str; 9] = ["pki", "private", "keys", "secrets", "certs", "ssl", "tls", "keytabs", "credentials"];
    let last = path.trim_end_matches("/*").rsplit('/').next().unwrap_or_default();
    path.starts_with(['/', '~']) && NAMES.contains(&last)
        || ["/etc/kubernetes", "/etc/letsencrypt", "/etc/wireguard", "/etc/openvpn", "/etc/vault", "/etc/pki", "/root"]
            .iter()
            .any(|place| path.starts_with(place))
        || super::estate::keeps_state(path)
}

/// Whether nobody can tell who has answered, outside of one's own networks.
pub(super) fn in_the_clear(url: &str) -> bool {
    let host = url.split_once("://").map_or(url, |(_, rest)| rest);
    let host = host.rsplit_once('@').map_or(host, |(_, host)| host);
    let own = ["localhost", "127.", "[::1]"].iter().any(|own| host.starts_with(own)) || super::outward::is_own_network(host);
    !own && (super::outward::names_address(host.split('/').next().unwrap_or_default())
        || url.starts_with("http://") && super::supply::is_strange(url))
}

pub(super) fn is_metadata(text: &str) -> bool {
    let lower = text.to_ascii_lowercase();
    METADATA.iter().any(|place| lower.contains(place))
}

/// Programs that answer everyone the same.
fn says_little(script: &str) -> bool {
    let first = script.split_whitespace().next().unwrap_or_default();
    let plain = !script.contains([';', '|', '&', '$', '`']);
    plain && matches!(first.rsplit('/').next().unwrap_or_default(), "echo" | "date" | "uptime" | "yes" | "printf" | "fortune")
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Fetch,
    Connect,
    Copy,
    Ask,
    Remote,
}

fn kind(name: &str) -> Option<Kind> {
    Some(match name {
        "curl" | "wget" | "wget2" | "fetch" | "aria2c" | "axel" | "lynx" | "links" | "links2" | "elinks" | "w3m" | "http" | "https"
        | "xh" | "GET" | "POST" | "lwp-request" | "lwp-download" | "curlie" | "hurl" | "tftp" | "ftpget" | "get" | "saldl"
        | "youtube-dl" | "httpie" => Kind::Fetch,
        "nc" | "ncat" | "netcat" | "nc.traditional" | "nc.openbsd" | "socat" | "telnet" | "pwncat" | "sbd" | "cryptcat" | "dbd"
        | "rcat" | "rustcat" | "websocat" | "gs-netcat" | "gsocket" => Kind::Connect,
        "openssl" => Kind::Connect,
        "scp" | "rsync" | "sftp" | "ftp" | "lftp" | "smbclient" | "rclone" | "s3cmd" | "gsutil" | "ncftpput" | "croc" | "wormhole" => {
            Kind::Copy
        }
        "dig" | "host" | "nslookup" | "drill" | "kdig" | "traceroute" | "tracepath" | "mtr" | "fping" | "ping" | "ping6" | "mail"
        | "mailx" | "sendmail" | "mutt" | "whois" | "finger" => Kind::Ask,
        "ssh" | "slogin" | "rsh" | "autossh" | "mosh" | "dropbear" | "dbclient" | "plink" => Kind::Remote,
        _ => return None,
    })
}
