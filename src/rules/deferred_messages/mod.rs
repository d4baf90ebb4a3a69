//! Messages that wait for their recipient: kept while the user cannot be reached, or as long as somebody asked for it,
//! delivered when that is over, and gone when their time is over [PF-MSG-04].
//!
//! How they come is open (L32): pushed, or fetched after word of them, or fetched unasked. What the tester's device asks for
//! by itself says nothing of the target.

mod delivered;
mod expired;
mod fetching;
pub(in crate::rules) mod kept;
#[cfg(test)]
pub(in crate::rules) mod tests;
pub(in crate::rules) mod told;
mod withheld;

pub use delivered::{Delivered, NotLost};
pub use expired::Expired;
pub use fetching::FetchYieldsNothing;
pub use told::Told;
pub use withheld::{KeptBack, Refused};

use super::Named;

/// Every rule of this function.
pub(super) const CATALOGUE: &[Named] = &[
    Named::new::<Delivered>(delivered::DELIVERED),
    Named::new::<NotLost>(delivered::NOT_LOST),
    Named::new::<Told>(told::TOLD),
    Named::new::<FetchYieldsNothing>(fetching::FETCH_YIELDS_NOTHING),
    Named::new::<KeptBack>(withheld::KEPT_BACK),
    Named::new::<Refused>(withheld::REFUSED),
    Named::new::<Expired>(expired::EXPIRED),
];

const MSG_04: Option<&str> = Some("PF-MSG-04");
