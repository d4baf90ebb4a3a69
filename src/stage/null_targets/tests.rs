use super::*;
use crate::actors::session;
use bytes::Bytes;
use cpm_wire::sip::Name;

const CSCF: &str = "127.0.0.1:5060";
const OWN: &str = "127.0.0.1:5070";

fn element(target: NullTarget) -> Null {
    replaying(target, Recording::default())
}

fn replaying(target: NullTarget, recording: Recording) -> Null {
    let addresses = Addresses { sip: OWN.parse().unwrap(), msrp: "127.0.0.1:2855".parse().unwrap(), x1: None };
    Null::new(target, addresses, CSCF.parse().unwrap(), false, 7, recording)
}

fn datagram(text: &str) -> Input {
    let (local, remote) = (OWN.parse().unwrap(), CSCF.parse().unwrap());
    Input::Datagram { local, remote, octets: Bytes::from(text.replace('\n', "\r\n")) }
}

/// A request with two Routes, through the target and back to the serving CSCF.
fn request(method: &str, more: &str, body: &str) -> Input {
    datagram(&format!(
        "{method} sip:bob@example.com SIP/2.0\nVia: SIP/2.0/UDP {CSCF};branch=z9hG4bKone\nMax-Forwards: 70\n\
         Route: <sip:{OWN};lr>, <sip:odi@{CSCF};lr>\nFrom: <sip:alice@example.com>;tag=a\nTo: <sip:bob@example.com>\n\
         Call-ID: c1\nCSeq: 1 {method}\nContact: <sip:focus@{CSCF}>\nContribution-ID: contribution\n\
         Conversation-ID: conversation\n{more}Content-Length: {}\n\n{body}",
        body.replace('\n', "\r\n").len()
    ))
}

fn invite() -> Input {
    let body = "v=0\no=- 1 1 IN IP4 127.0.0.1\ns=-\nc=IN IP4 127.0.0.1\nt=0 0\nm=message 9 TCP/MSRP *\n\
        a=path:msrp://127.0.0.1:9/them;tcp\na=setup:actpass\na=accept-types:message/cpim\n";
    request("INVITE", "Content-Type: application/sdp\n", body)
}

fn outputs(element: &mut Null) -> Vec<Output> {
    std::iter::from_fn(|| element.poll_output()).collect()
}

/// The SIP messages of what goes out.
fn said(element: &mut Null) -> Vec<Message> {
    let datagrams = outputs(element).into_iter().filter_map(|output| match output {
        Output::Datagram { octets, .. } => Some(Message::parse(octets).unwrap()),
        _ => None,
    });
    datagrams.collect()
}

fn answer(target: NullTarget, input: Input) -> Message {
    let mut element = element(target);
    element.handle_input(input);
    let [answer] = said(&mut element).try_into().unwrap();
    answer
}

#[test]
fn one_is_silent_and_one_gives_back_what_it_gets() {
    let mut silent = element(NullTarget::Silent);
    silent.handle_input(invite());
    assert_eq!(outputs(&mut silent), []);
    let mut echo = element(NullTarget::Echo);
    echo.handle_input(invite());
    let Input::Datagram { local, remote, octets } = invite() else { panic!() };
    assert_eq!(outputs(&mut echo), [Output::Datagram { local, remote, octets }]);
}

#[test]
fn who_agrees_agrees_to_media_too_and_who_refuses_refuses_all() {
    let agreed = answer(NullTarget::Always200, invite());
    let media = session::media_of(&agreed).unwrap();
    assert_eq!((agreed.status(), media.port), (Some(200), 2855));
    assert!(agreed.to_tag().is_some() && agreed.contacts().count() == 1 && agreed.header(&Name::Allow).is_some());
    for (target, status) in [(NullTarget::Always486, 486), (NullTarget::Always500, 500)] {
        for input in [invite(), request("MESSAGE", "", ""), request("OPTIONS", "", "")] {
            assert_eq!(answer(target, input).status(), Some(status));
        }
    }
    let mut element = element(NullTarget::Always500);
    element.handle_input(request("ACK", "", ""));
    assert_eq!(outputs(&mut element), [], "an ACK has no answer");
}

