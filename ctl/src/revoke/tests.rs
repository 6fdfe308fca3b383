use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use clap::Parser;
use serde_json::{Value, json};

use super::*;

#[derive(Parser)]
struct Cli {
    #[command(flatten)]
    args: Args,
}

fn revoke(file: &Path, line: &[&str]) -> Result<()> {
    let file = file.to_str().unwrap();
    let parsed = Cli::try_parse_from(["revoke", "--file", file].into_iter().chain(line.iter().copied()))?;
    run(parsed.args).map(|_| ())
}

fn payload(file: &Path) -> Value {
    use base64::Engine;
    let text = fs::read_to_string(file).unwrap();
    let parts: Vec<&str> = text.split('.').collect();
    serde_json::from_slice(&base64::engine::general_purpose::URL_SAFE_NO_PAD.decode(parts[1]).unwrap()).unwrap()
}

#[test]
fn what_is_taken_back_is_listed_signed_and_can_be_given_back() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("revocations.jwt");
    revoke(&file, &["--jti", "t-1", "--issuer", "https://i.example"]).unwrap();
    revoke(&file, &["--session", "s-1", "--note", "INC-7"]).unwrap();
    revoke(&file, &["--subject", "ada", "--issuer", "https://i.example", "--before", "1800000000"]).unwrap();
    revoke(&file, &["--subject", "ada", "--issuer", "https://i.example"]).unwrap();
    revoke(&file, &["--client", "agent"]).unwrap();
    revoke(&file, &["--issuer-wide", "--issuer", "https://i.example", "--before", "1700000000"]).unwrap();
    let list = payload(&file);
    assert_eq!(list["tokens"], json!([{ "iss": "https://i.example", "jti": "t-1" }]));
    assert_eq!(list["sessions"], json!([{ "sid": "s-1", "note": "INC-7" }]));
    assert_eq!(list["subjects"], json!([{ "iss": "https://i.example", "sub": "ada" }]), "the later word counts");
    assert_eq!(list["clients"], json!([{ "client_id": "agent" }]));
    assert_eq!(list["issuers"], json!([{ "iss": "https://i.example", "before": 1_700_000_000 }]));
    assert_eq!(ListFile::open(&file, None).unwrap().lines().len(), 5);

    revoke(&file, &["--undo", "--subject", "ada", "--issuer", "https://i.example"]).unwrap();
    let after = payload(&file);
    assert_eq!(after["subjects"], json!([]));
    assert!(after["sequence"].as_u64() > list["sequence"].as_u64());
    let gone = revoke(&file, &["--undo", "--client", "nobody"]).unwrap_err();
    assert_eq!(exit::code_of(&gone), exit::Exit::Wrong);
}

#[test]
fn the_key_is_made_once_is_private_and_stays() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("revocations.jwt");
    revoke(&file, &["--public-key"]).unwrap();
    let key = folder.path().join("revocations.jwt.key");
    assert_eq!(fs::metadata(&key).unwrap().permissions().mode() & 0o777, 0o600);
    let public = ListFile::open(&file, None).unwrap().public_key().unwrap();
    assert!(public.get("d").is_none() && public["kid"].is_string() && public["alg"] == "ES256");
    let before = fs::read_to_string(&key).unwrap();
    revoke(&file, &["--client", "a"]).unwrap();
    assert_eq!(fs::read_to_string(&key).unwrap(), before);
    // Neither another's list nor a changed one is signed as ours.
    let other = folder.path().join("other.key");
    assert!(revoke(&file, &["--client", "b", "--key", other.to_str().unwrap()]).is_err());
    let text = fs::read_to_string(&file).unwrap();
    let (head, _) = text.rsplit_once('.').unwrap();
    fs::write(&file, format!("{head}.AAAA")).unwrap();
    assert!(revoke(&file, &["--client", "b"]).is_err());
}

