//! Databases, queues, directories and the base of a system: what empties them, opens them or takes them away.

use super::super::Class;
use super::super::command::Call;
use super::super::consoles::{Group, Table};
use super::super::outward::names_address;
use super::super::state::Shell;

static STORES: Table = Table::of(&[
    Group(
        &["kubectl", "oc"],
        &[
            (&["cordon", "--all"], Class::Destructive),
            (&["create", "rolebinding", "*clusterrole=admin", "*--user=*"], Class::PrivilegeChange),
            (&["create", "rolebinding", "*clusterrole=admin", "*serviceaccount=*", "*:default"], Class::PrivilegeChange),
            (&["create", "rolebinding", "*cluster-admin*"], Class::PrivilegeChange),
            (&["create", "clusterrole", "*verb=*", "*resource=*"], Class::PrivilegeChange),
            (&["create", "clusterrolebinding", "system:anonymous"], Class::PrivilegeChange),
            (&["patch", "clusterrole*"], Class::PrivilegeChange),
            (&["*LD_PRELOAD=*"], Class::PrivilegeChange),
            (&["port-forward", "0.0.0.0"], Class::ProtectionOff),
            (&["port-forward", "--address=0.0.0.0"], Class::ProtectionOff),
            (&["annotate", "*role-arn=*dmin*"], Class::PrivilegeChange),
            (&["set", "subject", "clusterrolebinding"], Class::PrivilegeChange),
            (&["certificate", "approve"], Class::PrivilegeChange),
            (&["delete", "podsecuritypolic*"], Class::ProtectionOff),
            (&["delete", "psp"], Class::ProtectionOff),
            (&["delete", "clusterpolic*"], Class::ProtectionOff),
            (&["delete", "constrainttemplate*"], Class::ProtectionOff),
            (&["delete", "daemonset*", "*falco*"], Class::ProtectionOff),
            (&["delete", "ds", "*falco*"], Class::ProtectionOff),
            (&["delete", "events", "--all"], Class::Destructive),
        ],
    ),
    Group(&["influx"], &[(&["delete", "--start", "1970-*"], Class::Destructive), (&["bucket", "delete"], Class::Destructive)]),
    Group(&["neo4j-admin"], &[(&["database", "delete"], Class::Destructive)]),
    Group(&["cypher-shell"], &[(&["*MATCH (n) DETACH DELETE n*"], Class::Destructive)]),
    Group(
        &["kafka-topics", "kafka-topics.sh", "rpk", "kcat"],
        &[(&["--delete", "--topic"], Class::Destructive), (&["topic", "delete"], Class::Destructive)],
    ),
    Group(&["kafka-configs", "kafka-configs.sh"], &[(&["--add-config", "*retention.ms=1"], Class::Destructive)]),
    Group(&["kafka-consumer-groups", "kafka-consumer-groups.sh"], &[(&["--all-topics", "--execute", "*-latest"], Class::Destructive)]),
    Group(&["kafka-acls", "kafka-acls.sh"], &[(&["--add", "User:*", "All"], Class::ProtectionOff)]),
    Group(
        &["rabbitmqctl", "rabbitmqadmin"],
        &[
            (&["purge", "queue"], Class::Destructive),
            (&["purge_queue"], Class::Destructive),
            (&["delete_queue"], Class::Destructive),
            (&["delete", "queue"], Class::Destructive),
            (&["delete", "vhost"], Class::Destructive),
        ],
    ),
    Group(&["nats"], &[(&["stream", "rm"], Class::Destructive), (&["stream", "purge"], Class::Destructive)]),
    Group(&["zkCli.sh", "zkCli"], &[(&["deleteall"], Class::Destructive), (&["rmr"], Class::Destructive)]),
    Group(&["pulsar-admin"], &[(&["delete", "-f"], Class::Destructive), (&["delete", "--force"], Class::Destructive)]),
    Group(
        &["etcdctl"],
        &[
            (&["member", "remove"], Class::Destructive),
            (&["user", "add", "root*"], Class::Persistence),
            (&["auth", "disable"], Class::ProtectionOff),
        ],
    ),
    Group(&["elasticsearch-reset-password"], &[(&["elastic", "-b"], Class::PrivilegeChange)]),
    Group(&["ldapdelete"], &[(&["-r"], Class::Destructive)]),
    Group(
        &["ldapsearch"],
        &[
            (&["userPassword"], Class::CredentialRead),
            (&["*userPassword*"], Class::CredentialRead),
            (&["unicodePwd"], Class::CredentialRead),
        ],
    ),
    Group(&["mysqladmin"], &[(&["password", ""], Class::PrivilegeChange), (&["flush-privileges"], Class::PrivilegeChange)]),
    Group(
        &["mongo", "mongosh"],
        &[
            (&["*shutdown:1*"], Class::Destructive),
            (&["*dropRole*"], Class::Destructive),
            (&["*system.users.find*"], Class::CredentialRead),
        ],
    ),
    Group(&["cockroach"], &[(&["node", "decommission"], Class::Destructive), (&["start", "--insecure"], Class::ProtectionOff)]),
    Group(&["zpool"], &[(&["labelclear"], Class::Destructive), (&["destroy"], Class::Destructive)]),
    Group(&["xfs_repair"], &[(&["-L"], Class::Destructive)]),
    Group(&["killall", "pkill"], &[(&["-u", "root"], Class::Destructive), (&["-U", "root"], Class::Destructive)]),
    Group(&["deluser", "userdel"], &[(&["--remove-all-files"], Class::Destructive)]),
    Group(&["ip"], &[(&["route", "flush"], Class::Destructive)]),
    Group(&["git"], &[(&["filter-branch", "git rm -r --cached ."], Class::Destructive), (&["clean", "/"], Class::Destructive)]),
    Group(&["diskpart"], &[(&["/s"], Class::Destructive)]),
    Group(&["keepassxc-cli"], &[(&["export"], Class::CredentialRead), (&["show", "-s"], Class::CredentialRead)]),
    Group(&["lpass"], &[(&["export"], Class::CredentialRead)]),
    Group(&["kwallet-query"], &[(&["-l"], Class::CredentialRead), (&["-r"], Class::CredentialRead)]),
    Group(&["kubectl", "oc"], &[(&["view-secret"], Class::CredentialRead)]),
    Group(&["wg"], &[(&["showconf"], Class::CredentialRead)]),
    Group(&["nmcli"], &[(&["-s", "*psk*"], Class::CredentialRead), (&["--show-secrets"], Class::CredentialRead)]),
    Group(&["tmux"], &[(&["-c", "/bin/sh"], Class::ShellEscape), (&["-c", "/bin/bash"], Class::ShellEscape)]),
    Group(&["systemd-run"], &[(&["-S"], Class::PrivilegeChange), (&["--shell"], Class::PrivilegeChange)]),
    Group(&["unzip"], &[(&["-K"], Class::PrivilegeChange)]),
    Group(&["vault"], &[(&["read", "*/creds/*"], Class::CredentialRead), (&["operator", "rekey"], Class::PrivilegeChange)]),
    Group(&["ansible"], &[(&["authorized_key"], Class::Persistence)]),
]);

