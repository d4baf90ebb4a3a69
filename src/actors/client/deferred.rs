//! A device and the messages that wait for its user: it asks to be told of them (event package `deferred-messages`, RFC
//! 6665), fetches them at the identity for that, and rejects them. The form of word is the ledger's (L35); word in any form
//! is looked through for the identifiers of messages.

use super::Client;
use super::joining::Joining;
use super::pulling::Wish;
use crate::actors::serving_cscf::Served;
use crate::actors::session::{DEFERRED_SERVICE, MESSAGE_SERVICE, feature_tag};
use crate::actors::signalling::{Purpose, Signalling};
use bytes::Bytes;
use cpm_wire::sdp::Direction;
use cpm_wire::sip::{Message, Method, Name};
use cpm_wire::subscription::{Subscriber, SubscriberEvent, Wanted};
use cpm_wire::time::Time;
use cpm_wire::transaction::{ServerId, Timers};
use std::collections::BTreeSet;

/// The event package.
pub const DEFERRED_PACKAGE: &str = "deferred-messages";
/// The media type of the ledger's document.
const NOTICE_TYPE: &str = "application/x-cpm-deferred-messages+xml";

/// What a device does about messages that wait.
#[derive(Debug, Default)]
pub struct Waiting {
    /// It asks to be told, or does not; as targets of this statement need it, unless the scenario says so.
    pub asks: Option<bool>,
    /// Its user chooses what to fetch. Otherwise it fetches what it is told of.
    pub chooses: bool,
    watch: Option<Watch>,
    fetched: BTreeSet<String>,
}

/// A subscription to word of what waits.
#[derive(Debug)]
struct Watch {
    call_id: String,
    subscriber: Subscriber,
}

/// A message that waits, as a device calls it.
#[derive(Clone, Debug)]
pub struct Waits {
    /// Contribution-ID.
    pub contribution: String,
    /// Conversation-ID.
    pub conversation: String,
    /// imdn.Message-ID.
    pub message_id: String,
}

impl Waiting {
    /// The device has lost whatever it had.
    pub(super) fn forget_watch(&mut self) {
        self.watch = None;
    }

    pub(super) fn poll_timeout(&self) -> Option<Time> {
        self.watch.as_ref().and_then(|watch| watch.subscriber.poll_timeout())
    }
}

impl Client {
    /// Asks to be told of messages that wait, unless it has done so.
    pub fn asks_for_word(&mut self, signalling: &mut Signalling) {
        if self.waiting.watch.is_some() {
            return;
        }
        let host = self.host();
        let call_id = format!("{}@{host}", signalling.ids.token());
        let wanted = Wanted {
            target: self.identity.clone(),
            routes: Vec::new(),
            local_uri: self.identity.clone(),
            remote_uri: self.identity.clone(),
            local_tag: signalling.ids.token(),
            call_id: call_id.clone(),
            event: DEFERRED_PACKAGE.to_owned(),
            expires: 3600,
        };
        let mut subscriber = Subscriber::new(wanted, &Timers::default());
        let request = subscriber.subscribe(signalling.now);
        let served = Served { identity: &self.identity, originating: true, registered: self.registered };
        let cscf = signalling.cscf.clone();
        let request = cscf
            .passed_on(&mut signalling.ids, request, &served, &host, true)
            .header(Name::Contact, self.contact_value())
            .header(Name::Accept, NOTICE_TYPE)
            .header(Name::PAssertedIdentity, format!("<{}>", self.identity))
            .build();
        self.waiting.watch = Some(Watch { call_id, subscriber });
        signalling.request(request, Purpose::Watch { device: self.key.clone() });
    }

    /// An answer to a SUBSCRIBE for word.
    pub fn watch_answered(&mut self, signalling: &mut Signalling, answer: &Message) {
        let Some(watch) = self.waiting.watch.as_mut() else { return };
        match watch.subscriber.response(signalling.now, answer) {
            Some(SubscriberEvent::Subscribe) => self.watch_again(signalling),
            Some(_) => self.waiting.watch = None,
            None => {}
        }
    }

