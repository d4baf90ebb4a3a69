//! What the actors of a scenario want done: octets moved by the link, and lines for the evidence.

use crate::evidence::{Connection, ConnectionWhat, Direction, Event, Octets, Protocol, Transport, What};
use crate::secrets::Blotter;
use bytes::Bytes;
use cpm_wire::endpoint::Peer;
use cpm_wire::io;
use cpm_wire::sip;
use std::collections::{HashMap, VecDeque};
use std::net::SocketAddr;
use std::sync::Arc;

/// What the link is asked to do.
#[derive(Clone, Debug)]
pub enum LinkOutput {
    /// A SIP message leaves the socket of the serving CSCF.
    Sip {
        /// The message.
        message: sip::Message,
        /// Where it goes.
        peer: Peer,
    },
    /// Something else: connections of an actor's own.
    Net(io::Output),
}

/// One stream as an actor sees it.
#[derive(Clone, Debug)]
pub struct Stream {
    /// Whose it is.
    pub actor: Arc<str>,
    /// What is spoken on it.
    pub protocol: Protocol,
    /// Its number in the evidence.
    pub number: u64,
    /// The tester's end.
    pub local: SocketAddr,
    /// The target's end.
    pub remote: SocketAddr,
}

/// Collects the wishes of the actors until the stage takes them.
#[derive(Debug, Default)]
pub struct Outbox {
    link: VecDeque<LinkOutput>,
    evidence: VecDeque<What>,
    /// What keeps secrets out of the evidence, for each connection on which some are told.
    blotters: HashMap<u64, Blotter>,
}

impl Outbox {
    /// The next thing for the link.
    pub fn next_output(&mut self) -> Option<LinkOutput> {
        self.link.pop_front()
    }

    /// The next line for the evidence.
    pub fn next_evidence(&mut self) -> Option<What> {
        self.evidence.pop_front()
    }

    /// Sends a SIP message, and records it, with what is deliberately wrong with it.
    pub fn sip(&mut self, local: SocketAddr, message: sip::Message, peer: Peer, malformed: Option<String>) {
        let transport = match peer.protocol {
            cpm_wire::endpoint::Protocol::Udp => Transport::Udp,
            cpm_wire::endpoint::Protocol::Tcp => Transport::Tcp,
        };
        self.evidence.push_back(What::Octets(Octets {
            actor: "serving_cscf".into(),
            step: 0,
            protocol: Protocol::Sip,
            transport,
            direction: Direction::Sent,
            local,
            remote: peer.address,
            connection: None,
            octets: message.octets().clone(),
            malformed,
        }));
        self.link.push_back(LinkOutput::Sip { message, peer });
    }

    /// Sends octets on a stream, and records them.
    pub fn stream(&mut self, stream: &Stream, connection: io::ConnectionId, octets: Bytes, malformed: Option<String>) {
        if let Some(blotter) = self.blotters.get_mut(&stream.number) {
            blotter.answered(&octets);
        }
        self.evidence.push_back(stream_octets(stream, Direction::Sent, octets.clone(), malformed));
        self.link.push_back(LinkOutput::Net(io::Output::Send { connection, octets }));
    }

    /// Asks the link for something that leaves no octets.
    pub fn net(&mut self, output: io::Output) {
        self.link.push_back(LinkOutput::Net(output));
    }

    /// Records octets that came in on a stream, without the secrets in them.
    pub fn received(&mut self, stream: &Stream, octets: Bytes) {
        let blotter = match stream.protocol {
            Protocol::Imap => Some(self.blotters.entry(stream.number).or_insert_with(Blotter::imap)),
            Protocol::Http => Some(self.blotters.entry(stream.number).or_insert_with(Blotter::http)),
            _ => None,
        };
        let octets = match blotter {
            Some(blotter) => blotter.came(octets),
            None => octets,
        };
        self.evidence.push_back(stream_octets(stream, Direction::Received, octets, None));
    }

    /// Records what became of a connection.
    pub fn connection(&mut self, stream: &Stream, what: ConnectionWhat) {
        let what = What::Connection(Connection {
            actor: stream.actor.clone(),
            step: 0,
            connection: stream.number,
            local: stream.local,
            remote: stream.remote,
            what,
        });
        if what.ends_connection() {
            self.blotters.remove(&stream.number);
        }
        self.evidence.push_back(what);
    }

    /// Records an event of the tester.
    pub fn event(&mut self, event: Event) {
        self.evidence.push_back(What::Event(event));
    }
}

fn stream_octets(stream: &Stream, direction: Direction, octets: Bytes, malformed: Option<String>) -> What {
    What::Octets(Octets {
        actor: stream.actor.clone(),
        step: 0,
        protocol: stream.protocol,
        transport: Transport::Tcp,
        direction,
        local: stream.local,
        remote: stream.remote,
        connection: Some(stream.number),
        octets,
        malformed,
    })
}
