//! Faults in how a session moves. [PF-DEV-04].

use super::place;
use crate::faults::Fault;
use crate::faults::editing::{answer, answers_own, copied, envelope, renamed};
use crate::faults::multi_device::{Call, Calls, asks};
use crate::faults::passage::Way;
use crate::faults::scene::{Scene, Side};
use crate::faults::tampering::{Fate, Mischief};
use cpm_wire::msrp;
use cpm_wire::sip::{Message, Method, Name};
use std::collections::{HashMap, HashSet};

pub(super) const FAULTS: &[Fault] = &[
    Fault::of_function("new-ids-after-the-move", "A session that moves is a new one by its identifiers", || {
        Box::new(NewIds(Calls::default()))
    }),
    Fault::of_function("loses-at-the-move", "What is said first after a move is lost", || {
        First::boxed(|message| Fate::Answered(msrp::response(message, 200)))
    }),
    Fault::of_function(
        "doubles-under-new-ids",
        "What is said first after a move comes again as another message",
        || {
            First::boxed(|message| match envelope(message) {
                Some(envelope) => copied(message, &renamed(envelope.octets())),
                None => Fate::Pass,
            })
        },
    ),
    Fault::of_function("old-device-stays", "A device whose session has moved on is not told", || {
        Box::new(OldStays(Calls::default()))
    }),
    Fault::of_function("drain-forgets-the-rest", "A delivery that moves is over", || {
        Box::new(ForgetsTheRest::default())
    }),
];

/// The identifiers read backwards.
fn renamed_session(message: &Message, call: &Call) -> Fate {
    let backwards = |id: &str| id.chars().rev().collect::<String>();
    let conversation = call.invite.header(&Name::ConversationId).unwrap_or_default();
    let edit = message.edit().set(Name::ContributionId, backwards(&call.contribution));
    Fate::altered(edit.set(Name::ConversationId, backwards(conversation)).finish().octets().clone())
}

struct NewIds(Calls);

impl Mischief for NewIds {
    fn sip(&mut self, scene: &Scene, way: Way, message: &Message) -> Fate {
        self.0.watch(scene, way, message);
        let Some(call) = self.0.of(message).filter(|_| way == Way::Out && message.method() == Method::Invite) else {
            return Fate::Pass;
        };
        let former = place(&self.0, call);
        let calls_on = message.is_request() && message.to_tag().is_none() && call.side == Side::Device;
        let accepts = message.status() == Some(200);
        if let Some(former) = former.filter(|_| calls_on || accepts) {
            return renamed_session(message, former);
        }
        let moves =
            |other: &Call| other.accepted.is_none() && place(&self.0, other).is_some_and(|old| old.is_beside(call));
        let asks = asks(message, Method::Invite) && message.to_tag().is_some() && call.side == Side::Remote;
        match asks && self.0.legs.iter().any(moves) {
            true => renamed_session(message, call),
            false => Fate::Pass,
        }
    }
}

/// Does something to the first that a device gets in whose session another one was.
struct First {
    calls: Calls,
    done: HashSet<String>,
    does: fn(&msrp::Message) -> Fate,
}

impl First {
    fn boxed(does: fn(&msrp::Message) -> Fate) -> Box<dyn Mischief> {
        Box::new(First { calls: Calls::default(), done: HashSet::new(), does })
    }
}

impl Mischief for First {
    fn sip(&mut self, scene: &Scene, way: Way, message: &Message) -> Fate {
        self.calls.watch(scene, way, message);
        Fate::Pass
    }

    fn msrp(&mut self, scene: &Scene, way: Way, message: &msrp::Message) -> Fate {
        if answers_own(way, message) {
            return Fate::LOST;
        }
        let said = way == Way::Out && envelope(message).is_some();
        let call = self.calls.of_media(scene, way, message).filter(|_| said);
        let moved = call.filter(|call| call.side == Side::Device && place(&self.calls, call).is_some());
        match moved.is_some_and(|call| self.done.insert(call.call_id.clone())) {
            true => (self.does)(message),
            false => Fate::Pass,
        }
    }
}

struct OldStays(Calls);

impl Mischief for OldStays {
    fn sip(&mut self, scene: &Scene, way: Way, message: &Message) -> Fate {
        let ends = way == Way::Out && asks(message, Method::Bye);
        let moved = |old: &&Call| {
            let mut others = self.0.legs.iter().filter(|other| other.accepted.is_some());
            others.any(|other| place(&self.0, other).is_some_and(|place| place.call_id == old.call_id))
        };
        let old = self.0.of(message).filter(|old| ends && old.side == Side::Device).filter(moved);
        if old.is_some() {
            return Fate::Answered(answer(message, 200));
        }
        self.0.watch(scene, way, message);
        Fate::Pass
    }
}

/// The legs to devices, by group chat and in their order.
#[derive(Default)]
struct ForgetsTheRest(HashMap<(String, String), Vec<String>>);

impl Mischief for ForgetsTheRest {
    fn msrp(&mut self, scene: &Scene, way: Way, message: &msrp::Message) -> Fate {
        let Some(leg) = scene.leg_of(way, message).filter(|leg| leg.side == Side::Device) else { return Fate::Pass };
        if way == Way::In || envelope(message).is_none() {
            return Fate::Pass;
        }
        let legs = self.0.entry((leg.user.clone(), leg.contribution.clone())).or_default();
        if !legs.contains(&leg.call_id) {
            legs.push(leg.call_id.clone());
        }
        match legs.first() == Some(&leg.call_id) {
            true => Fate::Pass,
            false => Fate::Answered(msrp::response(message, 200)),
        }
    }
}