#[test]
fn every_message_on_a_stream_is_acknowledged() {
    let mut element = element(NullTarget::Always200);
    let connection = ConnectionId::accepted(1);
    let (local, remote) = ("127.0.0.1:2855".parse().unwrap(), "127.0.0.1:9".parse().unwrap());
    element.handle_input(Input::Accepted { connection, local, remote });
    let send = "MSRP t1 SEND\r\nTo-Path: msrp://127.0.0.1:2855/me;tcp\r\nFrom-Path: msrp://127.0.0.1:9/them;tcp\r\n\
        Message-ID: m1\r\nByte-Range: 1-0/0\r\n-------t1$\r\n";
    element.handle_input(Input::Received { connection, octets: Bytes::from_static(send.as_bytes()) });
    let [Output::Send { octets, .. }] = &outputs(&mut element)[..] else { panic!() };
    assert!(octets.starts_with(b"MSRP t1 200 OK\r\n"));
}

#[test]
fn a_proxy_is_on_the_path_and_gives_back_what_comes_back() {
    let mut proxy = element(NullTarget::Forwarding);
    proxy.handle_input(invite());
    let [onward] = said(&mut proxy).try_into().unwrap();
    assert_eq!(onward.vias().count(), 2);
    assert_eq!(onward.header(&Name::Route), Some("<sip:odi@127.0.0.1:5060;lr>"));
    assert_eq!(onward.header(&Name::RecordRoute), Some("<sip:127.0.0.1:5070;lr>"));
    assert_eq!(onward.header(&Name::MaxForwards), Some("69"));
    let vias: Vec<String> = onward.values(&Name::Via).map(|via| format!("Via: {via}\n")).collect();
    proxy.handle_input(datagram(&format!(
        "SIP/2.0 480 Temporarily Unavailable\n{}From: <sip:alice@example.com>;tag=a\n\
             To: <sip:bob@example.com>;tag=b\nCall-ID: c1\nCSeq: 1 INVITE\nContent-Length: 0\n\n",
        vias.concat()
    )));
    let [back] = said(&mut proxy).try_into().unwrap();
    assert_eq!((back.status(), back.vias().count()), (Some(480), 1));
}

#[test]
fn a_cancel_goes_from_hop_to_hop() {
    let mut proxy = element(NullTarget::Forwarding);
    proxy.handle_input(invite());
    let [invited] = said(&mut proxy).try_into().unwrap();
    proxy.handle_input(request("CANCEL", "", ""));
    let [cancel] = said(&mut proxy).try_into().unwrap();
    assert_eq!(cancel.vias().count(), 1);
    assert_eq!(cancel.via().unwrap().branch(), invited.via().unwrap().branch());
}

#[test]
fn chance_says_something_by_itself_well_formed_and_not_for_ever() {
    let mut element = element(NullTarget::Random);
    let mut methods = Vec::new();
    for _ in 0..400 {
        element.handle_input(invite());
        for message in said(&mut element).iter().filter(|message| message.is_request()) {
            message.check_request().unwrap();
            methods.push(message.method());
        }
    }
    assert_eq!(methods.len(), 40);
    assert!(methods.contains(&Method::Message) && methods.contains(&Method::Invite), "{methods:?}");
}

#[test]
fn what_was_recorded_is_said_again_at_the_same_input_on_the_connection_of_now() {
    let recordings = Recordings::default();
    let (then, now) = (ConnectionId::accepted(1), ConnectionId::accepted(9));
    let (local, remote) = ("127.0.0.1:2855".parse().unwrap(), "127.0.0.1:9".parse().unwrap());
    let accepted = |connection| Input::Accepted { connection, local, remote };
    let octets = Bytes::from_static(b"as it was");
    let mut tap = Tap::new(recordings.clone(), "TP");
    tap.input(&accepted(then));
    tap.input(&invite());
    tap.output(&Output::Send { connection: then, octets: octets.clone() });
    let mut replay = replaying(NullTarget::Replay, recordings.of("TP"));
    replay.handle_input(accepted(now));
    assert_eq!(outputs(&mut replay), []);
    replay.handle_input(request("OPTIONS", "", ""));
    assert_eq!(outputs(&mut replay), [Output::Send { connection: now, octets }]);
}
