//! Handles of the server on their way: what it hands out leaves sealed for this caller, what the caller hands back is opened.
//!
//! Which headers go when decides where a handle is opened: those of the head before any of it goes on, those of the body once
//! it is one message and allowed. The server sees its own values only; of something that does not open it is not asked.

use super::event::{Effect, Headers};
use super::refusal::Refusal;
use super::{Engine, Exchange};
use crate::audit::Disposition;
use crate::identity::Principal;
use crate::limits::SESSION_ID_BYTES;
use crate::mcp::handles::{self, Handle};
use crate::mcp::message::{self, Id, Message};
use crate::mcp::method::Target;
use crate::mcp::reply::{INVALID_PARAMS, NO_SESSION, Reply, http_error, rpc_error};
use crate::mcp::{endpoint, http, mirror};
use crate::seal::{self, Broken, Owner, Seals, What};

const SESSION: &str = "mcp-session-id";

/// A handle that does not go on.
#[derive(Debug)]
pub(super) struct HandleProblem {
    what: What,
    why: Wrong,
    /// The request it came with, once that is known.
    id: Option<Id>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Wrong {
    Unsealed,
    Mismatch,
    /// There is more than one, and readers disagree on which one counts.
    Repeated,
}

impl From<Broken> for Wrong {
    fn from(broken: Broken) -> Self {
        match broken {
            Broken::Unsealed => Self::Unsealed,
            Broken::Mismatch => Self::Mismatch,
        }
    }
}

impl HandleProblem {
    fn refusal(what: What, why: impl Into<Wrong>, id: Option<&Id>) -> Refusal {
        Refusal::Handle(Self { what, why: why.into(), id: id.cloned() })
    }

    pub(super) fn code(&self) -> &'static str {
        match (self.what, self.why) {
            (What::Session | What::SessionWithPages | What::StreamSession, Wrong::Unsealed) => "session_unsealed",
            (What::Session | What::SessionWithPages | What::StreamSession, Wrong::Mismatch) => "session_seal_mismatch",
            (What::Session | What::SessionWithPages | What::StreamSession, Wrong::Repeated) => "session_repeated",
            (What::Task, Wrong::Unsealed | Wrong::Repeated) => "task_unsealed",
            (What::Task, Wrong::Mismatch) => "task_seal_mismatch",
            (What::State, Wrong::Unsealed | Wrong::Repeated) => "request_state_unsealed",
            (What::State, Wrong::Mismatch) => "request_state_seal_mismatch",
        }
    }

    pub(super) fn disposition(&self) -> Disposition {
        match self.why {
            Wrong::Repeated => Disposition::Rejected,
            Wrong::Unsealed | Wrong::Mismatch => Disposition::Blocked,
        }
    }

    /// The same words for another's handle, a forged one and none of ours: who tries them out learns nothing.
    pub(super) fn reply(&self) -> Reply {
        match self.what {
            What::Session | What::SessionWithPages | What::StreamSession if self.why == Wrong::Repeated => {
                http_error(400, "session_repeated", "the request names its session more than once")
            }
            // 404 is what makes a client begin anew (2025-03-26 and later, "Session Management"); the body is the SDKs' servers'.
            What::Session | What::SessionWithPages | What::StreamSession => rpc_error(None, NO_SESSION, "Session not found", None, 404),
            What::Task => self.invalid("Task not found"),
            What::State => self.invalid("Invalid or expired requestState"),
        }
    }

    fn invalid(&self, message: &str) -> Reply {
        let status = if self.id.is_some() { 200 } else { 400 };
        rpc_error(self.id.as_ref(), INVALID_PARAMS, message, None, status)
    }
}

impl Exchange {
    /// The caller is known and nothing has gone on yet. `ahead`: the headers go before the body is read.
    pub(super) fn open_head(&mut self, engine: &Engine, principal: &Principal, ahead: bool) -> Result<(), Refusal> {
        let Some(keys) = &engine.seal_keys else { return Ok(()) };
        let owner = Owner { issuer: &principal.issuer, subject: &principal.subject, client: principal.client.as_deref() };
        let seals = keys.of(&owner);
        self.open_session(&seals)?;
        self.open_query(&seals)?;
        // What the header says of a method is compared with the body later.
        if ahead && self.head.first(mirror::METHOD).is_some_and(|method| method.starts_with("tasks/")) {
            self.open_name(&seals, None)?;
        }
        self.seals = Some(seals);
        Ok(())
    }

    fn open_session(&mut self, seals: &Seals) -> Result<(), Refusal> {
        let repeated = || HandleProblem::refusal(What::Session, Wrong::Repeated, None);
        // To a server behind a CGI-like interface `mcp_session_id` is the same header.
        let is_alike = |name: &str| name.contains('_') && name.replace('_', "-").eq_ignore_ascii_case(SESSION);
        if self.head.headers.iter().any(|(name, _)| is_alike(name)) {
            return Err(repeated());
        }
        let sealed = http::single(&self.head.headers, SESSION).map_err(|_| repeated())?;
        let Some(sealed) = sealed else { return Ok(()) };
        let with_pages = seals.open(What::SessionWithPages, sealed);
        self.takes_pages = with_pages.is_ok();
        let opened = with_pages.or_else(|_| seals.open(What::Session, sealed));
        let opened = opened.map_err(|why| HandleProblem::refusal(What::Session, why, None))?;
        self.facts.mcp.session_id = Some(opened.to_owned());
        self.opened.push(Effect::SetRequestHeader(SESSION.to_owned(), opened.as_bytes().to_vec()));
        Ok(())
    }

