//! Scopes and actors.

use super::*;

fn scoped(id: &str, scopes: &[&str]) -> policy::Rule {
    policy::Rule { scopes: scopes.iter().map(ToString::to_string).collect(), ..allow(id) }
}

fn with_scopes(rules: &[policy::Rule], default: Default, held: &[&str], message: &Message) -> Verdict {
    let held: Vec<String> = held.iter().map(ToString::to_string).collect();
    let groups = ["staff".to_owned()];
    let who = Who {
        user: "ann",
        subject: "s",
        issuer: "i",
        email: None,
        groups: &groups,
        client: None,
        scopes: &held,
        actors: &[],
        claims: None,
    };
    compiled(default, rules).decide(who, &message.into(), &Circumstances::default())
}

#[test]
fn an_allow_needs_all_its_scopes() {
    let rules = [scoped("r", &["a", "b"])];
    let needed = |held: &[&str]| {
        let verdict = with_scopes(&rules, Default::Deny, held, &tool("t"));
        (verdict.action, verdict.needed_scopes.iter().map(ToString::to_string).collect::<Vec<_>>())
    };
    assert_eq!(needed(&["a", "b"]), (Action::Allow, vec![]));
    assert_eq!(needed(&["c", "b", "a"]), (Action::Allow, vec![]));
    for held in [&[][..], &["a"], &["b"], &["A", "B"], &["a b"]] {
        assert_eq!(needed(held), (Action::Refuse, vec!["a".to_owned(), "b".to_owned()]), "{held:?}");
    }
}

#[test]
fn scopes_are_asked_for_only_where_they_would_help() {
    let needed = |rules: &[policy::Rule]| !with_scopes(rules, Default::Deny, &[], &tool("t")).needed_scopes.is_empty();
    assert!(needed(&[scoped("r", &["a"])]));
    assert!(!needed(&[scoped("r", &["a"]), allow("free")]));
    assert!(!needed(&[scoped("r", &["a"]), deny("no")]));
    assert!(!needed(&[policy::Rule { tools: globs(&["other"]), ..scoped("r", &["a"]) }]));
    assert!(!needed(&[policy::Rule { groups: globs(&["other"]), ..scoped("r", &["a"]) }]));
    assert!(!needed(&[policy::Rule { mode: Mode::Observe, ..scoped("r", &["a"]) }]));
    // What a default lets through is not held up by a rule that does not hold.
    let verdict = with_scopes(&[scoped("r", &["a"])], Default::Allow, &[], &tool("t"));
    assert_eq!((verdict.action, verdict.needed_scopes.len()), (Action::Allow, 0));
    let list = message("tools/list", json!({}));
    assert_eq!(with_scopes(&[scoped("r", &["a"])], Default::Deny, &[], &list).action, Action::Allow);
}

#[test]
fn the_rule_that_lacks_fewest_is_named() {
    let needed = |held: &[&str], rules: &[policy::Rule]| with_scopes(rules, Default::Deny, held, &tool("t")).needed_scopes.join(" ");
    let rules = [scoped("far", &["x", "y", "z"]), scoped("near", &["a", "b"]), scoped("as-near", &["a", "c"])];
    assert_eq!(needed(&[], &rules), "a b");
    assert_eq!(needed(&["c"], &rules), "a c");
    assert_eq!(needed(&["x", "y"], &rules), "x y z");
}

#[test]
fn a_call_about_several_things_needs_the_scopes_of_all() {
    let listen = |uris: &[&str]| message("subscriptions/listen", json!({ "notifications": { "resourceSubscriptions": uris } }));
    let one = policy::Rule { resources: globs(&["a://*"]), ..scoped("one", &["a"]) };
    let two = policy::Rule { resources: globs(&["b://*"]), ..scoped("two", &["b"]) };
    let free = policy::Rule { resources: globs(&["c://*"]), ..allow("free") };
    let needed = |held: &[&str], uris: &[&str]| {
        let verdict = with_scopes(&[one.clone(), two.clone(), free.clone()], Default::Deny, held, &listen(uris));
        (verdict.action, verdict.needed_scopes.join(" "))
    };
    assert_eq!(needed(&[], &["a://1", "b://1", "c://1"]), (Action::Refuse, "a b".to_owned()));
    assert_eq!(needed(&["a"], &["a://1", "b://1"]), (Action::Refuse, "b".to_owned()));
    assert_eq!(needed(&["a", "b"], &["a://1", "b://1", "c://1"]), (Action::Allow, String::new()));
    // No scope helps with the last one, so none is asked for.
    assert_eq!(needed(&[], &["a://1", "d://1"]), (Action::Refuse, String::new()));
    assert_eq!(needed(&[], &["d://1", "a://1"]), (Action::Refuse, String::new()));
}

#[test]
fn the_current_actor_may_be_allowed_and_every_actor_denied() {
    let actor = |subject: &'static str, client: &'static str| Actor { subject: Some(subject), client: Some(client) };
    let action = |rule: policy::Rule, actors: &[Actor<'_>]| {
        let who = Who { user: "ann", subject: "s", issuer: "i", email: None, groups: &[], client: None, scopes: &[], actors, claims: None };
        let rules = if rule.then == Then::Deny { vec![rule, allow("rest")] } else { vec![rule] };
        compiled(Default::Deny, &rules).decide(who, &(&tool("t")).into(), &Circumstances::default()).action
    };
    let chain = [actor("agent-1", "portal"), actor("broker", "bus")];
    let rule = |name: &str, then: Then| policy::Rule { actors: globs(&[name]), ..policy::Rule::plain("r", then) };
    for name in ["agent-1", "agent-*", "portal", "*"] {
        assert_eq!(action(rule(name, Then::Allow), &chain), Action::Allow, "{name}");
        assert_eq!(action(rule(name, Then::Allow), &[]), Action::Refuse, "{name}");
        assert_eq!(action(rule(name, Then::Deny), &chain), Action::Refuse, "{name}");
        assert_eq!(action(rule(name, Then::Deny), &[]), Action::Allow, "{name}");
    }
    for name in ["broker", "bus"] {
        assert_eq!(action(rule(name, Then::Allow), &chain), Action::Refuse, "{name}");
        assert_eq!(action(rule(name, Then::Deny), &chain), Action::Refuse, "{name}");
    }
}

#[test]
fn a_refusal_for_want_of_scopes_is_403_in_the_shape_of_the_call() {
    let verdict = with_scopes(&[scoped("r", &["a"])], Default::Deny, &[], &tool("t"));
    let reply: Reply = refuse(&verdict, Some(&tool("t")), "ref");
    let body: Value = serde_json::from_slice(&reply.body).unwrap();
    assert_eq!((reply.status, &body["id"], &body["error"]["code"]), (403, &json!(7), &json!(4030)));
    assert!(body["error"]["message"].as_str().unwrap().contains("lacks scopes"), "{body}");
}
