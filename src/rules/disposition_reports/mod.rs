//! Reports on standalone messages: what a message asks for, what its author is told, what waits for an author who is away,
//! and what nobody may be told [PF-MSG-03].
//!
//! A report may come as a message of its own or in the session of the message, alone or gathered with others. Only what the
//! target passes on, or makes by itself, is judged.

pub(in crate::rules) mod brought;
mod failing;
mod faithful;
mod reaching;
#[cfg(test)]
mod tests;

pub use failing::{FailureTold, NoFailureTold};
pub use faithful::{NoneOnReports, Unaltered};
pub use reaching::{ReachesAuthor, ReachesUser};

use super::Named;

/// Every rule of this function.
pub(super) const CATALOGUE: &[Named] = &[
    Named::new::<ReachesAuthor>(reaching::REACHES_AUTHOR),
    Named::new::<ReachesUser>(reaching::REACHES_USER),
    Named::new::<FailureTold>(failing::FAILURE_TOLD),
    Named::new::<NoFailureTold>(failing::NO_FAILURE_TOLD),
    Named::new::<Unaltered>(faithful::UNALTERED),
    Named::new::<NoneOnReports>(faithful::NONE_ON_REPORTS),
];

const MSG_03: Option<&str> = Some("PF-MSG-03");
