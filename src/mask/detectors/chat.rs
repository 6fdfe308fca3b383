//! Tokens and webhooks of messengers and telephony; Slack's own are in `slack`.

use super::shape::{ALNUM, ANY_HEX, HEX, LOWER, PADDED, PERCENT, Piece, Shape, UPPER, URL64};
use super::text::{entropy, is_alnum, is_base64url, is_word};
use super::{About, Family, Found, Tail, Trigger, View};
use crate::policy::Detector;

pub(super) const FAMILIES: &[Family] = &[
    Family::new(
        Detector::ChatTokens,
        "discord_token",
        &[Trigger::Heads(DISCORD, discord), Trigger::Shapes(&BOTS), Trigger::Named(discord_alone)],
        About {
            matches: "23 to 26, 6 and 27 to 38 characters of base64url, joined by dots",
            validator: "structure, entropy, the first decodes to a number",
            context: "",
            source: "discord.com/developers/docs",
        },
    ),
    Family::new(
        Detector::ChatTokens,
        "discord_webhook",
        &[Trigger::Heads(&["/api/webhooks/"], discord_webhook)],
        About {
            matches: "the token in the URL of a webhook",
            validator: "length, entropy",
            context: "",
            source: "discord.com/developers/docs",
        },
    ),
    Family::new(
        Detector::ChatTokens,
        "telegram_token",
        &[Trigger::Heads(&[":AA"], telegram)],
        About {
            matches: "8 to 10 digits, `:AA` and 33 characters",
            validator: "length, entropy",
            context: "",
            source: "core.telegram.org/bots/api",
        },
    ),
    Family::new(
        Detector::ChatTokens,
        "teams_webhook",
        &[Trigger::Heads(&[".webhook.office.com/webhook"], teams)],
        About {
            matches: "the path of an incoming webhook",
            validator: "structure",
            context: "",
            source: "learn.microsoft.com/microsoftteams",
        },
    ),
    Family::new(
        Detector::ChatTokens,
        "twilio_key",
        &[Trigger::Heads(TWILIO, twilio), Trigger::Shapes(&PAIRS), Trigger::Named(twilio_alone)],
        About {
            matches: "`SK` or `AC` and 32 hex digits, and 32 more beside them",
            validator: "length, entropy",
            context: "for `AC`: `twilio` or `account_sid`, or alone under a member name, unless both stand side by side",
            source: "twilio.com/docs",
        },
    ),
    Family::token(
        Detector::ChatTokens,
        "zoom_webhook",
        &[Trigger::Shapes(&[Shape::new("inbots.zoom.us/incoming/hook/", &[Piece::Run(&URL64, 20, 60)]).bare()])],
        "developers.zoom.us",
    ),
    Family::token(
        Detector::ChatTokens,
        "google_chat_webhook",
        &[Trigger::Shapes(&[Shape::new(
            "chat.googleapis.com/v1/spaces/",
            &[
                Piece::Run(&URL64, 8, 16),
                Piece::Text("/messages?key=AIza"),
                Piece::Run(&URL64, 35, 35),
                Piece::Text("&token="),
                Piece::Run(&PERCENT, 30, 60),
            ],
        )
        .bare()])],
        "developers.google.com/workspace/chat",
    ),
    Family::token(
        Detector::ChatTokens,
        "matrix_token",
        &[Trigger::Shapes(&[
            Shape::new(
                "syt_",
                &[Piece::Run(&ALNUM, 2, 48), Piece::Text("_"), Piece::Run(&ALNUM, 20, 20), Piece::Text("_"), Piece::Run(&ALNUM, 6, 6)],
            ),
            Shape::new("mct_", &[Piece::Run(&ALNUM, 30, 30), Piece::Text("_"), Piece::Run(&ALNUM, 6, 6)]),
        ])],
        "matrix.org/docs",
    ),
    Family::token(
        Detector::ChatTokens,
        "twitch_chat_token",
        &[Trigger::Shapes(&[Shape::new("oauth:", &[Piece::Run(&LOWER, 30, 30)]).disorder(3.3)])],
        "dev.twitch.tv/docs/chat",
    ),
    Family::token(
        Detector::ChatTokens,
        "vk_token",
        &[Trigger::Shapes(&[Shape::new("vk1.a.", &[Piece::Run(&URL64, 80, 260)]).endless(Tail::Token)])],
        "dev.vk.com",
    ),
    Family::token(
        Detector::ChatTokens,
        "telnyx_key",
        &[Trigger::Shapes(&[Shape::new("KEY0", &[Piece::Run(&ANY_HEX, 31, 31), Piece::Text("_"), Piece::Run(&ALNUM, 22, 22)])])],
        "developers.telnyx.com",
    ),
    Family::token(
        Detector::ChatTokens,
        "pubnub_secret",
        &[Trigger::Shapes(&[Shape::new("sec-c-", &[Piece::Run(&PADDED, 40, 64)]).disorder(3.5), Shape::new("sec-c-", &[Piece::Uuid])])],
        "pubnub.com/docs",
    ),
    Family::token(
        Detector::ChatTokens,
        "intercom_token",
        &[Trigger::Shapes(&[Shape::new("dG9rO", &[Piece::Run(&PADDED, 51, 60)])])],
        "developers.intercom.com",
    ),
    Family::token(
        Detector::ChatTokens,
        "onesignal_key",
        &[Trigger::Shapes(&[
            Shape::new("os_v2_app_", &[Piece::Run(&LOWER, 80, 120)]),
            Shape::new("os_v2_org_", &[Piece::Run(&LOWER, 80, 120)]),
        ])],
        "documentation.onesignal.com",
    ),
    Family::token(
        Detector::ChatTokens,
        "nylas_key",
        &[Trigger::Shapes(&[Shape::new("nyk_v0_", &[Piece::Run(&ALNUM, 64, 64)])])],
        "developer.nylas.com",
    ),
    Family::token(
        Detector::ChatTokens,
        "courier_key",
        &[Trigger::Shapes(&[Shape::new("pk_prod_", &[Piece::Run(&UPPER, 28, 28)]), Shape::new("pk_test_", &[Piece::Run(&UPPER, 28, 28)])])],
        "courier.com/docs",
    ),
];

