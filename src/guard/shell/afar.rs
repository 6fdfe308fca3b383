//! Code that a program is told to get and run by itself: a URL where its script, its package, its plan or its settings would stand; or what was fetched, given
//! to a program that does what it reads.

use super::Class;
use super::command::Call;
use super::consoles::Names;
use super::state::Shell;
use super::supply::is_strange;
use super::value::Taint;

/// Programs that run, build or load what a URL among their operands leads to.
static RUN_URLS: Names = Names::of(&[
    "deno",
    "bun",
    "node",
    "groovy",
    "kotlin",
    "kotlinc",
    "jbang",
    "scala-cli",
    "scala",
    "jshell",
    "dotnet-script",
    "nix",
    "nix-shell",
    "nix-build",
    "nix-env",
    "ansible-playbook",
    "cpanm",
    "cpan",
    "luarocks",
    "opam",
    "pacman",
    "emerge",
    "pkg",
    "installer",
    "flatpak-builder",
    "terraform",
    "tofu",
    "terragrunt",
    "kustomize",
    "mshta",
    "uvx",
    "pipx",
    "poetry",
    "pdm",
    "go-task",
    "task",
    "just",
]);

/// Options whose value is loaded and run.
const LOADED: [&str; 14] = [
    "--import",
    "--require",
    "-r",
    "--preload",
    "--loader",
    "--experimental-loader",
    "--from",
    "--spec",
    "--package",
    "-from-module",
    "--init-script",
    "-I",
    "--package-url",
    "--plugin",
];

/// Programs that only read what they are given.
static READ: Names = Names::of(&[
    "cat",
    "tac",
    "bat",
    "less",
    "more",
    "head",
    "tail",
    "diff",
    "cmp",
    "comm",
    "delta",
    "colordiff",
    "vimdiff",
    "sdiff",
    "wdiff",
    "jq",
    "gojq",
    "yq",
    "grep",
    "egrep",
    "fgrep",
    "rg",
    "zgrep",
    "wc",
    "sort",
    "uniq",
    "join",
    "paste",
    "column",
    "cut",
    "tr",
    "awk",
    "gawk",
    "sed",
    "gsed",
    "sha256sum",
    "sha512sum",
    "sha1sum",
    "md5sum",
    "shasum",
    "cksum",
    "b2sum",
    "gpg",
    "gpgv",
    "cosign",
    "minisign",
    "openssl",
    "base64",
    "xmllint",
    "xxd",
    "hexdump",
    "od",
    "tee",
    "read",
    "mapfile",
    "readarray",
    "done",
    "curl",
]);

/// A URL behind what says how it is to be got: `git+https://..`, `x @ https://..`, `oci://..`.
fn url(text: &str) -> Option<&str> {
    let at = ["https://", "http://", "ssh://", "git://", "oci://", "ftp://"].iter().filter_map(|scheme| text.find(scheme)).min()?;
    let before = text.get(..at)?;
    before
        .chars()
        .all(|c| c.is_ascii_alphanumeric() || matches!(c, '+' | '@' | ' ' | '=' | '-' | ':' | '_' | '.'))
        .then(|| text.get(at..))
        .flatten()
}

fn is_foreign(text: &str) -> bool {
    url(text).is_some_and(is_strange)
}

impl Shell {
    pub(super) fn comes_from_afar(&mut self, call: &Call<'_>) {
        self.runs_urls(call);
        self.does_what_it_reads(call);
    }

    fn runs_urls(&mut self, call: &Call<'_>) {
        // Languages that install by a call of their own.
        const INSTALL: [&str; 6] =
            ["install_url(", "install_git(", "Pkg.add(url=", "Pkg.develop(url=", "install.packages(\"http", "install_local(url("];
        let installs = call.texts().any(|text| {
            INSTALL.iter().any(|name| text.contains(name))
                && text
                    .match_indices("http")
                    .any(|(at, _)| is_strange(super::value::rest(text, at).split(['"', '\'', ')', ' ']).next().unwrap_or_default()))
        });
        let opens = matches!(call.name, "installer" | "open" | "xdg-open" | "gdebi" | "pkgutil")
            && call.texts().any(|text| {
                text.contains("://")
                    && is_strange(text)
                    && [
                        ".command",
                        ".pkg",
                        ".mpkg",
                        ".dmg",
                        ".app",
                        ".sh",
                        ".deb",
                        ".rpm",
                        ".run",
                        ".AppImage",
                        ".terminal",
                        ".workflow",
                        ".jar",
                    ]
                    .iter()
                    .any(|end| text.ends_with(end))
            });
        let charts =
            call.name == "helm" && call.text(0) == "repo" && call.texts().any(|text| text.starts_with("http://") && is_strange(text));
        if installs || opens || charts {
            self.mark(Class::DownloadAndRun);
        }
        if !call.texts().any(|text| text.contains("://")) {
            return;
        }
        let mut before = "";
        let mut operand = false;
        let mut loaded = false;
        for text in call.texts() {
            let option = std::mem::replace(&mut before, text);
            if text.starts_with('-') {
                let named = text.split_once('=').filter(|(name, _)| LOADED.contains(name));
                loaded |= named.is_some_and(|(_, value)| is_foreign(value));
            } else if LOADED.contains(&option) {
                loaded |= is_foreign(text);
            } else {
                operand |= (!option.starts_with('-') || option.len() == 2) && is_foreign(text);
            }
        }
        if !operand && !loaded {
            return;
        }
        let runs = match call.name {
            "npm" | "pnpm" | "yarn" | "npx" | "bunx" => {
                let runs =
                    matches!(call.text(0), "install" | "i" | "add" | "exec" | "dlx" | "x" | "create" | "init") || call.name.ends_with('x');
                runs && (loaded || call.operands().any(|package| package.text.starts_with("git") && is_foreign(&package.text)))
            }
            "docker" | "podman" | "buildah" | "nerdctl" => {
                operand && call.texts().take(2).any(|text| matches!(text, "build" | "bake" | "buildx"))
                    || call.texts().take(2).any(|text| text == "compose")
                        && call.option(&["-f", "--file"]).is_some_and(|file| is_foreign(&file.text))
            }
            "brew" => operand && matches!(call.text(0), "tap" | "install"),
            "gem" => operand && matches!(call.text(0), "specific_install" | "install"),
            "helm" => operand && matches!(call.text(0), "install" | "upgrade" | "template" | "plugin"),
            "dotnet" => operand && call.text(0) == "script",
            "java" => false,
            "terraform" | "tofu" | "terragrunt" => loaded,
            "poetry" | "pdm" => operand && call.text(0) == "add",
            "uvx" | "pipx" | "nix" | "node" | "bun" => operand || loaded,
            "ansible-galaxy" | "ansible-pull" => operand || call.option(&["-U", "--url"]).is_some_and(|from| is_foreign(&from.text)),
            name => operand && RUN_URLS.has(name),
        };
        let class_path =
            call.name == "java" && call.option(&["-cp", "-classpath", "-jar", "--module-path"]).is_some_and(|path| is_foreign(&path.text));
        if runs || class_path {
            self.mark(Class::DownloadAndRun);
        }
    }

