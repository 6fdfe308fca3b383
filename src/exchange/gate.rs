//! After the masker, where a rule withholds whole messages (`then: refuse`): a message waits here until all of it was looked at.
//!
//! A body of JSON or text is one message; of an event stream each event is one, so that progress and keep-alives go on as they come. What was found in a message
//! that is larger than what is held has partly left when it is found: then the stream is cut, and the value itself has not left.

use serde_json::Value;
use serde_json::value::RawValue;

use super::edit::Asked;
use crate::limits::WITHHELD_BYTES;
use crate::mask::Form;
use crate::mcp::reply::REFUSED;

/// What the masker gave out and has not left.
#[derive(Debug)]
pub(super) struct Gate {
    form: Form,
    held: Vec<u8>,
    /// The message is too large to be held: it leaves as it comes.
    open: bool,
    /// A finding of a rule that refuses is in the message that is held.
    refused: Option<Reason>,
    /// A line begins here.
    after_line: bool,
    /// The last byte was a carriage return: a line's end of its own, or half of one.
    after_return: bool,
}

/// What was found, by which rule.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Reason {
    pub(super) rule: String,
    pub(super) detector: String,
}

/// A part of the message has left.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a value that withholds the whole message was found in one of which {WITHHELD_BYTES} bytes had passed")]
pub(super) struct TooLate;

impl Gate {
    pub(super) fn new(form: Form) -> Self {
        Self { form, held: Vec::new(), open: false, refused: None, after_line: true, after_return: false }
    }

    /// In what pieces the masker wants its input: a finding then belongs to the message that is held, and to no other.
    pub(super) fn pieces<'c>(&self, chunk: &'c [u8]) -> Vec<&'c [u8]> {
        match self.form {
            Form::Sse => chunk.split_inclusive(|byte| matches!(byte, b'\n' | b'\r')).collect(),
            Form::Json | Form::Text => vec![chunk],
        }
    }

    /// Masked bytes, and what was found in them.
    pub(super) fn push(&mut self, masked: &[u8], found: Option<Reason>, asked: &Asked, out: &mut Vec<u8>) -> Result<(), TooLate> {
        if self.open && found.is_some() {
            return Err(TooLate);
        }
        self.refused = self.refused.take().or(found);
        match self.form {
            Form::Json | Form::Text => self.held.extend_from_slice(masked),
            Form::Sse => masked.iter().for_each(|byte| self.event_byte(*byte, asked, out)),
        }
        if self.open {
            out.append(&mut self.held);
        } else if self.held.len() > WITHHELD_BYTES {
            if self.refused.is_some() {
                self.held.truncate(WITHHELD_BYTES);
            } else {
                self.open = true;
                out.append(&mut self.held);
            }
        }
        Ok(())
    }

    /// An event ends with an empty line; lines end with LF, CR LF or CR (WHATWG HTML, 9.2.6).
    fn event_byte(&mut self, byte: u8, asked: &Asked, out: &mut Vec<u8>) {
        if std::mem::take(&mut self.after_return) && byte != b'\n' {
            self.line_ends(asked, out);
        }
        self.held.push(byte);
        match byte {
            b'\r' => self.after_return = true,
            b'\n' => self.line_ends(asked, out),
            _ => self.after_line = false,
        }
    }

    fn line_ends(&mut self, asked: &Asked, out: &mut Vec<u8>) {
        if std::mem::replace(&mut self.after_line, true) {
            self.release(asked, out);
        }
    }

    /// The end of the body.
    pub(super) fn finish(&mut self, asked: &Asked, out: &mut Vec<u8>) {
        self.release(asked, out);
    }

    /// Bytes held.
    pub(super) fn held(&self) -> usize {
        self.held.len()
    }

    fn release(&mut self, asked: &Asked, out: &mut Vec<u8>) {
        self.open = false;
        let held = std::mem::take(&mut self.held);
        match self.refused.take() {
            None => out.extend(held),
            Some(reason) => withhold(self.form, &held, &sentence(&reason, asked), asked, out),
        }
    }
}

