//! Subscriptions to the conference event package (RFC 4575, RFC 6665) and the rosters that their notifications fold to.

use std::collections::HashMap;

use cpm_wire::conference_info::{Document, Gap, Roster};
use cpm_wire::sip::{Message, Name};

use super::cast::Cast;
use super::legs::{End, part};
use super::parties::Parties;
use super::session::Answer;

/// Subscriptions kept of one scenario.
const SUBSCRIPTIONS: usize = 1024;

/// A subscription to a chat's roster.
#[derive(Debug)]
pub struct Subscription {
    /// Whether the target subscribed, at the focus; otherwise a device did, through the target.
    pub by_target: bool,
    /// The served user.
    pub person: Option<String>,
    /// The device.
    pub device: Option<String>,
    /// The chat.
    pub group: Option<String>,
    /// The SUBSCRIBE.
    pub frame: u64,
    /// Its Request-URI.
    pub request_uri: String,
    /// The answer to it.
    pub answer: Option<Answer>,
    /// The latest notification.
    pub notified: Option<u64>,
    /// What the documents fold to. None before the first that could be read.
    pub held: Option<Held>,
    /// What was wrong with a document, and where.
    pub fault: Option<(u64, String)>,
    /// The reason with which it was terminated; empty when none was given.
    pub terminated: Option<String>,
}

/// A roster as a device knows it, read in the two ways in which notifiers mean a `<users>` without a state.
#[derive(Debug)]
pub struct Held {
    /// Without a state it is full, as the schema says.
    pub by_schema: Roster,
    /// Without a state it has that of the document, as some notifiers mean it.
    pub by_habit: Roster,
}

#[derive(Debug, Default)]
pub(super) struct Subscriptions {
    all: Vec<Subscription>,
    known: HashMap<(bool, String, String), usize>,
}

impl Subscriptions {
    pub fn all(&self) -> &[Subscription] {
        &self.all
    }

    /// A SUBSCRIBE. None when it is for another package, or refreshes what is known.
    pub fn subscribe(&mut self, frame: u64, sent: bool, message: &Message, cast: &Cast) -> Option<usize> {
        if !is_conference(message) || self.all.len() >= SUBSCRIPTIONS {
            return None;
        }
        let key = (!sent, message.call_id()?.to_owned(), message.from_tag()?.to_owned());
        if let Some(known) = self.known.get(&key).and_then(|at| self.all.get_mut(*at)) {
            // A refreshed subscription starts again with full state, and counts anew (RFC 4575 section 4.6).
            if let Some(held) = &mut known.held {
                held.by_schema.subscribed_anew();
                held.by_habit.subscribed_anew();
            }
            return None;
        }
        let parties = Parties::of(sent, message, cast);
        let group = message.request_uri().and_then(|uri| cast.group_at(uri)).or_else(|| {
            cast.group_of(message.header(&Name::ContributionId).map(str::trim), message.header(&Name::ConversationId))
        });
        let at = self.all.len();
        self.known.insert(key, at);
        self.all.push(Subscription {
            by_target: !sent,
            person: parties.person,
            device: parties.device.filter(|_| parties.end != End::Network),
            group: group.map(|group| group.name.clone()),
            frame,
            request_uri: message.request_uri().unwrap_or_default().to_owned(),
            answer: None,
            notified: None,
            held: None,
            fault: None,
            terminated: None,
        });
        Some(at)
    }

    pub fn answered(&mut self, at: usize, answer: Answer) {
        if let Some(subscription) = self.all.get_mut(at) {
            subscription.answer = Some(answer);
        }
    }

    /// A NOTIFY, and the subscription that it belongs to. It may come before the answer to the SUBSCRIBE.
    pub fn notify(&mut self, frame: u64, sent: bool, message: &Message) -> Option<&Subscription> {
        let key = message.call_id().zip(message.to_tag()).map(|(id, tag)| (sent, id.to_owned(), tag.to_owned()));
        let at = *self.known.get(&key?)?;
        let subscription = self.all.get_mut(at)?;
        subscription.notified = Some(frame);
        if let Some(octets) = part(message, "application/conference-info+xml") {
            subscription.fold(frame, &octets);
        }
        if let Some(state) = message.subscription_state()
            && state.value.eq_ignore_ascii_case("terminated")
        {
            subscription.terminated = Some(state.params.get("reason").flatten().unwrap_or_default().into_owned());
        }
        Some(subscription)
    }
}

impl Subscription {
    fn fold(&mut self, frame: u64, octets: &[u8]) {
        let outcome = Document::parse(octets).map_err(|error| error.to_string()).and_then(|document| {
            let known = self.held.is_some();
            let mut held = self.held.take().unwrap_or_default();
            let applied = held.apply(&document);
            self.held = (known || applied.is_ok()).then_some(held);
            applied.map_err(|gap| gap.to_string())
        });
        if let Err(fault) = outcome {
            self.fault = Some((frame, fault));
        }
    }
}

impl Held {
    fn apply(&mut self, document: &Document) -> Result<(), Gap> {
        self.by_habit.apply(document)?;
        self.by_schema.apply(document).map(|_| ())
    }
}

impl Default for Held {
    fn default() -> Held {
        Held { by_schema: Roster::new(), by_habit: Roster::inheriting() }
    }
}

fn is_conference(message: &Message) -> bool {
    message.event().is_some_and(|event| event.value.eq_ignore_ascii_case("conference"))
}
