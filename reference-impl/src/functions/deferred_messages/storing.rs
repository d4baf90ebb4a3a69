//! Taking what nobody takes now: it is on the disk before its sender hears that it was taken. [PF-MSG-04, PF-MSG-03]

use super::DeferredMessages;
use super::lifetime::expiry;
use crate::call::carried::{Carried, Request};
use crate::call::served::{ServedUser, originator};
use crate::call::{Mechanics, Owner, bodies};
use crate::config::QuotaConduct;
use crate::functions::messages::{Answer, Mode, Sent, Why};
use crate::functions::missed_group_content::{Content, content};
use crate::store::{DeferredAbout, DeferredEntry, DeferredKind, DeferredRecord, Held, Token, Write, contribution_mark};
use bytes::Bytes;
use cpm_wire::sip::{Message, Method, Name};
use cpm_wire::transaction::ServerId;

/// An item that is on its way to the disk, and who waits for that.
pub struct Unanswered {
    entry: DeferredEntry,
    answer: Answer,
    request: Message,
    /// The Content-Type, and the content.
    content: (String, Bytes),
}

/// What concerns the way of a request alone.
const OF_THE_WAY: [Name; 6] = [
    Name::Via,
    Name::Route,
    Name::RecordRoute,
    Name::PServedUser,
    Name::MaxForwards,
    // It has been queued.
    Name::RequestDisposition,
];

/// Without room for what is to be kept (RFC 3261 section 21.5.1).
const NO_ROOM: u16 = 500;

impl DeferredMessages {
    /// Takes a message; its sender is answered once it is on the disk.
    pub fn store(&mut self, m: &mut Mechanics, sent: Sent) {
        let policy = m.config.policy(&sent.served.identity);
        if !policy.store {
            return sent.answer.refused(m, &sent.request, 480);
        }
        let about = described(&sent);
        if policy.refuses(&about.0.media_type) {
            return sent.answer.refused(m, &sent.request, 415);
        }
        let full = policy.quota.is_some_and(|quota| self.index.messages(&sent.served.key) >= quota);
        if full && !(policy.quota_conduct == QuotaConduct::DropOldest && self.drop_oldest(m, &sent.served.key)) {
            return sent.answer.refused(m, &sent.request, 480);
        }
        let carriers = &m.config.deferred.expiry_carrier;
        let expires = expiry(m.now, &sent.request, carriers, policy.retention);
        let (about, wants_failure) = about;
        let kind = match sent.mode {
            Mode::Pager => DeferredKind::Pager,
            Mode::Large => DeferredKind::Large,
        };
        let held = match sent.why {
            Why::Absent => None,
            Why::Unavailable | Why::ByDocument => Some(Held::BySetting),
            Why::BySender | Why::ByService => Some(Held::BySender),
        };
        let mut record = record_of(m, &sent.request, &sent.served, (sent.content_type, sent.content));
        record.entry.expires = expires.map(cpm_wire::time::Time::as_nanos);
        (record.entry.kind, record.entry.held, record.entry.wants_failure) = (kind, held, wants_failure);
        record.about = about;
        self.write(m, record, sent.answer, sent.request);
    }

    /// Takes a disposition notification, or a word of the system, for a user who cannot be reached; its sender gets 202 once it
    /// is on the disk (RFC 3428 section 7).
    pub fn store_report(&mut self, m: &mut Mechanics, server: ServerId, request: Message, served: &ServedUser) {
        let policy = m.config.policy(&served.identity);
        if !policy.store {
            return m.refuse(server, &request, 480);
        }
        let content_type = request.header(&Name::ContentType).unwrap_or_default().to_owned();
        let mut record = record_of(m, &request, served, (content_type, request.body_octets()));
        record.entry.kind = DeferredKind::Report;
        record.entry.expires = policy.retention.map(|retention| (m.now + retention).as_nanos());
        self.write(m, record, Answer::Request(server), request);
    }

    fn write(&mut self, m: &mut Mechanics, record: DeferredRecord, answer: Answer, request: Message) {
        let entry = record.entry.clone();
        let content = (record.content_type.clone(), record.octets.clone());
        let token = m.write_for(Owner::Deferred(0), vec![Write::Deferred(Box::new(record))]);
        self.unanswered.insert(token, Unanswered { entry, answer, request, content });
    }

    /// Items are on the disk, or deleted there.
    pub fn persisted(&mut self, m: &mut Mechanics, token: Token) {
        if let Some(Unanswered { entry, answer, request, content: (content_type, content) }) =
            self.unanswered.remove(&token)
        {
            let (user, held) = (entry.user.clone(), entry.held);
            self.index.insert(entry);
            answer.taken(m, &request);
            m.carried(|| Carried::Request(Box::new(Request { request, content_type, content })));
            if held.is_none() {
                self.changed(m, &user);
            }
        } else {
            self.rejection_stored(m, token, true);
        }
    }

    /// The disk is full, or may not be written: nothing is kept, and the sender hears so.
    pub fn unwritten(&mut self, m: &mut Mechanics, token: Token) {
        if let Some(Unanswered { answer, request, .. }) = self.unanswered.remove(&token) {
            answer.refused(m, &request, NO_ROOM);
        } else {
            self.rejection_stored(m, token, false);
        }
    }

    /// The oldest message that waits for a user makes room; false when there is none that could.
    fn drop_oldest(&mut self, m: &mut Mechanics, user: &str) -> bool {
        let oldest = self.index.of(user).find(|one| one.is_message() && !one.taken).cloned();
        let Some(oldest) = oldest.filter(|one| self.index.take(user, one.id)) else { return false };
        self.give_up(m, user, &oldest);
        true
    }
}

fn record_of(
    m: &mut Mechanics,
    request: &Message,
    served: &ServedUser,
    (content_type, octets): (String, Bytes),
) -> DeferredRecord {
    let contribution = request.header(&Name::ContributionId).unwrap_or_default();
    // Of an INVITE what describes its body goes, too; of a MESSAGE it describes the content.
    let head = match request.method() {
        Method::Message => request.edit().body(&content_type, Bytes::new()),
        _ => request.edit().no_body().remove(&Name::Expires).remove(&Name::Contact),
    };
    let head = OF_THE_WAY.iter().fold(head, |head, name| head.remove(name)).finish();
    let entry = DeferredEntry {
        id: m.record_number(),
        user: served.key.as_str().into(),
        contribution: contribution_mark(contribution),
        octets: octets.len() as u64,
        ..DeferredEntry::default()
    };
    let (identity, head) = (served.identity.clone(), head.octets().clone());
    DeferredRecord { entry, identity, about: DeferredAbout::default(), head, content_type, octets }
}

/// What a message says of itself, and whether its sender wants to hear when it is not delivered.
fn described(sent: &Sent) -> (DeferredAbout, bool) {
    let originator = originator(&sent.request).unwrap_or_default();
    let encoded = sent.request.header(&Name::ContentEncoding).is_some();
    let envelope = bodies::envelope(&sent.content_type, &sent.content).filter(|_| !encoded);
    match envelope.map(|envelope| content("message/cpim", &envelope)) {
        Some(Content::Message(about)) => {
            let wants_failure = about.wants("negative-delivery");
            let about = DeferredAbout {
                message_id: about.message_id,
                originator,
                author: about.author,
                to: about.original_to.or(about.to),
                date_time: about.date_time,
                media_type: about.media_type,
            };
            (about, wants_failure)
        }
        _ => (DeferredAbout { originator, ..DeferredAbout::default() }, false),
    }
}
