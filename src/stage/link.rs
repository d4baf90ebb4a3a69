//! The link between the actors of one scenario and the target: real sockets, or a simulated network in one event loop.

use super::sockets::SocketsLink;
use super::virtual_link::VirtualLink;
use crate::actors::outbox::LinkOutput;
use crate::evidence::What;
use bytes::Bytes;
use cpm_wire::endpoint::Peer;
use cpm_wire::io;
use cpm_wire::sip;
use cpm_wire::time::Time;
use std::net::SocketAddr;

/// What the link brings.
#[derive(Debug)]
pub enum LinkInput {
    /// A SIP message of the target at the serving CSCF.
    Sip {
        /// The message, with what RFC 3261 section 18.2.1 has the receiver fill in.
        message: sip::Message,
        /// The octets as they came.
        octets: Bytes,
        /// From whom.
        peer: Peer,
    },
    /// A large request of the tester went by UDP, since the target refused TCP.
    WentByUdp {
        /// The request as it went.
        message: sip::Message,
        /// Where it went.
        peer: Peer,
    },
    /// Octets at the serving CSCF that are no SIP message.
    Malformed {
        /// The octets.
        octets: Bytes,
        /// What is wrong with them.
        why: String,
        /// From whom.
        peer: Peer,
    },
    /// Something on a connection of an actor's own.
    Net(io::Input),
    /// What an actor of the whole run saw or did on behalf of this scenario: evidence, and nothing to act on.
    Seen(What),
}

/// Datagrams that were lost, counted from the first on.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Losses {
    /// By the kernel of this machine, or by the tester.
    pub dropped: u64,
    /// By the network.
    pub network: u64,
}

/// One of the two links.
pub enum Link {
    /// The target is a process behind sockets; time is the wall clock.
    Sockets(Box<SocketsLink>),
    /// The target is the reference's core in this process; time is a number.
    Virtual(Box<VirtualLink>),
}

impl Link {
    /// The time.
    pub fn now(&self) -> Time {
        match self {
            Link::Sockets(link) => link.now(),
            Link::Virtual(link) => link.now(),
        }
    }

    /// Waits for the next input, at most until `deadline`; None when the deadline came first.
    ///
    /// On the virtual link waiting makes time pass; without a deadline it waits until the network is silent.
    pub async fn next(&mut self, deadline: Option<Time>) -> Option<LinkInput> {
        match self {
            Link::Sockets(link) => link.next(deadline).await,
            Link::Virtual(link) => link.next(deadline),
        }
    }

    /// Does what the actors want.
    pub fn perform(&mut self, output: LinkOutput) {
        match self {
            Link::Sockets(link) => link.perform(output),
            Link::Virtual(link) => link.perform(output),
        }
    }

    /// Makes a listener for an actor's own connections; `secured` where who comes has to prove who it is.
    ///
    /// # Errors
    /// When the system gives no port, or there is nothing to be shown.
    pub async fn listen(&mut self, secured: bool) -> std::io::Result<SocketAddr> {
        match self {
            Link::Sockets(link) if secured => link.listen_secured(),
            Link::Sockets(link) => link.listen().await,
            Link::Virtual(link) => Ok(link.listen()),
        }
    }

    /// How many datagrams this machine dropped, and how many the network lost. Of a real network nobody knows.
    pub fn losses(&self) -> Losses {
        match self {
            Link::Sockets(link) => Losses { dropped: link.dropped(), network: 0 },
            Link::Virtual(link) => Losses { dropped: 0, network: link.lost() },
        }
    }

    /// True when time passes by itself.
    pub fn is_live(&self) -> bool {
        matches!(self, Link::Sockets(_))
    }

    /// Lets requests to and from these identities come to this scenario.
    pub fn claim(&mut self, identities: &[String]) {
        if let Link::Sockets(link) = self {
            link.claim(identities);
        }
    }
}
