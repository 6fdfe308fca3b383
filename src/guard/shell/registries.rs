//! Registries that nobody's platform team runs, whatever names them to a manager of packages: an option, a setting, a variable.

use super::Class;
use super::command::Call;
use super::consoles::Names;
use super::state::Shell;
use super::supply::is_strange_registry;
use super::value::rest;

static MANAGERS: Names = Names::of(&[
    "go",
    "gradle",
    "gradlew",
    "mvn",
    "mvnw",
    "dnf",
    "yum",
    "zypper",
    "choco",
    "scoop",
    "nuget",
    "dotnet",
    "mix",
    "hex",
    "pod",
    "vcpkg",
    "conan",
    "guix",
    "emerge",
    "apk",
    "pkg",
    "opkg",
    "pulumi",
    "bundle",
    "poetry",
    "pdm",
    "rye",
    "opam",
    "luarocks",
    "cabal",
    "stack",
    "nimble",
    "dub",
    "shards",
    "raco",
    "cpanm",
    "composer",
    "helm",
    "microdnf",
    "tdnf",
    "swupd",
    "port",
    "winget",
    "mamba",
    "conda",
    "micromamba",
    "pixi",
    "rebar3",
    "elm",
    "pnpm",
    "bun",
]);

/// Variables that say where packages come from.
const VARIABLES: [&str; 18] = [
    "GOPROXY",
    "PIP_INDEX_URL",
    "PIP_EXTRA_INDEX_URL",
    "PIP_FIND_LINKS",
    "UV_INDEX_URL",
    "UV_EXTRA_INDEX_URL",
    "UV_DEFAULT_INDEX",
    "UV_INDEX",
    "npm_config_registry",
    "NPM_CONFIG_REGISTRY",
    "YARN_REGISTRY",
    "YARN_NPM_REGISTRY_SERVER",
    "CARGO_REGISTRIES_CRATES_IO_INDEX",
    "BUNDLE_MIRROR__ALL",
    "GEM_HOST",
    "HOMEBREW_BOTTLE_DOMAIN",
    "RUSTUP_DIST_SERVER",
    "CONDA_CHANNELS",
];

/// URLs of a list, as `GOPROXY=https://a,direct` is one.
fn lists_stranger(value: &str) -> bool {
    value.split([',', '|', ' ']).take(16).any(|url| {
        let at = url.find("http").unwrap_or(0);
        let url = rest(url, at);
        url.contains("://")
            && !["nuget", "choco", "v3/index", "powershell"].iter().any(|word| url.starts_with("https://") && url.contains(word))
            && is_strange_registry(url)
    })
}

impl Shell {
    /// A variable of the environment.
    pub(super) fn trusts(&mut self, name: &str, value: &str) {
        if VARIABLES.contains(&name) && lists_stranger(value) {
            self.mark(Class::DownloadAndRun);
        }
    }

    pub(super) fn registries(&mut self, call: &Call<'_>) {
        if !MANAGERS.has(call.name) || !call.texts().any(|text| text.contains("://")) {
            return;
        }
        const TELLS: [&str; 14] = [
            "source",
            "registry",
            "proxy",
            "index",
            "repo",
            "mirror",
            "feed",
            "channel",
            "server",
            "extra",
            "find-links",
            "init-script",
            "remote",
            "url",
        ];
        const SHORT: [&str; 10] = ["-s", "-S", "-i", "-I", "-g", "-G", "-c", "-f", "-X", "-r"];
        let mut before = "";
        let mut strange = false;
        for text in call.texts().take(64) {
            let option = std::mem::replace(&mut before, text);
            let (name, value) = text.split_once('=').filter(|(_, value)| value.contains("://")).unwrap_or((option, text));
            let lower = name.to_ascii_lowercase();
            let told =
                TELLS.iter().any(|word| lower.contains(word)) || SHORT.contains(&name) || matches!(name, "ar" | "add" | "up" | "install");
            strange |= told && value.contains("://") && lists_stranger(value);
        }
        let asks = matches!(call.text(0), "search" | "info" | "list" | "view" | "ping") || call.name == "helm" && call.text(0) == "repo";
        let pushes = call.texts().take(3).any(|text| matches!(text, "push" | "publish" | "deploy"));
        if strange && !asks && !pushes {
            self.mark(Class::DownloadAndRun);
        }
    }
}
