//! Keys of clouds and hosts; AWS and Google have files of their own.

use super::shape::embedded;
use super::shape::{ALNUM, BASE64, DIGIT, EXTENDED, HEX, LETTER, LOWER, PADDED, Piece, Shape, UPPER, URL64};
use super::text::{contains_ignoring_case, entropy, is_alnum, is_base64};
use super::{About, Family, Found, Tail, Trigger, View};
use crate::policy::Detector;

pub(super) const FAMILIES: &[Family] = &[
    Family::token(
        Detector::CloudKeys,
        "azure_storage_key",
        &[Trigger::Shapes(&[
            Shape::new("AccountKey=", &[Piece::Run(&BASE64, 86, 86), Piece::Text("==")]).bare(),
            Shape::new("SharedAccessKey=", &[Piece::Run(&BASE64, 43, 43), Piece::Text("=")]).bare(),
            Shape::new("SharedAccessKey=", &[Piece::Run(&BASE64, 86, 86), Piece::Text("==")]).bare(),
        ])],
        "learn.microsoft.com/azure/storage",
    ),
    Family::new(
        Detector::CloudKeys,
        "azure_sas_signature",
        &[Trigger::Heads(&["sig="], sas)],
        About {
            matches: "the `sig` of a shared access signature",
            validator: "length, entropy, parameters of such a URL",
            context: "",
            source: "learn.microsoft.com/azure/storage",
        },
    ),
    Family::new(
        Detector::CloudKeys,
        "azure_client_secret",
        &[Trigger::Heads(CLIENT_SECRET, client_secret)],
        About {
            matches: "40 characters with a digit and `Q~` at the fourth",
            validator: "length, entropy",
            context: "",
            source: "learn.microsoft.com/entra",
        },
    ),
    Family::new(
        Detector::CloudKeys,
        "azure_key",
        &[Trigger::Heads(SIGNS, signed)],
        About {
            matches: "keys with a signature in them: `JQQJ99`, `AzSe`, `AzCa`, `AzFu`, `+ASt`, `+ABa`, `+ACR`, `ACDb`, `APIM`, `+AMC`, `+ASb`, `+AEh`, `+ARm`, `AIoT`",
            validator: "length, entropy",
            context: "",
            source: "learn.microsoft.com/purview",
        },
    ),
    Family::token(
        Detector::CloudKeys,
        "digitalocean_token",
        &[Trigger::Shapes(&[
            Shape::new("dop_v1_", &[Piece::Run(&HEX, 64, 64)]),
            Shape::new("doo_v1_", &[Piece::Run(&HEX, 64, 64)]),
            Shape::new("dor_v1_", &[Piece::Run(&HEX, 64, 64)]),
        ])],
        "docs.digitalocean.com",
    ),
    Family::token(
        Detector::CloudKeys,
        "alibaba_key_id",
        &[Trigger::Shapes(&[Shape::new("LTAI", &[Piece::Run(&ALNUM, 12, 26)])])],
        "alibabacloud.com/help",
    ),
    Family::token(
        Detector::CloudKeys,
        "tencent_key_id",
        &[Trigger::Shapes(&[Shape::new("AKID", &[Piece::Run(&ALNUM, 32, 32)])])],
        "cloud.tencent.com",
    ),
    Family::token(
        Detector::CloudKeys,
        "yandex_key",
        &[Trigger::Shapes(&[
            Shape::new("AQVN", &[Piece::Run(&URL64, 35, 38)]),
            Shape::new("YCAJE", &[Piece::Run(&URL64, 20, 20)]),
            Shape::new("t1.", &[Piece::Run(&EXTENDED, 60, 400)]).disorder(3.5).endless(Tail::Token),
        ])],
        "yandex.cloud/docs",
    ),
    Family::token(
        Detector::CloudKeys,
        "heroku_key",
        &[Trigger::Shapes(&[Shape::new("HRKU-AA", &[Piece::Run(&URL64, 58, 58)]), Shape::new("HRKU-", &[Piece::Uuid])])],
        "devcenter.heroku.com",
    ),
    Family::token(
        Detector::CloudKeys,
        "fly_token",
        &[Trigger::Shapes(&[
            Shape::new("fo1_", &[Piece::Run(&URL64, 43, 43)]),
            Shape::new("fm1a_", &[Piece::Run(&PADDED, 100, 400)]).endless(Tail::Base64),
            Shape::new("fm1r_", &[Piece::Run(&PADDED, 100, 400)]).endless(Tail::Base64),
            Shape::new("fm2_", &[Piece::Run(&PADDED, 100, 400)]).endless(Tail::Base64),
        ])],
        "fly.io/docs",
    ),
    Family::token(
        Detector::CloudKeys,
        "cloudflare_token",
        &[Trigger::Shapes(&[
            Shape::new("v1.0-", &[Piece::Run(&HEX, 24, 24), Piece::Text("-"), Piece::Run(&HEX, 146, 146)]),
            Shape::new("cfut_", &[Piece::Run(&ALNUM, 40, 56)]),
            Shape::new("cfat_", &[Piece::Run(&ALNUM, 40, 56)]),
            Shape::new("cfk_", &[Piece::Run(&ALNUM, 40, 56)]),
            Shape::new("cfpat_", &[Piece::Run(&URL64, 40, 100)]),
        ])],
        "developers.cloudflare.com",
    ),
    Family::token(
        Detector::CloudKeys,
        "databricks_token",
        &[Trigger::Shapes(&[
            Shape::new("dapi", &[Piece::Run(&HEX, 32, 32)]),
            Shape::new("dapi", &[Piece::Run(&HEX, 32, 32), Piece::Text("-"), Piece::Run(&DIGIT, 1, 2)]),
            Shape::new("dkea", &[Piece::Run(&HEX, 32, 32)]),
            Shape::new("dose", &[Piece::Run(&HEX, 32, 32)]),
        ])],
        "docs.databricks.com",
    ),
    Family::token(
        Detector::CloudKeys,
        "supabase_key",
        &[Trigger::Shapes(&[
            Shape::new("sbp_", &[Piece::Run(&HEX, 40, 40)]),
            Shape::new("sb_secret_", &[Piece::Run(&URL64, 31, 60)]),
            Shape::new("sbp_oauth_", &[Piece::Run(&HEX, 40, 40)]),
        ])],
        "supabase.com/docs",
    ),
    Family::token(
        Detector::CloudKeys,
        "planetscale_key",
        &[Trigger::Shapes(&[
            Shape::new("pscale_tkn_", &[Piece::Run(&EXTENDED, 32, 64)]),
            Shape::new("pscale_pw_", &[Piece::Run(&EXTENDED, 32, 64)]),
            Shape::new("pscale_oauth_", &[Piece::Run(&EXTENDED, 32, 64)]),
        ])],
        "planetscale.com/docs",
    ),
    Family::token(
        Detector::CloudKeys,
        "netlify_token",
        &[Trigger::Shapes(&[
            Shape::new("nfp_", &[Piece::Run(&ALNUM, 36, 36)]),
            Shape::new("nfc_", &[Piece::Run(&ALNUM, 36, 36)]),
            Shape::new("nfo_", &[Piece::Run(&ALNUM, 36, 36)]),
            Shape::new("nfu_", &[Piece::Run(&ALNUM, 36, 36)]),
            Shape::new("nfb_", &[Piece::Run(&ALNUM, 36, 36)]),
        ])],
        "docs.netlify.com",
    ),
    Family::token(
        Detector::CloudKeys,
        "vercel_token",
        &[Trigger::Shapes(&[
            Shape::new("vcp_", &[Piece::Run(&ALNUM, 24, 64)]),
            Shape::new("vci_", &[Piece::Run(&ALNUM, 24, 64)]),
            Shape::new("vca_", &[Piece::Run(&ALNUM, 24, 64)]),
            Shape::new("vcr_", &[Piece::Run(&ALNUM, 24, 64)]),
            Shape::new("vck_", &[Piece::Run(&ALNUM, 24, 64)]),
        ])],
        "vercel.com/docs",
    ),
    Family::token(
        Detector::CloudKeys,
        "render_key",
        &[Trigger::Shapes(&[Shape::new("rnd_", &[Piece::Run(&ALNUM, 28, 32)])])],
        "render.com/docs",
    ),
    Family::token(
        Detector::CloudKeys,
        "digitalocean_spaces_key",
        &[Trigger::Shapes(&[Shape::new("DO00", &[Piece::Run(&UPPER, 16, 16)]), Shape::new("DO801", &[Piece::Run(&UPPER, 15, 15)])])],
        "docs.digitalocean.com/products/spaces",
    ),
    Family::token(
        Detector::CloudKeys,
        "aiven_token",
        &[Trigger::Shapes(&[Shape::new("AVNS_", &[Piece::Run(&URL64, 15, 40)])])],
        "aiven.io/docs",
    ),
    Family::token(
        Detector::CloudKeys,
        "mongodb_atlas_key",
        &[Trigger::Shapes(&[Shape::new("mdb_sa_sk_", &[Piece::Run(&URL64, 40, 60)])])],
        "mongodb.com/docs/atlas",
    ),
    Family::token(
        Detector::CloudKeys,
        "clickhouse_key",
        &[Trigger::Shapes(&[Shape::new("4b1d", &[Piece::Run(&ALNUM, 38, 38)])])],
        "clickhouse.com/docs",
    ),
    Family::token(
        Detector::CloudKeys,
        "neon_key",
        &[Trigger::Shapes(&[Shape::new("napi_", &[Piece::Run(&LOWER, 60, 80)])])],
        "neon.com/docs",
    ),
    Family::token(
        Detector::CloudKeys,
        "confluent_key",
        &[Trigger::Shapes(&[Shape::new("cflt", &[Piece::Run(&PADDED, 60, 60)])])],
        "docs.confluent.io",
    ),
    Family::token(
        Detector::CloudKeys,
        "elastic_key",
        &[Trigger::Shapes(&[Shape::new("essu_", &[Piece::Run(&PADDED, 40, 100)])])],
        "elastic.co/docs",
    ),
    Family::token(
        Detector::CloudKeys,
        "scaleway_key",
        &[Trigger::Shapes(&[Shape::new("SCW", &[Piece::Run(&UPPER, 17, 17)])])],
        "scaleway.com/docs",
    ),
    Family::token(
        Detector::CloudKeys,
        "oracle_cloud_id_secret",
        &[Trigger::Shapes(&[Shape::new("idcscs-", &[Piece::Uuid])])],
        "docs.oracle.com",
    ),
    Family::token(
        Detector::CloudKeys,
        "appsync_key",
        &[Trigger::Shapes(&[Shape::new("da2-", &[Piece::Run(&LOWER, 26, 26)])])],
        "docs.aws.amazon.com/appsync",
    ),
    Family::token(
        Detector::CloudKeys,
        "baidu_cloud_key",
        &[Trigger::Shapes(&[Shape::new("bce-v3/ALTAK-", &[Piece::Run(&ALNUM, 21, 21), Piece::Text("/"), Piece::Run(&HEX, 40, 40)])])],
        "cloud.baidu.com",
    ),
    Family::token(
        Detector::CloudKeys,
        "volcengine_key_id",
        &[Trigger::Shapes(&[Shape::new("AKLT", &[Piece::Run(&URL64, 40, 46)])])],
        "volcengine.com/docs",
    ),
    Family::token(
        Detector::CloudKeys,
        "jd_cloud_key_id",
        &[Trigger::Shapes(&[Shape::new("JDC_", &[Piece::Run(&UPPER, 28, 28)])])],
        "docs.jdcloud.com",
    ),
    Family::token(
        Detector::CloudKeys,
        "cockroach_key",
        &[Trigger::Shapes(&[Shape::new("CCDB1_", &[Piece::Run(&ALNUM, 22, 22), Piece::Text("_"), Piece::Run(&ALNUM, 40, 40)])])],
        "cockroachlabs.com/docs",
    ),
    Family::token(
        Detector::CloudKeys,
        "astra_token",
        &[Trigger::Shapes(&[Shape::new("AstraCS:", &[Piece::Run(&LETTER, 24, 24), Piece::Text(":"), Piece::Run(&HEX, 64, 64)])])],
        "docs.datastax.com/astra",
    ),
    Family::token(
        Detector::CloudKeys,
        "xata_key",
        &[Trigger::Shapes(&[Shape::new("xau_", &[Piece::Run(&ALNUM, 32, 64)])])],
        "xata.io/docs",
    ),
    Family::token(
        Detector::CloudKeys,
        "fauna_secret",
        &[Trigger::Shapes(&[
            Shape::new("fnAD", &[Piece::Run(&URL64, 34, 60)]),
            Shape::new("fnAE", &[Piece::Run(&URL64, 34, 60)]),
            Shape::new("fnAF", &[Piece::Run(&URL64, 34, 60)]),
        ])],
        "docs.fauna.com",
    ),
    Family::token(
        Detector::CloudKeys,
        "deno_deploy_token",
        &[Trigger::Shapes(&[Shape::new("ddp_", &[Piece::Run(&ALNUM, 36, 40)]), Shape::new("ddo_", &[Piece::Run(&ALNUM, 36, 40)])])],
        "docs.deno.com/deploy",
    ),
    Family::token(
        Detector::CloudKeys,
        "cloudflare_tunnel_token",
        &[Trigger::Shapes(&[Shape::new("eyJhIjoi", &[Piece::Run(&PADDED, 100, 400)]).endless(Tail::Base64)])],
        "developers.cloudflare.com/cloudflare-one",
    ),
    Family::token(
        Detector::CloudKeys,
        "turnstile_secret",
        &[Trigger::Shapes(&[Shape::new("0x4AAA", &[Piece::Run(&URL64, 28, 32)])])],
        "developers.cloudflare.com/turnstile",
    ),
    Family::token(
        Detector::CloudKeys,
        "akamai_token",
        &[Trigger::Shapes(&[Shape::new("akab-", &[Piece::Run(&LOWER, 16, 16), Piece::Text("-"), Piece::Run(&LOWER, 16, 16)])])],
        "techdocs.akamai.com",
    ),
];

