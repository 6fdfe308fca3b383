//! Keys of payment services and shops; Stripe's own are in `stripe`.

use super::shape::{ALNUM, ANY_HEX, CHAINED, HEX, LOWER, Piece, SIGNED, Shape, URL64, WORD};
use super::text::{entropy, is_base64, is_word};
use super::{About, Family, Found, Trigger, View};
use crate::policy::Detector;

pub(super) const FAMILIES: &[Family] = &[
    Family::token(
        Detector::PaymentKeys,
        "square_token",
        &[Trigger::Shapes(&[
            Shape::new("sq0atp-", &[Piece::Run(&URL64, 22, 60)]),
            Shape::new("sq0csp-", &[Piece::Run(&URL64, 43, 60)]),
            Shape::new("EAAA", &[Piece::Run(&URL64, 60, 60)]),
        ])],
        "developer.squareup.com",
    ),
    Family::token(
        Detector::PaymentKeys,
        "braintree_token",
        &[Trigger::Shapes(&[
            Shape::new("access_token$production$", &[Piece::Run(&LOWER, 16, 16), Piece::Text("$"), Piece::Run(&HEX, 32, 32)]),
            Shape::new("access_token$sandbox$", &[Piece::Run(&LOWER, 16, 16), Piece::Text("$"), Piece::Run(&HEX, 32, 32)]),
        ])],
        "developer.paypal.com/braintree",
    ),
    Family::token(
        Detector::PaymentKeys,
        "plaid_token",
        &[Trigger::Shapes(&[
            Shape::new("access-sandbox-", &[Piece::Uuid]),
            Shape::new("access-development-", &[Piece::Uuid]),
            Shape::new("access-production-", &[Piece::Uuid]),
        ])],
        "plaid.com/docs",
    ),
    Family::new(
        Detector::PaymentKeys,
        "adyen_key",
        &[Trigger::Heads(&["AQE"], adyen)],
        About {
            matches: "`AQE` and base64, two parts and random characters, joined by dashes",
            validator: "structure, entropy",
            context: "",
            source: "docs.adyen.com",
        },
    ),
    Family::token(
        Detector::PaymentKeys,
        "shopify_token",
        &[Trigger::Shapes(&[
            Shape::new("shpat_", &[Piece::Run(&ANY_HEX, 32, 32)]),
            Shape::new("shpca_", &[Piece::Run(&ANY_HEX, 32, 32)]),
            Shape::new("shppa_", &[Piece::Run(&ANY_HEX, 32, 32)]),
            Shape::new("shpss_", &[Piece::Run(&ANY_HEX, 32, 32)]),
            Shape::new("shptka_", &[Piece::Run(&ANY_HEX, 32, 32)]),
            Shape::new("shpua_", &[Piece::Run(&ANY_HEX, 32, 32)]),
        ])],
        "shopify.dev",
    ),
    Family::token(
        Detector::PaymentKeys,
        "gocardless_token",
        &[Trigger::Shapes(&[
            Shape::new("live_", &[Piece::Run(&SIGNED, 40, 40)]).disorder(3.5),
            Shape::new("sandbox_", &[Piece::Run(&SIGNED, 40, 40)]).disorder(3.5),
        ])],
        "developer.gocardless.com",
    ),
    Family::token(
        Detector::PaymentKeys,
        "flutterwave_key",
        &[Trigger::Shapes(&[
            Shape::new("FLWSECK_TEST-", &[Piece::Run(&LOWER, 12, 12)]),
            Shape::new("FLWSECK_TEST-", &[Piece::Run(&LOWER, 32, 32), Piece::Text("-X")]),
            Shape::new("FLWSECK-", &[Piece::Run(&LOWER, 32, 32), Piece::Text("-X")]),
            Shape::new("FLWPUBK_TEST-", &[Piece::Run(&LOWER, 32, 32), Piece::Text("-X")]),
            Shape::new("FLWPUBK-", &[Piece::Run(&LOWER, 32, 32), Piece::Text("-X")]),
        ])],
        "developer.flutterwave.com",
    ),
    Family::token(
        Detector::PaymentKeys,
        "razorpay_key",
        &[Trigger::Shapes(&[
            Shape::new("rzp_live_", &[Piece::Run(&ALNUM, 14, 14)]),
            Shape::new("rzp_test_", &[Piece::Run(&ALNUM, 14, 14)]),
        ])],
        "razorpay.com/docs",
    ),
    Family::token(
        Detector::PaymentKeys,
        "shippo_token",
        &[Trigger::Shapes(&[
            Shape::new("shippo_live_", &[Piece::Run(&HEX, 40, 40)]),
            Shape::new("shippo_test_", &[Piece::Run(&HEX, 40, 40)]),
        ])],
        "docs.goshippo.com",
    ),
    Family::token(
        Detector::PaymentKeys,
        "easypost_key",
        &[Trigger::Shapes(&[Shape::new("EZAK", &[Piece::Run(&ALNUM, 54, 54)]), Shape::new("EZTK", &[Piece::Run(&ALNUM, 54, 54)])])],
        "docs.easypost.com",
    ),
    Family::token(
        Detector::PaymentKeys,
        "lob_key",
        &[Trigger::Shapes(&[
            Shape::new("live_", &[Piece::Run(&HEX, 35, 35)]),
            Shape::new("live_pub_", &[Piece::Run(&HEX, 31, 31)]),
            Shape::new("test_pub_", &[Piece::Run(&HEX, 31, 31)]),
        ])],
        "docs.lob.com",
    ),
    Family::token(
        Detector::PaymentKeys,
        "duffel_token",
        &[Trigger::Shapes(&[
            Shape::new("duffel_live_", &[Piece::Run(&SIGNED, 43, 43)]),
            Shape::new("duffel_test_", &[Piece::Run(&SIGNED, 43, 43)]),
        ])],
        "duffel.com/docs",
    ),
    Family::token(
        Detector::PaymentKeys,
        "mollie_key",
        &[Trigger::Shapes(&[Shape::new("live_", &[Piece::Run(&ALNUM, 30, 30)]).disorder(3.2)])],
        "docs.mollie.com",
    ),
    Family::token(
        Detector::PaymentKeys,
        "paddle_key",
        &[Trigger::Shapes(&[
            Shape::new("pdl_live_apikey_", &[Piece::Run(&WORD, 40, 60)]),
            Shape::new("pdl_sdbx_apikey_", &[Piece::Run(&WORD, 40, 60)]),
        ])],
        "developer.paddle.com",
    ),
    Family::token(
        Detector::PaymentKeys,
        "checkout_com_key",
        &[Trigger::Shapes(&[Shape::new("sk_sbox_", &[Piece::Run(&LOWER, 20, 40)])])],
        "checkout.com/docs",
    ),
    Family::token(
        Detector::PaymentKeys,
        "paypal_token",
        &[Trigger::Shapes(&[Shape::new("A21AA", &[Piece::Run(&URL64, 90, 100)])])],
        "developer.paypal.com",
    ),
    Family::token(
        Detector::PaymentKeys,
        "ebay_secret",
        &[Trigger::Shapes(&[
            Shape::new(
                "PRD-",
                &[
                    Piece::Run(&HEX, 12, 12),
                    Piece::Text("-"),
                    Piece::Run(&HEX, 4, 4),
                    Piece::Text("-"),
                    Piece::Run(&HEX, 4, 4),
                    Piece::Text("-"),
                    Piece::Run(&HEX, 4, 4),
                    Piece::Text("-"),
                    Piece::Run(&HEX, 4, 4),
                ],
            ),
            Shape::new(
                "SBX-",
                &[
                    Piece::Run(&HEX, 12, 12),
                    Piece::Text("-"),
                    Piece::Run(&HEX, 4, 4),
                    Piece::Text("-"),
                    Piece::Run(&HEX, 4, 4),
                    Piece::Text("-"),
                    Piece::Run(&HEX, 4, 4),
                    Piece::Text("-"),
                    Piece::Run(&HEX, 4, 4),
                ],
            ),
        ])],
        "developer.ebay.com",
    ),
    Family::token(
        Detector::PaymentKeys,
        "brex_token",
        &[Trigger::Shapes(&[Shape::new("bxt_", &[Piece::Run(&ALNUM, 36, 40)])])],
        "developer.brex.com",
    ),
    Family::token(
        Detector::PaymentKeys,
        "mercury_token",
        &[Trigger::Shapes(&[
            Shape::new("mercury_production_", &[Piece::Run(&WORD, 30, 80)]).disorder(3.3),
            Shape::new("mercury_sandbox_", &[Piece::Run(&WORD, 30, 80)]).disorder(3.3),
        ])],
        "docs.mercury.com",
    ),
    Family::token(
        Detector::PaymentKeys,
        "cashfree_secret",
        &[Trigger::Shapes(&[
            Shape::new("cfsk_ma_prod_", &[Piece::Run(&HEX, 32, 32), Piece::Text("_"), Piece::Run(&HEX, 8, 8)]),
            Shape::new("cfsk_ma_test_", &[Piece::Run(&HEX, 32, 32), Piece::Text("_"), Piece::Run(&HEX, 8, 8)]),
        ])],
        "docs.cashfree.com",
    ),
    Family::token(
        Detector::PaymentKeys,
        "midtrans_key",
        &[Trigger::Shapes(&[Shape::new("Mid-server-", &[Piece::Run(&URL64, 20, 28)])])],
        "docs.midtrans.com",
    ),
    Family::token(
        Detector::PaymentKeys,
        "asaas_key",
        &[Trigger::Shapes(&[
            Shape::new("aact_prod_", &[Piece::Run(&CHAINED, 80, 300)]),
            Shape::new("aact_hmlg_", &[Piece::Run(&CHAINED, 80, 300)]),
            Shape::new("aact_YTU5", &[Piece::Run(&CHAINED, 80, 300)]),
        ])],
        "docs.asaas.com",
    ),
    Family::token(
        Detector::PaymentKeys,
        "polar_token",
        &[Trigger::Shapes(&[
            Shape::new("polar_oat_", &[Piece::Run(&ALNUM, 36, 50)]),
            Shape::new("polar_pat_", &[Piece::Run(&ALNUM, 36, 50)]),
        ])],
        "docs.polar.sh",
    ),
    Family::token(
        Detector::PaymentKeys,
        "extended_private_key",
        &[Trigger::Shapes(&[Shape::new("xprv9", &[Piece::Run(&ALNUM, 106, 106)]), Shape::new("xprvA", &[Piece::Run(&ALNUM, 106, 106)])])],
        "BIP 32",
    ),
];

/// `AQE...==-...=-secret`.
fn adyen(view: &View<'_>, at: usize) -> Option<Found> {
    const PARTS: [(usize, usize); 2] = [(30, 160), (30, 100)];
    let mut end = at;
    for (least, most) in PARTS {
        let part = view.run(end, most + 1, |byte| is_base64(byte) || byte == b'=');
        ((least..=most).contains(&(part - end)) && view.at(part) == Some(b'-')).then_some(())?;
        end = part + 1;
    }
    let secret = view.run(end, 65, |byte| byte.is_ascii_graphic() && !matches!(byte, b'"' | b'\'' | b'<' | b'\\'));
    let known = view.starts_with(at, b"AQE") && !view.was(at, is_word) && (8..=64).contains(&(secret - end));
    (known && entropy(view.slice(at, secret)) >= 3.5).then_some(())?;
    Found::new(at, secret)
}
