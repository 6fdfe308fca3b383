//! Messages to servers that wait for the root's tick.

use std::cell::RefCell;

use crate::limits::SERVER_ANSWERS;

/// One message, ready to be sent.
#[derive(Debug)]
pub(super) struct Outgoing {
    pub(super) cluster: String,
    /// Pseudo headers first.
    pub(super) headers: Vec<(String, String)>,
    pub(super) body: Vec<u8>,
}

#[derive(Debug, Default)]
pub(super) struct Outbox(RefCell<Vec<Outgoing>>);

impl Outbox {
    /// False when too many wait.
    pub(super) fn put(&self, message: Outgoing) -> bool {
        let Ok(mut waiting) = self.0.try_borrow_mut() else { return false };
        let room = waiting.len() < SERVER_ANSWERS;
        if room {
            waiting.push(message);
        }
        room
    }

    pub(super) fn take(&self) -> Vec<Outgoing> {
        self.0.try_borrow_mut().map(|mut waiting| std::mem::take(&mut *waiting)).unwrap_or_default()
    }
}
