//! Evaluation: one walk over a program, counted step by step.
//!
//! The depth is that of the program and of a message's JSON, which are both bounded. Whatever takes time that grows with the
//! call pays for it before it is done, so that no call takes more than [`limits::STEPS`].

use std::cmp::Ordering;
use std::rc::Rc;

use super::call;
use super::environment::Environment;
use super::limits;
use super::moment::Span;
use super::parse::{Literal, Operator};
use super::problem::Problem;
use super::program::{Each, Node};
use super::value::{List, Map, Text, Value, compare_numbers};

pub(super) type Evaluated<'a, T = Value<'a>> = Result<T, Problem<'a>>;

pub(super) struct Evaluation<'a, 'c, 'e> {
    environment: &'e Environment<'a, 'c>,
    locals: Vec<Value<'a>>,
    /// Left to spend; over several evaluations for one call.
    pub(super) steps: usize,
}

impl<'a, 'c, 'e> Evaluation<'a, 'c, 'e> {
    pub(super) fn new(environment: &'e Environment<'a, 'c>, steps: usize) -> Self {
        Self { environment, locals: Vec::new(), steps }
    }

    pub(super) fn truth(&mut self, root: &'a Node) -> Evaluated<'a, bool> {
        let value = self.value(root);
        // Even where an `||` has swallowed it: what was not finished is not known.
        if self.steps == 0 {
            return Err(Problem::TooCostly);
        }
        match value? {
            Value::Bool(truth) => Ok(truth),
            _ => Err(Problem::NotBool),
        }
    }

    /// Takes steps; once they do not suffice, none are left for anything.
    pub(super) fn pay(&mut self, steps: usize) -> Evaluated<'a, ()> {
        self.steps = self.steps.saturating_sub(steps);
        if self.steps == 0 { Err(Problem::TooCostly) } else { Ok(()) }
    }

