//! Names that stand apart from their values in JSON: `{"columns":["user","password"],"rows":[["jo","..."]]}`,
//! `{"name":"DB_PASSWORD","value":"..."}`, `{"password":{"value":"..."}}`, `{"X-Api-Key":["..."]}`, `["--password","..."]`.
//!
//! A value there is read under such a name as under that of a member. The same for a message's own JSON and for JSON in its texts, each
//! with a memory of its own: of a head no more is kept than the names that ask for a look at what stands under them, [`COLUMNS`] in all, and of an object the name it
//! tells. A name counts for what comes behind it: nothing is held for one that may come.
//!
//! A head counts for the lists in a list behind it in the same object, or in one that this stands in, twice at most and not beyond
//! a list. Where there is none, the first of the lists is one if it is a row of names, some of which ask for a look.

mod heads;
mod roles;

use super::profile::Profile;
use super::reading::fold;
use super::table;
use crate::wire::escape::Unescaped;
use crate::wire::path::{Path, Step};
use heads::{Heads, Reading};
pub(crate) use roles::Role;

/// Names of columns remembered at once.
const COLUMNS: usize = 64;

/// Bytes of a name.
const NAME: usize = 48;

/// Bytes of one as it is written: six for each of its own is the most an escape takes.
pub(crate) const WRITTEN: usize = 6 * NAME;

/// Rows, one within a value of the other.
const ROWS: usize = 8;

/// Names told by objects and lists, one within the other, and by one of them.
const TOLD: usize = 12;
const TOLD_BY_ONE: usize = 4;

/// Where a name stands that all elements of a list have.
const ALL: u32 = u32::MAX;

/// Objects between a value and the name it has.
const WRAPS: usize = 3;

#[derive(Default)]
pub(crate) struct Cells {
    heads: Heads,
    /// The head being read.
    reading: Option<Reading>,
    /// Lists that are rows, from the outermost in.
    rows: Vec<Row>,
    /// Names told, from the outermost container in.
    told: Vec<Told>,
    /// Elements of the list that is being read may have names, or tell some; else only what is written as an option tells one.
    in_named_list: bool,
}

struct Row {
    /// The depth of its elements.
    depth: usize,
    head: u32,
    /// Its elements are all of one column.
    column: Option<u32>,
}

struct Told {
    /// The depth of the object's members, or of the list's elements.
    depth: usize,
    /// In a list, where it stands.
    index: u32,
    len: usize,
    name: [u8; NAME],
}

impl Told {
    fn name(&self) -> &[u8] {
        self.name.get(..self.len).unwrap_or_default()
    }
}

impl Cells {
    /// The name of the value that comes next at `path`, where that is not the one of its own member, which has the role `own`.
    #[inline]
    pub(crate) fn name<'a>(&'a self, profile: &Profile, path: &'a Path, own: Role) -> Option<&'a [u8]> {
        if path.in_array() {
            if self.in_named_list { self.in_this_list(path) } else { None }
        } else if own.holds() {
            self.around(profile, path)
        } else {
            None
        }
    }

    /// The same, for rules that name fields: of members only those that are nothing but values, and of lists those that are rows.
    #[inline]
    pub(crate) fn field<'a>(&'a self, profile: &Profile, path: &'a Path, own: Role) -> Option<&'a [u8]> {
        let name = self.name(profile, path, own)?;
        let is_anothers = match path.last()? {
            Step::Element(_) => self.told.iter().any(|told| told.depth == path.depth() && told.index == ALL),
            step => step.name().is_some_and(roles::is_of_others),
        };
        (!is_anothers).then_some(name)
    }

    /// The name that a member which only holds a value has from the objects and lists around it.
    #[inline(never)]
    fn around<'a>(&'a self, profile: &Profile, path: &'a Path) -> Option<&'a [u8]> {
        let mut depth = path.depth();
        for _ in 0..WRAPS {
            let told = self.told.iter().filter(|told| told.depth == depth).map(Told::name);
            if let Some(told) = told.into_iter().find(|name| is_name(name) && profile.asks_for(name)) {
                return Some(told);
            }
            depth = depth.checked_sub(1)?;
            match path.at(depth)? {
                Step::Element(index) => return self.in_list(depth, index),
                step => {
                    let name = step.name()?;
                    if !role(profile, name).holds() {
                        return profile.asks_for(name).then_some(name);
                    }
                }
            }
        }
        None
    }

    #[inline(never)]
    fn in_this_list(&self, path: &Path) -> Option<&[u8]> {
        if let Step::Element(index) = path.last()? { self.in_list(path.depth(), index) } else { None }
    }

