//! Statements in the words of a client of databases, read as the database would.

use super::Class;
use super::command::Call;
use super::paths;
use super::state::Shell;
use crate::guard::sql::{Class as Sql, Dialect, inspect};

/// Words without which no statement is worth a closer look.
const VERBS: [&str; 16] = [
    "DELETE ",
    "UPDATE ",
    "TRUNCATE ",
    "DROP ",
    "PG_SHADOW",
    "PG_AUTHID",
    "MYSQL.USER",
    "PG_READ",
    "PG_LS_",
    "LOAD_FILE",
    "LO_IMPORT",
    "LO_EXPORT",
    "XP_CMDSHELL",
    "ATTACH ",
    "READFILE",
    "SET GLOBAL",
];

impl Shell {
    /// What a statement ends, runs or reads that is no data.
    pub(super) fn statement(&mut self, call: &Call<'_>, text: &str, upper: &str) {
        if text.len() < 8 || !VERBS.iter().any(|verb| upper.contains(verb)) {
            return;
        }
        let dialect = match call.name {
            "psql" | "pgcli" | "cockroach" => Dialect::PostgreSql,
            "mysql" | "mariadb" | "mycli" => Dialect::MySql,
            "sqlite3" => Dialect::Sqlite,
            "sqlcmd" | "osql" | "mssql-cli" => Dialect::TSql,
            _ => Dialect::Generic,
        };
        let found = inspect(text, dialect).classes;
        let generic = inspect(text, Dialect::Generic).classes;
        let everything = [Sql::DeleteWithoutWhere, Sql::UpdateWithoutWhere, Sql::Truncate].iter().any(|class| generic.contains(*class));
        // A text of which nothing is a statement may still be part of one.
        let dropped = ["DROP DATABASE", "DROP TABLE", "DROP SCHEMA", "DROP KEYSPACE", "DROP USER", "TRUNCATE TABLE"]
            .iter()
            .any(|words| upper.contains(words))
            && (found.contains(Sql::Drop) || found.contains(Sql::Truncate) || found.contains(Sql::Unknown) && !found.contains(Sql::Read));
        if everything || dropped {
            self.mark(Class::Destructive);
        }
        if found.contains(Sql::ProgramExecution) || generic.contains(Sql::ProgramExecution) {
            self.mark(Class::ShellEscape);
        }
        let passwords = ["PG_SHADOW", "PG_AUTHID"].iter().any(|table| upper.contains(table))
            || upper.contains("MYSQL.USER") && ["AUTHENTICATION_STRING", "PASSWORD", "*"].iter().any(|column| upper.contains(column));
        // Files of the server: those of its system are not data.
        let files = found.contains(Sql::FileAccess) || generic.contains(Sql::FileAccess);
        let quoted = || text.split(['\'', '"']).skip(1).step_by(2).take(64);
        if passwords && upper.contains("SELECT") || files && quoted().any(|path| path.starts_with('/') && paths::is_private(path, None)) {
            self.mark(Class::CredentialRead);
        }
        let page = |path: &str| path.starts_with("/var/www") || path.ends_with(".php") || path.ends_with(".jsp") || path.ends_with(".aspx");
        if quoted().any(page) && (upper.contains("ATTACH ") || upper.contains("_LOG_FILE") || files) {
            self.mark(Class::Persistence);
        }
    }
}
