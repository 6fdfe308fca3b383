//! The notary's file: JSON lines, each with the fingerprint of the one before, only ever appended to.

use std::fs::File;
use std::io::{self, BufRead, BufReader, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::audit::verify::record::Fingerprint;

const ZEROS: &str = "0000000000000000000000000000000000000000000000000000000000000000";
/// A checkpoint and what is around it.
const LONGEST: u64 = 8 * 1024;

/// Members in the order of JCS (RFC 8785); none of them needs an escape.
#[derive(Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
struct Row<'a> {
    /// ms since 1970, by the notary's clock.
    at: u64,
    checkpoint: &'a str,
    fp: &'a str,
    prev: &'a str,
}

fn sealed(at: u64, checkpoint: &str, prev: &str) -> serde_json::Result<(String, String)> {
    let open = serde_json::to_string(&Row { at, checkpoint, fp: ZEROS, prev })?;
    let fp = Fingerprint::of(open.as_bytes()).to_string();
    Ok((serde_json::to_string(&Row { at, checkpoint, fp: &fp, prev })?, fp))
}

/// What is wrong with a line.
pub(crate) type Wrong = &'static str;

/// Reads lines in their order and hands out the checkpoint of each, or what does not hold together; then goes on behind it. Returns the fingerprint of
/// the last line, and how many bytes whole lines take.
pub(crate) fn read(from: impl Read, mut line_read: impl FnMut(u64, Result<&str, Wrong>)) -> io::Result<(String, u64)> {
    let mut from = BufReader::new(from);
    let (mut last, mut number, mut whole) = (ZEROS.to_owned(), 0_u64, 0_u64);
    let mut line = Vec::new();
    loop {
        line.clear();
        let length = (&mut from).take(LONGEST).read_until(b'\n', &mut line)?;
        if length == 0 {
            return Ok((last, whole));
        }
        number = number.saturating_add(1);
        let Some(text) = line.strip_suffix(b"\n") else {
            line_read(number, Err("the line has no end: it was not written to the end, or cut off"));
            return Ok((last, whole));
        };
        whole = whole.saturating_add(u64::try_from(length).unwrap_or_default());
        let parsed = std::str::from_utf8(text).ok().and_then(|text| Some((text, serde_json::from_str::<Row<'_>>(text).ok()?)));
        let Some((text, Row { at, checkpoint, fp, prev })) = parsed else {
            line_read(number, Err("this is not a line that a notary writes"));
            continue;
        };
        if prev != last {
            line_read(number, Err("it does not follow the line before: lines were taken out, put in or moved"));
        }
        match sealed(at, checkpoint, prev) {
            Ok((same, _)) if same == text => line_read(number, Ok(checkpoint)),
            _ => line_read(number, Err("the line is not as it was written")),
        }
        fp.clone_into(&mut last);
    }
}

/// The file, locked: two notaries must not append to one.
#[derive(Debug)]
pub(super) struct Book {
    path: PathBuf,
    file: File,
    last: String,
    /// An append failed half-way and could not be taken back.
    broken: bool,
}

#[derive(Debug, thiserror::Error)]
pub(super) enum OpenError {
    #[error("`{0}` cannot be opened: {1}")]
    Open(PathBuf, io::Error),
    #[error("`{0}` is in use by another notary")]
    InUse(PathBuf),
    #[error("`{0}`, line {1}: {2}; keep the file as it is for whoever looks into it, and start with another one")]
    Broken(PathBuf, u64, String),
}

impl Book {
    /// Opens or makes the file and hands out what it holds. A last line that was never finished was never acknowledged either: it goes, with
    /// a word.
    pub(super) fn open(path: &Path, mut row: impl FnMut(&str)) -> Result<Self, OpenError> {
        let trouble = |err| OpenError::Open(path.to_owned(), err);
        let mut file = File::options().read(true).append(true).create(true).open(path).map_err(trouble)?;
        file.try_lock().map_err(|_| OpenError::InUse(path.to_owned()))?;
        let length = file.metadata().map_err(trouble)?.len();
        let mut wrong: Option<(u64, String)> = None;
        let mut unfinished = None;
        let (last, whole) = read(&file, |line, found| match found {
            Ok(checkpoint) => row(checkpoint),
            Err(what) => {
                unfinished = Some(line);
                wrong.get_or_insert((line, what.to_owned()));
            }
        })
        .map_err(trouble)?;
        match wrong {
            // The only thing wrong is the last line's missing end.
            Some((line, _)) if whole < length && unfinished == Some(line) => {
                tell_user!("`{}`, line {line}: was never finished, and so never acknowledged; it is removed", path.display());
                file.set_len(whole).and_then(|()| file.sync_all()).map_err(trouble)?;
            }
            Some((line, what)) => return Err(OpenError::Broken(path.to_owned(), line, what)),
            None => {}
        }
        file.seek(SeekFrom::End(0)).map_err(trouble)?;
        // The file's name, too, must survive a loss of power.
        let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
        File::open(folder).and_then(|folder| folder.sync_all()).map_err(trouble)?;
        Ok(Self { path: path.to_owned(), file, last, broken: false })
    }

    /// Returns when the disk has it.
    pub(super) fn append(&mut self, at: u64, checkpoint: &str) -> io::Result<()> {
        if self.broken {
            return Err(io::Error::other(format!("`{}` could not be written before; start the notary anew", self.path.display())));
        }
        let (mut line, fp) = sealed(at, checkpoint, &self.last)?;
        line.push('\n');
        let before = self.file.metadata()?.len();
        let written = self.file.write_all(line.as_bytes()).and_then(|()| self.file.sync_data());
        if let Err(err) = written {
            // Half a line must not become the beginning of the next.
            self.broken = self.file.set_len(before).and_then(|()| self.file.sync_all()).is_err();
            return Err(err);
        }
        self.last = fp;
        Ok(())
    }
}
