//! Messages as a fault alters them: what it does not mean to alter stays right.

use super::passage::Way;
use super::scene::{Leg, Scene, Side};
use super::tampering::Fate;
use bytes::Bytes;
use cpm_wire::cpim::IMDN_NAMESPACE;
use cpm_wire::imdn::{self, Notification};
use cpm_wire::msrp::{ByteRange, Chunk, Method};
use cpm_wire::{cpim, msrp, sip};
use std::time::Duration;

const CPIM: &str = "message/cpim";

/// The envelope that a SEND begins with (RFC 3862); none in a later chunk.
pub(super) fn envelope(message: &msrp::Message) -> Option<cpim::Message> {
    let begins = message.is(&Method::Send) && message.byte_range().is_none_or(|range| range.start == 1);
    let is_one = message.content_type().is_some_and(|kind| kind.starts_with(CPIM));
    (begins && is_one).then(|| cpim::Message::parse(message.body()?).ok()).flatten()
}

/// True for an envelope around disposition notifications (RFC 5438 section 7.1.1.1), one or several.
pub(super) fn is_notification(envelope: &cpim::Message) -> bool {
    let of = |prefix: &str| envelope.content_type().is_some_and(|content| content.starts_with(prefix));
    let gathered = || of("multipart/") && String::from_utf8_lossy(envelope.body()).contains("message/imdn+xml");
    of("message/imdn+xml")
        || gathered()
        || envelope.content_disposition().is_some_and(|disposition| disposition.eq_ignore_ascii_case("notification"))
}

/// The whole SEND with another body.
pub(super) fn with_body(send: &msrp::Message, body: &[u8]) -> Bytes {
    written(send, &send.transaction, send.message_id().unwrap_or_default(), body)
}

/// Ends the names of what a fault sends by itself.
pub(super) const OWN: &str = ".own";

/// True for the answer to something that the fault sent by itself.
pub(super) fn answers_own(way: Way, message: &msrp::Message) -> bool {
    way == Way::In && message.status().is_some() && message.transaction.ends_with(OWN)
}

/// The SEND passes, and one of the fault's own with this body follows it.
pub(super) fn copied(send: &msrp::Message, body: &[u8]) -> Fate {
    Fate::Followed(vec![(Duration::from_millis(1), own_send(send, &send.transaction, body))])
}

/// A SEND of the fault's own, the way that this message goes.
pub(super) fn own_send(on: &msrp::Message, name: &str, body: &[u8]) -> Bytes {
    let name = format!("{name}{OWN}");
    written(on, &name, &name, body)
}

/// The envelope as that of another item.
pub(super) fn renamed(octets: &Bytes) -> Vec<u8> {
    let Ok(envelope) = cpim::Message::parse(octets.clone()) else { return octets.to_vec() };
    let id = format!("{}{OWN}", envelope.imdn_message_id().unwrap_or_default());
    with_header(&envelope, Some(IMDN_NAMESPACE), "Message-ID", &id)
}

fn written(send: &msrp::Message, transaction: &str, message_id: &str, body: &[u8]) -> Bytes {
    on_path(send, &send.to_path(), &send.from_path(), (transaction, message_id), body)
}

/// A whole SEND like another one, on this path, by its transaction id and Message-ID.
fn on_path(like: &msrp::Message, to: &[&str], from: &[&str], names: (&str, &str), body: &[u8]) -> Bytes {
    let octets = u64::try_from(body.len()).unwrap_or(u64::MAX);
    let to_path: Vec<String> = to.iter().map(|uri| (*uri).to_owned()).collect();
    let chunk = Chunk {
        transaction: names.0,
        to_path: &to_path,
        from_path: from.first().copied().unwrap_or_default(),
        message_id: names.1,
        success_report: like.success_report(),
        failure_report: like.failure_report(),
        byte_range: ByteRange { start: 1, end: Some(octets), total: Some(octets) },
        content: Some((like.content_type().unwrap_or(CPIM), body)),
        flag: msrp::Flag::Complete,
    };
    msrp::send(&chunk).1
}

/// A SEND once more, as another message.
pub(super) fn again(message: &msrp::Message, name: &str) -> Option<Bytes> {
    Some(written(message, name, name, &message.body()?))
}

/// An envelope in the other direction of the session that this SEND came in.
pub(super) fn sent_back(message: &msrp::Message, name: &str, envelope: &[u8]) -> Bytes {
    on_path(message, &message.from_path(), &message.to_path(), (name, name), envelope)
}

/// The envelope with another value of a header: in a namespace, or for None in that of RFC 3862.
pub(super) fn with_header(envelope: &cpim::Message, namespace: Option<&str>, name: &str, value: &str) -> Vec<u8> {
    let octets = envelope.octets();
    let Some(field) = envelope.find(namespace, name).next() else { return octets.to_vec() };
    let before = octets.get(..field.value.start).unwrap_or_default();
    let after = octets.get(field.value.end..).unwrap_or_default();
    [before, value.as_bytes(), after].concat()
}

/// The message with another text in place of one in its body.
pub(super) fn with_text(message: &sip::Message, from: &str, to: &str) -> Bytes {
    let body = String::from_utf8_lossy(message.body()).replace(from, to);
    let content_type = message.header(&sip::Name::ContentType).unwrap_or_default();
    message.edit().body(content_type, Bytes::from(body)).finish().octets().clone()
}

/// The message with another value of a header.
pub(super) fn with_field(message: &sip::Message, name: sip::Name, value: impl std::fmt::Display) -> Bytes {
    message.edit().set(name, value).finish().octets().clone()
}

/// An answer without a body.
pub(super) fn answer(request: &sip::Message, status: u16) -> Bytes {
    let answer = sip::Builder::response(request, status, sip::reason_phrase(status));
    answer.to_tag("fault").build().octets().clone()
}

/// The leg to a device that the element opens with this message.
pub(super) fn call<'a>(scene: &'a Scene, way: Way, message: &sip::Message) -> Option<&'a Leg> {
    let opens = way == Way::Out && message.is_request() && message.method() == sip::Method::Invite;
    let leg = scene.leg(message).filter(|leg| leg.side == Side::Device)?;
    (opens && message.to_tag().is_none()).then_some(leg)
}

/// The envelope in a MESSAGE.
pub(super) fn pager_envelope(message: &sip::Message) -> Option<cpim::Message> {
    let whole = message.is_request()
        && message.method() == sip::Method::Message
        && message.header(&sip::Name::ContentType).is_some_and(|kind| kind.starts_with(CPIM));
    cpim::Message::parse(message.body_octets()).ok().filter(|_| whole)
}

/// The disposition notification in an envelope.
pub(super) fn notification(envelope: &cpim::Message) -> Option<Notification> {
    let is_one = envelope.content_type().is_some_and(|kind| kind.starts_with(imdn::MEDIA_TYPE));
    Notification::parse(envelope.body()).ok().filter(|_| is_one)
}

/// A disposition notification in an envelope to somebody, otherwise like this one.
pub(super) fn notifying(like: &cpim::Message, to: &str, notification: &Notification) -> Bytes {
    cpim::Builder::new(address(like.from().unwrap_or_default()), to)
        .date_time(like.date_time().unwrap_or_default())
        .message_id(like.imdn_message_id().unwrap_or_default())
        .content_disposition("notification")
        .content(imdn::MEDIA_TYPE, notification.to_xml().into_bytes())
        .build()
}

/// The URI in a header of an envelope.
pub(super) fn address(value: &str) -> &str {
    let uri = value.rsplit_once('<').map_or(value, |(_, rest)| rest.split('>').next().unwrap_or_default());
    uri.trim()
}
