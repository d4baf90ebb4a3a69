//! URIs: sip, sips (RFC 3261 section 19.1), tel (RFC 3966), urn and any other.

use super::headers::host_and_port;
use super::params::Params;

/// A URI that cannot be read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a URI: {0}")]
pub struct UriError(pub String);

/// A URI.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Uri<'a> {
    /// sip or sips.
    Sip(SipUri<'a>),
    /// tel.
    Tel(TelUri<'a>),
    /// urn, with what follows the scheme.
    Urn(&'a str),
    /// Any other scheme.
    Other {
        /// The scheme.
        scheme: &'a str,
        /// What follows it.
        rest: &'a str,
    },
}

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

/// A tel URI.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TelUri<'a> {
    /// The number with its visual separators.
    pub number: &'a str,
    /// The parameters.
    pub params: Params<'a>,
}

impl<'a> Uri<'a> {
    /// Reads a URI.
    ///
    /// # Errors
    /// When it is none.
    pub fn parse(text: &'a str) -> Result<Uri<'a>, UriError> {
        let bad = || UriError(text.to_owned());
        let (scheme, rest) = text.split_once(':').ok_or_else(bad)?;
        let white = |octet: u8| matches!(octet, b' ' | b'\t' | b'\r' | b'\n' | b'<' | b'>' | b'"');
        if rest.is_empty() || rest.bytes().any(white) || !good_scheme(scheme) {
            return Err(bad());
        }
        if scheme.eq_ignore_ascii_case("sip") {
            SipUri::parse(false, rest).map(Uri::Sip).ok_or_else(bad)
        } else if scheme.eq_ignore_ascii_case("sips") {
            SipUri::parse(true, rest).map(Uri::Sip).ok_or_else(bad)
        } else if scheme.eq_ignore_ascii_case("tel") {
            let end = rest.find(';').unwrap_or(rest.len());
            let (number, params) = rest.split_at_checked(end).ok_or_else(bad)?;
            let good = |octet: u8| {
                octet.is_ascii_hexdigit() || matches!(octet, b'+' | b'-' | b'.' | b'(' | b')' | b'*' | b'#')
            };
            if number.is_empty() || !number.bytes().all(good) {
                return Err(bad());
            }
            Ok(Uri::Tel(TelUri { number, params: Params::new(params) }))
        } else if scheme.eq_ignore_ascii_case("urn") {
            Ok(Uri::Urn(rest))
        } else {
            Ok(Uri::Other { scheme, rest })
        }
    }

    /// Equality of URIs (RFC 3261 section 19.1.4, RFC 3966 section 5).
    pub fn equals(&self, other: &Uri<'_>) -> bool {
        match (self, other) {
            (Uri::Sip(a), Uri::Sip(b)) => a.equals(b),
            (Uri::Tel(a), Uri::Tel(b)) => a.equals(b),
            (Uri::Urn(a), Uri::Urn(b)) => a.eq_ignore_ascii_case(b),
            (Uri::Other { scheme: a, rest: x }, Uri::Other { scheme: b, rest: y }) => {
                a.eq_ignore_ascii_case(b) && x == y
            }
            _ => false,
        }
    }
}

fn good_scheme(scheme: &str) -> bool {
    scheme.bytes().next().is_some_and(|first| first.is_ascii_alphabetic())
        && scheme.bytes().all(|octet| octet.is_ascii_alphanumeric() || matches!(octet, b'+' | b'-' | b'.'))
}

impl<'a> SipUri<'a> {
    fn parse(secure: bool, rest: &'a str) -> Option<SipUri<'a>> {
        // The user part may hold semicolons and question marks, so the at sign is looked for first.
        let (userinfo, rest) = match rest.rfind('@') {
            Some(at) => (rest.get(..at), rest.get(at + 1..)?),
            None => (None, rest),
        };
        let (user, password) = match userinfo {
            None => (None, None),
            Some(userinfo) => match userinfo.split_once(':') {
                Some((user, password)) => (Some(user), Some(password)),
                None => (Some(userinfo), None),
            },
        };
        if user.is_some_and(|user| user.is_empty() || !user.bytes().all(good_user)) {
            return None;
        }
        let end = rest.find([';', '?']).unwrap_or(rest.len());
        let (host_port, rest) = rest.split_at_checked(end)?;
        if host_port.contains([' ', '\t']) {
            return None;
        }
        let (host, port) = host_and_port(host_port)?;
        let (params, headers) = match rest.split_once('?') {
            Some((params, headers)) => (params, Some(headers)),
            None => (rest, None),
        };
        Some(SipUri { secure, user, password, host, port, params: Params::new(params), headers })
    }

    /// True when user and host are the same.
    pub fn same_user_and_host(&self, other: &SipUri<'_>) -> bool {
        unescape(self.user.unwrap_or_default()) == unescape(other.user.unwrap_or_default())
            && self.host.eq_ignore_ascii_case(other.host)
    }

    /// RFC 3261 section 19.1.4: user, transport, ttl, method and maddr count even when missing on one side; other
    /// parameters only when both have them; headers always.
    fn equals(&self, other: &SipUri<'_>) -> bool {
        let counts = |name: &str| {
            ["user", "ttl", "method", "maddr", "transport"].iter().any(|own| name.eq_ignore_ascii_case(own))
        };
        let agrees = |a: &SipUri<'_>, b: &SipUri<'_>| {
            a.params.iter().all(|(name, value)| match b.params.raw(name) {
                None => !counts(name),
                Some(found) => match (found, value) {
                    (Some(found), Some(value)) => unescape(found).eq_ignore_ascii_case(&unescape(value)),
                    (found, value) => found == value,
                },
            })
        };
        self.secure == other.secure
            && self.same_user_and_host(other)
            && self.password == other.password
            && self.port == other.port
            && sorted(self.headers) == sorted(other.headers)
            && agrees(self, other)
            && agrees(other, self)
    }

    /// The transport parameter.
    pub fn transport(&self) -> Option<&'a str> {
        self.params.token("transport")
    }
}

fn sorted(headers: Option<&str>) -> Vec<String> {
    let mut all: Vec<String> =
        headers.unwrap_or_default().split('&').map(|one| unescape(one).to_ascii_lowercase()).collect();
    all.sort();
    all
}

const fn good_user(octet: u8) -> bool {
    octet.is_ascii_alphanumeric()
        || matches!(
            octet,
            b'-' | b'_'
                | b'.'
                | b'!'
                | b'~'
                | b'*'
                | b'\''
                | b'('
                | b')'
                | b'&'
                | b'='
                | b'+'
                | b'$'
                | b','
                | b';'
                | b'?'
                | b'/'
                | b'%'
                | b'#'
        )
        || octet >= 0x80
}

impl TelUri<'_> {
    fn equals(&self, other: &TelUri<'_>) -> bool {
        digits(self.number) == digits(other.number)
            && self.number.starts_with('+') == other.number.starts_with('+')
            && self.params.iter().all(|(name, value)| other.params.raw(name) == Some(value))
            && other.params.iter().all(|(name, value)| self.params.raw(name) == Some(value))
    }
}

fn digits(number: &str) -> String {
    let separators = ['-', '.', '(', ')'];
    number.chars().filter(|letter| !separators.contains(letter)).map(|letter| letter.to_ascii_lowercase()).collect()
}

/// Percent escapes resolved; an escape that is none stays.
fn unescape(text: &str) -> String {
    if !text.contains('%') {
        return text.to_owned();
    }
    let mut octets = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((first, more)) = rest.split_first() {
        let hex = more.get(..2).filter(|_| *first == b'%').and_then(|hex| std::str::from_utf8(hex).ok());
        match hex.and_then(|hex| u8::from_str_radix(hex, 16).ok()) {
            Some(octet) => {
                octets.push(octet);
                rest = more.get(2..).unwrap_or_default();
            }
            None => {
                octets.push(*first);
                rest = more;
            }
        }
    }
    String::from_utf8_lossy(&octets).into_owned()
}

/// The canonical form of a public identity, for maps: scheme, user and host; host and scheme in lower case, escapes
/// resolved, visual separators of numbers left out, no port and no parameters. sip and sips are one.
pub fn identity_key(uri: &str) -> String {
    match Uri::parse(uri) {
        Ok(Uri::Sip(sip)) => match sip.user {
            Some(user) => format!("sip:{}@{}", unescape(user), sip.host.to_ascii_lowercase()),
            None => format!("sip:{}", sip.host.to_ascii_lowercase()),
        },
        Ok(Uri::Tel(tel)) => format!("tel:{}", digits(tel.number)),
        Ok(Uri::Urn(rest)) => format!("urn:{}", rest.to_ascii_lowercase()),
        Ok(Uri::Other { scheme, rest }) => format!("{}:{rest}", scheme.to_ascii_lowercase()),
        Err(_) => uri.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn same(a: &str, b: &str) -> bool {
        Uri::parse(a).unwrap().equals(&Uri::parse(b).unwrap())
    }

    #[test]
    fn equality_as_in_rfc_3261_19_1_4() {
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
        assert!(!same("sip:carol@chicago.com;security=on", "sip:carol@chicago.com;security=off"));
        assert!(!same("sip:bob@phone21.boxesbybob.com", "sip:bob@192.0.2.4"));
        assert!(same("tel:+1-201-555-0123", "tel:+12015550123"));
    }

    #[test]
    fn the_user_part_may_hold_what_looks_like_parameters() {
        let Uri::Sip(uri) = Uri::parse("sip:user;par=u%40example.net@example.com;lr?x=y").unwrap() else { panic!() };
        assert_eq!(uri.user, Some("user;par=u%40example.net"));
        assert_eq!((uri.host, uri.port), ("example.com", None));
        assert!(uri.params.has("lr"));
        assert_eq!(uri.headers, Some("x=y"));
    }

    #[test]
    fn ipv6_ports_and_gruu() {
        let Uri::Sip(uri) = Uri::parse("sips:a@[2001:db8::1]:5061;gr=urn:uuid:f81d-00a0").unwrap() else { panic!() };
        assert_eq!((uri.host, uri.port, uri.secure), ("[2001:db8::1]", Some(5061), true));
        assert_eq!(uri.params.token("gr"), Some("urn:uuid:f81d-00a0"));
        assert!(matches!(Uri::parse("urn:service:sos"), Ok(Uri::Urn("service:sos"))));
        assert!(matches!(Uri::parse("soap.beep://192.0.2.103:3002"), Ok(Uri::Other { .. })));
        for bad in ["", "sip:", "sip:a@", "sip:a b@c", "sip:a@b:port", "sip:a@[::1", "tel:", "1sip:a@b", "nocolon"] {
            assert!(Uri::parse(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn identities_have_one_key_each() {
        assert_eq!(identity_key("sip:Bob@Home1.EXAMPLE:5060;user=phone"), "sip:Bob@home1.example");
        assert_eq!(identity_key("sips:%42ob@home1.example"), "sip:Bob@home1.example");
        assert_eq!(identity_key("tel:+1-201-555"), "tel:+1201555");
        assert_ne!(identity_key("sip:bob@home1.example"), identity_key("sip:Bob@home1.example"));
    }
}
