//! The steps within, for tests that know what each must come to.

use super::derive::{Hash, expand_label, prf};
use super::handshake::Messages;

/// Key and initialisation vector of AES-128-GCM with SHA-256.
pub fn traffic_of(secret: &[u8]) -> (Vec<u8>, Vec<u8>) {
    let expand = |label: &[u8], octets| expand_label(Hash::Sha256, secret, label, octets).unwrap();
    (expand(b"key", 16), expand(b"iv", 12))
}

/// The pseudorandom function by the hash of this size, with the label that examples use.
pub fn prf_of(hash: usize, secret: &[u8], seed: &[u8], octets: usize) -> Vec<u8> {
    let hash = [Hash::Sha256, Hash::Sha384].into_iter().find(|known| known.size() == hash).unwrap();
    prf(hash, secret, b"test label", seed, octets)
}

/// Kinds and bodies of the messages in fragments.
pub fn handshake_of(fragments: &[&[u8]]) -> Option<Vec<(u8, Vec<u8>)>> {
    let mut messages = Messages::default();
    let mut all = Vec::new();
    for fragment in fragments {
        all.extend(messages.push(fragment).ok()?.into_iter().map(|message| (message.kind, message.body)));
    }
    Some(all)
}
