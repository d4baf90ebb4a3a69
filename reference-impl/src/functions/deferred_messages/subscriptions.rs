//! A device subscribes to what waits for its user (RFC 6665), the event package `deferred-messages`: it is told the whole list at
//! once, and again whenever it changes. A device that has a subscription is sent no message that it could fetch.
//! [PF-MSG-04, PF-DEV-03, L32]

use super::notices::MEDIA_TYPE;
use super::{DeferredMessages, Errand, transfer};
use crate::call::registrations::Device;
use crate::call::served::ServedUser;
use crate::call::{Mechanics, Owner, Usage};
use crate::store::contribution_mark;
use cpm_wire::sip::{Builder, Message, Method, Name, identity_key};
use cpm_wire::subscription::{Notifier, Reason};
use cpm_wire::transaction::ServerId;

/// The event package.
pub const EVENT: &str = "deferred-messages";

/// The shortest and the longest subscription, in seconds.
const EXPIRES: (u32, u32) = (60, 3600);

/// A device's subscription.
pub struct Watcher {
    user: String,
    /// The device, when it can be told whose the subscription is.
    pub device: Option<Device>,
    notifier: Notifier,
    /// A NOTIFY is not answered yet.
    busy: bool,
    /// The list that it is to be told next.
    pub next: Option<String>,
    /// What stands for the list that it was told last; none when it is to be told whatever it is.
    told: Option<u64>,
    /// The next NOTIFY is the last.
    ending: bool,
}

impl DeferredMessages {
    /// A device of a served user subscribes to its own user's messages; somebody else's are nobody's business.
    pub fn subscription(&mut self, m: &mut Mechanics, server: ServerId, subscribe: &Message, served: &ServedUser) {
        let target = subscribe.request_uri().unwrap_or_default();
        if !super::is_to_service(subscribe) && identity_key(target) != served.key {
            return m.refuse(server, subscribe, 403);
        }
        let local_tag = m.tokens.tag();
        let accepted = Notifier::accept(m.now, subscribe, &local_tag, EXPIRES.0, EXPIRES.1);
        let (notifier, granted) = match accepted {
            Ok(accepted) => accepted,
            Err(refusal) => {
                let response = refusal.response(subscribe).to_tag(&local_tag);
                return m.sip.respond(m.now, server, response.build());
            }
        };
        let number = self.next();
        accept(m, server, subscribe, &local_tag, granted);
        let call_id = subscribe.call_id().unwrap_or_default();
        m.route(call_id, &local_tag, Usage::Notifier(Owner::Deferred(0), number));
        let contact = subscribe.contacts().next().and_then(Result::ok);
        let device = contact.map(|contact| Device::of_contact(&contact, m.now));
        let device = device.map(|device| m.registrations.known(m.now, &served.key, device));
        let (user, ending) = (served.key.clone(), granted == 0);
        self.due.set(number, notifier.poll_timeout().filter(|_| !ending));
        let watcher = Watcher { user: user.clone(), device, notifier, busy: false, next: None, told: None, ending };
        self.telling.watchers.insert(number, watcher);
        self.telling.of_user.entry(user.clone()).or_default().push(number);
        self.list(m, &user);
    }

    /// A request came within a subscription.
    pub fn in_subscription(&mut self, m: &mut Mechanics, number: u64, server: ServerId, request: &Message) {
        if request.method() != Method::Subscribe {
            return m.refuse(server, request, 405);
        }
        let Some(watcher) = self.telling.watchers.get_mut(&number) else { return m.refuse(server, request, 481) };
        match watcher.notifier.resubscribe(m.now, request) {
            Ok(granted) => {
                watcher.ending = granted == 0;
                watcher.told = None;
                let user = watcher.user.clone();
                self.due.set(number, watcher.notifier.poll_timeout().filter(|_| granted > 0));
                accept(m, server, request, "", granted);
                self.list(m, &user);
            }
            Err(refusal) => m.sip.respond(m.now, server, refusal.response(request).build()),
        }
    }

    /// True for a device that has a subscription.
    pub(super) fn is_subscribed(&self, user: &str, device: &Device) -> bool {
        let mut of_user = self.telling.of_user.get(user).into_iter().flatten();
        of_user.any(|number| self.telling.watchers.get(number).is_some_and(|watcher| watcher.is_of(device)))
    }

