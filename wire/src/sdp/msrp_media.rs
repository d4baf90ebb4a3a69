//! The media description of a message session: RFC 4975 section 8, with the connection roles of RFC 6135 and 4145,
//! the fingerprint of RFC 8122, and the CEMA of RFC 6714.

use super::{Attribute, Media, Session, fields};

/// Who opens the connection (RFC 4145 section 4, for MSRP RFC 6135).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Setup {
    /// This side opens it.
    Active,
    /// This side waits for it.
    Passive,
    /// Either; the answerer chooses.
    Actpass,
    /// No connection for now.
    Holdconn,
}

impl Setup {
    /// The value of the attribute.
    pub const fn as_str(self) -> &'static str {
        match self {
            Setup::Active => "active",
            Setup::Passive => "passive",
            Setup::Actpass => "actpass",
            Setup::Holdconn => "holdconn",
        }
    }

    pub(super) const ALL: [Setup; 4] = [Setup::Active, Setup::Passive, Setup::Actpass, Setup::Holdconn];
}

/// Which way media go, seen from the side that wrote it (RFC 3264 section 5.1).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Direction {
    /// Both ways; what no attribute means.
    #[default]
    SendRecv,
    /// This side only sends.
    SendOnly,
    /// This side only receives.
    RecvOnly,
    /// Neither way.
    Inactive,
}

impl Direction {
    /// The name of the attribute.
    pub const fn as_str(self) -> &'static str {
        match self {
            Direction::SendRecv => "sendrecv",
            Direction::SendOnly => "sendonly",
            Direction::RecvOnly => "recvonly",
            Direction::Inactive => "inactive",
        }
    }

    fn named(name: &str) -> Option<Direction> {
        Some(match name {
            "sendrecv" => Direction::SendRecv,
            "sendonly" => Direction::SendOnly,
            "recvonly" => Direction::RecvOnly,
            "inactive" => Direction::Inactive,
            _ => return None,
        })
    }

    /// True when this side sends.
    pub const fn sends(self) -> bool {
        matches!(self, Direction::SendRecv | Direction::SendOnly)
    }

    /// True when this side receives.
    pub const fn receives(self) -> bool {
        matches!(self, Direction::SendRecv | Direction::RecvOnly)
    }

    /// The direction of a side that does these.
    pub const fn of(sends: bool, receives: bool) -> Direction {
        match (sends, receives) {
            (true, true) => Direction::SendRecv,
            (true, false) => Direction::SendOnly,
            (false, true) => Direction::RecvOnly,
            (false, false) => Direction::Inactive,
        }
    }

    /// The same, seen from the other side.
    pub const fn mirrored(self) -> Direction {
        Direction::of(self.receives(), self.sends())
    }
}

/// One side's description of a message session.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct MsrpMedia {
    /// The host of `c=`.
    pub address: String,
    /// The port of `m=`; 0 when the session is refused or over.
    pub port: u16,
    /// True for `TCP/TLS/MSRP`.
    pub tls: bool,
    /// The MSRP URIs of `a=path`, nearest hop first.
    pub path: Vec<String>,
    /// `a=setup`.
    pub setup: Option<Setup>,
    /// `a=sendrecv` and its kin.
    pub direction: Direction,
    /// `a=accept-types`: what this side receives at the top of a message.
    pub accept_types: Vec<String>,
    /// `a=accept-wrapped-types`: what this side receives inside of a container only.
    pub accept_wrapped_types: Vec<String>,
    /// `a=max-size`: octets of the largest message that this side receives.
    pub max_size: Option<u64>,
    /// `a=msrp-cema`.
    pub cema: bool,
    /// `a=fingerprint`: hash function and certificate fingerprint.
    pub fingerprint: Option<String>,
}

/// Why a description offers no message session that can be had.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum MediaError {
    /// No `m=message` over MSRP.
    #[error("no m=message with TCP/MSRP or TCP/TLS/MSRP")]
    NoMsrp,
    /// Something mandatory is not there.
    #[error("the m=message of SDP line {line} has no {what}")]
    Missing {
        /// Number of the `m=` line, from 1.
        line: u32,
        /// What is missing.
        what: &'static str,
    },
    /// An attribute whose value cannot be.
    #[error("SDP line {line}: a={name} is not {expected}")]
    Attribute {
        /// Number of the line, from 1.
        line: u32,
        /// The name of the attribute.
        name: &'static str,
        /// What it should be.
        expected: &'static str,
    },
}

