//! A store that an earlier version left is brought up to date and goes on where it was.

use portcullisctl::approvals::{Clock, Server};
use reqwest::header::{COOKIE, LOCATION};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::stand::{Plan, Stand, use_name};

/// Tables and rows, in what both engines understand.
const STEP_1: &str = include_str!("step-1.sql");

const SQLITE: &str = "
CREATE TRIGGER journal_stays BEFORE UPDATE ON journal BEGIN SELECT RAISE(ABORT, 'the journal is only added to'); END;
CREATE TRIGGER journal_keeps BEFORE DELETE ON journal BEGIN SELECT RAISE(ABORT, 'the journal is only added to'); END;
";

const POSTGRES: &str = "
CREATE FUNCTION journal_is_kept() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN RAISE EXCEPTION 'the journal is only added to'; END $$;
CREATE TRIGGER journal_stays BEFORE UPDATE OR DELETE OR TRUNCATE ON journal FOR EACH STATEMENT EXECUTE FUNCTION journal_is_kept();
";

/// Whose requests those are.
const ISSUER: &str = "http://127.0.0.1:42119";

pub fn for_postgres() -> String {
    format!("{STEP_1}{POSTGRES}")
}

#[tokio::test(flavor = "multi_thread")]
async fn the_first_step_goes_on_on_sqlite() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("old.db");
    let database = rusqlite::Connection::open(&file).unwrap();
    database.execute_batch(&format!("{STEP_1}{SQLITE}")).unwrap();
    let stand = goes_on(format!("{{ sqlite: {} }}", file.display())).await;

    // What a later version made is not touched.
    database.execute_batch("UPDATE schema_version SET version = 99").unwrap();
    let refused = Server::start(&stand.config, Clock::default()).await.err().unwrap();
    assert!(format!("{refused:#}").contains("made by a later version"), "{refused:#}");
}

pub async fn goes_on(store: String) -> Stand {
    let stand = Stand::with(Plan { store: Some(store), page: true, ..Plan::default() }).await;
    let again = |name: &str| {
        let mut request = stand.request(name);
        request["subject"]["id"] = json!(format!("{ISSUER}#ada"));
        request["subject"]["properties"]["issuer"] = json!(ISSUER);
        match name {
            "half" => request["context"]["approvers"]["quorum"] = json!(2),
            "approved" => request["context"]["grant"]["uses"] = json!(3),
            _ => {}
        }
        request
    };
    let binding = |name: &str| again(name)["context"]["binding"].as_str().unwrap().to_owned();
    let known = async |name: &str, status: &str| {
        let told = stand.ask(&again(name)).await;
        assert_eq!((told.status, told.body["task"]["status"].as_str()), (200, Some(status)), "{name}: {told:?}");
        told.body["task"]["id"].as_str().unwrap().to_owned()
    };

    let (bob, eve) = (stand.token("bob", &["leads"]), stand.token("eve", &["leads"]));
    let waits = known("waits", "pending").await;
    assert_eq!(stand.approve(&waits, &bob).await.body["task"]["status"], "approved");
    assert_eq!(stand.consume(&waits, &binding("waits"), &use_name(7)).await.status, 200);
    let half = known("half", "pending").await;
    assert_eq!(stand.approve(&half, &bob).await.body["error"], "already_said");
    assert_eq!(stand.approve(&half, &eve).await.body["task"]["status"], "approved");
    let approved = known("approved", "approved").await;
    assert_eq!(stand.consume(&approved, &binding("approved"), &use_name(1)).await.status, 409, "a use of then");
    assert_eq!(stand.consume(&approved, &binding("approved"), &use_name(2)).await.body["remaining"], 1);
    let used = stand.ask(&again("used")).await;
    assert_eq!(used.status, 201, "what is spent is asked anew");
    let glass = known("glass", "approved").await;
    let reviewed = json!({ "justified": true, "reason": "it was down" });
    let path = format!("/approver/v1/requests/{glass}/review");
    assert_eq!(stand.call(reqwest::Method::POST, &path, &stand.token("sam", &["security"]), &[], Some(&reviewed)).await.status, 200);

    // What the second step added is there.
    let http = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).build().unwrap();
    let seen = http.get(&stand.url).header(COOKIE, "portcullis_session=nobody").send().await.unwrap();
    assert!(seen.headers()[LOCATION].to_str().unwrap().starts_with("/login?"));

    // The journal goes on from its old lines.
    let journal = stand.get("/approver/v1/journal?limit=1000", &stand.token("ida", &["audit"])).await.body;
    let mut previous = String::new();
    let lines = journal["entries"].as_array().unwrap();
    assert!(lines.len() > 13);
    for line in lines {
        assert_eq!(line["previous"], previous.as_str());
        previous = hash(line);
        assert_eq!(line["hash"], previous.as_str(), "{line}");
    }
    stand
}

fn hash(line: &Value) -> String {
    let said = json!({
        "seq": line["seq"], "at": line["at_millis"], "request": line["request"], "event": line["event"], "body": line["body"], "previous": line["previous"],
    });
    Sha256::digest(serde_json_canonicalizer::to_vec(&said).unwrap()).iter().map(|byte| format!("{byte:02x}")).collect()
}
