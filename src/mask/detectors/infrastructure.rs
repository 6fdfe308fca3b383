//! Tokens of secret stores, configuration and deployment services, and of access to machines.

use super::shape::{ALNUM, BASE64, COLONS, DOTTED, HEX, LOWER, PADDED, Piece, SIGNED, Shape, UPPER, URL64};
use super::text::{entropy, is_alnum, is_base64url};
use super::{About, Family, Found, Tail, Trigger, View};
use crate::policy::Detector;

pub(super) const FAMILIES: &[Family] = &[
    Family::token(
        Detector::InfrastructureTokens,
        "vault_token",
        &[Trigger::Shapes(&[
            Shape::new("hvs.", &[Piece::Run(&URL64, 24, 400)]).endless(Tail::Token),
            Shape::new("hvb.", &[Piece::Run(&URL64, 90, 400)]).endless(Tail::Token),
            Shape::new("hvr.", &[Piece::Run(&URL64, 24, 400)]).endless(Tail::Token),
        ])],
        "developer.hashicorp.com/vault",
    ),
    Family::token(
        Detector::InfrastructureTokens,
        "k3s_token",
        &[Trigger::Shapes(&[Shape::new("K10", &[Piece::Run(&HEX, 64, 64), Piece::Text("::"), Piece::Run(&COLONS, 8, 100)])])],
        "docs.k3s.io/cli/token",
    ),
    Family::new(
        Detector::InfrastructureTokens,
        "terraform_token",
        &[Trigger::Heads(&[ATLAS], terraform)],
        About {
            matches: "14 letters and digits, `.atlasv1.` and 60 to 70 more",
            validator: "length, entropy",
            context: "",
            source: "developer.hashicorp.com/terraform",
        },
    ),
    Family::token(
        Detector::InfrastructureTokens,
        "pulumi_token",
        &[Trigger::Shapes(&[Shape::new("pul-", &[Piece::Run(&HEX, 40, 40)])])],
        "pulumi.com/docs",
    ),
    Family::token(
        Detector::InfrastructureTokens,
        "doppler_token",
        &[Trigger::Shapes(&[
            Shape::new("dp.pt.", &[Piece::Run(&ALNUM, 40, 46)]),
            Shape::new("dp.ct.", &[Piece::Run(&ALNUM, 40, 46)]),
            Shape::new("dp.sa.", &[Piece::Run(&ALNUM, 40, 46)]),
            Shape::new("dp.scim.", &[Piece::Run(&ALNUM, 40, 46)]),
            Shape::new("dp.audit.", &[Piece::Run(&ALNUM, 40, 46)]),
            Shape::new("dp.said.", &[Piece::Run(&ALNUM, 40, 46)]),
            Shape::new("dp.st.", &[Piece::Run(&URL64, 2, 35), Piece::Text("."), Piece::Run(&ALNUM, 40, 46)]),
            Shape::new("dp.st.", &[Piece::Run(&ALNUM, 40, 46)]),
        ])],
        "docs.doppler.com",
    ),
    Family::token(
        Detector::InfrastructureTokens,
        "onepassword_token",
        &[Trigger::Shapes(&[
            Shape::new("ops_eyJ", &[Piece::Run(&BASE64, 100, 400)]).endless(Tail::Base64),
            Shape::new("ops_eyJ", &[Piece::Run(&URL64, 100, 400)]).endless(Tail::Base64),
        ])],
        "developer.1password.com",
    ),
    Family::token(
        Detector::InfrastructureTokens,
        "onepassword_secret_key",
        &[Trigger::Shapes(&[
            Shape::new(
                "A3-",
                &[
                    Piece::Run(&UPPER, 6, 6),
                    Piece::Text("-"),
                    Piece::Run(&UPPER, 11, 11),
                    Piece::Text("-"),
                    Piece::Run(&UPPER, 5, 5),
                    Piece::Text("-"),
                    Piece::Run(&UPPER, 5, 5),
                    Piece::Text("-"),
                    Piece::Run(&UPPER, 5, 5),
                ],
            ),
            Shape::new(
                "A3-",
                &[
                    Piece::Run(&UPPER, 6, 6),
                    Piece::Text("-"),
                    Piece::Run(&UPPER, 6, 6),
                    Piece::Text("-"),
                    Piece::Run(&UPPER, 5, 5),
                    Piece::Text("-"),
                    Piece::Run(&UPPER, 5, 5),
                    Piece::Text("-"),
                    Piece::Run(&UPPER, 5, 5),
                    Piece::Text("-"),
                    Piece::Run(&UPPER, 5, 5),
                ],
            ),
        ])],
        "support.1password.com",
    ),
    Family::token(
        Detector::InfrastructureTokens,
        "age_secret_key",
        &[Trigger::Shapes(&[
            Shape::new("AGE-SECRET-KEY-1", &[Piece::Run(&UPPER, 58, 58)]).disorder(0.0),
            Shape::new("AGE-SECRET-KEY-PQ-1", &[Piece::Run(&UPPER, 58, 200)]).disorder(0.0),
        ])],
        "age-encryption.org/v1",
    ),
    Family::token(
        Detector::InfrastructureTokens,
        "openshift_token",
        &[Trigger::Shapes(&[Shape::new("sha256~", &[Piece::Run(&URL64, 43, 43)])])],
        "docs.redhat.com/openshift",
    ),
    Family::token(
        Detector::InfrastructureTokens,
        "tailscale_key",
        &[Trigger::Shapes(&[
            Shape::new("tskey-auth-", &[Piece::Run(&ALNUM, 8, 20), Piece::Text("-"), Piece::Run(&ALNUM, 20, 40)]),
            Shape::new("tskey-api-", &[Piece::Run(&ALNUM, 8, 20), Piece::Text("-"), Piece::Run(&ALNUM, 20, 40)]),
            Shape::new("tskey-client-", &[Piece::Run(&ALNUM, 8, 20), Piece::Text("-"), Piece::Run(&ALNUM, 20, 40)]),
            Shape::new("tskey-scim-", &[Piece::Run(&ALNUM, 8, 20), Piece::Text("-"), Piece::Run(&ALNUM, 20, 40)]),
            Shape::new("tskey-webhook-", &[Piece::Run(&ALNUM, 8, 20), Piece::Text("-"), Piece::Run(&ALNUM, 20, 40)]),
        ])],
        "tailscale.com/kb",
    ),
    Family::token(
        Detector::InfrastructureTokens,
        "prefect_key",
        &[Trigger::Shapes(&[Shape::new("pnu_", &[Piece::Run(&ALNUM, 36, 36)]), Shape::new("pnb_", &[Piece::Run(&ALNUM, 36, 36)])])],
        "docs.prefect.io",
    ),
    Family::token(
        Detector::InfrastructureTokens,
        "infracost_key",
        &[Trigger::Shapes(&[Shape::new("ico-", &[Piece::Run(&ALNUM, 32, 32)])])],
        "infracost.io/docs",
    ),
    Family::token(
        Detector::InfrastructureTokens,
        "settlemint_token",
        &[Trigger::Shapes(&[
            Shape::new("sm_pat_", &[Piece::Run(&ALNUM, 16, 16)]),
            Shape::new("sm_aat_", &[Piece::Run(&ALNUM, 16, 16)]),
            Shape::new("sm_sat_", &[Piece::Run(&ALNUM, 16, 16)]),
        ])],
        "console.settlemint.com",
    ),
    Family::token(
        Detector::InfrastructureTokens,
        "defined_networking_key",
        &[Trigger::Shapes(&[Shape::new("dnkey-", &[Piece::Run(&SIGNED, 60, 100)])])],
        "docs.defined.net",
    ),
    Family::token(
        Detector::InfrastructureTokens,
        "scalingo_token",
        &[Trigger::Shapes(&[Shape::new("tk-us-", &[Piece::Run(&URL64, 48, 48)])])],
        "developers.scalingo.com",
    ),
    Family::token(
        Detector::InfrastructureTokens,
        "swarm_token",
        &[Trigger::Shapes(&[
            Shape::new("SWMTKN-1-", &[Piece::Run(&LOWER, 50, 50), Piece::Text("-"), Piece::Run(&LOWER, 25, 25)]),
            Shape::new("SWMKEY-1-", &[Piece::Run(&BASE64, 43, 43)]),
        ])],
        "docs.docker.com/engine/swarm",
    ),
    Family::token(
        Detector::InfrastructureTokens,
        "rancher_token",
        &[Trigger::Shapes(&[Shape::new("token-", &[Piece::Run(&LOWER, 5, 5), Piece::Text(":"), Piece::Run(&LOWER, 54, 54)])])],
        "ranchermanager.docs.rancher.com",
    ),
    Family::token(
        Detector::InfrastructureTokens,
        "portainer_token",
        &[Trigger::Shapes(&[Shape::new("ptr_", &[Piece::Run(&PADDED, 44, 44)])])],
        "docs.portainer.io",
    ),
    Family::token(
        Detector::InfrastructureTokens,
        "ory_token",
        &[Trigger::Shapes(&[
            Shape::new("ory_at_", &[Piece::Run(&DOTTED, 32, 100)]).disorder(3.5),
            Shape::new("ory_rt_", &[Piece::Run(&DOTTED, 32, 100)]).disorder(3.5),
            Shape::new("ory_ac_", &[Piece::Run(&DOTTED, 32, 100)]).disorder(3.5),
            Shape::new("ory_pat_", &[Piece::Run(&DOTTED, 32, 100)]).disorder(3.5),
            Shape::new("ory_st_", &[Piece::Run(&DOTTED, 32, 100)]).disorder(3.5),
            Shape::new("ory_apikey_", &[Piece::Run(&DOTTED, 32, 100)]).disorder(3.5),
        ])],
        "ory.sh/docs",
    ),
    Family::token(
        Detector::InfrastructureTokens,
        "netbird_token",
        &[Trigger::Shapes(&[Shape::new("nbp_", &[Piece::Run(&ALNUM, 36, 36)])])],
        "docs.netbird.io",
    ),
    Family::token(
        Detector::InfrastructureTokens,
        "pangea_token",
        &[Trigger::Shapes(&[Shape::new("pts_", &[Piece::Run(&LOWER, 32, 32)])])],
        "pangea.cloud/docs",
    ),
    Family::token(
        Detector::InfrastructureTokens,
        "unkey_key",
        &[Trigger::Shapes(&[Shape::new("unkey_", &[Piece::Run(&ALNUM, 20, 44)])])],
        "unkey.com/docs",
    ),
    Family::token(
        Detector::InfrastructureTokens,
        "zuplo_key",
        &[Trigger::Shapes(&[Shape::new("zpka_", &[Piece::Run(&LOWER, 32, 32), Piece::Text("_"), Piece::Run(&HEX, 8, 8)])])],
        "zuplo.com/docs",
    ),
    Family::token(
        Detector::InfrastructureTokens,
        "minisign_secret_key",
        &[Trigger::Shapes(&[Shape::new("RWRTY0Iy", &[Piece::Run(&PADDED, 120, 220)])])],
        "jedisct1.github.io/minisign",
    ),
    Family::token(
        Detector::InfrastructureTokens,
        "stackhawk_key",
        &[Trigger::Shapes(&[Shape::new("hawk.", &[Piece::Run(&ALNUM, 20, 20), Piece::Text("."), Piece::Run(&ALNUM, 20, 20)])])],
        "docs.stackhawk.com",
    ),
];

const ATLAS: &str = ".atlasv1.";

/// At the dot that the first part ends with.
fn terraform(view: &View<'_>, at: usize) -> Option<Found> {
    let known = view.starts_with(at, ATLAS.as_bytes());
    let start = view.run_back(at, 15, is_alnum);
    let from = at + ATLAS.len();
    let end = view.run(from, 71, |byte| is_base64url(byte) || byte == b'=');
    let body = view.slice(from, end);
    (known && at - start == 14 && (60..=70).contains(&body.len()) && entropy(body) >= 3.0).then_some(())?;
    Found::new(start, end)
}
