//! The mediation functions, which take what was intercepted (TS 103 221-2): one connection over TLS to each destination, opened
//! when there is something for it. What cannot be handed over now waits, in order and up to a bound; nobody waits for it.
//!
//! What was sent on a connection that breaks then is not sent again: TCP does not tell how much of it has come.

use crate::config::Interception;
use bytes::Bytes;
use cpm_wire::io::{ConnectionId, Input, Output};
use cpm_wire::time::Time;
use cpm_wire::uuid::Uuid;
use cpm_wire::x1::{Delivery, Destination};
use cpm_wire::x2x3::{Framer, Kind, Pdu};
use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;
use std::time::Duration;

/// The name under which the function's own credentials are presented.
pub const IDENTITY: &str = "function";
/// The most destinations.
pub const MOST: usize = 256;
/// How long a connection may take to open.
const CONNECTING: Duration = Duration::from_secs(25);
/// The wait before a mediation function that could not be reached is tried again; each further wait is twice as long.
const FIRST_WAIT: Duration = Duration::from_millis(250);
const LONGEST_WAIT: Duration = Duration::from_secs(4);
/// Connections are numbered in a range of their own, below that of the charging server.
const FIRST_CONNECTION: u64 = 1 << 58;

/// What happened to the way to a destination.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Told {
    /// It is open.
    Open(Uuid),
    /// It could not be opened, broke, or is not the one that was expected.
    Closed(Uuid),
    /// Something was lost, since too much waits already.
    Lost(Uuid),
}

enum State {
    /// It is not opened before this time.
    Closed(Time),
    /// It is given up then.
    Opening(ConnectionId, Time),
    Open(ConnectionId, Framer),
}

struct Link {
    destination: Destination,
    state: State,
    waiting: VecDeque<Bytes>,
    failures: u32,
}

impl Link {
    const fn connection(&self) -> Option<ConnectionId> {
        match &self.state {
            State::Closed(_) => None,
            State::Opening(connection, _) | State::Open(connection, _) => Some(*connection),
        }
    }
}

/// The mediation functions, as the function sees them.
#[derive(Default)]
pub struct Mediation {
    name: Option<String>,
    most_octets: usize,
    waiting_octets: usize,
    links: BTreeMap<Uuid, Link>,
    connections: u64,
    outputs: VecDeque<Output>,
    told: VecDeque<Told>,
}

impl Mediation {
    /// No destinations yet; without a configuration there never are any.
    pub fn new(config: Option<&Interception>) -> Mediation {
        Mediation {
            name: config.and_then(|config| config.mediation.clone()),
            most_octets: config.map_or(0, |config| config.max_buffered_octets),
            ..Mediation::default()
        }
    }

    /// There is a destination.
    pub fn create(&mut self, destination: Destination) {
        let link = Link { state: State::Closed(Time::ZERO), waiting: VecDeque::new(), failures: 0, destination };
        self.links.insert(link.destination.did, link);
    }

    /// There is one no more; what waits for it is thrown away.
    pub fn remove(&mut self, did: Uuid) {
        let Some(link) = self.links.remove(&did) else { return };
        self.waiting_octets -= link.waiting.iter().map(Bytes::len).sum::<usize>();
        if let Some(connection) = link.connection() {
            self.outputs.push_back(Output::Close { connection });
        }
    }

    /// What a destination takes; none where there is no such destination.
    pub fn takes(&self, did: Uuid) -> Option<Delivery> {
        self.links.get(&did).map(|link| link.destination.delivery)
    }

    /// How many destinations there are.
    pub fn count(&self) -> usize {
        self.links.len()
    }

    /// Hands a PDU over to a destination, now or when it can be reached.
    pub fn hand_over(&mut self, now: Time, did: Uuid, pdu: Bytes) {
        let Some(link) = self.links.get_mut(&did) else { return };
        if let State::Open(connection, _) = link.state {
            return self.outputs.push_back(Output::Send { connection, octets: pdu });
        }
        if self.waiting_octets + pdu.len() > self.most_octets {
            return self.told.push_back(Told::Lost(did));
        }
        self.waiting_octets += pdu.len();
        link.waiting.push_back(pdu);
        self.advance(now, did);
    }

    fn advance(&mut self, now: Time, did: Uuid) {
        let Some(link) = self.links.get_mut(&did) else { return };
        if link.waiting.is_empty() || !matches!(link.state, State::Closed(not_before) if not_before <= now) {
            return;
        }
        self.connections += 1;
        let connection = ConnectionId::opened(FIRST_CONNECTION + self.connections);
        link.state = State::Opening(connection, now + CONNECTING);
        let (remote, identity) = (link.destination.address, Arc::from(IDENTITY));
        self.outputs.push_back(Output::ConnectSecured { connection, remote, identity });
    }

