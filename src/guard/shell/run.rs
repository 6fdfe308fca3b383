//! A script, read from its beginning to its end: lists, pipelines, groups, loops and functions, on a stack of our own.

use super::scan;
use super::state::{MAX_VALUE, Shell};
use super::value::{Value, byte, part, rest};
use super::{Class, MAX_TEXT};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Root,
    Subshell,
    Group,
    If,
    Loop,
    Case,
}

pub(super) struct Frame {
    pub(super) kind: Kind,
    pub(super) stdin: Value,
    pub(super) output: Value,
    /// Where its body begins, to go there again.
    pub(super) body: usize,
    pub(super) again: bool,
    /// The variable of `for` and the values it has yet to take.
    pub(super) each: Option<(String, Vec<Value>)>,
    pub(super) undo: usize,
    pub(super) conditional: bool,
    pub(super) function: Option<String>,
}

pub(super) struct Runner<'a, 's> {
    pub(super) shell: &'s mut Shell,
    pub(super) text: &'a str,
    pub(super) bytes: &'a [u8],
    pub(super) at: usize,
    pub(super) frames: Vec<Frame>,
    /// What the stage before writes to the next.
    pub(super) pipe: Option<Value>,
    /// What the command just read writes.
    pub(super) current: Option<Value>,
    /// The line end behind which here-documents stand, and where the text goes on.
    pub(super) here: Option<(usize, usize)>,
    /// The name of a function whose body comes next.
    pub(super) defining: Option<String>,
    pub(super) stage: usize,
    pub(super) listed: bool,
    pub(super) recursed: bool,
}

impl Shell {
    /// Runs a script in thought; what it writes comes back.
    pub(super) fn run(&mut self, text: &str, stdin: Value) -> Value {
        if text.len() > MAX_TEXT {
            self.beyond("too long");
            return Value::hole(stdin.taint);
        }
        if !self.enter() {
            return Value::hole(stdin.taint);
        }
        let (conditional, offset) = (self.conditional, self.offset);
        let mut output = Value::hole(stdin.taint);
        if self.burn(text.len()) {
            let stage = self.undo_mark();
            let root = Frame {
                kind: Kind::Root,
                stdin,
                output: Value::default(),
                body: 0,
                again: true,
                each: None,
                undo: stage,
                conditional,
                function: None,
            };
            let mut runner = Runner {
                shell: self,
                text,
                bytes: text.as_bytes(),
                at: 0,
                frames: vec![root],
                pipe: None,
                current: None,
                here: None,
                defining: None,
                stage,
                listed: false,
                recursed: false,
            };
            output = runner.go();
        }
        self.conditional = conditional;
        self.offset = offset;
        self.leave();
        output
    }
}

