//! What conditions are asked about: the call with its arguments, and the circumstances it comes in.

use std::cell::OnceCell;

use super::arguments::Numbers;
use super::history::Past;
use super::value::{Members, Value};
use super::{Call, Who, shell, sql};
use crate::policy::{ArgumentRef, Step};
use crate::time::Time;

/// What rules may know besides the caller and the call.
#[derive(Clone, Copy, Debug)]
pub struct Circumstances<'a> {
    pub now: Time,
    /// The MCP session of the request, as the server knows it.
    pub session: Option<&'a str>,
    /// `TLSv1.3`; none on a plaintext connection.
    pub tls_version: Option<&'a str>,
    /// Subject of the client's certificate.
    pub client_certificate: Option<&'a str>,
    /// What the caller has done before. None: nothing.
    pub past: Option<&'a Past>,
}

impl Default for Circumstances<'_> {
    fn default() -> Self {
        Self { now: Time::from_millis(0), session: None, tls_version: None, client_certificate: None, past: None }
    }
}

/// One call before the rules.
#[derive(Debug)]
pub(super) struct Subject<'a> {
    pub(super) who: Who<'a>,
    pub(super) call: &'a Call<'a>,
    pub(super) circumstances: &'a Circumstances<'a>,
    /// What was found in strings of [`Self::arguments`].
    pub(super) statements: sql::Inspected,
    pub(super) commands: shell::Inspected,
    arguments: OnceCell<Value<'a>>,
    numbers: OnceCell<Numbers<'a>>,
    claims: OnceCell<Option<Members<'a>>>,
}

impl<'a> Subject<'a> {
    pub(super) fn new(who: Who<'a>, call: &'a Call<'a>, circumstances: &'a Circumstances<'a>) -> Self {
        Self {
            who,
            call,
            circumstances,
            statements: sql::Inspected::default(),
            commands: shell::Inspected::default(),
            arguments: OnceCell::new(),
            numbers: OnceCell::new(),
            claims: OnceCell::new(),
        }
    }

    /// The arguments, read once and only when a condition asks; an empty object when the call has none.
    ///
    /// The message was read strictly before, so nothing in them has two readings.
    pub(super) fn arguments(&self) -> &Value<'a> {
        self.arguments.get_or_init(|| {
            let read = self.call.arguments.map(serde_json::from_str::<Value<'a>>);
            read.and_then(Result::ok).unwrap_or_else(|| Value::Object(Members::default()))
        })
    }

    /// The token's claims, read once and only when a condition asks; nothing when they were not kept.
    pub(super) fn claims(&self) -> Option<&Members<'a>> {
        self.claims.get_or_init(|| self.who.claims.and_then(|claims| serde_json::from_str(claims).ok())).as_ref()
    }

    /// The text of a number in [`Self::arguments`], which may have digits that its double has not.
    pub(super) fn number_text(&self, number: &Value<'_>) -> Option<&'a str> {
        self.numbers.get_or_init(|| Numbers::of(self.arguments(), self.call.arguments.unwrap_or_default())).text(number)
    }

    /// The values that `reference` points at, with the pointer to each. Several with `*`; none when there is no such argument.
    pub(super) fn pointed_at(&self, reference: &ArgumentRef) -> Vec<(String, &Value<'a>)> {
        let ArgumentRef::At(steps) = reference else { return vec![(String::new(), self.arguments())] };
        if let Some(found) = super::arguments::single(self.arguments(), steps) {
            let place = || super::arguments::written(steps);
            return found.map(|value| (place(), value)).into_iter().collect();
        }
        let mut found = vec![(String::new(), self.arguments())];
        for step in steps {
            found = found.into_iter().flat_map(|(pointer, value)| into(&pointer, value, step)).collect();
        }
        found
    }
}

fn into<'v, 't>(pointer: &str, value: &'v Value<'t>, step: &Step) -> Vec<(String, &'v Value<'t>)> {
    let named = |name: &str| {
        let mut place = pointer.to_owned();
        push_name(&mut place, name);
        place
    };
    match (value, step) {
        (Value::Object(members), Step::Name(name)) => members.get(name).map(|value| (named(name), value)).into_iter().collect(),
        (Value::Array(items), Step::Name(index)) => {
            index.parse::<usize>().ok().and_then(|at| items.get(at)).map(|value| (named(index), value)).into_iter().collect()
        }
        (Value::Object(members), Step::Every) => members.iter().map(|(name, value)| (named(name), value)).collect(),
        (Value::Array(items), Step::Every) => items.iter().enumerate().map(|(at, value)| (named(&at.to_string()), value)).collect(),
        _ => Vec::new(),
    }
}

