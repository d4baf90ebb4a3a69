//! Standalone messages through the function, in pager mode and in large message mode [PF-MSG-02].
//!
//! What was sent on one side is held against what came on the other. A proxy and a back-to-back agent are both legal, and so is
//! either mode where the statement lets the target choose.

pub(crate) mod course;
pub(in crate::rules) mod delivered;
mod large;
mod lists;
#[cfg(test)]
pub(in crate::rules) mod tests;
mod unaltered;
mod unfit;

pub use delivered::Delivered;
pub use large::OneMessage;
pub use lists::{ListReached, NotExploded};
pub use unaltered::Unaltered;
pub use unfit::{NoMessage, OverLimit};

use super::Named;
use super::sessions::{Judged, Unmet, harness, missing, settled, unkept};

/// Every rule of this function.
pub(super) const CATALOGUE: &[Named] = &[
    Named::new::<Delivered>(delivered::DELIVERED),
    Named::new::<OneMessage>(large::ONE_MESSAGE),
    Named::new::<ListReached>(lists::LIST_REACHED),
    Named::new::<NotExploded>(lists::NOT_EXPLODED),
    Named::new::<OverLimit>(unfit::OVER_LIMIT),
    Named::new::<NoMessage>(unfit::NO_MESSAGE),
    Named::new::<Unaltered>(unaltered::UNALTERED),
];

const MSG_02: Option<&str> = Some("PF-MSG-02");
