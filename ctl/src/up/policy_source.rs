//! The policy file: read, checked, and turned into the JSON that the filter takes.

use std::path::Path;

use crate::exit::Failure;
use crate::policy::check;

/// How `${env:NAME}` is looked up.
pub type Env<'a> = &'a dyn Fn(&str) -> Option<String>;

/// Reads and checks a policy file: the policy as JSON text, or every mistake in it, one line each.
pub fn load(path: &Path, env: Env<'_>) -> Result<String, Failure> {
    let shown = path.display();
    let text = std::fs::read_to_string(path).map_err(|err| Failure::environment(format!("cannot read `{shown}`: {err}")))?;
    parse(&text, env).map_err(|mistakes| Failure::wrong(format!("`{shown}` cannot be used:\n  {}", mistakes.join("\n  "))))
}

/// Checks a policy's text, YAML or JSON. `${env:...}` stays as it is written: the filter resolves it.
pub fn parse(text: &str, env: Env<'_>) -> Result<String, Vec<String>> {
    let loaded = check::text(text, env).map_err(|report| report.problems().iter().map(ToString::to_string).collect::<Vec<_>>())?;
    Ok(loaded.json.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_policy_is_checked_and_keeps_its_references() {
        let yaml = "version: 1\nresource: https://a.example/mcp\ntransport: { upstream_credential: { header: authorization, value: '${env:T}' } }\nidentity: { issuers: [{ issuer: https://i.example, jwks: { cluster: idp, path: /j } }] }\n";
        let set: Env<'_> = &|_| Some("secret".to_owned());
        let json = parse(yaml, set).unwrap();
        assert!(json.contains("${env:T}") && !json.contains("secret"));
        assert_eq!(parse(&json, set).unwrap(), json);
        let unset: Env<'_> = &|_| None;
        assert!(parse(yaml, unset).unwrap_err()[0].contains("`T` is not set"));
        assert_eq!(parse("version: 2\nrulez: []", set).unwrap_err().len(), 4);
    }
}
