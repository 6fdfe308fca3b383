//! TLS for the notary: certificate and key from files.

use std::path::Path;
use std::sync::Arc;

use rustls::ServerConfig;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};

use crate::exit::Failure;

pub(super) fn config(chain: &Path, key: &Path) -> Result<Arc<ServerConfig>, Failure> {
    crate::demo::tls::install_provider();
    let unfit = |path: &Path, what: &str| Failure::environment(format!("`{}`: {what}", path.display()));
    let certificates: Vec<CertificateDer<'static>> = CertificateDer::pem_file_iter(chain)
        .and_then(Iterator::collect)
        .map_err(|err| unfit(chain, &format!("no certificates in PEM: {err}")))?;
    let key = PrivateKeyDer::from_pem_file(key).map_err(|err| unfit(key, &format!("no private key in PEM: {err}")))?;
    let config = ServerConfig::builder().with_no_client_auth().with_single_cert(certificates, key);
    let mut config = config.map_err(|err| unfit(chain, &format!("does not fit its key: {err}")))?;
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok(Arc::new(config))
}
