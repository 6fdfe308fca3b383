//! One HTTP stream: each callback becomes an event, each step its effects.

use std::cell::RefCell;
use std::rc::Rc;

use proxy_wasm::hostcalls;
use proxy_wasm::traits::{Context, HttpContext};
use proxy_wasm::types::{Action, BufferType, MapType};

use super::attributes;
use super::effects::{Side, apply};
use super::root::{Shared, now};
use crate::exchange::{Event, Exchange, Headers, StreamId};

pub(super) struct Stream {
    id: StreamId,
    shared: Rc<Shared>,
    exchange: Rc<RefCell<Exchange>>,
}

impl Stream {
    pub(super) fn new(id: StreamId, shared: Rc<Shared>) -> Self {
        let exchange = shared.open(id, now());
        Self { id, shared, exchange }
    }

    fn on(&self, event: Event, side: Side) -> Action {
        self.shared.drive(&self.exchange, event, |step| apply(step, side, &self.shared))
    }
}

impl Context for Stream {
    fn on_http_call_response(&mut self, token: u32, headers: usize, body: usize, _trailers: usize) {
        self.shared.answered(token, headers, body);
        let _ = hostcalls::set_effective_context(self.id.0);
    }
}

impl HttpContext for Stream {
    fn on_http_request_headers(&mut self, _count: usize, end: bool) -> Action {
        let headers = headers(MapType::HttpRequestHeaders);
        self.on(
            Event::RequestHeaders { headers, end, connection: self.shared.connections.current(self.shared.reads_metadata) },
            Side::Request,
        )
    }

    fn on_http_request_body(&mut self, size: usize, end: bool) -> Action {
        let chunk = body(BufferType::HttpRequestBody, size);
        self.on(Event::RequestBody { chunk, end }, Side::Request)
    }

    fn on_http_request_trailers(&mut self, _count: usize) -> Action {
        self.on(Event::RequestTrailers, Side::Request)
    }

    fn on_http_response_headers(&mut self, _count: usize, end: bool) -> Action {
        let headers = headers(MapType::HttpResponseHeaders);
        self.on(Event::ResponseHeaders { headers, end }, Side::Response)
    }

    fn on_http_response_body(&mut self, size: usize, end: bool) -> Action {
        let chunk = body(BufferType::HttpResponseBody, size);
        self.on(Event::ResponseBody { chunk, end }, Side::Response)
    }

    fn on_http_response_trailers(&mut self, _count: usize) -> Action {
        self.on(Event::ResponseTrailers, Side::Response)
    }

    fn on_log(&mut self) {
        let _ = self.on(Event::Closed(attributes::closing()), Side::Response);
    }
}

/// Stands where there is no policy: nothing passes.
pub(super) struct Closed;

impl Context for Closed {}

impl HttpContext for Closed {
    fn on_http_request_headers(&mut self, _count: usize, _end: bool) -> Action {
        let _ = hostcalls::send_http_response(503, vec![("content-type", "text/plain")], Some(b"this endpoint has no policy\n"));
        Action::Pause
    }
}

impl Drop for Stream {
    fn drop(&mut self) {
        self.shared.close(self.id, &self.exchange);
    }
}

pub(super) fn headers(map: MapType) -> Headers {
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap_or_else(|err| String::from_utf8_lossy(err.as_bytes()).into_owned());
    let pairs = hostcalls::get_map_bytes(map).unwrap_or_default();
    pairs.into_iter().map(|(name, value)| (name, text(value))).collect()
}

/// An empty chunk is not asked for: some hosts answer that with an error.
fn body(buffer: BufferType, size: usize) -> Vec<u8> {
    if size == 0 { Vec::new() } else { hostcalls::get_buffer(buffer, 0, size).ok().flatten().unwrap_or_default() }
}
