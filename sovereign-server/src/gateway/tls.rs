//! TLS in this process: TLS 1.2 and 1.3, one crypto provider, certificates that can be
//! replaced while the server runs.

use std::path::{Path, PathBuf};
use std::sync::{Arc, PoisonError, RwLock};
use std::time::{Duration, SystemTime};

use rustls::ServerConfig;
use rustls::crypto::ring;
use rustls::pki_types::pem::{self, PemObject};
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio_rustls::TlsAcceptor;
use tracing::{error, info};

use crate::config::TlsConfig;

/// Time between two looks at whether the files have changed.
const LOOK: Duration = Duration::from_secs(30);

/// Why TLS cannot be offered.
#[derive(Debug, thiserror::Error)]
pub enum TlsError {
    /// A file cannot be read, or holds no PEM of the right kind.
    #[error("the file {path} of {setting} cannot be used: {source}")]
    File {
        /// The setting that names it.
        setting: &'static str,
        /// The file.
        path: PathBuf,
        /// Why.
        source: pem::Error,
    },
    /// There is no certificate in the file.
    #[error("the file {0} of tls.certificate holds no certificate")]
    Empty(PathBuf),
    /// Certificate and key do not fit, or are of a kind that is not offered.
    #[error("tls.certificate and tls.key cannot be used together: {0}")]
    Unfit(#[from] rustls::Error),
}

/// What to offer to those who connect; cheap to clone, and every clone sees a reload.
#[derive(Clone)]
pub struct Tls {
    certificate: PathBuf,
    key: PathBuf,
    present: Arc<RwLock<Present>>,
}

struct Present {
    acceptor: TlsAcceptor,
    changed: Changed,
}

/// When each of the two files was last changed, as far as the system says.
type Changed = [Option<SystemTime>; 2];

impl std::fmt::Debug for Tls {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Tls({})", self.certificate.display())
    }
}

impl Tls {
    /// What these settings offer; nothing without a certificate.
    ///
    /// # Errors
    /// [`TlsError`].
    pub fn open(config: &TlsConfig) -> Result<Option<Self>, TlsError> {
        let (Some(certificate), Some(key)) = (&config.certificate, &config.key) else {
            return Ok(None);
        };
        let (certificate, key) = (certificate.clone(), key.clone());
        let present = Arc::new(RwLock::new(Present::load(&certificate, &key)?));
        Ok(Some(Self { certificate, key, present }))
    }

    /// For the next connection.
    #[must_use]
    pub fn acceptor(&self) -> TlsAcceptor {
        self.present.read().unwrap_or_else(PoisonError::into_inner).acceptor.clone()
    }

    /// Reads the files again; if they are wrong, the old ones stay in force.
    ///
    /// # Errors
    /// [`TlsError`].
    pub fn reload(&self) -> Result<(), TlsError> {
        let present = Present::load(&self.certificate, &self.key)?;
        *self.present.write().unwrap_or_else(PoisonError::into_inner) = present;
        Ok(())
    }

    /// Reads the files again if they have changed; whether they had.
    ///
    /// # Errors
    /// [`TlsError`]; a pair that is only half written is tried again at the next look.
    pub fn reload_if_changed(&self) -> Result<bool, TlsError> {
        let known = self.present.read().unwrap_or_else(PoisonError::into_inner).changed;
        if known == changed(&self.certificate, &self.key) {
            return Ok(false);
        }
        self.reload().map(|()| true)
    }

    /// Looks at the files now and then, for as long as the server runs.
    pub async fn keep_fresh(self) {
        loop {
            tokio::time::sleep(LOOK).await;
            match self.reload_if_changed() {
                Ok(true) => info!("the certificate has changed and is in force"),
                Ok(false) => {}
                Err(error) => error!(%error, "the certificate has changed; the old one stays"),
            }
        }
    }
}

impl Present {
    fn load(certificate: &Path, key: &Path) -> Result<Self, TlsError> {
        // Before reading: a change in between is seen at the next look.
        let changed = changed(certificate, key);
        let chain = chain(certificate)?;
        let wrong = |source| TlsError::File { setting: "tls.key", path: key.to_owned(), source };
        let key = PrivateKeyDer::from_pem_file(key).map_err(wrong)?;
        let mut config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_safe_default_protocol_versions()?
            .with_no_client_auth()
            .with_single_cert(chain, key)?;
        // A WebSocket needs it.
        config.alpn_protocols = vec![b"http/1.1".to_vec()];
        Ok(Self { acceptor: TlsAcceptor::from(Arc::new(config)), changed })
    }
}

fn chain(path: &Path) -> Result<Vec<CertificateDer<'static>>, TlsError> {
    let wrong =
        |source| TlsError::File { setting: "tls.certificate", path: path.to_owned(), source };
    let certificates = CertificateDer::pem_file_iter(path).map_err(wrong)?;
    let chain = certificates.collect::<Result<Vec<_>, _>>().map_err(wrong)?;
    if chain.is_empty() { Err(TlsError::Empty(path.to_owned())) } else { Ok(chain) }
}

fn changed(certificate: &Path, key: &Path) -> Changed {
    [certificate, key].map(|path| std::fs::metadata(path).and_then(|m| m.modified()).ok())
}
