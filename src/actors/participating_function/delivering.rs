//! Delivering what was kept: the invitation of a drain, what is sent in it, and its end (wire: RFC 3261, RFC 4975; shapes
//! and identities of the ledger, L07 and L27).

use super::{Home, Kept, Leg, LegState, Missed, Next, is_for, telling};
use crate::actors::controlling_function::{Focus, Logged};
use crate::actors::serving_cscf::{self, Served};
use crate::actors::session::{
    GROUP_SERVICE, Takes, feature_tag, local_media, media_of, offer_body, sdp_and_list, sdp_body,
};
use crate::actors::signalling::{Purpose, Signalling};
use crate::evidence::MemberStatus;
use bytes::Bytes;
use cpm_wire::dialog::Dialog;
use cpm_wire::msrp::FailureReport;
use cpm_wire::msrp_session::Outgoing;
use cpm_wire::offer_answer::{self, Side};
use cpm_wire::resource_lists::{Entry, List};
use cpm_wire::sdp::{Direction, MsrpMedia};
use cpm_wire::sip::{Message, Method, Name};
use cpm_wire::transaction::ServerId;
use std::collections::VecDeque;

const ALLOW: &str = "INVITE, ACK, CANCEL, BYE, MESSAGE, OPTIONS, UPDATE, SUBSCRIBE, NOTIFY, REFER";

/// Who is said to have invited the user.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Inviter {
    /// This member.
    Member(String),
    /// Nobody is named.
    Nobody,
}

/// How something is delivered.
#[derive(Clone, Debug)]
pub struct Delivery {
    /// A session in which the client only receives, or one that goes on.
    pub direction: Direction,
    /// On whose behalf.
    pub inviter: Inviter,
    /// What brings the lists before the final one.
    pub lists: Lists,
    /// How much of it is told.
    pub ending: Ending,
}

/// How the telling of the lists ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ending {
    /// With the last change at its place, and then the final list (L11).
    Whole,
    /// The final list alone has the last change. Beside documents in the session, it is told to whoever asks, at once.
    FinalListAlone,
    /// Before the last change: there is no final list, and who asks for it is not told more.
    Nothing,
}

/// What brings the lists before the final one (L23).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lists {
    /// Nothing: the client gets the final list when it asks.
    None,
    /// Notifications, each at its place among the messages.
    Notifications,
    /// Documents in the session, each at its place.
    Session,
}

impl Home {
    /// The user is invited to a group, and the client does not hear of it: from here on everything is kept.
    pub fn invited_in_absence(&mut self, focus: &mut Focus, signalling: &mut Signalling) {
        focus.member(signalling, &self.identity, MemberStatus::Connected);
        let kept = Kept { invited_with: focus.members.clone(), next: focus.log.len() };
        self.kept.insert(focus.name.clone(), kept);
    }

    /// The session of a user breaks off; what comes from here on is kept.
    pub fn lost(&mut self, focus: &Focus) {
        let next = focus.log.len();
        let invited_with = focus.members.clone();
        let kept = self.kept.entry(focus.name.clone()).or_insert(Kept { invited_with, next });
        kept.next = next;
    }

