//! The messages that the layer makes by itself: ACK of a refusal, CANCEL, 100.

use super::key::Key;
use crate::sip::{Builder, Message, Method, Name, reason_phrase};
use std::hash::{DefaultHasher, Hash, Hasher};

/// Seconds after which a request refused for want of room may come again: what is over lingers no longer.
const RETRY_AFTER_S: u32 = 32;

/// The ACK of a final response other than 2xx (RFC 3261 section 17.1.1.3).
pub(super) fn ack(invite: &Message, response: &Message) -> Message {
    let to = response.header(&Name::To).or(invite.header(&Name::To)).unwrap_or_default();
    like(invite, Method::Ack, to).build()
}

/// The CANCEL of an INVITE (RFC 3261 section 9.1), with a Reason (RFC 3326) if there is one.
pub(super) fn cancel(invite: &Message, reason: Option<&str>) -> Message {
    let cancel = like(invite, Method::Cancel, invite.header(&Name::To).unwrap_or_default());
    reason.into_iter().fold(cancel, |cancel, reason| cancel.header(Name::Reason, reason)).build()
}

/// A request that goes the way of `invite` and belongs to its transaction.
fn like(invite: &Message, method: Method, to: &str) -> Builder {
    let number = invite.cseq().map(|cseq| cseq.number).unwrap_or_default();
    let cseq = format!("{number} {method}");
    let mut builder = Builder::request(method, invite.request_uri().unwrap_or_default());
    if let Some(via) = invite.values(&Name::Via).next() {
        builder = builder.header(Name::Via, via);
    }
    for route in invite.headers(&Name::Route) {
        builder = builder.header(Name::Route, route);
    }
    builder
        .header(Name::From, invite.header(&Name::From).unwrap_or_default())
        .header(Name::To, to)
        .header(Name::CallId, invite.call_id().unwrap_or_default())
        .header(Name::CSeq, cseq)
        .header(Name::MaxForwards, 70)
}

/// 100 (RFC 3261 section 8.2.6.1).
pub(super) fn trying(request: &Message) -> Message {
    Builder::response(request, 100, reason_phrase(100)).build()
}

/// 503 of an element that has no room for one more transaction. It keeps no state, so its To tag is computed from
/// the request and is the same for a retransmission (RFC 3261 section 8.2.7).
pub(super) fn overloaded(request: &Message) -> Message {
    let mut hasher = DefaultHasher::new();
    Key::server(request).hash(&mut hasher);
    Builder::response(request, 503, reason_phrase(503))
        .to_tag(&format!("{:016x}", hasher.finish()))
        .header(Name::RetryAfter, RETRY_AFTER_S)
        .build()
}
