//! What ends things, said in any console's words: `CLI noun verb`, `CLI verb noun`, `CLI verb-noun`. The verb and the noun tell; the program may be
//! one nobody here has heard of.

use super::super::Class;
use super::super::command::Call;
use super::super::state::Shell;
use super::accounts::is_production;

const ENDS: [&str; 18] = [
    "delete",
    "destroy",
    "purge",
    "wipe",
    "terminate",
    "nuke",
    "erase",
    "drop",
    "rm",
    "remove",
    "del",
    "rb",
    "deregister",
    "decommission",
    "unregister",
    "obliterate",
    "permanent",
    "unregistervm",
];

/// By which what watches does not watch any longer.
const HALTS: [&str; 13] =
    ["disable", "stop", "mute", "pause", "suspend", "silence", "detach", "off", "disassociate", "deactivate", "unlink", "unenroll", "mask"];

/// What holds data, or all else hangs on. Nobody ends it by the way.
const LASTING: [&str; 34] = [
    "database",
    "db",
    "cluster",
    "instance",
    "server",
    "droplet",
    "linode",
    "volume",
    "disk",
    "snapshot",
    "backup",
    "bucket",
    "dataset",
    "keyspace",
    "vault",
    "tenant",
    "organization",
    "organisation",
    "subscription",
    "nodegroup",
    "nodepool",
    "filesystem",
    "datastore",
    "warehouse",
    "zone",
    "vm",
    "machine",
    "dbinstance",
    "dbcluster",
    "instances",
    "replica",
    "archive",
    "keyring",
    "baremetal",
];

/// The same where it is said to the console of a cloud or a platform.
const OF_PLATFORMS: [&str; 35] = [
    "project",
    "account",
    "stack",
    "topic",
    "stream",
    "queue",
    "table",
    "index",
    "collection",
    "namespace",
    "environment",
    "vpc",
    "network",
    "gateway",
    "balancer",
    "domain",
    "app",
    "application",
    "site",
    "deployment",
    "registry",
    "repository",
    "repo",
    "secret",
    "function",
    "container",
    "workspace",
    "directory",
    "share",
    "redis",
    "postgres",
    "mysql",
    "fs",
    "branch",
    "resource",
];

/// Who may come in.
const PEOPLE: [&str; 8] = ["user", "role", "identity", "member", "principal", "login", "sp", "idp"];

/// What sees, tells or keeps out.
const WATCHES: [&str; 22] = [
    "alarm",
    "alert",
    "alerting",
    "monitor",
    "monitoring",
    "detector",
    "trail",
    "sink",
    "recorder",
    "audit",
    "diagnostic",
    "firewall",
    "waf",
    "nsg",
    "metric",
    "uptime",
    "notification",
    "contact",
    "guardrail",
    "policy",
    "lock",
    "scanner",
];

/// Consoles of clouds and of platforms on which others build.
const PLATFORMS: [&str; 88] = [
    "aws",
    "gcloud",
    "az",
    "oci",
    "aliyun",
    "tccli",
    "huaweicloud",
    "doctl",
    "hcloud",
    "linode-cli",
    "vultr-cli",
    "vultr",
    "scw",
    "exo",
    "upctl",
    "civo",
    "ovhcloud",
    "ovh",
    "ibmcloud",
    "yc",
    "openstack",
    "nova",
    "cinder",
    "neutron",
    "govc",
    "pscale",
    "neonctl",
    "neon",
    "turso",
    "atlas",
    "mongocli",
    "confluent",
    "ccloud",
    "elastic-cloud",
    "ecctl",
    "databricks",
    "snow",
    "astro",
    "okta",
    "auth0",
    "datadog",
    "dog",
    "pagerduty",
    "pd",
    "newrelic",
    "sentry-cli",
    "heroku",
    "fly",
    "flyctl",
    "vercel",
    "netlify",
    "railway",
    "render",
    "supabase",
    "firebase",
    "wrangler",
    "kops",
    "eksctl",
    "rosa",
    "rke",
    "talosctl",
    "argocd",
    "tctl",
    "boundary",
    "consul",
    "nomad",
    "vault",
    "cf",
    "stripe",
    "cloudflared",
    "flarectl",
    "sf",
    "sfdx",
    "avn",
    "qovery",
    "koyeb",
    "zeabur",
    "akamai",
    "fastly",
    "jf",
    "rancher",
    "gcore",
    "kamatera",
    "scalingo",
    "clever",
    "render-cli",
    "appwrite",
    "hasura",
];

