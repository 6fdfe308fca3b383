//! From what is written to what runs: every name, every function and, as far as they are known, every type is looked at once.

use super::functions::{Function, MACROS, PREPARED, SIGNATURES, Signature, Style};
use super::moment::{Moment, Span, parse_offset};
use super::parse::{Form, Literal, Operator, Written};
use super::pattern::Pattern;
use super::program::{Each, Node, Program, Reads};
use super::types::{Object, Type, Variable};
use super::{Fault, limits};
use crate::policy::nearest;
use crate::policy::value::Glob;

/// All faults at once.
pub(super) fn check(written: Written) -> Result<Program, Vec<Fault>> {
    let mut checker = Checker::default();
    let at = written.at;
    let (root, kind) = checker.node(written);
    if !kind.may_be(&Type::Bool) {
        checker.fault(at, format!("the whole must be true or false; this is {}", article(&kind)));
    }
    checker.faults.sort_by_key(|fault| fault.at);
    if checker.faults.is_empty() { Ok(Program { root, reads: checker.reads }) } else { Err(checker.faults) }
}

#[derive(Default)]
struct Checker {
    /// The names that macros give, with their types; the innermost last.
    locals: Vec<(String, Type)>,
    reads: Reads,
    faults: Vec<Fault>,
}

type Checked = (Node, Type);

/// Stands for what is wrong, so that nothing else is said about it.
const UNKNOWN: Checked = (Node::Literal(Literal::Null), Type::Dyn);

fn article(kind: &Type) -> String {
    match kind {
        Type::Null => "null".to_owned(),
        Type::Int => "an int".to_owned(),
        kind => format!("a {kind}"),
    }
}

impl Checker {
    fn fault(&mut self, at: usize, message: impl Into<String>) -> Checked {
        self.faults.push(Fault { at, message: message.into() });
        UNKNOWN
    }

    fn node(&mut self, Written { at, form, .. }: Written) -> Checked {
        match form {
            Form::Literal(literal) => {
                let kind = type_of(&literal);
                (Node::Literal(literal), kind)
            }
            Form::Name(name) => self.name(at, &name),
            Form::Member(of, name) => self.member(at, *of, name),
            Form::Index(of, index) => self.index(at, *of, *index),
            Form::Call { target, name, arguments } => self.call(at, target.map(|target| *target), &name, arguments),
            Form::List(items) => self.list(items),
            Form::Map(entries) => self.map(entries),
            Form::Not(of) => (Node::Not(Box::new(self.boolean(*of, "`!`"))), Type::Bool),
            Form::Negate(of) => self.negate(at, *of),
            Form::Binary(operator, left, right) => self.binary(at, operator, *left, *right),
            Form::And(parts) => (Node::And(parts.into_iter().map(|part| self.boolean(part, "`&&`")).collect()), Type::Bool),
            Form::Or(parts) => (Node::Or(parts.into_iter().map(|part| self.boolean(part, "`||`")).collect()), Type::Bool),
            Form::If(parts) => {
                let [condition, yes, no] = *parts;
                let condition = self.boolean(condition, "what is before `?`");
                let ((yes, kind), (no, other)) = (self.node(yes), self.node(no));
                (Node::If(Box::new([condition, yes, no])), kind.or(other))
            }
        }
    }

    fn boolean(&mut self, written: Written, whose: &str) -> Node {
        let at = written.at;
        let (node, kind) = self.node(written);
        if !kind.may_be(&Type::Bool) {
            self.fault(at, format!("{whose} needs true or false; this is {}", article(&kind)));
        }
        node
    }

    fn name(&mut self, at: usize, name: &str) -> Checked {
        if let Some((index, (_, kind))) = self.locals.iter().enumerate().rev().find(|(_, (local, _))| local == name) {
            return (Node::Local(index), kind.clone());
        }
        let Some(variable) = Variable::named(name) else {
            let names = Variable::ALL.map(|(name, _)| name);
            let hint = hint(name, &names);
            return self.fault(at, format!("unknown variable `{name}`{hint}"));
        };
        self.reads.resource |= variable == Variable::Resource;
        (Node::Variable(variable), variable.kind())
    }

    fn member(&mut self, at: usize, of: Written, name: String) -> Checked {
        let (node, kind) = self.node(of);
        match self.member_of(at, &kind, &name) {
            Some(kind) => (Node::Member(Box::new(node), name), kind),
            None => UNKNOWN,
        }
    }

