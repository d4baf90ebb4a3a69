//! One direction of a connection: segments, lost, doubled, overlapping and out of order, become a stream.

use std::collections::BTreeMap;
use std::net::SocketAddr;

use super::reader::{Piece, Reader};
use crate::capture::ip::Segment;
use crate::capture::seen::{Lost, Moment, Output, Seen};

/// So many octets, in so many segments, wait behind a hole for what is missing.
const MAX_HELD: usize = 1 << 20;
const MAX_SEGMENTS: usize = 2048;
/// So many segments after the receiver has acknowledged what is missing it will not come any more: it was not captured.
const PATIENCE: u32 = 8;
/// No window in use is larger: a segment further away belongs to another stream, or more is missing than could come.
const FAR: u64 = 16 << 20;
/// A half that ends within this much of its beginning still counts up.
const BEGIN: u64 = 1 << 33;

/// From whom to whom.
#[derive(Clone, Copy, Debug)]
pub(super) struct Path {
    pub source: SocketAddr,
    pub destination: SocketAddr,
    pub connection: u64,
}

/// A segment that waits for those before it.
#[derive(Debug)]
struct Held {
    moment: Moment,
    octets: Vec<u8>,
    /// So many octets behind it were not captured.
    missing: usize,
}

/// Positions count the octets of the stream, and are equal to sequence numbers in their low 32 bits.
#[derive(Debug, Default)]
pub(super) struct Half {
    /// The position of the first octet, and of the next one; none before the first segment.
    first: u64,
    next: Option<u64>,
    held: BTreeMap<u64, Held>,
    held_octets: usize,
    /// How far the receiver has it, and when it said so.
    acknowledged: Option<(u64, Moment)>,
    /// So many segments went by since it was acknowledged what is missing.
    waited: u32,
    /// Where the stream ends.
    end: Option<u64>,
    finished: bool,
    /// Octets that are missing before anything was recognised, and when that was seen.
    untold: Option<(Moment, u64)>,
    reader: Reader,
}

impl Half {
    /// Whether anything was recognised in it.
    pub const fn speaks(&self) -> bool {
        self.reader.speaks()
    }

    /// Whether a stream that begins here may be this one.
    pub fn may_begin_at(&self, sequence: u32) -> bool {
        self.next.is_none() || self.first as u32 == sequence
    }

    /// Whether a sequence number is one that may come here.
    pub fn is_near(&self, sequence: u32) -> bool {
        self.next.is_none_or(|next| position(next, sequence).abs_diff(next) <= FAR)
    }

    pub fn waiting(&self) -> usize {
        self.held_octets + self.reader.waiting()
    }

    /// What came of TLS since somebody asked.
    pub fn take_sealed(&mut self) -> Vec<Piece> {
        self.reader.take_sealed()
    }

    /// Whether the stream ends here, asked once.
    pub fn takes_finish(&mut self) -> bool {
        let ends = !self.finished && self.end.is_some() && self.end <= self.next;
        self.finished |= ends;
        ends
    }

    pub fn is_finished(&self) -> bool {
        self.finished
    }

    /// Takes what a segment brings, whose first octet has this number.
    pub fn octets(&mut self, moment: Moment, path: &Path, first: u32, segment: &Segment<'_>, output: &mut Output) {
        let &Segment { syn, fin, octets, missing, .. } = segment;
        let next = *self.next.get_or_insert_with(|| {
            self.first = BEGIN + u64::from(first);
            self.first
        });
        let mut at = position(next, first);
        if at.abs_diff(next) > FAR {
            if octets.is_empty() {
                return;
            }
            at = self.elsewhere(moment, path, at, output);
        }
        if syn {
            self.reader.begins();
        }
        let end = at + (octets.len() + missing) as u64;
        if fin {
            self.end.get_or_insert(end);
        }
        if end <= self.next.unwrap_or(end) {
            // Sent again, or nothing.
            return;
        }
        if at <= self.next.unwrap_or(at) {
            self.deliver(moment, path, at, octets, missing, output);
            self.drain(path, Some(moment), output);
        } else {
            self.hold(at, Held { moment, octets: octets.to_vec(), missing });
            if self.held_octets > MAX_HELD || self.held.len() > MAX_SEGMENTS {
                self.give_up(path, output);
            }
        }
    }

    /// The receiver has everything before this number.
    pub fn acknowledged(&mut self, moment: Moment, number: u32) {
        let Some(next) = self.next else { return };
        let position = position(next, number);
        if self.acknowledged.is_none_or(|(known, _)| known < position) {
            self.acknowledged = Some((position, moment));
        }
    }

    /// Counts a segment of the connection that did not fill a hole which the receiver does not see.
    pub fn lose_patience(&mut self, path: &Path, output: &mut Output) {
        let Some(first) = self.held.keys().next() else {
            self.waited = 0;
            return;
        };
        self.waited += u32::from(self.acknowledged.is_some_and(|(acknowledged, _)| acknowledged >= *first));
        if self.waited > PATIENCE {
            self.waited = 0;
            self.give_up(path, output);
        }
    }

