//! Access that was taken back, and callers who are too many.

use std::io::{ErrorKind, Read};
use std::net::TcpStream;
use std::path::Path;
use std::time::{Duration, Instant};

use portcullisctl::revoke::{Entry, ListFile, Renewal, serve};
use reqwest::Method;

use super::stand::{Plan, SECRET, Stand};
use super::support::browser::Browser;

/// A list, who serves it, and the service that looks at it.
async fn stand(list: &Path) -> (Stand, serve::Server) {
    let mut file = ListFile::open(list, None).unwrap();
    file.save(Renewal::now().unwrap()).unwrap();
    let key = file.public_key().unwrap();
    let server = serve::Server::start(list).await.unwrap();
    let revocation = format!("  revocation: {{ url: \"{}/revocations.jwt\", interval: 1s, stale_after: 5m, keys: [{key}] }}\n", server.url);
    let plan = Plan::default();
    let approvers = format!("{}{revocation}", plan.approvers);
    (Stand::with(Plan { page: true, approvers, ..plan }).await, server)
}

fn revoke(list: &Path, entry: Entry) {
    let mut file = ListFile::open(list, None).unwrap();
    file.add(entry);
    file.save(Renewal::now().unwrap()).unwrap();
}

async fn eventually(what: &str, mut done: impl AsyncFnMut() -> bool) {
    let begin = Instant::now();
    while !done().await {
        assert!(begin.elapsed() < Duration::from_secs(60), "never: {what}");
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_taken_back_ends_before_it_expires() {
    let folder = tempfile::tempdir().unwrap();
    let list = folder.path().join("revocations.jwt");
    let (stand, server) = stand(&list).await;
    let id = stand.asked(&stand.request("x")).await;
    let (bob, carol) = (stand.token("bob", &["leads"]), stand.token("carol", &["leads"]));
    let (mut browser, page) = Browser::log_in(&stand, &format!("/r/{id}"), "bob", "leads").await;
    assert_eq!(page.status, 200);
    assert_eq!(stand.get("/approver/v1/me", &bob).await.status, 200);
    let events = |token: String| stand.client.get(format!("{}/approver/v1/events", stand.url)).bearer_auth(token).send();
    let (mut of_bob, mut of_carol) = (events(bob.clone()).await.unwrap(), events(carol.clone()).await.unwrap());
    assert!(of_bob.chunk().await.unwrap().is_some() && of_carol.chunk().await.unwrap().is_some());

    revoke(&list, Entry::Subject { iss: stand.issuer.issuer.clone(), sub: "bob".to_owned(), before: None, note: None });
    eventually("his token counts no more", async || stand.get("/approver/v1/me", &bob).await.status == 401).await;
    let told = stand.get("/approver/v1/me", &bob).await;
    assert_eq!((told.status, told.body["error"].as_str()), (401, Some("revoked")), "{told:?}");
    assert_eq!(stand.approve(&id, &bob).await.status, 401);
    // His page: what he sends is refused, what he looks at wants a login, and that does not help.
    let url = format!("{}/r/{id}", stand.url);
    let sent = browser.post(&url, &[("csrf", &page.csrf()), ("decision", "approve"), ("reason", "x")]).await;
    assert_eq!(sent.status, 401, "{}", sent.text);
    assert_eq!(browser.get(&url).await.status, 303);
    let mut again = Browser::new();
    let callback = again.until_callback(&stand, "/", "bob", "leads").await;
    let refused = again.get(&callback).await;
    assert!(refused.status == 401 && refused.text.contains("taken back") && again.cookies.is_empty(), "{}", refused.text);
    // His stream ends, and nobody else's.
    let ended = tokio::time::timeout(Duration::from_secs(60), async { while let Ok(Some(_)) = of_bob.chunk().await {} }).await;
    assert!(ended.is_ok(), "his stream goes on");
    assert_eq!(stand.approve(&id, &carol).await.status, 200);
    eventually("hers tells", async || {
        let chunk = of_carol.chunk().await.unwrap().unwrap();
        String::from_utf8_lossy(&chunk).contains(&id)
    })
    .await;
    assert_eq!(stand.status(&id).await["approval"]["decisions"][0]["by"], format!("{}#carol", stand.issuer.issuer));

    // Without a list that is young enough, nobody is believed.
    drop(server);
    stand.clock.advance(360_000);
    eventually("nobody is believed", async || stand.get("/approver/v1/me", &carol).await.status == 503).await;
    // Filters have secrets, not tokens.
    assert_eq!(stand.status(&id).await["task"]["status"], "approved");
}

#[tokio::test(flavor = "multi_thread")]
async fn one_address_is_answered_so_often_and_no_more() {
    let stand = Stand::with(Plan { limits: ", address: 20/m".to_owned(), ..Plan::default() }).await;
    let id = stand.asked(&stand.request("x")).await;
    let bob = stand.token("bob", &["leads"]);
    let mut statuses = Vec::new();
    for turn in 0..24 {
        let token = if turn % 2 == 0 { "no.such.token" } else { bob.as_str() };
        statuses.push(stand.get("/approver/v1/me", token).await.status);
    }
    assert_eq!(statuses[..20], [[401, 200]; 10].concat()[..]);
    assert_eq!(statuses[20..], [429; 4]);
    // A filter that shows its secret is counted by its own name; one that guesses is not answered any more.
    assert_eq!(stand.status(&id).await["task"]["status"], "pending");
    let path = format!("/access/v1/requests/{id}");
    assert_eq!(stand.call(Method::GET, &path, "no-such-secret", &[], None).await.status, 429);
    stand.clock.advance(60_000);
    assert_eq!(stand.get("/approver/v1/me", &bob).await.status, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn one_address_has_so_many_connections_and_no_more() {
    let stand =
        Stand::with(Plan { limits: ", address: 1000000/m, connections: 20, connections_of_address: 3".to_owned(), ..Plan::default() })
            .await;
    let open = || {
        let stream = TcpStream::connect(stand.server.address).unwrap();
        stream.set_read_timeout(Some(Duration::from_millis(300))).unwrap();
        stream
    };
    // Still open: there is nothing to read. Closed: there never will be.
    let is_open = |mut stream: &TcpStream| match stream.read(&mut [0_u8; 1]) {
        Err(err) => matches!(err.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut),
        Ok(_) => false,
    };
    let mut held: Vec<TcpStream> = (0..3).map(|_| open()).collect();
    assert!(held.iter().all(is_open));
    assert!((0..3).all(|_| !is_open(&open())), "more than three");
    held.pop();
    // The connection of a client with keep-alive stays, too.
    let fresh = reqwest::Client::builder().pool_max_idle_per_host(0).build().unwrap();
    let url = format!("{}/access/v1/requests/apr_x", stand.url);
    eventually("there is room again", async || {
        let answer = fresh.get(&url).bearer_auth(SECRET).header("connection", "close").send().await;
        answer.is_ok_and(|answer| answer.status() == 404)
    })
    .await;
    assert!(held.iter().all(is_open), "nobody else's was closed");
}
