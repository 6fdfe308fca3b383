//! The cases as they are written in `tests/corpus/*.toml`.

use std::collections::BTreeMap;
use std::path::PathBuf;

use serde::Deserialize;

use super::secrets;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    case: Vec<Case>,
}

/// One exchange: who sends what, what the server would answer, what must come of it.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Case {
    pub name: String,
    /// A file of `tests/corpus/policies`, without its ending.
    #[serde(default = "default_policy")]
    pub policy: String,
    #[serde(default)]
    pub caller: Caller,
    #[serde(default)]
    pub request: Request,
    #[serde(default)]
    pub answer: Answer,
    /// What the endpoint of revocations answers, for policies that ask one.
    #[serde(default)]
    pub list: Option<List>,
    /// What people do with the call, for policies that ask them.
    #[serde(default)]
    pub people: Option<People>,
    pub expect: Expect,
    /// Why a runner cannot run this case.
    #[serde(default)]
    pub skip: BTreeMap<String, String>,
    #[serde(skip)]
    pub file: String,
}

fn default_policy() -> String {
    "default".to_owned()
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Caller {
    /// `good`, or one of the ways to be wrong that `token.rs` knows, or `none`.
    pub token: String,
    pub user: String,
    pub groups: Vec<String>,
    pub client: String,
    /// Instead of a token: the header as it is.
    pub authorization: Option<String>,
    pub tls: Option<String>,
    /// `scope` of the token.
    pub scope: Option<String>,
    /// Who acts for the user: subjects, the current actor first.
    pub actors: Vec<String>,
    /// What the token is bound to: `key`, `certificate`, both, or nothing.
    pub bound: Vec<String>,
    pub scheme: String,
    /// The proof in the `DPoP` header: `good`, or one of the ways to be wrong that `proof.rs` knows, or none.
    pub proof: Option<String>,
    /// The client's certificate on the connection: `own`, `other`, or none.
    pub certificate: Option<String>,
    /// What Envoy's `jwt_authn` says of the token: `good`, `failed`, or nothing. Then the token is not sent.
    pub jwt_authn: Option<String>,
}

impl Default for Caller {
    fn default() -> Self {
        Self {
            token: "good".into(),
            user: "ana".into(),
            groups: vec!["engineering".into()],
            client: "agent".into(),
            authorization: None,
            tls: Some("TLSv1.3".into()),
            scope: None,
            actors: Vec::new(),
            bound: Vec::new(),
            scheme: "Bearer".into(),
            proof: None,
            certificate: None,
            jwt_authn: None,
        }
    }
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Request {
    pub method: String,
    pub path: String,
    /// `:authority`
    pub host: String,
    /// Added to the usual ones; an empty value takes a usual one away.
    pub headers: BTreeMap<String, String>,
    pub body: String,
    /// Instead of `body`: bytes in hex, for what is not text.
    pub hex: String,
}

impl Default for Request {
    fn default() -> Self {
        Self {
            method: "POST".into(),
            path: "/mcp".into(),
            host: "mcp.example.com".into(),
            headers: BTreeMap::new(),
            body: String::new(),
            hex: String::new(),
        }
    }
}

impl Request {
    pub fn bytes(&self) -> Vec<u8> {
        if self.hex.is_empty() {
            return secrets::fill(&self.body).into_bytes();
        }
        let digits: Vec<u32> = self.hex.chars().filter_map(|c| c.to_digit(16)).collect();
        digits.chunks(2).map(|pair| u8::try_from(pair[0] * 16 + pair[1]).unwrap()).collect()
    }

    pub fn all_headers(&self) -> BTreeMap<String, String> {
        let mut headers = BTreeMap::new();
        headers.insert("accept".to_owned(), "application/json, text/event-stream".to_owned());
        if self.method == "POST" {
            headers.insert("content-type".to_owned(), "application/json".to_owned());
        }
        for (name, value) in &self.headers {
            if value.is_empty() {
                headers.remove(name);
            } else {
                headers.insert(name.clone(), value.clone());
            }
        }
        headers
    }
}

/// A list of revocations.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct List {
    /// How it is signed, or another way to be wrong; see `token.rs`.
    #[serde(default)]
    pub signed: String,
    /// Members beside those it must have, or in their place.
    #[serde(default)]
    pub members: toml::Table,
}

/// The service that asks people, as `approver.rs` plays it.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct People {
    /// `nothing` (until the hold is over), `approved`, `denied: REASON`, or a state of the contract's. `silent`: there is no answer at all.
    pub word: String,
    /// What it says that is not so; `approver.rs` knows the ways.
    #[serde(default)]
    pub lie: String,
}

