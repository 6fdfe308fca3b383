//! Values of known places and no known length: each is masked to its end, wherever windows meet, and what stands behind it stays.

use super::*;

/// As random as keys are, of `all`, from a seed.
fn random(all: &[u8], len: usize, seed: u64) -> String {
    let mut state = seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1;
    let mut next = move || {
        state ^= state >> 12;
        state ^= state << 25;
        state ^= state >> 27;
        usize::try_from(state.wrapping_mul(0x2545_F491_4F6C_DD1D) >> 33).unwrap()
    };
    // Neither a sign at its begin nor one at its end, which could be the sentence's.
    let signs = |at: usize| if at == 0 || at + 1 == len { 62 } else { all.len() };
    (0..len).map(|at| char::from(all[next() % signs(at)])).collect()
}

const URL64: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
const BASE64: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
const DOTTED: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.";
const SIGNED: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789!*~";
const ALNUM: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";

const LENGTHS: [usize; 6] = [399, 400, 401, 402, 1000, 20_000];

fn placeholder(text: &str) -> bool {
    text.strip_prefix("[MASKED:").and_then(|rest| rest.strip_suffix(']')).is_some_and(|label| !label.contains(['[', ']']))
}

/// Between these stands one placeholder and nothing else.
fn is_masked(out: &str, before: &str, after: &str) -> bool {
    out.strip_prefix(before).and_then(|rest| rest.strip_suffix(after)).is_some_and(placeholder)
}

fn secrets() -> Profile {
    profile(&[rule("keys", &[Detector::Secrets], Operator::Replace)])
}

/// The places of values in text, and what their values consist of.
fn places() -> Vec<(&'static str, &'static str, &'static [u8])> {
    vec![
        ("refresh_token=", "\nand more", DOTTED),
        ("refresh_token: ", "\nand more", SIGNED),
        ("{\"token\": \"", "\", \"z\": \"and more\"}", URL64),
        ("{\"token\": \"", "\", \"z\": \"and more\"}", BASE64),
        ("{\"token\": \"", "\", \"z\": \"and more\"}", DOTTED),
        ("token = '", "' # and more", BASE64),
        ("password: \"", "\" and more", ALNUM),
        ("DB_PASSWORD=", " and more", ALNUM),
        ("https://x.example/cb?access_token=", "&state=and more", URL64),
        ("https://x.example/cb?access_token=", "#and more", URL64),
        ("a_token=", ",b=and more", URL64),
        ("SAMLResponse=", "&RelayState=and more", BASE64),
        ("the token is ", ". And more.", URL64),
        ("<apiToken>", "</apiToken> and more", BASE64),
        ("<add key=\"apiKey\" value=\"", "\"/> and more", BASE64),
        ("variable \"api_token\" { default = \"", "\" } and more", BASE64),
        ("| a | b |\n|---|---|\n| API_TOKEN | ", " |\n| z | and more |", URL64),
        ("Server=x;Password=", ";Z=and more", ALNUM),
        ("mytool --api-token ", " --z and more", URL64),
        ("INSERT INTO u (name, password) VALUES ('jo', '", "') and more", ALNUM),
        ("Authorization: Basic ", "\nand more", BASE64),
        ("-H \"Authorization: Negotiate ", "\" and more", BASE64),
        ("curl -u jo:", " https://x.example/ and more", ALNUM),
        ("curl -u 'jo:", "' https://x.example/ and more", BASE64),
        ("curl -u ", ": https://x.example/ and more", ALNUM),
        ("Cookie: sessionid=", "; theme=and more", BASE64),
        ("Cookie: .AspNet.ApplicationCookie=", "; theme=and more", URL64),
        ("kubectl create secret generic x --from-literal=stripe=", " and more", URL64),
        ("kubectl create secret generic x --from-literal=stripe='", "' and more", BASE64),
        ("gh secret set STRIPE --body \"", "\" and more", BASE64),
        ("az keyvault secret set --name n --value ", " and more", URL64),
        ("docker login -u AWS -p ", " registry.example.com and more", BASE64),
        ("CREATE USER x IDENTIFIED BY '", "'; and more", ALNUM),
        ("db.example.com:5432:shop:app:", " and more", ALNUM),
        ("new PDO('mysql:host=db', 'app', '", "'); and more", ALNUM),
        ("credentials are jo / ", " and more", ALNUM),
        ("creds: jo:", " and more", ALNUM),
        ("postgres://app:", "@db.example.com/x and more", ALNUM),
        ("https://jo:", "@example.com/x and more", ALNUM),
        ("https://", "@example.com/x.git and more", ALNUM),
        ("jdbc:oracle:thin:app/", "@//db:1521/ORCL and more", ALNUM),
    ]
}

