//! `policy test`

use serde_json::Value;

use super::{folder, policy, with_rules};

const RULES: &str = "  - { id: readers, groups: [staff], tools: ['get_*'], then: allow }
  - { id: frozen, tools: [get_old], then: deny, message: Gone for good. }
  - { id: watched, tools: [get_new], then: deny, mode: observe }
masking:
  - { id: names, fields: [name], then: replace }
  - { id: cards, detect: [credit_card], then: replace }
";

const HEAD: &str = "callers: { ana: { sub: ana, groups: [staff] } }\nas: ana\ntests:\n";

fn run(tests: &str, args: &[&str]) -> (i32, String) {
    let folder = folder(&[("p.yaml", &with_rules(RULES)), ("p.test.yaml", &format!("{HEAD}{tests}"))]);
    let mut all = vec!["test"];
    all.extend(args);
    let ran = policy(folder.path(), &all, "");
    (ran.code, format!("{}{}", ran.out, ran.err))
}

const GOOD: &str = "
  - { name: reads, each: [get_a, get_b], call: { tool: '${each}' }, expect: { allow: readers } }
  - { name: frozen, call: { tool: get_old }, expect: { refuse: { rule: frozen, code: rule, says: for good } } }
  - { name: watched, call: { tool: get_new }, expect: { observed: watched } }
  - { name: nobody, as: ana, call: { tool: set_a }, expect: { refuse: { code: default_deny } } }
  - { name: raw, message: '{', expect: { refuse: { code: message_not_json } } }
  - { name: lists, call: { method: tools/list }, expect: allow }
  - { name: streams, call: { method: http/get }, expect: allow }
  - name: masked
    call: { tool: get_a }
    answer: { result: { name: Ana, n: 1.0, text: 'a \"quoted\" word' } }
    expect_answer: { equals: { result: { name: '[MASKED:names]', n: 1.0, text: 'a \"quoted\" word' } }, contains: ['a \"quoted\" word'], lacks: [Ana], masked: [names] }
  - name: events are masked as well
    call: { tool: get_a }
    answer: { events: [{ jsonrpc: '2.0', method: notifications/x, params: { name: Ana } }, { jsonrpc: '2.0', id: 1, result: { name: Bo } }] }
    expect_answer: { equals: { result: { name: '[MASKED:names]' } }, lacks: [Ana, Bo] }
  - name: what cannot be masked is withheld
    call: { tool: get_a }
    answer: { text: '{\"name\"', type: application/json }
    expect_answer: { withheld: true }
  - name: images are refused
    call: { tool: get_a }
    answer: { text: 'GIF', type: image/gif }
    expect_answer: { withheld: true }
  - name: steps
    at: 2026-02-01T00:00:00Z
    steps:
      - { call: { tool: get_a }, expect: allow }
      - { wait: 90d }
      - { call: { tool: get_old }, expect: refuse }
";

#[test]
fn good_tests_pass() {
    let (code, out) = run(GOOD, &[]);
    assert_eq!(code, 0, "{out}");
    assert!(out.contains("13 passed, 0 failed, in 1 files"), "{out}");
}

