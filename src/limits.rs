//! Every bound of the filter: its value, its unit in the name, and its reason.
//!
//! A bound that an operator may move has its default here and its knob in the policy; the others are fixed.

/// Longest `Authorization` value looked at. Identity providers stay under 8 KiB because browsers and proxies do.
pub const TOKEN_BYTES: usize = 16 * 1024;

/// Longest DPoP proof: an RSA key of 4096 bits and its signature take 1.5 KiB.
pub const PROOF_BYTES: usize = 4 * 1024;

/// Deepest JSON nesting parsed anywhere: far beyond any real message, far below what a stack bears.
pub const JSON_DEPTH: usize = 96;

/// Request body held in Wasm memory, unless the policy says otherwise.
pub const REQUEST_BODY_BYTES: usize = 1024 * 1024;

/// Bodies of all streams held at once in one VM. Envoy caps a VM at 1 GiB and never takes memory back,
/// and a trap there drops every stream of the worker: new work is refused long before.
pub const HELD_BYTES_PER_VM: usize = 256 * 1024 * 1024;

/// Response bytes one stream may hold back while masking (window, escape levels, key context).
pub const MASK_WINDOW_BYTES: usize = 16 * 1024;

/// Bytes on either side of where two text blocks meet that are looked at as one text, at most: more than any value but a private key.
pub const JOIN_BYTES: usize = 1024;

/// Longest single SSE line that is not data (event, id, retry, comment). The fields are short words in every server seen.
pub const SSE_FIELD_BYTES: usize = 16 * 1024;

/// Answer of a JWKS endpoint: 1 MiB holds a thousand keys.
pub const JWKS_BYTES: usize = 1024 * 1024;

/// Metadata of an authorization server: real ones have 2 to 8 KiB.
pub const METADATA_BYTES: usize = 64 * 1024;

/// Keys kept from one JWKS; more is a sign of a wrong address.
pub const JWKS_KEYS: usize = 256;

/// A list of revocations: twenty thousand entries of the usual length. It is kept twice by each worker, raw and read.
pub const REVOCATIONS_BYTES: usize = 2 * 1024 * 1024;

/// Verified tokens remembered per VM.
pub const REMEMBERED_TOKENS: usize = 10_000;

/// Requests that wait for a key set at once, per VM. More are answered 503 at once.
pub const KEY_WAITERS: usize = 1_000;

/// Calls that requests of one VM wait for at once: for a record to be kept, for a person. Each has its body in memory twice.
pub const CALLS_UNDER_WAY: usize = 4_000;

/// Calls of one VM that wait for people at once. Each has its body in memory twice, and most are for as long as the policy holds them.
pub const ASKING_CALLS: usize = 1_000;

/// Rules that may ask about one call: each is a question of its own to people.
pub const QUESTIONS: usize = 8;

/// Requests to people taken back at once, per VM. The tick that takes them comes every 100 ms.
pub const WITHDRAWALS: usize = 256;

/// Cancelled calls that the workers of a process tell each other of. They are looked at within moments.
pub const CANCELLED_CALLS: usize = 256;

/// Payload kept on record from each side of an exchange, unless the policy says otherwise.
pub const RECORD_PAYLOAD_BYTES: usize = 64 * 1024;

/// Shortest key of the chain of records: as long as its SHA-256, so that guessing it is no easier than forging a fingerprint.
pub const CHAIN_KEY_BYTES: usize = 32;

/// Size of one compiled custom pattern (regex), as `regex-automata` counts it.
pub const PATTERN_BYTES: usize = 256 * 1024;

/// Rules in a policy; a mistake in a generator is more likely than a need for more.
pub const RULES: usize = 5_000;

/// Tools pinned in a policy: more than any catalogue holds.
pub const PINNED_TOOLS: usize = 2_000;

/// A list of tools, prompts or resources that is edited as a whole: two hundred tools with their schemas take half a megabyte.
pub const LIST_BYTES: usize = 4 * 1024 * 1024;

/// A message that may have to be withheld as a whole (`then: refuse`), held until all of it was looked at.
pub const WITHHELD_BYTES: usize = 1024 * 1024;

/// Texts of one message that are shown to a recognizer: each costs it a run of a language model.
pub const RECOGNIZED_TEXTS: usize = 4_096;

/// Bytes of one answer that wait for a recognizer, or behind what does. With what masking adds it must fit into Envoy's buffer (1 MiB).
pub const RECOGNIZED_WAITING_BYTES: usize = 768 * 1024;

/// Largest answer to a call of ours that is taken into memory; Envoy takes 32 MiB. Twice the longest of them, a list of revocations.
pub const ANSWER_BYTES: usize = 4 * 1024 * 1024;

/// A request of the server to its client: the largest ask a model about a document.
pub const SERVER_REQUEST_BYTES: usize = 1024 * 1024;

/// Bytes of a message that wait until it is clear what it is. Beyond, it goes on, and may not turn out to need an edit any more.
pub const UNDECIDED_BYTES: usize = 64 * 1024;

/// Requests of servers refused in event streams that wait to be answered, per VM. The tick that takes them comes every 100 ms.
pub const SERVER_ANSWERS: usize = 256;

/// Alerts kept of one exchange; of more there is only the count.
pub const ALERTS: usize = 64;

/// Shortest key that seals handles: as long as its SHA-256, so that guessing it is no easier than forging a seal.
pub const SEAL_KEY_BYTES: usize = 32;

/// Keys that open handles. A change of keys takes two; each is tried on every handle.
pub const SEAL_KEYS: usize = 4;

/// Longest `Mcp-Session-Id` of a server. Most are UUIDs; some carry their state in a token.
pub const SESSION_ID_BYTES: usize = 4 * 1024;

/// Longest task id or request state that is sealed, in bytes of text. States carry what a server wants to remember.
pub const SEALED_BYTES: usize = 64 * 1024;

/// Longest URL in an `endpoint` event of the HTTP+SSE transport.
pub const ENDPOINT_BYTES: usize = 8 * 1024;
