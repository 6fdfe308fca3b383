//! What was taken back: the filter's own code for its list, in the thread that verifies tokens.

use std::collections::HashMap;

use anyhow::{Result, bail};
use portcullis::identity::{Answer, Freshness, ListFetch, Listing, Named, Revocations, SharedData};
use portcullis::policy::{self, WhenStale};
use portcullis::time::Time;

use super::super::answer::Problem;
use super::super::rules::Approver;

/// The list, and the notes that workers of a filter would share.
pub struct Revoked {
    revocations: Revocations,
    notes: Notes,
}

/// What is known of somebody.
pub enum Standing {
    Good,
    Bad(Problem),
    /// The first list is on its way.
    Awaited,
}

impl Revoked {
    pub fn compile(section: &policy::Revocation) -> Result<Self> {
        match Revocations::compile(section) {
            Ok(revocations) => Ok(Self { revocations, notes: Notes::default() }),
            Err(mistakes) => {
                let lines: Vec<String> =
                    mistakes.iter().map(|mistake| format!("approvers.{}: {}", mistake.path, mistake.message)).collect();
                bail!("{}", lines.join("\n"))
            }
        }
    }

    /// What is to be fetched now.
    pub fn due(&mut self, now: Time) -> Option<ListFetch> {
        let mut notices = Vec::new();
        let fetch = self.revocations.tick(&mut self.notes, now, &mut notices);
        tell(&notices);
        fetch
    }

    pub fn answered(&mut self, answer: Answer<'_>, now: Time) {
        let mut notices = Vec::new();
        self.revocations.answered(answer, &mut self.notes, now, &mut notices);
        tell(&notices);
    }

    pub fn standing(&self, who: &Approver, now: Time) -> Standing {
        let named = Named {
            issuer: &who.login.issuer,
            subject: &who.login.subject,
            client: who.client.as_deref(),
            token: who.pass.token.as_deref(),
            session: who.pass.session.as_deref(),
            issued_at: Time::from_millis(who.pass.issued),
        };
        if let Some(listing) = self.revocations.check_named(&named) {
            return Standing::Bad(Problem::revoked(word(listing)));
        }
        match (self.revocations.freshness(now), self.revocations.when_stale()) {
            (Freshness::Fresh, _) | (Freshness::Stale, WhenStale::Warn) => Standing::Good,
            (Freshness::Stale, WhenStale::Refuse) => {
                Standing::Bad(Problem::inside(&"the list of revocations is too old, so nobody is believed (`approvers.revocation`)"))
            }
            (Freshness::Awaited, _) => Standing::Awaited,
        }
    }
}

fn word(listing: Listing) -> &'static str {
    match listing {
        Listing::Token => "this token",
        Listing::Session => "this session",
        Listing::Subject => "the access of this account",
        Listing::Client => "the access of this program",
        Listing::Issuer => "what this issuer had issued by then",
    }
}

fn tell(notices: &[String]) {
    for notice in notices {
        tell_user!("portcullisctl approvals: {notice}");
    }
}

/// There is one thread: nobody else reads or writes.
#[derive(Default)]
struct Notes(HashMap<String, (Vec<u8>, u32)>);

impl SharedData for Notes {
    fn read(&self, key: &str) -> Option<(Vec<u8>, u32)> {
        self.0.get(key).cloned()
    }

    fn write(&mut self, key: &str, value: &[u8], version: Option<u32>) -> bool {
        let have = self.0.get(key).map(|(_, version)| *version);
        if version.is_some() && version != have {
            return false;
        }
        self.0.insert(key.to_owned(), (value.to_vec(), have.unwrap_or(0).wrapping_add(1)));
        true
    }
}
