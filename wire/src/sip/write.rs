//! Octets of a message being made, and at once where everything stands in them, so that it is never read again.

use super::fields::Fields;
use super::message::{Field, Message, Span, StartLine};
use super::name::Name;
use super::storage::Storage;
use bytes::{BufMut, BytesMut};

/// A message being written.
pub(super) struct Writer {
    octets: BytesMut,
    start: StartLine,
    fields: Fields,
}

impl Writer {
    /// Begins a request.
    pub fn request(capacity: usize, method: &str, uri: &str) -> Writer {
        let mut octets = BytesMut::with_capacity(capacity);
        let method = put(&mut octets, method);
        octets.put_u8(b' ');
        let uri = put(&mut octets, uri);
        octets.put_slice(b" SIP/2.0\r\n");
        Writer { octets, start: StartLine::Request { method, uri }, fields: Fields::with_capacity(32) }
    }

    /// Begins a response.
    pub fn response(capacity: usize, code: u16, reason: &str) -> Writer {
        let mut octets = BytesMut::with_capacity(capacity);
        octets.put_slice(b"SIP/2.0 ");
        octets.put_slice(code.to_string().as_bytes());
        octets.put_u8(b' ');
        let reason = put(&mut octets, reason);
        octets.put_slice(b"\r\n");
        Writer { octets, start: StartLine::Status { code, reason }, fields: Fields::with_capacity(32) }
    }

    /// Begins with the first line of a message, as it stands there.
    pub fn first_line_of(capacity: usize, message: &Message) -> Writer {
        let mut octets = BytesMut::with_capacity(capacity);
        octets.put_slice(message.first_line());
        Writer { octets, start: message.start.clone(), fields: Fields::with_capacity(message.fields.len() + 4) }
    }

    /// Adds a header field.
    pub fn field(&mut self, name: &Name, value: &str) {
        let name_span = put(&mut self.octets, name.as_str());
        self.octets.put_slice(b":");
        let colon = self.octets.len();
        self.octets.put_u8(b' ');
        let mut value = put(&mut self.octets, value.trim_matches([' ', '\t', '\r', '\n']));
        if value.start == value.end {
            value = Span::new(colon, colon);
        }
        self.octets.put_slice(b"\r\n");
        // A name without a word of its own may still be a known one, written so by the caller.
        let name = if matches!(name, Name::Other(_)) { Name::parse(name.as_str()) } else { name.clone() };
        self.fields.push(Field { name, name_span, value });
    }

    /// Adds a header field of another message with all its octets, folding included.
    pub fn kept(&mut self, message: &Message, index: usize) {
        let Some(field) = message.fields.get(index) else { return };
        let at = Span::new(self.octets.len(), 0).start;
        let moved = |span: Span| {
            let shift = |octet: u32| octet.saturating_sub(field.name_span.start).saturating_add(at);
            Span { start: shift(span.start), end: shift(span.end) }
        };
        let kept = Field { name: field.name.clone(), name_span: moved(field.name_span), value: moved(field.value) };
        self.fields.push(kept);
        self.octets.put_slice(message.line(index));
    }

    /// Ends the header section and adds the body.
    pub fn finish(mut self, body: &[u8]) -> Message {
        self.octets.put_slice(b"\r\n");
        let body_at = self.octets.len();
        self.octets.put_slice(body);
        let body = Span::new(body_at, self.octets.len());
        Message { octets: Storage::of(self.octets.freeze()), start: self.start, fields: self.fields, body, surplus: 0 }
    }
}

/// Adds a text and says where it stands. A line end inside it would end the field, and cannot be said in SIP.
fn put(octets: &mut BytesMut, text: &str) -> Span {
    let start = octets.len();
    for piece in text.split(['\r', '\n']) {
        octets.put_slice(piece.as_bytes());
    }
    Span::new(start, octets.len())
}

impl Message {
    /// The octets of the first line with its end.
    fn first_line(&self) -> &[u8] {
        match self.fields.first() {
            Some(first) => self.octets.get(..first.name_span.start as usize).unwrap_or_default(),
            None => without_empty_line(self.octets.get(..self.body.start as usize).unwrap_or_default()),
        }
    }

    /// The octets of a field from its name to the end of its line, folding included.
    fn line(&self, index: usize) -> &[u8] {
        let Some(field) = self.fields.get(index) else { return &[] };
        let start = field.name_span.start as usize;
        match self.fields.get(index + 1) {
            Some(next) => self.octets.get(start..next.name_span.start as usize).unwrap_or_default(),
            None => without_empty_line(self.octets.get(start..self.body.start as usize).unwrap_or_default()),
        }
    }
}

/// The last line of a head, without the empty line after it.
fn without_empty_line(line: &[u8]) -> &[u8] {
    line.strip_suffix(b"\r\n").filter(|line| line.ends_with(b"\n")).or(line.strip_suffix(b"\n")).unwrap_or(line)
}
