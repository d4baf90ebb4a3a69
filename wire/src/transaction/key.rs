//! By what a message belongs to a transaction (RFC 3261 sections 17.1.3 and 17.2.3).

use crate::sip::{Message, Method, Name};
use std::sync::Arc;

/// The beginning of a branch that is unique by itself (RFC 3261 section 8.1.1.7).
const MAGIC_COOKIE: &str = "z9hG4bK";

/// Identifies one transaction. The parts of the message are joined by a character that none of them can contain;
/// the text is shared by all who hold the key.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Key(Arc<str>);

const JOIN: &str = "\n";

impl Key {
    /// Of the client transaction that `message` opens or answers: branch and method.
    pub(super) fn client(message: &Message) -> Option<Key> {
        let via = message.via().ok()?;
        let method = if message.is_request() { message.method() } else { message.cseq().ok()?.method };
        Some(Key([via.branch()?, method.as_str()].join(JOIN).into()))
    }

    /// Of the server transaction that the request belongs to; an ACK belongs to that of its INVITE.
    pub(super) fn server(request: &Message) -> Option<Key> {
        let method = request.method();
        let method = if method == Method::Ack { Method::Invite } else { method };
        Key::server_of(request, &method)
    }

    /// Of the INVITE that a CANCEL wants to cancel (RFC 3261 section 9.2).
    pub(super) fn cancelled(cancel: &Message) -> Option<Key> {
        Key::server_of(cancel, &Method::Invite)
    }

    fn server_of(request: &Message, method: &Method) -> Option<Key> {
        let via = request.via().ok()?;
        match via.branch().filter(|branch| branch.starts_with(MAGIC_COOKIE)) {
            Some(branch) => {
                let sent_by = via.host.to_ascii_lowercase();
                let port = via.port.map(|port| port.to_string()).unwrap_or_default();
                Some(Key([branch, &sent_by, &port, method.as_str()].join(JOIN).into()))
            }
            None => Key::of_rfc_2543(request, method),
        }
    }

    /// Peers older than RFC 3261 choose branches that are not unique (RFC 3261 section 17.2.3, second list).
    fn of_rfc_2543(request: &Message, method: &Method) -> Option<Key> {
        let number = request.cseq().ok()?.number.to_string();
        let via = request.values(&Name::Via).next()?;
        let parts = [
            request.request_uri()?,
            request.from_tag().unwrap_or_default(),
            request.call_id()?,
            &number,
            via,
            method.as_str(),
        ];
        Some(Key(parts.join(JOIN).into()))
    }
}

/// What two requests that are the same one by two paths have in common (RFC 3261 section 8.2.2.2), and what a 2xx
/// and its ACK have in common besides the To tag (RFC 3261 section 13.3.1.4).
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Origin(Arc<str>);

impl Origin {
    /// Call-ID, From tag, CSeq: of a request outside of a dialog only.
    pub(super) fn of_initial(request: &Message) -> Option<Origin> {
        if request.to_tag().is_some() {
            return None;
        }
        let cseq = request.cseq().ok()?;
        Origin::join(request, cseq.number, cseq.method.as_str())
    }

    /// Of a 2xx to an INVITE, or of an ACK: Call-ID, both tags, the number of the CSeq.
    pub(super) fn of_acknowledgement(message: &Message) -> Option<Origin> {
        Origin::join(message, message.cseq().ok()?.number, message.to_tag().unwrap_or_default())
    }

    fn join(message: &Message, number: u32, last: &str) -> Option<Origin> {
        let from = message.from_tag().unwrap_or_default();
        Some(Origin([message.call_id()?, from, &number.to_string(), last].join(JOIN).into()))
    }
}
