//! What `params` says that a decision needs.

use std::borrow::Cow;

use super::json::{self, Kind, Member};
use super::message::{Era, VERSION_BYTES};
use super::method::{Names, Target};
use super::problem::Why;
use super::uri::Uri;

/// Longest tool or prompt name. The specification advises 128 characters.
pub(super) const NAME_BYTES: usize = 1024;

/// Resources named by one `subscriptions/listen`; each is decided upon.
pub(super) const SUBSCRIPTIONS: usize = 256;

/// Their bytes altogether: every one is compared with every rule.
pub(super) const SUBSCRIBED_BYTES: usize = 64 * 1024;

const META_VERSION: &str = "io.modelcontextprotocol/protocolVersion";

/// Members that decide what is called. A server that reads names without regard to case must not find a second one.
const DECISIVE: [&str; 8] = ["_meta", "arguments", "name", "notifications", "ref", "taskId", "uri", "task"];

/// The members of `params` a decision looks at, as written. The text was checked before.
#[derive(Default)]
pub(super) struct Params<'a> {
    meta: Option<&'a str>,
    arguments: Option<&'a str>,
    name: Option<&'a str>,
    notifications: Option<&'a str>,
    reference: Option<&'a str>,
    task: Option<&'a str>,
    uri: Option<&'a str>,
}

impl<'a> Params<'a> {
    pub(super) fn read(params: &'a str) -> Result<Self, Why> {
        if Kind::of(params) != Some(Kind::Object) {
            return Err(Why::Params);
        }
        let mut read = Self::default();
        for Member { name, value } in exact(params, &DECISIVE)? {
            match name.as_ref() {
                "_meta" => read.meta = Some(value),
                "arguments" => read.arguments = Some(value),
                "name" => read.name = Some(value),
                "notifications" => read.notifications = Some(value),
                "ref" => read.reference = Some(value),
                "taskId" => read.task = Some(value),
                "uri" => read.uri = Some(value),
                _ => {}
            }
        }
        Ok(read)
    }

    pub(super) fn era(&self) -> Result<Era, Why> {
        let Some(meta) = self.meta else { return Ok(Era::Legacy) };
        if Kind::of(meta) != Some(Kind::Object) {
            return Err(Why::Meta);
        }
        match find(exact(meta, &[META_VERSION])?, META_VERSION) {
            None => Ok(Era::Legacy),
            Some(version) => match json::text(version) {
                Some(version) if version.len() <= VERSION_BYTES => Ok(Era::Modern { version: version.into_owned() }),
                _ => Err(Why::ProtocolVersion),
            },
        }
    }

    pub(super) fn task(&self) -> Option<String> {
        self.task.and_then(json::text).map(Cow::into_owned)
    }

    /// `arguments` of the methods that have them: an object, or nothing at all.
    pub(super) fn arguments(&self, method: &str, names: Names) -> Result<Option<&'a str>, Why> {
        match (names, self.arguments) {
            (Names::Tool | Names::Prompt, Some(arguments)) => match Kind::of(arguments) {
                Some(Kind::Object) => Ok(Some(arguments)),
                Some(Kind::Null) => Ok(None),
                _ => Err(missing(method, "arguments", "an object")),
            },
            _ => Ok(None),
        }
    }

    pub(super) fn target(&self, method: &str, names: Names) -> Result<Target, Why> {
        let name = || self.name.and_then(name).ok_or_else(|| missing(method, "name", NAME));
        match names {
            Names::Nothing | Names::Task => Ok(Target::None),
            Names::Tool => name().map(Target::Tool),
            Names::Prompt => name().map(Target::Prompt),
            Names::Resource => self.uri.and_then(uri).map(Target::Resource).ok_or_else(|| missing(method, "uri", URI)),
            Names::Reference => self.referred(method),
            Names::Subscriptions => self.subscribed(method),
        }
    }

    /// `ref` of `completion/complete`: only the two types of the specification say what is asked for.
    fn referred(&self, method: &str) -> Result<Target, Why> {
        const EXPECTED: &str = "an object with `type` `ref/prompt` and a `name`, or `ref/resource` and a `uri`";
        let bad = || missing(method, "ref", EXPECTED);
        let reference = self.reference.filter(|reference| Kind::of(reference) == Some(Kind::Object)).ok_or_else(bad)?;
        let (mut kind, mut named, mut located) = (None, None, None);
        for Member { name, value } in exact(reference, &["type", "name", "uri"])? {
            match name.as_ref() {
                "type" => kind = json::text(value),
                "name" => named = Some(value),
                "uri" => located = Some(value),
                _ => {}
            }
        }
        match kind.as_deref() {
            Some("ref/prompt") => named.and_then(name).map(Target::Prompt).ok_or_else(bad),
            Some("ref/resource") => located.and_then(uri).map(Target::Resource).ok_or_else(bad),
            _ => Err(bad()),
        }
    }

    /// `notifications.resourceSubscriptions` of `subscriptions/listen`, if it has any.
    fn subscribed(&self, method: &str) -> Result<Target, Why> {
        const EXPECTED: &str = "an object, with at most 256 URIs or 64 KiB in `resourceSubscriptions`";
        const LIST: &str = "resourceSubscriptions";
        let bad = || missing(method, "notifications", EXPECTED);
        let Some(filter) = self.notifications else { return Ok(Target::None) };
        if Kind::of(filter) != Some(Kind::Object) {
            return Err(bad());
        }
        let Some(list) = find(exact(filter, &[LIST])?, LIST) else { return Ok(Target::None) };
        let uris: Option<Vec<String>> = serde_json::from_str(list).map_err(|_| bad())?;
        let uris = uris.unwrap_or_default();
        if uris.len() > SUBSCRIPTIONS || uris.iter().map(String::len).sum::<usize>() > SUBSCRIBED_BYTES {
            return Err(bad());
        }
        let uris: Vec<Uri> = uris.into_iter().map(Uri::parse).collect::<Option<_>>().ok_or_else(bad)?;
        Ok(if uris.is_empty() { Target::None } else { Target::Resources(uris) })
    }
}

const NAME: &str = "a string of 1 to 1024 bytes without control characters";
const URI: &str = "a string of 1 to 8192 bytes without control characters, whose path stays below its root";

fn name(value: &str) -> Option<String> {
    json::text(value).filter(|name| (1..=NAME_BYTES).contains(&name.len()) && !name.chars().any(char::is_control)).map(Cow::into_owned)
}

fn uri(value: &str) -> Option<Uri> {
    json::text(value).and_then(Uri::parse)
}

fn missing(method: &str, member: &'static str, expected: &'static str) -> Why {
    Why::Target { method: method.to_owned(), member, expected }
}

/// The members of an object, none of which is a case variant of a `known` one.
pub(super) fn exact<'a>(object: &'a str, known: &[&'static str]) -> Result<Vec<Member<'a>>, Why> {
    let members = json::members(object)?;
    for Member { name, .. } in &members {
        if let Some(known) = known.iter().find(|known| json::variant_of(name, known)) {
            return Err(Why::Variant { name: name.to_string(), known });
        }
    }
    Ok(members)
}

pub(super) fn find<'a>(members: Vec<Member<'a>>, name: &str) -> Option<&'a str> {
    members.into_iter().find(|member| member.name == name).map(|member| member.value)
}
