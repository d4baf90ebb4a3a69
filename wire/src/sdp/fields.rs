//! The values of the fields that a stack needs: `o=`, `c=`, `m=`, `a=`; and whether `t=` and `b=` are well-formed.

use super::Attribute;

/// `o=` (RFC 8866 section 5.2). Network type is `IN`; the address type is seen from the address.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Origin {
    /// A name on the host, `-` for none.
    pub username: String,
    /// With username and address, what names the session.
    pub session_id: u64,
    /// One more with every change of the description (RFC 3264 section 8).
    pub version: u64,
    /// The address of the host that made the description.
    pub address: String,
}

impl Default for Origin {
    fn default() -> Origin {
        Origin { username: "-".to_owned(), session_id: 0, version: 0, address: "0.0.0.0".to_owned() }
    }
}

/// `c=` (RFC 8866 section 5.7).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Connection {
    /// The address or host name, without the TTL and count of multicast.
    pub address: String,
}

/// A media description, from its `m=` line on (RFC 8866 section 5.14).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Media {
    /// `audio`, `message`...
    pub kind: String,
    /// The port; 0 when the medium is refused or over (RFC 3264 section 6).
    pub port: u16,
    /// `TCP/MSRP`, `RTP/AVP`...
    pub protocol: String,
    /// The formats; `*` for MSRP.
    pub formats: Vec<String>,
    /// Its own `c=`; of several the last.
    pub connection: Option<Connection>,
    /// Its own attributes.
    pub attributes: Vec<Attribute>,
    /// Number of its `m=` line, from 1.
    pub line: u32,
}

pub(super) fn origin(value: &str) -> Option<Origin> {
    let mut words = value.split(' ');
    let mut word = || words.next().filter(|word| !word.is_empty());
    let username = word()?.to_owned();
    let (session_id, version) = (number(word()?)?, number(word()?)?);
    let address = address(word()?, word()?, word()?)?;
    word().is_none().then_some(Origin { username, session_id, version, address })
}

pub(super) fn connection(value: &str) -> Option<Connection> {
    let mut words = value.split(' ');
    let address = address(words.next()?, words.next()?, words.next()?)?;
    let address = address.split('/').next()?.to_owned();
    words.next().is_none().then_some(Connection { address })
}

fn address(network: &str, kind: &str, address: &str) -> Option<String> {
    let known = network == "IN" && matches!(kind, "IP4" | "IP6");
    (known && !address.is_empty() && !address.starts_with('/')).then(|| address.to_owned())
}

pub(super) fn media(value: &str, line: u32) -> Option<Media> {
    let mut words = value.split(' ');
    let kind = words.next().filter(|kind| is_token(kind))?;
    let port = words.next()?;
    let (port, count) = port.split_once('/').unwrap_or((port, "1"));
    let port = u16::try_from(number(port)?).ok()?;
    number(count)?;
    let protocol = words.next().filter(|protocol| protocol.split('/').all(is_token))?;
    let formats: Vec<String> = words.map(str::to_owned).collect();
    let formed = !formats.is_empty() && formats.iter().all(|format| is_token(format));
    let (kind, protocol) = (kind.to_owned(), protocol.to_owned());
    formed.then_some(Media { kind, port, protocol, formats, connection: None, attributes: Vec::new(), line })
}

pub(super) fn attribute(value: &str, line: u32) -> Option<Attribute> {
    let (name, value) = value.split_once(':').map_or((value, None), |(name, value)| (name, Some(value)));
    is_token(name).then(|| Attribute { name: name.to_owned(), value: value.map(str::to_owned), line })
}

pub(super) fn is_timing(value: &str) -> bool {
    value.split_once(' ').is_some_and(|(start, stop)| number(start).is_some() && number(stop).is_some())
}

pub(super) fn is_bandwidth(value: &str) -> bool {
    value.split_once(':').is_some_and(|(kind, bandwidth)| is_token(kind) && number(bandwidth).is_some())
}

/// Digits alone: `str::parse` would also take a sign.
pub(super) fn number(word: &str) -> Option<u64> {
    if word.bytes().all(|octet| octet.is_ascii_digit()) { word.parse().ok() } else { None }
}

/// `token` of RFC 8866 section 9.
pub(super) fn is_token(word: &str) -> bool {
    let sign = |octet| matches!(octet, b'!' | b'#'..=b'\'' | b'*' | b'+' | b'-' | b'.' | b'^'..=b'`' | b'{'..=b'~');
    !word.is_empty() && word.bytes().all(|octet| octet.is_ascii_alphanumeric() || sign(octet))
}
