//! The user's devices ask who is in the chat, and are told from what is known here: all that is known first, then
//! each change. A device that was away is told in order what happened, each change at its place among the messages; of an
//! ended chat the final list comes last, and that there will be no more. [CPM-CONV-058a, CPM-CONV-058b, L11, L23]

use super::chat::{Chat, DeviceLeg, DeviceState, Focus};
use crate::call::registrations::Device;
use crate::call::{Mechanics, Usage};
use crate::config::Intermediate;
use bytes::Bytes;
use cpm_wire::conference_info::{self, Roster};
use cpm_wire::sip::{Message, Name, Uri};
use cpm_wire::subscription::{Notifier, Reason};
use cpm_wire::time::Time;
use cpm_wire::transaction::{ClientId, ServerId};
use std::time::Duration;

/// The shortest and the longest subscription, in seconds.
const EXPIRES: (u32, u32) = (60, 3600);

/// How long messages wait for the answer to a notification that comes before them.
const ANSWER: Duration = Duration::from_secs(2);

/// A device's subscription.
pub struct Watcher {
    /// RFC 6665.
    pub notifier: Notifier,
    number: u64,
    version: u32,
    /// The device, when it can be told whose the subscription is.
    device: Option<Device>,
    /// True when it is told one change after the other, each at its place among the messages.
    chained: bool,
    /// What it has been told.
    seen: Option<Roster>,
    /// Up to which place of the history that is.
    told: u64,
    busy: Option<ClientId>,
    /// Until when messages wait for the answer.
    awaited: Option<Time>,
    ending: bool,
}

impl Watcher {
    fn is_of(&self, device: &Device) -> bool {
        self.device.as_ref().is_some_and(|own| own.may_be(device))
    }

    /// When the subscription ends, unless it is refreshed, or messages wait no more for its answer.
    pub fn due(&self) -> Option<Time> {
        let ends = self.notifier.poll_timeout().filter(|_| !self.ending);
        [ends, self.awaited].into_iter().flatten().min()
    }
}

impl Chat {
    /// True when a device means this chat by a URI.
    pub fn is_named(&self, target: &str) -> bool {
        let same = |focus: &String| match (Uri::parse(target), Uri::parse(focus)) {
            (Ok(target), Ok(focus)) => target.equals(&focus),
            _ => target == focus,
        };
        same(&self.record.focus) || self.record.former.iter().any(same)
    }

    /// A device subscribes.
    pub fn watch(&mut self, m: &mut Mechanics, server: ServerId, subscribe: &Message, device: Option<Device>) {
        let local_tag = m.tokens.tag();
        let accepted = Notifier::accept(m.now, subscribe, &local_tag, EXPIRES.0, EXPIRES.1);
        let (notifier, granted) = match accepted {
            Ok(accepted) => accepted,
            Err(refusal) => {
                let response = refusal.response(subscribe).to_tag(&local_tag);
                return m.sip.respond(m.now, server, response.build());
            }
        };
        self.roster.watched += 1;
        let number = self.roster.watched;
        let contact = m.own_contact();
        let response = cpm_wire::sip::Builder::response(subscribe, 200, "OK").to_tag(&local_tag);
        let response = response.header(Name::Contact, contact).header(Name::Expires, granted);
        m.sip.respond(m.now, server, response.build());
        let call_id = subscribe.call_id().unwrap_or_default();
        m.route(call_id, &local_tag, Usage::Notifier(self.owner(), number));
        let ending = granted == 0;
        let chained = m.config.delivery.intermediate.contains(&Intermediate::NotifyChain);
        let told = device.as_ref().map_or(0, |device| self.told_before(device));
        let told = if chained { told } else { self.roster.history.last_place() };
        if let Some(device) = &device {
            self.devices.iter_mut().filter(|leg| leg.device.may_be(device)).for_each(|leg| leg.list_wait = None);
        }
        let (busy, awaited) = (None, None);
        let watcher =
            Watcher { notifier, number, version: 0, device, chained, seen: None, told, busy, awaited, ending };
        self.roster.watchers.push(watcher);
        self.tell_watcher(m, number, true);
        self.pump(m);
    }