const CLIENT_SECRET: &[&str] = &["0Q~", "1Q~", "2Q~", "3Q~", "4Q~", "5Q~", "6Q~", "7Q~", "8Q~", "9Q~"];

/// At the digit: three characters before it, 31 to 34 after the tilde.
fn client_secret(view: &View<'_>, at: usize) -> Option<Found> {
    let known = view.is(at, |byte| byte.is_ascii_digit()) && view.starts_with(at + 1, b"Q~");
    let class = |byte| is_alnum(byte) || matches!(byte, b'_' | b'~' | b'.' | b'-');
    let start = view.run_back(at, 4, class);
    let end = view.run(at + 3, 35, class);
    let stray = usize::from(view.before(end) == Some(b'.'));
    let body = view.slice(at + 3, end - stray);
    (known && at - start == 3 && (31..=34).contains(&body.len()) && entropy(body) >= 3.0).then_some(())?;
    Found::new(start, end - stray)
}

/// `?sv=...&sig=...`: the signature alone.
fn sas(view: &View<'_>, at: usize) -> Option<Found> {
    let led = view.starts_with(at, b"sig=") && view.before(at).is_some_and(|byte| matches!(byte, b'?' | b'&' | b';'));
    let start = at + 4;
    let end = view.run(start, 120, |byte| is_base64(byte) || matches!(byte, b'%' | b'-' | b'_' | b'='));
    let body = view.slice(start, end);
    let near = |word: &[u8]| {
        contains_ignoring_case(view.slice(at.saturating_sub(100), at), word) || contains_ignoring_case(view.ahead(end, 100), word)
    };
    (led && (40..=110).contains(&body.len()) && entropy(body) >= 3.5 && [&b"sv="[..], b"se=", b"sr="].iter().any(|word| near(word)))
        .then_some(())?;
    Found::new(start, end)
}

