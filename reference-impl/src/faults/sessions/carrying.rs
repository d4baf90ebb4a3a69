//! Faults with what is said in a session between two. [PF-SES-01].

use super::Conversations;
use crate::faults::Fault;
use crate::faults::editing::{envelope, with_body};
use crate::faults::passage::Way;
use crate::faults::scene::Scene;
use crate::faults::tampering::{Fate, Mischief};
use cpm_wire::{msrp, sip};

pub(super) const FAULTS: &[Fault] = &[
    Fault::of_function("alters-what-is-said", "The last octet of what is said between two is another one", || {
        Box::new(Spoken { known: Conversations::default(), heard: 0, does: alters })
    }),
    Fault::of_function(
        "loses-every-second-saying",
        "Every second message between two is acknowledged and lost",
        || Box::new(Spoken { known: Conversations::default(), heard: 0, does: loses_the_second }),
    ),
    Fault::of_function("never-acknowledges-what-is-said", "Who says something in a session is told nothing", || {
        Box::new(Spoken { known: Conversations::default(), heard: 0, does: acknowledges_nothing })
    }),
];

/// Does the same to whatever is said between two, and counts the messages.
struct Spoken {
    known: Conversations,
    heard: usize,
    does: fn(usize, Way, &msrp::Message) -> Fate,
}

impl Mischief for Spoken {
    fn sip(&mut self, scene: &Scene, _: Way, message: &sip::Message) -> Fate {
        self.known.watch(scene, message);
        Fate::Pass
    }

    fn msrp(&mut self, scene: &Scene, way: Way, message: &msrp::Message) -> Fate {
        if self.known.of_media(scene, way, message).is_none() {
            return Fate::Pass;
        }
        if way == Way::In && envelope(message).is_some() {
            self.heard += 1;
        }
        (self.does)(self.heard, way, message)
    }
}

fn alters(_: usize, way: Way, message: &msrp::Message) -> Fate {
    if way == Way::Out { altered(message) } else { Fate::Pass }
}

/// A message with another last octet.
pub(in crate::faults) fn altered(message: &msrp::Message) -> Fate {
    let Some(envelope) = envelope(message) else { return Fate::Pass };
    let mut octets = envelope.octets().to_vec();
    if let Some(last) = octets.last_mut() {
        *last ^= 1;
    }
    Fate::altered(with_body(message, &octets))
}

fn loses_the_second(heard: usize, way: Way, message: &msrp::Message) -> Fate {
    let lost = way == Way::In && heard.is_multiple_of(2) && envelope(message).is_some();
    if lost { Fate::Answered(msrp::response(message, 200)) } else { Fate::Pass }
}

fn acknowledges_nothing(_: usize, way: Way, message: &msrp::Message) -> Fate {
    if way == Way::Out && message.status().is_some() { Fate::LOST } else { Fate::Pass }
}
