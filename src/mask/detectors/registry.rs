//! Tokens of package and container registries.

use super::shape::{ALNUM, HEX, LOWER, Piece, Shape, URL64};
use super::{Family, Tail, Trigger};
use crate::policy::Detector;

pub(super) const FAMILIES: &[Family] = &[
    Family::token(
        Detector::RegistryTokens,
        "npm_token",
        &[Trigger::Shapes(&[Shape::new("npm_", &[Piece::Run(&ALNUM, 36, 36)])])],
        "npm documentation, access tokens",
    ),
    Family::token(
        Detector::RegistryTokens,
        "pypi_token",
        &[Trigger::Shapes(&[
            Shape::new("pypi-AgEIcHlwaS5vcmc", &[Piece::Run(&URL64, 50, 400)]).endless(Tail::Token),
            Shape::new("pypi-AgENdGVzdC5weXBpLm9yZ", &[Piece::Run(&URL64, 50, 400)]).endless(Tail::Token),
        ])],
        "PyPI help, API tokens",
    ),
    Family::token(
        Detector::RegistryTokens,
        "rubygems_key",
        &[Trigger::Shapes(&[Shape::new("rubygems_", &[Piece::Run(&HEX, 48, 48)])])],
        "RubyGems guides, API keys",
    ),
    Family::token(
        Detector::RegistryTokens,
        "crates_io_token",
        &[Trigger::Shapes(&[Shape::new("cio", &[Piece::Run(&ALNUM, 32, 32)]).disorder(3.3)])],
        "Rust registry, API tokens",
    ),
    Family::token(
        Detector::RegistryTokens,
        "nuget_key",
        &[Trigger::Shapes(&[Shape::new("oy2", &[Piece::Run(&LOWER, 43, 43)])])],
        "learn.microsoft.com/nuget",
    ),
    Family::token(
        Detector::RegistryTokens,
        "docker_hub_token",
        &[Trigger::Shapes(&[
            Shape::new("dckr_pat_", &[Piece::Run(&URL64, 27, 27)]),
            Shape::new("dckr_oat_", &[Piece::Run(&URL64, 32, 32)]),
        ])],
        "docs.docker.com",
    ),
    Family::token(
        Detector::RegistryTokens,
        "clojars_token",
        &[Trigger::Shapes(&[Shape::new("CLOJARS_", &[Piece::Run(&LOWER, 60, 60)])])],
        "github.com/clojars",
    ),
    Family::token(
        Detector::RegistryTokens,
        "artifactory_token",
        &[Trigger::Shapes(&[Shape::new("AKCp", &[Piece::Run(&ALNUM, 65, 75)]), Shape::new("cmVmd", &[Piece::Run(&ALNUM, 59, 59)])])],
        "jfrog.com/help",
    ),
    Family::token(
        Detector::RegistryTokens,
        "packagist_token",
        &[Trigger::Shapes(&[
            Shape::new("packagist_uut_", &[Piece::Run(&HEX, 68, 68)]),
            Shape::new("packagist_ort_", &[Piece::Run(&HEX, 68, 68)]),
            Shape::new("packagist_out_", &[Piece::Run(&HEX, 68, 68)]),
        ])],
        "Private Packagist documentation",
    ),
    Family::token(
        Detector::RegistryTokens,
        "jsr_token",
        &[Trigger::Shapes(&[Shape::new("jsrp_", &[Piece::Run(&ALNUM, 40, 60)]), Shape::new("jsrd_", &[Piece::Run(&ALNUM, 40, 60)])])],
        "JSR documentation",
    ),
];
