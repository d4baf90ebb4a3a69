use super::*;
use crate::diameter::dictionary::{
    ACCOUNTING_RECORD_NUMBER, AUTH_APPLICATION_ID, SESSION_ID, VENDOR_SPECIFIC_APPLICATION_ID,
};
use pretty_assertions::assert_eq;

const LOCAL: IpAddr = IpAddr::V4(std::net::Ipv4Addr::LOCALHOST);

fn identity(host: &str) -> Arc<Identity> {
    Arc::new(Identity { state: Some(7), ..Identity::charging(host, "example.com", "test") })
}

fn at(seconds: u64) -> Time {
    Time::ZERO + Duration::from_secs(seconds)
}

/// Moves octets both ways until there are none.
fn settle(now: Time, a: &mut Peer, b: &mut Peer) {
    loop {
        let (there, back) = (a.poll_octets(), b.poll_octets());
        if there.is_none() && back.is_none() {
            return;
        }
        there.into_iter().for_each(|octets| b.receive(now, octets));
        back.into_iter().for_each(|octets| a.receive(now, octets));
    }
}

fn pair() -> (Peer, Peer) {
    let mut client = Peer::opened(at(0), identity("pf.example.com"), LOCAL, 10);
    let mut server = Peer::accepted(at(0), identity("ocs.example.com"), LOCAL, 20);
    settle(at(0), &mut client, &mut server);
    (client, server)
}

fn met() -> (Peer, Peer) {
    let (mut client, mut server) = pair();
    assert_eq!(client.poll_event(), Some(Event::Open((*identity("ocs.example.com")).clone())));
    assert_eq!(server.poll_event(), Some(Event::Open((*identity("pf.example.com")).clone())));
    (client, server)
}

fn record() -> Message {
    let acr = Message::request(command::ACCOUNTING, application::ACCOUNTING).proxiable().identifiers(0, 77);
    acr.avp(&SESSION_ID, "pf;1;2").avp(&ACCOUNTING_RECORD_NUMBER, 3).build().unwrap()
}

#[test]
fn a_request_is_answered_once_the_peers_have_met() {
    let (mut client, mut server) = met();
    let number = client.request(&record()).unwrap();
    settle(at(1), &mut client, &mut server);
    let Some(Event::Request(request)) = server.poll_event() else { panic!("a request") };
    assert_eq!((request.header().hop_by_hop, request.header().end_to_end), (number, 77));
    let answer = identity("ocs.example.com").sign(request.answer().avp(&RESULT_CODE, result::SUCCESS)).build().unwrap();
    server.answer(&answer);
    // Once more: nobody awaits it.
    server.answer(&answer);
    settle(at(1), &mut client, &mut server);
    assert_eq!(client.poll_event(), Some(Event::Answer(number, answer)));
    assert_eq!(client.poll_event(), None);
}

#[test]
fn nothing_is_sent_before_the_peer_has_said_who_it_is() {
    let mut client = Peer::opened(at(0), identity("pf.example.com"), LOCAL, 10);
    assert_eq!(client.request(&record()), None);
    client.handle_timeout(at(10));
    assert_eq!(client.poll_event(), Some(Event::Over(Over::Silent)));
}

#[test]
fn who_does_not_begin_with_its_capabilities_is_not_talked_to() {
    let mut server = Peer::accepted(at(0), identity("ocs.example.com"), LOCAL, 20);
    server.receive(at(0), record().octets().clone());
    assert_eq!(server.poll_event(), Some(Event::Over(Over::Unintroduced)));
    assert_eq!(server.poll_octets(), None);
}

#[test]
fn peers_without_a_common_application_part() {
    let gx = Arc::new(Identity { auth: vec![16_777_238], acct: Vec::new(), ..(*identity("gx.example.com")).clone() });
    let mut client = Peer::opened(at(0), gx, LOCAL, 10);
    let mut server = Peer::accepted(at(0), identity("ocs.example.com"), LOCAL, 20);
    settle(at(0), &mut client, &mut server);
    assert_eq!(client.poll_event(), Some(Event::Over(Over::Refused(result::NO_COMMON_APPLICATION))));
    assert_eq!(server.poll_event(), Some(Event::Over(Over::Refused(result::NO_COMMON_APPLICATION))));
}

#[test]
fn applications_may_stand_within_those_of_a_vendor_and_a_relay_speaks_all() {
    let ours = identity("ocs.example.com");
    let cer = Message::request(command::CAPABILITIES_EXCHANGE, application::COMMON);
    let cer = ours.sign(cer).group(&VENDOR_SPECIFIC_APPLICATION_ID, |group| group.avp(&AUTH_APPLICATION_ID, 4));
    let told = Identity::told(&cer.build().unwrap()).unwrap();
    assert_eq!((told.auth.clone(), ours.shares(&told)), (vec![4], true));
    assert!(ours.shares(&Identity { auth: vec![application::RELAY], ..told.clone() }));
    assert!(!ours.shares(&Identity { auth: vec![1], ..told }));
}

#[test]
fn a_silent_peer_is_asked_and_given_up() {
    let (mut client, mut server) = met();
    assert_eq!(client.poll_timeout(), Some(at(30)));
    client.handle_timeout(at(30));
    settle(at(31), &mut client, &mut server);
    assert_eq!((client.poll_timeout(), client.poll_event()), (Some(at(61)), None));
    client.handle_timeout(at(61));
    assert!(client.poll_octets().is_some() && client.is_open());
    client.handle_timeout(at(91));
    assert_eq!((client.poll_event(), client.is_open()), (Some(Event::Over(Over::Silent)), false));
}

#[test]
fn peers_part_in_order() {
    let (mut client, mut server) = met();
    client.part(at(1), Cause::Rebooting);
    assert_eq!(client.request(&record()), None);
    settle(at(1), &mut client, &mut server);
    assert_eq!(server.poll_event(), Some(Event::Over(Over::Left(Cause::Rebooting))));
    assert_eq!(client.poll_event(), Some(Event::Over(Over::Parted)));
}

#[test]
fn a_request_with_a_wrong_length_is_answered_so_and_the_connection_lives() {
    let (mut client, mut server) = met();
    let mut octets = record().octets().to_vec();
    // The length of the first AVP.
    octets[HEADER + 7] = 3;
    server.receive(at(1), octets.into());
    client.asked.insert(0);
    settle(at(1), &mut client, &mut server);
    let Some(Event::Answer(0, answer)) = client.poll_event() else { panic!("an answer") };
    assert_eq!(answer.result(), Some(result::INVALID_AVP_LENGTH));
    assert!(server.is_open());
    server.receive(at(1), Bytes::from_static(b"HTTP/1.1 400 Bad Request\r\n\r\n"));
    assert_eq!(server.poll_event(), Some(Event::Over(Over::Broken(DiameterError::Version(b'H')))));
}

const HEADER: usize = crate::diameter::HEADER_LENGTH;

#[test]
fn what_is_sent_again_is_the_same_but_for_its_mark_and_number() {
    let again = record().repeated().numbered(5);
    assert_eq!(Message::parse(again.octets().clone()).unwrap(), again);
    assert_eq!((again.header().hop_by_hop, again.header().end_to_end), (5, 77));
    assert_eq!(again.header().flags.0, record().header().flags.0 | crate::diameter::CommandFlags::RETRANSMITTED);
    assert_eq!(again.octets()[HEADER..], record().octets()[HEADER..]);
}
