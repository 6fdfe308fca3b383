//! What a statement does, by its verb and its object.

use super::Class;
use super::objects::is_of_server;
use super::survey::Survey;
use super::token::Kind;
use super::words::Key;

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
            // A table opened beside all statements: no `SELECT`, and it holds what others wait for.
            Handler => {
                self.reads(at);
                self.found.tables_complete = false;
                self.add(Class::Administrative, at, "HANDLER");
            }
            Show | Help => {
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
            self.another(at);
        }
        self.statement.inner = self.key(at);
        match self.key(at) {
            Key::Exec | Key::Execute => self.execute(at),
            Key::Call => self.call_statement(at),
            Key::Set => self.set(at),
            Key::Use | Key::Declare | Key::Raiserror => self.add(Class::Transaction, at, self.words(at)),
            _ => {
                self.acts(at);
            }
        }
    }

    /// T-SQL begins another statement here, without a `;`: common table expressions and aliases were for the one before.
    pub(super) fn another(&mut self, at: usize) {
        self.resolve();
        self.found.statements += 1;
        if self.found.statements == 2 {
            self.inner.second = self.place(at);
        }
    }

    /// Verbs that mean the same wherever a statement begins.
    fn acts(&mut self, at: usize) -> bool {
        use Key::*;
        let next = self.key(at + 1);
        match self.key(at) {
            // Statistics for the planner; a table of that name has a `SET` behind it.
            Update if self.word(at + 1, "statistics") && self.names(at + 2) => self.add(Class::Administrative, at, "UPDATE STATISTICS"),
            Insert | Replace | Merge | Update | Delete => self.modifies(at),
            Truncate => self.add(Class::Truncate, at, self.words(at)),
            Drop | Undrop => self.drops(at),
            Create => self.creates(at),
            Alter => self.alters(at),
            Rename if next == User => self.both(Class::Alter, Class::Administrative, at),
            Rename | Comment | Msck | Enable | Disable => self.add(Class::Alter, at, self.words(at)),
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
            // What only tells of the server.
            Dbcc if ["show_statistics", "opentran", "useroptions", "tracestatus", "inputbuffer"]
                .iter()
                .any(|told| self.word(at + 1, told)) =>
            {
                self.reads(at);
            }
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
        ) || self.lexis.tsql && self.is_neighbour(at);
        if !verb || self.kind(at + 1) == Some(Kind::Dot) {
            return false;
        }
        let Some(before) = self.previous(at) else { return false };
        match before.kind {
            Kind::Dot | Kind::Comma => return false,
            Kind::Operator(byte) if byte != b'*' && byte != b'$' && byte != b'}' => return false,
            Kind::Word => match before.key {
                // Words of T-SQL that no name can be; others end a statement where they are an alias.
                Select | Distinct | By | Where | And | Or | Not | Set | From | Join | Into | Like | In | Is | Case | When | Having
                | Union | Of | Grant | Revoke | Deny | Keyed | Table | Column | To | Constraint | Except | Intersect | Add | With
                | Alter | Inner | Cross | Left | Right | Full | Outer => {
                    return false;
                }
                On if self.statement.verb != Set => return false,
                Commit if self.key(at.wrapping_sub(2)) == On => return false,
                Show if key == Create => return false,
                After | Before | Modify | Rename if matches!(self.statement.verb, Create | Alter) => return false,
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
            Update if self.word(at + 1, "statistics") && self.names(at + 2) => true,
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
                next == Table
                    || matches!(next, Only | Partition)
                    || name && (starts_block || before.kind == Kind::Open || self.lexis.tsql && self.ends_operand(at))
            }
            // `ALTER TABLE .. DROP INDEX`, `ALTER OPERATOR FAMILY .. DROP FUNCTION` are parts of their statement.
            Drop if self.statement.verb == Alter
                && matches!(next, Index | Foreign | Operator | Function | Policy | Type | Trigger | Language) =>
            {
                false
            }
            Drop => is_dropped(next) || (starts_block || before.kind == Kind::Open) && name,
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
            Use | Set | Checkpoint | Disable | Enable | Setuser | Declare | Raiserror => true,
            _ => false,
        }
    }

    /// Statements of T-SQL that are no more than a nuisance, behind a read: it is one no longer.
    fn is_neighbour(&self, at: usize) -> bool {
        use Key::*;
        let next = self.key(at + 1);
        let shape = match self.key(at) {
            Use => self.names(at + 1) && !matches!(next, Index | Keyed),
            Set => self.kind(at + 1) == Some(Kind::Variable) || self.names(at + 1),
            Checkpoint => self.ends_statement(at + 1),
            Disable | Enable => next == Trigger,
            Setuser => matches!(self.kind(at + 1), Some(Kind::Text(_))),
            Declare => self.kind(at + 1) == Some(Kind::Variable),
            Raiserror => self.kind(at + 1) == Some(Kind::Open),
            _ => false,
        };
        shape && self.statement.verb == Select && self.depth() == 1 && self.ends_operand(at)
    }
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
