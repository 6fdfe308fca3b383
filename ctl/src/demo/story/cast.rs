//! Who appears in the story.

use crate::issuer::TokenRequest;

pub(super) struct Person {
    pub(super) name: &'static str,
    pub(super) shown: &'static str,
    pub(super) group: &'static str,
    pub(super) client: &'static str,
}

pub(super) const ADA: Person = Person { name: "ada", shown: "Ada", group: "engineering", client: "coding-agent" };
pub(super) const GRACE: Person = Person { name: "grace", shown: "Grace", group: "dba", client: "database-agent" };
pub(super) const MINA: Person = Person { name: "mina", shown: "Mina", group: "privacy", client: "privacy-desk" };

pub(super) const JOAN: Person = Person { name: "joan", shown: "Joan", group: "leads", client: "approvals" };

impl Person {
    pub(super) fn token(&self) -> TokenRequest {
        TokenRequest {
            user: self.name.to_owned(),
            email: Some(format!("{}@staff.example.com", self.name)),
            groups: vec![self.group.to_owned()],
            client: Some(self.client.to_owned()),
            ..TokenRequest::default()
        }
    }
}
