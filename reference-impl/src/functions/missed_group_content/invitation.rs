//! The focus invites a served user: the user's devices are called, and when none takes part the function stands in.
//! [CPM-CONV-058]

use super::chat::{Chat, DeviceState, Focus, Purpose};
use super::deliver::COMPLETED;
use crate::call::invite::features;
use crate::call::legs::{LegEvent, LegId};
use crate::call::offer::{Local, described};
use crate::call::registrations::Device;
use crate::call::{Mechanics, bodies};
use crate::config::{Absence, DeviceMode};
use crate::store::{ChatKind, ChatRecord, Token, Write};
use cpm_wire::sip::{Message, Name, NameAddr};
use std::collections::VecDeque;

/// Why a device stops ringing when another one has answered (RFC 3326).
const ELSEWHERE: &str = "SIP;cause=200;text=\"Call completed elsewhere\"";

/// What an invitation, or a rejoin, tells of its chat.
pub fn record_of(invite: &Message, user: &str, focus: &str) -> ChatRecord {
    let text = |name: Name| invite.header(&name).map(str::to_owned);
    let every = |name: Name| {
        let values: Vec<&str> = invite.headers(&name).collect();
        (!values.is_empty()).then(|| values.join(", "))
    };
    let contact = invite.contacts().next().and_then(Result::ok);
    let bare = |value: Result<NameAddr<'_>, _>| value.map(|value| crate::call::sip::without_tag(&value)).ok();
    let list = bodies::parts(invite).into_iter().find(|part| part.essence == "application/resource-lists+xml");
    ChatRecord {
        kind: if bodies::is_group(invite) { ChatKind::Group } else { ChatKind::OneToOne },
        user: user.to_owned(),
        contribution: text(Name::ContributionId).unwrap_or_default(),
        conversation: text(Name::ConversationId).unwrap_or_default(),
        focus: focus.to_owned(),
        from: bare(invite.from()).unwrap_or_default(),
        to: bare(invite.to()).unwrap_or_default(),
        asserted: invite.headers(&Name::PAssertedIdentity).map(str::to_owned).collect(),
        referred_by: text(Name::ReferredBy),
        subject: text(Name::Subject),
        service: every(Name::PAssertedService),
        features: contact.map(|contact| features(&contact)).unwrap_or_default(),
        privacy: every(Name::Privacy),
        accept_contact: invite.headers(&Name::AcceptContact).map(str::to_owned).collect(),
        invited: list.and_then(|part| String::from_utf8(part.octets.to_vec()).ok()),
        interested: true,
        ..ChatRecord::default()
    }
}

impl Chat {
    /// The focus invites the user, who may be reached at these devices.
    pub fn invited(&mut self, m: &mut Mechanics, leg: LegId, told: ChatRecord, devices: Vec<Device>) {
        self.leave_former_focus(m);
        self.update(m, told);
        let until = m.now + m.config.no_answer;
        self.focus = Focus::Inviting { leg, until, refusals: Vec::new(), ringing: false };
        if self.is_joined() {
            return self.answer_focus(m);
        }
        self.call_devices(m, devices);
        if self.devices.is_empty() {
            self.stand_in(m, Absence::Offline);
        }
    }

    /// Passes the invitation on, as the user prefers.
    fn call_devices(&mut self, m: &mut Mechanics, devices: Vec<Device>) {
        let mut free: VecDeque<Device> = devices.into_iter().filter(|device| !self.is_busy_with(device)).collect();
        self.next_devices.clear();
        match self.policy.device_mode {
            Some(DeviceMode::Sequential) => {
                let first = free.pop_front();
                self.next_devices = free;
                free = first.into_iter().collect();
            }
            Some(DeviceMode::SCscfForks) if !free.is_empty() => free = [Device::any(m.now)].into(),
            _ => {}
        }
        for device in free {
            self.call_device(m, device, Purpose::Invitation);
        }
    }

    /// Nobody has answered in time: the next device is called, or the function stands in.
    pub fn unanswered(&mut self, m: &mut Mechanics) {
        let Some(next) = self.next_devices.pop_front() else {
            return self.stand_in(m, Absence::NoAnswer);
        };
        let rest = std::mem::take(&mut self.next_devices);
        self.stop_calling(m, None);
        self.next_devices = rest;
        if let Focus::Inviting { until, .. } = &mut self.focus {
            *until = m.now + m.config.no_answer;
        }
        self.call_device(m, next, Purpose::Invitation);
    }

    /// Takes what a new invitation tells of the chat.
    pub fn update(&mut self, m: &mut Mechanics, told: ChatRecord) {
        let ChatRecord { id, kind, since, ended, leg, former, focus, invited, informed, left, rosters_told, .. } =
            self.record.clone();
        let moved = (told.focus != focus).then(|| told.focus.clone());
        let invited = told.invited.clone().or(invited);
        self.record =
            ChatRecord { id, kind, since, ended, leg, former, focus, invited, informed, left, rosters_told, ..told };
        if let Some(focus) = moved {
            self.moved(m, focus);
        }
    }

