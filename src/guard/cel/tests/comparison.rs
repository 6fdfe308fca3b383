//! The evaluator beside the crate `cel`, and texts of any kind.

use super::*;

/// Makes expressions of choices: mostly of types that go together, so that most have a value.
struct Maker<'a> {
    choices: &'a [u8],
    /// Whether a macro gives `x`, a number.
    within: usize,
}

impl Maker<'_> {
    fn choose(&mut self, count: usize) -> usize {
        let Some((first, rest)) = self.choices.split_first() else { return 0 };
        self.choices = rest;
        usize::from(*first) % count
    }

    fn pick<'p>(&mut self, from: &[&'p str]) -> &'p str {
        from[self.choose(from.len())]
    }

    fn truth(&mut self, depth: usize) -> String {
        if depth == 0 {
            return self.pick(&["true", "false", "args.yes", "args.any"]).to_owned();
        }
        let depth = depth - 1;
        match self.choose(14) {
            0 => self.pick(&["true", "false", "args.yes", "args.any"]).to_owned(),
            1 => format!("({} && {})", self.truth(depth), self.truth(depth)),
            2 => format!("({} || {})", self.truth(depth), self.truth(depth)),
            3 => format!("!{}", self.truth(depth)),
            4 => format!("({} {} {})", self.number(depth), self.pick(&["==", "!=", "<", "<=", ">", ">="]), self.number(depth)),
            5 => format!("({} {} {})", self.text(depth), self.pick(&["==", "!=", "<", "<=", ">", ">="]), self.text(depth)),
            6 => format!("({} {} {})", self.list(depth), self.pick(&["==", "!="]), self.list(depth)),
            7 => format!("({} in {})", self.number(depth), self.list(depth)),
            8 => format!("{}.{}({})", self.text(depth), self.pick(&["contains", "startsWith", "endsWith"]), self.text(depth)),
            9 => format!("({} ? {} : {})", self.truth(depth), self.truth(depth), self.truth(depth)),
            10 | 11 if self.within < 2 => {
                let (list, name) = (self.list(depth), self.pick(&["all", "exists", "exists_one", "existsOne"]));
                self.within += 1;
                let made = format!("{list}.{name}({}, {})", self.local(), self.truth(depth));
                self.within -= 1;
                made
            }
            12 => format!("has(args.{})", self.pick(&["yes", "none", "map", "any"])),
            _ => format!("({} {} {})", self.anything(depth), self.pick(&["==", "!="]), self.anything(depth)),
        }
    }

    fn local(&self) -> &'static str {
        if self.within == 1 { "x" } else { "y" }
    }

    fn anything(&mut self, depth: usize) -> String {
        match self.choose(4) {
            0 => self.pick(&["args.any", "args.map", "null", "args.map.a", "{'a': 1, 'b': [args.any]}"]).to_owned(),
            1 => format!("dyn({})", self.number(depth)),
            2 => format!("dyn({})", self.text(depth)),
            _ => format!("dyn({})", self.list(depth)),
        }
    }

    fn number(&mut self, depth: usize) -> String {
        let leaves = ["args.n", "args.m", "args.d", "0", "1", "-7", "9223372036854775807", "-9223372036854775808", "2.5", "3u", "x", "y"];
        if depth == 0 {
            return self.pick(&leaves[..10 + self.within]).to_owned();
        }
        let depth = depth - 1;
        match self.choose(8) {
            0 => format!("({} {} {})", self.number(depth), self.pick(&["+", "-", "*", "/", "%"]), self.number(depth)),
            1 => format!("{}.size()", self.text(depth)),
            2 => format!("size({})", self.list(depth)),
            3 => format!("{}[{}]", self.list(depth), self.pick(&["0", "1", "args.n"])),
            // Not `double`: the other interpreter rounds an int to compare it with a double.
            4 => format!("{}({})", self.pick(&["int", "uint"]), self.number(depth)),
            5 => format!("({} ? {} : {})", self.truth(depth), self.number(depth), self.number(depth)),
            6 => format!("int({})", self.text(depth)),
            _ => self.pick(&leaves[..10 + self.within]).to_owned(),
        }
    }

    fn text(&mut self, depth: usize) -> String {
        match self.choose(if depth == 0 { 1 } else { 4 }) {
            1 => format!("({} + {})", self.text(depth - 1), self.text(depth - 1)),
            2 => format!("string({})", self.pick(&["args.n", "args.t", "true", "7u", "args.m"])),
            _ => self.pick(&["args.t", "args.s", "''", "'a'", "'é'", "\"\\u00e9b\"", "r'\\'", "'-7'"]).to_owned(),
        }
    }

    fn list(&mut self, depth: usize) -> String {
        if depth == 0 {
            return self.pick(&["args.l", "args.k", "[]", "[1, 2]"]).to_owned();
        }
        let depth = depth - 1;
        match self.choose(6) {
            0 => format!("({} + {})", self.list(depth), self.list(depth)),
            1 => format!("[{}, {}]", self.number(depth), self.number(depth)),
            2 | 3 if self.within < 2 => {
                let (list, what) = (self.list(depth), self.choose(3));
                self.within += 1;
                let local = self.local();
                let made = match what {
                    0 => format!("{list}.map({local}, {})", self.number(depth)),
                    1 => format!("{list}.map({local}, {}, {})", self.truth(depth), self.number(depth)),
                    _ => format!("{list}.filter({local}, {})", self.truth(depth)),
                };
                self.within -= 1;
                made
            }
            _ => self.pick(&["args.l", "args.k", "[]", "[1, 2]", "args.map.b"]).to_owned(),
        }
    }
}

