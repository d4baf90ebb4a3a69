//! The virtual link: the actors of one scenario against a core of the reference, in one deterministic event loop.
//!
//! Time is a number that the loop advances. Datagrams and streams take a fixed time to cross; a killed target drops
//! its connections and forgets everything but its store, just as a process does.

pub use super::hosted::Hosted;
use super::hosted::Wish;
use super::link::LinkInput;
use crate::actors::outbox::LinkOutput;
use bytes::Bytes;
use cpm_reference::core::Addresses;
use cpm_reference::store::Token;
use cpm_wire::endpoint::{Transport, TransportEvent};
use cpm_wire::io::{Closing, ConnectionId, Input, Output};
use cpm_wire::time::Time;
use std::cmp::Reverse;
use std::collections::{BinaryHeap, HashMap, HashSet, VecDeque};
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::time::Duration;

const CROSSING: Duration = Duration::from_micros(200);
const WRITING: Duration = Duration::from_millis(1);
/// The first instant of every virtual run: 2026-01-01T00:00:00Z.
const BEGINNING: Time = Time::from_nanos(1_767_225_600_000_000_000);

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Host {
    ServingCscf,
    Actors,
    Target,
}

type End = (Host, ConnectionId);

#[derive(Debug)]
enum Delivery {
    Input(Host, Input),
    Persisted(Token),
}

#[derive(Debug)]
struct Due {
    at: Time,
    order: u64,
    delivery: Delivery,
}

impl PartialEq for Due {
    fn eq(&self, other: &Due) -> bool {
        (self.at, self.order) == (other.at, other.order)
    }
}
impl Eq for Due {}
impl PartialOrd for Due {
    fn partial_cmp(&self, other: &Due) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}
impl Ord for Due {
    fn cmp(&self, other: &Due) -> std::cmp::Ordering {
        (self.at, self.order).cmp(&(other.at, other.order))
    }
}

/// The simulated network with the target in it.
pub struct VirtualLink {
    now: Time,
    addresses: Addresses,
    hosted: Hosted,
    cscf: SocketAddr,
    transport: Transport,
    actors: HashSet<SocketAddr>,
    next_port: u16,
    peers: HashMap<End, End>,
    addresses_of: HashMap<End, (SocketAddr, SocketAddr)>,
    accepted: u64,
    queue: BinaryHeap<Reverse<Due>>,
    order: u64,
    arrived: VecDeque<LinkInput>,
}

impl VirtualLink {
    /// The network around a reference at these addresses; the serving CSCF is at `cscf`.
    pub fn new(hosted: Hosted, addresses: Addresses, cscf: SocketAddr) -> VirtualLink {
        VirtualLink {
            now: BEGINNING,
            addresses,
            hosted,
            cscf,
            transport: Transport::new(cscf),
            actors: HashSet::new(),
            next_port: 20_000,
            peers: HashMap::new(),
            addresses_of: HashMap::new(),
            accepted: 0,
            queue: BinaryHeap::new(),
            order: 0,
            arrived: VecDeque::new(),
        }
    }

    pub(super) fn now(&self) -> Time {
        self.now
    }

