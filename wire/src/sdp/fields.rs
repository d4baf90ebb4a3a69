//! The values of the fields that a stack needs: `o=`, `c=`, `m=`, `a=`; and whether `t=` and `b=` are well-formed.

use super::lines::{Line, Lines};
use crate::search;
use crate::sip::grammar::{ALPHANUMERIC, Octets};

/// `o=` (RFC 8866 section 5.2). Network type is `IN`; the address type is seen from the address.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Origin<'a> {
    /// A name on the host, `-` for none.
    pub username: &'a str,
    /// With username and address, what names the session.
    pub session_id: u64,
    /// One more with every change of the description (RFC 3264 section 8).
    pub version: u64,
    /// The address of the host that made the description.
    pub address: &'a str,
}

impl Default for Origin<'_> {
    fn default() -> Self {
        Origin { username: "-", session_id: 0, version: 0, address: "0.0.0.0" }
    }
}

/// `c=` (RFC 8866 section 5.7).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Connection<'a> {
    /// The address or host name, without the TTL and count of multicast.
    pub address: &'a str,
}

/// An `a=` line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Attribute<'a> {
    /// Its name.
    pub name: &'a str,
    /// What follows the colon, if there is one.
    pub value: Option<&'a str>,
    /// Number of its line, from 1.
    pub line: u32,
}

/// A media description, from its `m=` line on (RFC 8866 section 5.14).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Media<'a> {
    /// `audio`, `message`...
    pub kind: &'a str,
    /// The port; 0 when the medium is refused or over (RFC 3264 section 6).
    pub port: u16,
    /// `TCP/MSRP`, `RTP/AVP`...
    pub protocol: &'a str,
    /// The formats as they stand there, a space between two; `*` for MSRP.
    pub formats: &'a str,
    /// Number of its `m=` line, from 1.
    pub line: u32,
    /// The lines after its `m=` line.
    rest: Lines<'a>,
}

impl<'a> Media<'a> {
    /// Its own `c=`; of several the last.
    pub fn connection(&self) -> Option<Connection<'a>> {
        // A c= stands before all attributes.
        let head = self.rest.take_while(|line| matches!(line.letter(), b'i' | b'c'));
        head.filter(|line| line.letter() == b'c').last().and_then(|line| connection(line.value()))
    }

    /// The one after it.
    pub(super) fn next(&self) -> Option<Media<'a>> {
        let mut rest = self.rest;
        let line = rest.find(|line| line.letter() == b'm')?;
        media(line, rest)
    }

    /// Its own attributes.
    pub fn attributes(&self) -> impl Iterator<Item = Attribute<'a>> + use<'a> {
        attributes(self.rest)
    }
}

/// The attributes before the next `m=` line.
pub(super) fn attributes<'a>(lines: Lines<'a>) -> impl Iterator<Item = Attribute<'a>> + use<'a> {
    // They were looked at when the description was read.
    lines.take_while(|line| line.letter() != b'm').filter(|line| line.letter() == b'a').map(attribute)
}

pub(super) fn origin(value: &str) -> Option<Origin<'_>> {
    let mut words = Words(Some(value));
    let username = words.next().filter(|word| !word.is_empty())?;
    let (session_id, version) = (number(words.next()?)?, number(words.next()?)?);
    Some(Origin { username, session_id, version, address: address(words.0?)? })
}

pub(super) fn connection(value: &str) -> Option<Connection<'_>> {
    Some(Connection { address: cut(address(value)?, b'/').0 })
}

/// An address of a known type has letters, digits and what stands between them alone, without brackets (RFC 8866 section 9).
fn address(words: &str) -> Option<&str> {
    static ADDRESS: Octets = Octets::of(&[ALPHANUMERIC, b".:-_%/"]);
    let address = words.strip_prefix("IN IP4 ").or_else(|| words.strip_prefix("IN IP6 "))?;
    Some(address).filter(|address| !address.is_empty() && !address.starts_with('/') && ADDRESS.all(address))
}

/// The media description that begins with this line, `rest` being those after it; see [`is_media`].
pub(super) fn media<'a>(line: Line<'a>, rest: Lines<'a>) -> Option<Media<'a>> {
    let mut words = Words(Some(line.value()));
    let kind = words.next()?;
    let (port, count) = cut(words.next()?, b'/');
    let port = u16::try_from(number(port)?).ok()?;
    number(count.unwrap_or("1"))?;
    let (protocol, formats) = (words.next()?, words.0?);
    Some(Media { kind, port, protocol, formats, line: line.number, rest })
}

/// That kind, protocol and formats are tokens.
pub(super) fn is_media(media: &Media<'_>) -> bool {
    let known = matches!((media.protocol, media.formats), ("TCP/MSRP" | "TCP/TLS/MSRP", "*"));
    is_token(media.kind)
        && (known || media.protocol.split('/').all(is_token) && Words(Some(media.formats)).all(is_token))
}

/// The attribute in this line; see [`is_attribute`].
fn attribute(line: Line<'_>) -> Attribute<'_> {
    let (name, value) = cut(line.value(), b':');
    Attribute { name, value, line: line.number }
}

/// That the attribute has a name, which is a token.
pub(super) fn is_attribute(value: &str) -> bool {
    let end = TOKEN.run(value.as_bytes(), 0);
    end > 0 && matches!(value.as_bytes().get(end), None | Some(b':'))
}

pub(super) fn is_timing(value: &str) -> bool {
    // A session without bounds, as nearly all are.
    let bounded = |value| {
        let (start, stop) = cut(value, b' ');
        number(start).is_some() && stop.and_then(number).is_some()
    };
    value == "0 0" || bounded(value)
}

pub(super) fn is_bandwidth(value: &str) -> bool {
    let (kind, bandwidth) = cut(value, b':');
    is_token(kind) && bandwidth.and_then(number).is_some()
}

/// Words, one space between two.
struct Words<'a>(Option<&'a str>);

impl<'a> Iterator for Words<'a> {
    type Item = &'a str;

    fn next(&mut self) -> Option<&'a str> {
        let (word, rest) = cut(self.0?, b' ');
        self.0 = rest;
        Some(word)
    }
}

/// The text before and after the first `octet`, which is ASCII.
fn cut(text: &str, octet: u8) -> (&str, Option<&str>) {
    search::cut(text, octet).map_or((text, None), |(before, after)| (before, Some(after)))
}

/// Digits alone: `str::parse` would also take a sign.
pub(super) fn number(word: &str) -> Option<u64> {
    if word.starts_with('+') { None } else { word.parse().ok() }
}

/// What `token` of RFC 8866 section 9 is made of.
static TOKEN: Octets = Octets::of(&[ALPHANUMERIC, b"!#$%&'*+-.^_`{|}~"]);

pub(super) fn is_token(word: &str) -> bool {
    !word.is_empty() && TOKEN.all(word)
}
