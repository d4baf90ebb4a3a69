//! What a capture shows.

use std::collections::VecDeque;
use std::net::SocketAddr;

use bytes::Bytes;
use cpm_wire::time::Time;

use super::tally::Tally;
use super::tls::KeyLog;

/// What a capture shows, in the order of its packets. Only what stood behind a hole in a TCP stream comes later, with the
/// frame and the time at which it was captured.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Seen {
    /// Octets of a protocol.
    Octets(Octets),
    /// A TCP connection came to be, or ended.
    Connection(Connection),
    /// Octets of a TCP stream are not in the capture. What follows in that direction begins with a message.
    Lost(Lost),
}

/// The protocol of octets.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Protocol {
    /// RFC 3261: one datagram as a whole, or one message of a stream, without the empty lines before it. What looks like a
    /// message and is none is handed over as well.
    Sip,
    /// RFC 4975: a piece of a stream, cut anywhere; the pieces of one connection and one direction in order make the
    /// stream.
    Msrp,
    /// RFC 6733 over TCP: one message.
    Diameter,
}

/// The transport below it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Transport {
    /// Datagrams.
    Udp,
    /// A stream.
    Tcp,
}

/// A message, or a piece of a stream.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Octets {
    /// The number of the packet, from 1, that completed it.
    pub frame: u64,
    /// When that packet was captured.
    pub at: Time,
    /// Who sent it.
    pub source: SocketAddr,
    /// To whom.
    pub destination: SocketAddr,
    /// Over what.
    pub transport: Transport,
    /// What is spoken.
    pub protocol: Protocol,
    /// Which connection, for TCP: counted from 1, and never used again in a file.
    pub connection: Option<u64>,
    /// The octets themselves, which share their memory with some others at most: to be copied by who keeps them for long.
    pub octets: Bytes,
}

/// What became of a connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ConnectionWhat {
    /// The source has opened it. Missing when the capture begins later.
    Opened,
    /// The source has refused it.
    Refused,
    /// The source has ended it in order (FIN): it sends nothing any more.
    Finished,
    /// The source has torn it down (RST).
    Reset,
}

/// A TCP connection came to be, or ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Connection {
    /// The packet that did it.
    pub frame: u64,
    /// When.
    pub at: Time,
    /// Which connection.
    pub connection: u64,
    /// Who did it.
    pub source: SocketAddr,
    /// The other end.
    pub destination: SocketAddr,
    /// What was done.
    pub what: ConnectionWhat,
}

/// Octets of a stream that are not in the capture.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Lost {
    /// The packet that follows what is missing, or is cut short itself.
    pub frame: u64,
    /// When it was captured.
    pub at: Time,
    /// Which connection.
    pub connection: u64,
    /// Who sent what is missing.
    pub source: SocketAddr,
    /// To whom.
    pub destination: SocketAddr,
    /// How much is missing, 0 when that cannot be known.
    pub octets: u64,
}

/// When and where in the file something was captured.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Moment {
    pub frame: u64,
    pub at: Time,
}

/// Where findings go until they are asked for, and what those who make them share.
#[derive(Debug, Default)]
pub(super) struct Output {
    /// The secrets of connections over TLS.
    pub secrets: KeyLog,
    pub seen: VecDeque<Seen>,
    pub tally: Tally,
}
