//! The policy as it is written: the whole schema, also of what a later version enforces.
//!
//! Nothing has a default here and nothing is related to anything else: `lower` does both.

use serde_json::{Value as Json, json};

use super::audit::{AuditWritten, RecordWord};
use super::budgets::{BytesOut, Calls, FindingsOut, Several, Streams};
use super::conditions::arguments::{ArgumentsWritten, condition_schema};
use super::conditions::{after::AfterWritten, attacks::Attacks, shell::Shell, sql::Sql};
use super::form::{Fields, Form, Placed, Reading, described, section, single, word, wrong_word};
use super::host::Hosts;
use super::listing::{ServerWritten, ToolsWritten};
use super::model::{
    Algorithm, Binary, ClaimPath, Default, Detector, Direction, ExpiredStreams, FieldPath, Mode, Reason, TlsMode, TlsVersion, TokenFrom,
    WhenStale,
};
use super::operator;
use super::recognizers::{Entity, RecognizerWritten};
use super::report::Place;
use super::tree::{Node, Value};
use super::value::{Bytes, Duration, Glob, Origin, Pattern, Resource, Secret};
use super::words::{Count, HeaderGlob, HeaderName, Jwk, Name, Scope, UrlPath, Version};

section! {
    /// Portcullis policy: who may call what, what is masked, what is recorded.
    Document {
        /// Version of this format.
        required version: Version,
        /// This endpoint's external URL as clients know it: the audience of tokens and the resource of RFC 9728 metadata.
        required resource: Resource,
        optional transport: Transport,
        required identity: Identity,
        /// What happens to a call that no rule matches. `deny` unless written.
        optional default: Default,
        optional rules: Vec<Placed<Rule>>,
        optional approvals: Approvals,
        optional masking: Vec<Placed<MaskRule>>,
        optional recognizers: Vec<Placed<RecognizerWritten>>,
        optional responses: Responses,
        optional tools: ToolsWritten,
        optional server: ServerWritten,
        optional limits: Limits,
        optional audit: AuditWritten,
    }
}

section! {
    /// The connection to the client and to the server behind.
    Transport {
        /// `required` (default): plaintext clients get 426. `forwarded`: TLS ends at a hop listed in `forwarded_from`. `off`: for a laptop.
        optional tls: TlsMode,
        /// Addresses or networks of the hops whose `x-forwarded-proto` is believed; needed with `tls: forwarded`.
        optional forwarded_from: Vec<ipnet::IpNet>,
        /// Mark the record of an exchange below this expectation as an alert.
        optional alert_unless: AlertUnless,
        /// Origins of web pages that may call, read the answers, and ask beforehand (CORS). A request with another `Origin` is refused; one without passes.
        optional origins: Vec<Origin>,
        /// Paths of the endpoint besides that of `resource`, such as `/messages` of the 2024-11-05 transport. Elsewhere every call needs a rule.
        optional paths: Vec<UrlPath>,
        /// Names a request may be addressed to (`Host`); others are answered 421. Default: the host of `resource`. `any` switches this protection against DNS rebinding off.
        optional hosts: Hosts,
        /// The credential the server is shown in place of the client's token, which never leaves.
        optional upstream_credential: Credential,
        /// Hold request headers until the body is decided. Default true; needs `allow_on_headers_stop_iteration` on the Wasm filter. False lets headers go first and still holds every body byte.
        optional hold_request_headers: bool,
    }
}

section! {
    /// What a good connection has.
    AlertUnless {
        required min_version: TlsVersion,
    }
}

section! {
    /// A header and its value.
    Credential {
        /// Header to set, such as `authorization`.
        required header: HeaderName,
        /// Its value, such as `Bearer ${env:ORDERS_MCP_TOKEN}`.
        required value: Secret,
    }
}

section! {
    /// Who may come in at all.
    Identity {
        required issuers: Vec<Placed<Issuer>>,
        /// `bearer` (default): the token is verified here. `envoy_jwt_authn`: Envoy's own filter, earlier in the chain, verifies it and hands its claims over.
        optional from: TokenFrom,
        optional jwt_authn: JwtAuthn,
        optional dpop: Dpop,
        optional revocation: Revocation,
        /// Streams that still run when their token expires (clock skew included). `finish_calls` (default): streams that only listen (GET, `subscriptions/listen`) end, a running call finishes. `end`: all end. `ignore`: none does.
        optional expired_streams: ExpiredStreams,
        optional sessions: Sessions,
    }
}

