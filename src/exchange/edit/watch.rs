//! One message as it streams by: what it is, as soon as that shows, and links in it that must not be followed.

use super::EditError;
use super::collected::{Collected, Kind as Run};
use crate::guard::server::links::{self, Beginning};
use crate::limits::{LIST_BYTES, SERVER_REQUEST_BYTES, UNDECIDED_BYTES};
use crate::wire::escape::Unescaped;
use crate::wire::json::{Event, Lexer};
use crate::wire::path::{NAME_BYTES, Path, Step};

/// A member name is kept as written; six bytes for each of its own is the most an escape takes.
const NAME_WRITTEN: usize = 6 * (NAME_BYTES + 1);

/// Longest method kept, as written: long enough to tell one from a notification.
const METHOD_WRITTEN: usize = 1024;

/// Longest beginning of a link that is looked through, as written. Whoever pads it more has a reason.
const LINK_WRITTEN: usize = 256;

/// What a link becomes that would run something.
const NO_LINK: &[u8] = b"about:blank";

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Fate {
    /// Waits.
    #[default]
    Undecided,
    /// Goes on as it comes.
    Passes,
    /// Waits for its end, up to so many bytes.
    Collected(usize),
}

/// Members of a message that say what it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Decisive {
    Method,
    Result,
    Error,
}

#[derive(Default)]
pub(super) struct Watch {
    lexer: Lexer,
    path: Path,
    fate: Fate,
    /// What it has shown to be, once.
    decisive: Option<Decisive>,
    /// The member of the message being read, where it is decisive.
    inside: Option<Decisive>,
    name: Vec<u8>,
    /// The method being read, as written.
    method: Vec<u8>,
    string: Content,
}

/// What happens to the string being read.
#[derive(Default)]
enum Content {
    #[default]
    Plain,
    Method,
    /// Waits until its scheme is known.
    Link(Vec<u8>),
    /// Was replaced.
    Dropped,
}

impl Watch {
    /// More of the message, put to the rest of it.
    pub(super) fn feed(&mut self, bytes: &[u8], collected: &mut Collected) -> Result<(), EditError> {
        let mut rest = bytes;
        while let Some(step) = self.lexer.step(rest)? {
            let (bytes, after) = rest.split_at_checked(step.len).unwrap_or((rest, &[]));
            rest = after;
            match step.event {
                Event::Content => self.content(bytes, collected),
                event => {
                    self.structure(event, collected)?;
                    collected.push(Run::Data, bytes);
                }
            }
            // After each step, and not after each chunk: what is decided must not depend on how the bytes came.
            self.bounds(collected)?;
        }
        Ok(())
    }

    /// A line break within the message, which the caller keeps.
    pub(super) fn line_break(&mut self) -> Result<(), EditError> {
        self.lexer.line_break()?;
        Ok(())
    }

    pub(super) fn is_complete(&self) -> bool {
        self.lexer.is_complete()
    }

    pub(super) fn is_collected(&self) -> bool {
        matches!(self.fate, Fate::Collected(_))
    }

    pub(super) fn passes(&self) -> bool {
        self.fate == Fate::Passes
    }

    /// The message was judged, or there is nothing to judge.
    pub(super) fn release(&mut self) {
        self.fate = Fate::Passes;
    }

    /// What of it waits must be bounded.
    fn bounds(&mut self, collected: &Collected) -> Result<(), EditError> {
        match self.fate {
            Fate::Undecided if collected.held() > UNDECIDED_BYTES => self.fate = Fate::Passes,
            Fate::Collected(most) if collected.held() > most => return Err(EditError::TooLong),
            _ => {}
        }
        Ok(())
    }

