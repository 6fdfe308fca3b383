//! Envoy's configuration, as JSON (Envoy reads it as it reads YAML).
//!
//! Two documents: the bootstrap, fixed for a run, and the filter with the policy in it, which Envoy takes up again whenever its
//! file is replaced (ECDS). The commented, hand-written counterparts are in `envoy/` of the repository.

pub mod access_log;
mod bootstrap;
mod cluster;
mod filter;
mod listener;
#[cfg(test)]
mod tests;

pub use bootstrap::{Admin, Plan, bootstrap};
pub use cluster::{Authorities, Cluster};
pub use filter::{Filter, discovery};
pub use listener::{Certificate, Route};

use serde_json::{Value, json};

/// Name of the filter in the HTTP filter chain, of its VM, and of Envoy's node.
pub const NAME: &str = "portcullis";

/// Cluster of the guarded MCP server. Names with this prefix are not for policies.
pub const UPSTREAM: &str = "portcullis-upstream";

/// A message as `google.protobuf.Any` is written in JSON.
fn any(type_name: &str, mut message: Value) -> Value {
    if let Some(members) = message.as_object_mut() {
        members.insert("@type".to_owned(), json!(format!("type.googleapis.com/{type_name}")));
    }
    message
}

/// An extension: its name and its configuration.
fn extension(name: &str, type_name: &str, message: Value) -> Value {
    json!({ "name": name, "typed_config": any(type_name, message) })
}
