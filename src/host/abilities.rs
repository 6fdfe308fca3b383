//! What Envoy can do for identity: signatures by its `verify_signature`, and data shared by the workers of a process.

use proxy_wasm::hostcalls;
use proxy_wasm::types::Status;

use super::foreign;
use crate::exchange::{Host, SharedValue, SignatureCheck, Written};

pub(super) struct Abilities;

impl Host for Abilities {
    fn verify_signature(&self, check: &SignatureCheck<'_>) -> Option<bool> {
        SignatureCheck::answer(&foreign::call("verify_signature", &check.question())?)
    }

    fn shared(&self, key: &str) -> Option<SharedValue> {
        let (bytes, version) = hostcalls::get_shared_data(key).ok()?;
        Some(SharedValue { bytes: bytes.unwrap_or_default(), version: version.unwrap_or(0) })
    }

    fn share(&self, key: &str, bytes: &[u8], version: u32) -> Written {
        match hostcalls::set_shared_data(key, Some(bytes), Some(version)) {
            Ok(()) => Written::Done,
            Err(Status::CasMismatch) => Written::Changed,
            Err(_) => Written::Failed,
        }
    }
}
