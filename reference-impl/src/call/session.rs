//! Sessions that are only passed through: a back-to-back agent with one leg to the caller and one to each device that
//! is called, and the media between them. Of the devices the first to answer gets the session.

use super::legs::{LegEvent, LegId};
use super::media::{self, MediaEvent, MediaId, Received};
use super::offer::{Local, described};
use super::registrations::Device;
use super::served::ServedUser;
use super::{Mechanics, Owner, bodies, is_absence, sip};
use cpm_wire::sdp::Direction;
use cpm_wire::sip::{Message, Method, Name};
use cpm_wire::time::Time;
use cpm_wire::transaction::{ClientId, ServerId};
use std::collections::HashMap;

const ELSEWHERE: &str = "SIP;cause=200;text=\"Call completed elsewhere\"";

/// All sessions that are passed through.
#[derive(Default)]
pub struct Sessions {
    last: u64,
    held: HashMap<u64, Session>,
    absent: Vec<Absent>,
}

/// A caller whose user could not be had, and is to be stood in for.
#[derive(Debug)]
pub struct Absent {
    /// The leg to the caller, not answered yet.
    pub leg: LegId,
    /// The user.
    pub served: ServedUser,
}

struct Session {
    id: u64,
    caller: LegId,
    caller_local: Option<Local>,
    called: Vec<(LegId, Local)>,
    refused: Option<(u16, Option<Message>)>,
    /// Who is to be stood in for if no device can be had.
    stood_in_for: Option<ServedUser>,
    /// The caller has been handed over.
    handed_over: bool,
    until: Option<Time>,
    sent: HashMap<(MediaId, String), Received>,
    through: HashMap<ClientId, (ServerId, Message)>,
    over: bool,
}

impl Sessions {
    /// A session for a served user, who may be reached at these devices. With `stand_in` the caller is handed over
    /// when none of them can be had.
    pub fn terminating(
        &mut self,
        m: &mut Mechanics,
        server: ServerId,
        invite: Message,
        served: &ServedUser,
        devices: Vec<Device>,
        stand_in: bool,
    ) {
        if devices.is_empty() {
            return m.refuse(server, &invite, 480);
        }
        let target = |device: Device| device.contact.unwrap_or_else(|| served.identity.clone());
        let until = m.now + m.config.no_answer;
        let id = self.begin(m, server, invite, devices.into_iter().map(target).collect(), Some(until));
        if let Some(session) = self.held.get_mut(&id).filter(|_| stand_in) {
            session.stood_in_for = Some(served.clone());
        }
    }

    /// A session of a served user's device.
    pub fn originating(&mut self, m: &mut Mechanics, server: ServerId, invite: Message) {
        let target = invite.request_uri().unwrap_or_default().to_owned();
        self.begin(m, server, invite, vec![target], None);
    }

    fn begin(
        &mut self,
        m: &mut Mechanics,
        server: ServerId,
        invite: Message,
        targets: Vec<String>,
        until: Option<Time>,
    ) -> u64 {
        self.last += 1;
        let id = self.last;
        let owner = Owner::Session(id);
        let caller = m.called(owner, server, invite.clone());
        let direction = described(&invite).map(|offer| offer.direction).unwrap_or_default();
        let contact = m.own_contact();
        let call = |target: String| {
            let local = m.offer_media(owner, direction, None);
            let body = bodies::with_own_offer(&invite, local.sdp());
            let onward = m.onward(&invite, &target, &contact, body);
            (m.call(owner, onward), local)
        };
        let called = targets.into_iter().map(call).collect();
        let session = Session {
            id,
            caller,
            caller_local: None,
            called,
            refused: None,
            stood_in_for: None,
            handed_over: false,
            until,
            sent: HashMap::new(),
            through: HashMap::new(),
            over: false,
        };
        self.held.insert(id, session);
        id
    }

    /// The callers whose users could not be had.
    pub fn take_absent(&mut self) -> Vec<Absent> {
        std::mem::take(&mut self.absent)
    }

    fn with(&mut self, m: &mut Mechanics, id: u64, act: impl FnOnce(&mut Session, &mut Mechanics)) {
        let Some(session) = self.held.get_mut(&id) else { return };
        act(session, m);
        if session.over {
            session.close(m);
            if let Some(session) = self.held.remove(&id).filter(|session| session.handed_over) {
                let leg = session.caller;
                self.absent.extend(session.stood_in_for.map(|served| Absent { leg, served }));
            }
        }
    }

