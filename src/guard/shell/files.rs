//! Files removed, overwritten and moved.

use super::Class;
use super::command::Call;
use super::paths;
use super::state::Shell;
use super::value::{Taint, Value};

/// `/dev/sdX1`: no disk, but how manuals write one.
fn stands_for_any(path: &str) -> bool {
    ["/dev/sdX", "/dev/sdx", "/dev/hdX", "/dev/vdX", "/dev/nvmeX", "/dev/diskX", "/dev/diskN"].iter().any(|disk| path.starts_with(disk))
}

impl Shell {
    pub(super) fn file_tool(&mut self, call: &Call<'_>) {
        match call.name {
            "rm" | "srm" | "grm" | "wipe" | "trash" | "rimraf" | "del-cli" => self.remove(call),
            "unlink" | "rmdir" | "shred" => {
                self.mark(Class::Delete);
                for path in call.operands() {
                    if paths::is_vital_file(&path.text, self.cwd.as_deref())
                        || call.name == "shred" && paths::is_vital(&path.text, self.cwd.as_deref())
                    {
                        self.mark(Class::Destructive);
                    }
                }
            }
            "dd" => self.dd(call),
            "gcc" | "cc" | "g++" | "clang" | "clang++" | "rustc" | "tcc"
                if call.operands().any(|source| self.file(&source.text).is_some_and(|file| file.taint.has(Taint::NET))) =>
            {
                let program = call.option(&["-o"]).map_or_else(|| "a.out".to_owned(), |path| path.text);
                self.write_file(&program, Value::hole(Taint::NET), false);
            }
            "badblocks"
                if call.texts().any(|text| text.starts_with('-') && text.contains('w'))
                    && call.operands().any(|path| paths::is_disk(&path.text)) =>
            {
                self.mark(Class::Destructive);
            }
            "sfdisk" if call.has("--delete") && !call.texts().any(stands_for_any) => self.mark(Class::Destructive),
            "btrfs"
                if call.text(1) == "delete"
                    && call.operands().any(|path| {
                        paths::is_vital(&path.text, None) || path.text.rsplit('/').next().is_some_and(|name| name.starts_with('@'))
                    }) =>
            {
                self.mark(Class::Destructive)
            }
            "umount" | "fsfreeze" if (call.letter('l') || call.letter('f')) && call.operands().any(|path| path.text == "/") => {
                self.mark(Class::Destructive);
            }
            "mdadm" if call.has("--zero-superblock") && call.operands().any(|path| paths::is_disk(&path.text)) => {
                self.mark(Class::Destructive)
            }
            "fallocate"
                if call.option(&["-l", "--length"]).is_some_and(|length| {
                    let number = length.text.trim_end_matches(|c: char| !c.is_ascii_digit()).parse::<u64>().unwrap_or(0);
                    length.text.contains('T') || length.text.contains('G') && number >= 500
                }) =>
            {
                self.mark(Class::Destructive);
            }
            "head"
                if call.operands().any(|path| matches!(path.text.as_str(), "/dev/zero" | "/dev/urandom"))
                    && call.option(&["-c", "--bytes"]).is_some_and(|size| {
                        let number = size.text.trim_end_matches(|c: char| !c.is_ascii_digit()).parse::<u64>().unwrap_or(0);
                        size.text.contains('T') || size.text.contains('G') && number >= 100
                    }) =>
            {
                self.mark(Class::Destructive);
            }
            "chattr"
                if call.letter('R')
                    && call
                        .operands()
                        .skip(1)
                        .any(|path| paths::is_vital(&path.text, None) && path.text.trim_end_matches('/').len() < 6) =>
            {
                self.mark(Class::Destructive);
            }
            "mv" | "cp" | "install" | "ln" | "rsync" => self.copy(call),
            "truncate" => {
                for path in call.operands() {
                    if paths::is_vital_file(&path.text, self.cwd.as_deref()) {
                        self.mark(Class::Destructive);
                    }
                    self.writes(&path.text, Taint::NONE);
                }
            }
            // Every line of it.
            "sed" | "gsed"
                if call.texts().any(|text| text.starts_with("-i") || text == "--in-place")
                    && call.operands().next().is_some_and(|script| matches!(script.text.as_str(), "d" | "1,$d" | "1,$ d"))
                    && call.operands().skip(1).any(|path| paths::is_vital_file(&path.text, self.cwd.as_deref())) =>
            {
                self.mark(Class::Destructive);
            }
            "sed" | "gsed" | "perl" | "ruby"
                if call
                    .texts()
                    .any(|text| text.starts_with("-i") || text == "--in-place" || text.starts_with("--in-place=") || text == "-pi") =>
            {
                for path in call.operands().skip(usize::from(!call.has("-e"))) {
                    self.writes(&path.text, Taint::NONE);
                }
            }
            "ed" | "ex" | "patch" | "crudini" | "augtool" => {
                for path in call.operands() {
                    self.writes(&path.text, Taint::NONE);
                }
            }
            "wipefs" if call.has("-a") || call.has("--all") || call.letter('a') => self.mark(Class::Destructive),
            "blkdiscard" | "mke2fs" | "newfs" | "mkswap"
                if call.operands().any(|path| paths::is_disk(&path.text) && !stands_for_any(&path.text)) =>
            {
                self.mark(Class::Destructive)
            }
            "sgdisk" if call.letter('Z') || call.has("--zap-all") || call.has("-o") => self.mark(Class::Destructive),
            "hdparm" if call.texts().any(|text| text.starts_with("--security-erase") || text == "--trim-sector-ranges") => {
                self.mark(Class::Destructive)
            }
            "nvme" if matches!(call.text(0), "format" | "sanitize" | "delete-ns") => self.mark(Class::Destructive),
            "fdisk" | "gdisk" | "sfdisk" | "cfdisk" if call.io.stdin.is_known() && !call.io.stdin.text.trim().is_empty() => {
                self.mark(Class::Destructive)
            }
            "dropdb"
                if call.operands().any(|name| {
                    !["test", "dev", "tmp", "temp", "scratch", "local", "demo"].iter().any(|word| name.text.contains(word))
                }) && !call.has("-i")
                    && !call.has("--interactive") =>
            {
                self.mark(Class::Destructive)
            }
            "cryptsetup" if call.has("luksFormat") => self.mark(Class::Destructive),
            "aws" if call.text(0) == "s3" && call.text(1) == "rb" && call.has("--force") => self.mark(Class::Destructive),
            "aws"
                if call.text(0) == "s3"
                    && call.text(1) == "rm"
                    && call.has("--recursive")
                    && call
                        .texts()
                        .any(|text| text.strip_prefix("s3://").is_some_and(|bucket| !bucket.trim_end_matches('/').contains('/'))) =>
            {
                self.mark(Class::Destructive);
            }
            "pip" | "pip3" | "npm" | "npx" if call.texts().any(|text| text.starts_with("http://")) => self.mark(Class::DownloadAndRun),
            "gcloud" if call.text(0) == "projects" && call.text(1) == "delete" => self.mark(Class::Destructive),
            "parted"
                if !call.texts().any(stands_for_any)
                    && call.texts().any(|text| {
                        matches!(text, "mklabel" | "mktable" | "rm" | "mkpart") || text.starts_with("mklabel ") || text.starts_with("rm ")
                    }) =>
            {
                self.mark(Class::Destructive)
            }
            "cryptsetup" if matches!(call.text(0), "erase" | "luksErase" | "luksRemoveKey" | "luksKillSlot") => {
                self.mark(Class::Destructive)
            }
            name if name.starts_with("mkfs") || name.starts_with("mke2fs") => {
                let disk = call.operands().any(|path| path.text.starts_with("/dev/") && !stands_for_any(&path.text));
                if disk {
                    self.mark(Class::Destructive);
                }
            }
            "unzip" | "touch" | "chattr"
                if call.operands().any(|path| paths::written(&path.text, None) == Some(Class::PrivilegeChange))
                    && call.name == "chattr" =>
            {
                self.mark(Class::PrivilegeChange)
            }
            "trash-empty" | "git" if call.text(0) == "clean" => self.mark(Class::Delete),
            _ => {}
        }
    }

