//! Sealed handles of the corpus, made by the library's own hand (which has tests of its own against other arithmetic).
//!
//! `${sealed:ana:s-1}` is the session `s-1` as ana got it. The first word may say more: `sealed-pages` (a session whose client takes pages), `sealed-sse`, `sealed-task`,
//! `sealed-state/METHOD/TARGET`, each also with `old-` (the key before) or `forged-` (a key that nobody has) in front. A caller's client is
//! `agent` unless written: `ana/other-client`. `${pad}` is the space that opening one leaves behind in a body.

use portcullis::policy::value::Secret;
use portcullis::seal::{Keys, Owner, What};

use super::token::ISSUER;

pub fn key(name: &str) -> String {
    format!("the {name} key that seals handles in the corpus")
}

/// Fills every placeholder of a sealed handle.
pub fn fill(text: &str) -> String {
    let mut filled = String::new();
    let mut rest = text;
    while let Some((before, (inside, after))) = next(rest) {
        filled.push_str(before);
        filled.push_str(&sealed(inside));
        rest = after;
    }
    // What an opened handle is shorter than its sealed form is made up with spaces.
    (filled + rest).replace("${pad}", &" ".repeat(portcullis::seal::OVERHEAD))
}

fn next(text: &str) -> Option<(&str, (&str, &str))> {
    let (at, _) = text.match_indices("${").find(|(at, _)| {
        let word = text[at + 2..].trim_start_matches("old-").trim_start_matches("forged-");
        word.starts_with("sealed")
    })?;
    Some((&text[..at], text[at + 2..].split_once('}').unwrap()))
}

fn sealed(inside: &str) -> String {
    // `${...:t-1|t\\u002d1}`: sealed is what comes first, written what comes second.
    let (inside, written) = inside.split_once('|').map_or((inside, None), |(inside, written)| (inside, Some(written)));
    // From the end: a target may have colons.
    let mut parts = inside.rsplitn(3, ':');
    let (value, who, how) = (parts.next().unwrap(), parts.next().unwrap(), parts.next().unwrap());
    let (key_name, how) = match how.split_once("sealed").unwrap() {
        ("old-", how) => ("old", how),
        ("forged-", how) => ("forged", how),
        ("", how) => ("new", how),
        (other, _) => panic!("no key `{other}` in {inside}"),
    };
    let (user, client) = who.split_once('/').unwrap_or((who, "agent"));
    let subject = format!("id-{user}");
    let seals = Keys::new(&[Secret::new(key(key_name))]).of(&Owner { issuer: ISSUER, subject: &subject, client: Some(client) });
    let mut how = how.split('/');
    let sealed = match how.next().unwrap() {
        "" => seals.seal(What::Session, value),
        "-pages" => seals.seal(What::SessionWithPages, value),
        "-sse" => seals.seal(What::StreamSession, value),
        "-task" => seals.seal(What::Task, value),
        "-state" => {
            // Methods have a slash of their own: `-state/tools/call/get_order`.
            let call: Vec<&str> = how.collect();
            match call.as_slice() {
                [] => seals.seal(What::State, value),
                [head, tail, target @ ..] => seals.within(&format!("{head}/{tail}"), &target.join("/")).seal(What::State, value),
                _ => panic!("no call in {inside}"),
            }
        }
        other => panic!("no kind `{other}` in {inside}"),
    };
    let sealed = sealed.unwrap();
    match written {
        Some(written) => sealed.replacen(value, written, 1),
        None => sealed,
    }
}
