//! Slack: an incoming webhook, Block Kit.

use serde_json::{Value, json};

use super::text::Message;

/// Characters of a header block.
const HEADER: usize = 150;

/// Fields of one section.
const FIELDS: usize = 10;

pub fn body(message: &Message) -> Value {
    let title: String = message.title.chars().take(HEADER).collect();
    let field = |(what, text): &(&str, String)| json!({ "type": "mrkdwn", "text": format!("*{what}*\n{}", escaped(text)) });
    let mut blocks = vec![json!({ "type": "header", "text": { "type": "plain_text", "text": title } })];
    for facts in message.facts.chunks(FIELDS) {
        blocks.push(json!({ "type": "section", "fields": facts.iter().map(field).collect::<Vec<_>>() }));
    }
    blocks.push(json!({
        "type": "actions",
        "elements": [{ "type": "button", "text": { "type": "plain_text", "text": "Look at it" }, "url": message.link, "style": "primary" }],
    }));
    // `text` is what a telephone shows; mentions in names must not call anybody.
    json!({ "text": escaped(&message.title), "blocks": blocks, "unfurl_links": false })
}

/// Slack's three; without them nothing is a link or a mention. Marks of its own (`*`, `_`, `~`, `` ` ``) get a space that is not seen.
fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '*' | '_' | '~' | '`' => out.extend(['\u{200b}', c, '\u{200b}']),
            c => out.push(c),
        }
    }
    out
}