/// How digits begin in base64: ids are numbers of 17 to 20.
const BOTS: [Shape; 10] = [bot("MD"), bot("MT"), bot("Mj"), bot("Mz"), bot("ND"), bot("NT"), bot("Nj"), bot("Nz"), bot("OD"), bot("OT")];

const fn bot(head: &'static str) -> Shape {
    const PIECES: &[Piece] =
        &[Piece::Run(&URL64, 21, 25), Piece::Text("."), Piece::Run(&URL64, 6, 6), Piece::Text("."), Piece::Run(&URL64, 27, 38)];
    Shape::new(head, PIECES).disorder(3.5).proof(has_number)
}

/// Whether what is before the first dot decodes to digits.
fn has_number(token: &[u8]) -> bool {
    let id = token.split(|byte| *byte == b'.').next().unwrap_or_default();
    // Of four characters three bytes come; a digit is 0x30 to 0x39.
    id.iter().enumerate().all(|(place, byte)| match place % 4 {
        0 => matches!(byte, b'M' | b'N' | b'O'),
        1 => b"ADQTgjwz".contains(byte),
        2 => b"AEIMQUYcgk".contains(byte),
        _ => b"012345wxyz".contains(byte),
    })
}

/// A key; an account and its token.
const PAIRS: [Shape; 5] = [
    Shape::new("SK", &[Piece::Run(&HEX, 32, 32)]),
    Shape::new("AC", &[Piece::Run(&HEX, 32, 32), Piece::Text(":"), Piece::Run(&HEX, 32, 32)]),
    Shape::new("AC", &[Piece::Run(&HEX, 32, 32), Piece::Text("/"), Piece::Run(&HEX, 32, 32)]),
    Shape::new("AC", &[Piece::Run(&HEX, 32, 32), Piece::Text(" / "), Piece::Run(&HEX, 32, 32)]),
    Shape::new("AC", &[Piece::Run(&HEX, 32, 32), Piece::Text(" "), Piece::Run(&HEX, 32, 32)]),
];

const DISCORD: &[&str] = &["discord", "Bot "];
const TWILIO: &[&str] = &["twilio", "account_sid", "accountsid"];

