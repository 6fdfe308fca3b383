//! What a statement does, by its verb and its object.

use super::filter::Filtered;
use super::functions::{self, Effect};
use super::survey::Survey;
use super::token::Kind;
use super::words::Key;
use super::{Class, limits};

impl Survey<'_> {
    /// The token at `at` begins a statement: whatever is not known here is unknown.
    pub(super) fn begin(&mut self, at: usize) {
        let key = self.key(at);
        let first = self.statement.verb == Key::Other || self.statement.verb == Key::Explain;
        if first {
            self.statement.verb = key;
        }
        if self.statement.explained {
            return self.reads(at);
        }
        if self.acts(at) {
            return;
        }
        use Key::*;
        match key {
            Select | Values | From => self.reads(at),
            Table => self.reads(at),
            With => self.statement.with = Some(self.depth()),
            Show | Help | Handler => {
                let told = self.has_from(at);
                self.found.tables_complete &= told;
                self.reads(at);
            }
            Explain | Describe | Desc => self.explain(at),
            Analyze | Analyse => self.analyze(at),
            Pragma => self.pragma(at),
            Begin => self.begin_block(at),
            Start | Commit | Rollback | Savepoint | Release | End | Xa | Abort => self.end_of_block(at),
            Set => self.set(at),
            Use | Discard | Deallocate | Close | Open | Unlisten => self.add(Class::Transaction, at, self.words(at)),
            Declare => self.declare(at),
            Fetch | Move => {
                self.reads(at);
                self.found.tables_complete = false;
            }
            Prepare => self.prepare(at),
            Do => self.do_block(at),
            Call => self.call_statement(at),
            Exec | Execute => self.execute(at),
            If | While | Loop | Repeat | For | Case | Else | Elsif | Elseif | When | Exception | Return | Raise | Raiserror | Throw
            | Signal | Resignal | Perform | Exit | Leave | Iterate | Continue | Print | Try | Assert => self.control(at),
            Null if self.in_block() => {}
            // No server that does not quote with dollars takes this.
            Other if self.kind(at) == Some(Kind::Operator(b'$')) && !self.lexis.dollar => self.inner.broken = Some(self.place(at)),
            Delimiter => self.unknown(at, "DELIMITER"),
            _ => self.unknown_verb(at),
        }
    }

    /// The word at `at` is a verb amid a statement, and what follows is its shape.
    pub(super) fn within(&mut self, at: usize) {
        let alone = self.lexis.tsql
            && self.depth() == 1
            && self.ends_operand(at)
            && !self.in_block()
            && !matches!(self.statement.verb, Key::If | Key::While | Key::Create | Key::Alter);
        if alone && self.statement.verb != Key::Insert {
            self.found.statements += 1;
            if self.found.statements == 2 {
                self.inner.second = self.place(at);
            }
        }
        self.statement.inner = self.key(at);
        match self.key(at) {
            Key::Exec | Key::Execute => self.execute(at),
            Key::Call => self.call_statement(at),
            _ => {
                self.acts(at);
            }
        }
    }

    /// Verbs that mean the same wherever a statement begins.
    fn acts(&mut self, at: usize) -> bool {
        use Key::*;
        let next = self.key(at + 1);
        match self.key(at) {
            Insert | Replace | Merge | Update | Delete => self.modifies(at),
            Truncate => self.add(Class::Truncate, at, self.words(at)),
            Drop | Undrop => self.drops(at),
            Create => self.creates(at),
            Alter => self.alters(at),
            Rename if next == User => self.both(Class::Alter, Class::Administrative, at),
            Rename | Comment | Msck | Enable | Disable => self.add(Class::Alter, at, self.words(at)),
            // Statistics for the planner; a table of that name has a `SET` behind it.
            Update if self.word(at + 1, "statistics") && self.names(at + 2) => self.add(Class::Administrative, at, "UPDATE STATISTICS"),
            Open if self.word(at + 1, "symmetric") || self.word(at + 1, "master") => self.add(Class::Administrative, at, "OPEN KEY"),
            Grant | Revoke | Deny | Reassign => self.add(Class::Grant, at, self.words(at)),
            Security => self.both(Class::Grant, Class::Administrative, at),
            Copy => self.copies(at),
            Load => self.loads(at),
            Bulk | Put => self.both(Class::FileAccess, Class::Write, at),
            Get if next != Key::Other || self.kind(at + 1) == Some(Kind::Word) && self.word(at + 1, "diagnostics") => return false,
            Get | Rm | Remove | Unload | List | Ls | Source | Tee | Pager => self.add(Class::FileAccess, at, self.words(at)),
            Export => self.add(Class::FileAccess, at, self.words(at)),
            Import => self.both(Class::FileAccess, Class::Create, at),
            System => self.add(Class::ProgramExecution, at, self.words(at)),
            Install | Uninstall => self.both(Class::ProgramExecution, Class::Administrative, at),
            Backup | Restore => self.both(Class::FileAccess, Class::Administrative, at),
            Attach => self.add(Class::FileAccess, at, self.words(at)),
            Vacuum => {
                let into = (1..4).any(|ahead| self.key(at + ahead) == Into);
                self.add(if into { Class::FileAccess } else { Class::Administrative }, at, self.words(at));
            }
            Refresh => self.add(Class::Write, at, self.words(at)),
            Shutdown | Kill | Flush | Reset | Purge | Dbcc | Reconfigure | Detach | Reindex | Cluster | Optimize | Repair | Check
            | Checksum | Checkpoint | Lock | Unlock | Listen | Notify | Stop | Change | Flashback | Setuser | Revert | Cache | Uncache => {
                self.add(Class::Administrative, at, self.words(at))
            }
            Waitfor => self.add(Class::Administrative, at, self.words(at)),
            Start if matches!(next, Replica | Group) || self.word(at + 1, "slave") || self.word(at + 1, "group_replication") => {
                self.add(Class::Administrative, at, self.words(at));
            }
            _ => return false,
        }
        true
    }

    /// Whether a statement begins at a keyword that stands amid another one: its shape is there, and its place allows it.
    pub(super) fn begins_within(&mut self, at: usize) -> bool {
        use Key::*;
        let key = self.key(at);
        let verb = matches!(
            key,
            Insert
                | Replace
                | Update
                | Delete
                | Merge
                | Truncate
                | Drop
                | Create
                | Alter
                | Grant
                | Revoke
                | Deny
                | Exec
                | Execute
                | Call
                | Copy
                | Load
                | Bulk
                | Backup
                | Restore
                | Shutdown
                | Kill
                | Dbcc
                | Reconfigure
                | Waitfor
                | Attach
                | Vacuum
                | Revert
                | Refresh
        );
        if !verb || self.kind(at + 1) == Some(Kind::Dot) {
            return false;
        }
        let Some(before) = self.previous(at) else { return false };
        match before.kind {
            Kind::Dot | Kind::Comma => return false,
            Kind::Operator(byte) if byte != b'*' && byte != b'$' && byte != b'}' => return false,
            Kind::Word => match before.key {
                Select | Distinct | By | Where | And | Or | Not | Set | From | Join | Into | Like | In | Is | Case | When | Having
                | Union | Before | After | Of | Grant | Revoke | Deny | Commit | KeyWord | Table | Column | Show | On | To | Constraint
                | Except | Intersect | Add | Returning | With | Alter | Modify | Rename | Inner | Cross | Left | Right | Full | Outer => {
                    return false;
                }
                As if self.statement.verb == Select || self.statement.verb == From || self.depth() > 1 && !self.in_block() => return false,
                _ => {}
            },
            _ => {}
        }
        let starts_block = matches!(before.key, Begin | Then | Else | Loop | Do | Instead | As) && before.kind == Kind::Word;
        let next = self.key(at + 1);
        let name = self.names(at + 1);
        match key {
            Insert => {
                matches!(next, Into | Overwrite | Ignore | LowPriority | Delayed | HighPriority | Or | Top)
                    || name
                        && (self.kind(at + 2) == Some(Kind::Open)
                            || self.kind(at + 2) == Some(Kind::Dot)
                            || matches!(self.key(at + 2), Values | Select | Default | Exec | Set))
            }
            Replace => matches!(next, Into | LowPriority | Delayed) || name && matches!(self.key(at + 2), Values | Select),
            Update => {
                name && (starts_block || self.is_ahead(at + 2, Set))
                    || matches!(next, Only | Top | LowPriority | Ignore | Or) && self.is_ahead(at + 2, Set)
            }
            Delete => {
                matches!(next, From | Top | LowPriority | Quick | Ignore)
                    || name
                        && (matches!(self.key(at + 2), Where | From | Output)
                            || starts_block
                            || self.ends_statement(at + 2) && self.ends_operand(at))
            }
            Merge => next == Into || name && (self.key(at + 2) == Using || self.is_ahead(at + 2, Using)) && next != Join,
            Truncate => {
                next == Table || matches!(next, Only | Partition) || name && (starts_block || self.lexis.tsql && self.ends_operand(at))
            }
            // `ALTER TABLE .. DROP INDEX`, `ALTER OPERATOR FAMILY .. DROP FUNCTION` are parts of their statement.
            Drop if self.statement.verb == Alter
                && matches!(next, Index | Foreign | Operator | Function | Policy | Type | Trigger | Language) =>
            {
                false
            }
            Drop => is_dropped(next) || starts_block && name,
            Create => is_created(next),
            Alter => is_dropped(next) || matches!(next, System | Session | Instance | Authorization),
            Grant | Deny => self.is_ahead(at + 1, To),
            Revoke => self.is_ahead(at + 1, From) || self.is_ahead(at + 1, To),
            Exec | Execute => {
                (name || matches!(self.kind(at + 1), Some(Kind::Variable | Kind::Open | Kind::Text(_))) || matches!(next, Immediate | As))
                    && !matches!(next, Function | Procedure | On)
            }
            Call => {
                name && self.kind(at + 1) == Some(Kind::Word)
                    && (self.kind(at + 2) == Some(Kind::Open) || self.kind(at + 2) == Some(Kind::Dot) || starts_block)
            }
            Copy => {
                self.is_ahead(at + 1, From) && (starts_block || before.kind == Kind::Open || self.is_ahead(at + 1, Program))
                    || self.is_ahead(at + 1, Program)
            }
            Load => next == Data || next == Xml,
            Bulk => next == Insert,
            Backup | Restore => matches!(next, Database | Log) || self.word(at + 1, "filelistonly") || self.word(at + 1, "headeronly"),
            Shutdown | Reconfigure | Revert => {
                (self.ends_operand(at) || starts_block) && (self.ends_statement(at + 1) || next == With) && self.lexis.tsql
            }
            Kill => self.kind(at + 1) == Some(Kind::Number) && (self.ends_operand(at) || starts_block),
            Dbcc => name && self.ends_operand(at) || starts_block,
            Waitfor => self.word(at + 1, "delay") || self.word(at + 1, "time"),
            Attach => next == Database && matches!(self.kind(at + 2), Some(Kind::Text(_) | Kind::Word | Kind::Quoted)),
            Vacuum => next == Into,
            Refresh => next == Materialized,
            _ => false,
        }
    }

    fn modifies(&mut self, at: usize) {
        self.add(Class::Write, at, self.words(at));
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

    fn drops(&mut self, at: usize) {
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

    fn creates(&mut self, at: usize) {
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
        if self.key(object) == Data && self.word(object + 1, "source") || self.key(at + 1) == External && self.key(at + 2) == Table {
            self.add(Class::FileAccess, at, self.words(at));
        }
        if self.word(object, "outbound") || self.word(object, "secret") || self.word(object, "endpoint") {
            self.add(Class::Administrative, at, self.words(at));
        }
        if is_of_server(object_key) || matches!(object_key, Tablespace) {
            self.add(Class::Administrative, at, self.words(at));
        }
    }

    fn alters(&mut self, at: usize) {
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
    fn copies(&mut self, at: usize) {
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

    fn loads(&mut self, at: usize) {
        if matches!(self.key(at + 1), Key::Data | Key::Xml) {
            self.both(Class::FileAccess, Class::Write, at);
        } else if self.key(at + 1) == Key::Index {
            self.add(Class::Administrative, at, "LOAD INDEX");
        } else {
            self.add(Class::ProgramExecution, at, "LOAD of a library");
        }
    }

    fn explain(&mut self, at: usize) {
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
        self.statement.explained = !runs;
        self.next = Some(here);
        if !runs {
            self.reads(at);
        }
    }

    /// `ANALYZE TABLE t` keeps statistics; MariaDB's `ANALYZE DELETE ..` runs what it names.
    fn analyze(&mut self, at: usize) {
        if matches!(self.key(at + 1), Key::Select | Key::Insert | Key::Update | Key::Delete | Key::Replace | Key::With) {
            self.statement.verb = Key::Explain;
            self.next = Some(at + 1);
            return;
        }
        self.add(Class::Administrative, at, self.words(at));
        self.relation(at + 1 + usize::from(self.key(at + 1) == Key::Verbose), false);
    }

    fn pragma(&mut self, at: usize) {
        self.found.tables_complete = false;
        let mut here = at + 1;
        if self.kind(here + 1) == Some(Kind::Dot) {
            here += 2;
        }
        let name = self.tokens.get(here).map(|token| self.name_of(token).to_ascii_lowercase()).unwrap_or_default();
        let argument = !self.ends_statement(here + 1);
        if functions::is_telling_pragma(&name) || (!argument && !functions::is_acting_pragma(&name) && !name.is_empty()) {
            self.reads(at);
        } else {
            self.add(Class::Administrative, at, "PRAGMA that sets");
        }
    }

    fn begin_block(&mut self, at: usize) {
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

    fn end_of_block(&mut self, at: usize) {
        if self.key(at) == Key::End && (self.in_block() || self.found.statements > 1) {
            return;
        }
        self.add(Class::Transaction, at, self.words(at));
    }

    fn set(&mut self, at: usize) {
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
        if global || who || others || writable || functions::is_guarded_setting(bare) || functions::is_guarded_setting(&member) {
            self.add(Class::Administrative, at, "SET");
        } else if variable {
            // A variable for the statements that follow.
            self.proof.variables = true;
        } else if first != Null {
            self.add(Class::Transaction, at, "SET");
        }
    }

    /// A variable or a cursor; what the cursor is for is looked at where it stands.
    fn declare(&mut self, at: usize) {
        let query = (at + 1..at + limits::AHEAD).find(|&at| self.key(at) == Key::For);
        match query {
            Some(query) => self.next = Some(query + 1),
            None => self.proof.variables = true,
        }
    }

    fn prepare(&mut self, at: usize) {
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
            As => self.next = Some(here + 1),
            From => self.run_expression(here + 1),
            _ => self.unknown(at, "PREPARE"),
        }
    }

    fn do_block(&mut self, at: usize) {
        let mut here = at + 1;
        if self.key(here) == Key::Language {
            here += 2;
        }
        self.found.tables_complete = false;
        if matches!(self.kind(here), Some(Kind::Text(_))) {
            self.run_expression(here);
            self.doubts();
        } else {
            self.unknown(at, "DO");
        }
    }

    fn call_statement(&mut self, at: usize) {
        self.procedure_at(at, at + 1);
    }

    fn execute(&mut self, at: usize) {
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
    fn control(&mut self, at: usize) {
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

    fn unknown_verb(&mut self, at: usize) {
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
        self.unknown(at, "a word that begins no statement");
    }

    // Shapes.

    pub(super) fn depth(&self) -> usize {
        self.levels.len()
    }

    pub(super) fn in_block(&self) -> bool {
        self.blocks > 0 || self.statement.routine
    }

    fn both(&mut self, first: Class, second: Class, at: usize) {
        self.add(first, at, self.words(at));
        self.add(second, at, self.words(at));
    }

    /// A name may stand here.
    pub(super) fn names(&self, at: usize) -> bool {
        match self.kind(at) {
            Some(Kind::Quoted) => true,
            Some(Kind::Word) => !self.key(at).is_reserved(),
            _ => false,
        }
    }

    pub(super) fn ends_statement(&self, at: usize) -> bool {
        matches!(self.kind(at), None | Some(Kind::Semicolon | Kind::Batch | Kind::Close | Kind::Meta))
    }

    /// What is before `at` may be the end of a statement.
    pub(super) fn ends_operand(&self, at: usize) -> bool {
        use Key::*;
        self.previous(at).is_some_and(|before| match before.kind {
            Kind::Quoted | Kind::Text(_) | Kind::Number | Kind::Variable | Kind::Close => true,
            Kind::Operator(byte) => byte == b'*',
            Kind::Word => !before.key.is_reserved() && before.key != Begin || matches!(before.key, End | Null | Desc | Asc | Default),
            _ => false,
        })
    }

    /// `key` comes at this depth before the statement ends, within a few words.
    pub(super) fn is_ahead(&mut self, from: usize, key: Key) -> bool {
        let mut here = from;
        let mut steps = 0;
        while steps < limits::AHEAD {
            match self.kind(here) {
                None | Some(Kind::Semicolon | Kind::Batch | Kind::Close) => return false,
                Some(Kind::Open) => here = self.behind(here),
                _ if self.key(here) == key => return true,
                _ => here += 1,
            }
            steps += 1;
        }
        false
    }

    fn has_from(&mut self, at: usize) -> bool {
        self.is_ahead(at + 1, Key::From) || self.is_ahead(at + 1, Key::Table)
    }

    /// The keywords from `at` on, three at most.
    fn words(&self, at: usize) -> String {
        let mut words = String::new();
        for here in at..at + 3 {
            let Some(token) = self.tokens.get(here).filter(|token| token.key != Key::Other) else { break };
            if here > at {
                words.push(' ');
            }
            words.push_str(&self.text_of(token).to_ascii_uppercase());
        }
        words
    }
}

fn is_dangerous_variable(name: &str) -> bool {
    matches!(name, "@@global" | "@@persist") || functions::is_guarded_setting(name.trim_start_matches('@'))
}

/// Objects of the whole server, not of one database.
fn is_of_server(key: Key) -> bool {
    use Key::*;
    matches!(
        key,
        User | Role | Login | Database | Group | Server | Credential | Certificate | Subscription | Publication | Profile | Tablespace
    )
}

fn is_dropped(key: Key) -> bool {
    use Key::*;
    is_of_server(key)
        || matches!(
            key,
            Table
                | View
                | Schema
                | Function
                | Procedure
                | Proc
                | Trigger
                | Sequence
                | Materialized
                | Extension
                | Type
                | Domain
                | Temporary
                | Event
                | Synonym
                | Assembly
                | Owned
                | Foreign
                | Policy
                | Index
                | Stage
                | External
                | Language
                | Operator
                | Rule
        )
}

fn is_created(key: Key) -> bool {
    use Key::*;
    is_dropped(key) || matches!(key, Or | Temp | Unique | Unlogged | Global | Local | External | Recursive | Virtual | Volatile)
}
