//! Command lines of clouds, clusters and stores of secrets: what ends what people run there, opens it to others or prints its secrets.

use super::Class;
use super::command::Call;
use super::outward::names_address;
use super::paths;
use super::state::Shell;
use super::value::Taint;

/// Programs, and words that all have to be among the arguments: as they are, or as a part where they stand between stars.
pub(super) struct Deed(pub(super) &'static [&'static str], pub(super) &'static [&'static str], pub(super) Class);

/// The same for programs of which much is known: what they do, by words.
pub(super) struct Group(pub(super) &'static [&'static str], pub(super) &'static [(&'static [&'static str], Class)]);

/// Groups, and a sign for each name in them: most commands are in none, and need not be held against all.
pub(super) struct Table(&'static [Group], [u64; 4]);

impl Table {
    #[expect(clippy::indexing_slicing, reason = "evaluated by the compiler")]
    pub(super) const fn of(groups: &'static [Group]) -> Self {
        let mut signs = [0; 4];
        let mut group = 0;
        while group < groups.len() {
            let mut name = 0;
            while name < groups[group].0.len() {
                let sign = sign(groups[group].0[name].as_bytes());
                signs[sign / 64] |= 1 << (sign % 64);
                name += 1;
            }
            group += 1;
        }
        Self(groups, signs)
    }

    fn may_have(&self, name: &str) -> bool {
        let sign = sign(name.as_bytes());
        self.1.get(sign / 64).is_some_and(|signs| signs & (1 << (sign % 64)) != 0)
    }
}

/// Names of programs that are asked for at every command: a sign tells of most names that they are not among them.
pub(super) struct Names(&'static [&'static str], [u64; 4]);

impl Names {
    #[expect(clippy::indexing_slicing, reason = "evaluated by the compiler")]
    pub(super) const fn of(names: &'static [&'static str]) -> Self {
        let mut signs = [0; 4];
        let mut at = 0;
        while at < names.len() {
            let sign = sign(names[at].as_bytes());
            signs[sign / 64] |= 1 << (sign % 64);
            at += 1;
        }
        Self(names, signs)
    }

    pub(super) fn has(&self, name: &str) -> bool {
        let sign = sign(name.as_bytes());
        self.1.get(sign / 64).is_some_and(|signs| signs & (1 << (sign % 64)) != 0) && self.0.contains(&name)
    }
}

/// One of 256, of a name's length and ends.
const fn sign(name: &[u8]) -> usize {
    match name {
        [] => 0,
        [first, .., last] => (*first as usize * 31 + *last as usize * 7 + name.len() * 13) % 256,
        [only] => *only as usize,
    }
}

