//! Session descriptions (RFC 8866, which is RFC 4566 made clearer): lines with their places, grammar and order.
//!
//! [`lines()`] only splits and never fails; [`Session::parse`] also asks that the description has the form of section 5
//! and section 9. [`MsrpMedia`] is what a message session needs of it, and what is written.

mod attributes;
mod fields;
mod lines;
mod msrp_media;
mod order;
mod write;

#[cfg(test)]
mod tests;

pub use attributes::Attribute;
pub use fields::{Connection, Media, Origin};
pub use lines::{Fault, Line, Lines, SdpError, lines};
pub use msrp_media::{Direction, MediaError, MsrpMedia, Setup};

use attributes::{Attributes, Lengths};
use lines::Span;
use order::Order;

/// The media type of a session description.
pub const MEDIA_TYPE: &str = "application/sdp";

/// A session description that has the form which RFC 8866 asks for. It borrows the octets that came; nothing of it is
/// copied, and what it holds is read line by line as it is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Session<'a> {
    text: &'a str,
    origin: Origin<'a>,
    connection: Option<Connection<'a>>,
    /// The lines after the last `t=`: the attributes of the session are among them.
    attributes: Lines<'a>,
    /// The first media description.
    media: Option<Media<'a>>,
    /// How many `m=` lines there are.
    media_lines: usize,
}

impl<'a> Session<'a> {
    /// Reads a description. Lines may end in LF alone, the last one need not end at all, blank lines may follow it,
    /// and `s=`, `i=` and the value of an attribute may be empty: all are seen in the field and harm nobody. All else
    /// is as section 9 says.
    ///
    /// # Errors
    /// A line that is none, or one that is out of order; where there is no such line, one with a value that cannot be.
    pub fn parse(octets: &'a [u8]) -> Result<Session<'a>, SdpError> {
        let text = std::str::from_utf8(octets).map_err(|error| SdpError::not_utf8(octets, error.valid_up_to()))?;
        let mut rest = lines(lines::without_blank_end(text));
        let origin = Origin::default();
        let mut session = Session { text, origin, connection: None, attributes: rest, media: None, media_lines: 0 };
        let (mut order, mut bad_value) = (Order::new(), None);
        // All descriptions begin with the same line.
        if rest.pass_if(b"v=0\r\n") {
            order = order.after(b'v');
        }
        loop {
            // Most lines are attributes, and after one there may always be another.
            if let Some(after) = order.allows(b'a') {
                while let Some((name, line)) = rest.next_usual_attribute() {
                    order = after;
                    if let Some(media) = &mut session.media {
                        media.lengths.note(name, line);
                    }
                }
            }
            let Some(line) = rest.next_span() else { break };
            let letter = order.take(line.octets, line.stray).map_err(|why| line.fault(why))?;
            if let Err(why) = session.take(letter, line, rest, order.in_media()) {
                bad_value.get_or_insert(line.fault(why));
            }
        }
        match (order.missing(), bad_value) {
            (Some(why), _) => Err(SdpError { line: rest.taken() + 1, octets: octets.len()..octets.len(), why }),
            (None, Some(fault)) => Err(fault),
            (None, None) => Ok(session),
        }
    }

    /// Takes the line before `rest`, if its value is what its letter asks for.
    #[inline(always)]
    fn take(&mut self, letter: u8, line: Span<'a>, rest: Lines<'a>, in_media: bool) -> Result<(), Fault> {
        match letter {
            b'a' => {
                self.close_lengths();
                if !line.value().is_some_and(fields::is_attribute) {
                    return Err(Fault::Attribute);
                }
            }
            b'v' if line.octets != b"v=0" => return Err(Fault::Version),
            b'o' => self.origin = line.value().and_then(fields::origin).ok_or(Fault::Origin)?,
            b't' => {
                self.attributes = rest;
                // A session without bounds, as nearly all are.
                if line.octets != b"t=0 0" && !line.value().is_some_and(fields::is_timing) {
                    return Err(Fault::Timing);
                }
            }
            b'b' if !line.value().is_some_and(fields::is_bandwidth) => return Err(Fault::Bandwidth),
            b'c' => {
                let connection = line.value().and_then(fields::connection).ok_or(Fault::Connection)?;
                if !in_media {
                    self.connection = Some(connection);
                }
            }
            b'm' => {
                let mut media = fields::media(line, rest).filter(fields::is_media).ok_or(Fault::Media)?;
                media.lengths = Lengths::to_come();
                self.close_lengths();
                self.media.get_or_insert(media);
                self.media_lines += 1;
            }
            _ => {}
        }
        Ok(())
    }

    /// The lengths of further attributes are not noted in the first media description.
    const fn close_lengths(&mut self) {
        if let Some(media) = &mut self.media {
            media.lengths.close();
        }
    }

    /// The text without the blank lines at its end.
    fn described(&self) -> &'a str {
        lines::without_blank_end(self.text)
    }

    /// The description as it came.
    pub const fn octets(&self) -> &'a [u8] {
        self.text.as_bytes()
    }

    /// All lines in order, without the blank ones at the end.
    pub fn lines(&self) -> Lines<'a> {
        lines(self.described())
    }

    /// The value of the first line of this letter before the first `m=`.
    pub fn session_value(&self, letter: u8) -> Option<&'a str> {
        let mut lines = self.lines().take_while(|line| line.letter() != b'm');
        lines.find(|line| line.letter() == letter).map(|line| line.value())
    }

    /// `o=`: who made the description, and which version of it this is.
    pub const fn origin(&self) -> Origin<'a> {
        self.origin
    }

    /// `c=` of the session, which holds for media without one.
    pub const fn connection(&self) -> Option<Connection<'a>> {
        self.connection
    }

    /// The attributes of the session.
    pub fn attributes(&self) -> impl Iterator<Item = Attribute<'a>> + use<'a> {
        Attributes::of(self.attributes, Lengths::default())
    }

    /// The media descriptions in order.
    pub fn media(&self) -> impl Iterator<Item = Media<'a>> + use<'a> {
        let (first, mut before) = (self.media, None);
        // There is no need to look for one after the last.
        (0..self.media_lines).map_while(move |_| {
            before = before.as_ref().map_or(first, Media::next);
            before
        })
    }

    /// The first attribute of this name that holds for the media description: its own, else the session's.
    pub fn attribute_of(&self, media: &Media<'a>, name: &str) -> Option<Attribute<'a>> {
        media.attributes().chain(self.attributes()).find(|attribute| attribute.name == name)
    }

    /// The connection data that hold for the media description: its own, else the session's.
    pub fn connection_of(&self, media: &Media<'a>) -> Option<Connection<'a>> {
        media.connection().or(self.connection)
    }
}
