//! SIP transactions: the four machines of RFC 3261 section 17 as corrected by RFC 6026 and RFC 4320, sans-IO.
//!
//! A [`Layer`] serves one SIP element. Its owner gives it the requests that it wants to send, every message that
//! arrives and every response that it decides on, each with the time; then it polls: messages to be sent, events to
//! be judged, and the time at which the layer wants to be woken. `P` is what the owner needs to reach a peer; the
//! layer only keeps it. Of a request received it is the place to which the responses go
//! ([`response_peer`](crate::endpoint::response_peer)).
//!
//! The owner has checked that a message can be served ([`Message::check_request`]); what cannot be attributed to a
//! transaction for want of Via, CSeq or Call-ID is dropped here.

mod build;
mod client_invite;
mod client_other;
mod clients;
mod key;
mod layer;
mod machine;
mod schedule;
mod server_invite;
mod server_other;
mod servers;
#[cfg(test)]
mod tests;
mod timers;

pub use layer::Layer;
pub use timers::Timers;

use crate::sip::Message;

/// A client transaction of one layer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ClientId(u64);

/// A server transaction of one layer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ServerId(u64);

/// What the layer wants of its owner.
#[derive(Clone, Debug)]
pub enum Output<P> {
    /// Send this message.
    Send {
        /// The message.
        message: Message,
        /// To whom.
        peer: P,
    },
    /// Something happened.
    Event(Event<P>),
}

/// What the owner has to know.
#[derive(Clone, Debug)]
pub enum Event<P> {
    /// A new request: no ACK, no CANCEL, no retransmission. It is to be answered by [`Layer::respond`].
    Request {
        /// Its transaction.
        server: ServerId,
        /// The request.
        message: Message,
        /// From whom.
        peer: P,
    },
    /// A new CANCEL. The owner answers it (200, or 481 without `invite`), and the INVITE with 487 if it has no final
    /// response yet (RFC 3261 section 9.2).
    Cancel {
        /// The transaction of the CANCEL itself.
        server: ServerId,
        /// That of the INVITE, if it is still there.
        invite: Option<ServerId>,
        /// The CANCEL.
        message: Message,
        /// From whom.
        peer: P,
    },
    /// The ACK of a 2xx, each time that it comes; or an ACK that belongs to nothing.
    Ack {
        /// The INVITE that it acknowledges.
        server: Option<ServerId>,
        /// The ACK.
        message: Message,
        /// From whom.
        peer: P,
    },
    /// A response: every provisional one, every 2xx, the final one.
    Response {
        /// The transaction of its request.
        client: ClientId,
        /// The response.
        message: Message,
        /// From whom.
        peer: P,
        /// True for a 2xx to INVITE whose To tag was seen before: it wants the same ACK again.
        repeated: bool,
    },
    /// No final response came in time: timer B or F, or 64*T1 after a CANCEL.
    Timeout {
        /// The transaction, which is over.
        client: ClientId,
        /// Its request.
        request: Message,
    },
    /// The request, or the ACK of its refusal, could not be sent.
    TransportError {
        /// The transaction, which is over.
        client: ClientId,
        /// Its request.
        request: Message,
    },
    /// A 2xx was not acknowledged within 64*T1: the owner should send BYE (RFC 3261 section 13.3.1.4).
    Unacknowledged {
        /// The transaction of the INVITE, which is over.
        server: ServerId,
    },
    /// A response that belongs to no transaction.
    StrayResponse {
        /// The response.
        message: Message,
        /// From whom.
        peer: P,
    },
}
