//! What passes at a glance is what a careful reading lets pass: every body is masked twice, once with all of its strings resolved and
//! walked through, and comes out the same.

#[path = "../../tests/support/planted.rs"]
mod planted;

use std::cell::Cell;

use proptest::collection::vec;
use proptest::prelude::*;

use super::*;
use crate::policy::value::Pattern;
use crate::policy::{Detector, FieldPath, MaskRule};

thread_local! {
    static CAREFUL: Cell<bool> = const { Cell::new(false) };
}

/// Whether nothing may pass unread.
pub(crate) fn is_careful() -> bool {
    CAREFUL.get()
}

fn rule(id: &str, detect: &[Detector]) -> MaskRule {
    crate::mask::tests::rule(id, detect, crate::policy::Operator::Replace)
}

fn fields(paths: &[&str]) -> Vec<FieldPath> {
    paths.iter().map(|path| FieldPath(path.split('.').map(str::to_owned).collect())).collect()
}

/// A careful policy, one of all families, and one whose pattern and fields leave nothing to go by.
fn profiles() -> Vec<Profile> {
    let pattern = |text: &str| Some(Pattern::parse(text).unwrap());
    let policies = [
        vec![
            rule("pii", &[Detector::CreditCard, Detector::UsSsn, Detector::Iban, Detector::Email]),
            rule("keys", &[Detector::Secrets]),
            MaskRule { fields: fields(&["password", "*.ssn", "user.pin"]), ..rule("fields", &[]) },
            MaskRule { pattern: pattern(r"ACME-[A-Z]{3}-\d{6}"), ..rule("codes", &[]) },
        ],
        vec![rule("all", Detector::ALL)],
        vec![
            MaskRule { fields: fields(&["secrets.*", "größe"]), ..rule("open", &[]) },
            MaskRule { pattern: pattern(r"\d{3}-x|top$"), ..rule("any", &[]) },
        ],
    ];
    policies.iter().map(|rules| Masking::compile(rules).unwrap_or_else(|mistakes| panic!("{mistakes:?}")).whole()).collect()
}

