//! What crossed the tester's sockets while it looked: its own requests and the answers to them, what the target asked, and what
//! became of connections.

use std::net::SocketAddr;

use cpm_wire::sip::{Message, Method, Name, identity_key};

use super::meaning::Answer;
use crate::evidence::{Connection, ConnectionWhat, Direction, Octets, Protocol, What};

/// All that was seen so far, in its order.
#[derive(Debug, Default)]
pub(super) struct Record {
    /// Requests of the tester, each once.
    pub sent: Vec<Message>,
    /// SIP messages that came, and from where.
    pub came: Vec<(Message, SocketAddr)>,
    /// Requests that did not leave.
    pub unsent: Vec<Message>,
    /// What became of connections other than those of SIP.
    pub connections: Vec<Connection>,
    /// What was said on them.
    pub octets: Vec<Octets>,
}

impl Record {
    /// Keeps what an actor saw or did.
    pub(super) fn keep(&mut self, what: What) {
        match what {
            What::Octets(octets) if octets.protocol == Protocol::Sip => {
                let Ok(message) = Message::parse(octets.octets) else { return };
                if message.is_request() && !self.sent.iter().any(|own| same_transaction(own, &message)) {
                    self.sent.push(message);
                }
            }
            What::Octets(octets) => self.octets.push(octets),
            What::Connection(connection) => self.connections.push(connection),
            What::Event(_) => {}
        }
    }

    /// What came of a request, and the final response.
    pub(super) fn answer(&self, request: &Message) -> (Answer, Option<Message>) {
        let of = |own: &&(Message, SocketAddr)| {
            let answers = !own.0.is_request() && same_transaction(&own.0, request);
            answers && own.0.status().is_some_and(|status| status >= 200)
        };
        if let Some((message, from)) = self.came.iter().find(of) {
            let (status, reason) = (message.status().unwrap_or_default(), message.reason().to_owned());
            return (Answer::Final { status, reason, from: *from }, Some(message.clone()));
        }
        let unsent = self.unsent.iter().any(|own| same_transaction(own, request));
        (if unsent { Answer::Unsent } else { Answer::Silent }, None)
    }

    /// The first request of the target with this method that is such a one.
    pub(super) fn asked(&self, method: &Method, which: impl Fn(&Message) -> bool) -> Option<&(Message, SocketAddr)> {
        self.came.iter().find(|(message, _)| message.is_request() && message.method() == *method && which(message))
    }

    /// From where the first connection came that the target opened to an actor whose name begins so.
    pub(super) fn accepted(&self, actor: &str) -> Option<SocketAddr> {
        let of = self.connections.iter().filter(|own| own.actor.starts_with(actor));
        of.filter(|own| own.what == ConnectionWhat::Accepted).map(|own| own.remote).next()
    }

    /// Where the first connection of such an actor was to lead that did not come to be.
    pub(super) fn failed(&self, actor: &str) -> Option<SocketAddr> {
        let broken = |what| matches!(what, ConnectionWhat::Refused | ConnectionWhat::Unreachable);
        let of = self.connections.iter().filter(|own| own.actor.starts_with(actor));
        of.filter(|own| broken(own.what)).map(|own| own.remote).next()
    }

    /// Where the first connection leads that the tester opened for such an actor.
    pub(super) fn opened(&self, actor: &str) -> Option<SocketAddr> {
        let of = self.connections.iter().filter(|own| own.actor.starts_with(actor));
        of.filter(|own| own.what == ConnectionWhat::Opened).map(|own| own.remote).next()
    }

    /// What the target said to such an actor, as text.
    pub(super) fn heard(&self, actor: &str) -> String {
        let of = self.octets.iter().filter(|own| own.actor.starts_with(actor) && own.direction == Direction::Received);
        of.map(|own| String::from_utf8_lossy(&own.octets).into_owned()).collect()
    }
}

fn same_transaction(one: &Message, other: &Message) -> bool {
    one.header(&Name::CallId) == other.header(&Name::CallId) && one.header(&Name::CSeq) == other.header(&Name::CSeq)
}

/// Whether a request goes to this identity, or is to pass it.
pub(super) fn is_for(message: &Message, identity: &str) -> bool {
    let key = identity_key(identity);
    let routes = message.routes().filter_map(Result::ok).any(|route| identity_key(route.uri) == key);
    routes || message.request_uri().is_some_and(|uri| identity_key(uri) == key)
}