    fn by_connection(&self, connection: ConnectionId) -> Option<Uuid> {
        self.links.iter().find(|(_, link)| link.connection() == Some(connection)).map(|(did, _)| *did)
    }

    /// True for what concerns connections to mediation functions.
    pub fn owns(&self, input: &Input) -> bool {
        match input {
            Input::Connected { connection, .. }
            | Input::Authenticated { connection, .. }
            | Input::Received { connection, .. }
            | Input::Closed { connection, .. } => self.by_connection(*connection).is_some(),
            Input::Accepted { .. } | Input::Datagram { .. } => false,
        }
    }

    /// Takes in what came.
    pub fn receive(&mut self, now: Time, input: Input) {
        match input {
            Input::Authenticated { connection, names } => self.authenticated(now, connection, &names),
            Input::Received { connection, octets } => self.octets(now, connection, &octets),
            Input::Closed { connection, .. } => {
                if let Some(did) = self.by_connection(connection) {
                    self.lost(now, did);
                }
            }
            Input::Connected { .. } | Input::Accepted { .. } | Input::Datagram { .. } => {}
        }
    }

    fn authenticated(&mut self, now: Time, connection: ConnectionId, names: &[String]) {
        let Some(did) = self.by_connection(connection) else { return };
        let expected = |own: &String| names.iter().any(|name| name.eq_ignore_ascii_case(own));
        if !self.name.as_ref().is_none_or(expected) {
            self.outputs.push_back(Output::Close { connection });
            return self.lost(now, did);
        }
        let Some(link) = self.links.get_mut(&did) else { return };
        link.state = State::Open(connection, Framer::default());
        link.failures = 0;
        for octets in std::mem::take(&mut link.waiting) {
            self.waiting_octets -= octets.len();
            self.outputs.push_back(Output::Send { connection, octets });
        }
        self.told.push_back(Told::Open(did));
    }

    /// A mediation function asks whether anybody is there (section 6.2.4); all else that it may say is an answer.
    fn octets(&mut self, now: Time, connection: ConnectionId, octets: &[u8]) {
        let Some(did) = self.by_connection(connection) else { return };
        let Some(State::Open(_, framer)) = self.links.get_mut(&did).map(|link| &mut link.state) else { return };
        framer.push(octets);
        while let Some(next) = framer.next() {
            let Ok(pdu) = next.and_then(Pdu::parse) else {
                self.outputs.push_back(Output::Close { connection });
                return self.lost(now, did);
            };
            if pdu.kind == Kind::Keepalive {
                let answer = Pdu::keepalive(Kind::KeepaliveAck, pdu.sequence_number().unwrap_or_default());
                self.outputs.push_back(Output::Send { connection, octets: answer.to_octets() });
            }
        }
    }

    fn lost(&mut self, now: Time, did: Uuid) {
        let Some(link) = self.links.get_mut(&did) else { return };
        let wait = FIRST_WAIT.saturating_mul(1 << link.failures.min(8)).min(LONGEST_WAIT);
        link.failures = link.failures.saturating_add(1);
        link.state = State::Closed(now + wait);
        self.told.push_back(Told::Closed(did));
    }

    /// When [`Mediation::handle_timeout`] is due.
    pub fn poll_timeout(&self) -> Option<Time> {
        let due = |link: &Link| match link.state {
            State::Closed(not_before) => (!link.waiting.is_empty()).then_some(not_before),
            State::Opening(_, due) => Some(due),
            State::Open(..) => None,
        };
        self.links.values().filter_map(due).min()
    }

    /// Tries again what could not be reached, and gives up what takes too long.
    pub fn handle_timeout(&mut self, now: Time) {
        let dids: Vec<Uuid> = self.links.keys().copied().collect();
        for did in dids {
            if let Some(State::Opening(connection, due)) = self.links.get(&did).map(|link| &link.state)
                && *due <= now
            {
                self.outputs.push_back(Output::Close { connection: *connection });
                self.lost(now, did);
            }
            self.advance(now, did);
        }
    }

    /// The next thing that happened.
    pub fn poll_told(&mut self) -> Option<Told> {
        self.told.pop_front()
    }

    /// The next octets to be moved.
    pub fn poll_output(&mut self) -> Option<Output> {
        self.outputs.pop_front()
    }
}
