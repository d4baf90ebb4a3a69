//! The presence watcher: the function subscribes to the presence of a user (RFC 3856, RFC 6665), and hears whether the user takes
//! messages now.

use crate::call::{Mechanics, Owner, Usage};
use cpm_wire::pidf::{self, Basic, Document};
use cpm_wire::sip::{Message, Name, Tokenized, identity_key};
use cpm_wire::subscription::{Notified, Reason, Subscriber, SubscriberEvent, SubscriptionState, Wanted};
use cpm_wire::time::Time;
use cpm_wire::transaction::{ClientId, ServerId, Timers};
use std::time::Duration;

/// How soon after it began a subscription that was ended is begun again, if nothing else is said.
const AGAIN: Duration = Duration::from_secs(60);

/// What a notification says of a user.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum News {
    /// Whether messages are taken; none where no tuple tells.
    State(Option<Basic>),
    /// Nothing that can be understood, or nothing about this user.
    Nothing,
}

/// The subscription to the presence of one user.
#[derive(Debug)]
pub struct Watcher {
    number: u64,
    user: String,
    expires: u32,
    subscriber: Subscriber,
    call_id: String,
    local_tag: String,
    begun: Time,
    /// The SUBSCRIBE that is not answered yet.
    client: Option<ClientId>,
    /// When a subscription that has ended is begun anew; none while it lasts, and when it is not.
    again: Option<Time>,
}

impl Watcher {
    /// Subscribes to the presence of a user.
    pub fn begin(m: &mut Mechanics, number: u64, user: &str, expires: u32) -> Watcher {
        let (call_id, local_tag) = (m.tokens.token(), m.tokens.tag());
        let wanted = Wanted {
            target: user.to_owned(),
            routes: vec![super::route(m)],
            local_uri: user.to_owned(),
            remote_uri: user.to_owned(),
            local_tag: local_tag.clone(),
            call_id: call_id.clone(),
            event: super::EVENT.to_owned(),
            expires,
        };
        m.route(&call_id, &local_tag, Usage::Subscriber(Owner::Presence(number)));
        let subscriber = Subscriber::new(wanted, &Timers { t1: m.config.t1, ..Timers::default() });
        let (user, begun) = (user.to_owned(), m.now);
        let mut watcher =
            Watcher { number, user, expires, subscriber, call_id, local_tag, begun, client: None, again: None };
        watcher.subscribe(m);
        watcher
    }

    fn subscribe(&mut self, m: &mut Mechanics) {
        if self.client.is_some() {
            return;
        }
        let first = self.subscriber.dialog().is_none();
        let request = self.subscriber.subscribe(m.now);
        let request = self.filled(m, request);
        let request = if first { super::on_behalf(m, &self.user, request) } else { request };
        self.client = Some(m.send(Owner::Presence(self.number), request.build()));
    }

    fn filled(&self, m: &Mechanics, request: cpm_wire::sip::Builder) -> cpm_wire::sip::Builder {
        request.header(Name::Contact, format!("<{}>", m.contact_uri())).header(Name::Accept, pidf::MEDIA_TYPE)
    }

    /// A SUBSCRIBE is answered, or never will be. True when there is no subscription any more for that.
    pub fn answered(&mut self, m: &mut Mechanics, client: ClientId, response: Option<&Message>) -> bool {
        let provisional = response.and_then(Message::status).is_some_and(|status| status < 200);
        if self.client != Some(client) || provisional {
            return false;
        }
        self.client = None;
        match response.map(|response| self.subscriber.response(m.now, response)) {
            Some(None) => false,
            Some(Some(SubscriberEvent::Subscribe)) => {
                self.subscribe(m);
                false
            }
            Some(Some(_)) | None => self.fails(m),
        }
    }

    /// The server tells something, and is answered.
    pub fn notified(&mut self, m: &mut Mechanics, server: ServerId, notify: &Message) -> News {
        match self.subscriber.notified(m.now, notify) {
            Ok(said) => {
                m.refuse(server, notify, 200);
                self.note_end(m.now, &said);
                news(&self.user, &said)
            }
            Err(refusal) => {
                m.sip.respond(m.now, server, refusal.response(notify).build());
                News::Nothing
            }
        }
    }

    /// The server has ended the subscription: whether and when there is to be another is for it to say (RFC 6665 section 4.1.3).
    fn note_end(&mut self, now: Time, said: &Notified) {
        if said.state != SubscriptionState::Terminated || !said.reason.as_ref().is_none_or(Reason::allows_another) {
            return;
        }
        let asked = said.retry_after.map(|seconds| now + Duration::from_secs(seconds.into()));
        let soon = self.begun + AGAIN;
        self.again = Some(asked.unwrap_or(soon).max(soon).max(now));
    }

