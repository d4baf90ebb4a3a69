//! One connection between two peers (RFC 6733 section 5): they tell each other who they are, watch that the other is
//! there (RFC 3539 section 3.4), and part in order. The same machine stands at both ends; connections are opened,
//! accepted and closed elsewhere.
//!
//! A request gets its Hop-by-Hop Identifier here. Its End-to-End Identifier is its maker's, who may send it once more over
//! another connection.

mod capabilities;
#[cfg(test)]
mod tests;

pub use capabilities::Identity;

use super::dictionary::{DISCONNECT_CAUSE, RESULT_CODE};
use super::{Builder, DiameterError, Framer, Header, Message, application, command, result};
use crate::time::Time;
use bytes::Bytes;
use std::collections::{HashSet, VecDeque};
use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

/// How long the peer may take for its part of the introduction.
const INTRODUCTION: Duration = Duration::from_secs(10);
/// The silence after which the peer is asked whether it is there (RFC 3539 section 3.4.1, Twinit).
pub const WATCHDOG: Duration = Duration::from_secs(30);
/// How long the peer may take to say that it knows that this end leaves.
const PARTING: Duration = Duration::from_secs(2);

/// Why peers part (RFC 6733 section 5.4.3, Disconnect-Cause).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cause {
    /// REBOOTING: it comes back.
    Rebooting,
    /// BUSY: it wants no connection now.
    Busy,
    /// DO_NOT_WANT_TO_TALK_TO_YOU.
    Unwanted,
}

impl Cause {
    fn number(self) -> i32 {
        match self {
            Cause::Rebooting => 0,
            Cause::Busy => 1,
            Cause::Unwanted => 2,
        }
    }

    fn of(message: &Message) -> Cause {
        match message.find(&DISCONNECT_CAUSE).and_then(|cause| cause.integer32().ok()) {
            Some(1) => Cause::Busy,
            Some(2) => Cause::Unwanted,
            _ => Cause::Rebooting,
        }
    }
}

/// Why a connection is of no more use.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Over {
    /// This end wanted to part, and the peer knows it or took too long.
    Parted,
    /// The peer wants to part, and has heard that this is known. It will close the connection.
    Left(Cause),
    /// The capabilities were refused with this Result-Code, here or there.
    Refused(u32),
    /// The peer said nothing for too long.
    Silent,
    /// What the peer sends makes no sense.
    Broken(DiameterError),
    /// The peer does not begin with its capabilities, or does not say in them who it is.
    Unintroduced,
}

/// What happened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Event {
    /// The peers know each other: requests may go. This is who the other is.
    Open(Identity),
    /// The peer asks something, to be answered by [`Peer::answer`].
    Request(Message),
    /// The answer to a request, by the number that [`Peer::request`] gave.
    Answer(u32, Message),
    /// The connection is to be closed. Nothing follows.
    Over(Over),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    /// The CEA, or the CER, is awaited.
    Meeting,
    Open,
    /// The peer was asked whether it is there.
    Doubted,
    /// The DPA is awaited.
    Parting,
    Over,
}

/// One end of a connection.
#[derive(Debug)]
pub struct Peer {
    own: Arc<Identity>,
    local: IpAddr,
    opened: bool,
    watchdog: Duration,
    state: State,
    due: Option<Time>,
    framer: Framer,
    last: u32,
    /// The numbers of the requests that are not answered yet.
    asked: HashSet<u32>,
    /// The number of the own request about the connection itself.
    own_request: Option<u32>,
    octets: VecDeque<Bytes>,
    events: VecDeque<Event>,
}

impl Peer {
    /// The end that opened a connection from this address: it tells first who it is. The numbers of its requests follow on
    /// `first`.
    #[must_use]
    pub fn opened(now: Time, own: Arc<Identity>, local: IpAddr, first: u32) -> Peer {
        let mut peer = Peer::new(now, own, local, true, first);
        let cer = Message::request(command::CAPABILITIES_EXCHANGE, application::COMMON);
        let cer = peer.own.tell(local, cer);
        peer.ask(cer);
        peer
    }

