use super::*;

/// The events of `text` read in the given pieces, neighbouring pieces of one kind joined.
fn events(pieces: &[&[u8]]) -> Result<Vec<(Event, Vec<u8>)>, JsonError> {
    let mut lexer = Lexer::default();
    let mut seen: Vec<(Event, Vec<u8>)> = Vec::new();
    for piece in pieces {
        let mut rest = *piece;
        while let Some(step) = lexer.step(rest)? {
            let (part, after) = rest.split_at(step.len);
            match seen.last_mut() {
                Some((event, bytes))
                    if *event == step.event && matches!(event, Event::Plain | Event::Literal | Event::Content | Event::Number) =>
                {
                    bytes.extend_from_slice(part);
                }
                _ => seen.push((step.event, part.to_vec())),
            }
            rest = after;
        }
    }
    if lexer.finish()? {
        seen.push((Event::NumberEnd, Vec::new()));
    }
    Ok(seen)
}

const GOOD: &[&str] = &[
    r#"{"a":[1,-2.5e+3,0,{"b":null}],"c\u0041\"":"d\\é😀\ud83d\ude00","e":true , "f":false}"#,
    "[]",
    "{}",
    " [ [ ] , { } ] ",
    "0",
    "-0.0E-0",
    r#""x""#,
    "12 ",
    "null",
];

const BAD: &[&str] = &[
    "",
    " ",
    "{",
    "[1",
    "[1,]",
    "{\"a\"}",
    "{\"a\":1,}",
    "{a:1}",
    "01",
    "1.",
    "-",
    "1e",
    "+1",
    ".5",
    "tru",
    "truex",
    "nulll",
    "\"a",
    "\"\\x\"",
    "\"\\u12g4\"",
    "\"\n\"",
    "[1}",
    "{\"a\":1]",
    "1 2",
    "[] []",
    "}",
    "]",
    ",",
    ":",
    "\u{feff}{}",
    "'a'",
    "[1 2]",
    "{\"a\" 1}",
    "\"\t\"",
    "[-]",
    "[1.e3]",
];

#[test]
fn every_split_gives_the_same_events_and_the_same_judgement_as_serde() {
    for text in GOOD.iter().chain(BAD) {
        let good = serde_json::from_str::<serde::de::IgnoredAny>(text).is_ok();
        let whole = events(&[text.as_bytes()]);
        assert_eq!(whole.is_ok(), good, "{text:?}: {whole:?}");
        for at in 0..=text.len() {
            let (head, tail) = text.as_bytes().split_at(at);
            let split = events(&[head, tail]);
            assert_eq!(split.is_ok(), good, "{text:?} split at {at}");
            if good {
                assert_eq!(split, whole, "{text:?} split at {at}");
            }
        }
        let single: Vec<&[u8]> = text.as_bytes().chunks(1).collect();
        assert_eq!(events(&single).is_ok(), good, "{text:?} byte by byte");
    }
}

#[test]
fn bytes_come_out_as_they_went_in() {
    for text in GOOD {
        let joined: Vec<u8> = events(&[text.as_bytes()]).unwrap().into_iter().flat_map(|(_, bytes)| bytes).collect();
        assert_eq!(joined, text.as_bytes());
    }
}

#[test]
fn refuses_what_is_not_utf8() {
    for bad in [&b"\"\xC1\x81\""[..], b"\"\xE2\x82\"", b"\"\xE2\x82\\n\"", b"\"\xff\"", b"\xff"] {
        assert!(events(&[bad]).is_err(), "{bad:?}");
    }
}

#[test]
fn depth_is_bounded() {
    let at = format!("{}{}", "[".repeat(JSON_DEPTH), "]".repeat(JSON_DEPTH));
    assert!(events(&[at.as_bytes()]).is_ok());
    let over = "[".repeat(JSON_DEPTH + 1);
    assert_eq!(events(&[over.as_bytes()]), Err(JsonError::TooDeep));
}

#[test]
fn a_line_break_is_white_space_but_not_in_a_token() {
    let at = |text: &str| {
        let mut lexer = Lexer::default();
        let mut rest = text.as_bytes();
        while let Some(step) = lexer.step(rest).unwrap() {
            rest = &rest[step.len..];
        }
        lexer.line_break()
    };
    assert_eq!(at("[1"), Ok(true));
    assert_eq!(at("[1,"), Ok(false));
    assert!(at("[\"a").is_err());
    assert!(at("[tr").is_err());
    assert!(at("[-").is_err());
}
