//! A device of the served user comes by itself: it rejoins a chat at its focus, or starts it again at the factory.
//! While the function is a member already it answers by itself; else the focus decides. [CPM-CONV-058a]

use super::chat::{Chat, DeviceLeg, DeviceState, Elsewhere, Focus, Purpose};
use super::deliver::COMPLETED;
use super::drain::takes_notifications;
use super::lists::Lists;
use crate::call::invite::features;
use crate::call::legs::{LegEvent, LegId};
use crate::call::offer::{Local, described};
use crate::call::registrations::Device;
use crate::call::{GROUP_SERVICE, GROUP_TAG, Mechanics, admission, bodies, sip};
use crate::config::{Absence, Shape};
use cpm_wire::sdp::Direction;
use cpm_wire::sip::{Message, Method, Name};
use std::collections::HashSet;
use std::time::Duration;

/// Why the leg of a device ends whose place another one has taken.
const MOVED: &str = "SIP;cause=200;text=\"Moved to another device\"";
/// How long a leg whose place another one has taken waits for the answer to what it has sent.
const RETIRING: Duration = Duration::from_secs(2);

impl Chat {
    /// A device calls.
    pub fn device_calls(&mut self, m: &mut Mechanics, leg: LegId, device: Device) {
        if self.take_call(m, leg, device, Purpose::Rejoin) {
            self.admit(m, leg);
        }
    }

    /// True when the leg is that of a device of the user, and of another than this.
    pub fn has_other_device(&self, leg: LegId, device: &Device) -> bool {
        let held = self.device_at(leg).and_then(|at| self.devices.get(at));
        held.is_some_and(|held| !held.device.may_be(device))
    }

    /// A device takes the place of another one, and gets what that one has not acknowledged. [PF-DEV-04]
    pub fn taken_over(&mut self, m: &mut Mechanics, leg: LegId, device: Device, old: LegId) {
        if !self.take_call(m, leg, device, Purpose::Rejoin) {
            return;
        }
        self.let_in(m);
        if let Some(at) = self.device_at(old) {
            self.end_device(m, at, MOVED);
        }
        self.pump(m);
    }

    /// Takes the call of a device; false when there can be no session.
    pub fn take_call(&mut self, m: &mut Mechanics, leg: LegId, device: Device, purpose: Purpose) -> bool {
        let Some(invite) = m.leg(leg).map(|leg| leg.invite().clone()) else { return false };
        let Some(offer) = described(&invite) else {
            m.drop_leg(leg, 488, None);
            return false;
        };
        let local = match m.answer_media(self.owner(), &invite, self.policy.max_message_octets) {
            Ok(local) => local,
            Err(refused) => {
                m.drop_leg(leg, refused.status, None);
                return false;
            }
        };
        self.drop_calls(m, &device);
        self.devices.push(DeviceLeg {
            leg,
            device,
            local,
            state: DeviceState::Waiting,
            purpose,
            in_flight: None,
            notifications: takes_notifications(&offer),
            owes: HashSet::new(),
            linger: None,
            connect_by: None,
            lists: Lists::default(),
            list_wait: None,
            shown: false,
        });
        true
    }

    /// Answers a device that has called, or asks the focus.
    fn admit(&mut self, m: &mut Mechanics, leg: LegId) {
        let Some(invite) = m.leg(leg).map(|leg| leg.invite().clone()) else { return };
        let here = invite.request_uri().is_some_and(|target| self.is_named(target));
        match self.focus {
            Focus::Live { .. } | Focus::Resuming { .. } | Focus::Answering { .. } if here => self.let_in(m),
            Focus::Live { .. } | Focus::Resuming { .. } | Focus::Answering { .. } => self.call_elsewhere(m, &invite),
            Focus::Inviting { .. } => {
                self.let_in(m);
                self.stop_calling(m, None);
                self.answer_focus(m);
            }
            // What was stored comes in this session: the focus is asked when there is nothing.
            Focus::Absent if here && self.is_fetched(m, leg) => self.let_in(m),
            // Another device of the user waits for the same answer.
            Focus::Calling { .. } if here => {}
            _ => self.call_focus_for(m, &invite),
        }
    }

    /// True when a device that calls an ended chat comes for what was stored.
    fn is_fetched(&self, m: &Mechanics, leg: LegId) -> bool {
        let device = self.device_at(leg).and_then(|at| self.devices.get(at));
        let waits = device.is_some_and(|leg| self.items.wait_for(&leg.device));
        m.config.delivery.shape_ended == Shape::ClientRejoinLeg && waits
    }

