//! manifest.sig: who stands for a report. An Ed25519 signature (RFC 8032) over the octets of manifest.json, 64 octets as they
//! are, which other programs make and check as well. Keys are those that openssl writes: PKCS#8 and SubjectPublicKeyInfo in
//! PEM (RFC 8410). This program keeps no key and writes none.

use ring::signature::{ED25519, Ed25519KeyPair, KeyPair as _, UnparsedPublicKey};
use rustls_pki_types::pem::PemObject as _;
use rustls_pki_types::{PrivatePkcs8KeyDer, SubjectPublicKeyInfoDer};
use std::fmt;

use super::manifest::sha256;

/// Its name in the folder.
pub const NAME: &str = "manifest.sig";
/// How long it is (RFC 8032 section 5.1.6).
pub const OCTETS: usize = 64;
/// What stands before the 32 octets of a public key in its SubjectPublicKeyInfo (RFC 8410 section 4).
const HEAD: [u8; 12] = [0x30, 0x2a, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x03, 0x21, 0x00];

/// A key that signs.
pub struct Key(Ed25519KeyPair);

/// A key that checks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PublicKey([u8; 32]);

/// Why a text is no key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NoKey {
    /// There is no private key in it that can be read as it is.
    #[error(
        "it holds no unencrypted private key in PEM; `openssl genpkey -algorithm ed25519 -out lab.pem` makes one that fits"
    )]
    NoPrivate,
    /// There is one, of another sort.
    #[error("its private key is no Ed25519 key; `openssl genpkey -algorithm ed25519 -out lab.pem` makes one that fits")]
    OtherPrivate,
    /// There is no public key in it.
    #[error(
        "it holds no public key in PEM; `openssl pkey -in lab.pem -pubout -out lab.pub` takes one out of a private key"
    )]
    NoPublic,
    /// There is one, of another sort.
    #[error("its public key is no Ed25519 key")]
    OtherPublic,
}

impl Key {
    /// Reads a private key.
    ///
    /// # Errors
    /// The text is none.
    pub fn read(pem: &[u8]) -> Result<Key, NoKey> {
        let der = PrivatePkcs8KeyDer::from_pem_slice(pem).map_err(|_| NoKey::NoPrivate)?;
        // openssl writes no public key beside the private one, so that there is nothing to hold it against.
        let pair = Ed25519KeyPair::from_pkcs8_maybe_unchecked(der.secret_pkcs8_der());
        pair.map(Key).map_err(|_| NoKey::OtherPrivate)
    }

    /// The signature of a text.
    #[must_use]
    pub fn sign(&self, text: &[u8]) -> Vec<u8> {
        self.0.sign(text).as_ref().to_vec()
    }

    /// The key by which others check it.
    #[must_use]
    pub fn public(&self) -> PublicKey {
        let mut octets = [0; 32];
        octets.iter_mut().zip(self.0.public_key().as_ref()).for_each(|(to, from)| *to = *from);
        PublicKey(octets)
    }
}

impl fmt::Debug for Key {
    /// The public half alone.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the private half of {}", self.public())
    }
}

impl PublicKey {
    /// Reads a public key.
    ///
    /// # Errors
    /// The text is none.
    pub fn read(pem: &[u8]) -> Result<PublicKey, NoKey> {
        let der = SubjectPublicKeyInfoDer::from_pem_slice(pem).map_err(|_| NoKey::NoPublic)?;
        let octets = der.as_ref().strip_prefix(HEAD.as_slice()).and_then(|octets| octets.try_into().ok());
        octets.map(PublicKey).ok_or(NoKey::OtherPublic)
    }

    /// Whether this is the key's signature of a text.
    #[must_use]
    pub fn signed(&self, text: &[u8], signature: &[u8]) -> bool {
        UnparsedPublicKey::new(&ED25519, &self.0).verify(text, signature).is_ok()
    }
}

impl fmt::Display for PublicKey {
    /// SHA-256 of its SubjectPublicKeyInfo, as `openssl pkey -pubin -outform DER | sha256sum` tells it.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "key SHA-256 {}", sha256(&[HEAD.as_slice(), self.0.as_slice()].concat()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use pretty_assertions::assert_eq;

    /// The key of RFC 8410 section 10.3, its public key of section 10.1, and a P-256 key's sort of wrong.
    const PRIVATE: &str = "-----BEGIN PRIVATE KEY-----\n\
        MC4CAQAwBQYDK2VwBCIEINTuctv5E1hK1bbY8fdp+K06/nwoy/HU++CXqI9EdVhC\n-----END PRIVATE KEY-----\n";
    const PUBLIC: &str = "-----BEGIN PUBLIC KEY-----\n\
        MCowBQYDK2VwAyEAGb9ECWmEzf6FQbrBZ9w7lshQhqowtrbLDFw4rXAxZuE=\n-----END PUBLIC KEY-----\n";

    #[test]
    fn the_keys_of_rfc_8410_belong_together() {
        let (key, public) = (Key::read(PRIVATE.as_bytes()).unwrap(), PublicKey::read(PUBLIC.as_bytes()).unwrap());
        assert_eq!(key.public(), public);
        let signature = key.sign(b"text");
        assert_eq!(signature.len(), OCTETS);
        assert!(public.signed(b"text", &signature));
        assert!(!public.signed(b"texT", &signature) && !public.signed(b"text", &signature[..63]));
        assert!(!format!("{key:?}").contains("1N5y") && format!("{key:?}").contains("SHA-256"));
    }

    #[test]
    fn what_is_no_key_is_told_with_the_cure() {
        assert_eq!(Key::read(PUBLIC.as_bytes()).unwrap_err(), NoKey::NoPrivate);
        assert_eq!(PublicKey::read(PRIVATE.as_bytes()).unwrap_err(), NoKey::NoPublic);
        assert_eq!(Key::read(b"").unwrap_err(), NoKey::NoPrivate);
        let x25519 = PRIVATE.replace("BQYDK2Vw", "BQYDK2Vu");
        assert_eq!(Key::read(x25519.as_bytes()).unwrap_err(), NoKey::OtherPrivate);
        assert_eq!(PublicKey::read(PUBLIC.replace("BQYDK2Vw", "BQYDK2Vu").as_bytes()).unwrap_err(), NoKey::OtherPublic);
        assert!(NoKey::NoPrivate.to_string().contains("openssl genpkey -algorithm ed25519"));
    }
}
