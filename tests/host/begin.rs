//! The corpus again, configuration, what is logged and counted, and what the host is trusted with.

use super::fake_host::{self, Verifies, state};
use super::stand::{configuration, counted, fetch, run};
use super::support::{case, check};

#[test]
fn the_corpus_through_the_glue() {
    let mut failures = Vec::new();
    let mut ran = 0;
    for case in case::chosen() {
        if case.skip.contains_key("host") {
            continue;
        }
        ran += 1;
        state(|state| state.shared.clear());
        assert!(fake_host::start(&configuration(&case.policy)), "{:?}", state(|state| state.log.clone()));
        if let Some(list) = &case.list {
            fetch(list);
        }
        for size in [usize::MAX, 1] {
            let wrong = check::differences(&case, &run(&case, size));
            if !wrong.is_empty() {
                failures.push((format!("{}: {} (chunks of {size})", case.file, case.name), wrong));
            }
        }
    }
    check::report(&failures, ran);
}

#[test]
fn a_bad_policy_is_refused_with_every_mistake() {
    let bad = br#"{"version":1,"resource":"nowhere","identity":{"issuers":[{"issuer":"https://i.example"}]},"rulez":[]}"#;
    assert!(!fake_host::start(bad));
    let log = state(|state| state.log.join("\n"));
    for part in
        ["resource: expected the endpoint's external URL", "identity.issuers[0]: has no keys", "rulez: unknown name; did you mean `rules`?"]
    {
        assert!(log.contains(part), "{part} is not in\n{log}");
    }
    assert!(!fake_host::start(b""));
    assert!(!fake_host::start(&[0xff, 0x00, 0x80]));
}

#[test]
fn a_start_is_logged_with_version_commit_and_digest() {
    assert!(fake_host::start(&configuration("default")));
    let log = state(|state| state.log.join("\n"));
    assert!(log.contains(&format!("portcullis {} ({})", portcullis::VERSION, portcullis::GIT_HASH)), "{log}");
}

/// How long it takes to verify is the host's or ours; what comes of it is the same.
#[test]
fn the_host_verifies_what_it_can_be_trusted_with() {
    let cases = case::all();
    let named = |name: &str| cases.iter().find(|case| case.name == name).unwrap();
    for (verifies, trusted) in [
        (Verifies::Absent, "no signatures"),
        (Verifies::Everything, "no signatures"),
        (Verifies::Nothing, "no signatures"),
        (Verifies::Unimplemented, "no signatures"),
        (Verifies::Broken, "no signatures"),
        (Verifies::Rightly, "ES256, ES384 signatures"),
    ] {
        state(|state| state.verifies = verifies);
        assert!(fake_host::start(&configuration("default")));
        let log = state(|state| state.log.join("\n"));
        assert!(log.contains(&format!("the host verifies {trusted}")), "{verifies:?}: {log}");
        for name in ["a forged signature", "handshake needs no rule"] {
            let before = state(|state| state.verified);
            let wrong = check::differences(named(name), &run(named(name), usize::MAX));
            assert_eq!(wrong, [""; 0], "{verifies:?}: {name}");
            assert_eq!(state(|state| state.verified) > before, verifies == Verifies::Rightly, "{verifies:?}: {name}");
        }
    }
}

#[test]
fn what_happens_is_counted() {
    assert!(fake_host::start(&configuration("default")));
    let allowed = case::all().into_iter().find(|case| case.name.starts_with("an allowed call")).unwrap();
    let refused = case::all().into_iter().find(|case| case.name.starts_with("no rule allows")).unwrap();
    run(&allowed, usize::MAX);
    run(&refused, usize::MAX);
    assert_eq!(counted("portcullis.exchanges_allowed"), 1);
    assert_eq!(counted("portcullis.exchanges_refused"), 1);
}
