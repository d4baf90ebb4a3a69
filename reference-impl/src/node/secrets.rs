//! What interception needs of the machine: the certificates and the key, the address, and the file of the audit log.

use crate::config::Interception;
use crate::neighbours::mediation::IDENTITY;
use crate::trouble;
use cpm_wire::net::{Credentials, CredentialsError, Driver};
use std::fs::{File, OpenOptions};
use std::io::{self, Write};
use std::net::SocketAddr;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

/// Why interception cannot be had.
#[derive(Debug, thiserror::Error)]
pub enum SecretsError {
    /// A file cannot be read, or not be written.
    #[error("{}: {source}", path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// The certificates cannot be used.
    #[error("{}: {source}", path.display())]
    Credentials {
        /// The file of the certificate.
        path: PathBuf,
        /// What is wrong.
        source: CredentialsError,
    },
    /// The address cannot be had.
    #[error("{address}: {source}")]
    Bind {
        /// The address.
        address: SocketAddr,
        /// What the system says.
        source: io::Error,
    },
}

/// What was opened.
pub(super) struct Secrets {
    address: SocketAddr,
    credentials: Credentials,
    /// The audit log, at its end.
    pub(super) audit: Option<File>,
}

impl Secrets {
    /// Reads the files that the configuration names. The audit log is added to; nobody else may read it.
    pub(super) fn open(config: &Interception) -> Result<Secrets, SecretsError> {
        let (chain, key, ca) = (text(&config.certificate)?, text(&config.key)?, text(&config.ca)?);
        let credentials = Credentials::from_pem(&chain, &key, &ca)
            .map_err(|source| SecretsError::Credentials { path: config.certificate.clone(), source })?;
        let append = |path: &PathBuf| {
            let opened = OpenOptions::new().create(true).append(true).mode(0o600).open(path);
            opened.map_err(|source| SecretsError::File { path: path.clone(), source })
        };
        let audit = config.audit.as_ref().map(append).transpose()?;
        Ok(Secrets { address: config.listen, credentials, audit })
    }

    /// Listens for orders, and presents the function where it hands over. Gives the address that it got.
    pub(super) fn listen(&self, driver: &Driver) -> Result<SocketAddr, SecretsError> {
        driver.present(IDENTITY, &self.credentials);
        let bound = driver.bind_secured(self.address, &self.credentials);
        bound.map_err(|source| SecretsError::Bind { address: self.address, source })
    }
}

fn text(path: &Path) -> Result<Vec<u8>, SecretsError> {
    std::fs::read(path).map_err(|source| SecretsError::File { path: path.to_path_buf(), source })
}

/// Adds a line to the audit log. A disk that takes nothing more does not end the function; it is told on standard error.
pub(super) fn write_down(audit: Option<&mut File>, line: &str) {
    if let Some(Err(error)) = audit.map(|audit| writeln!(audit, "{line}")) {
        trouble::tell(format_args!("cpm-reference: the audit log: {error}"));
    }
}
