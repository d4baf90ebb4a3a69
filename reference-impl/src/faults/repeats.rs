//! Faults in how often and in which order messages are delivered. [CPM-CONV-058a]

use super::editing::{answers_own, copied, own_send, renamed};
use super::missed::{Chat, Missed, chat, delivered};
use super::passage::Way;
use super::scene::{Scene, Side};
use super::tampering::{Fate, Mischief};
use super::{Fault, Role};
use bytes::Bytes;
use cpm_wire::sip::Method;
use cpm_wire::{msrp, sip};
use std::collections::{HashMap, HashSet};
use std::time::Duration;

pub(super) const FAULTS: &[Fault] = &[
    Fault {
        id: "delivers-all-again-under-new-ids",
        role: Role::ParticipatingFunction,
        what: "The next session with a device brings what it has once more, as new messages",
        make: || Box::new(DeliversAgain::default()),
    },
    Fault {
        id: "delivers-all-again",
        role: Role::ParticipatingFunction,
        what: "The next session with a device brings what it has once more, as the same messages",
        make: || Box::new(DeliversAgain { same: true, ..DeliversAgain::default() }),
    },
    Fault {
        id: "delivers-twice-under-new-ids",
        role: Role::ParticipatingFunction,
        what: "Every delivered message comes a second time as a new one",
        make: || Box::new(DeliversTwice),
    },
    Fault {
        id: "doubles-an-item",
        role: Role::ParticipatingFunction,
        what: "The first message that a session brings comes a second time as the same one",
        make: || Box::new(DoublesTheFirst::default()),
    },
    Fault {
        id: "free-order",
        role: Role::ParticipatingFunction,
        what: "The oldest of three messages or more comes after the second",
        make: || Box::new(FreeOrder::default()),
    },
];

/// What one device has got of a chat: by which call, and the octets of each message.
type Got = Vec<(String, Bytes)>;

#[derive(Default)]
struct DeliversAgain {
    same: bool,
    got: HashMap<(Chat, String), Got>,
    repeated: HashSet<String>,
}

impl DeliversAgain {
    fn copies(&self, got: &Got, on: &msrp::Message) -> Vec<(Duration, Bytes)> {
        let copies = got.iter().enumerate().map(|(n, (_, octets))| {
            let body = if self.same { octets.to_vec() } else { renamed(octets) };
            (Duration::from_millis(5), own_send(on, &format!("again{n}"), &body))
        });
        copies.collect()
    }
}

impl Mischief for DeliversAgain {
    fn msrp(&mut self, scene: &Scene, way: Way, message: &msrp::Message) -> Fate {
        if answers_own(way, message) {
            return Fate::LOST;
        }
        let Some(leg) = scene.leg_of(way, message).filter(|leg| way == Way::Out && leg.side == Side::Device) else {
            return Fate::Pass;
        };
        let known = self.got.entry((chat(leg), leg.target.clone())).or_default();
        let earlier: Got = known.iter().filter(|(call_id, _)| *call_id != leg.call_id).cloned().collect();
        if let Some(item) = delivered(scene, way, message).filter(|item| !item.is_notification) {
            known.push((leg.call_id.clone(), item.envelope.octets().clone()));
        }
        let begins = !earlier.is_empty() && self.repeated.insert(leg.call_id.clone());
        if begins { Fate::Followed(self.copies(&earlier, message)) } else { Fate::Pass }
    }
}

struct DeliversTwice;

impl Mischief for DeliversTwice {
    fn msrp(&mut self, scene: &Scene, way: Way, message: &msrp::Message) -> Fate {
        if answers_own(way, message) {
            return Fate::LOST;
        }
        match delivered(scene, way, message).filter(|item| !item.is_notification) {
            Some(item) => copied(message, &renamed(item.envelope.octets())),
            None => Fate::Pass,
        }
    }
}

#[derive(Default)]
struct DoublesTheFirst {
    begun: HashSet<String>,
}

impl Mischief for DoublesTheFirst {
    fn msrp(&mut self, scene: &Scene, way: Way, message: &msrp::Message) -> Fate {
        if answers_own(way, message) {
            return Fate::LOST;
        }
        // What comes in parts is no item yet.
        let whole = message.flag == msrp::Flag::Complete;
        match delivered(scene, way, message).filter(|item| whole && !item.is_notification) {
            Some(item) if self.begun.insert(item.leg.call_id.clone()) => copied(message, item.envelope.octets()),
            _ => Fate::Pass,
        }
    }
}

#[derive(Default)]
struct FreeOrder {
    missed: Missed,
    held: HashMap<Chat, Bytes>,
    begun: HashSet<String>,
    /// The chats that a device has called for by itself: a delivery that crosses with that ends in the middle.
    called: HashSet<Chat>,
}

impl Mischief for FreeOrder {
    fn sip(&mut self, scene: &Scene, way: Way, message: &sip::Message) -> Fate {
        let calls = way == Way::In && message.is_request() && message.method() == Method::Invite;
        let leg = scene.leg(message).filter(|leg| calls && leg.side == Side::Device && !leg.invited);
        self.called.extend(leg.map(chat));
        Fate::Pass
    }

    fn msrp(&mut self, scene: &Scene, way: Way, message: &msrp::Message) -> Fate {
        if answers_own(way, message) {
            return Fate::LOST;
        }
        let Some(item) = delivered(scene, way, message).filter(|item| !item.is_notification) else {
            self.missed.watch(scene, way, message);
            return Fate::Pass;
        };
        self.missed.watch(scene, way, message);
        let chat = chat(item.leg);
        if let Some(held) = self.held.remove(&chat) {
            return copied(message, &held);
        }
        let alone = !self.called.contains(&chat);
        if alone && self.missed.of(&chat).len() > 1 && self.begun.insert(item.leg.call_id.clone()) {
            self.held.insert(chat, item.envelope.octets().clone());
            return Fate::Answered(msrp::response(message, 200));
        }
        Fate::Pass
    }
}
