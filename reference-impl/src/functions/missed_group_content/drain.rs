//! Calling a device: the invitation as it goes on, and the drain invitation once a device can be reached.
//! [CPM-CONV-058a]

use super::chat::{Attempt, Chat, DeviceLeg, DeviceState, Focus, Purpose};
use super::lists::Lists;
use super::one_to_one::stand_forward;
use crate::call::admission::ALLOW;
use crate::call::invite::Body;
use crate::call::offer::{Local, described};
use crate::call::registrations::{ANY, Device};
use crate::call::{GROUP_SERVICE, GROUP_TAG, Mechanics, bodies};
use crate::config::{Absence, DeviceMode, DrainDevices, Identity, InviteList, Shape};
use bytes::Bytes;
use cpm_wire::multipart::{self, Part};
use cpm_wire::resource_lists::{Entry, List};
use cpm_wire::sdp::Direction;
use cpm_wire::sip::{Message, Method, Name, NameAddr};
use std::collections::HashSet;

/// The most devices that a chat remembers.
const MOST_INFORMED: usize = 16;

impl Chat {
    /// A device can be reached, as its registration says: a new trigger for what it missed.
    pub fn reachable(&mut self, m: &mut Mechanics, device: &Device) {
        self.attempts.remove(&device.key);
        self.notification_sessions.offer_again(&device.key);
        self.forget_former(m, device);
        for leg in self.devices.iter_mut().filter(|leg| leg.device.key == device.key) {
            leg.shown = true;
        }
        self.drain(m, device);
    }

    /// Calls the device if it has missed something, or if nobody takes part in a chat that goes on.
    pub fn drain(&mut self, m: &mut Mechanics, device: &Device) {
        let left = self.record.left.contains(&device.key);
        if !self.record.interested || !device.chat || left || self.is_busy_with(device) {
            return;
        }
        let inviting = matches!(self.focus, Focus::Inviting { .. });
        let informed = self.record.informed.contains(&device.key);
        if !inviting && informed && self.waits_apart_alone(m, device) {
            return self.bring_notifications(m, device);
        }
        let shape = self.shape(m);
        if shape == Shape::ClientRejoinLeg && !inviting {
            return;
        }
        let joined = self.is_joined();
        let all_joined = self.policy.device_mode == Some(DeviceMode::AllJoined) && device.key != ANY;
        let purpose = match self.focus {
            Focus::Inviting { .. } => Purpose::Invitation,
            _ if self.items.wait_for(device) || self.owes_list_to(m, device) => Purpose::Drain,
            _ if self.is_one_to_one() => return,
            // With nothing to bring, a device hears of a chat once.
            _ if shape != Shape::Sendrecv && informed => return,
            Focus::Live { .. } | Focus::Resuming { .. } | Focus::Answering { .. } if !joined || all_joined => {
                Purpose::Drain
            }
            _ => return,
        };
        match (purpose, shape) {
            (Purpose::Drain, Shape::StoreAndNotify) => self.give_notice(m, device),
            _ => self.call_device(m, device.clone(), purpose),
        }
    }

    /// The shape of a delivery now. What was stored of a chat of two always comes in a session of its own.
    pub fn shape(&self, m: &Mechanics) -> Shape {
        match self.focus {
            _ if self.is_one_to_one() => Shape::SendonlyThenRejoin,
            Focus::Absent => m.config.delivery.shape_ended,
            _ => m.config.delivery.shape_live,
        }
    }

    /// True for a session that is over once its device has all that there is.
    pub fn ends_when_drained(&self, m: &Mechanics, leg: &DeviceLeg) -> bool {
        let apart = matches!(self.shape(m), Shape::SendonlyThenRejoin | Shape::StoreAndNotify);
        matches!(self.focus, Focus::Absent) || (apart && leg.purpose == Purpose::Drain)
    }

    /// True when there is a leg to the device already.
    pub fn is_busy_with(&self, device: &Device) -> bool {
        self.devices.iter().any(|leg| leg.device.may_be(device) && !matches!(leg.state, DeviceState::Lost(_)))
    }

    /// Drops a leg that broke, one to a contact that the device has given up, and the call to nobody in particular
    /// that this device makes needless.
    fn forget_former(&mut self, m: &mut Mechanics, device: &Device) {
        let former = |leg: &DeviceLeg| {
            let moved =
                device.contact.is_some() && leg.device.contact.is_some() && leg.device.contact != device.contact;
            let vague = leg.device.key == ANY && device.key != ANY && leg.purpose == Purpose::Drain;
            let lost = matches!(leg.state, DeviceState::Lost(_));
            let called = matches!(leg.state, DeviceState::Called(_));
            (leg.device.key == device.key && (moved || lost)) || (vague && called)
        };
        while let Some(at) = self.devices.iter().position(former) {
            if let Some(leg) = self.remove_device(m, at) {
                m.forget_leg(leg.leg);
            }
        }
    }

