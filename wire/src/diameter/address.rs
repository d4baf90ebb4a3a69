//! The type Address (RFC 6733 section 4.3.1): an address family and an address of it.

use super::error::DiameterError;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// The numbers of the families of IP (IANA, Address Family Numbers).
const IPV4: u16 = 1;
const IPV6: u16 = 2;

/// An address.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Address<'a> {
    /// One of IP.
    Ip(IpAddr),
    /// One of another family: its number, and its octets.
    Other(u16, &'a [u8]),
}

impl<'a> Address<'a> {
    /// Reads a value.
    pub fn parse(octets: &'a [u8]) -> Result<Address<'a>, DiameterError> {
        let wrong = DiameterError::Type("Address");
        let (family, address) = octets.split_first_chunk::<2>().ok_or(wrong)?;
        match u16::from_be_bytes(*family) {
            IPV4 => Ok(Address::Ip(<[u8; 4]>::try_from(address).map(Ipv4Addr::from).map_err(|_| wrong)?.into())),
            IPV6 => Ok(Address::Ip(<[u8; 16]>::try_from(address).map(Ipv6Addr::from).map_err(|_| wrong)?.into())),
            // 0 and 65535 are reserved.
            0 | u16::MAX => Err(wrong),
            family => Ok(Address::Other(family, address)),
        }
    }

    /// The octets of an address of IP.
    pub(super) fn octets(address: IpAddr) -> Vec<u8> {
        let (family, address) = match address {
            IpAddr::V4(address) => (IPV4, address.octets().to_vec()),
            IpAddr::V6(address) => (IPV6, address.octets().to_vec()),
        };
        [&family.to_be_bytes(), address.as_slice()].concat()
    }
}
