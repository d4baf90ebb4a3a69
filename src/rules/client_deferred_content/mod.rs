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

use super::RuleEntry;
use super::findings::{fail, harness, outside, undeclared, warning};

/// Every rule of this function.
pub(super) const CATALOGUE: &[RuleEntry] = &[
    delivery::ACCEPTS_DELIVERY,
    delivery::KEEPS_CHAT,
    delivery::KEEPS_BOTH_LEGS,
    reports::REPORTS_DELIVERED,
    reports::DISPLAYED_AFTER_OPENING,
    reports::NO_REPORT_ON_REPORT,
    restart::RESTARTS_WITH_FINAL_LIST,
    restart::FOLLOWS_FOCUS,
    shown::SHOWS_STATE,
    shown::SHOWN_ONCE,
    shown::KEEPS_HISTORY,
    shown::SHOWS_ONE_CHAT,
    roster::SHOWS_ROSTER,
    stored_notifications::ANSWERS_STORED_NOTIFICATIONS,
    intermediate::SHOWS_HISTORY,
    intermediate::TOLERATES_INTERMEDIATE,
    intermediate::KEEPS_WHAT_IT_KNEW,
    intermediate::TAKES_NEXT_DELIVERY,
];

const CONV_058C: Option<&str> = Some("CPM-CONV-058c");
const CONV_058D: Option<&str> = Some("CPM-CONV-058d");
