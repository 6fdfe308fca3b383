//! `portcullisctl audit export`: records for other programs and other people.

mod asciicast;
mod csv;
mod har;
mod html;
#[cfg(test)]
mod tests;

use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use super::select::Select;
use super::when::Zone;
use crate::exit::{self, Exit, Failure};

#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
enum Format {
    /// A recording of the terminal (asciicast v2), for asciinema and its player
    Asciicast,
    /// HTTP Archive 1.2, for the network panels of browsers and for proxies
    Har,
    /// A table for spreadsheets; no cell is taken for a formula
    Csv,
    /// One page with search and filters, which needs nothing from elsewhere
    Html,
}

/// Write records as an asciicast, a HAR file, CSV, or one HTML page.
///
/// Takes the same options as `audit show`. Records hold arguments and answers, masked; who may read the log may read what is made of it, so
/// the file is made readable for you alone.
#[derive(Clone, Debug, clap::Args)]
pub struct Args {
    #[command(flatten)]
    select: Select,
    #[arg(long, value_enum)]
    format: Format,
    /// The file to write; `-` is standard output
    #[arg(long, short, value_name = "FILE")]
    output: PathBuf,
    /// The heading of the page, or of the recording
    #[arg(long, value_name = "TEXT")]
    title: Option<String>,
    /// The time zone that times are shown in; HAR and CSV have UTC
    #[arg(long, value_enum, default_value_t)]
    zone: Zone,
}

/// Records after which a page is slow to open.
const LARGE_PAGE: usize = 20_000;

pub(super) fn run(args: &Args) -> Result<Exit, Failure> {
    let entries = args.select.in_time()?;
    if entries.is_empty() {
        return Err(Failure::wrong("no record fits; `audit show` shows what there is"));
    }
    if args.format == Format::Html && entries.len() > LARGE_PAGE {
        tell_user!("note: {} records make a large page; --since, --user and the like make it smaller", entries.len());
    }
    let title = args.title.as_deref().unwrap_or("Portcullis audit log");
    let write = |out: &mut dyn Write| match args.format {
        Format::Asciicast => asciicast::write(&entries, title, args.zone, out),
        Format::Har => har::write(&entries, out),
        Format::Csv => csv::write(&entries, out),
        Format::Html => html::write(&entries, title, args.zone, out),
    };
    if args.output == Path::new("-") {
        let mut out = BufWriter::new(io::stdout().lock());
        exit::or_gone(write(&mut out).and_then(|()| out.flush()))?;
        return Ok(Exit::Fine);
    }
    let unwritable = |err: io::Error| Failure::environment(format!("cannot write `{}`: {err}", args.output.display()));
    let file = File::options().write(true).create(true).truncate(true).mode(0o600).open(&args.output).map_err(unwritable)?;
    let mut out = BufWriter::new(file);
    write(&mut out).and_then(|()| out.flush()).map_err(unwritable)?;
    tell_user!("`{}`: {} records", args.output.display(), entries.len());
    Ok(Exit::Fine)
}
