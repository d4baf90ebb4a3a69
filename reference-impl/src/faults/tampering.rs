//! The place between a core and its network where a fault does its mischief.

use super::passage::{Passage, Piece, Way};
use super::scene::Scene;
use crate::client;
use crate::config::Config;
use crate::store::{Contents, Write};
use bytes::Bytes;
use cpm_wire::io::{ConnectionId, Input, Output};
use cpm_wire::time::Time;
use cpm_wire::x2x3::Pdu;
use cpm_wire::{diameter, msrp, sip};
use std::collections::{HashMap, VecDeque};
use std::net::SocketAddr;
use std::time::Duration;

/// What becomes of a message.
#[derive(Clone, Debug, Default)]
pub(super) enum Fate {
    /// It passes.
    #[default]
    Pass,
    /// These octets pass in its place; none for a message that is lost.
    Instead(Vec<Bytes>),
    /// It is lost, and whoever sent it gets this answer.
    Answered(Bytes),
    /// It passes, and these octets go the same way after it, each after its time.
    Followed(Vec<(Duration, Bytes)>),
    /// It passes after a while; what comes behind it does not wait.
    Later(Duration),
    /// It passes, and these octets go the other way.
    Replied(Vec<Bytes>),
    /// Whoever sent it gets this answer at once, and it passes after a while.
    Overtaken(Bytes, Duration),
}

impl Fate {
    /// The message is lost.
    pub(super) const LOST: Fate = Fate::Instead(Vec::new());

    /// Other octets pass.
    pub(super) fn altered(octets: impl Into<Bytes>) -> Fate {
        Fate::Instead(vec![octets.into()])
    }
}

/// What becomes of writes.
pub(super) enum Saving {
    /// They are made, and the core hears when.
    Now(Vec<Write>),
    /// The core hears at once that they are made; they are made after so long.
    Later(Duration, Vec<Write>),
}

/// One fault at work. Whatever it does not care about passes.
pub(super) trait Mischief: Send {
    /// What the participating function is told to do.
    fn configure(&self, _config: &mut Config) {}

    /// What the client is told to do.
    fn configure_client(&self, _config: &mut client::Config) {}

    /// What the participating function finds in its store.
    fn restore(&self, _contents: &mut Contents) {}

    /// A SIP message passes.
    fn sip(&mut self, _scene: &Scene, _way: Way, _message: &sip::Message) -> Fate {
        Fate::Pass
    }

    /// An MSRP message passes.
    fn msrp(&mut self, _scene: &Scene, _way: Way, _message: &msrp::Message) -> Fate {
        Fate::Pass
    }

    /// A message of Diameter passes.
    fn diameter(&mut self, _scene: &Scene, _way: Way, _message: &diameter::Message) -> Fate {
        Fate::Pass
    }

    /// Something that was intercepted is handed over.
    fn handed_over(&mut self, _pdu: &Pdu) -> Fate {
        Fate::Pass
    }

    /// A peer has proven to bear these names; the core is told others, or the same.
    fn names(&mut self, names: Vec<String>) -> Vec<String> {
        names
    }

    /// Octets that are none of these pass on a connection; others may pass in their place.
    fn other(&mut self, _connection: ConnectionId, _way: Way, octets: Bytes) -> Bytes {
        octets
    }

    /// Something is to be written.
    fn persist(&mut self, writes: Vec<Write>) -> Saving {
        Saving::Now(writes)
    }

    /// Whether a wish of the client's user is heard.
    fn acts(&mut self, _request: &client::control::Request) -> bool {
        true
    }

    /// What the client does by itself, as if its user wished it: before what has just come is heard, or after what has just
    /// gone out.
    fn wishes(&mut self) -> Option<client::control::Request> {
        None
    }

    /// What the client's user sees.
    fn shows(&mut self, shown: client::control::Shown) -> client::control::Shown {
        shown
    }
}

/// How octets go on.
#[derive(Clone, Copy, Debug)]
enum Road {
    Datagram { local: SocketAddr, remote: SocketAddr },
    Stream(ConnectionId),
}

/// A fault between a core and the network.
pub(super) struct Tampering {
    /// The fault.
    pub mischief: Box<dyn Mischief>,
    scene: Scene,
    streams: HashMap<(ConnectionId, bool), Passage>,
    inputs: VecDeque<Input>,
    outputs: VecDeque<Output>,
    late: Vec<(Time, Way, Road, Bytes)>,
}

impl Tampering {
    /// A fault that has done nothing yet.
    pub(super) fn new(mischief: Box<dyn Mischief>) -> Tampering {
        Tampering {
            mischief,
            scene: Scene::default(),
            streams: HashMap::new(),
            inputs: VecDeque::new(),
            outputs: VecDeque::new(),
            late: Vec::new(),
        }
    }

    /// Something comes from the network.
    pub(super) fn input(&mut self, now: Time, input: Input) {
        self.scene.now = now;
        match input {
            Input::Datagram { local, remote, octets } => self.datagram(Way::In, local, remote, octets),
            Input::Received { connection, octets } => self.stream(Way::In, connection, octets),
            Input::Authenticated { connection, names } => {
                let names = self.mischief.names(names);
                self.inputs.push_back(Input::Authenticated { connection, names });
            }
            other => {
                if let Input::Closed { connection, .. } = other {
                    self.forget(connection);
                }
                self.inputs.push_back(other);
            }
        }
    }

