//! Kinds of harm, each with its class, and their everyday neighbours.

mod accounts;
mod arrivals;
mod arrived;
mod behind;
mod clients;
mod code;
mod doors;
mod everyday;
mod homes;
mod hosts;
mod leaving;
mod left;
mod machines;
mod made;
mod names;
mod neighbours;
mod places;
mod rights;
mod stores;
mod strangers;
mod tables;
mod verbs;
mod windows_deeds;
mod windows_pieces;
mod wiped;

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
        arrived::HARM,
        behind::HARM,
        clients::HARM,
        code::HARM,
        doors::HARM,
        hosts::HARM,
        left::HARM,
        places::HARM,
        rights::HARM,
        windows_deeds::HARM,
        strangers::HARM,
        wiped::HARM,
        made::HARM,
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
    for text in neighbours::FINE.iter().chain(everyday::FINE) {
        let found = inspect(text, Flavour::Posix).classes.and(Classes::RECOMMENDED);
        if !found.is_empty() {
            wrong.push(format!("{found:?} {text}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
