//! Writing a PDU (TS 103 221-2 section 5.1).

use super::{Direction, HEADER_OCTETS, Kind, Pdu};
use bytes::{BufMut, Bytes, BytesMut};

impl Kind {
    /// The number on the wire.
    #[must_use]
    pub const fn number(self) -> u16 {
        match self {
            Kind::X2 => 1,
            Kind::X3 => 2,
            Kind::Keepalive => 3,
            Kind::KeepaliveAck => 4,
        }
    }
}

impl Direction {
    /// The number on the wire.
    #[must_use]
    pub const fn number(self) -> u16 {
        match self {
            Direction::Reserved => 0,
            Direction::Unknown => 1,
            Direction::ToTarget => 2,
            Direction::FromTarget => 3,
            Direction::Several => 4,
            Direction::NotApplicable => 5,
        }
    }
}

impl Pdu {
    /// Writes the PDU. A header or a payload that is longer than is read is written all the same.
    #[must_use]
    pub fn to_octets(&self) -> Bytes {
        let attributes: usize = self.attributes.iter().map(|attribute| 4 + attribute.value.len()).sum();
        let header = HEADER_OCTETS + attributes;
        let mut out = BytesMut::with_capacity(header + self.payload.len());
        out.put_u8(0);
        out.put_u8(self.minor);
        out.put_u16(self.kind.number());
        out.put_u32(u32::try_from(header).unwrap_or(u32::MAX));
        out.put_u32(u32::try_from(self.payload.len()).unwrap_or(u32::MAX));
        out.put_u16(self.format);
        out.put_u16(self.direction.number());
        out.put_slice(&self.xid.0);
        out.put_u64(self.correlation);
        for attribute in &self.attributes {
            out.put_u16(attribute.kind);
            out.put_u16(u16::try_from(attribute.value.len()).unwrap_or(u16::MAX));
            out.put_slice(&attribute.value);
        }
        out.put_slice(&self.payload);
        out.freeze()
    }
}
