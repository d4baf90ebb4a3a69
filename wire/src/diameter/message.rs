//! A whole message.

use super::avp::{Avp, Avps};
use super::build::Builder;
use super::dictionary::{self, Definition};
use super::error::DiameterError;
use super::header::{CommandFlags, HEADER_LENGTH, Header};
use bytes::{Bytes, BytesMut};

/// A message, and its octets as they came.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Message {
    header: Header,
    octets: Bytes,
}

impl Message {
    /// Reads octets that are one message, no more and no less. The AVPs of the message are whole then; those inside
    /// groups are read, and may fail, when they are asked for.
    pub fn parse(octets: Bytes) -> Result<Message, DiameterError> {
        let header = Header::parse(&octets)?;
        if header.length as usize != octets.len() {
            return Err(DiameterError::Octets { said: header.length, are: octets.len() });
        }
        Avps::new(octets.get(HEADER_LENGTH..).unwrap_or_default()).check()?;
        Ok(Message { header, octets })
    }

    /// A request to be built.
    #[must_use]
    pub fn request(command: u32, application: u32) -> Builder {
        Builder::request(command, application)
    }

    /// The answer to this request, to be built: the identifiers, the P bit and the Session-Id are those of the
    /// request, and its Proxy-Info goes back in the same order (RFC 6733 section 6.2).
    #[must_use]
    pub fn answer(&self) -> Builder {
        Builder::answer(self)
    }

    /// The same message with this Hop-by-Hop Identifier, as it goes over one connection.
    #[must_use]
    pub fn numbered(&self, hop_by_hop: u32) -> Message {
        self.headed(Header { hop_by_hop, ..self.header })
    }

    /// The same message, marked as one that may have been sent before (RFC 6733 section 3, T).
    #[must_use]
    pub fn repeated(&self) -> Message {
        let flags = CommandFlags(self.header.flags.0 | CommandFlags::RETRANSMITTED);
        self.headed(Header { flags, ..self.header })
    }

    fn headed(&self, header: Header) -> Message {
        let mut octets = BytesMut::with_capacity(self.octets.len());
        header.write(&mut octets);
        octets.extend_from_slice(self.octets.get(HEADER_LENGTH..).unwrap_or_default());
        Message { header, octets: octets.freeze() }
    }

    /// The header.
    #[must_use]
    pub const fn header(&self) -> &Header {
        &self.header
    }

    /// Whether this is a request.
    #[must_use]
    pub const fn is_request(&self) -> bool {
        self.header.is_request()
    }

    /// The octets of the message.
    #[must_use]
    pub const fn octets(&self) -> &Bytes {
        &self.octets
    }

    /// The AVPs, in order.
    pub fn avps(&self) -> impl Iterator<Item = Avp<'_>> {
        self.reader().map_while(Result::ok)
    }

    /// The first AVP of this definition.
    #[must_use]
    pub fn find(&self, definition: &Definition) -> Option<Avp<'_>> {
        self.reader().find(definition)
    }

    /// The value of an AVP, shared with the message.
    #[must_use]
    pub fn share(&self, avp: &Avp<'_>) -> Bytes {
        self.octets.slice_ref(avp.data)
    }

    /// The session, if the message is of one.
    #[must_use]
    pub fn session_id(&self) -> Option<&str> {
        self.find(&dictionary::SESSION_ID)?.text().ok()
    }

    /// How a request went: Result-Code, or Experimental-Result-Code (RFC 6733 sections 7.1 and 7.6).
    #[must_use]
    pub fn result(&self) -> Option<u32> {
        let plain = self.find(&dictionary::RESULT_CODE);
        let within =
            || self.find(&dictionary::EXPERIMENTAL_RESULT)?.group().find(&dictionary::EXPERIMENTAL_RESULT_CODE);
        plain.or_else(within)?.unsigned32().ok()
    }

    fn reader(&self) -> Avps<'_> {
        Avps::new(self.octets.get(HEADER_LENGTH..).unwrap_or_default())
    }
}
