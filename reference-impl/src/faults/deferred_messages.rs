//! Faults with what waits for its user outside sessions. [PF-MSG-04], [PF-DEV-03].

mod delivering;
mod storing;
mod telling;

use super::Fault;
use super::editing::{is_notification, notification, pager_envelope, renamed};
use super::passage::Way;
use super::tampering::Fate;
use crate::call::served::{SessionCase, served_user};
use bytes::Bytes;
use cpm_wire::cpim;
use cpm_wire::imdn::Status;
use cpm_wire::sip::{Message, Method, Name};
use std::collections::HashSet;
use std::time::Duration;

pub(super) const FAULTS: &[&[Fault]] = &[storing::FAULTS, delivering::FAULTS, telling::FAULTS];

/// The user part of the service at which deferred messages are had.
const SERVICE: &str = "sip:deferred@";

/// Which requests the element began: their Call-IDs have not come in before.
#[derive(Default)]
pub(super) struct Origins(HashSet<String>);

impl Origins {
    /// Learns of a message; true for a request that the element began.
    pub(super) fn is_own(&mut self, way: Way, message: &Message) -> bool {
        let Some(call_id) = message.call_id().filter(|_| message.is_request()) else { return false };
        match way {
            Way::In => {
                self.0.insert(call_id.to_owned());
                false
            }
            Way::Out => !self.0.contains(call_id),
        }
    }

    /// The message of a user that the element sends by a MESSAGE of its own.
    pub(super) fn pushed(&mut self, way: Way, message: &Message) -> Option<cpim::Message> {
        let own = self.is_own(way, message);
        pager_envelope(message).filter(|envelope| own && !is_notification(envelope))
    }

    /// The element's own word that a message failed: about which.
    pub(super) fn says_failed(&mut self, way: Way, message: &Message) -> Option<String> {
        let own = self.is_own(way, message);
        let told = pager_envelope(message).filter(|_| own).and_then(|envelope| notification(&envelope))?;
        (told.status == Status::Failed).then_some(told.message_id)
    }
}

/// True for a MESSAGE in this session case, on its way in.
pub(super) fn comes(way: Way, message: &Message, case: SessionCase) -> bool {
    let is_message = way == Way::In && message.is_request() && message.method() == Method::Message;
    is_message && served_user(message).is_some_and(|served| served.case == case)
}

/// The envelope for a user who is not registered.
pub(super) fn for_absent(way: Way, message: &Message) -> Option<cpim::Message> {
    let absent = served_user(message).is_some_and(|served| served.registered == Some(false));
    pager_envelope(message).filter(|_| absent && comes(way, message, SessionCase::Terminating))
}

/// Begins the Call-ID of a request of the fault's own.
const OWN_CALL: &str = "fault-";

/// True for the answer to a request of the fault's own.
pub(super) fn answers_own(way: Way, message: &Message) -> bool {
    way == Way::In && message.status().is_some() && message.call_id().is_some_and(|id| id.starts_with(OWN_CALL))
}

/// The request passes, and one of the fault's own like it follows, with this body.
pub(super) fn followed(message: &Message, body: impl Into<Bytes>) -> Fate {
    let via = message.header(&Name::Via).unwrap_or_default().replace("z9hG4bK", "z9hG4bKfault");
    let content_type = message.header(&Name::ContentType).unwrap_or_default();
    let call_id = format!("{OWN_CALL}{}", message.call_id().unwrap_or_default());
    let copy = message.edit().set(Name::Via, via).set(Name::CallId, call_id).body(content_type, body.into()).finish();
    Fate::Followed(vec![(Duration::from_millis(1), copy.octets().clone())])
}

/// The same with the envelope as that of another message.
pub(super) fn followed_by_another(message: &Message, envelope: &cpim::Message) -> Fate {
    followed(message, renamed(envelope.octets()))
}
