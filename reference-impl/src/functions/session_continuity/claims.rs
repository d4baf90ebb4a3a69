//! Whom a session belongs to: another device of its user may have it, nobody else (RFC 3891 section 3).

use crate::call::legs::LegId;
use crate::call::registrations::Device;
use crate::call::served::{ServedUser, SessionCase};
use crate::call::{Mechanics, Owner};
use crate::config::Continuity;
use crate::functions::sessions::Sessions;
use crate::functions::sessions::session::Session;
use crate::functions::sessions::side::Side;
use cpm_wire::sip::{Message, Name, NameAddr, identity_key};

/// What an invitation says of sessions that there are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Claim {
    /// Nothing: it begins a session of its own.
    Nothing,
    /// It names one that it may not have; this is the answer.
    Refused(u16),
    /// It is to take the place of this leg of this session.
    Session(u64, LegId),
    /// It is to take the place of a leg of a chat.
    Chat(u64, LegId),
}

impl Sessions {
    /// What the invitation says of sessions that there are.
    pub fn claimed(&self, m: &Mechanics, served: &ServedUser, invite: &Message) -> Claim {
        match self.replaced(m, served, invite) {
            Claim::Nothing => self.continued(m, served, invite),
            claim => claim,
        }
    }

    /// By Replaces: the dialog of another device of the same user.
    fn replaced(&self, m: &Mechanics, served: &ServedUser, invite: &Message) -> Claim {
        let Some(replaces) = invite.tokenized(&Name::Replaces).next() else { return Claim::Nothing };
        let tag = |name: &str| replaces.params.get(name).flatten().map(|tag| tag.into_owned()).unwrap_or_default();
        let tags = [tag("to-tag"), tag("from-tag")];
        let Some((leg, owner)) = m.named_leg(replaces.value.trim(), &tags) else { return Claim::Nothing };
        let allowed = m.config.continuity.contains(&Continuity::Replaces);
        let early_only = replaces.params.get("early-only").is_some();
        match owner {
            // Whose chat it is, the chat knows.
            Owner::Chat(chat) if allowed && served.case == SessionCase::Originating => Claim::Chat(chat, leg),
            Owner::Session(id) => match self.held.get(&id) {
                Some(session) if allowed && session.is_of_device_of(m, served, leg, invite) => match early_only {
                    true => Claim::Refused(486),
                    false => Claim::Session(id, leg),
                },
                _ => Claim::Refused(403),
            },
            _ => Claim::Refused(403),
        }
    }

    /// By the contribution of a session that there is.
    fn continued(&self, m: &Mechanics, served: &ServedUser, invite: &Message) -> Claim {
        let contribution = invite.header(&Name::ContributionId).unwrap_or_default();
        if contribution.is_empty() || !m.config.continuity.contains(&Continuity::SameContribution) {
            return Claim::Nothing;
        }
        let mut stranger = false;
        for session in self.of_contribution(contribution) {
            let mut legs = session.near().iter().map(|side| side.leg);
            if let Some(leg) = legs.find(|leg| session.is_of_device_of(m, served, *leg, invite)) {
                return Claim::Session(session.id, leg);
            }
            stranger |= !session.is_party(m, invite);
        }
        if stranger { Claim::Refused(403) } else { Claim::Nothing }
    }
}

impl Session {
    /// True when the leg is that of a device of the user who invites, and the invitation comes from a device that is not in
    /// the session.
    fn is_of_device_of(&self, m: &Mechanics, served: &ServedUser, leg: LegId, invite: &Message) -> bool {
        let own = served.case == SessionCase::Originating && served.key == self.served.key && self.is_up();
        let Some(Ok(contact)) = invite.contacts().next() else { return false };
        let device = m.registrations.known(m.now, &served.key, Device::of_contact(&contact, m.now));
        let within = |side: &Side| side.device.as_ref().is_none_or(|known| known.may_be(&device));
        own && self.near().iter().any(|side| side.leg == leg && side.joined) && !self.near().iter().any(within)
    }

    /// True when who invites is the user, or the far end as far as that is known.
    fn is_party(&self, m: &Mechanics, invite: &Message) -> bool {
        let far = if self.originating { self.called.first() } else { Some(&self.caller) };
        let Some(far) = far.and_then(|far| m.leg(far.leg)?.dialog()) else { return true };
        let far = identity_key(NameAddr::parse(&far.remote_uri).map_or(far.remote_uri.as_str(), |far| far.uri));
        let asserted = invite.asserted_identities().filter_map(Result::ok).map(|asserted| identity_key(asserted.uri));
        let mut inviting = asserted.chain(invite.from().map(|from| identity_key(from.uri)));
        far.contains("anonymous.invalid") || inviting.any(|one| one == self.served.key || one == far)
    }
}
