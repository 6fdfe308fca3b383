//! What Portcullis costs: real Envoys side by side, one worker each, in one run.
//!
//! ```text
//! cargo bench --package portcullisctl --bench chain
//! cargo bench --package portcullisctl --bench chain -- --quick
//! cargo bench --package portcullisctl --bench chain -- --only no-filter,portcullis --rounds 3 --requests 20000
//! cargo bench --package portcullisctl --bench chain -- --only portcullis,no-record,no-chain,keyed-chain --rounds 15
//! cargo bench --package portcullisctl --bench chain -- --only one-rule,conditions --rounds 15
//! ```
//!
//! | variant | in the filter chain |
//! |---|---|
//! | `no-filter` | nothing: the gateway of `up` without its filter and its record |
//! | `empty-wasm` | a Wasm filter that lets everything pass: the price of the sandbox |
//! | `native` | stock `jwt_authn` (token cached), `mcp`, `rbac` with the same fifty rules; no record, no masking |
//! | `native-log` | the same, with one line of JSON for each call: who, which tool, what came of it |
//! | `portcullis` | the policy of the budget: fifty rules, all detectors, a record with the masked payload of both sides |
//! | `no-record` | the same, with no record of calls that are allowed (`record: none`) |
//! | `no-chain`, `keyed-chain` | the same, with records that stand alone, or whose fingerprints are HMACs |
//! | `no-payload` | the same, with `audit.payload: none` |
//! | `no-masking` | the same, without masking rules |
//! | `one-rule` | `portcullis` with the one rule that lets the call pass, and a call with more arguments |
//! | `conditions` | the same call under fifty rules, fifteen of which ask about its arguments: patterns, numbers, paths, URLs, CEL, SQL, attacks |
//! | `against` | `portcullis` with another build of the module, given by `--against FILE`: what a change is worth |
//! | `against-cond` | `conditions` with that build, where `conditions` is measured |
//!
//! **Columns.** `CPU µs`: CPU time of the Envoy worker for one call, as the scheduler counted it. `added µs`: that, less `no-filter`.
//! `x none`, `x native`: its ratio to them. `process µs`: of all Envoy's threads, for the one that writes records is no worker. `req/s`
//! and latencies are of a closed loop over a few connections with client, server and Envoy on one machine: they say how variants
//! compare, not what Envoy can do. Every variant has its turn in every round; each ratio and difference is taken within a round, and
//! what is shown is the median of the rounds.
//!
//! **The call** is a `tools/call` of 200 bytes over HTTP/1.1, answered with 1 KB: JSON within the text of a JSON message, in it one
//! e-mail address and one card number. Plain HTTP on both sides, for TLS would cost the same in every variant.
//!
//! **Proof.** Before it is measured, each guarding variant must refuse a forged token, no token, a forbidden tool and a tool of another
//! team without the server noticing, and Portcullis must mask. Every measured answer must be byte for byte the one of that proof, and
//! at the end there must be one record for each call. Otherwise the exit code is not zero.
//!
//! **Budgets.** `portcullis` adds at most what `native` adds; fifty rules and conditions cost at most 10 µs more than one rule; the record,
//! its chain and its masking cost at most 15 µs (`portcullis` less `no-record`). They are shown,
//! not enforced: figures of a busy machine are no test. The call of `one-rule` and `conditions` has 750 bytes, because fifteen conditions need
//! something to look at, a `SELECT` of 230 bytes among it; so these two compare with each other and not with the rest.

mod call;
mod conditions;
mod gate;
mod http;
mod load;
mod process;
mod proof;
mod report;
mod rules;
mod upstream;
mod variants;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::thread::available_parallelism;
use std::time::Duration;

use anyhow::{Context, Result};
use clap::Parser;
use portcullisctl::envoy::{locate, version};
use portcullisctl::wasm;
use tokio::time::timeout;

use call::Form;
use gate::{Gate, Ground};
use load::Shape;
use proof::Expected;
use report::{Round, Series};
use upstream::Upstream;
use variants::{Tokens, Variant};

/// For the proof of one variant, or one round of it.
const PATIENCE: Duration = Duration::from_secs(60);

