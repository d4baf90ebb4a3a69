//! Interception of served users: that what passes for a user under interception is handed over, that of nobody else anything
//! is, and that nobody can tell [PF-LI-01].
//!
//! The papers ask for the capability and leave its form open. What is judged is the handover of ETSI TS 103 221 (L30):
//! octets of messages, and what they say. Numbers of formats, directions and correlations are details of that form: they are
//! worth a word, and fail nobody.

mod affair;
mod alike;
mod content;
mod events;
mod nothing;
mod once;
mod orders;
#[cfg(test)]
mod tests;
mod watched;

pub use alike::Unnoticed;
pub use content::ContentHandedOver;
pub use events::EventsHandedOver;
pub use nothing::{NothingElse, NothingHandedOver};
pub use once::HandedOverOnce;
pub use orders::{InForce, Refused};

use super::Named;

/// Every rule of this function.
pub(super) const CATALOGUE: &[Named] = &[
    Named::new::<InForce>(orders::IN_FORCE),
    Named::new::<Refused>(orders::REFUSED),
    Named::new::<EventsHandedOver>(events::EVENTS),
    Named::new::<ContentHandedOver>(content::CONTENT),
    Named::new::<HandedOverOnce>(once::ONCE),
    Named::new::<NothingHandedOver>(nothing::NOTHING),
    Named::new::<NothingElse>(nothing::NOTHING_ELSE),
    Named::new::<Unnoticed>(alike::UNNOTICED),
];

const LI_01: Option<&str> = Some("PF-LI-01");
/// In which form interception hands over.
const L30: &str = "L30";
