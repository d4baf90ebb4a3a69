//! Faults in delivering the messages that a user missed: when, whether and how often. [CPM-CONV-058a]

use super::editing::{answer, call};
use super::missed::{Chat, Missed, chat, delivered, item};
use super::passage::Way;
use super::scene::{Scene, Side};
use super::tampering::{Fate, Mischief};
use super::{Fault, Role};
use crate::config::Config;
use bytes::Bytes;
use cpm_wire::sip::{Method, Name, identity_key};
use cpm_wire::{msrp, sip};
use std::collections::{HashMap, HashSet};
use std::time::Duration;

pub(super) const FAULTS: &[Fault] = &[
    Fault {
        id: "loses-the-last-message",
        role: Role::ParticipatingFunction,
        what: "The newest of the messages that wait when a delivery begins is never sent",
        make: || Box::new(LosesTheLast::default()),
    },
    Fault {
        id: "drains-before-anyone-can-be-reached",
        role: Role::ParticipatingFunction,
        what: "Content that comes for an absent user sets off its delivery",
        make: || Box::new(DrainsTooSoon::default()),
    },
    Fault {
        id: "drains-at-a-farewell",
        role: Role::ParticipatingFunction,
        what: "A deregistration is taken for a registration",
        make: || Box::new(DrainsAtAFarewell),
    },
    Fault {
        id: "gives-up-after-one-refusal",
        role: Role::ParticipatingFunction,
        what: "A chat whose delivery was refused once is never offered again",
        make: || Box::new(GivesUp::default()),
    },
    Fault {
        id: "never-stops-trying",
        role: Role::ParticipatingFunction,
        what: "A refused delivery is tried again and again at once",
        make: || Box::new(NeverStopsTrying),
    },
    Fault {
        id: "forgets-the-rest-after-a-break",
        role: Role::ParticipatingFunction,
        what: "What a broken delivery had not brought is gone at the next one",
        make: || Box::new(ForgetsTheRest::default()),
    },
    Fault {
        id: "loses-a-live-message-amid-the-delivery",
        role: Role::ParticipatingFunction,
        what: "A message that comes while older ones are being delivered is acknowledged and thrown away",
        make: || Box::new(LosesALiveOne::default()),
    },
    Fault {
        id: "delivers-late",
        role: Role::ParticipatingFunction,
        what: "The first registration of a user for whom something waits is overlooked",
        make: || Box::new(DeliversLate::default()),
    },
    Fault {
        id: "delivers-the-expired",
        role: Role::ParticipatingFunction,
        what: "What outlived its storage time is delivered all the same",
        make: || Box::new(DeliversTheExpired),
    },
];

#[derive(Default)]
struct LosesTheLast {
    missed: Missed,
    newest: HashMap<Chat, String>,
}

impl Mischief for LosesTheLast {
    fn sip(&mut self, scene: &Scene, way: Way, message: &sip::Message) -> Fate {
        let newest = call(scene, way, message).and_then(|leg| Some((chat(leg), self.missed.of(&chat(leg)).last()?)));
        if let Some((chat, newest)) = newest {
            self.newest.insert(chat, newest.clone());
        }
        Fate::Pass
    }

    fn msrp(&mut self, scene: &Scene, way: Way, message: &msrp::Message) -> Fate {
        self.missed.watch(scene, way, message);
        match delivered(scene, way, message) {
            Some(item) if self.newest.get(&chat(item.leg)) == Some(&item.id) => {
                Fate::Answered(msrp::response(message, 200))
            }
            _ => Fate::Pass,
        }
    }
}

/// A registration that no serving CSCF told of.
#[derive(Default)]
struct DrainsTooSoon {
    done: HashSet<String>,
}

impl DrainsTooSoon {
    const CALL: &'static str = "of-the-function-itself";

    fn registration(ack: &sip::Message, user: &str) -> Option<Bytes> {
        let via = ack.header(&Name::Via)?.replace("branch=z9hG4bK", "branch=z9hG4bKown");
        let register = sip::Builder::request(Method::Register, ack.request_uri()?)
            .header(Name::Via, via)
            .header(Name::MaxForwards, 70)
            .header(Name::From, "<sip:127.0.0.1>;tag=own")
            .header(Name::To, format!("<{user}>"))
            .header(Name::CallId, DrainsTooSoon::CALL)
            .header(Name::CSeq, "1 REGISTER")
            .header(Name::Expires, 600);
        Some(register.build().octets().clone())
    }
}

impl Mischief for DrainsTooSoon {
    fn sip(&mut self, scene: &Scene, way: Way, message: &sip::Message) -> Fate {
        if way == Way::Out && message.call_id() == Some(DrainsTooSoon::CALL) {
            return Fate::LOST;
        }
        let stands_in = scene.leg(message).filter(|leg| leg.side == Side::Remote && !leg.invited && !leg.registered);
        let Some(leg) = stands_in.filter(|_| way == Way::In && message.method() == Method::Ack) else {
            return Fate::Pass;
        };
        let first = self.done.insert(leg.user.clone());
        match DrainsTooSoon::registration(message, &leg.user).filter(|_| first) {
            Some(register) => Fate::Followed(vec![(Duration::from_millis(20), register)]),
            None => Fate::Pass,
        }
    }
}

