//! Which Envoy this is.

use std::fmt;
use std::path::Path;

use tokio::process::Command;

/// The oldest Envoy that will do: 1.40 fixes a loss of data with `allow_on_headers_stop_iteration` (release notes of 1.40.0).
pub const OLDEST: Version = Version { major: 1, minor: 40, patch: 0 };

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Version {
    pub major: u32,
    pub minor: u32,
    pub patch: u32,
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}.{}", self.major, self.minor, self.patch)
    }
}

/// Runs `envoy --version`.
pub async fn of(envoy: &Path) -> Result<Version, String> {
    let asked = Command::new(envoy).arg("--version").kill_on_drop(true).output().await;
    let answer = asked.map_err(|err| format!("cannot run `{}`: {err}", envoy.display()))?;
    let text = String::from_utf8_lossy(&answer.stdout);
    parse(&text).ok_or_else(|| {
        let said = if text.trim().is_empty() { String::from_utf8_lossy(&answer.stderr) } else { text };
        format!("`{} --version` does not look like Envoy: `{}`", envoy.display(), said.trim())
    })
}

/// `envoy  version: <commit>/1.40.0/Clean/RELEASE/BoringSSL`; a suffix such as `-dev` is left out.
fn parse(text: &str) -> Option<Version> {
    let (_, after) = text.split_once("version:")?;
    let mut numbers = after.split('/').nth(1)?.split(['.', '-']).map(str::parse);
    let mut next = || numbers.next()?.ok();
    Some(Version { major: next()?, minor: next()?, patch: next()? })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_what_envoy_prints() {
        let printed = "\nenvoy  version: 9e5580933739775e8bce696a57a2e1bc99368f23/1.40.0/Clean/RELEASE/BoringSSL\n\n";
        assert_eq!(parse(printed), Some(OLDEST));
        let dev = parse("envoy  version: abc/1.41.2-dev/Modified/DEBUG/BoringSSL").unwrap();
        assert!(dev > OLDEST);
        assert_eq!(dev.to_string(), "1.41.2");
        assert!(parse("envoy  version: abc/1.9.1/Clean/RELEASE/BoringSSL").unwrap() < OLDEST);
        assert_eq!(parse("func-e version: 1.1.4"), None);
    }
}
