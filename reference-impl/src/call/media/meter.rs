//! How much is said in the sessions of an owner, for whom that is charged: whatever comes from a peer counts once.

use crate::call::Owner;
use cpm_wire::msrp::{Flag, Kind, Message, Method};
use std::collections::{HashMap, VecDeque};

/// How much was said.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Volume {
    /// Octets of content.
    pub octets: u64,
    /// Whole messages.
    pub messages: u64,
}

#[derive(Debug, Default)]
struct Meter {
    volume: Volume,
    /// When the octets, or the messages, come to as many, that is told.
    octets: Option<u64>,
    messages: Option<u64>,
}

/// The owners whose sessions are counted.
#[derive(Debug, Default)]
pub(super) struct Meters {
    of: HashMap<Owner, Meter>,
    reached: VecDeque<Owner>,
}

impl Meters {
    /// A request comes from a peer in a session of this owner.
    pub(super) fn count(&mut self, owner: Owner, message: &Message) {
        let Some(meter) = self.of.get_mut(&owner) else { return };
        let (Kind::Request { method: Method::Send }, Some(range)) = (&message.kind, message.body_range()) else {
            return;
        };
        meter.volume.octets += u64::try_from(range.len()).unwrap_or(u64::MAX);
        meter.volume.messages += u64::from(message.flag == Flag::Complete);
        let Volume { octets, messages } = meter.volume;
        if meter.octets.is_some_and(|most| octets >= most) || meter.messages.is_some_and(|most| messages >= most) {
            (meter.octets, meter.messages) = (None, None);
            self.reached.push_back(owner);
        }
    }
}

impl super::Media {
    /// Counts what is said in the sessions of an owner from now on.
    pub fn meter(&mut self, owner: Owner) {
        self.meters.of.entry(owner).or_default();
    }

    /// Counts no more.
    pub fn meter_no_more(&mut self, owner: Owner) {
        self.meters.of.remove(&owner);
    }

    /// How much was said since it is counted.
    pub fn volume(&self, owner: Owner) -> Volume {
        self.meters.of.get(&owner).map(|meter| meter.volume).unwrap_or_default()
    }

    /// Wants to know when as many octets, or messages, have been said in all; [`super::Media::poll_reached`] tells once.
    pub fn tell_at(&mut self, owner: Owner, octets: Option<u64>, messages: Option<u64>) {
        if let Some(meter) = self.meters.of.get_mut(&owner) {
            (meter.octets, meter.messages) = (octets, messages);
        }
    }

    /// The next owner of whose sessions as much was said as was to be told.
    pub fn poll_reached(&mut self) -> Option<Owner> {
        self.meters.reached.pop_front()
    }
}
