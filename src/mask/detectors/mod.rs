//! What is looked for: one file per family or group of families, each check a pure function from a place in a text to what
//! stands there.
//!
//! Every check looks at most [`BEHIND`] bytes back and [`AHEAD`] bytes on, which is what lets the stream be cut into
//! windows without losing or changing a finding, and keeps the worst input linear.

mod ai;
mod any_of;
mod authorization;
mod aws;
mod card;
pub(crate) mod catalogue;
mod chat;
mod cloud;
mod columns;
mod crypto;
pub(crate) mod database;
mod domains;
mod email;
mod family;
mod generic;
mod github;
pub(crate) mod glance;
mod google;
mod iban;
mod infrastructure;
mod jwk;
mod jwt;
mod mail_service;
mod monitoring;
mod national;
mod network;
mod password_hash;
mod payment;
mod pem;
mod person;
mod phone;
mod placeholder;
mod registry;
mod saas;
pub(crate) mod set;
mod shape;
mod slack;
pub(crate) mod sliding;
mod source_control;
mod ssn;
mod stripe;
mod tail;
pub(crate) mod text;
mod words;

pub(crate) use family::{About, Family, Seek, Trigger, heads};
pub(crate) use tail::{End, KEY, LONGEST, Tail};
pub(crate) use text::View;
pub(crate) use words::families;
pub use words::word;

/// Bytes before a finding that a check may look at, or be called at.
pub(crate) const BEHIND: usize = 128;

/// Bytes from the start of a finding that a check may look at.
pub(crate) const AHEAD: usize = 512;

/// What was found, as a range of the text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Found {
    pub(crate) start: usize,
    pub(crate) end: usize,
    pub(crate) tail: Tail,
}

impl Found {
    fn new(start: usize, end: usize) -> Option<Self> {
        Some(Self { start, end, tail: Tail::None })
    }
}

pub(crate) type Check = fn(&View<'_>, usize) -> Option<Found>;

/// Every family, group by group.
pub(crate) const GROUPS: &[&[Family]] = &[
    card::FAMILIES,
    ssn::FAMILIES,
    iban::FAMILIES,
    email::FAMILIES,
    aws::FAMILIES,
    github::FAMILIES,
    slack::FAMILIES,
    google::FAMILIES,
    stripe::FAMILIES,
    jwt::FAMILIES,
    pem::FAMILIES,
    jwk::FAMILIES,
    database::FAMILIES,
    cloud::FAMILIES,
    source_control::FAMILIES,
    registry::FAMILIES,
    infrastructure::FAMILIES,
    ai::FAMILIES,
    payment::FAMILIES,
    chat::FAMILIES,
    mail_service::FAMILIES,
    monitoring::FAMILIES,
    saas::FAMILIES,
    authorization::FAMILIES,
    generic::FAMILIES,
    password_hash::FAMILIES,
    phone::FAMILIES,
    network::FAMILIES,
    crypto::FAMILIES,
    person::FAMILIES,
];

/// All families.
pub(crate) fn all() -> impl Iterator<Item = &'static Family> {
    GROUPS.iter().chain(national::GROUPS).copied().flatten()
}

/// Bytes of the shortest text in which a family finds something without a member name, `a@b.io`, but for addresses, as short as `::2`.
pub(crate) const SHORTEST: usize = 6;
pub(crate) const SHORTEST_ADDRESS: usize = 3;

/// Whether digits may be what a member name tells to be a secret: what is none is short, or repeats itself.
pub(crate) fn may_be_named(digits: &[u8]) -> bool {
    digits.len() >= 6 && placeholder::distinct(digits) > 3
}

/// Longer runs of digits count as this long.
pub(crate) const LONGEST_RUN: usize = 31;

#[cfg(test)]
#[expect(clippy::string_slice, reason = "the places are what a check gave")]
pub(crate) mod tests {
    use super::shape::{Piece, Shape};
    use super::*;

    /// Every text the check finds in `text`, trying it at every place: what a prefilter that misses nothing would give.
    pub(crate) fn all(check: Check, text: &str) -> Vec<String> {
        found_by(check, "", text)
    }

    pub(crate) fn under(key: &str, check: Check, text: &str) -> Vec<String> {
        found_by(check, key, text)
    }

