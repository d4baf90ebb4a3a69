//! The certificates of one run, made when it starts and gone with it: of the function under test, where that is embedded, of the
//! administration and the mediation function, and of those who have no authority.
//!
//! Interception speaks TLS in which both ends prove who they are (ETSI TS 103 221-1 section 8, 103 221-2 section 6).

use crate::actors::mediation_function::Access;
use cpm_wire::net::{Credentials, Driver};
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, DnType, IsCa, KeyPair, KeyUsagePurpose};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};

/// The administration that the embedded function knows.
pub const ADMINISTRATION: &str = "admf.example.com";
/// Somebody whom the same authority vouches for, and who has no authority over anybody.
pub const STRANGER: &str = "stranger.example.com";
/// The tester's names for whose certificate is of another authority, and for who has none.
const IMPOSTOR: &str = "impostor";
const NOBODY: &str = "nobody";

/// Why there are no certificates.
#[derive(Debug, thiserror::Error)]
pub enum CertificateError {
    /// They could not be made.
    #[error("certificates cannot be made: {0}")]
    Made(#[from] rcgen::Error),
    /// Those of the profile, or of the run, are none that TLS takes.
    #[error("certificates cannot be used: {0}")]
    Used(String),
    /// Those of the profile cannot be read.
    #[error("{path}: {source}")]
    Read {
        /// The path.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
}

/// A certificate with its key, and the authorities that it trusts, as PEM.
#[derive(Clone, Debug)]
struct Paper {
    chain: String,
    key: String,
}

/// What everybody shows.
pub struct Certificates {
    authority: String,
    function: Option<Paper>,
    administration: Credentials,
    mediation: Credentials,
    stranger: Credentials,
    impostor: Credentials,
    nobody: Credentials,
}

/// An authority of the run.
struct Authority(CertifiedIssuer<'static, KeyPair>);

impl Authority {
    fn new(name: &str) -> Result<Authority, CertificateError> {
        let mut params = CertificateParams::new(Vec::new())?;
        params.distinguished_name.push(DnType::CommonName, name);
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
        Ok(Authority(CertifiedIssuer::self_signed(params, KeyPair::generate()?)?))
    }

    fn vouches_for(&self, name: &str) -> Result<Paper, CertificateError> {
        let mut params = CertificateParams::new(vec![name.to_owned()])?;
        params.distinguished_name.push(DnType::CommonName, name);
        let key = KeyPair::generate()?;
        let certificate = params.signed_by(&key, &self.0)?;
        Ok(Paper { chain: certificate.pem(), key: key.serialize_pem() })
    }

    fn pem(&self) -> String {
        self.0.pem()
    }
}

impl Paper {
    fn trusting(&self, authority: &str) -> Result<Credentials, CertificateError> {
        Credentials::from_pem(self.chain.as_bytes(), self.key.as_bytes(), authority.as_bytes())
            .map_err(|why| CertificateError::Used(why.to_string()))
    }
}

impl Certificates {
    /// Those of a run with the embedded function.
    ///
    /// # Errors
    /// They cannot be made.
    pub fn of_the_run() -> Result<Certificates, CertificateError> {
        let authority = Authority::new("authority of the run")?;
        let trusted = authority.pem();
        let own = |name: &str| authority.vouches_for(name).and_then(|paper| paper.trusting(&trusted));
        Ok(Certificates {
            function: Some(authority.vouches_for("pf.example.com")?),
            administration: own(ADMINISTRATION)?,
            mediation: own("mediation.example.com")?,
            stranger: own(STRANGER)?,
            impostor: impostor(&trusted)?,
            nobody: nobody(&trusted)?,
            authority: trusted,
        })
    }

    /// Those of a profile: one for all that the tester is to the target.
    ///
    /// # Errors
    /// They cannot be read, or used.
    pub fn of_profile(authority: &Path, chain: &Path, key: &Path) -> Result<Certificates, CertificateError> {
        let read = |path: &Path| {
            std::fs::read_to_string(path).map_err(|source| CertificateError::Read { path: path.to_owned(), source })
        };
        let (authority, paper) = (read(authority)?, Paper { chain: read(chain)?, key: read(key)? });
        Ok(Certificates {
            function: None,
            administration: paper.trusting(&authority)?,
            mediation: paper.trusting(&authority)?,
            // Nobody but the vendor can make a certificate of his authority.
            stranger: impostor(&authority)?,
            impostor: impostor(&authority)?,
            nobody: nobody(&authority)?,
            authority,
        })
    }

    /// Writes what the embedded function needs: its certificate, its key, and the authority that it trusts.
    ///
    /// # Errors
    /// When a file cannot be written.
    pub fn write(&self, folder: &Path) -> std::io::Result<()> {
        let Some(paper) = &self.function else { return Ok(()) };
        let files = Files::in_folder(folder);
        std::fs::write(files.certificate, &paper.chain)?;
        std::fs::write(files.key, &paper.key)?;
        std::fs::write(files.authority, &self.authority)
    }

    /// Everybody by whose name a driver opens connections.
    pub fn present(&self, driver: &Driver) {
        driver.present(ADMINISTRATION, &self.administration);
        driver.present(STRANGER, &self.stranger);
        driver.present(IMPOSTOR, &self.impostor);
        driver.present(NOBODY, &self.nobody);
    }

    /// What the mediation function shows.
    pub const fn mediation(&self) -> &Credentials {
        &self.mediation
    }
}

fn impostor(trusted: &str) -> Result<Credentials, CertificateError> {
    Authority::new("authority of nobody")?.vouches_for(ADMINISTRATION)?.trusting(trusted)
}

fn nobody(trusted: &str) -> Result<Credentials, CertificateError> {
    Credentials::anonymous(trusted.as_bytes()).map_err(|why| CertificateError::Used(why.to_string()))
}

/// Where the papers of the embedded function are.
pub struct Files {
    /// Its certificate.
    pub certificate: PathBuf,
    /// Its key.
    pub key: PathBuf,
    /// The authority that it trusts.
    pub authority: PathBuf,
}

impl Files {
    /// In this folder.
    pub fn in_folder(folder: &Path) -> Files {
        let [certificate, key, authority] =
            ["function.pem", "function.key", "authority.pem"].map(|name| folder.join(name));
        Files { certificate, key, authority }
    }
}

/// How the administration comes to a function that takes orders at `x1`: over sockets everybody has papers, or is known for having
/// none; on the virtual link who has none that count has no TLS.
pub fn access(x1: SocketAddr, sockets: bool) -> Access {
    let unproven = |name: &str| sockets.then(|| name.into());
    Access {
        x1,
        administration: ADMINISTRATION.into(),
        stranger: STRANGER.into(),
        impostor: unproven(IMPOSTOR),
        nobody: unproven(NOBODY),
    }
}
