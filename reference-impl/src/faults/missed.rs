//! What a fault knows of the items of chats: which have come for a user, and which have gone out to a device.

use super::editing::{envelope, is_notification};
use super::passage::Way;
use super::scene::{Leg, Scene, Side};
use cpm_wire::{cpim, msrp};
use std::collections::HashMap;

/// A chat of a user: who he is, and its Contribution-ID.
pub(super) type Chat = (String, String);

/// The chat of a leg.
pub(super) fn chat(leg: &Leg) -> Chat {
    (leg.user.clone(), leg.contribution.clone())
}

/// An item that begins to pass.
pub(super) struct Item<'a> {
    /// The leg.
    pub leg: &'a Leg,
    /// Its imdn.Message-ID.
    pub id: String,
    /// True for disposition notifications, false for a message of the chat.
    pub is_notification: bool,
    /// True when the message brings all of it.
    pub is_whole: bool,
    /// Its envelope, as much of it as is there.
    pub envelope: cpim::Message,
}

/// The item that begins with this message.
pub(super) fn item<'a>(scene: &'a Scene, way: Way, message: &msrp::Message) -> Option<Item<'a>> {
    let envelope = envelope(message)?;
    let id = envelope.imdn_message_id()?.to_owned();
    let leg = scene.leg_of(way, message)?;
    let is_whole = message.flag == msrp::Flag::Complete;
    Some(Item { leg, id, is_notification: is_notification(&envelope), is_whole, envelope })
}

/// The item that goes to a device with this message.
pub(super) fn delivered<'a>(scene: &'a Scene, way: Way, message: &msrp::Message) -> Option<Item<'a>> {
    item(scene, way, message).filter(|item| way == Way::Out && item.leg.side == Side::Device)
}

/// The messages of chats that wait for their users, oldest first.
#[derive(Debug, Default)]
pub(super) struct Missed {
    waiting: HashMap<Chat, Vec<String>>,
}

impl Missed {
    /// Learns of what passes.
    pub(super) fn watch(&mut self, scene: &Scene, way: Way, message: &msrp::Message) {
        let Some(item) = item(scene, way, message).filter(|item| !item.is_notification) else { return };
        let waiting = self.waiting.entry(chat(item.leg)).or_default();
        match (way, item.leg.side) {
            (Way::In, Side::Remote) => waiting.push(item.id),
            (Way::Out, Side::Device) => waiting.retain(|id| *id != item.id),
            _ => {}
        }
    }

    /// What waits of a chat.
    pub(super) fn of(&self, chat: &Chat) -> &[String] {
        self.waiting.get(chat).map_or(&[], Vec::as_slice)
    }

    /// The chats of a user of which something waits.
    pub(super) fn chats(&self, user: &str) -> impl Iterator<Item = &Chat> {
        self.waiting.iter().filter(move |(chat, ids)| chat.0 == user && !ids.is_empty()).map(|(chat, _)| chat)
    }
}
