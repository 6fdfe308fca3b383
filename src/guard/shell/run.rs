//! A script, read from its beginning to its end: lists, pipelines, groups, loops and functions, on a stack of our own.

use super::redirect::Redirection;
use super::scan;
use super::state::{MAX_VALUE, Shell};
use super::value::{Taint, Value, byte, part, rest};
use super::{Class, MAX_TEXT};

/// Groups within groups; more is not read.
const MAX_FRAMES: usize = 200;

const MAX_WORDS: usize = 4096;

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
    kind: Kind,
    stdin: Value,
    output: Value,
    /// Where its body begins, to go there again.
    body: usize,
    again: bool,
    /// The variable of `for` and the values it has yet to take.
    each: Option<(String, Vec<Value>)>,
    undo: usize,
    conditional: bool,
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
    defining: Option<String>,
    pub(super) stage: usize,
    listed: bool,
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
    fn end(&mut self, width: usize) -> bool {
        self.collect();
        self.at += width;
        self.listed = false;
        self.recursed = false;
        self.pipe = None;
        self.settle()
    }

    fn collect(&mut self) {
        if let (Some(output), Some(frame)) = (self.current.take(), self.frames.last_mut()) {
            frame.output.append(&output, MAX_VALUE);
        }
    }

    fn settle(&mut self) -> bool {
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
        if self.recursed {
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

    // Compounds

    fn open(&mut self, kind: Kind, width: usize) -> bool {
        self.at += width;
        if self.frames.len() >= MAX_FRAMES {
            self.shell.beyond("nested too deep");
            return false;
        }
        let stdin = self.stdin();
        self.pipe = None;
        let undo = self.shell.undo_mark();
        let conditional = self.shell.conditional;
        let function = self.defining.take();
        self.frames.push(Frame {
            kind,
            stdin,
            output: Value::default(),
            body: self.at,
            again: false,
            each: None,
            undo,
            conditional,
            function,
        });
        self.listed = false;
        self.settle()
    }

    fn close(&mut self, kind: Kind, width: usize) -> bool {
        self.collect();
        let top = self.frames.last().map(|frame| frame.kind);
        if top == Some(Kind::Case) && kind == Kind::Subshell {
            // The `)` of a pattern.
            self.at += width;
            return true;
        }
        if top != Some(kind) {
            self.shell.beyond("a construct is closed that was not opened");
            self.at += width.max(1);
            return true;
        }
        if self.go_round() {
            return true;
        }
        let body_end = self.at;
        self.at += width;
        let after = self.at;
        let redirections = self.redirections();
        let Some(mut frame) = self.frames.pop() else { return false };
        let reads = redirections.iter().any(Redirection::reads);
        let io = self.shell.plumb(&redirections, frame.stdin.clone());
        if reads && !frame.again && frame.function.is_none() {
            frame.again = true;
            frame.stdin = io.stdin;
            self.at = frame.body;
            self.here = None;
            self.frames.push(frame);
            // Spent again for what is read again.
            let length = after.saturating_sub(self.at);
            return self.shell.burn(length);
        }
        if frame.kind == Kind::Subshell {
            self.shell.roll_back(frame.undo);
        }
        let mut output = frame.output;
        if let Some(name) = frame.function {
            self.shell.functions.insert(name, part(self.text, frame.body, body_end).to_owned());
            output = Value::default();
        }
        self.shell.deliver(&io, &output);
        self.current = Some(if io.swallows { Value::default() } else { output });
        self.recursed = false;
        self.shell.conditional = frame.conditional;
        true
    }

    /// The next value of `for`.
    fn go_round(&mut self) -> bool {
        let Some(frame) = self.frames.last_mut() else { return false };
        let Some((name, values)) = &mut frame.each else { return false };
        if values.is_empty() {
            return false;
        }
        let (name, body) = (name.clone(), frame.body);
        let value = if self.shell.one_more_round() {
            values.remove(0)
        } else {
            values.clear();
            self.shell.found.commands_complete = false;
            Value::hole(Taint::DECODED)
        };
        self.shell.assign_any(&name, vec![value]);
        let length = self.at.saturating_sub(body);
        self.at = body;
        self.here = None;
        self.shell.burn(length)
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

    fn function(&mut self, width: usize) -> bool {
        self.at += width;
        self.blanks();
        let end = scan::word(self.text, self.at).at;
        let name = part(self.text, self.at, end).to_owned();
        self.at = end;
        self.blanks();
        self.define(name)
    }

    /// Behind the name of a function.
    pub(super) fn define(&mut self, name: String) -> bool {
        if byte(self.bytes, self.at) == b'(' {
            self.at += 1;
            self.blanks();
            if byte(self.bytes, self.at) == b')' {
                self.at += 1;
            }
        }
        while matches!(byte(self.bytes, self.at), b' ' | b'\t' | b'\n' | b'\r') {
            self.at += 1;
        }
        self.defining = Some(name);
        true
    }

    fn each(&mut self, width: usize) -> bool {
        self.at += width;
        self.blanks();
        if rest(self.text, self.at).starts_with("((") {
            self.at = scan::paren(self.text, self.at + 1).at + 1;
            return self.open(Kind::Loop, 0);
        }
        let end = scan::word(self.text, self.at).at;
        let name = part(self.text, self.at, end).to_owned();
        self.at = end;
        self.blanks();
        let mut values = self.shell.positional().to_vec();
        if rest(self.text, self.at).starts_with("in") && !byte(self.bytes, self.at + 2).is_ascii_alphanumeric() {
            self.at += 2;
            values.clear();
            for raw in self.words() {
                values.extend(self.shell.expand(raw));
            }
        }
        let first = if values.is_empty() { Value::hole(Taint::NONE) } else { values.remove(0) };
        values.truncate(MAX_WORDS);
        self.shell.assign_any(&name, vec![first]);
        let opened = self.open(Kind::Loop, 0);
        if let Some(frame) = self.frames.last_mut() {
            frame.each = Some((name, values));
        }
        opened
    }

    fn case(&mut self, width: usize) -> bool {
        self.at += width;
        let words = self.words();
        for raw in words {
            self.shell.expand(raw);
        }
        let opened = self.open(Kind::Case, 0);
        opened && self.pattern()
    }

    fn next_case(&mut self) -> bool {
        let width = if rest(self.text, self.at).starts_with(";;&") { 3 } else { 2 };
        self.end(width);
        if self.frames.last().is_some_and(|frame| frame.kind == Kind::Case) { self.pattern() } else { true }
    }

    /// Up to the `)` that ends the patterns of a case.
    fn pattern(&mut self) -> bool {
        loop {
            while matches!(byte(self.bytes, self.at), b' ' | b'\t' | b'\n' | b'\r' | b'|' | b'(') {
                self.at += 1;
            }
            let end = scan::word(self.text, self.at).at;
            match part(self.text, self.at, end) {
                "esac" => return true,
                "" => {
                    self.at += usize::from(byte(self.bytes, self.at) == b')');
                    return true;
                }
                _ => self.at = end,
            }
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
