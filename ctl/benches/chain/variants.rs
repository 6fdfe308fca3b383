//! What stands in the filter chain of each Envoy.

use std::sync::Arc;

use anyhow::{Context, Result};
use jwt_simple::prelude::ES256KeyPair;
use portcullisctl::issuer::{Mint, TokenRequest};
use serde_json::{Value, json};

use crate::{conditions, rules};

pub const RESOURCE: &str = "https://mcp.example.com/mcp";
const ISSUER: &str = "https://id.example.com";

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Variant {
    NoFilter,
    EmptyWasm,
    Native,
    NativeWithRecord,
    Portcullis,
    NoRecord,
    NoChain,
    KeyedChain,
    NoPayload,
    NoMasking,
    OneRule,
    Conditions,
    Against,
    AgainstConditions,
}

impl Variant {
    pub const ALL: [Self; 12] = [
        Self::NoFilter,
        Self::EmptyWasm,
        Self::Native,
        Self::NativeWithRecord,
        Self::Portcullis,
        Self::NoRecord,
        Self::NoChain,
        Self::KeyedChain,
        Self::NoPayload,
        Self::NoMasking,
        Self::OneRule,
        Self::Conditions,
    ];
    /// What the budget compares.
    pub const BUDGET: [Self; 3] = [Self::NoFilter, Self::Native, Self::Portcullis];

    pub fn name(self) -> &'static str {
        match self {
            Self::NoFilter => "no-filter",
            Self::EmptyWasm => "empty-wasm",
            Self::Native => "native",
            Self::NativeWithRecord => "native-log",
            Self::Portcullis => "portcullis",
            Self::NoRecord => "no-record",
            Self::NoChain => "no-chain",
            Self::KeyedChain => "keyed-chain",
            Self::NoPayload => "no-payload",
            Self::NoMasking => "no-masking",
            Self::OneRule => "one-rule",
            Self::Conditions => "conditions",
            Self::Against => "against",
            Self::AgainstConditions => "against-cond",
        }
    }

    pub fn is_native(self) -> bool {
        matches!(self, Self::Native | Self::NativeWithRecord)
    }

    pub fn is_portcullis(self) -> bool {
        !matches!(self, Self::NoFilter | Self::EmptyWasm | Self::Native | Self::NativeWithRecord)
    }

    pub fn guards(self) -> bool {
        self.is_native() || self.is_portcullis()
    }

    pub fn masks(self) -> bool {
        self.is_portcullis() && self != Self::NoMasking
    }

    pub fn keeps_payload(self) -> bool {
        self.is_portcullis() && !matches!(self, Self::NoPayload | Self::NoRecord)
    }

    /// Whether its allowed calls are on record.
    pub fn records(self) -> bool {
        self == Self::NativeWithRecord || (self.is_portcullis() && self != Self::NoRecord)
    }

    /// Whether it runs the other module.
    pub fn is_against(self) -> bool {
        matches!(self, Self::Against | Self::AgainstConditions)
    }

    /// Whether its rules look into the arguments.
    pub fn has_conditions(self) -> bool {
        matches!(self, Self::Conditions | Self::AgainstConditions)
    }

    /// Whether its call is the one that conditions are about.
    pub fn has_many_arguments(self) -> bool {
        self.has_conditions() || self == Self::OneRule
    }
}

/// Keys and tokens of one run.
pub struct Tokens {
    /// Whom everybody lets in.
    pub good: String,
    /// The same claims, signed by somebody else who claims to be the same key.
    pub forged: String,
    jwk: Value,
}

impl Tokens {
    pub fn make() -> Result<Self> {
        let key = || ES256KeyPair::generate().with_key_id("bench");
        let request = TokenRequest {
            user: "ada".to_owned(),
            email: Some("ada@corp.example".to_owned()),
            groups: vec!["staff".to_owned(), rules::GROUP.to_owned()],
            client: Some("bench-agent".to_owned()),
            ..TokenRequest::default()
        };
        let sign = |key: ES256KeyPair| Mint::new(ISSUER.to_owned(), RESOURCE.to_owned(), Arc::new(key)).token(&request);
        let ours = key();
        let mut jwk: Value = serde_json::from_str(&ours.public_key().to_jwk())?;
        let members = jwk.as_object_mut().context("a JWK that is no object")?;
        members.extend([("alg".to_owned(), json!("ES256")), ("use".to_owned(), json!("sig"))]);
        Ok(Self { good: sign(ours)?, forged: sign(key())?, jwk })
    }
}

