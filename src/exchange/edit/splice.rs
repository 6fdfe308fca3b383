//! JSON taken apart one level at a time, with the place of every part, so that it can be edited without being written anew.

use std::borrow::Cow;
use std::ops::Range;

use super::EditError;
use crate::mcp::json::{self, Kind};

/// Bytes that take the place of others.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Splice {
    pub(super) at: Range<usize>,
    pub(super) new: Vec<u8>,
}

/// A value within a text.
#[derive(Clone, Copy, Debug)]
pub(super) struct Part<'a> {
    pub(super) text: &'a str,
    at: usize,
}

impl<'a> Part<'a> {
    pub(super) fn whole(text: &'a str) -> Self {
        Self { text, at: 0 }
    }

    pub(super) fn range(self) -> Range<usize> {
        self.at..self.at.saturating_add(self.text.len())
    }

    pub(super) fn kind(self) -> Option<Kind> {
        Kind::of(self.text)
    }

    /// The members of an object; an error for anything else, and for one that readers could read differently.
    pub(super) fn object(self) -> Result<Object<'a>, EditError> {
        if self.kind() != Some(Kind::Object) {
            return Err(EditError::Unreadable);
        }
        let members = json::members(self.text).map_err(|_| EditError::Unreadable)?;
        let mut object = Object(Vec::with_capacity(members.len()));
        for json::Member { name, value } in members {
            object.0.push((name, self.within(value)));
        }
        let mut names: Vec<&str> = object.0.iter().map(|(name, _)| name.as_ref()).collect();
        names.sort_unstable();
        if names.array_windows().any(|[a, b]| a == b) { Err(EditError::Unreadable) } else { Ok(object) }
    }

    /// The elements of an array.
    pub(super) fn array(self) -> Result<Vec<Self>, EditError> {
        let elements = json::elements(self.text).map_err(|_| EditError::Unreadable)?;
        Ok(elements.into_iter().map(|element| self.within(element)).collect())
    }

    /// The text of a string.
    pub(super) fn string(self) -> Option<Cow<'a, str>> {
        json::text(self.text)
    }

    /// The value as data. Halves of surrogate pairs, which some servers write when they cut a text, become replacement characters.
    pub(super) fn value(self) -> Result<serde_json::Value, EditError> {
        serde_json::from_str(self.text).or_else(|_| serde_json::from_str(&without_halves(self.text))).map_err(|_| EditError::Unreadable)
    }

    fn within(self, part: &'a str) -> Self {
        let offset = part.as_ptr().addr().saturating_sub(self.text.as_ptr().addr());
        Self { text: part, at: self.at.saturating_add(offset) }
    }
}

/// The members of an object, no two of one name.
pub(super) struct Object<'a>(Vec<(Cow<'a, str>, Part<'a>)>);

impl<'a> Object<'a> {
    pub(super) fn member(&self, name: &str) -> Option<Part<'a>> {
        self.0.iter().find(|(have, _)| have == name).map(|(_, part)| *part)
    }

    pub(super) fn string(&self, name: &str) -> Option<Cow<'a, str>> {
        self.member(name)?.string()
    }

    pub(super) fn members(&self) -> impl Iterator<Item = (&str, Part<'a>)> {
        self.0.iter().map(|(name, part)| (name.as_ref(), *part))
    }

    /// An error when a reader that does not care about letter case could find another member under one of these names.
    pub(super) fn exactly(self, known: &[&str]) -> Result<Self, EditError> {
        let odd = |name: &str| known.iter().any(|known| json::variant_of(name, known));
        if self.0.iter().any(|(name, _)| odd(name)) { Err(EditError::Unreadable) } else { Ok(self) }
    }
}

/// Takes elements of an array out, with one comma each.
pub(super) fn without(elements: &[Part<'_>], stays: &[bool]) -> Vec<Splice> {
    let mut splices = Vec::new();
    let mut kept_before = false;
    let mut previous_end = 0;
    for (index, (element, stays)) in elements.iter().zip(stays).enumerate() {
        let Range { start, end } = element.range();
        if *stays {
            kept_before = true;
        } else if kept_before {
            splices.push(Splice { at: previous_end..end, new: Vec::new() });
        } else {
            let next = elements.get(index.saturating_add(1)).map_or(end, |next| next.range().start);
            splices.push(Splice { at: start..next, new: Vec::new() });
        }
        previous_end = end;
    }
    splices
}

/// Replaces `\ud800` to `\udfff` that have no other half.
fn without_halves(text: &str) -> String {
    let unit = |at: usize| {
        let escape = text.get(at..at.checked_add(6)?)?.strip_prefix("\\u")?;
        u16::from_str_radix(escape, 16).ok()
    };
    let mut out = String::with_capacity(text.len());
    let mut at = 0;
    while let Some(rest) = text.get(at..).filter(|rest| !rest.is_empty()) {
        let step = match rest.find('\\') {
            None => rest.len(),
            Some(0) => match unit(at) {
                Some(0xd800..=0xdbff) if matches!(unit(at.saturating_add(6)), Some(0xdc00..=0xdfff)) => 12,
                Some(0xd800..=0xdfff) => {
                    out.push('\u{fffd}');
                    at = at.saturating_add(6);
                    continue;
                }
                Some(_) => 6,
                None => 2,
            },
            Some(plain) => plain,
        };
        out.push_str(rest.get(..step).unwrap_or(rest));
        at = at.saturating_add(step);
    }
    out
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn cut(array: &str, stays: &[bool]) -> String {
        let elements = Part::whole(array).array().unwrap();
        let mut text = array.to_owned();
        for splice in without(&elements, stays).into_iter().rev() {
            text.replace_range(splice.at, "");
        }
        text
    }

    #[test]
    fn elements_take_their_commas_along() {
        let array = "[ 1 , \"a\" ,{} ]";
        for (stays, left) in [
            ([true, true, true], "[ 1 , \"a\" ,{} ]"),
            ([false, true, true], "[ \"a\" ,{} ]"),
            ([true, false, true], "[ 1 ,{} ]"),
            ([true, true, false], "[ 1 , \"a\" ]"),
            ([true, false, false], "[ 1 ]"),
            ([false, false, true], "[ {} ]"),
            ([false, true, false], "[ \"a\" ]"),
            ([false, false, false], "[  ]"),
        ] {
            assert_eq!(cut(array, &stays), left);
        }
    }

    proptest! {
        #[test]
        fn what_stays_stays(items in prop::collection::vec((0_u16..999, any::<bool>()), 0..12), space in "[ \n]{0,2}") {
            let written: Vec<String> = items.iter().map(|(item, _)| format!("{space}{item}{space}")).collect();
            let stays: Vec<bool> = items.iter().map(|(_, stays)| *stays).collect();
            let left: Vec<u16> = serde_json::from_str(&cut(&format!("[{}]", written.join(",")), &stays)).unwrap();
            let expected: Vec<u16> = items.iter().filter(|(_, stays)| *stays).map(|(item, _)| *item).collect();
            prop_assert_eq!(left, expected);
        }
    }

    #[test]
    fn halves_of_characters_are_replaced() {
        for (text, read) in [
            (r#""a\ud83d""#, "a\u{fffd}"),
            (r#""\ud83d\ude00 \\ud83d \u0041\udc00""#, "\u{1f600} \\ud83d A\u{fffd}"),
            (r#""é\ud83dx""#, "é\u{fffd}x"),
        ] {
            assert_eq!(Part::whole(text).value().unwrap(), read, "{text}");
        }
    }
}
