//! Conditions of rules: an expression of the policy's, and arguments of the caller's.

use portcullis::guard::{Action, Actor, Call, Circumstances, Guard, Who};
use portcullis::mcp::message::parse;
use portcullis::policy::{self, Policy};
use portcullis::time::Time;
use serde_json::{Value, json};

/// Longer texts only take longer.
const MOST: usize = 8 * 1024;

const HEAD: &str = "version: 1
resource: https://mcp.example.com/mcp
identity: { issuers: [{ issuer: https://id.example.com, jwks: { cluster: idp, path: /jwks.json }, algorithms: [ES256] }] }
";

fn load(rules: &str) -> Option<Policy> {
    policy::from_yaml(&format!("{HEAD}{rules}"), &|_| None).ok().map(|loaded| loaded.policy)
}

/// Decides on a call of `run` with these arguments; `None` when they make no message.
fn decide(guard: &Guard, arguments: &str) -> Option<Action> {
    let body = format!(r#"{{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{{"name":"run","arguments":{arguments}}}}}"#);
    let message = parse(body.as_bytes()).ok()?;
    let groups = ["staff".to_owned()];
    let who = Who {
        user: "ana",
        subject: "s-1",
        issuer: "https://id.example.com",
        email: Some("ana@example.com"),
        groups: &groups,
        client: None,
        scopes: &[],
        actors: &[Actor { subject: Some("bot"), client: None }],
        claims: Some(r#"{"amr":["mfa"],"level":3}"#),
    };
    let circumstances = Circumstances { now: Time::from_secs(1_767_614_400), session: Some("s"), ..Circumstances::default() };
    let call = Call::of(&message, body.as_bytes());
    let verdict = guard.decide(who, &call, &circumstances);
    assert_eq!(guard.explain(who, &call, &circumstances).len(), 1);
    Some(verdict.action)
}

/// An expression and, after a zero byte, arguments.
pub fn cel(data: &[u8]) {
    let text = String::from_utf8_lossy(data.get(..MOST).unwrap_or(data));
    let (expression, arguments) = text.split_once('\0').unwrap_or((&text, "{}"));
    let rule = |then: &str| {
        let policy = load(&format!("rules: [{{ id: a, when: {}, then: {then} }}]\n", Value::from(expression)))?;
        Guard::compile(policy.default, &policy.rules).ok()
    };
    let (Some(allow), Some(deny)) = (rule("allow"), rule("deny")) else { return };
    // What allows a call is no error, so the rule that denies must match as well; by default both refuse.
    if decide(&allow, arguments) == Some(Action::Allow) {
        assert_eq!(decide(&deny, arguments), Some(Action::Refuse));
    }
}

/// One condition on an argument, of every kind.
const CONDITIONS: &[&str] = &[
    "arguments: { x: { path_within: [/srv/share] } }",
    "arguments: { x: { url: { schemes: [https], hosts: ['*.example.com'], no_credentials: true } } }",
    "arguments: { x: { ip_within: [10.0.0.0/8, 'fd00::/8'] } }",
    "arguments: { x: { at_least: 1, below: 1000000000000000000000 } }",
    "arguments: { x: { any_of: [{ glob: ['a*b'] }, { regex: 'a+b' }, { length: { at_most: 5 } }, { one_of: [1, true, null, x] }] } }",
    "arguments: { '/list/*': { not: { equals: 1.5 } } }",
    "attacks: {}",
    "sql: { argument: [x, sql], only: [read], tables: ['a.*'] }",
    "shell: { argument: [x, command], commands: [ls] }",
];

/// Arguments, or a text for one of them.
pub fn arguments(data: &[u8]) {
    thread_local! {
        static GUARDS: Vec<(Guard, Guard)> = CONDITIONS.iter().map(|condition| (guard(condition, "allow"), guard(condition, "deny"))).collect();
    }
    let text = String::from_utf8_lossy(data.get(..MOST).unwrap_or(data));
    let spelled = if text.starts_with('{') { text.into_owned() } else { json!({ "x": text, "list": [text] }).to_string() };
    GUARDS.with(|guards| {
        for ((allow, deny), condition) in guards.iter().zip(CONDITIONS) {
            let (Some(allows), Some(denies)) = (decide(allow, &spelled), decide(deny, &spelled)) else { return };
            // SQL, commands and attacks say what is good: nothing is good enough to be allowed and bad enough to be denied.
            let both = allows == Action::Allow && denies == Action::Refuse;
            assert!(condition.starts_with("arguments") || !both, "{condition} finds {spelled} both good and bad");
        }
    });
}

fn guard(condition: &str, then: &str) -> Guard {
    let default = if then == "deny" { "default: allow\n" } else { "" };
    let policy = load(&format!("{default}rules: [{{ id: a, {condition}, then: {then} }}]\n")).unwrap_or_else(|| panic!("{condition}"));
    match Guard::compile(policy.default, &policy.rules) {
        Ok(guard) => guard,
        Err(mistakes) => panic!("{mistakes:?}"),
    }
}
