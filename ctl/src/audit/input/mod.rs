//! Audit logs as they lie about: plain, compressed, from standard input, wrapped by whatever carried them.

mod carrier;
mod lines;
mod open;

pub(crate) use carrier::{Found, look};
pub(crate) use lines::{Line, Lines};

use std::path::Path;

use crate::exit::Failure;

/// Each line of a file, with what it holds. `-` is standard input.
pub(crate) fn each(path: &Path, mut take: impl FnMut(&Line<'_>) -> Result<(), Failure>) -> Result<(), Failure> {
    let unreadable = |err: std::io::Error| Failure::environment(format!("cannot read `{}`: {err}", path.display()));
    let mut lines = Lines::new(open::open(path).map_err(unreadable)?);
    while let Some(line) = lines.next_line().map_err(unreadable)? {
        take(&line)?;
    }
    Ok(())
}

/// Each record of a file, in its order: its text and where it stands.
pub(crate) fn each_record(path: &Path, mut take: impl FnMut(&str, u64) -> Result<(), Failure>) -> Result<(), Failure> {
    each(path, |line| match look(line.text) {
        Found::Direct(text) | Found::Behind(Some(text)) => take(text, line.number),
        Found::Carried(texts) => texts.iter().try_for_each(|text| take(text, line.number)),
        Found::Behind(None) | Found::Broken | Found::Nothing => Ok(()),
    })
}
