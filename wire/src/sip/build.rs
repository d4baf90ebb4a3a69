//! Messages from scratch.

use super::message::Message;
use super::method::Method;
use super::name::Name;
use super::parse;
use bytes::Bytes;
use std::fmt::{Display, Write as _};

/// Builds a message. Header fields stand in the order in which they are added; Content-Length comes last by itself.
#[derive(Clone, Debug)]
pub struct Builder {
    start: String,
    fields: Vec<(Name, String)>,
    body: Bytes,
}

impl Builder {
    /// A request.
    pub fn request(method: Method, uri: &str) -> Builder {
        Builder { start: format!("{method} {uri} SIP/2.0"), fields: Vec::with_capacity(24), body: Bytes::new() }
    }

    /// A response to `request`: Via, From, To, Call-ID and CSeq are copied, and Record-Route where the response makes a
    /// dialog (RFC 3261 sections 8.2.6.2 and 12.1.1).
    pub fn response(request: &Message, status: u16, reason: &str) -> Builder {
        let mut fields = Vec::with_capacity(16);
        let makes_dialog = (101..300).contains(&status)
            && matches!(request.method(), Method::Invite | Method::Subscribe | Method::Refer | Method::Notify);
        for field in request.fields() {
            let copied = match field.name {
                Name::Via | Name::From | Name::To | Name::CallId | Name::CSeq => true,
                Name::RecordRoute => makes_dialog,
                Name::Timestamp => status == 100,
                _ => false,
            };
            if copied {
                fields.push((field.name.clone(), request.text(field.value).to_owned()));
            }
        }
        Builder { start: format!("SIP/2.0 {status} {reason}"), fields, body: Bytes::new() }
    }

    /// Adds a tag to To if it has none.
    pub fn to_tag(mut self, tag: &str) -> Builder {
        if let Some((_, to)) = self.fields.iter_mut().find(|(name, _)| *name == Name::To) {
            let has = super::NameAddr::parse(to).is_ok_and(|to| to.tag().is_some());
            if !has && !tag.is_empty() {
                // The buffer is a String: writing to it cannot fail.
                let _ = write!(to, ";tag={tag}");
            }
        }
        self
    }

    /// Adds a header field.
    pub fn header(mut self, name: Name, value: impl Display) -> Builder {
        self.fields.push((name, value.to_string()));
        self
    }

    /// Sets the body and its type.
    pub fn body(mut self, content_type: &str, body: impl Into<Bytes>) -> Builder {
        self.fields.retain(|(name, _)| *name != Name::ContentType);
        self.fields.push((Name::ContentType, content_type.to_owned()));
        self.body = body.into();
        self
    }

    /// The message.
    pub fn build(self) -> Message {
        let mut head = String::with_capacity(1024);
        head.push_str(&self.start);
        head.push_str("\r\n");
        for (name, value) in &self.fields {
            head.push_str(name.as_str());
            head.push_str(": ");
            // A line end inside a value would end the field: it cannot be said in SIP.
            head.extend(value.chars().filter(|letter| !matches!(letter, '\r' | '\n')));
            head.push_str("\r\n");
        }
        let _ = write!(head, "Content-Length: {}\r\n\r\n", self.body.len());
        let mut octets = head.into_bytes();
        octets.extend_from_slice(&self.body);
        read_back(Bytes::from(octets))
    }
}

/// A message that this stack made is read like any other, so that its spans are right.
pub(super) fn read_back(octets: Bytes) -> Message {
    parse::datagram(octets.clone()).unwrap_or_else(|_| Message {
        start: super::StartLine::Request { method: super::Span::default(), uri: super::Span::default() },
        fields: Vec::new(),
        body: super::Span::default(),
        octets,
    })
}
