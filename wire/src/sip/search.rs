//! Searches in short texts: eight octets at a time, in plain arithmetic. What is searched here is mostly found within
//! a few dozen octets, before a search with vector instructions has made its plan.

/// Each octet of a word is one.
const ONES: u64 = u64::from_le_bytes([1; 8]);
/// The highest bit of each octet.
const HIGH: u64 = ONES << 7;

/// Where the first of the wanted octets stands, none of which is NUL.
#[inline(always)]
pub(crate) fn find<const N: usize>(wanted: [u8; N], octets: &[u8]) -> Option<usize> {
    let mut rest = octets;
    loop {
        let (eight, after) = match rest.split_first_chunk::<8>() {
            Some((eight, after)) => (u64::from_le_bytes(*eight), after),
            None => (few(rest), &[][..]),
        };
        let marks = wanted.iter().fold(0, |marks, wanted| marks | marks_of(eight, *wanted));
        if marks != 0 {
            return Some(octets.len() - rest.len() + (marks.trailing_zeros() / 8) as usize);
        }
        if after.is_empty() {
            return None;
        }
        rest = after;
    }
}

/// As [`find`], for one octet that is not expected soon.
#[inline]
pub(crate) fn find_far(wanted: u8, octets: &[u8]) -> Option<usize> {
    let mut rest = octets;
    // Without a branch among them, the compiler looks at all of these at once.
    while let Some((many, after)) = rest.split_first_chunk::<32>()
        && !many.iter().fold(false, |any, octet| any | (*octet == wanted))
    {
        rest = after;
    }
    find([wanted], rest).map(|at| octets.len() - rest.len() + at)
}

/// Marks the octets that are `wanted`. Above the lowest mark there may be wrong ones, which nobody looks at.
const fn marks_of(eight: u64, wanted: u8) -> u64 {
    let zero = eight ^ (ONES * wanted as u64);
    zero.wrapping_sub(ONES) & !zero & HIGH
}

/// Fewer than eight octets as a word, filled up with NUL.
#[inline(always)]
fn few(octets: &[u8]) -> u64 {
    let word = |four: &[u8; 4]| u64::from(u32::from_le_bytes(*four));
    match (octets.first_chunk::<4>(), octets.last_chunk::<4>()) {
        // Both overlap, and agree where they do.
        (Some(first), Some(last)) => word(first) | word(last) << (8 * (octets.len() & 7) - 32),
        _ => octets.iter().rev().fold(0, |word, octet| word << 8 | u64::from(*octet)),
    }
}

/// That all octets are such ones. The test has to have no branch, so that sixteen octets are tested at once.
#[inline(always)]
pub(crate) fn every(octets: &[u8], is: impl Fn(u8) -> bool + Copy) -> bool {
    let all = |some: &[u8; 16]| some.iter().fold(true, |all, octet| all & is(*octet));
    match octets.last_chunk::<16>() {
        // The last ones overlap those before.
        Some(last) => octets.as_chunks::<16>().0.iter().all(all) && all(last),
        None => octets.iter().all(|octet| is(*octet)),
    }
}

/// `text` before and after its first `octet`, which is ASCII.
#[inline]
pub(crate) fn cut(text: &str, octet: u8) -> Option<(&str, &str)> {
    let at = find([octet], text.as_bytes())?;
    Some((text.get(..at)?, text.get(at + 1..)?))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        /// It finds what looking at each octet finds, at any length and among all octets.
        #[test]
        fn the_first_of_the_wanted(octets in prop::collection::vec(prop_oneof![any::<u8>(), 0x39u8..0x3f, Just(0)], 0..100)) {
            let looked_for = |wanted: &[u8]| octets.iter().position(|octet| wanted.contains(octet));
            prop_assert_eq!(find([b';'], &octets), looked_for(b";"));
            prop_assert_eq!(find_far(b';', &octets), looked_for(b";"));
            prop_assert_eq!(every(&octets, |octet| octet != b';'), looked_for(b";").is_none());
            prop_assert_eq!(find([b';', b'"'], &octets), looked_for(b";\""));
            prop_assert_eq!(find([b'<', b':', 0xff], &octets), looked_for(b"<:\xff"));
        }
    }
}
