use super::*;
use crate::mask::{Form, Masking};
use crate::policy::{MaskRule, MaskScope, Operator, Remote};

fn rule(id: &str, entity: &str, then: Operator) -> MaskRule {
    MaskRule {
        id: id.to_owned(),
        detect: Vec::new(),
        fields: Vec::new(),
        pattern: None,
        remote: Some(Remote { recognizer: "presidio".to_owned(), entities: vec![entity.to_owned()] }),
        then,
        scope: MaskScope::default(),
        alert: false,
    }
}

fn profile(rules: &[MaskRule]) -> Profile {
    Masking::compile(rules).unwrap_or_else(|mistakes| panic!("{mistakes:?}")).whole()
}

fn names() -> Profile {
    profile(&[rule("names", "PERSON", Operator::Replace), rule("places", "LOCATION", Operator::Keep { first: 1, last: 0 })])
}

/// A recognizer that knows some words, and counts as Python does.
fn look(text: &str, words: &[(&str, &str)]) -> Vec<Found> {
    let mut found = Vec::new();
    for (word, entity) in words {
        for (at, _) in text.match_indices(word) {
            let start = text[..at].chars().count();
            found.push(Found { start, end: start + word.chars().count(), entity: (*entity).to_owned() });
        }
    }
    found
}

const WORDS: &[(&str, &str)] =
    &[("José García", "PERSON"), ("Ana 👩🏽‍💻", "PERSON"), ("Zoe\u{301}", "PERSON"), ("Köln", "LOCATION"), ("𝔘𝔩𝔪", "LOCATION")];

fn masked(form: Form, message: &str) -> String {
    let texts = Texts::of(form, message.as_bytes()).unwrap();
    let found: Vec<Vec<Found>> = texts.shown().map(|text| look(text, WORDS)).collect();
    String::from_utf8(texts.mask(&names(), "presidio", &found, message.as_bytes()).unwrap().bytes).unwrap()
}

fn shown(form: Form, message: &str) -> Vec<String> {
    Texts::of(form, message.as_bytes()).unwrap().shown().map(str::to_owned).collect()
}

#[test]
fn texts_read_as_their_readers_read_them() {
    let inner = serde_json::json!({ "note": "José\nGarcía", "deep": "{\"who\": \"Zoe\\u0301\"}" }).to_string();
    let message = serde_json::json!({
        "jsonrpc": "2.0", "id": "José García",
        "result": { "content": [{ "type": "text", "text": inner }, { "type": "text", "text": "{ not JSON, José" }], "structuredContent": { "n": 12, "José": "x1" } }
    });
    assert_eq!(shown(Form::Json, &message.to_string()), ["José\nGarcía", "Zoe\u{301}", "{ not JSON, José", "x1"]);
}

#[test]
fn what_is_no_text_is_not_shown() {
    let message = serde_json::json!({ "jsonrpc": "2.0", "id": 1, "result": {
        "tools": [{ "name": "ask_ana", "description": "Asks Ana", "inputSchema": { "type": "object", "title": "Ana" } }],
        "content": [{ "type": "image", "mimeType": "image/png", "data": "QW5hIEFuYQ==" }, { "type": "text", "text": "...  !" }, { "type": "text", "text": "" }],
        "nextCursor": "Ana"
    }});
    assert_eq!(shown(Form::Json, &message.to_string()), ["Asks Ana"]);
    assert_eq!(shown(Form::Sse, "event: endpoint\ndata: /message?of=Ana\n\n"), [""; 0]);
    assert_eq!(shown(Form::Sse, ": Ana\nid: Ana\n\n"), [""; 0]);
    assert_eq!(shown(Form::Sse, "event: endpoint\nevent: x\ndata: Ana\n\n"), ["Ana"]);
}

