//! Bodies for benches, made from a seed: what servers answer, and what somebody would answer who wants a filter to be slow.

#![expect(clippy::expect_used, clippy::panic, clippy::indexing_slicing, reason = "a bench that cannot go on stops")]
#![allow(dead_code, reason = "no bench needs all of it")]

use portcullis::mask::{Form, Masking, Profile};
use portcullis::policy::value::Pattern;
use portcullis::policy::{Detector, FieldPath, MaskRule, Operator};

pub const BODY_BYTES: usize = 2 * 1024 * 1024;

/// All built-in families, two fields and a pattern: what a careful policy has.
pub fn profile() -> Profile {
    let rule = |id: &str, detect: &[Detector]| MaskRule {
        id: id.to_owned(),
        detect: detect.to_vec(),
        fields: Vec::new(),
        pattern: None,
        then: Operator::Replace,
        scope: portcullis::policy::MaskScope::default(),
        remote: None,
        alert: false,
    };
    let field = |path: &str| FieldPath(path.split('.').map(str::to_owned).collect());
    let rules = [
        rule("pii", &[Detector::CreditCard, Detector::UsSsn, Detector::Iban, Detector::Email]),
        rule("keys", &[Detector::Secrets]),
        MaskRule { fields: vec![field("password"), field("*.ssn")], ..rule("fields", &[]) },
        MaskRule { pattern: Some(Pattern::parse(r"ACME-[A-Z]{3}-\d{6}").expect("a pattern")), ..rule("codes", &[]) },
    ];
    let masking = Masking::compile(&rules).unwrap_or_else(|mistakes| panic!("{mistakes:?}"));
    masking.whole()
}

/// Every family there is, and as many fields.
pub fn everything() -> Profile {
    let fields = ["password", "ssn", "user.*.pin", "data.value", "*.id"];
    let rule = MaskRule {
        id: "all".to_owned(),
        detect: Detector::ALL.to_vec(),
        fields: fields.map(|path| FieldPath(path.split('.').map(str::to_owned).collect())).to_vec(),
        pattern: Some(Pattern::parse(r"(?i)project-[a-z]{4,}|CASE \d{8}").expect("a pattern")),
        then: Operator::Replace,
        scope: portcullis::policy::MaskScope::default(),
        remote: None,
        alert: false,
    };
    Masking::compile(&[rule]).unwrap_or_else(|mistakes| panic!("{mistakes:?}")).whole()
}