/// What a system does not come up or cannot be reached without.
const BASE: [&str; 22] = [
    "systemd",
    "libc6",
    "glibc",
    "libc-bin",
    "musl",
    "bash",
    "coreutils",
    "dpkg",
    "apt",
    "rpm",
    "dnf",
    "yum",
    "pacman",
    "apk-tools",
    "sudo",
    "openssh-server",
    "openssh",
    "linux-image-generic",
    "kernel",
    "grub2",
    "util-linux",
    "init",
];

impl Shell {
    pub(super) fn stores(&mut self, call: &Call<'_>) {
        self.grouped(call, &STORES);
        let has = |word: &str| call.has(word);
        match call.name {
            "apt" | "apt-get" | "dnf" | "yum" | "rpm" | "dpkg" | "pacman" | "apk" | "zypper" => {
                let removes = call.texts().any(|text| {
                    matches!(
                        text,
                        "remove" | "purge" | "erase" | "del" | "-e" | "-r" | "-P" | "--purge" | "--remove" | "-R" | "-Rdd" | "-Rns"
                    )
                });
                let forced = has("--nodeps") || has("--force-all") || has("--allow-remove-essential") || has("-Rdd");
                let everything = call.operands().any(|package| {
                    matches!(
                        package.text.trim_matches('\''),
                        "*" | "kernel*" | "linux-image*" | "systemd*" | "lib*" | "glibc*" | "python3*"
                    )
                });
                if removes && everything {
                    self.mark(Class::Destructive);
                }
                if removes && (forced || call.operands().any(|package| BASE.contains(&package.text.as_str()))) {
                    self.mark(Class::Destructive);
                }
                // What a package manager is told to run before or behind its own work.
                let hook = call
                    .texts()
                    .any(|text| text.contains("::=") && text.contains('/') || text.contains("Pre-Invoke") || text.contains("Post-Invoke"));
                if hook {
                    self.mark(Class::ShellEscape);
                }
            }
            "redis-cli" | "valkey-cli" | "keydb-cli" => {
                let lower: Vec<String> = call.texts().map(str::to_ascii_lowercase).collect();
                let word = |word: &str| lower.iter().any(|text| text == word);
                let script = lower.iter().any(|text| text.contains("flushall") || text.contains("flushdb"));
                let passing = call.texts().any(|text| text.contains("test") || matches!(text, "localhost" | "127.0.0.1"));
                if script && (!passing || lower.iter().any(|text| text.contains("flushall"))) && (call.args.len() > 1 || word("flushall")) {
                    self.mark(Class::Destructive);
                }
                if word("debug") && (word("segfault") || word("sleep")) {
                    self.mark(Class::Destructive);
                }
                if word("acl") && word("setuser") && (word("nopass") || word("+@all")) {
                    self.mark(Class::Persistence);
                }
                if word("config") && word("set") && (word("dir") || word("dbfilename")) {
                    self.mark(Class::Persistence);
                }
            }
            "curl" | "wget" | "http" | "xh" => self.interfaces(call),
            _ => {}
        }
    }

