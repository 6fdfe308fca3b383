//! One pass over the tokens: where statements begin, and what else there is to see on the way.

use super::Inspection;
use super::lexis::Lexis;
use super::token::{Kind, Token, Tokens};
use super::words::Key;

/// Whether everything was a read.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Proof {
    /// A statement that reads.
    pub(super) reads: bool,
    /// Where it is.
    pub(super) at: usize,
    /// A statement that is of no class and no read.
    pub(super) doubts: bool,
    /// A variable is declared or set.
    pub(super) variables: bool,
}

/// Whose text it is.
#[derive(Clone, Copy, Debug)]
pub(super) enum Origin {
    Text,
    /// A literal at byte `at` of the text.
    Within {
        at: usize,
        depth: u8,
    },
}

/// Text that is run as SQL.
#[derive(Debug)]
pub(super) struct Nested {
    pub(super) text: String,
    pub(super) at: usize,
    pub(super) depth: u8,
}

#[derive(Debug, Default)]
pub(super) struct Inner {
    pub(super) texts: Vec<Nested>,
    /// Where the second statement begins.
    pub(super) second: usize,
    /// From here on no server of this dialect takes it.
    pub(super) broken: Option<usize>,
}

/// The statement that is being read.
#[derive(Clone, Copy, Debug)]
pub(super) struct Statement {
    pub(super) verb: Key,
    pub(super) at: usize,
    /// `EXPLAIN` of something that is not run.
    pub(super) explained: bool,
    /// A routine, trigger or event is being made.
    pub(super) routine: bool,
    /// `WITH` at this depth: the verb is still to come.
    pub(super) with: Option<usize>,
    /// A statement begins behind `THEN`.
    pub(super) controls: bool,
    /// The last verb that was seen, wherever it stood.
    pub(super) inner: Key,
}

/// What is known of one level of parentheses.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Level {
    /// Tables are being listed: a comma is followed by another.
    pub(super) lists: bool,
    /// `FROM` is part of a function's syntax.
    pub(super) plain_from: bool,
    pub(super) open: Option<usize>,
}

/// A common table expression is one for unqualified names in these tokens.
#[derive(Debug)]
pub(super) struct Cte {
    pub(super) name: String,
    pub(super) from: usize,
    pub(super) to: usize,
}

#[derive(Debug)]
pub(super) struct Named {
    pub(super) parts: Vec<String>,
    pub(super) at: usize,
    /// `UPDATE x SET .. FROM`: it may be an alias.
    pub(super) target: bool,
}

pub(super) struct Survey<'a> {
    pub(super) text: &'a str,
    pub(super) tokens: &'a [Token],
    /// For each parenthesis the place of the other, or [`NO_PAIR`].
    pub(super) pairs: Vec<u32>,
    pub(super) lexis: Lexis,
    pub(super) found: &'a mut Inspection,
    pub(super) proof: &'a mut Proof,
    pub(super) origin: Origin,
    pub(super) inner: Inner,
    pub(super) statement: Statement,
    /// The token that begins a statement, as far as is known.
    pub(super) next: Option<usize>,
    /// It is a new one, not what an `EXPLAIN` or a block contains.
    fresh: bool,
    pub(super) levels: Vec<Level>,
    pub(super) named: Vec<Named>,
    pub(super) aliases: Vec<String>,
    pub(super) ctes: Vec<Cte>,
    /// Statements prepared in this text.
    pub(super) prepared: Vec<String>,
    /// `BEGIN` and `CASE` that are open.
    pub(super) blocks: usize,
    /// `UNION`s that were looked at.
    pub(super) united: usize,
    /// Steps that looking ahead may still take.
    pub(super) budget: usize,
}

pub(super) const NO_PAIR: u32 = u32::MAX;

fn pairs(tokens: &[Token]) -> Vec<u32> {
    let mut pairs = vec![NO_PAIR; tokens.len()];
    let mut open = Vec::new();
    for (at, token) in tokens.iter().enumerate() {
        match token.kind {
            Kind::Open => open.push(at),
            Kind::Close => {
                if let Some(first) = open.pop() {
                    let number = |at: usize| u32::try_from(at).unwrap_or(NO_PAIR);
                    if let Some(pair) = pairs.get_mut(first) {
                        *pair = number(at);
                    }
                    if let Some(pair) = pairs.get_mut(at) {
                        *pair = number(first);
                    }
                }
            }
            // No parenthesis spans statements.
            Kind::Semicolon | Kind::Batch => open.clear(),
            _ => {}
        }
    }
    pairs
}

impl<'a> Survey<'a> {
    pub(super) fn new(
        text: &'a str,
        lexed: &'a Tokens,
        lexis: Lexis,
        found: &'a mut Inspection,
        proof: &'a mut Proof,
        origin: Origin,
    ) -> Self {
        let tokens = lexed.list.as_slice();
        let statement =
            Statement { verb: Key::Other, at: 0, explained: false, routine: false, with: None, controls: false, inner: Key::Other };
        let mut survey = Self {
            text,
            tokens,
            pairs: pairs(tokens),
            lexis,
            found,
            proof,
            origin,
            inner: Inner::default(),
            statement,
            next: Some(0),
            fresh: true,
            levels: vec![Level::default()],
            named: Vec::new(),
            aliases: Vec::new(),
            ctes: Vec::new(),
            prepared: Vec::new(),
            blocks: 0,
            united: 0,
            budget: 8 * tokens.len() + 1024,
        };
        // Without a value there is nothing that was broken.
        let has_values = || tokens.iter().any(|token| matches!(token.key, Key::Where | Key::Having | Key::Values | Key::Set));
        if let Some(at) = lexed.cut.filter(|_| has_values()) {
            survey.unknown_at(at, "a comment that cuts off the rest");
        }
        if let Some((at, what)) = lexed.odd {
            survey.unknown_at(at, what);
        }
        if lexed.too_many {
            survey.unknown_at(text.len(), "too many words");
        }
        survey
    }

