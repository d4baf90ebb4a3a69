//! sip and sips URIs (RFC 3261 section 19.1).

use super::grammar::{Octets, UNRESERVED, normal};
use super::params::Params;
use super::via::host_and_port;
use memchr::{memchr, memchr2, memrchr};
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

const USER: Octets = UNRESERVED.and(b"%&=+$,;?/");
const PASSWORD: Octets = UNRESERVED.and(b"%&=+$,");
const PARAMS: Octets = UNRESERVED.and(b"%[]/:&+$;=");
const HEADERS: Octets = UNRESERVED.and(b"%[]/?:+$&=");

impl<'a> SipUri<'a> {
    /// Reads what follows the scheme. The escapes in it are good.
    pub(super) fn read(secure: bool, rest: &'a str) -> Option<SipUri<'a>> {
        // The user part may hold semicolons and question marks, so the at sign is looked for first.
        let at = memrchr(b'@', rest.as_bytes());
        let (user, password) = at.and_then(|at| rest.get(..at)).map_or((None, None), split_user);
        if user.is_some_and(|user| user.is_empty() || !USER.all(user)) || !PASSWORD.all(password.unwrap_or_default()) {
            return None;
        }
        let rest = rest.get(at.map_or(0, |at| at + 1)..)?;
        let (host_port, rest) = rest.split_at_checked(memchr2(b';', b'?', rest.as_bytes()).unwrap_or(rest.len()))?;
        let (params, headers) = rest.split_at_checked(memchr(b'?', rest.as_bytes()).unwrap_or(rest.len()))?;
        let headers = headers.strip_prefix('?');
        let (host, port) = host_and_port(host_port).filter(|_| !host_port.contains([' ', '\t', '\r', '\n']))?;
        let good = good_params(params) && headers.is_none_or(good_headers);
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

fn split_user(text: &str) -> (Option<&str>, Option<&str>) {
    match memchr(b':', text.as_bytes()) {
        Some(colon) => (text.get(..colon), text.get(colon + 1..)),
        None => (Some(text), None),
    }
}

/// `;name` or `;name=value`, as often as may be.
pub(super) fn good_params(params: &str) -> bool {
    let good = |param: &str| !param.is_empty() && !param.starts_with('=') && !param.ends_with('=');
    PARAMS.all(params) && params.split(';').skip(1).all(good)
}

/// `name=value`, joined by ampersands; a value may be empty.
fn good_headers(headers: &str) -> bool {
    let good = |header: &str| header.find('=').is_some_and(|at| at > 0);
    HEADERS.all(headers) && headers.split('&').all(good)
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
