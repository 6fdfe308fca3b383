//! Ways out of a container, or into the host by way of one.

use super::Class;
use super::command::Call;
use super::outward::names_address;
use super::paths;
use super::state::Shell;

impl Shell {
    /// Rights of the host asked for, by what starts containers.
    pub(super) fn breaks_out(&mut self, call: &Call<'_>) {
        match call.name {
            "kubectl" | "oc" => {
                let overrides = call.texts().any(|text| {
                    let bare: String = text.chars().filter(|c| !c.is_whitespace()).collect();
                    ["\"privileged\":true", "\"hostPID\":true", "\"hostNetwork\":true", "\"hostPath\":", "\"hostIPC\":true"]
                        .iter()
                        .any(|sign| bare.contains(sign))
                });
                let input: String = call.io.stdin.text.chars().filter(|c| !c.is_whitespace() && *c != '"').collect();
                let overrides = overrides
                    || ["hostPID:true", "privileged:true", "hostPath:{path:/}", "hostPath:path:/\n", "docker.sock"]
                        .iter()
                        .any(|sign| input.contains(sign));
                let root = call.io.stdin.text.lines().take(512).any(|line| line.trim() == "path: /");
                let impersonates = call.texts().any(|text| {
                    text.strip_prefix("--as=").is_some_and(|who| who.starts_with("system:") && !who.starts_with("system:serviceaccount"))
                });
                let overrides = overrides || root || impersonates || matches!(call.text(0), "run" | "debug") && call.has("--privileged");
                if overrides || call.text(0) == "debug" && call.texts().any(|text| text.starts_with("node/")) {
                    self.mark(Class::PrivilegeChange);
                }
            }
            "ctr" if call.texts().any(|text| text.contains("src=/,")) => self.mark(Class::PrivilegeChange),
            "docker" | "podman"
                if call.texts().any(|text| text.contains("docker.sock:"))
                    && call.texts().any(|text| super::interpret::is_shell(text.rsplit('/').next().unwrap_or_default())) =>
            {
                self.mark(Class::PrivilegeChange);
            }
            "docker" | "podman"
                if call.texts().any(|text| text.ends_with("=unconfined") || text.ends_with(":unconfined"))
                    && call.texts().any(|text| text.starts_with("--cap-add"))
                    || call.texts().any(|text| text.strip_prefix("--device=").is_some_and(paths::is_disk))
                    || call.has("--privileged")
                        && call.texts().any(|text| {
                            ["/dev:", "/proc:", "/sys:", "/lib/modules:", "/var/run:"].iter().any(|place| text.starts_with(place))
                        }) =>
            {
                self.mark(Class::PrivilegeChange);
            }
            "docker" if call.option(&["-H", "--host"]).is_some_and(|host| names_address(&host.text)) => self.mark(Class::PrivilegeChange),
            "curl" if call.texts().any(|text| text.ends_with("/docker.sock") || text.ends_with("/containerd.sock")) => {
                self.mark(Class::PrivilegeChange);
            }
            "etcdctl" if call.texts().any(|text| text.contains("/registry/secrets")) => self.mark(Class::CredentialRead),
            _ => {}
        }
        if matches!(call.name, "docker" | "podman" | "kubectl" | "oc") && call.text(0) == "cp" {
            let from = call.args.get(1).map_or("", |from| from.text.as_str());
            let path = from.split_once(':').map_or(from, |(_, path)| path).to_owned();
            self.reads(&path);
        }
    }
}
