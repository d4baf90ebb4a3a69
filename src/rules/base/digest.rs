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
    mix(*SEED, masked(text.as_bytes(), 0x2020_2020_2020_2020))
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

/// Takes octets eight at a time: a message is some thousands of them.
pub(super) struct Print(u64);

impl Hasher for Print {
    fn write(&mut self, octets: &[u8]) {
        self.0 = mix(self.0, masked(octets, 0));
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

/// Eight octets at a time, with these bits set in all; of long texts four such words side by side, which do not wait for each
/// other.
fn masked(octets: &[u8], mask: u64) -> u64 {
    let mut print = octets.len() as u64;
    let mut blocks = octets.chunks_exact(32);
    if octets.len() >= 64 {
        let mut lanes = [print, 1, 2, 3];
        for block in blocks.by_ref() {
            for (lane, word) in lanes.iter_mut().zip(block.chunks_exact(8)) {
                *lane = mix(*lane, u64::from_le_bytes(word.try_into().unwrap_or_default()) | mask);
            }
        }
        print = lanes.into_iter().fold(print, mix);
    }
    let rest = if octets.len() >= 64 { blocks.remainder() } else { octets };
    let mut words = rest.chunks_exact(8);
    for word in words.by_ref() {
        print = mix(print, u64::from_le_bytes(word.try_into().unwrap_or_default()) | mask);
    }
    let tail = words.remainder().iter().fold(0, |tail, octet| tail << 8 | u64::from(*octet));
    mix(print, tail | mask)
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
