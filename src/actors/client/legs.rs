//! The sessions of a device: invitations that come in, what is said in them, how they end.

use super::{Client, Conduct};
use crate::actors::media::SessionKey;
use crate::actors::message;
use crate::actors::message::Received;
use crate::actors::session::{answer_sdp, list_of, local_media, media_of, sdp_body};
use crate::actors::signalling::{Purpose, Signalling};
use bytes::Bytes;
use cpm_wire::conference_info::{Document, Roster};
use cpm_wire::dialog::{Dialog, DialogId};
use cpm_wire::msrp::FailureReport;
use cpm_wire::msrp_session::{Outgoing, SessionEvent};
use cpm_wire::offer_answer::{self, Side};
use cpm_wire::sdp::{Direction, MsrpMedia};
use cpm_wire::sip::{Message, Method, Name};
use cpm_wire::transaction::ServerId;

/// Where a session of a device stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LegState {
    /// Invited or inviting, not yet answered.
    Early,
    /// Answered with a 2xx.
    Established,
    /// The device lost it without ending it.
    Lost,
    /// Ended by a BYE, a refusal or a CANCEL.
    Ended,
}

/// One session of a device.
#[derive(Debug)]
pub struct Leg {
    /// The chat: its Contribution-ID.
    pub contribution: String,
    /// The conversation.
    pub conversation: String,
    /// The Contact of the far end: in a group the identity of the group session.
    pub focus: String,
    /// The far end is a focus.
    pub is_group: bool,
    /// Where it stands.
    pub state: LegState,
    /// Its dialog, once there is one.
    pub dialog: Option<Dialog>,
    /// Its MSRP session.
    pub session: Option<SessionKey>,
    /// What the far end said of its media.
    pub remote: Option<MsrpMedia>,
    /// What we said of ours.
    pub local: Option<MsrpMedia>,
    /// The final status of the answer to our own INVITE.
    pub refused: Option<u16>,
    /// Messages with content that the device has acknowledged in it.
    pub acknowledged: usize,
    /// The participants that its invitation listed.
    pub list: Vec<String>,
    /// The roster that documents in the session told.
    pub roster: Roster,
    /// Our own INVITE.
    pub(super) request: Option<Message>,
    pub(super) server: Option<ServerId>,
}

impl Leg {
    pub(super) fn new(contribution: String, conversation: String, focus: String, is_group: bool) -> Leg {
        Leg {
            contribution,
            conversation,
            focus,
            is_group,
            state: LegState::Early,
            dialog: None,
            session: None,
            remote: None,
            local: None,
            refused: None,
            acknowledged: 0,
            list: Vec::new(),
            roster: Roster::new(),
            request: None,
            server: None,
        }
    }

    /// True when it carries a chat: a session that only carries notifications is no invitation to one.
    pub(super) fn belongs_to_chat(&self) -> bool {
        self.is_group || self.request.is_some()
    }

    /// True when the far end only sends in it.
    pub fn is_one_way(&self) -> bool {
        self.remote.as_ref().is_some_and(|remote| remote.direction == Direction::SendOnly)
    }
}

impl Client {
    /// An INVITE outside any dialog reached the device.
    pub fn invited(&mut self, signalling: &mut Signalling, server: ServerId, request: &Message) {
        let text = |name: Name| request.header(&name).unwrap_or_default().to_owned();
        let contact = request.contacts().next().and_then(Result::ok);
        let focus = contact.as_ref().map(|contact| contact.uri.to_owned()).unwrap_or_default();
        let is_group = contact.as_ref().is_some_and(|contact| contact.param("isfocus").is_some());
        let mut leg = Leg::new(text(Name::ContributionId), text(Name::ConversationId), focus, is_group);
        leg.server = Some(server);
        leg.remote = media_of(request);
        leg.list =
            list_of(request).map(|list| list.entries.into_iter().map(|entry| entry.uri).collect()).unwrap_or_default();
        let number = self.number();
        self.legs.insert(number, leg);
        if self.crosses && is_group {
            self.crosses = false;
            self.cross(signalling, request);
        }
        match self.conduct {
            Conduct::Accept => self.accept(signalling, number, request),
            Conduct::Ring => {
                let tag = signalling.ids.token();
                let contact = self.contact_value();
                signalling.answer(server, 180, &tag, |response| response.header(Name::Contact, contact));
            }
            Conduct::Refuse(status) => {
                message::refuse(signalling, server, status);
                self.end_leg(signalling, number);
            }
        }
    }

