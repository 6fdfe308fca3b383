//! Where software and its rights come from: registries, remotes, owners, trusted roots; and what is sent off as if it were source.

use super::Class;
use super::command::Call;
use super::consoles::Deed;
use super::hostile::{is_odd, is_public};
use super::outward::names_address;
use super::state::Shell;

const DEEDS: &[Deed] = &[
    Deed(&["npm"], &["owner", "add"], Class::Persistence),
    Deed(&["npm"], &["access", "grant"], Class::Persistence),
    Deed(&["npm"], &["token", "create"], Class::Persistence),
    Deed(&["cargo"], &["owner", "--add"], Class::Persistence),
    Deed(&["gem"], &["owner", "-a"], Class::Persistence),
    Deed(&["gem"], &["owner", "--add"], Class::Persistence),
    Deed(&["gem"], &["yank"], Class::Destructive),
    Deed(&["gh"], &["api", "POST", "*/keys"], Class::Persistence),
    Deed(&["gh"], &["api", "PUT", "*/collaborators/*"], Class::PrivilegeChange),
    Deed(&["gh"], &["api", "POST", "*/hooks"], Class::Persistence),
    Deed(&["gh"], &["api", "*/actions/runners/registration-token"], Class::CredentialRead),
    Deed(&["gh"], &["api", "DELETE", "*/protection*"], Class::ProtectionOff),
    Deed(&["gh"], &["api", "DELETE", "*/rulesets/*"], Class::ProtectionOff),
    Deed(&["gh"], &["repo", "deploy-key", "add", "--allow-write"], Class::Persistence),
    Deed(&["gh"], &["repo", "deploy-key", "add", "-w"], Class::Persistence),
    Deed(&["tmutil"], &["disable"], Class::Destructive),
    Deed(&["tmutil"], &["delete*"], Class::Destructive),
    Deed(&["ngrok"], &["http", "file://*"], Class::Exfiltration),
    Deed(&["security"], &["add-trusted-cert"], Class::ProtectionOff),
    Deed(&["claude", "codex", "gemini", "cursor-agent", "opencode", "aider", "goose", "amp"], &["*--dangerously*"], Class::ProtectionOff),
    Deed(&["claude", "codex", "gemini", "cursor-agent", "opencode", "aider", "goose", "amp", "copilot"], &["--yolo"], Class::ProtectionOff),
    Deed(&["claude"], &["bypassPermissions"], Class::ProtectionOff),
    Deed(&["copilot"], &["--allow-all-tools"], Class::ProtectionOff),
];

/// Hosts that many get their software from.
const KNOWN: &[&str] = &[
    "npmjs.org",
    "npmjs.com",
    "yarnpkg.com",
    "npmmirror.com",
    "github.com",
    "githubusercontent.com",
    "gitlab.com",
    "bitbucket.org",
    "codeberg.org",
    "pypi.org",
    "pythonhosted.org",
    "pytorch.org",
    "nvidia.com",
    "huggingface.co",
    "rubygems.org",
    "crates.io",
    "rust-lang.org",
    "python.org",
    "nodejs.org",
    "debian.org",
    "ubuntu.com",
    "fedoraproject.org",
    "archlinux.org",
    "alpinelinux.org",
    "docker.com",
    "google.com",
    "googleapis.com",
    "golang.org",
    "microsoft.com",
    "azure.com",
    "visualstudio.com",
    "amazonaws.com",
    "amazon.com",
    "anaconda.org",
    "anaconda.com",
    "pkg.pr.new",
    "jsr.io",
    "esm.sh",
    "unpkg.com",
    "jsdelivr.net",
    "jfrog.io",
    "cloudsmith.io",
    "tsinghua.edu.cn",
    "aliyun.com",
    "ustc.edu.cn",
    "apache.org",
    "maven.org",
    "gradle.org",
    "launchpad.net",
    "sourceforge.net",
    "savannah.gnu.org",
    "gnu.org",
    "kernel.org",
    "sr.ht",
    "gitea.com",
    "dev.azure.com",
    "microsoftonline.com",
    "apple.com",
    "mozilla.org",
    "hashicorp.com",
    "kubernetes.io",
    "k8s.io",
    "helm.sh",
    "bitnami.com",
    "gitee.com",
    "nixos.org",
    "brew.sh",
    "packagist.org",
    "postgresql.org",
    "mongodb.com",
    "mongodb.org",
    "elastic.co",
    "grafana.com",
    "nodesource.com",
    "r-project.org",
    "rstudio.com",
    "julialang.org",
    "llvm.org",
];

