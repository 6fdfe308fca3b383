//! One collected message: what it is, and what becomes of it.

use super::requests::Refused;
use super::splice::{Object, Part, Splice, without};
use super::{Court, EditError, Noted, introduction, lists, requests};
use crate::mcp::json::Kind;
use crate::mcp::method::NOTIFICATIONS;

#[derive(Debug, PartialEq, Eq)]
pub(super) enum Judged {
    Keep,
    /// In order, and apart.
    Edit(Vec<Splice>),
    /// It does not reach the client.
    Remove,
}

impl Judged {
    pub(super) fn edits(mut splices: Vec<Splice>) -> Self {
        splices.sort_by_key(|splice| splice.at.start);
        if splices.is_empty() { Self::Keep } else { Self::Edit(splices) }
    }
}

/// Members of a message, which a client might read without regard to letter case.
const KNOWN: [&str; 6] = ["jsonrpc", "id", "method", "params", "result", "error"];

/// `endpoint` is where a 2024-11-05 stream said that messages go.
pub(super) fn message(court: &mut Court<'_>, noted: &mut Noted, text: &[u8], endpoint: Option<&str>) -> Result<Judged, EditError> {
    let text = std::str::from_utf8(text).map_err(|_| EditError::Unreadable)?;
    let whole = Part::whole(text);
    match whole.kind() {
        Some(Kind::Array) => batch(court, noted, whole, endpoint),
        _ => one(court, noted, whole, endpoint),
    }
}

fn batch(court: &mut Court<'_>, noted: &mut Noted, whole: Part<'_>, endpoint: Option<&str>) -> Result<Judged, EditError> {
    let elements = whole.array()?;
    let mut splices = Vec::new();
    let mut stays = Vec::with_capacity(elements.len());
    for element in &elements {
        // What is no object is no message to anybody.
        let judged = if element.kind() == Some(Kind::Object) { one(court, noted, *element, endpoint)? } else { Judged::Keep };
        stays.push(judged != Judged::Remove);
        if let Judged::Edit(edits) = judged {
            splices.extend(edits);
        }
    }
    if !stays.is_empty() && !stays.contains(&true) {
        return Ok(Judged::Remove);
    }
    splices.extend(without(&elements, &stays));
    Ok(Judged::edits(splices))
}

fn one(court: &mut Court<'_>, noted: &mut Noted, message: Part<'_>, endpoint: Option<&str>) -> Result<Judged, EditError> {
    let object = message.object()?.exactly(&KNOWN)?;
    let says = |name: &str| object.member(name).filter(|part| part.kind() != Some(Kind::Null));
    match (says("method"), says("result"), says("error")) {
        (Some(method), None, None) => {
            let method = method.string().ok_or(EditError::Unreadable)?;
            if method.starts_with(NOTIFICATIONS) {
                return notification(court, noted, &object);
            }
            requests::request(court, noted, &method, &object, endpoint)
        }
        (None, Some(result), None) => match result.kind() {
            Some(Kind::Object) => self::result(court, noted, message, &object, result),
            // Nothing that a client would find anything in.
            _ => Ok(Judged::Keep),
        },
        (None, None, Some(error)) => match requests::error(court, error)? {
            None => Ok(Judged::Keep),
            Some(refused) => Ok(instead(court, noted, message, &object, &refused)),
        },
        (None, None, None) => Ok(Judged::Keep),
        _ => Err(EditError::Ambiguous),
    }
}

fn result(court: &mut Court<'_>, noted: &mut Noted, message: Part<'_>, object: &Object<'_>, result: Part<'_>) -> Result<Judged, EditError> {
    const DECISIVE: [&str; 10] = [
        "tools",
        "prompts",
        "resources",
        "resourceTemplates",
        "inputRequests",
        "cacheScope",
        "nextCursor",
        "instructions",
        "serverInfo",
        "resultType",
    ];
    let members = result.object()?.exactly(&DECISIVE)?;
    if let Some(asked) = members.member("inputRequests")
        && let Some(refused) = requests::input_requests(court, asked)?
    {
        return Ok(instead(court, noted, message, object, &refused));
    }
    introduction::look(court, noted, &members)?;
    Ok(Judged::edits(lists::filter(court, noted, &members)?))
}

/// A task asks its client for something: what is refused is told by the answer to `tasks/get`.
fn notification(court: &mut Court<'_>, noted: &mut Noted, object: &Object<'_>) -> Result<Judged, EditError> {
    let Some(params) = object.member("params").filter(|params| params.kind() == Some(Kind::Object)) else { return Ok(Judged::Keep) };
    let Some(asked) = params.object()?.exactly(&["inputRequests"])?.member("inputRequests") else { return Ok(Judged::Keep) };
    match requests::input_requests(court, asked)? {
        None => Ok(Judged::Keep),
        Some(refused) => {
            noted.alert(refused.alert());
            Ok(Judged::Remove)
        }
    }
}

/// The refusal in place of an answer that asks for what is not allowed. A part of it would not do: the client would come back with
/// a part of the answers, and the server ask again.
fn instead(court: &Court<'_>, noted: &mut Noted, message: Part<'_>, object: &Object<'_>, refused: &Refused) -> Judged {
    noted.alert(refused.alert());
    let new = requests::refusal(court.asked, object.member("id"), refused);
    Judged::Edit(vec![Splice { at: message.range(), new }])
}
