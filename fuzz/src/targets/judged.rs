//! Judges: the base rules over whole conversations and single bodies, and the validator over a lone file.

use std::net::SocketAddr;
use std::sync::Arc;

use bytes::Bytes;
use cpm_conformance::evidence::{Connection, ConnectionWhat, Direction, Octets, Protocol, Record, Transport, What};
use cpm_conformance::report::style::Style;
use cpm_conformance::rules::base::{Checker, Judged};
use cpm_conformance::validate::{self, Input, Options, Shown};
use cpm_conformance::verdict::Finding;
use cpm_wire::time::Time;

use super::scratch;

/// What stands between the records of a conversation. The octet after it says what the next one is.
const BETWEEN: &[u8] = b"\n%%%";

/// A conversation: what is found lies within the record that it speaks of, is bounded, and comes again from the same
/// records. A record begins with a letter: `s` SIP over UDP, `t` SIP over TCP, `m` and `n` MSRP on two connections, `d`
/// Diameter, `e` the end of the connections; a capital for what the tester sends.
pub fn conversation(octets: &[u8]) {
    let records = records(octets);
    let length = |record: &Record| match &record.what {
        What::Octets(octets) => octets.octets.len(),
        _ => 0,
    };
    let live = found(|| Checker::new(Judged::Both), &records);
    assert!(live.len() <= 200);
    for finding in &live {
        let record = finding.frame.and_then(|frame| records.get(usize::try_from(frame).ok()?.checked_sub(1)?));
        lies_within(finding, record.map_or(0, length));
    }
    // In a capture the place is one in the message, which may reach over several packets.
    let all = records.iter().map(length).sum();
    for finding in found(Checker::of_capture, &records) {
        lies_within(&finding, all);
    }
}

fn lies_within(finding: &Finding, length: usize) {
    let (start, end) = finding.octets.unwrap_or_default();
    assert!(start <= end && end <= length, "{finding:?} lies outside of {length} octets");
}

fn found(checker: impl Fn() -> Checker, records: &[Record]) -> Vec<Finding> {
    let once = |mut checker: Checker| -> Vec<Finding> {
        (1..).zip(records).flat_map(|(frame, record)| checker.observe(frame, record)).collect()
    };
    let findings = once(checker());
    assert_eq!(once(checker()), findings);
    findings
}

fn records(octets: &[u8]) -> Vec<Record> {
    let mut records = Vec::new();
    let mut rest = octets;
    while let Some((kind, after)) = rest.split_first() {
        let end = after.windows(BETWEEN.len()).position(|window| window == BETWEEN);
        let (piece, next) = after.split_at(end.unwrap_or(after.len()));
        rest = next.get(BETWEEN.len()..).unwrap_or_default();
        records.push(Record { at: Time::from_nanos(1_000_000 * records.len() as u64), what: what(*kind, piece) });
    }
    records
}

fn what(kind: u8, piece: &[u8]) -> What {
    let direction = if kind.is_ascii_uppercase() { Direction::Sent } else { Direction::Received };
    let (protocol, transport, connection) = match kind.to_ascii_lowercase() {
        b't' => (Protocol::Sip, Transport::Tcp, Some(1)),
        b'm' => (Protocol::Msrp, Transport::Tcp, Some(2)),
        b'n' => (Protocol::Msrp, Transport::Tcp, Some(3)),
        b'd' => (Protocol::Diameter, Transport::Tcp, Some(4)),
        b'e' => return ended(direction, u64::from(piece.first().copied().unwrap_or_default() % 4) + 1),
        _ => (Protocol::Sip, Transport::Udp, None),
    };
    let octets = Bytes::copy_from_slice(piece);
    record(protocol, transport, direction, connection, octets)
}

fn ends() -> (SocketAddr, SocketAddr) {
    (SocketAddr::from(([192, 0, 2, 1], 5060)), SocketAddr::from(([192, 0, 2, 2], 5060)))
}

fn record(
    protocol: Protocol,
    transport: Transport,
    direction: Direction,
    connection: Option<u64>,
    octets: Bytes,
) -> What {
    let (local, remote) = ends();
    let actor = Arc::from("serving_cscf");
    What::Octets(Octets {
        actor,
        step: 0,
        protocol,
        transport,
        direction,
        local,
        remote,
        connection,
        octets,
        malformed: None,
    })
}

fn ended(direction: Direction, connection: u64) -> What {
    let (local, remote) = ends();
    let what = ConnectionWhat::Finished { by_target: direction == Direction::Received };
    What::Connection(Connection { actor: Arc::from("serving_cscf"), step: 0, connection, local, remote, what })
}

/// A body in a request: its first line is the Content-Type.
pub fn body(octets: &[u8]) {
    let feed = octets.iter().position(|octet| *octet == b'\n').unwrap_or(octets.len());
    let (kind, body) = octets.split_at(feed);
    let body = body.get(1..).unwrap_or_default();
    let length = format!("\r\nContent-Length: {}\r\n\r\n", body.len());
    alone(&[REQUEST, b"Content-Type: ", kind, length.as_bytes(), body].concat());
}

/// A header of a request, and the same in a response: the forms of all values are judged.
pub fn header(octets: &[u8]) {
    alone(&[REQUEST, octets, b"\r\nContent-Length: 0\r\n\r\n"].concat());
    let status = b"SIP/2.0 401 Unauthorized\r\n";
    let fields = REQUEST.splitn(2, |octet| *octet == b'\n').nth(1).unwrap_or_default();
    alone(&[status, fields, octets, b"\r\nContent-Length: 0\r\n\r\n"].concat());
}

const REQUEST: &[u8] = b"MESSAGE sip:bob@home.example SIP/2.0\r\n\
    Via: SIP/2.0/UDP 192.0.2.2:5060;branch=z9hG4bK1\r\n\
    Max-Forwards: 70\r\n\
    From: <sip:alice@home.example>;tag=1\r\n\
    To: <sip:bob@home.example>\r\n\
    Call-ID: 1@home.example\r\n\
    CSeq: 1 MESSAGE\r\n";

fn alone(message: &[u8]) {
    let octets = Bytes::copy_from_slice(message);
    let what = record(Protocol::Sip, Transport::Udp, Direction::Received, None, octets);
    for finding in found(Checker::of_capture, &[Record { at: Time::ZERO, what }]) {
        lies_within(&finding, message.len());
    }
}

/// A lone file before the validator, and what it says of it in each form. JSON stays JSON.
pub fn lone_file(octets: &[u8]) {
    let file = scratch::file("message", octets);
    let validated = [validate::validate(&Input::File(file), &Options::default())];
    assert!(validated[0].findings.iter().all(|found| found.octets.is_none_or(|(start, end)| start <= end)));
    for shown in [Shown::Findings, Shown::Summary] {
        assert!(!validate::text(&validated, shown, Style::PLAIN).is_empty());
    }
    assert!(validate::json(&validated).is_object() && validate::sarif(&validated).is_object());
}
