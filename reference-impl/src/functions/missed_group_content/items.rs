//! The items of a chat in the order of their arrival, and which device has which.

use super::content::{About, Content, content};
use crate::call::media::MediaId;
use crate::call::registrations::{ANY, Device};
use crate::config::Order;
use crate::store::{ItemKind, ItemRecord, Token};
use cpm_wire::msrp_session::Reply;
use cpm_wire::time::Time;
use std::collections::VecDeque;

/// The most that is kept of a chat that a device took part in, for the devices that did not.
const MOST_HISTORY: usize = 256;
const MOST_HISTORY_OCTETS: usize = 4 * 1024 * 1024;

/// An item.
#[derive(Clone, Debug)]
pub struct Item {
    /// What is stored of it.
    pub record: ItemRecord,
    /// What it says of itself.
    pub about: About,
    /// True once it is on the disk, or need not be.
    pub stored: bool,
    /// True when no device took part as it came, or none could take it.
    pub missed: bool,
    /// True when it may be kept for a device that does not take part.
    pub kept: bool,
}

impl Item {
    /// An item that was stored before a restart.
    pub fn restored(record: ItemRecord) -> Item {
        let about = match content(&record.content_type, &record.octets) {
            Content::Message(about) | Content::Notification(about, _) => about,
            Content::Transient | Content::Refused(_) => About::default(),
        };
        let missed = record.delivered.is_empty();
        Item { record, about, stored: true, missed, kept: true }
    }

    /// True for a message that no device has.
    fn waits(&self) -> bool {
        self.record.kind == ItemKind::Message && self.record.delivered.is_empty()
    }

    /// True when the device needs it no more. A device of which nothing is known may be any of the others, and one that
    /// is known by its instance may have been known by its contact alone.
    pub fn is_with(&self, device: &Device) -> bool {
        let delivered = &self.record.delivered;
        let same = |one: &String| *one == device.key || one == ANY || Some(one) == device.contact.as_ref();
        delivered.iter().any(same) || (device.key == ANY && !delivered.is_empty())
    }

    /// When it was written, as far as it says so.
    fn written(&self) -> u64 {
        let said = self.about.date_time.as_deref().and_then(|text| Time::parse_rfc3339(text).ok());
        said.map_or(self.record.received, Time::as_nanos)
    }

    /// True for what came while somebody took part, and is kept for a device that did not.
    fn is_history(&self) -> bool {
        !self.missed && !self.record.delivered.is_empty()
    }
}

/// A SEND whose completing chunk is answered once its item is on the disk.
#[derive(Debug)]
pub struct Unanswered {
    /// What is awaited.
    pub token: Token,
    /// The item.
    pub item: u64,
    /// The media session.
    pub media: MediaId,
    /// The reply.
    pub reply: Reply,
    /// The Message-ID, when a report of success was asked for.
    pub report: Option<String>,
}

/// The items of a chat.
#[derive(Debug, Default)]
pub struct Items {
    /// In the order of arrival.
    pub held: VecDeque<Item>,
    /// SENDs that wait for the disk.
    pub unanswered: Vec<Unanswered>,
}

impl Items {
    /// The first item that the device does not have, of those that are meant.
    pub fn next_for(&self, device: &Device, order: Order, meant: impl Fn(&Item) -> bool) -> Option<&Item> {
        let mut waiting = self.held.iter().filter(|item| item.stored && !item.is_with(device) && meant(item));
        match order {
            Order::Completion => waiting.next(),
            Order::Datetime => waiting.min_by_key(|item| item.written()),
        }
    }

    /// True when there is such an item.
    pub fn wait_for(&self, device: &Device) -> bool {
        self.held.iter().any(|item| item.stored && !item.is_with(device))
    }

    /// An item by its number.
    pub fn get(&self, id: u64) -> Option<&Item> {
        self.held.iter().find(|item| item.record.id == id)
    }

    /// An item by its number.
    pub fn get_mut(&mut self, id: u64) -> Option<&mut Item> {
        self.held.iter_mut().find(|item| item.record.id == id)
    }

    /// Takes an item out.
    pub fn remove(&mut self, id: u64) {
        self.held.retain(|item| item.record.id != id);
    }

    /// True when the same octets came before under the same imdn.Message-ID: the sender repeats itself.
    pub fn has(&self, about: &About, octets: &[u8]) -> bool {
        let same = |item: &Item| item.about.message_id == about.message_id && item.record.octets == octets;
        about.message_id.is_some() && self.held.iter().any(same)
    }

    /// The oldest of what is kept for devices that did not take part, when that is too much.
    pub fn surplus_history(&self) -> Option<u64> {
        let history = || self.held.iter().filter(|item| item.is_history());
        let octets: usize = history().map(|item| item.record.octets.len()).sum();
        let too_much = history().count() > MOST_HISTORY || octets > MOST_HISTORY_OCTETS;
        history().next().filter(|_| too_much).map(|item| item.record.id)
    }

    /// How many messages no device has.
    pub fn undelivered(&self) -> usize {
        self.held.iter().filter(|item| item.waits()).count()
    }

    /// The oldest message that no device has, unless it is on its way to one.
    pub fn oldest_waiting(&self, in_flight: impl Fn(u64) -> bool) -> Option<u64> {
        self.held.iter().find(|item| item.waits() && !in_flight(item.record.id)).map(|item| item.record.id)
    }
}
