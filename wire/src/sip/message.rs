//! The message: its octets, and where everything stands in them.

use super::headers::{self, CSeq, HeaderError, MediaType, NameAddr, Tokenized, Via};
use super::lists::split_list;
use super::method::Method;
use super::name::Name;
use super::parse::{self, ParseError};
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
    pub(super) octets: Bytes,
    pub(super) start: StartLine,
    pub(super) fields: Vec<Field>,
    pub(super) body: Span,
}

impl Message {
    /// Reads one message that came as a datagram (RFC 3261 section 18.3): octets beyond the Content-Length are cut off,
    /// too few are an error, and without a Content-Length the body reaches to the end.
    ///
    /// # Errors
    /// See [`ParseError`]; a field that is merely badly valued is none, see [`Message::check_request`].
    pub fn parse(octets: Bytes) -> Result<Message, ParseError> {
        parse::datagram(octets)
    }

    /// The octets of the message.
    pub fn octets(&self) -> &Bytes {
        &self.octets
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
        self.octets.get(span.range()).and_then(|octets| std::str::from_utf8(octets).ok()).unwrap_or_default()
    }

    /// The raw value of the first field of that name.
    pub fn header(&self, name: &Name) -> Option<&str> {
        self.fields.iter().find(|field| field.name == *name).map(|field| self.text(field.value))
    }

    /// The raw values of all fields of that name.
    pub fn headers<'a>(&'a self, name: &Name) -> impl Iterator<Item = &'a str> + use<'a> {
        let name = name.clone();
        self.fields.iter().filter(move |field| field.name == name).map(|field| self.text(field.value))
    }

    /// The values of all fields of that name, comma lists split.
    pub fn values<'a>(&'a self, name: &Name) -> impl Iterator<Item = &'a str> + use<'a> {
        self.headers(name).flat_map(split_list)
    }

    /// The body.
    pub fn body(&self) -> &[u8] {
        self.octets.get(self.body.range()).unwrap_or_default()
    }

    /// The body, sharing the message's octets.
    pub fn body_octets(&self) -> Bytes {
        let range = self.body.range();
        if range.end <= self.octets.len() && range.start <= range.end { self.octets.slice(range) } else { Bytes::new() }
    }

    /// Where the body stands.
    pub fn body_span(&self) -> Span {
        self.body
    }

    /// The topmost Via.
    ///
    /// # Errors
    /// Missing or malformed.
    pub fn via(&self) -> Result<Via<'_>, HeaderError> {
        self.vias().next().unwrap_or(Err(HeaderError::Missing(Name::Via)))
    }

    /// All Vias, the topmost first.
    pub fn vias(&self) -> impl Iterator<Item = Result<Via<'_>, HeaderError>> {
        self.values(&Name::Via).map(Via::parse)
    }

    /// From.
    ///
    /// # Errors
    /// Missing or malformed.
    pub fn from(&self) -> Result<NameAddr<'_>, HeaderError> {
        self.address(Name::From)
    }

    /// To.
    ///
    /// # Errors
    /// Missing or malformed.
    pub fn to(&self) -> Result<NameAddr<'_>, HeaderError> {
        self.address(Name::To)
    }

    fn address(&self, name: Name) -> Result<NameAddr<'_>, HeaderError> {
        self.header(&name).map_or(Err(HeaderError::Missing(name)), NameAddr::parse)
    }

    /// The tag of From.
    pub fn from_tag(&self) -> Option<&str> {
        self.from().ok().and_then(|from| from.tag())
    }

    /// The tag of To.
    pub fn to_tag(&self) -> Option<&str> {
        self.to().ok().and_then(|to| to.tag())
    }

    /// Call-ID.
    pub fn call_id(&self) -> Option<&str> {
        self.header(&Name::CallId)
    }

    /// CSeq.
    ///
    /// # Errors
    /// Missing or malformed.
    pub fn cseq(&self) -> Result<CSeq, HeaderError> {
        self.header(&Name::CSeq).map_or(Err(HeaderError::Missing(Name::CSeq)), CSeq::parse)
    }

    /// Contacts; `*` is none.
    pub fn contacts(&self) -> impl Iterator<Item = Result<NameAddr<'_>, HeaderError>> {
        self.values(&Name::Contact).filter(|value| *value != "*").map(NameAddr::parse)
    }

    /// Routes, the next hop first.
    pub fn routes(&self) -> impl Iterator<Item = Result<NameAddr<'_>, HeaderError>> {
        self.values(&Name::Route).map(NameAddr::parse)
    }

    /// Record-Routes, the last recorded first.
    pub fn record_routes(&self) -> impl Iterator<Item = Result<NameAddr<'_>, HeaderError>> {
        self.values(&Name::RecordRoute).map(NameAddr::parse)
    }

    /// P-Asserted-Identity (RFC 3325).
    pub fn asserted_identities(&self) -> impl Iterator<Item = Result<NameAddr<'_>, HeaderError>> {
        self.values(&Name::PAssertedIdentity).map(NameAddr::parse)
    }

    /// Max-Forwards.
    pub fn max_forwards(&self) -> Option<Result<u8, HeaderError>> {
        self.header(&Name::MaxForwards).map(|value| headers::number(Name::MaxForwards, value))
    }

    /// Expires in seconds; a malformed one counts as missing (RFC 3261 section 20.19).
    pub fn expires(&self) -> Option<u32> {
        self.header(&Name::Expires).and_then(headers::delta_seconds)
    }

    /// Content-Type.
    pub fn content_type(&self) -> Option<Result<MediaType<'_>, HeaderError>> {
        self.header(&Name::ContentType).map(MediaType::parse)
    }

    /// Content-Length.
    pub fn content_length(&self) -> Option<Result<u32, HeaderError>> {
        self.header(&Name::ContentLength).map(|value| headers::number(Name::ContentLength, value))
    }

    /// Event (RFC 6665).
    pub fn event(&self) -> Option<Tokenized<'_>> {
        self.header(&Name::Event).map(Tokenized::parse)
    }

    /// Subscription-State (RFC 6665).
    pub fn subscription_state(&self) -> Option<Tokenized<'_>> {
        self.header(&Name::SubscriptionState).map(Tokenized::parse)
    }

    /// The tokens of a list such as Require, Supported, Allow.
    pub fn tokens<'a>(&'a self, name: &Name) -> impl Iterator<Item = &'a str> + use<'a> {
        self.values(name).filter(|value| !value.is_empty())
    }
}
