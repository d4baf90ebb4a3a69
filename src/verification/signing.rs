//! Signing a report, and holding a signature against it. Who signs stands for the report as it is: one that is not intact is not
//! signed.

use super::{NoReport, Verified, verify};
use crate::report::manifest;
use crate::report::signature::{self, Key, PublicKey};
use std::fs;
use std::path::Path;

/// Why there is no signature.
#[derive(Debug, thiserror::Error)]
pub enum NotSigned {
    /// There is nothing to sign.
    #[error(transparent)]
    NoReport(#[from] NoReport),
    /// It was altered, or its evidence does not come to it.
    #[error("{differences} differences; `report verify` tells them. What is not intact is not signed")]
    Altered {
        /// How many places are not as they should be.
        differences: usize,
    },
    /// It cannot be written.
    #[error("manifest.sig cannot be written: {0}")]
    Output(#[from] std::io::Error),
}

/// Signs the manifest of a report that is intact. A signature that is there already is replaced.
///
/// # Errors
/// See [`NotSigned`].
pub fn sign(folder: &Path, key: &Key) -> Result<Verified, NotSigned> {
    let verified = verify(folder)?;
    if !verified.differences.is_empty() {
        return Err(NotSigned::Altered { differences: verified.differences.len() });
    }
    let text = fs::read(folder.join(manifest::NAME))?;
    fs::write(folder.join(signature::NAME), key.sign(&text))?;
    Ok(verified)
}

/// Verifies the report in a folder, and that the owner of this key has signed it.
///
/// # Errors
/// There is none.
pub fn verify_signed(folder: &Path, key: &PublicKey) -> Result<Verified, NoReport> {
    let mut verified = verify(folder)?;
    verified.remarks.retain(|remark| remark != UNCHECKED);
    let text = fs::read(folder.join(manifest::NAME)).unwrap_or_default();
    let expected = format!("a signature of manifest.json by {key}");
    match fs::read(folder.join(signature::NAME)) {
        Ok(signature) if key.signed(&text, &signature) => verified.remarks.push(format!("signed by {key}")),
        Ok(_) => verified.differs(signature::NAME, &expected, "one of another text, or by another key"),
        Err(why) => verified.differs(signature::NAME, &expected, &why.to_string()),
    }
    Ok(verified)
}

/// What is said of a signature that nobody has looked at.
const UNCHECKED: &str = "manifest.sig was not checked: that takes the signer's key, --public-key FILE";

impl Verified {
    /// Without a key nothing is known of a signature but how long it is.
    pub(super) fn unchecked(&mut self, folder: &Path) {
        match fs::read(folder.join(signature::NAME)) {
            Ok(octets) if octets.len() == signature::OCTETS => self.remarks.push(UNCHECKED.to_owned()),
            Ok(octets) => {
                let found = format!("{} octets", octets.len());
                self.differs(signature::NAME, &format!("a signature of {} octets", signature::OCTETS), &found);
            }
            Err(_) => {}
        }
    }
}
