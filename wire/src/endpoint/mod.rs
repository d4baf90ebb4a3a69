//! The SIP transport of one address: UDP and TCP on one port (RFC 3261 section 18), sans-IO.
//!
//! Octets come in as [`Input`]s and leave as [`Output`]s; in between stand whole messages and [`Peer`]s. Requests get
//! `received` and `rport` in their topmost Via on arrival (RFC 3261 section 18.2.1, RFC 3581 section 4), so that a
//! response made from them finds its way. A keep-alive on a stream is answered (RFC 5626 section 4.4.1).

mod stream;
#[cfg(test)]
mod tests;
mod via;

pub use via::response_peer;

use crate::io::{Closing, ConnectionId, Input, Output};
use crate::sip::{Message, Uri};
use bytes::Bytes;
use std::collections::{HashMap, VecDeque};
use std::hash::{DefaultHasher, Hash, Hasher};
use std::net::SocketAddr;
use stream::Stream;

/// The largest request that may go by UDP when the path MTU is unknown (RFC 3261 section 18.1.1).
const LARGEST_BY_UDP: usize = 1300;

/// The two transport protocols that every SIP element supports (RFC 3261 section 18).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Protocol {
    /// UDP.
    Udp,
    /// TCP.
    Tcp,
}

impl Protocol {
    /// The word in a Via.
    pub fn as_str(self) -> &'static str {
        match self {
            Protocol::Udp => "UDP",
            Protocol::Tcp => "TCP",
        }
    }

    /// True when the protocol itself retransmits.
    pub fn is_reliable(self) -> bool {
        self == Protocol::Tcp
    }
}

/// Whom a message came from or goes to, and how.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Peer {
    /// Its address; of a response by TCP the one to connect to when the connection is gone.
    pub address: SocketAddr,
    /// Over which protocol.
    pub protocol: Protocol,
    /// The connection, when it is to be, or was, a certain one.
    pub connection: Option<ConnectionId>,
}

/// What the owner of a transport has to know.
#[derive(Clone, Debug)]
pub enum TransportEvent {
    /// A message arrived.
    Message {
        /// The message; a request with `received` and `rport` filled in where RFC 3261 section 18.2.1 wants them.
        message: Message,
        /// The octets as they arrived.
        octets: Bytes,
        /// From whom.
        peer: Peer,
    },
    /// Something arrived that is no SIP message. If it came by TCP, the connection was closed.
    Malformed {
        /// What arrived, as far as it was read.
        octets: Bytes,
        /// What is wrong with it.
        why: String,
        /// From whom.
        peer: Peer,
    },
    /// A request that was to go by TCP for its size alone went by UDP, since TCP was refused (RFC 3261 section 18.1.1). Its
    /// transaction is to go on there: [`Layer::went_unreliably`](crate::transaction::Layer::went_unreliably).
    WentByUdp {
        /// The request as it went: its topmost Via says UDP.
        message: Message,
        /// Where it went.
        peer: Peer,
    },
    /// A peer could not be reached by TCP, or its connection broke.
    Failed {
        /// Whom, as it was named when the first of the messages was sent.
        peer: Peer,
        /// What was certainly not sent.
        messages: Vec<Message>,
    },
}

/// The transport of one SIP address.
pub struct Transport {
    local: SocketAddr,
    streams: HashMap<ConnectionId, Stream>,
    /// The connection that is used for requests to an address.
    to_address: HashMap<SocketAddr, ConnectionId>,
    next_connection: u64,
    events: VecDeque<TransportEvent>,
    output: VecDeque<Output>,
}

impl Transport {
    /// The transport of the address `local`, on which the driver has bound UDP and TCP.
    ///
    /// The connections that it opens get numbers from a range that belongs to `local`, above all small numbers: the
    /// owner may count its own connections from zero.
    pub fn new(local: SocketAddr) -> Transport {
        let mut hasher = DefaultHasher::new();
        local.hash(&mut hasher);
        Transport {
            local,
            streams: HashMap::new(),
            to_address: HashMap::new(),
            next_connection: (1 << 62) | (hasher.finish() >> 32 << 30),
            events: VecDeque::new(),
            output: VecDeque::new(),
        }
    }

    /// The address of this transport.
    pub fn local(&self) -> SocketAddr {
        self.local
    }

    /// True when this input is for this transport: a datagram to its address, or on one of its connections.
    pub fn owns(&self, input: &Input) -> bool {
        match input {
            Input::Datagram { local, .. } | Input::Accepted { local, .. } => *local == self.local,
            Input::Connected { connection, .. }
            | Input::Authenticated { connection, .. }
            | Input::Received { connection, .. }
            | Input::Closed { connection, .. } => self.streams.contains_key(connection),
        }
    }

    /// Takes an input that [`Transport::owns`].
    pub fn receive(&mut self, input: Input) {
        match input {
            Input::Datagram { remote, octets, .. } => self.receive_datagram(remote, octets),
            Input::Accepted { connection, remote, .. } => {
                self.streams.insert(connection, Stream::accepted(remote));
                self.to_address.insert(remote, connection);
            }
            Input::Connected { connection, .. } => {
                if let Some(stream) = self.streams.get_mut(&connection) {
                    stream.connected();
                }
            }
            Input::Received { connection, octets } => self.receive_octets(connection, &octets),
            Input::Closed { connection, how } => self.closed(connection, how),
            // Nobody has to prove anything here.
            Input::Authenticated { .. } => {}
        }
    }

