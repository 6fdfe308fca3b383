//! Every mistake of a policy, each with its place and its cure.

use std::fmt;

/// Where in the policy: `rules[3].then`, and the line when the source has lines.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Place {
    pub path: String,
    pub line: Option<u32>,
}

impl Place {
    /// The same place with a line of its own.
    pub(super) fn child(&self, name: &str, line: Option<u32>) -> Self {
        let path = if self.path.is_empty() { name.to_owned() } else { format!("{}.{name}", self.path) };
        Self { path, line: line.or(self.line) }
    }

    pub(super) fn item(&self, index: usize, line: Option<u32>) -> Self {
        Self { path: format!("{}[{index}]", self.path), line: line.or(self.line) }
    }
}

/// One mistake.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    pub place: Place,
    /// What is wrong and what would be right, in one line.
    pub message: String,
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(line) = self.place.line {
            write!(f, "line {line}: ")?;
        }
        if !self.place.path.is_empty() {
            write!(f, "{}: ", self.place.path)?;
        }
        f.write_str(&self.message)
    }
}

/// All mistakes found in one reading, in the order of the document.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Report {
    problems: Vec<Problem>,
}

impl Report {
    pub fn add(&mut self, place: &Place, message: impl Into<String>) {
        self.problems.push(Problem { place: place.clone(), message: message.into() });
    }

    /// A mistake that may only follow from one already told at this place or below it: then it is not told.
    pub(super) fn follow_up(&mut self, place: &Place, message: impl Into<String>) {
        let inside = |problem: &Problem| match problem.place.path.strip_prefix(&place.path) {
            Some(rest) => rest.is_empty() || rest.starts_with(['.', '[']),
            None => false,
        };
        if !self.problems.iter().any(inside) {
            self.add(place, message);
        }
    }

    pub fn is_empty(&self) -> bool {
        self.problems.is_empty()
    }

    pub fn problems(&self) -> &[Problem] {
        &self.problems
    }

    /// What was read of a document, if nothing is wrong with it; else every mistake. `unusable` is told when nothing else was.
    pub(super) fn settle<T>(mut self, read: Option<T>, document: &Place, unusable: &str) -> Result<T, Self> {
        if let Some(read) = read.filter(|_| self.is_empty()) {
            return Ok(read);
        }
        if self.is_empty() {
            self.add(document, unusable);
        }
        // The later stages look at the document again: what they found goes where it belongs.
        self.problems.sort_by_key(|problem| problem.place.line.unwrap_or(0));
        Err(self)
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, problem) in self.problems.iter().enumerate() {
            if index > 0 {
                f.write_str("\n")?;
            }
            problem.fmt(f)?;
        }
        Ok(())
    }
}

impl std::error::Error for Report {}
