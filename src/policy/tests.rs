use prost::Message as _;

use super::*;

const STARTER: &str = include_str!("../../policies/starter.yaml");

fn no_env(_: &str) -> Option<String> {
    None
}

fn problems(yaml: &str) -> Vec<String> {
    from_yaml(yaml, &no_env).expect_err("must be refused").problems().iter().map(ToString::to_string).collect()
}

/// A policy with one section replaced.
fn with(section: &str) -> String {
    let name = section.split(':').next().unwrap_or_default();
    let base = [
        ("version", "version: 1\n"),
        ("resource", "resource: https://mcp.example.com/mcp\n"),
        ("identity", "identity:\n  issuers: [{ issuer: https://id.example.com, jwks: { cluster: idp, path: /jwks.json } }]\n"),
    ];
    let kept: String = base.iter().filter(|(key, _)| *key != name).map(|(_, text)| *text).collect();
    format!("{kept}{section}")
}

#[test]
fn the_starter_loads() {
    let loaded = from_yaml(STARTER, &no_env).unwrap();
    assert_eq!(loaded.policy.resource.path(), "/mcp");
    assert_eq!(loaded.policy.rules.len(), 4);
    assert_eq!(loaded.policy.identity.issuers[0].audiences, ["https://mcp.example.com/mcp"]);
    assert!(matches!(&loaded.policy.identity.issuers[0].keys, KeySource::Jwks(jwks) if jwks.host == "id.example.com"));
    assert!(loaded.policy.transport.hold_request_headers);
}

#[test]
fn yaml_json_and_struct_are_one_policy() {
    let yaml = from_yaml(STARTER, &no_env).unwrap();
    let json = from_configuration(yaml.json.to_string().as_bytes(), &no_env).unwrap();
    let encoded = to_struct(&yaml.json).encode_to_vec();
    let structure = from_configuration(&encoded, &no_env).unwrap();
    assert_eq!(yaml.digest, json.digest);
    assert_eq!(yaml.digest, structure.digest);
    assert_eq!(structure.policy.rules.len(), 4);
    assert_eq!(yaml.digest.len(), 64);
}

fn to_struct(json: &serde_json::Value) -> prost_types::Struct {
    let members = json.as_object().unwrap();
    prost_types::Struct { fields: members.iter().map(|(name, value)| (name.clone(), to_value(value))).collect() }
}

fn to_value(json: &serde_json::Value) -> prost_types::Value {
    use prost_types::value::Kind;
    let kind = match json {
        serde_json::Value::Null => Kind::NullValue(0),
        serde_json::Value::Bool(b) => Kind::BoolValue(*b),
        serde_json::Value::Number(n) => Kind::NumberValue(n.as_f64().unwrap()),
        serde_json::Value::String(s) => Kind::StringValue(s.clone()),
        serde_json::Value::Array(items) => Kind::ListValue(prost_types::ListValue { values: items.iter().map(to_value).collect() }),
        serde_json::Value::Object(_) => Kind::StructValue(to_struct(json)),
    };
    prost_types::Value { kind: Some(kind) }
}

#[test]
fn ten_mistakes_give_ten_messages() {
    let yaml = r#"version: 2
resource: mcp.example.com/mcp
transport:
  tls: on
identity:
  issuers:
    - issuer: https://id.example.com
      jwks: { cluster: idp, path: jwks.json, refresh: 5 minutes }
      algorithms: [HS256]
default: dney
rules:
  - id: Staff Read
    group: [engineering]
    tools: ["get_*"]
    then: alow
masking:
  - { id: cards, detect: [credit_cards], then: replace }
"#;
    let found = problems(yaml);
    let expected = [
        "line 1: version: this version of Portcullis reads `version: 1`",
        "line 2: resource: expected the endpoint's external URL, such as `https://mcp.example.com/mcp`, without query or fragment, found `mcp.example.com/mcp`",
        "line 4: transport.tls: unknown value `on`; possible: `required`, `forwarded`, `off`",
        "line 8: identity.issuers[0].jwks.path: expected a path that begins with `/`, such as `/jwks.json`, found `jwks.json`",
        "line 8: identity.issuers[0].jwks.refresh: expected a duration such as `500ms`, `30s`, `5m`, `12h` or `7d`, found `5 minutes`",
        "line 9: identity.issuers[0].algorithms[0]: unknown value `HS256`; did you mean `ES256`?",
        "line 10: default: unknown value `dney`; did you mean `deny`?",
        "line 12: rules[0].id: expected an id of up to 64 lower-case letters",
        "line 13: rules[0].group: unknown name; did you mean `groups`?",
        "line 15: rules[0].then: unknown value `alow`; did you mean `allow`?",
        "line 17: masking[0].detect[0]: unknown value `credit_cards`; did you mean `credit_card`?",
    ];
    assert_eq!(found.len(), expected.len(), "{found:#?}");
    for (found, expected) in found.iter().zip(expected) {
        assert!(found.starts_with(expected), "{found}\nis not\n{expected}");
    }
}

