//! How the focus invites a served user, takes one who comes by himself, and parts from them.

use super::{Focus, Leg, LegState};
use crate::actors::media::SessionKey;
use crate::actors::serving_cscf::Served;
use crate::actors::session::{
    CHAT_SERVICE, GROUP_SERVICE, Takes, feature_tag, local_media, media_of, offer_body, sdp_and_list, sdp_body,
};
use crate::actors::signalling::{Purpose, Signalling};
use crate::evidence::{ChatKind, Event, MemberStatus};
use bytes::Bytes;
use cpm_wire::dialog::Dialog;
use cpm_wire::offer_answer::{self, Side};
use cpm_wire::resource_lists::{Entry, List};
use cpm_wire::sdp::Direction;
use cpm_wire::sip::{Message, Method, Name};
use cpm_wire::transaction::ServerId;
use std::collections::VecDeque;

/// The feature tag of a group whose members were fixed as it was made.
const CLOSED_GROUP: &str = "+g.3gpp.iari-ref=\"urn%3Aurn-7%3A3gpp-application.ims.iari.rcs.closedgroupchat\"";

impl Leg {
    pub(super) fn new() -> Leg {
        Leg {
            state: LegState::Inviting,
            rings: false,
            invite: None,
            dialog: None,
            offer: None,
            session: None,
            queue: VecDeque::new(),
            unanswered: Vec::new(),
            acknowledged: Vec::new(),
            media_generation: 0,
        }
    }
}

impl Focus {
    /// Contact of the focus: the identity of the group session. In a chat of two, a device of the other.
    pub(in crate::actors) fn contact(&self) -> String {
        match self.kind {
            ChatKind::Open => format!("<{}>;isfocus;{}", self.uri, feature_tag(GROUP_SERVICE)),
            ChatKind::Closed => format!("<{}>;isfocus;{};{CLOSED_GROUP}", self.uri, feature_tag(GROUP_SERVICE)),
            ChatKind::OneToOne => format!("<{}>;{}", self.device, feature_tag(CHAT_SERVICE)),
        }
    }

