//! Telling a device that something waits for it, and giving it that when it comes for it: the notice is a message
//! summary (RFC 3842) in a MESSAGE with the names of the chat; the device calls the deferred service with the same names.
//! [CPM-CONV-058a, L07]

use super::chat::{Chat, Purpose};
use crate::call::legs::LegId;
use crate::call::registrations::Device;
use crate::call::{GROUP_SERVICE, GROUP_TAG, Mechanics};
use crate::store::ItemKind;
use cpm_wire::sip::{Message, Method, Name, SipUri, Uri};

/// The user part of the service at which stored content is fetched.
const DEFERRED: &str = "deferred";

/// True for an INVITE that fetches what is stored.
pub fn fetches(invite: &Message) -> bool {
    let target = invite.request_uri().and_then(|target| Uri::parse(target).ok());
    matches!(target, Some(Uri::Sip(SipUri { user: Some(DEFERRED), .. })))
}

impl Chat {
    /// Tells a device that something waits for it.
    pub fn give_notice(&mut self, m: &mut Mechanics, device: &Device) {
        let target = device.contact.as_deref().unwrap_or(&self.record.user).to_owned();
        let user = &self.record.user;
        let notice = m.own_request(Method::Message, &target, user, false);
        let mut notice = notice
            .header(Name::From, format!("<sip:{DEFERRED}@{}>;tag={}", m.config.domain, m.tokens.tag()))
            .header(Name::To, format!("<{user}>"))
            .header(Name::PAssertedIdentity, format!("<sip:{DEFERRED}@{}>", m.config.domain))
            .header(Name::PAssertedService, self.record.service.as_deref().unwrap_or(GROUP_SERVICE))
            .header(Name::AcceptContact, format!("*;{GROUP_TAG}"))
            .header(Name::ContributionId, &self.record.contribution)
            .header(Name::ConversationId, &self.record.conversation);
        if let Some(subject) = &self.record.subject {
            notice = notice.header(Name::Subject, subject);
        }
        let missed = self.items.held.iter().filter(|item| item.record.kind == ItemKind::Message);
        let missed = missed.filter(|item| !item.is_with(device)).count();
        let summary = format!("Messages-Waiting: yes\r\nMessage-Account: {user}\r\nText-Message: {missed}/0\r\n");
        m.send(self.owner(), notice.body("application/simple-message-summary", summary).build());
        let device = device.key.clone();
        self.note_informed(m, device);
    }

    /// A device comes for what waits for it.
    pub fn fetched_by(&mut self, m: &mut Mechanics, leg: LegId, device: Device) {
        if !self.items.wait_for(&device) {
            return m.drop_leg(leg, 404, None);
        }
        if self.take_call(m, leg, device, Purpose::Drain) {
            self.let_in(m);
        }
    }
}
