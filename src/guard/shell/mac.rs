//! What macOS has of its own: quarantine, login hooks, dialogs that ask for passwords.

use super::Class;
use super::command::Call;
use super::state::Shell;

impl Shell {
    /// Programs of macOS.
    pub(super) fn mac(&mut self, call: &Call<'_>) {
        match call.name {
            "xattr"
                if call.texts().any(|text| text == "com.apple.quarantine") && (call.letter('d') || call.letter('c'))
                    || call.letter('c') =>
            {
                self.mark(Class::ProtectionOff);
            }
            "tccutil" if call.text(0) == "reset" => self.mark(Class::ProtectionOff),
            "defaults" if call.text(0) == "write" && call.texts().any(|text| matches!(text, "LoginHook" | "LogoutHook")) => {
                self.mark(Class::Persistence);
            }
            "dscl"
                if call.texts().any(|text| matches!(text, "-create" | "create"))
                    && call.texts().any(|text| text.starts_with("/Users/")) =>
            {
                self.mark(Class::Persistence);
            }
            "osascript" if call.texts().any(|text| text.contains("hidden answer") || text.contains("administrator privileges")) => {
                self.mark(Class::CredentialRead);
            }
            "diskutil"
                if call.text(0).starts_with("erase")
                    && call.texts().any(|text| text.starts_with("disk") || text.starts_with("/dev/disk")) =>
            {
                self.mark(Class::Destructive);
            }
            _ => {}
        }
    }
}