const DEEDS: &[Deed] = &[
    Deed(&["aws"], &["ec2", "terminate-instances"], Class::Destructive),
    Deed(&["aws"], &["ec2", "delete-snapshot"], Class::Destructive),
    Deed(&["aws"], &["ec2", "delete-volume"], Class::Destructive),
    Deed(&["aws"], &["rds", "*delete-db-*", "--skip-final-snapshot"], Class::Destructive),
    Deed(&["aws"], &["rds", "*-snapshot", "*delete-db-*"], Class::Destructive),
    Deed(&["aws"], &["dynamodb", "delete-table"], Class::Destructive),
    Deed(&["aws"], &["dynamodb", "delete-backup"], Class::Destructive),
    Deed(&["aws"], &["backup", "*delete-*"], Class::Destructive),
    Deed(&["aws"], &["kms", "schedule-key-deletion"], Class::Destructive),
    Deed(&["aws"], &["kms", "disable-key"], Class::Destructive),
    Deed(&["aws"], &["eks", "delete-cluster"], Class::Destructive),
    Deed(&["aws"], &["efs", "delete-file-system"], Class::Destructive),
    Deed(&["aws"], &["logs", "delete-log-group"], Class::Destructive),
    Deed(&["aws"], &["organizations", "close-account"], Class::Destructive),
    Deed(&["aws"], &["organizations", "leave-organization"], Class::Destructive),
    Deed(&["aws"], &["s3api", "put-bucket-versioning", "*Suspended*"], Class::Destructive),
    Deed(&["aws"], &["secretsmanager", "delete-secret", "--force-delete-without-recovery"], Class::Destructive),
    Deed(&["aws"], &["cloudtrail", "stop-logging"], Class::ProtectionOff),
    Deed(&["aws"], &["cloudtrail", "delete-trail"], Class::ProtectionOff),
    Deed(&["aws"], &["cloudtrail", "update-trail", "*--no-*"], Class::ProtectionOff),
    Deed(&["aws"], &["cloudtrail", "put-event-selectors"], Class::ProtectionOff),
    Deed(&["aws"], &["guardduty", "delete-detector"], Class::ProtectionOff),
    Deed(&["aws"], &["guardduty", "update-detector", "--no-enable"], Class::ProtectionOff),
    Deed(&["aws"], &["configservice", "stop-configuration-recorder"], Class::ProtectionOff),
    Deed(&["aws"], &["configservice", "delete-configuration-recorder"], Class::ProtectionOff),
    Deed(&["aws"], &["configservice", "delete-delivery-channel"], Class::ProtectionOff),
    Deed(&["aws"], &["securityhub", "disable-security-hub"], Class::ProtectionOff),
    Deed(&["aws"], &["ec2", "delete-flow-logs"], Class::ProtectionOff),
    Deed(&["aws"], &["cloudwatch", "delete-alarms"], Class::ProtectionOff),
    Deed(&["aws"], &["cloudwatch", "disable-alarm-actions"], Class::ProtectionOff),
    Deed(&["aws"], &["iam", "deactivate-mfa-device"], Class::ProtectionOff),
    Deed(&["aws"], &["iam", "delete-account-password-policy"], Class::ProtectionOff),
    Deed(&["aws"], &["ec2", "authorize-security-group-ingress", "0.0.0.0/0", "22"], Class::ProtectionOff),
    Deed(&["aws"], &["ec2", "authorize-security-group-ingress", "0.0.0.0/0", "3389"], Class::ProtectionOff),
    Deed(&["aws"], &["ec2", "authorize-security-group-ingress", "0.0.0.0/0", "0-65535"], Class::ProtectionOff),
    Deed(&["aws"], &["ec2", "authorize-security-group-ingress", "0.0.0.0/0", "-1"], Class::ProtectionOff),
    Deed(&["aws"], &["ec2", "authorize-security-group-ingress", "0.0.0.0/0", "all"], Class::ProtectionOff),
    Deed(&["aws"], &["s3api", "delete-public-access-block"], Class::ProtectionOff),
    Deed(&["aws"], &["s3api", "put-public-access-block", "*BlockPublicAcls=false*"], Class::ProtectionOff),
    Deed(&["aws"], &["iam", "create-access-key"], Class::Persistence),
    Deed(&["aws"], &["iam", "create-login-profile"], Class::Persistence),
    Deed(&["aws"], &["iam", "update-login-profile"], Class::Persistence),
    Deed(&["aws"], &["iam", "*attach-*", "*AdministratorAccess*"], Class::PrivilegeChange),
    Deed(&["aws"], &["iam", "*attach-*", "*IAMFullAccess*"], Class::PrivilegeChange),
    Deed(&["aws"], &["iam", "*attach-*", "*PowerUserAccess*"], Class::PrivilegeChange),
    Deed(&["aws"], &["iam", "create-policy-version", "--set-as-default"], Class::PrivilegeChange),
    Deed(&["aws"], &["iam", "set-default-policy-version"], Class::PrivilegeChange),
    Deed(&["aws"], &["iam", "update-assume-role-policy"], Class::PrivilegeChange),
    Deed(&["aws"], &["iam", "put-user-policy"], Class::PrivilegeChange),
    Deed(&["aws"], &["iam", "put-group-policy"], Class::PrivilegeChange),
    Deed(&["aws"], &["iam", "add-user-to-group", "*dmin*"], Class::PrivilegeChange),
    Deed(&["aws"], &["modify-snapshot-attribute", "add"], Class::Exfiltration),
    Deed(&["aws"], &["modify-db-snapshot-attribute", "--values-to-add"], Class::Exfiltration),
    Deed(&["aws"], &["route53", "delete-hosted-zone"], Class::Destructive),
    Deed(&["az"], &["create-for-rbac", "Owner"], Class::PrivilegeChange),
    Deed(&["npm", "pnpm", "yarn"], &["unpublish"], Class::Destructive),
    Deed(&["docker", "podman"], &["exec", "--privileged"], Class::PrivilegeChange),
    Deed(&["ansible"], &["user", "*groups=sudo*"], Class::PrivilegeChange),
    Deed(&["ansible"], &["user", "*groups=wheel*"], Class::PrivilegeChange),
    Deed(&["aws"], &["ec2", "modify-image-attribute", "*Add=*"], Class::Exfiltration),
    Deed(&["aws"], &["s3api", "put-bucket-acl", "*public-read*"], Class::Exfiltration),
    Deed(&["aws"], &["s3api", "put-object-acl", "*public-read*"], Class::Exfiltration),
    Deed(&["aws"], &["s3", "--acl", "public-read-write"], Class::Exfiltration),
    Deed(&["gcloud"], &["kms", "destroy"], Class::Destructive),
    Deed(&["gcloud"], &["organizations", "delete"], Class::Destructive),
    Deed(&["gcloud"], &["logging", "sinks", "delete"], Class::ProtectionOff),
    Deed(&["gcloud"], &["logging", "logs", "delete"], Class::ProtectionOff),
    Deed(&["gcloud"], &["iam", "service-accounts", "keys", "create"], Class::Persistence),
    Deed(&["gcloud"], &["*add-iam-policy-binding", "*roles/owner*"], Class::PrivilegeChange),
    Deed(&["gcloud"], &["*add-iam-policy-binding", "*roles/editor*"], Class::PrivilegeChange),
    Deed(&["gcloud"], &["*add-iam-policy-binding", "*allUsers*"], Class::PrivilegeChange),
    Deed(&["gsutil"], &["iam", "ch", "*allUsers*"], Class::Exfiltration),
    Deed(&["gsutil"], &["acl", "*AllUsers*"], Class::Exfiltration),
    Deed(&["az"], &["role", "assignment", "create", "Owner"], Class::PrivilegeChange),
    Deed(&["az"], &["role", "assignment", "create", "Contributor"], Class::PrivilegeChange),
    Deed(&["az"], &["ad", "credential", "reset"], Class::Persistence),
    Deed(&["az"], &["monitor", "*diagnostic-settings*", "delete"], Class::ProtectionOff),
    Deed(&["az"], &["monitor", "log-profiles", "delete"], Class::ProtectionOff),
    Deed(&["az"], &["keyvault", "*purge*"], Class::Destructive),
    Deed(&["heroku"], &["apps:destroy"], Class::Destructive),
    Deed(&["heroku"], &["apps:delete"], Class::Destructive),
    Deed(&["heroku"], &["pg:reset"], Class::Destructive),
    Deed(&["gh"], &["repo", "delete"], Class::Destructive),
    Deed(&["gh"], &["repo", "edit", "*public"], Class::Exfiltration),
    Deed(&["eksctl"], &["delete", "cluster"], Class::Destructive),
    Deed(&["terraform", "tofu"], &["apply", "*-destroy", "*-auto-approve"], Class::Destructive),
    Deed(&["terragrunt"], &["*destroy"], Class::Destructive),
    Deed(&["firebase"], &["firestore:delete", "--all-collections"], Class::Destructive),
    Deed(&["vault"], &["operator", "seal"], Class::Destructive),
    Deed(&["vault"], &["audit", "disable"], Class::ProtectionOff),
    Deed(&["kubectl", "oc"], &["delete", "*webhookconfiguration*"], Class::ProtectionOff),
    Deed(&["kubectl", "oc"], &["delete", "networkpolicy", "--all"], Class::ProtectionOff),
    Deed(&["kubectl", "oc"], &["delete", "node"], Class::Destructive),
    Deed(&["kubectl", "oc"], &["delete", "nodes"], Class::Destructive),
    Deed(&["kubectl", "oc"], &["scale", "--all", "*replicas=0"], Class::Destructive),
    Deed(&["kubectl", "oc"], &["proxy", "--address=0.0.0.0", "*--accept-hosts*"], Class::ProtectionOff),
    Deed(&["lxc", "incus"], &["security.privileged=true"], Class::PrivilegeChange),
    Deed(&["etcdctl"], &["get", "--prefix", "/"], Class::CredentialRead),
    Deed(&["etcdctl"], &["get", "--prefix", ""], Class::CredentialRead),
    Deed(&["etcdctl"], &["del", "--prefix"], Class::Destructive),
    Deed(&["systemctl"], &["poweroff"], Class::Destructive),
    Deed(&["systemctl"], &["halt"], Class::Destructive),
    Deed(&["systemctl"], &["reboot"], Class::Destructive),
    Deed(&["systemctl"], &["kexec"], Class::Destructive),
    Deed(&["systemctl"], &["isolate", "rescue*"], Class::Destructive),
    Deed(&["systemctl"], &["isolate", "emergency*"], Class::Destructive),
    Deed(&["vault"], &["secrets", "disable"], Class::Destructive),
    Deed(&["curl"], &["DELETE", "*/_all"], Class::Destructive),
    Deed(&["curl"], &["-XDELETE", "*/_all"], Class::Destructive),
    Deed(&["kafka-topics", "kafka-topics.sh"], &["--delete", ".*"], Class::Destructive),
    Deed(&["git"], &["update-ref", "-d", "refs/heads/main"], Class::Destructive),
    Deed(&["git"], &["update-ref", "-d", "refs/heads/master"], Class::Destructive),
    Deed(&["git"], &["push", "--force", "--all"], Class::Destructive),
    Deed(&["git"], &["push", "-f", "--all"], Class::Destructive),
    Deed(&["gem"], &["--source", "*http://*"], Class::DownloadAndRun),
    Deed(&["go"], &["get", "-insecure"], Class::DownloadAndRun),
    Deed(&["brew"], &["install", "http://*"], Class::DownloadAndRun),
    Deed(&["mongo", "mongosh"], &["*.drop()*"], Class::Destructive),
    Deed(&["mongo", "mongosh"], &["*deleteMany({})*"], Class::Destructive),
    Deed(&["influx", "cqlsh", "sqlcmd", "isql"], &["*DROP *"], Class::Destructive),
    Deed(&["chisel"], &["server", "--reverse"], Class::ReverseShell),
    Deed(&["launchctl"], &["submit"], Class::Persistence),
    Deed(&["osascript"], &["*make login item*"], Class::Persistence),
    Deed(&["apt", "apt-get"], &["--allow-unauthenticated"], Class::DownloadAndRun),
    Deed(&["consul"], &["kv", "delete", "-recurse"], Class::Destructive),
    Deed(&["rabbitmqctl"], &["reset"], Class::Destructive),
    Deed(&["rabbitmqctl"], &["force_reset"], Class::Destructive),
];

