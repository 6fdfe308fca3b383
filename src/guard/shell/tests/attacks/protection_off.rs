//! Commands of the class `protection_off`.

pub(super) const TEXTS: &[&str] = &[
    "setenforce 0",
    "iptables -F",
    "ufw disable",
    "systemctl stop firewalld",
    "sudo systemctl disable --now auditd",
    "auditctl -e 0",
    "echo 0 > /proc/sys/kernel/randomize_va_space",
    "service iptables stop",
    "iptables -P INPUT ACCEPT",
];
