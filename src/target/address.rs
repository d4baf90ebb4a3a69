//! Addresses as a profile writes them: `host:port`, a SIP address with its transport, a range of addresses, a URI.

use std::fmt;
use std::marker::PhantomData;
use std::net::IpAddr;
use std::str::FromStr;

use serde::de::{Deserializer, Error, Visitor};
use serde::{Deserialize, Serialize};

/// Host and port. An IPv6 address stands in brackets.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HostPort {
    /// Name or address, without brackets.
    pub host: String,
    /// Port.
    pub port: u16,
}

impl FromStr for HostPort {
    type Err = String;
    fn from_str(text: &str) -> Result<HostPort, String> {
        let (host, port) = text.rsplit_once(':').ok_or("a port is missing")?;
        let bare = host.strip_prefix('[').and_then(|host| host.strip_suffix(']'));
        let name = |host: &str| {
            !host.is_empty() && host.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_'))
        };
        match bare {
            Some(address) if address.parse::<std::net::Ipv6Addr>().is_ok() => {}
            None if name(host) => {}
            _ => return Err(format!("{host} is no host name and no address")),
        }
        let port = port.parse().map_err(|_| format!("{port} is no port"))?;
        Ok(HostPort { host: bare.unwrap_or(host).to_owned(), port })
    }
}

impl fmt::Display for HostPort {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.host.contains(':') {
            write!(f, "[{}]:{}", self.host, self.port)
        } else {
            write!(f, "{}:{}", self.host, self.port)
        }
    }
}

/// How SIP is carried.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Transport {
    /// UDP.
    #[default]
    Udp,
    /// TCP.
    Tcp,
    /// TLS over TCP.
    Tls,
}

/// Where SIP requests go: `host:port`, or `host:port/udp`, `/tcp`, `/tls`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SipAddress {
    /// Host and port.
    pub address: HostPort,
    /// The one transport of that address; none when it takes UDP and TCP.
    pub transport: Option<Transport>,
}

impl FromStr for SipAddress {
    type Err = String;
    fn from_str(text: &str) -> Result<SipAddress, String> {
        let (address, transport) = match text.split_once('/') {
            None => (text, None),
            Some((address, "udp")) => (address, Some(Transport::Udp)),
            Some((address, "tcp")) => (address, Some(Transport::Tcp)),
            Some((address, "tls")) => (address, Some(Transport::Tls)),
            Some((_, other)) => return Err(format!("{other} is no transport; udp, tcp and tls are")),
        };
        Ok(SipAddress { address: address.parse()?, transport })
    }
}

/// A range of addresses, `192.0.2.0/24`, or one address.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Range {
    address: IpAddr,
    bits: u8,
}

impl Range {
    /// Whether an address lies in the range.
    #[must_use]
    pub fn holds(&self, address: IpAddr) -> bool {
        let same = |left: u128, right: u128, width: u32| {
            let away = width - u32::from(self.bits);
            left.checked_shr(away).unwrap_or(0) == right.checked_shr(away).unwrap_or(0)
        };
        match (self.address, address) {
            (IpAddr::V4(own), IpAddr::V4(other)) => same(u32::from(own).into(), u32::from(other).into(), 32),
            (IpAddr::V6(own), IpAddr::V6(other)) => same(own.into(), other.into(), 128),
            _ => false,
        }
    }
}

impl FromStr for Range {
    type Err = String;
    fn from_str(text: &str) -> Result<Range, String> {
        let (address, bits) = text.split_once('/').map_or((text, None), |(address, bits)| (address, Some(bits)));
        let address: IpAddr = address.parse().map_err(|_| format!("{address} is no address"))?;
        let most = if address.is_ipv4() { 32 } else { 128 };
        let bits = bits.map_or(Ok(most), |bits| {
            bits.parse().ok().filter(|bits| *bits <= most).ok_or(format!("{bits} is no prefix length"))
        })?;
        Ok(Range { address, bits })
    }
}

