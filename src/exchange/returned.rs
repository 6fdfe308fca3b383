//! What of a message is the gateway's own: the state that it gave to a client with the address of a page. It is taken out before anything else looks at
//! the message, so that rules, records and the server see the call as it was made the first time.

use super::asking::actors;
use super::event::Effect;
use super::refusal::Refusal;
use super::request::caller_of;
use super::unapproved::Unapproved;
use super::{Engine, Exchange};
use crate::approval::{Foreign, Returned};
use crate::mcp::message::{self, Message};

impl Exchange {
    /// Takes the gateway's own state out of the body; the message as it is without.
    pub(super) fn own_state(&mut self, engine: &Engine, message: &Message) -> Result<Option<Message>, Refusal> {
        let Some((returned, body)) = self.without_own(engine, message)? else { return Ok(None) };
        let message = message::parse(&body).map_err(Refusal::Parse)?;
        self.body = body;
        self.returned = Some(returned);
        if !self.headers_gone {
            const STALE: [&str; 3] = ["content-digest", "digest", "repr-digest"];
            self.opened.extend(STALE.into_iter().filter(|name| self.head.has(name)).map(Effect::RemoveRequestHeader));
        }
        Ok(Some(message))
    }

    /// The body without it, as long as before: no header that tells the length has to change.
    fn without_own(&self, engine: &Engine, message: &Message) -> Result<Option<(Returned, Vec<u8>)>, Refusal> {
        let (Some(approvals), Some(principal), Some(range)) = (&engine.approvals, &self.principal, message.params.clone()) else {
            return Ok(None);
        };
        let params = self.body.get(range.clone()).and_then(|params| std::str::from_utf8(params).ok()).unwrap_or_default();
        let actors = actors(principal);
        let returned = match approvals.returned(&caller_of(principal, &actors), params) {
            Ok(None) => return Ok(None),
            Ok(Some(returned)) => returned,
            Err(Foreign) => return Err(Refusal::Approval(Unapproved::State, message.reply_id().cloned())),
        };
        let spare = range
            .len()
            .checked_sub(returned.params.len())
            .ok_or(Refusal::Internal("a message without our state is longer than with it"))?;
        let part = |range: std::ops::Range<usize>| self.body.get(range).unwrap_or_default();
        let mut body = Vec::with_capacity(self.body.len());
        body.extend_from_slice(part(0..range.start));
        body.extend_from_slice(returned.params.as_bytes());
        body.extend(std::iter::repeat_n(b' ', spare));
        body.extend_from_slice(part(range.end..self.body.len()));
        Ok(Some((returned, body)))
    }

    /// The same for a body whose caller is not known yet: what Envoy keeps meanwhile. Whether the state is this caller's is looked at later.
    pub(super) fn without_own_unseen(body: &[u8]) -> Option<Vec<u8>> {
        let message = message::parse(body).ok()?;
        let range = message.params?;
        let params = std::str::from_utf8(body.get(range.clone())?).ok()?;
        let kept = crate::approval::without_own(params)?;
        let spare = range.len().checked_sub(kept.len())?;
        let mut out = body.get(..range.start)?.to_vec();
        out.extend_from_slice(kept.as_bytes());
        out.extend(std::iter::repeat_n(b' ', spare));
        out.extend_from_slice(body.get(range.end..)?);
        Some(out)
    }
}
