//! Via (RFC 3261 section 20.42), and hosts, which URIs have too.

use super::grammar::{TOKEN, trim, trim_start};
use super::headers::{HeaderError, unsigned};
use super::params::Params;
use crate::search::{cut, find, host_name_end};
use std::net::Ipv6Addr;

/// One value of Via.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Via<'a> {
    /// UDP, TCP, TLS, ...
    pub transport: &'a str,
    /// The host, an IPv6 address in brackets.
    pub host: &'a str,
    /// The port.
    pub port: Option<u16>,
    /// The parameters.
    pub params: Params<'a>,
}

impl<'a> Via<'a> {
    /// Reads one Via value.
    ///
    /// # Errors
    /// When it is none.
    pub fn parse(text: &'a str) -> Result<Via<'a>, HeaderError> {
        Via::read(text).ok_or_else(|| HeaderError::Via(text.to_owned()))
    }

    fn read(text: &'a str) -> Option<Via<'a>> {
        let rest = match text.strip_prefix("SIP/2.0/") {
            Some(rest) => rest,
            None => spaced_protocol(text)?,
        };
        let rest = trim_start(rest);
        let (transport, rest) = rest.split_at_checked(TOKEN.run(rest.as_bytes(), 0))?;
        let spaced = trim_start(rest);
        if transport.is_empty() || spaced.len() == rest.len() {
            return None;
        }
        let end = find([b';'], spaced.as_bytes()).unwrap_or(spaced.len());
        let (host, params) = spaced.split_at_checked(end)?;
        let (host, port) = sent_by(host)?;
        Some(Via { transport, host, port, params: Params::new(params) })
    }

    /// The branch.
    #[inline]
    pub fn branch(&self) -> Option<&'a str> {
        self.params.token("branch")
    }

    /// The address that the receiver saw.
    pub fn received(&self) -> Option<&'a str> {
        self.params.token("received")
    }

    /// The port that the receiver saw (RFC 3581): None when rport is missing, Some(None) when it has no value.
    pub fn rport(&self) -> Option<Option<u16>> {
        self.params.raw("rport").map(|value| value.and_then(|value| value.parse().ok()))
    }
}

/// `SIP / 2.0 /` in any case and with white space around the slashes: what follows it.
fn spaced_protocol(text: &str) -> Option<&str> {
    let (protocol, rest) = cut(text, b'/')?;
    let (version, rest) = cut(rest, b'/')?;
    (trim(protocol).eq_ignore_ascii_case("SIP") && trim(version) == "2.0").then_some(rest)
}

/// Where the host ends that begins at `from`: a name, an IPv4 address, or an IPv6 address in brackets.
pub(super) fn host_end(text: &str, from: usize) -> Option<usize> {
    let octets = text.as_bytes();
    if octets.get(from) == Some(&b'[') {
        let close = from + find([b']'], octets.get(from..)?)?;
        return text.get(from + 1..close)?.parse::<Ipv6Addr>().is_ok().then_some(close + 1);
    }
    let rest = octets.get(from..)?;
    let length = host_name_end(rest).unwrap_or(rest.len());
    (length > 0).then_some(from + length)
}

/// Host and port, with white space around the colon and after the port.
fn sent_by(text: &str) -> Option<(&str, Option<u16>)> {
    let (host, rest) = text.split_at_checked(host_end(text, 0)?)?;
    let rest = trim(rest);
    if rest.is_empty() {
        return Some((host, None));
    }
    let port = trim_start(rest.strip_prefix(':')?);
    unsigned(port).map(|port| (host, Some(port)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn white_space_is_legal_around_slashes_and_colon() {
        let via = Via::parse("SIP  / 2.0\r\n /UDP\r\n    192.0.2.2 : 5060 ; branch = z9hG4bK390skdjuw;rport").unwrap();
        assert_eq!((via.transport, via.host, via.port), ("UDP", "192.0.2.2", Some(5060)));
        assert_eq!((via.branch(), via.rport(), via.received()), (Some("z9hG4bK390skdjuw"), Some(None), None));
        let via = Via::parse("sip/2.0/TLS [2001:db8::9:1]:6050;received=192.0.2.1;rport=6050").unwrap();
        assert_eq!((via.host, via.port, via.rport()), ("[2001:db8::9:1]", Some(6050), Some(Some(6050))));
        assert_eq!(via.received(), Some("192.0.2.1"));
    }

    #[test]
    fn what_is_no_via() {
        for bad in [
            "",
            "SIP/2.0/UDP",
            "SIP/2.0/UDP ",
            "SIP/2.0/UDP ;branch=x",
            "SIP/7.0/UDP a",
            "HTTP/2.0/UDP a",
            "SIP/2.0 a",
            "SIP/2.0/ a",
            "SIP/2.0/UDP a:",
            "SIP/2.0/UDP a:x",
            "SIP/2.0/UDP a:70000",
            "SIP/2.0/UDP a b",
            "SIP/2.0/UDP [::1",
            "SIP/2.0/UDP [::g]",
            "SIP/2.0/UDP[::1]",
        ] {
            assert!(Via::parse(bad).is_err(), "{bad}");
        }
    }
}
