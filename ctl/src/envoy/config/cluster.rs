//! A server Envoy may call: plain, or with TLS whose chain and name are verified.

use std::path::PathBuf;

use serde_json::{Value, json};

use super::any;
use crate::envoy::endpoint::Endpoint;

/// Per-connection buffer towards a server: what Envoy reads ahead of a slow client (bytes). Envoy's own default, stated.
const BUFFER: u32 = 1024 * 1024;

/// Streams at once: each long GET of an MCP client takes one for as long as it likes.
const STREAMS: u32 = 10_000;

#[derive(Clone, Debug)]
pub struct Cluster {
    pub name: String,
    pub endpoint: Endpoint,
    /// Who may have signed the server's certificate.
    pub authorities: Authorities,
}

#[derive(Clone, Debug)]
pub enum Authorities {
    /// What this system trusts, found by Envoy.
    System,
    /// A PEM file.
    File(PathBuf),
}

impl Cluster {
    pub(super) fn render(&self) -> Value {
        let Endpoint { tls, host, port, .. } = &self.endpoint;
        let mut cluster = json!({
            "name": self.name,
            "connect_timeout": "5s",
            "per_connection_buffer_limit_bytes": BUFFER,
            "circuit_breakers": { "thresholds": [{
                "max_connections": STREAMS, "max_pending_requests": STREAMS, "max_requests": STREAMS,
            }] },
            "load_assignment": { "cluster_name": self.name, "endpoints": [{ "lb_endpoints": [{ "endpoint": {
                "address": { "socket_address": { "address": host, "port_value": port } },
            } }] }] },
            "typed_extension_protocol_options": {
                "envoy.extensions.upstreams.http.v3.HttpProtocolOptions": any(
                    "envoy.extensions.upstreams.http.v3.HttpProtocolOptions",
                    self.http(),
                ),
            },
        });
        // One logical host whatever the name resolves to: `localhost` is tried on both families until one answers.
        let discovery = match self.endpoint.ip() {
            Some(_) => json!({ "type": "STATIC" }),
            None => json!({ "type": "LOGICAL_DNS", "dns_lookup_family": "ALL" }),
        };
        merge(&mut cluster, discovery);
        if *tls {
            merge(&mut cluster, json!({ "transport_socket": self.tls() }));
        }
        cluster
    }

    /// HTTP/1.1 in the clear; over TLS what the server offers.
    fn http(&self) -> Value {
        // Node and uvicorn close an idle connection after 5 s: a request sent at that moment is lost, so be earlier.
        let mut options = json!({ "common_http_protocol_options": { "idle_timeout": "4s" } });
        let versions = if self.endpoint.tls {
            json!({ "auto_config": { "http_protocol_options": {}, "http2_protocol_options": {} } })
        } else {
            json!({ "explicit_http_config": { "http_protocol_options": {} } })
        };
        merge(&mut options, versions);
        options
    }

    /// The name sent and the name demanded are those of the URL, whatever Host header a request carries.
    fn tls(&self) -> Value {
        let Endpoint { host, .. } = &self.endpoint;
        let (kind, server_name) = match self.endpoint.ip() {
            Some(_) => ("IP_ADDRESS", None),
            None => ("DNS", Some(host)),
        };
        let mut validation = json!({ "match_typed_subject_alt_names": [{ "san_type": kind, "matcher": { "exact": host } }] });
        let trust = match &self.authorities {
            Authorities::System => json!({ "system_root_certs": {} }),
            Authorities::File(path) => json!({ "trusted_ca": { "filename": path } }),
        };
        merge(&mut validation, trust);
        let mut context = json!({ "common_tls_context": {
            "tls_params": { "tls_minimum_protocol_version": "TLSv1_2", "tls_maximum_protocol_version": "TLSv1_3" },
            "validation_context": validation,
        } });
        if let Some(name) = server_name {
            merge(&mut context, json!({ "sni": name }));
        }
        super::extension("envoy.transport_sockets.tls", "envoy.extensions.transport_sockets.tls.v3.UpstreamTlsContext", context)
    }
}

/// Adds the members of one object to another.
fn merge(into: &mut Value, more: Value) {
    if let (Value::Object(into), Value::Object(more)) = (into, more) {
        into.extend(more);
    }
}
