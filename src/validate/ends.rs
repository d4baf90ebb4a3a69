//! Who speaks to whom. A rule knows two ends of a hop; a capture shows addresses.
//!
//! A hop is a pair of hosts. Of two hosts the ends are told apart by their addresses. Where both are one host, as on
//! loopback, the ports tell them apart; the ephemeral port of a connection goes by the port at which its owner says, in the Via
//! of its requests, that it can be reached.

use std::collections::HashMap;
use std::net::SocketAddr;

use bytes::Bytes;
use cpm_wire::sip::Message;

use crate::evidence::{Direction, Transport};
use crate::verdict::Blame;

/// So many ephemeral ports are remembered.
const PORTS: usize = 65_536;

/// The two ends of a hop, in an order that does not depend on who speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) struct Hop(pub(super) SocketAddr, pub(super) SocketAddr);

/// Tells ends apart.
#[derive(Debug, Default)]
pub(super) struct Ends {
    /// The addresses of the element under test, if it was named.
    target: Vec<SocketAddr>,
    /// The port at which the owner of an ephemeral one can be reached.
    reached_at: HashMap<SocketAddr, u16>,
}

/// Who made a message, in the words of evidence: `Received` from the element under test, or from the second end of the hop.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Heading {
    pub hop: Hop,
    pub direction: Direction,
    /// Whether the far end is the element under test.
    pub far_is_target: bool,
}

impl Ends {
    pub fn new(target: Vec<SocketAddr>) -> Ends {
        Ends { target, reached_at: HashMap::new() }
    }

    /// A request of this sender over a stream says where it can be reached.
    pub fn learn(&mut self, source: SocketAddr, destination: SocketAddr, transport: Transport, message: &[u8]) {
        if transport != Transport::Tcp || source.ip() != destination.ip() || self.reached_at.contains_key(&source) {
            return;
        }
        if self.reached_at.len() >= PORTS {
            self.reached_at.clear();
        }
        if let Some(port) = sent_by(message) {
            self.reached_at.insert(source, port);
        }
    }

    /// Whether a finding of this hop is about somebody who is under test: everybody when nobody was named.
    pub fn judges(&self, heading: Heading, blame: Blame) -> bool {
        self.target.is_empty() || heading.far_is_target && blame == Blame::Target
    }

    /// Which hop, and which way.
    pub fn heading(&self, source: SocketAddr, destination: SocketAddr) -> Heading {
        let one_host = source.ip() == destination.ip();
        let end = |address: SocketAddr| match one_host {
            true => SocketAddr::new(address.ip(), self.reached_at.get(&address).copied().unwrap_or(address.port())),
            false => SocketAddr::new(address.ip(), 0),
        };
        let (from, to) = (end(source), end(destination));
        let (first, second) = if from <= to { (from, to) } else { (to, from) };
        // On a host of its own the element under test is known whatever its port.
        let under_test = |end: &SocketAddr| match one_host {
            true => self.target.contains(end),
            false => self.target.iter().any(|target| target.ip() == end.ip()),
        };
        let far = if under_test(&first) && !under_test(&second) { first } else { second };
        let direction = if from == far { Direction::Received } else { Direction::Sent };
        Heading { hop: Hop(first, second), direction, far_is_target: under_test(&far) }
    }
}

/// The port of the topmost Via of a request, 5060 where it names none.
fn sent_by(message: &[u8]) -> Option<u16> {
    let message = Message::parse(Bytes::copy_from_slice(message)).ok().filter(Message::is_request)?;
    Some(message.via().ok()?.port.unwrap_or(5060))
}

#[cfg(test)]
mod tests {
    use super::*;
    use pretty_assertions::assert_eq;

    fn address(text: &str) -> SocketAddr {
        text.parse().unwrap()
    }

    #[test]
    fn the_two_directions_of_a_hop_are_one_hop_whatever_the_ports() {
        let ends = Ends::new(Vec::new());
        let there = ends.heading(address("192.0.2.1:40000"), address("192.0.2.2:5060"));
        let back = ends.heading(address("192.0.2.2:51000"), address("192.0.2.1:5060"));
        assert_eq!(there.hop, back.hop);
        assert_ne!(there.direction, back.direction);
    }

    #[test]
    fn the_element_under_test_is_the_far_end() {
        let (one, other) = (address("192.0.2.1:5060"), address("192.0.2.2:5060"));
        for (target, direction) in [("192.0.2.1:5080", Direction::Received), ("192.0.2.2:5060", Direction::Sent)] {
            let ends = Ends::new(vec![address(target)]);
            let heading = ends.heading(one, other);
            assert_eq!(heading.direction, direction);
            assert!(ends.judges(heading, Blame::Target) && !ends.judges(heading, Blame::Harness));
        }
        let elsewhere = Ends::new(vec![address("192.0.2.9:5060")]);
        assert!(!elsewhere.judges(elsewhere.heading(one, other), Blame::Target));
        let (server, client) = (address("127.0.0.1:5070"), address("127.0.0.1:5060"));
        let on_one_host = Ends::new(vec![server]);
        assert_eq!(on_one_host.heading(server, client).direction, Direction::Received);
        assert_eq!(on_one_host.heading(client, server).direction, Direction::Sent);
    }

    #[test]
    fn on_one_host_an_ephemeral_port_goes_by_the_port_in_its_via() {
        let mut ends = Ends::new(Vec::new());
        let (client, server, other) =
            (address("127.0.0.1:40000"), address("127.0.0.1:5070"), address("127.0.0.1:50000"));
        let request = b"OPTIONS sip:a SIP/2.0\r\nVia: SIP/2.0/TCP 127.0.0.1:5060;branch=z9hG4bKa\r\n\r\n";
        ends.learn(client, server, Transport::Tcp, request);
        let back = b"OPTIONS sip:a SIP/2.0\r\nv: SIP/2.0/TCP 127.0.0.1:5070;branch=z9hG4bKb\r\n\r\n";
        ends.learn(other, address("127.0.0.1:5060"), Transport::Tcp, back);
        let there = ends.heading(client, server);
        let back = ends.heading(other, address("127.0.0.1:5060"));
        assert_eq!(there.hop, back.hop);
        assert_ne!(there.direction, back.direction);
    }

    #[test]
    fn a_via_without_a_port_means_5060() {
        let request = |via: &str| format!("OPTIONS sip:a SIP/2.0\r\nVia: SIP/2.0/TCP {via};branch=z9hG4bKa\r\n\r\n");
        assert_eq!(sent_by(request("[2001:db8::1]").as_bytes()), Some(5060));
        assert_eq!(sent_by(request("[2001:db8::1]:5080").as_bytes()), Some(5080));
        assert_eq!(sent_by(request("host").as_bytes()), Some(5060));
        assert_eq!(sent_by(request("\r\n\t192.0.2.1:5070 ").as_bytes()), Some(5070));
        assert_eq!(sent_by(b"SIP/2.0 200 OK\r\nVia: SIP/2.0/TCP a:1\r\n\r\n"), None);
    }
}
