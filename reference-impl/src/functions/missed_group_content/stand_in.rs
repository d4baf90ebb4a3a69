//! Taking what the focus sends: each message is on the disk before the chunk that completes it is answered 200, and
//! then goes to the devices that take part, or waits for them. [CPM-CONV-058, PF-SES-02]

use super::chat::{Chat, DeviceState};
use super::content::{About, Content, content};
use super::items::{Item, Unanswered};
use crate::call::Mechanics;
use crate::call::media::{self, Received};
use crate::config::QuotaConduct;
use crate::store::{ItemKind, ItemRecord, Token, Write};

impl Chat {
    /// The focus has sent a message.
    pub fn focus_sent(&mut self, m: &mut Mechanics, received: Received) {
        match content(&received.content_type, &received.octets) {
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
            if m.media.is_ready(leg.local.media) && !self.items.wait_for(&leg.device) {
                let message_id = m.tokens.tag();
                let (content_type, octets) = (received.content_type.clone(), received.octets.clone());
                m.media.send(m.now, leg.local.media, media::outgoing(message_id, content_type, octets));
            }
        }
    }

    fn take(&mut self, m: &mut Mechanics, received: Received, about: About, kind: ItemKind) {
        let joined = self.is_joined();
        let kept = self.policy.store && !self.policy.refuses(&about.media_type);
        let report = received.success_report.then(|| received.message_id.clone());
        if self.items.has(&about, &received.octets) {
            m.media.reply(received.media, received.reply, 200);
            return report.into_iter().for_each(|message_id| m.media.report(received.media, &message_id, 200));
        }
        if !joined && let Err(status) = self.make_room(m, &about, kind) {
            return m.media.reply(received.media, received.reply, status);
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
        let writes = if kept { vec![Write::Item(record.clone())] } else { Vec::new() };
        let token = m.write_for(self.owner(), writes);
        self.items.held.push_back(Item { record, about, stored: false, missed: !joined, kept });
        let (media, reply) = (received.media, received.reply);
        self.items.unanswered.push(Unanswered { token, item, media, reply, report });
    }

    /// Sees to it that one more item may be stored for an absent user, or says as an MSRP status why not. The quota
    /// counts messages: notifications are owed to the user who sent something.
    fn make_room(&mut self, m: &mut Mechanics, about: &About, kind: ItemKind) -> Result<(), u16> {
        if !self.policy.store {
            return Err(403);
        }
        if self.policy.refuses(&about.media_type) {
            return Err(415);
        }
        let full = self.policy.quota.is_some_and(|quota| self.items.undelivered() >= quota);
        if !full || kind == ItemKind::Notification {
            return Ok(());
        }
        let in_flight: Vec<u64> = self.devices.iter().filter_map(|leg| leg.in_flight.as_ref()?.item()).collect();
        match self.items.oldest_waiting(|item| in_flight.contains(&item)) {
            Some(oldest) if self.policy.quota_conduct == QuotaConduct::DropOldest => {
                self.give_up_item(m, oldest);
                Ok(())
            }
            _ => Err(413),
        }
    }

    /// An item will not be delivered: its author is told, and it is forgotten.
    pub fn give_up_item(&mut self, m: &mut Mechanics, id: u64) {
        self.tell_failed(m, id);
        self.items.remove(id);
        if self.policy.store {
            m.write(vec![Write::ForgetItem(id)]);
        }
    }

    /// What these authors have said is not delivered, and forgotten.
    pub fn withhold(&mut self, m: &mut Mechanics, blocked: impl Fn(&Mechanics, &str) -> bool) {
        let is_waiting = |item: &&Item| item.stored && !self.is_in_flight(item.record.id);
        let of_blocked = |item: &&Item| item.about.author.as_deref().is_some_and(|author| blocked(m, author));
        let withheld = self.items.held.iter().filter(is_waiting).filter(of_blocked);
        for id in withheld.map(|item| item.record.id).collect::<Vec<_>>() {
            self.forget_item(m, id);
        }
    }

    /// An item could not be written: its sender still has it, and hears so (RFC 4975 section 10: 408).
    pub fn item_not_stored(&mut self, m: &mut Mechanics, token: Token) {
        let Some(at) = self.items.unanswered.iter().position(|one| one.token == token) else { return };
        let one = self.items.unanswered.remove(at);
        self.items.remove(one.item);
        m.media.reply(one.media, one.reply, 408);
    }

    /// An item is on the disk: its SEND is answered, and it goes out.
    pub fn item_stored(&mut self, m: &mut Mechanics, token: Token) {
        let Some(at) = self.items.unanswered.iter().position(|one| one.token == token) else { return };
        let one = self.items.unanswered.remove(at);
        let taken = self.items.get_mut(one.item).map(|item| {
            item.stored = true;
            (item.record.content_type.clone(), item.record.octets.clone())
        });
        if let Some((content_type, octets)) = taken {
            self.tell_said(m, false, &content_type, &octets);
        }
        m.media.reply(one.media, one.reply, 200);
        if let Some(message_id) = one.report {
            m.media.report(one.media, &message_id, 200);
        }
        self.pump(m);
        if self.is_one_to_one() {
            self.deliver_at_once(m);
        }
    }
}