    /// True when the subscription is over.
    pub fn is_over(&self) -> bool {
        self.subscriber.state() == Some(SubscriptionState::Terminated)
    }

    /// When [`Watcher::handle_timeout`] is due.
    pub fn poll_timeout(&self) -> Option<Time> {
        self.subscriber.poll_timeout().into_iter().chain(self.again).min()
    }

    /// The clock has moved on. True when there is no subscription any more for that.
    pub fn handle_timeout(&mut self, m: &mut Mechanics) -> bool {
        if self.again.is_some_and(|again| again <= m.now) {
            m.unroute(&self.call_id, &self.local_tag);
            *self = Watcher::begin(m, self.number, &self.user.clone(), self.expires);
            return false;
        }
        while let Some(event) = self.subscriber.handle_timeout(m.now) {
            match event {
                SubscriberEvent::Subscribe => self.subscribe(m),
                _ => return self.fails(m),
            }
        }
        false
    }

    /// There is no subscription, and none is tried before a device registers again.
    fn fails(&mut self, m: &mut Mechanics) -> bool {
        m.unroute(&self.call_id, &self.local_tag);
        true
    }

    /// Nobody needs to be told any more.
    pub fn end(mut self, m: &mut Mechanics) {
        if self.subscriber.dialog().is_none() || self.is_over() {
            return m.unroute(&self.call_id, &self.local_tag);
        }
        let last = self.subscriber.unsubscribe(m.now);
        let last = self.filled(m, last);
        m.send(Owner::Presence(self.number), last.build());
        m.part(&self.call_id, &self.local_tag);
    }
}

/// What a notification says of this user. One that lasts no longer says nothing that will hold.
fn news(user: &str, said: &Notified) -> News {
    if said.state == SubscriptionState::Terminated {
        return News::State(None);
    }
    let media_type = said.content_type.as_deref().map(|text| Tokenized::parse(text).value.to_ascii_lowercase());
    if said.body.is_empty() || media_type.as_deref() != Some(pidf::MEDIA_TYPE) {
        return News::Nothing;
    }
    match Document::parse(&said.body) {
        Ok(document) if is_of(user, &document.entity) => News::State(document.basic()),
        _ => News::Nothing,
    }
}

/// True when the presentity of a document is this user, who may be named by a `pres` URI as well (RFC 3859).
fn is_of(user: &str, entity: &str) -> bool {
    let entity = match entity.get(..5) {
        Some(scheme) if scheme.eq_ignore_ascii_case("pres:") => ["sip:", entity.get(5..).unwrap_or_default()].concat(),
        _ => entity.to_owned(),
    };
    identity_key(&entity) == user
}

#[cfg(test)]
mod tests {
    use super::*;
    use bytes::Bytes;
    use cpm_wire::pidf::Tuple;
    use pretty_assertions::assert_eq;

    const BOB: &str = "sip:bob@example.com";

    fn said(media_type: &str, body: &str) -> News {
        let said = Notified {
            state: SubscriptionState::Active,
            expires: None,
            reason: None,
            retry_after: None,
            content_type: Some(media_type.to_owned()),
            body: Bytes::copy_from_slice(body.as_bytes()),
        };
        news(BOB, &said)
    }

    fn document(entity: &str, basics: &[Basic]) -> String {
        let tuple = |(number, basic): (usize, &Basic)| Tuple::new(&format!("t{number}"), *basic);
        Document::new(entity, basics.iter().enumerate().map(tuple).collect()).to_xml()
    }

    #[test]
    fn a_notification_says_whether_its_user_takes_messages() {
        let told = |entity: &str, basics: &[Basic]| said("application/pidf+xml", &document(entity, basics));
        assert_eq!(told(BOB, &[Basic::Closed]), News::State(Some(Basic::Closed)));
        assert_eq!(told(BOB, &[Basic::Closed, Basic::Open]), News::State(Some(Basic::Open)));
        assert_eq!(told(BOB, &[]), News::State(None));
        assert_eq!(told("pres:bob@Example.com", &[Basic::Closed]), News::State(Some(Basic::Closed)));
        assert_eq!(told("sip:carol@example.com", &[Basic::Closed]), News::Nothing);
    }

    #[test]
    fn what_cannot_be_understood_says_nothing() {
        let closed = document(BOB, &[Basic::Closed]);
        assert_eq!(said("Application/PIDF+xml;charset=utf-8", &closed), News::State(Some(Basic::Closed)));
        assert_eq!(said("text/plain", &closed), News::Nothing);
        assert_eq!(said("application/pidf+xml", ""), News::Nothing);
        assert_eq!(said("application/pidf+xml", "<presence"), News::Nothing);
        let bomb = closed.replacen("<presence", "<!DOCTYPE p [<!ENTITY a 'ha'>]><presence", 1);
        assert_eq!(said("application/pidf+xml", &bomb), News::Nothing);
    }
}
