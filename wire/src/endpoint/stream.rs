//! One TCP connection of a transport: what was read of it, and what waits until it is open.

use super::{Peer, Protocol};
use crate::io::ConnectionId;
use crate::sip::Message;
use crate::sip::stream::{Frame, Framer};
use std::net::SocketAddr;

pub(super) struct Stream {
    remote: SocketAddr,
    framer: Framer,
    state: State,
}

enum State {
    /// Being opened for this peer; these messages wait for it.
    Opening {
        peer: Peer,
        unsent: Vec<Message>,
    },
    Open,
}

/// What a piece of the stream contained.
#[derive(Default)]
pub(super) struct Read {
    pub(super) messages: Vec<Message>,
    pub(super) keep_alives: usize,
    /// Why the stream cannot be read any further.
    pub(super) fault: Option<String>,
}

impl Stream {
    pub(super) fn accepted(remote: SocketAddr) -> Stream {
        Stream { remote, framer: Framer::default(), state: State::Open }
    }

    pub(super) fn opening(peer: Peer) -> Stream {
        Stream { remote: peer.address, framer: Framer::default(), state: State::Opening { peer, unsent: Vec::new() } }
    }

    pub(super) fn connected(&mut self) {
        self.state = State::Open;
    }

    pub(super) fn remote(&self) -> SocketAddr {
        self.remote
    }

    /// The peer as the owner named it, or as it named itself by connecting.
    pub(super) fn peer(&self, connection: ConnectionId) -> Peer {
        match &self.state {
            State::Opening { peer, .. } => *peer,
            State::Open => Peer { address: self.remote, protocol: Protocol::Tcp, connection: Some(connection) },
        }
    }

    /// Remembers a message for as long as the connection is not open.
    pub(super) fn sent(&mut self, message: &Message) {
        if let State::Opening { unsent, .. } = &mut self.state {
            unsent.push(message.clone());
        }
    }

    pub(super) fn unsent(self) -> Vec<Message> {
        match self.state {
            State::Opening { unsent, .. } => unsent,
            State::Open => Vec::new(),
        }
    }

    pub(super) fn receive(&mut self, octets: &[u8]) -> Read {
        let mut read = Read::default();
        self.framer.push(octets);
        while let Some(frame) = self.framer.next() {
            match frame {
                Ok(Frame::Message(message)) => read.messages.push(message),
                Ok(Frame::KeepAlive) => read.keep_alives += 1,
                Ok(Frame::Pong) => {}
                Err(error) => {
                    read.fault = Some(error.to_string());
                    break;
                }
            }
        }
        read
    }
}
