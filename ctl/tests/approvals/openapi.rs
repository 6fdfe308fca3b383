//! Answers against the document: an answer it does not describe is a mistake of one of them.

use std::sync::OnceLock;

use jsonschema::Validator;
use serde_json::{Map, Value, json};

static DOCUMENT: OnceLock<Value> = OnceLock::new();

pub fn document() -> &'static Value {
    DOCUMENT.get_or_init(|| {
        let text = include_str!("../../../docs/approvals.openapi.yaml");
        let mut document = portcullis::policy::yaml_as_json(text).unwrap();
        closed(&mut document["components"]["schemas"]);
        document
    })
}

/// Clients may be told more one day; here, what the document does not name is not said.
fn closed(schema: &mut Value) {
    match schema {
        Value::Object(members) => {
            members.values_mut().for_each(closed);
            if members.get("properties").is_some_and(Value::is_object) && members.get("type") == Some(&json!("object")) {
                members.insert("additionalProperties".to_owned(), json!(false));
            }
        }
        Value::Array(items) => items.iter_mut().for_each(closed),
        _ => {}
    }
}

/// Panics unless the document says that this may be answered.
pub fn check(method: &str, path: &str, status: u16, body: &Value) {
    let document = document();
    let path = path.split('?').next().unwrap();
    let paths = document["paths"].as_object().unwrap();
    let matches = |template: &str| {
        let (template, path): (Vec<&str>, Vec<&str>) = (template.split('/').collect(), path.split('/').collect());
        template.len() == path.len() && template.iter().zip(&path).all(|(want, have)| want.starts_with('{') || want == have)
    };
    let (template, item) = paths.iter().find(|(template, _)| matches(template)).unwrap_or_else(|| panic!("{path} is not described"));
    let response = &item[method.to_lowercase()]["responses"][status.to_string()];
    assert!(response.is_object(), "{method} {template} answered {status}, which is not described: {body}");
    let response = resolved(document, response);
    let schema = &response["content"]["application/json"]["schema"];
    assert!(schema.is_object(), "{method} {template} {status} has no schema");
    let root =
        json!({ "$schema": "https://json-schema.org/draft/2020-12/schema", "allOf": [schema], "components": document["components"] });
    let validator = Validator::new(&root).unwrap();
    let wrong: Vec<String> = validator.iter_errors(body).map(|err| format!("{}: {err}", err.instance_path())).collect();
    assert!(wrong.is_empty(), "{method} {template} {status}:\n{}\n{body:#}", wrong.join("\n"));
}

fn resolved<'a>(document: &'a Value, value: &'a Value) -> &'a Value {
    match value["$ref"].as_str() {
        Some(reference) => document.pointer(reference.trim_start_matches('#')).unwrap(),
        None => value,
    }
}

#[test]
fn the_document_describes_every_route() {
    let paths: &Map<String, Value> = document()["paths"].as_object().unwrap();
    // The page is for people, not for programs.
    let source = include_str!("../../src/approvals/serve.rs");
    let routes: Vec<&str> = source.lines().filter_map(|line| line.trim().strip_prefix(".route(\"")?.split('"').next()).collect();
    assert!(routes.len() > 10);
    for route in routes.iter().filter(|route| !route.starts_with("/r/")) {
        assert!(paths.contains_key(*route), "{route}");
    }
    for path in paths.keys() {
        assert!(routes.contains(&path.as_str()), "{path}");
    }
}

#[test]
fn an_answer_that_is_not_described_is_found() {
    let wrong = [json!({ "error": "x" }), json!({ "error": "x", "message": 1 }), json!({ "error": "x", "message": "y", "more": 1 })];
    for body in wrong {
        let checked = std::panic::catch_unwind(|| check("GET", "/approver/v1/me", 401, &body));
        assert!(checked.is_err(), "{body}");
    }
}
