//! Kinds of harm, each with its class, and their everyday neighbours.

mod accounts;
mod arrivals;
mod homes;
mod leaving;
mod machines;
mod names;
mod neighbours;
mod stores;
mod tables;
mod verbs;
mod windows_pieces;

use super::{Class, Classes, Flavour, inspect};

#[test]
fn every_kind_is_found() {
    let mut missed = Vec::new();
    for (class, texts) in [
        accounts::HARM,
        arrivals::HARM,
        homes::HARM,
        leaving::HARM,
        machines::HARM,
        names::HARM,
        stores::HARM,
        tables::HARM,
        verbs::HARM,
        windows_pieces::HARM,
    ]
    .concat()
    {
        for text in texts {
            let found = inspect(text, Flavour::Posix).classes;
            if !found.contains(class) {
                missed.push(format!("{}: {text}\n    {found:?}", class.word()));
            }
        }
    }
    assert!(missed.is_empty(), "{} missed\n{}", missed.len(), missed.join("\n"));
}

#[test]
fn their_everyday_neighbours_are_left_alone() {
    let mut wrong = Vec::new();
    for text in neighbours::FINE {
        let found = inspect(text, Flavour::Posix).classes.and(Classes::RECOMMENDED);
        if !found.is_empty() {
            wrong.push(format!("{found:?} {text}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
