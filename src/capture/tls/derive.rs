//! From secrets to keys: the PRF of TLS 1.2 (RFC 5246 section 5) and HKDF-Expand-Label of TLS 1.3 (RFC 8446 section 7.1).

use hkdf::Hkdf;
use hmac::{Hmac, KeyInit, Mac};
use sha1::Sha1;
use sha2::{Sha256, Sha384};

/// A hash, by what it is used for here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Hash {
    Sha1,
    Sha256,
    Sha384,
}

impl Hash {
    pub fn size(self) -> usize {
        match self {
            Hash::Sha1 => 20,
            Hash::Sha256 => 32,
            Hash::Sha384 => 48,
        }
    }

    /// HMAC (RFC 2104) over parts of a message.
    pub fn mac(self, key: &[u8], parts: &[&[u8]]) -> Vec<u8> {
        match self {
            Hash::Sha1 => mac::<Hmac<Sha1>>(key, parts),
            Hash::Sha256 => mac::<Hmac<Sha256>>(key, parts),
            Hash::Sha384 => mac::<Hmac<Sha384>>(key, parts),
        }
    }
}

fn mac<M: Mac + KeyInit>(key: &[u8], parts: &[&[u8]]) -> Vec<u8> {
    // HMAC takes a key of any length.
    let Ok(mut mac) = <M as KeyInit>::new_from_slice(key) else { return Vec::new() };
    parts.iter().for_each(|part| mac.update(part));
    mac.finalize().into_bytes().to_vec()
}

/// `PRF(secret, label, seed)`, so many octets of it.
pub(super) fn prf(hash: Hash, secret: &[u8], label: &[u8], seed: &[u8], octets: usize) -> Vec<u8> {
    let mut out = Vec::with_capacity(octets + hash.size());
    let mut round = hash.mac(secret, &[label, seed]);
    while out.len() < octets {
        out.extend(hash.mac(secret, &[&round, label, seed]));
        round = hash.mac(secret, &[&round]);
    }
    out.truncate(octets);
    out
}

/// `HKDF-Expand-Label(secret, label, "", octets)`; none where the secret is too short for the hash.
pub(super) fn expand_label(hash: Hash, secret: &[u8], label: &[u8], octets: u8) -> Option<Vec<u8>> {
    const PREFIX: &[u8] = b"tls13 ";
    let name = u8::try_from(PREFIX.len() + label.len()).ok()?;
    let info = [&[0, octets, name], PREFIX, label, &[0]].concat();
    let mut out = vec![0; usize::from(octets)];
    let expanded = match hash {
        Hash::Sha1 => Hkdf::<Sha1>::from_prk(secret).ok()?.expand(&info, &mut out),
        Hash::Sha256 => Hkdf::<Sha256>::from_prk(secret).ok()?.expand(&info, &mut out),
        Hash::Sha384 => Hkdf::<Sha384>::from_prk(secret).ok()?.expand(&info, &mut out),
    };
    expanded.ok().map(|()| out)
}
