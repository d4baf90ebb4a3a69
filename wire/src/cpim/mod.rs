//! CPIM messages (RFC 3862): the envelope that travels end to end, with the MIME content inside it.
//!
//! Header names are case-sensitive here, and a prefix means what its `NS` header says, so that `imdn.Message-ID` and
//! `x.Message-ID` are the same header when both prefixes stand for the same namespace.

mod build;
mod read;
#[cfg(test)]
mod tests;

pub use build::Builder;

use crate::search::cut;
use crate::sip::grammar::trim;
use bytes::Bytes;
use bytestring::ByteString;
use std::ops::Range;

/// The namespace of the headers of RFC 3862 itself, which no prefix stands for until an `NS` header says otherwise.
pub const CORE_NAMESPACE: &str = "urn:ietf:params:cpim-headers:";
/// The namespace of disposition notifications (RFC 5438).
pub const IMDN_NAMESPACE: &str = "urn:ietf:params:imdn";

/// An envelope that cannot be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{why} (octet {at})")]
pub struct CpimError {
    /// Where it shows.
    pub at: usize,
    /// What is wrong.
    pub why: CpimFault,
}

/// What is wrong with an envelope.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CpimFault {
    /// No empty line ends the message headers.
    #[error("no empty line ends the message headers")]
    NoEnd,
    /// A line is not `Name: value`.
    #[error("a header line is not `Name: value`")]
    HeaderLine,
    /// The headers are not UTF-8.
    #[error("the headers are not UTF-8")]
    NotUtf8,
    /// The headers are longer than is read.
    #[error("the headers are longer than is read")]
    TooLong,
}

/// A header, and where it stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Field {
    /// Octets of the name, prefix included.
    pub name: Range<usize>,
    /// Octets of the parameters between colon and value, as in `Subject:;lang=fr beau temps`; empty in most headers.
    pub params: Range<usize>,
    /// Octets of the value.
    pub value: Range<usize>,
    /// How many octets of the name are prefix, the dot included.
    prefix: usize,
    space: Space,
}

/// The namespace of a header, as far as it is one of those that are asked for most.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Space {
    /// That of RFC 3862.
    Core,
    /// That of disposition notifications.
    Imdn,
    /// Another, or none.
    Other,
}

impl Space {
    fn of(namespace: &[u8]) -> Space {
        match namespace {
            uri if uri == CORE_NAMESPACE.as_bytes() => Space::Core,
            uri if uri == IMDN_NAMESPACE.as_bytes() => Space::Imdn,
            _ => Space::Other,
        }
    }
}

/// A CPIM message. Cloning copies no octets.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Message {
    octets: Bytes,
    /// The headers and the empty lines after them, known to be text.
    head: ByteString,
    /// The message headers, and after them the MIME headers of the content.
    fields: Vec<Field>,
    content_from: usize,
    body: Range<usize>,
}

impl Message {
    /// Reads an envelope.
    ///
    /// # Errors
    /// See [`CpimError`].
    pub fn parse(octets: Bytes) -> Result<Message, CpimError> {
        read::message(octets)
    }

    /// The octets of the whole envelope.
    pub fn octets(&self) -> &Bytes {
        &self.octets
    }

    /// The message headers in their order.
    pub fn fields(&self) -> &[Field] {
        self.fields.get(..self.content_from).unwrap_or_default()
    }

    /// The MIME headers of the content.
    pub fn content_fields(&self) -> &[Field] {
        self.fields.get(self.content_from..).unwrap_or_default()
    }

    /// The text of a range of the headers.
    pub fn text(&self, range: &Range<usize>) -> &str {
        self.head.get(range.clone()).unwrap_or_default()
    }

    /// The octets of a range of the headers.
    fn octets_of(&self, range: &Range<usize>) -> &[u8] {
        self.octets.get(range.clone()).unwrap_or_default()
    }

    /// What the `NS` headers declare: the number of the header, the prefix, empty for names without one, and the
    /// namespace.
    fn declarations(&self) -> impl Iterator<Item = (usize, &[u8], &[u8])> + Clone {
        let named = self.fields().iter().enumerate().filter(|(_, field)| self.octets_of(&field.name) == b"NS");
        named.filter_map(|(number, field)| {
            let (prefix, uri) = read::declaration(self.octets_of(&field.value))?;
            Some((number, prefix, uri))
        })
    }

    /// The namespace that a prefix, or no prefix, stands for at a header.
    fn namespace(&self, field: usize, prefix: &[u8]) -> Option<&[u8]> {
        let mut declared = self.declarations().filter(|(_, own, _)| *own == prefix);
        let before = declared.clone().take_while(|(number, ..)| *number < field).last();
        match (before, prefix) {
            (Some((_, _, uri)), _) => Some(uri),
            (None, []) => Some(CORE_NAMESPACE.as_bytes()),
            // Some stacks declare a prefix after they used it.
            (None, _) => declared.next().map(|(_, _, uri)| uri),
        }
    }

