//! SQL: any text, in every dialect.

use portcullis::guard::sql::{Class, Dialect, inspect, opens_like_statement};

/// Longer texts only take longer.
const MOST: usize = 16 * 1024;

const DIALECTS: [Dialect; 5] = [Dialect::Generic, Dialect::PostgreSql, Dialect::MySql, Dialect::Sqlite, Dialect::TSql];

pub fn body(data: &[u8]) {
    let text = String::from_utf8_lossy(data.get(..MOST).unwrap_or(data));
    let _ = opens_like_statement(&text);
    for dialect in DIALECTS {
        let found = inspect(&text, dialect);
        assert!(!found.classes.is_empty(), "nothing is said of {text:?} in {dialect:?}");
        assert!(found.notes.iter().all(|note| note.at <= text.len()));
        // What follows takes nothing back.
        let stacked = inspect(&format!("DROP TABLE fuzz; {text}"), dialect);
        assert!(
            stacked.classes.contains(Class::Drop) || stacked.classes.contains(Class::Unknown),
            "{text:?} hides what stands before it in {dialect:?}"
        );
    }
}
