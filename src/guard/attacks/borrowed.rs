//! Attacks that the readers of SQL and of commands know.

use crate::guard::{shell, sql};
use crate::policy::SqlClass;

/// Statements that destroy, hand out rights, run programs or reach files, where text begins as one.
pub(super) fn sql(text: &str) -> Option<&'static str> {
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
    let inspection = sql::opens_like_statement(text)?;
    ATTACKS.into_iter().find(|(class, _)| inspection.classes.contains(*class)).map(|(_, name)| name)
}

/// Idioms of reverse shells, and of downloads piped into a shell.
pub(super) fn shell(text: &str) -> Option<&'static str> {
    let idiom = shell::reverse_shell_idiom(text)?;
    Some(match idiom.class {
        shell::Class::DownloadAndRun => "a download that is run",
        _ => "a reverse shell",
    })
}
