//! What CPM does not reach goes to the interworking function, and what comes from there ends as CPM [PF-IWF-01].
//!
//! Which refusals lead there is the statement's to say (L20), and so is what comes first for who is offline (L12). How a
//! request gets there is open: it names the function, or passes it on its route, and names its recipient somewhere.

mod failing;
mod incoming;
mod outgoing;
mod precedence;
#[cfg(test)]
mod tests;
mod told;
mod tried;

pub use failing::{FailsWell, NotInterworked};
pub use incoming::{Terminated, Unnamed};
pub use outgoing::Interworked;
pub use precedence::Precedence;
pub use told::Told;

use super::Named;

/// Every rule of this function.
pub(super) const CATALOGUE: &[Named] = &[
    Named::new::<Interworked>(outgoing::INTERWORKED),
    Named::new::<NotInterworked>(failing::NOT_INTERWORKED),
    Named::new::<Told>(told::TOLD),
    Named::new::<FailsWell>(failing::FAILS_WELL),
    Named::new::<Terminated>(incoming::TERMINATED),
    Named::new::<Unnamed>(incoming::UNNAMED),
    Named::new::<Precedence>(precedence::PRECEDENCE),
];

const IWF_01: Option<&str> = Some("PF-IWF-01");
