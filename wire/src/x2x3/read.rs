//! Reading a PDU from octets (TS 103 221-2 section 5.1).

use super::{Attribute, Direction, HEADER_OCTETS, Kind, MAX_HEADER, MAX_PAYLOAD, Pdu};
use crate::uuid::Uuid;
use bytes::Bytes;

/// Why octets are no PDU. Offsets count from its first octet.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PduError {
    /// Another major version than 0.
    #[error("major version {0} is not 0")]
    Version(u8),
    /// A type that is none of the four.
    #[error("there is no PDU of type {0}")]
    Type(u16),
    /// The header is said to be shorter than it can be, or longer than is read.
    #[error("{0} is no length of a header")]
    HeaderLength(u32),
    /// The payload is longer than is read.
    #[error("a payload of {0} octets is not read")]
    PayloadLength(u32),
    /// A direction that does not exist.
    #[error("there is no direction {0}")]
    Direction(u16),
    /// An attribute reaches past the header, or its value has a length that its type does not have.
    #[error("the attribute at {at} is cut, or has a wrong length")]
    Attribute {
        /// Where it begins.
        at: usize,
    },
    /// The octets are fewer than the lengths say, or more.
    #[error("{are} octets where the lengths say {said}")]
    Octets {
        /// What the lengths say; 40 where they are not there.
        said: usize,
        /// How many there are.
        are: usize,
    },
}

/// The parts of the fixed header that say where things are.
pub(super) struct Lengths {
    pub(super) header: usize,
    pub(super) payload: usize,
}

impl Lengths {
    /// The lengths at the beginning of these octets; none where they have not come yet.
    pub(super) fn of(octets: &[u8]) -> Result<Option<Lengths>, PduError> {
        if let Some(major) = octets.first().filter(|major| **major != 0) {
            return Err(PduError::Version(*major));
        }
        if let Some([_, _, high, low]) = octets.first_chunk::<4>() {
            kind(u16::from_be_bytes([*high, *low]))?;
        }
        let Some([_, _, _, _, h0, h1, h2, h3, p0, p1, p2, p3]) = octets.first_chunk::<12>() else { return Ok(None) };
        let header = u32::from_be_bytes([*h0, *h1, *h2, *h3]);
        let payload = u32::from_be_bytes([*p0, *p1, *p2, *p3]);
        match (usize::try_from(header), usize::try_from(payload)) {
            (Ok(header), Ok(payload)) if (HEADER_OCTETS..=MAX_HEADER).contains(&header) && payload <= MAX_PAYLOAD => {
                Ok(Some(Lengths { header, payload }))
            }
            (Ok(HEADER_OCTETS..=MAX_HEADER), _) => Err(PduError::PayloadLength(payload)),
            _ => Err(PduError::HeaderLength(header)),
        }
    }

    pub(super) const fn whole(&self) -> usize {
        self.header + self.payload
    }
}

impl Pdu {
    /// Reads exactly one PDU.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn parse(octets: Bytes) -> Result<Pdu, PduError> {
        let are = octets.len();
        let cut = PduError::Octets { said: HEADER_OCTETS, are };
        let lengths = Lengths::of(&octets)?.ok_or(cut)?;
        if lengths.whole() != are {
            return Err(PduError::Octets { said: lengths.whole(), are });
        }
        let (fixed, _) = octets.split_first_chunk::<HEADER_OCTETS>().ok_or(cut)?;
        let [_, minor, k0, k1, _, _, _, _, _, _, _, _, f0, f1, d0, d1, rest @ ..] = *fixed;
        let (xid, correlation) = rest.split_first_chunk::<16>().ok_or(cut)?;
        let correlation = correlation.first_chunk::<8>().ok_or(cut)?;
        Ok(Pdu {
            minor,
            kind: kind(u16::from_be_bytes([k0, k1]))?,
            format: u16::from_be_bytes([f0, f1]),
            direction: direction(u16::from_be_bytes([d0, d1]))?,
            xid: Uuid(*xid),
            correlation: u64::from_be_bytes(*correlation),
            attributes: attributes(&octets.slice(..lengths.header))?,
            payload: octets.slice(lengths.header..),
        })
    }
}

fn kind(number: u16) -> Result<Kind, PduError> {
    match number {
        1 => Ok(Kind::X2),
        2 => Ok(Kind::X3),
        3 => Ok(Kind::Keepalive),
        4 => Ok(Kind::KeepaliveAck),
        other => Err(PduError::Type(other)),
    }
}

fn direction(number: u16) -> Result<Direction, PduError> {
    match number {
        0 => Ok(Direction::Reserved),
        1 => Ok(Direction::Unknown),
        2 => Ok(Direction::ToTarget),
        3 => Ok(Direction::FromTarget),
        4 => Ok(Direction::Several),
        5 => Ok(Direction::NotApplicable),
        other => Err(PduError::Direction(other)),
    }
}

/// The attributes of a header, which fill it to its end.
fn attributes(header: &Bytes) -> Result<Vec<Attribute>, PduError> {
    let mut attributes = Vec::new();
    let mut at = HEADER_OCTETS;
    while at < header.len() {
        let wrong = PduError::Attribute { at };
        let head = header.get(at..).and_then(|rest| rest.first_chunk::<4>()).ok_or(wrong)?;
        let [k0, k1, l0, l1] = *head;
        let (kind, length) = (u16::from_be_bytes([k0, k1]), usize::from(u16::from_be_bytes([l0, l1])));
        let end = at + 4 + length;
        if end > header.len() || Attribute::length(kind).is_some_and(|own| own != length) {
            return Err(wrong);
        }
        attributes.push(Attribute { kind, value: header.slice(at + 4..end) });
        at = end;
    }
    Ok(attributes)
}
