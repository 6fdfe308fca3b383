//! Colours, where somebody looks: cleaned text in, styled text out.

use std::io::IsTerminal;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Style {
    Plain,
    Bold,
    Dim,
    Good,
    Bad,
    Notable,
}

/// One line in pieces.
pub(crate) type Line = Vec<(Style, String)>;

#[derive(Clone, Copy, Debug)]
pub(crate) struct Painter {
    pub(crate) colours: bool,
}

impl Painter {
    /// For standard output; `NO_COLOR` (no-color.org) is honoured.
    pub(crate) fn for_stdout() -> Self {
        let wanted = std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty());
        Self { colours: wanted && std::io::stdout().is_terminal() }
    }

    pub(crate) fn paint(self, style: Style, text: &str) -> String {
        let code = match style {
            _ if !self.colours => return text.to_owned(),
            Style::Plain => return text.to_owned(),
            Style::Bold => "1",
            Style::Dim => "2",
            Style::Good => "32",
            Style::Bad => "1;31",
            Style::Notable => "33",
        };
        format!("\u{1b}[{code}m{text}\u{1b}[0m")
    }

    pub(crate) fn line(self, line: &Line) -> String {
        line.iter().map(|(style, text)| self.paint(*style, text)).collect()
    }
}

/// Columns of the terminal; `None` where standard output is none.
pub(crate) fn columns() -> Option<usize> {
    let stdout = std::io::stdout();
    if !stdout.is_terminal() {
        return None;
    }
    let size = rustix::termios::tcgetwinsize(&stdout).ok()?;
    Some(usize::from(size.ws_col)).filter(|columns| *columns > 0)
}

pub(crate) fn of_verdict(entry: &super::entry::Entry) -> Style {
    match (entry.refused(), entry.action.as_str()) {
        (true, _) => Style::Bad,
        (_, "Modified" | "Observed") => Style::Notable,
        (_, "Allowed") => Style::Good,
        _ => Style::Plain,
    }
}
