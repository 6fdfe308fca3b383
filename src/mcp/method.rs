//! Every method a client may send in any revision: what kind of thing it is, and what it names.
//!
//! Sources: the schemas of revisions 2024-11-05 to 2026-07-28 and of the tasks extension.

use super::uri::Uri;

/// How a call is governed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Class {
    /// Keeps a connection or a task going; carries no wish of its own.
    Lifecycle,
    /// Asks what there is.
    Discovery,
    /// Does or reads something.
    Action,
    /// No revision knows it: governed like an action.
    Unknown,
}

impl Class {
    /// Whether the call needs a rule that allows it.
    pub fn is_governed(self) -> bool {
        matches!(self, Self::Action | Self::Unknown)
    }
}

/// What one call is about, under the name a rule selects it by.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub enum Target {
    #[default]
    None,
    Tool(String),
    Prompt(String),
    Resource(Uri),
    /// `subscriptions/listen`: every resource must be allowed.
    Resources(Vec<Uri>),
}

impl Target {
    /// The name or URI, where there is exactly one.
    pub fn name(&self) -> Option<&str> {
        match self {
            Self::Tool(name) | Self::Prompt(name) => Some(name),
            Self::Resource(uri) => Some(uri.written()),
            Self::None | Self::Resources(_) => None,
        }
    }
}

/// Which member of `params` names the target.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Names {
    Nothing,
    /// `name`
    Tool,
    /// `name`
    Prompt,
    /// `uri`
    Resource,
    /// `ref`: a prompt or a resource template
    Reference,
    /// `notifications.resourceSubscriptions`
    Subscriptions,
    /// `taskId`
    Task,
}

/// Longest method name: the longest known is 40 bytes, extensions carry a domain in front.
pub const METHOD_BYTES: usize = 256;

/// Names under which rules and records know what is not a JSON-RPC request.
pub const HTTP_GET: &str = "http/get";
pub const HTTP_DELETE: &str = "http/delete";
/// A client's answer to a request of the server (sampling, roots, elicitation), up to revision 2025-11-25.
pub const RESPONSE: &str = "rpc/response";

/// All notifications start so; they cannot be answered, and none makes a server act on anything but the connection.
pub const NOTIFICATIONS: &str = "notifications/";

const TABLE: &[(&str, Class, Names)] = &[
    ("completion/complete", Class::Action, Names::Reference),
    ("initialize", Class::Lifecycle, Names::Nothing),
    ("logging/setLevel", Class::Lifecycle, Names::Nothing),
    ("ping", Class::Lifecycle, Names::Nothing),
    ("prompts/get", Class::Action, Names::Prompt),
    ("prompts/list", Class::Discovery, Names::Nothing),
    ("resources/list", Class::Discovery, Names::Nothing),
    ("resources/read", Class::Action, Names::Resource),
    ("resources/subscribe", Class::Action, Names::Resource),
    ("resources/templates/list", Class::Discovery, Names::Nothing),
    ("resources/unsubscribe", Class::Action, Names::Resource),
    ("server/discover", Class::Lifecycle, Names::Nothing),
    ("subscriptions/listen", Class::Lifecycle, Names::Subscriptions),
    ("tasks/cancel", Class::Lifecycle, Names::Task),
    ("tasks/get", Class::Lifecycle, Names::Task),
    // Not discovery: a server that cannot tell its callers apart lists everybody's tasks, and an id is all it takes to read a result.
    ("tasks/list", Class::Action, Names::Nothing),
    ("tasks/result", Class::Lifecycle, Names::Task),
    ("tasks/update", Class::Lifecycle, Names::Task),
    ("tools/call", Class::Action, Names::Tool),
    ("tools/list", Class::Discovery, Names::Nothing),
];

/// Class and naming member of a request's method.
pub(super) fn request(method: &str) -> (Class, Names) {
    TABLE.iter().find(|(name, ..)| *name == method).map_or((Class::Unknown, Names::Nothing), |&(_, class, names)| (class, names))
}

/// Whether 2026-07-28 knows the method no more, of those that must name what they are about.
pub(super) fn was_removed(method: &str) -> bool {
    matches!(method, "resources/subscribe" | "resources/unsubscribe")
}

/// Class of a notification's method; `None` when it is a request that came without an id.
pub(super) fn notification(method: &str) -> Option<Class> {
    if method.strip_prefix(NOTIFICATIONS).is_some_and(|rest| !rest.is_empty()) {
        return Some(Class::Lifecycle);
    }
    match request(method).0 {
        Class::Unknown => Some(Class::Unknown),
        _ => None,
    }
}

/// The known method that `method` differs from in case only.
pub(super) fn variant(method: &str) -> Option<&'static str> {
    TABLE.iter().map(|&(name, ..)| name).find(|known| super::json::variant_of(method, known))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn unknown_methods_are_governed() {
        for method in ["", "tools/call2", "tools", "roots/list", "sampling/createMessage", "elicitation/create", "http/get", "rpc/response"]
        {
            assert_eq!(request(method), (Class::Unknown, Names::Nothing), "{method}");
        }
        assert!(Class::Unknown.is_governed() && Class::Action.is_governed());
        assert!(!Class::Lifecycle.is_governed() && !Class::Discovery.is_governed());
    }

    #[test]
    fn requests_do_not_pass_as_notifications() {
        assert_eq!(notification("tools/call"), None);
        assert_eq!(notification("ping"), None);
        assert_eq!(notification("notifications/cancelled"), Some(Class::Lifecycle));
        assert_eq!(notification("notifications/"), Some(Class::Unknown));
        assert_eq!(notification("acme/fire"), Some(Class::Unknown));
        // As a request, a notification's name is nothing known.
        assert_eq!(request("notifications/cancelled").0, Class::Unknown);
    }

    #[test]
    fn case_variants_are_found() {
        assert_eq!(variant("Tools/Call"), Some("tools/call"));
        assert_eq!(variant("tool\u{17f}/call"), Some("tools/call"));
        assert_eq!(variant("tools/call"), None);
        assert_eq!(variant("tools/calls"), None);
    }
}
