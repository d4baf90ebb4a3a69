//! Searches in short texts: sixteen octets or more at once. What is searched here is mostly found within a few dozen
//! octets, before a search that plans for long texts has made its plan; and each loop that turns a different number of
//! times for every text costs a wrong guess of the processor.

use std::ops::Range;
use wide::u8x16;

/// Marks the octets that are wanted, the first in the lowest bit.
#[inline(always)]
fn marks16<const N: usize>(wanted: [u8; N], octets: &[u8; 16]) -> u32 {
    let octets = u8x16::new(*octets);
    let found = wanted.iter().fold(u8x16::splat(0), |found, wanted| found | octets.cmp_eq(u8x16::splat(*wanted)));
    found.move_mask().cast_unsigned()
}

/// As [`marks16`], for twice as many.
#[inline(always)]
pub(crate) fn marks32<const N: usize>(wanted: [u8; N], octets: &[u8; 32]) -> u32 {
    match octets.as_chunks::<16>().0 {
        [first, second] => marks16(wanted, first) | marks16(wanted, second) << 16,
        _ => 0,
    }
}

/// Marks the octets that are equal in both, the first in the lowest bit.
#[inline(always)]
pub(crate) fn equal32(one: &[u8; 32], other: &[u8; 32]) -> u32 {
    let equal =
        |one: &[u8; 16], other: &[u8; 16]| u8x16::new(*one).cmp_eq(u8x16::new(*other)).move_mask().cast_unsigned();
    match (one.as_chunks::<16>().0, other.as_chunks::<16>().0) {
        ([a, b], [x, y]) => equal(a, x) | equal(b, y) << 16,
        _ => 0,
    }
}

/// As [`marks16`], for four times as many.
#[inline(always)]
fn marks64<const N: usize>(wanted: [u8; N], octets: &[u8; 64]) -> u64 {
    match octets.as_chunks::<32>().0 {
        [first, second] => u64::from(marks32(wanted, first)) | u64::from(marks32(wanted, second)) << 32,
        _ => 0,
    }
}

/// Marks those of fewer than sixteen octets for which `marks` does it. What it says of NUL is left out where that is
/// filled in.
#[inline(always)]
fn marks_of_fewest(octets: &[u8], marks: impl Fn(&[u8; 16]) -> u32) -> u32 {
    // The first and the last ones stand in one word each. They overlap, and agree where they do.
    let both = |first: u64, last: u64, width: usize| {
        let marks = marks(&(u128::from(first) | u128::from(last) << 64).to_le_bytes());
        let own = (1 << width) - 1;
        marks & own | (marks >> 8 & own) << ((octets.len() - width) & 31)
    };
    if let (Some(first), Some(last)) = (octets.first_chunk(), octets.last_chunk()) {
        both(u64::from_le_bytes(*first), u64::from_le_bytes(*last), 8)
    } else if let (Some(first), Some(last)) = (octets.first_chunk(), octets.last_chunk()) {
        both(u32::from_le_bytes(*first).into(), u32::from_le_bytes(*last).into(), 4)
    } else {
        let word = octets.iter().rev().fold(0, |word, octet| word << 8 | u64::from(*octet));
        both(word, word, octets.len())
    }
}

/// As [`marks16`], for fewer than sixty-four, none of the wanted being NUL. The blocks overlap, and agree where they do.
#[inline(always)]
fn marks_of_few<const N: usize>(wanted: [u8; N], octets: &[u8]) -> u64 {
    let shift = |block: usize| (octets.len() - block) & 63;
    if let (Some(first), Some(last)) = (octets.first_chunk(), octets.last_chunk()) {
        u64::from(marks32(wanted, first)) | u64::from(marks32(wanted, last)) << shift(32)
    } else if let (Some(first), Some(last)) = (octets.first_chunk(), octets.last_chunk()) {
        u64::from(marks16(wanted, first)) | u64::from(marks16(wanted, last)) << shift(16)
    } else {
        u64::from(marks_of_fewest(octets, |some| marks16(wanted, some)))
    }
}

/// Where the first of the wanted octets stands, none of which is NUL.
#[inline]
pub fn find<const N: usize>(wanted: [u8; N], octets: &[u8]) -> Option<usize> {
    first(octets, |some| marks16(wanted, some))
}