/// What prints a secret: told only where nothing takes it, for `docker login -p $(gh auth token)` is how it is meant to be used.
const PRINTS: &[(&str, &[&str])] = &[
    ("aws", &["secretsmanager", "*get-secret-value"]),
    ("aws", &["ssm", "*get-parameter*", "--with-decryption"]),
    ("aws", &["sts", "get-session-token"]),
    ("aws", &["sts", "assume-role"]),
    ("aws", &["ec2", "get-password-data"]),
    ("aws", &["configure", "get", "*secret*"]),
    ("gcloud", &["secrets", "versions", "access"]),
    ("gcloud", &["auth", "*print-access-token"]),
    ("gcloud", &["auth", "*print-identity-token"]),
    ("az", &["keyvault", "secret", "show"]),
    ("az", &["keyvault", "secret", "download"]),
    ("az", &["account", "get-access-token"]),
    ("az", &["storage", "account", "keys", "list"]),
    ("gh", &["auth", "token"]),
    ("gh", &["auth", "status", "-t"]),
    ("glab", &["auth", "status", "-t"]),
    ("vault", &["kv", "get"]),
    ("vault", &["read", "*secret*"]),
    ("vault", &["print", "token"]),
    ("op", &["read"]),
    ("op", &["item", "get", "*password*"]),
    ("op", &["item", "get", "--reveal"]),
    ("bw", &["get", "password"]),
    ("bw", &["list", "items"]),
    ("bw", &["export"]),
    ("lpass", &["show"]),
    ("doppler", &["secrets", "download"]),
    ("kubectl", &["config", "view", "--raw"]),
    ("kubectl", &["create", "token"]),
    ("git", &["credential", "fill"]),
    ("heroku", &["config", "-s"]),
    ("heroku", &["config", "--json"]),
    ("pass", &["show"]),
    ("ansible-vault", &["view"]),
    ("ansible-vault", &["decrypt", "--output", "-"]),
    ("ansible-vault", &["decrypt", "--output=-"]),
];

