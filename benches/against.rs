//! The masker beside other ways to look for the same: `cargo bench -p portcullis --bench against`, in Wasm with `--target wasm32-wasip1`.
//!
//! The others only find; the masker also reads the JSON, looks through escapes and other spellings, and writes the answer again. Each gets
//! two texts: what servers answer, and the same with values in it. Each line: MB/s (10^6 bytes, the best of several rounds), what was found,
//! and how many times as fast the masker is.
//!
//! - `regex, one by one`: a search for each of 24 formats by the engine of the crate `regex`.
//! - `regex, all in one`: one such search for all of them.
//! - `keywords, then regex`: as gitleaks works: words that rules go by are looked for in the whole text (Aho-Corasick, case aside), and the
//!   rules whose word is there search all of it; formats without a word always do.
//! - Presidio runs apart, over the same texts: `benches/presidio.py` says how. `-- --write=FOLDER` writes them there for it.

#![expect(clippy::expect_used, clippy::panic, reason = "a bench that cannot go on stops")]

mod bodies;

use std::time::Instant;

use aho_corasick::AhoCorasick;
use bodies::{Random, fill, message};
use portcullis::mask::{Form, Masking, Profile, Stream};
use portcullis::policy::{Detector, MaskRule, Operator};
use regex_automata::meta::Regex;
use regex_automata::util::syntax;

const ROUNDS: usize = 5;

/// A format, and the words without which it does not stand.
const FORMATS: &[(&str, &[&str])] = &[
    (r"\b(?:4\d{3}|5[1-5]\d{2}|2[2-7]\d{2}|3[47]\d{2}|6(?:011|5\d{2}))[ -]?\d{4,6}[ -]?\d{4,5}(?:[ -]?\d{1,4})?\b", &[]),
    (r"\b\d{3}[- .]\d{2}[- .]\d{4}\b", &[]),
    (r"\b[A-Z]{2}\d{2}(?: ?[A-Z0-9]{4}){3,7}(?: ?[A-Z0-9]{1,3})?\b", &[]),
    (r"[A-Za-z0-9._%+'-]+@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)*\.[A-Za-z]{2,24}\b", &["@"]),
    (r"\b(?:AKIA|ASIA|ABIA|ACCA)[A-Z2-7]{16}\b", &["akia", "asia", "abia", "acca"]),
    (r"\bgh[pousr]_[A-Za-z0-9]{36}\b", &["ghp_", "gho_", "ghu_", "ghs_", "ghr_"]),
    (r"\bgithub_pat_\w{82}\b", &["github_pat_"]),
    (r"\bglpat-[\w-]{20}\b", &["glpat-"]),
    (r"\bxox[abeoprs]-[A-Za-z0-9-]{10,}", &["xoxa-", "xoxb-", "xoxe-", "xoxo-", "xoxp-", "xoxr-", "xoxs-"]),
    (r"hooks\.slack\.com/(?:services|workflows)/[A-Za-z0-9+/]{43,}", &["hooks.slack.com"]),
    (r"\b[rs]k_(?:live|test)_[A-Za-z0-9]{10,99}\b", &["sk_live", "sk_test", "rk_live", "rk_test"]),
    (r"\bAIza[\w-]{35}\b", &["aiza"]),
    (r"\bya29\.[\w-]{20,}", &["ya29."]),
    (r"\bsk-(?:proj|svcacct|admin)-[\w-]{40,}", &["sk-proj-", "sk-svcacct-", "sk-admin-"]),
    (r"\bsk-ant-[\w-]{80,}", &["sk-ant-"]),
    (r"\bhf_[A-Za-z]{34}\b", &["hf_"]),
    (r"\bnpm_[A-Za-z0-9]{36}\b", &["npm_"]),
    (r"\bpypi-AgEIcHlwaS5vcmc[\w-]{50,}", &["pypi-ageichlwas5vcmc"]),
    (r"\bSG\.[\w-]{22}\.[\w-]{43}\b", &["sg."]),
    (r"\beyJ[\w-]{10,}\.[\w-]{10,}\.[\w-]{10,}", &["eyj"]),
    (r"-----BEGIN[ A-Z0-9_-]{0,100}PRIVATE KEY", &["-----begin"]),
    (r"\b[a-z][a-z0-9+.-]{2,20}://[^\s:/@]{1,64}:[^\s/@]{3,128}@[\w.-]+", &["://"]),
    (r"(?i)\bbearer +[\w.~+/-]{16,}=*", &["bearer"]),
    (
        r#"(?i)[\w.-]{0,50}?(?:api[_-]?key|password|passwd|pwd|secret|token)[\w.-]{0,20}["'\s]{0,3}(?::=|=>|=|:)\s{0,5}["']?[\w.=/+-]{10,150}"#,
        &["api_key", "apikey", "api-key", "password", "passwd", "pwd", "secret", "token"],
    ),
];

