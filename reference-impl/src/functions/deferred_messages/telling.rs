//! Who is told of what waits, and what each has been told: those that have subscribed, and those that are told unasked. Each
//! is told the whole list; whoever was told is told again when it changes, and nobody the same twice without a reason.
//! [PF-DEV-03, L32]

use super::notices::{MEDIA_TYPE, MOST_TOLD, notice};
use super::subscriptions::{EVENT, Watcher};
use super::triggers::Now;
use super::{DeferredMessages, Errand, Loading, SERVICE, TAG};
use crate::call::Mechanics;
use crate::call::registrations::Device;
use crate::config::DeferredDelivery;
use crate::functions::multi_device::preference::DevicePreference;
use crate::functions::policies_and_preferences::Policies;
use crate::store::{DeferredRecord, contribution_mark};
use cpm_wire::sip::{Message, Method, Name};
use std::collections::{BTreeMap, HashMap, HashSet};

/// A message of which devices may be told, and which of them its user prefers.
type Listed = (DeferredRecord, DevicePreference);

/// Who is told.
#[derive(Default)]
pub struct Telling {
    /// By number.
    pub watchers: BTreeMap<u64, Watcher>,
    /// The numbers of a user's watchers.
    pub of_user: HashMap<String, Vec<u64>>,
    /// The devices of a user that are told unasked.
    unsubscribed: HashMap<String, Vec<Unsubscribed>>,
    /// The users whose lists are being read, and of those the ones whose lists have changed meanwhile.
    reading: HashSet<String>,
    stale: HashSet<String>,
}

/// A device that is told unasked.
struct Unsubscribed {
    device: Device,
    /// What stands for what it was told last.
    told: Option<u64>,
}

impl DeferredMessages {
    /// True when somebody is to hear of changes of what waits for a user.
    pub(super) fn is_watched(&self, user: &str) -> bool {
        self.telling.of_user.contains_key(user) || self.telling.unsubscribed.contains_key(user)
    }

    /// A device is told unasked from now on, and anew.
    pub(super) fn note_unsubscribed(&mut self, user: &str, device: &Device) {
        let told = self.telling.unsubscribed.entry(user.to_owned()).or_default();
        told.retain(|held| held.device.key != device.key);
        told.push(Unsubscribed { device: device.clone(), told: None });
    }

    /// A device is told no more; none means all of the user.
    pub(super) fn forget_unsubscribed(&mut self, user: &str, device: Option<&str>) {
        let Some(told) = self.telling.unsubscribed.get_mut(user) else { return };
        told.retain(|held| device.is_some_and(|device| held.device.key != device));
        if told.is_empty() {
            self.telling.unsubscribed.remove(user);
        }
    }

    /// Reads what waits for a user, for whoever is to be told.
    pub(super) fn list(&mut self, m: &mut Mechanics, user: &str) {
        if self.telling.reading.contains(user) {
            self.telling.stale.insert(user.to_owned());
            return;
        }
        let of_user = self.index.of(user).filter(|one| one.is_message() && one.is_pending(m.now) && one.held.is_none());
        let ids: Vec<u64> = of_user.take(MOST_TOLD).map(|one| one.id).collect();
        if ids.is_empty() {
            return self.tell(m, user, &[]);
        }
        self.telling.reading.insert(user.to_owned());
        self.load(m, Loading::List(user.to_owned()), ids, false);
    }

    /// What waits for a user is read.
    pub(super) fn list_loaded(
        &mut self,
        m: &mut Mechanics,
        policies: &Policies,
        user: &str,
        records: Vec<DeferredRecord>,
    ) {
        self.telling.reading.remove(user);
        if self.telling.stale.remove(user) {
            return self.list(m, user);
        }
        let mut listed = Vec::with_capacity(records.len());
        for record in records {
            if let Now::Due(wish) = self.decided(m, policies, &record) {
                listed.push((record, wish));
            }
        }
        self.tell(m, user, &listed);
    }

    /// What waits for a user cannot be read: nobody is told of it before it changes again.
    pub(super) fn list_not_loaded(&mut self, user: &str) {
        self.telling.reading.remove(user);
        self.telling.stale.remove(user);
    }

    /// Tells those that are to be told.
    fn tell(&mut self, m: &mut Mechanics, user: &str, listed: &[Listed]) {
        for number in self.telling.of_user.get(user).cloned().unwrap_or_default() {
            let Some(watcher) = self.telling.watchers.get_mut(&number) else { continue };
            watcher.next = Some(list_for(user, watcher.device.as_ref(), listed));
            self.notify(m, number);
        }
        let mut requests = Vec::new();
        for held in self.telling.unsubscribed.get_mut(user).into_iter().flatten() {
            let text = list_for(user, Some(&held.device), listed);
            let mark = contribution_mark(&text);
            let empty = !text.contains("<message");
            // Nobody is told of nothing, unless of something before.
            if held.told == Some(mark) || held.told.is_none() && empty {
                continue;
            }
            held.told = Some(mark);
            requests.push(unsolicited(m, user, &held.device, text));
        }
        for request in requests {
            self.send(m, Errand::Notice, request);
        }
    }
}

/// The list as a device is to see it.
fn list_for(user: &str, device: Option<&Device>, listed: &[Listed]) -> String {
    let is_for = |wish: &DevicePreference| device.is_none_or(|device| !wish.arranged(vec![device.clone()]).is_empty());
    notice(user, listed.iter().filter(|(_, wish)| is_for(wish)).map(|(record, _)| record))
}

/// The request that tells a device that has not asked.
fn unsolicited(m: &mut Mechanics, user: &str, device: &Device, text: String) -> Message {
    let method = match m.config.deferred.unsubscribed() {
        DeferredDelivery::NotifyMessage => Method::Message,
        _ => Method::Notify,
    };
    let service = format!("<sip:deferred@{}>", m.config.domain);
    let target = device.contact.as_deref().unwrap_or(user);
    let request = m.own_request(method.clone(), target, user, false);
    let request = request
        .header(Name::From, format!("{service};tag={}", m.tokens.tag()))
        .header(Name::To, format!("<{user}>"))
        .header(Name::PAssertedIdentity, &service)
        .header(Name::PAssertedService, SERVICE)
        .header(Name::AcceptContact, format!("*;{TAG}"));
    let request = match method {
        Method::Notify => request
            .header(Name::Contact, super::transfer::contact(m))
            .header(Name::Event, EVENT)
            .header(Name::SubscriptionState, "active"),
        _ => request.header(Name::ConversationId, m.tokens.token()).header(Name::ContributionId, m.tokens.token()),
    };
    request.body(MEDIA_TYPE, text).build()
}
