//! CPIM messages (RFC 3862): the envelope that travels end to end, with the MIME content inside it.
//!
//! Header names are case-sensitive here, and a prefix means what its `NS` header says, so that `imdn.Message-ID` and
//! `x.Message-ID` are the same header when both prefixes stand for the same namespace.

mod build;
mod read;
#[cfg(test)]
mod tests;

pub use build::Builder;

use crate::search::{cut, find};
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
    known: Known,
}

impl Field {
    /// That it is an `NS` header, which declares a namespace if it is well-formed.
    fn declares(&self) -> bool {
        self.known == Known::Ns && self.prefix == 0
    }

    /// The prefix of the name, without the dot; `octets` are those of the envelope.
    fn prefix_of<'a>(&self, octets: &'a [u8]) -> &'a [u8] {
        let start = self.name.start;
        octets.get(start..start + self.prefix.saturating_sub(1)).unwrap_or_default()
    }

    /// That the name has this prefix, or none if it is empty.
    fn prefix_is(&self, octets: &[u8], prefix: &[u8]) -> bool {
        self.prefix.saturating_sub(1) == prefix.len() && self.prefix_of(octets) == prefix
    }
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

/// The names that are asked for most, told once when they are read; of message headers without the prefix.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Known {
    From,
    To,
    DateTime,
    Subject,
    Ns,
    MessageId,
    DispositionNotification,
    ContentType,
    ContentLength,
    ContentDisposition,
    /// Another.
    Other,
}

impl Known {
    /// A name of the message headers, without its prefix.
    #[inline(always)]
    fn of(name: &[u8]) -> Known {
        // Compared as a whole, and not octet by octet.
        match name.len() {
            2 if name == b"To" => Known::To,
            2 if name == b"NS" => Known::Ns,
            4 if name == b"From" => Known::From,
            7 if name == b"Subject" => Known::Subject,
            8 if name == b"DateTime" => Known::DateTime,
            10 if name == b"Message-ID" => Known::MessageId,
            24 if name == b"Disposition-Notification" => Known::DispositionNotification,
            _ => Known::Other,
        }
    }

    /// A name of the MIME headers, which know no case, other than those of the envelope.
    #[inline(always)]
    fn of_content(name: &[u8]) -> Known {
        let is = |known: &[u8]| name == known || name.eq_ignore_ascii_case(known);
        match name.len() {
            12 if is(b"Content-Type") => Known::ContentType,
            14 if is(b"Content-Length") => Known::ContentLength,
            19 if is(b"Content-Disposition") => Known::ContentDisposition,
            _ => Known::Other,
        }
    }
}

/// A CPIM message. Cloning copies no octets.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Message {
    octets: Bytes,
    /// Known to be text: at least the headers and the empty lines after them, up to the content.
    head: ByteString,
    /// The message headers, and after them the MIME headers of the content.
    fields: Vec<Field>,
    content_from: usize,
    body_from: usize,
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
        let text = if range.end <= self.body_from { self.head.get(range.clone()) } else { None };
        text.unwrap_or_default()
    }

    /// The value of one of the headers.
    #[inline]
    fn value(&self, field: &Field) -> &str {
        self.head.get(field.value.clone()).unwrap_or_default()
    }

    /// The octets of a range of the headers.
    fn octets_of(&self, range: &Range<usize>) -> &[u8] {
        self.octets.get(range.clone()).unwrap_or_default()
    }

    /// What the `NS` headers declare: the number of the header, the prefix, empty for names without one, and the
    /// namespace.
    fn declarations(&self) -> impl Iterator<Item = (usize, &[u8], &[u8])> + Clone {
        let named = self.fields().iter().enumerate().filter(|(_, field)| field.declares());
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
        let space = Space::of(wanted);
        let fields = self.fields().iter().enumerate();
        fields
            .filter(move |(_, field)| field.space == space && self.own_name(field) == name.as_bytes())
            .filter(move |(at, field)| {
                field.space != Space::Other || self.namespace(*at, field.prefix_of(&self.octets)) == Some(wanted)
            })
            .map(|(_, field)| field)
    }

    /// The values of the headers of that name in that namespace, which is one of those that are asked for most.
    #[inline]
    fn values(&self, space: Space, name: Known) -> impl Iterator<Item = &str> {
        let named = self.fields().iter().filter(move |field| field.known == name && field.space == space);
        named.map(|field| self.value(field))
    }

    /// The name of a header without its prefix.
    fn own_name(&self, field: &Field) -> &[u8] {
        self.octets.get(field.name.start + field.prefix..field.name.end).unwrap_or_default()
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
        self.values(Space::Core, Known::From).next()
    }

    /// To, each as written.
    pub fn to(&self) -> impl Iterator<Item = &str> {
        self.values(Space::Core, Known::To)
    }

    /// DateTime.
    pub fn date_time(&self) -> Option<&str> {
        self.values(Space::Core, Known::DateTime).next()
    }

    /// Subject, the first if there are several languages.
    pub fn subject(&self) -> Option<&str> {
        self.values(Space::Core, Known::Subject).next()
    }

    /// Message-ID in the namespace of disposition notifications (RFC 5438 section 6.3).
    pub fn imdn_message_id(&self) -> Option<&str> {
        self.values(Space::Imdn, Known::MessageId).next()
    }

    /// The disposition notifications asked for (RFC 5438 section 6.2).
    pub fn dispositions(&self) -> impl Iterator<Item = &str> {
        let mut lists = self.values(Space::Imdn, Known::DispositionNotification);
        let mut rest = None;
        std::iter::from_fn(move || {
            loop {
                let wish;
                (wish, rest) = first_wish(rest.take().or_else(|| lists.next())?);
                if !wish.is_empty() {
                    return Some(wish);
                }
            }
        })
    }

    fn content_header(&self, name: Known) -> Option<&str> {
        let field = self.content_fields().iter().find(|field| field.known == name)?;
        Some(self.value(field))
    }

    /// The type of the content.
    pub fn content_type(&self) -> Option<&str> {
        self.content_header(Known::ContentType)
    }

    /// The disposition of the content: `notification` for disposition notifications.
    pub fn content_disposition(&self) -> Option<&str> {
        self.content_header(Known::ContentDisposition)
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
        let told = self.content_header(Known::ContentLength).and_then(|length| length.parse::<usize>().ok());
        let end = told.and_then(|length| self.body_from.checked_add(length));
        let whole = self.octets.len();
        self.body_from..end.filter(|end| *end <= whole).unwrap_or(whole)
    }
}

/// The first wish of a list, without its parameters, and the list after it.
#[inline]
fn first_wish(list: &str) -> (&str, Option<&str>) {
    // As nearly all write it: one space before, and none after.
    let list = list.strip_prefix(' ').unwrap_or(list);
    let Some((wish, after)) = find([b',', b';'], list.as_bytes()).and_then(|end| list.split_at_checked(end)) else {
        return (trim(list), None);
    };
    let rest = after.strip_prefix(',').or_else(|| Some(cut(after, b',')?.1));
    (trim(wish), rest)
}
