//! Cipher suites, by their numbers in the registry of IANA. How keys were agreed upon makes no difference to a reader.

use super::derive::Hash;

/// How records are protected.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Protection {
    Aes128Gcm,
    Aes256Gcm,
    ChaCha20Poly1305,
    /// AES in CBC mode, whose key has so many octets, with an HMAC of its own (TLS 1.2 alone).
    Cbc {
        key: usize,
        mac: Hash,
    },
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Suite {
    pub protection: Protection,
    /// The hash that keys are derived by.
    pub hash: Hash,
}

impl Protection {
    pub fn key(self) -> usize {
        match self {
            Protection::Aes128Gcm => 16,
            Protection::Aes256Gcm | Protection::ChaCha20Poly1305 => 32,
            Protection::Cbc { key, .. } => key,
        }
    }
}

/// A suite of TLS 1.3 (RFC 8446 appendix B.4).
pub(super) fn of_tls13(number: u16) -> Option<Suite> {
    let (protection, hash) = match number {
        0x1301 => (Protection::Aes128Gcm, Hash::Sha256),
        0x1302 => (Protection::Aes256Gcm, Hash::Sha384),
        0x1303 => (Protection::ChaCha20Poly1305, Hash::Sha256),
        _ => return None,
    };
    Some(Suite { protection, hash })
}

/// A suite of TLS 1.2: RFC 5288, 5289, 5487 and 8442 (GCM), RFC 7905 (ChaCha20), RFC 5246, 5289 and 8422 (CBC).
pub(super) fn of_tls12(number: u16) -> Option<Suite> {
    let cbc = |key, mac| Protection::Cbc { key, mac };
    let (protection, hash) = match number {
        0x009c | 0x009e | 0x00a0 | 0x00a2 | 0x00a4 | 0x00a6 | 0x00a8 | 0x00aa | 0x00ac | 0xc02b | 0xc02d | 0xc02f
        | 0xc031 | 0xd001 => (Protection::Aes128Gcm, Hash::Sha256),
        0x009d | 0x009f | 0x00a1 | 0x00a3 | 0x00a5 | 0x00a7 | 0x00a9 | 0x00ab | 0x00ad | 0xc02c | 0xc02e | 0xc030
        | 0xc032 | 0xd002 => (Protection::Aes256Gcm, Hash::Sha384),
        0xcca8..=0xccae => (Protection::ChaCha20Poly1305, Hash::Sha256),
        0x002f..=0x0034 | 0x008c | 0x0090 | 0x0094 | 0xc004 | 0xc009 | 0xc00e | 0xc013 | 0xc018 | 0xc035 => {
            (cbc(16, Hash::Sha1), Hash::Sha256)
        }
        0x0035..=0x003a | 0x008d | 0x0091 | 0x0095 | 0xc005 | 0xc00a | 0xc00f | 0xc014 | 0xc019 | 0xc036 => {
            (cbc(32, Hash::Sha1), Hash::Sha256)
        }
        0x003c
        | 0x003e..=0x0040
        | 0x0067
        | 0x006c
        | 0x00ae
        | 0x00b2
        | 0x00b6
        | 0xc023
        | 0xc025
        | 0xc027
        | 0xc029
        | 0xc037 => (cbc(16, Hash::Sha256), Hash::Sha256),
        0x003d | 0x0068..=0x006b | 0x006d => (cbc(32, Hash::Sha256), Hash::Sha256),
        0x00af | 0x00b3 | 0x00b7 | 0xc024 | 0xc026 | 0xc028 | 0xc02a | 0xc038 => (cbc(32, Hash::Sha384), Hash::Sha384),
        _ => return None,
    };
    Some(Suite { protection, hash })
}