#[test]
fn lists_that_expire_keep_their_span_and_lost_ones_begin_higher() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("revocations.jwt");
    revoke(&file, &["--client", "a", "--valid", "5m"]).unwrap();
    revoke(&file, &["--renew"]).unwrap();
    let list = payload(&file);
    assert_eq!(list["exp"].as_u64().unwrap() - list["iat"].as_u64().unwrap(), 300);
    assert_eq!(list["clients"], json!([{ "client_id": "a" }]));
    fs::remove_file(&file).unwrap();
    revoke(&file, &["--client", "b"]).unwrap();
    assert!(payload(&file)["sequence"].as_u64() > list["sequence"].as_u64());
}

#[test]
fn a_command_that_says_too_little_or_too_much_changes_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("revocations.jwt");
    for line in [
        &[][..],
        &["--jti", "t-1"],
        &["--subject", "ada"],
        &["--issuer-wide"],
        &["--issuer-wide", "--issuer", "https://i"],
        &["--client", "a", "--session", "s"],
        &["--client", "a", "--list"],
        &["--client", "a", "--before", "now"],
        &["--list", "--undo"],
        &["--subject", "ada", "--issuer", "https://i", "--before", "yesterday"],
        &["--renew", "--valid", "0s"],
    ] {
        assert!(revoke(&file, line).is_err(), "{line:?}");
    }
    assert!(!file.exists());
}

/// The filter's own reading of what this program writes.
#[tokio::test]
async fn the_filter_believes_the_list() {
    use portcullis::exchange::{Answer, Engine, Identification, SharedData};
    use portcullis::time::Time;

    struct Nothing(std::collections::HashMap<String, (Vec<u8>, u32)>);
    impl SharedData for Nothing {
        fn read(&self, key: &str) -> Option<(Vec<u8>, u32)> {
            self.0.get(key).cloned()
        }
        fn write(&mut self, key: &str, value: &[u8], _: Option<u32>) -> bool {
            self.0.insert(key.to_owned(), (value.to_vec(), 1));
            true
        }
    }

    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("revocations.jwt");
    revoke(&file, &["--subject", "ada", "--issuer", "https://i.example", "--before", "now", "--note", "left"]).unwrap();
    let public = ListFile::open(&file, None).unwrap().public_key().unwrap();
    let policy = json!({ "version": 1, "resource": "https://mcp.example.com/mcp", "identity": {
        "issuers": [{ "issuer": "https://i.example", "keys": [public] }],
        "revocation": { "cluster": "control", "path": "/r", "keys": [public] },
    } });
    let loaded = portcullis::policy::from_json(&policy.to_string(), &|_| None).unwrap();
    let identification = Identification { node: String::new(), vm: String::new(), version: "0", git_hash: "0" };
    let mut engine = Engine::new(&loaded, identification).unwrap();
    let (mut shared, now) = (Nothing(Default::default()), Time::from_millis(u64::try_from(super::now().unwrap().as_millis()).unwrap()));
    engine.tick(&mut shared, now);
    let call = engine.tick(&mut shared, now).calls.pop().unwrap();
    let body = fs::read(&file).unwrap();
    let answered =
        engine.answered(call.ticket, Answer::Response { headers: vec![(":status".to_owned(), "200".to_owned())], body }, &mut shared, now);
    assert_eq!(answered.notices, [""; 0]);

    let server = serve::Server::start(&file).await.unwrap();
    let client = reqwest_client();
    let first = client.get(format!("{}/r", server.url)).send().await.unwrap();
    let etag = first.headers()["etag"].clone();
    assert_eq!(first.bytes().await.unwrap(), fs::read(&file).unwrap());
    let again = client.get(format!("{}/r", server.url)).header("if-none-match", etag.clone()).send().await.unwrap();
    assert_eq!(again.status(), 304);
    revoke(&file, &["--renew"]).unwrap();
    let changed = client.get(format!("{}/r", server.url)).header("if-none-match", etag).send().await.unwrap();
    assert_eq!(changed.status(), 200);
    assert_eq!(server.requests(), (3, 1));
}

fn reqwest_client() -> reqwest::Client {
    crate::demo::client::http(None).unwrap()
}
