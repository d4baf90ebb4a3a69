//! Opens the protected records of one direction, one after the other.

use aes_gcm::aead::{Aead, KeyInit, Payload};
use aes_gcm::{Aes128Gcm, Aes256Gcm};
use chacha20poly1305::ChaCha20Poly1305;

use super::block::Block;
use super::derive::{Hash, expand_label};
use super::record::Record;
use super::suite::{Protection, Suite};

const NONCE: usize = 12;
/// The part of the nonce of AES-GCM that stands in each record (RFC 5288 section 3).
const EXPLICIT: usize = 8;
pub(super) const TAG: usize = 16;

/// The keys of one direction, and the number of the record that is next.
#[derive(Debug)]
pub(super) struct Opener {
    keys: Keys,
    sequence: u64,
}

#[derive(Debug)]
enum Keys {
    Sealed { cipher: Cipher, form: Form },
    Block(Block),
}

/// What the nonce is made of, and what is protected beside the text.
#[derive(Debug)]
enum Form {
    /// RFC 8446 sections 5.2 and 5.3.
    Tls13([u8; NONCE]),
    /// RFC 7905 section 2.
    Counted([u8; NONCE]),
    /// RFC 5288 section 3.
    Explicit([u8; NONCE - EXPLICIT]),
}

enum Cipher {
    Aes128(Box<Aes128Gcm>),
    Aes256(Box<Aes256Gcm>),
    ChaCha20(Box<ChaCha20Poly1305>),
}

/// Keys are shown to nobody.
impl std::fmt::Debug for Cipher {
    fn fmt(&self, to: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        to.write_str(match self {
            Cipher::Aes128(_) => "AES-128-GCM",
            Cipher::Aes256(_) => "AES-256-GCM",
            Cipher::ChaCha20(_) => "ChaCha20-Poly1305",
        })
    }
}

/// The keys of a direction in TLS 1.2 (RFC 5246 section 6.3).
pub(super) struct Tls12<'a> {
    pub mac: &'a [u8],
    pub key: &'a [u8],
    pub iv: &'a [u8],
    pub encrypt_then_mac: bool,
}

/// How many octets of keys a direction needs in TLS 1.2: for the MAC, for the cipher, for nonces.
pub(super) fn sizes(protection: Protection) -> [usize; 3] {
    let (mac, iv) = match protection {
        Protection::Aes128Gcm | Protection::Aes256Gcm => (0, NONCE - EXPLICIT),
        Protection::ChaCha20Poly1305 => (0, NONCE),
        Protection::Cbc { mac, .. } => (mac.size(), 0),
    };
    [mac, protection.key(), iv]
}

impl Opener {
    pub fn tls12(suite: Suite, keys: &Tls12<'_>) -> Option<Opener> {
        let keys = match suite.protection {
            Protection::Cbc { mac, .. } => {
                Keys::Block(Block::new(keys.key, mac, keys.mac.to_vec(), keys.encrypt_then_mac)?)
            }
            sealed => {
                let form = match sealed {
                    Protection::ChaCha20Poly1305 => Form::Counted(keys.iv.try_into().ok()?),
                    _ => Form::Explicit(keys.iv.try_into().ok()?),
                };
                Keys::Sealed { cipher: Cipher::new(sealed, keys.key)?, form }
            }
        };
        Some(Opener { keys, sequence: 0 })
    }

    /// From a traffic secret (RFC 8446 section 7.3).
    pub fn tls13(suite: Suite, secret: &[u8]) -> Option<Opener> {
        let Suite { protection, hash } = suite;
        let key = expand_label(hash, secret, b"key", u8::try_from(protection.key()).ok()?)?;
        let iv = expand_label(hash, secret, b"iv", NONCE as u8)?;
        let form = Form::Tls13(iv.try_into().ok()?);
        Some(Opener { keys: Keys::Sealed { cipher: Cipher::new(protection, &key)?, form }, sequence: 0 })
    }

    /// What a record holds; none where it does not fit the keys. The number is passed on only where it does.
    pub fn open(&mut self, record: &Record) -> Option<Vec<u8>> {
        let text = match &self.keys {
            Keys::Sealed { cipher, form } => cipher.open(form, self.sequence, record)?,
            Keys::Block(block) => block.open(self.sequence, record)?,
        };
        self.sequence += 1;
        Some(text)
    }
}

/// The secret that follows a traffic secret (RFC 8446 section 7.2).
pub(super) fn next_secret(hash: Hash, secret: &[u8]) -> Option<Vec<u8>> {
    expand_label(hash, secret, b"traffic upd", hash.size() as u8)
}

impl Cipher {
    fn new(protection: Protection, key: &[u8]) -> Option<Cipher> {
        Some(match protection {
            Protection::Aes128Gcm => Cipher::Aes128(Box::new(Aes128Gcm::new_from_slice(key).ok()?)),
            Protection::Aes256Gcm => Cipher::Aes256(Box::new(Aes256Gcm::new_from_slice(key).ok()?)),
            Protection::ChaCha20Poly1305 => Cipher::ChaCha20(Box::new(ChaCha20Poly1305::new_from_slice(key).ok()?)),
            Protection::Cbc { .. } => return None,
        })
    }

    fn open(&self, form: &Form, sequence: u64, record: &Record) -> Option<Vec<u8>> {
        let fragment = record.fragment.as_slice();
        match form {
            Form::Tls13(iv) => {
                let length = u16::try_from(fragment.len()).ok()?.to_be_bytes();
                let beside = [&[record.kind], &record.version[..], &length].concat();
                self.decrypt(counted(iv, sequence), fragment, &beside)
            }
            Form::Counted(iv) => {
                let beside = beside(sequence, record, fragment.len().checked_sub(TAG)?)?;
                self.decrypt(counted(iv, sequence), fragment, &beside)
            }
            Form::Explicit(salt) => {
                let (explicit, sealed) = fragment.split_at_checked(EXPLICIT)?;
                let nonce = [&salt[..], explicit].concat().try_into().ok()?;
                self.decrypt(nonce, sealed, &beside(sequence, record, sealed.len().checked_sub(TAG)?)?)
            }
        }
    }

    fn decrypt(&self, nonce: [u8; NONCE], msg: &[u8], aad: &[u8]) -> Option<Vec<u8>> {
        let payload = Payload { msg, aad };
        match self {
            Cipher::Aes128(cipher) => cipher.decrypt(&nonce.into(), payload),
            Cipher::Aes256(cipher) => cipher.decrypt(&nonce.into(), payload),
            Cipher::ChaCha20(cipher) => cipher.decrypt(&nonce.into(), payload),
        }
        .ok()
    }
}

/// What is protected beside the text in TLS 1.2 (RFC 5246 sections 6.2.3.1 and 6.2.3.3): number, type, version and length.
pub(super) fn beside(sequence: u64, record: &Record, length: usize) -> Option<Vec<u8>> {
    let length = u16::try_from(length).ok()?.to_be_bytes();
    Some([&sequence.to_be_bytes()[..], &[record.kind], &record.version, &length].concat())
}

/// The number of a record within the initialisation vector.
fn counted(iv: &[u8; NONCE], sequence: u64) -> [u8; NONCE] {
    (u128::from_be_bytes(widened(iv)) ^ u128::from(sequence)).to_be_bytes().last_chunk().copied().unwrap_or_default()
}

fn widened(iv: &[u8; NONCE]) -> [u8; 16] {
    let mut wide = [0; 16];
    if let Some(last) = wide.last_chunk_mut() {
        *last = *iv;
    }
    wide
}
