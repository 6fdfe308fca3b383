//! What leaves though no secret is named: whole trees of files, packed; files one after another; the screen and what is said before it. Where nobody
//! logs in at the other end, it is nobody's own place.

use super::Class;
use super::command::Call;
use super::paths;
use super::state::Shell;
use super::supply::is_strange;
use super::value::{HOLE, Taint, Value};

/// Names of directories that are made to be given away.
const PRODUCTS: [&str; 22] = [
    "dist",
    "build",
    "out",
    "public",
    "target",
    "site",
    "_site",
    "release",
    "releases",
    "coverage",
    "docs",
    "artifacts",
    "bin",
    "pkg",
    "package",
    "www",
    "html",
    "assets",
    "reports",
    "results",
    "bundle",
    "static",
];

/// Hosts that take builds, logs and reports of those who run them.
const TAKERS: [&str; 8] = ["artifact", "registry", "upload.", "uploads.", "deploy", "ci.", "storage", "backup"];

fn packs(call: &Call<'_>) -> bool {
    match call.name {
        "tar" | "gtar" | "bsdtar" => {
            let first = call.text(0);
            let bare = !first.starts_with('-') && first.len() < 8 && first.contains('c');
            bare || call.letter('c') && !call.letter('x') || call.has("--create")
        }
        "zip" | "cpio" | "pax" | "zpaq" => true,
        "7z" | "7za" | "7zz" | "rar" => call.text(0) == "a",
        "git" => matches!(call.text(0), "archive" | "bundle"),
        _ => false,
    }
}

/// Whether a request says who sends it.
fn logs_in(call: &Call<'_>) -> bool {
    call.texts().any(|text| {
        let lower = text.to_ascii_lowercase();
        matches!(
            text,
            "-u" | "--user"
                | "-n"
                | "--netrc"
                | "--oauth2-bearer"
                | "-E"
                | "--cert"
                | "--key"
                | "--negotiate"
                | "--aws-sigv4"
                | "-b"
                | "--cookie"
        ) || text.starts_with("-u")
            || lower.contains("authorization:")
            || lower.contains("token")
            || lower.contains("api-key")
            || lower.contains("apikey")
            || lower.contains("signature=")
            || lower.contains("x-amz-")
            || lower.contains("sig=")
            || text.split_once("://").is_some_and(|(_, behind)| behind.split('/').next().is_some_and(|host| host.contains('@')))
    })
}

/// Whether it goes to a host that few know and that does not say it takes such things.
fn goes_away(call: &Call<'_>) -> bool {
    call.texts().any(|text| {
        let url = if text.contains("://") { text.to_owned() } else { ["http://", text].concat() };
        let host = url.split_once("://").map_or("", |(_, behind)| behind).split(['/', ':', '?']).next().unwrap_or_default().to_owned();
        let named = host.contains('.') && !text.starts_with(['-', '.', '/', '~', '@', '{', '$']) && !text.contains([' ', '=', '@']);
        named
            && (text.contains("://") || text.contains('/') || !text.ends_with(|c: char| c.is_ascii_digit()) && host.split('.').count() > 1)
            && !super::places::SECRET_NAMES.contains(&text)
            && is_strange(&url)
            && !TAKERS.iter().any(|taker| host.contains(taker))
            && ![".tgz", ".tar", ".gz", ".zip", ".sql", ".txt", ".json", ".log", ".csv"]
                .iter()
                .any(|end| text.ends_with(end) && !text.contains("://"))
    })
}

impl Shell {
    /// What an archive of files of one's own is, on its way through pipes and files.
    pub(super) fn packed(&mut self, call: &Call<'_>) -> Taint {
        if !packs(call) {
            return Taint::NONE;
        }
        let product = |path: &str| {
            let last = path.trim_end_matches(['/', '*']).rsplit('/').next().unwrap_or_default();
            PRODUCTS.contains(&last) || last.contains('.') && last.trim_matches('.').len() > 1
        };
        let operands: Vec<String> = call.operands().map(|path| path.text.clone()).collect();
        let sources =
            operands.iter().filter(|path| !matches!(path.as_str(), "-" | "a" | "archive" | "bundle" | "create") && !is_letters(path));
        let private = call.name == "git" || sources.filter(|path| !path.contains(HOLE)).any(|path| !product(path));
        if !private {
            return Taint::NONE;
        }
        let archive = call.option(&["-f", "--file", "-o", "--output"]).map(|path| path.text).or_else(|| {
            operands
                .iter()
                .find(|path| {
                    [".tgz", ".tar", ".gz", ".zip", ".7z", ".rar", ".xz", ".zst", ".bundle", ".bz2"].iter().any(|end| path.ends_with(end))
                })
                .cloned()
        });
        if let Some(archive) = archive.filter(|path| path != "-" && path.contains('.')) {
            self.write_file(&archive, Value::hole(Taint::PACKED), false);
        }
        Taint::PACKED
    }