    /// A device that is to be told of changes among its messages is given some time to ask.
    pub fn wait_for_watcher(&mut self, m: &Mechanics, at: usize) {
        let Some(device) = self.devices.get(at).map(|leg| leg.device.clone()) else { return };
        let chained = m.config.delivery.intermediate.contains(&Intermediate::NotifyChain);
        let news = self.roster.history.next_place(self.told_before(&device)).is_some();
        let asked = self.roster.watchers.iter().any(|watcher| watcher.is_of(&device));
        if let Some(leg) = self.devices.get_mut(at).filter(|_| chained && news && !asked) {
            leg.list_wait = Some(m.now + m.config.subscribe_wait);
        }
    }

    /// True while the device is to hear of the list before it gets this item.
    pub fn waits_for_list(&self, m: &Mechanics, at: usize, item: u64) -> bool {
        let Some(leg) = self.devices.get(at) else { return false };
        if leg.list_wait.is_some_and(|until| until > m.now) {
            return true;
        }
        let before = |watcher: &Watcher| match watcher.busy {
            Some(_) => watcher.awaited.is_some(),
            None => {
                let next = self.roster.history.next_place(watcher.told);
                next.is_some_and(|place| place < item && self.may_be_told(m, watcher, place))
            }
        };
        let of_device = self.roster.watchers.iter().filter(|watcher| watcher.chained && watcher.is_of(&leg.device));
        of_device.into_iter().any(before)
    }

    /// True when no message is still to come to the watcher's device that was there before this place.
    fn may_be_told(&self, m: &Mechanics, watcher: &Watcher, place: u64) -> bool {
        let device = watcher.device.as_ref().filter(|_| watcher.chained);
        let joined = |leg: &&DeviceLeg| leg.state == DeviceState::Joined && watcher.is_of(&leg.device);
        let Some(leg) = device.and_then(|_| self.devices.iter().find(joined)) else { return true };
        !self.owes_earlier(m, leg, place)
    }

    /// A device refreshes its subscription, or ends it.
    pub fn watch_again(&mut self, m: &mut Mechanics, number: u64, server: ServerId, subscribe: &Message) {
        let contact = m.own_contact();
        let Some(watcher) = self.roster.watchers.iter_mut().find(|watcher| watcher.number == number) else {
            return m.refuse(server, subscribe, 481);
        };
        match watcher.notifier.resubscribe(m.now, subscribe) {
            Ok(granted) => {
                watcher.seen = None;
                watcher.ending |= granted == 0;
                m.reply(server, subscribe, 200, |answer| {
                    answer.header(Name::Contact, contact).header(Name::Expires, granted)
                });
                self.tell_watcher(m, number, true);
            }
            Err(refusal) => m.sip.respond(m.now, server, refusal.response(subscribe).build()),
        }
    }

    /// Tells every device what it does not know.
    pub fn tell_watchers(&mut self, m: &mut Mechanics) {
        for number in self.roster.watchers.iter().map(|watcher| watcher.number).collect::<Vec<_>>() {
            self.tell_watcher(m, number, false);
        }
    }

    /// What a watcher is to be told next, with the place up to which that goes; nothing when it knows all, or is to wait.
    fn news_for(&self, m: &Mechanics, watcher: &Watcher, over: bool) -> Option<(u64, Roster)> {
        let history = &self.roster.history;
        match &watcher.seen {
            Some(seen) => history.next(watcher.told, seen).filter(|(place, _)| self.may_be_told(m, watcher, *place)),
            None if watcher.chained => Some((watcher.told, history.at(watcher.told))),
            None if self.roster.told || over => Some((history.last_place(), history.at(history.last_place()))),
            None => None,
        }
    }

