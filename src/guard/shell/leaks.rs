//! Secrets of the environment, and where they may go: a token is for whoever gave it.

use super::Class;
use super::command::Call;
use super::outward::names_address;
use super::state::Shell;
use super::value::{HOLE, Taint};

/// Parts of names of variables, and of hosts that the token is for.
const GIVEN_BY: &[(&str, &[&str])] = &[
    ("GITHUB_TOKEN", &["github", "ghcr.io", "ghe", "git."]),
    ("GITHUB_PAT", &["github", "ghcr.io", "ghe", "git."]),
    ("GH_TOKEN", &["github", "ghcr.io", "ghe", "git."]),
    ("GH_PAT", &["github", "ghcr.io", "ghe", "git."]),
    ("GITLAB_TOKEN", &["gitlab", "git."]),
    ("CI_JOB_TOKEN", &["gitlab", "git."]),
    ("CI_REGISTRY_PASSWORD", &["gitlab", "registry"]),
    ("NPM_TOKEN", &["npm", "registry", "github", "nexus", "artifactory", "jfrog", "verdaccio"]),
    ("NODE_AUTH_TOKEN", &["npm", "registry", "github", "nexus", "artifactory", "jfrog"]),
    ("PYPI_TOKEN", &["pypi", "nexus", "artifactory", "jfrog"]),
    ("TWINE_PASSWORD", &["pypi", "nexus", "artifactory", "jfrog"]),
    ("CARGO_REGISTRY_TOKEN", &["crates.io", "registry"]),
    ("OPENAI_API_KEY", &["openai", "azure"]),
    ("ANTHROPIC_API_KEY", &["anthropic", "claude"]),
    ("ANTHROPIC_AUTH_TOKEN", &["anthropic", "claude"]),
    ("GEMINI_API_KEY", &["googleapis", "google"]),
    ("GOOGLE_API_KEY", &["googleapis", "google"]),
    ("AWS_SECRET", &["amazonaws", "aws"]),
    ("AWS_ACCESS_KEY", &["amazonaws", "aws"]),
    ("AWS_SESSION_TOKEN", &["amazonaws", "aws"]),
    ("AZURE_CLIENT_SECRET", &["microsoft", "azure", "windows.net"]),
    ("ARM_CLIENT_SECRET", &["microsoft", "azure", "windows.net"]),
    ("ACTIONS_ID_TOKEN_REQUEST_TOKEN", &["actions", "github"]),
    ("ACTIONS_RUNTIME_TOKEN", &["actions", "github"]),
    ("VAULT_TOKEN", &["vault"]),
    ("SLACK_TOKEN", &["slack"]),
    ("SLACK_BOT_TOKEN", &["slack"]),
    ("STRIPE_SECRET", &["stripe"]),
    ("STRIPE_API_KEY", &["stripe"]),
    ("HF_TOKEN", &["huggingface", "hf.co"]),
    ("HUGGING_FACE_HUB_TOKEN", &["huggingface", "hf.co"]),
    ("DIGITALOCEAN_", &["digitalocean"]),
    ("CLOUDFLARE_API", &["cloudflare"]),
    ("HEROKU_API_KEY", &["heroku"]),
    ("SENTRY_AUTH_TOKEN", &["sentry"]),
    ("DOCKERHUB_", &["docker"]),
    ("DOCKER_PASSWORD", &["docker", "registry"]),
    ("SSH_PRIVATE_KEY", &[]),
    ("SSH_KEY", &[]),
    ("KUBECONFIG_DATA", &[]),
    ("AZURE_DEVOPS_EXT_PAT", &["azure", "visualstudio"]),
    ("SYSTEM_ACCESSTOKEN", &["azure", "visualstudio"]),
    ("DATABASE_URL", &[]),
    ("MYSQL_ROOT_PASSWORD", &[]),
    ("PGPASSWORD", &[]),
    ("POSTGRES_PASSWORD", &[]),
];

/// What a variable of the environment that the text does not set may hold.
pub(super) fn of_environment(name: &str) -> Taint {
    let upper = name.len() < 64 && name.bytes().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit() || byte == b'_');
    let secret =
        upper && (super::text::names_secret(name) || GIVEN_BY.iter().any(|(part, _)| name.contains(part)) || name.ends_with("_PAT"));
    if secret { Taint::ENV_SECRET } else { Taint::NONE }
}

/// Names of variables in the words of a command, as they are written.
fn variables(showing: &str) -> impl Iterator<Item = &str> {
    showing.split('$').skip(1).map(|behind| super::parameter::name(behind.trim_start_matches(['{', '(']).trim_start_matches("secrets.")))
}

