//! Tables in text: a name in the head of a column is the name of every value below it, as a member's is.
//!
//! Rows of CSV, tab-separated text, Markdown and what database clients print, with signs between columns or blanks alone ([`aligned`]). A text
//! is read line by line as it goes by, and of a table nothing but its head is remembered. Work is bounded: a line of more than [`ROW`] bytes
//! is none of a table, and where no table stands a line is only looked at for signs between columns. Tables of HTML have no lines, and
//! are read beside them; those of JSON are for [`super::cells`].

mod aligned;
mod html;
mod long;
mod wiki;

use memchr::{memchr, memrchr, memrchr_iter};

use super::detectors::{Found, View};
use super::profile::Profile;
use super::rules::Label;
use super::scan::Scan;
use aligned::Aligned;
use html::Html;
use long::{Long, Signs};

/// Bytes of a row, at most. No check looks further ahead.
pub(crate) const ROW: usize = 400;

/// Bytes before a place that a table is read with: a row, and the head before it.
pub(crate) const BACK: usize = 2 * ROW;

/// Columns that are told apart.
const COLUMNS: usize = 32;

/// Bytes of a name in a head.
const NAME: usize = 48;

/// Signs between columns.
const SEPARATORS: [u8; 4] = *b"|\t,;";

/// The table that a text is in, if it is.
#[derive(Default)]
pub(crate) struct Table {
    head: Option<Head>,
    /// The row that goes on where windows meet, if it is longer than one is looked at.
    long: Option<Long>,
    html: Html,
}

enum Head {
    Separated(Separated),
    Aligned(Aligned),
}

/// Columns with a sign between them.
struct Separated {
    separator: u8,
    columns: usize,
    /// By column: the name, where it asks for a look at the values.
    names: Vec<(usize, Vec<u8>)>,
}

/// What a row does to the table.
enum Turn {
    Stays,
    Begins(Head),
    Ends,
}

/// A part of a text that is read now, between places where windows meet.
pub(crate) struct Part<'a> {
    pub(crate) text: &'a [u8],
    pub(crate) from: usize,
    pub(crate) limit: usize,
    /// The text ends here.
    pub(crate) last: bool,
    /// The text begins before.
    pub(crate) cut: bool,
}

impl Table {
    pub(crate) fn is_open(&self) -> bool {
        self.head.is_some() || self.html.is_open()
    }

    pub(crate) fn held(&self) -> usize {
        let head = match &self.head {
            Some(Head::Separated(head)) => head.names.iter().map(|(_, name)| name.capacity()).sum(),
            Some(Head::Aligned(head)) => head.held(),
            None => 0,
        };
        head + self.html.held()
    }

    pub(crate) fn read(&mut self, profile: &Profile, part: &Part<'_>, found: &mut impl FnMut(Label, Found)) {
        self.html.read(profile, part, found);
        // A table has rows below its head.
        if !(part.last && !part.cut && memchr(b'\n', part.text).is_none()) {
            self.rows(profile, part, found);
        }
    }

    /// Reads the rows of a part; the row that its limit is in is read again with the next.
    fn rows(&mut self, profile: &Profile, part: &Part<'_>, found: &mut impl FnMut(Label, Found)) {
        let Part { text, from, limit, last, cut } = *part;
        let back = from.saturating_sub(ROW);
        let begins = memrchr(b'\n', text.get(back..from).unwrap_or_default()).map(|at| back + at + 1);
        let open = self.long.take();
        let mut row = match begins {
            Some(row) => row,
            None if back == 0 && !cut => 0,
            // In the middle of a long line.
            None => {
                if let Some(open) = open {
                    self.long(profile, part, from, open, found);
                }
                match memchr(b'\n', text.get(from..limit).unwrap_or_default()) {
                    Some(at) => from + at + 1,
                    None => return,
                }
            }
        };
        while row < limit {
            let ahead = text.get(row..text.len().min(row + ROW)).unwrap_or_default();
            let ended = memchr(b'\n', ahead);
            let whole = ended.is_some() || (last && row + ahead.len() == text.len());
            let line = if whole { ahead.get(..ended.unwrap_or(ahead.len())) } else { None };
            let turn = match (&self.head, line) {
                (None | Some(Head::Aligned(_)), Some(line)) if Aligned::is_underline(line) => {
                    let head = line_before(text, row, cut).and_then(|head| Aligned::under(profile, without_json(head), line));
                    head.map_or(Turn::Stays, |head| Turn::Begins(Head::Aligned(head)))
                }
                (Some(head), Some(line)) => head.row(profile, line, &mut |label, hit: Found| {
                    let hit = Found { start: hit.start + row, end: hit.end + row, ..hit };
                    if (from..limit).contains(&hit.start) {
                        found(label, hit);
                    }
                }),
                (None, Some(line)) => Head::of(profile, line).map_or(Turn::Stays, Turn::Begins),
                (Some(Head::Separated(_)), None) => {
                    self.long(profile, part, row, Long::new(), found);
                    Turn::Stays
                }
                (Some(Head::Aligned(head)), None) => {
                    head.long(profile, text, row, &mut |label, hit: Found| {
                        if (from..limit).contains(&hit.start) {
                            found(label, hit);
                        }
                    });
                    Turn::Stays
                }
                (None, None) => Turn::Stays,
            };
            let next = match ended {
                Some(at) => row + at + 1,
                None => match memchr(b'\n', text.get(row..limit).unwrap_or_default()) {
                    Some(at) => row + at + 1,
                    None => limit,
                },
            };
            // What the limit is in is read again.
            if next <= limit && text.get(next - 1) == Some(&b'\n') {
                match turn {
                    Turn::Stays => {}
                    Turn::Begins(head) => self.head = Some(head),
                    Turn::Ends => self.head = None,
                }
            }
            row = next;
        }
    }
}

