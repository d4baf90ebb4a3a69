//! What becomes of the INVITE of a large message, or of a chat of two, that CPM does not take: the interworking function is
//! called in place of whoever has refused, and is the other side of the session if it answers.

use super::{Resort, heard, is_on_list, routed};
use crate::call::Mechanics;
use crate::call::legs::LegId;
use crate::call::sip::with_reasons;
use crate::functions::sessions::session::Session;
use cpm_wire::sip::{Editor, Message};

/// The interworking function is called for a session.
pub(in crate::functions) struct Interworked {
    /// What the caller hears if it fails.
    original: (u16, Option<Message>),
}

impl Session {
    /// Calls the interworking function instead of refusing the caller with this status; false where it is not for that.
    pub fn is_interworked(&mut self, m: &mut Mechanics, status: u16, said: Option<&Message>) -> bool {
        if self.resort == Resort::Never || self.interworked.is_some() || !is_on_list(&m.config, status) {
            return false;
        }
        let Some(invite) = m.leg(self.caller.leg).map(|caller| caller.invite().clone()) else { return false };
        for side in std::mem::take(&mut self.called) {
            self.drop_side(m, &side, 480, None);
        }
        self.interworked = Some(Box::new(Interworked { original: (status, said.cloned()) }));
        self.until = Some(m.now + m.config.no_answer);
        let target = invite.request_uri().unwrap_or_default().to_owned();
        self.call(m, &invite, &target, None, None);
        true
    }

    /// The same for who is offline, before anything is deferred.
    pub fn is_interworked_first(&mut self, m: &mut Mechanics) -> bool {
        self.resort == Resort::Offline && self.is_interworked(m, 480, None)
    }

    /// The call goes to the interworking function, if it is called now.
    pub fn toward_interworking(&self, m: &Mechanics, onward: Editor) -> Editor {
        if self.interworked.is_some() { routed(m, &self.served, onward) } else { onward }
    }

    /// The interworking function has refused, or does not answer: the caller is handed over to who stands in, or refused.
    pub fn not_interworked(&mut self, m: &mut Mechanics, status: u16, said: Option<&Message>) {
        for side in std::mem::take(&mut self.called) {
            self.drop_side(m, &side, status, None);
        }
        self.over = true;
        self.handed_over = self.stand_in;
        if self.handed_over {
            return;
        }
        let Some(interworked) = &self.interworked else { return };
        let (original, before) = &interworked.original;
        let status = heard(status, *original);
        let said = if status == *original { before.as_ref() } else { said };
        refuse(m, self.caller.leg, status, said);
    }
}

fn refuse(m: &mut Mechanics, leg: LegId, status: u16, said: Option<&Message>) {
    m.answer(leg, status, "", |refusal| with_reasons(refusal, said));
}
