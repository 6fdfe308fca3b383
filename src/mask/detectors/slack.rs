//! Slack tokens (api.slack.com/authentication/token-types) and the URLs of incoming webhooks.

use super::tail::{LONGEST, Tail};
use super::text::{entropy, is_alnum, is_digit, is_word};
use super::{About, Family, Found, Trigger, View};
use crate::policy::Detector;

pub(super) const HEADS: &[&str] = &["xoxb-", "xoxp-", "xoxa-", "xoxr-", "xoxs-", "xoxo-", "xoxc-", "xoxd-", "xoxe-", "xoxe.xox", "xapp-"];
pub(super) const HOOK_HEADS: &[&str] = &["hooks.slack.com/"];

pub(super) const FAMILIES: &[Family] = &[
    Family::new(
        Detector::SlackToken,
        "slack_token",
        &[Trigger::Heads(HEADS, token)],
        About {
            matches: "`xoxb-`, `xoxp-`, `xapp-` and the other prefixes",
            validator: "groups of digits, length, entropy",
            context: "",
            source: "docs.slack.dev/authentication/tokens",
        },
    ),
    Family::new(
        Detector::SlackToken,
        "slack_webhook",
        &[Trigger::Heads(HOOK_HEADS, webhook)],
        About {
            matches: "the path of `hooks.slack.com/services/...`, `workflows`, `triggers`",
            validator: "length, entropy",
            context: "",
            source: "docs.slack.dev/messaging",
        },
    ),
];

pub(super) fn token(view: &View<'_>, at: usize) -> Option<Found> {
    if view.was(at, is_word) {
        return None;
    }
    let head = HEADS.iter().find(|head| view.starts_with_ignoring_case(at, head.as_bytes()))?;
    let from = if *head == "xoxe.xox" { at + 10 } else { at + 5 };
    let class: fn(u8) -> bool = if *head == "xoxd-" {
        |byte| is_alnum(byte) || matches!(byte, b'-' | b'%' | b'/' | b'+')
    } else {
        |byte| is_alnum(byte) || byte == b'-'
    };
    let run = view.run(from, LONGEST, class);
    let (end, goes_on) = (trim(view, from, run), run == from + LONGEST);
    let body = view.slice(from, end);
    let whole = match *head {
        "xoxb-" => starts_with_digits(body, 1, 8) && body.len() >= 26,
        "xoxp-" | "xoxc-" => starts_with_digits(body, 2, 9) && body.len() >= 40,
        "xoxs-" | "xoxo-" => starts_with_digits(body, 3, 1) && body.len() >= 12,
        "xoxa-" | "xoxr-" => body.len() >= 8 && count_digits(body) >= 3,
        "xoxe-" => body.len() >= 100 || (starts_with_digits(body, 2, 9) && body.len() >= 40),
        "xoxe.xox" => body.len() >= 100,
        "xoxd-" => body.len() >= 60,
        _ => body.len() >= 40 && count_digits(body) >= 10,
    };
    // Placeholders are `xoxb-000000000-...` or rows of one letter.
    (whole && entropy(body) >= 2.0 && (goes_on || !view.is(end, is_word))).then_some(())?;
    Some(Found { start: at, end, tail: if goes_on { Tail::Token } else { Tail::None } })
}

/// Masks the secret path, not the host: `https://hooks.slack.com/services/[MASKED:slack_token]`.
pub(super) fn webhook(view: &View<'_>, at: usize) -> Option<Found> {
    let path = at + 16;
    let kind = ["services/", "workflows/", "triggers/"].into_iter().find(|kind| view.starts_with(path, kind.as_bytes()))?;
    view.starts_with_ignoring_case(at, b"hooks.slack.com/").then_some(())?;
    let start = path + kind.len();
    let end = view.run(start, 200, |byte| is_alnum(byte) || matches!(byte, b'/' | b'+' | b'_' | b'-'));
    let secret = view.slice(start, end);
    (secret.len() >= 40 && entropy(secret) >= 3.0).then_some(())?;
    Found::new(start, end)
}

/// Groups of `digits` digits or more, joined by dashes, `groups` of them first.
fn starts_with_digits(body: &[u8], groups: usize, digits: usize) -> bool {
    let mut parts = body.split(|byte| *byte == b'-');
    (0..groups).all(|_| parts.next().is_some_and(|part| part.len() >= digits && part.iter().all(u8::is_ascii_digit)))
}

fn count_digits(body: &[u8]) -> usize {
    body.iter().filter(|byte| is_digit(**byte)).count()
}

fn trim(view: &View<'_>, from: usize, end: usize) -> usize {
    end - view.slice(from, end).iter().rev().take_while(|byte| **byte == b'-').count()
}

#[cfg(test)]
#[expect(clippy::string_slice, reason = "the texts are ASCII")]
mod tests {
    use super::super::tests::all;
    use super::*;

    // Shapes as Slack documents them; the digits and letters are made up.
    fn tokens() -> Vec<String> {
        [
            &["xox", "b-781236542736-2364535789652-GkwFDQoHqzXDVsC6GzqYUypD"][..],
            &["xox", "p-41684372915-1320496754-45609968301-e708ba56e1517a99f6b5fb07349476ef"],
            &["xox", "a-2-511111111-31111111111-3111111111111-e039d02840a0b9379c"],
            &["xox", "s-416843729158-132049654-5609968301-e708ba56e1"],
            &["xa", "pp-1-A052FGTS2DL-5171572773297-610b6a11f4b7eb819e87b767d80e6575a3634791acb9a9ead051da879eb5b55e"],
        ]
        .iter()
        .map(|parts| parts.concat())
        .collect()
    }

    #[test]
    fn finds_tokens() {
        for token in tokens() {
            assert_eq!(all(super::token, &format!("\"{token}\"")), [token.as_str()]);
            assert!(all(super::token, &format!("x{token}")).is_empty());
            assert!(all(super::token, &token[..14]).is_empty(), "{token}");
        }
    }

    #[test]
    fn leaves_names_and_placeholders() {
        for other in
            ["b-xoxb-my-bot-token", "b-xxxxxxxxx-xxxxxxxxxx-xxxxxxxxxxxx", "a-nyc", "o-indieweb-1", "b-12345-abcd234", "p-1234567890"]
        {
            assert!(all(super::token, &["xox", other].concat()).is_empty(), "{other}");
        }
    }

    #[test]
    fn masks_the_secret_of_a_webhook() {
        let secret = ["T0DCUJB1Q", "/B0DD08H5G/", "bJtrpFi1fO1JMCcwLx8uZyAg"].concat();
        assert_eq!(all(webhook, &format!("POST https://hooks.slack.com/services/{secret} now")), [secret.as_str()]);
        let placeholder = ["T00000000/", "B00000000/", &"X".repeat(24)].concat();
        assert!(all(webhook, &format!("https://hooks.slack.com/services/{placeholder}")).is_empty());
        assert!(all(webhook, &format!("https://slack.com/services/{secret}")).is_empty());
    }
}
