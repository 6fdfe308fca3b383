//! What Envoy writes down: one line of JSON for each exchange, and for everything that never became one.
//!
//! | line | written when | by |
//! |---|---|---|
//! | the filter's own record, byte for byte | the filter saw the exchange | HTTP access log |
//! | Detection Findings of the filter, one line each, in a file of their own | there is something to look at | HTTP access log |
//! | `{"portcullis":"no-record",...}` | the filter left none and no rule says so: it trapped, or has no policy that loads | HTTP access log |
//! | `{"portcullis":"tls-handshake-failed",...}` | a TLS handshake did not complete | listener access log |
//! | `{"portcullis":"protocol-error",...}` | a connection broke HTTP itself; its streams have their own lines, if it had any | listener access log |

use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use super::extension;

/// The filter state that the filter's property `portcullis_record` becomes.
const RECORD: &str = "wasm.portcullis_record";

/// The same of `portcullis_findings`: alerts, one line each; not there when there is none.
const FINDINGS: &str = "wasm.portcullis_findings";

/// The same of `portcullis_no_record`: that there is no record is a rule's word.
const NO_RECORD: &str = "wasm.portcullis_no_record";

/// Filter state of a connection, set once its handshake is complete; the filter reads it as the property
/// `["filter_state", "portcullis.tls_cipher"]`, because the cipher suite is no Wasm attribute.
pub const CIPHER: &str = "portcullis.tls_cipher";

/// Filter chain for clients that speak TLS.
pub(super) const TLS_CHAIN: &str = "tls";

/// Access loggers of the HTTP connection manager.
pub fn of_exchanges(file: &Path) -> Value {
    json!([
        to_file(
            file,
            // Text, not JSON: the record goes out as it is, hash and all.
            json!({ "text_format_source": { "inline_string": format!("%FILTER_STATE({RECORD}:PLAIN)%\n") } }),
            only_if(&format!("'{RECORD}' in filter_state")),
        ),
        to_file(
            &findings_beside(file),
            json!({ "text_format_source": { "inline_string": format!("%FILTER_STATE({FINDINGS}:PLAIN)%\n") } }),
            only_if(&format!("'{FINDINGS}' in filter_state")),
        ),
        to_file(
            file,
            json!({ "json_format": {
                "portcullis": "no-record",
                "time": "%START_TIME%",
                "source": "%DOWNSTREAM_DIRECT_REMOTE_ADDRESS%",
                "tls_version": "%DOWNSTREAM_TLS_VERSION%",
                "tls_cipher": "%DOWNSTREAM_TLS_CIPHER%",
                "sni": "%REQUESTED_SERVER_NAME%",
                "protocol": "%PROTOCOL%",
                "method": "%REQ(:METHOD)%",
                // Without its query, which may hold secrets.
                "path": "%PATH(NQ:PATH)%",
                "request_id": "%REQ(X-REQUEST-ID)%",
                "status": "%RESPONSE_CODE%",
                "details": "%RESPONSE_CODE_DETAILS%",
                "flags": "%RESPONSE_FLAGS%",
                "duration_ms": "%DURATION%",
            } }),
            // At the end only: of a stream that runs there need not be one yet.
            json!({ "and_filter": { "filters": [
                { "log_type_filter": { "types": ["DownstreamEnd"] } },
                only_if(&format!("!('{RECORD}' in filter_state) && !('{NO_RECORD}' in filter_state)")),
            ] } }),
        ),
    ])
}

/// Where alerts go: beside `audit.ndjson` to `audit.findings.ndjson`. What is a device gets both.
pub fn findings_beside(file: &Path) -> PathBuf {
    match (file.starts_with("/dev"), file.extension()) {
        (true, _) => file.to_owned(),
        (false, Some(ending)) => file.with_extension(format!("findings.{}", ending.to_string_lossy())),
        (false, None) => file.with_extension("findings"),
    }
}

/// Access loggers of the listener, which see connections.
pub fn of_connections(file: &Path, tls: bool) -> Value {
    let mut loggers = vec![to_file(file, connection("protocol-error"), json!({ "response_flag_filter": { "flags": ["DPE"] } }))];
    if tls {
        // Not by the failure reason: a client that hangs up halfway leaves none, and a reset later on leaves one too.
        let failed = format!("xds.filter_chain_name == '{TLS_CHAIN}' && !('{CIPHER}' in filter_state)");
        loggers.push(to_file(file, connection("tls-handshake-failed"), only_if(&failed)));
    }
    Value::Array(loggers)
}

fn connection(kind: &str) -> Value {
    json!({ "json_format": {
        "portcullis": kind,
        "time": "%START_TIME%",
        "source": "%DOWNSTREAM_DIRECT_REMOTE_ADDRESS%",
        "tls_version": "%DOWNSTREAM_TLS_VERSION%",
        "sni": "%REQUESTED_SERVER_NAME%",
        "reason": "%DOWNSTREAM_TRANSPORT_FAILURE_REASON%",
        "details": "%CONNECTION_TERMINATION_DETAILS%",
        "flags": "%RESPONSE_FLAGS%",
    } })
}

fn to_file(file: &Path, format: Value, filter: Value) -> Value {
    let mut logger = extension(
        "envoy.access_loggers.file",
        "envoy.extensions.access_loggers.file.v3.FileAccessLog",
        json!({ "path": file, "log_format": format }),
    );
    if let Some(members) = logger.as_object_mut() {
        members.insert("filter".to_owned(), filter);
    }
    logger
}

fn only_if(expression: &str) -> Value {
    json!({ "extension_filter": extension(
        "envoy.access_loggers.extension_filters.cel",
        "envoy.extensions.access_loggers.filters.cel.v3.ExpressionFilter",
        json!({ "expression": expression }),
    ) })
}
