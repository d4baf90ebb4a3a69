//! Names that must be unique or hard to guess: tags, branches, Call-IDs, MSRP session identifiers.
//!
//! One seed gives one sequence, so that a run in virtual time is the same each time.

/// The generator (splitmix64 over two streams).
#[derive(Clone, Debug)]
pub struct Tokens {
    state: u64,
    stream: u64,
}

const LETTERS: &[u8; 32] = b"abcdefghijkmnpqrstuvwxyz23456789";

impl Tokens {
    /// A generator; `seed` decides the whole sequence.
    pub fn new(seed: u64) -> Tokens {
        Tokens { state: seed, stream: seed.rotate_left(32) | 1 }
    }

    /// A random number.
    pub fn number(&mut self) -> u64 {
        self.state = self.state.wrapping_add(0x9e37_79b9_7f4a_7c15).wrapping_add(self.stream);
        let mut z = self.state;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// A token of 20 letters, 100 bits: RFC 4975 section 14.1 wants 80 for a session identifier.
    pub fn token(&mut self) -> String {
        let (high, low) = (self.number(), self.number());
        (0..10).flat_map(|n| [letter(high, n), letter(low, n)]).collect()
    }

    /// A short token, for tags (RFC 3261 section 19.3 wants 32 bits).
    pub fn tag(&mut self) -> String {
        let number = self.number();
        (0..10).map(|n| letter(number, n)).collect()
    }

    /// A branch with the magic cookie of RFC 3261 section 8.1.1.7.
    pub fn branch(&mut self) -> String {
        format!("z9hG4bK{}", self.tag())
    }
}

/// The letter that the five bits of this place in a number stand for.
fn letter(number: u64, place: u32) -> char {
    LETTERS.get(((number >> (5 * place)) & 31) as usize).map_or('a', |&letter| char::from(letter))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    #[test]
    fn tokens_do_not_repeat_and_a_seed_gives_one_sequence() {
        let mut tokens = Tokens::new(7);
        let made: HashSet<String> = (0..10_000).map(|_| tokens.token()).collect();
        assert_eq!(made.len(), 10_000);
        assert!(made.iter().all(|token| token.len() == 20));
        assert_eq!(Tokens::new(7).token(), Tokens::new(7).token());
        assert_ne!(Tokens::new(7).token(), Tokens::new(8).token());
    }
}
