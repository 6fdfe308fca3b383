//! Simple commands: words, assignments and redirections up to an operator.

use super::Class;
use super::redirect::{Redirection, Target};
use super::run::Runner;
use super::scan;
use super::state::{MAX_VALUE, Shell};
use super::value::{FIELD, Value, byte, part, rest};

const MAX_WORDS: usize = 4096;

impl<'a> Runner<'a, '_> {
    /// Words up to an operator.
    pub(super) fn words(&mut self) -> Vec<&'a str> {
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

    pub(super) fn redirections(&mut self) -> Vec<Redirection> {
        let mut redirections = Vec::new();
        loop {
            self.blanks();
            match self.redirection() {
                Some(redirection) => redirections.push(redirection),
                None => return redirections,
            }
        }
    }

    pub(super) fn simple(&mut self) -> bool {
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
            if let Some((name, append, value)) = assignment(raw).filter(|_| raws.is_empty() || declares) {
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
        // The script itself.
        if matches!(raws.first(), Some(&("$0" | "\"$0\"" | "${0}" | "./$0"))) {
            self.recursed = true;
        }
        self.stage = stage;
        if raws.first().is_some_and(|first| is_broken_up(first)) {
            self.shell.showing = part(text, from, self.at).trim().to_owned();
            self.shell.mark(Class::Obfuscation);
        }
        self.java_style(&raws);
        let stdin = self.stdin();
        self.shell.showing = part(text, from, self.at).trim().to_owned();
        if redirections.is_empty() {
            self.shell.asked(&raws, &stdin);
        }
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

/// A command's name in pieces, as nobody writes it but to get past a filter: `c'a't`, `w\ho\am\i`, `who$@ami`, `ls${IFS}-l`, `{cat,f}`.
fn is_broken_up(raw: &str) -> bool {
    if raw.starts_with('{') && raw.ends_with('}') && raw.contains(',') {
        return true;
    }
    if raw.len() < 3 || raw.len() > 64 || !raw.contains(['\'', '"', '\\', '$', '`']) {
        return false;
    }
    let nothing = ["$(echo", "`echo", "$@", "$*", "$()", "``", "${IFS}", "$IFS", "''", "\"\""];
    let letter = |c: char| c.is_ascii_alphanumeric();
    let inside = |piece: &str| {
        raw.split_once(piece)
            .is_some_and(|(before, behind)| before.ends_with(letter) && behind.starts_with(|c: char| letter(c) || matches!(c, '/' | '-')))
    };
    let spelled = |piece: &str| {
        piece.ends_with("echo")
            && raw.split_once(piece).is_some_and(|(before, _)| before.ends_with(letter) && !before.contains(['/', '-', '_', '.']))
    };
    if nothing.iter().any(|piece| inside(piece)) || nothing.iter().any(|piece| spelled(piece)) {
        return true;
    }
    // Quotes and backslashes between letters, and nothing that is not known.
    let plain = raw.chars().all(|c| letter(c) || matches!(c, '\'' | '"' | '\\' | '/' | '-' | '_' | '.'));
    let bare = raw.trim_matches(['\'', '"']).trim_start_matches('\\');
    let pieces = bare.split(['\'', '"', '\\']).filter(|piece| !piece.is_empty()).count();
    plain && pieces > 1 && bare.split(['\'', '"', '\\']).all(|piece| !piece.contains('.') && piece.len() < 12)
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
        // `x=<(curl ..)`: the name of a pipe.
        if raw.starts_with("<(") {
            return self.expand(raw).into_iter().next().unwrap_or_default();
        }
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
            let loading = std::mem::replace(&mut self.loading, matches!(raws.first(), Some(&("export" | "env" | "declare"))));
            for raw in raws {
                words.extend(self.expand(raw));
            }
            self.loading = loading;
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