    /// The end that accepted a connection at this address.
    #[must_use]
    pub fn accepted(now: Time, own: Arc<Identity>, local: IpAddr, first: u32) -> Peer {
        Peer::new(now, own, local, false, first)
    }

    fn new(now: Time, own: Arc<Identity>, local: IpAddr, opened: bool, first: u32) -> Peer {
        Peer {
            own,
            local,
            opened,
            watchdog: WATCHDOG,
            state: State::Meeting,
            due: Some(now + INTRODUCTION),
            framer: Framer::default(),
            last: first,
            asked: HashSet::new(),
            own_request: None,
            octets: VecDeque::new(),
            events: VecDeque::new(),
        }
    }

    /// Has the peer asked after another silence than [`WATCHDOG`].
    #[must_use]
    pub fn watching(mut self, silence: Duration) -> Peer {
        self.watchdog = silence;
        self
    }

    /// Whether requests may go.
    #[must_use]
    pub fn is_open(&self) -> bool {
        matches!(self.state, State::Open | State::Doubted)
    }

    /// Sends a request, and gives the number that its answer will have. None while the connection is not open.
    pub fn request(&mut self, request: &Message) -> Option<u32> {
        if !self.is_open() {
            return None;
        }
        let number = self.number();
        self.asked.insert(number);
        self.octets.push_back(request.numbered(number).octets().clone());
        Some(number)
    }

    /// The answer to this request is awaited no more: if it comes, it is dropped.
    pub fn forget(&mut self, number: u32) {
        self.asked.remove(&number);
    }

    /// Sends an answer to what the peer asked.
    pub fn answer(&mut self, answer: &Message) {
        if self.state != State::Over {
            self.octets.push_back(answer.octets().clone());
        }
    }

    /// Says that this end leaves. [`Over::Parted`] tells when the connection can be closed.
    pub fn part(&mut self, now: Time, cause: Cause) {
        if !self.is_open() {
            return self.end(Over::Parted);
        }
        self.state = State::Parting;
        self.due = Some(now + PARTING);
        let dpr = Message::request(command::DISCONNECT_PEER, application::COMMON);
        let dpr = self.own.sign(dpr).avp(&DISCONNECT_CAUSE, super::Value::Integer32(cause.number()));
        self.ask(dpr);
    }

    /// Takes octets of the stream, cut anywhere.
    pub fn receive(&mut self, now: Time, octets: Bytes) {
        self.framer.push(octets);
        while self.state != State::Over {
            match self.framer.next() {
                None => return,
                Some(Ok(octets)) => self.taken(now, octets),
                Some(Err(error)) => self.end(Over::Broken(error)),
            }
        }
    }

    fn taken(&mut self, now: Time, octets: Bytes) {
        match Message::parse(octets.clone()) {
            Ok(message) if self.state == State::Meeting => self.introduced(now, &message),
            Ok(message) => {
                if matches!(self.state, State::Open | State::Doubted) {
                    self.state = State::Open;
                    self.due = Some(now + self.watchdog);
                }
                self.message(message);
            }
            Err(error) if self.state == State::Meeting => self.end(Over::Broken(error)),
            Err(_) => self.misread(octets),
        }
    }

    /// A request with an AVP whose length is wrong is answered so (section 7.1.5); such an answer is none.
    fn misread(&mut self, octets: Bytes) {
        let Ok(header) = Header::parse(&octets) else { return };
        if !header.is_request() {
            return;
        }
        if let Ok(request) = header.alone() {
            self.own_answer(&request, result::INVALID_AVP_LENGTH, |answer| answer);
        }
    }