/// Where a request goes.
fn host(text: &str) -> Option<&str> {
    let behind = text.split_once("://").map_or(text, |(_, behind)| behind);
    let host = behind.split(['/', '?', '#']).next()?;
    let host = host.rsplit('@').next().unwrap_or(host);
    host.contains('.').then_some(host)
}

fn is_own(host: &str) -> bool {
    let bare = host.split(':').next().unwrap_or_default();
    bare == "localhost"
        || bare.ends_with(".local")
        || bare.ends_with(".internal")
        || bare.ends_with(".svc")
        || bare.starts_with("127.")
        || bare.starts_with("10.")
        || bare.starts_with("192.168.")
}

/// Headers that are made to carry a secret.
fn is_credential_header(text: &str) -> bool {
    let name = text.split(':').next().unwrap_or_default().to_ascii_lowercase();
    ["auth", "token", "key", "cookie", "secret", "password", "credential", "signature", "account", "client"]
        .iter()
        .any(|part| name.contains(part))
}

impl Shell {
    /// A request has a secret of the environment among its words or in its body.
    pub(super) fn gives_environment(&mut self, call: &Call<'_>) {
        let near =
            call.texts().filter(|text| text.contains("://") || !text.starts_with('-') && text.contains('.')).filter_map(host).all(is_own)
                && call.texts().any(|text| text.contains("localhost") || text.contains("127.0.0.1") || host(text).is_some_and(is_own));
        let told = Taint::TOLD.with(Taint::ENV_SECRET);
        let body = call.args.iter().zip(call.args.iter().skip(1)).any(|(option, value)| {
            value.taint.has(Taint::TOLD)
                && value.text.contains(HOLE)
                && matches!(option.text.as_str(), "-d" | "--data" | "--data-binary" | "--data-raw" | "-F" | "--form" | "-sd")
        });
        if !near && (body || call.io.stdin.taint.has(told) && sends_input(call)) {
            self.mark(Class::Exfiltration);
        }
        if !call.taint().has(Taint::ENV_SECRET) {
            return;
        }
        let hosts: Vec<&str> = call
            .texts()
            .filter(|text| !text.starts_with('-') && !text.contains(": ") && !text.starts_with(['{', '@']))
            .filter_map(host)
            .filter(|host| !host.contains([' ', '{', '"', '=', '&']))
            .collect();
        let foreign = variables(&self.showing).any(|name| {
            let known = GIVEN_BY.iter().find(|(part, _)| name.contains(part));
            known.is_some_and(|(_, givers)| {
                hosts.iter().any(|host| {
                    let lower = host.to_ascii_lowercase();
                    !lower.contains(HOLE) && !is_own(&lower) && !givers.iter().any(|giver| lower.contains(giver))
                })
            })
        });
        let mut before = "";
        let mut odd = false;
        for arg in call.args {
            if arg.taint.has(Taint::ENV_SECRET) {
                let header = matches!(before, "-H" | "--header" | "-A" | "-e" | "-b") || arg.text.starts_with("--header=");
                let named = arg.text.trim_start_matches("--header=");
                odd |= header && !is_credential_header(named) && before != "-b"
                    || matches!(before, "-A" | "--user-agent" | "-e" | "--referer");
                // A label of a name that is looked up.
                odd |= host(&arg.text).is_some_and(|host| {
                    host.contains(HOLE) && host.trim_matches(HOLE).contains('.') && arg.text.contains("://") && !arg.text.contains('@')
                });
                odd |= arg.taint.has(Taint::DECODED) && arg.text.contains("://");
            }
            before = arg.text.as_str();
        }
        let numbered = call
            .texts()
            .any(|text| !text.starts_with("http://127.") && text.contains("://") && names_address(text) && !host(text).is_some_and(is_own));
        if foreign || odd || numbered {
            self.mark(Class::Exfiltration);
        }
    }
}

/// Whether what a client gets on its input goes out.
fn sends_input(call: &Call<'_>) -> bool {
    match call.name {
        "curl" | "curlie" => {
            call.texts().any(|text| text.ends_with("@-") || matches!(text, "-T" | "-T-" | "--upload-file") || text.ends_with("=<-"))
        }
        "wget" => call.texts().any(|text| text.ends_with("=-") || text.ends_with("/dev/stdin")),
        "nc" | "ncat" | "netcat" | "socat" | "telnet" | "openssl" => true,
        "http" | "https" | "xh" | "httpie" => true,
        _ => false,
    }
}
