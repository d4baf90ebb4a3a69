//! What is told of a session for the history of its user, where that is kept: what was said, and that it has ended.

use super::session::Session;
use super::side::Side;
use crate::call::Mechanics;
use crate::call::carried::{Carried, Ended, InSession, SessionKind, SessionOf};
use crate::call::media::{MediaId, Passed};
use crate::call::served::{ServedUser, SessionCase, originator};
use crate::functions::messages::is_large;
use cpm_wire::sip::Message;

/// What is told of a session that begins so.
pub fn session_of(m: &Mechanics, invite: &Message, served: &ServedUser) -> SessionOf {
    let other = match served.case {
        SessionCase::Originating => invite.request_uri().map(str::to_owned),
        SessionCase::Terminating => originator(invite),
    };
    let kind = if is_large(invite) { SessionKind::Large } else { SessionKind::OfTwo };
    SessionOf::begun_by(invite, &served.identity, other.unwrap_or_default(), kind, m.now)
}

impl Session {
    /// Has told what goes through on any side.
    pub fn watch(&self, m: &mut Mechanics) {
        if self.kept.is_some() && !self.over {
            self.sides().filter_map(|side| side.media.as_ref()?.media()).for_each(|media| m.media.watch(media));
        }
    }

    /// Something has gone from a side to the other.
    pub fn passed(&self, m: &mut Mechanics, media: MediaId, passed: Passed) {
        let Some(session) = &self.kept else { return };
        let own = |side: &Side| side.media.as_ref().is_some_and(|own| own.is(media));
        let sent = self.near().iter().any(own);
        let Passed { content_type, octets } = passed;
        let session = SessionOf::clone(session);
        m.carried(|| Carried::InSession(Box::new(InSession { session, sent, content_type, octets })));
    }

    /// The session is over, if it ever was one.
    pub fn tell_ended(&self, m: &mut Mechanics) {
        let Some(session) = self.kept.as_ref().filter(|_| self.is_up() && !self.handed_over) else { return };
        let participants = vec![session.user.clone(), session.other.clone()];
        let session = SessionOf::clone(session);
        m.carried(|| Carried::Ended(Box::new(Ended { session, participants, state: None })));
    }
}
