//! What Envoy's workers share, in memory.

use std::cell::RefCell;
use std::collections::HashMap;

use portcullis::exchange::{Host, SharedValue, SignatureCheck, Written};

/// One worker's view, and there is one worker.
#[derive(Default)]
pub(super) struct Shared(RefCell<HashMap<String, SharedValue>>);

impl Shared {
    pub(super) fn clear(&self) {
        self.0.borrow_mut().clear();
    }
}

impl Host for Shared {
    fn verify_signature(&self, _: &SignatureCheck<'_>) -> Option<bool> {
        None
    }

    fn shared(&self, key: &str) -> Option<SharedValue> {
        Some(self.0.borrow().get(key).cloned().unwrap_or_default())
    }

    fn share(&self, key: &str, bytes: &[u8], version: u32) -> Written {
        let mut values = self.0.borrow_mut();
        let value = values.entry(key.to_owned()).or_default();
        if value.version != version {
            return Written::Changed;
        }
        *value = SharedValue { bytes: bytes.to_vec(), version: version.wrapping_add(1) };
        Written::Done
    }
}
