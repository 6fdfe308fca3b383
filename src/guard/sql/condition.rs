//! `rules[].sql`: whether the statements in a call's arguments are what a rule says.

use std::borrow::Cow;

use super::{Class, Classes, Dialect, Inspection, Table};
use crate::guard::condition::{Answer, Condition, Met};
use crate::guard::seen::Seen;
use crate::guard::subject::{Subject, each_string};
use crate::policy::value::matches as glob;
use crate::policy::{ArgumentRef, SqlCondition, TableName, Then, WhenUnknown};

/// Strings of one call that are looked at; a call with more is not understood.
const STRINGS: usize = 1_000;

/// What statements must be, ready to be compared.
#[derive(Debug)]
pub(in crate::guard) struct Statements {
    arguments: Vec<ArgumentRef>,
    dialect: Dialect,
    deny: Classes,
    only: Option<Classes>,
    tables: Vec<TableName>,
    deny_tables: Vec<TableName>,
    pass_unknown: bool,
    then: Then,
}

/// What was found in all the strings of a call.
#[derive(Debug, Default)]
struct Tally {
    statements: usize,
    bad: Option<String>,
    unsure: Option<String>,
    strings: usize,
}

impl Statements {
    pub(in crate::guard) fn new(condition: &SqlCondition, then: Then) -> Self {
        let SqlCondition { arguments, dialect, deny, only, tables, deny_tables, unknown } = condition;
        let only: Classes = only.iter().copied().collect();
        Self {
            arguments: arguments.clone(),
            dialect: *dialect,
            deny: deny.iter().copied().collect(),
            only: (!only.is_empty()).then_some(only),
            tables: tables.clone(),
            deny_tables: deny_tables.clone(),
            pass_unknown: *unknown == WhenUnknown::Pass,
            then,
        }
    }

    fn look(&self, subject: &Subject<'_>, tally: &mut Tally) {
        for reference in &self.arguments {
            let declared = *reference != ArgumentRef::Every;
            for (pointer, value) in subject.pointed_at(reference) {
                each_string(&pointer, value, !declared, &mut |at, text| {
                    tally.strings += 1;
                    if tally.strings > STRINGS || tally.bad.is_some() {
                        return;
                    }
                    let found = if declared {
                        Some(subject.statements.inspect(text, self.dialect))
                    } else {
                        subject.statements.opening(text, Seen::of(text))
                    };
                    if let Some(found) = found {
                        tally.statements += 1;
                        self.judge(at, &found, tally);
                    }
                });
            }
        }
    }

    fn judge(&self, at: &str, found: &Inspection, tally: &mut Tally) {
        let shown = |class: Class| {
            let note = found.notes.iter().find(|note| note.class == class);
            let place = note.map(|note| format!(" at byte {} ({})", note.at, note.words)).unwrap_or_default();
            format!("`{at}`: {}{place}", word(class))
        };
        let mut classes = found.classes;
        if let Some(class) = classes.iter().find(|&class| self.deny.contains(class)) {
            tally.bad.get_or_insert(shown(class));
        }
        if classes.contains(Class::Unknown) && !self.only.is_some_and(|only| only.contains(Class::Unknown)) {
            classes.remove(Class::Unknown);
            if !self.pass_unknown {
                tally.unsure.get_or_insert(shown(Class::Unknown));
            }
        }
        if let Some(only) = self.only
            && let Some(class) = classes.iter().find(|&class| !only.contains(class))
        {
            tally.bad.get_or_insert(shown(class));
        }
        if self.tables.is_empty() && self.deny_tables.is_empty() {
            return;
        }
        let touches = |is: &dyn Fn(&str) -> bool| found.tables.iter().any(|table| is(&written(table)));
        let listed = |table: &str| self.tables.iter().any(|name| is_allowed(name.0.as_str(), table));
        if !self.tables.is_empty() && touches(&|table| !listed(table)) {
            tally.bad.get_or_insert(format!("`{at}`: a table that is not listed"));
        }
        if touches(&|table| self.deny_tables.iter().any(|name| is_denied(name.0.as_str(), table))) {
            tally.bad.get_or_insert(format!("`{at}`: a table that is denied"));
        }
        if !found.tables_complete && !self.pass_unknown {
            tally.unsure.get_or_insert(format!("`{at}`: tables that cannot be told"));
        }
    }
}

