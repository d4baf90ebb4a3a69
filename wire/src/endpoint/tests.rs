//! The transport of one address, octets in and octets out.

use super::*;
use crate::sip::Name;

const LOCAL: &str = "192.0.2.10:5060";
const REMOTE: &str = "192.0.2.20:5070";

fn address(text: &str) -> SocketAddr {
    text.parse().unwrap()
}

fn peer(text: &str, protocol: Protocol) -> Peer {
    Peer { address: address(text), protocol, connection: None }
}

fn request(via: &str, octets: usize) -> Message {
    let text = format!(
        "MESSAGE sip:bob@192.0.2.20 SIP/2.0\r\nVia: {via}\r\nVia: SIP/2.0/UDP upstream;branch=z9hG4bKup;rport\r\n\
         From: <sip:a@b>;tag=a\r\nTo: <sip:bob@b>\r\nCall-ID: c\r\nCSeq: 1 MESSAGE\r\nMax-Forwards: 70\r\n\
         Content-Length: {octets}\r\n\r\n{}",
        "x".repeat(octets)
    );
    Message::parse(Bytes::from(text)).unwrap()
}

fn plain() -> Message {
    request("SIP/2.0/TCP 192.0.2.10;branch=z9hG4bK1", 0)
}

fn outputs(transport: &mut Transport) -> Vec<Output> {
    std::iter::from_fn(|| transport.poll_output()).collect()
}

fn datagram(octets: impl Into<Bytes>) -> Input {
    Input::Datagram { local: address(LOCAL), remote: address(REMOTE), octets: octets.into() }
}

/// The message that a transport makes of one that arrives as a datagram from `REMOTE`.
fn arrived(message: &Message) -> Message {
    let mut transport = Transport::new(address(LOCAL));
    transport.receive(datagram(message.octets().clone()));
    match transport.poll_event() {
        Some(TransportEvent::Message { message: seen, octets, peer: from }) => {
            assert_eq!(octets, message.octets(), "the octets on the wire stay known");
            assert_eq!(from, peer(REMOTE, Protocol::Udp));
            seen
        }
        other => panic!("{other:?}"),
    }
}

fn accepted(transport: &mut Transport) -> ConnectionId {
    let connection = ConnectionId::accepted(3);
    transport.receive(Input::Accepted { connection, local: address(LOCAL), remote: address(REMOTE) });
    connection
}

/// Sends by TCP to `REMOTE` and gives the connection that this opens.
fn opened(transport: &mut Transport, message: &Message) -> ConnectionId {
    transport.send(message, &peer(REMOTE, Protocol::Tcp));
    match outputs(transport).as_slice() {
        [Output::Connect { connection, remote }, Output::Send { connection: on, octets }] => {
            assert_eq!((connection, *remote, octets), (on, address(REMOTE), message.octets()));
            *connection
        }
        other => panic!("{other:?}"),
    }
}

#[test]
fn the_via_tells_where_a_request_really_came_from() {
    for (via, stamped) in [
        ("SIP/2.0/UDP 192.0.2.20:5070;branch=z9hG4bK1", "SIP/2.0/UDP 192.0.2.20:5070;branch=z9hG4bK1"),
        ("SIP/2.0/UDP host;branch=z9hG4bK1", "SIP/2.0/UDP host;branch=z9hG4bK1;received=192.0.2.20"),
        ("SIP/2.0/UDP 10.0.0.1:9;x;branch=z9hG4bK1", "SIP/2.0/UDP 10.0.0.1:9;x;branch=z9hG4bK1;received=192.0.2.20"),
        (
            "SIP/2.0/UDP 192.0.2.20;rport;branch=z9hG4bK1",
            "SIP/2.0/UDP 192.0.2.20;branch=z9hG4bK1;received=192.0.2.20;rport=5070",
        ),
        (
            "SIP/2.0/UDP host;received=203.0.113.9;rport=1;branch=z9hG4bK1",
            "SIP/2.0/UDP host;branch=z9hG4bK1;received=192.0.2.20;rport=5070",
        ),
    ] {
        let message = arrived(&request(via, 3));
        let vias: Vec<&str> = message.values(&Name::Via).collect();
        assert_eq!(vias, [stamped, "SIP/2.0/UDP upstream;branch=z9hG4bKup;rport"]);
        assert_eq!(message.body(), b"xxx");
    }
    let response = crate::sip::Builder::response(&plain(), 200, "OK").build();
    assert_eq!(arrived(&response).octets(), response.octets(), "a response is left alone");
}

#[test]
fn an_ipv6_via_of_the_source_itself_is_left_alone() {
    let mut transport = Transport::new(address("[2001:db8::1]:5060"));
    let message = request("SIP/2.0/UDP [2001:DB8:0::2];branch=z9hG4bK1", 0);
    let remote = address("[2001:db8::2]:5060");
    transport.receive(Input::Datagram { local: transport.local(), remote, octets: message.octets().clone() });
    let Some(TransportEvent::Message { message: seen, .. }) = transport.poll_event() else { panic!() };
    assert_eq!(seen.octets(), message.octets());
}

