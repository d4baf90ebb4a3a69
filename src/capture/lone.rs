//! A message without a capture around it.

use std::net::{Ipv4Addr, SocketAddr};

use bytes::Bytes;
use cpm_wire::time::Time;
use memchr::memmem;

use super::recognise::{Found, recognise};
use super::seen::{Octets, Protocol, Transport};

impl Octets {
    /// What a file holds that is no capture: a SIP or Diameter message, or a stream of MSRP messages. Who sent it to whom is not
    /// known, and over what only from the topmost Via. None when it is nothing of these.
    #[must_use]
    pub fn lone(octets: Bytes) -> Option<Octets> {
        let protocol = match recognise(&octets, true) {
            Found::Sip => Protocol::Sip,
            Found::Msrp => Protocol::Msrp,
            Found::Diameter => Protocol::Diameter,
            Found::Http | Found::Tls | Found::Other | Found::Undecided => return None,
        };
        let transport = match protocol {
            Protocol::Sip if !is_of_a_stream(&octets) => Transport::Udp,
            _ => Transport::Tcp,
        };
        let nowhere = |last| SocketAddr::from((Ipv4Addr::new(192, 0, 2, last), 0));
        let (source, destination) = (nowhere(1), nowhere(2));
        let connection = (transport == Transport::Tcp).then_some(1);
        Some(Octets { frame: 1, at: Time::ZERO, source, destination, transport, protocol, connection, octets })
    }
}

/// Whether the first Via names a transport of streams.
fn is_of_a_stream(octets: &[u8]) -> bool {
    let via = octets.split(|octet| *octet == b'\n').find(|line| {
        let name = line.split(|octet| *octet == b':').next().unwrap_or_default().trim_ascii();
        name.eq_ignore_ascii_case(b"via") || name.eq_ignore_ascii_case(b"v")
    });
    let via = via.unwrap_or_default().to_ascii_uppercase();
    let via = via.split(|octet| *octet == b';').next().unwrap_or_default();
    [&b"TCP"[..], b"TLS", b"WS", b"WSS"].iter().any(|transport| memmem::find(via, transport).is_some())
}