impl<'a> Runner<'a, '_> {
    fn go(&mut self) -> Value {
        loop {
            self.blanks();
            if self.shell.outermost() {
                self.shell.offset = self.at;
            }
            let next = byte(self.bytes, self.at + 1);
            let more = match byte(self.bytes, self.at) {
                0 => break,
                b'\n' => self.newline(),
                b'#' => self.comment(),
                b';' if next == b';' || next == b'&' => self.next_case(),
                b';' => self.end(1),
                b'&' if next == b'&' => self.and_or(),
                b'&' if next == b'>' => self.simple(),
                b'&' => self.background(),
                b'|' if next == b'|' => self.and_or(),
                b'|' => self.pipe(if next == b'&' { 2 } else { 1 }),
                b'(' if next == b'(' && scan::arithmetic_here(self.text, self.at + 2) => self.arithmetic(),
                b'(' => self.open(Kind::Subshell, 1),
                b')' => self.close(Kind::Subshell, 1),
                _ => self.word(),
            };
            if !more {
                break;
            }
        }
        self.finish()
    }

    fn finish(&mut self) -> Value {
        self.end(0);
        if self.frames.len() > 1 {
            self.shell.beyond("a construct is not closed");
        }
        let mut output = Value::default();
        while let Some(frame) = self.frames.pop() {
            output.append(&frame.output, MAX_VALUE);
        }
        output
    }

    // Between commands

    pub(super) fn blanks(&mut self) {
        loop {
            match byte(self.bytes, self.at) {
                b' ' | b'\t' | b'\r' => self.at += 1,
                b'\\' if byte(self.bytes, self.at + 1) == b'\n' => self.at += 2,
                _ => return,
            }
        }
    }

    fn comment(&mut self) -> bool {
        self.at = memchr::memchr(b'\n', self.bytes.get(self.at..).unwrap_or_default()).map_or(self.bytes.len(), |found| self.at + found);
        true
    }

    fn newline(&mut self) -> bool {
        if let Some((line, resume)) = self.here.take_if(|(line, _)| *line <= self.at) {
            self.end(0);
            self.at = resume.max(line);
            return true;
        }
        self.end(1)
    }

    /// The end of a list: what it wrote belongs to what it stands in.
    pub(super) fn end(&mut self, width: usize) -> bool {
        self.collect();
        self.at += width;
        self.listed = false;
        self.recursed = false;
        self.pipe = None;
        self.settle()
    }

    pub(super) fn collect(&mut self) {
        if let (Some(output), Some(frame)) = (self.current.take(), self.frames.last_mut()) {
            frame.output.append(&output, MAX_VALUE);
        }
    }

    pub(super) fn settle(&mut self) -> bool {
        let inside = self.frames.iter().any(|frame| matches!(frame.kind, Kind::If | Kind::Loop | Kind::Case) || frame.function.is_some());
        let outside = self.frames.first().is_some_and(|frame| frame.conditional);
        self.shell.conditional = inside || outside || self.listed || self.pipe.is_some();
        self.stage = self.shell.undo_mark();
        true
    }

    fn and_or(&mut self) -> bool {
        self.collect();
        self.at += 2;
        self.pipe = None;
        self.listed = true;
        self.settle()
    }

    fn background(&mut self) -> bool {
        if self.recursed || self.loops_without_end() {
            self.fork_bomb();
        }
        self.end(1)
    }

    fn pipe(&mut self, width: usize) -> bool {
        if self.recursed {
            self.fork_bomb();
        }
        // Each stage has a shell of its own.
        self.shell.roll_back(self.stage);
        self.pipe = Some(self.current.take().unwrap_or_default());
        self.at += width;
        self.settle()
    }

    /// Within a loop that never ends and never waits, every round starts one process more.
    fn loops_without_end(&self) -> bool {
        let before = part(self.text, 0, self.at);
        let Some(from) = ["while true;", "while :;", "while :; ", "while [ 1 ]", "while ((1))", "for ((;;))", "for((;;))", "until false;"]
            .iter()
            .filter_map(|head| before.rfind(head))
            .max()
        else {
            return false;
        };
        let waits = ["sleep", "wait", "read ", "inotifywait", "break", "timeout", "accept"];
        let body = rest(self.text, from);
        let body = body.split_once("done").map_or(body, |(body, _)| body);
        !part(before, from, before.len()).contains("done") && !waits.iter().any(|word| body.contains(word))
    }

    pub(super) fn fork_bomb(&mut self) {
        self.shell.showing = self.text.to_owned();
        self.shell.mark(Class::Destructive);
    }

    pub(super) fn stdin(&mut self) -> Value {
        match self.pipe.clone() {
            Some(value) => value,
            None => self.frames.last().map(|frame| frame.stdin.clone()).unwrap_or_default(),
        }
    }

    fn arithmetic(&mut self) -> bool {
        let end = scan::arithmetic(self.text, self.at + 2);
        let inner = part(self.text, self.at + 2, end.at);
        self.shell.expand_one(inner);
        if inner.contains([' ', '\t']) && inner.contains(|c: char| c.is_ascii_alphabetic()) {
            // A shell that knows no arithmetic, such as dash, reads two subshells here.
            let (commands, complete) = (self.shell.found.commands.clone(), self.shell.found.commands_complete);
            self.shell.run(inner, Value::default());
            self.shell.found.commands = commands;
            self.shell.found.commands_complete = complete;
        }
        self.at = end.at + 2;
        self.current = Some(Value::default());
        true
    }

    /// A reserved word, or a simple command.
    fn word(&mut self) -> bool {
        let end = scan::word(self.text, self.at).at;
        let word = part(self.text, self.at, end);
        let width = word.len();
        match word {
            "if" => self.open(Kind::If, width),
            "while" | "until" => self.open(Kind::Loop, width),
            "for" | "select" => self.each(width),
            "case" => self.case(width),
            "fi" => self.close(Kind::If, width),
            "done" => self.close(Kind::Loop, width),
            "esac" => self.close(Kind::Case, width),
            "{" => self.open(Kind::Group, width),
            "}" => self.close(Kind::Group, width),
            "then" | "else" | "elif" | "do" | "!" | "time" | "noglob" | "nocorrect" => {
                self.at = end;
                self.blanks();
                if word == "time" && rest(self.text, self.at).starts_with("-p ") {
                    self.at += 3;
                }
                true
            }
            "coproc" => {
                self.at = end;
                self.shell.sockets.push("coproc".to_owned());
                self.blanks();
                let end = scan::word(self.text, self.at).at;
                if matches!(rest(self.text, end).trim_start_matches(' ').as_bytes().first(), Some(b'{' | b'(')) {
                    // Its name.
                    self.at = end;
                }
                true
            }
            "function" => self.function(width),
            "[[" => self.test(),
            _ => self.simple(),
        }
    }

    fn test(&mut self) -> bool {
        let from = self.at;
        let end = rest(self.text, from).find(" ]]").map_or(self.bytes.len(), |found| from + found);
        self.shell.expand_one(part(self.text, from, end));
        self.at = (end + 3).min(self.bytes.len());
        self.current = Some(Value::default());
        true
    }
}
