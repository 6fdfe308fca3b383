//! What the host tells an exchange, and what the exchange asks of the host.

use crate::mcp::reply::Reply;

/// Header names in lower case with their values, in the order received; pseudo headers (`:method`) among them. A value that is not
/// UTF-8 has its wrong bytes replaced: no name or token survives that, and the value itself is forwarded untouched.
pub type Headers = Vec<(String, String)>;

/// One thing that happened to an exchange.
#[derive(Clone, Debug)]
pub enum Event {
    RequestHeaders {
        headers: Headers,
        end: bool,
        connection: Connection,
    },
    RequestBody {
        chunk: Vec<u8>,
        end: bool,
    },
    RequestTrailers,
    ResponseHeaders {
        headers: Headers,
        end: bool,
    },
    ResponseBody {
        chunk: Vec<u8>,
        end: bool,
    },
    ResponseTrailers,
    /// Something this exchange waits for may be there now.
    Recheck,
    /// A call of this exchange's own has ended.
    Answered {
        ticket: Ticket,
        answer: Answer,
    },
    /// Time has passed, or the list of revocations has changed. Effects of it are for outside the stream's own callbacks.
    Tick,
    /// The stream is over, however it ended: the record is written now.
    Closed(Closing),
}

/// What Envoy knows of the connection a request came over.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Connection {
    /// Address with port.
    pub source: Option<String>,
    /// `TLSv1.3`; none on a plaintext connection.
    pub tls_version: Option<String>,
    pub tls_cipher: Option<String>,
    /// Server name asked for (SNI).
    pub server_name: Option<String>,
    /// SHA-256 of the client's certificate, in hex.
    pub client_certificate: Option<String>,
    pub client_subject: Option<String>,
    /// The attribute `metadata`: a serialized `envoy.config.core.v3.Metadata`. Asked for only where the policy needs it.
    pub metadata: Option<Vec<u8>>,
}

/// What Envoy knows when a stream is over.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Closing {
    pub upstream: Option<String>,
    pub cluster: Option<String>,
    /// Envoy's response code details, such as `via_upstream`.
    pub details: Option<String>,
    /// Envoy's response flags, as a bit set; not zero when the stream broke.
    pub flags: u64,
}

impl Closing {
    /// Whether it was the client that went away.
    pub(super) fn by_client(&self) -> bool {
        /// `DC`, the 15th of Envoy's core response flags.
        const DOWNSTREAM_CONNECTION_TERMINATION: u64 = 1 << 14;
        let told = |details: &String| details.contains("downstream") || details.contains("http2.remote_reset");
        self.flags & DOWNSTREAM_CONNECTION_TERMINATION != 0 || self.details.as_ref().is_some_and(told)
    }
}

/// Whether the event's headers or bytes go on now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Flow {
    Continue,
    Pause,
}

/// One thing the host is to do, in the order given.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Effect {
    SetRequestHeader(String, Vec<u8>),
    RemoveRequestHeader(&'static str),
    SetResponseHeader(String, Vec<u8>),
    RemoveResponseHeader(&'static str),
    /// Replace the chunk of this event (or, at the end of a held request, what is buffered) with these bytes.
    Body(Vec<u8>),
    /// Answer in place of the upstream.
    Reply(Reply),
    /// Release a request that was paused by an earlier event.
    Resume,
    /// Let go a response that was paused by an earlier event, from outside its own callbacks, with these bytes in place of what is buffered.
    Release(Vec<u8>),
    /// Cut a response that has begun: its end cannot be let out.
    Cut,
    /// Make a call for this exchange; how it ends comes as [`Event::Answered`], or never when the exchange ends first.
    Call(Call),
    /// Answer the server in the client's place: a message of the transport, to the cluster of this request. What comes back is of no interest.
    Tell(Message),
    /// The record of this exchange, one line of JSON: of its end, or while it runs.
    Record(String),
    /// The record of the end of an exchange that was on record while it ran: one more line behind the record that was set last, which may not have been written yet.
    RecordBehind(String),
    /// Detection Findings, one line of JSON each, in place of those set before.
    Findings(String),
    /// An attribute of the record, by the name of its property.
    Attribute(&'static str, String),
    /// This exchange leaves no record, and that is as it should be.
    NoRecord,
    Count(Metric, u64),
}

/// A POST to the server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Message {
    /// As the client addressed it; a host that knows what the route made of them puts that in their place.
    pub authority: String,
    pub path: String,
    /// The path is the server's own, from an `endpoint` event.
    pub path_is_servers: bool,
    pub headers: Vec<(String, String)>,
    pub body: Vec<u8>,
}

/// What is counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Metric {
    /// Exchanges forwarded to the upstream.
    Allowed,
    /// Exchanges refused by a rule or the policy's default.
    Refused,
    /// Requests refused for their token.
    Unauthenticated,
    /// Exchanges refused or ended because the access was taken back.
    Revoked,
    /// Requests refused for their form or transport.
    Malformed,
    /// Calls refused and answers cut for want of room in a budget.
    Limited,
    /// Calls refused because their record could not be kept.
    Unrecorded,
    /// Calls not made because people have not approved them, or not yet.
    Unapproved,
    /// Answers cut or refused because they could not be masked.
    Unmaskable,
    /// Messages of answers that a recognizer has not looked at: withheld, or passed on as the policy says.
    Unrecognized,
    /// Values masked in answers.
    Masked,
    /// Detection Findings that somebody should look at: one for each kind of alert in an exchange.
    Alerts,
    /// Detection Findings of one kind, of [`audit::ALERTS`](crate::audit::ALERTS).
    Alert(&'static str),
    /// Entries taken off lists.
    Hidden,
}

/// What follows from one event.
#[derive(Clone, Debug)]
#[must_use]
pub struct Step {
    pub flow: Flow,
    pub effects: Vec<Effect>,
}

impl Step {
    pub fn go() -> Self {
        Self { flow: Flow::Continue, effects: Vec::new() }
    }

    pub fn pause() -> Self {
        Self { flow: Flow::Pause, effects: Vec::new() }
    }
}

/// An HTTP call the engine wants made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Call {
    /// Given back with the answer.
    pub ticket: Ticket,
    /// Name of an Envoy cluster.
    pub cluster: String,
    /// Pseudo headers first.
    pub headers: Vec<(String, String)>,
    pub body: Vec<u8>,
    pub timeout_millis: u64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Ticket(pub(super) u64);

/// How a call ended.
#[derive(Clone, Debug)]
pub enum Answer {
    Response {
        headers: Headers,
        body: Vec<u8>,
    },
    /// No answer: the cluster is unknown, the connection failed, or time ran out.
    Failed,
}

/// Names an exchange within its VM.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct StreamId(pub u32);
