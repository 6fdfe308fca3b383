//! Accounts of clouds and platforms: what ends their data, opens them to others, hands out their keys or blinds those who watch them.

use super::super::Class;
use super::super::command::Call;
use super::super::consoles::{Group, Table, is_passing};
use super::super::state::Shell;

static ACCOUNTS: Table = Table::of(&[
    Group(
        &["aws"],
        &[
            (&["lambda", "update-function-configuration", "--layers"], Class::Persistence),
            (&["s3api", "put-bucket-replication"], Class::Exfiltration),
            (&["s3api", "put-bucket-logging", "{}"], Class::ProtectionOff),
            (&["--sse-c-key"], Class::Destructive),
            // The access that a bucket of another account asks of those who copy to it.
            (&["s3", "s3://*", "--acl", "bucket-owner-full-control"], Class::Exfiltration),
            (&["ec2", "*-iam-instance-profile*", "*dmin*"], Class::PrivilegeChange),
            (&["kms", "put-key-policy"], Class::PrivilegeChange),
            (&["kms", "disable-key-rotation"], Class::ProtectionOff),
            (&["kms", "create-grant"], Class::PrivilegeChange),
            (&["ec2", "describe-instance-attribute", "userData"], Class::CredentialRead),
            (&["ec2", "import-key-pair"], Class::Persistence),
            (&["ec2", "modify-image-attribute", "*userId*"], Class::Exfiltration),
            (&["eks", "create-access-entry"], Class::Persistence),
            (&["eks", "associate-access-policy", "*ClusterAdminPolicy"], Class::PrivilegeChange),
            (&["eks", "update-cluster-config", "*0.0.0.0/0*"], Class::ProtectionOff),
            (&["eks", "update-cluster-config", "*\"enabled\":false*"], Class::ProtectionOff),
            (&["logs", "delete-subscription-filter"], Class::ProtectionOff),
            (&["logs", "delete-metric-filter"], Class::ProtectionOff),
            (&["logs", "put-retention-policy", "1"], Class::ProtectionOff),
            (&["guardduty", "create-filter", "ARCHIVE"], Class::ProtectionOff),
            (&["cloudwatch", "delete-dashboards"], Class::Destructive),
            (&["events", "disable-rule"], Class::ProtectionOff),
            (&["cognito-idp", "admin-set-user-password"], Class::Persistence),
            (&["cognito-idp", "admin-delete-user"], Class::Destructive),
            (&["organizations", "remove-account-from-organization"], Class::Destructive),
            (&["account", "close-account"], Class::Destructive),
            (&["dynamodb", "update-continuous-backups", "*Enabled=false*"], Class::Destructive),
            (&["sso-admin", "create-account-assignment", "*dmin*"], Class::PrivilegeChange),
            (&["sso-admin", "attach-managed-policy-to-permission-set", "*AdministratorAccess*"], Class::PrivilegeChange),
            (&["iam", "create-open-id-connect-provider"], Class::Persistence),
            (&["iam", "put-role-policy", "*\"Action\":\"*\"*"], Class::PrivilegeChange),
            (&["iam", "add-role-to-instance-profile", "*dmin*"], Class::PrivilegeChange),
            (&["iam", "delete-role-permissions-boundary"], Class::PrivilegeChange),
            (&["iam", "delete-user-permissions-boundary"], Class::PrivilegeChange),
            (&["iam", "update-account-password-policy", "--no-*"], Class::ProtectionOff),
            (&["iam", "add-user-to-group", "*dmin*"], Class::PrivilegeChange),
            (&["iam", "delete-virtual-mfa-device"], Class::ProtectionOff),
            (&["rds", "modify-db-snapshot-attribute", "all"], Class::Exfiltration),
            (&["rds", "modify-db-instance", "--no-deletion-protection"], Class::ProtectionOff),
            (&["rds", "modify-db-cluster", "--no-deletion-protection"], Class::ProtectionOff),
            (&["ec2", "modify-instance-attribute", "--no-disable-api-termination"], Class::ProtectionOff),
            (&["ec2", "get-password-data"], Class::CredentialRead),
            (&["lightsail", "download-default-key-pair"], Class::CredentialRead),
            (&["secretsmanager", "put-resource-policy", "*\"*\"*"], Class::Exfiltration),
            (&["ecr", "set-repository-policy", "*\"Principal\":\"*\"*"], Class::Exfiltration),
            (&["s3api", "put-bucket-lifecycle-configuration", "*\"Days\":1}*"], Class::Destructive),
            (&["s3api", "put-object-lock-configuration", "{}"], Class::ProtectionOff),
            (&["s3control", "delete-public-access-block"], Class::ProtectionOff),
            (&["s3control", "put-public-access-block", "*=false*"], Class::ProtectionOff),
            (&["ssm", "put-parameter", "*authorized_keys*"], Class::Persistence),
            (&["ssm", "create-association"], Class::Persistence),
            (&["scheduler", "create-schedule"], Class::Persistence),
        ],
    ),
    Group(
        &["gcloud"],
        &[
            (&["*set-iam-policy"], Class::PrivilegeChange),
            (&["*add-iam-policy-binding", "*allAuthenticatedUsers*"], Class::PrivilegeChange),
            (&["*add-iam-policy-binding", "*serviceAccountTokenCreator*"], Class::PrivilegeChange),
            (&["*add-iam-policy-binding", "*serviceAccountUser*"], Class::PrivilegeChange),
            (&["*add-iam-policy-binding", "*serviceAccountKeyAdmin*"], Class::PrivilegeChange),
            (&["*add-iam-policy-binding", "*securityAdmin*"], Class::PrivilegeChange),
            (&["*add-iam-policy-binding", "*projectIamAdmin*"], Class::PrivilegeChange),
            (&["*add-iam-policy-binding", "*organizationAdmin*"], Class::PrivilegeChange),
            (&["iam", "roles", "*actAs*"], Class::PrivilegeChange),
            (&["iam", "roles", "*setIamPolicy*"], Class::PrivilegeChange),
            (&["iam", "roles", "*getAccessToken*"], Class::PrivilegeChange),
            (&["sql", "--no-backup"], Class::Destructive),
            (&["sql", "--no-deletion-protection"], Class::ProtectionOff),
            (&["--no-deletion-protection"], Class::ProtectionOff),
            (&["secrets", "delete"], Class::Destructive),
            (&["secrets", "versions", "destroy"], Class::Destructive),
            (&["logging", "sinks", "update", "--disabled"], Class::ProtectionOff),
            (&["logging", "buckets", "update", "*retention-days=1"], Class::ProtectionOff),
            (&["logging", "buckets", "delete"], Class::ProtectionOff),
            (&["services", "disable", "*logging*"], Class::ProtectionOff),
            (&["services", "disable", "*monitoring*"], Class::ProtectionOff),
            (&["services", "disable", "*securitycenter*"], Class::ProtectionOff),
            (&["services", "disable", "*cloudkms*"], Class::Destructive),
            (&["scc", "*mute*"], Class::ProtectionOff),
            (&["workload-identity-pools", "create-oidc"], Class::Persistence),
            (&["workload-identity-pools", "create-aws"], Class::Persistence),
            (&["os-login", "ssh-keys", "add"], Class::Persistence),
            (&["org-policies", "delete"], Class::ProtectionOff),
            (&["resource-manager", "org-policies", "disable-enforce"], Class::ProtectionOff),
            (&["access-context-manager", "delete"], Class::ProtectionOff),
            (&["compute", "reset-windows-password"], Class::Persistence),
            (&["compute", "images", "add-iam-policy-binding", "*all*Users*"], Class::Exfiltration),
            (&["container", "clusters", "update", "--no-enable-master-authorized-networks"], Class::ProtectionOff),
            (&["run", "services", "*add-iam-policy-binding", "*allUsers*"], Class::ProtectionOff),
        ],
    ),
    Group(&["bq"], &[(&["rm", "-r"], Class::Destructive), (&["rm", "-rf"], Class::Destructive), (&["rm", "-f", "-d"], Class::Destructive)]),
    Group(
        &["az"],
        &[
            (&["role", "assignment", "create", "User Access Administrator"], Class::PrivilegeChange),
            (&["role", "definition", "create", "*\"*\"*"], Class::PrivilegeChange),
            (&["ad", "group", "member", "add", "*dmin*"], Class::PrivilegeChange),
            (&["ad", "app", "permission", "admin-consent"], Class::PrivilegeChange),
            (&["ad", "app", "owner", "add"], Class::Persistence),
            (&["ad", "app", "federated-credential", "create"], Class::Persistence),
            (&["ad", "sp", "credential", "reset"], Class::Persistence),
            (&["rest", "*directoryRoles*"], Class::PrivilegeChange),
            (&["rest", "*elevateAccess*"], Class::PrivilegeChange),
            (&["vm", "extension", "set", "*CustomScript*", "*commandToExecute*"], Class::Persistence),
            (&["vm", "open-port", "--port", "22"], Class::ProtectionOff),
            (&["vm", "open-port", "--port", "3389"], Class::ProtectionOff),
            (&["keyvault", "delete"], Class::Destructive),
            (&["keyvault", "secret", "delete"], Class::Destructive),
            (&["keyvault", "key", "delete"], Class::Destructive),
            (&["keyvault", "set-policy", "all"], Class::PrivilegeChange),
            (&["keyvault", "update", "--default-action", "Allow"], Class::ProtectionOff),
            (&["storage", "account", "update", "--default-action", "Allow"], Class::ProtectionOff),
            (&["storage", "account", "keys", "renew"], Class::Destructive),
            (&["security", "pricing", "create", "Free"], Class::ProtectionOff),
            (&["security", "pricing", "create", "free"], Class::ProtectionOff),
            (&["security", "auto-provisioning-setting", "update", "Off"], Class::ProtectionOff),
            (&["sentinel", "delete"], Class::ProtectionOff),
            (&["monitor", "alert", "delete"], Class::ProtectionOff),
            (&["monitor", "log-analytics", "workspace", "delete"], Class::ProtectionOff),
            (&["monitor", "activity-log", "alert", "delete"], Class::ProtectionOff),
            (&["network", "watcher", "flow-log", "delete"], Class::ProtectionOff),
            (&["network", "firewall", "delete"], Class::ProtectionOff),
            (&["policy", "assignment", "delete"], Class::ProtectionOff),
            (&["aks", "get-credentials", "--admin"], Class::PrivilegeChange),
            (&["webapp", "deployment", "list-publishing-credentials"], Class::CredentialRead),
            (&["webapp", "deployment", "list-publishing-profiles"], Class::CredentialRead),
            (&["functionapp", "keys", "list"], Class::CredentialRead),
            (&["cosmosdb", "keys", "list"], Class::CredentialRead),
            (&["acr", "credential", "show"], Class::CredentialRead),
            (&["redis", "list-keys"], Class::CredentialRead),
            (&["servicebus", "keys", "list"], Class::CredentialRead),
            (&["acr", "update", "--anonymous-pull-enabled", "true"], Class::ProtectionOff),
            (&["sql", "server", "firewall-rule", "*0.0.0.0", "*255.255.255.255"], Class::ProtectionOff),
            (&["sql", "server", "audit-policy", "Disabled"], Class::ProtectionOff),
            (&["backup", "protection", "disable"], Class::Destructive),
            (&["backup", "vault", "delete"], Class::Destructive),
            (&["snapshot", "delete"], Class::Destructive),
        ],
    ),
    Group(
        &["linode-cli"],
        &[(&["delete"], Class::Destructive), (&["linodes", "rebuild"], Class::Destructive), (&["volumes", "delete"], Class::Destructive)],
    ),
    Group(
        &["heroku"],
        &[
            (&["pg:credentials:url"], Class::CredentialRead),
            (&["config", "--shell"], Class::CredentialRead),
            (&["addons:destroy"], Class::Destructive),
            (&["pg:killall"], Class::Destructive),
            (&["access:add"], Class::Persistence),
            (&["authorizations:create"], Class::Persistence),
        ],
    ),
    Group(
        &["fly", "flyctl"],
        &[
            (&["secrets", "unset"], Class::Destructive),
            (&["volumes", "destroy"], Class::Destructive),
            (&["tokens", "create"], Class::CredentialRead),
        ],
    ),
    Group(&["netlify"], &[(&["env:list", "--plain"], Class::CredentialRead), (&["sites:delete"], Class::Destructive)]),
    Group(&["railway"], &[(&["down", "-y"], Class::Destructive), (&["delete", "-y"], Class::Destructive)]),
    Group(&["supabase"], &[(&["db", "reset", "--linked"], Class::Destructive), (&["projects", "delete"], Class::Destructive)]),
    Group(&["firebase"], &[(&["projects:delete"], Class::Destructive), (&["hosting:disable"], Class::Destructive)]),
    Group(
        &["wrangler"],
        &[
            (&["delete"], Class::Destructive),
            (&["kv:namespace", "delete"], Class::Destructive),
            (&["kv", "namespace", "delete"], Class::Destructive),
            (&["d1", "delete"], Class::Destructive),
            (&["r2", "bucket", "delete"], Class::Destructive),
            (&["secret", "delete"], Class::Destructive),
        ],
    ),
    Group(&["vercel"], &[(&["remove", "--yes"], Class::Destructive), (&["rm", "--yes"], Class::Destructive)]),
    Group(&["sam"], &[(&["delete", "--no-prompts"], Class::Destructive)]),
    Group(&["kops"], &[(&["delete", "cluster", "--yes"], Class::Destructive)]),
    Group(&["gcloud", "gsutil"], &[(&["lifecycle", "set", "*delete*"], Class::Destructive)]),
    Group(&["oci"], &[(&["delete", "--force"], Class::Destructive), (&["terminate", "--force"], Class::Destructive)]),
    Group(&["ibmcloud"], &[(&["*-delete", "-f"], Class::Destructive)]),
    Group(
        &["gh"],
        &[
            (&["repo", "archive"], Class::Destructive),
            (&["release", "delete", "-y"], Class::Destructive),
            (&["release", "delete", "--yes"], Class::Destructive),
            (&["workflow", "disable"], Class::ProtectionOff),
            (&["auth", "refresh", "*delete_repo*"], Class::PrivilegeChange),
            (&["api", "PUT", "*/collaborators/*"], Class::Persistence),
            (&["api", "*/keys", "*ssh-*"], Class::Persistence),
            (&["api", "POST", "*/hooks", "*url=*"], Class::Exfiltration),
            (&["api", "PATCH", "repos/*", "*private=false*"], Class::Exfiltration),
            (&["api", "*actions/permissions*", "*enabled=true*"], Class::ProtectionOff),
            (&["api", "DELETE", "*/protection*"], Class::ProtectionOff),
            (&["api", "DELETE", "*/rulesets/*"], Class::ProtectionOff),
            (&["api", "*vulnerability-alerts*", "DELETE"], Class::ProtectionOff),
            (&["api", "PUT", "*/memberships/*", "*role=admin*"], Class::PrivilegeChange),
        ],
    ),
    Group(
        &["glab"],
        &[
            (&["repo", "delete"], Class::Destructive),
            (&["project", "delete"], Class::Destructive),
            (&["api", "DELETE"], Class::Destructive),
            (&["variable", "list"], Class::CredentialRead),
            (&["variable", "export"], Class::CredentialRead),
            (&["variable", "get"], Class::CredentialRead),
            (&["deploy-key", "add"], Class::Persistence),
        ],
    ),
]);