pub fn bodies(random: &mut Random) -> Vec<(&'static str, Form, Vec<u8>)> {
    let messages = fill(|text| text.push_str(&message(random)));
    let typical = format!("[{}]", messages.join(","));
    let events: String = messages.iter().map(|message| format!("event: message\nid: 1\ndata: {message}\n\n")).collect();
    let of_kind = |kind: usize| {
        let mut random = Random(0x9E37_79B9_7F4A_7C15);
        format!("[{}]", fill(|text| text.push_str(&message_of(&mut random, kind))).join(",")).into_bytes()
    };
    let one = |text: String| serde_json::json!({ "result": { "content": [{ "type": "text", "text": text }] } }).to_string();
    let spam = |unit: &str| one(unit.repeat(BODY_BYTES / unit.len()));
    let made = |random: &mut Random, from: &[u8]| one(random.text(from, BODY_BYTES));
    let dense = "jo@example.com paid 4242 4242 4242 4242, ssn 078-05-1123, from DE89370400440532013000; ".to_owned();
    let numbers: Vec<String> = (0..BODY_BYTES / 12)
        .map(|_| {
            let len = 1 + random.below(18);
            random.text(b"123456789", len)
        })
        .collect();
    let members: Vec<String> = (0..BODY_BYTES / 14).map(|number| format!("\"k{number}\":\"v\",")).collect();
    vec![
        ("typical, JSON", Form::Json, typical.clone().into_bytes()),
        ("typical, SSE", Form::Sse, events.into_bytes()),
        ("typical, JSON in JSON", Form::Json, one(typical).into_bytes()),
        ("kind: source", Form::Json, of_kind(0)),
        ("kind: rows", Form::Json, of_kind(4)),
        ("kind: logs", Form::Json, of_kind(7)),
        ("kind: images", Form::Json, of_kind(9)),
        ("dense with findings", Form::Json, spam(&dense).into_bytes()),
        ("numbers", Form::Json, format!("[{}]", numbers.join(",")).into_bytes()),
        ("digits", Form::Json, made(random, b"0123456789").into_bytes()),
        ("digits and spaces", Form::Json, made(random, b"0123456789 - ").into_bytes()),
        ("base64url", Form::Json, made(random, b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_").into_bytes()),
        ("printable", Form::Json, made(random, &(b' '..=b'~').filter(|byte| !b"\"\\".contains(byte)).collect::<Vec<_>>()).into_bytes()),
        ("heads of secrets", Form::Json, spam(concat!("AK", "IA gh", "p_ xo", "xb- sk_", "live_ AI", "za ey", "J secret=")).into_bytes()),
        ("a@b.c a@b.c", Form::Json, spam("a@b.c ").into_bytes()),
        ("aaaa@aaaa@", Form::Json, spam(&format!("{}@", "a".repeat(63))).into_bytes()),
        ("@@@@", Form::Json, spam("@").into_bytes()),
        ("GB82WEST", Form::Json, spam("GB82 WEST 1234 5698 7654 31 ").into_bytes()),
        ("postgres://a:b:c", Form::Json, spam("postgres://a:b:c").into_bytes()),
        ("token heads, .ey", Form::Json, spam(&format!("{}.ey", "a".repeat(400))).into_bytes()),
        ("eyJ headers", Form::Json, spam(&format!("eyJ{} ", "a".repeat(500))).into_bytes()),
        ("key heads", Form::Json, spam(&format!("{0}BEGIN PRIVATE KEY{0} ", "-".repeat(5))).into_bytes()),
        ("escapes", Form::Json, spam("\n\t\"\u{1}").into_bytes()),
        ("escapes, deeper", Form::Json, one(one(one("\n\t\"\u{1}".repeat(BODY_BYTES / 48)))).into_bytes()),
        ("backslashes", Form::Json, spam("\\").into_bytes()),
        ("{ { {", Form::Json, spam("{ {\"").into_bytes()),
        ("tiny strings", Form::Json, format!("[{}\"\"]", "\"a\",".repeat(BODY_BYTES / 4)).into_bytes()),
        ("tiny strings in JSON", Form::Json, one(format!("[{}\"\"]", "\"a\",".repeat(BODY_BYTES / 6))).into_bytes()),
        ("brackets", Form::Json, format!("[{}[]]", "[{}],".repeat(BODY_BYTES / 5)).into_bytes()),
        ("many keys", Form::Json, format!("{{{}\"x\":0}}", members.concat()).into_bytes()),
        ("names of secrets", Form::Json, format!("{{{}\"x\":0}}", "\"password\":\"\",\"ssn\":1,".repeat(BODY_BYTES / 22)).into_bytes()),
        ("%41", Form::Json, spam("%41%20").into_bytes()),
        ("&#65;", Form::Json, spam("&#65;&amp;").into_bytes()),
        ("full-width digits", Form::Json, spam("４２ ").into_bytes()),
        ("zero-width characters", Form::Json, spam("4\u{200b}2\u{200b}").into_bytes()),
        ("accents on digits", Form::Json, spam("4\u{301}").into_bytes()),
        ("base64 of text", Form::Json, spam("bm90aGluZyB0byBiZSBmb3VuZCBoZXJl ").into_bytes()),
        ("base64 in lines", Form::Json, spam(&format!("{}\n", "bm90aGluZyB0byBiZSBm".repeat(3))).into_bytes()),
        ("1e7,", Form::Json, one(format!("[{}1]", "1e7,".repeat(BODY_BYTES / 4))).into_bytes()),
        ("12.5,1e3,-0.25,", Form::Json, one(format!("[{}1]", "12.5,1e3,-0.25,1E+2,".repeat(BODY_BYTES / 20))).into_bytes()),
        ("1.234e5,", Form::Json, one(format!("[{}1]", "1.234e5,".repeat(BODY_BYTES / 8))).into_bytes()),
        ("[[[", Form::Json, spam("[[[").into_bytes()),
        ("{}{}", Form::Json, spam("{}").into_bytes()),
        ("{\"a\":{\"a\":", Form::Json, spam("{\"a\":{\"a\":").into_bytes()),
        ("{\"a\":[{\"b\":1}, ", Form::Json, spam("{\"a\":[{\"b\":1}, ").into_bytes()),
        (
            "named members",
            Form::Json,
            format!("[{}1]", "{\"password\":\"x1\",\"user\":{\"ssn\":\"y\"}},".repeat(BODY_BYTES / 40)).into_bytes(),
        ),
        ("in a named member", Form::Json, format!("{{\"password\":[{}1]}}", "{\"a\":1},".repeat(BODY_BYTES / 8)).into_bytes()),
        ("names and values", Form::Json, spam("token: x1, password=y2; ").into_bytes()),
        ("long values of names", Form::Json, spam("apiKey:").into_bytes()),
        ("values within values", Form::Json, spam("AccountKey=1").into_bytes()),
        ("quoted values within values", Form::Json, spam("{\"pwd=\":1},").into_bytes()),
        ("names and blanks", Form::Json, spam("pwd ").into_bytes()),
        ("numbers and words", Form::Json, spam("123456789\\").into_bytes()),
        ("telephone numbers", Form::Json, spam("347 1234567\\").into_bytes()),
        ("short strings with names", Form::Json, format!("[{}1]", "\"token: \",".repeat(BODY_BYTES / 10)).into_bytes()),
        ("short strings with escapes", Form::Json, format!("[{}1]", "\"mailgun\\\\\",".repeat(BODY_BYTES / 12)).into_bytes()),
        ("short strings of other names", Form::Json, format!("[{}1]", numbered(12, |number| format!("\"token{number}: \","))).into_bytes()),
        ("members with escapes", Form::Json, format!("{{{}\"x\":0}}", "\"mailgun\\\\\":1,".repeat(BODY_BYTES / 14)).into_bytes()),
        ("tokens of dots", Form::Json, spam("t1..").into_bytes()),
        ("long tokens", Form::Json, spam(&["gl", "pat-"].concat()).into_bytes()),
        ("lines of two bytes", Form::Sse, "\\u\n".repeat(BODY_BYTES / 3).into_bytes()),
        ("lines of eight bytes", Form::Sse, "\\u0041ab\n".repeat(BODY_BYTES / 9).into_bytes()),
        ("lines of other escapes", Form::Sse, numbered(12, |number| format!("\\u0041{number}\n")).into_bytes()),
        ("events of one byte", Form::Sse, "data: 1\n\n".repeat(BODY_BYTES / 9).into_bytes()),
        ("prose of other scripts", Form::Json, spam("Москва – столица “России”, 日本語の文。 ").into_bytes()),
        ("text", Form::Text, messages.join("\n").into_bytes()),
    ]
}

/// A JSON-RPC result such as servers give: code, rows, logs, an image, JSON in a string.
pub fn message(random: &mut Random) -> String {
    let kind = random.below(10);
    message_of(random, kind)
}

/// Likewise one of a kind: source (0 to 3), rows (4 to 6), logs (7 and 8), an image (9).
pub fn message_of(random: &mut Random, kind: usize) -> String {
    use serde_json::json;
    let words = |random: &mut Random, count: usize| -> String {
        let words: Vec<String> = (0..count).map(|_| random.text(b"etaoinshrdlucm", 2)).collect();
        words.join(" ")
    };
    let value = match kind {
        0..=3 => {
            let lines: Vec<String> = (0..60)
                .map(|line| {
                    format!(
                        "    let {}_{line} = {}(\"{}\", {});\n",
                        random.text(b"abcdef", 6),
                        random.text(b"ghijkl", 8),
                        words(random, 3),
                        random.below(9999)
                    )
                })
                .collect();
            json!({ "content": [{ "type": "text", "text": lines.concat() }] })
        }
        4..=6 => {
            let row = |random: &mut Random| json!({ "id": random.below(100_000), "name": words(random, 2), "created": "2026-03-01T12:30:00Z", "total": random.below(9999) as f64 / 100.0, "ref": random.text(b"0123456789abcdef", 32) });
            let rows: Vec<_> = (0..20).map(|_| row(random)).collect();
            let text = serde_json::to_string(&rows).expect("rows");
            json!({ "content": [{ "type": "text", "text": text }], "structuredContent": { "rows": rows } })
        }
        7 | 8 => {
            let lines: Vec<String> = (0..40)
                .map(|_| {
                    format!(
                        "2026-03-01T12:30:{:02}.{:03}Z INFO 10.0.{}.{} GET /{} 200\n",
                        random.below(60),
                        random.below(1000),
                        random.below(256),
                        random.below(256),
                        random.text(b"abc/", 20)
                    )
                })
                .collect();
            json!({ "content": [{ "type": "text", "text": lines.concat() }] })
        }
        _ => {
            json!({ "content": [{ "type": "image", "mimeType": "image/png", "data": random.text(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/", 12_000) }] })
        }
    };
    json!({ "jsonrpc": "2.0", "id": random.below(1000), "result": value }).to_string()
}

/// As much text as a body has, of parts of some `len` bytes, each with its number.
fn numbered(len: usize, part: impl Fn(usize) -> String) -> String {
    (0..BODY_BYTES / len).map(part).collect()
}

pub fn fill(mut add: impl FnMut(&mut String)) -> Vec<String> {
    let (mut messages, mut len) = (Vec::new(), 0);
    while len < BODY_BYTES {
        let mut message = String::new();
        add(&mut message);
        len += message.len();
        messages.push(message);
    }
    messages
}

/// xorshift64*: the same bodies on every machine.
pub struct Random(pub u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        self.0.wrapping_mul(0x2545_F491_4F6C_DD1D)
    }

    pub fn below(&mut self, bound: usize) -> usize {
        (self.next() >> 33) as usize % bound
    }

    pub fn text(&mut self, from: &[u8], len: usize) -> String {
        (0..len).map(|_| char::from(from[self.below(from.len())])).collect()
    }
}