/// The message session among the media, and its place there: the first that is not refused, else the first.
pub(super) fn placed_in<'a>(session: &Session<'a>) -> Option<(usize, Media<'a>)> {
    let is_msrp = |(_, media): &(usize, Media<'_>)| media.kind == "message" && tls_of(media).is_some();
    let mut all = session.media().enumerate().filter(is_msrp);
    let first = all.next()?;
    if first.1.port != 0 { Some(first) } else { all.find(|(_, media)| media.port != 0).or(Some(first)) }
}

fn tls_of(media: &Media<'_>) -> Option<bool> {
    let plain = media.protocol.eq_ignore_ascii_case("TCP/MSRP");
    (plain || media.protocol.eq_ignore_ascii_case("TCP/TLS/MSRP")).then_some(!plain)
}

impl MsrpMedia {
    /// The message session of a description: the first `m=message` over MSRP that is not refused, else the first. A
    /// refused one (port 0) needs no attributes.
    ///
    /// # Errors
    /// See [`MediaError`].
    pub fn from_session(session: &Session<'_>) -> Result<MsrpMedia, MediaError> {
        let (_, media) = placed_in(session).ok_or(MediaError::NoMsrp)?;
        MsrpMedia::of_media(session, &media)
    }

    /// The message session that this one of the description's media is.
    ///
    /// # Errors
    /// See [`MediaError`].
    pub fn of_media(session: &Session<'_>, media: &Media<'_>) -> Result<MsrpMedia, MediaError> {
        let tls = tls_of(media).filter(|_| media.kind == "message").ok_or(MediaError::NoMsrp)?;
        let found = Found::among(media.attributes().chain(session.attributes()));
        let connection = session.connection_of(media);
        let read = MsrpMedia {
            address: connection.map(|connection| connection.address.to_owned()).unwrap_or_default(),
            port: media.port,
            tls,
            path: path(found.path)?,
            setup: found.setup.map(setup).transpose()?,
            direction: found.direction.unwrap_or_default(),
            accept_types: words(found.accept_types),
            accept_wrapped_types: words(found.accept_wrapped_types),
            max_size: found.max_size.map(max_size).transpose()?,
            cema: found.cema.is_some(),
            fingerprint: found.fingerprint.map(|attribute| value(attribute).to_owned()),
        };
        let missing = |what| Err(MediaError::Missing { line: media.line, what });
        match () {
            () if read.port == 0 => Ok(read),
            () if read.address.is_empty() => missing("c= line"),
            () if read.path.is_empty() => missing("a=path"),
            () if read.accept_types.is_empty() => missing("a=accept-types"),
            () => Ok(read),
        }
    }

    /// True when the session is refused, or over.
    pub const fn is_refused(&self) -> bool {
        self.port == 0
    }
}

/// The attributes of a message session: of each name the first.
#[derive(Default)]
struct Found<'a> {
    path: Option<Attribute<'a>>,
    setup: Option<Attribute<'a>>,
    direction: Option<Direction>,
    accept_types: Option<Attribute<'a>>,
    accept_wrapped_types: Option<Attribute<'a>>,
    max_size: Option<Attribute<'a>>,
    cema: Option<Attribute<'a>>,
    fingerprint: Option<Attribute<'a>>,
}

impl<'a> Found<'a> {
    fn among(attributes: impl Iterator<Item = Attribute<'a>>) -> Found<'a> {
        let mut found = Found::default();
        for attribute in attributes {
            let place = match attribute.name {
                "path" => &mut found.path,
                "setup" => &mut found.setup,
                "accept-types" => &mut found.accept_types,
                "accept-wrapped-types" => &mut found.accept_wrapped_types,
                "max-size" => &mut found.max_size,
                "msrp-cema" => &mut found.cema,
                "fingerprint" => &mut found.fingerprint,
                name => {
                    found.direction = found.direction.or_else(|| Direction::named(name));
                    continue;
                }
            };
            place.get_or_insert(attribute);
        }
        found
    }
}

fn value(attribute: Attribute<'_>) -> &str {
    attribute.value.unwrap_or_default()
}

fn words(attribute: Option<Attribute<'_>>) -> Vec<String> {
    let value = attribute.map(value).unwrap_or_default();
    value.split(' ').filter(|word| !word.is_empty()).map(str::to_owned).collect()
}

fn path(attribute: Option<Attribute<'_>>) -> Result<Vec<String>, MediaError> {
    let path = words(attribute);
    let is_msrp = |uri: &String| {
        let scheme = uri.split_once("://").map(|(scheme, _)| scheme).unwrap_or_default();
        scheme.eq_ignore_ascii_case("msrp") || scheme.eq_ignore_ascii_case("msrps")
    };
    match attribute {
        Some(Attribute { line, .. }) if !path.iter().all(is_msrp) => {
            Err(MediaError::Attribute { line, name: "path", expected: "MSRP URIs" })
        }
        _ => Ok(path),
    }
}

fn setup(attribute: Attribute<'_>) -> Result<Setup, MediaError> {
    let (line, expected) = (attribute.line, "active, passive, actpass or holdconn");
    let known = Setup::ALL.into_iter().find(|setup| setup.as_str() == value(attribute));
    known.ok_or(MediaError::Attribute { line, name: "setup", expected })
}

fn max_size(attribute: Attribute<'_>) -> Result<u64, MediaError> {
    let (line, expected) = (attribute.line, "a number of octets");
    fields::number(value(attribute)).ok_or(MediaError::Attribute { line, name: "max-size", expected })
}
