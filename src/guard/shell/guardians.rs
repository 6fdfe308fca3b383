//! Products that watch over machines: what they are called, and every way in which one is stopped.

use super::Class;
use super::command::Call;
use super::consoles::Names;
use super::state::Shell;

const PROTECTORS: &[&str] = &[
    "firewalld",
    "pf",
    "ufw",
    "iptables",
    "nftables",
    "auditd",
    "systemd-journald",
    "journald",
    "rsyslogd",
    "syslogd",
    "syslog-ng",
    "falcond",
    "clamd",
    "freshclam",
    "wazuh",
    "ossec",
    "ossec-hids",
    "tripwire",
    "rkhunter",
    "chkrootkit",
    "snort",
    "suricata",
    "lkrg",
    "sentinelone",
    "sentinelctl",
    "cbdaemon",
    "cbagentd",
    "esets",
    "sophos",
    "aliyun",
    "aegis",
    "cloudmonitor",
    "ebpf_exporter",
    "tetragon",
    "tracee",
    "osquery",
    "audit",
    "apparmor",
    "fail2ban",
    "rsyslog",
    "syslog",
    "falcon-sensor",
    "crowdstrike",
    "osqueryd",
    "wazuh-agent",
    "clamav",
    "clamav-daemon",
    "selinux",
    "sysmon",
    "falco",
    "auditbeat",
    "filebeat",
    "aide",
    "windefend",
    "mdatp",
];

/// Whether a path or label is that of a product that protects.
pub(super) fn names_protector(text: &str) -> bool {
    const PRODUCTS: [&str; 34] = [
        "aegis",
        "aliyun",
        "cloudmonitor",
        "edr.",
        "siem.",
        "trendmicro",
        "elastic-agent",
        "cortex-xdr",
        "opendns",
        "umbrella",
        "zscaler",
        "kolide",
        "santa",
        "malwarebytes",
        "bitdefender",
        "mcafee",
        "symantec",
        "kaspersky",
        "crowdstrike",
        "falcon",
        "wazuh",
        "ossec",
        "sentinelone",
        "carbonblack",
        "cylance",
        "mdatp",
        "sophos",
        "clamav",
        "osquery",
        "littlesnitch",
        "jamf",
        "eset",
        "auditd",
        "xprotect",
    ];
    let lower = text.to_ascii_lowercase();
    PRODUCTS.iter().any(|product| lower.contains(product))
}

pub(super) fn is_protector(name: &str) -> bool {
    let name = name.trim_end_matches(".service");
    PROTECTORS.contains(&name) || name.len() > 4 && PROTECTORS.contains(&name.trim_end_matches('d'))
}

/// Agents and daemons of products that protect, by the names of their services, processes and programs.
static AGENTS: Names = Names::of(&[
    "sshguard",
    "crowdsec",
    "ds_agent",
    "ds_am",
    "dsa_control",
    "traps_pmd",
    "cytool",
    "xagt",
    "nessusd",
    "nessusagent",
    "qualys",
    "qualys-cloud-agent",
    "ir_agent",
    "rapid7",
    "tanium",
    "taniumclient",
    "lacework",
    "sysdig",
    "opensnitch",
    "opensnitchd",
    "maldet",
    "psad",
    "samhain",
    "splunkforwarder",
    "splunkd",
    "splunk",
    "td-agent",
    "fluentd",
    "fluent-bit",
    "td-agent-bit",
    "datadog-agent",
    "elastic-agent",
    "cortex-xdr",
    "packetbeat",
    "metricbeat",
    "winlogbeat",
    "cybereason",
    "cbdefense",
    "carbonblack",
    "cbsensor",
    "savd",
    "sav-protect",
    "sophos-spl",
    "eset",
    "eset_rtp",
    "eraagent",
    "bdsec",
    "bitdefender",
    "kesl",
    "klnagent",
    "mcafee",
    "mfetpd",
    "isecespd",
    "symantec",
    "symcfgd",
    "sisidsdaemon",
    "fireeye",
    "threatlocker",
    "huntress",
    "uptycs",
    "threatstack",
    "neuvector",
    "kubearmor",
    "stackrox",
    "twistlock",
    "gatekeeper",
    "gatekeeper-system",
    "kyverno",
    "falcon",
    "falcond",
    "falconctl",
    "falco",
    "santa",
    "santad",
    "jamf",
    "kolide",
    "zscaler",
    "netskope",
    "arpwatch",
    "portsentry",
    "usbguard",
    "firejail",
    "dnscrypt-proxy",
    "sentinel",
]);

