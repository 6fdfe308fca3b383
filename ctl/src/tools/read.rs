//! Answers to `tools/list` as text: definitions are kept as they are written, because a fingerprint is of all that is in them. A client
//! library would drop the members it does not know.

use serde::Deserialize;
use serde_json::value::RawValue;

/// A page of a list.
#[derive(Debug, Deserialize)]
pub(super) struct Page<'a> {
    #[serde(borrow)]
    pub(super) tools: Vec<&'a RawValue>,
    #[serde(rename = "nextCursor")]
    pub(super) cursor: Option<String>,
}

#[derive(Deserialize)]
struct Message<'a> {
    #[serde(borrow)]
    result: Option<&'a RawValue>,
    #[serde(borrow)]
    error: Option<&'a RawValue>,
}

/// Every message of a body: one JSON text, or the data of each event.
pub(super) fn messages(body: &str) -> Vec<String> {
    if body.trim_start().starts_with(['{', '[']) {
        return vec![body.to_owned()];
    }
    let mut messages = Vec::new();
    let mut data = String::new();
    for line in body.lines().chain([""]) {
        match line.strip_prefix("data:") {
            Some(more) => {
                data.push_str(more);
                data.push('\n');
            }
            None if line.is_empty() && !data.trim().is_empty() => messages.push(std::mem::take(&mut data)),
            None => {}
        }
    }
    messages
}

/// The result of the first message that has one, or the error.
pub(super) fn result(body: &str) -> Result<String, String> {
    for message in messages(body) {
        let Ok(Message { result, error }) = serde_json::from_str(&message) else { continue };
        if let Some(result) = result {
            return Ok(result.get().to_owned());
        }
        if let Some(error) = error {
            return Err(format!("the server answers with an error: {}", error.get()));
        }
    }
    Err("there is no answer to a request in it".to_owned())
}

/// Definitions of a captured list: the array, the result, the message, or a stream with it. Lines of HTTP before it are stepped over.
pub(super) fn definitions(text: &str) -> Result<Vec<String>, String> {
    let owned = |tools: Vec<&RawValue>| tools.into_iter().map(|tool| tool.get().to_owned()).collect();
    if let Ok(tools) = serde_json::from_str::<Vec<&RawValue>>(text) {
        return Ok(owned(tools));
    }
    if let Ok(page) = serde_json::from_str::<Page<'_>>(text) {
        return whole(page).map(owned);
    }
    let result = result(text)?;
    whole(serde_json::from_str(&result).map_err(|err| format!("this is no list of tools: {err}"))?).map(owned)
}

fn whole(page: Page<'_>) -> Result<Vec<&RawValue>, String> {
    match page.cursor {
        None => Ok(page.tools),
        Some(_) => Err("this is one page of several; capture them all as one list, or use --url".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_in_every_wrapping() {
        let tool = r#"{"name":"a", "x":1.0}"#;
        let message = format!(r#"{{"jsonrpc":"2.0","id":1,"result":{{"tools":[{tool}]}}}}"#);
        for text in [
            format!("[{tool}]"),
            format!(r#"{{"tools":[{tool}]}}"#),
            message.clone(),
            format!("id: 1\r\ndata: \r\n\r\nevent: message\r\ndata: {{\"method\":\"notifications/x\"}}\r\n\r\ndata: {message}\r\n\r\n"),
            format!(": x\ndata: {}\ndata: {}", message.split_at(17).0, message.split_at(17).1),
        ] {
            assert_eq!(definitions(&text).unwrap(), [tool], "{text}");
        }
        for text in ["", "{}", r#"{"result":{"tools":[],"nextCursor":"x"}}"#, r#"{"error":{"code":1}}"#] {
            assert!(definitions(text).is_err(), "{text}");
        }
    }
}
