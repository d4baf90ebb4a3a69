//! UDP and TCP headers.

use std::net::SocketAddr;

use super::Ip;
use crate::capture::tally::Skip;

const TCP: u8 = 6;
const UDP: u8 = 17;
const SCTP: u8 = 132;

/// Source and destination.
type Ends = (SocketAddr, SocketAddr);

/// What a datagram of IP brings.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::capture) enum Payload<'a> {
    Udp { ends: Ends, octets: &'a [u8] },
    Tcp { ends: Ends, segment: Segment<'a> },
}

/// A TCP segment.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(in crate::capture) struct Segment<'a> {
    pub sequence: u32,
    pub acknowledgement: Option<u32>,
    pub syn: bool,
    pub fin: bool,
    pub reset: bool,
    pub octets: &'a [u8],
    /// So many octets at its end were not captured.
    pub missing: usize,
}

/// Reads the header of the transport.
#[inline]
pub(in crate::capture) fn payload<'a>(ip: &Ip<'a>) -> Result<Payload<'a>, Skip> {
    match ip.protocol {
        UDP => udp(ip),
        TCP => tcp(ip),
        SCTP => Err(Skip::Sctp),
        _ => Err(Skip::OtherTransport),
    }
}

fn ends(ip: &Ip<'_>, ports: [u8; 4]) -> Ends {
    let [a, b, c, d] = ports;
    (
        SocketAddr::new(ip.source, u16::from_be_bytes([a, b])),
        SocketAddr::new(ip.destination, u16::from_be_bytes([c, d])),
    )
}

fn udp<'a>(ip: &Ip<'a>) -> Result<Payload<'a>, Skip> {
    let short = if ip.missing > 0 { Skip::CutShort } else { Skip::Malformed };
    let ([a, b, c, d, high, low, ..], octets) = ip.payload.split_first_chunk::<8>().ok_or(short)?;
    let octets = match usize::from(u16::from_be_bytes([*high, *low])) {
        // Longer than the field can tell (RFC 2675), or filled in by the network card.
        0 => octets,
        length => octets.get(..length.checked_sub(8).ok_or(Skip::Malformed)?).ok_or(short)?,
    };
    Ok(Payload::Udp { ends: ends(ip, [*a, *b, *c, *d]), octets })
}

fn tcp<'a>(ip: &Ip<'a>) -> Result<Payload<'a>, Skip> {
    let short = if ip.missing > 0 { Skip::CutShort } else { Skip::Malformed };
    let header = ip.payload.first_chunk::<20>().ok_or(short)?;
    let length = usize::from(header[12] >> 4) * 4;
    if length < header.len() {
        return Err(Skip::Malformed);
    }
    let flag = |bit: u8| header[13] & bit != 0;
    let segment = Segment {
        sequence: u32::from_be_bytes([header[4], header[5], header[6], header[7]]),
        acknowledgement: flag(0x10).then_some(u32::from_be_bytes([header[8], header[9], header[10], header[11]])),
        syn: flag(0x02),
        fin: flag(0x01),
        reset: flag(0x04),
        octets: ip.payload.get(length..).ok_or(short)?,
        missing: ip.missing,
    };
    Ok(Payload::Tcp { ends: ends(ip, [header[0], header[1], header[2], header[3]]), segment })
}
