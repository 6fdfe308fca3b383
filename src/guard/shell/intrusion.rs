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
        self.looks_into(call);
    }

    /// Doors for those outside: a shell's port made public, a relay to a host that is only a number.
    fn tunnels(&mut self, call: &Call<'_>) {
        let port = |text: &str| matches!(text.rsplit(':').next().unwrap_or_default(), "22" | "3389" | "5900" | "5985" | "445");
        // A host that few know, by its name or number.
        let stranger = || {
            call.texts().any(|text| {
                let text = text.split_once('=').filter(|(option, _)| option.starts_with('-')).map_or(text, |(_, value)| value);
                let named =
                    text.contains("://") || text.contains('.') && text.rsplit(':').next().is_some_and(|port| port.parse::<u16>().is_ok());
                names_address(text)
                    || named && super::supply::is_strange(&if text.contains("://") { text.to_owned() } else { ["tcp://", text].concat() })
            })
        };
        let opens = match call.name {
            "ngrok" => matches!(call.text(0), "tcp" | "http" | "tls") && call.texts().skip(1).any(port),
            "cloudflared" => {
                call.texts().any(|text| ["ssh://", "rdp://", "smb://", "tcp://", "file://"].iter().any(|kind| text.contains(kind)))
            }
            "bore" => call.text(0) == "local" && call.texts().any(port),
            "frpc" => {
                call.option(&["-s", "--server_addr", "--server-addr"])
                    .is_some_and(|server| names_address(&server.text) || super::supply::is_strange(&["tcp://", &server.text].concat()))
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
            "gost" | "v2ray" | "xray" | "revsocks" | "rsocx" => stranger(),
            "tailscale" => {
                call.text(0) == "up" && call.has("--ssh") && call.texts().any(|text| text.starts_with("--auth"))
                    || matches!(call.text(0), "funnel" | "serve") && call.texts().skip(1).any(port)
            }
            "pinggy" | "zrok" | "playit" | "localxpose" | "loclx" | "serveo" | "telebit" => call.texts().any(port),
            "frp" | "rathole" | "nps" | "npc" | "ew" | "earthworm" | "venom" | "stowaway" | "pivotnacci" | "regeorg"
            | "sshuttle-server" => call.texts().any(names_address),
            "zerotier-cli" | "netbird" => {
                call.text(0) == "join" || call.text(0) == "up" && call.texts().any(|text| text.starts_with("--setup-key"))
            }
            // A terminal or a screen that anybody may have who is told where.
            "tmate" => call.has("-F") || call.texts().any(|text| text == "new-session") && call.has("-d"),
            "upterm" => call.text(0) == "host" && call.texts().any(|text| text.contains("://") && super::supply::is_strange(text)),
            "sshx" | "teleconsole" => {
                call.args.iter().all(|arg| arg.text.starts_with('-') && arg.text != "--help" && arg.text != "--version")
            }
            "x11vnc" => call.has("-nopw") && !call.has("-localhost"),
            "vncserver" | "Xvnc" | "tigervncserver" => {
                call.texts().any(|text| text.eq_ignore_ascii_case("none"))
                    && call.texts().any(|text| text.to_ascii_lowercase().contains("securitytypes"))
            }
            "anydesk" | "rustdesk" | "teamviewer" => call.texts().any(|text| matches!(text, "--set-password" | "--password" | "passwd")),
            "meshagent" => {
                call.texts().any(|text| text.trim_start_matches('-') == "install" || text.trim_start_matches('-') == "fullinstall")
            }
            "code-server" | "openvscode-server" => {
                call.texts().any(|text| text.contains("0.0.0.0"))
                    && (call.texts().zip(call.texts().skip(1)).any(|pair| pair == ("--auth", "none"))
                        || call.has("--auth=none")
                        || call.has("--without-connection-token"))
            }
            "jupyter" | "jupyter-lab" | "jupyter-notebook" => {
                let open = call.texts().any(|text| text.contains("0.0.0.0") || text == "--ip=*");
                let unlocked = call.texts().any(|text| {
                    text.split_once('=').is_some_and(|(name, value)| {
                        (name.ends_with(".token") || name.ends_with(".password")) && value.trim_matches(['\'', '"']).is_empty()
                    })
                });
                open && unlocked && call.has("--allow-root")
            }
            "in.telnetd" | "telnetd" => call.has("-debug"),
            "socat" => {
                let engine = call.texts().any(|text| text.contains("docker.sock"));
                engine && call.texts().any(|text| text.to_ascii_uppercase().starts_with("TCP"))
            }
            "openvpn" => {
                call.texts().any(|text| text.contains("://") && super::supply::is_strange(text))
                    || call.has("--up") && call.texts().any(|text| super::hostile::is_public(text, None))
            }
            _ => false,
        };
        if opens {
            self.mark(Class::ReverseShell);
        }
    }

    /// The memory of a program that holds secrets, or what it reads and writes.
    fn looks_into(&mut self, call: &Call<'_>) {
        const HOLDERS: [&str; 22] = [
            "ssh-agent",
            "gpg-agent",
            "sshd",
            "gnome-keyring",
            "kwalletd",
            "keepass",
            "1password",
            "bitwarden",
            "vault",
            "chrome",
            "firefox",
            "lsass",
            "login",
            "sudo",
            "passwd",
            "secretd",
            "pass",
            "slack",
            "thunderbird",
            "openvpn",
            "winbindd",
            "sssd",
        ];
        if !matches!(
            call.name,
            "gcore" | "gdb" | "lldb" | "strace" | "ltrace" | "procdump" | "dd" | "cat" | "strings" | "grep" | "memdump" | "perf"
        ) {
            return;
        }
        let shown = self.showing.as_str();
        let Some(behind) = ["pgrep ", "pidof "].iter().find_map(|ask| shown.split_once(ask).map(|(_, behind)| behind)) else { return };
        let asked = behind.split([')', '`', '|']).next().unwrap_or_default();
        let holder = asked.split([' ', '"', '\'', '/']).any(|word| HOLDERS.iter().any(|holder| word.starts_with(holder)));
        let memory = matches!(call.name, "gcore" | "procdump" | "memdump")
            || matches!(call.name, "gdb" | "lldb") && (call.has("-p") || call.has("--pid"))
            || matches!(call.name, "strace" | "ltrace")
                && (call.texts().any(|text| text.contains("read") || text.contains("write")) || call.letter('f'))
            || shown.contains("/mem");
        if holder && memory {
            self.mark(Class::CredentialRead);
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