/// Every kind of expectation fails when it is not so: with its line, what was expected, what happened, and why.
#[test]
fn wrong_tests_fail() {
    for (test, told) in [
        (
            "{ call: { tool: get_a }, expect: refuse }",
            "expected refuse, got allow by rule `readers` with code `rule`\n    `readers` (allow) matched",
        ),
        ("{ call: { tool: set_a }, expect: allow }", "expected allow, got refuse with code `default_deny`"),
        ("{ call: { tool: get_a }, expect: { allow: frozen } }", "`frozen` (deny) did not match: what is called is none of its"),
        ("{ call: { tool: get_a }, expect: { allow: nothing } }", "the policy has no rule `nothing`"),
        ("{ call: { tool: get_old }, expect: { refuse: { says: for now } } }", "saying `Gone for good."),
        ("{ call: { tool: get_old }, expect: { refuse: { code: default_deny } } }", "with code `rule`"),
        ("{ call: { tool: get_a }, expect: observed }", "expected observed, got allow"),
        ("{ call: { tool: get_old }, expect: observed }", "expected observed, got refuse"),
        (
            "{ call: { tool: get_a }, answer: { result: { name: A } }, expect_answer: { lacks: [MASKED] } }",
            "expected no `MASKED` in the answer",
        ),
        ("{ call: { tool: get_a }, answer: { result: { x: A } }, expect_answer: { contains: [B] } }", "expected `B` in the answer"),
        (
            "{ call: { tool: get_a }, answer: { result: { x: A } }, expect_answer: { masked: [names] } }",
            "expected the masking rule `names` to find something",
        ),
        (
            "{ call: { tool: get_a }, answer: { result: { x: A } }, expect_answer: { equals: { result: {} } } }",
            "expected the answer to be `{\"result\":{}}`",
        ),
        (
            "{ call: { tool: get_a }, answer: { result: { x: A } }, expect_answer: { withheld: true } }",
            "expected the answer to be withheld",
        ),
        ("{ call: { tool: get_a }, answer: { text: '{' }, expect_answer: { contains: ['{'] } }", "it is withheld"),
        (
            "{ steps: [{ call: { tool: get_a }, expect: allow },\n    { call: { tool: get_a }, expect: refuse }] }",
            "p.test.yaml:5: test 1: expected refuse",
        ),
    ] {
        let (code, out) = run(&format!("  - {test}\n"), &[]);
        assert_eq!(code, 1, "{test}\n{out}");
        assert!(out.contains("p.test.yaml:") && out.contains(told), "{test}\n{out}");
    }
}

#[test]
fn what_is_not_reached_is_told() {
    let (code, out) = run(GOOD, &["--coverage"]);
    assert!(out.contains("p.yaml:14: the masking rule `cards` finds nothing in any test") && code == 0, "{out}");
    assert!(out.contains("3 of 3 rules matched, 2 decided; 1 of 2 masking rules found something"), "{out}");
    assert_eq!(run(GOOD, &["--require-coverage"]).0, 1);
    let (code, out) = run("  - { call: { tool: get_old }, expect: refuse }\n", &["--coverage"]);
    assert!(code == 0 && out.contains("p.yaml:11: no test matches the rule `watched`"), "{out}");
    // `readers` matched as well and had no say.
    assert!(out.contains("2 of 3 rules matched, 1 decided"), "{out}");
}

#[test]
fn programs_read_it() {
    let (code, out) = run(&format!("{GOOD}  - {{ call: {{ tool: get_a }}, expect: refuse }}\n"), &["--json"]);
    let told: Value = serde_json::from_str(&out).unwrap();
    assert_eq!((code, &told["passed"], &told["failed"]), (1, &Value::from(13), &Value::from(1)));
    let failed = told["files"][0]["tests"].as_array().unwrap().last().unwrap();
    assert_eq!((&failed["passed"], &failed["line"]), (&Value::Bool(false), &failed["failures"][0]["line"]));
    assert_eq!(told["files"][0]["coverage"]["rules"][1]["decided"], 2);

    let (code, out) = run("  - { name: 'a <b> & \"c\"', call: { tool: get_a }, expect: refuse }\n", &["--junit"]);
    assert_eq!(code, 1);
    assert!(out.contains(r#"tests="1" failures="1""#) && out.contains(r#"name="a &lt;b&gt; &amp; &quot;c&quot;""#), "{out}");
}

#[test]
fn mistakes_are_told_with_their_lines() {
    let (code, out) = run("  - { call: { tool: get_a }, expect: alow }\n", &[]);
    assert!(code == 1 && out.contains("p.test.yaml:4: tests[0].expect: unknown value `alow`; did you mean `allow`?"), "{out}");
    assert!(out.contains("1 files cannot be used"), "{out}");

    let folder = folder(&[
        ("p.yaml", &with_rules(RULES)),
        ("q.yaml", "version: 1\n"),
        ("q.test.yaml", "tests: [{ call: { tool: t }, expect: allow }]\n"),
    ]);
    let ran = policy(folder.path(), &["test", "p.yaml"], "");
    assert!(ran.code == 1 && ran.err.contains("has no tests: write `p.test.yaml`"), "{}", ran.err);
    let ran = policy(folder.path(), &["test"], "");
    assert!(ran.code == 1 && ran.out.contains("q.yaml:1: `resource` is missing"), "{}", ran.out);
    assert_eq!(policy(folder.path(), &["test", "none.yaml"], "").code, 3);
    std::fs::remove_file(folder.path().join("q.test.yaml")).unwrap();
    assert_eq!(policy(folder.path(), &["test"], "").code, 2);
}