/// Programs by which such a product is told what to do.
static CONTROLS: Names = Names::of(&[
    "falconctl",
    "sentinelctl",
    "mdatp",
    "wazuh-control",
    "ossec-control",
    "cbagentd",
    "jamf",
    "dsa_control",
    "cytool",
    "nessuscli",
    "splunk",
    "elastic-agent",
    "osqueryctl",
    "santactl",
    "savdctl",
    "crowdsec",
    "clamdscan",
    "uptycs",
    "taniumclient",
    "ds_agent",
    "xagt",
    "usbguard",
    "systemextensionsctl",
    "kextunload",
]);

/// Words by which something is stopped or told to look away.
const STOPS: [&str; 30] = [
    "stop",
    "disable",
    "disabled",
    "mask",
    "off",
    "kill",
    "teardown",
    "unload",
    "bootout",
    "remove",
    "uninstall",
    "delete",
    "terminate",
    "quit",
    "pause",
    "suspend",
    "unenroll",
    "unlink",
    "unset",
    "removeframework",
    "-d",
    "--disable",
    "shutdown",
    "bypass",
    "maintenance",
    "exclusion",
    "allowed",
    "down",
    "0",
    "passive",
];

/// Whether a word names a product that protects: a service, a process, a release, a namespace.
pub(super) fn names_guard(word: &str) -> bool {
    let lower = word.to_ascii_lowercase();
    let bare = lower.rsplit('/').next().unwrap_or_default().trim_end_matches(".service").trim_end_matches(".plist");
    is_protector(bare) || AGENTS.has(bare) || bare.split(['-', '.', '_', '@', ':']).any(|part| part.len() > 3 && AGENTS.has(part))
}

impl Shell {
    /// A product that protects, stopped: by its own program, by whatever runs services, or as a process.
    pub(super) fn blinds(&mut self, call: &Call<'_>) {
        let stops = || {
            call.texts().any(|text| STOPS.contains(&text) || !text.starts_with('-') && STOPS.contains(&text.to_ascii_lowercase().as_str()))
        };
        let stopped = match call.name {
            "systemctl"
            | "service"
            | "rc-service"
            | "launchctl"
            | "chkconfig"
            | "sv"
            | "initctl"
            | "supervisorctl"
            | "monit"
            | "snap"
            | "brew"
            | "rc-update"
            | "stop"
            | "s6-svc"
            | "systemextensionsctl"
            | "kextunload"
            | "runsvctl"
            | "svcadm"
            | "invoke-rc.d" => {
                (stops() || matches!(call.name, "stop" | "kextunload"))
                    && call.texts().any(|text| names_guard(text) || text.contains("crowdstrike") || text.contains("sentinelone"))
            }
            "kill" | "pkill" | "killall" | "skill" | "killall5" => call.texts().any(names_guard),
            "docker" | "podman" | "nerdctl" => {
                matches!(call.text(0), "stop" | "kill" | "rm" | "pause") && call.texts().skip(1).any(names_guard)
            }
            "rmmod" | "bpftool" => false,
            // `/etc/init.d/ds_agent stop`, `falconctl -d`
            name => {
                (CONTROLS.has(name) || AGENTS.has(name)) && {
                    let looks = call.texts().any(|text| matches!(text, "status" | "health" | "--help" | "version" | "--version" | "list"));
                    stops() && !looks
                }
            }
        };
        if stopped {
            self.mark(Class::ProtectionOff);
        }
        self.softens(call);
    }

