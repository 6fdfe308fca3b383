//! Where in a JSON text the lexer is: the last member name of every level, bounded.

/// Longest member name kept, in bytes; of a longer one the beginning.
pub const NAME_BYTES: usize = 64;

/// Containers from the outermost in, each with the member or element being read.
#[derive(Debug, Default)]
pub struct Path {
    frames: Vec<Frame>,
    names: Vec<u8>,
}

#[derive(Clone, Copy, Debug)]
struct Frame {
    /// Where the name begins in `names`; it ends where the next frame's begins.
    name: usize,
    index: u32,
    array: bool,
    long: bool,
    hidden: bool,
}

/// One step of a path.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step<'a> {
    Member(&'a [u8]),
    /// A member whose name is longer than [`NAME_BYTES`]: it equals no name, and shows as its beginning.
    LongMember(&'a [u8]),
    /// A member whose name was itself masked.
    HiddenMember(&'a [u8]),
    Element(u32),
}

impl<'a> Step<'a> {
    /// The whole member name.
    pub fn name(self) -> Option<&'a [u8]> {
        match self {
            Step::Member(name) | Step::HiddenMember(name) => Some(name),
            Step::LongMember(_) | Step::Element(_) => None,
        }
    }
}

impl Path {
    pub const fn new() -> Self {
        Self { frames: Vec::new(), names: Vec::new() }
    }

    pub fn depth(&self) -> usize {
        self.frames.len()
    }

    pub fn open(&mut self, array: bool) {
        self.frames.push(Frame { name: self.names.len(), index: 0, array, long: false, hidden: false });
    }

    pub fn close(&mut self) {
        if let Some(frame) = self.frames.pop() {
            self.names.truncate(frame.name);
        }
    }

    /// A comma: in an array, the next element.
    pub fn next(&mut self) {
        if let Some(frame) = self.frames.last_mut() {
            frame.index = frame.index.saturating_add(1);
        }
    }

    /// The member that follows, by its resolved name; `hidden` keeps it out of what [`Path::show`] writes.
    pub fn member(&mut self, name: &[u8], hidden: bool) {
        let Some(frame) = self.frames.last_mut() else { return };
        self.names.truncate(frame.name);
        frame.long = name.len() > NAME_BYTES;
        frame.hidden = hidden;
        self.names.extend_from_slice(name.get(..NAME_BYTES).unwrap_or(name));
    }

    pub fn clear(&mut self) {
        self.frames.clear();
        self.names.clear();
    }

    /// The innermost step.
    pub fn last(&self) -> Option<Step<'_>> {
        self.step(self.frames.len().checked_sub(1)?)
    }

    /// Whether it leads to an element of an array.
    #[inline]
    pub fn in_array(&self) -> bool {
        self.frames.last().is_some_and(|frame| frame.array)
    }

    /// From the outermost in.
    pub fn steps(&self) -> impl DoubleEndedIterator<Item = Step<'_>> {
        (0..self.frames.len()).filter_map(|at| self.step(at))
    }

    /// `result.content[0].text`, cut at `most` bytes; names that were masked show as `*`.
    pub fn show(&self, most: usize) -> String {
        let mut shown = String::new();
        for step in self.steps() {
            let (name, end) = match step {
                Step::Element(index) => {
                    shown.push_str(&format!("[{index}]"));
                    continue;
                }
                Step::HiddenMember(_) => (&b"*"[..], ""),
                Step::Member(name) => (name, ""),
                Step::LongMember(name) => (name, "..."),
            };
            if !shown.is_empty() {
                shown.push('.');
            }
            shown.push_str(&String::from_utf8_lossy(name));
            shown.push_str(end);
        }
        while shown.len() > most {
            shown.pop();
        }
        shown
    }

    /// Bytes of memory held.
    pub fn held(&self) -> usize {
        self.frames.capacity() * size_of::<Frame>() + self.names.capacity()
    }

    /// The step that is `depth` containers deep; of the outermost, 1.
    pub fn at(&self, depth: usize) -> Option<Step<'_>> {
        self.step(depth.checked_sub(1)?)
    }

    fn step(&self, at: usize) -> Option<Step<'_>> {
        let frame = self.frames.get(at)?;
        if frame.array {
            return Some(Step::Element(frame.index));
        }
        let end = self.frames.get(at + 1).map_or(self.names.len(), |next| next.name);
        let name = self.names.get(frame.name..end).unwrap_or_default();
        Some(match (frame.long, frame.hidden) {
            (_, true) => Step::HiddenMember(name),
            (true, false) => Step::LongMember(name),
            (false, false) => Step::Member(name),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keeps_the_way_in() {
        let mut path = Path::default();
        path.open(false);
        path.member(b"result", false);
        path.open(true);
        path.next();
        path.open(false);
        path.member(b"first", false);
        path.member(b"text", false);
        assert_eq!(path.show(100), "result[1].text");
        assert_eq!(path.show(8), "result[1");
        path.close();
        path.close();
        path.member(b"jo@example.com", true);
        assert_eq!(path.show(100), "*");
        assert_eq!(path.last().and_then(Step::name), Some(&b"jo@example.com"[..]));
    }
}
