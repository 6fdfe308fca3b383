mod scopes;

use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;
use crate::mcp::message::parse;
use crate::mcp::reply::Reply;
use crate::policy::value::Glob;
use crate::policy::{Default, Mode, Then};

fn globs(texts: &[&str]) -> Vec<Glob> {
    texts.iter().copied().map(Glob::new).collect()
}

fn allow(id: &str) -> policy::Rule {
    policy::Rule::plain(id, Then::Allow)
}

fn deny(id: &str) -> policy::Rule {
    policy::Rule::plain(id, Then::Deny)
}

fn message(method: &str, params: Value) -> Message {
    parse(json!({ "jsonrpc": "2.0", "id": 7, "method": method, "params": params }).to_string().as_bytes()).unwrap()
}

fn tool(name: &str) -> Message {
    message("tools/call", json!({ "name": name }))
}

fn read(uri: &str) -> Message {
    message("resources/read", json!({ "uri": uri }))
}

struct Caller {
    groups: Vec<String>,
}

impl Caller {
    fn in_groups(groups: &[&str]) -> Self {
        Self { groups: groups.iter().map(|group| group.to_string()).collect() }
    }

    fn who(&self) -> Who<'_> {
        Who {
            user: "ann",
            subject: "s-1",
            issuer: "https://id.example.com",
            email: Some("ann@example.com"),
            groups: &self.groups,
            client: Some("cli"),
            scopes: &[],
            actors: &[],
            claims: None,
        }
    }
}

/// Without arguments: these tests are about names.
impl<'a> From<&'a Message> for Call<'a> {
    fn from(message: &'a Message) -> Self {
        Self::of(message, b"")
    }
}

fn compiled(default: Default, rules: &[policy::Rule]) -> Guard {
    Guard::compile(default, rules).unwrap()
}

fn decide(rules: &[policy::Rule], caller: &Caller, message: &Message) -> Verdict {
    compiled(Default::Deny, rules).decide(caller.who(), &message.into(), &Circumstances::default())
}

fn allowed(rules: &[policy::Rule], message: &Message) -> bool {
    decide(rules, &Caller::in_groups(&["staff"]), message).action == Action::Allow
}

