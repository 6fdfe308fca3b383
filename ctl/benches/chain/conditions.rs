//! Fifty rules, fifteen of which look into the arguments of the very call that is measured, and one rule, to compare with.
//!
//! The others are those of `rules`. Each condition denies, and none of them finds anything: all are asked, so this is the dearest call
//! that is let through. For each there is an argument that it does refuse, so that the proof can show that it is really in force.

use serde_json::{Value, json};

use crate::rules;

/// What they may add to a call (issue 4).
pub const BUDGET: f64 = 10.0;

/// In the place of which rules the conditions stand: those of teams the caller is not in.
const FIRST: usize = 26;

/// One rule about the measured tool.
struct Condition {
    /// What the rule says besides its tools.
    says: Value,
    /// An argument, and what of it is refused.
    refuses: (&'static str, Value),
}

fn conditions() -> Vec<Condition> {
    let arguments = |says: Value, refuses| Condition { says: json!({ "arguments": says }), refuses };
    let when = |source: &str, refuses| Condition { says: json!({ "when": source }), refuses };
    vec![
        arguments(json!({ "limit": { "above": 100 } }), ("limit", json!(101))),
        arguments(json!({ "limit": { "below": 1 } }), ("limit", json!(0))),
        arguments(json!({ "name": { "glob": ["*admin*", "root", "svc-*"] } }), ("name", json!("the admin"))),
        arguments(json!({ "name": { "length": { "at_least": 200 } } }), ("name", json!("n".repeat(200)))),
        arguments(json!({ "city": { "one_of": ["Atlantis", "Utopia", "Shangri-La"] } }), ("city", json!("Utopia"))),
        arguments(json!({ "/include/*": { "one_of": ["payments", "passwords"] } }), ("include", json!(["orders", "payments"]))),
        arguments(json!({ "include": { "length": { "at_least": 20 } } }), ("include", json!(vec!["orders"; 20]))),
        arguments(json!({ "note": { "regex": r"(?i)\b(confidential|do not share|internal only)\b" } }), ("note", json!("Do not share!"))),
        arguments(json!({ "path": { "not": { "path_within": ["reports", "/srv/reports"] } } }), ("path", json!("reports/../keys"))),
        arguments(
            json!({ "url": { "not": { "url": { "schemes": ["https"], "hosts": ["*.example.com"], "no_credentials": true } } } }),
            ("url", json!("https://example.com.evil.test/")),
        ),
        arguments(json!({ "url": { "url": { "paths": ["/admin/*", "/internal/*"] } } }), ("url", json!("https://api.example.com/admin/x"))),
        when(r#"args.limit > 50 && !("privacy" in principal.groups)"#, ("limit", json!(60))),
        when(
            r#"tool.startsWith("lookup_") && args.include.exists(part, part == "history" || part == "notes")"#,
            ("include", json!(["notes"])),
        ),
        Condition {
            says: json!({ "sql": {
                "argument": "sql",
                "deny": ["write", "drop", "truncate", "alter", "grant", "file_access", "program_execution", "multi_statement"],
                "deny_tables": ["credentials", "*_secrets"],
            } }),
            refuses: ("sql", json!("SELECT name FROM customers; DROP TABLE customers")),
        },
        Condition { says: json!({ "attacks": {} }), refuses: ("note", json!("see ../../../../etc/passwd")) },
    ]
}

/// A rule of another tool, with a condition that is not cheap: it must cost this call nothing.
fn other_tool() -> Value {
    json!({ "id": "commands", "tools": ["run_command", "bash"], "shell": { "argument": "command", "deny": ["destructive", "reverse_shell"] },
            "then": "deny" })
}

/// The rule that lets the measured call pass, alone.
pub fn one_rule() -> Value {
    rules::portcullis().as_array().into_iter().flatten().filter(|rule| rule.get("id") == Some(&json!("rule-25"))).cloned().collect()
}

/// Fifty rules in all.
pub fn fifty_rules() -> Value {
    let mut all: Vec<Value> = rules::portcullis().as_array().cloned().unwrap_or_default();
    let mut places = all.iter_mut().skip(FIRST).filter(|rule| rule.get("groups").is_some() && rule.get("then") == Some(&json!("allow")));
    for (number, condition) in conditions().into_iter().enumerate() {
        let mut rule = condition.says;
        if let (Some(rule), Some(place)) = (rule.as_object_mut(), places.next()) {
            rule.insert("id".to_owned(), json!(format!("condition-{number:02}")));
            rule.insert("tools".to_owned(), json!([rules::TOOL]));
            rule.insert("then".to_owned(), json!("deny"));
            *place = Value::Object(rule.clone());
        }
    }
    if let Some(place) = places.next() {
        *place = other_tool();
    }
    all.into()
}

/// What the call is made with: nothing in it is refused.
pub fn arguments() -> Value {
    json!({
        "name": "Abbott",
        "city": "Lisbon",
        "include": ["orders", "contacts"],
        "limit": 10,
        "path": "reports/2026/q3/customers.csv",
        "url": "https://api.example.com/v1/customers?region=pt",
        "note": "Asked by the team in Lisbon for the review of the quarter; see the ticket for the details.",
        "sql": "SELECT c.id, c.name, count(o.id) AS orders, sum(o.total) AS total FROM customers c LEFT JOIN orders o ON o.customer_id = c.id \
                WHERE c.city = 'Lisbon' AND o.placed >= '2026-07-01' GROUP BY c.id, c.name ORDER BY total DESC LIMIT 10",
    })
}

/// The same arguments with one that is refused, for each condition.
pub fn refused() -> Vec<Value> {
    let one = |condition: Condition| {
        let (name, bad) = condition.refuses;
        let mut arguments = arguments();
        if let Some(members) = arguments.as_object_mut() {
            members.insert(name.to_owned(), bad);
        }
        arguments
    };
    conditions().into_iter().map(one).collect()
}
