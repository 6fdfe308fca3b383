//! Looking back: what the server saw, and what is on record.

use std::collections::HashSet;

use super::{
    screen::shorten,
    stage::{Stage, leaked},
};
use crate::demo::{
    gateway_seam::Gateway,
    records::Record,
    server::{Raw, credentials, personal},
};

pub(super) fn authorization<G: Gateway>(stage: &mut Stage<G>) {
    stage.screen.act("What the server saw");
    stage.screen.say("The server wrote down the Authorization header of every request that reached it.");
    let seen = stage.server().seen();
    let values: HashSet<_> = seen.iter().map(|seen| seen.authorization.clone().unwrap_or_default()).collect();
    for value in &values {
        let whose = if *value == format!("Bearer {}", stage.stand.credential) {
            "the credential only the filter knows"
        } else {
            "NOT the filter's"
        };
        stage.screen.fact("saw", &format!("{} ({whose})", shorten(value, 20)));
    }
    stage.screen.claim(
        !seen.is_empty() && values.len() == 1 && values.contains(&format!("Bearer {}", stage.stand.credential)),
        &format!("{} requests, every one with the filter's credential: no client's token ever arrived", seen.len()),
    );
}

pub(super) async fn records<G: Gateway>(stage: &mut Stage<G>) {
    stage.screen.act("The records");
    stage.screen.say(&format!("One line for each exchange, OCSF API Activity, in {}:", stage.records.path().display()));
    // The last exchange is the end of Ada's session.
    stage.records.wait_for(|record| record.operation() == "http/delete").await;
    let all = stage.records.all();
    stage.screen.plain(&row(["who", "what", "action", "rule or reason", "masked"].map(str::to_owned)));
    for record in &all {
        stage.screen.plain(&row(cells(record)));
    }
    let text = stage.records.text();
    stage.screen.claim(all.len() >= 14 && text.lines().count() >= all.len(), &format!("{} exchanges are on record", all.len()));
    let policies: HashSet<_> = all.iter().map(Record::policy).collect();
    stage.screen.claim(policies.len() == 2, "two versions of the policy, each record with the one it was decided by");
    // Mina may see addresses, so the record of her call shows them, too.
    let raw: Vec<Raw> = personal().into_iter().filter(|raw| raw.what != "e-mail address").chain(credentials()).collect();
    let leaked = leaked(&text, &raw);
    let found = if leaked.is_empty() { String::new() } else { format!(" (here: {})", leaked.join(", ")) };
    stage.screen.claim(leaked.is_empty(), &format!("none of {} raw values is in the records{found}", raw.len()));
    // No part of a token, that is: the header is the same for all and gives nothing away.
    let parts = stage.tokens.iter().flat_map(|token| token.split('.').skip(1));
    let secret = parts.chain([stage.stand.credential.as_str()]).any(|part| text.contains(part));
    stage.screen.claim(!secret, "nor is any token");
}

fn cells(record: &Record) -> [String; 5] {
    let reason = if record.rule().is_empty() { record.code() } else { record.rule() };
    let what = format!("{} {}", record.operation(), record.target());
    [
        record.user().to_owned(),
        what.trim().to_owned(),
        record.action().to_owned(),
        reason.to_owned(),
        shorten(&record.masked_in_words(), 44),
    ]
}

fn row([who, what, action, why, masked]: [String; 5]) -> String {
    format!("   {who:<12} {what:<30} {action:<9} {why:<18} {masked}").trim_end().to_owned()
}