    /// The subscribers of a user are told once more: one of them has shown itself.
    pub(super) fn tell_again(&mut self, m: &mut Mechanics, user: &str) {
        for number in self.telling.of_user.get(user).cloned().unwrap_or_default() {
            if let Some(watcher) = self.telling.watchers.get_mut(&number) {
                watcher.told = None;
            }
        }
        self.list(m, user);
    }

    /// Tells a subscriber what it does not know, one NOTIFY at a time so that none overtakes another.
    pub(super) fn notify(&mut self, m: &mut Mechanics, number: u64) {
        let Some(watcher) = self.telling.watchers.get_mut(&number).filter(|watcher| !watcher.busy) else { return };
        let Some(text) = watcher.next.take() else { return };
        let mark = contribution_mark(&text);
        if watcher.told == Some(mark) && !watcher.ending {
            return;
        }
        watcher.told = Some(mark);
        watcher.busy = true;
        let notify = match watcher.ending {
            true => watcher.notifier.terminate(&Reason::Timeout),
            false => watcher.notifier.notify(m.now, None),
        };
        let request = notify.header(Name::Contact, transfer::contact(m)).body(MEDIA_TYPE, text).build();
        self.send(m, Errand::Notify { watcher: number }, request);
    }

    /// A subscriber has answered. One that knows of no subscription any more gets to its messages otherwise.
    pub(super) fn notify_answered(&mut self, m: &mut Mechanics, number: u64, response: Option<&Message>) {
        let Some(watcher) = self.telling.watchers.get_mut(&number) else { return };
        watcher.busy = false;
        if watcher.notifier.answered(response) && !watcher.ending {
            return self.notify(m, number);
        }
        let (user, device, ended) = (watcher.user.clone(), watcher.device.clone(), watcher.ending);
        self.drop_watcher(m, number);
        let registered = device.filter(|device| {
            m.registrations.devices(m.now, &user).iter().any(|held| held.key == device.key && held.messages)
        });
        if let Some(device) = registered.filter(|_| !ended) {
            self.serve(m, &user, &device);
        }
    }

    /// A subscription was not refreshed.
    pub(super) fn subscription_due(&mut self, m: &mut Mechanics, number: u64) {
        let Some(watcher) = self.telling.watchers.get_mut(&number) else { return };
        watcher.ending = true;
        let user = watcher.user.clone();
        self.list(m, &user);
    }

    /// A device is gone; none means all of the user.
    pub(super) fn forget_watchers(&mut self, m: &mut Mechanics, user: &str, device: Option<&str>) {
        self.forget_unsubscribed(user, device);
        let gone =
            |watcher: &Watcher| device.is_none_or(|key| watcher.device.as_ref().is_some_and(|own| own.key == key));
        for number in self.telling.of_user.get(user).cloned().unwrap_or_default() {
            if self.telling.watchers.get(&number).is_some_and(gone) {
                self.drop_watcher(m, number);
            }
        }
    }

    fn drop_watcher(&mut self, m: &mut Mechanics, number: u64) {
        self.due.set(number, None);
        let Some(watcher) = self.telling.watchers.remove(&number) else { return };
        let id = &watcher.notifier.dialog.id;
        m.unroute(&id.call_id, &id.local_tag);
        if let Some(of_user) = self.telling.of_user.get_mut(&watcher.user) {
            of_user.retain(|held| *held != number);
            if of_user.is_empty() {
                self.telling.of_user.remove(&watcher.user);
            }
        }
    }
}

impl Watcher {
    fn is_of(&self, device: &Device) -> bool {
        self.device.as_ref().is_some_and(|own| own.may_be(device))
    }
}

/// The 2xx to a SUBSCRIBE.
fn accept(m: &mut Mechanics, server: ServerId, subscribe: &Message, local_tag: &str, granted: u32) {
    let response = Builder::response(subscribe, 200, "OK").to_tag(local_tag);
    let response = response.header(Name::Contact, transfer::contact(m)).header(Name::Expires, granted);
    m.sip.respond(m.now, server, response.build());
}