    /// The type of a member, if there can be one.
    fn member_of(&mut self, at: usize, kind: &Type, name: &str) -> Option<Type> {
        match kind {
            Type::Dyn => Some(Type::Dyn),
            Type::Map(of) => Some(Type::clone(of)),
            Type::Object(object) => {
                let member = object.member(name);
                if member.is_none() {
                    self.fault(
                        at,
                        format!("{object} has no `{name}`{hint}", object = Type::Object(*object), hint = hint(name, object.members())),
                    );
                }
                self.reads.claims |= *object == Object::Principal && matches!(name, "claims" | "mfa");
                self.reads.resource |= *object == Object::Target && name == "resource";
                member
            }
            kind => {
                self.fault(at, format!("`.{name}`: {} has no members", article(kind)));
                None
            }
        }
    }

    fn index(&mut self, at: usize, of: Written, index: Written) -> Checked {
        let ((of, kind), (index, by)) = (self.node(of), self.node(index));
        let found = match &kind {
            Type::Dyn => Type::Dyn,
            Type::List(of) if by.may_be(&Type::Int) || by.may_be(&Type::Uint) => Type::clone(of),
            Type::List(_) => return self.fault(at, format!("a list is indexed by a number, not by {}", article(&by))),
            Type::Map(of) => Type::clone(of),
            Type::Object(_) => return self.fault(at, format!("a member of `{kind}` is written with a dot")),
            kind => return self.fault(at, format!("{} has no elements", article(kind))),
        };
        (Node::Index(Box::new([of, index])), found)
    }

    fn list(&mut self, items: Vec<Written>) -> Checked {
        let mut of: Option<Type> = None;
        let mut nodes = Vec::with_capacity(items.len());
        for item in items {
            let node = self.value(item, &mut of);
            nodes.push(node);
        }
        (Node::List(nodes), Type::List(Box::new(of.unwrap_or(Type::Dyn))))
    }

    fn map(&mut self, entries: Vec<(Written, Written)>) -> Checked {
        let mut of: Option<Type> = None;
        let mut nodes = Vec::with_capacity(entries.len());
        for (key, value) in entries {
            let at = key.at;
            let (key, kind) = self.node(key);
            if ![Type::Text, Type::Int, Type::Uint, Type::Bool].iter().any(|allowed| kind.may_be(allowed)) {
                self.fault(at, format!("{} cannot be a key", article(&kind)));
            }
            nodes.push([key, self.value(value, &mut of)]);
        }
        (Node::Map(nodes), Type::Map(Box::new(of.unwrap_or(Type::Dyn))))
    }

    /// A part of a list or a map, whose parts so far are of one type.
    fn value(&mut self, written: Written, of: &mut Option<Type>) -> Node {
        let at = written.at;
        let (node, kind) = self.node(written);
        if let Type::Object(_) = kind {
            self.fault(at, format!("`{kind}` is no value; name one of its members"));
        }
        *of = Some(match of.take() {
            Some(before) => before.or(kind),
            None => kind,
        });
        node
    }

    fn negate(&mut self, at: usize, of: Written) -> Checked {
        let (node, kind) = self.node(of);
        match kind {
            Type::Int | Type::Double | Type::Duration | Type::Dyn => (Node::Negate(Box::new(node)), kind),
            kind => self.fault(at, format!("`-` needs a number; this is {}", article(&kind))),
        }
    }

    fn binary(&mut self, at: usize, operator: Operator, left: Written, right: Written) -> Checked {
        let ((left, a), (right, b)) = (self.node(left), self.node(right));
        let Some(kind) = operation(operator, &a, &b) else {
            let message = match operator {
                Operator::Equal | Operator::Unequal => format!("{} never equals {}", article(&a), article(&b)),
                operator => format!("`{}` does not go with {} and {}", operator.sign(), article(&a), article(&b)),
            };
            return self.fault(at, message);
        };
        (Node::Binary(operator, Box::new([left, right])), kind)
    }

    fn call(&mut self, at: usize, target: Option<Written>, name: &str, arguments: Vec<Written>) -> Checked {
        match target {
            None if name == "has" => self.has(at, arguments),
            Some(target) if MACROS.contains(&name) => self.each(at, target, name, arguments),
            None if MACROS.contains(&name) => self.fault(at, format!("`{name}` is written `list.{name}(name, expression)`")),
            target if PREPARED.contains(&name) => self.prepared(at, name, target.into_iter().chain(arguments).collect()),
            target => {
                let style = if target.is_some() { Style::Member } else { Style::Global };
                self.function(at, style, name, target.into_iter().chain(arguments).collect())
            }
        }
    }

    fn has(&mut self, at: usize, arguments: Vec<Written>) -> Checked {
        let mut arguments = arguments.into_iter();
        let (Some(Written { at: inner, form: Form::Member(of, name), .. }), None) = (arguments.next(), arguments.next()) else {
            return self.fault(at, "`has` asks for one member, such as `has(args.sql)`");
        };
        let (node, kind) = self.node(*of);
        match self.member_of(inner, &kind, &name) {
            Some(_) => (Node::Has(Box::new(node), name), Type::Bool),
            None => UNKNOWN,
        }
    }

