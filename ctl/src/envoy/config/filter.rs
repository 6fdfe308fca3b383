//! The filter with the policy in it: the document that is replaced when the policy changes.

use std::path::Path;

use serde_json::{Value, json};

use super::{NAME, any};

/// The message type that the listener expects from this document.
pub(super) const WASM: &str = "envoy.extensions.filters.http.wasm.v3.Wasm";

/// One state of the filter.
#[derive(Clone, Copy, Debug)]
pub struct Filter<'a> {
    pub module: &'a Path,
    /// The policy as JSON text.
    pub policy: &'a str,
    /// Environment variables that the policy names; each must be set where Envoy runs.
    pub variables: &'a [String],
}

/// A discovery response with this one filter in it. Envoy shows `version` once every worker has been told.
pub fn discovery(filter: Filter<'_>, version: &str) -> Value {
    json!({
        "version_info": version,
        "resources": [any("envoy.config.core.v3.TypedExtensionConfig", json!({
            "name": NAME,
            "typed_config": any(WASM, filter.render()),
        }))],
    })
}

impl Filter<'_> {
    fn render(self) -> Value {
        let variables = self.variables.join(",");
        json!({
            "config": {
                "name": NAME,
                "root_id": NAME,
                "vm_config": {
                    // Names the shared data, which is to survive a change of policy.
                    "vm_id": NAME,
                    "runtime": "envoy.wasm.runtime.v8",
                    "code": { "local": { "filename": self.module } },
                    "environment_variables": { "host_env_keys": self.variables },
                    // A VM is made anew when this changes, and only a new VM sees other environment variables.
                    "configuration": string_value(&variables),
                },
                "configuration": string_value(self.policy),
                // A trap answers 503 and the VM is made anew; nothing ever passes unseen.
                "failure_policy": "FAIL_RELOAD",
                // Headers are held back until the body is decided.
                "allow_on_headers_stop_iteration": true,
            },
        })
    }
}

fn string_value(text: &str) -> Value {
    any("google.protobuf.StringValue", json!({ "value": text }))
}
