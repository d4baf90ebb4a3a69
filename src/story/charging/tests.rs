//! Requests for charging, octet by octet (RFC 6733 sections 3 and 4, TS 32.299 section 7.2), and what is read in them.

use super::*;
use crate::evidence::{Protocol, Transport};
use pretty_assertions::assert_eq;

/// ACR, EVENT_RECORD 0 of `pf.example.com;7;1`: Bob is charged for a MESSAGE of Alice under `icid-1`, as the terminating side.
const ACR: &str = "\
    0100018cc000010f000000030000001100000022000001074000001a70662e6578616d706c652e636f6d3b373b310000\
    000001084000001670662e6578616d706c652e636f6d000000000128400000136578616d706c652e636f6d000000011b\
    400000136578616d706c652e636f6d00000001e04000000c00000001000001e54000000c00000000000001034000000c\
    00000003000001cd40000016333232363040336770702e6f7267000000000369c00000e0000028af000001bb40000030\
    000001c24000000c00000002000001bc4000001b7369703a626f62406578616d706c652e636f6d000000036cc00000a4\
    000028af00000337c0000020000028af00000338c0000013000028af4d455353414745000000033dc0000010000028af\
    000000010000035ec0000010000028af000000060000033fc0000021000028af7369703a616c696365406578616d706c\
    652e636f6d00000000000340c000001f000028af7369703a626f62406578616d706c652e636f6d0000000349c0000012\
    000028af696369642d310000";

/// Its ACA: 2001.
const ACA: &str = "\
    0100003c4000010f000000030000001100000022000001074000001a70662e6578616d706c652e636f6d3b373b310000\
    0000010c4000000c000007d1";

/// CCR, TERMINATION_REQUEST 2 of `pf.example.com;7;2`: the number 15550100 has used 3 seconds and 500 octets.
const CCR: &str = "\
    01000108c0000110000000040000001200000023000001074000001a70662e6578616d706c652e636f6d3b373b320000\
    000001084000001670662e6578616d706c652e636f6d000000000128400000136578616d706c652e636f6d000000011b\
    400000136578616d706c652e636f6d00000001024000000c00000004000001cd40000016333232363040336770702e6f\
    72670000000001a04000000c000000030000019f4000000c00000002000001bb40000024000001c24000000c00000000\
    000001bc400000103135353530313030000001c840000038000001be40000024000001a44000000c00000003000001a5\
    4000001000000000000001f4000001b04000000c00000001";

/// Its CCA: 2001, and 9 seconds more, which are the last before REDIRECT.
const CCA: &str = "\
    0100006c40000110000000040000001200000023000001074000001a70662e6578616d706c652e636f6d3b373b320000\
    0000010c4000000c000007d1000001c840000030000001af40000014000001a44000000c00000009000001ae40000014\
    000001c14000000c00000001";

fn octets(hex: &str) -> bytes::Bytes {
    let digits: Vec<u8> = hex.bytes().filter(u8::is_ascii_hexdigit).collect();
    let octet = |pair: &[u8]| u8::from_str_radix(std::str::from_utf8(pair).unwrap(), 16).unwrap();
    digits.chunks(2).map(octet).collect()
}

fn said(direction: Direction, hex: &str) -> Octets {
    let end = ([127, 0, 0, 1], 3868).into();
    Octets {
        actor: "charging_server".into(),
        step: 0,
        protocol: Protocol::Diameter,
        transport: Transport::Tcp,
        direction,
        local: end,
        remote: end,
        connection: Some(1),
        octets: octets(hex),
        malformed: None,
    }
}

fn cast() -> Cast {
    let mut cast = Cast::default();
    let identities = vec!["sip:bob@example.com".to_owned(), "tel:+15550100".to_owned()];
    cast.observe(1, &Event::Person { name: "Bob".to_owned(), served: true, identities, class: None });
    cast
}

fn heard(said_in_turn: &[Octets]) -> Vec<Charge> {
    let mut charging = Charging::default();
    for (frame, octets) in (1..).zip(said_in_turn) {
        assert!(charging.observe(When { frame, at: Time::ZERO }, octets, &cast()));
    }
    charging.all
}

#[test]
fn a_record_is_read_wherever_its_attributes_stand() {
    let heard = heard(&[said(Direction::Received, ACR), said(Direction::Sent, ACA)]);
    let [charge] = heard.as_slice() else { panic!("{heard:?}") };
    assert_eq!((charge.interface, charge.step, charge.number), (Interface::Offline, Step::Event, Some(0)));
    assert_eq!((charge.session.as_str(), charge.person.as_deref()), ("pf.example.com;7;1", Some("Bob")));
    assert_eq!((charge.icid.as_deref(), charge.method.as_deref()), (Some("icid-1"), Some("MESSAGE")));
    assert_eq!((charge.role, charge.call_id.as_deref(), charge.used), (Some(1), None, None));
    assert_eq!(charge.parties, ["sip:alice@example.com", "sip:bob@example.com"]);
    assert_eq!(charge.answer.map(|answer| (answer.frame, answer.result, answer.last)), Some((2, 2001, None)));
}

#[test]
fn used_and_last_units_are_read_within_each_service() {
    let heard = heard(&[said(Direction::Received, CCR), said(Direction::Sent, CCA)]);
    let [charge] = heard.as_slice() else { panic!("{heard:?}") };
    assert_eq!((charge.interface, charge.step, charge.person.as_deref()), (Interface::Online, Step::End, Some("Bob")));
    assert_eq!(charge.used, Some(503));
    let last = charge.answer.and_then(|answer| answer.last);
    assert_eq!(last, Some(Last { seconds: Some(9), action: 1 }));
}

#[test]
fn what_comes_again_is_one_and_its_answer_counts_whichever_was_answered() {
    let acr = || said(Direction::Received, ACR);
    let heard = heard(&[
        acr(),
        Octets { connection: Some(2), ..acr() },
        Octets { connection: Some(2), ..said(Direction::Sent, ACA) },
    ]);
    let [charge] = heard.as_slice() else { panic!("{heard:?}") };
    assert_eq!((charge.frame, charge.repeated), (1, Some(2)));
    assert!(charge.succeeded());
}

#[test]
fn what_the_tester_asks_and_what_answers_nothing_is_no_charge() {
    assert!(
        heard(&[said(Direction::Sent, ACR), said(Direction::Received, ACA), said(Direction::Sent, CCA)]).is_empty()
    );
}
