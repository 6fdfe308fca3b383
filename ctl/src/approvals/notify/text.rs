//! What a message says, whatever it is sent by.

use anyhow::Result;

use super::super::model::{Task, Verdict};
use super::super::moment;
use super::super::plain::is_hidden;
use super::super::service::Service;
use super::super::store::outbox::Notice;

/// A fact takes a line or two.
const LONGEST: usize = 300;

/// Facts about one request for people who may act on it.
#[derive(Clone, Debug)]
pub struct Message {
    /// Of this message: the same when it is tried again.
    pub id: String,
    pub happening: String,
    pub request: String,
    pub status: &'static str,
    pub title: String,
    /// What and its text, both without control characters.
    pub facts: Vec<(&'static str, String)>,
    pub link: String,
}

impl Message {
    pub fn of(service: &Service, task: &Task, notice: &Notice) -> Result<Self> {
        let asked = &task.asked;
        let name = asked.subject.login().name().to_owned();
        let title = match notice.happening.as_str() {
            "requested" => format!("Approval needed: {}", asked.tool),
            "decided" => format!("{}: {}", if task.state.word() == "denied" { "Refused" } else { "Approved" }, asked.tool),
            "expired" => format!("Nobody decided: {}", asked.tool),
            _ => format!("BREAK GLASS, to be looked at: {}", asked.tool),
        };
        let mut facts = vec![("Person", name), ("Tool", asked.tool.clone()), ("Endpoint", asked.endpoint.clone())];
        facts.extend(asked.subject.client.clone().map(|client| ("Agent", client)));
        facts.push(("Rule", asked.rule.clone()));
        facts.extend(asked.message.clone().map(|message| ("Why", message)));
        facts.push(("Approvers", approvers(task)));
        for decision in &task.decisions {
            let word = if decision.verdict == Verdict::Approve { "Approved by" } else { "Refused by" };
            let reason = decision.reason.as_ref().map(|reason| format!(": {reason}")).unwrap_or_default();
            facts.push((word, format!("{}{reason}", decision.by.name())));
        }
        if notice.happening == "requested" {
            facts.push(("Until", moment(task.expires)));
        }
        Ok(Self {
            id: notice.id.clone(),
            happening: notice.happening.clone(),
            request: task.id.clone(),
            status: task.state.word(),
            title: tame(&title),
            facts: facts.into_iter().map(|(what, text)| (what, tame(&text))).collect(),
            link: service.signed_page(task, &notice.channel)?,
        })
    }

    /// In plain lines.
    pub fn lines(&self) -> String {
        let facts: String = self.facts.iter().map(|(what, text)| format!("{what}: {text}\n")).collect();
        format!("{}\n\n{facts}\n{}\n", self.title, self.link)
    }
}

fn approvers(task: &Task) -> String {
    let approvers = &task.asked.approvers;
    let count = match (approvers.quorum, approvers.distinct_groups) {
        (0 | 1, _) => "one of".to_owned(),
        (quorum, true) => format!("{quorum} people of different groups of"),
        (quorum, false) => format!("{quorum} people of"),
    };
    format!("{count} {}", approvers.groups.join(", "))
}

/// Names of tools and people come from outside: no line breaks that would look like other facts, nothing that turns the direction of a text.
pub fn tame(text: &str) -> String {
    let plain: String = text.chars().map(|c| if is_hidden(c) { ' ' } else { c }).collect();
    match plain.char_indices().nth(LONGEST).and_then(|(cut, _)| plain.get(..cut)) {
        Some(head) => format!("{head}..."),
        None => plain,
    }
}