    pub(crate) fn found_by(check: impl Fn(&View<'_>, usize) -> Option<Found>, key: &str, text: &str) -> Vec<String> {
        let view = View::new(text.as_bytes(), key.as_bytes());
        let mut found: Vec<Found> = (0..text.len()).filter_map(|at| check(&view, at)).collect();
        found.sort_by_key(|found| (found.start, std::cmp::Reverse(found.end)));
        let mut end = 0;
        found.retain(|found| {
            let keep = found.start >= end;
            if keep {
                end = found.end;
            }
            keep
        });
        found.iter().map(|found| text[found.start..found.end].to_owned()).collect()
    }

    /// What a group's families find in `text`, as the prefilter would call them: label and text.
    pub(crate) fn labelled(families: &[Family], text: &str) -> Vec<(&'static str, String)> {
        let view = View::new(text.as_bytes(), b"");
        let mut found: Vec<(Found, &'static str)> =
            families.iter().flat_map(|family| (0..text.len()).filter_map(|at| Some((family.find(&view, at)?, family.label)))).collect();
        found.sort_by_key(|(found, _)| (found.start, std::cmp::Reverse(found.end)));
        found.dedup();
        found.iter().map(|(found, label)| (*label, text[found.start..found.end].to_owned())).collect()
    }

    /// A value of the shape, from a seed.
    pub(crate) fn sample(shape: &Shape, seed: u64) -> String {
        let mut state = seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1;
        let mut next = move || {
            state ^= state >> 12;
            state ^= state << 25;
            state ^= state >> 27;
            state.wrapping_mul(0x2545_F491_4F6C_DD1D) >> 33
        };
        let mut text = shape.head.to_owned();
        for piece in shape.pieces {
            match piece {
                Piece::Text(part) => text.push_str(part),
                Piece::Uuid => text.push_str("3f2504e0-4f89-11d3-9a0c-0305e82c3301"),
                Piece::Run(class, least, most) => {
                    let all: Vec<u8> =
                        (b'!'..=b'~').filter(|byte| class.has(*byte) && (byte.is_ascii_alphanumeric() || least == most)).collect();
                    let len = least + usize::try_from(next()).unwrap() % (most - least + 1);
                    // The ends are letters or digits: a sign at the end could be the sentence's.
                    let ends: Vec<u8> = all.iter().copied().filter(u8::is_ascii_alphanumeric).collect();
                    for at in 0..len {
                        let from = if at == 0 || at + 1 == len { &ends } else { &all };
                        text.push(char::from(from[usize::try_from(next()).unwrap() % from.len()]));
                    }
                }
            }
        }
        text
    }

    #[test]
    fn every_shape_is_found_whole_and_only_so() {
        let generic: Vec<&str> = generic::FAMILIES.iter().chain(authorization::FAMILIES).map(|family| family.label).collect();
        for family in super::all() {
            for shape in family.triggers.iter().flat_map(|trigger| if let Trigger::Shapes(shapes) = trigger { *shapes } else { &[] }) {
                for seed in 1..6 {
                    let token = sample(shape, seed);
                    let found = |text: &str| -> Vec<String> {
                        let view = View::new(text.as_bytes(), b"");
                        (0..text.len()).filter_map(|at| shape.at(&view, at)).map(|found| text[found.start..found.end].to_owned()).collect()
                    };
                    if shape.has_proof() {
                        assert!(found(&token).len() <= 1);
                        continue;
                    }
                    let seen = found(&format!("\"{token}\", "));
                    assert!(seen.len() == 1 && token.ends_with(&seen[0]) || shape.is_endless(), "{} {token}: {seen:?}", family.label);
                    for text in [format!("a={token}\n"), format!("<{token}> "), format!("({token}). "), token.clone()] {
                        assert_eq!(found(&text), seen, "{} {text}", family.label);
                    }
                    if token.starts_with(|c: char| c.is_ascii_alphanumeric()) {
                        assert!(found(&format!("x{token}")).is_empty(), "{} x{token}", family.label);
                    }
                    // What a family finds is its own: no two formats claim the same text.
                    let view = View::new(token.as_bytes(), b"");
                    for other in super::all().filter(|other| other.label != family.label && !generic.contains(&other.label)) {
                        let claims = (0..token.len())
                            .filter_map(|at| other.find(&view, at))
                            .any(|found| found.start == 0 && found.end == token.len());
                        assert!(!claims, "{} is {} too: {token}", family.label, other.label);
                    }
                }
                let dull = shape.pieces.iter().fold(shape.head.to_owned(), |text, piece| match piece {
                    Piece::Text(part) => text + part,
                    Piece::Uuid => text + "00000000-0000-0000-0000-000000000000",
                    Piece::Run(class, least, _) => {
                        let one = b"x0XA".iter().find(|byte| class.has(**byte)).copied().unwrap();
                        text + &String::from_utf8(vec![one; *least]).unwrap()
                    }
                });
                let view = View::new(dull.as_bytes(), b"");
                assert!(shape.is_orderly() || shape.at(&view, 0).is_none(), "{dull}");
            }
        }
    }
}
