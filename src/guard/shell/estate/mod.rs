//! What others build on: clusters, databases, backups, stores of secrets, accounts of clouds. What ends them, opens them or hands them over.

mod accounts;
mod clients;
mod clusters;
mod deeds;
mod forges;
mod interfaces;
mod kept;
mod machines;
mod nouns;
mod objects;
mod rights;
mod schemas;
mod shown;
mod stacks;
mod stores;
mod verbs;

use super::Class;
use super::command::Call;
use super::outward::names_address;
use super::paths;
use super::state::Shell;
use super::supply::is_strange;
use super::value::{HOLE, Taint};
pub(super) use clusters::lists_names;
use deeds::DEEDS;
pub(super) use kept::keeps_state;
pub(super) use machines::is_public_resolver;
pub(super) use shown::shows_secret;
pub(super) use verbs::is_trial;

/// Policies that let everybody, or everything.
fn lets_everyone(text: &str) -> bool {
    let flat: String = text.chars().filter(|c| !c.is_whitespace() && *c != '\\').flat_map(char::to_lowercase).collect();
    let allows = flat.contains("\"effect\":\"allow\"");
    let everyone = flat.contains("\"principal\":\"*\"") || flat.contains("\"aws\":\"*\"") || flat.contains("\"aws\":[\"*\"]");
    let everything = (flat.contains("\"action\":\"*\"") || flat.contains("\"action\":[\"*\"]") || flat.contains("\"action\":\"iam:*\""))
        && flat.contains("\"resource\":\"*\"");
    allows && (everyone || everything)
}

