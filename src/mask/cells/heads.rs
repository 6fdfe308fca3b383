//! Heads: the one being read, and those that count.

use super::roles::{is_of_names, is_of_values};
use super::{COLUMNS, Profile, role};
use crate::wire::path::{Path, Step};

/// Heads that count at once.
const HEADS: usize = 4;

/// How many objects a head may count beyond the one it stands in: two in `{"manifest":{"schema":{"columns":[...]}},"result":{...}}`.
const LIFTS: usize = 2;

/// Objects at most between that in which a head counts and a list of rows.
const BELOW: usize = 3;

#[derive(Default)]
pub(super) struct Heads {
    heads: Vec<Head>,
    last_id: u32,
}

pub(super) struct Head {
    id: u32,
    /// The depth of the members of the object it counts in; for the first row of a list, of the list's elements.
    depth: usize,
    lifts: usize,
    is_row: bool,
    names: Names,
}

/// Names by their column, where they ask for a look at what stands under them.
#[derive(Default)]
struct Names {
    columns: Vec<(u32, Box<[u8]>)>,
    /// The values of this column have their names in the one before.
    values: Option<u32>,
}

impl Names {
    fn get(&self, column: u32) -> Option<&[u8]> {
        self.columns.iter().find(|(known, _)| *known == column).map(|(_, name)| &**name)
    }

    fn add(&mut self, column: u32, name: &[u8]) {
        if self.columns.len() < COLUMNS && self.get(column).is_none() {
            self.columns.push((column, name.into()));
        }
    }

    fn ask(&self) -> bool {
        !self.columns.is_empty() || self.values.is_some()
    }

    fn held(&self) -> usize {
        self.columns.capacity() * size_of::<(u32, Box<[u8]>)>() + self.columns.iter().map(|(_, name)| name.len()).sum::<usize>()
    }
}

impl Head {
    pub(super) fn id(&self) -> u32 {
        self.id
    }

    pub(super) fn name(&self, column: u32) -> Option<&[u8]> {
        self.names.get(column)
    }

    /// Whether it has names of any column.
    pub(super) fn asks(&self) -> bool {
        self.names.ask()
    }

    /// Whether the value of a column is the name of the next.
    pub(super) fn names_next(&self, column: u32) -> bool {
        self.names.values.is_some() && self.names.values == column.checked_add(1)
    }

    /// Whether the list with elements at `outer` is one of its rows.
    fn is_above(&self, path: &Path, outer: usize) -> bool {
        if self.is_row {
            return self.depth == outer;
        }
        let below = self.depth..outer;
        (1..=BELOW).contains(&below.len()) && below.into_iter().all(|depth| path.at(depth).and_then(Step::name).is_some())
    }

    /// Whether the lists are columns, as in frames of data: `{"schema":{"fields":[...]},"data":{"values":[[...],[...]]}}`.
    pub(super) fn is_by_column(&self, path: &Path, outer: usize) -> bool {
        let at = |back: usize| outer.checked_sub(back).and_then(|depth| path.at(depth)).and_then(Step::name);
        self.lifts == 1 && outer == self.depth + 2 && at(1) == Some(b"values") && at(2) == Some(b"data")
    }
}

impl Heads {
    pub(super) fn is_empty(&self) -> bool {
        self.heads.is_empty()
    }

    pub(super) fn get(&self, id: u32) -> Option<&Head> {
        self.heads.iter().find(|head| head.id == id)
    }

    /// The last one above a list of rows with elements at `outer`.
    pub(super) fn above(&self, path: &Path, outer: usize) -> Option<&Head> {
        self.heads.iter().rev().find(|head| head.is_above(path, outer))
    }

    /// The container that `path` is in ends: a head in it counts in the object around it, or no more.
    pub(super) fn closes(&mut self, path: &Path) {
        let depth = path.depth();
        let outer = depth.checked_sub(1).filter(|outer| matches!(path.at(*outer), Some(step) if !matches!(step, Step::Element(_))));
        self.heads.retain_mut(|head| {
            if head.depth < depth {
                return true;
            }
            let Some(outer) = outer.filter(|_| !head.is_row && head.lifts < LIFTS) else { return false };
            head.depth = outer;
            head.lifts += 1;
            true
        });
    }

