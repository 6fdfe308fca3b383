//! `portcullisctl up` around a real Envoy: starting, reloading, stopping, TLS on both sides, and what is on record.
//!
//! A module that lets everything pass stands in for the filter, so that what is tested here is the door and not the guard; `guarded` has the filter.

#[cfg(test)]
mod guarded;
#[expect(clippy::unwrap_used, clippy::panic, reason = "a helper that fails is a test that fails")]
mod running;
#[expect(clippy::unwrap_used, reason = "a helper that fails is a test that fails")]
mod upstream;

use std::fs;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::Duration;

use rcgen::{CertificateParams, KeyPair};
use rustix::process::Signal;
use rustls::pki_types::PrivatePkcs8KeyDer;
use serde_json::Value;

use running::{Running, client_hello, command, eventually, module, policy, refused};

#[tokio::test(flavor = "multi_thread")]
async fn calls_reach_the_upstream_and_nothing_is_left_behind() {
    let upstream = upstream::start(None).await;
    let mut up = Running::start(&format!("http://{upstream}/v1/mcp"), &[]);
    assert!(up.url.starts_with("https://127.0.0.1:") && up.url.ends_with("/mcp"), "{}", up.url);

    let answer = up.client().get(format!("{}?q=1", up.url)).send().await.unwrap();
    assert_eq!(answer.headers()["x-cipher"], "TLS_AES_256_GCM_SHA384", "the filter can read the cipher suite");
    let seen = answer.text().await.unwrap();
    assert_eq!(seen, format!("GET /v1/mcp?q=1 HTTP/1.1\nhost: {upstream}\n"));

    let other = up.url.replace("/mcp", "/mcp/more");
    let seen = up.client().get(other).send().await.unwrap().text().await.unwrap();
    assert!(seen.starts_with("GET /mcp/more "), "only the endpoint itself is rewritten: {seen}");

    up.signal(Signal::TERM);
    let (status, rest) = up.end();
    assert_eq!((status.code(), rest.as_str()), (Some(0), ""), "one line on stdout, and a clean end");
    assert_eq!(up.leftovers(), 0);
    assert!(TcpStream::connect(up.url.trim_start_matches("https://").trim_end_matches("/mcp")).is_err());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_killed_program_takes_envoy_with_it() {
    let upstream = upstream::start(None).await;
    let mut up = Running::start(&format!("http://{upstream}"), &["--tls", "off"]);
    let address = up.url.trim_start_matches("http://").trim_end_matches("/mcp").to_owned();
    assert!(TcpStream::connect(&address).is_ok());
    up.signal(Signal::KILL);
    up.end();
    eventually("Envoy goes on, or its files stay", async || (TcpStream::connect(&address).is_err() && up.leftovers() == 0).then_some(()))
        .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_saved_policy_takes_effect_and_streams_go_on() {
    let upstream = upstream::start(None).await;
    let up = Running::start(&format!("http://{upstream}"), &[]);
    let client = up.client();
    let in_force = async || {
        let answer = client.get(&up.url).send().await.unwrap();
        let policy: Value = serde_json::from_slice(answer.headers()["x-policy"].as_bytes()).unwrap();
        policy["rules"][0]["id"].as_str().unwrap().to_owned()
    };
    assert_eq!(in_force().await, "one");

    let slow = tokio::spawn(client.get(format!("{}/slow", up.url)).send());
    let mut slow = slow.await.unwrap().unwrap();
    let mut streamed = slow.chunk().await.unwrap().unwrap().to_vec();

    // As editors do it: another file, renamed.
    let saved = std::time::Instant::now();
    fs::write(up.folder.path().join("policy.new"), policy("two")).unwrap();
    fs::rename(up.folder.path().join("policy.new"), up.policy_file()).unwrap();
    eventually("the saved policy is not in force", async || (in_force().await == "two").then_some(())).await;
    assert!(saved.elapsed() < Duration::from_secs(2), "took {:?}", saved.elapsed());
    assert!(streamed.len() < upstream::TICKS * 7, "the stream was to be running while the policy changed");

    // Not YAML; then refused by the filter itself. The policy in force stays.
    fs::write(up.policy_file(), "rules: [").unwrap();
    eventually("no report of the first mistake", async || up.stderr().contains("not YAML").then_some(())).await;
    fs::write(up.policy_file(), refused()).unwrap();
    eventually("no report of the second mistake", async || up.stderr().contains("and another").then_some(())).await;
    assert_eq!(in_force().await, "two");
    fs::write(up.policy_file(), policy("three")).unwrap();
    eventually("a good policy after bad ones", async || (in_force().await == "three").then_some(())).await;

    while let Some(chunk) = slow.chunk().await.unwrap() {
        streamed.extend(chunk);
    }
    let expected: String = (0..upstream::TICKS).map(|tick| format!("tick {tick}\n")).collect();
    assert_eq!(String::from_utf8(streamed).unwrap(), expected);
    eventually("two reloads are told", async || (up.stderr().matches("policy reloaded").count() == 2).then_some(())).await;
}

#[test]
fn a_policy_that_does_not_load_lets_nothing_start() {
    let good = policy("one");
    let unset = "transport: { upstream_credential: { header: authorization, value: '${env:PORTCULLIS_TEST_UNSET}' } }\n";
    let fetched = "version: 1\nresource: https://a.example/mcp\nidentity: { issuers: [{ issuer: https://i.example, jwks: { cluster: idp, path: / } }] }\n";
    for (text, code, says) in [
        (refused(), 1, vec!["the policy has a mistake", "and another"]),
        ("resource: [\n".to_owned(), 1, vec!["not YAML"]),
        (format!("{good}{unset}"), 1, vec!["PORTCULLIS_TEST_UNSET"]),
        (fetched.to_owned(), 1, vec!["--cluster idp="]),
        // Every mistake at once, each with its line and its cure.
        (
            good.replace("allow", "alow").replace("tools", "tool") + "defualt: deny\n",
            1,
            vec![
                "line 8",
                "`alow`",
                "tool: unknown name; did you mean `tools`?",
                "line 9",
                "defualt: unknown name; did you mean `default`?",
            ],
        ),
    ] {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("policy.yaml"), text).unwrap();
        let done = command(folder.path(), module(), "http://127.0.0.1:9", &["--tls", "off"]).output().unwrap();
        let stderr = fs::read_to_string(folder.path().join("stderr")).unwrap();
        assert_eq!(done.status.code(), Some(code), "{stderr}");
        says.iter().for_each(|says| assert!(stderr.contains(says), "{says} is not in\n{stderr}"));
        assert!(done.stdout.is_empty(), "never ready");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_exchange_and_every_failure_is_on_record() {
    let upstream = upstream::start(None).await;
    let up = Running::start(&format!("http://{upstream}"), &[]);
    let address = up.url.trim_start_matches("https://").trim_end_matches("/mcp").to_owned();
    let lines = || up.lines();
    let line =
        async |what: &str, wanted: &dyn Fn(&Value) -> bool| eventually(what, async || lines().into_iter().find(|line| wanted(line))).await;

    // A plaintext client on the TLS port reaches the filter, which is to answer it.
    let mut plain = TcpStream::connect(&address).unwrap();
    plain.write_all(b"GET /mcp HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n").unwrap();
    let mut answer = String::new();
    plain.read_to_string(&mut answer).unwrap();
    assert!(answer.contains("x-policy:") && !answer.contains("x-cipher:"), "{answer}");
    line("no record", &|line| line.get("record").is_some()).await;
    assert_eq!(up.audit(), "{\"record\":\"kept  as \\/ it is\"}\n", "byte for byte, and nothing beside it");

    // A client that does not trust the certificate.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let stranger = reqwest::Client::builder().no_proxy().tls_certs_only([]).build().unwrap();
    assert!(stranger.get(up.url.replace("127.0.0.1", "localhost")).send().await.is_err());
    let failed = line("no failed handshake", &|line| line["portcullis"] == "tls-handshake-failed").await;
    assert_eq!(failed["sni"], "localhost");
    assert!(failed["source"].as_str().unwrap().starts_with("127.0.0.1:"), "{failed}");
    assert!(failed["tls_version"].is_string() && failed["time"].is_string() && failed["reason"].is_string(), "{failed}");

    // A client that hangs up in the middle of its handshake.
    let mut halfway = TcpStream::connect(&address).unwrap();
    halfway.write_all(&client_hello("halfway.example")).unwrap();
    halfway.read_exact(&mut [0; 5]).unwrap();
    drop(halfway);
    line("no line for the handshake left halfway", &|line| line["sni"] == "halfway.example").await;

    // A client that goes away in the middle of an answer is no failed handshake.
    let mut gone = up.client().get(format!("{}/slow", up.url)).send().await.unwrap();
    gone.chunk().await.unwrap();
    drop(gone);
    eventually("no record of the second exchange", async || {
        (lines().iter().filter(|line| line.get("record").is_some()).count() == 2).then_some(())
    })
    .await;

    // A trap of the filter: nothing passes, and the line says why. This comes last, the VM is made anew.
    let trapped = up.client().get(&up.url).header("x-trap", "1").send().await.unwrap();
    assert_eq!(trapped.status(), 503);
    let trapped = line("no line for the trap", &|line| line["portcullis"] == "no-record").await;
    assert_eq!((&trapped["details"], &trapped["status"]), (&"wasm_fail_stream".into(), &503.into()));
    assert_eq!((&trapped["path"], &trapped["tls_cipher"]), (&"/mcp".into(), &"TLS_AES_256_GCM_SHA384".into()));

    let kinds = |kind: &str| lines().iter().filter(|line| line["portcullis"] == kind).count();
    assert_eq!((kinds("tls-handshake-failed"), kinds("no-record"), kinds("protocol-error")), (2, 1, 0), "{}", up.audit());
}

#[tokio::test(flavor = "multi_thread")]
async fn the_upstream_must_prove_its_name() {
    let key = KeyPair::generate().unwrap();
    let certificate = CertificateParams::new(["localhost".to_owned()]).unwrap().self_signed(&key).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let authority = folder.path().join("ca.pem");
    fs::write(&authority, certificate.pem()).unwrap();
    let _ = rustls::crypto::ring::default_provider().install_default();
    let key = PrivatePkcs8KeyDer::from(key.serialize_der());
    let config = rustls::ServerConfig::builder().with_no_client_auth();
    let config = config.with_single_cert(vec![certificate.der().clone()], key.into()).unwrap();
    let port = upstream::start(Some(config)).await.port();
    let authority = authority.to_str().unwrap();

    for (url, more, status) in [
        (format!("https://localhost:{port}"), vec!["--upstream-ca", authority], 200),
        // The same server by a name that is not in its certificate.
        (format!("https://127.0.0.1:{port}"), vec!["--upstream-ca", authority], 503),
        // Not signed by anyone this system trusts.
        (format!("https://localhost:{port}"), vec![], 503),
    ] {
        let up = Running::start(&url, &[vec!["--tls", "off"], more].concat());
        let answer = reqwest::Client::builder().no_proxy().tls_certs_only([]).build().unwrap().get(&up.url).send().await.unwrap();
        assert_eq!(answer.status(), status, "{url}");
    }
}

#[test]
fn a_reader_that_has_gone_is_no_reason_to_panic() {
    for (args, code) in [(&["policy", "schema"][..], 0), (&["policy", "check", "no-such-file"], 3)] {
        let (reader, writer) = std::io::pipe().unwrap();
        drop(reader);
        let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_portcullisctl"));
        let status = command.args(args).stdout(writer.try_clone().unwrap()).stderr(writer).status().unwrap();
        assert_eq!(status.code(), Some(code), "{args:?}");
    }
}
