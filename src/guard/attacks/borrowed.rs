//! Attacks that the readers of SQL and of commands know.

use crate::guard::{shell, sql};
use crate::policy::SqlClass;

/// Statements that destroy, hand out rights, run programs or reach files, where text begins as one; and values that change the statement they are put into.
pub(super) fn sql(inspection: &sql::Inspection) -> Option<&'static str> {
    const ATTACKS: [(SqlClass, &str); 8] = [
        (SqlClass::Drop, "drop"),
        (SqlClass::Truncate, "truncate"),
        (SqlClass::DeleteWithoutWhere, "delete without where"),
        (SqlClass::UpdateWithoutWhere, "update without where"),
        (SqlClass::Grant, "grant"),
        (SqlClass::ProgramExecution, "program execution"),
        (SqlClass::FileAccess, "file access"),
        (SqlClass::Administrative, "administration"),
    ];
    let smuggled = inspection.notes.iter().any(|note| note.words == sql::SMUGGLED).then_some("a condition behind a value");
    ATTACKS.into_iter().find(|(class, _)| inspection.classes.contains(*class)).map(|(_, name)| name).or(smuggled)
}

/// Idioms of reverse shells, and of downloads piped into a shell.
pub(super) fn shell(text: &str) -> Option<&'static str> {
    let idiom = shell::reverse_shell_idiom(text)?;
    Some(match idiom.class {
        shell::Class::DownloadAndRun => "a download that is run",
        _ => "a reverse shell",
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn statements_and_values_that_change_one() {
        for (text, name) in [
            ("DROP TABLE users", Some("drop")),
            ("x'; DROP TABLE users --", Some("drop")),
            ("' OR 1=1 --", Some("a condition behind a value")),
            ("5 UNION SELECT 1,2,3", Some("a condition behind a value")),
            ("root'--", Some("a condition behind a value")),
            ("SELECT * FROM users", None),
            ("O'Brien -- author", None),
            ("'a' or 'b'", None),
        ] {
            assert_eq!(sql::opens_like_statement(text).and_then(|found| sql(&found)), name, "{text}");
        }
    }
}
