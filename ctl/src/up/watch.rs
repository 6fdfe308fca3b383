//! Notices that the policy file was saved.

use std::fs;
use std::path::PathBuf;

/// What became of the file since the last look.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Change {
    None,
    /// Saved, and quiet since.
    Saved,
    /// Cannot be read any more; told once.
    Gone(String),
}

/// Compares contents, so that it makes no difference whether an editor writes or renames, and how coarse the clock is.
#[derive(Debug)]
pub(super) struct Watch {
    path: PathBuf,
    /// The content last told about.
    known: Option<Vec<u8>>,
    /// The content seen at the last look.
    seen: Option<Vec<u8>>,
    gone: bool,
}

impl Watch {
    pub(super) fn new(path: PathBuf) -> Self {
        let now = fs::read(&path).ok();
        Self { path, known: now.clone(), seen: now, gone: false }
    }

    /// To be called every now and then. A content counts once it is the same at two looks: a save in progress is not one.
    pub(super) fn look(&mut self) -> Change {
        let content = match fs::read(&self.path) {
            Ok(content) => content,
            Err(err) => {
                // Editors that rename leave a moment without the file.
                let twice = self.seen.take().is_none();
                if twice && !self.gone {
                    self.gone = true;
                    return Change::Gone(err.to_string());
                }
                return Change::None;
            }
        };
        self.gone = false;
        let quiet = self.seen.as_ref() == Some(&content);
        if quiet && self.known.as_ref() != Some(&content) {
            self.known = Some(content);
            return Change::Saved;
        }
        self.seen = Some(content);
        Change::None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tells_of_a_save_once_and_only_when_it_is_quiet() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("policy.yaml");
        fs::write(&path, "a").unwrap();
        let mut watch = Watch::new(path.clone());
        assert_eq!(watch.look(), Change::None);
        fs::write(&path, "").unwrap();
        assert_eq!(watch.look(), Change::None, "a save in progress");
        fs::write(&path, "b").unwrap();
        assert_eq!(watch.look(), Change::None);
        assert_eq!(watch.look(), Change::Saved);
        assert_eq!(watch.look(), Change::None);
        fs::write(&path, "b").unwrap();
        assert_eq!((watch.look(), watch.look()), (Change::None, Change::None), "saved as it was");
    }

    #[test]
    fn bears_renames_and_tells_of_a_lost_file() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("policy.yaml");
        fs::write(&path, "a").unwrap();
        let mut watch = Watch::new(path.clone());
        fs::remove_file(&path).unwrap();
        assert_eq!(watch.look(), Change::None);
        assert!(matches!(watch.look(), Change::Gone(_)));
        assert_eq!(watch.look(), Change::None);
        let other = folder.path().join("new");
        fs::write(&other, "c").unwrap();
        fs::rename(&other, &path).unwrap();
        assert_eq!(watch.look(), Change::None);
        assert_eq!(watch.look(), Change::Saved);
    }
}
