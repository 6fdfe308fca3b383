//! What the filter itself costs: whole exchanges through the built module, on Node, which has the compiler of Envoy's V8.
//!
//! ```text
//! cargo bench --profile dev --package portcullisctl --bench module
//! cargo bench --profile dev --package portcullisctl --bench module -- --only portcullis,no-record --rounds 30 --sse
//! cargo bench --profile dev --package portcullisctl --bench module -- --against OLD.wasm
//! cargo bench --profile dev --package portcullisctl --bench module -- --soak 10
//! cargo bench --profile dev --package portcullisctl --bench module -- --write /tmp/module.json
//! ```
//!
//! The module is always the release build; it is only this program that is not.
//!
//! Policies, token and call are those of the bench `chain`; `benches/module.mjs` plays the host to them. Each policy has a VM of its own, and
//! every round goes through all of them. What is told is the time of the module, without that of the host's functions, which are not
//! Envoy's: an exchange's callbacks one by one, the median of a round, and of all rounds the best and the median.
//!
//! Before it is measured each VM must let the call through, mask what it should and leave the record it should; every measured answer must be
//! the same as then.
//!
//! `--soak` sends so many gigabytes through one VM, in bodies of many kinds, and tells how large its memory was before and after. With `--write`
//! only the input is written: `node --no-liftoff --perf-basic-prof benches/module.mjs --input FILE --wasm MODULE` runs it under a profiler, which
//! finds the names of the module's functions.

#[path = "../chain/call.rs"]
#[expect(dead_code, reason = "what only the bench of whole Envoys needs")]
mod call;
#[path = "../chain/conditions.rs"]
#[expect(dead_code, reason = "what only the bench of whole Envoys needs")]
mod conditions;
#[path = "../chain/rules.rs"]
#[expect(dead_code, reason = "what only the bench of whole Envoys needs")]
mod rules;
#[path = "../chain/variants.rs"]
#[expect(dead_code, reason = "what only the bench of whole Envoys needs")]
mod variants;

mod bodies;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};

use anyhow::{Context, Result, bail, ensure};
use clap::Parser;
use portcullisctl::wasm;
use serde_json::{Value, json};

use call::Form;
use variants::{Tokens, Variant};

/// Those of the bench `chain` that run the module.
const VARIANTS: [Variant; 8] = [
    Variant::Portcullis,
    Variant::NoRecord,
    Variant::NoChain,
    Variant::KeyedChain,
    Variant::NoPayload,
    Variant::NoMasking,
    Variant::OneRule,
    Variant::Conditions,
];

/// What the record, its chain and its masking may add to a call, in microseconds (issue 6).
const RECORD: f64 = 15.0;

#[derive(Debug, Parser)]
#[command(about = "What the filter itself costs: whole exchanges through the built module")]
struct Options {
    /// Only these variants, by name, with commas between them.
    #[arg(long, value_delimiter = ',')]
    only: Vec<String>,
    /// Another build of the module, measured beside this one.
    #[arg(long, value_name = "FILE")]
    against: Option<PathBuf>,
    #[arg(long, default_value_t = 20)]
    rounds: usize,
    /// Exchanges of one variant in one round.
    #[arg(long, default_value_t = 500)]
    exchanges: usize,
    /// The answer comes as an event stream.
    #[arg(long)]
    sse: bool,
    /// Gigabytes of bodies through one VM, and what its memory was before and after.
    #[arg(long, value_name = "GIGABYTES")]
    soak: Option<f64>,
    /// Writes what would be run, and runs nothing.
    #[arg(long, value_name = "FILE")]
    write: Option<PathBuf>,
    /// What `cargo bench` says to every bench.
    #[arg(long, hide = true)]
    bench: bool,
}

fn main() -> ExitCode {
    match run(&Options::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(err) => {
            eprintln!("module: {err:#}");
            ExitCode::FAILURE
        }
    }
}