    /// Delivers what was kept of a group, in a session that this side opens.
    pub fn deliver(&mut self, focus: &mut Focus, signalling: &mut Signalling, delivery: &Delivery) {
        let kept = self.kept.entry(focus.name.clone()).or_insert(Kept { invited_with: focus.members.clone(), next: 0 });
        let from = std::mem::replace(&mut kept.next, focus.log.len());
        let invited_with = kept.invited_with.clone();
        let missed: Vec<Logged> =
            focus.log.iter().skip(from).filter(|item| is_for(item, &self.identity)).cloned().collect();
        let mut queue = VecDeque::new();
        let mut told = telling::Chain::new(&focus.uri, invited_with.clone());
        // Of an ended chat the final list is the last word: it comes when the documents in the session have come (L11).
        let at_the_end = delivery.ending == Ending::Whole && focus.ended;
        let held_back = at_the_end || delivery.ending == Ending::Nothing;
        match delivery.lists {
            Lists::None => focus.tell_what_is_true(signalling),
            Lists::Notifications => {
                focus.tell_from(invited_with.clone());
                queue.push_back(Next::List(Missed::Invitation));
            }
            Lists::Session => {
                match held_back {
                    true => focus.tell_from(invited_with.clone()),
                    false => focus.tell_what_is_true(signalling),
                }
                queue.push_back(document(signalling, told.full()));
            }
        }
        let untold = missed
            .iter()
            .rposition(|item| matches!(item, Logged::Member(_)))
            .filter(|_| delivery.ending != Ending::Whole);
        for (at, item) in missed.into_iter().enumerate() {
            match (item, delivery.lists) {
                (Logged::Member(_), _) if untold == Some(at) => {}
                (Logged::Said { envelope, .. }, _) => queue.push_back(enveloped(signalling, envelope)),
                (Logged::Member(member), Lists::Session) => {
                    queue.push_back(document(signalling, told.change(&member)));
                }
                (Logged::Member(member), Lists::Notifications) => {
                    queue.push_back(Next::List(Missed::Change(member)));
                }
                (Logged::Member(_), Lists::None) => {}
            }
        }
        let told_at_the_end = match delivery.lists {
            Lists::None => false,
            Lists::Notifications => delivery.ending != Ending::Nothing,
            Lists::Session => at_the_end,
        };
        if told_at_the_end {
            queue.push_back(Next::List(Missed::All));
        }
        let listed = invited_with
            .iter()
            .filter(|member| matches!(member.status, MemberStatus::Connected | MemberStatus::Invited));
        let list = List { entries: listed.map(|member| Entry::new(&member.entity)).collect() };
        self.open(focus, signalling, delivery, list, queue);
    }

    fn open(
        &mut self,
        focus: &Focus,
        signalling: &mut Signalling,
        delivery: &Delivery,
        list: List,
        queue: VecDeque<Next>,
    ) {
        let offer = self.offer(signalling, delivery.direction);
        let (content_type, body) =
            sdp_and_list(offer_body(&offer, signalling.ids.bits()), &list, "recipient-list-history;handling=optional");
        let request = self
            .invitation(signalling, &focus.uri)
            .header(Name::Contact, focus.contact())
            .header(Name::PAssertedIdentity, format!("<{}>", focus.uri))
            .header(Name::PAssertedService, GROUP_SERVICE)
            .header(Name::AcceptContact, format!("*;{}", feature_tag(GROUP_SERVICE)))
            .header(Name::Subject, focus.subject.clone())
            .header(Name::ConversationId, focus.conversation.clone())
            .header(Name::ContributionId, focus.contribution.clone())
            .header(Name::Allow, ALLOW);
        let request = match &delivery.inviter {
            Inviter::Member(identity) => request.header(Name::ReferredBy, format!("<{identity}>")),
            Inviter::Nobody => request,
        };
        self.send_invitation(signalling, &focus.name, request.body(&content_type, body).build(), offer, queue);
    }

    /// Opens a session for stored notifications: nothing but a session description, from the identity that stores for the
    /// user; asserted by the network, or not.
    pub fn deliver_notifications(&mut self, focus: &Focus, signalling: &mut Signalling, asserted: bool) {
        let store = format!("sip:rcse-standfw@{}", signalling.cscf.domain);
        let offer = self.offer(signalling, Direction::SendOnly);
        let body = offer_body(&offer, signalling.ids.bits());
        let mut request = self
            .invitation(signalling, &store)
            .header(Name::Contact, format!("<sip:{}@{}>", signalling.ids.token(), signalling.cscf.advertise))
            .header(Name::AcceptContact, format!("*;{}", feature_tag(crate::actors::session::CHAT_SERVICE)))
            .header(Name::ConversationId, focus.conversation.clone())
            .header(Name::ContributionId, focus.contribution.clone())
            .header(Name::Allow, ALLOW);
        if asserted {
            request = request
                .header(Name::PAssertedIdentity, format!("<{store}>"))
                .header(Name::PAssertedService, crate::actors::session::CHAT_SERVICE);
        }
        let queue = match asserted {
            true => focus.log.iter().filter_map(report_of).map(|report| enveloped(signalling, report)).collect(),
            false => VecDeque::new(),
        };
        self.send_invitation(signalling, &focus.name, request.body("application/sdp", body).build(), offer, queue);
    }