    fn remove(&mut self, call: &Call<'_>) {
        self.mark(Class::Delete);
        let recursive = call.letter('r')
            || call.letter('R')
            || call.has("--recursive")
            || matches!(call.name, "rimraf" | "srm" | "del-cli")
            || call.texts().any(|text| text.starts_with("--rec"));
        let forced = call.letter('f') || call.has("--force") || call.texts().any(|text| text.starts_with("--for"));
        let cwd = self.cwd.clone();
        let here = cwd.as_deref();
        if call.has("--no-preserve-root") {
            self.mark(Class::Destructive);
        }
        for path in call.operands() {
            let text = path.text.as_str();
            let repository = matches!(text.trim_end_matches('/'), ".git" | "./.git" | ".git/objects" | ".git/refs");
            let repository = repository || text.starts_with(super::value::HOLE) && text.ends_with("/.git");
            if text.ends_with(".tfstate") && forced {
                self.mark(Class::Destructive);
            }
            if recursive && repository || text.starts_with("~/.") && text.contains('*') && text.contains("history") {
                self.mark(Class::Destructive);
            }
            let up = text.len() > 2 && text.split('/').all(|name| matches!(name, ".." | "." | "" | "*")) && text.contains("..");
            if recursive && up {
                self.mark(Class::Destructive);
            }
            let all = matches!(text, "*" | "." | "./" | "./*" | ".*" | ".." | "../" | "../*" | "../.." | ".[!.]*" | "*.*");
            if recursive && (paths::is_vital(text, here) || (all && forced && text != "*.*")) || paths::is_vital_file(text, here) {
                self.mark(Class::Destructive);
            }
            // `rm /*` goes for less, but not for little.
            if !recursive
                && text.ends_with("/*")
                && paths::is_vital(text, here)
                && !text.starts_with('~')
                && !text.contains(super::value::HOLE)
            {
                self.mark(Class::Destructive);
            }
        }
    }

