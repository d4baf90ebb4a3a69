//! A message put together from its chunks, in whatever order they come (RFC 4975 section 7.3.1).

use crate::msrp::{ByteRange, Flag, Message};
use bytes::{Bytes, BytesMut};
use std::collections::BTreeMap;

/// Pieces kept beyond a gap, for one message.
const MOST_PIECES: usize = 4096;

/// Where the octets of a chunk belong, counted from 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Place {
    pub(super) start: usize,
    pub(super) end: usize,
    /// The octets of the whole message, as this chunk tells.
    pub(super) total: Option<usize>,
}

impl Place {
    /// The place of a chunk; None when its Byte-Range contradicts itself or the octets that came.
    pub(super) fn of(chunk: &Message, body: &[u8], next: usize) -> Option<Place> {
        let range = match chunk.header("Byte-Range") {
            Some(text) => ByteRange::parse(text)?,
            // A chunk without a range is the whole message; one without a body closes what came before.
            None if chunk.body_range().is_none() => {
                return Some(Place { start: next, end: next, total: Some(next) });
            }
            None => ByteRange { start: 1, end: None, total: None },
        };
        let start = usize::try_from(range.start.checked_sub(1)?).ok()?;
        let end = start.checked_add(body.len())?;
        let told = |octets: Option<u64>| octets.map(usize::try_from).transpose().ok();
        let (told_end, total) = (told(range.end)?, told(range.total)?);
        if chunk.flag == Flag::Complete {
            return Place::last(start, end, told_end, total);
        }
        // A chunk may be interrupted: it is then shorter than it said.
        let fits = told_end.is_none_or(|told| told >= end) && total.is_none_or(|total| total >= end);
        fits.then_some(Place { start, end, total })
    }

    /// The chunk flagged `$`. It need not be that which reaches the end: chunks may overtake each other.
    fn last(start: usize, end: usize, told_end: Option<usize>, total: Option<usize>) -> Option<Place> {
        // The examples of RFC 4975 section 11 count the line end before the end-line in, and so do some stacks.
        let counted = end.checked_add(2);
        if start == 0 && total.is_some() && total == counted && told_end.is_none_or(|told| Some(told) == counted) {
            return Some(Place { start, end, total: Some(end) });
        }
        let fits = told_end.is_none_or(|told| told == end) && total.is_none_or(|total| total >= end);
        fits.then_some(Place { start, end, total: total.or(Some(end)) })
    }
}

/// Why a chunk cannot be added.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Misfit {
    /// It contradicts what came before.
    Contradiction,
    /// Too many gaps.
    TooManyPieces,
}

/// A message that is not complete yet.
#[derive(Debug, Default)]
pub(super) struct Assembly {
    /// The octets from the first on, without a gap.
    front: BytesMut,
    /// Pieces beyond the first gap, by their first octet; they never overlap.
    later: BTreeMap<usize, Bytes>,
    /// The octets of the pieces.
    later_octets: usize,
    total: Option<usize>,
    pub(super) content_type: String,
    pub(super) success_report: bool,
}

impl Assembly {
    /// Where the next octet belongs, if nothing was overtaken.
    pub(super) fn next(&self) -> usize {
        self.front.len()
    }

    /// The octets that are kept.
    pub(super) fn held(&self) -> usize {
        self.front.len() + self.later_octets
    }

    /// Adds a chunk.
    pub(super) fn add(&mut self, place: Place, body: &[u8]) -> Result<(), Misfit> {
        let total = self.total.or(place.total);
        let reached = self.later.last_key_value().map_or(self.front.len(), |(start, piece)| start + piece.len());
        let contradicts = place.total.is_some_and(|told| Some(told) != total)
            || total.is_some_and(|total| place.end.max(reached) > total);
        if contradicts {
            return Err(Misfit::Contradiction);
        }
        self.total = total;
        self.put(place.start, body);
        if self.later.len() > MOST_PIECES { Err(Misfit::TooManyPieces) } else { Ok(()) }
    }

    /// True when no octet is missing.
    pub(super) fn is_complete(&self) -> bool {
        self.total == Some(self.front.len())
    }

    /// The octets of the message.
    pub(super) fn into_octets(self) -> Bytes {
        self.front.freeze()
    }

    /// Puts octets in their place. Where they overlap what is there, the last to come prevail.
    fn put(&mut self, start: usize, body: &[u8]) {
        let known = self.front.len().saturating_sub(start).min(body.len());
        let (again, new) = body.split_at_checked(known).unwrap_or((body, &[]));
        if let Some(place) = self.front.get_mut(start..start + again.len()) {
            place.copy_from_slice(again);
        }
        if new.is_empty() {
            return;
        }
        let start = start + known;
        self.clear(start, start + new.len());
        if start > self.front.len() {
            self.keep(start, Bytes::copy_from_slice(new));
            return;
        }
        self.front.extend_from_slice(new);
        while let Some(piece) = self.take(self.front.len()) {
            self.front.extend_from_slice(&piece);
        }
    }

    /// Drops what the pieces hold between two places, so that new octets go there.
    fn clear(&mut self, start: usize, end: usize) {
        let before = self.later.range(..start).next_back().map(|(at, piece)| (*at, piece.clone()));
        let within = self.later.range(start..end).map(|(at, piece)| (*at, piece.clone()));
        let touched: Vec<(usize, Bytes)> = before.into_iter().chain(within).collect();
        for (at, piece) in touched {
            let stop = at + piece.len();
            if stop <= start {
                continue;
            }
            self.take(at);
            if at < start {
                self.keep(at, piece.slice(..start - at));
            }
            if stop > end {
                self.keep(end, piece.slice(end - at..));
            }
        }
    }

    fn keep(&mut self, start: usize, piece: Bytes) {
        self.later_octets += piece.len();
        self.later.insert(start, piece);
    }

    fn take(&mut self, start: usize) -> Option<Bytes> {
        let piece = self.later.remove(&start)?;
        self.later_octets -= piece.len();
        Some(piece)
    }
}
