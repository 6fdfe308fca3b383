//! The policy file: read, checked, and turned into the JSON that the filter takes.
//!
//! Until the library's policy reader is merged this only parses; `load` is the one place to change.

use std::path::Path;

use saphyr_parser::{Event, Parser, ScalarStyle};
use serde_json::{Map, Value};

use crate::exit::Failure;

/// How `${env:NAME}` is looked up.
pub type Env<'a> = &'a dyn Fn(&str) -> Option<String>;

/// Reads and checks a policy file: the policy as JSON text, or every mistake in it, one line each.
pub fn load(path: &Path, env: Env<'_>) -> Result<String, Failure> {
    let shown = path.display();
    let text = std::fs::read_to_string(path).map_err(|err| Failure::environment(format!("cannot read `{shown}`: {err}")))?;
    parse(&text, env).map_err(|mistakes| Failure::wrong(format!("`{shown}` cannot be used:\n  {}", mistakes.join("\n  "))))
}

/// Checks a policy's text, YAML or JSON.
pub fn parse(text: &str, _env: Env<'_>) -> Result<String, Vec<String>> {
    let mut parser = Parser::new_from_str(text);
    loop {
        match parser.next_event() {
            Some(Ok((Event::StreamStart | Event::DocumentStart(_), _))) => {}
            Some(Ok((Event::StreamEnd, _))) | None => return Err(vec!["the policy is empty".to_owned()]),
            Some(Ok((event, _))) => return node(&mut parser, event, 0).map(|json| json.to_string()).map_err(|err| vec![err]),
            Some(Err(err)) => return Err(vec![format!("not YAML: {err}")]),
        }
    }
}

fn node<'t>(parser: &mut Parser<'t, saphyr_parser::StrInput<'t>>, event: Event<'t>, depth: usize) -> Result<Value, String> {
    if depth > portcullis::limits::JSON_DEPTH {
        return Err("nested too deep for a policy".to_owned());
    }
    let next = |parser: &mut Parser<'t, _>| match parser.next_event() {
        Some(Ok((event, _))) => Ok(event),
        Some(Err(err)) => Err(format!("not YAML: {err}")),
        None => Err("not YAML: the document ends too early".to_owned()),
    };
    match event {
        Event::Scalar(text, ScalarStyle::Plain, ..) => Ok(serde_json::from_str(&text).unwrap_or(Value::String(text.into_owned()))),
        Event::Scalar(text, ..) => Ok(Value::String(text.into_owned())),
        Event::SequenceStart(..) => {
            let mut items = Vec::new();
            loop {
                match next(parser)? {
                    Event::SequenceEnd => return Ok(Value::Array(items)),
                    event => items.push(node(parser, event, depth.saturating_add(1))?),
                }
            }
        }
        Event::MappingStart(..) => {
            let mut members = Map::new();
            loop {
                let key = match next(parser)? {
                    Event::MappingEnd => return Ok(Value::Object(members)),
                    Event::Scalar(key, ..) => key.into_owned(),
                    _ => return Err("a member's name must be text".to_owned()),
                };
                let event = next(parser)?;
                members.insert(key, node(parser, event, depth.saturating_add(1))?);
            }
        }
        other => Err(format!("unexpected {other:?}")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn yaml_and_json_say_the_same() {
        let none: Env<'_> = &|_| None;
        let yaml = parse("version: 1\nrules:\n  - { id: a, tools: [\"get_*\"], then: allow }\n", none).unwrap();
        let json = parse(r#"{"version": 1, "rules": [{"id": "a", "tools": ["get_*"], "then": "allow"}]}"#, none).unwrap();
        assert_eq!(yaml, json);
        assert!(parse("", none).is_err());
        assert!(parse("a: [1", none).is_err());
    }
}
