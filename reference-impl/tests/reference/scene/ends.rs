//! What an end of an MSRP session hears, and how it answers.

use super::End;
use cpm_wire::msrp_session::SessionEvent;

impl End {
    /// Something happened in the session.
    pub(super) fn event(&mut self, event: SessionEvent) {
        match event {
            SessionEvent::Received { octets, content_type, reply, .. } => {
                self.received.push(octets);
                let bounded = self.answered.is_some_and(|most| self.received.len() > most);
                match self.status.filter(|_| !bounded) {
                    Some(_) if self.refused_types.contains(&content_type) => self.session.reply(reply, 415),
                    Some(status) => self.session.reply(reply, status),
                    None => self.unanswered.push(reply),
                }
            }
            SessionEvent::Acknowledged { message_id } => self.answers.push((message_id, 200)),
            SessionEvent::Refused { message_id, status } => self.answers.push((message_id, status)),
            SessionEvent::Unanswered { message_id } => self.answers.push((message_id, 0)),
            SessionEvent::Reported { message_id, .. } => self.reports.push(message_id),
            SessionEvent::Bodiless { .. } | SessionEvent::Aborted { .. } => {}
        }
    }
}