/// Bytes after a name in which its token begins.
const NEAR: usize = 48;

/// At a name.
fn discord(view: &View<'_>, at: usize) -> Option<Found> {
    if view.starts_with(at, b"Bot ") {
        return bot_token(view, at + 4);
    }
    view.starts_with_ignoring_case(at, b"discord").then_some(())?;
    (at + 7..at + 7 + NEAR).find_map(|from| bot_token(view, from))
}

fn discord_alone(view: &View<'_>, at: usize) -> Option<Found> {
    bot_token(view, at)
}

/// The id of the bot in base64, the time, the signature.
fn bot_token(view: &View<'_>, at: usize) -> Option<Found> {
    let led = view.is(at, |byte| matches!(byte, b'M' | b'N' | b'O')) && !view.was(at, is_word);
    if !led {
        return None;
    }
    let id = view.run(at, 27, is_base64url);
    let time = view.run(id + 1, 7, is_base64url);
    let end = view.run(time + 1, 39, is_base64url);
    let dots = view.at(id) == Some(b'.') && view.at(time) == Some(b'.');
    let lengths = (23..=26).contains(&(id - at)) && time - id == 7 && (28..=39).contains(&(end - time));
    (dots && lengths && entropy(view.slice(at, end)) >= 3.5).then_some(())?;
    Found::new(at, end)
}

fn discord_webhook(view: &View<'_>, at: usize) -> Option<Found> {
    let id = at + 14;
    let slash = view.run(id, 21, |byte| byte.is_ascii_digit());
    let start = slash + 1;
    let end = view.run(start, 121, is_base64url);
    let body = view.slice(start, end);
    let known = view.starts_with(at, b"/api/webhooks/") && slash > id + 15 && view.at(slash) == Some(b'/');
    (known && (60..=120).contains(&body.len()) && entropy(body) >= 3.0).then_some(())?;
    Found::new(start, end)
}

/// At the colon between the id of the bot and its secret.
fn telegram(view: &View<'_>, at: usize) -> Option<Found> {
    let start = view.run_back(at, 11, |byte| byte.is_ascii_digit());
    let end = view.run(at + 1, 36, is_base64url);
    // In a URL the id follows `bot`.
    let apart = !view.was(start, is_word) || view.slice(start.saturating_sub(4), start) == b"/bot";
    let known = view.starts_with(at, b":AA") && (8..=10).contains(&(at - start)) && (34..=35).contains(&(end - at - 1));
    (known && apart && entropy(view.slice(at, end)) >= 3.0).then_some(())?;
    Found::new(start, end)
}

/// The path after `webhook` or `webhookb2`, when there is an id in it.
fn teams(view: &View<'_>, at: usize) -> Option<Found> {
    const HOST: &[u8] = b".webhook.office.com/webhook";
    let start = view.run(at + HOST.len(), 3, is_alnum) + 1;
    let end = view.run(start, 300, |byte| is_base64url(byte) || matches!(byte, b'/' | b'@'));
    let path = view.slice(start, end);
    let known = view.starts_with_ignoring_case(at, HOST) && view.before(start) == Some(b'/');
    (known && path.len() >= 80 && path.windows(17).any(|part| part == b"/IncomingWebhook/")).then_some(())?;
    Found::new(start, end)
}

/// At a name.
fn twilio(view: &View<'_>, at: usize) -> Option<Found> {
    let name = TWILIO.iter().find(|name| view.starts_with_ignoring_case(at, name.as_bytes()))?;
    let from = at + name.len();
    (from..from + NEAR).find_map(|from| sid(view, from))
}

fn twilio_alone(view: &View<'_>, at: usize) -> Option<Found> {
    sid(view, at)
}

fn sid(view: &View<'_>, at: usize) -> Option<Found> {
    let led = view.starts_with(at, b"SK") || view.starts_with(at, b"AC");
    if !led || view.was(at, is_word) {
        return None;
    }
    let end = view.run(at + 2, 33, |byte| byte.is_ascii_hexdigit());
    (end == at + 34 && !view.is(end, is_word) && entropy(view.slice(at + 2, end)) >= 2.7).then_some(())?;
    Found::new(at, end)
}
