//! An expression that has been checked, ready to be evaluated.

use ipnet::IpNet;

use super::functions::Function;
use super::parse::{Literal, Operator};
use super::pattern::Pattern;
use super::types::Variable;
use crate::policy::value::Glob;

#[derive(Debug)]
pub(super) enum Node {
    Literal(Literal),
    Variable(Variable),
    /// A name of a macro, by how many macros are around the one that gives it.
    Local(usize),
    Member(Box<Self>, String),
    Has(Box<Self>, String),
    Index(Box<[Self; 2]>),
    Call(Function, Vec<Self>),
    Matches(Box<Self>, Box<Pattern>),
    Glob(Box<Self>, Glob),
    InNetwork(Box<Self>, IpNet),
    Binary(Operator, Box<[Self; 2]>),
    Not(Box<Self>),
    Negate(Box<Self>),
    And(Vec<Self>),
    Or(Vec<Self>),
    If(Box<[Self; 3]>),
    List(Vec<Self>),
    Map(Vec<[Self; 2]>),
    Each {
        what: Each,
        over: Box<Self>,
        test: Option<Box<Self>>,
        result: Option<Box<Self>>,
    },
}

/// What a macro makes of the elements of a list, or the keys of a map.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Each {
    All,
    Exists,
    ExistsOne,
    /// `filter` and `map`: the list of the results for those that pass the test.
    Collect,
}

/// What an expression reads beyond the arguments.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Reads {
    /// The address of a resource, which has two readings.
    pub(super) resource: bool,
    /// The token's claims.
    pub(super) claims: bool,
}

#[derive(Debug)]
pub(super) struct Program {
    pub(super) root: Node,
    pub(super) reads: Reads,
}
