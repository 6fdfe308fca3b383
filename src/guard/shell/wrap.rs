//! Commands that run another command, given as their arguments.

use super::Class;
use super::command::{Call, quoted};
use super::interpret::is_shell;
use super::redirect::Io;
use super::state::Shell;
use super::value::{HOLE, Taint, Value};

/// A wrapper: its name, its options that take a value of their own, and the operands before the command.
struct Wrapper(&'static str, &'static [&'static str], usize);

const WRAPPERS: &[Wrapper] = &[
    Wrapper(
        "sudo",
        &["-u", "-g", "-h", "-p", "-C", "-r", "-t", "-T", "-U", "-D", "-R", "--user", "--group", "--host", "--prompt", "--chdir"],
        0,
    ),
    Wrapper("doas", &["-u", "-C"], 0),
    Wrapper("pkexec", &["--user"], 0),
    Wrapper("gosu", &[], 1),
    Wrapper("su-exec", &[], 1),
    Wrapper("run0", &["-u", "--user"], 0),
    Wrapper("nohup", &[], 0),
    Wrapper("setsid", &[], 0),
    Wrapper("stdbuf", &["-i", "-o", "-e", "--input", "--output", "--error"], 0),
    Wrapper("unbuffer", &[], 0),
    Wrapper("nice", &["-n", "--adjustment"], 0),
    Wrapper("ionice", &["-c", "-n", "--class", "--classdata"], 0),
    Wrapper("chrt", &["-T", "-P", "-D"], 1),
    Wrapper("taskset", &[], 1),
    Wrapper("timeout", &["-k", "-s", "--kill-after", "--signal"], 1),
    Wrapper("gtimeout", &["-k", "-s"], 1),
    Wrapper("time", &["-f", "-o"], 0),
    Wrapper("builtin", &[], 0),
    Wrapper("exec", &["-a"], 0),
    Wrapper("chronic", &[], 0),
    Wrapper("strace", &["-o", "-e", "-p", "-s", "-a", "-E", "-u", "-P", "-I", "-O", "-S"], 0),
    Wrapper("ltrace", &["-o", "-e", "-p", "-s", "-a", "-u", "-l", "-n"], 0),
    Wrapper("torsocks", &["-u", "-p", "-P"], 0),
    Wrapper("torify", &[], 0),
    Wrapper("proxychains", &["-f"], 0),
    Wrapper("proxychains4", &["-f"], 0),
    Wrapper("chroot", &[], 1),
    Wrapper("fakeroot", &["-i", "-s", "-l", "-b"], 0),
    Wrapper("eatmydata", &[], 0),
    Wrapper("rlwrap", &["-a", "-f", "-H", "-s", "-C", "-b", "-P"], 0),
    Wrapper("catchsegv", &[], 0),
    Wrapper("systemd-run", &["-u", "--unit", "-p", "--property", "-M", "--on-calendar", "--on-active", "-E", "-d"], 0),
    Wrapper("systemd-inhibit", &["--what", "--who", "--why", "--mode"], 0),
    Wrapper("setarch", &[], 1),
    Wrapper("linux64", &[], 0),
    Wrapper("linux32", &[], 0),
    Wrapper("dbus-run-session", &[], 0),
    Wrapper("dbus-launch", &[], 0),
    Wrapper("xvfb-run", &["-n", "-s", "-f", "-e", "-p", "-w"], 0),
    Wrapper("faketime", &["-f"], 1),
    Wrapper("firejail", &[], 0),
    Wrapper("bwrap", &[], 0),
    Wrapper("caffeinate", &["-t", "-w"], 0),
    Wrapper("cpulimit", &["-l", "-p", "-e", "-P"], 0),
    Wrapper("numactl", &["-C", "-N", "-m", "-i"], 0),
    Wrapper("unshare", &["-S", "-G", "-R", "-w", "--setuid", "--setgid", "--root", "--wd", "--map-user", "--map-group"], 0),
    Wrapper("nsenter", &["-t", "-S", "-G", "--target"], 0),
    Wrapper("start-stop-daemon", &["-n", "-p", "-u", "-c", "-g", "-d", "-r"], 0),
    Wrapper("dumb-init", &[], 0),
    Wrapper("tini", &[], 0),
    Wrapper("entr", &[], 0),
    Wrapper("ssh-agent", &["-t", "-a"], 0),
    Wrapper("aa-exec", &["-p"], 0),
    Wrapper("runcon", &["-t", "-u", "-r", "-l"], 1),
    Wrapper("choom", &["-n", "-p"], 0),
    Wrapper("prlimit", &[], 0),
    Wrapper("softlimit", &[], 0),
    Wrapper("valgrind", &[], 0),
    Wrapper("perf", &[], 1),
    Wrapper("multitime", &["-n"], 0),
    Wrapper("hyperfine", &["-w", "-r", "-m", "-n", "-p", "-s"], 0),
    Wrapper("sshpass", &["-p", "-f", "-d"], 0),
    Wrapper("setpriv", &["--reuid", "--regid"], 0),
    Wrapper("sem", &["-j"], 0),
    Wrapper("ld.so", &[], 0),
];

impl Shell {
    pub(super) fn wrapper(&mut self, call: &Call<'_>) -> Option<Value> {
        let name = call.name;
        if name.starts_with("ld-linux") || name.starts_with("ld-musl") {
            return Some(self.run_words(call, 0, &[]));
        }
        match name {
            "env" => return Some(self.env(call)),
            "command" if call.letter('v') || call.letter('V') => {
                return Some(Value::known(format!("{}\n", call.operands().next().map_or("", |name| name.text.as_str()))));
            }
            "command" => return Some(self.run_words(call, call.texts().take_while(|text| text.starts_with('-')).count(), &[])),
            "xargs" | "gxargs" => return Some(self.xargs(call)),
            "parallel" | "rush" => return Some(self.parallel(call)),
            "find" | "gfind" | "fd" | "fdfind" | "bfs" => return Some(self.find(call)),
            "busybox" | "toybox" => {
                if is_bare_shell(call, 0) && call.io.stdin.text.is_empty() {
                    self.mark(Class::ShellEscape);
                }
                return Some(self.run_words(call, 0, &[]));
            }
            "su" | "runuser" => return Some(self.su(call)),
            "sg" | "newgrp" => {
                self.mark(Class::Elevation);
                return Some(self.given(call, &["-c"]).unwrap_or_default());
            }
            "script" | "scriptreplay" | "vagrant" | "machinectl" => return self.given(call, &["-c", "--command"]),
            "watch" | "gwatch" => {
                let at = self.skip(call, &["-n", "--interval", "-d"], 0);
                let words = call.has("-x") || call.has("--exec");
                return Some(if words { self.run_words(call, at, &[]) } else { self.run_joined(call, at) });
            }
            "flock" => {
                if let Some(output) = self.given(call, &["-c", "--command"]) {
                    return Some(output);
                }
                let at = self.skip(call, &["-w", "-E", "--timeout"], 1);
                if is_bare_shell(call, at) {
                    self.mark(Class::ShellEscape);
                }
                return Some(self.run_words(call, at, &[]));
            }
            "docker" | "podman" | "nerdctl" | "lxc" | "lxc-attach" | "kubectl" | "oc" | "docker-compose" | "ctr" | "crictl" | "tmux"
            | "screen" | "heroku" | "nomad" => {
                self.inner = self.contained(call);
                return None;
            }
            "salt" | "salt-ssh" | "pssh" | "parallel-ssh" | "pdsh" | "clush" | "dsh" => {
                if let Some(script) = call.args.last().filter(|script| script.text.contains(' ')).cloned() {
                    self.run_value(&script, Value::default());
                }
                return None;
            }
            "ansible" => return Some(self.given(call, &["-a", "--args"]).unwrap_or_default()),
            "gcloud" | "aws" | "az" | "fly" | "flyctl" => {
                if let Some(script) = call.option(&["--command", "-C"]) {
                    self.run_value(&script, Value::default());
                }
                return None;
            }
            _ => {}
        }
        let Wrapper(_, valued, before) = WRAPPERS.iter().find(|wrapper| wrapper.0 == name)?;
        let elevates = matches!(name, "sudo" | "doas" | "pkexec" | "gosu" | "su-exec" | "run0");
        if elevates {
            self.mark(Class::Elevation);
            let user = call.option(&["-u", "--user"]);
            if user.as_ref().is_some_and(|user| matches!(user.text.as_str(), "#-1" | "#4294967295")) {
                self.mark(Class::PrivilegeChange);
            }
            let root = user.is_none_or(|user| matches!(user.text.as_str(), "root" | "#0" | "0" | "#-1" | "#4294967295"));
            let at = self.skip(call, valued, *before);
            let shell = call.texts().take(at).any(|option| matches!(option, "-s" | "-i" | "--shell" | "--login" | "-si" | "-is"));
            let at = self.skip(call, valued, *before);
            if call.text(at).is_empty() && shell && root {
                self.mark(Class::PrivilegeChange);
            }
            if root && is_bare_shell(call, at) && !call.io.stdin.taint.has(Taint::NET) && call.io.stdin.text.is_empty() {
                self.mark(Class::PrivilegeChange);
            }
            for arg in call.args.get(..at).unwrap_or_default() {
                if let Some((variable, value)) = arg.text.split_once('=').filter(|(name, _)| !name.starts_with('-')) {
                    self.sets(variable, &Value { text: value.to_owned(), taint: arg.taint });
                }
            }
            return Some(self.run_words(call, at, &[]));
        }
        let at = self.skip(call, valued, *before);
        if name == "nsenter"
            && call.texts().zip(call.texts().skip(1)).any(|(option, target)| matches!(option, "-t" | "--target") && target == "1")
        {
            self.mark(Class::PrivilegeChange);
        }
        let by_path = (matches!(name, "unshare" | "ssh-agent" | "systemd-run" | "firejail") || name == "nsenter" && at == 0)
            && call.text(at).starts_with('/');
        if is_bare_shell(call, at)
            && (by_path || !matches!(name, "chroot" | "nsenter" | "unshare" | "exec" | "firejail" | "bwrap" | "ssh-agent" | "systemd-run"))
        {
            self.mark(Class::ShellEscape);
        }
        if name == "hyperfine" {
            return Some(call.operands().fold(Value::default(), |_, script| self.run_value(script, Value::default())));
        }
        Some(self.run_words(call, at, &[]))
    }

    /// Behind options, assignments and so many operands: where the command begins.
    fn skip(&self, call: &Call<'_>, valued: &[&str], operands: usize) -> usize {
        let (mut at, mut left) = (0, operands);
        while at < call.args.len() {
            let text = call.text(at);
            if text == "--" {
                at += 1;
                if left == 0 {
                    break;
                }
            } else if text.starts_with('-') && text.len() > 1 {
                at += if valued.contains(&text) { 2 } else { 1 };
            } else if left > 0 {
                left -= 1;
                at += 1;
            } else if text.split_once('=').is_some_and(|(name, _)| !name.is_empty() && super::parameter::name(name).len() == name.len()) {
                at += 1;
            } else {
                break;
            }
        }
        at.min(call.args.len())
    }

    /// An option that holds a whole script.
    pub(super) fn given(&mut self, call: &Call<'_>, names: &[&str]) -> Option<Value> {
        let clustered = || {
            call.args
                .iter()
                .zip(call.args.iter().skip(1))
                .find(|(option, _)| option.text.starts_with('-') && !option.text.starts_with("--") && option.text.ends_with('c'))
        };
        let script =
            call.option(names).filter(|script| !script.text.is_empty()).or_else(|| clustered().map(|(_, script)| script.clone()))?;
        if is_shell(script.text.trim().rsplit('/').next().unwrap_or_default()) {
            self.mark(Class::ShellEscape);
        }
        Some(self.run_value(&script, call.io.stdin.clone()))
    }

    fn env(&mut self, call: &Call<'_>) -> Value {
        if let Some(script) = call.option(&["-S", "--split-string", "-vS", "-iS"]) {
            let at = call.texts().position(|text| text.contains(&script.text)).map_or(0, |at| at + 1);
            let mut script = script;
            if is_shell(script.text.split_whitespace().next().unwrap_or_default()) {
                self.mark(Class::ShellEscape);
            }
            script.text.push(' ');
            script.append(&quoted(call.args.get(at..).unwrap_or_default()), super::state::MAX_VALUE);
            return self.run_value(&script, call.io.stdin.clone());
        }
        let at = self.skip(call, &["-u", "-C", "--unset", "--chdir"], 0);
        for arg in call.args.get(..at).unwrap_or_default() {
            if let Some((name, value)) = arg.text.split_once('=') {
                self.sets(name, &Value { text: value.to_owned(), taint: arg.taint });
            }
        }
        if at >= call.args.len() {
            return Value::hole(Taint::SECRET.with(Taint::ENVIRONMENT));
        }
        if is_bare_shell(call, at) && call.args.len() == 1 && call.io.stdin.text.is_empty() {
            self.mark(Class::ShellEscape);
        }
        self.run_words(call, at, &[])
    }

    fn su(&mut self, call: &Call<'_>) -> Value {
        self.mark(Class::Elevation);
        match call.option(&["-c", "--command", "-lc", "--session-command"]) {
            Some(script) => {
                if is_shell(script.text.trim().rsplit('/').next().unwrap_or_default()) && call.io.stdin.text.is_empty() {
                    self.mark(Class::PrivilegeChange);
                }
                self.run_value(&script, call.io.stdin.clone())
            }
            None => {
                let user = call.operands().find(|user| user.text != "-").map_or("root", |user| user.text.as_str());
                if user == "root" && call.name == "su" && !call.has("--help") && !call.has("--version") {
                    self.mark(Class::PrivilegeChange);
                }
                match call.texts().position(|text| text == "--") {
                    Some(at) => {
                        let root = call.option(&["-u", "--user"]).is_none_or(|user| user.text == "root");
                        if root && is_bare_shell(call, at + 1) && call.io.stdin.text.is_empty() {
                            self.mark(Class::PrivilegeChange);
                        }
                        self.run_words(call, at + 1, &[])
                    }
                    None => Value::default(),
                }
            }
        }
    }

    fn xargs(&mut self, call: &Call<'_>) -> Value {
        let valued = [
            "-I",
            "-J",
            "-n",
            "-L",
            "-P",
            "-d",
            "-E",
            "-s",
            "-a",
            "--max-args",
            "--max-procs",
            "--max-lines",
            "--delimiter",
            "--arg-file",
            "-R",
        ];
        let at = self.skip(call, &valued, 0);
        let replace = call.option(&["-I", "-J", "--replace"]).map(|mark| if mark.text.is_empty() { "{}".to_owned() } else { mark.text });
        let replace =
            replace.or_else(|| call.args.get(..at).unwrap_or_default().iter().any(|arg| arg.text == "-i").then(|| "{}".to_owned()));
        let input = match call.option(&["-a", "--arg-file"]).and_then(|path| self.file(&path.text)) {
            Some(input) => input,
            None => call.io.stdin.clone(),
        };
        if let Some(path) = call.option(&["-a", "--arg-file"]) {
            self.reads(&path.text);
        }
        let args = call.args.get(at..).unwrap_or_default();
        let mut words: Vec<Value> = if args.is_empty() { vec![Value::known("echo")] } else { args.to_vec() };
        match &replace {
            Some(mark) => {
                let with = Value { text: input.text.trim().to_owned(), taint: input.taint };
                for word in &mut words {
                    if word.text.contains(mark.as_str()) && with.text.len() < 4096 {
                        word.text = word.text.replace(mark.as_str(), &with.text);
                        word.taint = word.taint.with(with.taint);
                    }
                }
            }
            None => {
                let fields = input.text.split([' ', '\n', '\t', '\0']).filter(|word| !word.is_empty()).take(1024);
                words.extend(fields.map(|word| Value { text: word.trim_matches(['"', '\'']).to_owned(), taint: input.taint }));
            }
        }
        let shell = is_shell(words.first().map_or("", |word| word.text.rsplit('/').next().unwrap_or_default()));
        if shell && words.len() == 1 && call.has("-a") {
            self.mark(Class::ShellEscape);
        }
        if shell && input.taint.has(Taint::NET) {
            self.mark(Class::DownloadAndRun);
        }
        let io = Io { socket: call.io.socket, ..Io::default() };
        let feeding = std::mem::replace(&mut self.feeding, !input.is_known());
        let mut output = self.command(words, &io, &[]);
        self.feeding = feeding;
        output.taint = output.taint.with(input.taint.without(Taint::SHELL));
        output
    }

    fn parallel(&mut self, call: &Call<'_>) -> Value {
        let at = self.skip(call, &["-j", "-I", "-n", "-N", "-S", "--jobs", "-a", "-d", "--colsep", "--joblog", "--results", "-P"], 0);
        let args = call.args.get(at..).unwrap_or_default();
        let end = args.iter().position(|arg| arg.text.starts_with(":::")).unwrap_or(args.len());
        let (command, values) = args.split_at_checked(end).unwrap_or((args, &[]));
        if command.is_empty() {
            // Every argument or line is a command.
            for value in values.iter().filter(|value| !value.text.starts_with(":::")) {
                self.run_value(value, Value::default());
            }
            return self.run_value(&call.io.stdin.clone(), Value::default());
        }
        let script = super::command::joined(command);
        let value = values.get(1).cloned().unwrap_or_else(|| call.io.stdin.clone());
        let text = if script.text.contains("{}") {
            script.text.replace("{}", value.text.trim())
        } else {
            format!("{} {}", script.text, value.text.trim())
        };
        if text.len() > 8192 {
            return self.run_value(&script, Value::default());
        }
        self.run_value(&Value { text, taint: script.taint.with(value.taint) }, Value::default())
    }

    fn find(&mut self, call: &Call<'_>) -> Value {
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
        let filtered = call.texts().enumerate().any(|(at, text)| FILTERS.contains(&text) && !everything(at)) || call.name.starts_with("fd");
        let vital = roots.iter().any(|root| super::paths::is_vital(&root.text, self.cwd.as_deref()));
        let here = roots.is_empty() || roots.iter().any(|root| matches!(root.text.as_str(), "." | "./" | "*"));
        if !filtered && (vital || here) && call.has("-delete") {
            self.mark(Class::Destructive);
        }
        if call.has("-delete") {
            self.mark(Class::Delete);
        }
        for (at, text) in call.texts().enumerate() {
            let next = call.text(at + 1);
            let secret = matches!(text, "-name" | "-iname")
                && !next.is_empty()
                && !next.contains(['*', '?', '['])
                && roots.iter().take(4).any(|root| super::paths::is_secret(&format!("{}/{next}", root.text.trim_end_matches('/')), None));
            if secret {
                self.mark(Class::CredentialRead);
            }
            match text {
                "-fprintf" | "-fprint" | "-fls" | "-fprint0" => self.writes(next, Taint::NONE),
                "-name" | "-iname" | "-path" | "-wholename"
                    if super::paths::is_secret(next, None)
                        || next.starts_with("id_rsa")
                        || next.starts_with("id_ed25519")
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
                Some(root) => format!("{}/{HOLE}", root.text),
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
            self.command(words, &Io::default(), &[]);
        }
        let taint = roots.iter().fold(Taint::NONE, |taint, root| taint.with(root.taint));
        match roots.first() {
            Some(root) if !filtered && vital => Value { text: root.text.clone(), taint },
            _ => Value::hole(taint),
        }
    }

    /// Containers and terminals: the command comes somewhere behind, in a place of its own.
    fn contained(&mut self, call: &Call<'_>) -> Taint {
        if matches!(call.name, "docker" | "podman" | "nerdctl") {
            let mounts_root = call.texts().enumerate().any(|(at, text)| {
                let value = text.strip_prefix("--volume=").or_else(|| text.strip_prefix("-v=")).or_else(|| {
                    let cluster = text.len() < 6 && text.starts_with('-') && !text.starts_with("--") && text.ends_with('v');
                    (text == "--volume" || cluster).then(|| call.text(at + 1))
                });
                let bind = text.strip_prefix("--mount=").or_else(|| (text == "--mount").then(|| call.text(at + 1)));
                value.is_some_and(|value| value.starts_with("/:") || value.starts_with("/etc:") || value.starts_with("/root:"))
                    || bind.is_some_and(|bind| bind.split(',').any(|field| matches!(field, "source=/" | "src=/")))
            });
            let host = call.texts().any(|text| matches!(text, "--pid=host" | "--cap-add=ALL" | "--cap-add=SYS_ADMIN"));
            let host = host || call.texts().any(|text| is_shell(text.rsplit('/').next().unwrap_or_default()) || text == "nsenter");
            if mounts_root || (host && call.has("--privileged")) {
                self.mark(Class::PrivilegeChange);
            }
        }
        if call.name == "screen" && call.text(0).starts_with("-dm") {
            let at = if call.text(0).ends_with('S') || call.text(1) == "-S" { 2 } else { 1 };
            self.run_words(call, at + usize::from(call.text(1) == "-S"), &[]);
        }
        let behind = call.texts().position(|text| text == "--").map(|at| at + 1);
        let known = call.texts().skip(1).position(|text| is_shell(text.rsplit('/').next().unwrap_or_default())).map(|at| at + 1);
        let script = call.texts().skip(1).position(|text| text.contains(' ') && matches!(call.name, "tmux" | "screen")).map(|at| at + 1);
        if let Some(at) = script {
            let script = call.args.get(at).cloned().unwrap_or_default();
            self.run_value(&script, Value::default()).taint
        } else if let Some(at) = behind.or(known) {
            let words = call.args.get(at..).unwrap_or_default().to_vec();
            self.command(words, &Io { stdin: call.io.stdin.clone(), ..Io::default() }, &[]).taint.without(Taint::SHELL)
        } else if (matches!(call.text(0), "exec" | "run")
            || call.text(0) == "compose" && call.texts().take(6).any(|text| matches!(text, "exec" | "run")))
            && call.args.len() > 2
        {
            // Whatever comes last is the command; a bare name is nearly always an image or a container.
            let at = call
                .texts()
                .enumerate()
                .skip(1)
                .position(|(_, text)| DANGEROUS.contains(&text.rsplit('/').next().unwrap_or_default()))
                .map(|at| at + 1);
            at.map_or(Taint::NONE, |at| {
                let words = quoted(call.args.get(at..).unwrap_or_default());
                self.run_value(&words, Value::default()).taint.without(Taint::SHELL)
            })
        } else {
            Taint::NONE
        }
    }
}

/// Commands worth looking for behind the name of a container.
const DANGEROUS: [&str; 24] = [
    "mysqldump",
    "mariadb-dump",
    "pg_dump",
    "pg_dumpall",
    "mongodump",
    "psql",
    "mysql",
    "printenv",
    "rm",
    "dd",
    "cat",
    "chroot",
    "nsenter",
    "curl",
    "wget",
    "nc",
    "ncat",
    "socat",
    "python",
    "python3",
    "perl",
    "ruby",
    "php",
    "mkfs",
];

/// A shell with nothing to do but to talk to whoever is there.
pub(super) fn is_bare_shell(call: &Call<'_>, at: usize) -> bool {
    let inner = call.args.get(at..).unwrap_or_default();
    inner.first().is_some_and(|first| is_shell(first.text.rsplit('/').next().unwrap_or_default()))
        && inner.iter().skip(1).all(|arg| matches!(arg.text.as_str(), "-i" | "-l" | "-p" | "--login" | "-il" | "--norc" | "--noprofile"))
}