/// Where the first octet stands that can be in no URI; [`crate::sip::Uri`] looks closer at what is before it.
#[inline]
pub(crate) fn uri_end(octets: &[u8]) -> Option<usize> {
    let beyond = |some: &[u8; 16]| {
        let some = u8x16::new(*some);
        let low = some.min(u8x16::splat(b' ')).cmp_eq(some);
        let high = some.max(u8x16::splat(0x7f)).cmp_eq(some);
        let [quote, open, close] = [b'"', b'<', b'>'].map(|octet| some.cmp_eq(u8x16::splat(octet)));
        (low | high | quote | open | close).move_mask().cast_unsigned()
    };
    first(octets, beyond)
}

/// Where the first octet stands that can be in no name of a host and no IPv4 address: letters, digits, hyphens and dots
/// can. The underscore is no part of a host name and still seen in the field.
#[inline]
pub(crate) fn host_name_end(octets: &[u8]) -> Option<usize> {
    let within = |some: u8x16, first: u8, last: u8| {
        some.max(u8x16::splat(first)).cmp_eq(some) & some.min(u8x16::splat(last)).cmp_eq(some)
    };
    let beyond = |some: &[u8; 16]| {
        let some = u8x16::new(*some);
        let [slash, underscore] = [b'/', b'_'].map(|octet| some.cmp_eq(u8x16::splat(octet)));
        let letter = within(some | u8x16::splat(b'a' ^ b'A'), b'a', b'z');
        let good = letter | underscore | (within(some, b'-', b'9') ^ slash);
        !good.move_mask().cast_unsigned() & 0xffff
    };
    first(octets, beyond)
}

/// Where the first marked octet stands.
#[inline(always)]
fn first(octets: &[u8], marks: impl Fn(&[u8; 16]) -> u32) -> Option<usize> {
    let mut rest = octets;
    while let Some((some, after)) = rest.split_first_chunk() {
        let marks = marks(some);
        if marks != 0 {
            return Some(octets.len() - rest.len() + marks.trailing_zeros() as usize);
        }
        rest = after;
    }
    if rest.is_empty() {
        return None;
    }
    // The last ones overlap those before.
    let (marks, start) = match octets.last_chunk() {
        Some(last) => (marks(last), octets.len() - 16),
        None => (marks_of_fewest(octets, marks), 0),
    };
    (marks != 0).then(|| start + marks.trailing_zeros() as usize)
}

/// How far a search has come for octets each after the other. A text is looked at once, in blocks, and no further than is
/// asked for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Search {
    /// Those of the block before `next` that were not told yet.
    marks: u64,
    /// Where the next block begins.
    next: usize,
}

impl Search {
    const BLOCK: usize = 64;

    /// At the beginning.
    pub const fn new() -> Search {
        Search { marks: 0, next: 0 }
    }

    /// Where the next of the wanted octets stands, none of which is NUL. Octets and wanted ones are always the same.
    #[inline(always)]
    pub fn next<const N: usize>(&mut self, wanted: [u8; N], octets: &[u8]) -> Option<usize> {
        self.next_by(octets, |block| marks64(wanted, block), |few| marks_of_few(wanted, few))
    }

    /// As [`Search::next`], told by what marks a block, and by what marks fewer octets.
    #[inline(always)]
    fn next_by(
        &mut self,
        octets: &[u8],
        of_block: impl Fn(&[u8; 64]) -> u64,
        of_few: impl Fn(&[u8]) -> u64,
    ) -> Option<usize> {
        while self.marks == 0 {
            if self.next >= octets.len() {
                return None;
            }
            let rest = octets.get(self.next..)?;
            self.marks = match rest.first_chunk() {
                Some(block) => of_block(block),
                None => of_few(rest),
            };
            self.next += Search::BLOCK;
        }
        let place = self.next - Search::BLOCK + self.marks.trailing_zeros() as usize;
        self.marks &= self.marks - 1;
        Some(place)
    }
}

/// Where the wanted octets of a text stand, each after the other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Places<'a, const N: usize> {
    wanted: [u8; N],
    octets: &'a [u8],
    search: Search,
}

