//! The values of the fields that a stack needs: `o=`, `c=`, `m=`, `a=`; and whether `t=` and `b=` are well-formed.

use super::attributes::{Attribute, Attributes, Lengths};
use super::lines::{Lines, Span};
use crate::search::{self, Search};
use crate::sip::grammar::{ALPHANUMERIC, Octets};
use std::iter;

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
    /// How long the first of its attributes are.
    pub(super) lengths: Lengths,
}

impl<'a> Media<'a> {
    /// Its own `c=`; of several the last.
    pub fn connection(&self) -> Option<Connection<'a>> {
        let (mut rest, mut own) = (self.rest, None);
        // A c= stands before all attributes.
        while let letter @ (b'i' | b'c') = rest.next_letter() {
            own = rest.next_span().filter(|_| letter == b'c').or(own);
        }
        connection(own?.value()?)
    }

    /// The one after it.
    pub(super) fn next(&self) -> Option<Media<'a>> {
        let mut rest = self.rest;
        let line = iter::from_fn(|| rest.next_span()).find(|line| line.letter() == b'm')?;
        media(line, rest)
    }

    /// Its own attributes.
    pub fn attributes(&self) -> impl Iterator<Item = Attribute<'a>> + use<'a> {
        Attributes::of(self.rest, self.lengths)
    }
}

pub(super) fn origin(value: &str) -> Option<Origin<'_>> {
    let mut words = Words::of(value);
    let username = words.next().filter(|word| !word.is_empty())?;
    let (session_id, version) = (number(words.next()?)?, number(words.next()?)?);
    Some(Origin { username, session_id, version, address: address(words.rest()?)? })
}

pub(super) fn connection(value: &str) -> Option<Connection<'_>> {
    Some(Connection { address: cut(address(value)?, b'/').0 })
}

/// An address of a known type has letters, digits and what stands between them alone, without brackets (RFC 8866 section 9).
#[inline(always)]
fn address(words: &str) -> Option<&str> {
    static ADDRESS: Octets = Octets::of(&[ALPHANUMERIC, b".:-_%/"]);
    let address = words.strip_prefix("IN IP4 ").or_else(|| words.strip_prefix("IN IP6 "))?;
    // Digits, and the dots between them, are looked at all at once.
    let usual = |octet| (b'.'..=b':').contains(&octet);
    let all = || search::every(address.as_bytes(), usual) || ADDRESS.all(address);
    Some(address).filter(|address| !address.is_empty() && !address.starts_with('/') && all())
}

/// The media description that begins with this line, `rest` being those after it; see [`is_media`].
#[inline(always)]
pub(super) fn media<'a>(line: Span<'a>, rest: Lines<'a>) -> Option<Media<'a>> {
    let value = line.value()?;
    let (kind, port, protocol, formats) = message(value).or_else(|| described(value))?;
    let port = u16::try_from(port).ok()?;
    Some(Media { kind, port, protocol, formats, line: line.number, rest, lengths: Lengths::default() })
}

/// Kind, port, protocol and formats of a message session, as nearly all are written.
#[inline(always)]
fn message(value: &str) -> Option<(&str, u64, &str, &str)> {
    let after = value.strip_prefix("message ")?;
    let port = after.strip_suffix(" TCP/MSRP *").or_else(|| after.strip_suffix(" TCP/TLS/MSRP *"))?;
    let (protocol, formats) = (9 + port.len()..value.len() - 2, value.len() - 1..);
    Some((value.get(..7)?, number(port)?, value.get(protocol)?, value.get(formats)?))
}

/// Kind, port, protocol and formats of any media description.
#[inline(never)]
fn described(value: &str) -> Option<(&str, u64, &str, &str)> {
    let mut words = Words::of(value);
    let kind = words.next()?;
    let (port, count) = cut(words.next()?, b'/');
    let port = number(port)?;
    number(count.unwrap_or("1"))?;
    Some((kind, port, words.next()?, words.rest()?))
}

