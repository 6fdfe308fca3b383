//! Stores of objects, emptied as a whole or of what is kept there.

use super::super::Class;
use super::super::command::Call;
use super::super::state::Shell;
use super::accounts::is_production;
use super::verbs::is_trial;

/// Stores of objects by their consoles, and the words by which one empties them.
const OBJECTS: [(&str, &[&str]); 14] = [
    ("mc", &["rb", "rm"]),
    ("s3cmd", &["rb", "del", "rm"]),
    ("s5cmd", &["rm", "rb"]),
    ("b2", &["delete-bucket", "rm"]),
    ("rclone", &["delete", "purge"]),
    ("gsutil", &["rm", "rb"]),
    ("gcloud", &["rm"]),
    ("aws", &["rm", "rb"]),
    ("azcopy", &["rm", "remove"]),
    ("ossutil", &["rm"]),
    ("obsutil", &["rm"]),
    ("coscmd", &["delete"]),
    ("swift", &["delete"]),
    ("s4cmd", &["del"]),
];

/// Names of what is kept because nobody can make it again.
fn is_kept(word: &str) -> bool {
    ["backup", "prod", "archive", "dump", "snapshot"].iter().any(|kept| word.to_ascii_lowercase().contains(kept))
}

impl Shell {
    /// A bucket emptied as a whole, or what is kept in it.
    pub(super) fn empties(&mut self, call: &Call<'_>) {
        let Some((_, verbs)) = OBJECTS.iter().find(|(name, _)| *name == call.name) else { return };
        let verb = call.texts().take(4).find(|text| verbs.contains(text));
        let emptied = |path: &str| {
            let path = path.split_once("://").map_or(path, |(_, path)| path);
            let path = path.split_once(':').map_or(path, |(_, path)| path).trim_matches(['/', '*']);
            // An alias of a server stands before the bucket.
            let depth = path.split('/').filter(|name| !name.is_empty()).count().saturating_sub(usize::from(call.name == "mc"));
            depth < 2 && !path.contains(['*', '?']) || path.split('/').any(is_kept)
        };
        let places =
            || call.operands().skip(1).map(|place| place.text.as_str()).filter(|text| text.contains([':', '/']) || call.name == "b2");
        let whole = call.texts().any(|text| {
            matches!(
                text,
                "-r" | "-R" | "--recursive" | "--force" | "-f" | "--all" | "-rf" | "--recursive=true" | "--versions" | "delete-bucket"
            ) || text.ends_with("/*")
                || text.ends_with("/**")
        }) || call.name == "rclone";
        let trial = call.texts().any(is_trial) && !is_production(call);
        let tried = call.texts().any(|text| text.starts_with("--dry") || text == "-n");
        let from_nothing = call.texts().take(3).any(|text| matches!(text, "sync" | "mirror" | "rsync"))
            && call.operands().any(|from| from.text.starts_with(['/', '.']) && from.text.trim_end_matches('/').ends_with("empty"));
        if !tried && !trial && (verb.is_some() && whole && places().any(emptied) || from_nothing) {
            self.mark(Class::Destructive);
        }
    }
}
