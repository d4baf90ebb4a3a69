//! What the ledger puts up with in storing, or leaves open. [CPM-CONV-058]

use super::content::going_to_device;
use super::sent::{answers_repeated, with_status};
use crate::faults::Fault;
use crate::faults::passage::Way;
use crate::faults::scene::{Scene, Side};
use crate::faults::tampering::{Fate, Mischief};
use cpm_wire::{msrp, sip};
use std::collections::HashSet;

pub(in crate::faults) const FAULTS: &[Fault] = &[
    Fault::of_function("delivers-after-declining", "It is stored for who declined, and delivered later", || {
        Box::new(DeliversAfterDeclining)
    }),
    Fault::of_function("accepts-with-202", "An invitation for an absent user is answered 202", || {
        Box::new(AcceptsWith202)
    }),
    Fault::of_function("doubles-at-the-seam", "A message is delivered twice under one message id", || {
        Box::new(DoublesAtTheSeam::default())
    }),
];

/// Takes a decline for an absence.
struct DeliversAfterDeclining;

impl Mischief for DeliversAfterDeclining {
    fn sip(&mut self, scene: &Scene, way: Way, message: &sip::Message) -> Fate {
        let of_device = scene.leg(message).is_some_and(|leg| leg.side == Side::Device && leg.of_group);
        let declines = way == Way::In && of_device && message.status() == Some(603);
        let absence = with_status(message, 480).filter(|_| declines);
        absence.map_or(Fate::Pass, Fate::altered)
    }
}

/// Says that it has merely taken the invitation, and stands in.
struct AcceptsWith202;

impl Mischief for AcceptsWith202 {
    fn sip(&mut self, scene: &Scene, way: Way, message: &sip::Message) -> Fate {
        let for_absent = scene.leg(message).is_some_and(|leg| leg.side == Side::Remote && !leg.registered);
        let accepts = way == Way::Out && message.status() == Some(200) && message.method() == sip::Method::Invite;
        let accepted = with_status(message, 202).filter(|_| for_absent && accepts);
        accepted.map_or(Fate::Pass, Fate::altered)
    }
}

/// The calls in which something was doubled.
#[derive(Default)]
struct DoublesAtTheSeam(HashSet<String>);

impl Mischief for DoublesAtTheSeam {
    fn msrp(&mut self, scene: &Scene, way: Way, message: &msrp::Message) -> Fate {
        if way == Way::In && answers_repeated(message) {
            return Fate::LOST;
        }
        let Some((sent, _)) = going_to_device(scene, way, message) else { return Fate::Pass };
        let is_first = scene.leg_of(way, message).is_some_and(|leg| leg.of_group && self.0.insert(leg.call_id.clone()));
        if is_first { Fate::Instead(vec![sent.octets(), sent.again().octets()]) } else { Fate::Pass }
    }
}