    fn open_query(&mut self, seals: &Seals) -> Result<(), Refusal> {
        let path = &self.head.path;
        let at = endpoint::session(path).map_err(|_| HandleProblem::refusal(What::StreamSession, Wrong::Repeated, None))?;
        let Some(at) = at else { return Ok(()) };
        let sealed = path.get(at.clone()).unwrap_or_default();
        let opened = seals.open(What::StreamSession, sealed).map_err(|why| HandleProblem::refusal(What::StreamSession, why, None))?;
        self.facts.mcp.session_id.get_or_insert_with(|| opened.to_owned());
        let opened = [path.get(..at.start).unwrap_or_default(), opened, path.get(at.end..).unwrap_or_default()].concat();
        self.opened.push(Effect::SetRequestHeader(":path".to_owned(), opened.into_bytes()));
        Ok(())
    }

    /// `Mcp-Name` of a task's method repeats the task's id.
    fn open_name(&mut self, seals: &Seals, id: Option<&Id>) -> Result<(), Refusal> {
        let Some(said) = self.head.first(mirror::NAME) else { return Ok(()) };
        let problem = |why| HandleProblem::refusal(What::Task, why, id);
        let sealed = mirror::decoded(said).ok_or_else(|| problem(Wrong::Unsealed))?;
        let opened = seals.open(What::Task, &sealed).map_err(|why| problem(why.into()))?;
        self.opened.push(Effect::SetRequestHeader(mirror::NAME.to_owned(), mirror::encoded(opened).into_bytes()));
        Ok(())
    }

    /// The message is allowed: what it hands back is opened in the body, which keeps its length.
    pub(super) fn open_body(&mut self, message: &Message) -> Result<(), Refusal> {
        let Some(seals) = self.seals.take() else { return Ok(()) };
        let seals = match called(message) {
            Some((method, target)) => seals.within(method, target),
            None => seals,
        };
        let mut changes = Vec::new();
        for Handle { what, at, text, may_be_own } in handles::find_all(&self.body, message).map_err(Refusal::Parse)? {
            let what = kind(what);
            let problem = |why| HandleProblem::refusal(what, why, message.reply_id());
            let sealed = text.as_deref().ok_or_else(|| problem(Wrong::Unsealed))?;
            if may_be_own && !sealed.starts_with(seal::MARK) {
                continue;
            }
            let opened = seals.open(what, sealed).map_err(|why| problem(why.into()))?;
            changes.push((at, opened.to_owned()));
        }
        if message.task.is_some() && !self.headers_gone {
            self.open_name(&seals, message.reply_id())?;
        }
        self.seals = Some(seals);
        if changes.is_empty() {
            return Ok(());
        }
        if !self.headers_gone {
            const STALE: [&str; 3] = ["content-digest", "digest", "repr-digest"];
            self.opened.extend(STALE.into_iter().filter(|name| self.head.has(name)).map(Effect::RemoveRequestHeader));
        }
        self.body = handles::rewrite(&self.body, &changes).ok_or(Refusal::Internal("an opened handle is longer than its sealed form"))?;
        Ok(())
    }

    /// The body as it will be if all its handles turn out to be the caller's: what Envoy keeps while the caller is not known yet.
    pub(super) fn unsealed_body(&self, engine: &Engine) -> Vec<u8> {
        let own = engine.approvals.as_ref().and_then(|_| Self::without_own_unseen(&self.body));
        let body = own.unwrap_or_else(|| self.body.clone());
        let unsealed = || {
            engine.seal_keys.as_ref()?;
            let found = handles::find_all(&body, &message::parse(&body).ok()?).ok()?;
            let value = |handle: Handle| Some((handle.at, seal::value(handle.text.as_deref()?)?.to_owned()));
            handles::rewrite(&body, &found.into_iter().filter_map(value).collect::<Vec<_>>())
        };
        // What cannot be read is refused once the caller is known.
        unsealed().unwrap_or(body)
    }

    /// The session that the server's answer begins or repeats, sealed.
    pub(super) fn seal_session(&self, headers: &Headers) -> Result<Option<Effect>, Refusal> {
        let Some(seals) = &self.seals else { return Ok(None) };
        let Some(id) = http::single(headers, SESSION).map_err(|_| Refusal::SessionId)? else { return Ok(None) };
        // As the specification has it; anything else a client might send back in another form.
        let is_good = (1..=SESSION_ID_BYTES).contains(&id.len()) && id.bytes().all(|byte| byte.is_ascii_graphic());
        let what = if self.takes_pages { What::SessionWithPages } else { What::Session };
        let sealed = seals.seal(what, id).filter(|_| is_good).ok_or(Refusal::SessionId)?;
        Ok(Some(Effect::SetResponseHeader(SESSION.to_owned(), sealed.into_bytes())))
    }
}

fn kind(what: handles::What) -> What {
    match what {
        handles::What::State => What::State,
        handles::What::Task => What::Task,
    }
}

/// What a request state is bound to: the calls that the specification lets a server answer with one. The client repeats
/// the same call with it, so method and target are the same.
fn called(message: &Message) -> Option<(&str, &str)> {
    match (message.method(), &message.target) {
        ("tools/call", Target::Tool(name)) | ("prompts/get", Target::Prompt(name)) => Some((message.method(), name)),
        ("resources/read", Target::Resource(uri)) => Some((message.method(), uri.written())),
        _ => None,
    }
}
