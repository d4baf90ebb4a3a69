//! Each rule with evidence that meets it, that breaks it, that never put it to the test, and that is merely another
//! legal way.

mod content;
mod delivery;
mod interest;
mod lists;
mod order;
mod reports;
mod restart;
pub(in crate::rules) mod script;
mod story;
mod sweep;
mod timing;