    /// What was read counts from here on; `path` is within it yet.
    pub(super) fn add(&mut self, reading: Reading, path: &Path) {
        let Some((depth, names)) = reading.ends(path) else { return };
        let is_row = reading_is_row(path, depth);
        // Another in the same object adds to the one before it; one elsewhere is followed by rows of its own.
        if let Some(same) = self.heads.iter_mut().find(|head| head.depth == depth && head.lifts == 0 && !is_row) {
            names.columns.iter().for_each(|(column, name)| same.names.add(*column, name));
            same.names.values = same.names.values.or(names.values);
            return;
        }
        self.heads.retain(|head| head.lifts == 0 || head.depth + LIFTS < depth);
        if self.heads.len() >= HEADS {
            self.heads.remove(0);
        }
        self.last_id = self.last_id.wrapping_add(1);
        self.heads.push(Head { id: self.last_id, depth, lifts: 0, is_row, names });
    }

    pub(super) fn clear(&mut self) {
        self.heads.clear();
    }

    pub(super) fn held(&self) -> usize {
        self.heads.capacity() * size_of::<Head>() + self.heads.iter().map(|head| head.names.held()).sum::<usize>()
    }
}

/// Whether what counts at `depth` is the first row of a list.
fn reading_is_row(path: &Path, depth: usize) -> bool {
    matches!(path.at(depth), Some(Step::Element(_)))
}

/// A head being read.
pub(super) struct Reading {
    /// The depth of the elements of the list.
    depth: usize,
    /// Of a row, the depth of the elements of the list it stands in.
    row_of: Option<usize>,
    /// Strings that may be names of columns, one for each.
    heard: u32,
    /// Of a row, something in it is no name.
    is_other: bool,
    /// The last column that has names of values.
    keys: Option<u32>,
    names: Names,
}

impl Reading {
    /// A list under a member at `depth`.
    pub(super) fn under_a_member(depth: usize) -> Self {
        Self { depth: depth + 1, row_of: None, heard: 0, is_other: false, keys: None, names: Names::default() }
    }

    /// The first of the lists that stand in one with elements at `outer`.
    pub(super) fn of_a_row(depth: usize, outer: usize) -> Self {
        Self { row_of: Some(outer), ..Self::under_a_member(depth - 1) }
    }

    pub(super) fn depth(&self) -> usize {
        self.depth
    }

    /// A row in which nothing was read.
    pub(super) fn is_blank(&self) -> bool {
        self.row_of.is_some() && self.heard == 0
    }

    pub(super) fn held(&self) -> usize {
        self.names.held()
    }

    /// A whole string at `path`, as it reads.
    pub(super) fn hears(&mut self, profile: &Profile, path: &Path, text: &[u8], is_name: bool) {
        let Some(Step::Element(column)) = path.at(self.depth) else { return };
        let is_told = match (path.depth().checked_sub(self.depth), path.last()) {
            (Some(0), _) => true,
            (Some(1), Some(Step::Element(index))) => index == 0 && self.row_of.is_none(),
            (Some(1), Some(step)) => {
                let told = step.name().map(|name| role(profile, name)).unwrap_or_default();
                if self.row_of.is_some() { told.holds() } else { told.tells() }
            }
            _ => false,
        };
        if !is_told {
            return;
        }
        self.heard = self.heard.saturating_add(1);
        if !is_name {
            self.is_other = true;
            return;
        }
        // `["password","hunter2x"]`: a name and its value.
        if self.row_of.is_some() && column == 1 && self.names.get(0).is_some() && text.iter().any(u8::is_ascii_digit) {
            self.is_other = true;
        }
        if is_of_values(text) && self.keys.is_some() && self.keys == column.checked_sub(1) {
            self.names.values = Some(column);
        }
        if is_of_names(text) {
            self.keys = Some(column);
        }
        if profile.asks_for(text) {
            self.names.add(column, text);
        }
    }

    /// The depth at which it counts, and what of it.
    fn ends(self, path: &Path) -> Option<(usize, Names)> {
        let Self { depth, row_of, heard, is_other, names, .. } = self;
        let Some(outer) = row_of else {
            return (heard > 0).then_some((depth.checked_sub(1)?, names));
        };
        let count = if let Some(Step::Element(last)) = path.at(depth) { last.saturating_add(1) } else { 0 };
        (heard == count && count > 1 && !is_other && names.ask()).then_some((outer, names))
    }
}