#[test]
fn responses_over_udp_go_to_maddr_or_rport_or_the_port_of_the_via() {
    let came_from = peer(REMOTE, Protocol::Udp);
    for (via, goes_to) in [
        ("SIP/2.0/UDP 192.0.2.20;branch=z9hG4bK1", "192.0.2.20:5060"),
        ("SIP/2.0/UDP host:5099;branch=z9hG4bK1", "192.0.2.20:5099"),
        ("SIP/2.0/UDP host:5099;rport;branch=z9hG4bK1", REMOTE),
        ("SIP/2.0/UDP host:5099;maddr=192.0.2.99;rport;branch=z9hG4bK1", "192.0.2.99:5099"),
        ("SIP/2.0/UDP host;maddr=192.0.2.99;branch=z9hG4bK1", "192.0.2.99:5060"),
    ] {
        assert_eq!(response_peer(&arrived(&request(via, 0)), &came_from), peer(goes_to, Protocol::Udp), "{via}");
    }
}

#[test]
fn responses_over_tcp_go_back_on_the_connection_and_to_the_port_of_the_via_when_it_is_gone() {
    let mut transport = Transport::new(address(LOCAL));
    let connection = accepted(&mut transport);
    let request = request("SIP/2.0/TCP 192.0.2.20:5062;branch=z9hG4bK1", 0);
    transport.receive(Input::Received { connection, octets: request.octets().clone() });
    let Some(TransportEvent::Message { message, peer: from, .. }) = transport.poll_event() else { panic!() };
    assert_eq!(from, Peer { connection: Some(connection), ..peer(REMOTE, Protocol::Tcp) });
    let back = response_peer(&message, &from);
    assert_eq!(back, Peer { connection: Some(connection), ..peer("192.0.2.20:5062", Protocol::Tcp) });
    let response = crate::sip::Builder::response(&message, 200, "OK").build();
    transport.send(&response, &back);
    assert_eq!(outputs(&mut transport), [Output::Send { connection, octets: response.octets().clone() }]);
    transport.receive(Input::Closed { connection, how: Closing::Finished });
    assert!(transport.poll_event().is_none(), "an orderly end is no failure");
    transport.send(&response, &back);
    let sent = outputs(&mut transport);
    assert!(matches!(sent[0], Output::Connect { remote, .. } if remote == address("192.0.2.20:5062")), "{sent:?}");
}

#[test]
fn datagrams_are_sent_from_the_own_address_and_keep_alives_ignored() {
    let mut transport = Transport::new(address(LOCAL));
    transport.send(&plain(), &peer(REMOTE, Protocol::Udp));
    let (local, remote, octets) = (address(LOCAL), address(REMOTE), plain().octets().clone());
    assert_eq!(outputs(&mut transport), [Output::Datagram { local, remote, octets }]);
    transport.receive(datagram("\r\n\r\n"));
    transport.receive(datagram(""));
    assert!(transport.poll_event().is_none() && transport.poll_output().is_none());
}

#[test]
fn a_datagram_that_is_no_sip_is_told_with_its_octets() {
    let mut transport = Transport::new(address(LOCAL));
    transport.receive(datagram("nonsense\r\n\r\n"));
    let Some(TransportEvent::Malformed { octets, why, peer: from }) = transport.poll_event() else { panic!() };
    assert_eq!((octets, from), (Bytes::from("nonsense\r\n\r\n"), peer(REMOTE, Protocol::Udp)));
    assert!(!why.is_empty());
}

#[test]
fn only_own_inputs_are_taken() {
    let mut transport = Transport::new(address(LOCAL));
    let other = address("192.0.2.10:5061");
    let (local, remote) = (address(LOCAL), address(REMOTE));
    let foreign = ConnectionId::opened(0);
    assert!(transport.owns(&datagram("x")));
    assert!(!transport.owns(&Input::Datagram { local: other, remote, octets: Bytes::new() }));
    assert!(transport.owns(&Input::Accepted { connection: foreign, local, remote }));
    assert!(!transport.owns(&Input::Accepted { connection: foreign, local: other, remote }));
    let connection = opened(&mut transport, &plain());
    assert!(transport.owns(&Input::Connected { connection, local, remote }));
    assert!(!transport.owns(&Input::Connected { connection: foreign, local, remote }));
    transport.receive(Input::Closed { connection, how: Closing::Refused });
    assert!(!transport.owns(&Input::Received { connection, octets: Bytes::new() }), "it is gone");
}

#[test]
fn two_transports_of_one_host_never_share_a_connection_number() {
    let (mut one, mut two) = (Transport::new(address(LOCAL)), Transport::new(address("192.0.2.11:5060")));
    let (a, b) = (opened(&mut one, &plain()), opened(&mut two, &plain()));
    assert_ne!(a, b);
    assert!(a > ConnectionId::opened(1 << 61) && !a.is_accepted());
}

#[test]
fn a_second_request_uses_the_connection_that_leads_there() {
    let mut transport = Transport::new(address(LOCAL));
    let connection = opened(&mut transport, &plain());
    transport.receive(Input::Connected { connection, local: address(LOCAL), remote: address(REMOTE) });
    transport.send(&plain(), &peer(REMOTE, Protocol::Tcp));
    assert_eq!(outputs(&mut transport), [Output::Send { connection, octets: plain().octets().clone() }]);
}

