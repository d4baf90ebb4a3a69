//! Interception of served users: what was ordered (X1, ETSI TS 103 221-1), and what the target handed over of it (X2 and X3,
//! ETSI TS 103 221-2), read again from the octets.
//!
//! Whose it is says the task that it names. What a payload is tells itself, whatever number its format has.

mod hook;
mod reply;

use std::collections::HashMap;
use std::str::FromStr;
use std::sync::Arc;

use bytes::Bytes;
use cpm_wire::time::Time;
use cpm_wire::uuid::Uuid;
pub use cpm_wire::x2x3::{Direction as Way, Kind, format};
use cpm_wire::x2x3::{Framer, Pdu};
use cpm_wire::{msrp, sip, x1};

use super::cast::Cast;
use super::content::Content;
use super::legs::When;
use super::session::{Seen, Sessions, Whole};
use super::signals::Signal;
use crate::evidence::{Connection, ConnectionWhat, Direction, Event, Intercepted, Octets, Protocol};
use reply::Reader;

/// Reports and pieces of content kept of one scenario.
const HANDED: usize = 20_000;
/// Orders kept of one scenario.
const ORDERS: usize = 1000;
/// Connections read at a time.
const CONNECTIONS: usize = 64;

/// Who orders, as the evidence names it.
const ADMINISTRATION: &str = "administration";

/// An order to intercept somebody, or to cease.
#[derive(Clone, Debug)]
pub struct Order {
    /// When it was announced.
    pub frame: u64,
    /// The served user.
    pub person: String,
    /// The task.
    pub task: Uuid,
    /// Whether it is to end the task.
    pub ends: bool,
    /// Whether who ordered it may do so.
    pub authorised: bool,
    /// What became of it.
    pub reply: Option<Reply>,
    /// On which connection it was given; none where a hook of the profile was told, which has obeyed.
    connection: Option<u64>,
}

impl Order {
    /// Whether it was given to a hook of the profile.
    #[must_use]
    pub const fn by_hook(&self) -> bool {
        self.connection.is_none()
    }
}

/// What the target said to an order.
#[derive(Clone, Debug)]
pub struct Reply {
    /// Where.
    pub frame: u64,
    /// Whether it obeys.
    pub accepted: bool,
    /// The reply in words.
    pub told: String,
}

/// A PDU in which something was handed over.
#[derive(Clone, Debug)]
pub struct Handed {
    /// The frame that made it whole.
    pub frame: u64,
    /// When that was.
    pub at: Time,
    /// Over which interface, as it says.
    pub kind: Kind,
    /// The number of the format of its payload.
    pub format: u16,
    /// Which way the payload went.
    pub way: Way,
    /// The task that it names.
    pub task: Uuid,
    /// What binds together the parts of one communication.
    pub correlation: u64,
    /// What was intercepted.
    pub payload: Payload,
}

impl Handed {
    /// Whether its payload is a message of MSRP.
    #[must_use]
    pub const fn is_chunk(&self) -> bool {
        matches!(self.payload, Payload::Chunk)
    }
}

/// What was intercepted, in one PDU.
#[derive(Clone, Debug)]
pub enum Payload {
    /// A SIP message.
    Signal(Box<Signal>),
    /// A message of MSRP; what it carries stands among the copies once that is whole.
    Chunk,
    /// Something that cannot be read: in another form, or nothing.
    Other(Bytes),
}

/// A piece of content that was handed over, whole.
#[derive(Clone, Debug)]
pub struct Copy {
    /// The frame that made it whole.
    pub frame: u64,
    /// The task.
    pub task: Uuid,
    /// The MSRP path to which it went, comparable.
    pub session: String,
    /// What it says.
    pub content: Content,
}

/// All that was ordered and handed over in the scenario.
#[derive(Default)]
pub struct Interception {
    orders: Vec<Order>,
    replies: HashMap<u64, Reader>,
    streams: HashMap<(Arc<str>, u64), Framer>,
    handed: Vec<Handed>,
    chunks: Sessions,
    copies: Vec<Copy>,
    broken: Option<u64>,
    /// Where a hook of the profile was asked about whom.
    asked: Vec<(u64, String)>,
    /// How often what it handed over has come.
    known: HashMap<(Uuid, Intercepted), usize>,
}

impl Interception {
    /// What was ordered, in order.
    pub fn orders(&self) -> &[Order] {
        &self.orders
    }

    /// Everything that was handed over, in order.
    pub fn handed(&self) -> &[Handed] {
        &self.handed
    }

    /// The contents that were handed over whole, in order.
    pub fn copies(&self) -> &[Copy] {
        &self.copies
    }

    /// Where a stream was no longer to be read, if one was.
    pub fn broken(&self) -> Option<u64> {
        self.broken
    }

    /// The tasks that were ordered about a person, by whomsoever.
    pub fn tasks_of<'a>(&'a self, person: &'a str) -> impl Iterator<Item = Uuid> + 'a {
        self.orders.iter().filter(move |order| order.person == person && !order.ends).map(|order| order.task)
    }

    /// True where it is about interception.
    pub(super) fn event(&mut self, frame: u64, event: &Event) -> bool {
        let Event::Interception { person, task, ends, authorised, connection } = event else { return false };
        if let (Ok(task), true) = (Uuid::from_str(task), self.orders.len() < ORDERS) {
            let (person, ends, authorised, connection) = (person.clone(), *ends, *authorised, *connection);
            self.orders.push(Order { frame, person, task, ends, authorised, reply: None, connection });
        }
        true
    }

