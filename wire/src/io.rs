//! What goes in and out of a sans-IO machine: octets, connections, and nothing else.
//!
//! A host (an actor of the tester, the core of the reference) is fed [`Input`]s together with the time, and is then
//! asked for its [`Output`]s until there are none. A driver with real sockets (`net`) or a simulated network moves
//! them.

use bytes::Bytes;
use std::net::SocketAddr;
use std::sync::Arc;

/// The name of one stream connection within one host.
///
/// The host numbers the connections that it opens, the driver those that it accepts; the two ranges never meet.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ConnectionId(u64);

const ACCEPTED: u64 = 1 << 63;

impl ConnectionId {
    /// The `n`th connection that the host opens.
    pub const fn opened(n: u64) -> ConnectionId {
        ConnectionId(n & !ACCEPTED)
    }

    /// The `n`th connection that the driver accepts for the host.
    pub const fn accepted(n: u64) -> ConnectionId {
        ConnectionId(n | ACCEPTED)
    }

    /// True for a connection that a peer opened.
    pub const fn is_accepted(self) -> bool {
        self.0 & ACCEPTED != 0
    }
}

/// Why a connection is no more.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Closing {
    /// The peer finished its side in order (FIN).
    Finished,
    /// The connection was reset, or broke.
    Reset,
    /// It could not be opened: refused by the peer's host.
    Refused,
    /// It could not be opened: no route, no answer in time, or no local resources.
    Unreachable,
    /// The two ends did not prove to each other who they are (TLS).
    Unauthenticated,
}

/// What a driver tells a host.
#[allow(missing_docs, reason = "the fields are named by what they are")]
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Input {
    /// A datagram arrived at `local` from `remote`.
    Datagram { local: SocketAddr, remote: SocketAddr, octets: Bytes },
    /// A peer opened a connection to the listener at `local`.
    Accepted { connection: ConnectionId, local: SocketAddr, remote: SocketAddr },
    /// A connection that the host asked for is open; `local` is its local end.
    Connected { connection: ConnectionId, local: SocketAddr, remote: SocketAddr },
    /// The peer of a connection has proven who it is (TLS): by these names. Follows its opening at once.
    Authenticated { connection: ConnectionId, names: Vec<String> },
    /// Octets of a stream, in order, cut anywhere.
    Received { connection: ConnectionId, octets: Bytes },
    /// The connection is gone, or never came to be. Nothing follows on it.
    Closed { connection: ConnectionId, how: Closing },
}

/// What a host asks of its driver.
#[allow(missing_docs, reason = "the fields are named by what they are")]
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Output {
    /// Send a datagram from the socket bound at `local`.
    Datagram { local: SocketAddr, remote: SocketAddr, octets: Bytes },
    /// Open a connection; answered by [`Input::Connected`] or [`Input::Closed`].
    Connect { connection: ConnectionId, remote: SocketAddr },
    /// Open a connection on which both ends prove who they are (TLS), the host by the credentials of this name.
    ConnectSecured { connection: ConnectionId, remote: SocketAddr, identity: Arc<str> },
    /// Send octets on a connection, in order. Those sent before it is open wait for it.
    Send { connection: ConnectionId, octets: Bytes },
    /// Finish the connection in order, after what was sent. No [`Input::Closed`] follows.
    Close { connection: ConnectionId },
    /// Tear the connection down at once with a reset. No [`Input::Closed`] follows.
    Reset { connection: ConnectionId },
}