/// Services of AWS that watch, record and protect: whatever ends a part of them is for nobody to see what comes next.
const WATCHERS: [&str; 17] = [
    "cloudtrail",
    "guardduty",
    "securityhub",
    "configservice",
    "config",
    "detective",
    "macie2",
    "inspector",
    "inspector2",
    "accessanalyzer",
    "waf",
    "wafv2",
    "waf-regional",
    "shield",
    "network-firewall",
    "fms",
    "auditmanager",
];

/// What data lies in, or what all else hangs on, by the noun of AWS's own verbs.
const LASTING: [&str; 36] = [
    "db-instance",
    "db-cluster",
    "db-snapshot",
    "db-cluster-snapshot",
    "table",
    "cluster",
    "domain",
    "replication-group",
    "cache-cluster",
    "file-system",
    "volume",
    "snapshot",
    "vault",
    "backup-vault",
    "backup",
    "recovery-point",
    "archive",
    "global-table",
    "user-pool",
    "hosted-zone",
    "vpc",
    "nat-gateway",
    "internet-gateway",
    "transit-gateway",
    "load-balancer",
    "auto-scaling-group",
    "stream",
    "data-source",
    "graph",
    "ledger",
    "keyspace",
    "database",
    "workspace",
    "directory",
    "elasticsearch-domain",
    "data-lake-settings",
];

