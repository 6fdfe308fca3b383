//! What `policy check` says of conditions on arguments.

use crate::policy::{Loaded, Report, from_yaml};

fn load(then: &str, arguments: &str) -> Result<Loaded, Report> {
    let yaml = format!(
        "version: 1\nresource: https://mcp.example.com/mcp\nidentity:\n  issuers: [{{ issuer: https://id.example.com, jwks: {{ cluster: idp, path: /k }} }}]\n\
         rules:\n  - id: r\n    then: {then}\n    arguments:\n      {arguments}\n"
    );
    from_yaml(&yaml, &|_| None)
}

#[test]
fn mistakes_are_told_with_place_and_cure() {
    for (arguments, told) in [
        ("x: { equal: 1 }", "line 9: rules[0].arguments.x.equal: unknown name; did you mean `equals`?"),
        ("x: {}", "line 9: rules[0].arguments.x: says nothing; add one of equals, one_of"),
        ("x: 5", "line 9: rules[0].arguments.x: expected a section (name: value), found a number"),
        ("{}", "line 8: rules[0].arguments: the section is empty; remove it or say what belongs in it"),
        ("/a~2: { present: true }", "line 9: rules[0].arguments./a~2: expected the name of an argument, a JSON pointer"),
        ("{ x: { equals: 1 }, x: { equals: 2 } }", "line 9: rules[0].arguments.x: written twice; keep one"),
        ("x: { regex: '(' }", "line 9: rules[0].arguments.x.regex: `(`: not a regular expression"),
        ("x: { regex: '((a{1,500}){1,500}){1,500}' }", "the pattern compiles to more than 256 KiB; make its repeats smaller"),
        ("x: { above: many }", "line 9: rules[0].arguments.x.above: expected a number such as `1000` or `0.5`, found `many`"),
        ("x: { above: 9007199254740993 }", "the number has more than 15 digits, which not every reader keeps; write it in quotes"),
        ("x: { equals: 12345678901234567890 }", "use `at_least` and `at_most`, where it can be written in quotes"),
        ("x: { above: 5, below: 5 }", "line 9: rules[0].arguments.x.below: no number is above 5 and below 5"),
        ("x: { at_least: 6, at_most: 5 }", "no number is at_least 6 and at_most 5"),
        ("x: { length: {} }", "line 9: rules[0].arguments.x.length: says nothing; add `at_least` or `at_most`"),
        ("x: { length: { at_most: -1 } }", "expected a whole number from 0 to 4294967295, found `-1`"),
        ("x: { length: { at_least: 3, at_most: 2 } }", "nothing is as long as `at_least` and as short as `at_most`"),
        ("x: { url: {} }", "says nothing; add `schemes`, `hosts`, `ports`, `no_credentials` or `paths`"),
        ("x: { url: { schemes: 'https:' } }", "expected the scheme of a URL without its colon, such as `https`, found `https:`"),
        ("x: { url: { hosts: 'a.example:443' } }", "`a.example:443` is not a host such as `api.example.com`"),
        ("x: { url: { hosts: 'https://a.example' } }", "`https://a.example` is not a host"),
        ("x: { url: { hosts: bücher.example } }", "write its ASCII form, which begins with `xn--`"),
        ("x: { url: { ports: 70000 } }", "expected a whole number from 0 to 65535, found `70000`"),
        ("x: { url: { no_credentials: false } }", "`false` asks nothing; remove it"),
        ("x: { ip_within: 10.0.0 }", "expected an address or network such as `192.0.2.7` or `10.0.0.0/8`"),
        ("x: { path_within: ['/srv/../etc'] }", "line 9: rules[0].arguments.x.path_within[0]: expected a directory such as `/srv/data`"),
        ("x: { type: integer }", "unknown value `integer`; possible: `string`, `number`"),
        ("x: { present: false, equals: 1 }", "an argument that is absent has no type and no value; remove one"),
        ("x: { not: {} }", "line 9: rules[0].arguments.x.not: says nothing"),
        ("x: { any_of: [{ equals: 1 }, { above: x }] }", "line 9: rules[0].arguments.x.any_of[1].above: expected a number"),
        ("x: { one_of: [] }", "the list is empty"),
        ("x: { equals: [1] }", "expected text, a number, true, false or null, found a list"),
        (
            "x: { not: { not: { not: { not: { not: { not: { not: { equals: 1 } } } } } } } }",
            "`not` and `any_of` are nested more than 6 deep; split the rule",
        ),
    ] {
        let problems = load("deny", arguments).map(|_| ()).expect_err(arguments).to_string();
        assert!(problems.contains(told), "{arguments}\n  {problems}\n  {told}");
        assert_eq!(problems.lines().count(), 1, "{problems}");
    }
    let every = load("allow", "'*': { regex: x }").map(|_| ()).expect_err("a rule that allows").to_string();
    assert!(every.contains("a rule that allows must name the arguments it has looked at"), "{every}");
    assert!(load("deny", "'*': { regex: x }").is_ok());
}

#[test]
fn all_that_can_be_said_is_read() {
    let all = "{ x: { equals: 1, one_of: [1, a, null, true], glob: 'a*', regex: '^a', above: 1, below: '5e0', at_least: 1.5, at_most: 4, \
               length: { at_least: 0, at_most: 9 }, url: { schemes: https, hosts: ['*.example.com', '::1'], ports: [443], no_credentials: true, paths: /v1/* }, \
               ip_within: [10.0.0.0/8, '::1'], path_within: [/srv, 'C:\\data', .], present: true, type: number, not: { equals: 7 }, \
               any_of: [{ equals: 1 }, { not: { any_of: [{ equals: 2 }] } }] }, /a/*/b: { present: false } }";
    for then in ["allow", "deny"] {
        let loaded = load(then, all).unwrap_or_else(|report| panic!("{report}"));
        let arguments = loaded.policy.rules[0].arguments.as_ref().unwrap();
        assert_eq!(arguments.each.iter().map(|one| one.tests.len()).collect::<Vec<_>>(), [16, 1]);
    }
}