    fn accept(&mut self, signalling: &mut Signalling, number: u64, request: &Message) {
        let Some(server) = self.legs.get(&number).and_then(|leg| leg.server) else { return };
        let path = self.media.path(&signalling.ids.token());
        let wish = local_media(&self.media, &path, Direction::SendRecv, self.takes());
        let offer = self.legs.get(&number).and_then(|leg| leg.remote.clone());
        let answer = offer.as_ref().and_then(|offer| offer_answer::answer(offer, &wish).ok());
        let (Some(offer), Some(answer)) = (offer, answer) else {
            // Without an offer that a CPM client can use there is no session to be had.
            signalling.refuse(server, 488);
            self.end_leg(signalling, number);
            return;
        };
        let tag = signalling.ids.token();
        let session_id = signalling.ids.bits();
        let body = answer_sdp(&answer, request, session_id).map(Bytes::from);
        let body = body.unwrap_or_else(|| sdp_body(&answer, session_id, 1));
        let contact = self.contact_value();
        signalling.answer(server, 200, &tag, |response| {
            response
                .header(Name::Contact, contact)
                .header(Name::Allow, "INVITE, ACK, CANCEL, BYE, MESSAGE, OPTIONS, UPDATE, NOTIFY")
                .body("application/sdp", body)
        });
        let role = offer_answer::role(&offer, &answer, Side::Answerer);
        let session = self.media.open(signalling.now, &path, offer.path.clone(), role, &mut signalling.links);
        if let Some(leg) = self.legs.get_mut(&number) {
            leg.dialog = Dialog::uas(request, &tag).ok();
            leg.session = Some(session);
            leg.local = Some(answer);
            leg.state = LegState::Established;
        }
        self.handle_media(signalling);
    }

    /// The ACK of our 2xx arrived.
    pub fn acknowledged(&mut self, signalling: &mut Signalling, ack: &Message) -> bool {
        let found = self.legs.iter().find(|(_, leg)| leg.dialog.as_ref().is_some_and(|dialog| dialog.matches(ack)));
        let Some((number, leg)) = found.map(|(number, leg)| (*number, leg)) else { return false };
        if leg.is_group {
            self.subscribe_once(signalling, number);
        }
        true
    }

    /// A CANCEL for an invitation that rings.
    pub fn cancelled(&mut self, signalling: &mut Signalling, invite: ServerId) -> bool {
        let found = self.legs.iter().find(|(_, leg)| leg.server == Some(invite) && leg.state == LegState::Early);
        let Some(number) = found.map(|(number, _)| *number) else { return false };
        signalling.refuse(invite, 487);
        self.end_leg(signalling, number);
        true
    }

    /// A request inside one of our sessions; false when it is in none.
    pub fn in_dialog(&mut self, signalling: &mut Signalling, server: ServerId, request: &Message) -> bool {
        let found = self.legs.iter_mut().find(|(_, leg)| leg.dialog.as_ref().is_some_and(|d| d.matches(request)));
        let Some((number, leg)) = found else { return false };
        let number = *number;
        if leg.dialog.as_mut().is_some_and(|dialog| dialog.receive(request).is_err()) {
            signalling.refuse(server, 500);
            return true;
        }
        match request.method() {
            Method::Bye => {
                signalling.refuse(server, 200);
                self.end_leg(signalling, number);
                self.was_dismissed(number);
            }
            Method::Invite | Method::Update => self.modified(signalling, number, server, request),
            _ => signalling.refuse(server, 200),
        }
        true
    }

    /// A new offer in a session: the same media again, at the new path of the far end.
    fn modified(&mut self, signalling: &mut Signalling, number: u64, server: ServerId, request: &Message) {
        let contact = self.contact_value();
        let Some(offer) = media_of(request) else {
            let body = self.legs.get(&number).and_then(|leg| leg.local.clone());
            let body = body.map(|local| sdp_body(&local, signalling.ids.bits(), 2));
            signalling.answer(server, 200, "", |response| {
                let response = response.header(Name::Contact, contact);
                match body {
                    Some(body) => response.body("application/sdp", body),
                    None => response,
                }
            });
            return;
        };
        let path = self.media.path(&signalling.ids.token());
        let wish = local_media(&self.media, &path, Direction::SendRecv, self.takes());
        let Ok(answer) = offer_answer::answer(&offer, &wish) else {
            signalling.refuse(server, 488);
            return;
        };
        let body = sdp_body(&answer, signalling.ids.bits(), 2);
        signalling
            .answer(server, 200, "", |response| response.header(Name::Contact, contact).body("application/sdp", body));
        let role = offer_answer::role(&offer, &answer, Side::Answerer);
        let session = self.media.open(signalling.now, &path, offer.path.clone(), role, &mut signalling.links);
        if let Some(leg) = self.legs.get_mut(&number) {
            if let Some(old) = leg.session.replace(session) {
                self.media.close(old, &mut signalling.links);
            }
            leg.remote = Some(offer);
            leg.local = Some(answer);
        }
    }

