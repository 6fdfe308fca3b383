//! Doing what an exchange asks, in its order.

use proxy_wasm::hostcalls;
use proxy_wasm::types::{Action, BufferType, MapType, Status};

use super::attributes;
use super::outbox::Outgoing;
use super::root::Shared;
use crate::exchange::{Effect, Flow, Message, Step};
use crate::mcp::reply::Reply;

/// Becomes `%FILTER_STATE(wasm.portcullis_record:PLAIN)%`.
const RECORD: &str = "portcullis_record";

/// Detection Findings, one a line; not there when there is none.
const FINDINGS: &str = "portcullis_findings";

/// That there is no record is the policy's word, and no failure.
const NO_RECORD: &str = "portcullis_no_record";

/// Which buffer `Effect::Body` means in this callback.
#[derive(Clone, Copy, Debug)]
pub(super) enum Side {
    Request,
    Response,
}

/// An effect that Envoy did not take must not leave bytes on their way: the caller stops the stream.
pub(super) fn apply(step: Step, side: Side, shared: &Shared) -> Action {
    let mut stopped = false;
    for effect in step.effects {
        stopped |= matches!(effect, Effect::Reply(_) | Effect::Cut);
        if let Err(status) = one(effect, side, shared) {
            log::error!("a host call failed ({status:?}); the stream is ended");
            let _ = match side {
                Side::Request => hostcalls::reset_http_request(),
                Side::Response => hostcalls::reset_http_response(),
            };
            return Action::Pause;
        }
    }
    match step.flow {
        Flow::Continue if !stopped => Action::Continue,
        _ => Action::Pause,
    }
}

fn one(effect: Effect, side: Side, shared: &Shared) -> Result<(), Status> {
    match effect {
        Effect::SetRequestHeader(name, value) => hostcalls::set_map_value_bytes(MapType::HttpRequestHeaders, &name, Some(&value)),
        Effect::RemoveRequestHeader(name) => hostcalls::set_map_value_bytes(MapType::HttpRequestHeaders, name, None),
        Effect::SetResponseHeader(name, value) => hostcalls::set_map_value_bytes(MapType::HttpResponseHeaders, &name, Some(&value)),
        Effect::RemoveResponseHeader(name) => hostcalls::set_map_value_bytes(MapType::HttpResponseHeaders, name, None),
        Effect::Body(bytes) => hostcalls::set_buffer(buffer(side), 0, usize::MAX, &bytes),
        Effect::Reply(reply) => send(&reply),
        Effect::Resume => hostcalls::resume_http_request(),
        Effect::Release(bytes) => {
            hostcalls::set_buffer(BufferType::HttpResponseBody, 0, usize::MAX, &bytes)?;
            hostcalls::resume_http_response()
        }
        Effect::Cut => hostcalls::reset_http_response(),
        Effect::Call(call) => {
            shared.calls.make(&call);
            Ok(())
        }
        Effect::Tell(message) => {
            tell(message, shared);
            Ok(())
        }
        Effect::Record(line) => hostcalls::set_property(vec![RECORD], Some(line.as_bytes())),
        Effect::RecordBehind(line) => {
            let before = hostcalls::get_property(vec![RECORD]).ok().flatten().unwrap_or_default();
            let lines = [before.as_slice(), line.as_bytes()].join(&b'\n');
            hostcalls::set_property(vec![RECORD], Some(&lines))
        }
        Effect::Findings(lines) => hostcalls::set_property(vec![FINDINGS], Some(lines.as_bytes())),
        Effect::Attribute(name, value) => hostcalls::set_property(vec![name], Some(value.as_bytes())),
        Effect::NoRecord => hostcalls::set_property(vec![NO_RECORD], Some(b"1")),
        Effect::Count(metric, count) => {
            shared.metrics.add(metric, count);
            Ok(())
        }
    }
}

fn buffer(side: Side) -> BufferType {
    match side {
        Side::Request => BufferType::HttpRequestBody,
        Side::Response => BufferType::HttpResponseBody,
    }
}

/// Called by the root on its next tick: a call of a stream's own would go with the stream. An answer that cannot be sent leaves the server
/// waiting for its own time-out, and the client is none the worse.
fn tell(message: Message, shared: &Shared) {
    let Some(cluster) = attributes::cluster() else {
        return log::warn!("the server's cluster is not known: it waits in vain for an answer");
    };
    let told = attributes::as_the_server_sees();
    let Message { authority, path, path_is_servers, headers, body } = message;
    let path = told.path.filter(|_| !path_is_servers).unwrap_or(path);
    let pseudo = [
        (":method", "POST".to_owned()),
        (":path", path),
        (":authority", told.authority.unwrap_or(authority)),
        (":scheme", "https".to_owned()),
    ];
    let headers = pseudo.into_iter().map(|(name, value)| (name.to_owned(), value)).chain(headers).collect();
    if !shared.outbox.put(Outgoing { cluster, headers, body }) {
        log::warn!("too many answers to the server wait; one is dropped");
    }
}

fn send(reply: &Reply) -> Result<(), Status> {
    let headers = reply.headers.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    hostcalls::send_http_response(u32::from(reply.status), headers, Some(&reply.body))
}
