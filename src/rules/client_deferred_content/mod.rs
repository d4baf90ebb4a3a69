//! What a client makes of missed content that it is given later: [CPM-CONV-058c], [CPM-CONV-058d].
//!
//! The client is the target; the tester plays its network. What the client does is judged on the wire, what it shows its
//! user by what an observer tells.

#![allow(clippy::result_large_err, reason = "what ends a rule early is its judgement, and that happens once")]

mod chat;
mod delivery;
mod history;
mod intermediate;
mod reports;
mod restart;
mod roster;
mod shown;
mod stored_notifications;
mod taking;
#[cfg(test)]
mod tests;
mod told;

pub use delivery::{AcceptsDelivery, KeepsBothLegs, KeepsChat};
pub use intermediate::{KeepsWhatItKnew, ShowsHistory, TakesNextDelivery, ToleratesIntermediate};
pub use reports::{DisplayedAfterOpening, NoReportOnReport, ReportsDelivered};
pub use restart::{FollowsFocus, RestartsWithFinalList};
pub use roster::ShowsRoster;
pub use shown::{KeepsHistory, ShownOnce, ShowsOneChat, ShowsState};
pub use stored_notifications::AnswersStoredNotifications;

use super::Named;
use super::findings::{fail, harness, outside, undeclared, warning};

/// Every rule of this function.
pub(super) const CATALOGUE: &[Named] = &[
    Named::new::<AcceptsDelivery>(delivery::ACCEPTS_DELIVERY),
    Named::new::<KeepsChat>(delivery::KEEPS_CHAT),
    Named::new::<KeepsBothLegs>(delivery::KEEPS_BOTH_LEGS),
    Named::new::<ReportsDelivered>(reports::REPORTS_DELIVERED),
    Named::new::<DisplayedAfterOpening>(reports::DISPLAYED_AFTER_OPENING),
    Named::new::<NoReportOnReport>(reports::NO_REPORT_ON_REPORT),
    Named::new::<RestartsWithFinalList>(restart::RESTARTS_WITH_FINAL_LIST),
    Named::new::<FollowsFocus>(restart::FOLLOWS_FOCUS),
    Named::new::<ShowsState>(shown::SHOWS_STATE),
    Named::new::<ShownOnce>(shown::SHOWN_ONCE),
    Named::new::<KeepsHistory>(shown::KEEPS_HISTORY),
    Named::new::<ShowsOneChat>(shown::SHOWS_ONE_CHAT),
    Named::new::<ShowsRoster>(roster::SHOWS_ROSTER),
    Named::new::<AnswersStoredNotifications>(stored_notifications::ANSWERS_STORED_NOTIFICATIONS),
    Named::new::<ShowsHistory>(intermediate::SHOWS_HISTORY),
    Named::new::<ToleratesIntermediate>(intermediate::TOLERATES_INTERMEDIATE),
    Named::new::<KeepsWhatItKnew>(intermediate::KEEPS_WHAT_IT_KNEW),
    Named::new::<TakesNextDelivery>(intermediate::TAKES_NEXT_DELIVERY),
];

const CONV_058C: Option<&str> = Some("CPM-CONV-058c");
const CONV_058D: Option<&str> = Some("CPM-CONV-058d");
