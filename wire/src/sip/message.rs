//! The message: its octets, and where everything stands in them.

use super::fields::{Fields, Named};
use super::grammar::trim;
use super::lists::List;
use super::method::Method;
use super::name::Name;
use super::parse::{self, ParseError};
use super::storage::Storage;
use crate::search::holds;
use bytes::Bytes;

/// Octets `start..end` of a message.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Span {
    /// The first octet.
    pub start: u32,
    /// The one after the last.
    pub end: u32,
}

impl Span {
    /// A span; the ends fit because messages are bounded far below 4 GiB.
    pub(crate) fn new(start: usize, end: usize) -> Span {
        let cut = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
        Span { start: cut(start), end: cut(end) }
    }

    /// As [`Span::new`], for a span in a head, which is bounded by [`parse::MAX_HEAD`].
    #[inline]
    pub(super) const fn of_head(start: usize, end: usize) -> Span {
        Span { start: start as u32, end: end as u32 }
    }

    /// As a range of indices.
    pub const fn range(self) -> std::ops::Range<usize> {
        self.start as usize..self.end as usize
    }
}

/// A header field: its name, and where name and value stand. The value is trimmed; folding is still in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Field {
    /// Which field it is.
    pub name: Name,
    /// Where the name stands, as written.
    pub name_span: Span,
    /// Where the value stands.
    pub value: Span,
}

/// The first line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum StartLine {
    /// A request.
    Request {
        /// Where the method stands.
        method: Span,
        /// Where the Request-URI stands.
        uri: Span,
    },
    /// A response.
    Status {
        /// The status code.
        code: u16,
        /// Where the reason phrase stands.
        reason: Span,
    },
}

/// A SIP message. Cloning copies no octets.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Message {
    pub(super) octets: Storage,
    pub(super) start: StartLine,
    pub(super) fields: Fields,
    pub(super) body: Span,
    pub(super) surplus: u32,
}

impl Message {
    /// Reads one message that came as a datagram (RFC 3261 section 18.3): octets beyond the Content-Length are cut off,
    /// too few are an error, and without one good Content-Length the body reaches to the end, as the datagram does.
    ///
    /// # Errors
    /// See [`ParseError`]; a field that is merely badly valued is none, see [`Message::check_request`].
    pub fn parse(octets: Bytes) -> Result<Message, ParseError> {
        parse::datagram(octets)
    }

    /// The octets of the message.
    pub fn octets(&self) -> &Bytes {
        self.octets.octets()
    }

    /// The first line.
    pub fn start(&self) -> &StartLine {
        &self.start
    }

    /// True for a request.
    pub fn is_request(&self) -> bool {
        matches!(self.start, StartLine::Request { .. })
    }

    /// The method of a request, or the one in the CSeq of a response.
    pub fn method(&self) -> Method {
        match &self.start {
            StartLine::Request { method, .. } => Method::from(self.text(*method)),
            StartLine::Status { .. } => self.cseq().map_or_else(|_| Method::Other("".into()), |cseq| cseq.method),
        }
    }

    /// The status code of a response.
    pub fn status(&self) -> Option<u16> {
        match self.start {
            StartLine::Status { code, .. } => Some(code),
            StartLine::Request { .. } => None,
        }
    }

    /// The reason phrase of a response; empty for a request.
    pub fn reason(&self) -> &str {
        match &self.start {
            StartLine::Status { reason, .. } => self.text(*reason),
            StartLine::Request { .. } => "",
        }
    }

    /// The Request-URI.
    pub fn request_uri(&self) -> Option<&str> {
        match &self.start {
            StartLine::Request { uri, .. } => Some(self.text(*uri)),
            StartLine::Status { .. } => None,
        }
    }

    /// All header fields in their order.
    pub fn fields(&self) -> &[Field] {
        &self.fields
    }

    /// The text of a span of the header section; empty for a span outside it.
    pub fn text(&self, span: Span) -> &str {
        self.octets.text(span.range()).unwrap_or_default()
    }

    /// The raw value of the first field of that name.
    #[inline(always)]
    pub fn header(&self, name: &Name) -> Option<&str> {
        self.octets.text(self.fields.first_of(name)?.value.range())
    }

    /// The raw values of all fields of that name.
    pub fn headers<'a>(&'a self, name: &Name) -> impl Iterator<Item = &'a str> + use<'a> {
        self.fields.named(name).map(|field| self.text(field.value))
    }

    /// The values of all fields of that name: comma lists are split, where the field is one (see [`Name::is_list`]).
    pub fn values<'a>(&'a self, name: &Name) -> impl Iterator<Item = &'a str> + use<'a> {
        Values { message: self, fields: self.fields.named(name), is_list: name.is_list(), list: None }
    }

    /// The body.
    pub fn body(&self) -> &[u8] {
        self.octets.get(self.body.range()).unwrap_or_default()
    }

    /// The body, sharing the message's octets.
    pub fn body_octets(&self) -> Bytes {
        let range = self.body.range();
        if range.end <= self.octets.len() && range.start <= range.end {
            self.octets().slice(range)
        } else {
            Bytes::new()
        }
    }

    /// Where the body stands.
    pub fn body_span(&self) -> Span {
        self.body
    }

    /// How many octets followed the body in the datagram and were cut off.
    pub fn surplus(&self) -> usize {
        self.surplus as usize
    }

    /// Where a text stands that was borrowed from this message; None for any other.
    pub fn span_of(&self, text: &str) -> Option<Span> {
        let start = text.as_ptr().addr().checked_sub(self.octets.as_ptr().addr())?;
        let end = start.checked_add(text.len()).filter(|end| *end <= self.octets.len())?;
        Some(Span::new(start, end))
    }
}

/// The values of one name, field by field.
struct Values<'a> {
    message: &'a Message,
    fields: Named<'a>,
    is_list: bool,
    /// What is left of a field with several values.
    list: Option<List<'a>>,
}

impl<'a> Values<'a> {
    /// The next value, where there may be one.
    #[inline(never)]
    fn more(&mut self) -> Option<&'a str> {
        if let Some(value) = self.list.as_mut().and_then(List::next) {
            return Some(value);
        }
        let span = self.fields.next()?.value;
        let value = self.message.text(span);
        if !(self.is_list && holds(b',', &self.message.octets, span.range())) {
            self.list = None;
            return Some(trim(value));
        }
        self.list.insert(List::of(value)).next()
    }
}

impl<'a> Iterator for Values<'a> {
    type Item = &'a str;

    #[inline(always)]
    fn next(&mut self) -> Option<&'a str> {
        if self.fields.is_at_end() && self.list.is_none() { None } else { self.more() }
    }
}
