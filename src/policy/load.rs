//! Loading a policy from each of its forms.

use serde_json::Value as Json;
use sha2::{Digest, Sha256};

use super::form::{Form, Reading, UNSET};
use super::model::Policy;
use super::report::{Place, Report};
use super::tree::Node;
use super::{lower, read_json, read_struct, written};

/// A policy that holds together, and what names it.
#[derive(Clone, Debug)]
pub struct Loaded {
    pub policy: Policy,
    /// The document as plain JSON, `${env:...}` unresolved.
    pub json: Json,
    /// SHA-256 (hex) over the canonical JSON (RFC 8785) of the document: the same for YAML, JSON and Struct, secrets not in it.
    pub digest: String,
}

/// How `${env:NAME}` is resolved.
pub type Env<'a> = &'a dyn Fn(&str) -> Option<String>;

/// From Envoy's plugin configuration: JSON text (StringValue), else a serialized `google.protobuf.Struct`.
pub fn from_configuration(bytes: &[u8], env: Env<'_>) -> Result<Loaded, Report> {
    let text = std::str::from_utf8(bytes).ok().filter(|text| text.trim_start().starts_with(['{', '[']));
    match text {
        Some(text) => from_json(text, env),
        None if bytes.is_empty() => Err(empty()),
        None => load(&read_struct::tree(bytes)?, env),
    }
}

pub fn from_json(text: &str, env: Env<'_>) -> Result<Loaded, Report> {
    load(&read_json::tree(text)?, env)
}

/// From YAML, or from JSON with lines in its messages.
#[cfg(feature = "yaml")]
pub fn from_yaml(text: &str, env: Env<'_>) -> Result<Loaded, Report> {
    load(&super::read_yaml::tree(text)?, env)
}

/// A YAML document that is no policy, as the JSON it stands for.
#[cfg(feature = "yaml")]
pub fn yaml_as_json(text: &str) -> Result<Json, Report> {
    super::read_yaml::tree(text).map(|tree| tree.to_json())
}

fn empty() -> Report {
    let mut report = Report::default();
    report.add(
        &Place::default(),
        "the plugin has no configuration; its `configuration` must hold the policy, as a StringValue with JSON or as a Struct",
    );
    report
}

fn load(tree: &Node, env: Env<'_>) -> Result<Loaded, Report> {
    let mut reading = Reading { report: Report::default(), env, unset: UNSET };
    let at = Place { path: String::new(), line: tree.line };
    let policy = written::Document::read(tree, &at, &mut reading).and_then(|document| lower::policy(document, &mut reading));
    let policy = reading.report.settle(policy, &at, "the policy cannot be used")?;
    let json = tree.to_json();
    let digest = digest(&json);
    Ok(Loaded { policy, json, digest })
}

fn digest(json: &Json) -> String {
    // The canonicalizer fails only on numbers that JSON cannot hold, which the tree cannot hold either.
    let canonical = serde_json_canonicalizer::to_vec(json).unwrap_or_default();
    Sha256::digest(&canonical).iter().map(|byte| format!("{byte:02x}")).collect()
}
