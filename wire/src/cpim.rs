//! CPIM messages (RFC 3862): the envelope that travels end to end, with the MIME content inside it.
//!
//! Header names are case-sensitive here, and a prefix means what its `NS` header says, so that `imdn.Message-ID` and
//! `x.Message-ID` are the same header when both prefixes stand for the same namespace.

use bytes::{BufMut, Bytes, BytesMut};
use memchr::memchr;
use std::ops::Range;

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
}

/// A header, and where it stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Field {
    /// Octets of the name, prefix included.
    pub name: Range<usize>,
    /// Octets of the value.
    pub value: Range<usize>,
}

/// A CPIM message. Cloning copies no octets.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Message {
    octets: Bytes,
    fields: Vec<Field>,
    content_fields: Vec<Field>,
    body: Range<usize>,
}

impl Message {
    /// Reads an envelope.
    ///
    /// # Errors
    /// See [`CpimError`].
    pub fn parse(octets: Bytes) -> Result<Message, CpimError> {
        let (fields, next) = read_fields(&octets, 0, true)?;
        let (content_fields, start) = read_fields(&octets, next, false)?;
        let body = start..octets.len();
        Ok(Message { fields, content_fields, body, octets })
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
        self.octets.get(range.clone()).and_then(|octets| std::str::from_utf8(octets).ok()).unwrap_or_default()
    }

    /// The namespace that a prefix stands for; for no prefix the one that an `NS` header without prefix declares.
    pub fn namespace(&self, prefix: Option<&str>) -> Option<&str> {
        self.fields.iter().filter(|field| self.text(&field.name) == "NS").find_map(|field| {
            let value = self.text(&field.value);
            let (before, rest) = value.split_once('<')?;
            let (uri, _) = rest.split_once('>')?;
            let declared = Some(before.trim()).filter(|declared| !declared.is_empty());
            (declared == prefix).then_some(uri)
        })
    }

    /// The values of a header: in a namespace, or in none.
    pub fn headers<'a>(&'a self, namespace: Option<&'a str>, name: &'a str) -> impl Iterator<Item = &'a str> {
        self.fields.iter().filter_map(move |field| {
            let full = self.text(&field.name);
            let (prefix, own) = match full.split_once('.') {
                Some((prefix, own)) => (Some(prefix), own),
                None => (None, full),
            };
            let matches = own == name
                && match (prefix, namespace) {
                    (None, None) => true,
                    (Some(prefix), Some(wanted)) => self.namespace(Some(prefix)) == Some(wanted),
                    (None, Some(wanted)) => self.namespace(None) == Some(wanted),
                    (Some(_), None) => false,
                };
            matches.then(|| self.text(&field.value))
        })
    }

    /// The first value of a header: in a namespace, or in none.
    pub fn header(&self, namespace: Option<&str>, name: &str) -> Option<&str> {
        let found = self.fields.iter().find(|field| {
            let full = self.text(&field.name);
            match (full.split_once('.'), namespace) {
                (None, None) => full == name,
                (Some((prefix, own)), Some(wanted)) => own == name && self.namespace(Some(prefix)) == Some(wanted),
                (None, Some(wanted)) => full == name && self.namespace(None) == Some(wanted),
                (Some(_), None) => false,
            }
        })?;
        Some(self.text(&found.value))
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

    /// Subject.
    pub fn subject(&self) -> Option<&str> {
        self.header(None, "Subject")
    }

    /// Message-ID in the namespace of disposition notifications.
    pub fn imdn_message_id(&self) -> Option<&str> {
        self.header(Some(IMDN_NAMESPACE), "Message-ID")
    }

    /// The disposition notifications asked for.
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
        let range = self.body_range();
        self.octets.get(range).unwrap_or_default()
    }

    /// The content, sharing the envelope's octets.
    pub fn body_octets(&self) -> Bytes {
        let range = self.body_range();
        if range.start <= range.end && range.end <= self.octets.len() { self.octets.slice(range) } else { Bytes::new() }
    }

    /// Where the content stands.
    pub fn body_range(&self) -> Range<usize> {
        let told = self.content_header("Content-Length").and_then(|length| length.parse::<usize>().ok());
        match told {
            Some(length) if self.body.start.saturating_add(length) <= self.body.end => {
                self.body.start..self.body.start + length
            }
            _ => self.body.clone(),
        }
    }
}