    /// The device leaves a session: BYE, said to be of its own will.
    pub(super) fn leave(&mut self, signalling: &mut Signalling, number: u64) {
        if let Some(dialog) = self.legs.get_mut(&number).and_then(|leg| leg.dialog.as_mut()) {
            let bye = dialog.request(Method::Bye).header(Name::Reason, "SIP;cause=200;text=\"Call completed\"");
            signalling.in_dialog(bye, Purpose::Plain);
        }
        self.end_leg(signalling, number);
    }

    pub(super) fn end_leg(&mut self, signalling: &mut Signalling, number: u64) {
        let Some(leg) = self.legs.get_mut(&number) else { return };
        leg.state = LegState::Ended;
        if let Some(session) = leg.session.take() {
            self.media.close(session, &mut signalling.links);
        }
    }

    pub(super) fn session_event(&mut self, signalling: &mut Signalling, session: SessionKey, event: SessionEvent) {
        let SessionEvent::Received { content_type, octets, success_report, message_id, reply, .. } = event else {
            return;
        };
        self.media.reply(session, reply, 200, &mut signalling.links);
        if success_report {
            self.media.report(session, &message_id, 200, &mut signalling.links);
        }
        let Some(number) = self.leg_with(session) else { return };
        let kind = content_type.to_ascii_lowercase();
        if kind.starts_with("application/conference-info+xml") {
            if let (Some(leg), Ok(document)) = (self.legs.get_mut(&number), Document::parse(&octets)) {
                // A gap or a stale version leaves the roster as it was; what it means is for the rules to say.
                let _ = leg.roster.apply(&document);
            }
            return;
        }
        if kind.starts_with("message/cpim") {
            let in_group = self.legs.get(&number).is_some_and(|leg| leg.is_group);
            self.received.extend(Received::of_octets(octets.clone()).filter(|_| !in_group));
            self.report_delivery(signalling, number, octets);
        }
        let Some(leg) = self.legs.get_mut(&number) else { return };
        leg.acknowledged += 1;
        let breaks = self.breaks_after.as_ref();
        if breaks.is_some_and(|(chat, after)| *chat == leg.contribution && *after == leg.acknowledged) {
            self.breaks_after = None;
            self.broke = true;
            self.lose_connection(signalling, "breaks in the middle of a delivery");
        }
        self.halt_in_time(number, session);
    }

    /// The device stops reading in a session of which it was told so, though it goes on to be there.
    fn halt_in_time(&mut self, number: u64, session: SessionKey) {
        let Some(leg) = self.legs.get(&number) else { return };
        let halts = self.halts_after.as_ref();
        if halts.is_some_and(|(chat, after)| *chat == leg.contribution && *after == leg.acknowledged) {
            self.halts_after = None;
            self.halted = true;
            self.media.fall_silent(session);
        }
    }

    /// The dialog of the newest session of a chat that stands.
    pub fn newest_dialog(&self, contribution: &str) -> Option<DialogId> {
        let stands = |leg: &&Leg| leg.contribution == contribution && leg.state == LegState::Established;
        Some(self.legs.values().rev().find(stands)?.dialog.as_ref()?.id.clone())
    }

    /// Refers the far end of the session of a chat to another contact; false when there is none.
    pub fn refer(&mut self, signalling: &mut Signalling, contribution: &str, contact: &str) -> bool {
        let (own, identity) = (format!("<{}>", self.contact), format!("<{}>", self.identity));
        let stands = |leg: &&mut Leg| leg.contribution == contribution && leg.state == LegState::Established;
        let Some(dialog) = self.legs.values_mut().rev().find(stands).and_then(|leg| leg.dialog.as_mut()) else {
            return false;
        };
        let refer = dialog
            .request(Method::Refer)
            .header(Name::Contact, own)
            .header(Name::ReferTo, format!("<{contact}>"))
            .header(Name::ReferredBy, identity);
        signalling.in_dialog(refer, Purpose::Plain);
        true
    }

    fn leg_with(&self, session: SessionKey) -> Option<u64> {
        self.legs.iter().find(|(_, leg)| leg.session == Some(session)).map(|(number, _)| *number)
    }

    /// Sends a CPIM message in a session.
    pub fn say(&mut self, signalling: &mut Signalling, number: u64, message_id: &str, cpim: bytes::Bytes) {
        let Some(session) = self.legs.get(&number).and_then(|leg| leg.session) else { return };
        let outgoing = Outgoing {
            message_id: message_id.to_owned(),
            content_type: "message/cpim".to_owned(),
            octets: cpim,
            success_report: false,
            failure_report: FailureReport::Yes,
            chunk_octets: None,
        };
        self.media.send(signalling.now, session, outgoing, &mut signalling.links);
    }
}