    fn service(&self) -> &'static str {
        if self.kind == ChatKind::OneToOne { CHAT_SERVICE } else { GROUP_SERVICE }
    }

    /// Session description and, in a group, the list of those who take part.
    fn invitation_body(&self, sdp: Bytes) -> (String, Bytes) {
        if self.kind == ChatKind::OneToOne {
            return ("application/sdp".to_owned(), sdp);
        }
        let listed = self
            .members
            .iter()
            .filter(|member| matches!(member.status, MemberStatus::Connected | MemberStatus::Invited));
        let entries = listed.map(|member| Entry::new(&member.entity)).collect();
        sdp_and_list(sdp, &List { entries }, "recipient-list-history;handling=optional")
    }

    /// Invites a served user on behalf of a member.
    pub fn invite(
        &mut self,
        signalling: &mut Signalling,
        person: &str,
        identity: &str,
        inviter: &str,
        registered: bool,
    ) {
        signalling.links.out.event(Event::Invited { group: self.name.clone(), person: person.to_owned() });
        self.member(signalling, identity, MemberStatus::Invited);
        if self.kind == ChatKind::OneToOne {
            identity.clone_into(&mut self.partner);
        }
        let path = self.media.path(&signalling.ids.token());
        let offer = local_media(&self.media, &path, Direction::SendRecv, Takes::FOCUS).offer();
        self.media.offer(&path);
        let (content_type, body) = self.invitation_body(offer_body(&offer, signalling.ids.bits()));
        let service = self.service();
        let served = Served { identity, originating: false, registered };
        let cscf = signalling.cscf.clone();
        let host = self.host();
        let request = cscf
            .initial(&mut signalling.ids, Method::Invite, identity, &served, &host)
            .header(Name::From, format!("<{}>;tag={}", self.uri, signalling.ids.token()))
            .header(Name::To, format!("<{identity}>"))
            .header(Name::Contact, self.contact())
            .header(Name::PAssertedIdentity, format!("<{}>", self.uri))
            .header(Name::PAssertedService, service)
            .header(Name::AcceptContact, format!("*;{}", feature_tag(service)))
            .header(Name::Subject, self.subject.clone())
            .header(Name::ConversationId, self.conversation.clone())
            .header(Name::ContributionId, self.contribution.clone())
            .header(Name::Allow, "INVITE, ACK, CANCEL, BYE, MESSAGE, OPTIONS, UPDATE, SUBSCRIBE, NOTIFY, REFER");
        let request = match self.kind {
            ChatKind::OneToOne => request,
            _ => request.header(Name::ReferredBy, format!("<{}>", self.known_as(inviter))),
        };
        let request = request.body(&content_type, body).build();
        let purpose = Purpose::Invite { group: self.name.clone(), person: person.to_owned() };
        let client = signalling.request(request.clone(), purpose);
        let mut leg = Leg::new();
        leg.invite = Some((client, request));
        leg.offer = Some(offer);
        let old = self.legs.insert(person.to_owned(), leg);
        self.replaced.extend(old.and_then(|old| old.invite).map(|(_, invite)| invite));
    }

    /// The focus gives up an invitation that was not answered.
    pub fn withdraw(&mut self, signalling: &mut Signalling, person: &str) {
        let Some(leg) = self.legs.get_mut(person) else { return };
        if let Some((client, _)) = &leg.invite {
            leg.state = LegState::Withdrawn;
            signalling.cancel(*client);
        }
    }

    /// An answer to an invitation.
    pub fn invite_answered(&mut self, signalling: &mut Signalling, person: &str, identity: &str, answer: &Message) {
        let status = answer.status().unwrap_or_default();
        if !self.legs.get(person).is_some_and(|leg| leg.invite.as_ref().is_some_and(|(_, own)| same_call(own, answer)))
        {
            self.answered_too_late(signalling, answer);
            return;
        }
        let Some(leg) = self.legs.get_mut(person) else { return };
        match status {
            0..=100 => {}
            101..=199 => leg.rings = true,
            200..=299 => self.accepted(signalling, person, identity, answer),
            _ => {
                if leg.state == LegState::Inviting {
                    leg.state = LegState::Refused(status);
                    self.member(signalling, identity, MemberStatus::Departed);
                }
            }
        }
    }

    /// An answer to an invitation whose leg has been replaced meanwhile: a session that comes of it is ended at once.
    fn answered_too_late(&mut self, signalling: &mut Signalling, answer: &Message) {
        let Some(invite) = self.replaced.iter().find(|invite| same_call(invite, answer)) else { return };
        if !answer.status().is_some_and(|status| (200..300).contains(&status)) {
            return;
        }
        if let Ok(mut dialog) = Dialog::uac(invite, answer) {
            signalling.acknowledge(dialog.ack(1));
            signalling.in_dialog(dialog.request(Method::Bye), Purpose::Plain);
        }
    }

    /// Nobody answered an invitation.
    pub fn invite_unanswered(&mut self, person: &str) {
        if let Some(leg) = self.legs.get_mut(person).filter(|leg| leg.state == LegState::Inviting) {
            leg.state = LegState::Refused(0);
        }
    }

    fn accepted(&mut self, signalling: &mut Signalling, person: &str, identity: &str, answer: &Message) {
        let Some(leg) = self.legs.get_mut(person) else { return };
        if let Some(dialog) = &leg.dialog {
            signalling.acknowledge(dialog.ack(1));
            return;
        }
        let Some(mut dialog) = leg.invite.as_ref().and_then(|(_, invite)| Dialog::uac(invite, answer).ok()) else {
            return;
        };
        signalling.acknowledge(dialog.ack(1));
        if leg.state == LegState::Withdrawn {
            // The 2xx crossed our CANCEL: the session came to be, and is ended (RFC 3261 section 9.1).
            signalling.in_dialog(dialog.request(Method::Bye), Purpose::Plain);
            return;
        }
        leg.dialog = Some(dialog);
        leg.state = LegState::Established;
        if let (Some(offer), Some(remote)) = (leg.offer.clone(), media_of(answer)) {
            let role = offer_answer::role(&offer, &remote, Side::Offerer);
            let path = offer.path.first().cloned().unwrap_or_default();
            leg.session = Some(self.media.open(signalling.now, &path, remote.path, role, &mut signalling.links));
            leg.media_generation += 1;
        }
        self.member(signalling, identity, MemberStatus::Connected);
        self.handle_media(signalling);
    }

    /// A session of the focus has its connection: what was said meanwhile goes out.
    pub(super) fn bound(&mut self, signalling: &mut Signalling, session: SessionKey) {
        let Some(leg) = self.legs.values_mut().find(|leg| leg.session == Some(session)) else { return };
        while let Some(outgoing) = leg.queue.pop_front() {
            leg.unanswered.push(outgoing.message_id.clone());
            self.media.send(signalling.now, session, outgoing, &mut signalling.links);
        }
    }

    /// Somebody calls the identity of the group session: a served user who rejoins, through the target.
    pub fn called(
        &mut self,
        signalling: &mut Signalling,
        server: ServerId,
        request: &Message,
        person: &str,
        identity: &str,
    ) {
        if self.ended {
            signalling.refuse(server, 404);
            return;
        }
        if self.has_removed(identity) {
            signalling.refuse(server, 403);
            return;
        }
        let Some(offer) = media_of(request) else {
            signalling.refuse(server, 488);
            return;
        };
        let path = self.media.path(&signalling.ids.token());
        let Ok(answer) =
            offer_answer::answer(&offer, &local_media(&self.media, &path, Direction::SendRecv, Takes::FOCUS))
        else {
            signalling.refuse(server, 488);
            return;
        };
        let tag = signalling.ids.token();
        let body = sdp_body(&answer, signalling.ids.bits(), 1);
        let contact = self.contact();
        signalling.answer(server, 200, &tag, |response| {
            response
                .header(Name::Contact, contact)
                .header(Name::Allow, "INVITE, ACK, CANCEL, BYE, MESSAGE, OPTIONS, UPDATE, SUBSCRIBE, NOTIFY, REFER")
                .body("application/sdp", body)
        });
        let role = offer_answer::role(&offer, &answer, Side::Answerer);
        let session = self.media.open(signalling.now, &path, offer.path.clone(), role, &mut signalling.links);
        // What could not be sent on the old leg is not kept for the new one: a focus that stored it would do what the
        // target is there for, and a target that only passes requests on would look as if it did.
        let old = self.legs.remove(person);
        let mut leg = Leg::new();
        leg.state = LegState::Established;
        leg.dialog = Dialog::uas(request, &tag).ok();
        leg.session = Some(session);
        leg.media_generation = 1;
        if let Some(mut old) = old {
            self.replaced.extend(old.invite.take().map(|(_, invite)| invite));
            leg.media_generation += old.media_generation;
            leg.acknowledged = std::mem::take(&mut old.acknowledged);
            if let Some(session) = old.session {
                self.media.close(session, &mut signalling.links);
            }
            if let Some(dialog) = old.dialog.as_mut().filter(|_| old.state == LegState::Established) {
                signalling.in_dialog(dialog.request(Method::Bye), Purpose::Plain);
            }
        }
        self.legs.insert(person.to_owned(), leg);
        self.member(signalling, identity, MemberStatus::Connected);
        self.handle_media(signalling);
    }

    /// A request inside the leg to a served user; false when it is in none.
    pub fn in_dialog(
        &mut self,
        signalling: &mut Signalling,
        server: ServerId,
        request: &Message,
        identity_of: &dyn Fn(&str) -> String,
    ) -> bool {
        let found =
            self.legs.iter_mut().find(|(_, leg)| leg.dialog.as_ref().is_some_and(|dialog| dialog.matches(request)));
        let Some((person, leg)) = found else { return false };
        let person = person.clone();
        if leg.dialog.as_mut().is_some_and(|dialog| dialog.receive(request).is_err()) {
            signalling.refuse(server, 500);
            return true;
        }
        match request.method() {
            Method::Bye => {
                signalling.refuse(server, 200);
                if leg.state != LegState::Established {
                    // It crossed the end that the focus itself had made.
                    return true;
                }
                leg.state = LegState::Left;
                if let Some(session) = leg.session.take() {
                    self.media.close(session, &mut signalling.links);
                }
                self.member(signalling, &identity_of(&person), MemberStatus::Departed);
            }
            Method::Invite | Method::Update => self.modified(signalling, &person, server, request),
            Method::Refer => self.asked_to_add(signalling, server, request),
            _ => signalling.refuse(server, 200),
        }
        true
    }

    /// The far end offers new media in the leg, as after a restart.
    fn modified(&mut self, signalling: &mut Signalling, person: &str, server: ServerId, request: &Message) {
        let contact = self.contact();
        let Some(offer) = media_of(request) else {
            signalling.answer(server, 200, "", |response| response.header(Name::Contact, contact));
            return;
        };
        let path = self.media.path(&signalling.ids.token());
        let Ok(answer) =
            offer_answer::answer(&offer, &local_media(&self.media, &path, Direction::SendRecv, Takes::FOCUS))
        else {
            signalling.refuse(server, 488);
            return;
        };
        let body = sdp_body(&answer, signalling.ids.bits(), 2);
        signalling
            .answer(server, 200, "", |response| response.header(Name::Contact, contact).body("application/sdp", body));
        let role = offer_answer::role(&offer, &answer, Side::Answerer);
        let session = self.media.open(signalling.now, &path, offer.path.clone(), role, &mut signalling.links);
        if let Some(leg) = self.legs.get_mut(person) {
            if let Some(old) = leg.session.replace(session) {
                self.media.close(old, &mut signalling.links);
            }
            leg.unanswered.clear();
            leg.media_generation += 1;
        }
        self.handle_media(signalling);
    }

    /// The chat ends: BYE on every leg, and the last word to those who watch.
    pub fn end(&mut self, signalling: &mut Signalling) {
        self.ended = true;
        signalling.links.out.event(Event::GroupEnded { group: self.name.clone() });
        self.end_watching(signalling);
        for leg in self.legs.values_mut().filter(|leg| leg.state == LegState::Established) {
            leg.state = LegState::Ended;
            if let Some(dialog) = leg.dialog.as_mut() {
                let bye = dialog.request(Method::Bye).header(Name::Reason, "SIP;cause=410;text=\"Gone\"");
                signalling.in_dialog(bye, Purpose::Plain);
            }
            if let Some(session) = leg.session.take() {
                self.media.close(session, &mut signalling.links);
            }
        }
    }
}

fn same_call(request: &Message, answer: &Message) -> bool {
    request.call_id() == answer.call_id()
}