    /// Something happened to a leg.
    pub fn leg(&mut self, m: &mut Mechanics, id: u64, leg: LegId, event: LegEvent) {
        self.with(m, id, |session, m| session.leg(m, leg, event));
    }

    /// Something happened to a media session.
    pub fn media(&mut self, m: &mut Mechanics, id: u64, media: MediaId, event: MediaEvent) {
        self.with(m, id, |session, m| session.media(m, media, event));
    }

    /// When [`Sessions::handle_timeout`] is due.
    pub fn poll_timeout(&self) -> Option<Time> {
        self.held.values().filter_map(|session| session.until).min()
    }

    /// The clock has moved on.
    pub fn handle_timeout(&mut self, m: &mut Mechanics) {
        let due = self.held.values().filter(|session| session.until.is_some_and(|until| until <= m.now));
        for id in due.map(|session| session.id).collect::<Vec<_>>() {
            self.with(m, id, Session::unanswered);
        }
    }
}

impl Session {
    fn leg(&mut self, m: &mut Mechanics, leg: LegId, event: LegEvent) {
        match event {
            LegEvent::Provisional(response) if self.caller_local.is_none() => {
                let (status, contact) = (response.status().unwrap_or(180), m.own_contact());
                m.answer(self.caller, status, &contact, |response| response);
            }
            LegEvent::Answered(response) => self.answered(m, leg, &response),
            LegEvent::Refused { status, response } => self.refused(m, leg, status, response),
            LegEvent::Cancelled(_) => self.give_up(m, 487, None),
            LegEvent::Ended(bye) => {
                let reason = bye.as_ref().and_then(|bye| bye.header(&Name::Reason));
                self.give_up(m, 480, reason);
            }
            LegEvent::Request { server, request } => self.request(m, leg, server, &request),
            LegEvent::Response { client, response } => self.response(m, leg, client, response.as_ref()),
            LegEvent::Provisional(_) | LegEvent::Acknowledged => {}
        }
    }

    fn answered(&mut self, m: &mut Mechanics, leg: LegId, response: &Message) {
        let invite = m.leg(self.caller).map(|caller| caller.invite().clone());
        let (Some(invite), Some(answer)) = (invite, described(response)) else {
            m.drop_leg(leg, 480, None);
            return self.refused(m, leg, 488, None);
        };
        for (other, local) in self.called.iter().filter(|(called, _)| *called != leg) {
            m.media.close(local.media);
            m.drop_leg(*other, 480, Some(ELSEWHERE));
        }
        self.called.retain(|(called, _)| *called == leg);
        self.until = None;
        let Ok(mut local) = m.answer_media(Owner::Session(self.id), &invite, None) else {
            return self.give_up(m, 488, None);
        };
        local.description.direction = answer.direction;
        for (_, own) in &mut self.called {
            m.media_answered(own, &answer);
        }
        let contact = m.own_contact();
        let sdp = local.sdp();
        m.answer(self.caller, 200, &contact, |ok| sip::copied_but_body(response, ok).body("application/sdp", sdp));
        if let Some(offer) = described(&invite) {
            m.start_media(&local, &offer);
        }
        self.caller_local = Some(local);
    }

    /// RFC 3261 section 16.7: the best of the refusals goes back, a 6xx at once.
    fn refused(&mut self, m: &mut Mechanics, leg: LegId, status: u16, response: Option<Message>) {
        if let Some(at) = self.called.iter().position(|(called, _)| *called == leg) {
            let (_, local) = self.called.remove(at);
            m.media.close(local.media);
        }
        let better = self.refused.as_ref().is_none_or(|(best, _)| status >= 600 || status < *best);
        if better {
            self.refused = Some((status, response));
        }
        if !is_absence(status) {
            self.stood_in_for = None;
        }
        if self.called.is_empty() && self.stood_in_for.is_some() {
            return self.unanswered(m);
        }
        if self.called.is_empty() || status >= 600 {
            let (status, response) = self.refused.take().unwrap_or((480, None));
            let answer = response.as_ref();
            m.answer(self.caller, status, "", |refusal| sip::with_reasons(refusal, answer));
            self.over = true;
        }
    }

