//! What the functions do.

use std::rc::Rc;

use super::evaluate::{Evaluated, Evaluation};
use super::functions::Function;
use super::limits;
use super::moment::{Moment, Span, parse_offset};
use super::problem::Problem;
use super::value::{Text, Value};

pub(super) fn call<'a>(evaluation: &mut Evaluation<'a, '_, '_>, function: Function, arguments: &[Value<'a>]) -> Evaluated<'a> {
    for argument in arguments {
        if let Value::Text(text) = argument {
            evaluation.pay_for_text(text.as_str().len())?;
        }
    }
    match (function, arguments) {
        (Function::Timestamp | Function::Duration | Function::Part(_), _) => evaluation.pay(limits::STEPS_PER_TIME)?,
        (Function::Int | Function::Uint | Function::Double, [Value::Text(text)]) => {
            evaluation.pay(text.as_str().len() / limits::NUMBER_BYTES_PER_STEP)?;
        }
        _ => {}
    }
    match (function, arguments) {
        (Function::Size, [Value::Text(text)]) => size(text.as_str().chars().count()),
        (Function::Size, [Value::List(list)]) => size(list.len()),
        (Function::Size, [Value::Map(map)]) => size(map.len()),
        (Function::Contains, [Value::Text(text), Value::Text(part)]) => {
            Ok(Value::Bool(memchr::memmem::find(text.as_str().as_bytes(), part.as_str().as_bytes()).is_some()))
        }
        (Function::StartsWith, [Value::Text(text), Value::Text(part)]) => Ok(Value::Bool(text.as_str().starts_with(part.as_str()))),
        (Function::EndsWith, [Value::Text(text), Value::Text(part)]) => Ok(Value::Bool(text.as_str().ends_with(part.as_str()))),
        (Function::LowerAscii, [Value::Text(text)]) => Ok(made(text.as_str().to_ascii_lowercase())),
        (Function::UpperAscii, [Value::Text(text)]) => Ok(made(text.as_str().to_ascii_uppercase())),
        (Function::Trim, [Value::Text(Text::Lent(text))]) => Ok(Value::text(text.trim())),
        (Function::Trim, [Value::Text(text)]) => Ok(made(text.as_str().trim().to_owned())),
        (Function::Int, [value]) => int(value),
        (Function::Uint, [value]) => uint(value),
        (Function::Double, [value]) => double(value),
        (Function::Text, [value]) => match value {
            Value::Text(_) => Ok(value.clone()),
            Value::Int(value) => Ok(made(value.to_string())),
            Value::Uint(value) => Ok(made(value.to_string())),
            Value::Bool(value) => Ok(made(value.to_string())),
            _ => Err(Problem::NotFor("string")),
        },
        (Function::Bool, [value]) => match value {
            Value::Bool(_) => Ok(value.clone()),
            Value::Text(text) => match text.as_str() {
                "true" | "True" | "TRUE" | "t" | "1" => Ok(Value::Bool(true)),
                "false" | "False" | "FALSE" | "f" | "0" => Ok(Value::Bool(false)),
                _ => Err(Problem::NotA("true or false")),
            },
            _ => Err(Problem::NotFor("bool")),
        },
        (Function::Timestamp, [value]) => match value {
            Value::Timestamp(_) => Ok(value.clone()),
            Value::Int(seconds) => Moment::from_seconds(*seconds).map(Value::Timestamp).ok_or(Problem::Overflow),
            Value::Text(text) => Moment::parse(text.as_str()).map(Value::Timestamp).ok_or(Problem::NotA("a time")),
            _ => Err(Problem::NotFor("timestamp")),
        },
        (Function::Duration, [value]) => match value {
            Value::Duration(_) => Ok(value.clone()),
            Value::Text(text) => Span::parse(text.as_str()).map(Value::Duration).ok_or(Problem::NotA("a duration")),
            _ => Err(Problem::NotFor("duration")),
        },
        (Function::Dyn, [value]) => Ok(value.clone()),
        (Function::Part(part), [Value::Timestamp(at)]) => Ok(Value::Int(at.part(part, 0))),
        (Function::Part(part), [Value::Timestamp(at), Value::Text(offset)]) => {
            parse_offset(offset.as_str()).map(|offset| Value::Int(at.part(part, offset))).ok_or(Problem::NotA("an offset from UTC"))
        }
        (Function::Part(part), [Value::Duration(span)]) => span.part(part).map(Value::Int).ok_or(Problem::NotFor("this function")),
        _ => Err(Problem::NotFor("this function")),
    }
}

fn size<'a>(count: usize) -> Evaluated<'a> {
    i64::try_from(count).map(Value::Int).map_err(|_| Problem::Overflow)
}

fn made<'a>(text: String) -> Value<'a> {
    Value::Text(Text::Made(Rc::from(text)))
}

fn int<'a>(value: &Value<'a>) -> Evaluated<'a> {
    // The first doubles that are beyond an int, on either side.
    const ABOVE: f64 = 9_223_372_036_854_775_808.0;
    match value {
        Value::Int(_) => Ok(value.clone()),
        Value::Uint(value) => i64::try_from(*value).map(Value::Int).map_err(|_| Problem::Overflow),
        // In range, so the cast drops the fraction and nothing else.
        Value::Double(value) if *value > -ABOVE && *value < ABOVE => Ok(Value::Int(*value as i64)),
        Value::Double(_) => Err(Problem::Overflow),
        Value::Text(text) => text.as_str().parse().map(Value::Int).map_err(|_| Problem::NotA("an int")),
        Value::Timestamp(at) => Ok(Value::Int(at.seconds())),
        _ => Err(Problem::NotFor("int")),
    }
}

fn uint<'a>(value: &Value<'a>) -> Evaluated<'a> {
    const ABOVE: f64 = 18_446_744_073_709_551_616.0;
    match value {
        Value::Uint(_) => Ok(value.clone()),
        Value::Int(value) => u64::try_from(*value).map(Value::Uint).map_err(|_| Problem::Overflow),
        Value::Double(value) if *value >= 0.0 && *value < ABOVE => Ok(Value::Uint(*value as u64)),
        Value::Double(_) => Err(Problem::Overflow),
        Value::Text(text) => text.as_str().parse().map(Value::Uint).map_err(|_| Problem::NotA("a uint")),
        _ => Err(Problem::NotFor("uint")),
    }
}

fn double<'a>(value: &Value<'a>) -> Evaluated<'a> {
    match value {
        Value::Double(_) => Ok(value.clone()),
        // Asked for by the policy: CEL's own conversion rounds too.
        Value::Int(value) => Ok(Value::Double(*value as f64)),
        Value::Uint(value) => Ok(Value::Double(*value as f64)),
        Value::Text(text) => text.as_str().parse().map(Value::Double).map_err(|_| Problem::NotA("a double")),
        _ => Err(Problem::NotFor("double")),
    }
}
