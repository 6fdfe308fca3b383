//! `portcullisctl audit keys`: the keys of `audit.chain`, in the forms that policy and program want.

use std::fs::{self, File};
use std::io::{self, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use anyhow::{Result, anyhow};
use base64::{Engine, engine::general_purpose::STANDARD};
use ed25519_compact::{KeyPair, Seed};

use super::checkpoint::key_id;
use crate::exit::{self, Exit, Failure};

/// Make the keys for `audit.chain` of the policy, and print where they go.
///
/// `audit.key` makes fingerprints that nobody without it can make; the filter and whoever verifies need it. `audit.seed` signs
/// checkpoints; only the filter needs it. `audit.pub` verifies them; it is no secret. Files that are there are never replaced.
#[derive(Clone, Debug, clap::Args)]
pub struct Args {
    /// Folder for the three files; made when it is not there
    #[arg(long, value_name = "FOLDER")]
    folder: PathBuf,
}

pub(super) fn run(args: &Args) -> Result<Exit> {
    let folder = &args.folder;
    let unwritable = |path: &Path, err: io::Error| match err.kind() {
        io::ErrorKind::AlreadyExists => Failure::wrong(format!(
            "`{}` is there already; keys are never replaced, because records made with them need them: name another folder",
            path.display()
        )),
        _ => Failure::environment(format!("`{}` cannot be written: {err}", path.display())),
    };
    fs::DirBuilder::new().recursive(true).mode(0o700).create(folder).map_err(|err| unwritable(folder, err))?;
    let [key, seed, public] = ["audit.key", "audit.seed", "audit.pub"].map(|name| folder.join(name));
    if let Some(there) = [&key, &seed, &public].into_iter().find(|path| path.exists()) {
        return Err(unwritable(there, io::ErrorKind::AlreadyExists.into()).into());
    }
    let seed_bytes = random()?;
    let pair = KeyPair::from_seed(Seed::new(seed_bytes));
    write(&key, &format!("{}\n", STANDARD.encode(random()?)), 0o600).map_err(|err| unwritable(&key, err))?;
    write(&seed, &format!("{}\n", STANDARD.encode(seed_bytes)), 0o600).map_err(|err| unwritable(&seed, err))?;
    write(&public, &format!("{}\n", pair.pk.to_pem().trim_end()), 0o644).map_err(|err| unwritable(&public, err))?;
    exit::print(&told(&key, &seed, &public, &key_id(&pair.pk)))?;
    Ok(Exit::Fine)
}

fn random() -> Result<[u8; 32]> {
    let mut bytes = [0; 32];
    let provider = rustls::crypto::ring::default_provider();
    provider.secure_random.fill(&mut bytes).map_err(|_| anyhow!("the operating system gave no random bytes"))?;
    Ok(bytes)
}

fn write(path: &Path, text: &str, mode: u32) -> io::Result<()> {
    let mut file = File::options().write(true).create_new(true).mode(mode).open(path)?;
    file.write_all(text.as_bytes())?;
    file.sync_all()
}

fn told(key: &Path, seed: &Path, public: &Path, id: &str) -> String {
    let (key, seed, public) = (key.display(), seed.display(), public.display());
    format!(
        "# In the environment of Envoy (these two are secrets):
export PORTCULLIS_AUDIT_KEY=\"$(cat {key})\"
export PORTCULLIS_AUDIT_SEED=\"$(cat {seed})\"

# In the policy:
audit:
  chain:
    key: \"${{env:PORTCULLIS_AUDIT_KEY}}\"
    sign: {{ key: \"${{env:PORTCULLIS_AUDIT_SEED}}\", interval: 1m }}

# To verify (the public key is `{id}` in checkpoints):
portcullisctl audit verify --key {key} --public-key {public} FILE..."
    )
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;
    use crate::audit::checkpoint::PublicKeys;

    #[test]
    fn keys_are_private_readable_and_never_replaced() {
        let temporary = tempfile::tempdir().unwrap();
        let folder = temporary.path().join("keys");
        let args = Args { folder: folder.clone() };
        run(&args).unwrap();
        let mode = |name: &str| fs::metadata(folder.join(name)).unwrap().permissions().mode() & 0o777;
        assert_eq!((mode("audit.key"), mode("audit.seed")), (0o600, 0o600));
        let text = |name: &str| fs::read_to_string(folder.join(name)).unwrap();
        assert!(text("audit.key").trim_end().len() >= 32);
        let seed: [u8; 32] = STANDARD.decode(text("audit.seed").trim_end()).unwrap().try_into().unwrap();
        assert_eq!(KeyPair::from_seed(Seed::new(seed)).pk.to_pem().trim_end(), text("audit.pub").trim_end());
        assert!(!PublicKeys::open(&[folder.join("audit.pub")]).unwrap().is_empty());
        let before = text("audit.key");
        assert_eq!(exit::code_of(&run(&args).unwrap_err()), exit::Exit::Wrong);
        assert_eq!(text("audit.key"), before);
    }
}
