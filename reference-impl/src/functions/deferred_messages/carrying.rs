//! How an item is sent again: as a MESSAGE (RFC 3428), or as a large message in a session of its own, as it came; a request of the
//! function's own toward the device, whose content is what came, octet for octet, with the headers that say from whom, and in
//! which conversation. [PF-MSG-04, L32]

use super::pushing::Outcome;
use super::{DeferredMessages, Errand, head};
use crate::call::Mechanics;
use crate::call::registrations::Device;
use crate::call::sip::{copied_but_body, without_tag};
use crate::functions::messages::{self, LargeMessage};
use crate::store::{DeferredKind, DeferredRecord};
use cpm_wire::sip::{Message, Method, Name};

impl DeferredMessages {
    /// Sends an item to a device; gives the number under which its outcome comes. None for what cannot be read any more.
    pub(super) fn carry(
        &mut self,
        m: &mut Mechanics,
        round: u64,
        record: &DeferredRecord,
        device: &Device,
    ) -> Option<u64> {
        let like = head(record)?;
        let target = device.contact.as_deref().unwrap_or(&record.identity).to_owned();
        if record.entry.kind != DeferredKind::Large {
            let request = again(m, &like, record, &target);
            return Some(self.send(m, Errand::Pager { round, kind: record.entry.kind }, request));
        }
        let number = self.next();
        let (user, content_type, content) =
            (record.identity.clone(), record.content_type.clone(), record.octets.clone());
        let message = LargeMessage { target, user, originating: false, to: None, like, content_type, content };
        self.large.push_back((number, message));
        self.large_sent.insert(number, round);
        Some(number)
    }

    /// It is known what became of a large message.
    pub fn large_done(&mut self, m: &mut Mechanics, number: u64, outcome: messages::Outcome) {
        let Some(round) = self.large_sent.remove(&number) else { return };
        let outcome = match outcome {
            messages::Outcome::Taken => Outcome::Delivered,
            messages::Outcome::Refused(status) => Outcome::of(DeferredKind::Large, Some(status)),
            messages::Outcome::Unreached => Outcome::Absent,
        };
        self.pushed(m, round, number, outcome);
    }
}

/// The MESSAGE that brought an item as a new one to a device.
fn again(m: &mut Mechanics, like: &Message, record: &DeferredRecord, target: &str) -> Message {
    let own = m.own_request(Method::Message, target, &record.identity, false);
    let from = like.from().map(|from| without_tag(&from)).unwrap_or_default();
    let to = like.to().map(|to| without_tag(&to)).unwrap_or_default();
    let own = own.header(Name::From, format!("{from};tag={}", m.tokens.tag())).header(Name::To, to);
    copied_but_body(like, own).body(&record.content_type, record.octets.clone()).build()
}