    /// Sends a message: on its connection if that still is, else on one that leads to its address, else on a new one.
    ///
    /// A request that went by TCP only for its size goes by UDP after all when TCP is refused (RFC 3261 section
    /// 18.1.1); that it did is told by its size, and by a next hop that does not ask for TCP.
    pub fn send(&mut self, message: &Message, to: &Peer) {
        match to.protocol {
            Protocol::Udp => self.send_datagram(message, to.address),
            Protocol::Tcp => self.send_by_stream(message, to),
        }
    }

    /// The protocol for a request of this size (RFC 3261 section 18.1.1). The topmost Via has to name it.
    pub fn choose(&self, message_octets: usize, preferred: Protocol) -> Protocol {
        if message_octets > LARGEST_BY_UDP { Protocol::Tcp } else { preferred }
    }

    /// The next thing to know.
    pub fn poll_event(&mut self) -> Option<TransportEvent> {
        self.events.pop_front()
    }

    /// The next thing to be done by the driver.
    pub fn poll_output(&mut self) -> Option<Output> {
        self.output.pop_front()
    }

    fn send_datagram(&mut self, message: &Message, remote: SocketAddr) {
        self.output.push_back(Output::Datagram { local: self.local, remote, octets: message.octets().clone() });
    }

    fn send_by_stream(&mut self, message: &Message, to: &Peer) {
        let named = to.connection.filter(|connection| self.streams.contains_key(connection));
        let known = named.or_else(|| self.to_address.get(&to.address).copied());
        let connection = known.unwrap_or_else(|| self.connect(to));
        if let Some(stream) = self.streams.get_mut(&connection) {
            stream.sent(message);
        }
        self.output.push_back(Output::Send { connection, octets: message.octets().clone() });
    }

    fn connect(&mut self, to: &Peer) -> ConnectionId {
        let connection = ConnectionId::opened(self.next_connection);
        self.next_connection += 1;
        self.streams.insert(connection, Stream::opening(*to));
        self.to_address.insert(to.address, connection);
        self.output.push_back(Output::Connect { connection, remote: to.address });
        connection
    }

    fn receive_datagram(&mut self, remote: SocketAddr, octets: Bytes) {
        if octets.iter().all(|octet| matches!(octet, b'\r' | b'\n')) {
            // A keep-alive of the NAT binding; nothing to answer over UDP.
            return;
        }
        let peer = Peer { address: remote, protocol: Protocol::Udp, connection: None };
        match Message::parse(octets.clone()) {
            Ok(message) => self.arrived(message, octets, peer),
            Err(error) => self.events.push_back(TransportEvent::Malformed { octets, why: error.to_string(), peer }),
        }
    }

    fn receive_octets(&mut self, connection: ConnectionId, octets: &[u8]) {
        let Some(stream) = self.streams.get_mut(&connection) else { return };
        let peer = Peer { address: stream.remote(), protocol: Protocol::Tcp, connection: Some(connection) };
        let read = stream.receive(octets);
        for _ in 0..read.keep_alives {
            self.output.push_back(Output::Send { connection, octets: Bytes::from_static(b"\r\n") });
        }
        for message in read.messages {
            let octets = message.octets().clone();
            self.arrived(message, octets, peer);
        }
        if let Some(why) = read.fault {
            // Where the next message begins is unknown: the stream is of no more use.
            self.forget(connection);
            self.output.push_back(Output::Close { connection });
            let octets = Bytes::copy_from_slice(octets);
            self.events.push_back(TransportEvent::Malformed { octets, why, peer });
        }
    }

    fn arrived(&mut self, message: Message, octets: Bytes, peer: Peer) {
        let message = if message.is_request() { via::stamp(message, peer.address) } else { message };
        self.events.push_back(TransportEvent::Message { message, octets, peer });
    }

    fn closed(&mut self, connection: ConnectionId, how: Closing) {
        let Some(stream) = self.forget(connection) else { return };
        let mut peer = stream.peer(connection);
        let (again, lost): (Vec<Message>, Vec<Message>) =
            stream.unsent().into_iter().partition(|message| how == Closing::Refused && went_by_tcp_for_size(message));
        for message in again {
            let message = via::over(&message, Protocol::Udp);
            self.send_datagram(&message, peer.address);
            let peer = Peer { protocol: Protocol::Udp, connection: None, ..peer };
            self.events.push_back(TransportEvent::WentByUdp { message, peer });
        }
        if how == Closing::Reset {
            peer.connection = Some(connection);
        }
        if how == Closing::Reset || !lost.is_empty() {
            self.events.push_back(TransportEvent::Failed { peer, messages: lost });
        }
    }

    fn forget(&mut self, connection: ConnectionId) -> Option<Stream> {
        let stream = self.streams.remove(&connection)?;
        if self.to_address.get(&stream.remote()) == Some(&connection) {
            self.to_address.remove(&stream.remote());
        }
        Some(stream)
    }
}

/// True for a request that is over the limit and whose next hop does not ask for TCP itself.
fn went_by_tcp_for_size(message: &Message) -> bool {
    let next_hop = message.routes().next().and_then(Result::ok).map(|route| route.uri);
    let asks_for_tcp = match next_hop.or(message.request_uri()).map(Uri::parse) {
        Some(Ok(Uri::Sip(uri))) => uri.secure || uri.transport().is_some(),
        _ => false,
    };
    message.is_request() && message.octets().len() > LARGEST_BY_UDP && !asks_for_tcp
}