/// Reads headers up to and over an empty line. The content's headers may be missing altogether.
fn read_fields(octets: &[u8], from: usize, envelope: bool) -> Result<(Vec<Field>, usize), CpimError> {
    let fault = |at: usize, why: CpimFault| CpimError { at, why };
    let mut fields: Vec<Field> = Vec::with_capacity(8);
    let mut at = from;
    loop {
        let rest = octets.get(at..).unwrap_or_default();
        let Some(feed) = memchr(b'\n', rest).map(|feed| at + feed) else {
            // Content may end with its headers; an envelope may not.
            return if envelope || !rest.is_empty() { Err(fault(at, CpimFault::NoEnd)) } else { Ok((fields, at)) };
        };
        let end = if feed > at && octets.get(feed - 1) == Some(&b'\r') { feed - 1 } else { feed };
        if end == at {
            return Ok((fields, feed + 1));
        }
        let line = octets.get(at..end).unwrap_or_default();
        let line = std::str::from_utf8(line).map_err(|_| fault(at, CpimFault::NotUtf8))?;
        if !envelope && line.starts_with([' ', '\t']) {
            // MIME headers fold; those of the envelope do not (RFC 3862 section 2.2).
            let last = fields.last_mut().ok_or_else(|| fault(at, CpimFault::HeaderLine))?;
            last.value.end = at + line.trim_end().len();
        } else {
            let (name, value) = line.split_once(':').ok_or_else(|| fault(at, CpimFault::HeaderLine))?;
            if name.is_empty() || name.contains([' ', '\t']) {
                return Err(fault(at, CpimFault::HeaderLine));
            }
            let lead = value.len() - value.trim_start().len();
            let start = at + name.len() + 1 + lead;
            fields.push(Field { name: at..at + name.len(), value: start..start + value.trim().len() });
        }
        at = feed + 1;
    }
}

/// Builds an envelope.
#[derive(Clone, Debug)]
pub struct Builder {
    head: String,
    imdn: String,
    content_disposition: Option<String>,
    content_type: String,
    body: Bytes,
}

impl Builder {
    /// An envelope between two URIs.
    pub fn new(from: &str, to: &str) -> Builder {
        Builder {
            head: format!("From: <{from}>\r\nTo: <{to}>\r\n"),
            imdn: String::new(),
            content_disposition: None,
            content_type: "text/plain; charset=utf-8".to_owned(),
            body: Bytes::new(),
        }
    }

    /// Sets DateTime, an RFC 3339 time.
    pub fn date_time(self, at: &str) -> Builder {
        self.header("DateTime", at)
    }

    /// Adds a header of the envelope.
    pub fn header(mut self, name: &str, value: &str) -> Builder {
        self.head.push_str(&format!("{name}: {}\r\n", one_line(value)));
        self
    }

    /// Sets imdn.Message-ID.
    pub fn message_id(mut self, id: &str) -> Builder {
        self.imdn.push_str(&format!("imdn.Message-ID: {}\r\n", one_line(id)));
        self
    }

    /// Asks for disposition notifications; for none at all when the list is empty.
    pub fn dispositions(mut self, wishes: &[&str]) -> Builder {
        if !wishes.is_empty() {
            self.imdn.push_str(&format!("imdn.Disposition-Notification: {}\r\n", one_line(&wishes.join(", "))));
        }
        self
    }

    /// Sets the disposition of the content.
    pub fn content_disposition(mut self, disposition: &str) -> Builder {
        self.content_disposition = Some(one_line(disposition));
        self
    }

    /// Sets the content.
    pub fn content(mut self, content_type: &str, body: impl Into<Bytes>) -> Builder {
        self.content_type = one_line(content_type);
        self.body = body.into();
        self
    }

    /// The envelope.
    pub fn build(self) -> Bytes {
        let mut octets = BytesMut::with_capacity(self.head.len() + self.body.len() + 256);
        octets.put_slice(self.head.as_bytes());
        if !self.imdn.is_empty() {
            octets.put_slice(format!("NS: imdn <{IMDN_NAMESPACE}>\r\n{}", self.imdn).as_bytes());
        }
        octets.put_slice(format!("\r\nContent-Type: {}\r\n", self.content_type).as_bytes());
        if let Some(disposition) = self.content_disposition {
            octets.put_slice(format!("Content-Disposition: {disposition}\r\n").as_bytes());
        }
        octets.put_slice(format!("Content-Length: {}\r\n\r\n", self.body.len()).as_bytes());
        octets.put_slice(&self.body);
        octets.freeze()
    }
}

