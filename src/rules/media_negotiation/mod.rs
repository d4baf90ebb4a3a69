//! The media of sessions between two: what is offered and answered on both sides of the function, and what becomes of
//! messages on their way through it, or past it [PF-SES-05].
//!
//! The form of a description, and an answer against its offer, are for the base rules. Here the two sides are held
//! against each other: whether the function stays in the path of the messages or not is its own affair (L29), but what
//! one side is told has to be true on the other.

mod agreed;
mod lines;
mod offers;
mod outcomes;
mod paths;
#[cfg(test)]
mod tests;

pub use agreed::MediaAgreed;
pub use lines::LinesAnswered;
pub use offers::{OfferGiven, OfferRefused};
pub use outcomes::ReportCarried;
pub use paths::PathsUntouched;

use super::Named;
use super::sessions::attempt::Attempt;
use crate::story::descriptions::Exchange;
use crate::story::legs::Leg;

/// Every rule of this function.
pub(super) const CATALOGUE: &[Named] = &[
    Named::new::<MediaAgreed>(agreed::AGREED),
    Named::new::<PathsUntouched>(paths::PATHS_UNTOUCHED),
    Named::new::<OfferRefused>(offers::OFFER_REFUSED),
    Named::new::<OfferGiven>(offers::OFFER_GIVEN),
    Named::new::<ReportCarried>(outcomes::REPORT_CARRIED),
    Named::new::<LinesAnswered>(lines::LINES_ANSWERED),
];

const SES_05: Option<&str> = Some("PF-SES-05");

/// The last exchange of a leg that was answered.
fn agreed(leg: &Leg) -> Option<&Exchange> {
    leg.exchanges.iter().rev().find(|exchange| exchange.answer.is_some())
}

/// The two legs of a call that stands, the caller's first, and what was agreed at first on each.
fn begun<'a>(attempt: &Attempt<'a>, far: &'a Leg) -> Option<(&'a Exchange, &'a Exchange)> {
    let first = |leg: &'a Leg| leg.exchanges.iter().find(|exchange| exchange.answer.is_some());
    Some((first(attempt.calling)?, first(far)?))
}