#[test]
fn what_cannot_be_kept_is_refused_not_ignored() {
    let cases = [
        ("rules: [{ id: a, then: { ask: { approvers: [leads] } } }]", "rules[0].then: needs `approvals`"),
        ("limits: { calls: { per: principal, rate: 60/m, burst: 4000 } }", "limits.calls.burst: must be from 1 to 3600"),
        (
            "limits: { calls: [{ per: principal, rate: 60/m }, { id: calls, per: all, rate: 9/s }] }",
            "limits.calls[1].id: the id `calls` is taken",
        ),
        ("limits: { findings: { per: principal, at_most: 9, within: 1h, detect: secret } }", "did you mean `secrets`?"),
        ("limits: { headers: true }\ntransport: { hold_request_headers: false }", "limits.headers: headers that are not held"),
    ];
    for (section, expected) in cases {
        let found = problems(&with(section));
        assert!(found.len() == 1 && found[0].contains(expected), "{section}: {found:#?}");
    }
}

#[test]
fn revocation_has_safe_defaults() {
    let loaded = |members: &str| {
        let issuers = "issuers: [{ issuer: https://i, keys: [{ kty: EC }] }]";
        let yaml = with(&format!("identity: {{ {issuers}, revocation: {{ cluster: c, path: /r, {members} }} }}"));
        from_yaml(&yaml, &no_env).unwrap_or_else(|report| panic!("{report}")).policy.identity
    };
    let identity = loaded("keys: [{ kty: EC }]");
    assert_eq!(identity.expired_streams, ExpiredStreams::FinishCalls);
    let Revocation { host, interval, stale_after, when_stale, signed, .. } = identity.revocation.unwrap();
    assert_eq!((host.as_str(), interval.secs(), stale_after.secs(), when_stale), ("c", 10, 60, WhenStale::Refuse));
    assert!(matches!(signed, Signed::By(keys) if keys.len() == 1));
    let Revocation { stale_after, signed, .. } = loaded("unsigned: true, interval: 2m").revocation.unwrap();
    assert!(stale_after.secs() == 360 && matches!(signed, Signed::Not));
}

#[test]
fn seal_keys() {
    let written = |keys: &str| {
        let section = "identity: { issuers: [{ issuer: https://i, keys: [{ kty: EC }] }], sessions: { seal_key: ";
        with(&format!("{section}{keys} }} }}"))
    };
    let keys = |keys: &str| problems(&written(keys));
    let good = |n: usize| format!("{n}{}", "k".repeat(31));
    for (keys, expected) in [(format!("'{}'", good(1)), 1), (format!("['{}', '{}']", good(1), good(2)), 2)] {
        let sessions = from_yaml(&written(&keys), &no_env).unwrap().policy.sessions.unwrap();
        assert_eq!(sessions.seal_keys.len(), expected);
        assert_eq!(sessions.seal_keys[0].expose(), good(1).as_bytes());
    }
    for (written, expected) in [
        (format!("'{}'", "k".repeat(31)), "identity.sessions.seal_key: the key has 31 bytes; it must have 32 or more"),
        (format!("['{}', short]", good(1)), "identity.sessions.seal_key[1]: the key has 5 bytes"),
        (format!("['{0}', '{0}']", good(1)), "identity.sessions.seal_key[1]: this key is listed twice"),
        (format!("{:?}", (1..=5).map(good).collect::<Vec<_>>()), "identity.sessions.seal_key: 5 keys; at most 4"),
        ("'${env:NOT_SET}'".to_owned(), "identity.sessions.seal_key: the environment variable `NOT_SET` is not set"),
        ("[]".to_owned(), "identity.sessions.seal_key: the list is empty"),
    ] {
        let found = keys(&written);
        assert!(found.len() == 1 && found[0].contains(expected), "{written}: {found:#?}");
    }
}