    /// One notification at a time, so that none overtakes another.
    fn tell_watcher(&mut self, m: &mut Mechanics, number: u64, at_once: bool) {
        let owner = self.owner();
        let contact = m.own_contact();
        let all_told = matches!(self.focus, Focus::Absent) && self.roster.is_final();
        let Some(at) = self.roster.watchers.iter().position(|watcher| watcher.number == number) else { return };
        let Some(watcher) = self.roster.watchers.get(at).filter(|watcher| watcher.busy.is_none()) else { return };
        let news = self.news_for(m, watcher, all_told);
        let told = news.as_ref().map_or(watcher.told, |(place, _)| *place);
        let over = all_told && self.roster.history.next_place(told).is_none();
        let Some(watcher) = self.roster.watchers.get_mut(at) else { return };
        let ends = watcher.ending || over;
        if !(news.is_some() || ends || at_once) {
            return;
        }
        let body = news.map(|(place, roster)| {
            watcher.version += 1;
            let document = match &watcher.seen {
                Some(seen) => roster.changes_since(seen, watcher.version),
                None => roster.to_document(watcher.version),
            };
            watcher.told = place;
            watcher.seen = Some(roster);
            (conference_info::MEDIA_TYPE, Bytes::from(document.to_xml()))
        });
        watcher.ending = ends;
        let notify = match ends {
            true => watcher.notifier.terminate(if over { &Reason::Noresource } else { &Reason::Timeout }),
            false => watcher.notifier.notify(m.now, None),
        };
        let notify = notify.header(Name::Contact, contact);
        let notify = match body {
            Some((content_type, document)) => notify.body(content_type, document),
            None => notify,
        };
        watcher.awaited = watcher.chained.then(|| m.now + ANSWER);
        watcher.busy = Some(m.send(owner, notify.build()));
    }

    /// A device has answered a notification.
    pub fn watcher_response(&mut self, m: &mut Mechanics, client: ClientId, response: Option<&Message>) {
        let Some(at) = self.roster.watchers.iter().position(|watcher| watcher.busy == Some(client)) else { return };
        let Some(watcher) = self.roster.watchers.get_mut(at) else { return };
        if response.and_then(Message::status).is_some_and(|status| status < 200) {
            return;
        }
        (watcher.busy, watcher.awaited) = (None, None);
        let (number, told, ending) = (watcher.number, watcher.told, watcher.ending);
        let taken = watcher.notifier.answered(response);
        let device = watcher.device.clone().filter(|_| taken);
        if let Some(device) = device.filter(|device| !self.is_being_listed(m, device)) {
            self.note_told(&device, told);
        }
        if !taken || ending {
            self.drop_watcher(m, at);
            self.save(m);
        } else {
            self.tell_watcher(m, number, false);
        }
        self.pump(m);
    }

    fn drop_watcher(&mut self, m: &mut Mechanics, at: usize) {
        let watcher = self.roster.watchers.remove(at);
        let id = &watcher.notifier.dialog.id;
        m.unroute(&id.call_id, &id.local_tag);
    }

    /// Subscriptions that were not refreshed end.
    pub fn watchers_due(&mut self, m: &mut Mechanics) {
        let is_due = |at: Option<Time>| at.is_some_and(|at| at <= m.now);
        let mut over = Vec::new();
        let mut deaf = false;
        for watcher in &mut self.roster.watchers {
            if is_due(watcher.awaited) {
                watcher.awaited = None;
                deaf = true;
            }
            if is_due(watcher.notifier.poll_timeout()) && !watcher.ending {
                watcher.ending = true;
                over.push(watcher.number);
            }
        }
        over.into_iter().for_each(|number| self.tell_watcher(m, number, false));
        if deaf {
            self.pump(m);
        }
    }

    /// The chat is forgotten.
    pub fn end_watchers(&mut self, m: &mut Mechanics) {
        while !self.roster.watchers.is_empty() {
            if let Some(watcher) = self.roster.watchers.first_mut()
                && watcher.busy.is_none()
                && !watcher.ending
            {
                let contact = m.own_contact();
                let notify = watcher.notifier.terminate(&Reason::Noresource).header(Name::Contact, contact);
                m.send(self.owner(), notify.build());
            }
            self.drop_watcher(m, 0);
        }
    }
}
