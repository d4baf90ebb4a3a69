//! What is told of a chat for the history of its user: what was said, when it was first taken, and that the chat has ended.

use super::chat::Chat;
use super::kept_states::state_of;
use crate::call::Mechanics;
use crate::call::carried::{Carried, Ended, InSession, SessionKind, SessionOf};
use bytes::Bytes;
use cpm_wire::time::Time;

impl Chat {
    /// Something was taken from the user's device, or for the user.
    pub fn tell_said(&self, m: &mut Mechanics, sent: bool, content_type: &str, octets: &Bytes) {
        m.carried(|| {
            let (content_type, octets) = (content_type.to_owned(), octets.clone());
            Carried::InSession(Box::new(InSession { session: self.session(), sent, content_type, octets }))
        });
    }

    /// The chat has ended, for all or for the user.
    pub fn tell_ended(&self, m: &mut Mechanics) {
        let now = m.now;
        m.carried(|| {
            let state = (!self.is_one_to_one()).then(|| state_of(&self.record, now, &self.roster.known));
            let of_state = state.iter().flat_map(|state| &state.participants).map(|one| one.comm_addr.clone());
            let participants = match &state {
                Some(_) => of_state.collect(),
                None => vec![self.record.user.clone(), self.record.focus.clone()],
            };
            Carried::Ended(Box::new(Ended { session: self.session(), participants, state }))
        });
    }

    fn session(&self) -> SessionOf {
        let record = &self.record;
        SessionOf {
            user: record.user.clone(),
            other: record.focus.clone(),
            conversation: record.conversation.clone(),
            contribution: record.contribution.clone(),
            subject: record.subject.clone().unwrap_or_default(),
            kind: if self.is_one_to_one() { SessionKind::OfTwo } else { SessionKind::OfGroup },
            since: Time::from_nanos(record.since),
        }
    }
}
