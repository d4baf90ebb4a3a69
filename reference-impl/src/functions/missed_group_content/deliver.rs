//! Delivery to the devices that take part: stored items first, then live ones, one after the other in the same leg,
//! each exactly as it came. [CPM-CONV-058a, PF-SES-02]

use super::chat::{Chat, DeviceLeg, DeviceState, Focus, InFlight};
use super::items::Item;
use crate::call::Mechanics;
use crate::call::media::{self, MediaEvent, MediaId};
use crate::config::{DrainDevices, NotificationPath};
use crate::store::{ItemKind, Write};
use cpm_wire::sip::Message;
use cpm_wire::transaction::ClientId;
use std::time::Duration;

/// Why a session with a device is ended by the function.
pub const COMPLETED: &str = "SIP;cause=200;text=\"Call completed\"";
/// Why a session is ended whose bearer broke.
pub const UNAVAILABLE: &str = "SIP;cause=480;text=\"Bearer Unavailable\"";

impl Chat {
    /// Sends each device the next that it needs.
    pub fn pump(&mut self, m: &mut Mechanics) {
        for leg in self.devices.iter().map(|leg| leg.leg).collect::<Vec<_>>() {
            if let Some(at) = self.device_at(leg) {
                self.pump_device(m, at);
            }
        }
    }

    fn pump_device(&mut self, m: &mut Mechanics, at: usize) {
        if self.is_held_up(at) {
            return;
        }
        let Some(leg) = self.devices.get(at) else { return };
        let busy = leg.in_flight.is_some() || leg.state != DeviceState::Joined;
        if busy || !m.media.is_ready(leg.local.media) {
            return;
        }
        let device = leg.device.clone();
        self.bring_notifications(m, &device);
        let Some(leg) = self.devices.get(at) else { return };
        let meant = |item: &Item| !self.comes_apart(m, item, leg);
        let next = self.items.next_for(&device, m.config.delivery.order, meant);
        let next = next.map(|item| (item.record.id, self.path(m, item, &device, leg.notifications)));
        let first = next.map(|(id, _)| id);
        if first.is_some_and(|item| self.waits_for_list(m, at, item)) || self.list_first(m, at, first) {
            return;
        }
        let Some((id, path)) = next else { return self.drained(m, at) };
        if path == NotificationPath::Message {
            return self.send_by_request(m, at, id);
        }
        let (Some(item), Some(leg)) = (self.items.get(id), self.devices.get_mut(at)) else { return };
        let record = &item.record;
        let message_id = m.tokens.token();
        leg.in_flight = Some(InFlight::Send(record.id, message_id.clone()));
        let outgoing = media::outgoing(message_id, record.content_type.clone(), record.octets.clone());
        m.media.send(m.now, leg.local.media, outgoing);
    }

    /// True while a leg of the same device, whose place this one has taken, has something under way.
    fn is_held_up(&self, at: usize) -> bool {
        let Some(leg) = self.devices.get(at) else { return false };
        let retiring = |other: &DeviceLeg| matches!(other.state, DeviceState::Retiring(_));
        self.devices.iter().any(|other| retiring(other) && other.device.may_be(&leg.device))
    }

    /// A notification goes as a request of its own to a device that does not take it in the session.
    fn send_by_request(&mut self, m: &mut Mechanics, at: usize, id: u64) {
        let Some(device) = self.devices.get(at).map(|leg| leg.device.clone()) else { return };
        let request = self.notification_request(m, &device, id);
        let client = m.send(self.owner(), request);
        if let Some(leg) = self.devices.get_mut(at) {
            leg.in_flight = Some(InFlight::Request(id, client));
        }
    }

    /// A device has all that there is: the session of an ended chat is over once the reports are in.
    fn drained(&mut self, m: &mut Mechanics, at: usize) {
        self.keep_final_list(m, at);
        let ends =
            |leg: &DeviceLeg| self.ends_when_drained(m, leg) && !self.notification_sessions.is_open_to(&leg.device);
        if !self.devices.get(at).is_some_and(ends) {
            return;
        }
        let Some(leg) = self.devices.get_mut(at) else { return };
        let until = *leg.linger.get_or_insert(m.now + m.config.linger);
        if leg.owes.is_empty() || until <= m.now {
            self.end_device(m, at, COMPLETED);
        }
    }

