//! SQL as statements: which classes of statement a text holds, and which tables it touches.
//!
//! A text is read as its dialect reads it (quotes, comments, names: [`token`]); then every place where a statement may begin is looked at, not
//! only the first word ([`survey`]): after `;`, in a parenthesis, in a CTE, behind `EXPLAIN ANALYZE`, in the body of a routine, and in T-SQL
//! right behind another statement. Text that is run as SQL (`EXEC('..')`, `PREPARE .. FROM '..'`, `DO $$..$$`) is put together where it is made of
//! literals, and read in turn. There is no grammar: a statement need not be valid to be seen for what it would do.
//!
//! Who does not know the dialect says [`Dialect::Generic`]: then the text is read in every way, and what any reading shows counts.
//!
//! **Reading is proven**: [`Class::Read`] needs every statement to begin as one that only reads, and nothing else to be found. What begins with a word
//! that is not known is [`Class::Unknown`].
//!
//! Everything takes one pass and a bounded number of tokens; nothing here calls itself with the input's depth.

mod asked;
mod calls;
pub(super) mod condition;
mod endless;
mod filter;
mod fold;
mod functions;
mod keywords;
mod lexis;
pub mod limits;
mod memory;
mod objects;
mod open;
mod payloads;
mod predicate;
mod probes;
mod prose;
mod rows;
mod sessions;
mod shapes;
mod signs;
mod smuggled;
mod survey;
mod system;
mod tables;
mod token;
mod truth;
mod unions;
mod values;
mod verbs;
mod words;

#[cfg(test)]
mod tests;

pub use crate::policy::{Dialect, SqlClass as Class};
pub(super) use memory::Inspected;
pub use open::opens_like_statement;
pub use smuggled::SMUGGLED;

use lexis::Lexis;
use survey::Survey;
use token::tokens;

/// A set of classes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Classes(u32);

impl Classes {
    pub fn contains(self, class: Class) -> bool {
        self.0 & bit(class) != 0
    }

    pub fn insert(&mut self, class: Class) {
        self.0 |= bit(class);
    }

    pub fn remove(&mut self, class: Class) {
        self.0 &= !bit(class);
    }

    pub fn is_empty(self) -> bool {
        self.0 == 0
    }

    pub fn is_subset(self, of: Self) -> bool {
        self.0 & !of.0 == 0
    }

    pub fn intersects(self, other: Self) -> bool {
        self.0 & other.0 != 0
    }

    pub fn iter(self) -> impl Iterator<Item = Class> {
        ALL.into_iter().filter(move |&class| self.contains(class))
    }
}

impl FromIterator<Class> for Classes {
    fn from_iter<I: IntoIterator<Item = Class>>(classes: I) -> Self {
        classes.into_iter().fold(Self::default(), |mut set, class| {
            set.insert(class);
            set
        })
    }
}

/// The worst first: what is named when only one can be.
const ALL: [Class; 15] = [
    Class::ProgramExecution,
    Class::FileAccess,
    Class::Drop,
    Class::Truncate,
    Class::DeleteWithoutWhere,
    Class::UpdateWithoutWhere,
    Class::Grant,
    Class::Administrative,
    Class::Alter,
    Class::Create,
    Class::Write,
    Class::Transaction,
    Class::Unknown,
    Class::MultiStatement,
    Class::Read,
];

const fn bit(class: Class) -> u32 {
    1 << class as u32
}

/// A table or view, as the text names it: without quotes, in lower case.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Table {
    /// What stands before the name: `sales`, or `crm.sales` where the database is named too.
    pub schema: Option<String>,
    pub name: String,
}

/// What showed a class.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Note {
    pub class: Class,
    /// Byte of the text; that of the literal, for text within text.
    pub at: usize,
    /// Keywords and names of functions, never values: `DROP TABLE`, `no WHERE`.
    pub words: String,
}

/// What a text was found to be.
#[derive(Clone, Debug, Default)]
pub struct Inspection {
    pub classes: Classes,
    /// At most [`limits::TABLES`].
    pub tables: Vec<Table>,
    /// Whether `tables` is all there is.
    pub tables_complete: bool,
    /// Statements of the text itself, not of texts within.
    pub statements: usize,
    /// The first place for each class.
    pub notes: Vec<Note>,
}

impl Inspection {
    fn add(&mut self, class: Class, at: usize, words: impl Into<String>) {
        if !self.classes.contains(class) {
            self.classes.insert(class);
            self.notes.push(Note { class, at, words: words.into() });
        }
    }

    fn table(&mut self, table: Table) {
        if self.tables.contains(&table) {
            return;
        }
        if self.tables.len() < limits::TABLES {
            self.tables.push(table);
        } else {
            self.tables_complete = false;
        }
    }

    fn join(&mut self, other: Self) {
        for Note { class, at, words } in other.notes {
            self.add(class, at, words);
        }
        for table in other.tables {
            self.table(table);
        }
        self.tables_complete &= other.tables_complete;
        self.statements = self.statements.max(other.statements);
    }
}