    /// No device can be had: the caller is handed over to who stands in, if anybody does.
    fn unanswered(&mut self, m: &mut Mechanics) {
        if self.stood_in_for.is_none() {
            return self.give_up(m, 480, None);
        }
        for (leg, _) in &self.called {
            m.drop_leg(*leg, 480, None);
        }
        self.handed_over = true;
        self.over = true;
    }

    /// Ends whatever there is.
    fn give_up(&mut self, m: &mut Mechanics, status: u16, reason: Option<&str>) {
        for leg in self.called.iter().map(|(leg, _)| *leg).chain([self.caller]) {
            m.drop_leg(leg, status, reason);
        }
        self.over = true;
    }

    fn close(&mut self, m: &mut Mechanics) {
        for local in self.called.iter().map(|(_, local)| local).chain(&self.caller_local) {
            m.media.close(local.media);
        }
    }

    fn other_leg(&self, leg: LegId) -> Option<LegId> {
        match leg == self.caller {
            true => self.called.first().map(|(called, _)| *called),
            false => Some(self.caller),
        }
    }

    /// A request within the session goes on to the other leg, with the own description in place of the sender's.
    fn request(&mut self, m: &mut Mechanics, leg: LegId, server: ServerId, request: &Message) {
        let sdp = described(request).and_then(|offer| self.turned(leg != self.caller, offer.direction));
        let sent = self.other_leg(leg).and_then(|other| {
            m.request_in(other, request.method(), |onward| match sdp {
                Some(sdp) => sip::copied_but_body(request, onward).body("application/sdp", sdp),
                None => sip::copied(request, onward),
            })
        });
        match sent {
            Some(client) => {
                self.through.insert(client, (server, request.clone()));
            }
            None => m.refuse(server, request, 480),
        }
    }

    fn response(&mut self, m: &mut Mechanics, leg: LegId, client: ClientId, response: Option<&Message>) {
        let Some((server, request)) = self.through.remove(&client) else { return };
        let Some(asker) = self.other_leg(leg) else { return m.refuse(server, &request, 480) };
        let status = response.and_then(Message::status).unwrap_or(480);
        let answer = response.and_then(described);
        let sdp = answer.and_then(|answer| self.turned(asker == self.caller, answer.direction));
        let contact = m.contact_of(asker);
        let refreshes = matches!(request.method(), Method::Invite | Method::Update) && status < 300;
        m.reply_in(asker, server, &request, status, |answer| {
            let answer = if refreshes { answer.header(Name::Contact, contact) } else { answer };
            match (response, sdp) {
                (Some(response), Some(sdp)) => sip::copied_but_body(response, answer).body("application/sdp", sdp),
                (Some(response), None) => sip::copied(response, answer),
                (None, _) => answer,
            }
        });
    }

    /// The own description on one side, in another direction.
    fn turned(&mut self, of_caller: bool, direction: Direction) -> Option<String> {
        let own = match of_caller {
            true => self.caller_local.as_mut(),
            false => self.called.first_mut().map(|(_, local)| local),
        };
        own.map(|own| own.turned(direction))
    }

    fn other_media(&self, media: MediaId) -> Option<MediaId> {
        let caller = self.caller_local.as_ref().map(|local| local.media);
        match caller == Some(media) {
            true => self.called.first().map(|(_, local)| local.media),
            false => caller,
        }
    }

    fn media(&mut self, m: &mut Mechanics, media: MediaId, event: MediaEvent) {
        match event {
            MediaEvent::Received(received) => {
                let Some(other) = self.other_media(media) else {
                    return m.media.reply(media, received.reply, 481);
                };
                let sent_as = m.tokens.token();
                let outgoing = media::outgoing(sent_as.clone(), received.content_type.clone(), received.octets.clone());
                self.sent.insert((other, sent_as), *received);
                m.media.send(m.now, other, outgoing);
            }
            MediaEvent::Answered { message_id, status } => self.passed(m, media, message_id, status.unwrap_or(408)),
            MediaEvent::Lost => self.give_up(m, 480, Some("SIP;cause=480;text=\"Bearer Unavailable\"")),
            MediaEvent::Ready => {}
        }
    }

    fn passed(&mut self, m: &mut Mechanics, media: MediaId, message_id: String, status: u16) {
        let Some(sent) = self.sent.remove(&(media, message_id)) else { return };
        m.media.reply(sent.media, sent.reply, status);
        if sent.success_report && status == 200 {
            m.media.report(sent.media, &sent.message_id, status);
        }
    }
}