/// What is said in place of a whole message, of which `held` may be the beginning only.
pub(super) fn withhold(form: Form, held: &[u8], told: &str, asked: &Asked, out: &mut Vec<u8>) {
    match form {
        Form::Json => out.extend(instead(held, told, asked).unwrap_or_default().into_bytes()),
        Form::Text => out.extend_from_slice(told.as_bytes()),
        Form::Sse => event(held, told, asked, out),
    }
}

/// The event without what it said: an answer becomes a refusal, and of anything else the place in the stream is all that stays.
fn event(held: &[u8], told: &str, asked: &Asked, out: &mut Vec<u8>) {
    let lines = held.split(|byte| matches!(byte, b'\n' | b'\r'));
    let mut data = Vec::new();
    for line in lines {
        match line.strip_prefix(b"data:") {
            Some(value) => {
                data.extend_from_slice(value.strip_prefix(b" ").unwrap_or(value));
                data.push(b'\n');
            }
            // Its id is what a client resumes from.
            None if line.starts_with(b"id:") => {
                out.extend_from_slice(line);
                out.push(b'\n');
            }
            None => {}
        }
    }
    if let Some(message) = instead(&data, told, asked) {
        out.extend_from_slice(b"event: message\ndata: ");
        out.extend_from_slice(message.as_bytes());
        out.push(b'\n');
    }
    out.push(b'\n');
}

