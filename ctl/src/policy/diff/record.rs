//! A past call, from its record.

use portcullis::policy::{ClaimPath, Issuer};
use portcullis::time::Time;
use serde_json::{Map, Value, json};

/// What a record says of a call.
pub(super) struct Past {
    pub(super) who: Who,
    pub(super) method: String,
    pub(super) target: Option<String>,
    /// JSON text as it was sent, masked.
    pub(super) params: Option<String>,
    pub(super) session: Option<String>,
    pub(super) time: Time,
    /// The params are masked somewhere.
    pub(super) masked: bool,
    /// Whether it went to the server.
    pub(super) forwarded: bool,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Who {
    user: String,
    subject: String,
    issuer: Option<String>,
    email: Option<String>,
    groups: Vec<String>,
    client: Option<String>,
    /// The `act` chain as JSON text, the current actor first.
    act: String,
}

/// Why a record is not a call to decide on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Unfit {
    NotARecord,
    /// It was refused before any rule was asked: for its token, its form, its transport.
    NotDecided,
    /// The record has no payload.
    NoArguments,
    Truncated,
    /// Groups, or their like, that did not fit on record.
    CutShort,
}

impl Unfit {
    pub(super) fn text(self) -> &'static str {
        match self {
            Self::NotARecord => "no records of this kind",
            Self::NotDecided => "refused before any rule was asked",
            Self::NoArguments => "no arguments on record (`audit.payload: none`)",
            Self::Truncated => "arguments cut on record (`audit.max_payload`)",
            Self::CutShort => "more groups than a record holds",
        }
    }
}

/// What the masker leaves in place of a value.
const MARKS: [&str; 2] = ["[MASKED:", "****"];

/// A record's text, as `audit::input` finds it in an access log.
pub(super) fn read(text: &str) -> Result<Past, Unfit> {
    let record: Value = serde_json::from_str(text).map_err(|_| Unfit::NotARecord)?;
    // What is beside the record of an exchange is about a call that has one.
    if !is_record(&record) || record.pointer("/unmapped/side").is_some() {
        return Err(Unfit::NotARecord);
    }
    past(&record)
}

fn is_record(value: &Value) -> bool {
    value.get("class_uid") == Some(&json!(6003)) && value.pointer("/metadata/log_name") == Some(&json!("portcullis"))
}

fn past(record: &Value) -> Result<Past, Unfit> {
    let text = |pointer: &str| record.pointer(pointer).and_then(Value::as_str).map(str::to_owned);
    let number = |pointer: &str| record.pointer(pointer).and_then(Value::as_u64);
    let flag = |pointer: &str| record.pointer(pointer).and_then(Value::as_bool).unwrap_or(false);
    let subject = text("/actor/user/uid").ok_or(Unfit::NotDecided)?;
    let method = text("/api/operation").ok_or(Unfit::NotDecided)?;
    // Blocked by a rule or for want of scopes, allowed, observed, approved, delayed: a rule was asked.
    let forwarded = matches!(number("/action_id"), Some(1 | 3 | 4));
    let by_rules = ["rule", "default_deny", "insufficient_scope"];
    if !forwarded && !text("/status_code").is_some_and(|code| by_rules.contains(&code.as_str())) {
        return Err(Unfit::NotDecided);
    }
    if record.pointer("/unmapped/omitted/groups").is_some() {
        return Err(Unfit::CutShort);
    }
    let params = text("/api/request/data");
    if params.is_none() && record.pointer("/unmapped/request").is_some() {
        return Err(Unfit::NoArguments);
    }
    if flag("/unmapped/request/truncated") || flag("/unmapped/request/invalid_utf8") {
        return Err(Unfit::Truncated);
    }
    let groups = record.pointer("/actor/user/groups").and_then(Value::as_array);
    let names = groups.into_iter().flatten().filter_map(|group| group.get("name").and_then(Value::as_str).map(str::to_owned));
    let who = Who {
        user: text("/actor/user/name").unwrap_or_else(|| subject.clone()),
        subject,
        issuer: text("/actor/session/issuer"),
        email: text("/actor/user/email_addr").or_else(|| text("/unmapped/email")),
        groups: names.collect(),
        client: text("/actor/app_uid"),
        act: record.pointer("/unmapped/act").map(Value::to_string).unwrap_or_default(),
    };
    Ok(Past {
        who,
        method,
        target: text("/resources/0/name"),
        masked: params.as_deref().is_some_and(|params| MARKS.iter().any(|mark| params.contains(mark))),
        params,
        session: text("/metadata/correlation_uid"),
        time: Time::from_millis(number("/time").unwrap_or(0)),
        forwarded,
    })
}