/// A signature, the characters before it and those after it, and the padding.
const SIGNATURES: &[(&str, usize, usize, &str)] = &[
    ("JQQJ99", 52, 26, ""),
    ("AzSe", 42, 6, ""),
    ("AzCa", 33, 6, "="),
    ("AzFu", 44, 8, "=="),
    ("+ASt", 76, 6, "=="),
    ("+ABa", 76, 6, "=="),
    ("ACDb", 76, 6, "=="),
    ("+ACR", 42, 6, ""),
    ("APIM", 76, 6, "=="),
    ("+AMC", 76, 6, "=="),
    ("+ASb", 33, 6, "="),
    ("+AEh", 33, 6, "="),
    ("+ARm", 33, 6, "="),
    ("AIoT", 33, 6, "="),
];
const SIGNS: &[&str] = &["JQQJ99", "AzSe", "AzCa", "AzFu", "+ASt", "+ABa", "ACDb", "+ACR", "APIM", "+AMC", "+ASb", "+AEh", "+ARm", "AIoT"];

/// Whether a signature is written as it is in keys, and goes on as they do.
pub(super) fn may_be_signed(view: &View<'_>, at: usize) -> bool {
    SIGNATURES.iter().any(|(signature, _, after, _)| {
        let from = at + signature.len();
        view.starts_with(at, signature.as_bytes()) && view.run(from, *after, is_base64) - from == *after
    })
}

/// At the signature.
fn signed(view: &View<'_>, at: usize) -> Option<Found> {
    let (signature, before, after, padding) = SIGNATURES.iter().find(|(signature, ..)| view.starts_with(at, signature.as_bytes()))?;
    let found = embedded(view, at, signature, *before, *after, is_base64)?;
    let end = found.end + padding.len();
    view.starts_with(found.end, padding.as_bytes()).then_some(())?;
    Found::new(found.start, end)
}
