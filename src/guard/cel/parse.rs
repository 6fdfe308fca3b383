//! An expression as it is written: the grammar of the CEL language definition, without messages, bytes and optional values.

use super::lex::{Token, Word, words};
use super::{Fault, limits};

/// One part of an expression, and where it begins in the source, in bytes.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Written {
    pub(super) at: usize,
    pub(super) form: Form,
    /// Longest way down to a part without parts.
    depth: usize,
}

#[derive(Clone, Debug, PartialEq)]
pub(super) enum Form {
    Literal(Literal),
    Name(String),
    Member(Box<Written>, String),
    Index(Box<Written>, Box<Written>),
    Call { target: Option<Box<Written>>, name: String, arguments: Vec<Written> },
    List(Vec<Written>),
    Map(Vec<(Written, Written)>),
    Not(Box<Written>),
    Negate(Box<Written>),
    Binary(Operator, Box<Written>, Box<Written>),
    And(Vec<Written>),
    Or(Vec<Written>),
    If(Box<[Written; 3]>),
}

#[derive(Clone, Debug, PartialEq)]
pub(super) enum Literal {
    Null,
    Bool(bool),
    Int(i64),
    Uint(u64),
    Double(f64),
    Text(String),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Operator {
    Equal,
    Unequal,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
    In,
    Add,
    Subtract,
    Multiply,
    Divide,
    Remainder,
}

impl Operator {
    pub(super) fn sign(self) -> &'static str {
        match self {
            Self::Equal => "==",
            Self::Unequal => "!=",
            Self::Less => "<",
            Self::LessOrEqual => "<=",
            Self::Greater => ">",
            Self::GreaterOrEqual => ">=",
            Self::In => "in",
            Self::Add => "+",
            Self::Subtract => "-",
            Self::Multiply => "*",
            Self::Divide => "/",
            Self::Remainder => "%",
        }
    }
}

/// The binary operators by how tightly they bind, loosest first; all to the left.
const LEVELS: [&[Operator]; 3] = [
    &[Operator::Equal, Operator::Unequal, Operator::LessOrEqual, Operator::GreaterOrEqual, Operator::Less, Operator::Greater, Operator::In],
    &[Operator::Add, Operator::Subtract],
    &[Operator::Multiply, Operator::Divide, Operator::Remainder],
];

/// Words that CEL keeps for itself.
const RESERVED: [&str; 18] = [
    "as",
    "break",
    "const",
    "continue",
    "else",
    "for",
    "function",
    "if",
    "import",
    "in",
    "let",
    "loop",
    "package",
    "namespace",
    "return",
    "var",
    "void",
    "while",
];

pub(super) fn parse(source: &str) -> Result<Written, Fault> {
    if source.len() > limits::SOURCE_BYTES {
        return Err(Fault { at: 0, message: format!("longer than {} bytes; split it over several rules", limits::SOURCE_BYTES) });
    }
    let words = words(source)?;
    let mut parser = Parser { words: words.into_iter().peekable(), nested: 0, last: source.len() };
    let whole = parser.expression()?;
    match parser.words.next() {
        None | Some(Token { word: Word::End, .. }) => Ok(whole),
        Some(token) => Err(unexpected(&token, "an operator or the end")),
    }
}

struct Parser {
    words: std::iter::Peekable<std::vec::IntoIter<Token>>,
    /// Brackets, calls and prefixes that are open.
    nested: usize,
    /// Where the source ends.
    last: usize,
}

type Parsed<T = Written> = Result<T, Fault>;

fn unexpected(token: &Token, wanted: &str) -> Fault {
    let found = match &token.word {
        Word::Name(name) => format!("`{name}`"),
        Word::Sign(sign) => format!("`{sign}`"),
        Word::Int(_) | Word::Uint(_) | Word::Double(_) => "a number".to_owned(),
        Word::Text(_) => "a text".to_owned(),
        Word::End => "the end".to_owned(),
    };
    Fault { at: token.at, message: format!("{wanted} was expected here, not {found}") }
}

fn leaf(at: usize, form: Form) -> Written {
    Written { at, form, depth: 1 }
}