    /// Ends the session with a device.
    pub fn end_device(&mut self, m: &mut Mechanics, at: usize, reason: &str) {
        if let Some(leg) = self.remove_device(m, at) {
            m.drop_leg(leg.leg, 480, Some(reason));
        }
    }

    /// Something happened to the media of a device.
    pub fn device_media(&mut self, m: &mut Mechanics, media: MediaId, event: MediaEvent) {
        let Some(at) = self.device_of(media) else { return };
        match event {
            MediaEvent::Ready => {
                if let Some(leg) = self.devices.get_mut(at) {
                    leg.connect_by = None;
                }
                self.pump_device(m, at);
            }
            MediaEvent::Lost => self.lost(m, at),
            MediaEvent::Answered { message_id, status } => {
                if let Some(item) = self.sent_as(at, &message_id) {
                    self.answered(m, at, item, status);
                } else if self.is_list(at, &message_id) {
                    self.list_answered(m, at, status);
                }
            }
            MediaEvent::Received(received) => self.device_sent(m, at, *received),
            MediaEvent::Passed(_) => {}
        }
    }

    fn sent_as(&self, at: usize, message_id: &str) -> Option<u64> {
        match &self.devices.get(at)?.in_flight {
            Some(InFlight::Send(item, sent_as)) if sent_as == message_id => Some(*item),
            _ => None,
        }
    }

    fn is_list(&self, at: usize, message_id: &str) -> bool {
        let sent = self.devices.get(at).and_then(|leg| leg.in_flight.as_ref());
        matches!(sent, Some(InFlight::List(sent_as)) if sent_as == message_id)
    }

    /// The device has answered an item. What it can never take does not stop the rest.
    fn answered(&mut self, m: &mut Mechanics, at: usize, item: u64, status: Option<u16>) {
        match status {
            Some(200) => self.delivered(m, at, item),
            Some(415) if self.items.get(item).is_some_and(|item| item.record.kind == ItemKind::Notification) => {
                self.send_by_request(m, at, item);
            }
            Some(413 | 415) => {
                self.tell_failed(m, item);
                self.delivered(m, at, item);
            }
            _ => self.lost(m, at),
        }
    }

    /// The device has the item.
    fn delivered(&mut self, m: &mut Mechanics, at: usize, id: u64) {
        let Some(leg) = self.devices.get_mut(at) else { return };
        let device = leg.device.key.clone();
        if let Some(item) = self.items.get(id)
            && item.about.wants("positive-delivery")
            && let Some(message_id) = item.about.message_id.clone()
        {
            leg.owes.insert(message_id);
        }
        self.attempts.remove(&device);
        self.mark_delivered(m, id, device);
        self.tell_watchers(m);
        self.went_out(m, at);
    }

    /// The device has answered what was under way: the next goes out, unless another leg has taken the place of this one.
    pub fn went_out(&mut self, m: &mut Mechanics, at: usize) {
        let Some(leg) = self.devices.get_mut(at) else { return };
        leg.in_flight = None;
        if matches!(leg.state, DeviceState::Retiring(_)) {
            self.end_device(m, at, COMPLETED);
            return self.pump(m);
        }
        self.pump_device(m, at);
    }

    /// An item is with a device: it is kept only for others that missed it too.
    pub fn mark_delivered(&mut self, m: &mut Mechanics, id: u64, device: String) {
        let Some(item) = self.items.get_mut(id) else { return };
        let first = item.record.delivered.is_empty();
        item.record.delivered.push(device.clone());
        if first {
            let until = (m.now + m.config.other_devices).as_nanos();
            item.record.expires = Some(item.record.expires.map_or(until, |expires| expires.min(until)));
        }
        if item.kept {
            m.write(vec![Write::Delivered { item: id, device }]);
        }
        self.forget_needless(m);
        while let Some(surplus) = self.items.surplus_history().filter(|surplus| !self.is_wanted_now(*surplus)) {
            self.forget_item(m, surplus);
        }
    }