impl Past {
    /// The message as it was sent, but for its id; nothing for what carried none. `None` when it cannot have been one.
    pub(super) fn body(&self) -> Option<(&'static str, Vec<u8>)> {
        match self.method.as_str() {
            "http/get" => return Some(("GET", Vec::new())),
            "http/delete" => return Some(("DELETE", Vec::new())),
            "rpc/response" => return Some(("POST", br#"{"jsonrpc":"2.0","id":1,"result":{}}"#.to_vec())),
            _ => {}
        }
        let id = if self.method.starts_with("notifications/") { "" } else { r#""id":1,"# };
        let method = Value::from(self.method.as_str());
        // The params stay text: numbers and their kin are as they were sent.
        let params = self.params.as_ref().map(|params| format!(r#","params":{params}"#)).unwrap_or_default();
        Some(("POST", format!(r#"{{"jsonrpc":"2.0",{id}"method":{method}{params}}}"#).into_bytes()))
    }
}

impl Who {
    pub(super) fn issuer(&self) -> Option<&str> {
        self.issuer.as_deref()
    }

    pub(super) fn name(&self) -> &str {
        &self.user
    }

    /// Claims from which this issuer's tokens make the same caller. Scopes are not on record.
    pub(super) fn claims(&self, issuer: &Issuer) -> Map<String, Value> {
        let mut claims = Map::new();
        claims.insert("iss".to_owned(), issuer.issuer.as_str().into());
        claims.insert("sub".to_owned(), self.subject.as_str().into());
        put(&mut claims, &issuer.claims.user, self.user.as_str().into());
        if let Some(email) = &self.email {
            put(&mut claims, &issuer.claims.email, email.as_str().into());
        }
        put(&mut claims, &issuer.claims.groups, json!(self.groups));
        if let Some(client) = &self.client {
            put(&mut claims, &issuer.claims.client, client.as_str().into());
        }
        // The chain nests: each party holds the one that acted before it.
        let chain: Vec<Value> = serde_json::from_str(&self.act).unwrap_or_default();
        let act = chain.into_iter().rev().reduce(|inner, mut outer| {
            if let Some(members) = outer.as_object_mut() {
                members.insert("act".to_owned(), inner);
            }
            outer
        });
        claims.extend(act.map(|act| ("act".to_owned(), act)));
        claims
    }
}

/// Puts a value where a path leads, through objects it makes on the way.
fn put(claims: &mut Map<String, Value>, path: &ClaimPath, value: Value) {
    let Some((last, way)) = path.0.split_last() else { return };
    let mut at = claims;
    for name in way {
        let next = at.entry(name.clone()).or_insert_with(|| json!({}));
        let Value::Object(members) = next else { return };
        at = members;
    }
    at.insert(last.clone(), value);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn record() -> Value {
        json!({
            "class_uid": 6003, "action_id": 1, "status_code": "rule", "time": 5,
            "metadata": { "log_name": "portcullis", "correlation_uid": "s" },
            "actor": { "user": { "uid": "u", "name": "ana", "groups": [{ "name": "g" }] }, "session": { "issuer": "i" } },
            "api": { "operation": "tools/call", "request": { "data": "{\"name\":\"t\",\"arguments\":{\"n\":1.0}}" } },
            "resources": [{ "type": "mcp.tool", "name": "t" }],
            "unmapped": { "act": [{ "sub": "now" }, { "sub": "before" }], "request": { "size": 5 } },
        })
    }

    fn without(pointer: &str, name: &str) -> Value {
        let mut record = record();
        record.pointer_mut(pointer).unwrap().as_object_mut().unwrap().remove(name);
        record
    }

    #[test]
    fn a_call_is_made_of_its_record() {
        let past = read(&record().to_string()).ok().unwrap();
        let (verb, body) = past.body().unwrap();
        let text = String::from_utf8(body).unwrap();
        assert_eq!(
            (verb, text.as_str()),
            ("POST", r#"{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"t","arguments":{"n":1.0}}}"#)
        );
        assert_eq!((past.who.name(), past.session.as_deref(), past.masked, past.forwarded), ("ana", Some("s"), false, true));
    }

    #[test]
    fn what_is_not_on_record_is_told() {
        let unfit = |record: Value| read(&record.to_string()).err();
        assert_eq!(unfit(json!({ "class_uid": 1 })), Some(Unfit::NotARecord));
        let mut interim = record();
        interim["unmapped"]["side"] = "interim".into();
        assert_eq!(unfit(interim), Some(Unfit::NotARecord));
        assert_eq!(unfit(without("/actor/user", "uid")), Some(Unfit::NotDecided));
        assert_eq!(unfit(without("/api/request", "data")), Some(Unfit::NoArguments));
        let mut cut = record();
        cut["unmapped"]["request"]["truncated"] = true.into();
        assert_eq!(unfit(cut), Some(Unfit::Truncated));
        let mut malformed = record();
        (malformed["action_id"], malformed["status_code"]) = (2.into(), "message_not_json".into());
        assert_eq!(unfit(malformed), Some(Unfit::NotDecided));
        let mut many = record();
        many["unmapped"]["omitted"] = json!({ "groups": 3 });
        assert_eq!(unfit(many), Some(Unfit::CutShort));
    }

    #[test]
    fn claims_go_where_the_issuer_has_them() {
        let mut claims = Map::new();
        put(&mut claims, &ClaimPath(vec!["realm_access".to_owned(), "roles".to_owned()]), json!(["a"]));
        put(&mut claims, &ClaimPath(vec!["realm_access".to_owned(), "user".to_owned()]), json!("b"));
        assert_eq!(Value::Object(claims), json!({ "realm_access": { "roles": ["a"], "user": "b" } }));
    }
}
