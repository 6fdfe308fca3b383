//! Certificates for this machine: an authority that stays, and a server certificate made for each run.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::net::IpAddr;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use rcgen::{BasicConstraints, CertificateParams, DnType, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair, KeyUsagePurpose, date_time_ymd};

use crate::folders;

/// Name of the authority: what a trust store shows.
const AUTHORITY: &str = "Portcullis local authority";

const DAY: Duration = Duration::from_secs(24 * 60 * 60);

#[derive(Debug, thiserror::Error)]
pub enum TlsError {
    #[error("cannot keep the local certificate authority in `{folder}`: {source}")]
    Keep { folder: PathBuf, source: io::Error },
    #[error("cannot write the server certificate to `{folder}`: {source}")]
    Write { folder: PathBuf, source: io::Error },
    #[error("the local certificate authority in `{folder}` cannot be used ({source}); remove the folder to have a new one made")]
    Authority { folder: PathBuf, source: rcgen::Error },
    #[error("cannot make a certificate: {0}")]
    Make(#[from] rcgen::Error),
}

/// An authority kept in a folder, so that what trusts it once trusts it on.
#[derive(Debug)]
pub struct LocalAuthority {
    certificate: PathBuf,
    issuer: Issuer<'static, KeyPair>,
}

/// Files of a server certificate.
#[derive(Clone, Debug)]
pub struct Leaf {
    pub chain: PathBuf,
    pub key: PathBuf,
}

impl LocalAuthority {
    /// The one in the state folder, made on first use.
    pub fn of_this_machine() -> Result<Self, TlsError> {
        Self::open(&folders::state().join("tls"))
    }

    /// The one in `folder`, made on first use.
    pub fn open(folder: &Path) -> Result<Self, TlsError> {
        let keep = |source| TlsError::Keep { folder: folder.to_owned(), source };
        folders::create_private(folder).map_err(keep)?;
        let lock = File::options().create(true).append(true).open(folder.join("lock")).map_err(keep)?;
        lock.lock().map_err(keep)?;
        let (certificate, key_file) = (folder.join("ca.pem"), folder.join("ca.key"));
        let key = if certificate.is_file() && key_file.is_file() {
            let pem = fs::read_to_string(&key_file).map_err(keep)?;
            KeyPair::from_pem(&pem).map_err(|source| TlsError::Authority { folder: folder.to_owned(), source })?
        } else {
            let key = KeyPair::generate()?;
            let made = authority().self_signed(&key)?;
            write_private(&key_file, key.serialize_pem().as_bytes()).map_err(keep)?;
            // Last, and whole: its presence says that the pair is complete.
            let whole = folder.join("ca.pem.new");
            fs::write(&whole, made.pem()).and_then(|()| fs::rename(&whole, &certificate)).map_err(keep)?;
            key
        };
        Ok(Self { certificate, issuer: Issuer::new(authority(), key) })
    }

    /// What clients are to trust, PEM.
    pub fn certificate(&self) -> &Path {
        &self.certificate
    }

    /// Writes a server certificate for these names and addresses into a folder.
    pub fn leaf(&self, names: &[String], folder: &Path) -> Result<Leaf, TlsError> {
        let write = |source| TlsError::Write { folder: folder.to_owned(), source };
        let mut params = CertificateParams::new(names)?;
        params.distinguished_name.push(DnType::CommonName, "Portcullis on this machine");
        params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
        params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
        params.use_authority_key_identifier_extension = true;
        // Apple's systems refuse server certificates of more than 398 days.
        valid(&mut params, DAY * 390);
        let key = KeyPair::generate()?;
        let made = params.signed_by(&key, &self.issuer)?;
        let leaf = Leaf { chain: folder.join("leaf.pem"), key: folder.join("leaf.key") };
        fs::write(&leaf.chain, made.pem()).map_err(write)?;
        write_private(&leaf.key, key.serialize_pem().as_bytes()).map_err(write)?;
        Ok(leaf)
    }
}

/// The names a local endpoint is called by, with those of the address it listens on and of the policy's resource.
pub fn local_names(listen: IpAddr, resource_host: Option<&str>) -> Vec<String> {
    let mut names = ["localhost", "127.0.0.1", "::1"].map(str::to_owned).to_vec();
    if !listen.is_unspecified() {
        names.push(listen.to_string());
    }
    names.extend(resource_host.map(str::to_owned));
    names.sort();
    names.dedup();
    names
}

/// The same each time but for its dates: a certificate is tied to it by name and key.
fn authority() -> CertificateParams {
    let mut params = CertificateParams::default();
    params.distinguished_name.push(DnType::CommonName, AUTHORITY);
    params.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    valid(&mut params, DAY * 3650);
    params
}

/// From yesterday, for clocks that are a little late.
fn valid(params: &mut CertificateParams, lifetime: Duration) {
    let now = date_time_ymd(1970, 1, 1) + SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    params.not_before = now - DAY;
    params.not_after = now + lifetime;
}

fn write_private(path: &Path, content: &[u8]) -> io::Result<()> {
    let mut file = OpenOptions::new().create(true).truncate(true).write(true).mode(0o600).open(path)?;
    file.write_all(content)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt;

    #[test]
    fn the_authority_stays_and_its_key_is_private() {
        let state = tempfile::tempdir().unwrap();
        let folder = state.path().join("tls");
        let first = fs::read(LocalAuthority::open(&folder).unwrap().certificate()).unwrap();
        let second = fs::read(LocalAuthority::open(&folder).unwrap().certificate()).unwrap();
        assert_eq!(first, second);
        let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
        assert_eq!(mode(&folder.join("ca.key")), 0o600);
        assert_eq!(mode(&folder), 0o700);
    }

    #[test]
    fn a_leaf_is_made_for_every_name() {
        let state = tempfile::tempdir().unwrap();
        let authority = LocalAuthority::open(state.path()).unwrap();
        let names = local_names("192.0.2.7".parse().unwrap(), Some("mcp.example.com"));
        assert!(names.contains(&"192.0.2.7".to_owned()) && names.contains(&"mcp.example.com".to_owned()));
        let leaf = authority.leaf(&names, state.path()).unwrap();
        assert!(fs::read_to_string(leaf.chain).unwrap().starts_with("-----BEGIN CERTIFICATE-----"));
    }
}
