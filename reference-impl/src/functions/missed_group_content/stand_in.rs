//! Taking what the focus sends: each message is on the disk before the chunk that completes it is answered 200, and
//! then goes to the devices that take part, or waits for them. [CPM-CONV-058]

use super::chat::{Chat, DeviceState};
use super::content::{About, Content, content};
use super::items::{Item, Unanswered};
use crate::call::Mechanics;
use crate::call::media::{self, Received};
use crate::store::{ItemKind, ItemRecord, Token, Write};

impl Chat {
    /// The focus has sent a message.
    pub fn focus_sent(&mut self, m: &mut Mechanics, received: Received) {
        match content(&received.content_type, &received.octets, &self.policy) {
            Content::Refused(status) => m.media.reply(received.media, received.reply, status),
            Content::Transient => self.pass_transient(m, received),
            Content::Message(about) => self.take(m, received, about, ItemKind::Message),
            Content::Notification(about, _) => self.take(m, received, about, ItemKind::Notification),
        }
    }

    /// That somebody is composing is worth telling now or never.
    fn pass_transient(&mut self, m: &mut Mechanics, received: Received) {
        m.media.reply(received.media, received.reply, 200);
        for leg in self.devices.iter().filter(|leg| leg.state == DeviceState::Joined) {
            if m.media.is_ready(leg.local.media) && !self.items.wait_for(&leg.device.key) {
                let message_id = m.tokens.tag();
                let (content_type, octets) = (received.content_type.clone(), received.octets.clone());
                m.media.send(m.now, leg.local.media, media::outgoing(message_id, content_type, octets));
            }
        }
    }

    fn take(&mut self, m: &mut Mechanics, received: Received, about: About, kind: ItemKind) {
        let joined = self.is_joined();
        if let Some(status) = self.refusal(joined) {
            return m.media.reply(received.media, received.reply, status);
        }
        let report = received.success_report.then_some(received.message_id);
        if self.items.has(&about, &received.octets) {
            m.media.reply(received.media, received.reply, 200);
            return report.into_iter().for_each(|message_id| m.media.report(received.media, &message_id, 200));
        }
        let record = ItemRecord {
            id: m.record_number(),
            chat: self.record.id,
            kind,
            content_type: received.content_type,
            octets: received.octets,
            received: m.now.as_nanos(),
            expires: self.policy.retention.map(|retention| (m.now + retention).as_nanos()),
            delivered: Vec::new(),
        };
        let item = record.id;
        let writes = if self.policy.store { vec![Write::Item(record.clone())] } else { Vec::new() };
        let token = m.write_for(self.owner(), writes);
        self.items.held.push_back(Item { record, about, stored: false, missed: !joined });
        let (media, reply) = (received.media, received.reply);
        self.items.unanswered.push(Unanswered { token, item, media, reply, report });
    }

    /// Why nothing more is stored for an absent user, as an MSRP status.
    fn refusal(&self, joined: bool) -> Option<u16> {
        if joined {
            return None;
        }
        if !self.policy.store {
            return Some(403);
        }
        self.policy.quota.filter(|quota| self.items.undelivered() >= *quota).map(|_| 413)
    }

    /// An item is on the disk: its SEND is answered, and it goes out.
    pub fn item_stored(&mut self, m: &mut Mechanics, token: Token) {
        let Some(at) = self.items.unanswered.iter().position(|one| one.token == token) else { return };
        let one = self.items.unanswered.remove(at);
        if let Some(item) = self.items.get_mut(one.item) {
            item.stored = true;
        }
        m.media.reply(one.media, one.reply, 200);
        if let Some(message_id) = one.report {
            m.media.report(one.media, &message_id, 200);
        }
        self.pump(m);
    }
}
