//! What is taken from those who sit before the machine, and names made to lead elsewhere.

use super::Class;
use super::command::Call;
use super::outward::names_address;
use super::state::Shell;
use super::value::{Taint, Value};

/// Names that much is fetched from; who answers for them decides what runs.
const TRUSTED: &[&str] = &[
    "github.com",
    "gitlab.com",
    "bitbucket.org",
    "npmjs.org",
    "npmjs.com",
    "pypi.org",
    "pythonhosted.org",
    "crates.io",
    "rubygems.org",
    "docker.io",
    "docker.com",
    "ghcr.io",
    "quay.io",
    "debian.org",
    "ubuntu.com",
    "archlinux.org",
    "fedoraproject.org",
    "golang.org",
    "maven.org",
    "google.com",
    "googleapis.com",
    "microsoft.com",
    "windowsupdate.com",
    "apple.com",
    "amazonaws.com",
    "cloudflare.com",
    "anthropic.com",
    "openai.com",
    "k8s.io",
    "paypal.com",
    "okta.com",
];

impl Shell {
    /// Lines for `/etc/hosts` by which a name that is trusted leads to somebody's machine.
    pub(super) fn hijacks(&mut self, path: &str, text: &str) {
        if !path.ends_with("/etc/hosts") && !path.ends_with("/drivers/etc/hosts") {
            return;
        }
        let hijacked = text.lines().take(256).any(|line| {
            let mut words = line.split_whitespace();
            let address = words.next().unwrap_or_default();
            let own = ["10.", "192.168.", "172.16.", "172.17.", "127."].iter().any(|net| address.starts_with(net));
            names_address(address)
                && !own
                && words.any(|name| {
                    TRUSTED.iter().any(|trusted| name == *trusted || name.strip_suffix(trusted).is_some_and(|rest| rest.ends_with('.')))
                })
        });
        if hijacked {
            self.mark(Class::DownloadAndRun);
        }
    }

    /// Pictures of the screen, sound and keys: the files that hold them are as secret as what they show.
    pub(super) fn captures(&mut self, call: &Call<'_>) {
        if !takes(call) {
            return;
        }
        if call.texts().any(|text| text.contains("://") && (names_address(text) || super::supply::is_strange(text))) {
            self.mark(Class::Exfiltration);
        }
        for path in call.args.iter().filter(|path| !path.text.starts_with('-') && path.text.contains(['.', '/'])) {
            self.write_file(&path.text, Value::hole(Taint::SECRET), false);
        }
    }
}

/// Whether it takes what is on the screen, said, or typed.
pub(super) fn takes(call: &Call<'_>) -> bool {
    let device = |names: &[&str]| call.texts().any(|text| names.iter().any(|name| text.contains(name)));
    match call.name {
        "screencapture" | "scrot" | "maim" | "grim" | "spectacle" | "gnome-screenshot" | "flameshot" | "import" | "xwd" | "fbgrab"
        | "imagesnap" | "fswebcam" | "arecord" | "parecord" | "streamer" => {
            call.name != "import" || call.has("-window") || call.has("root")
        }
        "ffmpeg" | "avconv" | "rec" | "sox" | "gst-launch-1.0" => {
            device(&["x11grab", "avfoundation", "alsa", "pulse", "video4linux", "v4l2", "gdigrab", "dshow", "/dev/video"])
                || call.name == "rec"
        }
        "gcore" => true,
        _ => false,
    }
}
