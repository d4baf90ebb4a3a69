//! One connection that passes a fault: octets become messages and octets again, in both directions.

use bytes::{Buf, Bytes, BytesMut};
use cpm_wire::{diameter, msrp, sip, x2x3};

/// Which way a message goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Way {
    /// To the core.
    In,
    /// To the network.
    Out,
}

impl Way {
    /// The other way.
    pub(super) const fn back(self) -> Way {
        match self {
            Way::In => Way::Out,
            Way::Out => Way::In,
        }
    }
}

/// A message on its way, or octets that are none.
#[derive(Debug)]
pub(super) enum Piece {
    /// SIP.
    Sip(sip::Message),
    /// MSRP.
    Msrp(Box<msrp::Message>),
    /// Diameter.
    Diameter(diameter::Message),
    /// What was intercepted, in a PDU of X2 or X3.
    HandedOver(Bytes),
    /// Something that is passed on as it is.
    Other(Bytes),
}

impl Piece {
    fn octets(&self) -> &Bytes {
        match self {
            Piece::Sip(message) => message.octets(),
            Piece::Msrp(message) => message.octets(),
            Piece::Diameter(message) => message.octets(),
            Piece::HandedOver(octets) | Piece::Other(octets) => octets,
        }
    }
}

/// One direction of a stream.
#[derive(Debug, Default)]
pub(super) struct Passage {
    reading: Reading,
    /// What has come and is no part of a whole message yet.
    unread: BytesMut,
}

#[derive(Debug, Default)]
enum Reading {
    /// Too little has come to tell.
    #[default]
    New,
    Msrp(Box<msrp::Framer>),
    Sip(Box<sip::stream::Framer>),
    Diameter(Box<diameter::Framer>),
    HandedOver(Box<x2x3::Framer>),
    /// The stream cannot be read: it passes as it is.
    Nothing,
}

const MSRP: &[u8] = b"MSRP ";
/// The version, with which every message of Diameter begins and none of the others.
const DIAMETER: &[u8] = &[1];
/// The version, with which every PDU of X2 and X3 begins and none of the others.
const HANDED_OVER: &[u8] = &[0];

impl Passage {
    /// Takes octets, and gives what they complete.
    pub(super) fn take(&mut self, octets: Bytes) -> Vec<Piece> {
        self.unread.extend_from_slice(&octets);
        let fresh = match self.reading {
            Reading::New if MSRP.starts_with(&self.unread) && self.unread.len() < MSRP.len() => return Vec::new(),
            // Whatever else goes by, it begins with another line.
            Reading::New if !is_binary(&self.unread) && is_foreign(&self.unread) => {
                self.reading = Reading::Nothing;
                octets
            }
            Reading::New => {
                self.reading = if self.unread.starts_with(MSRP) {
                    Reading::Msrp(Default::default())
                } else if self.unread.starts_with(DIAMETER) {
                    Reading::Diameter(Default::default())
                } else if self.unread.starts_with(HANDED_OVER) {
                    Reading::HandedOver(Default::default())
                } else {
                    Reading::Sip(Default::default())
                };
                Bytes::copy_from_slice(&self.unread)
            }
            _ => octets,
        };
        let (mut pieces, broken) = self.read(fresh);
        for piece in &pieces {
            self.unread.advance(piece.octets().len().min(self.unread.len()));
        }
        if broken && !self.unread.is_empty() {
            self.reading = Reading::Nothing;
            pieces.push(Piece::Other(self.unread.split().freeze()));
        }
        pieces
    }

    /// What is whole now, and whether nothing more can be read.
    fn read(&mut self, octets: Bytes) -> (Vec<Piece>, bool) {
        let read: Vec<Option<Piece>> = match &mut self.reading {
            Reading::Msrp(framer) => {
                framer.push(octets);
                std::iter::from_fn(|| framer.next()).map(|read| Some(Piece::Msrp(Box::new(read.ok()?)))).collect()
            }
            Reading::Sip(framer) => {
                framer.push(&octets);
                std::iter::from_fn(|| framer.next()).map(|read| Some(sip_piece(read.ok()?))).collect()
            }
            Reading::Diameter(framer) => {
                framer.push(octets);
                let next =
                    || framer.next().map(|read| read.ok().and_then(|octets| diameter::Message::parse(octets).ok()));
                std::iter::from_fn(next).map(|read| read.map(Piece::Diameter)).collect()
            }
            Reading::HandedOver(framer) => {
                framer.push(&octets);
                std::iter::from_fn(|| framer.next()).map(|read| Some(Piece::HandedOver(read.ok()?))).collect()
            }
            Reading::New | Reading::Nothing => vec![None],
        };
        let broken = read.iter().any(Option::is_none);
        (read.into_iter().flatten().collect(), broken)
    }
}

/// True for a protocol that has no lines.
fn is_binary(octets: &[u8]) -> bool {
    octets.starts_with(DIAMETER) || octets.starts_with(HANDED_OVER)
}

/// True where the first line is whole, and is none of SIP or MSRP.
fn is_foreign(octets: &[u8]) -> bool {
    let line =
        octets.split(|octet| *octet == b'\n').next().filter(|line| line.len() < octets.len()).unwrap_or_default();
    let names = |protocol: &[u8]| line.windows(protocol.len()).any(|part| part == protocol);
    line.len() > 1 && !names(b"SIP/2.0") && !names(MSRP)
}

fn sip_piece(frame: sip::stream::Frame) -> Piece {
    match frame {
        sip::stream::Frame::Message(message) => Piece::Sip(message),
        sip::stream::Frame::KeepAlive => Piece::Other(Bytes::from_static(b"\r\n\r\n")),
        sip::stream::Frame::Pong => Piece::Other(Bytes::from_static(b"\r\n")),
    }
}
