//! The policy as the rooms of the filter read it: every value parsed, every bound checked, every secret resolved.

use super::audit::{Audit, Recording};
use super::budgets::Budget;
use super::conditions::{After, Arguments, AttackCondition, ShellCondition, SqlCondition, When};
pub use super::detector::Detector;
use super::host::Hosts;
use super::listing::{Server, Tools};
use super::recognizers::{Recognizer, Remote};
use super::value::{Bytes, Duration, Glob, Origin, Pattern, Resource, Secret};

/// One policy file.
#[derive(Clone, Debug)]
pub struct Policy {
    /// This endpoint as clients know it: audience, RFC 9728 metadata, Host.
    pub resource: Resource,
    pub transport: Transport,
    pub identity: Identity,
    /// `identity.sessions`. None: session ids, task ids and request states pass as they are.
    pub sessions: Option<Sessions>,
    /// What happens to a governed call that no rule matches.
    pub default: Default,
    pub rules: Vec<Rule>,
    /// Who asks people. There whenever a rule asks.
    pub approvals: Option<Approvals>,
    pub masking: Vec<MaskRule>,
    /// Services that masking rules name.
    pub recognizers: Vec<Recognizer>,
    pub responses: Responses,
    pub tools: Tools,
    pub server: Server,
    pub limits: Limits,
    pub audit: Audit,
}

