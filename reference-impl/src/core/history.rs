//! What is kept in the history of users: dispatch alone, as in the rest of the core.

use super::Core;
use crate::call::carried::Carried;
use crate::call::served::ServedUser;
use crate::functions::conversation_history::{asks, user_of};
use cpm_wire::sip::{Message, Name};

impl Core {
    /// Something was carried that may be for a user's history.
    pub(super) fn keep(&mut self, carried: Carried) {
        let Some(of) = user_of(&carried) else { return };
        let m = &mut self.mechanics;
        let wish = self.policies.history(m, &of.user, &of.other);
        self.history.keep(m, carried, wish);
    }

    /// A device begins a session, and may ask for it to be kept.
    pub(super) fn ask_for_history(&mut self, served: &ServedUser, invite: &Message) {
        if let Some(contribution) = invite.header(&Name::ContributionId)
            && asks(&self.mechanics.config, invite)
        {
            self.history.ask(&served.identity, contribution);
        }
    }
}
