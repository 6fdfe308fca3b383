//! Values that all workers of a process see and change by compare-and-swap. The host has them; where it has none, each VM has its own.

use std::cell::RefCell;
use std::collections::HashMap;

/// A value shared by all workers of the process.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SharedValue {
    pub bytes: Vec<u8>,
    /// Changes with every write; 0 for a value that was never written.
    pub version: u32,
}

/// How writing a [`SharedValue`] went.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Written {
    Done,
    /// Someone else wrote since it was read.
    Changed,
    Failed,
}

/// Where shared values are. Nothing here waits.
pub trait Store {
    /// The value, empty when there is none yet; `None` when nothing is shared.
    fn shared(&self, key: &str) -> Option<SharedValue>;

    /// Writes a value, if it is still at `version`.
    fn share(&self, key: &str, bytes: &[u8], version: u32) -> Written;
}

/// Values of this VM alone.
#[derive(Debug, Default)]
pub struct Own(RefCell<HashMap<String, SharedValue>>);

impl Store for Own {
    fn shared(&self, key: &str) -> Option<SharedValue> {
        Some(self.0.try_borrow().ok()?.get(key).cloned().unwrap_or_default())
    }

    fn share(&self, key: &str, bytes: &[u8], version: u32) -> Written {
        let Ok(mut values) = self.0.try_borrow_mut() else { return Written::Failed };
        let value = values.entry(key.to_owned()).or_default();
        if value.version != version {
            return Written::Changed;
        }
        *value = SharedValue { bytes: bytes.to_vec(), version: version.wrapping_add(1).max(1) };
        Written::Done
    }
}