/// What is said in place of a message; nothing in place of one that nobody waits for.
fn instead(message: &[u8], told: &str, asked: &Asked) -> Option<String> {
    #[derive(serde::Deserialize)]
    struct Shape<'a> {
        #[serde(borrow)]
        id: Option<&'a RawValue>,
        method: Option<Value>,
    }
    // A message cut short by the limit has still its call to be answered.
    let shape = serde_json::from_slice::<Shape<'_>>(message).ok();
    let method = shape.as_ref().is_some_and(|shape| shape.method.is_some());
    let id = match &shape {
        Some(shape) => shape.id.map(|id| id.get().to_owned()),
        // What begins as no object is no message.
        None => asked.id.clone().filter(|_| message.trim_ascii_start().starts_with(b"{")),
    };
    let id = id.filter(|_| !method)?;
    let text = Value::from(told);
    let is_asked = asked.id.as_deref() == Some(id.as_str());
    if is_asked && asked.method.as_deref() == Some("tools/call") {
        let kind = if asked.is_modern { r#","resultType":"complete""# } else { "" };
        return Some(format!(
            r#"{{"jsonrpc":"2.0","id":{id},"result":{{"content":[{{"type":"text","text":{text}}}],"isError":true{kind}}}}}"#
        ));
    }
    Some(format!(r#"{{"jsonrpc":"2.0","id":{id},"error":{{"code":{REFUSED},"message":{text}}}}}"#))
}

pub(super) fn sentence(reason: &Reason, asked: &Asked) -> String {
    let Reason { rule, detector } = reason;
    format!("The answer is withheld: it holds a value that must not leave ({detector}, rule `{rule}`, reference {}).", asked.reference)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(id: &str) -> Asked {
        Asked { method: Some("tools/call".into()), id: Some(id.into()), is_modern: true, has_cursor: false, reference: "r-1".into() }
    }

    fn reason() -> Option<Reason> {
        Some(Reason { rule: "cards".into(), detector: "credit_card".into() })
    }

    fn through(form: Form, parts: &[(&str, bool)]) -> Result<String, TooLate> {
        let (mut gate, mut out) = (Gate::new(form), Vec::new());
        for (part, found) in parts {
            gate.push(part.as_bytes(), reason().filter(|_| *found), &asked("7"), &mut out)?;
        }
        gate.finish(&asked("7"), &mut out);
        Ok(String::from_utf8(out).unwrap())
    }

    #[test]
    fn what_is_clean_passes_as_it_is() {
        let body = r#"{"jsonrpc":"2.0","id":7,"result":{}}"#;
        assert_eq!(through(Form::Json, &[(&body[..9], false), (&body[9..], false)]).unwrap(), body);
        let events = ": keep\n\nid: 1\r\ndata: {}\r\n\r\ndata: x";
        assert_eq!(through(Form::Sse, &[(events, false)]).unwrap(), events);
    }

    #[test]
    fn an_answer_becomes_a_refusal() {
        for body in [r#"{"jsonrpc":"2.0","id":7,"result":{"content":[]}}"#, r#"{"jsonrpc":"2.0","id":7,"result":{"cut sho"#] {
            let out = through(Form::Json, &[(body, true)]).unwrap();
            let value: Value = serde_json::from_str(&out).unwrap();
            assert_eq!(
                (&value["id"], &value["result"]["isError"], &value["result"]["resultType"]),
                (&7.into(), &true.into(), &"complete".into())
            );
            assert!(out.contains("credit_card") && out.contains("r-1"));
        }
        let other = through(Form::Json, &[(r#"{"jsonrpc":"2.0","id":"x","result":{}}"#, true)]).unwrap();
        let value: Value = serde_json::from_str(&other).unwrap();
        assert_eq!((&value["id"], &value["error"]["code"]), (&"x".into(), &REFUSED.into()));
    }

    #[test]
    fn of_a_stream_only_the_event_goes() {
        let answer = "id: 4\nevent: message\ndata: {\"jsonrpc\":\"2.0\",\"id\":7,\"result\":{}}\n";
        let note = "id: 2\ndata: {\"jsonrpc\":\"2.0\",\"method\":\"notifications/message\",\"params\":{}}\n";
        let out = through(
            Form::Sse,
            &[("data: {\"a\":1}\n\n", false), (note, true), ("\n", false), (": keep\n\n", false), (answer, true), ("\n", false)],
        )
        .unwrap();
        assert!(
            out.starts_with(
                "data: {\"a\":1}\n\nid: 2\n\n: keep\n\nid: 4\nevent: message\ndata: {\"jsonrpc\":\"2.0\",\"id\":7,\"result\":{\"content\""
            ),
            "{out}"
        );
        assert!(out.ends_with("}\n\n"));
    }

    #[test]
    fn events_end_with_any_empty_line() {
        for end in ["\n", "\r\n", "\r"] {
            let (secret, clean) = (format!("id: 1{end}data: 1{end}"), format!("data: 2{end}{end}: x"));
            let out = through(Form::Sse, &[(&secret, true), (end, false), (&clean, false)]).unwrap();
            assert_eq!(out, format!("id: 1\n\n{clean}"), "{end:?}");
        }
    }

    #[test]
    fn events_leave_when_they_are_complete() {
        let (mut gate, mut out) = (Gate::new(Form::Sse), Vec::new());
        gate.push(b": ping\n", None, &asked("7"), &mut out).unwrap();
        assert!(out.is_empty());
        gate.push(b"\n", None, &asked("7"), &mut out).unwrap();
        assert_eq!(out, b": ping\n\n");
        assert_eq!(gate.held(), 0);
    }

    #[test]
    fn what_is_too_large_to_be_held_is_cut_at_the_finding() {
        let large = "x".repeat(WITHHELD_BYTES + 1);
        assert_eq!(through(Form::Json, &[(&large, false), ("y", true)]), Err(TooLate));
        assert_eq!(through(Form::Json, &[(&large, false), ("y", false)]).unwrap().len(), large.len() + 1);
        assert!(through(Form::Text, &[("y", true), (&large, false)]).unwrap().contains("withheld"));
        // The next event is another message.
        assert!(through(Form::Sse, &[(&large, false), ("\n\n", false), ("data: {}\n", true), ("\n", false)]).is_ok());
    }
}
