//! What the story looks like: paragraphs, facts, marks; colour on a terminal only.

use std::{
    env,
    io::{self, IsTerminal, Write},
};

/// Columns of text; narrow enough for a split terminal.
const WIDTH: usize = 96;
/// Where the text of a fact begins.
const INDENT: usize = 12;
/// Characters of an answer shown at most.
const SHOWN: usize = 900;

pub struct Screen {
    out: Box<dyn Write + Send>,
    colour: bool,
    act: usize,
    unkept: Vec<String>,
}

#[derive(Clone, Copy)]
enum Style {
    Title,
    Faint,
    Good,
    Bad,
    Masked,
}

impl Screen {
    pub fn stdout() -> Self {
        // https://no-color.org
        let colour = io::stdout().is_terminal() && env::var_os("NO_COLOR").is_none_or(|value| value.is_empty());
        Self::new(Box::new(io::stdout()), colour)
    }

    pub fn new(out: Box<dyn Write + Send>, colour: bool) -> Self {
        Self { out, colour, act: 0, unkept: Vec::new() }
    }

    /// Begins the next act.
    pub fn act(&mut self, title: &str) {
        self.act += 1;
        let line = format!("{}. {title}", self.act);
        let line = self.paint(Style::Title, &line);
        self.line("");
        self.line(&line);
    }

    /// A paragraph of the narrator.
    pub fn say(&mut self, text: &str) {
        for line in wrap(text, WIDTH - 3) {
            self.line(&format!("   {line}"));
        }
    }

    /// One named fact: `asked`, `answer`, `decided`, `record`.
    pub fn fact(&mut self, name: &str, text: &str) {
        let text = shorten(text, SHOWN);
        let mut name = format!("   {name:<width$}", width = INDENT - 3);
        for paragraph in text.lines() {
            for line in wrap(paragraph, WIDTH - INDENT) {
                let (label, line) = (self.paint(Style::Faint, &name), self.highlight(&line));
                self.line(&format!("{label}{line}"));
                name = " ".repeat(INDENT);
            }
        }
    }

    /// A line as it is, for tables and for commands to copy.
    pub fn plain(&mut self, text: &str) {
        let text = self.highlight(text);
        self.line(&text);
    }

    /// Says a claim and whether it holds. What does not hold makes the whole story fail.
    pub fn claim(&mut self, holds: bool, claim: &str) {
        // Other programs' errors may have lines.
        let claim = claim.split_whitespace().collect::<Vec<_>>().join(" ");
        let mark = if holds { self.paint(Style::Good, "✓") } else { self.paint(Style::Bad, "✗ NOT SO:") };
        self.line(&format!("   {mark} {claim}"));
        if !holds {
            self.unkept.push(format!("act {}: {claim}", self.act));
        }
    }

    /// The claims that did not hold.
    pub fn unkept(&self) -> &[String] {
        &self.unkept
    }

    fn line(&mut self, text: &str) {
        // Nobody is left to read it: the story goes on and its exit code still tells.
        let _ = writeln!(self.out, "{text}").and_then(|()| self.out.flush());
    }

    fn paint(&self, style: Style, text: &str) -> String {
        let code = match style {
            Style::Title => "1;36",
            Style::Faint => "2",
            Style::Good => "32",
            Style::Bad => "1;31",
            Style::Masked => "1;33",
        };
        if self.colour { format!("\u{1b}[{code}m{text}\u{1b}[0m") } else { text.to_owned() }
    }

    /// What masking put in, made to stand out.
    fn highlight(&self, text: &str) -> String {
        let mut shown = String::new();
        let mut rest = text;
        while let Some((before, masked, after)) = next_masked(rest) {
            shown.push_str(before);
            shown.push_str(&self.paint(Style::Masked, masked));
            rest = after;
        }
        shown.push_str(rest);
        shown
    }
}

/// The first `[MASKED:...]` or run of three or more `*`, with what is before and after it.
fn next_masked(text: &str) -> Option<(&str, &str, &str)> {
    let placeholder = text.find("[MASKED:").and_then(|at| Some((at, text.get(at..)?.find(']')? + 1)));
    let stars = text.find("***").and_then(|at| Some((at, text.get(at..)?.bytes().take_while(|byte| *byte == b'*').count())));
    let (at, len) = [placeholder, stars].into_iter().flatten().min()?;
    let (before, found) = text.split_at_checked(at)?;
    let (masked, after) = found.split_at_checked(len)?;
    Some((before, masked, after))
}

/// Breaks after spaces, and after commas, for JSON has no spaces; a piece that is too long is broken where the line ends.
fn wrap(text: &str, width: usize) -> Vec<String> {
    let mut lines = Vec::new();
    let (mut line, mut used) = (String::new(), 0);
    for piece in text.split_inclusive([' ', ',']) {
        if used > 0 && used + piece.trim_end().chars().count() > width {
            lines.push(std::mem::take(&mut line));
            used = 0;
        }
        for letter in piece.chars() {
            if used == width && letter != ' ' {
                lines.push(std::mem::take(&mut line));
                used = 0;
            }
            line.push(letter);
            used += 1;
        }
    }
    lines.push(line);
    lines.iter().map(|line| line.trim_end().to_owned()).collect()
}

pub(super) fn shorten(text: &str, most: usize) -> String {
    let Some((at, _)) = text.char_indices().nth(most) else { return text.to_owned() };
    let (kept, _) = text.split_at_checked(at).unwrap_or((text, ""));
    format!("{kept} ...")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_no_wider_than_they_should_be_and_lose_nothing() {
        let text = format!("a few words, then {} and the end", "x".repeat(50));
        let lines = wrap(&text, 20);
        assert!(lines.iter().all(|line| line.chars().count() <= 20), "{lines:?}");
        assert_eq!(lines.concat().replace(' ', ""), text.replace(' ', ""));
        assert_eq!(wrap("", 20), [""]);
        assert_eq!(wrap(r#"{"a":"one","b":"two","c":"three"}"#, 22), [r#"{"a":"one","b":"two","#, r#""c":"three"}"#]);
    }

    #[test]
    fn finds_what_was_masked() {
        assert_eq!(next_masked("a [MASKED:email] b"), Some(("a ", "[MASKED:email]", " b")));
        assert_eq!(next_masked("x ****@example.com [MASKED:a]"), Some(("x ", "****", "@example.com [MASKED:a]")));
        assert_eq!(next_masked("a ** b [MASKED: no end"), None);
    }

    #[test]
    fn a_claim_that_does_not_hold_is_remembered() {
        let mut screen = Screen::new(Box::new(io::sink()), false);
        screen.act("one");
        screen.claim(true, "water is wet");
        screen.claim(false, "pigs fly");
        assert_eq!(screen.unkept(), ["act 1: pigs fly"]);
    }
}
