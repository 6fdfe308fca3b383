//! The calls that go outward, each with a ticket by which its answer is known: for keys, the list of revocations and checkpoints, and for exchanges.

use super::Engine;
use crate::audit;
use crate::exchange::event::{Call, StreamId, Ticket};
use crate::identity::{self, ListFetch};
use crate::limits;

/// What an exchange asks somebody outside.
pub(in crate::exchange) struct Question<'a> {
    pub(in crate::exchange) cluster: &'a str,
    pub(in crate::exchange) method: &'static str,
    pub(in crate::exchange) host: &'a str,
    pub(in crate::exchange) path: &'a str,
    pub(in crate::exchange) headers: Vec<(String, String)>,
    pub(in crate::exchange) body: Vec<u8>,
    pub(in crate::exchange) timeout_millis: u64,
}

impl Engine {
    pub(super) fn call(&mut self, fetch: identity::Fetch) -> Call {
        let ticket = self.ticket();
        self.calls.insert(ticket, fetch.source);
        let headers = get(fetch.path, fetch.host, "application/jwk-set+json, application/json", fetch.etag);
        Call { ticket, cluster: fetch.cluster, headers, body: Vec::new(), timeout_millis: fetch.timeout_ms }
    }

    /// A call for an exchange; none when too many are under way.
    pub(in crate::exchange) fn ask(&mut self, stream: StreamId, question: Question<'_>) -> Option<Call> {
        if self.asked.len() >= limits::CALLS_UNDER_WAY {
            return None;
        }
        let call = self.outward(question);
        self.asked.insert(call.ticket, stream);
        Some(call)
    }

    /// A call whose answer is of no interest, made on the next tick; with too many already, it is not made.
    pub(in crate::exchange) fn withdraw(&mut self, question: Question<'_>) {
        if self.withdrawn.len() < limits::WITHDRAWALS {
            let call = self.outward(question);
            self.withdrawn.push(call);
        }
    }

    /// Nobody waits for the answer any more.
    pub(in crate::exchange) fn no_longer_asked(&mut self, ticket: Ticket) {
        self.asked.remove(&ticket);
    }

    fn outward(&mut self, question: Question<'_>) -> Call {
        let ticket = self.ticket();
        let Question { cluster, method, host, path, headers, body, timeout_millis } = question;
        let pseudo = [(":method", method), (":path", path), (":authority", host), (":scheme", "https")];
        let agent = format!("portcullis/{}", crate::VERSION);
        let headers = pseudo
            .into_iter()
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .chain(headers)
            .chain([("user-agent".to_owned(), agent)])
            .collect();
        Call { ticket, cluster: cluster.to_owned(), headers, body, timeout_millis }
    }

    pub(super) fn list_call(&mut self, fetch: ListFetch) -> Call {
        let ticket = self.ticket();
        self.revocation_call = Some(ticket);
        let headers = get(fetch.path, fetch.host, "application/jwt, application/json", fetch.etag);
        Call { ticket, cluster: fetch.cluster, headers, body: Vec::new(), timeout_millis: fetch.timeout_ms }
    }

    pub(super) fn checkpoint_call(&mut self, posting: audit::Posting) -> Call {
        let ticket = self.ticket();
        self.notary_call = Some(ticket);
        let audit::Posting { cluster, path, host, timeout_millis, body } = posting;
        let headers = post(path, host, "application/jose");
        Call { ticket, cluster, headers, body: body.into_bytes(), timeout_millis }
    }

    fn ticket(&mut self) -> Ticket {
        let ticket = Ticket(self.next_ticket);
        self.next_ticket = self.next_ticket.wrapping_add(1);
        ticket
    }
}

fn get(path: String, host: String, accept: &str, etag: Option<String>) -> Vec<(String, String)> {
    let mut headers = vec![
        (":method".to_owned(), "GET".to_owned()),
        (":path".to_owned(), path),
        (":authority".to_owned(), host),
        (":scheme".to_owned(), "https".to_owned()),
        ("accept".to_owned(), accept.to_owned()),
        ("user-agent".to_owned(), format!("portcullis/{}", crate::VERSION)),
    ];
    headers.extend(etag.map(|etag| ("if-none-match".to_owned(), etag)));
    headers
}

fn post(path: String, host: String, content: &str) -> Vec<(String, String)> {
    vec![
        (":method".to_owned(), "POST".to_owned()),
        (":path".to_owned(), path),
        (":authority".to_owned(), host),
        (":scheme".to_owned(), "https".to_owned()),
        ("content-type".to_owned(), content.to_owned()),
        ("user-agent".to_owned(), format!("portcullis/{}", crate::VERSION)),
    ]
}
