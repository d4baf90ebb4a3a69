//! Seeded chance: the same seed makes the same choices.

/// A small generator (SplitMix64).
#[derive(Clone, Debug)]
pub struct Chance {
    state: u64,
}

impl Chance {
    /// The choices of this seed.
    pub const fn new(seed: u64) -> Chance {
        Chance { state: seed }
    }

    fn bits(&mut self) -> u64 {
        self.state = self.state.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.state;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    /// A number from 0 up to `n`, without `n`; 0 when there is no such number.
    pub fn below(&mut self, n: usize) -> usize {
        let bits = self.bits();
        let rest = u64::try_from(n).ok().and_then(|n| bits.checked_rem(n));
        rest.and_then(|rest| usize::try_from(rest).ok()).unwrap_or(0)
    }

    /// True once in `n` times.
    pub fn one_in(&mut self, n: usize) -> bool {
        self.below(n) == 0
    }

    /// One of these.
    pub fn pick<'a, T>(&mut self, of: &'a [T]) -> Option<&'a T> {
        let at = self.below(of.len());
        of.get(at)
    }

    /// Puts these into another order, or by chance the same.
    pub fn shuffle<T>(&mut self, items: &mut [T]) {
        for last in (1..items.len()).rev() {
            let other = self.below(last + 1);
            items.swap(last, other);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_seed_decides_all() {
        let (mut one, mut same) = (Chance::new(7), Chance::new(7));
        let mut items: Vec<usize> = (0..20).collect();
        let mut others = items.clone();
        one.shuffle(&mut items);
        same.shuffle(&mut others);
        assert_eq!(items, others);
        assert!(!items.is_sorted());
        items.sort_unstable();
        assert_eq!(items, (0..20).collect::<Vec<_>>());
        assert_eq!((one.below(0), one.below(1), one.pick::<u8>(&[])), (0, 0, None));
        let hits = (0..4000).filter(|_| one.one_in(4)).count();
        assert!((900..1100).contains(&hits), "{hits}");
    }
}
