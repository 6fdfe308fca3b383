//! Logging in where the provider wants to know the program, and over TLS.

use reqwest::Method;
use reqwest::header::SET_COOKIE;

use super::provider::{CLIENT, Provider, secret};
use super::stand::{Plan, Stand};
use super::support::browser::{Browser, Seen};

async fn stand(provider: &Provider, secret: &str, tls: Option<(String, String)>) -> Stand {
    let login = format!("{{ issuer: \"{}\", client_id: {CLIENT:?}, client_secret: {secret:?} }}", provider.issuer);
    Stand::with(Plan { page: true, login: Some(login), approvers: provider.trusted(), tls, ..Plan::default() }).await
}

/// To the callback, and what it answers.
async fn back(stand: &Stand, provider: &Provider, browser: &mut Browser) -> Seen {
    let begun = browser.get(&format!("{}/login?to=%2Fhistory", stand.url)).await;
    assert_eq!(begun.status, 303, "{}", begun.text);
    let callback = provider.logged_in(&begun.location());
    browser.get(&callback).await
}

#[tokio::test(flavor = "multi_thread")]
async fn the_program_shows_its_secret_as_the_provider_wants_it() {
    for methods in [&[][..], &["client_secret_basic"], &["client_secret_post", "client_secret_basic"], &["client_secret_post"]] {
        let provider = Provider::start(methods).await;
        let stand = stand(&provider, &secret(), None).await;
        let mut bob = Browser::new();
        let done = back(&stand, &provider, &mut bob).await;
        assert_eq!((done.status, done.location()), (303, "/history".to_owned()), "{methods:?}: {}", done.text);
        assert!(bob.get(&format!("{}/", stand.url)).await.text.contains("bob@example.com"));
        let [(authorization, body)] = &provider.shown()[..] else { panic!("{methods:?}: {:?}", provider.shown()) };
        assert_eq!(methods == ["client_secret_post"], authorization.is_empty() && body.contains("client_secret="), "{methods:?}");
        assert!(body.contains("code_verifier=") && body.contains("client_id=approvals+page"), "{body}");
        // With a secret that is not the provider's, nobody is logged in, and nobody is told of it.
        let wrong = stand_with_wrong(&provider).await;
        let mut eve = Browser::new();
        let refused = back(&wrong, &provider, &mut eve).await;
        assert_eq!(refused.status, 502, "{}", refused.text);
        assert!(!refused.text.contains("not-the-secret") && eve.cookies.is_empty());
    }
}

async fn stand_with_wrong(provider: &Provider) -> Stand {
    stand(provider, "not-the-secret", None).await
}

#[tokio::test(flavor = "multi_thread")]
async fn over_tls_cookies_never_go_in_the_clear() {
    portcullisctl::demo::tls::install_provider();
    let folder = tempfile::tempdir().unwrap();
    let made = rcgen::generate_simple_self_signed(vec!["127.0.0.1".to_owned()]).unwrap();
    let (certificate, key) = (folder.path().join("tls.pem"), folder.path().join("tls.key"));
    let ca = made.cert.pem();
    std::fs::write(&certificate, &ca).unwrap();
    std::fs::write(&key, made.signing_key.serialize_pem()).unwrap();
    let provider = Provider::start(&["client_secret_basic"]).await;
    let tls = (certificate.display().to_string(), key.display().to_string());
    let stand = stand(&provider, &secret(), Some(tls)).await;
    assert!(stand.url.starts_with("https://127.0.0.1:"));
    let mut bob = Browser::that_trusts(Some(&ca));
    let begun = bob.get(&format!("{}/login", stand.url)).await;
    let done = bob.get(&provider.logged_in(&begun.location())).await;
    assert_eq!(done.status, 303, "{}", done.text);
    for answer in [&begun, &done] {
        for cookie in answer.headers.get_all(SET_COOKIE) {
            let cookie = cookie.to_str().unwrap();
            assert!(cookie.starts_with("__Host-portcullis_"), "{cookie}");
            for part in ["; Path=/", "; HttpOnly", "; SameSite=Lax", "; Secure"] {
                assert!(cookie.contains(part), "{part} in {cookie}");
            }
            assert!(!cookie.contains("Domain"), "{cookie}");
        }
    }
    assert_eq!(bob.get(&format!("{}/", stand.url)).await.status, 200);
    // The name without its prefix is one that a page in the clear, or a subdomain, could have set.
    let [(name, value)] = &bob.cookies[..] else { panic!("{:?}", bob.cookies) };
    let bare = name.trim_start_matches("__Host-").to_owned();
    let value = value.clone();
    bob.cookies = vec![(bare.clone(), value.clone())];
    assert_eq!(bob.get(&format!("{}/", stand.url)).await.status, 303);
    // Two of the name: one was put there by somebody else.
    let twice = format!("__Host-{bare}={value}; __Host-{bare}=x");
    bob.cookies.clear();
    assert_eq!(bob.send(Method::GET, &format!("{}/", stand.url), None, &[("cookie", &twice)]).await.status, 303);
}
