//! What runs a command for each line or argument: `xargs`, `parallel`.

use super::super::Class;
use super::super::command::{Call, joined};
use super::super::interpret::is_shell;
use super::super::redirect::Io;
use super::super::state::Shell;
use super::super::value::{Taint, Value};

impl Shell {
    pub(super) fn xargs(&mut self, call: &Call<'_>) -> Value {
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
                // With `-0` blanks end nothing.
                let whole = call.texts().take(at).any(|option| {
                    option == "--null" || option.starts_with('-') && !option.starts_with("--") && option.ends_with('0') && option.len() < 5
                });
                let ends: &[char] = if whole { &['\0', '\n'] } else { &[' ', '\n', '\t', '\0'] };
                let fields = input.text.split(ends).filter(|word| !word.is_empty()).take(1024);
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
        // `find ~ -type f | xargs rm`: all that is below.
        let removes =
            matches!(words.first().map_or("", |word| word.text.rsplit('/').next().unwrap_or_default()), "rm" | "unlink" | "shred" | "srm");
        if removes && input.is_known() && super::super::paths::is_vital(input.text.trim(), self.cwd.as_deref()) {
            self.mark(Class::Destructive);
        }
        let io = Io { socket: call.io.socket, ..Io::default() };
        let feeding = std::mem::replace(&mut self.feeding, !input.is_known());
        let mut output = self.command(words, &io, &[]);
        self.feeding = feeding;
        output.taint = output.taint.with(input.taint.without(Taint::SHELL));
        output
    }

    pub(super) fn parallel(&mut self, call: &Call<'_>) -> Value {
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
        let script = joined(command);
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
}