    /// The first message of the peer.
    fn introduced(&mut self, now: Time, message: &Message) {
        let header = message.header();
        let fits = header.command == command::CAPABILITIES_EXCHANGE && header.is_request() != self.opened;
        let (true, Some(peer)) = (fits, Identity::told(message)) else { return self.end(Over::Unintroduced) };
        let granted = if self.opened { message.result() } else { Some(self.granted(&peer)) };
        if !self.opened {
            let (own, local, result) = (Arc::clone(&self.own), self.local, granted.unwrap_or_default());
            self.send(own.tell(local, message.answer().avp(&RESULT_CODE, result)));
        }
        self.own_request = None;
        match granted {
            Some(result::SUCCESS) => {
                self.state = State::Open;
                self.due = Some(now + self.watchdog);
                self.events.push_back(Event::Open(peer));
            }
            other => self.end(Over::Refused(other.unwrap_or_default())),
        }
    }

    fn granted(&self, peer: &Identity) -> u32 {
        if self.own.shares(peer) { result::SUCCESS } else { result::NO_COMMON_APPLICATION }
    }

    fn message(&mut self, message: Message) {
        let Header { command, hop_by_hop, .. } = *message.header();
        match (message.is_request(), command) {
            (true, command::DEVICE_WATCHDOG) => {
                let own = Arc::clone(&self.own);
                self.own_answer(&message, result::SUCCESS, |answer| own.state_to(answer));
            }
            (true, command::DISCONNECT_PEER) => {
                let cause = Cause::of(&message);
                self.own_answer(&message, result::SUCCESS, |answer| answer);
                self.end(Over::Left(cause));
            }
            (true, _) => self.events.push_back(Event::Request(message)),
            (false, command::DISCONNECT_PEER) if self.state == State::Parting => self.end(Over::Parted),
            (false, _) if self.own_request == Some(hop_by_hop) => self.own_request = None,
            (false, _) if self.asked.remove(&hop_by_hop) => {
                self.events.push_back(Event::Answer(hop_by_hop, message));
            }
            // Section 6.2: what answers nothing is dropped.
            (false, _) => {}
        }
    }

    /// When [`Peer::handle_timeout`] is due.
    #[must_use]
    pub fn poll_timeout(&self) -> Option<Time> {
        self.due
    }

    /// The clock has moved on.
    pub fn handle_timeout(&mut self, now: Time) {
        if self.due.is_none_or(|due| now < due) {
            return;
        }
        match self.state {
            State::Meeting | State::Doubted => self.end(Over::Silent),
            State::Parting => self.end(Over::Parted),
            State::Over => self.due = None,
            State::Open => {
                self.state = State::Doubted;
                self.due = Some(now + self.watchdog);
                let dwr = Message::request(command::DEVICE_WATCHDOG, application::COMMON);
                let dwr = self.own.state_to(self.own.sign(dwr));
                self.ask(dwr);
            }
        }
    }

    /// The next octets to be sent.
    pub fn poll_octets(&mut self) -> Option<Bytes> {
        self.octets.pop_front()
    }

    /// The next thing that happened.
    pub fn poll_event(&mut self) -> Option<Event> {
        self.events.pop_front()
    }

    fn end(&mut self, over: Over) {
        if self.state != State::Over {
            self.state = State::Over;
            self.due = None;
            self.events.push_back(Event::Over(over));
        }
    }

    fn number(&mut self) -> u32 {
        self.last = self.last.wrapping_add(1);
        self.last
    }

    /// Sends a request about the connection.
    fn ask(&mut self, request: Builder) {
        let number = self.number();
        self.own_request = Some(number);
        // Such a request crosses one hop: both identifiers may be the same.
        self.send(request.identifiers(number, number));
    }

    fn own_answer(&mut self, request: &Message, result: u32, fill: impl FnOnce(Builder) -> Builder) {
        let answer = self.own.sign(request.answer().avp(&RESULT_CODE, result));
        self.send(fill(answer));
    }

    /// What an end says of itself is never too long to be a message.
    fn send(&mut self, message: Builder) {
        self.octets.extend(message.build().ok().map(|message| message.octets().clone()));
    }
}