    /// Nobody takes part: the function becomes the member, if it stands in upon this, or the focus is told that the user
    /// cannot be had.
    pub fn stand_in(&mut self, m: &mut Mechanics, absence: Absence) {
        if m.config.stands_in(&self.policy, absence) {
            self.stop_calling(m, None);
            return self.answer_focus(m);
        }
        self.refuse_focus(m, 480);
    }

    /// The user takes no part, and nobody in the user's place. What was stored before stays, unless the user wants none.
    fn refuse_focus(&mut self, m: &mut Mechanics, status: u16) {
        let Focus::Inviting { leg, .. } = self.focus else { return };
        self.stop_calling(m, None);
        m.drop_leg(leg, status, None);
        self.focus = Focus::Absent;
        self.over = status >= 600 || !self.keeps_content();
    }

    /// Whether something is stored that a device may still get.
    pub fn keeps_content(&self) -> bool {
        self.policy.store && !self.items.held.is_empty()
    }

    /// Accepts the invitation of the focus as soon as the chat is on the disk.
    pub fn answer_focus(&mut self, m: &mut Mechanics) {
        let Focus::Inviting { leg, .. } = self.focus else { return };
        let Some(invite) = m.leg(leg).map(|leg| leg.invite().clone()) else { return };
        match m.answer_media(self.owner(), &invite, self.policy.max_message_octets) {
            Ok(local) => {
                self.focus = Focus::Answering { leg, local, record: Token(0) };
                self.note_leg(m);
                let write = Write::Chat(Box::new(self.record.clone()));
                let writes = if self.policy.store { vec![write] } else { Vec::new() };
                let written = m.write_for(self.owner(), writes);
                if let Focus::Answering { record, .. } = &mut self.focus {
                    *record = written;
                }
            }
            Err(refused) => {
                m.drop_leg(leg, refused.status, None);
                self.stop_calling(m, None);
                self.focus = Focus::Absent;
                self.over = true;
            }
        }
    }

    /// The chat is on the disk: the focus gets its 2xx. True when this was awaited.
    pub fn record_stored(&mut self, m: &mut Mechanics, token: Token) -> bool {
        let Focus::Answering { leg, local, record } = &self.focus else { return false };
        if *record != token {
            return false;
        }
        let (leg, local) = (*leg, local.clone());
        let offer = m.leg(leg).and_then(|leg| described(leg.invite()));
        let contact = m.own_contact();
        m.answer(leg, 200, &contact, |response| response.body("application/sdp", local.sdp()));
        if let Some(offer) = offer {
            m.start_media(&local, &offer);
        }
        self.live(m, leg, local);
        true
    }

    /// The chat could not be written: the focus is refused, and the chat forgotten. True when this was awaited.
    pub fn record_not_stored(&mut self, m: &mut Mechanics, token: Token) -> bool {
        let Focus::Answering { leg, local, record } = &self.focus else { return false };
        if *record != token {
            return false;
        }
        m.media.close(local.media);
        m.drop_leg(*leg, 500, None);
        self.focus = Focus::Absent;
        self.over = self.devices.is_empty() && self.items.held.is_empty();
        true
    }

    /// The leg to the focus is up.
    pub fn live(&mut self, m: &mut Mechanics, leg: LegId, local: Local) {
        self.focus = Focus::Live { leg, local };
        self.established = true;
        self.mend = None;
        self.record.ended = None;
        self.save(m);
        // A focus may know nobody who has not heard that he was let in.
        if m.leg(leg).is_some_and(|leg| leg.is_acknowledged()) {
            self.follow_roster(m);
        }
        self.pump_upward(m);
        self.pump(m);
    }

    /// What happened to the leg of a device that the invitation went on to.
    pub fn device_called(&mut self, m: &mut Mechanics, at: usize, event: LegEvent) {
        match event {
            LegEvent::Provisional(_) => self.device_rings(m),
            LegEvent::Answered(response) => self.device_answered(m, at, &response),
            LegEvent::Refused { status, .. } => self.device_refused(m, at, status),
            _ => {}
        }
    }

    fn device_rings(&mut self, m: &mut Mechanics) {
        let contact = m.own_contact();
        if let Focus::Inviting { leg, ringing, .. } = &mut self.focus
            && !*ringing
        {
            *ringing = true;
            m.answer(*leg, 180, &contact, |response| response);
        }
    }