#[derive(Clone, Debug)]
pub struct Transport {
    pub tls: TlsMode,
    /// `tls: forwarded`: the addresses (CIDR) whose `x-forwarded-proto` is believed.
    pub forwarded_from: Vec<ipnet::IpNet>,
    pub alert_unless: Option<AlertUnless>,
    /// Origins a browser may call from; a request with another `Origin` is refused.
    pub origins: Vec<Origin>,
    /// Paths of the endpoint besides that of `resource`.
    pub paths: Vec<String>,
    /// Names a request may be addressed to.
    pub hosts: Hosts,
    /// What the upstream is shown in place of the client's token.
    pub upstream_credential: Option<Credential>,
    /// Hold request headers until the body is decided (needs `allow_on_headers_stop_iteration`).
    pub hold_request_headers: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TlsMode {
    Required,
    Forwarded,
    Off,
}

#[derive(Clone, Debug)]
pub struct AlertUnless {
    pub min_version: TlsVersion,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum TlsVersion {
    V1_2,
    V1_3,
}

#[derive(Clone, Debug)]
pub struct Credential {
    /// Lower-case header name.
    pub header: String,
    pub value: Secret,
}

#[derive(Clone, Debug)]
pub struct Identity {
    pub issuers: Vec<Issuer>,
    pub from: TokenFrom,
    /// Names in the dynamic metadata of Envoy's `jwt_authn`; used with [`TokenFrom::EnvoyJwtAuthn`] only.
    pub jwt_authn: JwtAuthn,
    pub dpop: Dpop,
    pub revocation: Option<Revocation>,
    pub expired_streams: ExpiredStreams,
}

/// Where the list of what was taken back is, and how far it is believed.
#[derive(Clone, Debug)]
pub struct Revocation {
    /// Name of the Envoy cluster.
    pub cluster: String,
    /// `:path` of the request.
    pub path: String,
    /// `:authority` of the request.
    pub host: String,
    pub interval: Duration,
    /// How long after the last good answer the list counts.
    pub stale_after: Duration,
    pub when_stale: WhenStale,
    pub signed: Signed,
}

#[derive(Clone, Debug)]
pub enum Signed {
    /// By one of these public keys, inline JWKs.
    By(Vec<serde_json::Value>),
    /// By nobody, and the policy says so.
    Not,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WhenStale {
    Refuse,
    /// Passes, with an alert on record.
    Warn,
}

/// What happens to a stream whose token expires while it runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ExpiredStreams {
    /// Streams that only listen end; a call finishes.
    FinishCalls,
    End,
    Ignore,
}

#[derive(Clone, Debug)]
pub struct Sessions {
    /// At least one. The first seals, all open.
    pub seal_keys: Vec<Secret>,
}

/// Who verifies tokens.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TokenFrom {
    /// This filter, from the `Authorization` header.
    Bearer,
    /// Envoy's `jwt_authn` filter, earlier in the chain.
    EnvoyJwtAuthn,
}

#[derive(Clone, Debug)]
pub struct JwtAuthn {
    pub payload_in_metadata: String,
    pub failed_status_in_metadata: Option<String>,
}

/// Proofs of possession (RFC 9449).
#[derive(Clone, Debug)]
pub struct Dpop {
    /// Tokens without a proof are refused, bound or not.
    pub required: bool,
    pub algorithms: Vec<Algorithm>,
    /// Tolerated difference of a proof's `iat` from now.
    pub window: Duration,
}

#[derive(Clone, Debug)]
pub struct Issuer {
    /// The exact `iss`.
    pub issuer: String,
    pub keys: KeySource,
    pub algorithms: Vec<Algorithm>,
    /// Accepted `aud` values; the policy's `resource` when the file names none.
    pub audiences: Vec<String>,
    pub claims: Claims,
    /// Longest accepted `exp - iat`.
    pub max_lifetime: Duration,
    /// Tolerated clock difference for `exp`, `nbf` and `iat`.
    pub clock_skew: Duration,
    /// Its own metadata (RFC 8414), served to clients of 2025-03-26 that look for it here. One issuer of a policy at most has it.
    pub metadata: Option<Jwks>,
}

#[derive(Clone, Debug)]
pub enum KeySource {
    /// Inline JWKs, each as JSON text.
    Inline(Vec<serde_json::Value>),
    Jwks(Jwks),
    /// Envoy has them: [`TokenFrom::EnvoyJwtAuthn`].
    Elsewhere,
}

#[derive(Clone, Debug)]
pub struct Jwks {
    /// Name of the Envoy cluster.
    pub cluster: String,
    /// `:path` of the request.
    pub path: String,
    /// `:authority` of the request.
    pub host: String,
    pub refresh: Duration,
    pub timeout: Duration,
    /// How long keys are used after the last good answer.
    pub keep: Duration,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Algorithm {
    Es256,
    Es384,
    Rs256,
    Rs384,
    Rs512,
    Ps256,
    Ps384,
    Ps512,
    EdDsa,
}

/// Where in the token each part of a principal is found: a claim name, or a dotted path into nested claims.
#[derive(Clone, Debug)]
pub struct Claims {
    pub user: ClaimPath,
    pub email: ClaimPath,
    pub groups: ClaimPath,
    pub client: ClaimPath,
}

/// `groups`, `realm_access.roles`; a literal dot is written `\.`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClaimPath(pub Vec<String>);

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Default {
    Deny,
    Allow,
}

#[derive(Clone, Debug)]
pub struct Rule {
    pub id: String,
    /// Any of these groups.
    pub groups: Vec<Glob>,
    pub users: Vec<Glob>,
    pub clients: Vec<Glob>,
    /// All of these; only in a rule that allows.
    pub scopes: Vec<String>,
    /// Any of these acts for the subject.
    pub actors: Vec<Glob>,
    pub methods: Vec<Glob>,
    pub tools: Vec<Glob>,
    pub resources: Vec<Glob>,
    pub prompts: Vec<Glob>,
    pub arguments: Option<Arguments>,
    pub sql: Option<SqlCondition>,
    pub shell: Option<ShellCondition>,
    pub attacks: Option<AttackCondition>,
    pub when: Option<When>,
    pub after: Option<After>,
    pub then: Then,
    /// Who is asked for what. There if and only if `then` is [`Then::Ask`].
    pub ask: Option<Ask>,
    pub mode: Mode,
    pub record: Recording,
    /// What the caller is told on a refusal.
    pub message: Option<String>,
}

#[cfg(test)]
impl Rule {
    /// Speaks about every governed call.
    pub(crate) fn plain(id: &str, then: Then) -> Self {
        Self {
            id: id.to_owned(),
            groups: Vec::new(),
            users: Vec::new(),
            clients: Vec::new(),
            scopes: Vec::new(),
            actors: Vec::new(),
            methods: Vec::new(),
            tools: Vec::new(),
            resources: Vec::new(),
            prompts: Vec::new(),
            arguments: None,
            sql: None,
            shell: None,
            attacks: None,
            when: None,
            after: None,
            then,
            ask: None,
            mode: Mode::Enforce,
            record: Recording::default(),
            message: None,
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Then {
    Allow,
    Deny,
    /// A person is asked first.
    Ask,
}

/// What a rule asks of people.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ask {
    /// Members of any of these groups may approve.
    pub approvers: Vec<String>,
    /// How many people.
    pub quorum: usize,
    /// Each of them stands for another group.
    pub distinct_groups: bool,
    pub reason: Reason,
    /// How long the call waits before its client is told to come back.
    pub hold: Duration,
    /// Calls that one approval is good for.
    pub uses: u32,
    /// How long it is.
    pub valid: Duration,
    /// How long the request waits for a decision.
    pub wait: Duration,
}

/// Whether an approver says why.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reason {
    Required,
    Optional,
}

/// The service that asks people.
#[derive(Clone, Debug)]
pub struct Approvals {
    /// Name of the Envoy cluster.
    pub cluster: String,
    /// `:authority` of the requests.
    pub host: String,
    /// Without a slash at its end; empty for none.
    pub path_prefix: String,
    /// A bearer token.
    pub credential: Secret,
    /// Binds approvals to their calls.
    pub key: Secret,
    /// Public keys of the service, inline JWKs.
    pub keys: Vec<serde_json::Value>,
    pub timeout: Duration,
    /// Error -32042 for clients of 2025-11-25 that take pages.
    pub url_elicitation_errors: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    Enforce,
    /// Recorded, not acted upon.
    Observe,
}

#[derive(Clone, Debug)]
pub struct MaskRule {
    pub id: String,
    /// Built-in detectors or families.
    pub detect: Vec<Detector>,
    /// Member names: `password`, or a dotted path of names and `*` from the end: `*.ssn`.
    pub fields: Vec<FieldPath>,
    pub pattern: Option<Pattern>,
    /// What somebody else looks for.
    pub remote: Option<Remote>,
    pub then: Operator,
    pub scope: MaskScope,
    /// What it finds is marked on record for somebody to look at.
    pub alert: bool,
}

/// Where a masking rule applies. The record is written under all rules, whatever their scope.
#[derive(Clone, Debug, Default)]
pub struct MaskScope {
    pub direction: Direction,
    /// Only callers in any of these groups; empty: all.
    pub groups: Vec<Glob>,
    /// Callers in any of these groups see the values.
    pub unless_groups: Vec<Glob>,
    /// Only tokens for any of these audiences; empty: all.
    pub audiences: Vec<Glob>,
    /// Only calls of these tools, and what belongs to no call; empty: everything.
    pub tools: Vec<Glob>,
}

/// Which way a value goes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Direction {
    /// To the client.
    #[default]
    Responses,
    /// To the server.
    Requests,
    Both,
}

/// Segments of names compared with the last members on the path to a value; `*` is any one member or array.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FieldPath(pub Vec<String>);

#[derive(Clone, Debug)]
pub enum Operator {
    /// A typed placeholder: `[MASKED:credit_card]`.
    Replace,
    /// The first and the last characters stay, those between become `*`.
    Keep { first: usize, last: usize },
    /// Always the same text.
    Fixed(String),
    /// An empty text, the number 0.
    Drop,
    /// The whole message is withheld.
    Refuse,
    /// A keyed hash (HMAC-SHA-256), the same for the same value: `[MASKED:email:3f2a...]`.
    Hash(Secret),
}

#[derive(Clone, Debug, std::default::Default)]
pub struct Responses {
    /// Media types passed on unread. JSON, SSE and `text/*` are masked; every other type is refused unless listed here.
    pub pass: Vec<Glob>,
    /// Headers whose values are masked, by their names in lower case.
    pub headers: Vec<Glob>,
    pub binary: Binary,
    /// How many bytes on either side of where two neighbouring text blocks meet are looked at as one text; 0 for none.
    pub join_text: Bytes,
}

impl Responses {
    /// Whether the values of this header, in lower case, are masked.
    pub fn masks_header(&self, name: &str) -> bool {
        self.headers.iter().any(|glob| glob.matches(name)) && !is_framing(name)
    }
}

/// Headers that an answer cannot be read without, or that belong to the protocol: never changed.
pub(super) fn is_framing(name: &str) -> bool {
    const PREFIXES: [&str; 4] = [":", "content-", "mcp-", "access-control-"];
    matches!(name, "transfer-encoding" | "connection" | "trailer" | "upgrade" | "date" | "vary" | "cache-control")
        || PREFIXES.iter().any(|prefix| name.starts_with(prefix))
}

/// What becomes of content in messages that is not text: images, audio, other blobs.
#[derive(Clone, Copy, Debug, std::default::Default, PartialEq, Eq)]
pub enum Binary {
    /// Unread, as it came.
    #[default]
    Pass,
    /// The answer is cut.
    Refuse,
    /// `[MASKED:binary]` in base64 stands in its place.
    Replace,
}

#[derive(Clone, Debug)]
pub struct Limits {
    pub request_body: Bytes,
    /// Bodies held at once by one worker.
    pub held_bodies: Bytes,
    pub budgets: Vec<Budget>,
    /// Tell the server, and Envoy's filters after this one, who calls what by which rule.
    pub headers: bool,
}
