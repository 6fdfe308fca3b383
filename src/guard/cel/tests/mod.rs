mod comparison;

use std::collections::HashMap;
use std::fmt::Write as _;

use proptest::prelude::*;
use serde_json::{Value as Json, json};

use super::*;
use crate::guard::{Actor, Call, Circumstances, Who};
use crate::mcp::method::Class;
use crate::mcp::uri::Uri;
use crate::time::Time;

fn compiled(source: &str) -> When {
    When::compile(source).unwrap_or_else(|faults| panic!("{source}: {faults:?}"))
}

/// 2026-11-20T23:06:27.5Z, a Friday.
const NOW: Time = Time::from_millis(1_795_215_987_500);

struct Case<'a> {
    target: Target,
    arguments: &'a str,
    claims: Option<&'a str>,
    full: bool,
}

impl Case<'_> {
    fn answer(&self, source: &str) -> Answer {
        let groups = ["dba".to_owned(), "ops".to_owned()];
        let scopes = ["mcp:read".to_owned()];
        let actors = [Actor { subject: Some("agent-7"), client: None }, Actor { subject: None, client: Some("portal") }];
        let full = self.full;
        let who = Who {
            user: "ann",
            subject: "s-1",
            issuer: "https://id.example.com",
            email: full.then_some("ann@example.com"),
            groups: &groups,
            client: full.then_some("cli"),
            scopes: &scopes,
            actors: &actors,
            claims: self.claims,
        };
        let circumstances = Circumstances {
            now: NOW,
            session: full.then_some("abc"),
            tls_version: full.then_some("TLSv1.3"),
            client_certificate: full.then_some("CN=agent"),
            past: None,
        };
        let call = Call { method: "tools/call", class: Class::Action, target: &self.target, arguments: Some(self.arguments) };
        compiled(source).answer(&Subject::new(who, &call, &circumstances))
    }
}

const ARGUMENTS: &str = r#"{
    "sql": "SELECT é", "n": 5, "neg": -3, "big": 18446744073709551615, "huge": 18446744073709551616, "far": 1e300, "d": 2.5, "five": 5.0,
    "yes": true, "nil": null, "list": [1, 2, 3], "names": ["a", "bb"], "nested": {"a": {"b": [1, {"c": 2}]}}, "empty": {},
    "mixed": [1, "a", null, 2.0], "ip": "10.1.2.3", "ip6": "::ffff:10.1.2.3", "host": "db.internal", "at": "2026-11-20T08:00:00+01:00",
    "for": "90m", "text-with-dash": "x", "min": -9223372036854775808, "zero": 0, "pad": "  x "
}"#;

