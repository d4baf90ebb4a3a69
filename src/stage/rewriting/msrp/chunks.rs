//! A message cut into chunks (RFC 4975 sections 5.1 and 7.1).

use super::super::freedoms::{Freedom, Licence};
use super::super::mime::{self, Space};
use super::gathering::Whole;
use super::head::{self, Line};
use bytes::Bytes;
use cpm_wire::msrp::{ByteRange, Flag};
use memchr::memmem;
use std::collections::HashSet;

/// So much of a message may be sent octet by octet.
const IN_OCTETS: usize = 700;
/// The chunks of a longer message that is cut no more than that: a megabyte each.
const LARGEST: usize = 1_048_576;
/// A longer chunk must be one that may be interrupted, which `*` for its last octet says (RFC 4975 section 7.1).
const LONGEST_UNINTERRUPTED: usize = 2048;
const LETTERS: &[u8] = b"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";
const MARKS: &[u8] = b"abcxyz0123456789.-+%=";

/// The transaction ids of the requests that went out on a connection.
#[derive(Debug, Default)]
pub struct Names {
    taken: HashSet<String>,
}

impl Names {
    /// An id that is taken.
    pub fn take(&mut self, id: &str) {
        self.taken.insert(id.to_ascii_lowercase());
    }

    /// An id that nobody has, and that ends no line of this content.
    pub fn draw(&mut self, licence: &mut Licence<'_>, content: &[u8]) -> String {
        let any_length = licence.freedoms.has(Freedom::MsrpTransactionId);
        loop {
            let length = if any_length { 4 + licence.chance.below(29) } else { 16 };
            let mut id = String::with_capacity(length);
            id.extend(licence.chance.pick(LETTERS).map(|letter| char::from(*letter)));
            let letters = if any_length { MARKS } else { LETTERS };
            id.extend((1..length).filter_map(|_| licence.chance.pick(letters)).map(|letter| char::from(*letter)));
            if ends_nothing(&id, content) && self.taken.insert(id.to_ascii_lowercase()) {
                licence.note(Freedom::MsrpTransactionId, any_length);
                return id;
            }
        }
    }
}

fn ends_nothing(id: &str, content: &[u8]) -> bool {
    memmem::find(content, format!("-------{id}").as_bytes()).is_none()
}

/// The chunks of a message with this content: the transaction of each, and its octets.
pub fn cut(
    licence: &mut Licence<'_>,
    names: &mut Names,
    whole: &Whole,
    content: Option<&Bytes>,
) -> Vec<(String, Bytes)> {
    let Some(content) = content else { return vec![bodiless(licence, names, whole)] };
    let content_type = whole.first.content_type().unwrap_or_default();
    let content_type = mime::media_type(licence, content_type, Space::None);
    let sizes = sizes(licence, whole, content.len());
    let mut at = 0;
    let mut chunks = Vec::with_capacity(sizes.len());
    for size in &sizes {
        let place = Place { at, size: *size, length: content.len(), is_last: chunks.len() + 1 == sizes.len() };
        let body = content.get(at..at + size).unwrap_or_default();
        chunks.push(chunk(licence, names, whole, place, (&content_type, body)));
        at += size;
    }
    chunks
}

/// Where a chunk stands in its message.
#[derive(Clone, Copy, Debug)]
struct Place {
    /// So many octets stand before it.
    at: usize,
    size: usize,
    /// The octets of the message.
    length: usize,
    is_last: bool,
}

fn chunk(
    licence: &mut Licence<'_>,
    names: &mut Names,
    whole: &Whole,
    place: Place,
    (content_type, body): (&str, &[u8]),
) -> (String, Bytes) {
    let keeps_id = place.size == place.length && ends_nothing(&whole.transaction, body);
    let id = transaction(licence, names, whole, body, keeps_id);
    let mut lines = lines(licence, whole);
    lines.push(("Byte-Range".to_owned(), range(licence, whole, place).to_string()));
    let mut octets = head::head(licence, &format!("MSRP {id} SEND"), &whole.first, lines).into_bytes();
    octets.extend_from_slice(format!("Content-Type: {content_type}\r\n\r\n").as_bytes());
    octets.extend_from_slice(body);
    let flag = if place.is_last { whole.flag } else { Flag::More };
    octets.extend_from_slice(format!("\r\n{}", end_line(&id, flag)).as_bytes());
    (id, octets.into())
}