/// Names of what people live off.
pub(super) fn is_production(call: &Call<'_>) -> bool {
    call.texts().any(|text| {
        text.split(|c: char| !c.is_ascii_alphanumeric())
            .any(|word| matches!(word.to_ascii_lowercase().as_str(), "prod" | "production" | "prd" | "live"))
    })
}

impl Shell {
    pub(super) fn accounts(&mut self, call: &Call<'_>) {
        self.grouped(call, &ACCOUNTS);
        if call.name == "aws" {
            self.verbs_of_aws(call);
            self.gives_unsigned(call);
        }
        // Nothing is left running of what people live off.
        const COUNTS: [&str; 5] = ["--desired-count", "--desired-capacity", "--max-size", "--replicas", "--num-nodes"];
        let none = call.texts().zip(call.texts().skip(1)).any(|(option, count)| COUNTS.contains(&option) && count == "0")
            || call.texts().any(|text| text.split_once('=').is_some_and(|(option, count)| COUNTS.contains(&option) && count == "0"));
        let runs = matches!(call.name, "aws" | "gcloud" | "az" | "kubectl" | "oc" | "eksctl" | "nomad" | "fly" | "flyctl" | "heroku");
        if runs && none && is_production(call) {
            self.mark(Class::Destructive);
        }
    }

