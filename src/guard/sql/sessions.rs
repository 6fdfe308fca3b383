//! Statements about statements, and about the session they run in: `EXPLAIN`, `PREPARE`, `EXEC`, `SET`, blocks.

use super::functions::{self, Effect};
use super::survey::Survey;
use super::system;
use super::token::Kind;
use super::words::Key;
use super::{Class, limits};

impl Survey<'_> {
    pub(super) fn explain(&mut self, at: usize) {
        use Key::*;
        self.statement.verb = Explain;
        let mut here = at + 1;
        let mut runs = false;
        if self.kind(here) == Some(Kind::Open)
            && !matches!(self.key(here + 1), Select | With | Values | Table)
            && self.kind(here + 1) != Some(Kind::Open)
        {
            let end = self.behind(here);
            let off =
                |at: usize| matches!(self.key(at), False | Off) || self.tokens.get(at).is_some_and(|token| self.text_of(token) == "0");
            runs = (here..end.min(here + limits::AHEAD)).any(|at| matches!(self.key(at), Analyze | Analyse) && !off(at + 1))
                || end > here + limits::AHEAD;
            here = end;
        }
        loop {
            match self.key(here) {
                Analyze | Analyse => runs = true,
                Verbose | Extended | Partitions | Format | Query | Plan | For | Local => {}
                _ if self.kind(here) == Some(Kind::Operator(b'=')) => here += 1,
                _ if ["ast", "syntax", "pipeline", "estimate", "logical", "distributed", "formatted", "codegen", "cost"]
                    .iter()
                    .any(|word| self.word(here, word)) => {}
                _ => break,
            }
            here += 1;
            if here > at + limits::AHEAD {
                break;
            }
        }
        let verb = matches!(
            self.key(here),
            Select
                | Insert
                | Update
                | Delete
                | Merge
                | Replace
                | With
                | Values
                | Table
                | Create
                | Execute
                | Declare
                | Alter
                | Drop
                | Copy
                | Call
                | Exec
                | From
                | Truncate
                | Set
        ) || self.kind(here) == Some(Kind::Open);
        if !verb {
            // `DESCRIBE orders`, `EXPLAIN FOR CONNECTION 5`
            self.reads(at);
            self.relation(here, false);
            return;
        }
        // SQL Server takes `EXPLAIN` for a procedure's name, and what follows for the next statement.
        self.statement.explained = !runs && !self.lexis.tsql;
        self.next = Some(here);
        if !runs {
            self.reads(at);
        }
    }

    /// `ANALYZE TABLE t` keeps statistics; MariaDB's `ANALYZE DELETE ..` runs what it names.
    pub(super) fn analyze(&mut self, at: usize) {
        if matches!(self.key(at + 1), Key::Select | Key::Insert | Key::Update | Key::Delete | Key::Replace | Key::With) {
            self.statement.verb = Key::Explain;
            self.next = Some(at + 1);
            return;
        }
        self.add(Class::Administrative, at, self.words(at));
        self.relation(at + 1 + usize::from(self.key(at + 1) == Key::Verbose), false);
    }

    pub(super) fn pragma(&mut self, at: usize) {
        self.found.tables_complete = false;
        let mut here = at + 1;
        if self.kind(here + 1) == Some(Kind::Dot) {
            here += 2;
        }
        let name = self.tokens.get(here).map(|token| self.name_of(token).to_ascii_lowercase()).unwrap_or_default();
        let argument = !self.ends_statement(here + 1);
        if system::is_telling_pragma(&name) || (!argument && !system::is_acting_pragma(&name) && !name.is_empty()) {
            self.reads(at);
        } else {
            self.add(Class::Administrative, at, "PRAGMA that sets");
        }
    }

    pub(super) fn begin_block(&mut self, at: usize) {
        use Key::*;
        let next = self.key(at + 1);
        let transaction = self.ends_statement(at + 1) && !self.in_block()
            || matches!(next, Tran | Transaction | Work | Deferred | Immediate | Exclusive | Isolation | Read | Not)
            || self.word(at + 1, "concurrent");
        let distributed = self.word(at + 1, "distributed");
        if (transaction || distributed) && !self.in_block() {
            return self.add(Class::Transaction, at, "BEGIN");
        }
        self.blocks += usize::from(!self.statement.routine);
        self.next = Some(at + 1 + usize::from(matches!(next, Try | Atomic)));
        if self.word(at + 1, "catch") {
            self.next = Some(at + 2);
        }
    }

    pub(super) fn end_of_block(&mut self, at: usize) {
        if self.key(at) == Key::End && (self.in_block() || self.found.statements > 1) {
            return;
        }
        self.add(Class::Transaction, at, self.words(at));
    }

    pub(super) fn set(&mut self, at: usize) {
        use Key::*;
        let mut here = at + 1;
        while matches!(self.key(here), Session | Local) && self.key(here + 1) != Authorization {
            here += 1;
        }
        let name = self.tokens.get(here).map(|token| self.name_of(token).to_ascii_lowercase()).unwrap_or_default();
        let first = self.key(here);
        let bare = name.trim_start_matches('@').trim_start_matches("session.").trim_start_matches("local.");
        let global =
            matches!(first, Global | Persist | PersistOnly) || matches!(name.as_str(), "@@global" | "@@persist" | "@@persist_only");
        let who = matches!(first, Role | Password | Resource)
            || first == Session && self.key(here + 1) == Authorization
            || self.word(here, "authorization")
            || first == Default && self.key(here + 1) == Role;
        // `@@session.sql_log_bin`
        let member = self
            .tokens
            .get(here + 2)
            .filter(|_| self.kind(here + 1) == Some(Kind::Dot))
            .map(|token| self.name_of(token).to_ascii_lowercase())
            .unwrap_or_default();
        let variable = name.starts_with('@') && !name.starts_with("@@");
        let writable = (here..here + 12).any(|at| self.key(at) == Write && self.key(at.wrapping_sub(1)) == Read);
        // One `SET` may set many: the others are looked at by name only.
        let others = (here..here + 4 * limits::AHEAD).take_while(|&at| !self.ends_statement(at)).any(|at| {
            self.kind(at) == Some(Kind::Comma)
                && (matches!(self.key(at + 1), Global | Persist | PersistOnly | Password)
                    || self.tokens.get(at + 1).is_some_and(|token| is_dangerous_variable(&self.name_of(token).to_ascii_lowercase())))
        });
        if global || who || others || writable || system::is_guarded_setting(bare) || system::is_guarded_setting(&member) {
            self.add(Class::Administrative, at, "SET");
        } else if variable {
            // A variable for the statements that follow.
            self.proof.variables = true;
        } else if first != Null {
            self.add(Class::Transaction, at, "SET");
        }
    }

    /// A variable or a cursor; what the cursor is for is looked at where it stands.
    pub(super) fn declare(&mut self, at: usize) {
        let query = (at + 1..at + limits::AHEAD).find(|&at| self.key(at) == Key::For);
        match query {
            Some(query) => self.next = Some(query + 1),
            None => self.proof.variables = true,
        }
    }

    pub(super) fn prepare(&mut self, at: usize) {
        use Key::*;
        if self.key(at + 1) == Transaction {
            return self.add(Class::Transaction, at, "PREPARE TRANSACTION");
        }
        if let Some(name) = self.tokens.get(at + 1)
            && self.prepared.len() < 16
        {
            let name = self.name_of(name).to_lowercase();
            self.prepared.push(name);
        }
        let mut here = at + 2;
        if self.kind(here) == Some(Kind::Open) {
            here = self.behind(here);
        }
        match self.key(here) {
            As => {
                self.statement.verb = Other;
                self.next = Some(here + 1);
            }
            From => self.run_expression(here + 1),
            _ => self.unknown(at, "PREPARE"),
        }
    }

    pub(super) fn do_block(&mut self, at: usize) {
        let mut here = at + 1;
        if self.key(here) == Key::Language {
            here += 2;
        }
        self.found.tables_complete = false;
        if matches!(self.kind(here), Some(Kind::Text(_))) {
            self.run_expression(here);
            self.doubts();
        } else if !self.lexis.dollar && self.tokens.get(here).is_some_and(|token| self.text_of(token).starts_with('$')) {
            self.inner.broken.get_or_insert(self.place(at));
            self.doubts();
        } else {
            self.unknown(at, "DO");
        }
    }

    pub(super) fn call_statement(&mut self, at: usize) {
        self.procedure_at(at, at + 1);
    }

    pub(super) fn execute(&mut self, at: usize) {
        use Key::*;
        if self.statement.verb == Key::Other {
            self.statement.verb = Exec;
        }
        let mut here = at + 1;
        match (self.kind(here), self.key(here)) {
            (_, As) if self.key(here + 1) == User || self.key(here + 1) == Login => {
                return self.add(Class::Administrative, at, "EXECUTE AS");
            }
            (_, Immediate) => return self.run_expression(here + 1),
            (Some(Kind::Open | Kind::Text(_)), _) => return self.run_expression(here),
            (Some(Kind::Variable), _) if self.kind(here + 1) == Some(Kind::Operator(b'=')) => here += 2,
            (Some(Kind::Variable), _) => return self.unknown(at, "EXEC of a variable"),
            _ => {}
        }
        let prepared = self.tokens.get(here).is_some_and(|token| {
            let name = self.name_of(token).to_lowercase();
            self.prepared.contains(&name)
        });
        if !prepared {
            self.procedure_at(at, here);
        }
    }

    fn procedure_at(&mut self, at: usize, first: usize) {
        let mut here = first;
        while self.kind(here + 1) == Some(Kind::Dot) && here < first + 8 {
            here += if self.kind(here + 2) == Some(Kind::Dot) { 3 } else { 2 };
        }
        let name = self.tokens.get(here).map(|token| self.name_of(token).to_lowercase()).unwrap_or_default();
        match functions::procedure(&name) {
            Some(Effect::Is(Class::Read)) => {
                self.reads(at);
                self.found.tables_complete = false;
            }
            Some(Effect::Is(class)) => {
                self.add(class, at, name.as_str());
                if name == "sp_configure"
                    && (here..here + 8)
                        .any(|at| self.tokens.get(at).is_some_and(|token| self.text_of(token).to_lowercase().contains("xp_cmdshell")))
                {
                    self.add(Class::ProgramExecution, at, "sp_configure xp_cmdshell");
                }
            }
            Some(_) => {
                let named = self.kind(here + 1) == Some(Kind::Variable) && self.kind(here + 2) == Some(Kind::Operator(b'='));
                self.run_expression(here + if named { 3 } else { 1 });
            }
            _ if name.starts_with("xp_") => self.add(Class::Administrative, at, name),
            _ => self.unknown(at, "a procedure that is not known"),
        }
    }

    /// Control of flow: what it controls is looked at where it stands, and it is no read.
    pub(super) fn control(&mut self, at: usize) {
        use Key::*;
        self.add(Class::Transaction, at, self.words(at));
        self.doubts();
        match self.key(at) {
            Else | Loop | Repeat => self.next = Some(at + 1),
            If | Elsif | Elseif | Exception | When | Case => self.statement.controls = true,
            Perform => self.found.tables_complete = false,
            _ => {}
        }
    }

    /// `SELECT $$plain; text$$`, where dollars are no quotes: what stands behind the `;` begins no statement of those who read it so, and they end there.
    pub(super) fn is_cut_from_a_text(&self, at: usize) -> bool {
        const FAR: usize = 64;
        !self.lexis.dollar
            && self.found.statements > 1
            && (at..at + FAR)
                .take_while(|&here| !matches!(self.kind(here), None | Some(Kind::Semicolon | Kind::Batch)))
                .any(|here| self.tokens.get(here).is_some_and(|token| self.text_of(token).contains('$')))
    }

    pub(super) fn unknown_verb(&mut self, at: usize) {
        if !matches!(self.kind(at), Some(Kind::Word | Kind::Quoted | Kind::Variable)) {
            // `# a comment` where that is none: whatever reads it so does not run it.
            self.inner.broken.get_or_insert(self.place(at));
            return self.doubts();
        }
        // `label:`, `x := 1`, `@x = 1` in a block; `END;` of one that began in a text before.
        let assigns = self.kind(at + 1) == Some(Kind::Operator(b':')) && self.kind(at + 2) == Some(Kind::Operator(b'='));
        if self.in_block() && assigns {
            return self.doubts();
        }
        if self.word(at, "sp_executesql")
            || self.tokens.get(at).is_some_and(|token| functions::procedure(&self.name_of(token).to_lowercase()).is_some())
        {
            // T-SQL runs the procedure that a batch begins with, EXEC or not.
            return self.procedure_at(at, at);
        }
        if self.is_cut_from_a_text(at) {
            self.inner.broken.get_or_insert(self.place(at));
            return self.doubts();
        }
        self.unknown(at, "a word that begins no statement");
    }
}

fn is_dangerous_variable(name: &str) -> bool {
    matches!(name, "@@global" | "@@persist") || system::is_guarded_setting(name.trim_start_matches('@'))
}
