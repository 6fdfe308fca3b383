//! From what was written to tests that run: every row of a table its own, every value in its place.

use serde_json::{Map, Value as Json, json};

use super::super::form::{Placed, shown};
use super::super::report::{Place, Report};
use super::super::suggest::nearest;
use super::written::{self, Any, Verdict};
use super::{Answer, Expect, ExpectAnswer, Step, Suite, Test, Trial};

/// `None`, or a suite with holes where mistakes were reported.
pub(super) fn suite(document: written::Document, report: &mut Report) -> Option<Suite> {
    let written::Document { policy, values, callers, r#as, tests } = document;
    let texts = values.map(|values| values.value.0).unwrap_or_default();
    let given = Given {
        values: texts.into_iter().map(|(name, text)| (name, Json::String(text.value.0))).collect(),
        callers: callers.map(|callers| callers_of(callers.value, report)).unwrap_or_default(),
        default: r#as,
    };
    let mut expanded = Vec::new();
    for (index, test) in tests?.value.into_iter().enumerate() {
        one(&given, index, test, &mut expanded, report);
    }
    Some(Suite { policy: policy.map(|policy| policy.value), tests: expanded })
}

struct Given {
    values: Vec<(String, Json)>,
    callers: Vec<(String, Map<String, Json>)>,
    default: Option<Placed<String>>,
}

fn callers_of(written: written::Named<Any>, report: &mut Report) -> Vec<(String, Map<String, Json>)> {
    let mut callers = Vec::new();
    for (name, Placed { at, value: Any(claims) }) in written.0 {
        match claims {
            Json::Object(claims) => callers.push((name, claims)),
            _ => report.add(&at, "expected the claims of a token, such as `{ sub: ana, groups: [analysts] }`"),
        }
    }
    callers
}

fn one(given: &Given, index: usize, test: Placed<written::Test>, tests: &mut Vec<Test>, report: &mut Report) {
    let Placed { at, value: test } = test;
    let rows: Vec<(Option<u32>, Option<&Json>)> = match &test.each {
        Some(table) => table.value.0.iter().map(|(line, value)| (*line, Some(value))).collect(),
        None => vec![(at.line, None)],
    };
    for (line, each) in rows {
        let fill = Fill { given, each };
        let errors = report.problems().len();
        let made = fill.test(&at, line, index, &test, report);
        tests.extend(made);
        if report.problems().len() > errors {
            // The other rows have the same mistake.
            return;
        }
    }
}

/// What stands for `${...}`.
struct Fill<'a> {
    given: &'a Given,
    each: Option<&'a Json>,
}