#[test]
fn places_that_must_agree() {
    macro_rules! asks {
        ($ask:literal) => {
            asks!($ask, "")
        };
        ($ask:literal, $rule:literal) => {
            concat!(
                "approvals: { cluster: a, credential: c, key: 0123456789abcdef0123456789abcdef, keys: [{ kty: OKP }] }\n",
                "rules: [{ id: a, ",
                $rule,
                "then: { ask: { approvers: [leads], ",
                $ask,
                " } } }]"
            )
        };
    }

    macro_rules! revocation {
        ($members:literal) => {
            concat!("identity: { issuers: [{ issuer: https://i, keys: [{ kty: EC }] }], revocation: { ", $members, " } }")
        };
    }
    let cases = [
        ("transport: { tls: forwarded }", "needs `forwarded_from`"),
        ("transport: { hosts: [https://mcp.example.com] }", "without a scheme"),
        ("transport: { hosts: [mcp.example.com, any] }", "`hosts: any` lets every host pass"),
        ("transport: { hosts: [] }", "the list is empty"),
        ("transport: { origins: ['null'] }", "an origin such as"),
        ("transport: { origins: ['*'] }", "an origin such as"),
        ("resource: https://m\u{fc}nchen.example/mcp", "write it in ASCII (punycode)"),
        (
            "identity: { issuers: [{ issuer: https://a, keys: [{ kty: EC }], metadata: { cluster: c, path: /m } }, \
             { issuer: https://b, keys: [{ kty: EC }], metadata: { cluster: c, path: /m } }] }",
            "another issuer has `metadata` already",
        ),
        ("identity: { issuers: [{ issuer: a, keys: [{ kty: EC }], metadata: { cluster: c, path: /m } }] }", "`host` must say"),
        ("transport: { forwarded_from: [10.0.0.0/8] }", "no effect without `tls: forwarded`"),
        ("rules: [{ id: a, then: deny }, { id: a, then: allow }]", "the id `a` is taken by rules[0]"),
        ("masking: [{ id: a, then: replace }]", "finds nothing"),
        ("masking: [{ id: a, detect: [email], then: { keep: { first: 20, last: 20 } } }]", "32 are the most that may stay"),
        ("masking: [{ id: a, detect: [email], then: { fixed: 'a\"b' } }]", "without quotes, backslashes"),
        ("masking: [{ id: a, detect: [email], then: { keep: { first: 2 } } }]", "`last` is missing"),
        ("masking: [{ id: a, detect: [email], then: mask }]", "`refuse`"),
        ("masking: [{ id: a, detect: [email], then: replace, direction: both }]", "masking[0].direction: what is sent to the server"),
        ("masking: [{ id: a, pattern: 'x*', then: replace }]", "matches the empty text"),
        ("masking: [{ id: a, pattern: '(', then: replace }]", "not a regular expression"),
        ("masking: [{ id: a, pattern: '(a{1000}){1000}', then: replace }]", "compiles to more than"),
        ("identity: { issuers: [{ issuer: https://i }] }", "has no keys"),
        (revocation!("cluster: c, path: /r"), "revocation: has no `keys`"),
        (revocation!("cluster: c, path: /r, unsigned: false"), "revocation: has no `keys`"),
        (revocation!("cluster: c, path: /r, keys: [{ kty: EC }], unsigned: true"), "revocation.unsigned: has no effect beside `keys`"),
        (revocation!("cluster: 'outbound|443||h', path: /r, unsigned: true"), "so `host` must say"),
        (revocation!("cluster: c, path: /r, unsigned: true, interval: 500ms"), "revocation.interval: must be from 1s to 5m"),
        (revocation!("cluster: c, path: /r, unsigned: true, stale_after: 10s"), "revocation.stale_after: must be at least twice"),
        (revocation!("cluster: c, path: /r, unsigned: true, when_stale: pass"), "unknown value `pass`"),
        ("identity: { issuers: [{ issuer: i, jwks: { cluster: c, path: /j } }] }", "`host` must say"),
        ("identity: { issuers: [] }", "the list is empty"),
        ("identity: { issuers: [{ issuer: https://i, keys: [{ kty: EC }] }], jwt_authn: {} }", "no effect without `from: envoy_jwt_authn`"),
        ("identity: { from: envoy_jwt_authn, issuers: [{ issuer: https://i, keys: [{ kty: EC }] }] }", "where Envoy verifies"),
        ("identity: { from: envoy_jwt_authn, issuers: [{ issuer: https://i, jwks: { cluster: c, path: /j } }] }", "where Envoy verifies"),
        ("identity: { from: jwt_authn, issuers: [{ issuer: https://i, keys: [{ kty: EC }] }] }", "possible: `bearer`, `envoy_jwt_authn`"),
        ("identity: { issuers: [{ issuer: https://i, keys: [{ kty: EC }] }], dpop: { window: 1h } }", "must be from 5s to 15m"),
        ("identity: { issuers: [{ issuer: https://i, keys: [{ kty: EC }] }], dpop: { algorithms: [HS256] } }", "unknown value `HS256`"),
        ("identity: { issuers: [{ issuer: https://i, keys: [{ kty: EC }] }], dpop: required }", "expected a section"),
        ("rules: [{ id: a, scopes: [x], then: deny }]", "only a rule that allows can ask for scopes"),
        (asks!("quorum: 1", "scopes: [x], "), "only a rule that allows can ask for scopes"),
        (asks!("quorum: 0"), "rules[0].then.ask.quorum: must be from 1 to 10"),
        (asks!("quorum: 11"), "rules[0].then.ask.quorum: must be from 1 to 10"),
        (asks!("quorum: 2, distinct_groups: true"), "rules[0].then.ask.quorum: with `distinct_groups`"),
        (asks!("hold: 6m"), "rules[0].then.ask.hold: must be from 0s to 5m"),
        (asks!("grant: twice"), "rules[0].then.ask.grant: unknown value `twice`"),
        (asks!("grant: { uses: 0, valid: 1h }"), "rules[0].then.ask.grant.uses: must be from 1 to 1000"),
        (asks!("grant: { uses: 2 }"), "`valid` is missing"),
        (asks!("grant: { uses: 2, valid: 30d }"), "rules[0].then.ask.grant.valid: must be from 10s to 7d"),
        (asks!("grant: { uses: 2, valid: 1h }, valid: 1h"), "rules[0].then.ask.valid: has no effect"),
        (asks!("wait: 1s"), "rules[0].then.ask.wait: must be from 10s to 7d"),
        (asks!("reason: always"), "unknown value `always`"),
        ("approvals: { cluster: a, credential: c, keys: [{ kty: OKP }], key: short }", "approvals.key: the key has 5 bytes"),
        ("approvals: { cluster: 'a|b', credential: c, keys: [{ kty: OKP }], key: 0123456789abcdef0123456789abcdef }", "`host` must say"),
        ("approvals: { cluster: a, credential: c, key: 0123456789abcdef0123456789abcdef }", "`keys` is missing"),
        ("rules: [{ id: a, then: allow, record: before }]", "rules[0].record: needs `audit.collector`"),
        ("audit: { collector: { cluster: logs } }\nrules: [{ id: a, then: deny, record: before }]", "rules[0].record: has no effect"),
        ("audit: { collector: { cluster: 'outbound|4318||logs' } }", "`host` must say which Host header"),
        ("audit: { collector: { cluster: logs, timeout: 5m } }", "audit.collector.timeout: must be from 100ms to 30s"),
        ("rules: [{ id: a, scopes: 'x y', then: allow }]", "one OAuth scope, without spaces"),
        ("rules: [{ id: a, scopes: [], then: allow }]", "the list is empty"),
        ("limits: { request_body: 64MiB }", "must be from 1KiB to 16MiB"),
        ("default: deny\ndefault: allow", "written twice"),
        ("rules:\n  - then: deny", "`id` is missing"),
        ("rules: [{ id: a, tools: 5, then: deny }]", "put it in quotes"),
        ("transport: { upstream_credential: { header: Host, value: x } }", "the name of a header that may be set"),
        ("transport: { upstream_credential: { header: authorization, value: '${env:NOPE}' } }", "environment variable `NOPE` is not set"),
    ];
    for (section, expected) in cases {
        let found = problems(&with(section));
        assert!(found.iter().any(|problem| problem.contains(expected)), "{section}: {found:#?}");
        assert_eq!(found.len(), 1, "one mistake, one message: {found:#?}");
    }
}