    fn device_answered(&mut self, m: &mut Mechanics, at: usize, response: &Message) {
        if !self.join_device(m, at, response) {
            return self.device_refused(m, at, 488);
        }
        let purpose = self.devices.get(at).map(|leg| leg.purpose);
        if purpose == Some(Purpose::Invitation) {
            let joined = self.devices.get(at).map(|leg| leg.leg);
            if self.policy.device_mode != Some(DeviceMode::AllJoined) {
                self.stop_calling(m, joined);
            }
            self.answer_focus(m);
        }
        self.pump(m);
    }

    /// A device did not want the session, or could not be had.
    fn device_refused(&mut self, m: &mut Mechanics, at: usize, status: u16) {
        let Some(leg) = self.remove_device(m, at) else { return };
        m.drop_leg(leg.leg, 480, None);
        if leg.purpose == Purpose::Drain {
            return self.drain_refused(m, leg, status);
        }
        if let Focus::Inviting { refusals, .. } = &mut self.focus {
            refusals.push(status);
            let calling = self.devices.iter().any(|leg| matches!(leg.state, DeviceState::Called(_)));
            if status < 600 && !calling && !self.next_devices.is_empty() {
                self.unanswered(m);
            } else if status >= 600 || !calling {
                self.nobody_answered(m);
            }
        }
    }

    /// All devices have refused: an absent user may be stood in for, the wish of a present one is passed on, and so is any
    /// refusal upon which the function does not stand in.
    fn nobody_answered(&mut self, m: &mut Mechanics) {
        let Focus::Inviting { refusals, .. } = &self.focus else { return };
        let absence = |status: u16| Absence::told_by(status).filter(|why| m.config.stands_in(&self.policy, *why));
        let absent = refusals.iter().find_map(|status| absence(*status));
        let decided = refusals.iter().copied().filter(|status| absence(*status).is_none());
        let decided = decided.max_by_key(|status| status / 100).unwrap_or(480);
        match absent {
            Some(absence) if decided < 600 => self.stand_in(m, absence),
            _ => self.refuse_focus(m, decided),
        }
    }

    /// Gives up calling devices, but for one.
    pub fn stop_calling(&mut self, m: &mut Mechanics, but: Option<LegId>) {
        self.next_devices.clear();
        let calling =
            |leg: &&super::chat::DeviceLeg| matches!(leg.state, DeviceState::Called(_)) && Some(leg.leg) != but;
        let reason = but.map(|_| ELSEWHERE);
        for leg in self.devices.iter().filter(calling).map(|leg| leg.leg).collect::<Vec<_>>() {
            if let Some(at) = self.device_at(leg) {
                self.remove_device(m, at);
                m.drop_leg(leg, 480, reason);
            }
        }
    }

    /// What happened to the leg of the focus.
    pub fn focus_leg(&mut self, m: &mut Mechanics, event: LegEvent) {
        match event {
            LegEvent::Cancelled(_) => self.focus_gave_up(m),
            LegEvent::Ended(None) if matches!(self.focus, Focus::Resuming { .. }) => self.call_focus(m),
            LegEvent::Ended(bye) => self.focus_ended(m, bye.as_ref()),
            LegEvent::Answered(response) => self.focus_accepted(m, &response),
            LegEvent::Refused { status, response } => self.focus_refused(m, status, response.as_ref()),
            LegEvent::Response { client, response } => self.focus_responded(m, client, response.as_ref()),
            LegEvent::Request { server, request } => self.focus_requests(m, server, &request),
            LegEvent::Acknowledged(_) if matches!(self.focus, Focus::Live { .. }) => self.follow_roster(m),
            LegEvent::Provisional(_) | LegEvent::Acknowledged(_) | LegEvent::Withdrawn(_) => {}
        }
    }

    /// The focus ended the session, for the user or for all: what was missed is still to be delivered.
    pub fn focus_ended(&mut self, m: &mut Mechanics, bye: Option<&Message>) {
        if let Some(local) = self.focus.local() {
            m.media.close(local.media);
        }
        self.focus = Focus::Absent;
        self.record.ended = Some(m.now.as_nanos());
        self.record.leg = None;
        self.tell_ended(m);
        self.save(m);
        self.fail_upward(m);
        let reason = bye.and_then(|bye| bye.header(&Name::Reason)).unwrap_or(COMPLETED).to_owned();
        for leg in self.devices.iter().map(|leg| leg.leg).collect::<Vec<_>>() {
            let Some(at) = self.device_at(leg) else { continue };
            let Some(device) = self.devices.get(at) else { continue };
            let waits = device.in_flight.is_some() || self.items.wait_for(&device.device);
            if device.state == DeviceState::Joined && !waits && device.owes.is_empty() {
                self.end_device(m, at, &reason);
            }
        }
        self.pump(m);
        self.end_watching(m);
        // Of a chat in which nothing was said while nobody took part the user has never heard.
        self.over |= self.items.held.is_empty() && !self.known_to_user && self.devices.is_empty();
    }
}
