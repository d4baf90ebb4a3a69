//! PDUs: octets by hand, what is refused, and what is written is read back.

use super::*;
use pretty_assertions::assert_eq;
use proptest::prelude::*;
use std::time::Duration;

const XID: Uuid = Uuid([0xA0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15]);

fn event() -> Pdu {
    let mut pdu = Pdu::of(Kind::X2, format::SIP, Direction::FromTarget, XID, Bytes::from_static(b"BYE"));
    pdu.correlation = 0x0102_0304_0506_0708;
    pdu.attributes = vec![Attribute::sequence_number(7)];
    pdu
}

#[test]
fn the_header_is_laid_out_as_the_table_says() {
    let mut expected = vec![0, 5, 0, 1, 0, 0, 0, 48, 0, 0, 0, 3, 0, 9, 0, 3];
    expected.extend_from_slice(&XID.0);
    expected.extend_from_slice(&[1, 2, 3, 4, 5, 6, 7, 8]);
    expected.extend_from_slice(&[0, 8, 0, 4, 0, 0, 0, 7]);
    expected.extend_from_slice(b"BYE");
    assert_eq!(event().to_octets(), expected);
    assert_eq!(Pdu::parse(expected.into()), Ok(event()));
}

#[test]
fn attributes_say_when_and_where() {
    let mut pdu = event();
    let time = Time::from_nanos(1_700_000_000_000_000_007);
    pdu.attributes.push(Attribute::timestamp(time));
    pdu.attributes.extend(Attribute::source("192.0.2.1:5060".parse().unwrap()));
    pdu.attributes.extend(Attribute::destination("[2001:db8::2]:2855".parse().unwrap()));
    pdu.attributes.push(Attribute::matched_target("sip:bob@example.com"));
    let pdu = Pdu::parse(pdu.to_octets()).unwrap();
    assert_eq!((pdu.sequence_number(), pdu.timestamp()), (Some(7), Some(time)));
    assert_eq!(pdu.source(), "192.0.2.1:5060".parse().ok());
    assert_eq!(pdu.destination(), "[2001:db8::2]:2855".parse().ok());
    assert_eq!(pdu.matched_target(), Some("sip:bob@example.com"));
}

#[test]
fn a_time_that_has_no_seconds_any_more_is_the_last() {
    let late = Time::ZERO + Duration::from_secs(1 << 33);
    let pdu = Pdu { attributes: vec![Attribute::timestamp(late)], ..event() };
    assert!(pdu.timestamp().unwrap() < late);
}

#[test]
fn a_keepalive_is_its_number_alone() {
    let octets = Pdu::keepalive(Kind::Keepalive, 9).to_octets();
    assert_eq!(octets.len(), HEADER_OCTETS + 8);
    assert!(octets[8..40].iter().all(|octet| *octet == 0));
    let read = Pdu::parse(octets).unwrap();
    assert_eq!((read.kind, read.sequence_number()), (Kind::Keepalive, Some(9)));
}

/// The event with one octet changed.
fn with(at: usize, octet: u8) -> Result<Pdu, PduError> {
    let mut octets = event().to_octets().to_vec();
    octets[at] = octet;
    Pdu::parse(octets.into())
}

#[test]
fn what_is_wrong_is_named() {
    assert_eq!(with(0, 5), Err(PduError::Version(5)));
    assert_eq!(with(3, 5), Err(PduError::Type(5)));
    assert_eq!(with(7, 39), Err(PduError::HeaderLength(39)));
    assert_eq!(with(4, 1), Err(PduError::HeaderLength(48 | 1 << 24)));
    assert_eq!(with(8, 2), Err(PduError::PayloadLength(3 | 2 << 24)));
    assert_eq!(with(11, 4), Err(PduError::Octets { said: 52, are: 51 }));
    assert_eq!(with(15, 6), Err(PduError::Direction(6)));
    assert_eq!(with(43, 5), Err(PduError::Attribute { at: 40 }));
    assert_eq!(with(43, 3), Err(PduError::Attribute { at: 40 }));
    assert_eq!(Pdu::parse(Bytes::from_static(&[0, 5, 0, 1])), Err(PduError::Octets { said: 40, are: 4 }));
}

#[test]
fn a_later_minor_version_and_what_it_adds_are_read() {
    assert_eq!(with(1, 6).unwrap().minor, 6);
    assert_eq!(with(13, 200).unwrap().format, 200);
    assert_eq!(with(41, 99).unwrap().attribute(99).unwrap(), &[0, 0, 0, 7][..]);
}

#[test]
fn a_stream_is_cut_where_the_lengths_say() {
    let octets = [event().to_octets(), Pdu::keepalive(Kind::KeepaliveAck, 0).to_octets()].concat();
    let mut framer = Framer::default();
    let mut found = Vec::new();
    for octet in &octets {
        framer.push(&[*octet]);
        found.extend(framer.next());
    }
    assert_eq!(found.len(), 2);
    assert_eq!((found[0].clone(), framer.waiting()), (Ok(event().to_octets()), 0));
}

#[test]
fn a_stream_of_something_else_ends_at_once() {
    let mut framer = Framer::default();
    framer.push(b"GET / HTTP/1.1\r\n");
    assert_eq!(framer.next(), Some(Err(PduError::Version(b'G'))));
    framer.push(&event().to_octets());
    assert_eq!((framer.next(), framer.waiting()), (None, 0));
}

fn kinds() -> impl Strategy<Value = Kind> {
    prop::sample::select(vec![Kind::X2, Kind::X3, Kind::Keepalive, Kind::KeepaliveAck])
}

fn directions() -> impl Strategy<Value = Direction> {
    prop::sample::select(vec![
        Direction::Reserved,
        Direction::Unknown,
        Direction::ToTarget,
        Direction::FromTarget,
        Direction::Several,
        Direction::NotApplicable,
    ])
}

fn attributes() -> impl Strategy<Value = Vec<Attribute>> {
    let other = (18u16.., prop::collection::vec(any::<u8>(), 0..40));
    let other = other.prop_map(|(kind, value)| Attribute::new(kind, value));
    let number = any::<u32>().prop_map(Attribute::sequence_number);
    prop::collection::vec(prop_oneof![other, number], 0..6)
}

proptest! {
    #[test]
    fn what_is_written_is_read_back(
        kind in kinds(),
        direction in directions(),
        format: u16,
        xid: [u8; 16],
        correlation: u64,
        attributes in attributes(),
        payload in prop::collection::vec(any::<u8>(), 0..200),
    ) {
        let payload = Bytes::from(payload);
        let pdu = Pdu { minor: MINOR, kind, format, direction, xid: Uuid(xid), correlation, attributes, payload };
        prop_assert_eq!(Pdu::parse(pdu.to_octets()), Ok(pdu));
    }

    #[test]
    fn nothing_panics(octets in prop::collection::vec(any::<u8>(), 0..120)) {
        let _ = Pdu::parse(octets.into());
    }
}
