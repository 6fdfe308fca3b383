//! Conditions as far as they are known: always, never, it depends; and how parts of one come together.

use super::limits;

/// What is known of a condition.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Truth {
    Always,
    Never,
    Depends,
    /// It has no column and a value that is not worked out: it may always hold, and so may its opposite.
    Constant,
}

impl Truth {
    pub(super) fn and(self, other: Self) -> Self {
        match (self, other) {
            (Self::Never, _) | (_, Self::Never) => Self::Never,
            (Self::Depends, _) | (_, Self::Depends) => Self::Depends,
            (Self::Always, Self::Always) => Self::Always,
            _ => Self::Constant,
        }
    }

    pub(super) fn or(self, other: Self) -> Self {
        match (self, other) {
            (Self::Always, _) | (_, Self::Always) => Self::Always,
            (Self::Constant, _) | (_, Self::Constant) => Self::Constant,
            (Self::Never, Self::Never) => Self::Never,
            _ => Self::Depends,
        }
    }

    pub(super) fn not(self) -> Self {
        match self {
            Self::Always => Self::Never,
            Self::Never => Self::Always,
            Self::Depends | Self::Constant => self,
        }
    }
}

/// A comparison, as far as it can be the opposite of another: both sides and the operator.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Comparison {
    pub(super) sides: (String, String),
    pub(super) operator: &'static str,
}

/// One level of parentheses of a condition.
#[derive(Debug)]
pub(super) struct Frame {
    pub(super) any: Truth,
    pub(super) all: Truth,
    /// `NOT` before the operand that comes.
    pub(super) negated: bool,
    /// `NOT` before the parenthesis.
    pub(super) outer_negated: bool,
    /// The alternatives that are one comparison each.
    pub(super) alternatives: Vec<Comparison>,
    pub(super) single: Option<Comparison>,
    /// The terms of this alternative that are one comparison each.
    conjuncts: Vec<Comparison>,
    pub(super) terms: usize,
}

impl Frame {
    pub(super) fn new(outer_negated: bool) -> Self {
        Self {
            any: Truth::Never,
            all: Truth::Always,
            negated: false,
            outer_negated,
            alternatives: Vec::new(),
            single: None,
            conjuncts: Vec::new(),
            terms: 0,
        }
    }

    pub(super) fn operand(&mut self, truth: Truth, comparison: Option<Comparison>) {
        let negated = std::mem::take(&mut self.negated);
        let comparison = comparison.map(|comparison| if negated { comparison.negated() } else { comparison });
        let of_keys = comparison.as_ref().is_some_and(Comparison::holds_for_keys);
        self.all = self.all.and(if of_keys {
            Truth::Always
        } else if negated {
            truth.not()
        } else {
            truth
        });
        self.terms += 1;
        if let Some(comparison) = &comparison
            && self.conjuncts.len() < limits::ALTERNATIVES
        {
            if self.conjuncts.iter().any(|other| other.sides == comparison.sides && other.operator == opposite(comparison.operator)) {
                self.all = Truth::Never;
            }
            self.conjuncts.push(comparison.clone());
        }
        self.single = comparison.filter(|_| self.terms == 1);
    }

    pub(super) fn alternative(&mut self) {
        if self.terms > 0 {
            self.any = self.any.or(self.all);
        }
        self.all = Truth::Always;
        self.terms = 0;
        self.conjuncts.clear();
        if let Some(comparison) = self.single.take()
            && self.alternatives.len() < limits::ALTERNATIVES
        {
            if self.alternatives.iter().any(|other| other.excludes(&comparison)) {
                self.any = Truth::Always;
            }
            self.alternatives.push(comparison);
        }
    }

    /// What the whole parenthesis says, and the comparison it is if it is no more than one.
    pub(super) fn close(mut self) -> (Truth, Option<Comparison>) {
        let empty = self.terms == 0 && self.any == Truth::Never && self.alternatives.is_empty();
        let first = self.alternatives.is_empty() && self.any == Truth::Never;
        self.alternative();
        let only = if first { self.alternatives.pop() } else { None };
        let truth = if empty { Truth::Constant } else { self.any };
        if self.outer_negated { (truth.not(), only.map(Comparison::negated)) } else { (truth, only) }
    }
}

impl Comparison {
    /// Whether one of the two always holds.
    fn excludes(&self, other: &Self) -> bool {
        let both = (self.sides.1.as_str(), other.sides.1.as_str());
        self.sides == other.sides && self.operator == opposite(other.operator)
            || self.sides.0 == other.sides.0
                && (self.operator, other.operator) == ("=", "=")
                && matches!(both, ("true", "false") | ("false", "true"))
    }

    pub(super) fn negated(mut self) -> Self {
        self.operator = opposite(self.operator);
        self
    }

    /// `id IS NOT NULL`
    pub(super) fn holds_for_keys(&self) -> bool {
        self.operator == "is not null" && is_key_column(&self.sides.0)
    }
}

pub(super) fn opposite(operator: &str) -> &'static str {
    match operator {
        "=" => "<>",
        "<>" => "=",
        "<" => ">=",
        ">=" => "<",
        ">" => "<=",
        "<=" => ">",
        "is null" => "is not null",
        "is not null" => "is null",
        "like" => "not like",
        "not like" => "like",
        "in" => "not in",
        "not in" => "in",
        "" => "not",
        _ => "",
    }
}

/// Columns that are keys by their name.
pub(super) fn is_key_column(name: &str) -> bool {
    let last = name.rsplit('.').next().unwrap_or(name);
    matches!(last, "id" | "rowid" | "rownum" | "tableoid" | "xmin" | "_rowid_" | "oid" | "ctid" | "uuid" | "guid" | "pk" | "_id" | "row_id")
}