impl Shell {
    pub(super) fn estate(&mut self, call: &Call<'_>) {
        self.done(call, DEEDS);
        self.accounts(call);
        self.stores(call);
        self.machines(call);
        self.clusters(call);
        self.ends(call);
        self.wipes_tables(call);
        self.asks_interfaces(call);
        self.empties(call);
        self.told_stores(call);
        self.hands_out(call);
        self.asks_forges(call);
        self.takes_down(call);
        let all_hole = || call.args.iter().skip(1).any(|arg| arg.is_all_hole());
        match call.name {
            "kubectl" | "oc" => {
                let fetched = matches!(call.text(0), "apply" | "create" | "replace" | "auth" | "patch")
                    && call.texts().any(|text| text.starts_with("http") && is_strange(text));
                if fetched {
                    self.mark(Class::DownloadAndRun);
                }
                if call.text(0) == "drain"
                    && (all_hole() || call.has("-l") || call.texts().any(|text| text.starts_with("--selector")))
                    && call.has("--force")
                {
                    self.mark(Class::Destructive);
                }
            }
            "argocd" | "flux" | "helm"
                if call.texts().any(|text| text.contains("://") && names_address(text))
                    || matches!(call.name, "argocd" | "flux") && call.texts().any(is_strange) =>
            {
                self.mark(Class::DownloadAndRun);
            }
            "docker" | "podman" => {
                let strange = call.operands().skip(1).any(|image| is_strange_image(&image.text));
                if strange && call.texts().any(|text| text.contains("docker.sock:")) {
                    self.mark(Class::PrivilegeChange);
                }
                if call.text(0) == "commit" && strange {
                    self.staged = true;
                }
                if call.text(0) == "push" && strange && self.staged {
                    self.mark(Class::Exfiltration);
                }
                let every = ["stack ls --format", "volume ls -q)"].iter().any(|list| self.showing.contains(list));
                let removes = matches!((call.text(0), call.text(1)), ("rm" | "kill", _) | ("container" | "volume" | "stack", "rm"));
                if removes && every && (call.letter('f') || call.has("--force") || call.text(0) != "rm") && !self.showing.contains("filter")
                {
                    self.mark(Class::Destructive);
                }
            }
            "aws" => {
                if call.texts().any(lets_everyone) {
                    self.mark(if call.text(0).starts_with("iam") { Class::PrivilegeChange } else { Class::Exfiltration });
                }
                let expires = call.texts().any(|text| {
                    let flat: String = text.chars().filter(|c| !c.is_whitespace()).collect();
                    flat.contains("\"Expiration\":{\"Days\":1}") || flat.contains("\"Expiration\":{\"Days\":0}")
                });
                if call.has("put-bucket-lifecycle-configuration") && expires {
                    self.mark(Class::Destructive);
                }
                let anyone = call.has("add-permission") && call.option(&["--principal"]).is_some_and(|who| who.text == "*");
                if anyone {
                    self.mark(Class::Persistence);
                }
                if call.texts().any(|text| text.strip_prefix("fileb://").is_some_and(|path| super::hostile::is_public(path, None)))
                    && call.has("update-function-code")
                {
                    self.mark(Class::Persistence);
                }
            }
            "az" if (call.text(0), call.text(1)) == ("aks", "command") => {
                if let Some(script) = call.option(&["-c", "--command"]) {
                    self.run_value(&script, super::value::Value::default());
                }
            }
            "az" if call.has("nsg") && call.has("Allow") => {
                let any = |option: &str| {
                    call.option(&[option]).is_some_and(|value| matches!(value.text.as_str(), "*" | "Internet" | "0.0.0.0/0"))
                };
                if any("--source-address-prefixes")
                    && (any("--destination-port-ranges") || call.texts().any(|text| matches!(text, "22" | "3389")))
                {
                    self.mark(Class::ProtectionOff);
                }
            }
            "terraform" | "tofu" => {
                if (call.text(0), call.text(1)) == ("state", "rm") && all_hole() {
                    self.mark(Class::Destructive);
                }
                let replaced = call.texts().any(|text| {
                    text.starts_with("-replace=")
                        && ["db", "rds", "database", "bucket", "volume", "disk", "sql", "storage"].iter().any(|kind| text.contains(kind))
                });
                if call.text(0) == "apply" && replaced && call.texts().any(|text| text.ends_with("-auto-approve")) {
                    self.mark(Class::Destructive);
                }
            }
            "ansible" => {
                let removed = call.texts().any(|text| {
                    text.contains("state=absent")
                        && text
                            .split_whitespace()
                            .filter_map(|word| word.strip_prefix("path=").or_else(|| word.strip_prefix("dest=")))
                            .any(|path| self.is_state(path) || paths::is_vital(path, None))
                });
                if removed {
                    self.mark(Class::Destructive);
                }
            }
            "vault" if (call.text(0), call.text(1)) == ("policy", "write") => {
                let rules = &call.io.stdin.text;
                if rules.contains("path \"*\"") || rules.contains("path \"sys/*\"") && rules.contains("sudo") {
                    self.mark(Class::PrivilegeChange);
                }
            }
            "redis-cli" => {
                let lower: Vec<String> = call.texts().map(str::to_ascii_lowercase).collect();
                let word = |word: &str| lower.iter().any(|text| text == word);
                if self.feeding && (word("del") || word("unlink")) {
                    self.mark(Class::Destructive);
                }
                let master = (word("slaveof") || word("replicaof"))
                    && lower.iter().skip_while(|text| !text.ends_with("of")).any(|text| names_address(text));
                if master {
                    self.mark(Class::DownloadAndRun);
                }
            }
            "mongo" | "mongosh"
                if call.texts().any(|text| (text.contains("createUser") || text.contains("grantRoles")) && text.contains("\"root\"")) =>
            {
                self.mark(Class::PrivilegeChange);
            }
            "curl" => {
                let removes = call.texts().any(|text| matches!(text, "DELETE" | "-XDELETE"));
                if removes
                    && call.texts().any(|text| text.contains("://") && text.rsplit('/').next().is_some_and(|name| name.contains('*')))
                {
                    self.mark(Class::Destructive);
                }
                if call.texts().any(|text| text.contains("audit.enabled") && text.contains("false")) {
                    self.mark(Class::ProtectionOff);
                }
            }
            "iptables" | "ip6tables" | "nft"
                if call.texts().any(|text| matches!(text, "DNAT" | "dnat" | "--to-destination")) && self.leads_away(call) =>
            {
                self.mark(Class::ProtectionOff);
            }
            "ip" | "route"
                if call.texts().any(|text| text == "default")
                    && call.texts().any(|text| matches!(text, "replace" | "add" | "change"))
                    && self.leads_away(call) =>
            {
                self.mark(Class::PrivilegeChange);
            }
            "btrfs" if call.text(1) == "delete" && call.operands().any(|path| path.text.contains("snapshots")) => {
                self.mark(Class::Destructive)
            }
            "snapper"
                if call.has("delete")
                    && call.texts().any(|text| text.contains('-') && text.split('-').all(|number| number.parse::<u32>().is_ok())) =>
            {
                self.mark(Class::Destructive);
            }
            "rm" | "shred" | "mv" if call.letter('r') || call.letter('R') || call.name != "rm" => {
                if call.operands().any(|path| self.is_state(&path.text)) {
                    self.mark(Class::Destructive);
                }
                // What people keep in their homes.
                let kept = call.operands().any(|path| {
                    let path = paths::canonical(&path.text, self.cwd.as_deref());
                    matches!(
                        path.trim_end_matches("/*"),
                        "~/Documents"
                            | "~/Desktop"
                            | "~/Pictures"
                            | "~/Music"
                            | "~/Videos"
                            | "~/Movies"
                            | "~/Library"
                            | "~/.config"
                            | "~/.local"
                            | "~/.local/share"
                            | "~/src"
                            | "~/projects"
                            | "~/Projects"
                            | "~/code"
                            | "~/work"
                            | "~/dev"
                            | "~/repos"
                            | "~/.claude"
                            | "~/.kube"
                            | "~/.aws"
                    )
                });
                if kept && call.name != "mv" {
                    self.mark(Class::Destructive);
                }
            }
            _ => {}
        }
        if matches!(
            call.name,
            "aws"
                | "az"
                | "gcloud"
                | "kubectl"
                | "oc"
                | "helm"
                | "ansible"
                | "salt"
                | "nomad"
                | "doctl"
                | "oci"
                | "terraform"
                | "tofu"
                | "gh"
                | "crontab"
                | "systemd-run"
        ) {
            for text in call.texts().filter(|text| text.len() > 12 && text.contains(' ')).map(str::to_owned).collect::<Vec<_>>() {
                let classes = self.within(&text);
                for class in [Class::ReverseShell, Class::DownloadAndRun, Class::Exfiltration] {
                    if classes.contains(class) && call.name != "gh" {
                        self.mark(class);
                    }
                }
                let deletes = text.contains("kubectl delete ns") || text.contains("rm -rf /");
                if deletes && classes.contains(Class::Destructive) && call.name != "gh" {
                    self.mark(Class::Destructive);
                }
            }
        }
    }