impl<'a, const N: usize> Places<'a, N> {
    /// None of the wanted is NUL.
    pub const fn of(wanted: [u8; N], octets: &'a [u8]) -> Places<'a, N> {
        Places { wanted, octets, search: Search::new() }
    }
}

impl<const N: usize> Iterator for Places<'_, N> {
    type Item = usize;

    #[inline(always)]
    fn next(&mut self) -> Option<usize> {
        self.search.next(self.wanted, self.octets)
    }
}

/// The lines of a text, each with what follows it. A line ends in LF, and a CR before that belongs to its end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Lines<'a> {
    text: &'a [u8],
    feeds: Search,
    /// Where the next line begins.
    at: usize,
}

/// A line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Line<'a> {
    /// Where it begins.
    pub at: usize,
    /// Without its end.
    pub octets: &'a [u8],
    /// The line and all that follows it.
    pub rest: &'a [u8],
}

impl<'a> Lines<'a> {
    /// All lines that end.
    pub const fn of(octets: &'a [u8]) -> Lines<'a> {
        Lines { text: octets, feeds: Search::new(), at: 0 }
    }

    /// Where the next line begins.
    pub const fn at(&self) -> usize {
        self.at
    }
}

impl<'a> Iterator for Lines<'a> {
    type Item = Line<'a>;

    #[inline(always)]
    fn next(&mut self) -> Option<Line<'a>> {
        let at = self.at;
        let feed = self.feeds.next_by(self.text, |block| marks64([b'\n'], block), last_feeds)?;
        let rest = self.text.get(at..)?;
        let octets = rest.get(..feed - at)?;
        self.at = feed + 1;
        let octets = if let [before @ .., b'\r'] = octets { before } else { octets };
        Some(Line { at, octets, rest })
    }
}

/// Marks the line ends among the last octets of a text, apart from the loop over its lines, which is short so.
#[cold]
#[inline(never)]
fn last_feeds(few: &[u8]) -> u64 {
    marks_of_few([b'\n'], few)
}

/// That a part of a text holds an octet, which is not NUL. What follows the part is looked at with it and left out, so that
/// no block but the last one of the text is cut short.
#[inline(always)]
pub(crate) fn holds(wanted: u8, text: &[u8], part: Range<usize>) -> bool {
    let (mut rest, mut left) = (text.get(part.start..).unwrap_or_default(), part.len());
    while let Some((block, after)) = rest.split_first_chunk::<64>() {
        let marks = marks64([wanted], block);
        if left <= 64 {
            return left > 0 && marks << (64 - left) != 0;
        }
        if marks != 0 {
            return true;
        }
        (rest, left) = (after, left - 64);
    }
    find([wanted], rest.get(..left).unwrap_or_default()).is_some()
}

/// That all octets are such ones. The test has to have no branch, so that sixteen octets are tested at once.
#[inline(always)]
pub fn every(octets: &[u8], is: impl Fn(u8) -> bool + Copy) -> bool {
    fn all<const N: usize>(some: &[u8; N], is: impl Fn(u8) -> bool) -> bool {
        some.iter().fold(true, |all, octet| all & is(*octet))
    }
    // The last ones overlap those before.
    if let Some(last) = octets.last_chunk::<16>() {
        return octets.as_chunks::<16>().0.iter().all(|some| all(some, is)) && all(last, is);
    }
    match (octets.first_chunk::<8>(), octets.last_chunk::<8>()) {
        (Some(first), Some(last)) => all(first, is) & all(last, is),
        _ => octets.iter().fold(true, |all, octet| all & is(*octet)),
    }
}

/// `text` before and after its first `octet`, which is ASCII.
#[inline]
pub fn cut(text: &str, octet: u8) -> Option<(&str, &str)> {
    let at = find([octet], text.as_bytes())?;
    Some((text.get(..at)?, text.get(at + 1..)?))
}

/// Where the first octet stands that is CR or below: in a text, where a line ends, and seldom anything else.
#[inline(always)]
pub(crate) fn find_low(octets: &[u8]) -> Option<usize> {
    let low = |some: &[u8; 16]| {
        let some = u8x16::new(*some);
        some.min(u8x16::splat(b'\r')).cmp_eq(some).move_mask().cast_unsigned()
    };
    first_soon(octets, low)
}

