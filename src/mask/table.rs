//! Tables in text: a name in the head of a column is the name of every value below it, as a member's is.
//!
//! Rows of CSV, tab-separated text, Markdown and what database clients print, with signs between columns or blanks alone ([`aligned`]). A text
//! is read line by line as it goes by, and of a table nothing but its head is remembered. Work is bounded: a line of more than [`ROW`] bytes
//! is none of a table, and where no table stands a line is only looked at for signs between columns. Tables of HTML and lists in JSON
//! have no lines, and are read beside them.

mod aligned;
mod html;
mod lists;

use memchr::{memchr, memmem, memrchr};

use super::detectors::{Found, View};
use super::profile::Profile;
use super::rules::Label;
use super::scan::Scan;
use aligned::Aligned;
use html::Html;
use lists::Lists;

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
    html: Html,
    lists: Lists,
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
        self.head.is_some() || self.html.is_open() || self.lists.is_open()
    }

    pub(crate) fn held(&self) -> usize {
        let head = match &self.head {
            Some(Head::Separated(head)) => head.names.iter().map(|(_, name)| name.capacity()).sum(),
            Some(Head::Aligned(head)) => head.held(),
            None => 0,
        };
        head + self.html.held() + self.lists.held()
    }

    pub(crate) fn read(&mut self, profile: &Profile, part: &Part<'_>, found: &mut impl FnMut(Label, Found)) {
        self.html.read(profile, part, found);
        self.lists.read(profile, part, found);
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
        let mut row = match begins {
            Some(row) => row,
            None if back == 0 && !cut => 0,
            // In the middle of a long line.
            None => match memchr(b'\n', text.get(from..limit).unwrap_or_default()) {
                Some(at) => from + at + 1,
                None => return,
            },
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
                (Some(_), None) => Turn::Ends,
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

impl Head {
    fn of(profile: &Profile, line: &[u8]) -> Option<Self> {
        let aligned = || Aligned::of(profile, without_json(line)).map(Self::Aligned);
        Separated::of(profile, line).map(Self::Separated).or_else(aligned)
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
    let opened = || memmem::rfind(line, b":\"").or_else(|| memmem::rfind(line, b": \"").map(|at| at + 1));
    let begin = match memrchr(b'"', line).filter(|_| is_odd(line)) {
        Some(at) => at + 1,
        None => opened().map_or(0, |at| at + 2),
    };
    line.get(begin..).unwrap_or_default()
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
fn is_name(text: &[u8]) -> bool {
    let begins = text.first().is_some_and(|byte| byte.is_ascii_alphabetic() || !byte.is_ascii());
    let named = |byte: &u8| byte.is_ascii_alphanumeric() || !byte.is_ascii() || b" _-./#()'".contains(byte);
    begins && text.len() <= NAME && text.iter().all(named) && text.iter().filter(|byte| **byte == b' ').count() <= 3
}

#[cfg(test)]
mod tests {
    use crate::mask::{Form, Masking, whole};
    use crate::policy::Detector;

    fn masked_text(text: &str) -> String {
        let rule = crate::mask::tests::rule("all", &[Detector::Secrets, Detector::Phone], crate::policy::Operator::Replace);
        let profile = Masking::compile(&[rule]).unwrap().whole();
        String::from_utf8(whole(&profile, Form::Text, text.as_bytes()).unwrap().0).unwrap()
    }

    #[test]
    fn the_head_names_what_is_below() {
        let (password, phone) = (["njk_09", "IXTfW"].concat(), "21230346");
        for (before, after) in [
            ("user,password,role\njo,", ",reader\nann,x,y\n"),
            ("| user | password |\n|---|---|\n| jo | ", " |\n"),
            (" login  | passwd\n--------+---------\n jo | ", "\n(1 row)"),
            ("+----+----------+\n| id | password |\n+----+----------+\n| 12 | ", " |\n+----+----------+"),
            ("user\tpassword\njo\t", "\n"),
            ("\"user\";\"password\"\n\"jo; ann\";\"", "\""),
        ] {
            let text = format!("{before}{password}{after}");
            let out = masked_text(&text);
            assert!(!out.contains(&password) && out.starts_with(before) && out.ends_with(after), "{text} -> {out}");
        }
        for (before, after) in [("id,telefon,status\n1,", ",open\n"), (" id | móvil  \n----+-------\n 1 | ", "\n")] {
            let text = format!("{before}{phone}{after}");
            assert!(!masked_text(&text).contains(phone), "{text}");
        }
    }

    /// Every value below one of these heads is masked, and nothing else.
    fn is_all_that_is_masked(before: &str, value: &str, after: &str) {
        let text = format!("{before}{value}{after}");
        let out = masked_text(&text);
        assert!(!out.contains(value) && out.starts_with(before) && out.ends_with(after), "{text} -> {out}");
    }

    #[test]
    fn columns_may_stand_apart_by_blanks() {
        let password = ["njk_09", "IXTfW"].concat();
        for (before, after) in [
            ("NAME      PASSWORD       AGE\napi-db    ", "    3d\nweb       <none>         4d\n"),
            ("user      password\njo        ", "\n"),
            ("password      role     user\n", "   admin    jo\n"),
            ("user password\n---- --------\njo   ", "\n(1 row)"),
            ("Name     Root password Role\n----     ------------- ----\njo       ", "   admin\n"),
            ("      Id Password\n      -- --------\n  123456 ", "\n"),
            ("rolé      password\n--------- -----------\nañadió    ", "\n"),
            ("rolé      password     x\nañadió    ", "  y\n"),
            ("$ cat x\nuser      password\n========  ============\njo        ", "\n"),
            ("> user      password\n> jo        ", "\n> ann       -\n"),
            ("{\"out\":\"user      password\\njo        ", "\\n\"}"),
            ("{\"a\":\"{\\\"b\\\":\\\"user      password\\\\njo        ", "\\\"}\"}"),
            ("{\"a\":\"{\\\"b\\\":\\\"user,password\\\\njo,", "\\\"}\"}"),
        ] {
            is_all_that_is_masked(before, &password, after);
        }
        is_all_that_is_masked("NAME     PHONE\njo       ", "21230346", "\n");
    }

    #[test]
    fn rows_of_html_have_the_names_of_their_heads() {
        let password = ["njk_09", "IXTfW"].concat();
        for (before, after) in [
            ("<table><tr><th>user</th><th>password</th></tr>\n<tr><td>jo</td><td>", "</td></tr></table>"),
            ("<thead><tr><TH class=\"a\">user<TH>Password</th></tr></thead><tr><td>jo</td>\n<td class='b'> <code>", "</code></td></tr>"),
            ("<tr><th colspan=2>user</th><th><b>Password</b></th></tr><tr><td>jo</td><td>x</td><td>", "</td></tr>"),
            ("<tr><th></th><th>Password</th></tr><tr><th>jo</th><td>", "</td></tr><tr><th>ann</th><td>none</td></tr>"),
            ("{\"html\":\"<tr><th>user<\\/th><th>password<\\/th><\\/tr><tr><td>jo<\\/td><td>", "<\\/td><\\/tr>\"}"),
        ] {
            is_all_that_is_masked(before, &password, after);
        }
        for text in [
            "<tr><th>user</th><th>password</th></tr><tr><td>njk_09IXTfW</td><td>none</td></tr>",
            "<tr><th>user</th><th>password</th></tr></table><table><tr><td>jo</td><td>njk_09IXTfW</td></tr>",
            "<tr><th>user</th><th>password</th></tr><tr><th>user</th><th>build</th></tr><tr><td>jo</td><td>njk_09IXTfW</td></tr>",
        ] {
            assert_eq!(masked_text(text), text);
        }
    }

    #[test]
    fn lists_have_the_names_of_their_columns() {
        let password = ["njk_09", "IXTfW"].concat();
        for (before, after) in [
            ("{\"columns\":[\"user\",\"password\"],\"rows\":[[\"jo\",\"", "\"],[\"ann\",\"none\"]]}"),
            ("{\"fields\": [\"password\", \"n\"],\n \"data\": [\n  [\"x\", 1],\n  [\"", "\", -2.5]\n ]}"),
            ("{\"header\":[\n \"user\",\n \"token password\"\n],\"values\":[[\"jo\",\"", "\"]]}"),
            ("{\"a\":\"{\\\"columns\\\":[\\\"user\\\",\\\"password\\\"],\\\"rows\\\":[[\\\"jo\\\",\\\"", "\\\"]]}\"}"),
        ] {
            is_all_that_is_masked(before, &password, after);
        }
        for text in [
            "{\"columns\":[\"user\",\"password\"],\"rows\":[[\"njk_09IXTfW\",\"none\"]]}",
            "{\"columns\":[\"user\",\"password\"],\"tags\":[\"jo\",\"njk_09IXTfW\"]}",
            "{\"columns\":[\"user\",\"password\"],\"rows\":[[\"jo\",\"x\",\"njk_09IXTfW\"]]}",
            "{\"required\":[\"user\",\"password\"],\"rows\":[[\"jo\",\"njk_09IXTfW\"]]}",
        ] {
            assert_eq!(masked_text(text), text);
        }
    }

    /// Whatever stands before it moves what of a table a window ends in.
    #[test]
    fn windows_may_end_anywhere_in_a_table() {
        let password = ["njk_09", "IXTfW"].concat();
        for (head, row) in [
            ("\nNAME      PASSWORD       AGE\n", "api-db    njk_09IXTfW    3d\n"),
            ("\nuser password    x\n---- ----------- -\n", "jo   njk_09IXTfW y\n"),
            ("\n<tr><th>user</th><th>password</th></tr>\n", "<tr><td>jo</td><td>njk_09IXTfW</td></tr>\n"),
            ("\n{\"columns\":[\"user\",\"password\"],\"rows\":[", "[\"jo\",\"njk_09IXTfW\"],"),
        ] {
            for pad in (0..row.len()).chain([100, 500]) {
                let rows = row.repeat(3 * crate::limits::MASK_WINDOW_BYTES / row.len());
                let text = format!("{}{head}{rows}", "x".repeat(pad));
                let out = masked_text(&text);
                assert!(!out.contains(&password), "{pad} {head}: {:?}", out.find(&password));
                assert_eq!(out.matches("[MASKED").count(), rows.matches(&password).count(), "{pad} {head}");
            }
        }
    }

    #[test]
    fn other_columns_and_what_follows_stay() {
        for text in [
            "user,password,role\njo,,njk_09IXTfW\n",
            "user,password\njo,x\n\nalso,njk_09IXTfW\n",
            "user,password\njo,x,y\nann,njk_09IXTfW\n",
            "id,order\n1,21230346\n",
            "Hello, password and more\nall, njk_09IXTfW, of it\n",
            "NAME      PASSWORD   AGE\nnjk_09IX  none       3d\n",
            "NAME      PASSWORD   AGE\nbuild     none       3d\n\nnjk       njk_09IXTfW\n",
            "password     how to log in\nnjk_09IXTfW  another\n",
            "the user and  the password\nof all njk_09IXTfW and more\n",
            "Password\n--------\nnjk_09IXTfW is a build\n",
            "name     password\njo ann    njk_09IXTfW\n",
        ] {
            assert_eq!(masked_text(text), text);
        }
    }
}