struct DrainsAtAFarewell;

impl Mischief for DrainsAtAFarewell {
    fn sip(&mut self, _scene: &Scene, way: Way, message: &sip::Message) -> Fate {
        let farewell = message.method() == Method::Register && message.expires() == Some(0);
        if way == Way::Out || !message.is_request() || !farewell {
            return Fate::Pass;
        }
        let body = String::from_utf8_lossy(message.body()).replace(";expires=0", ";expires=600");
        let content_type = message.header(&Name::ContentType).unwrap_or_default();
        let edited = message.edit().set(Name::Expires, 600).body(content_type, Bytes::from(body));
        Fate::altered(edited.finish().octets().clone())
    }
}

#[derive(Default)]
struct GivesUp {
    refused: HashSet<Chat>,
    unheard: HashSet<String>,
}

impl Mischief for GivesUp {
    fn sip(&mut self, scene: &Scene, way: Way, message: &sip::Message) -> Fate {
        if let Some(leg) = call(scene, way, message).filter(|leg| self.refused.contains(&chat(leg))) {
            self.unheard.insert(leg.call_id.clone());
            return Fate::Answered(answer(message, 480));
        }
        let Some(leg) = scene.leg(message).filter(|leg| leg.side == Side::Device && leg.invited) else {
            return Fate::Pass;
        };
        if way == Way::In && message.status().is_some_and(|status| status >= 400) {
            self.refused.insert(chat(leg));
        }
        if self.unheard.contains(&leg.call_id) { Fate::LOST } else { Fate::Pass }
    }
}

struct NeverStopsTrying;

impl Mischief for NeverStopsTrying {
    fn configure(&self, config: &mut Config) {
        config.drain_retries = 1000;
        config.retry = Duration::from_millis(1);
    }
}

#[derive(Default)]
struct ForgetsTheRest {
    missed: Missed,
    /// What the first delivery to a device was to bring, and by which call.
    first: HashMap<(Chat, String), (String, HashSet<String>)>,
}

impl Mischief for ForgetsTheRest {
    fn msrp(&mut self, scene: &Scene, way: Way, message: &msrp::Message) -> Fate {
        let Some(item) = delivered(scene, way, message).filter(|item| !item.is_notification) else {
            self.missed.watch(scene, way, message);
            return Fate::Pass;
        };
        let waiting = || self.missed.of(&chat(item.leg)).iter().cloned().collect();
        let begun = self.first.entry((chat(item.leg), item.leg.target.clone()));
        let (call_id, meant) = begun.or_insert_with(|| (item.leg.call_id.clone(), waiting()));
        let forgotten = *call_id != item.leg.call_id && meant.contains(&item.id);
        self.missed.watch(scene, way, message);
        if forgotten { Fate::Answered(msrp::response(message, 200)) } else { Fate::Pass }
    }
}

#[derive(Default)]
struct LosesALiveOne {
    missed: Missed,
    delivering: HashSet<Chat>,
}

impl Mischief for LosesALiveOne {
    fn msrp(&mut self, scene: &Scene, way: Way, message: &msrp::Message) -> Fate {
        let waits = |chat: &Chat| !self.missed.of(chat).is_empty();
        let live = item(scene, way, message).filter(|item| way == Way::In && item.leg.side == Side::Remote);
        let lost = live.is_some_and(|live| {
            !live.is_notification && waits(&chat(live.leg)) && self.delivering.remove(&chat(live.leg))
        });
        if lost {
            return Fate::Answered(msrp::response(message, 200));
        }
        if let Some(item) = delivered(scene, way, message) {
            self.delivering.insert(chat(item.leg));
        }
        self.missed.watch(scene, way, message);
        Fate::Pass
    }
}

#[derive(Default)]
struct DeliversLate {
    missed: Missed,
    overlooked: HashSet<String>,
}

impl Mischief for DeliversLate {
    fn sip(&mut self, _scene: &Scene, way: Way, message: &sip::Message) -> Fate {
        let registers = message.is_request() && message.method() == Method::Register && message.expires() != Some(0);
        let Some(user) = message.to().ok().map(|to| identity_key(to.uri)).filter(|_| way == Way::In && registers)
        else {
            return Fate::Pass;
        };
        let waits = self.missed.chats(&user).next().is_some();
        if waits && self.overlooked.insert(user) { Fate::Answered(answer(message, 200)) } else { Fate::Pass }
    }

    fn msrp(&mut self, scene: &Scene, way: Way, message: &msrp::Message) -> Fate {
        self.missed.watch(scene, way, message);
        Fate::Pass
    }
}

struct DeliversTheExpired;

impl Mischief for DeliversTheExpired {
    fn configure(&self, config: &mut Config) {
        config.retention = None;
        config.policies.values_mut().for_each(|policy| policy.retention = None);
    }
}
