//! What the issuer leaves on disk so that `portcullisctl token` can mint tokens for a running `up --dev-issuer`.

use std::{
    env, fs,
    io::{self, Write},
    path::{Path, PathBuf},
    sync::Arc,
};

use anyhow::{Context, Result, anyhow};
use jwt_simple::prelude::ES256KeyPair;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::Mint;

/// The state file, JSON. It holds a private key: whoever reads it can be anybody towards a filter that trusts this issuer.
#[derive(Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct State {
    /// The `iss` of the issuer that ran last.
    pub issuer: String,
    /// The `aud` its tokens have unless asked otherwise.
    pub audience: String,
    /// The signing key, a private JWK (RFC 7517).
    pub key: Value,
}

impl State {
    /// The file's content; `None` when there is no file.
    pub fn load(path: &Path) -> Result<Option<Self>> {
        let text = match fs::read(path) {
            Ok(text) => text,
            Err(err) if err.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(err) => return Err(err).with_context(|| format!("`{}` cannot be read", path.display())),
        };
        let state = serde_json::from_slice(&text)
            .with_context(|| format!("`{}` is not a state file of the dev issuer; delete it to start afresh", path.display()))?;
        Ok(Some(state))
    }

    /// Replaces the file in one step; only its owner can read it.
    pub fn save(&self, path: &Path) -> Result<()> {
        let folder = path.parent().ok_or_else(|| anyhow!("`{}` names no file", path.display()))?;
        let write = || -> io::Result<()> {
            create_private(folder)?;
            // Mode 0600 from the first moment on: that is what this kind of file is made with.
            let mut file = tempfile::NamedTempFile::new_in(folder)?;
            file.write_all(&serde_json::to_vec_pretty(self)?)?;
            file.write_all(b"\n")?;
            file.persist(path).map_err(|err| err.error)?;
            Ok(())
        };
        write().with_context(|| format!("the dev issuer's state cannot be kept in `{}`", path.display()))
    }

    /// The port the issuer ran on.
    pub fn port(&self) -> Option<u16> {
        self.issuer.rsplit_once(':')?.1.parse().ok()
    }

    pub fn mint(&self) -> Result<Mint> {
        let key = ES256KeyPair::from_jwk(&self.key.to_string()).context("the kept signing key is not a P-256 private JWK")?;
        let name = key.jwk_thumbprint();
        Ok(Mint::new(self.issuer.clone(), self.audience.clone(), Arc::new(key.with_key_id(&name))))
    }
}

/// `$XDG_STATE_HOME/portcullis/dev-issuer.json`, or under `~/.local/state` (XDG Base Directory Specification 0.8).
pub fn default_path() -> Result<PathBuf> {
    let absolute = |name| env::var_os(name).map(PathBuf::from).filter(|path| path.is_absolute());
    let base = absolute("XDG_STATE_HOME").or_else(|| absolute("HOME").map(|home| home.join(".local/state")));
    let base = base.context("neither XDG_STATE_HOME nor HOME is set; set one of them to say where the dev issuer's key is kept")?;
    Ok(base.join("portcullis/dev-issuer.json"))
}

fn create_private(folder: &Path) -> io::Result<()> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder)
}
