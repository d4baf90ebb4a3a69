//! A bad network between tester and target: datagrams get lost, come twice or late, and streams come in pieces.
//!
//! What IP promises is no more (RFC 791 section 1.2), and what TCP promises no less (RFC 9293 section 3.1): a stream keeps its
//! order and loses nothing, wherever it is cut. All chance comes from one seed, so that a run can be repeated.

use bytes::Bytes;
use cpm_wire::time::Time;
use std::collections::HashMap;
use std::hash::Hash;
use std::time::Duration;

/// Of a thousand sendings that are cut anywhere so many arrive octet by octet; the others in pieces of random size, for every
/// piece is a line of evidence, and a run has to stay fast.
const IN_OCTETS: u16 = 40;
/// A longer sending that is cut anywhere never arrives octet by octet.
const MOST_SINGLE_OCTETS: usize = 4_000;
/// So much of a stream is cut between all octets where streams are cut everywhere.
const SINGLE_OF_A_STREAM: usize = 192 * 1024;
/// So much at the beginning and at the end of what is sent later on it: where one message ends and another begins.
const SINGLE_AT_ENDS: usize = 512;
/// The largest piece: what a segment carries.
const LARGEST_PIECE: u64 = 1_400;
/// A datagram that is reordered waits so many times the usual delay: others overtake it.
const LATE: u32 = 4;

/// How bad the network is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Noise {
    /// Of a thousand datagrams so many get lost.
    pub loss: u16,
    /// Of a thousand that arrive so many arrive twice.
    pub duplication: u16,
    /// Of a thousand that arrive so many arrive after those that were sent later.
    pub reordering: u16,
    /// How long everything takes one way.
    pub delay_ms: u64,
    /// How much longer it takes at most.
    pub jitter_ms: u64,
    /// Where streams are cut.
    pub cut: Cut,
}

/// Where a network cuts what is sent on a stream at once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cut {
    /// Nowhere: it arrives as it was sent.
    Nowhere,
    /// Anywhere; one short sending in 25 arrives octet by octet.
    Anywhere,
    /// Everywhere: each sending arrives octet by octet, however long it is. When a stream has carried 192 KiB to one end,
    /// only the first and the last 512 octets of each further sending do, and the rest in pieces of random size: every
    /// octet that arrives alone is a line of evidence.
    Everywhere,
}

impl Noise {
    /// A network that nobody would want: 1 % loss, 1 % duplication, 1 % reordering, 50 ms to 70 ms one way, and streams
    /// cut anywhere.
    pub const fn bad() -> Noise {
        Noise { loss: 10, duplication: 10, reordering: 10, delay_ms: 50, jitter_ms: 20, cut: Cut::Anywhere }
    }
}

/// The noise at work, on streams whose ends are named by `E`.
pub(super) struct Channel<E> {
    noise: Noise,
    state: u64,
    lost: u64,
    /// Until when the last octet of a stream is under way to this end. Nothing of the stream overtakes it.
    busy: HashMap<E, Time>,
    /// The octets that came one by one to this end.
    single: HashMap<E, usize>,
}

impl<E: Eq + Hash> Channel<E> {
    pub(super) fn new(noise: Noise, seed: u64) -> Channel<E> {
        Channel { noise, state: seed, lost: 0, busy: HashMap::new(), single: HashMap::new() }
    }

    /// How many datagrams got lost.
    pub(super) fn lost(&self) -> u64 {
        self.lost
    }

    /// How long each copy of a datagram takes to arrive. A lost one has none.
    pub(super) fn datagram(&mut self) -> Vec<Duration> {
        if self.happens(self.noise.loss) {
            self.lost += 1;
            return Vec::new();
        }
        let copies = if self.happens(self.noise.duplication) { 2 } else { 1 };
        (0..copies)
            .map(|_| if self.happens(self.noise.reordering) { self.span() * LATE } else { self.span() })
            .collect()
    }

    /// When what is sent now on a stream reaches its `end`: after all that was sent before.
    pub(super) fn stream(&mut self, now: Time, end: E) -> Time {
        let at = now + self.span();
        let busy = self.busy.entry(end).or_insert(at);
        *busy = at.max(*busy);
        *busy
    }

    /// When a stream that is opened now is open at its acceptor, and when at its opener. What the opener sends waits for
    /// both (RFC 9293 section 3.5).
    pub(super) fn handshake(&mut self, now: Time, opener: E, acceptor: E) -> (Time, Time) {
        let there = now + self.span();
        let back = there + self.span();
        let first = back + self.span();
        self.busy.extend([(opener, back), (acceptor, first)]);
        (there, back)
    }

    /// The pieces in which octets of a stream arrive at its `end`.
    pub(super) fn pieces(&mut self, end: E, octets: Bytes) -> Vec<Bytes> {
        let cut = self.noise.cut;
        match cut {
            Cut::Nowhere => vec![octets],
            Cut::Anywhere if self.happens(IN_OCTETS) && octets.len() <= MOST_SINGLE_OCTETS => one_by_one(octets),
            Cut::Anywhere => self.at_random(octets),
            Cut::Everywhere => self.everywhere(end, octets),
        }
    }

    fn at_random(&mut self, mut octets: Bytes) -> Vec<Bytes> {
        let mut pieces = Vec::new();
        while !octets.is_empty() {
            let drawn = usize::try_from(1 + self.below(LARGEST_PIECE)).unwrap_or(1);
            pieces.push(octets.split_to(drawn.min(octets.len())));
        }
        pieces
    }

