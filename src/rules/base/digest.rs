//! A short print of octets, by which what was seen before is known again without keeping it.

use std::hash::{BuildHasher, Hash, Hasher, RandomState};
use std::sync::LazyLock;

/// 64 bits that differ for different values, but for chance. Seeded anew in every process, so that nobody can make two texts
/// look the same.
pub(super) fn digest(value: impl Hash) -> u64 {
    let mut print = Print(*SEED);
    value.hash(&mut print);
    print.finish()
}

/// The same for texts that differ in the case of letters alone.
pub(super) fn digest_without_case(text: &str) -> u64 {
    masked(text.as_bytes(), *SEED, 0x2020_2020_2020_2020)
}

/// One print made of two: both halves of a product, so that every bit reaches every other.
#[expect(clippy::cast_possible_truncation, reason = "the halves are what is wanted")]
pub(super) fn mix(print: u64, word: u64) -> u64 {
    let product = u128::from(print.rotate_left(23) ^ word ^ 0xA076_1D64_78BD_642F) * 0x9E37_79B9_7F4A_7C15;
    product as u64 ^ (product >> 64) as u64
}

/// For maps by prints, or by what has few octets.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Prints;

impl BuildHasher for Prints {
    type Hasher = Print;

    fn build_hasher(&self) -> Print {
        Print(*SEED)
    }
}

static SEED: LazyLock<u64> = LazyLock::new(|| RandomState::new().hash_one(0));

/// Takes many octets at a time: a message is some thousands of them.
pub(super) struct Print(u64);

impl Hasher for Print {
    fn write(&mut self, octets: &[u8]) {
        self.0 = masked(octets, self.0, 0);
    }

    fn write_u8(&mut self, octet: u8) {
        self.write_u64(u64::from(octet));
    }

    fn write_u32(&mut self, word: u32) {
        self.write_u64(u64::from(word));
    }

    fn write_u64(&mut self, word: u64) {
        self.0 = mix(self.0, word);
    }

    fn write_usize(&mut self, word: usize) {
        self.write_u64(word as u64);
    }

    fn finish(&self) -> u64 {
        self.0
    }
}

/// One print made of three; each half is kept secret by the print before.
#[expect(clippy::cast_possible_truncation, reason = "the halves are what is wanted")]
fn mix_two(print: u64, one: u64, other: u64) -> u64 {
    let product = u128::from(one ^ print.rotate_left(23)) * u128::from(other ^ print ^ 0xA076_1D64_78BD_642F);
    product as u64 ^ (product >> 64) as u64 ^ print
}

/// From so many octets on two lanes are faster than one.
const LONG: usize = 128;

/// Sixteen octets at a time, with these bits set in all; of long texts two such pairs side by side, which do not wait for each
/// other.
fn masked(octets: &[u8], seed: u64, mask: u64) -> u64 {
    let word = |eight: &[u8; 8]| u64::from_le_bytes(*eight) | mask;
    let pair = |print: u64, block: &[u8; 16]| match block.as_chunks::<8>().0 {
        [one, other] => mix_two(print, word(one), word(other)),
        _ => print,
    };
    let print = seed ^ (octets.len() as u64).wrapping_mul(0x9E37_79B9_7F4A_7C15);
    // The last ones overlap those before: the length tells by how much.
    let Some(last) = octets.last_chunk::<16>() else { return few(octets, print, mask) };
    if octets.len() < LONG {
        return pair(octets.as_chunks::<16>().0.iter().fold(print, pair), last);
    }
    let (long, rest) = octets.as_chunks::<32>();
    let mut lanes = (print, print.rotate_left(32) ^ 0x9E37_79B9_7F4A_7C15);
    for block in long {
        if let [one, other] = block.as_chunks::<16>().0 {
            lanes = (pair(lanes.0, one), pair(lanes.1, other));
        }
    }
    let print = rest.as_chunks::<16>().0.iter().fold(mix(lanes.0, lanes.1), pair);
    pair(print, last)
}

/// Fewer than sixteen octets.
fn few(octets: &[u8], print: u64, mask: u64) -> u64 {
    let four = |four: &[u8; 4]| u64::from(u32::from_le_bytes(*four));
    let (one, other) = if let (Some(first), Some(last)) = (octets.first_chunk::<8>(), octets.last_chunk::<8>()) {
        (u64::from_le_bytes(*first), u64::from_le_bytes(*last))
    } else if let (Some(first), Some(last)) = (octets.first_chunk::<4>(), octets.last_chunk::<4>()) {
        (four(first), four(last))
    } else {
        (octets.iter().fold(0, |word, octet| word << 8 | u64::from(*octet)), 0)
    };
    mix_two(print, one | mask, other | mask)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    #[test]
    fn texts_that_differ_in_one_place_have_different_prints() {
        let text = b"v=0\r\no=pf 1 1 IN IP4 192.0.2.1\r\ns=-\r\n";
        let mut prints = HashSet::from([digest(&text[..])]);
        for place in 0..text.len() {
            for bit in 0..8 {
                let mut other = text.to_vec();
                other[place] ^= 1 << bit;
                assert!(prints.insert(digest(&other[..])), "octet {place}, bit {bit}");
            }
            assert!(prints.insert(digest(&text[..place])), "{place} octets");
        }
    }

    #[test]
    fn case_counts_or_not() {
        let (one, other) = ("msrp://Home.example:1/s;tcp", "MSRP://home.Example:1/s;TCP");
        assert_eq!(digest_without_case(one), digest_without_case(other));
        assert_ne!(digest(one.as_bytes()), digest(other.as_bytes()));
        assert_ne!(digest_without_case(one), digest_without_case("msrp://home.example:2/s;tcp"));
    }

    #[test]
    fn where_a_text_ends_counts() {
        assert_ne!(digest(["ab", "c"]), digest(["a", "bc"]));
        assert_ne!(digest(["a"]), digest(["a", ""]));
        assert_eq!(digest(["a", "b"]), digest(["a", "b"]));
    }
}
