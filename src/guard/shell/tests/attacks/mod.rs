//! Commands that must be refused, by the class that has to be among those found.

mod credential_read;
mod destructive;
mod download_and_run;
mod exfiltration;
mod obfuscation;
mod persistence;
mod privilege_change;
mod protection_off;
mod reverse_shell;
mod shell_escape;

use super::super::Class::{self, *};

pub(super) const ATTACKS: &[(Class, &[&str])] = &[
    (ReverseShell, reverse_shell::TEXTS),
    (DownloadAndRun, download_and_run::TEXTS),
    (Destructive, destructive::TEXTS),
    (CredentialRead, credential_read::TEXTS),
    (Persistence, persistence::TEXTS),
    (PrivilegeChange, privilege_change::TEXTS),
    (Exfiltration, exfiltration::TEXTS),
    (ShellEscape, shell_escape::TEXTS),
    (Obfuscation, obfuscation::TEXTS),
    (ProtectionOff, protection_off::TEXTS),
];
