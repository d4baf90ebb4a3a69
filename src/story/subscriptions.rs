//! Subscriptions to the conference event package (RFC 4575, RFC 6665) and the rosters that their notifications fold to.

use std::collections::HashMap;

use cpm_wire::sip::{Message, Name};

use super::cast::Cast;
use super::legs::{End, part};
use super::parties::Parties;
use super::session::Answer;
use super::told::Told;

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
    /// Its documents, and what they fold to.
    pub told: Told,
    /// The SUBSCRIBE with which the subscriber gave it up.
    pub given_up: Option<u64>,
    /// The reason with which it was terminated; empty when none was given.
    pub terminated: Option<String>,
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
            known.told.begin_anew();
            if expires(message) == Some(0) {
                known.given_up.get_or_insert(frame);
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
            told: Told::default(),
            given_up: None,
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
            subscription.told.take(frame, &octets);
        }
        if let Some(state) = message.subscription_state()
            && state.value.eq_ignore_ascii_case("terminated")
        {
            subscription.terminated = Some(state.params.get("reason").flatten().unwrap_or_default().into_owned());
        }
        Some(subscription)
    }
}

fn is_conference(message: &Message) -> bool {
    message.event().is_some_and(|event| event.value.eq_ignore_ascii_case("conference"))
}

fn expires(message: &Message) -> Option<u32> {
    message.header(&Name::Expires)?.trim().parse().ok()
}