    fn structure(&mut self, event: Event, collected: &mut Collected) -> Result<(), EditError> {
        match event {
            Event::Open { array } => {
                // A batch.
                if self.path.depth() == 0 && array {
                    self.collect(LIST_BYTES)?;
                }
                self.value(array)?;
                self.path.open(array);
            }
            Event::Close => {
                self.path.close();
                // A result that has shown nothing to judge.
                if self.path.depth() == 1 && self.inside == Some(Decisive::Result) && self.fate == Fate::Undecided {
                    self.fate = Fate::Passes;
                }
            }
            Event::Comma => self.path.next(),
            Event::Quote { name: true } => self.name.clear(),
            Event::Quote { name: false } => {
                self.string = match self.inside {
                    Some(Decisive::Method) if self.path.depth() == 1 => Content::Method,
                    _ if self.is_link() => Content::Link(Vec::new()),
                    _ => Content::Plain,
                };
                self.method.clear();
                self.value(false)?;
            }
            Event::Unquote { name: true } => self.named()?,
            Event::Unquote { name: false } => match std::mem::take(&mut self.string) {
                Content::Method => self.method_is()?,
                Content::Link(held) => collected.push(Run::Data, if is_unsafe(&held) { NO_LINK } else { &held }),
                Content::Plain | Content::Dropped => {}
            },
            // `"error": null` beside a result says nothing.
            Event::Number | Event::Literal | Event::Plain | Event::NumberEnd | Event::Content => {}
        }
        Ok(())
    }

    fn content(&mut self, bytes: &[u8], collected: &mut Collected) {
        if self.lexer.in_name() {
            let room = NAME_WRITTEN.saturating_sub(self.name.len());
            self.name.extend(bytes.iter().take(room));
            return collected.push(Run::Data, bytes);
        }
        match &mut self.string {
            Content::Plain => collected.push(Run::Data, bytes),
            Content::Method => {
                let room = METHOD_WRITTEN.saturating_sub(self.method.len());
                self.method.extend(bytes.iter().take(room));
                collected.push(Run::Data, bytes);
            }
            Content::Dropped => {}
            Content::Link(held) => {
                // Byte by byte: how much of it is looked at must not depend on how it came.
                for (index, byte) in bytes.iter().enumerate() {
                    held.push(*byte);
                    let Some(bad) = link(held) else { continue };
                    if bad {
                        collected.push(Run::Data, NO_LINK);
                        self.string = Content::Dropped;
                    } else {
                        collected.push(Run::Data, held);
                        collected.push(Run::Data, bytes.get(index.saturating_add(1)..).unwrap_or_default());
                        self.string = Content::Plain;
                    }
                    return;
                }
            }
        }
    }

    /// A member name was read.
    fn named(&mut self) -> Result<(), EditError> {
        let mut resolved = Unescaped::default();
        // Few names have escapes, and every member of every answer comes by here.
        let name = if memchr::memchr(b'\\', &self.name).is_some() {
            resolved.resolve(&self.name);
            &resolved.text
        } else {
            &self.name
        };
        self.path.member(name, false);
        match self.path.depth() {
            1 => {
                let is = |known: &str| name.eq_ignore_ascii_case(known.as_bytes());
                self.inside = match () {
                    () if is("method") => Some(Decisive::Method),
                    () if is("result") => Some(Decisive::Result),
                    () if is("error") => Some(Decisive::Error),
                    () => None,
                };
                Ok(())
            }
            2 if self.inside == Some(Decisive::Result) => {
                let verdict = in_result(name);
                self.take(verdict)
            }
            _ => Ok(()),
        }
    }

    /// What a member says of the message it is in.
    fn take(&mut self, says: Says) -> Result<(), EditError> {
        match says {
            Says::Collect(most) => self.collect(most),
            Says::Pass => {
                if self.fate == Fate::Undecided {
                    self.fate = Fate::Passes;
                }
                Ok(())
            }
            Says::Nothing => Ok(()),
        }
    }

    /// A text or a container begins.
    fn value(&mut self, array: bool) -> Result<(), EditError> {
        let Some(decisive) = self.inside.filter(|_| self.path.depth() == 1) else { return Ok(()) };
        let is_odd = array && decisive == Decisive::Result;
        // Of two, readers may take either.
        if self.decisive.replace(decisive).is_some() || decisive == Decisive::Error || is_odd {
            self.collect(SERVER_REQUEST_BYTES)?;
        }
        Ok(())
    }

