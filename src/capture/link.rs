//! The headers below IP, by link type (the registry of the pcap drafts, <https://www.tcpdump.org/linktypes.html>).

use super::order::Order;
use super::tally::Skip;

const NULL: u16 = 0;
const ETHERNET: u16 = 1;
const RAW_BSD: u16 = 12;
const RAW_OPENBSD: u16 = 14;
const RAW: u16 = 101;
const LOOP: u16 = 108;
const LINUX_COOKED: u16 = 113;
const IPV4: u16 = 228;
const IPV6: u16 = 229;
const LINUX_COOKED_2: u16 = 276;

const ETHERTYPE_IPV4: u16 = 0x0800;
const ETHERTYPE_IPV6: u16 = 0x86dd;
const ETHERTYPE_VLAN: u16 = 0x8100;
const ETHERTYPE_SERVICE_VLAN: u16 = 0x88a8;
const ETHERTYPE_OLD_QINQ: u16 = 0x9100;

/// The IP packet within a packet of this link type.
#[inline]
pub(super) fn ip(link: u16, packet: &[u8]) -> Result<&[u8], Skip> {
    match link {
        ETHERNET => behind_ethertype(packet, 12, 14),
        LINUX_COOKED => behind_ethertype(packet, 14, 16),
        LINUX_COOKED_2 => behind_ethertype(packet, 0, 20),
        RAW_BSD | RAW_OPENBSD | RAW | IPV4 | IPV6 => Ok(packet),
        // The family has a number of each system's own; the version of IP follows.
        NULL | LOOP => packet.get(4..).ok_or(Skip::Malformed),
        _ => Err(Skip::LinkType),
    }
}

/// Follows the tags of virtual networks (IEEE 802.1Q), which hold the type of what is behind them.
fn behind_ethertype(packet: &[u8], at: usize, header: usize) -> Result<&[u8], Skip> {
    let mut kind = Order::Big.u16(packet, at).ok_or(Skip::Malformed)?;
    let mut rest = packet.get(header..).ok_or(Skip::Malformed)?;
    while let ETHERTYPE_VLAN | ETHERTYPE_SERVICE_VLAN | ETHERTYPE_OLD_QINQ = kind {
        kind = Order::Big.u16(rest, 2).ok_or(Skip::Malformed)?;
        rest = rest.get(4..).ok_or(Skip::Malformed)?;
    }
    match kind {
        ETHERTYPE_IPV4 | ETHERTYPE_IPV6 => Ok(rest),
        _ => Err(Skip::NotIp),
    }
}
