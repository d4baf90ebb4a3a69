//! MSRP URIs (RFC 4975 section 6).

use std::net::Ipv6Addr;

/// The port of a URI that names none (RFC 4975 section 15.4).
pub const DEFAULT_PORT: u16 = 2855;

/// An MSRP URI that cannot be read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not an MSRP URI: {0}")]
pub struct MsrpUriError(pub String);

/// An MSRP URI: `msrp://host:port/session;tcp`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MsrpUri<'a> {
    /// True for msrps.
    pub secure: bool,
    /// The host, an IPv6 address in brackets.
    pub host: &'a str,
    /// The port.
    pub port: Option<u16>,
    /// The session id; relays have none.
    pub session_id: Option<&'a str>,
    /// The transport.
    pub transport: &'a str,
}

impl<'a> MsrpUri<'a> {
    /// Reads an MSRP URI.
    ///
    /// # Errors
    /// When it is none.
    pub fn parse(text: &'a str) -> Result<MsrpUri<'a>, MsrpUriError> {
        MsrpUri::read(text).ok_or_else(|| MsrpUriError(text.to_owned()))
    }

    fn read(text: &'a str) -> Option<MsrpUri<'a>> {
        let (scheme, rest) = text.split_once("://")?;
        let secure = match scheme {
            _ if scheme.eq_ignore_ascii_case("msrp") => false,
            _ if scheme.eq_ignore_ascii_case("msrps") => true,
            _ => return None,
        };
        if rest.bytes().any(|octet| octet <= b' ' || matches!(octet, b'<' | b'>' | b'"')) {
            return None;
        }
        let (address, params) = rest.split_once(';')?;
        let transport = params.split(';').next().filter(|transport| !transport.is_empty())?;
        let (authority, session_id) = match address.split_once('/') {
            Some((authority, session)) => (authority, Some(session).filter(|session| !session.is_empty())),
            None => (address, None),
        };
        let host_port = authority.rsplit_once('@').map_or(authority, |(_, host)| host);
        let (host, port) = if host_port.starts_with('[') {
            let close = host_port.find(']')?;
            let (host, rest) = host_port.split_at_checked(close + 1)?;
            (host, rest)
        } else {
            host_port.split_at_checked(host_port.find(':').unwrap_or(host_port.len()))?
        };
        let port = match port.strip_prefix(':') {
            None if port.is_empty() => None,
            None => return None,
            Some(digits) if digits.bytes().all(|octet| octet.is_ascii_digit()) => Some(digits.parse().ok()?),
            Some(_) => return None,
        };
        (!host.is_empty()).then_some(MsrpUri { secure, host, port, session_id, transport })
    }

    /// Equality (RFC 4975 section 6.1): session ids with case, hosts without, addresses by what they mean; a port must
    /// be there on both or on neither. Neither user nor further parameters count.
    pub fn equals(&self, other: &MsrpUri<'_>) -> bool {
        self.secure == other.secure
            && same_host(self.host, other.host)
            && self.port == other.port
            && self.session_id == other.session_id
            && self.transport.eq_ignore_ascii_case(other.transport)
    }
}

/// Two spellings of one IPv6 address are one host.
fn same_host(one: &str, other: &str) -> bool {
    let address = |host: &str| host.strip_prefix('[')?.strip_suffix(']')?.parse::<Ipv6Addr>().ok();
    one.eq_ignore_ascii_case(other) || address(one).is_some_and(|one| address(other) == Some(one))
}
