//! Envoy's attributes, read into plain data. Each read costs about a microsecond: what plaintext has not is not asked for.

use proxy_wasm::hostcalls;

use crate::exchange::{Closing, Connection};

/// Filter state put there by `set_filter_state`, because the cipher suite is not an attribute.
const CIPHER: &str = "portcullis.tls_cipher";

/// `with_metadata`: the policy takes claims from Envoy's dynamic metadata.
pub(super) fn connection(with_metadata: bool) -> Connection {
    let tls_version = text(&["connection", "tls_version"]);
    let tls = tls_version.is_some();
    let mtls = tls && hostcalls::get_property(vec!["connection", "mtls"]).ok().flatten().is_some_and(|bytes| bytes.first() == Some(&1));
    Connection {
        source: text(&["source", "address"]),
        tls_cipher: if tls { text(&["filter_state", CIPHER]) } else { None },
        server_name: if tls { text(&["connection", "requested_server_name"]) } else { None },
        client_certificate: if mtls { text(&["connection", "sha256_peer_certificate_digest"]) } else { None },
        client_subject: if mtls { text(&["connection", "subject_peer_certificate"]) } else { None },
        metadata: if with_metadata { hostcalls::get_property(vec!["metadata"]).ok().flatten() } else { None },
        tls_version,
    }
}

pub(super) fn closing() -> Closing {
    Closing {
        upstream: text(&["upstream", "address"]),
        cluster: text(&["xds", "cluster_name"]),
        details: text(&["response", "code_details"]),
        flags: number(&["response", "flags"]),
    }
}

fn text(path: &[&str]) -> Option<String> {
    let bytes = hostcalls::get_property(path.to_vec()).ok()??;
    if bytes.is_empty() { None } else { Some(String::from_utf8_lossy(&bytes).into_owned()) }
}

/// Integers come as eight bytes, little-endian.
fn number(path: &[&str]) -> u64 {
    let bytes = hostcalls::get_property(path.to_vec()).ok().flatten().unwrap_or_default();
    bytes.first_chunk::<8>().map_or(0, |bytes| u64::from_le_bytes(*bytes))
}
