use reqwest::{Client, Url, redirect::Policy};

use super::super::{DevIssuer, Settings};
use super::*;

const BACK: &str = "http://127.0.0.1:9/back?keep=1";
const VERIFIER: &str = "a-verifier-of-at-least-forty-three-characters";

struct Bench {
    issuer: DevIssuer,
    http: Client,
    client: String,
}

impl Bench {
    async fn start(login: Login) -> Self {
        crate::demo::tls::install_provider();
        let issuer =
            DevIssuer::start(Settings { audience: "https://mcp.example.com/mcp".into(), login, ..Settings::default() }).await.unwrap();
        let http = Client::builder().redirect(Policy::none()).build().unwrap();
        let registered: Value = http
            .post(format!("{}/register", issuer.issuer))
            .json(&json!({ "redirect_uris": [BACK], "client_name": "test" }))
            .send()
            .await
            .unwrap()
            .json()
            .await
            .unwrap();
        let client = registered["client_id"].as_str().unwrap().to_owned();
        Self { issuer, http, client }
    }

    fn ask(&self, more: &[(&str, &str)]) -> Url {
        let challenge = URL_SAFE_NO_PAD.encode(Sha256::digest(VERIFIER));
        let mut url = Url::parse(&format!("{}/authorize", self.issuer.issuer)).unwrap();
        let mut pairs = vec![
            ("client_id", self.client.as_str()),
            ("redirect_uri", BACK),
            ("response_type", "code"),
            ("code_challenge", &challenge),
            ("code_challenge_method", "S256"),
            ("state", "s&t"),
        ];
        pairs.retain(|(name, _)| more.iter().all(|(other, _)| name != other));
        url.query_pairs_mut().extend_pairs(pairs.iter().chain(more));
        url
    }

    /// The parameters the client is sent back with; none when it is not.
    async fn authorize(&self, more: &[(&str, &str)]) -> Option<HashMap<String, String>> {
        let answer = self.http.get(self.ask(more)).send().await.unwrap();
        back(&answer)
    }

    async fn exchange(&self, pairs: &[(&str, &str)]) -> (u16, Value) {
        let body = Url::parse_with_params("http://x", pairs).unwrap().query().unwrap_or_default().to_owned();
        let request = self.http.post(format!("{}/token", self.issuer.issuer)).header("content-type", "application/x-www-form-urlencoded");
        let answer = request.body(body).send().await.unwrap();
        (answer.status().as_u16(), answer.json().await.unwrap())
    }

    async fn redeem(&self, code: &str, verifier: &str, more: &[(&str, &str)]) -> (u16, Value) {
        let usual = [
            ("grant_type", "authorization_code"),
            ("client_id", self.client.as_str()),
            ("code", code),
            ("redirect_uri", BACK),
            ("code_verifier", verifier),
        ];
        self.exchange(&usual.iter().chain(more).copied().collect::<Vec<_>>()).await
    }
}

fn back(answer: &reqwest::Response) -> Option<HashMap<String, String>> {
    let location = answer.headers().get("location")?.to_str().unwrap();
    assert!(location.starts_with("http://127.0.0.1:9/back?keep=1&"), "{location}");
    Some(Url::parse(location).unwrap().query_pairs().into_owned().collect())
}

fn ada() -> Login {
    Login::As(Box::new(TokenRequest { user: "ada".into(), groups: vec!["engineering".into()], ..TokenRequest::default() }))
}

fn claims(answer: &Value) -> Value {
    let token = answer["access_token"].as_str().unwrap();
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(token.split('.').nth(1).unwrap()).unwrap()).unwrap()
}