fn answer(source: &str) -> Answer {
    let claims = Some(r#"{"amr":["pwd","mfa"],"acr":"high","level":3}"#);
    Case { target: Target::Tool("run_sql".into()), arguments: ARGUMENTS, claims, full: true }.answer(source)
}

#[test]
fn what_holds_holds() {
    for source in [
        "true",
        "args.sql.size() < 20000 && principal.mfa",
        "size(args.sql) == 8 && args.sql.startsWith('SELECT') && args.sql.endsWith('é') && args.sql.contains('ECT ')",
        "args.sql.matches('^SELECT') && matches(args.sql, r'\\bé$') && !args.sql.matches('(?i)drop')",
        "args.sql.glob('SELECT*') && !glob(args.sql, 'select*')",
        "args.n == 5 && args.n == 5u && args.n == 5.0 && args.five == 5 && args.n < args.big && args.neg < 0u && args.d > 2",
        "args.n + 1 == 6 && args.n - 6 == -1 && args.n * 2 == 10 && args.n / 2 == 2 && args.n % 2 == 1 && -args.n == -5 && args.neg / 2 == -1",
        "args.big == 18446744073709551615u && args.big > 9223372036854775807 && args.min == -9223372036854775808",
        "args.d + 0.5 == 3.0 && 1.0 / 0.0 > 1e308 && 0x10 == 16 && 1e3 == 1000 && .5 == 0.5",
        "args.nil == null && args.n != null && args.sql != 5 && !(args.sql == 5)",
        "args.list[0] == 1 && args.list[2u] == 3 && args.list == [1, 2, 3] && args.list != [1, 2] && 2 in args.list && !(7 in args.list)",
        "args.nested.a.b[1].c == 2 && args['nested']['a'] == {'b': [1, {'c': 2}]} && 'a' in args.nested",
        "has(args.sql) && !has(args.none) && !has(args.nested.x) && has(args.nil) && args['text-with-dash'] == 'x'",
        "args.list.all(x, x > 0) && args.list.exists(x, x == 2) && args.list.exists_one(x, x > 2) && !args.list.existsOne(x, x > 1)",
        "args.list.map(x, x * 2) == [2, 4, 6] && args.list.map(x, x > 1, x + 10) == [12, 13] && args.list.filter(x, x != 2) == [1, 3]",
        "args.nested.exists(k, k == 'a') && args.empty.all(k, false) && size(args.empty) == 0 && args.list.all(x, args.names.exists(y, y.size() <= x))",
        "args.mixed.exists(x, x == 'a') && args.mixed.exists(x, x + 'b' == 'ab') && !args.mixed.all(x, x == 1)",
        "args.none == 1 || args.n == 5",
        "!(args.none == 1 && args.n == 6)",
        "args.yes ? true : args.none",
        "args.names + ['c'] == ['a', 'bb', 'c'] && 'a' + 'b' == 'ab'",
        "principal.user == 'ann' && principal.subject == 's-1' && principal.email.endsWith('@example.com') && principal.client == 'cli'",
        "principal.issuer == 'https://id.example.com' && 'dba' in principal.groups && principal.groups.size() == 2",
        "principal.scopes.exists(s, s.startsWith('mcp:')) && principal.actors[0].subject == 'agent-7'",
        "principal.actors.exists(a, has(a.client) && a.client == 'portal') && !has(principal.actors[0].client)",
        "principal.claims.acr == 'high' && principal.claims.level >= 3 && !has(principal.claims.none)",
        "tool == 'run_sql' && method == 'tools/call' && has(target.tool) && !has(target.resource) && target.tool == tool",
        "session.id == 'abc' && tls.version == 'TLSv1.3' && tls.client_certificate.startsWith('CN=')",
        "now.getHours() == 23 && now.getDayOfWeek() == 5 && now.getHours('+02:00') == 1 && now.getDayOfWeek('+02:00') == 6",
        "now > timestamp('2026-01-01T00:00:00Z') && now - duration('90m') < now && now - timestamp(args.at) > duration('16h6m')",
        "timestamp(args.at).getHours() == 7 && duration(args['for']) == duration('1h30m') && duration('90m').getMinutes() == 90",
        "duration('1h') + duration('1m') > duration('1h') && int(now) == 1795215987 && timestamp(0) < now && now.getMilliseconds() == 500",
        "inCidr(args.ip, '10.0.0.0/8') && args.ip6.inCidr('10.0.0.0/8') && !inCidr(args.ip, 'fd00::/8')",
        "int('7') == 7 && uint(7) == 7u && double('2.5') == args.d && string(7) == '7' && int(2.9) == 2 && bool('true') && dyn(1) == 1",
        "args.sql.lowerAscii() == 'select é' && args.sql.upperAscii() == args.sql && args.pad.trim() == 'x'",
        "'\\u00e9\\x41\\101\\n' == \"éAA\\n\" && r'\\n' == '\\\\n' && '''a\n'b''' == \"a\\n'b\"",
        "// words to the reader\ntrue",
        "{1: 'a', 'b': 2}[1] == 'a' && {true: 1}[true] == 1 && {1: 'x'}[1u] == 'x'",
        "false < true && 'a' < 'b' && null == null && [] == [] && {} == {}",
    ] {
        assert_eq!(answer(source).met, Met::Yes, "{source}: {:?}", answer(source).because);
        if !source.starts_with("//") {
            assert_eq!(answer(&format!("!({source})")).met, Met::No, "{source}");
        }
    }
}

/// Neither true nor false, and said why, without a value of the call.
#[test]
fn what_goes_wrong_is_unsure() {
    for (source, because) in [
        ("args.none == 1", "no such key `none`"),
        ("args.nested.a.none.x == 1", "no such key `none`"),
        ("has(args.none.x)", "no such key `none`"),
        ("args[args.sql] == 1", "no such key"),
        ("args.list[3] == 1", "no such element"),
        ("args.list[-1] == 1", "no such element"),
        ("args.list[args.big] == 1", "no such element"),
        ("args.sql.x == 1", "`.` does not go with the types of these values"),
        ("args.nil.x == 1", "`.` does not go with the types of these values"),
        ("args.n + 1.5 > 1.0", "`+` does not go with the types of these values"),
        ("args.n && true", "`&&` does not go with the types of these values"),
        ("args.n", "the result is neither true nor false"),
        ("args.sql < 1", "`<` does not go with the types of these values"),
        ("args.n.size() > 1", "`this function` does not go with the types of these values"),
        ("args.n / args.zero == 1", "division by zero"),
        ("args.n % args.zero == 1", "division by zero"),
        ("args.min / -1 == 1", "a number or a time is out of range"),
        ("args.min % -1 == 1", "a number or a time is out of range"),
        ("-args.min > 0", "a number or a time is out of range"),
        ("args.min - 1 < 0", "a number or a time is out of range"),
        ("args.min * args.min > 0", "a number or a time is out of range"),
        ("args.big + 1u > 0u", "a number or a time is out of range"),
        ("args.huge > 0", "a number is too large to be exact"),
        ("args.far > 0.0", "a number is too large to be exact"),
        ("int(args.big) > 0", "a number or a time is out of range"),
        ("int(1e30) > 0", "a number or a time is out of range"),
        ("int(0.0 / 0.0) > 0", "a number or a time is out of range"),
        ("uint(args.neg) > 0u", "a number or a time is out of range"),
        ("uint(-0.5) > 0u", "a number or a time is out of range"),
        ("int(args.sql) > 0", "a text is not an int"),
        ("timestamp(args.sql) > now", "a text is not a time"),
        ("timestamp(args.min) > now", "a number or a time is out of range"),
        ("duration(args.sql) > duration('1s')", "a text is not a duration"),
        ("timestamp('9999-12-31T23:59:59Z') + duration('1s') > now", "a number or a time is out of range"),
        ("timestamp('9999-12-31T23:59:59Z') - timestamp('0001-01-01T00:00:00Z') > duration('1s')", "a number or a time is out of range"),
        ("duration('2562047h') + duration('2562047h') > duration('1s')", "a number or a time is out of range"),
        ("now.getHours(args.sql) > 1", "a text is not an offset from UTC"),
        ("inCidr(args.host, '10.0.0.0/8')", "a text is not an IP address"),
        ("resource.startsWith('file:')", "the call has no `resource`"),
        ("target.prompt == 'x'", "no such key `prompt`"),
        ("args.mixed.all(x, x + 1 > 0)", "`+` does not go with the types of these values"),
        ("args.mixed.filter(x, x > 1).size() > 0", "`>` does not go with the types of these values"),
        ("{args.sql: 1, args.sql: 2}.size() == 1", "a map has a key twice"),
        ("args.sql.all(x, true)", "`this macro` does not go with the types of these values"),
        ("principal.actors[0].client == 'x'", "no such key `client`"),
        ("principal.claims.none == 1", "no such key `none`"),
    ] {
        let Answer { met, because: said } = answer(source);
        assert_eq!((met, said), (Met::Unsure, Some(format!("`when`: {because}"))), "{source}");
    }
}

#[test]
fn what_a_call_or_a_token_lacks_is_unsure() {
    let bare = Case { target: Target::None, arguments: "{}", claims: None, full: false };
    for source in [
        "principal.mfa",
        "!principal.mfa",
        "has(principal.claims.x)",
        "principal.email == 'a'",
        "principal.client != 'x'",
        "tool != 'x'",
        "prompt != 'x'",
        "session.id == 'x'",
        "tls.version == 'TLSv1.3'",
        "tls.client_certificate != ''",
    ] {
        assert_eq!(bare.answer(source).met, Met::Unsure, "{source}");
    }
    for source in ["!has(principal.email)", "!has(tls.version) && !has(session.id) && !has(target.tool)", "!has(principal.claims)"] {
        assert_eq!(bare.answer(source).met, Met::Yes, "{source}");
    }
    for (claims, met) in [(r#"{"amr":["otp"]}"#, Met::No), ("{}", Met::No), (r#"{"amr":"mfa"}"#, Met::No), (r#"{"amr":["mfa"]}"#, Met::Yes)]
    {
        let case = Case { claims: Some(claims), ..Case { target: Target::None, arguments: "{}", claims: None, full: false } };
        assert_eq!(case.answer("principal.mfa").met, met, "{claims}");
    }
}

/// As with `resources`: a rule that denies needs one reading of the address to match, one that allows all of them.
#[test]
fn an_address_must_mean_the_same_in_every_reading() {
    let uri = |text: &str| Uri::parse(text).unwrap();
    let about = |target: Target, source: &str| Case { target, arguments: "{}", claims: None, full: true }.answer(source).met;
    let within = "resource.startsWith('file:///srv/')";
    assert_eq!(about(Target::Resource(uri("file:///srv/a")), within), Met::Yes);
    assert_eq!(about(Target::Resource(uri("file:///etc/passwd")), within), Met::No);
    assert_eq!(about(Target::Resource(uri("file:///srv/../etc/passwd")), within), Met::Unsure);
    assert_eq!(about(Target::Resource(uri("file:///srv/%2e%2e/etc/passwd")), "target.resource.startsWith('file:///srv/')"), Met::Unsure);
    assert_eq!(about(Target::Resource(uri("file:///srv/../etc/passwd")), "method == 'tools/call'"), Met::Yes);
    assert_eq!(about(Target::Resources(vec![uri("file:///srv/a"), uri("file:///srv/b")]), within), Met::Yes);
    assert_eq!(about(Target::Resources(vec![uri("file:///srv/a"), uri("file:///etc/b")]), within), Met::Unsure);
    assert_eq!(about(Target::Resources(Vec::new()), within), Met::Unsure);
}

#[test]
fn mistakes_are_told_with_their_column() {
    for (source, expected) in [
        ("", vec!["column 1: a value was expected here, not the end"]),
        ("args.sql.size() <", vec!["column 18: a value was expected here, not the end"]),
        ("(true", vec!["column 6: `)` was expected here, not the end"]),
        ("true false", vec!["column 6: an operator or the end was expected here, not `false`"]),
        ("args.n = 5", vec!["column 8: `=` is no operator; `==` compares"]),
        ("args.x == 'a", vec!["column 11: the text has no closing quote"]),
        ("'\\q' == tool", vec!["column 1: `\\q` is no escape; write `\\\\` for a backslash, or put `r` before the quotes"]),
        ("'é' == tool && args.n # 2", vec!["column 23: `#` has no meaning here"]),
        ("true &&\n  args.n > 99999999999999999999", vec!["line 2, column 12: the number is too large"]),
        ("5x == 5", vec!["column 1: a number runs into a name"]),
        ("args.in == 1", vec!["column 6: `in` cannot follow a dot; write `[\"in\"]`"]),
        ("if == 1", vec!["column 1: `if` is a reserved word"]),
        ("Point{x: 1} == 1", vec!["column 6: messages are not supported; a map is written `{\"key\": value}`"]),
        ("b'x' == args.x", vec!["column 1: bytes are not supported: arguments are JSON, which has none"]),
        ("args.?x == 1", vec!["column 5: `.?` is not supported; ask with `has(..)`"]),
        ("args.n == 5 && arg.n == 1", vec!["column 16: unknown variable `arg`; did you mean `args`?"]),
        (
            "foo",
            vec!["column 1: unknown variable `foo`; there are principal, tool, resource, prompt, target, method, args, session, now, tls"],
        ),
        ("principal.grups == []", vec!["column 11: principal has no `grups`; did you mean `groups`?"]),
        ("tls.cipher == ''", vec!["column 5: tls has no `cipher`; there are version, client_certificate"]),
        ("has(session.user)", vec!["column 13: session has no `user`; there are id"]),
        ("tool.size == 1", vec!["column 6: `.size`: a string has no members"]),
        ("args.sql.startWith('x')", vec!["column 10: unknown function `startWith`; did you mean `startsWith`?"]),
        ("args.sql.startsWith()", vec!["column 10: `startsWith` takes 1 arguments, not 0"]),
        ("contains(args.sql, 'x')", vec!["column 1: `contains` is written `x.contains(..)`"]),
        ("args.n.int() == 1", vec!["column 8: `int` is written `int(x)`"]),
        ("now.size() == 1", vec!["column 5: `size` does not go with a timestamp"]),
        ("tool.contains(5)", vec!["column 6: `contains` does not go with a string and an int"]),
        ("tool", vec!["column 1: the whole must be true or false; this is a string"]),
        ("now", vec!["column 1: the whole must be true or false; this is a timestamp"]),
        ("tool && method == 'x'", vec!["column 1: `&&` needs true or false; this is a string"]),
        ("!tool", vec!["column 2: `!` needs true or false; this is a string"]),
        ("tool == 5", vec!["column 6: a string never equals an int"]),
        ("principal == null", vec!["column 11: a principal never equals null"]),
        ("tool < 5", vec!["column 6: `<` does not go with a string and an int"]),
        ("tool + 5 == 'x'", vec!["column 6: `+` does not go with a string and an int"]),
        ("1 + 1.0 == 2.0", vec!["column 3: `+` does not go with an int and a double"]),
        ("'x' in tool", vec!["column 5: `in` does not go with a string and a string"]),
        ("5 in principal.groups", vec!["column 3: `in` does not go with an int and a list(string)"]),
        ("-tool == 'x'", vec!["column 1: `-` needs a number; this is a string"]),
        ("principal['user'] == 'x'", vec!["column 10: a member of `principal` is written with a dot"]),
        ("principal.groups['x'] == 'x'", vec!["column 17: a list is indexed by a number, not by a string"]),
        ("tool.all(x, true)", vec!["column 1: `all` needs a list or a map; this is a string"]),
        ("args.l.all(x)", vec!["column 8: `all` is written `list.all(name, expression)`"]),
        ("args.l.all(5, true)", vec!["column 12: `all` needs a name here, such as `item`"]),
        ("args.l.all(args, true)", vec!["column 12: `args` is a variable already; choose another name"]),
        ("args.l.all(x, 5)", vec!["column 15: `all` needs true or false; this is an int"]),
        (
            "args.l.all(x, y)",
            vec!["column 15: unknown variable `y`; there are principal, tool, resource, prompt, target, method, args, session, now, tls"],
        ),
        ("args.l.all(x, x.all(y, y.all(z, z)))", vec!["column 26: more than 2 macros within each other"]),
        ("has(args)", vec!["column 1: `has` asks for one member, such as `has(args.sql)`"]),
        ("args.sql.matches(args.pattern)", vec!["column 23: the pattern of `matches` must be a literal: a text in quotes"]),
        ("inCidr(args.ip, 'ten')", vec!["column 17: a network is written like `10.0.0.0/8` or `fd00::/8`"]),
        ("now > timestamp('yesterday')", vec!["column 17: a time is written like `2026-11-20T08:00:00Z`"]),
        ("now.getHours('Europe/Berlin') > 8", vec!["column 14: time zones are not supported; write the offset, such as `+02:00`"]),
        ("duration('1d') > duration('1s')", vec!["column 10: a duration is written like `90m`, `1h30m` or `-1.5s`"]),
        // All at once.
        (
            "toool == 'x' || principal.x || f(1)",
            vec![
                "column 1: unknown variable `toool`; did you mean `tool`?",
                "column 27: principal has no `x`; there are user, subject, issuer, email, groups, client, scopes, actors, mfa, claims",
                "column 32: unknown function `f`",
            ],
        ),
    ] {
        assert_eq!(When::compile(source).unwrap_err(), expected, "{source}");
    }
    for (source, begins) in [
        ("args.x.matches('(')", "column 16: not a regular expression: "),
        ("args.x.matches('(a{1000}){1000}')", "column 16: the pattern compiles to more than 256 KiB"),
    ] {
        let faults = When::compile(source).unwrap_err();
        assert!(faults.len() == 1 && faults[0].starts_with(begins), "{faults:?}");
    }
}

/// Depth is an operator's mistake, told before anything is evaluated; length alone is none.
#[test]
fn deep_expressions_are_refused_and_long_ones_are_not() {
    let nested = |open: &str, close: &str, count: usize| format!("{}true{}", open.repeat(count), close.repeat(count));
    for source in [
        nested("(", ")", 4_000),
        nested("!", "", 8_000),
        nested("[", "]", 4_000),
        nested("{1:", "}", 2_000),
        nested("size(", ")", 1_000),
        nested("(true ? ", "", 1_000),
        nested("false ? true : ", "", 500),
        nested("-", "", 8_000),
        format!("args{} == 1", ".a".repeat(3_000)),
        format!("args{} == 1", "[0]".repeat(2_000)),
        format!("1{} == 1", " + 1".repeat(1_500)),
    ] {
        let faults = When::compile(&source).unwrap_err();
        assert!(faults.len() == 1 && faults[0].contains("nested more than"), "{faults:?}");
    }
    assert!(When::compile(&"x".repeat(9_000)).unwrap_err()[0].contains("longer than 8192 bytes"));
    assert_eq!(answer(&nested("(", ")", 40)).met, Met::Yes);
    assert_eq!(answer(&format!("true{}", " && true".repeat(900))).met, Met::Yes);
    assert_eq!(answer(&format!("false{} || true", " || false".repeat(700))).met, Met::Yes);
}

fn long_list(count: usize) -> String {
    let mut list = String::from("{\"list\":[0");
    (1..count).for_each(|number| write!(list, ",{}", number % 10).unwrap());
    list + "]}"
}

/// Calls that would take long are not evaluated to their end, whatever the expression makes of them.
#[test]
fn what_takes_too_long_is_unsure() {
    let body = long_list(500_000);
    let text = json!({ "text": "é".repeat(500_000), "list": vec!["x"; 4000] }).to_string();
    let members = format!("{{\"map\":{{{}}}}}", (0..60_000).map(|n| format!("\"k{n}\":1")).collect::<Vec<_>>().join(","));
    let made = "{'0': 0, '1': 1, '2': 2, '3': 3, '4': 4, '5': 5, '6': 6, '7': 7, '8': 8, '9': 9}";
    for (arguments, source) in [
        (&body, "args.list.all(x, x >= 0)".to_owned()),
        (&body, "args.list.exists(x, x > 10)".to_owned()),
        (&body, "args.list.exists(x, args.list.exists(y, x + y > 100))".to_owned()),
        (&body, "args.list.all(x, args.list.all(y, x + y < 100)) || true".to_owned()),
        (&body, "args.list.map(x, [x]).size() > 0".to_owned()),
        (&body, "(args.list + args.list).size() > 0".to_owned()),
        (&body, "11 in args.list".to_owned()),
        (&body, "args.list == args.list".to_owned()),
        (&body, format!("args.list.exists_one(x, {made}[string(x)] == 3)")),
        (&members, "args.map.exists(k, k == 'x')".to_owned()),
        (&members, "args.map == args.map".to_owned()),
        (&text, r"args.text.matches(r'\bx\b')".to_owned()),
        (&text, "args.text.glob('*é*é*é*x')".to_owned()),
        (&text, "args.list.map(x, args.text + x).size() > 0".to_owned()),
        (&text, "args.list.exists(x, args.text.contains(x))".to_owned()),
        (&text, "args.list.exists(x, args.text.size() == 1)".to_owned()),
        (&text, "args.list.exists(x, args.text < args.text)".to_owned()),
        (&text, "args.list.all(x, args.text == args.text)".to_owned()),
    ] {
        let case = Case { target: Target::None, arguments, claims: None, full: true };
        let Answer { met, because } = case.answer(&source);
        assert_eq!((met, because.as_deref()), (Met::Unsure, Some("`when`: these arguments take too many steps")), "{source}");
    }
    // What is long but cheap is done.
    for (arguments, source) in [
        (&body, "args.list.size() == 500000 && args.list[499999] == 9 && args.list.exists(x, x == 7)"),
        (&text, "args.text.size() == 500000 && !args.text.contains('x') && args.list.all(x, x == 'x')"),
        (&text, "args.text == args.text && args.text.startsWith('é') && args.list.size() == 4000"),
    ] {
        let case = Case { target: Target::None, arguments, claims: None, full: true };
        assert_eq!(case.answer(source).met, Met::Yes, "{source}");
    }
}

/// What a message of the greatest depth holds is compared and dropped on a small stack.
#[test]
fn deep_arguments_are_compared() {
    let depth = crate::limits::JSON_DEPTH;
    let arguments = format!("{{\"a\":{}{}}}", "[".repeat(depth), "]".repeat(depth));
    let run = move || {
        let case = Case { target: Target::None, arguments: &arguments, claims: None, full: true };
        case.answer("args.a == args.a && [args.a] != args.a && args == {'a': args.a}").met
    };
    let thread = std::thread::Builder::new().stack_size(512 * 1024).spawn(run).unwrap();
    assert_eq!(thread.join().unwrap(), Met::Yes);
}