    /// For work on text that a processor does many bytes at a time.
    pub(super) fn pay_for_text(&mut self, bytes: usize) -> Evaluated<'a, ()> {
        self.pay(bytes / limits::BYTES_PER_STEP)
    }

    fn value(&mut self, node: &'a Node) -> Evaluated<'a> {
        self.pay(1)?;
        match node {
            Node::Literal(literal) => Ok(constant(literal)),
            Node::Variable(variable) => self.environment.variable(*variable),
            Node::Local(index) => self.locals.get(*index).cloned().ok_or(Problem::NoElement),
            Node::Member(of, name) => {
                let of = self.value(of)?;
                self.member(&of, name)?.unwrap_or(Err(Problem::NoMember(name)))
            }
            Node::Has(of, name) => {
                let of = self.value(of)?;
                Ok(Value::Bool(self.member(&of, name)?.is_some()))
            }
            Node::Index(parts) => {
                let [of, index] = &**parts;
                let (of, index) = (self.value(of)?, self.value(index)?);
                self.index(&of, &index)
            }
            Node::Call(function, arguments) => match arguments.as_slice() {
                [one] => {
                    let one = self.value(one)?;
                    call::call(self, *function, &[one])
                }
                [one, two] => {
                    let (one, two) = (self.value(one)?, self.value(two)?);
                    call::call(self, *function, &[one, two])
                }
                _ => Err(Problem::NotFor("this function")),
            },
            Node::Matches(text, pattern) => {
                let text = self.text(text, "matches")?;
                pattern.is_in(text.as_str(), |steps| self.pay(steps)).map(Value::Bool)
            }
            Node::Glob(text, glob) => {
                let text = self.text(text, "glob")?;
                // At worst each character is compared with each of the pattern.
                let work = text.as_str().len().saturating_mul(glob.as_str().len().max(1));
                self.pay(work / limits::GLOB_PAIRS_PER_STEP)?;
                Ok(Value::Bool(glob.matches(text.as_str())))
            }
            Node::InNetwork(text, network) => {
                let text = self.text(text, "inCidr")?;
                self.pay(limits::STEPS_PER_ADDRESS)?;
                let address: std::net::IpAddr = text.as_str().parse().map_err(|_| Problem::NotA("an IP address"))?;
                Ok(Value::Bool(network.contains(&address.to_canonical())))
            }
            Node::Binary(operator, parts) => {
                let [left, right] = &**parts;
                let (left, right) = (self.value(left)?, self.value(right)?);
                self.binary(*operator, &left, &right)
            }
            Node::Not(of) => Ok(Value::Bool(!self.boolean(of, "!")?)),
            Node::Negate(of) => match self.value(of)? {
                Value::Int(value) => value.checked_neg().map(Value::Int).ok_or(Problem::Overflow),
                Value::Double(value) => Ok(Value::Double(-value)),
                Value::Duration(Span(nanos)) => nanos.checked_neg().map(|nanos| Value::Duration(Span(nanos))).ok_or(Problem::Overflow),
                _ => Err(Problem::NotFor("-")),
            },
            Node::And(parts) => self.decided(parts, false, "&&"),
            Node::Or(parts) => self.decided(parts, true, "||"),
            Node::If(parts) => {
                let [condition, yes, no] = &**parts;
                let chosen = if self.boolean(condition, "?")? { yes } else { no };
                self.value(chosen)
            }
            Node::List(items) => {
                let items: Vec<Value<'a>> = items.iter().map(|item| self.value(item)).collect::<Result<_, _>>()?;
                Ok(Value::List(List::Made(items.into())))
            }
            Node::Map(entries) => self.map(entries),
            Node::Each { what, over, test, result } => self.each(*what, over, test.as_deref(), result.as_deref()),
        }
    }

    fn boolean(&mut self, node: &'a Node, whose: &'static str) -> Evaluated<'a, bool> {
        match self.value(node)? {
            Value::Bool(value) => Ok(value),
            _ => Err(Problem::NotFor(whose)),
        }
    }

    fn text(&mut self, node: &'a Node, whose: &'static str) -> Evaluated<'a, Text<'a>> {
        match self.value(node)? {
            Value::Text(text) => Ok(text),
            _ => Err(Problem::NotFor(whose)),
        }
    }

    /// `&&` and `||`: one part that decides makes up for problems in the others (CEL language definition, "Logical Operators").
    fn decided(&mut self, parts: &'a [Node], decides: bool, whose: &'static str) -> Evaluated<'a> {
        let mut problem = None;
        for part in parts {
            match self.boolean(part, whose) {
                Ok(value) if value == decides => return Ok(Value::Bool(decides)),
                Ok(_) => {}
                Err(met) => {
                    problem.get_or_insert(met);
                }
            }
        }
        problem.map_or(Ok(Value::Bool(!decides)), Err)
    }

    /// A member by its name; nothing when there is none, a problem when there can be none.
    fn member(&mut self, of: &Value<'a>, name: &str) -> Evaluated<'a, Option<Evaluated<'a>>> {
        match of {
            Value::Map(map) => {
                self.pay_to_find(map)?;
                Ok(map.named(name))
            }
            of => self.environment.member(of, name),
        }
    }

    /// Names of JSON are sorted; a map that was made is searched from its beginning.
    fn pay_to_find(&mut self, map: &Map<'a>) -> Evaluated<'a, ()> {
        match map {
            Map::Json(_) => self.pay(limits::STEPS_PER_NAME),
            Map::Made(entries) => self.pay(entries.len()),
        }
    }

    fn index(&mut self, of: &Value<'a>, index: &Value<'a>) -> Evaluated<'a> {
        match (of, index) {
            (Value::List(list), Value::Int(_) | Value::Uint(_)) => {
                let index = match index {
                    Value::Int(index) => usize::try_from(*index),
                    Value::Uint(index) => usize::try_from(*index),
                    _ => return Err(Problem::NoElement),
                };
                list.at(index.map_err(|_| Problem::NoElement)?)
            }
            (Value::Map(map), key) => self.find(map, key)?.unwrap_or(Err(Problem::NoKey)),
            _ => Err(Problem::NotFor("[]")),
        }
    }

    fn find(&mut self, map: &Map<'a>, key: &Value<'a>) -> Evaluated<'a, Option<Evaluated<'a>>> {
        self.pay_to_find(map)?;
        match (map, key) {
            (map, Value::Text(key)) => {
                self.pay_for_text(key.as_str().len())?;
                Ok(map.named(key.as_str()))
            }
            (Map::Made(entries), key) => {
                for [known, value] in entries.iter() {
                    if self.equal(known, key)? {
                        return Ok(Some(Ok(value.clone())));
                    }
                }
                Ok(None)
            }
            (Map::Json(_), _) => Ok(None),
        }
    }

    fn map(&mut self, entries: &'a [[Node; 2]]) -> Evaluated<'a> {
        let mut made: Vec<[Value<'a>; 2]> = Vec::with_capacity(entries.len());
        for [key, value] in entries {
            let (key, value) = (self.value(key)?, self.value(value)?);
            if !matches!(key, Value::Text(_) | Value::Int(_) | Value::Uint(_) | Value::Bool(_)) {
                return Err(Problem::NotFor("{}"));
            }
            for [known, _] in &made {
                if self.equal(known, &key)? {
                    return Err(Problem::RepeatedKey);
                }
            }
            made.push([key, value]);
        }
        Ok(Value::Map(Map::Made(made.into())))
    }

    fn each(&mut self, what: Each, over: &'a Node, test: Option<&'a Node>, result: Option<&'a Node>) -> Evaluated<'a> {
        let over = self.value(over)?;
        let mut items: Box<dyn Iterator<Item = Evaluated<'a>> + 'a> = match over {
            Value::List(list) => Box::new((0..list.len()).map(move |index| list.at(index))),
            Value::Map(map) => Box::new(map.keys().map(Ok)),
            _ => return Err(Problem::NotFor("this macro")),
        };
        let slot = self.locals.len();
        let decided = self.over(what, &mut items, test, result);
        self.locals.truncate(slot);
        decided
    }

    fn over(
        &mut self,
        what: Each,
        items: &mut dyn Iterator<Item = Evaluated<'a>>,
        test: Option<&'a Node>,
        result: Option<&'a Node>,
    ) -> Evaluated<'a> {
        let slot = self.locals.len();
        let (mut problem, mut passed, mut made) = (None, 0_usize, Vec::new());
        for item in items {
            self.pay(1)?;
            let tested = item.and_then(|item| {
                self.locals.truncate(slot);
                self.locals.push(item.clone());
                let passes = test.map_or(Ok(true), |test| self.boolean(test, "this macro"))?;
                Ok((item, passes))
            });
            match (what, tested) {
                (Each::All, Ok((_, false))) => return Ok(Value::Bool(false)),
                (Each::Exists, Ok((_, true))) => return Ok(Value::Bool(true)),
                (Each::All | Each::Exists, Ok(_)) => {}
                (Each::All | Each::Exists, Err(Problem::TooCostly)) => return Err(Problem::TooCostly),
                (Each::All | Each::Exists, Err(met)) => {
                    problem.get_or_insert(met);
                }
                (Each::ExistsOne | Each::Collect, Err(met)) => return Err(met),
                (Each::ExistsOne, Ok((_, passes))) => passed = passed.saturating_add(usize::from(passes)),
                (Each::Collect, Ok((_, false))) => {}
                (Each::Collect, Ok((item, true))) => made.push(match result {
                    Some(result) => self.value(result)?,
                    None => item,
                }),
            }
        }
        match (problem, what) {
            (Some(problem), _) => Err(problem),
            (None, Each::All) => Ok(Value::Bool(true)),
            (None, Each::Exists) => Ok(Value::Bool(false)),
            (None, Each::ExistsOne) => Ok(Value::Bool(passed == 1)),
            (None, Each::Collect) => Ok(Value::List(List::Made(made.into()))),
        }
    }

    fn binary(&mut self, operator: Operator, left: &Value<'a>, right: &Value<'a>) -> Evaluated<'a> {
        match operator {
            Operator::Equal => self.equal(left, right).map(Value::Bool),
            Operator::Unequal => self.equal(left, right).map(|equal| Value::Bool(!equal)),
            Operator::In => self.contains(right, left).map(Value::Bool),
            Operator::Less => self.ordered(operator, left, right, Ordering::is_lt),
            Operator::LessOrEqual => self.ordered(operator, left, right, Ordering::is_le),
            Operator::Greater => self.ordered(operator, left, right, Ordering::is_gt),
            Operator::GreaterOrEqual => self.ordered(operator, left, right, Ordering::is_ge),
            Operator::Add => self.add(left, right),
            Operator::Subtract | Operator::Multiply | Operator::Divide | Operator::Remainder => arithmetic(operator, left, right),
        }
    }

    fn ordered(&mut self, operator: Operator, left: &Value<'a>, right: &Value<'a>, holds: fn(Ordering) -> bool) -> Evaluated<'a> {
        let order = match (left, right) {
            (Value::Bool(left), Value::Bool(right)) => Some(left.cmp(right)),
            (Value::Text(left), Value::Text(right)) => {
                self.pay_for_text(left.as_str().len().min(right.as_str().len()))?;
                Some(left.as_str().cmp(right.as_str()))
            }
            (Value::Timestamp(left), Value::Timestamp(right)) => Some(left.cmp(right)),
            (Value::Duration(left), Value::Duration(right)) => Some(left.cmp(right)),
            (Value::Int(_) | Value::Uint(_) | Value::Double(_), Value::Int(_) | Value::Uint(_) | Value::Double(_)) => {
                compare_numbers(left, right)
            }
            _ => return Err(Problem::NotFor(operator.sign())),
        };
        // NaN is neither before nor after anything.
        Ok(Value::Bool(order.is_some_and(holds)))
    }

    /// Values of different types are not equal, but for numbers; what is in the arguments may be of any depth a message has.
    pub(super) fn equal(&mut self, left: &Value<'a>, right: &Value<'a>) -> Evaluated<'a, bool> {
        self.pay(1)?;
        Ok(match (left, right) {
            (Value::Null, Value::Null) => true,
            (Value::Bool(left), Value::Bool(right)) => left == right,
            (Value::Text(left), Value::Text(right)) => {
                let (left, right) = (left.as_str(), right.as_str());
                if left.len() == right.len() {
                    self.pay_for_text(left.len())?;
                }
                left == right
            }
            (Value::Timestamp(left), Value::Timestamp(right)) => left == right,
            (Value::Duration(left), Value::Duration(right)) => left == right,
            (Value::List(left), Value::List(right)) => {
                if left.len() != right.len() {
                    return Ok(false);
                }
                for index in 0..left.len() {
                    let (left, right) = (left.at(index)?, right.at(index)?);
                    if !self.equal(&left, &right)? {
                        return Ok(false);
                    }
                }
                true
            }
            (Value::Map(left), Value::Map(right)) => {
                if left.len() != right.len() {
                    return Ok(false);
                }
                for (key, value) in left.entries() {
                    let Some(other) = self.find(right, &key)? else { return Ok(false) };
                    if !self.equal(&value?, &other?)? {
                        return Ok(false);
                    }
                }
                true
            }
            (
                Value::Principal | Value::Actor(_) | Value::Target | Value::Session | Value::Tls,
                Value::Principal | Value::Actor(_) | Value::Target | Value::Session | Value::Tls,
            ) => return Err(Problem::NotFor("==")),
            _ => compare_numbers(left, right) == Some(Ordering::Equal),
        })
    }

    fn contains(&mut self, whole: &Value<'a>, part: &Value<'a>) -> Evaluated<'a, bool> {
        match whole {
            Value::List(list) => {
                let mut problem = None;
                for index in 0..list.len() {
                    match list.at(index) {
                        Ok(item) => {
                            if self.equal(&item, part)? {
                                return Ok(true);
                            }
                        }
                        Err(met) => problem = Some(met),
                    }
                }
                problem.map_or(Ok(false), Err)
            }
            Value::Map(map) => Ok(self.find(map, part)?.is_some()),
            _ => Err(Problem::NotFor("in")),
        }
    }

    fn add(&mut self, left: &Value<'a>, right: &Value<'a>) -> Evaluated<'a> {
        match (left, right) {
            (Value::Text(left), Value::Text(right)) => {
                let (left, right) = (left.as_str(), right.as_str());
                self.pay_for_text(left.len().saturating_add(right.len()))?;
                Ok(Value::Text(Text::Made(Rc::from([left, right].concat()))))
            }
            (Value::List(left), Value::List(right)) => {
                self.pay(left.len().saturating_add(right.len()))?;
                let items = (0..left.len()).map(|index| left.at(index)).chain((0..right.len()).map(|index| right.at(index)));
                Ok(Value::List(List::Made(items.collect::<Result<Vec<_>, _>>()?.into())))
            }
            _ => arithmetic(Operator::Add, left, right),
        }
    }
}

