//! Documents of RFC 9728 and RFC 8414: found without a token, or no client could ever get one.

use super::event::{Metric, Step};
use super::refusal::Refusal;
use super::{Engine, Exchange};
use crate::audit::{Decision, Disposition};
use crate::identity::{Document, MetadataProblem};
use crate::mcp::reply::Reply;
use crate::time::Time;

impl Exchange {
    pub(super) fn serve_document(&mut self, engine: &mut Engine, document: Document, now: Time) -> Step {
        let found = match (self.head.method.as_str(), document) {
            (_, Document::Other) => Err(MetadataProblem::NotServed),
            // The host leaves the body of an answer to HEAD out and keeps its length.
            ("GET" | "HEAD", Document::Resource) => Ok(("resource_metadata", engine.identity.metadata().as_bytes().to_vec())),
            ("GET" | "HEAD", Document::AuthorizationServer) => {
                engine.identity.server_metadata(now).map(|body| ("authorization_server_metadata", body.to_vec()))
            }
            _ => Err(MetadataProblem::Method),
        };
        match found {
            Ok((code, body)) => {
                let reply = Reply { status: 200, headers: Vec::new(), body }
                    .with("content-type", "application/json")
                    .with("cache-control", "max-age=300");
                self.serve(engine, code, reply, now)
            }
            Err(problem) => self.refuse(engine, &Refusal::Metadata(problem), now),
        }
    }

    /// Answers what needs no caller.
    pub(super) fn serve(&mut self, engine: &mut Engine, code: &'static str, reply: Reply, now: Time) -> Step {
        self.facts.decision =
            Some(Decision { disposition: Disposition::Allowed, rule: None, rules: Vec::new(), code: code.into(), message: None });
        self.answer(engine, reply, Metric::Allowed, now)
    }
}
