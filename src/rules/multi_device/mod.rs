//! Several devices of one user: who is called, whose answer counts, whom a change reaches, who is in a session together, who
//! gets a message, who is told of what waits [PF-DEV-01], [PF-DEV-02], [PF-DEV-03], [PF-DEV-05].
//!
//! The target may send an invitation for each device, or one that the serving CSCF forks; it may be a back-to-back agent or
//! a proxy. What a device had no part in says nothing of the target.

mod answers;
mod calling;
mod changing;
mod joined;
mod leaving;
mod messages;
mod shown;
#[cfg(test)]
mod tests;
mod turns;
mod waiting;

pub use answers::{BestAnswer, DeclinedForUser, SucceedsAt};
pub use calling::{OfferedToAll, OneAcceptance, WhoStaysTakesPart};
pub use changing::{ChangeReachesAll, ChangeReachesOnly};
pub use joined::{AllJoined, OnlyThere, ReachesAll};
pub use leaving::NothingAfterLeaving;
pub use messages::{Copied, CopiedInSpite, MessageOnlyThere, ReportedByDevices};
pub use shown::ShownOnce;
pub use turns::CalledInTurn;
pub use waiting::{EachTold, NotTold};

use super::Named;
use super::sessions::accord::own_accord;
use super::sessions::attempt::{self, Attempt};
use super::sessions::{Judged, Unmet, harness, missing, settled, unkept};
use crate::story::legs::{End, Leg};
use crate::story::{Item, Story};

/// Every rule of this function.
pub(super) const CATALOGUE: &[Named] = &[
    Named::new::<OfferedToAll>(calling::OFFERED_TO_ALL),
    Named::new::<OneAcceptance>(calling::ONE_ACCEPTANCE),
    Named::new::<WhoStaysTakesPart>(calling::WHO_STAYS_TAKES_PART),
    Named::new::<SucceedsAt>(answers::SUCCEEDS_AT),
    Named::new::<BestAnswer>(answers::BEST_ANSWER),
    Named::new::<DeclinedForUser>(answers::DECLINED_FOR_USER),
    Named::new::<ChangeReachesOnly>(changing::CHANGE_REACHES_ONLY),
    Named::new::<ChangeReachesAll>(changing::CHANGE_REACHES_ALL),
    Named::new::<CalledInTurn>(turns::CALLED_IN_TURN),
    Named::new::<AllJoined>(joined::ALL_JOINED),
    Named::new::<ReachesAll>(joined::REACHES_ALL),
    Named::new::<OnlyThere>(joined::ONLY_THERE),
    Named::new::<NothingAfterLeaving>(leaving::NOTHING_AFTER_LEAVING),
    Named::new::<ShownOnce>(shown::SHOWN_ONCE),
    Named::new::<EachTold>(waiting::EACH_TOLD),
    Named::new::<NotTold>(waiting::NOT_TOLD),
    Named::new::<Copied>(messages::COPIED),
    Named::new::<CopiedInSpite>(messages::COPIED_IN_SPITE),
    Named::new::<MessageOnlyThere>(messages::MESSAGE_ONLY_THERE),
    Named::new::<ReportedByDevices>(messages::REPORTED_BY_DEVICES),
];

const DEV_01: Option<&str> = Some("PF-DEV-01");
const DEV_03: Option<&str> = Some("PF-DEV-03");
const DEV_05: Option<&str> = Some("PF-DEV-05");

/// The name of a device, for a finding.
fn device(leg: &Leg) -> &str {
    leg.device.as_deref().unwrap_or("a device that nobody knows")
}

/// Whether the target told a device that a session which it had accepted is over for it.
fn let_go(story: &Story, leg: &Leg) -> bool {
    own_accord(story, leg).is_some()
}

/// Whether a leg stood in a frame.
fn stood_at(leg: &Leg, frame: u64) -> bool {
    leg.answer.is_some_and(|answer| answer.is_success() && answer.frame < frame) && leg.alive_at(frame)
}

/// The frame in which the caller was told that the call is accepted.
fn accepted(attempt: &Attempt<'_>) -> Option<u64> {
    attempt.calling.answer.filter(|answer| answer.is_success()).map(|answer| answer.frame)
}

/// Whether a device of the user was lost before this leg was opened: then the session may look for another.
fn after_loss(attempt: &Attempt<'_>, leg: &Leg) -> bool {
    let lost = attempt.calling.person.as_deref().map(|person| attempt.story.cast().losses(person)).unwrap_or_default();
    lost.iter().any(|loss| (attempt.calling.invited..leg.invited).contains(loss))
}

/// The legs of the call to this device.
fn to_device<'a>(attempt: &Attempt<'a>, name: &str) -> Vec<&'a Leg> {
    let is_it = |leg: &&Leg| leg.end == End::Device && leg.device.as_deref() == Some(name);
    attempt.called.iter().copied().filter(is_it).collect()
}

/// What was said under this name in a session, as it was sent; the last, if it was said several times.
fn said<'a>(story: &'a Story, session: &str, label: &str) -> Result<&'a Item, Unmet> {
    let ids: Vec<&str> = story.cast().called_in(session, label).collect();
    let own = |item: &&Item| item.group.as_deref() == Some(session) && attempt::onward(item.flow).is_some();
    let sent =
        story.items().iter().filter(own).filter(|item| item.chat_id().is_some_and(|id| ids.contains(&id))).last();
    sent.ok_or_else(|| harness(format!("\"{label}\" was not said in \"{session}\"")))
}
