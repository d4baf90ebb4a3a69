//! When something is done about what waits: a device registers, anew or again, or its user's document has changed.
//! [PF-MSG-04, PF-DEV-03, L06, L13, L32]

use super::DeferredMessages;
use crate::call::Mechanics;
use crate::call::registrations::Device;
use crate::call::served::{ServedUser, SessionCase};
use crate::config::{BlockedContent, DeferredDelivery};
use crate::functions::multi_device::preference::DevicePreference;
use crate::functions::policies_and_preferences::Policies;
use crate::store::{DeferredKind, DeferredRecord, Held};

/// What becomes of an item now.
pub enum Now {
    /// Its user is to have it, on the devices that the user prefers.
    Due(DevicePreference),
    /// The user's document puts it off.
    PutOff,
    /// It is not for the user any more.
    Withheld,
}

/// The devices of a user that take messages.
fn message_devices(m: &Mechanics, user: &str) -> Vec<Device> {
    m.registrations.devices(m.now, user).into_iter().filter(|device| device.messages).collect()
}

impl DeferredMessages {
    /// True when something waits for a user: then the user's documents are wanted before a device that registers is told.
    pub fn waits_for(&self, user: &str) -> bool {
        self.index.has(user)
    }

    /// A device that takes messages can be reached.
    pub fn registered(&mut self, m: &mut Mechanics, user: &str, device: &Device) {
        if !self.index.has(user) {
            return;
        }
        // Who asked for a message to be queued has waited for this.
        self.index.release(user, Held::BySender);
        self.index.release(user, Held::BySetting);
        if self.is_subscribed(user, device) {
            self.tell_again(m, user);
        }
        self.serve(m, user, device);
        // Who is there may be had by another device, too.
        for other in message_devices(m, user).into_iter().filter(|other| other.key != device.key) {
            let told = self.is_subscribed(user, &other) || m.config.deferred.unsubscribed() != DeferredDelivery::Push;
            self.begin_round(m, user, &other, told);
        }
    }

    /// A device without a subscription gets to what waits as it is configured. Notifications are always sent.
    pub(super) fn serve(&mut self, m: &mut Mechanics, user: &str, device: &Device) {
        match m.config.deferred.unsubscribed() {
            _ if self.is_subscribed(user, device) => self.begin_round(m, user, device, true),
            DeferredDelivery::Push => self.begin_round(m, user, device, false),
            DeferredDelivery::NotifyUnsolicited | DeferredDelivery::NotifyMessage => {
                self.begin_round(m, user, device, true);
                self.note_unsubscribed(user, device);
                self.list(m, user);
            }
            DeferredDelivery::Fetch | DeferredDelivery::NotifySubscribed => self.begin_round(m, user, device, true),
        }
    }

    /// A device of a user cannot be reached any more; none means all.
    pub fn deregistered(&mut self, m: &mut Mechanics, user: &str, device: Option<&str>) {
        self.forget_watchers(m, user, device);
        if let Some(round) = self.round_of.get(user).and_then(|number| self.rounds.get_mut(number)) {
            round.devices.retain(|held| device.is_some_and(|device| held.key != device));
        }
    }

    /// The user's documents are others now: what they put off may be due.
    pub fn preferences_changed(&mut self, m: &mut Mechanics, user: &str) {
        if !self.index.of(user).any(|one| one.held == Some(Held::BySetting)) {
            return;
        }
        self.index.release(user, Held::BySetting);
        self.changed(m, user);
        for device in message_devices(m, user) {
            self.serve(m, user, &device);
        }
    }

    /// What waits for a user is not what it was: those who were told are told again.
    pub(super) fn changed(&mut self, m: &mut Mechanics, user: &str) {
        if self.is_watched(user) {
            self.list(m, user);
        }
    }

    /// What becomes of an item now, as its user's documents say.
    pub(super) fn decided(&mut self, m: &mut Mechanics, policies: &Policies, record: &DeferredRecord) -> Now {
        let user = &record.entry.user;
        if record.entry.kind == DeferredKind::Report {
            return Now::Due(DevicePreference::default());
        }
        let Some(request) = super::head(record) else { return Now::Due(DevicePreference::default()) };
        let served = ServedUser {
            identity: record.identity.clone(),
            key: user.to_string(),
            case: SessionCase::Terminating,
            registered: None,
        };
        let decision = policies.decide_message(m, &served, &request);
        if decision.refusal().is_some() && m.config.blocked_content == BlockedContent::Withhold {
            return Now::Withheld;
        }
        if decision.defers() || !decision.available {
            if let Some(one) = self.index.get_mut(user, record.entry.id) {
                one.held = Some(Held::BySetting);
            }
            return Now::PutOff;
        }
        Now::Due(decision.devices.unwrap_or_default())
    }
}