    fn method_is(&mut self) -> Result<(), EditError> {
        let mut method = Unescaped::default();
        method.resolve(&self.method);
        // What a task has to say may be a question to the client.
        let is_plain = method.text.starts_with(b"notifications/") && method.text != b"notifications/tasks";
        match (is_plain, self.fate) {
            (true, Fate::Undecided) => self.fate = Fate::Passes,
            (true, _) => {}
            (false, _) => self.collect(SERVER_REQUEST_BYTES)?,
        }
        Ok(())
    }

    /// What has gone on cannot be collected any more.
    fn collect(&mut self, most: usize) -> Result<(), EditError> {
        self.fate = match self.fate {
            Fate::Passes => return Err(EditError::Ambiguous),
            Fate::Undecided => Fate::Collected(most),
            Fate::Collected(before) => Fate::Collected(before.max(most)),
        };
        Ok(())
    }

    /// Whether the string that comes is a link of the protocol: a resource's, an icon's, a server's home page.
    fn is_link(&self) -> bool {
        /// As deep as an icon of a message of a task's result.
        const DEEPEST: usize = 9;
        let last = self.path.last().and_then(Step::name);
        if !matches!(last, Some(b"uri" | b"src" | b"websiteUrl")) || self.path.depth() > DEEPEST {
            return false;
        }
        let mut steps = self.path.steps().filter_map(Step::name);
        matches!(steps.next(), Some(b"result" | b"params"))
            && !steps.any(|name| matches!(name, b"structuredContent" | b"inputSchema" | b"outputSchema"))
    }
}

/// What a member of a result says.
enum Says {
    Nothing,
    Pass,
    Collect(usize),
}

fn in_result(name: &[u8]) -> Says {
    const LISTS: [&str; 4] = ["tools", "prompts", "resources", "resourceTemplates"];
    const INTRODUCTION: [&str; 4] = ["serverInfo", "capabilities", "instructions", "supportedVersions"];
    const CALLS: [&[u8]; 5] = [b"content", b"contents", b"messages", b"structuredContent", b"completion"];
    let is = |known: &str| name.eq_ignore_ascii_case(known.as_bytes());
    match () {
        () if LISTS.iter().any(|known| is(known)) => Says::Collect(LIST_BYTES),
        () if is("inputRequests") || INTRODUCTION.iter().any(|known| is(known)) => Says::Collect(SERVER_REQUEST_BYTES),
        () if CALLS.contains(&name) => Says::Pass,
        () => Says::Nothing,
    }
}

/// Whether a link that begins so is bad; `None` when that does not show yet.
fn link(held: &[u8]) -> Option<bool> {
    if held.len() > LINK_WRITTEN {
        return Some(true);
    }
    // An escape that has only begun says nothing yet.
    let open = held.iter().rev().take(6).position(|byte| *byte == b'\\').is_some_and(|back| back < 5);
    if open && held.len() < LINK_WRITTEN {
        let tail = held.iter().rev().take_while(|byte| **byte != b'\\').count();
        let slashes = held.iter().rev().skip(tail).take_while(|byte| **byte == b'\\').count();
        let escape = held.get(held.len().saturating_sub(tail)..).unwrap_or_default();
        let unfinished = slashes % 2 == 1 && (escape.is_empty() || (escape.first() == Some(&b'u') && escape.len() < 5));
        if unfinished {
            return None;
        }
    }
    let beginning = beginning(held);
    beginning.is_clear().then(|| beginning.is_unsafe())
}

fn is_unsafe(held: &[u8]) -> bool {
    beginning(held).is_unsafe()
}

fn beginning(held: &[u8]) -> Beginning {
    let mut text = Unescaped::default();
    text.resolve(held);
    let mut beginning = Beginning::default();
    for c in String::from_utf8_lossy(&text.text).chars() {
        beginning.push(c);
        if beginning.is_clear() {
            break;
        }
    }
    beginning
}

const _: () = assert!(links::DECIDING < LINK_WRITTEN);
