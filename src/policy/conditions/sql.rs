//! `rules[].sql`: what statements in an argument may do.

use serde_json::{Value as Json, json};

use super::super::form::{Fields, Form, Placed, Reading, described, section, word, words, wrong_word};
use super::super::report::{Place, Report};
use super::super::tree::Node;
use super::super::value::Glob;
use super::{ArgumentRef, WhenUnknown};
use crate::policy::Then;

/// Says which statements are good. A rule that denies matches a call with one that is not; a rule that allows matches a call whose
/// statements are there and all good.
#[derive(Clone, Debug)]
pub struct SqlCondition {
    pub arguments: Vec<ArgumentRef>,
    pub dialect: Dialect,
    /// None of these classes.
    pub deny: Vec<SqlClass>,
    /// No class but these; empty when the policy does not say.
    pub only: Vec<SqlClass>,
    /// No table but these; empty when the policy does not say.
    pub tables: Vec<TableName>,
    /// None of these tables.
    pub deny_tables: Vec<TableName>,
    pub unknown: WhenUnknown,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Dialect {
    /// Every reading of the four counts.
    Generic,
    PostgreSql,
    MySql,
    Sqlite,
    TSql,
}

words!(Dialect {
    "generic" => Dialect::Generic, "postgresql" => Dialect::PostgreSql, "mysql" => Dialect::MySql, "sqlite" => Dialect::Sqlite,
    "tsql" => Dialect::TSql,
});

/// What a statement does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum SqlClass {
    Read,
    /// `INSERT`, `UPDATE`, `DELETE`, `MERGE` and their kin.
    Write,
    Create,
    Drop,
    Truncate,
    Alter,
    Grant,
    DeleteWithoutWhere,
    UpdateWithoutWhere,
    FileAccess,
    ProgramExecution,
    Administrative,
    Transaction,
    MultiStatement,
    Unknown,
}

words!(SqlClass {
    "read" => SqlClass::Read, "write" => SqlClass::Write, "create" => SqlClass::Create, "drop" => SqlClass::Drop,
    "truncate" => SqlClass::Truncate, "alter" => SqlClass::Alter, "grant" => SqlClass::Grant,
    "delete_without_where" => SqlClass::DeleteWithoutWhere, "update_without_where" => SqlClass::UpdateWithoutWhere,
    "file_access" => SqlClass::FileAccess, "program_execution" => SqlClass::ProgramExecution, "administrative" => SqlClass::Administrative,
    "transaction" => SqlClass::Transaction, "multi_statement" => SqlClass::MultiStatement, "unknown" => SqlClass::Unknown,
});

/// `orders`, `sales.orders` or `sales.*`: compared without regard to case, the last parts of a longer name counting.
#[derive(Clone, Debug)]
pub struct TableName(pub Glob);

impl Form for TableName {
    fn read(node: &Node, at: &Place, reading: &mut Reading<'_>) -> Option<Self> {
        String::read(node, at, reading).map(|name| Self(Glob::new(name.to_lowercase())))
    }

    fn schema() -> Json {
        json!({ "type": "string", "minLength": 1, "examples": ["orders", "sales.*"] })
    }
}

section! {
    /// What SQL statements in an argument may do. A rule that denies matches statements that are not so, one that allows those that are. See `docs/sql.md`.
    Sql {
        /// The arguments that hold SQL: names, JSON pointers, or `*` for every string that opens like a statement.
        required argument: Vec<ArgumentRef>,
        /// How the database reads it. Default `generic`: every reading counts.
        optional dialect: Dialect,
        /// Classes no statement may be of.
        optional deny: Vec<SqlClass>,
        /// Classes every statement must be of: `[read]` lets proven reads through and nothing else.
        optional only: Vec<SqlClass>,
        /// Tables a statement may touch, such as `orders` or `sales.*`.
        optional tables: Vec<TableName>,
        /// Tables no statement may touch.
        optional deny_tables: Vec<TableName>,
        /// What cannot be understood: `refuse` (default) or `pass`.
        optional unknown: WhenUnknown,
    }
}

pub(in crate::policy) fn of(written: Placed<Sql>, then: Option<Then>, report: &mut Report) -> Option<SqlCondition> {
    let Placed { at, value: Sql { argument, dialect, deny, only, tables, deny_tables, unknown } } = written;
    if deny.is_none() && only.is_none() && tables.is_none() && deny_tables.is_none() {
        report.follow_up(&at, "says nothing about statements; add `deny`, `only`, `tables` or `deny_tables`");
    }
    let argument = argument?;
    if then == Some(Then::Allow) && argument.value.contains(&ArgumentRef::Every) {
        report.add(&argument.at, "a rule that allows must name the arguments it has looked at; `*` is for rules that deny");
    }
    let list = |placed: Option<Placed<Vec<SqlClass>>>| placed.map(|placed| placed.value).unwrap_or_default();
    let names = |placed: Option<Placed<Vec<TableName>>>| placed.map(|placed| placed.value).unwrap_or_default();
    Some(SqlCondition {
        arguments: argument.value,
        dialect: dialect.map_or(Dialect::Generic, |placed| placed.value),
        deny: list(deny),
        only: list(only),
        tables: names(tables),
        deny_tables: names(deny_tables),
        unknown: unknown.map(|placed| placed.value).unwrap_or_default(),
    })
}