/// Every string in a value with its place, depth first; `names` for the names of members too. The depth is that of a message, which is bounded.
///
/// One buffer serves all places: a place of its own for each string would be as long as all the names above it, times the number of strings.
pub(super) fn each_string<'v>(pointer: &str, value: &'v Value<'_>, names: bool, look: &mut dyn FnMut(&str, &'v str)) {
    let mut place = pointer.to_owned();
    walk(&mut place, value, names, look);
}

fn walk<'v>(place: &mut String, value: &'v Value<'_>, names: bool, look: &mut dyn FnMut(&str, &'v str)) {
    let len = place.len();
    match value {
        Value::String(text) => look(place, text),
        Value::Array(items) => {
            for (at, item) in items.iter().enumerate() {
                place.push('/');
                place.push_str(&at.to_string());
                walk(place, item, names, look);
                place.truncate(len);
            }
        }
        Value::Object(members) => {
            for (name, value) in members.iter() {
                push_name(place, name);
                if names {
                    look(place, name);
                }
                walk(place, value, names, look);
                place.truncate(len);
            }
        }
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

/// One more step of a pointer, escaped (RFC 6901, 3). Names come with the call: what is over a length nobody needs is left out.
pub(super) fn push_name(place: &mut String, name: &str) {
    const LONGEST: usize = 128;
    place.push('/');
    let shown = name.get(..name.floor_char_boundary(LONGEST)).unwrap_or_default();
    if shown.bytes().any(|byte| matches!(byte, b'~' | b'/')) {
        for c in shown.chars() {
            match c {
                '~' => place.push_str("~0"),
                '/' => place.push_str("~1"),
                c => place.push(c),
            }
        }
    } else {
        place.push_str(shown);
    }
    if shown.len() < name.len() {
        place.push_str("...");
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mcp::method::{Class, Target};

    fn who() -> Who<'static> {
        Who { user: "u", subject: "u", issuer: "i", email: None, groups: &[], client: None, scopes: &[], actors: &[], claims: None }
    }

    #[test]
    fn pointers_find_what_they_point_at() {
        let call = Call {
            method: "tools/call",
            class: Class::Action,
            target: &Target::None,
            arguments: Some(r#"{"sql":"S","list":[{"a/b":1},{"a/b":[2]}],"2":"two"}"#),
        };
        let circumstances = Circumstances::default();
        let subject = Subject::new(who(), &call, &circumstances);
        let name = |name: &str| Step::Name(name.to_owned());
        let found = |steps: Vec<Step>| {
            subject.pointed_at(&ArgumentRef::At(steps)).into_iter().map(|(at, value)| format!("{at}={value}")).collect::<Vec<_>>()
        };
        assert_eq!(found(vec![name("sql")]), ["/sql=\"S\""]);
        assert_eq!(found(vec![name("list"), Step::Every, name("a/b")]), ["/list/0/a~1b=1", "/list/1/a~1b=[2]"]);
        assert_eq!(found(vec![name("list"), name("1"), name("a/b"), name("0")]), ["/list/1/a~1b/0=2"]);
        assert_eq!(found(vec![name("2")]), ["/2=\"two\""]);
        assert_eq!(found(vec![name("none"), Step::Every]), Vec::<String>::new());
        let mut strings: Vec<String> = Vec::new();
        each_string("", subject.arguments(), true, &mut |at, text| strings.push(format!("{at}={text}")));
        strings.sort();
        assert_eq!(strings, ["/2=2", "/2=two", "/list/0/a~1b=a/b", "/list/1/a~1b=a/b", "/list=list", "/sql=S", "/sql=sql"]);
    }

    /// A thousand strings under a long name do not take a thousand times its length.
    #[test]
    fn places_are_bounded() {
        let long = "n".repeat(10_000);
        let text = serde_json::json!({ long: vec!["s"; 1000] }).to_string();
        let value: Value<'_> = serde_json::from_str(&text).unwrap();
        let mut longest = 0;
        each_string("", &value, false, &mut |place, _| longest = longest.max(place.len()));
        assert!((100..200).contains(&longest), "{longest}");
    }
}
