//! What others build on: clusters, databases, backups, stores of secrets, accounts of clouds. What ends them, opens them or hands them over.

use super::Class;
use super::command::Call;
use super::consoles::Deed;
use super::outward::names_address;
use super::paths;
use super::state::Shell;
use super::supply::is_strange;
use super::value::{HOLE, Taint};

const DEEDS: &[Deed] = &[
    // Clusters
    Deed(&["kubectl", "oc"], &["drain", "--disable-eviction"], Class::Destructive),
    Deed(&["kubectl", "oc"], &["taint", "--all", "*NoExecute*"], Class::Destructive),
    Deed(&["kubectl", "oc"], &["*system:masters*"], Class::PrivilegeChange),
    Deed(&["kubectl", "oc"], &["label", "*pod-security.kubernetes.io/enforce=privileged*"], Class::ProtectionOff),
    Deed(&["kubectl", "oc"], &["delete", "validatingadmissionpolic*"], Class::ProtectionOff),
    Deed(&["kubectl", "oc"], &["delete", "peerauthentication*"], Class::ProtectionOff),
    Deed(&["kubectl", "oc"], &["delete", "networkpolicies", "--all"], Class::ProtectionOff),
    Deed(&["kubectl", "oc"], &["delete", "netpol", "--all"], Class::ProtectionOff),
    Deed(&["oc"], &["adm", "policy", "privileged"], Class::PrivilegeChange),
    Deed(&["oc"], &["adm", "policy", "anyuid"], Class::PrivilegeChange),
    Deed(&["oc"], &["adm", "policy", "cluster-admin"], Class::PrivilegeChange),
    Deed(&["kubeadm"], &["reset"], Class::Destructive),
    Deed(&["kubeadm"], &["token", "create"], Class::CredentialRead),
    Deed(&["k3s-uninstall.sh", "rke2-uninstall.sh", "k3s-killall.sh"], &[], Class::Destructive),
    Deed(&["velero"], &["delete", "--all"], Class::Destructive),
    Deed(&["velero"], &["delete", "--confirm"], Class::Destructive),
    Deed(&["argocd"], &["app", "delete", "--yes"], Class::Destructive),
    Deed(&["argocd"], &["app", "delete", "-y"], Class::Destructive),
    Deed(&["docker"], &["swarm", "leave", "--force"], Class::Destructive),
    Deed(&["docker"], &["swarm", "leave", "-f"], Class::Destructive),
    Deed(&["docker", "podman"], &["system", "prune", "--volumes"], Class::Destructive),
    Deed(&["docker", "podman"], &["volume", "prune", "-af"], Class::Destructive),
    Deed(&["docker", "podman"], &["volume", "prune", "-a"], Class::Destructive),
    Deed(&["docker", "podman"], &["volume", "prune", "--all"], Class::Destructive),
    Deed(&["podman"], &["system", "reset"], Class::Destructive),
    Deed(&["crictl"], &["rmp", "-fa"], Class::Destructive),
    Deed(&["crictl"], &["rmp", "-af"], Class::Destructive),
    Deed(&["crictl"], &["rm", "-fa"], Class::Destructive),
    Deed(&["ctr"], &["run", "--privileged"], Class::PrivilegeChange),
    Deed(&["nerdctl"], &["run", "--privileged"], Class::PrivilegeChange),
    Deed(&["dockerd", "docker"], &["*tcp://0.0.0.0:2375*"], Class::ProtectionOff),
    Deed(&["nomad"], &["stop", "-purge", "*"], Class::Destructive),
    Deed(&["nomad"], &["system", "gc"], Class::Destructive),
    // Clouds
    Deed(&["aws"], &["modify-snapshot-attribute", "*Add=*"], Class::Exfiltration),
    Deed(&["aws"], &["modify-db-cluster-snapshot-attribute", "--values-to-add"], Class::Exfiltration),
    Deed(&["aws"], &["rds", "--publicly-accessible"], Class::ProtectionOff),
    Deed(&["aws"], &["rds", "*modify-db-*", "--master-user-password"], Class::Persistence),
    Deed(&["aws"], &["rds", "*modify-db-*", "--backup-retention-period", "0"], Class::Destructive),
    Deed(&["aws"], &["rds", "delete-db-cluster"], Class::Destructive),
    Deed(&["aws"], &["rds", "*delete-db-*snapshot"], Class::Destructive),
    Deed(&["aws"], &["redshift", "delete-cluster", "--skip-final-cluster-snapshot"], Class::Destructive),
    Deed(&["aws"], &["s3api", "delete-bucket-encryption"], Class::ProtectionOff),
    Deed(&["aws"], &["s3api", "delete-objects"], Class::Destructive),
    Deed(&["aws"], &["s3", "sync", "--acl", "public-read"], Class::Exfiltration),
    Deed(&["aws"], &["s3", "cp", "--acl", "public-read", "--recursive"], Class::Exfiltration),
    Deed(&["aws"], &["s3", "cp", "s3://*", "--acl", "public-read"], Class::Exfiltration),
    Deed(&["aws"], &["logs", "delete-log-stream"], Class::Destructive),
    Deed(&["aws"], &["ec2", "disable-ebs-encryption-by-default"], Class::ProtectionOff),
    Deed(&["aws"], &["ec2", "modify-instance-attribute", "--user-data"], Class::Persistence),
    Deed(&["aws"], &["ec2", "modify-instance-metadata-options", "optional"], Class::ProtectionOff),
    Deed(&["aws"], &["ecr", "delete-repository", "--force"], Class::Destructive),
    Deed(&["aws"], &["iam", "upload-ssh-public-key"], Class::Persistence),
    Deed(&["aws"], &["iam", "create-service-specific-credential"], Class::Persistence),
    Deed(&["aws"], &["iam", "create-saml-provider"], Class::Persistence),
    Deed(&["aws"], &["rolesanywhere", "create-trust-anchor"], Class::Persistence),
    Deed(&["aws"], &["ec2-instance-connect", "send-ssh-public-key"], Class::Persistence),
    Deed(&["aws"], &["lambda", "create-function-url-config", "NONE"], Class::ProtectionOff),
    Deed(&["aws"], &["guardduty", "*create-ip-set*"], Class::ProtectionOff),
    Deed(&["aws"], &["guardduty", "*disassociate*"], Class::ProtectionOff),
    Deed(&["aws"], &["guardduty", "delete-members"], Class::ProtectionOff),
    Deed(&["aws"], &["configservice", "delete-config-rule"], Class::ProtectionOff),
    Deed(&["aws"], &["wafv2", "delete-web-acl"], Class::ProtectionOff),
    Deed(&["aws"], &["wafv2", "disassociate-web-acl"], Class::ProtectionOff),
    Deed(&["aws"], &["macie2", "disable-macie"], Class::ProtectionOff),
    Deed(&["aws"], &["inspector2", "disable"], Class::ProtectionOff),
    Deed(&["aws"], &["accessanalyzer", "delete-analyzer"], Class::ProtectionOff),
    Deed(&["aws"], &["organizations", "detach-policy"], Class::ProtectionOff),
    Deed(&["gcloud"], &["firewall-rules", "*--allow=all*", "*0.0.0.0/0*"], Class::ProtectionOff),
    Deed(&["gcloud"], &["firewall-rules", "*--rules=all*"], Class::ProtectionOff),
    Deed(&["gcloud"], &["firewall-rules", "*--allow=tcp:22*", "*0.0.0.0/0*"], Class::ProtectionOff),
    Deed(&["gcloud"], &["firewall-rules", "*--allow=tcp:3389*", "*0.0.0.0/0*"], Class::ProtectionOff),
    Deed(&["gcloud"], &["firewall-rules", "*--allow=tcp:0-65535*"], Class::ProtectionOff),
    Deed(&["gcloud"], &["firewall-rules", "all", "0.0.0.0/0"], Class::ProtectionOff),
    Deed(&["gcloud"], &["add-metadata", "*ssh-keys*"], Class::Persistence),
    Deed(&["gcloud"], &["add-metadata", "*startup-script*"], Class::Persistence),
    Deed(&["gcloud"], &["sql", "*authorized-networks=0.0.0.0/0*"], Class::ProtectionOff),
    Deed(&["gcloud"], &["sql", "backups", "delete"], Class::Destructive),
    Deed(&["gcloud"], &["sql", "users", "set-password"], Class::Persistence),
    Deed(&["gcloud"], &["audit", "delete"], Class::ProtectionOff),
    Deed(&["gcloud"], &["logging", "sinks", "update", "*--exclusion*"], Class::ProtectionOff),
    Deed(&["az"], &["storage", "account", "update", "--allow-blob-public-access", "true"], Class::ProtectionOff),
    Deed(&["az"], &["storage", "container", "--public-access"], Class::Exfiltration),
    Deed(&["az"], &["storage", "blob", "delete-batch"], Class::Destructive),
    Deed(&["az"], &["ad", "user", "update", "--password"], Class::PrivilegeChange),
    Deed(&["az"], &["ad", "user", "create", "--password"], Class::Persistence),
    Deed(&["az"], &["sql", "server", "firewall-rule", "255.255.255.255"], Class::ProtectionOff),
    Deed(&["az"], &["backup", "--delete-backup-data", "true"], Class::Destructive),
    Deed(&["az"], &["lock", "delete"], Class::ProtectionOff),
    Deed(&["az"], &["snapshot", "grant-access"], Class::Exfiltration),
    Deed(&["az"], &["disk", "grant-access"], Class::Exfiltration),
    Deed(&["az"], &["vm", "user", "update"], Class::Persistence),
    // Stores of secrets, plans of what runs
    Deed(&["vault"], &["kv", "metadata", "delete"], Class::Destructive),
    Deed(&["vault"], &["kv", "destroy"], Class::Destructive),
    Deed(&["vault"], &["token", "create", "*policy=root*"], Class::PrivilegeChange),
    Deed(&["vault"], &["write", "*policies=root*"], Class::PrivilegeChange),
    Deed(&["vault"], &["operator", "generate-root"], Class::PrivilegeChange),
    Deed(&["vault"], &["lease", "revoke", "*-force"], Class::Destructive),
    Deed(&["terraform", "tofu"], &["state", "push"], Class::Destructive),
    Deed(&["terraform", "tofu"], &["workspace", "delete", "*-force"], Class::Destructive),
    Deed(&["pulumi"], &["stack", "rm", "--force"], Class::Destructive),
    // Databases
    Deed(&["redis-cli"], &["*odule", "*oad"], Class::Persistence),
    Deed(&["redis-cli"], &["MODULE", "LOAD"], Class::Persistence),
    Deed(&["redis-cli"], &["module", "load"], Class::Persistence),
    Deed(&["redis-cli"], &["protected-mode", "no"], Class::ProtectionOff),
    Deed(&["redis-cli"], &["requirepass", ""], Class::ProtectionOff),
    Deed(&["redis-cli"], &["*HUTDOWN", "*OSAVE"], Class::Destructive),
    Deed(&["redis-cli"], &["shutdown", "nosave"], Class::Destructive),
    Deed(&["redis-cli"], &["*os.execute*"], Class::ShellEscape),
    Deed(&["redis-cli"], &["*io.popen*"], Class::ShellEscape),
    Deed(&["mongo", "mongosh"], &["*dropAllUsers*"], Class::Destructive),
    Deed(&["mongo", "mongosh"], &["*.remove({})*"], Class::Destructive),
    Deed(&["mongo", "mongosh"], &["*shutdownServer*"], Class::Destructive),
    Deed(&["mongo", "mongosh"], &["*grantRolesToUser*root*"], Class::PrivilegeChange),
    Deed(&["mongorestore"], &["--drop"], Class::Destructive),
    Deed(&["pg_resetwal"], &["-f"], Class::Destructive),
    Deed(&["pg_dropcluster"], &[], Class::Destructive),
    Deed(&["kafka-delete-records.sh", "kafka-delete-records"], &[], Class::Destructive),
    Deed(&["rabbitmqctl"], &["delete_vhost"], Class::Destructive),
    Deed(&["rabbitmqctl"], &["set_user_tags", "administrator"], Class::PrivilegeChange),
    Deed(&["nodetool"], &["removenode", "force"], Class::Destructive),
    // Backups and what they are kept on
    Deed(&["borg"], &["delete", "--force"], Class::Destructive),
    Deed(&["restic"], &["forget", "--unsafe-allow-remove-all"], Class::Destructive),
    Deed(&["restic"], &["forget", "--keep-last", "0"], Class::Destructive),
    Deed(&["restic"], &["key", "remove"], Class::Destructive),
    Deed(&["duplicity"], &["remove-all-but-n-full", "0"], Class::Destructive),
    Deed(&["duplicity"], &["remove-older-than", "0D"], Class::Destructive),
    Deed(&["rclone"], &["purge"], Class::Destructive),
    Deed(&["timeshift"], &["--delete-all"], Class::Destructive),
    Deed(&["ceph"], &["pool", "delete"], Class::Destructive),
    Deed(&["ceph"], &["fs", "rm"], Class::Destructive),
    Deed(&["ceph"], &["osd", "purge"], Class::Destructive),
    Deed(&["rbd"], &["snap", "purge"], Class::Destructive),
    Deed(&["gluster"], &["volume", "delete"], Class::Destructive),
    Deed(&["virsh"], &["undefine", "--remove-all-storage"], Class::Destructive),
    Deed(&["virsh"], &["vol-wipe"], Class::Destructive),
    Deed(&["virsh"], &["pool-delete"], Class::Destructive),
    Deed(&["qm", "pct"], &["destroy", "--purge"], Class::Destructive),
    Deed(&["vim-cmd"], &["vmsvc/destroy"], Class::Destructive),
    Deed(&["esxcli"], &["vm", "process", "kill"], Class::Destructive),
    Deed(&["vim-cmd"], &["vmsvc/power.off"], Class::Destructive),
    Deed(&["vim-cmd"], &["vmsvc/snapshot.removeall"], Class::Destructive),
    Deed(&["esxcli"], &["execInstalledOnly", "FALSE"], Class::ProtectionOff),
    Deed(&["etcdctl"], &["del", "--from-key=true"], Class::Destructive),
    Deed(&["etcdctl"], &["del", "--from-key"], Class::Destructive),
    Deed(&["pvremove"], &["-ff"], Class::Destructive),
    Deed(&["mdadm"], &["--stop", "--scan"], Class::Destructive),
    Deed(&["efibootmgr"], &["-B"], Class::Destructive),
    Deed(&["grub-install"], &["/dev/null"], Class::Destructive),
    // Walls
    Deed(&["firewall-cmd"], &["*--add-port=1-65535*"], Class::ProtectionOff),
    Deed(&["firewall-cmd"], &["*--add-port=0-65535*"], Class::ProtectionOff),
    Deed(&["firewall-cmd"], &["--set-target=ACCEPT"], Class::ProtectionOff),
    Deed(&["firewall-cmd"], &["--zone=trusted", "*--add-source=0.0.0.0/0*"], Class::ProtectionOff),
    Deed(&["firewall-cmd"], &["--zone=trusted", "*--add-interface*"], Class::ProtectionOff),
    Deed(&["ufw"], &["default", "allow", "incoming"], Class::ProtectionOff),
    Deed(&["ufw"], &["allow", "1:65535/tcp"], Class::ProtectionOff),
    Deed(&["fail2ban-client"], &["stop"], Class::ProtectionOff),
    Deed(&["fail2ban-client"], &["unban", "--all"], Class::ProtectionOff),
    Deed(&["setsebool"], &["-P", "*execmem*", "1"], Class::ProtectionOff),
    Deed(&["semanage"], &["permissive", "-a"], Class::ProtectionOff),
    Deed(&["sestatus", "semodule"], &["-d"], Class::ProtectionOff),
    Deed(&["mokutil"], &["--disable-validation"], Class::ProtectionOff),
    Deed(&["update-crypto-policies"], &["--set", "LEGACY"], Class::ProtectionOff),
    Deed(&["bpftool"], &["prog", "detach"], Class::ProtectionOff),
    Deed(&["falconctl"], &["-d"], Class::ProtectionOff),
];