    pub(super) fn run(mut self) -> Inner {
        let tokens = self.tokens;
        self.endless();
        for (at, token) in tokens.iter().enumerate() {
            match token.kind {
                Kind::Semicolon | Kind::Batch => {
                    self.end();
                    self.next = Some(at + 1);
                    self.fresh = true;
                    continue;
                }
                Kind::Meta => {
                    self.meta(at);
                    continue;
                }
                Kind::Open => self.open(at),
                Kind::Close => self.close(),
                Kind::Comma => self.comma(at),
                _ => {}
            }
            if self.next == Some(at) {
                if std::mem::take(&mut self.fresh) {
                    self.start(at);
                }
                if token.kind == Kind::Open {
                    self.next = Some(at + 1);
                } else {
                    self.next = None;
                    self.begin(at);
                }
            } else if token.kind == Kind::Open
                && self.statement.with == Some(self.levels.len() - 1)
                && self.kind(at.wrapping_sub(1)) == Some(Kind::Close)
            {
                // `WITH a AS (..) (SELECT ..)`
                self.statement.with = None;
                self.statement.verb = Key::Other;
                self.next = Some(at + 1);
            } else if token.kind == Kind::Word && token.key != Key::Other {
                if self.statement.with == Some(self.levels.len()) && is_main_verb(token.key) && self.key(at + 1) != Key::As {
                    self.statement.with = None;
                    self.statement.verb = Key::Other;
                    self.begin(at);
                } else if !self.statement.explained && self.begins_within(at) {
                    self.within(at);
                } else if token.key == Key::Select
                    && self.lexis.tsql
                    && self.statement.verb == Key::Select
                    && self.levels.len() == 1
                    && self.ends_operand(at)
                    && !self.continues_set(at)
                {
                    self.another(at);
                }
            }
            if matches!(token.kind, Kind::Word | Kind::Quoted) {
                self.call(at);
            }
            if token.kind == Kind::Word {
                self.signs(at, token.key);
            }
            if token.kind == Kind::Operator(b'=') {
                self.equals(at);
            }
            if token.key != Key::Other {
                self.keyword(at, token.key);
                self.relations(at, token.key);
            }
        }
        self.end();
        self.inner
    }

    /// A statement of the text begins.
    fn start(&mut self, at: usize) {
        let in_routine = self.statement.routine && self.blocks > 0;
        let block = self.statement.verb == Key::Begin && self.blocks > 0;
        if !in_routine && !block {
            self.blocks = 0;
            if self.key(at) != Key::End || self.found.statements == 0 {
                self.found.statements += 1;
                if self.found.statements == 2 {
                    self.inner.second = self.place(at);
                }
            }
            self.statement.routine = false;
        }
        let verb = if in_routine || block { self.statement.verb } else { Key::Other };
        self.statement = Statement { verb, at, explained: false, with: None, controls: false, inner: Key::Other, routine: in_routine };
    }

    fn end(&mut self) {
        if self.statement.with.take().is_some() {
            let at = self.statement.at;
            if self.is_cut_from_a_text(at) {
                self.inner.broken.get_or_insert(self.place(at));
                self.doubts();
            } else {
                self.unknown(at, "WITH and no statement");
            }
        }
        self.resolve();
        self.levels.truncate(1);
        if let Some(level) = self.levels.first_mut() {
            *level = Level::default();
        }
        self.statement.explained = false;
    }

    fn open(&mut self, at: usize) {
        let before = self.previous(at);
        let lists = match before.map(|token| (token.kind, token.key)) {
            Some((_, Key::From | Key::Join | Key::StraightJoin)) => true,
            Some((Kind::Comma | Kind::Open, _)) => self.levels.last().is_some_and(|level| level.lists),
            _ => false,
        };
        let plain_from = !matches!(self.key(at + 1), Key::Select | Key::With)
            && before.is_some_and(|token| {
                let name = self.text_of(token);
                ["extract", "trim", "substring", "substr", "overlay", "ltrim", "rtrim", "position"]
                    .iter()
                    .any(|known| name.eq_ignore_ascii_case(known))
            });
        self.levels.push(Level { lists, plain_from, open: Some(at) });
        if lists
            && !matches!(
                self.key(at + 1),
                Key::Select | Key::With | Key::Values | Key::Table | Key::Delete | Key::Insert | Key::Update | Key::Merge
            )
            && self.kind(at + 1) != Some(Kind::Open)
        {
            self.relation(at + 1, false);
        }
    }

    fn close(&mut self) {
        if self.levels.len() > 1 {
            self.levels.pop();
        }
    }

    fn comma(&mut self, at: usize) {
        if self.levels.last().is_some_and(|level| level.lists) && self.kind(at + 1) != Some(Kind::Open) {
            self.relation(at + 1, false);
        }
    }

    /// `MINUS SELECT` of Oracle, `EXCEPT BY NAME SELECT` of DuckDB.
    fn continues_set(&self, at: usize) -> bool {
        let before = |back: usize| self.key(at.wrapping_sub(back));
        let by_name = before(2) == Key::By && matches!(before(3), Key::Union | Key::Except | Key::Intersect | Key::All | Key::Distinct);
        before(1) == Key::Minus || by_name
    }
}

pub(super) fn is_main_verb(key: Key) -> bool {
    matches!(key, Key::Select | Key::Insert | Key::Update | Key::Delete | Key::Merge | Key::Values | Key::Replace | Key::Table | Key::From)
}
