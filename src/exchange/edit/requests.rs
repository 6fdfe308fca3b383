//! What a server asks of its client: let through, or refused.

use serde_json::{Value, json};

use super::judge::Judged;
use super::splice::{Object, Part};
use super::{Answer, Asked, Court, EditError, Noted};
use crate::audit::Alert;
use crate::guard::server::{self, Objection};
use crate::mcp::json::Kind;
use crate::mcp::reply::REFUSED;

/// URLElicitationRequired (2025-11-25).
const URL_ELICITATION: f64 = -32042.0;

/// What was asked for, and why it is refused.
#[derive(Clone, Copy, Debug)]
pub(super) struct Refused {
    pub(super) objection: Objection,
}

impl Refused {
    pub(super) fn alert(self) -> Alert {
        Alert { code: "server_request_refused".into(), kind: self.objection.code().into(), name: None, place: None }
    }
}

/// A request in a stream (up to 2025-11-25).
pub(super) fn request(
    court: &Court<'_>,
    noted: &mut Noted,
    method: &str,
    object: &Object<'_>,
    endpoint: Option<&str>,
) -> Result<Judged, EditError> {
    let Err(objection) = server::ask(court.server, method, &params(object)?) else { return Ok(Judged::Keep) };
    noted.alert(Refused { objection }.alert());
    // Without an id it is no request, and nobody waits.
    let Some(id) = object.member("id").filter(|id| matches!(id.kind(), Some(Kind::Text | Kind::Number))) else { return Ok(Judged::Remove) };
    let error = json!({ "code": REFUSED, "message": objection.describe() });
    // The id as it came: numbers have more spellings than one.
    let body = [r#"{"jsonrpc":"2.0","id":"#, id.text, r#","error":"#, &error.to_string(), "}"].concat().into_bytes();
    noted.answer(Answer { body, endpoint: endpoint.map(str::to_owned) });
    Ok(Judged::Remove)
}

/// `inputRequests` of a result: the first that is refused.
pub(super) fn input_requests(court: &Court<'_>, asked: Part<'_>) -> Result<Option<Refused>, EditError> {
    if asked.kind() == Some(Kind::Null) {
        return Ok(None);
    }
    for (_, entry) in asked.object()?.members() {
        let entry = entry.object()?.exactly(&["method", "params"])?;
        let method = entry.string("method").ok_or(EditError::Unreadable)?;
        if let Err(objection) = server::ask(court.server, &method, &params(&entry)?) {
            return Ok(Some(Refused { objection }));
        }
    }
    Ok(None)
}

/// An error that asks the client to open pages.
pub(super) fn error(court: &Court<'_>, error: Part<'_>) -> Result<Option<Refused>, EditError> {
    if error.kind() != Some(Kind::Object) {
        return Ok(None);
    }
    let error = error.object()?.exactly(&["code", "data"])?;
    let code = error.member("code").and_then(|code| code.text.trim().parse::<f64>().ok());
    let asks = code == Some(URL_ELICITATION);
    let Some(data) = error.member("data").filter(|data| asks && data.kind() == Some(Kind::Object)) else { return Ok(None) };
    let Some(entries) = data.object()?.exactly(&["elicitations"])?.member("elicitations") else { return Ok(None) };
    for entry in entries.array()? {
        let entry = strict(entry)?;
        if let Err(objection) = server::elicitation(court.server, &entry) {
            return Ok(Some(Refused { objection }));
        }
    }
    Ok(None)
}

/// The answer in place of one that asks for what is not allowed.
pub(super) fn refusal(asked: &Asked, id: Option<Part<'_>>, refused: &Refused) -> Vec<u8> {
    let id = id.map_or("null", |id| id.text);
    let text = format!("{} (reference {})", capital(refused.objection.describe()), asked.reference);
    // The answer to another request than this exchange's: an error is an answer to any.
    let is_own = asked.id.as_deref().is_some_and(|own| same(own, id));
    let body = if is_own && asked.method.as_deref() == Some("tools/call") {
        let mut result = json!({ "content": [{ "type": "text", "text": text }], "isError": true });
        if let (true, Some(members)) = (asked.is_modern, result.as_object_mut()) {
            members.insert("resultType".to_owned(), "complete".into());
        }
        format!(r#""result":{result}"#)
    } else {
        format!(r#""error":{}"#, json!({ "code": REFUSED, "message": text, "data": { "reference": asked.reference } }))
    };
    [r#"{"jsonrpc":"2.0","id":"#, id, ",", &body, "}"].concat().into_bytes()
}

fn same(one: &str, other: &str) -> bool {
    let value = |text: &str| serde_json::from_str::<Value>(text).ok();
    one == other || (value(one).is_some() && value(one) == value(other))
}

fn capital(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map(|first| first.to_uppercase().chain(chars).collect()).unwrap_or_default()
}

fn params(object: &Object<'_>) -> Result<Value, EditError> {
    object.member("params").map_or(Ok(Value::Null), strict)
}

/// As data, if nothing in it has two readings.
fn strict(part: Part<'_>) -> Result<Value, EditError> {
    // The levels a decision looks at: `params`, its schema, the schema's fields.
    let mut open = vec![(part, 0)];
    while let Some((part, depth)) = open.pop() {
        if depth < 5 && part.kind() == Some(Kind::Object) {
            open.extend(part.object()?.members().map(|(_, value)| (value, depth + 1)));
        }
    }
    part.value()
}