fn run(options: &Options) -> Result<()> {
    let input = input(options)?.to_string();
    if let Some(file) = &options.write {
        return fs::write(file, input).with_context(|| format!("`{}` cannot be written", file.display()));
    }
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let module = runtime.block_on(wasm::locate(None))?;
    let scratch = tempfile::tempdir()?;
    let file = scratch.path().join("input.json");
    fs::write(&file, input)?;
    println!("portcullis {} ({})", portcullis::VERSION, portcullis::GIT_HASH);
    let mut node = Command::new("node");
    // V8's quick compiler is for the start only, and what it made would be measured with.
    node.args(["--no-warnings", "--no-liftoff"]).arg(script()?).arg("--input").arg(file).arg("--wasm").arg(module);
    node.args(["--rounds", &options.rounds.max(1).to_string(), "--exchanges", &options.exchanges.max(1).to_string()]);
    if let Some(against) = &options.against {
        node.arg("--against").arg(against);
    }
    if let Some(gigabytes) = options.soak {
        node.args(["--soak", &gigabytes.to_string()]);
    }
    let status = node.status().context("`node` cannot be started; version 20 or later has to be on the path")?;
    ensure!(status.success(), "`node` ended with {status}");
    Ok(())
}

fn script() -> Result<PathBuf> {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("../benches/module.mjs");
    script.canonicalize().with_context(|| format!("`{}` is not there", script.display()))
}

/// All that the module and its host are given, and what must come of it.
fn input(options: &Options) -> Result<Value> {
    let tokens = Tokens::make()?;
    let form = if options.sse { Form::Sse } else { Form::Json };
    let mut variants = Vec::new();
    for name in &options.only {
        match VARIANTS.into_iter().find(|variant| variant.name() == name) {
            Some(variant) => variants.push(variant),
            None => bail!("no variant of the module is called `{name}`"),
        }
    }
    if variants.is_empty() {
        variants = VARIANTS.to_vec();
    }
    let variants = variants.into_iter().map(|variant| described(variant, &tokens, form)).collect::<Result<Vec<_>>>()?;
    let differences = [
        ("the record, its chain and its masking", Variant::Portcullis, Variant::NoRecord, Some(RECORD)),
        ("the chain alone", Variant::Portcullis, Variant::NoChain, None),
        ("the payloads on record", Variant::Portcullis, Variant::NoPayload, None),
        ("masking", Variant::Portcullis, Variant::NoMasking, None),
        ("50 rules and conditions, more than one rule", Variant::Conditions, Variant::OneRule, Some(conditions::BUDGET)),
    ];
    let differences = differences
        .map(|(what, of, without, budget)| json!({ "what": what, "of": of.name(), "without": without.name(), "budget": budget }));
    Ok(json!({
        "variants": variants,
        "response": { "headers": [[":status", "200"], ["content-type", form.media()]], "body": text(call::body(form, &call::answer()?))? },
        "personal": call::personal(),
        "differences": differences,
        "bodies": if options.soak.is_some() { bodies::all() } else { json!([]) },
    }))
}

fn described(variant: Variant, tokens: &Tokens, form: Form) -> Result<Value> {
    let request = text(call::measured(variant, &tokens.good, form))?;
    let (head, body) = request.split_once("\r\n\r\n").context("a request without an end of its head")?;
    Ok(json!({
        "name": variant.name(),
        "policy": variants::policy(variant, tokens),
        "request": { "headers": headers(head), "body": body },
        "masks": variant.masks(),
        "records": variant.records(),
        "keeps_payload": variant.keeps_payload(),
    }))
}

/// As the filter gets them from Envoy.
fn headers(head: &str) -> Vec<[&str; 2]> {
    let mut headers = vec![[":authority", ""], [":path", "/mcp"], [":method", "POST"], [":scheme", "http"]];
    for (name, value) in head.lines().skip(1).filter_map(|line| line.split_once(": ")) {
        match (name, headers.first_mut()) {
            ("host", Some([_, authority])) => *authority = value,
            _ => headers.push([name, value]),
        }
    }
    headers.extend([["x-forwarded-proto", "http"], ["x-request-id", "6c1a2f0e-93a4-4f52-8a0b-0d1f6a4a9f5e"]]);
    headers
}

fn text(bytes: Vec<u8>) -> Result<String> {
    Ok(String::from_utf8(bytes)?)
}