    pub(super) fn listen(&mut self) -> SocketAddr {
        self.next_port += 1;
        let address = SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), self.next_port);
        self.actors.insert(address);
        address
    }

    /// An actor listens at this address.
    pub fn listen_at(&mut self, address: SocketAddr) {
        self.actors.insert(address);
    }

    pub(super) fn perform(&mut self, output: LinkOutput) {
        match output {
            LinkOutput::Sip { message, peer } => self.transport.send(&message, &peer),
            LinkOutput::Net(output) => self.carry(Host::Actors, output),
        }
    }

    /// Advances time until something reaches the tester, or to the deadline.
    pub(super) fn next(&mut self, deadline: Option<Time>) -> Option<LinkInput> {
        loop {
            self.drain();
            if let Some(input) = self.arrived.pop_front() {
                return Some(input);
            }
            let queued = self.queue.peek().map(|Reverse(due)| due.at);
            let timer = self.hosted.poll_timeout();
            let next = queued.into_iter().chain(timer).min();
            let Some(at) = next.filter(|at| deadline.is_none_or(|deadline| *at <= deadline)) else {
                self.now = self.now.max(deadline.unwrap_or(self.now));
                return None;
            };
            self.now = self.now.max(at);
            if queued.is_some_and(|queued| queued <= at) {
                if let Some(Reverse(due)) = self.queue.pop() {
                    self.deliver(due.delivery);
                }
            } else {
                self.hosted.handle_timeout(self.now);
            }
        }
    }

    /// The target dies on the spot: connections break, and only its store is left.
    pub fn kill_target(&mut self) {
        self.drain();
        self.hosted.kill();
        let ends: Vec<End> = self.peers.keys().filter(|(host, _)| *host == Host::Target).copied().collect();
        for end in ends {
            // A process takes longer to start again than its peers to hear that it died.
            self.part_after(Duration::ZERO, end, Closing::Reset);
        }
        self.queue
            .retain(|Reverse(due)| !matches!(due.delivery, Delivery::Persisted(_) | Delivery::Input(Host::Target, _)));
    }

    /// The target starts again with what its store holds.
    pub fn start_target(&mut self) {
        self.hosted.start();
    }

    /// Tells a hosted client what its user does, or asks what it shows.
    pub(super) fn tell_client(&mut self, act: bool, request: &serde_json::Value) -> Result<serde_json::Value, String> {
        self.hosted.tell_client(self.now, act, request)
    }

    fn drain(&mut self) {
        loop {
            let mut idle = true;
            while let Some(output) = self.transport.poll_output() {
                idle = false;
                self.carry(Host::ServingCscf, output);
            }
            while let Some(wish) = self.hosted.poll_output() {
                idle = false;
                match wish {
                    Wish::Net(output) => self.carry(Host::Target, output),
                    Wish::Persisted(token) => self.push(WRITING, Delivery::Persisted(token)),
                }
            }
            if idle {
                return;
            }
        }
    }

    fn push(&mut self, after: Duration, delivery: Delivery) {
        self.order += 1;
        self.queue.push(Reverse(Due { at: self.now + after, order: self.order, delivery }));
    }

    fn host_at(&self, address: SocketAddr) -> Option<Host> {
        if address == self.cscf {
            Some(Host::ServingCscf)
        } else if address == self.addresses.sip || address == self.addresses.msrp {
            self.hosted.is_alive().then_some(Host::Target)
        } else {
            self.actors.contains(&address).then_some(Host::Actors)
        }
    }

    fn carry(&mut self, from: Host, output: Output) {
        match output {
            Output::Datagram { local, remote, octets } => {
                if let Some(host) = self.host_at(remote) {
                    let input = Input::Datagram { local: remote, remote: local, octets };
                    self.push(CROSSING, Delivery::Input(host, input));
                }
            }
            Output::Connect { connection, remote } => self.connect((from, connection), remote),
            Output::Send { connection, octets } => self.send((from, connection), octets),
            Output::Close { connection } => self.part((from, connection), Closing::Finished),
            Output::Reset { connection } => self.part((from, connection), Closing::Reset),
        }
    }

    fn connect(&mut self, opener: End, remote: SocketAddr) {
        let (host, connection) = opener;
        let Some(listener) = self.host_at(remote) else {
            let input = Input::Closed { connection, how: Closing::Refused };
            self.push(CROSSING * 2, Delivery::Input(host, input));
            return;
        };
        self.next_port = self.next_port.wrapping_add(1).max(20_000);
        let local = SocketAddr::new(remote.ip(), self.next_port);
        self.accepted += 1;
        let acceptor = (listener, ConnectionId::accepted(self.accepted));
        self.peers.insert(opener, acceptor);
        self.peers.insert(acceptor, opener);
        self.addresses_of.insert(opener, (local, remote));
        let accepted = Input::Accepted { connection: acceptor.1, local: remote, remote: local };
        self.push(CROSSING, Delivery::Input(listener, accepted));
        self.push(CROSSING * 2, Delivery::Input(host, Input::Connected { connection, local, remote }));
    }

    fn send(&mut self, end: End, octets: Bytes) {
        if let Some((host, connection)) = self.peers.get(&end).copied() {
            // Behind the handshake, as TCP would hold it back.
            self.push(CROSSING * 3, Delivery::Input(host, Input::Received { connection, octets }));
        }
    }

    fn part(&mut self, end: End, how: Closing) {
        self.part_after(CROSSING * 3, end, how);
    }

    fn part_after(&mut self, span: Duration, end: End, how: Closing) {
        if let Some(peer) = self.peers.remove(&end) {
            self.peers.remove(&peer);
            let input = Input::Closed { connection: peer.1, how };
            self.push(span, Delivery::Input(peer.0, input));
        }
    }

    fn deliver(&mut self, delivery: Delivery) {
        match delivery {
            Delivery::Persisted(token) => self.hosted.persisted(self.now, token),
            Delivery::Input(Host::Target, input) => self.hosted.receive(self.now, input),
            Delivery::Input(Host::Actors, input) => self.arrived.push_back(LinkInput::Net(input)),
            Delivery::Input(Host::ServingCscf, input) => {
                self.transport.receive(input);
                while let Some(event) = self.transport.poll_event() {
                    match event {
                        TransportEvent::Message { message, octets, peer } => {
                            self.arrived.push_back(LinkInput::Sip { message, octets, peer });
                        }
                        TransportEvent::Malformed { octets, why, peer } => {
                            self.arrived.push_back(LinkInput::Malformed { octets, why, peer });
                        }
                        TransportEvent::Failed { .. } => {}
                    }
                }
            }
        }
    }
}