/// Parts of a JSON string's content, as written.
fn part() -> impl Strategy<Value = String> {
    let mut secrets = planted::values();
    secrets.extend([
        planted::private_key("\\n"),
        ["glpat", "-3kF9x2LmQ8vTz7WbY1cR"].concat(),
        ["hf_", "aBcDeFgHiJkLmNoPqRsTuVwXyZaBcDeFgH"].concat(),
        ["https:\\/\\/jo:", "s3cret@example.com"].concat(),
        ["Bearer mF_9.B5f-4.1JqM", "Kd8sQ2x7"].concat(),
        ["curl -u elastic:", "P@ssw0rd1"].concat(),
        "DE89370400440532013000".to_owned(),
        "ACME-ABC-123456".to_owned(),
        "123-x".to_owned(),
        "10.20.30.40".to_owned(),
        "+1 415 555 0132".to_owned(),
        "api_key = \\\"6fe4476ee5a1832882e326b506d14126\\\"".to_owned(),
        "--password hunter2x".to_owned(),
        "the password is hunter2x".to_owned(),
        "das Passwort f\\u00fcr alle lautet hunter2x".to_owned(),
        "\\nuser,password,role\\njo,hunter2x,\\nann,x1y2z3w4,\\n".to_owned(),
        " id | telefon \\n----+---------\\n 1 | 21230346 \\n 2 | 21230347\\n".to_owned(),
        "\\nNAME   PASSWORD  AGE\\njo     hunter2x  3d\\nann    x1y2z3w4  4d\\n".to_owned(),
        "\\nKey       Value\\n---       -----\\npassword  x1!y2z\\n".to_owned(),
        "\\nuser password\\n---- --------\\njo   hunter2x\\n".to_owned(),
        "\\nuser   password\\njo     hunter2x\\n".to_owned(),
        "<tr><th>user</th><th>password</th></tr><tr><td>jo</td><td>hunter2x</td></tr>".to_owned(),
        "{\\\"columns\\\":[\\\"user\\\",\\\"password\\\"\\n],\\\"rows\\\":[[\\\"jo\\\",\\\"hunter2x\\\"]]}".to_owned(),
        "{\\\"schema\\\":{\\\"fields\\\":[{\\\"name\\\":\\\"phone\\\"},{\\\"name\\\":\\\"password\\\"}]},\\\"rows\\\":[[\\\"21230346\\\",\\\"hunter2x\\\"]]}".to_owned(),
        "[[\\\"user\\\",\\\"password\\\"],\\n[\\\"jo\\\",\\\"hunter2x\\\"]]".to_owned(),
        "{\\\"name\\\":\\\"DB_PASSWORD\\\",\\\"x\\\":1,\\\"value\\\":\\\"hunter2x\\\"}".to_owned(),
        "{\\\"password\\\":{\\\"x\\\":1,\\\"value\\\":\\\"hunter2x\\\"}}".to_owned(),
        "[\\\"--db-password\\\",\\\"hunter2x\\\"]".to_owned(),
        "|| API secret || 6fe4476ee5a1832882e326b506d14126 ||".to_owned(),
        "API-Schl\\u00fcssel verwenden: 6fe4476ee5a1832882e326b506d14126".to_owned(),
        "gh secret set DEPLOY --body hunter2x!".to_owned(),
        "\\nssn\\tdob\\n633219224\\t1980-12-31\\n".to_owned(),
        "\\nAPI_TOKEN,6fe4476ee5a1832882e326b506d14126\\n".to_owned(),
        "mysql -u jo -p'hunter2x!' shop".to_owned(),
        "\\nENV API_TOKEN 6fe4476ee5a1832882e326b506d14126\\n".to_owned(),
        "machine x login jo password hunter2x".to_owned(),
        "jo:hunter2x@tcp(db:3306)".to_owned(),
        "jo@b\\u00fccher.example".to_owned(),
        "n\\u00e9e le 31/12/1980".to_owned(),
        "n\\u00e9 le 31/12/1980".to_owned(),
        "f\\u00f8dt 31.12.1980".to_owned(),
        "ng\\u00e0y sinh 31/12/1980".to_owned(),
        "cl\\u00e9 API \\u00ab 6fe4476ee5a1832882e326b506d14126 \\u00bb".to_owned(),
        "New keystore password \\u2192 hunter2x".to_owned(),
        "the secret (6fe4476ee5a1832882e326b506d14126)".to_owned(),
        "the password here (`hunter2x!`) is".to_owned(),
        "\\\"hunter2x!\\\", that is the password".to_owned(),
        "Which password does it use?\\nA: It is Hunter2x!".to_owned(),
        "\\n! user !! password\\n|-\\n| jo || hunter2x\\n|}\\n".to_owned(),
        "{\\\"Name\\\":\\\"/p/password\\\",\\\"Type\\\":\\\"String\\\",\\\"Value\\\":\\\"hunter2x\\\"}".to_owned(),
        "- name: DB_PASSWORD\\n  slot: false\\n  value: hunter2x".to_owned(),
        "string Password { get; set; } = \\\"hunter2x\\\"".to_owned(),
        "1) \\\"requirepass\\\"\\n2) \\\"hunter2x\\\"".to_owned(),
        "$ printenv DB_PASSWORD\\nhunter2x\\n".to_owned(),
        "\\\"Bearer \\\" + \\\"mF_9.B5f-4.1JqM7Kd8sQ2x\\\"".to_owned(),
        "mdp provisoire : hunter2x".to_owned(),
        "the db password is <b>hunter2x</b>".to_owned(),
        "* password: {{gzjblt8sihn2AI}}".to_owned(),
        "contrase\\u00f1a: hunter2x".to_owned(),
        "<th>password</th><td>hunter2x</td>".to_owned(),
        "Cookie: session_id=aVXKr34kv6pAoZAxsCRN3dAMPf".to_owned(),
        "password 7 hunter2x".to_owned(),
        "- name: API_KEY\\n  value: 6fe4476ee5a1832882e326b506d14126".to_owned(),
        "<apiKey>6fe4476ee5a1832882e326b506d14126</apiKey>".to_owned(),
        "token:\\t'6fe4476ee5a1832882e326b506d14126'".to_owned(),
        "var token string = \\\"6fe4476ee5a1832882e326b506d14126\\\"".to_owned(),
        "{\\\"password\\\":\\\"x\\\",\\\"n\\\":4242424242424242}".to_owned(),
        "{\\\"p\\\\u0061ssword\\\":\\\"x\\\"}".to_owned(),
        "{\\\"user\\\":{\\\"pin\\\":12}}".to_owned(),
        "{\\\"secrets\\\":{\\\"any\\\":1}}".to_owned(),
        "{\\\"n\\\":4.242424242424242e15,\\\"m\\\":4242424242424242.0}".to_owned(),
        "[378282246310005.0]".to_owned(),
        "{\\\"appKey\\\":1.234567890123456e15,\\\"pwd\\\"\\n:\\n1.23456e5,\\\"m\\\":[1e7,12.5]}".to_owned(),
        "{\\\"pass\\\\u200bword\\\":\\\"x\\\",\\\"ｐａｓｓｗｏｒｄ\\\":1.0}".to_owned(),
    ]);
    let glue = [
        "\\n",
        "\\t",
        "\\r\\n",
        " ",
        "\\\"",
        "\\\\",
        "\\\\n",
        "\\\\\\\\n",
        "\\/",
        "\\u0041",
        "\\u00e9",
        "\\u000a",
        "\\u0001",
        "\\u005cn",
        "\\\\u0041",
        "\\ud83d\\ude00",
        "\\ud83d",
        "é",
        "😀",
        "\u{200b}",
        "\\u200b",
        "\\u2013",
        "–",
        "４",
        "\\uff14",
        "\\\\uff14",
        "\\ud835\\udfdc",
        "%34",
        "%",
        "&#52;",
        "&",
        "+",
        "4.0",
        "1e3",
        "/",
        "{",
        "}",
        "[",
        "]",
        ":",
        ",",
        "=",
        "://",
        "@",
        "-",
        ".",
        "x",
        "1",
        "42",
        "_",
        "e@f.io",
        "token",
        "key",
    ];
    // As URLs, HTML, other forms of ASCII and base64 write it, and that again with its escapes escaped.
    let otherwise = |(text, how, again): (String, usize, bool)| -> String {
        let read: String = serde_json::from_str(&format!("\"{text}\"")).unwrap_or(text);
        let each = |write: &dyn Fn(char) -> String| read.chars().map(write).collect::<String>();
        let some = |at: usize, char: char| at.is_multiple_of(how % 5 + 1) && char.is_ascii_graphic();
        let at_some = |write: &dyn Fn(char) -> String| {
            let write = |(at, char): (usize, char)| if some(at, char) { write(char) } else { char.to_string() };
            read.chars().enumerate().map(write).collect::<String>()
        };
        let wide = |char: char| char::from_u32(u32::from(char) + 0xFEE0).filter(|_| char.is_ascii_graphic()).unwrap_or(char).to_string();
        let text = match how {
            0..5 => at_some(&|char| format!("%{:02X}", u32::from(char))),
            5..10 => at_some(&|char| format!("&#{};", u32::from(char))),
            10..15 => at_some(&wide),
            15..20 => at_some(&|char| format!("{char}\u{200b}")),
            20 => each(&|char| if matches!(char, ' ' | '-') { "\u{2011}".to_owned() } else { char.to_string() }),
            21 => each(&|char| if char == ' ' { "+".to_owned() } else { char.to_string() }),
            22 => each(&|char| if char == '-' { "\u{a0}".to_owned() } else { char.to_string() }),
            _ => {
                use base64::Engine as _;
                use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
                let wrap = |text: &str| if how.is_multiple_of(2) { STANDARD.encode(text) } else { URL_SAFE_NO_PAD.encode(text) };
                let lines = |text: String| text.as_bytes().chunks(64).map(String::from_utf8_lossy).collect::<Vec<_>>().join("\n");
                lines(wrap(&if how > 26 { format!("{}{read}", "what stands before it ".repeat(how - 22)) } else { read }))
            }
        };
        let text = serde_json::to_string(&text).unwrap();
        let text = text.trim_start_matches('"').strip_suffix('"').unwrap_or_default().to_owned();
        let escaped = |char: char| char.encode_utf16(&mut [0; 2]).iter().map(|unit| format!("\\u{unit:04x}")).collect::<String>();
        if again { text.chars().map(|char| if char.is_ascii() { char.to_string() } else { escaped(char) }).collect() } else { text }
    };
    let written = |text: String| text.bytes().map(|byte| format!("\\u{byte:04x}")).collect::<String>();
    let secret = || proptest::sample::select(secrets.clone());
    let plain: Vec<String> = secrets.iter().filter(|secret| !secret.contains('\\')).cloned().collect();
    prop_oneof![
        5 => secret(),
        1 => proptest::sample::select(plain.clone()).prop_map(written),
        4 => (proptest::sample::select(secrets.clone()), 0usize..30, any::<bool>()).prop_map(otherwise),
        2 => (0usize..20, proptest::sample::select(plain)).prop_map(|(at, secret)| secret.chars().skip(at).collect()),
        8 => proptest::sample::select(glue.to_vec()).prop_map(str::to_owned),
        4 => "[a-z ]{1,30}",
        1 => (vec(proptest::sample::select([secrets, glue.iter().map(|glue| (*glue).to_owned()).collect()].concat()), 1..4), 2usize..400)
            .prop_map(|(unit, count)| unit.concat().repeat(count)),
        1 => (proptest::sample::select(vec!["x", "4", "a@b.c ", "\\n", "\\\\", "{ ", "key=", "é"]), 1usize..2500).prop_map(|(unit, count)| unit.repeat(count)),
    ]
}

