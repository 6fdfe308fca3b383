//! What people are shown of a call: its arguments, masked.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::Value;
use sha2::{Digest, Sha256};

use super::binding::without_meta;
use super::canonical::{Numbers, canonical};
use crate::mcp::json::{Member, members};

/// Longest text of what is shown. Nobody reads more, and what was not read was not approved.
pub const SHOWN_BYTES: usize = 64 * 1024;

/// Arguments as people may see them.
#[derive(Clone, Debug, PartialEq)]
pub struct Shown {
    pub arguments: Value,
    /// base64url of SHA-256 over the canonical JSON (RFC 8785) of them.
    pub digest: String,
}

impl Shown {
    /// `params`: masked already. Arguments alone where there is nothing else but the name; all but `_meta` otherwise.
    /// `None` for what is too long, or cannot be read.
    pub fn of(params: &str) -> Option<Self> {
        if params.len() > SHOWN_BYTES {
            return None;
        }
        let stripped = without_meta(params)?;
        let all = members(&stripped).ok()?;
        let is_usual = |member: &Member<'_>| matches!(member.name.as_ref(), "name" | "arguments" | "uri");
        let arguments = all.iter().find(|member| member.name == "arguments").map(|member| member.value);
        let text = if all.iter().all(is_usual) { arguments.unwrap_or("{}") } else { &stripped };
        let arguments: Value = serde_json::from_str(&canonical(text, Numbers::Legible)?).ok()?;
        let digest = URL_SAFE_NO_PAD.encode(Sha256::digest(serde_json_canonicalizer::to_vec(&arguments).ok()?));
        Some(Self { arguments, digest })
    }
}
