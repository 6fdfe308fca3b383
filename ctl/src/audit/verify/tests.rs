//! Honest logs of every kind are whole; whatever is done to one is found.

mod attacks;
mod honest;
mod mutations;
mod real;
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

#[test]
fn the_program_ends_with_what_it_found() {
    use std::io::Write;
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name);
    let lines = writer::Writer::new("aa", Some(KEY)).several(5);
    let mut zipped = flate2::write::GzEncoder::new(File::create(path("log.1.gz")).unwrap(), flate2::Compression::fast());
    zipped.write_all(writer::file(&lines[..2]).as_bytes()).unwrap();
    zipped.finish().unwrap();
    std::fs::write(path("log"), writer::file(&lines[2..])).unwrap();
    std::fs::write(path("audit.key"), [KEY, b"\n"].concat()).unwrap();
    let key = path("audit.key").display().to_string();
    let args = |files: &[&str], key: &[String]| Args {
        files: files.iter().map(|name| path(name)).collect(),
        key: key.to_vec(),
        ..Args::default()
    };
    let key = std::slice::from_ref(&key);
    assert_eq!(run(&args(&["log", "log.1.gz"], key)).unwrap(), Exit::Fine);
    assert_eq!(run(&args(&["log"], key)).unwrap(), Exit::Wrong);
    assert_eq!(run(&args(&["log", "log.1.gz"], &[])).unwrap_err().exit, Exit::Usage);
    assert_eq!(run(&args(&["log", "log.2.gz"], key)).unwrap_err().exit, Exit::Environment);
    assert_eq!(run(&args(&["log"], &["env:PORTCULLIS_NOT_SET".to_owned()])).unwrap_err().exit, Exit::Usage);
    let document = |files: &[&str]| serde_json::from_str::<serde_json::Value>(&verify(&args(files, key)).unwrap().json()).unwrap();
    assert_eq!(document(&["log", "log.1.gz"])["verdict"], "whole");
    let problems = document(&["log"]);
    assert_eq!((&problems["verdict"], &problems["problems"][0]["kind"]), (&"problems".into(), &"beginning_missing".into()));
    assert_eq!(
        (&problems["problems"][0]["records"], &problems["problem_counts"]["beginning_missing"]),
        (&serde_json::json!([1, 2]), &1.into())
    );
}