    fn in_list(&self, depth: usize, index: u32) -> Option<&[u8]> {
        let row = self.rows.iter().rev().find(|row| row.depth == depth);
        let column = row.and_then(|row| self.heads.get(row.head)?.name(row.column.unwrap_or(index)));
        column.or_else(|| {
            let told = self.told.iter().rev().find(|told| told.depth == depth)?;
            (told.index == ALL || told.index + 1 == index).then(|| told.name())
        })
    }

    /// A list begins at `path`, in a member with the role `own` or in another list.
    #[inline(never)]
    pub(crate) fn opens(&mut self, profile: &Profile, path: &Path, own: Role) {
        let depth = path.depth();
        let last = path.last();
        self.in_named_list = matches!(last, Some(Step::Element(_)));
        match last {
            None => {}
            Some(Step::Element(index)) => {
                self.row(path, depth, index, true);
            }
            Some(step) => {
                let Some(name) = step.name() else { return };
                let outer = depth.checked_sub(1).and_then(|outer| Some((outer, path.at(outer)?)));
                let is_row = if let Some((outer, Step::Element(index))) = outer
                    && roles::is_row(name)
                {
                    self.row(path, outer, index, !own.is_head())
                } else {
                    false
                };
                if !is_row && own.is_head() && self.may_read() {
                    self.reading = Some(Reading::under_a_member(depth));
                } else if !is_row && profile.asks_for(name) {
                    self.tell(depth + 1, ALL, name);
                }
            }
        }
        self.in_named_list |= self.reading.is_some() || !self.rows.is_empty();
    }

    /// No head is being read, or none but a row with nothing in it yet.
    fn may_read(&self) -> bool {
        self.reading.as_ref().is_none_or(Reading::is_blank)
    }

    /// Whether a list that begins at `path` is a row under a head: one of those that stand in the list with elements at `outer`. It may be a
    /// head itself.
    fn row(&mut self, path: &Path, outer: usize, index: u32, may_be_head: bool) -> bool {
        let depth = path.depth() + 1;
        if let Some(head) = self.heads.above(path, outer) {
            let column = head.is_by_column(path, outer).then_some(index);
            if head.asks() && self.rows.len() < ROWS {
                self.rows.push(Row { depth, head: head.id(), column });
            }
            return true;
        }
        if index == 0 && may_be_head && self.may_read() {
            self.reading = Some(Reading::of_a_row(depth, outer));
        }
        false
    }

    /// The container that `path` is in ends.
    #[inline]
    pub(crate) fn closes(&mut self, path: &Path) {
        self.in_named_list = false;
        if !(self.told.is_empty() && self.reading.is_none() && self.heads.is_empty()) {
            self.container_ends(path);
        }
    }

    #[inline(never)]
    fn container_ends(&mut self, path: &Path) {
        let depth = path.depth();
        while self.told.last().is_some_and(|told| told.depth >= depth) {
            self.told.pop();
        }
        self.in_named_list = self.told.last().is_some_and(|told| told.depth + 1 == depth);
        if self.reading.is_none() && self.heads.is_empty() {
            return;
        }
        while self.rows.last().is_some_and(|row| row.depth >= depth) {
            self.rows.pop();
        }
        self.heads.closes(path);
        if let Some(reading) = self.reading.take_if(|reading| reading.depth() >= depth) {
            self.heads.add(reading, path);
        }
        self.in_named_list |= self.reading.is_some() || !self.rows.is_empty();
    }

    /// Whether elements of the list that is being read may have names.
    #[inline]
    pub(crate) fn may_name_elements(&self) -> bool {
        self.in_named_list
    }

    /// Whether [`Self::listens`] need be asked.
    #[inline]
    pub(crate) fn may_listen(&self, own: Role, first: Option<&u8>) -> bool {
        self.in_named_list || self.reading.is_some() || own.tells() || first == Some(&b'-')
    }

    /// Whether the string that comes next at `path`, in a member with the role `own` or in a list, may tell a name; it begins with `first`.
    pub(crate) fn listens(&self, path: &Path, own: Role, first: Option<&u8>) -> bool {
        if path.in_array() {
            self.in_named_list || first == Some(&b'-')
        } else {
            self.reading.is_some()
                || (own.tells() && first.is_some_and(|first| first.is_ascii_alphabetic() || !first.is_ascii() || b"-_/.\\".contains(first)))
        }
    }

