//! Which invitations begin a session: their identifiers [L09], the limit of their user [L19], their interval [L28].

use super::Sessions;
use super::timer::{self, Asked};
use crate::call::Mechanics;
use crate::call::served::ServedUser;
use crate::config::MissingIds;
use cpm_wire::sip::{Message, Name};
use cpm_wire::transaction::ServerId;

/// The invitation with the identifiers that it needs; none when it is refused for want of them, and answered.
pub fn identified(m: &mut Mechanics, server: ServerId, invite: Message, group: bool) -> Option<Message> {
    let named = |name: &Name| invite.header(name).is_some_and(|value| !value.is_empty());
    let missing: Vec<Name> =
        [Name::ConversationId, Name::ContributionId].into_iter().filter(|name| !named(name)).collect();
    match m.config.missing_ids {
        _ if missing.is_empty() => Some(invite),
        MissingIds::Insert => {
            let edit = missing.into_iter().fold(invite.edit(), |edit, name| edit.set(name, identifier(m)));
            Some(edit.finish())
        }
        // A group chat is known by its contribution alone.
        MissingIds::PassOn if !group => Some(invite),
        MissingIds::PassOn | MissingIds::Refuse => {
            m.reply(server, &invite, 400, |response| {
                response.header(Name::Warning, "399 cpm-reference \"Contribution-ID or Conversation-ID is missing\"")
            });
            None
        }
    }
}

/// 128 bits in hexadecimal digits, the form that Contribution-IDs have in the field.
fn identifier(m: &mut Mechanics) -> String {
    format!("{:016x}{:016x}", m.tokens.number(), m.tokens.number())
}

impl Sessions {
    /// True when the served user may have one more session; otherwise the invitation has been answered.
    pub(super) fn admits(
        &mut self,
        m: &mut Mechanics,
        server: ServerId,
        invite: &Message,
        served: &ServedUser,
    ) -> bool {
        if let Asked::TooShort = timer::asked(m, invite, None) {
            timer::refuse_short(m, server, invite);
            return false;
        }
        let held = self.of_user.of(&served.key).len();
        let full = m.config.max_sessions_per_user.is_some_and(|most| held >= most);
        if full {
            m.reply(server, invite, 486, |response| {
                response.header(Name::Warning, "399 cpm-reference \"the user has as many sessions as may be\"")
            });
        }
        !full
    }
}