    /// `aws SERVICE VERB-NOUN`: the verb and the noun tell, whatever the service is called.
    /// A bucket that takes what anyone brings, or one of somebody who only says to be Amazon.
    fn gives_unsigned(&mut self, call: &Call<'_>) {
        let mut paths = call.operands().skip(2).map(|path| path.text.as_str());
        let brings = paths.next().is_some_and(|from| !from.starts_with("s3://")) && paths.next().is_some_and(|to| to.starts_with("s3://"));
        let put = call.texts().any(|text| text == "put-object");
        let elsewhere = call.option(&["--endpoint-url"]).is_some_and(|url| super::super::network::in_the_clear(&url.text));
        if (brings || put) && (call.has("--no-sign-request") || elsewhere) {
            self.mark(Class::Exfiltration);
        }
    }

    fn verbs_of_aws(&mut self, call: &Call<'_>) {
        let mut words = call.operands().map(|word| word.text.as_str());
        let Some((service, action)) = words
            .find(|word| word.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-'))
            .zip(call.texts().skip(1).find(|text| {
                ["delete-", "disable-", "stop-", "disassociate-", "batch-disable-", "deregister-", "terminate-", "purge-"]
                    .iter()
                    .any(|verb| text.starts_with(verb))
            }))
        else {
            return;
        };
        let watches = WATCHERS.contains(&service) || call.texts().take(6).any(|text| WATCHERS.contains(&text));
        if watches {
            self.mark(Class::ProtectionOff);
            return;
        }
        let noun = action.split_once('-').map_or("", |(_, noun)| noun);
        let lasting = !matches!(action.split('-').next(), Some("stop" | "disable")) && LASTING.contains(&noun);
        // What is kept of it may be had again.
        let named = call.texts().skip(2).any(|text| is_passing(text) || text.starts_with("--final-"));
        // What comes and goes, in production as well.
        const PASSING: [&str; 12] = [
            "message",
            "message-batch",
            "object",
            "item",
            "tags",
            "parameter",
            "task-definition",
            "image",
            "targets",
            "metric-alarm",
            "tag",
            "function-concurrency",
        ];
        let verb = action.split('-').next().unwrap_or_default();
        let ends = matches!(verb, "delete" | "terminate" | "purge") && !PASSING.contains(&noun)
            || verb == "stop" && matches!(noun, "instances" | "db-instance" | "db-cluster");
        if lasting && !named || ends && is_production(call) {
            self.mark(Class::Destructive);
        }
    }
}
