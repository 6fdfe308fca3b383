//! Where a client's message hands something back that a server gave it: request states and task ids.

use std::borrow::Cow;
use std::ops::Range;

use serde_json::value::RawValue;

use super::json::{self, Kind as JsonKind, Member};
use super::message::{Kind, Message, range};
use super::params::{SUBSCRIPTIONS, exact, find};
use super::problem::{ParseProblem, Why};

const RELATED: &str = "io.modelcontextprotocol/related-task";

/// What is handed back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum What {
    /// `params.requestState` (2026-07-28).
    State,
    /// A task's id (2025-11-25, and the tasks extension).
    Task,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Handle {
    pub what: What,
    /// The value with its quotes, in the body.
    pub at: Range<usize>,
    /// Its text; `None` when it is no string.
    pub text: Option<String>,
    /// It may be a task that the client runs for the server (2025-11-25), whose id the client made itself.
    pub may_be_own: bool,
}

/// All of them, in the order of the body. `message` is what `body` was read as.
///
/// A name that only a server without regard to case would take for one of these is refused: it would pass unseen.
pub fn find_all(body: &[u8], message: &Message) -> Result<Vec<Handle>, ParseProblem> {
    let mut found = Vec::new();
    let text = std::str::from_utf8(body).unwrap_or_default();
    let part = match (&message.kind, &message.params) {
        (Kind::Response { .. }, _) => json::members(text).ok().and_then(|members| find(members, "result")),
        (_, params) => params.clone().and_then(|params| text.get(params)),
    };
    let read = match part.filter(|part| JsonKind::of(part) == Some(JsonKind::Object)) {
        Some(part) => Finder { body: text, message, found: &mut found }.look(part),
        None => Ok(()),
    };
    read.map_err(|why| ParseProblem { why, id: message.reply_id().cloned() })?;
    found.sort_unstable_by_key(|handle| handle.at.start);
    Ok(found)
}

struct Finder<'a> {
    body: &'a str,
    message: &'a Message,
    found: &'a mut Vec<Handle>,
}

impl Finder<'_> {
    /// `params`, or the result of a client's response.
    fn look(&mut self, part: &str) -> Result<(), Why> {
        let is_request = matches!(self.message.kind, Kind::Request { .. });
        let is_response = matches!(self.message.kind, Kind::Response { .. });
        for Member { name, value } in exact(part, &["_meta", "notifications", "requestState", "taskId"])? {
            match name.as_ref() {
                "requestState" if !is_response => self.take(What::State, value, false),
                // In a response, a client's own task.
                "taskId" if !is_response => self.take(What::Task, value, !is_request),
                "notifications" if self.message.method() == "subscriptions/listen" => self.listened(value)?,
                "_meta" => self.related(value, !is_request)?,
                _ => {}
            }
        }
        Ok(())
    }

    fn related(&mut self, meta: &str, may_be_own: bool) -> Result<(), Why> {
        let Some(related) = member(meta, RELATED)? else { return Ok(()) };
        if let Some(task) = member(related, "taskId")? {
            self.take(What::Task, task, may_be_own);
        }
        Ok(())
    }

    /// `notifications.taskIds` of `subscriptions/listen`, in the tasks extension.
    fn listened(&mut self, filter: &str) -> Result<(), Why> {
        let Some(list) = member(filter, "taskIds")? else { return Ok(()) };
        match serde_json::from_str::<Vec<&RawValue>>(list) {
            Ok(tasks) if tasks.len() > SUBSCRIPTIONS => {
                let method = self.message.method().to_owned();
                return Err(Why::Target { method, member: "notifications", expected: "an object, with at most 256 task ids in `taskIds`" });
            }
            Ok(tasks) => tasks.into_iter().for_each(|task| self.take(What::Task, task.get(), false)),
            Err(_) if JsonKind::of(list) == Some(JsonKind::Null) => {}
            Err(_) => self.take(What::Task, list, false),
        }
        Ok(())
    }

    fn take(&mut self, what: What, value: &str, may_be_own: bool) {
        // Clients write absent members so, and no server takes it for one.
        if JsonKind::of(value) == Some(JsonKind::Null) {
            return;
        }
        let text = json::text(value).map(Cow::into_owned);
        self.found.push(Handle { what, at: range(self.body, value), text, may_be_own });
    }
}

/// A member of an object; nothing of another value.
fn member<'a>(object: &'a str, name: &'static str) -> Result<Option<&'a str>, Why> {
    if JsonKind::of(object) != Some(JsonKind::Object) {
        return Ok(None);
    }
    Ok(find(exact(object, &[name])?, name))
}

/// The body with each of `changes` written in place of what stood there, of the same length as before: what a value is shorter
/// is made up with spaces after it, which JSON allows there. So no header that tells the length has to change, and it does
/// not matter whether it has left already.
///
/// `changes` are in order. `None` when a value is longer than what it replaces: that is no opened handle.
pub fn rewrite(body: &[u8], changes: &[(Range<usize>, String)]) -> Option<Vec<u8>> {
    let mut out = Vec::with_capacity(body.len());
    let mut from = 0;
    for (at, text) in changes {
        out.extend_from_slice(body.get(from..at.start)?);
        let written = serde_json::to_vec(text).ok()?;
        let spare = at.len().checked_sub(written.len())?;
        out.extend_from_slice(&written);
        out.extend(std::iter::repeat_n(b' ', spare));
        from = at.end;
    }
    out.extend_from_slice(body.get(from..)?);
    Some(out)
}

