//! Base rules of MSRP (RFC 4975): streams cut into messages, each message by itself (`message`), what the two sides
//! of a connection say to each other (`exchange`), the chunks of a message (`chunks`), and who may send (`session`).

mod chunks;
mod exchange;
mod fields;
mod framed;
mod message;
mod session;
pub(super) mod uri;
mod wanted;

use std::collections::VecDeque;
use std::ops::Range;
use std::sync::Arc;
use std::vec::IntoIter;

use bytes::Bytes;
use cpm_wire::msrp::{Framer, Message};

use super::alone::Inside;
use super::bodies::Content;
use super::bounded::Bounded;
use super::memo::Memo;
use super::sdp::Sessions;
use super::sheet::{BaseRule, Sheet, Side, habit, must};
use crate::evidence::{Connection, ConnectionWhat, Octets};
use crate::verdict::Finding;
use exchange::Exchange;
use fields::Fields;
use framed::Cut;
pub use framed::Framed;

static FRAMING: BaseRule = must(
    "base.msrp.framing",
    "RFC 4975 sections 7.1 and 9",
    "A stream is made of messages: a start line, header lines, a body up to the end-line of the transaction.",
);
static UNFINISHED: BaseRule = habit(
    "base.msrp.unfinished",
    "RFC 4975 section 7.1",
    "Who ends a connection in order has finished the message that it was sending.",
);

/// The rules of this protocol.
pub(super) fn rules() -> impl Iterator<Item = &'static BaseRule> {
    let rooms = [message::RULES, exchange::RULES, chunks::RULES, session::RULES, wanted::RULES];
    [&FRAMING, &UNFINISHED].into_iter().chain(rooms.into_iter().flatten().copied())
}

/// So many connections are remembered.
const CONNECTIONS: usize = 1024;

/// So many transactions and messages of all connections are remembered, and so many octets of messages that are not whole.
const REMEMBERED: usize = 1 << 17;
const UNFINISHED_OCTETS: usize = 16 << 20;
/// After so many octets both are looked at.
const WEIGHED: usize = 1 << 20;

/// Whose connection: actor and number.
type Key = (Arc<str>, Option<u64>);

/// What was sent in one direction.
#[derive(Default)]
struct Stream {
    framer: Framer,
    /// Octets of the stream that were cut into messages.
    cut: u64,
    /// Octets of the stream that were seen.
    seen: u64,
    /// The records that hold what is not cut yet: frame, first octet in the stream, length, declared malformed.
    records: VecDeque<(u64, u64, u64, bool)>,
    /// It is no MSRP any more, and nothing further is said of it.
    lost: bool,
}

/// Where a message stands in the evidence.
#[derive(Clone, Copy)]
pub(super) struct Place {
    /// The record in which it begins.
    frame: u64,
    /// Where it begins in that record, if it ends there too.
    at: Option<usize>,
    /// Whether a record that holds a part of it was declared malformed.
    excused: bool,
}

impl Stream {
    /// Takes octets, which were cut up already where nothing of a message is waited for; gives what was.
    fn push(&mut self, frame: u64, octets: &Octets, framed: Option<Framed>) -> Option<IntoIter<Cut>> {
        let length = octets.octets.len() as u64;
        self.records.push_back((frame, self.seen, length, octets.malformed.is_some()));
        self.seen += length;
        let framed = framed.filter(|_| self.framer.waiting() == 0);
        if framed.is_none() {
            // A copy: evidence keeps the octets, and the framer must not search what it shares.
            self.framer.push(Bytes::copy_from_slice(&octets.octets));
        }
        framed.map(|framed| framed.messages.into_iter())
    }

    /// The next message and its place, from among those that were cut out already if any were.
    fn next(&mut self, framed: Option<&mut IntoIter<Cut>>) -> Option<(Place, Result<Cut, String>)> {
        let next = match framed {
            Some(framed) => Ok(framed.next()?),
            None => self.framer.next()?.map(Cut::from).map_err(|error| error.to_string()),
        };
        let start = self.cut;
        let end = match &next {
            Ok(cut) => start + cut.message.octets().len() as u64,
            Err(_) => self.seen,
        };
        self.cut = end;
        let place = self.place(start, end);
        Some((place, next))
    }

