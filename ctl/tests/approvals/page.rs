//! The page, as a browser meets it: logging in, looking, deciding, and what must not work.

use reqwest::{Method, Url};
use serde_json::json;

use super::stand::{Plan, Stand, digest};
use super::support::browser::Browser;

async fn stand() -> Stand {
    Stand::with(Plan { page: true, ..Plan::default() }).await
}

#[tokio::test(flavor = "multi_thread")]
async fn somebody_logs_in_looks_and_approves() {
    let stand = stand().await;
    let id = stand.asked(&stand.request("x")).await;
    let (mut bob, page) = Browser::log_in(&stand, &format!("/r/{id}"), "bob", "leads").await;
    assert_eq!(page.status, 200);
    for expected in ["run_sql", "DELETE FROM orders", "dba-writes", "A write.", "ada@example.com", "agent-7", "Approve", "Refuse"] {
        assert!(page.text.contains(expected), "{expected}\n{}", page.text);
    }
    let policy = page.headers["content-security-policy"].to_str().unwrap();
    assert!(policy.contains("default-src 'none'") && policy.contains("script-src 'self'") && !policy.contains("unsafe"), "{policy}");
    assert_eq!(page.headers["cache-control"], "no-store");
    assert!(!page.text.contains(" style=") && !page.text.contains(" onclick=") && !page.text.contains("<script>"));
    assert!(bob.get(&format!("{}/", stand.url)).await.text.contains(&format!("/r/{id}")));

    let url = format!("{}/r/{id}", stand.url);
    let csrf = page.csrf();
    let done = bob.post(&url, &[("csrf", &csrf), ("decision", "approve"), ("reason", "ticket 4711")]).await;
    assert_eq!((done.status, done.location()), (303, format!("/r/{id}")));
    let told = stand.status(&id).await;
    assert_eq!(told["task"]["status"], "approved");
    assert_eq!(told["approval"]["decisions"][0]["reason"], "ticket 4711");
    assert_eq!(told["approval"]["decisions"][0]["by"], format!("{}#bob", stand.issuer.issuer));
    let again = bob.post(&url, &[("csrf", &csrf), ("decision", "deny"), ("reason", "no")]).await;
    assert_eq!(again.status, 409);
    assert!(again.text.contains("It is decided already"), "{}", again.text);
    let found = bob.get(&format!("{}/history?q=RUN_SQL&view=approved", stand.url)).await;
    assert!(found.text.contains(&id));
    assert!(!bob.get(&format!("{}/history?q=nothing+like+it", stand.url)).await.text.contains(&id));
}