fn host_of(text: &str) -> Option<&str> {
    let behind = text.split_once("://").map(|(_, behind)| behind)?;
    let host = behind.split(['/', '?', '#']).next()?;
    Some(host.rsplit('@').next().unwrap_or(host).split(':').next().unwrap_or_default())
}

/// Whether a URL leads to a host that is neither known to many nor one's own.
pub(super) fn is_strange(url: &str) -> bool {
    let Some(host) = host_of(url) else { return false };
    let host = host.to_ascii_lowercase();
    let known = KNOWN.iter().any(|known| host == *known || host.ends_with(known) && host.trim_end_matches(known).ends_with('.'));
    let own = host == "localhost"
        || !host.contains('.')
        || ["127.", "10.", "192.168.", "172.17."].iter().any(|net| host.starts_with(net))
        || [".local", ".internal", ".lan", ".corp", ".svc", ".cluster.local", ".localhost", ".intranet", ".home", ".test"]
            .iter()
            .any(|end| host.ends_with(end))
        || ["nexus", "artifactory", "artifacts", "verdaccio", "devpi", "mirror"].iter().any(|word| host.contains(word));
    !known && !own && !host.contains(super::value::HOLE) && !host.contains(['$', '{', '<'])
}

/// Whether a text has something fetched from a host that is neither known to many nor where many get the installers of their tools.
pub(super) fn asks_strangers(text: &str) -> bool {
    const INSTALLERS: [&str; 24] = [
        "rustup.rs",
        "astral.sh",
        "bun.sh",
        "deno.land",
        "pnpm.io",
        "python-poetry.org",
        "sdkman.io",
        "k3s.io",
        "tailscale.com",
        "fly.io",
        "starship.rs",
        "just.systems",
        "volta.sh",
        "paradigm.xyz",
        "codecov.io",
        "sonarsource.com",
        "haskell.org",
        "mise.run",
        "mise.jdx.dev",
        "devbox.sh",
        "chef.io",
        "nextdns.io",
        "semgrep.dev",
        "trivy.dev",
    ];
    let asked = ["curl ", "wget "].iter().flat_map(|client| text.split(client).skip(1)).take(64);
    asked.flat_map(|behind| behind.split(['|', ';', '\n', ')']).next().unwrap_or_default().split_whitespace().take(12)).any(|word| {
        let word = word.trim_matches(['"', '\'', '\\', ']', ',']);
        let url = if word.contains("://") { word.to_owned() } else { ["http://", word].concat() };
        let named = word.contains("://")
            || !word.starts_with(['-', '/', '.', '~', '$', '@']) && word.split('/').next().is_some_and(|host| host.contains('.'));
        named && is_strange(&url) && !INSTALLERS.iter().any(|known| host_of(&url).is_some_and(|host| host.ends_with(known)))
    })
}

/// Whether a registry is one that nobody's platform team runs: over HTTP, at an address, or with no sign in its URL that packages are what it has.
pub(super) fn is_strange_registry(url: &str) -> bool {
    const TOLD: [&str; 21] = [
        "npm",
        "pypi",
        "registry",
        "registries",
        "packages",
        "package",
        "pkg",
        "pkgs",
        "repo",
        "repos",
        "repository",
        "crates",
        "cargo",
        "gems",
        "maven",
        "conda",
        "goproxy",
        "charts",
        "helm",
        "gitlab",
        "feeds",
    ];
    if !is_strange(url) {
        return false;
    }
    let own = url.trim_start_matches("sparse+").starts_with("https://")
        && !names_address(url)
        && url.split(['/', '.', '-', '_', ':']).any(|word| TOLD.contains(&word));
    !own
}

