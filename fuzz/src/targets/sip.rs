//! SIP (RFC 3261): messages, streams of them, and the values in their fields.

use bytes::Bytes;
use cpm_wire::sip::stream::{Frame, FrameError, Framer};
use cpm_wire::sip::{
    Builder, CSeq, MediaType, Message, Name, NameAddr, Params, ParseErrorKind, Span, Tokenized, Uri, Via, identity_key,
    split_list,
};
use cpm_wire::time::Time;

use super::cutting::reads_alike;

/// A message: everything in it stands within it, what is written again reads the same, and so does what is made of it.
pub fn message(octets: &[u8]) {
    let Ok(message) = Message::parse(Bytes::copy_from_slice(octets)) else { return };
    assert!(message.octets().len() + message.surplus() <= octets.len());
    assert!(within(&message, message.body_span()));
    for field in message.fields() {
        assert!(within(&message, field.name_span) && within(&message, field.value));
        assert!(field.name_span.end <= field.value.start);
        assert_eq!(Name::parse(message.text(field.name_span)), field.name);
        params_are_asked(&message, &field.name);
    }
    everything_is_asked(&message);
    let kept = message.edit().finish();
    assert_eq!(kept.body(), message.body());
    reads_as_written(&kept);
    reads_as_written(&message.edit().remove_first(&Name::Via).prepend(Name::Route, "<sip:a;lr>").no_body().finish());
    if message.is_request() {
        reads_as_written(&Builder::response(&message, 480, "Temporarily Unavailable").to_tag("x").build());
    }
}

fn within(message: &Message, span: Span) -> bool {
    span.start <= span.end && span.range().end <= message.octets().len()
}

/// A message that this stack made is what a reader of its octets finds.
fn reads_as_written(made: &Message) {
    let read = Message::parse(made.octets().clone());
    assert_eq!(read.as_ref(), Ok(made));
}

fn params_are_asked(message: &Message, name: &Name) {
    for value in message.tokenized(name) {
        for (param, _) in value.params.iter() {
            // A parameter without a name is none.
            assert!(param.is_empty() || value.params.has(param));
        }
        let _ = (value.params.get("x"), value.params.token("x"));
    }
}

fn everything_is_asked(message: &Message) {
    let _ = (message.check_request(), message.check_response(), message.method(), message.status(), message.reason());
    let _ = (message.via(), message.from(), message.to(), message.cseq(), message.content_type(), message.event());
    let _ = (message.from_tag(), message.to_tag(), message.call_id(), message.request_uri().map(Uri::parse));
    let _ = (message.vias().count(), message.contacts().count(), message.routes().count());
    let _ = (message.record_routes().count(), message.asserted_identities().count());
    let _ = (message.max_forwards(), message.expires(), message.content_length(), message.charging_vector());
    let _ = (message.subscription_state(), message.seconds(&Name::MinSe), message.tokens(&Name::Supported).count());
    for via in message.vias().flatten() {
        let _ = (via.branch(), via.received(), via.rport());
    }
}

/// A stream: the same messages and the same keep-alives however it is cut.
pub fn stream(octets: &[u8]) {
    let read = reads_alike(octets, frames);
    let octets_read: usize = read.messages.iter().map(|message| message.octets().len()).sum();
    assert!(octets_read + 4 * read.keep_alives <= octets.len());
}

/// What was read of a stream. Answers to keep-alives are left out: half a keep-alive is told as one, since waiting for the
/// other half would hold a true one back.
#[derive(Debug, Default, PartialEq)]
struct Read {
    messages: Vec<Message>,
    keep_alives: usize,
    end: Option<End>,
}

/// Why reading ended.
#[derive(Debug, PartialEq)]
enum End {
    Head(ParseErrorKind),
    NoContentLength(Bytes),
    TooLarge,
}

fn frames(pieces: &[&[u8]]) -> Read {
    let mut framer = Framer::default();
    let mut read = Read::default();
    for piece in pieces {
        framer.push(piece);
        while let Some(frame) = framer.next() {
            match frame {
                Ok(Frame::Message(message)) => read.messages.push(message),
                Ok(Frame::KeepAlive) => read.keep_alives += 1,
                Ok(Frame::Pong) => {}
                Err(FrameError::Head(error)) => read.end = Some(End::Head(error.kind)),
                Err(FrameError::NoContentLength(head)) => read.end = Some(End::NoContentLength(head)),
                Err(FrameError::TooLarge(_)) => read.end = Some(End::TooLarge),
            }
        }
    }
    read
}

/// One value, read as each that a field may hold.
pub fn value(octets: &[u8]) {
    let Ok(text) = std::str::from_utf8(octets) else { return };
    uri(text);
    if let Ok(address) = NameAddr::parse(text) {
        let _ = (address.display_name(), address.tag(), address.param("expires"));
        uri(address.uri);
    }
    if let Ok(via) = Via::parse(text) {
        let _ = (via.branch(), via.received(), via.rport());
    }
    if let Ok(cseq) = CSeq::parse(text) {
        assert_eq!(CSeq::parse(&format!("{} {}", cseq.number, cseq.method)).as_ref(), Ok(&cseq));
    }
    if let Ok(media) = MediaType::parse(text) {
        assert_eq!(media.essence(), media.essence().to_ascii_lowercase());
        let _ = media.param("boundary");
    }
    let tokenized: Params<'_> = Tokenized::parse(text).params;
    let _ = (tokenized.iter().count(), tokenized.get("x"));
    assert!(split_list(text).map(str::len).sum::<usize>() <= text.len());
    if let Ok(time) = Time::parse_rfc3339(text) {
        // Milliseconds are written.
        let written = Time::from_nanos(time.as_nanos() / 1_000_000 * 1_000_000);
        assert_eq!(Time::parse_rfc3339(&time.to_rfc3339()).ok(), Some(written));
    }
}

fn uri(text: &str) {
    let key = identity_key(text);
    assert_eq!(identity_key(&key), key, "the key of a key is itself");
    let Ok(uri) = Uri::parse(text) else { return };
    let _ = uri.equals(&uri);
    if let Uri::Sip(sip) = &uri {
        assert!(sip.same_user_and_host(sip));
        let _ = sip.transport();
    }
    if let Uri::Tel(tel) = &uri {
        assert!(tel.digits().len() <= text.len());
    }
}
