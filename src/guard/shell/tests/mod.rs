//! What must be found, what must be left alone, and what must not trap.

mod attacks;

use super::*;
use attacks::{ATTACKS, WINDOWS};

#[test]
fn attacks_are_found() {
    let mut missed = Vec::new();
    for (class, texts) in ATTACKS {
        for text in *texts {
            let found = inspect(text, Flavour::Posix);
            if !found.classes.contains(*class) {
                missed.push(format!("{}: {text}\n    {:?}", class.word(), found.classes));
            }
        }
    }
    assert!(missed.is_empty(), "{} missed\n{}", missed.len(), missed.join("\n"));
}

#[test]
fn attacks_on_windows_are_found() {
    let mut missed = Vec::new();
    for (class, texts) in WINDOWS {
        for text in *texts {
            let joined = inspect(text, Flavour::PowerShell).classes.or(inspect(text, Flavour::Cmd).classes);
            if !joined.contains(*class) {
                missed.push(format!("{}: {text}\n    {joined:?}", class.word()));
            }
        }
    }
    assert!(missed.is_empty(), "{} missed\n{}", missed.len(), missed.join("\n"));
}
