//! Rights handed out by directories, issuers of logins and consoles that keep their own users: who becomes an administrator, whose password is set, who is
//! shut out.

use super::super::Class;
use super::super::command::Call;
use super::super::consoles::{Group, Names, Table};
use super::super::state::Shell;
use super::verbs::is_trial;

static RIGHTS: Table = Table::of(&[
    Group(
        &["samba-tool"],
        &[
            (&["user", "setpassword"], Class::Persistence),
            (&["group", "addmembers", "*dmin*"], Class::PrivilegeChange),
            (&["user", "delete"], Class::Destructive),
            (&["domain", "exportkeytab"], Class::CredentialRead),
            (&["user", "getpassword"], Class::CredentialRead),
        ],
    ),
    Group(
        &["ipa"],
        &[
            (&["group-add-member", "*dmin*"], Class::PrivilegeChange),
            (&["user-del"], Class::Destructive),
            (&["role-add-member"], Class::PrivilegeChange),
            (&["user-disable"], Class::Destructive),
        ],
    ),
    Group(
        &["kadmin", "kadmin.local"],
        &[
            (&["*addprinc*"], Class::Persistence),
            (&["*add_principal*"], Class::Persistence),
            (&["*delprinc*"], Class::Destructive),
            (&["*cpw*"], Class::Persistence),
            (&["*ktadd*"], Class::CredentialRead),
        ],
    ),
    Group(
        &["kcadm.sh", "kcadm"],
        &[(&["add-roles", "*dmin*"], Class::PrivilegeChange), (&["set-password"], Class::Persistence), (&["delete"], Class::Destructive)],
    ),
    Group(&["ldapmodify", "ldapadd"], &[(&["*userPassword*"], Class::Persistence)]),
    Group(&["ldappasswd"], &[(&["-s"], Class::Persistence)]),
    Group(&["argocd"], &[(&["account", "update-password"], Class::Persistence), (&["app", "set", "--repo"], Class::DownloadAndRun)]),
    Group(
        &["gitlab-rails", "gitlab-rake", "gitea", "forgejo"],
        &[
            (&["*admin: true*"], Class::PrivilegeChange),
            (&["*admin = true*"], Class::PrivilegeChange),
            (&["*admin=true*"], Class::PrivilegeChange),
            (&["*password = *", "*save*"], Class::Persistence),
        ],
    ),
    Group(&["gitlab-runner", "glab"], &[(&["register", "*--url*", "shell"], Class::Persistence)]),
    Group(
        &["aws"],
        &[
            (&["account", "put-alternate-contact"], Class::ProtectionOff),
            (&["route53domains", "transfer-domain-to-another-aws-account"], Class::Destructive),
            (&["route53domains", "disable-domain-transfer-lock"], Class::ProtectionOff),
            (&["cloudformation", "update-termination-protection", "--no-enable-termination-protection"], Class::ProtectionOff),
            (&["ec2", "disable-image-block-public-access"], Class::ProtectionOff),
            (&["ec2", "disable-snapshot-block-public-access"], Class::ProtectionOff),
            (&["identitystore", "create-group-membership"], Class::PrivilegeChange),
            (&["organizations", "register-delegated-administrator"], Class::PrivilegeChange),
            (&["organizations", "enable-aws-service-access"], Class::PrivilegeChange),
            (&["ram", "create-resource-share", "--allow-external-principals"], Class::Exfiltration),
        ],
    ),
    Group(
        &["az"],
        &[
            (&["keyvault", "network-rule", "add", "0.0.0.0/0"], Class::ProtectionOff),
            (&["acr", "login", "--expose-token"], Class::CredentialRead),
            (&["deployment", "--mode", "Complete", "--template-file", "*empty*"], Class::Destructive),
            (&["blob-service-properties", "update", "--enable-delete-retention", "false"], Class::Destructive),
            (&["blob-service-properties", "update", "--enable-versioning", "false"], Class::Destructive),
            (&["rest", "DELETE"], Class::Destructive),
            (&["rest", "delete"], Class::Destructive),
            (&["ad", "user", "delete"], Class::Destructive),
            (&["account", "management-group", "delete"], Class::Destructive),
        ],
    ),
    Group(
        &["gcloud"],
        &[
            (&["add-metadata", "*enable-oslogin=FALSE*"], Class::ProtectionOff),
            (&["add-metadata", "*enable-oslogin=false*"], Class::ProtectionOff),
            (&["firewall-rules", "create", "tcp", "0.0.0.0/0"], Class::ProtectionOff),
            (&["firewall-rules", "create", "all", "0.0.0.0/0"], Class::ProtectionOff),
            (&["logging", "buckets", "update", "--retention-days", "1"], Class::ProtectionOff),
            (&["kms", "keys", "versions", "destroy"], Class::Destructive),
        ],
    ),
    Group(
        &["gsutil"],
        &[
            (&["versioning", "set", "off"], Class::Destructive),
            (&["retention", "clear"], Class::ProtectionOff),
            (&["logging", "set", "off"], Class::ProtectionOff),
            (&["defacl", "*llUsers*"], Class::Exfiltration),
        ],
    ),
    Group(
        &["gcloud"],
        &[
            (&["storage", "buckets", "update", "--no-versioning"], Class::Destructive),
            (&["storage", "buckets", "update", "--clear-retention-period"], Class::ProtectionOff),
            (&["storage", "buckets", "update", "--no-public-access-prevention"], Class::ProtectionOff),
        ],
    ),
    Group(&["couchbase-cli"], &[(&["bucket-flush"], Class::Destructive), (&["user-manage", "--set", "admin"], Class::PrivilegeChange)]),
    Group(
        &["consul"],
        &[
            (&["operator", "raft", "remove-peer"], Class::Destructive),
            (&["acl", "bootstrap"], Class::PrivilegeChange),
            (&["acl", "token", "delete"], Class::Destructive),
        ],
    ),
    Group(&["vault"], &[(&["auth", "disable"], Class::Destructive), (&["policy", "delete"], Class::Destructive)]),
    Group(&["rabbitmqctl"], &[(&["delete_user"], Class::Destructive), (&["clear_permissions"], Class::Destructive)]),
    Group(&["temporal", "tctl"], &[(&["namespace", "delete"], Class::Destructive)]),
    Group(&["nats"], &[(&["kv", "del", "-f"], Class::Destructive), (&["kv", "del", "--force"], Class::Destructive)]),
    Group(&["rpk"], &[(&["cluster", "config", "set", "enable_sasl", "false"], Class::ProtectionOff)]),
    Group(&["kafka-acls", "kafka-acls.sh"], &[(&["--remove", "--force"], Class::Destructive)]),
    Group(&["kafka-consumer-groups", "kafka-consumer-groups.sh"], &[(&["--delete"], Class::Destructive)]),
    Group(&["kafka-storage", "kafka-storage.sh"], &[(&["format", "--ignore-formatted"], Class::Destructive)]),
    Group(
        &["hdfs", "hadoop"],
        &[
            (&["-rm", "-r", "-skipTrash"], Class::Destructive),
            (&["namenode", "-format"], Class::Destructive),
            (&["-rm", "-r", "/data*"], Class::Destructive),
            (&["-rm", "-r", "/user*"], Class::Destructive),
            (&["-expunge"], Class::Destructive),
        ],
    ),
    Group(&["flarectl"], &[(&["dns", "delete"], Class::Destructive), (&["zone", "delete"], Class::Destructive)]),
    Group(&["proxmox-backup-client", "pbs-client"], &[(&["forget"], Class::Destructive)]),
    Group(&["borg"], &[(&["prune", "--keep-last", "0"], Class::Destructive)]),
    Group(&["velero"], &[(&["uninstall"], Class::Destructive)]),
    Group(&["tmutil"], &[(&["removedestination"], Class::Destructive)]),
    Group(&["pg_ctl", "pg_ctlcluster"], &[(&["stop", "immediate"], Class::Destructive)]),
    Group(&["mysqladmin"], &[(&["shutdown"], Class::Destructive)]),
    Group(
        &["systemctl"],
        &[
            (&["set-default", "emergency*"], Class::Destructive),
            (&["set-default", "rescue*"], Class::Destructive),
            (&["mask", "ssh*"], Class::Destructive),
        ],
    ),
    Group(
        &["busctl", "dbus-send", "gdbus", "qdbus"],
        &[(&["*PowerOff*"], Class::Destructive), (&["*Reboot*"], Class::Destructive), (&["*Halt*"], Class::Destructive)],
    ),
    // Boards, disks and what boots them
    Group(&["flash_erase", "flash_eraseall", "nandwrite", "flashcp", "nanddump_write"], &[(&["/dev/mtd*"], Class::Destructive)]),
    Group(&["mtd"], &[(&["erase"], Class::Destructive), (&["write"], Class::Destructive)]),
    Group(&["fwupdtool"], &[(&["install-blob"], Class::Destructive)]),
    Group(&["sg_format"], &[(&["--format"], Class::Destructive)]),
    Group(&["sg_sanitize"], &[(&[], Class::Destructive)]),
    Group(&["asr"], &[(&["restore", "--erase"], Class::Destructive)]),
    Group(&["gluster"], &[(&["volume", "stop", "force"], Class::Destructive)]),
    Group(&["rbd"], &[(&["rm"], Class::Destructive)]),
    Group(&["drbdadm"], &[(&["wipe-md"], Class::Destructive)]),
    Group(&["kubectl", "oc"], &[(&["drain", "--all", "--force"], Class::Destructive)]),
    Group(&["git"], &[(&["filter-repo", "--invert-paths", "."], Class::Destructive)]),
    Group(&["visudo"], &[(&["-f"], Class::PrivilegeChange)]),
    Group(&["systemd-nspawn"], &[(&["-D", "/"], Class::PrivilegeChange)]),
    Group(&["ldconfig"], &[(&["/tmp*"], Class::PrivilegeChange)]),
    Group(
        &["apt", "apt-get"],
        &[(&["*AllowInsecureRepositories=true"], Class::DownloadAndRun), (&["*AllowInsecureRepositories=1"], Class::DownloadAndRun)],
    ),
    Group(&["machinectl"], &[(&["shell", "root@*"], Class::PrivilegeChange)]),
    Group(&["systemd-run"], &[(&["--uid=0", "--pty"], Class::PrivilegeChange), (&["--uid=0", "-t"], Class::PrivilegeChange)]),
    Group(&["vipw", "vigr"], &[(&["-s"], Class::PrivilegeChange)]),
    Group(&["mount"], &[(&["remount,ro", "/"], Class::Destructive)]),
    Group(&["umount"], &[(&["-a", "-f"], Class::Destructive), (&["-af"], Class::Destructive), (&["-l", "/home"], Class::Destructive)]),
    Group(&["update-initramfs"], &[(&["-d", "all"], Class::Destructive)]),
    Group(&["snap"], &[(&["remove", "core*"], Class::Destructive), (&["remove", "snapd"], Class::Destructive)]),
    Group(&["dmsetup"], &[(&["remove_all"], Class::Destructive)]),
    Group(
        &["debugfs"],
        &[
            (&["-w", "*rm *"], Class::Destructive),
            (&["-w", "*mtime*"], Class::Obfuscation),
            (&["-w", "*kill_file*"], Class::Destructive),
            (&["-w", "/dev/*"], Class::PrivilegeChange),
        ],
    ),
    Group(&["xfs_db"], &[(&["-x", "*write*"], Class::Destructive)]),
    Group(&["pvremove"], &[(&["--force", "--force"], Class::Destructive), (&["-ffy"], Class::Destructive), (&["-ff"], Class::Destructive)]),
    Group(&["zfs"], &[(&["destroy", "*@%*"], Class::Destructive), (&["destroy", "-R*"], Class::Destructive)]),
    Group(
        &["racadm"],
        &[
            (&["serveraction", "powerdown"], Class::Destructive),
            (&["serveraction", "hardreset"], Class::Destructive),
            (&["systemerase"], Class::Destructive),
        ],
    ),
    Group(&["efivar"], &[(&["-w"], Class::Destructive), (&["--write"], Class::Destructive)]),
    Group(&["wrmsr"], &[(&["-a"], Class::Destructive)]),
    Group(
        &["deluser", "userdel"],
        &[(&["--remove-home", "root"], Class::Destructive), (&["-r", "root"], Class::Destructive), (&["root"], Class::Destructive)],
    ),
    Group(&["chage"], &[(&["-E", "0"], Class::Destructive)]),
    Group(&["usermod"], &[(&["-s", "*nologin", "root"], Class::Destructive), (&["-L", "root"], Class::Destructive)]),
    Group(
        &["puppet"],
        &[
            (&["resource", "user", "*ensure=present", "*sudo*"], Class::PrivilegeChange),
            (&["resource", "user", "*ensure=present", "*wheel*"], Class::PrivilegeChange),
        ],
    ),
    Group(
        &["salt"],
        &[(&["user.add"], Class::Persistence), (&["user.delete"], Class::Destructive), (&["ssh.set_auth_key"], Class::Persistence)],
    ),
    Group(&["knife"], &[(&["node", "delete", "-y"], Class::Destructive), (&["client", "delete", "-y"], Class::Destructive)]),
    Group(&["nomad"], &[(&["node", "drain", "-enable", "-force"], Class::Destructive)]),
    Group(
        &["sshd"],
        &[
            (&["*PermitRootLogin=yes*"], Class::Persistence),
            (&["*PermitRootLogin yes*"], Class::Persistence),
            (&["*PermitEmptyPasswords=yes*"], Class::Persistence),
            (&["*PermitEmptyPasswords yes*"], Class::Persistence),
        ],
    ),
    Group(&["npm"], &[(&["access", "set", "status=public"], Class::Exfiltration), (&["access", "public"], Class::Exfiltration)]),
]);

