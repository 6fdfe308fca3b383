//! Throughput of the masker: `cargo bench --bench mask [-- PART_OF_A_NAME...]`. Bodies are made here, from a seed; nothing is read.
//! In Wasm, where it counts:
//!
//! ```sh
//! cargo bench -p portcullis --bench mask --target wasm32-wasip1 [-- PART_OF_A_NAME...]
//! ```
//!
//! With `--soak=GIGABYTES` the typical bodies go through one masker after the other instead, and the memory of the VM is told.
//!
//! Each line: the best of several rounds, slice by slice, in MB/s (10^6 bytes) for chunks of 4 KiB and of 16 KiB, the bytes one stream
//! held at most, how many values were masked, and the speed where handles are sealed and nothing is masked.

#![expect(clippy::expect_used, clippy::panic, clippy::indexing_slicing, reason = "a bench that cannot go on stops")]

use std::time::Instant;

use portcullis::mask::{Form, Masking, Profile, Stream};
use portcullis::policy::value::{Pattern, Secret};
use portcullis::policy::{Detector, FieldPath, MaskRule, Operator};
use portcullis::seal::{Keys, Owner, Seals, What};

const BODY_BYTES: usize = 2 * 1024 * 1024;
const ROUNDS: usize = 9;
const SLICE_BYTES: usize = 32 * 1024;

fn main() {
    let mut random = Random(0x9E37_79B9_7F4A_7C15);
    let timed = || {
        let begun = Instant::now();
        (profile(), begun.elapsed().as_secs_f64() * 1e3)
    };
    // The first time counts what the VM takes to compile the code itself.
    let (_, first) = timed();
    let again = (0..5).map(|_| timed().1).fold(f64::MAX, f64::min);
    let (profile, _) = timed();
    println!("{:<28} {again:>8.1} ms, {first:.1} ms the first time", "compiling the policy");
    if let Some(amount) = std::env::args().find_map(|arg| arg.strip_prefix("--soak=").map(str::to_owned)) {
        return soak(&profile, &mut random, amount.parse().expect("a number of gigabytes"));
    }
    let keys = Keys::new(&[Secret::new("a key of the bench, 32 bytes long"), Secret::new("the key before it, 32 bytes long")]);
    let seals = keys.of(&Owner { issuer: "https://id.example.com", subject: "somebody", client: Some("an-agent") });
    let nothing = Masking::compile(&[]).unwrap_or_else(|mistakes| panic!("{mistakes:?}")).whole();
    println!("{:<28} {:>8} {:>8} {:>9} {:>9} {:>12}", "body", "4 KiB", "16 KiB", "held", "findings", "sealing only");
    println!("{:<28} {:>8} {:>8} {:>32}", "", "MB/s", "MB/s", "MB/s");
    let wanted: Vec<String> = std::env::args().skip(1).filter(|arg| !arg.starts_with('-')).collect();
    for (name, form, body) in bodies(&mut random) {
        if !wanted.is_empty() && !wanted.iter().any(|part| name.contains(part.as_str())) {
            continue;
        }
        let (small, held, findings) = best(&profile, None, form, &body, 4096);
        let (large, _, _) = best(&profile, None, form, &body, 16 * 1024);
        let (sealing, _, _) = best(&nothing, Some(&seals), form, &body, 4096);
        println!("{name:<28} {small:>8.0} {large:>8.0} {held:>9} {findings:>9} {sealing:>12.0}");
    }
    opening(&keys);
}

/// Many bodies, one stream after the other: the memory of the VM may not grow.
fn soak(profile: &Profile, random: &mut Random, gigabytes: f64) {
    let bodies: Vec<(&str, Form, Vec<u8>)> = bodies(random).into_iter().filter(|(name, ..)| !name.contains("SSE")).collect();
    let mut out = Vec::with_capacity(64 * 1024);
    let mut round = |typical: bool| {
        let mut done = 0;
        for (_, form, body) in bodies.iter().filter(|(name, ..)| !typical || name.starts_with("typical")) {
            let mut stream = Stream::new(profile.clone(), *form);
            for piece in body.chunks(16 * 1024) {
                out.clear();
                stream.push(piece, &mut out).expect("a valid body");
                assert!(stream.held() < 64 * 1024, "{} bytes held", stream.held());
            }
            stream.finish(&mut out).expect("a whole body");
            done += body.len();
        }
        done
    };
    // Of every kind once: what is kept for all streams is there from then on.
    round(false);
    let (before, begun, mut done) = (memory(), Instant::now(), 0.0);
    while done < gigabytes * 1e9 {
        done += round(true) as f64;
    }
    let speed = done / begun.elapsed().as_secs_f64() / 1e6;
    let (grown, after) = (memory().saturating_sub(before), memory());
    println!("{:.1} GB, {speed:.0} MB/s, linear memory {before} bytes before and {after} after: {grown} more", done / 1e9);
    assert_eq!(grown, 0, "the memory of the VM has grown");
}

