//! Faults in what reaches a device of what waits: pushed, or fetched. [PF-MSG-04], [PF-DEV-03]

use super::{Origins, SERVICE, answers_own, followed_by_another, for_absent};
use crate::faults::Fault;
use crate::faults::editing::{answer, envelope, with_body, with_field};
use crate::faults::passage::Way;
use crate::faults::scene::Scene;
use crate::faults::tampering::{Fate, Mischief};
use bytes::Bytes;
use cpm_wire::msrp;
use cpm_wire::sip::{Message, Method, Name};
use std::collections::{HashMap, HashSet};

pub(super) const FAULTS: &[Fault] = &[
    Fault::of_function("alters-a-deferred-message", "A letter of a message that waited is another one", || {
        Box::new(Alters::default())
    }),
    Fault::of_function(
        "loses-a-deferred-message-on-delivery",
        "A message that waited is taken for delivered before any device has it",
        || Box::new(LosesOnDelivery::default()),
    ),
    Fault::of_function(
        "delivers-a-deferred-message-twice-under-new-ids",
        "A message that waited comes a second time as a new one",
        || Box::new(DeliversTwice::default()),
    ),
    Fault::of_function("gives-a-fetched-item-again", "What one device has fetched another can fetch, too", || {
        Box::new(GivesAgain)
    }),
    Fault::of_function(
        "gives-another-item-for-an-unknown-one",
        "Who comes for a message that is not there gets one that is",
        || Box::new(GivesAnother::default()),
    ),
    Fault::of_function("tells-and-does-not-give", "No message that a device is told of can be fetched", || {
        Box::new(GivesNothing)
    }),
    Fault::of_function(
        "gives-to-the-first-device-alone",
        "Only the device of a user that came first can fetch anything",
        || Box::new(GivesToFirst::default()),
    ),
];

/// True for the INVITE by which a device comes for a message.
fn fetches(way: Way, message: &Message) -> bool {
    let to_service = message.request_uri().is_some_and(|target| target.starts_with(SERVICE));
    way == Way::In && message.method() == Method::Invite && message.to_tag().is_none() && to_service
}

/// True for a message of a session by which a device has come.
fn in_fetch(scene: &Scene, way: Way, message: &msrp::Message) -> bool {
    scene.leg_of(way, message).is_some_and(|leg| !leg.invited && leg.target.starts_with(SERVICE))
}

/// The octets with another letter at their end.
fn altered(octets: &[u8]) -> Vec<u8> {
    let mut octets = octets.to_vec();
    if let Some(last) = octets.iter_mut().rfind(|octet| octet.is_ascii_alphanumeric()) {
        *last = if *last == b'x' { b'y' } else { b'x' };
    }
    octets
}

#[derive(Default)]
struct Alters(Origins);

impl Mischief for Alters {
    fn sip(&mut self, _: &Scene, way: Way, message: &Message) -> Fate {
        let Some(envelope) = self.0.pushed(way, message) else { return Fate::Pass };
        let content_type = message.header(&Name::ContentType).unwrap_or_default();
        let other = message.edit().body(content_type, altered(envelope.octets()).into()).finish();
        Fate::altered(other.octets().clone())
    }

    fn msrp(&mut self, scene: &Scene, way: Way, message: &msrp::Message) -> Fate {
        match envelope(message).filter(|_| way == Way::Out && in_fetch(scene, way, message)) {
            Some(envelope) => Fate::altered(with_body(message, &altered(envelope.octets()))),
            None => Fate::Pass,
        }
    }
}

#[derive(Default)]
struct LosesOnDelivery(Origins);

impl Mischief for LosesOnDelivery {
    fn sip(&mut self, _: &Scene, way: Way, message: &Message) -> Fate {
        match self.0.pushed(way, message) {
            Some(_) => Fate::Answered(answer(message, 200)),
            None => Fate::Pass,
        }
    }

    fn msrp(&mut self, scene: &Scene, way: Way, message: &msrp::Message) -> Fate {
        match envelope(message).filter(|_| way == Way::Out && in_fetch(scene, way, message)) {
            Some(_) => Fate::Answered(msrp::response(message, 200)),
            None => Fate::Pass,
        }
    }
}

#[derive(Default)]
struct DeliversTwice(Origins);

impl Mischief for DeliversTwice {
    fn sip(&mut self, _: &Scene, way: Way, message: &Message) -> Fate {
        if answers_own(way, message) {
            return Fate::LOST;
        }
        match self.0.pushed(way, message) {
            Some(envelope) => followed_by_another(message, &envelope),
            None => Fate::Pass,
        }
    }
}

/// The answer of the device that has a message does not count.
struct GivesAgain;

impl Mischief for GivesAgain {
    fn msrp(&mut self, scene: &Scene, way: Way, message: &msrp::Message) -> Fate {
        if way == Way::Out || message.status() != Some(200) || !in_fetch(scene, way, message) {
            return Fate::Pass;
        }
        let text = String::from_utf8_lossy(message.octets()).replacen(" 200", " 408", 1);
        Fate::altered(Bytes::from(text))
    }
}

/// The contributions of messages that were deferred, by user.
#[derive(Default)]
struct GivesAnother(HashMap<String, Vec<(String, String)>>);

impl Mischief for GivesAnother {
    fn sip(&mut self, scene: &Scene, way: Way, message: &Message) -> Fate {
        let names = message.header(&Name::ContributionId).zip(message.header(&Name::ConversationId));
        let Some((contribution, conversation)) = names else { return Fate::Pass };
        if for_absent(way, message).is_some() {
            let user = crate::call::served::served_user(message).map(|served| served.key).unwrap_or_default();
            self.0.entry(user).or_default().push((contribution.to_owned(), conversation.to_owned()));
            return Fate::Pass;
        }
        let Some(leg) = scene.leg(message).filter(|_| fetches(way, message)) else { return Fate::Pass };
        let kept = self.0.get(&leg.user).map(Vec::as_slice).unwrap_or_default();
        match kept.last().filter(|_| kept.iter().all(|(known, _)| known != contribution)) {
            Some((other, conversation)) => {
                let edited = message.edit().set(Name::ContributionId, other);
                Fate::altered(edited.set(Name::ConversationId, conversation).finish().octets().clone())
            }
            None => Fate::Pass,
        }
    }
}

struct GivesNothing;

impl Mischief for GivesNothing {
    fn sip(&mut self, _: &Scene, way: Way, message: &Message) -> Fate {
        if !fetches(way, message) {
            return Fate::Pass;
        }
        Fate::altered(with_field(message, Name::ContributionId, "nothing-of-this-name"))
    }
}

/// By user, the contact of the first device that came, and those that came later.
#[derive(Default)]
struct GivesToFirst {
    first: HashMap<String, String>,
    refused: HashSet<String>,
}

impl Mischief for GivesToFirst {
    fn sip(&mut self, scene: &Scene, way: Way, message: &Message) -> Fate {
        let Some(leg) = scene.leg(message).filter(|_| fetches(way, message)) else { return Fate::Pass };
        let Some(Ok(contact)) = message.contacts().next() else { return Fate::Pass };
        let first = self.first.entry(leg.user.clone()).or_insert_with(|| contact.uri.to_owned());
        if first == contact.uri && !self.refused.contains(contact.uri) {
            return Fate::Pass;
        }
        self.refused.insert(contact.uri.to_owned());
        Fate::altered(with_field(message, Name::ContributionId, "nothing-of-this-name"))
    }
}