impl Table {
    /// Reads on in a row that is longer than one is looked at; what has not as many columns as the head ends the table.
    fn long(&mut self, profile: &Profile, part: &Part<'_>, at: usize, mut long: Long, found: &mut impl FnMut(Label, Found)) {
        let Part { text, from, limit, .. } = *part;
        let Some(Head::Separated(head)) = &self.head else { return };
        let signs = Signs { separator: head.separator, end: b'\n', quotes: matches!(head.separator, b',' | b';') };
        let ended = long.read(text, at, limit, signs, head.columns, &mut |column, at| {
            let Some((_, name)) = head.names.iter().find(|(known, _)| *known == column) else { return };
            long::look(profile, text, at, name, head.separator, &mut |label, hit: Found| {
                if (from..limit).contains(&hit.start) {
                    found(label, hit);
                }
            });
        });
        match ended {
            Some(_) if long.column + 1 != head.columns => self.head = None,
            Some(_) => {}
            None => self.long = Some(long),
        }
    }
}

impl Head {
    fn of(profile: &Profile, line: &[u8]) -> Option<Self> {
        let aligned = || Aligned::of(profile, without_json(line)).map(Self::Aligned);
        let wiki = memchr(b'!', line).and_then(|_| wiki::head(profile, without_json(line)));
        wiki.or_else(|| Separated::of(profile, line)).map(Self::Separated).or_else(aligned)
    }

    fn row(&self, profile: &Profile, line: &[u8], found: &mut impl FnMut(Label, Found)) -> Turn {
        match self {
            Self::Separated(head) => head.row(profile, line, found),
            Self::Aligned(head) => {
                let line = without_json_behind(line);
                let Some(cells) = head.row(line) else { return Turn::Ends };
                for (start, end, name) in cells {
                    let text = line.get(start..end).unwrap_or_default();
                    let scan = Scan { view: View::new(text, name), text, from: 0, limit: text.len() };
                    scan.candidates(profile, &mut |label, hit| {
                        found(label, Found { start: hit.start + start, end: hit.end + start, ..hit });
                    });
                }
                Turn::Stays
            }
        }
    }
}

/// The line that ends where the row at `row` begins; none where its begin is out of reach.
fn line_before(text: &[u8], row: usize, cut: bool) -> Option<&[u8]> {
    let end = row.checked_sub(1)?;
    let back = end.saturating_sub(ROW);
    let start = match memrchr(b'\n', text.get(back..end)?) {
        Some(at) => back + at + 1,
        None => (back == 0 && !cut).then_some(0)?,
    };
    text.get(start..end)
}

impl Separated {
    /// A line of names in columns, some of which ask for a look.
    fn of(profile: &Profile, line: &[u8]) -> Option<Self> {
        let separator = SEPARATORS.into_iter().find(|separator| memchr(*separator, line).is_some())?;
        let line = without_json(line);
        let mut names = Vec::new();
        let (mut columns, mut filled) = (0, 0);
        for (start, end) in cells(line, separator) {
            let name = trimmed(line.get(start..end)?);
            if !name.is_empty() {
                is_name(name).then_some(())?;
                filled += 1;
                if profile.names_something(name) {
                    names.push((columns, name.to_vec()));
                }
            }
            columns += 1;
            (columns <= COLUMNS).then_some(())?;
        }
        (filled >= 2 && !names.is_empty()).then_some(Self { separator, columns, names })
    }