const CLOUDS: &[&str] =
    &["aws", "gcloud", "gsutil", "az", "doctl", "oci", "ibmcloud", "heroku", "fly", "flyctl", "vercel", "netlify", "linode-cli", "hcloud"];

/// Names of what is there to be lost: experiments of developers.
const PASSING: [&str; 13] =
    ["test", "dev", "tmp", "temp", "demo", "feature", "preview", "sandbox", "staging", "scratch", "local", "example", "ci-"];

/// What would be done is only told.
fn only_tried(call: &Call<'_>) -> bool {
    call.texts().any(|text| matches!(text, "--dry-run" | "--dryrun" | "--dry-run=client" | "--dry-run=server" | "--what-if"))
}

pub(super) fn is_passing(name: &str) -> bool {
    PASSING.iter().any(|word| name.contains(word))
}

fn among(call: &Call<'_>, word: &str) -> bool {
    if word.is_empty() {
        return call.texts().any(str::is_empty);
    }
    let (bare, open) = (word.trim_matches('*'), (word.starts_with('*'), word.ends_with('*')));
    call.texts().any(|text| match open {
        (false, false) => text == bare,
        (true, false) => text.ends_with(bare),
        (false, true) => text.starts_with(bare),
        (true, true) => text.contains(bare),
    })
}