/// Groups, roles and accounts above all others, by their names.
fn is_highest(word: &str) -> bool {
    const NAMES: [&str; 22] = [
        "admin",
        "admins",
        "administrator",
        "administrators",
        "superadmin",
        "superuser",
        "super-admin",
        "domain admins",
        "enterprise admins",
        "schema admins",
        "global admins",
        "cluster-admin",
        "accountadmin",
        "securityadmin",
        "sysadmin",
        "orgadmin",
        "org-admin",
        "owner",
        "owners",
        "root",
        "wheel",
        "sudo",
    ];
    let lower = word.to_ascii_lowercase();
    let bare = lower.rsplit_once('=').map_or(lower.as_str(), |(_, value)| value);
    NAMES.contains(&bare)
}

/// Consoles whose users are those of a company.
static DIRECTORIES: Names = Names::of(&[
    "okta",
    "okta-cli",
    "auth0",
    "ipa",
    "samba-tool",
    "kcadm.sh",
    "kcadm",
    "az",
    "gcloud",
    "aws",
    "gam",
    "jumpcloud",
    "onelogin",
    "duo",
    "vault",
    "consul",
    "nomad",
    "boundary",
    "teleport",
    "tctl",
    "tsh",
    "snow",
    "snowsql",
    "databricks",
    "grafana-cli",
    "harbor",
    "nexus3",
    "jfrog",
    "jf",
    "sentry",
    "pagerduty",
    "datadog",
    "heroku",
    "fly",
    "flyctl",
    "vercel",
    "netlify",
    "gh",
    "glab",
    "bw",
    "op",
    "rancher",
    "argocd",
    "openstack",
    "doctl",
    "oci",
    "ibmcloud",
    "dsmod",
    "net",
    "adtool",
    "msgraph",
    "m365",
    "confluent",
    "atlas",
    "firebase",
]);