/// A SIP, SIPS or tel URI, or for a neighbour the URI of its own protocol, checked for its scheme alone.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Uri(String);

impl Uri {
    /// The text of the URI.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for Uri {
    type Err = String;
    fn from_str(text: &str) -> Result<Uri, String> {
        const SCHEMES: [&str; 9] = ["sip", "sips", "tel", "urn", "msrp", "msrps", "http", "https", "imap"];
        match text.split_once(':') {
            Some((scheme, rest)) if SCHEMES.contains(&scheme) && !rest.is_empty() && !rest.contains(' ') => {
                Ok(Uri(text.to_owned()))
            }
            _ => Err(format!("{text} is no URI; it begins with one of {}", SCHEMES.join(", "))),
        }
    }
}

impl fmt::Display for Uri {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

/// Reads a type out of one text, so that a fault has the place of the text.
struct Text<T>(&'static str, PhantomData<T>);

impl<T: FromStr<Err = String>> Visitor<'_> for Text<T> {
    type Value = T;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<T, E> {
        text.parse().map_err(|why: String| E::custom(format!("{why}, expected {}", self.0)))
    }
}

impl<'de> Deserialize<'de> for HostPort {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_str(Text("host:port", PhantomData))
    }
}

impl<'de> Deserialize<'de> for SipAddress {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_str(Text("host:port, host:port/udp, host:port/tcp or host:port/tls", PhantomData))
    }
}

impl<'de> Deserialize<'de> for Range {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_str(Text("an address, or address/prefix length", PhantomData))
    }
}

impl<'de> Deserialize<'de> for Uri {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_str(Text("a URI", PhantomData))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hosts_and_ports_are_read_and_written_alike() {
        for text in ["127.0.0.1:5060", "[2001:db8::1]:5060", "pf.example.com:1"] {
            assert_eq!(text.parse::<HostPort>().unwrap().to_string(), text);
        }
        for bad in ["5060", "host", "host:", "host:65536", "::1:5060", "[host]:1", ":5060", "a b:1"] {
            assert!(bad.parse::<HostPort>().is_err(), "{bad}");
        }
    }

    #[test]
    fn a_sip_address_names_its_transport_or_takes_both() {
        assert_eq!("a:1".parse::<SipAddress>().unwrap().transport, None);
        assert_eq!("a:1/tcp".parse::<SipAddress>().unwrap().transport, Some(Transport::Tcp));
        assert!("a:1/sctp".parse::<SipAddress>().unwrap_err().contains("udp, tcp and tls"));
    }

    #[test]
    fn a_range_holds_what_shares_its_prefix() {
        let table = [
            ("192.0.2.0/24", "192.0.2.200", true),
            ("192.0.2.0/24", "192.0.3.1", false),
            ("192.0.2.7", "192.0.2.7", true),
            ("192.0.2.7", "192.0.2.8", false),
            ("0.0.0.0/0", "203.0.113.9", true),
            ("2001:db8::/32", "2001:db8:1::1", true),
            ("::/0", "2001:db8::1", true),
            ("2001:db8::/32", "192.0.2.1", false),
        ];
        for (range, address, held) in table {
            assert_eq!(range.parse::<Range>().unwrap().holds(address.parse().unwrap()), held, "{range} {address}");
        }
        for bad in ["192.0.2.0/33", "192.0.2.0/", "host/8", "::1/129"] {
            assert!(bad.parse::<Range>().is_err(), "{bad}");
        }
    }

    #[test]
    fn a_uri_has_a_scheme_that_is_known_here() {
        assert_eq!("sip:a@example.com".parse::<Uri>().unwrap().as_str(), "sip:a@example.com");
        for bad in ["a@example.com", "sip:", "ftp:x", "sip:a b"] {
            assert!(bad.parse::<Uri>().is_err(), "{bad}");
        }
    }
}
