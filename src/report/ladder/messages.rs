//! The messages of an exchange, and where their octets stand in the records: streams (RFC 4975 section 5, ETSI TS 103 221-2)
//! are cut into messages as whoever took part cut them, by the framers of the wire.

use std::collections::{HashMap, VecDeque};
use std::sync::Arc;

use bytes::{Bytes, BytesMut};
use cpm_wire::{msrp, x2x3};

use crate::evidence::{Direction, Octets, Protocol, Record, What};

/// A message, or octets of which none could be made.
#[derive(Clone, Debug)]
pub struct Told {
    /// Every record with octets of it; never none.
    pub pieces: Vec<Piece>,
    /// Its octets.
    pub octets: Bytes,
    /// It, where it is one of MSRP.
    pub msrp: Option<msrp::Message>,
    /// Why no message could be made of it, in words.
    pub fault: Option<String>,
}

/// Octets of a message in a record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Piece {
    /// The record, counted from 1.
    pub frame: u64,
    /// The first of them within the record.
    pub at: usize,
    /// How many.
    pub length: usize,
}

impl Told {
    /// The records with octets of it.
    pub fn frames(&self) -> impl Iterator<Item = u64> {
        self.pieces.iter().map(|piece| piece.frame)
    }

    /// Where octets of a record stand in the message; none for octets that are not of it.
    #[must_use]
    pub fn place(&self, frame: u64, (start, end): (usize, usize)) -> Option<(usize, usize)> {
        let mut before = 0;
        for piece in &self.pieces {
            let own = piece.at..piece.at + piece.length;
            let touches = start < own.end && (end > own.start || end == start && start == own.start);
            if piece.frame == frame && touches {
                let (from, to) = (start.max(own.start), end.clamp(start.max(own.start), own.end));
                return Some((before + from - own.start, before + to - own.start));
            }
            before += piece.length;
        }
        None
    }
}

/// The messages that begin in each record, in the order of the records.
#[must_use]
pub fn messages(records: &[Record]) -> Vec<Vec<Told>> {
    let mut told: Vec<Vec<Told>> = records.iter().map(|_| Vec::new()).collect();
    let mut streams: HashMap<(Arc<str>, u64, Direction), Stream> = HashMap::new();
    let mut put = |message: Told| {
        let place = message.pieces.first().and_then(|piece| usize::try_from(piece.frame.saturating_sub(1)).ok());
        if let Some(own) = place.and_then(|place| told.get_mut(place)) {
            own.push(message);
        }
    };
    for (frame, record) in (1..).zip(records) {
        let What::Octets(octets) = &record.what else { continue };
        match octets.protocol {
            Protocol::Msrp | Protocol::X2x3 => {
                let key = (octets.actor.clone(), octets.connection.unwrap_or_default(), octets.direction);
                let stream = streams.entry(key).or_insert_with(|| Stream::of(octets));
                stream.take(frame, octets).into_iter().for_each(&mut put);
            }
            _ => {
                let pieces = vec![Piece { frame, at: 0, length: octets.octets.len() }];
                put(Told { pieces, octets: octets.octets.clone(), msrp: None, fault: None });
            }
        }
    }
    let rest = streams.into_values().filter_map(|mut stream| stream.rest("it is not whole"));
    rest.for_each(&mut put);
    told
}

enum Framer {
    Msrp(Box<msrp::Framer>),
    X2x3(x2x3::Framer),
    /// Nothing can be made of what follows.
    Failed,
}

/// One direction of one connection.
struct Stream {
    framer: Framer,
    /// What no message was made of yet: the record, the first octet within it, the octets.
    pieces: VecDeque<(u64, usize, Bytes)>,
}

impl Stream {
    fn of(octets: &Octets) -> Stream {
        let framer = match octets.protocol {
            Protocol::X2x3 => Framer::X2x3(x2x3::Framer::default()),
            _ => Framer::Msrp(Box::default()),
        };
        Stream { framer, pieces: VecDeque::new() }
    }

    /// Takes a record, and gives the messages that are whole now.
    fn take(&mut self, frame: u64, octets: &Octets) -> Vec<Told> {
        self.pieces.push_back((frame, 0, octets.octets.clone()));
        match &mut self.framer {
            Framer::Msrp(framer) => framer.push(octets.octets.clone()),
            Framer::X2x3(framer) => framer.push(&octets.octets),
            Framer::Failed => {}
        }
        let mut told = Vec::new();
        while let Some(message) = self.next() {
            told.push(message);
        }
        told
    }

    fn next(&mut self) -> Option<Told> {
        let next = match &mut self.framer {
            Framer::Msrp(framer) => framer
                .next()?
                .map(|message| (message.octets().clone(), Some(message)))
                .map_err(|error| error.to_string()),
            Framer::X2x3(framer) => framer.next()?.map(|octets| (octets, None)).map_err(|error| error.to_string()),
            Framer::Failed => return self.rest("a message before it cannot be read"),
        };
        match next {
            Ok((octets, msrp)) => Some(Told { pieces: self.consume(octets.len()), octets, msrp, fault: None }),
            Err(why) => {
                self.framer = Framer::Failed;
                self.rest(&why)
            }
        }
    }

    /// The records in which the next octets stand.
    fn consume(&mut self, mut length: usize) -> Vec<Piece> {
        let mut pieces = Vec::new();
        while length > 0
            && let Some((frame, at, octets)) = self.pieces.front_mut()
        {
            let own = length.min(octets.len().saturating_sub(*at));
            pieces.push(Piece { frame: *frame, at: *at, length: own });
            length -= own;
            *at += own;
            if *at == octets.len() {
                self.pieces.pop_front();
            }
        }
        pieces
    }

    /// What no message was made of.
    fn rest(&mut self, why: &str) -> Option<Told> {
        let mut octets = BytesMut::new();
        let mut pieces = Vec::new();
        for (frame, at, piece) in self.pieces.drain(..) {
            let own = piece.get(at..).unwrap_or_default();
            octets.extend_from_slice(own);
            pieces.push(Piece { frame, at, length: own.len() });
        }
        let fault = Some(why.to_owned());
        (!pieces.is_empty()).then(|| Told { pieces, octets: octets.freeze(), msrp: None, fault })
    }
}
