use super::*;
use cpm_wire::sip::Method;
use pretty_assertions::assert_eq;

/// Does to every request of the core what it was made for.
struct Does(Fate);

impl Mischief for Does {
    fn sip(&mut self, _: &Scene, way: Way, message: &sip::Message) -> Fate {
        if way == Way::Out && message.method() == Method::Options { self.0.clone() } else { Fate::Pass }
    }

    fn msrp(&mut self, _: &Scene, way: Way, message: &msrp::Message) -> Fate {
        let is_send = message.is(&msrp::Method::Send);
        if way == Way::Out && is_send { self.0.clone() } else { Fate::Pass }
    }
}

const OPTIONS: &[u8] = b"OPTIONS sip:a@b SIP/2.0\r\nVia: SIP/2.0/TCP a;branch=z9hG4bK1\r\nMax-Forwards: 70\r\n\
    From: <sip:a@b>;tag=1\r\nTo: <sip:b@b>\r\nCall-ID: 1\r\nCSeq: 1 OPTIONS\r\nContent-Length: 0\r\n\r\n";
const SEND: &[u8] = b"MSRP abcd SEND\r\nTo-Path: msrp://b:1/s;tcp\r\nFrom-Path: msrp://a:2/t;tcp\r\nMessage-ID: 1\r\n\
    Byte-Range: 1-2/2\r\nContent-Type: text/plain\r\n\r\nhi\r\n-------abcd$\r\n";
const STREAM: ConnectionId = ConnectionId::opened(1);

fn at(millis: u64) -> Time {
    Time::from_nanos(millis * 1_000_000)
}

/// What comes out of octets that the core sends piece by piece.
fn sent(fate: Fate, octets: &[u8], piece: usize) -> (Tampering, Vec<u8>) {
    let mut tampering = Tampering::new(Box::new(Does(fate)));
    for octets in octets.chunks(piece) {
        tampering.output(at(0), Output::Send { connection: STREAM, octets: Bytes::copy_from_slice(octets) });
    }
    let out = out(&mut tampering);
    (tampering, out)
}

fn out(tampering: &mut Tampering) -> Vec<u8> {
    let mut octets = Vec::new();
    while let Some(output) = tampering.poll_output() {
        let Output::Send { connection: STREAM, octets: some } = output else { panic!("{output:?}") };
        octets.extend_from_slice(&some);
    }
    octets
}

#[test]
fn what_a_fault_does_not_care_for_passes_octet_for_octet_however_it_is_cut() {
    for message in [OPTIONS, SEND, b"neither the one nor the other\r\n\r\n"] {
        for piece in [1, 7, message.len()] {
            let (_, out) = sent(Fate::Pass, message, piece);
            assert_eq!(String::from_utf8_lossy(&out), String::from_utf8_lossy(message), "in pieces of {piece}");
        }
    }
}

#[test]
fn a_message_is_lost_or_altered_whole() {
    for message in [OPTIONS, SEND] {
        assert_eq!(sent(Fate::LOST, message, 5).1, b"");
        assert_eq!(sent(Fate::altered(&b"other"[..]), message, 5).1, b"other");
    }
}

#[test]
fn an_answer_goes_back_to_who_sent_the_message() {
    let (mut tampering, out) = sent(Fate::Answered(Bytes::from_static(b"answer")), SEND, 9);
    assert_eq!(out, b"");
    let answer = Input::Received { connection: STREAM, octets: Bytes::from_static(b"answer") };
    assert_eq!((tampering.poll_input(), tampering.poll_input()), (Some(answer), None));
}

#[test]
fn what_is_held_back_passes_when_its_time_has_come() {
    let (mut tampering, early) = sent(Fate::Later(Duration::from_millis(20)), SEND, 9);
    assert_eq!((early, tampering.poll_timeout()), (Vec::new(), Some(at(20))));
    tampering.handle_timeout(at(19));
    assert_eq!(out(&mut tampering), b"");
    tampering.handle_timeout(at(20));
    assert_eq!((out(&mut tampering), tampering.poll_timeout()), (SEND.to_vec(), None));
}

#[test]
fn what_follows_a_message_follows_it() {
    let later = vec![(Duration::from_millis(5), Bytes::from_static(b"more"))];
    let (mut tampering, first) = sent(Fate::Followed(later), SEND, 9);
    assert_eq!(first, SEND);
    tampering.handle_timeout(at(5));
    assert_eq!(out(&mut tampering), b"more");
}

#[test]
fn a_connection_that_is_gone_is_read_from_its_beginning_when_it_comes_again() {
    let (mut tampering, _) = sent(Fate::Pass, &SEND[..20], 20);
    tampering.output(at(0), Output::Close { connection: STREAM });
    assert_eq!(tampering.poll_output(), Some(Output::Close { connection: STREAM }));
    tampering.output(at(0), Output::Send { connection: STREAM, octets: Bytes::from_static(SEND) });
    assert_eq!(out(&mut tampering), SEND);
}