impl Shell {
    pub(super) fn hands_out(&mut self, call: &Call<'_>) {
        self.grouped(call, &RIGHTS);
        if DIRECTORIES.has(call.name) && call.args.len() > 2 {
            let words = || call.texts().take(10).filter(|text| text.len() < 64);
            let adds = words().take(5).any(|text| {
                text.split(['-', '_', ':', '.'])
                    .any(|part| matches!(part, "add" | "grant" | "assign" | "promote" | "addmembers" | "attach"))
            });
            let members = words().any(|text| {
                let lower = text.to_ascii_lowercase();
                ["group", "role", "member", "user", "team", "collaborator"].iter().any(|noun| lower.contains(noun))
            });
            let highest = words().skip(1).any(is_highest);
            if adds && members && highest && !call.texts().any(|text| is_trial(text) || text == "--help") {
                self.mark(Class::PrivilegeChange);
            }
            let shuts = words().take(4).any(|text| matches!(text, "deactivate" | "deprovision" | "suspend" | "lock"))
                && words().take(4).any(|text| matches!(text, "user" | "users" | "account" | "accounts"));
            if shuts {
                self.mark(Class::Destructive);
            }
        }
        // Names are taken away or lead elsewhere, whoever asks for it.
        if call.name == "nsupdate" && ["update delete", "del "].iter().any(|verb| call.io.stdin.text.contains(verb)) {
            self.mark(Class::Destructive);
        }
        // `borg delete repository`: no archive of it, all of it.
        if call.name == "borg"
            && call.text(0) == "delete"
            && call.operands().skip(1).any(|place| place.text.contains('/') && !place.text.contains("::"))
            && !call.texts().any(|text| matches!(text, "--dry-run" | "-n" | "--cache-only" | "-a" | "--glob-archives" | "-P"))
            && call.operands().count() == 2
        {
            self.mark(Class::Destructive);
        }
    }
}
