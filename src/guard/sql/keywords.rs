//! Keywords that tell something wherever they stand, and commands of clients.

use super::Class;
use super::survey::Survey;
use super::system::is_native_language;
use super::token::Kind;
use super::words::Key;

impl Survey<'_> {
    /// Keywords that tell something wherever they stand.
    pub(super) fn keyword(&mut self, at: usize, key: Key) {
        match key {
            Key::Case => self.blocks += usize::from(self.statement.routine || self.statement.verb == Key::Begin),
            Key::End if !matches!(self.key(at + 1), Key::If | Key::Loop | Key::While | Key::Repeat | Key::For) => {
                self.blocks = self.blocks.saturating_sub(1);
            }
            Key::Begin if self.statement.routine => self.blocks += 1,
            Key::Outfile | Key::Dumpfile if self.key(at.wrapping_sub(1)) == Key::Into => self.add(Class::FileAccess, at, "INTO OUTFILE"),
            Key::Infile if matches!(self.kind(at + 1), Some(Kind::Text(_))) => self.add(Class::FileAccess, at, "INFILE"),
            Key::Then if self.statement.controls && self.levels.len() == 1 => self.next = Some(at + 1),
            Key::Program if self.statement.verb == Key::Copy || self.statement.inner == Key::Copy => {
                self.add(Class::ProgramExecution, at, "COPY PROGRAM")
            }
            Key::Soname => self.add(Class::ProgramExecution, at, "SONAME"),
            Key::Language if matches!(self.statement.verb, Key::Create | Key::Do | Key::Begin) || self.statement.inner == Key::Do => {
                let language = self.tokens.get(at + 1).map(|token| self.name_of(token)).unwrap_or_default();
                if is_native_language(language.trim_matches('\'')) {
                    self.add(Class::ProgramExecution, at, "LANGUAGE of programs");
                }
            }
            Key::External if self.statement.verb == Key::Create && self.word(at + 1, "name") => {
                self.add(Class::ProgramExecution, at, "EXTERNAL NAME")
            }
            Key::For => self.locking(at),
            Key::File
                if self.kind(at + 1) == Some(Kind::Open)
                    && matches!(self.key(at.wrapping_sub(1)), Key::From | Key::Join | Key::Function) =>
            {
                self.add(Class::FileAccess, at, "file")
            }
            Key::Into => self.into(at),
            Key::With => self.ctes(at),
            Key::As if self.statement.routine => self.body(at + 1),
            _ => {}
        }
    }

    /// `SELECT .. FOR UPDATE` keeps others from writing until the transaction ends; PostgreSQL takes it for a write as well.
    fn locking(&mut self, at: usize) {
        // `FOR NO KEY UPDATE`, `FOR KEY SHARE`.
        let strength = at + 1 + 2 * usize::from(self.word(at + 1, "no")) + usize::from(self.word(at + 1, "key"));
        if self.statement.verb == Key::Select && matches!(self.key(strength), Key::Update | Key::Share) {
            self.add(Class::Write, at, "locks the rows it reads");
        }
    }

    /// `SELECT .. INTO t` makes a table; into a variable it does not.
    fn into(&mut self, at: usize) {
        if self.is_of_a_text(at) {
            self.inner.broken.get_or_insert(self.place(at));
            return self.doubts();
        }
        if self.statement.verb == Key::Select
            && self.statement.inner == Key::Other
            && !self.statement.routine
            && !matches!(self.kind(at + 1), Some(Kind::Variable))
            && !matches!(self.key(at + 1), Key::Outfile | Key::Dumpfile)
        {
            self.add(Class::Create, at, "SELECT INTO");
            self.add(Class::Write, at, "SELECT INTO");
        }
    }

    /// `SELECT $$insert into t values (1)$$`, where dollars are no quotes: nobody who reads it so takes a name such as `$$insert` before `INTO`.
    fn is_of_a_text(&self, at: usize) -> bool {
        let text = |back: usize| at.checked_sub(back).and_then(|at| self.tokens.get(at)).map_or("", |token| self.text_of(token));
        !self.lexis.dollar && text(2) == "$" && ["$insert", "$replace", "$merge"].iter().any(|word| text(1).eq_ignore_ascii_case(word))
    }

    pub(super) fn meta(&mut self, at: usize) {
        let name = self.tokens.get(at).map(|token| self.text_of(token).to_ascii_lowercase()).unwrap_or_default();
        let class = match name.trim_start_matches([':', '.', '\\']) {
            "!" | "!!" | "shell" | "system" | "load" | "gexec" | "setenv" | "e" | "edit" | "ef" | "ev" | "p" => Class::ProgramExecution,
            "copy" | "i" | "ir" | "include" | "o" | "out" | "w" | "write" | "g" | "gx" | "s" | "t" | "import" | "output" | "once"
            | "open" | "read" | "r" | "save" | "backup" | "restore" | "log" | "archive" | "ar" | "clone" | "cd" | "excel" | "www"
            | "trace" | "recover" | "dump" | "error" | "perftrace" | "" => Class::FileAccess,
            name if name.starts_with("lo_") => Class::FileAccess,
            _ => Class::Unknown,
        };
        self.add(class, at, "command of a client");
        self.unknown(at, "command of a client");
        self.next = None;
    }
}
