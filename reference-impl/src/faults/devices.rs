//! Faults with the devices of a user. [CPM-CONV-058a]

use super::editing::{answer, answers_own, own_send};
use super::missed::{Chat, chat, item};
use super::passage::Way;
use super::scene::{Leg, Scene, Side};
use super::tampering::{Fate, Mischief};
use super::{Fault, Role};
use bytes::Bytes;
use cpm_wire::sip::{Method, Name};
use cpm_wire::{msrp, sip};
use std::collections::{HashMap, HashSet};

pub(super) const FAULTS: &[Fault] = &[
    Fault {
        id: "delivers-to-a-device-that-cannot-chat",
        role: Role::ParticipatingFunction,
        what: "Every device that registers is taken for one that can chat",
        make: || Box::new(MindsNoTag),
    },
    Fault {
        id: "two-streams-at-a-crossing",
        role: Role::ParticipatingFunction,
        what: "A device that comes back while it is being invited gets all in both sessions",
        make: || Box::new(TwoStreams::default()),
    },
];

struct MindsNoTag;

impl Mischief for MindsNoTag {
    fn sip(&mut self, _scene: &Scene, way: Way, message: &sip::Message) -> Fate {
        let body = String::from_utf8_lossy(message.body());
        let registers = way == Way::In && message.is_request() && message.method() == Method::Register;
        if !registers || !body.contains(";expires=") || body.contains("+g.3gpp.icsi-ref") {
            return Fate::Pass;
        }
        let tag = ";+g.3gpp.icsi-ref=\"urn%3Aurn-7%3A3gpp-service.ims.icsi.oma.cpm.session.group\";expires=";
        let content_type = message.header(&Name::ContentType).unwrap_or_default();
        let edited = message.edit().body(content_type, Bytes::from(body.replace(";expires=", tag)));
        Fate::altered(edited.finish().octets().clone())
    }
}

#[derive(Default)]
struct TwoStreams {
    /// What has come for each chat.
    come: HashMap<Chat, Vec<Bytes>>,
    /// The chats that a device has called by itself.
    called: HashSet<Chat>,
    /// The calls that the element ended and the fault keeps.
    kept: HashSet<String>,
}

impl TwoStreams {
    fn keeps(&self, leg: &Leg) -> bool {
        self.kept.contains(&leg.call_id)
    }

    /// The device is invited for what it has called for by itself.
    fn crosses(&self, leg: &Leg) -> bool {
        leg.of_group && leg.invited && self.called.contains(&chat(leg))
    }

    /// The answer to what the device begins with, and all that has come for the chat.
    fn stream(&self, leg: &Leg, first: &msrp::Message) -> Bytes {
        let answer = msrp::response(first, 200);
        let Ok(Some(on)) = msrp_of(&answer) else { return answer };
        let come = self.come.get(&chat(leg)).into_iter().flatten().enumerate();
        let sends = come.map(|(n, octets)| own_send(&on, &format!("second{n}"), octets));
        Bytes::from([answer.clone()].into_iter().chain(sends).collect::<Vec<_>>().concat())
    }
}

/// The message in these octets.
fn msrp_of(octets: &Bytes) -> Result<Option<msrp::Message>, ()> {
    let mut framer = msrp::Framer::default();
    framer.push(octets.clone());
    framer.next().transpose().map_err(drop)
}

impl Mischief for TwoStreams {
    fn sip(&mut self, scene: &Scene, way: Way, message: &sip::Message) -> Fate {
        let Some(leg) = scene.leg(message).filter(|leg| leg.side == Side::Device) else { return Fate::Pass };
        if way == Way::In && message.is_request() && message.method() == Method::Invite && !leg.invited {
            self.called.insert(chat(leg));
        }
        let bye = message.is_request() && message.method() == Method::Bye;
        if bye && way == Way::Out && self.crosses(leg) {
            self.kept.insert(leg.call_id.clone());
            return Fate::Answered(answer(message, 200));
        }
        if bye && way == Way::In && self.keeps(leg) {
            return Fate::Answered(answer(message, 200));
        }
        if bye && !leg.invited {
            self.called.remove(&chat(leg));
        }
        Fate::Pass
    }

    fn msrp(&mut self, scene: &Scene, way: Way, message: &msrp::Message) -> Fate {
        let leg = scene.leg_of(way, message);
        if answers_own(way, message) {
            return Fate::LOST;
        }
        let begins = message.body().is_none();
        let double = |leg: &&Leg| way == Way::In && (self.keeps(leg) || begins && self.crosses(leg));
        if let Some(leg) = leg.filter(double) {
            let answer = if begins { self.stream(leg, message) } else { msrp::response(message, 200) };
            return Fate::Answered(answer);
        }
        let come = item(scene, way, message).filter(|item| way == Way::In && item.leg.side == Side::Remote);
        if let Some(item) = come {
            self.come.entry(chat(item.leg)).or_default().push(item.envelope.octets().clone());
        }
        Fate::Pass
    }
}
