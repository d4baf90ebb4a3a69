//! The old format, `.pcap`: one header, then packets, each after a header of its own
//! (draft-ietf-opsawg-pcap sections 4 and 5).

use std::io::Read;

use cpm_wire::time::Time;

use super::input::Input;
use super::{Head, MAX_PACKET, What};
use crate::capture::error::CaptureError;
use crate::capture::order::Order;

const FILE_HEADER: usize = 24;
const PACKET_HEADER: usize = 16;
const MICROSECONDS: u32 = 0xa1b2_c3d4;
const NANOSECONDS: u32 = 0xa1b2_3c4d;
const MAJOR: u16 = 2;

#[derive(Debug)]
pub(super) struct Pcap {
    order: Order,
    /// The nanoseconds of a unit of the fraction of a second.
    unit: u64,
    link: u16,
}

impl Pcap {
    /// Reads the header of the file; nothing when it is of another format.
    pub fn begin<R: Read>(input: &mut Input<R>) -> Result<Option<Pcap>, CaptureError> {
        let magic = |order: Order| order.u32(input.ahead(), 0);
        let Some((order, unit)) = [Order::Little, Order::Big].into_iter().find_map(|order| match magic(order) {
            Some(MICROSECONDS) => Some((order, 1000)),
            Some(NANOSECONDS) => Some((order, 1)),
            _ => None,
        }) else {
            return Ok(None);
        };
        input.whole("the header of the file", FILE_HEADER)?;
        let header = input.take(FILE_HEADER);
        let major = order.u16(header, 4).unwrap_or_default();
        // Above the link type stands how long a check sequence at the end of each packet is.
        let link = order.u32(header, 20).unwrap_or_default() as u16;
        match major {
            MAJOR => Ok(Some(Pcap { order, unit, link })),
            _ => Err(CaptureError::Version { at: 4, major, format: "pcap" }),
        }
    }

    /// What is said of the next packet, which is ahead as a whole then.
    pub fn next<R: Read>(&self, input: &mut Input<R>) -> Result<Option<Head>, CaptureError> {
        if !input.need(PACKET_HEADER)? && input.ahead().is_empty() {
            return Ok(None);
        }
        input.whole("the header of a packet", PACKET_HEADER)?;
        let number = |at| self.order.u32(input.ahead(), at).unwrap_or_default();
        let (seconds, fraction, length) = (number(0), number(4), number(8) as usize);
        if length > MAX_PACKET {
            let why = format!("a packet of {length} octets: the lengths from here on are not to be trusted");
            return Err(CaptureError::Corrupt { at: input.offset(), why });
        }
        input.whole("a packet", PACKET_HEADER + length)?;
        let at = Time::from_nanos(u64::from(seconds) * 1_000_000_000 + u64::from(fraction) * self.unit);
        Ok(Some(Head { what: What::Packet, at, link: self.link, before: PACKET_HEADER, length, after: 0 }))
    }
}
