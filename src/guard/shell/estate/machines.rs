//! Machines and those who run them: hypervisors, controllers of boards, radios, names and routes.

use super::super::Class;
use super::super::command::Call;
use super::super::consoles::{Group, Table};
use super::super::outward::names_address;
use super::super::state::Shell;
use super::accounts::is_production;

static MACHINES: Table = Table::of(&[
    Group(
        &["esxcli"],
        &[
            (&["acceptance", "set", "*CommunitySupported"], Class::ProtectionOff),
            (&["vib", "install", "--no-sig-check"], Class::DownloadAndRun),
            (&["syslog", "config", "set", "--loghost="], Class::ProtectionOff),
        ],
    ),
    Group(
        &["govc"],
        &[(&["vm.destroy"], Class::Destructive), (&["snapshot.remove", "*"], Class::Destructive), (&["datastore.rm"], Class::Destructive)],
    ),
    Group(&["pct", "qm"], &[(&["destroy", "--force"], Class::Destructive)]),
    Group(
        &["pvesh"],
        &[(&["create", "/access/users"], Class::Persistence), (&["set", "/access/acl", "Administrator"], Class::PrivilegeChange)],
    ),
    Group(&["multipass"], &[(&["delete", "--all"], Class::Destructive)]),
    Group(&["openstack"], &[(&["role", "add", "admin"], Class::PrivilegeChange), (&["volume", "delete", "--force"], Class::Destructive)]),
    Group(&["ipmitool"], &[(&["power", "off"], Class::Destructive), (&["user", "set", "password"], Class::Persistence)]),
    Group(&["racadm"], &[(&["set", "*Password"], Class::Persistence)]),
    Group(
        &["aireplay-ng", "mdk3", "mdk4"],
        &[(&["-0"], Class::Destructive), (&["--deauth"], Class::Destructive), (&["d"], Class::Destructive)],
    ),
    Group(&["slowhttptest", "slowloris", "goldeneye", "t50"], &[(&["-u"], Class::Destructive), (&["-c"], Class::Destructive)]),
    Group(&["auditctl"], &[(&["never,task"], Class::ProtectionOff), (&["-a", "*never*"], Class::ProtectionOff)]),
]);

/// Accounts of services, which nobody logs in to.
const SERVICES: [&str; 12] = ["nobody", "www-data", "daemon", "bin", "sys", "mail", "news", "nginx", "apache", "backup", "sync", "games"];

impl Shell {
    pub(super) fn machines(&mut self, call: &Call<'_>) {
        self.grouped(call, &MACHINES);
        match call.name {
            "virsh" | "VBoxManage" | "lxc" | "incus" | "nomad" | "openstack" | "multipass" | "vagrant" | "hcloud" => {
                let ends = call
                    .texts()
                    .take(4)
                    .any(|text| matches!(text, "delete" | "destroy" | "undefine" | "unregistervm" | "snapshot-delete" | "rm" | "purge"));
                if ends && is_production(call) {
                    self.mark(Class::Destructive);
                }
            }
            "usermod" | "chsh" => {
                let shell = call
                    .option(&["-s", "--shell"])
                    .is_some_and(|shell| super::super::interpret::is_shell(shell.text.rsplit('/').next().unwrap_or_default()));
                if shell && call.operands().last().is_some_and(|user| SERVICES.contains(&user.text.as_str())) {
                    self.mark(Class::Persistence);
                }
            }
            // Whoever answers for names decides what is loaded.
            "resolvectl" | "nmcli" | "systemd-resolve"
                if call.texts().any(|text| text == "dns" || text.ends_with(".dns"))
                    && self.leads_away(call)
                    && !call.texts().any(is_public_resolver) =>
            {
                self.mark(Class::ProtectionOff);
            }
            "gobuster" | "ffuf" | "dirb" | "wfuzz" | "feroxbuster" | "dirsearch"
                if call.texts().any(|text| text.contains("wordlists/") || text.contains("SecLists")) =>
            {
                self.mark(Class::PrivilegeChange);
            }
            _ => {}
        }
    }

    /// Lines for `/etc/resolv.conf` by which all names are asked of somebody's machine.
    pub(in super::super) fn hijacks_names(&mut self, path: &str, text: &str) {
        let asks = |line: &str| {
            line.trim().strip_prefix("nameserver").map(str::trim).is_some_and(|server| {
                names_address(server) && !super::super::outward::is_own_network(server) && !is_public_resolver(server)
            })
        };
        if path.ends_with("/etc/resolv.conf") && text.lines().take(64).any(asks) {
            self.mark(Class::ProtectionOff);
        }
    }
}

/// Resolvers that anybody may ask, and many do.
pub(in super::super) fn is_public_resolver(server: &str) -> bool {
    const KNOWN: [&str; 9] =
        ["1.1.1.1", "1.0.0.1", "8.8.8.8", "8.8.4.4", "9.9.9.9", "149.112.112.112", "208.67.222.222", "208.67.220.220", "94.140.14.14"];
    KNOWN.contains(&server)
}
