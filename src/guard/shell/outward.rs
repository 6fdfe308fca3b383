//! What leaves, and what opens a way in from outside: files served, sent to drop boxes, taken hostage; tunnels and listeners.

use super::Class;
use super::command::Call;
use super::paths;
use super::state::Shell;
use super::value::{HOLE, Taint};

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
    "zhack.ca",
    "dnslog.cn",
    "ceye.io",
    "pingb.in",
    "sprunge.us",
];

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

/// An address, or what begins with one, in a network of one's own.
pub(super) fn is_own_network(host: &str) -> bool {
    let second = || host.strip_prefix("172.").and_then(|rest| rest.split('.').next()).and_then(|number| number.parse::<u8>().ok());
    host.starts_with("10.") || host.starts_with("192.168.") || second().is_some_and(|number| (16..32).contains(&number))
}

/// `nc -lvnp 4444`: the other end of somebody's reverse shell.
fn listens(call: &Call<'_>) -> bool {
    call.texts().any(|text| {
        text.strip_prefix('-').is_some_and(|letters| letters.len() < 6 && ['l', 'v', 'p'].iter().all(|letter| letters.contains(*letter)))
    })
}

impl Shell {
    /// Doors to the outside, and what goes through them.
    pub(super) fn outward(&mut self, call: &Call<'_>) {
        match call.name {
            "dropbear" if call.letter('R') => self.mark(Class::ReverseShell),
            "sshd" if call.option(&["-f"]).is_some_and(|path| super::hostile::is_public(&path.text, None)) => {
                self.mark(Class::ReverseShell)
            }
            "websocat" if call.texts().any(|text| ["sh-c:", "exec:", "cmd:"].iter().any(|place| text.starts_with(place))) => {
                self.mark(Class::ReverseShell);
            }
            "python" | "python3"
                if call.has("pip")
                    && call.texts().any(|text| text.starts_with("http://") || text.contains("://") && names_address(text)) =>
            {
                self.mark(Class::DownloadAndRun);
            }
            "npx" | "bunx" if call.texts().any(|text| text.starts_with("http") && text.contains("://")) => self.mark(Class::DownloadAndRun),
            "deno"
                if call.text(0) == "run"
                    && call.texts().any(|text| {
                        text.starts_with("http") && !["deno.land/", "jsr.io/", "esm.sh/"].iter().any(|host| text.contains(host))
                    }) =>
            {
                self.mark(Class::DownloadAndRun);
            }
            "kubectl" | "oc" if call.texts().any(|text| text.contains("://") && names_address(text)) => self.mark(Class::DownloadAndRun),
            "script" if call.texts().any(super::redirect::is_connection) => self.mark(Class::ReverseShell),
            "ssh" if call.has("-w") => self.mark(Class::ReverseShell),
            "ssh" | "autossh" if self.opens_a_way_in(call) => self.mark(Class::ReverseShell),
            "chisel" if call.texts().any(|text| text.starts_with("R:")) && call.texts().any(names_address) => {
                self.mark(Class::ReverseShell)
            }
            "nc" | "ncat" | "netcat" | "pwncat" | "pwncat-cs" if listens(call) || call.name.starts_with("pwncat") && call.letter('l') => {
                self.mark(Class::ReverseShell)
            }
            "msfconsole" if call.texts().any(|text| text.contains("exploit/") || text.contains("payload")) => {
                self.mark(Class::ReverseShell)
            }
            // What has been fetched in the clear is installed.
            "dpkg" | "rpm" | "apt" | "apt-get" | "dnf" | "yum" | "snap" | "apk" | "pacman" | "pip" | "pip3" | "gem"
                if call.operands().any(|path| self.file(&path.text).is_some_and(|file| file.taint.has(Taint::CLEAR))) =>
            {
                self.mark(Class::DownloadAndRun);
            }
            "docker" | "podman" | "nerdctl"
                if matches!(call.text(0), "run" | "pull" | "create")
                    && call.operands().skip(1).any(|image| {
                        let host = image.text.split('/').next().unwrap_or_default();
                        image.text.contains('/')
                            && names_address(host)
                            && !is_own_network(host)
                            && host.chars().all(|c| c.is_ascii_digit() || matches!(c, '.' | ':'))
                    }) =>
            {
                self.mark(Class::DownloadAndRun);
            }
            "terraform" | "tofu" | "ansible-pull" | "ansible-galaxy" | "nix" | "nix-env" | "nix-shell" | "bazel" | "composer" | "mvn"
            | "jbang" | "snap" | "flatpak" | "vagrant" | "lxc" | "virt-install" | "bundle" | "poetry" | "nix-build" | "opam" | "cpan"
            | "cpanm" | "luarocks" | "pear" | "stack" | "cabal"
                if call.texts().any(|text| {
                    text.contains("://")
                        && super::network::in_the_clear(
                            text.split_once("=http").map_or(text, |(before, _)| super::value::rest(text, before.len() + 1)),
                        )
                }) =>
            {
                self.mark(Class::DownloadAndRun);
            }
            "make" | "gmake" | "npm" | "pnpm" | "yarn" | "pip" | "pip3" | "cargo" | "cmake" | "ninja" | "gradle" | "mvn" | "rake"
                if (self.cloned_in_the_clear || self.cloned_from_afar && self.found.classes.contains(Class::Elevation))
                    && !call.has("--version") =>
            {
                self.mark(Class::DownloadAndRun);
            }
            // A terminal for whoever opens the page.
            "ttyd" | "gotty" | "wetty" | "shellinaboxd" | "butterfly.server.py"
                if call.texts().any(|text| super::interpret::is_shell(text.rsplit('/').next().unwrap_or_default()))
                    && !call
                        .texts()
                        .any(|text| matches!(text, "lo" | "127.0.0.1" | "localhost" | "--version" | "-v" | "--help" | "-h")) =>
            {
                self.mark(Class::ReverseShell);
            }
            "lt" | "localtunnel" if call.has("22") || call.has("3389") => self.mark(Class::ReverseShell),
            "pip" | "pip3" | "npm" | "gem" | "cargo" | "go" | "dpkg" | "rpm" | "dnf" | "yum" | "brew" | "uv" | "pipx" | "npx" | "yarn"
            | "pnpm" | "bunx" | "deno" | "conda"
                if call.texts().any(|text| text.contains("://") && names_address(text)) =>
            {
                self.mark(Class::DownloadAndRun);
            }
            _ => {}
        }
        if matches!(call.name, "mail" | "mailx" | "sendmail" | "mutt") && call.io.stdin.taint.has(Taint::SECRET) {
            self.mark(Class::Exfiltration);
        }
        self.takes_hostage(call);
        self.puts_out(call);
        self.serves(call);
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
        let at_once = matches!(call.name, "7z" | "7za" | "7zz") && call.texts().any(|text| text.starts_with("-p")) && call.has("-sdel")
            || call.name == "rar"
                && call.texts().any(|text| text.starts_with("-hp") || text.starts_with("-p"))
                && (call.has("-df") || call.has("-dr"))
            || call.name == "zip" && (call.has("-P") || call.letter('P')) && (call.letter('m') || call.has("--move"));
        let after = self.encrypts
            && call.name == "find"
            && (call.has("-delete") || call.texts().any(|text| matches!(text, "rm" | "shred")))
            && call.text(0) != ".";
        if at_once || after {
            self.mark(Class::Destructive);
        }
        if self.encrypts && self.plain.is_none() {
            self.plain = call.option(&["-in"]).map(|path| path.text);
        }
        if self.encrypts && matches!(call.name, "rm" | "shred" | "unlink" | "srm") {
            let people = |path: &str| {
                path.contains(HOLE)
                    || paths::canonical(path, self.cwd.as_deref()).starts_with('~')
                    || paths::is_vital(path, self.cwd.as_deref())
            };
            let kept = |path: &str| path.starts_with('/') && !super::hostile::is_public(path, None) && self.plain.as_deref() == Some(path);
            if call.operands().any(|path| people(&path.text) || kept(&path.text)) {
                self.mark(Class::Destructive);
            }
        }
        if call.name == "git" && call.text(0) == "add" {
            self.staged |= call.operands().skip(1).any(|path| paths::is_secret(&path.text, self.cwd.as_deref()));
        }
        if call.name == "git" && call.text(0) == "push" && self.staged {
            self.mark(Class::Exfiltration);
        }
        if call.name == "git" && call.text(0) == "clone" {
            self.cloned = true;
            self.cloned_in_the_clear |= call.texts().any(|text| text.contains("://") && super::network::in_the_clear(text));
            self.cloned_from_afar |= call.texts().any(super::supply::is_strange)
                && call.operands().last().is_some_and(|folder| super::hostile::is_public(&folder.text, self.cwd.as_deref()));
            // Into which directory: the last word, or the name of the repository.
            let folder = call.operands().last().map(|to| to.text.trim_end_matches('/').to_owned()).unwrap_or_default();
            let folder = if folder.contains("://") || folder.starts_with("git@") {
                folder.rsplit('/').next().unwrap_or_default().trim_end_matches(".git").to_owned()
            } else {
                folder
            };
            self.unpacks(Some(folder));
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
            if matches!(
                option.as_str(),
                "-w" | "-o"
                    | "-O"
                    | "-of"
                    | "--output"
                    | "--out"
                    | "--outfile"
                    | "--output-file"
                    | "-Logfile"
                    | "-logfile"
                    | "--log-file"
                    | "--logfile"
                    | "-log"
            ) && value.starts_with(['/', '~'])
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

    /// Files of the host given to whoever asks, or to a place where anyone can fetch them.
    fn serves(&mut self, call: &Call<'_>) {
        let folder = match call.name {
            "php" if call.has("-S") => call.option(&["-t"]),
            "kubectl" if call.text(0) == "proxy" => call.option(&["--www", "-w"]),
            "httpd" => call.option(&["-h"]),
            "darkhttpd" | "http-server" | "serve" | "miniserve" | "webfsd" | "npx" | "static-web-server"
                if call.name != "npx" || matches!(call.text(0), "http-server" | "serve") =>
            {
                call.operands().find(|path| path.text.starts_with(['/', '~']) && paths::is_private(&path.text, None)).cloned()
            }
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
            "nc" | "ncat" | "netcat" | "telnet" | "dig" | "host" | "nslookup" => true,
            _ => false,
        };
        let drop = call.texts().any(|text| DROPS.iter().any(|place| text.contains(place)));
        if sends && drop {
            self.mark(Class::Exfiltration);
        }
        // Things only this machine knows, in the words of a program that is told a host by its number.
        let host = || call.texts().any(names_address);
        let told = call.taint().has(Taint::SECRET) && host();
        let puts = matches!(call.name, "tftp" | "smbclient" | "ftp" | "lftp" | "rclone" | "restic" | "borg" | "lp" | "rlogin")
            && call.texts().any(|text| {
                text.split([' ', ';', '"', '\''])
                    .any(|word| paths::is_secret(word, None) || matches!(word, "/etc/passwd" | "/etc/hosts" | "/etc/group"))
            });
        let input = &call.io.stdin.text;
        let puts = puts
            || matches!(call.name, "ftp" | "sftp" | "lftp" | "tftp")
                && ["put /etc/", "put /root/", "put ~/."].iter().any(|word| input.contains(word))
            || call.name == "lftp"
                && call.texts().any(|text| {
                    ["mirror -R /home", "mirror -R /etc", "mirror -R /root", "mirror -R ~"].iter().any(|word| text.contains(word))
                })
            || call.name == "rclone"
                && call.operands().nth(1).is_some_and(|from| matches!(from.text.trim_end_matches('/'), "/etc" | "/root" | ""));
        let kept = |path: &str| super::network::keeps_data(path) || paths::is_private(path, self.cwd.as_deref());
        // A remote that is only made for this: `:webdav:/x --webdav-url=https://..`, `:sftp,host=..:x`.
        let made_up = call.name == "rclone"
            && call.operands().skip(2).any(|to| to.text.starts_with(':'))
            && call.operands().nth(1).is_some_and(|from| kept(&from.text))
            && call.texts().any(|text| {
                let (_, host) = text.split_once("host=").unwrap_or(("", text));
                let host = host.split_once("url=").map_or(host, |(_, url)| url).split(',').next().unwrap_or_default();
                let url = if host.contains("://") { host.to_owned() } else { ["sftp://", host.trim_end_matches(':')].concat() };
                (text.contains("://") || text.contains("host=") || text.contains("url=")) && super::supply::is_strange(&url)
            });
        // A keeper of backups nobody knows, or that cannot be told.
        let backed_up = matches!(call.name, "restic" | "kopia" | "duplicity" | "borg" | "duplicati-cli" | "tarsnap" | "rdiff-backup")
            && call.operands().any(|from| kept(&from.text))
            && call.texts().any(|text| {
                let at = text.find("http://").or_else(|| text.find("ftp://")).unwrap_or(text.len());
                let url = super::value::rest(text, at);
                url.contains("://") && super::supply::is_strange(url)
            });
        // Nobody looks at who takes what people keep in their homes.
        let unseen = call.name == "rclone"
            && call.has("--no-check-certificate")
            && call.operands().nth(1).is_some_and(|from| super::network::keeps_data(&from.text) || paths::is_private(&from.text, None));
        // By a word that both ends know.
        let handed =
            matches!(call.name, "croc" | "wormhole" | "magic-wormhole" | "ffsend" | "onionshare-cli" | "sendme" | "portal" | "webwormhole")
                && call.operands().any(|path| {
                    paths::is_secret_folder(&path.text, self.cwd.as_deref()) || paths::is_secret(&path.text, self.cwd.as_deref())
                });
        let puts = puts || unseen || handed || made_up || backed_up;
        let pipes = call.name == "openssl" && call.text(0) == "s_client" && input.contains(HOLE) && host();
        if told || puts || pipes {
            self.mark(Class::Exfiltration);
        }
    }
}
