//! Which tables are named.

use super::survey::{Cte, Named, Survey};
use super::token::Kind;
use super::words::Key;
use super::{Table, limits};

/// Hints that T-SQL takes in a bare parenthesis behind a table.
const HINTS: [&str; 9] = ["nolock", "holdlock", "readpast", "readuncommitted", "readcommitted", "rowlock", "tablock", "updlock", "index"];

impl Survey<'_> {
    /// A keyword that a table's name may follow.
    pub(super) fn relations(&mut self, at: usize, key: Key) {
        use Key::*;
        let verb = self.statement.verb;
        if self.kind(at.wrapping_sub(1)) == Some(Kind::Dot) {
            // `information_schema.tables`
            return;
        }
        match key {
            From => self.from(at),
            Join | StraightJoin => self.relation(at + 1, false),
            Apply if matches!(self.key(at.wrapping_sub(1)), Cross | Outer) => self.relation(at + 1, false),
            Into if verb != Fetch
                && !matches!(self.key(at + 1), Outfile | Dumpfile | Table)
                && self.kind(at + 1) != Some(Kind::Variable) =>
            {
                self.relation(at + 1, true)
            }
            References => self.relation(at + 1, true),
            Like if verb == Create && self.depth() <= 2 && self.names(at + 1) => self.relation(at + 1, false),
            Partition if verb == Create && self.key(at + 1) == Of => self.relation(at + 2, true),
            Table | Tables | View => self.object(at),
            Update => self.updated(at),
            Insert | Replace | Merge
                if (verb == key || self.statement.inner == key)
                    && self.names(at + 1)
                    && self.key(at + 1) == Other
                    && self.kind(at + 2) != Some(Kind::Close) =>
            {
                self.relation(at + 1, true);
            }
            Delete if (verb == key || self.statement.inner == key) && self.names(at + 1) && !self.is_ahead(at + 2, From) => {
                self.relation(at + 1, false);
            }
            Using
                if (matches!(verb, Merge | Delete) || matches!(self.statement.inner, Merge | Delete))
                    && self.kind(at + 1) != Some(Kind::Open) =>
            {
                self.listing(true);
                self.relation(at + 1, false);
            }
            Using if (verb == Merge || self.statement.inner == Merge) && !matches!(self.key(at + 2), Select | With | Values) => {
                self.found.tables_complete = false
            }
            On => self.on(at),
            Copy if (verb == key || self.statement.inner == key) && self.kind(at + 1) != Some(Kind::Open) && self.key(at + 1) != Into => {
                self.relation(at + 1, true)
            }
            Truncate
                if self.key(at + 1) != Table && (verb == key || self.statement.inner == key) && self.kind(at + 1) != Some(Kind::Open) =>
            {
                self.listing(true);
                self.relation(at + 1, true);
            }
            Handler | Bulk | Cluster if verb == key => self.relation(at + 1 + usize::from(self.key(at + 1) == Insert), true),
            Reindex | Vacuum | Refresh if verb == key && !self.ends_statement(at + 1) && self.key(at + 1) != Into => {
                self.found.tables_complete = false;
            }
            // `FOR SYSTEM_TIME` belongs to a table, `FOR XML` ends the list of them.
            For if self.key(at + 1) == Xml || self.word(at + 1, "json") => self.listing(false),
            Where | Group | Having | Order | Limit | Union | Except | Intersect | Window | Set | Values | Select | Returning | Output
            | End => self.listing(false),
            _ => {}
        }
    }

    pub(super) fn listing(&mut self, lists: bool) {
        if let Some(level) = self.levels.last_mut() {
            level.lists = lists;
        }
    }

    fn from(&mut self, at: usize) {
        use Key::*;
        let distinct = self.key(at.wrapping_sub(1)) == Distinct && matches!(self.key(at.wrapping_sub(2)), Is | Not);
        let other = matches!(self.statement.verb, Grant | Revoke | Fetch | Copy | Restore | Prepare | Move) && self.depth() == 1;
        if distinct || other || self.levels.last().is_some_and(|level| level.plain_from) {
            return;
        }
        self.listing(true);
        if self.kind(at + 1) != Some(Kind::Open) {
            self.relation(at + 1, false);
        }
    }

    /// `TABLE`, `VIEW` of a statement about one.
    fn object(&mut self, at: usize) {
        use Key::*;
        let mut here = at + 1;
        if self.statement.verb == Show && self.key(at.wrapping_sub(1)) != Create || self.key(at.wrapping_sub(1)) == Returns {
            return;
        }
        if self.key(here) == If {
            here += if self.key(here + 1) == Not { 3 } else { 2 };
        }
        if self.kind(here) == Some(Kind::Open) {
            return;
        }
        if matches!(self.statement.verb, Drop | Lock | Truncate | Analyze | Flush) || self.key(at.wrapping_sub(1)) == Drop {
            self.listing(true);
        }
        self.relation(here, true);
    }

    fn updated(&mut self, at: usize) {
        use Key::*;
        if !(self.statement.verb == Update || self.statement.inner == Update)
            || matches!(self.key(at.wrapping_sub(1)), For | Keyed | Do | On | Then | Or | After | Before | Of) && !self.names(at + 1)
        {
            return;
        }
        let mut here = at + 1;
        while matches!(self.key(here), LowPriority | Ignore | Top | Or | Rollback | Replace)
            || self.kind(here) == Some(Kind::Open)
            || self.word(here, "abort")
            || self.word(here, "fail")
        {
            here = if self.kind(here) == Some(Kind::Open) { self.behind(here) } else { here + 1 };
        }
        self.listing(true);
        let before = self.named.len();
        self.relation(here, false);
        if let Some(named) = self.named.get_mut(before) {
            named.target = true;
        }
    }

    /// `CREATE INDEX .. ON t`, `GRANT .. ON t`, `COMMENT ON TABLE t`
    fn on(&mut self, at: usize) {
        use Key::*;
        if self.depth() != 1 || matches!(self.key(at + 1), Delete | Update | Commit | Conflict) {
            return;
        }
        match self.statement.verb {
            Create if !matches!(self.key(self.statement.at + 1), Table | View) => self.relation(at + 1, true),
            Drop => self.relation(at + 1, true),
            Grant | Revoke | Deny | Comment => {
                if matches!(self.key(at + 1), Table | View) {
                    return;
                }
                if self.key(at + 1) == Other {
                    self.listing(true);
                    self.relation(at + 1, true);
                } else {
                    self.found.tables_complete = false;
                }
            }
            _ => {}
        }
    }

    /// A table's name at `at`; with `columns`, a parenthesis behind it lists columns, else it makes a function of it.
    pub(super) fn relation(&mut self, at: usize, columns: bool) {
        use Key::*;
        let mut here = at;
        while matches!(self.key(here), Only | Lateral | Outer | Concurrently | Extended) && self.kind(here + 1) != Some(Kind::Dot)
            || self.key(here) == If && self.key(here + 1) == Exists
        {
            here += if self.key(here) == If { 2 } else { 1 };
        }
        match self.kind(here) {
            Some(Kind::Open) if self.key(here.wrapping_sub(1)) == Only => here += 1,
            Some(Kind::Variable) => {
                let local = self.tokens.get(here).is_some_and(|token| self.text_of(token).starts_with('@'));
                self.found.tables_complete &= local;
                return;
            }
            Some(Kind::Open) if self.names(here + 1) => {
                // `(a JOIN b)`
                return;
            }
            Some(Kind::Open) => return,
            Some(Kind::Word) if self.key(here).is_reserved() => {
                if !matches!(self.key(here), Select | With | Values | Table | Delete | Insert | Update | Merge) {
                    self.found.tables_complete = false;
                }
                return;
            }
            Some(Kind::Word | Kind::Quoted | Kind::Text(_)) => {}
            _ => {
                self.found.tables_complete = false;
                return;
            }
        }
        let first = here;
        let mut parts = Vec::new();
        loop {
            match self.tokens.get(here) {
                Some(token) if matches!(token.kind, Kind::Word | Kind::Quoted | Kind::Text(_)) => {
                    parts.push(self.name_of(token).to_lowercase());
                    here += 1;
                }
                // `db..t`
                Some(token) if token.kind == Kind::Dot => parts.push(String::new()),
                _ => {
                    self.found.tables_complete = false;
                    return;
                }
            }
            if self.kind(here) == Some(Kind::Dot) && parts.len() < 6 {
                here += 1;
            } else {
                break;
            }
        }
        if self.kind(here) == Some(Kind::Open) && !columns {
            let hint =
                self.tokens.get(here + 1).is_some_and(|token| HINTS.iter().any(|hint| self.text_of(token).eq_ignore_ascii_case(hint)));
            if !hint {
                // A function that gives rows.
                return;
            }
        }
        let read = matches!(self.key(at.wrapping_sub(1)), From | Join | Into) || self.kind(at.wrapping_sub(1)) == Some(Kind::Comma);
        if read && matches!(self.kind(first), Some(Kind::Text(_))) && parts.iter().any(|part| part.contains(['/', '\\', '.', '*'])) {
            self.add(super::Class::FileAccess, first, "FROM a file");
        }
        // Quotes within quotes, and places in between.
        if parts.iter().any(|part| part.contains(['"', '`', '[', ']'])) || self.named.len() >= 16 * limits::TABLES {
            self.found.tables_complete = false;
        } else {
            self.named.push(Named { parts, at: first, target: false });
        }
        let alias = here + usize::from(self.key(here) == As);
        if self.names(alias)
            && self.aliases.len() < limits::CTES
            && let Some(token) = self.tokens.get(alias)
        {
            self.aliases.push(self.name_of(token).to_lowercase());
        }
    }

    /// `WITH a AS (..), b (x, y) AS MATERIALIZED (..)`
    pub(super) fn ctes(&mut self, at: usize) {
        use Key::*;
        let recursive = self.key(at + 1) == Recursive;
        let end = match self.levels.last().and_then(|level| level.open) {
            Some(open) => self.behind(open),
            None => usize::MAX,
        };
        let mut here = at + 1 + usize::from(recursive);
        loop {
            let Some(name) = self.tokens.get(here).filter(|_| matches!(self.kind(here), Some(Kind::Word | Kind::Quoted))) else { return };
            let name = self.name_of(name).to_lowercase();
            here += 1;
            if self.kind(here) == Some(Kind::Open) {
                here = self.behind(here);
            }
            if self.key(here) != As {
                return;
            }
            here += 1;
            while matches!(self.key(here), Not | Materialized) {
                here += 1;
            }
            if self.kind(here) != Some(Kind::Open) {
                return;
            }
            let body = here;
            here = self.behind(here);
            if self.ctes.len() >= limits::CTES {
                // The rest counts as tables.
                return;
            }
            let from = if recursive {
                at
            } else if self.lexis.self_reference {
                body
            } else {
                here
            };
            self.ctes.push(Cte { name, from, to: end });
            if self.kind(here) != Some(Kind::Comma) {
                return;
            }
            here += 1;
        }
    }

    /// At the end of a statement: names that are no tables are left out.
    pub(super) fn resolve(&mut self) {
        let named = std::mem::take(&mut self.named);
        let aliases = std::mem::take(&mut self.aliases);
        let ctes = std::mem::take(&mut self.ctes);
        self.multiplies(&named);
        for Named { mut parts, at, target } in named {
            let Some(name) = parts.pop() else { continue };
            if parts.is_empty() {
                let cte = ctes.iter().any(|cte| cte.name == name && (cte.from..cte.to).contains(&at));
                if cte || target && aliases.contains(&name) {
                    continue;
                }
            }
            let holder = parts.last().map(String::as_str).unwrap_or_default();
            if super::system::holds_passwords(holder, &name)
                || (holder == "mysql" && name == "user" || name == "dba_users") && self.shows_passwords(at)
            {
                self.add(super::Class::Administrative, at, "where the server keeps passwords");
            }
            let schema = (!parts.is_empty()).then(|| parts.join("."));
            self.found.table(Table { schema, name });
        }
    }
}
