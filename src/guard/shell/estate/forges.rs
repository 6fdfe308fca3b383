//! Hosts of source code, asked by their consoles' `api`: what ends a thing there, opens it, or lets somebody in.

use super::super::Class;
use super::super::command::Call;
use super::super::state::Shell;

/// What comes and goes in everyday work, by a part of its path.
const PASSING: [&str; 24] = [
    "/caches",
    "/runs/",
    "/artifacts",
    "/comments",
    "/labels",
    "/deployments",
    "/reactions",
    "/assignees",
    "/requested_reviewers",
    "/notifications",
    "/git/refs/heads/",
    "/subscription",
    "/milestones",
    "/packages/",
    "/issues/",
    "/notes/",
    "/pipelines/",
    "/jobs/",
    "/environments/",
    "/merge_requests/",
    "/starred",
    "/branches/",
    "/releases/",
    "/tags/",
];

/// What guards, whoever it belongs to.
const GUARDS: [&str; 6] =
    ["/protection", "/rulesets", "/protected_branches", "vulnerability-alerts", "/approval_rules", "/secret-scanning"];

impl Shell {
    pub(super) fn asks_forges(&mut self, call: &Call<'_>) {
        if !matches!(call.name, "gh" | "glab") || call.text(0) != "api" {
            return;
        }
        let method = call.option(&["-X", "--method"]).map(|method| method.text.to_ascii_uppercase()).unwrap_or_default();
        let paths = || call.operands().skip(1).map(|path| path.text.as_str());
        let path = paths().find(|text| text.contains('/')).unwrap_or_default();
        let any = |words: &[&str]| call.texts().any(|text| words.iter().any(|word| text.contains(word)));
        if method == "DELETE" {
            if GUARDS.iter().any(|part| path.contains(part)) {
                self.mark(Class::ProtectionOff);
            } else if !PASSING.iter().any(|part| path.contains(part)) && path.contains('/') {
                self.mark(Class::Destructive);
            }
        }
        let changes = matches!(method.as_str(), "PUT" | "POST" | "PATCH") || any(&["mutation"]);
        if changes && any(&["permission=admin", "role=admin", "default_repository_permission=", "access_level=50"]) {
            self.mark(Class::PrivilegeChange);
        }
        if any(&["mutation"])
            && any(&["deleteRepository", "deleteRef", "deleteBranchProtection", "removeOrganizationMember", "archiveRepository"])
        {
            self.mark(Class::Destructive);
        }
        let keys = path.ends_with("/keys") || path.ends_with("/deploy_keys") || path.ends_with("user/keys") || path.ends_with("/gpg_keys");
        if keys && any(&["key=ssh-", "key=ecdsa-", "can_push=true", "read_only=false"]) {
            self.mark(Class::Persistence);
        }
    }
}