    fn each(&mut self, at: usize, target: Written, name: &str, arguments: Vec<Written>) -> Checked {
        let over_at = target.at;
        let (over, kind) = self.node(target);
        let of = match kind {
            Type::List(of) => *of,
            // Of a map, the keys.
            Type::Map(_) => Type::Dyn,
            Type::Dyn => Type::Dyn,
            kind => return self.fault(over_at, format!("`{name}` needs a list or a map; this is {}", article(&kind))),
        };
        let mut arguments = arguments.into_iter();
        let (first, second, third) = (arguments.next(), arguments.next(), arguments.next());
        let (Some(first), Some(second), None) = (first, second, arguments.next()) else {
            return self.fault(at, format!("`{name}` is written `list.{name}(name, expression)`"));
        };
        if third.is_some() && name != "map" {
            return self.fault(at, format!("`{name}` is written `list.{name}(name, expression)`"));
        }
        let Form::Name(local) = first.form else {
            return self.fault(first.at, format!("`{name}` needs a name here, such as `item`"));
        };
        if self.locals.len() >= limits::MACROS {
            return self.fault(at, format!("more than {} macros within each other", limits::MACROS));
        }
        if Variable::named(&local).is_some() {
            return self.fault(first.at, format!("`{local}` is a variable already; choose another name"));
        }
        self.locals.push((local, of.clone()));
        let (test, result) = match (name, third) {
            ("map", None) => (None, Some(second)),
            (_, third) => (Some(second), third),
        };
        let test = test.map(|test| Box::new(self.boolean(test, &format!("`{name}`"))));
        let result = result.map(|result| self.node(result));
        self.locals.pop();
        let (result, made) = result.map_or((None, of), |(node, kind)| (Some(Box::new(node)), kind));
        let (what, kind) = match name {
            "all" => (Each::All, Type::Bool),
            "exists" => (Each::Exists, Type::Bool),
            "exists_one" | "existsOne" => (Each::ExistsOne, Type::Bool),
            _ => (Each::Collect, Type::List(Box::new(made))),
        };
        (Node::Each { what, over: Box::new(over), test, result }, kind)
    }

    /// A function whose last argument is read now.
    fn prepared(&mut self, at: usize, name: &str, arguments: Vec<Written>) -> Checked {
        let mut arguments = arguments.into_iter();
        let (Some(text), Some(pattern), None) = (arguments.next(), arguments.next(), arguments.next()) else {
            return self.fault(at, format!("`{name}` is written `{name}(text, \"...\")`"));
        };
        let text_at = text.at;
        let (node, kind) = self.node(text);
        if !kind.may_be(&Type::Text) {
            return self.fault(text_at, format!("`{name}` needs a string; this is {}", article(&kind)));
        }
        let node = Box::new(node);
        let Form::Literal(Literal::Text(pattern_text)) = pattern.form else {
            let what = if name == "inCidr" { "network" } else { "pattern" };
            return self.fault(pattern.at, format!("the {what} of `{name}` must be a literal: a text in quotes"));
        };
        let node = match name {
            "matches" => match Pattern::parse(&pattern_text) {
                Ok(pattern) => Node::Matches(node, Box::new(pattern)),
                Err(message) => return self.fault(pattern.at, message),
            },
            "glob" => Node::Glob(node, Glob::new(pattern_text)),
            _ => match pattern_text.parse() {
                Ok(network) => Node::InNetwork(node, network),
                Err(_) => return self.fault(pattern.at, "a network is written like `10.0.0.0/8` or `fd00::/8`"),
            },
        };
        (node, Type::Bool)
    }