#[derive(Debug, Parser)]
#[command(about = "What Portcullis costs: real Envoys side by side")]
struct Options {
    /// Under 20 seconds: the three variants of the budget, JSON only.
    #[arg(long)]
    quick: bool,
    /// Only these variants, by name, with commas between them.
    #[arg(long, value_delimiter = ',')]
    only: Vec<String>,
    /// Another build of the filter, to be measured beside this one with the same policy.
    #[arg(long, value_name = "FILE")]
    against: Option<PathBuf>,
    #[arg(long)]
    rounds: Option<usize>,
    /// Calls of one variant in one round.
    #[arg(long)]
    requests: Option<usize>,
    #[arg(long, default_value_t = 8)]
    connections: usize,
    /// What `cargo bench` says to every bench.
    #[arg(long, hide = true)]
    bench: bool,
}

impl Options {
    /// `cargo test --benches`: the proof is what counts then, in a build that is not worth measuring with.
    fn is_test(&self) -> bool {
        !self.bench && !self.quick
    }
}

/// What is measured of each variant.
struct Plan {
    variants: Vec<Variant>,
    rounds: usize,
    shape: Shape,
}

impl Plan {
    fn new(options: &Options) -> Result<Self> {
        let named = |name: &String| {
            let found = Variant::ALL.into_iter().find(|variant| variant.name() == name);
            found.with_context(|| format!("no variant is called `{name}`"))
        };
        let mut variants = if !options.only.is_empty() {
            options.only.iter().map(named).collect::<Result<_>>()?
        } else if options.quick || options.is_test() {
            let more = [Variant::OneRule, Variant::Conditions].into_iter().filter(|_| options.is_test());
            Variant::BUDGET.into_iter().chain(more).collect()
        } else {
            Variant::ALL.to_vec()
        };
        if options.against.is_some() {
            let conditions = variants.contains(&Variant::Conditions);
            if variants.contains(&Variant::Portcullis) || !conditions {
                variants.push(Variant::Against);
            }
            if conditions {
                variants.push(Variant::AgainstConditions);
            }
        }
        let (rounds, requests) = match options {
            _ if options.is_test() => (1, 50),
            Options { quick: true, .. } => (5, 1000),
            _ => (7, 2000),
        };
        let shape = Shape { connections: options.connections.max(1), requests: options.requests.unwrap_or(requests).max(1) };
        Ok(Self { variants, rounds: options.rounds.unwrap_or(rounds).max(1), shape })
    }

    /// What is run of each variant. Event streams only where the budget looks.
    fn forms(&self, variant: Variant, options: &Options) -> Vec<Form> {
        let both = !options.quick && (Variant::BUDGET.contains(&variant) || !options.only.is_empty());
        if both { vec![Form::Json, Form::Sse] } else { vec![Form::Json] }
    }
}

fn main() -> ExitCode {
    let options = Options::parse();
    let done = Plan::new(&options).and_then(|plan| {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        runtime.block_on(run(&options, &plan))
    });
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(err) => {
            eprintln!("chain: {err:#}");
            ExitCode::FAILURE
        }
    }
}

async fn run(options: &Options, plan: &Plan) -> Result<()> {
    let envoy = locate::locate(None).await?;
    let module = wasm::locate(None).await?;
    let against = options.against.as_deref().map(std::path::absolute).transpose()?;
    let scratch = tempfile::tempdir()?;
    let empty = scratch.path().join("empty.wasm");
    fs::write(&empty, wat::parse_str(include_str!("empty.wat"))?)?;
    let tokens = Tokens::make()?;
    let upstream = Upstream::start(call::answer()?)?;
    let ground =
        Ground { envoy: &envoy, module: &module, against: against.as_deref(), empty: &empty, tokens: &tokens, upstream: upstream.address };
    head(&envoy, plan).await?;
    // One after the other, so that none disturbs another's start.
    let mut running = Vec::new();
    for variant in &plan.variants {
        let gate = Gate::start(*variant, &ground).await?;
        let expected = timeout(PATIENCE, proof::works(&gate, &tokens, &upstream)).await;
        let expected = expected.context("answers that do not come").flatten().with_context(|| gate.variant.name());
        let expected = expected.inspect_err(|_| gate.complain())?;
        running.push((gate, expected));
    }
    let series = measure(options, plan, &running, &tokens).await?;
    for form in [Form::Json, Form::Sse] {
        if series.iter().any(|series| series.form == form) {
            report::table(&series, form);
        }
    }
    weights(&running, &module)?;
    for (gate, _) in &running {
        // One of each form before the measurement, and in each round a warm-up of a tenth.
        let rounds: usize = series.iter().filter(|series| series.variant == gate.variant).map(|series| series.rounds.len()).sum();
        let calls = [plan.shape, warm_up(plan.shape)].into_iter().map(total).sum::<usize>().saturating_mul(rounds).saturating_add(2);
        proof::recorded(gate, calls).await?;
    }
    Ok(())
}

