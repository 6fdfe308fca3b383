//! Web pages, other names, and a client that gets its own token: through a real Envoy.

use std::sync::Arc;

use portcullisctl::demo::{client, stand::Setup};
use portcullisctl::issuer::{Login, TokenRequest};
use reqwest::{Method, Url};
use rmcp::ServiceExt;
use rmcp::transport::auth::{AuthClient, AuthorizationRequest, OAuthState};
use rmcp::transport::{StreamableHttpClientTransport, streamable_http_client::StreamableHttpClientTransportConfig};
use serde_json::Value;

use super::support::{Rig, within};

const PAGE: &str = "https://console.example.com";
const PING: &str = r#"{"jsonrpc":"2.0","id":1,"method":"ping"}"#;
/// Where the client would listen; nobody does, for the "browser" stops there.
const BACK: &str = "http://127.0.0.1:9/callback";

fn ada() -> Setup {
    let ada = TokenRequest { user: "ada".into(), groups: vec!["engineering".into()], ..TokenRequest::default() };
    Setup { login: Login::As(Box::new(ada)), ..Setup::default() }
}

/// What is sent back to the client by an issuer that approves at once.
async fn browse(url: &str) -> Url {
    let browser = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).build().unwrap();
    let answer = within(browser.get(url).send()).await.unwrap();
    let location = answer.headers().get("location").expect("a way back").to_str().unwrap();
    Url::parse(location).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_client_finds_the_issuer_and_gets_its_own_token() {
    let rig = Rig::start(ada()).await;
    let url = rig.stand.target(None).url;
    let http = client::http(Some(&rig.stand.ca_pem)).unwrap();
    let refused = within(rig.request(Method::POST, None).header("content-type", "application/json").body(PING).send()).await.unwrap();
    assert_eq!(refused.status(), 401);
    let challenge = refused.headers()["www-authenticate"].to_str().unwrap().to_owned();

    let mut flow = OAuthState::new(url.as_str(), Some(http.clone())).await.unwrap();
    let asked = AuthorizationRequest::new(BACK).with_client_name("e2e").with_challenge(challenge);
    within(flow.start_authorization(asked)).await.unwrap();
    let authorize = flow.get_authorization_url().await.unwrap();
    assert!(authorize.starts_with(&rig.stand.issuer.issuer), "{authorize}");
    let resource = Url::parse(&authorize).unwrap().query_pairs().find(|(name, _)| name == "resource").map(|(_, value)| value.into_owned());
    assert_eq!(resource.as_deref(), Some(url.as_str()), "the token is asked for this endpoint");
    let back = browse(&authorize).await;
    within(flow.handle_callback_url(back.as_str())).await.unwrap();

    let manager = flow.into_authorization_manager().expect("authorized");
    let config = StreamableHttpClientTransportConfig::with_uri(url.as_str());
    let transport = StreamableHttpClientTransport::with_client(AuthClient::new(http, manager), config);
    let running = within(().serve(transport)).await.unwrap();
    assert_eq!(within(running.list_all_tools()).await.unwrap().len(), 5);
    within(running.cancel()).await.unwrap();
    let record = rig.records.wait_for(|record| record.operation() == "tools/list").await.expect("a record of the call");
    assert_eq!(record.user(), "ada");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_documents_are_found_behind_envoy() {
    let mut rig = Rig::start(ada()).await;
    let resource = rig.stand.target(None).url;
    let root = Url::parse(&resource).unwrap();
    let http = Arc::new(client::http(Some(&rig.stand.ca_pem)).unwrap());
    let get = |path: &str| {
        let (http, url) = (Arc::clone(&http), root.join(path).unwrap());
        async move { within(http.get(url).send()).await.unwrap() }
    };
    for path in ["/.well-known/oauth-protected-resource/mcp", "/.well-known/oauth-protected-resource"] {
        let document: Value = get(path).await.json().await.unwrap();
        assert_eq!(
            (document["resource"].as_str(), &document["authorization_servers"][0]),
            (Some(resource.as_str()), &rig.stand.issuer.issuer.clone().into())
        );
        let head = within(http.head(root.join(path).unwrap()).send()).await.unwrap();
        assert_eq!(
            (head.status().as_u16(), head.headers()["content-length"].to_str().unwrap()),
            (200, document.to_string().len().to_string().as_str())
        );
        assert_eq!(within(head.bytes()).await.unwrap().len(), 0);
    }
    assert_eq!(get("/.well-known/oauth-protected-resource/other").await.status(), 404);
    assert_eq!(get("/mcp/.well-known/oauth-protected-resource").await.status(), 404);
    assert_eq!(get("/.well-known/oauth-authorization-server").await.status(), 404, "not asked for by the policy");

    // For clients of 2025-03-26.
    let more = "algorithms: [ES256]\n      metadata: { cluster: dev-issuer, path: /.well-known/oauth-authorization-server }";
    rig.stand.change_policy("algorithms: [ES256]", more).await.unwrap();
    let mut served = Value::Null;
    for _ in 0..50 {
        let answer = get("/.well-known/oauth-authorization-server").await;
        if answer.status() == 200 {
            served = answer.json().await.unwrap();
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(100)).await;
    }
    assert_eq!(served["token_endpoint"], format!("{}/token", rig.stand.issuer.issuer));
    assert_eq!(rig.stand.server.seen(), []);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_listed_page_asks_and_reads_and_others_do_neither() {
    let mut rig = Rig::start(Setup::default()).await;
    rig.stand.change_policy("tls: required ", &format!("tls: required\n  origins: [{PAGE}]\n  #")).await.unwrap();
    let token = rig.token("ada", "engineering");
    let ask = |page: &str| {
        let request = rig.request(Method::OPTIONS, None).header("origin", page).header("access-control-request-method", "POST");
        within(request.header("access-control-request-headers", "authorization, mcp-param-region").send())
    };
    let call = |page: &str, token: Option<&str>| {
        let request = rig.request(Method::POST, token).header("origin", page).header("content-type", "application/json");
        within(request.body(PING).send())
    };
    let text = |answer: &reqwest::Response, name: &str| answer.headers().get(name).map(|value| value.to_str().unwrap().to_owned());

    let told = ask(PAGE).await.unwrap();
    assert_eq!((told.status().as_u16(), text(&told, "access-control-allow-origin").as_deref()), (204, Some(PAGE)));
    assert!(text(&told, "access-control-allow-headers").unwrap().ends_with("mcp-param-region"));
    assert!(text(&told, "content-type").is_none() && text(&told, "content-length").is_none(), "{:?}", told.headers());
    for page in ["https://evil.example", "null"] {
        assert_eq!(ask(page).await.unwrap().status(), 403);
        let refused = call(page, Some(&token)).await.unwrap();
        assert_eq!((refused.status().as_u16(), text(&refused, "access-control-allow-origin")), (403, None));
    }
    assert_eq!(rig.stand.server.seen(), []);

    let refused = call(PAGE, None).await.unwrap();
    assert_eq!((refused.status().as_u16(), text(&refused, "access-control-allow-origin").as_deref()), (401, Some(PAGE)));
    assert!(text(&refused, "access-control-expose-headers").unwrap().contains("www-authenticate"));
    let served = call(PAGE, Some(&token)).await.unwrap();
    assert_eq!(text(&served, "access-control-allow-origin").as_deref(), Some(PAGE));
    assert!(text(&served, "vary").unwrap().contains("origin"));
    assert_ne!(rig.stand.server.seen(), [], "the server was asked");
}

/// As DNS rebinding would have it: the right door, under another name.
#[tokio::test(flavor = "multi_thread")]
async fn another_name_is_misdirected() {
    let rig = Rig::start(Setup::default()).await;
    let token = rig.token("ada", "engineering");
    let address = Url::parse(&rig.stand.target(None).url).unwrap();
    let port = address.port().unwrap();
    for host in ["evil.example".to_owned(), format!("evil.example:{port}"), "127.0.0.1".to_owned(), format!("127.0.0.1.:{port}")] {
        let request = rig.request(Method::POST, Some(&token)).header("host", &host).header("content-type", "application/json");
        let refused = within(request.body(PING).send()).await.unwrap();
        let status = refused.status().as_u16();
        let body = within(refused.text()).await.unwrap();
        assert!(status == 421 && body.contains("host_not_served"), "{host}: {status} {body}");
    }
    assert_eq!(rig.stand.server.seen(), []);
}
