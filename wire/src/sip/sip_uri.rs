//! sip and sips URIs (RFC 3261 section 19.1).

use super::grammar::{ALPHANUMERIC, DIGITS, MARKS, Octets, normal};
use super::params::Params;
use super::via::host_end;
use std::net::Ipv6Addr;

/// A sip or sips URI.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SipUri<'a> {
    /// True for sips.
    pub secure: bool,
    /// The user part, escapes still in it.
    pub user: Option<&'a str>,
    /// The password.
    pub password: Option<&'a str>,
    /// The host, an IPv6 address in brackets.
    pub host: &'a str,
    /// The port.
    pub port: Option<u16>,
    /// The URI parameters.
    pub params: Params<'a>,
    /// What follows the question mark.
    pub headers: Option<&'a str>,
}

static USER: Octets = Octets::of(&[ALPHANUMERIC, MARKS, b"&=+$,;?/"]);
static PASSWORD: Octets = Octets::of(&[ALPHANUMERIC, MARKS, b"&=+$,"]);
static PARAMS: Octets = Octets::of(&[ALPHANUMERIC, MARKS, b"[]/:&+$;="]);
static HEADERS: Octets = Octets::of(&[ALPHANUMERIC, MARKS, b"[]/?:+$&="]);

impl<'a> SipUri<'a> {
    /// Reads what follows the scheme.
    pub(super) fn read(secure: bool, rest: &'a str) -> Option<SipUri<'a>> {
        let (user, password, host_at) = user(rest);
        let (host, port, end) = host_and_port(rest, host_at)?;
        let octets = rest.as_bytes();
        let (params, end) = match octets.get(end) {
            Some(b';') => (end, PARAMS.run_escaped(octets, end)),
            _ => (end, end),
        };
        let params = rest.get(params..end)?;
        let headers = match octets.get(end) {
            Some(b'?') => Some(rest.get(end + 1..)?),
            None => None,
            Some(_) => return None,
        };
        let good = user != Some("") && well_separated(params) && headers.is_none_or(good_headers);
        good.then_some(SipUri { secure, user, password, host, port, params: Params::new(params), headers })
    }

    /// The transport parameter.
    pub fn transport(&self) -> Option<&'a str> {
        self.params.token("transport")
    }

    /// True when user and host are the same.
    pub fn same_user_and_host(&self, other: &SipUri<'_>) -> bool {
        self.user.map(normal) == other.user.map(normal) && same_host(self.host, other.host)
    }

    /// RFC 3261 section 19.1.4: user, ttl, method, maddr and transport count even when missing on one side; other
    /// parameters only when both have them; headers always.
    pub(super) fn equals(&self, other: &SipUri<'_>) -> bool {
        self.secure == other.secure
            && self.same_user_and_host(other)
            && self.password.map(normal) == other.password.map(normal)
            && self.port == other.port
            && self.params_agree(other)
            && other.params_agree(self)
            && sorted(self.headers) == sorted(other.headers)
    }

    fn params_agree(&self, other: &SipUri<'_>) -> bool {
        let always_counts = |name: &str| {
            ["user", "ttl", "method", "maddr", "transport"].iter().any(|own| normal(name).eq_ignore_ascii_case(own))
        };
        self.params.iter().all(|(name, value)| match other.params.raw(&normal(name)) {
            None => !always_counts(name),
            Some(found) => same_value(value, found),
        })
    }
}

/// User, password, and where the host begins. The user part may hold semicolons and question marks: what follows it
/// decides whether it was one.
fn user(rest: &str) -> (Option<&str>, Option<&str>, usize) {
    let octets = rest.as_bytes();
    let end = USER.run_escaped(octets, 0);
    match octets.get(end) {
        Some(b'@') => (rest.get(..end), None, end + 1),
        Some(b':') => {
            let password_end = PASSWORD.run_escaped(octets, end + 1);
            match octets.get(password_end) {
                Some(b'@') => (rest.get(..end), rest.get(end + 1..password_end), password_end + 1),
                _ => (None, None, 0),
            }
        }
        _ => (None, None, 0),
    }
}

/// Host, port, and where they end.
fn host_and_port(text: &str, from: usize) -> Option<(&str, Option<u16>, usize)> {
    let (octets, end) = (text.as_bytes(), host_end(text, from)?);
    let host = text.get(from..end)?;
    if octets.get(end) != Some(&b':') {
        return Some((host, None, end));
    }
    let port_end = DIGITS.run(octets, end + 1);
    Some((host, Some(text.get(end + 1..port_end)?.parse().ok()?), port_end))
}

/// True when every parameter has a name, and a value after its equals sign.
fn well_separated(params: &str) -> bool {
    let mut last = b'a';
    let mut good = true;
    for octet in params.bytes().chain((!params.is_empty()).then_some(b';')) {
        good &= !matches!((last, octet), (b';', b';' | b'=') | (b'=', b';'));
        last = octet;
    }
    good
}

/// `;name` or `;name=value`, as often as may be.
pub(super) fn good_params(params: &str) -> bool {
    PARAMS.run_escaped(params.as_bytes(), 0) == params.len() && well_separated(params)
}

/// `name=value`, joined by ampersands; a value may be empty.
fn good_headers(headers: &str) -> bool {
    let good = |header: &str| header.find('=').is_some_and(|at| at > 0);
    HEADERS.run_escaped(headers.as_bytes(), 0) == headers.len() && headers.split('&').all(good)
}