impl Shell {
    pub(super) fn supply(&mut self, call: &Call<'_>) {
        self.done(call, DEEDS);
        self.registries(call);
        match call.name {
            "npm" | "pnpm" | "yarn" | "bun" => {
                let installs = matches!(call.text(0), "install" | "i" | "add" | "exec" | "dlx" | "x" | "create" | "ci");
                let registry = call.option(&["--registry"]).is_some_and(|url| is_strange_registry(&url.text));
                let sets = call.texts().any(|text| text == "set" || text == "config")
                    && call.texts().any(|text| {
                        text == "registry" || text.starts_with("registry=") || text.ends_with(":registry") || text == "npmRegistryServer"
                    })
                    && call.texts().any(|text| is_strange_registry(text.split_once("registry=").map_or(text, |(_, url)| url)));
                let from = call.option(&["--registry"]).map(|url| url.text).unwrap_or_default();
                if installs
                    && call
                        .operands()
                        .skip(1)
                        .any(|package| package.text.starts_with("http") && package.text != from && is_strange(&package.text))
                    || registry
                    || sets
                {
                    self.mark(Class::DownloadAndRun);
                }
                if call.has("script-shell") || call.has("git") && call.has("set") && call.texts().any(|text| is_public(text, None)) {
                    self.mark(Class::Persistence);
                }
            }
            "npx" | "bunx" | "uvx" | "pipx" if call.texts().any(|text| text.starts_with("http") && is_strange(text)) => {
                self.mark(Class::DownloadAndRun)
            }
            "pip" | "pip3" | "uv" | "python" | "python3" if call.name.starts_with("pip") || call.has("pip") => {
                let installs = call.texts().any(|text| matches!(text, "install" | "download" | "wheel" | "config"));
                let mut before = "";
                let strange = call.texts().any(|text| {
                    let option = std::mem::replace(&mut before, text);
                    let index = |option: &str| {
                        matches!(option, "-i" | "--index-url" | "--extra-index-url" | "--index" | "--default-index" | "-f" | "--find-links")
                            || option.starts_with("global.")
                            || option.starts_with("site.")
                            || option.starts_with("user.")
                    };
                    if index(option) {
                        return is_strange_registry(text);
                    }
                    if let Some((_, url)) = text.split_once('=').filter(|(option, url)| index(option) && url.starts_with("http")) {
                        return is_strange_registry(url);
                    }
                    let url = text.split_once("=http").map_or(text, |(before, _)| super::value::rest(text, before.len() + 1));
                    (url.starts_with("http") || url.starts_with("git+") || url.contains("@ http") || url.contains("@http"))
                        && is_strange(url.trim_start_matches("git+"))
                });
                if installs && strange {
                    self.mark(Class::DownloadAndRun);
                }
            }
            "gem" | "cargo" | "go" | "composer" | "conda" | "mamba" | "helm" | "brew" | "dpkg" | "rpm" | "dnf" | "yum" | "apt"
            | "apt-get" | "apk" | "flatpak" | "snap" | "code" | "cursor" | "codium" => {
                let mut before = "";
                let strange = call.texts().any(|text| {
                    let option = std::mem::replace(&mut before, text);
                    let (option, url) = match text.split_once('=') {
                        Some((option, value)) if option.starts_with('-') => (option, value),
                        _ => (option, text),
                    };
                    let source =
                        matches!(option, "--source" | "-s" | "--registry" | "--index" | "-c" | "--channel" | "--repo" | "--repository");
                    url.trim_start_matches("sparse+").starts_with("http") && if source { is_strange_registry(url) } else { is_strange(url) }
                });
                let installs = call.texts().any(|text| {
                    matches!(
                        text,
                        "install"
                            | "add"
                            | "-i"
                            | "-U"
                            | "-Uvh"
                            | "-ivh"
                            | "localinstall"
                            | "require"
                            | "get"
                            | "run"
                            | "sources"
                            | "--add"
                            | "-a"
                    )
                });
                const MODULES: [&str; 16] = [
                    "golang.org",
                    "google.golang.org",
                    "gopkg.in",
                    "k8s.io",
                    "sigs.k8s.io",
                    "go.uber.org",
                    "honnef.co",
                    "mvdan.cc",
                    "rsc.io",
                    "entgo.io",
                    "cuelang.org",
                    "connectrpc.com",
                    "gotest.tools",
                    "charm.sh",
                    "modernc.org",
                    "go.dev",
                ];
                let module = call.name == "go"
                    && call.texts().skip(1).any(|text| {
                        let host = text.split(['/', '@']).next().unwrap_or_default();
                        text.contains('/')
                            && host.contains('.')
                            && !host.starts_with('.')
                            && !host.ends_with(".go")
                            && !MODULES.contains(&host)
                            && is_strange(&["https://", text].concat())
                    });
                if installs && module {
                    self.mark(Class::DownloadAndRun);
                }
                let asks = matches!(call.name, "helm") && matches!(call.text(0), "repo");
                if installs && strange && !asks {
                    self.mark(Class::DownloadAndRun);
                }
                if call.option(&["--install-extension"]).is_some_and(|path| is_public(&path.text, None) || path.text.starts_with("http")) {
                    self.mark(Class::DownloadAndRun);
                }
            }
            "git" => self.remotes(call),
            "update-ca-certificates" | "update-ca-trust" | "trust" if self.rooted || call.name == "trust" && call.text(0) == "anchor" => {
                self.mark(Class::ProtectionOff);
            }
            "ssh" if call.letter('A') && call.texts().any(names_address) && self.showing.contains("root@") => {
                self.mark(Class::Exfiltration)
            }
            "gh" if matches!((call.text(0), call.text(1)), ("ssh-key" | "gpg-key", "add"))
                && call.operands().skip(2).any(|path| is_public(&path.text, None) || is_odd(&path.text, None)) =>
            {
                self.mark(Class::Persistence);
            }
            "curl" | "wget" | "cp" | "mv" | "install" | "tee" => {
                const ROOTS: [&str; 4] = ["/ca-certificates/", "/ca-trust/source/", "/pki/trust/anchors", "/etc/ssl/certs/"];
                let fetched =
                    matches!(call.name, "curl" | "wget") && call.texts().any(|text| text.starts_with("http://") || names_address(text));
                self.rooted |= fetched && call.texts().any(|text| ROOTS.iter().any(|place| text.contains(place)));
            }
            _ => {}
        }
        self.edits(call);
    }

