//! How long `audit verify` takes over a large log. `cargo bench -p portcullisctl --bench verify [-- MEGABYTES]`, 1024 unless said.
//!
//! Writes a log of four workers with keyed fingerprints into a temporary folder, then runs the program over it and prints bytes, seconds and
//! the most memory it had.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, reason = "a bench fails loudly")]

use std::fs::File;
use std::io::{BufWriter, Write};
use std::process::Command;
use std::time::Instant;

use hmac::{Hmac, KeyInit, Mac};
use sha2::{Digest, Sha256};

const KEY: &[u8] = b"a key of thirty-two bytes, or more";
const WORKERS: usize = 4;

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn main() {
    let megabytes: u64 = std::env::args().filter_map(|arg| arg.parse().ok()).next().unwrap_or(1024);
    let folder = tempfile::tempdir().unwrap();
    let (log, key) = (folder.path().join("audit.log"), folder.path().join("audit.key"));
    std::fs::write(&key, KEY).unwrap();
    let (records, bytes) = write(&log, megabytes * 1024 * 1024);
    println!("{records} records, {bytes} bytes");
    for round in 1..=3 {
        let start = Instant::now();
        let done = Command::new("/usr/bin/env")
            .args(["time", "-f", "%M KiB at most", env!("CARGO_BIN_EXE_portcullisctl"), "audit", "verify", "--key"])
            .args([&key, &log])
            .output()
            .unwrap();
        let seconds = start.elapsed().as_secs_f64();
        assert!(done.status.success(), "{}{}", String::from_utf8_lossy(&done.stdout), String::from_utf8_lossy(&done.stderr));
        #[expect(clippy::cast_precision_loss, reason = "a figure for people")]
        let rate = bytes as f64 / seconds / 1e6;
        println!("round {round}: {seconds:.2} s, {rate:.0} MB/s, {}", String::from_utf8_lossy(&done.stderr).trim());
    }
}

/// Records of about 2.5 KiB, the most of it arguments and answers.
fn write(path: &std::path::Path, most: u64) -> (u64, u64) {
    let mut out = BufWriter::new(File::create(path).unwrap());
    let authority = hex(&Sha256::new().chain_update(b"portcullis audit key\0").chain_update(KEY).finalize()[..8]);
    let mac = Hmac::<Sha256>::new_from_slice(KEY).unwrap();
    let answer = r#"{\"jsonrpc\":\"2.0\",\"id\":17,\"result\":{\"content\":[{\"type\":\"text\",\"text\":\"order 42: two books, sent on Monday\"}]}}"#.repeat(12);
    let zeros = "0".repeat(64);
    let mut heads: Vec<Option<String>> = vec![None; WORKERS];
    let (mut records, mut bytes) = (0_u64, 0_u64);
    while bytes < most {
        let worker = usize::try_from(records).unwrap() % WORKERS;
        let sequence = records / WORKERS as u64 + 1;
        let time = 1_790_000_000_000 + records;
        let (link, alert) = match &heads[worker] {
            Some(head) => (format!(r#","prev_event":{{"fingerprint":"{head}","uid":"worker{worker}-{}"}}"#, sequence - 1), ""),
            None => (String::new(), r#""alerts":["chain_start"],"#),
        };
        let text = format!(
            r#"{{"action":"Allowed","action_id":1,"activity_id":99,"actor":{{"user":{{"name":"ada","uid":"u-1"}}}},"api":{{"operation":"tools/call","request":{{"data":"{{\"name\":\"get_order\",\"arguments\":{{\"order\":\"42\"}}}}","uid":"17"}},"response":{{"data":"{answer}"}}}},"class_uid":6003,"duration":60,"http_request":{{"http_method":"POST","url":{{"hostname":"mcp.example.com","path":"/mcp"}}}},"message":"ada: tools/call get_order: Allowed (rule staff-read)","metadata":{{"log_name":"portcullis","logged_time":{time},"product":{{"name":"Portcullis","vendor_name":"Portcullis","version":"0.1.0"}},"reporter":{{"name":"envoy-1","uid":"worker{worker}"}},"sequence":{sequence},"uid":"worker{worker}-{sequence}","version":"1.8.0"}},"start_time":{time},"time":{time},"type_uid":600399,"unmapped":{{{alert}"record_integrity":{{"attestation_list":[{{"authority_uid":"{authority}","chain_uid":"worker{worker}","fingerprint":{{"algorithm":"HMAC-SHA-256","algorithm_id":99,"value":"{zeros}"}}{link}}}]}},"stage":"completed"}}}}"#
        );
        let fingerprint = hex(&mac.clone().chain_update(&text).finalize().into_bytes());
        let text = text.replacen(&format!(r#""value":"{zeros}""#), &format!(r#""value":"{fingerprint}""#), 1);
        writeln!(out, "{text}").unwrap();
        heads[worker] = Some(fingerprint);
        records += 1;
        bytes += text.len() as u64 + 1;
    }
    out.flush().unwrap();
    (records, bytes)
}
