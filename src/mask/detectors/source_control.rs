//! Tokens of repositories, code search and build services; GitHub's own are in `github`.

use super::shape::embedded;
use super::shape::{ALNUM, ANY_HEX, BASE64, DOTTED, HEX, Piece, SIGNED, Shape, UPPER, URL64, WORD};
use super::text::is_alnum;
use super::{About, Family, Found, Tail, Trigger, View};
use crate::policy::Detector;

pub(super) const FAMILIES: &[Family] = &[
    Family::token(
        Detector::SourceControlTokens,
        "gitlab_token",
        &[Trigger::Shapes(&[
            Shape::new("glpat-", &[Piece::Run(&DOTTED, 20, 300)]),
            Shape::new("gldt-", &[Piece::Run(&URL64, 20, 300)]),
            Shape::new("glrt-", &[Piece::Run(&DOTTED, 20, 300)]),
            Shape::new("glrtr-", &[Piece::Run(&DOTTED, 20, 300)]),
            Shape::new("glcbt-", &[Piece::Run(&URL64, 20, 300)]),
            Shape::new("glptt-", &[Piece::Run(&URL64, 20, 64)]),
            Shape::new("glft-", &[Piece::Run(&URL64, 20, 300)]),
            Shape::new("glimt-", &[Piece::Run(&URL64, 25, 25)]),
            Shape::new("glagent-", &[Piece::Run(&URL64, 50, 300)]),
            Shape::new("gloas-", &[Piece::Run(&URL64, 64, 64)]),
            Shape::new("glsoat-", &[Piece::Run(&URL64, 20, 50)]),
            Shape::new("glffct-", &[Piece::Run(&URL64, 20, 64)]),
            Shape::new("glwt-", &[Piece::Run(&URL64, 20, 300)]),
            Shape::new("GR1348941", &[Piece::Run(&URL64, 20, 50)]),
            Shape::new("_gitlab_session=", &[Piece::Run(&ALNUM, 32, 32)]).bare(),
        ])],
        "docs.gitlab.com/security/tokens",
    ),
    Family::token(
        Detector::SourceControlTokens,
        "bitbucket_token",
        &[Trigger::Shapes(&[
            Shape::new("ATBB", &[Piece::Run(&ALNUM, 32, 32)]),
            Shape::new("ATCTT3xFfG", &[Piece::Run(&SIGNED, 120, 400)]).endless(Tail::Token),
        ])],
        "support.atlassian.com/bitbucket-cloud",
    ),
    Family::token(
        Detector::SourceControlTokens,
        "atlassian_token",
        &[Trigger::Shapes(&[Shape::new("ATATT3xFfG", &[Piece::Run(&SIGNED, 100, 400)]).endless(Tail::Token)])],
        "support.atlassian.com/atlassian-account",
    ),
    Family::token(
        Detector::SourceControlTokens,
        "sourcegraph_token",
        &[Trigger::Shapes(&[
            Shape::new("sgp_", &[Piece::Run(&ANY_HEX, 40, 40)]),
            Shape::new("sgp_", &[Piece::Run(&ANY_HEX, 16, 16), Piece::Text("_"), Piece::Run(&ANY_HEX, 40, 40)]),
            Shape::new("sgp_local_", &[Piece::Run(&ANY_HEX, 40, 40)]),
        ])],
        "sourcegraph.com/docs",
    ),
    Family::token(
        Detector::SourceControlTokens,
        "sonarqube_token",
        &[Trigger::Shapes(&[
            Shape::new("squ_", &[Piece::Run(&HEX, 40, 40)]),
            Shape::new("sqp_", &[Piece::Run(&HEX, 40, 40)]),
            Shape::new("sqa_", &[Piece::Run(&HEX, 40, 40)]),
        ])],
        "docs.sonarsource.com",
    ),
    Family::token(
        Detector::SourceControlTokens,
        "snyk_token",
        &[Trigger::Shapes(&[
            Shape::new("snyk_uat.", &[Piece::Run(&HEX, 8, 8), Piece::Text(".eyJ"), Piece::Run(&DOTTED, 20, 500)]),
            Shape::new("snyk_sat.", &[Piece::Run(&HEX, 8, 8), Piece::Text(".eyJ"), Piece::Run(&DOTTED, 20, 500)]),
        ])],
        "docs.snyk.io",
    ),
    Family::token(
        Detector::SourceControlTokens,
        "circleci_token",
        &[Trigger::Shapes(&[
            Shape::new("CCIPAT_", &[Piece::Run(&ALNUM, 22, 22), Piece::Text("_"), Piece::Run(&HEX, 40, 40)]),
            Shape::new("CCIPRJ_", &[Piece::Run(&ALNUM, 22, 22), Piece::Text("_"), Piece::Run(&HEX, 40, 40)]),
        ])],
        "circleci.com/docs",
    ),
    Family::token(
        Detector::SourceControlTokens,
        "buildkite_token",
        &[Trigger::Shapes(&[Shape::new("bkua_", &[Piece::Run(&HEX, 40, 40)]), Shape::new("bkat_", &[Piece::Run(&HEX, 40, 40)])])],
        "buildkite.com/docs",
    ),
    Family::token(
        Detector::SourceControlTokens,
        "harness_token",
        &[Trigger::Shapes(&[
            Shape::new(
                "pat.",
                &[Piece::Run(&URL64, 22, 22), Piece::Text("."), Piece::Run(&ANY_HEX, 24, 24), Piece::Text("."), Piece::Run(&ALNUM, 20, 20)],
            ),
            Shape::new(
                "sat.",
                &[Piece::Run(&URL64, 22, 22), Piece::Text("."), Piece::Run(&ANY_HEX, 24, 24), Piece::Text("."), Piece::Run(&ALNUM, 20, 20)],
            ),
            Shape::new(
                "pat.",
                &[Piece::Run(&URL64, 22, 22), Piece::Text("."), Piece::Run(&ALNUM, 24, 24), Piece::Text("."), Piece::Run(&ALNUM, 20, 20)],
            ),
            Shape::new(
                "sat.",
                &[Piece::Run(&URL64, 22, 22), Piece::Text("."), Piece::Run(&ALNUM, 24, 24), Piece::Text("."), Piece::Run(&ALNUM, 20, 20)],
            ),
        ])],
        "developer.harness.io",
    ),
    Family::token(
        Detector::SourceControlTokens,
        "octopus_key",
        &[Trigger::Shapes(&[Shape::new("API-", &[Piece::Run(&UPPER, 26, 26)])])],
        "octopus.com/docs",
    ),
    Family::new(
        Detector::SourceControlTokens,
        "azure_devops_token",
        &[Trigger::Heads(&[AZDO], azure_devops)],
        About {
            matches: "84 letters and digits with `AZDO` at the 77th",
            validator: "length, entropy",
            context: "",
            source: "learn.microsoft.com/azure/devops",
        },
    ),
    Family::token(
        Detector::SourceControlTokens,
        "bitbucket_server_token",
        &[Trigger::Shapes(&[Shape::new("BBDC-", &[Piece::Run(&BASE64, 44, 44)])])],
        "confluence.atlassian.com/bitbucketserver",
    ),
    Family::token(
        Detector::SourceControlTokens,
        "socket_key",
        &[Trigger::Shapes(&[Shape::new("sktsec_", &[Piece::Run(&WORD, 36, 80)])])],
        "docs.socket.dev",
    ),
    Family::token(
        Detector::SourceControlTokens,
        "open_vsx_token",
        &[Trigger::Shapes(&[Shape::new("ovsxat_", &[Piece::Uuid])])],
        "open-vsx.org",
    ),
];

const AZDO: &str = "AZDO";

/// At the signature, which stands 76 characters into the token.
fn azure_devops(view: &View<'_>, at: usize) -> Option<Found> {
    embedded(view, at, AZDO, 76, 4, is_alnum)
}
