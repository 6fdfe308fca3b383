//! `portcullisctl tools pin`: fingerprints for the policy's `tools.pins`, by the very code that the filter compares with.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use portcullis::guard::tools::{Detector, fingerprint};
use portcullis::policy::Fingerprint;
use serde_json::Value;

use super::{fetch, read};
use crate::exit::{self, Exit, Failure};
use crate::policy;

/// Prints the section `tools` of a policy with a fingerprint of each tool definition of a server.
///
/// Look at the definitions before you pin them: what hides instructions in its descriptions is told on stderr.
#[derive(Debug, clap::Args)]
#[command(group = clap::ArgGroup::new("source").required(true))]
pub struct Args {
    /// The server's MCP endpoint
    #[arg(long, group = "source")]
    url: Option<String>,
    /// A captured answer to tools/list, JSON or an event stream; `-` for standard input
    #[arg(long, value_name = "FILE", group = "source")]
    from: Option<PathBuf>,
    /// The token to call the server with, without `Bearer`; better in the environment variable PORTCULLIS_TOKEN
    #[arg(long, requires = "url")]
    token: Option<String>,
    /// PEM file of who signed the server's certificate, in place of this system's authorities
    #[arg(long, value_name = "FILE", requires = "url")]
    ca: Option<PathBuf>,
    /// Compare with the pins of this policy and print what differs; exit code 1 when something does
    #[arg(long, value_name = "POLICY")]
    check: Option<PathBuf>,
}

pub fn run(args: &Args) -> anyhow::Result<ExitCode> {
    let definitions = match (&args.url, &args.from) {
        (Some(url), _) => {
            let token = args.token.clone().or_else(|| std::env::var("PORTCULLIS_TOKEN").ok());
            fetch::definitions(url, token.as_deref(), args.ca.as_deref())?
        }
        (None, Some(file)) => {
            read::definitions(&text_of(file)?).map_err(|wrong| Failure::wrong(format!("`{}`: {wrong}", file.display())))?
        }
        (None, None) => return Err(Failure::usage("give --url or --from").into()),
    };
    let tools = tools(&definitions)?;
    let pins: BTreeMap<String, Fingerprint> = tools.iter().map(|(name, tool)| (name.clone(), tool.fingerprint)).collect();
    warn(&tools);
    match &args.check {
        None => {
            exit::print(&section(&pins))?;
            Ok(Exit::Fine.into())
        }
        Some(path) => check(path, &pins),
    }
}

struct Tool {
    fingerprint: Fingerprint,
    definition: String,
}

/// By name. What the filter would not let through cannot be pinned.
fn tools(definitions: &[String]) -> Result<BTreeMap<String, Tool>, Failure> {
    let mut tools = BTreeMap::new();
    for definition in definitions {
        let value: Value = serde_json::from_str(definition).map_err(|err| Failure::wrong(format!("a definition is no JSON: {err}")))?;
        let name = value.get("name").and_then(Value::as_str).ok_or_else(|| Failure::wrong("a tool has no name"))?;
        let fingerprint = fingerprint(definition)
            .ok_or_else(|| Failure::wrong(format!("the definition of `{name}` has two readings (a member twice?)")))?;
        if tools.insert(name.to_owned(), Tool { fingerprint, definition: definition.clone() }).is_some() {
            return Err(Failure::wrong(format!("the server lists `{name}` twice")));
        }
    }
    Ok(tools)
}

fn warn(tools: &BTreeMap<String, Tool>) {
    let detector = Detector::default();
    for (name, tool) in tools {
        let Ok(value) = serde_json::from_str(&tool.definition) else { continue };
        for finding in detector.definition(&value) {
            tell_user!("warning: `{name}` at {}: {}", finding.place, finding.kind.name());
        }
    }
}

/// YAML, and so that JSON policies can take the pins over line by line.
fn section(pins: &BTreeMap<String, Fingerprint>) -> String {
    let mut text = "tools:\n  changed: refuse\n  new: hide\n  pins:".to_owned();
    for (name, fingerprint) in pins {
        // A JSON string is a YAML string, whatever is in it. Writing to a string cannot fail.
        let _ = write!(text, "\n    {}: {fingerprint}", Value::from(name.as_str()));
    }
    if pins.is_empty() {
        text.push_str(" {}");
    }
    text
}

fn check(path: &Path, pins: &BTreeMap<String, Fingerprint>) -> anyhow::Result<ExitCode> {
    let loaded = policy::for_looking(path)?;
    let Some(pinned) = loaded.policy.tools.pins else {
        return Err(Failure::wrong(format!("`{}` pins no tools", path.display())).into());
    };
    let lines = differences(&pinned, pins);
    if lines.is_empty() {
        exit::print(&format!("{} tools, all as pinned", pins.len()))?;
        return Ok(Exit::Fine.into());
    }
    exit::print(&lines.join("\n"))?;
    Ok(Exit::Wrong.into())
}

fn differences(pinned: &BTreeMap<String, Fingerprint>, found: &BTreeMap<String, Fingerprint>) -> Vec<String> {
    let mut names: Vec<&String> = pinned.keys().chain(found.keys()).collect();
    names.sort_unstable();
    names.dedup();
    let line = |name: &String| match (pinned.get(name), found.get(name)) {
        (Some(before), Some(now)) if before == now => None,
        (Some(before), Some(now)) => Some(format!("changed  {name}\n  pinned {before}\n  found  {now}")),
        (Some(_), None) => Some(format!("missing  {name}")),
        (None, Some(now)) => Some(format!("new      {name}\n  found  {now}")),
        (None, None) => None,
    };
    names.into_iter().filter_map(line).collect()
}

fn text_of(file: &Path) -> Result<String, Failure> {
    let text = if file.as_os_str() == "-" { std::io::read_to_string(std::io::stdin()) } else { std::fs::read_to_string(file) };
    text.map_err(|err| Failure::environment(format!("cannot read `{}`: {err}", file.display())))
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIST: &str = r#"[{"name":"a","description":"does a"},{"name":"b: c","inputSchema":{"type":"object"}}]"#;

    fn pins(list: &str) -> BTreeMap<String, Fingerprint> {
        let definitions = read::definitions(list).unwrap();
        tools(&definitions).unwrap().into_iter().map(|(name, tool)| (name, tool.fingerprint)).collect()
    }

    #[test]
    fn what_is_printed_is_what_a_policy_takes() {
        let base = "version: 1\nresource: https://mcp.example.com/mcp\nidentity:\n  issuers: [{ issuer: https://id.example.com, jwks: { cluster: idp, path: /jwks.json } }]\n";
        let loaded = portcullis::policy::from_yaml(&format!("{base}{}\n", section(&pins(LIST))), &|_| None).unwrap();
        assert_eq!(loaded.policy.tools.pins.unwrap(), pins(LIST));
    }

    #[test]
    fn differences_are_told() {
        let (before, now) = (pins(LIST), pins(r#"[{"name":"a","description":"does b"},{"name":"n"}]"#));
        assert!(differences(&before, &before).is_empty());
        let told = differences(&before, &now).join("\n");
        assert!(told.contains("changed  a\n  pinned sha256:") && told.contains("missing  b: c") && told.contains("new      n"), "{told}");
    }

    #[test]
    fn what_has_two_readings_cannot_be_pinned() {
        for list in [r#"[{"name":"a","name":"a"}]"#, r#"[{"name":"a"},{"name":"a"}]"#, r#"[{"title":"a"}]"#] {
            assert!(tools(&read::definitions(list).unwrap()).is_err(), "{list}");
        }
    }
}