    /// The device is gone: so says its registration.
    pub fn unreachable(&mut self, m: &mut Mechanics, device: Option<&str>) {
        let gone = |leg: &DeviceLeg| device.is_none_or(|key| leg.device.key == key);
        match device {
            Some(key) => {
                self.attempts.remove(key);
            }
            None => self.attempts.clear(),
        }
        self.end_notification_sessions(m, device);
        let mut was_joined = false;
        while let Some(at) = self.devices.iter().position(gone) {
            if let Some(leg) = self.remove_device(m, at) {
                was_joined |= leg.state == DeviceState::Joined;
                m.forget_leg(leg.leg);
            }
        }
        match self.focus {
            Focus::Inviting { .. } if self.devices.is_empty() => self.stand_in(m, Absence::Offline),
            _ if was_joined => self.note_absence(m),
            _ => {}
        }
    }

    /// Sends a device its INVITE.
    pub fn call_device(&mut self, m: &mut Mechanics, device: Device, purpose: Purpose) {
        let both_ways = purpose == Purpose::Invitation || self.shape(m) == Shape::Sendrecv;
        let direction = if both_ways { Direction::SendRecv } else { Direction::SendOnly };
        let local = m.offer_media(self.owner(), direction, self.policy.max_message_octets);
        let target = device.contact.clone().unwrap_or_else(|| self.record.user.clone());
        let invite = match (purpose, self.focus.leg().and_then(|leg| m.leg(leg))) {
            (Purpose::Invitation, Some(leg)) => {
                let received = leg.invite().clone();
                let body = bodies::with_own_offer(&received, local.sdp());
                let onward = m.onward(&received, &target, &self.contact(), body);
                onward.edit().prepend(Name::RecordRoute, m.sip.own_route()).finish()
            }
            _ if self.is_one_to_one() => self.stored_messages_invite(m, &target, &local),
            _ => self.drain_invite(m, &target, &local),
        };
        let leg = m.call(self.owner(), invite);
        self.devices.push(DeviceLeg {
            leg,
            device,
            local,
            state: DeviceState::Called(m.now + m.config.no_answer),
            purpose,
            in_flight: None,
            notifications: false,
            owes: HashSet::new(),
            linger: None,
            connect_by: None,
            lists: Lists::default(),
            list_wait: None,
            shown: false,
        });
    }

    /// The Contact by which the device can rejoin: the group session identity (RFC 4579).
    pub fn contact(&self) -> String {
        let features = &self.record.features;
        match features.contains("icsi-ref") {
            true => format!("<{}>;isfocus{features}", self.record.focus),
            false => format!("<{}>;isfocus;{GROUP_TAG}{features}", self.record.focus),
        }
    }

    fn drain_invite(&self, m: &mut Mechanics, target: &str, local: &Local) -> Message {
        let record = &self.record;
        let from = format!("{};tag={}", record.from, m.tokens.tag());
        let invite = m.own_request(Method::Invite, target, &record.user, false);
        let mut invite = invite
            .header(Name::RecordRoute, m.sip.own_route())
            .header(Name::From, from)
            .header(Name::To, format!("<{}>", record.user))
            .header(Name::Contact, self.contact())
            .header(Name::ContributionId, &record.contribution)
            .header(Name::ConversationId, &record.conversation)
            .header(Name::PAssertedService, record.service.as_deref().unwrap_or(GROUP_SERVICE))
            .header(Name::Allow, ALLOW);
        for asserted in self.delivering_identity(m) {
            invite = invite.header(Name::PAssertedIdentity, asserted);
        }
        if let Some(inviter) = &record.referred_by {
            invite = invite.header(Name::ReferredBy, inviter);
        }
        if let Some(subject) = &record.subject {
            invite = invite.header(Name::Subject, subject);
        }
        if let Some(privacy) = &record.privacy {
            invite = invite.header(Name::Privacy, privacy);
        }
        if record.accept_contact.is_empty() {
            invite = invite.header(Name::AcceptContact, format!("*;{GROUP_TAG}"));
        }
        for accept in &record.accept_contact {
            invite = invite.header(Name::AcceptContact, accept);
        }
        let list = match m.config.delivery.invite_list {
            InviteList::Initial => record.invited.clone(),
            InviteList::Final => Some(self.present_list()),
            InviteList::None => None,
        };
        let (content_type, body) = with_list(local.sdp(), list.as_deref());
        invite.body(&content_type, body).build()
    }

