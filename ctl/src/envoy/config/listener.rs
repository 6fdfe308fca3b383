//! The door itself: the listener, TLS, HTTP, and the filter chain with Portcullis in it.

use std::path::PathBuf;

use serde_json::{Value, json};

use super::access_log::{self, CIPHER, TLS_CHAIN};
use super::bootstrap::{Plan, socket_address};
use super::{NAME, UPSTREAM, any, extension, filter};

/// Per-connection buffer towards a client (bytes). Envoy's own default, stated: the filter takes bodies into its own memory.
const BUFFER: u32 = 1024 * 1024;

/// Request headers at most: a token is up to 16 KiB.
const HEADERS_KIB: u32 = 64;

/// A server certificate, PEM files.
#[derive(Clone, Debug)]
pub struct Certificate {
    pub chain: PathBuf,
    pub key: PathBuf,
}

/// Where requests go.
#[derive(Clone, Debug)]
pub struct Route {
    /// Host header for the upstream.
    pub authority: String,
    /// This path, exactly, becomes that path.
    pub rewrite: Option<(String, String)>,
}

pub(super) fn render(plan: &Plan) -> Value {
    let plaintext = json!({
        "name": "plaintext",
        "filters": [connection_manager(plan)],
    });
    let mut listener = json!({
        "name": NAME,
        "address": socket_address(plan.listen),
        "per_connection_buffer_limit_bytes": BUFFER,
        "access_log": access_log::of_connections(&plan.audit_log, plan.certificate.is_some()),
        "filter_chains": [plaintext],
    });
    if let Some(certificate) = &plan.certificate {
        with_tls(&mut listener, certificate, plan);
    }
    listener
}

/// Clients that speak TLS get TLS; the others reach the filter in the clear, and it tells them to use TLS.
fn with_tls(listener: &mut Value, certificate: &Certificate, plan: &Plan) {
    let inspector =
        extension("envoy.filters.listener.tls_inspector", "envoy.extensions.filters.listener.tls_inspector.v3.TlsInspector", json!({}));
    let remember_cipher = extension(
        "envoy.filters.network.set_filter_state",
        "envoy.extensions.filters.network.set_filter_state.v3.Config",
        json!({ "on_downstream_tls_handshake": [{
            "object_key": CIPHER,
            "factory_key": "envoy.string",
            "format_string": { "text_format_source": { "inline_string": "%DOWNSTREAM_TLS_CIPHER%" }, "omit_empty_values": true },
            "skip_if_empty": true,
        }] }),
    );
    let tls = json!({
        "name": TLS_CHAIN,
        "filter_chain_match": { "transport_protocol": "tls" },
        "transport_socket": extension(
            "envoy.transport_sockets.tls",
            "envoy.extensions.transport_sockets.tls.v3.DownstreamTlsContext",
            tls_context(certificate),
        ),
        "transport_socket_connect_timeout": "10s",
        "filters": [remember_cipher, connection_manager(plan)],
    });
    let plaintext = json!({
        "name": "plaintext",
        "filter_chain_match": { "transport_protocol": "raw_buffer" },
        "filters": [connection_manager(plan)],
    });
    if let Some(members) = listener.as_object_mut() {
        members.insert("listener_filters".to_owned(), json!([inspector]));
        members.insert("filter_chains".to_owned(), json!([tls, plaintext]));
    }
}

fn tls_context(certificate: &Certificate) -> Value {
    json!({ "common_tls_context": {
        "alpn_protocols": ["h2", "http/1.1"],
        "tls_params": {
            "tls_minimum_protocol_version": "TLSv1_2",
            "tls_maximum_protocol_version": "TLSv1_3",
            // For TLS 1.2: forward secrecy and authenticated encryption only. TLS 1.3 has no others.
            "cipher_suites": [
                "[ECDHE-ECDSA-AES128-GCM-SHA256|ECDHE-ECDSA-CHACHA20-POLY1305]",
                "[ECDHE-RSA-AES128-GCM-SHA256|ECDHE-RSA-CHACHA20-POLY1305]",
                "ECDHE-ECDSA-AES256-GCM-SHA384",
                "ECDHE-RSA-AES256-GCM-SHA384",
            ],
        },
        "tls_certificates": [{
            "certificate_chain": { "filename": certificate.chain },
            "private_key": { "filename": certificate.key },
        }],
    } })
}

fn connection_manager(plan: &Plan) -> Value {
    let portcullis = json!({
        "name": NAME,
        // No default: without a filter that loads, Envoy answers 500 and nothing passes.
        "config_discovery": {
            "config_source": {
                "resource_api_version": "V3",
                "path_config_source": {
                    "path": plan.filter_file,
                    // The file is replaced by renaming, so its folder is what changes.
                    "watched_directory": { "path": plan.filter_file.parent() },
                },
            },
            "type_urls": [format!("type.googleapis.com/{}", filter::WASM)],
        },
    });
    let router =
        extension("envoy.filters.http.router", "envoy.extensions.filters.http.router.v3.Router", json!({ "suppress_envoy_headers": true }));
    let mut manager = json!({
        "stat_prefix": NAME,
        "codec_type": "AUTO",
        "access_log": access_log::of_exchanges(&plan.audit_log),
        "http_filters": [portcullis, router],
        "route_config": routes(&plan.route),
        // What a client sends, two readers could take for two things: one form only.
        "normalize_path": true,
        "merge_slashes": false,
        "path_with_escaped_slashes_action": "REJECT_REQUEST",
        "common_http_protocol_options": { "headers_with_underscores_action": "REJECT_REQUEST", "idle_timeout": "3600s" },
        "http2_protocol_options": {
            "max_concurrent_streams": 256,
            "initial_stream_window_size": BUFFER,
            "initial_connection_window_size": 4 * BUFFER,
        },
        "max_request_headers_kb": HEADERS_KIB,
        "use_remote_address": true,
        "generate_request_id": true,
        "server_header_transformation": "PASS_THROUGH",
        // A client has this long to send; an answer may take, and stream, as long as it likes.
        "request_headers_timeout": "15s",
        "request_timeout": "60s",
        "stream_idle_timeout": "3600s",
    });
    if let (Some(millis), Some(members)) = (plan.interim_millis, manager.as_object_mut()) {
        let flush = format!("{}.{:03}s", millis / 1000, millis % 1000);
        members.insert("access_log_options".to_owned(), json!({ "access_log_flush_interval": flush }));
    }
    json!({
        "name": "envoy.filters.network.http_connection_manager",
        "typed_config": any(
            "envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager",
            manager,
        ),
    })
}

fn routes(route: &Route) -> Value {
    let to_upstream = json!({ "cluster": UPSTREAM, "timeout": "0s", "host_rewrite_literal": route.authority });
    let mut routes = Vec::new();
    if let Some((from, to)) = &route.rewrite {
        let mut action = to_upstream.clone();
        if let Some(members) = action.as_object_mut() {
            // The match is of the whole path, so its prefix is the whole path; a query stays.
            members.insert("prefix_rewrite".to_owned(), json!(to));
        }
        routes.push(json!({ "match": { "path": from }, "route": action }));
    }
    routes.push(json!({ "match": { "prefix": "/" }, "route": to_upstream }));
    json!({
        "name": NAME,
        "virtual_hosts": [{ "name": NAME, "domains": ["*"], "routes": routes }],
    })
}
