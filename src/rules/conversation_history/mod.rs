//! Conversations in the history of a served user: what was said, by whom, when and in which direction, whatever the form of the
//! objects and wherever they lie [PF-HIS-01].
//!
//! Folders, descriptions of sessions and states of groups are details that may be other (L22): they are worth a word. What is
//! put into the store counts once the store has taken it; what is merely tried counts where nothing was to be kept.

mod files;
mod keeping;
mod reports;
pub(in crate::rules) mod said;
mod sessions;
#[cfg(test)]
mod tests;
mod withheld;

pub use files::FileKept;
pub use keeping::{Kept, KeptOnce};
pub use reports::ReportKept;
pub use sessions::SessionKept;
pub use withheld::NothingKept;

use super::Named;

/// Every rule of this function.
pub(super) const CATALOGUE: &[Named] = &[
    Named::new::<Kept>(keeping::KEPT),
    Named::new::<KeptOnce>(keeping::KEPT_ONCE),
    Named::new::<NothingKept>(withheld::NOTHING_KEPT),
    Named::new::<ReportKept>(reports::REPORT_KEPT),
    Named::new::<SessionKept>(sessions::SESSION_KEPT),
    Named::new::<FileKept>(files::FILE_KEPT),
];

const HIS_01: Option<&str> = Some("PF-HIS-01");
