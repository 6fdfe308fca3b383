//! What is written about the service is so.

use portcullis::policy::approval_service as config;

fn file(name: &str) -> String {
    std::fs::read_to_string(format!("{}/../{name}", env!("CARGO_MANIFEST_DIR"))).unwrap()
}

#[test]
fn the_configuration_in_the_documentation_is_one() {
    let page = file("docs/approvals.md");
    let yaml = page.split("```yaml\n").nth(1).unwrap().split("```").next().unwrap();
    let env = |name: &str| {
        let url = name.starts_with("SLACK") || name.starts_with("TEAMS");
        Some(if url { "https://hooks.example.com/x".to_owned() } else { "a secret of some length, or more".to_owned() })
    };
    let config = config::from_yaml(yaml, &env).unwrap_or_else(|report| panic!("{report}"));
    assert_eq!(config.notices.len(), 4);
}

#[test]
fn the_schema_is_that_of_the_program() {
    let kept: serde_json::Value = serde_json::from_str(&file("policies/approvals.schema.json")).unwrap();
    assert_eq!(
        kept,
        config::schema(),
        "policies/approvals.schema.json is stale: `cargo ctl approvals schema > policies/approvals.schema.json`"
    );
}