/// Names of hosts have no case; an IPv6 address can be written in several ways.
fn same_host(a: &str, b: &str) -> bool {
    let address = |host: &str| host.strip_prefix('[')?.strip_suffix(']')?.parse::<Ipv6Addr>().ok();
    a.eq_ignore_ascii_case(b) || address(a).is_some_and(|a| address(b) == Some(a))
}

/// Values of parameters have no case.
pub(super) fn same_value(a: Option<&str>, b: Option<&str>) -> bool {
    match (a, b) {
        (Some(a), Some(b)) => normal(a).eq_ignore_ascii_case(&normal(b)),
        (a, b) => a == b,
    }
}

fn sorted(headers: Option<&str>) -> Vec<String> {
    let headers = headers.into_iter().flat_map(|headers| headers.split('&'));
    let mut all: Vec<String> = headers.map(|one| normal(one).to_ascii_lowercase()).collect();
    all.sort();
    all
}

#[cfg(test)]
mod tests {
    use crate::sip::Uri;

    fn same(a: &str, b: &str) -> bool {
        let (a, b) = (Uri::parse(a).unwrap(), Uri::parse(b).unwrap());
        assert_eq!(a.equals(&b), b.equals(&a));
        a.equals(&b)
    }

    /// The examples of RFC 3261 section 19.1.4.
    #[test]
    fn equality_as_in_rfc_3261() {
        assert!(same("sip:%61lice@atlanta.com;transport=TCP", "sip:alice@AtlanTa.CoM;Transport=tcp"));
        assert!(same("sip:carol@chicago.com", "sip:carol@chicago.com;newparam=5"));
        assert!(same("sip:carol@chicago.com;newparam=5", "sip:carol@chicago.com;security=on"));
        assert!(same(
            "sip:biloxi.com;transport=tcp;method=REGISTER?to=sip:bob%40biloxi.com",
            "sip:biloxi.com;method=REGISTER;transport=tcp?to=sip:bob%40biloxi.com"
        ));
        assert!(same(
            "sip:alice@atlanta.com?subject=project%20x&priority=urgent",
            "sip:alice@atlanta.com?priority=urgent&subject=project%20x"
        ));
        assert!(!same("SIP:ALICE@AtLanTa.CoM;Transport=udp", "sip:alice@AtLanTa.CoM;Transport=UDP"));
        assert!(!same("sip:bob@biloxi.com", "sip:bob@biloxi.com:5060"));
        assert!(!same("sip:bob@biloxi.com", "sip:bob@biloxi.com;transport=udp"));
        assert!(!same("sip:bob@biloxi.com", "sip:bob@biloxi.com:6000;transport=tcp"));
        assert!(!same("sip:carol@chicago.com", "sip:carol@chicago.com?Subject=next%20meeting"));
        assert!(!same("sip:carol@chicago.com;security=on", "sip:carol@chicago.com;security=off"));
        assert!(!same("sip:bob@phone21.boxesbybob.com", "sip:bob@192.0.2.4"));
    }

    #[test]
    fn equality_where_the_examples_end() {
        assert!(same("sip:a@[2001:db8::1]", "sip:a@[2001:0DB8:0:0::1]"));
        assert!(same("sip:a@b;%6C%72", "sip:a@b;lr"));
        assert!(!same("sip:a%3Bb@c", "sip:a;b@c"));
        assert!(!same("sip:c", "sip:a@c") && !same("sip:a:x@c", "sip:a:y@c"));
    }

    #[test]
    fn the_user_part_may_hold_what_looks_like_parameters() {
        let Uri::Sip(uri) = Uri::parse("sip:user;par=u%40example.net@example.com;lr?x=y").unwrap() else { panic!() };
        assert_eq!(uri.user, Some("user;par=u%40example.net"));
        assert_eq!((uri.host, uri.port), ("example.com", None));
        assert!(uri.params.has("lr"));
        assert_eq!(uri.headers, Some("x=y"));
        let odd = "sip:1_unusual.URI~(to-be!sure)&isn't+it$/crazy?,/;;*:&it+has=1,weird!*pas$wo~d_too.(doesn't-it)@h";
        let Uri::Sip(uri) = Uri::parse(odd).unwrap() else { panic!() };
        assert_eq!(uri.user, Some("1_unusual.URI~(to-be!sure)&isn't+it$/crazy?,/;;*"));
        assert_eq!(uri.password, Some("&it+has=1,weird!*pas$wo~d_too.(doesn't-it)"));
    }

    #[test]
    fn ipv6_ports_and_gruu() {
        let Uri::Sip(uri) = Uri::parse("sips:a@[2001:db8::1]:5061;gr=urn:uuid:f81d-00a0").unwrap() else { panic!() };
        assert_eq!((uri.host, uri.port, uri.secure), ("[2001:db8::1]", Some(5061), true));
        assert_eq!(uri.params.token("gr"), Some("urn:uuid:f81d-00a0"));
    }

    #[test]
    fn what_is_no_sip_uri() {
        for bad in [
            "sip:",
            "sip:a@",
            "sip:@b",
            "sip:a b@c",
            "sip:a@b c",
            "sip:a@b:port",
            "sip:a@b:70000",
            "sip:a@[::1",
            "sip:a@b@c",
            "sip:a@b;",
            "sip:a@b;;c",
            "sip:a@b;c=",
            "sip:a@b;=c",
            "sip:a@b?",
            "sip:a@b?x",
            "sip:a@b;x=\"y\"",
            "sip:a%4@b",
            "sip:é@b",
            "sip:a#@b",
            "sip:a:p:q@b",
        ] {
            assert!(Uri::parse(bad).is_err(), "{bad}");
        }
    }
}
