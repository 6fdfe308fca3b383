//! HTTP calls under way: who made which, and the answers.
//!
//! A call's answer comes to the context whose callback made it, be it the root or a stream; one for a stream that is gone comes to nobody.

use std::cell::RefCell;
use std::collections::HashMap;
use std::time::Duration;

use proxy_wasm::hostcalls;
use proxy_wasm::types::{BufferType, MapType};

use super::stream::headers;
use crate::exchange::{Answer, Call, Ticket};
use crate::limits::ANSWER_BYTES;

#[derive(Debug, Default)]
pub(super) struct Calls {
    under_way: RefCell<HashMap<u32, Ticket>>,
    /// Those that Envoy did not take: whoever made them is told on the next tick, and not from within its own callback.
    failed: RefCell<Vec<Ticket>>,
}

impl Calls {
    pub(super) fn make(&self, call: &Call) {
        let headers = call.headers.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        let body = (!call.body.is_empty()).then_some(call.body.as_slice());
        let timeout = Duration::from_millis(call.timeout_millis);
        let made = hostcalls::dispatch_http_call(&call.cluster, headers, body, Vec::new(), timeout);
        match (made, self.under_way.try_borrow_mut(), self.failed.try_borrow_mut()) {
            (Ok(token), Ok(mut under_way), _) => {
                under_way.insert(token, call.ticket);
            }
            (made, _, failed) => {
                log::warn!("the cluster `{}` cannot be called ({:?}): is it in Envoy's configuration?", call.cluster, made.err());
                if let Ok(mut failed) = failed {
                    failed.push(call.ticket);
                }
            }
        }
    }

    /// The answer that a callback tells of. It has no headers when the call failed; asking for them would be an error.
    pub(super) fn answer(&self, token: u32, header_count: usize, body_size: usize) -> Option<(Ticket, Answer)> {
        let ticket = self.under_way.try_borrow_mut().ok()?.remove(&token)?;
        if header_count == 0 {
            return Some((ticket, Answer::Failed));
        }
        let body = match body_size {
            0 => Vec::new(),
            // It would take the memory of everything else.
            ANSWER_BYTES.. => return Some((ticket, Answer::Failed)),
            size => hostcalls::get_buffer(BufferType::HttpCallResponseBody, 0, size).ok().flatten().unwrap_or_default(),
        };
        Some((ticket, Answer::Response { headers: headers(MapType::HttpCallResponseHeaders), body }))
    }

    pub(super) fn take_failed(&self) -> Vec<Ticket> {
        self.failed.try_borrow_mut().map(|mut failed| std::mem::take(&mut *failed)).unwrap_or_default()
    }
}