#[tokio::test(flavor = "multi_thread")]
async fn glass_is_broken_and_looked_at_later() {
    let stand = stand().await;
    let id = stand.asked(&stand.request("x")).await;
    let url = format!("{}/r/{id}", stand.url);
    let (mut oscar, page) = Browser::log_in(&stand, &format!("/r/{id}"), "oscar", "on-call").await;
    assert!(page.text.contains("value=\"break_glass\"") && !page.text.contains("value=\"approve\""), "{}", page.text);
    assert!(page.text.contains("you may approve it alone") && page.text.contains("Reason (needed)"), "{}", page.text);
    let csrf = page.csrf();
    // An emergency has a reason, and an ordinary approval is not his to give.
    let silent = oscar.post(&url, &[("csrf", &csrf), ("decision", "break_glass"), ("reason", "")]).await;
    assert_eq!(silent.status, 422, "{}", silent.text);
    let ordinary = oscar.post(&url, &[("csrf", &csrf), ("decision", "approve"), ("reason", "x")]).await;
    assert_eq!(ordinary.status, 403, "{}", ordinary.text);
    assert_eq!(stand.status(&id).await["task"]["status"], "pending");
    let broken = oscar.post(&url, &[("csrf", &csrf), ("decision", "break_glass"), ("reason", "the shop is down")]).await;
    assert_eq!(broken.status, 303, "{}", broken.text);
    let told = stand.status(&id).await;
    assert_eq!((&told["task"]["status"], &told["approval"]["decisions"][0]["break_glass"]), (&json!("approved"), &json!(true)));

    // Nobody reviews himself; a reviewer finds it waiting, once.
    let own = oscar.get(&url).await;
    assert!(own.text.contains("alone, in an emergency") && !own.text.contains("value=\"justified\""), "{}", own.text);
    let (mut sam, reviews) = Browser::log_in(&stand, "/reviews", "sam", "security").await;
    assert!(reviews.text.contains(&format!("/r/{id}")), "{}", reviews.text);
    let page = sam.get(&url).await;
    assert!(page.text.contains("Was that justified?") && page.text.contains("value=\"unjustified\""), "{}", page.text);
    let review = format!("{url}/review");
    let csrf = page.csrf();
    let his = oscar.get(&format!("{}/", stand.url)).await.csrf();
    let refused = oscar.post(&review, &[("csrf", &his), ("decision", "justified"), ("reason", "me")]).await;
    assert!(refused.status == 403 || refused.status == 409, "{} {}", refused.status, refused.text);
    assert_eq!(sam.post(&review, &[("csrf", &csrf), ("decision", "maybe"), ("reason", "x")]).await.status, 400);
    let done = sam.post(&review, &[("csrf", &csrf), ("decision", "unjustified"), ("reason", "it could have waited")]).await;
    assert_eq!((done.status, done.location()), (303, format!("/r/{id}")), "{}", done.text);
    let page = sam.get(&url).await;
    assert!(page.text.contains("not justified") && page.text.contains("it could have waited"), "{}", page.text);
    assert!(!sam.get(&format!("{}/reviews", stand.url)).await.text.contains(&format!("/r/{id}")));
    let again = sam.post(&review, &[("csrf", &page.csrf()), ("decision", "justified"), ("reason", "x")]).await;
    assert_eq!(again.status, 409, "{}", again.text);
}

#[tokio::test(flavor = "multi_thread")]
async fn only_the_page_itself_changes_anything() {
    let stand = stand().await;
    let id = stand.asked(&stand.request("x")).await;
    let (mut bob, page) = Browser::log_in(&stand, &format!("/r/{id}"), "bob", "leads").await;
    let (url, csrf) = (format!("{}/r/{id}", stand.url), page.csrf());
    let (_, others) = Browser::log_in(&stand, "/", "eve", "leads").await;
    for wrong in
        [&[("decision", "approve")][..], &[("decision", "approve"), ("csrf", "x")], &[("decision", "approve"), ("csrf", &others.csrf())]]
    {
        assert_eq!(bob.post(&url, wrong).await.status, 403);
    }
    let form = [("decision", "approve"), ("csrf", csrf.as_str())];
    for header in
        [("origin", "https://evil.example.com"), ("origin", "null"), ("sec-fetch-site", "cross-site"), ("sec-fetch-site", "same-site")]
    {
        assert_eq!(bob.send(Method::POST, &url, Some(&form), &[header]).await.status, 403, "{header:?}");
    }
    // The programs' endpoints believe the session too, and no form of another site reaches them with it.
    let decisions = format!("{}/access/v1/requests/{id}/decisions", stand.url);
    assert_eq!(bob.send(Method::POST, &decisions, None, &[("content-type", "application/json")]).await.status, 403);
    assert_eq!(bob.get(&format!("{}/approver/v1/me", stand.url)).await.status, 200);
    assert_eq!(bob.post(&format!("{}/logout", stand.url), &[]).await.status, 403);
    assert_eq!(stand.status(&id).await["task"]["status"], "pending");
    let here = [("origin", stand.url.as_str()), ("sec-fetch-site", "same-origin")];
    assert_eq!(bob.send(Method::POST, &url, Some(&form), &here).await.status, 303);
}