#[test]
fn findings_are_masked_where_they_are_written() {
    // Characters are code points, however many bytes or UTF-16 units they take, and whatever they are written as.
    for (written, after) in [
        ("to José García in Köln.", "to [MASKED:names] in K***."),
        (r"👩🏽‍💻 Jos\u00e9 Garc\u00eda in K\u00f6ln\n", r"👩🏽‍💻 [MASKED:names] in K***\n"),
        (r"\ud83d\ude00 Ana 👩🏽‍💻!", r"\ud83d\ude00 [MASKED:names]!"),
        (r"Ana \ud83d\udc69\ud83c\udffd\u200d\ud83d\udcbb", "[MASKED:names]"),
        ("e\u{301}\u{301} Zoe\u{301}.", "e\u{301}\u{301} [MASKED:names]."),
        (r"\ud835\udd18\ud835\udd29\ud835\udd2a, 𝔘𝔩𝔪", r"\ud835\udd18**, 𝔘**"),
        (r"\ud800 Zoe\u0301", r"\ud800 [MASKED:names]"),
        ("José García José García", "[MASKED:names] [MASKED:names]"),
        ("nothing", "nothing"),
    ] {
        let message = |text: &str| format!(r#"{{"result":{{"content":[ {{"text" : "{text}","type":"text"}}]}}}}"#);
        assert_eq!(masked(Form::Json, &message(written)), message(after), "{written}");
        // Twice as deep.
        let deep = |text: &str| message(serde_json::to_string(&format!("[\"{text}\"]")).unwrap().trim_matches('"'));
        assert_eq!(masked(Form::Json, &deep(written)), deep(after), "{written}");
    }
    assert_eq!(masked(Form::Text, "Köln 😀 Köln"), "K*** 😀 K***");
}

#[test]
fn a_text_that_is_no_utf8_is_counted_as_it_reads() {
    let text = b"caf\xe9 K\xc3\xb6ln \xff\xfe Zoe\xcc\x81";
    let texts = Texts::of(Form::Text, text).unwrap();
    let found: Vec<Vec<Found>> = texts.shown().map(|text| look(text, WORDS)).collect();
    let out = texts.mask(&names(), "presidio", &found, text).unwrap().bytes;
    assert_eq!(out, b"caf\xe9 K*** \xff\xfe [MASKED:names]");
}

#[test]
fn events_keep_their_framing() {
    for (event, after) in [
        (
            "id: 1\r\ndata: {\"params\":\r\ndata: {\"m\":\"Köln\"}}\r\n\r\n",
            "id: 1\r\ndata: {\"params\":\r\ndata: {\"m\":\"K***\"}}\r\n\r\n",
        ),
        ("data:in Köln\ndata: and Zoe\u{301}\n\n", "data:in K***\ndata: and [MASKED:names]\n\n"),
        ("data: José García", "data: [MASKED:names]"),
        ("\u{feff}data: Köln\n\n", "\u{feff}data: K***\n\n"),
    ] {
        assert_eq!(masked(Form::Sse, event), after, "{event}");
    }
}

#[test]
fn a_finding_over_a_line_end_takes_the_framing_between_with_it() {
    let event = "data: José\ndata: García, Köln\n\n";
    let texts = Texts::of(Form::Sse, event.as_bytes()).unwrap();
    let found = vec![vec![Found { start: 0, end: 11, entity: "PERSON".to_owned() }]];
    let out = texts.mask(&names(), "presidio", &found, event.as_bytes()).unwrap().bytes;
    assert_eq!(out, "data: [MASKED:names], Köln\n\n".as_bytes());
}

#[test]
fn overlapping_findings_are_one_and_masked_text_stays() {
    let found = |start: usize, end: usize, entity: &str| Found { start, end, entity: entity.to_owned() };
    let text = "abcdefghij [MASKED:email:0f] klm";
    let mask = |found: Vec<Found>| {
        let texts = Texts::of(Form::Text, text.as_bytes()).unwrap();
        let masked = texts.mask(&names(), "presidio", &[found], text.as_bytes()).unwrap();
        let counts: Vec<(String, u64)> = masked.findings.counts().iter().map(|count| (count.rule.to_string(), count.count)).collect();
        (String::from_utf8(masked.bytes).unwrap(), counts)
    };
    let one = |rule: &str, count: u64| vec![(rule.to_owned(), count)];
    // In no order, one in another, one twice, one empty, one that nobody asked for.
    let messy = vec![found(4, 8, "LOCATION"), found(2, 6, "PERSON"), found(2, 6, "PERSON"), found(3, 3, "PERSON"), found(0, 10, "NRP")];
    assert_eq!(mask(messy), ("ab[MASKED:names]ij [MASKED:email:0f] klm".to_owned(), one("names", 1)));
    // A model may take what was masked for a name.
    assert_eq!(mask(vec![found(12, 18, "PERSON")]), (text.to_owned(), Vec::new()));
    assert_eq!(mask(vec![found(8, 32, "PERSON")]).0, "abcdefgh[MASKED:names][MASKED:email:0f][MASKED:names]");
}

#[test]
fn what_lies_is_not_believed() {
    let text = "K\u{f6}ln";
    let texts = Texts::of(Form::Text, text.as_bytes()).unwrap();
    let mask = |found: &[Vec<Found>]| texts.mask(&names(), "presidio", found, text.as_bytes()).map(|masked| masked.bytes);
    let found = |start: usize, end: usize| vec![vec![Found { start, end, entity: "PERSON".to_owned() }]];
    assert_eq!(mask(&found(0, 4)).unwrap(), b"[MASKED:names]");
    for (start, end) in [(0, 5), (3, 2), (5, 5), (usize::MAX, usize::MAX), (0, usize::MAX)] {
        assert_eq!(mask(&found(start, end)), Err(OutOfRange), "{start} {end}");
    }
    assert_eq!(mask(&[]), Err(OutOfRange));
    assert_eq!(mask(&[Vec::new(), Vec::new()]), Err(OutOfRange));
}

#[test]
fn a_rule_may_withhold_the_message() {
    let profile = profile(&[rule("names", "PERSON", Operator::Replace), rule("places", "LOCATION", Operator::Refuse)]);
    assert!(!profile.refuses(), "the masker itself withholds nothing");
    let texts = Texts::of(Form::Text, "Ana in Ulm".as_bytes()).unwrap();
    let mask = |words: &[(&str, &str)]| {
        let found: Vec<Vec<Found>> = texts.shown().map(|text| look(text, words)).collect();
        texts.mask(&profile, "presidio", &found, b"Ana in Ulm").unwrap().refused
    };
    assert_eq!(mask(&[("Ana", "PERSON")]), None);
    assert_eq!(mask(&[("Ana", "PERSON"), ("Ulm", "LOCATION")]), Some("places".to_owned()));
    assert_eq!(mask(&[("Ana in", "PERSON"), ("in Ulm", "LOCATION")]), Some("places".to_owned()));
}

#[test]
fn what_is_asked_follows_from_the_rules() {
    let mut more = rule("more", "PERSON", Operator::Replace);
    more.remote = Some(Remote { recognizer: "other".to_owned(), entities: vec!["NRP".to_owned()] });
    let profile = profile(&[rule("names", "PERSON", Operator::Replace), more, rule("places", "LOCATION", Operator::Replace)]);
    let asked: Vec<(String, Vec<String>)> =
        profile.askings().into_iter().map(|asking| (asking.recognizer.to_string(), asking.entities)).collect();
    let names = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>();
    assert_eq!(asked, [("presidio".to_owned(), names(&["PERSON", "LOCATION"])), ("other".to_owned(), names(&["NRP"]))]);
}

#[test]
fn too_much_and_what_cannot_be_read() {
    let many = |count: usize| {
        let texts: Vec<String> = (0..count).map(|n| format!("\"a{n}\"")).collect();
        format!("{{\"result\":[{}]}}", texts.join(","))
    };
    assert_eq!(shown(Form::Json, &many(4096)).len(), 4096);
    assert_eq!(Texts::of(Form::Json, many(4097).as_bytes()).err(), Some(Unread::TooMany));
    assert!(matches!(Texts::of(Form::Json, b"{\"result\":").err(), Some(Unread::Json(_))));
    assert!(matches!(Texts::of(Form::Sse, b"data: {\"result\":\n\n").err(), Some(Unread::Json(_))));
}

/// Whatever is found, wherever, however the text is written and however deep: a reader of the masked message reads the text with the findings masked.
#[test]
fn what_is_read_is_what_was_found_masked() {
    const ALPHABET: [char; 12] = ['a', 'Z', ' ', '"', '\\', '\n', '/', 'é', '\u{301}', '\u{ffff}', '😀', '\u{200d}'];
    let mut seed = 0x2545_f491_4f6c_dd1d_u64;
    let mut next = |most: usize| {
        seed ^= seed << 13;
        seed ^= seed >> 7;
        seed ^= seed << 17;
        usize::try_from(seed >> 33).unwrap() % most
    };
    let profile = profile(&[rule("names", "PERSON", Operator::Fixed("#".to_owned()))]);
    for round in 0..2000 {
        let text: Vec<char> = std::iter::once('a').chain((0..next(24)).map(|_| ALPHABET[next(12)])).collect();
        // As JSON, each character in one of its ways of writing.
        let written: String = text
            .iter()
            .map(|c| match (c, next(3)) {
                (_, 0) => c.encode_utf16(&mut [0; 2]).iter().map(|unit| format!("\\u{unit:04x}")).collect(),
                ('"' | '\\', _) => format!("\\{c}"),
                ('\n', _) => "\\n".to_owned(),
                ('/', 1) => "\\/".to_owned(),
                _ => c.to_string(),
            })
            .collect();
        let mut message = format!("\"{written}\"");
        let depth = round % 3;
        for _ in 0..depth {
            message = format!("{{\"t\": {}}}", serde_json::to_string(&format!("[{message}]")).unwrap());
        }
        let message = format!("{{\"result\":{message}}}");
        let mut spans: Vec<(usize, usize)> = (0..next(4)).map(|_| (next(text.len() + 1), next(text.len() + 1))).collect();
        spans.iter_mut().for_each(|(start, end)| (*start, *end) = (*start.min(end), *end.max(start)));
        let found = spans.iter().map(|(start, end)| Found { start: *start, end: *end, entity: "PERSON".to_owned() }).collect();

        let texts = Texts::of(Form::Json, message.as_bytes()).unwrap();
        assert_eq!(texts.shown().collect::<Vec<_>>(), [text.iter().collect::<String>()], "{message}");
        let masked = texts.mask(&profile, "presidio", &[found], message.as_bytes()).unwrap().bytes;

        let covered = |at: usize| spans.iter().any(|(start, end)| (*start..*end).contains(&at));
        // Findings that overlap are one; those that only touch are two.
        let begins = |at: usize| covered(at) && (at == 0 || !spans.iter().any(|(start, end)| *start < at && at < *end));
        let expected: String = text
            .iter()
            .enumerate()
            .map(|(at, c)| {
                if begins(at) {
                    "#".to_owned()
                } else if covered(at) {
                    String::new()
                } else {
                    c.to_string()
                }
            })
            .collect();
        let mut read: serde_json::Value =
            serde_json::from_slice(&masked).unwrap_or_else(|err| panic!("{err}: {}", String::from_utf8_lossy(&masked)));
        read = read["result"].clone();
        for _ in 0..depth {
            let inner: serde_json::Value = serde_json::from_str(read["t"].as_str().unwrap()).unwrap();
            read = inner[0].clone();
        }
        assert_eq!(read.as_str().unwrap(), expected, "{message} {spans:?}");
    }
}
