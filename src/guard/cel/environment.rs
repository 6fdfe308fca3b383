//! What an expression reads: the caller, the call and its circumstances.

use super::moment::Moment;
use super::problem::Problem;
use super::types::Variable;
use super::value::{List, Map, Value};
use crate::guard::subject::Subject;
use crate::guard::value::Value as Json;
use crate::mcp::method::Target;

pub(super) struct Environment<'a, 'c> {
    pub(super) subject: &'a Subject<'c>,
    /// The reading of the address that counts, where the call names a resource.
    pub(super) resource: Option<&'a str>,
}

impl<'a> Environment<'a, '_> {
    pub(super) fn variable(&self, variable: Variable) -> Result<Value<'a>, Problem<'a>> {
        let Subject { call, circumstances, .. } = self.subject;
        let text = |text: Option<&'a str>, name| text.map(Value::text).ok_or(Problem::Absent(name));
        match variable {
            Variable::Principal => Ok(Value::Principal),
            Variable::Tool => text(self.tool(), "tool"),
            Variable::Resource => text(self.resource, "resource"),
            Variable::Prompt => text(self.prompt(), "prompt"),
            Variable::Target => Ok(Value::Target),
            Variable::Method => Ok(Value::text(call.method)),
            Variable::Args => Value::of(self.subject.arguments()),
            Variable::Session => Ok(Value::Session),
            Variable::Now => {
                let nanos = i128::from(circumstances.now.millis()).checked_mul(1_000_000);
                nanos.and_then(Moment::from_nanos).map(Value::Timestamp).ok_or(Problem::Overflow)
            }
            Variable::Tls => Ok(Value::Tls),
        }
    }

    fn tool(&self) -> Option<&'a str> {
        match self.subject.call.target {
            Target::Tool(name) => Some(name),
            _ => None,
        }
    }

    fn prompt(&self) -> Option<&'a str> {
        match self.subject.call.target {
            Target::Prompt(name) => Some(name),
            _ => None,
        }
    }

    /// A member of what is no map; nothing when this call has none, a problem when the value has no members.
    pub(super) fn member(&self, of: &Value<'a>, name: &str) -> Result<Option<Result<Value<'a>, Problem<'a>>>, Problem<'a>> {
        let Subject { who, circumstances, .. } = self.subject;
        let text = |text: Option<&'a str>| text.map(Value::text);
        Ok(match (of, name) {
            (Value::Principal, "user") => text(Some(who.user)),
            (Value::Principal, "subject") => text(Some(who.subject)),
            (Value::Principal, "issuer") => text(Some(who.issuer)),
            (Value::Principal, "email") => text(who.email),
            (Value::Principal, "client") => text(who.client),
            (Value::Principal, "groups") => Some(Value::List(List::Texts(who.groups))),
            (Value::Principal, "scopes") => Some(Value::List(List::Texts(who.scopes))),
            (Value::Principal, "actors") => Some(Value::List(List::Actors(who.actors))),
            (Value::Principal, "claims") => self.subject.claims().map(|claims| Value::Map(Map::Json(claims))),
            (Value::Principal, "mfa") => {
                let claims = self.subject.claims().ok_or(Problem::Absent("principal.claims"))?;
                // RFC 8176, 2: an array of the methods that were used.
                let methods = claims.get("amr").and_then(Json::as_array);
                Some(Value::Bool(methods.is_some_and(|methods| methods.iter().any(|method| method.as_str() == Some("mfa")))))
            }
            (Value::Actor(actor), "subject") => text(actor.subject),
            (Value::Actor(actor), "client") => text(actor.client),
            (Value::Target, "tool") => text(self.tool()),
            (Value::Target, "prompt") => text(self.prompt()),
            (Value::Target, "resource") => text(self.resource),
            (Value::Session, "id") => text(circumstances.session),
            (Value::Tls, "version") => text(circumstances.tls_version),
            (Value::Tls, "client_certificate") => text(circumstances.client_certificate),
            _ => return Err(Problem::NotFor(".")),
        }
        .map(Ok))
    }
}
