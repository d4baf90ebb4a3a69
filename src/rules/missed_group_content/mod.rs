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
mod standing_in;
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
pub(super) use identity::identity_of;
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

use super::Named;
use super::findings::{self, fail, harness, outside, undeclared, warning};
use chat::Chat;

/// Every rule of this function.
pub(super) const CATALOGUE: &[Named] = &[
    Named::new::<Complete>(delivery::COMPLETE),
    Named::new::<Arrives>(delivery::ARRIVES),
    Named::new::<FirstDrainBrought>(delivery::FIRST_DRAIN_BROUGHT),
    Named::new::<Unchanged>(content::UNCHANGED),
    Named::new::<InOrder>(order::IN_ORDER),
    Named::new::<Once>(content::ONCE),
    Named::new::<NotTwice>(content::NOT_TWICE),
    Named::new::<InputTolerated>(content::INPUT_TOLERATED),
    Named::new::<NotBeforeReachable>(timing::NOT_BEFORE_REACHABLE),
    Named::new::<NotWhileGone>(gone::NOT_WHILE_GONE),
    Named::new::<WithinAttempts>(timing::WITHIN_ATTEMPTS),
    Named::new::<FinalList>(lists::FINAL_LIST),
    Named::new::<RestartRouted>(restart::RESTART_ROUTED),
    Named::new::<ReportReachesUser>(reports::REPORT_REACHES_USER),
    Named::new::<ReportReachesAuthor>(reports::REPORT_REACHES_AUTHOR),
    Named::new::<NoPrematureReport>(reports::NO_PREMATURE_REPORT),
    Named::new::<NoReportInSession>(reports::NO_REPORT_IN_SESSION),
    Named::new::<NothingDelivered>(interest::NOTHING_DELIVERED),
    Named::new::<Isolated>(isolation::ISOLATED),
    Named::new::<LegKept>(interest::LEG_KEPT),
    Named::new::<AfterInterestEnded>(interest::AFTER_INTEREST_ENDED),
    Named::new::<ExpiredNotDelivered>(interest::EXPIRED_NOT_DELIVERED),
    Named::new::<NeverReaches>(private::NEVER_REACHES),
    Named::new::<PrivateKept>(private::PRIVATE_KEPT),
    Named::new::<CameWhole>(private::CAME_WHOLE),
    Named::new::<NothingTransient>(private::NOTHING_TRANSIENT),
    Named::new::<QuotaKept>(policies::QUOTA_KEPT),
    Named::new::<EachDevice>(devices::EACH_DEVICE),
    Named::new::<ReturnsByPreference>(devices::RETURNS_BY_PREFERENCE),
    Named::new::<ReportsCollapsed>(collapsed::REPORTS_COLLAPSED),
    Named::new::<OneStream>(devices::ONE_STREAM),
    Named::new::<NewestFocus>(focus::NEWEST_FOCUS),
    Named::new::<KindKept>(focus::KIND_KEPT),
    Named::new::<UpToRemoval>(focus::UP_TO_REMOVAL),
    Named::new::<Answered>(answers::ANSWERED),
    Named::new::<IdentityKept>(identity::IDENTITY_KEPT),
    Named::new::<AnonymityKept>(identity::ANONYMITY_KEPT),
    Named::new::<AllReportsReach>(aggregated::ALL_REPORTS_REACH),
    Named::new::<InitialList>(initial::INITIAL_LIST),
    Named::new::<RosterHistory>(history::ROSTER_HISTORY),
    Named::new::<NotToldAgain>(initial::NOT_TOLD_AGAIN),
    Named::new::<VersionsGrow>(documents::VERSIONS_GROW),
    Named::new::<ListsEndWell>(documents::LISTS_END_WELL),
];

const CONV_058: Option<&str> = Some("CPM-CONV-058");
const CONV_058A: Option<&str> = Some("CPM-CONV-058a");
const CONV_058B: Option<&str> = Some("CPM-CONV-058b");