fn expressions() -> impl Strategy<Value = String> {
    prop::collection::vec(any::<u8>(), 0..80).prop_map(|choices| Maker { choices: &choices, within: 0 }.truth(4))
}

fn values() -> impl Strategy<Value = Json> {
    let leaf = prop_oneof![
        Just(Json::Null),
        any::<bool>().prop_map(Json::from),
        (-3_i64..4).prop_map(Json::from),
        any::<i64>().prop_map(Json::from),
        any::<u64>().prop_map(Json::from),
        (-4_i32..5).prop_map(|halves| Json::from(f64::from(halves) / 2.0)),
        any::<f64>().prop_map(|number| json!(number)),
        "[abé]{0,4}".prop_map(Json::from),
    ];
    leaf.prop_recursive(3, 24, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Json::from),
            prop::collection::btree_map("[abc]", inner, 0..3).prop_map(|members| json!(members)),
        ]
    })
}

fn arguments() -> impl Strategy<Value = Json> {
    let numbers = (-3_i64..4, prop_oneof![any::<i64>().prop_map(Json::from), any::<u64>().prop_map(Json::from)], -4_i32..5);
    let lists = (prop::collection::vec(-2_i64..3, 0..4), prop::collection::vec(0_i64..9, 0..4));
    (any::<bool>(), values(), values(), numbers, ("[abé7-]{0,3}", "[abé]{0,2}"), lists).prop_map(
        |(yes, any, b, (n, m, d), (t, s), (l, k))| {
            let map = json!({ "a": any, "b": b });
            json!({ "yes": yes, "any": any, "map": map, "n": n, "m": m, "d": f64::from(d) / 2.0, "t": t, "s": s, "l": l, "k": k })
        },
    )
}

fn theirs(value: &Json) -> cel::Value {
    match value {
        Json::Null => cel::Value::Null,
        Json::Bool(value) => (*value).into(),
        Json::Number(number) => match (number.as_i64(), number.as_u64()) {
            (Some(int), _) => int.into(),
            (None, Some(uint)) => uint.into(),
            (None, None) => number.as_f64().unwrap().into(),
        },
        Json::String(text) => text.as_str().into(),
        Json::Array(items) => items.iter().map(theirs).collect::<Vec<_>>().into(),
        Json::Object(members) => members.iter().map(|(key, value)| (key.as_str(), theirs(value))).collect::<HashMap<_, _>>().into(),
    }
}

/// What the crate `cel` makes of it; nothing when that is an error or no bool.
fn reference(source: &str, arguments: &Json) -> Option<bool> {
    let program = cel::Program::compile(source).ok()?;
    let mut context = cel::Context::default();
    context.add_variable_from_value("args", theirs(arguments));
    match program.execute(&context) {
        Ok(cel::Value::Bool(truth)) => Some(truth),
        _ => None,
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(1_500) })]

    /// Where both know an answer it is the same.
    #[test]
    fn answers_are_those_of_another_interpreter(source in expressions(), arguments in arguments()) {
        let Ok(when) = When::compile(&source) else { return Ok(()) };
        let text = arguments.to_string();
        let case = Case { target: Target::None, arguments: &text, claims: None, full: true };
        let Answer { met, because } = case.answer(&source);
        prop_assert_eq!(because.is_some(), met != Met::No);
        drop(when);
        if let (Some(theirs), false) = (reference(&source, &arguments), met == Met::Unsure) {
            prop_assert_eq!(met, Met::from_bool(theirs), "{} over {}", source, text);
        }
    }

    /// No text makes the compiler panic, and each mistake has a place in it.
    #[test]
    fn any_text_is_compiled_or_refused(source in "[a-c .()\\[\\]{}'\"\\\\0-9xue+*/%!<>=&|?:,\n-]{0,40}") {
        if let Err(faults) = When::compile(&source) {
            prop_assert!(!faults.is_empty());
            prop_assert!(faults.iter().all(|fault| fault.contains("column ")));
        }
    }

    #[test]
    fn any_text_at_all_is_compiled_or_refused(source in "\\PC{0,30}") {
        let _ = When::compile(&source);
    }
}
