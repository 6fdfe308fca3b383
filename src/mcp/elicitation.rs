//! Whether a client can send a person to a page (`elicitation`, mode `url`).

use serde::Deserialize;
use serde_json::Value;
use serde_json::value::RawValue;

/// Of the capabilities, the little that is asked for. `elicitation: {}` means forms only, in both revisions.
#[derive(Deserialize)]
struct Capabilities {
    elicitation: Option<Elicitation>,
}

#[derive(Deserialize)]
struct Elicitation {
    url: Option<Value>,
}

#[derive(Deserialize)]
struct Params<'a> {
    #[serde(borrow)]
    capabilities: Option<&'a RawValue>,
    #[serde(rename = "_meta", borrow)]
    meta: Option<Meta<'a>>,
}

#[derive(Deserialize)]
struct Meta<'a> {
    #[serde(rename = "io.modelcontextprotocol/clientCapabilities", borrow)]
    capabilities: Option<&'a RawValue>,
}

/// What `params` of any request of 2026-07-28 say in their `_meta`.
pub fn takes_pages(params: &str) -> bool {
    says_so(read(params).and_then(|params| params.meta).and_then(|meta| meta.capabilities))
}

/// What `params` of `initialize` say.
pub fn will_take_pages(params: &str) -> bool {
    says_so(read(params).and_then(|params| params.capabilities))
}

fn read(params: &str) -> Option<Params<'_>> {
    serde_json::from_str(params).ok()
}

fn says_so(capabilities: Option<&RawValue>) -> bool {
    let read = capabilities.and_then(|raw| serde_json::from_str::<Capabilities>(raw.get()).ok());
    read.and_then(|capabilities| capabilities.elicitation).and_then(|elicitation| elicitation.url).is_some_and(|url| url.is_object())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_mode_that_was_declared_counts() {
        for (capabilities, takes) in [
            (r#"{"elicitation":{"form":{},"url":{}}}"#, true),
            (r#"{"elicitation":{"url":{"x":1}},"sampling":{}}"#, true),
            (r#"{"elicitation":{}}"#, false),
            (r#"{"elicitation":{"form":{}}}"#, false),
            (r#"{"elicitation":{"url":true}}"#, false),
            (r#"{"elicitation":{"url":null}}"#, false),
            (r#"{"elicitation":"url"}"#, false),
            ("{}", false),
            ("7", false),
        ] {
            let modern = format!(r#"{{"name":"x","_meta":{{"io.modelcontextprotocol/clientCapabilities":{capabilities}}}}}"#);
            assert_eq!(takes_pages(&modern), takes, "{modern}");
            assert!(!will_take_pages(&modern));
            let legacy = format!(r#"{{"protocolVersion":"2025-11-25","capabilities":{capabilities}}}"#);
            assert_eq!(will_take_pages(&legacy), takes, "{legacy}");
            assert!(!takes_pages(&legacy));
        }
    }
}