    /// A device that calls needs no call any more.
    fn drop_calls(&mut self, m: &mut Mechanics, device: &Device) {
        self.attempts.remove(&device.key);
        let other = |leg: &DeviceLeg| {
            let joined = matches!(leg.state, DeviceState::Joined | DeviceState::Retiring(_));
            leg.device.may_be(device) && !joined
        };
        while let Some(at) = self.devices.iter().position(other) {
            self.end_device(m, at, COMPLETED);
        }
    }

    /// One leg to a device is enough: the newest is what the device wants. What is on its way over another is waited
    /// for, so that it does not come twice.
    fn retire_other_legs(&mut self, m: &mut Mechanics, newest: LegId) {
        let Some(device) = self.device_at(newest).and_then(|at| self.devices.get(at)).map(|leg| leg.device.clone())
        else {
            return;
        };
        let other =
            |leg: &DeviceLeg| leg.leg != newest && leg.state == DeviceState::Joined && leg.device.may_be(&device);
        for leg in self.devices.iter().filter(|leg| other(leg)).map(|leg| leg.leg).collect::<Vec<_>>() {
            let Some(at) = self.device_at(leg) else { continue };
            match self.devices.get_mut(at) {
                Some(former) if former.in_flight.is_some() => former.state = DeviceState::Retiring(m.now + RETIRING),
                _ => self.end_device(m, at, COMPLETED),
            }
        }
    }

    /// Answers the devices that wait, and gives them what they missed.
    pub fn let_in(&mut self, m: &mut Mechanics) {
        let contact = self.contact();
        self.known_to_user |= self.devices.iter().any(|leg| leg.state == DeviceState::Waiting);
        let waiting = self.devices.iter().filter(|leg| leg.state == DeviceState::Waiting).map(|leg| leg.leg);
        for leg in waiting.collect::<Vec<_>>() {
            self.retire_other_legs(m, leg);
            let Some(leg) = self.device_at(leg).and_then(|at| self.devices.get_mut(at)) else { continue };
            leg.state = DeviceState::Joined;
            leg.connect_by = Some(m.now + m.config.msrp_response);
            let offer = m.leg(leg.leg).and_then(|leg| described(leg.invite()));
            let sdp = leg.local.sdp();
            m.answer(leg.leg, 200, &contact, |response| response.body("application/sdp", sdp));
            if let Some(offer) = &offer {
                m.start_media(&leg.local, offer);
            }
            let (device, leg) = (leg.device.key.clone(), leg.leg);
            self.note_informed(m, device);
            if let Some(at) = self.device_at(leg) {
                if let Some(offer) = &offer {
                    self.begin_lists(m, at, offer);
                }
                self.wait_for_watcher(m, at);
            }
        }
        self.pump(m);
    }

    /// The request of a device goes on to the focus, or to the factory.
    fn call_focus_for(&mut self, m: &mut Mechanics, received: &Message) {
        self.leave_former_focus(m);
        let (leg, local) = self.pass_on(m, received);
        self.focus = Focus::Calling { leg, local };
    }

    /// The same while the user is a member: that does not change before the other side has accepted.
    fn call_elsewhere(&mut self, m: &mut Mechanics, received: &Message) {
        self.stop_calling_elsewhere(m);
        let (leg, local) = self.pass_on(m, received);
        self.elsewhere = Some(Elsewhere { leg, local });
    }

    /// Gives up what a device wanted elsewhere.
    pub fn stop_calling_elsewhere(&mut self, m: &mut Mechanics) {
        if let Some(there) = self.elsewhere.take() {
            m.media.close(there.local.media);
            m.drop_leg(there.leg, 480, None);
        }
    }

    /// What happened to the leg to elsewhere.
    pub fn elsewhere_leg(&mut self, m: &mut Mechanics, event: LegEvent) {
        match event {
            LegEvent::Answered(response) => {
                let Some(Elsewhere { leg, local }) = self.elsewhere.take() else { return };
                self.leave_former_focus(m);
                self.focus = Focus::Calling { leg, local };
                self.focus_accepted(m, &response);
            }
            LegEvent::Refused { status, response } => {
                if let Some(there) = self.elsewhere.take() {
                    m.media.close(there.local.media);
                }
                self.refuse_waiting(m, status, response.as_ref(), |_, _| true);
            }
            LegEvent::Ended(_) => self.stop_calling_elsewhere(m),
            _ => {}
        }
    }

    fn pass_on(&mut self, m: &mut Mechanics, received: &Message) -> (LegId, Local) {
        let local = m.offer_media(self.owner(), Direction::SendRecv, self.policy.max_message_octets);
        let body = bodies::with_own_offer(received, local.sdp());
        let target = received.request_uri().unwrap_or_default();
        // A device may know a former focus alone.
        let target = if self.is_named(target) { self.record.focus.clone() } else { target.to_owned() };
        let contact = m.contact_like(received);
        let invite = m.onward(received, &target, &contact, body);
        (m.call(self.owner(), invite), local)
    }

