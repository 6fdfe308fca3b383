//! Who is the same person: the question behind four eyes.
//!
//! A mistake in one direction lets somebody approve their own call, in the other it asks for one more colleague. So whatever could be the same
//! person is: an equal subject at another issuer, an equal e-mail address (letter case, `+tag` and the spelling of its domain aside), a user name that is the
//! other's subject, and logins that the configuration puts together.

use std::collections::BTreeSet;

use portcullis::policy::approval_service::{Agent, Approvers};
use portcullis::policy::value::Glob;

use super::model::{Login, Subject};

/// What is known of people and their agents.
#[derive(Clone, Debug, Default)]
pub struct People {
    /// Names of one person each, all in their plain form.
    persons: Vec<BTreeSet<String>>,
    agents: Vec<Agent>,
}

impl People {
    pub fn new(approvers: &Approvers) -> Self {
        let persons = approvers.people.iter().map(|logins| logins.iter().map(|login| plain(login)).collect()).collect();
        // Names are compared in lower case, so patterns are, too.
        let agent = |agent: &Agent| Agent { client: Glob::new(agent.client.as_str().to_lowercase()), owners: agent.owners.clone() };
        Self { persons, agents: approvers.agents.iter().map(agent).collect() }
    }

    pub fn are_same(&self, one: &Login, other: &Login) -> bool {
        !self.names(login_names(one)).is_disjoint(&login_names(other))
    }

    /// Whether this is the caller, somebody or something that acts for the caller, or the owner of one of these.
    pub fn stands_behind(&self, person: &Login, subject: &Subject) -> bool {
        let names = self.names(login_names(person));
        let mut behind = login_names(&subject.login());
        // An agent that comes with credentials of its own is the subject itself.
        let mut programs: Vec<&str> = subject.client.iter().chain(&subject.user).map(String::as_str).chain([&*subject.subject]).collect();
        for actor in &subject.actors {
            if let Some(name) = &actor.subject {
                behind.insert(plain(name));
                behind.insert(plain(&format!("{}#{name}", subject.issuer)));
                programs.push(name);
            }
            programs.extend(actor.client.as_deref());
        }
        behind.extend(programs.iter().map(|name| plain(name)));
        let programs: Vec<String> = programs.iter().map(|program| program.trim().to_lowercase()).collect();
        let agents = self.agents.iter().filter(|agent| programs.iter().any(|program| agent.client.matches(program)));
        behind.extend(agents.flat_map(|agent| &agent.owners).map(|owner| plain(owner)));
        !names.is_disjoint(&behind)
    }

    /// All names of whoever has one of these.
    fn names(&self, mut names: BTreeSet<String>) -> BTreeSet<String> {
        // Each round adds a person or is the last.
        for _ in 0..=self.persons.len() {
            let before = names.len();
            for person in &self.persons {
                if !person.is_disjoint(&names) {
                    names.extend(person.iter().cloned());
                }
            }
            if names.len() == before {
                break;
            }
        }
        names
    }
}

fn login_names(login: &Login) -> BTreeSet<String> {
    let Login { issuer: _, subject, user, email } = login;
    let mut names: BTreeSet<String> = [plain(subject), plain(&login.id())].into();
    names.extend(user.iter().chain(email).map(|name| plain(name)));
    names.retain(|name| !name.is_empty());
    names
}

/// The form names are compared in.
fn plain(name: &str) -> String {
    let name = name.trim().to_lowercase();
    match name.rsplit_once('@') {
        // `ISSUER#SUBJECT` may hold an `@`, and nothing is known of what a `+` means there.
        Some((local, domain)) if !name.contains('#') => {
            let local = local.split_once('+').map_or(local, |(local, _)| local);
            format!("{local}@{}", plain_domain(domain))
        }
        _ => name,
    }
}

/// In ASCII (UTS #46) and without a dot at its end, as far as it is one.
fn plain_domain(domain: &str) -> String {
    let domain = domain.trim_end_matches('.');
    let host = reqwest::Url::parse(&format!("http://{domain}")).ok().and_then(|url| url.host_str().map(str::to_owned));
    host.unwrap_or_else(|| domain.to_owned())
}

#[cfg(test)]
mod tests {
    use super::super::model::Actor;
    use super::*;

    fn login(issuer: &str, subject: &str, email: Option<&str>) -> Login {
        Login { issuer: issuer.to_owned(), subject: subject.to_owned(), user: None, email: email.map(str::to_owned) }
    }

    const ID: &str = "https://id.example.com";

    #[test]
    fn what_could_be_the_same_person_is() {
        let people = People::default();
        let ada = login(ID, "00u1", Some("ada@example.com"));
        for same in [
            ada.clone(),
            login("https://other.example.com", "00u1", None),
            login("https://other.example.com", "x", Some("ADA@Example.com")),
            login(ID, "x", Some("ada+work@example.com")),
            login(ID, "x", Some("ada@EXAMPLE.com.")),
            login(ID, "x", Some("ada@ｅｘａｍｐｌｅ.com")),
            login(ID, "ada@example.com", None),
            Login { user: Some("00U1".to_owned()), ..login(ID, "x", None) },
        ] {
            assert!(people.are_same(&ada, &same) && people.are_same(&same, &ada), "{same:?}");
        }
        for other in [login(ID, "00u2", Some("bob@example.com")), login(ID, "00u2", None), login(ID, "00u11", Some("ada@example.org"))] {
            assert!(!people.are_same(&ada, &other), "{other:?}");
        }
    }

    #[test]
    fn logins_put_together_are_one_person_over_several_steps() {
        let set = |names: &[&str]| names.iter().map(|name| plain(name)).collect();
        let people = People {
            persons: vec![set(&["b@example.com", "c@example.com"]), set(&[&format!("{ID}#a"), "B@example.com"])],
            agents: Vec::new(),
        };
        assert!(people.are_same(&login(ID, "a", None), &login("https://x", "y", Some("c@example.com"))));
        assert!(!people.are_same(&login(ID, "z", None), &login("https://x", "y", Some("c@example.com"))));
    }

    #[test]
    fn owners_and_actors_stand_behind_a_call() {
        let agent = Agent { client: Glob::new("agent-*"), owners: vec!["eve@example.com".to_owned()] };
        let people = People { persons: Vec::new(), agents: vec![agent] };
        let subject = Subject {
            issuer: ID.to_owned(),
            subject: "ada".to_owned(),
            client: Some("agent-7".to_owned()),
            actors: vec![
                Actor { subject: Some("bob".to_owned()), client: None },
                Actor { subject: None, client: Some("portal".to_owned()) },
            ],
            ..Subject::default()
        };
        for behind in ["ada", "bob", "agent-7", "portal"] {
            assert!(people.stands_behind(&login(ID, behind, None), &subject), "{behind}");
        }
        assert!(people.stands_behind(&login(ID, "e", Some("Eve@example.com")), &subject));
        assert!(!people.stands_behind(&login(ID, "carol", Some("carol@example.com")), &subject));
        // With credentials of its own, whatever its client is called.
        let itself = Subject { subject: "Agent-9".to_owned(), client: None, actors: Vec::new(), ..subject.clone() };
        assert!(people.stands_behind(&login(ID, "e", Some("eve@example.com")), &itself));
        let other = Subject { client: Some("console".to_owned()), ..subject };
        assert!(!people.stands_behind(&login(ID, "e", Some("eve@example.com")), &other));
    }
}
