//! The transactions of one element: their names, their deadlines, their end.

use super::clients::Client;
use super::key::{Key, Origin};
use super::schedule::{Id, Over, Schedule};
use super::servers::Server;
use super::{ClientId, Event, Output, ServerId, Timers};
use crate::sip::Message;
use crate::time::Time;
use std::collections::{BTreeMap, HashMap, VecDeque};
use std::hash::Hash;

/// Transactions that a layer keeps unless told otherwise. A thousand requests a second over UDP are 32 000 of them,
/// for a server transaction lingers 32 s.
const CAPACITY: usize = 1 << 17;

/// The transaction layer of one SIP element (RFC 3261 section 17).
pub struct Layer<P> {
    pub(super) timers: Timers,
    /// In the order in which they began: what is at work stands together.
    pub(super) clients: BTreeMap<ClientId, Client<P>>,
    pub(super) client_keys: HashMap<Key, ClientId>,
    pub(super) servers: BTreeMap<ServerId, Server<P>>,
    pub(super) server_keys: HashMap<Key, ServerId>,
    /// The 2xx whose ACK is awaited, or may come again.
    pub(super) acknowledgements: HashMap<Origin, ServerId>,
    /// The first transaction of each initial request, to find merged ones.
    pub(super) initial: HashMap<Origin, ServerId>,
    pub(super) deadlines: Schedule,
    pub(super) over: Over,
    pub(super) output: VecDeque<Output<P>>,
    capacity: usize,
    last_id: u64,
}

impl<P: Clone> Layer<P> {
    /// A layer without transactions.
    pub fn new(timers: Timers) -> Layer<P> {
        Layer::with_capacity(timers, CAPACITY)
    }

    /// A layer that keeps at most `capacity` transactions. When it is full, the one that has been over for the
    /// longest time goes first; when none is over, a new request is answered 503.
    pub fn with_capacity(timers: Timers, capacity: usize) -> Layer<P> {
        Layer {
            timers,
            clients: BTreeMap::new(),
            client_keys: HashMap::new(),
            servers: BTreeMap::new(),
            server_keys: HashMap::new(),
            acknowledgements: HashMap::new(),
            initial: HashMap::new(),
            deadlines: Schedule::default(),
            over: Over::default(),
            output: VecDeque::new(),
            capacity,
            last_id: 0,
        }
    }

    /// Takes a message that arrived from `peer`, or, if it is a request, whose responses go there.
    pub fn receive(&mut self, now: Time, message: Message, peer: P, reliable: bool) {
        if message.is_request() {
            self.receive_request(now, message, peer, reliable);
        } else {
            self.receive_response(now, message, peer);
        }
    }

    /// Does what is due. To be called at the time that [`Layer::poll_timeout`] gives; late is harmless.
    pub fn handle_timeout(&mut self, now: Time) {
        while let Some(id) = self.deadlines.due(now) {
            match id {
                Id::Client(client) => self.client_timeout(now, client),
                Id::Server(server) => self.server_timeout(now, server),
            }
        }
    }

    /// When the layer wants [`Layer::handle_timeout`]. May change with every other call.
    pub fn poll_timeout(&self) -> Option<Time> {
        self.deadlines.next()
    }

    /// What is to be sent or known next, in order.
    pub fn poll_output(&mut self) -> Option<Output<P>> {
        self.output.pop_front()
    }

    /// How many transactions the layer holds.
    pub fn len(&self) -> usize {
        self.clients.len() + self.servers.len()
    }

    /// True when the layer holds no transaction.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    pub(super) fn next_id(&mut self) -> u64 {
        self.last_id += 1;
        self.last_id
    }

    /// Makes room for one more transaction; false when every one of them still waits for its outcome.
    pub(super) fn make_room(&mut self) -> bool {
        while self.len() >= self.capacity {
            match self.over.first(|id| holds(&self.clients, &self.servers, id)) {
                Some(Id::Client(client)) => self.forget_client(client),
                Some(Id::Server(server)) => self.forget_server(server),
                None => return false,
            }
        }
        true
    }

    /// A transaction is over from now on.
    pub(super) fn is_over(&mut self, id: Id, since: Time) {
        self.over.tidy(|id| holds(&self.clients, &self.servers, id));
        self.over.push(id, since);
    }

    pub(super) fn send(&mut self, message: Message, peer: P) {
        self.output.push_back(Output::Send { message, peer });
    }

    pub(super) fn tell(&mut self, event: Event<P>) {
        self.output.push_back(Output::Event(event));
    }
}

fn holds<P>(clients: &BTreeMap<ClientId, Client<P>>, servers: &BTreeMap<ServerId, Server<P>>, id: Id) -> bool {
    match id {
        Id::Client(client) => clients.contains_key(&client),
        Id::Server(server) => servers.contains_key(&server),
    }
}

/// Removes an entry that still belongs to `owner`: a later transaction may have taken its place.
pub(super) fn remove_own<K: Hash + Eq, V: PartialEq>(map: &mut HashMap<K, V>, key: &K, owner: V) {
    if map.get(key) == Some(&owner) {
        map.remove(key);
    }
}

#[cfg(test)]
impl<P> Layer<P> {
    /// True when every index is empty.
    pub(super) fn is_clean(&mut self) -> bool {
        self.client_keys.is_empty()
            && self.server_keys.is_empty()
            && self.acknowledgements.is_empty()
            && self.initial.is_empty()
            && self.over.first(|id| holds(&self.clients, &self.servers, id)).is_none()
    }
}
