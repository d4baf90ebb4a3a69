//! By which path a stored disposition notification reaches a device: in the session that brings what was missed, as a
//! request of its own, or in a session that brings notifications alone, from the store-and-forward identity and with
//! nothing but a description of media, so that a client knows it without its user. [CPM-CONV-058a, L04, L31]

use super::chat::{Chat, DeviceLeg};
use super::deliver::COMPLETED;
use super::drain::takes_notifications;
use super::items::Item;
use super::one_to_one::stand_forward;
use crate::call::admission::ALLOW;
use crate::call::legs::{LegEvent, LegId};
use crate::call::media::{self, MediaEvent, MediaId};
use crate::call::offer::{Local, described};
use crate::call::registrations::Device;
use crate::call::{GROUP_SERVICE, GROUP_TAG, Mechanics};
use crate::config::NotificationPath;
use crate::store::ItemKind;
use cpm_wire::sdp::Direction;
use cpm_wire::sip::{Message, Method, Name};
use cpm_wire::time::Time;

/// A session that brings a device its stored notifications.
#[derive(Debug)]
pub struct NotificationSession {
    leg: LegId,
    device: Device,
    local: Local,
    /// Until when there has to be an answer, and then a connection; none when both are there.
    until: Option<Time>,
    /// The notification that is on its way, and its Message-ID.
    in_flight: Option<(u64, String)>,
}

/// The sessions of a chat that bring notifications alone, and the devices that want none before they show themselves
/// again.
#[derive(Debug, Default)]
pub struct NotificationSessions {
    held: Vec<NotificationSession>,
    unwanted: Vec<String>,
}

impl NotificationSessions {
    /// True for the media of one of them.
    pub fn has_media(&self, media: MediaId) -> bool {
        self.held.iter().any(|session| session.local.media == media)
    }

    /// When something of them comes due.
    pub fn poll_timeout(&self) -> Option<Time> {
        self.held.iter().filter_map(|session| session.until).min()
    }

    /// True while one of them brings this item.
    pub fn carry(&self, item: u64) -> bool {
        self.held.iter().any(|session| session.in_flight.as_ref().is_some_and(|(id, _)| *id == item))
    }

    /// True while one of them goes to this device.
    pub fn is_open_to(&self, device: &Device) -> bool {
        self.held.iter().any(|session| session.device.may_be(device))
    }

    /// True while none is there.
    pub fn is_empty(&self) -> bool {
        self.held.is_empty()
    }

    /// A device that showed itself may want them again.
    pub fn offer_again(&mut self, device: &str) {
        self.unwanted.retain(|key| key != device);
    }
}

impl Chat {
    /// By which path an item reaches a device in whose session it may, or may not, come. What comes while the user takes
    /// part comes in his session, if it may. A path that is not open gives way to the next that is declared.
    pub fn path(&self, m: &Mechanics, item: &Item, device: &Device, in_session: bool) -> NotificationPath {
        let stored = item.missed && item.record.kind == ItemKind::Notification;
        if item.record.kind == ItemKind::Message || (in_session && !stored) {
            return NotificationPath::DrainLeg;
        }
        let declared = &m.config.delivery.notifications;
        let apart = stored && declared.contains(&NotificationPath::StoredNotificationSession);
        let is_open = |path: &NotificationPath| match path {
            NotificationPath::DrainLeg => in_session,
            NotificationPath::Message => true,
            NotificationPath::StoredNotificationSession => {
                stored && !self.notification_sessions.unwanted.contains(&device.key)
            }
        };
        let closed = if apart { NotificationPath::StoredNotificationSession } else { NotificationPath::Message };
        declared.iter().copied().find(is_open).unwrap_or(closed)
    }

    /// True for an item that does not come in a device's session that brings the rest.
    pub fn comes_apart(&self, m: &Mechanics, item: &Item, leg: &DeviceLeg) -> bool {
        self.path(m, item, &leg.device, leg.notifications) == NotificationPath::StoredNotificationSession
    }

    /// The first notification that is to reach a device in a session of its own.
    fn next_apart(&self, m: &Mechanics, device: &Device) -> Option<&Item> {
        let in_session = self.devices.iter().any(|leg| leg.device.may_be(device) && leg.notifications);
        let waiting = self.items.held.iter().filter(|item| item.stored && !item.is_with(device));
        let mut apart = waiting
            .filter(|item| self.path(m, item, device, in_session) == NotificationPath::StoredNotificationSession);
        apart.next()
    }

    /// True when nothing but such notifications waits for a device.
    pub fn waits_apart_alone(&self, m: &Mechanics, device: &Device) -> bool {
        let apart = |item: &Item| self.path(m, item, device, false) == NotificationPath::StoredNotificationSession;
        let mut waiting = self.items.held.iter().filter(|item| item.stored && !item.is_with(device)).peekable();
        waiting.peek().is_some() && waiting.all(apart)
    }

    /// Calls a device for the notifications that are to reach it in a session of their own, unless that is under way.
    pub fn bring_notifications(&mut self, m: &mut Mechanics, device: &Device) {
        let sessions = &self.notification_sessions;
        if sessions.is_open_to(device)
            || sessions.unwanted.contains(&device.key)
            || self.next_apart(m, device).is_none()
        {
            return;
        }
        let local = m.offer_media(self.owner(), Direction::SendOnly, self.policy.max_message_octets);
        let invite = self.stored_notifications_invite(m, device, &local);
        let leg = m.call(self.owner(), invite);
        let (device, until) = (device.clone(), Some(m.now + m.config.no_answer));
        self.notification_sessions.held.push(NotificationSession { leg, device, local, until, in_flight: None });
    }

