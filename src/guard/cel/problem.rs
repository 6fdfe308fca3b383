//! Why an expression has no value for a call. None of these tells what was in the call.

use std::fmt;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Problem<'a> {
    /// A member that the policy names.
    NoMember(&'a str),
    /// A key that was computed.
    NoKey,
    NoElement,
    /// A variable that this call does not have.
    Absent(&'static str),
    /// An operator or a function and values it does not go with.
    NotFor(&'static str),
    Overflow,
    DivisionByZero,
    InexactNumber,
    /// A text that is not what a function reads.
    NotA(&'static str),
    RepeatedKey,
    NotBool,
    TooCostly,
}

impl fmt::Display for Problem<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoMember(name) => write!(f, "no such key `{name}`"),
            Self::NoKey => f.write_str("no such key"),
            Self::NoElement => f.write_str("no such element"),
            Self::Absent(name) => write!(f, "the call has no `{name}`"),
            Self::NotFor(what) => write!(f, "`{what}` does not go with the types of these values"),
            Self::Overflow => f.write_str("a number or a time is out of range"),
            Self::DivisionByZero => f.write_str("division by zero"),
            Self::InexactNumber => f.write_str("a number is too large to be exact"),
            Self::NotA(what) => write!(f, "a text is not {what}"),
            Self::RepeatedKey => f.write_str("a map has a key twice"),
            Self::NotBool => f.write_str("the result is neither true nor false"),
            Self::TooCostly => f.write_str("these arguments take too many steps"),
        }
    }
}
