//! Session descriptions (RFC 8866, which is RFC 4566 made clearer): lines with their places, grammar and order.
//!
//! [`lines`] only splits and never fails; [`Session::parse`] also asks that the description has the form of section 5
//! and section 9. [`MsrpMedia`] is what a message session needs of it.

mod fields;
mod lines;
mod msrp_media;
mod write;

#[cfg(test)]
mod tests;

pub use fields::{Connection, Media, Origin};
pub use lines::{Fault, Line, SdpError, lines};
pub use msrp_media::{Direction, MediaError, MsrpMedia, Setup};

use std::ops::Range;

/// The media type of a session description.
pub const MEDIA_TYPE: &str = "application/sdp";

/// A session description, with every octet as it came.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Session {
    text: String,
    lines: Vec<Line>,
    origin: Origin,
    connection: Option<Connection>,
    attributes: Vec<Attribute>,
    media: Vec<Media>,
}

/// An `a=` line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Attribute {
    /// Its name.
    pub name: String,
    /// What follows the colon, if there is one.
    pub value: Option<String>,
    /// Number of its line, from 1.
    pub line: u32,
}

impl Session {
    /// Reads a description. Lines may end in LF alone, the last one need not end at all, blank lines may follow it,
    /// and `s=`, `i=` and the value of an attribute may be empty: all are seen in the field and harm nobody. All else
    /// is as section 9 says.
    pub fn parse(octets: &[u8]) -> Result<Session, SdpError> {
        let split = lines::checked(octets)?;
        lines::in_order(&split, octets.len())?;
        let text = std::str::from_utf8(octets).map_err(|error| SdpError::not_utf8(octets, error.valid_up_to()))?;
        let mut session = Session {
            text: text.to_owned(),
            lines: Vec::new(),
            origin: Origin::default(),
            connection: None,
            attributes: Vec::new(),
            media: Vec::new(),
        };
        for line in &split {
            session.take(line)?;
        }
        session.lines = split;
        Ok(session)
    }

    fn take(&mut self, line: &Line) -> Result<(), SdpError> {
        let value = self.text.get(line.value.clone()).unwrap_or_default();
        let media = self.media.last_mut();
        match line.letter {
            b'v' if value != "0" => return Err(line.fault(Fault::Version)),
            b'o' => self.origin = fields::origin(value).ok_or_else(|| line.fault(Fault::Origin))?,
            b't' if !fields::is_timing(value) => return Err(line.fault(Fault::Timing)),
            b'b' if !fields::is_bandwidth(value) => return Err(line.fault(Fault::Bandwidth)),
            b'c' => {
                let connection = Some(fields::connection(value).ok_or_else(|| line.fault(Fault::Connection))?);
                *media.map_or(&mut self.connection, |media| &mut media.connection) = connection;
            }
            b'm' => self.media.push(fields::media(value, line.number).ok_or_else(|| line.fault(Fault::Media))?),
            b'a' => {
                let attribute = fields::attribute(value, line.number).ok_or_else(|| line.fault(Fault::Attribute))?;
                media.map_or(&mut self.attributes, |media| &mut media.attributes).push(attribute);
            }
            _ => {}
        }
        Ok(())
    }

    /// The description as it came.
    pub fn octets(&self) -> &[u8] {
        self.text.as_bytes()
    }

    /// All lines in order.
    pub fn lines(&self) -> &[Line] {
        &self.lines
    }

    /// The text of a place.
    pub fn text(&self, place: Range<usize>) -> &str {
        self.text.get(place).unwrap_or_default()
    }

    /// The value of the first line of this letter before the first `m=`.
    pub fn session_value(&self, letter: u8) -> Option<&str> {
        let mut lines = self.lines.iter().take_while(|line| line.letter != b'm');
        lines.find(|line| line.letter == letter).map(|line| self.text(line.value.clone()))
    }

    /// `o=`: who made the description, and which version of it this is.
    pub fn origin(&self) -> &Origin {
        &self.origin
    }

    /// `c=` of the session, which holds for media without one.
    pub fn connection(&self) -> Option<&Connection> {
        self.connection.as_ref()
    }

    /// The attributes of the session.
    pub fn attributes(&self) -> &[Attribute] {
        &self.attributes
    }

    /// The media descriptions in order.
    pub fn media(&self) -> &[Media] {
        &self.media
    }

    /// The first attribute of this name that holds for the media description: its own, else the session's.
    pub fn attribute_of<'a>(&'a self, media: &'a Media, name: &str) -> Option<&'a Attribute> {
        media.attributes.iter().chain(&self.attributes).find(|attribute| attribute.name == name)
    }

    /// The connection data that hold for the media description: its own, else the session's.
    pub fn connection_of<'a>(&'a self, media: &'a Media) -> Option<&'a Connection> {
        media.connection.as_ref().or(self.connection.as_ref())
    }
}
