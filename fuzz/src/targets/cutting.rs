//! Streams in pieces: what is read of a stream must not depend on how the network cut it.

use std::fmt::Debug;

/// Streams up to this length are also read octet by octet.
const SHORT: usize = 2048;

/// Asserts that a reader of streams reads the same, in whatever pieces the octets come.
pub fn reads_alike<T: Debug + PartialEq>(octets: &[u8], read: impl Fn(&[&[u8]]) -> T) -> T {
    let whole = read(&[octets]);
    assert_eq!(read(&pieces(octets)), whole, "in pieces");
    if octets.len() <= SHORT {
        let single: Vec<&[u8]> = octets.chunks(1).collect();
        assert_eq!(read(&single), whole, "octet by octet");
    }
    whole
}

/// The octets in pieces whose sizes follow from the octets: an input says by itself how it is cut, and stays a plain stream.
pub fn pieces(octets: &[u8]) -> Vec<&[u8]> {
    let mut state = octets.iter().fold(FNV_OFFSET, |hash, octet| (hash ^ u64::from(*octet)).wrapping_mul(FNV_PRIME));
    let mut pieces = Vec::new();
    let mut rest = octets;
    while !rest.is_empty() {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        // Small pieces and large ones by turns.
        let most = if state & 1 == 0 { 8 } else { 512 };
        let size = 1 + (state >> 8) as usize % most;
        let (piece, after) = rest.split_at(size.min(rest.len()));
        pieces.push(piece);
        rest = after;
    }
    pieces
}

/// FNV-1a, 64 bits.
const FNV_OFFSET: u64 = 0xcbf2_9ce4_8422_2325;
const FNV_PRIME: u64 = 0x0100_0000_01b3;