#[cfg(test)]
mod tests {
    use super::super::message::parse;
    use super::*;

    fn found(body: &str) -> Vec<(What, String, bool)> {
        let handles = find_all(body.as_bytes(), &parse(body.as_bytes()).unwrap()).unwrap();
        handles
            .into_iter()
            .map(|handle| {
                assert_eq!(serde_json::from_str::<String>(&body[handle.at.clone()]).ok(), handle.text);
                (handle.what, body[handle.at].to_owned(), handle.may_be_own)
            })
            .collect()
    }

    fn request(method: &str, params: &str) -> String {
        format!(r#"{{"jsonrpc":"2.0","id":1,"method":"{method}","params":{params}}}"#)
    }

    #[test]
    fn handles_are_found_where_the_protocol_puts_them() {
        use What::{State, Task};
        let task = |text: &str, own| vec![(Task, text.to_owned(), own)];
        assert_eq!(found(&request("tasks/get", r#"{"taskId": "t\u0031" }"#)), task(r#""t\u0031""#, false));
        assert_eq!(found(&request("tasks/get", r#"{"task\u0049d":7}"#)), task("7", false));
        assert_eq!(
            found(&request(
                "tools/call",
                r#"{"name":"x","requestState":"s","_meta":{"io.modelcontextprotocol/related-task":{"taskId":"t"}}}"#
            )),
            [(State, r#""s""#.to_owned(), false), (Task, r#""t""#.to_owned(), false)]
        );
        assert_eq!(
            found(&request("subscriptions/listen", r#"{"notifications":{"taskIds":["a", "b"]}}"#)),
            [(Task, r#""a""#.to_owned(), false), (Task, r#""b""#.to_owned(), false)]
        );
        assert_eq!(found(r#"{"jsonrpc":"2.0","method":"notifications/tasks/status","params":{"taskId":"t"}}"#), task(r#""t""#, true));
        let answer =
            r#"{"jsonrpc":"2.0","id":1,"result":{"taskId":"own","_meta":{"io.modelcontextprotocol/related-task":{"taskId":"t"}}}}"#;
        assert_eq!(found(answer), task(r#""t""#, true));
    }

    #[test]
    fn data_of_the_same_name_is_data() {
        for params in [
            r#"{"name":"x","arguments":{"taskId":"t","requestState":"s"}}"#,
            r#"{"name":"x","_meta":{"taskId":"t"}}"#,
            r#"{"name":"x","_meta":{"io.modelcontextprotocol/related-task":"t"}}"#,
            r#"{"name":"x","notifications":{"taskIds":["t"]}}"#,
            r#"{"name":"x","requestState":null}"#,
        ] {
            assert_eq!(found(&request("tools/call", params)), [], "{params}");
        }
    }

    #[test]
    fn case_variants_are_refused() {
        for (method, params) in [
            ("tools/call", r#"{"name":"x","requeststate":"s"}"#),
            ("tools/call", r#"{"name":"x","_meta":{"IO.modelcontextprotocol/related-task":{"taskId":"t"}}}"#),
            ("tools/call", r#"{"name":"x","_meta":{"io.modelcontextprotocol/related-task":{"TASKID":"t"}}}"#),
            ("subscriptions/listen", r#"{"notifications":{"taskids":["t"]}}"#),
        ] {
            let body = request(method, params);
            let problem = find_all(body.as_bytes(), &parse(body.as_bytes()).unwrap()).unwrap_err();
            assert!(matches!(problem.why, Why::Variant { .. }), "{params}");
            assert!(problem.id.is_some());
        }
    }

    #[test]
    fn as_many_tasks_as_resources_may_be_listened_to() {
        for (count, good) in [(SUBSCRIPTIONS, true), (SUBSCRIPTIONS + 1, false)] {
            let body = request("subscriptions/listen", &format!(r#"{{"notifications":{{"taskIds":{:?}}}}}"#, vec!["t"; count]));
            assert_eq!(find_all(body.as_bytes(), &parse(body.as_bytes()).unwrap()).is_ok(), good);
        }
    }

    #[test]
    fn a_rewritten_body_keeps_its_length() {
        let body = br#"{"a":"long value","b":"x"}"#;
        let changed = rewrite(body, &[(5..17, "\"q\u{8}".to_owned()), (22..25, "y".to_owned())]).unwrap();
        assert_eq!(std::str::from_utf8(&changed).unwrap(), r#"{"a":"\"q\b"     ,"b":"y"}"#);
        assert_eq!(rewrite(body, &[(22..25, "yy".to_owned())]), None);
        assert_eq!(rewrite(body, &[(22..99, "y".to_owned())]), None);
    }
}