fn body() -> impl Strategy<Value = String> {
    let name = proptest::sample::select(vec![
        "password",
        "text",
        "ssn",
        "secrets",
        "auth",
        "a",
        "SecretAccessKey",
        "jo@example.com",
        "x\\ny",
        "id",
        "ｐａｓｓｗｏｒｄ",
        "pass\\u200bword",
        "größe",
        "jo%40example.com",
    ]);
    let value = prop_oneof![
        6 => vec(part(), 0..10).prop_map(|parts| format!("\"{}\"", parts.concat())),
        1 => proptest::sample::select(vec!["4242424242424242", "4.242424242424242e15", "4242424242424242.0", "12.50", "1e3", "7", "-1.5e3", "78051123", "null", "true", "[]", "{}"]).prop_map(str::to_owned),
    ];
    let blank = proptest::sample::select(vec!["", " ", "\n  "]);
    vec((name, value), 1..6).prop_flat_map(move |members| (Just(members), blank.clone())).prop_map(|(members, blank)| {
        let members: Vec<String> = members.iter().map(|(name, value)| format!("{blank}\"{name}\":{blank}{value}")).collect();
        format!("{{\"result\":{{{}}}}}", members.join(","))
    })
}

fn masked(profile: &Profile, form: Form, body: &[u8], size: usize, careful: bool) -> (Vec<u8>, Vec<Finding>) {
    CAREFUL.set(careful);
    let mut stream = Stream::new(profile.clone(), form);
    stream.tell_all();
    let mut out = Vec::new();
    body.chunks(size).for_each(|piece| stream.push(piece, &mut out).unwrap());
    stream.finish(&mut out).unwrap();
    CAREFUL.set(false);
    (out, stream.take_details())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(100))]

    #[test]
    fn a_glance_tells_what_a_careful_reading_does(body in body(), size in 1usize..3000) {
        for profile in profiles() {
            for form in [Form::Json, Form::Text] {
                let (want, told) = masked(&profile, form, body.as_bytes(), usize::MAX, true);
                for size in [size, usize::MAX] {
                    let (have, found) = masked(&profile, form, body.as_bytes(), size, false);
                    prop_assert_eq!(String::from_utf8_lossy(&have), String::from_utf8_lossy(&want));
                    prop_assert_eq!(&found, &told);
                }
            }
        }
    }
}