#[test]
fn hosts_are_the_resources_own_those_listed_or_any() {
    let serves = |section: &str, host: &str| {
        let policy = from_yaml(&with(section), &no_env).unwrap().policy;
        policy.transport.hosts.serve(host, &policy.resource)
    };
    for section in ["default: deny", "transport: { tls: off }"] {
        assert!(serves(section, "mcp.example.com") && !serves(section, "localhost"), "{section}");
    }
    assert!(serves("transport: { hosts: any }", "evil.example"));
    // A list says all of it.
    let listed = "transport: { hosts: [localhost:8443, '[::1]:*'] }";
    assert!(serves(listed, "localhost:8443") && serves(listed, "[::1]:7") && !serves(listed, "mcp.example.com"));
    let one = from_yaml(&with("transport: { origins: 'https://console.example.com:443' }"), &no_env).unwrap();
    assert_eq!(one.policy.transport.origins[0].as_str(), "https://console.example.com", "as browsers write it");
}

#[test]
fn bindings_and_scopes_have_their_defaults() {
    let plain = from_yaml(&with("rules: [{ id: a, then: allow }]"), &no_env).unwrap().policy;
    assert_eq!((plain.identity.from, plain.identity.dpop.required), (TokenFrom::Bearer, false));
    assert_eq!(plain.identity.dpop.window.secs(), 300);
    assert!(plain.rules[0].scopes.is_empty() && plain.rules[0].actors.is_empty());
    let full = "identity: { from: envoy_jwt_authn, issuers: [{ issuer: https://i }], dpop: { required: true, window: 30s } }\n\
                rules: [{ id: a, scopes: 'orders:read', actors: ['agent-*'], then: allow }]";
    let full = from_yaml(&with(full), &no_env).unwrap().policy;
    assert!(matches!(full.identity.issuers[0].keys, KeySource::Elsewhere));
    assert_eq!(full.identity.jwt_authn.payload_in_metadata, "jwt_payload");
    assert!(full.identity.dpop.required);
    assert_eq!(full.rules[0].scopes, ["orders:read"]);
}

