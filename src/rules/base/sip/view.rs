//! A SIP message as the judge sees it: the fields that the lossless splitter cut out, re-read as raw text.

use bytes::Bytes;
use cpm_wire::sip::{Message, StartLine};

use super::field::Field;
use super::names::{COUNT, Name};
use crate::evidence::Transport;
use crate::rules::base::memo::Memo;
use crate::rules::base::piece::Piece;

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
    /// Where the first field of each name stands among them; past all of them where there is none.
    first: [u16; COUNT],
    pub body: &'m [u8],
    pub body_at: usize,
    /// What is asked for again and again: the method, the tags of From and To, and the branch.
    method: &'m str,
    tags: (Option<&'m str>, Option<&'m str>),
    branch: Option<&'m str>,
    cseq: Option<(u32, &'m str)>,
    /// So many octets of a datagram follow the body.
    pub surplus: usize,
    pub transport: Transport,
}

impl<'m> View<'m> {
    /// The message that `octets` were split into.
    pub fn new(message: &'m Message, octets: &'m Bytes, transport: Transport, memo: &mut Memo) -> View<'m> {
        let piece = |span: cpm_wire::sip::Span| Piece::new(message.text(span), span.start as usize);
        let fields: Vec<Field<'m>> = message
            .fields()
            .iter()
            .map(|field| Field::new(Name::of(message.text(field.name_span)), piece(field.value), memo))
            .collect();
        let (body_at, end) = (message.body_span().start as usize, message.body_span().end as usize);
        let mut view = View {
            start: match message.start() {
                StartLine::Request { method, uri } => Start::Request { method: piece(*method), uri: piece(*uri) },
                StartLine::Status { code, .. } => Start::Status(*code),
            },
            first: first(&fields),
            fields,
            body: octets.get(body_at..end).unwrap_or_default(),
            body_at,
            method: "",
            tags: (None, None),
            branch: None,
            cseq: None,
            surplus: octets.len().saturating_sub(end),
            transport,
        };
        view.cseq = view.line(Name::CSeq).and_then(cseq);
        view.method = match view.start {
            Start::Request { method, .. } => method.text,
            Start::Status(_) => view.cseq().map_or("", |(_, method)| method),
        };
        view.tags = (view.tag(Name::From), view.tag(Name::To));
        let branch = view.vias().next().and_then(|(_, branch)| branch);
        view.branch = branch;
        view
    }

    /// The method of a request; of a response, that of its CSeq.
    pub fn method(&self) -> &'m str {
        self.method
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

    /// The fields of this name.
    pub fn named(&self, name: Name) -> impl Iterator<Item = &Field<'m>> {
        let fields = self.fields.get(self.place(name)..).unwrap_or_default();
        fields.iter().filter(move |field| field.known == Some(name))
    }

    /// Where the first field of this name stands.
    fn place(&self, name: Name) -> usize {
        self.first.get(name as usize).map_or(usize::MAX, |place| usize::from(*place))
    }

    /// The values of every field of this name, one a line.
    pub fn lines(&self, name: Name) -> impl Iterator<Item = Piece<'m>> {
        self.named(name).map(|field| field.value)
    }

    /// The value of the first field of this name.
    pub fn line(&self, name: Name) -> Option<Piece<'m>> {
        self.fields.get(self.place(name)).map(|field| field.value)
    }

    pub fn has(&self, name: Name) -> bool {
        self.place(name) < self.fields.len()
    }

    /// The values of every field of this name, comma lists split.
    pub fn values(&self, name: Name) -> impl Iterator<Item = Piece<'m>> {
        self.lines(name).flat_map(|line| line.split_outside(b',')).map(Piece::trim)
    }

    /// The topmost Via.
    pub fn via(&self) -> Option<Piece<'m>> {
        self.vias().next().map(|(via, _)| via)
    }

    /// All Vias, each with its branch.
    pub fn vias(&self) -> impl Iterator<Item = (Piece<'m>, Option<&'m str>)> {
        self.named(Name::Via).flat_map(Field::vias)
    }

    /// The branch of the topmost Via.
    pub fn branch(&self) -> Option<&'m str> {
        self.branch
    }

    fn tag(&self, name: Name) -> Option<&'m str> {
        self.named(name).next().and_then(Field::tag)
    }

    /// The tag of From.
    pub fn tag_from(&self) -> Option<&'m str> {
        self.tags.0
    }

    /// The tag of To.
    pub fn tag_to(&self) -> Option<&'m str> {
        self.tags.1
    }

    /// Number and method of CSeq.
    pub fn cseq(&self) -> Option<(u32, &'m str)> {
        self.cseq
    }

    pub fn call_id(&self) -> Option<&'m str> {
        self.line(Name::CallId).map(|value| value.text)
    }
}

fn cseq(value: Piece<'_>) -> Option<(u32, &str)> {
    let mut words = value.text.split_ascii_whitespace();
    let number = words.next()?.parse().ok()?;
    words.next().map(|method| (number, method))
}

/// Where the first field of each name stands.
fn first(fields: &[Field<'_>]) -> [u16; COUNT] {
    let mut first = [u16::MAX; COUNT];
    for (place, field) in fields.iter().enumerate().rev() {
        let known = field.known.and_then(|name| first.get_mut(name as usize));
        if let (Some(known), Ok(place)) = (known, u16::try_from(place)) {
            *known = place;
        }
    }
    first
}