/// Tools of one's own machine, whose clusters and volumes come and go, and programs to which such words are only text.
const NEAR: [&str; 74] = [
    "kind",
    "k3d",
    "minikube",
    "ctlptl",
    "docker",
    "podman",
    "nerdctl",
    "buildah",
    "colima",
    "lima",
    "limactl",
    "vagrant",
    "multipass",
    "toolbox",
    "distrobox",
    "dotnet",
    "rails",
    "rake",
    "mix",
    "npm",
    "npx",
    "pnpm",
    "yarn",
    "bun",
    "php",
    "composer",
    "python",
    "python3",
    "git",
    "hg",
    "svn",
    "fossil",
    "gh",
    "glab",
    "hub",
    "conda",
    "mamba",
    "pip",
    "uv",
    "poetry",
    "brew",
    "apt",
    "apt-get",
    "dnf",
    "yum",
    "pacman",
    "apk",
    "snap",
    "flatpak",
    "echo",
    "printf",
    "grep",
    "rg",
    "sed",
    "awk",
    "man",
    "tldr",
    "code",
    "make",
    "cargo",
    "go",
    "redis-cli",
    "kubectl",
    "oc",
    "helm",
    "terraform",
    "tofu",
    "pulumi",
    "virsh",
    "virtualbox",
    "ddev",
    "lando",
    "systemctl",
    "ansible",
];

/// Options of consoles whose value comes behind them; before the verb it is no noun.
const VALUED: [&str; 18] = [
    "--profile",
    "--region",
    "--project",
    "--context",
    "--namespace",
    "-n",
    "-o",
    "--output",
    "--subscription",
    "-g",
    "--resource-group",
    "--zone",
    "--account",
    "--token",
    "--config",
    "-c",
    "-p",
    "--cluster",
];

/// Words by which something says that it is there to be lost.
pub(in super::super) fn is_trial(name: &str) -> bool {
    const TRIALS: [&str; 30] = [
        "test",
        "tests",
        "testing",
        "dev",
        "devel",
        "develop",
        "development",
        "tmp",
        "temp",
        "temporary",
        "demo",
        "feature",
        "preview",
        "sandbox",
        "staging",
        "stage",
        "stg",
        "scratch",
        "local",
        "localhost",
        "ci",
        "qa",
        "uat",
        "pr",
        "playground",
        "poc",
        "spike",
        "trial",
        "ephemeral",
        "experiment",
    ];
    name.len() < 256
        && name.split(|c: char| !c.is_ascii_alphabetic()).any(|word| TRIALS.iter().any(|trial| word.eq_ignore_ascii_case(trial)))
        && !name
            .split(|c: char| !c.is_ascii_alphabetic())
            .any(|word| word.eq_ignore_ascii_case("prod") || word.eq_ignore_ascii_case("production"))
}

/// The parts of a word of a console: `delete-db-cluster`, `apps:destroy`, `DeleteInstance`.
fn parts(word: &str) -> impl Iterator<Item = &str> {
    word.split(|c: char| !c.is_ascii_alphanumeric()).flat_map(|part| {
        let at = part
            .char_indices()
            .skip(1)
            .find(|(at, c)| {
                c.is_ascii_uppercase() && part.get(..*at).is_some_and(|before| before.ends_with(|c: char| c.is_ascii_lowercase()))
            })
            .map_or(part.len(), |(at, _)| at);
        [part.get(..at).unwrap_or_default(), part.get(at..).unwrap_or_default()].into_iter().filter(|part| !part.is_empty())
    })
}

