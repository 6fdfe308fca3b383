//! What runs a command as somebody else, or with another environment.

use super::super::Class;
use super::super::command::{Call, quoted};
use super::super::interpret::is_shell;
use super::super::state::{MAX_VALUE, Shell};
use super::super::value::{Taint, Value};
use super::is_bare_shell;

impl Shell {
    pub(super) fn env(&mut self, call: &Call<'_>) -> Value {
        if let Some(script) = call.option(&["-S", "--split-string", "-vS", "-iS"]) {
            let at = call.texts().position(|text| text.contains(&script.text)).map_or(0, |at| at + 1);
            let mut script = script;
            if is_shell(script.text.split_whitespace().next().unwrap_or_default()) {
                self.mark(Class::ShellEscape);
            }
            script.text.push(' ');
            script.append(&quoted(call.args.get(at..).unwrap_or_default()), MAX_VALUE);
            return self.run_value(&script, call.io.stdin.clone());
        }
        let at = self.skip(call, &["-u", "-C", "--unset", "--chdir"], 0);
        for arg in call.args.get(..at).unwrap_or_default() {
            if let Some((name, value)) = arg.text.split_once('=') {
                let value = Value { text: value.to_owned(), taint: arg.taint };
                self.sets(name, &value);
                // A shell that is started here knows it.
                if is_shell(call.text(at).rsplit('/').next().unwrap_or_default()) {
                    self.assign(name, value);
                }
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

    pub(super) fn su(&mut self, call: &Call<'_>) -> Value {
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
}
