//! The few things of a record that OpenTelemetry's conventions name, for access loggers that send attributes beside a record's text.
//!
//! The names are those of the conventions for MCP, for which `portcullis.` stands before: as properties of the filter they become filter state
//! under these names, and a name of Envoy's own must not be met.

use std::net::SocketAddr;

use super::call;
use super::facts::{Facts, Principal, Target};
use super::outcome::Outcome;
use super::session::session;
use super::text::{ID, NAME, URI};

/// What is known, by the names of properties. Everything here is also in the record, which has been masked.
pub(super) fn of(facts: &Facts, outcome: &Outcome<'_>) -> Vec<(&'static str, String)> {
    let owned = |text: std::borrow::Cow<'_, str>| text.into_owned();
    let (tool, resource, prompt) = match &facts.mcp.target {
        Target::Tool(name) => (Some(owned(NAME.cut(name))), None, None),
        Target::Resource(uri) => (None, Some(owned(URI.cut(uri))), None),
        Target::Prompt(name) => (None, None, Some(owned(NAME.cut(name)))),
        Target::None => (None, None, None),
    };
    let user = |principal: &Principal| owned(NAME.cut(&principal.user));
    let (client, client_port) = facts.source.as_deref().map(endpoint).unwrap_or_default();
    let (server, server_port) = facts.upstream.address.as_deref().map(endpoint).unwrap_or_default();
    let decision = facts.decision.as_ref();
    let failed = matches!(outcome.status.0, 2).then(|| outcome.code.map(|code| owned(NAME.cut(code)))).flatten();
    let all = [
        ("portcullis.enduser.id", facts.principal.as_ref().map(user)),
        ("portcullis.client.address", client),
        ("portcullis.client.port", client_port),
        ("portcullis.server.address", server),
        ("portcullis.server.port", server_port),
        ("portcullis.mcp.method.name", Some(call::operation(facts).into_owned())),
        ("portcullis.gen_ai.tool.name", tool),
        ("portcullis.mcp.resource.uri", resource),
        ("portcullis.gen_ai.prompt.name", prompt),
        ("portcullis.jsonrpc.request.id", facts.mcp.id.as_deref().map(|id| owned(ID.cut(id)))),
        ("portcullis.mcp.protocol.version", facts.mcp.protocol_version.as_deref().map(|version| owned(NAME.cut(version)))),
        // The name of the session in the record, not its id: who holds that can speak in it.
        ("portcullis.mcp.session.id", session(facts).map(|(name, _)| name)),
        ("portcullis.rpc.response.status_code", facts.mcp.rpc_error.as_ref().map(|error| error.code.to_string())),
        ("portcullis.error.type", failed),
        ("portcullis.disposition", Some(outcome.disposition.1.to_owned())),
        ("portcullis.rule", decision.and_then(|decision| decision.rule.as_deref()).map(|rule| owned(NAME.cut(rule)))),
    ];
    all.into_iter().filter_map(|(name, value)| value.filter(|value| !value.is_empty()).map(|value| (name, value))).collect()
}

/// An address without its port, and that. A socket that is no address of the internet has a name and no port.
fn endpoint(address: &str) -> (Option<String>, Option<String>) {
    match address.parse::<SocketAddr>() {
        Ok(address) => (Some(address.ip().to_canonical().to_string()), Some(address.port().to_string())),
        Err(_) => (Some(NAME.cut(address).into_owned()), None),
    }
}
