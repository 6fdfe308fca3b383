//! Groups, branches, loops and functions: what opens, what closes, and what is gone through again.

use super::redirect::Redirection;
use super::run::{Frame, Kind, Runner};
use super::scan;
use super::value::{Taint, Value, byte, part, rest};

/// Groups within groups; more is not read.
const MAX_FRAMES: usize = 200;

/// Values that a loop goes through.
const MAX_WORDS: usize = 4096;

impl Runner<'_, '_> {
    pub(super) fn open(&mut self, kind: Kind, width: usize) -> bool {
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

    pub(super) fn close(&mut self, kind: Kind, width: usize) -> bool {
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
    pub(super) fn go_round(&mut self) -> bool {
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

    pub(super) fn function(&mut self, width: usize) -> bool {
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

    pub(super) fn each(&mut self, width: usize) -> bool {
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

    pub(super) fn case(&mut self, width: usize) -> bool {
        self.at += width;
        let words = self.words();
        for raw in words {
            self.shell.expand(raw);
        }
        let opened = self.open(Kind::Case, 0);
        opened && self.pattern()
    }

    pub(super) fn next_case(&mut self) -> bool {
        let width = if rest(self.text, self.at).starts_with(";;&") { 3 } else { 2 };
        self.end(width);
        if self.frames.last().is_some_and(|frame| frame.kind == Kind::Case) { self.pattern() } else { true }
    }

    /// Up to the `)` that ends the patterns of a case.
    pub(super) fn pattern(&mut self) -> bool {
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
}