impl Condition for Statements {
    fn name(&self) -> &'static str {
        "sql"
    }

    fn answer(&self, subject: &Subject<'_>) -> Answer {
        let mut tally = Tally::default();
        self.look(subject, &mut tally);
        let Tally { statements, bad, mut unsure, strings } = tally;
        if strings > STRINGS {
            unsure = unsure.or_else(|| Some("more strings than are looked at".to_owned()));
        }
        let deny = self.then != Then::Allow;
        match (bad, unsure) {
            (Some(because), _) => Answer { met: Met::from_bool(deny), because: Some(because) },
            (None, Some(because)) => Answer { met: Met::Unsure, because: Some(because) },
            (None, None) => Met::from_bool(!deny && statements > 0).into(),
        }
    }
}

/// The class as the policy spells it.
fn word(class: Class) -> &'static str {
    match class {
        Class::Read => "read",
        Class::Write => "write",
        Class::Create => "create",
        Class::Drop => "drop",
        Class::Truncate => "truncate",
        Class::Alter => "alter",
        Class::Grant => "grant",
        Class::DeleteWithoutWhere => "delete_without_where",
        Class::UpdateWithoutWhere => "update_without_where",
        Class::FileAccess => "file_access",
        Class::ProgramExecution => "program_execution",
        Class::Administrative => "administrative",
        Class::Transaction => "transaction",
        Class::MultiStatement => "multi_statement",
        Class::Unknown => "unknown",
    }
}

fn parts(name: &str) -> usize {
    1 + name.bytes().filter(|byte| *byte == b'.').count()
}

/// The last `count` parts of a name.
fn last_parts(name: &str, count: usize) -> &str {
    let dots = name.bytes().enumerate().rev().filter(|(_, byte)| *byte == b'.');
    let dot = dots.map(|(at, _)| at).nth(count.saturating_sub(1));
    dot.and_then(|dot| name.get(dot + 1..)).unwrap_or(name)
}

/// With its schema, if it has one.
fn written(table: &Table) -> Cow<'_, str> {
    match &table.schema {
        Some(schema) => Cow::Owned(format!("{schema}.{}", table.name)),
        None => Cow::Borrowed(&table.name),
    }
}

fn is_allowed(pattern: &str, table: &str) -> bool {
    glob(pattern, last_parts(table, parts(pattern)))
}