    /// An address among the words that is in no network of one's own.
    pub(super) fn leads_away(&self, call: &Call<'_>) -> bool {
        call.texts()
            .any(|text| names_address(text) && !["10.", "192.168.", "172.", "0.0.0.0", "100.64."].iter().any(|net| text.starts_with(net)))
    }
}

/// An image of a registry that is not one of those everybody uses.
fn is_strange_image(image: &str) -> bool {
    let Some((host, _)) = image.split_once('/') else { return false };
    const KNOWN: [&str; 13] = [
        "docker.io",
        "ghcr.io",
        "quay.io",
        "gcr.io",
        "mcr.microsoft.com",
        "lscr.io",
        "registry.k8s.io",
        "public.ecr.aws",
        "nvcr.io",
        "registry.gitlab.com",
        "azurecr.io",
        "pkg.dev",
        "amazonaws.com",
    ];
    host.contains('.') && !host.starts_with(['.', '/', '-']) && !KNOWN.iter().any(|known| host.ends_with(known)) && !host.contains(HOLE)
}

/// Whether a command tells what goes on within: of a machine, a cluster, an account. Nobody else is to get that from here.
pub(super) fn tells(call: &Call<'_>) -> Taint {
    let inner = match call.name {
        "kubectl" | "oc" => {
            matches!(call.text(0), "get" | "describe" | "config" | "logs") || call.texts().take(4).any(|text| text == "get")
        }
        "helm" => call.text(0) == "get",
        "terraform" | "tofu" => matches!(call.text(0), "state" | "output" | "show"),
        "vault" | "op" | "bw" | "pass" | "lpass" | "doppler" | "chamber" | "gopass" => true,
        "az" | "aws" | "gcloud" | "doctl" | "oci" | "heroku" | "ibmcloud" => true,
        "ps" | "netstat" | "ss" | "lsof" | "arp" | "last" | "lastlog" | "w" | "who" | "dmidecode" | "lscpu" | "lsblk" | "crontab"
        | "systemctl" | "mount" | "getent" | "system_profiler" | "sw_vers" | "ioreg" | "networksetup" | "scutil" | "nmcli" | "iwlist"
        | "iw" | "route" | "dpkg" | "rpm" | "nmap" | "arp-scan" | "wg" => true,
        "ip" => matches!(call.text(0), "a" | "addr" | "route" | "neigh" | "r"),
        "gh" | "glab" => matches!(call.text(0), "api" | "secret" | "variable" | "ssh-key"),
        "uname" => call.has("-a"),
        "docker" | "podman" => matches!(call.text(0), "ps" | "inspect" | "config" | "compose" | "images" | "logs" | "save" | "export"),
        "git" => {
            matches!(call.text(0), "bundle" | "archive")
                || call.text(0) == "config" && call.texts().any(|text| matches!(text, "--list" | "-l"))
        }
        "grep" | "rg" | "ag" => {
            let looks = call.operands().next().is_some_and(|pattern| super::text::names_secret(&pattern.text));
            looks && (call.letter('r') || call.letter('R') || call.name != "grep")
        }
        "dmesg" | "journalctl" => true,
        _ => false,
    };
    if inner && !call.args.iter().any(|arg| arg.text.contains(HOLE) && arg.text.contains("://")) { Taint::TOLD } else { Taint::NONE }
}
