//! Fragments put together (RFC 791 section 3.2, RFC 8200 section 4.5). Fragments that overlap mean different things to
//! different receivers: their datagram is given up, as RFC 5722 demands for IPv6.

use std::collections::{HashMap, VecDeque};
use std::net::IpAddr;
use std::time::Duration;

use cpm_wire::time::Time;

use super::{Ip, Part};
use crate::capture::tally::{Skip, Tally};

/// So many datagrams may be incomplete at a time.
const MAX_DATAGRAMS: usize = 256;
const MAX_OCTETS: usize = u16::MAX as usize;
/// After this long an identification may mean another datagram (RFC 8200 section 4.5).
const PATIENCE: Duration = Duration::from_secs(60);

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
struct Key {
    source: IpAddr,
    destination: IpAddr,
    protocol: u8,
    identification: u32,
}

/// A datagram in the making.
#[derive(Debug)]
struct Parts {
    begun: Time,
    /// By their offset, none overlapping another.
    parts: Vec<(usize, Vec<u8>)>,
    /// Known with the last fragment.
    length: Option<usize>,
}

/// The datagrams that are incomplete.
#[derive(Debug, Default)]
pub(in crate::capture) struct Fragments {
    datagrams: HashMap<Key, Parts>,
    /// From the oldest on.
    order: VecDeque<Key>,
}

impl Fragments {
    /// Takes a fragment, and gives the payload of the datagram that it completes.
    pub fn add(&mut self, ip: &Ip<'_>, part: Part, at: Time, tally: &mut Tally) -> Result<Option<Vec<u8>>, Skip> {
        if ip.missing > 0 {
            return Err(Skip::CutShort);
        }
        let &Ip { source, destination, protocol, payload, .. } = ip;
        let end = part.offset.saturating_add(payload.len());
        // All but the last are of whole units of eight octets.
        if end > MAX_OCTETS || payload.is_empty() || !part.last && !payload.len().is_multiple_of(8) {
            return Err(Skip::Malformed);
        }
        let key = Key { source, destination, protocol, identification: part.identification };
        if self.datagrams.get(&key).is_some_and(|parts| at.since(parts.begun) > PATIENCE) {
            self.forget(&key, tally);
        }
        let parts = self.parts(key, at, tally);
        if part.last {
            parts.length.get_or_insert(end);
        }
        if !parts.add(part.offset, payload) {
            self.forget(&key, tally);
            return Err(Skip::Fragment);
        }
        let whole = parts.whole();
        if whole.is_some() {
            self.remove(&key);
        }
        Ok(whole)
    }

    /// At the end of the file nothing will be complete any more.
    pub fn end(&mut self, tally: &mut Tally) {
        while let Some(key) = self.order.front().copied() {
            self.forget(&key, tally);
        }
    }

    fn parts(&mut self, key: Key, at: Time, tally: &mut Tally) -> &mut Parts {
        if !self.datagrams.contains_key(&key) {
            if self.order.len() == MAX_DATAGRAMS
                && let Some(oldest) = self.order.front().copied()
            {
                self.forget(&oldest, tally);
            }
            self.order.push_back(key);
        }
        self.datagrams.entry(key).or_insert_with(|| Parts { begun: at, parts: Vec::new(), length: None })
    }

    fn forget(&mut self, key: &Key, tally: &mut Tally) {
        if let Some(parts) = self.remove(key) {
            tally.skip_many(Skip::Fragment, parts.parts.len() as u64);
        }
    }

    fn remove(&mut self, key: &Key) -> Option<Parts> {
        self.order.retain(|other| other != key);
        self.datagrams.remove(key)
    }
}

impl Parts {
    /// Takes octets; no when they contradict what is there.
    fn add(&mut self, offset: usize, octets: &[u8]) -> bool {
        let end = offset + octets.len();
        if self.length.is_some_and(|length| end > length) {
            return false;
        }
        let at = self.parts.partition_point(|(other, _)| *other < offset);
        let next = self.parts.get(at);
        if next.is_some_and(|(other, same)| *other == offset && same == octets) {
            return true;
        }
        let before = at.checked_sub(1).and_then(|before| self.parts.get(before));
        let overlaps = before.is_some_and(|(other, before)| other + before.len() > offset)
            || next.is_some_and(|(other, _)| *other < end);
        if !overlaps {
            self.parts.insert(at, (offset, octets.to_vec()));
        }
        !overlaps
    }

    /// The payload, if nothing is missing.
    fn whole(&self) -> Option<Vec<u8>> {
        let there: usize = self.parts.iter().map(|(_, octets)| octets.len()).sum();
        let length = self.length?;
        (there == length).then(|| self.parts.iter().flat_map(|(_, octets)| octets).copied().collect())
    }
}
