//! MSRP between one pair of hosts, described by SIP between another one.

use std::net::SocketAddr;

use bytes::Bytes;
use cpm_wire::time::Time;
use pretty_assertions::assert_eq;

use super::super::hops::Hops;
use super::super::notes::Notes;
use super::super::relay;
use super::*;
use crate::capture::{Octets, Protocol, Transport};
use crate::rules::base::Reader;

const OFFER: &str = "v=0\r\no=bob 1 1 IN IP4 198.51.100.2\r\ns=-\r\nc=IN IP4 198.51.100.2\r\nt=0 0\r\n\
    m=message 2855 TCP/MSRP *\r\na=path:msrp://198.51.100.2:2855/b;tcp\r\na=setup:actpass\r\n\
    a=accept-types:message/cpim text/plain\r\na=max-size:100\r\n";

fn seen(protocol: Protocol, ends: [&str; 2], text: &str) -> Octets {
    let [source, destination] = ends.map(|end| end.parse::<SocketAddr>().unwrap());
    let transport = if protocol == Protocol::Sip { Transport::Udp } else { Transport::Tcp };
    let connection = (transport == Transport::Tcp).then_some(1);
    let octets = Bytes::from(text.to_owned());
    Octets { frame: 0, at: Time::ZERO, source, destination, transport, protocol, connection, octets }
}

fn invite(ends: [&str; 2], description: &str) -> Octets {
    let text = format!(
        "INVITE sip:alice@home.example SIP/2.0\r\nVia: SIP/2.0/UDP 192.0.2.20:5060;branch=z9hG4bKi1\r\nMax-Forwards: 70\r\n\
         From: <sip:bob@home.example>;tag=b1\r\nTo: <sip:alice@home.example>\r\nCall-ID: c1@192.0.2.20\r\nCSeq: 1 INVITE\r\n\
         Contact: <sip:bob@192.0.2.20>\r\nContent-Type: application/sdp\r\nContent-Length: {}\r\n\r\n{description}",
        description.len()
    );
    seen(Protocol::Sip, ends, &text)
}

const SIP: [&str; 2] = ["192.0.2.20:5060", "192.0.2.30:5060"];
const MSRP: [&str; 2] = ["198.51.100.1:40000", "198.51.100.2:2855"];

fn send(kind: &str) -> String {
    format!(
        "MSRP a786hjs2 SEND\r\nTo-Path: msrp://198.51.100.2:2855/b;tcp\r\nFrom-Path: msrp://198.51.100.1:2855/a;tcp\r\n\
         Message-ID: 87652491\r\nByte-Range: 1-2/2\r\nContent-Type: {kind}\r\n\r\nHi\r\n-------a786hjs2$\r\n"
    )
}

fn found(all: &[Octets]) -> Vec<Found> {
    let options = Options::default();
    let mut notes = Notes::new("x".to_owned(), &options);
    let mut hops = Hops::new(&options);
    for (frame, octets) in (1..).zip(all) {
        let octets = Octets { frame, ..octets.clone() };
        relay::one(&octets, &mut Reader::default(), |alone| hops.octets(&octets, alone, &mut notes, |_| None));
    }
    hops.close(&mut notes, Time::ZERO);
    notes.validated.findings
}

fn rules(all: &[Octets]) -> Vec<String> {
    found(all).into_iter().map(|found| found.rule).collect()
}

#[test]
fn what_was_described_on_one_hop_is_held_against_another() {
    let wrong = || seen(Protocol::Msrp, MSRP, &send("image/png"));
    assert_eq!(rules(&[invite(SIP, OFFER), wrong()]), ["base.msrp.accept_types"]);
    assert_eq!(rules(&[invite(SIP, OFFER), seen(Protocol::Msrp, MSRP, &send("text/plain"))]), Vec::<String>::new());
    let long = send("text/plain").replace("1-2/2", "1-*/200").replace("js2$", "js2+");
    assert_eq!(rules(&[invite(SIP, OFFER), seen(Protocol::Msrp, MSRP, &long)]), ["base.msrp.max_size"]);
    // Nobody has said anything, or not of this session.
    assert_eq!(rules(&[wrong()]), Vec::<String>::new());
    assert_eq!(rules(&[invite(SIP, &OFFER.replace("2855/b", "2855/c")), wrong()]), Vec::<String>::new());
}

#[test]
fn what_two_hops_describe_otherwise_is_held_to_neither() {
    let further = ["192.0.2.30:5060", "192.0.2.40:5060"];
    let other = invite(further, &OFFER.replace("text/plain", "image/*").replace("a=max-size:100\r\n", ""));
    let long = send("image/png").replace("1-2/2", "1-*/200").replace("js2$", "js2+");
    assert_eq!(rules(&[invite(SIP, OFFER), other, seen(Protocol::Msrp, MSRP, &long)]), Vec::<String>::new());
}

#[test]
fn a_message_of_several_packets_is_shown_whole() {
    let message = send("text/plain").replace("Byte-Range: 1-2/2", "Byte-Range: 1-3/3");
    let first = "MSRP z786hjs2 REPORT\r\nTo-Path: msrp://198.51.100.2:2855/b;tcp\r\n";
    let rest = "From-Path: msrp://198.51.100.1:2855/a;tcp\r\nMessage-ID: 1234\r\nByte-Range: 1-2/2\r\nStatus: 000 200 OK\r\n\
                -------z786hjs2$\r\n";
    for cut in [1, 30, 150, message.len() - 3] {
        let pieces = [first, &format!("{rest}{}", &message[..cut]), &message[cut..]];
        let all = pieces.map(|piece| seen(Protocol::Msrp, MSRP, piece));
        let found = found(&all);
        let [found] = found.as_slice() else { panic!("{cut}: {found:#?}") };
        let excerpt = found.excerpt.as_ref().unwrap();
        assert_eq!((found.rule.as_str(), found.frame), ("base.msrp.byte_range", 2));
        assert_eq!((excerpt.title.as_str(), excerpt.line.as_str()), ("MSRP a786hjs2 SEND", "Byte-Range: 1-3/3"));
        let (start, end) = found.octets.unwrap();
        assert_eq!(&message[start..end], "1-3/3");
    }
}