    /// Ends the leg to a focus that another one takes the place of.
    pub fn leave_former_focus(&mut self, m: &mut Mechanics) {
        if let Some(local) = self.focus.local() {
            m.media.close(local.media);
        }
        if let Some(leg) = self.focus.leg() {
            m.drop_leg(leg, 480, Some(COMPLETED));
        }
        self.focus = Focus::Absent;
    }

    /// The function itself asks the focus to be a member again, on behalf of the user.
    pub fn call_focus(&mut self, m: &mut Mechanics) {
        self.leave_former_focus(m);
        if self.is_one_to_one() {
            return self.focus_ended(m, None);
        }
        let local = m.offer_media(self.owner(), Direction::SendRecv, self.policy.max_message_octets);
        let record = &self.record;
        let contact = m.own_contact();
        let invite = m.own_request(Method::Invite, &record.focus, &record.user, true);
        let invite = invite
            .header(Name::From, format!("<{}>;tag={}", record.user, m.tokens.tag()))
            .header(Name::To, format!("<{}>", record.focus))
            .header(Name::Contact, &contact)
            .header(Name::PAssertedIdentity, format!("<{}>", record.user))
            .header(Name::PAssertedService, record.service.as_deref().unwrap_or(GROUP_SERVICE))
            .header(Name::AcceptContact, format!("*;{}", GROUP_TAG))
            .header(Name::ContributionId, &record.contribution)
            .header(Name::ConversationId, &record.conversation)
            .header(Name::Allow, admission::ALLOW)
            .body("application/sdp", local.sdp())
            .build();
        let leg = m.call(self.owner(), invite);
        self.focus = Focus::Calling { leg, local };
    }

    /// The focus has accepted an INVITE of this side.
    pub fn focus_accepted(&mut self, m: &mut Mechanics, response: &Message) {
        let Focus::Calling { leg, local } = &self.focus else { return };
        let (leg, mut local) = (*leg, local.clone());
        let Some(answer) = described(response) else {
            m.drop_leg(leg, 480, None);
            return self.focus_refused(m, 488, None);
        };
        if let Some(Ok(contact)) = response.contacts().next()
            && contact.param("isfocus").is_some()
        {
            self.record.features = features(&contact);
            if self.record.focus != contact.uri {
                self.moved(m, contact.uri.to_owned());
            }
        }
        if self.record.asserted.is_empty() {
            self.record.asserted = response.headers(&Name::PAssertedIdentity).map(str::to_owned).collect();
        }
        m.media_answered(&mut local, &answer);
        self.live(m, leg, local);
        self.let_in(m);
    }

    /// The focus does not want the user, or is no more. What was missed is delivered all the same.
    pub fn focus_refused(&mut self, m: &mut Mechanics, status: u16, response: Option<&Message>) {
        if let Some(local) = self.focus.local() {
            m.media.close(local.media);
        }
        self.focus = Focus::Absent;
        self.record.ended.get_or_insert(m.now.as_nanos());
        self.record.leg = None;
        self.fail_upward(m);
        self.refuse_waiting(m, status, response, |chat, leg| !chat.items.wait_for(&leg.device));
        self.let_in(m);
        if self.devices.is_empty() && self.items.held.is_empty() && !self.established {
            self.over = true;
        } else {
            self.save(m);
        }
        self.end_watching(m);
    }

    /// Refuses the devices that wait and are meant, as the other side has refused.
    fn refuse_waiting(
        &mut self,
        m: &mut Mechanics,
        status: u16,
        response: Option<&Message>,
        meant: impl Fn(&Chat, &DeviceLeg) -> bool,
    ) {
        let waiting = self.devices.iter().filter(|leg| leg.state == DeviceState::Waiting);
        for leg in waiting.filter(|leg| meant(self, leg)).map(|leg| leg.leg).collect::<Vec<_>>() {
            if let Some(at) = self.device_at(leg) {
                self.remove_device(m, at);
                m.answer(leg, status, "", |refusal| sip::with_reasons(refusal, response));
            }
        }
    }

    /// The focus cancelled before anybody answered. Where the function stands in upon that it joins by itself: the content
    /// is to be made good.
    pub fn focus_gave_up(&mut self, m: &mut Mechanics) {
        self.stop_calling(m, None);
        if let Some(local) = self.focus.local() {
            m.media.close(local.media);
        }
        self.focus = Focus::Absent;
        if m.config.stands_in(&self.policy, Absence::FocusCancel) {
            self.call_focus(m);
        } else {
            self.over = !self.keeps_content();
        }
    }
}
