//! IP and what it carries: IPv4 (RFC 791), IPv6 (RFC 8200), UDP (RFC 768), TCP (RFC 9293). Checksums are not looked at:
//! where a network card makes them, the capture has none that hold.

mod fragments;
mod transport;

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

pub(super) use fragments::Fragments;
pub(super) use transport::{Payload, Segment, payload};

use super::order::Order;
use super::tally::Skip;

const HOP_BY_HOP: u8 = 0;
const ROUTING: u8 = 43;
const FRAGMENT: u8 = 44;
const AUTHENTICATION: u8 = 51;
const DESTINATION: u8 = 60;
const MOBILITY: u8 = 135;

/// What an IP packet carries.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Ip<'a> {
    pub source: IpAddr,
    pub destination: IpAddr,
    /// The protocol of the payload.
    pub protocol: u8,
    pub payload: &'a [u8],
    /// So much of the payload was not captured.
    pub missing: usize,
    /// Which part of a datagram it is, if it is a part.
    pub part: Option<Part>,
}

/// Where a fragment belongs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Part {
    pub identification: u32,
    pub offset: usize,
    pub last: bool,
}

/// Reads the headers of an IP packet. What follows the packet, as Ethernet fills frames up, is left out.
#[inline]
pub(super) fn ip(packet: &[u8]) -> Result<Ip<'_>, Skip> {
    match packet.first().map(|octet| octet >> 4) {
        Some(4) => ipv4(packet),
        Some(6) => ipv6(packet),
        _ => Err(Skip::NotIp),
    }
}

fn ipv4(packet: &[u8]) -> Result<Ip<'_>, Skip> {
    let header = packet.first_chunk::<20>().ok_or(Skip::Malformed)?;
    let length = usize::from(header[0] & 0x0f) * 4;
    let total = match usize::from(u16::from_be_bytes([header[2], header[3]])) {
        // A segment whose length the network card fills in.
        0 => packet.len(),
        total => total,
    };
    if length < header.len() || total < length {
        return Err(Skip::Malformed);
    }
    let payload = packet.get(length..total.min(packet.len())).ok_or(Skip::Malformed)?;
    let flags = u16::from_be_bytes([header[6], header[7]]);
    let (more, offset) = (flags & 0x2000 != 0, usize::from(flags & 0x1fff) * 8);
    let identification = u32::from(u16::from_be_bytes([header[4], header[5]]));
    Ok(Ip {
        source: Ipv4Addr::new(header[12], header[13], header[14], header[15]).into(),
        destination: Ipv4Addr::new(header[16], header[17], header[18], header[19]).into(),
        protocol: header[9],
        payload,
        missing: total.saturating_sub(packet.len()),
        part: (more || offset > 0).then_some(Part { identification, offset, last: !more }),
    })
}

fn ipv6(packet: &[u8]) -> Result<Ip<'_>, Skip> {
    let (header, rest) = packet.split_first_chunk::<40>().ok_or(Skip::Malformed)?;
    let length = match usize::from(u16::from_be_bytes([header[4], header[5]])) {
        // A jumbogram, or a segment whose length the network card fills in.
        0 => rest.len(),
        length => length,
    };
    let address = |at| packet.get(at..).and_then(|octets| octets.first_chunk::<16>()).copied();
    let (Some(source), Some(destination)) = (address(8), address(24)) else { return Err(Skip::Malformed) };
    let mut ip = Ip {
        source: Ipv6Addr::from(source).into(),
        destination: Ipv6Addr::from(destination).into(),
        protocol: header[6],
        payload: rest.get(..length.min(rest.len())).ok_or(Skip::Malformed)?,
        missing: length.saturating_sub(rest.len()),
        part: None,
    };
    extensions(&mut ip)?;
    Ok(ip)
}

/// Passes over the extension headers (RFC 8200 section 4), to the payload, or to the part of one.
fn extensions(ip: &mut Ip<'_>) -> Result<(), Skip> {
    loop {
        let units = |octet: &u8| usize::from(*octet);
        let length = match (ip.protocol, ip.payload.get(1)) {
            (HOP_BY_HOP | ROUTING | DESTINATION | MOBILITY, Some(length)) => units(length) * 8 + 8,
            (AUTHENTICATION, Some(length)) => units(length) * 4 + 8,
            (FRAGMENT, Some(_)) => 8,
            (HOP_BY_HOP | ROUTING | DESTINATION | MOBILITY | AUTHENTICATION | FRAGMENT, None) => {
                return Err(Skip::Malformed);
            }
            _ => return Ok(()),
        };
        let (header, payload) = ip.payload.split_at_checked(length).ok_or(Skip::Malformed)?;
        let fragment = ip.protocol == FRAGMENT;
        ip.protocol = header.first().copied().unwrap_or_default();
        ip.payload = payload;
        if fragment {
            let place = Order::Big.u16(header, 2).unwrap_or_default();
            let identification = Order::Big.u32(header, 4).unwrap_or_default();
            let (offset, last) = (usize::from(place & !7), place & 1 == 0);
            // Whole in one fragment (RFC 6946).
            if offset > 0 || !last {
                ip.part = Some(Part { identification, offset, last });
                return Ok(());
            }
        }
    }
}
