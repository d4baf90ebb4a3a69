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

    const ALL: [Direction; 4] = [Direction::SendRecv, Direction::SendOnly, Direction::RecvOnly, Direction::Inactive];

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

/// The place of the message session among the media: the first that is not refused, else the first.
pub(super) fn place_in(session: &Session) -> Option<usize> {
    let is_msrp = |media: &Media| media.kind == "message" && tls_of(media).is_some();
    let live = session.media().iter().position(|media| is_msrp(media) && media.port != 0);
    live.or_else(|| session.media().iter().position(is_msrp))
}

fn tls_of(media: &Media) -> Option<bool> {
    let protocol = media.protocol.as_str();
    let plain = protocol.eq_ignore_ascii_case("TCP/MSRP");
    (plain || protocol.eq_ignore_ascii_case("TCP/TLS/MSRP")).then_some(!plain)
}

impl MsrpMedia {
    /// The message session of a description: the first `m=message` over MSRP that is not refused, else the first. A
    /// refused one (port 0) needs no attributes.
    pub fn from_session(session: &Session) -> Result<MsrpMedia, MediaError> {
        let place = place_in(session).and_then(|place| session.media().get(place));
        let media = place.ok_or(MediaError::NoMsrp)?;
        let missing = |what| MediaError::Missing { line: media.line, what };
        let described = Described { session, media };
        let connection = session.connection_of(media).map(|connection| connection.address.clone());
        let read = MsrpMedia {
            address: connection.unwrap_or_default(),
            port: media.port,
            tls: tls_of(media).unwrap_or(false),
            path: described.path()?,
            setup: described.setup()?,
            direction: described.direction(),
            accept_types: described.words("accept-types"),
            accept_wrapped_types: described.words("accept-wrapped-types"),
            max_size: described.max_size()?,
            cema: session.attribute_of(media, "msrp-cema").is_some(),
            fingerprint: described.value("fingerprint").map(|(_, value)| value.to_owned()),
        };
        match () {
            () if read.port == 0 => Ok(read),
            () if read.address.is_empty() => Err(missing("c= line")),
            () if read.path.is_empty() => Err(missing("a=path")),
            () if read.accept_types.is_empty() => Err(missing("a=accept-types")),
            () => Ok(read),
        }
    }

    /// True when the session is refused, or over.
    pub const fn is_refused(&self) -> bool {
        self.port == 0
    }
}

/// A media description with the session around it.
struct Described<'a> {
    session: &'a Session,
    media: &'a Media,
}

impl<'a> Described<'a> {
    fn value(&self, name: &str) -> Option<(u32, &'a str)> {
        let attribute: &Attribute = self.session.attribute_of(self.media, name)?;
        Some((attribute.line, attribute.value.as_deref().unwrap_or_default()))
    }

    fn words(&self, name: &str) -> Vec<String> {
        let value = self.value(name).map(|(_, value)| value).unwrap_or_default();
        value.split(' ').filter(|word| !word.is_empty()).map(str::to_owned).collect()
    }

    fn path(&self) -> Result<Vec<String>, MediaError> {
        let path = self.words("path");
        let is_msrp = |uri: &String| {
            let scheme = uri.split_once("://").map(|(scheme, _)| scheme).unwrap_or_default();
            scheme.eq_ignore_ascii_case("msrp") || scheme.eq_ignore_ascii_case("msrps")
        };
        if path.iter().all(is_msrp) { Ok(path) } else { Err(self.bad("path", "MSRP URIs")) }
    }

    fn setup(&self) -> Result<Option<Setup>, MediaError> {
        let Some((_, value)) = self.value("setup") else { return Ok(None) };
        let known = Setup::ALL.into_iter().find(|setup| setup.as_str() == value);
        known.map(Some).ok_or_else(|| self.bad("setup", "active, passive, actpass or holdconn"))
    }

    fn max_size(&self) -> Result<Option<u64>, MediaError> {
        let Some((_, value)) = self.value("max-size") else { return Ok(None) };
        fields::number(value).map(Some).ok_or_else(|| self.bad("max-size", "a number of octets"))
    }

    fn direction(&self) -> Direction {
        let mut attributes = self.media.attributes.iter().chain(self.session.attributes());
        let named =
            |attribute: &Attribute| Direction::ALL.into_iter().find(|direction| direction.as_str() == attribute.name);
        attributes.find_map(named).unwrap_or_default()
    }

    fn bad(&self, name: &'static str, expected: &'static str) -> MediaError {
        let line = self.value(name).map_or(self.media.line, |(line, _)| line);
        MediaError::Attribute { line, name, expected }
    }
}
