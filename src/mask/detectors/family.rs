//! One format or kind of value: where to look for it, how to tell it, and what the catalogue says of it.

use super::shape::{Piece, Shape};
use super::{Check, Found, View};
use crate::policy::Detector;

pub(crate) struct Family {
    /// The policy's word for it, which may stand for several.
    pub(crate) detector: Detector,
    /// Its own name, in placeholders and records.
    pub(crate) label: &'static str,
    pub(crate) triggers: &'static [Trigger],
    pub(crate) about: About,
    /// Names that it asks for, which may stand in the head of a column; in lower case.
    pub(crate) words: &'static [&'static str],
    /// Those without one of which shortly before, or in the member name, nothing is found at digits; none where it may be.
    pub(crate) after: &'static [&'static str],
}

/// Bytes before the first digits at which what is introduced by a word may begin.
pub(super) const AHEAD_OF_DIGITS: usize = 16;

/// Where a check runs.
pub(crate) enum Trigger {
    /// Where one of these literals stands, whatever the case of its letters.
    Heads(&'static [&'static str], Check),
    /// Where a shape's head stands.
    Shapes(&'static [Shape]),
    /// At the first digit of a run that has one of these lengths (bit n: n digits).
    Digits(u32, Check),
    /// At an `@`.
    AtSign(Check),
    /// At the beginning of a text that has a member name.
    Named(Check),
}

/// For the catalogue, in English.
pub(crate) struct About {
    /// What is matched; empty for shapes, which tell it themselves.
    pub(crate) matches: &'static str,
    pub(crate) validator: &'static str,
    /// What must stand before the value; empty when it is known by itself.
    pub(crate) context: &'static str,
    pub(crate) source: &'static str,
}

impl Family {
    pub(super) const fn new(detector: Detector, label: &'static str, triggers: &'static [Trigger], about: About) -> Self {
        Self { detector, label, triggers, about, words: &[], after: &[] }
    }

    /// Under these names, which may stand in the head of a column.
    pub(super) const fn under(self, words: &'static [&'static str]) -> Self {
        Self { words, ..self }
    }

    /// Only behind one of these, at most 64 bytes before a place at most [`AHEAD_OF_DIGITS`] before the digits.
    pub(super) const fn after(self, after: &'static [&'static str]) -> Self {
        Self { after, ..self }
    }

    /// Known by the shape alone.
    pub(super) const fn token(detector: Detector, label: &'static str, shapes: &'static [Trigger], source: &'static str) -> Self {
        Self { detector, label, triggers: shapes, about: About { matches: "", validator: "", context: "", source }, words: &[], after: &[] }
    }

    /// What stands at `at`, by any of the triggers that could run there.
    #[cfg(test)]
    pub(crate) fn find(&self, view: &View<'_>, at: usize) -> Option<Found> {
        self.triggers.iter().find_map(|trigger| match trigger {
            Trigger::Heads(heads, check) => {
                let stands = heads.iter().any(|head| view.starts_with_ignoring_case(at, head.as_bytes()));
                stands.then(|| check(view, at)).flatten()
            }
            Trigger::Shapes(shapes) => shapes.iter().find_map(|shape| shape.at(view, at)),
            Trigger::Digits(_, check) if view.is(at, |byte| byte.is_ascii_digit()) => check(view, at),
            Trigger::AtSign(check) if view.at(at) == Some(b'@') => check(view, at),
            Trigger::Named(check) if at == 0 && !view.key().is_empty() => check(view, at),
            _ => None,
        })
    }

    /// What is matched, in words.
    pub(crate) fn matches(&self) -> String {
        if !self.about.matches.is_empty() {
            return self.about.matches.to_owned();
        }
        let shapes = self.shapes().map(|shape| {
            let told = |(place, piece): (usize, &Piece)| piece.told(shape.is_endless() && place + 1 == shape.pieces.len());
            let pieces: Vec<String> = shape.pieces.iter().enumerate().map(told).collect();
            if pieces.is_empty() { format!("`{}`", shape.head) } else { format!("`{}` + {}", shape.head, pieces.join(" + ")) }
        });
        shapes.collect::<Vec<_>>().join("; ")
    }

    pub(crate) fn validator(&self) -> &'static str {
        match self.about.validator {
            "" if self.shapes().any(Shape::has_proof) => "structure, entropy",
            "" => "length, entropy",
            told => told,
        }
    }

    fn shapes(&self) -> impl Iterator<Item = &'static Shape> {
        self.triggers.iter().flat_map(|trigger| match trigger {
            Trigger::Shapes(shapes) => shapes.iter(),
            _ => [].iter(),
        })
    }
}

impl Piece {
    /// In words; `endless` where it goes on.
    fn told(&self, endless: bool) -> String {
        match self {
            Piece::Text(text) => format!("`{text}`"),
            Piece::Run(class, least, most) if least == most => format!("{least} {}", class.name),
            Piece::Run(class, 0, _) if endless => class.name.to_owned(),
            Piece::Run(class, least, _) if endless => format!("{least} {} or more", class.name),
            Piece::Run(class, least, most) => format!("{least} to {most} {}", class.name),
            Piece::Uuid => "a UUID".to_owned(),
        }
    }
}

/// The head and the check of each place where a family's literals stand.
pub(crate) fn heads(family: &'static Family) -> impl Iterator<Item = (&'static str, Seek)> {
    family.triggers.iter().flat_map(|trigger| {
        let (heads, check, shapes): (&[&'static str], _, &[Shape]) = match trigger {
            Trigger::Heads(heads, check) => (heads, Some(*check), &[]),
            Trigger::Shapes(shapes) => (&[], None, shapes),
            _ => (&[], None, &[]),
        };
        let checked = heads.iter().filter_map(move |head| Some((*head, Seek::Check(check?))));
        checked.chain(shapes.iter().map(|shape| (shape.head, Seek::Shape(shape))))
    })
}

/// How the place of a literal is looked at.
#[derive(Clone, Copy)]
pub(crate) enum Seek {
    Check(Check),
    Shape(&'static Shape),
}

impl Seek {
    pub(crate) fn at(self, view: &View<'_>, at: usize) -> Option<Found> {
        match self {
            Seek::Check(check) => check(view, at),
            Seek::Shape(shape) => shape.at(view, at),
        }
    }
}
