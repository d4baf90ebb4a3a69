//! A SIP message by itself: cut into fields and held against every rule that needs no other message. Nothing here is
//! remembered from message to message, so that many may be read at a time, ahead of the judge who holds them against each
//! other in their order.

use bytes::Bytes;
use cpm_wire::sip::{Message, ParseError};

use super::bodies::{Contents, Kind, Leaf, Memory};
use super::imdn::Wish;
use super::msrp::Framed;
use super::sdp::{Description, Outline, Promises};
use super::sessions::Begun;
use super::sheet::{Sheet, Side};
use super::sip::names::Name;
use super::sip::view::View;
use super::transactions::{Prints, Transaction};
use super::versions::Versioned;
use super::{sdp, sessions, sip};
use crate::evidence::Transport;
use crate::verdict::Finding;

/// A message that was cut into its fields, or cannot be.
pub struct Split {
    /// The message, without the empty lines before it (RFC 3261 section 7.5), which are so many octets.
    pub(super) octets: Bytes,
    pub(super) lead: usize,
    message: Result<Message, ParseError>,
    transport: Transport,
}

impl Split {
    /// Cuts a message up; none where it is a keep-alive.
    pub fn of(octets: &Bytes, transport: Transport) -> Option<Split> {
        if sip::is_keep_alive(octets, transport) {
            return None;
        }
        let lead = octets.iter().take_while(|octet| matches!(octet, b'\r' | b'\n')).count();
        let octets = octets.slice(lead..);
        Some(Split { message: Message::parse(octets.clone()), octets, lead, transport })
    }
}

/// A message with what was found in it.
pub struct Alone<'m> {
    pub(super) split: &'m Split,
    pub(super) read: Result<Read<'m>, &'m ParseError>,
}

/// A message that could be cut up.
pub(super) struct Read<'m> {
    pub view: View<'m>,
    pub prints: Prints,
    pub contents: Contents<'m>,
    /// What will be remembered of a request, and of an INVITE that begins a session.
    pub transaction: Option<Transaction>,
    pub begun: Option<Begun>,
    /// The session description, to be held against later ones, and where it begins.
    pub offer: Option<(Outline, usize)>,
    /// What it says of MSRP.
    pub promises: Promises,
    /// What the rules of SIP found.
    pub findings: Vec<Finding>,
    /// What the rules of its content found, unless they have to look at what came before.
    pub content: Option<Inside>,
}

/// What the rules of a body found.
pub(super) struct Inside {
    pub findings: Vec<Finding>,
    pub versioned: Option<Versioned>,
    pub wishes: Vec<Wish>,
}

/// Reads messages, one after the other, and knows again what it has seen to be right.
#[derive(Debug)]
pub struct Reader {
    memory: Memory,
}

impl Default for Reader {
    fn default() -> Reader {
        Reader { memory: Memory::ahead() }
    }
}

impl Reader {
    /// Judges a message by itself. Who sent it, and in which frame, need not be known yet.
    pub fn read<'m>(&mut self, split: &'m Split) -> Alone<'m> {
        let read = split.message.as_ref().map(|message| {
            let view = View::new(message, &split.octets, split.transport, &mut self.memory.memo);
            let mut findings = Vec::new();
            let sheet = &mut Sheet::new(0, Side::Target, &mut findings);
            sip::check(&mut sheet.inside(Some(split.lead)), &view, &mut self.memory.memo);
            let contents = contents(&view);
            let content = inside(&contents, split.lead + view.body_at, &mut self.memory);
            let prints = Prints::of(&view, &split.octets);
            let described = described(&contents);
            let offer = described.map(|(leaf, _)| outline(&split.octets, view.body_at + leaf.at, leaf));
            let own = offer.as_ref().map(|(outline, _)| outline);
            Read {
                transaction: Transaction::of(&view, &prints, own),
                begun: sessions::begun(&view),
                promises: described.zip(own).map(|((_, said), own)| sdp::promises(said, own)).unwrap_or_default(),
                offer,
                prints,
                view,
                contents,
                findings,
                content,
            }
        });
        Alone { split, read }
    }

    /// Judges messages of MSRP by themselves; none where they have to be put together.
    pub fn frame(&mut self, octets: &Bytes) -> Option<Framed> {
        Framed::of(octets, &mut self.memory)
    }
}

fn contents<'m>(view: &View<'m>) -> Contents<'m> {
    let plain = !view.has(Name::ContentEncoding) && !view.body.is_empty();
    view.line(Name::ContentType).filter(|_| plain).map(|kind| Contents::read(kind.text, view.body)).unwrap_or_default()
}

/// Judges a body that begins there in its record; none where that takes what came before.
fn inside(contents: &Contents<'_>, at: usize, memory: &mut Memory) -> Option<Inside> {
    let mut findings = Vec::new();
    let versioned = contents.check(&mut Sheet::new(0, Side::Target, &mut findings).inside(Some(at)), memory);
    memory.wishes().map(|wishes| Inside { findings, versioned, wishes })
}

/// The session description, with the part that it is.
fn described<'c, 'm>(contents: &'c Contents<'m>) -> Option<(&'c Leaf<'m>, &'c Description<'m>)> {
    contents.first(Kind::Sdp).and_then(|leaf| Some((leaf, leaf.description.as_ref()?)))
}

/// The same as something to be held against later ones.
fn outline(octets: &Bytes, at: usize, leaf: &Leaf<'_>) -> (Outline, usize) {
    (Outline::new(octets.slice(at..at + leaf.octets.len())), at)
}

impl<'m> Read<'m> {
    /// The session description.
    pub fn description(&self) -> Option<&Description<'m>> {
        described(&self.contents).map(|(_, description)| description)
    }
}
