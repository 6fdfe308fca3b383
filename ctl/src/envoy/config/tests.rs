use std::path::{Path, PathBuf};

use serde_json::Value;

use super::*;
use crate::envoy::endpoint::Endpoint;

fn plan(tls: bool) -> Plan {
    let upstream = Cluster {
        name: UPSTREAM.to_owned(),
        endpoint: Endpoint::parse("https://mcp.example.com/v1/mcp").unwrap(),
        authorities: Authorities::System,
    };
    Plan {
        listen: "127.0.0.1:0".parse().unwrap(),
        certificate: tls.then(|| Certificate { chain: "/run/leaf.pem".into(), key: "/run/leaf.key".into() }),
        route: Route { authority: "mcp.example.com".to_owned(), rewrite: Some(("/mcp".to_owned(), "/v1/mcp".to_owned())) },
        clusters: vec![upstream],
        admin: Admin::Socket("/run/admin.sock".into()),
        filter_file: "/run/filter/filter.json".into(),
        audit_log: PathBuf::from("/run/audit.ndjson"),
        interim_millis: None,
    }
}

fn at<'a>(value: &'a Value, pointer: &str) -> &'a Value {
    value.pointer(pointer).unwrap_or_else(|| panic!("no {pointer} in {value:#}"))
}

fn manager(chain: &Value) -> &Value {
    let filters = at(chain, "/filters").as_array().unwrap();
    at(filters.last().unwrap(), "/typed_config")
}

#[test]
fn both_kinds_of_client_reach_the_same_guarded_door() {
    let rendered = bootstrap(&plan(true));
    let listener = at(&rendered, "/static_resources/listeners/0");
    let chains = at(listener, "/filter_chains").as_array().unwrap();
    assert_eq!(chains.len(), 2);
    assert_eq!(manager(&chains[0]), manager(&chains[1]));
    assert_eq!(at(&chains[0], "/filter_chain_match/transport_protocol"), "tls");
    assert_eq!(at(&chains[1], "/filter_chain_match/transport_protocol"), "raw_buffer");
    for chain in chains {
        let filters = at(manager(chain), "/http_filters").as_array().unwrap();
        assert_eq!(at(&filters[0], "/name"), NAME, "nothing stands before the filter");
        assert!(filters[0].pointer("/config_discovery/default_config").is_none(), "without a policy nothing may pass");
    }
}

#[test]
fn without_tls_there_is_one_chain_and_no_handshake_to_log() {
    let rendered = bootstrap(&plan(false));
    let listener = at(&rendered, "/static_resources/listeners/0");
    assert_eq!(at(listener, "/filter_chains").as_array().unwrap().len(), 1);
    assert!(listener.get("listener_filters").is_none());
    assert!(!listener.to_string().contains("tls-handshake-failed"));
}

#[test]
fn exactly_the_endpoint_is_rewritten_and_nothing_times_out() {
    let rendered = bootstrap(&plan(false));
    let chain = at(&rendered, "/static_resources/listeners/0/filter_chains/0");
    let routes = at(manager(chain), "/route_config/virtual_hosts/0/routes").as_array().unwrap();
    assert_eq!(at(&routes[0], "/match/path"), "/mcp");
    assert_eq!(at(&routes[0], "/route/prefix_rewrite"), "/v1/mcp");
    assert_eq!(at(&routes[1], "/match/prefix"), "/");
    assert!(routes[1].pointer("/route/prefix_rewrite").is_none());
    for route in routes {
        assert_eq!(at(route, "/route/timeout"), "0s");
        assert_eq!(at(route, "/route/host_rewrite_literal"), "mcp.example.com");
    }
}

#[test]
fn the_record_is_written_verbatim_and_once() {
    let loggers = access_log::of_exchanges(Path::new("/run/audit.ndjson"));
    let format = at(&loggers, "/0/typed_config/log_format/text_format_source/inline_string");
    assert_eq!(format, "%FILTER_STATE(wasm.portcullis_record:PLAIN)%\n");
    let condition =
        |at_filter: &str| at(&loggers, &format!("{at_filter}/extension_filter/typed_config/expression")).as_str().unwrap().to_owned();
    let (record, none) = (condition("/0/filter"), condition("/2/filter/and_filter/filters/1"));
    assert_eq!(none, format!("!({record}) && !('wasm.portcullis_no_record' in filter_state)"), "one of the two lines at most is written");
    assert_eq!(at(&loggers, "/2/filter/and_filter/filters/0/log_type_filter/types/0"), "DownstreamEnd");
    assert_eq!(at(&loggers, "/1/typed_config/path"), "/run/audit.findings.ndjson");
    assert_eq!(
        at(&loggers, "/1/typed_config/log_format/text_format_source/inline_string"),
        "%FILTER_STATE(wasm.portcullis_findings:PLAIN)%\n"
    );
}

#[test]
fn an_upstream_must_prove_its_name() {
    let cluster = |url: &str, authorities| {
        let endpoint = Endpoint::parse(url).unwrap();
        Cluster { name: "idp".to_owned(), endpoint, authorities }.render()
    };
    let named = cluster("https://id.example.com", Authorities::System);
    let context = at(&named, "/transport_socket/typed_config");
    assert_eq!(at(context, "/sni"), "id.example.com");
    let validation = at(context, "/common_tls_context/validation_context");
    assert_eq!(at(validation, "/match_typed_subject_alt_names/0/matcher/exact"), "id.example.com");
    assert!(validation.get("system_root_certs").is_some());

    let address = cluster("https://[2001:db8::1]:8443/mcp", Authorities::File("/ca.pem".into()));
    let context = at(&address, "/transport_socket/typed_config");
    assert!(context.get("sni").is_none(), "an address is no server name (RFC 6066 section 3)");
    let validation = at(context, "/common_tls_context/validation_context");
    assert_eq!(at(validation, "/match_typed_subject_alt_names/0/san_type"), "IP_ADDRESS");
    assert_eq!(at(validation, "/match_typed_subject_alt_names/0/matcher/exact"), "2001:db8::1");
    assert_eq!(at(validation, "/trusted_ca/filename"), "/ca.pem");
    assert_eq!(at(&address, "/type"), "STATIC");

    let plain = cluster("http://localhost:3000", Authorities::System);
    assert!(plain.get("transport_socket").is_none());
    assert_eq!(at(&plain, "/type"), "LOGICAL_DNS");
}

#[test]
fn the_filter_holds_headers_never_fails_open_and_sees_only_the_named_variables() {
    let variables = ["TOKEN".to_owned()];
    let filter = Filter { module: Path::new("/p.wasm"), policy: r#"{"version":1}"#, variables: &variables };
    let rendered = discovery(filter, "7");
    assert_eq!(at(&rendered, "/version_info"), "7");
    let config = at(&rendered, "/resources/0/typed_config/config");
    assert_eq!(at(config, "/allow_on_headers_stop_iteration"), true);
    assert_eq!(at(config, "/failure_policy"), "FAIL_RELOAD");
    assert_eq!(at(config, "/configuration/value"), r#"{"version":1}"#);
    assert_eq!(at(config, "/vm_config/environment_variables/host_env_keys/0"), "TOKEN");
    assert_eq!(at(config, "/vm_config/configuration/value"), "TOKEN");
}