#[tokio::test(flavor = "multi_thread")]
async fn refusals_are_said_on_the_page() {
    let stand = stand().await;
    let mut request = stand.request("x");
    request["context"]["approvers"]["reason"] = json!("required");
    let id = stand.asked(&request).await;
    let url = format!("{}/r/{id}", stand.url);
    let (mut ada, page) = Browser::log_in(&stand, &format!("/r/{id}"), "ada", "leads on-call").await;
    assert!(page.text.contains("This is your own request") && !page.text.contains("value=\"approve\""));
    for decision in ["approve", "break_glass"] {
        let own = ada.post(&url, &[("csrf", &page.csrf()), ("decision", decision), ("reason", "x")]).await;
        assert_eq!(own.status, 403);
        assert!(own.text.contains("somebody else has to decide"));
    }
    let (mut bob, page) = Browser::log_in(&stand, &format!("/r/{id}"), "bob", "leads").await;
    let silent = bob.post(&url, &[("csrf", &page.csrf()), ("decision", "approve"), ("reason", "  ")]).await;
    assert_eq!(silent.status, 422);
    assert!(silent.text.contains("A reason is needed."));
    let odd = bob.post(&url, &[("csrf", &page.csrf()), ("decision", "maybe"), ("reason", "<kept>")]).await;
    assert!(odd.status == 400 && odd.text.contains("&lt;kept&gt;"), "what was written stays");
    // Whoever is no approver does not even see it.
    let (_, unseen) = Browser::log_in(&stand, &format!("/r/{id}"), "mallory", "staff").await;
    assert_eq!(unseen.status, 404);
    assert_eq!(stand.status(&id).await["task"]["status"], "pending");

    let (mut oscar, page) = Browser::log_in(&stand, &format!("/r/{id}"), "oscar", "on-call").await;
    assert!(page.text.contains("Break glass") && !page.text.contains("value=\"deny\""));
    let broken = oscar.post(&url, &[("csrf", &page.csrf()), ("decision", "break_glass"), ("reason", "the shop is down")]).await;
    assert_eq!(broken.status, 303);
    let (mut sam, reviews) = Browser::log_in(&stand, "/reviews", "sam", "security").await;
    assert!(reviews.text.contains(&id));
    let opinion =
        [("csrf", &*reviews.csrf()), ("decision", "justified"), ("reason", "it was down")].map(|(name, value)| (name, value.to_owned()));
    let opinion: Vec<(&str, &str)> = opinion.iter().map(|(name, value)| (*name, value.as_str())).collect();
    assert_eq!(sam.post(&format!("{url}/review"), &opinion).await.status, 303);
    assert!(sam.get(&url).await.text.contains("found the emergency justified"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_session_ends() {
    let stand = stand().await;
    let id = stand.asked(&stand.request("x")).await;
    let url = format!("{}/r/{id}", stand.url);
    let (mut bob, page) = Browser::log_in(&stand, &format!("/r/{id}"), "bob", "leads").await;
    let kept = bob.cookies.clone();
    let out = bob.post(&format!("{}/logout", stand.url), &[("csrf", &page.csrf())]).await;
    assert!(out.status == 200 && bob.cookies.is_empty(), "{:?}", bob.cookies);
    // In the store, not only in the browser.
    bob.cookies = kept;
    assert_eq!(bob.get(&url).await.status, 303);
    assert_eq!(bob.post(&url, &[("csrf", &page.csrf()), ("decision", "approve")]).await.status, 401);

    let (mut bob, page) = Browser::log_in(&stand, &format!("/r/{id}"), "bob", "leads").await;
    stand.clock.advance(8 * 3_600_000);
    assert_eq!(bob.get(&url).await.status, 303);
    assert_eq!(bob.post(&url, &[("csrf", &page.csrf()), ("decision", "approve")]).await.status, 401);
    stand.server.service.sweep().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_login_belongs_to_the_browser_that_began_it() {
    let stand = stand().await;
    let mut bob = Browser::new();
    let callback = bob.until_callback(&stand, "/", "bob", "leads").await;
    // Somebody else's browser is not logged in as Bob by it, nor by a changed answer.
    assert_eq!(Browser::new().get(&callback).await.status, 400);
    let mut eve = Browser::new();
    eve.until_callback(&stand, "/", "eve", "").await;
    let other = eve.get(&callback).await;
    assert!(other.status == 400 && eve.cookies.is_empty(), "{}", other.text);
    let url = Url::parse(&callback).unwrap();
    let with = |name: &str, value: &str| {
        let mut changed = url.clone();
        let pairs: Vec<(String, String)> = url.query_pairs().into_owned().filter(|(known, _)| known != name).collect();
        changed.query_pairs_mut().clear().extend_pairs(pairs).append_pair(name, value);
        changed.to_string()
    };
    let cookies = bob.cookies.clone();
    for (changed, status) in [
        (with("iss", "https://evil.example.com"), 400),
        (with("state", ""), 400),
        (with("code", "x"), 502),
        (with("error", "<script>alert(1)</script>"), 400),
    ] {
        bob.cookies = cookies.clone();
        let seen = bob.get(&changed).await;
        assert_eq!(seen.status, status, "{changed}");
        assert!(!seen.text.contains("<script>alert"));
    }
    // The nonce of another login.
    bob.cookies = cookies
        .iter()
        .map(|(name, value)| {
            let parts: Vec<&str> = value.split('.').collect();
            (name.clone(), format!("{}.{}.{}.{}", parts[0], "other", parts[2], parts[3]))
        })
        .collect();
    let seen = bob.get(&callback).await;
    assert!(seen.status == 400 && seen.text.contains("meant for another page"), "{} {}", seen.status, seen.text);
    // Nobody is sent elsewhere.
    for target in ["https://evil.example.com", "//evil.example.com", "/\\evil.example.com"] {
        let mut browser = Browser::new();
        let query = Url::parse_with_params("http://x", [("to", target)]).unwrap().query().unwrap().to_owned();
        let begun = browser.get(&format!("{}/login?{query}", stand.url)).await;
        let chosen = browser.post(&begun.location(), &[("user", "bob"), ("groups", "")]).await;
        assert_eq!(browser.get(&chosen.location()).await.location(), "/");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn hostile_texts_are_texts() {
    let stand = stand().await;
    let evil = "<script>alert(1)</script>\"'><img src=x onerror=alert(2)>\u{202e}";
    let mut request = stand.request("evil");
    let shown = json!({ evil: evil });
    let canonical = serde_json::to_string(&shown).unwrap();
    request["context"]["shown"] = shown;
    request["context"]["shown_digest"] = json!(digest(&canonical));
    request["resource"]["id"] = json!(evil);
    for place in ["user", "email", "client"] {
        request["subject"]["properties"][place] = json!(evil);
    }
    request["subject"]["properties"]["groups"] = json!([evil]);
    request["subject"]["properties"]["actors"] = json!([{ "subject": evil, "client": evil }]);
    for place in ["rule", "message", "session"] {
        request["context"][place] = json!(evil);
    }
    let told = stand.ask(&request).await;
    assert_eq!(told.status, 201, "{told:?}");
    let id = told.body["task"]["id"].as_str().unwrap().to_owned();
    let (mut bob, page) = Browser::log_in(&stand, &format!("/r/{id}"), "bob", "leads").await;
    let url = format!("{}/r/{id}", stand.url);
    bob.post(&url, &[("csrf", &page.csrf()), ("decision", "deny"), ("reason", evil)]).await;
    let search = Url::parse_with_params(&format!("{}/history", stand.url), [("q", evil)]).unwrap();
    for address in [url.as_str(), &format!("{}/", stand.url), &format!("{}/history", stand.url), search.as_str()] {
        let seen = bob.get(address).await;
        assert_eq!(seen.status, 200);
        assert!(!seen.text.contains("<script>alert") && !seen.text.contains("<img"), "{address}");
    }
    let seen = bob.get(&url).await;
    assert!(seen.text.contains("&lt;script&gt;") && !seen.text.contains('\u{202e}') && seen.text.contains("\\u202e"));
}

#[tokio::test(flavor = "multi_thread")]
async fn without_logins_links_lead_to_the_terminal() {
    let stand = Stand::new().await;
    let id = stand.asked(&stand.request("x")).await;
    let text = stand.client.get(format!("{}/r/{id}", stand.url)).send().await.unwrap().text().await.unwrap();
    assert!(text.contains("portcullisctl approvals approve"));
    assert_eq!(stand.client.get(format!("{}/login", stand.url)).send().await.unwrap().status().as_u16(), 404);
}
