//! The document Envoy starts with.

use std::net::SocketAddr;
use std::path::PathBuf;

use serde_json::{Value, json};

use super::listener::{self, Certificate, Route};
use super::{Cluster, extension};

/// Connections from clients at once; a bound that Envoy asks for, far above what one machine's agents open.
const CONNECTIONS: u32 = 10_000;

/// Everything the bootstrap says.
#[derive(Clone, Debug)]
pub struct Plan {
    pub listen: SocketAddr,
    /// None: plaintext only.
    pub certificate: Option<Certificate>,
    pub route: Route,
    /// The upstream and the clusters that the policy names.
    pub clusters: Vec<Cluster>,
    pub admin: Admin,
    /// The file with the filter in it; must exist when Envoy starts.
    pub filter_file: PathBuf,
    pub audit_log: PathBuf,
    /// How often streams that run write a line; none: only when they end.
    pub interim_millis: Option<u64>,
}

/// Where Envoy can be asked for its state.
#[derive(Clone, Debug)]
pub enum Admin {
    /// A socket in the run folder, which only this user can open: no port.
    Socket(PathBuf),
    /// On a port, because the user asked for it.
    Tcp(SocketAddr),
}

/// The whole bootstrap.
pub fn bootstrap(plan: &Plan) -> Value {
    let clusters: Vec<Value> = plan.clusters.iter().map(Cluster::render).collect();
    let admin = match &plan.admin {
        Admin::Socket(path) => json!({ "pipe": { "path": path, "mode": 0o600 } }),
        Admin::Tcp(address) => socket_address(*address),
    };
    json!({
        "admin": { "address": admin },
        "static_resources": { "listeners": [listener::render(plan)], "clusters": clusters },
        "overload_manager": { "resource_monitors": [extension(
            "envoy.resource_monitors.global_downstream_max_connections",
            "envoy.extensions.resource_monitors.downstream_connections.v3.DownstreamConnectionsConfig",
            json!({ "max_active_downstream_connections": CONNECTIONS }),
        )] },
    })
}

pub(super) fn socket_address(address: SocketAddr) -> Value {
    json!({ "socket_address": { "address": address.ip().to_string(), "port_value": address.port() } })
}
