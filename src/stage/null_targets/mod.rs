//! Targets that are none: elements that store nothing, deliver nothing and report nothing of their own. No scenario may pass
//! against any of them, or its checks prove nothing.
//!
//! They speak octets, sans-IO, as the references do. Where a client stands, they register as a client has to, since a client
//! that never comes is judged in nothing; the rest is what their name says.

mod answers;
mod forwarding;
mod random;
mod replay;
mod serve;
#[cfg(test)]
mod tests;

pub(super) use replay::Tap;
pub use replay::{Recording, Recordings};
pub use serve::{Place, serve};

use crate::actors::ids::Ids;
use cpm_reference::core::Addresses;
use cpm_wire::endpoint::{Peer, Transport, TransportEvent, response_peer};
use cpm_wire::io::{ConnectionId, Input, Output};
use cpm_wire::msrp;
use cpm_wire::sip::{Message, Method};
use random::Random;
use std::collections::{HashMap, VecDeque};
use std::net::SocketAddr;

/// One of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NullTarget {
    /// Takes everything and says nothing.
    Silent,
    /// Sends everything back as it came.
    Echo,
    /// Says 200 to every request.
    Always200,
    /// Says 486 to every request.
    Always486,
    /// Says 500 to every request.
    Always500,
    /// Speaks valid SIP and MSRP without sense.
    Random,
    /// Sends what a good reference sent in another run of the same scenario.
    Replay,
    /// A proxy that keeps nothing.
    Forwarding,
}

impl NullTarget {
    /// All of them.
    pub const ALL: [NullTarget; 8] = [
        NullTarget::Silent,
        NullTarget::Echo,
        NullTarget::Always200,
        NullTarget::Always486,
        NullTarget::Always500,
        NullTarget::Random,
        NullTarget::Replay,
        NullTarget::Forwarding,
    ];

    /// Its name.
    pub const fn as_str(self) -> &'static str {
        match self {
            NullTarget::Silent => "silent",
            NullTarget::Echo => "echo",
            NullTarget::Always200 => "always-200",
            NullTarget::Always486 => "always-486",
            NullTarget::Always500 => "always-500",
            NullTarget::Random => "valid-but-random",
            NullTarget::Replay => "replays-another-call",
            NullTarget::Forwarding => "forwards-and-forgets",
        }
    }

    /// Whether it registers where a client stands.
    pub const fn registers(self) -> bool {
        !matches!(self, NullTarget::Silent)
    }

    /// What it does, for people.
    pub const fn what(self) -> &'static str {
        match self {
            NullTarget::Silent => "Takes everything and says nothing",
            NullTarget::Echo => "Sends everything back as it came",
            NullTarget::Always200 => "Says 200 to every request, accepts every session and every message in it",
            NullTarget::Always486 => "Says 486 to every request",
            NullTarget::Always500 => "Says 500 to every request",
            NullTarget::Random => "Answers at random, sends requests and messages at random, all of them valid",
            NullTarget::Replay => {
                "Sends, octet for octet, what a good reference sent in another run of the same scenario"
            }
            NullTarget::Forwarding => {
                "Forwards as a proxy does and keeps nothing; as a client, takes everything and shows nothing"
            }
        }
    }
}

/// A target that is none, at work.
pub struct Null {
    kind: NullTarget,
    addresses: Addresses,
    sip: Transport,
    /// The streams of MSRP.
    media: HashMap<ConnectionId, msrp::Framer>,
    random: Random,
    replay: replay::Replay,
    /// Where requests go that name no address.
    serving_cscf: SocketAddr,
    /// True where a client stands: nobody is behind it to forward to.
    is_client: bool,
    outputs: VecDeque<Output>,
}

impl Null {
    /// One at these addresses. `seed` decides what it leaves to chance; `recording` is what it replays, if it does.
    pub fn new(
        kind: NullTarget,
        addresses: Addresses,
        serving_cscf: SocketAddr,
        is_client: bool,
        seed: u64,
        recording: Recording,
    ) -> Null {
        Null {
            kind,
            addresses,
            sip: Transport::new(addresses.sip),
            media: HashMap::new(),
            random: Random::new(Ids::new("random", seed)),
            replay: replay::Replay::new(recording),
            serving_cscf,
            is_client,
            outputs: VecDeque::new(),
        }
    }

    /// Takes one input.
    pub fn handle_input(&mut self, input: Input) {
        match self.kind {
            NullTarget::Silent => {}
            NullTarget::Echo => self.outputs.extend(answers::echo(input)),
            NullTarget::Replay => self.outputs.extend(self.replay.input(&input)),
            _ if self.sip.owns(&input) => {
                self.sip.receive(input);
                while let Some(event) = self.sip.poll_event() {
                    if let TransportEvent::Message { message, peer, .. } = event {
                        self.sip_message(&message, peer);
                    }
                }
            }
            _ => self.media(input),
        }
    }

    /// The next output.
    pub fn poll_output(&mut self) -> Option<Output> {
        self.sip.poll_output().or_else(|| self.outputs.pop_front())
    }

    fn sip_message(&mut self, message: &Message, peer: Peer) {
        if self.kind == NullTarget::Forwarding && !self.is_client {
            if let Some((message, peer)) = forwarding::forward(message, peer, self.addresses.sip, self.serving_cscf) {
                self.sip.send(&message, &peer);
            }
            return;
        }
        if !message.is_request() {
            return self.random_step(Some(message), peer);
        }
        if message.method() != Method::Ack {
            let back = response_peer(message, &peer);
            let status = match self.kind {
                NullTarget::Always486 => 486,
                NullTarget::Always500 => 500,
                NullTarget::Random => self.random.status(message),
                _ => 200,
            };
            self.sip.send(&answers::answer(message, status, self.addresses), &back);
        }
        self.random_step(Some(message), peer);
    }

    /// What the random one does after something came: requests of its own, and messages on sessions that it knows.
    fn random_step(&mut self, message: Option<&Message>, peer: Peer) {
        if self.kind != NullTarget::Random {
            return;
        }
        if let Some(message) = message {
            for (request, peer) in self.random.requests(message, peer, self.addresses) {
                self.sip.send(&request, &peer);
            }
        }
    }

    fn media(&mut self, input: Input) {
        match input {
            Input::Accepted { connection, .. } => {
                self.media.insert(connection, msrp::Framer::default());
            }
            Input::Closed { connection, .. } => {
                self.media.remove(&connection);
            }
            Input::Received { connection, octets } => {
                let Some(framer) = self.media.get_mut(&connection) else { return };
                framer.push(octets);
                let came: Vec<msrp::Message> = std::iter::from_fn(|| framer.next()).filter_map(Result::ok).collect();
                for message in &came {
                    self.msrp_message(connection, message);
                }
            }
            Input::Connected { .. } | Input::Authenticated { .. } | Input::Datagram { .. } => {}
        }
    }

    fn msrp_message(&mut self, connection: ConnectionId, message: &msrp::Message) {
        let status = match self.kind {
            NullTarget::Always486 => 403,
            NullTarget::Always500 => 501,
            NullTarget::Random => self.random.msrp_status(),
            _ => 200,
        };
        let mut replies: Vec<_> = msrp::refusal(message, status).into_iter().collect();
        if self.kind == NullTarget::Random {
            replies.extend(self.random.messages(message));
        }
        self.outputs.extend(replies.into_iter().map(|octets| Output::Send { connection, octets }));
    }
}