section! {
    /// Where Envoy's `jwt_authn` filter leaves what it found, with `from: envoy_jwt_authn`. Its other checks stay: audience, times, claims.
    JwtAuthn {
        /// The provider's `payload_in_metadata`. Default `jwt_payload`.
        optional payload_in_metadata: String,
        /// The provider's `failed_status_in_metadata`, if it has one: tells why a token was refused.
        optional failed_status_in_metadata: String,
    }
}

section! {
    /// Proofs of possession (RFC 9449). A token that is bound to a key (`cnf.jkt`) always needs one; this says what else.
    Dpop {
        /// Every token must be bound to a key and come with a proof. Default false.
        optional required: bool,
        /// Accepted signature algorithms of proofs. Default ES256, ES384, EdDSA, RS256, PS256.
        optional algorithms: Vec<Algorithm>,
        /// How far a proof's `iat` may be from now, either way. Default 5m, from 5s to 15m.
        optional window: Duration,
    }
}

section! {
    /// An OAuth 2.1 or OpenID Connect issuer whose tokens are accepted.
    Issuer {
        /// The exact `iss` claim.
        required issuer: String,
        /// Where its keys are fetched.
        optional jwks: JwksSource,
        /// Its public keys themselves (RFC 7517).
        optional keys: Vec<Jwk>,
        /// Accepted signature algorithms. Default ES256, RS256, EdDSA.
        optional algorithms: Vec<Algorithm>,
        /// Accepted `aud` values. Default: the policy's `resource`.
        optional audiences: Vec<String>,
        optional claims: Claims,
        /// Longest accepted time from `iat` to `exp`. Default 24h.
        optional max_lifetime: Duration,
        /// Accepted difference between clocks. Default 30s, at most 5m.
        optional clock_skew: Duration,
        /// Where its metadata (RFC 8414) is fetched, to be served as this endpoint's own to clients of MCP 2025-03-26, which look nowhere else. Without it they get 404. For one issuer at most.
        optional metadata: JwksSource,
    }
}

section! {
    /// A document of the issuer, reached through an Envoy cluster.
    JwksSource {
        /// Name of the Envoy cluster.
        required cluster: String,
        required path: UrlPath,
        /// Host header of the request. Default: the host of `issuer`.
        optional host: String,
        /// Time between fetches. Default 5m, at least 10s.
        optional refresh: Duration,
        /// Time for one fetch. Default 5s.
        optional timeout: Duration,
        /// How long the last good answer is used. Default 24h.
        optional keep: Duration,
    }
}

section! {
    /// Where in the token each part of the principal is. A dot reaches into nested claims: `realm_access.roles`.
    Claims {
        /// Default `sub`.
        optional user: ClaimPath,
        /// Default `email`.
        optional email: ClaimPath,
        /// A string or a list of strings. Default `groups`.
        optional groups: ClaimPath,
        /// Default `client_id`, else `azp`.
        optional client: ClaimPath,
    }
}

section! {
    /// Access taken back before its token expires: a signed list that is polled through an Envoy cluster. See `docs/revocation.md`.
    Revocation {
        /// Name of the Envoy cluster that serves the list.
        required cluster: String,
        required path: UrlPath,
        /// Host header of the request. Default: the cluster's name.
        optional host: String,
        /// Time between two looks at the list. Default 10s, from 1s to 5m.
        optional interval: Duration,
        /// How long the last list that was seen counts. Default 60s, or three intervals if that is longer.
        optional stale_after: Duration,
        /// `refuse` (default): with a stale list, or none, callers get 503 and running streams end. `warn`: they pass, and their records carry an alert.
        optional when_stale: WhenStale,
        /// Public keys (RFC 7517) that sign the list: `portcullisctl revoke --public-key` prints one.
        optional keys: Vec<Jwk>,
        /// Take a list that nobody signed: whoever can answer for the cluster can lift every revocation.
        optional unsigned: bool,
    }
}

section! {
    /// Session ids, task ids and request states leave sealed with a key, and only the caller who got one can use it. Without this section they pass as they are.
    Sessions {
        /// A secret of at least 32 bytes, such as `${env:PORTCULLIS_SEAL_KEY}`, the same on all replicas. A list, at most 4, for a change of keys: the first seals, all open.
        required seal_key: Vec<Placed<Secret>>,
    }
}

