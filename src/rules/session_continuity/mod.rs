//! Sessions that move between the devices of a user while they go on [PF-DEV-04].
//!
//! By which mechanism a session moves, and how the target comes to terms with the other side, is open. What counts is what
//! the mechanisms have in common: messages go on at the other device, under the same identifiers, and none is lost.

mod delivery;
mod messages;
mod moved;
mod strangers;
#[cfg(test)]
mod tests;

pub use delivery::CompleteAtBoth;
pub use messages::CarriedOver;
pub use moved::{MovedTo, StaysAt};
pub use strangers::StrangerKeptOut;

use super::Named;
use super::findings::outside;
use super::sessions::accord::{is_lost, own_accord};
use super::sessions::attempt::{self, asked, legs, spot};
use super::sessions::{Judged, Unmet, harness, missing, settled, unkept};
use super::{Judgement, RuleEntry};
use crate::story::Story;
use crate::story::legs::{End, Leg, Media};
use crate::target::statement::Statement;

/// Every rule of this function.
pub(super) const CATALOGUE: &[Named] = &[
    Named::new::<MovedTo>(moved::MOVED_TO),
    Named::new::<StaysAt>(moved::STAYS_AT),
    Named::new::<CarriedOver>(messages::CARRIED_OVER),
    Named::new::<StrangerKeptOut>(strangers::STRANGER_KEPT_OUT),
    Named::new::<CompleteAtBoth>(delivery::COMPLETE_AT_BOTH),
];

const DEV_04: Option<&str> = Some("PF-DEV-04");

/// The legs of a session of a user, each side by itself.
struct Sides<'a> {
    story: &'a Story,
    /// Towards the other side, in the order of their invitations.
    network: Vec<&'a Leg>,
    /// Of the devices.
    devices: Vec<&'a Leg>,
}

impl<'a> Sides<'a> {
    fn of(story: &'a Story, session: &'a str, person: &'a str, before: u64) -> Sides<'a> {
        let all = legs(story, session, person).filter(|leg| !leg.merged && leg.invited < before);
        let (devices, network) = all.partition(|leg| leg.end == End::Device);
        Sides { story, network, devices }
    }

    /// The last leg of a device.
    fn last_of(&self, name: &str) -> Option<&'a Leg> {
        self.devices.iter().copied().rfind(|leg| leg.device.as_deref() == Some(name))
    }

    /// The leg of a device that came to be, the last one if there were several.
    fn taken_by(&self, name: &str) -> Option<&'a Leg> {
        let own = self.devices.iter().copied().filter(|leg| leg.device.as_deref() == Some(name));
        own.rev().find(|leg| leg.established())
    }

    /// The BYE with which the target, of its own accord, ended the last leg of the other side.
    fn ended_there(&self) -> Option<u64> {
        let mut ended = self.network.iter().filter(|leg| leg.established()).map(|leg| own_accord(self.story, leg));
        ended.by_ref().collect::<Option<Vec<_>>>()?.into_iter().map(|ending| ending.frame).max()
    }

    /// What was met, if the target had a part in the media, where its statement puts it there (L29).
    fn met(&self, entry: &RuleEntry, statement: &Statement, checks: usize) -> Judgement {
        let path = |media: &Option<Media>| media.as_ref().map(|media| media.session.clone());
        let joined = |one: &Leg, other: &Leg| path(&one.own).is_some() && path(&one.own) == path(&other.target);
        let passes = |leg: &&&Leg| self.network.iter().any(|near| joined(near, leg) || joined(leg, near));
        match self.devices.iter().find(passes).filter(|_| statement.has("media_path", "in")) {
            Some(leg) => {
                let expected = "media_path: in, as the statement says".to_owned();
                let observed = format!("the media of frame {} go past the target", leg.invited);
                Judgement::Broken(outside(entry, "L29", expected, observed, leg.invited))
            }
            None => Judgement::Met { checks },
        }
    }
}
