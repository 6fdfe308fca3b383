//! Statements about data and about objects: what is changed, dropped, made, copied.

use super::filter::Filtered;
use super::survey::Survey;
use super::token::Kind;
use super::words::Key;
use super::{Class, limits};

impl Survey<'_> {
    pub(super) fn modifies(&mut self, at: usize) {
        self.add(Class::Write, at, self.words(at));
        if self.is_of_system(at) {
            self.add(Class::Administrative, at, "a table of the system");
        }
        let (class, word) = match self.key(at) {
            Key::Delete => (Class::DeleteWithoutWhere, "DELETE"),
            Key::Update => (Class::UpdateWithoutWhere, "UPDATE"),
            Key::Merge => return self.merges(at),
            _ => return,
        };
        match self.filtered(at) {
            Filtered::Yes => {}
            Filtered::No => self.add(class, at, format!("{word} and no WHERE")),
            Filtered::Always => self.add(class, at, format!("{word} and a WHERE that is always true")),
            Filtered::Unsure => self.unknown(at, "condition too long"),
        }
    }

    /// The table behind the verb at `at` is one where the server keeps its own affairs.
    fn is_of_system(&self, at: usize) -> bool {
        use Key::*;
        let mut here = at + 1;
        while here < at + 8
            && (matches!(self.key(here), Into | From | Only | LowPriority | Ignore | Quick | Delayed | HighPriority | Or | Replace | Table)
                || self.key(here) == Top)
        {
            here = if self.key(here) == Top && self.kind(here + 1) == Some(Kind::Open) { self.behind(here + 1) } else { here + 1 };
        }
        let lower = |at: usize| self.tokens.get(at).map(|token| self.name_of(token).to_ascii_lowercase()).unwrap_or_default();
        let qualified = self.kind(here + 1) == Some(Kind::Dot);
        let schema = if qualified { lower(here) } else { String::new() };
        let mut last = here;
        while self.kind(last + 1) == Some(Kind::Dot) && last < here + 8 {
            last += 2;
        }
        is_schema_of_system(&schema) || super::system::is_table_of_system(&lower(last))
    }

    pub(super) fn drops(&mut self, at: usize) {
        use Key::*;
        let next = self.key(at + 1);
        if matches!(next, Prepare) {
            return self.add(Class::Transaction, at, "DROP PREPARE");
        }
        self.add(Class::Drop, at, self.words(at));
        if next == Policy {
            self.add(Class::Grant, at, self.words(at));
        }
        if is_of_server(next) || next == Owned {
            self.add(Class::Administrative, at, self.words(at));
        }
    }

    pub(super) fn creates(&mut self, at: usize) {
        use Key::*;
        self.add(Class::Create, at, self.words(at));
        let mut object = at + 1;
        let mut replaces = false;
        while matches!(
            self.key(object),
            Or | Alter
                | Replace
                | Temp
                | Temporary
                | Global
                | Local
                | Unique
                | Unlogged
                | External
                | Foreign
                | Volatile
                | Force
                | Materialized
                | Recursive
                | Virtual
                | Constraint
                | Public
                | Procedural
                | Permanent
        ) || [
            "trusted",
            "definer",
            "aggregate",
            "transient",
            "fulltext",
            "spatial",
            "clustered",
            "nonclustered",
            "secure",
            "default",
            "noforce",
            "editionable",
            "if",
        ]
        .iter()
        .any(|word| self.word(object, word))
        {
            replaces |= self.key(object) == Replace;
            object += 1;
            if object > at + limits::AHEAD {
                break;
            }
        }
        // `DEFINER = 'a'@'b'` and `ALGORITHM = MERGE` stand before what is made.
        let made = |key| matches!(key, Function | Procedure | Proc | Trigger | Event | View);
        let ahead = (object..object + 12).map(|at| self.key(at)).find(|&key| made(key) || matches!(key, As | Select | Table | On));
        let object_key = match self.key(object) {
            Key::Other => ahead.filter(|&key| made(key)).unwrap_or(Key::Other),
            key => key,
        };
        match object_key {
            Table | Schema | Database if replaces => self.add(Class::Drop, at, "CREATE OR REPLACE TABLE"),
            Function | Procedure | Proc | Trigger | Event | Rule => {
                self.found.tables_complete &= !matches!(object_key, Rule | Event);
                self.statement.routine = true;
                self.statement.verb = Create;
            }
            Extension | Assembly | Language | Plugin => self.add(Class::ProgramExecution, at, self.words(at)),
            Policy => self.add(Class::Grant, at, self.words(at)),
            Tablespace | Stage => self.add(Class::FileAccess, at, self.words(at)),
            _ => {}
        }
        if self.key(object) == Table && self.is_elsewhere(object) {
            self.add(Class::FileAccess, at, "a table in a place of its own");
        }
        if ["access", "cast", "transform"].iter().any(|word| self.word(object, word)) || self.is_of_all_the_server(object) {
            self.add(Class::Administrative, at, self.words(at));
        }
        if self.key(at + 1) == External && self.word(at + 2, "library") {
            self.add(Class::ProgramExecution, at, "EXTERNAL LIBRARY");
        }
        if self.key(object) == Event && self.key(object + 1) == Trigger {
            self.add(Class::Administrative, at, "CREATE EVENT TRIGGER");
        }
        if self.key(object) == Data && self.word(object + 1, "source")
            || matches!(self.key(at + 1), External | Foreign) && self.key(at + 2) == Table
            || self.word(object, "directory")
        {
            self.add(Class::FileAccess, at, self.words(at));
        }
        if self.word(object, "outbound") || self.word(object, "secret") || self.word(object, "endpoint") {
            self.add(Class::Administrative, at, self.words(at));
        }
        if is_of_server(object_key) || matches!(object_key, Tablespace) {
            self.add(Class::Administrative, at, self.words(at));
        }
    }

    /// `DATA DIRECTORY = '/x'`, `CONNECTION = 'mysql://x'`
    fn is_elsewhere(&self, at: usize) -> bool {
        let text = |at: usize| {
            let equals = usize::from(self.kind(at) == Some(Kind::Operator(b'=')));
            matches!(self.kind(at + equals), Some(Kind::Text(_)))
        };
        (at..at + 16 * limits::AHEAD).take_while(|&at| self.kind(at).is_some_and(|kind| kind != Kind::Semicolon)).any(|at| {
            matches!(self.key(at), Key::Data | Key::Index) && self.word(at + 1, "directory") && text(at + 2)
                || self.word(at, "connection") && text(at + 1)
        })
    }

    /// `CREATE TRIGGER t ON ALL SERVER`
    fn is_of_all_the_server(&self, at: usize) -> bool {
        self.key(at) == Key::Trigger
            && (at..at + 8).any(|at| self.key(at) == Key::On && self.key(at + 1) == Key::All && self.key(at + 2) == Key::Server)
    }

    pub(super) fn alters(&mut self, at: usize) {
        use Key::*;
        let next = self.key(at + 1);
        if next == Session {
            return self.add(Class::Transaction, at, "ALTER SESSION");
        }
        self.add(Class::Alter, at, self.words(at));
        if is_of_server(next) || matches!(next, System | Instance | Profile | Resource) {
            self.add(Class::Administrative, at, self.words(at));
        }
        if matches!(next, Default | Authorization | Policy)
            || matches!(next, Role | Group | Server) && (self.is_ahead(at + 2, Add) || self.is_ahead(at + 2, Drop))
        {
            self.add(Class::Grant, at, self.words(at));
        }
        if next == Table || next == Foreign {
            self.alters_table(at);
        }
    }

    /// `ALTER TABLE .. DROP COLUMN` takes data with it; dropping a constraint, a default, a key does not.
    fn alters_table(&mut self, at: usize) {
        use Key::*;
        for ahead in at + 2..at + 4 * limits::AHEAD {
            match (self.kind(ahead), self.key(ahead)) {
                (None | Some(Kind::Semicolon | Kind::Batch), _) => return,
                (_, Drop) if self.key(ahead.wrapping_sub(1)) != Column || self.key(ahead + 1) != Default => {
                    let object = self.key(ahead + 1);
                    let takes_data = matches!(object, Column | Partition | Partitions | Table)
                        || object == Key::Other
                            && self.kind(ahead + 1).is_some()
                            && !self.word(ahead + 1, "expression")
                            && !self.word(ahead + 1, "identity");
                    if takes_data && self.key(ahead.wrapping_sub(2)) != Column && self.key(ahead.wrapping_sub(2)) != Alter {
                        self.add(Class::Drop, ahead, "ALTER TABLE DROP");
                        return;
                    }
                    if object == If && self.key(ahead + 2) == Exists {
                        self.add(Class::Drop, ahead, "ALTER TABLE DROP");
                        return;
                    }
                }
                (_, Truncate) => self.add(Class::Truncate, ahead, "ALTER TABLE TRUNCATE"),
                (_, Owner) if self.key(ahead + 1) == To => self.add(Class::Grant, ahead, "OWNER TO"),
                (_, Row) if self.word(ahead + 1, "level") => self.add(Class::Grant, ahead, "ROW LEVEL SECURITY"),
                _ => {}
            }
        }
    }

    /// A file or a program is named; only `STDIN` and `STDOUT` are neither.
    pub(super) fn copies(&mut self, at: usize) {
        let mut here = at + 1;
        let mut writes = self.key(at + 1) == Key::Into;
        let mut way = None;
        while here < at + limits::AHEAD {
            match (self.kind(here), self.key(here)) {
                (None | Some(Kind::Semicolon), _) => break,
                (Some(Kind::Open), _) => {
                    here = self.behind(here);
                    continue;
                }
                (_, Key::From | Key::To) => {
                    way = Some(here);
                    writes |= self.key(here) == Key::From;
                    break;
                }
                _ => here += 1,
            }
        }
        if writes {
            self.add(Class::Write, at, "COPY FROM");
        }
        match way {
            Some(way) if self.word(way + 1, "stdin") || self.word(way + 1, "stdout") => {
                if !writes {
                    self.reads(at);
                }
            }
            Some(way) if self.key(way + 1) == Key::Program => self.add(Class::ProgramExecution, at, "COPY PROGRAM"),
            _ => self.add(Class::FileAccess, at, "COPY"),
        }
    }

    pub(super) fn loads(&mut self, at: usize) {
        if matches!(self.key(at + 1), Key::Data | Key::Xml) {
            self.both(Class::FileAccess, Class::Write, at);
        } else if self.key(at + 1) == Key::Index {
            self.add(Class::Administrative, at, "LOAD INDEX");
        } else {
            self.add(Class::ProgramExecution, at, "LOAD of a library");
        }
    }
}

fn is_schema_of_system(name: &str) -> bool {
    matches!(name, "mysql" | "information_schema" | "performance_schema" | "pg_catalog" | "msdb" | "master" | "sys")
}

/// Objects of the whole server, not of one database.
pub(super) fn is_of_server(key: Key) -> bool {
    use Key::*;
    matches!(
        key,
        User | Role | Login | Database | Group | Server | Credential | Certificate | Subscription | Publication | Profile | Tablespace
    )
}
