//! Tools that test machines and break into them, when they are in use: the tool alone says little, for those who defend have it as well.

use super::Class;
use super::command::Call;
use super::outward::names_address;
use super::state::Shell;

/// Lists of passwords and paths that come with such tools.
const LISTS: [&str; 8] =
    ["rockyou", "wordlists/", "seclists", "fasttrack.txt", "darkweb2017", "unix_passwords", "passwords.txt", "common-passwords"];

/// Tools that guess passwords on machines.
const GUESSERS: [&str; 9] = ["hydra", "xhydra", "medusa", "ncrack", "patator", "brutespray", "crowbar", "thc-hydra", "kerbrute"];

impl Shell {
    pub(super) fn intrudes(&mut self, call: &Call<'_>) {
        let lists = || {
            call.texts().any(|text| {
                let lower = text.to_ascii_lowercase();
                LISTS.iter().any(|list| lower.contains(list))
            })
        };
        let any = |words: &[&str]| call.texts().any(|text| words.contains(&text));
        let starts = |words: &[&str]| call.texts().any(|text| words.iter().any(|word| text.starts_with(word)));
        let class = match call.name {
            name if GUESSERS.contains(&name) => {
                (lists() || call.texts().any(names_address) || any(&["-P", "-C"]) && call.texts().any(|text| text.contains("://")))
                    .then_some(Class::CredentialRead)
            }
            "john" | "hashcat" => {
                let hashes = call.texts().any(|text| text.contains("shadow") || text.contains("ntds") || text.ends_with("hashes.txt"));
                let tried = starts(&["--wordlist=", "--rules=", "-a"]) || call.name == "hashcat";
                (lists() || hashes && tried && !any(&["--show"])).then_some(Class::CredentialRead)
            }
            "fcrackzip" | "stegcracker" | "pdfcrack" | "aircrack-ng" if lists() => Some(Class::CredentialRead),
            "crackmapexec" | "netexec" | "nxc" | "cme" => {
                any(&["--sam", "--lsa", "--ntds", "-x", "-X", "mimikatz", "lsassy", "-H", "--exec-method"]).then_some(Class::CredentialRead)
            }
            "responder" | "Responder.py" | "responder.py" if any(&["-I", "--interface"]) => Some(Class::CredentialRead),
            "arpspoof" | "dnsspoof" if any(&["-i", "-t"]) => Some(Class::CredentialRead),
            "ettercap" if starts(&["-M", "arp:", "--mitm"]) || any(&["-Tq", "-TqM"]) => Some(Class::CredentialRead),
            "bettercap" if call.texts().any(|text| text.contains("spoof") || text.contains("sniff") || text.contains(".cap")) => {
                Some(Class::CredentialRead)
            }
            // On a machine that is told by its number.
            "GetUserSPNs.py" | "GetNPUsers.py" | "psexec.py" | "wmiexec.py" | "smbexec.py" | "atexec.py" | "dcomexec.py"
            | "ntlmrelayx.py" | "ticketer.py" | "smbmap"
                if call.texts().any(names_address) =>
            {
                Some(Class::CredentialRead)
            }
            "mitm6" | "dsniff" | "keyd-logger" | "logkeys" => Some(Class::CredentialRead),
            "sqlmap" | "sqlmap.py" => {
                starts(&["--dump", "--os-", "--sql-shell", "--passwords", "--file-read", "--file-write", "--priv-esc"])
                    .then_some(Class::Exfiltration)
            }
            "nmap" | "masscan" | "zmap" | "rustscan" | "unicornscan" => {
                let everyone = call.texts().any(is_wide);
                let exploits = call.option(&["--script"]).is_some_and(|scripts| {
                    scripts
                        .text
                        .split(',')
                        .any(|script| ["exploit", "vuln", "brute", "dos", "malware", "intrusive"].iter().any(|kind| script.contains(kind)))
                });
                let hides = starts(&["-D", "--decoy", "--spoof-mac", "-sI"]) && call.texts().any(names_address);
                (everyone || exploits || hides).then_some(Class::PrivilegeChange)
            }
            "hping3" | "hping" if any(&["--flood"]) => Some(Class::Destructive),
            "hping3" | "hping" if call.option(&["-E", "--file"]).is_some_and(|path| super::paths::is_private(&path.text, None)) => {
                Some(Class::Exfiltration)
            }
            "icmpsh" | "icmptunnel" | "ptunnel" | "dns2tcpc" => Some(Class::ReverseShell),
            "slowloris" | "slowloris.py" | "t50" | "mdk3" | "mdk4" | "LOIC" | "xerxes" => Some(Class::Destructive),
            "gobuster" | "ffuf" | "wfuzz" | "dirb" | "dirsearch" | "feroxbuster" | "wpscan" | "nikto" | "nuclei" | "commix" | "xsser"
            | "enum4linux" | "smbmap" | "ldapdomaindump" | "snmpwalk-brute" => {
                let strikes = any(&["--passwords", "-P", "--usernames"]) && lists();
                (strikes
                    || lists() && call.texts().any(names_address)
                    || matches!(call.name, "nikto" | "enum4linux" | "commix") && call.texts().any(names_address))
                .then_some(Class::PrivilegeChange)
            }
            "searchsploit" if any(&["-m", "-x", "--mirror"]) => Some(Class::PrivilegeChange),
            "setoolkit" | "beef-xss" | "veil" | "koadic" | "havoc" | "covenant" | "empire" | "powershell-empire" | "merlinAgent"
            | "teamserver" => Some(Class::ReverseShell),
            _ => None,
        };
        if let Some(class) = class {
            self.mark(class);
        }
        self.tunnels(call);
        self.ends_services(call);
    }

