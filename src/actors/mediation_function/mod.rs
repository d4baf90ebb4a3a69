//! The mediation function, with the administration beside it, sans-IO: orders interception of served users (X1, ETSI TS 103
//! 221-1), and takes what a participating function hands over (X2 and X3, ETSI TS 103 221-2).
//!
//! Each scenario has one of its own: where it is, its orders tell. Somebody without authority is played here, too.

mod ordering;
#[cfg(test)]
mod tests;

use super::media::Links;
use super::outbox::Stream;
use crate::evidence::{ConnectionWhat, Protocol};
use bytes::Bytes;
use cpm_wire::io::{Closing, ConnectionId, Input, Output};
use cpm_wire::uuid::Uuid;
use cpm_wire::x2x3::{Framer, Kind, Pdu};
use ordering::Waiting;
pub use ordering::{Who, uuid};
use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::Arc;

/// The name of the mediation function in the evidence.
pub const ACTOR: &str = "mediation_function";
/// The name of who orders.
pub const ADMINISTRATION: &str = "administration";
/// The most connections at a time; one more is torn down.
const MOST_CONNECTIONS: usize = 64;

/// By what names those who order are known to the target.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Access {
    /// Where the target takes orders.
    pub x1: SocketAddr,
    /// The administration that the target knows.
    pub administration: Arc<str>,
    /// Somebody whom it does not know.
    pub stranger: Arc<str>,
    /// Somebody whose certificate is of another authority; none where a connection without TLS stands for that.
    pub impostor: Option<Arc<str>>,
    /// Who has no certificate; none where a connection without TLS stands for that.
    pub nobody: Option<Arc<str>>,
}

struct Open {
    stream: Stream,
    framer: Framer,
}

/// The mediation function of one scenario.
pub struct MediationFunction {
    /// Where it listens.
    pub address: SocketAddr,
    /// What the orders say of that.
    advertise: SocketAddr,
    access: Access,
    /// The name of the destination that it is.
    destination: Uuid,
    connections: BTreeMap<ConnectionId, Open>,
    waiting: BTreeMap<ConnectionId, Waiting>,
    /// The tasks in force, by the names of the persons.
    tasks: BTreeMap<String, Uuid>,
    /// The last order of the administration to intercept somebody; with the first, the target knows the destination.
    last: Option<(String, Uuid)>,
}

impl MediationFunction {
    /// One that listens at `address`, which the target knows as `advertise`, and is called `destination`.
    pub fn new(address: SocketAddr, advertise: SocketAddr, access: Access, destination: Uuid) -> MediationFunction {
        let (connections, waiting, tasks) = (BTreeMap::new(), BTreeMap::new(), BTreeMap::new());
        MediationFunction { address, advertise, access, destination, connections, waiting, tasks, last: None }
    }

    /// True when this input belongs to it.
    pub fn owns(&self, input: &Input) -> bool {
        match input {
            Input::Datagram { .. } => false,
            Input::Accepted { local, .. } => *local == self.address,
            Input::Connected { connection, .. }
            | Input::Authenticated { connection, .. }
            | Input::Received { connection, .. }
            | Input::Closed { connection, .. } => {
                self.connections.contains_key(connection) || self.waiting.contains_key(connection)
            }
        }
    }

    /// Takes what the link brought.
    pub fn receive(&mut self, input: Input, links: &mut Links) {
        match input {
            Input::Accepted { connection, local, remote } => self.accepted(connection, (local, remote), links),
            Input::Connected { connection, local, remote } => self.connected(connection, (local, remote), links),
            Input::Received { connection, octets } if self.waiting.contains_key(&connection) => {
                self.answered(connection, octets, links);
            }
            Input::Received { connection, octets } => self.handed(connection, octets, links),
            Input::Closed { connection, how } => self.closed(connection, how, links),
            // Who it is, is proven by TLS; whoever hands something over under a task may.
            Input::Authenticated { .. } | Input::Datagram { .. } => {}
        }
    }

    fn accepted(&mut self, connection: ConnectionId, (local, remote): (SocketAddr, SocketAddr), links: &mut Links) {
        if self.connections.len() >= MOST_CONNECTIONS {
            return links.out.net(Output::Reset { connection });
        }
        let number = links.number();
        let stream = Stream { actor: ACTOR.into(), protocol: Protocol::X2x3, number, local, remote };
        links.out.connection(&stream, ConnectionWhat::Accepted);
        self.connections.insert(connection, Open { stream, framer: Framer::default() });
    }

    /// Takes what is handed over. What is wrong with it, is for the rules to say; here the stream has just ended.
    fn handed(&mut self, connection: ConnectionId, octets: Bytes, links: &mut Links) {
        let Some(open) = self.connections.get_mut(&connection) else { return };
        links.out.received(&open.stream, octets.clone());
        open.framer.push(&octets);
        while let Some(framed) = open.framer.next() {
            match framed.and_then(Pdu::parse) {
                Ok(pdu) if pdu.kind == Kind::Keepalive => {
                    let ack = Pdu::keepalive(Kind::KeepaliveAck, pdu.sequence_number().unwrap_or_default());
                    links.out.stream(&open.stream, connection, ack.to_octets(), None);
                }
                Ok(_) => {}
                Err(_) => return self.reset(connection, links),
            }
        }
    }

    fn reset(&mut self, connection: ConnectionId, links: &mut Links) {
        let Some(open) = self.connections.remove(&connection) else { return };
        links.out.connection(&open.stream, ConnectionWhat::Reset { by_target: false });
        links.out.net(Output::Reset { connection });
    }

    fn closed(&mut self, connection: ConnectionId, how: Closing, links: &mut Links) {
        if self.waiting.contains_key(&connection) {
            return self.ended(connection, how, links);
        }
        let Some(open) = self.connections.remove(&connection) else { return };
        links.out.connection(&open.stream, how.into());
        if how == Closing::Finished {
            links.out.net(Output::Close { connection });
        }
    }
}