async fn head(envoy: &Path, plan: &Plan) -> Result<()> {
    let version = version::of(envoy).await.map_err(anyhow::Error::msg)?;
    let cores = available_parallelism().map_or(1, usize::from);
    let Plan { rounds, shape, .. } = plan;
    println!(
        "portcullis {} ({}), Envoy {version}, {cores} cores, {rounds} rounds of {} requests over {} connections",
        portcullis::VERSION,
        portcullis::GIT_HASH,
        shape.requests,
        shape.connections
    );
    Ok(())
}

async fn measure(options: &Options, plan: &Plan, running: &[(Gate, Expected)], tokens: &Tokens) -> Result<Vec<Series>> {
    let mut series = Vec::new();
    for form in [Form::Json, Form::Sse] {
        for (gate, _) in running.iter().filter(|(gate, _)| plan.forms(gate.variant, options).contains(&form)) {
            series.push(Series { variant: gate.variant, form, rounds: Vec::new() });
        }
    }
    for _ in 0..plan.rounds {
        for series in &mut series {
            let Some((gate, expected)) = running.iter().find(|(gate, _)| gate.variant == series.variant) else { continue };
            let round = timeout(PATIENCE, one(gate, expected, series.form, plan.shape, tokens)).await;
            let round = round.context("answers that do not come").flatten().with_context(|| gate.variant.name());
            series.rounds.push(round.inspect_err(|_| gate.complain())?);
        }
    }
    Ok(series)
}

async fn one(gate: &Gate, expected: &Expected, form: Form, shape: Shape, tokens: &Tokens) -> Result<Round> {
    let request = call::measured(gate.variant, &tokens.good, form);
    let expected = expected.body(form);
    let connections = load::open(gate.address, shape).await?;
    let (connections, _) = load::run(connections, &request, expected, warm_up(shape)).await?;
    let before = gate.cpu()?;
    let (_, measured) = load::run(connections, &request, expected, shape).await?;
    Ok(Round::new(gate.cpu()?.since(before), &measured))
}

fn warm_up(shape: Shape) -> Shape {
    Shape { requests: shape.requests.div_ceil(10), ..shape }
}

/// What a run really sends: as much over each connection.
fn total(shape: Shape) -> usize {
    shape.requests.div_ceil(shape.connections).saturating_mul(shape.connections)
}

/// Size, time to load, memory.
fn weights(running: &[(Gate, Expected)], module: &Path) -> Result<()> {
    let gate = |variant| running.iter().map(|(gate, _)| gate).find(|gate| gate.variant == variant);
    let (Some(bare), Some(ours)) = (gate(Variant::NoFilter), gate(Variant::Portcullis)) else { return Ok(()) };
    let megabytes = |bytes: u64| u32::try_from(bytes / 1024).map_or(f64::INFINITY, f64::from) / 1024.0;
    let size = fs::metadata(module)?.len();
    let load = ours.ready_after.saturating_sub(bare.ready_after);
    let (with, without) = (process::memory(ours.pid())?, process::memory(bare.pid())?);
    println!();
    println!(
        "module {size} bytes; Envoy loads it in {:.2} s (start to ready {:.2} s, without it {:.2} s)",
        load.as_secs_f64(),
        ours.ready_after.as_secs_f64(),
        bare.ready_after.as_secs_f64()
    );
    println!(
        "memory after the run {:.1} MiB, without the filter {:.1} MiB: {:.1} MiB for compiled code and the VMs of one worker",
        megabytes(with),
        megabytes(without),
        megabytes(with.saturating_sub(without))
    );
    Ok(())
}