fn all_among(call: &Call<'_>, words: &[&str]) -> bool {
    words.iter().all(|word| among(call, word))
}

/// Whether it prints a secret for whoever is there to read it.
pub(super) fn prints_secret(call: &Call<'_>) -> bool {
    PRINTS.iter().any(|(name, words)| call.name == *name && all_among(call, words)) || super::estate::shows_secret(call)
}

impl Shell {
    /// Marks every deed of a table that a command does.
    pub(super) fn done(&mut self, call: &Call<'_>, deeds: &[Deed]) {
        for Deed(names, words, class) in deeds {
            if names.contains(&call.name) && all_among(call, words) && !only_tried(call) {
                self.mark(*class);
            }
        }
    }

    pub(super) fn grouped(&mut self, call: &Call<'_>, table: &Table) {
        if !table.may_have(call.name) || only_tried(call) {
            return;
        }
        for Group(_, deeds) in table.0.iter().filter(|group| group.0.contains(&call.name)) {
            for (words, class) in *deeds {
                if all_among(call, words) {
                    self.mark(*class);
                }
            }
        }
    }

    pub(super) fn consoles(&mut self, call: &Call<'_>) {
        self.done(call, DEEDS);
        if CLOUDS.contains(&call.name) {
            self.clouds(call);
        }
        match call.name {
            // `helm uninstall $(helm ls -q)`: whatever there is.
            "helm" if matches!(call.text(0), "uninstall" | "delete") && call.args.iter().skip(1).any(|release| release.is_all_hole()) => {
                self.mark(Class::Destructive);
            }
            "docker" | "podman"
                if (call.text(0), call.text(1)) == ("volume", "rm") && call.args.iter().skip(2).any(|volume| volume.is_all_hole()) =>
            {
                self.mark(Class::Destructive);
            }
            "aws" | "gcloud" | "az" if call.texts().take(3).any(|text| matches!(text, "cp" | "mv" | "sync" | "upload" | "rsync")) => {
                let told = |path: &str| {
                    let path = paths::canonical(path, None);
                    matches!(path.as_str(), "/" | "/etc" | "/root" | "/home" | "~")
                        || path.starts_with("/etc/")
                        || path.starts_with("/proc/")
                        || paths::is_secret_folder(&path, None)
                        || paths::is_secret(&path, None)
                };
                if call.operands().skip(2).take(1).any(|path| told(&path.text)) {
                    self.mark(Class::Exfiltration);
                }
            }
            // Every index of Elasticsearch.
            "curl"
                if call.texts().any(|text| text.ends_with("/*") && text.contains("://"))
                    && call.texts().any(|text| matches!(text, "DELETE" | "-XDELETE")) =>
            {
                self.mark(Class::Destructive);
            }
            "gh" => {
                let secret = call.args.iter().any(|arg| arg.taint.has(Taint::ENVIRONMENT) || paths::is_secret(&arg.text, None));
                if secret && matches!((call.text(0), call.text(1)), ("gist", "create") | ("secret", "set") | ("issue", _)) {
                    self.mark(Class::Exfiltration);
                }
            }
            "git" => {
                // Back to the first commit of all.
                if call.text(0) == "reset" && call.has("--hard") && self.showing.contains("max-parents=0") {
                    self.mark(Class::Destructive);
                }
                self.pushes(call);
            }
            _ => {}
        }
    }

