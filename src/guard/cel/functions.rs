//! The functions an expression may call, but for those whose second argument is read when the policy is.

use super::types::Type;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Function {
    Size,
    Contains,
    StartsWith,
    EndsWith,
    LowerAscii,
    UpperAscii,
    Trim,
    Int,
    Uint,
    Double,
    Text,
    Bool,
    Timestamp,
    Duration,
    Dyn,
    Part(Part),
}

/// A part of a time or of a duration.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Part {
    Year,
    /// From 0.
    Month,
    /// Of the month, from 1.
    Date,
    /// Of the month, from 0.
    DayOfMonth,
    /// 0 is Sunday.
    DayOfWeek,
    /// From 0.
    DayOfYear,
    Hours,
    Minutes,
    Seconds,
    Milliseconds,
}

/// One way to call a function.
#[derive(Debug)]
pub(super) struct Signature {
    pub(super) name: &'static str,
    pub(super) style: Style,
    /// The receiver first.
    pub(super) takes: &'static [Kind],
    pub(super) gives: Kind,
    pub(super) function: Function,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Style {
    /// `f(x)`
    Global,
    /// `x.f()`
    Member,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Dyn,
    Bool,
    Int,
    Uint,
    Double,
    Text,
    Timestamp,
    Duration,
    List,
    Map,
}

impl Kind {
    pub(super) fn of(self) -> Type {
        match self {
            Self::Dyn => Type::Dyn,
            Self::Bool => Type::Bool,
            Self::Int => Type::Int,
            Self::Uint => Type::Uint,
            Self::Double => Type::Double,
            Self::Text => Type::Text,
            Self::Timestamp => Type::Timestamp,
            Self::Duration => Type::Duration,
            Self::List => Type::List(Box::new(Type::Dyn)),
            Self::Map => Type::Map(Box::new(Type::Dyn)),
        }
    }
}

/// Functions whose last argument must be a text in quotes: it is read once, and its mistakes are told with the policy's.
pub(super) const PREPARED: [&str; 3] = ["matches", "glob", "inCidr"];

/// Macros: `x.all(name, expression)` and its kin.
pub(super) const MACROS: [&str; 6] = ["all", "exists", "exists_one", "existsOne", "map", "filter"];

const fn global(name: &'static str, takes: &'static [Kind], gives: Kind, function: Function) -> Signature {
    Signature { name, style: Style::Global, takes, gives, function }
}

const fn member(name: &'static str, takes: &'static [Kind], gives: Kind, function: Function) -> Signature {
    Signature { name, style: Style::Member, takes, gives, function }
}

const fn part(name: &'static str, takes: &'static [Kind], part: Part) -> Signature {
    member(name, takes, Kind::Int, Function::Part(part))
}

const AT: &[Kind] = &[Kind::Timestamp];
const AT_OFFSET: &[Kind] = &[Kind::Timestamp, Kind::Text];
const LONG: &[Kind] = &[Kind::Duration];
const TWO_TEXTS: &[Kind] = &[Kind::Text, Kind::Text];

pub(super) const SIGNATURES: &[Signature] = &[
    global("size", &[Kind::Text], Kind::Int, Function::Size),
    global("size", &[Kind::List], Kind::Int, Function::Size),
    global("size", &[Kind::Map], Kind::Int, Function::Size),
    member("size", &[Kind::Text], Kind::Int, Function::Size),
    member("size", &[Kind::List], Kind::Int, Function::Size),
    member("size", &[Kind::Map], Kind::Int, Function::Size),
    member("contains", TWO_TEXTS, Kind::Bool, Function::Contains),
    member("startsWith", TWO_TEXTS, Kind::Bool, Function::StartsWith),
    member("endsWith", TWO_TEXTS, Kind::Bool, Function::EndsWith),
    member("lowerAscii", &[Kind::Text], Kind::Text, Function::LowerAscii),
    member("upperAscii", &[Kind::Text], Kind::Text, Function::UpperAscii),
    member("trim", &[Kind::Text], Kind::Text, Function::Trim),
    global("int", &[Kind::Int], Kind::Int, Function::Int),
    global("int", &[Kind::Uint], Kind::Int, Function::Int),
    global("int", &[Kind::Double], Kind::Int, Function::Int),
    global("int", &[Kind::Text], Kind::Int, Function::Int),
    global("int", &[Kind::Timestamp], Kind::Int, Function::Int),
    global("uint", &[Kind::Int], Kind::Uint, Function::Uint),
    global("uint", &[Kind::Uint], Kind::Uint, Function::Uint),
    global("uint", &[Kind::Double], Kind::Uint, Function::Uint),
    global("uint", &[Kind::Text], Kind::Uint, Function::Uint),
    global("double", &[Kind::Int], Kind::Double, Function::Double),
    global("double", &[Kind::Uint], Kind::Double, Function::Double),
    global("double", &[Kind::Double], Kind::Double, Function::Double),
    global("double", &[Kind::Text], Kind::Double, Function::Double),
    global("string", &[Kind::Text], Kind::Text, Function::Text),
    global("string", &[Kind::Int], Kind::Text, Function::Text),
    global("string", &[Kind::Uint], Kind::Text, Function::Text),
    global("string", &[Kind::Bool], Kind::Text, Function::Text),
    global("bool", &[Kind::Bool], Kind::Bool, Function::Bool),
    global("bool", &[Kind::Text], Kind::Bool, Function::Bool),
    global("timestamp", &[Kind::Text], Kind::Timestamp, Function::Timestamp),
    global("timestamp", &[Kind::Timestamp], Kind::Timestamp, Function::Timestamp),
    global("timestamp", &[Kind::Int], Kind::Timestamp, Function::Timestamp),
    global("duration", &[Kind::Text], Kind::Duration, Function::Duration),
    global("duration", &[Kind::Duration], Kind::Duration, Function::Duration),
    global("dyn", &[Kind::Dyn], Kind::Dyn, Function::Dyn),
    part("getFullYear", AT, Part::Year),
    part("getFullYear", AT_OFFSET, Part::Year),
    part("getMonth", AT, Part::Month),
    part("getMonth", AT_OFFSET, Part::Month),
    part("getDate", AT, Part::Date),
    part("getDate", AT_OFFSET, Part::Date),
    part("getDayOfMonth", AT, Part::DayOfMonth),
    part("getDayOfMonth", AT_OFFSET, Part::DayOfMonth),
    part("getDayOfWeek", AT, Part::DayOfWeek),
    part("getDayOfWeek", AT_OFFSET, Part::DayOfWeek),
    part("getDayOfYear", AT, Part::DayOfYear),
    part("getDayOfYear", AT_OFFSET, Part::DayOfYear),
    part("getHours", AT, Part::Hours),
    part("getHours", AT_OFFSET, Part::Hours),
    part("getHours", LONG, Part::Hours),
    part("getMinutes", AT, Part::Minutes),
    part("getMinutes", AT_OFFSET, Part::Minutes),
    part("getMinutes", LONG, Part::Minutes),
    part("getSeconds", AT, Part::Seconds),
    part("getSeconds", AT_OFFSET, Part::Seconds),
    part("getSeconds", LONG, Part::Seconds),
    part("getMilliseconds", AT, Part::Milliseconds),
    part("getMilliseconds", AT_OFFSET, Part::Milliseconds),
    part("getMilliseconds", LONG, Part::Milliseconds),
];
