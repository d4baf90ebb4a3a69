use super::*;
use crate::faults::tampering::Tampering;
use bytes::Bytes;
use cpm_wire::cpim;
use cpm_wire::io::{ConnectionId, Input, Output};
use cpm_wire::sip::Builder;
use cpm_wire::time::Time;
use pretty_assertions::assert_eq;
use std::time::Duration;

const NOW: Time = Time::from_nanos(1);
const STREAM: ConnectionId = ConnectionId::opened(1);
const OFFER: &str = "v=0\r\no=- 1 1 IN IP4 192.0.2.9\r\ns=-\r\nc=IN IP4 192.0.2.9\r\nt=0 0\r\nm=message 1 TCP/MSRP *\r\n\
    a=accept-types:message/cpim\r\na=path:msrp://192.0.2.9:1/own;tcp\r\n";

/// A request that the function sends to a device.
fn request(method: Method, service: &str) -> Builder {
    Builder::request(method.clone(), "sip:bob@192.0.2.7")
        .header(Name::Via, "SIP/2.0/TCP 192.0.2.9;branch=z9hG4bK1")
        .header(Name::From, "<sip:alice@e>;tag=1")
        .header(Name::To, "<sip:bob@e>")
        .header(Name::CallId, "call")
        .header(Name::CSeq, format!("1 {method}"))
        .header(Name::MaxForwards, 70)
        .header(Name::PServedUser, "<sip:bob@e>;sescase=term;regstate=reg")
        .header(Name::PAssertedService, format!("urn:urn-7:3gpp-service.ims.icsi.{service}"))
}

fn large_invite() -> Message {
    request(Method::Invite, "oma.cpm.largemsg").body("application/sdp", OFFER).build()
}

fn bye() -> Message {
    request(Method::Bye, "oma.cpm.largemsg").build().edit().set(Name::To, "<sip:bob@e>;tag=2").finish()
}

/// A whole message from one path to the other.
fn send(to: &str, from: &str) -> Bytes {
    let envelope = cpim::Builder::new("sip:a@e", "sip:b@e").message_id("m").content("text/plain", "hello").build();
    let head = format!(
        "MSRP abcd SEND\r\nTo-Path: {to}\r\nFrom-Path: {from}\r\nMessage-ID: 1\r\nByte-Range: 1-{0}/{0}\r\n\
         Content-Type: message/cpim\r\n\r\n",
        envelope.len()
    );
    [head.as_bytes(), &envelope, b"\r\n-------abcd$\r\n"].concat().into()
}

const OWN: &str = "msrp://192.0.2.9:1/own;tcp";
const PEER: &str = "msrp://192.0.2.7:1/peer;tcp";

fn with(fault: &str) -> Tampering {
    Tampering::new((Fault::named(fault).unwrap().make)())
}

fn out(tampering: &mut Tampering, stream: u64, octets: Bytes) {
    tampering.output(NOW, Output::Send { connection: ConnectionId::opened(stream), octets });
}

/// What has gone out since, and what has come in.
fn gone(tampering: &mut Tampering) -> (Vec<String>, Vec<String>) {
    tampering.handle_timeout(NOW + Duration::from_secs(1));
    let text = |octets: Bytes| String::from_utf8_lossy(&octets).into_owned();
    let outputs = std::iter::from_fn(|| tampering.poll_output());
    let outputs: Vec<String> = outputs
        .filter_map(|output| match output {
            Output::Send { octets, .. } => Some(text(octets)),
            _ => None,
        })
        .collect();
    let inputs = std::iter::from_fn(|| tampering.poll_input()).filter_map(|input| match input {
        Input::Received { octets, .. } => Some(text(octets)),
        _ => None,
    });
    (outputs, inputs.collect())
}

/// A large message is called with, and its content goes out.
fn large(fault: &str) -> (Vec<String>, Vec<String>) {
    let mut tampering = with(fault);
    out(&mut tampering, 1, large_invite().octets().clone());
    assert_eq!(gone(&mut tampering).0.len(), 1);
    out(&mut tampering, 2, send(PEER, OWN));
    gone(&mut tampering)
}

#[test]
fn the_content_of_a_large_message_is_followed_or_altered() {
    let sent = String::from_utf8(send(PEER, OWN).to_vec()).unwrap();
    assert_eq!(large("does-not-end-the-large-session"), (vec![sent.clone()], vec![]));
    let (out, _) = large("second-message-in-large-session");
    assert_eq!((out.len(), &out[0]), (2, &sent));
    assert!(out[1].contains("Message-ID: m.own"), "{}", out[1]);
    let (out, _) = large("alters-a-large-message");
    assert_eq!(out, [sent.replace("hello\r\n", "helln\r\n")]);
}

#[test]
fn the_content_of_a_large_message_is_lost_on_its_way_in() {
    let mut tampering = with("loses-a-large-message");
    out(&mut tampering, 1, large_invite().octets().clone());
    gone(&mut tampering);
    let octets = send(OWN, PEER);
    tampering.input(NOW, Input::Received { connection: STREAM, octets });
    let (out, came) = gone(&mut tampering);
    assert_eq!((out.len(), came.len()), (1, 0));
    assert!(out[0].starts_with("MSRP abcd 200"), "{}", out[0]);
}

#[test]
fn the_end_of_a_large_message_is_kept_and_that_of_a_chat_is_not() {
    for (invite, kept) in [
        (large_invite(), true),
        (request(Method::Invite, "oma.cpm.session").body("application/sdp", OFFER).build(), false),
    ] {
        let mut tampering = with("does-not-end-the-large-session");
        out(&mut tampering, 1, invite.octets().clone());
        gone(&mut tampering);
        out(&mut tampering, 1, bye().octets().clone());
        let (out, came) = gone(&mut tampering);
        assert_eq!((out.is_empty(), came.len()), (kept, usize::from(kept)));
    }
}

#[test]
fn large_messages_are_refused_and_chats_are_not() {
    for (service, refused) in [("oma.cpm.largemsg", true), ("oma.cpm.session", false)] {
        let mut tampering = with("refuses-large-messages");
        let octets = request(Method::Invite, service).build().octets().clone();
        tampering.input(NOW, Input::Received { connection: STREAM, octets });
        let (out, came) = gone(&mut tampering);
        assert_eq!((out.len(), came.len()), (usize::from(refused), usize::from(!refused)));
    }
}
