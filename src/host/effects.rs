//! Doing what an exchange asks, in its order.

use proxy_wasm::hostcalls;
use proxy_wasm::types::{Action, BufferType, MapType, Status};

use super::metrics::Metrics;
use crate::exchange::{Effect, Flow, Step};
use crate::mcp::reply::Reply;

/// Becomes `%FILTER_STATE(wasm.portcullis_record:PLAIN)%`.
const RECORD: &str = "portcullis_record";

/// Which buffer `Effect::Body` means in this callback.
#[derive(Clone, Copy, Debug)]
pub(super) enum Side {
    Request,
    Response,
}

/// An effect that Envoy did not take must not leave bytes on their way: the caller stops the stream.
pub(super) fn apply(step: Step, side: Side, metrics: &Metrics) -> Action {
    let mut stopped = false;
    for effect in step.effects {
        stopped |= matches!(effect, Effect::Reply(_) | Effect::Cut);
        if let Err(status) = one(effect, side, metrics) {
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

fn one(effect: Effect, side: Side, metrics: &Metrics) -> Result<(), Status> {
    match effect {
        Effect::SetRequestHeader(name, value) => hostcalls::set_map_value_bytes(MapType::HttpRequestHeaders, &name, Some(&value)),
        Effect::RemoveRequestHeader(name) => hostcalls::set_map_value_bytes(MapType::HttpRequestHeaders, name, None),
        Effect::SetResponseHeader(name, value) => hostcalls::set_map_value_bytes(MapType::HttpResponseHeaders, &name, Some(&value)),
        Effect::RemoveResponseHeader(name) => hostcalls::set_map_value_bytes(MapType::HttpResponseHeaders, name, None),
        Effect::Body(bytes) => hostcalls::set_buffer(buffer(side), 0, usize::MAX, &bytes),
        Effect::Reply(reply) => send(&reply),
        Effect::Resume => hostcalls::resume_http_request(),
        Effect::Cut => hostcalls::reset_http_response(),
        Effect::Record(line) => hostcalls::set_property(vec![RECORD], Some(line.as_bytes())),
        Effect::Count(metric, count) => {
            metrics.add(metric, count);
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

fn send(reply: &Reply) -> Result<(), Status> {
    let headers = reply.headers.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    hostcalls::send_http_response(u32::from(reply.status), headers, Some(&reply.body))
}