    fn dd(&mut self, call: &Call<'_>) {
        let endless = call.texts().any(|text| matches!(text, "if=/dev/zero" | "if=/dev/urandom" | "if=/dev/random" | "if=/dev/full"));
        let kept =
            call.texts().any(|text| text.strip_prefix("of=").is_some_and(|path| path.starts_with('/') && !path.starts_with("/dev/")));
        if endless && kept && !call.texts().any(|text| text.starts_with("count=")) {
            self.mark(Class::Destructive);
        }
        for arg in call.args {
            if let Some(path) = arg.text.strip_prefix("of=") {
                self.writes(path, Taint::NONE);
                self.write_file(path, Value::hole(call.io.stdin.taint), false);
                if matches!(path, "/dev/mem" | "/dev/port") || paths::is_vital_file(path, None) {
                    self.mark(Class::Destructive);
                }
            }
            if let Some(path) = arg.text.strip_prefix("if=") {
                self.reads(path);
            }
        }
    }

    /// A program put elsewhere under another name does what it did.
    fn renames(&mut self, from: &[Value], to: &Value) {
        const MOST: usize = 32;
        let [program] = from else { return };
        let place = super::hostile::PROGRAMS.iter().any(|folder| program.text.strip_prefix(folder).is_some_and(|name| !name.contains('/')));
        if !place || !to.is_known() || to.text.ends_with('/') || to.text == "." || self.aliases.len() >= MOST {
            return;
        }
        // One of the system's programs calls itself another one, where anyone may write.
        let (is, was) = (to.text.rsplit('/').next().unwrap_or_default(), program.text.rsplit('/').next().unwrap_or_default());
        if super::hostile::is_public(&to.text, self.cwd.as_deref()) && is != was && super::tamper::SYSTEM.contains(&is) {
            self.mark(Class::Obfuscation);
        }
        let bare = to.text.trim_start_matches("./").to_owned();
        if !bare.contains('/') {
            self.aliases.insert(["./", &bare].concat(), program.text.clone());
        }
        self.aliases.insert(bare, program.text.clone());
    }