#[test]
fn secrets_come_from_the_environment_and_stay_hidden() {
    let env = |name: &str| (name == "TOKEN").then(|| "s3cret".to_owned());
    let yaml = with("transport: { upstream_credential: { header: Authorization, value: 'Bearer ${env:TOKEN}' } }");
    let loaded = from_yaml(&yaml, &env).unwrap();
    let credential = loaded.policy.transport.upstream_credential.as_ref().unwrap();
    assert_eq!(credential.value.expose(), b"Bearer s3cret");
    assert_eq!(credential.header, "authorization");
    assert!(!format!("{:?}", loaded.policy).contains("s3cret"));
    assert!(!loaded.json.to_string().contains("s3cret"));
    assert_eq!(variables(&yaml), ["TOKEN"]);
}

#[test]
fn broken_documents_say_where() {
    assert!(problems("version: 1\nrules: [")[0].contains("not YAML"));
    assert!(problems("")[0].contains("empty"));
    assert!(problems("- 1")[0].contains("expected a section"));
    assert!(problems("version: 1\n---\nversion: 1")[0].contains("second document"));
    let json = from_json("{\"version\":1,\n\"rules\":}", &no_env).expect_err("must be refused");
    assert!(json.to_string().starts_with("line 2: not JSON"), "{json}");
    assert!(from_configuration(b"", &no_env).is_err());
    assert!(from_configuration(&[0xff; 40], &no_env).is_err());
}