    pub(super) fn leaves(&mut self, call: &Call<'_>) {
        if matches!(call.name, "gh" | "glab" | "gist" | "pastebinit" | "wgetpaste") {
            let shares = !matches!(call.name, "gh" | "glab") || matches!((call.text(0), call.text(1)), ("gist" | "snippet", "create"));
            if shares && call.texts().any(|text| text.starts_with(['/', '~']) && paths::is_private(text, self.cwd.as_deref())) {
                self.mark(Class::Exfiltration);
            }
        }
        if call.name == "socat" {
            let file = call.texts().any(|text| {
                ["FILE:", "OPEN:", "GOPEN:", "file:", "open:", "gopen:"]
                    .iter()
                    .filter_map(|kind| text.strip_prefix(kind))
                    .any(|path| paths::is_private(path.split(',').next().unwrap_or_default(), None))
            });
            if file {
                self.mark(Class::Exfiltration);
            }
        }
        let serves = matches!(call.name, "python" | "python3") && call.has("http.server") && call.option(&["-d", "--directory"]).is_none()
            || matches!(call.name, "http-server" | "miniserve" | "darkhttpd") && call.operands().next().is_none();
        if serves && self.cwd.as_deref().is_some_and(|place| matches!(place, "/" | "~" | "/root" | "/home" | "/etc")) {
            self.mark(Class::Exfiltration);
        }
        if !matches!(call.name, "curl" | "wget" | "nc" | "ncat" | "netcat" | "http" | "https" | "xh" | "socat") {
            return;
        }
        let raw = matches!(call.name, "nc" | "ncat" | "netcat" | "socat");
        let sends = raw
            || call.texts().any(|text| {
                text.ends_with("@-")
                    || matches!(text, "-T" | "-T-" | "--upload-file" | "-sT" | "-sST" | "-fsT")
                    || text.ends_with("=<-")
                    || text.contains("=@-")
            });
        let streamed = sends && call.io.stdin.taint.has(Taint::PACKED);
        // `-F file=@p.zip`, `-T p.zip`; and files that come one after another: `-F f=@{}`, `-T "$f"`.
        let mut before = "";
        let mut given = false;
        for arg in call.args {
            let option = std::mem::replace(&mut before, arg.text.as_str());
            let text = arg.text.as_str();
            let path = match option {
                "-T" | "--upload-file" | "-sT" | "-sST" | "-fsT" => Some(text),
                _ => text.split_once('@').filter(|(name, _)| name.ends_with('=') || name.is_empty()).map(|(_, path)| path),
            };
            let Some(path) = path.filter(|path| *path != "-") else { continue };
            let held = self.file(path).is_some_and(|file| file.taint.has(Taint::PACKED));
            let each = path.contains("{}") || self.feeding && path.contains(HOLE) || path.starts_with("~/") && path.contains(HOLE);
            given |= held || each;
        }
        if (streamed || given) && !logs_in(call) && (goes_away(call) || raw && call.io.stdin.taint.has(Taint::PACKED) && goes_away(call)) {
            self.mark(Class::Exfiltration);
        }
        // What the system tells, where nobody looks for it.
        let mut before = "";
        for arg in call.args {
            let option = std::mem::replace(&mut before, arg.text.as_str());
            let hidden = matches!(option, "-A" | "--user-agent" | "-e" | "--referer" | "-b" | "--cookie");
            if hidden && arg.text.contains(HOLE) && arg.taint.has(Taint::TOLD.with(Taint::WHO).with(Taint::SECRET)) {
                self.mark(Class::Exfiltration);
            }
        }
    }
}

/// The letters of a call of `tar` without a dash.
fn is_letters(word: &str) -> bool {
    word.len() < 7 && word.starts_with(['c', 'v', 'z', 'j', 'J']) && word.contains('c') && word.chars().all(|c| "cvzjJfpPaShO".contains(c))
}