    /// The headers of that name: in a namespace, or for None in that of RFC 3862.
    pub fn find<'a>(&'a self, namespace: Option<&'a str>, name: &'a str) -> impl Iterator<Item = &'a Field> {
        let wanted = namespace.unwrap_or(CORE_NAMESPACE).as_bytes();
        self.named(Space::of(wanted), name)
            .filter(move |(at, field)| {
                field.space != Space::Other || self.namespace(*at, self.prefix(field)) == Some(wanted)
            })
            .map(|(_, field)| field)
    }

    /// The headers of that name in one of these namespaces, and their numbers.
    #[inline]
    fn named(&self, space: Space, name: &str) -> impl Iterator<Item = (usize, &Field)> {
        let fields = self.fields().iter().enumerate();
        fields.filter(move |(_, field)| field.space == space && self.own_name(field) == name.as_bytes())
    }

    /// The values of these headers.
    #[inline]
    fn values(&self, space: Space, name: &str) -> impl Iterator<Item = &str> {
        self.named(space, name).map(|(_, field)| self.text(&field.value))
    }

    /// The name of a header without its prefix.
    fn own_name(&self, field: &Field) -> &[u8] {
        self.octets.get(field.name.start + field.prefix..field.name.end).unwrap_or_default()
    }

    /// The prefix of the name of a header, without the dot.
    fn prefix(&self, field: &Field) -> &[u8] {
        read::prefix(&self.octets, field)
    }

    /// The values of a header: in a namespace, or for None in that of RFC 3862.
    pub fn headers<'a>(&'a self, namespace: Option<&'a str>, name: &'a str) -> impl Iterator<Item = &'a str> {
        self.find(namespace, name).map(|field| self.text(&field.value))
    }

    /// The first value of a header: in a namespace, or for None in that of RFC 3862.
    pub fn header(&self, namespace: Option<&str>, name: &str) -> Option<&str> {
        let field = self.find(namespace, name).next()?;
        Some(self.text(&field.value))
    }

    /// From, as written: with or without name and brackets.
    pub fn from(&self) -> Option<&str> {
        self.values(Space::Core, "From").next()
    }

    /// To, each as written.
    pub fn to(&self) -> impl Iterator<Item = &str> {
        self.values(Space::Core, "To")
    }

    /// DateTime.
    pub fn date_time(&self) -> Option<&str> {
        self.values(Space::Core, "DateTime").next()
    }

    /// Subject, the first if there are several languages.
    pub fn subject(&self) -> Option<&str> {
        self.values(Space::Core, "Subject").next()
    }

    /// Message-ID in the namespace of disposition notifications (RFC 5438 section 6.3).
    pub fn imdn_message_id(&self) -> Option<&str> {
        self.values(Space::Imdn, "Message-ID").next()
    }

    /// The disposition notifications asked for (RFC 5438 section 6.2).
    pub fn dispositions(&self) -> impl Iterator<Item = &str> {
        self.values(Space::Imdn, "Disposition-Notification")
            .flat_map(pieces)
            .map(|wish| trim(cut(wish, b';').map_or(wish, |(wish, _)| wish)))
            .filter(|wish| !wish.is_empty())
    }

    fn content_header(&self, name: &str) -> Option<&str> {
        // MIME header names know no case, other than those of the envelope.
        let is_same = |field: &&Field| {
            let own = self.octets_of(&field.name);
            own == name.as_bytes() || own.eq_ignore_ascii_case(name.as_bytes())
        };
        let field = self.content_fields().iter().find(is_same)?;
        Some(self.text(&field.value))
    }

    /// The type of the content.
    pub fn content_type(&self) -> Option<&str> {
        self.content_header("Content-Type")
    }

    /// The disposition of the content: `notification` for disposition notifications.
    pub fn content_disposition(&self) -> Option<&str> {
        self.content_header("Content-Disposition")
    }

    /// The content. A Content-Length that is there and fits cuts it; many stacks leave it out.
    pub fn body(&self) -> &[u8] {
        self.octets.get(self.body_range()).unwrap_or_default()
    }

    /// The content, sharing the envelope's octets.
    pub fn body_octets(&self) -> Bytes {
        self.octets.slice_ref(self.body())
    }

    /// Where the content stands.
    pub fn body_range(&self) -> Range<usize> {
        let told = self.content_header("Content-Length").and_then(|length| length.parse::<usize>().ok());
        let end = told.and_then(|length| self.body.start.checked_add(length)).filter(|end| *end <= self.body.end);
        self.body.start..end.unwrap_or(self.body.end)
    }
}

/// The pieces of a list without quotes.
fn pieces(list: &str) -> impl Iterator<Item = &str> {
    let mut rest = Some(list);
    std::iter::from_fn(move || {
        let text = rest?;
        let (piece, more) = cut(text, b',').map_or((text, None), |(piece, more)| (piece, Some(more)));
        rest = more;
        Some(piece)
    })
}