/// Whether a part of a word is one of some nouns, in the plural as well.
fn is_one(part: &str, nouns: &[&str]) -> bool {
    let same = |bare: &str| nouns.iter().any(|noun| bare.eq_ignore_ascii_case(noun));
    same(part)
        || part.strip_suffix('s').is_some_and(same)
        || part.strip_suffix("es").is_some_and(same)
        || part
            .strip_suffix("ies")
            .is_some_and(|stem| nouns.iter().any(|noun| noun.strip_suffix('y').is_some_and(|noun| stem.eq_ignore_ascii_case(noun))))
}

/// Where the verb stands among the words that come before names.
struct Said<'a> {
    words: Vec<&'a str>,
    verb: usize,
}

/// The words of a console up to its verb and one more.
fn said<'a>(call: &'a Call<'_>, verbs: &[&str]) -> Option<Said<'a>> {
    let mut words: Vec<&str> = Vec::new();
    let mut verb = None;
    let mut skipped = false;
    for text in call.texts().take(12) {
        if std::mem::replace(&mut skipped, VALUED.contains(&text)) || text.starts_with('-') {
            continue;
        }
        let plain = text.len() < 48 && text.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | ':' | '_' | '.'));
        if !plain || words.len() > 5 {
            break;
        }
        words.push(text);
        if verb.is_some() {
            break;
        }
        // The verb opens its word or ends it: `delete-table`, `apps:destroy`, `snapshot.remove`.
        let mut of_word = parts(text);
        let (first, last) = (of_word.next().unwrap_or_default(), of_word.last());
        let ends = |part: &str| verbs.iter().any(|verb| part.eq_ignore_ascii_case(verb));
        if ends(first) || last.is_some_and(ends) {
            verb = Some(words.len() - 1);
        }
    }
    verb.map(|verb| Said { words, verb })
}

impl Said<'_> {
    /// Whether the thing is named next to the verb: in its word, before it, or behind it.
    fn is_about(&self, nouns: &[&str], behind: bool) -> bool {
        let word = |at: usize| self.words.get(at).copied().unwrap_or_default();
        let before = self.verb.checked_sub(1).map_or("", word);
        parts(word(self.verb)).chain(parts(before)).any(|part| is_one(part, nouns))
            || behind && is_one(word(self.verb + 1), nouns)
            || self.verb == 0 && word(1).split('-').next_back().is_some_and(|last| is_one(last, nouns))
    }
}

impl Shell {
    pub(super) fn ends(&mut self, call: &Call<'_>) {
        if NEAR.contains(&call.name) || call.args.is_empty() || call.name.contains('.') {
            return;
        }
        let platform = PLATFORMS.contains(&call.name);
        let halts = if platform { said(call, &HALTS) } else { None };
        let Some(ends) = said(call, &ENDS).or(halts) else { return };
        let tried = call.texts().any(|text| {
            text.starts_with("--dry")
                || text.starts_with("--what-if")
                || matches!(text, "help" | "--help" | "-h" | "--generate-cli-skeleton")
        });
        // What is kept of it may be had again.
        let kept = call.texts().any(|text| text.starts_with("--final-"));
        let verb = ends.words.get(ends.verb).copied().unwrap_or_default();
        let trial = call.texts().any(is_trial) && !is_production(call);
        if tried || kept || trial {
            return;
        }
        // Entries of a thing, or what is tied to it, but not the thing.
        const PASSING: [&str; 18] = [
            "tag",
            "label",
            "message",
            "item",
            "object",
            "entity",
            "blob",
            "parameter",
            "target",
            "rule",
            "image",
            "alias",
            "attachment",
            "permission",
            "annotation",
            "binding",
            "comment",
            "invitation",
        ];
        let before = ends.verb.checked_sub(1).and_then(|at| ends.words.get(at)).copied().unwrap_or_default();
        let passing = parts(verb).chain(parts(before)).any(|part| is_one(part, &PASSING));
        let watching = platform && ends.words.iter().take(ends.verb + 1).any(|word| parts(word).any(|part| is_one(part, &WATCHES)));
        let bars = || call.texts().any(|text| ["deny", "block", "drop"].iter().any(|word| text.contains(word)));
        if watching && (!passing || bars()) {
            self.mark(Class::ProtectionOff);
        }
        let halting = parts(verb).any(|part| is_one(part, &HALTS)) && !parts(verb).any(|part| is_one(part, &ENDS));
        let data = ends.is_about(&LASTING, true) || platform && (ends.is_about(&OF_PLATFORMS, true) || ends.is_about(&PEOPLE, true));
        if data && !passing && !halting {
            self.mark(Class::Destructive);
        }
    }
}

