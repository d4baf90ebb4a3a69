//! What the values of common header fields mean, read on demand from their text.

use super::lists::{outside, split_once};
use super::method::Method;
use super::name::Name;
use super::params::Params;
use super::parse::is_token;
use memchr::memchr;
use std::borrow::Cow;

/// A header field that is missing, or whose value is not what its grammar allows.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum HeaderError {
    /// The field is not there.
    #[error("{0} is missing")]
    Missing(Name),
    /// A Via is not `SIP/2.0/TRANSPORT host[:port];parameters`.
    #[error("not a Via: {0}")]
    Via(String),
    /// An address is not `"name" <uri>;parameters` or `uri;parameters`.
    #[error("not an address: {0}")]
    Address(String),
    /// CSeq is not `number METHOD`.
    #[error("not a CSeq: {0}")]
    CSeq(String),
    /// A value that is to be a number is none, or too large.
    #[error("{0} is not a number in its range: {1}")]
    Number(Name, String),
    /// A media type is not `type/subtype;parameters`.
    #[error("not a media type: {0}")]
    MediaType(String),
}

/// A number in the range of its type.
pub(super) fn number<T: std::str::FromStr>(name: Name, value: &str) -> Result<T, HeaderError> {
    let digits = !value.is_empty() && value.bytes().all(|octet| octet.is_ascii_digit());
    match value.parse() {
        Ok(number) if digits => Ok(number),
        _ => Err(HeaderError::Number(name, value.to_owned())),
    }
}

/// Seconds; None for anything that is no number.
pub(super) fn delta_seconds(value: &str) -> Option<u32> {
    let value = value.split(';').next().unwrap_or_default().trim();
    value.bytes().all(|octet| octet.is_ascii_digit()).then(|| value.parse().ok()).flatten()
}

/// Via (RFC 3261 section 20.42).
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
        let bad = || HeaderError::Via(text.to_owned());
        let (protocol, rest) = split_once(text, b'/').ok_or_else(bad)?;
        let (version, rest) = split_once(rest, b'/').ok_or_else(bad)?;
        if !protocol.trim_ascii().eq_ignore_ascii_case("SIP") || version.trim_ascii() != "2.0" {
            return Err(bad());
        }
        let rest = rest.trim_ascii_start();
        let space = rest.bytes().position(|octet| matches!(octet, b' ' | b'\t' | b'\r' | b'\n')).ok_or_else(bad)?;
        let (transport, rest) = rest.split_at_checked(space).ok_or_else(bad)?;
        if transport.is_empty() || !transport.bytes().all(is_token) {
            return Err(bad());
        }
        let rest = rest.trim_ascii_start();
        let end = memchr(b';', rest.as_bytes()).unwrap_or(rest.len());
        let (sent_by, params) = rest.split_at_checked(end).ok_or_else(bad)?;
        let (host, port) = host_and_port(sent_by.trim_ascii()).ok_or_else(bad)?;
        Ok(Via { transport, host, port, params: Params::new(params) })
    }

    /// The branch.
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

/// Host and port; white space around the colon is legal here.
pub(super) fn host_and_port(text: &str) -> Option<(&str, Option<u16>)> {
    let (host, port) = if text.starts_with('[') {
        let close = text.find(']')?;
        let (host, rest) = text.split_at_checked(close + 1)?;
        host.get(1..close)?.parse::<std::net::Ipv6Addr>().ok()?;
        (host, rest.trim())
    } else {
        let end = memchr(b':', text.as_bytes()).unwrap_or(text.len());
        let (host, rest) = text.split_at_checked(end)?;
        (host.trim_ascii_end(), rest)
    };
    let good = |host: &str| {
        host.starts_with('[')
            || (!host.is_empty()
                && host.bytes().all(|octet| octet.is_ascii_alphanumeric() || matches!(octet, b'-' | b'.' | b'_')))
    };
    if !good(host) {
        return None;
    }
    match port.strip_prefix(':') {
        None if port.is_empty() => Some((host, None)),
        None => None,
        Some(digits) => {
            let digits = digits.trim();
            let all = !digits.is_empty() && digits.bytes().all(|octet| octet.is_ascii_digit());
            all.then(|| digits.parse().ok()).flatten().map(|port| (host, Some(port)))
        }
    }
}

/// An address of From, To, Contact, Route and their kin (RFC 3261 section 20.10).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NameAddr<'a> {
    /// The display name as written, quotes included.
    pub display: Option<&'a str>,
    /// The URI.
    pub uri: &'a str,
    /// The parameters of the field, not those of the URI.
    pub params: Params<'a>,
}