/// Looks at `text` as `dialect` reads it.
///
/// Never fails: what cannot be understood is [`Class::Unknown`], and the result always has a class.
pub fn inspect(text: &str, dialect: Dialect) -> Inspection {
    let mut all = Inspection { tables_complete: true, ..Inspection::default() };
    if text.len() > limits::BYTES {
        all.add(Class::Unknown, limits::BYTES, "too long");
        all.tables_complete = false;
        return all;
    }
    let readings = readings(text, dialect);
    let mut read: Vec<(Inspection, Option<(usize, &'static str)>)> = readings.into_iter().map(|lexis| read(text, lexis)).collect();
    // Most texts have one reading, and it is the whole answer.
    if let [(_, None)] = read.as_slice()
        && let Some((mut found, _)) = read.pop()
    {
        in_order(&mut found);
        return found;
    }
    // A text that is broken for one dialect is run by none of its servers from the broken place on. It is harmless only if some dialect takes it whole.
    let broken_for_all = read.iter().all(|(_, unclosed)| unclosed.is_some());
    for (mut inspection, unclosed) in read {
        if unclosed.is_some() && !broken_for_all {
            inspection.notes.retain(|note| note.class != Class::MultiStatement);
            inspection.statements = 0;
        }
        if broken_for_all && let Some((at, what)) = unclosed {
            all.add(Class::Unknown, at, what);
            all.tables_complete = false;
        }
        all.join(inspection);
    }
    in_order(&mut all);
    all
}

/// The worst first. One reading's read is no proof against what another one shows.
fn in_order(all: &mut Inspection) {
    let beside: Classes = [Class::Read, Class::MultiStatement, Class::Transaction].into_iter().collect();
    if !all.classes.is_subset(beside) {
        all.classes.remove(Class::Read);
        all.notes.retain(|note| note.class != Class::Read);
    }
    all.notes.sort_by_key(|note| ALL.iter().position(|&class| class == note.class));
}

fn readings(text: &str, dialect: Dialect) -> Vec<Lexis> {
    let mysql = || {
        let versioned = text.contains("/*!") || text.contains("/*M!");
        if versioned { vec![Lexis::MYSQL, Lexis::MYSQL_OLD] } else { vec![Lexis::MYSQL] }
    };
    match dialect {
        Dialect::PostgreSql => vec![Lexis::POSTGRESQL],
        Dialect::MySql => mysql(),
        Dialect::Sqlite => vec![Lexis::SQLITE],
        Dialect::TSql => vec![Lexis::TSQL],
        Dialect::Generic => {
            let mut all = vec![Lexis { self_reference: false, ..Lexis::TSQL }];
            if is_disputed(text) {
                all.extend([Lexis::POSTGRESQL, Lexis::SQLITE]);
                all.extend(mysql());
                // Backticks that hold nothing but a name are quotes to whoever takes them at all.
                if backticks_hold_names(text) {
                    for lexis in &mut all {
                        lexis.backticks = true;
                    }
                }
            }
            all
        }
    }
}

/// Whether dialects may see different tokens in it; without a comment and these characters they do not, and T-SQL sees the most statements in them.
fn is_disputed(text: &str) -> bool {
    let mut before = 0;
    text.bytes().any(|byte| {
        let disputed = matches!((before, byte), (_, b'\\' | b'`' | b'[' | b'#' | b'$' | b'"' | b'|') | (b'/', b'*') | (b'-', b'-'));
        before = byte;
        disputed
    })
}

fn backticks_hold_names(text: &str) -> bool {
    let parts = text.split('`');
    let plain =
        |part: &str| part.chars().all(|c| c.is_alphanumeric() || matches!(c, '_' | '-' | '.' | ' ' | '$' | ':')) && !part.contains("--");
    text.bytes().filter(|&byte| byte == b'`').count() % 2 == 0 && parts.skip(1).step_by(2).all(plain)
}

/// One reading, with the texts within.
fn read(text: &str, lexis: Lexis) -> (Inspection, Option<(usize, &'static str)>) {
    let mut found = Inspection { tables_complete: true, ..Inspection::default() };
    let lexed = tokens(text, lexis);
    let unclosed = lexed.unclosed;
    let mut proof = survey::Proof::default();
    let mut inner = Survey::new(text, &lexed, lexis, &mut found, &mut proof, survey::Origin::Text).run();
    if found.statements > 1 {
        found.add(Class::MultiStatement, inner.second, "second statement");
    }
    let broken = inner.broken;
    while let Some(nested) = inner.texts.pop() {
        if nested.depth > limits::DEPTH || text.len() < nested.text.len() {
            found.add(Class::Unknown, nested.at, "text within text within text");
            found.tables_complete = false;
            continue;
        }
        let statements = found.statements;
        let lexed = tokens(&nested.text, lexis);
        if let Some((_, what)) = lexed.unclosed {
            found.add(Class::Unknown, nested.at, what);
        }
        let origin = survey::Origin::Within { at: nested.at, depth: nested.depth };
        let more = Survey::new(&nested.text, &lexed, lexis, &mut found, &mut proof, origin).run();
        if more.broken.is_some() {
            found.add(Class::Unknown, nested.at, "something that begins no statement");
        }
        inner.texts.extend(more.texts);
        found.statements = statements;
    }
    let beside: Classes = [Class::MultiStatement, Class::Transaction].into_iter().collect();
    if proof.reads && !proof.doubts && found.classes.is_subset(beside) {
        found.add(Class::Read, proof.at, "only reads");
    }
    if proof.variables && !proof.reads && found.classes.is_empty() {
        found.add(Class::Transaction, 0, "variables");
    }
    let only_many: Classes = [Class::MultiStatement].into_iter().collect();
    if found.classes.is_subset(only_many) && unclosed.is_none() && broken.is_none() {
        found.add(Class::Unknown, 0, if proof.reads || proof.doubts { "not proven to be a read" } else { "no statement" });
    }
    (found, unclosed.or(broken.map(|at| (at, "something that begins no statement"))))
}

/// For fuzzing: every dialect, and the detector for other strings.
#[doc(hidden)]
pub fn fuzz(data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    for dialect in [Dialect::Generic, Dialect::PostgreSql, Dialect::MySql, Dialect::Sqlite, Dialect::TSql] {
        let found = inspect(&text, dialect);
        assert!(!found.classes.is_empty(), "every text is of some class");
    }
    let _ = opens_like_statement(&text);
}