/// A SEND without content: it has no type, and may be without a range.
fn bodiless(licence: &mut Licence<'_>, names: &mut Names, whole: &Whole) -> (String, Bytes) {
    let id = transaction(licence, names, whole, &[], true);
    let mut lines = lines(licence, whole);
    let range = whole.first.header("Byte-Range").map(|range| ("Byte-Range".to_owned(), range.to_owned()));
    lines.extend(range);
    lines.extend(whole.first.content_type().map(|kind| ("Content-Type".to_owned(), kind.to_owned())));
    let head = head::head(licence, &format!("MSRP {id} SEND"), &whole.first, lines);
    let octets = format!("{head}{}", end_line(&id, whole.flag));
    (id, octets.into())
}

fn lines(licence: &mut Licence<'_>, whole: &Whole) -> Vec<Line> {
    let mut lines = head::carried(&whole.first);
    head::spoken_defaults(licence, &mut lines);
    lines
}

pub fn end_line(id: &str, flag: Flag) -> String {
    format!("-------{id}{}\r\n", char::from(flag.octet()))
}

fn transaction(licence: &mut Licence<'_>, names: &mut Names, whole: &Whole, body: &[u8], keeps: bool) -> String {
    if keeps && !licence.takes(Freedom::MsrpTransactionId) {
        names.take(&whole.transaction);
        return whole.transaction.clone();
    }
    names.draw(licence, body)
}

/// How many octets go into each chunk: as the core had it, where that is not to be changed.
fn sizes(licence: &mut Licence<'_>, whole: &Whole, length: usize) -> Vec<usize> {
    if whole.flag == Flag::Abort || length < 2 || !licence.takes(Freedom::MsrpChunks) {
        return as_before(&whole.sizes, length);
    }
    let cuts: Vec<usize> = match licence.chance.below(8) {
        0 => (LARGEST..length).step_by(LARGEST).collect(),
        1 => around_octets(licence.chance.below(length), length),
        _ => (0..=licence.chance.below(4)).map(|_| 1 + licence.chance.below(length - 1)).collect(),
    };
    let sizes = between(cuts, length);
    licence.note(Freedom::MsrpChunks, sizes != whole.sizes);
    sizes
}

/// The cuts around each octet of a stretch that begins here, and around each of a short message.
fn around_octets(start: usize, length: usize) -> Vec<usize> {
    let start = start.min(length.saturating_sub(IN_OCTETS));
    (start..=start + IN_OCTETS).filter(|cut| (1..length).contains(cut)).collect()
}

fn as_before(sizes: &[usize], length: usize) -> Vec<usize> {
    let mut end = 0;
    let ends = sizes.iter().take(sizes.len().saturating_sub(1)).map(|size| {
        end += size;
        end
    });
    between(ends.filter(|end| *end > 0 && *end < length).collect(), length)
}

fn between(mut cuts: Vec<usize>, length: usize) -> Vec<usize> {
    cuts.push(length);
    cuts.sort_unstable();
    cuts.dedup();
    let starts = std::iter::once(0).chain(cuts.clone());
    cuts.iter().zip(starts).map(|(end, start)| end - start).collect()
}

fn range(licence: &mut Licence<'_>, whole: &Whole, place: Place) -> ByteRange {
    let number = |octets: usize| u64::try_from(octets).unwrap_or(u64::MAX);
    let by_core = whole.first.byte_range();
    // What is given up has no end that is known.
    let is_aborted = whole.flag == Flag::Abort;
    let must_be_open = is_aborted || place.size > LONGEST_UNINTERRUPTED;
    let is_open = must_be_open || by_core.is_some_and(|range| range.end.is_none());
    let is_total_known = !is_aborted && by_core.is_none_or(|range| range.total.is_some());
    let end = number(place.at + place.size);
    let before = ByteRange {
        start: number(place.at) + 1,
        end: Some(end).filter(|_| !is_open),
        total: Some(number(place.length)).filter(|_| is_total_known),
    };
    let mut range = before;
    if !must_be_open && licence.takes(Freedom::MsrpByteRange) {
        range.end = if licence.chance.one_in(2) { None } else { Some(end) };
    }
    if !place.is_last && licence.takes(Freedom::MsrpByteRange) {
        range.total = None;
    }
    licence.note(Freedom::MsrpByteRange, range != before);
    range
}
