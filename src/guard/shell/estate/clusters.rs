//! What is deleted from a cluster: kinds that hold data or rights, whole kinds, and what keeps watch or serves in production.

use super::super::Class;
use super::super::command::Call;
use super::super::guardians::names_guard;
use super::super::state::Shell;
use super::super::value::HOLE;
use super::accounts::is_production;
use super::verbs::is_trial;

/// Options whose value comes behind them.
const VALUED: [&str; 14] = [
    "-n",
    "--namespace",
    "--context",
    "--kubeconfig",
    "--cluster",
    "--user",
    "-s",
    "--server",
    "-l",
    "--selector",
    "-f",
    "--filename",
    "--field-selector",
    "--grace-period",
];

/// Kinds with data, with rights, or by which all others stand.
const KEPT: [&str; 15] = [
    "ns",
    "namespace",
    "pv",
    "persistentvolume",
    "pvc",
    "persistentvolumeclaim",
    "crd",
    "customresourcedefinition",
    "storageclass",
    "sc",
    "clusterrole",
    "clusterrolebinding",
    "volumesnapshot",
    "volumesnapshotcontent",
    "node",
];

/// Kinds of what comes again by itself.
const AGAIN: [&str; 8] = ["po", "pod", "job", "event", "replicaset", "rs", "lease", "endpointslice"];

fn is_one(kind: &str, kinds: &[&str]) -> bool {
    let kind = kind.split('.').next().unwrap_or_default();
    kinds.contains(&kind)
        || kind.strip_suffix('s').is_some_and(|one| kinds.contains(&one))
        || kind.strip_suffix("es").is_some_and(|one| kinds.contains(&one))
}

/// Words that are neither options nor their values.
fn operands<'a>(call: &'a Call<'_>) -> impl Iterator<Item = &'a str> {
    let mut skipped = false;
    call.texts().filter(move |text| {
        let value = std::mem::replace(&mut skipped, VALUED.contains(text));
        !value && !text.starts_with('-')
    })
}

/// `kubectl get ns -o name` says of what kind all that it lists is; so it does behind a `grep -v`.
pub(in super::super) fn lists_names(call: &Call<'_>) -> Option<String> {
    let input = call.io.stdin.text.trim();
    let passes = match call.name {
        "grep" | "egrep" => call.letter('v') && !call.texts().any(is_trial),
        "sort" | "tac" | "uniq" | "head" | "tail" => true,
        _ => false,
    };
    if passes {
        let (kind, name) = input.split_once('/')?;
        return (KEPT.contains(&kind) && name.chars().all(|c| c == HOLE)).then(|| [input, "\n"].concat());
    }
    let named = matches!(call.name, "kubectl" | "oc")
        && (call.has("-oname")
            || call.has("--output=name")
            || call.option(&["-o", "--output"]).is_some_and(|form| form.text.trim_start_matches('=') == "name"));
    let mut words = operands(call).filter(|word| *word != "name");
    let listed = named
        && words.next() == Some("get")
        && !call.texts().any(|text| matches!(text, "-l" | "--selector") || text.starts_with("--field-selector"));
    let kind = words.next().filter(|kind| listed && !kind.contains(['/', HOLE]))?;
    let kind = KEPT.iter().find(|kept| is_one(kind, &[kept]))?;
    words.next().is_none().then(|| format!("{kind}/{HOLE}\n"))
}

impl Shell {
    pub(super) fn clusters(&mut self, call: &Call<'_>) {
        match call.name {
            "kubectl" | "oc" | "k3s" | "microk8s" => {
                let mut words = operands(call).skip_while(|word| matches!(*word, "kubectl"));
                match words.next() {
                    Some("delete") => self.deletes_of_cluster(call, words.next().unwrap_or_default(), words.next().unwrap_or_default()),
                    // What watches is left with nothing that runs.
                    Some("scale") if call.texts().any(|text| text == "--replicas=0" || text == "0") && call.texts().any(names_guard) => {
                        self.mark(Class::ProtectionOff);
                    }
                    Some("label") if call.texts().any(|text| text == "pod-security.kubernetes.io/enforce-") => {
                        self.mark(Class::ProtectionOff);
                    }
                    Some("patch")
                        if call.texts().any(|text| text.contains("\"finalizers\":null") || text.contains("\"finalizers\":[]")) =>
                    {
                        self.mark(Class::Destructive);
                    }
                    _ => {}
                }
            }
            "helm" if operands(call).next().is_some_and(|verb| matches!(verb, "uninstall" | "delete" | "del" | "un")) => {
                if call.texts().any(names_guard) {
                    self.mark(Class::ProtectionOff);
                }
                if is_production(call) {
                    self.mark(Class::Destructive);
                }
            }
            // A mesh or a controller, with all that it keeps.
            "istioctl" | "linkerd" | "flux" | "cilium" | "argocd" | "linkerd2" if operands(call).next() == Some("uninstall") => {
                self.mark(Class::Destructive);
            }
            _ => {}
        }
    }

    fn deletes_of_cluster(&mut self, call: &Call<'_>, kind: &str, name: &str) {
        if call.texts().any(|text| text.starts_with("--dry-run")) {
            return;
        }
        let (kinds, joined) = kind.split_once('/').unwrap_or((kind, ""));
        let named = if joined.is_empty() { name } else { joined };
        let whole = call.texts().any(|text| matches!(text, "--all" | "--all=true"));
        let everywhere = call.texts().any(|text| matches!(text, "-A" | "--all-namespaces"));
        let space = call.option(&["-n", "--namespace"]).map(|space| space.text).unwrap_or_default();
        let trial = is_trial(&space) || is_trial(named) || named.starts_with("pr-");
        let system = space == "kube-system" || is_production(call);
        let any = |wanted: &[&str]| kinds.split(',').any(|kind| is_one(kind, wanted));
        let kept = any(&KEPT) && !named.is_empty();
        let again = !kinds.is_empty() && kinds.split(',').all(|kind| is_one(kind, &AGAIN));
        if named.contains("://") {
            return;
        }
        if whole && (system || everywhere || !again && !trial) || kept && !trial || system && !again && !named.is_empty() {
            self.mark(Class::Destructive);
        }
        if call.texts().any(names_guard) && !again {
            self.mark(Class::ProtectionOff);
        }
    }
}
