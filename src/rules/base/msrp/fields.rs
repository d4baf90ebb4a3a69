//! The header fields of an MSRP message, found in one walk over them (RFC 4975 section 9).

use std::ops::Range;

use cpm_wire::msrp::Message;

use crate::rules::base::piece::Piece;

/// The header fields of a message, sorted out once.
#[derive(Clone, Copy, Default)]
pub(super) struct Fields<'m> {
    pub to_path: Option<Piece<'m>>,
    pub from_path: Option<Piece<'m>>,
    pub message_id: Option<Piece<'m>>,
    pub byte_range: Option<Piece<'m>>,
    pub success_report: Option<Piece<'m>>,
    pub failure_report: Option<Piece<'m>>,
    pub status: Option<Piece<'m>>,
    pub content_type: Option<Piece<'m>>,
    pub use_path: Option<Piece<'m>>,
    pub expires: Option<Piece<'m>>,
    pub encoded: bool,
    /// WWW-Authenticate is there.
    pub challenges: bool,
    /// Of a field that stands twice: its name and its second value.
    pub twice: Option<(Piece<'m>, Piece<'m>)>,
    /// A field whose colon is not followed by one space.
    pub unspaced: Option<(Piece<'m>, &'m str)>,
    /// The first two names, and where the last field begins.
    pub first: [Option<Piece<'m>>; 2],
    pub last_at: usize,
}

impl<'m> Fields<'m> {
    pub fn of(message: &'m Message) -> Fields<'m> {
        let mut fields = Fields::default();
        let end = message.fields().last().map_or(0, |last| last.value.end);
        // The splitter has read the head as UTF-8.
        let head = message.octets().get(..end).and_then(|head| std::str::from_utf8(head).ok()).unwrap_or_default();
        let cut = |range: &Range<usize>| Piece::new(head.get(range.clone()).unwrap_or_default(), range.start);
        for (place, field) in message.fields().iter().enumerate() {
            let (name, value) = (cut(&field.name), cut(&field.value));
            let between = head.get(field.name.end..field.value.start).unwrap_or_default();
            if !value.text.is_empty() && between != ": " {
                fields.unspaced = fields.unspaced.or(Some((name, between)));
            }
            if let Some(first) = fields.first.get_mut(place) {
                *first = Some(name);
            }
            fields.last_at = value.at;
            fields.take(name, value);
        }
        fields
    }

    fn take(&mut self, name: Piece<'m>, value: Piece<'m>) {
        let is = |known: &str| known.eq_ignore_ascii_case(name.text);
        let slot = match name.text.len() {
            6 if is("Status") => &mut self.status,
            7 if is("To-Path") => &mut self.to_path,
            7 if is("Expires") => &mut self.expires,
            8 if is("Use-Path") => &mut self.use_path,
            9 if is("From-Path") => &mut self.from_path,
            10 if is("Message-ID") => &mut self.message_id,
            10 if is("Byte-Range") => &mut self.byte_range,
            12 if is("Content-Type") => &mut self.content_type,
            14 if is("Success-Report") => &mut self.success_report,
            14 if is("Failure-Report") => &mut self.failure_report,
            16 if is("Content-Encoding") => return self.encoded = true,
            16 if is("WWW-Authenticate") => return self.challenges = true,
            _ => return,
        };
        if slot.is_some() {
            self.twice = self.twice.or(Some((name, value)));
        } else {
            *slot = Some(value);
        }
    }

    /// The last URI of a path: the end of the session.
    pub fn last(path: Option<Piece<'m>>) -> &'m str {
        path.and_then(|path| path.text.rsplit(' ').next()).unwrap_or_default()
    }

    /// The first URI of a path: the next hop.
    pub fn next(path: Option<Piece<'m>>) -> &'m str {
        path.and_then(|path| path.text.split(' ').next()).unwrap_or_default()
    }

    pub fn wants_success(&self) -> bool {
        self.success_report.is_some_and(|value| value.text.eq_ignore_ascii_case("yes"))
    }
}
