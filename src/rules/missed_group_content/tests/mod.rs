//! Each rule with evidence that meets it, that breaks it, that never put it to the test, and that is merely another
//! legal way.

mod aggregated;
mod answers;
mod content;
mod delivery;
mod devices;
mod documents;
mod focus;
mod history;
mod identity;
mod interest;
mod lists;
mod order;
mod private;
mod reports;
mod restart;
pub(in crate::rules) mod script;
mod standing_in;
mod story;
mod sweep;
mod timing;