    /// Doors for those outside: a shell's port made public, a relay to a host that is only a number.
    fn tunnels(&mut self, call: &Call<'_>) {
        let port = |text: &str| matches!(text.rsplit(':').next().unwrap_or_default(), "22" | "3389" | "5900" | "5985" | "445");
        let opens = match call.name {
            "ngrok" => matches!(call.text(0), "tcp" | "http" | "tls") && call.texts().skip(1).any(port),
            "cloudflared" => call.texts().any(|text| ["ssh://", "rdp://", "smb://", "tcp://"].iter().any(|kind| text.contains(kind))),
            "bore" => call.text(0) == "local" && call.texts().any(port),
            "frpc" => {
                call.option(&["-s", "--server_addr", "--server-addr"]).is_some_and(|server| names_address(&server.text))
                    || call
                        .option(&["-c", "--config"])
                        .is_some_and(|path| super::hostile::is_odd(&path.text, None) || super::hostile::is_public(&path.text, None))
            }
            "chisel" => call.text(0) == "client" && call.texts().any(|text| text.starts_with("R:")),
            "ligolo-agent" | "agent" => call.has("-connect") && call.has("-ignore-cert"),
            "ssh" | "autossh" => {
                let letters = |letter: char| {
                    call.texts().any(|text| {
                        text.strip_prefix('-')
                            .is_some_and(|letters| !letters.starts_with('-') && letters.len() < 6 && letters.contains(letter))
                    })
                };
                letters('D') && letters('f') && call.texts().any(names_address)
            }
            "gost" | "v2ray" | "xray" | "revsocks" | "rsocx" => call.texts().any(names_address),
            "tailscale" => call.text(0) == "up" && call.has("--ssh") && call.texts().any(|text| text.starts_with("--auth")),
            _ => false,
        };
        if opens {
            self.mark(Class::ReverseShell);
        }
    }

    /// What the machine cannot do without is ended.
    fn ends_services(&mut self, call: &Call<'_>) {
        const NEEDED: [&str; 9] =
            ["sshd", "systemd", "init", "dockerd", "containerd", "kubelet", "dbus-daemon", "systemd-journald", "crond"];
        if matches!(call.name, "killall" | "pkill" | "skill") && call.operands().any(|name| NEEDED.contains(&name.text.as_str())) {
            self.mark(Class::Destructive);
        }
    }
}

/// A network of more than 65,536 addresses.
fn is_wide(text: &str) -> bool {
    let Some((address, length)) = text.split_once('/') else { return false };
    address.split('.').count() == 4
        && address.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.')
        && length.parse::<u8>().is_ok_and(|length| length < 16)
}