/// A table without its schema may be the one in the denied schema.
fn is_denied(pattern: &str, table: &str) -> bool {
    let all = parts(pattern);
    let count = all.min(parts(table));
    glob(last_parts(pattern, count), last_parts(table, count)) || count < all && is_allowed(pattern, table)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::guard::{Call, Circumstances, Who};
    use crate::mcp::method::{Class as Kind, Target};
    use crate::policy::Step;
    use crate::policy::value::Glob;

    fn condition() -> SqlCondition {
        SqlCondition {
            arguments: vec![ArgumentRef::At(vec![Step::Name("sql".to_owned())])],
            dialect: Dialect::Generic,
            deny: Vec::new(),
            only: Vec::new(),
            tables: Vec::new(),
            deny_tables: Vec::new(),
            unknown: WhenUnknown::Refuse,
        }
    }

    fn ask(condition: &SqlCondition, then: Then, arguments: &str) -> (Met, Option<String>) {
        let who = Who::ANYBODY;
        let call = Call { method: "tools/call", class: Kind::Action, target: &Target::None, arguments: Some(arguments) };
        let circumstances = Circumstances::default();
        let Answer { met, because } = Statements::new(condition, then).answer(&Subject::new(who, &call, &circumstances));
        (met, because)
    }

    fn sql(text: &str) -> String {
        serde_json::json!({ "sql": text }).to_string()
    }

    #[test]
    fn a_rule_that_denies_matches_what_is_not_good() {
        let denies = SqlCondition { deny: vec![Class::Drop, Class::Write], ..condition() };
        let (met, because) = ask(&denies, Then::Deny, &sql("SELECT 1; DROP TABLE t"));
        assert_eq!((met, because.as_deref()), (Met::Yes, Some("`/sql`: drop at byte 10 (DROP TABLE)")));
        assert_eq!(ask(&denies, Then::Deny, &sql("SELECT 1")).0, Met::No);
        assert_eq!(ask(&denies, Then::Deny, &sql("FROBNICATE 1")).0, Met::Unsure);
        assert_eq!(ask(&denies, Then::Deny, r#"{"other":"DROP TABLE t"}"#).0, Met::No);
        assert_eq!(ask(&denies, Then::Deny, r#"{"sql":["SELECT 1",{"x":"DROP TABLE t"}]}"#).0, Met::Yes);
        let passes = SqlCondition { unknown: WhenUnknown::Pass, ..denies };
        assert_eq!(ask(&passes, Then::Deny, &sql("FROBNICATE 1")).0, Met::No);
    }

    #[test]
    fn a_rule_that_allows_matches_what_is_there_and_good() {
        let only = SqlCondition { only: vec![Class::Read], ..condition() };
        assert_eq!(ask(&only, Then::Allow, &sql("SELECT 1")).0, Met::Yes);
        assert_eq!(ask(&only, Then::Allow, &sql("DELETE FROM t WHERE id = 1")).0, Met::No);
        assert_eq!(ask(&only, Then::Allow, &sql("FROBNICATE")).0, Met::Unsure);
        assert_eq!(ask(&only, Then::Allow, "{}").0, Met::No);
        assert_eq!(ask(&only, Then::Allow, r#"{"sql":5}"#).0, Met::No);
    }

    #[test]
    fn any_string_that_is_a_statement() {
        let every = SqlCondition { arguments: vec![ArgumentRef::Every], deny: vec![Class::Drop], ..condition() };
        assert_eq!(ask(&every, Then::Deny, r#"{"note":{"DROP TABLE users":1}}"#).0, Met::Yes);
        assert_eq!(ask(&every, Then::Deny, r#"{"note":"Drop me a line"}"#).0, Met::No);
        let many = serde_json::json!({ "list": vec!["x"; STRINGS + 1] }).to_string();
        assert_eq!(ask(&every, Then::Deny, &many).0, Met::Unsure);
    }

    #[test]
    fn tables_are_those_that_are_listed() {
        let name = |name: &str| TableName(Glob::new(name));
        let tables = SqlCondition { tables: vec![name("orders"), name("sales.*")], deny_tables: vec![name("hr.pay")], ..condition() };
        for (text, met) in [
            ("SELECT * FROM orders", Met::Yes),
            ("SELECT * FROM public.Orders o JOIN sales.items i ON i.o = o.id", Met::Yes),
            ("SELECT * FROM users", Met::No),
            ("SELECT * FROM orders, pay", Met::No),
            ("SELECT * FROM crm.sales.x", Met::Yes),
            ("SELECT 1", Met::Yes),
            ("CALL p()", Met::Unsure),
        ] {
            assert_eq!(ask(&tables, Then::Allow, &sql(text)).0, met, "{text}");
        }
        let denied = SqlCondition { deny_tables: vec![name("hr.pay")], ..condition() };
        for (text, met) in [
            ("SELECT * FROM hr.pay", Met::Yes),
            ("SELECT * FROM pay", Met::Yes),
            ("SELECT * FROM x.hr.\"PAY\"", Met::Yes),
            ("SELECT * FROM other.pay", Met::No),
        ] {
            assert_eq!(ask(&denied, Then::Deny, &sql(text)).0, met, "{text}");
        }
    }
}
