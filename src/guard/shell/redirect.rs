//! Where a command's input comes from and its output goes.

use super::Class;
use super::state::Shell;
use super::value::{HOLE, Taint, Value, strip};

#[derive(Clone, Debug)]
pub(super) struct Redirection {
    /// The descriptor before the operator; empty if there is none.
    pub(super) fd: String,
    pub(super) operator: &'static str,
    pub(super) target: Target,
}

#[derive(Clone, Debug)]
pub(super) enum Target {
    /// A path, or a descriptor.
    Path(Value),
    /// The text of a here-document or here-string.
    Text(Value),
}

impl Redirection {
    /// Whether it gives the standard input.
    pub(super) fn reads(&self) -> bool {
        self.operator.starts_with('<') && (self.fd.is_empty() || self.fd == "0")
    }
}

#[derive(Clone, Debug, Default)]
pub(super) struct Io {
    pub(super) stdin: Value,
    /// A connection is among the descriptors.
    pub(super) socket: bool,
    /// The standard output goes elsewhere than on.
    pub(super) swallows: bool,
    pub(super) outputs: Vec<(String, bool)>,
    /// Descriptors opened on a connection, for `exec`.
    pub(super) opened: Vec<String>,
}

impl Shell {
    pub(super) fn plumb(&mut self, redirections: &[Redirection], stdin: Value) -> Io {
        let mut io = Io { stdin, ..Io::default() };
        for redirection in redirections {
            let reads = redirection.reads();
            match &redirection.target {
                Target::Text(text) if reads => {
                    io.stdin = text.clone();
                    io.stdin.text.push('\n');
                }
                Target::Text(text) => self.write_file(&format!("/dev/fd/{}", redirection.fd), text.clone(), false),
                Target::Path(path) if redirection.operator.ends_with('&') && is_descriptor(&path.text) => {
                    let descriptor = path.text.trim_end_matches('-');
                    let unknown = path.text.contains(HOLE) && !self.sockets.is_empty();
                    if unknown || self.sockets.iter().any(|open| open == descriptor) {
                        io.socket = true;
                        io.opened.push(redirection.fd.clone());
                        if reads {
                            io.stdin = Value::hole(Taint::SOCKET);
                        }
                    } else if reads && let Some(text) = self.file(&format!("/dev/fd/{descriptor}")) {
                        io.stdin = text;
                    }
                }
                Target::Path(path) => self.plumb_path(&mut io, redirection, path),
            }
        }
        io
    }

    fn plumb_path(&mut self, io: &mut Io, redirection: &Redirection, path: &Value) {
        let writes_out = matches!(redirection.fd.as_str(), "" | "1");
        if is_connection(&path.text) {
            self.mark(Class::Network);
            io.socket = true;
            io.opened.push(redirection.fd.clone());
            io.swallows |= redirection.operator.contains('>') && writes_out && redirection.operator != "<>";
            if redirection.operator.starts_with('<') {
                io.stdin = Value::hole(Taint::SOCKET);
            }
            return;
        }
        if redirection.operator.starts_with('<') {
            let value = self.read_file(path);
            if redirection.reads() {
                io.stdin = value;
            } else {
                self.write_file(&format!("/dev/fd/{}", redirection.fd), value, false);
            }
        }
        if redirection.operator.contains('>') && redirection.operator != "<>" {
            let append = redirection.operator.ends_with(">>");
            // What is added to a file that people keep by hand is judged when it is known.
            if !(append && super::rcfile::is_kept(&path.text)) {
                self.writes(&path.text, io.stdin.taint);
            }
            let program = ["/bin/", "/sbin/", "/usr/bin/", "/usr/sbin/", "/boot/"].iter().any(|folder| path.text.starts_with(folder));
            if program && super::paths::is_vital_file(&path.text, None) {
                self.mark(Class::Destructive);
            }
            if writes_out || redirection.operator.starts_with('&') {
                io.swallows = true;
                io.outputs.push((path.text.clone(), append));
            }
        }
    }

    /// What was written arrives where the redirections lead.
    pub(super) fn deliver(&mut self, io: &Io, written: &Value) {
        if io.socket && written.taint.has(Taint::SECRET) {
            self.mark(Class::Exfiltration);
        }
        for (path, append) in &io.outputs {
            self.hijacks(path, &written.text);
            self.hijacks_names(path, &written.text);
            self.shadows(path, written);
            if *append
                && super::rcfile::is_kept(path)
                && !super::rcfile::is_everyday(&written.text)
                && !super::rcfile::is_completion(&self.showing)
            {
                self.writes(path, written.taint);
            }
            if !append && written.is_known() && written.text.trim().is_empty() && super::paths::is_vital_file(path, self.cwd.as_deref()) {
                self.mark(Class::Destructive);
            }
            self.write_file(path, written.clone(), *append);
        }
    }
}

fn is_descriptor(text: &str) -> bool {
    let digits = strip(text);
    digits.chars().all(|c| c.is_ascii_digit() || c == '-')
}

/// The paths that bash opens as connections.
pub(super) fn is_connection(path: &str) -> bool {
    path.contains("/dev/tcp/") || path.contains("/dev/udp/") || path.contains("/inet/tcp/") || path.contains("/inet/udp/")
}
