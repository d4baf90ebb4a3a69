//! Messages that wait for served users, as the ensemble knows them: which there are, what a device is told of, what it
//! fetches and rejects.

use crate::actors::Ensemble;
use crate::actors::client::deferred::Waits;
use crate::actors::signalling::DeviceKey;
use bytes::Bytes;
use cpm_wire::sip::Message;
use cpm_wire::transaction::ServerId;

/// A message as it was announced.
#[derive(Clone, Debug)]
pub struct Sent {
    /// How the scenario calls it.
    pub label: String,
    /// Who wrote it, by name.
    pub author: String,
    /// Whom it is for, by name.
    pub to: Vec<String>,
    /// When its author wrote it, as in DateTime.
    pub date_time: String,
    /// Its identifiers.
    pub waits: Waits,
}

impl Ensemble {
    /// The message of this name; the last, if several are called so.
    pub fn sent(&self, label: &str) -> Option<&Sent> {
        self.sent.iter().rev().find(|sent| sent.label == label)
    }

    /// A device that is there asks what waits for its user: it subscribes to word, or fetches unasked.
    pub(in crate::actors) fn asks_what_waits(&mut self, key: &DeviceKey) {
        let (asks, unasked) = (self.customs.asks_for_word, self.customs.fetches_unasked);
        let Some(device) = self.devices.get_mut(key).filter(|device| device.registered) else { return };
        if device.waiting.asks.unwrap_or(asks) {
            device.asks_for_word(&mut self.signalling);
        }
        if unasked && !device.waiting.chooses {
            let own = self.sent.iter().filter(|sent| sent.to.contains(&key.0));
            own.for_each(|sent| device.fetches_once(&mut self.signalling, &self.customs.deferred, &sent.waits));
        }
    }

    /// A device fetches every message to its user that word names.
    pub(in crate::actors) fn follows_word(&mut self, key: &DeviceKey, word: &Bytes) {
        let Some(device) = self.devices.get_mut(key) else { return };
        let named = |id: &str| !id.is_empty() && word.windows(id.len()).any(|window| window == id.as_bytes());
        let own = self.sent.iter().filter(|sent| sent.to.contains(&key.0));
        for sent in own.filter(|sent| named(&sent.waits.contribution) || named(&sent.waits.message_id)) {
            device.fetches_once(&mut self.signalling, &self.customs.deferred, &sent.waits);
        }
    }

    /// Word of what waits in no subscription, to one device or to all of a user.
    pub(in crate::actors) fn word_unasked(&mut self, server: ServerId, message: &Message, uri: &str) {
        let devices = self.devices_at(uri, message);
        self.signalling.refuse(server, if devices.is_empty() { 480 } else { 200 });
        for key in devices {
            self.with_device(&key, |device, _| device.is_told(message.body_octets()));
        }
    }

    /// A device fetches a message by the user's own choice; false when there is no such device.
    pub fn device_fetches(&mut self, key: &DeviceKey, waits: &Waits) -> bool {
        let uri = self.customs.deferred.clone();
        self.with_device(key, |device, signalling| device.fetches(signalling, &uri, waits)).is_some()
    }

    /// A device rejects a message; false when there is no such device.
    pub fn device_rejects(&mut self, key: &DeviceKey, waits: &Waits) -> bool {
        let uri = self.customs.deferred.clone();
        self.with_device(key, |device, signalling| device.rejects(signalling, &uri, waits)).is_some()
    }

    /// The name of a message that nobody ever sent, the same each time.
    pub fn unheard_of(&mut self) -> Waits {
        let ids = &mut self.signalling.ids;
        let new = || Waits { contribution: ids.digits32(), conversation: ids.uuid(), message_id: ids.token() };
        self.unheard_of.get_or_insert_with(new).clone()
    }
}
