//! `find` and its kin: what they look for, remove, write and run.

use super::super::Class;
use super::super::command::Call;
use super::super::interpret::is_shell;
use super::super::paths;
use super::super::redirect::Io;
use super::super::state::Shell;
use super::super::value::{HOLE, Taint, Value, glob};

impl Shell {
    pub(super) fn find(&mut self, call: &Call<'_>) -> Value {
        const FILTERS: [&str; 24] = [
            "-name",
            "-iname",
            "-path",
            "-ipath",
            "-wholename",
            "-regex",
            "-iregex",
            "-mtime",
            "-mmin",
            "-ctime",
            "-cmin",
            "-atime",
            "-amin",
            "-newer",
            "-size",
            "-user",
            "-group",
            "-perm",
            "-empty",
            "-maxdepth",
            "-uid",
            "-inum",
            "-nouser",
            "-samefile",
        ];
        let roots: Vec<Value> = call.args.iter().take_while(|arg| !arg.text.starts_with(['-', '(', '!'])).cloned().collect();
        let everything =
            |at: usize| matches!(call.text(at), "-name" | "-iname" | "-path") && matches!(call.text(at + 1), "*" | "/*" | "**");
        // Whose files they are, and that they are files, spares little of a whole machine.
        const BROAD: [&str; 4] = ["-user", "-group", "-uid", "-maxdepth"];
        let machine = roots.iter().any(|root| root.text == "/");
        let filtered =
            call.texts().enumerate().any(|(at, text)| FILTERS.contains(&text) && !everything(at) && !(machine && BROAD.contains(&text)))
                || call.name.starts_with("fd");
        let vital = roots.iter().any(|root| paths::is_vital(&root.text, self.cwd.as_deref()));
        let here = roots.is_empty() || roots.iter().any(|root| matches!(root.text.as_str(), "." | "./" | "*"));
        if !filtered && (vital || here) && call.has("-delete") {
            self.mark(Class::Destructive);
        }
        if call.has("-delete") {
            self.mark(Class::Delete);
        }
        // What programs and people cannot do without, wherever it lies.
        if machine && (call.has("-delete") || call.texts().any(|text| matches!(text, "rm" | "shred" | "unlink"))) {
            const KEPT: [&str; 18] = [
                "*.conf",
                "*.cfg",
                "*.so",
                "*.so.*",
                "*.db",
                "*.sqlite",
                "*.sql",
                "*.bak",
                "*.doc*",
                "*.xls*",
                "*.pdf",
                "*.jpg",
                "*.png",
                "*.key",
                "*.pem",
                "*.service",
                "*.ko",
                "*.mdf",
            ];
            if call.texts().zip(call.texts().skip(1)).any(|(option, name)| matches!(option, "-name" | "-iname") && KEPT.contains(&name)) {
                self.mark(Class::Destructive);
            }
        }
        // Keys of all kinds, looked for in all that an account or a machine has.
        const KEYS: [&str; 14] = [
            "*.pem",
            "*.key",
            "*.p12",
            "*.pfx",
            "*.ppk",
            "*.kdbx",
            "*.jks",
            "*.ovpn",
            "*.keystore",
            "*wallet*",
            "*secret*",
            "*password*",
            "*credential*",
            "*.env",
        ];
        let everywhere = roots
            .iter()
            .any(|root| matches!(paths::canonical(&root.text, self.cwd.as_deref()).as_str(), "/" | "~" | "/home" | "/root" | "/Users"));
        if everywhere && call.texts().filter(|text| KEYS.contains(text)).count() > 1 {
            self.mark(Class::CredentialRead);
        }
        // Backups, other than those that have grown old.
        let removed = call.has("-delete") || call.texts().any(|text| matches!(text, "rm" | "shred" | "unlink"));
        if removed && roots.iter().any(|root| keeps_backups(&root.text)) && !ages(call) {
            self.mark(Class::Destructive);
        }
        for (at, text) in call.texts().enumerate() {
            let next = call.text(at + 1);
            let secret = matches!(text, "-name" | "-iname")
                && !next.is_empty()
                && !next.contains(['*', '?', '['])
                && roots.iter().take(4).any(|root| paths::is_secret(&format!("{}/{next}", root.text.trim_end_matches('/')), None));
            // `find /etc -name 'shad*'`: a pattern that only a few files fit.
            let letters = next.chars().filter(char::is_ascii_alphanumeric).count();
            let means = matches!(text, "-name" | "-iname")
                && (roots.iter().any(|root| matches!(root.text.trim_end_matches('/'), "" | "/etc")))
                && letters > 3
                && ["shadow", "gshadow", "master.passwd"].iter().any(|file| glob(next, file));
            let means = means
                || matches!(text, "-path" | "-wholename" | "-ipath")
                    && ["etc/shadow", "etc/gshadow", ".ssh/id_rsa", ".ssh/id_ed25519", ".aws/credentials"]
                        .iter()
                        .any(|file| next.ends_with(file));
            if secret || means {
                self.mark(Class::CredentialRead);
            }
            match text {
                "-fprintf" | "-fprint" | "-fls" | "-fprint0" => self.writes(next, Taint::NONE),
                "-name" | "-iname" | "-path" | "-wholename"
                    if paths::is_secret(next, None)
                        || next.starts_with("id_rsa")
                        || next.starts_with("id_ed25519")
                        || next.starts_with("id_") && glob(next, "id_rsa")
                        || next.starts_with("id_") && call.texts().any(|text| text.contains(".ssh")) =>
                {
                    self.mark(Class::CredentialRead);
                }
                _ => {}
            }
        }
        let mut at = 0;
        while at < call.args.len() {
            let text = call.text(at);
            at += 1;
            if !matches!(text, "-exec" | "-execdir" | "-ok" | "-okdir" | "-x" | "-X" | "--exec" | "--exec-batch") {
                continue;
            }
            let inner = call.args.get(at..).unwrap_or_default();
            let end = inner.iter().position(|arg| matches!(arg.text.as_str(), ";" | "+" | "\\;" | "\\+")).unwrap_or(inner.len());
            at += end;
            let place = match roots.first() {
                Some(root) if !filtered => root.text.clone(),
                // `find .git -name hooks`: where it is need not be known.
                Some(root) => match call.option(&["-name"]).filter(|name| !name.text.contains(['*', '?', '[']) && root.text.len() > 1) {
                    Some(name) => format!("{}/{}", root.text.trim_end_matches('/'), name.text),
                    None => format!("{}/{HOLE}", root.text),
                },
                None => HOLE.to_string(),
            };
            let words: Vec<Value> = inner
                .get(..end)
                .unwrap_or_default()
                .iter()
                .map(|word| Value { text: word.text.replace("{}", &place), taint: word.taint })
                .collect();
            let shell = words.first().is_some_and(|first| is_shell(first.text.rsplit('/').next().unwrap_or_default()));
            if shell && words.get(1).is_none_or(|arg| matches!(arg.text.as_str(), "-p" | "-i" | "-l")) {
                self.mark(Class::ShellEscape);
            }
            let removes = words.first().is_some_and(|first| {
                matches!(first.text.rsplit('/').next().unwrap_or_default(), "rm" | "shred" | "unlink" | "truncate" | "srm")
            });
            if removes && vital && !filtered {
                self.mark(Class::Destructive);
            }
            let feeding = self.feeding;
            self.feeding |= filtered;
            self.command(words, &Io::default(), &[]);
            self.feeding = feeding;
        }
        let taint = roots.iter().fold(Taint::NONE, |taint, root| taint.with(root.taint));
        match roots.first() {
            Some(root) if !filtered && vital => Value { text: root.text.clone(), taint },
            _ => Value::hole(taint),
        }
    }
}

/// Where backups lie, by the name of the directory.
fn keeps_backups(path: &str) -> bool {
    path.starts_with('/')
        && path
            .trim_end_matches(['/', '*'])
            .rsplit('/')
            .take(2)
            .any(|name| matches!(name.to_ascii_lowercase().as_str(), "backup" | "backups" | "snapshots" | "archives" | "dumps"))
}

/// Whether only what is older than so many days is meant, or what was left half done.
fn ages(call: &Call<'_>) -> bool {
    let old = call.texts().zip(call.texts().skip(1)).any(|(option, age)| {
        matches!(option, "-mtime" | "-ctime" | "-atime" | "-mmin" | "-cmin" | "-amin") && age.starts_with('+')
            || matches!(option, "-name" | "-iname") && ["*.tmp", "*.part", "*.partial", "*.log", "*.lock", "*~", "*test*"].contains(&age)
            || option == "-not"
            || option == "!"
    });
    old || call.has("-empty") || call.has("-newermt") && call.has("!")
}