    /// What is deleted without a question, or is called production.
    fn clouds(&mut self, call: &Call<'_>) {
        let ends = call.texts().take(5).any(|text| {
            ["delete", "destroy", "terminate", "remove", "purge"].iter().any(|verb| {
                text.strip_prefix(verb)
                    .or_else(|| text.rsplit_once(':').and_then(|(_, word)| word.strip_prefix(verb)))
                    .is_some_and(|rest| rest.is_empty() || rest.starts_with('-'))
            }) || matches!(text, "rm" | "rb")
        });
        let unasked = call.texts().any(|text| {
            matches!(text, "--yes" | "-y" | "--quiet" | "-q" | "--force" | "--confirm" | "--assume-yes" | "--no-prompt")
                || text.starts_with("--force-delete")
                || text.starts_with("--confirm=")
        }) && call.name != "aws";
        let production = call.texts().any(|text| {
            text.split(|c: char| !c.is_ascii_alphanumeric()).any(|word| matches!(word, "prod" | "production" | "PROD" | "Production"))
        });
        let whole_bucket = call.name != "aws"
            && call.texts().any(|text| matches!(text, "-r" | "-R" | "--recursive"))
            && call.texts().any(|text| text.strip_prefix("gs://").is_some_and(|name| !name.trim_end_matches(['/', '*']).contains('/')));
        // Whose name says that it is there to be lost.
        let trial = call.texts().any(super::estate::is_trial) && !production;
        let group = call.name == "az" && call.text(0) == "group" && call.text(1) == "delete";
        if ends && !trial && (unasked || group || production && call.name != "aws" || whole_bucket) {
            self.mark(Class::Destructive);
        }
    }

    /// What others have pushed is overwritten.
    fn pushes(&mut self, call: &Call<'_>) {
        let Some(at) = call.texts().position(|text| text == "push") else { return };
        if call.texts().take(at).any(|text| !text.starts_with(['-', '/', '.', '~']) && !text.contains('=')) {
            return;
        }
        let behind = || call.texts().skip(at);
        let shared = |name: &str| {
            let name = name.rsplit(':').next().unwrap_or_default();
            let name = name.strip_prefix("refs/heads/").unwrap_or(name);
            matches!(name, "main" | "master" | "production" | "prod" | "release" | "trunk")
        };
        let forced = behind().any(|text| {
            text == "--force" || text.strip_prefix('-').is_some_and(|letters| !letters.starts_with('-') && letters.contains('f'))
        });
        let removed = behind().any(|text| matches!(text, "--delete" | "-d"));
        // Whatever branches there are.
        if removed
            && self.feeding
            && call.texts().last().is_some_and(|text| text.contains(super::value::HOLE) || matches!(text, "--delete" | "-d"))
        {
            self.mark(Class::Destructive);
        }
        // What a list of all of them says.
        let listed =
            ["branch -r", "branch -a", "ls-remote", "for-each-ref", "tag -l", "git tag)"].iter().any(|list| self.showing.contains(list));
        if removed && listed && !self.showing.contains("--merged") {
            self.mark(Class::Destructive);
        }
        let to_shared = behind().skip(1).any(shared);
        let overwrites =
            behind().any(|text| text.strip_prefix('+').is_some_and(shared) || text.strip_prefix(':').is_some_and(shared) && text.len() > 1);
        let mirrored = behind().any(|text| text == "--mirror") && forced;
        if (forced || removed) && to_shared || overwrites || mirrored {
            self.mark(Class::Destructive);
        }
    }

    /// A token goes somewhere else than into a header.
    pub(super) fn gives_token(&mut self, call: &Call<'_>) {
        let mut before = "";
        for arg in call.args {
            let header = matches!(before, "-H" | "--header" | "-u" | "--user" | "--oauth2-bearer") || arg.text.contains(": ");
            if arg.taint.has(Taint::TOKEN) && (!header || call.texts().any(names_address)) {
                self.mark(Class::Exfiltration);
            }
            before = arg.text.as_str();
        }
        if call.io.stdin.taint.has(Taint::TOKEN) {
            self.mark(Class::Exfiltration);
        }
    }
}
