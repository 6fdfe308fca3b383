//! Honest logs of every kind are whole; whatever is done to one is found.

mod attacks;
mod honest;
pub(in crate::audit) mod writer;

use std::io::Cursor;

use super::ledger::Ledger;
use super::problem::Kind;
use super::vouched::Window;
use super::*;
use crate::audit::input::Lines;

/// The key, as the policy has it.
pub(in crate::audit) const KEY: &[u8] = b"a key of thirty-two bytes, or more";

/// What the files hold, checked with or without the key.
pub(super) struct Case<'a> {
    pub(super) files: &'a [String],
    pub(super) key: Option<&'a [u8]>,
    pub(super) public: bool,
    pub(super) notary: Option<String>,
    pub(super) window: Window,
}

impl<'a> Case<'a> {
    pub(super) fn keyed(files: &'a [String]) -> Self {
        Self { files, key: Some(KEY), public: true, notary: None, window: Window::default() }
    }

    pub(super) fn plain(files: &'a [String]) -> Self {
        Self { key: None, public: false, ..Self::keyed(files) }
    }

    pub(super) fn verify(&self) -> Report {
        let public = if self.public { writer::public_keys() } else { PublicKeys::default() };
        let mut ledger = Ledger::new(Keys::of(&self.key.into_iter().collect::<Vec<_>>()), public);
        for (index, text) in self.files.iter().enumerate() {
            ledger.file(format!("file{index}"));
            let mut lines = Lines::new(Cursor::new(text.as_bytes()));
            while let Some(line) = lines.next_line().unwrap() {
                ledger.line(&line);
            }
        }
        if let Some(kept) = &self.notary {
            let folder = tempfile::tempdir().unwrap();
            let path = folder.path().join("notary");
            std::fs::write(&path, kept).unwrap();
            notary(&path, &mut ledger).unwrap();
        }
        judged(ledger, self.files.len(), self.window, self.notary.is_some())
    }

    /// The kinds of problems, in order and each once.
    pub(super) fn kinds(&self) -> Vec<Kind> {
        self.verify().problems.counts.into_keys().collect()
    }

    pub(super) fn text(&self) -> String {
        self.verify().text(Zone::Utc)
    }
}