fn deeper(at: usize, below: usize, form: Form) -> Parsed {
    if below >= limits::DEPTH {
        return Err(too_deep(at));
    }
    Ok(Written { at, form, depth: below + 1 })
}

fn too_deep(at: usize) -> Fault {
    Fault { at, message: format!("nested more than {} deep", limits::DEPTH) }
}

fn deepest<'w>(parts: impl IntoIterator<Item = &'w Written>) -> usize {
    parts.into_iter().map(|part| part.depth).max().unwrap_or(0)
}

impl Parser {
    fn next(&mut self) -> Token {
        self.words.next().unwrap_or(Token { at: self.last, word: Word::End })
    }

    fn here(&mut self) -> usize {
        self.words.peek().map_or(self.last, |token| token.at)
    }

    fn sees(&mut self, sign: &str) -> bool {
        matches!(self.words.peek(), Some(Token { word: Word::Sign(seen), .. }) if *seen == sign)
    }

    fn takes(&mut self, sign: &str) -> bool {
        let there = self.sees(sign);
        if there {
            self.words.next();
        }
        there
    }

    fn expect(&mut self, sign: &'static str) -> Parsed<()> {
        let token = self.next();
        if token.word == Word::Sign(sign) { Ok(()) } else { Err(unexpected(&token, &format!("`{sign}`"))) }
    }

    /// Whatever calls itself goes through here.
    fn nest(&mut self, inner: impl FnOnce(&mut Self) -> Parsed) -> Parsed {
        if self.nested >= limits::DEPTH {
            return Err(too_deep(self.here()));
        }
        self.nested += 1;
        let parsed = inner(self);
        self.nested -= 1;
        parsed
    }

    fn expression(&mut self) -> Parsed {
        self.nest(|parser| {
            let condition = parser.or()?;
            let at = parser.here();
            if !parser.takes("?") {
                return Ok(condition);
            }
            let yes = parser.or()?;
            parser.expect(":")?;
            let no = parser.expression()?;
            let below = deepest([&condition, &yes, &no]);
            deeper(at, below, Form::If(Box::new([condition, yes, no])))
        })
    }

    fn or(&mut self) -> Parsed {
        self.chain("||", Form::Or, Self::and)
    }

    fn and(&mut self) -> Parsed {
        self.chain("&&", Form::And, |parser| parser.binary(&LEVELS))
    }

    /// A chain of one operator is one part, so that a long one is not deep.
    fn chain(&mut self, sign: &str, form: fn(Vec<Written>) -> Form, part: impl Fn(&mut Self) -> Parsed) -> Parsed {
        let first = part(self)?;
        if !self.sees(sign) {
            return Ok(first);
        }
        let at = first.at;
        let mut parts = vec![first];
        while self.takes(sign) {
            parts.push(part(self)?);
        }
        deeper(at, deepest(&parts), form(parts))
    }

    fn binary(&mut self, levels: &[&[Operator]]) -> Parsed {
        let Some((level, tighter)) = levels.split_first() else { return self.unary() };
        let mut left = self.binary(tighter)?;
        while let Some(operator) = self.operator(level) {
            let at = self.here();
            self.next();
            let right = self.binary(tighter)?;
            left = deeper(at, deepest([&left, &right]), Form::Binary(operator, Box::new(left), Box::new(right)))?;
        }
        Ok(left)
    }

    fn operator(&mut self, level: &[Operator]) -> Option<Operator> {
        let sign = match &self.words.peek()?.word {
            Word::Sign(sign) => *sign,
            Word::Name(name) if name == "in" => "in",
            _ => return None,
        };
        level.iter().copied().find(|operator| operator.sign() == sign)
    }

    fn unary(&mut self) -> Parsed {
        let at = self.here();
        if self.takes("!") {
            let inner = self.nest(Self::unary)?;
            return deeper(at, inner.depth, Form::Not(Box::new(inner)));
        }
        if self.takes("-") {
            if let Some(Token { word: Word::Int(value), .. }) = self.words.peek() {
                let value = 0_i64.checked_sub_unsigned(*value);
                let value = value.ok_or_else(|| Fault { at, message: "the number is too large".to_owned() })?;
                self.next();
                return self.selectors(leaf(at, Form::Literal(Literal::Int(value))));
            }
            let inner = self.nest(Self::unary)?;
            return deeper(at, inner.depth, Form::Negate(Box::new(inner)));
        }
        let primary = self.primary()?;
        self.selectors(primary)
    }

