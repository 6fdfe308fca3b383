use super::*;

const GOOD: &str = "
version: 1
public_url: https://approvals.example.com
store: { sqlite: approvals.db }
signing_keys: [approvals.key]
filters:
  - { id: orders, secret_sha256: 9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08 }
approvers:
  issuers:
    - { issuer: https://id.example.com, jwks_url: https://id.example.com/keys/jwks.json }
notices:
  - { id: chat, slack: { url: \"${env:HOOK}\" } }
";

fn env(name: &str) -> Option<String> {
    (name == "HOOK").then(|| "https://hooks.example.com/x".to_owned())
}

fn problems(text: &str) -> String {
    from_yaml(text, &env).map(|config| format!("{config:?}")).unwrap_err().to_string()
}

#[test]
fn what_is_left_out_has_a_default() {
    let config = from_yaml(GOOD, &env).unwrap();
    assert_eq!(config.listen.to_string(), "127.0.0.1:8181");
    let issuer = &config.approvers.identity.issuers[0];
    assert_eq!(issuer.audiences, ["https://approvals.example.com"]);
    let crate::policy::KeySource::Jwks(jwks) = &issuer.keys else { panic!("no key set") };
    assert_eq!((jwks.cluster.as_str(), jwks.path.as_str()), ("https://id.example.com", "/keys/jwks.json"));
    assert_eq!(config.notices[0].on, [Happening::Requested, Happening::BreakGlass]);
    assert_eq!(config.filters[0].rate, Rate { count: 600, span: Duration::from_secs(60) });
}

#[test]
fn every_mistake_is_told_with_its_place() {
    let text = GOOD
        .replace("version: 1", "version: 1\nlisten: 0.0.0.0:80")
        .replace("sqlite: approvals.db", "sqlite: a, postgres: b")
        .replace("9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08", "test")
        .replace("slack: {", "slak: {");
    let told = problems(&text);
    for expected in [
        "listen: secrets would go over the network in the clear",
        "store: expected one of `sqlite: FILE`",
        "filters[0].secret_sha256",
        "the SHA-256 of the secret and not the secret",
        "notices[0].slak: unknown name; did you mean `slack`?",
    ] {
        assert!(told.contains(expected), "{expected}\n{told}");
    }
}

#[test]
fn a_list_of_what_was_taken_back_is_that_of_policies() {
    let with = |list: &str| GOOD.replace("notices:", &format!("  revocation: {{ {list} }}\nnotices:"));
    let config = from_yaml(&with("url: \"https://id.example.com:8443/revoked/list.jwt\", interval: 5s, unsigned: true"), &env).unwrap();
    let list = config.approvers.identity.revocation.unwrap();
    assert_eq!((list.cluster.as_str(), list.host.as_str()), ("https://id.example.com:8443", "id.example.com:8443"));
    assert_eq!(
        (list.path.as_str(), list.interval, list.stale_after),
        ("/revoked/list.jwt", Duration::from_secs(5), Duration::from_secs(60))
    );
    let told = problems(&with("url: \"https://id.example.com/list.jwt\", interval: 1h"));
    assert!(told.contains("approvers.revocation.interval: must be from 1s to 5m"), "{told}");
    let told = problems(&with("url: \"https://id.example.com/list.jwt\""));
    assert!(told.contains("approvers.revocation: has no `keys`; `portcullisctl revoke --file FILE --public-key`"), "{told}");
}

#[test]
fn behind_a_proxy_all_come_from_one_address() {
    let limits = |more: &str| from_yaml(&format!("{GOOD}{more}"), &env).map(|config| config.limits);
    assert_eq!(limits("").unwrap().connections_of_address, Some(500));
    assert_eq!(limits("limits: { connections: 20, connections_of_address: 10 }\n").unwrap().connections_of_address, Some(10));
    assert_eq!(limits("behind_proxy: true\n").unwrap().connections_of_address, None);
    let told = limits("limits: { connections: 0 }\n").unwrap_err().to_string();
    assert!(told.contains("limits.connections: must be 1 or more"), "{told}");
    let told = limits("behind_proxy: true\nlimits: { connections_of_address: 10 }\n").unwrap_err().to_string();
    assert!(told.contains("limits.connections_of_address: has no effect with `behind_proxy`"), "{told}");
}

#[test]
fn the_page_logs_in_at_a_trusted_issuer() {
    let with = |login: &str| format!("{GOOD}login: {{ {login} }}\n");
    let config = from_yaml(&with("issuer: https://id.example.com, client_id: page, scopes: [groups]"), &env).unwrap();
    let login = config.login.unwrap();
    assert_eq!((login.scopes, login.session), (vec!["openid".to_owned(), "groups".to_owned()], Duration::from_secs(28_800)));
    // An ID token is for the page; the service's own audience stays that of access tokens.
    assert_eq!(login.identity.issuers[0].audiences, ["page"]);
    let told = problems(&with("issuer: https://other.example.com, client_id: page, session: 2d"));
    assert!(told.contains("login.issuer: is none of `approvers.issuers`") && told.contains("from 1m to 24h"), "{told}");
}

#[test]
fn a_missing_variable_is_told_without_envoy() {
    let told = problems(&GOOD.replace("HOOK", "OTHER"));
    assert!(told.contains("`OTHER` is not set for this program"), "{told}");
}

#[test]
fn what_would_be_in_the_clear_or_mistaken_is_refused() {
    let hook = |to: &str| GOOD.replace("\"${env:HOOK}\"", to);
    assert!(problems(&hook("http://hooks.example.com/x")).contains("begins with `https://`"));
    assert!(from_yaml(&hook("http://127.0.0.1:9/x"), &env).is_ok());
    assert!(problems(&hook("http://127.0.0.1.example.com/x")).contains("begins with `https://`"));
    let filter = GOOD.lines().find(|line| line.contains("secret_sha256")).unwrap();
    let twice = GOOD.replace(filter, &format!("{filter}\n{}", filter.replace("orders", "billing")));
    assert!(problems(&twice).contains("this secret is listed already"));
    let people = GOOD.replace("approvers:\n", "approvers:\n  people: [{ logins: [ada, ada@example.com] }]\n");
    assert!(problems(&people).contains("expected `ISSUER#SUBJECT`"));
}
