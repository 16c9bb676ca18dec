//! TLS by rustls: certificates and key from PEM files, read again on SIGHUP so that a renewal needs no restart.

use std::{
    io,
    path::{Path, PathBuf},
    sync::Arc,
};

use tokio::{
    net::TcpStream,
    signal::unix::{SignalKind, signal},
    sync::watch,
};
use tokio_rustls::{
    TlsAcceptor,
    rustls::{
        ServerConfig, crypto,
        pki_types::{CertificateDer, PrivateKeyDer, pem, pem::PemObject},
    },
    server::TlsStream,
};

/// Why TLS is not spoken.
#[derive(Debug, thiserror::Error)]
pub enum TlsError {
    /// A file is missing, or is not PEM of the kind wanted.
    #[error("cannot read {0}: {1}")]
    File(PathBuf, pem::Error),
    /// No certificate in the file.
    #[error("{0} holds no certificate")]
    Empty(PathBuf),
    /// Certificate and key do not go together.
    #[error("the certificate in {0} cannot be used: {1}")]
    Unusable(PathBuf, tokio_rustls::rustls::Error),
}

/// A certificate in force. A cheap handle.
#[derive(Clone)]
pub struct Tls {
    certificate: PathBuf,
    key: PathBuf,
    tell: watch::Sender<TlsAcceptor>,
}

impl Tls {
    /// Reads certificate and key.
    pub fn load(certificate: &Path, key: &Path) -> Result<Self, TlsError> {
        let (tell, _) = watch::channel(read(certificate, key)?);
        Ok(Self { certificate: certificate.to_owned(), key: key.to_owned(), tell })
    }

    /// Shakes hands.
    pub async fn accept(&self, stream: TcpStream) -> io::Result<TlsStream<TcpStream>> {
        let acceptor = self.tell.borrow().clone();
        acceptor.accept(stream).await
    }

    /// Reads both files again at every SIGHUP. What cannot be used leaves the certificate in force.
    pub async fn reload_when_asked(self) {
        let Ok(mut asked) = signal(SignalKind::hangup()) else { return };
        while asked.recv().await.is_some() {
            match read(&self.certificate, &self.key) {
                Ok(acceptor) => {
                    self.tell.send_replace(acceptor);
                    tracing::info!("certificate read again");
                }
                Err(error) => tracing::error!(%error, "the old certificate stays in force"),
            }
        }
    }
}

fn read(certificate: &Path, key: &Path) -> Result<TlsAcceptor, TlsError> {
    let unreadable = |path: &Path| {
        let path = path.to_owned();
        move |error| TlsError::File(path, error)
    };
    let chain: Vec<_> =
        CertificateDer::pem_file_iter(certificate).and_then(Iterator::collect).map_err(unreadable(certificate))?;
    if chain.is_empty() {
        return Err(TlsError::Empty(certificate.to_owned()));
    }
    let key = PrivateKeyDer::from_pem_file(key).map_err(unreadable(key))?;
    let unusable = |error| TlsError::Unusable(certificate.to_owned(), error);
    let provider = Arc::new(crypto::ring::default_provider());
    let config = ServerConfig::builder_with_provider(provider).with_safe_default_protocol_versions();
    let mut config =
        config.and_then(|config| config.with_no_client_auth().with_single_cert(chain, key)).map_err(unusable)?;
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok(TlsAcceptor::from(Arc::new(config)))
}
