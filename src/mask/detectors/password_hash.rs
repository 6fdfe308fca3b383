//! Hashes of passwords, as systems and frameworks keep them: passwords that are weak are found by trying.

use super::shape::{BASE64, CRYPT, DIGIT, HEX, PADDED, Piece, SETTINGS, Shape};
use super::{Family, Trigger};
use crate::policy::Detector;

pub(super) const FAMILIES: &[Family] = &[Family::token(
    Detector::GenericSecret,
    "password_hash",
    &[Trigger::Shapes(&[
        bcrypt("2a$"),
        bcrypt("2b$"),
        bcrypt("2y$"),
        Shape::new("6$", &[Piece::Run(&CRYPT, 1, 16), DOLLAR, Piece::Run(&CRYPT, 85, 86)]),
        Shape::new("6$rounds=", &[Piece::Run(&DIGIT, 4, 9), DOLLAR, Piece::Run(&CRYPT, 1, 16), DOLLAR, Piece::Run(&CRYPT, 85, 86)]),
        Shape::new("5$", &[Piece::Run(&CRYPT, 1, 16), DOLLAR, Piece::Run(&CRYPT, 42, 43)]),
        Shape::new("5$rounds=", &[Piece::Run(&DIGIT, 4, 9), DOLLAR, Piece::Run(&CRYPT, 1, 16), DOLLAR, Piece::Run(&CRYPT, 42, 43)]),
        Shape::new("1$", &[Piece::Run(&CRYPT, 1, 8), DOLLAR, Piece::Run(&CRYPT, 21, 22)]),
        Shape::new("apr1$", &[Piece::Run(&CRYPT, 1, 8), DOLLAR, Piece::Run(&CRYPT, 21, 22)]),
        Shape::new("y$j", &[Piece::Run(&CRYPT, 2, 8), DOLLAR, Piece::Run(&CRYPT, 1, 86), DOLLAR, Piece::Run(&CRYPT, 42, 43)]),
        Shape::new("argon2id$v=", ARGON2),
        Shape::new("argon2i$v=", ARGON2),
        Shape::new("pbkdf2_sha256$", &[Piece::Run(&DIGIT, 4, 8), DOLLAR, Piece::Run(&CRYPT, 1, 44), DOLLAR, Piece::Run(&PADDED, 43, 44)]),
        Shape::new("pbkdf2:sha256:", &[Piece::Run(&DIGIT, 4, 8), DOLLAR, Piece::Run(&CRYPT, 1, 44), DOLLAR, Piece::Run(&HEX, 64, 64)]),
        Shape::new("scrypt:32768:8:1$", &[Piece::Run(&CRYPT, 1, 44), DOLLAR, Piece::Run(&HEX, 128, 128)]),
    ])],
    "crypt(5); RFC 9106; docs.djangoproject.com",
)];

const DOLLAR: Piece = Piece::Text("$");

const ARGON2: &[Piece] = &[
    Piece::Run(&DIGIT, 2, 3),
    DOLLAR,
    Piece::Run(&SETTINGS, 8, 40),
    DOLLAR,
    Piece::Run(&BASE64, 11, 86),
    DOLLAR,
    Piece::Run(&BASE64, 22, 90),
];

/// Cost, and salt and hash in one.
const fn bcrypt(head: &'static str) -> Shape {
    // A dot at the end is taken for the sentence's.
    Shape::new(head, &[Piece::Run(&DIGIT, 2, 2), DOLLAR, Piece::Run(&CRYPT, 52, 53)])
}
