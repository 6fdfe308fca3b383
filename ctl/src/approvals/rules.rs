//! Who may decide on what.

use portcullis::policy::approval_service::{self as config, BreakGlass};
use portcullis::policy::value::Glob;

use super::model::{Approvers, Asked, Decision, Login, Pass, ReviewState, Subject, Task, Verdict};
use super::people::People;

/// The configuration's side of it; a request's own side comes with it.
#[derive(Clone, Debug, Default)]
pub struct Rules {
    pub people: People,
    pub auditors: Vec<String>,
    pub break_glass: Option<BreakGlass>,
    /// Empty: any.
    pub clients: Vec<Glob>,
}

/// Someone who has shown who they are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Approver {
    pub login: Login,
    pub groups: Vec<String>,
    /// The program that holds their token.
    pub client: Option<String>,
    /// When what they have shown ends, milliseconds since 1970.
    pub until: u64,
    /// What they have shown.
    pub pass: Pass,
}

/// In what capacity someone decides.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Standing {
    /// As one of these groups, all of them the request's.
    Member(Vec<String>),
    /// In an emergency only.
    BreakGlass,
}

/// Why someone may not decide.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Not {
    #[error("this is your own request, that of an agent of yours, or of someone who acts for you; somebody else has to decide")]
    OwnRequest,
    #[error("your token was given to the very program that asks for this; decide on the page, or with another program")]
    OwnProgram,
    #[error("you are in none of the groups that may decide on this")]
    Outsider,
}

impl Rules {
    pub fn new(approvers: &config::Approvers) -> Self {
        Self {
            people: People::new(approvers),
            auditors: approvers.auditors.clone(),
            break_glass: approvers.break_glass.clone(),
            clients: approvers.clients.clone(),
        }
    }

    /// Whether a token that was issued to this program may be used here.
    pub fn admits_client(&self, client: Option<&str>) -> bool {
        self.clients.is_empty() || client.is_some_and(|client| self.clients.iter().any(|glob| glob.matches(client)))
    }

    /// As what this person may decide.
    pub fn standing(&self, asked: &Asked, who: &Approver) -> Result<Standing, Not> {
        if self.people.stands_behind(&who.login, &asked.subject) {
            return Err(Not::OwnRequest);
        }
        if is_of_caller(&asked.subject, who) {
            return Err(Not::OwnProgram);
        }
        let groups = shared(&asked.approvers.groups, &who.groups);
        if !groups.is_empty() {
            return Ok(Standing::Member(groups));
        }
        match &self.break_glass {
            Some(glass) if !shared(&glass.groups, &who.groups).is_empty() => Ok(Standing::BreakGlass),
            _ => Err(Not::Outsider),
        }
    }

    /// Whether this person has said yes or no before, under whatever name.
    pub fn has_said(&self, decisions: &[Decision], who: &Login, verdict: Verdict) -> bool {
        decisions.iter().any(|decision| decision.verdict == verdict && self.people.are_same(&decision.by, who))
    }

    /// Who looks at an emergency later: neither who broke the glass nor who called.
    pub fn may_review(&self, task: &Task, who: &Approver) -> Result<(), Not> {
        let reviewers = self.break_glass.iter().flat_map(|glass| &glass.reviewers);
        if !reviewers.into_iter().any(|group| who.groups.contains(group)) {
            return Err(Not::Outsider);
        }
        let decided = task.decisions.iter().any(|decision| self.people.are_same(&decision.by, &who.login));
        if decided || self.people.stands_behind(&who.login, &task.asked.subject) {
            return Err(Not::OwnRequest);
        }
        if is_of_caller(&task.asked.subject, who) { Err(Not::OwnProgram) } else { Ok(()) }
    }

    /// Sees every request.
    pub fn is_auditor(&self, who: &Approver) -> bool {
        !shared(&self.auditors, &who.groups).is_empty()
    }

    /// Those who may decide, those who may break the glass or look at it later, auditors, and the caller.
    pub fn may_see(&self, task: &Task, who: &Approver) -> bool {
        let glass = self.break_glass.as_ref();
        let emergency = glass.is_some_and(|glass| {
            let review = task.review_state != ReviewState::None && !shared(&glass.reviewers, &who.groups).is_empty();
            review || !shared(&glass.groups, &who.groups).is_empty()
        });
        emergency
            || self.is_auditor(who)
            || !shared(&task.asked.approvers.groups, &who.groups).is_empty()
            || self.people.are_same(&task.asked.subject.login(), &who.login)
    }
}

