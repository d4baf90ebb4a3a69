//! The charging server of the served users, sans-IO: a Diameter node that takes records offline (Rf) and grants credit online
//! (Ro), to which a participating function connects (RFC 6733, RFC 8506). It answers for each user as the account says.

mod accounts;
mod answering;
mod reading;
#[cfg(test)]
mod tests;

use super::media::Links;
use super::outbox::Stream;
use crate::evidence::{ConnectionWhat, Protocol};
pub use accounts::{Account, Accounts, FinalAction};
use bytes::Bytes;
pub use cpm_wire::diameter::peer::Identity;
use cpm_wire::diameter::peer::{Event, Over, Peer};
use cpm_wire::diameter::{Framer, Message};
use cpm_wire::io::{Closing, ConnectionId, Input, Output};
use cpm_wire::time::Time;
use std::collections::{BTreeMap, HashMap};
use std::net::SocketAddr;
use std::sync::Arc;

/// The name of the actor in the evidence.
pub const ACTOR: &str = "charging_server";
/// The most connections at a time; one more is torn down.
const MOST_CONNECTIONS: usize = 1024;
/// As many sessions are remembered with their users.
const MOST_SESSIONS: usize = 100_000;

/// Something was asked of the server, and has its answer, if it gets one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Told {
    /// The number of the connection in the evidence.
    pub connection: u64,
    /// Whom it is about.
    pub users: Vec<String>,
}

struct Open {
    stream: Stream,
    framer: Framer,
    /// It is never asked whether it is there: that is for who needs the server.
    peer: Peer,
}

/// The server.
pub struct ChargingServer {
    /// Where it listens.
    pub address: SocketAddr,
    identity: Arc<Identity>,
    accounts: Accounts,
    /// Whether it serves one scenario alone.
    alone: bool,
    connections: BTreeMap<ConnectionId, Open>,
    /// Whom a session is about: not every message of it says so.
    sessions: HashMap<String, Vec<String>>,
}

impl ChargingServer {
    /// A server of these accounts that listens at `address`; `alone` where it serves one scenario and no other.
    pub fn new(address: SocketAddr, identity: Identity, accounts: Accounts, alone: bool) -> ChargingServer {
        let (connections, sessions) = (BTreeMap::new(), HashMap::new());
        ChargingServer { address, identity: Arc::new(identity), accounts, alone, connections, sessions }
    }

    /// True when this input belongs to the server.
    pub fn owns(&self, input: &Input) -> bool {
        match input {
            Input::Datagram { .. } | Input::Connected { .. } | Input::Authenticated { .. } => false,
            Input::Accepted { local, .. } => *local == self.address,
            Input::Received { connection, .. } | Input::Closed { connection, .. } => {
                self.connections.contains_key(connection)
            }
        }
    }

    /// Takes what the link brought. Whole messages wait for [`ChargingServer::next`].
    pub fn receive(&mut self, now: Time, input: Input, links: &mut Links) {
        match input {
            Input::Accepted { connection, local, remote } => self.accepted(now, connection, (local, remote), links),
            Input::Received { connection, octets } => {
                if let Some(open) = self.connections.get_mut(&connection) {
                    open.framer.push(octets);
                }
            }
            Input::Closed { connection, how } => self.closed(connection, how, links),
            Input::Datagram { .. } | Input::Connected { .. } | Input::Authenticated { .. } => {}
        }
    }

    fn accepted(
        &mut self,
        now: Time,
        connection: ConnectionId,
        (local, remote): (SocketAddr, SocketAddr),
        links: &mut Links,
    ) {
        if self.connections.len() >= MOST_CONNECTIONS || self.is_down() {
            return links.out.net(Output::Reset { connection });
        }
        let number = links.number();
        let stream = Stream { actor: ACTOR.into(), protocol: Protocol::Diameter, number, local, remote };
        links.out.connection(&stream, ConnectionWhat::Accepted);
        let peer = Peer::accepted(now, Arc::clone(&self.identity), local.ip(), 0);
        self.connections.insert(connection, Open { stream, framer: Framer::default(), peer });
    }

    fn is_down(&self) -> bool {
        self.alone && self.accounts.is_down()
    }

    fn closed(&mut self, connection: ConnectionId, how: Closing, links: &mut Links) {
        let Some(open) = self.connections.remove(&connection) else { return };
        links.out.connection(&open.stream, how.into());
        if how == Closing::Finished {
            links.out.net(Output::Close { connection });
        }
    }

    /// Takes the whole messages that have come, up to the next that asks for something.
    pub fn next(&mut self, now: Time, links: &mut Links) -> Option<Told> {
        loop {
            let waiting = self.connections.iter_mut().find_map(|(id, open)| Some((*id, open.framer.next()?)));
            let (connection, framed) = waiting?;
            let Ok(octets) = framed else {
                // What the target did wrong is for the rules to say, from the octets; here the stream has just ended.
                self.reset(connection, links);
                continue;
            };
            if let Some(request) = self.message(now, connection, octets, links) {
                return self.asked(connection, &request, links);
            }
        }
    }

    /// Takes one whole message; gives it where something is asked.
    fn message(&mut self, now: Time, connection: ConnectionId, octets: Bytes, links: &mut Links) -> Option<Message> {
        let open = self.connections.get_mut(&connection)?;
        links.out.received(&open.stream, octets.clone());
        open.peer.receive(now, octets);
        open.speak(connection, links);
        match open.peer.poll_event()? {
            Event::Request(request) => Some(request),
            // Whoever leaves closes the connection.
            Event::Open(_) | Event::Answer(..) | Event::Over(Over::Left(_)) => None,
            Event::Over(_) => {
                self.reset(connection, links);
                None
            }
        }
    }

    fn asked(&mut self, connection: ConnectionId, request: &Message, links: &mut Links) -> Option<Told> {
        let users = self.users_of(request);
        let account = self.accounts.of(&users);
        let open = self.connections.get_mut(&connection)?;
        let told = Told { connection: open.stream.number, users };
        match account {
            Account::Down if self.alone => self.reset(connection, links),
            Account::Down | Account::Silent => {}
            _ => {
                // An answer says no more than its request, and is never too long.
                if let Ok(answer) = answering::answer(&self.identity, request, account) {
                    open.peer.answer(&answer);
                    open.speak(connection, links);
                }
            }
        }
        Some(told)
    }

    /// Whom a message is about: those whom it names, the one who is charged first, or those of its session.
    fn users_of(&mut self, message: &Message) -> Vec<String> {
        let session = message.session_id().map(str::to_owned);
        let named = reading::users(message);
        let Some(session) = session else { return named };
        if named.is_empty() {
            return self.sessions.get(&session).cloned().unwrap_or_default();
        }
        if self.sessions.len() < MOST_SESSIONS {
            self.sessions.insert(session, named.clone());
        }
        named
    }

    fn reset(&mut self, connection: ConnectionId, links: &mut Links) {
        let Some(open) = self.connections.remove(&connection) else { return };
        links.out.connection(&open.stream, ConnectionWhat::Reset { by_target: false });
        links.out.net(Output::Reset { connection });
    }

    /// Leaves every connection, where nobody else is served.
    pub fn leave(&mut self, links: &mut Links) {
        for connection in self.connections.keys().copied().collect::<Vec<_>>() {
            self.reset(connection, links);
        }
    }
}

impl Open {
    fn speak(&mut self, connection: ConnectionId, links: &mut Links) {
        while let Some(octets) = self.peer.poll_octets() {
            links.out.stream(&self.stream, connection, octets, None);
        }
    }
}
