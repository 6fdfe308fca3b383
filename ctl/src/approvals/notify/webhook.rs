//! Any other program: JSON, signed as Standard Webhooks 1.0 says (`webhook-id`, `webhook-timestamp`, `webhook-signature`).

use anyhow::{Result, anyhow};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit, Mac};
use portcullis::time::Time;
use serde_json::{Map, Value, json};
use sha2::Sha256;

use super::super::moment;
use super::text::Message;

pub fn request(request: reqwest::RequestBuilder, secret: &[u8], message: &Message, now: Time) -> Result<reqwest::RequestBuilder> {
    let facts: Map<String, Value> = message.facts.iter().map(|(what, text)| (what.to_lowercase().replace(' ', "_"), json!(text))).collect();
    let data =
        json!({ "request": message.request, "status": message.status, "title": message.title, "facts": facts, "link": message.link });
    let kind = format!("approval.{}", message.happening);
    let body = json!({ "type": kind, "timestamp": moment(now), "data": data }).to_string();
    let signature = signature(secret, &message.id, now.secs(), &body)?;
    Ok(request
        .header("content-type", "application/json")
        .header("webhook-id", &message.id)
        .header("webhook-timestamp", now.secs().to_string())
        .header("webhook-signature", signature)
        .body(body))
}

/// `v1,` and the HMAC-SHA-256 over `ID.TIMESTAMP.BODY`.
pub fn signature(secret: &[u8], id: &str, seconds: u64, body: &str) -> Result<String> {
    let mut mac = <Hmac<Sha256> as KeyInit>::new_from_slice(secret).map_err(|_| anyhow!("the secret of a webhook cannot be used"))?;
    mac.update(format!("{id}.{seconds}.{body}").as_bytes());
    Ok(format!("v1,{}", STANDARD.encode(mac.finalize().into_bytes())))
}
