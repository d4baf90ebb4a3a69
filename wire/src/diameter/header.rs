//! The header of a message (RFC 6733 section 3).

use super::error::DiameterError;
use super::message::Message;
use bytes::{BufMut, BytesMut};

/// The octets of a header.
pub const HEADER_LENGTH: usize = 20;
/// The only version.
const VERSION: u8 = 1;
/// The most that three octets can say, in whole words.
pub(super) const MAX_LENGTH: usize = 0x00FF_FFFC;

/// The command flags, as they stand on the wire.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct CommandFlags(pub u8);

impl CommandFlags {
    /// R: a request.
    pub const REQUEST: u8 = 0x80;
    /// P: may be proxied, relayed or redirected.
    pub const PROXIABLE: u8 = 0x40;
    /// E: an answer that tells of a protocol error.
    pub const ERROR: u8 = 0x20;
    /// T: potentially sent before.
    pub const RETRANSMITTED: u8 = 0x10;
    /// The bits that are zero.
    pub const RESERVED: u8 = 0x0F;

    /// Whether one of these bits is set.
    #[must_use]
    pub const fn has(self, bits: u8) -> bool {
        self.0 & bits != 0
    }
}

/// What stands before the AVPs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Header {
    /// The octets of the whole message.
    pub length: u32,
    /// The command flags.
    pub flags: CommandFlags,
    /// The command code.
    pub command: u32,
    /// The application.
    pub application: u32,
    /// Pairs request and answer on one connection.
    pub hop_by_hop: u32,
    /// Tells duplicates, from end to end.
    pub end_to_end: u32,
}

impl Header {
    /// Reads the header at the beginning of the octets, which may be a piece of a message.
    pub fn parse(octets: &[u8]) -> Result<Header, DiameterError> {
        let head = octets.first_chunk::<HEADER_LENGTH>().ok_or(DiameterError::Short(octets.len()))?;
        let [version, l0, l1, l2, flags, c0, c1, c2, rest @ ..] = *head;
        if version != VERSION {
            return Err(DiameterError::Version(version));
        }
        let length = u32::from_be_bytes([0, l0, l1, l2]);
        if !length.is_multiple_of(4) || length < HEADER_LENGTH as u32 {
            return Err(DiameterError::Length(length));
        }
        let [a0, a1, a2, a3, h0, h1, h2, h3, e0, e1, e2, e3] = rest;
        Ok(Header {
            length,
            flags: CommandFlags(flags),
            command: u32::from_be_bytes([0, c0, c1, c2]),
            application: u32::from_be_bytes([a0, a1, a2, a3]),
            hop_by_hop: u32::from_be_bytes([h0, h1, h2, h3]),
            end_to_end: u32::from_be_bytes([e0, e1, e2, e3]),
        })
    }

    /// Whether this is a request.
    #[must_use]
    pub const fn is_request(&self) -> bool {
        self.flags.has(CommandFlags::REQUEST)
    }

    /// A message of this header and nothing else.
    pub(super) fn alone(self) -> Result<Message, DiameterError> {
        let mut octets = BytesMut::with_capacity(HEADER_LENGTH);
        Header { length: HEADER_LENGTH as u32, ..self }.write(&mut octets);
        Message::parse(octets.freeze())
    }

    /// Writes the header; length and command are cut to their three octets.
    pub(super) fn write(&self, to: &mut BytesMut) {
        to.put_u32(u32::from(VERSION) << 24 | self.length & 0x00FF_FFFF);
        to.put_u32(u32::from(self.flags.0) << 24 | self.command & 0x00FF_FFFF);
        to.put_u32(self.application);
        to.put_u32(self.hop_by_hop);
        to.put_u32(self.end_to_end);
    }
}
