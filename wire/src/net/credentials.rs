//! Who an element is to its peers over TLS (RFC 8446, RFC 5246), and whom it believes: a certificate with its key, and the
//! authorities whose certificates it takes.
//!
//! TLS proves the chain to an authority and tells the names in the peer's certificate. Whether that is somebody who may speak
//! is for the host to say.

use std::fmt;
use std::sync::Arc;
use tokio_rustls::rustls::client::WebPkiServerVerifier;
use tokio_rustls::rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use tokio_rustls::rustls::crypto::{CryptoProvider, ring};
use tokio_rustls::rustls::pki_types::pem::PemObject;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName, UnixTime};
use tokio_rustls::rustls::server::{VerifierBuilderError, WebPkiClientVerifier};
use tokio_rustls::rustls::{
    CertificateError, ClientConfig, DigitallySignedStruct, Error, RootCertStore, ServerConfig, SignatureScheme,
};

/// Why credentials cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum CredentialsError {
    /// A text in PEM holds no certificate, or no key.
    #[error("{0}")]
    Pem(#[from] tokio_rustls::rustls::pki_types::pem::Error),
    /// Certificate and key do not belong together, or are of a kind that is not spoken.
    #[error("{0}")]
    Tls(#[from] Error),
    /// There are no authorities.
    #[error("{0}")]
    Authorities(#[from] VerifierBuilderError),
}

/// The credentials of an element.
#[derive(Clone)]
pub struct Credentials {
    /// None for who has no certificate: nobody can connect there.
    pub(super) server: Option<Arc<ServerConfig>>,
    pub(super) client: Arc<ClientConfig>,
}

impl fmt::Debug for Credentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Credentials").field("certificate", &self.server.is_some()).finish_non_exhaustive()
    }
}

impl Credentials {
    /// A certificate, behind it those up to an authority, its key, and the authorities; all in PEM (RFC 7468).
    ///
    /// # Errors
    /// They cannot be read, or do not belong together.
    pub fn from_pem(chain: &[u8], key: &[u8], authorities: &[u8]) -> Result<Credentials, CredentialsError> {
        let chain: Vec<_> = CertificateDer::pem_slice_iter(chain).collect::<Result<_, _>>()?;
        let key = PrivateKeyDer::from_pem_slice(key)?;
        let (provider, roots) = (provider(), roots(authorities)?);
        let clients = WebPkiClientVerifier::builder_with_provider(roots.clone(), provider.clone()).build()?;
        let server = ServerConfig::builder_with_provider(provider.clone()).with_safe_default_protocol_versions()?;
        let server = server.with_client_cert_verifier(clients).with_single_cert(chain.clone(), key.clone_key())?;
        let client = ClientConfig::builder_with_provider(provider.clone()).with_safe_default_protocol_versions()?;
        let client = client.dangerous().with_custom_certificate_verifier(Issued::by(roots, provider)?);
        let client = client.with_client_auth_cert(chain, key)?;
        Ok(Credentials { server: Some(Arc::new(server)), client: Arc::new(client) })
    }

    /// No certificate, for who connects only.
    ///
    /// # Errors
    /// The authorities cannot be read.
    pub fn anonymous(authorities: &[u8]) -> Result<Credentials, CredentialsError> {
        let (provider, roots) = (provider(), roots(authorities)?);
        let client = ClientConfig::builder_with_provider(provider.clone()).with_safe_default_protocol_versions()?;
        let client = client.dangerous().with_custom_certificate_verifier(Issued::by(roots, provider)?);
        Ok(Credentials { server: None, client: Arc::new(client.with_no_client_auth()) })
    }
}

fn provider() -> Arc<CryptoProvider> {
    Arc::new(ring::default_provider())
}

fn roots(authorities: &[u8]) -> Result<Arc<RootCertStore>, CredentialsError> {
    let mut roots = RootCertStore::empty();
    for authority in CertificateDer::pem_slice_iter(authorities) {
        roots.add(authority?)?;
    }
    Ok(Arc::new(roots))
}

/// The DNS names in a certificate (RFC 9525 leaves its common name aside).
pub(super) fn names(certificate: Option<&CertificateDer<'_>>) -> Vec<String> {
    let certificate = certificate.and_then(|own| webpki::EndEntityCert::try_from(own).ok());
    certificate.iter().flat_map(|own| own.valid_dns_names()).map(str::to_owned).collect()
}

/// Takes every certificate of the authorities, whatever its names: the host is told them.
#[derive(Debug)]
struct Issued(Arc<WebPkiServerVerifier>);

impl Issued {
    fn by(roots: Arc<RootCertStore>, provider: Arc<CryptoProvider>) -> Result<Arc<Issued>, CredentialsError> {
        Ok(Arc::new(Issued(WebPkiServerVerifier::builder_with_provider(roots, provider).build()?)))
    }
}

impl ServerCertVerifier for Issued {
    fn verify_server_cert(
        &self,
        certificate: &CertificateDer<'_>,
        chain: &[CertificateDer<'_>],
        name: &ServerName<'_>,
        ocsp: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        match self.0.verify_server_cert(certificate, chain, name, ocsp, now) {
            // The name is looked at last, when the chain is known to be right.
            Err(Error::InvalidCertificate(
                CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. },
            )) => Ok(ServerCertVerified::assertion()),
            verified => verified,
        }
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        self.0.verify_tls12_signature(message, certificate, signed)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        self.0.verify_tls13_signature(message, certificate, signed)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.0.supported_verify_schemes()
    }
}