/// Whether the token somebody decides with is one of the program that asks. An agent has tokens of all who use it, and would need nobody else.
fn is_of_caller(subject: &Subject, who: &Approver) -> bool {
    let actors = subject.actors.iter().flat_map(|actor| actor.client.iter().chain(&actor.subject));
    let mut programs = subject.client.iter().chain(actors);
    who.client.as_ref().is_some_and(|client| programs.any(|program| program.trim().eq_ignore_ascii_case(client.trim())))
}

fn shared(these: &[String], those: &[String]) -> Vec<String> {
    these.iter().filter(|group| those.contains(group)).cloned().collect()
}

/// Whether enough people have approved. That they are different people was seen to when each of them decided.
pub fn is_enough(approvers: &Approvers, decisions: &[Decision]) -> bool {
    let yes: Vec<&Decision> = decisions.iter().filter(|decision| decision.verdict == Verdict::Approve).collect();
    if yes.iter().any(|decision| decision.break_glass) {
        return true;
    }
    let count = if approvers.distinct_groups { different_groups(&approvers.groups, &yes) } else { yes.len() };
    count >= approvers.quorum.max(1)
}

/// The most approvals that can stand for a group each: a maximum matching, by augmenting paths.
fn different_groups(groups: &[String], yes: &[&Decision]) -> usize {
    let mut taken: Vec<Option<usize>> = vec![None; groups.len()];
    (0..yes.len()).filter(|approval| assign(*approval, groups, yes, &mut taken, &mut vec![false; groups.len()])).count()
}

fn assign(approval: usize, groups: &[String], yes: &[&Decision], taken: &mut [Option<usize>], tried: &mut [bool]) -> bool {
    for (index, group) in groups.iter().enumerate() {
        let stands = yes.get(approval).is_some_and(|decision| decision.groups.contains(group));
        let Some(seen) = tried.get_mut(index).filter(|seen| stands && !**seen) else { continue };
        *seen = true;
        let free = match taken.get(index).copied().flatten() {
            None => true,
            Some(other) => assign(other, groups, yes, taken, tried),
        };
        if let (true, Some(place)) = (free, taken.get_mut(index)) {
            *place = Some(approval);
            return true;
        }
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(names: &[&str]) -> Vec<String> {
        names.iter().map(|name| (*name).to_owned()).collect()
    }

    fn yes(groups: &[&str]) -> Decision {
        Decision { by: Login::default(), groups: texts(groups), verdict: Verdict::Approve, reason: None, at: 0, break_glass: false }
    }

    fn approvers(groups: &[&str], quorum: usize, distinct_groups: bool) -> Approvers {
        Approvers { groups: texts(groups), quorum, distinct_groups, reason: super::super::model::Reason::Optional }
    }

    #[test]
    fn a_quorum_counts_people_or_groups() {
        let two = approvers(&["dba", "security"], 2, false);
        assert!(!is_enough(&two, &[yes(&["dba"])]));
        assert!(is_enough(&two, &[yes(&["dba"]), yes(&["dba"])]));
        let distinct = approvers(&["dba", "security"], 2, true);
        assert!(!is_enough(&distinct, &[yes(&["dba"]), yes(&["dba"])]));
        assert!(is_enough(&distinct, &[yes(&["dba"]), yes(&["security"])]));
        // The first stands for whichever group the second cannot.
        assert!(is_enough(&distinct, &[yes(&["dba", "security"]), yes(&["dba"])]));
        assert!(is_enough(&distinct, &[yes(&["dba", "security"]), yes(&["security"])]));
        let three = approvers(&["a", "b", "c"], 3, true);
        assert!(is_enough(&three, &[yes(&["a", "b"]), yes(&["a", "c"]), yes(&["a"])]));
        assert!(!is_enough(&three, &[yes(&["a", "b"]), yes(&["a", "b"]), yes(&["a", "b"])]));
    }

    #[test]
    fn a_quorum_of_none_is_one() {
        assert!(!is_enough(&approvers(&["a"], 0, false), &[]));
        assert!(!is_enough(&approvers(&["a"], 0, true), &[]));
    }

    #[test]
    fn an_emergency_is_enough_alone() {
        let glass = Decision { break_glass: true, ..yes(&[]) };
        assert!(is_enough(&approvers(&["a"], 3, true), &[glass]));
    }
}
