//! Faults with sessions that move from one device of a user to another. [PF-DEV-04].

mod moving;
mod staying;

use super::Fault;
use super::multi_device::{Call, Calls};
use super::passage::Way;
use super::scene::Side;
use cpm_wire::sip::{Message, Method, Name};

pub(super) const FAULTS: &[&[Fault]] = &[moving::FAULTS, staying::FAULTS];

/// The device whose place this leg is to take: that which it names, or that of the same session which stood before.
fn place<'a>(calls: &'a Calls, call: &'a Call) -> Option<&'a Call> {
    let named = call.invite.tokenized(&Name::Replaces).next().map(|replaces| replaces.value.trim().to_owned());
    // Those who were called together take nobody's place.
    let earlier = |other: &&Call| calls.began_after(call, other);
    match named {
        Some(named) => calls.legs.iter().find(|other| other.call_id == named),
        None if call.side == Side::Device => {
            let mut standing = calls.legs.iter().filter(earlier);
            standing.find(|other| {
                let same_user = call.way == Way::In || other.user == call.user;
                other.side == Side::Device && other.contribution == call.contribution && same_user
            })
        }
        None => None,
    }
}

/// True for a final answer to an INVITE that is no success.
fn refuses(message: &Message) -> bool {
    message.method() == Method::Invite && message.status().is_some_and(|status| status >= 300)
}
