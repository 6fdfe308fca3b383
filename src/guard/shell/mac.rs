//! What macOS has of its own: quarantine, login hooks, accounts, dialogs that ask for passwords.

use super::Class;
use super::command::Call;
use super::consoles::{Group, Table};
use super::outward::names_address;
use super::state::Shell;
use super::value::{Taint, Value};

static DEEDS: Table = Table::of(&[
    Group(
        &["security"],
        &[
            (&["export"], Class::CredentialRead),
            (&["authorizationdb", "write"], Class::PrivilegeChange),
            (&["delete-keychain"], Class::Destructive),
        ],
    ),
    Group(
        &["dscl"],
        &[
            (&["*ShadowHashData"], Class::CredentialRead),
            (&["-passwd"], Class::PrivilegeChange),
            (&["passwd"], Class::PrivilegeChange),
            (&["-append", "/Groups/admin"], Class::PrivilegeChange),
            (&["-merge", "/Groups/admin"], Class::PrivilegeChange),
        ],
    ),
    Group(&["dseditgroup"], &[(&["-a", "admin"], Class::PrivilegeChange), (&["-a", "wheel"], Class::PrivilegeChange)]),
    Group(
        &["sysadminctl"],
        &[
            (&["-addUser"], Class::Persistence),
            (&["-resetPasswordFor"], Class::PrivilegeChange),
            (&["-secureTokenOn"], Class::PrivilegeChange),
            (&["-guestAccount", "on"], Class::ProtectionOff),
            (&["-screenLock", "off"], Class::ProtectionOff),
        ],
    ),
    Group(
        &["defaults", "plutil", "PlistBuddy"],
        &[
            (&["*ShadowHashData"], Class::CredentialRead),
            (&["write", "*autoLoginUser"], Class::Persistence),
            (&["write", "LoginHook"], Class::Persistence),
            (&["write", "LogoutHook"], Class::Persistence),
            (&["write", "*com.apple.LaunchServices", "LSQuarantine", "*"], Class::ProtectionOff),
            (&["write", "*com.apple.SoftwareUpdate*", "false"], Class::ProtectionOff),
        ],
    ),
    Group(
        &["nvram"],
        &[
            (&["*amfi_get_out_of_my_way*"], Class::ProtectionOff),
            (&["*cs_enforcement_disable*"], Class::ProtectionOff),
            (&["-c"], Class::Destructive),
        ],
    ),
    Group(&["csrutil"], &[(&["disable"], Class::ProtectionOff), (&["authenticated-root", "disable"], Class::ProtectionOff)]),
    Group(
        &["spctl"],
        &[(&["--master-disable"], Class::ProtectionOff), (&["--global-disable"], Class::ProtectionOff), (&["--add"], Class::ProtectionOff)],
    ),
    Group(&["log"], &[(&["erase"], Class::Destructive), (&["config", "*level:off*"], Class::ProtectionOff)]),
    Group(&["fdesetup"], &[(&["disable"], Class::ProtectionOff), (&["changerecovery"], Class::PrivilegeChange)]),
    Group(
        &["diskutil"],
        &[
            (&["deleteContainer"], Class::Destructive),
            (&["deleteVolume"], Class::Destructive),
            (&["secureErase"], Class::Destructive),
            (&["zeroDisk"], Class::Destructive),
            (&["partitionDisk"], Class::Destructive),
        ],
    ),
    Group(
        &["tmutil"],
        &[
            (&["disable"], Class::Destructive),
            (&["deletelocalsnapshots"], Class::Destructive),
            (&["delete", "-a"], Class::Destructive),
            (&["delete", "*Backups*"], Class::Destructive),
        ],
    ),
    Group(&["systemsetup"], &[(&["-setremotelogin", "on"], Class::Persistence), (&["-setremoteappleevents", "on"], Class::Persistence)]),
    Group(&["kickstart"], &[(&["-activate"], Class::Persistence)]),
    Group(
        &["profiles"],
        &[
            (&["install"], Class::Persistence),
            (&["-I"], Class::Persistence),
            (&["remove", "-all"], Class::ProtectionOff),
            (&["-D"], Class::ProtectionOff),
        ],
    ),
    Group(
        &["launchctl"],
        &[
            (&["setenv", "DYLD_INSERT_LIBRARIES"], Class::PrivilegeChange),
            (&["unload", "*com.apple.*"], Class::ProtectionOff),
            (&["disable", "*com.apple.*"], Class::ProtectionOff),
        ],
    ),
    Group(&["xattr"], &[(&["*com.apple.quarantine*", "-dr"], Class::ProtectionOff)]),
    Group(
        &["osascript"],
        &[(&["*with administrator privileges*"], Class::PrivilegeChange), (&["*default answer*", "*assword*"], Class::CredentialRead)],
    ),
    Group(&["dtrace"], &[(&["*copyinstr*"], Class::CredentialRead)]),
]);

impl Shell {
    /// Programs of macOS.
    pub(super) fn mac(&mut self, call: &Call<'_>) {
        self.grouped(call, &DEEDS);
        match call.name {
            "xattr"
                if call.texts().any(|text| text == "com.apple.quarantine") && (call.letter('d') || call.letter('c'))
                    || call.letter('c') =>
            {
                self.mark(Class::ProtectionOff);
            }
            "tccutil" if call.text(0) == "reset" => self.mark(Class::ProtectionOff),
            "dscl"
                if call.texts().any(|text| matches!(text, "-create" | "create"))
                    && call.texts().any(|text| text.starts_with("/Users/")) =>
            {
                self.mark(Class::Persistence);
            }
            "osascript" if call.texts().any(|text| text.contains("hidden answer")) => self.mark(Class::CredentialRead),
            "diskutil"
                if call.text(0).starts_with("erase")
                    && call.texts().any(|text| text.starts_with("disk") || text.starts_with("/dev/disk")) =>
            {
                self.mark(Class::Destructive);
            }
            // Whoever answers for names, or stands between, decides what is loaded.
            "networksetup"
                if call.texts().any(|text| {
                    matches!(text, "-setwebproxy" | "-setsecurewebproxy" | "-setautoproxyurl" | "-setsocksfirewallproxy" | "-setdnsservers")
                }) && self.leads_away(call)
                    && !call.texts().any(super::estate::is_public_resolver) =>
            {
                self.mark(Class::ProtectionOff);
            }
            "hdiutil" if call.text(0) == "attach" && call.texts().any(|text| text.starts_with("http://") || names_address(text)) => {
                self.mark(Class::DownloadAndRun);
            }
            "installer" if call.option(&["-pkg"]).and_then(|path| self.file(&path.text)).is_some_and(|file| file.taint.has(Taint::NET)) => {
                self.mark(Class::DownloadAndRun);
            }
            "osascript" if call.texts().any(|text| text.contains("the clipboard")) => self.inner = Taint::SECRET,
            // Folders of the account, packed.
            "ditto" | "hdiutil" if call.args.iter().any(|path| super::paths::is_private(&path.text, None)) => {
                if let Some(to) = call.operands().last().map(|to| to.text.clone()) {
                    self.write_file(&to, Value::hole(Taint::SECRET), false);
                }
            }
            _ => {}
        }
    }
}
