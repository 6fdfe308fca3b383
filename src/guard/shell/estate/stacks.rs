//! Tools that put up what is described in files, and take it down again: development takes down every day, so that only what names production, or that nobody
//! is to be asked, is another thing.

use super::super::Class;
use super::super::command::Call;
use super::super::consoles::Names;
use super::super::state::Shell;
use super::super::value::HOLE;
use super::accounts::is_production;
use super::verbs::is_trial;

static TOOLS: Names = Names::of(&[
    "cdktf",
    "sls",
    "serverless",
    "sst",
    "amplify",
    "ampx",
    "copilot",
    "eb",
    "sam",
    "zappa",
    "chalice",
    "cdk",
    "pulumi",
    "nitric",
    "encore",
    "wing",
    "up",
    "arc",
    "azd",
    "garden",
    "okteto",
    "acorn",
    "werf",
    "kamal",
    "dokku",
    "caprover",
    "nixops",
    "juju",
    "bosh",
    "conductor",
    "crossplane",
    "terraspace",
    "atmos",
    "spacectl",
    "env0",
    "architect",
    "skaffold",
    "tilt",
    "waypoint",
]);

const ENDS: [&str; 11] =
    ["destroy", "remove", "delete", "terminate", "teardown", "down", "undeploy", "rm", "purge", "destroy-model", "destroy-controller"];

const UNASKED: [&str; 13] = [
    "--force",
    "-f",
    "--yes",
    "-y",
    "--auto-approve",
    "-auto-approve",
    "--no-prompt",
    "--no-prompts",
    "--non-interactive",
    "--noinput",
    "--skip-confirmation",
    "--no-confirm",
    "--purge",
];

impl Shell {
    pub(super) fn takes_down(&mut self, call: &Call<'_>) {
        let trial = || call.texts().any(is_trial) && !is_production(call);
        let tried = || call.texts().any(|text| text.starts_with("--dry") || matches!(text, "--help" | "-h" | "--plan" | "--preview"));
        if TOOLS.has(call.name) {
            let ends =
                call.texts().take(4).any(|text| ENDS.contains(&text) || text.rsplit(':').next().is_some_and(|last| ENDS.contains(&last)));
            let unasked = call.texts().any(|text| UNASKED.contains(&text));
            if ends && (unasked && !matches!(call.name, "skaffold" | "tilt" | "kamal") || is_production(call)) && !trial() && !tried() {
                self.mark(Class::Destructive);
            }
            return;
        }
        match call.name {
            // What production is made of, by its files.
            "kubectl" | "oc" if call.text(0) == "delete" && !tried() => {
                let files = call.texts().zip(call.texts().skip(1)).any(|(option, path)| {
                    let named = path.split(|c: char| !c.is_ascii_alphanumeric()).any(|word| matches!(word, "prod" | "production"));
                    matches!(option, "-f" | "-k" | "--filename" | "--kustomize") && named
                });
                if files {
                    self.mark(Class::Destructive);
                }
            }
            "docker" | "podman"
                if matches!(call.text(0), "stack" | "service" | "secret" | "config" | "node" | "network")
                    && call.text(1) == "rm"
                    && (is_production(call)
                        || call.args.iter().skip(2).any(|name| name.text.contains(HOLE)) && call.text(0) == "service")
                    && !self.showing.contains("filter") =>
            {
                self.mark(Class::Destructive);
            }
            "docker" | "podman" | "docker-compose" | "podman-compose"
                if call.texts().take(8).any(|text| text == "down")
                    && call.texts().any(|text| matches!(text, "-v" | "--volumes"))
                    && is_production(call) =>
            {
                self.mark(Class::Destructive);
            }
            // A place on the machine that runs containers as root, for all to reach.
            "docker" | "podman"
                if call.texts().any(|text| text.contains("docker.sock"))
                    && call.texts().any(|text| text.ends_with(":2375") || text.ends_with(":2376")) =>
            {
                self.mark(Class::PrivilegeChange);
            }
            "docker" | "podman" if call.text(0) == "cp" => {
                let folder =
                    call.operands().nth(1).is_some_and(|from| super::super::paths::is_secret_folder(&from.text, self.cwd.as_deref()));
                if folder && call.operands().nth(2).is_some_and(|to| to.text.contains(':')) {
                    self.mark(Class::CredentialRead);
                }
            }
            "git" => {
                // All that was ever committed, taken out of every commit; or what could bring it back.
                let rewritten = call.text(0) == "filter-branch"
                    && call
                        .texts()
                        .any(|text| text.contains("git rm") && matches!(text.split_whitespace().last(), Some("." | "*" | "'*'" | "./")));
                let forgotten =
                    call.text(0) == "gc" && call.texts().any(|text| matches!(text, "--prune=now" | "--prune=all")) && self.forgets_reflog;
                if call.text(0) == "reflog"
                    && call.text(1) == "expire"
                    && call.texts().any(|text| text.ends_with("=now"))
                    && call.has("--all")
                {
                    self.forgets_reflog = true;
                }
                if rewritten || forgotten {
                    self.mark(Class::Destructive);
                }
            }
            "knife" | "pdsh" | "clush" if call.text(0) == "ssh" => {
                if let Some(script) = call.args.last().filter(|script| script.text.contains(' ')).cloned() {
                    self.run_value(&script, super::super::value::Value::default());
                }
            }
            "chef-client" | "packer" | "salt-call" | "puppet" | "cinc-client"
                if call.texts().any(|text| text.contains("://") && super::super::supply::is_strange(text)) =>
            {
                self.mark(Class::DownloadAndRun);
            }
            _ => {}
        }
    }
}
