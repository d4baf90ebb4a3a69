//! AES in CBC mode with an HMAC (RFC 5246 section 6.2.3.2): the MAC within what is encrypted, or behind it (RFC 7366).

use aes_gcm::aes::{Aes128, Aes256};
use cbc::Decryptor;
use cbc::cipher::{BlockModeDecrypt, KeyIvInit};

use super::derive::Hash;
use super::opener::beside;
use super::record::Record;

const BLOCK: usize = 16;

/// The keys of one direction.
pub(super) struct Block {
    key: Key,
    mac: Hash,
    mac_key: Vec<u8>,
    encrypt_then_mac: bool,
}

enum Key {
    Aes128([u8; 16]),
    Aes256([u8; 32]),
}

/// Keys are shown to nobody.
impl std::fmt::Debug for Block {
    fn fmt(&self, to: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(to, "AES-CBC with HMAC of {:?}", self.mac)
    }
}

impl Block {
    pub fn new(key: &[u8], mac: Hash, mac_key: Vec<u8>, encrypt_then_mac: bool) -> Option<Block> {
        let key = match key.len() {
            16 => Key::Aes128(key.try_into().ok()?),
            _ => Key::Aes256(key.try_into().ok()?),
        };
        Some(Block { key, mac, mac_key, encrypt_then_mac })
    }

    /// What a record holds, if its MAC is right. Time tells nobody anything here.
    pub fn open(&self, sequence: u64, record: &Record) -> Option<Vec<u8>> {
        let fragment = record.fragment.as_slice();
        if self.encrypt_then_mac {
            let (sealed, mac) = fragment.split_at_checked(fragment.len().checked_sub(self.mac.size())?)?;
            self.fits(sequence, record, sealed, mac)?;
            return unpadded(self.decrypt(sealed)?);
        }
        let mut text = unpadded(self.decrypt(fragment)?)?;
        let mac = text.split_off(text.len().checked_sub(self.mac.size())?);
        self.fits(sequence, record, &text, &mac)?;
        Some(text)
    }

    fn fits(&self, sequence: u64, record: &Record, octets: &[u8], mac: &[u8]) -> Option<()> {
        let beside = beside(sequence, record, octets.len())?;
        (self.mac.mac(&self.mac_key, &[&beside, octets]) == mac).then_some(())
    }

    /// The initialisation vector stands before the blocks.
    fn decrypt(&self, sealed: &[u8]) -> Option<Vec<u8>> {
        let (iv, blocks) = sealed.split_first_chunk::<BLOCK>()?;
        match &self.key {
            Key::Aes128(key) => decrypt(Decryptor::<Aes128>::new(key.into(), iv.into()), blocks),
            Key::Aes256(key) => decrypt(Decryptor::<Aes256>::new(key.into(), iv.into()), blocks),
        }
    }
}

fn decrypt(mut cipher: impl BlockModeDecrypt<BlockSize = cbc::cipher::consts::U16>, blocks: &[u8]) -> Option<Vec<u8>> {
    let (blocks, []) = blocks.as_chunks::<BLOCK>() else { return None };
    let mut text = Vec::with_capacity(blocks.len() * BLOCK);
    for block in blocks {
        let mut block = (*block).into();
        cipher.decrypt_block(&mut block);
        text.extend_from_slice(&block);
    }
    Some(text)
}

/// The last octet tells how many octets of the same value stand before it.
fn unpadded(mut text: Vec<u8>) -> Option<Vec<u8>> {
    let padding = *text.last()?;
    let length = text.len().checked_sub(usize::from(padding) + 1)?;
    let sound = text.drain(length..).all(|octet| octet == padding);
    sound.then_some(text)
}
