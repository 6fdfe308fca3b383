//! Clients made with the SDKs get through an approval: told to come again, held until somebody has decided, or sent to a page.
//!
//! rmcp always; the others where they are installed: `PORTCULLIS_CLIENTS` names a folder with `ts1` (`npm i @modelcontextprotocol/sdk@1.32.2`), `ts2`
//! (`npm i @modelcontextprotocol/client@2.4.0`), `py1` and `py2` (virtual environments with `mcp==1.30.0` and `mcp==2.3.0`). With `--nocapture` it shows what each
//! of them hands to its model.

use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use portcullisctl::demo::client::{self, Client, Era};
use portcullisctl::demo::gateway_seam::Gateway;
use portcullisctl::demo::stand::Setup;
use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader, Lines};
use tokio::process::{Child, ChildStdin, ChildStdout, Command};

use super::asking::{People, stand_with};
use super::support::{Rig, within};

/// Somebody with a client: a program that is told what to call.
struct Someone {
    _program: Child,
    says: ChildStdin,
    hears: Lines<BufReader<ChildStdout>>,
}

impl Someone {
    async fn start(command: &mut Command, rig: &Rig, era: Era) -> Self {
        let era = if era == Era::Modern { "modern" } else { "legacy" };
        command.args([rig.stand.gateway.url(), &rig.token("ana", "engineering"), era]).kill_on_drop(true);
        command.env("NODE_EXTRA_CA_CERTS", rig.stand.gateway.ca_path()).env("SSL_CERT_FILE", rig.stand.gateway.ca_path());
        let mut program = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
        let (says, hears) = (program.stdin.take().unwrap(), BufReader::new(program.stdout.take().unwrap()).lines());
        let mut someone = Self { _program: program, says, hears };
        let connected = someone.hear().await;
        assert_eq!(connected, json!({ "connected": true }));
        someone
    }

    async fn call(&mut self, id: i64) {
        self.says.write_all(format!("{id}\n").as_bytes()).await.unwrap();
    }

    async fn hear(&mut self) -> Value {
        let line = within(self.hears.next_line()).await.unwrap().expect("it goes on");
        serde_json::from_str(&line).unwrap_or_else(|err| panic!("{err}: {line}"))
    }
}

fn is_made(told: &Value) -> bool {
    told["is_error"] == false && told["text"].as_str().is_some_and(|text| text.contains("MASKED"))
}

fn is_told_to_come_again(told: &Value) -> bool {
    told["is_error"] == true && told["text"].as_str().is_some_and(|text| text.contains("Make the same call again, with the same arguments"))
}

/// Everything once: held too long and made again, held until approved, denied.
async fn gets_through(name: &str, mut someone: Someone, sent_to_pages: bool, people: &People, rig: &Rig) {
    println!("== {name}");
    let before = rig.stand.reached("lookup_customer");
    let heard = |told: Value| {
        println!("{told}");
        told
    };
    someone.call(1).await;
    if sent_to_pages {
        let page = heard(someone.hear().await);
        assert!(page["page"].as_str().unwrap().starts_with("https://approvals.example.com/r/apr_"), "{page}");
        // It has come back by itself, and is held again.
    } else {
        let told = heard(someone.hear().await);
        assert!(is_told_to_come_again(&told), "{told}");
    }
    people.decide(&people.waiting().await, "approve").await;
    if !sent_to_pages {
        someone.call(1).await;
    }
    let told = heard(someone.hear().await);
    assert!(is_made(&told), "{told}");

    for (id, decision) in [(2, "approve"), (3, "deny")] {
        someone.call(id).await;
        let request = people.waiting().await;
        tokio::time::sleep(Duration::from_millis(300)).await;
        people.decide(&request, decision).await;
        let told = heard(someone.hear().await);
        match decision {
            "approve" => assert!(is_made(&told), "{told}"),
            _ => assert!(told["is_error"] == true && told["text"].as_str().unwrap().contains("looked at it"), "{told}"),
        }
    }
    assert_eq!(rig.stand.reached("lookup_customer") - before, 2, "each approval once");
}

#[tokio::test(flavor = "multi_thread")]
async fn rmcp_gets_through_an_approval() {
    let people = People::start().await;
    let rig = stand_with(Setup::default(), &people, "3s", |policy| policy).await;
    for (era, ids) in [(Era::Legacy, [1, 2]), (Era::Modern, [3, 1])] {
        let client = rig.connect("ana", "engineering", era).await;
        let told = within(client.call("lookup_customer", &json!({ "id": ids[0] }))).await.unwrap();
        println!("{era:?}: {}", client::text(&told));
        assert!(told.is_error == Some(true) && client::text(&told).contains("Make the same call again, with the same arguments"));
        people.decide(&people.waiting().await, "approve").await;
        let told = within(client.call("lookup_customer", &json!({ "id": ids[0] }))).await.unwrap();
        assert_ne!(told.is_error, Some(true), "{}", client::text(&told));
        let held = client.begin("lookup_customer", &json!({ "id": ids[1] })).await.unwrap();
        people.decide(&people.waiting().await, "approve").await;
        let told = within(held.result()).await.unwrap();
        assert_ne!(told.is_error, Some(true), "{}", client::text(&told));
        Client::close(client).await;
    }
    assert_eq!(rig.stand.reached("lookup_customer"), 4);
}

#[tokio::test(flavor = "multi_thread")]
async fn every_sdk_gets_through_an_approval() {
    let Some(folder) = std::env::var_os("PORTCULLIS_CLIENTS").map(PathBuf::from) else {
        println!("skipped: PORTCULLIS_CLIENTS names no folder");
        return;
    };
    let scripts = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/e2e/clients");
    let node = |version: &str| {
        let mut command = Command::new("node");
        command.arg(scripts.join("sdk.cjs")).current_dir(folder.join(version));
        command
    };
    let python = |version: &str| {
        let mut command = Command::new(folder.join(version).join("bin/python"));
        command.arg(scripts.join("sdk.py"));
        command
    };
    for (name, mut command, era) in [
        ("TypeScript sdk 1.32.2, 2025-11-25", node("ts1"), Era::Legacy),
        ("TypeScript client 2.4.0, 2025-11-25", node("ts2"), Era::Legacy),
        ("TypeScript client 2.4.0, 2026-07-28", node("ts2"), Era::Modern),
        ("Python mcp 1.30.0, 2025-11-25", python("py1"), Era::Legacy),
        ("Python mcp 2.3.0, 2025-11-25", python("py2"), Era::Legacy),
        ("Python mcp 2.3.0, 2026-07-28", python("py2"), Era::Modern),
    ] {
        let people = People::start().await;
        let rig = stand_with(Setup::default(), &people, "3s", |policy| policy).await;
        let someone = Someone::start(&mut command, &rig, era).await;
        gets_through(name, someone, era == Era::Modern, &people, &rig).await;
    }
}
