//! The names this machine's clients call the gateway by, beside the policy's own.

use std::net::SocketAddr;

use serde_json::{Value, json};

/// Adds them to a policy for elsewhere, which would answer them 421. One whose resource is here needs none, and one that lets
/// every host pass neither.
pub(super) fn add(policy: &mut Value, listen: SocketAddr) {
    let resource = policy.get("resource").and_then(Value::as_str).and_then(|text| reqwest::Url::parse(text).ok());
    let Some(host) = resource.as_ref().and_then(reqwest::Url::host_str).map(str::to_owned) else { return };
    let names = names(listen);
    if resource.as_ref().and_then(reqwest::Url::port_or_known_default) == Some(listen.port()) && names.contains(&host) {
        return;
    }
    // The port is chosen later: it is no part of what DNS rebinding could forge.
    let port = if listen.port() == 0 { "*".to_owned() } else { listen.port().to_string() };
    let own = match resource.as_ref().and_then(reqwest::Url::port) {
        Some(port) => format!("{host}:{port}"),
        None => host,
    };
    let Some(policy) = policy.as_object_mut() else { return };
    let Some(transport) = policy.entry("transport").or_insert_with(|| json!({})).as_object_mut() else { return };
    let mut hosts = match transport.get("hosts") {
        Some(Value::String(any)) if any == "any" => return,
        Some(Value::Array(listed)) => listed.clone(),
        Some(one) => vec![one.clone()],
        None => vec![own.into()],
    };
    for name in names {
        let name = Value::from(format!("{name}:{port}"));
        if !hosts.contains(&name) {
            hosts.push(name);
        }
    }
    transport.insert("hosts".to_owned(), hosts.into());
}

fn names(listen: SocketAddr) -> Vec<String> {
    let ip = listen.ip();
    let mut names = Vec::new();
    if ip.is_loopback() || ip.is_unspecified() {
        names.extend(["localhost", "127.0.0.1", "[::1]"].map(str::to_owned));
    }
    let written = match ip {
        std::net::IpAddr::V4(ip) => ip.to_string(),
        std::net::IpAddr::V6(ip) => format!("[{ip}]"),
    };
    if !ip.is_unspecified() && !names.contains(&written) {
        names.push(written);
    }
    names
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hosts(policy: Value, listen: &str) -> Value {
        let mut policy = policy;
        add(&mut policy, listen.parse().unwrap());
        policy.pointer("/transport/hosts").cloned().unwrap_or_default()
    }

    #[test]
    fn a_policy_for_elsewhere_can_be_called_here() {
        let policy = |hosts: Value| json!({ "resource": "https://Mcp.example.com:9/mcp", "transport": { "tls": "off", "hosts": hosts } });
        let elsewhere = json!({ "resource": "https://mcp.example.com/mcp" });
        assert_eq!(
            hosts(elsewhere.clone(), "127.0.0.1:8443"),
            json!(["mcp.example.com", "localhost:8443", "127.0.0.1:8443", "[::1]:8443"])
        );
        assert_eq!(hosts(elsewhere.clone(), "0.0.0.0:0"), json!(["mcp.example.com", "localhost:*", "127.0.0.1:*", "[::1]:*"]));
        assert_eq!(hosts(elsewhere.clone(), "192.0.2.7:1"), json!(["mcp.example.com", "192.0.2.7:1"]));
        assert_eq!(hosts(elsewhere, "[2001:db8::1]:1"), json!(["mcp.example.com", "[2001:db8::1]:1"]));
        assert_eq!(hosts(policy(json!("a.example")), "192.0.2.7:1"), json!(["a.example", "192.0.2.7:1"]));
        assert_eq!(hosts(policy(json!(["192.0.2.7:1"])), "192.0.2.7:1"), json!(["192.0.2.7:1"]));
        assert_eq!(hosts(policy(json!("any")), "192.0.2.7:1"), json!("any"));
        assert_eq!(hosts(policy(Value::Null), "192.0.2.7:1")[1], json!("192.0.2.7:1"));
    }

    #[test]
    fn a_policy_for_here_stays_as_it_is() {
        for resource in ["https://127.0.0.1:8443/mcp", "https://localhost:8443/mcp", "https://[::1]:8443"] {
            assert_eq!(hosts(json!({ "resource": resource }), "127.0.0.1:8443"), Value::Null);
        }
        assert_ne!(hosts(json!({ "resource": "https://localhost/mcp" }), "127.0.0.1:8443"), Value::Null);
    }
}