    fn place(&mut self, start: u64, end: u64) -> Place {
        while self.records.len() > 1 && self.records.front().is_some_and(|(_, at, length, _)| at + length <= start) {
            self.records.pop_front();
        }
        let within = self.records.iter().take_while(|(_, at, ..)| *at < end);
        let excused = within.clone().any(|(.., excused)| *excused);
        match within.clone().next() {
            Some((frame, at, length, _)) => {
                let whole = end <= at + length;
                let offset = usize::try_from(start.saturating_sub(*at)).ok();
                Place { frame: *frame, at: offset.filter(|_| whole), excused }
            }
            None => Place { frame: 0, at: None, excused },
        }
    }
}

/// The two directions of a connection, and what they say.
#[derive(Default)]
struct Link {
    tester: Stream,
    target: Stream,
    exchange: Exchange,
}

impl Link {
    /// A connection of which everything was seen, or only what came after some moment.
    fn begun(whole: bool) -> Link {
        let mut link = Link::default();
        if !whole {
            link.exchange.blur();
        }
        link
    }

    fn stream(&mut self, side: Side) -> &mut Stream {
        match side {
            Side::Tester => &mut self.tester,
            Side::Target => &mut self.target,
        }
    }
}

/// Every MSRP connection of a scenario.
pub(super) struct Links {
    links: Bounded<Key, Link>,
    /// Connections may have begun before anything of them was seen.
    anywhere: bool,
    messages: u64,
    /// Octets since what is remembered was weighed.
    unweighed: usize,
    /// The findings told last, counted from the first of them, and their messages.
    wholes: Vec<(Range<usize>, Bytes)>,
}

/// What a message carries. Content of several chunks is its own whole.
fn carries(
    frame: u64,
    side: Side,
    mut content: Content,
    message: &Message,
    judged: Option<Inside>,
    put_together: bool,
) -> Carried {
    // What was judged is a message of one chunk.
    let judged = judged.filter(|_| content.at.is_some());
    let whole = put_together.then(|| match content.at {
        Some(_) => message.octets().clone(),
        None => content.octets.clone(),
    });
    if put_together {
        content.at = content.at.or(Some(0));
    }
    Carried { frame, side, content, whole, judged }
}

/// A whole message that was carried, for the rules of its content.
pub(super) struct Carried {
    pub frame: u64,
    pub side: Side,
    pub content: Content,
    /// That in which the content has its place, where messages are put together.
    pub whole: Option<Bytes>,
    /// What the rules of its content found, if they were asked already.
    pub judged: Option<Inside>,
}

impl Links {
    pub fn new() -> Links {
        Links { links: Bounded::new(CONNECTIONS), anywhere: false, messages: 0, unweighed: 0, wholes: Vec::new() }
    }

    /// A connection that was not seen to open may have begun before: nothing is unasked there. And a packet is no unit of
    /// anything: what is found has its place in a message, and not in a record.
    pub fn begin_anywhere(&mut self) {
        self.anywhere = true;
    }

    /// Octets of one direction are not there.
    pub fn lost(&mut self, actor: &Arc<str>, connection: u64, side: Side) {
        if let Some(link) = self.links.get_mut(&(actor.clone(), Some(connection))) {
            *link.stream(side) = Stream::default();
            link.exchange.blur();
        }
    }

    /// How many messages there were, in all connections.
    pub fn messages(&self) -> u64 {
        self.messages
    }

