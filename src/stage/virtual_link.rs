//! The virtual link: the actors of one scenario against a core of the reference, in one deterministic event loop.
//!
//! Time is a number that the loop advances. Datagrams and streams take a fixed time to cross; a killed target drops
//! its connections and forgets everything but its store, just as a process does.

pub use super::hosted::Hosted;
use super::hosted::Wish;
use super::link::LinkInput;
use super::noise::Channel;
use super::null_targets::Tap;
use super::rewriting::{Rewriter, Variety};
use super::trial::Trial;
use crate::actors::outbox::LinkOutput;
use bytes::Bytes;
use cpm_reference::core::Addresses;
use cpm_reference::store::Token;
use cpm_wire::endpoint::{Transport, TransportEvent};
use cpm_wire::io::{Closing, ConnectionId, Input, Output};
use cpm_wire::time::Time;
use std::cmp::Reverse;
use std::collections::{BinaryHeap, HashMap, HashSet, VecDeque};
use std::net::SocketAddr;
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
    tap: Option<Tap>,
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
    noisy: Option<Channel<End>>,
    variety: Option<(Rewriter, Variety)>,
}

impl VirtualLink {
    /// The network around a reference at these addresses; the serving CSCF is at `cscf`. `seed` decides all that a trial
    /// leaves to chance.
    pub fn new(
        hosted: Hosted,
        addresses: Addresses,
        cscf: SocketAddr,
        trial: &Trial,
        scenario: &str,
        seed: u64,
    ) -> VirtualLink {
        let variety = trial.variety.clone();
        VirtualLink {
            tap: trial.tap(scenario),
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
            noisy: trial.noise.map(|noise| Channel::new(noise, seed)),
            variety: variety.map(|variety| (Rewriter::new(seed, variety.freedoms.clone()), variety)),
        }
    }

    /// How many datagrams the network has lost.
    pub(super) fn lost(&self) -> u64 {
        self.noisy.as_ref().map_or(0, Channel::lost)
    }

    pub(super) fn now(&self) -> Time {
        self.now
    }

