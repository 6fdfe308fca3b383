//! The few members of `params` that only the record wants, in one pass over them.

use serde::Deserialize;
use serde_json::value::RawValue;

/// What a client says of itself and of this call. Nobody has checked it.
#[derive(Debug, Default, Deserialize)]
pub(super) struct Peek<'a> {
    #[serde(rename = "clientInfo", borrow)]
    client: Option<&'a RawValue>,
    #[serde(rename = "protocolVersion", borrow)]
    version: Option<&'a RawValue>,
    #[serde(rename = "_meta", borrow)]
    meta: Option<Meta<'a>>,
}

#[derive(Debug, Default, Deserialize)]
struct Meta<'a> {
    #[serde(rename = "io.modelcontextprotocol/clientInfo", borrow)]
    client: Option<&'a RawValue>,
    #[serde(rename = "progressToken", borrow)]
    progress_token: Option<&'a RawValue>,
    #[serde(borrow)]
    traceparent: Option<&'a RawValue>,
}

#[derive(Deserialize)]
struct ClientInfo {
    name: Option<String>,
    version: Option<String>,
}

impl<'a> Peek<'a> {
    /// The message was parsed strictly before; what has an unexpected shape here is left out of the record, no more.
    pub(super) fn at(params: &'a [u8]) -> Self {
        serde_json::from_slice(params).unwrap_or_default()
    }

    /// Name and version of the client.
    pub(super) fn client(&self) -> Option<(Option<String>, Option<String>)> {
        let raw = self.meta.as_ref().and_then(|meta| meta.client).or(self.client)?;
        let info: ClientInfo = serde_json::from_str(raw.get()).ok()?;
        Some((info.name, info.version))
    }

    /// `initialize` asks for one.
    pub(super) fn version(&self) -> Option<String> {
        text(self.version)
    }

    pub(super) fn progress_token(&self) -> Option<String> {
        let raw = self.meta.as_ref()?.progress_token?;
        text(Some(raw)).or_else(|| Some(raw.get().to_owned()))
    }

    pub(super) fn traceparent(&self) -> Option<String> {
        text(self.meta.as_ref()?.traceparent)
    }
}

fn text(raw: Option<&RawValue>) -> Option<String> {
    serde_json::from_str(raw?.get()).ok()
}
