//! Presence information, `application/pidf+xml` (RFC 3863): tuples with a basic status, where they can be reached and when
//! that was true. What other documents add to it (RFC 4479, RFC 4480) is passed over.

use crate::time::Time;
use crate::xml::{self, Element, Writer};
use std::collections::BTreeSet;

pub use crate::xml::XmlError;

#[cfg(test)]
mod tests;

/// The media type of the document.
pub const MEDIA_TYPE: &str = "application/pidf+xml";
const NAMESPACE: &str = "urn:ietf:params:xml:ns:pidf";
const XML_NAMESPACE: &str = "http://www.w3.org/XML/1998/namespace";

/// Whether a presentity takes messages by the means of a tuple (RFC 3863 section 4.1.4).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Basic {
    /// It does.
    Open,
    /// It does not.
    Closed,
}

impl Basic {
    /// The word of the schema.
    pub const fn as_str(self) -> &'static str {
        match self {
            Basic::Open => "open",
            Basic::Closed => "closed",
        }
    }
}

impl std::str::FromStr for Basic {
    type Err = ();
    fn from_str(text: &str) -> Result<Basic, ()> {
        [Basic::Open, Basic::Closed].into_iter().find(|basic| basic.as_str() == text).ok_or(())
    }
}

/// Where a tuple is reached (RFC 3863 section 4.1.5).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Contact {
    /// The URI.
    pub uri: String,
    /// Preference among the contacts, `0` to `1` with at most three digits after the point.
    pub priority: Option<String>,
}

impl Contact {
    fn read(contact: Element<'_, '_>) -> Result<Contact, XmlError> {
        let priority: Option<Priority> = contact.attribute_value("priority", "0 to 1 with at most three digits")?;
        Ok(Contact { uri: contact.token(), priority: priority.map(|Priority(text)| text) })
    }

    fn write(&self, tuple: &mut Writer) {
        tuple.leaf("contact", &[("priority", self.priority.as_deref())], &self.uri);
    }
}

/// `qvalue` of the schema (RFC 3863 section 4.4).
struct Priority(String);

impl std::str::FromStr for Priority {
    type Err = ();
    fn from_str(text: &str) -> Result<Priority, ()> {
        let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
        let short = fraction.len() <= 3 && fraction.bytes().all(|octet| octet.is_ascii_digit());
        let bounded = whole == "0" || whole == "1" && fraction.bytes().all(|octet| octet == b'0');
        if short && bounded { Ok(Priority(text.to_owned())) } else { Err(()) }
    }
}

/// A remark for people (RFC 3863 section 4.1.6).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Note {
    /// Its language, `xml:lang`.
    pub language: Option<String>,
    /// The remark.
    pub text: String,
}

impl Note {
    fn read(note: Element<'_, '_>) -> Note {
        Note { language: note.attribute_of(XML_NAMESPACE, "lang").map(str::to_owned), text: note.text() }
    }

    fn write(&self, parent: &mut Writer) {
        parent.leaf("note", &[("xml:lang", self.language.as_deref())], &self.text);
    }
}

/// One piece of the presence of a presentity (RFC 3863 section 4.1.2).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tuple {
    /// Names the tuple within the document.
    pub id: String,
    /// Its basic status, if the status has one.
    pub basic: Option<Basic>,
    /// Where it is reached.
    pub contact: Option<Contact>,
    /// Remarks on it.
    pub notes: Vec<Note>,
    /// When this was true: a date-time of RFC 3339, as written.
    pub timestamp: Option<String>,
}

impl Tuple {
    /// A tuple of nothing but its basic status.
    pub fn new(id: &str, basic: Basic) -> Tuple {
        Tuple { id: id.to_owned(), basic: Some(basic), contact: None, notes: Vec::new(), timestamp: None }
    }

    fn read(tuple: Element<'_, '_>) -> Result<Tuple, XmlError> {
        let status = tuple.child("status").ok_or_else(|| tuple.missing("status"))?;
        let timestamp: Option<DateTime> = tuple.child_value("timestamp", "a date-time of RFC 3339")?;
        Ok(Tuple {
            id: tuple.required("id")?.trim().to_owned(),
            basic: status.child_value("basic", "open or closed")?,
            contact: tuple.child("contact").map(Contact::read).transpose()?,
            notes: tuple.children("note").map(Note::read).collect(),
            timestamp: timestamp.map(|DateTime(text)| text),
        })
    }

    fn write(&self, presence: &mut Writer) {
        presence.element("tuple", &[("id", Some(&self.id))], |tuple| {
            tuple.element("status", &[], |status| status.optional("basic", self.basic.map(Basic::as_str)));
            if let Some(contact) = &self.contact {
                contact.write(tuple);
            }
            self.notes.iter().for_each(|note| note.write(tuple));
            tuple.optional("timestamp", self.timestamp.as_deref());
        });
    }
}

/// A date-time as it was written, known to be one.
struct DateTime(String);

impl std::str::FromStr for DateTime {
    type Err = crate::time::TimeError;
    fn from_str(text: &str) -> Result<DateTime, Self::Err> {
        Time::parse_rfc3339(text).map(|_| DateTime(text.to_owned()))
    }
}

/// A presence document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Document {
    /// The URI of the presentity.
    pub entity: String,
    /// Its tuples.
    pub tuples: Vec<Tuple>,
    /// Remarks on the presentity.
    pub notes: Vec<Note>,
}

impl Document {
    /// A document of these tuples.
    pub fn new(entity: &str, tuples: Vec<Tuple>) -> Document {
        Document { entity: entity.to_owned(), tuples, notes: Vec::new() }
    }

    /// What the tuples say together: open when any is, closed when some are and none is open, nothing when none tells.
    pub fn basic(&self) -> Option<Basic> {
        let told = self.tuples.iter().filter_map(|tuple| tuple.basic);
        told.reduce(|one, other| if one == Basic::Open { one } else { other })
    }

    /// Reads a body.
    ///
    /// # Errors
    /// It is not well-formed, of another kind, lacks what the schema requires, or has a value outside its type, among them
    /// an id that two tuples share.
    pub fn parse(octets: &[u8]) -> Result<Document, XmlError> {
        xml::read(octets, NAMESPACE, "presence", |root| {
            let mut ids = BTreeSet::new();
            let tuple = |element: Element<'_, '_>| {
                let tuple = Tuple::read(element)?;
                if ids.insert(tuple.id.clone()) {
                    Ok(tuple)
                } else {
                    element.refuse("id", &tuple.id, "an id of its own")
                }
            };
            Ok(Document {
                entity: root.required("entity")?.trim().to_owned(),
                tuples: root.children("tuple").map(tuple).collect::<Result<_, _>>()?,
                notes: root.children("note").map(Note::read).collect(),
            })
        })
    }

    /// Writes the body in the element order of the schema.
    pub fn to_xml(&self) -> String {
        let attributes = [("xmlns", Some(NAMESPACE)), ("entity", Some(self.entity.as_str()))];
        Writer::document("presence", &attributes, |presence| {
            self.tuples.iter().for_each(|tuple| tuple.write(presence));
            self.notes.iter().for_each(|note| note.write(presence));
        })
    }
}