    pub(super) fn listen(&mut self) -> SocketAddr {
        self.next_port += 1;
        let address = SocketAddr::new(self.cscf.ip(), self.next_port);
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
            let held = self.variety.as_ref().and_then(|(rewriter, _)| rewriter.poll_timeout());
            let timer = self.hosted.poll_timeout().into_iter().chain(held).min();
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
                self.variety.iter_mut().for_each(|(rewriter, _)| rewriter.handle_timeout(self.now));
            }
        }
    }

    /// The target dies on the spot: connections break, and only its store is left.
    pub fn kill_target(&mut self) {
        self.drain();
        self.variety.iter_mut().for_each(|(rewriter, _)| rewriter.end());
        self.drain();
        self.hosted.kill();
        let broken: HashMap<End, End> =
            self.peers.iter().filter(|((host, _), _)| *host == Host::Target).map(|(own, peer)| (*peer, *own)).collect();
        // What was under way on a stream that is reset is lost.
        self.queue.retain(|Reverse(due)| match &due.delivery {
            Delivery::Persisted(_) | Delivery::Input(Host::Target, _) => false,
            Delivery::Input(host, Input::Received { connection, .. }) => !broken.contains_key(&(*host, *connection)),
            Delivery::Input(..) => true,
        });
        for own in broken.into_values() {
            // A process takes longer to start again than its peers to hear that it died.
            self.part_at(self.now, own, Closing::Reset);
        }
    }

    /// The target starts again with what its store holds.
    pub fn start_target(&mut self) {
        self.hosted.start();
    }

    /// Tells a hosted client what its user does, or asks what it shows.
    pub(super) fn tell_client(&mut self, act: bool, request: &serde_json::Value) -> Result<serde_json::Value, String> {
        self.hosted.tell_client(self.now, act, request)
    }

    /// The operator of the hosted function ends a session of a user.
    pub(super) fn release(&mut self, user: &str, contribution: &str) {
        self.hosted.release(self.now, user, contribution);
        self.drain();
    }

    fn drain(&mut self) {
        loop {
            let mut idle = true;
            while let Some(output) = self.transport.poll_output() {
                idle = false;
                self.carry(Host::ServingCscf, output);
            }
            while let Some(wish) = self.hosted.poll_output(self.now) {
                idle = false;
                match wish {
                    Wish::Net(output) => {
                        self.tap.iter_mut().for_each(|tap| tap.output(&output));
                        match &mut self.variety {
                            Some((rewriter, _)) => rewriter.output(self.now, output),
                            None => self.carry(Host::Target, output),
                        }
                    }
                    Wish::Persisted(token) => self.push(WRITING, Delivery::Persisted(token)),
                }
            }
            while let Some(output) = self.variety.as_mut().and_then(|(rewriter, _)| rewriter.poll_output()) {
                idle = false;
                self.carry(Host::Target, output);
            }
            while let Some(input) = self.variety.as_mut().and_then(|(rewriter, _)| rewriter.poll_input()) {
                idle = false;
                self.hosted.receive(self.now, input);
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

    fn push_at(&mut self, at: Time, delivery: Delivery) {
        self.push(at.since(self.now), delivery);
    }

    /// The noise between two hosts: the tester's own traffic crosses no network.
    fn noise_between(&mut self, one: Host, other: Host) -> Option<&mut Channel<End>> {
        let crosses = (one == Host::Target) != (other == Host::Target);
        self.noisy.as_mut().filter(|_| crosses)
    }

    fn host_at(&self, address: SocketAddr) -> Option<Host> {
        if address == self.cscf {
            Some(Host::ServingCscf)
        } else if [Some(self.addresses.sip), Some(self.addresses.msrp), self.addresses.x1].contains(&Some(address)) {
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
                    let noise = self.noise_between(from, host);
                    for span in noise.map_or_else(|| vec![CROSSING], Channel::datagram) {
                        self.push(span, Delivery::Input(host, input.clone()));
                    }
                }
            }
            Output::Connect { connection, remote } => self.connect((from, connection), remote, None),
            Output::ConnectSecured { connection, remote, identity } => {
                self.connect((from, connection), remote, Some(&identity));
            }
            Output::Send { connection, octets } => self.send((from, connection), octets),
            Output::Close { connection } => self.part((from, connection), Closing::Finished),
            Output::Reset { connection } => self.part((from, connection), Closing::Reset),
        }
    }

    /// Opens a connection; with TLS, which is not played here, the name of each end comes with it.
    fn connect(&mut self, opener: End, remote: SocketAddr, identity: Option<&str>) {
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
        let connected = Input::Connected { connection, local, remote };
        let now = self.now;
        let (there, back) = match self.noise_between(host, listener) {
            None => (now + CROSSING, now + CROSSING * 2),
            Some(noise) => noise.handshake(now, opener, acceptor),
        };
        self.push_at(there, Delivery::Input(listener, accepted));
        if let Some(identity) = identity {
            let names = vec![identity.to_owned()];
            let authenticated = Input::Authenticated { connection: acceptor.1, names };
            self.push_at(there, Delivery::Input(listener, authenticated));
        }
        self.push_at(back, Delivery::Input(host, connected));
        if identity.is_some() {
            let authenticated = Input::Authenticated { connection, names: vec![remote.to_string()] };
            self.push_at(back, Delivery::Input(host, authenticated));
        }
    }

    fn send(&mut self, end: End, octets: Bytes) {
        if let Some(peer) = self.peers.get(&end).copied() {
            let at = self.streamed(end, peer);
            let noise = self.noise_between(end.0, peer.0);
            for octets in noise.map_or_else(|| vec![octets.clone()], |noise| noise.pieces(peer, octets.clone())) {
                self.push_at(at, Delivery::Input(peer.0, Input::Received { connection: peer.1, octets }));
            }
        }
    }

    fn part(&mut self, end: End, how: Closing) {
        if let Some(peer) = self.peers.get(&end).copied() {
            let at = self.streamed(end, peer);
            self.part_at(at, end, how);
        }
    }

    fn part_at(&mut self, at: Time, end: End, how: Closing) {
        if let Some(peer) = self.peers.remove(&end) {
            self.peers.remove(&peer);
            let input = Input::Closed { connection: peer.1, how };
            self.push_at(at, Delivery::Input(peer.0, input));
        }
    }

    /// When what is sent now on a stream arrives at its other end.
    fn streamed(&mut self, from: End, to: End) -> Time {
        let now = self.now;
        match self.noise_between(from.0, to.0) {
            // Behind the handshake, as TCP would hold it back.
            None => now + CROSSING * 3,
            Some(noise) => noise.stream(now, to),
        }
    }

    fn deliver(&mut self, delivery: Delivery) {
        match delivery {
            Delivery::Persisted(token) => self.hosted.persisted(self.now, token),
            Delivery::Input(Host::Target, input) => {
                self.tap.iter_mut().for_each(|tap| tap.input(&input));
                match &mut self.variety {
                    Some((rewriter, _)) => {
                        rewriter.input(self.now, input);
                        while let Some(input) = rewriter.poll_input() {
                            self.hosted.receive(self.now, input);
                        }
                    }
                    None => self.hosted.receive(self.now, input),
                }
            }
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
                        TransportEvent::WentByUdp { message, peer } => {
                            self.arrived.push_back(LinkInput::WentByUdp { message, peer });
                        }
                        TransportEvent::Failed { .. } => {}
                    }
                }
            }
        }
    }
}

impl Drop for VirtualLink {
    fn drop(&mut self) {
        if let Some((rewriter, variety)) = &self.variety {
            variety.count(&rewriter.used());
        }
    }
}