impl Fill<'_> {
    fn test(&self, at: &Place, line: Option<u32>, index: usize, test: &written::Test, report: &mut Report) -> Option<Test> {
        let written::Test { name, r#as, call, message, answer, expect, expect_answer, session, at: begins, steps, each: _ } = test;
        let name = self.name(name.as_ref(), index, report);
        let session = match session {
            Some(session) => Some(self.text(session, report)?),
            None => steps.is_some().then(|| "the session of this test".to_owned()),
        };
        let alone = Parts { at, line, caller: r#as.as_ref(), call, message, answer, expect, expect_answer };
        let steps = match steps {
            None => vec![Step::Trial(Box::new(self.trial(&alone, report)?))],
            Some(steps) => {
                if alone.says_something() {
                    report.add(at, "write the calls in `steps` or without them, not both");
                    return None;
                }
                let made: Vec<Option<Step>> = steps.value.iter().map(|step| self.step(step, r#as.as_ref(), report)).collect();
                made.into_iter().collect::<Option<Vec<Step>>>()?
            }
        };
        Some(Test { name, line, at: begins.as_ref().map(|begins| begins.value.0), session, steps })
    }

    fn name(&self, name: Option<&Placed<String>>, index: usize, report: &mut Report) -> String {
        let written = name.map_or_else(|| format!("test {}", index + 1), |name| name.value.clone());
        let shown_name = match name {
            Some(name) => self.text(name, report).unwrap_or_default(),
            None => written.clone(),
        };
        match self.each {
            Some(each) if shown_name == written => format!("{written}: {}", shown(&plain(each))),
            _ => shown_name,
        }
    }

    fn step(&self, step: &Placed<written::Step>, caller: Option<&Placed<String>>, report: &mut Report) -> Option<Step> {
        let Placed { at, value: written::Step { wait, r#as, call, message, answer, expect, expect_answer } } = step;
        let parts = Parts { at, line: at.line, caller: r#as.as_ref().or(caller), call, message, answer, expect, expect_answer };
        match wait {
            Some(_) if parts.says_something() => {
                report.add(at, "a step is a pause or a call; make it two steps");
                None
            }
            Some(wait) => Some(Step::Wait(wait.value)),
            None => self.trial(&parts, report).map(|trial| Step::Trial(Box::new(trial))),
        }
    }

    fn trial(&self, parts: &Parts<'_>, report: &mut Report) -> Option<Trial> {
        let claims = self.claims(parts, report);
        let asked = match (parts.call, parts.message) {
            (Some(call), None) => self.call(call, report),
            (None, Some(message)) => self.message(message, report),
            (Some(_), Some(message)) => {
                report.add(&message.at, "write `call` or `message`, not both");
                None
            }
            (None, None) => {
                report.add(parts.at, "`call` is missing");
                None
            }
        };
        let expect = match (parts.expect, parts.expect_answer) {
            (Some(expect), _) => self.expect(expect, report),
            (None, Some(_)) => Some(Expect::Allow { rule: None }),
            (None, None) => {
                report.add(parts.at, "`expect` is missing: `allow`, `refuse`, `ask` or `observed`");
                None
            }
        };
        if let (Some(Expect::Refuse { .. } | Expect::Ask { .. }), Some(placed)) = (&expect, parts.expect_answer) {
            report.add(&placed.at, "a call that is refused, or waits for people, has no answer of the server");
        }
        let (verb, message) = asked?;
        let id = message.as_ref().and_then(|message| message.get("id")).cloned().unwrap_or(json!(1));
        let answer = match parts.answer {
            Some(answer) => Some(self.answer(answer, &id, report)?),
            None => None,
        };
        let expect_answer = match parts.expect_answer {
            Some(expected) => Some(self.expect_answer(&expected.value, report)?),
            None => None,
        };
        let body = match message {
            None => Vec::new(),
            Some(Json::String(text)) => text.into_bytes(),
            Some(message) => message.to_string().into_bytes(),
        };
        Some(Trial { line: parts.line, claims: claims?, verb, body, answer, expect: expect?, expect_answer })
    }

    fn claims(&self, parts: &Parts<'_>, report: &mut Report) -> Option<Map<String, Json>> {
        let Some(named) = parts.caller.or(self.given.default.as_ref()) else { return Some(Map::new()) };
        let name = self.text(named, report)?;
        if let Some((_, claims)) = self.given.callers.iter().find(|(known, _)| *known == name) {
            return match self.fill(&Json::Object(claims.clone()), &named.at, report)? {
                Json::Object(claims) => Some(claims),
                _ => None,
            };
        }
        let known = self.given.callers.iter().map(|(name, _)| name.as_str());
        let hint = match nearest(&name, known) {
            Some(near) => format!("; did you mean `{near}`?"),
            None => "; write the claims of the token in `callers`".to_owned(),
        };
        report.add(&named.at, format!("no caller is called `{}`{hint}", shown(&name)));
        None
    }

    fn call(&self, call: &Placed<written::Call>, report: &mut Report) -> Option<(&'static str, Option<Json>)> {
        let Placed { at, value: written::Call { tool, arguments, resource, prompt, method, params, meta } } = call;
        let mut object = Map::new();
        let method = match (tool, resource, prompt, method) {
            (Some(tool), None, None, None) => {
                object.insert("name".to_owned(), self.text(tool, report)?.into());
                "tools/call".to_owned()
            }
            (None, Some(resource), None, None) => {
                object.insert("uri".to_owned(), self.text(resource, report)?.into());
                "resources/read".to_owned()
            }
            (None, None, Some(prompt), None) => {
                object.insert("name".to_owned(), self.text(prompt, report)?.into());
                "prompts/get".to_owned()
            }
            (None, None, None, Some(method)) => self.text(method, report)?,
            _ => {
                report.add(at, "expected one of `tool`, `resource`, `prompt` or `method`");
                return None;
            }
        };
        match method.as_str() {
            "http/get" => return Some(("GET", None)),
            "http/delete" => return Some(("DELETE", None)),
            _ => {}
        }
        if let Some(params) = params {
            match self.fill(&params.value.0, &params.at, report)? {
                Json::Object(more) => object.extend(more),
                _ => report.add(&params.at, "expected a section (name: value)"),
            }
        }
        for (name, value) in [("arguments", arguments), ("_meta", meta)] {
            if let Some(value) = value {
                object.insert(name.to_owned(), self.fill(&value.value.0, &value.at, report)?);
            }
        }
        let mut message = json!({ "jsonrpc": "2.0" });
        let members = message.as_object_mut()?;
        if !method.starts_with("notifications/") {
            members.insert("id".to_owned(), json!(1));
        }
        members.insert("method".to_owned(), method.into());
        if !object.is_empty() {
            members.insert("params".to_owned(), object.into());
        }
        Some(("POST", Some(message)))
    }

    fn message(&self, message: &Placed<Any>, report: &mut Report) -> Option<(&'static str, Option<Json>)> {
        self.fill(&message.value.0, &message.at, report).map(|message| ("POST", Some(message)))
    }

    fn answer(&self, answer: &Placed<written::Answer>, id: &Json, report: &mut Report) -> Option<Answer> {
        let Placed { at, value: written::Answer { result, error, message, events, text, r#type } } = answer;
        let wrapped = |name: &str, value: Json| json!({ "jsonrpc": "2.0", "id": id, name: value });
        let (media, body) = match (result, error, message, events, text) {
            (Some(result), None, None, None, None) => {
                ("application/json", wrapped("result", self.fill(&result.value.0, &result.at, report)?).to_string())
            }
            (None, Some(error), None, None, None) => {
                ("application/json", wrapped("error", self.fill(&error.value.0, &error.at, report)?).to_string())
            }
            (None, None, Some(message), None, None) => ("application/json", self.fill(&message.value.0, &message.at, report)?.to_string()),
            (None, None, None, Some(events), None) => {
                let mut body = String::new();
                for event in &events.value.0 {
                    let event = self.fill(event, &events.at, report)?;
                    body.push_str(&format!("event: message\ndata: {event}\n\n"));
                }
                ("text/event-stream", body)
            }
            (None, None, None, None, Some(text)) => ("application/json", self.text(text, report)?),
            _ => {
                report.add(at, "expected one of `result`, `error`, `message`, `events` or `text`");
                return None;
            }
        };
        let media = r#type.as_ref().map_or(media, |written| written.value.as_str());
        Some(Answer { media: media.to_owned(), body: body.into_bytes() })
    }

    fn expect(&self, expect: &Placed<written::Expect>, report: &mut Report) -> Option<Expect> {
        let written::Expect { verdict, details: written::Details { rule, code, says } } = &expect.value;
        let mut text = |placed: &Option<Placed<String>>| match placed {
            Some(placed) => self.text(placed, report).map(Some),
            None => Some(None),
        };
        let (rule, code, says) = (text(rule)?, text(code)?, text(says)?);
        Some(match verdict {
            Verdict::Allow => Expect::Allow { rule },
            Verdict::Refuse => Expect::Refuse { rule, code, says },
            Verdict::Ask => Expect::Ask { rule },
            Verdict::Observed => Expect::Observed { rule },
        })
    }

    fn expect_answer(&self, expected: &written::ExpectAnswer, report: &mut Report) -> Option<ExpectAnswer> {
        let written::ExpectAnswer { contains, lacks, equals, masked, withheld } = expected;
        let mut texts = |placed: &Option<Placed<Vec<String>>>| -> Option<Vec<String>> {
            let Some(Placed { at, value }) = placed else { return Some(Vec::new()) };
            value.iter().map(|text| self.text(&Placed { at: at.clone(), value: text.clone() }, report)).collect()
        };
        let (contains, lacks, masked) = (texts(contains)?, texts(lacks)?, texts(masked)?);
        let equals = match equals {
            Some(equals) => Some(self.fill(&equals.value.0, &equals.at, report)?),
            None => None,
        };
        Some(ExpectAnswer { contains, lacks, equals, masked, withheld: withheld.as_ref().is_some_and(|withheld| withheld.value) })
    }

    fn text(&self, written: &Placed<String>, report: &mut Report) -> Option<String> {
        self.fill(&Json::String(written.value.clone()), &written.at, report).map(|value| plain(&value))
    }

    /// The value with every `${each}`, `${each.NAME}` and `${values.NAME}` in its strings filled in. Any other `${` stands for itself: shells have it too.
    fn fill(&self, value: &Json, at: &Place, report: &mut Report) -> Option<Json> {
        Some(match value {
            Json::String(text) => match self.filled(text) {
                Ok(value) => value,
                Err(problem) => {
                    report.add(at, problem);
                    return None;
                }
            },
            Json::Array(items) => Json::Array(items.iter().map(|item| self.fill(item, at, report)).collect::<Option<_>>()?),
            Json::Object(members) => {
                let filled = members.iter().map(|(name, value)| self.fill(value, at, report).map(|value| (name.clone(), value)));
                Json::Object(filled.collect::<Option<_>>()?)
            }
            Json::Null | Json::Bool(_) | Json::Number(_) => value.clone(),
        })
    }

    fn filled(&self, text: &str) -> Result<Json, String> {
        // Alone, a value keeps its type; and what it stands for is not looked into again, but for parts of secrets.
        if let Some(name) = text.strip_prefix("${").and_then(|rest| rest.strip_suffix('}')).filter(|name| !name.contains(['$', '{', '}']))
            && let Some(value) = self.named(name)?
        {
            return Ok(value);
        }
        let mut out = String::with_capacity(text.len());
        let mut rest = text;
        while let Some((before, after)) = rest.split_once("${") {
            out.push_str(before);
            let found = match after.split_once('}') {
                Some((name, tail)) => self.named(name)?.map(|value| (value, tail)),
                None => None,
            };
            match found {
                Some((value, tail)) => {
                    out.push_str(&plain(&value));
                    rest = tail;
                }
                None => {
                    out.push_str("${");
                    rest = after;
                }
            }
        }
        out.push_str(rest);
        Ok(Json::String(out))
    }

    fn named(&self, name: &str) -> Result<Option<Json>, String> {
        if let Some(name) = name.strip_prefix("values.") {
            let found = self.given.values.iter().find(|(known, _)| known == name).map(|(_, value)| value.clone());
            return found.map(Some).ok_or_else(|| format!("no value is called `{}`; write it in `values`", shown(name)));
        }
        if name != "each" && !name.starts_with("each.") {
            return Ok(None);
        }
        let Some(each) = self.each else { return Err(format!("`${{{name}}}` without `each`")) };
        let value = match name.strip_prefix("each.") {
            None => each,
            Some(member) => each.get(member).ok_or_else(|| format!("a row of `each` has no `{}`", shown(member)))?,
        };
        // The row itself may hold parts of secrets.
        let inner = Fill { given: self.given, each: None };
        match value {
            Json::String(text) if text.contains("${values.") => inner.filled(text).map(Some),
            value => Ok(Some(value.clone())),
        }
    }
}

/// What a call says, of a test or of a step.
struct Parts<'a> {
    at: &'a Place,
    line: Option<u32>,
    caller: Option<&'a Placed<String>>,
    call: &'a Option<Placed<written::Call>>,
    message: &'a Option<Placed<Any>>,
    answer: &'a Option<Placed<written::Answer>>,
    expect: &'a Option<Placed<written::Expect>>,
    expect_answer: &'a Option<Placed<written::ExpectAnswer>>,
}

impl Parts<'_> {
    fn says_something(&self) -> bool {
        self.call.is_some() || self.message.is_some() || self.answer.is_some() || self.expect.is_some() || self.expect_answer.is_some()
    }
}

/// A value inside of a text.
fn plain(value: &Json) -> String {
    match value {
        Json::String(text) => text.clone(),
        value => value.to_string(),
    }
}
