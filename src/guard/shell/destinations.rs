//! Where things are put, whatever puts them: archives taken apart, repositories cloned, objects of clouds and containers copied, output written.

use super::Class;
use super::command::Call;
use super::consoles::Names;
use super::paths;
use super::state::Shell;
use super::value::Taint;

/// Programs that get or take apart, and the options behind which their directory stands.
const INTO: [(&str, &[&str]); 15] = [
    ("unzip", &["-d"]),
    ("cpio", &["-D", "--directory"]),
    ("pax", &["-s"]),
    ("wget", &["-P", "--directory-prefix"]),
    ("wget2", &["-P", "--directory-prefix"]),
    ("curl", &["--output-dir"]),
    ("aria2c", &["-d", "--dir"]),
    ("unsquashfs", &["-d", "-dest"]),
    ("7z", &["-o"]),
    ("7za", &["-o"]),
    ("7zz", &["-o"]),
    ("unar", &["-o", "-output-directory"]),
    ("bsdtar", &["-C", "--directory", "--cd"]),
    ("tar", &["-C", "--directory", "--cd"]),
    ("gtar", &["-C", "--directory", "--cd"]),
];

static TAKERS: Names = Names::of(&[
    "unzip",
    "cpio",
    "pax",
    "wget",
    "wget2",
    "curl",
    "aria2c",
    "unsquashfs",
    "7z",
    "7za",
    "7zz",
    "unar",
    "bsdtar",
    "tar",
    "gtar",
]);

/// Programs whose last word is where things go.
static LAST: Names = Names::of(&[
    "aws", "gsutil", "gcloud", "az", "azcopy", "kubectl", "oc", "docker", "podman", "nerdctl", "rclone", "mc", "s3cmd", "s5cmd", "lxc",
    "incus", "xxd", "split", "csplit", "svn", "ditto", "pbzip2", "gdrive", "adb",
]);

/// Whether a call of `tar` takes apart.
fn takes_apart(call: &Call<'_>) -> bool {
    let first = call.text(0);
    let bare = !first.starts_with('-') && first.len() < 8 && first.contains('x');
    bare || call.letter('x') || call.has("--extract") || call.has("--get")
}

impl Shell {
    pub(super) fn puts_in_place(&mut self, call: &Call<'_>) {
        if TAKERS.has(call.name)
            && let Some((_, options)) = INTO.iter().find(|(name, _)| *name == call.name)
            && (!call.name.ends_with("tar") || takes_apart(call))
            && let Some(folder) = call.option(options)
        {
            self.fills(&folder.text);
            let fetched = call.io.stdin.taint.has(Taint::NET);
            let system = paths::canonical(&folder.text, self.cwd.as_deref());
            if fetched && matches!(system.as_str(), "/" | "/bin" | "/sbin" | "/usr/bin" | "/usr/sbin" | "/etc" | "/lib" | "/usr/lib") {
                self.mark(Class::DownloadAndRun);
            }
        }
        match call.name {
            "git" | "hg" if call.text(0) == "clone" => {
                let mut operands = call.operands().skip(1);
                if let (Some(_), Some(folder)) = (operands.next(), operands.last()) {
                    let folder = folder.text.clone();
                    self.fills(&folder);
                }
            }
            "openssl" => {
                if let Some(path) = call.option(&["-out"]) {
                    self.writes(&path.text, Taint::NONE);
                }
            }
            "sqlite3" => {
                let paths: Vec<String> = call
                    .texts()
                    .filter_map(|text| text.trim().strip_prefix(".output ").or_else(|| text.trim().strip_prefix(".once ")))
                    .map(str::to_owned)
                    .collect();
                paths.iter().for_each(|path| self.writes(path.trim(), Taint::NONE));
            }
            "vi" | "vim" | "nvim" | "ex" | "view" => {
                let words: Vec<String> = call
                    .texts()
                    .filter(|text| text.len() < 1024)
                    .filter_map(|text| {
                        let text = text.trim_start_matches(['+', ':', ' ']);
                        let mut words = text.split_whitespace();
                        let verb = words.next()?.trim_end_matches('!').trim_start_matches('%');
                        matches!(verb, "w" | "write" | "wq" | "saveas" | "sav" | "x" | "up")
                            .then(|| words.next())
                            .flatten()
                            .map(str::to_owned)
                    })
                    .collect();
                words.iter().filter(|path| path.starts_with(['/', '~'])).for_each(|path| self.writes(path, Taint::NONE));
            }
            name if LAST.has(name) => {
                let copies = matches!(name, "xxd" | "split" | "csplit" | "ditto" | "s5cmd")
                    || call.texts().take(4).any(|text| {
                        matches!(
                            text,
                            "cp" | "mv"
                                | "sync"
                                | "copy"
                                | "copyto"
                                | "pull"
                                | "get"
                                | "mirror"
                                | "download"
                                | "rsync"
                                | "get-object"
                                | "export"
                        )
                    });
                let to = call.operands().last().map(|to| to.text.clone()).filter(|to| to.starts_with(['/', '~']));
                if let Some(to) = to.filter(|_| copies && call.operands().count() > 1) {
                    self.fills(&to);
                }
            }
            _ => {}
        }
    }

    /// Things arrive below a path, or at it.
    fn fills(&mut self, path: &str) {
        if path.len() < 4096 {
            let path = ["", path.trim_end_matches('/'), "/"].concat();
            self.writes(&path, Taint::NONE);
        }
    }
}