    /// A NOTIFY; false when it does not belong to the device's subscription.
    pub fn word_came(&mut self, signalling: &mut Signalling, server: ServerId, request: &Message) -> bool {
        let call_id = request.call_id().unwrap_or_default();
        let Some(watch) = self.waiting.watch.as_mut().filter(|watch| watch.call_id == call_id) else { return false };
        match watch.subscriber.notified(signalling.now, request) {
            Err(refusal) => signalling.refuse(server, refusal.status),
            Ok(notified) => {
                signalling.refuse(server, 200);
                self.is_told(notified.body);
            }
        }
        true
    }

    /// Word of what waits, in whatever form. A device whose user chooses does nothing by itself.
    pub fn is_told(&mut self, word: Bytes) {
        if !word.is_empty() && !self.waiting.chooses && self.is_willing() {
            self.wishes.push(Wish::Told(word));
        }
    }

    pub(super) fn refresh_watch(&mut self, signalling: &mut Signalling) {
        let Some(watch) = self.waiting.watch.as_mut() else { return };
        match watch.subscriber.handle_timeout(signalling.now) {
            Some(SubscriberEvent::Subscribe) => self.watch_again(signalling),
            Some(_) => self.waiting.watch = None,
            None => {}
        }
    }

    fn watch_again(&mut self, signalling: &mut Signalling) {
        let (contact, device) = (self.contact_value(), self.key.clone());
        let Some(watch) = self.waiting.watch.as_mut() else { return };
        let request = watch.subscriber.subscribe(signalling.now);
        let request = request.header(Name::Contact, contact).header(Name::Accept, NOTICE_TYPE);
        signalling.in_dialog(request, Purpose::Watch { device });
    }

    /// Fetches a message at `uri`, unless it has asked for it already.
    pub fn fetches_once(&mut self, signalling: &mut Signalling, uri: &str, waits: &Waits) {
        if self.waiting.fetched.insert(waits.contribution.clone()) {
            self.fetches(signalling, uri, waits);
        }
    }

    /// Fetches a message at `uri`.
    pub fn fetches(&mut self, signalling: &mut Signalling, uri: &str, waits: &Waits) {
        let fetching = Joining {
            uri,
            contribution: &waits.contribution,
            conversation: &waits.conversation,
            subject: "",
            list: None,
            replaces: None,
            direction: Direction::RecvOnly,
            service: DEFERRED_SERVICE,
        };
        self.join(signalling, &fetching);
    }

    /// Rejects a message at `uri`.
    pub fn rejects(&mut self, signalling: &mut Signalling, uri: &str, waits: &Waits) {
        let served = Served { identity: &self.identity, originating: true, registered: self.registered };
        let cscf = signalling.cscf.clone();
        let host = self.host();
        let request = cscf
            .initial(&mut signalling.ids, Method::Message, uri, &served, &host)
            .header(Name::From, format!("<{}>;tag={}", self.identity, signalling.ids.token()))
            .header(Name::To, format!("<{uri}>"))
            .header(Name::PAssertedIdentity, format!("<{}>", self.identity))
            .header(Name::PAssertedService, MESSAGE_SERVICE)
            .header(Name::AcceptContact, format!("*;{}", feature_tag(DEFERRED_SERVICE)))
            .header(Name::ConversationId, waits.conversation.clone())
            .header(Name::ContributionId, waits.contribution.clone())
            .body(NOTICE_TYPE, rejection(&self.identity, waits))
            .build();
        signalling.request(request, Purpose::Plain);
    }

    /// Whether the last time that it asked for this message has led to something: a refusal, or an end.
    pub fn has_fetched(&self, contribution: &str) -> bool {
        let own = self.legs.values().rev().find(|leg| leg.contribution == contribution && leg.request.is_some());
        own.is_some_and(|leg| leg.state == super::LegState::Ended)
    }
}

/// The ledger's document, of one message that is rejected.
fn rejection(user: &str, waits: &Waits) -> Bytes {
    Bytes::from(format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n\
         <deferred-messages xmlns=\"urn:cpm-conformance:deferred-messages\" user=\"{user}\">\n  \
         <message message-id=\"{}\" contribution-id=\"{}\" conversation-id=\"{}\" status=\"rejected\"/>\n\
         </deferred-messages>\n",
        waits.message_id, waits.contribution, waits.conversation
    ))
}