    fn offer(&mut self, signalling: &mut Signalling, direction: Direction) -> MsrpMedia {
        let path = self.media.path(&signalling.ids.token());
        let offer = local_media(&self.media, &path, direction, Takes::FOCUS).offer();
        self.media.offer(&path);
        offer
    }

    fn invitation(&self, signalling: &mut Signalling, from: &str) -> cpm_wire::sip::Builder {
        let served = Served { identity: &self.identity, originating: false, registered: true };
        let (cscf, host) = (signalling.cscf.clone(), serving_cscf::host_of(self.media.address));
        cscf.initial(&mut signalling.ids, Method::Invite, &self.identity, &served, &host)
            .header(Name::From, format!("<{from}>;tag={}", signalling.ids.token()))
            .header(Name::To, format!("<{}>", self.identity))
    }

    fn send_invitation(
        &mut self,
        signalling: &mut Signalling,
        group: &str,
        request: Message,
        offer: MsrpMedia,
        queue: VecDeque<Next>,
    ) {
        self.last += 1;
        let purpose = Purpose::Deliver { person: self.person.clone(), leg: self.last };
        let client = signalling.request(request.clone(), purpose);
        let leg = Leg {
            group: group.to_owned(),
            state: LegState::Inviting,
            invite: (client, request),
            offer,
            dialog: None,
            session: None,
            queue,
            unanswered: Vec::new(),
            held_until: None,
        };
        self.legs.insert(self.last, leg);
    }

    /// The client has answered an invitation.
    pub fn answered(&mut self, signalling: &mut Signalling, number: u64, answer: &Message) {
        let status = answer.status().unwrap_or_default();
        let Some(leg) = self.legs.get_mut(&number) else { return };
        if status < 200 {
            return;
        }
        if status >= 300 {
            leg.state = LegState::Refused(status);
            return;
        }
        if let Some(dialog) = &leg.dialog {
            // A 2xx again: its ACK was lost.
            return signalling.acknowledge(dialog.ack(1));
        }
        let Ok(dialog) = Dialog::uac(&leg.invite.1, answer) else { return };
        signalling.acknowledge(dialog.ack(1));
        leg.dialog = Some(dialog);
        leg.state = LegState::Established;
        if let Some(remote) = media_of(answer).filter(|remote| !remote.is_refused()) {
            let role = offer_answer::role(&leg.offer, &remote, Side::Offerer);
            let path = leg.offer.path.first().cloned().unwrap_or_default();
            leg.session = Some(self.media.open(signalling.now, &path, remote.path, role, &mut signalling.links));
        }
        self.handle_media(signalling);
    }

    /// Nobody answered an invitation.
    pub fn unanswered(&mut self, number: u64) {
        if let Some(leg) = self.legs.get_mut(&number).filter(|leg| leg.state == LegState::Inviting) {
            leg.state = LegState::Refused(0);
        }
    }

    /// A request of the client within one of these sessions; false when it is in none.
    pub fn in_dialog(&mut self, signalling: &mut Signalling, server: ServerId, request: &Message) -> bool {
        let found =
            self.legs.values_mut().find(|leg| leg.dialog.as_ref().is_some_and(|dialog| dialog.matches(request)));
        let Some(leg) = found else { return false };
        if leg.dialog.as_mut().is_some_and(|dialog| dialog.receive(request).is_err()) {
            signalling.refuse(server, 500);
            return true;
        }
        match request.method() {
            Method::Bye => {
                signalling.refuse(server, 200);
                if leg.state == LegState::Established {
                    leg.state = LegState::Left;
                    if let Some(session) = leg.session.take() {
                        self.media.close(session, &mut signalling.links);
                    }
                }
            }
            Method::Invite | Method::Update => {
                // The media stay where they are; the session is as it was.
                let body = sdp_body(&leg.offer, signalling.ids.bits(), 2);
                let contact = leg.invite.1.header(&Name::Contact).unwrap_or_default().to_owned();
                signalling.answer(server, 200, "", |response| {
                    response.header(Name::Contact, contact).body("application/sdp", body)
                });
            }
            _ => signalling.refuse(server, 200),
        }
        true
    }