/// That kind, protocol and formats are tokens.
pub(super) fn is_media(media: &Media<'_>) -> bool {
    let Media { kind, protocol, formats, .. } = *media;
    matches!((kind, protocol, formats), ("message", "TCP/MSRP" | "TCP/TLS/MSRP", "*"))
        || is_token(kind) && protocol.split('/').all(is_token) && Words::of(formats).all(is_token)
}

/// That the attribute has a name, which is a token; for one that is not of the usual form.
#[inline(never)]
pub(super) fn is_attribute(value: &str) -> bool {
    is_token(cut(value, b':').0)
}

/// That these are two numbers; for a session with bounds, as hardly any is.
#[inline(never)]
pub(super) fn is_timing(value: &str) -> bool {
    let (start, stop) = cut(value, b' ');
    number(start).is_some() && stop.and_then(number).is_some()
}

pub(super) fn is_bandwidth(value: &str) -> bool {
    let (kind, bandwidth) = cut(value, b':');
    is_token(kind) && bandwidth.and_then(number).is_some()
}

/// Words, one space between two.
struct Words<'a> {
    text: &'a str,
    spaces: Search,
    /// Where the next word begins.
    next: Option<usize>,
}

impl<'a> Words<'a> {
    const fn of(text: &'a str) -> Words<'a> {
        Words { text, spaces: Search::new(), next: Some(0) }
    }

    /// All words that are left.
    fn rest(&self) -> Option<&'a str> {
        self.text.get(self.next?..)
    }
}

impl<'a> Iterator for Words<'a> {
    type Item = &'a str;

    #[inline(always)]
    fn next(&mut self) -> Option<&'a str> {
        let start = self.next?;
        let space = self.spaces.next([b' '], self.text.as_bytes());
        self.next = space.map(|space| space + 1);
        self.text.get(start..space.unwrap_or(self.text.len()))
    }
}

/// The text before and after the first `octet`, which is ASCII.
fn cut(text: &str, octet: u8) -> (&str, Option<&str>) {
    search::cut(text, octet).map_or((text, None), |(before, after)| (before, Some(after)))
}

/// Digits alone: `str::parse` would also take a sign.
#[inline(always)]
pub(super) fn number(word: &str) -> Option<u64> {
    let digits = word.as_bytes();
    // So many are never too large.
    if !(1..=19).contains(&digits.len()) {
        return if word.starts_with('+') { None } else { word.parse().ok() };
    }
    let (eights, few) = digits.as_chunks();
    let number = eights.iter().try_fold(0, |number, eight| Some(number * 100_000_000 + eight_digits(*eight)?))?;
    few.iter().try_fold(number, |number, octet| octet.is_ascii_digit().then(|| number * 10 + u64::from(octet - b'0')))
}

/// The number that eight digits are. They are added to pairs, the pairs to fours, and these to all.
#[inline(always)]
fn eight_digits(octets: [u8; 8]) -> Option<u64> {
    const HIGH: u64 = 0xf0f0_f0f0_f0f0_f0f0;
    let digits = u64::from_le_bytes(octets) ^ 0x3030_3030_3030_3030;
    // With six more, one that is above nine has a high half.
    if (digits | digits.wrapping_add(0x0606_0606_0606_0606)) & HIGH != 0 {
        return None;
    }
    let pairs = (digits * 10 + (digits >> 8)) & 0x00ff_00ff_00ff_00ff;
    let fours = (pairs * 100 + (pairs >> 16)) & 0x0000_ffff_0000_ffff;
    Some((fours * 10_000 + (fours >> 32)) & 0xffff_ffff)
}

/// What `token` of RFC 8866 section 9 is made of.
static TOKEN: Octets = Octets::of(&[ALPHANUMERIC, b"!#$%&'*+-.^_`{|}~"]);

pub(super) fn is_token(word: &str) -> bool {
    !word.is_empty() && TOKEN.all(word)
}
