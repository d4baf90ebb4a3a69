//! The message store of the served users: an IMAP4rev1 server (RFC 3501), sans-IO, to which a participating function
//! appends what it keeps of a chat. It takes any credentials, and keeps what it is given within bounds.

mod archive;
mod conversation;
mod outages;
#[cfg(test)]
mod tests;

use super::media::Links;
use super::outbox::Stream;
use crate::evidence::{ConnectionWhat, Protocol};
use archive::Archive;
use bytes::Bytes;
use conversation::Conversation;
use cpm_wire::io::{Closing, ConnectionId, Input, Output};
pub use outages::Outages;
use std::collections::{BTreeMap, VecDeque};
use std::net::SocketAddr;

/// The name of the actor in the evidence.
pub const ACTOR: &str = "message_store";
/// The most connections at a time; one more is torn down.
const MOST_CONNECTIONS: usize = 1024;

/// What a client of the store did.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum StoreEvent {
    /// It logged in under this name.
    LoggedIn {
        /// The number of the connection in the evidence.
        connection: u64,
        /// The name.
        user: String,
    },
    /// It appended an object.
    Appended {
        /// The number of the connection in the evidence.
        connection: u64,
        /// Under which name it had logged in.
        user: String,
        /// The folder.
        folder: String,
        /// The object.
        object: Bytes,
    },
}

struct Open {
    stream: Stream,
    conversation: Conversation,
}

/// The message store.
pub struct MessageStore {
    /// Where it listens.
    pub address: SocketAddr,
    archive: Archive,
    connections: BTreeMap<ConnectionId, Open>,
    events: VecDeque<StoreEvent>,
}

impl MessageStore {
    /// An empty store that listens at `address`, and fails for some users.
    pub fn new(address: SocketAddr, outages: Outages) -> MessageStore {
        MessageStore { address, archive: Archive::new(outages), connections: BTreeMap::new(), events: VecDeque::new() }
    }

    /// True when this input belongs to the store.
    pub fn owns(&self, input: &Input) -> bool {
        match input {
            Input::Datagram { .. } | Input::Connected { .. } | Input::Authenticated { .. } => false,
            Input::Accepted { local, .. } => *local == self.address,
            Input::Received { connection, .. } | Input::Closed { connection, .. } => {
                self.connections.contains_key(connection)
            }
        }
    }

    /// Takes what the link brought.
    pub fn receive(&mut self, input: Input, links: &mut Links) {
        match input {
            Input::Accepted { connection, local, remote } => self.accepted(connection, local, remote, links),
            Input::Received { connection, octets } => self.octets(connection, octets, links),
            Input::Closed { connection, how } => self.closed(connection, how, links),
            Input::Datagram { .. } | Input::Connected { .. } | Input::Authenticated { .. } => {}
        }
    }

    fn accepted(&mut self, connection: ConnectionId, local: SocketAddr, remote: SocketAddr, links: &mut Links) {
        if self.connections.len() >= MOST_CONNECTIONS {
            return links.out.net(Output::Reset { connection });
        }
        let number = links.number();
        let stream = Stream { actor: ACTOR.into(), protocol: Protocol::Imap, number, local, remote };
        links.out.connection(&stream, ConnectionWhat::Accepted);
        self.connections.insert(connection, Open { stream, conversation: Conversation::new() });
        self.speak(connection, links);
    }

    fn octets(&mut self, connection: ConnectionId, octets: Bytes, links: &mut Links) {
        let Some(open) = self.connections.get_mut(&connection) else { return };
        links.out.received(&open.stream, octets.clone());
        open.conversation.receive(&octets, &mut self.archive);
        self.speak(connection, links);
    }

    /// Sends what is to be said, and ends the connection after the last word.
    fn speak(&mut self, connection: ConnectionId, links: &mut Links) {
        let Some(open) = self.connections.get_mut(&connection) else { return };
        while let Some(octets) = open.conversation.poll_octets() {
            links.out.stream(&open.stream, connection, octets, None);
        }
        while let Some(done) = open.conversation.poll_done() {
            self.events.push_back(done.on(open.stream.number));
        }
        if open.conversation.is_over() {
            links.out.connection(&open.stream, ConnectionWhat::Finished { by_target: false });
            links.out.net(Output::Close { connection });
            self.connections.remove(&connection);
        }
    }

    fn closed(&mut self, connection: ConnectionId, how: Closing, links: &mut Links) {
        let Some(open) = self.connections.remove(&connection) else { return };
        links.out.connection(&open.stream, how.into());
    }

    /// The next thing that a client did.
    pub fn poll_event(&mut self) -> Option<StoreEvent> {
        self.events.pop_front()
    }

    /// The objects of a folder, in the order in which they came.
    pub fn objects(&self, user: &str, folder: &str) -> &[Bytes] {
        self.archive.objects(user, folder)
    }
}