    fn copy(&mut self, call: &Call<'_>) {
        let mut paths: Vec<Value> = call.operands().cloned().collect();
        if let Some(folder) = call.option(&["-t", "--target-directory"]).filter(|_| call.name != "rsync") {
            paths.push(folder);
        }
        let Some((to, from)) = paths.split_last() else { return };
        self.renames(from, to);
        let key = from.iter().any(|path| path.text.ends_with(".pub"));
        let cwd = self.cwd.clone();
        for path in from {
            let vital = paths::is_vital(&path.text, cwd.as_deref());
            if call.name == "mv" && (vital || paths::is_vital_file(&path.text, cwd.as_deref())) {
                self.mark(Class::Destructive);
            }
            if call.name == "ln" && call.letter('f') && paths::is_vital_file(&to.text, cwd.as_deref()) && to.text.contains("bin/") {
                self.mark(Class::Destructive);
            }
            if call.name == "ln" && path.text == "/dev/null" && paths::is_trace(&to.text, None) {
                self.mark(Class::Destructive);
            }
            // What is there already goes, for next to nothing that comes.
            if call.name == "rsync" && call.texts().any(|text| text == "--delete" || text.starts_with("--delete-")) {
                let nothing = path.text.trim_end_matches('/').ends_with("empty")
                    || call.texts().any(|text| matches!(text, "--exclude=*" | "--exclude=**"))
                    || super::hostile::is_public(&path.text, cwd.as_deref())
                        && matches!(to.text.trim_end_matches('/'), "" | "/home" | "~" | "/root" | "/etc" | "/usr" | "/var" | "/var/lib");
                let kept = paths::is_vital(&to.text, cwd.as_deref()) || self.is_state(to.text.trim_end_matches('/'));
                if nothing && kept && !call.texts().any(|text| text.starts_with("--dry") || text == "-n") {
                    self.mark(Class::Destructive);
                }
            }
            let contents = match self.file(&path.text) {
                Some(value) => value,
                None => Value::hole(self.taint_of_file(&path.text)),
            };
            let contents = if matches!(call.name, "cp" | "mv" | "ln" | "install") { contents } else { Value::hole(Taint::NONE) };
            if contents.taint.has(Taint::NET) || contents.is_known() && !contents.text.is_empty() {
                let folder =
                    to.text.ends_with('/') || !to.text.rsplit('/').next().unwrap_or_default().contains(|c: char| c.is_alphanumeric());
                if !folder {
                    self.write_file(&to.text, contents, false);
                }
            }
        }
        // Copying a shell and giving it the user's bit is how a door is left open.
        if call.name == "install"
            && call.option(&["-m", "--mode"]).is_some_and(|mode| {
                mode.text.contains('s')
                    || mode.text.trim_start_matches('0').len() == 4 && mode.text.trim_start_matches('0').starts_with(['4', '6'])
            })
        {
            self.mark(Class::PrivilegeChange);
        }
        if to.text.ends_with('/') {
            let inside: Vec<String> =
                from.iter().take(64).map(|path| [to.text.as_str(), path.text.rsplit('/').next().unwrap_or_default()].concat()).collect();
            inside.iter().for_each(|path| self.writes(path, if key { Taint::OWN_KEY } else { Taint::NONE }));
        }
        let remote = to.text.split('/').next().unwrap_or_default().contains(':');
        if !remote || call.name != "rsync" {
            self.writes(&to.text, if key { Taint::OWN_KEY } else { Taint::NONE });
        }
    }
}
