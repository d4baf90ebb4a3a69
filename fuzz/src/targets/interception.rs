//! The interfaces of interception (TS 103 221-1 and -2): documents of X1, the HTTP around them, and streams of X2 and X3.

use bytes::Bytes;
use cpm_wire::x1::http::{self, Message};
use cpm_wire::x1::{self, Request};
use cpm_wire::x2x3::{self, Pdu};

use super::cutting::reads_alike;

/// A container of requests or responses: what was read of one and is written reads the same again.
pub fn document(octets: &[u8]) {
    if let Ok(requests) = x1::read_requests(octets) {
        let requests: Vec<Request> = requests.into_iter().flatten().collect();
        if !requests.is_empty() {
            let text = x1::write_requests(&requests);
            let again: Result<Vec<_>, _> = x1::read_requests(text.as_bytes()).into_iter().flatten().collect();
            assert_eq!(again, Ok(requests), "{text}");
        }
    }
    if let Ok(responses) = x1::read_responses(octets) {
        let text = x1::write_responses(&responses);
        assert_eq!(x1::read_responses(text.as_bytes()), Ok(responses), "{text}");
    }
}

/// A stream of requests, and of responses: the same messages however it is cut, and no more in them than came.
pub fn http(octets: &[u8]) {
    for framer in [http::Framer::requests, http::Framer::responses] {
        let (messages, _) = reads_alike(octets, |pieces| messages(framer(), pieces));
        assert!(messages.iter().map(|message| message.body.len() + message.start.len()).sum::<usize>() <= octets.len());
        for message in &messages {
            let _ = (message.request(), message.status(), message.persists());
            document(&message.body);
        }
    }
}

fn messages(mut framer: http::Framer, pieces: &[&[u8]]) -> (Vec<Message>, bool) {
    let (mut messages, mut failed) = (Vec::new(), false);
    for piece in pieces {
        framer.push(piece);
        while let Some(next) = framer.next() {
            failed |= next.is_err();
            messages.extend(next);
        }
    }
    (messages, failed)
}

/// A stream of PDUs: the same however it is cut, and each, when it can be read, is written as it came.
pub fn stream(octets: &[u8]) {
    let (found, waiting) = reads_alike(octets, pdus);
    let read = found.concat();
    assert!(octets.starts_with(&read));
    assert!(waiting.is_none_or(|waiting| waiting == octets.len() - read.len()));
    for octets in found {
        let Ok(pdu) = Pdu::parse(octets.clone()) else { continue };
        let _ = (pdu.sequence_number(), pdu.timestamp(), pdu.source(), pdu.destination(), pdu.matched_target());
        assert_eq!(pdu.to_octets(), octets);
    }
}

/// The PDUs, and how much waits for more; none where the stream is something else.
fn pdus(pieces: &[&[u8]]) -> (Vec<Bytes>, Option<usize>) {
    let mut framer = x2x3::Framer::default();
    let (mut found, mut failed) = (Vec::new(), false);
    for piece in pieces {
        framer.push(piece);
        while let Some(next) = framer.next() {
            failed |= next.is_err();
            found.extend(next);
        }
    }
    (found, (!failed).then(|| framer.waiting()))
}
