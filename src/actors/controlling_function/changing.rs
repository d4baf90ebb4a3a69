//! What changes a group as a whole: who hides, who is removed, who is added at the wish of a user, and its start anew at
//! another focus (RFC 4579, RFC 4488).

use super::{Focus, LegState};
use crate::actors::client::reports::uri_in;
use crate::actors::signalling::{Purpose, Signalling};
use crate::evidence::{ChatKind, Event, MemberStatus};
use cpm_wire::sip::{Message, Method, Name, identity_key};
use cpm_wire::subscription::Reason;
use cpm_wire::transaction::ServerId;

impl Focus {
    /// The URI by which the others know a member.
    pub(super) fn known_as(&self, entity: &str) -> String {
        self.aliases.get(entity).cloned().unwrap_or_else(|| entity.to_owned())
    }

    /// A member hides who it is: from now on the others know it by another URI.
    pub fn hide(&mut self, signalling: &mut Signalling, entity: &str) {
        let alias = format!("sip:{}@anonymous.invalid", signalling.ids.token());
        if let Some(member) = self.members.iter_mut().find(|member| member.entity == entity) {
            member.entity.clone_from(&alias);
        }
        self.aliases.insert(entity.to_owned(), alias.clone());
        signalling.links.out.event(Event::Hidden { group: self.name.clone(), identity: entity.to_owned(), alias });
        self.tell_roster(signalling);
    }

    /// Removes a served user: everybody is told, then the user's session is ended.
    pub fn remove(&mut self, signalling: &mut Signalling, person: &str, identity: &str) {
        self.member(signalling, identity, MemberStatus::Removed);
        self.stop_watching(signalling, identity, &Reason::Rejected);
        let Some(leg) = self.legs.get_mut(person) else { return };
        if let Some(dialog) = leg.dialog.as_mut().filter(|_| leg.state == LegState::Established) {
            let bye = dialog.request(Method::Bye).header(Name::Reason, "SIP;cause=200;text=\"Booted\"");
            signalling.in_dialog(bye, Purpose::Plain);
        }
        leg.state = LegState::Removed;
        if let Some(session) = leg.session.take() {
            self.media.close(session, &mut signalling.links);
        }
    }

    /// The session of a served user breaks off, though nobody wished it so; the user stays a member, and is told of no
    /// changes from here on.
    pub fn break_off(&mut self, signalling: &mut Signalling, person: &str) {
        let Some(leg) = self.legs.get_mut(person).filter(|leg| leg.state == LegState::Established) else { return };
        leg.state = LegState::Ended;
        self.told_from = Some(self.members.clone());
        if let Some(dialog) = leg.dialog.as_mut() {
            let bye = dialog.request(Method::Bye).header(Name::Reason, "SIP;cause=480;text=\"Bearer Unavailable\"");
            signalling.in_dialog(bye, Purpose::Plain);
        }
        if let Some(session) = leg.session.take() {
            self.media.close(session, &mut signalling.links);
        }
    }

    /// True when a served user was removed from the chat.
    pub fn has_sent_away(&self, person: &str) -> bool {
        self.legs.get(person).is_some_and(|leg| leg.state == LegState::Removed)
    }

    /// True for somebody who was removed, and is not let in again.
    pub(super) fn has_removed(&self, identity: &str) -> bool {
        let key = identity_key(identity);
        self.members.iter().any(|m| m.status == MemberStatus::Removed && identity_key(&m.entity) == key)
    }

    /// The chat begins again at a new focus, with the same Contribution-ID; gives the served users who are to be invited.
    pub fn begin_again(&mut self, signalling: &mut Signalling) -> Vec<String> {
        let uri = format!("sip:{}@{}", signalling.ids.token(), signalling.cscf.advertise);
        self.former.push(std::mem::replace(&mut self.uri, uri));
        self.ended = false;
        self.introduce(signalling);
        let were_there = self.legs.iter().filter(|(_, leg)| leg.state == LegState::Ended);
        were_there.map(|(person, _)| person.clone()).collect()
    }

    /// A user asks that somebody be added. A closed group stays as it was made.
    pub(super) fn asked_to_add(&mut self, signalling: &mut Signalling, server: ServerId, request: &Message) {
        let wanted = request.header(&Name::ReferTo).map(|to| uri_in(to).to_owned());
        let (ChatKind::Open, Some(wanted)) = (self.kind, wanted) else {
            signalling.refuse(server, 403);
            return;
        };
        // Whoever asked for no subscription gets none (RFC 4488).
        let quiet = request.header(&Name::ReferSub).is_some_and(|value| value.trim().eq_ignore_ascii_case("false"));
        let contact = self.contact();
        signalling.answer(server, 202, "", |response| {
            let response = response.header(Name::Contact, contact);
            if quiet { response.header(Name::ReferSub, "false") } else { response }
        });
        self.member(signalling, &wanted, MemberStatus::Connected);
    }
}