    /// The end of a connection on which an order waits is a reply, too: none that obeys.
    pub(super) fn connection(&mut self, frame: u64, connection: &Connection) {
        self.streams.remove(&(connection.actor.clone(), connection.connection));
        if &*connection.actor != ADMINISTRATION {
            return;
        }
        let ended = match connection.what {
            ConnectionWhat::Finished { by_target: true } => "the connection was ended without a word",
            ConnectionWhat::Reset { by_target: true } => "the connection was torn down without a word",
            _ => return,
        };
        let last = self.replies.remove(&connection.connection).and_then(|reader| reader.end());
        let Some(order) = self.waiting(connection.connection) else { return };
        order.reply = Some(match last {
            Some(response) => read(frame, response.status, &response.body),
            None => Reply { frame, accepted: false, told: ended.to_owned() },
        });
    }

    fn waiting(&mut self, connection: u64) -> Option<&mut Order> {
        self.orders.iter_mut().find(|order| order.connection == Some(connection) && order.reply.is_none())
    }

    /// Octets of the administration: a reply.
    pub(super) fn ordered(&mut self, frame: u64, octets: &Octets) {
        let (Direction::Received, Some(connection)) = (octets.direction, octets.connection) else { return };
        if &*octets.actor != ADMINISTRATION || self.waiting(connection).is_none() {
            return;
        }
        let Some(response) = self.replies.entry(connection).or_default().push(&octets.octets) else { return };
        self.replies.remove(&connection);
        if let Some(order) = self.waiting(connection) {
            order.reply = Some(read(frame, response.status, &response.body));
        }
    }

    /// Octets for the mediation function; false where there is too much.
    pub(super) fn observe(&mut self, when: When, octets: &Octets, cast: &Cast) -> bool {
        if octets.direction == Direction::Sent {
            return true;
        }
        let key = (octets.actor.clone(), octets.connection.unwrap_or_default());
        if !self.streams.contains_key(&key) && self.streams.len() >= CONNECTIONS {
            return false;
        }
        let framer = self.streams.entry(key).or_default();
        framer.push(&octets.octets);
        let mut pdus = Vec::new();
        while let Some(next) = framer.next() {
            pdus.push(next.and_then(Pdu::parse));
        }
        let mut fits = true;
        for pdu in pdus {
            match pdu {
                Ok(pdu) if matches!(pdu.kind, Kind::X2 | Kind::X3) => fits &= self.take(when, octets, &pdu, cast),
                Ok(_) => {}
                Err(_) => self.broken = self.broken.or(Some(when.frame)),
            }
        }
        fits
    }

    fn take(&mut self, when: When, octets: &Octets, pdu: &Pdu, cast: &Cast) -> bool {
        if self.handed.len() >= HANDED {
            return false;
        }
        let payload = self.payload(when, octets, pdu, cast);
        let Pdu { kind, format, direction, xid, correlation, .. } = *pdu;
        let When { frame, at } = when;
        self.handed.push(Handed { frame, at, kind, format, way: direction, task: xid, correlation, payload });
        true
    }

    fn payload(&mut self, when: When, octets: &Octets, pdu: &Pdu, cast: &Cast) -> Payload {
        if let Ok(message) = sip::Message::parse(pdu.payload.clone()) {
            let signal = Signal::read(when, pdu.direction == Way::ToTarget, &message, cast);
            return signal.map_or_else(|| Payload::Other(pdu.payload.clone()), |signal| Payload::Signal(signal.into()));
        }
        let mut framer = msrp::Framer::default();
        framer.push(pdu.payload.clone());
        if !matches!(framer.next(), Some(Ok(_))) {
            return Payload::Other(pdu.payload.clone());
        }
        // Each task has an account of what it was told. No stream runs through several PDUs.
        let account = Octets {
            actor: pdu.xid.to_string().into(),
            protocol: Protocol::Msrp,
            connection: Some(u64::try_from(self.handed.len()).unwrap_or(u64::MAX)),
            octets: pdu.payload.clone(),
            ..octets.clone()
        };
        let mut seen = Vec::new();
        self.chunks.observe(when.frame, &account, &mut seen);
        let whole = seen.into_iter().filter_map(|seen| match seen {
            Seen::Whole(whole) => Some(whole),
            Seen::Answered { .. } | Seen::Told(_) => None,
        });
        self.copies.extend(whole.map(|whole| copy(when.frame, pdu.xid, whole)));
        Payload::Chunk
    }
}

fn copy(frame: u64, task: Uuid, whole: Whole) -> Copy {
    let content = Content::read(whole.content_type.as_deref(), &whole.octets);
    Copy { frame, task, session: whole.session, content }
}

/// What a reply comes to: an order is obeyed where HTTP and the document both say so.
fn read(frame: u64, status: u16, body: &Bytes) -> Reply {
    let answers = x1::read_responses(body);
    let (errors, told) = match &answers {
        Ok(answers) => {
            let errors: Vec<String> = answers.iter().filter_map(error).collect();
            (errors.len(), if errors.is_empty() { "no error".to_owned() } else { errors.join(", ") })
        }
        Err(why) => (1, format!("a document that cannot be read: {why}")),
    };
    Reply { frame, accepted: errors == 0 && (200..300).contains(&status), told: format!("{status} and {told}") }
}

fn error(answer: &x1::Response) -> Option<String> {
    match &answer.outcome {
        x1::Outcome::Refused { code, description } => Some(format!("the error {code} ({description})")),
        x1::Outcome::Completed | x1::Outcome::Acknowledged => None,
    }
}