    fn stored_notifications_invite(&self, m: &mut Mechanics, device: &Device, local: &Local) -> Message {
        let record = &self.record;
        let identity = stand_forward(m);
        let target = device.contact.as_deref().unwrap_or(&record.user);
        let contact = m.own_contact();
        let from = format!("{identity};tag={}", m.tokens.tag());
        m.own_request(Method::Invite, target, &record.user, false)
            .header(Name::From, from)
            .header(Name::To, format!("<{}>", record.user))
            .header(Name::Contact, contact)
            .header(Name::PAssertedIdentity, identity)
            .header(Name::ContributionId, &record.contribution)
            .header(Name::ConversationId, &record.conversation)
            .header(Name::PAssertedService, record.service.as_deref().unwrap_or(GROUP_SERVICE))
            .header(Name::AcceptContact, format!("*;{GROUP_TAG}"))
            .header(Name::Allow, ALLOW)
            .body(cpm_wire::sdp::MEDIA_TYPE, local.sdp())
            .build()
    }

    /// Something happened to the leg of such a session.
    pub fn notification_leg(&mut self, m: &mut Mechanics, leg: LegId, event: LegEvent) {
        let Some(at) = self.notification_sessions.held.iter().position(|session| session.leg == leg) else { return };
        match event {
            LegEvent::Answered(response) => {
                let answer = described(&response).filter(takes_notifications);
                let Some(session) = self.notification_sessions.held.get_mut(at) else { return };
                match answer {
                    Some(answer) => {
                        session.until = Some(m.now + m.config.msrp_response);
                        m.media_answered(&mut session.local, &answer);
                        self.pump_notifications(m, at);
                    }
                    None => self.notifications_unwanted(m, at),
                }
            }
            LegEvent::Refused { .. } => self.notifications_unwanted(m, at),
            LegEvent::Ended(_) => self.notifications_unwanted(m, at),
            LegEvent::Request { server, request } => m.reply_in(leg, server, &request, 488, |answer| answer),
            LegEvent::Provisional(_)
            | LegEvent::Acknowledged(_)
            | LegEvent::Withdrawn(_)
            | LegEvent::Cancelled(_)
            | LegEvent::Response { .. } => {}
        }
    }

    /// Something happened to the media of such a session.
    pub fn notification_media(&mut self, m: &mut Mechanics, media: MediaId, event: MediaEvent) {
        let held = &mut self.notification_sessions.held;
        let Some(at) = held.iter().position(|session| session.local.media == media) else { return };
        match event {
            MediaEvent::Ready => {
                if let Some(session) = held.get_mut(at) {
                    session.until = None;
                }
                self.pump_notifications(m, at);
            }
            MediaEvent::Lost => self.notifications_unwanted(m, at),
            MediaEvent::Answered { message_id, status } => self.notification_sent(m, at, &message_id, status),
            // Only this side sends in this session.
            MediaEvent::Received(received) => m.media.reply(media, received.reply, 403),
            MediaEvent::Passed(_) => {}
        }
    }

    fn pump_notifications(&mut self, m: &mut Mechanics, at: usize) {
        let Some(session) = self.notification_sessions.held.get(at) else { return };
        if session.in_flight.is_some() || !m.media.is_ready(session.local.media) {
            return;
        }
        let next = self.next_apart(m, &session.device);
        let next = next.map(|item| (item.record.id, item.record.content_type.clone(), item.record.octets.clone()));
        let Some((id, content_type, octets)) = next else {
            self.end_notification_session(m, at);
            return self.pump(m);
        };
        let Some(session) = self.notification_sessions.held.get_mut(at) else { return };
        let sent_as = m.tokens.token();
        session.in_flight = Some((id, sent_as.clone()));
        m.media.send(m.now, session.local.media, media::outgoing(sent_as, content_type, octets));
    }

    fn notification_sent(&mut self, m: &mut Mechanics, at: usize, message_id: &str, status: Option<u16>) {
        let Some(session) = self.notification_sessions.held.get_mut(at) else { return };
        let Some((id, _)) = session.in_flight.take_if(|(_, sent_as)| sent_as == message_id) else { return };
        match status {
            // What a device can never take does not stop the rest.
            Some(200 | 413 | 415) => {
                let device = session.device.key.clone();
                self.mark_delivered(m, id, device);
                self.pump_notifications(m, at);
            }
            _ => self.notifications_unwanted(m, at),
        }
    }

    /// The device does not want the session: another path that is declared is taken, or its next registration is waited
    /// for.
    fn notifications_unwanted(&mut self, m: &mut Mechanics, at: usize) {
        if let Some(session) = self.notification_sessions.held.get(at) {
            let device = session.device.key.clone();
            self.notification_sessions.unwanted.push(device);
        }
        self.end_notification_session(m, at);
        self.pump(m);
    }

    fn end_notification_session(&mut self, m: &mut Mechanics, at: usize) {
        if at < self.notification_sessions.held.len() {
            let session = self.notification_sessions.held.remove(at);
            m.media.close(session.local.media);
            m.drop_leg(session.leg, 480, Some(COMPLETED));
        }
    }

    /// Ends those that nobody has answered, or connected to, in time.
    pub fn notification_sessions_due(&mut self, m: &mut Mechanics) {
        let now = m.now;
        let due = |session: &NotificationSession| session.until.is_some_and(|until| until <= now);
        while let Some(at) = self.notification_sessions.held.iter().position(due) {
            self.notifications_unwanted(m, at);
        }
    }

    /// The chat is forgotten, or the device is gone; none means all.
    pub fn end_notification_sessions(&mut self, m: &mut Mechanics, device: Option<&str>) {
        let meant = |session: &NotificationSession| device.is_none_or(|key| session.device.key == key);
        while let Some(at) = self.notification_sessions.held.iter().position(meant) {
            self.end_notification_session(m, at);
        }
    }
}
