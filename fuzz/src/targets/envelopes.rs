//! What carries other content: CPIM (RFC 3862) and multipart bodies (RFC 2046).

use bytes::Bytes;
use cpm_wire::{cpim, multipart};

/// An envelope: its headers stand before its content, and its content within it.
pub fn cpim(octets: &[u8]) {
    let octets = Bytes::copy_from_slice(octets);
    let message = match cpim::Message::parse(octets.clone()) {
        Ok(message) => message,
        Err(error) => return assert!(error.at <= octets.len()),
    };
    let body = message.body_range();
    assert!(body.start <= body.end && body.end <= octets.len());
    for field in message.fields().iter().chain(message.content_fields()) {
        assert!(field.name.end <= field.params.start && field.params.end <= field.value.start);
        assert!(field.value.end <= body.start);
    }
    let _ = (message.to().count(), message.date_time(), message.subject(), message.content_disposition());
    written_again(&message);
}

/// What is put into an envelope is found in it. A CR in the midst of a header is read as it stands, and not written.
fn written_again(message: &cpim::Message) {
    let head = message.octets().get(..message.body_range().start).unwrap_or_default();
    if head.windows(2).any(|pair| pair[0] == b'\r' && pair[1] != b'\n') {
        return;
    }
    let (id, wishes) = (message.imdn_message_id().unwrap_or("m1"), message.dispositions().collect::<Vec<_>>());
    let built = cpim::Builder::new("sip:a@home.example", "sip:b@home.example")
        .message_id(id)
        .dispositions(&wishes)
        .content(message.content_type().unwrap_or("text/plain"), message.body_octets())
        .build();
    let read = cpim::Message::parse(built);
    assert_eq!(read.as_ref().map(cpim::Message::body), Ok(message.body()));
    assert_eq!(read.as_ref().map(cpim::Message::imdn_message_id), Ok(Some(id)));
    assert_eq!(read.as_ref().map(|read| read.dispositions().collect()), Ok(wishes));
}

/// A multipart body, whose first line is its Content-Type: its parts hold no more than it, and come back when they are
/// written again.
pub fn multipart(octets: &[u8]) {
    let feed = octets.iter().position(|octet| *octet == b'\n').unwrap_or(octets.len());
    let (kind, body) = octets.split_at(feed);
    let (Ok(kind), body) = (std::str::from_utf8(kind), Bytes::copy_from_slice(body.get(1..).unwrap_or_default()))
    else {
        return;
    };
    if let Some(found) = multipart::find(kind.trim_end(), &body, "message/cpim") {
        assert!(found.len() <= body.len());
    }
    let Ok(parts) = multipart::parse(&body, "b1") else { return };
    assert!(parts.iter().map(|part| part.body().len()).sum::<usize>() <= body.len());
    // Fields that hold what no field may hold cannot be written again.
    let clean = |part: &multipart::Part| {
        let plain = |text: &str| !text.contains(['\r', '\n']) && text.trim() == text;
        part.headers()
            .iter()
            .all(|(name, value)| !name.is_empty() && !name.contains([':', ' ', '\t']) && plain(name) && plain(value))
    };
    if parts.iter().all(clean) {
        let (kind, octets) = multipart::build(&parts);
        let boundary = kind.split('"').nth(1).unwrap_or_default();
        let again = multipart::parse(&octets, boundary);
        let same = again
            .iter()
            .flatten()
            .zip(&parts)
            .filter(|(again, part)| again.headers() == part.headers() && again.body() == part.body());
        assert_eq!(same.count(), parts.len());
    }
}
