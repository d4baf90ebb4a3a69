//! What is charged to a served user: records of sessions and messages, and credit for them, at the charging server [PF-SES-04].
//!
//! What a record is about is told by its charging identifier, by the Call-ID, or by who had a part in it and when: a form that
//! names neither well fails nobody by itself (L21).

mod bill;
mod changes;
mod messages;
mod outage;
mod quota;
mod refused;
mod sessions;
#[cfg(test)]
mod tests;

pub use changes::{ChangeCharged, ItemCharged};
pub use messages::{MessageDebited, MessageRecorded, MessageUncharged};
pub use outage::{EndsWithout, GoesOnWithout, RecordedLater};
pub use quota::{EndedWithCredit, KeptAfterCredit};
pub use refused::{MessageUnpaid, SessionUnpaid};
pub use sessions::{SessionRecorded, SessionReserved, SessionUncharged};

use super::Named;
use super::sessions::{Judged, Unmet, harness, missing, settled, unkept};

/// Every rule of this function.
pub(super) const CATALOGUE: &[Named] = &[
    Named::new::<SessionRecorded>(sessions::SESSION_RECORDED),
    Named::new::<SessionReserved>(sessions::SESSION_RESERVED),
    Named::new::<SessionUncharged>(sessions::SESSION_UNCHARGED),
    Named::new::<MessageRecorded>(messages::MESSAGE_RECORDED),
    Named::new::<MessageDebited>(messages::MESSAGE_DEBITED),
    Named::new::<MessageUncharged>(messages::MESSAGE_UNCHARGED),
    Named::new::<SessionUnpaid>(refused::SESSION_UNPAID),
    Named::new::<MessageUnpaid>(refused::MESSAGE_UNPAID),
    Named::new::<RecordedLater>(outage::RECORDED_LATER),
    Named::new::<GoesOnWithout>(outage::GOES_ON_WITHOUT),
    Named::new::<EndsWithout>(outage::ENDS_WITHOUT),
    Named::new::<ChangeCharged>(changes::CHANGE_CHARGED),
    Named::new::<ItemCharged>(changes::ITEM_CHARGED),
    Named::new::<EndedWithCredit>(quota::ENDED_WITH_CREDIT),
    Named::new::<KeptAfterCredit>(quota::KEPT_AFTER_CREDIT),
];

const SES_04: Option<&str> = Some("PF-SES-04");
const L21: &str = "L21";
