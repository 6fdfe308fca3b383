//! A script, read from its beginning to its end: lists, pipelines, groups, loops and functions, on a stack of our own.

use super::redirect::{Redirection, Target};
use super::scan;
use super::state::{MAX_VALUE, Shell};
use super::value::{FIELD, Taint, Value, byte, part, rest};
use super::{Class, MAX_TEXT};

/// Groups within groups; more is not read.
const MAX_FRAMES: usize = 200;

const MAX_WORDS: usize = 4096;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Root,
    Subshell,
    Group,
    If,
    Loop,
    Case,
}

struct Frame {
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
    function: Option<String>,
}

struct Runner<'a, 's> {
    shell: &'s mut Shell,
    text: &'a str,
    bytes: &'a [u8],
    at: usize,
    frames: Vec<Frame>,
    /// What the stage before writes to the next.
    pipe: Option<Value>,
    /// What the command just read writes.
    current: Option<Value>,
    /// The line end behind which here-documents stand, and where the text goes on.
    here: Option<(usize, usize)>,
    /// The name of a function whose body comes next.
    defining: Option<String>,
    stage: usize,
    listed: bool,
    recursed: bool,
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

    fn blanks(&mut self) {
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

    fn fork_bomb(&mut self) {
        self.shell.showing = self.text.to_owned();
        self.shell.mark(Class::Destructive);
    }

    fn stdin(&mut self) -> Value {
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
    fn define(&mut self, name: String) -> bool {
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

    // Simple commands

    /// Words up to an operator.
    fn words(&mut self) -> Vec<&'a str> {
        let text = self.text;
        let mut words = Vec::new();
        loop {
            self.blanks();
            let end = scan::word(text, self.at);
            if end.at == self.at || words.len() > MAX_WORDS {
                return words;
            }
            self.check(end);
            words.push(part(text, self.at, end.at));
            self.at = end.at;
        }
    }

    fn check(&mut self, end: scan::End) {
        if !end.closed {
            self.shell.beyond("a quotation or substitution is not closed");
        }
    }

    fn redirections(&mut self) -> Vec<Redirection> {
        let mut redirections = Vec::new();
        loop {
            self.blanks();
            match self.redirection() {
                Some(redirection) => redirections.push(redirection),
                None => return redirections,
            }
        }
    }

    fn simple(&mut self) -> bool {
        let text = self.text;
        let from = self.at;
        let stage = self.shell.undo_mark();
        let mut raws: Vec<&'a str> = Vec::new();
        let mut assignments: Vec<(&'a str, bool, &'a str)> = Vec::new();
        let mut redirections = Vec::new();
        loop {
            self.blanks();
            if let Some(redirection) = self.redirection() {
                redirections.push(redirection);
                continue;
            }
            if byte(self.bytes, self.at) == b'#' {
                break;
            }
            let end = scan::word(text, self.at);
            if end.at == self.at {
                break;
            }
            self.check(end);
            let raw = part(text, self.at, end.at);
            self.at = end.at;
            let declares = matches!(raws.first(), Some(&("declare" | "typeset" | "local" | "export" | "readonly")));
            if raws.is_empty() || declares {
                if let Some((name, append, value)) = assignment(raw) {
                    let value = if value.is_empty() && byte(self.bytes, self.at) == b'(' { self.array() } else { value };
                    if declares {
                        let value = self.shell.value_assigned(value);
                        self.shell.sets(name, &value);
                        self.shell.assign(super::parameter::name(name), value);
                    } else {
                        assignments.push((name, append, value));
                    }
                    continue;
                }
            }
            if raws.is_empty() && assignments.is_empty() && byte(self.bytes, self.at) == b'(' {
                let inner = rest(text, self.at + 1).trim_start_matches([' ', '\t']);
                if inner.starts_with(')') {
                    return self.define(raw.to_owned());
                }
            }
            raws.push(raw);
            if raws.len() > MAX_WORDS {
                self.shell.beyond("too many words");
                return false;
            }
        }
        if self.at == from {
            // Nothing that we know how to read.
            self.shell.beyond("a text that is no command");
            self.at += 1;
            return true;
        }
        if let Some(first) = raws.first()
            && self.frames.iter().any(|frame| frame.function.as_deref() == Some(first))
        {
            self.recursed = true;
            if self.pipe.is_some() {
                self.fork_bomb();
            }
        }
        self.stage = stage;
        self.java_style(&raws);
        let stdin = self.stdin();
        self.shell.showing = part(text, from, self.at).trim().to_owned();
        self.current = Some(self.shell.simple(&raws, &assignments, &redirections, stdin));
        true
    }

    /// `bash -c {echo,..}|{base64,-d}|{sh,-i}` is made for programs that cut a text at its blanks and call what they get: there
    /// everything behind `-c` is one script.
    fn java_style(&mut self, raws: &[&'a str]) {
        if let Some([.., "-c", script]) = raws.get(..)
            && script.starts_with('{')
            && script.contains(',')
            && byte(self.bytes, self.at) == b'|'
        {
            let from = self.at.saturating_sub(script.len());
            let script = rest(self.text, from).split([' ', '\n']).next().unwrap_or_default();
            self.shell.run(script, Value::default());
        }
    }

    /// The elements of `a=(..)`.
    fn array(&mut self) -> &'a str {
        let end = scan::paren(self.text, self.at + 1);
        let inner = part(self.text, self.at, (end.at + 1).min(self.bytes.len()));
        self.at = (end.at + 1).min(self.bytes.len());
        self.check(end);
        inner
    }

    fn redirection(&mut self) -> Option<Redirection> {
        let mut at = self.at;
        while byte(self.bytes, at).is_ascii_digit() {
            at += 1;
        }
        let mut fd = part(self.text, self.at, at).to_owned();
        if at == self.at && byte(self.bytes, at) == b'{' {
            let end = at + rest(self.text, at).find('}')?;
            if matches!(byte(self.bytes, end + 1), b'<' | b'>') {
                fd = part(self.text, at, end).to_owned();
                at = end + 1;
            }
        }
        const OPERATORS: [&str; 13] = ["&>>", "<<<", "<<-", "&>", "<<", "<&", "<>", ">>", ">&", ">|", "<", ">!", ">"];
        let behind = rest(self.text, at);
        let operator = OPERATORS.into_iter().find(|operator| behind.starts_with(operator))?;
        if matches!(operator, "<" | ">") && byte(self.bytes, at + 1) == b'(' {
            return None;
        }
        self.at = at + operator.len();
        if operator.starts_with("<<") && operator != "<<<" {
            let (delimiter, quoted, end) = scan::delimiter(self.text, self.at);
            self.at = end;
            let (line, start) = match self.here {
                Some(here) => here,
                None => {
                    let line =
                        memchr::memchr(b'\n', self.bytes.get(end..).unwrap_or_default()).map_or(self.bytes.len(), |found| end + found);
                    (line, line + 1)
                }
            };
            let (body, resume) = scan::here_body(self.text, start, &delimiter);
            self.here = Some((line, resume));
            let body = if quoted { Value::known(body) } else { self.shell.expand_here_document(body) };
            return Some(Redirection { fd, operator, target: Target::Text(body) });
        }
        self.blanks();
        let end = scan::word(self.text, self.at);
        self.check(end);
        let raw = part(self.text, self.at, end.at);
        self.at = end.at;
        let value =
            if operator == "<<<" { self.shell.expand_one(raw) } else { self.shell.expand(raw).into_iter().next().unwrap_or_default() };
        Some(Redirection { fd, operator, target: if operator == "<<<" { Target::Text(value) } else { Target::Path(value) } })
    }
}

/// `NAME=value`, `NAME+=value`, `NAME[i]=value`.
fn assignment(raw: &str) -> Option<(&str, bool, &str)> {
    let (left, value) = raw.split_once('=')?;
    let (left, append) = left.strip_suffix('+').map_or((left, false), |left| (left, true));
    let (name, index) = left.split_once('[').map_or((left, None), |(name, index)| (name, Some(index)));
    let is_name = !name.is_empty() && super::parameter::name(name).len() == name.len() && !name.starts_with(|c: char| c.is_ascii_digit());
    (is_name && index.is_none_or(|index| index.ends_with(']'))).then_some((left, append || index.is_some(), value))
}

impl Shell {
    /// The right side of an assignment; elements of an array are kept apart.
    fn value_assigned(&mut self, raw: &str) -> Value {
        let Some(inner) = raw.strip_prefix('(').and_then(|raw| raw.strip_suffix(')')) else { return self.expand_one(raw) };
        let mut whole = Value::default();
        let mut at = 0;
        while at < inner.len() {
            let skipped = inner.len() - rest(inner, at).trim_start().len();
            at = skipped.max(at);
            let end = scan::word(inner, at).at.max(at + 1);
            let raw = part(inner, at, end);
            let raw = raw.strip_prefix('[').and_then(|raw| raw.split_once("]=")).map_or(raw, |(_, value)| value);
            for field in self.expand(raw) {
                if !whole.text.is_empty() {
                    whole.text.push(FIELD);
                }
                whole.append(&field, MAX_VALUE);
            }
            at = end;
        }
        whole
    }

    /// Assignments, then the command: once for each value that a variable may have.
    fn simple(&mut self, raws: &[&str], assignments: &[(&str, bool, &str)], redirections: &[Redirection], stdin: Value) -> Value {
        let mut kept = Vec::new();
        for (name, append, raw) in assignments {
            if let Some(index) = name.split_once('[').map(|(_, index)| index) {
                self.expand_one(index);
            }
            let name = &super::parameter::name(name);
            let mut value = self.value_assigned(raw);
            if *append && let Some(mut before) = self.variable(name) {
                if raw.starts_with('(') || before.text.contains(FIELD) {
                    before.text.push(FIELD);
                }
                before.append(&value, MAX_VALUE);
                value = before;
            }
            self.sets(name, &value);
            if raws.is_empty() {
                self.assign(name, value);
            } else {
                kept.push((*name, value));
            }
        }
        let showing = std::mem::take(&mut self.showing);
        let mut output = Value::default();
        let mut round = 0;
        loop {
            self.alternative = round;
            self.alternatives = 1;
            let mut words = Vec::new();
            for raw in raws {
                words.extend(self.expand(raw));
            }
            self.alternative = 0;
            let rounds = self.alternatives;
            self.showing.clone_from(&showing);
            let io = self.plumb(redirections, stdin.clone());
            let written = self.command(words, &io, &kept);
            self.showing.clone_from(&showing);
            self.deliver(&io, &written);
            if !io.swallows {
                output.append(&written, MAX_VALUE);
            }
            round += 1;
            if round >= rounds {
                return output;
            }
        }
    }
}
