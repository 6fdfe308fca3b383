//! What belongs to a finding beyond its checked head, however long it is. Where it ends is read where the text is masked, over as many
//! windows as it takes.

use super::View;
use super::set::Set;

/// Most bytes of a value that its check looks at: one that has no end within them is told by its beginning.
pub(crate) const LONGEST: usize = 400;

/// What keys are made of that no quotes keep apart from other text.
pub(crate) const KEY: Set = Set::new(b"_.+/=~:@$!%*^&?|#-", &[(b'0', b'9'), (b'A', b'Z'), (b'a', b'z')]);

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Tail {
    None,
    /// Characters of a token: base64url, and dots between them.
    Token,
    /// Base64 of either alphabet, with its padding.
    Base64,
    /// Up to and with the `-----END ...-----` line, or the end of the text.
    Armor,
    /// A value of no known format, up to what ends it where it stands.
    Value(End),
}

/// What ends a value. Blanks and controls end each but the last.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum End {
    /// What no key has in it, and the next assignment: `a=...&b=...`.
    Bare,
    /// Likewise, and what ends a parameter in a URL.
    Query,
    /// The quote it began with, escaped or not.
    Quote(u8),
    /// A tag.
    Tag,
    /// What is between two columns.
    Cell(u8),
    /// What ends the user or password in a URL.
    Host,
    /// The text's end.
    Text,
}

impl Tail {
    /// Of a value from `start` that was looked at up to `end`: as far as checks look, with more behind it, it goes on.
    pub(super) fn behind(view: &View<'_>, start: usize, end: usize, ends: End) -> Self {
        if end >= start + LONGEST && view.at(end).is_some() { Self::Value(ends) } else { Self::None }
    }
}