#[tokio::test]
async fn a_code_becomes_a_token_for_what_was_asked() {
    let bench = Bench::start(ada()).await;
    let more = [("scope", "a b"), ("resource", "https://other.example.com/mcp")];
    let sent = bench.authorize(&more).await.unwrap();
    assert_eq!((sent["state"].as_str(), sent["iss"].as_str()), ("s&t", bench.issuer.issuer.as_str()));
    let (status, answer) = bench.redeem(&sent["code"], VERIFIER, &more[1..]).await;
    assert_eq!(status, 200, "{answer}");
    let claims = claims(&answer);
    assert_eq!((&claims["sub"], &claims["aud"], &claims["scope"]), (&json!("ada"), &json!("https://other.example.com/mcp"), &json!("a b")));
    assert_eq!(claims["client_id"], json!(bench.client));
    assert_eq!(bench.redeem(&sent["code"], VERIFIER, &[]).await.1["error"], "invalid_grant", "once");

    let refresh = answer["refresh_token"].as_str().unwrap();
    let again = [("grant_type", "refresh_token"), ("client_id", bench.client.as_str()), ("refresh_token", refresh)];
    assert_eq!(self::claims(&bench.exchange(&again).await.1)["aud"], claims["aud"]);
    assert_eq!(bench.exchange(&again).await.0, 400, "once");

    let sent = bench.authorize(&[]).await.unwrap();
    let (_, answer) = bench.redeem(&sent["code"], VERIFIER, &[]).await;
    assert_eq!(self::claims(&answer)["aud"], "https://mcp.example.com/mcp", "a client of 2025-03-26 names no resource");
}

#[tokio::test]
async fn what_does_not_fit_gets_no_token() {
    let bench = Bench::start(ada()).await;
    assert!(bench.authorize(&[("redirect_uri", "http://127.0.0.1:9/other")]).await.is_none());
    assert!(bench.authorize(&[("client_id", "unknown")]).await.is_none());
    for wrong in [("code_challenge_method", "plain"), ("code_challenge", ""), ("response_type", "token")] {
        assert!(bench.authorize(&[wrong]).await.unwrap().contains_key("error"), "{wrong:?}");
    }
    let sent = bench.authorize(&[]).await.unwrap();
    assert_eq!(bench.redeem(&sent["code"], "another-verifier", &[]).await.0, 400);
    assert_eq!(bench.redeem(&sent["code"], VERIFIER, &[]).await.0, 400, "used up by the try");
    let sent = bench.authorize(&[("resource", "https://a.example")]).await.unwrap();
    let (_, answer) = bench.redeem(&sent["code"], VERIFIER, &[("resource", "https://b.example")]).await;
    assert_eq!(answer["error"], "invalid_target");
}

#[tokio::test]
async fn only_this_machine_is_sent_a_code() {
    let bench = Bench::start(ada()).await;
    for uri in [
        "https://evil.example/back",
        "http://evil.example/",
        "http://127.0.0.1.evil.example/",
        "http://127.0.0.1@evil.example/",
        "javascript:alert(1)",
        "",
    ] {
        let url = format!("{}/register", bench.issuer.issuer);
        let answer = bench.http.post(&url).json(&json!({ "redirect_uris": [BACK, uri] })).send().await.unwrap();
        assert_eq!(answer.status(), 400, "{uri}");
    }
    let answer = bench.http.get(bench.ask(&[])).header("host", "evil.example").send().await.unwrap();
    assert_eq!(answer.status(), 421);
}

#[tokio::test]
async fn the_page_asks_who_one_wants_to_be() {
    let bench = Bench::start(Login::Page).await;
    let asked = bench.ask(&[("scope", "\"><script>")]);
    let page = bench.http.get(asked.clone()).send().await.unwrap().text().await.unwrap();
    assert!(page.contains("<form") && !page.contains("<script>"), "{page}");
    let chosen = bench.http.post(asked).header("content-type", "application/x-www-form-urlencoded").body("user=grace&groups=dba%2C+ops");
    let sent = back(&chosen.send().await.unwrap()).unwrap();
    let (_, answer) = bench.redeem(&sent["code"], VERIFIER, &[]).await;
    assert_eq!((&claims(&answer)["sub"], &claims(&answer)["groups"]), (&json!("grace"), &json!(["dba", "ops"])));
}

#[tokio::test]
async fn without_a_login_there_are_no_endpoints() {
    crate::demo::tls::install_provider();
    let issuer = DevIssuer::start(Settings::default()).await.unwrap();
    for path in ["authorize", "token", "register"] {
        assert_eq!(reqwest::get(format!("{}/{path}", issuer.issuer)).await.unwrap().status(), 404);
    }
    let document: Value =
        reqwest::get(format!("{}/.well-known/oauth-authorization-server", issuer.issuer)).await.unwrap().json().await.unwrap();
    assert!(document.get("token_endpoint").is_none());
}