section! {
    /// One rule. All that match count: deny beats ask beats allow, order does not matter.
    Rule {
        /// Appears in records and refusals.
        required id: Name,
        /// Callers in any of these groups.
        optional groups: Vec<Glob>,
        /// Callers by user claim, subject or e-mail.
        optional users: Vec<Glob>,
        /// Callers by OAuth client.
        optional clients: Vec<Glob>,
        /// Scopes the token must all have, for a rule that allows. Where only they are missing, the caller is told which to ask for (403, insufficient_scope).
        optional scopes: Vec<Scope>,
        /// Callers on whose behalf a party acts (`act`, RFC 8693), by its subject or client. A rule that allows looks at the current actor only, one that denies at all of them.
        optional actors: Vec<Glob>,
        /// JSON-RPC methods.
        optional methods: Vec<Glob>,
        /// Tool names of `tools/call`.
        optional tools: Vec<Glob>,
        /// Resource URIs.
        optional resources: Vec<Glob>,
        /// Prompt names.
        optional prompts: Vec<Glob>,
        optional arguments: ArgumentsWritten,
        optional sql: Sql,
        optional shell: Shell,
        optional attacks: Attacks,
        /// A CEL expression that must be true, such as `args.sql.size() < 20000`. See `docs/cel.md`.
        optional when: String,
        optional after: AfterWritten,
        required then: Then,
        /// `observe` records a match and does not act on it.
        optional mode: Mode,
        /// How much of a call goes on record: `none` (an allowed call that goes well leaves no record), `metadata`, `request` (the arguments, masked) or `all`. Of all rules that match the most detailed counts; where none says it, `audit.payload` does. `before`, alone or in a list with one of these: a call that this rule matches is forwarded only once `audit.collector` has said that it keeps the record of it.
        optional record: Vec<Placed<RecordWord>>,
        /// What the caller is told on a refusal.
        optional message: String,
    }
}

#[derive(Debug)]
pub(super) enum Then {
    Allow,
    Deny,
    Ask(Box<Ask>),
}

impl Form for Then {
    fn read(node: &Node, at: &Place, reading: &mut Reading<'_>) -> Option<Self> {
        if let Some(("ask", inner, place)) = single(node, at) {
            return Ask::read(inner, &place, reading).map(|ask| Self::Ask(Box::new(ask)));
        }
        match word(node) {
            Some("allow") => Some(Self::Allow),
            Some("deny") => Some(Self::Deny),
            found => {
                wrong_word(node, found, &["allow", "deny", "ask: {...}"], at, reading);
                None
            }
        }
    }

    fn schema() -> Json {
        json!({ "oneOf": [
            { "enum": ["allow", "deny"] },
            { "type": "object", "additionalProperties": false, "required": ["ask"], "properties": { "ask": Ask::schema() } },
        ] })
    }
}

section! {
    /// A person approves each call first, through the service of `approvals`. See `docs/ask.md`.
    Ask {
        /// Groups, by their exact names, whose members may approve.
        required approvers: Vec<String>,
        /// How many people must approve. Default 1, at most 10.
        optional quorum: Count,
        /// Every approval that counts stands for another of the groups. Default false.
        optional distinct_groups: bool,
        /// Whether an approver must say why. Default `optional`.
        optional reason: Reason,
        /// How long a call waits before its client is told to come back. Default 45s, at most 5m.
        optional hold: Duration,
        /// `once` (default), or so many calls with the same arguments within a time.
        optional grant: Grant,
        /// How long an approval that is good for one call may wait for it. Default 15m, from 10s to 7d.
        optional valid: Duration,
        /// How long a request waits for a decision. Default 15m, from 10s to 7d.
        optional wait: Duration,
    }
}

#[derive(Debug)]
pub(super) enum Grant {
    Once,
    Window(Window),
}

section! {
    /// Several calls, all with the same arguments.
    Window {
        /// How many calls, from 1 to 1000.
        required uses: Count,
        /// From the approval on; from 10s to 7d.
        required valid: Duration,
    }
}

impl Form for Grant {
    fn read(node: &Node, at: &Place, reading: &mut Reading<'_>) -> Option<Self> {
        if matches!(node.value, Value::Map(_)) {
            return Window::read(node, at, reading).map(Self::Window);
        }
        match word(node) {
            Some("once") => Some(Self::Once),
            found => {
                wrong_word(node, found, &["once", "{ uses: 5, valid: 1h }"], at, reading);
                None
            }
        }
    }

    fn schema() -> Json {
        json!({ "oneOf": [{ "const": "once" }, Window::schema()] })
    }
}

section! {
    /// The service that asks people, reached through an Envoy cluster (`portcullisctl approvals serve`).
    Approvals {
        /// Name of the Envoy cluster.
        required cluster: String,
        /// Host header of the requests. Default: the cluster's name.
        optional host: String,
        /// What comes before the service's own paths. Default: nothing.
        optional path_prefix: UrlPath,
        /// The secret by which the service knows this filter, such as `${env:APPROVALS_TOKEN}`; it is sent as a bearer token.
        required credential: Secret,
        /// A secret of at least 32 bytes, such as `${env:APPROVALS_KEY}`, the same on all replicas: approvals are bound to their call by it.
        required key: Secret,
        /// Public Ed25519 keys (RFC 8037) of the service; what none of them signed is no approval.
        required keys: Vec<Jwk>,
        /// Time for one answer, besides what the service waits for a decision. Default 5s, from 100ms to 30s.
        optional timeout: Duration,
        /// Whether clients of 2025-11-25 that can send a person to a page (`elicitation.url`) get error -32042 with it. Default true; false: the tool result of other clients.
        optional url_elicitation_errors: bool,
    }
}