    /// Takes octets of a stream, `framed` if they were cut up already; gives the messages that are whole now.
    pub fn octets(
        &mut self,
        frame: u64,
        side: Side,
        octets: &Octets,
        framed: Option<Framed>,
        known: (&Sessions, &mut Memo),
        findings: &mut Vec<Finding>,
    ) -> Vec<Carried> {
        let (sessions, memo) = known;
        self.weigh(octets.octets.len());
        let key = (octets.actor.clone(), octets.connection);
        let mut carried = Vec::new();
        let told = findings.len();
        self.wholes.clear();
        let Some(link) = self.links.entry(key, || Link::begun(!self.anywhere)) else { return carried };
        if link.stream(side).lost {
            return carried;
        }
        // Places are counted from where a message begins.
        let mut framed = link.stream(side).push(frame, octets, framed.filter(|_| self.anywhere));
        while let Some((place, next)) = link.stream(side).next(framed.as_mut()) {
            self.messages += 1;
            let before = findings.len();
            let place = if self.anywhere { Place { at: Some(0), ..place } } else { place };
            let mut sheet = Sheet::new(place.frame, side, findings);
            match next {
                Err(error) => {
                    link.stream(side).lost = true;
                    link.exchange.blur();
                    if !place.excused {
                        sheet.find(&FRAMING, None, "an MSRP message", error);
                    }
                }
                Ok(Cut { message, own }) => {
                    let mut sheet = sheet.inside(place.at);
                    let fields = Fields::of(&message);
                    let judged = match own {
                        Some(own) => {
                            sheet.adopt(own.findings);
                            own.content
                        }
                        None if place.excused => None,
                        None => {
                            message::check(&mut sheet, &message, &fields, memo);
                            None
                        }
                    };
                    let content = link.exchange.observe(&mut sheet, &message, &fields, place, sessions);
                    if let Some(content) = &content {
                        wanted::check(&mut sheet, &message, &fields, content, sessions);
                    }
                    if self.anywhere && findings.len() > before {
                        self.wholes.push((before - told..findings.len() - told, message.octets().clone()));
                    }
                    let carries = |content| carries(place.frame, side, content, &message, judged, self.anywhere);
                    carried.extend(content.map(carries));
                }
            }
        }
        carried
    }

    /// Forgets what is old where all connections together remember too much.
    fn weigh(&mut self, octets: usize) {
        self.unweighed += octets;
        if self.unweighed < WEIGHED {
            return;
        }
        self.unweighed = 0;
        let weights = self.links.values().map(|link| link.exchange.weight());
        let (remembered, unfinished) = weights.fold((0, 0), |(all, every), (one, octets)| (all + one, every + octets));
        if remembered > REMEMBERED {
            self.links.values_mut().for_each(|link| link.exchange.halve());
        }
        if unfinished > UNFINISHED_OCTETS {
            self.links.values_mut().for_each(|link| link.exchange.let_go());
        }
    }

    /// Which of the findings told last, the first of them being that with this number, have their place in which message.
    pub fn wholes(&mut self, first: usize) -> impl Iterator<Item = (Range<usize>, Bytes)> {
        self.wholes.drain(..).map(move |(findings, whole)| (findings.start + first..findings.end + first, whole))
    }

    /// A connection came to be, or ended.
    pub fn connection(&mut self, frame: u64, connection: &Connection, findings: &mut Vec<Finding>) {
        let key = (connection.actor.clone(), Some(connection.connection));
        match connection.what {
            ConnectionWhat::Finished { by_target } => {
                let side = if by_target { Side::Target } else { Side::Tester };
                if let Some(link) = self.links.get_mut(&key) {
                    let stream = link.stream(side);
                    let left = stream.framer.waiting();
                    if left > 0 && !stream.lost {
                        let observed = format!("the connection ends after {left} octets of a message");
                        Sheet::new(frame, side, findings).find(&UNFINISHED, None, "a whole message", observed);
                    }
                    stream.lost = true;
                }
            }
            ConnectionWhat::Reset { .. } => {
                self.links.remove(&key);
            }
            // A number that is used again names another connection.
            ConnectionWhat::Opened | ConnectionWhat::Accepted => {
                let opened = matches!(connection.what, ConnectionWhat::Opened);
                let side = if opened { Side::Tester } else { Side::Target };
                self.links.insert(key, Link { exchange: Exchange::opened_by(side), ..Link::default() });
            }
            ConnectionWhat::Refused | ConnectionWhat::Unreachable => {}
        }
    }
}
