//! Inside: calls that are allowed, and what they get to see.

use anyhow::Result;
use rmcp::model::CallToolResult;
use serde_json::{Value, json};

use super::{
    cast::{ADA, GRACE, MINA},
    stage::{Stage, leaked},
};
use crate::demo::{
    client::{Client, Era, text, whole},
    gateway_seam::Gateway,
    records::Record,
    server::{Raw, credentials, personal},
};

pub(super) async fn ada_connects<G: Gateway>(stage: &mut Stage<G>) -> Result<Client> {
    stage.screen.act("Ada comes in");
    stage.screen.say("Ada is an engineer. Her agent has a token of the issuer, opens a session and asks what there is.");
    stage.records.mark();
    let ada = stage.connect(&ADA, Era::Legacy).await?;
    let tools: Vec<_> = ada.tools().await?.into_iter().map(|tool| tool.name.into_owned()).collect();
    stage.screen.fact("answer", &format!("protocol {}, tools {}", ada.revision(), tools.join(", ")));
    let record = stage.record(ADA.name, "tools/list", "").await;
    let hidden = !tools.iter().any(|tool| tool == "run_sql");
    stage
        .screen
        .claim(tools.len() == 5 && hidden, "initialize and tools/list work, and the list leaves out run_sql, which Ada may never use");
    stage.screen.claim(record.is_some_and(|record| record.tls().starts_with("TLSv1.")), "the record names the TLS version");
    Ok(ada)
}

pub(super) async fn a_customer<G: Gateway>(stage: &mut Stage<G>, ada: &Client) -> Result<()> {
    stage.screen.act("A customer, masked");
    stage.screen.say("Ada may look customers up. What is personal is masked on its way out, in the text and in the structured content.");
    let (result, record) = stage.call(&ADA, ada, "lookup_customer", &json!({ "id": 1 })).await?;
    hides(stage, &result, &personal());
    stage.screen.claim(whole(&result).contains("Hannah Abbott"), "the rest is as it was");
    stage
        .screen
        .claim(by_rule(record.as_ref(), "Modified", "staff-tools"), "on record: allowed by `staff-tools`, modified, with what was found");

    stage.screen.say("Mina looks after privacy: her group sees addresses, and still no numbers.");
    let mina = stage.connect(&MINA, Era::Modern).await?;
    let (result, _) = stage.call(&MINA, &mina, "lookup_customer", &json!({ "id": 1 })).await?;
    let (addresses, numbers): (Vec<Raw>, Vec<Raw>) = personal().into_iter().partition(|raw| raw.what == "e-mail address");
    stage.screen.claim(!leaked(&whole(&result), &addresses).is_empty(), "Mina sees the e-mail address");
    hides(stage, &result, &numbers);
    mina.close().await;
    Ok(())
}

pub(super) async fn files<G: Gateway>(stage: &mut Stage<G>, ada: &Client) -> Result<()> {
    stage.screen.act("A file full of keys");
    stage.screen.say("The agent reads the service's .env and its configuration, as agents do.");
    for path in [".env", "config/app.json"] {
        let (result, record) = stage.call(&ADA, ada, "read_file", &json!({ "path": path })).await?;
        hides(stage, &result, &credentials());
        stage.screen.claim(by_rule(record.as_ref(), "Modified", "staff-tools"), "on record, with what was found");
        if path == ".env" {
            stage.screen.claim(
                text(&result).contains("LOG_LEVEL=info") && text(&result).contains("db.internal"),
                "the rest of the file can be read",
            );
        }
    }
    Ok(())
}

pub(super) async fn sql_refused<G: Gateway>(stage: &mut Stage<G>, ada: &Client) -> Result<()> {
    stage.screen.act("SQL is not for everybody");
    stage.screen.say("Ada's agent tries SQL. It gets an answer a model can read and act on, and the session goes on.");
    let (result, record) = stage.call(&ADA, ada, "run_sql", &json!({ "sql": "DELETE FROM orders" })).await?;
    stage.screen.claim(result.is_error == Some(true) && text(&result).contains("lookup_customer"), "refused, in the words of the rule");
    stage.screen.claim(by_rule(record.as_ref(), "Denied", "sql-is-for-dbas"), "on record: denied by `sql-is-for-dbas`");
    let reached = stage.stand.reached("run_sql");
    stage.screen.claim(reached == 0, "the server has not seen the statement");
    Ok(())
}

pub(super) async fn sql_allowed<G: Gateway>(stage: &mut Stage<G>) -> Result<()> {
    stage.screen.act("Grace may");
    stage.screen.say("Grace is a database administrator, and her agent speaks the 2026-07-28 revision: no session, each call for itself.");
    let grace = stage.connect(&GRACE, Era::Modern).await?;
    // Masking goes by what a value is, not by what its column is called.
    let sql = "SELECT name, card AS a, contract AS b FROM customers ORDER BY id";
    let (result, record) = stage.call(&GRACE, &grace, "run_sql", &json!({ "sql": sql })).await?;
    let rows: Vec<Value> = serde_json::from_str(&text(&result)).unwrap_or_default();
    stage.screen.claim(rows.len() == 4 && stage.stand.reached("run_sql") == 1, "allowed: four rows");
    hides(stage, &result, &personal());
    let contract = |row: usize| rows.get(row).and_then(|row| row.get("b")).and_then(Value::as_str).unwrap_or_default();
    stage.screen.claim(
        contract(0).contains("[MASKED:") && contract(0) == contract(3) && contract(0) != contract(1),
        "hashed contract numbers can still be joined: Hannah's and Jonas's are one",
    );
    stage.screen.claim(by_rule(record.as_ref(), "Modified", "dba-sql"), "on record: allowed by `dba-sql`");
    grace.close().await;
    Ok(())
}

fn hides<G: Gateway>(stage: &mut Stage<G>, result: &CallToolResult, raw: &[Raw]) {
    let leaked = leaked(&whole(result), raw);
    let claim = format!("none of {} raw values got through", raw.len());
    let claim = if leaked.is_empty() { claim } else { format!("{claim} (here: {})", leaked.join(", ")) };
    stage.screen.claim(leaked.is_empty(), &claim);
}

pub(super) fn by_rule(record: Option<&Record>, action: &str, rule: &str) -> bool {
    record.is_some_and(|record| record.action() == action && record.rule() == rule && (action != "Modified" || !record.masked().is_empty()))
}
