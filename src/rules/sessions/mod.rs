//! Sessions of a served user: set up, changed and ended through the function, several at a time [PF-SES-01],
//! [PF-SES-02], [PF-SES-06], [PF-SES-07].
//!
//! What happens on one side of the function is compared with what happens on the other. A back-to-back agent and a
//! proxy are both legal, so that nothing is asked of names that belong to a leg.

pub(crate) mod accord;
pub(crate) mod attempt;
mod changes;
mod endings;
mod established;
mod messages;
mod on_behalf;
mod refusals;
mod several;
#[cfg(test)]
pub(in crate::rules) mod tests;
mod timers;
mod wrong_calls;

pub use changes::{ChangeCarried, ChangeRefused, SettledAfterGlare};
pub use endings::{CallWithdrawn, EndedOnBothSides, Released};
pub use established::Established;
pub use messages::{Carried, NotCarried};
pub use on_behalf::OnBehalf;
pub use refusals::{NotEstablished, RefusalCarried};
pub use several::{KeptApart, LimitKept, NoSecondSession};
pub use timers::{ExpiresInTime, RefreshKeeps, SmallIntervalHandled};
pub use wrong_calls::RefusedWell;

use super::Named;
use super::findings::{self, Spot, fail, outside};
use super::{Assessment, Judgement, Moment, RuleEntry};
use crate::story::Story;
use crate::verdict::Finding;

/// Every rule of this function.
pub(super) const CATALOGUE: &[Named] = &[
    Named::new::<Established>(established::ESTABLISHED),
    Named::new::<NotEstablished>(refusals::NOT_ESTABLISHED),
    Named::new::<RefusalCarried>(refusals::REFUSAL_CARRIED),
    Named::new::<Carried>(messages::CARRIED),
    Named::new::<NotCarried>(messages::NOT_CARRIED),
    Named::new::<ChangeCarried>(changes::CHANGE_CARRIED),
    Named::new::<ChangeRefused>(changes::CHANGE_REFUSED),
    Named::new::<SettledAfterGlare>(changes::SETTLED_AFTER_GLARE),
    Named::new::<EndedOnBothSides>(endings::ENDED_ON_BOTH_SIDES),
    Named::new::<CallWithdrawn>(endings::CALL_WITHDRAWN),
    Named::new::<Released>(endings::RELEASED),
    Named::new::<RefusedWell>(wrong_calls::REFUSED_WELL),
    Named::new::<ExpiresInTime>(timers::EXPIRES_IN_TIME),
    Named::new::<RefreshKeeps>(timers::REFRESH_KEEPS),
    Named::new::<SmallIntervalHandled>(timers::SMALL_INTERVAL_HANDLED),
    Named::new::<OnBehalf>(on_behalf::ON_BEHALF),
    Named::new::<KeptApart>(several::KEPT_APART),
    Named::new::<LimitKept>(several::LIMIT_KEPT),
    Named::new::<NoSecondSession>(several::NO_SECOND_SESSION),
];

const SES_01: Option<&str> = Some("PF-SES-01");
const SES_02: Option<&str> = Some("PF-SES-02");
const SES_07: Option<&str> = Some("PF-SES-07");

/// Why a rule is not met.
pub(in crate::rules) type Unmet = Box<Judgement>;

/// What a rule found.
pub(in crate::rules) type Judged = Result<Judgement, Unmet>;

/// The stimulus did not happen, and that is ours.
pub(in crate::rules) fn harness(why: String) -> Unmet {
    findings::harness(why).into()
}

/// It was not kept.
pub(in crate::rules) fn unkept(entry: &RuleEntry, expected: String, observed: String, spot: impl Into<Spot>) -> Unmet {
    Judgement::Broken(fail(entry, expected, observed, spot)).into()
}

/// What was to come by now and has not.
pub(in crate::rules) fn missing(
    story: &Story,
    entry: &RuleEntry,
    expected: String,
    observed: String,
    spot: impl Into<Spot>,
) -> Unmet {
    findings::missing(story, entry, expected, observed, spot).into()
}

/// What a rule comes to. While more may come, only what is met is said; a warning belongs to what is met.
pub(in crate::rules) fn settled(judged: Judged, warnings: Vec<Finding>, moment: Moment) -> Assessment {
    let judgement = judged.unwrap_or_else(|unmet| *unmet);
    match (judgement, moment) {
        (judgement @ Judgement::Met { .. }, _) => Assessment { judgement, warnings },
        (_, Moment::Open) => Judgement::Undecided.into(),
        (judgement, Moment::Closed) => judgement.into(),
    }
}