/// Bytes of linear memory; natively nothing is told.
fn memory() -> usize {
    #[cfg(target_arch = "wasm32")]
    return core::arch::wasm32::memory_size(0) * 64 * 1024;
    #[cfg(not(target_arch = "wasm32"))]
    0
}

/// A session that was sealed with the second key: both are tried.
fn opening(keys: &Keys) {
    let owner = Owner { issuer: "https://id.example.com", subject: "somebody", client: Some("an-agent") };
    let before = Keys::new(&[Secret::new("the key before it, 32 bytes long")]).of(&owner);
    let sealed = before.seal(What::Session, "1868a90c-38d6-4c37-9d4a-5d3a1a2b7f10").expect("there is a key");
    const TIMES: u32 = 10_000;
    let begun = Instant::now();
    for _ in 0..TIMES {
        keys.of(&owner).open(What::Session, &sealed).expect("it is the owner's");
    }
    println!("{:<28} {:>8.1} µs", "opening a session, two keys", begun.elapsed().as_secs_f64() * 1e6 / f64::from(TIMES));
}

/// Speed, bytes held at most, values masked.
///
/// Every slice of the body counts with the fastest of its rounds: slices are shorter than what a busy machine gives to others at once.
fn best(profile: &Profile, seals: Option<&Seals>, form: Form, body: &[u8], chunk: usize) -> (f64, usize, u64) {
    let (mut fastest, mut held, mut findings) = (vec![f64::MAX; body.len().div_ceil(SLICE_BYTES)], 0, 0);
    let mut out = Vec::with_capacity(2 * chunk);
    for _ in 0..ROUNDS {
        let mut stream = Stream::sealing(profile.clone(), form, seals.cloned());
        for (slice, fastest) in body.chunks(SLICE_BYTES).zip(&mut fastest) {
            let begun = Instant::now();
            for piece in slice.chunks(chunk) {
                out.clear();
                stream.push(piece, &mut out).expect("a valid body");
                held = held.max(stream.held());
            }
            *fastest = fastest.min(begun.elapsed().as_secs_f64());
        }
        stream.finish(&mut out).expect("a whole body");
        findings = stream.findings().total();
    }
    (body.len() as f64 / fastest.iter().sum::<f64>() / 1e6, held, findings)
}

/// All built-in families, two fields and a pattern: what a careful policy has.
fn profile() -> Profile {
    let rule = |id: &str, detect: &[Detector]| MaskRule {
        id: id.to_owned(),
        detect: detect.to_vec(),
        fields: Vec::new(),
        pattern: None,
        remote: None,
        then: Operator::Replace,
        scope: portcullis::policy::MaskScope::default(),
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

fn bodies(random: &mut Random) -> Vec<(&'static str, Form, Vec<u8>)> {
    let messages = fill(|text| text.push_str(&message(random)));
    let typical = format!("[{}]", messages.join(","));
    let events: String = messages.iter().map(|message| format!("event: message\nid: 1\ndata: {message}\n\n")).collect();
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
    vec![
        ("typical, JSON", Form::Json, typical.clone().into_bytes()),
        ("typical, SSE", Form::Sse, events.into_bytes()),
        ("typical, JSON in JSON", Form::Json, one(typical).into_bytes()),
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
        ("text", Form::Text, messages.join("\n").into_bytes()),
    ]
}

/// A JSON-RPC result such as servers give: code, rows, logs, an image, JSON in a string.
fn message(random: &mut Random) -> String {
    use serde_json::json;
    let words = |random: &mut Random, count: usize| -> String {
        let words: Vec<String> = (0..count).map(|_| random.text(b"etaoinshrdlucm", 2)).collect();
        words.join(" ")
    };
    let value = match random.below(10) {
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

fn fill(mut add: impl FnMut(&mut String)) -> Vec<String> {
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
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        self.0.wrapping_mul(0x2545_F491_4F6C_DD1D)
    }

    fn below(&mut self, bound: usize) -> usize {
        (self.next() >> 33) as usize % bound
    }

    fn text(&mut self, from: &[u8], len: usize) -> String {
        (0..len).map(|_| char::from(from[self.below(from.len())])).collect()
    }
}
