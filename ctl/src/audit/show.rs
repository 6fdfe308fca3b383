//! `portcullisctl audit show`: records as a table.

use std::io::{self, Write};

use super::clean;
use super::entry::{Entry, Kind};
use super::paint::{self, Painter, Style};
use super::select::{Select, in_order};
use super::when::{Zone, span};
use crate::exit::{self, Exit, Failure};

/// Show records as a table, filtered, in the order in which calls began.
///
/// Options that can be repeated (--user, --tool, ...) take a record that fits any of their values; a record has to fit all options. On a
/// terminal the table is as wide as that; into a file or a pipe nothing is cut.
#[derive(Clone, Debug, clap::Args)]
pub struct Args {
    #[command(flatten)]
    select: Select,
    /// Only the last so many
    #[arg(long, value_name = "N")]
    last: Option<usize>,
    /// Print the records themselves, one a line, in the order of the files
    #[arg(long, conflicts_with_all = ["last", "width", "utc_or_local"])]
    json: bool,
    /// Columns to fit the table into [default: the terminal's]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(40..))]
    width: Option<u16>,
    /// The time zone that times are shown in
    #[arg(long = "zone", id = "utc_or_local", value_enum, default_value_t)]
    zone: Zone,
}

pub(super) fn run(args: &Args) -> Result<Exit, Failure> {
    if args.json {
        let mut out = io::BufWriter::new(io::stdout().lock());
        let mut gone = false;
        args.select.each(|text, _| {
            if !gone && let Err(err) = writeln!(out, "{text}") {
                exit::or_gone(Err(err))?;
                gone = true;
            }
            Ok(())
        })?;
        exit::or_gone(out.flush())?;
        return Ok(Exit::Fine);
    }
    let mut entries = Vec::new();
    args.select.each(|_, mut entry| {
        // A row says nothing of payloads, and there may be many.
        (entry.request, entry.response) = (None, None);
        entries.push(entry);
        Ok(())
    })?;
    in_order(&mut entries);
    if let Some(last) = args.last {
        entries.drain(..entries.len().saturating_sub(last));
    }
    let columns = args.width.map(usize::from).or_else(paint::columns);
    exit::print(&table(&entries, columns, args.zone, Painter::for_stdout()))?;
    Ok(Exit::Fine)
}

struct Column {
    title: &'static str,
    /// No narrower than this, however narrow the terminal is.
    least: usize,
    cell: fn(&Entry) -> String,
}

const GAP: usize = 2;

const COLUMNS: [Column; 8] = [
    Column { title: "WHO", least: 8, cell: |entry| entry.user.clone() },
    Column { title: "WHAT", least: 12, cell: what },
    Column { title: "VERDICT", least: 8, cell: |entry| entry.verdict().to_owned() },
    Column { title: "WHY", least: 8, cell: |entry| entry.why().to_owned() },
    Column { title: "MASKED", least: 6, cell: Entry::masked_in_words },
    Column { title: "TOOK", least: 6, cell: |entry| span(entry.took()) },
    // Enough of it to ask for it.
    Column { title: "SESSION", least: 8, cell: |entry| entry.session.chars().take(8).collect() },
    Column { title: "ALERTS", least: 6, cell: |entry| entry.alerts.join(", ") },
];

fn what(entry: &Entry) -> String {
    let what = entry.what();
    // A tool's name says that it is called.
    let what = what.strip_prefix("tools/call ").map(str::to_owned).unwrap_or(what);
    if entry.kind == Kind::Exchange { what } else { format!("{}: {what}", entry.kind.word()) }
}