    fn everywhere(&mut self, end: E, mut octets: Bytes) -> Vec<Bytes> {
        let so_far = self.single.entry(end).or_default();
        let first = SINGLE_OF_A_STREAM.saturating_sub(*so_far).max(SINGLE_AT_ENDS).min(octets.len());
        *so_far = so_far.saturating_add(first);
        let mut pieces = one_by_one(octets.split_to(first));
        let last = octets.split_off(octets.len().saturating_sub(SINGLE_AT_ENDS));
        pieces.extend(self.at_random(octets));
        pieces.extend(one_by_one(last));
        pieces
    }

    fn happens(&mut self, per_mille: u16) -> bool {
        self.below(1_000) < u64::from(per_mille)
    }

    fn span(&mut self) -> Duration {
        let jitter = self.below(self.noise.jitter_ms.saturating_mul(1_000).saturating_add(1));
        Duration::from_millis(self.noise.delay_ms) + Duration::from_micros(jitter)
    }

    fn below(&mut self, bound: u64) -> u64 {
        self.bits() % bound.max(1)
    }

    /// The next 64 pseudo-random bits (SplitMix64).
    fn bits(&mut self) -> u64 {
        self.state = self.state.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.state;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }
}

fn one_by_one(octets: Bytes) -> Vec<Bytes> {
    (0..octets.len()).map(|at| octets.slice(at..=at)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const MANY: usize = 100_000;

    fn channel() -> Channel<u8> {
        Channel::new(Noise::bad(), 7)
    }

    #[test]
    fn of_many_datagrams_one_in_a_hundred_is_lost_comes_twice_or_late() {
        let mut channel = channel();
        let arrived: Vec<Vec<Duration>> = (0..MANY).map(|_| channel.datagram()).collect();
        let about = |count: usize| (800..1_200).contains(&count);
        let lost = arrived.iter().filter(|copies| copies.is_empty()).count();
        assert!(about(lost), "{lost}");
        assert_eq!(channel.lost(), lost as u64);
        assert!(about(arrived.iter().filter(|copies| copies.len() == 2).count()));
        let (usual, late) = (Duration::from_millis(70), Duration::from_millis(200));
        assert!(about(arrived.iter().flatten().filter(|span| **span >= late).count()));
        assert!(arrived.iter().flatten().all(|span| *span <= usual || *span >= late));
        assert!(arrived.iter().flatten().all(|span| *span >= Duration::from_millis(50)));
    }

    #[test]
    fn a_stream_keeps_its_order_whatever_the_jitter() {
        let mut channel = channel();
        let begin = Time::from_nanos(1);
        let arrivals: Vec<Time> = (0..1_000).map(|ms| channel.stream(begin + Duration::from_millis(ms), 1)).collect();
        assert!(arrivals.is_sorted());
        assert!(arrivals[0] >= begin + Duration::from_millis(50));
        let (accepted, connected) = channel.handshake(begin, 2, 3);
        assert!(begin < accepted && accepted < connected);
        assert!(channel.stream(begin, 3) > connected && channel.stream(begin, 2) >= connected);
    }

    #[test]
    fn streams_are_cut_and_nothing_of_them_is_lost() {
        let mut channel = channel();
        for octets in [1, 300, MOST_SINGLE_OCTETS, 100_000] {
            let whole: Bytes = (0..octets).map(|at| (at % 251) as u8).collect();
            let mut single = 0;
            for _ in 0..100 {
                let pieces = channel.pieces(1, whole.clone());
                assert_eq!(pieces.concat(), whole);
                assert!(pieces.iter().all(|piece| !piece.is_empty()));
                single += usize::from(pieces.len() == octets);
            }
            assert_eq!(single > 0, octets <= MOST_SINGLE_OCTETS, "{octets}");
            assert_eq!(single == 100, octets == 1, "{octets}");
        }
        let mut calm = Channel::<u8>::new(Noise { cut: Cut::Nowhere, ..Noise::bad() }, 7);
        assert_eq!(calm.pieces(1, Bytes::from_static(b"whole")), [Bytes::from_static(b"whole")]);
    }

    #[test]
    fn everywhere_is_between_all_octets() {
        let mut channel = Channel::<u8>::new(Noise { cut: Cut::Everywhere, ..Noise::bad() }, 7);
        let whole: Bytes = (0..100_000).map(|at: u32| (at % 251) as u8).collect();
        let pieces = channel.pieces(1, whole.clone());
        assert!(pieces.iter().all(|piece| piece.len() == 1));
        assert_eq!(pieces.concat(), whole);
    }

    #[test]
    fn of_what_a_stream_carries_beyond_a_bound_the_ends_are_cut_between_all_octets() {
        let mut channel = Channel::<u8>::new(Noise { cut: Cut::Everywhere, ..Noise::bad() }, 7);
        let whole: Bytes = (0..1_100_000).map(|at: u32| (at % 251) as u8).collect();
        for (end, singly) in [(1, SINGLE_OF_A_STREAM), (1, SINGLE_AT_ENDS), (2, SINGLE_OF_A_STREAM)] {
            let pieces = channel.pieces(end, whole.clone());
            assert_eq!(pieces.concat(), whole);
            let single = |piece: &&Bytes| piece.len() == 1;
            assert!(pieces.iter().take_while(single).count() >= singly);
            assert!(pieces.iter().rev().take_while(single).count() >= SINGLE_AT_ENDS);
            assert!(pieces.len() < singly + 4_000, "{}", pieces.len());
        }
        let short = channel.pieces(1, whole.slice(..700));
        assert_eq!((short.len(), short.concat()), (700, whole[..700].to_vec()));
    }
}
