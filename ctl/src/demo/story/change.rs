//! A rule is watched, then turned on while a call is running.

use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use serde_json::{Value, json};

use super::{cast::ADA, inside::by_rule, stage::Stage, stage::leaked};
use crate::demo::{
    client::{Client, Era, text},
    gateway_seam::Gateway,
    server::personal,
};

/// The running export: 24 steps of 250 ms are long enough for a change of policy to arrive in the middle.
const STEPS: usize = 24;
/// A new policy is in force within two seconds; more is a failure of the story.
const IN_FORCE: Duration = Duration::from_secs(4);

fn mail() -> Value {
    json!({ "to": "ravi.menon@example.org", "subject": "Your chain", "body": "It is ready." })
}

pub(super) async fn observed<G: Gateway>(stage: &mut Stage<G>, ada: &Client) -> Result<()> {
    stage.screen.act("A rule that only watches");
    stage.screen.say("`mail-freeze` would refuse all mail, but its mode is `observe`: it shows in the records and stops nothing.");
    let (result, record) = stage.call(&ADA, ada, "send_email", &mail()).await?;
    stage.screen.claim(result.is_error != Some(true) && stage.server().outbox().len() == 1, "the mail is sent");
    stage
        .screen
        .claim(record.is_some_and(|record| record.matched("mail-freeze", "observe")), "on record: `mail-freeze` would have refused it");
    Ok(())
}

pub(super) async fn enforced<G: Gateway>(stage: &mut Stage<G>, ada: &Client) -> Result<()> {
    stage.screen.act("The policy changes while a call runs");
    stage.screen.say(
        "Ada's agent starts an export that reports its progress for six seconds. Meanwhile somebody saves the policy with `mode: enforce`.",
    );
    let before = ada.heard().progress().len();
    let begin = Instant::now();
    stage.records.mark();
    let running = ada.begin("export_orders", &json!({ "steps": STEPS, "step_ms": 250 })).await?;
    until(Duration::from_secs(5), || ada.heard().progress().len() >= before + 2).await;
    stage.stand.change_policy("mode: observe", "mode: enforce").await.context("the new policy is not taken")?;
    stage.screen.fact("saved", "mail-freeze: mode: enforce");

    // Another connection, so that nothing of the running call is touched.
    let second = stage.connect(&ADA, Era::Modern).await?;
    let saved = Instant::now();
    let refusal = loop {
        let result = second.call("send_email", &mail()).await?;
        if result.is_error == Some(true) || saved.elapsed() > IN_FORCE {
            break result;
        }
        tokio::time::sleep(Duration::from_millis(250)).await;
    };
    let heard = ada.heard().progress().len() - before;
    stage.screen.fact("asked", "Ada (engineering) calls send_email, on another connection");
    stage.screen.fact("answer", &text(&refusal));
    let record = stage.records.wait_for(|record| record.target() == "send_email" && record.action() == "Denied").await;
    stage.show(record.as_ref());
    stage.screen.claim(
        refusal.is_error == Some(true) && text(&refusal).contains("No mail leaves"),
        &format!("refused by the new policy, {:.1} s after it was saved", saved.elapsed().as_secs_f32()),
    );
    stage.screen.claim(by_rule(record.as_ref(), "Denied", "mail-freeze"), "on record: denied by `mail-freeze`");
    stage.screen.claim(heard < STEPS, &format!("at that moment the export is at step {heard} of {STEPS}"));
    second.close().await;

    let done = running.result().await.context("the export was cut")?;
    until(Duration::from_secs(2), || ada.heard().progress().len() >= before + STEPS).await;
    let progress: Vec<_> = ada.heard().progress().into_iter().skip(before).collect();
    stage.screen.fact("answer", &text(&done));
    let record = stage.record(ADA.name, "tools/call", "export_orders").await;
    let in_order = progress.iter().zip(1_u32..).all(|(note, step)| (note.progress - f64::from(step)).abs() < f64::EPSILON);
    stage.screen.claim(
        progress.len() == STEPS && in_order && text(&done).contains("exported"),
        &format!("the export ran to its end, {STEPS} steps in order, {:.1} s", begin.elapsed().as_secs_f32()),
    );
    let notes: Vec<&str> = progress.iter().filter_map(|note| note.message.as_deref()).collect();
    stage.screen.claim(
        leaked(&notes.join("\n"), &personal()).is_empty() && notes.iter().any(|note| note.contains("***")),
        &format!("addresses are masked in the stream as it runs: {}", notes.first().unwrap_or(&"(no notes)")),
    );
    stage.screen.claim(record.is_some_and(|record| record.stage() == "completed"), "its one record was written at its end");
    Ok(())
}

async fn until(most: Duration, done: impl Fn() -> bool) {
    let begin = Instant::now();
    while !done() && begin.elapsed() < most {
        tokio::time::sleep(Duration::from_millis(25)).await;
    }
}
