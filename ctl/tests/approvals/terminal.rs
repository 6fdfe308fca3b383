//! The commands, against a service that runs.

use std::io::{BufRead, BufReader};
use std::process::{Command, Output, Stdio};

use serde_json::json;

use super::stand::{Stand, URL};

fn command(stand: &Stand, token: &str, args: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_portcullisctl"));
    command.arg("approvals").args(args).env("PORTCULLIS_APPROVALS_URL", &stand.url).env("PORTCULLIS_APPROVALS_TOKEN", token);
    command
}

/// Exit code, standard output, standard error.
async fn run(stand: &Stand, token: &str, args: &[&str]) -> (i32, String, String) {
    let mut command = command(stand, token, args);
    let Output { status, stdout, stderr } = tokio::task::spawn_blocking(move || command.output().unwrap()).await.unwrap();
    (status.code().unwrap(), String::from_utf8(stdout).unwrap(), String::from_utf8(stderr).unwrap())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_call_is_found_looked_at_and_let_go() {
    let stand = Stand::new().await;
    let bob = stand.token("bob", &["leads"]);
    assert_eq!(run(&stand, &bob, &["list"]).await, (0, String::new(), "nothing\n".to_owned()));
    let mut watching = command(&stand, &bob, &["watch"]).stdout(Stdio::piped()).spawn().unwrap();
    let mut events = BufReader::new(watching.stdout.take().unwrap()).lines();
    // The stream is there once it tells of something: what is asked until then may come too early for it.
    let first = tokio::task::spawn_blocking(move || (events.next().unwrap().unwrap(), events));
    let mut asked = 0;
    while !first.is_finished() {
        asked += 1;
        assert!(asked < 40, "nothing is told");
        stand.asked(&stand.request(&format!("watch {asked}"))).await;
        tokio::time::sleep(std::time::Duration::from_millis(500)).await;
    }
    let (line, _) = first.await.unwrap();
    watching.kill().unwrap();
    watching.wait().unwrap();
    assert!(line.starts_with("requested  apr_") && line.contains("by ada@example.com through agent-7"), "{line}");

    let id = stand.asked(&stand.request("terminal")).await;
    let (code, listed, _) = run(&stand, &bob, &["list", "--search", &id]).await;
    assert!(
        code == 0 && listed.starts_with(&format!("{id}  pending    run_sql  by ada@example.com through agent-7  rule dba-writes")),
        "{listed}"
    );
    let (code, shown, _) = run(&stand, &bob, &["show", &id]).await;
    assert!(code == 0 && shown.contains("\"sql\": \"DELETE FROM orders\"") && shown.contains("why: A write."), "{shown}");
    let (code, _, told) = run(&stand, &stand.token("ada", &["leads"]), &["approve", &id]).await;
    assert!(code == 1 && told.contains("this is your own request") && told.contains("403 own_request"), "{told}");
    let (code, approved, _) = run(&stand, &bob, &["approve", &id, "--reason", "fine"]).await;
    assert!(code == 0 && approved.contains("approved"), "{approved}");
    let other = stand.asked(&stand.request("other")).await;
    assert!(run(&stand, &bob, &["refuse", &other, "--reason", "no"]).await.1.contains("denied"));
    assert_eq!(run(&stand, &bob, &["show", "../x"]).await.0, 2);
    assert_eq!(run(&stand, "nonsense", &["list"]).await.0, 1);

    let glass = stand.asked(&stand.request("glass")).await;
    let oscar = stand.token("oscar", &["on-call"]);
    assert_eq!(run(&stand, &oscar, &["approve", &glass, "--break-glass", "--reason", "down"]).await.0, 0);
    let (code, reviewed, _) =
        run(&stand, &stand.token("sam", &["security"]), &["review", &glass, "--not-justified", "--reason", "no"]).await;
    assert!(code == 0, "{reviewed}");
    let whole = stand.get(&format!("/approver/v1/requests/{glass}"), &oscar).await.body;
    assert_eq!(whole["emergency"]["justified"], false);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_program_serves_and_its_journal_verifies() {
    let stand = Stand::new().await;
    let folder = tempfile::tempdir().unwrap();
    let file = |name: &str| folder.path().join(name).display().to_string();
    let ran = |args: &[&str]| {
        let output = Command::new(env!("CARGO_BIN_EXE_portcullisctl")).arg("approvals").args(args).output().unwrap();
        let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
        (output.status.code().unwrap(), text(output.stdout), text(output.stderr))
    };
    let made = ran(&["secret"]).1;
    let part = |name: &str| made.lines().find_map(|line| line.strip_prefix(name)).unwrap().trim().to_owned();
    let (secret, digest) = (part("secret:"), part("secret_sha256:"));
    let key: serde_json::Value = serde_json::from_str(&ran(&["key", &file("key")]).1).unwrap();
    assert!(key["crv"] == "Ed25519" && key.get("d").is_none());
    let config = format!(
        "version: 1\nlisten: 127.0.0.1:0\npublic_url: {URL}\nstore: {{ sqlite: {} }}\nsigning_keys: [{}]\n\
         filters: [{{ id: orders, secret_sha256: {digest} }}]\napprovers: {{ issuers: [{{ issuer: \"{}\", jwks_url: \"{}\" }}] }}\n",
        file("db"),
        file("key"),
        stand.issuer.issuer,
        stand.issuer.jwks_url
    );
    std::fs::write(file("config.yaml"), &config).unwrap();
    assert_eq!(ran(&["check", "--config", &file("config.yaml")]).0, 0);
    std::fs::write(file("bad.yaml"), config.replace("store:", "stoer:")).unwrap();
    let (code, _, told) = ran(&["check", "--config", &file("bad.yaml")]);
    assert!(code == 1 && told.contains("bad.yaml:4: stoer: unknown name; did you mean `store`?"), "{told}");

    let mut serving = Command::new(env!("CARGO_BIN_EXE_portcullisctl"))
        .args(["approvals", "serve", "--config", &file("config.yaml")])
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut ready = String::new();
    BufReader::new(serving.stderr.take().unwrap()).read_line(&mut ready).unwrap();
    let url = ready.trim().strip_prefix("ready ").unwrap().to_owned();
    let request = stand.request("x");
    let sent = stand.client.post(format!("{url}/access/v1/requests")).bearer_auth(&secret).json(&request);
    let binding = request["context"]["binding"].as_str().unwrap().to_owned();
    assert_eq!(sent.header("idempotency-key", binding).send().await.unwrap().status(), 201);
    let keys: serde_json::Value =
        stand.client.get(format!("{url}/.well-known/portcullis-approvals.json")).send().await.unwrap().json().await.unwrap();
    assert_eq!(keys["jwks"]["keys"], json!([key]));
    let pid = rustix::process::Pid::from_raw(i32::try_from(serving.id()).unwrap()).unwrap();
    rustix::process::kill_process(pid, rustix::process::Signal::TERM).unwrap();
    assert_eq!(serving.wait().unwrap().code(), Some(0));

    let (code, verified, _) = ran(&["verify", "--config", &file("config.yaml")]);
    assert!(code == 0 && verified.starts_with("1 lines, unbroken; the last is 1:"), "{verified}");
    let kept = verified.trim().rsplit(' ').next().unwrap().to_owned();
    assert_eq!(ran(&["verify", "--config", &file("config.yaml"), "--kept", &kept]).0, 0);
    // Somebody with the file: the triggers are taken away, and a whole new chain is written. Only the line that was kept shows it.
    let database = rusqlite::Connection::open(file("db")).unwrap();
    assert!(database.execute("UPDATE journal SET event = 'x'", []).unwrap_err().to_string().contains("only added to"));
    database.execute_batch("DROP TRIGGER journal_stays; UPDATE journal SET body = '{}';").unwrap();
    let (code, _, told) = ran(&["verify", "--config", &file("config.yaml")]);
    assert!(code == 1 && told.contains("line 1 was changed"), "{told}");
    database.execute_batch("DROP TRIGGER journal_keeps; DELETE FROM journal; UPDATE journal_head SET seq = 0, hash = '';").unwrap();
    assert_eq!(ran(&["verify", "--config", &file("config.yaml")]).0, 0);
    assert_eq!(ran(&["verify", "--config", &file("config.yaml"), "--kept", &kept]).0, 1);
}