impl Case {
    /// Placeholders in what is not a body.
    fn filled(mut self) -> Self {
        self.request.path = secrets::fill(&self.request.path);
        for headers in [&mut self.request.headers, &mut self.answer.headers, &mut self.expect.headers] {
            headers.values_mut().for_each(|value| *value = secrets::fill(value));
        }
        self
    }
}

/// What the server answers if it is asked.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Answer {
    pub status: u16,
    pub r#type: String,
    pub headers: BTreeMap<String, String>,
    pub body: String,
    pub trailers: bool,
}

impl Default for Answer {
    fn default() -> Self {
        Self {
            status: 200,
            r#type: "application/json".into(),
            headers: BTreeMap::new(),
            body: r#"{"jsonrpc":"2.0","id":1,"result":{"content":[{"type":"text","text":"ok"}]}}"#.into(),
            trailers: false,
        }
    }
}

impl Answer {
    pub fn bytes(&self) -> Vec<u8> {
        secrets::fill(&self.body).into_bytes()
    }
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Expect {
    pub status: u16,
    /// The server was asked.
    pub forwarded: bool,
    /// The answer's whole body.
    pub body: Option<String>,
    pub contains: Vec<String>,
    pub lacks: Vec<String>,
    /// Headers of the answer; an empty value means that there is none.
    pub headers: BTreeMap<String, String>,
    /// Headers the server saw; an empty value means that there was none.
    pub upstream: BTreeMap<String, String>,
    /// The body the server saw; what the client sent unless written.
    pub upstream_body: Option<String>,
    /// JSON pointers into the record and what is there; `null` in quotes for nothing.
    pub record: BTreeMap<String, toml::Value>,
    /// There is no record, because a rule says so.
    pub unrecorded: bool,
    /// The answer is cut off.
    pub cut: bool,
    /// What the server is told in the client's place.
    pub told: Vec<String>,
    /// JSON pointers into what people are asked first, and what is there.
    pub asked: BTreeMap<String, toml::Value>,
    /// How often the service that asks them is called, one way or another.
    pub asks: Option<usize>,
}

fn corpus() -> PathBuf {
    let here = PathBuf::from(env!("CARGO_MANIFEST_DIR"));
    let own = here.join("tests/corpus");
    if own.is_dir() { own } else { here.join("../tests/corpus") }
}

/// Every case of every file.
pub fn all() -> Vec<Case> {
    let mut files: Vec<PathBuf> = std::fs::read_dir(corpus()).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.retain(|path| path.extension().is_some_and(|ending| ending == "toml"));
    files.sort();
    assert!(!files.is_empty());
    let mut cases = Vec::new();
    for path in files {
        let text = std::fs::read_to_string(&path).unwrap();
        let file: File = toml::from_str(&text).unwrap_or_else(|err| panic!("{}: {err}", path.display()));
        let name = path.file_stem().unwrap().to_string_lossy().into_owned();
        cases.extend(file.case.into_iter().map(|case| Case { file: name.clone(), ..case }.filled()));
    }
    let mut names: Vec<&str> = cases.iter().map(|case| case.name.as_str()).collect();
    names.sort_unstable();
    let before = names.len();
    names.dedup();
    assert_eq!(before, names.len(), "two cases have one name");
    cases
}

/// Every case, or those of the file that `PORTCULLIS_CASES` names: for whoever writes some.
pub fn chosen() -> Vec<Case> {
    let mut cases = all();
    if let Ok(file) = std::env::var("PORTCULLIS_CASES") {
        cases.retain(|case| case.file == file);
    }
    cases
}

/// A policy of the corpus as YAML, with the test issuer's key in it.
pub fn policy(name: &str) -> String {
    let text = std::fs::read_to_string(corpus().join("policies").join(format!("{name}.yaml"))).unwrap();
    text.replace("__JWK__", &super::token::jwk().to_string()).replace("__APPROVER__", &super::approver::jwk().to_string())
}

/// What `${env:...}` means in the corpus.
pub fn env(name: &str) -> Option<String> {
    match name {
        "UPSTREAM_TOKEN" => Some(["upstream", "credential"].join("-")),
        "HASH_KEY" => Some("the hash key of the corpus".to_owned()),
        "SEAL_KEY" => Some(super::seal::key("new")),
        "OLD_SEAL_KEY" => Some(super::seal::key("old")),
        other => super::approver::env(other),
    }
}
