//! The conference subscriptions of a device (RFC 4575, RFC 6665), and the rosters that they fold to.

use super::Client;
use crate::actors::serving_cscf::Served;
use crate::actors::signalling::{Purpose, Signalling};
use cpm_wire::conference_info::{Document, Roster};
use cpm_wire::sip::{Message, Name};
use cpm_wire::subscription::{Subscriber, SubscriberEvent, Wanted};
use cpm_wire::time::Time;
use cpm_wire::transaction::{ServerId, Timers};

/// A conference subscription of a device.
#[derive(Debug)]
pub struct Subscription {
    /// The chat.
    pub contribution: String,
    call_id: String,
    /// The roster so far.
    pub roster: Roster,
    subscriber: Subscriber,
}

impl Subscription {
    pub(super) fn poll_timeout(&self) -> Option<Time> {
        self.subscriber.poll_timeout()
    }
}

impl Client {
    /// Subscribes to the conference of a leg, unless a subscription to it lives.
    pub(super) fn subscribe_once(&mut self, signalling: &mut Signalling, number: u64) {
        let contribution = self.legs.get(&number).map(|leg| leg.contribution.clone()).unwrap_or_default();
        if !self.subscriptions.values().any(|subscription| subscription.contribution == contribution) {
            self.subscribe(signalling, number);
        }
    }

    /// Subscribes to the conference of a chat once more; false when the device was never told where the chat is.
    pub fn subscribe_anew(&mut self, signalling: &mut Signalling, contribution: &str) -> bool {
        let found = self.legs.iter().rev().find(|(_, leg)| leg.contribution == contribution && leg.is_group);
        let Some(number) = found.map(|(number, _)| *number) else { return false };
        self.subscribe(signalling, number);
        true
    }

    fn subscribe(&mut self, signalling: &mut Signalling, number: u64) {
        let Some(leg) = self.legs.get(&number) else { return };
        let contribution = leg.contribution.clone();
        let host = self.host();
        let call_id = format!("{}@{host}", signalling.ids.token());
        let wanted = Wanted {
            target: leg.focus.clone(),
            routes: Vec::new(),
            local_uri: self.identity.clone(),
            remote_uri: leg.focus.clone(),
            local_tag: signalling.ids.token(),
            call_id: call_id.clone(),
            event: "conference".to_owned(),
            expires: 3600,
        };
        let mut subscriber = Subscriber::new(wanted, &Timers::default());
        let request = subscriber.subscribe(signalling.now);
        let served = Served { identity: &self.identity, originating: true, registered: self.registered };
        let cscf = signalling.cscf.clone();
        let request = cscf
            .passed_on(&mut signalling.ids, request, &served, &host, true)
            .header(Name::Contact, self.contact_value())
            .header(Name::Accept, "application/conference-info+xml")
            .header(Name::PAssertedIdentity, format!("<{}>", self.identity))
            .header(Name::ContributionId, leg.contribution.clone())
            .header(Name::ConversationId, leg.conversation.clone())
            .build();
        let number = self.number();
        let roster = Roster::new();
        self.subscriptions.insert(number, Subscription { contribution, call_id, roster, subscriber });
        signalling.request(request, Purpose::Subscribe { device: self.key.clone(), subscription: number });
    }

    /// An answer to a SUBSCRIBE.
    pub fn subscribed(&mut self, signalling: &mut Signalling, subscription: u64, answer: &Message) {
        let Some(found) = self.subscriptions.get_mut(&subscription) else { return };
        match found.subscriber.response(signalling.now, answer) {
            Some(SubscriberEvent::Subscribe) => self.subscribe_again(signalling, subscription),
            Some(_) => {
                self.subscriptions.remove(&subscription);
            }
            None => {}
        }
    }

    /// A NOTIFY; false when it belongs to no subscription of this device.
    pub fn notified(&mut self, signalling: &mut Signalling, server: ServerId, request: &Message) -> bool {
        let call_id = request.call_id().unwrap_or_default();
        let Some(found) = self.subscriptions.values_mut().find(|found| found.call_id == call_id) else { return false };
        match found.subscriber.notified(signalling.now, request) {
            Err(refusal) => signalling.refuse(server, refusal.status),
            Ok(notified) => {
                if let Ok(document) = Document::parse(&notified.body) {
                    // A gap or a stale version leaves the roster as it was; what it means is for the rules to say.
                    let _ = found.roster.apply(&document);
                }
                signalling.refuse(server, 200);
            }
        }
        true
    }

    /// The roster that the device holds of a chat.
    pub fn roster_of(&self, contribution: &str) -> Option<&Roster> {
        let of_chat = self.subscriptions.values().rev().find(|found| found.contribution == contribution)?;
        Some(&of_chat.roster)
    }

    pub(super) fn refresh_subscriptions(&mut self, signalling: &mut Signalling) {
        let due: Vec<u64> = self
            .subscriptions
            .iter_mut()
            .filter_map(|(number, found)| {
                let event = found.subscriber.handle_timeout(signalling.now);
                (event == Some(SubscriberEvent::Subscribe)).then_some(*number)
            })
            .collect();
        for number in due {
            self.subscribe_again(signalling, number);
        }
    }

    fn subscribe_again(&mut self, signalling: &mut Signalling, number: u64) {
        let contact = self.contact_value();
        let device = self.key.clone();
        let Some(found) = self.subscriptions.get_mut(&number) else { return };
        let request = found
            .subscriber
            .subscribe(signalling.now)
            .header(Name::Contact, contact)
            .header(Name::Accept, "application/conference-info+xml");
        signalling.in_dialog(request, Purpose::Subscribe { device, subscription: number });
    }
}
