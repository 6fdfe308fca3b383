//! Throughput of the masker: `cargo bench --bench mask [-- PART_OF_A_NAME...]`. Bodies are made here, from a seed; nothing is read.
//! In Wasm, where it counts:
//!
//! ```sh
//! cargo bench -p portcullis --bench mask --target wasm32-wasip1 [-- PART_OF_A_NAME...]
//! ```
//!
//! With `--sweep` bodies made of whatever begins something that is looked for are tried instead, some hundred thousand, and the slowest
//! told; with `--all` under a policy of all families. With `--soak=GIGABYTES` the typical bodies go through one masker after the other instead, and the memory of the VM is told.
//!
//! Each line: the best of several rounds, slice by slice, in MB/s (10^6 bytes) for chunks of 4 KiB and of 16 KiB, the bytes one stream
//! held at most, how many values were masked, and the speed where handles are sealed and nothing is masked.

#![expect(clippy::expect_used, clippy::panic, reason = "a bench that cannot go on stops")]

mod bodies;
#[path = "bodies/sweep.rs"]
mod sweep;

use std::time::Instant;

use bodies::{Random, bodies, everything, profile};
use portcullis::mask::{Form, Masking, Profile, Stream};
use portcullis::policy::value::Secret;
use portcullis::seal::{Keys, Owner, Seals, What};

const ROUNDS: usize = 9;
const SLICE_BYTES: usize = 32 * 1024;

/// Bytes of a body of the sweep; those told at its end at least, one for each unit, and the speed that nothing should be under; rounds for a body that seems to be among them.
const SWEEP_BYTES: usize = 64 * 1024;
const TOLD: usize = 30;
const FLOOR: f64 = 60.0;
const SWEEP_ROUNDS: usize = 5;
const EACH_ROUNDS: usize = 20;

fn main() {
    let has = |flag: &str| std::env::args().any(|arg| arg == flag);
    let wanted: Vec<String> = std::env::args().skip(1).filter(|arg| !arg.starts_with("--")).collect();
    let profile = || if has("--all") { everything() } else { profile() };
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
    if has("--sweep") {
        let each = std::env::args().find_map(|arg| arg.strip_prefix("--each=").map(str::to_owned));
        return sweep(&profile, &wanted, each.as_deref());
    }
    if let Some(amount) = std::env::args().find_map(|arg| arg.strip_prefix("--soak=").map(str::to_owned)) {
        return soak(&profile, &mut random, amount.parse().expect("a number of gigabytes"));
    }
    let keys = Keys::new(&[Secret::new("a key of the bench, 32 bytes long"), Secret::new("the key before it, 32 bytes long")]);
    let seals = keys.of(&Owner { issuer: "https://id.example.com", subject: "somebody", client: Some("an-agent") });
    let nothing = Masking::compile(&[]).unwrap_or_else(|mistakes| panic!("{mistakes:?}")).whole();
    println!("{:<28} {:>8} {:>8} {:>9} {:>9} {:>12}", "body", "4 KiB", "16 KiB", "held", "findings", "sealing only");
    println!("{:<28} {:>8} {:>8} {:>32}", "", "MB/s", "MB/s", "MB/s");
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

/// The slowest body of each unit, and of these the slowest; of some that are named, each body whose name has this in it.
fn sweep(profile: &Profile, wanted: &[String], each: Option<&str>) {
    let mut out = Vec::with_capacity(2 * SWEEP_BYTES);
    let mut speed = |form: Form, body: &[u8]| {
        let begun = Instant::now();
        let mut stream = Stream::new(profile.clone(), form);
        // What is refused is refused at once.
        let all = body.chunks(16 * 1024).try_for_each(|piece| {
            out.clear();
            stream.push(piece, &mut out)
        });
        all.ok().map(|()| body.len() as f64 / begun.elapsed().as_secs_f64() / 1e6)
    };
    if let Some(part) = each {
        for (name, form, body) in wanted.iter().flat_map(|unit| sweep::bodies(unit, SWEEP_BYTES)).filter(|(name, ..)| name.contains(part)) {
            let best = (0..EACH_ROUNDS).filter_map(|_| speed(form, &body)).fold(0.0, f64::max);
            println!("{best:>8.1}  {name}");
        }
        return;
    }
    let mut slowest: Vec<(f64, String)> = Vec::new();
    for unit in sweep::units().iter().filter(|unit| wanted.is_empty() || wanted.contains(unit)) {
        // A first look at shorter bodies tells which are worth more.
        let mut rough: Vec<(usize, f64)> = sweep::bodies(unit, SWEEP_BYTES / 4)
            .iter()
            .enumerate()
            .filter_map(|(number, (_, form, body))| Some((number, speed(*form, body)?.max(speed(*form, body)?))))
            .collect();
        rough.sort_by(|(_, one), (_, other)| one.total_cmp(other));
        rough.truncate(3);
        let bodies = sweep::bodies(unit, SWEEP_BYTES);
        let of_unit = rough.iter().filter_map(|(number, _)| bodies.get(*number)).filter_map(|(name, form, body)| {
            let best = (0..SWEEP_ROUNDS).filter_map(|_| speed(*form, body)).fold(0.0, f64::max);
            (best > 0.0).then(|| (best, name.chars().take(70).collect()))
        });
        slowest.extend(of_unit.min_by(|(one, _), (other, _)| one.total_cmp(other)));
    }
    slowest.sort_by(|(one, _), (other, _)| one.total_cmp(other));
    println!("{} units; the slowest body of each, of these the slowest, in MB/s", slowest.len());
    let below = slowest.iter().filter(|(speed, _)| *speed < FLOOR).count();
    slowest.iter().take(below.max(TOLD)).for_each(|(speed, name)| println!("{speed:>8.1}  {name}"));
}

/// Many bodies, one stream after the other: the memory of the VM may not grow.
fn soak(profile: &Profile, random: &mut Random, gigabytes: f64) {
    let bodies: Vec<(&str, Form, Vec<u8>)> = bodies(random).into_iter().filter(|(name, ..)| !name.contains("SSE")).collect();
    let mut out = Vec::with_capacity(64 * 1024);
    let mut most = 0;
    let mut round = |typical: bool| {
        let mut done = 0;
        for (_, form, body) in bodies.iter().filter(|(name, ..)| !typical || name.starts_with("typical")) {
            let mut stream = Stream::new(profile.clone(), *form);
            for piece in body.chunks(16 * 1024) {
                out.clear();
                stream.push(piece, &mut out).expect("a valid body");
                most = most.max(stream.held());
                assert!(most <= 64 * 1024, "{most} bytes held");
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
    println!("one stream held {most} bytes at most");
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
