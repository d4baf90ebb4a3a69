//! CPIM messages (RFC 3862): the envelope that travels end to end, with the MIME content inside it.
//!
//! Header names are case-sensitive here, and a prefix means what its `NS` header says, so that `imdn.Message-ID` and
//! `x.Message-ID` are the same header when both prefixes stand for the same namespace.

mod build;
mod read;
#[cfg(test)]
mod tests;

pub use build::Builder;

use bytes::Bytes;
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
}

/// What an `NS` header declares for the headers after it.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Declaration {
    /// The number of the header.
    field: usize,
    /// The prefix; empty for that of names without one.
    prefix: Range<usize>,
    uri: Range<usize>,
}

/// A CPIM message. Cloning copies no octets.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Message {
    octets: Bytes,
    fields: Vec<Field>,
    declarations: Vec<Declaration>,
    content_fields: Vec<Field>,
    body: Range<usize>,
}

impl Message {
    /// Reads an envelope.
    ///
    /// # Errors
    /// See [`CpimError`].
    pub fn parse(octets: Bytes) -> Result<Message, CpimError> {
        let (fields, next) = read::envelope(&octets)?;
        let (content_fields, start) = read::content(&octets, next)?;
        let declarations = read::declarations(&octets, &fields);
        let body = start..octets.len();
        Ok(Message { octets, fields, declarations, content_fields, body })
    }

    /// The octets of the whole envelope.
    pub fn octets(&self) -> &Bytes {
        &self.octets
    }

    /// The message headers in their order.
    pub fn fields(&self) -> &[Field] {
        &self.fields
    }

    /// The MIME headers of the content.
    pub fn content_fields(&self) -> &[Field] {
        &self.content_fields
    }

    /// The text of a range of the headers.
    pub fn text(&self, range: &Range<usize>) -> &str {
        read::text(&self.octets, range)
    }

    /// The namespace that a prefix, or no prefix, stands for at a header.
    fn namespace(&self, field: usize, prefix: &str) -> Option<&str> {
        let mut declared = self.declarations.iter().filter(|one| self.text(&one.prefix) == prefix);
        let before = declared.clone().take_while(|one| one.field < field).last();
        match (before, prefix) {
            (Some(one), _) => Some(self.text(&one.uri)),
            (None, "") => Some(CORE_NAMESPACE),
            // Some stacks declare a prefix after they used it.
            (None, _) => declared.next().map(|one| self.text(&one.uri)),
        }
    }

    /// The headers of that name: in a namespace, or for None in that of RFC 3862.
    pub fn find<'a>(&'a self, namespace: Option<&'a str>, name: &'a str) -> impl Iterator<Item = &'a Field> {
        let wanted = namespace.unwrap_or(CORE_NAMESPACE);
        self.fields.iter().enumerate().filter_map(move |(at, field)| {
            let full = self.text(&field.name);
            let (prefix, own) = full.split_once('.').unwrap_or(("", full));
            (own == name && self.namespace(at, prefix) == Some(wanted)).then_some(field)
        })
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
        self.header(None, "From")
    }

    /// To, each as written.
    pub fn to(&self) -> impl Iterator<Item = &str> {
        self.headers(None, "To")
    }

    /// DateTime.
    pub fn date_time(&self) -> Option<&str> {
        self.header(None, "DateTime")
    }

    /// Subject, the first if there are several languages.
    pub fn subject(&self) -> Option<&str> {
        self.header(None, "Subject")
    }

    /// Message-ID in the namespace of disposition notifications (RFC 5438 section 6.3).
    pub fn imdn_message_id(&self) -> Option<&str> {
        self.header(Some(IMDN_NAMESPACE), "Message-ID")
    }

    /// The disposition notifications asked for (RFC 5438 section 6.2).
    pub fn dispositions(&self) -> Vec<&str> {
        self.headers(Some(IMDN_NAMESPACE), "Disposition-Notification")
            .flat_map(|value| value.split(','))
            .map(|wish| wish.split(';').next().unwrap_or_default().trim())
            .filter(|wish| !wish.is_empty())
            .collect()
    }

    fn content_header(&self, name: &str) -> Option<&str> {
        // MIME header names know no case, other than those of the envelope.
        let field = self.content_fields.iter().find(|field| self.text(&field.name).eq_ignore_ascii_case(name))?;
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