#[test]
fn a_value_is_masked_to_its_end_however_it_is_written() {
    for (number, (before, after, all)) in (1u64..).zip(places()) {
        for len in LENGTHS {
            let value = random(all, len, number);
            let text = format!("{before}{value}{after}");
            let mask = |form, body: &str| {
                let (out, findings) = whole(&secrets(), form, body.as_bytes()).unwrap();
                let label = |len: usize| format!("{len} bytes behind {before:?}: {}", String::from_utf8_lossy(&out[..out.len().min(300)]));
                assert_eq!(findings.total(), 1, "{}", label(len));
                (String::from_utf8(out.clone()).unwrap(), label(len))
            };
            let (out, told) = mask(Form::Text, &text);
            assert!(is_masked(&out, before, after), "text, {told}");
            for depth in 1..=3 {
                let (out, told) = mask(Form::Json, &nested(&text, depth));
                assert!(is_masked(&unnested(&out, depth), before, after), "JSON at depth {depth}, {told}");
            }
            let (out, told) = mask(Form::Sse, &format!("data: {}\n\n", nested(&text, 1)));
            let data = out.strip_prefix("data: ").and_then(|out| out.strip_suffix("\n\n")).unwrap();
            assert!(is_masked(&unnested(data, 1), before, after), "event, {told}");
        }
    }
}

#[test]
fn where_it_begins_in_a_window_does_not_count() {
    let value = random(BASE64, 700, 5);
    for (before, after) in [("token=", " z"), ("{\"token\":\"", "\",\"z\":1}"), ("https://jo:", "@example.com z")] {
        let value = value.replace(['/', '+'], "x");
        for fill in (0..9000).filter(|len| len % 97 == 0 || *len > 6400).step_by(23) {
            let before = format!("{}{before}", "- ".repeat(fill));
            let body = serde_json::to_string(&[format!("{before}{value}{after}")]).unwrap();
            let (out, _) = whole(&secrets(), Form::Json, body.as_bytes()).unwrap();
            let out: Vec<String> = serde_json::from_slice(&out).unwrap();
            assert!(is_masked(&out[0], &before, after), "{fill}: {}", &out[0][before.len()..]);
        }
    }
}

#[test]
fn a_member_is_masked_whole() {
    for name in ["token", "client_secret", "password", "AWS_SESSION_TOKEN", "Authorization", "SAMLResponse", "private_key"] {
        for (seed, all) in (1..).zip([URL64, BASE64, DOTTED]) {
            for len in LENGTHS {
                let value = random(all, len, seed);
                let body = serde_json::json!({ "a": { name: value, "z": "and more" } }).to_string();
                let (out, _) = whole(&secrets(), Form::Json, body.as_bytes()).unwrap();
                let out: serde_json::Value = serde_json::from_slice(&out).unwrap();
                assert!(placeholder(out["a"][name].as_str().unwrap()) && out["a"]["z"] == "and more", "{name} of {len}: {out}");
            }
        }
    }
}

