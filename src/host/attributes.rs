//! Envoy's attributes, read into plain data. Each read costs 1 to 4 microseconds: what is known or not needed is not asked for.

use std::cell::RefCell;
use std::collections::HashMap;

use proxy_wasm::hostcalls;

use crate::exchange::{Closing, Connection};

/// Filter state put there by `set_filter_state`, because the cipher suite is not an attribute.
const CIPHER: &str = "portcullis.tls_cipher";

/// Connections remembered at most. When there are more all are forgotten, and each is read once more.
const REMEMBERED: usize = 1024;

/// TLS as it was agreed on once for each connection, by Envoy's number for it, which no two connections of a process share.
#[derive(Debug, Default)]
pub(super) struct Connections(RefCell<HashMap<u64, Connection>>);

impl Connections {
    /// Of the stream whose callback this is.
    /// `with_metadata`: the policy takes claims from Envoy's dynamic metadata, another for each request.
    pub(super) fn current(&self, with_metadata: bool) -> Connection {
        // Not remembered: behind a trusted proxy it is the proxy's client, another one for each request.
        let source = text(&["source", "address"]);
        let metadata = if with_metadata { hostcalls::get_property(vec!["metadata"]).ok().flatten() } else { None };
        // A host without such numbers, or one that calls everything 0, is asked each time.
        let (Some(id @ 1..), Ok(mut known)) = (number(&["connection_id"]), self.0.try_borrow_mut()) else {
            return Connection { source, metadata, ..tls() };
        };
        if known.len() >= REMEMBERED && !known.contains_key(&id) {
            known.clear();
        }
        Connection { source, metadata, ..known.entry(id).or_insert_with(tls).clone() }
    }
}

/// All but the source.
fn tls() -> Connection {
    let tls_version = text(&["connection", "tls_version"]);
    if tls_version.is_none() {
        return Connection::default();
    }
    let mtls = hostcalls::get_property(vec!["connection", "mtls"]).ok().flatten().is_some_and(|bytes| bytes.first() == Some(&1));
    Connection {
        source: None,
        tls_version,
        tls_cipher: text(&["filter_state", CIPHER]),
        server_name: text(&["connection", "requested_server_name"]),
        client_certificate: if mtls { text(&["connection", "sha256_peer_certificate_digest"]) } else { None },
        client_subject: if mtls { text(&["connection", "subject_peer_certificate"]) } else { None },
        metadata: None,
    }
}

pub(super) fn closing() -> Closing {
    let flags = number(&["response", "flags"]).unwrap_or_default();
    Closing {
        upstream: text(&["upstream", "address"]),
        cluster: text(&["xds", "cluster_name"]),
        // How a stream broke; of one that did not, nothing is asked.
        details: if flags == 0 { None } else { text(&["response", "code_details"]) },
        flags,
    }
}

/// Name of the cluster that this stream's request went to.
pub(super) fn cluster() -> Option<String> {
    text(&["xds", "cluster_name"])
}

/// What the route made of the request's address, as far as the host still knows.
pub(super) struct Address {
    pub(super) authority: Option<String>,
    pub(super) path: Option<String>,
}

pub(super) fn as_the_server_sees() -> Address {
    Address { authority: text(&["request", "host"]), path: text(&["request", "path"]) }
}

fn text(path: &[&str]) -> Option<String> {
    let bytes = hostcalls::get_property(path.to_vec()).ok()??;
    if bytes.is_empty() { None } else { Some(String::from_utf8_lossy(&bytes).into_owned()) }
}

/// Integers come as eight bytes, little-endian.
fn number(path: &[&str]) -> Option<u64> {
    let bytes = hostcalls::get_property(path.to_vec()).ok()??;
    bytes.first_chunk::<8>().map(|bytes| u64::from_le_bytes(*bytes))
}
