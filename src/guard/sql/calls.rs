//! Names with a parenthesis behind them: functions that do more than compute, packages, procedures.

use super::functions::{Effect, function, only_computes, package, procedure};
use super::survey::Survey;
use super::token::{Kind, Token};
use super::words::Key;
use super::{Class, Table};

/// `cron`
const SHORTEST_PACKAGE: usize = 4;

/// Rows or bytes made of nothing; more of them are there for the time they take.
const HEAVY: f64 = 2_000_000.0;

/// Rows of which two such series make too many.
const MANY: f64 = 20_000.0;

impl Survey<'_> {
    /// A name: of a function that does more than compute, or of a procedure.
    pub(super) fn call(&mut self, at: usize) {
        let Some(token) = self.tokens.get(at) else { return };
        let written = self.name_of(token);
        // `t.column`: no package has so short a name.
        if self.kind(at + 1) == Some(Kind::Dot) && written.len() < SHORTEST_PACKAGE {
            return;
        }
        let called = matches!(self.kind(at + 1), Some(Kind::Open | Kind::Dot));
        let procedure_like = matches!(written.as_bytes(), [b'x' | b'X' | b's' | b'S', b'p' | b'P', b'_', ..]);
        // No function that is looked for has a longer name.
        // A loop of MySQL's routines, and a function.
        let repeats = token.key == Key::Repeat && self.kind(at + 1) == Some(Kind::Open);
        if !(called || procedure_like) || written.len() > 48 || (token.kind == Kind::Word && token.key != Key::Other && !repeats) {
            return;
        }
        if self.kind(at + 1) == Some(Kind::Open) && only_computes(written) {
            return;
        }
        let name = written.to_ascii_lowercase();
        if self.kind(at + 1) == Some(Kind::Open) {
            match function(&name) {
                Some(Effect::Is(class)) => self.add(class, at, name),
                Some(Effect::Runs) => self.runs(at, &name),
                Some(Effect::RunsElsewhere) => {
                    self.add(Class::FileAccess, at, format!("{name} reaches another server"));
                    if self.key(at + 2) != Key::Bulk {
                        self.runs(at, &name);
                    }
                }
                Some(Effect::ReadsTables) => self.reads_named(at, &name),
                None if matches!(
                    name.as_str(),
                    "url" | "file" | "remote" | "remotesecure" | "mysql" | "postgresql" | "mongodb" | "redis" | "sqlite"
                ) && matches!(self.key(at.wrapping_sub(1)), Key::From | Key::Join | Key::Function) =>
                {
                    self.add(Class::FileAccess, at, name);
                }
                // `CREATE VIRTUAL TABLE t USING csv(filename=..)`
                None if matches!(name.as_str(), "csv" | "tsv" | "vsv" | "xsv") && self.key(at.wrapping_sub(1)) == Key::Using => {
                    self.add(Class::FileAccess, at, name);
                }
                None if matches!(name.as_str(), "xmltype" | "xmlparse" | "xpath" | "extractvalue" | "parsexml" | "loadxml")
                    && self.declares_an_entity(at + 2) =>
                {
                    self.add(Class::FileAccess, at, "XML with an entity");
                }
                None if matches!(
                    name.as_str(),
                    "randomblob" | "zeroblob" | "repeat" | "generate_series" | "replicate" | "rpad" | "lpad" | "space"
                ) =>
                {
                    self.heavy(at, &name)
                }
                None => {}
            }
        } else if self.kind(at + 1) == Some(Kind::Dot) {
            let jobs = name == "cron"
                && self.kind(at + 3) == Some(Kind::Open)
                && ["schedule", "schedule_in_database", "alter_job", "unschedule"].iter().any(|job| self.word(at + 2, job));
            if let Some(class) = package(&name) {
                self.add(class, at, name);
            } else if jobs {
                self.add(Class::ProgramExecution, at, "cron job");
            }
        } else if (name.starts_with("xp_") || name.starts_with("sp_oa"))
            && let Some(Effect::Is(class)) = procedure(&name)
        {
            self.add(class, at, name);
        }
    }

    /// `<!ENTITY x SYSTEM ..>` has the server fetch something.
    fn declares_an_entity(&self, from: usize) -> bool {
        let entity = |token: &Token| {
            let text = self.text_of(token);
            matches!(token.kind, Kind::Text(_)) && (text.contains("<!ENTITY") || text.contains("<!DOCTYPE"))
        };
        (from..from + 6).any(|at| self.tokens.get(at).is_some_and(entity))
    }

    /// `table_to_xml('pg_authid', ..)`: the table is named by a text.
    fn reads_named(&mut self, at: usize, name: &str) {
        self.found.tables_complete = false;
        let text = self.tokens.get(at + 2).filter(|token| matches!(token.kind, Kind::Text(_)) && name.starts_with("table_"));
        let Some(text) = text else { return };
        let named: Vec<String> = self.name_of(text).split('.').map(|part| part.trim_matches('"').to_ascii_lowercase()).collect();
        match named.as_slice() {
            [.., schema, table] => self.found.table(Table { schema: Some(schema.clone()), name: table.clone() }),
            [table] => self.found.table(Table { schema: None, name: table.clone() }),
            [] => {}
        }
    }

    /// Millions: a billion random bytes are there to keep a server busy.
    fn heavy(&mut self, at: usize, name: &str) {
        let large = |token: &Token| token.kind == Kind::Number && self.text_of(token).parse::<f64>().is_ok_and(|number| number > HEAVY);
        // Every row of one with every row of the other.
        let many = |token: &Token| token.kind == Kind::Number && self.text_of(token).parse::<f64>().is_ok_and(|number| number > MANY);
        let series = |at: usize| self.word(at, name) && (2..6).any(|ahead| self.tokens.get(at + ahead).is_some_and(many));
        let product = name == "generate_series" && series(at) && (at.saturating_sub(16)..at).any(series);
        if product || (2..6).any(|ahead| self.tokens.get(at + ahead).is_some_and(large)) {
            self.add(Class::Administrative, at, format!("{name} of a large number"));
        }
    }
}