section! {
    /// What is masked in every response and in the record of the request. Of `detect`, `fields`, `pattern` and `recognizer` at least one.
    MaskRule {
        /// Appears in records and placeholders.
        required id: Name,
        /// Built-in detectors; `secrets` stands for all credential formats.
        optional detect: Vec<Detector>,
        /// Member names whose values are masked whole, whatever they hold.
        optional fields: Vec<FieldPath>,
        /// A regular expression over decoded text.
        optional pattern: Pattern,
        /// The id of one of `recognizers`: a service that is shown the texts of an answer and tells where in them names and the like are. See `docs/recognizers.md`.
        optional recognizer: Name,
        /// What the recognizer is to look for, as it names it.
        optional entities: Vec<Entity>,
        required then: operator::Written,
        /// Only for callers in any of these groups. Default: all.
        optional groups: Vec<Glob>,
        /// Callers in any of these groups see the values.
        optional unless_groups: Vec<Glob>,
        /// Only for tokens with any of these audiences (`aud`). Default: all.
        optional audiences: Vec<Glob>,
        /// Only in answers to these tools, and where it is not known what an answer is about. Default: everywhere.
        optional tools: Vec<Glob>,
        /// `responses` (default): what leaves the server. `requests`: what is sent to it, with `then: refuse` only. `both`.
        optional direction: Direction,
        /// Mark the record as an alert when something is found.
        optional alert: bool,
    }
}

section! {
    /// Which responses pass.
    Responses {
        /// Media types passed on unread, such as `image/*`. JSON, event streams and `text/*` are masked; all others are refused unless listed here.
        optional pass: Vec<Glob>,
        /// Response headers whose values are masked, by name, such as `x-customer` or `x-debug-*`. Those that frame the answer or belong to the protocol (`content-*`, `mcp-*` and the like) never are.
        optional headers: Vec<HeaderGlob>,
        /// Images, audio and other content in messages (base64) that is not text; what is text is masked as text, whatever its type says. `pass` (default): as it came. `refuse`: the answer is cut. `replace`: `[MASKED:binary]` in its place.
        optional binary: Binary,
        /// Find what is split over neighbouring text blocks of one message, up to so many bytes on either side of where they meet, from 16B to 1KiB. The end of a block waits for the next one then. Not done unless written.
        optional join_text: Bytes,
    }
}

section! {
    /// Bounds.
    Limits {
        /// Largest request body. Default 1MiB, at most 16MiB.
        optional request_body: Bytes,
        /// Request bodies held at once by one worker. Default 256MiB, at most 512MiB.
        optional held_bodies: Bytes,
        optional calls: Several<Calls>,
        optional bytes_out: Several<BytesOut>,
        optional findings: Several<FindingsOut>,
        optional streams: Several<Streams>,
        /// Requests go on with `x-portcullis-principal`, `x-portcullis-tool` and `x-portcullis-rule`, for Envoy's rate limit filter after this one. What clients send under these names never passes. Default false.
        optional headers: bool,
    }
}

section! {
    /// A receiver of OTLP logs over HTTP, reached through an Envoy cluster. What it does not confirm is not forwarded.
    Collector {
        /// Name of the Envoy cluster.
        required cluster: String,
        /// Default `/v1/logs`.
        optional path: UrlPath,
        /// Host header of the request. Default: the cluster's name.
        optional host: String,
        /// How long a call waits for its record to be kept. Default 2s, from 100ms to 30s.
        optional timeout: Duration,
        /// What the collector is shown, such as `{ header: authorization, value: "Bearer ${env:COLLECTOR_TOKEN}" }`.
        optional credential: Credential,
    }
}

/// The JSON schema of a policy (2020-12), for editors and other checkers.
pub fn schema() -> Json {
    let mut schema = described(Document::schema(), "");
    if let Some(object) = schema.as_object_mut() {
        object.insert("$schema".to_owned(), "https://json-schema.org/draft/2020-12/schema".into());
        object.insert("title".to_owned(), "Portcullis policy".into());
        object.insert("$defs".to_owned(), serde_json::json!({ "argument": condition_schema() }));
    }
    schema
}
