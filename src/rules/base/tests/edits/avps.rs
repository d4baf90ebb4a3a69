//! What depends on the length of AVPs is put right after an edit: the lengths of those around it with the padding of the
//! innermost, and that of the message (RFC 6733 sections 3 and 4). Where the edit keeps the length, nothing is touched.

use std::ops::Range;

use cpm_wire::diameter::dictionary::{self, Kind};

const HEADER: usize = 20;
const VENDOR_BIT: u8 = 0x80;

/// The changed message; `replaced` is what became other octets in the old one.
pub(super) fn mended(old: &[u8], replaced: &Range<usize>, mut new: Vec<u8>) -> Vec<u8> {
    if old.len() == new.len() {
        return new;
    }
    for (at, length) in around(old, HEADER..old.len(), replaced).into_iter().rev() {
        let rest = old.len() - at - length.next_multiple_of(4);
        let end = new.len() - rest;
        // The last octets before the rest are the padding that there was.
        let length = end - at - (length.next_multiple_of(4) - length);
        new.splice(at + length..end, vec![0; length.next_multiple_of(4) - length]);
        write(&mut new, at + 5, length);
    }
    let length = new.len();
    write(&mut new, 1, length);
    new
}

/// Where the AVPs begin that hold a place in their values, and how long they are; the outermost first.
fn around(octets: &[u8], within: Range<usize>, place: &Range<usize>) -> Vec<(usize, usize)> {
    let mut at = within.start;
    while at + 8 <= within.end {
        let (length, has_vendor) = (read(octets, at + 5), octets[at + 4] & VENDOR_BIT != 0);
        let value = at + if has_vendor { 12 } else { 8 }..at + length;
        if value.start <= place.start && place.end <= value.end {
            let inside = if is_group(octets, at, has_vendor) { around(octets, value, place) } else { Vec::new() };
            return [vec![(at, length)], inside].concat();
        }
        at += length.next_multiple_of(4);
    }
    Vec::new()
}

fn is_group(octets: &[u8], at: usize, has_vendor: bool) -> bool {
    let word = |at: usize| octets[at..].first_chunk().copied().map(u32::from_be_bytes).unwrap();
    let vendor = has_vendor.then(|| word(at + 8));
    dictionary::lookup(vendor, word(at)).is_some_and(|definition| definition.kind == Kind::Grouped)
}

/// Three octets as a number.
fn read(octets: &[u8], at: usize) -> usize {
    octets[at..at + 3].iter().fold(0, |number, octet| number << 8 | usize::from(*octet))
}

fn write(octets: &mut [u8], at: usize, number: usize) {
    octets[at..at + 3].copy_from_slice(&u32::try_from(number).unwrap().to_be_bytes()[1..]);
}
