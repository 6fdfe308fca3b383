//! A call that a person has to approve.

use std::time::{Duration, Instant};

use anyhow::{Result, anyhow};
use serde_json::json;
use tokio::task::JoinHandle;

use super::{
    cast::{GRACE, JOAN, Person},
    stage::Stage,
};
use crate::{
    demo::{
        client::{Era, text},
        gateway_seam::Gateway,
        people::{Asked, People},
    },
    issuer::TokenRequest,
};

const WRITE: &str = "UPDATE orders SET cents = 0 WHERE id = 1";
const REASON: &str = "ticket 4711: the parcel was lost";

/// How soon the filter has asked.
const ASKED: Duration = Duration::from_secs(10);
/// How long somebody may take to click; the policy holds the call for two minutes.
const CLICK: Duration = Duration::from_secs(100);
/// How long a call is seen to wait where nobody clicks.
const MOMENT: Duration = Duration::from_secs(1);
/// What comes after a decision takes no time to speak of.
const MADE: Duration = Duration::from_secs(20);

pub(super) async fn before_a_write<G: Gateway>(stage: &mut Stage<G>, by_hand: bool) -> Result<()> {
    stage.screen.act("A person decides");
    stage
        .screen
        .say("Grace may run SQL, but whoever writes needs a second person of the group `leads`. Meanwhile her agent's call is held.");
    let url = stage.stand.people.as_ref().map(|people| people.url.clone()).ok_or_else(|| anyhow!("there is nobody to ask"))?;
    let joan = token(stage, &JOAN, &url)?;
    let grace = stage.connect(&GRACE, Era::Modern).await?;
    let before = stage.stand.reached("run_sql");
    stage.records.mark();
    stage.screen.fact("asked", &format!("{} ({}) calls run_sql {}", GRACE.shown, GRACE.group, json!({ "sql": WRITE })));
    let held = grace.begin("run_sql", &json!({ "sql": WRITE })).await?;
    let held = tokio::spawn(held.result());

    let Some(asked) = waiting(people(stage)?, &joan, &held).await? else {
        held.abort();
        stage.screen.claim(false, "somebody is asked");
        return Ok(());
    };
    stage.screen.fact("page", &format!("{url}/r/{}", asked.id));
    stage.screen.claim(
        !held.is_finished() && stage.stand.reached("run_sql") == before,
        "the call is held, and the server has not seen the statement",
    );
    // She could get a token that says so: the issuer believes whoever asks.
    let own = token(stage, &Person { group: JOAN.group, ..GRACE }, &url)?;
    let (status, error) = people(stage)?.approve(&own, &asked.id, "mine").await?;
    stage.screen.claim(
        status == 403 && error == "own_request",
        &format!("Grace cannot approve it herself, not even with a token of that group: {status} {error}"),
    );
    if by_hand {
        stage.screen.say(&format!(
            "Now it is yours. Open the page above, log in as anybody but grace with the group `leads`, and approve or refuse. If nobody does within {} s, Joan \
             approves.",
            CLICK.as_secs()
        ));
        decided(people(stage)?, &joan, &asked.id, &held).await?;
    }
    if people(stage)?.look(&joan, &asked.id).await?.is_none_or(|asked| asked.status == "pending") {
        tokio::time::sleep(MOMENT).await;
        stage.screen.fact("decides", &format!("{} ({}) approves: {REASON}", JOAN.shown, JOAN.group));
        people(stage)?.approve(&joan, &asked.id, REASON).await?;
    }
    let result = tokio::time::timeout(MADE, held).await.map_err(|_| anyhow!("the held call goes nowhere"))???;
    let refused = people(stage)?.look(&joan, &asked.id).await?.is_some_and(|asked| asked.status == "denied");
    let made = stage.stand.reached("run_sql").saturating_sub(before);
    stage.screen.fact("answer", &text(&result));
    let record = stage.record(GRACE.name, "tools/call", "run_sql").await;
    if refused {
        stage.screen.claim(result.is_error == Some(true) && made == 0, "refused by a person: the call is not made, and her agent is told");
    } else {
        stage.screen.claim(result.is_error != Some(true) && made == 1, "approved by a person: the server runs it, once");
    }
    let said = record.as_ref().map(|record| format!("{}: {}", record.decided_by().join(", "), record.reason())).unwrap_or_default();
    let noted = record.is_some_and(|record| record.rule() == "dba-writes" && !record.decided_by().is_empty());
    stage.screen.claim(noted, &format!("on record: who decided, and why ({said})"));
    grace.close().await;
    Ok(())
}

fn people<G>(stage: &Stage<G>) -> Result<&People> {
    stage.stand.people.as_ref().ok_or_else(|| anyhow!("there is nobody to ask"))
}

/// For the service where people decide, not for the guarded endpoint.
fn token<G: Gateway>(stage: &mut Stage<G>, person: &Person, audience: &str) -> Result<String> {
    stage.token(&TokenRequest { audience: Some(audience.to_owned()), ..person.token() })
}

async fn waiting<T>(people: &People, token: &str, held: &JoinHandle<T>) -> Result<Option<Asked>> {
    let begin = Instant::now();
    while begin.elapsed() < ASKED && !held.is_finished() {
        if let Some(asked) = people.waiting(token, GRACE.name).await? {
            return Ok(Some(asked));
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    Ok(None)
}

/// Until somebody has decided, or nobody does.
async fn decided<T>(people: &People, token: &str, id: &str, held: &JoinHandle<T>) -> Result<()> {
    let begin = Instant::now();
    while begin.elapsed() < CLICK && !held.is_finished() {
        if people.look(token, id).await?.is_some_and(|asked| asked.status != "pending") {
            return Ok(());
        }
        tokio::time::sleep(Duration::from_millis(500)).await;
    }
    Ok(())
}