/// Directories in which whole databases and clusters lie.
const STATE: &[&str] = &[
    "/var/lib/postgresql",
    "/var/lib/mysql",
    "/var/lib/mongodb",
    "/var/lib/mongo",
    "/var/lib/redis",
    "/var/lib/etcd",
    "/var/lib/kubelet",
    "/var/lib/rancher",
    "/etc/kubernetes",
    "/var/lib/elasticsearch",
    "/var/lib/cassandra",
    "/var/lib/influxdb",
    "/var/lib/clickhouse",
    "/var/lib/ceph",
    "/var/lib/libvirt/images",
    "/var/lib/vault",
    "/var/lib/consul",
    "/var/backups",
    "/var/lib/docker/volumes",
    "/var/lib/containerd",
    "/etc/cni",
    "/etc/letsencrypt",
    "/var/vmail",
];

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
                if deletes && classes.contains(Class::Destructive) {
                    self.mark(Class::Destructive);
                }
            }
        }
    }

    /// An address among the words that is in no network of one's own.
    fn leads_away(&self, call: &Call<'_>) -> bool {
        call.texts()
            .any(|text| names_address(text) && !["10.", "192.168.", "172.", "0.0.0.0", "100.64."].iter().any(|net| text.starts_with(net)))
    }

    fn is_state(&self, path: &str) -> bool {
        let path = paths::canonical(path, self.cwd.as_deref());
        // What people put there to keep.
        const KEPT: [&str; 15] = [
            "data",
            "backup",
            "backups",
            "db",
            "database",
            "databases",
            "mysql",
            "postgres",
            "postgresql",
            "uploads",
            "archive",
            "archives",
            "prod",
            "production",
            "snapshots",
        ];
        let name = path.trim_end_matches("/*").rsplit('/').next().unwrap_or_default();
        if !["/var/cache/", "/var/run/", "/var/tmp/"].iter().any(|place| path.starts_with(place))
            && ["/srv/", "/mnt/", "/data/", "/media/", "/opt/", "/var/", "/backup", "/backups"].iter().any(|place| path.starts_with(place))
            && path.matches('/').count() <= 3
            && KEPT.contains(&name)
        {
            return true;
        }
        STATE.iter().any(|place| path == *place || path.strip_prefix(place).is_some_and(|rest| rest.starts_with('/')))
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
        "git" => matches!(call.text(0), "bundle" | "archive"),
        "dmesg" | "journalctl" => true,
        _ => false,
    };
    if inner && !call.args.iter().any(|arg| arg.text.contains(HOLE) && arg.text.contains("://")) { Taint::TOLD } else { Taint::NONE }
}
