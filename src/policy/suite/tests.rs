use serde_json::json;

use super::*;

fn read(text: &str) -> Suite {
    from_yaml(text).unwrap_or_else(|report| panic!("{report}"))
}

fn bodies(suite: &Suite) -> Vec<Json> {
    let trial = |step: &Step| match step {
        Step::Trial(trial) => serde_json::from_slice(&trial.body).unwrap_or(Json::Null),
        Step::Wait(wait) => json!({ "wait": wait.millis() }),
    };
    suite.tests.iter().flat_map(|test| test.steps.iter().map(trial)).collect()
}

#[test]
fn rows_of_a_table_are_tests_of_their_own() {
    let suite = read(concat!(
        "values: { key: [AK, IA], long: { text: ab, times: 3 } }\n",
        "callers: { ana: { sub: ana, groups: ['${each.group}'] } }\n",
        "tests:\n",
        "  - name: a\n",
        "    as: ana\n",
        "    each:\n",
        "      - { sql: 'x ${values.key} ${IFS}', n: 5, group: g }\n",
        "      - { sql: y, n: [1], group: h }\n",
        "    call: { tool: t, arguments: { sql: '<${each.sql}>', n: '${each.n}', m: 'n=${each.n}', long: '${values.long}', ifs: '${IFS}' } }\n",
        "    expect: allow\n",
    ));
    let arguments = |index: usize| bodies(&suite)[index]["params"]["arguments"].clone();
    assert_eq!(arguments(0), json!({ "sql": "<x AKIA ${IFS}>", "n": 5, "m": "n=5", "long": "ababab", "ifs": "${IFS}" }));
    assert_eq!(arguments(1), json!({ "sql": "<y>", "n": [1], "m": "n=[1]", "long": "ababab", "ifs": "${IFS}" }));
    assert_eq!(suite.tests.iter().map(|test| test.line).collect::<Vec<_>>(), [Some(7), Some(8)]);
    let Step::Trial(trial) = &suite.tests[1].steps[0] else { panic!() };
    assert_eq!(trial.claims["groups"], json!(["h"]));
}

#[test]
fn calls_become_messages() {
    let suite = read(concat!(
        "tests:\n",
        "  - { call: { resource: 'a://b' }, expect: allow }\n",
        "  - { call: { prompt: p, arguments: { a: 1 } }, expect: refuse }\n",
        "  - { call: { method: acme/erase, params: { a: 1 }, meta: { b: 2 } }, expect: { refuse: r } }\n",
        "  - { call: { method: notifications/x }, expect: observed }\n",
        "  - { call: { method: http/get }, expect: allow }\n",
        "  - { message: { any: thing }, expect: refuse }\n",
        "  - { message: '{', expect: { refuse: { code: invalid_message, says: no, rule: r } } }\n",
        "  - steps: [{ call: { tool: t }, expect: allow }, { wait: 1m }]\n",
    ));
    assert_eq!(
        bodies(&suite),
        [
            json!({ "jsonrpc": "2.0", "id": 1, "method": "resources/read", "params": { "uri": "a://b" } }),
            json!({ "jsonrpc": "2.0", "id": 1, "method": "prompts/get", "params": { "name": "p", "arguments": { "a": 1 } } }),
            json!({ "jsonrpc": "2.0", "id": 1, "method": "acme/erase", "params": { "a": 1, "_meta": { "b": 2 } } }),
            json!({ "jsonrpc": "2.0", "method": "notifications/x" }),
            Json::Null,
            json!({ "any": "thing" }),
            Json::Null,
            json!({ "jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": { "name": "t" } }),
            json!({ "wait": 60_000 }),
        ]
    );
    let expects: Vec<Expect> = suite
        .tests
        .iter()
        .filter_map(|test| match &test.steps[0] {
            Step::Trial(trial) => Some(trial.expect.clone()),
            Step::Wait(_) => None,
        })
        .collect();
    let some = |text: &str| Some(text.to_owned());
    assert_eq!(expects[2], Expect::Refuse { rule: some("r"), code: None, says: None });
    assert_eq!(expects[6], Expect::Refuse { rule: some("r"), code: some("invalid_message"), says: some("no") });
    assert!(suite.tests[0].session.is_none() && suite.tests[7].session.is_some());
}

#[test]
fn every_mistake_has_its_line() {
    for (text, line, message) in [
        ("tests:\n  - { call: { tool: t } }\n", 2, "`expect` is missing"),
        ("tests:\n  - expect: allow\n", 2, "`call` is missing"),
        ("tests:\n  - call: { tool: t }\n    expect: alow\n", 3, "did you mean `allow`"),
        ("tests:\n  - call: { tool: t }\n    expct: allow\n", 3, "did you mean `expect`"),
        ("tests:\n  - call: { tool: t, resource: r }\n    expect: allow\n", 2, "expected one of `tool`"),
        ("callers: { ana: {} }\ntests:\n  - call: { tool: t }\n    as: anna\n    expect: allow\n", 4, "did you mean `ana`"),
        ("tests:\n  - call: { tool: '${each}' }\n    expect: allow\n", 2, "without `each`"),
        ("tests:\n  - call: { tool: '${values.x}' }\n    expect: allow\n", 2, "no value is called `x`"),
        ("tests:\n  - call: { tool: '${each.x}' }\n    each: [{ y: 1 }]\n    expect: allow\n", 2, "has no `x`"),
        ("tests:\n  - call: { tool: t, arguments: { a: 1, a: 2 } }\n    expect: allow\n", 2, "written twice"),
        ("tests:\n  - call: { tool: t }\n    expect: { allow: { code: rule } }\n", 3, "of what is refused"),
        ("tests:\n  - call: { tool: t }\n    expect: refuse\n    expect_answer: { lacks: [x] }\n", 4, "no answer of the server"),
        ("tests:\n  - call: { tool: t }\n    expect: ask\n    expect_answer: { lacks: [x] }\n", 4, "no answer of the server"),
        ("tests:\n  - call: { tool: t }\n    expect: { ask: { says: x } }\n", 3, "of what is refused"),
        ("tests:\n  - steps: [{ wait: 1m, expect: allow }]\n", 2, "make it two steps"),
        ("values: { x: { text: 0123456789abcdefghij, times: 1000000 } }\ntests: []\n", 1, "longer than 16 MiB"),
        ("tests:\n  - call: { tool: t }\n    at: noon\n    expect: allow\n", 3, "a moment in UTC"),
    ] {
        let report = from_yaml(text).unwrap_err();
        let told = report.problems().iter().any(|problem| problem.place.line == Some(line) && problem.message.contains(message));
        assert!(told, "{text}\n{report}");
    }
}

#[test]
fn a_policy_tells_where_its_rules_stand() {
    let lines = lines("version: 1\nrules:\n  - id: a\n    then: allow\n  - id: b\nmasking:\n  - id: c\n");
    assert_eq!((lines.rules, lines.masking), (vec![Some(3), Some(5)], vec![Some(7)]));
}
