//! Diameter (RFC 6733): the stream, and a message with everything in it.

use bytes::Bytes;
use cpm_wire::diameter::{Avp, Avps, Builder, Framer, Message};

use super::cutting::reads_alike;

/// A stream: the same messages however it is cut, and all of them together are the octets that came.
pub fn stream(octets: &[u8]) {
    let (messages, waiting) = reads_alike(octets, messages);
    let read = messages.concat();
    assert!(octets.starts_with(&read));
    assert!(waiting.is_none_or(|waiting| waiting == octets.len() - read.len()));
    messages.iter().for_each(|octets| message(octets));
}

/// The messages, and how much waits for more; none where the stream is no Diameter.
fn messages(pieces: &[&[u8]]) -> (Vec<Bytes>, Option<usize>) {
    let mut framer = Framer::default();
    let mut messages = Vec::new();
    let mut failed = false;
    for piece in pieces {
        framer.push(Bytes::copy_from_slice(piece));
        while let Some(next) = framer.next() {
            match next {
                Ok(message) => messages.push(message),
                Err(_) => failed = true,
            }
        }
    }
    (messages, (!failed).then(|| framer.waiting()))
}

/// A message: its AVPs hold no more than it, and made again from them it holds the same.
pub fn message(octets: &[u8]) {
    let Ok(message) = Message::parse(Bytes::copy_from_slice(octets)) else { return };
    assert!(message.octets().len() <= octets.len());
    assert!(message.avps().map(|avp| avp.data.len() + 8).sum::<usize>() <= octets.len());
    let _ = (message.session_id(), message.result());
    message.avps().for_each(|avp| asked(&avp, 0));
    assert!(message.answer().build().is_ok());
    let header = message.header();
    let builder = Message::request(header.command, header.application);
    let again =
        message.avps().fold(builder, |builder: Builder, avp| builder.raw(avp.code, avp.flags, avp.vendor, avp.data));
    let again = again.build();
    let read = again.iter().flat_map(|again| again.avps());
    assert!(read.eq(message.avps()));
}

/// Groups are looked into so deep.
const DEPTH: usize = 8;

fn asked(avp: &Avp<'_>, depth: usize) {
    let _ = (avp.unsigned32(), avp.unsigned64(), avp.integer32(), avp.integer64());
    let _ = (avp.text(), avp.address(), avp.time(), avp.definition());
    if depth < DEPTH && avp.group().check().is_ok() {
        let inside: Avps<'_> = avp.group();
        inside.flatten().for_each(|avp| asked(&avp, depth + 1));
    }
}
