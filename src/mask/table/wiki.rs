//! Tables of MediaWiki: a line of heads that begins with `!` and has `!!` between them, above rows with `||` between cells.

use super::{COLUMNS, Separated, is_name, trimmed};
use crate::mask::profile::Profile;

/// The head that a line is, of columns as rows with `|` have them: each cell of `| a || b` stands behind an empty one.
pub(super) fn head(profile: &Profile, line: &[u8]) -> Option<Separated> {
    let line = line.trim_ascii().strip_prefix(b"!")?;
    let mut heads: Vec<&[u8]> = Vec::new();
    let mut rest = line;
    while let Some(at) = memchr::memmem::find(rest, b"!!") {
        heads.push(rest.get(..at)?);
        rest = rest.get(at + 2..)?;
        (heads.len() < COLUMNS / 2).then_some(())?;
    }
    heads.push(rest);
    let named = heads.iter().map(|head| trimmed(head)).enumerate();
    let asks = |(_, name): &(usize, &[u8])| is_name(name) && profile.names_something(name);
    let names: Vec<(usize, Vec<u8>)> = named.filter(asks).map(|(column, name)| (2 * column + 1, name.to_vec())).collect();
    (heads.len() > 1 && !names.is_empty()).then(|| Separated { separator: b'|', columns: 2 * heads.len(), names })
}