    /// Something comes from the core.
    pub(super) fn output(&mut self, now: Time, output: Output) {
        self.scene.now = now;
        match output {
            Output::Datagram { local, remote, octets } => self.datagram(Way::Out, local, remote, octets),
            Output::Send { connection, octets } => self.stream(Way::Out, connection, octets),
            other => {
                if let Output::Close { connection } | Output::Reset { connection } = other {
                    self.forget(connection);
                }
                self.outputs.push_back(other);
            }
        }
    }

    /// The next thing for the core.
    pub(super) fn poll_input(&mut self) -> Option<Input> {
        self.inputs.pop_front()
    }

    /// The next thing for the network.
    pub(super) fn poll_output(&mut self) -> Option<Output> {
        self.outputs.pop_front()
    }

    /// When something is due that was held back.
    pub(super) fn poll_timeout(&self) -> Option<Time> {
        self.late.iter().map(|(due, ..)| *due).min()
    }

    /// Lets pass what is due.
    pub(super) fn handle_timeout(&mut self, now: Time) {
        self.scene.now = now;
        let (due, late): (Vec<_>, Vec<_>) =
            std::mem::take(&mut self.late).into_iter().partition(|(due, ..)| *due <= now);
        self.late = late;
        due.into_iter().for_each(|(_, way, road, octets)| self.go(way, road, octets));
    }

    fn forget(&mut self, connection: ConnectionId) {
        self.streams.remove(&(connection, true));
        self.streams.remove(&(connection, false));
    }

    fn datagram(&mut self, way: Way, local: SocketAddr, remote: SocketAddr, octets: Bytes) {
        let piece = match sip::Message::parse(octets.clone()) {
            Ok(message) => Piece::Sip(message),
            Err(_) => Piece::Other(octets),
        };
        self.piece(way, Road::Datagram { local, remote }, piece);
    }

    fn stream(&mut self, way: Way, connection: ConnectionId, octets: Bytes) {
        let passage = self.streams.entry((connection, way == Way::In)).or_default();
        for piece in passage.take(octets) {
            self.piece(way, Road::Stream(connection), piece);
        }
    }

    fn piece(&mut self, way: Way, road: Road, piece: Piece) {
        match piece {
            Piece::Sip(message) => {
                self.scene.watch(way, &message);
                let fate = self.mischief.sip(&self.scene, way, &message);
                self.meet(way, road, message.octets().clone(), fate);
            }
            Piece::Msrp(message) => {
                let fate = self.mischief.msrp(&self.scene, way, &message);
                self.meet(way, road, message.octets().clone(), fate);
            }
            Piece::Diameter(message) => {
                let fate = self.mischief.diameter(&self.scene, way, &message);
                self.meet(way, road, message.octets().clone(), fate);
            }
            Piece::HandedOver(octets) => {
                let fate = match Pdu::parse(octets.clone()) {
                    Ok(pdu) if way == Way::Out => self.mischief.handed_over(&pdu),
                    _ => Fate::Pass,
                };
                self.meet(way, road, octets, fate);
            }
            Piece::Other(octets) => {
                let octets = match road {
                    Road::Stream(connection) => self.mischief.other(connection, way, octets),
                    Road::Datagram { .. } => octets,
                };
                self.go(way, road, octets);
            }
        }
    }

    fn meet(&mut self, way: Way, road: Road, octets: Bytes, fate: Fate) {
        match fate {
            Fate::Pass => self.go(way, road, octets),
            Fate::Instead(others) => others.into_iter().for_each(|octets| self.go(way, road, octets)),
            Fate::Answered(answer) => self.go(way.back(), road, answer),
            Fate::Followed(others) => {
                self.go(way, road, octets);
                let now = self.scene.now;
                self.late.extend(others.into_iter().map(|(span, octets)| (now + span, way, road, octets)));
            }
            Fate::Replied(others) => {
                self.go(way, road, octets);
                others.into_iter().for_each(|octets| self.go(way.back(), road, octets));
            }
            Fate::Later(span) => self.late.push((self.scene.now + span, way, road, octets)),
            Fate::Overtaken(answer, span) => {
                self.go(way.back(), road, answer);
                self.late.push((self.scene.now + span, way, road, octets));
            }
        }
    }

    fn go(&mut self, way: Way, road: Road, octets: Bytes) {
        match (way, road) {
            (Way::In, Road::Datagram { local, remote }) => {
                self.inputs.push_back(Input::Datagram { local, remote, octets })
            }
            (Way::In, Road::Stream(connection)) => self.inputs.push_back(Input::Received { connection, octets }),
            (Way::Out, Road::Datagram { local, remote }) => {
                self.outputs.push_back(Output::Datagram { local, remote, octets });
            }
            (Way::Out, Road::Stream(connection)) => self.outputs.push_back(Output::Send { connection, octets }),
        }
    }
}

#[cfg(test)]
mod tests;