    /// What clusters, engines of containers and searches do when they are asked over HTTP.
    fn interfaces(&mut self, call: &Call<'_>) {
        let url = call.texts().find(|text| text.contains("://") || text.contains(":9200") || text.contains(":2375")).unwrap_or_default();
        let path = url.split_once("://").map_or(url, |(_, rest)| rest);
        let flat: String =
            call.texts().flat_map(str::chars).filter(|c| !c.is_whitespace()).take(4096).flat_map(char::to_lowercase).collect();
        let everything = path.contains("_delete_by_query") && flat.contains("\"match_all\":{}");
        let halted = path.contains("/_cluster/settings") && flat.contains("allocation.enable\":\"none\"");
        if everything || halted {
            self.mark(Class::Destructive);
        }
        let kubelet = path.contains(":10250/") && ["/run/", "/exec/", "/cri/exec"].iter().any(|place| path.contains(place));
        let engine = ["/containers/create", "/exec/", "/containers/json"].iter().any(|place| path.contains(place))
            && path.contains(":2375")
            || path.contains(":2379/") && path.contains("/keys");
        let checks = path.contains("/v1/agent/service/register") && flat.contains("\"args\":");
        if kubelet || engine || checks {
            self.mark(Class::PrivilegeChange);
        }
        let repository = path.contains("/_snapshot/") && flat.contains("\"type\":\"url\"");
        if repository && call.texts().any(names_address) {
            self.mark(Class::Exfiltration);
        }
    }
}
