//! Values of the types of RFC 6733 sections 4.2 and 4.3, read from AVPs and made for them.

use super::address::Address;
use super::avp::Avp;
use super::error::DiameterError;
use crate::time::Time;
use bytes::BufMut;
use std::net::IpAddr;
use std::time::Duration;

/// Seconds from 1900, where the type Time begins, to 1970.
const FROM_1900: u64 = 2_208_988_800;
/// After so many seconds the type Time begins again, on 7 February 2036 (section 4.3.1).
const ERA: u64 = 1 << 32;
/// The first bit of a Time of the first era that is read: what is lower is of the second.
const HALF: u64 = 1 << 31;

impl<'a> Avp<'a> {
    /// As Unsigned32.
    pub fn unsigned32(&self) -> Result<u32, DiameterError> {
        self.octets("Unsigned32").map(u32::from_be_bytes)
    }

    /// As Unsigned64.
    pub fn unsigned64(&self) -> Result<u64, DiameterError> {
        self.octets("Unsigned64").map(u64::from_be_bytes)
    }

    /// As Integer32, or as Enumerated, which is one.
    pub fn integer32(&self) -> Result<i32, DiameterError> {
        self.octets("Integer32").map(i32::from_be_bytes)
    }

    /// As Integer64.
    pub fn integer64(&self) -> Result<i64, DiameterError> {
        self.octets("Integer64").map(i64::from_be_bytes)
    }

    /// As UTF8String, or as one of the types that are made of it: DiameterIdentity, DiameterURI.
    pub fn text(&self) -> Result<&'a str, DiameterError> {
        std::str::from_utf8(self.data).map_err(|_| DiameterError::Type("UTF8String"))
    }

    /// As Address.
    pub fn address(&self) -> Result<Address<'a>, DiameterError> {
        Address::parse(self.data)
    }

    /// As Time; of 1968 to 2104.
    pub fn time(&self) -> Result<Time, DiameterError> {
        let seconds = u64::from(self.octets("Time").map(u32::from_be_bytes)?);
        let seconds = if seconds < HALF { seconds + ERA } else { seconds };
        // What lies before 1970 cannot be said otherwise.
        Ok(Time::ZERO + Duration::from_secs(seconds.saturating_sub(FROM_1900)))
    }

    fn octets<const N: usize>(&self, kind: &'static str) -> Result<[u8; N], DiameterError> {
        self.data.try_into().map_err(|_| DiameterError::Type(kind))
    }
}

/// A value that an AVP is made with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Value<'a> {
    /// OctetString.
    Octets(&'a [u8]),
    /// UTF8String, DiameterIdentity, DiameterURI.
    Text(&'a str),
    /// Unsigned32.
    Unsigned32(u32),
    /// Unsigned64.
    Unsigned64(u64),
    /// Integer32, Enumerated.
    Integer32(i32),
    /// Integer64.
    Integer64(i64),
    /// Address, of IP.
    Address(IpAddr),
    /// Time, in whole seconds.
    Time(Time),
}

impl Value<'_> {
    pub(super) fn write(self, to: &mut impl BufMut) {
        match self {
            Value::Octets(octets) => to.put_slice(octets),
            Value::Text(text) => to.put_slice(text.as_bytes()),
            Value::Unsigned32(number) => to.put_u32(number),
            Value::Unsigned64(number) => to.put_u64(number),
            Value::Integer32(number) => to.put_i32(number),
            Value::Integer64(number) => to.put_i64(number),
            Value::Address(address) => to.put_slice(&Address::octets(address)),
            Value::Time(time) => {
                let seconds = time.since(Time::ZERO).as_secs().wrapping_add(FROM_1900) % ERA;
                to.put_u32(u32::try_from(seconds).unwrap_or_default());
            }
        }
    }
}

macro_rules! values {
    ($($from:ty => $variant:ident),*) => {
        $(impl<'a> From<$from> for Value<'a> {
            fn from(value: $from) -> Value<'a> {
                Value::$variant(value)
            }
        })*
    };
}

values!(
    &'a [u8] => Octets, &'a str => Text, u32 => Unsigned32, u64 => Unsigned64, i32 => Integer32, i64 => Integer64,
    IpAddr => Address, Time => Time
);