/// Where the first octet stands that is neither a small letter nor a hyphen, as most names have none.
#[inline(always)]
pub(crate) fn name_end(octets: &[u8]) -> Option<usize> {
    let beyond = |some: &[u8; 16]| {
        let some = u8x16::new(*some);
        let place = some - u8x16::splat(b'a');
        let name = place.min(u8x16::splat(b'z' - b'a')).cmp_eq(place) | some.cmp_eq(u8x16::splat(b'-'));
        (!name).move_mask().cast_unsigned()
    };
    first_soon(octets, beyond)
}

/// As [`first`], for what mostly stands among the first sixteen octets.
#[inline(always)]
fn first_soon(octets: &[u8], marks: impl Fn(&[u8; 16]) -> u32) -> Option<usize> {
    match octets.first_chunk().map_or(0, &marks) {
        0 => first(octets, marks),
        marks => Some(marks.trailing_zeros() as usize),
    }
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
            prop_assert_eq!(every(&octets, |octet| octet != b';'), looked_for(b";").is_none());
            prop_assert_eq!(find([b';', b'"'], &octets), looked_for(b";\""));
            prop_assert_eq!(find([b'<', b':', 0xff], &octets), looked_for(b"<:\xff"));
        }

        /// Every place is told, in whatever block it is.
        #[test]
        fn all_places(octets in prop::collection::vec(prop_oneof![any::<u8>(), Just(b'\n'), Just(b';')], 0..300)) {
            let places = |wanted: &[u8]| {
                let all = octets.iter().enumerate().filter(|(_, octet)| wanted.contains(octet));
                all.map(|(at, _)| at).collect::<Vec<_>>()
            };
            prop_assert_eq!(Places::of([b'\n'], &octets).collect::<Vec<_>>(), places(b"\n"));
            prop_assert_eq!(Places::of([b'\n', b';'], &octets).collect::<Vec<_>>(), places(b"\n;"));
        }

        /// A part holds what is in it, and not what follows it.
        #[test]
        fn what_a_part_holds(octets in prop::collection::vec(prop_oneof![9 => Just(b'a'), 1 => Just(b',')], 0..300), cuts: (usize, usize)) {
            let (one, other) = (cuts.0 % (octets.len() + 1), cuts.1 % (octets.len() + 1));
            let part = one.min(other)..one.max(other);
            prop_assert_eq!(holds(b',', &octets, part.clone()), octets[part].contains(&b','));
        }

        /// The end of a host name is where another octet begins.
        #[test]
        fn the_end_of_a_host_name(octets in prop::collection::vec(prop_oneof![9 => 0x2du8..0x7b, 1 => any::<u8>()], 0..100)) {
            let good = |octet: &u8| octet.is_ascii_alphanumeric() || b"-._".contains(octet);
            prop_assert_eq!(host_name_end(&octets), octets.iter().position(|octet| !good(octet)));
        }

        /// What ends a line or a usual name is what looking at each octet says.
        #[test]
        fn the_end_of_a_line_or_name(octets in prop::collection::vec(prop_oneof![9 => 0x2du8..0x7b, 1 => any::<u8>()], 0..100)) {
            prop_assert_eq!(find_low(&octets), octets.iter().position(|octet| *octet <= b'\r'));
            let in_name = |octet: &u8| octet.is_ascii_lowercase() || *octet == b'-';
            prop_assert_eq!(name_end(&octets), octets.iter().position(|octet| !in_name(octet)));
            let name: Vec<u8> = octets.iter().map(|octet| if *octet == b'/' { b':' } else { b'a' + octet % 26 }).collect();
            prop_assert_eq!(name_end(&name), name.iter().position(|octet| *octet == b':'));
        }

        /// What may stand in no URI is what the standard library's comparisons say.
        #[test]
        fn the_end_of_a_uri(octets in prop::collection::vec(prop_oneof![9 => 0x21u8..0x7f, 1 => any::<u8>()], 0..100)) {
            let good = |octet: &u8| (0x21..0x7f).contains(octet) && !b"\"<>".contains(octet);
            prop_assert_eq!(uri_end(&octets), octets.iter().position(|octet| !good(octet)));
        }
    }
}
