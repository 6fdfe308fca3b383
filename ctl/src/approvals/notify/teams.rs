//! Teams: a workflow that takes an Adaptive Card ("When a Teams webhook request is received").

use serde_json::{Value, json};

use super::text::Message;

pub fn body(message: &Message) -> Value {
    // Runs of a rich text block are shown as they are; a `TextBlock` would read Markdown in them.
    let line = |(what, text): &(&str, String)| {
        json!({
            "type": "RichTextBlock",
            "inlines": [
                { "type": "TextRun", "text": format!("{what}: "), "weight": "bolder" },
                { "type": "TextRun", "text": text },
            ],
        })
    };
    let title = json!({
        "type": "RichTextBlock",
        "inlines": [{ "type": "TextRun", "text": message.title, "weight": "bolder", "size": "large" }],
    });
    let blocks: Vec<Value> = std::iter::once(title).chain(message.facts.iter().map(line)).collect();
    json!({
        "type": "message",
        "attachments": [{
            "contentType": "application/vnd.microsoft.card.adaptive",
            "contentUrl": null,
            "content": {
                "$schema": "http://adaptivecards.io/schemas/adaptive-card.json",
                "type": "AdaptiveCard",
                "version": "1.4",
                "body": blocks,
                "actions": [{ "type": "Action.OpenUrl", "title": "Look at it", "url": message.link }],
            },
        }],
    })
}