impl<'a> NameAddr<'a> {
    /// Reads one address.
    ///
    /// # Errors
    /// When it is none.
    pub fn parse(text: &'a str) -> Result<NameAddr<'a>, HeaderError> {
        let bad = || HeaderError::Address(text.to_owned());
        // The first bracket outside quotes; `outside` looks at it before it counts as one.
        let Some(open) = outside(text, b'<') else {
            // Without brackets all parameters are the field's (RFC 3261 section 20).
            let end = memchr(b';', text.as_bytes()).unwrap_or(text.len());
            let (uri, params) = text.split_at_checked(end).ok_or_else(bad)?;
            let uri = uri.trim_ascii();
            if !looks_like_uri(uri) {
                return Err(bad());
            }
            return Ok(NameAddr { display: None, uri, params: Params::new(params) });
        };
        let (display, rest) = text.split_at_checked(open).ok_or_else(bad)?;
        let (uri, rest) = rest.strip_prefix('<').and_then(|rest| split_once(rest, b'>')).ok_or_else(bad)?;
        let rest = rest.trim_ascii();
        let display = display.trim_ascii();
        if !looks_like_uri(uri) || !(rest.is_empty() || rest.starts_with(';')) || !good_display(display) {
            return Err(bad());
        }
        Ok(NameAddr { display: Some(display).filter(|name| !name.is_empty()), uri, params: Params::new(rest) })
    }

    /// The tag.
    pub fn tag(&self) -> Option<&'a str> {
        self.params.token("tag")
    }

    /// A parameter of the field: None when it is missing, Some(None) when it has no value.
    pub fn param(&self, name: &str) -> Option<Option<Cow<'a, str>>> {
        self.params.get(name)
    }
}

fn looks_like_uri(uri: &str) -> bool {
    let Some(colon) = uri.bytes().position(|octet| octet == b':') else { return false };
    let mut scheme = uri.bytes().take(colon);
    let good = |octet: u8| octet.is_ascii_alphanumeric() || matches!(octet, b'+' | b'-' | b'.');
    // Every octet is looked at, without an early end, so that many are at a time.
    let bad = |octet: u8| matches!(octet, b' ' | b'\t' | b'\r' | b'\n' | b'<' | b'>' | b'"');
    scheme.next().is_some_and(|first| first.is_ascii_alphabetic())
        && scheme.all(good)
        && !uri.bytes().fold(false, |any, octet| any | bad(octet))
}

/// A display name is one quoted string, or tokens.
fn good_display(display: &str) -> bool {
    if let Some(inner) = display.strip_prefix('"') {
        let mut escaped = false;
        for (at, octet) in inner.bytes().enumerate() {
            match octet {
                _ if escaped => escaped = false,
                b'\\' => escaped = true,
                b'"' => return at + 1 == inner.len(),
                _ => {}
            }
        }
        return false;
    }
    display.bytes().all(|octet| is_token(octet) || matches!(octet, b' ' | b'\t' | b'\r' | b'\n') || octet >= 0x80)
}

/// CSeq (RFC 3261 section 20.16).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CSeq {
    /// The number, below 2^31.
    pub number: u32,
    /// The method.
    pub method: Method,
}

impl CSeq {
    /// Reads a CSeq.
    ///
    /// # Errors
    /// When it is none, or its number is 2^31 or more.
    pub fn parse(text: &str) -> Result<CSeq, HeaderError> {
        let bad = || HeaderError::CSeq(text.to_owned());
        let mut words = text.split_ascii_whitespace();
        let (Some(number), Some(method), None) = (words.next(), words.next(), words.next()) else { return Err(bad()) };
        if !number.bytes().all(|octet| octet.is_ascii_digit()) || !method.bytes().all(is_token) {
            return Err(bad());
        }
        let number: u32 = number.parse().map_err(|_| bad())?;
        if number >= 1 << 31 {
            return Err(bad());
        }
        Ok(CSeq { number, method: Method::from(method) })
    }
}

/// A value with parameters: Event, Subscription-State, Reason, Content-Disposition.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Tokenized<'a> {
    /// The value.
    pub value: &'a str,
    /// Its parameters.
    pub params: Params<'a>,
}

impl<'a> Tokenized<'a> {
    /// Reads `value;parameters`.
    pub fn parse(text: &'a str) -> Tokenized<'a> {
        let end = outside(text, b';').unwrap_or(text.len());
        let (value, params) = text.split_at_checked(end).unwrap_or((text, ""));
        Tokenized { value: value.trim_ascii(), params: Params::new(params) }
    }
}

/// A media type (RFC 3261 section 20.15).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MediaType<'a> {
    /// `type/subtype` as written.
    pub full: &'a str,
    /// The parameters.
    pub params: Params<'a>,
}

impl<'a> MediaType<'a> {
    /// Reads a media type.
    ///
    /// # Errors
    /// When it is none.
    pub fn parse(text: &'a str) -> Result<MediaType<'a>, HeaderError> {
        let Tokenized { value, params } = Tokenized::parse(text);
        let good = |part: &str| !part.trim_ascii().is_empty() && part.trim_ascii().bytes().all(is_token);
        match split_once(value, b'/') {
            Some((kind, subtype)) if good(kind) && good(subtype) => Ok(MediaType { full: value, params }),
            _ => Err(HeaderError::MediaType(text.to_owned())),
        }
    }

    /// `type/subtype` in lower case, white space left out.
    pub fn essence(&self) -> String {
        self.full
            .chars()
            .filter(|letter| !letter.is_ascii_whitespace())
            .map(|letter| letter.to_ascii_lowercase())
            .collect()
    }

    /// The value of a parameter.
    pub fn param(&self, name: &str) -> Option<Cow<'a, str>> {
        self.params.get(name).flatten()
    }
}