    /// A whole string at `path` has been read, as it is written, to which [`Self::listens`] said yes.
    #[inline(never)]
    pub(crate) fn hears(&mut self, profile: &Profile, path: &Path, own: Role, written: &[u8]) {
        if written.len() > WRITTEN {
            return self.hears_read(profile, path, own, &[]);
        }
        match read(written) {
            None => self.hears_read(profile, path, own, written),
            Some(text) => self.hears_read(profile, path, own, &text),
        }
    }

    /// The same, of a string as it reads; of one that is too long for a name nothing.
    fn hears_read(&mut self, profile: &Profile, path: &Path, own: Role, text: &[u8]) {
        let depth = path.depth();
        if let Some(reading) = &mut self.reading {
            reading.hears(profile, path, text, is_name(text));
        }
        if !path.in_array() {
            // What is no name is left for when a value comes, which is seldom.
            if own.tells() {
                self.tell(depth, 0, text);
            }
        } else if let Some(Step::Element(index)) = path.last() {
            let names_next = || {
                let row = self.rows.last().filter(|row| row.depth == depth);
                row.and_then(|row| self.heads.get(row.head)).is_some_and(|head| head.names_next(index))
            };
            if is_name(text) && (text.starts_with(b"-") || (index == 0 && is_in_list(path)) || names_next()) {
                self.tell(depth, index, text);
            }
            let told = self.told.last().is_some_and(|told| told.depth == depth);
            self.in_named_list = told || self.reading.is_some() || !self.rows.is_empty();
        }
    }

    /// In a list the last name counts, in an object the first that asks for a look.
    fn tell(&mut self, depth: usize, index: u32, text: &[u8]) {
        let mut name = [0; NAME];
        let Some(slot) = name.get_mut(..text.len()) else { return };
        slot.copy_from_slice(text);
        let told = Told { depth, index, len: text.len(), name };
        let same = self.told.iter().rev().take_while(|told| told.depth == depth).count();
        match self.told.last_mut().filter(|_| same > 0) {
            Some(last) if last.index == ALL => {}
            Some(last) if index > 0 => *last = told,
            _ if same >= TOLD_BY_ONE => {}
            _ => {
                if self.told.len() >= TOLD {
                    self.told.remove(0);
                }
                self.told.push(told);
            }
        }
        self.in_named_list = true;
    }

    /// A new text.
    pub(crate) fn reset(&mut self) {
        let Self { heads, reading, rows, told, in_named_list } = self;
        *in_named_list = false;
        heads.clear();
        *reading = None;
        rows.clear();
        told.clear();
    }

    pub(crate) fn held(&self) -> usize {
        self.heads.held()
            + self.reading.as_ref().map_or(0, Reading::held)
            + self.rows.capacity() * size_of::<Row>()
            + self.told.capacity() * size_of::<Told>()
    }
}

/// What a member name says of values: of a long one nothing, which need not be asked.
#[inline]
pub(crate) fn role(profile: &Profile, name: &[u8]) -> Role {
    if name.len() > roles::LONGEST { Role::default() } else { profile.role(name) }
}

/// Whether a text may have JSON in it with lists that are rows.
pub(crate) fn may_have_rows(profile: &Profile, text: &[u8]) -> bool {
    memchr::memchr_iter(b'[', text).any(|at| {
        let before = text.get(at.saturating_sub(2 * NAME)..at).unwrap_or_default().trim_ascii_end();
        let name = || {
            let named = before.strip_suffix(b":")?.trim_ascii_end().strip_suffix(b"\"")?;
            named.get(memchr::memrchr(b'"', named)? + 1..)
        };
        before.ends_with(b"[") || name().is_some_and(|name| role(profile, name).is_head())
    })
}

/// The element that comes next stands in a list that stands in one.
fn is_in_list(path: &Path) -> bool {
    path.depth().checked_sub(1).is_some_and(|outer| matches!(path.at(outer), Some(Step::Element(_))))
}

/// As it reads, where that is not as it is written.
fn read(written: &[u8]) -> Option<Vec<u8>> {
    if !written.contains(&b'\\') {
        return fold::name(written);
    }
    let mut text = Unescaped::default();
    text.resolve(written);
    Some(fold::name(&text.text).unwrap_or(text.text))
}

/// What may be called so: no sentence, and no value of several kinds of signs.
fn is_name(text: &[u8]) -> bool {
    let led = text.iter().take_while(|byte| matches!(byte, b'-' | b'_' | b'/' | b'.')).count();
    text.len() <= NAME && text.get(led..).is_some_and(table::is_name)
}
