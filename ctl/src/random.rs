//! Random names and secrets for one run.

use anyhow::{Result, anyhow};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};

/// 144 random bits as 24 characters of base64url: unique, and not to be guessed.
pub(crate) fn name() -> Result<String> {
    let mut bytes = [0_u8; 18];
    rustls::crypto::ring::default_provider()
        .secure_random
        .fill(&mut bytes)
        .map_err(|_| anyhow!("the operating system gave no random bytes"))?;
    Ok(URL_SAFE_NO_PAD.encode(bytes))
}