    fn function(&mut self, at: usize, style: Style, name: &str, arguments: Vec<Written>) -> Checked {
        let named: Vec<&Signature> = SIGNATURES.iter().filter(|signature| signature.name == name).collect();
        if named.is_empty() {
            let known = SIGNATURES.iter().map(|signature| signature.name).chain(PREPARED).chain(MACROS).chain(["has"]);
            let hint = nearest(name, known).map(|near| format!("; did you mean `{near}`?")).unwrap_or_default();
            arguments.into_iter().for_each(|argument| drop(self.node(argument)));
            return self.fault(at, format!("unknown function `{name}`{hint}"));
        }
        let styled: Vec<&Signature> = named.into_iter().filter(|signature| signature.style == style).collect();
        if styled.is_empty() {
            let shape = if style == Style::Member { format!("{name}(x)") } else { format!("x.{name}(..)") };
            return self.fault(at, format!("`{name}` is written `{shape}`"));
        }
        let receivers = usize::from(style == Style::Member);
        if !styled.iter().any(|signature| signature.takes.len() == arguments.len()) {
            let mut counts: Vec<usize> = styled.iter().map(|signature| signature.takes.len() - receivers).collect();
            counts.sort_unstable();
            counts.dedup();
            let counts: Vec<String> = counts.iter().map(ToString::to_string).collect();
            let given = arguments.len().saturating_sub(receivers);
            return self.fault(at, format!("`{name}` takes {} arguments, not {given}", counts.join(" or ")));
        }
        let literal = arguments.last().map(|last| (last.at, last.form.clone()));
        let (nodes, kinds): (Vec<Node>, Vec<Type>) = arguments.into_iter().map(|argument| self.node(argument)).unzip();
        let fits = |signature: &&&Signature| {
            signature.takes.len() == kinds.len() && signature.takes.iter().zip(&kinds).all(|(takes, kind)| takes.of().may_be(kind))
        };
        let fitting: Vec<&&Signature> = styled.iter().filter(fits).collect();
        let Some(function) = fitting.first().map(|signature| signature.function) else {
            let kinds: Vec<String> = kinds.iter().map(article).collect();
            return self.fault(at, format!("`{name}` does not go with {}", kinds.join(" and ")));
        };
        if let Some((at, Form::Literal(Literal::Text(text)))) = literal {
            self.known(at, function, &text);
        }
        let kind = fitting.iter().map(|signature| signature.gives.of()).reduce(Type::or).unwrap_or(Type::Dyn);
        (Node::Call(function, nodes), kind)
    }

    /// A text in quotes that a function will read: its mistakes are told now.
    fn known(&mut self, at: usize, function: Function, text: &str) {
        let expected = match function {
            Function::Timestamp if Moment::parse(text).is_none() => "a time is written like `2026-11-20T08:00:00Z`",
            Function::Duration if Span::parse(text).is_none() => "a duration is written like `90m`, `1h30m` or `-1.5s`",
            Function::Part(_) if parse_offset(text).is_none() => "time zones are not supported; write the offset, such as `+02:00`",
            _ => return,
        };
        self.fault(at, expected);
    }
}

fn type_of(literal: &Literal) -> Type {
    match literal {
        Literal::Null => Type::Null,
        Literal::Bool(_) => Type::Bool,
        Literal::Int(_) => Type::Int,
        Literal::Uint(_) => Type::Uint,
        Literal::Double(_) => Type::Double,
        Literal::Text(_) => Type::Text,
    }
}

/// What an operator makes of two types; nothing when it never works.
fn operation(operator: Operator, a: &Type, b: &Type) -> Option<Type> {
    use Operator::*;
    let either = |kinds: &[(Type, Type, Type)]| {
        let fitting = kinds.iter().filter(|(left, right, _)| a.may_be(left) && b.may_be(right)).map(|(.., made)| made.clone());
        fitting.reduce(Type::or)
    };
    let same = |kind: Type| (kind.clone(), kind.clone(), kind);
    let list = || Type::List(Box::new(Type::Dyn));
    match operator {
        Equal | Unequal => a.may_equal(b).then_some(Type::Bool),
        Less | LessOrEqual | Greater | GreaterOrEqual => {
            let ordered = [Type::Bool, Type::Int, Type::Uint, Type::Double, Type::Text, Type::Timestamp, Type::Duration];
            let fits = |kind: &Type| ordered.iter().any(|ordered| kind.may_be(ordered));
            (fits(a) && fits(b) && a.may_equal(b)).then_some(Type::Bool)
        }
        In => match b {
            Type::List(of) => a.may_equal(of).then_some(Type::Bool),
            Type::Map(_) | Type::Dyn => Some(Type::Bool),
            _ => None,
        },
        Add => match (a, b) {
            (Type::List(x), Type::List(y)) => Some(Type::List(Box::new(Type::clone(x).or(Type::clone(y))))),
            _ => either(&[
                same(Type::Int),
                same(Type::Uint),
                same(Type::Double),
                same(Type::Text),
                same(list()),
                same(Type::Duration),
                (Type::Timestamp, Type::Duration, Type::Timestamp),
                (Type::Duration, Type::Timestamp, Type::Timestamp),
            ]),
        },
        Subtract => either(&[
            same(Type::Int),
            same(Type::Uint),
            same(Type::Double),
            same(Type::Duration),
            (Type::Timestamp, Type::Timestamp, Type::Duration),
            (Type::Timestamp, Type::Duration, Type::Timestamp),
        ]),
        Multiply | Divide => either(&[same(Type::Int), same(Type::Uint), same(Type::Double)]),
        Remainder => either(&[same(Type::Int), same(Type::Uint)]),
    }
}

fn hint(name: &str, known: &[&str]) -> String {
    match nearest(name, known.iter().copied()) {
        Some(near) => format!("; did you mean `{near}`?"),
        None => format!("; there are {}", known.join(", ")),
    }
}
