//! Messages of MSRP by themselves: cut out of a piece of a stream that begins and ends with a message, and held against every
//! rule that needs no other message. Nothing here is remembered from piece to piece but what was right, so that many pieces may
//! be read at a time, ahead of the judge who knows what came before.

use bytes::Bytes;
use cpm_wire::msrp::{Flag, Framer, Kind, Message, Method};

use super::fields::Fields;
use super::message;
use crate::rules::base::alone::Inside;
use crate::rules::base::bodies::{Contents, Memory};
use crate::rules::base::sheet::{Sheet, Side};
use crate::verdict::Finding;

/// The messages of a piece of a stream.
pub struct Framed {
    pub(super) messages: Vec<Cut>,
}

/// A message that was cut out.
pub(super) struct Cut {
    pub message: Message,
    /// What is known of it by itself; none where it is judged in its turn.
    pub own: Option<Own>,
}

/// What the rules that need no other message found, places being counted from the first octet of the message.
pub(super) struct Own {
    pub findings: Vec<Finding>,
    /// The same of its content, if it is whole and nothing has to be looked up.
    pub content: Option<Inside>,
}

impl From<Message> for Cut {
    fn from(message: Message) -> Cut {
        Cut { message, own: None }
    }
}

impl Framed {
    /// Cuts up a piece of a stream; none where it ends within a message, or is none.
    pub(in crate::rules::base) fn of(octets: &Bytes, memory: &mut Memory) -> Option<Framed> {
        let mut framer = Framer::default();
        framer.push(Bytes::copy_from_slice(octets));
        let mut messages = Vec::with_capacity(1);
        while let Some(message) = framer.next() {
            let message = message.ok()?;
            messages.push(Cut { own: Some(own(&message, memory)), message });
        }
        (framer.waiting() == 0).then_some(Framed { messages })
    }
}

fn own(message: &Message, memory: &mut Memory) -> Own {
    let mut findings = Vec::new();
    let fields = Fields::of(message);
    message::check(&mut Sheet::new(0, Side::Target, &mut findings), message, &fields, &mut memory.memo);
    Own { findings, content: content(message, &fields, memory) }
}

/// Judges the content of a message that may be whole.
fn content(message: &Message, fields: &Fields<'_>, memory: &mut Memory) -> Option<Inside> {
    let whole = matches!(message.kind, Kind::Request { method: Method::Send }) && message.flag == Flag::Complete;
    let kind = fields.content_type.filter(|_| whole && !fields.encoded)?;
    let body = message.body_range()?;
    let mut findings = Vec::new();
    let mut sheet = Sheet::new(0, Side::Target, &mut findings);
    let contents = Contents::read(kind.text, message.octets().get(body.clone())?);
    let versioned = contents.check(&mut sheet.inside(Some(body.start)), memory);
    memory.wishes().map(|wishes| Inside { findings, versioned, wishes })
}
