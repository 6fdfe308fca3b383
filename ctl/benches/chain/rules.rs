//! The fifty rules of the budget, once, and in the two languages that enforce them: Portcullis and Envoy's RBAC.
//!
//! Teams with tools of their own, a few bans for everybody, one rule that is only watched. The rule that lets the measured call
//! pass stands in the middle: RBAC stops at the first rule that matches (in the order of their names), Portcullis looks at all.

use serde_json::{Map, Value, json};

pub const RULES: usize = 50;

/// What the measured caller is in, and may call.
pub const GROUP: &str = "engineering";
pub const TOOL: &str = "lookup_customer";
/// What nobody may call.
pub const FORBIDDEN: &str = "drop_table";

const JWT: &str = "envoy.filters.http.jwt_authn";
const MCP: &str = "envoy.filters.http.mcp";

/// Patterns have a `*` at one end at most: more, RBAC says only with a regular expression.
struct Rule {
    id: String,
    groups: Vec<String>,
    tools: Vec<String>,
    then: Then,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Then {
    Allow,
    Deny,
    /// Deny, recorded and not acted upon.
    Watch,
}

fn all() -> Vec<Rule> {
    (1..=RULES).map(rule).collect()
}

fn rule(number: usize) -> Rule {
    let id = format!("rule-{number:02}");
    let everybody = Vec::new();
    match number {
        10 => Rule { id, groups: everybody, tools: named(&["drop_*", "truncate_*"]), then: Then::Deny },
        20 => Rule { id, groups: everybody, tools: named(&["*_shell", "*_exec", "run_command"]), then: Then::Deny },
        25 => Rule { id, groups: named(&[GROUP, "support"]), tools: named(&["get_*", "list_*", "search", TOOL]), then: Then::Allow },
        30 => Rule { id, groups: named(&["contractors"]), tools: named(&["export_*"]), then: Then::Deny },
        40 => Rule { id, groups: everybody, tools: named(&["write_secret", "read_secret"]), then: Then::Deny },
        50 => Rule { id, groups: everybody, tools: named(&["send_*"]), then: Then::Watch },
        _ => {
            let tools = vec![format!("team{number}_*"), format!("report_{number}"), format!("*_of_team{number}")];
            Rule { id, groups: vec![format!("team-{number}")], tools, then: Then::Allow }
        }
    }
}

fn named(names: &[&str]) -> Vec<String> {
    names.iter().map(|name| (*name).to_owned()).collect()
}

/// `rules` of a Portcullis policy.
pub fn portcullis() -> Value {
    all().iter().map(Rule::portcullis).collect()
}

/// The same as two filters, because an RBAC filter either allows or denies.
pub fn rbac() -> [Value; 2] {
    let policies = |then: Then| -> Map<String, Value> {
        all().iter().filter(|rule| rule.then == then).map(|rule| (rule.id.clone(), rule.rbac())).collect()
    };
    let mut allowed = policies(Then::Allow);
    let setup = ["initialize", "notifications/initialized", "ping", "tools/list"];
    let setup: Value = setup.iter().map(|method| metadata(MCP, &["method"], &json!({ "string_match": { "exact": method } }))).collect();
    allowed.insert("session-setup".to_owned(), json!({ "permissions": setup, "principals": [{ "any": true }] }));
    [
        json!({ "rules": { "action": "DENY", "policies": policies(Then::Deny) },
                "shadow_rules": { "action": "DENY", "policies": policies(Then::Watch) } }),
        json!({ "rules": { "action": "ALLOW", "policies": allowed } }),
    ]
}

impl Rule {
    fn portcullis(&self) -> Value {
        let mut rule = json!({ "id": self.id, "tools": self.tools, "then": if self.then == Then::Allow { "allow" } else { "deny" } });
        if let Some(rule) = rule.as_object_mut() {
            if !self.groups.is_empty() {
                rule.insert("groups".to_owned(), json!(self.groups));
            }
            if self.then == Then::Watch {
                rule.insert("mode".to_owned(), json!("observe"));
            }
        }
        rule
    }

    fn rbac(&self) -> Value {
        let tools: Vec<Value> =
            self.tools.iter().map(|tool| metadata(MCP, &["params", "name"], &json!({ "string_match": string(tool) }))).collect();
        let groups: Vec<Value> = if self.groups.is_empty() {
            vec![json!({ "any": true })]
        } else {
            let one_of = |group| json!({ "list_match": { "one_of": { "string_match": string(group) } } });
            self.groups.iter().map(|group| metadata(JWT, &["claims", "groups"], &one_of(group))).collect()
        };
        json!({ "permissions": tools, "principals": groups })
    }
}

fn metadata(filter: &str, path: &[&str], value: &Value) -> Value {
    let path: Vec<Value> = path.iter().map(|key| json!({ "key": key })).collect();
    json!({ "sourced_metadata": { "metadata_matcher": { "filter": filter, "path": path, "value": value } } })
}

fn string(pattern: &str) -> Value {
    match (pattern.strip_suffix('*'), pattern.strip_prefix('*')) {
        (Some(prefix), _) => json!({ "prefix": prefix }),
        (_, Some(suffix)) => json!({ "suffix": suffix }),
        _ => json!({ "exact": pattern }),
    }
}
