//! What is asked of sessions that went from one device of a user to another.

use super::call::{Call, UNPROVEN};
use super::messages::Said;
use super::table::{Asked, Question};
use crate::rules::session_continuity::{CarriedOver, MovedTo};
use crate::rules::sessions::attempt::legs;
use crate::story::legs::{End, Leg};

pub(super) const ASKED: &[Asked] = &[
    Asked {
        rule: "session_continuity.moved_to",
        needs: "a device that took a session over from another",
        of: moved_to,
    },
    Asked { rule: "session_continuity.carried_over", needs: "a message in a session that moved", of: carried_over },
];

/// The legs of a user's devices that came to be, in order.
fn at_devices<'a>(call: &Call<'a>) -> Vec<&'a Leg> {
    let own = legs(call.story, call.session, call.person);
    own.filter(|leg| leg.end == End::Device && leg.established() && !leg.merged).collect()
}

fn moved_to(call: &Call<'_>) -> Vec<Question> {
    let devices = at_devices(call);
    let [before, there] = devices.as_slice() else { return Vec::new() };
    let (Some(from), Some(to), Some(answer)) = (before.device.clone(), there.device.clone(), there.answer) else {
        return Vec::new();
    };
    let stood = before.answer.is_some_and(|answer| answer.frame < there.invited) && before.alive_at(there.invited);
    let referred = call.story.referrals().iter().any(|referral| {
        let of_session =
            referral.group.as_deref() == Some(call.session) && referral.person.as_deref() == Some(call.person);
        of_session && !referral.by_target && !referral.out && (before.invited..there.invited).contains(&referral.frame)
    });
    // A device that comes by itself names the session as it likes.
    let came =
        !there.by_target && before.conversation == there.conversation && before.contribution == there.contribution;
    let (session, person) = call.own();
    let moved = from != to && stood && (came || there.by_target && referred);
    if !moved {
        return Vec::new();
    }
    // Where several devices may be in one session, the first may have stayed on purpose.
    let joined = call.statement.has("device_mode", "all_joined").then(|| UNPROVEN.to_owned());
    let open = joined.or_else(|| call.open_since(answer.frame));
    vec![Question::new(MovedTo { session, person, from, to }, open)]
}

fn carried_over(call: &Call<'_>) -> Vec<Question> {
    let stood = |end: End| legs(call.story, call.session, call.person).any(|leg| leg.end == end && leg.established());
    if call.is_plain() || !stood(End::Network) || !stood(End::Device) {
        return Vec::new();
    }
    let ask = |said: Said<'_>| {
        let (session, person) = call.own();
        Question::seen(CarriedOver { session, person, label: said.id.to_owned(), device: None })
    };
    call.said().into_iter().map(ask).collect()
}