fn table(entries: &[Entry], columns: Option<usize>, zone: Zone, painter: Painter) -> String {
    if entries.is_empty() {
        return "no records fit".to_owned();
    }
    // Columns in which there is nothing take no room.
    let rows: Vec<Vec<String>> =
        entries.iter().map(|entry| COLUMNS.iter().map(|column| clean::line(&(column.cell)(entry)).into_owned()).collect()).collect();
    let shown: Vec<usize> =
        (0..COLUMNS.len()).filter(|index| rows.iter().any(|row| row.get(*index).is_some_and(|cell| !cell.is_empty()))).collect();
    let widest = |index: usize| {
        let cells = rows.iter().filter_map(|row| row.get(index)).map(|cell| clean::width(cell));
        cells.chain(COLUMNS.get(index).map(|column| column.title.len())).max().unwrap_or_default()
    };
    let one_day = entries.first().map(|entry| zone.day(entry.start)) == entries.last().map(|entry| zone.day(entry.start));
    let time = |entry: &Entry| if one_day { zone.clock(entry.start) } else { zone.show(entry.start) };
    let mut widths: Vec<(usize, usize)> = shown.iter().map(|index| (*index, widest(*index))).collect();
    let time_width = entries.iter().map(|entry| time(entry).len()).max().unwrap_or_default();
    if let Some(columns) = columns {
        fit(&mut widths, columns.saturating_sub(time_width));
    }
    let mut lines = Vec::with_capacity(rows.len() + 2);
    if one_day {
        let day = entries.first().map(|entry| zone.day(entry.start)).unwrap_or_default();
        lines.push(painter.paint(Style::Dim, &format!("{day} ({})", zone.name())));
    }
    let title = |index: usize| COLUMNS.get(index).map(|column| column.title).unwrap_or_default();
    let head: Vec<String> =
        std::iter::once(padded("TIME", time_width)).chain(widths.iter().map(|(index, width)| padded(title(*index), *width))).collect();
    lines.push(painter.paint(Style::Bold, head.join("  ").trim_end()));
    for (entry, row) in entries.iter().zip(&rows) {
        let mut line = padded(&time(entry), time_width);
        for (at, (index, width)) in widths.iter().enumerate() {
            let cell = row.get(*index).map(String::as_str).unwrap_or_default();
            let last = at + 1 == widths.len();
            let cell = clean::fitted(cell, *width);
            let cell = if last { cell.into_owned() } else { padded(&cell, *width) };
            let style = match title(*index) {
                "VERDICT" => paint::of_verdict(entry),
                "ALERTS" => Style::Bad,
                _ => Style::Plain,
            };
            line.push_str("  ");
            line.push_str(&painter.paint(style, &cell));
        }
        lines.push(line.trim_end().to_owned());
    }
    lines.push(painter.paint(Style::Dim, &format!("{} records", entries.len())));
    lines.join("\n")
}

fn padded(text: &str, width: usize) -> String {
    format!("{text}{}", " ".repeat(width.saturating_sub(clean::width(text))))
}

/// Takes from the widest until all fit, or none can give any more.
fn fit(widths: &mut [(usize, usize)], room: usize) {
    let least = |index: usize| COLUMNS.get(index).map(|column| column.least).unwrap_or_default();
    loop {
        let needed: usize = widths.iter().map(|(_, width)| width.saturating_add(GAP)).sum();
        if needed <= room {
            return;
        }
        match widths.iter_mut().filter(|(index, width)| *width > least(*index)).max_by_key(|(_, width)| *width) {
            Some((_, width)) => *width = width.saturating_sub(1),
            None => return,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(user: &str, target: &str, action: &str, at: u64) -> Entry {
        let (user, target, action) = (user.to_owned(), target.to_owned(), action.to_owned());
        Entry {
            user,
            target,
            action,
            operation: "tools/call".into(),
            rule: "staff-read".into(),
            start: at,
            end: at + 60,
            ..Entry::default()
        }
    }

    const PLAIN: Painter = Painter { colours: false };

    #[test]
    fn a_table_says_who_did_what_and_what_came_of_it() {
        let mut masked = entry("grace", "get_customer", "Modified", 1_790_000_001_000);
        masked.masked = vec![("credit_card".into(), 2)];
        let entries = [entry("ada", "get_order", "Allowed", 1_790_000_000_000), masked];
        assert_eq!(
            table(&entries, None, Zone::Utc, PLAIN),
            "2026-09-21 (UTC)
TIME          WHO    WHAT          VERDICT   WHY         MASKED         TOOK
14:13:20.000  ada    get_order     Allowed   staff-read                 60 ms
14:13:21.000  grace  get_customer  Modified  staff-read  credit_card 2  60 ms
2 records"
        );
    }

    #[test]
    fn it_fits_its_columns_whatever_it_says() {
        let entries =
            [entry(&"漢".repeat(80), &"get_".repeat(60), "Allowed", 1_790_000_000_000), entry("b", "x", "Denied", 1_790_200_000_000)];
        for columns in [80, 100, 132] {
            let text = table(&entries, Some(columns), Zone::Utc, PLAIN);
            assert!(text.lines().all(|line| clean::width(line) <= columns), "{columns}:\n{text}");
        }
    }

    #[test]
    fn what_is_on_record_does_not_reach_the_terminal_raw() {
        let mut evil = entry("a\u{1b}[2J", "\u{1b}]0;owned\u{7}", "Allowed", 1_790_000_000_000);
        evil.rule = "\u{9b}31m\u{202e}\r\n".into();
        evil.alerts = vec!["x\u{8}".into()];
        let text = table(&[evil], Some(200), Zone::Utc, PLAIN);
        assert!(!text.chars().any(|c| c != '\n' && clean::hides(c)), "{text:?}");
        assert_eq!(text.lines().count(), 4);
    }
}
