//! The store without a disk: writes are applied at once.

use super::{Contents, DeferredRecord, Write};
use bytes::Bytes;
use std::collections::BTreeMap;

/// A store that lasts as long as the value.
#[derive(Clone, Debug, Default)]
pub struct Memory {
    contents: Contents,
    deferred: BTreeMap<u64, DeferredRecord>,
}

impl Memory {
    /// All that it holds.
    pub fn contents(&self) -> &Contents {
        &self.contents
    }

    /// The deferred items of these numbers that there are; without `whole` their contents are left out.
    pub fn load(&self, ids: &[u64], whole: bool) -> Vec<DeferredRecord> {
        let record = |id| {
            let record = self.deferred.get(id)?.clone();
            Some(if whole { record } else { DeferredRecord { octets: Bytes::new(), ..record } })
        };
        ids.iter().filter_map(record).collect()
    }

    /// Applies one batch, in order.
    pub fn apply(&mut self, writes: impl IntoIterator<Item = Write>) {
        for write in writes {
            self.apply_one(write);
        }
    }

    fn apply_one(&mut self, write: Write) {
        let held = &mut self.contents;
        match write {
            Write::Chat(chat) => put(&mut held.chats, *chat, |chat| chat.id),
            Write::ForgetChat(id) => {
                held.chats.retain(|chat| chat.id != id);
                held.items.retain(|item| item.chat != id);
                held.rosters.retain(|roster| roster.chat != id);
            }
            Write::Item(item) => put(&mut held.items, item, |item| item.id),
            Write::ForgetItem(id) => held.items.retain(|item| item.id != id),
            Write::Delivered { item: id, device } => {
                if let Some(item) = held.items.iter_mut().find(|item| item.id == id)
                    && !item.delivered.contains(&device)
                {
                    item.delivered.push(device);
                }
            }
            Write::Roster(roster) => put(&mut held.rosters, roster, |roster| (roster.chat, roster.sequence)),
            Write::ForgetRosters { chat, before } => {
                held.rosters.retain(|roster| roster.chat != chat || roster.sequence >= before);
            }
            Write::Deferred(item) => {
                put(&mut held.deferred, item.entry.clone(), |entry| entry.id);
                self.deferred.insert(item.entry.id, *item);
            }
            Write::ForgetDeferred(id) => {
                held.deferred.retain(|entry| entry.id != id);
                self.deferred.remove(&id);
            }
            Write::Charging(record) => put(&mut held.charging, record, |record| record.id),
            Write::ForgetCharging(id) => held.charging.retain(|record| record.id != id),
            Write::History(record) => put(&mut held.history, *record, |record| record.id),
            Write::ForgetHistory(id) => held.history.retain(|record| record.id != id),
            Write::Registration(device) => {
                put(&mut held.registrations, device, |device| (device.user.clone(), device.device.clone()));
            }
            Write::ForgetRegistration { user, device } => {
                held.registrations.retain(|held| held.user != user || held.device != device);
            }
        }
    }
}

fn put<T, K: PartialEq>(into: &mut Vec<T>, record: T, key: impl Fn(&T) -> K) {
    let name = key(&record);
    match into.iter_mut().find(|held| key(held) == name) {
        Some(held) => *held = record,
        None => into.push(record),
    }
}