fn one_line(value: &str) -> String {
    value.chars().filter(|letter| !matches!(letter, '\r' | '\n')).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use pretty_assertions::assert_eq;
    use proptest::prelude::*;

    /// RFC 3862 section 5, in shape, with the extension headers of RFC 5438 under a prefix of another name.
    const EXAMPLE: &str = "From: MR SANDERS <im:piglet@100akerwood.com>\r\n\
To: Depressed Donkey <im:eeyore@100akerwood.com>\r\n\
DateTime: 2000-12-13T13:40:00-08:00\r\n\
Subject: the weather will be fine today\r\n\
NS: MyFeatures <mid:MessageFeatures@id.foo.com>\r\n\
NS: n <urn:ietf:params:imdn>\r\n\
Require: MyFeatures.VitalMessageOption\r\n\
n.Message-ID: 34jk324j\r\n\
n.Disposition-Notification: positive-delivery, display\r\n\
\r\n\
Content-type: text/xml; charset=utf-8\r\n\
Content-ID: <1234567890@foo.com>\r\n\
\r\n\
<body>Here is the text of my message.</body>";

    #[test]
    fn reads_the_example_and_resolves_prefixes() {
        let message = Message::parse(Bytes::from_static(EXAMPLE.as_bytes())).unwrap();
        assert_eq!(message.from(), Some("MR SANDERS <im:piglet@100akerwood.com>"));
        assert_eq!(message.to().collect::<Vec<_>>(), ["Depressed Donkey <im:eeyore@100akerwood.com>"]);
        assert_eq!(message.date_time(), Some("2000-12-13T13:40:00-08:00"));
        assert_eq!(message.imdn_message_id(), Some("34jk324j"));
        assert_eq!(message.dispositions(), ["positive-delivery", "display"]);
        assert_eq!(message.content_type(), Some("text/xml; charset=utf-8"));
        assert_eq!(message.body(), b"<body>Here is the text of my message.</body>");
        assert_eq!(message.header(None, "from"), None, "names are case-sensitive");
    }

    #[test]
    fn an_undeclared_prefix_means_nothing() {
        let text = EXAMPLE.replace("NS: n <urn:ietf:params:imdn>\r\n", "");
        assert_eq!(Message::parse(Bytes::from(text)).unwrap().imdn_message_id(), None);
    }

    #[test]
    fn a_content_length_that_fits_cuts_and_one_that_does_not_is_passed_over() {
        let with = |length: usize| EXAMPLE.replace("Content-ID", &format!("content-length: {length}\r\nContent-ID"));
        let body = |text: String| Message::parse(Bytes::from(text)).unwrap().body().to_vec();
        assert_eq!(body(with(6)), b"<body>");
        assert_eq!(body(with(600)), b"<body>Here is the text of my message.</body>");
    }

    #[test]
    fn says_what_is_wrong_and_where() {
        let fault = |text: &str| Message::parse(Bytes::copy_from_slice(text.as_bytes())).unwrap_err();
        assert_eq!(fault("From: <sip:a@b>"), CpimError { at: 0, why: CpimFault::NoEnd });
        assert_eq!(fault("From: <sip:a@b>\r\nno colon\r\n\r\n"), CpimError { at: 17, why: CpimFault::HeaderLine });
        assert_eq!(fault("a b: c\r\n\r\n"), CpimError { at: 0, why: CpimFault::HeaderLine });
        let not_utf8 = Message::parse(Bytes::from_static(b"A: \xff\r\n\r\n")).unwrap_err();
        assert_eq!(not_utf8.why, CpimFault::NotUtf8);
    }

    proptest! {
        #[test]
        fn what_is_built_reads_back(id in "[!-~]{1,30}", body in prop::collection::vec(any::<u8>(), 0..200)) {
            let octets = Builder::new("sip:a@b", "sip:c@d")
                .date_time("2026-01-01T00:00:00.000Z")
                .message_id(&id)
                .dispositions(&["display"])
                .content("text/plain", body.clone())
                .build();
            let read = Message::parse(octets).unwrap();
            prop_assert_eq!(read.imdn_message_id(), Some(id.as_str()));
            prop_assert_eq!(read.dispositions(), vec!["display"]);
            prop_assert_eq!(read.body(), body.as_slice());
            prop_assert_eq!(read.from(), Some("<sip:a@b>"));
        }

        #[test]
        fn truncation_and_noise_never_panic(end in 0usize..500, noise in prop::collection::vec(any::<u8>(), 0..60)) {
            let mut octets = EXAMPLE.as_bytes()[..end.min(EXAMPLE.len())].to_vec();
            octets.extend(noise);
            if let Ok(message) = Message::parse(Bytes::from(octets)) {
                let _ = (message.body(), message.dispositions(), message.imdn_message_id());
            }
        }
    }
}
