//! Commands that print a secret for whoever is there to read it. Told only where nothing takes it: `docker login -p $(gh auth token)` is how it is meant to be used.

use super::super::command::Call;
use super::super::consoles::Names;
use super::super::text::names_secret;

/// Options by which a program shows what it would else hide.
const UNHIDES: [&str; 13] = [
    "--show-secrets",
    "--show-secret",
    "--reveal",
    "--show-token",
    "--show-tokens",
    "--show-password",
    "--show-passwords",
    "--unmask",
    "--no-mask",
    "--with-decryption",
    "--show-sensitive",
    "--include-secrets",
    "--print-password",
];

/// Stores of secrets, and what they are told to print one.
const STORES: [(&str, &[&str]); 15] = [
    ("keyring", &["get"]),
    ("gopass", &["show", "cat"]),
    ("pass", &["show"]),
    ("rbw", &["get"]),
    ("bw", &["get", "export"]),
    ("lpass", &["show", "export"]),
    ("keepassxc-cli", &["show", "clip", "export"]),
    ("chamber", &["read", "export", "env"]),
    ("sops", &["-d", "--decrypt", "decrypt"]),
    ("infisical", &["export", "secrets"]),
    ("akeyless", &["get-secret-value"]),
    ("conjur", &["variable"]),
    ("enpass-cli", &["show", "pass"]),
    ("protonpass", &["item"]),
    ("dashlane", &["password"]),
];

/// Programs that keep values by their names, secrets among others.
static KEEPERS: Names = Names::of(&[
    "terraform",
    "tofu",
    "pulumi",
    "consul",
    "etcdctl",
    "heroku",
    "fly",
    "flyctl",
    "railway",
    "vercel",
    "netlify",
    "supabase",
    "wrangler",
    "gh",
    "glab",
    "nomad",
    "aws",
]);

/// `aws SERVICE get-THING`: things that let whoever has them in.
fn is_key_of_aws(action: &str) -> bool {
    const THINGS: [&str; 9] = [
        "secret-value",
        "password",
        "credentials",
        "auth-token",
        "authorization-token",
        "federation-token",
        "access-details",
        "bearer-token",
        "session-token",
    ];
    ["get-", "generate-", "batch-get-"].iter().any(|verb| action.starts_with(verb))
        && THINGS.iter().any(|thing| action.contains(thing))
        && !["random-password", "password-policy", "credentials-report"].iter().any(|harmless| action.contains(harmless))
}

pub(in super::super) fn shows_secret(call: &Call<'_>) -> bool {
    let stored = STORES.iter().any(|(name, verbs)| call.name == *name && call.texts().take(3).any(|text| verbs.contains(&text)));
    let kept = KEEPERS.has(call.name)
        && call.texts().take(3).any(|text| matches!(text, "output" | "get" | "read" | "print" | "config:get" | "get-value"))
        && call.operands().skip(1).any(|name| names_secret(&name.text) && !name.text.starts_with('{'));
    let of_cloud = match call.name {
        "aws" => call.text(0) != "help" && call.texts().take(6).any(is_key_of_aws),
        "az" => call.texts().take(6).any(|text| text.ends_with("connection-string") || text.ends_with("connection-strings")),
        "gcloud" => call.texts().take(5).any(|text| text == "generate-login-token"),
        "doctl" => call.texts().take(3).any(|text| text == "connection" || text == "conn"),
        _ => false,
    };
    // Written to where it belongs, not shown.
    let written =
        call.name == "sops" && call.texts().any(|text| matches!(text, "-i" | "--in-place" | "--output") || text.starts_with("--output="));
    stored && !written || kept || of_cloud || call.texts().any(|text| text.starts_with("--") && UNHIDES.contains(&text))
}
