//! Keys of services that send mail.

use super::shape::{ALNUM, EXTENDED, HEX, Piece, Shape, URL64};
use super::text::{entropy, is_word};
use super::{About, Family, Found, Trigger, View};
use crate::policy::Detector;

pub(super) const FAMILIES: &[Family] = &[
    Family::token(
        Detector::MailServiceKeys,
        "sendgrid_key",
        &[Trigger::Shapes(&[
            Shape::new("SG.", &[Piece::Run(&URL64, 20, 24), Piece::Text("."), Piece::Run(&URL64, 39, 50)]),
            Shape::new("SG.", &[Piece::Run(&EXTENDED, 66, 66)]),
        ])],
        "docs.sendgrid.com",
    ),
    Family::token(
        Detector::MailServiceKeys,
        "mailgun_key",
        &[Trigger::Shapes(&[Shape::new("key-", &[Piece::Run(&HEX, 32, 32)]), Shape::new("pubkey-", &[Piece::Run(&HEX, 32, 32)])])],
        "documentation.mailgun.com",
    ),
    Family::new(
        Detector::MailServiceKeys,
        "mailgun_signing_key",
        &[Trigger::Heads(&["mailgun"], signing)],
        About {
            matches: "32, 8 and 8 hex digits, joined by dashes",
            validator: "structure, entropy",
            context: "after `mailgun`",
            source: "documentation.mailgun.com",
        },
    ),
    Family::new(
        Detector::MailServiceKeys,
        "mailchimp_key",
        &[Trigger::Heads(CENTRES, mailchimp)],
        About {
            matches: "32 hex digits, `-us` and the number of a data centre",
            validator: "length, entropy",
            context: "",
            source: "mailchimp.com/developer",
        },
    ),
    Family::token(
        Detector::MailServiceKeys,
        "mandrill_key",
        &[Trigger::Shapes(&[Shape::new("md-", &[Piece::Run(&URL64, 22, 22)]).disorder(3.5)])],
        "mailchimp.com/developer/transactional",
    ),
    Family::token(
        Detector::MailServiceKeys,
        "brevo_key",
        &[Trigger::Shapes(&[
            Shape::new("xkeysib-", &[Piece::Run(&HEX, 64, 64), Piece::Text("-"), Piece::Run(&ALNUM, 16, 16)]),
            Shape::new("xsmtpsib-", &[Piece::Run(&HEX, 64, 64), Piece::Text("-"), Piece::Run(&ALNUM, 16, 16)]),
        ])],
        "developers.brevo.com",
    ),
    Family::token(
        Detector::MailServiceKeys,
        "resend_key",
        &[Trigger::Shapes(&[Shape::new("re_", &[Piece::Run(&ALNUM, 8, 10), Piece::Text("_"), Piece::Run(&ALNUM, 22, 26)]).disorder(3.2)])],
        "resend.com/docs",
    ),
    Family::token(
        Detector::MailServiceKeys,
        "mailersend_key",
        &[Trigger::Shapes(&[Shape::new("mlsn.", &[Piece::Run(&HEX, 64, 64)])])],
        "developers.mailersend.com",
    ),
    Family::token(
        Detector::MailServiceKeys,
        "klaviyo_key",
        &[Trigger::Shapes(&[Shape::new("pk_", &[Piece::Run(&HEX, 34, 34)]).disorder(2.8)])],
        "developers.klaviyo.com",
    ),
];

const CENTRES: &[&str] = &["-us1", "-us2", "-us3", "-us4", "-us5", "-us6", "-us7", "-us8", "-us9"];

/// At the dash before the data centre.
fn mailchimp(view: &View<'_>, at: usize) -> Option<Found> {
    let known = view.starts_with(at, b"-us");
    let start = view.run_back(at, 33, is_hex);
    let end = view.run(at + 3, 3, |byte| byte.is_ascii_digit());
    let apart = !view.was(start, is_word) && !view.is(end, is_word) && (1..=2).contains(&(end - at - 3));
    (known && at - start == 32 && apart && entropy(view.slice(start, at)) >= 2.7).then_some(())?;
    Found::new(start, end)
}

/// After the name, at most this many bytes on.
const NEAR: usize = 64;

fn signing(view: &View<'_>, at: usize) -> Option<Found> {
    let named = view.starts_with_ignoring_case(at, b"mailgun");
    let from = at + 7;
    let start = (from..from + NEAR).find(|start| !view.was(*start, is_word) && view.run(*start, 33, is_hex) - start == 32)?;
    let part = |from: usize| view.at(from) == Some(b'-') && view.run(from + 1, 9, is_hex) == from + 9;
    (named && part(start + 32) && part(start + 41) && !view.is(start + 50, is_word)).then_some(())?;
    Found::new(start, start + 50)
}

fn is_hex(byte: u8) -> bool {
    matches!(byte, b'0'..=b'9' | b'a'..=b'f')
}