#[test]
fn actions_need_a_rule_and_the_rest_does_not() {
    let open = [
        "initialize",
        "ping",
        "server/discover",
        "logging/setLevel",
        "tasks/get",
        "tasks/result",
        "tasks/cancel",
        "tasks/update",
        "subscriptions/listen",
        "tools/list",
        "resources/list",
        "resources/templates/list",
        "prompts/list",
    ];
    for method in open {
        let verdict = decide(&[], &Caller::in_groups(&[]), &message(method, json!({})));
        assert_eq!((verdict.action, verdict.basis), (Action::Allow, Basis::Open), "{method}");
    }
    let governed = [
        tool("t"),
        read("a://b"),
        message("resources/subscribe", json!({ "uri": "a://b" })),
        message("resources/unsubscribe", json!({ "uri": "a://b" })),
        message("prompts/get", json!({ "name": "p" })),
        message("completion/complete", json!({ "ref": { "type": "ref/prompt", "name": "p" } })),
        message("subscriptions/listen", json!({ "notifications": { "resourceSubscriptions": ["a://b"] } })),
        message("tasks/list", json!({})),
        message("acme/erase", json!({})),
        message("notifications/x", json!({})),
        parse(br#"{"jsonrpc":"2.0","method":"acme/erase"}"#).unwrap(),
    ];
    for call in &governed {
        let verdict = decide(&[], &Caller::in_groups(&[]), call);
        assert_eq!((verdict.action, verdict.basis), (Action::Refuse, Basis::Default), "{}", call.method());
        assert!(allowed(&[allow("all")], call), "{}", call.method());
        let open = compiled(Default::Allow, &[]).decide(Caller::in_groups(&[]).who(), &call.into(), &Circumstances::default());
        assert_eq!((open.action, open.basis), (Action::Allow, Basis::Default));
    }
    let guard = compiled(Default::Deny, &[]);
    let caller = Caller::in_groups(&[]);
    assert_eq!(guard.decide(caller.who(), &Call::GET, &Circumstances::default()).action, Action::Allow);
    assert_eq!(guard.decide(caller.who(), &Call::DELETE, &Circumstances::default()).action, Action::Allow);
    let response = parse(br#"{"jsonrpc":"2.0","id":1,"result":{}}"#).unwrap();
    assert_eq!(guard.decide(caller.who(), &Call::from(&response), &Circumstances::default()).action, Action::Allow);
}

#[test]
fn open_calls_are_denied_by_name_only() {
    let list = message("tools/list", json!({}));
    assert!(allowed(&[deny("all")], &list));
    assert!(allowed(&[policy::Rule { groups: globs(&["staff"]), ..deny("staff") }], &list));
    assert!(allowed(&[policy::Rule { tools: globs(&["*"]), methods: globs(&["*"]), ..deny("tools") }], &list));
    for pattern in ["tools/list", "*/list", "*"] {
        assert!(!allowed(&[policy::Rule { methods: globs(&[pattern]), ..deny("named") }], &list), "{pattern}");
    }
    let guard = compiled(Default::Allow, &[policy::Rule { methods: globs(&["http/get", "rpc/response"]), ..deny("no-stream") }]);
    let caller = Caller::in_groups(&[]);
    assert_eq!(guard.decide(caller.who(), &Call::GET, &Circumstances::default()).action, Action::Refuse);
    assert_eq!(guard.decide(caller.who(), &Call::DELETE, &Circumstances::default()).action, Action::Allow);
    let response = parse(br#"{"jsonrpc":"2.0","id":1,"result":{}}"#).unwrap();
    assert_eq!(guard.decide(caller.who(), &Call::from(&response), &Circumstances::default()).action, Action::Refuse);
}

#[test]
fn each_selector_must_hold() {
    let t = tool("get_user");
    for (rule, holds) in [
        (policy::Rule { groups: globs(&["admin", "staff"]), ..allow("a") }, true),
        (policy::Rule { groups: globs(&["st*"]), ..allow("a") }, true),
        (policy::Rule { groups: globs(&["admin"]), ..allow("a") }, false),
        (policy::Rule { users: globs(&["ann"]), ..allow("a") }, true),
        (policy::Rule { users: globs(&["s-1"]), ..allow("a") }, true),
        (policy::Rule { users: globs(&["*@example.com"]), ..allow("a") }, true),
        (policy::Rule { users: globs(&["bob", "an"]), ..allow("a") }, false),
        (policy::Rule { clients: globs(&["cli"]), ..allow("a") }, true),
        (policy::Rule { clients: globs(&["web"]), ..allow("a") }, false),
        (policy::Rule { methods: globs(&["tools/*"]), ..allow("a") }, true),
        (policy::Rule { methods: globs(&["prompts/*"]), ..allow("a") }, false),
        (policy::Rule { tools: globs(&["get_*"]), ..allow("a") }, true),
        (policy::Rule { tools: globs(&["Get_*"]), ..allow("a") }, false),
        (policy::Rule { tools: globs(&["get_?ser"]), ..allow("a") }, true),
        (policy::Rule { resources: globs(&["*"]), ..allow("a") }, false),
        (policy::Rule { prompts: globs(&["*"]), ..allow("a") }, false),
        (policy::Rule { resources: globs(&["x"]), prompts: globs(&["x"]), tools: globs(&["get_user"]), ..allow("a") }, true),
        (policy::Rule { groups: globs(&["staff"]), users: globs(&["bob"]), tools: globs(&["get_*"]), ..allow("a") }, false),
        (policy::Rule { groups: globs(&["staff"]), users: globs(&["ann"]), tools: globs(&["get_*"]), ..allow("a") }, true),
        (policy::Rule { methods: globs(&["tools/list"]), tools: globs(&["get_*"]), ..allow("a") }, false),
    ] {
        assert_eq!(allowed(std::slice::from_ref(&rule), &t), holds, "{rule:?}");
    }
    // Without a client, or without groups, a rule about them is not met; not even by `*`.
    let nobody =
        Who { user: "ann", subject: "s-1", issuer: "i", email: None, groups: &[], client: None, scopes: &[], actors: &[], claims: None };
    for rule in [policy::Rule { clients: globs(&["*"]), ..allow("a") }, policy::Rule { groups: globs(&["*"]), ..allow("a") }] {
        assert_eq!(compiled(Default::Deny, &[rule]).decide(nobody, &(&t).into(), &Circumstances::default()).action, Action::Refuse);
    }
}

#[test]
fn deny_beats_allow_and_observers_only_watch() {
    let rules = [
        policy::Rule { tools: globs(&["run_*"]), ..allow("runs") },
        policy::Rule { tools: globs(&["*"]), mode: Mode::Observe, message: Some("seen".into()), ..deny("watch") },
        policy::Rule { tools: globs(&["run_sql"]), message: Some("No SQL.".into()), ..deny("no-sql") },
        policy::Rule { tools: globs(&["*"]), mode: Mode::Observe, ..allow("would") },
    ];
    let ids = |verdict: &Verdict| verdict.matched.iter().map(|rule| (rule.id.to_string(), rule.observed)).collect::<Vec<_>>();
    let caller = Caller::in_groups(&[]);

    let refused = decide(&rules, &caller, &tool("run_sql"));
    assert_eq!((refused.action, refused.basis), (Action::Refuse, Basis::Rule));
    assert_eq!(refused.deciding.as_ref().map(|rule| (rule.index, rule.id.as_ref())), Some((2, "no-sql")));
    assert_eq!(refused.message.as_deref(), Some("No SQL."));
    assert_eq!(ids(&refused), [("runs".into(), false), ("watch".into(), true), ("no-sql".into(), false), ("would".into(), true)]);

    let allowed = decide(&rules, &caller, &tool("run_job"));
    assert_eq!((allowed.action, allowed.deciding.unwrap().index, allowed.message), (Action::Allow, 0, None));

    // Only observers match: the default decides.
    let other = decide(&rules, &caller, &tool("other"));
    assert_eq!((other.action, other.basis, other.deciding.clone(), other.message.clone()), (Action::Refuse, Basis::Default, None, None));
    assert_eq!(ids(&other), [("watch".into(), true), ("would".into(), true)]);
}

#[test]
fn resources_are_judged_in_both_readings() {
    let within = [policy::Rule { resources: globs(&["file:///srv/*"]), ..allow("srv") }];
    assert!(allowed(&within, &read("file:///srv/a.txt")));
    assert!(allowed(&within, &read("file:///srv/x/../a.txt")));
    for uri in [
        "file:///srv/../etc/passwd",
        "file:///srv/%2e%2e/etc/passwd",
        "file:///srv/..%2fetc/passwd",
        "file:///srv/%252e%252e/etc/passwd",
        "file:///srv/..\\etc\\passwd",
        "FILE:///srv/a.txt",
    ] {
        assert!(!allowed(&within, &read(uri)), "{uri}");
    }
    let without = [allow("all"), policy::Rule { resources: globs(&["file:///etc/*"]), ..deny("etc") }];
    assert!(allowed(&without, &read("file:///srv/a")));
    for uri in
        ["file:///etc/passwd", "FILE:///etc/passwd", "file:/etc/passwd", "file:///srv/../etc/passwd", "file:///%65tc/x", "file:////etc/x"]
    {
        assert!(!allowed(&without, &read(uri)), "{uri}");
    }
    // An odd spelling that the operator wrote down is meant.
    let odd = [policy::Rule { resources: globs(&["repo://owner%2Fname"]), ..allow("odd") }];
    assert!(allowed(&odd, &read("repo://owner%2Fname")));
    assert!(!allowed(&odd, &read("repo://owner/name")));
}

#[test]
fn every_subscribed_resource_counts() {
    let rules = [
        policy::Rule { resources: globs(&["a://*"]), ..allow("a") },
        policy::Rule { resources: globs(&["b://*"]), ..allow("b") },
        policy::Rule { resources: globs(&["*/secret"]), ..deny("secret") },
    ];
    let listen = |uris: &[&str]| message("subscriptions/listen", json!({ "notifications": { "resourceSubscriptions": uris } }));
    assert!(allowed(&rules, &listen(&["a://1", "b://1"])));
    assert!(!allowed(&rules, &listen(&["a://1", "c://1"])));
    let verdict = decide(&rules, &Caller::in_groups(&[]), &listen(&["a://1", "b://secret", "b://2", "c://x"]));
    assert_eq!((verdict.action, verdict.deciding.map(|rule| rule.index)), (Action::Refuse, Some(2)));
    assert_eq!(verdict.matched.iter().map(|rule| rule.index).collect::<Vec<_>>(), [0, 1, 2]);
}

fn body(reply: &Reply) -> Value {
    serde_json::from_slice(&reply.body).unwrap()
}

#[test]
fn refusals_by_kind_of_call() {
    let rules = [policy::Rule { methods: globs(&["*"]), message: Some("Ask the data team.".into()), ..deny("no-sql") }];
    let guard = compiled(Default::Deny, &rules);
    let caller = Caller::in_groups(&[]);
    let answer = |text: &str| {
        let message = parse(text.as_bytes()).unwrap();
        let reply = refuse(&guard.decide(caller.who(), &(&message).into(), &Circumstances::default()), Some(&message), "r-42");
        (reply.status, body(&reply))
    };
    const TEXT: &str = "Ask the data team. (rule `no-sql`, reference r-42)";

    assert_eq!(
        answer(r#"{"jsonrpc":"2.0","id":7,"method":"tools/call","params":{"name":"t"}}"#),
        (200, json!({ "jsonrpc": "2.0", "id": 7, "result": { "content": [{ "type": "text", "text": TEXT }], "isError": true } }))
    );
    let (status, modern) = answer(
        r#"{"jsonrpc":"2.0","id":"x","method":"tools/call","params":{"name":"t","_meta":{"io.modelcontextprotocol/protocolVersion":"2026-07-28"}}}"#,
    );
    assert_eq!((status, &modern["result"]["resultType"], &modern["id"]), (200, &json!("complete"), &json!("x")));
    let data = json!({ "rule": "no-sql", "reference": "r-42" });
    for method in ["resources/list", "ping", "acme/x", "server/discover", "initialize"] {
        assert_eq!(
            answer(&format!(r#"{{"jsonrpc":"2.0","id":7,"method":"{method}"}}"#)),
            (200, json!({ "jsonrpc": "2.0", "id": 7, "error": { "code": 4030, "message": TEXT, "data": data } }))
        );
    }
    for text in [r#"{"jsonrpc":"2.0","method":"notifications/progress"}"#, r#"{"jsonrpc":"2.0","id":3,"result":{}}"#] {
        assert_eq!(answer(text), (403, json!({ "jsonrpc": "2.0", "error": { "code": 4030, "message": TEXT, "data": data } })));
    }
    let stream = refuse(&guard.decide(caller.who(), &Call::GET, &Circumstances::default()), None, "r-42");
    assert_eq!((stream.status, body(&stream)), (403, json!({ "error": "refused_by_policy", "message": TEXT })));
    assert!(stream.headers.iter().all(|(name, _)| name != "www-authenticate"));
}

#[test]
fn a_refusal_tells_nothing_of_the_policy() {
    let rules = [
        policy::Rule { groups: globs(&["dba-leads"]), tools: globs(&["run_sql"]), message: Some("inner".into()), ..allow("hidden") },
        policy::Rule { tools: globs(&["run_sql"]), mode: Mode::Observe, message: Some("watched".into()), ..deny("quiet") },
    ];
    let call = tool("run_sql");
    let reply = refuse(&decide(&rules, &Caller::in_groups(&[]), &call), Some(&call), "r-1");
    let text = String::from_utf8(reply.body).unwrap();
    assert!(text.contains("No rule of this endpoint allows this call. (reference r-1)"), "{text}");
    for hidden in ["hidden", "dba-leads", "inner", "quiet", "watched"] {
        assert!(!text.contains(hidden), "{hidden}");
    }
    let silent = [policy::Rule { tools: globs(&["run_sql"]), ..deny("d1") }];
    let verdict = decide(&silent, &Caller::in_groups(&[]), &call);
    let reply = refuse(&verdict, Some(&call), "r-1");
    assert_eq!(body(&reply)["result"]["content"][0]["text"], "This call is refused by a rule of this endpoint. (rule `d1`, reference r-1)");
}

fn any_rule() -> impl Strategy<Value = policy::Rule> {
    let some =
        |choices: &'static [&'static str]| prop::collection::vec(prop::sample::select(choices), 0..2).prop_map(|texts| globs(&texts));
    (
        (some(&["staff", "admin", "*"]), some(&["ann", "bob", "*@example.com"]), some(&["cli", "web"])),
        (some(&["tools/call", "*/list", "*"]), some(&["get_*", "run_sql", "*"]), some(&["file:///srv/*", "*"]), some(&["p*"])),
        (prop::sample::select(vec![Then::Allow, Then::Deny, Then::Ask]), prop::bool::weighted(0.2)),
    )
        .prop_map(|((groups, users, clients), (methods, tools, resources, prompts), (then, observe))| policy::Rule {
            groups,
            users,
            clients,
            methods,
            tools,
            resources,
            prompts,
            mode: if observe { Mode::Observe } else { Mode::Enforce },
            ..policy::Rule::plain("r", then)
        })
}

fn any_call() -> impl Strategy<Value = Message> {
    prop::sample::select(vec![
        tool("get_user"),
        tool("run_sql"),
        read("file:///srv/a"),
        read("file:///srv/../etc"),
        message("prompts/get", json!({ "name": "p1" })),
        message("tools/list", json!({})),
        message("ping", json!({})),
        message("acme/x", json!({})),
        message("subscriptions/listen", json!({ "notifications": { "resourceSubscriptions": ["file:///srv/a", "x://y"] } })),
    ])
}

#[test]
fn deny_beats_ask_and_ask_beats_allow() {
    let ask = |id: &str| policy::Rule { tools: globs(&["drop_*"]), ..policy::Rule::plain(id, Then::Ask) };
    let (drop, get) = (tool("drop_table"), tool("get_table"));
    let staff = Caller::in_groups(&["staff"]);
    let verdict = decide(&[allow("all"), ask("one"), ask("two")], &staff, &drop);
    assert_eq!((verdict.action, verdict.basis, &*verdict.deciding.as_ref().unwrap().id), (Action::Ask, Basis::Rule, "one"));
    assert_eq!(verdict.asking().map(|rule| rule.index).collect::<Vec<_>>(), [1, 2]);
    // Each of them is a question of its own.
    for (answered, action) in
        [(&[][..], Action::Ask), (&[1], Action::Ask), (&[2], Action::Ask), (&[2, 1], Action::Allow), (&[0], Action::Ask)]
    {
        assert_eq!(verdict.clone().approved(answered).action, action, "{answered:?}");
    }
    assert_eq!(decide(&[ask("one"), deny("none")], &staff, &drop).approved(&[0]).action, Action::Refuse);
    // No other rule need allow it, and what no rule is about stays as it was.
    assert_eq!(decide(&[ask("one")], &staff, &drop).action, Action::Ask);
    assert_eq!(decide(&[ask("one")], &staff, &get).action, Action::Refuse);
    let observed = policy::Rule { mode: Mode::Observe, ..ask("watch") };
    let verdict = decide(&[allow("all"), observed], &staff, &drop);
    assert_eq!((verdict.action, verdict.matched.len(), verdict.asking().count()), (Action::Allow, 2, 0));
    // Other calls only where a rule names them.
    let list = message("tools/list", json!({}));
    assert_eq!(decide(&[policy::Rule::plain("all", Then::Ask)], &staff, &list).action, Action::Allow);
    let named = policy::Rule { methods: globs(&["tools/list"]), ..policy::Rule::plain("lists", Then::Ask) };
    assert_eq!(decide(&[named], &staff, &list).action, Action::Ask);
}

#[test]
fn a_rule_that_asks_matches_like_one_that_denies() {
    let ask = |uris: &[&str]| policy::Rule { resources: globs(uris), ..policy::Rule::plain("ask", Then::Ask) };
    let staff = Caller::in_groups(&["staff"]);
    let odd = read("file:///srv/../etc/passwd");
    assert_eq!(decide(&[allow("all"), ask(&["file:///etc/*"])], &staff, &odd).action, Action::Ask);
    assert_eq!(decide(&[allow("all"), ask(&["file:///srv/*"])], &staff, &odd).action, Action::Ask);
    let several =
        message("subscriptions/listen", json!({ "notifications": { "resourceSubscriptions": ["file:///srv/a", "file:///etc/b"] } }));
    let verdict = decide(&[allow("all"), ask(&["file:///etc/*"])], &staff, &several);
    assert_eq!((verdict.action, verdict.asking().count()), (Action::Ask, 1));
}

fn any_default() -> impl Strategy<Value = Default> {
    prop::sample::select(vec![Default::Deny, Default::Allow])
}

proptest! {
    #[test]
    fn order_does_not_matter(
        (rules, shuffled) in prop::collection::vec(any_rule(), 0..6).prop_flat_map(|rules| (Just(rules.clone()), Just(rules).prop_shuffle())),
        call in any_call(),
        default in any_default(),
    ) {
        let caller = Caller::in_groups(&["staff"]);
        let one = compiled(default, &rules).decide(caller.who(), &(&call).into(), &Circumstances::default());
        let other = compiled(default, &shuffled).decide(caller.who(), &(&call).into(), &Circumstances::default());
        prop_assert_eq!((one.action, one.basis, one.matched.len()), (other.action, other.basis, other.matched.len()));
    }

    #[test]
    fn a_deny_never_opens_and_an_allow_never_closes(
        rules in prop::collection::vec(any_rule(), 0..6),
        more in any_rule(),
        call in any_call(),
        default in any_default(),
    ) {
        let caller = Caller::in_groups(&["staff"]);
        let before = compiled(default, &rules).decide(caller.who(), &(&call).into(), &Circumstances::default()).action;
        let more_rules: Vec<_> = rules.iter().cloned().chain([more.clone()]).collect();
        let after = compiled(default, &more_rules).decide(caller.who(), &(&call).into(), &Circumstances::default()).action;
        let changed_to = (before != after).then_some(after);
        match (more.mode, more.then) {
            (Mode::Observe, _) => prop_assert_eq!(changed_to, None),
            (_, Then::Deny) => prop_assert_ne!(changed_to, Some(Action::Allow)),
            (_, Then::Ask) => prop_assert!(changed_to.is_none_or(|to| to == Action::Ask)),
            (_, Then::Allow) => prop_assert_ne!(changed_to, Some(Action::Refuse)),
        }
    }

    /// A refusal always has a reason that can be named, and an allowed action always has one too.
    #[test]
    fn verdicts_explain_themselves(rules in prop::collection::vec(any_rule(), 0..6), call in any_call(), default in any_default()) {
        let caller = Caller::in_groups(&["staff"]);
        let verdict = compiled(default, &rules).decide(caller.who(), &(&call).into(), &Circumstances::default());
        prop_assert_eq!(verdict.basis == Basis::Rule, verdict.deciding.is_some());
        if let Some(deciding) = &verdict.deciding {
            prop_assert!(!deciding.observed && verdict.matched.contains(deciding));
            prop_assert_eq!(deciding.then == Then::Deny, verdict.action == Action::Refuse);
            prop_assert_eq!(deciding.then == Then::Ask, verdict.action == Action::Ask);
        }
    }
}
