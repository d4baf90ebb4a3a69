//! Messages from scratch.

use super::address::NameAddr;
use super::message::Message;
use super::method::Method;
use super::name::Name;
use super::write::Writer;
use bytes::Bytes;
use std::fmt::Display;

/// Builds a message. Header fields stand in the order in which they are added; Content-Length comes last by itself.
///
/// Values are written as they are given, but for line ends, which are left out. So a message can be built that no
/// grammar allows: whoever wants to be sure checks it.
#[derive(Clone, Debug)]
pub struct Builder {
    start: Start,
    fields: Vec<(Name, String)>,
    body: Bytes,
}

#[derive(Clone, Debug)]
enum Start {
    Request(Method, String),
    Response(u16, String),
}

impl Builder {
    /// A request.
    pub fn request(method: Method, uri: &str) -> Builder {
        Builder { start: Start::Request(method, uri.to_owned()), fields: Vec::with_capacity(24), body: Bytes::new() }
    }

    /// A response to `request`: Via, From, To, Call-ID and CSeq are copied, Timestamp for 100, and Record-Route where the
    /// response makes a dialog (RFC 3261 sections 8.2.6 and 12.1.1).
    pub fn response(request: &Message, status: u16, reason: &str) -> Builder {
        let makes_dialog = (101..300).contains(&status)
            && matches!(request.method(), Method::Invite | Method::Subscribe | Method::Refer | Method::Notify);
        let is_copied = |name: &Name| match name {
            Name::Via | Name::From | Name::To | Name::CallId | Name::CSeq => true,
            Name::RecordRoute => makes_dialog,
            Name::Timestamp => status == 100,
            _ => false,
        };
        let copied = request.fields().iter().filter(|field| is_copied(&field.name));
        let fields = copied.map(|field| (field.name.clone(), request.text(field.value).to_owned())).collect();
        Builder { start: Start::Response(status, reason.to_owned()), fields, body: Bytes::new() }
    }

    /// Adds a tag to To if it has none.
    pub fn to_tag(mut self, tag: &str) -> Builder {
        if let Some((_, to)) = self.fields.iter_mut().find(|(name, _)| *name == Name::To) {
            let has = NameAddr::parse(to).is_ok_and(|to| to.tag().is_some());
            if !has && !tag.is_empty() {
                to.push_str(";tag=");
                to.push_str(tag);
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
        let values: usize = self.fields.iter().map(|(name, value)| name.as_str().len() + value.len() + 4).sum();
        let capacity = values + self.body.len() + 256;
        let mut message = match &self.start {
            Start::Request(method, uri) => Writer::request(capacity, method.as_str(), uri),
            Start::Response(code, reason) => Writer::response(capacity, *code, reason),
        };
        for (name, value) in &self.fields {
            message.field(name, value);
        }
        message.field(&Name::ContentLength, &self.body.len().to_string());
        message.finish(&self.body)
    }
}
