//! Requests in a terminal.

use anyhow::Result;
use serde_json::Value;

use super::super::plain::is_hidden;

/// In one line.
pub fn line(request: &Value) -> String {
    let at = |pointer: &str| plain(request.pointer(pointer).and_then(Value::as_str).unwrap_or("-"));
    let person = request.pointer("/person/email").or(request.pointer("/person/user")).and_then(Value::as_str);
    let person = person.map_or_else(|| at("/person/id"), plain);
    let agent = request.pointer("/agent/client").and_then(Value::as_str).map(|client| format!(" through {}", plain(client)));
    let review = if at("/review") == "open" { "  (emergency, to be looked at)" } else { "" };
    let (id, status, tool, rule) = (at("/id"), at("/status"), at("/tool"), at("/rule"));
    format!("{id}  {status:<9}  {tool}  by {person}{}  rule {rule}{review}", agent.unwrap_or_default())
}

/// With all that matters.
pub fn whole(request: &Value) -> Result<String> {
    let at = |pointer: &str| request.pointer(pointer).and_then(Value::as_str).map(plain);
    let mut text = line(request) + "\n";
    let facts = [
        ("why", "/message"),
        ("endpoint", "/endpoint"),
        ("asked at", "/created_at"),
        ("waits until", "/expires_at"),
        ("good until", "/approved_until"),
        ("page", "/page"),
    ];
    for (name, pointer) in facts {
        if let Some(value) = at(pointer) {
            text.push_str(&format!("  {name}: {value}\n"));
        }
    }
    let empty = Vec::new();
    let list = |name: &str| request.get(name).and_then(Value::as_array).unwrap_or(&empty);
    let groups = request.pointer("/approvers/groups").and_then(Value::as_array).unwrap_or(&empty);
    let groups: Vec<String> = groups.iter().filter_map(Value::as_str).map(plain).collect();
    let quorum = request.pointer("/approvers/quorum").and_then(Value::as_u64).unwrap_or(1);
    text.push_str(&format!("  decided by: {quorum} of {}\n", groups.join(", ")));
    text.push_str(&format!("\narguments (masked):\n{}\n", pretty(request.get("arguments").unwrap_or(&Value::Null))?));
    for decision in list("decisions") {
        let of = |name: &str| plain(decision.get(name).and_then(Value::as_str).unwrap_or("-"));
        text.push_str(&format!("\n{} {} at {}: {}", of("name"), of("decision"), of("at"), of("reason")));
    }
    if !list("recent").is_empty() {
        text.push_str("\nasked before:\n");
        list("recent").iter().for_each(|request| text.push_str(&format!("  {}\n", line(request))));
    }
    if let Some(why) = at("/may/why_not") {
        text.push_str(&format!("\nyou cannot approve it: {why}"));
    }
    Ok(text.trim_end().to_owned())
}

/// JSON in lines.
pub fn pretty(value: &Value) -> Result<String> {
    Ok(tamed(&serde_json::to_string_pretty(value)?, true))
}

/// What agents write must not steer the terminal of who decides about them.
pub fn plain(text: &str) -> String {
    tamed(text, false)
}

fn tamed(text: &str, lines: bool) -> String {
    text.chars().map(|c| if is_hidden(c) && !(lines && c == '\n') { '\u{fffd}' } else { c }).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_agents_write_does_not_steer_the_terminal() {
        let request = json!({ "id": "apr_x", "tool": "run\u{1b}[2J\n", "arguments": { "a": "x\u{9b}31m\u{202e}" }, "rule": "r" });
        let text = whole(&request).unwrap();
        assert!(!text.contains(['\u{1b}', '\u{9b}', '\u{202e}']), "{text:?}");
        assert!(!line(&request).contains('\n'));
    }
}
