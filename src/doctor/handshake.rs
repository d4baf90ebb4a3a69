//! One handshake over TLS (RFC 8446, RFC 5246) and nothing after it: what keeps the two ends from each other, told apart.

use std::io;
use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use tokio::io::AsyncReadExt;
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::pem::PemObject;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName};
use tokio_rustls::rustls::{AlertDescription, CertificateError, ClientConfig, Error, RootCertStore};

/// How long a handshake may take.
const WITHIN: Duration = Duration::from_secs(5);
/// How long a peer may take to say that it does not like the certificate of this end (RFC 8446 section 4.4.2.4).
const AFTERTHOUGHT: Duration = Duration::from_millis(500);

/// How a handshake ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Handshake {
    /// Both ends believe each other.
    Done,
    /// No connection.
    NoConnection(String),
    /// Nobody answered, or no TLS.
    NoTls,
    /// The certificate of the peer is of nobody who is trusted.
    UnknownAuthority,
    /// It is for other names.
    OtherName(String),
    /// It is no longer, or not yet, good.
    OutOfDate(String),
    /// The peer wants a certificate of this end, and has none.
    CertificateWanted,
    /// It has one and does not believe it.
    CertificateRefused(String),
    /// The files of this end cannot be used.
    OwnFiles(String),
    /// Something else.
    Other(String),
}

/// The files by which this end believes and is believed.
pub(super) struct Papers<'a> {
    pub authorities: &'a Path,
    pub own: Option<(&'a Path, &'a Path)>,
}

/// Shakes hands with whoever bears this name at this address.
pub(super) async fn shake(address: SocketAddr, name: &str, papers: &Papers<'_>) -> Handshake {
    let (config, name) = match (config(papers), ServerName::try_from(name.to_owned())) {
        (Ok(config), Ok(name)) => (config, name),
        (Err(why), _) => return Handshake::OwnFiles(why),
        (_, Err(_)) => return Handshake::OwnFiles(format!("{name} is no name of a host")),
    };
    let stream = match tokio::time::timeout(WITHIN, TcpStream::connect(address)).await {
        Ok(Ok(stream)) => stream,
        Ok(Err(error)) => return Handshake::NoConnection(error.to_string()),
        Err(_) => return Handshake::NoConnection("no answer".to_owned()),
    };
    let connected = tokio::time::timeout(WITHIN, TlsConnector::from(Arc::new(config)).connect(name, stream)).await;
    let mut stream = match connected {
        Ok(Ok(stream)) => stream,
        Ok(Err(error)) => return told(&error),
        Err(_) => return Handshake::NoTls,
    };
    // By TLS 1.3 the peer judges this end after the handshake is over here.
    match tokio::time::timeout(AFTERTHOUGHT, stream.read_u8()).await {
        Ok(Err(error)) if error.get_ref().is_some_and(|own| own.is::<Error>()) => told(&error),
        _ => Handshake::Done,
    }
}

fn config(papers: &Papers<'_>) -> Result<ClientConfig, String> {
    let failed = |path: &Path| {
        let path = path.display().to_string();
        move |why: &dyn std::fmt::Display| format!("{path}: {why}")
    };
    let mut roots = RootCertStore::empty();
    let at = failed(papers.authorities);
    for authority in CertificateDer::pem_file_iter(papers.authorities).map_err(|why| at(&why))? {
        roots.add(authority.map_err(|why| at(&why))?).map_err(|why| at(&why))?;
    }
    let config = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .map_err(|why| why.to_string())?
        .with_root_certificates(roots);
    let Some((chain, key)) = papers.own else { return Ok(config.with_no_client_auth()) };
    let (of_chain, of_key) = (failed(chain), failed(key));
    let read = CertificateDer::pem_file_iter(chain).map_err(|why| of_chain(&why))?;
    let chain: Vec<_> = read.collect::<Result<_, _>>().map_err(|why| of_chain(&why))?;
    let key = PrivateKeyDer::from_pem_file(key).map_err(|why| of_key(&why))?;
    config.with_client_auth_cert(chain, key).map_err(|why| of_key(&why))
}

/// What an error of a handshake means.
fn told(error: &io::Error) -> Handshake {
    let Some(tls) = error.get_ref().and_then(|own| own.downcast_ref::<Error>()) else {
        return Handshake::NoTls;
    };
    match tls {
        Error::InvalidMessage(_) | Error::InappropriateMessage { .. } => Handshake::NoTls,
        Error::InvalidCertificate(why) => match why {
            // By another authority, be it of the same name.
            CertificateError::UnknownIssuer | CertificateError::BadSignature => Handshake::UnknownAuthority,
            CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. } => {
                Handshake::OtherName(why.to_string())
            }
            CertificateError::Expired
            | CertificateError::ExpiredContext { .. }
            | CertificateError::NotValidYet
            | CertificateError::NotValidYetContext { .. } => Handshake::OutOfDate(why.to_string()),
            other => Handshake::Other(other.to_string()),
        },
        Error::AlertReceived(AlertDescription::CertificateRequired | AlertDescription::HandshakeFailure) => {
            Handshake::CertificateWanted
        }
        Error::AlertReceived(
            alert @ (AlertDescription::UnknownCA
            | AlertDescription::BadCertificate
            | AlertDescription::DecryptError
            | AlertDescription::CertificateUnknown
            | AlertDescription::CertificateExpired
            | AlertDescription::AccessDenied),
        ) => Handshake::CertificateRefused(format!("{alert:?}")),
        other => Handshake::Other(other.to_string()),
    }
}