    /// Forgets what is with a device, and is wanted by no other: none that takes part, and, unless each device is to have
    /// everything, none that may come.
    fn forget_needless(&mut self, m: &mut Mechanics) {
        let each = m.config.delivery.devices == DrainDevices::Each;
        let needless = |item: &&Item| !(item.record.delivered.is_empty() || each && item.kept);
        let needless: Vec<u64> = self.items.held.iter().filter(needless).map(|item| item.record.id).collect();
        for id in needless {
            if !self.is_wanted_now(id) {
                self.forget_item(m, id);
            }
        }
    }

    /// True when a device that takes part does not have the item.
    fn is_wanted_now(&self, id: u64) -> bool {
        let Some(item) = self.items.get(id) else { return false };
        let lacks = |leg: &DeviceLeg| leg.state == DeviceState::Joined && !item.is_with(&leg.device);
        self.devices.iter().any(lacks)
    }

    /// Forgets an item without a word.
    pub fn forget_item(&mut self, m: &mut Mechanics, id: u64) {
        if self.items.get(id).is_some_and(|item| item.kept) {
            m.write(vec![Write::ForgetItem(id)]);
        }
        self.items.remove(id);
    }

    /// The answer to a notification that went to a device as a request of its own; true when it was one.
    pub fn notification_answered(&mut self, m: &mut Mechanics, client: ClientId, response: Option<&Message>) -> bool {
        let sent = |leg: &DeviceLeg| match leg.in_flight {
            Some(InFlight::Request(item, sent)) if sent == client => Some(item),
            _ => None,
        };
        let Some((at, item)) = self.devices.iter().enumerate().find_map(|(at, leg)| Some((at, sent(leg)?))) else {
            return false;
        };
        match response.and_then(Message::status).unwrap_or(408) {
            100..=199 => {}
            // A device that understands no such request will never take it.
            200..=299 | 405 | 415 | 488 | 501 => self.delivered(m, at, item),
            _ => self.lost(m, at),
        }
        true
    }

    /// The connection to a device broke, or the device is deaf: it counts as absent until it shows itself again.
    pub fn lost(&mut self, m: &mut Mechanics, at: usize) {
        let Some(leg) = self.devices.get_mut(at) else { return };
        if matches!(leg.state, DeviceState::Retiring(_)) {
            self.end_device(m, at, UNAVAILABLE);
            return self.pump(m);
        }
        if leg.state != DeviceState::Joined {
            return;
        }
        leg.state = DeviceState::Lost(m.now + GRACE);
        leg.connect_by = None;
        leg.in_flight = None;
        m.media.close(leg.local.media);
        self.note_absence(m);
    }

    /// When no device takes part any more, what they did not get counts as missed.
    pub fn note_absence(&mut self, m: &mut Mechanics) {
        self.forget_needless(m);
        // What waited for messages that do not go out now waits no more.
        self.tell_watchers(m);
        if self.is_joined() {
            return;
        }
        self.items.held.retain(|item| item.kept);
        for item in self.items.held.iter_mut().filter(|item| item.record.delivered.is_empty()) {
            item.missed = true;
        }
        if !self.policy.store && self.focus.is_live() {
            self.leave(m, UNAVAILABLE);
        }
    }

    /// The user is no member any more, and nothing is remembered.
    pub fn leave(&mut self, m: &mut Mechanics, reason: &str) {
        self.record.interested = false;
        self.stop_calling_elsewhere(m);
        self.end_notification_sessions(m, None);
        while !self.devices.is_empty() {
            self.end_device(m, 0, reason);
        }
        if let Some(local) = self.focus.local() {
            m.media.close(local.media);
        }
        if let Some(leg) = self.focus.leg() {
            m.drop_leg(leg, 480, Some(reason));
        }
        self.focus = Focus::Absent;
        self.over = true;
    }
}

/// How long the dialog of a broken connection is kept: the BYE of a user who leaves may come after the FIN.
const GRACE: Duration = Duration::from_millis(500);
