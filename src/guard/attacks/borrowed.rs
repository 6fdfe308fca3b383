//! Attacks that the readers of SQL and of commands know.

use crate::guard::seen::Seen;
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
pub(super) fn shell(text: &str, seen: Seen) -> Option<&'static str> {
    let idiom = shell::reverse_shell_idiom_in(text, seen)?;
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
            ("1 and 4=5", Some("a condition behind a value")),
            ("OR 3=3--", Some("a condition behind a value")),
            ("' AND '4'='5", Some("a condition behind a value")),
            ("x'; --", Some("a condition behind a value")),
            ("x'; UPDATE t SET a = 'b", Some("a condition behind a value")),
            ("'; shutdown --", Some("a condition behind a value")),
            ("'||f(7)||'", Some("a condition behind a value")),
            ("7,(SELECT a FROM b)", Some("a condition behind a value")),
            ("(SELECT (CASE WHEN (7201=7201) THEN 1 ELSE 2 END))", Some("a condition behind a value")),
            ("UNION SELECT NULL", Some("a condition behind a value")),
            ("ORDER BY 9--", Some("a condition behind a value")),
            ("sleep(7)#", Some("a condition behind a value")),
            ("7-SLEEP(7)", Some("a condition behind a value")),
            ("7;CALL f(1)--", Some("a condition behind a value")),
            ("7/**/OR/**/3=3", Some("a condition behind a value")),
            ("%27%20OR%203%3D3--", Some("a condition behind a value")),
            ("x' OR a LIKE '%b", Some("a condition behind a value")),
            ("1 and 2 = 3, or so", None),
            ("7 or 8 -- whichever is cheaper", None),
            ("sleep(7)", None),
            ("order by 12", None),
            ("title ~ \"drop\" and assignee = me ORDER BY created", None),
            ("user.name = 'x' or user.id = 5", None),
            ("In a lecture: ' OR 1=1 -- is typed into the form", None),
            ("https://example.com/?q=O%27Brien%20or%20Smith", None),
            ("8 or 9 (at most=9) people", None),
            ("SELECT * FROM users", None),
            ("O'Brien -- author", None),
            ("'a' or 'b'", None),
        ] {
            assert_eq!(sql::opens_like_statement(text).and_then(|found| sql(&found)), name, "{text}");
            // Where a rule about SQL has read the text already.
            let known = sql::Inspected::default();
            known.inspect(text, crate::policy::Dialect::Generic);
            let harmless = known.is_known(text, Seen::of(text), |found| sql(found).is_none());
            assert!(!harmless || name.is_none(), "{text}");
        }
    }
}
