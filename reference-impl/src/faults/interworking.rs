//! Faults with what CPM does not take, and the interworking function. [PF-IWF-01]

mod answers;
mod choosing;
mod onward;

use super::Fault;
use cpm_wire::sip::{Message, Method};

pub(super) const FAULTS: &[&[Fault]] = &[choosing::FAULTS, onward::FAULTS, answers::FAULTS];

/// True for a request that goes to the interworking function: of those that the element sends it alone has a second Route.
fn is_interworked(message: &Message) -> bool {
    message.is_request()
        && matches!(message.method(), Method::Message | Method::Invite)
        && message.to_tag().is_none()
        && message.routes().count() > 1
}