    fn row(&self, profile: &Profile, line: &[u8], found: &mut impl FnMut(Label, Found)) -> Turn {
        let border = line.iter().all(|byte| matches!(byte, b'-' | b'+' | b'|' | b':' | b'=' | b' ' | b'\r' | b'\t'));
        if border {
            return if line.iter().any(|byte| matches!(byte, b'-' | b'=')) { Turn::Stays } else { Turn::Ends };
        }
        let cut = without_json_behind(line);
        if cells(cut, self.separator).count() != self.columns {
            return Turn::Ends;
        }
        for (column, (start, end)) in cells(cut, self.separator).enumerate() {
            let Some((_, name)) = self.names.iter().find(|(known, _)| *known == column) else { continue };
            let written = cut.get(start..end).unwrap_or_default();
            let cell = trimmed(written);
            let blanks = written.iter().position(|byte| !is_around(*byte)).unwrap_or(0);
            let (start, scan) = (start + blanks, Scan { view: View::new(cell, name), text: cell, from: 0, limit: cell.len() });
            scan.candidates(profile, &mut |label, hit| found(label, Found { start: hit.start + start, end: hit.end + start, ..hit }));
        }
        Turn::Stays
    }
}

/// Where cells begin and end; a separator in quotes is part of a cell.
fn cells(line: &[u8], separator: u8) -> impl Iterator<Item = (usize, usize)> {
    let quotes = matches!(separator, b',' | b';') && line.contains(&b'"');
    let mut from = Some(0);
    std::iter::from_fn(move || {
        let start = from?;
        let rest = line.get(start..)?;
        let mut quoted = false;
        let end = rest.iter().position(|byte| {
            quoted ^= quotes && *byte == b'"';
            *byte == separator && !quoted
        });
        from = end.map(|end| start + end + 1);
        Some((start, end.map_or(line.len(), |end| start + end)))
    })
}

/// Of a row that is the first of a text in JSON, however deep, without what is before the text: `{"rows":["id,name`.
fn without_json(line: &[u8]) -> &[u8] {
    let is_odd = |line: &[u8]| line.iter().filter(|byte| **byte == b'"').count() % 2 == 1;
    // Behind `:` or `[`, and a blank or none.
    let opens = |quote: &usize| {
        let before = line.get(..*quote).unwrap_or_default();
        matches!(before.strip_suffix(b" ").unwrap_or(before).last(), Some(b':' | b'['))
    };
    let Some(last) = memrchr(b'"', line) else { return line };
    let begin = if is_odd(line) { Some(last) } else { memrchr_iter(b'"', line).find(opens) };
    begin.map_or(line, |quote| line.get(quote + 1..).unwrap_or_default())
}

/// Of a row that is the last of a text in JSON, what is behind the text: `1,jo"]}`.
fn without_json_behind(line: &[u8]) -> &[u8] {
    let quotes = line.iter().filter(|byte| **byte == b'"').count();
    // Quotes of several levels close together.
    let closing = || {
        let tail = line.iter().rev().take_while(|byte| matches!(byte, b'"' | b'}' | b']' | b' ' | b'\r')).count();
        let from = line.len() - tail;
        let tail = line.get(from..)?;
        tail.windows(2).any(|pair| matches!(pair, b"\"}" | b"\"]")).then(|| memchr(b'"', tail).map(|at| from + at))?
    };
    let end = if quotes % 2 == 1 { memchr(b'"', line) } else { closing() };
    end.map_or(line, |end| line.get(..end).unwrap_or_default())
}

fn is_around(byte: u8) -> bool {
    matches!(byte, b' ' | b'\r' | b'\t' | b'"' | b'\'' | b'`' | b'*' | b'\\')
}

/// Without blanks and quotes around it.
fn trimmed(cell: &[u8]) -> &[u8] {
    let start = cell.iter().position(|byte| !is_around(*byte)).unwrap_or(cell.len());
    let end = cell.iter().rposition(|byte| !is_around(*byte)).map_or(start, |end| end + 1);
    cell.get(start..end).unwrap_or_default()
}

/// A name, and no sentence or value: it begins with a letter, and has three words at most.
pub(crate) fn is_name(text: &[u8]) -> bool {
    let begins = text.first().is_some_and(|byte| byte.is_ascii_alphabetic() || !byte.is_ascii());
    let named = |byte: &u8| byte.is_ascii_alphanumeric() || !byte.is_ascii() || b" _-./#()'".contains(byte);
    begins && text.len() <= NAME && text.iter().all(named) && text.iter().filter(|byte| **byte == b' ').count() <= 3
}

#[cfg(test)]
mod tests;
