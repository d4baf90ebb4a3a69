//! Legs of a session of a user with several devices, which the target ended: of its own accord, or because there was
//! nobody left to have a session with.

use super::attempt::legs;
use crate::story::Story;
use crate::story::legs::{End, Ending, Leg};

/// The BYE by which the target ended a leg of its own accord: the device at its end was still there, or where it leads to
/// the network, some device of the user was; and the other side had not hung up.
pub(crate) fn own_accord<'a>(story: &Story, leg: &'a Leg) -> Option<&'a Ending> {
    let ending = leg.ended.as_ref().filter(|ending| ending.by_target)?;
    let (Some(session), Some(person)) = (leg.group.as_deref(), leg.person.as_deref()) else { return Some(ending) };
    let of_session = || legs(story, session, person).filter(|other| other.established());
    let hung_up = |other: &Leg| other.ended.as_ref().is_some_and(|end| !end.by_target && end.frame < ending.frame);
    let was_reason = match leg.end {
        End::Device => {
            let mut network = of_session().filter(|other| other.end == End::Network).peekable();
            is_lost(story, leg, ending.frame) || (network.peek().is_some() && network.all(hung_up))
        }
        End::Network | End::Interworking | End::Client => {
            let there = |other: &Leg| other.alive_at(ending.frame) && !is_lost(story, other, ending.frame);
            !of_session().any(|other| other.end == End::Device && there(other))
        }
    };
    (!was_reason).then_some(ending)
}

/// Whether the device of a leg was lost between its invitation and this frame.
pub(in crate::rules) fn is_lost(story: &Story, leg: &Leg, until: u64) -> bool {
    let (Some(person), Some(device)) = (leg.person.as_deref(), leg.device.as_deref()) else { return false };
    story.cast().losses_of(person, device).iter().any(|loss| (leg.invited..until).contains(loss))
}
