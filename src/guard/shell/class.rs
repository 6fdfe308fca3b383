//! What a command can be found to do, in words a policy can name.

use std::fmt;

/// One thing a command does. The policy's word is in [`Class::word`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Class {
    /// A shell whose input or output is a connection.
    ReverseShell,
    /// What came over the network is run.
    DownloadAndRun,
    /// Rights are gained for good or by a trick: setuid bits, sudoers, membership in `sudo`, a root shell.
    PrivilegeChange,
    /// What cannot be made good again: root, home and system directories, disks, fork bombs, wiped histories.
    Destructive,
    /// Passwords, private keys, tokens, cloud metadata.
    CredentialRead,
    /// Something that runs again later: cron, units, rc files, authorized keys.
    Persistence,
    /// Secrets or system files sent over the network.
    Exfiltration,
    /// A program that is no shell made to start one.
    ShellEscape,
    /// A command hidden behind a decoder, a glob or the like.
    Obfuscation,
    /// Firewall, mandatory access control or auditing switched off.
    ProtectionOff,
    /// The text is longer, deeper or more broken than what can be read.
    Unknown,
    /// Code given to an interpreter on its command line or input.
    CodeEvaluation,
    /// Any removal of files.
    Delete,
    /// Plain use of `sudo`, `doas`, `su` and their like.
    Elevation,
    /// Any network client or server.
    Network,
    /// `at`, `crontab` and their like.
    Scheduling,
    /// A command, or text that is run, which only the running shell knows: `$cmd`, `sh -c "$x"`.
    Dynamic,
}

impl Class {
    pub const ALL: [Self; 17] = [
        Self::ReverseShell,
        Self::DownloadAndRun,
        Self::PrivilegeChange,
        Self::Destructive,
        Self::CredentialRead,
        Self::Persistence,
        Self::Exfiltration,
        Self::ShellEscape,
        Self::Obfuscation,
        Self::ProtectionOff,
        Self::Unknown,
        Self::CodeEvaluation,
        Self::Delete,
        Self::Elevation,
        Self::Network,
        Self::Scheduling,
        Self::Dynamic,
    ];

    /// The word in a policy.
    pub fn word(self) -> &'static str {
        match self {
            Self::ReverseShell => "reverse_shell",
            Self::DownloadAndRun => "download_and_run",
            Self::PrivilegeChange => "privilege_change",
            Self::Destructive => "destructive",
            Self::CredentialRead => "credential_read",
            Self::Persistence => "persistence",
            Self::Exfiltration => "exfiltration",
            Self::ShellEscape => "shell_escape",
            Self::Obfuscation => "obfuscation",
            Self::ProtectionOff => "protection_off",
            Self::Unknown => "unknown",
            Self::CodeEvaluation => "code_evaluation",
            Self::Delete => "delete",
            Self::Elevation => "elevation",
            Self::Network => "network",
            Self::Scheduling => "scheduling",
            Self::Dynamic => "dynamic",
        }
    }

    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|class| class.word() == word)
    }

    fn bit(self) -> u32 {
        1 << (self as u32)
    }
}

/// A set of classes.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
pub struct Classes(u32);

impl Classes {
    /// What the documentation recommends to deny: precise enough that everyday commands pass.
    pub const RECOMMENDED: Self = Self((1 << (Class::Unknown as u32 + 1)) - 1);

    pub fn insert(&mut self, class: Class) {
        self.0 |= class.bit();
    }

    pub fn contains(self, class: Class) -> bool {
        self.0 & class.bit() != 0
    }

    pub fn is_empty(self) -> bool {
        self.0 == 0
    }

    pub fn intersects(self, other: Self) -> bool {
        self.0 & other.0 != 0
    }

    #[must_use]
    pub fn and(self, other: Self) -> Self {
        Self(self.0 & other.0)
    }

    #[must_use]
    pub fn or(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    pub fn iter(self) -> impl Iterator<Item = Class> {
        Class::ALL.into_iter().filter(move |class| self.contains(*class))
    }
}

impl FromIterator<Class> for Classes {
    fn from_iter<I: IntoIterator<Item = Class>>(classes: I) -> Self {
        let mut set = Self::default();
        classes.into_iter().for_each(|class| set.insert(class));
        set
    }
}

impl fmt::Debug for Classes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.iter().map(Class::word)).finish()
    }
}
