//! What a user missed of a group chat is stored and delivered: [CPM-CONV-058], [CPM-CONV-058a],
//! [CPM-CONV-058b].
//!
//! Storing cannot be seen from outside; its proof is that everything comes later. So all rules compare what the focus
//! sent towards a user with what the user's devices got, over all legs and drains, in whatever shape they came.

mod aggregated;
mod answers;
mod carriers;
mod chat;
mod collapsed;
mod content;
mod delivery;
mod devices;
mod documents;
mod drain_list;
mod focus;
mod gone;
mod history;
mod identity;
mod initial;
mod interest;
mod isolation;
mod lists;
mod order;
mod policies;
mod private;
mod reports;
mod restart;
mod roster;
mod store;
mod streams;
#[cfg(test)]
pub(super) mod tests;
mod timing;

pub use aggregated::AllReportsReach;
pub use answers::{Answered, Asked, Reply};
pub use carriers::Carrier;
pub use collapsed::ReportsCollapsed;
pub use content::{InputTolerated, NotTwice, Once, Unchanged};
pub use delivery::{Arrives, Complete, FirstDrainBrought, Since};
pub use devices::{EachDevice, OneStream, ReturnsByPreference};
pub use documents::{ListsEndWell, VersionsGrow};
pub use focus::{KindKept, NewestFocus, UpToRemoval};
pub use gone::NotWhileGone;
pub use history::RosterHistory;
pub use identity::{AnonymityKept, IdentityKept};
pub use initial::{InitialList, NotToldAgain};
pub use interest::{AfterInterestEnded, Conduct, ExpiredNotDelivered, LegKept, NothingDelivered};
pub use isolation::Isolated;
pub use lists::FinalList;
pub use order::InOrder;
pub use policies::QuotaKept;
pub use private::{CameWhole, NeverReaches, NothingTransient, PrivateKept};
pub use reports::{NoPrematureReport, NoReportInSession, ReportReachesAuthor, ReportReachesUser};
pub use restart::RestartRouted;
pub use timing::{NotBeforeReachable, WithinAttempts};

use super::RuleEntry;
use super::findings::{self, fail, harness, outside, undeclared, warning};
use chat::Chat;

/// Every rule of this function.
pub(super) const CATALOGUE: &[RuleEntry] = &[
    delivery::COMPLETE,
    delivery::ARRIVES,
    delivery::FIRST_DRAIN_BROUGHT,
    content::UNCHANGED,
    order::IN_ORDER,
    content::ONCE,
    content::NOT_TWICE,
    content::INPUT_TOLERATED,
    timing::NOT_BEFORE_REACHABLE,
    gone::NOT_WHILE_GONE,
    timing::WITHIN_ATTEMPTS,
    lists::FINAL_LIST,
    restart::RESTART_ROUTED,
    reports::REPORT_REACHES_USER,
    reports::REPORT_REACHES_AUTHOR,
    reports::NO_PREMATURE_REPORT,
    reports::NO_REPORT_IN_SESSION,
    interest::NOTHING_DELIVERED,
    isolation::ISOLATED,
    interest::LEG_KEPT,
    interest::AFTER_INTEREST_ENDED,
    interest::EXPIRED_NOT_DELIVERED,
    private::NEVER_REACHES,
    private::PRIVATE_KEPT,
    private::CAME_WHOLE,
    private::NOTHING_TRANSIENT,
    policies::QUOTA_KEPT,
    devices::EACH_DEVICE,
    devices::RETURNS_BY_PREFERENCE,
    collapsed::REPORTS_COLLAPSED,
    devices::ONE_STREAM,
    focus::NEWEST_FOCUS,
    focus::KIND_KEPT,
    focus::UP_TO_REMOVAL,
    answers::ANSWERED,
    identity::IDENTITY_KEPT,
    identity::ANONYMITY_KEPT,
    aggregated::ALL_REPORTS_REACH,
    initial::INITIAL_LIST,
    history::ROSTER_HISTORY,
    initial::NOT_TOLD_AGAIN,
    documents::VERSIONS_GROW,
    documents::LISTS_END_WELL,
];

const CONV_058: Option<&str> = Some("CPM-CONV-058");
const CONV_058A: Option<&str> = Some("CPM-CONV-058a");
const CONV_058B: Option<&str> = Some("CPM-CONV-058b");
