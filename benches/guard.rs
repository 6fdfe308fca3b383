//! What rules and conditions cost a call, natively and in Wasm:
//!
//! ```text
//! cargo bench --bench guard [-- PART_OF_A_NAME...]
//! cargo bench --bench guard --target wasm32-wasip1
//! ```
//!
//! The second needs Node, whose V8 is Envoy's engine (`benches/wasm.mjs`). The rules and the call are those of `ctl/benches/chain`, in groups by what they ask.
//!
//! Each line: the best and the median of several rounds in µs of one decision, and what it adds to that with no rule about the call. Every group has its turn in every round.

#![expect(clippy::expect_used, clippy::panic, clippy::indexing_slicing, reason = "a bench that cannot go on stops")]

#[expect(dead_code, reason = "the chain's bench uses the rest")]
#[path = "../ctl/benches/chain/conditions.rs"]
mod conditions;
#[expect(dead_code, reason = "the chain's bench uses the rest")]
#[path = "../ctl/benches/chain/rules.rs"]
mod rules;

use std::hint::black_box;
use std::time::Instant;

use portcullis::guard::{Action, Call, Circumstances, Guard, Party, Verdict, Who};
use portcullis::mcp::message::{Message, parse};
use portcullis::policy;
use portcullis::time::Time;
use serde_json::{Value, json};

/// Short and many, so that some of them are not disturbed.
const ROUNDS: usize = 501;
const ROUND_MICROS: f64 = 250.0;

fn main() {
    let wanted: Vec<String> = std::env::args().skip(1).filter(|arg| !arg.starts_with('-')).collect();
    let is_wanted = |name: &str| wanted.is_empty() || wanted.iter().any(|part| name.contains(part.as_str()));
    let mut groups: Vec<Group> = groups().into_iter().filter(|group| is_wanted(group.name) || group.name == NOTHING).collect();
    for _ in 0..ROUNDS {
        for group in &mut groups {
            let took = group.take();
            group.rounds.push(took);
        }
    }
    println!("{:<34} {:>9} {:>9} {:>9}", "rules", "best µs", "median", "adds");
    let least = |group: &Group| group.rounds.iter().copied().fold(f64::INFINITY, f64::min);
    let nothing = groups.first().map_or(0.0, least);
    for group in &groups {
        let mut rounds = group.rounds.clone();
        rounds.sort_unstable_by(f64::total_cmp);
        let median = rounds.get(rounds.len() / 2).copied().unwrap_or(f64::NAN);
        println!("{:<34} {:>9.2} {median:>9.2} {:>9.2}", group.name, least(group), least(group) - nothing);
    }
    if is_wanted("party") {
        println!("{:<34} {:>9.2}", "who calls, hashed (party)", party());
    }
    if is_wanted("worst") {
        worst();
    }
}

const NOTHING: &str = "none";

/// Rules, and the call they are asked about.
struct Group {
    name: &'static str,
    guard: Guard,
    body: Vec<u8>,
    message: Message,
    times: u32,
    rounds: Vec<f64>,
}

impl Group {
    /// Whose rules look at everything and refuse nothing.
    fn new(name: &'static str, rules: &Value, arguments: &Value) -> Self {
        let mut group = Self::once(name, rules, arguments);
        // V8 compiles what is called for the first time; then as many as take long enough for the clock.
        group.take();
        group.times = 100;
        group.times = (ROUND_MICROS / group.take()).clamp(1.0, 50_000.0) as u32;
        let verdict = group.decide();
        assert!(verdict.action == Action::Allow, "{name}: {:?}", verdict.matched);
        group
    }

    fn once(name: &'static str, rules: &Value, arguments: &Value) -> Self {
        let text = json!({
            "version": 1,
            "resource": "https://mcp.example.com/mcp",
            "transport": { "tls": "off" },
            "identity": { "issuers": [{ "issuer": "https://id.example.com", "jwks": { "cluster": "id", "path": "/keys" } }] },
            "default": "allow",
            "rules": rules,
        });
        let loaded = policy::from_json(&text.to_string(), &|_| None).unwrap_or_else(|report| panic!("{name}: {report}"));
        let guard = Guard::compile(loaded.policy.default, &loaded.policy.rules).unwrap_or_else(|mistakes| panic!("{name}: {mistakes:?}"));
        let body = json!({ "jsonrpc": "2.0", "id": 7, "method": "tools/call", "params": { "name": rules::TOOL, "arguments": arguments } });
        let body = body.to_string().into_bytes();
        let message = parse(&body).expect("a message");
        Self { name, guard, body, message, times: 1, rounds: Vec::new() }
    }

    /// One round: µs of one decision.
    fn take(&self) -> f64 {
        let begun = Instant::now();
        for _ in 0..self.times {
            black_box(self.decide());
        }
        begun.elapsed().as_secs_f64() * 1e6 / f64::from(self.times)
    }

    fn decide(&self) -> Verdict {
        let groups = ["staff".to_owned(), rules::GROUP.to_owned()];
        let who = Who {
            user: "ada",
            subject: "7d1e1c4a-6a3a-4d3e-9a55-ada",
            issuer: "https://id.example.com",
            email: Some("ada@corp.example"),
            groups: &groups,
            client: Some("bench-agent"),
            scopes: &[],
            actors: &[],
            claims: None,
        };
        let circumstances = Circumstances { now: Time::from_millis(1_790_000_000_000), session: Some("s"), ..Circumstances::default() };
        self.guard.decide(who, &Call::of(black_box(&self.message), &self.body), &circumstances)
    }
}

