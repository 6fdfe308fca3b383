use super::*;
use crate::policy::TlsMode;
use crate::policy::host::Hosts;

fn policy(origins: &[&str]) -> Transport {
    Transport {
        tls: TlsMode::Off,
        forwarded_from: Vec::new(),
        alert_unless: None,
        origins: origins.iter().map(|origin| Origin::parse(origin).unwrap()).collect(),
        paths: Vec::new(),
        hosts: Hosts::Any,
        upstream_credential: None,
        hold_request_headers: true,
    }
}

const CONSOLE: &str = "https://console.example.com";

fn owned(pairs: &[(&str, &str)]) -> Headers {
    pairs.iter().map(|(name, value)| (name.to_string(), value.to_string())).collect()
}

fn head(pairs: &[(&str, &str)]) -> Head {
    Head::new(owned(pairs))
}

fn cors(pairs: &[(&str, &str)]) -> Cors {
    Cors::of(&policy(&[CONSOLE]), &head(pairs))
}

fn value<'a>(headers: &'a Headers, name: &str) -> Option<&'a str> {
    let mut values = http::values(headers, name);
    let value = values.next();
    assert!(values.next().is_none(), "{name} twice");
    value
}

#[test]
fn listed_missing_and_all_others() {
    for (headers, listed, passes) in [
        (&[][..], false, true),
        (&[("origin", CONSOLE)][..], true, true),
        (&[("origin", "HTTPS://Console.example.com")][..], true, true),
        (&[("origin", "https://evil.example")][..], false, false),
        (&[("origin", "https://console.example.com.evil.example")][..], false, false),
        (&[("origin", "https://evil.example/https://console.example.com")][..], false, false),
        (&[("origin", "https://console.example.com/")][..], false, false),
        (&[("origin", "https://console.example.com:443")][..], false, false),
        (&[("origin", "https://console.example.com:8443")][..], false, false),
        (&[("origin", "http://console.example.com")][..], false, false),
        (&[("origin", "https://console.example.com https://evil.example")][..], false, false),
        (&[("origin", "https://console.example.com, https://evil.example")][..], false, false),
        (&[("origin", "null")][..], false, false),
        (&[("origin", "*")][..], false, false),
        (&[("origin", "")][..], false, false),
        (&[("origin", CONSOLE), ("origin", "https://evil.example")][..], false, false),
        (&[("origin", CONSOLE), ("origin", CONSOLE)][..], false, false),
    ] {
        assert_eq!(check(&policy(&[CONSOLE]), &head(headers)).is_ok(), passes, "{headers:?}");
        assert_eq!(cors(headers).origin.is_some(), listed, "{headers:?}");
        assert_eq!(check(&policy(&[]), &head(headers)).is_ok(), headers.is_empty(), "nobody is listed: {headers:?}");
    }
}

#[test]
fn a_browser_that_asks_is_told_what_it_may_send() {
    let ask = |more: &[(&str, &str)]| {
        let mut pairs = vec![(":method", "OPTIONS"), ("origin", CONSOLE), ("access-control-request-method", "POST")];
        pairs.extend(more);
        cors(&pairs).preflight(&head(&pairs)).unwrap()
    };
    let mut reply =
        ask(&[("access-control-request-headers", "authorization, x-evil, Mcp-Param-Region,mcp-param-, mcp-param-a b, mcp-param-x\"y")]);
    cors(&[("origin", CONSOLE)]).decorate(&mut reply);
    assert_eq!((reply.status, reply.body.is_empty()), (204, true));
    assert_eq!(value(&reply.headers, "access-control-allow-origin"), Some(CONSOLE));
    assert_eq!(value(&reply.headers, "access-control-allow-methods"), Some("POST, GET, DELETE"));
    assert_eq!(value(&reply.headers, "vary"), Some("access-control-request-headers, origin"));
    assert!(value(&reply.headers, "access-control-max-age").is_some());
    assert!(value(&reply.headers, "access-control-allow-credentials").is_none());
    let allowed: Vec<&str> = value(&reply.headers, "access-control-allow-headers").unwrap().split(", ").collect();
    for name in REQUEST_HEADERS.iter().chain(&["mcp-param-region"]) {
        assert!(allowed.contains(name), "{name}");
    }
    assert_eq!(allowed.len(), REQUEST_HEADERS.len() + 1, "{allowed:?}");

    let flood = (0..1000).map(|n| format!("mcp-param-{n}")).collect::<Vec<_>>().join(",");
    let reply = ask(&[("access-control-request-headers", &flood)]);
    assert!(value(&reply.headers, "access-control-allow-headers").unwrap().len() < 2000);
}

#[test]
fn what_is_no_question_of_a_listed_page_is_not_answered() {
    for pairs in [
        &[(":method", "OPTIONS"), ("access-control-request-method", "POST")][..],
        &[(":method", "OPTIONS"), ("origin", "https://evil.example"), ("access-control-request-method", "POST")],
        &[(":method", "OPTIONS"), ("origin", "null"), ("access-control-request-method", "POST")],
        &[(":method", "OPTIONS"), ("origin", CONSOLE)],
        &[(":method", "POST"), ("origin", CONSOLE), ("access-control-request-method", "POST")],
    ] {
        assert!(cors(pairs).preflight(&head(pairs)).is_none(), "{pairs:?}");
    }
}

/// What an answer of the server's has when it leaves.
fn after(cors: &Cors, answer: &[(&str, &str)]) -> Headers {
    let mut headers = owned(answer);
    for effect in cors.edits(&headers) {
        match effect {
            Effect::RemoveResponseHeader(name) => headers.retain(|(have, _)| have != name),
            Effect::SetResponseHeader(name, value) => {
                headers.retain(|(have, _)| *have != name);
                headers.push((name, String::from_utf8(value).unwrap()));
            }
            other => panic!("{other:?}"),
        }
    }
    headers
}

#[test]
fn the_filter_alone_speaks_for_origins() {
    let servers = [
        ("access-control-allow-origin", "*"),
        ("access-control-allow-credentials", "true"),
        ("access-control-expose-headers", "x-secret"),
        ("vary", "accept-encoding"),
        ("vary", "Cookie"),
    ];
    let left = after(&cors(&[("origin", CONSOLE)]), &servers);
    assert_eq!(value(&left, "access-control-allow-origin"), Some(CONSOLE));
    assert!(value(&left, "access-control-expose-headers").unwrap().contains("mcp-session-id"));
    assert_eq!(value(&left, "access-control-allow-credentials"), None);
    assert_eq!(value(&left, "vary"), Some("accept-encoding, Cookie, origin"));

    let left = after(&cors(&[]), &servers);
    assert!(left.iter().all(|(name, _)| !name.starts_with("access-control-")), "{left:?}");
    assert_eq!(value(&left, "vary"), Some("accept-encoding, Cookie, origin"), "the page's answer would be another");

    let left = after(&Cors::of(&policy(&[]), &head(&[])), &servers[..3]);
    assert_eq!(left, []);
    for told in ["Origin", "accept, ORIGIN", "*"] {
        assert_eq!(value(&after(&cors(&[]), &[("vary", told)]), "vary"), Some(told));
    }
}