    /// `ansible-playbook <(curl ..)`, `curl .. | sed -f -`: not a shell, but it does what it is told.
    fn does_what_it_reads(&mut self, call: &Call<'_>) {
        let fetched = call.io.stdin.taint.has(Taint::NET);
        let script = |names: &[&str]| {
            call.texts()
                .zip(call.texts().skip(1))
                .any(|(option, file)| names.contains(&option) && (matches!(file, "-" | "/dev/stdin" | "/dev/fd/0" | "/proc/self/fd/0")))
        };
        let by_input = fetched
            && match call.name {
                "sed" | "gsed" | "make" | "gmake" => script(&["-f", "--file", "-i"]),
                "ansible-playbook" => script(&["-f", "--file", "-i"]) || call.has("/dev/stdin"),
                "gdb" | "lldb" => script(&["-x", "-s"]) || call.args.is_empty(),
                "cmake" => script(&["-P"]),
                "ed" | "ex" | "vim" | "nvim" => !call.texts().any(|text| text == "-R"),
                "debugfs" | "sqlplus" | "mongosh" | "mongo" | "cqlsh" | "isql" => true,
                // Who is trusted, and what is started, as someone on the way may have made it.
                "psql" | "mysql" | "mariadb" | "patch" => call.io.stdin.taint.has(Taint::CLEAR),
                "apt-key" => call.io.stdin.taint.has(Taint::CLEAR),
                "docker" | "podman" | "nerdctl" => matches!(call.text(0), "load" | "import") && call.io.stdin.taint.has(Taint::CLEAR),
                "dpkg" | "rpm" => call.has("-") || call.has("/dev/stdin"),
                _ => false,
            };
        let by_file = !READ.has(call.name)
            && call
                .args
                .iter()
                .any(|arg| arg.text.contains("/dev/fd/") && self.file(&arg.text).is_some_and(|file| file.taint.has(Taint::NET)));
        let loads = by_file
            && matches!(
                call.name,
                "dpkg"
                    | "rpm"
                    | "apt"
                    | "apt-get"
                    | "dnf"
                    | "yum"
                    | "ansible-playbook"
                    | "cmake"
                    | "make"
                    | "gmake"
                    | "gdb"
                    | "lldb"
                    | "ed"
                    | "ex"
                    | "vim"
                    | "nvim"
                    | "tclsh"
                    | "wish"
                    | "insmod"
                    | "pip"
                    | "pip3"
                    | "npm"
                    | "gem"
                    | "java"
                    | "ld.so"
                    | "crontab"
                    | "at"
                    | "batch"
                    | "bpftrace"
                    | "stap"
                    | "expect"
                    | "guile"
                    | "emacs"
                    | "octave"
                    | "julia"
                    | "Rscript"
                    | "R"
                    | "nix-shell"
                    | "code"
                    | "docker"
                    | "podman"
                    | "docker-compose"
                    | "installer"
                    | "kotlin"
                    | "kotlinc"
                    | "scala"
                    | "groovy"
                    | "jshell"
                    | "deno"
                    | "bun"
                    | "iex"
                    | "terraform"
                    | "tofu"
            );
        if by_input || loads {
            self.mark(Class::DownloadAndRun);
        }
        // What is compiled from it is it.
        if fetched && matches!(call.name, "gcc" | "cc" | "g++" | "clang" | "clang++" | "tcc" | "rustc" | "go") && call.has("-") {
            let program = call.option(&["-o"]).map_or_else(|| "a.out".to_owned(), |path| path.text);
            self.write_file(&program, super::value::Value::hole(Taint::NET), false);
        }
        if (call.name.starts_with("ld-linux") || call.name.starts_with("ld-musl"))
            && call.operands().next().is_some_and(|program| super::hostile::is_public(&program.text, None))
        {
            self.mark(Class::ShellEscape);
        }
    }
}
