//! Every policy that is shipped has tests, they pass, and they reach every rule.

use super::{policy, root};

#[test]
fn shipped_policies_pass_their_tests() {
    let policies: Vec<String> = std::fs::read_dir(root().join("policies"))
        .unwrap()
        .map(|entry| format!("policies/{}", entry.unwrap().file_name().to_str().unwrap()))
        .filter(|name| name.ends_with(".yaml") && !name.ends_with(".test.yaml"))
        .collect();
    let mut args = vec!["test", "--require-coverage"];
    args.extend(policies.iter().map(String::as_str));
    let ran = policy(&root(), &args, "");
    assert_eq!(ran.code, 0, "{}\n{}", ran.out, ran.err);
}

#[test]
fn shipped_policies_have_no_mistakes_without_their_environment() {
    for entry in std::fs::read_dir(root().join("policies")).unwrap() {
        let name = entry.unwrap().file_name().into_string().unwrap();
        if name.ends_with(".yaml") && !name.ends_with(".test.yaml") {
            let ran = policy(&root(), &["check", &format!("policies/{name}")], "");
            assert_eq!(ran.code, 0, "{}{}", ran.out, ran.err);
        }
    }
}

#[test]
fn the_published_schema_of_tests_is_fresh() {
    let published: serde_json::Value =
        serde_json::from_str(&std::fs::read_to_string(root().join("policies/policy-test.schema.json")).unwrap()).unwrap();
    assert!(
        published == portcullis::policy::suite::schema(),
        "policies/policy-test.schema.json is stale: `cargo ctl policy test --schema > policies/policy-test.schema.json`"
    );
}