/// The policy of the budget: a remembered token, fifty rules, all detectors, a record with payloads; or one of these less, or other rules.
pub fn policy(variant: Variant, tokens: &Tokens) -> Value {
    let mut policy = json!({
        "version": 1,
        "resource": RESOURCE,
        "transport": { "tls": "off", "upstream_credential": { "header": "authorization", "value": "Bearer of-the-bench" } },
        "identity": { "issuers": [{ "issuer": ISSUER, "keys": [tokens.jwk], "algorithms": ["ES256"] }] },
        "default": "deny",
        "rules": match variant {
            Variant::OneRule => conditions::one_rule(),
            _ if variant.has_conditions() => conditions::fifty_rules(),
            _ => rules::portcullis(),
        },
        "audit": { "payload": if variant.keeps_payload() { "masked" } else { "none" } },
    });
    let chain = match variant {
        Variant::NoChain => Some(json!("off")),
        Variant::KeyedChain => Some(json!({ "key": "k".repeat(44) })),
        _ => None,
    };
    if let (Some(chain), Some(audit)) = (chain, policy.pointer_mut("/audit").and_then(Value::as_object_mut)) {
        audit.insert("chain".to_owned(), chain);
    }
    if variant == Variant::NoRecord {
        let rules = policy.pointer_mut("/rules").and_then(Value::as_array_mut).into_iter().flatten();
        for rule in rules.filter_map(Value::as_object_mut) {
            rule.insert("record".to_owned(), json!("none"));
        }
    }
    if let Some(members) = policy.as_object_mut()
        && variant.masks()
    {
        let masking = json!([
            { "id": "numbers", "detect": ["credit_card", "us_ssn", "iban"], "then": "replace" },
            { "id": "keys", "detect": ["secrets"], "then": "replace" },
            { "id": "fields", "fields": ["password", "*.ssn"], "then": "replace" },
            { "id": "mail", "detect": ["email"], "then": "replace" },
        ]);
        members.insert("masking".to_owned(), masking);
    }
    policy
}

/// The filters of stock Envoy that do what they can of the same: the token, the message, the rules.
pub fn native(tokens: &Tokens) -> Vec<Value> {
    let jwt = json!({
        "@type": "type.googleapis.com/envoy.extensions.filters.http.jwt_authn.v3.JwtAuthentication",
        "providers": { "bench": {
            "issuer": ISSUER,
            "audiences": [RESOURCE],
            "local_jwks": { "inline_string": json!({ "keys": [tokens.jwk] }).to_string() },
            "jwt_cache_config": { "jwt_cache_size": 1000 },
            "payload_in_metadata": "claims",
        } },
        "rules": [{ "match": { "prefix": "/" }, "requires": { "provider_name": "bench" } }],
    });
    let mcp = json!({
        "@type": "type.googleapis.com/envoy.extensions.filters.http.mcp.v3.Mcp",
        "traffic_mode": "REJECT_NO_MCP",
    });
    let mut filters = vec![
        json!({ "name": "envoy.filters.http.jwt_authn", "typed_config": jwt }),
        json!({ "name": "envoy.filters.http.mcp", "typed_config": mcp }),
    ];
    for (name, mut rbac) in ["deny", "allow"].into_iter().zip(rules::rbac()) {
        if let Some(members) = rbac.as_object_mut() {
            members.insert("@type".to_owned(), json!("type.googleapis.com/envoy.extensions.filters.http.rbac.v3.RBAC"));
        }
        filters.push(json!({ "name": format!("rbac-{name}"), "typed_config": rbac }));
    }
    filters
}

/// A record as far as stock Envoy can write one: who called what, and what came of it. No arguments, no answer.
pub fn native_record(file: &std::path::Path) -> Value {
    let claim = |name: &str| format!("%DYNAMIC_METADATA(envoy.filters.http.jwt_authn:claims:{name})%");
    json!([{ "name": "envoy.access_loggers.file", "typed_config": {
        "@type": "type.googleapis.com/envoy.extensions.access_loggers.file.v3.FileAccessLog",
        "path": file,
        "log_format": { "json_format": {
            "time": "%START_TIME%",
            "duration_ms": "%DURATION%",
            "request_id": "%REQ(X-REQUEST-ID)%",
            "source": "%DOWNSTREAM_REMOTE_ADDRESS%",
            "user": claim("sub"),
            "email": claim("email"),
            "groups": claim("groups"),
            "client": claim("client_id"),
            "token": claim("jti"),
            "user_agent": "%REQ(USER-AGENT)%",
            "http_method": "%REQ(:METHOD)%",
            "path": "%REQ(:PATH)%",
            "method": "%DYNAMIC_METADATA(envoy.filters.http.mcp:method)%",
            "tool": "%DYNAMIC_METADATA(envoy.filters.http.mcp:params:name)%",
            "status": "%RESPONSE_CODE%",
            "details": "%RESPONSE_CODE_DETAILS%",
            "upstream": "%UPSTREAM_HOST%",
        } },
    } }])
}

/// A Wasm filter that does nothing.
pub fn empty_wasm(module: &std::path::Path) -> Value {
    json!({ "name": "empty", "typed_config": {
        "@type": "type.googleapis.com/envoy.extensions.filters.http.wasm.v3.Wasm",
        "config": {
            "name": "empty",
            "vm_config": { "runtime": "envoy.wasm.runtime.v8", "code": { "local": { "filename": module } } },
            "allow_on_headers_stop_iteration": true,
        },
    } })
}
