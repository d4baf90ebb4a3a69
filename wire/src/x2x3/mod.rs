//! The PDU by which a network function hands over what it intercepted (ETSI TS 103 221-2): events over X2, content of
//! communication over X3, one after the other on a stream.
//!
//! The layout and the numbers are those of version 0.5 of the protocol (V1.6.1 of the document), as public codecs and the
//! dissector of Wireshark have them. A reader is strict as to lengths; what a later minor version may add (payload formats,
//! attributes) is kept as it stands.

pub mod attribute;
mod framer;
mod read;
#[cfg(test)]
mod tests;
mod write;

pub use attribute::Attribute;
pub use framer::Framer;
pub use read::PduError;

use crate::time::Time;
use crate::uuid::Uuid;
use bytes::Bytes;
use std::net::{IpAddr, SocketAddr};

/// The octets before the attributes (section 5.1).
pub const HEADER_OCTETS: usize = 40;
/// The longest header that is read, attributes included.
pub const MAX_HEADER: usize = 64 * 1024;
/// The longest payload that is read.
pub const MAX_PAYLOAD: usize = 16 * 1024 * 1024;

/// What a PDU is (section 5.2.2).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Kind {
    /// An event.
    X2,
    /// Content of communication.
    X3,
    /// A question whether the other side is there.
    Keepalive,
    /// Its answer.
    KeepaliveAck,
}

/// Which way the payload went (section 5.2.6).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Direction {
    /// Of keepalives.
    Reserved,
    /// Not known.
    Unknown,
    /// The target received it.
    ToTarget,
    /// The target sent it.
    FromTarget,
    /// It stands for several, of more than one direction.
    Several,
    /// There is none.
    NotApplicable,
}

/// Numbers of payload formats (section 5.4).
pub mod format {
    /// Of keepalives.
    pub const RESERVED: u16 = 0;
    /// A SIP message, on X2.
    pub const SIP: u16 = 9;
    /// An MSRP message, on X3.
    pub const MSRP: u16 = 13;
    /// A MIME message.
    pub const MIME: u16 = 15;
}

/// One PDU.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pdu {
    /// The minor version of its sender; the major one is 0.
    pub minor: u8,
    /// What it is.
    pub kind: Kind,
    /// What the payload is: one of [`format`], or another.
    pub format: u16,
    /// Which way that went.
    pub direction: Direction,
    /// The task.
    pub xid: Uuid,
    /// The same for all that belongs to one communication.
    pub correlation: u64,
    /// The conditional attributes, in order.
    pub attributes: Vec<Attribute>,
    /// What was intercepted.
    pub payload: Bytes,
}

/// The minor version that is written.
pub const MINOR: u8 = 5;

impl Pdu {
    /// A PDU that hands something over, to be given attributes.
    #[must_use]
    pub const fn of(kind: Kind, format: u16, direction: Direction, xid: Uuid, payload: Bytes) -> Pdu {
        Pdu { minor: MINOR, kind, format, direction, xid, correlation: 0, attributes: Vec::new(), payload }
    }

    /// A keepalive, or its answer, of this number: all else in it is zero (section 6.2.4).
    #[must_use]
    pub fn keepalive(kind: Kind, number: u32) -> Pdu {
        let pdu = Pdu::of(kind, format::RESERVED, Direction::Reserved, Uuid::default(), Bytes::new());
        Pdu { attributes: vec![Attribute::sequence_number(number)], ..pdu }
    }

    /// The value of the first attribute of this type.
    #[must_use]
    pub fn attribute(&self, kind: u16) -> Option<&Bytes> {
        self.attributes.iter().find(|attribute| attribute.kind == kind).map(|attribute| &attribute.value)
    }

    /// The number of the PDU among those of its task and communication, from 0 (section 5.3.9).
    #[must_use]
    pub fn sequence_number(&self) -> Option<u32> {
        let octets = self.attribute(attribute::SEQUENCE_NUMBER)?.first_chunk::<4>()?;
        Some(u32::from_be_bytes(*octets))
    }

    /// When it was intercepted.
    #[must_use]
    pub fn timestamp(&self) -> Option<Time> {
        let octets = self.attribute(attribute::TIMESTAMP)?.first_chunk::<8>()?;
        let [s0, s1, s2, s3, n0, n1, n2, n3] = *octets;
        let seconds = u64::from(u32::from_be_bytes([s0, s1, s2, s3]));
        let nanoseconds = u64::from(u32::from_be_bytes([n0, n1, n2, n3]));
        Some(Time::from_nanos(seconds * 1_000_000_000 + nanoseconds))
    }

    /// Where the payload came from, when address and port are told.
    #[must_use]
    pub fn source(&self) -> Option<SocketAddr> {
        use attribute::{SOURCE_IPV4, SOURCE_IPV6, SOURCE_PORT};
        self.place(SOURCE_IPV4, SOURCE_IPV6, SOURCE_PORT)
    }

    /// Where the payload went to, when address and port are told.
    #[must_use]
    pub fn destination(&self) -> Option<SocketAddr> {
        use attribute::{DESTINATION_IPV4, DESTINATION_IPV6, DESTINATION_PORT};
        self.place(DESTINATION_IPV4, DESTINATION_IPV6, DESTINATION_PORT)
    }

    fn place(&self, ipv4: u16, ipv6: u16, port: u16) -> Option<SocketAddr> {
        let four = || self.attribute(ipv4)?.first_chunk::<4>().map(|octets| IpAddr::from(*octets));
        let six = || self.attribute(ipv6)?.first_chunk::<16>().map(|octets| IpAddr::from(*octets));
        let port = self.attribute(port)?.first_chunk::<2>()?;
        Some(SocketAddr::new(four().or_else(six)?, u16::from_be_bytes(*port)))
    }

    /// The identifier by which the target was found, as the task has it.
    #[must_use]
    pub fn matched_target(&self) -> Option<&str> {
        std::str::from_utf8(self.attribute(attribute::MATCHED_TARGET)?).ok()
    }
}