#[test]
fn a_value_is_masked_alike_at_every_split() {
    let token = random(BASE64, 900, 3);
    for text in [format!("token={token} and more"), format!("x {{\"token\":\"{token}\"}} more"), format!("id,token\n1,{token}\n2,x\n")] {
        masked(&secrets(), Form::Text, text.as_bytes()).unwrap();
        let out = masked(&secrets(), Form::Json, nested(&text, 2).as_bytes()).unwrap();
        assert!(!out.contains(&token[..12]) && !out.contains(&token[888..]), "{out}");
    }
    let body = serde_json::json!({ "token": token, "z": "and more" }).to_string();
    assert_eq!(masked(&secrets(), Form::Json, body.as_bytes()).unwrap(), r#"{"token":"[MASKED:generic_secret]","z":"and more"}"#);
    let token = random(BASE64, 17_000, 3);
    let text = format!("token={token} and more");
    for size in [1, 7, 1000, 4096] {
        let out = in_pieces(&secrets(), Form::Text, text.as_bytes().chunks(size)).unwrap();
        assert!(is_masked(std::str::from_utf8(&out).unwrap(), "token=", " and more"), "pieces of {size}");
    }
}

/// Tables whose rows are longer than one is looked at.
#[test]
fn cells_of_any_length_have_their_names() {
    for (before, between, after) in [
        ("id,api_token,refresh_token,z\n1,", ",", ",end\n2,x,y,end\n"),
        ("id;api_token;refresh_token;z\n1;\"", "\";\"", "\";end\n"),
        ("id\tapi_token\trefresh_token\n1\t", "\t", "\nand more"),
        ("| id | api_token | refresh_token |\n|---|---|---|\n| 1 | ", " | ", " |\n\nand more"),
        ("<table><tr><th>id</th><th>token</th><th>secret</th></tr><tr><td>1</td><td>", "</td><td>", "</td></tr></table> and more"),
        ("{\"columns\":[\"id\",\"token\",\"secret\"],\"rows\":[[1,\"", "\",\"", "\"]]} and more"),
    ] {
        for len in LENGTHS.into_iter().chain([8000, 16_100]) {
            let (one, other) = (random(URL64, len, 1), random(BASE64, len, 2));
            let text = format!("{before}{one}{between}{other}{after}");
            for (out, what) in [
                (String::from_utf8(whole(&secrets(), Form::Text, text.as_bytes()).unwrap().0).unwrap(), "text"),
                (unnested(std::str::from_utf8(&whole(&secrets(), Form::Json, nested(&text, 2).as_bytes()).unwrap().0).unwrap(), 2), "JSON"),
            ] {
                let told = || format!("{what}, {len} behind {before:?}: {}", &out[..out.len().min(400)]);
                let rest = out.strip_prefix(before).and_then(|rest| rest.strip_suffix(after)).unwrap_or_else(|| panic!("{}", told()));
                let (one, other) = rest.split_once(between).unwrap_or_else(|| panic!("{}", told()));
                assert!(placeholder(one) && placeholder(other), "{}", told());
            }
        }
    }
    for len in LENGTHS {
        let text = format!("NAME      TOKEN\nprod      {}\nz         and more\n", random(URL64, len, 3));
        let (out, _) = whole(&secrets(), Form::Text, text.as_bytes()).unwrap();
        assert!(is_masked(std::str::from_utf8(&out).unwrap(), "NAME      TOKEN\nprod      ", "\nz         and more\n"), "{len}");
    }
}

#[test]
fn formats_without_a_bound_go_on() {
    for (head, all) in [
        (["IQoJb3Jp", "Z2luX2Vj"], BASE64),
        (["g", "lc_"], BASE64),
        (["sntr", "ys_eyJ"], BASE64),
        (["EA", "AG"], ALNUM),
        (["1/", "/0"], URL64),
        (["ghs_12", "345_eyJ"], DOTTED),
        (["xo", "xe-"], ALNUM),
        (["vk", "1.a."], URL64),
    ] {
        let head = head.concat();
        for len in LENGTHS {
            let text = format!("see {head}{} and more", random(all, len, 7));
            let (out, _) = whole(&secrets(), Form::Text, text.as_bytes()).unwrap();
            assert!(is_masked(std::str::from_utf8(&out).unwrap(), "see ", " and more"), "{head} of {len}");
        }
    }
}

#[test]
fn other_long_texts_stay() {
    let image = random(BASE64, 20_000, 9);
    let hashes: String = (1..200)
        .map(|seed| format!("{},", random(b"0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef", 40, seed)))
        .collect();
    let words = "the-quick-brown-fox-".repeat(60);
    for text in [
        format!("data:image/png;base64,{image}"),
        format!("{{\"data\":\"{image}\",\"mimeType\":\"image/png\"}}"),
        hashes,
        format!("token: \"{words}\""),
        format!("password={words}"),
        format!("token=function(a,b){{return{}}}", "a[b](c)+".repeat(200)),
        format!("\"token\": \"{}\"", "a sentence about tokens ".repeat(40)),
        format!("https://example.com/{image}"),
    ] {
        let (out, _) = whole(&secrets(), Form::Text, text.as_bytes()).unwrap();
        assert_eq!(std::str::from_utf8(&out).unwrap(), text);
    }
}
