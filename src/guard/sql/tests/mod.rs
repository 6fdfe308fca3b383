//! Statements and what they are, by class and dialect.

mod harmful;
mod harmless;
mod injected;
mod properties;
mod reaching;
mod strings;
mod tables;
mod unbounded;

use super::*;

const EVERY: [Dialect; 5] = [Dialect::Generic, Dialect::PostgreSql, Dialect::MySql, Dialect::Sqlite, Dialect::TSql];

/// What `docs/sql.md` recommends to deny where an application writes.
pub(super) fn recommended() -> Classes {
    use Class::*;
    [Drop, Truncate, Alter, Grant, DeleteWithoutWhere, UpdateWithoutWhere, FileAccess, ProgramExecution, Administrative, Unknown]
        .into_iter()
        .collect()
}

fn only(class: Class) -> Classes {
    [class].into_iter().collect()
}

/// `CLASS text` in each line: every text must show the class.
fn each_shows(class: Class, dialects: &[Dialect], texts: &[&str]) {
    let mut missed = Vec::new();
    for text in texts {
        for &dialect in dialects {
            let found = inspect(text, dialect);
            if !found.classes.contains(class) {
                missed.push(format!("{dialect:?}: {text}\n    is {:?}", found.classes.iter().collect::<Vec<_>>()));
            }
            if class != Class::MultiStatement && found.classes.contains(Class::Read) {
                missed.push(format!("{dialect:?}: read as well: {text}"));
            }
            let notes: Classes = found.notes.iter().map(|note| note.class).collect();
            assert_eq!(notes, found.classes, "{text}");
        }
    }
    assert!(missed.is_empty(), "not {class:?}:\n{}", missed.join("\n"));
}
