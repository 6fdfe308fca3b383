//! YAML text to a tree with lines. JSON is read by it too, for its lines. Not in the filter: Envoy hands over JSON or a Struct.

use std::collections::HashMap;

use saphyr_parser::{Event, Parser, ScalarStyle, Span};

use super::report::{Place, Report};
use super::tree::{Member, Node, Value};
use crate::limits;

/// Values in one document, anchors expanded: a policy of thousands of rules has fewer, an anchor bomb has more.
const NODES: usize = 200_000;

pub(super) fn tree(text: &str) -> Result<Node, Report> {
    let mut reader = Reader { events: Parser::new_from_str(text), anchors: HashMap::new(), nodes: 0 };
    reader.document().map_err(|Stop { line, message }| {
        let mut report = Report::default();
        report.add(&Place { path: String::new(), line }, message);
        report
    })
}

/// What makes further reading pointless.
struct Stop {
    line: Option<u32>,
    message: String,
}

struct Reader<'t> {
    events: Parser<'t, saphyr_parser::StrInput<'t>>,
    anchors: HashMap<usize, Node>,
    nodes: usize,
}

impl<'t> Reader<'t> {
    fn document(&mut self) -> Result<Node, Stop> {
        loop {
            let (event, span) = self.next()?;
            match event {
                Event::StreamStart | Event::DocumentStart(_) | Event::Nothing => {}
                Event::StreamEnd => return Err(Stop { line: None, message: "the policy is empty".to_owned() }),
                event => {
                    let root = self.node(event, &span, 0)?;
                    self.end()?;
                    return Ok(root);
                }
            }
        }
    }

    fn end(&mut self) -> Result<(), Stop> {
        loop {
            match self.next()? {
                (Event::DocumentEnd | Event::Nothing, _) => {}
                (Event::StreamEnd, _) => return Ok(()),
                (_, span) => {
                    return Err(Stop { line: line(&span), message: "a second document begins here: a policy is one document".to_owned() });
                }
            }
        }
    }

    fn next(&mut self) -> Result<(Event<'t>, Span), Stop> {
        match self.events.next_event() {
            Some(Ok(found)) => Ok(found),
            Some(Err(err)) => Err(Stop { line: u32::try_from(err.marker().line()).ok(), message: format!("not YAML: {}", err.info()) }),
            None => Err(Stop { line: None, message: "not YAML: the document ends too early".to_owned() }),
        }
    }

    fn node(&mut self, event: Event<'t>, span: &Span, depth: usize) -> Result<Node, Stop> {
        let line = line(span);
        let stop = |message: String| Stop { line, message };
        self.nodes += 1;
        if depth > limits::JSON_DEPTH || self.nodes > NODES {
            return Err(stop("nested too deep, or too large for a policy".to_owned()));
        }
        let (value, anchor) = match event {
            Event::Scalar(text, style, anchor, tag) => {
                if tag.is_some() {
                    return Err(stop("YAML tags (`!...`) have no meaning in a policy; remove it".to_owned()));
                }
                (scalar(&text, style), anchor)
            }
            Event::SequenceStart(anchor, _) => (self.list(depth)?, anchor),
            Event::MappingStart(anchor, _) => (self.map(depth)?, anchor),
            Event::Alias(id) => {
                let node =
                    self.anchors.get(&id).cloned().ok_or_else(|| stop("an alias to an anchor that is not complete here".to_owned()))?;
                self.nodes = self.nodes.saturating_add(size(&node));
                return Ok(Node { line, value: node.value });
            }
            _ => return Err(stop("not YAML: a value was expected here".to_owned())),
        };
        let node = Node { line, value };
        if anchor > 0 {
            self.anchors.insert(anchor, node.clone());
        }
        Ok(node)
    }

    fn list(&mut self, depth: usize) -> Result<Value, Stop> {
        let mut items = Vec::new();
        loop {
            match self.next()? {
                (Event::SequenceEnd, _) => return Ok(Value::List(items)),
                (event, span) => items.push(self.node(event, &span, depth + 1)?),
            }
        }
    }

    fn map(&mut self, depth: usize) -> Result<Value, Stop> {
        let mut members = Vec::new();
        loop {
            let (event, span) = self.next()?;
            let name = match event {
                Event::MappingEnd => return Ok(Value::Map(members)),
                Event::Scalar(name, ..) => name.into_owned(),
                _ => return Err(Stop { line: line(&span), message: "a name was expected here, not a list or section".to_owned() }),
            };
            let (event, value_span) = self.next()?;
            let node = self.node(event, &value_span, depth + 1)?;
            members.push(Member { name, line: line(&span), node });
        }
    }
}

fn line(span: &Span) -> Option<u32> {
    u32::try_from(span.start.line()).ok()
}

fn size(node: &Node) -> usize {
    match &node.value {
        Value::List(items) => items.iter().map(size).fold(1, usize::saturating_add),
        Value::Map(members) => members.iter().map(|m| size(&m.node)).fold(1, usize::saturating_add),
        _ => 1,
    }
}

/// YAML 1.2 core schema: only plain words can be anything but text.
fn scalar(text: &str, style: ScalarStyle) -> Value {
    if style != ScalarStyle::Plain {
        return Value::Text(text.to_owned());
    }
    match text {
        "" | "~" | "null" | "Null" | "NULL" => return Value::Null,
        "true" | "True" | "TRUE" => return Value::Bool(true),
        "false" | "False" | "FALSE" => return Value::Bool(false),
        _ => {}
    }
    if let Ok(whole) = text.parse::<i64>() {
        return Value::Number(whole.into());
    }
    let looks_numeric = text.bytes().all(|b| b.is_ascii_digit() || matches!(b, b'.' | b'-' | b'+' | b'e' | b'E'))
        && text.bytes().any(|b| b.is_ascii_digit());
    match text.parse::<f64>().ok().filter(|_| looks_numeric).and_then(serde_json::Number::from_f64) {
        Some(number) => Value::Number(number),
        None => Value::Text(text.to_owned()),
    }
}
