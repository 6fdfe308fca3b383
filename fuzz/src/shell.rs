//! Shell commands: any text, in every flavour, and as words.

use portcullis::guard::shell::{Class, Flavour, inspect, inspect_argv, reverse_shell_idiom};

/// Longer texts only take longer.
const MOST: usize = 16 * 1024;

pub fn body(data: &[u8]) {
    let text = String::from_utf8_lossy(data.get(..MOST).unwrap_or(data));
    let _ = reverse_shell_idiom(&text);
    for flavour in [Flavour::Posix, Flavour::PowerShell, Flavour::Cmd] {
        let found = inspect(&text, flavour);
        assert!(found.notes.iter().all(|note| note.offset <= text.len()));
    }
    let words: Vec<&str> = text.split(' ').collect();
    let _ = inspect_argv(&words);
    // What follows takes nothing back.
    let stacked = inspect(&format!("rm -rf / ; {text}"), Flavour::Posix);
    let seen = [Class::Destructive, Class::Unknown].into_iter().any(|class| stacked.classes.contains(class));
    assert!(seen, "{text:?} hides what stands before it");
}