    /// Ends the deliveries of a group.
    pub fn end(&mut self, signalling: &mut Signalling, group: &str) {
        for leg in self.legs.values_mut().filter(|leg| leg.group == group && leg.state == LegState::Established) {
            leg.state = LegState::Ended;
            if let Some(dialog) = leg.dialog.as_mut() {
                let bye = dialog.request(Method::Bye).header(Name::Reason, "SIP;cause=200;text=\"Call completed\"");
                signalling.in_dialog(bye, Purpose::Plain);
            }
            if let Some(session) = leg.session.take() {
                self.media.close(session, &mut signalling.links);
            }
        }
    }

    /// In a session that goes on, what the group says reaches the client at once; unless the client is in the group by a
    /// session of its own. True when there was something.
    pub(super) fn goes_on(&mut self, focus: &Focus, signalling: &mut Signalling) -> bool {
        let (Some(kept), false) = (self.kept.get_mut(&focus.name), focus.carries(&self.person)) else { return false };
        let going_on = |leg: &&mut Leg| {
            leg.group == focus.name && leg.state == LegState::Established && leg.offer.direction == Direction::SendRecv
        };
        let Some(leg) = self.legs.values_mut().rev().find(going_on) else { return false };
        let from = std::mem::replace(&mut kept.next, focus.log.len());
        let fresh = focus.log.iter().skip(from).filter(|item| is_for(item, &self.identity));
        let said = fresh.filter_map(|item| match item {
            Logged::Said { envelope, .. } => Some(envelope.clone()),
            Logged::Member(_) => None,
        });
        let said: Vec<Next> = said.map(|envelope| enveloped(signalling, envelope)).collect();
        let (any, session) = (!said.is_empty(), leg.session);
        leg.queue.extend(said);
        if let (true, Some(session)) = (any, session) {
            self.send_next(signalling, session);
            self.handle_media(signalling);
        }
        any
    }

    /// Sends something said before once more in the session that is open; false when there is none.
    pub fn repeat(&mut self, focus: &Focus, signalling: &mut Signalling, text: &str) -> bool {
        let Some(said) = focus.said.iter().find(|said| said.text == text) else { return false };
        let envelope = focus.log.iter().find_map(|item| match item {
            Logged::Said { envelope, message_id, .. } if message_id.as_deref() == Some(&said.message_id) => {
                Some(envelope.clone())
            }
            _ => None,
        });
        let open =
            self.legs.values_mut().rev().find(|leg| leg.group == focus.name && leg.state == LegState::Established);
        let (Some(envelope), Some(leg)) = (envelope, open) else { return false };
        let outgoing = enveloped(signalling, envelope);
        leg.queue.push_back(outgoing);
        if let Some(session) = leg.session {
            self.send_next(signalling, session);
        }
        self.handle_media(signalling);
        true
    }
}

/// The envelope of a disposition notification.
fn report_of(item: &Logged) -> Option<Bytes> {
    match item {
        Logged::Said { envelope, message_id: None, .. } => Some(envelope.clone()),
        _ => None,
    }
}

fn enveloped(signalling: &mut Signalling, octets: Bytes) -> Next {
    outgoing(signalling, "message/cpim", octets)
}

fn document(signalling: &mut Signalling, octets: Bytes) -> Next {
    outgoing(signalling, "application/conference-info+xml", octets)
}

fn outgoing(signalling: &mut Signalling, content_type: &str, octets: Bytes) -> Next {
    Next::Send(Outgoing {
        message_id: signalling.ids.token(),
        content_type: content_type.to_owned(),
        octets,
        success_report: false,
        failure_report: FailureReport::Yes,
        chunk_octets: None,
    })
}
