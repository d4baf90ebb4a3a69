//! Faults with large messages.

use crate::faults::Fault;
use crate::faults::editing::{answer, answers_own, copied, envelope, renamed};
use crate::faults::passage::Way;
use crate::faults::scene::Scene;
use crate::faults::sessions::carrying::altered;
use crate::faults::tampering::{Fate, Mischief};
use crate::functions::messages::is_large;
use cpm_wire::msrp;
use cpm_wire::sip::{Message, Method};
use std::collections::HashSet;

pub(super) const FAULTS: &[Fault] = &[
    Fault::of_function("second-message-in-large-session", "A large message is followed by another one", || {
        Large::boxed(|_, _| Fate::Pass, second)
    }),
    Fault::of_function("does-not-end-the-large-session", "Nobody hears that a large message is over", || {
        Large::boxed(keeps_the_end, |_, _| Fate::Pass)
    }),
    Fault::of_function("alters-a-large-message", "The last octet of a large message is another one", || {
        Large::boxed(|_, _| Fate::Pass, |way, message| if way == Way::Out { altered(message) } else { Fate::Pass })
    }),
    Fault::of_function("loses-a-large-message", "A large message is acknowledged and goes nowhere", || {
        Large::boxed(|_, _| Fate::Pass, loses)
    }),
    Fault::of_function("refuses-large-messages", "A large message is refused", || {
        Large::boxed(refuses, |_, _| Fate::Pass)
    }),
];

/// Does the same to all that belongs to a large message.
struct Large {
    /// The Call-IDs.
    calls: HashSet<String>,
    sip: fn(Way, &Message) -> Fate,
    msrp: fn(Way, &msrp::Message) -> Fate,
}

impl Large {
    fn boxed(sip: fn(Way, &Message) -> Fate, msrp: fn(Way, &msrp::Message) -> Fate) -> Box<dyn Mischief> {
        Box::new(Large { calls: HashSet::new(), sip, msrp })
    }
}

impl Mischief for Large {
    fn sip(&mut self, _: &Scene, way: Way, message: &Message) -> Fate {
        let Some(call_id) = message.call_id() else { return Fate::Pass };
        if begins(message) {
            self.calls.insert(call_id.to_owned());
        }
        if self.calls.contains(call_id) { (self.sip)(way, message) } else { Fate::Pass }
    }

    fn msrp(&mut self, scene: &Scene, way: Way, message: &msrp::Message) -> Fate {
        if answers_own(way, message) {
            return Fate::LOST;
        }
        let of_large = scene.leg_of(way, message).is_some_and(|leg| self.calls.contains(&leg.call_id));
        if of_large { (self.msrp)(way, message) } else { Fate::Pass }
    }
}

/// True for the INVITE of a large message.
fn begins(message: &Message) -> bool {
    message.is_request() && message.method() == Method::Invite && message.to_tag().is_none() && is_large(message)
}

fn second(way: Way, message: &msrp::Message) -> Fate {
    match envelope(message).filter(|_| way == Way::Out) {
        Some(envelope) => copied(message, &renamed(envelope.octets())),
        None => Fate::Pass,
    }
}

fn keeps_the_end(way: Way, message: &Message) -> Fate {
    let ends = way == Way::Out && message.is_request() && message.method() == Method::Bye;
    if ends { Fate::Answered(answer(message, 200)) } else { Fate::Pass }
}

fn loses(way: Way, message: &msrp::Message) -> Fate {
    let says = way == Way::In && message.is(&msrp::Method::Send) && message.body().is_some();
    if says { Fate::Answered(msrp::response(message, 200)) } else { Fate::Pass }
}

fn refuses(way: Way, message: &Message) -> Fate {
    if way == Way::In && begins(message) { Fate::Answered(answer(message, 488)) } else { Fate::Pass }
}
