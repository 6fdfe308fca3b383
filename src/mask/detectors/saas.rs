//! Tokens of other services: documents, design, tickets, files, maps, social networks.

use super::shape::{ALNUM, DIGIT, EXTENDED, HEX, LOWER, PERCENT, Piece, SIGNED, Shape, UPPER, URL64};
use super::text::{entropy, is_alnum};
use super::{About, Family, Found, Tail, Trigger, View};
use crate::policy::Detector;

pub(super) const FAMILIES: &[Family] = &[
    Family::token(
        Detector::SaasTokens,
        "linear_key",
        &[Trigger::Shapes(&[
            Shape::new("lin_api_", &[Piece::Run(&ALNUM, 40, 40)]),
            Shape::new("lin_oauth_", &[Piece::Run(&ALNUM, 40, 64)]),
            Shape::new("lin_wh_", &[Piece::Run(&ALNUM, 40, 64)]),
        ])],
        "linear.app/developers",
    ),
    Family::token(
        Detector::SaasTokens,
        "notion_token",
        &[Trigger::Shapes(&[
            Shape::new("ntn_", &[Piece::Run(&ALNUM, 46, 46)]),
            Shape::new("secret_", &[Piece::Run(&ALNUM, 43, 43)]).disorder(3.5),
        ])],
        "developers.notion.com",
    ),
    Family::token(
        Detector::SaasTokens,
        "figma_token",
        &[Trigger::Shapes(&[
            Shape::new("figd_", &[Piece::Run(&URL64, 40, 44)]),
            Shape::new("figo_", &[Piece::Run(&URL64, 40, 44)]),
            Shape::new("figu_", &[Piece::Run(&URL64, 40, 44)]),
            Shape::new("figor_", &[Piece::Run(&URL64, 40, 44)]),
        ])],
        "developers.figma.com",
    ),
    Family::token(
        Detector::SaasTokens,
        "airtable_token",
        &[Trigger::Shapes(&[Shape::new("pat", &[Piece::Run(&ALNUM, 14, 14), Piece::Text("."), Piece::Run(&HEX, 64, 64)])])],
        "airtable.com/developers",
    ),
    Family::token(
        Detector::SaasTokens,
        "dropbox_token",
        &[Trigger::Shapes(&[
            Shape::new("sl.", &[Piece::Run(&URL64, 130, 400)]).endless(Tail::Token),
            Shape::new("sl.u.", &[Piece::Run(&URL64, 130, 400)]).endless(Tail::Token),
        ])],
        "dropbox.com/developers",
    ),
    Family::token(
        Detector::SaasTokens,
        "hubspot_token",
        &[Trigger::Shapes(&[
            Shape::new("pat-na1-", &[Piece::Uuid]),
            Shape::new("pat-na2-", &[Piece::Uuid]),
            Shape::new("pat-eu1-", &[Piece::Uuid]),
            Shape::new("pat-ap1-", &[Piece::Uuid]),
        ])],
        "developers.hubspot.com",
    ),
    Family::token(
        Detector::SaasTokens,
        "typeform_token",
        &[Trigger::Shapes(&[Shape::new("tfp_", &[Piece::Run(&EXTENDED, 44, 70)])])],
        "typeform.com/developers",
    ),
    Family::token(
        Detector::SaasTokens,
        "postman_key",
        &[Trigger::Shapes(&[
            Shape::new("PMAK-", &[Piece::Run(&HEX, 24, 24), Piece::Text("-"), Piece::Run(&HEX, 34, 34)]),
            Shape::new("PMAT-", &[Piece::Run(&ALNUM, 26, 26)]),
        ])],
        "learning.postman.com",
    ),
    Family::token(
        Detector::SaasTokens,
        "contentful_token",
        &[Trigger::Shapes(&[Shape::new("CFPAT-", &[Piece::Run(&URL64, 43, 43)])])],
        "contentful.com/developers",
    ),
    Family::token(
        Detector::SaasTokens,
        "readme_key",
        &[Trigger::Shapes(&[Shape::new("rdme_", &[Piece::Run(&LOWER, 70, 70)]), Shape::new("rdme_", &[Piece::Run(&LOWER, 60, 72)])])],
        "docs.readme.com",
    ),
    Family::token(
        Detector::SaasTokens,
        "clickup_token",
        &[Trigger::Shapes(&[Shape::new("pk_", &[Piece::Run(&DIGIT, 4, 10), Piece::Text("_"), Piece::Run(&UPPER, 32, 32)])])],
        "developer.clickup.com",
    ),
    Family::token(
        Detector::SaasTokens,
        "asana_token",
        &[Trigger::Shapes(&[
            Shape::new(
                "2/1",
                &[Piece::Run(&DIGIT, 9, 15), Piece::Text("/"), Piece::Run(&DIGIT, 10, 16), Piece::Text(":"), Piece::Run(&HEX, 32, 32)],
            ),
            Shape::new("1/", &[Piece::Run(&DIGIT, 10, 16), Piece::Text(":"), Piece::Run(&HEX, 32, 32)]),
        ])],
        "developers.asana.com",
    ),
    Family::token(
        Detector::SaasTokens,
        "trello_token",
        &[Trigger::Shapes(&[
            Shape::new("ATTA", &[Piece::Run(&HEX, 64, 64), Piece::Run(&ALNUM, 8, 8)]),
            Shape::new("ATTA", &[Piece::Run(&ALNUM, 60, 80)]),
        ])],
        "developer.atlassian.com/cloud/trello",
    ),
    Family::token(
        Detector::SaasTokens,
        "frameio_token",
        &[Trigger::Shapes(&[Shape::new("fio-u-", &[Piece::Run(&SIGNED, 64, 64)])])],
        "developer.frame.io",
    ),
    Family::token(
        Detector::SaasTokens,
        "adobe_secret",
        &[Trigger::Shapes(&[Shape::new("p8e-", &[Piece::Run(&HEX, 32, 32)]), Shape::new("p8e-", &[Piece::Run(&URL64, 32, 32)])])],
        "developer.adobe.com",
    ),
    Family::token(
        Detector::SaasTokens,
        "mapbox_token",
        &[Trigger::Shapes(&[
            Shape::new("sk.eyJ", &[Piece::Run(&URL64, 60, 200), Piece::Text("."), Piece::Run(&URL64, 22, 22)]),
            Shape::new("tk.eyJ", &[Piece::Run(&URL64, 60, 200), Piece::Text("."), Piece::Run(&URL64, 22, 22)]),
            Shape::new("pk.", &[Piece::Run(&ALNUM, 60, 60), Piece::Text("."), Piece::Run(&ALNUM, 22, 22)]),
        ])],
        "docs.mapbox.com",
    ),
    Family::token(
        Detector::SaasTokens,
        "facebook_token",
        &[Trigger::Shapes(&[
            Shape::new("EAACEdEose0cBA", &[Piece::Run(&ALNUM, 20, 300)]),
            Shape::new("EAA", &[Piece::Run(&ALNUM, 120, 300)]),
            Shape::new("EAAG", &[Piece::Run(&ALNUM, 100, 300)]),
            Shape::new("EAAM", &[Piece::Run(&ALNUM, 100, 300)]),
            Shape::new("EAAC", &[Piece::Run(&ALNUM, 100, 300)]),
            Shape::new("EAAJ", &[Piece::Run(&ALNUM, 100, 300)]),
            Shape::new("EAAB", &[Piece::Run(&ALNUM, 100, 300)]),
            Shape::new("EAAD", &[Piece::Run(&ALNUM, 100, 300)]),
        ])],
        "developers.facebook.com",
    ),
    Family::token(
        Detector::SaasTokens,
        "twitter_bearer_token",
        &[Trigger::Shapes(&[Shape::new("AAAAAAAAAAAAAAAAAAAAA", &[Piece::Run(&PERCENT, 60, 120)]).disorder(3.0)])],
        "docs.x.com",
    ),
    Family::token(
        Detector::SaasTokens,
        "lichess_token",
        &[Trigger::Shapes(&[Shape::new("lip_", &[Piece::Run(&ALNUM, 20, 20)])])],
        "lichess.org/api",
    ),
    Family::token(
        Detector::SaasTokens,
        "intra42_secret",
        &[Trigger::Shapes(&[Shape::new("s-s4t2ud-", &[Piece::Run(&HEX, 64, 64)]), Shape::new("s-s4t2af-", &[Piece::Run(&HEX, 64, 64)])])],
        "api.intra.42.fr",
    ),
    Family::token(
        Detector::SaasTokens,
        "zapier_webhook",
        &[Trigger::Shapes(&[Shape::new(
            "hooks.zapier.com/hooks/catch/",
            &[Piece::Run(&DIGIT, 4, 12), Piece::Text("/"), Piece::Run(&ALNUM, 5, 12)],
        )
        .bare()])],
        "help.zapier.com",
    ),
    Family::token(
        Detector::SaasTokens,
        "make_webhook",
        &[Trigger::Shapes(&[
            Shape::new("hook.eu1.make.com/", &[Piece::Run(&ALNUM, 32, 32)]).bare(),
            Shape::new("hook.eu2.make.com/", &[Piece::Run(&ALNUM, 32, 32)]).bare(),
            Shape::new("hook.us1.make.com/", &[Piece::Run(&ALNUM, 32, 32)]).bare(),
            Shape::new("hook.us2.make.com/", &[Piece::Run(&ALNUM, 32, 32)]).bare(),
        ])],
        "help.make.com",
    ),
    Family::new(
        Detector::SaasTokens,
        "salesforce_token",
        &[Trigger::Heads(&["!AQ"], salesforce)],
        About {
            matches: "an organisation id, `!AQ` and 80 characters or more",
            validator: "length, entropy",
            context: "",
            source: "developer.salesforce.com",
        },
    ),
    Family::token(
        Detector::SaasTokens,
        "zoho_token",
        &[Trigger::Shapes(&[Shape::new("1000.", &[Piece::Run(&HEX, 32, 32), Piece::Text("."), Piece::Run(&HEX, 32, 32)])])],
        "zoho.com/accounts",
    ),
    Family::token(
        Detector::SaasTokens,
        "cal_com_key",
        &[Trigger::Shapes(&[Shape::new("cal_live_", &[Piece::Run(&HEX, 32, 32)]), Shape::new("cal_", &[Piece::Run(&HEX, 32, 32)])])],
        "cal.com/docs",
    ),
    Family::token(
        Detector::SaasTokens,
        "instagram_token",
        &[Trigger::Shapes(&[Shape::new("IGQV", &[Piece::Run(&URL64, 100, 300)]), Shape::new("IGAA", &[Piece::Run(&URL64, 100, 300)])])],
        "developers.facebook.com/docs/instagram",
    ),
];

/// At the mark between the id of an organisation (`00D` and 12 or 15 more) and its token.
fn salesforce(view: &View<'_>, at: usize) -> Option<Found> {
    let known = view.starts_with(at, b"!AQ");
    let start = view.run_back(at, 19, is_alnum);
    let end = view.run(at + 1, 201, |byte| is_alnum(byte) || matches!(byte, b'.' | b'_'));
    let body = view.slice(at + 1, end);
    let organisation = matches!(at - start, 15 | 18) && view.starts_with(start, b"00D");
    (known && organisation && body.len() >= 80 && entropy(body) >= 3.5).then_some(())?;
    Found::new(start, end)
}