#[test]
fn streams_are_framed_and_keep_alives_answered() {
    let mut transport = Transport::new(address(LOCAL));
    let connection = accepted(&mut transport);
    let both = Bytes::from(
        [plain().octets().as_ref(), b"\r\n\r\n", request("SIP/2.0/TCP h;branch=z9hG4bK2", 40).octets()].concat(),
    );
    for octet in both.chunks(7) {
        transport.receive(Input::Received { connection, octets: Bytes::copy_from_slice(octet) });
    }
    let methods: Vec<_> = std::iter::from_fn(|| transport.poll_event()).collect();
    assert_eq!(methods.len(), 2, "{methods:?}");
    assert_eq!(outputs(&mut transport), [Output::Send { connection, octets: Bytes::from("\r\n") }]);
}

#[test]
fn a_stream_that_cannot_be_read_is_closed() {
    let mut transport = Transport::new(address(LOCAL));
    let connection = accepted(&mut transport);
    let octets = Bytes::from("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
    transport.receive(Input::Received { connection, octets: octets.clone() });
    let Some(TransportEvent::Malformed { octets: seen, peer: from, .. }) = transport.poll_event() else { panic!() };
    assert_eq!((seen, from.connection), (octets, Some(connection)));
    assert_eq!(outputs(&mut transport), [Output::Close { connection }]);
}

#[test]
fn a_peer_that_refuses_tcp_is_a_failure_with_what_was_not_sent() {
    let mut transport = Transport::new(address(LOCAL));
    let connection = opened(&mut transport, &plain());
    transport.send(&request("SIP/2.0/TCP 192.0.2.10;branch=z9hG4bK2", 9), &peer(REMOTE, Protocol::Tcp));
    outputs(&mut transport);
    transport.receive(Input::Closed { connection, how: Closing::Refused });
    let Some(TransportEvent::Failed { peer: failed, messages }) = transport.poll_event() else { panic!() };
    assert_eq!((failed, messages.len()), (peer(REMOTE, Protocol::Tcp), 2));
    assert!(outputs(&mut transport).is_empty());
    opened(&mut transport, &plain());
}

#[test]
fn a_connection_that_breaks_is_a_failure_and_the_next_request_opens_another() {
    let mut transport = Transport::new(address(LOCAL));
    let connection = opened(&mut transport, &plain());
    transport.receive(Input::Connected { connection, local: address(LOCAL), remote: address(REMOTE) });
    transport.receive(Input::Closed { connection, how: Closing::Reset });
    let Some(TransportEvent::Failed { peer: failed, messages }) = transport.poll_event() else { panic!() };
    assert_eq!((failed.connection, messages.len()), (Some(connection), 0));
    assert_ne!(opened(&mut transport, &plain()), connection);
}

#[test]
fn size_decides_over_the_preferred_protocol() {
    let transport = Transport::new(address(LOCAL));
    assert_eq!(transport.choose(1300, Protocol::Udp), Protocol::Udp);
    assert_eq!(transport.choose(1301, Protocol::Udp), Protocol::Tcp);
    assert_eq!(transport.choose(200, Protocol::Tcp), Protocol::Tcp);
}

#[test]
fn a_request_that_went_by_tcp_for_its_size_goes_by_udp_when_tcp_is_refused() {
    let mut transport = Transport::new(address(LOCAL));
    let large = request("SIP/2.0/TCP 192.0.2.10:5060;branch=z9hG4bK9;rport", 1300);
    let connection = opened(&mut transport, &large);
    transport.receive(Input::Closed { connection, how: Closing::Refused });
    let Some(Output::Datagram { remote, octets, .. }) = transport.poll_output() else { panic!("no datagram") };
    assert_eq!(remote, address(REMOTE));
    let sent = Message::parse(octets).unwrap();
    assert_eq!(sent.values(&Name::Via).next(), Some("SIP/2.0/UDP 192.0.2.10:5060;branch=z9hG4bK9;rport"));
    assert_eq!(sent.body().len(), 1300);
    let Some(TransportEvent::WentByUdp { message, peer: to }) = transport.poll_event() else { panic!("nobody knows") };
    assert_eq!((message.octets(), to), (sent.octets(), peer(REMOTE, Protocol::Udp)));
    assert!(transport.poll_event().is_none(), "nothing has failed");
}

#[test]
fn a_request_whose_next_hop_asks_for_tcp_never_goes_by_udp() {
    for route in ["<sip:p.example.com;transport=tcp;lr>", "<sips:p.example.com;lr>"] {
        let mut transport = Transport::new(address(LOCAL));
        let large = request("SIP/2.0/TCP 192.0.2.10;branch=z9hG4bK9", 1300);
        let large = large.edit().append(Name::Route, route).finish();
        let connection = opened(&mut transport, &large);
        transport.receive(Input::Closed { connection, how: Closing::Refused });
        assert!(transport.poll_output().is_none());
        assert!(matches!(transport.poll_event(), Some(TransportEvent::Failed { .. })));
    }
}