#[test]
fn anchors_work_and_bombs_do_not() {
    let yaml = with("rules: [{ id: a, groups: &staff [x, y], then: allow }, { id: b, groups: *staff, then: deny }]");
    assert_eq!(from_yaml(&yaml, &no_env).unwrap().policy.rules[1].groups.len(), 2);
    let mut bomb = String::from("a0: &a0 [x,x,x,x,x,x,x,x,x,x]\n");
    for level in 1..8 {
        let alias = format!("*a{}", level - 1);
        bomb.push_str(&format!("a{level}: &a{level} [{}]\n", [alias.as_str(); 10].join(",")));
    }
    assert!(problems(&bomb)[0].contains("too large"));
}

#[test]
fn the_published_schema_is_fresh() {
    let published: serde_json::Value = serde_json::from_str(include_str!("../../policies/policy.schema.json")).unwrap();
    assert!(published == schema(), "policies/policy.schema.json is stale: `cargo ctl policy schema > policies/policy.schema.json`");
}

#[test]
fn tools_and_what_servers_may_ask() {
    let loaded = from_yaml(&with("rules: [{ id: a, then: allow }]\n"), &no_env).unwrap().policy;
    assert_eq!((loaded.tools.list, loaded.tools.changed, loaded.tools.new), (Listing::Filtered, Unpinned::Refuse, Unpinned::Hide));
    assert_eq!(loaded.server.sensitive_fields, Asking::Refuse);
    let digits = "0123456789abcdefABCDEF0123456789".repeat(2);
    let pinned = format!("tools: {{ pins: {{ 'a: b': 'sha256:{digits}' }}, new: alert }}\n");
    let tools = from_yaml(&with(&pinned), &no_env).unwrap().policy.tools;
    assert_eq!(tools.new, Unpinned::Alert);
    assert_eq!(tools.pins.unwrap()["a: b"].to_string(), format!("sha256:{}", digits.to_lowercase()));
    for (section, told) in [
        ("tools: { changed: hide }\n", "tools.changed: has no effect without `pins`"),
        ("tools: { pins: { a: 'sha256:12' } }\n", "tools.pins.a: expected a fingerprint"),
        ("tools: { pins: [a] }\n", "tools.pins: expected names of tools"),
        ("tools: { hidden_instructions: remove }\n", "tools.hidden_instructions: unknown value"),
        ("server: { elicitation: { url: refuse, hosts: [a] } }\n", "server.elicitation.hosts: has no effect with `url: refuse`"),
        ("server: { sampling: ask }\n", "server.sampling: unknown value"),
    ] {
        let problems = problems(&with(section));
        assert!(problems.len() == 1 && problems[0].contains(told), "{section}: {problems:?}");
    }
}

#[test]
fn what_leaves_beside_text_is_read() {
    let yaml = with("responses: { headers: [X-Customer, 'x-*'], binary: replace, join_text: 64B }\n");
    let responses = from_yaml(&yaml, &no_env).unwrap().policy.responses;
    assert!(responses.masks_header("x-customer") && responses.masks_header("x-trace") && !responses.masks_header("y"));
    assert_eq!((responses.binary, responses.join_text.0), (Binary::Replace, 64));
    let all = Responses { headers: vec![value::Glob::new("*")], ..Responses::default() };
    for framing in [":status", "content-type", "content-length", "mcp-session-id", "transfer-encoding", "access-control-allow-origin"] {
        assert!(!all.masks_header(framing), "{framing}");
    }
    assert!(all.masks_header("location"));
    let none = from_yaml(&with(""), &no_env).unwrap().policy.responses;
    assert_eq!((none.binary, none.join_text.0, none.headers.len()), (Binary::Pass, 0, 0));
    for (section, told) in [
        ("responses: { binary: hide }\n", "possible: `pass`, `refuse`, `replace`"),
        ("responses: { join_text: 8B }\n", "from 16B to 1KiB"),
        ("responses: { join_text: 2KiB }\n", "from 16B to 1KiB"),
        ("responses: { headers: [content-type] }\n", "the name of a response header"),
        ("responses: { headers: ['a b'] }\n", "the name of a response header"),
    ] {
        let problems = problems(&with(section));
        assert!(problems.len() == 1 && problems[0].contains(told), "{section}: {problems:?}");
    }
}
