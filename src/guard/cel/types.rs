//! What is known of a value before any call: its type, and the members of what is not made of JSON.

use std::fmt;

#[derive(Clone, Debug, PartialEq)]
pub(super) enum Type {
    /// Known only when a call is there: what is in the arguments or in a claim.
    Dyn,
    Null,
    Bool,
    Int,
    Uint,
    Double,
    Text,
    Timestamp,
    Duration,
    List(Box<Type>),
    /// By the type of its values.
    Map(Box<Type>),
    Object(Object),
}

/// A value with a fixed set of members.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Object {
    Principal,
    Actor,
    Target,
    Session,
    Tls,
}

impl Object {
    pub(super) fn members(self) -> &'static [&'static str] {
        match self {
            Self::Principal => &["user", "subject", "issuer", "email", "groups", "client", "scopes", "actors", "mfa", "claims"],
            Self::Actor => &["subject", "client"],
            Self::Target => &["tool", "resource", "prompt"],
            Self::Session => &["id"],
            Self::Tls => &["version", "client_certificate"],
        }
    }

    pub(super) fn member(self, name: &str) -> Option<Type> {
        if !self.members().contains(&name) {
            return None;
        }
        Some(match (self, name) {
            (Self::Principal, "groups" | "scopes") => Type::List(Box::new(Type::Text)),
            (Self::Principal, "actors") => Type::List(Box::new(Type::Object(Self::Actor))),
            (Self::Principal, "mfa") => Type::Bool,
            (Self::Principal, "claims") => Type::Map(Box::new(Type::Dyn)),
            _ => Type::Text,
        })
    }

    fn name(self) -> &'static str {
        match self {
            Self::Principal => "principal",
            Self::Actor => "actor",
            Self::Target => "target",
            Self::Session => "session",
            Self::Tls => "tls",
        }
    }
}

/// What a rule can read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Variable {
    Principal,
    Tool,
    Resource,
    Prompt,
    Target,
    Method,
    Args,
    Session,
    Now,
    Tls,
}

impl Variable {
    pub(super) const ALL: [(&'static str, Self); 10] = [
        ("principal", Self::Principal),
        ("tool", Self::Tool),
        ("resource", Self::Resource),
        ("prompt", Self::Prompt),
        ("target", Self::Target),
        ("method", Self::Method),
        ("args", Self::Args),
        ("session", Self::Session),
        ("now", Self::Now),
        ("tls", Self::Tls),
    ];

    pub(super) fn named(name: &str) -> Option<Self> {
        Self::ALL.iter().find(|(known, _)| *known == name).map(|(_, variable)| *variable)
    }

    pub(super) fn kind(self) -> Type {
        match self {
            Self::Principal => Type::Object(Object::Principal),
            Self::Tool | Self::Resource | Self::Prompt | Self::Method => Type::Text,
            Self::Target => Type::Object(Object::Target),
            Self::Args => Type::Map(Box::new(Type::Dyn)),
            Self::Session => Type::Object(Object::Session),
            Self::Now => Type::Timestamp,
            Self::Tls => Type::Object(Object::Tls),
        }
    }
}

impl Type {
    /// Whether a value of this type may turn out to be of `other`.
    pub(super) fn may_be(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Dyn, _) | (_, Self::Dyn) => true,
            (Self::List(a), Self::List(b)) | (Self::Map(a), Self::Map(b)) => a.may_be(b),
            _ => self == other,
        }
    }

    pub(super) fn is_number(&self) -> bool {
        matches!(self, Self::Int | Self::Uint | Self::Double)
    }

    /// Whether `==` can ever hold: numbers are compared by what they are worth.
    pub(super) fn may_equal(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Object(_), _) | (_, Self::Object(_)) => false,
            (Self::List(a), Self::List(b)) | (Self::Map(a), Self::Map(b)) => a.may_equal(b),
            _ => self.may_be(other) || (self.is_number() && other.is_number()),
        }
    }

    /// What a value is known to be that is of one of two types.
    pub(super) fn or(self, other: Self) -> Self {
        if self == other { self } else { Self::Dyn }
    }
}

impl fmt::Display for Type {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Dyn => f.write_str("dyn"),
            Self::Null => f.write_str("null"),
            Self::Bool => f.write_str("bool"),
            Self::Int => f.write_str("int"),
            Self::Uint => f.write_str("uint"),
            Self::Double => f.write_str("double"),
            Self::Text => f.write_str("string"),
            Self::Timestamp => f.write_str("timestamp"),
            Self::Duration => f.write_str("duration"),
            // The type of a type is as deep as the expression, which is bounded.
            Self::List(of) => write!(f, "list({of})"),
            Self::Map(of) => write!(f, "map(string, {of})"),
            Self::Object(object) => f.write_str(object.name()),
        }
    }
}
