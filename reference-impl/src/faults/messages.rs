//! Faults with messages outside sessions. [PF-MSG-02]. What the devices of one user get of them stands in
//! [`multi_device`](super::multi_device), who may send them in [`policies_and_preferences`](super::policies_and_preferences).

mod carrying;
mod large;
mod limits;
mod lists;
#[cfg(test)]
mod tests;

use super::Fault;
use super::editing::{pager_envelope, renamed};
use super::multi_device::BRANCH;
use crate::call::served::{SessionCase, served_user};
use crate::functions::messages::{Kind, kind};
use bytes::Bytes;
use cpm_wire::sip::{Message, Method, Name};

pub(super) const FAULTS: &[&[Fault]] = &[carrying::FAULTS, limits::FAULTS, lists::FAULTS, large::FAULTS];

/// True for a MESSAGE that carries a message of a user.
pub(super) fn is_pager(message: &Message) -> bool {
    message.is_request() && message.method() == Method::Message && matches!(kind(message), Kind::Message(_))
}

/// True for such a MESSAGE in this direction.
pub(super) fn is_pager_of(message: &Message, case: SessionCase) -> bool {
    is_pager(message) && served_user(message).is_some_and(|served| served.case == case)
}

/// The MESSAGE in a transaction of the fault's own.
pub(super) fn in_own_transaction(message: &Message) -> Message {
    let via = message.header(&Name::Via).unwrap_or_default().replace("z9hG4bK", BRANCH);
    message.edit().set(Name::Via, via).finish()
}

/// The MESSAGE once more, as another one with the same text.
fn once_more(message: &Message) -> Bytes {
    let own = in_own_transaction(message);
    let call_id = format!("{}.own", message.call_id().unwrap_or_default());
    let own = own.edit().set(Name::CallId, call_id);
    let own = match pager_envelope(message) {
        Some(envelope) => {
            own.body(message.header(&Name::ContentType).unwrap_or_default(), renamed(envelope.octets()).into())
        }
        None => own,
    };
    own.finish().octets().clone()
}

/// The MESSAGE with another last octet.
pub(super) fn with_another_octet(message: &Message) -> Bytes {
    let mut body = message.body().to_vec();
    if let Some(last) = body.last_mut() {
        *last ^= 1;
    }
    let content_type = message.header(&Name::ContentType).unwrap_or_default();
    message.edit().body(content_type, body.into()).finish().octets().clone()
}
