//! A SIP message as the judge sees it: the fields that the lossless splitter cut out, re-read as raw text.

use bytes::Bytes;
use cpm_wire::sip::{Message, StartLine};

use crate::evidence::Transport;
use crate::rules::base::grammar::quoted_string;
use crate::rules::base::piece::Piece;

/// Compact forms and the names that they stand for (RFC 3261 section 7.3.3 and the registry).
const COMPACT: [(&str, &str); 19] = [
    ("a", "Accept-Contact"),
    ("b", "Referred-By"),
    ("c", "Content-Type"),
    ("d", "Request-Disposition"),
    ("e", "Content-Encoding"),
    ("f", "From"),
    ("i", "Call-ID"),
    ("j", "Reject-Contact"),
    ("k", "Supported"),
    ("l", "Content-Length"),
    ("m", "Contact"),
    ("n", "Identity-Info"),
    ("o", "Event"),
    ("r", "Refer-To"),
    ("s", "Subject"),
    ("t", "To"),
    ("u", "Allow-Events"),
    ("v", "Via"),
    ("x", "Session-Expires"),
];

/// One header field.
#[derive(Clone, Copy, Debug)]
pub(in crate::rules::base) struct Field<'m> {
    pub name: Piece<'m>,
    pub value: Piece<'m>,
}

impl Field<'_> {
    /// Whether it is called so, in full or compact; names have no case.
    pub fn is(&self, name: &str) -> bool {
        let long = COMPACT.iter().find(|(short, _)| short.eq_ignore_ascii_case(self.name.text));
        long.map_or(self.name.text, |(_, long)| long).eq_ignore_ascii_case(name)
    }
}

/// The start line.
#[derive(Clone, Copy, Debug)]
pub(in crate::rules::base) enum Start<'m> {
    Request { method: Piece<'m>, uri: Piece<'m> },
    Status(u16),
}

/// One message.
#[derive(Clone, Debug)]
pub(in crate::rules::base) struct View<'m> {
    pub start: Start<'m>,
    pub fields: Vec<Field<'m>>,
    pub body: &'m [u8],
    pub body_at: usize,
    /// So many octets of a datagram follow the body.
    pub surplus: usize,
    pub transport: Transport,
}

impl<'m> View<'m> {
    /// The message that `octets` were split into.
    pub fn new(message: &'m Message, octets: &'m Bytes, transport: Transport) -> View<'m> {
        let piece = |span: cpm_wire::sip::Span| Piece::new(message.text(span), span.start as usize);
        let (body_at, end) = (message.body_span().start as usize, message.body_span().end as usize);
        View {
            start: match message.start() {
                StartLine::Request { method, uri } => Start::Request { method: piece(*method), uri: piece(*uri) },
                StartLine::Status { code, .. } => Start::Status(*code),
            },
            fields: message
                .fields()
                .iter()
                .map(|field| Field { name: piece(field.name_span), value: piece(field.value) })
                .collect(),
            body: octets.get(body_at..end).unwrap_or_default(),
            body_at,
            surplus: octets.len().saturating_sub(end),
            transport,
        }
    }

    /// The method of a request; of a response, that of its CSeq.
    pub fn method(&self) -> &'m str {
        match self.start {
            Start::Request { method, .. } => method.text,
            Start::Status(_) => self.cseq().map_or("", |(_, method)| method),
        }
    }

    pub fn status(&self) -> Option<u16> {
        match self.start {
            Start::Status(code) => Some(code),
            Start::Request { .. } => None,
        }
    }

    pub fn is_request(&self) -> bool {
        self.status().is_none()
    }

    /// A final response of class 2.
    pub fn is_success(&self) -> bool {
        self.status().is_some_and(|code| (200..300).contains(&code))
    }

    /// A final response of class 3 or above.
    pub fn is_refusal(&self) -> bool {
        self.status().is_some_and(|code| code >= 300)
    }

    /// The values of every field of this name, one a line.
    pub fn lines(&self, name: &str) -> impl Iterator<Item = Piece<'m>> {
        self.fields.iter().filter(move |field| field.is(name)).map(|field| field.value)
    }

    /// The value of the first field of this name.
    pub fn line(&self, name: &str) -> Option<Piece<'m>> {
        self.lines(name).next()
    }

    pub fn has(&self, name: &str) -> bool {
        self.line(name).is_some()
    }

    /// The values of every field of this name, comma lists split.
    pub fn values(&self, name: &str) -> Vec<Piece<'m>> {
        self.lines(name).flat_map(|line| line.split_outside(b',')).map(Piece::trim).collect()
    }

    /// The branch of the topmost Via.
    pub fn branch(&self) -> Option<&'m str> {
        let via = *self.values("Via").first()?;
        parameter(via, "branch")
    }

    /// Number and method of CSeq.
    pub fn cseq(&self) -> Option<(u32, &'m str)> {
        let mut words = self.line("CSeq")?.text.split_ascii_whitespace();
        let number = words.next()?.parse().ok()?;
        words.next().map(|method| (number, method))
    }

    pub fn call_id(&self) -> Option<&'m str> {
        self.line("Call-ID").map(|value| value.text)
    }

    /// The tag of From or To.
    pub fn tag(&self, name: &str) -> Option<&'m str> {
        let value = self.line(name)?;
        // A display name whose quotes are not closed would hide all that follows; it is found elsewhere.
        let open = value.text.starts_with('"') && quoted_string(value.text).is_none();
        let end = if open { value.text.rfind('>').unwrap_or_default() } else { 0 };
        parameter(value.from(end), "tag")
    }
}

/// The value of a parameter, by its name, in a list after semicolons.
pub(in crate::rules::base) fn parameter<'m>(value: Piece<'m>, name: &str) -> Option<&'m str> {
    value.split_outside(b';').into_iter().skip(1).find_map(|parameter| {
        let (found, value) = parameter.split_once('=')?;
        found.trim().text.eq_ignore_ascii_case(name).then(|| value.trim().text)
    })
}
