//! Tokens of other services: documents, design, tickets, files, maps, social networks.

use super::shape::is_mixed;
use super::shape::{
    ALNUM, BASE64, CHAINED, DIGIT, DOTTED, EXTENDED, HEX, LOWER, PADDED, PERCENT, Piece, SIGNED, Shape, UPPER, URL64, WORD,
};
use super::text::{entropy, is_alnum, is_base64url, is_word};
use super::{About, Family, Found, Tail, Trigger, View};
use crate::policy::Detector;

/// Of a hundred random letters and digits the entropy is more; of programs in base64 it is less.
const ACCESS: f64 = 4.7;

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
            asana("2/1"),
            asana("2/2"),
            asana("2/3"),
            asana("2/4"),
            asana("2/5"),
            asana("2/6"),
            asana("2/7"),
            asana("2/8"),
            asana("2/9"),
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
    // In base64 of what is no secret their head stands now and then.
    Family::token(
        Detector::SaasTokens,
        "facebook_token",
        &[Trigger::Shapes(&[
            Shape::new("EAACEdEose0cBA", &[Piece::Run(&ALNUM, 20, 300)]).endless(Tail::Token),
            Shape::new("EAA", &[Piece::Run(&ALNUM, 120, 300)]).disorder(ACCESS).endless(Tail::Token),
            Shape::new("EAAG", &[Piece::Run(&ALNUM, 100, 300)]).disorder(ACCESS).endless(Tail::Token),
            Shape::new("EAAM", &[Piece::Run(&ALNUM, 100, 300)]).disorder(ACCESS).endless(Tail::Token),
            Shape::new("EAAC", &[Piece::Run(&ALNUM, 100, 300)]).disorder(ACCESS).endless(Tail::Token),
            Shape::new("EAAJ", &[Piece::Run(&ALNUM, 100, 300)]).disorder(ACCESS).endless(Tail::Token),
            Shape::new("EAAB", &[Piece::Run(&ALNUM, 100, 300)]).disorder(ACCESS).endless(Tail::Token),
            Shape::new("EAAD", &[Piece::Run(&ALNUM, 100, 300)]).disorder(ACCESS).endless(Tail::Token),
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
        &[Trigger::Shapes(&[
            Shape::new("IGQV", &[Piece::Run(&URL64, 100, 300)]).endless(Tail::Token),
            Shape::new("IGAA", &[Piece::Run(&URL64, 100, 300)]).endless(Tail::Token),
        ])],
        "developers.facebook.com/docs/instagram",
    ),
    Family::new(
        Detector::SaasTokens,
        "maxmind_key",
        &[Trigger::Heads(&["_mmk"], maxmind)],
        About {
            matches: "6 and 29 letters and digits and `mmk`, joined by `_`",
            validator: "length, entropy",
            context: "",
            source: "dev.maxmind.com",
        },
    ),
    Family::new(
        Detector::SaasTokens,
        "firebase_server_key",
        &[Trigger::Heads(&[":APA91b"], firebase)],
        About {
            matches: "`AAAA` and 7 characters of base64url, `:APA91b` and 134 more",
            validator: "length, entropy",
            context: "",
            source: "firebase.google.com/docs/cloud-messaging",
        },
    ),
    Family::token(
        Detector::SaasTokens,
        "adafruit_key",
        &[Trigger::Shapes(&[Shape::new("aio_", &[Piece::Run(&ALNUM, 28, 28)])])],
        "io.adafruit.com/api/docs",
    ),
    Family::token(
        Detector::SaasTokens,
        "alchemy_key",
        &[Trigger::Shapes(&[Shape::new("alcht_", &[Piece::Run(&ALNUM, 30, 30)])])],
        "docs.alchemy.com",
    ),
    Family::token(
        Detector::SaasTokens,
        "amazon_mws_token",
        &[Trigger::Shapes(&[Shape::new("amzn.mws.", &[Piece::Uuid]), Shape::new("amzn1.oa2-cs.v1.", &[Piece::Run(&HEX, 64, 64)])])],
        "developer-docs.amazon.com",
    ),
    Family::token(
        Detector::SaasTokens,
        "amazon_login_token",
        &[Trigger::Shapes(&[
            Shape::new("Atza|", &[Piece::Run(&BASE64, 100, 400)]).endless(Tail::Base64),
            Shape::new("Atzr|", &[Piece::Run(&BASE64, 100, 400)]).endless(Tail::Base64),
            Shape::new("Atc|", &[Piece::Run(&BASE64, 100, 400)]).endless(Tail::Base64),
        ])],
        "developer.amazon.com/docs/login-with-amazon",
    ),
    Family::token(
        Detector::SaasTokens,
        "gitbook_token",
        &[Trigger::Shapes(&[Shape::new("gb_api_", &[Piece::Run(&ALNUM, 36, 44)])])],
        "developer.gitbook.com",
    ),
    Family::token(
        Detector::SaasTokens,
        "canva_secret",
        &[Trigger::Shapes(&[Shape::new("cnvca", &[Piece::Run(&URL64, 48, 60)])])],
        "canva.dev/docs",
    ),
    Family::token(
        Detector::SaasTokens,
        "retool_key",
        &[Trigger::Shapes(&[Shape::new("retool_01", &[Piece::Run(&WORD, 20, 44)])])],
        "docs.retool.com",
    ),
    Family::token(
        Detector::SaasTokens,
        "scrapfly_key",
        &[Trigger::Shapes(&[Shape::new("scp-live-", &[Piece::Run(&HEX, 32, 32)]), Shape::new("scp-test-", &[Piece::Run(&HEX, 32, 32)])])],
        "scrapfly.io/docs",
    ),
    Family::token(
        Detector::SaasTokens,
        "jumpcloud_key",
        &[Trigger::Shapes(&[Shape::new("jca_", &[Piece::Run(&ALNUM, 36, 36)])])],
        "docs.jumpcloud.com",
    ),
    Family::token(
        Detector::SaasTokens,
        "stytch_secret",
        &[Trigger::Shapes(&[
            Shape::new("secret-live-", &[Piece::Run(&SIGNED, 36, 52)]),
            Shape::new("secret-test-", &[Piece::Run(&SIGNED, 36, 52)]),
        ])],
        "stytch.com/docs",
    ),
    Family::token(
        Detector::SaasTokens,
        "ubidots_key",
        &[Trigger::Shapes(&[Shape::new("BBFF-", &[Piece::Run(&ALNUM, 30, 36)]), Shape::new("BBUS-", &[Piece::Run(&ALNUM, 30, 36)])])],
        "docs.ubidots.com",
    ),
    Family::token(
        Detector::SaasTokens,
        "linkedin_secret",
        &[Trigger::Shapes(&[
            Shape::new("WPL_AP0.", &[Piece::Run(&ALNUM, 16, 16), Piece::Text("."), Piece::Run(&PADDED, 8, 8)]),
            Shape::new("WPL_AP1.", &[Piece::Run(&ALNUM, 16, 16), Piece::Text("."), Piece::Run(&PADDED, 8, 8)]),
        ])],
        "learn.microsoft.com/linkedin",
    ),
    Family::token(
        Detector::SaasTokens,
        "pinterest_token",
        &[Trigger::Shapes(&[
            Shape::new("pina_", &[Piece::Run(&URL64, 40, 200)]).endless(Tail::Token),
            Shape::new("pinr_", &[Piece::Run(&DOTTED, 40, 300)]).endless(Tail::Token),
        ])],
        "developers.pinterest.com",
    ),
    Family::token(
        Detector::SaasTokens,
        "samsara_token",
        &[Trigger::Shapes(&[Shape::new("samsara_api_", &[Piece::Run(&ALNUM, 30, 30)])])],
        "developers.samsara.com",
    ),
    Family::token(
        Detector::SaasTokens,
        "roblox_cookie",
        &[Trigger::Shapes(&[Shape::new(
            "_|WARNING:-DO-NOT-SHARE-THIS.--Sharing-this-will-allow-someone-to-log-in-as-you-and-to-steal-your-ROBUX-and-items.|_",
            &[Piece::Run(&WORD, 100, 400)],
        )
        .endless(Tail::Token)])],
        "en.help.roblox.com",
    ),
    Family::token(
        Detector::SaasTokens,
        "ebay_user_token",
        &[Trigger::Shapes(&[Shape::new("v^1.1#", &[Piece::Run(&CHAINED, 100, 400)]).endless(Tail::Base64)])],
        "developer.ebay.com",
    ),
    Family::token(
        Detector::SaasTokens,
        "wakatime_key",
        &[Trigger::Shapes(&[Shape::new("waka_", &[Piece::Uuid])])],
        "wakatime.com/developers",
    ),
    Family::token(
        Detector::SaasTokens,
        "segment_token",
        &[Trigger::Shapes(&[Shape::new("sgp_", &[Piece::Run(&ALNUM, 64, 64)]).proof(is_mixed)])],
        "segment.com/docs",
    ),
    Family::token(
        Detector::SaasTokens,
        "locationiq_key",
        &[Trigger::Shapes(&[Shape::new("pk.", &[Piece::Run(&HEX, 32, 32)])])],
        "docs.locationiq.com",
    ),
];

/// Version 2: two ids, the first of which begins in the head, and the secret.
const fn asana(head: &'static str) -> Shape {
    Shape::new(head, &[Piece::Run(&DIGIT, 9, 15), Piece::Text("/"), Piece::Run(&DIGIT, 10, 16), Piece::Text(":"), Piece::Run(&HEX, 32, 32)])
}

/// At the end of a license key.
fn maxmind(view: &View<'_>, at: usize) -> Option<Found> {
    let known = view.starts_with(at, b"_mmk") && !view.is(at + 4, is_word);
    let body = view.run_back(at, 30, is_alnum);
    let joined = body.checked_sub(1).filter(|joined| at - body == 29 && view.at(*joined) == Some(b'_'))?;
    let start = view.run_back(joined, 7, is_alnum);
    (known && joined - start == 6 && !view.was(start, is_word) && entropy(view.slice(start, at)) >= 3.5).then_some(())?;
    Found::new(start, at + 4)
}

/// At the colon of a key of the server; what applications have looks the same, but for its beginning.
fn firebase(view: &View<'_>, at: usize) -> Option<Found> {
    let start = view.run_back(at, 12, is_base64url);
    let end = view.run(at + 1, 141, is_base64url);
    let known = view.starts_with(at, b":APA91b") && at - start == 11 && view.starts_with(start, b"AAAA") && end - at == 141;
    (known && entropy(view.slice(at, end)) >= 3.5).then_some(())?;
    Found::new(start, end)
}

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

#[cfg(test)]
#[expect(clippy::string_slice, reason = "the texts are ASCII")]
mod tests {
    use super::super::tests::all;
    use super::*;

    #[test]
    fn finds_keys_by_their_marks() {
        let license = ["a1B2c3_", "9fKx2LmQ7RtZ0WbN4VcD8HsJ5YgPe_m", "mk"].concat();
        assert_eq!(all(maxmind, &format!("LicenseKey {license}\n")), [license.as_str()]);
        let random = "9fKx2LmQ7RtZ0WbN4VcD8HsJ5YgPe-u_X".repeat(5);
        let server = ["AAAA", "k3_x-9Q", ":APA", "91b", &random[..134]].concat();
        assert_eq!(all(firebase, &format!("key={server}")), [server.as_str()]);
        for other in [
            license.replace("c3_", "c_"),
            license.replace("_mmk", "_mmkx"),
            license.replace("9fKx", "9f"),
            server.replace("AAAA", "BAAA"),
            server[..server.len() - 1].to_owned(),
        ] {
            assert!(all(maxmind, &other).is_empty() && all(firebase, &other).is_empty(), "{other}");
        }
    }
}