fn groups() -> Vec<Group> {
    let fifty = conditions::fifty_rules();
    let arguments = conditions::arguments();
    let of = |kind: &str| -> Value {
        let has = |rule: &&Value| rule.get(kind).is_some() && rule.get("tools") == Some(&json!([rules::TOOL]));
        fifty.as_array().into_iter().flatten().filter(has).cloned().collect()
    };
    let shell = json!([{ "id": "s", "tools": [rules::TOOL], "shell": { "argument": "command", "deny": ["destructive", "reverse_shell"] }, "then": "deny" }]);
    let command = json!({ "command": "cd reports && git log --oneline -n 20 -- q3 | grep -v merge > changes.txt; cargo test --workspace" });
    let after =
        json!([{ "id": "a", "tools": [rules::TOOL], "after": { "tools": ["delete_*"], "times": 2, "within": "10m" }, "then": "deny" }]);
    let twice = |kind: &str| -> Value {
        let rules = of(kind);
        let again = rules.as_array().into_iter().flatten().cloned().map(|mut rule| {
            rule["id"] = json!("again");
            rule
        });
        rules.as_array().into_iter().flatten().cloned().chain(again).collect()
    };
    vec![
        Group::new(NOTHING, &json!([{ "id": "n", "tools": ["other"], "then": "deny" }]), &arguments),
        Group::new("one, by name", &conditions::one_rule(), &arguments),
        Group::new("50, by name", &rules::portcullis(), &arguments),
        Group::new("11 arguments", &of("arguments"), &arguments),
        Group::new("2 when", &of("when"), &arguments),
        Group::new("1 sql", &of("sql"), &arguments),
        Group::new("2 sql", &twice("sql"), &arguments),
        Group::new("1 attacks", &of("attacks"), &arguments),
        Group::new("1 shell", &shell, &command),
        Group::new("1 after", &after, &arguments),
        Group::new("50, 15 of them conditions", &fifty, &arguments),
    ]
}

/// The hash of who calls, which budgets and history go by.
fn party() -> f64 {
    const TIMES: u32 = 500;
    let mut least = f64::INFINITY;
    for _ in 0..ROUNDS {
        let begun = Instant::now();
        for _ in 0..TIMES {
            black_box(Party::new(black_box("https://mcp.example.com/mcp"), "https://id.example.com", "7d1e1c4a-6a3a-4d3e-9a55-ada"));
        }
        least = least.min(begun.elapsed().as_secs_f64() * 1e6 / f64::from(TIMES));
    }
    least
}

/// Expressions that take all steps they have, each in the way that takes longest.
fn worst() {
    let numbers: Vec<u32> = (0..20_000).collect();
    let names: Vec<String> = (0..20_000).map(|number| format!("name-{number}")).collect();
    let long = "a".repeat(1 << 20);
    let map: serde_json::Map<String, Value> = names.iter().take(2_000).map(|name| (name.clone(), json!(1))).collect();
    let cases = [
        ("comparisons", "args.n.all(x, args.n.all(y, x + y >= 0))"),
        ("elements of lists", "args.n.all(x, !(-1 in args.n))"),
        ("lists compared", "args.n.all(x, args.n == args.n)"),
        ("lists put together", "args.n.all(x, size(args.n + args.n) > 0)"),
        ("lists made", "args.n.all(x, size(args.n.map(y, [y, y])) > 0)"),
        ("maps made", "args.n.all(x, {'a': x, 'b': x, 'c': x}['a'] == x)"),
        ("texts compared", "args.t.all(x, !('name-x' in args.t))"),
        ("texts made", "args.t.all(x, x + x + x + x + x + x + x + x != '')"),
        ("a text searched", "args.n.all(x, !args.s.contains('baaaaaaaaaaaaaaa'))"),
        ("the same, badly", "args.n.all(x, !args.s.contains('aaaaaaaabaaaaaaa'))"),
        ("a text in small letters", "args.n.all(x, args.s.lowerAscii() != '')"),
        ("a text doubled", "args.n.all(x, args.s + args.s != '')"),
        ("a text as a number", "args.n.all(x, double(args.d) > 0.0)"),
        ("characters counted", "args.n.all(x, size(args.s) > 0)"),
        ("a pattern", "args.n.all(x, !args.s.matches('a[ab]{5}[cd]'))"),
        ("a slow pattern", "args.n.all(x, !args.w.matches('\\\\b(a|b|ab|ba)+c\\\\b'))"),
        ("globs", "args.n.all(x, !args.s.glob('*a*a*a*b'))"),
        ("addresses", "args.n.all(x, !inCidr('2001:db8:1:2:3:4:5:6', '10.0.0.0/8'))"),
        ("times", "args.n.all(x, timestamp('2026-11-20T08:00:00Z').getDayOfWeek('+02:00') == 5)"),
        ("members", "args.n.all(x, has(args.m.zz) || true)"),
        ("maps compared", "args.n.all(x, args.m == args.m)"),
        ("keys", "args.m.all(x, args.m.all(y, args.m[x] == args.m[y]))"),
    ];
    let arguments = json!({ "n": numbers, "t": names, "s": long, "d": "7".repeat(1 << 20), "w": "é ab".repeat(1 << 12), "m": map });
    println!();
    println!("{:<34} {:>9}", "when, all its steps", "best ms");
    for (name, source) in cases {
        let rule = |source: &str| json!([{ "id": "w", "tools": [rules::TOOL], "when": source, "then": "deny" }]);
        let mut least = [f64::INFINITY; 2];
        // Parsing the arguments is no part of it.
        for (least, source) in least.iter_mut().zip(["args.n[0] == 7", source]) {
            let group = Group::once(name, &rule(source), &arguments);
            for _ in 0..5 {
                *least = least.min(group.take());
            }
        }
        println!("{name:<34} {:>9.2}", (least[1] - least[0]) / 1e3);
    }
}