    /// Programs that change text, told to put a command into it.
    fn edits(&mut self, call: &Call<'_>) {
        let texts: Vec<String> = match call.name {
            "jq" | "yq" | "gojq" | "jaq" | "dasel" | "crudini" | "json" | "toml" => call.texts().map(str::to_owned).collect(),
            "sed" | "gsed" | "perl"
                if call.texts().any(|text| text.starts_with("-i") || text.starts_with("-pi") || text.starts_with("--in-place")) =>
            {
                call.texts().filter(|text| text.len() > 16).map(str::to_owned).collect()
            }
            "npm" | "pnpm" if call.text(0) == "pkg" => call.texts().map(str::to_owned).collect(),
            "git" if call.texts().any(|text| text == "config") || call.has("-c") => call.texts().map(str::to_owned).collect(),
            "claude" | "codex" | "gemini" | "code" | "cursor" if call.text(0) == "mcp" || call.has("--add-mcp") => {
                call.texts().map(str::to_owned).collect()
            }
            _ => return,
        };
        let kept = call.name == "git";
        let agents = self.showing.contains("permission")
            || self.showing.contains("mcp")
            || self.showing.contains("autoApprove")
            || self.showing.contains("settings");
        for text in texts.iter().filter(|text| text.len() < 8192) {
            let classes = self.within(text);
            for class in [Class::ReverseShell, Class::Exfiltration, Class::DownloadAndRun] {
                if classes.contains(class) {
                    self.mark(class);
                }
            }
            let hook = text.contains("hooks") || text.contains("\"command\"") || text.contains("scripts.");
            if (hook || kept && text.contains([' ', '!'])) && super::planted::calls_out(text) {
                self.mark(Class::Persistence);
            }
            if agents && super::planted::asks_nobody(text) {
                self.mark(Class::ProtectionOff);
            }
        }
    }

    fn remotes(&mut self, call: &Call<'_>) {
        if call.text(0) == "remote" && matches!(call.text(1), "add" | "set-url") && call.texts().any(is_strange) {
            self.strange_remote = true;
        }
        let to_strange = call.texts().any(is_strange) || self.strange_remote;
        if call.text(0) == "push" && to_strange && call.texts().any(|text| matches!(text, "--mirror" | "--all")) {
            self.mark(Class::Exfiltration);
        }
        if call.texts().any(|text| text == "config") {
            // What is asked of one host is asked of another.
            let lower = |text: &str| text.to_ascii_lowercase();
            let instead = call.args.iter().zip(call.args.iter().skip(1)).any(|(key, value)| {
                let key = lower(&key.text);
                let Some(url) =
                    key.strip_prefix("url.").and_then(|key| key.strip_suffix(".insteadof").or_else(|| key.strip_suffix(".pushinsteadof")))
                else {
                    return false;
                };
                let from = lower(&value.text);
                let from = host_of(&from)
                    .map(str::to_owned)
                    .or_else(|| from.split('@').nth(1).map(|host| host.split(':').next().unwrap_or_default().to_owned()));
                from.is_some_and(|host| !host.is_empty() && !url.contains(&host))
            });
            let proxied = call.texts().any(|text| lower(text).starts_with("http") && lower(text).ends_with("proxy"))
                && call.texts().any(|text| text.contains("://") && names_address(text));
            if instead || proxied {
                self.mark(Class::Persistence);
            }
            if call.texts().any(|text| text.ends_with("extraheader")) && call.texts().any(|text| text.starts_with("--get")) {
                self.mark(Class::CredentialRead);
            }
        }
    }
}
