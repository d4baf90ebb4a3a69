//! Conditional attributes: type and length of two octets each, then the value (TS 103 221-2 section 5.3).

use crate::time::Time;
use bytes::Bytes;
use std::net::{IpAddr, SocketAddr};

/// Type of the number of a PDU: 4 octets.
pub const SEQUENCE_NUMBER: u16 = 8;
/// Type of the time of interception: seconds and nanoseconds since 1970, 4 octets each.
pub const TIMESTAMP: u16 = 9;
/// Type of the source address in IPv4.
pub const SOURCE_IPV4: u16 = 10;
/// Type of the destination address in IPv4.
pub const DESTINATION_IPV4: u16 = 11;
/// Type of the source address in IPv6.
pub const SOURCE_IPV6: u16 = 12;
/// Type of the destination address in IPv6.
pub const DESTINATION_IPV6: u16 = 13;
/// Type of the source port.
pub const SOURCE_PORT: u16 = 14;
/// Type of the destination port.
pub const DESTINATION_PORT: u16 = 15;
/// Type of the number of the transport protocol: 1 octet.
pub const IP_PROTOCOL: u16 = 16;
/// Type of the target identifier that matched, as text.
pub const MATCHED_TARGET: u16 = 17;

/// One attribute.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Attribute {
    /// Its type.
    pub kind: u16,
    /// Its value, at most 65535 octets.
    pub value: Bytes,
}

impl Attribute {
    /// An attribute of this type; a value that is too long for its length field is cut.
    #[must_use]
    pub fn new(kind: u16, value: impl Into<Bytes>) -> Attribute {
        let mut value = value.into();
        value.truncate(usize::from(u16::MAX));
        Attribute { kind, value }
    }

    /// The number of a PDU.
    #[must_use]
    pub fn sequence_number(number: u32) -> Attribute {
        Attribute::new(SEQUENCE_NUMBER, number.to_be_bytes().to_vec())
    }

    /// The time of interception. Its seconds end in 2106.
    #[must_use]
    pub fn timestamp(time: Time) -> Attribute {
        let since = time.since(Time::ZERO);
        let seconds = u32::try_from(since.as_secs()).unwrap_or(u32::MAX);
        Attribute::new(TIMESTAMP, [seconds.to_be_bytes(), since.subsec_nanos().to_be_bytes()].concat())
    }

    /// Address and port where the payload came from.
    #[must_use]
    pub fn source(place: SocketAddr) -> [Attribute; 2] {
        let kind = if place.is_ipv4() { SOURCE_IPV4 } else { SOURCE_IPV6 };
        [address(kind, place.ip()), Attribute::new(SOURCE_PORT, place.port().to_be_bytes().to_vec())]
    }

    /// Address and port where the payload went to.
    #[must_use]
    pub fn destination(place: SocketAddr) -> [Attribute; 2] {
        let kind = if place.is_ipv4() { DESTINATION_IPV4 } else { DESTINATION_IPV6 };
        [address(kind, place.ip()), Attribute::new(DESTINATION_PORT, place.port().to_be_bytes().to_vec())]
    }

    /// The target identifier that matched.
    #[must_use]
    pub fn matched_target(identifier: &str) -> Attribute {
        Attribute::new(MATCHED_TARGET, identifier.to_owned())
    }

    /// How long the value of such an attribute is; none where it may have any length.
    pub(super) const fn length(kind: u16) -> Option<usize> {
        match kind {
            SEQUENCE_NUMBER | SOURCE_IPV4 | DESTINATION_IPV4 => Some(4),
            TIMESTAMP => Some(8),
            SOURCE_IPV6 | DESTINATION_IPV6 => Some(16),
            SOURCE_PORT | DESTINATION_PORT => Some(2),
            IP_PROTOCOL => Some(1),
            _ => None,
        }
    }
}

fn address(kind: u16, address: IpAddr) -> Attribute {
    match address {
        IpAddr::V4(four) => Attribute::new(kind, four.octets().to_vec()),
        IpAddr::V6(six) => Attribute::new(kind, six.octets().to_vec()),
    }
}
