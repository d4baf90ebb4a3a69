//! A chat of two whose served user cannot be had: the function stands in for the user, keeps what the other says, and
//! delivers it in a session of its own from the store-and-forward identity, which it ends when all is delivered. The
//! other side may stay in its session meanwhile. [CPM-CONV-058, CPM-CONV-058a, L07, L27]

use super::chat::{Chat, Focus};
use crate::call::admission::ALLOW;
use crate::call::legs::LegId;
use crate::call::offer::Local;
use crate::call::{CHAT_SERVICE, CHAT_TAG, Mechanics};
use crate::store::{ChatKind, ChatRecord};
use cpm_wire::sip::{Message, Method, Name};

/// The user part of the identity that stored messages come from.
const STAND_FORWARD: &str = "rcse-standfw";

/// The identity that stored messages come from.
pub fn stand_forward(m: &Mechanics) -> String {
    format!("<sip:{STAND_FORWARD}@{}>", m.config.domain)
}

/// True for an INVITE of a chat of two, by the service that it names.
pub fn is_chat(invite: &Message) -> bool {
    let named = [Name::PAssertedService, Name::PPreferredService, Name::AcceptContact];
    named.iter().any(|name| invite.headers(name).any(|value| value.contains("oma.cpm.session")))
}

/// Who calls: as the network asserts it, or else as the request says.
pub fn caller(invite: &Message) -> String {
    let asserted = invite.asserted_identities().find_map(Result::ok).map(|asserted| asserted.uri.to_owned());
    asserted.or_else(|| invite.from().ok().map(|from| from.uri.to_owned())).unwrap_or_default()
}

impl Chat {
    /// True for a chat of two.
    pub fn is_one_to_one(&self) -> bool {
        self.record.kind == ChatKind::OneToOne
    }

    /// The other side calls, and the user cannot be had.
    pub fn called_by(&mut self, m: &mut Mechanics, leg: LegId, told: ChatRecord) {
        self.leave_former_focus(m);
        self.update(m, told);
        self.focus = Focus::Inviting { leg, until: m.now, refusals: Vec::new(), ringing: false };
        self.answer_focus(m);
    }

    /// Something came while the other side is still there: a device that can be reached gets it now.
    pub fn deliver_at_once(&mut self, m: &mut Mechanics) {
        for device in m.registrations.devices(m.now, &self.user) {
            if !self.attempts.contains_key(&device.key) {
                self.drain(m, &device);
            }
        }
    }

    /// The INVITE that brings a device what was stored.
    pub fn stored_messages_invite(&self, m: &mut Mechanics, target: &str, local: &Local) -> Message {
        let record = &self.record;
        let identity = stand_forward(m);
        let own = m.contact_uri();
        let from = format!("{};tag={}", record.from, m.tokens.tag());
        let mut invite = m
            .own_request(Method::Invite, target, &record.user, false)
            .header(Name::From, from)
            .header(Name::To, format!("<{}>", record.user))
            .header(Name::Contact, format!("<{own}>;{CHAT_TAG}"))
            .header(Name::PAssertedIdentity, identity)
            .header(Name::ReferredBy, format!("<{}>", record.focus))
            .header(Name::ContributionId, &record.contribution)
            .header(Name::ConversationId, &record.conversation)
            .header(Name::PAssertedService, record.service.as_deref().unwrap_or(CHAT_SERVICE))
            .header(Name::AcceptContact, format!("*;{CHAT_TAG}"))
            .header(Name::Allow, ALLOW);
        if let Some(subject) = &record.subject {
            invite = invite.header(Name::Subject, subject);
        }
        if let Some(privacy) = &record.privacy {
            invite = invite.header(Name::Privacy, privacy);
        }
        invite.body("application/sdp", local.sdp()).build()
    }
}