/// Stores of objects by their consoles, and the words by which one empties them.
const OBJECTS: [(&str, &[&str]); 14] = [
    ("mc", &["rb", "rm"]),
    ("s3cmd", &["rb", "del", "rm"]),
    ("s5cmd", &["rm", "rb"]),
    ("b2", &["delete-bucket", "rm"]),
    ("rclone", &["delete", "purge"]),
    ("gsutil", &["rm", "rb"]),
    ("gcloud", &["rm"]),
    ("aws", &["rm", "rb"]),
    ("azcopy", &["rm", "remove"]),
    ("ossutil", &["rm"]),
    ("obsutil", &["rm"]),
    ("coscmd", &["delete"]),
    ("swift", &["delete"]),
    ("s4cmd", &["del"]),
];

/// Names of what is kept because nobody can make it again.
fn is_kept(word: &str) -> bool {
    ["backup", "prod", "archive", "dump", "snapshot"].iter().any(|kept| word.to_ascii_lowercase().contains(kept))
}

impl Shell {
    /// A bucket emptied as a whole, or what is kept in it.
    pub(super) fn empties(&mut self, call: &Call<'_>) {
        let Some((_, verbs)) = OBJECTS.iter().find(|(name, _)| *name == call.name) else { return };
        let verb = call.texts().take(4).find(|text| verbs.contains(text));
        let emptied = |path: &str| {
            let path = path.split_once("://").map_or(path, |(_, path)| path);
            let path = path.split_once(':').map_or(path, |(_, path)| path).trim_matches(['/', '*']);
            // An alias of a server stands before the bucket.
            let depth = path.split('/').filter(|name| !name.is_empty()).count().saturating_sub(usize::from(call.name == "mc"));
            depth < 2 && !path.contains(['*', '?']) || path.split('/').any(is_kept)
        };
        let places =
            || call.operands().skip(1).map(|place| place.text.as_str()).filter(|text| text.contains([':', '/']) || call.name == "b2");
        let whole = call.texts().any(|text| {
            matches!(
                text,
                "-r" | "-R" | "--recursive" | "--force" | "-f" | "--all" | "-rf" | "--recursive=true" | "--versions" | "delete-bucket"
            ) || text.ends_with("/*")
                || text.ends_with("/**")
        }) || call.name == "rclone";
        let trial = call.texts().any(is_trial) && !is_production(call);
        let tried = call.texts().any(|text| text.starts_with("--dry") || text == "-n");
        let from_nothing = call.texts().take(3).any(|text| matches!(text, "sync" | "mirror" | "rsync"))
            && call.operands().any(|from| from.text.starts_with(['/', '.']) && from.text.trim_end_matches('/').ends_with("empty"));
        if !tried && !trial && (verb.is_some() && whole && places().any(emptied) || from_nothing) {
            self.mark(Class::Destructive);
        }
    }
}
