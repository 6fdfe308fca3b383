//! Before the door: callers who do not come in.

use std::time::Duration;

use anyhow::{Context, Result};
use reqwest::Response;
use serde_json::Value;

use super::{cast::ADA, stage::Stage};
use crate::{
    demo::{client, gateway_seam::Gateway},
    issuer::TokenRequest,
};

const INITIALIZE: &str = r#"{"jsonrpc":"2.0","id":1,"method":"initialize","params":{"protocolVersion":"2025-11-25","capabilities":{},"clientInfo":{"name":"somebody","version":"1"}}}"#;

pub(super) async fn without_a_token<G: Gateway>(stage: &mut Stage<G>) -> Result<()> {
    stage.screen.act("Nobody in particular");
    stage.screen.say("A client without a token is told where to get one (RFC 9728), and that is all it learns.");
    stage.records.mark();
    let response = post(stage, stage.stand.gateway.url(), None).await?;
    let challenge = header(&response, "www-authenticate");
    stage.screen.fact("answer", &format!("{}, WWW-Authenticate: {challenge}", response.status()));
    let record = stage.records.wait_for(|record| record.action() == "Denied").await;
    stage.show(record.as_ref());
    stage.screen.claim(response.status() == 401 && challenge.starts_with("Bearer "), "refused with 401 and a challenge");
    stage.screen.claim(!challenge.is_empty() && !challenge.contains("error="), "the challenge accuses nobody of a bad token");

    let pointed =
        challenge.split_once("resource_metadata=\"").and_then(|(_, rest)| Some(rest.split_once('"')?.0.to_owned())).unwrap_or_default();
    let metadata = match client::http(Some(&stage.stand.ca_pem))?.get(&pointed).send().await {
        Ok(response) => response.json().await.unwrap_or(Value::Null),
        Err(_) => Value::Null,
    };
    stage.screen.fact("metadata", &metadata.to_string());
    stage.screen.claim(
        metadata.pointer("/authorization_servers/0").and_then(Value::as_str) == Some(&stage.stand.issuer.issuer),
        "the document the challenge points to names the issuer",
    );
    nothing_arrived(stage);
    Ok(())
}

pub(super) async fn with_a_wrong_token<G: Gateway>(stage: &mut Stage<G>) -> Result<()> {
    stage.screen.act("Tokens that do not count");
    stage.screen.say("One was issued for another service, one has expired. Both are signed by the right issuer.");
    let elsewhere = TokenRequest { audience: Some("https://elsewhere.example.com/mcp".to_owned()), ..ADA.token() };
    let expired = TokenRequest { age: Duration::from_secs(7200), ..ADA.token() };
    for (what, request) in [("for another audience", elsewhere), ("expired an hour ago", expired)] {
        let token = stage.token(&request)?;
        stage.records.mark();
        stage.screen.fact("asked", &format!("initialize, with a token {what}"));
        let response = post(stage, stage.stand.gateway.url(), Some(&token)).await?;
        let challenge = header(&response, "www-authenticate");
        stage.screen.fact("answer", &format!("{}, WWW-Authenticate: {challenge}", response.status()));
        let record = stage.records.wait_for(|record| record.action() == "Denied").await;
        stage.show(record.as_ref());
        stage.screen.claim(
            response.status() == 401 && challenge.contains("error=\"invalid_token\""),
            &format!("a token {what} is refused with 401 invalid_token"),
        );
    }
    nothing_arrived(stage);
    Ok(())
}

pub(super) async fn in_plaintext<G: Gateway>(stage: &mut Stage<G>) -> Result<()> {
    stage.screen.act("In plaintext");
    stage.screen.say("A client that speaks plain HTTP to the TLS port, with a token that would be good.");
    let token = stage.token(&ADA.token())?;
    let url = stage.stand.gateway.url().replacen("https:", "http:", 1);
    stage.records.mark();
    let response = post(stage, &url, Some(&token)).await;
    let (status, body) = match response {
        Ok(response) => (response.status().as_u16(), response.text().await.unwrap_or_default()),
        Err(err) => (0, format!("{err:#}")),
    };
    stage.screen.fact("answer", &format!("{status} {body}"));
    let record = stage.records.wait_for(|record| record.action() == "Denied").await;
    stage.show(record.as_ref());
    stage.screen.claim(status == 426, "told to upgrade: 426");
    stage.screen.claim(serde_json::from_str::<Value>(&body).is_ok_and(|body| body.is_object()), "in JSON that says what to do");
    nothing_arrived(stage);
    Ok(())
}

async fn post<G: Gateway>(stage: &Stage<G>, url: &str, token: Option<&str>) -> Result<Response> {
    let request = client::http(Some(&stage.stand.ca_pem))?
        .post(url)
        .header("content-type", "application/json")
        .header("accept", "application/json, text/event-stream")
        .timeout(Duration::from_secs(10))
        .body(INITIALIZE);
    let request = match token {
        Some(token) => request.bearer_auth(token),
        None => request,
    };
    request.send().await.with_context(|| format!("`{url}` does not answer"))
}

fn header(response: &Response, name: &str) -> String {
    response.headers().get(name).map(|value| String::from_utf8_lossy(value.as_bytes()).into_owned()).unwrap_or_default()
}

fn nothing_arrived<G: Gateway>(stage: &mut Stage<G>) {
    let seen = stage.server().seen();
    stage.screen.claim(seen.is_empty(), "the server has seen nothing at all");
}