    /// What keeps a kernel or its walls, set to let more through.
    fn softens(&mut self, call: &Call<'_>) {
        if matches!(call.name, "echo" | "printf" | "tee")
            && self.showing.contains("/sysctl.")
            && (call.texts().any(is_soft) || is_soft(call.io.stdin.text.trim()))
        {
            self.mark(Class::ProtectionOff);
        }
        match call.name {
            "sysctl" if call.texts().any(is_soft) => self.mark(Class::ProtectionOff),
            // Words of the kernel's command line.
            "grubby" | "rpm-ostree" | "kernelstub" | "bootctl" | "nvram" | "sed" | "gsed" | "echo" | "tee" | "printf" | "efibootmgr" => {
                let boots = !matches!(call.name, "sed" | "gsed" | "echo" | "tee" | "printf") || self.showing.contains("grub");
                const OPENS: [&str; 7] = [
                    "selinux=0",
                    "enforcing=0",
                    "apparmor=0",
                    "audit=0",
                    "module.sig_enforce=0",
                    "lockdown=none",
                    "amfi_get_out_of_my_way",
                ];
                if boots && call.texts().any(|text| OPENS.iter().any(|word| text.contains(word))) {
                    self.mark(Class::ProtectionOff);
                }
            }
            "iptables" | "ip6tables" | "ebtables" | "arptables" | "iptables-legacy" | "iptables-nft" => {
                let at = call.texts().position(|text| matches!(text, "-F" | "--flush" | "-X"));
                let chain = at.map_or("", |at| call.text(at + 1));
                let whole = chain.is_empty() || chain.starts_with('-') || matches!(chain, "INPUT" | "OUTPUT" | "FORWARD");
                if at.is_some() && whole {
                    self.mark(Class::ProtectionOff);
                }
            }
            "iptables-restore" | "ip6tables-restore" if self.showing.contains("/dev/null") => self.mark(Class::ProtectionOff),
            "ipset" if matches!(call.text(0), "destroy" | "flush" | "-X" | "-F") && call.args.len() == 1 => self.mark(Class::ProtectionOff),
            "ufw" => {
                let opens = call.texts().any(|text| text == "allow")
                    && (call.texts().any(|text| text == "any") && call.args.len() < 6 && !call.texts().any(|text| text == "port")
                        || call.args.last().is_some_and(|last| last.text == "allow"));
                let drops = call.texts().any(|text| text == "delete") && call.texts().any(|text| matches!(text, "deny" | "reject"));
                if opens || drops || call.texts().any(|text| matches!(text, "reset" | "disable")) {
                    self.mark(Class::ProtectionOff);
                }
            }
            "pfctl" if call.letter('d') || call.option(&["-F"]).is_some_and(|what| matches!(what.text.as_str(), "all" | "rules")) => {
                self.mark(Class::ProtectionOff);
            }
            "softwareupdate" if call.has("--schedule") && call.has("off") => self.mark(Class::ProtectionOff),
            // Whoever answers is believed from here on, for all that is fetched.
            "git" if call.text(0) == "config" && call.texts().any(|text| matches!(text, "--global" | "--system")) => {
                let unchecked = call.texts().any(|text| text.eq_ignore_ascii_case("http.sslverify"))
                    && call.texts().any(|text| matches!(text, "false" | "0" | "off" | "no"));
                if unchecked {
                    self.mark(Class::ProtectionOff);
                }
            }
            "npm" | "pnpm" | "yarn"
                if call.texts().any(|text| text == "set")
                    && (call.has("strict-ssl") && call.has("false") || call.has("strict-ssl=false")) =>
            {
                self.mark(Class::ProtectionOff);
            }
            _ => {}
        }
    }
}

/// `kernel.kptr_restrict=0`: a setting of the kernel that hardens it, at the value that does not.
fn is_soft(setting: &str) -> bool {
    const HARD: [(&str, &[&str]); 15] = [
        ("kernel.randomize_va_space", &["0"]),
        ("kernel.yama.ptrace_scope", &["0"]),
        ("kernel.dmesg_restrict", &["0"]),
        ("kernel.kptr_restrict", &["0"]),
        ("kernel.unprivileged_bpf_disabled", &["0"]),
        ("kernel.unprivileged_userns_clone", &["1"]),
        ("kernel.kexec_load_disabled", &["0"]),
        ("kernel.modules_disabled", &["0"]),
        ("fs.protected_symlinks", &["0"]),
        ("fs.protected_hardlinks", &["0"]),
        ("fs.protected_fifos", &["0"]),
        ("fs.protected_regular", &["0"]),
        ("fs.suid_dumpable", &["1", "2"]),
        ("net.ipv4.conf.all.rp_filter", &["0"]),
        ("net.ipv4.tcp_syncookies", &["0"]),
    ];
    setting.split_once('=').is_some_and(|(name, value)| {
        let name = name.trim().replace('/', ".");
        HARD.iter().any(|(hard, soft)| name == *hard && soft.contains(&value.trim()))
    })
}
