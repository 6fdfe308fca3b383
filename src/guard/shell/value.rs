//! Text that may have unknown parts, and where it came from.

/// Stands for text that only the running shell knows. It is not a character that text has; where input has it, it becomes a blank.
pub(super) const HOLE: char = '\u{10FFFF}';

/// Ends a field whatever `IFS` says: between the elements of `"${a[@]}"`.
pub(super) const FIELD: char = '\u{10FFFE}';

/// Where text came from; a set.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Taint(u16);

impl Taint {
    pub(super) const NONE: Self = Self(0);
    /// Fetched from the network.
    pub(super) const NET: Self = Self(1);
    /// From an open connection.
    pub(super) const SOCKET: Self = Self(2);
    /// What a shell that reads its input wrote.
    pub(super) const SHELL: Self = Self(4);
    /// Out of a decoder, or a computation on text that was all in plain sight.
    pub(super) const DECODED: Self = Self(8);
    /// From a file or command that tells secrets or the system's inner life.
    pub(super) const SECRET: Self = Self(16);
    /// Who and where: `whoami`, `hostname`.
    pub(super) const WHO: Self = Self(32);
    /// The environment.
    pub(super) const ENVIRONMENT: Self = Self(128);
    /// The caller's own public key.
    pub(super) const OWN_KEY: Self = Self(64);
    /// A secret that was asked for, to be handed on: harmless where a program takes it, told where it is printed.
    pub(super) const TOKEN: Self = Self(256);
    /// The value of a variable that is called a secret, and that the text does not set.
    pub(super) const ENV_SECRET: Self = Self(512);
    /// What tools of the system or of clouds tell about what goes on within.
    pub(super) const TOLD: Self = Self(1024);
    /// Fetched in the clear, or from a host that is told by its number.
    pub(super) const CLEAR: Self = Self(2048);

    /// An archive of files of one's own.
    pub(super) const PACKED: Self = Self(4096);

    pub(super) fn has(self, other: Self) -> bool {
        self.0 & other.0 != 0
    }

    #[must_use]
    pub(super) fn with(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    pub(super) fn any(self) -> bool {
        self.0 != 0
    }

    #[must_use]
    pub(super) fn without(self, other: Self) -> Self {
        Self(self.0 & !other.0)
    }
}

/// Text with its origin: a variable, a word, the contents of a pipe or a file.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Value {
    pub(super) text: String,
    pub(super) taint: Taint,
}

impl Value {
    pub(super) fn known(text: impl Into<String>) -> Self {
        Self { text: text.into(), taint: Taint::NONE }
    }

    pub(super) fn hole(taint: Taint) -> Self {
        Self { text: HOLE.to_string(), taint }
    }

    pub(super) fn is_known(&self) -> bool {
        !self.text.contains(HOLE)
    }

    pub(super) fn is_all_hole(&self) -> bool {
        !self.text.is_empty() && self.text.chars().all(|c| c == HOLE || c.is_whitespace()) && !self.is_known()
    }

    pub(super) fn append(&mut self, other: &Self, most: usize) {
        self.taint = self.taint.with(other.taint);
        if self.text.len().saturating_add(other.text.len()) <= most {
            self.text.push_str(&other.text);
        } else if !self.text.ends_with(HOLE) {
            self.text.push(HOLE);
        }
    }
}

pub(super) fn strip(text: &str) -> String {
    if text.contains([HOLE, FIELD]) { text.replace([HOLE, FIELD], "") } else { text.to_owned() }
}

pub(super) fn byte(bytes: &[u8], at: usize) -> u8 {
    bytes.get(at).copied().unwrap_or(0)
}

pub(super) fn part(text: &str, from: usize, to: usize) -> &str {
    text.get(from..to).unwrap_or_default()
}

pub(super) fn rest(text: &str, from: usize) -> &str {
    text.get(from..).unwrap_or_default()
}

/// Whether a glob of the shell (`*`, `?`, `[a-z]`) matches a text. Linear in the product of both, which callers keep small.
pub(super) fn glob(pattern: &str, text: &str) -> bool {
    let (pattern, text): (Vec<char>, Vec<char>) = (pattern.chars().collect(), text.chars().collect());
    let (mut p, mut t) = (0, 0);
    let mut back: Option<(usize, usize)> = None;
    loop {
        let step = match (pattern.get(p), text.get(t)) {
            (None, None) => return true,
            (Some('*'), _) => {
                back = Some((p, t));
                p += 1;
                continue;
            }
            (Some(c), Some(d)) => one(&pattern, p, *c, *d),
            _ => None,
        };
        match (step, back) {
            (Some(width), _) => {
                p += width;
                t += 1;
            }
            (None, Some((star, from))) if from < text.len() => {
                back = Some((star, from + 1));
                p = star + 1;
                t = from + 1;
            }
            _ => return false,
        }
    }
}

/// How much of the pattern stands for this one character, if it matches.
fn one(pattern: &[char], at: usize, c: char, d: char) -> Option<usize> {
    match c {
        '?' => Some(1),
        '[' => {
            let inner: Vec<char> = pattern.iter().skip(at + 1).copied().collect();
            let Some(close) = inner.iter().skip(1).position(|c| *c == ']').map(|found| found + 1) else {
                return (d == '[').then_some(1);
            };
            let inner = inner.get(..close).unwrap_or_default();
            let negated = matches!(inner.first(), Some('!' | '^'));
            let set = inner.get(usize::from(negated)..).unwrap_or_default();
            (in_set(set, d) != negated).then_some(close + 2)
        }
        '\\' if pattern.get(at + 1) == Some(&d) => Some(2),
        _ => (c == d).then_some(1),
    }
}

fn in_set(set: &[char], d: char) -> bool {
    let text: String = set.iter().collect();
    if text.contains("[:") {
        let class = |name: &str, is: bool| text.contains(name) && is;
        return class("alpha", d.is_alphabetic())
            || class("lower", d.is_lowercase())
            || class("upper", d.is_uppercase())
            || class("digit", d.is_ascii_digit())
            || class("alnum", d.is_alphanumeric())
            || class("punct", d.is_ascii_punctuation())
            || class("space", d.is_whitespace());
    }
    let mut at = 0;
    while let Some(low) = set.get(at) {
        match (set.get(at + 1), set.get(at + 2)) {
            (Some('-'), Some(high)) => {
                if (*low..=*high).contains(&d) {
                    return true;
                }
                at += 3;
            }
            _ => {
                if *low == d {
                    return true;
                }
                at += 1;
            }
        }
    }
    false
}