    /// Whose the session with the device is said to be.
    fn delivering_identity(&self, m: &Mechanics) -> Vec<String> {
        let inviter = self.record.referred_by.as_deref().and_then(|inviter| NameAddr::parse(inviter).ok());
        match (m.config.delivery.identity, inviter) {
            (Identity::RcseStandfw, _) => vec![stand_forward(m)],
            (Identity::Inviter, Some(inviter)) => vec![format!("<{}>", inviter.uri)],
            _ => self.record.asserted.clone(),
        }
    }

    /// Those who are in the chat now, as a list (RFC 4826).
    fn present_list(&self) -> String {
        let members = self.roster.known.members().iter().filter(|(_, member)| member.is_in());
        List { entries: members.map(|(uri, _)| Entry::new(uri)).collect() }.to_xml()
    }

    /// A device has answered: true when there can be a session.
    pub fn join_device(&mut self, m: &mut Mechanics, at: usize, response: &Message) -> bool {
        let Some(leg) = self.devices.get_mut(at) else { return false };
        let Some(answer) = described(response) else { return false };
        leg.state = DeviceState::Joined;
        leg.connect_by = Some(m.now + m.config.msrp_response);
        leg.notifications = takes_notifications(&answer);
        m.media_answered(&mut leg.local, &answer);
        self.known_to_user = true;
        let told = response.contacts().next().and_then(Result::ok).filter(|_| leg.device.key == ANY);
        if let Some(contact) = told {
            leg.device = m.registrations.one_like(m.now, &self.user, &contact).unwrap_or_else(|| leg.device.clone());
        }
        let device = leg.device.key.clone();
        self.note_informed(m, device);
        self.begin_lists(m, at, &answer);
        self.wait_for_watcher(m, at);
        true
    }

    /// A device knows of the chat now.
    pub fn note_informed(&mut self, m: &mut Mechanics, device: String) {
        let is_back = self.record.left.contains(&device);
        self.record.left.retain(|left| *left != device);
        if self.record.informed.contains(&device) && !is_back {
            return;
        }
        self.record.informed.retain(|informed| *informed != device);
        self.record.informed.push(device);
        let surplus = self.record.informed.len().saturating_sub(MOST_INFORMED);
        self.record.informed.drain(..surplus);
        self.save(m);
    }

    /// True when another device has taken what was missed, and this one has still to hear who is in the chat.
    fn owes_list_to(&self, m: &Mechanics, device: &Device) -> bool {
        let informed = &self.record.informed;
        let first = m.config.delivery.devices == DrainDevices::First;
        first
            && device.key != ANY
            && !informed.is_empty()
            && !informed.iter().any(|one| *one == device.key || one == ANY)
    }

    /// A drain was refused: 603 ends the user's interest, other answers have it tried again.
    pub fn drain_refused(&mut self, m: &mut Mechanics, refused: DeviceLeg, status: u16) {
        if status == 603 {
            return self.leave(m, "SIP;cause=603;text=\"Decline\"");
        }
        let device = refused.device;
        if refused.shown {
            return self.drain(m, &device);
        }
        let attempt = self.attempts.entry(device.key).or_insert(Attempt { tried: 0, due: None });
        let again = attempt.tried < m.config.drain_retries;
        let wait = m.config.retry.saturating_mul(1 << attempt.tried.min(16));
        attempt.due = again.then(|| m.now + wait);
        attempt.tried += 1;
    }

    /// Tries refused drains again whose time has come.
    pub fn retry_drains(&mut self, m: &mut Mechanics) {
        let due = self.attempts.iter_mut().filter(|(_, attempt)| attempt.due.is_some_and(|due| due <= m.now));
        let due: Vec<String> = due.map(|(key, attempt)| (attempt.due = None, key.clone()).1).collect();
        let registered = m.registrations.devices(m.now, &self.user);
        for device in registered.iter().filter(|device| due.contains(&device.key)) {
            self.drain(m, device);
        }
    }
}

/// RFC 4975 section 8.6: notifications may be sent to those who list them.
pub fn takes_notifications(description: &cpm_wire::sdp::MsrpMedia) -> bool {
    let listed = description.accept_wrapped_types.iter().chain(&description.accept_types);
    let fits = |one: &String| one == "*" || one.eq_ignore_ascii_case(cpm_wire::imdn::MEDIA_TYPE);
    listed.into_iter().any(fits)
}

/// An offer, with the list of the invitation when there is one (RFC 5366).
fn with_list(sdp: String, list: Option<&str>) -> Body {
    let sdp = Bytes::from(sdp);
    let Some(list) = list else { return ("application/sdp".to_owned(), sdp) };
    let list = Part::new("application/resource-lists+xml", Bytes::copy_from_slice(list.as_bytes()))
        .header("Content-Disposition", "recipient-list-history;handling=optional");
    multipart::build(&[Part::new("application/sdp", sdp), list])
}