    pub fn give_up_all(&mut self, path: &Path, output: &mut Output) {
        while !self.held.is_empty() {
            self.give_up(path, output);
        }
    }

    /// Nothing more comes. What the receiver has acknowledged beyond the last octet is missing, but for the end itself, which
    /// counts as one. What the other half says tells whether it matters that octets are missing where nothing was recognised.
    pub fn give_up_rest(&mut self, path: &Path, matters: bool, output: &mut Output) {
        if let (Some(next), Some((acknowledged, moment))) = (self.next, self.acknowledged)
            && (2..=FAR).contains(&acknowledged.saturating_sub(next))
        {
            self.next = Some(acknowledged);
            self.lose(moment, path, acknowledged - next, output);
        }
        if let Some((moment, octets)) = self.untold.take().filter(|_| matters) {
            output.seen.push_back(lost(moment, path, octets));
        }
    }

    /// Lets go of a message that is not complete.
    pub fn drop_unfinished(&mut self, output: &mut Output) {
        if self.reader.waiting() > 0 {
            self.reader.give_up(output);
        }
    }

    /// Passes over the first hole.
    fn give_up(&mut self, path: &Path, output: &mut Output) {
        let (Some(next), Some((first, held))) = (self.next, self.held.first_key_value()) else { return };
        let (moment, first) = (held.moment, *first);
        self.lose(moment, path, first.saturating_sub(next), output);
        self.next = Some(first);
        self.drain(path, None, output);
    }

    /// Goes on where a segment stands that is too far away.
    fn elsewhere(&mut self, moment: Moment, path: &Path, at: u64, output: &mut Output) -> u64 {
        self.give_up_all(path, output);
        let passed = self.next.and_then(|next| at.checked_sub(next)).unwrap_or(0);
        self.lose(moment, path, passed, output);
        // Room to count down.
        let at = (at & u64::from(u32::MAX)) + BEGIN;
        self.next = Some(at);
        self.first = at;
        self.end = None;
        self.acknowledged = None;
        at
    }

    fn lose(&mut self, moment: Moment, path: &Path, octets: u64, output: &mut Output) {
        output.tally.lost += octets;
        if self.reader.lost(moment, output) {
            output.seen.push_back(lost(moment, path, octets));
        } else {
            let before = self.untold.map_or(0, |(_, before)| before);
            self.untold = Some((moment, before + octets));
        }
    }

    /// Reads what is new of a segment that does not begin beyond what is next.
    fn deliver(&mut self, moment: Moment, path: &Path, at: u64, octets: &[u8], missing: usize, output: &mut Output) {
        let Some(next) = self.next else { return };
        let known = usize::try_from(next.saturating_sub(at)).unwrap_or(usize::MAX);
        let end = at + octets.len() as u64;
        if let Some(fresh) = octets.get(known..).filter(|fresh| !fresh.is_empty()) {
            let seen = output.seen.len();
            self.reader.push(moment, path, fresh, output);
            self.next = Some(end);
            if let Some((moment, octets)) = self.untold.take_if(|_| self.reader.speaks()) {
                output.seen.insert(seen, lost(moment, path, octets));
            }
        }
        let cut = (end + missing as u64).saturating_sub(next.max(end));
        if cut > 0 {
            self.lose(moment, path, cut, output);
            self.next = Some(next.max(end) + cut);
        }
    }

    fn hold(&mut self, at: u64, held: Held) {
        let octets = held.octets.len();
        // Of two that begin at the same place the longer one says more.
        if self.held.get(&at).is_some_and(|known| known.octets.len() >= octets) {
            return;
        }
        self.held_octets += octets;
        if let Some(shorter) = self.held.insert(at, held) {
            self.held_octets -= shorter.octets.len();
        }
    }

    /// Reads what waited for nothing more: at the moment that filled the hole, or at its own.
    fn drain(&mut self, path: &Path, filled: Option<Moment>, output: &mut Output) {
        while let Some(entry) = self.held.first_entry().filter(|entry| Some(*entry.key()) <= self.next) {
            let (at, held) = entry.remove_entry();
            self.held_octets -= held.octets.len();
            self.deliver(filled.unwrap_or(held.moment), path, at, &held.octets, held.missing, output);
        }
    }
}

fn lost(Moment { frame, at }: Moment, path: &Path, octets: u64) -> Seen {
    let &Path { source, destination, connection } = path;
    Seen::Lost(Lost { frame, at, connection, source, destination, octets })
}

/// The position next to another that has this sequence number.
fn position(near: u64, sequence: u32) -> u64 {
    near.wrapping_add_signed(i64::from(sequence.wrapping_sub(near as u32) as i32))
}