fn constant(literal: &Literal) -> Value<'_> {
    match literal {
        Literal::Null => Value::Null,
        Literal::Bool(value) => Value::Bool(*value),
        Literal::Int(value) => Value::Int(*value),
        Literal::Uint(value) => Value::Uint(*value),
        Literal::Double(value) => Value::Double(*value),
        Literal::Text(text) => Value::text(text),
    }
}

/// Numbers of one type, times and durations; never rounded, never wrapped.
fn arithmetic<'a>(operator: Operator, left: &Value<'a>, right: &Value<'a>) -> Evaluated<'a> {
    use Operator::{Add, Divide, Multiply, Remainder, Subtract};
    if matches!((operator, right), (Divide | Remainder, Value::Int(0) | Value::Uint(0))) {
        return Err(Problem::DivisionByZero);
    }
    let made = match (operator, left, right) {
        (Add, Value::Int(left), Value::Int(right)) => left.checked_add(*right).map(Value::Int),
        (Subtract, Value::Int(left), Value::Int(right)) => left.checked_sub(*right).map(Value::Int),
        (Multiply, Value::Int(left), Value::Int(right)) => left.checked_mul(*right).map(Value::Int),
        (Divide, Value::Int(left), Value::Int(right)) => left.checked_div(*right).map(Value::Int),
        (Remainder, Value::Int(left), Value::Int(right)) => left.checked_rem(*right).map(Value::Int),
        (Add, Value::Uint(left), Value::Uint(right)) => left.checked_add(*right).map(Value::Uint),
        (Subtract, Value::Uint(left), Value::Uint(right)) => left.checked_sub(*right).map(Value::Uint),
        (Multiply, Value::Uint(left), Value::Uint(right)) => left.checked_mul(*right).map(Value::Uint),
        (Divide, Value::Uint(left), Value::Uint(right)) => left.checked_div(*right).map(Value::Uint),
        (Remainder, Value::Uint(left), Value::Uint(right)) => left.checked_rem(*right).map(Value::Uint),
        (Add, Value::Double(left), Value::Double(right)) => Some(Value::Double(left + right)),
        (Subtract, Value::Double(left), Value::Double(right)) => Some(Value::Double(left - right)),
        (Multiply, Value::Double(left), Value::Double(right)) => Some(Value::Double(left * right)),
        (Divide, Value::Double(left), Value::Double(right)) => Some(Value::Double(left / right)),
        (Add, Value::Timestamp(at), Value::Duration(span)) | (Add, Value::Duration(span), Value::Timestamp(at)) => {
            at.plus(*span).map(Value::Timestamp)
        }
        (Subtract, Value::Timestamp(at), Value::Duration(span)) => at.minus(*span).map(Value::Timestamp),
        (Subtract, Value::Timestamp(at), Value::Timestamp(earlier)) => at.since(*earlier).map(Value::Duration),
        (Add, Value::Duration(left), Value::Duration(right)) => left.0.checked_add(right.0).map(|nanos| Value::Duration(Span(nanos))),
        (Subtract, Value::Duration(left), Value::Duration(right)) => left.0.checked_sub(right.0).map(|nanos| Value::Duration(Span(nanos))),
        _ => return Err(Problem::NotFor(operator.sign())),
    };
    made.ok_or(Problem::Overflow)
}