fn main() {
    let corpora = corpora();
    if let Some(folder) = std::env::args().find_map(|arg| arg.strip_prefix("--write=").map(str::to_owned)) {
        for (name, text) in &corpora {
            std::fs::write(format!("{folder}/{name}.json"), text).expect("the folder can be written to");
        }
        return;
    }
    let profile = profile();
    // Formats are of ASCII; what else counts as a letter makes the others slower.
    let ascii = syntax::Config::new().unicode(false).utf8(false);
    let alone = |format: &str| Regex::builder().syntax(ascii).build(format).expect("a pattern");
    let each: Vec<Regex> = FORMATS.iter().map(|(format, _)| alone(format)).collect();
    let patterns: Vec<&str> = FORMATS.iter().map(|(format, _)| *format).collect();
    let roomy = Regex::config().nfa_size_limit(Some(256 * 1024 * 1024));
    let all = Regex::builder().configure(roomy).syntax(ascii).build_many(&patterns).expect("patterns");
    let words = || FORMATS.iter().enumerate().flat_map(|(rule, (_, words))| words.iter().map(move |word| (rule, *word)));
    let rules: Vec<usize> = words().map(|(rule, _)| rule).collect();
    let keywords = AhoCorasick::builder().ascii_case_insensitive(true).build(words().map(|(_, word)| word)).expect("words");

    for (name, text) in &corpora {
        println!("{name}: {:.1} MB", text.len() as f64 / 1e6);
        let (ours, found) = best(text, || masked(&profile, text));
        let tell = |way: &str, speed: f64, found: u64| {
            println!("  {way:<24} {speed:>8.1} MB/s {found:>8} found {:>8.1} times", ours / speed);
        };
        tell("portcullis", ours, found);
        let (speed, found) = best(text, || each.iter().map(|regex| count(regex, text)).sum());
        tell("regex, one by one", speed, found);
        let (speed, found) = best(text, || count(&all, text));
        tell("regex, all in one", speed, found);
        let (speed, found) = best(text, || {
            let mut wanted: Vec<bool> = FORMATS.iter().map(|(_, words)| words.is_empty()).collect();
            for hit in keywords.find_overlapping_iter(text) {
                let rule = rules.get(hit.pattern().as_usize()).copied().unwrap_or_default();
                wanted.iter_mut().skip(rule).take(1).for_each(|wanted| *wanted = true);
            }
            each.iter().zip(wanted).filter(|(_, wanted)| *wanted).map(|(regex, _)| count(regex, text)).sum()
        });
        tell("keywords, then regex", speed, found);
    }
}

fn count(regex: &Regex, text: &[u8]) -> u64 {
    regex.find_iter(text).fold(0, |count, _| count + 1)
}

fn masked(profile: &Profile, text: &[u8]) -> u64 {
    let mut stream = Stream::new(profile.clone(), Form::Json);
    let mut out = Vec::with_capacity(64 * 1024);
    for piece in text.chunks(16 * 1024) {
        out.clear();
        stream.push(piece, &mut out).expect("a valid body");
    }
    stream.finish(&mut out).expect("a whole body");
    stream.findings().total()
}

fn best(text: &[u8], mut work: impl FnMut() -> u64) -> (f64, u64) {
    let (mut fastest, mut found) = (f64::MAX, 0);
    for _ in 0..ROUNDS {
        let begun = Instant::now();
        found = work();
        fastest = fastest.min(begun.elapsed().as_secs_f64());
    }
    (text.len() as f64 / fastest / 1e6, found)
}

/// The families that have those formats, and all the others a policy gets with the same words.
fn profile() -> Profile {
    let rule = MaskRule {
        id: "all".to_owned(),
        detect: vec![Detector::CreditCard, Detector::UsSsn, Detector::Iban, Detector::Email, Detector::Secrets],
        fields: Vec::new(),
        pattern: None,
        then: Operator::Replace,
        scope: portcullis::policy::MaskScope::default(),
        remote: None,
        alert: false,
    };
    Masking::compile(&[rule]).unwrap_or_else(|mistakes| panic!("{mistakes:?}")).whole()
}

fn corpora() -> Vec<(&'static str, Vec<u8>)> {
    let mut random = Random(0x9E37_79B9_7F4A_7C15);
    let messages = fill(|text| text.push_str(&message(&mut random)));
    // Put together, so that no scanner takes them for a leak.
    let values = [
        "4242 4242 4242 4242".to_owned(),
        "078-05-1123".to_owned(),
        "DE89370400440532013000".to_owned(),
        "jo@example.com".to_owned(),
        ["AKIA", "IOSFODNN7EXAMPLQ"].concat(),
        ["gh", "p_wWPw5k4aXcaT4fNP0UcnZwJUVFk6LO0pINUx"].concat(),
        ["glpat", "-3kF9x2LmQ8vTz7WbY1cR"].concat(),
        ["postgres://app:", "s3cret9x@db.example.com"].concat(),
        ["password = \"", "x7Kq2mZp9vLr4\""].concat(),
    ];
    let mut next = values.iter().cycle();
    let with_values = messages.iter().map(|message| {
        let value = next.next().cloned().unwrap_or_default();
        let line = serde_json::json!({ "log": format!("done\n{value}\nnext") });
        format!("{message},{line}")
    });
    let with_values: Vec<String> = with_values.collect();
    let whole = |messages: &[String]| format!("[{}]", messages.join(",")).into_bytes();
    vec![("typical", whole(&messages)), ("values", whole(&with_values))]
}