    fn selectors(&mut self, mut of: Written) -> Parsed {
        loop {
            let at = self.here();
            if self.takes(".") {
                let token = self.next();
                let name = match token.word {
                    Word::Name(name) if !matches!(name.as_str(), "in" | "true" | "false" | "null") => name,
                    Word::Name(name) => {
                        let message = format!("`{name}` cannot follow a dot; write `[\"{name}\"]`");
                        return Err(Fault { at: token.at, message });
                    }
                    Word::Sign("?") => return Err(Fault { at, message: "`.?` is not supported; ask with `has(..)`".to_owned() }),
                    _ => return Err(unexpected(&token, "the name of a member")),
                };
                if self.takes("(") {
                    let arguments = self.list(")")?;
                    let below = of.depth.max(deepest(&arguments));
                    of = deeper(token.at, below, Form::Call { target: Some(Box::new(of)), name, arguments })?;
                } else {
                    of = deeper(token.at, of.depth, Form::Member(Box::new(of), name))?;
                }
            } else if self.takes("[") {
                let index = self.expression()?;
                self.expect("]")?;
                of = deeper(at, deepest([&of, &index]), Form::Index(Box::new(of), Box::new(index)))?;
            } else if self.sees("{") {
                return Err(Fault { at, message: "messages are not supported; a map is written `{\"key\": value}`".to_owned() });
            } else {
                return Ok(of);
            }
        }
    }

    fn primary(&mut self) -> Parsed {
        let token = self.next();
        let at = token.at;
        let literal = |literal| Ok(leaf(at, Form::Literal(literal)));
        match token.word {
            Word::Int(value) => match i64::try_from(value) {
                Ok(value) => literal(Literal::Int(value)),
                Err(_) => Err(Fault { at, message: "the number is too large; put `u` behind it".to_owned() }),
            },
            Word::Uint(value) => literal(Literal::Uint(value)),
            Word::Double(value) => literal(Literal::Double(value)),
            Word::Text(value) => literal(Literal::Text(value)),
            Word::Name(name) => match name.as_str() {
                "true" => literal(Literal::Bool(true)),
                "false" => literal(Literal::Bool(false)),
                "null" => literal(Literal::Null),
                name if RESERVED.contains(&name) => Err(Fault { at, message: format!("`{name}` is a reserved word") }),
                _ if self.takes("(") => {
                    let arguments = self.list(")")?;
                    deeper(at, deepest(&arguments), Form::Call { target: None, name, arguments })
                }
                _ => Ok(leaf(at, Form::Name(name))),
            },
            Word::Sign("(") => {
                let inner = self.expression()?;
                self.expect(")")?;
                Ok(inner)
            }
            Word::Sign("[") => {
                let items = self.list("]")?;
                deeper(at, deepest(&items), Form::List(items))
            }
            Word::Sign("{") => self.map(at),
            _ => Err(unexpected(&token, "a value")),
        }
    }

    /// Parts up to the closing bracket; a comma may come before that of a list.
    fn list(&mut self, end: &'static str) -> Parsed<Vec<Written>> {
        let mut items = Vec::new();
        while !self.takes(end) {
            items.push(self.expression()?);
            if !self.takes(",") {
                self.expect(end)?;
                break;
            }
            if end == ")" && self.sees(end) {
                return Err(unexpected(&self.next(), "a value"));
            }
        }
        Ok(items)
    }

    fn map(&mut self, at: usize) -> Parsed {
        let mut entries = Vec::new();
        while !self.takes("}") {
            let key = self.expression()?;
            self.expect(":")?;
            entries.push((key, self.expression()?));
            if !self.takes(",") {
                self.expect("}")?;
                break;
            }
        }
        deeper(at, deepest(entries.iter().flat_map(|(key, value)| [key, value])), Form::Map(entries))
    }
}
