//! Disposition notifications outside sessions: to an author whose chat has ended, to a device that takes none in its
//! session, and the function's own word that a message expired (RFC 5438; MESSAGE, RFC 3428).

use super::chat::{Chat, Focus, Upward};
use super::items::Item;
use super::upward::is_nobody;
use crate::call::Mechanics;
use crate::call::registrations::Device;
use bytes::Bytes;
use cpm_wire::cpim;
use cpm_wire::imdn::{self, Kind, Notification, Status};
use cpm_wire::sip::{Message, Method, Name};

const STANDALONE_SERVICE: &str = "urn:urn-7:3gpp-service.ims.icsi.oma.cpm.msg";
const STANDALONE_TAG: &str = "*;+g.3gpp.icsi-ref=\"urn%3Aurn-7%3A3gpp-service.ims.icsi.oma.cpm.msg\"";

impl Chat {
    /// Sends an author a notification on behalf of the user.
    pub fn send_to_author(&self, m: &mut Mechanics, author: &str, content_type: &str, octets: Bytes) {
        if is_nobody(author) {
            return;
        }
        let user = &self.record.user;
        let request = m.own_request(Method::Message, author, user, true);
        let request = request
            .header(Name::From, format!("<{user}>;tag={}", m.tokens.tag()))
            .header(Name::To, format!("<{author}>"))
            .header(Name::PAssertedIdentity, format!("<{user}>"));
        let request = self.named(request).body(content_type, octets).build();
        m.send(self.owner(), request);
    }

    /// The request that brings a device a notification.
    pub fn notification_request(&self, m: &mut Mechanics, device: &Device, item: u64) -> Message {
        let user = &self.record.user;
        let target = device.contact.as_deref().unwrap_or(user);
        let request = m.own_request(Method::Message, target, user, false);
        let mut request = request
            .header(Name::From, format!("{};tag={}", self.record.from, m.tokens.tag()))
            .header(Name::To, format!("<{user}>"));
        for asserted in &self.record.asserted {
            request = request.header(Name::PAssertedIdentity, asserted);
        }
        let request = self.named(request);
        match self.items.get(item) {
            Some(item) => request.body(&item.record.content_type, item.record.octets.clone()).build(),
            None => request.build(),
        }
    }

    fn named(&self, request: cpm_wire::sip::Builder) -> cpm_wire::sip::Builder {
        request
            .header(Name::PAssertedService, STANDALONE_SERVICE)
            .header(Name::AcceptContact, STANDALONE_TAG)
            .header(Name::ContributionId, &self.record.contribution)
            .header(Name::ConversationId, &self.record.conversation)
    }

    /// Tells the author that a message was not delivered, if that was asked for.
    pub fn tell_failed(&mut self, m: &mut Mechanics, item: u64) {
        let Some(item) = self.items.get(item) else { return };
        let Some((author, octets)) = self.failure(m, item) else { return };
        if matches!(self.focus, Focus::Live { .. }) {
            let content_type = "message/cpim".to_owned();
            self.upward.push_back(Upward { sent_as: None, content_type, octets, from: None });
            self.pump_upward(m);
        } else {
            self.send_to_author(m, &author, "message/cpim", octets);
        }
    }

    fn failure(&self, m: &mut Mechanics, item: &Item) -> Option<(String, Bytes)> {
        let about = &item.about;
        if !about.wants("negative-delivery") || !item.record.delivered.is_empty() {
            return None;
        }
        let (author, message_id) = (about.author.clone()?, about.message_id.as_deref()?);
        let date_time = about.date_time.as_deref().unwrap_or_default();
        let mut failure = Notification::new(message_id, date_time, Kind::Delivery, Status::Failed);
        failure.recipient_uri = Some(self.record.user.clone());
        failure.original_recipient_uri = about.original_to.clone().or_else(|| about.to.clone());
        let octets = cpim::Builder::new(&self.record.user, &author)
            .date_time(&m.now.to_rfc3339())
            .message_id(&m.tokens.token())
            .content_disposition("notification")
            .content(imdn::MEDIA_TYPE, failure.to_xml().into_bytes())
            .build();
        Some((author, octets))
    }
}
